//! Files that Lifeboat wrote and a person edited: what they see in the editor counts, and the rest is still exact.

use lifeboat::format::icalendar::{self, Uids};
use lifeboat::format::vcard::{v3, v4};
use lifeboat::format::{Losses, found};
use lifeboat::model::*;

const BERLIN: &str = "Europe/Berlin";
/// 2009-10-12T07:00:00Z
const MONDAY: i64 = 1_255_330_800_000;

fn at(millis: i64, zone: &str) -> Moment {
    Moment::Time {
        millis,
        zone: zone.into(),
    }
}

fn person() -> Contact {
    let phone = |number: &str, e164: &str| Phone {
        number: number.into(),
        label: Label::Unknown("57".into()),
        normalized: Some(e164.into()),
        primary: false,
    };
    let named = |given: &str| PersonName {
        display: Some(format!("{given} Müller")),
        given: Some(given.into()),
        family: Some("Müller".into()),
        ..PersonName::default()
    };
    Contact {
        uid: "anna".into(),
        display_name: "Anna Müller".into(),
        names: vec![named("Anna"), named("Änni")],
        phones: vec![
            phone("0170 1", "+491701"),
            phone("tel:+49302", "+49302"),
            phone("0170 3", "+491703"),
        ],
        notes: vec!["two\r\nlines".into()],
        starred: true,
        custom: vec![CustomRow {
            mimetype: "vnd.android.cursor.item/group_membership".into(),
            data: vec![(1, "7".into())],
            blobs: vec![2],
        }],
        sources: vec![Source {
            row: 5,
            source_id: Some("s5".into()),
            ..Source::default()
        }],
        ..Contact::default()
    }
}

/// The card of [`person`] in both versions, with `from` replaced by `to` in its unfolded lines.
fn edited(from: &str, to: &str) -> [Contact; 2] {
    let (mut three, mut four) = (Vec::new(), Vec::new());
    v3::write(&person(), &mut three, &mut Losses::default());
    v4::write(&person(), &mut four, &mut Losses::default()).expect("takes every contact");
    [three, four].map(|card| {
        let text = String::from_utf8(card).expect("UTF-8").replace("\r\n ", "");
        assert!(text.contains(from), "{text}");
        let mut found = found::read("a.vcf", text.replace(from, to).as_bytes());
        let mut contact = found.contacts.remove(0).contact;
        contact.sources.pop();
        contact
    })
}

#[test]
fn an_edited_number_counts_and_the_others_keep_what_is_exact() {
    for read in edited(":0170 1\r\n", ":0151 9\r\n") {
        let mut wanted = person();
        wanted.phones[0] = Phone {
            number: "0151 9".into(),
            label: Label::Other,
            ..Phone::default()
        };
        assert_eq!(label_of(read), label_of(wanted));
    }
    for read in edited(":+49302\r\n", ":+49999\r\n") {
        let numbers: Vec<&str> = read.phones.iter().map(|p| p.number.as_str()).collect();
        assert_eq!(numbers, ["0170 1", "+49999", "0170 3"]);
        assert_eq!(read.phones[1].normalized, None);
    }
}

/// Without the label of the edited number: an edit makes it the one that is seen, which differs between the versions.
fn label_of(mut contact: Contact) -> Contact {
    contact.phones[0].label = Label::Unset;
    contact
}

#[test]
fn numbers_that_were_added_or_removed_are_so() {
    for read in edited("UID", "TEL;TYPE=CELL:110\r\nUID") {
        let numbers: Vec<&str> = read.phones.iter().map(|p| p.number.as_str()).collect();
        let mut all = numbers.clone();
        all.sort_unstable();
        assert_eq!(all, ["0170 1", "0170 3", "110", "tel:+49302"]);
        let exact = read.phones.iter().filter(|p| p.normalized.is_some());
        assert_eq!(exact.count(), 3);
    }
    for read in edited(":0170 3\r\n", ":\r\n") {
        assert_eq!(read.phones, person().phones[..2]);
        assert_eq!(read.sources, person().sources);
    }
}

#[test]
fn an_edited_name_and_note_count_and_hidden_entries_stay() {
    for read in edited("\r\nFN:Anna Müller", "\r\nFN:Anna Schmidt") {
        assert_eq!(read.display_name, "Anna Schmidt");
        assert!(read.starred);
        assert_eq!(read.custom, person().custom);
        assert_eq!(read.names.last(), person().names.last());
    }
    for read in edited("\r\nN:Müller;Anna", "\r\nN:Schmidt;Anna") {
        assert_eq!(read.names[0].family.as_deref(), Some("Schmidt"));
        assert_eq!(read.names[1..], person().names[1..]);
    }
    for read in edited("two\\nlines", "one line") {
        assert_eq!(read.notes, ["one line"]);
    }
}

/// The property itself, cut off anywhere or changed: the rest of the card is there.
#[test]
fn damage_in_the_exact_values_costs_nothing_else() {
    let mut card = Vec::new();
    v3::write(&person(), &mut card, &mut Losses::default());
    let text = String::from_utf8(card).expect("UTF-8").replace("\r\n ", "");
    let start = text.find("X-LIFEBOAT-DATA:").expect("exact values") + 16;
    let end = start + text[start..].find('\r').expect("a line");
    let bare = text.replace(&text[start - 16..end + 2], "");
    let visible = found::read("a.vcf", bare.as_bytes())
        .contacts
        .remove(0)
        .contact;
    let check = |value: &str| {
        let card = format!("{}{value}{}", &text[..start], &text[end..]);
        let contact = found::read("a.vcf", card.as_bytes())
            .contacts
            .remove(0)
            .contact;
        assert_eq!(contact.phones.len(), 3, "{value}");
        assert_eq!(contact.display_name, visible.display_name, "{value}");
        contact
    };
    for cut in (start..end).filter(|at| text.is_char_boundary(*at)) {
        let contact = check(&text[start..cut]);
        assert_eq!(contact.phones, visible.phones);
        // The damaged value itself is kept.
        assert!(cut == start || contact.unmapped.len() == 1);
    }
    for value in [
        "{}",
        "[]",
        "null",
        r#"{"phones":7\,"names":{"seen":{}}\,"new_field":[1]}"#,
        r#"{"phones":{"order":[9\,9\,9]}}"#,
        r#"{"phones":{"order":[2\,2\,0]\,"more":[[5\,7]\,[18446744073709551615\,null]]}}"#,
        r#"{"starred":["x"\,true]\,"display_name":[]}"#,
        &"[".repeat(100_000),
        &format!(
            "{{\"phones\":{{\"more\":[{}[0\\,{{}}]]}}}}",
            "[0\\,{}]\\,".repeat(500_000)
        ),
    ] {
        check(value);
    }
}

fn event() -> Event {
    Event {
        uid: "e".into(),
        calendar: 1,
        title: Some("Rowing\u{7}".into()),
        start: Some(at(MONDAY + 7, "Mars/Olympus")),
        end: Some(at(MONDAY + 3_600_007, "Mars/Olympus")),
        duration: Some("odd".into()),
        color: Some(0x8012_3456),
        app_uri: Some("content://app/1".into()),
        app_package: Some("com.example".into()),
        attendees: vec![Attendee {
            email: Some("ben@example.org".into()),
            organizer: true,
            identity: Some("i".into()),
            ..Attendee::default()
        }],
        reminders: vec![Reminder {
            minutes: Some(5),
            method: ReminderMethod::Sms,
            ..Reminder::default()
        }],
        source: Source {
            row: 7,
            ..Source::default()
        },
        ..Event::default()
    }
}

/// The event in a file, with `from` replaced by `to` in its unfolded lines.
fn edited_event(event: &Event, from: &str, to: &str) -> Event {
    let written = icalendar::write_event(event, None, &mut Uids::default(), &mut Losses::default());
    let text = [
        &icalendar::begin(None),
        written.text.as_str(),
        icalendar::END,
    ]
    .concat();
    let text = text.replace("\r\n ", "");
    assert!(text.contains(from), "{from} in {text}");
    let mut found = found::read("a.ics", text.replace(from, to).as_bytes());
    let mut read = found.events.remove(0).record;
    read.source = event.source.clone();
    read
}

#[test]
fn what_is_edited_in_an_event_counts() {
    let event = event();
    let unchanged = edited_event(&event, "VERSION:2.0", "VERSION:2.0");
    assert_eq!(unchanged, event);
    let edit = |from: &str, to: &str, apply: fn(&mut Event)| {
        let mut wanted = event.clone();
        apply(&mut wanted);
        assert_eq!(edited_event(&event, from, to), wanted, "{to}");
    };
    edit("SUMMARY:Rowing", "SUMMARY:Sailing", |e| {
        e.title = Some("Sailing".into());
        // The alarm still says what it said.
        e.reminders[0].extended = vec![ExtendedProperty {
            name: "DESCRIPTION".into(),
            value: "Rowing".into(),
        }];
    });
    edit("DTSTART:20091012T07", "DTSTART:20091012T06", |e| {
        e.start = Some(at(MONDAY - 3_600_000, "UTC"))
    });
    edit("DTEND:20091012T080000Z", "DTEND:20091012T090000Z", |e| {
        (e.end, e.duration) = (Some(at(MONDAY + 7_200_000, "UTC")), None);
    });
    edit("\r\nDTEND:20091012T080000Z", "\r\nDURATION:PT2H", |e| {
        (e.end, e.duration) = (None, Some("PT2H".into()));
    });
    edit("\r\nCOLOR:", "\r\nCOLOR:red\r\nX-WAS:", |e| {
        e.color = Some(0xFFFF_0000);
        e.extended = vec![ExtendedProperty {
            name: "X-WAS".into(),
            value: "midnightblue".into(),
        }];
    });
    edit("URL:content://app/1", "URL:https://example.org", |e| {
        e.app_uri = None;
        e.extended = vec![ExtendedProperty {
            name: "vnd.ical4android.url".into(),
            value: "https://example.org".into(),
        }];
    });
    edit("mailto:ben@", "mailto:eva@", |e| {
        e.attendees = vec![Attendee {
            email: Some("eva@example.org".into()),
            ..Attendee::default()
        }];
        e.organizer = Some("eva@example.org".into());
    });
    edit("TRIGGER:-PT5M", "TRIGGER:-PT9M", |e| {
        e.reminders = vec![Reminder {
            minutes: Some(9),
            ..Reminder::default()
        }];
    });
    edit("UID:e\r\n", "UID:e\r\nCOMMENT:new\r\n", |e| {
        e.extended = vec![ExtendedProperty {
            name: "COMMENT".into(),
            value: "new".into(),
        }];
    });
}

#[test]
fn an_occurrence_that_was_put_back_is_not_cancelled_again() {
    let series = Event {
        start: Some(at(MONDAY, BERLIN)),
        end: None,
        duration: Some("P3600S".into()),
        rrule: Some("FREQ=DAILY;COUNT=9".into()),
        cancelled: vec![at(MONDAY + 86_400_000, "UTC")],
        ..event()
    };
    assert_eq!(edited_event(&series, "VERSION:2.0", "VERSION:2.0"), series);
    let read = edited_event(&series, "\r\nEXDATE", "\r\nX-NO");
    assert_eq!((read.exdate, read.cancelled), (None, vec![]));
    let read = edited_event(
        &series,
        "EXDATE;TZID=Europe/Berlin:20091013T",
        "EXDATE;TZID=Europe/Berlin:20091014T",
    );
    assert_eq!(
        read.exdate.as_deref(),
        Some("Europe/Berlin;20091014T090000")
    );
    assert_eq!(read.cancelled, vec![]);
    let read = edited_event(&series, "DURATION:PT3600S", "DURATION:PT2H");
    assert_eq!(read.duration.as_deref(), Some("PT2H"));
}

#[test]
fn what_is_edited_in_a_to_do_counts() {
    let todo = Todo {
        uid: "t".into(),
        list: " Errands ".into(),
        title: Some("Milk".into()),
        due: Some(at(MONDAY + 7, BERLIN)),
        done: true,
        completed: Some(at(MONDAY, BERLIN)),
        reminder: Some(at(MONDAY - 600_000, BERLIN)),
        extended: vec![("colour".into(), "blue".into())],
        source: Source {
            row: 9,
            ..Source::default()
        },
        ..Todo::default()
    };
    let edit = |from: &str, to: &str, apply: fn(&mut Todo)| {
        let written = icalendar::write_todo(&todo, &mut Uids::default(), &mut Losses::default());
        let text = [
            &icalendar::begin(None),
            written.text.as_str(),
            icalendar::END,
        ]
        .concat();
        let text = text.replace("\r\n ", "");
        assert!(text.contains(from), "{from} in {text}");
        let mut found = found::read("a.ics", text.replace(from, to).as_bytes());
        let mut read = found.todos.remove(0).record;
        read.source = todo.source.clone();
        let mut wanted = todo.clone();
        apply(&mut wanted);
        assert_eq!(read, wanted, "{to}");
    };
    edit("VERSION:2.0", "VERSION:2.0", |_| {});
    edit("CATEGORIES:Errands", "CATEGORIES:Home", |t| {
        t.list = "Home".into()
    });
    edit(
        "DUE;TZID=Europe/Berlin:20091012T09",
        "DUE;TZID=Europe/Berlin:20091012T10",
        |t| {
            t.due = Some(at(MONDAY + 3_600_000, BERLIN));
        },
    );
    edit(
        "STATUS:COMPLETED\r\nCOMPLETED:20091012T070000Z\r\nPERCENT-COMPLETE:100",
        "STATUS:NEEDS-ACTION",
        |t| {
            (t.done, t.completed) = (false, None);
        },
    );
    edit(
        "DATE-TIME:20091012T065000Z",
        "DATE-TIME:20091012T060000Z",
        |t| {
            t.reminder = Some(at(MONDAY - 3_600_000, "UTC"));
        },
    );
}
