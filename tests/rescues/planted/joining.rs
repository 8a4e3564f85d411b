//! Faults of joining the data of the phone, its SIM cards and exported files about the same person or event.

use std::sync::Mutex;

use lifeboat::collections::merge::Mergeable as _;
use lifeboat::collections::{Journal, Role, calendar, contacts, exported};
use lifeboat::model::*;
use lifeboat::model::{Batch, Record, RecordBody};
use lifeboat::vault::{RecordKind, RescueSource, Vault, VaultError};

use crate::common::contacts as invented;

/// A journal in memory.
struct Held(Vec<(Collection, Record)>);

impl Journal for Held {
    fn each<E: From<VaultError>>(
        &self,
        what: Collection,
        kinds: &[RecordKind],
        mut each: impl FnMut(Record) -> Result<(), E>,
    ) -> Result<(), E> {
        for (of, record) in &self.0 {
            if *of == what && kinds.contains(&RecordKind::of(&record.body)) {
                each(record.clone())?;
            }
        }
        Ok(())
    }

    fn one(&self, what: Collection, key: &str) -> Result<Option<Record>, VaultError> {
        let mut all = self.0.iter();
        let found = all.find(|(of, record)| *of == what && record.key == key);
        Ok(found.map(|(_, record)| record.clone()))
    }

    fn lacks(&self, key: &str) -> VaultError {
        panic!("{key} is not there")
    }
}

fn record(key: &str, body: RecordBody) -> Record {
    Record {
        key: key.into(),
        body,
    }
}

fn person(name: &str, numbers: &[&str]) -> Contact {
    let phone = |number: &&str| Phone {
        number: (*number).into(),
        ..Phone::default()
    };
    Contact {
        display_name: name.into(),
        phones: numbers.iter().map(phone).collect(),
        ..Contact::default()
    }
}

/// All cards that are made from these records.
fn cards(held: &Held) -> Vec<(Role, Contact)> {
    let mut found = Vec::new();
    contacts::each(held, |entry| {
        found.push((entry.role, entry.merged.record));
        Ok::<_, VaultError>(())
    })
    .expect("cards");
    found
}

/// A card with nothing but a name takes over every field of the card that it is joined with.
#[test]
fn a_contact_takes_in_every_field_of_its_like() {
    for seed in 0..4 {
        let full = Contact {
            starred: true,
            send_to_voicemail: true,
            has_picture: true,
            custom_ringtone: Some("content://ringtone".into()),
            ..invented::every_field(seed)
        };
        let mut bare = Contact::default();
        bare.take_in(full.clone());
        let whole = Contact {
            uid: full.uid.clone(),
            ..bare
        };
        let texts = |contact: &Contact| {
            let mut texts: Vec<_> = invented::texts(contact)
                .into_iter()
                .map(|(field, text)| format!("{field}: {text}"))
                .collect();
            texts.sort();
            texts
        };
        assert_eq!(texts(&whole), texts(&full));
        let flags = |c: &Contact| {
            (
                c.starred,
                c.send_to_voicemail,
                c.has_picture,
                c.groups.len(),
            )
        };
        assert_eq!(flags(&whole), flags(&full));
    }
}

/// A number without a label takes over the label of the same number on the other card.
#[test]
fn a_number_takes_the_label_of_its_like() {
    let mut known = person("Lena Krug", &["+49 170 0000011"]);
    let mut other = person("Lena Krug", &["+491700000011"]);
    other.phones[0].label = Label::Work;
    known.take_in(other);
    assert_eq!(known.phones.len(), 1);
    assert_eq!(known.phones[0].label, Label::Work);
}

#[test]
fn an_event_and_a_to_do_take_in_what_their_likes_have() {
    let full = Event {
        reminders: vec![Reminder {
            minutes: Some(15),
            ..Reminder::default()
        }],
        attendees: vec![Attendee {
            email: Some("a@example.com".into()),
            ..Attendee::default()
        }],
        changed: vec![Event {
            recurrence_id: Some(Moment::Date(20_007)),
            ..Event::default()
        }],
        ..Event::default()
    };
    let mut bare = Event::default();
    bare.take_in(full);
    let counts = (
        bare.reminders.len(),
        bare.attendees.len(),
        bare.changed.len(),
    );
    assert_eq!(counts, (1, 1, 1));

    let completed = Some(Moment::Date(20_000));
    let mut bare = Todo::default();
    bare.take_in(Todo {
        done: true,
        completed: completed.clone(),
        ..Todo::default()
    });
    assert_eq!((bare.done, bare.completed), (true, completed));
}

/// A SIM entry is joined with its card by one number. Its other number and its e-mail address come along.
#[test]
fn a_sim_entry_that_finds_its_card_loses_nothing() {
    let sim = Source {
        origin: Origin::Sim,
        place: "SIM".into(),
        row: 3,
        ..Source::default()
    };
    let entry = Contact {
        emails: vec![Email {
            address: "anna@example.org".into(),
            ..Email::default()
        }],
        sources: vec![sim],
        ..person("Anna", &["+491711234567", "+49301234567"])
    };
    let held = Held(vec![
        (
            Collection::Contacts,
            record(
                "contact/1",
                RecordBody::Contact(person("Anna Berg", &["+491711234567"])),
            ),
        ),
        (Collection::Sim, record("sim/3", RecordBody::Contact(entry))),
    ]);
    let found = cards(&held);
    assert_eq!(found.len(), 1);
    let numbers: Vec<&str> = found[0]
        .1
        .phones
        .iter()
        .map(|p| p.number.as_str())
        .collect();
    assert_eq!(numbers, ["+491711234567", "+49301234567"]);
    assert_eq!(found[0].1.emails.len(), 1);
    assert_eq!(found[0].1.sources.len(), 1);
}

/// The files are written from the journal page by page, while more data is read.
#[test]
fn no_record_is_lost_between_two_pages_of_the_journal() {
    for count in [255, 256, 257, 512, 600] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut vault = Vault::create(
            folder.path(),
            &Identity::default(),
            &RescueSource::default(),
        )
        .expect("a journal");
        let body = |n| RecordBody::Contact(person(&format!("Person {n}"), &[]));
        let batch = Batch {
            records: (0..count)
                .map(|n| record(&format!("contact/{n}"), body(n)))
                .collect(),
            ..Batch::default()
        };
        vault.commit(Collection::Contacts, &batch).expect("written");
        let vault = Mutex::new(vault);
        let mut seen = 0;
        vault
            .each(Collection::Contacts, &[RecordKind::Contact], |_| {
                seen += 1;
                Ok::<_, VaultError>(())
            })
            .expect("records");
        assert_eq!(seen, count);
    }
}

/// A changed occurrence whose series was not read becomes a separate event.
#[test]
fn an_occurrence_without_its_series_is_not_lost() {
    let lone = Event {
        uid: "lone".into(),
        calendar: 1,
        title: Some("Moved".into()),
        start: Some(Moment::Date(20_000)),
        recurrence_id: Some(Moment::Date(20_001)),
        series_id: Some("nowhere".into()),
        ..Event::default()
    };
    let held = Held(vec![(
        Collection::Calendar,
        record("event/1", RecordBody::Event(lone)),
    )]);
    let mut titles = Vec::new();
    calendar::each(&held, |entry| {
        titles.push(entry.merged.record.title);
        Ok::<_, VaultError>(())
    })
    .expect("events");
    assert_eq!(titles, [Some("Moved".to_owned())]);
}

/// A list that its owner deleted is kept as a file but not read. Neither is the former content of a file that has
/// changed since.
#[test]
fn lists_that_were_thrown_away_or_have_changed_are_not_read() {
    let file = |name: &str, trashed: bool| HandsetFile {
        path: HandsetPath(format!("/sdcard/{name}").into_bytes()),
        relative: HandsetPath(name.as_bytes().to_vec()),
        kind: FileKind::Data,
        trashed,
        ..HandsetFile::default()
    };
    let copy = |name: &str, sum: &str| FileCopy {
        path: HandsetPath(format!("/sdcard/{name}").into_bytes()),
        place: format!("found/{name}"),
        sha256: sum.into(),
        ..FileCopy::default()
    };
    let card = |sum: &str| {
        let source = Source {
            origin: Origin::File,
            place: sum.into(),
            ..Source::default()
        };
        let contact = Contact {
            sources: vec![source],
            ..person(&format!("Of {sum}"), &["+4930555"])
        };
        record(
            &format!("{}{sum}/0", exported::PREFIX),
            RecordBody::Contact(contact),
        )
    };
    let mut all = Vec::new();
    for (name, sum, trashed) in [("a.vcf", "now", false), ("b.vcf", "trashed", true)] {
        let file = file(name, trashed);
        all.push(record(&file.key(), RecordBody::File(file)));
        let copy = copy(name, sum);
        all.push(record(&copy.key(), RecordBody::Copied(copy)));
    }
    // The former content of a.vcf, from an earlier part of the rescue.
    all.extend(["now", "trashed", "before"].map(card));
    let held = Held(
        all.into_iter()
            .map(|record| (Collection::Files, record))
            .collect(),
    );
    let names: Vec<String> = cards(&held)
        .into_iter()
        .map(|(_, c)| c.display_name)
        .collect();
    assert_eq!(names, ["Of now"]);
}
