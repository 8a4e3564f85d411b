//! Cards made to mislead: whatever they contain, the reader ends, never panics, and calls nothing complete that is not.

use std::time::{Duration, Instant};

use lifeboat::format::disk::{Disk, Volume, find};
use lifeboat::model::Verdict;
use proptest::prelude::*;

use super::support::{card, disk, rescue_image};
use crate::common::portable_files;

/// Looks into every folder and at the place of every file that a card has. Returns the number of entries.
fn look(disk: &mut Disk) -> usize {
    let mut entries = 0;
    let found = find(disk).expect("nothing ends");
    for mut volume in found.volumes {
        let mut waiting = vec![volume.root()];
        let mut looked = 0;
        while let Some(place) = waiting.pop() {
            looked += 1;
            if looked > 200 {
                break;
            }
            let folder = volume.list(disk, place).expect("nothing ends");
            for entry in folder.entries.into_iter().take(2_000) {
                entries += 1;
                let extents = volume.extents(disk, entry.place).expect("nothing ends");
                let told: u64 = extents.runs.iter().map(|run| run.length).sum();
                assert!(
                    told <= disk.size() || extents.broken.is_some() || is_within(&volume, disk)
                );
                if entry.is_folder {
                    waiting.push(entry.place);
                }
            }
        }
    }
    entries
}

/// Returns false if a volume claims to be larger than the disk. Then a file may lie beyond the disk's end.
fn is_within(volume: &Volume, disk: &Disk) -> bool {
    volume.beyond(disk) > 0
}

fn base() -> Vec<u8> {
    card(|settings| settings.photos = 2).image().to_vec()
}

/// The ranges that describe the layout: partition table, boot sectors, the beginnings of the cluster tables, folders.
fn telling(image: &[u8]) -> Vec<std::ops::Range<usize>> {
    let folders = 8192 * 512 + 32 * 512;
    let tables = folders..folders + 8 * 512;
    let heap = image.len() - 66_525 * 512;
    vec![
        440..512,
        8192 * 512..8192 * 512 + 512,
        tables,
        heap..heap + 16 * 512,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn whatever_a_card_says_the_reader_ends(
        changes in prop::collection::vec((0usize..4, any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        thread_local! { static BASE: Vec<u8> = base(); }
        let mut image = BASE.with(Clone::clone);
        let telling = telling(&image);
        for (which, place, byte) in changes {
            let range = telling[which].clone();
            image[range.start + place.index(range.len())] = byte;
        }
        let began = Instant::now();
        look(&mut disk(image));
        prop_assert!(began.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn any_bytes_are_no_card_or_one(bytes in prop::collection::vec(any::<u8>(), 512..8192)) {
        look(&mut disk(bytes));
    }
}

fn image_with(
    change: impl FnOnce(&mut Vec<u8>, usize, usize),
) -> (tempfile::TempDir, std::path::PathBuf) {
    let mut image = base();
    let heap = image.len() - 66_525 * 512;
    let table = 8192 * 512 + 32 * 512;
    change(&mut image, table, heap);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("card.img");
    std::fs::write(&path, image).expect("an image");
    (folder, path)
}

/// The offset of the entry with this short name, found in the bytes of the image.
fn entry_at(image: &[u8], heap: usize, short: &[u8; 11]) -> usize {
    let folders = &image[heap..heap + 64 * 512];
    let at = folders
        .chunks(32)
        .position(|entry| entry.starts_with(short));
    heap + at.expect("the entry") * 32
}

#[test]
fn a_folder_that_lies_in_itself_is_looked_into_once() {
    let (_folder, path) = image_with(|image, _, heap| {
        // The folder of themes points to the root folder.
        let at = entry_at(image, heap, b"THEMES~1   ");
        image[at + 26..at + 28].copy_from_slice(&[2, 0]);
        image[at + 20..at + 22].copy_from_slice(&[0, 0]);
    });
    let rescued = rescue_image(&path);
    assert!(
        rescued.said().contains("it is inside itself"),
        "{}",
        rescued.said()
    );
    assert_eq!(rescued.photos().verdict, Verdict::Partial);
    // The files in it are found by the search for folders that no folder names.
    assert_eq!(rescued.photos().rescued, 7);
}

#[test]
fn a_chain_that_leads_back_into_itself_or_ends_early_is_not_called_whole() {
    for (next, said) in [
        (None, "is a loop"),
        (Some(0x0fff_ffffu32), "ends before the file does"),
        (Some(0), "marked as free"),
        (Some(0x0fff_fff7), "marked as damaged"),
        (Some(0x0800_0000), "leads outside the volume"),
    ] {
        let (_folder, path) = image_with(|image, table, heap| {
            let at = entry_at(image, heap, b"IMG000~1JPG");
            let first = u32::from(image[at + 26]) | u32::from(image[at + 27]) << 8;
            // Its fourth cluster points back to its second, or elsewhere.
            let next = next.unwrap_or(first + 1);
            let entry = table + (first as usize + 3) * 4;
            let copy = entry + (heap - table) / 2;
            image[entry..entry + 4].copy_from_slice(&next.to_le_bytes());
            image[copy..copy + 4].copy_from_slice(&next.to_le_bytes());
        });
        let rescued = rescue_image(&path);
        assert_eq!(rescued.photos().verdict, Verdict::Partial, "{said}");
        assert!(!rescued.outcome.safe);
        let files = portable_files(&rescued.folder);
        assert!(
            !files.contains_key("photos/DCIM/100SIDEK/IMG_0001.JPG"),
            "{said}"
        );
        let kept = files.get("photos/DCIM/100SIDEK/IMG_0001 (damaged).JPG");
        let original = card(|settings| settings.photos = 2).files().remove(0).1;
        match next {
            // In a loop it is unknown which link is wrong.
            None => assert!(kept.is_none()),
            Some(_) => assert_eq!(
                kept.map(Vec::as_slice),
                Some(&original[..4 * 512]),
                "{said}"
            ),
        }
    }
}

#[test]
fn two_files_of_one_name_and_names_that_are_paths_each_have_a_place() {
    let (_folder, path) = image_with(|image, _, heap| {
        let at = entry_at(image, heap, b"IMG000~2JPG");
        // A file without its long name that has another file's short name, and a file whose name is a path.
        image[at - 32] = 0xe5;
        image[at..at + 11].copy_from_slice(b"IMG000~1JPG");
        let at = entry_at(image, heap, b"IMG000~1JPG");
        image[at - 32] = 0xe5;
        let other = entry_at(image, heap, b"CONTAC~1VCF");
        image[other - 32] = 0xe5;
        image[other..other + 11].copy_from_slice(b"../../X VCF");
    });
    let rescued = rescue_image(&path);
    assert_eq!(rescued.photos().rescued, 7, "{}", rescued.said());
    assert!(rescued.outcome.safe, "{:?}", rescued.outcome.why_not);
    let files = portable_files(&rescued.folder);
    let names: Vec<&String> = files.keys().filter(|name| name.contains("DCIM")).collect();
    assert_eq!(
        names,
        [
            "photos/DCIM/100SIDEK/IMG000~1 (2).JPG",
            "photos/DCIM/100SIDEK/IMG000~1.JPG"
        ]
    );
    assert!(
        files.keys().any(|name| name.starts_with("found/export/")),
        "{:?}",
        files.keys()
    );
}

#[test]
fn two_files_that_share_a_part_of_the_card_are_both_kept_and_neither_is_called_whole() {
    let (_folder, path) = image_with(|image, _, heap| {
        let (one, other) = (
            entry_at(image, heap, b"IMG000~1JPG"),
            entry_at(image, heap, b"IMG000~2JPG"),
        );
        let first = [image[one + 26], image[one + 27]];
        image[other + 26..other + 28].copy_from_slice(&first);
    });
    let rescued = rescue_image(&path);
    let said = rescued.said();
    assert!(
        said.contains("IMG_0001.JPG") && said.contains("uses a part of the card"),
        "{said}"
    );
    assert_eq!(rescued.photos().verdict, Verdict::Partial);
    assert!(!rescued.outcome.safe);
}
