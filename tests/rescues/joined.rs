//! Two records become one only if nothing contradicts it: exported files with the same people, events and to-dos, in
//! whole rescues. Lists, details and files must agree.

use crate::common::{Practised, portable_files, rescue};
use lifeboat::format::found;
use lifeboat::model::{Collection, Event, Stop, Verdict};
use lifeboat::practice::android::{Settings, Storage};
use lifeboat::rescue::look::{Line, Rescued};

/// A phone with two contacts, one event, one to-do and these exported files.
fn phone(exported: &[(&str, &str)]) -> Settings {
    Settings {
        contacts: 2,
        events: 1,
        todos: 1,
        storage: Storage {
            exported: exported
                .iter()
                .map(|(path, text)| (format!("Download/{path}"), text.as_bytes().to_vec()))
                .collect(),
            ..Storage::default()
        },
        ..Settings::default()
    }
}

fn text(practised: &Practised, name: &str) -> String {
    let files = portable_files(&practised.folder);
    String::from_utf8(files.get(name).cloned().unwrap_or_default()).expect("text")
}

/// The unfolded cards of contacts.vcf with this name.
fn cards(practised: &Practised, name: &str) -> Vec<String> {
    let all = text(practised, "contacts.vcf").replace("\r\n ", "");
    let line = format!("FN:{name}\r\n");
    all.split("END:VCARD\r\n")
        .filter(|card| card.contains(&line))
        .map(str::to_owned)
        .collect()
}

/// The events of calendar.ics with this title, as Lifeboat's reader reads them.
fn events(practised: &Practised, title: &str) -> Vec<Event> {
    let read = found::read("calendar.ics", text(practised, "calendar.ics").as_bytes());
    let all = read.events.into_iter().map(|placed| placed.record);
    all.filter(|event| event.title.as_deref() == Some(title))
        .collect()
}

fn card(lines: &str) -> String {
    let lines = lines.replace('|', "\r\n");
    format!("BEGIN:VCARD\r\nVERSION:3.0\r\n{lines}\r\nEND:VCARD\r\n")
}

fn calendar(events: &[&str]) -> String {
    let events: String = events
        .iter()
        .map(|lines| {
            let lines = lines.replace('|', "\r\n");
            format!("BEGIN:VEVENT\r\n{lines}\r\nEND:VEVENT\r\n")
        })
        .collect();
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n")
}

fn from_files(practised: &Practised, what: Collection) -> (u64, u64, String) {
    let mut all = practised.outcome.from_files.iter();
    let found = all.find(|line| line.name == what).expect("a line");
    (found.found, found.known, found.notes.join("\n"))
}

#[test]
fn two_people_of_one_name_in_one_file_stay_two() {
    let file = [
        card("FN:Karl Berg|N:Berg;Karl;;;|TEL;TYPE=HOME:+49300000500|TEL;TYPE=CELL:+491700000501|BDAY:1950-01-02"),
        card("FN:Karl Berg|N:Berg;Karl;;;|TEL;TYPE=HOME:+49300000500|TEL;TYPE=CELL:+491700000502|BDAY:1981-06-07"),
        card("FN:Short Num|N:Num;Short;;;|TEL:5550100"),
        card("FN:Short Num|N:Num;Short;;;|TEL:+12125550100"),
        card("FN:Twice Told|N:Told;Twice;;;|TEL:+49 170 0000999"),
        card("FN:Twice  Told|N:Told;Twice;;;|TEL:+491700000999|REV:20100101T000000Z"),
    ]
    .concat();
    let rescued = rescue(phone(&[("dup.vcf", &file)]));
    assert!(rescued.outcome.safe, "{:?}", rescued.outcome.why_not);
    assert_eq!(cards(&rescued, "Karl Berg").len(), 2);
    assert_eq!(cards(&rescued, "Short Num").len(), 2);
    assert_eq!(cards(&rescued, "Twice Told").len(), 1);
    let (found, known, notes) = from_files(&rescued, Collection::Contacts);
    assert_eq!((found, known), (5, 0));
    assert!(
        notes.contains("Exact duplicates within one file, saved once: 1."),
        "{notes}"
    );
}

/// The same two people, with one file for each.
#[test]
fn two_people_of_one_name_in_two_files_stay_two() {
    let a = card("FN:Karl Berg|TEL:+49300000500|TEL:+491700000501");
    let b = card("FN:Karl Berg|TEL:+49300000500|TEL:+491700000502");
    let rescued = rescue(phone(&[("a.vcf", &a), ("b.vcf", &b)]));
    assert_eq!(cards(&rescued, "Karl Berg").len(), 2);
}

#[test]
fn numbers_that_dial_otherwise_are_all_kept() {
    let a = card("FN:John|N:;John;;;|TEL:+491700000801");
    let b = card("FN:John|N:;John;;;|TEL:*31#+491700000801|TEL:+491700000801,,55#");
    let rescued = rescue(phone(&[("a.vcf", &a), ("b.vcf", &b)]));
    let cards = cards(&rescued, "John");
    assert_eq!(cards.len(), 1, "{cards:?}");
    for number in [":+491700000801\r\n", ":*31#+491700000801\r\n"] {
        assert!(cards[0].contains(number), "{}", cards[0]);
    }
    assert!(cards[0].contains("55#"), "{}", cards[0]);
    let (.., notes) = from_files(&rescued, Collection::Contacts);
    assert!(
        notes.contains("In more than one exported file, and joined: "),
        "{notes}"
    );
    assert!(notes.contains("Download/a.vcf (1)"), "{notes}");
}

#[test]
fn events_of_one_identifier_at_other_times_are_all_there() {
    let lessons = calendar(&[
        "UID:lesson-7|SUMMARY:Swimming|DTSTART:20240902T150000Z|DTEND:20240902T160000Z",
        "UID:lesson-7|SUMMARY:Swimming|DTSTART:20240909T150000Z|DTEND:20240909T160000Z",
        "UID:lesson-7|SUMMARY:Swimming|DTSTART:20240918T170000Z|DTEND:20240918T180000Z",
    ]);
    let mixed = calendar(&[
        "UID:0|SUMMARY:Flight out|DTSTART:20240902T150000Z|DTEND:20240902T160000Z",
        "UID:0|SUMMARY:Hotel|DTSTART:20240902T150000Z|DTEND:20240905T090000Z",
        "SUMMARY:Gym|DTSTART:20240902T150000Z",
        "SUMMARY:Gym|DTSTART:20240903T150000Z",
        "UID:w1|SUMMARY:Night shift|DTSTART;VALUE=DATE:20240902|RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=4",
        "UID:w2|SUMMARY:Night shift|DTSTART;VALUE=DATE:20240902|RRULE:FREQ=WEEKLY;BYDAY=TH;COUNT=4",
    ]);
    let rescued = rescue(phone(&[("sameuid.ics", &lessons), ("uidvar.ics", &mixed)]));
    assert!(rescued.outcome.safe, "{:?}", rescued.outcome.why_not);
    for (title, count) in [
        ("Swimming", 3),
        ("Flight out", 1),
        ("Hotel", 1),
        ("Gym", 2),
        ("Night shift", 2),
    ] {
        assert_eq!(events(&rescued, title).len(), count, "{title}");
    }
    let (found, ..) = from_files(&rescued, Collection::Calendar);
    assert_eq!(found, 9);
}

#[test]
fn the_same_event_of_two_files_is_one_unless_something_speaks_against_it() {
    let base = "UID:u1|SUMMARY:Ferry|DTSTART:20240902T150000Z|DTEND:20240902T160000Z";
    for (other, count) in [
        (base, 1),
        ("SUMMARY:Ferry|DTSTART:20240902T150000Z", 1),
        (
            "UID:u2|SUMMARY:Ferry|DTSTART:20240902T150000Z|DTEND:20240902T160000Z",
            2,
        ),
        (
            "UID:u1|SUMMARY:Ferry|DTSTART:20240902T150000Z|DTEND:20240902T180000Z",
            2,
        ),
        (
            "UID:u1|SUMMARY:Ferry|DTSTART:20240903T150000Z|DTEND:20240903T160000Z",
            2,
        ),
        (
            "UID:u1|SUMMARY:Ferry|DTSTART:20240902T150000Z|RRULE:FREQ=DAILY;COUNT=3",
            2,
        ),
    ] {
        let (a, b) = (calendar(&[base]), calendar(&[other]));
        let rescued = rescue(phone(&[("a.ics", &a), ("b.ics", &b)]));
        assert_eq!(events(&rescued, "Ferry").len(), count, "{other}");
    }
}

#[test]
fn a_changed_occurrence_finds_its_series_wherever_it_stands() {
    let series = "UID:series@example.com|DTSTART:20260819T123000Z|DTEND:20260819T133000Z|RRULE:FREQ=MONTHLY;BYDAY=3WE;COUNT=3|SUMMARY:Monthly sync";
    let moved = "UID:series@example.com|RECURRENCE-ID:20260819T123000Z|DTSTART:20260825T123000Z|DTEND:20260825T133000Z|SUMMARY:Monthly sync";
    let two_objects = format!("{}{}", calendar(&[moved]), calendar(&[series]));
    for files in [
        vec![
            ("a.ics", calendar(&[series])),
            ("b.ics", calendar(&[moved])),
        ],
        vec![
            ("b.ics", calendar(&[series])),
            ("a.ics", calendar(&[moved])),
        ],
        vec![("a.ics", two_objects)],
        vec![
            ("a.ics", calendar(&[series])),
            ("b.ics", calendar(&[moved])),
            ("c.ics", calendar(&[series, moved])),
        ],
    ] {
        let files: Vec<(&str, &str)> = files.iter().map(|(n, t)| (*n, t.as_str())).collect();
        let rescued = rescue(phone(&files));
        assert!(rescued.outcome.safe, "{:?}", rescued.outcome.why_not);
        let events = events(&rescued, "Monthly sync");
        assert_eq!(events.len(), 1, "{events:#?}");
        assert_eq!(events[0].changed.len(), 1);
        let ics = text(&rescued, "calendar.ics");
        assert_eq!(ics.matches("RECURRENCE-ID").count(), 1, "{ics}");
    }
}

#[test]
fn what_speaks_against_it_keeps_to_dos_apart() {
    let todo = |lines: &str| {
        let lines = lines.replace('|', "\r\n");
        format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTODO\r\n{lines}\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
        )
    };
    let base = "SUMMARY:Milk|DUE;VALUE=DATE:20240901|DESCRIPTION:two";
    for (other, count) in [
        (base, 1),
        ("SUMMARY:milk|DUE;VALUE=DATE:20240901|STATUS:COMPLETED", 1),
        ("SUMMARY:Milk|DUE;VALUE=DATE:20240902|DESCRIPTION:two", 2),
        ("SUMMARY:Milk|DUE;VALUE=DATE:20240901|DESCRIPTION:three", 2),
    ] {
        let rescued = rescue(phone(&[("a.ics", &todo(base)), ("b.ics", &todo(other))]));
        let ics = text(&rescued, "todos.ics").to_lowercase();
        assert_eq!(ics.matches("summary:milk").count(), count, "{other}");
    }
}

/// The lines of the list, their details, and the files come from the same merge.
#[test]
fn lists_and_details_say_what_the_files_say() {
    let first = rescue(Settings {
        contacts: 40,
        events: 30,
        todos: 10,
        ..Settings::default()
    });
    let files = portable_files(&first.folder);
    let exported = ["contacts.vcf", "calendar.ics", "todos.ics"].map(|name| {
        let text = String::from_utf8_lossy(&files[name]).replace("SUMMARY:", "SUMMARY:Re ");
        (format!("Download/{name}"), text.into_bytes())
    });
    let again = (
        "Download/again.vcf".to_owned(),
        files["contacts.vcf"].clone(),
    );
    let rescued = rescue(Settings {
        contacts: 40,
        events: 30,
        todos: 10,
        storage: Storage {
            exported: exported.into_iter().chain([again]).collect(),
            ..Storage::default()
        },
        ..Settings::default()
    });
    assert!(rescued.outcome.safe, "{:?}", rescued.outcome.why_not);
    let look = Rescued::open(&rescued.folder).expect("a rescue");
    let overview = look.overview(&Stop::new()).expect("an overview");
    let lines = |what| overview.of(what).expect("a list").lines.iter();
    let details = |what, line: &Line| {
        let details = look.details(what, &line.key).expect("a look");
        details.expect("a record").fields
    };
    let written = text(&rescued, "contacts.vcf");
    let read = found::read("contacts.vcf", written.as_bytes());
    let mut in_file: Vec<(String, usize, usize)> = read
        .contacts
        .iter()
        .map(|card| &card.contact)
        .map(|c| {
            (
                c.display_name.trim().to_owned(),
                c.phones.len(),
                c.emails.len(),
            )
        })
        .collect();
    let mut in_list: Vec<(String, usize, usize)> = lines(Collection::Contacts)
        .filter(|line| !line.deleted && line.remark != "owner")
        .map(|line| {
            let detail = details(Collection::Contacts, line);
            assert_eq!(detail[0].value, *line.name, "{detail:?}");
            let count = |label: &str| detail.iter().filter(|f| f.label == label).count();
            (detail[0].value.clone(), count("Phone"), count("E-mail"))
        })
        .collect();
    in_file.sort();
    in_list.sort();
    assert_eq!(in_list, in_file);
    for what in [Collection::Calendar, Collection::Todos] {
        for line in lines(what).filter(|line| !line.part) {
            assert_eq!(details(what, line)[0].value, *line.name);
        }
    }
    let counted = |what| from_files(&rescued, what);
    let new: Vec<&str> = lines(Collection::Contacts)
        .filter(|c| c.found)
        .map(|c| &*c.name)
        .collect();
    assert!(new.is_empty(), "{new:?}");
    assert_eq!(counted(Collection::Contacts).0, 0, "all are known");
    assert_eq!(rescued.outcome.from_files[0].verdict, Verdict::Complete);
}

/// A group whose members stand elsewhere is reported as a group, not as a list that could not be read.
#[test]
fn a_group_alone_in_its_file_is_named() {
    let group = card(
        "FN:Crew|N:Crew;;;;|X-ADDRESSBOOKSERVER-KIND:group|X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:m-1|UID:g-1",
    );
    let rescued = rescue(phone(&[("crew.vcf", &group)]));
    assert!(rescued.outcome.safe, "{:?}", rescued.outcome.why_not);
    assert!(cards(&rescued, "Crew").is_empty());
    let (found, _, notes) = from_files(&rescued, Collection::Contacts);
    assert_eq!(found, 0);
    assert!(notes.contains("Crew"), "{notes}");
    assert!(rescued.outcome.lists_not_read.is_empty());
}

#[test]
fn a_list_that_nobody_understands_is_named_on_the_last_screen() {
    let rescued = rescue(phone(&[(
        "list.csv",
        "Qwx,Zfg,Vorname,Blub\r\n1,2,Nora,+49 30 0000001\r\n",
    )]));
    let named = &rescued.outcome.lists_not_read;
    assert_eq!(named.len(), 1, "{named:?}");
    assert!(named[0].contains("list.csv"), "{named:?}");
    let report = rescued.folder.join("data/report.html");
    let report = std::fs::read_to_string(report).expect("a report");
    assert!(report.contains("list.csv"));
}
