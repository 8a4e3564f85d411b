//! A second copy: it is complete or does not exist, it goes on where it was interrupted, and it is counted.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::{files_below, small};
use lifeboat::model::{Advice as _, Stop};
use lifeboat::vault::bag::{self, BagInfo};
use lifeboat::vault::copies::{Copies, Disks};
use lifeboat::vault::copy::{self, Copied, CopyError, CopyProgress, Step};
use lifeboat::vault::{custody, verify};
use proptest::prelude::*;

const NAME: &str = "2026-11-22 Pixel 6 (9A1X)";
const PART: &str = ".2026-11-22 Pixel 6 (9A1X).part";

/// Larger than a single read, so that it can be cut in the middle.
const PHOTO: usize = 900_000;

fn copy_to(rescue: &Path, to: &Path) -> Result<Copied, CopyError> {
    copy::copy(rescue, to, &Stop::new(), &mut |_| {})
}

/// All files below a folder except its custody file, with their bytes.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = files_below(folder);
    found.remove(Path::new("custody.jsonl"));
    found
}

/// A rescue and a place for its copy.
struct Scene {
    here: tempfile::TempDir,
    rescue: PathBuf,
    to: PathBuf,
}

fn scene(photo: usize) -> Scene {
    let here = tempfile::tempdir().expect("a folder");
    let rescue = small::finished(&here.path().join("Rescues"), photo);
    let to = here.path().join("stick");
    fs::create_dir(&to).expect("a folder");
    Scene { here, rescue, to }
}

impl Scene {
    fn assert_copied(&self) {
        let copy = self.to.join(NAME);
        assert_eq!(contents(&copy), contents(&self.rescue));
        assert!(!self.to.join(PART).exists());
        for folder in [&copy, &self.rescue] {
            let report = verify(folder, &mut |_| {}).expect("a rescue");
            assert_eq!(report.problems, [""; 0]);
            assert_eq!(report.copies.count, 2);
        }
    }

    /// Asserts that nothing in the target could be taken for a copy.
    fn assert_no_copy(&self) {
        assert!(!self.to.join(NAME).exists());
        assert!(verify(&self.rescue, &mut |_| {}).expect("a rescue").ok);
        assert_eq!(
            Copies::in_folder(&self.rescue).expect("custody"),
            Copies::one()
        );
    }
}

#[test]
fn a_copy_is_the_same_and_both_sides_know() {
    let scene = scene(PHOTO);
    let mut last = BTreeMap::new();
    let copied = copy::copy(
        &scene.rescue,
        &scene.to,
        &Stop::new(),
        &mut |p: CopyProgress| {
            last.insert(p.step as u8, p);
        },
    )
    .expect("a copy");
    scene.assert_copied();
    assert_eq!(
        copied.place,
        scene.to.canonicalize().expect("a place").join(NAME)
    );
    assert_eq!(
        (copied.was_there, copied.on_another_disk),
        (false, Some(false))
    );
    for step in [Step::Copying, Step::Checking] {
        let last = last[&(step as u8)];
        assert_eq!(last.bytes_done, last.bytes, "{step:?}");
        assert!(last.bytes > PHOTO as u64);
    }
    // Each custody file names the other folder.
    for (side, what, other) in [
        (&scene.rescue, "copied", &copied.place),
        (
            &copied.place,
            "copy",
            &scene.rescue.canonicalize().expect("a place"),
        ),
    ] {
        let entries = custody::read(side).expect("custody");
        let last = entries.last().expect("an entry");
        assert_eq!(
            (&*last.what, last.details["place"].as_str()),
            (what, other.to_str().expect("text"))
        );
        assert_eq!(last.details["disk"], "the same");
    }
    let copies = Copies::in_folder(&scene.rescue).expect("custody");
    assert_eq!((copies.count, copies.disks), (2, Disks::One));
    assert!(copies.sentence().contains("on one disk"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        assert!(copied.private);
        let photo = "data/photos/DCIM/IMG_1.jpg";
        let (one, other) = [&scene.rescue, &copied.place]
            .map(|folder| fs::metadata(folder.join(photo)).expect("a photo"))
            .into();
        assert_eq!((other.mode() & 0o777, other.mtime()), (0o600, one.mtime()));
    }
}

#[test]
fn a_copy_that_is_there_is_read_again_and_counts_once() {
    let scene = scene(10);
    copy_to(&scene.rescue, &scene.to).expect("a copy");
    let before = contents(&scene.to.join(NAME));
    let again = copy_to(&scene.rescue, &scene.to).expect("a copy");
    assert!(again.was_there);
    assert_eq!(contents(&scene.to.join(NAME)), before);
    scene.assert_copied();
    // A copy of the copy lists both.
    let third = scene.here.path().join("third");
    fs::create_dir(&third).expect("a folder");
    copy_to(&scene.to.join(NAME), &third).expect("a copy");
    let count = |folder: &Path| Copies::in_folder(folder).expect("custody").count;
    assert_eq!(
        (count(&third.join(NAME)), count(&scene.to.join(NAME))),
        (3, 3)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// The copy is stopped at any place, once or twice, while it copies or checks.
    #[test]
    fn a_copy_that_was_stopped_goes_on(cuts in prop::collection::vec((any::<bool>(), 0..1_000u64), 1..3)) {
        let scene = scene(PHOTO);
        for (is_checking, thousandth) in cuts {
            let stop = Stop::new();
            let done = copy::copy(&scene.rescue, &scene.to, &stop, &mut |p| {
                let is_there = (p.step == Step::Checking) == is_checking || p.step == Step::Checking;
                if is_there && p.bytes_done * 1_000 >= p.bytes * thousandth {
                    stop.stop();
                }
            });
            if stop.is_stopped() && done.is_err() {
                prop_assert!(matches!(done, Err(CopyError::Stopped)));
                scene.assert_no_copy();
            }
        }
        prop_assert!(copy_to(&scene.rescue, &scene.to).is_ok());
        scene.assert_copied();
    }
}

const KILLED: &str = "LIFEBOAT_TEST_COPY_KILLED_AT";

/// The process that [`a_copy_that_was_killed_goes_on`] starts. By itself it does nothing.
#[test]
fn the_copy_that_is_killed() {
    let Ok(order) = std::env::var(KILLED) else {
        return;
    };
    let mut order = order.split('|');
    let mut next = || order.next().expect("an order").to_owned();
    let (rescue, to, step, at) = (next(), next(), next(), next());
    let at: u64 = at.parse().expect("a number");
    let _ = copy::copy(Path::new(&rescue), Path::new(&to), &Stop::new(), &mut |p| {
        if format!("{:?}", p.step) == step && p.bytes_done >= at {
            std::process::abort();
        }
    });
}

#[test]
fn a_copy_that_was_killed_goes_on() {
    let scene = scene(PHOTO);
    for (step, at) in [
        ("Copying", 1),
        ("Copying", 400_000),
        ("Copying", PHOTO as u64 + 1_000),
        ("Checking", 1),
        ("Checking", PHOTO as u64),
    ] {
        let order = format!(
            "{}|{}|{step}|{at}",
            scene.rescue.display(),
            scene.to.display()
        );
        let status = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "copies::the_copy_that_is_killed"])
            .env(KILLED, order)
            .output()
            .expect("it runs")
            .status;
        assert!(!status.success());
        assert!(
            scene.to.join(PART).exists(),
            "it was not killed in the midst"
        );
        scene.assert_no_copy();
    }
    // The possible result of a power cut: the right length, but other bytes.
    let torn = scene.to.join(PART).join("data/photos/DCIM/IMG_1.jpg");
    fs::write(&torn, vec![0; PHOTO]).expect("a file");
    copy_to(&scene.rescue, &scene.to).expect("a copy");
    scene.assert_copied();
}

#[test]
fn what_can_not_be_a_copy_is_refused() {
    let scene = scene(10);
    let before = contents(&scene.rescue);
    let refused = |rescue: &Path, to: &Path| {
        let error = copy_to(rescue, to).expect_err("it was copied");
        assert!(!error.advice().is_empty());
        format!("{error}")
    };
    let parent = scene.rescue.parent().expect("a parent");
    assert!(refused(&scene.rescue, parent).contains("is the rescue itself"));
    assert!(refused(&scene.rescue, &scene.rescue).contains("inside the rescue"));
    assert!(refused(&scene.rescue, &scene.rescue.join("data")).contains("inside the rescue"));
    assert!(refused(&scene.rescue, &scene.to.join("none")).contains("none does not exist"));
    assert!(refused(&scene.to, &scene.to).contains("not a rescue folder"));
    let unfinished = small::unfinished(&scene.here.path().join("other"), 10);
    assert!(refused(&unfinished, &scene.to).contains("not finished"));

    // A different file or folder with that name stays unchanged.
    let target = scene.to.join(NAME);
    for make in [
        (|target| fs::write(target, "mine").expect("a file")) as fn(&Path),
        |target| fs::create_dir(target).expect("a folder"),
        |target| {
            small::finished(&target.with_file_name("x"), 99);
            fs::rename(target.with_file_name("x").join(NAME), target).expect("another rescue");
            fs::remove_dir(target.with_file_name("x")).expect("a folder");
        },
    ] {
        make(&target);
        assert!(refused(&scene.rescue, &scene.to).contains("is something else"));
        if target.is_dir() {
            fs::remove_dir_all(&target).expect("a folder");
        } else {
            assert_eq!(fs::read(&target).expect("a file"), b"mine");
            fs::remove_file(&target).expect("a file");
        }
    }
    // An unfinished copy of another rescue stays unchanged too.
    fs::create_dir(scene.to.join(PART)).expect("a folder");
    fs::write(scene.to.join(PART).join("x"), "mine").expect("a file");
    assert!(refused(&scene.rescue, &scene.to).contains("is something else"));
    fs::remove_dir_all(scene.to.join(PART)).expect("a folder");
    assert_eq!(contents(&scene.rescue), before);
    scene.assert_no_copy();
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    use std::os::unix::fs::symlink;
    let scene = scene(10);
    let elsewhere = scene.here.path().join("elsewhere");
    fs::create_dir(&elsewhere).expect("a folder");
    for name in [NAME, PART] {
        symlink(&elsewhere, scene.to.join(name)).expect("a link");
        assert!(matches!(
            copy_to(&scene.rescue, &scene.to),
            Err(CopyError::Other { .. })
        ));
        fs::remove_file(scene.to.join(name)).expect("a link");
    }
    let secret = scene.here.path().join("secret");
    fs::write(&secret, "x").expect("a file");
    symlink(&secret, scene.rescue.join("data/link")).expect("a link");
    let error = copy_to(&scene.rescue, &scene.to).expect_err("a link was copied");
    assert!(error.to_string().contains("is a link"), "{error}");
    assert_eq!(fs::read_dir(&elsewhere).expect("a folder").count(), 0);
}

/// Opening a pipe in place of a file would block for ever.
#[cfg(unix)]
#[test]
fn pipes_are_not_waited_for() {
    let pipe_at = |path: &Path| {
        let _ = fs::remove_file(path);
        let made = Command::new("mkfifo").arg(path).status().expect("mkfifo");
        assert!(made.success());
    };
    for at in ["rescue", "stick", "part"] {
        let scene = scene(10);
        let folder = match at {
            "rescue" => scene.rescue.clone(),
            "stick" => scene.to.join(NAME),
            _ => scene.to.join(PART),
        };
        fs::create_dir_all(&folder).expect("a folder");
        pipe_at(&folder.join("tagmanifest-sha256.txt"));
        let (told, heard) = std::sync::mpsc::channel();
        let (rescue, to) = (scene.rescue.clone(), scene.to.clone());
        std::thread::spawn(move || told.send(copy_to(&rescue, &to).is_err()));
        let refused = heard.recv_timeout(std::time::Duration::from_secs(60));
        assert_eq!(refused, Ok(true), "{at}");
    }
}

#[test]
fn damage_on_either_side_is_no_copy() {
    let scene = scene(PHOTO);
    let flip = |path: &Path| {
        let mut bytes = fs::read(path).expect("a file");
        bytes[7] ^= 1;
        fs::write(path, bytes).expect("a file");
    };
    let photo = "data/photos/DCIM/IMG_1.jpg";
    flip(&scene.rescue.join(photo));
    let error = copy_to(&scene.rescue, &scene.to).expect_err("damage was copied");
    assert!(error.to_string().contains(photo), "{error}");
    flip(&scene.rescue.join(photo));
    scene.assert_no_copy();
    // The bytes read back differ from those written: the disk is at fault.
    let part = scene.to.join(PART);
    let mut harmed = false;
    let error = copy::copy(&scene.rescue, &scene.to, &Stop::new(), &mut |p| {
        if p.step == Step::Checking && !harmed {
            harmed = true;
            flip(&part.join("data/lifeboat.sqlite"));
            flip(&part.join(photo));
            flip(&part.join("data/contacts.vcf"));
        }
    });
    assert!(
        matches!(error, Err(CopyError::NotAsWritten { .. })),
        "{error:?}"
    );
    scene.assert_no_copy();
    copy_to(&scene.rescue, &scene.to).expect("what was damaged is written anew");
    scene.assert_copied();
    // A bit of the copy changes later.
    flip(&scene.to.join(NAME).join(photo));
    let error = copy_to(&scene.rescue, &scene.to).expect_err("a damaged copy was accepted");
    assert!(matches!(error, CopyError::Spoilt { .. }));
    assert!(error.to_string().contains(photo), "{error}");
    let copies = || Copies::in_folder(&scene.rescue).expect("custody");
    assert_eq!(copies(), Copies::one(), "it counts no more");
    // The repaired copy counts again. A folder with another manifest is not a copy.
    flip(&scene.to.join(NAME).join(photo));
    copy_to(&scene.rescue, &scene.to).expect("a copy");
    assert_eq!(copies().count, 2);
    flip(&scene.to.join(NAME).join("tagmanifest-sha256.txt"));
    let error = copy_to(&scene.rescue, &scene.to).expect_err("another manifest");
    assert!(matches!(error, CopyError::Spoilt { .. }), "{error}");
    assert_eq!(copies(), Copies::one());
}

#[test]
fn a_rescue_with_an_altered_custody_can_still_be_copied() {
    let scene = scene(10);
    let path = scene.rescue.join("custody.jsonl");
    let text = fs::read_to_string(&path).expect("custody");
    fs::write(&path, text.replace("finished", "finishes")).expect("custody");
    let copied = copy_to(&scene.rescue, &scene.to).expect("a copy");
    assert_eq!(copied.copies.count, 2);
    let copy = scene.to.join(NAME);
    assert!(verify(&copy, &mut |_| {}).expect("a rescue").ok);
    let first = custody::read(&copy).expect("custody").remove(0);
    assert!(first.details["earlier lines left out"].contains("altered in line 1"));
}

#[test]
fn a_place_that_vanishes_or_fills_up_loses_nothing() {
    let scene = scene(PHOTO);
    let part = scene.to.join(PART);
    let gone = copy::copy(&scene.rescue, &scene.to, &Stop::new(), &mut |p| {
        if p.bytes_done > 1_000 && part.exists() {
            fs::remove_dir_all(&part).expect("a folder");
        }
    });
    let error = gone.expect_err("a copy without a disk");
    assert!(
        error.advice().contains("continues where it stopped"),
        "{error}"
    );
    scene.assert_no_copy();
    copy_to(&scene.rescue, &scene.to).expect("a copy");
    scene.assert_copied();
}

/// A small disk, if this user may mount one.
struct Disk(PathBuf, Option<String>);

impl Disk {
    fn mounted(at: &Path, size: &str) -> Option<Self> {
        fs::create_dir(at).expect("a folder");
        let done = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(at)
            .output();
        match done {
            Ok(done) if done.status.success() => Some(Self(at.to_owned(), None)),
            _ => {
                crate::common::cannot::cannot_run("no disk can be mounted here");
                None
            }
        }
    }
}

/// A stick in the usual state: a file system without permissions that does not allow all names.
fn fat_stick(here: &Path) -> Option<Disk> {
    let (image, at) = (here.join("image"), here.join("fat"));
    let file = fs::File::create(&image).expect("a file");
    file.set_len(40 << 20).expect("a length");
    fs::create_dir(&at).expect("a folder");
    let ran = |command: &mut Command| command.output().is_ok_and(|done| done.status.success());
    let by_kernel = || {
        ran(Command::new("mkfs.vfat").arg(&image))
            && ran(Command::new("mount")
                .args(["-t", "vfat", "-o", "loop,iocharset=utf8"])
                .args([&image, &at]))
    };
    // On a kernel without FAT, FUSE may work.
    let by_fuse = || {
        let device = Command::new("losetup")
            .args(["-f", "--show"])
            .arg(&image)
            .output()
            .ok()?;
        let device = String::from_utf8_lossy(&device.stdout).trim().to_owned();
        let is_there = !device.is_empty()
            && ran(Command::new("mkfs.exfat").arg(&device))
            && ran(Command::new("mount.exfat-fuse").arg(&device).arg(&at));
        Some((device, is_there))
    };
    if by_kernel() {
        return Some(Disk(at, None));
    }
    let (device, is_there) = by_fuse().unwrap_or_default();
    if !is_there {
        crate::common::cannot::cannot_run("no stick without permissions can be mounted here");
    }
    is_there.then_some(Disk(at, Some(device)))
}

#[test]
fn a_stick_without_permissions_says_so() {
    let scene = scene(PHOTO);
    let Some(stick) = fat_stick(scene.here.path()) else {
        return;
    };
    let copied = copy_to(&scene.rescue, &stick.0).expect("a copy");
    assert!(!copied.private);
    assert_eq!(contents(&copied.place), contents(&scene.rescue));
    assert_eq!(
        copied.on_another_disk, None,
        "its image may lie on the same disk"
    );
    assert!(verify(&copied.place, &mut |_| {}).expect("a rescue").ok);
    assert!(copy_to(&scene.rescue, &stick.0).expect("a copy").was_there);
    let said = lifeboat(&[
        "copy",
        scene.rescue.to_str().expect("text"),
        stick.0.to_str().expect("text"),
    ]);
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.contains("does not store file permissions"), "{said}");
    // A rescue that ends on such a stick reports the same.
    let folder = small::unfinished(&stick.0.join("rescues"), 10);
    let sealed = bag::seal(&folder, &BagInfo::default(), &Stop::new(), &mut |_| {}).expect("a bag");
    assert!(!sealed.private);
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).output();
        if let Some(device) = &self.1 {
            let _ = Command::new("losetup").args(["-d", device]).output();
        }
    }
}

#[test]
fn a_full_disk_is_said_and_gone_on_with() {
    let scene = scene(PHOTO);
    let Some(disk) = Disk::mounted(&scene.here.path().join("small"), "1200k") else {
        return;
    };
    let ballast = disk.0.join("ballast");
    fs::write(&ballast, vec![1; 600_000]).expect("a file");
    let error = copy_to(&scene.rescue, &disk.0).expect_err("it had no room");
    assert!(matches!(error, CopyError::NoSpace { .. }), "{error}");
    fs::remove_file(&ballast).expect("a file");
    // The disk becomes full in the middle of the copy.
    let full = copy::copy(&scene.rescue, &disk.0, &Stop::new(), &mut |_| {
        let _ = fs::write(&ballast, vec![1; 1_200_000]);
    });
    assert!(matches!(full, Err(CopyError::Full { .. })), "{full:?}");
    assert!(!disk.0.join(NAME).exists());
    fs::remove_file(&ballast).expect("a file");
    let copied = copy_to(&scene.rescue, &disk.0).expect("a copy");
    assert_eq!(contents(&copied.place), contents(&scene.rescue));
    assert_eq!(copied.on_another_disk, None, "memory is no disk");
    let copies = Copies::in_folder(&scene.rescue).expect("custody");
    assert_eq!(copies.disks, Disks::Unknown);
    let read_only = Command::new("mount")
        .args(["-o", "remount,ro"])
        .arg(&disk.0)
        .output();
    if read_only.is_ok_and(|done| done.status.success()) {
        // A rescue on a read-only disk can be copied as well.
        let copied = copy_to(&copied.place, &scene.to).expect("a copy");
        assert!(copied.not_noted.is_some());
        assert_eq!(copied.copies.count, 3, "it counts all the same");
        assert_eq!(contents(&copied.place), contents(&scene.rescue));
        fs::remove_dir_all(&copied.place).expect("a folder");
        let other = small::finished(&scene.here.path().join("y"), 10);
        let error = copy_to(&other, &disk.0).expect_err("it can't be written to");
        assert!(
            error.advice().contains("continues where it stopped")
                || error.advice().contains("written to")
                || error.to_string().contains("something else"),
            "{error}"
        );
    }
}

fn lifeboat(arguments: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_lifeboat"))
        .args(arguments)
        .output()
        .expect("lifeboat runs")
}

#[test]
fn the_commands_say_how_many_copies_there_are() {
    let scene = scene(10);
    let (rescue, to) = (
        scene.rescue.to_str().expect("text"),
        scene.to.to_str().expect("text"),
    );
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let one = lifeboat(&["verify", rescue]);
    assert!(
        text(&one.stdout).contains("One copy, on one disk."),
        "{}",
        text(&one.stdout)
    );
    let copied = lifeboat(&["copy", rescue, to, "--json"]);
    assert_eq!(copied.status.code(), Some(0), "{}", text(&copied.stderr));
    let told: serde_json::Value = serde_json::from_slice(&copied.stdout).expect("JSON");
    assert_eq!(
        (&told["copies"]["count"], &told["copies"]["disks"]),
        (&2.into(), &"one".into())
    );
    let two = lifeboat(&["verify", rescue]);
    assert!(
        text(&two.stdout).contains("2 copies, but on one disk"),
        "{}",
        text(&two.stdout)
    );
    assert!(
        text(&two.stdout).contains("/stick/"),
        "{}",
        text(&two.stdout)
    );
    let told: serde_json::Value =
        serde_json::from_slice(&lifeboat(&["verify", rescue, "--json"]).stdout).expect("JSON");
    assert_eq!(told["copies"]["others"][0]["on_another_disk"], false);
    let same = lifeboat(&[
        "copy",
        rescue,
        scene.rescue.parent().and_then(Path::to_str).expect("text"),
    ]);
    assert_eq!(same.status.code(), Some(1));
    assert!(
        text(&same.stderr).contains("Choose a folder elsewhere"),
        "{}",
        text(&same.stderr)
    );
    let unfinished = small::unfinished(&scene.here.path().join("z"), 10);
    let unfinished = unfinished.to_str().expect("text");
    assert_eq!(lifeboat(&["copy", unfinished, to]).status.code(), Some(1));
    assert_eq!(lifeboat(&["verify", unfinished]).status.code(), Some(3));
    assert_eq!(lifeboat(&["copy", rescue]).status.code(), Some(2));
}

/// A copy that was deleted later is not counted.
#[test]
fn verify_counts_only_copies_that_are_there() {
    let scene = scene(10);
    let copied = copy_to(&scene.rescue, &scene.to).expect("a copy");
    let count = || {
        lifeboat::vault::verify(&scene.rescue, &mut |_| {})
            .expect("a report")
            .copies
    };
    assert_eq!((count().count, count().not_found.len()), (2, 0));
    fs::remove_dir_all(&copied.place).expect("a folder");
    assert_eq!((count().count, count().not_found.len()), (1, 1));
    let said = lifeboat(&["verify", scene.rescue.to_str().expect("text")]);
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(
        said.contains("One copy") && said.contains("not found, so not counted"),
        "{said}"
    );
}
