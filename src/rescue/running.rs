//! A rescue that is running, for other programs: a small file beside its folder, `.NAME.running`, which the running
//! program holds locked and renews. The system releases the lock when the program dies. Another Lifeboat shows what the
//! file says, and asks the rescue to stop with a second file, `.NAME.stop`.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

mod state;

pub use state::{Report, Running};

use super::back::sleep_unless_stopped;
use super::progress::Progress;
use crate::model::{Identity, Stop};
use crate::system::place::sync_folder;
use crate::system::{plain, private};

/// How often the file is renewed, and how soon a request to stop is seen.
const EVERY: Duration = Duration::from_millis(500);

/// How often, and after what pause, locking the file is tried again.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(20);

/// The file is renewed at least this often. On a network drive, a lock may hold on one computer alone: there, a file of
/// another computer that was renewed lately counts as locked.
const RENEW: Duration = Duration::from_secs(20);
const MAX_AGE: Duration = Duration::from_secs(90);

const ENDING: &str = ".running";
const STOP: &str = ".stop";

/// Largest file that is read, in bytes.
const MAX_FILE: u64 = 256 << 10;

/// A file that is just being renewed is read again so many times.
const READS: u32 = 3;

/// Maximum number of files that are looked into.
const MOST: usize = 200;

/// The terminal of this program was closed. Its rescues go on, and another Lifeboat shows them.
static IS_ALONE: AtomicBool = AtomicBool::new(false);

/// Tells other programs that nobody watches the rescues of this one any more.
pub fn leave_alone() {
    IS_ALONE.store(true, Ordering::Relaxed);
}

/// Shows other programs that a rescue is running, until it is dropped.
pub(super) struct RunningFile {
    state: Arc<Mutex<Running>>,
    stop: Stop,
    ended: Stop,
    thread: Option<JoinHandle<()>>,
}

impl RunningFile {
    /// `stop` ends the rescue, if another program asks for that.
    pub fn new(identity: &Identity, stop: &Stop) -> Self {
        let state = Running {
            process: std::process::id(),
            computer: this_computer().to_owned(),
            make: identity.make.clone(),
            model: identity.model.clone(),
            serial: identity.serial.clone(),
            is_backup: identity.is_backup,
            began: since_1970(),
            ..Running::default()
        };
        Self {
            state: Arc::new(Mutex::new(state)),
            stop: stop.clone(),
            ended: Stop::new(),
            thread: None,
        }
    }

    /// Takes what the rescue reports. The file is made as soon as the folder is known.
    pub fn take(&mut self, progress: &Progress) {
        if let (Progress::Folder(folder), None) = (progress, &self.thread) {
            self.light(folder);
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.take(progress);
    }

    /// A rescue goes on if this fails: then other programs can't see it.
    fn light(&mut self, folder: &Path) {
        let (Some(place), Some(request)) = (beside(folder, ENDING), beside(folder, STOP)) else {
            return;
        };
        let Ok(file) = open_locked(&place) else {
            return;
        };
        // A request that was meant for an earlier part.
        let _ = fs::remove_file(&request);
        let (state, stop, ended) = (
            Arc::clone(&self.state),
            self.stop.clone(),
            self.ended.clone(),
        );
        let keep = move || {
            let mut file = file;
            let (mut told, mut renewed) = (None, Instant::now());
            loop {
                let now = {
                    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                    state.is_alone = IS_ALONE.load(Ordering::Relaxed);
                    state.clone()
                };
                let is_old = renewed.elapsed() >= RENEW;
                if is_old || told.as_ref() != Some(&now) {
                    let _ = renew(&mut file, &now);
                    (told, renewed) = (Some(now), Instant::now());
                }
                if fs::remove_file(&request).is_ok() {
                    stop.stop();
                }
                if ended.is_stopped() {
                    break;
                }
                sleep_unless_stopped(EVERY, &ended);
            }
            let _ = fs::remove_file(&place);
            // The name of the rescue folder is in the same folder, and stays durable.
            let _ = place.parent().map(sync_folder);
        };
        self.thread = thread::Builder::new()
            .name("running file".into())
            .spawn(keep)
            .ok();
    }
}

impl Drop for RunningFile {
    fn drop(&mut self) {
        self.ended.stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn beside(folder: &Path, ending: &str) -> Option<PathBuf> {
    let folder = std::path::absolute(folder).ok()?;
    let mut name = OsString::from(".");
    name.push(folder.file_name()?);
    name.push(ending);
    Some(folder.parent()?.join(name))
}

/// Opens and locks the file. Another program may be looking at it at the same moment, or removing it.
fn open_locked(place: &Path) -> io::Result<File> {
    let mut tries = 0;
    loop {
        let file = private::append_file(place)?;
        match file.try_lock() {
            Ok(()) if place.exists() => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(error),
            Ok(()) | Err(TryLockError::WouldBlock) if tries < TRIES => {}
            Ok(()) | Err(TryLockError::WouldBlock) => {
                return Err(io::ErrorKind::WouldBlock.into());
            }
        }
        tries += 1;
        thread::sleep(PAUSE);
    }
}

/// True if a program is running the rescue in this folder.
pub(super) fn is_running(folder: &Path) -> bool {
    beside(folder, ENDING).is_some_and(|place| look_at(&place).is_some())
}

fn since_1970() -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap_or_default()
}

fn renew(file: &mut File, state: &Running) -> io::Result<()> {
    let mut text = serde_json::to_vec(state)?;
    if text.len() as u64 > MAX_FILE {
        let brief = Running {
            reports: Vec::new(),
            ..state.clone()
        };
        text = serde_json::to_vec(&brief)?;
    }
    file.set_len(0)?;
    file.write_all(&text)
}

/// Returns the rescues in `parent` that any program is running. The files of programs that died are removed.
pub fn running(parent: &Path) -> Vec<Running> {
    let Ok(entries) = fs::read_dir(parent) else {
        return Vec::new();
    };
    let places = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut found: Vec<Running> = places
        .filter(|place| place.to_str().is_some_and(|name| name.ends_with(ENDING)))
        .take(MOST)
        .filter_map(|place| look_at(&place))
        .collect();
    found.sort_unstable_by(|one, other| other.folder.cmp(&one.folder));
    found
}

fn look_at(place: &Path) -> Option<Running> {
    let name = place.file_name()?.to_str()?;
    let name = name.strip_prefix('.')?.strip_suffix(ENDING)?;
    let folder = place.parent()?.join(name);
    let mut file = plain::open(place).ok()?;
    let is_free = match file.try_lock_shared() {
        Ok(()) => true,
        Err(TryLockError::WouldBlock) => false,
        // This file system has no locks.
        Err(TryLockError::Error(_)) => return None,
    };
    let seen = file.metadata().and_then(|found| found.modified());
    // A file that this system does not let others read says nothing.
    let told = read_whole(&mut file).unwrap_or_default();
    let is_of_another = !told.computer.is_empty() && told.computer != this_computer();
    let is_fresh = || {
        let age = seen.ok().and_then(|at| at.elapsed().ok());
        age.is_some_and(|age| age < MAX_AGE)
    };
    if is_free && !(is_of_another && is_fresh()) {
        // The program died. Nobody else can have locked the file since.
        let _ = fs::remove_file(place);
        return None;
    }
    Some(Running { folder, ..told })
}

/// Reads the file. It may just be renewed.
fn read_whole(file: &mut File) -> Option<Running> {
    for again in 0..READS {
        if again > 0 {
            thread::sleep(PAUSE);
        }
        let mut text = Vec::new();
        file.rewind().ok()?;
        Read::take(&mut *file, MAX_FILE)
            .read_to_end(&mut text)
            .ok()?;
        if let Ok(told) = serde_json::from_slice(&text) {
            return Some(told);
        }
    }
    None
}

/// What tells this computer from others, since it was started; empty where the system does not say.
fn this_computer() -> &'static str {
    static BOOT: LazyLock<String> = LazyLock::new(|| {
        let told = fs::read_to_string("/proc/sys/kernel/random/boot_id");
        told.map_or(String::new(), |text| text.trim().to_owned())
    });
    &BOOT
}

/// Asks the program that runs this rescue to stop it. What is saved stays.
///
/// # Errors
/// Errors of the system.
pub fn ask_to_stop(folder: &Path) -> io::Result<()> {
    let place = beside(folder, STOP).ok_or(io::ErrorKind::NotFound)?;
    private::append_file(&place).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Collection, Holding};

    #[test]
    fn a_running_rescue_is_seen_and_can_be_stopped_by_another_program() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("2026-11-22 Pixel 6 (9A1X)");
        let stop = Stop::new();
        let identity = Identity {
            make: "Google".into(),
            model: "Pixel 6".into(),
            ..Identity::default()
        };
        let mut running_file = RunningFile::new(&identity, &stop);
        running_file.take(&Progress::Folder(folder.clone()));
        let holding = Holding {
            handset_says: Some(1318),
            ..Holding::default()
        };
        running_file.take(&Progress::Surveyed(Collection::Calendar, holding));
        running_file.take(&Progress::Safe {
            what: Collection::Calendar,
            rows: 1,
            of: None,
            things: 204,
        });
        let seen = |wanted: &str| {
            for _ in 0..100 {
                let found = running(parent.path());
                if found.len() == 1 && found[0].told() == wanted {
                    return found[0].clone();
                }
                thread::sleep(Duration::from_millis(50));
            }
            panic!("{:?}", running(parent.path()));
        };
        let found = seen("calendar, 204 of 1,318");
        assert_eq!(
            (found.folder, found.make.as_str()),
            (folder.clone(), "Google")
        );
        let current = Progress::Current {
            what: Collection::Calendar,
            name: "Dentist".into(),
        };
        running_file.take(&current);
        running_file.take(&Progress::Advice("alex@example.org is away.".into()));
        running_file.take(&Progress::Lost);
        running_file.take(&Progress::Writing);
        let told = format!("{:?}", seen("waiting for the phone").reports);
        for (is_told, word) in [
            (true, "Surveyed"),
            (true, "things: 204"),
            (true, "Lost"),
            // Nothing of the phone's contents leaves the rescue folder.
            (false, "Dentist"),
            (false, "alex@"),
        ] {
            assert_eq!(told.contains(word), is_told, "{word}: {told}");
        }
        ask_to_stop(&folder).unwrap();
        for _ in 0..100 {
            if stop.is_stopped() {
                break;
            }
            thread::sleep(Duration::from_millis(50));
        }
        assert!(stop.is_stopped());
        drop(running_file);
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_file_that_nobody_holds_is_no_running_rescue() {
        let parent = tempfile::tempdir().unwrap();
        let place = parent.path().join(".2026-11-22 Pixel 6.running");
        fs::write(&place, "{").unwrap();
        assert_eq!(running(parent.path()), []);
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
        // On a network drive, the lock of another computer may not be seen.
        fs::write(&place, r#"{"process":7,"computer":"another"}"#).unwrap();
        let found = running(parent.path());
        assert!(found.len() == 1 && !found[0].is_own(), "{found:?}");
    }
}
