//! Faults of keeping: copies, sums and folders of what was rescued.

use std::fs;

use crate::common::small;
use lifeboat::model::{FileCopy, HandsetPath};
use lifeboat::vault::{store, verify};
use sha2::{Digest, Sha256};

fn sum(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Other bytes of the same length, whose sum begins as that of `bytes` does.
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

/// A sum is compared to its end, and a copy by more than its length.
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
    let changed = || store::changed(&folder, [&copy].into_iter(), &mut |_| {});
    assert!(changed().is_empty());
    assert!(verify(&folder, &mut |_| {}).expect("a report").ok);
    fs::write(&path, alike(&bytes)).expect("altered");
    assert!(changed().contains(&copy.place));
    let report = verify(&folder, &mut |_| {}).expect("a report");
    assert!(!report.ok);
    assert!(report.problems.join("\n").contains("IMG_1.jpg"));
}
