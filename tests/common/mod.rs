//! Rescues of practice handsets, for tests.
#![allow(dead_code)]

pub mod cannot;
pub mod contacts;
pub mod invented;
pub mod peak;
pub mod served;
pub mod small;
pub mod thousands;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use lifeboat::handset::android::{Android, Choices};
use lifeboat::model::{Advice, Case, Stop};
use lifeboat::practice::android::{LinkSettings, PracticeAndroid, Settings};
use lifeboat::practice::fault::apply;
use lifeboat::protocol::adb::{Adb, Options};
use lifeboat::rescue::{Confirmed, Outcome, Request, RescueError, Target, run};
use lifeboat::vault::Desk;
use tempfile::TempDir;

/// The result of a rescue.
pub struct Practised {
    pub outcome: Outcome,
    pub handset: PracticeAndroid,
    pub folder: PathBuf,
    pub work_profile: bool,
    /// Removed with its contents at the end of the test.
    pub parent: TempDir,
}

/// Rescues a practice Android in memory.
pub fn rescue(settings: Settings) -> Practised {
    rescue_with(settings, false)
}

pub fn rescue_with(settings: Settings, work_profile: bool) -> Practised {
    let parent = tempfile::tempdir().expect("a folder");
    try_rescue(settings, work_profile, parent).unwrap_or_else(|e| panic!("{e}: {}", e.advice()))
}

/// A rescue that was interrupted while photos were copied.
pub fn cut_among_photos() -> Practised {
    let practised = rescue(Settings {
        contacts: 3,
        events: 2,
        todos: 1,
        photos: 6,
        link: LinkSettings {
            unplug_after: vec![60_000],
            ..LinkSettings::default()
        },
        ..Settings::default()
    });
    assert!(!practised.outcome.finished, "it was not cut");
    practised
}

/// A folder in memory if possible, for tests that run thousands of rescues.
pub fn folder_in_memory() -> TempDir {
    let memory = Path::new("/dev/shm");
    match memory.is_dir() {
        true => tempfile::tempdir_in(memory),
        false => tempfile::tempdir(),
    }
    .expect("a folder")
}

pub fn try_rescue(
    settings: Settings,
    work_profile: bool,
    parent: TempDir,
) -> Result<Practised, RescueError> {
    try_rescue_of(PracticeAndroid::new(settings), work_profile, parent)
}

/// Rescues this handset.
pub fn rescue_of(handset: PracticeAndroid) -> Practised {
    let parent = tempfile::tempdir().expect("a folder");
    try_rescue_of(handset, false, parent).unwrap_or_else(|e| panic!("{e}: {}", e.advice()))
}

fn try_rescue_of(
    handset: PracticeAndroid,
    work_profile: bool,
    parent: TempDir,
) -> Result<Practised, RescueError> {
    let target = Target::New(parent.path().to_owned());
    let outcome = go(&handset, target, work_profile)?;
    let folder = PathBuf::from(&outcome.folder);
    Ok(Practised {
        outcome,
        handset,
        folder,
        work_profile,
        parent,
    })
}

/// Tries each case, on one thread per processor. Returns the results in order.
pub fn in_parallel<C: Sync, T: Send>(cases: &[C], attempt: impl Fn(&C) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some((at, case)) = {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    cases.get(at).map(|case| (at, case))
                } {
                    let came = attempt(case);
                    done.lock().expect("what came").push((at, came));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("what came");
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, came)| came).collect()
}

/// Resumes an interrupted rescue over a new connection.
pub fn resume(practised: &mut Practised) -> Outcome {
    try_resume(practised).unwrap_or_else(|e| panic!("{e}: {}", e.advice()))
}

/// Resumes the rescue of a phone that shows nothing. Its owner confirms that it is empty.
pub fn confirm_empty(practised: &mut Practised) -> Result<Outcome, RescueError> {
    let target = Target::Resume(practised.folder.clone());
    let confirmed = Confirmed {
        is_empty: true,
        ..Confirmed::default()
    };
    let outcome = go_confirmed(
        &practised.handset,
        target,
        practised.work_profile,
        confirmed,
    )?;
    practised.outcome = outcome.clone();
    Ok(outcome)
}

pub fn try_resume(practised: &mut Practised) -> Result<Outcome, RescueError> {
    let target = Target::Resume(practised.folder.clone());
    let outcome = go(&practised.handset, target, practised.work_profile)?;
    practised.outcome = outcome.clone();
    Ok(outcome)
}

/// Resumes an interrupted rescue with the same phone in another state.
pub fn try_resume_with(
    handset: &PracticeAndroid,
    practised: &Practised,
) -> Result<Outcome, RescueError> {
    let target = Target::Resume(practised.folder.clone());
    go(handset, target, practised.work_profile)
}

/// A request for everything, dated on the day that all tests use. `reach` is written as on the command line.
pub fn request(target: Target, reach: &str) -> Request {
    Request {
        target,
        only: Vec::new(),
        reach: reach.into(),
        today: chrono::NaiveDate::from_ymd_opt(2026, 11, 22).expect("a date"),
        desk: Desk::default(),
        confirmed: Confirmed::default(),
        case: Case::default(),
    }
}

fn go(
    handset: &PracticeAndroid,
    target: Target,
    work_profile: bool,
) -> Result<Outcome, RescueError> {
    go_confirmed(handset, target, work_profile, Confirmed::default())
}

fn go_confirmed(
    handset: &PracticeAndroid,
    target: Target,
    work_profile: bool,
    confirmed: Confirmed,
) -> Result<Outcome, RescueError> {
    let adb = Adb::connect(handset.link(), Options::default()).expect("a connection");
    let mut android = Android::open(
        adb,
        &Choices {
            work_profile,
            ..Choices::default()
        },
    )?;
    let request = Request {
        confirmed,
        ..request(target, "--practice")
    };
    let outcome = run(&mut android, &request, &Stop::new(), &mut |_| {});
    // Every test of a rescue also checks that the handset got read requests only.
    assert_eq!(handset.tripped(), [""; 0]);
    outcome
}

/// Returns the settings with a fault added.
pub fn with_fault(mut settings: Settings, fault: &str) -> Settings {
    apply(fault, &mut settings).expect("a fault");
    settings
}

/// All files below a folder, by their relative paths.
pub fn files_below(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let bytes = fs::read(&path).expect("a file");
                found.insert(path.strip_prefix(folder).expect("below").to_owned(), bytes);
            }
        }
    }
    found
}

/// The files of a rescue that depend on the handset alone: all except the report, the vault and the log.
pub fn portable_files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let name = |path: PathBuf| {
        let parts = path.iter().map(|part| part.to_string_lossy());
        parts.collect::<Vec<_>>().join("/")
    };
    let mut files: BTreeMap<_, _> = files_below(&folder.join("data"))
        .into_iter()
        .map(|(path, bytes)| (name(path), bytes))
        .collect();
    files.remove("report.html");
    files.remove("lifeboat.sqlite");
    files.remove("log.txt");
    files
}

/// Names of the files that differ in any byte or exist on one side only.
pub fn names_of_differing(
    one: &BTreeMap<String, Vec<u8>>,
    other: &BTreeMap<String, Vec<u8>>,
) -> Vec<String> {
    let names = one.keys().chain(other.keys());
    let mut differing: Vec<String> = names
        .filter(|name| one.get(*name) != other.get(*name))
        .cloned()
        .collect();
    differing.sort_unstable();
    differing.dedup();
    differing
}
