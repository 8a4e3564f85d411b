//! Whole rescues of a practice card.

use std::collections::BTreeMap;
use std::fs;
use std::time::UNIX_EPOCH;

use chrono::DateTime;
use lifeboat::model::Verdict;
use lifeboat::practice::card::{PracticeCard, Settings};
use lifeboat::vault::verify;

use super::support::{card, program, rescue, resume};
use crate::common::{names_of_differing, portable_files};

/// The place of the copy of a card's file.
fn place(path: &str) -> String {
    let folder = match path.rsplit('.').next() {
        Some("txt") => "documents",
        Some("vcf" | "vcs" | "ics") => "found",
        _ => "photos",
    };
    format!("{folder}/{path}")
}

/// Asserts that every file of the card is among these, byte for byte.
pub fn all_there(card: &PracticeCard, files: &BTreeMap<String, Vec<u8>>) {
    let all = card.files();
    for (path, bytes, _) in &all {
        let place = place(path);
        assert!(files.get(&place) == Some(bytes), "{place}");
    }
    let copies = ["photos/", "found/", "documents/"];
    let copies = files
        .keys()
        .filter(|name| copies.iter().any(|folder| name.starts_with(folder)));
    assert_eq!(copies.count(), all.len());
}

#[test]
fn every_file_is_there_byte_for_byte_with_its_time() {
    let card = card(|settings| settings.photos = 7);
    let rescued = rescue(&card);
    assert!(rescued.outcome.safe, "{:?}", rescued.outcome.why_not);
    assert_eq!(rescued.photos().verdict, Verdict::Complete);
    let files = portable_files(&rescued.folder);
    all_there(&card, &files);
    for (path, _, modified) in card.files() {
        let place = place(&path);
        let found = fs::metadata(rescued.folder.join("data").join(&place)).expect("a copy");
        // The card's clock showed this local time. It is taken for UTC on every computer. Its resolution is two
        // seconds.
        let shown = DateTime::from_timestamp(i64::from(modified), 0)
            .expect("a time")
            .naive_utc();
        let there = shown.and_utc().timestamp();
        let seconds = found.modified().expect("a time").duration_since(UNIX_EPOCH);
        let seconds = seconds.expect("a time").as_secs() as i64;
        assert!((there - seconds).abs() < 2, "{place}: {there} {seconds}");
    }
    // The list that its export app wrote is decoded too.
    let contacts = String::from_utf8(files["contacts.vcf"].clone()).expect("text");
    assert!(contacts.contains("Müller"), "{contacts}");
    assert!(String::from_utf8_lossy(&files["todos.ics"]).contains("Copy the address book"));
    assert!(verify(&rescued.folder, &mut |_| {}).expect("a check").ok);
    assert_eq!(card.tripped(), Vec::<String>::new());
    // TEST UNIT READY, REQUEST SENSE (for the reset before the first read), INQUIRY, READ CAPACITY, READ.
    let asked: Vec<u8> = card.asked().into_keys().collect();
    assert_eq!(asked, [0x00, 0x03, 0x12, 0x25, 0x28]);
}

#[test]
fn a_cable_that_comes_out_anywhere_costs_nothing() {
    let smooth = portable_files(&rescue(&card(|settings| settings.photos = 3)).folder);
    for first in [600, 70_000, 131_072, 400_000] {
        let card = card(|settings| {
            settings.photos = 3;
            settings.unplug_after = vec![first, 150_000, 90_001];
        });
        let mut rescued = rescue(&card);
        let mut parts = 1;
        while !rescued.outcome.finished {
            assert!(rescued.outcome.lost && !rescued.outcome.safe);
            rescued = resume(&card, rescued);
            parts += 1;
            assert!(parts < 9, "{:?}", rescued.outcome.why_not);
        }
        assert!(rescued.outcome.safe, "{:?}", rescued.outcome.why_not);
        assert_eq!(card.struck(), 3, "{first}");
        let names = names_of_differing(&smooth, &portable_files(&rescued.folder));
        assert_eq!(names, Vec::<String>::new(), "{first}");
        assert_eq!(card.tripped(), Vec::<String>::new());
    }
}

/// Other programs accept the practice card.
#[test]
fn other_programs_read_the_practice_card() {
    let card = PracticeCard::new(Settings::default());
    let folder = tempfile::tempdir().expect("a folder");
    let volume = folder.path().join("volume.img");
    fs::write(&volume, &card.image()[8192 * 512..]).expect("a file");
    let volume = volume.to_str().expect("text");
    if let Some(said) = program("fsck.vfat", &["-n", "-v", volume]) {
        assert!(
            said.contains("FAT32") || said.contains("32 bit entries"),
            "{said}"
        );
    }
    for (path, bytes, _) in card.files() {
        let to = folder.path().join("copy");
        let from = format!("::/{path}");
        if program(
            "mcopy",
            &["-o", "-i", volume, &from, to.to_str().expect("text")],
        )
        .is_some()
        {
            assert!(fs::read(&to).expect("a copy") == bytes, "{path}");
        }
    }
}
