//! Volumes that no formatter on this machine would make, built byte by byte from the specifications.

use lifeboat::format::disk::{Disk, FileSystem, Place, Volume, find};

use super::support::{Sparse, disk, rescue_image};
use super::tables::{SECTOR, put, small_volume};
use crate::common::portable_files;

/// Short names only, as old phones write them: characters of their code page, Windows' flags for lower case, and a long
/// name that belongs to no entry.
#[test]
fn short_names_are_read_as_they_were_meant() {
    let mut volume = small_volume(b"NO NAME    ");
    let root = 3 * SECTOR;
    let mut entries: Vec<[u8; 32]> = Vec::new();
    let mut entry = |name: &[u8; 11], flags: u8| {
        let mut entry = [0; 32];
        entry[..11].copy_from_slice(name);
        (entry[11], entry[12]) = (0x20, flags);
        // The upper half of the first cluster does not exist in FAT12: Windows stores other data in this field.
        (entry[20], entry[26], entry[28]) = (0x17, 2, 1);
        entries.push(entry);
    };
    entry(b"IMG_0001JPG", 0);
    entry(b"IMG_0002JPG", 0x08);
    entry(b"IMG_0003JPG", 0x18);
    entry(b"IMG_0004JPG", 0x10);
    entry(b"\x9aBUNG   JPG", 0);
    entry(b"\x05       JPG", 0);
    entry(b"\xe5ONE    JPG", 0);
    entry(b"NOENDING   ", 0);
    // A part of a long name with the checksum of another short name.
    let mut orphan = [0xff; 32];
    (orphan[0], orphan[11], orphan[12], orphan[13]) = (0x41, 0x0f, 0, 0x77);
    orphan[1..3].copy_from_slice(&[b'x', 0]);
    entries.insert(0, orphan);
    put(&mut volume, root, entries.as_flattened());
    let mut disk = disk(volume);
    let mut volume = Volume::open(&mut disk, 0)
        .expect("a disk")
        .expect("a volume");
    let root = volume.root();
    let folder = volume.list(&mut disk, root).expect("a folder");
    let names: Vec<_> = folder
        .entries
        .iter()
        .map(|e| String::from_utf8_lossy(&e.name).into_owned())
        .collect();
    assert_eq!(
        names,
        [
            "IMG_0001.JPG",
            "img_0002.JPG",
            "img_0003.jpg",
            "IMG_0004.jpg",
            "ÜBUNG.JPG",
            "σ.JPG",
            "NOENDING"
        ]
    );
    assert_eq!(folder.entries[0].place, Place::Chain(2, Some(1)));
    assert_eq!(
        (folder.deleted, volume.label.as_str(), volume.serial),
        (1, "", 0x0403_0201)
    );
}

/// An exFAT volume of 16 GiB with one contiguous file of more than 4 GiB, of which half was written.
#[test]
fn files_of_more_than_four_gib_are_found_whole() {
    const CLUSTER: u64 = 128 << 10;
    let (size, written) = ((5u64 << 30) + 12_345, (5u64 << 29) + 77);
    let mut boot = vec![0; SECTOR];
    put(&mut boot, 0, b"\xeb\x76\x90EXFAT   ");
    put(&mut boot, 72, &(16u64 << 21).to_le_bytes());
    put(&mut boot, 80, &128u32.to_le_bytes());
    put(&mut boot, 84, &1024u32.to_le_bytes());
    put(&mut boot, 88, &4096u32.to_le_bytes());
    put(&mut boot, 92, &100_000u32.to_le_bytes());
    put(&mut boot, 96, &2u32.to_le_bytes());
    put(&mut boot, 100, &0xcafe_0001u32.to_le_bytes());
    put(&mut boot, 108, &[9, 8, 1, 0x80]);
    let mut table = vec![0; 1 << 12];
    put(&mut table, 8, &[0xff; 4]);
    let mut root = vec![0; 5 * 32];
    put(&mut root, 0, &[0x83, 4, b'B', 0, b'I', 0, b'G', 0, b'!', 0]);
    let set = &mut root[32..128];
    put(set, 0, &[0x85, 2]);
    put(set, 4, &[0x20, 0]);
    let stamp: u32 = (29 << 9 | 10 << 5 | 3) << 16 | 12 << 11;
    put(set, 12, &stamp.to_le_bytes());
    put(set, 21, &[50, 0, 0x84]);
    put(set, 32, &[0xc0, 0x03, 0, 7]);
    put(set, 40, &written.to_le_bytes());
    put(set, 52, &9u32.to_le_bytes());
    put(set, 56, &size.to_le_bytes());
    put(set, 64, &[0xc1, 0]);
    let name: Vec<u8> = "big.mp4"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    put(set, 66, &name);
    let sum = set
        .iter()
        .enumerate()
        .filter(|(at, _)| !matches!(at, 2 | 3));
    let sum = sum.fold(0u16, |sum, (_, byte)| {
        sum.rotate_right(1).wrapping_add(u16::from(*byte))
    });
    put(set, 2, &sum.to_le_bytes());
    let heap = 4096 * 512;
    let mut disk = Disk::new(Box::new(Sparse {
        size: 16 << 30,
        stretches: vec![
            (0, boot),
            (128 * 512, table),
            (heap, root),
            (heap + 7 * CLUSTER + (5 << 30), b"the end".to_vec()),
        ],
    }));
    let mut found = find(&mut disk).expect("a disk");
    let volume = &mut found.volumes[0];
    assert_eq!(
        (volume.file_system, volume.serial),
        (FileSystem::ExFat, 0xcafe_0001)
    );
    let root = volume.root();
    let folder = volume.list(&mut disk, root).expect("a folder");
    assert_eq!(
        (folder.label.as_deref(), folder.faults.as_slice()),
        (Some("BIG!"), [].as_slice())
    );
    let file = &folder.entries[0];
    assert_eq!(
        (file.size, file.written, file.place),
        (size, written, Place::Row(9, size))
    );
    let stamp = file.modified.expect("a time");
    assert_eq!(
        (stamp.local.to_string().as_str(), stamp.offset),
        ("2009-10-03 12:00:00.500", Some(60))
    );
    let extents = volume.extents(&mut disk, file.place).expect("extents");
    assert_eq!((extents.runs.len(), extents.broken), (1, None));
    assert_eq!(
        (extents.runs[0].at, extents.runs[0].length),
        (heap + 7 * CLUSTER, size)
    );
    let mut end = [0; 7];
    assert!(
        disk.read(extents.runs[0].at + (5 << 30), &mut end)
            .expect("bytes")
            .is_empty()
    );
    assert_eq!(&end, b"the end");
}

/// A FAT16 volume whose root folder holds ten thousand files with long names, one cluster each.
#[test]
fn ten_thousand_files_in_a_folder_are_all_there() {
    const FILES: u16 = 10_000;
    let (root, table) = (2_500, 60);
    let heap = 1 + table + root;
    let mut image = vec![0; (heap + usize::from(FILES)) * SECTOR];
    put(&mut image, 0, &[0xeb, 0x3c, 0x90]);
    put(&mut image, 11, &[0, 2, 1, 1, 0, 1]);
    put(&mut image, 17, &(root as u16 * 16).to_le_bytes());
    put(
        &mut image,
        19,
        &((heap + usize::from(FILES)) as u16).to_le_bytes(),
    );
    put(&mut image, 21, &[0xf8, table as u8, 0]);
    put(&mut image, SECTOR, &[0xf8, 0xff, 0xff, 0xff]);
    for number in 0..FILES {
        let cluster = number + 2;
        put(&mut image, SECTOR + usize::from(cluster) * 2, &[0xff, 0xff]);
        let text = format!("picture {number:05}");
        put(
            &mut image,
            (heap + usize::from(number)) * SECTOR,
            text.as_bytes(),
        );
        let short = format!("PIC{number:05}JPG");
        let sum = short
            .bytes()
            .fold(0u8, |sum, byte| sum.rotate_right(1).wrapping_add(byte));
        let mut units: Vec<u16> = format!("{text} of the card.jpg\0").encode_utf16().collect();
        units.resize(39, 0xffff);
        let mut entries = [[0; 32]; 4];
        for (place, part) in units.chunks(13).enumerate() {
            let entry = &mut entries[2 - place];
            entry[0] = (place as u8 + 1) | if place == 2 { 0x40 } else { 0 };
            (entry[11], entry[13]) = (0x0f, sum);
            let letters: Vec<u8> = part.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            entry[1..11].copy_from_slice(&letters[..10]);
            entry[14..26].copy_from_slice(&letters[10..22]);
            entry[28..].copy_from_slice(&letters[22..]);
        }
        entries[3][..11].copy_from_slice(short.as_bytes());
        entries[3][26..28].copy_from_slice(&cluster.to_le_bytes());
        entries[3][28] = text.len() as u8;
        let at = (1 + table) * SECTOR + usize::from(number) * 128;
        put(&mut image, at, entries.as_flattened());
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("card.img");
    std::fs::write(&path, image).expect("an image");
    let rescued = rescue_image(&path);
    assert_eq!(
        rescued.photos().rescued,
        u64::from(FILES),
        "{}",
        rescued.said()
    );
    assert!(rescued.outcome.safe);
    let copies = portable_files(&rescued.folder);
    for number in [0, 1, 4_999, 9_999] {
        let name = format!("photos/picture {number:05} of the card.jpg");
        assert_eq!(copies[&name], format!("picture {number:05}").as_bytes());
    }
}
