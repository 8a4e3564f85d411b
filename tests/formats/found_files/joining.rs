//! Two approaches give the same person, event or to-do. The result contains it once, with both origins.

use lifeboat::collections::calendar::ALSO_IN;
use lifeboat::collections::merge::{Mergeable, Merged, Unmatched};
use lifeboat::format::found;
use lifeboat::model::*;
use lifeboat::vault::VaultError;

fn contacts(file: &str) -> Vec<Contact> {
    let found = found::read("E:/contacts.vcf", file.as_bytes());
    found.contacts.into_iter().map(|c| c.contact).collect()
}

/// Joins the records of one file with the known ones. Returns the number of new and of known records.
fn join<T: Mergeable + Clone>(known: &mut Vec<T>, file: &str, found: Vec<T>) -> (u64, u64) {
    let found = found.into_iter().enumerate();
    let found =
        found.map(|(at, record)| Merged::of_file(format!("{file}/{at}"), file.into(), record));
    let mut waiting = Unmatched::new(found).expect("what is kept");
    let mut all = Vec::new();
    for (at, record) in known.drain(..).enumerate() {
        let mut merged = Merged::of_handset(at.to_string(), record);
        waiting.join(&mut merged).expect("what is kept");
        all.push(merged.record);
    }
    let mut left = Vec::new();
    let joins = waiting.each_unmatched(|merged| {
        left.push(merged);
        Ok::<_, VaultError>(())
    });
    let (left, joins) = (left.into_iter(), joins.expect("what is kept"));
    all.extend(left.map(|merged| merged.record));
    *known = all;
    (joins.new, joins.known)
}

fn handset(name: &str, number: &str) -> Contact {
    Contact {
        uid: format!("handset-{name}"),
        display_name: name.into(),
        phones: vec![Phone {
            number: number.into(),
            ..Phone::default()
        }],
        sources: vec![Source {
            row: 12,
            ..Source::default()
        }],
        ..Contact::default()
    }
}

#[test]
fn the_same_person_from_a_file_joins_the_handset_s_card() {
    let mut known = vec![
        handset("Anna Müller", "+49 170 1234567"),
        handset("Bob", "5551234"),
    ];
    let found = contacts(
        "BEGIN:VCARD\r\nVERSION:2.1\r\nFN:anna  müller\r\nTEL;CELL:0170/1234567\r\nEMAIL:anna@example.org\r\nEND:VCARD\r\n\
         BEGIN:VCARD\r\nVERSION:2.1\r\nFN:Anna Müller\r\nTEL:040 999999\r\nEND:VCARD\r\n\
         BEGIN:VCARD\r\nVERSION:2.1\r\nFN:Robert\r\nTEL:5551234\r\nEND:VCARD\r\n",
    );
    assert_eq!(join(&mut known, "E:/contacts.vcf", found), (2, 1));
    let anna = &known[0];
    // The country of a number without country code is unknown, so both numbers stay.
    let numbers: Vec<&str> = anna.phones.iter().map(|p| p.number.as_str()).collect();
    assert_eq!(numbers, ["+49 170 1234567", "0170/1234567"]);
    assert_eq!(anna.emails[0].address, "anna@example.org");
    assert_eq!(anna.display_name, "Anna Müller");
    let origins: Vec<(Origin, &str)> = anna
        .sources
        .iter()
        .map(|s| (s.origin, s.place.as_str()))
        .collect();
    assert_eq!(
        origins,
        [(Origin::Handset, ""), (Origin::File, "E:/contacts.vcf")]
    );
    // Another Anna Müller, and another name with Bob's number, stay separate people.
    assert_eq!(known.len(), 4);
}

#[test]
fn a_second_copy_of_a_file_adds_nothing() {
    let file = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:1\r\nFN:Zoë\r\nTEL:12345678\r\nNOTE:x\r\nBDAY:1985-04-12\r\nEND:VCARD\r\n\
                BEGIN:VCARD\r\nVERSION:3.0\r\nUID:2\r\nFN:Nobody\r\nEND:VCARD\r\n";
    let mut known = contacts(file);
    let before: Vec<Contact> = known
        .iter()
        .cloned()
        .map(|c| Contact {
            sources: vec![],
            ..c
        })
        .collect();
    let again = found::read("E:/copy.vcf", file.as_bytes());
    let again: Vec<Contact> = again.contacts.into_iter().map(|c| c.contact).collect();
    assert_eq!(join(&mut known, "E:/copy.vcf", again), (0, 2));
    assert!(known.iter().all(|c| c.sources.len() == 2));
    let after: Vec<Contact> = known
        .into_iter()
        .map(|c| Contact {
            sources: vec![],
            ..c
        })
        .collect();
    assert_eq!(after, before);
}

#[test]
fn an_old_phone_s_numbers_are_no_identifiers() {
    let file = |title: &str, start: &str| {
        format!(
            "BEGIN:VCALENDAR\nVERSION:1.0\nBEGIN:VEVENT\nUID:5\nSUMMARY:{title}\nDTSTART:{start}\nEND:VEVENT\nEND:VCALENDAR\n"
        )
    };
    let events = |text: String, name: &str| -> Vec<Event> {
        let found = found::read(name, text.as_bytes());
        found.events.into_iter().map(|e| e.record).collect()
    };
    let mut known = events(file("Dentist", "20091012T090000Z"), "a.vcs");
    let other = events(file("Birthday", "20100101T090000Z"), "b.vcs");
    assert_eq!(join(&mut known, "b.vcs", other), (1, 0));
    let same = events(file("dentist", "20091012T090000Z"), "c.vcs");
    assert_eq!(join(&mut known, "c.vcs", same), (0, 1));
    let also: Vec<&str> = known[0]
        .extended
        .iter()
        .filter(|p| p.name == ALSO_IN)
        .map(|p| p.value.as_str())
        .collect();
    assert_eq!(also, ["c.vcs"]);
}

#[test]
fn to_dos_and_notes_join_too() {
    let todo = "BEGIN:VCALENDAR\nVERSION:1.0\nBEGIN:VTODO\nSUMMARY:Milk\nDUE:20091012T000000\nEND:VTODO\nEND:VCALENDAR\n";
    let done = todo.replace("DUE", "STATUS:COMPLETED\nDUE");
    let todos = |text: &str| -> Vec<Todo> {
        let found = found::read("a.vcs", text.as_bytes());
        found.todos.into_iter().map(|t| t.record).collect()
    };
    let mut known = todos(todo);
    assert_eq!(join(&mut known, "b.vcs", todos(&done)), (0, 1));
    assert!(known[0].done);
    let note = "BEGIN:VNOTE\nVERSION:1.1\nBODY:Buy milk\nEND:VNOTE\n";
    let notes = |name: &str| -> Vec<Note> {
        let found = found::read(name, note.as_bytes());
        found.notes.into_iter().map(|n| n.record).collect()
    };
    let mut known = notes("a.vnt");
    assert_eq!(join(&mut known, "b.vnt", notes("b.vnt")), (0, 1));
    assert_eq!(known[0].extended.len(), 1);
}
