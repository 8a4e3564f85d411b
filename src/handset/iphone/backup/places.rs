//! The usual folders of backups on this computer, and the backups in them.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime};

use super::folder::BackupFolder;
use crate::handset::find::SeenFolder;
use crate::handset::iphone::family::NAME;
use crate::model::size;
use crate::phrase;

/// Maximum number of folders that are looked at in one place.
const MOST: usize = 200;

/// How long the list waits for the size of a backup that was not measured before. A large one is measured meanwhile.
const WAIT: Duration = Duration::from_millis(200);

/// A backup in one of the usual folders.
#[derive(Debug, Clone)]
struct ListedBackup {
    folder: BackupFolder,
    /// In bytes; `None`: still being measured.
    size: Option<u64>,
}

/// Returns the folders in which Finder (macOS), Apple Devices and iTunes (Windows) keep backups, for this user.
pub fn usual() -> Vec<PathBuf> {
    let below = |variable: &str, path: &[&str]| {
        let base = std::env::var_os(variable).filter(|base| !base.is_empty())?;
        let base = PathBuf::from(base);
        Some(
            path.iter()
                .fold(base, |all, part| all.join(part))
                .join("MobileSync")
                .join("Backup"),
        )
    };
    let all = [
        below("HOME", &["Library", "Application Support"]),
        below("APPDATA", &["Apple Computer"]),
        below("USERPROFILE", &["Apple"]),
    ];
    all.into_iter().flatten().collect()
}

/// The facts that were read from a folder, and the times that its property lists had when they were read.
struct Known {
    times: Times,
    folder: Option<BackupFolder>,
    size: Arc<Mutex<Option<u64>>>,
}

type Times = [Option<SystemTime>; 3];

/// The list of devices is made twice a second.
static KNOWN: Mutex<Option<HashMap<PathBuf, Known>>> = Mutex::new(None);

/// Describes the backups in the given folders for the list of devices, the newest first: the phone's name and model, the
/// day, the size, and whether a backup is encrypted.
pub fn seen(places: &[PathBuf]) -> Vec<SeenFolder> {
    listed(places).iter().map(shown).collect()
}

fn shown(backup: &ListedBackup) -> SeenFolder {
    let about = &backup.folder.about;
    let parts = [
        Some(about.title()),
        Some(about.model()).filter(|model| *model != about.name),
        Some(about.system_name()),
        backup.size.map(size),
        about.is_encrypted.then(|| phrase("encrypted").to_owned()),
        about
            .is_unfinished
            .then(|| phrase("not finished").to_owned()),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let name = backup.folder.path.file_name().unwrap_or_default();
    SeenFolder {
        family: NAME,
        path: backup.folder.path.clone(),
        make: String::new(),
        model: parts.join(", "),
        id: format!("backup:{}", name.to_string_lossy()),
    }
}

/// Lists the backups in the given folders, the newest first.
fn listed(places: &[PathBuf]) -> Vec<ListedBackup> {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let known = known.get_or_insert_default();
    let mut all = Vec::new();
    for place in places {
        let entries = fs::read_dir(place)
            .into_iter()
            .flatten()
            .flatten()
            .take(MOST);
        for path in entries.map(|entry| entry.path()) {
            let times = times(&path);
            let is_known = known.get(&path).is_some_and(|known| known.times == times);
            if !is_known {
                let folder = BackupFolder::of(&path).ok();
                let size = Arc::default();
                if folder.is_some() {
                    measure(&path, &size);
                }
                known.insert(
                    path.clone(),
                    Known {
                        times,
                        folder,
                        size,
                    },
                );
            }
            let Some(Known {
                folder: Some(folder),
                size,
                ..
            }) = known.get(&path)
            else {
                continue;
            };
            all.push(ListedBackup {
                folder: folder.clone(),
                size: *size.lock().unwrap_or_else(PoisonError::into_inner),
            });
        }
    }
    all.sort_by(|one, other| {
        let by = |one: &ListedBackup| {
            (
                std::cmp::Reverse(one.folder.about.made),
                one.folder.path.clone(),
            )
        };
        by(one).cmp(&by(other))
    });
    all
}

fn times(path: &Path) -> Times {
    ["Manifest.plist", "Info.plist", "Status.plist"]
        .map(|name| fs::metadata(path.join(name)).ok()?.modified().ok())
}

/// Measures a folder on a thread of its own, and waits a moment for the result.
fn measure(path: &Path, size: &Arc<Mutex<Option<u64>>>) {
    let (path, size) = (path.to_owned(), Arc::clone(size));
    let (done, is_done) = channel();
    let measuring = thread::Builder::new()
        .name("backup size".into())
        .spawn(move || {
            let measured = size_of(&path);
            *size.lock().unwrap_or_else(PoisonError::into_inner) = Some(measured);
            let _ = done.send(());
        });
    if measuring.is_ok() {
        let _ = is_done.recv_timeout(WAIT);
    }
}

/// The size of all files of a backup, in bytes.
fn size_of(root: &Path) -> u64 {
    let mut size = 0_u64;
    let mut folders = vec![(root.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let Ok(about) = entry.metadata() else {
                continue;
            };
            if about.is_dir() && depth < 3 {
                folders.push((entry.path(), depth + 1));
            } else if about.is_file() {
                size = size.saturating_add(about.len());
            }
        }
    }
    size
}
