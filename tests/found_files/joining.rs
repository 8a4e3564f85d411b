//! Two approaches give the same person, event or to-do: it is there once, with both origins.

use lifeboat::format::found::{self, join};
use lifeboat::model::*;

fn contacts(file: &str) -> Vec<Contact> {
    let found = found::read("E:/contacts.vcf", file.as_bytes());
    found.contacts.into_iter().map(|c| c.contact).collect()
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
    let joined = join::join(&mut known, found);
    assert_eq!(joined, join::Joined { new: 2, known: 1 });
    let anna = &known[0];
    assert_eq!(anna.phones.len(), 1, "the number is there once");
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
    // Another Anna Müller, and another name on Bob's number, are people of their own.
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
    let again = again.contacts.into_iter().map(|c| c.contact).collect();
    assert_eq!(
        join::join(&mut known, again),
        join::Joined { new: 0, known: 2 }
    );
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
    assert_eq!(join::join(&mut known, other).new, 1);
    let same = events(file("dentist", "20091012T090000Z"), "c.vcs");
    assert_eq!(
        join::join(&mut known, same),
        join::Joined { new: 0, known: 1 }
    );
    let also: Vec<&str> = known[0]
        .extended
        .iter()
        .filter(|p| p.name == join::ALSO_IN)
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
    assert_eq!(
        join::join(&mut known, todos(&done)),
        join::Joined { new: 0, known: 1 }
    );
    assert!(known[0].done);
    let note = "BEGIN:VNOTE\nVERSION:1.1\nBODY:Buy milk\nEND:VNOTE\n";
    let notes = |name: &str| {
        let found = found::read(name, note.as_bytes());
        found.notes.into_iter().map(|n| n.record).collect()
    };
    let mut known = notes("a.vnt");
    assert_eq!(
        join::join(&mut known, notes("b.vnt")),
        join::Joined { new: 0, known: 1 }
    );
    assert_eq!(known[0].extended.len(), 1);
}

#[test]
fn numbers_are_the_same_however_they_are_written() {
    for (a, b, same) in [
        ("+49 170 1234567", "0170/1234567", true),
        ("+1 (415) 555-1234", "4155551234", true),
        ("5551234", "555-1234", true),
        ("*100#", "100", false),
        ("+49 170 1234567", "+49 171 1234567", false),
        ("112", "110", false),
        ("", "", false),
        ("1234567", "+49 40 21234567", true),
    ] {
        assert_eq!(join::same_number(a, b), same, "{a} {b}");
    }
}
