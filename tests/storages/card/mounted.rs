//! A block device with anything mounted from it is not touched.

use std::process::Command;

use lifeboat::handset::memory_card;
use lifeboat::model::Stop;

use super::support::program;

#[cfg(target_os = "linux")]
#[test]
fn a_mounted_device_is_refused_until_it_is_unmounted() {
    let folder = tempfile::tempdir().expect("a folder");
    let (image, place) = (folder.path().join("disk.img"), folder.path().join("mnt"));
    let file = std::fs::File::create(&image).expect("a file");
    file.set_len(8 << 20).expect("its length");
    std::fs::create_dir(&place).expect("a folder");
    let image = image.to_str().expect("a path");
    let place = place.to_str().expect("a path");
    if program("mkfs.ext4", &["-q", image]).is_none() {
        return;
    }
    let loops = |arguments: &[&str]| {
        let output = Command::new("losetup").args(arguments).output().ok()?;
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        (output.status.success()).then_some(said)
    };
    let Some(device) = loops(&["--find", "--show", image]) else {
        crate::common::cannot::cannot_run("no loop devices here");
        return;
    };
    let mounted = Command::new("mount").args([&device, place]).status();
    let is_mounted = mounted.is_ok_and(|status| status.success());
    let open = || memory_card::open_image(device.as_ref(), &Stop::new()).err();
    let refused = open().map(|error| (error.to_string(), error.advice()));
    if is_mounted {
        program("umount", &[place]);
    }
    let then = open().map(|error| error.to_string());
    loops(&["--detach", &device]);
    if !is_mounted {
        crate::common::cannot::cannot_run("nothing can be mounted here");
        return;
    }
    let (what, advice) = refused.expect("a refusal");
    assert!(
        what.contains("could not be opened") && advice.contains("Unmount"),
        "{what}: {advice}"
    );
    assert_eq!(
        then, None,
        "what is on it is no card, but it may be looked at"
    );
}
