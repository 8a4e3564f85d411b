//! The calendar and to-do files: they contain everything that a handset holds, other programs' readers find all of it,
//! and no data from a handset can break them.

mod hostile;
mod support;
mod time_zones;

use std::fs;

use icalendar::{CalendarComponent, Component, EventLike};
use lifeboat::export::calendars::{CalendarFiles, read_back};
use lifeboat::model::*;
use support::*;

#[test]
fn an_event_with_everything_is_found_by_other_readers() {
    let everything = Event {
        title: Some("Dinner, with Zoë; at 8\\9".into()),
        location: Some("Café “Zur Post”\nBack room".into()),
        description: Some("line 1\r\nline 2\u{7}".into()),
        status: EventStatus::Tentative,
        availability: Availability::Free,
        access: Access::Private,
        color: Some(0xFFFF_0000),
        organizer: Some("boss@example.com".into()),
        attendees: vec![
            Attendee {
                name: Some("Boss \"B\"; Inc: 1".into()),
                email: Some("boss@example.com".into()),
                status: AttendeeStatus::Accepted,
                organizer: true,
                ..Attendee::default()
            },
            Attendee {
                email: Some("room@example.com".into()),
                status: AttendeeStatus::Declined,
                role: AttendeeRole::Resource,
                ..Attendee::default()
            },
            Attendee {
                name: Some("No address".into()),
                ..Attendee::default()
            },
        ],
        reminders: vec![
            Reminder {
                minutes: Some(15),
                method: ReminderMethod::Alert,
                ..Reminder::default()
            },
            Reminder {
                minutes: Some(-5),
                method: ReminderMethod::Email,
                ..Reminder::default()
            },
            Reminder {
                minutes: None,
                method: ReminderMethod::Default,
                ..Reminder::default()
            },
            Reminder {
                minutes: Some(i64::MAX),
                method: ReminderMethod::Default,
                ..Reminder::default()
            },
        ],
        extended: vec![
            ExtendedProperty {
                name: "categories".into(),
                value: "Family\\Food, drink".into(),
            },
            ExtendedProperty {
                name: "vnd.android.cursor.item/vnd.ical4android.unknown-property".into(),
                value: r#"["GEO","52.5;13.4"]"#.into(),
            },
        ],
        app_uri: Some("content://app/1".into()),
        app_package: Some("com.example.app".into()),
        source: Source {
            row: 7,
            source_id: Some("sync-7".into()),
            only_here: true,
            ..Source::default()
        },
        ..event("all@example.com")
    };
    let files = Files::write(vec![calendar(1, "Home")], &[everything], &[]);
    let lines = files.lines("calendar.ics");
    assert_has(
        &lines,
        &[
            "METHOD:PUBLISH",
            "DTSTART;TZID=Europe/Berlin:20091012T090000",
            "DTEND;TZID=Europe/Berlin:20091012T100000",
            "DESCRIPTION:line 1\\nline 2",
            "STATUS:TENTATIVE",
            "TRANSP:TRANSPARENT",
            "CLASS:PRIVATE",
            "COLOR:red",
            "GEO:52.5;13.4",
            "URL:content://app/1",
            "ORGANIZER;CN=\"Boss 'B'; Inc: 1\";SCHEDULE-AGENT=NONE:mailto:boss@example.com",
            "ATTENDEE;CUTYPE=RESOURCE;PARTSTAT=DECLINED;SCHEDULE-AGENT=NONE:mailto:room@example.com",
            "CATEGORIES:Family,Food\\, drink",
            "TRIGGER:-PT15M",
            "TRIGGER:PT5M",
            "TRIGGER:-PT10M",
        ],
    );
    assert_exact(
        &lines,
        &[
            r#","line 1\r\nline 2\u0007"]"#,
            r#""app_package":["","com.example.app"]"#,
            r#"{"minutes":null}"#,
        ],
    );
    assert!(
        files
            .summary
            .losses
            .0
            .contains_key("guests without an e-mail address")
    );

    let parsed: icalendar::Calendar = files.text("calendars/Home.ics").parse().unwrap();
    assert_eq!(parsed.get_name(), Some("Home"));
    let found = parsed
        .components
        .iter()
        .find_map(CalendarComponent::as_event)
        .unwrap();
    assert_eq!(found.get_summary(), Some("Dinner, with Zoë; at 8\\9"));
    assert_eq!(found.get_location(), Some("Café “Zur Post”\nBack room"));
    assert_eq!(found.get_uid(), Some("all@example.com"));

    let text = files.text("calendar.ics");
    let read = calcard::icalendar::ICalendar::parse(&text).unwrap();
    let values: Vec<&str> = read
        .components
        .iter()
        .flat_map(|component| &component.entries)
        .flat_map(|entry| &entry.values)
        .filter_map(|value| value.as_text())
        .collect();
    for wanted in [
        "Dinner, with Zoë; at 8\\9",
        "Café “Zur Post”\nBack room",
        "line 1\nline 2",
        "Food, drink",
    ] {
        assert!(values.contains(&wanted), "{wanted:?} in {values:#?}");
    }
}

#[test]
fn a_series_carries_its_changed_and_cancelled_occurrences() {
    let moved = Event {
        title: Some("Moved".into()),
        start: Some(at(MONDAY + WEEK + 7_200_000, "America/New_York")),
        end: Some(at(MONDAY + WEEK + 10_800_000, "America/New_York")),
        recurrence_id: Some(at(MONDAY + WEEK, "UTC")),
        ..event("s")
    };
    let removed = Event {
        recurrence_id: Some(at(MONDAY + 4 * WEEK + HOUR, "Europe/Berlin")),
        source: Source {
            deleted: true,
            ..Source::default()
        },
        ..event("s")
    };
    let weekly = Event {
        exdate: Some("Europe/Berlin;20091102T090000".into()),
        // Summer time ends on 2009-10-25, so from then on nine o'clock is 08:00 UTC.
        cancelled: vec![
            at(MONDAY + 2 * WEEK + HOUR, "Europe/Berlin"),
            at(MONDAY + 3 * WEEK + HOUR, "UTC"),
        ],
        changed: vec![moved, removed],
        ..series("s")
    };
    let files = Files::write(vec![calendar(1, "Home")], &[weekly], &[]);
    let lines = files.lines("calendar.ics");
    assert_has(
        &lines,
        &[
            "DURATION:PT3600S",
            "RRULE:FREQ=WEEKLY;UNTIL=20091231T225959Z;BYDAY=MO",
            "EXDATE;TZID=Europe/Berlin:20091026T090000",
            "EXDATE;TZID=Europe/Berlin:20091102T090000",
            "EXDATE;TZID=Europe/Berlin:20091109T090000",
            "RECURRENCE-ID;TZID=Europe/Berlin:20091019T090000",
            "DTSTART;TZID=America/New_York:20091019T050000",
            "TZID:America/New_York",
            "TZID:Europe/Berlin",
        ],
    );
    assert_eq!(lines.iter().filter(|l| l.starts_with("EXDATE")).count(), 3);
    assert_eq!(lines.iter().filter(|l| *l == "UID:s").count(), 2);
    assert_eq!(
        (
            files.summary.events,
            files.summary.exceptions,
            files.summary.deleted_events
        ),
        (1, 1, 1)
    );
    assert!(files.text("calendar-deleted.ics").contains("UID:s\r\n"));
}

#[test]
fn all_day_series_are_dates_throughout() {
    let lines = lines_of(Event {
        start: Some(Moment::Date(14_529)),
        end: None,
        duration: Some("P86400S".into()),
        rrule: Some("FREQ=YEARLY;UNTIL=20121012T000000Z".into()),
        exdate: Some("20101012T000000Z".into()),
        cancelled: vec![Moment::Date(15_259)],
        ..event("birthday")
    });
    assert_has(
        &lines,
        &[
            "DTSTART;VALUE=DATE:20091012",
            "DURATION:P1D",
            "RRULE:FREQ=YEARLY;UNTIL=20121012",
            "EXDATE;VALUE=DATE:20101012",
            "EXDATE;VALUE=DATE:20111012",
        ],
    );
    assert_none(&lines, &["BEGIN:VTIMEZONE"]);
}

#[test]
fn what_is_no_rule_is_kept_and_counted() {
    let orphan = Event {
        recurrence_id: Some(at(MONDAY + WEEK, "Europe/Berlin")),
        ..event("s")
    };
    let broken = Event {
        rrule: Some("BADRULE".into()),
        exrule: Some("FREQ=DAILY".into()),
        changed: vec![orphan.clone()],
        ..series("s")
    };
    let files = Files::write(vec![], &[broken, orphan], &[]);
    let lines = files.lines("calendar.ics");
    assert_none(&lines, &["RRULE:FREQ=W", "RRULE:B", "RECURRENCE-ID"]);
    assert_has(&lines, &["UID:s", "UID:s-2", "UID:s-3"]);
    assert_exact(
        &lines,
        &[
            r#""rrule":["","BADRULE"]"#,
            r#""exrule":["","FREQ=DAILY"]"#,
            r#","s"]"#,
            r#""calendar":1"#,
        ],
    );
    assert_eq!(files.summary.events, 3);
    for loss in [
        "repetition rules that can't be read: Meeting",
        "rules for exceptions to a repetition: Meeting",
    ] {
        assert_eq!(files.summary.losses.0.get(loss), Some(&1), "{loss}");
    }
    assert_eq!(
        files.summary.files,
        ["calendar.ics", "calendars/Calendar 1.ics"]
    );
}

#[test]
fn odd_times_are_written_validly_and_kept_exactly() {
    let backwards = lines_of(Event {
        end: Some(at(MONDAY - 1000, "Europe/Berlin")),
        ..event("a")
    });
    assert_none(&backwards, &["DTEND"]);
    assert_exact(
        &backwards,
        &[r#"",{"time":{"millis":1255330799000,"zone":"Europe/Berlin"}}]"#],
    );
    let unknown = lines_of(Event {
        start: Some(at(MONDAY, "Mars/Olympus")),
        ..event("b")
    });
    assert_has(&unknown, &["DTSTART:20091012T070000Z"]);
    assert_exact(&unknown, &[r#""zone":"Mars/Olympus""#]);
    let zoneless = lines_of(Event {
        start: Some(at(MONDAY + 1, "")),
        ..event("c")
    });
    assert_has(&zoneless, &["DTSTART:20091012T070000Z"]);
    assert_exact(
        &zoneless,
        &[r#"{"time":{"millis":1255330800001,"zone":""}}"#],
    );
    for start in [
        None,
        Some(at(i64::MAX, "UTC")),
        Some(Moment::Date(i64::MIN)),
    ] {
        let files = Files::write(
            vec![],
            &[Event {
                start,
                ..event("d")
            }],
            &[],
        );
        let lines = files.lines("calendar.ics");
        assert_has(&lines, &["BEGIN:VJOURNAL", "SUMMARY:Meeting"]);
        assert_eq!(
            files
                .summary
                .losses
                .0
                .get("events without a date (they become notes)"),
            Some(&1)
        );
    }
    let windows = lines_of(Event {
        start: Some(at(MONDAY, "W. Europe Standard Time")),
        ..event("e")
    });
    assert_has(&windows, &["DTSTART;TZID=Europe/Berlin:20091012T090000"]);
    let all_day = lines_of(Event {
        start: Some(Moment::Date(14_529)),
        end: Some(Moment::Date(14_531)),
        ..event("f")
    });
    assert_has(
        &all_day,
        &["DTSTART;VALUE=DATE:20091012", "DTEND;VALUE=DATE:20091014"],
    );
}

#[test]
fn to_dos_are_written_whole() {
    let todos = [
        Todo {
            uid: "t1".into(),
            list: "Errands".into(),
            title: Some("Milk, bread".into()),
            notes: Some("two\nlines".into()),
            start: Some(Moment::Date(14_529)),
            due: Some(Moment::Date(14_530)),
            done: true,
            completed: Some(at(MONDAY, "Europe/Berlin")),
            priority: Some(1),
            reminder: Some(at(MONDAY - 600_000, "Europe/Berlin")),
            extended: vec![("colour".into(), "blue; red".into())],
            ..Todo::default()
        },
        Todo {
            uid: "t2".into(),
            start: Some(at(MONDAY, "Europe/Berlin")),
            due: Some(at(MONDAY, "Europe/Berlin")),
            priority: Some(200),
            ..Todo::default()
        },
        Todo {
            uid: "t3".into(),
            source: Source {
                deleted: true,
                ..Source::default()
            },
            ..Todo::default()
        },
    ];
    let files = Files::write(vec![], &[], &todos);
    let lines = files.lines("todos.ics");
    assert_has(
        &lines,
        &[
            "SUMMARY:Milk\\, bread",
            "DESCRIPTION:two\\nlines",
            "DTSTART;VALUE=DATE:20091012",
            "DUE;VALUE=DATE:20091013",
            "STATUS:COMPLETED",
            "COMPLETED:20091012T070000Z",
            "PERCENT-COMPLETE:100",
            "PRIORITY:1",
            "CATEGORIES:Errands",
            "TRIGGER;VALUE=DATE-TIME:20091012T065000Z",
            "DUE;TZID=Europe/Berlin:20091012T090000",
            "STATUS:NEEDS-ACTION",
        ],
    );
    assert_exact(
        &lines,
        &[r#"["colour","blue; red"]"#, r#""priority":["",200]"#],
    );
    assert_eq!(files.summary.files, ["todos.ics", "todos-deleted.ics"]);
    let text = files.text("todos.ics");
    let read = calcard::icalendar::ICalendar::parse(&text).unwrap();
    let todos = read
        .components
        .iter()
        .filter(|c| c.component_type.as_str() == "VTODO");
    assert_eq!(todos.count(), 2);
}

#[test]
fn files_are_private_named_safely_and_the_same_every_time() {
    let calendars = || {
        vec![
            calendar(1, "Home"),
            calendar(2, "HOME"),
            calendar(3, "../../evil"),
            calendar(4, "empty"),
        ]
    };
    let events: Vec<Event> = (1..=3)
        .map(|row| Event {
            calendar: row,
            ..series("same")
        })
        .collect();
    let first = Files::write(calendars(), &events, &[]);
    let second = Files::write(calendars(), &events, &[]);
    assert_eq!(first.summary, second.summary);
    assert_eq!(
        first.summary.files,
        [
            "calendar.ics",
            "calendars/Home.ics",
            "calendars/HOME (2).ics",
            "calendars/_.._evil.ics",
        ]
    );
    for name in &first.summary.files {
        assert_eq!(first.text(name), second.text(name), "{name}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let file = fs::metadata(first.folder.path().join(name)).unwrap();
            assert_eq!(file.permissions().mode() & 0o777, 0o600, "{name}");
        }
    }
    let left: Vec<_> = fs::read_dir(first.folder.path())
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn google_gets_parts_it_takes() {
    let few: Vec<Event> = (0..1000).map(|i| event(&format!("e{i}"))).collect();
    let files = Files::write(vec![calendar(1, "Home")], &few, &[]);
    assert!(!files.folder.path().join("for-google").exists());
    let mut many: Vec<Event> = (0..2500).map(|i| event(&format!("e{i}"))).collect();
    many.push(Event {
        description: Some("x".repeat(850_000)),
        ..event("long")
    });
    let files = Files::write(vec![calendar(1, "Home")], &many, &[]);
    let parts: Vec<String> = files
        .summary
        .files
        .iter()
        .filter(|f| f.starts_with("for-google/"))
        .cloned()
        .collect();
    assert!(parts.len() >= 4, "{parts:?}");
    let mut total = 0;
    for part in &parts {
        let text = files.text(part);
        let events = text.matches("BEGIN:VEVENT").count();
        assert!(
            text.len() <= 900_000 && events <= 1000,
            "{part}: {} bytes, {events} events",
            text.len()
        );
        total += events;
    }
    assert_eq!(total, 2501);
}

#[test]
fn a_changed_byte_or_a_missing_file_is_noticed() {
    let events = [event("a"), series("b")];
    let files = Files::write(vec![calendar(1, "Home")], &events, &[]);
    let path = files.folder.path().join("calendar.ics");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("BEGIN:VEVENT", "BEGIN:VEVENX", 1)).unwrap();
    assert!(read_back(files.folder.path()).is_err());
    fs::write(&path, &text[..text.len() / 2]).unwrap();
    assert!(read_back(files.folder.path()).is_err());
    fs::remove_file(&path).unwrap();
    let read = read_back(files.folder.path()).unwrap();
    assert!(files.summary.confirm(&read).is_err());
}

#[test]
fn an_interrupted_export_can_be_done_again() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["calendars.part", "calendar.ics", "calendar.ics.part"] {
        fs::write(folder.path().join(name), "left over").unwrap();
    }
    let mut files = CalendarFiles::new(folder.path(), vec![]).unwrap();
    files.push_event(&event("a")).unwrap();
    let summary = files.finish().unwrap();
    summary.confirm(&read_back(folder.path()).unwrap()).unwrap();
    assert!(!folder.path().join("calendars.part").exists());
}
