//! Identifiers made from the content of records.
//!
//! The same record gets the same identifier in every version of Lifeboat, so that a second import creates no
//! duplicates. For this reason each record's content is listed here field by field. A new field of a record does not
//! compile until it is decided whether the identifier depends on it. A new field that the identifier depends on changes
//! the identifiers of all records that have the field.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    Access, Attendee, Availability, Contact, ContactDate, ContactIdentity, CustomRow, Email, Event,
    EventStatus, ExtendedProperty, InstantMessenger, Moment, Nickname, Note, Organization,
    PersonName, Phone, PostalAddress, Relation, Reminder, SipAddress, Source, Todo, UnmappedColumn,
    Website,
};

/// Makes a UUID (RFC 9562 version 8) from texts: the same texts give the same UUID.
pub fn from_parts(parts: &[&str]) -> String {
    of_bytes(parts.iter().map(|part| part.as_bytes()))
}

fn of_bytes<'a>(parts: impl Iterator<Item = &'a [u8]>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut b = [0; 16];
    b.copy_from_slice(&hash.finalize()[..16]);
    b[6] = b[6] & 0x0f | 0x80;
    b[8] = b[8] & 0x3f | 0x80;
    // Formatted by hand for speed, since every card without its own identifier gets a UUID.
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    let mut uid = String::with_capacity(36);
    for (at, byte) in b.into_iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            uid.push('-');
        }
        uid.push(digit(byte >> 4));
        uid.push(digit(byte & 0x0f));
    }
    uid
}

/// Returns true for an identifier that [`from_parts`] may have made: a UUID of version 8 in lower case, which no other
/// program gives to contacts and events.
pub fn is_made_from_content(uid: &str) -> bool {
    let is_hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    uid.len() == 36
        && uid.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            14 => byte == b'8',
            19 => matches!(byte, b'8' | b'9' | b'a' | b'b'),
            _ => is_hex(byte),
        })
}

/// Makes an identifier from the kind of record and its content.
fn from_content(kind: &[&str], content: &impl Serialize) -> String {
    // Large enough for most records.
    let mut json = Vec::with_capacity(2048);
    // Our own plain data can always be written as JSON.
    if serde_json::to_writer(&mut json, content).is_err() {
        json.clear();
    }
    let kind = kind.iter().map(|part| part.as_bytes());
    of_bytes(kind.chain([json.as_slice()]))
}

/// Makes an identifier from the content of a card, regardless of its source and its picture.
pub fn of_contact(kind: &[&str], contact: &Contact) -> String {
    /// The fields and their order are part of the identifier.
    #[derive(Serialize)]
    struct Content<'a> {
        uid: &'static str,
        display_name: &'a str,
        names: &'a [PersonName],
        nicknames: &'a [Nickname],
        phones: &'a [Phone],
        emails: &'a [Email],
        addresses: &'a [PostalAddress],
        organizations: &'a [Organization],
        messengers: &'a [InstantMessenger],
        notes: &'a [String],
        websites: &'a [Website],
        dates: &'a [ContactDate],
        relations: &'a [Relation],
        sip_addresses: &'a [SipAddress],
        identities: &'a [ContactIdentity],
        groups: &'a [String],
        custom: &'a [CustomRow],
        unmapped: &'a [UnmappedColumn],
        has_picture: bool,
        starred: bool,
        send_to_voicemail: bool,
        custom_ringtone: &'a Option<String>,
        sources: [(); 0],
    }
    let Contact {
        uid: _,
        display_name,
        names,
        nicknames,
        phones,
        emails,
        addresses,
        organizations,
        messengers,
        notes,
        websites,
        dates,
        relations,
        sip_addresses,
        identities,
        groups,
        custom,
        unmapped,
        has_picture,
        picture: _,
        attached: _,
        starred,
        send_to_voicemail,
        custom_ringtone,
        sources: _,
    } = contact;
    let content = Content {
        uid: "",
        display_name,
        names,
        nicknames,
        phones,
        emails,
        addresses,
        organizations,
        messengers,
        notes,
        websites,
        dates,
        relations,
        sip_addresses,
        identities,
        groups,
        custom,
        unmapped,
        has_picture: *has_picture,
        starred: *starred,
        send_to_voicemail: *send_to_voicemail,
        custom_ringtone,
        sources: [],
    };
    from_content(kind, &content)
}

/// The occurrences and the origin that an event's identifier depends on.
#[derive(Debug, Clone, Copy)]
pub struct EventParts<'a> {
    pub changed: &'a [Event],
    pub cancelled: &'a [Moment],
    pub source: &'a Source,
}

/// Makes an identifier from the content of an event, regardless of its calendar's number.
pub fn of_event(kind: &[&str], event: &Event, parts: EventParts<'_>) -> String {
    /// The fields and their order are part of the identifier.
    #[derive(Serialize)]
    struct Content<'a> {
        uid: &'static str,
        calendar: i64,
        title: &'a Option<String>,
        location: &'a Option<String>,
        description: &'a Option<String>,
        start: &'a Option<Moment>,
        end: &'a Option<Moment>,
        duration: &'a Option<String>,
        rrule: &'a Option<String>,
        rdate: &'a Option<String>,
        exrule: &'a Option<String>,
        exdate: &'a Option<String>,
        recurrence_id: &'a Option<Moment>,
        #[serde(skip_serializing_if = "Option::is_none")]
        series_id: &'a Option<String>,
        changed: &'a [Event],
        cancelled: &'a [Moment],
        status: EventStatus,
        availability: Availability,
        access: Access,
        color: Option<u32>,
        organizer: &'a Option<String>,
        attendees: &'a [Attendee],
        reminders: &'a [Reminder],
        extended: &'a [ExtendedProperty],
        app_uri: &'a Option<String>,
        app_package: &'a Option<String>,
        source: &'a Source,
    }
    let Event {
        uid: _,
        calendar: _,
        title,
        location,
        description,
        start,
        end,
        duration,
        rrule,
        rdate,
        exrule,
        exdate,
        recurrence_id,
        this_and_future: _,
        series_id,
        changed: _,
        cancelled: _,
        status,
        availability,
        access,
        color,
        organizer,
        attendees,
        reminders,
        extended,
        app_uri,
        app_package,
        source: _,
    } = event;
    let EventParts {
        changed,
        cancelled,
        source,
    } = parts;
    let content = Content {
        uid: "",
        calendar: 0,
        title,
        location,
        description,
        start,
        end,
        duration,
        rrule,
        rdate,
        exrule,
        exdate,
        recurrence_id,
        series_id,
        changed,
        cancelled,
        status: *status,
        availability: *availability,
        access: *access,
        color: *color,
        organizer,
        attendees,
        reminders,
        extended,
        app_uri,
        app_package,
        source,
    };
    from_content(kind, &content)
}

/// Makes an identifier from the content of a to-do, regardless of its source.
pub fn of_todo(kind: &[&str], todo: &Todo) -> String {
    /// The fields and their order are part of the identifier.
    #[derive(Serialize)]
    struct Content<'a> {
        uid: &'a str,
        list: &'a str,
        title: &'a Option<String>,
        notes: &'a Option<String>,
        start: &'a Option<Moment>,
        due: &'a Option<Moment>,
        done: bool,
        completed: &'a Option<Moment>,
        priority: Option<u8>,
        reminder: &'a Option<Moment>,
        extended: &'a [(String, String)],
        source: Source,
    }
    let Todo {
        uid: _,
        list,
        title,
        notes,
        start,
        due,
        done,
        completed,
        priority,
        reminder,
        // `reminder` is the first of these.
        reminders: _,
        extended,
        source: _,
    } = todo;
    let content = Content {
        uid: "",
        list,
        title,
        notes,
        start,
        due,
        done: *done,
        completed,
        priority: *priority,
        reminder,
        extended,
        source: Source::default(),
    };
    from_content(kind, &content)
}

/// Makes an identifier from the content of a note, regardless of its source.
pub fn of_note(kind: &[&str], note: &Note) -> String {
    /// The fields and their order are part of the identifier.
    #[derive(Serialize)]
    struct Content<'a> {
        uid: &'static str,
        title: &'a Option<String>,
        text: &'a str,
        date: &'a Option<Moment>,
        created: &'a Option<Moment>,
        modified: &'a Option<Moment>,
        categories: &'a [String],
        extended: &'a [(String, String)],
        source: Source,
    }
    let Note {
        uid: _,
        title,
        text,
        date,
        created,
        modified,
        categories,
        extended,
        source: _,
    } = note;
    let content = Content {
        uid: "",
        title,
        text,
        date,
        created,
        modified,
        categories,
        extended,
        source: Source::default(),
    };
    from_content(kind, &content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        Account, AttendeeRole, AttendeeStatus, DateKind, Label, MessengerService, Origin, Picture,
        ReminderMethod,
    };

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    /// Returns a card with every field filled.
    fn contact() -> Contact {
        Contact {
            uid: "x".into(),
            display_name: "Lena Krug".into(),
            names: vec![PersonName {
                display: some("Lena Krug"),
                prefix: some("Dr."),
                given: some("Lena"),
                middle: some("M."),
                family: some("Krug"),
                suffix: some("jr."),
                phonetic_given: some("lena"),
                phonetic_middle: some("em"),
                phonetic_family: some("kruk"),
            }],
            nicknames: vec![Nickname {
                name: "Leni".into(),
                label: Label::ShortName,
            }],
            phones: vec![Phone {
                number: "0170 0000011".into(),
                label: Label::Custom("Boat".into()),
                normalized: some("+491700000011"),
                primary: true,
            }],
            emails: vec![Email {
                address: "lena@example.org".into(),
                label: Label::Home,
                display_name: some("L"),
                primary: false,
            }],
            addresses: vec![PostalAddress {
                formatted: some("Dock 1\nKiel"),
                street: some("Dock 1"),
                po_box: some("7"),
                neighborhood: some("Port"),
                city: some("Kiel"),
                region: some("SH"),
                postcode: some("24103"),
                country: some("Germany"),
                label: Label::Work,
                primary: false,
            }],
            organizations: vec![Organization {
                company: some("Werft AG"),
                title: some("Welder"),
                department: some("Hull"),
                job_description: some("welds"),
                symbol: some("WRF"),
                phonetic_name: some("verft"),
                office_location: some("Hall 2"),
                label: Label::Other,
            }],
            messengers: vec![InstantMessenger {
                handle: "lena".into(),
                service: MessengerService::Custom("Matrix".into()),
                label: Label::Unset,
            }],
            notes: vec!["likes tea".into()],
            websites: vec![Website {
                url: "https://example.org".into(),
                label: Label::Blog,
            }],
            dates: vec![ContactDate {
                date: "1985-04-12".into(),
                kind: DateKind::Birthday,
            }],
            relations: vec![Relation {
                name: "Omar".into(),
                kind: "brother".into(),
                custom: false,
            }],
            sip_addresses: vec![SipAddress {
                address: "lena@sip.example.org".into(),
                label: Label::Unset,
            }],
            identities: vec![ContactIdentity {
                identity: "42".into(),
                namespace: some("crew"),
            }],
            groups: vec!["Crew".into()],
            custom: vec![CustomRow {
                mimetype: "vnd.example/row".into(),
                data: vec![(1, "a".into())],
                blobs: vec![15],
            }],
            unmapped: vec![UnmappedColumn {
                mimetype: "m".into(),
                column: "c".into(),
                value: "v".into(),
            }],
            has_picture: true,
            picture: Some(Picture::default()),
            attached: vec![crate::model::Attached::default()],
            starred: true,
            send_to_voicemail: true,
            custom_ringtone: some("bell"),
            sources: vec![Source::default()],
        }
    }

    /// Returns an event with every field filled.
    fn event() -> Event {
        let moment = |millis| Moment::Time {
            millis,
            zone: "Europe/Berlin".into(),
        };
        Event {
            uid: "x".into(),
            calendar: 3,
            title: some("Ferry"),
            location: some("Pier"),
            description: some("bring tea"),
            start: Some(moment(1_000)),
            end: Some(Moment::Date(20_000)),
            duration: some("PT1H"),
            rrule: some("FREQ=DAILY"),
            rdate: some("20240101"),
            exrule: some("FREQ=YEARLY"),
            exdate: some("20240102"),
            recurrence_id: Some(moment(2_000)),
            this_and_future: true,
            series_id: some("s"),
            changed: vec![Event::default()],
            cancelled: vec![moment(3_000)],
            status: EventStatus::Tentative,
            availability: Availability::Free,
            access: Access::Private,
            color: Some(0xFF00_1122),
            organizer: some("lena@example.org"),
            attendees: vec![Attendee {
                name: some("Omar"),
                email: some("omar@example.org"),
                status: AttendeeStatus::Declined,
                role: AttendeeRole::Optional,
                organizer: false,
                identity: some("i"),
                identity_namespace: some("n"),
            }],
            reminders: vec![Reminder {
                minutes: Some(10),
                method: ReminderMethod::Email,
                ..Reminder::default()
            }],
            extended: vec![ExtendedProperty {
                name: "n".into(),
                value: "v".into(),
            }],
            app_uri: some("app://1"),
            app_package: some("org.example"),
            source: Source {
                origin: Origin::File,
                account: Account {
                    name: some("me"),
                    kind: some("LOCAL"),
                    data_set: None,
                },
                ..Source::default()
            },
        }
    }

    fn todo() -> Todo {
        Todo {
            uid: "x".into(),
            list: "Home".into(),
            title: some("Water plants"),
            notes: some("all of them"),
            start: Some(Moment::Date(1)),
            due: Some(Moment::Date(2)),
            done: true,
            completed: Some(Moment::Date(3)),
            priority: Some(5),
            reminder: Some(Moment::Date(4)),
            reminders: vec![Reminder::default()],
            extended: vec![("n".into(), "v".into())],
            source: Source::default(),
        }
    }

    fn note() -> Note {
        Note {
            uid: "x".into(),
            title: some("Door"),
            text: "4711".into(),
            date: Some(Moment::Date(1)),
            created: Some(Moment::Date(2)),
            modified: Some(Moment::Date(3)),
            categories: vec!["Home".into()],
            extended: vec![("n".into(), "v".into())],
            source: Source::default(),
        }
    }

    /// If one of these changes, importers treat all records rescued earlier as new.
    #[test]
    fn identifiers_stay_what_they_were() {
        let event = event();
        let parts = EventParts {
            changed: &[],
            cancelled: &[],
            source: &event.source,
        };
        let all = [
            of_contact(&["contact"], &contact()),
            of_event(&["event"], &event, parts),
            of_todo(&["todo"], &todo()),
            of_note(&["found", "note"], &note()),
        ];
        assert_eq!(
            all,
            [
                "84665daf-6950-86f4-b267-5f1785f26ccc",
                "fd40a41c-4ae1-89df-9cb8-07b9b8ec150c",
                "2fe67c42-ef16-8791-9dc8-fccf34cbe424",
                "37f60e28-bde1-8c48-991b-90111e456273",
            ]
        );
    }
}
