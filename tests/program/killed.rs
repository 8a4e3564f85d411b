//! Promise 3 on this side of the cable: the program is killed at any change of a file; a disk is full, turns read-only
//! or dies; a target folder vanishes. Nothing that was committed is lost, and the rescue goes on.
//!
//! `strace` kills the real program with SIGKILL when the program enters the n-th call of a kind. By default a selection
//! of all places is tried; `LIFEBOAT_EVERY_CUT=1` tries every one.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::common::served::Served;
use crate::common::{names_of_differing, portable_files};
use lifeboat::handset::android::{Android, Choices};
use lifeboat::model::{Advice as _, Collection, Stop};
use lifeboat::practice::android::{PracticeAndroid, Settings};
use lifeboat::protocol::adb::{Adb, Options};
use lifeboat::rescue::{Outcome, Progress, RescueError, Target, run};

/// The calls that create, change, rename or sync files.
const CALLS: [&str; 12] = [
    "openat",
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "ftruncate",
    "rename",
    "unlink",
    "mkdir",
    "chmod",
    "rmdir",
    "unlinkat",
];

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn served() -> Served {
    Served::start(&["--contacts", "9", "--events", "7", "--todos", "3"])
}

/// Runs the program, under `strace` if a fault is to be injected.
fn rescue(served: &Served, target: &[&str], inject: Option<(&str, &str)>) -> Output {
    let program = env!("CARGO_BIN_EXE_lifeboat");
    let home = tempfile::tempdir().expect("a folder");
    let mut command = match inject {
        None => Command::new(program),
        Some((calls, what)) => {
            let mut strace = Command::new("strace");
            // This option is faster, but injected signals are not sent with it.
            strace.args(what.starts_with("error").then_some("--seccomp-bpf"));
            strace
                .args(["-f", "-qqq", "-o", "/dev/null"])
                .args(["-e", &format!("trace={calls}")])
                .args(["-e", &format!("inject={calls}:{what}")])
                .arg(program);
            strace
        }
    };
    command
        .args(["rescue", "--adb", &served.address])
        .args(target)
        .env("HOME", home.path())
        .env("XDG_CONFIG_HOME", home.path())
        .stdin(Stdio::null())
        .output()
        .expect("it runs")
}

/// Returns true if `strace` can do here what these tests need.
fn can_trace() -> bool {
    let tried = Command::new("strace")
        .args(["-f", "-qqq", "-o", "/dev/null", "-e", "trace=openat"])
        .args(["-e", "inject=openat:signal=KILL:when=1", "true"])
        .status();
    let killed = tried.is_ok_and(|status| !status.success());
    if !killed {
        crate::common::cannot::cannot_run("strace is not installed, or may not trace here");
    }
    killed
}

fn parent() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().expect("a folder"))
}

fn only_folder(parent: &Path) -> Option<PathBuf> {
    let mut found: Vec<_> = fs::read_dir(parent)
        .ok()?
        .map(|e| e.expect("an entry"))
        // A killed program leaves the file that says that it runs. The next one removes it.
        .filter(|e| !e.file_name().to_string_lossy().starts_with('.'))
        .map(|e| e.path())
        .collect();
    assert!(found.len() <= 1, "{found:?}");
    found.pop()
}

fn smooth(served: &Served) -> BTreeMap<String, Vec<u8>> {
    let parent = parent();
    let to = parent.path().to_str().expect("text");
    let done = rescue(served, &["--to", to], None);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    portable_files(&only_folder(parent.path()).expect("a rescue"))
}

/// Resumes an interrupted rescue and asserts that it ends in the same files.
fn ends_as(smooth: &BTreeMap<String, Vec<u8>>, served: &Served, parent: &Path, place: &str) {
    let to = parent.to_str().expect("text");
    let done = match only_folder(parent) {
        None => rescue(served, &["--to", to], None),
        Some(folder) => rescue(served, &["--resume", folder.to_str().expect("text")], None),
    };
    let folder = only_folder(parent).expect("a rescue");
    if done.status.code() != Some(0) {
        // The rescue was interrupted after its last step, so it was finished.
        let said = text(&done.stderr);
        assert!(said.contains("this rescue is finished"), "{place}: {said}");
    }
    let report = lifeboat::vault::verify(&folder, &mut |_| {}).expect("a bag");
    assert!(report.ok, "{place}: {:?}", report.problems);
    let differing = names_of_differing(smooth, &portable_files(&folder));
    assert_eq!(differing, Vec::<String>::new(), "{place}");
}

/// Runs `happens` for a selection of call numbers, until it reports that there were fewer calls.
fn each_number(mut happens: impl FnMut(u32) -> bool) -> u32 {
    let (mut number, mut tried) = (1, 0);
    while happens(number) {
        tried += 1;
        number = match std::env::var_os("LIFEBOAT_EVERY_CUT") {
            Some(_) => number + 1,
            None => number + 1 + number * 2 / 3,
        };
    }
    tried
}

#[test]
fn killed_at_any_change_of_a_file_it_goes_on() {
    if !can_trace() {
        return;
    }
    let served = served();
    let smooth = smooth(&served);
    for call in CALLS {
        let tried = each_number(|number| {
            let parent = parent();
            let to = parent.path().to_str().expect("text");
            let how = format!("signal=KILL:when={number}");
            let killed = rescue(&served, &["--to", to], Some((call, &how)));
            let place = format!("{call} {number}");
            ends_as(&smooth, &served, parent.path(), &place);
            !killed.status.success()
        });
        println!("killed at {tried} calls of {call}");
    }
}

#[test]
fn a_disk_that_fails_is_told_of_and_nothing_is_lost() {
    if !can_trace() {
        return;
    }
    let served = served();
    let smooth = smooth(&served);
    // The disk turns read-only, is full, or dies.
    let kinds = [
        ("pwrite64,ftruncate,mkdir,unlink,rename", "EROFS"),
        ("pwrite64,ftruncate,mkdir", "ENOSPC"),
        ("pwrite64,fsync,fdatasync", "EIO"),
        ("rename", "EROFS"),
    ];
    for (calls, error) in kinds {
        let tried = each_number(|number| {
            let parent = parent();
            let to = parent.path().to_str().expect("text");
            let how = format!("error={error}:when={number}+");
            let failed = rescue(&served, &["--to", to], Some((calls, &how)));
            let place = format!("{error} from {calls} {number} on");
            let said = text(&failed.stderr);
            assert!(!said.contains("panicked"), "{place}: {said}");
            if !failed.status.success() {
                assert_eq!(failed.status.code(), Some(1), "{place}: {said}");
                let last = said.lines().last().unwrap_or_default();
                assert!(
                    last.starts_with("lifeboat: ")
                        && (last.contains("ontinue") || last.contains("Choose a folder")),
                    "{place}: {said}"
                );
            }
            ends_as(&smooth, &served, parent.path(), &place);
            !failed.status.success()
        });
        println!("{error} tried at {tried} places");
    }
}

/// A folder on its own file system; `None`, with a notice, if this user may not mount one.
struct Mounted(PathBuf);

impl Mounted {
    fn new(place: &Path, arguments: &[&str]) -> Option<Self> {
        fs::create_dir_all(place).expect("a folder");
        let done = Command::new("mount").args(arguments).arg(place).output();
        if done.is_ok_and(|done| done.status.success()) {
            return Some(Self(place.to_owned()));
        }
        crate::common::cannot::cannot_run("nothing can be mounted by this user");
        None
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn owner() -> PracticeAndroid {
    PracticeAndroid::new(Settings {
        contacts: 60,
        events: 40,
        todos: 8,
        ..Settings::default()
    })
}

/// Runs a rescue in this process. `happens` runs after the calendar was surveyed.
fn with(
    handset: &PracticeAndroid,
    target: Target,
    mut happens: impl FnMut(),
) -> Result<Outcome, RescueError> {
    let adb = Adb::connect(handset.link(), Options::default()).expect("a connection");
    let mut android = Android::open(adb, &Choices::default())?;
    let request = crate::common::request(target, "--practice");
    run(&mut android, &request, &Stop::new(), &mut |progress| {
        if matches!(progress, Progress::Surveyed(Collection::Calendar, _)) {
            happens();
        }
    })
}

fn smooth_here(handset: &PracticeAndroid) -> BTreeMap<String, Vec<u8>> {
    let parent = parent();
    let outcome = with(handset, Target::New(parent.path().to_owned()), || {}).expect("a rescue");
    portable_files(Path::new(&outcome.folder))
}

fn goes_on(handset: &PracticeAndroid, parent: &Path, smooth: &BTreeMap<String, Vec<u8>>) {
    let folder = only_folder(parent).expect("a rescue");
    let outcome =
        with(handset, Target::Resume(folder.clone()), || {}).unwrap_or_else(|e| panic!("{e}"));
    assert!(outcome.safe, "{:?}", outcome.why_not);
    assert_eq!(
        names_of_differing(smooth, &portable_files(&folder)),
        Vec::<String>::new()
    );
}

#[test]
fn a_full_disk_is_told_of_and_the_rescue_goes_on_with_more_room() {
    let here = tempfile::tempdir().expect("a folder");
    let disk = here.path().join("disk");
    let Some(_mounted) = Mounted::new(&disk, &["-t", "tmpfs", "-o", "size=80m,mode=700", "none"])
    else {
        return;
    };
    let handset = owner();
    let smooth = smooth_here(&handset);
    let filler = disk.join("filler");
    let rescues = disk.join("rescues");
    let fill = || {
        let mut file = fs::File::create(&filler).expect("a file");
        for size in [1 << 20, 1 << 12, 1] {
            while file.write(&vec![7; size]).is_ok_and(|n| n > 0) {}
        }
    };
    let error = with(&handset, Target::New(rescues.clone()), fill).expect_err("no room is left");
    let said = format!("{error}. {}", error.advice());
    assert!(
        said.contains("is full") || said.contains("not enough free space"),
        "{said}"
    );
    assert!(
        said.contains("--resume") && said.to_lowercase().contains("space"),
        "{said}"
    );
    fs::remove_file(&filler).expect("room again");
    goes_on(&handset, &rescues, &smooth);
}

#[test]
fn a_disk_that_is_pulled_is_told_of_and_the_rescue_goes_on_when_it_is_there_again() {
    let here = tempfile::tempdir().expect("a folder");
    let (disk, place) = (here.path().join("disk"), here.path().join("place"));
    fs::create_dir_all(&disk).expect("a folder");
    let bind = ["--bind", disk.to_str().expect("text")];
    let Some(mounted) = Mounted::new(&place, &bind) else {
        return;
    };
    let handset = owner();
    let smooth = smooth_here(&handset);
    let mut mounted = Some(mounted);
    let error = with(&handset, Target::New(place.clone()), || {
        drop(mounted.take())
    })
    .expect_err("no disk");
    let said = format!("{error}. {}", error.advice());
    assert!(
        said.contains("could not") && said.contains("plugged in"),
        "{said}"
    );
    let _again = Mounted::new(&place, &bind).expect("the disk again");
    goes_on(&handset, &place, &smooth);
}

#[test]
fn a_folder_that_is_deleted_meanwhile_is_told_of() {
    let handset = owner();
    let parent = parent();
    let target = parent.path().join("rescues");
    let error = with(&handset, Target::New(target.clone()), || {
        // The folder is moved first, so that the rescue can't write into the folder that is being removed.
        let gone = parent.path().join("gone");
        fs::rename(&target, &gone).expect("it is gone");
        fs::remove_dir_all(&gone).expect("it is removed");
    })
    .expect_err("no folder");
    let said = format!("{error}. {}", error.advice());
    assert!(
        said.contains("could not") && said.contains("start a new rescue"),
        "{said}"
    );
}
