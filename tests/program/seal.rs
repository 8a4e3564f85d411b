//! One encrypted archive: stock `age` and `tar` open it, it was read back, and the plain folder is removed only on
//! request.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::common::{files_below, small};
use lifeboat::model::{Advice as _, Stop};
use lifeboat::vault::archive::{self, ArchiveError, Lock};
use lifeboat::vault::copies::Copies;
use lifeboat::vault::copy::{CopyProgress, Step};
use lifeboat::vault::{custody, verify};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use sha2::{Digest, Sha256};

const NAME: &str = "2026-11-22 Pixel 6 (9A1X)";
const PHOTO: usize = 900_000;

/// A recipient whose secret key is not available here.
const SOMEBODY: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

struct Scene {
    here: tempfile::TempDir,
    rescue: PathBuf,
    archive: PathBuf,
}

fn scene() -> Scene {
    let here = tempfile::tempdir().expect("a folder");
    let rescue = small::finished(here.path(), PHOTO);
    let archive = here.path().join(format!("{NAME}.tar.age"));
    Scene {
        here,
        rescue,
        archive,
    }
}

impl Scene {
    /// Names of everything beside the rescue, including hidden files.
    fn beside(&self) -> Vec<String> {
        let entries = fs::read_dir(self.here.path()).expect("a folder");
        let names = entries.map(|e| {
            e.expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        });
        names.filter(|name| name != NAME).collect()
    }
}

fn lifeboat(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_lifeboat"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("lifeboat runs");
    let _ = child
        .stdin
        .take()
        .expect("a pipe")
        .write_all(input.as_bytes());
    child.wait_with_output().expect("it ends")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Returns false, with a notice, if an independent program is not installed.
fn has(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok();
    if !found {
        println!("not asked: {program} is not installed");
    }
    found
}

/// Opens an archive with the stock programs and compares the contents with the original folder.
fn judge(archive: &Path, key: &Path, before: &BTreeMap<PathBuf, Vec<u8>>) {
    let out = tempfile::tempdir().expect("a folder");
    let plain = out.path().join("plain.tar");
    let opened = Command::new("age")
        .args(["-d", "-i"])
        .args([key, Path::new("-o"), &plain, archive])
        .output()
        .expect("age runs");
    assert!(opened.status.success(), "{}", text(&opened.stderr));
    unpack(&plain, out.path(), before);
}

fn unpack(plain: &Path, out: &Path, before: &BTreeMap<PathBuf, Vec<u8>>) {
    let unpacked = Command::new("tar")
        .arg("-xpf")
        .arg(plain)
        .arg("-C")
        .arg(out)
        .output()
        .expect("tar runs");
    assert!(unpacked.status.success(), "{}", text(&unpacked.stderr));
    let folder = out.join(NAME);
    assert_eq!(&files_below(&folder), before);
    assert!(verify(&folder, &mut |_| {}).expect("a rescue").ok);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: PathBuf| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(folder.clone()), 0o700);
        assert_eq!(mode(folder.join("data/photos")), 0o700);
        assert_eq!(mode(folder.join("data/photos/DCIM/IMG_1.jpg")), 0o600);
    }
}

#[test]
fn stock_age_and_tar_open_what_was_sealed_for_a_key() {
    if !has("age") || !has("tar") || !has("age-keygen") {
        return;
    }
    let scene = scene();
    let before = files_below(&scene.rescue);
    let rescue = scene.rescue.to_str().expect("text");
    let key = scene.here.path().join("key.txt");
    let made = Command::new("age-keygen")
        .arg("-o")
        .arg(&key)
        .output()
        .expect("it runs");
    let public = text(&made.stderr);
    let public = public.trim().strip_prefix("Public key: ").expect("a key");
    // A second recipient can open the archive too.
    let sealed = lifeboat(
        &["seal", rescue, "--to", public, "--to", SOMEBODY, "--json"],
        "",
    );
    assert_eq!(sealed.status.code(), Some(0), "{}", text(&sealed.stderr));
    let told: serde_json::Value = serde_json::from_slice(&sealed.stdout).expect("JSON");
    assert_eq!(told["opened_again"], false);
    judge(&scene.archive, &key, &before);
    assert!(scene.rescue.is_dir(), "it was not asked to be removed");
    assert_eq!(scene.beside().len(), 2, "{:?}", scene.beside());
    // The archive is recorded but not called a copy, because it could not be opened here.
    let last = custody::read(&scene.rescue)
        .expect("custody")
        .pop()
        .expect("an entry");
    assert_eq!(
        (&*last.what, &*last.details["opened again"]),
        ("sealed", "no")
    );
    assert_eq!(
        last.details["sha256"],
        told["sha256"].as_str().expect("a sum")
    );
    assert_eq!(
        Copies::in_folder(&scene.rescue).expect("custody"),
        Copies::one()
    );
}

#[test]
fn stock_age_opens_what_was_sealed_for_an_ssh_key() {
    if !has("age") || Command::new("ssh-keygen").arg("-?").output().is_err() {
        println!("not asked: age or ssh-keygen is not installed");
        return;
    }
    let scene = scene();
    let before = files_below(&scene.rescue);
    let key = scene.here.path().join("id");
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(&key)
        .output()
        .expect("it runs");
    assert!(made.status.success());
    let public = fs::read_to_string(key.with_extension("pub")).expect("a key");
    let output = scene.here.path().join("for ssh.age");
    let sealed = lifeboat(
        &[
            "seal",
            scene.rescue.to_str().expect("text"),
            "--to",
            &public,
            "--output",
            output.to_str().expect("text"),
        ],
        "",
    );
    assert_eq!(sealed.status.code(), Some(0), "{}", text(&sealed.stderr));
    judge(&output, &key, &before);
}

/// A program in its own terminal.
struct Terminal {
    keys: Box<dyn Write + Send>,
    shown: Arc<Mutex<String>>,
    child: Box<dyn portable_pty::Child + Send + Sync>,
    _master: Box<dyn portable_pty::MasterPty + Send>,
}

impl Terminal {
    fn start(program: &str, arguments: &[&str]) -> Self {
        let pair = native_pty_system()
            .openpty(PtySize::default())
            .expect("a terminal");
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        let child = pair.slave.spawn_command(command).expect("it runs");
        let mut reader = pair.master.try_clone_reader().expect("its output");
        let shown = Arc::new(Mutex::new(String::new()));
        let seen = Arc::clone(&shown);
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                seen.lock().expect("text").push_str(&text(&buffer[..count]));
            }
        });
        Self {
            keys: pair.master.take_writer().expect("keys"),
            shown,
            child,
            _master: pair.master,
        }
    }

    fn shown(&self) -> String {
        self.shown.lock().expect("text").clone()
    }

    /// Waits until `prompt` has appeared `times` times, then types.
    fn answer(&mut self, prompt: &str, times: usize, answer: &str) {
        let until = Instant::now() + Duration::from_secs(90);
        while self.shown().matches(prompt).count() < times {
            assert!(Instant::now() < until, "no “{prompt}”: {}", self.shown());
            std::thread::sleep(Duration::from_millis(20));
        }
        // The prompt may appear a moment before the program hides the input.
        std::thread::sleep(Duration::from_millis(200));
        self.keys.write_all(answer.as_bytes()).expect("keys");
    }

    fn ended(mut self) -> (u32, String) {
        let code = self.child.wait().expect("it ends").exit_code();
        std::thread::sleep(Duration::from_millis(200));
        (code, self.shown())
    }
}

#[test]
fn a_passphrase_is_asked_for_twice_unseen_and_stock_age_takes_it() {
    let scene = scene();
    let before = files_below(&scene.rescue);
    let rescue = scene.rescue.to_str().expect("text");
    let passphrase = "seven wet phones";
    let mut terminal = Terminal::start(
        env!("CARGO_BIN_EXE_lifeboat"),
        &["seal", rescue, "--passphrase"],
    );
    terminal.answer("Passphrase: ", 1, "seven wet phones\r");
    terminal.answer("Repeat the passphrase: ", 1, "seven wet phonse\r");
    terminal.answer("Passphrase: ", 2, "seven wet phones\r");
    terminal.answer("Repeat the passphrase: ", 2, "seven wet phones\r");
    let (code, shown) = terminal.ended();
    assert_eq!(code, 0, "{shown}");
    assert!(!shown.contains("seven"), "{shown}");
    assert!(
        shown.contains("The two passphrases are different."),
        "{shown}"
    );
    assert!(shown.contains("opened the archive again"), "{shown}");
    // The archive was opened again, so it counts as a copy.
    assert_eq!(Copies::in_folder(&scene.rescue).expect("custody").count, 2);
    if !has("age") || !has("tar") {
        return;
    }
    let plain = scene.here.path().join("plain.tar");
    let (archive, plain_name) = (scene.archive.to_str(), plain.to_str());
    let mut age = Terminal::start(
        "age",
        &[
            "-d",
            "-o",
            plain_name.expect("text"),
            archive.expect("text"),
        ],
    );
    age.answer("passphrase", 1, &format!("{passphrase}\r"));
    let (code, shown) = age.ended();
    assert_eq!(code, 0, "{shown}");
    let out = tempfile::tempdir().expect("a folder");
    unpack(&plain, out.path(), &before);
}

#[test]
fn the_plain_folder_goes_only_if_asked_and_when_nothing_else_is_in_it() {
    let scene = scene();
    let rescue = scene.rescue.to_str().expect("text");
    // A file of the owner's that is in no archive.
    fs::write(scene.rescue.join("notes.txt"), "mine").expect("a file");
    let sealed = lifeboat(&["seal", rescue, "--passphrase", "--remove"], "a b c\n");
    assert_eq!(sealed.status.code(), Some(1));
    assert!(
        text(&sealed.stderr).contains("notes.txt"),
        "{}",
        text(&sealed.stderr)
    );
    assert!(scene.archive.is_file() && scene.rescue.is_dir());
    fs::remove_file(scene.rescue.join("notes.txt")).expect("a file");
    // An existing archive is not overwritten.
    let again = lifeboat(&["seal", rescue, "--passphrase", "--remove"], "a b c\n");
    assert_eq!(again.status.code(), Some(1));
    assert!(
        text(&again.stderr).contains("already exists"),
        "{}",
        text(&again.stderr)
    );
    assert!(scene.rescue.is_dir());
    fs::remove_file(&scene.archive).expect("a file");
    let sealed = lifeboat(
        &["seal", rescue, "--passphrase", "--remove", "--json"],
        "a b c\n",
    );
    assert_eq!(sealed.status.code(), Some(0), "{}", text(&sealed.stderr));
    let told: serde_json::Value = serde_json::from_slice(&sealed.stdout).expect("JSON");
    assert_eq!(
        (&told["opened_again"], &told["plain_folder_removed"]),
        (&true.into(), &true.into())
    );
    assert!(!scene.rescue.exists());
    assert_eq!(scene.beside(), [format!("{NAME}.tar.age")]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&scene.archive)
            .expect("it")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn what_can_not_be_sealed_leaves_nothing_behind() {
    let scene = scene();
    let lock = Lock::for_recipients(&[SOMEBODY.to_owned()]).expect("a recipient");
    let seal = |rescue: &Path, output: Option<&Path>| {
        archive::seal(rescue, output, &lock, &Stop::new(), &mut |_| {})
    };
    for wrong in [
        "",
        "age1qqqq",
        "AGE-SECRET-KEY-1QQQQ",
        "-p",
        "ssh-ed25519 AAAA",
    ] {
        let error = Lock::for_recipients(&[wrong.to_owned()])
            .err()
            .expect("a refusal");
        assert!(matches!(error, ArchiveError::Recipient { .. }));
        assert!(!error.advice().is_empty());
    }
    let inside = scene.rescue.join("data/x.age");
    assert!(matches!(
        seal(&scene.rescue, Some(&inside)),
        Err(ArchiveError::Inside { .. })
    ));
    let nowhere = scene.here.path().join("none/x.age");
    assert!(matches!(
        seal(&scene.rescue, Some(&nowhere)),
        Err(ArchiveError::NoPlace { .. })
    ));
    assert!(seal(scene.here.path(), None).is_err());
    let photo = scene.rescue.join("data/photos/DCIM/IMG_1.jpg");
    let whole = fs::read(&photo).expect("a photo");
    let mut harmed = whole.clone();
    harmed[PHOTO - 1] ^= 1;
    fs::write(&photo, harmed).expect("a photo");
    let error = seal(&scene.rescue, None).expect_err("damage was sealed");
    assert!(
        error.to_string().contains("IMG_1.jpg has changed"),
        "{error}"
    );
    fs::write(&photo, &whole).expect("a photo");
    // The archive is stopped while it is written, or while it is read back.
    for step in [Step::Copying, Step::Checking] {
        let stop = Stop::new();
        let stopped = archive::seal(&scene.rescue, None, &lock, &stop, &mut |p| {
            if p.step == step {
                stop.stop();
            }
        });
        assert!(matches!(stopped, Err(ArchiveError::Stopped)), "{step:?}");
    }
    assert_eq!(scene.beside(), [""; 0]);
    assert!(seal(&scene.rescue, None).is_ok());
}

#[test]
fn a_damaged_archive_is_refused() {
    let scene = scene();
    let part = scene.here.path().join(format!(".{NAME}.tar.age.part"));
    for lock in [
        Lock::for_recipients(&[SOMEBODY.to_owned()]).expect("a recipient"),
        Lock::with_passphrase("a b c".to_owned()),
    ] {
        let mut is_spoilt = false;
        let done = archive::seal(&scene.rescue, None, &lock, &Stop::new(), &mut |p| {
            // The damage lies beyond the data that was read ahead.
            if p.step == Step::Checking && !std::mem::replace(&mut is_spoilt, true) {
                let mut bytes = fs::read(&part).expect("the archive");
                let place = bytes.len() - 100;
                bytes[place] ^= 1;
                fs::write(&part, bytes).expect("the archive");
            }
        });
        assert!(
            matches!(done, Err(ArchiveError::NotAsWritten { .. })),
            "{done:?}"
        );
        assert_eq!(scene.beside(), [""; 0]);
    }
}

/// A user who thinks that the program hangs may start it again. The archive under the final name must be the one that
/// was read back.
#[test]
fn two_at_once_are_one_archive() {
    let scene = scene();
    let lock = || Lock::with_passphrase("a b c".to_owned());
    let seal = |progress: &mut dyn FnMut(CopyProgress)| {
        archive::seal(&scene.rescue, None, &lock(), &Stop::new(), progress)
    };
    for step in [Step::Copying, Step::Checking] {
        let mut second = None;
        let first = seal(&mut |p| {
            if p.step == step && second.is_none() {
                second = Some(seal(&mut |_| {}));
            }
        })
        .expect("an archive");
        let second = second.expect("an attempt");
        assert!(
            matches!(second, Err(ArchiveError::Busy { .. })),
            "{second:?}"
        );
        let bytes = fs::read(&scene.archive).expect("the archive");
        let sum: [u8; 32] = Sha256::digest(&bytes).into();
        let sum: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(sum, first.sha256);
        assert_eq!(scene.beside(), [format!("{NAME}.tar.age")]);
        fs::remove_file(&scene.archive).expect("the archive");
    }
    // The remains of a killed run do not get in the way.
    let left = scene.here.path().join(format!(".{NAME}.tar.age.part"));
    fs::write(left, "half").expect("a file");
    seal(&mut |_| {}).expect("an archive");
}
