//! Tests of the verdict on files that are not what was written.

use std::sync::Mutex;

use super::*;
use crate::collections::{Pace, lock, read_back, rooms};
use crate::export::contacts;
use crate::model::{
    Batch, Contact, Event, Identity, Moment, Phone, Record, RecordBody, Source, Stop,
};
use crate::vault::RescueSource;

fn event(row: i64) -> Event {
    let json = serde_json::json!({
        "uid": format!("{row}@lifeboat.invalid"), "calendar": 1, "title": format!("Event {row}"), "location": null,
        "description": null, "start": Moment::Date(20_000 + row), "end": Moment::Date(20_001 + row),
        "duration": null, "rrule": null, "rdate": null, "exrule": null, "exdate": null, "recurrence_id": null,
        "changed": [], "cancelled": [], "status": "unset", "availability": "busy", "access": "default",
        "color": null, "organizer": null, "attendees": [], "reminders": [], "extended": [], "app_uri": null,
        "app_package": null, "source": Source::default(),
    });
    serde_json::from_value(json).unwrap()
}

fn contact(row: i64) -> Contact {
    Contact {
        uid: format!("urn:uuid:00000000-0000-4000-8000-{row:012}"),
        display_name: format!("Person {row}"),
        phones: vec![Phone {
            number: format!("+49 171 {row:07}"),
            ..Phone::default()
        }],
        sources: vec![Source {
            row,
            ..Source::default()
        }],
        ..Contact::default()
    }
}

fn filled(folder: &std::path::Path) -> Vault {
    let source = RescueSource {
        reach: "--practice".into(),
        only: vec![Collection::Contacts, Collection::Calendar],
    };
    let identity = Identity {
        make: "Google".into(),
        model: "Pixel 6".into(),
        serial: "1".into(),
        ..Identity::default()
    };
    let mut vault = Vault::create(folder, &identity, &source).unwrap();
    let records = |kind: &str, body: &dyn Fn(i64) -> RecordBody| Batch {
        records: (1..=5)
            .map(|row| Record {
                key: format!("{kind}/{row}"),
                body: body(row),
            })
            .collect(),
        ..Batch::default()
    };
    let people = records("contact", &|row| RecordBody::Contact(contact(row)));
    let diary = records("event", &|row| RecordBody::Event(event(row)));
    vault.commit(Collection::Contacts, &people).unwrap();
    vault.commit(Collection::Calendar, &diary).unwrap();
    for what in [Collection::Contacts, Collection::Sim, Collection::Calendar] {
        let state = CollectionState {
            done: true,
            ..CollectionState::default()
        };
        vault.set_state(what, &state).unwrap();
    }
    vault
}

/// Returns the verdict after `harm` was done to the written files.
fn safe_after(harm: impl Fn(&std::path::Path)) -> (bool, Vec<String>) {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("rescue");
    std::fs::create_dir(&folder).unwrap();
    let vault = Mutex::new(filled(&folder));
    let (pace, stop) = (Pace::default(), Stop::new());
    let mut written = AllWritten::new();
    let outputs: Vec<_> = rooms().map(|room| (room.write)(&vault, &pace)).collect();
    harm(&folder.join(DATA));
    for output in outputs {
        written.extend(output.unwrap().read_back(&pace));
    }
    let back = read_back(&lock(&vault), &written, true, &stop, &mut |_| {});
    let ending = Ending {
        only: lock(&vault).source().only.clone(),
        ..Ending::default()
    };
    let outcome = judge(&lock(&vault), &written, &back, &ending).unwrap();
    // This test does not cover collections left out by --only.
    let why = outcome
        .why_not
        .into_iter()
        .filter(|why| !why.contains("not asked for"));
    let why: Vec<_> = why.collect();
    (why.is_empty(), why)
}

#[test]
fn damage_between_writing_and_reading_back_is_noticed() {
    let (safe, why) = safe_after(|_| {});
    assert!(safe, "{why:?}");
    let mut harmed = 0;
    for name in [contacts::ALL, contacts::ALL_V4, "calendar.ics"] {
        type Harm = fn(&mut Vec<u8>);
        let harms: [(&str, Harm); 5] = [
            ("cut", |bytes| bytes.truncate(bytes.len() / 2)),
            ("emptied", Vec::clear),
            ("a flipped bit", |bytes| bytes[2] ^= 1),
            ("one card or event less", |bytes| {
                let text = String::from_utf8(bytes.clone()).unwrap();
                let (begin, end) = match text.contains("BEGIN:VEVENT") {
                    true => ("BEGIN:VEVENT", "END:VEVENT\r\n"),
                    false => ("BEGIN:VCARD", "END:VCARD\r\n"),
                };
                let (from, to) = (
                    text.find(begin).unwrap(),
                    text.find(end).unwrap() + end.len(),
                );
                bytes.drain(from..to);
            }),
            ("zeros at the end", |bytes| {
                let length = bytes.len();
                bytes[length - 20..].fill(0);
            }),
        ];
        for (what, harm) in harms {
            let (safe, why) = safe_after(|data| {
                let path = data.join(name);
                let mut bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{name}: {e}"));
                harm(&mut bytes);
                std::fs::write(&path, bytes).unwrap();
            });
            assert!(!safe, "{name}, {what}");
            assert!(
                why.iter()
                    .any(|why| why.contains("do not match the rescued data")),
                "{why:?}"
            );
            harmed += 1;
        }
        let (safe, _) = safe_after(|data| std::fs::remove_file(data.join(name)).unwrap());
        assert!(!safe, "{name} removed");
    }
    assert_eq!(harmed, 15);
    // Harm to any one of the single-card files.
    let (safe, _) = safe_after(|data| {
        let mut singles = std::fs::read_dir(data.join("contacts")).unwrap();
        let path = singles.next().unwrap().unwrap().path();
        match path.is_dir() {
            true => std::fs::remove_dir_all(path).unwrap(),
            false => std::fs::remove_file(path).unwrap(),
        }
    });
    assert!(!safe);
}
