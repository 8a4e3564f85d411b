//! Images made by other programs: mkfs.vfat with mtools, and mkfs.exfat with exfat-fuse. All their files must come out.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use lifeboat::format::disk::{FileSystem, find};
use lifeboat::model::Verdict;

use super::support::{disk, program, rescue_image};
use crate::common::{files_below, portable_files};

/// Bytes without repetitions.
fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// An owner's folders: names of every kind, sizes near cluster boundaries, an empty file, files with equal bytes.
fn fill(folder: &Path, large: usize, other: &str) {
    let names = [
        other,
        "IMG_0001.JPG",
        "lower.jpg",
        "MiXed Case.Jpg",
        "a name of many words that takes several entries of a folder.jpeg",
        "exactly thirt.jpg",
        "Größe – naïve café.jpg",
        "with.many.dots.in.it.png",
        "[odd] (signs) & 'quotes' #1.jpg",
    ];
    for (number, name) in names.iter().enumerate() {
        let path = folder.join("DCIM/100CARD");
        fs::create_dir_all(&path).expect("a folder");
        fs::write(
            path.join(name),
            noise(4_000 + number * 3_001, number as u64),
        )
        .expect("a file");
    }
    let deep = folder.join("Pictures/a/b/c/d/e/f");
    fs::create_dir_all(&deep).expect("a folder");
    for (number, length) in [1, 511, 512, 513, 4_096, 32_768, 65_537, large]
        .iter()
        .enumerate()
    {
        fs::write(
            deep.join(format!("{length}.png")),
            noise(*length, 100 + number as u64),
        )
        .expect("a file");
    }
    fs::write(
        folder.join("contacts.vcf"),
        "BEGIN:VCARD\r\nVERSION:2.1\r\nN:A;B\r\nTEL:1\r\nEND:VCARD\r\n",
    )
    .expect("a file");
}

/// Asserts that the rescue contains every file below `owner` with its time, and no other file.
fn same(image: &Path, owner: &Path, what: &str) {
    let rescued = rescue_image(image);
    assert!(
        rescued.outcome.safe,
        "{what}: {:?}",
        rescued.outcome.why_not
    );
    assert_eq!(rescued.photos().verdict, Verdict::Complete, "{what}");
    let expected: BTreeMap<String, Vec<u8>> = files_below(owner)
        .into_iter()
        .map(|(path, bytes)| {
            let path = path.to_str().expect("text").to_owned();
            let folder = if path.ends_with(".vcf") {
                "found"
            } else {
                "photos"
            };
            (format!("{folder}/{path}"), bytes)
        })
        .collect();
    let mut copies = portable_files(&rescued.folder);
    copies.retain(|name, _| name.starts_with("photos/") || name.starts_with("found/"));
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&copies), names(&expected), "{what}");
    for (name, bytes) in &expected {
        assert!(copies[name] == *bytes, "{what}: {name}");
    }
    for (name, path) in expected
        .keys()
        .map(|name| (name, name.split_once('/').expect("a folder").1))
    {
        let time = |path: &Path| {
            fs::metadata(path)
                .and_then(|m| m.modified())
                .expect("a time")
        };
        let (one, other) = (
            time(&rescued.folder.join("data").join(name)),
            time(&owner.join(path)),
        );
        let apart = one
            .duration_since(other)
            .or_else(|_| other.duration_since(one));
        assert!(
            apart.expect("a time").as_secs() <= 2,
            "{what}: {name}: {one:?} {other:?}"
        );
    }
}

#[test]
fn fat_of_every_width_and_cluster_gives_what_mtools_put_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let owner = folder.path().join("owner");
    fs::create_dir(&owner).expect("a folder");
    // mtools knows no characters beyond the first 65,536.
    fill(&owner, 700_000, "写真 東京.jpg");
    let image = folder.path().join("card.img");
    let name = image.to_str().expect("text");
    for (bits, size, cluster, sector) in [
        ("12", 2 << 20, "1", "512"),
        ("12", 4 << 20, "8", "512"),
        ("16", 16 << 20, "4", "512"),
        ("16", 64 << 20, "2", "2048"),
        ("32", 40 << 20, "1", "512"),
        ("32", 300 << 20, "8", "512"),
        ("32", 300 << 20, "1", "4096"),
    ] {
        let file = fs::File::create(&image).expect("an image");
        file.set_len(size).expect("a length");
        let what = format!("FAT{bits}, {cluster} sectors of {sector} a cluster");
        let made = program(
            "mkfs.vfat",
            &["-F", bits, "-s", cluster, "-S", sector, "-n", "CARD", name],
        );
        if made.is_none() {
            return;
        }
        // Deleted files leave holes, so later files are stored in pieces.
        let holes: Vec<String> = (0..12).map(|number| format!("::/HOLE{number}")).collect();
        let hole = folder.path().join("hole");
        fs::write(&hole, noise(40_000, 7)).expect("a file");
        for place in &holes {
            if program("mcopy", &["-i", name, hole.to_str().expect("text"), place]).is_none() {
                return;
            }
        }
        for place in holes.iter().step_by(2) {
            program("mdel", &["-i", name, place]);
        }
        for entry in ["DCIM", "Pictures", "contacts.vcf"] {
            let from = owner.join(entry);
            program(
                "mcopy",
                &["-s", "-m", "-i", name, from.to_str().expect("text"), "::/"],
            );
        }
        same(&image, &owner, &what);
    }
}

/// A volume with fewer clusters than FAT32 requires, which mtools takes for FAT16. The fields of a 32-bit table decide.
#[test]
fn a_small_volume_of_fat32_is_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let image = folder.path().join("card.img");
    let file = fs::File::create(&image).expect("an image");
    file.set_len(32 << 20).expect("a length");
    let name = image.to_str().expect("text");
    if program("mkfs.vfat", &["-F", "32", "-s", "1", "-n", "SMALL", name]).is_none() {
        return;
    }
    let mut disk = disk(fs::read(&image).expect("an image"));
    let found = find(&mut disk).expect("a disk");
    assert_eq!(found.volumes[0].file_system, FileSystem::Fat32);
}

#[test]
fn exfat_gives_what_another_driver_put_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let (owner, mount) = (folder.path().join("owner"), folder.path().join("mount"));
    fs::create_dir(&owner).expect("a folder");
    fs::create_dir(&mount).expect("a folder");
    fill(&owner, 9_000_000, "写真 東京 🎈.jpg");
    for cluster in ["512", "4096", "131072"] {
        let image = folder.path().join("card.img");
        let _ = fs::remove_file(&image);
        fs::File::create(&image)
            .and_then(|file| file.set_len(64 << 20))
            .expect("an image");
        let made = program(
            "mkfs.exfat",
            &["-c", cluster, "-L", "KARTE", image.to_str().expect("text")],
        );
        if made.is_none() || !mounted(&image, &mount, || fill_in_pieces(&owner, &mount)) {
            return;
        }
        same(&image, &owner, &format!("exFAT, clusters of {cluster}"));
    }
}

/// Copies all files below a folder around the holes that deleted files leave.
fn fill_in_pieces(from: &Path, to: &Path) {
    for number in 0..40 {
        fs::write(to.join(format!("hole{number}")), noise(70_000, number)).expect("a file");
    }
    for number in (0..40).step_by(2) {
        fs::remove_file(to.join(format!("hole{number}"))).expect("a file");
    }
    let said = std::process::Command::new("cp")
        .arg("-a")
        .arg(from.join("."))
        .arg(to)
        .output()
        .expect("cp");
    assert!(
        said.status.success(),
        "{}",
        String::from_utf8_lossy(&said.stderr)
    );
    for number in (1..40).step_by(2) {
        fs::remove_file(to.join(format!("hole{number}"))).expect("a file");
    }
}

/// Mounts an image with exfat-fuse while `fill` runs. Returns false, with a notice, if that is not possible here.
fn mounted(image: &Path, mount: &Path, fill: impl FnOnce()) -> bool {
    let run = |name: &str, arguments: &[&std::ffi::OsStr]| {
        let output = std::process::Command::new(name)
            .args(arguments)
            .env("TZ", "UTC0")
            .output()
            .ok()?;
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        output.status.success().then_some(said)
    };
    let device = run(
        "losetup",
        &["-f".as_ref(), "--show".as_ref(), image.as_os_str()],
    );
    let Some(device) = device else {
        crate::common::cannot::cannot_run("no loop device can be had here");
        return false;
    };
    let there = run("mount.exfat-fuse", &[device.as_ref(), mount.as_os_str()]).is_some();
    if there {
        fill();
        assert!(
            run("umount", &[mount.as_os_str()]).is_some(),
            "it can't be unmounted"
        );
    } else {
        crate::common::cannot::cannot_run("exfat-fuse can't be used here");
    }
    run("losetup", &["-d".as_ref(), device.as_ref()]);
    there
}
