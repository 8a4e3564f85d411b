//! Any data from a handset gives well-formed files that contain it.

use std::path::Path;

use lifeboat::export::calendars::{CalendarFiles, read_back};
use lifeboat::model::*;
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use super::support::{Files, MONDAY, WEEK, at, calendar, event, series, unfolded};

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,120}",
        any::<String>(),
        Just("x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:evil".to_owned()),
        "[;:,\"\\\\\r\n\t =A-Z\u{85}\u{2028}]{0,40}",
    ]
}

fn moments() -> impl Strategy<Value = Moment> {
    prop_oneof![
        any::<i64>().prop_map(Moment::Date),
        (-40_000i64..80_000).prop_map(Moment::Date),
        (any::<i64>(), texts()).prop_map(|(millis, zone)| at(millis, &zone)),
        (
            -4_000_000_000_000i64..5_000_000_000_000,
            0..chrono_tz::TZ_VARIANTS.len()
        )
            .prop_map(|(millis, zone)| at(millis, chrono_tz::TZ_VARIANTS[zone].name())),
    ]
}

fn columns() -> impl Strategy<Value = Option<String>> {
    proptest::option::of(prop_oneof![
        texts(),
        Just("FREQ=DAILY;COUNT=3".to_owned()),
        Just("FREQ=WEEKLY;UNTIL=20301231T000000Z".to_owned()),
        Just("20091019T070000Z,20091026T070000Z".to_owned()),
        Just("P3600S".to_owned()),
    ])
}

prop_compose! {
    fn events()(
        words in proptest::collection::vec(proptest::option::of(texts()), 5),
        uid in texts(),
        people in proptest::collection::vec((proptest::option::of(texts()), proptest::option::of(texts())), 0..3),
        extended in proptest::collection::vec((texts(), texts()), 0..3),
        start in proptest::option::of(moments()),
        end in proptest::option::of(moments()),
        columns in proptest::collection::vec(columns(), 5),
        recurrence_id in proptest::option::of(moments()),
        cancelled in proptest::collection::vec(moments(), 0..3),
        minutes in proptest::collection::vec(proptest::option::of(any::<i64>()), 0..3),
        color in proptest::option::of(any::<u32>()),
        deleted in any::<bool>(),
    ) -> Event {
        let mut columns = columns.into_iter();
        let mut words = words.into_iter();
        let mut word = || words.next().flatten();
        let mut column = || columns.next().flatten();
        Event {
            uid,
            calendar: 5,
            title: word(),
            location: word(),
            description: word(),
            organizer: word(),
            app_uri: word(),
            start, end, recurrence_id, cancelled, color,
            duration: column(),
            rrule: column(),
            rdate: column(),
            exrule: column(),
            exdate: column(),
            attendees: people.into_iter().map(|(name, email)| Attendee { name, email, ..Attendee::default() }).collect(),
            extended: extended.into_iter().map(|(name, value)| ExtendedProperty { name, value }).collect(),
            reminders: minutes.into_iter().map(|minutes| Reminder { minutes, method: ReminderMethod::Default, ..Reminder::default() }).collect(),
            source: Source { deleted, ..Source::default() },
            ..event("")
        }
    }
}

/// Undoes the escapes of a TEXT value.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some(c) => out.push(c),
                None => panic!("{text:?} ends in a backslash"),
            },
            c => out.push(c),
        }
    }
    out
}

/// Asserts that the files contain a text unchanged: as the TEXT of its property, or in one of Lifeboat's own properties
/// as TEXT or JSON.
#[track_caller]
fn assert_kept(lines: &[String], property: &str, value: &str) {
    let json = serde_json::to_string(value).unwrap();
    let json = json
        .replace('\u{7f}', "\\u007f")
        .replace('\u{85}', "\\u0085");
    let kept = value.is_empty()
        || lines.iter().any(|line| {
            let Some((name, text)) = line.split_once(':') else {
                return false;
            };
            let ours = name.starts_with("X-LIFEBOAT-");
            (ours || name == property) && {
                let text = unescaped(text);
                text == value || (ours && text.contains(&json))
            }
        });
    assert!(kept, "{property} {value:?} is lost: {lines:#?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]

    #[test]
    fn no_handset_can_break_a_file(
        mut pushed in proptest::collection::vec(events(), 1..4),
        changes in proptest::collection::vec(events(), 0..3),
    ) {
        pushed[0].changed = changes;
        let files = Files::write(vec![], &pushed, &[]);
        let mut lines = Vec::new();
        for name in &files.summary.files {
            let text = files.text(name);
            let read: Result<icalendar::Calendar, _> = text.parse();
            prop_assert!(read.is_ok(), "{name}: {read:?}");
            let read = calcard::icalendar::ICalendar::parse(&text);
            prop_assert!(read.is_ok(), "{name}: {read:?}");
            lines.extend(unfolded(&text));
        }
        for event in pushed.iter().chain(&pushed[0].changed) {
            for (property, value) in [
                ("SUMMARY", &event.title),
                ("LOCATION", &event.location),
                ("DESCRIPTION", &event.description),
                ("ORGANIZER", &event.organizer),
                ("URL", &event.app_uri),
            ] {
                if let Some(value) = value {
                    assert_kept(&lines, property, value);
                }
            }
            assert_kept(&lines, "UID", &event.uid);
            for column in [&event.exrule, &event.rrule].into_iter().flatten() {
                if !column.trim().is_empty() && !column.starts_with("FREQ") {
                    assert_kept(&lines, "", column);
                }
            }
            for property in &event.extended {
                assert_kept(&lines, "", &property.name);
                assert_kept(&lines, "", &property.value);
            }
        }
    }
}

/// Writes a folder for other programs to check, if the environment asks for one.
#[test]
fn a_folder_for_judges() {
    let Some(folder) = std::env::var_os("LIFEBOAT_JUDGED_FOLDER") else {
        println!("LIFEBOAT_JUDGED_FOLDER is not set: nothing is written for judges");
        return;
    };
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let folder = Path::new(&folder);
    let mut files = CalendarFiles::new(folder, vec![calendar(5, "Öffentlich, \"x\"")]).unwrap();
    for index in 0..300 {
        let mut one = events().new_tree(&mut runner).unwrap().current();
        // Some programs warn about dates that no rule produces. That is no fault of the file.
        (one.exdate, one.rdate) = (None, None);
        one.cancelled.clear();
        // khal reads dates up to 2037 only.
        if one
            .start
            .as_ref()
            .is_some_and(|start| start > &at(0, "") || start > &Moment::Date(24_000))
        {
            one.rrule = None;
        }
        one.changed = (0..index % 3)
            .map(|_| events().new_tree(&mut runner).unwrap().current())
            .collect();
        files.push_event(&one).unwrap();
    }
    for (index, zone) in (0i64..).zip(chrono_tz::TZ_VARIANTS.iter()) {
        let start = Some(at(MONDAY + index * WEEK, zone.name()));
        let one = Event {
            calendar: 5,
            start,
            end: None,
            ..series(&format!("zone-{index}"))
        };
        files.push_event(&one).unwrap();
    }
    for (index, rule) in [
        "FREQ=DAILY;UNTIL=19990101",
        "FREQ=MONTHLY;BYDAY=-1FR;BYSETPOS=1",
        "FREQ=YEARLY;BYDAY=2MO",
        "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
        "FREQ=YEARLY;BYYEARDAY=-1",
        "FREQ=HOURLY;INTERVAL=8;COUNT=20",
        "FREQ=WEEKLY;WKST=SU;INTERVAL=2;BYDAY=TU,TH;COUNT=9",
        "FREQ=DAILY;INTERVAL=32767",
    ]
    .into_iter()
    .enumerate()
    {
        let one = Event {
            rrule: Some(rule.into()),
            ..series(&format!("rule-{index}"))
        };
        files.push_event(&one).unwrap();
    }
    for index in 0..20 {
        let mut word = || texts().new_tree(&mut runner).unwrap().current();
        let (title, notes, list) = (word(), word(), word());
        let mut moment = || Some(moments().new_tree(&mut runner).unwrap().current());
        let todo = Todo {
            uid: format!("todo-{index}"),
            title: Some(title),
            notes: Some(notes),
            list,
            due: moment(),
            start: moment(),
            reminder: moment(),
            done: index % 2 == 0,
            completed: Some(at(MONDAY, "Europe/Berlin")),
            ..Todo::default()
        };
        files.push_todo(&todo).unwrap();
    }
    let summary = files.finish().unwrap();
    let read = read_back(folder).unwrap_or_else(|error| panic!("{error}"));
    summary
        .confirm(&read)
        .unwrap_or_else(|error| panic!("{error}"));
    println!("{summary:#?}");
}
