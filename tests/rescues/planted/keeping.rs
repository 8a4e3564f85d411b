//! Faults of keeping: copies, checksums and folders of the rescued data.

use std::fs;
use std::io::Write as _;
use std::time::{Duration, UNIX_EPOCH};

use crate::common::{portable_files, rescue, rescue_of, small};
use lifeboat::model::{FileCopy, HandsetFile, HandsetPath, Stop};
use lifeboat::practice::android::{
    OwnerData, PracticeAndroid, PracticeUser, Settings, Storage, Store,
};
use lifeboat::practice::{OwnerAction, OwnersFile};
use lifeboat::vault::store::{self, FileStore};
use lifeboat::vault::{copy, verify};
use sha2::{Digest, Sha256};

fn sum(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Other bytes of the same length, with a checksum that begins like that of `bytes`.
fn alike(bytes: &[u8]) -> Vec<u8> {
    let wanted = sum(bytes);
    for number in 0_u32.. {
        let mut other = bytes.to_vec();
        other[..4].copy_from_slice(&number.to_be_bytes());
        if other != bytes && sum(&other)[..4] == wanted[..4] {
            return other;
        }
    }
    unreachable!()
}

/// A checksum is compared to its end, and a copy by more than its length.
#[test]
fn a_sum_that_only_begins_alike_is_another() {
    let here = tempfile::tempdir().expect("a folder");
    let folder = small::finished(here.path(), 5_000);
    let path = folder.join("data/photos/DCIM/IMG_1.jpg");
    let bytes = fs::read(&path).expect("a photo");
    let copy = FileCopy {
        path: HandsetPath(b"/sdcard/DCIM/IMG_1.jpg".to_vec()),
        place: "photos/DCIM/IMG_1.jpg".into(),
        size: bytes.len() as u64,
        sha256: sum(&bytes),
        ..FileCopy::default()
    };
    let changed = || store::changed(&folder, [&copy].into_iter(), &Stop::new(), &mut |_| {});
    assert!(changed().is_empty());
    assert!(verify(&folder, &mut |_| {}).expect("a report").ok);
    fs::write(&path, alike(&bytes)).expect("altered");
    assert!(changed().contains(&copy.place));
    let report = verify(&folder, &mut |_| {}).expect("a report");
    assert!(!report.ok);
    assert!(report.problems.join("\n").contains("IMG_1.jpg"));
}

/// The name of an incomplete photo shows that it is incomplete, even without the report.
#[test]
fn a_copy_that_is_not_whole_says_so_in_its_name() {
    let here = tempfile::tempdir().expect("a folder");
    let folder = small::unfinished(here.path(), 10);
    let mut store = FileStore::new(&folder, std::iter::empty());
    let file = HandsetFile {
        path: HandsetPath(b"/sdcard/DCIM/2.jpg".to_vec()),
        relative: HandsetPath(b"DCIM/2.jpg".to_vec()),
        size: 1_000,
        ..HandsetFile::default()
    };
    let mut partial = store.begin(&file).expect("a part");
    partial.write_all(&[1; 400]).expect("bytes");
    partial.gap(600, file.size).expect("a gap");
    let written = partial.close(file.modified).expect("a part");
    let mut copies = store.put(vec![(written, &file)]).expect("a copy");
    let copy = copies.remove(0);
    assert_eq!(copy.place, "photos/DCIM/2 (damaged).jpg");
    assert_eq!(copy.damaged, 600);
}

/// A photo is edited after it was copied, while other photos are copied. The new version is copied too.
#[test]
fn a_photo_that_changes_after_it_was_copied_is_copied_again() {
    let photo = |name: &str, bytes: &[u8], modified| OwnersFile {
        path: format!("DCIM/Camera/{name}.jpg"),
        bytes: bytes.to_vec(),
        modified,
    };
    for (bytes, modified) in [
        (&b"edited, and longer"[..], 1_900_000_060),
        (b"edited!", 1_900_000_060),
        (b"edited, at the same time", 1_900_000_000),
    ] {
        // The newest photo is copied first.
        let rescued = rescue(Settings {
            contacts: 2,
            events: 1,
            todos: 1,
            storage: Storage {
                owned: vec![
                    photo("first", b"as new!", 1_900_000_000),
                    photo("second", b"another", 1_800_000_000),
                    photo("third", b"a third", 1_700_000_000),
                ],
                actions: vec![(3, OwnerAction::Writes(photo("first", bytes, modified)))],
                ..Storage::default()
            },
            ..Settings::default()
        });
        assert!(rescued.outcome.safe, "{:?}", rescued.outcome.why_not);
        let files = portable_files(&rescued.folder);
        assert!(files.values().any(|found| found == bytes), "{modified}");
    }
}

/// A second person's contacts can be read but the calendar can't: the phone is not safe to reset.
#[test]
fn a_second_person_whose_calendar_can_not_be_read_is_not_safe() {
    let phone = PracticeAndroid::new(Settings {
        contacts: 3,
        events: 2,
        todos: 1,
        owner: OwnerData {
            users: vec![PracticeUser::person(11, "Kim")],
            ..OwnerData::default()
        },
        ..Settings::default()
    });
    phone
        .poke(11, Store::Calendar, "DROP TABLE Calendars")
        .expect("dropped");
    let outcome = rescue_of(phone).outcome;
    assert!(!outcome.safe, "{}", outcome.headline);
    assert!(
        outcome.why_not.join("\n").contains("Kim"),
        "{:?}",
        outcome.why_not
    );
}

/// The time of a photo's file may be the only record of when it was taken.
#[test]
fn a_second_copy_keeps_the_times_of_photos() {
    let here = tempfile::tempdir().expect("a folder");
    let rescue = small::finished(&here.path().join("Rescues"), 1_000);
    let stick = here.path().join("stick");
    fs::create_dir(&stick).expect("a folder");
    let photo = "data/photos/DCIM/IMG_1.jpg";
    let taken = UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let file = fs::File::options()
        .write(true)
        .open(rescue.join(photo))
        .expect("a photo");
    file.set_modified(taken).expect("a time");
    let copied = copy::copy(&rescue, &stick, &Stop::new(), &mut |_| {}).expect("a copy");
    let found = fs::metadata(copied.place.join(photo)).expect("the copy");
    assert_eq!(found.modified().expect("a time"), taken);
}
