//! Faults of writing the portable files, and of reading them back.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use lifeboat::export::calendars::{self, CalendarFiles, CalendarSummary};
use lifeboat::export::contacts::{self, ContactFiles, ContactSummary};
use lifeboat::export::file_list::{FILE_LIST, FileList};
use lifeboat::export::notes;
use lifeboat::model::*;
use tempfile::TempDir;

fn event(uid: &str) -> Event {
    Event {
        uid: uid.into(),
        title: Some("Meeting".into()),
        start: Some(at(1_255_330_800_000)),
        ..Event::default()
    }
}

fn at(millis: i64) -> Moment {
    Moment::Time {
        millis,
        zone: "Europe/Berlin".into(),
    }
}

fn written(events: &[Event]) -> (TempDir, CalendarSummary) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut files = CalendarFiles::new(folder.path(), Vec::new()).expect("files");
    for event in events {
        files.push_event(event).expect("written");
    }
    let summary = files.finish().expect("written");
    (folder, summary)
}

fn exported(all: &[Contact]) -> (TempDir, ContactSummary) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut files = ContactFiles::new(folder.path()).expect("files");
    for contact in all {
        files.push(contact, None).expect("written");
    }
    let summary = files.finish().expect("written");
    (folder, summary)
}

/// The first row of a table, by heading.
fn row(path: &Path) -> HashMap<String, String> {
    let text = fs::read_to_string(path).expect("a table");
    let mut table = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let mut rows = table.deserialize();
    rows.next().expect("a row").expect("a row")
}

/// When clocks are put back, half past two occurs twice. Other programs assume the first one, so the second is written
/// in UTC.
#[test]
fn an_hour_that_comes_twice_keeps_its_moment() {
    for (millis, line) in [
        (
            1_256_430_600_000,
            "DTSTART;TZID=Europe/Berlin:20091025T023000\r\n",
        ),
        (1_256_434_200_000, "DTSTART:20091025T013000Z\r\n"),
    ] {
        let (folder, _) = written(&[Event {
            start: Some(at(millis)),
            ..event("twice")
        }]);
        let text = fs::read_to_string(folder.path().join("calendar.ics")).expect("a file");
        assert!(text.contains(line), "no {line:?} in {text}");
    }
}

#[test]
fn a_tentative_hour_is_not_shown_as_free() {
    let (folder, _) = written(&[Event {
        availability: Availability::Tentative,
        ..event("a")
    }]);
    let text = fs::read_to_string(folder.path().join("calendar.ics")).expect("a file");
    assert!(text.contains("TRANSP:OPAQUE\r\n"), "{text}");
}

/// Google accepts 1,000 events at a time: with one more, the events come in parts.
#[test]
fn one_event_more_than_google_takes_comes_in_parts() {
    let many: Vec<Event> = (0..1001).map(|n| event(&format!("e{n}"))).collect();
    let (folder, _) = written(&many);
    assert!(folder.path().join("for-google/calendar-2.ics").is_file());
}

#[test]
fn a_folder_of_calendars_that_can_not_be_read_is_no_empty_one() {
    let (folder, _) = written(&[event("a")]);
    let place = folder.path().join("calendars");
    fs::remove_dir_all(&place).expect("removed");
    fs::write(&place, "no folder").expect("a file");
    assert!(calendars::read_back(folder.path()).is_err());
}

/// Two cards in one file and none in another give the right number of cards, but they are not the files that were
/// written.
#[test]
fn each_single_card_has_a_file_of_its_own() {
    let person = |name: &str| Contact {
        display_name: name.into(),
        ..Contact::default()
    };
    let (folder, _) = exported(&[person("Anna"), person("Ben")]);
    let anna = folder.path().join("contacts/00001 Anna.vcf");
    let ben = folder.path().join("contacts/00002 Ben.vcf");
    let both = [
        fs::read(&anna).expect("a card"),
        fs::read(&ben).expect("a card"),
    ]
    .concat();
    fs::write(&anna, both).expect("written");
    fs::remove_file(&ben).expect("removed");
    assert!(contacts::read_back(folder.path()).is_err());
}

#[test]
fn tables_have_each_part_of_a_name_and_an_address_under_its_heading() {
    let address = |label: Label, street: &str| PostalAddress {
        street: Some(street.into()),
        city: Some(format!("City of {street}")),
        label,
        ..PostalAddress::default()
    };
    let (folder, summary) = exported(&[Contact {
        display_name: "Dr. Given Middle Family Jr.".into(),
        names: vec![PersonName {
            prefix: Some("Dr.".into()),
            given: Some("Given".into()),
            middle: Some("Middle".into()),
            family: Some("Family".into()),
            suffix: Some("Jr.".into()),
            ..PersonName::default()
        }],
        addresses: vec![
            address(Label::Home, "Home Road"),
            address(Label::Work, "Work Road"),
        ],
        has_picture: true,
        ..Contact::default()
    }]);
    let google = row(&folder.path().join("contacts-google.csv"));
    let outlook = row(&folder.path().join("contacts-outlook.csv"));
    for (table, heading, value) in [
        (&google, "Name Prefix", "Dr."),
        (&google, "First Name", "Given"),
        (&google, "Middle Name", "Middle"),
        (&google, "Last Name", "Family"),
        (&google, "Name Suffix", "Jr."),
        (&google, "Address 1 - Label", "Home"),
        (&google, "Address 1 - Street", "Home Road"),
        (&google, "Address 2 - City", "City of Work Road"),
        (&outlook, "First Name", "Given"),
        (&outlook, "Middle Name", "Middle"),
        (&outlook, "Last Name", "Family"),
        (&outlook, "Home Street", "Home Road"),
        (&outlook, "Home City", "City of Home Road"),
        (&outlook, "Business Street", "Work Road"),
        (&outlook, "Business City", "City of Work Road"),
    ] {
        assert_eq!(table[heading], value, "{heading}");
    }
    // The data that a format can't hold is reported for each format, most importantly for contacts.vcf.
    let told = summary.losses.get("contacts.vcf").expect("losses");
    assert!(told.0.contains_key("pictures"), "{told:?}");
}

#[test]
fn a_note_tells_the_day_on_which_it_was_changed_last() {
    let folder = tempfile::tempdir().expect("a folder");
    let note = Note {
        text: "Door code".into(),
        created: Some(Moment::Date(20_000)),
        modified: Some(Moment::Date(20_010)),
        ..Note::default()
    };
    notes::write(folder.path(), &[note]).expect("written");
    let text = fs::read_to_string(folder.path().join(notes::NOTES)).expect("notes");
    assert!(text.contains("Written: 2024-10-14"), "{text}");
}

#[test]
fn the_list_of_files_tells_damage_and_times() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = HandsetFile {
        path: HandsetPath(b"/sdcard/DCIM/1.jpg".to_vec()),
        size: 10,
        modified: 1_000_000_000,
        ..HandsetFile::default()
    };
    let copy = FileCopy {
        path: file.path.clone(),
        place: "photos/DCIM/1 (damaged).jpg".into(),
        size: 8,
        modified: file.modified,
        sha256: "ab".repeat(32),
        damaged: 2,
        ..FileCopy::default()
    };
    let mut list = FileList::new(folder.path()).expect("a list");
    list.push(&file, Some(&copy)).expect("a row");
    list.finish().expect("written");
    let row = row(&folder.path().join(FILE_LIST));
    assert_eq!(row["Changed (UTC)"], "2001-09-09T01:46:40Z");
    assert_eq!(row["Bytes"], "8");
    assert!(row["Remarks"].contains("damaged"), "{row:?}");
}
