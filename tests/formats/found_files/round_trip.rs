//! Records that Lifeboat writes are read back as equal records.

use lifeboat::format::icalendar::{self, Uids};
use lifeboat::format::vcard::{Photo, v3, v4};
use lifeboat::format::{Losses, found};
use lifeboat::model::*;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::common::contacts::{HOSTILE, carried, contact, every_field};

fn v3(contact: &Contact) -> Vec<u8> {
    let mut out = Vec::new();
    v3::write(contact, &mut out, &mut Losses::default());
    out
}

fn v4(contact: &Contact) -> Vec<u8> {
    let mut out = Vec::new();
    v4::write(contact, &mut out, &mut Losses::default()).expect("takes every contact");
    out
}

/// The only contact of a file, without the origin that the reader added.
#[track_caller]
fn contact_of(file: &[u8]) -> Contact {
    let mut found = found::read("contacts.vcf", file);
    let text = String::from_utf8_lossy(file);
    assert_eq!(found.unreadable.list, [], "{text}");
    assert_eq!(found.contacts.len(), 1, "{text}");
    let mut contact = found.contacts.remove(0).contact;
    let own = contact.sources.pop().expect("where it was read");
    assert_eq!(
        (own.origin, own.place.as_str()),
        (Origin::File, "contacts.vcf")
    );
    contact
}

/// Returns the contact without what is not part of a card's text: pictures are put into it later.
fn text_of(contact: &Contact) -> Contact {
    let mut text = contact.clone();
    (text.has_picture, text.picture) = (false, None);
    text.attached.clear();
    text
}

#[test]
fn a_contact_with_everything_comes_back_from_both_versions() {
    for seed in 0..24 {
        let wanted = text_of(&every_field(seed));
        for file in [v3(&wanted), v4(&wanted)] {
            let read = contact_of(&file);
            assert_same(&read, &wanted, &String::from_utf8_lossy(&file));
        }
    }
}

#[track_caller]
fn assert_same(read: &Contact, wanted: &Contact, file: &str) {
    let read = serde_json::to_value(read).expect("plain data");
    let wanted = serde_json::to_value(wanted).expect("plain data");
    let (serde_json::Value::Object(read), serde_json::Value::Object(wanted)) = (read, wanted)
    else {
        panic!("no objects");
    };
    for (field, value) in &wanted {
        let read = read.get(field).cloned().unwrap_or_default();
        assert!(
            read == *value,
            "{field} is\n{read}\nnot\n{value}\nin\n{file}"
        );
    }
}

/// A text that a person could write, in any script.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Zäéß;,:.\\\\-][a-zA-Z äéß;,:.\\\\/^-]{0,30}[a-z]",
        proptest::sample::select(HOSTILE.to_vec()).prop_map(str::to_owned),
        "[\\p{Han}\\p{Cyrillic}\\p{Arabic}]{1,60}",
    ]
    .prop_map(|text| carried(&text))
    .prop_filter("nothing in it", |text| !text.trim().is_empty())
}

fn known_label() -> impl Strategy<Value = Label> {
    use Label::*;
    prop_oneof![
        3 => proptest::sample::select(vec![
            Home, Work, Other, Mobile, WorkFax, HomeFax, OtherFax, Pager, Callback, Car, CompanyMain, Isdn,
            Main, Radio, Telex, TtyTdd, WorkMobile, WorkPager, Assistant, Mms,
        ]),
        1 => "[a-z]{3,9}( [a-z]{3,9})?".prop_map(|word| Custom(format!("{word}x"))),
        1 => (100u32..999).prop_map(|number| Unknown(number.to_string())),
    ]
}

prop_compose! {
    fn person()(
        uid in "[a-z0-9-]{8,36}",
        display_name in word(),
        given in option::of(word()), family in option::of(word()), middle in option::of(word()),
        prefix in option::of(word()), suffix in option::of(word()), spoken in option::of(word()),
        phones in vec(("[+0-9][0-9 ]{2,12}[0-9]", known_label(), option::of("\\+[0-9]{8,12}"), any::<bool>()), 0..5),
        emails in vec(("[a-z]{1,9}@[a-z]{1,9}\\.org", known_label(), option::of(word()), any::<bool>()), 0..4),
        places in vec((word(), word(), option::of("[0-9]{5}"), option::of(word()), known_label()), 0..3),
        work in option::of((word(), option::of(word()), option::of(word()), option::of(word()))),
        chats in vec((word(), proptest::sample::select(vec![
            MessengerService::Unset, MessengerService::Aim, MessengerService::Icq, MessengerService::Jabber,
            MessengerService::Skype, MessengerService::Qq, MessengerService::NetMeeting,
            MessengerService::Custom("Signal".into()),
        ]), known_label()), 0..3),
        notes in vec(word(), 0..3),
        sites in vec((word(), known_label()), 0..3),
        birthday in option::of((1900i32..2030, 1u32..13, 1u32..29)),
        others in vec((word(), option::of(word())), 0..3),
        people in vec((word(), proptest::sample::select(vec!["spouse", "domestic partner", "mother", "cousin", ""])), 0..3),
        groups in vec(word(), 0..3),
        starred in any::<bool>(),
    ) -> Contact {
        let name = PersonName {
            display: Some(display_name.clone()),
            given, family, middle, prefix, suffix,
            phonetic_given: spoken,
            ..PersonName::default()
        };
        let mut dates: Vec<ContactDate> = birthday
            .map(|(year, month, day)| ContactDate {
                date: format!("{year:04}-{month:02}-{day:02}"),
                kind: DateKind::Birthday,
            })
            .into_iter()
            .collect();
        dates.extend(others.into_iter().map(|(date, word)| ContactDate {
            date,
            kind: word.map_or(DateKind::Other, DateKind::Custom),
        }));
        Contact {
            uid,
            display_name,
            names: vec![name],
            phones: phones.into_iter().map(|(number, label, normalized, primary)| {
                let normalized = normalized.filter(|n| *n != number);
                Phone { number, label, normalized, primary }
            }).collect(),
            emails: emails.into_iter().map(|(address, label, display_name, primary)| {
                Email { address, label, display_name, primary }
            }).collect(),
            addresses: places.into_iter().map(|(street, city, postcode, country, label)| PostalAddress {
                street: Some(street), city: Some(city), postcode, country, label,
                ..PostalAddress::default()
            }).collect(),
            organizations: work.into_iter().map(|(company, title, department, job_description)| Organization {
                company: Some(company), title, department, job_description,
                ..Organization::default()
            }).collect(),
            messengers: chats.into_iter().map(|(handle, service, label)| InstantMessenger { handle, service, label }).collect(),
            notes,
            websites: sites.into_iter().map(|(url, label)| Website { url, label }).collect(),
            dates,
            relations: people.into_iter().map(|(name, kind)| Relation {
                name, kind: kind.into(), custom: kind == "cousin",
            }).collect(),
            groups,
            starred,
            sources: vec![Source { row: 5, dirty: true, ..Source::default() }],
            ..Contact::default()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_person_comes_back_equal(person in person()) {
        for file in [v3(&person), v4(&person)] {
            assert_same(&contact_of(&file), &person, &String::from_utf8_lossy(&file));
        }
    }

    /// Contacts that no person has.
    #[test]
    fn any_contact_comes_back_equal(contact in contact()) {
        let mut wanted = text_of(&contact);
        for file in [v3(&contact), v4(&contact)] {
            let read = contact_of(&file);
            // A card must have an identifier.
            wanted.uid.clone_from(&read.uid);
            assert_same(&read, &wanted, &String::from_utf8_lossy(&file));
        }
    }
}

/// Cases that the generated contacts found: entries without a value, labels that no TYPE can name, texts that consist
/// of control characters.
#[test]
fn odd_contacts_come_back_equal() {
    let custom = |word: &str| Label::Custom(word.to_owned());
    let phone = |number: &str, label| Phone {
        number: number.to_owned(),
        label,
        ..Phone::default()
    };
    let mut contacts: Vec<Contact> = [";", "\u{1}", "\u{feff}", "_$!<Home>!$_", "Fax", "VOICE", ""]
        .into_iter()
        .flat_map(|word| {
            let sip = SipAddress {
                label: custom(word),
                ..SipAddress::default()
            };
            let phones = ["", "0"].map(|number| phone(number, custom(word)));
            [
                Contact {
                    sip_addresses: vec![sip],
                    ..Contact::default()
                },
                Contact {
                    phones: phones.into(),
                    ..Contact::default()
                },
            ]
        })
        .collect();
    let labels = [Label::Other, Label::OtherFax, Label::Home, Label::Car];
    contacts.extend(labels.map(|label| Contact {
        phones: vec![Phone {
            normalized: Some("A".into()),
            ..phone("", label)
        }],
        ..Contact::default()
    }));
    let titled = |title: &str, label| Organization {
        title: Some(title.to_owned()),
        label,
        ..Organization::default()
    };
    contacts.push(Contact {
        organizations: vec![titled("\u{b}", Label::Home), titled("Smith", Label::Unset)],
        addresses: vec![PostalAddress {
            formatted: Some("1 Rain Street".into()),
            po_box: Some("\0".into()),
            ..PostalAddress::default()
        }],
        ..Contact::default()
    });
    for mut contact in contacts {
        contact.sources = vec![Source::default()];
        for file in [v3(&contact), v4(&contact)] {
            let read = contact_of(&file);
            contact.uid.clone_from(&read.uid);
            assert_same(&read, &contact, &String::from_utf8_lossy(&file));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A picture is read back from both versions, and so is the rest of the card.
    #[test]
    fn a_picture_comes_back_as_it_was(
        person in person(),
        bytes in vec(any::<u8>(), 0..400),
        magic in proptest::sample::select(vec![&b"\xFF\xD8\xFF"[..], b"\x89PNG\r\n\x1A\n", b"GIF89a", b"BM"]),
    ) {
        let bytes = [magic, &bytes].concat();
        let photo = Photo::of(&bytes).expect("a picture");
        let (mut three, mut four) = (v3(&person), v4(&person));
        let wanted = [contact_of(&three), contact_of(&four)];
        photo.put_into_v3(&mut three);
        photo.put_into_v4(&mut four);
        for (card, mut wanted) in [three, four].iter().zip(wanted) {
            let text = String::from_utf8_lossy(card);
            prop_assert!(text.split("\r\n").all(|line| line.len() <= 75), "{}", text);
            let found = found::read("contacts.vcf", card);
            prop_assert_eq!(found.contacts[0].attachments.len(), 1, "{}", text);
            prop_assert_eq!(&found.contacts[0].attachments[0].bytes, &bytes, "{}", text);
            wanted.has_picture = true;
            assert_same(&contact_of(card), &wanted, &text);
        }
    }
}

/// Android's importer treats a number without a TYPE as a home number.
#[test]
fn every_number_has_a_type() {
    for word in ["Boat", ";", "\u{1}", " ", "^^"] {
        let contact = Contact {
            phones: vec![Phone {
                number: "0123".into(),
                label: Label::Custom(word.to_owned()),
                ..Phone::default()
            }],
            ..Contact::default()
        };
        let file = String::from_utf8(v3(&contact)).expect("UTF-8");
        assert!(file.contains("TEL;TYPE="), "{file}");
    }
}

fn calendar(event: &Event) -> String {
    let mut text = icalendar::begin(None);
    let written = icalendar::write_event(event, None, &mut Uids::default(), &mut Losses::default());
    text.push_str(&written.text);
    text.push_str(icalendar::END);
    text
}

fn todo_file(todo: &Todo) -> String {
    let mut text = icalendar::begin(None);
    let written = icalendar::write_todo(todo, &mut Uids::default(), &mut Losses::default());
    text.push_str(&written.text);
    text.push_str(icalendar::END);
    text
}

/// The event of a file, with the source that it was written with.
#[track_caller]
fn event_of(text: &str, source: &Source) -> Event {
    let mut found = found::read("calendar.ics", text.as_bytes());
    assert_eq!(found.unreadable.list, [], "{text}");
    assert_eq!(found.events.len(), 1, "{text}");
    let mut event = found.events.remove(0).record;
    assert_eq!(event.source.origin, Origin::File);
    event.source = source.clone();
    event
}

fn moment() -> impl Strategy<Value = Moment> {
    prop_oneof![
        (-40_000i64..70_000).prop_map(Moment::Date),
        (
            0i64..4_000_000_000,
            proptest::sample::select(vec![
                "UTC",
                "Europe/Berlin",
                "Asia/Kolkata",
                "America/New_York",
                Moment::FLOATING
            ])
        )
            .prop_map(|(seconds, zone)| Moment::Time {
                millis: seconds * 1000,
                zone: zone.into()
            }),
        (0i64..4_000_000_000).prop_map(|seconds| Moment::Time {
            millis: seconds * 1000 + 7,
            zone: "Mars/Olympus".into()
        }),
    ]
}

prop_compose! {
    fn meeting()(
        uid in "[a-z0-9-]{8,36}",
        texts in vec(option::of(word()), 3),
        start in option::weighted(0.9, moment()),
        hours in 1i64..50,
        by_length in any::<bool>(),
        rule in option::of(proptest::sample::select(vec![
            "FREQ=DAILY;COUNT=5", "FREQ=WEEKLY;BYDAY=MO,WE", "FREQ=MONTHLY;BYDAY=-1SU",
        ])),
        left_out in vec(0i64..40, 0..3),
        people in vec((option::of(word()), option::weighted(0.9, "[a-z]{1,8}@[a-z]{1,8}\\.net")), 0..3),
        reminders in vec((option::of(-500i64..5000), any::<bool>()), 0..3),
        color in option::of(any::<u32>()),
        extended in vec((word(), word()), 0..3),
        package in option::of("[a-z.]{3,20}"),
        moved in option::of((word(), 1i64..5)),
        source_id in option::of(word()),
        status in proptest::sample::select(vec![
            EventStatus::Unset, EventStatus::Confirmed, EventStatus::Tentative, EventStatus::Cancelled,
        ]),
        access in proptest::sample::select(vec![Access::Default, Access::Private, Access::Public]),
    ) -> Event {
        let mut texts = texts.into_iter();
        let mut text = || texts.next().flatten();
        let mut event: Event = serde_json::from_value(serde_json::json!({
            "uid": uid, "calendar": 1, "changed": [], "cancelled": [], "status": "unset",
            "availability": "busy", "access": "default", "attendees": [], "reminders": [], "extended": [],
            "source": {"row": 7},
        })).expect("an event");
        event.title = text();
        event.location = text();
        event.description = text();
        event.status = status;
        event.access = access;
        event.color = color;
        event.app_package = package;
        event.source.source_id = source_id;
        event.rrule = rule.map(str::to_owned);
        event.extended = extended.into_iter().map(|(name, value)| ExtendedProperty { name, value }).collect();
        event.attendees = people.into_iter().map(|(name, email)| Attendee {
            name, email, status: AttendeeStatus::Accepted, ..Attendee::default()
        }).filter(|a| a.name.is_some() || a.email.is_some()).collect();
        event.reminders = reminders.into_iter().map(|(minutes, loud)| Reminder {
            minutes,
            method: if loud { ReminderMethod::Alarm } else { ReminderMethod::Default },
            ..Reminder::default()
        }).collect();
        let day = matches!(start, Some(Moment::Date(_)));
        event.end = match &start {
            _ if by_length => None,
            Some(Moment::Date(days)) => Some(Moment::Date(days + hours)),
            Some(Moment::Time { millis, zone }) => Some(Moment::Time { millis: millis + hours * 3_600_000, zone: zone.clone() }),
            None => None,
        };
        event.duration = by_length.then(|| if day { format!("P{hours}D") } else { format!("PT{hours}H") });
        if event.rrule.is_some() && start.is_some() {
            let dates: Vec<String> = left_out.iter().map(|day| format!("200910{:02}T070000Z", day % 28 + 1)).collect();
            event.exdate = (!dates.is_empty()).then(|| dates.join(","));
            if let (Some((title, days)), Some(start)) = (moved, &start) {
                let place = match start {
                    Moment::Date(day) => Moment::Date(day + days),
                    Moment::Time { millis, zone } => Moment::Time { millis: millis + days * 86_400_000, zone: zone.clone() },
                };
                event.changed.push(Event {
                    uid: event.uid.clone(),
                    title: Some(title),
                    start: Some(place.clone()),
                    recurrence_id: Some(place),
                    rrule: None, exdate: None, end: None, changed: Vec::new(), attendees: Vec::new(),
                    source: Source { row: 8, ..Source::default() },
                    ..event.clone()
                });
            }
        }
        event.start = start;
        event
    }
}

prop_compose! {
    fn task()(
        uid in "[a-z0-9-]{8,36}",
        title in option::of(word()),
        notes in option::of(word()),
        list in option::of(word()),
        start in option::of(moment()),
        due in option::of(moment()),
        completed in option::of(moment()),
        done in any::<bool>(),
        priority in option::of(0u8..12),
        reminder in option::of(moment()),
        extended in vec((word(), word()), 0..3),
    ) -> Todo {
        Todo {
            uid, title, notes, start, due, done, completed, priority, reminder, extended, reminders: Vec::new(),
            list: list.unwrap_or_default(),
            source: Source { row: 9, ..Source::default() },
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn an_event_comes_back_as_it_was_written(event in meeting()) {
        let text = calendar(&event);
        let read = event_of(&text, &event.source);
        // Everything in the file was read, so writing it again gives the same text.
        prop_assert_eq!(calendar(&read), text.clone());
        prop_assert_eq!(read, event, "{}", text);
    }

    #[test]
    fn a_todo_comes_back_equal(todo in task()) {
        let text = todo_file(&todo);
        let mut found = found::read("todos.ics", text.as_bytes());
        prop_assert_eq!(&found.unreadable.list, &[], "{}", text);
        let mut read = found.todos.remove(0).record;
        prop_assert_eq!(read.source.origin, Origin::File);
        read.source = todo.source.clone();
        prop_assert_eq!(read, todo, "{}", text);
    }
}
