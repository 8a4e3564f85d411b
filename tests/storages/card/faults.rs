//! Cards that are damaged, missing or slow to become ready.

use lifeboat::handset::memory_card;
use lifeboat::model::{Advice as _, Stop, Verdict};

use super::support::{Rescued, card, rescue, rescue_image, resume};
use crate::common::portable_files;
use lifeboat::practice::card::{Harm, PracticeCard, Spot, Untold};

#[test]
fn damaged_blocks_are_skipped_mapped_and_said_and_their_files_marked() {
    let card = card(|settings| {
        settings.photos = 5;
        settings.bad_sectors = 2;
    });
    let rescued = rescue(&card);
    assert!(rescued.outcome.finished && !rescued.outcome.safe);
    assert_eq!(rescued.photos().verdict, Verdict::Partial);
    let files = portable_files(&rescued.folder);
    let mut damaged = 0;
    for (path, bytes, _) in card
        .files()
        .into_iter()
        .filter(|(path, ..)| path.starts_with("DCIM"))
    {
        let whole = files.get(&format!("photos/{path}"));
        if let Some(whole) = whole {
            assert!(*whole == bytes, "{path}");
            continue;
        }
        damaged += 1;
        let marked = format!("photos/{}", path.replace(".JPG", " (damaged).JPG"));
        let kept = &files[&marked];
        assert_eq!(kept.len(), bytes.len(), "{marked}");
        let blocks = kept.chunks(512).zip(bytes.chunks(512)).enumerate();
        let wrong: Vec<usize> = blocks
            .filter(|(_, (a, b))| a != b)
            .map(|(at, _)| at)
            .collect();
        assert_eq!(wrong, [card.blocks_of(&path).len() / 2], "{marked}");
        assert!(kept[wrong[0] * 512..][..512].iter().all(|byte| *byte == 0));
        // The map gives the number of the bad block.
        let number = card.blocks_of(&path)[wrong[0]].to_string();
        let said = rescued.said();
        assert!(said.contains(&number) && said.contains(&marked), "{said}");
        let list = String::from_utf8_lossy(&files["files.csv"]).into_owned();
        let line = list
            .lines()
            .find(|line| line.starts_with(&path))
            .expect("its line");
        assert!(line.contains("damaged"), "{line}");
    }
    assert_eq!(damaged, 2);
    // The last screen names both files.
    let why = &rescued.outcome.why_not[0];
    assert_eq!(why.matches("could not be copied").count(), 2, "{why}");
    let photos = rescued.photos();
    assert_eq!(photos.handset_says, Some(photos.rescued + 2));
    assert_eq!(card.tripped(), Vec::<String>::new());
}

/// A part that ends inside a damaged file must not treat the zeros in the copy as the file's own data.
#[test]
fn a_cut_after_damage_keeps_the_record_of_the_damage() {
    for after in [200_000, 260_000, 330_000, 420_000] {
        let card = card(|settings| {
            settings.photos = 3;
            settings.bad_sectors = 3;
            settings.unplug_after = vec![after];
        });
        let mut rescued = rescue(&card);
        while !rescued.outcome.finished {
            rescued = resume(&card, rescued);
        }
        let files = portable_files(&rescued.folder);
        let damaged = files.keys().filter(|name| name.contains("(damaged)"));
        assert_eq!(damaged.count(), 3, "{after}");
        assert_eq!(rescued.photos().verdict, Verdict::Partial);
        assert_eq!(
            files
                .keys()
                .filter(|name| name.starts_with("photos/DCIM"))
                .count(),
            3
        );
    }
}

/// Damage in a folder costs the names that lie in it. Damage in a table costs nothing, since there are two tables.
#[test]
fn damage_in_a_folder_is_said_and_that_in_the_table_is_made_good() {
    let healthy = card(|settings| settings.photos = 60);
    // The folder's own sectors come before those of the first file.
    let first = healthy.blocks_of("DCIM/100SIDEK/IMG_0001.JPG")[0];
    let image = healthy.image();
    let is_of_folder = |block: &u64| {
        image[*block as usize * 512..][..512]
            .windows(3)
            .any(|w| w == b"IMG")
    };
    let folder: Vec<u64> = (8192..first).filter(is_of_folder).collect();
    assert!(folder.len() > 3);
    let damaged = card(|settings| {
        settings.photos = 60;
        // In the middle of the folder, and at the beginning of the first table.
        settings.bad_blocks = vec![folder[2], 8192 + 32];
    });
    let rescued = rescue(&damaged);
    let (photos, said) = (rescued.photos(), rescued.said());
    assert_eq!(photos.verdict, Verdict::Partial);
    assert!(said.contains("a part of it is damaged"), "{said}");
    assert!((50..65).contains(&photos.rescued), "{}", photos.rescued);
    let files = portable_files(&rescued.folder);
    for (path, bytes, _) in damaged.files() {
        if let Some(copy) = files.get(&format!("photos/{path}")) {
            assert!(*copy == bytes, "{path}");
        }
    }
}

#[test]
fn without_its_table_the_volume_is_looked_for_or_found_by_its_second_boot_sector() {
    for bad in [vec![0], vec![8192], vec![0, 8192], vec![0, 8192, 8192 + 32]] {
        let card = card(|settings| {
            settings.photos = 2;
            settings.bad_blocks = bad.clone();
        });
        let rescued = rescue(&card);
        assert_eq!(rescued.photos().rescued, 7, "{bad:?}: {}", rescued.said());
        assert!(rescued.outcome.safe, "{:?}", rescued.outcome.why_not);
        assert!(rescued.said().contains("Nothing else was lost: "));
    }
}

/// A card with sixty photos in one folder, and damage to some of its blocks.
fn harmed(harm: Vec<(Spot, Harm)>) -> PracticeCard {
    card(|settings| {
        settings.photos = 60;
        settings.harm = harm;
    })
}

const PHOTOS: &str = "DCIM/100SIDEK";

/// Zeros mark the end of a folder. Without a read error they end it too early: on a card whose controller gave up a
/// block, or in an image that was made around damage.
#[test]
fn a_folder_that_was_erased_in_part_is_not_called_whole() {
    let healthy = harmed(Vec::new());
    // Two entries of 32 bytes for each photo, and two for the folder itself: eight blocks.
    for (number, harm, word) in [
        (0, Harm::Blank, "a part of it was erased"),
        (2, Harm::Blank, "a part of it was erased"),
        (7, Harm::Blank, "the end of the folder may be lost"),
        (0, Harm::Erased, "a part of it was erased"),
        (2, Harm::Erased, "a part of it was erased"),
        (7, Harm::Erased, "a part of it was erased"),
    ] {
        let card = harmed(vec![(Spot::Folder(PHOTOS.into(), number), harm)]);
        let rescued = rescue(&card);
        let said = rescued.said();
        assert_eq!(
            rescued.photos().verdict,
            Verdict::Partial,
            "{number}: {said}"
        );
        assert!(said.contains(word), "{number}: {said}");
        assert!(rescued.photos().rescued > 50, "{number}: {said}");
        assert!(!rescued.outcome.safe);
    }
    assert!(rescue(&healthy).outcome.safe);
    let rescued = rescue(&harmed(vec![(
        Spot::Folder("export".into(), 0),
        Harm::Blank,
    )]));
    let said = rescued.said();
    assert_eq!(rescued.photos().verdict, Verdict::Partial, "{said}");
    assert!(said.contains("its beginning was erased"), "{said}");
}

/// A recorder may reserve more room than it needs in the end. Nothing is lost by that.
#[test]
fn a_file_that_has_more_room_than_it_is_long_leaves_no_doubt() {
    let card = harmed(Vec::new());
    let files = card.files();
    let song = files.iter().find(|(path, ..)| path.ends_with(".mp3"));
    let length = song.expect("a song").1.len() as u32;
    let mut image = card.image().to_vec();
    let (entries, _) = image.as_chunks::<32>();
    let is_its = |entry: &[u8; 32]| entry[11] == 0x20 && entry[28..] == length.to_le_bytes();
    let entry = entries.iter().position(is_its).expect("its entry");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("card.img");
    {
        let shorter = length / 2;
        image[entry * 32 + 28..][..4].copy_from_slice(&shorter.to_le_bytes());
        std::fs::write(&path, &image).expect("an image");
        let rescued = rescue_image(&path);
        let said = rescued.said();
        assert!(rescued.outcome.safe, "{said}");
        assert!(!said.contains("are in use"), "{said}");
        assert!(
            said.contains("more on the card than their length"),
            "{said}"
        );
    }
}

/// A recorder was interrupted, so the folder still gives its film the length zero.
#[test]
fn a_file_that_lost_its_length_is_named_and_its_clusters_are_copied() {
    let path = "DCIM/100SIDEK/IMG_0001.JPG";
    let card = card(|settings| settings.untold = vec![(path.into(), Untold::Length)]);
    let rescued = rescue(&card);
    let said = rescued.said();
    assert_eq!(rescued.photos().verdict, Verdict::Partial, "{said}");
    assert!(!rescued.outcome.safe);
    assert!(
        said.contains("IMG_0001.JPG") && said.contains("gives no length"),
        "{said}"
    );
    let (_, whole, _) = card.files().swap_remove(0);
    let copy = &portable_files(&rescued.folder)[&format!("photos/{path}")];
    assert_eq!(copy.len(), whole.len().next_multiple_of(512));
    assert!(copy.starts_with(&whole));
}

/// An empty file is no loss if its place is free or belongs to another file.
#[test]
fn an_empty_file_that_has_no_place_of_its_own_is_empty() {
    let card = harmed(Vec::new());
    let mut image = card.image().to_vec();
    let heap = image.len() - 66_525 * 512;
    let (entries, _) = image[heap..heap + 64 * 512].as_chunks::<32>();
    let entry = entries
        .iter()
        .position(|entry| entry.starts_with(b"IMG000~1JPG"));
    let entry = heap + entry.expect("its entry") * 32;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("card.img");
    // The place of the next photo, and a free place.
    let next = image[entry + 64 + 26..entry + 64 + 28].to_vec();
    for place in [next, vec![0xf0, 0xf0]] {
        image[entry + 28..entry + 32].fill(0);
        image[entry + 26..entry + 28].copy_from_slice(&place);
        std::fs::write(&path, &image).expect("an image");
        let rescued = rescue_image(&path);
        assert!(rescued.outcome.safe, "{}", rescued.said());
        assert!(portable_files(&rescued.folder)["photos/DCIM/100SIDEK/IMG_0001.JPG"].is_empty());
    }
}

/// No picture begins with zeros or with ones.
#[test]
fn a_file_whose_beginning_was_erased_is_not_called_whole() {
    for harm in [Harm::Blank, Harm::Erased] {
        let path = "DCIM/100SIDEK/IMG_0001.JPG";
        let card = harmed(
            (0..3)
                .map(|at| (Spot::File(path.into(), at), harm))
                .collect(),
        );
        let rescued = rescue(&card);
        assert_eq!(rescued.photos().verdict, Verdict::Partial);
        assert!(
            rescued
                .said()
                .contains("1536 bytes of the file can't be read"),
            "{}",
            rescued.said()
        );
        let (_, whole, _) = card.files().swap_remove(0);
        let copy = &portable_files(&rescued.folder)["photos/DCIM/100SIDEK/IMG_0001 (damaged).JPG"];
        assert_eq!((copy.len(), &copy[1536..]), (whole.len(), &whole[1536..]));
    }
}

/// No picture contains whole sectors of zeros or ones in its middle.
#[test]
fn a_picture_that_was_erased_in_its_middle_is_not_called_whole() {
    for harm in [Harm::Blank, Harm::Erased] {
        let path = "DCIM/100SIDEK/IMG_0001.JPG";
        let card = harmed(
            (9..12)
                .map(|at| (Spot::File(path.into(), at), harm))
                .collect(),
        );
        let rescued = rescue(&card);
        assert_eq!(rescued.photos().verdict, Verdict::Partial);
        assert!(
            rescued
                .said()
                .contains("1536 bytes of the file can't be read"),
            "{}",
            rescued.said()
        );
    }
}

/// The two tables are damaged at different places. For each cluster, one of them is plausible.
#[test]
fn each_table_helps_out_where_the_other_makes_no_sense() {
    let card = harmed(Vec::new());
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("card.img");
    let heap = card.image().len() - 66_525 * 512;
    let table = (8192 + 32) * 512;
    let second = table + (heap - table) / 2;
    let (name, whole, _) = card.files().swap_remove(0);
    let blocks = card.blocks_of(&name);
    let cluster = |number: usize| blocks[number] as usize - heap / 512 + 2;
    for wrong in [
        0u32,
        1,
        0x0fff_ffff,
        0x0fff_fff7,
        0x0800_0000,
        cluster(0) as u32,
    ] {
        let mut image = card.image().to_vec();
        for (number, table) in [(3, table), (9, second), (14, table)] {
            let at = table + cluster(number) * 4;
            image[at..at + 4].copy_from_slice(&wrong.to_le_bytes());
        }
        std::fs::write(&path, &image).expect("an image");
        let rescued = rescue_image(&path);
        assert!(rescued.outcome.safe, "{wrong:x}: {}", rescued.said());
        assert!(
            portable_files(&rescued.folder)[&format!("photos/{name}")] == whole,
            "{wrong:x}"
        );
    }
}

/// Some car cameras and old phones write the second table only when they format a card.
#[test]
fn a_second_table_that_was_never_kept_costs_nothing() {
    let card = harmed(Vec::new());
    let mut image = card.image().to_vec();
    let heap = image.len() - 66_525 * 512;
    let table = (8192 + 32) * 512;
    image[table + (heap - table) / 2 + 12..heap].fill(0);
    // A card on which both tables lack their first two entries, which describe no file.
    let mut other = card.image().to_vec();
    other[table..table + 8].fill(0);
    other[table + (heap - table) / 2..][..8].fill(0);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("card.img");
    for image in [image, other] {
        std::fs::write(&path, &image).expect("an image");
        let rescued = rescue_image(&path);
        assert!(rescued.outcome.safe, "{}", rescued.said());
        assert!(!rescued.said().contains("are in use"), "{}", rescued.said());
    }
}

/// Rescues a card with sixty photos after some of its bytes were changed. `change` gets the image and the offsets of
/// its first table, of its clusters, and of the first photo's entry.
fn changed(change: impl FnOnce(&mut [u8], usize, usize, usize)) -> Rescued {
    let mut image = harmed(Vec::new()).image().to_vec();
    let (table, heap) = ((8192 + 32) * 512, image.len() - 66_525 * 512);
    let (entries, _) = image[heap..heap + 64 * 512].as_chunks::<32>();
    let entry = entries
        .iter()
        .position(|entry| entry.starts_with(b"IMG000~1JPG"));
    let entry = heap + entry.expect("its entry") * 32;
    change(&mut image, table, heap, entry);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("card.img");
    std::fs::write(&path, &image).expect("an image");
    rescue_image(&path)
}

/// An image of a drive whose first tracks can't be read: the image has zeros in their place.
#[test]
fn without_both_tables_nothing_is_called_whole() {
    let rescued = changed(|image, table, heap, _| image[table..heap + 512].fill(0));
    assert!(!rescued.outcome.safe);
    assert_ne!(rescued.photos().verdict, Verdict::Complete);
    // The first folder is readable, and files of one cluster are marked as free.
    let rescued = changed(|image, table, heap, _| image[table + 12..heap].fill(0));
    let said = rescued.said();
    assert_eq!(rescued.photos().verdict, Verdict::Partial, "{said}");
    assert!(said.contains("marked as free"), "{said}");
}

/// The table marks a file's place as free, so another file may have been written to it.
#[test]
fn a_file_whose_place_is_free_is_named() {
    for is_short in [true, false] {
        let rescued = changed(|image, table, heap, entry| {
            let first = u16::from_le_bytes([image[entry + 26], image[entry + 27]]);
            if is_short {
                image[entry + 28..entry + 32].copy_from_slice(&400u32.to_le_bytes());
            }
            for table in [table, table + (heap - table) / 2] {
                image[table + usize::from(first) * 4..][..4].fill(0);
            }
        });
        let said = rescued.said();
        assert_eq!(rescued.photos().verdict, Verdict::Partial, "{said}");
        let word = if is_short {
            "marks its place as free"
        } else {
            "bytes of the file can't be read"
        };
        assert!(
            said.contains("IMG_0001.JPG") && said.contains(word),
            "{said}"
        );
    }
}

/// A folder that was overwritten with other data.
#[test]
fn garbage_in_a_folder_is_named_and_lengths_that_can_not_be_are_not_waited_for() {
    let rescued = changed(|image, _, _, entry| {
        image[entry + 28..entry + 32].fill(0xff);
        let sector = (entry / 512 + 3) * 512;
        let mut state = 1u32;
        for byte in &mut image[sector..sector + 512] {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *byte = (state >> 24) as u8 | 1;
        }
    });
    let said = rescued.said();
    assert_eq!(rescued.photos().verdict, Verdict::Partial, "{said}");
    assert!(said.contains("one of its entries is not valid"), "{said}");
    assert!(said.contains("more than the card can hold"), "{said}");
}

/// Some writers leave older entries after the end of a folder. The clusters of these entries are free.
#[test]
fn older_entries_behind_the_end_are_not_living() {
    let rescued = changed(|image, _, heap, entry| {
        let folder = entry / 512 * 512;
        let last = image[heap..heap + 64 * 512]
            .chunks(32)
            .rposition(|entry| entry.starts_with(b"IMG"));
        let end = heap + last.expect("an entry") * 32 + 32;
        assert!(end > folder && !end.is_multiple_of(512));
        image[end] = 0;
        image[end + 32..end + 64]
            .copy_from_slice(b"OLDGHOSTJPG \0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10\xf0\0\x01\0\0");
    });
    assert!(rescued.outcome.safe, "{}", rescued.said());
    assert_eq!(rescued.photos().handset_says, Some(65));
}

/// Entries after the end of a folder are older entries.
#[test]
fn a_folder_ends_at_its_end() {
    let card = harmed(Vec::new());
    let mut image = card.image().to_vec();
    let heap = image.len() - 66_525 * 512;
    let (entries, _) = image[heap..heap + 64 * 512].as_chunks::<32>();
    let entry = entries
        .iter()
        .position(|entry| entry.starts_with(b"IMG00~11JPG") || entry.starts_with(b"IMG00~12JPG"));
    let at = heap + entry.expect("its entry") * 32;
    assert!(!(at + 32).is_multiple_of(512));
    image[at + 32] = 0;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("card.img");
    std::fs::write(&path, &image).expect("an image");
    let rescued = rescue_image(&path);
    let files = portable_files(&rescued.folder);
    let photos = files.keys().filter(|name| name.starts_with("photos/DCIM"));
    assert!((20..40).contains(&photos.count()));
    let said = rescued.said();
    assert!(
        said.contains("DCIM/100SIDEK could not be fully listed: the end of the folder may be lost"),
        "{said}"
    );
    assert!(
        said.contains("they don't belong to any folder or file"),
        "{said}"
    );
    assert!(!rescued.outcome.safe);
}

/// If the first folder lost its names, the folders in it still exist, and each lists its own contents.
#[test]
fn folders_that_no_folder_names_any_more_are_looked_into() {
    for harm in [Harm::Blank, Harm::Erased] {
        for folder in ["", "DCIM"] {
            let card = harmed(vec![(Spot::Folder(folder.into(), 0), harm)]);
            let rescued = rescue(&card);
            let said = rescued.said();
            assert_eq!(rescued.photos().verdict, Verdict::Partial, "{said}");
            assert!(said.contains("no folder lists it"), "{said}");
            assert!(!said.contains("listed twice"), "{said}");
            let copies = portable_files(&rescued.folder);
            for (path, bytes, _) in card
                .files()
                .iter()
                .filter(|(path, ..)| path.starts_with("DCIM"))
            {
                assert!(copies.values().any(|copy| copy == bytes), "{path}: {said}");
            }
        }
    }
}

/// There are two tables of clusters: each replaces the lost parts of the other.
#[test]
fn a_table_that_was_erased_or_damaged_in_part_costs_nothing() {
    for harm in [Harm::Blank, Harm::Erased, Harm::Unreadable] {
        for copy in [0, 1] {
            let card = harmed((0..9).map(|at| (Spot::Table(copy, at), harm)).collect());
            let rescued = rescue(&card);
            assert!(
                rescued.outcome.safe,
                "{harm:?} {copy}: {:?}",
                rescued.outcome.why_not
            );
            let files = portable_files(&rescued.folder);
            for (path, bytes, _) in card
                .files()
                .iter()
                .filter(|(path, ..)| path.starts_with("DCIM"))
            {
                assert!(
                    files.get(&format!("photos/{path}")) == Some(bytes),
                    "{path}"
                );
            }
        }
    }
}

#[test]
fn an_empty_slot_says_what_to_do() {
    let card = card(|settings| settings.no_medium = true);
    let error = memory_card::open_usb(card.link(), 0, &Stop::new())
        .err()
        .expect("no card");
    assert!(error.to_string().contains("no memory card"), "{error}");
    assert!(
        error.advice().contains("Insert the card"),
        "{}",
        error.advice()
    );
}

#[test]
fn an_image_that_was_cut_off_is_not_called_whole() {
    let card = card(|settings| settings.photos = 4);
    let folder = tempfile::tempdir().expect("a folder");
    let image = folder.path().join("card.img");
    let last = card.blocks_of("Music/Übungslied 練習.mp3");
    let end = last[last.len() - 20] as usize * 512;
    std::fs::write(&image, &card.image()[..end]).expect("an image");
    let rescued = rescue_image(&image);
    assert!(rescued.outcome.finished && !rescued.outcome.safe);
    assert!(
        rescued.said().contains("more than the card or image has"),
        "{}",
        rescued.said()
    );
    let files = portable_files(&rescued.folder);
    let cut = &files["photos/Music/Übungslied 練習 (damaged).mp3"];
    let (_, whole, _) = card.files().pop().expect("the song");
    assert!(cut.len() < whole.len() && whole.starts_with(cut));
}

#[test]
fn what_is_no_card_is_not_called_empty() {
    let folder = tempfile::tempdir().expect("a folder");
    let image = folder.path().join("blank.img");
    std::fs::write(&image, vec![0; 1 << 20]).expect("an image");
    let rescued = rescue_image(&image);
    assert!(!rescued.outcome.safe);
    assert_eq!(rescued.photos().verdict, Verdict::Unreadable);
    assert!(
        rescued.said().contains("no FAT or exFAT volume"),
        "{}",
        rescued.said()
    );
}
