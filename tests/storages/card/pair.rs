//! The reader finds everything that the writer of practice cards puts onto a card. The two share no code.

use std::collections::BTreeMap;

use lifeboat::format::disk::{Disk, Place, Volume, find};
use lifeboat::practice::OwnersFile;
use lifeboat::practice::card::fat32;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::support::disk;

/// All files below a folder, by path.
fn read(disk: &mut Disk, volume: &mut Volume) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut waiting = vec![(String::new(), volume.root())];
    while let Some((path, place)) = waiting.pop() {
        let folder = volume.list(disk, place).expect("a folder");
        assert!(folder.faults.is_empty(), "{path}: {:?}", folder.faults);
        for entry in folder.entries {
            let name = String::from_utf8(entry.name).expect("text");
            let path = format!("{path}/{name}");
            if entry.is_folder {
                waiting.push((path, entry.place));
            } else {
                let bytes = bytes_of(disk, volume, entry.place);
                assert_eq!(bytes.len() as u64, entry.size, "{path}");
                assert!(files.insert(path, bytes).is_none());
            }
        }
    }
    files
}

fn bytes_of(disk: &mut Disk, volume: &mut Volume, place: Place) -> Vec<u8> {
    let extents = volume.extents(disk, place).expect("a file");
    assert_eq!(extents.broken, None);
    let mut bytes = Vec::new();
    for run in extents.runs {
        let mut piece = vec![0; run.length as usize];
        assert!(disk.read(run.at, &mut piece).expect("blocks").is_empty());
        bytes.extend(piece);
    }
    bytes
}

/// A name that a phone could give, in lower case, since FAT does not distinguish upper and lower case.
fn name() -> impl Strategy<Value = String> {
    "[a-zà-öα-ω一-十0-9][a-z0-9 _~()&à-ö一-十😀]{0,40}[a-z0-9]"
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_file_comes_back(
        files in btree_map((vec(name(), 0..4), name()), vec(any::<u8>(), 0..3_000), 0..25)
    ) {
        // A folder can't have the name of a file beside it.
        let files: BTreeMap<String, Vec<u8>> = files
            .into_iter()
            .map(|((folders, name), bytes)| {
                let folders: String = folders.iter().map(|name| format!("{name} f/")).collect();
                (format!("{folders}{name}.jpg"), bytes)
            })
            .collect();
        let written: Vec<OwnersFile> = files
            .iter()
            .map(|(path, bytes)| OwnersFile {
                path: path.clone(),
                bytes: bytes.clone(),
                modified: 1_255_000_000,
            })
            .collect();
        let mut disk = disk(fat32::write(&written, b"A PAIR     ", 7).bytes);
        let mut found = find(&mut disk).expect("a disk");
        prop_assert_eq!(found.volumes.len(), 1);
        let volume = &mut found.volumes[0];
        let expected: BTreeMap<String, Vec<u8>> =
            files.into_iter().map(|(path, bytes)| (format!("/{path}"), bytes)).collect();
        prop_assert!(read(&mut disk, volume) == expected);
    }
}
