//! The shared storage and memory cards: finds the owner's pictures, recordings and exported lists among their files.
//!
//! All queries are listings (`sync:`). The shell sees all of the shared storage except the private folders of apps
//! (`Android/data`, `Android/obb`), which are skipped.

use std::collections::HashMap;
use std::io::Write;

use super::media_store::Listed;
use super::volumes::{self, Volume, is_apps_own};
use crate::handset::owner_files::{
    MAX_DEPTH, MAX_FILES, MAX_NAMES, below, kind_of, of_kind, owners,
};
use crate::handset::{HandsetError, Lacking};
use crate::model::{FileKind, HandsetFile, HandsetPath};
use crate::phrase;
use crate::protocol::adb::{Adb, AdbError, Chunk, Entry, FileSync, Listing, ShellCommand, Stat};

/// The limit on a stored error message, in bytes.
const MAX_SAID: usize = 4 << 10;

/// The files on all storages.
#[derive(Debug)]
pub struct Storage {
    pub files: Vec<HandsetFile>,
    /// The storages, including other paths of the same storage.
    pub volumes: Vec<Volume>,
    /// The shared storage is not empty.
    pub is_open: bool,
    /// Folders and files that could not be read.
    pub lacking: Lacking,
    /// On the storage being listed, each folder's listing includes the folder itself. A listing without it means that
    /// the folder could not be opened.
    shows_folders: bool,
}

/// Lists the files, the most valuable first. A file that the media store has in `listed` counts as a picture or video.
///
/// # Errors
/// If the link is lost, the rescue is stopped, or the handset has no such service.
pub fn list(adb: &Adb, listed: &[Listed]) -> Result<Storage, HandsetError> {
    let mut sync = adb.sync();
    let mut storage = Storage::new();
    let mut shown = volumes::shown(&mut sync, listed, &mut storage.lacking)?;
    let mut volumes: Vec<Volume> = shown.iter().map(|shown| shown.volume.clone()).collect();
    let kinds = listed.iter();
    let kinds =
        kinds.filter_map(|one| Some((volumes::relative_of(&one.path, &volumes)?, one.kind)));
    let kinds: HashMap<HandsetPath, FileKind> = kinds.collect();
    storage.is_open = shown.first().is_some_and(|s| !s.listing.entries.is_empty());
    let has_other_users = volumes.iter().any(Volume::is_of_other_user);
    // The files of each card, kept to detect a later path of the same card.
    let mut walked: Vec<(usize, Vec<HandsetFile>)> = Vec::new();
    for at in 0..shown.len() {
        let volume = volumes[at].clone();
        let is_other_users = volume.is_of_other_user();
        // Another path of the shared storage is not a volume, unless it belongs to another user.
        let first = usize::from(!is_other_users);
        let twin =
            (first..at).find(|other| volumes::is_same(&shown[*other].listing, &shown[at].listing));
        let mut card = Storage::new();
        card.walk_volume(&mut sync, &volume, &shown[at].listing, &kinds)?;
        let is_copy = twin.is_some_and(|twin| {
            let of_twin = walked.iter().find(|(of, _)| *of == twin);
            of_twin
                .is_some_and(|(of, files)| is_same_card(files, &volumes[*of], &card.files, &volume))
        });
        match twin.filter(|_| is_copy) {
            // The same card at another path.
            Some(twin) => volumes[at].name = volumes[twin].name.clone(),
            None => {
                // Unreadable files there are reported with the cloned apps.
                if !is_other_users {
                    storage.lacking.append(card.lacking);
                }
                let room = MAX_FILES.saturating_sub(storage.files.len());
                if card.files.len() > room {
                    storage.lacking.add(
                        &volume.path,
                        phrase("the device has more files than Lifeboat can list"),
                    );
                    card.files.truncate(room);
                }
                let may_have_twin = (at > 0 || has_other_users) && at + 1 < shown.len();
                if may_have_twin {
                    walked.push((at, card.files.clone()));
                }
                storage.files.append(&mut card.files);
            }
        }
    }
    shown.clear();
    storage.volumes = volumes;
    storage.files.sort_by_cached_key(HandsetFile::order);
    Ok(storage)
}

/// True if two storages hold the same files at the same paths, with the same sizes and times.
fn is_same_card(one: &[HandsetFile], at: &Volume, other: &[HandsetFile], under: &Volume) -> bool {
    let mark = |file: &HandsetFile, volume: &Volume| {
        let rest = file.relative.0.get(volume.name.0.len()..);
        // The shared storage has no name of its own.
        let rest = rest.map(|rest| rest.strip_prefix(b"/").unwrap_or(rest));
        (rest.map(<[u8]>::to_vec), file.size, file.modified)
    };
    one.len() == other.len()
        && one
            .iter()
            .zip(other)
            .all(|(one, other)| mark(one, at) == mark(other, under))
}

/// Copies a file, starting at byte `from`, and returns the handset's details of the file afterwards.
///
/// # Errors
/// If it can't be read, the link is lost, the rescue is stopped, or `sink` takes no more.
pub fn fetch(
    adb: &Adb,
    file: &HandsetFile,
    from: u64,
    sink: &mut dyn Write,
) -> Result<Option<HandsetFile>, HandsetError> {
    let mut sync = adb.sync();
    match from {
        0 => drop(sync.recv(&file.path.0, sink)?),
        from => fetch_end(adb, file, from, sink)?,
    }
    let stat = sync.stat(&file.path.0)?;
    Ok(stat.map(|stat| HandsetFile {
        size: stat.size,
        exact: stat.exact,
        modified: stat.modified,
        ..file.clone()
    }))
}

/// Copies the rest of a file, starting at byte `from`.
fn fetch_end(
    adb: &Adb,
    file: &HandsetFile,
    from: u64,
    sink: &mut dyn Write,
) -> Result<(), HandsetError> {
    let only_whole = |what: String| HandsetError::Protocol {
        what,
        advice: phrase("Lifeboat copies the file from the beginning.").into(),
    };
    let path = match String::from_utf8(file.path.0.clone()) {
        // Without an exit code, an error can't be distinguished from the file's content.
        Ok(path) if adb.banner().has("shell_v2") => path,
        _ => {
            return Err(only_whole(
                phrase("this phone can't send a file from the middle").into(),
            ));
        }
    };
    let mut output = adb.shell(&ShellCommand::FileEnd { path, from })?;
    let mut said = Vec::new();
    while let Some(chunk) = output.read()? {
        match chunk {
            Chunk::Stdout(bytes) => sink.write_all(&bytes).map_err(AdbError::Sink)?,
            Chunk::Stderr(bytes) if said.len() < MAX_SAID => said.extend(bytes),
            Chunk::Stderr(_) | Chunk::Exit(0) => {}
            Chunk::Exit(code) => {
                let said = String::from_utf8_lossy(&said);
                return Err(only_whole(phrase!("exit code {code}: {}", said.trim())));
            }
        }
    }
    Ok(())
}

impl Storage {
    fn new() -> Self {
        Self {
            files: Vec::new(),
            volumes: Vec::new(),
            is_open: false,
            lacking: Lacking::of(phrase("folders"), phrase("fully listed")),
            shows_folders: false,
        }
    }

    /// Walks a storage. `listing` is its top folder.
    fn walk_volume(
        &mut self,
        sync: &mut FileSync<'_>,
        volume: &Volume,
        listing: &Listing,
        kinds: &HashMap<HandsetPath, FileKind>,
    ) -> Result<(), HandsetError> {
        self.shows_folders = listing.shows_itself;
        if listing.cut {
            self.lacking.add(&volume.path, &too_many_names());
        }
        let mut walk = Walk {
            sync,
            kinds,
            inside: volume.name.0.len() + usize::from(!volume.name.0.is_empty()),
        };
        // A `/` at the end of the path makes the handset follow a link.
        let folder = volume.path.join(b"");
        self.take(&mut walk, &listing.entries, &folder, &volume.name, 0)
    }

    /// Walks a folder and its subfolders.
    fn walk(
        &mut self,
        walk: &mut Walk<'_, '_>,
        folder: &HandsetPath,
        relative: &HandsetPath,
        depth: usize,
    ) -> Result<(), HandsetError> {
        let listing = match walk.sync.list(&folder.0, MAX_NAMES) {
            Ok(listing) => listing,
            Err(error) if error.is_link_lost() || matches!(error, AdbError::Stopped) => {
                return Err(error.into());
            }
            Err(error) => {
                self.lacking.add(folder, &error.to_string());
                return Ok(());
            }
        };
        if listing.cut {
            self.lacking.add(folder, &too_many_names());
        }
        if self.shows_folders && !listing.shows_itself && listing.entries.is_empty() {
            self.lacking
                .add(folder, phrase("the folder can't be opened"));
        }
        self.take(walk, &listing.entries, folder, relative, depth)
    }

    /// Takes the entries of a folder.
    fn take(
        &mut self,
        walk: &mut Walk<'_, '_>,
        entries: &[Entry],
        folder: &HandsetPath,
        relative: &HandsetPath,
        depth: usize,
    ) -> Result<(), HandsetError> {
        for entry in entries {
            let (path, below) = (folder.join(&entry.name), below(relative, &entry.name));
            let inside = below.0.get(walk.inside..).unwrap_or_default();
            match &entry.stat {
                Ok(stat) if stat.is_folder() && is_apps_own(inside) => {}
                Ok(stat) if stat.is_folder() && depth >= MAX_DEPTH => {
                    self.lacking
                        .add(&path, phrase("the folder is nested too deeply"));
                }
                Ok(stat) if stat.is_folder() => {
                    self.walk(walk, &path, &below, depth + 1)?;
                }
                Ok(stat) if stat.is_file() && self.files.len() >= MAX_FILES => {
                    self.lacking.add(
                        &path,
                        phrase("the device has more files than Lifeboat can list"),
                    );
                }
                Ok(stat) if stat.is_file() => {
                    let kind = walk.kinds.get(&below).copied();
                    self.files.extend(wanted(path, below, stat, kind));
                }
                Ok(_) => {}
                Err(why) if kind_of(&entry.name).is_some() => self.lacking.add(&path, why),
                Err(_) => {}
            }
        }
        Ok(())
    }
}

/// The walk of one storage.
struct Walk<'s, 'a> {
    sync: &'s mut FileSync<'a>,
    /// The kinds of files according to the media store, by relative path.
    kinds: &'s HashMap<HandsetPath, FileKind>,
    /// The length of the storage's own part of a relative path, in bytes.
    inside: usize,
}

fn too_many_names() -> String {
    phrase!("the folder has more than {MAX_NAMES} entries")
}

/// Returns the file if it is one of the owner's, by its name or by its kind in the media store.
fn wanted(
    path: HandsetPath,
    relative: HandsetPath,
    stat: &Stat,
    kind: Option<FileKind>,
) -> Option<HandsetFile> {
    let file = HandsetFile {
        size: stat.size,
        exact: stat.exact,
        modified: stat.modified,
        path,
        relative,
        ..HandsetFile::default()
    };
    owners(file.clone()).or_else(|| Some(of_kind(file, kind?)))
}
