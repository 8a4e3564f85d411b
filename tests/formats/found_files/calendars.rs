//! Calendars as programs write them: everything that a file says is in the file that Lifeboat writes.

use std::collections::BTreeSet;

use lifeboat::format::icalendar::{self, TimeZones, Uids};
use lifeboat::format::versit::Fault;
use lifeboat::format::{Losses, found};
use lifeboat::model::*;
use proptest::prelude::*;

use super::processor::Work;

/// A calendar file that was read, and the file that was written from the result.
pub(super) struct Through {
    pub(super) found: found::Found,
    /// Unfolded lines.
    lines: Vec<String>,
    text: String,
    pub(super) losses: Losses,
}

impl Through {
    pub(super) fn of(inner: &str) -> Self {
        Self::file(&format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}\r\nEND:VCALENDAR\r\n",
            inner.trim().replace('\n', "\r\n")
        ))
    }

    fn file(text: &str) -> Self {
        let found = found::read("calendar.ics", text.as_bytes());
        let mut losses = Losses::default();
        let (mut uids, mut todo_uids) = (Uids::default(), Uids::default());
        let events = found
            .events
            .iter()
            .map(|event| icalendar::write_event(&event.record, None, &mut uids, &mut losses));
        let mut written: Vec<icalendar::Written> = events.collect();
        let todos = found.todos.iter();
        written.extend(
            todos.map(|todo| icalendar::write_todo(&todo.record, &mut todo_uids, &mut losses)),
        );
        let mut zones = icalendar::ZoneUses::default();
        written.iter().for_each(|each| zones.merge(&each.zones));
        let mut text = icalendar::begin(None);
        text.push_str(&TimeZones::default().write(&zones));
        written.iter().for_each(|each| text.push_str(&each.text));
        text.push_str(icalendar::END);
        if !written.is_empty() {
            icalendar::read(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"));
        }
        let lines = text.replace("\r\n ", "");
        Self {
            lines: lines.split("\r\n").map(str::to_owned).collect(),
            found,
            text,
            losses,
        }
    }

    pub(super) fn faults(&self) -> Vec<Fault> {
        let list = &self.found.unreadable.list;
        list.iter().map(|unreadable| unreadable.fault).collect()
    }

    #[track_caller]
    fn clean(self) -> Self {
        assert_eq!(self.found.unreadable.list, [], "{}", self.text);
        assert!(self.losses.0.is_empty(), "{:?}", self.losses);
        self.comes_back()
    }

    /// Asserts that the written file is read as the same, and is the same when it is written again.
    #[track_caller]
    pub(super) fn comes_back(self) -> Self {
        let again = Self::file(&self.text);
        assert_eq!(again.found.unreadable.list, [], "{}", self.text);
        assert_eq!(bare(&again.text), bare(&self.text));
        let events = |found: &found::Found| -> Vec<Event> {
            let all = found.events.iter().map(|event| event.record.clone());
            all.map(|event| Event {
                source: Source::default(),
                calendar: 0,
                changed: event
                    .changed
                    .iter()
                    .map(|change| Event {
                        source: Source::default(),
                        calendar: 0,
                        ..change.clone()
                    })
                    .collect(),
                ..event
            })
            .collect()
        };
        let (first, second) = (events(&self.found), events(&again.found));
        for (first, second) in first.iter().zip(&second) {
            assert_eq!(second.start, first.start, "{}", self.text);
            assert_eq!(second.end, first.end, "{}", self.text);
            assert_eq!(second.reminders, first.reminders, "{}", self.text);
            assert_eq!(second.extended, first.extended, "{}", self.text);
            assert_eq!(items(&second.rdate), items(&first.rdate), "{}", self.text);
            assert_eq!(items(&second.exdate), items(&first.exdate), "{}", self.text);
            assert_eq!(second.changed, first.changed, "{}", self.text);
        }
        assert_eq!(first.len(), second.len());
        for (first, second) in self.found.todos.iter().zip(&again.found.todos) {
            let (first, mut second) = (&first.record, second.record.clone());
            second.source = first.source.clone();
            assert_eq!(&second, first, "{}", self.text);
        }
        self
    }

    #[track_caller]
    pub(super) fn has(self, lines: &[&str]) -> Self {
        for line in lines {
            assert!(
                self.lines.iter().any(|l| l == line),
                "no {line} in {:#?}",
                self.lines
            );
        }
        self
    }

    #[track_caller]
    pub(super) fn has_none(self, starts: &[&str]) -> Self {
        for start in starts {
            assert!(
                !self.lines.iter().any(|l| l.starts_with(start)),
                "{start} in {:#?}",
                self.lines
            );
        }
        self
    }

    /// The time at which an event begins, in seconds since 1970.
    #[track_caller]
    fn instant(&self, uid: &str) -> i64 {
        let event = self.found.events.iter().find(|e| e.record.uid == uid);
        match &event.unwrap_or_else(|| panic!("no {uid}")).record.start {
            Some(Moment::Time { millis, zone }) => {
                assert_ne!(zone, Moment::FLOATING, "{uid}");
                millis / 1000
            }
            other => panic!("{uid}: {other:?}"),
        }
    }
}

/// The dates of a column, however they are divided into lines. A start is left out if a period with that start is
/// there.
fn items(column: &Option<String>) -> BTreeSet<String> {
    let lines = column.iter().flat_map(|column| column.lines());
    let all: BTreeSet<String> = lines
        .flat_map(|line| {
            let (zone, items) = line.split_once(';').unwrap_or(("", line));
            items.split(',').map(move |item| format!("{zone} {item}"))
        })
        .collect();
    let is_in_period = |item: &&String| {
        let period = format!("{item}/");
        all.range(period.clone()..)
            .next()
            .is_some_and(|next| next.starts_with(&period))
    };
    all.iter()
        .filter(|item| !is_in_period(item))
        .cloned()
        .collect()
}

/// Removes the properties that say where a record was read.
fn bare(text: &str) -> String {
    let text = text.replace("\r\n ", "");
    let lines = text.split("\r\n");
    let lines = lines.filter(|l| !l.starts_with("X-LIFEBOAT-DATA"));
    lines.collect::<Vec<&str>>().join("\n")
}

fn event(more: &str) -> String {
    format!("BEGIN:VEVENT\nUID:e\nSUMMARY:Shift\n{more}\nEND:VEVENT")
}

#[test]
fn left_out_days_are_left_out_whatever_they_are_written_as() {
    const DAILY: &str = "DTSTART;TZID=Europe/Berlin:20230301T100000\nRRULE:FREQ=DAILY;COUNT=4\n";
    const DAYS: &str = "DTSTART;VALUE=DATE:20230301\nRRULE:FREQ=DAILY;COUNT=4\n";
    const UTC: &str = "DTSTART:20230301T093000Z\nRRULE:FREQ=DAILY;COUNT=4\n";
    const FLOATING: &str = "DTSTART:20230301T100000\nRRULE:FREQ=DAILY;COUNT=4\n";
    let berlin = "EXDATE;TZID=Europe/Berlin:20230302T100000";
    for (series, left_out, wanted) in [
        (DAILY, "EXDATE;VALUE=DATE:20230302", berlin),
        (DAILY, "EXDATE:20230302", berlin),
        (
            DAILY,
            "EXDATE;VALUE=DATE;TZID=Europe/Berlin:20230302",
            berlin,
        ),
        (DAILY, "EXDATE:20230302T090000Z", berlin),
        (DAILY, "EXDATE:20230302T100000", berlin),
        (
            DAILY,
            "EXDATE;TZID=Romance Standard Time:20230302T100000",
            berlin,
        ),
        (
            DAILY,
            "EXDATE;TZID=America/New_York:20230302T040000",
            berlin,
        ),
        (DAILY, "EXDATE:,20230302T090000Z,,", berlin),
        (
            DAILY,
            "EXDATE;TZID=Europe/Berlin:2023-03-02T10:00:00",
            berlin,
        ),
        (DAYS, "EXDATE:20230302T000000", "EXDATE;VALUE=DATE:20230302"),
        (
            DAYS,
            "EXDATE;TZID=W. Europe Standard Time:20230302T000000",
            "EXDATE;VALUE=DATE:20230302",
        ),
        (
            DAYS,
            "EXDATE:20230302T000000Z",
            "EXDATE;VALUE=DATE:20230302",
        ),
        (
            DAYS,
            "EXDATE;VALUE=DATE:20230302",
            "EXDATE;VALUE=DATE:20230302",
        ),
        (UTC, "EXDATE;VALUE=DATE:20230302", "EXDATE:20230302T093000Z"),
        (
            UTC,
            "EXDATE;TZID=Europe/Berlin:20230302T103000",
            "EXDATE:20230302T093000Z",
        ),
        (
            FLOATING,
            "EXDATE;VALUE=DATE:20230302",
            "EXDATE:20230302T100000",
        ),
        (FLOATING, "EXDATE:20230302T100000", "EXDATE:20230302T100000"),
        (
            FLOATING,
            "EXDATE:20230302T100000Z",
            "EXDATE:20230302T100000",
        ),
    ] {
        let through = Through::of(&event(&format!("{series}{left_out}"))).clean();
        let written: Vec<&String> = through
            .lines
            .iter()
            .filter(|l| l.starts_with("EXDATE"))
            .collect();
        assert_eq!(written, [wanted], "{left_out}");
    }
    // An excluded day in a calendar that names its owner's time zone.
    Through::of(&format!(
        "X-WR-TIMEZONE:Europe/Berlin\n{}",
        event(&format!("{DAYS}EXDATE:20230301T230000Z"))
    ))
    .clean()
    .has(&["EXDATE;VALUE=DATE:20230302"]);
    Through::of(&format!(
        "X-WR-TIMEZONE:America/New_York\n{}",
        event("DTSTART:20230302T010000Z\nRRULE:FREQ=DAILY;COUNT=4\nEXDATE;VALUE=DATE:20230302")
    ))
    .clean()
    .has(&["EXDATE:20230303T010000Z"]);
}

#[test]
fn dates_that_cannot_be_read_are_named_and_the_others_count() {
    let through = Through::of(&event(
        "DTSTART:20230301T100000Z\nRRULE:FREQ=DAILY;COUNT=4\nEXDATE:20230302T100000Z,someday",
    ));
    assert_eq!(through.faults(), [Fault::Rule]);
    through.has(&["EXDATE:20230302T100000Z"]).comes_back();
}

#[test]
fn rules_are_read_as_exporters_write_them() {
    for (start, rule, wanted) in [
        (
            "20240902T150000Z",
            "freq=weekly;byday=mo;count=3",
            "FREQ=WEEKLY;COUNT=3;BYDAY=MO",
        ),
        (
            "20240902T150000Z",
            "FREQ=WEEKLY;BYDAY=MO;COUNT=3;",
            "FREQ=WEEKLY;COUNT=3;BYDAY=MO",
        ),
        (
            "20240902T150000Z",
            "FREQ=WEEKLY;COUNT=3;UNTIL=20250101T000000Z",
            "FREQ=WEEKLY;COUNT=3",
        ),
        (
            "20240902T150000Z",
            "FREQ=WEEKLY;COUNT=300;UNTIL=20250101T000000Z",
            "FREQ=WEEKLY;UNTIL=20250101T000000Z",
        ),
        (
            "20240902T150000Z",
            "FREQ=WEEKLY;UNTIL=;INTERVAL=1",
            "FREQ=WEEKLY;INTERVAL=1",
        ),
        (
            "20240902T150000Z",
            "FREQ=WEEKLY;INTERVAL=0",
            "FREQ=WEEKLY;INTERVAL=1",
        ),
        (
            "20240902T150000Z",
            "FREQ=MONTHLY; BYDAY=2MO",
            "FREQ=MONTHLY;BYDAY=2MO",
        ),
        (
            "20240902T150000Z",
            "FREQ=MONTHLY;BYMONTHDAY=2,;WKST=",
            "FREQ=MONTHLY;BYMONTHDAY=2",
        ),
        (
            "20240902T150000Z",
            "FREQ=DAILY;COUNT=;UNTIL=20240905",
            "FREQ=DAILY;UNTIL=20240905T235959Z",
        ),
    ] {
        let through = Through::of(&event(&format!("DTSTART:{start}\nRRULE:{rule}"))).clean();
        through.has(&[&format!("RRULE:{wanted}")]);
    }
    Through::of(&event(
        "DTSTART;TZID=America/New_York:20240902T210000\nRRULE:FREQ=DAILY;UNTIL=20240905",
    ))
    .clean()
    .has(&["RRULE:FREQ=DAILY;UNTIL=20240906T035959Z"]);
    Through::of(&event(
        "DTSTART;TZID=America/New_York:20240902T210000\nRRULE:FREQ=DAILY;UNTIL=20240905T035959Z",
    ))
    .clean()
    .has(&["RRULE:FREQ=DAILY;UNTIL=20240905T035959Z"]);
}

#[test]
fn rules_that_cannot_be_written_are_named() {
    let two = Through::of(&event(
        "DTSTART:20240902T150000Z\nRRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3\nRRULE:FREQ=WEEKLY;BYDAY=TH;COUNT=3",
    ));
    assert!(two.losses.0.is_empty(), "{:?}", two.losses);
    two.has(&["RRULE:FREQ=WEEKLY;COUNT=3;BYDAY=MO"])
        .comes_back();
    Through::of(&event(
        "DTSTART:20240902T150000Z\nRRULE:FREQ=WEEKLY;COUNT=3\nRRULE:FREQ=WEEKLY;COUNT=3",
    ))
    .clean()
    .has(&["RRULE:FREQ=WEEKLY;COUNT=3"]);
    let chinese = Through::of(&event(
        "DTSTART;VALUE=DATE:20240210\nRRULE:RSCALE=CHINESE;FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1",
    ));
    assert_eq!(chinese.faults(), [Fault::Rule]);
    let named: Vec<&String> = chinese.losses.0.keys().collect();
    assert_eq!(named, ["repetition rules that can't be read: Shift"]);
    let rule = "RSCALE=CHINESE\\;FREQ=YEARLY\\;BYMONTH=1\\;BYMONTHDAY=1";
    assert!(
        chinese
            .lines
            .iter()
            .any(|l| l.starts_with("X-LIFEBOAT-DATA") && l.contains(rule))
    );
}

#[test]
fn a_change_of_all_later_occurrences_stays_that() {
    let series = "BEGIN:VEVENT\nUID:y\nSUMMARY:Yoga\nDTSTART;TZID=Europe/Berlin:20240901T080000\nRRULE:FREQ=WEEKLY;COUNT=6\nEND:VEVENT\n";
    for (place, wanted) in [
        (
            "RANGE=THISANDFUTURE:20240915T060000Z",
            "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20240915T080000",
        ),
        (
            "VALUE=DATE;RANGE=thisandfuture:20240915",
            "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20240915T080000",
        ),
    ] {
        let later = format!(
            "BEGIN:VEVENT\nUID:y\nRECURRENCE-ID;{place}\nDTSTART;TZID=Europe/Berlin:20240915T100000\nEND:VEVENT"
        );
        for all in [format!("{series}{later}"), format!("{later}\n{series}")] {
            let through = Through::of(&all).has(&[wanted]).comes_back();
            assert!(through.found.events[0].record.changed[0].this_and_future);
            assert_eq!(through.losses.0.len(), 1);
        }
    }
    let cancelled = format!(
        "{series}BEGIN:VEVENT\nUID:y\nRECURRENCE-ID;RANGE=THISANDFUTURE:20240915T060000Z\nDTSTART:20240915T060000Z\nSTATUS:CANCELLED\nEND:VEVENT"
    );
    Through::of(&cancelled)
        .has(&[
            "STATUS:CANCELLED",
            "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20240915T080000",
        ])
        .comes_back();
    let prior = format!(
        "{series}BEGIN:VEVENT\nUID:y\nRECURRENCE-ID;RANGE=THISANDPRIOR:20240915T060000Z\nDTSTART:20240915T070000Z\nEND:VEVENT"
    );
    assert_eq!(Through::of(&prior).faults(), [Fault::Rule]);
}

/// Several masters with the same UID all stay, and the changed occurrences belong to the one that repeats.
#[test]
fn events_with_one_uid_are_all_handed_over() {
    let at =
        |time: &str| format!("BEGIN:VEVENT\nUID:s\nSUMMARY:Swimming\nDTSTART:{time}\nEND:VEVENT\n");
    let all = format!(
        "{}{}{}",
        at("20240902T150000Z"),
        at("20240909T150000Z"),
        at("20240918T170000Z")
    );
    let through = Through::of(&all).clean();
    assert_eq!(through.found.events.len(), 3);
    let changed =
        "BEGIN:VEVENT\nUID:s\nRECURRENCE-ID:20240918T170000Z\nDTSTART:20240918T180000Z\nEND:VEVENT";
    let series = at("20240911T170000Z\nRRULE:FREQ=WEEKLY");
    let through = Through::of(&format!("{}{changed}\n{series}", at("20240902T150000Z")));
    assert_eq!(through.found.events.len(), 2);
    assert_eq!(through.found.events[1].record.changed.len(), 1);
    let alone = Through::of(changed);
    assert_eq!(alone.found.events.len(), 1);
    assert!(alone.found.events[0].record.recurrence_id.is_some());
}

fn zone(name: &str, parts: &[(&str, &str, &str, &str)]) -> String {
    let parts = parts.iter().map(|(kind, from, to, more)| {
        format!("BEGIN:{kind}\nTZOFFSETFROM:{from}\nTZOFFSETTO:{to}\n{more}\nEND:{kind}\n")
    });
    format!(
        "BEGIN:VTIMEZONE\nTZID:{name}\n{}END:VTIMEZONE\n",
        parts.collect::<String>()
    )
}

fn in_zone(uid: &str, zone: &str, wall: &str) -> String {
    format!("BEGIN:VEVENT\nUID:{uid}\nSUMMARY:x\nDTSTART;TZID={zone}:{wall}\nEND:VEVENT\n")
}

const US: [(&str, &str, &str, &str); 2] = [
    (
        "STANDARD",
        "-0400",
        "-0500",
        "DTSTART:16010101T020000\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=1SU;BYMONTH=11",
    ),
    (
        "DAYLIGHT",
        "-0500",
        "-0400",
        "DTSTART:16010101T020000\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=2SU;BYMONTH=3",
    ),
];
const EU: [(&str, &str, &str, &str); 2] = [
    (
        "DAYLIGHT",
        "+0100",
        "+0200",
        "DTSTART:19700329T020000\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
    ),
    (
        "STANDARD",
        "+0200",
        "+0100",
        "DTSTART:19701025T030000\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    ),
];

#[test]
fn a_file_s_own_zone_is_believed_before_its_name() {
    let bst = [
        (
            "STANDARD",
            "+0100",
            "+0000",
            "DTSTART:16010101T020000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
        ),
        (
            "DAYLIGHT",
            "+0000",
            "+0100",
            "DTSTART:16010101T010000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
        ),
    ];
    let tehran = [
        (
            "STANDARD",
            "+0430",
            "+0330",
            "DTSTART:20080920T235959\nRRULE:FREQ=YEARLY;BYMONTH=9;BYMONTHDAY=21",
        ),
        (
            "DAYLIGHT",
            "+0330",
            "+0430",
            "DTSTART:20080321T000000\nRRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=22",
        ),
    ];
    let seconds = [("STANDARD", "-003458", "-003458", "DTSTART:16010101T000000")];
    // 2024-07-15T00:00:00Z
    const DAY: i64 = 1_721_001_600;
    for (name, parts, hours) in [
        ("EST", &US[..], 14.0),
        ("Eastern Standard Time 1", &US, 14.0),
        ("Europe/Berlin", &US, 14.0),
        ("GMT", &bst, 9.0),
        ("UTC", &bst, 9.0),
        ("Tehran-old", &tehran, 5.5),
        ("Asia/Tehran", &tehran, 5.5),
        ("\"Quoted; name\"", &EU, 8.0),
        ("Somewhere", &EU, 8.0),
        ("LMT", &seconds, 10.0 + 2098.0 / 3600.0),
    ] {
        let bare = name.trim_matches('"').replace(';', "\\;");
        let defined = zone(&bare, parts);
        let single = in_zone("z", name, "20240715T100000");
        for all in [format!("{defined}{single}"), format!("{single}{defined}")] {
            let through = Through::of(&all).comes_back();
            assert_eq!(through.found.unreadable.list, [], "{name}");
            assert_eq!(
                (through.instant("z") - DAY) as f64 / 3600.0,
                hours,
                "{name}"
            );
        }
    }
}

#[test]
fn a_zone_that_agrees_with_its_name_keeps_the_name() {
    for (name, parts, wanted) in [
        ("Europe/Berlin", &EU, "Europe/Berlin"),
        ("W. Europe Standard Time", &EU, "Europe/Berlin"),
        (
            "(UTC+01:00) Amsterdam\\, Berlin\\, Bern\\, Rome\\, Stockholm\\, Vienna",
            &EU,
            "Europe/Berlin",
        ),
        (
            "/freeassociation.sourceforge.net/Tzfile/Europe/Paris",
            &EU,
            "Europe/Paris",
        ),
        ("America/New_York", &US, "America/New_York"),
        ("Custom", &US, "America/New_York"),
        ("EST", &US, "America/New_York"),
    ] {
        let parameter = format!("\"{}\"", name.replace('\\', ""));
        for rule in ["", "\nRRULE:FREQ=WEEKLY"] {
            let all = format!(
                "{}{}",
                zone(name, parts),
                in_zone("z", &parameter, &format!("20240715T100000{rule}"))
            );
            Through::of(&all)
                .clean()
                .has(&[&format!("DTSTART;TZID={wanted}:20240715T100000")]);
        }
    }
    // Google's rules reach back to 1970, although the zone's clocks had other rules then.
    let series = in_zone(
        "z",
        "America/New_York",
        "20050118T100000\nRRULE:FREQ=WEEKLY",
    );
    let google = [
        (
            "DAYLIGHT",
            "-0500",
            "-0400",
            "DTSTART:19700308T020000\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU",
        ),
        (
            "STANDARD",
            "-0400",
            "-0500",
            "DTSTART:19701101T020000\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU",
        ),
    ];
    Through::of(&format!("{}{series}", zone("America/New_York", &google)))
        .clean()
        .has(&["DTSTART;TZID=America/New_York:20050118T100000"]);
}

#[test]
fn zones_of_joined_files_are_each_their_own() {
    let calendar = |inner: &str| format!("BEGIN:VCALENDAR\nVERSION:2.0\n{inner}END:VCALENDAR\n");
    let one = calendar(&format!(
        "{}{}",
        zone("Local", &EU),
        in_zone("a", "Local", "20240715T100000")
    ));
    let two = calendar(&format!(
        "{}{}",
        zone("Local", &US),
        in_zone("b", "Local", "20240715T100000")
    ));
    let through = Through::file(&format!("{one}{two}")).clean();
    assert_eq!(through.instant("b") - through.instant("a"), 6 * 3600);
    // Both zone definitions are in one calendar: the last one before an event applies.
    let joined = format!(
        "{}{}{}{}",
        zone("Local", &EU),
        in_zone("a", "Local", "20240715T100000"),
        zone("Local", &US),
        in_zone("b", "Local", "20240715T100000"),
    );
    let through = Through::of(&joined).clean();
    assert_eq!(through.instant("b") - through.instant("a"), 6 * 3600);
    // A calendar without the zone's rules takes them from an earlier calendar.
    let bare = calendar(&in_zone("c", "local", "20240715T100000"));
    let through = Through::file(&format!("{one}{bare}")).clean();
    assert_eq!(through.instant("c"), through.instant("a"));
}

#[test]
fn an_unknown_zone_leaves_the_wall_clock() {
    let all = "BEGIN:VEVENT\nUID:u\nSUMMARY:x\nDTSTART;TZID=Nowhere:20240715T100000\nDTEND;TZID=Nowhere:20240715T110000\n\
        RRULE:FREQ=DAILY;COUNT=5\nEXDATE;TZID=Nowhere:20240716T100000\nEND:VEVENT";
    let through = Through::of(all);
    assert_eq!(through.faults(), [Fault::Zone; 3]);
    let through = through
        .has(&[
            "DTSTART:20240715T100000",
            "DTEND:20240715T110000",
            "EXDATE:20240716T100000",
        ])
        .has_none(&["DTSTART:20240715T100000Z"])
        .comes_back();
    assert!(
        through.text.replace("\r\n ", "").contains("Nowhere"),
        "{}",
        through.text
    );
    let todo =
        Through::of("BEGIN:VTODO\nUID:t\nSUMMARY:x\nDUE;TZID=Nowhere:20240715T100000\nEND:VTODO");
    assert_eq!(todo.faults(), [Fault::Zone]);
    todo.has(&["DUE:20240715T100000"]).comes_back();
    // A floating time is not converted to UTC either.
    Through::of("BEGIN:VTODO\nUID:t\nSUMMARY:x\nDUE:20240715T100000\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER;VALUE=DATE-TIME:20240715T090000\nEND:VALARM\nEND:VTODO")
        .has(&["TRIGGER;RELATED=END:-PT60M"])
        .comes_back();
}

#[test]
fn everything_of_an_event_is_in_the_file() {
    Through::of(
        "BEGIN:VEVENT\nUID:att-1\nSUMMARY:Train\nDTSTART:20240902T150000Z\nDTEND:20240902T160000Z\n\
        RDATE;VALUE=PERIOD:20240910T150000Z/20240910T190000Z,20240911T150000Z/PT4H\n\
        ATTACH;ENCODING=BASE64;VALUE=BINARY;FMTTYPE=text/plain;X-FILENAME=\"t; 1.txt\":VGlja2V0IDQ3MTEgc2VhdCAxMmE=\n\
        ATTACH;FMTTYPE=application/pdf:https://example.org/a.pdf?b=c,d\n\
        ATTACH:CID:part1.0001@example.org\n\
        IMAGE;VALUE=URI;DISPLAY=BADGE:https://example.org/a.png\n\
        GEO:48.4;9.9\nCATEGORIES:Travel,Rail\nCONFERENCE;VALUE=URI:https://meet.example.org/abc\n\
        URL:https://example.org/train\nRELATED-TO;RELTYPE=PARENT:att-0\nPRIORITY:3\nCOMMENT:a\\, b\n\
        CONTACT:Jim\\, +1-919-555-1234\nRESOURCES:EASEL,PROJECTOR\n\
        X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-TITLE=Pier:geo:1.5,2.5\n\
        BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT30M\nREPEAT:2\nDURATION:PT5M\nEND:VALARM\n\
        BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER;VALUE=DATE-TIME:20240902T120000Z\nEND:VALARM\n\
        BEGIN:VALARM\nACTION:AUDIO\nTRIGGER;RELATED=END:-PT90M\nDESCRIPTION:Pack\nX-WR-ALARMUID:1\nEND:VALARM\n\
        BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT90S\nEND:VALARM\nEND:VEVENT",
    )
    .clean()
    .has(&[
        "RDATE:20240910T150000Z",
        "RECURRENCE-ID:20240910T150000Z",
        "DTEND:20240910T190000Z",
        "RDATE:20240911T150000Z",
        "RECURRENCE-ID:20240911T150000Z",
        "DURATION:PT4H",
        "ATTACH;FMTTYPE=text/plain;X-FILENAME=\"t; 1.txt\";ENCODING=BASE64;VALUE=BINARY:VGlja2V0IDQ3MTEgc2VhdCAxMmE=",
        "ATTACH;FMTTYPE=application/pdf:https://example.org/a.pdf?b=c,d",
        "ATTACH:CID:part1.0001@example.org",
        "IMAGE;VALUE=URI;DISPLAY=BADGE:https://example.org/a.png",
        "GEO:48.4;9.9",
        "CATEGORIES:Travel,Rail",
        "CONFERENCE;VALUE=URI:https://meet.example.org/abc",
        "URL:https://example.org/train",
        "RELATED-TO;RELTYPE=PARENT:att-0",
        "PRIORITY:3",
        "COMMENT:a\\, b",
        "CONTACT:Jim\\, +1-919-555-1234",
        "RESOURCES:EASEL,PROJECTOR",
        "X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-TITLE=Pier:geo:1.5,2.5",
        "TRIGGER:-PT30M",
        "REPEAT:2",
        "DURATION:PT5M",
        "TRIGGER;VALUE=DATE-TIME:20240902T120000Z",
        "TRIGGER;RELATED=END:-PT90M",
        "DESCRIPTION:Pack",
        "TRIGGER:-PT90S",
    ]);
}

#[test]
fn sounds_of_reminders_are_named_one_by_one() {
    let alarm =
        |sound: &str| format!("BEGIN:VALARM\nACTION:AUDIO\nTRIGGER:-PT5M\n{sound}\nEND:VALARM");
    for (sound, named) in [
        ("ATTACH;VALUE=URI:Basso", "Shift, Basso"),
        ("ATTACH;VALUE=URI:Chime", "Shift, Chime"),
        (
            "ATTACH;FMTTYPE=audio/basic:ftp://example.com/bell.aud",
            "Shift, ftp://example.com/bell.aud",
        ),
        ("ATTACH;ENCODING=BASE64;VALUE=BINARY:UklGRg==", "Shift"),
    ] {
        let through = Through::of(&event(&format!(
            "DTSTART:20240902T150000Z\n{}",
            alarm(sound)
        )));
        let lost: Vec<&String> = through.losses.0.keys().collect();
        assert_eq!(lost, [&format!("sounds and files of reminders: {named}")]);
        through.has(&["TRIGGER:-PT5M"]).comes_back();
    }
}

#[test]
fn an_occurrence_named_in_utc_finds_its_series() {
    let series = |start: &str| {
        format!("BEGIN:VEVENT\nUID:s\nSUMMARY:Lesson\nDTSTART{start}\nRRULE:FREQ=WEEKLY;COUNT=4\n")
    };
    for (start, place, wanted) in [
        // A floating series: the same digits, or the digits of Berlin or New York.
        (
            ":20240902T150000",
            "20240909T150000Z",
            "RECURRENCE-ID:20240909T150000",
        ),
        (
            ":20240902T150000",
            "20240909T130000Z",
            "RECURRENCE-ID:20240909T150000",
        ),
        (
            ":20240902T150000",
            "20240909T190000Z",
            "RECURRENCE-ID:20240909T150000",
        ),
        (
            ":20240902T010000",
            "20240908T230000Z",
            "RECURRENCE-ID:20240909T010000",
        ),
        (
            ";VALUE=DATE:20240902",
            "20240908T220000Z",
            "RECURRENCE-ID;VALUE=DATE:20240909",
        ),
        (
            ";TZID=Europe/Berlin:20240902T150000",
            "20240909T130000Z",
            "RECURRENCE-ID;TZID=Europe/Berlin:20240909T150000",
        ),
    ] {
        let series = series(start);
        let change = format!(
            "BEGIN:VEVENT\nUID:s\nSUMMARY:Moved\nRECURRENCE-ID:{place}\nDTSTART:20240911T150000Z\nEND:VEVENT"
        );
        Through::of(&format!("{series}END:VEVENT\n{change}"))
            .clean()
            .has(&[wanted]);
        let left_out = wanted.replace("RECURRENCE-ID", "EXDATE");
        Through::of(&format!("{series}EXDATE:{place}\nEND:VEVENT"))
            .clean()
            .has(&[left_out.as_str()]);
    }
}

#[test]
fn the_rest_of_a_series_with_its_own_rule_is_a_series() {
    let text = "BEGIN:VEVENT\nUID:s\nSUMMARY:Late\nRECURRENCE-ID;VALUE=DATE:20240729\n\
                DTSTART;VALUE=DATE:20240729\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO\nEND:VEVENT\n\
                BEGIN:VEVENT\nUID:s\nSUMMARY:Early\nDTSTART;VALUE=DATE:20240701\n\
                RRULE:FREQ=WEEKLY;UNTIL=20240720;INTERVAL=2;BYDAY=MO\nEND:VEVENT\n";
    Through::of(text).clean().has(&[
        "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO",
        "RRULE:FREQ=WEEKLY;UNTIL=20240720;INTERVAL=2;BYDAY=MO",
    ]);
}

#[test]
fn the_last_of_several_changes_of_an_occurrence_counts() {
    let series = "BEGIN:VEVENT\nUID:c\nSUMMARY:Call\nDTSTART;TZID=Europe/London:20250107T200000\n\
                  RRULE:FREQ=WEEKLY;COUNT=4\nEND:VEVENT\n";
    let change = |revision: &str, start: &str| {
        format!(
            "BEGIN:VEVENT\nUID:c\nSUMMARY:Call\nRECURRENCE-ID:20250114T200000Z\n{revision}\n\
             DTSTART;TZID=Europe/London:{start}\nEND:VEVENT\n"
        )
    };
    for (first, second) in [
        ("SEQUENCE:1", "SEQUENCE:10"),
        (
            "SEQUENCE:1\nLAST-MODIFIED:20250101T100000Z",
            "SEQUENCE:1\nLAST-MODIFIED:20250105T100000Z",
        ),
    ] {
        let (old, new) = (
            change(first, "20250115T180000"),
            change(second, "20250116T170000"),
        );
        for changes in [format!("{old}{new}"), format!("{new}{old}")] {
            let through = Through::of(&format!("{series}{changes}"));
            let text = through.lines.join("\n");
            assert!(
                text.contains(
                    "RECURRENCE-ID;TZID=Europe/London:20250114T200000\nDTSTAMP:19700101T000000Z\n\
                     DTSTART;TZID=Europe/London:20250116T170000"
                ) || text.contains(
                    "RECURRENCE-ID;TZID=Europe/London:20250114T200000\n\
                     DTSTART;TZID=Europe/London:20250116T170000"
                ),
                "{text}"
            );
            // The other one is kept beside it.
            assert!(text.contains("20250115T180000"), "{text}");
        }
    }
}

#[test]
fn a_changed_occurrence_of_a_to_do_stays_one() {
    let series = "BEGIN:VTODO\nUID:t\nSUMMARY:Water\nDTSTART;TZID=Europe/Berlin:20240903T100000\n\
                  DUE;TZID=Europe/Berlin:20240903T120000\nRRULE:FREQ=WEEKLY;COUNT=3\nEND:VTODO\n";
    let change = "BEGIN:VTODO\nUID:t\nSUMMARY:Water later\nRECURRENCE-ID:20240910T080000Z\n\
                  DUE;TZID=Europe/Berlin:20240911T120000\nEND:VTODO\n";
    let wanted = ["RECURRENCE-ID;TZID=Europe/Berlin:20240910T100000"];
    let through = Through::of(&format!("{series}{change}"))
        .clean()
        .has(&wanted);
    assert_eq!(
        through.lines.iter().filter(|line| *line == "UID:t").count(),
        2
    );
    // Without its series, it is a to-do of its own, and that is named.
    let alone = Through::of(change);
    assert_eq!(alone.losses.0.len(), 1, "{:?}", alone.losses);
    assert!(!alone.text.contains("\r\nRECURRENCE-ID"));
}

#[test]
fn the_organiser_s_name_stays() {
    let people = "DTSTART:20240902T150000Z\nORGANIZER;CN=\"Doe, Ann\":mailto:a@example.org\n\
                  ATTENDEE;CN=Bo:mailto:b@example.org";
    Through::of(&event(people)).clean().has(&[
        "ORGANIZER;CN=\"Doe, Ann\";SCHEDULE-AGENT=NONE:mailto:a@example.org",
        "ATTENDEE;CN=Bo;SCHEDULE-AGENT=NONE:mailto:b@example.org",
    ]);
}

#[test]
fn a_timed_event_may_end_with_a_day() {
    let mixed = "DTSTART;TZID=Europe/Berlin:20240902T100000\nDTEND;VALUE=DATE:20240903";
    Through::of(&event(mixed))
        .clean()
        .has(&["DTEND;TZID=Europe/Berlin:20240903T000000"]);
}

#[test]
fn a_day_that_is_called_one_is_one() {
    let day = "DTSTART;VALUE=DATE:20240902T000000\nDTEND;VALUE=DATE:20240903T000000";
    Through::of(&event(day))
        .clean()
        .has(&["DTSTART;VALUE=DATE:20240902", "DTEND;VALUE=DATE:20240903"]);
}

#[test]
fn what_cannot_be_written_is_named() {
    let through = Through::of(&event(
        "DTSTART:20240902T150000Z\nATTACH;FMTTYPE=application/pdf:C:\\\\My files\\\\a.pdf x\nGEO:somewhere\nCONFERENCE:call 123",
    ));
    assert_eq!(through.found.unreadable.list, []);
    assert_eq!(through.losses.0.len(), 3, "{:?}", through.losses);
    through.comes_back();
    let link = Through::of(&event("DTSTART:20240902T150000Z\nURL:see the board"));
    assert_eq!(link.losses.0.get("links that can't be read"), Some(&1));
    Through::of(&event(
        "DTSTART:20240902T150000Z\nATTACH:data:text/plain;base64,VGlja2V0",
    ))
    .clean()
    .has(&["ATTACH;FMTTYPE=text/plain;ENCODING=BASE64;VALUE=BINARY:VGlja2V0"]);
}

#[test]
fn everything_of_a_to_do_is_in_the_file() {
    Through::of(
        "BEGIN:VTODO\nUID:td-1\nSUMMARY:Water plants\nDUE;VALUE=DATE:20240901\nRRULE:FREQ=WEEKLY\n\
        EXDATE;VALUE=DATE:20240908\nPRIORITY:1\nPERCENT-COMPLETE:40\nSTATUS:IN-PROCESS\nRELATED-TO:td-0\n\
        CATEGORIES:Home,Garden\nLOCATION:Balcony\nCLASS:PRIVATE\nGEO:48.4;9.9\nURL:https://example.org/a\n\
        ATTACH;VALUE=BINARY;ENCODING=BASE64:VGlja2V0\nATTENDEE;CN=Jo:mailto:jo@example.org\n\
        BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER;RELATED=END:-PT30M\nREPEAT:2\nDURATION:PT5M\nEND:VALARM\n\
        BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER;VALUE=DATE-TIME:20240831T120000Z\nEND:VALARM\nEND:VTODO",
    )
    .clean()
    .has(&[
        "DUE;VALUE=DATE:20240901",
        "RRULE:FREQ=WEEKLY",
        "EXDATE;VALUE=DATE:20240908",
        "PERCENT-COMPLETE:40",
        "STATUS:IN-PROCESS",
        "RELATED-TO:td-0",
        "CATEGORIES:Home,Garden",
        "LOCATION:Balcony",
        "CLASS:PRIVATE",
        "GEO:48.4;9.9",
        "URL:https://example.org/a",
        "ATTACH;ENCODING=BASE64;VALUE=BINARY:VGlja2V0",
        "ATTENDEE;CN=Jo;SCHEDULE-AGENT=NONE:mailto:jo@example.org",
        "TRIGGER;RELATED=END:-PT30M",
        "REPEAT:2",
        "DURATION:PT5M",
        "TRIGGER;VALUE=DATE-TIME:20240831T120000Z",
    ]);
    Through::of("BEGIN:VTODO\nUID:td-2\nSUMMARY:x\nDTSTART:20240901T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3;UNTIL=20300101\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT10M\nEND:VALARM\nEND:VTODO")
        .clean()
        .has(&["DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3", "TRIGGER:-PT10M"]);
}

/// Files from public bug reports: see `tests/FIELD.md`.
#[test]
fn what_programs_are_known_to_write_is_read() {
    // Apple marks an event without a reminder like this.
    let none = Through::of(&event(
        "DTSTART:20210330T160000Z\nBEGIN:VALARM\nACTION:NONE\nTRIGGER;VALUE=DATE-TIME:19760401T005545Z\nX-APPLE-DEFAULT-ALARM:TRUE\nEND:VALARM",
    ))
    .clean()
    .has_none(&["BEGIN:VALARM"]);
    assert_eq!(none.found.events[0].record.reminders, []);
    // Tasks.org sets a reminder at the due time of a to-do that has no due time.
    Through::of("BEGIN:VTODO\nUID:t\nSUMMARY:x\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER;RELATED=END:PT0S\nDESCRIPTION:Default Tasks.org description\nEND:VALARM\nEND:VTODO")
        .clean()
        .has(&["TRIGGER;RELATED=END:PT0S"]);
    // iOS starts a to-do at its due time.
    let ios = Through::of(&format!(
        "{}BEGIN:VTODO\nUID:t\nSUMMARY:x\nDTSTART;TZID=Europe/Berlin:20260604T110000\nDUE;TZID=Europe/Berlin:20260604T110000\nBEGIN:VALARM\nACTION:DISPLAY\nTRIGGER;VALUE=DATE-TIME:20260604T090000Z\nEND:VALARM\nEND:VTODO",
        zone("Europe/Berlin", &EU)
    ));
    ios.clean().has(&[
        "DUE;TZID=Europe/Berlin:20260604T110000",
        "TRIGGER;VALUE=DATE-TIME:20260604T090000Z",
    ]);
    for (line, wanted) in [
        // The parameter follows a colon instead of a semicolon.
        (
            "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:VALUE=DATE-TIME:20250122T090000Z\nEND:VALARM",
            "TRIGGER;VALUE=DATE-TIME:20250122T090000Z",
        ),
        (
            "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:20250114T133635Z\nEND:VALARM",
            "TRIGGER;VALUE=DATE-TIME:20250114T133635Z",
        ),
        // Outlook gives an end date together with a count, Apple a count together with an end date.
        (
            "RRULE:FREQ=DAILY;COUNT=3;UNTIL=20250124T000000",
            "RRULE:FREQ=DAILY;COUNT=3",
        ),
        (
            "RRULE:FREQ=YEARLY;COUNT=0;UNTIL=20270427T220000Z;BYMONTH=1",
            "RRULE:FREQ=YEARLY;UNTIL=20270427T220000Z;BYMONTH=1",
        ),
    ] {
        Through::of(&event(&format!("DTSTART:20250122T100000Z\n{line}")))
            .clean()
            .has(&[wanted]);
    }
    // The name of a zone contains a colon and is not quoted.
    Through::of(&event("DTSTART;TZID=GMT+02:00:20240715T100000"))
        .clean()
        .has(&["DTSTART;TZID=Etc/GMT-2:20240715T100000"]);
    Through::of(&event(
        "DTSTART;TZID=(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna:20240715T100000",
    ))
    .clean()
    .has(&["DTSTART;TZID=Europe/Berlin:20240715T100000"]);
    // Outlook uses the same name for all zones that it does not know, and describes their rules.
    let outlook = [
        (
            "STANDARD",
            "+0200",
            "+0100",
            "DTSTART:16011028T030000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
        ),
        (
            "DAYLIGHT",
            "+0100",
            "+0200",
            "DTSTART:16010325T020000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
        ),
    ];
    let all = format!(
        "{}{}",
        zone("Customized Time Zone", &outlook),
        in_zone("o", "\"Customized Time Zone\"", "20260708T090000")
    );
    assert_eq!(Through::of(&all).clean().instant("o"), 1_783_494_000);
    // The parts of a zone begin in UTC, or have a time zone of their own.
    for start in [
        "DTSTART;TZID=+00:00:20201025T010000",
        "DTSTART:20201025T010000Z",
    ] {
        let parts = [
            ("STANDARD", "+0200", "+0100", start),
            ("DAYLIGHT", "+0100", "+0200", "DTSTART:20200329T010000Z"),
        ];
        let all = format!(
            "{}{}",
            zone("Here", &parts),
            in_zone("h", "Here", "20200715T090000")
        );
        assert_eq!(Through::of(&all).clean().instant("h"), 1_594_796_400);
    }
    // The zone definition contains only a few changes, from long ago.
    for (name, part, wall, wanted) in [
        (
            "Europe/Berlin",
            (
                "STANDARD",
                "+005328",
                "+0100",
                "DTSTART:18930401T000000\nRDATE;VALUE=PERIOD:18930401T000000/18930402T000000",
            ),
            "20250917T122000",
            1_758_104_400,
        ),
        (
            "America/Anchorage",
            ("STANDARD", "+0000", "-0900", "DTSTART:20021027T100000"),
            "20080620T155900",
            1_214_006_340,
        ),
    ] {
        let all = format!("{}{}", zone(name, &[part]), in_zone("x", name, wall));
        let through = Through::of(&all).clean();
        assert_eq!(through.instant("x"), wanted, "{name}");
        through.has(&[&format!("DTSTART;TZID={name}:{wall}")]);
    }
    // A zone definition outside the calendar, without start dates.
    let outside = format!(
        "BEGIN:VCALENDAR\nVERSION:2.0\n{}\nEND:VCALENDAR\n{}",
        event("DTSTART:20240628T093000"),
        zone(
            "W. Europe Standard Time",
            &[(
                "STANDARD",
                "+0200",
                "+0100",
                "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10"
            )]
        )
    );
    Through::file(&outside)
        .clean()
        .has(&["DTSTART:20240628T093000"]);
    // A changed occurrence in another zone than its series, or without a zone.
    for place in [
        "TZID=Europe/Paris:20260414T010000",
        "TZID=Pacific/Auckland:20260414T110000",
        "X=1:20260414T110000",
    ] {
        let all = format!(
            "BEGIN:VEVENT\nUID:r\nSUMMARY:x\nDTSTART;TZID=Pacific/Auckland:20260408T110000\nRRULE:FREQ=DAILY;COUNT=5;INTERVAL=2\nEND:VEVENT\n\
            BEGIN:VEVENT\nUID:r\nSUMMARY:y\nRECURRENCE-ID;{place}\nDTSTART;TZID=Europe/Paris:20260414T020000\nEND:VEVENT"
        );
        Through::of(&all)
            .clean()
            .has(&["RECURRENCE-ID;TZID=Pacific/Auckland:20260414T110000"]);
    }
}

#[test]
fn many_of_everything_take_linear_time() {
    let work = Work::begin();
    let dates: Vec<String> = (0..20_000)
        .map(|n| {
            format!(
                "20{:02}{:02}{:02}T{:02}0000Z",
                n / 3650 + 10,
                n / 305 % 12 + 1,
                n % 28 + 1,
                n % 24
            )
        })
        .collect();
    let many = event(&format!(
        "DTSTART:20100101T000000Z\nRRULE:FREQ=HOURLY\nEXDATE:{}",
        dates.join(",")
    ));
    Through::of(&many);
    let alarms = "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT30M\nEND:VALARM\n".repeat(5_000);
    Through::of(&event(&format!(
        "DTSTART:20100101T000000Z\n{alarms}AALARM:20100101T000000Z;;0;x"
    )));
    let old: Vec<String> = (0..5_000)
        .map(|n| format!("AALARM:PT{n}M;PT5M;2;x"))
        .collect();
    Through::file(&format!(
        "BEGIN:VCALENDAR\nVERSION:1.0\n{}\nEND:VCALENDAR\n",
        event(&format!("DTSTART:20100101T000000Z\n{}", old.join("\n")))
    ));
    let zones: String = (0..2_000)
        .map(|n| {
            format!(
                "{}{}",
                zone(&format!("Zone {n}"), &EU),
                in_zone(&format!("{n}"), &format!("Zone {n}"), "20240715T100000")
            )
        })
        .collect();
    let through = Through::of(&zones);
    assert_eq!(through.found.events.len(), 2_000);
    let calendars: String = (0..2_000)
        .map(|n| {
            format!(
                "BEGIN:VCALENDAR\nVERSION:2.0\n{}{}END:VCALENDAR\n",
                zone(&format!("Zone {n}"), &EU),
                in_zone(&format!("{n}"), &format!("Zone {n}"), "20240715T100000")
            )
        })
        .collect();
    let through = Through::file(&calendars);
    assert_eq!(through.found.events.len(), 2_000);
    assert!(work.done().as_secs() < 60, "{:?}", work.done());
}

#[test]
fn an_added_occurrence_has_its_length_where_programs_look() {
    let series = |dates: &str, more: &str| {
        format!(
            "BEGIN:VEVENT\nUID:p\nSUMMARY:x\nDTSTART;TZID=Europe/Berlin:20240902T150000\n\
            DTEND;TZID=Europe/Berlin:20240902T160000\n{dates}\nEND:VEVENT\n{more}"
        )
    };
    let period = "RDATE;TZID=Europe/Berlin;VALUE=PERIOD:20240910T150000";
    let occurrences = |through: &Through| {
        let starts = |line: &&String| line.starts_with("RECURRENCE-ID");
        through.lines.iter().filter(starts).count()
    };
    let longer = Through::of(&series(&format!("{period}/PT4H"), ""))
        .clean()
        .has(&[
            "RDATE;TZID=Europe/Berlin:20240910T150000",
            "RECURRENCE-ID;TZID=Europe/Berlin:20240910T150000",
            "DURATION:PT4H",
        ]);
    assert_eq!(occurrences(&longer), 1);
    assert!(!longer.text.contains("VALUE=PERIOD"));
    // A period as long as the other occurrences, and one that EXDATE leaves out.
    for dates in [
        format!("{period}/20240910T160000"),
        format!("{period}/PT4H\nEXDATE;TZID=Europe/Berlin:20240910T150000"),
    ] {
        assert_eq!(occurrences(&Through::of(&series(&dates, "")).clean()), 0);
    }
    // The owner's change of the occurrence counts, and so does a change that another program made in Lifeboat's file.
    let moved = "BEGIN:VEVENT\nUID:p\nSUMMARY:y\nRECURRENCE-ID;TZID=Europe/Berlin:20240910T150000\n\
        DTSTART;TZID=Europe/Berlin:20240910T170000\nEND:VEVENT";
    let changed = Through::of(&series(&format!("{period}/PT4H"), moved)).clean();
    assert_eq!(occurrences(&changed), 1);
    assert!(!changed.text.contains("DURATION:PT4H"));
    let (before, behind) = longer
        .text
        .split_at(longer.text.rfind("SUMMARY:x").unwrap());
    let behind = behind.replacen(
        "SUMMARY:x",
        "SUMMARY:z\r\nLAST-MODIFIED:20240801T000000Z",
        1,
    );
    let edited = Through::file(&format!("{before}{behind}"));
    let changes = &edited.found.events[0].record.changed;
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].title.as_deref(), Some("z"));
    // A large number of such periods must not make the file grow with each of them.
    let many: Vec<String> = (0..90)
        .map(|n| format!("2024{:02}{:02}T150000/PT4H", n / 28 + 9, n % 28 + 1))
        .collect();
    let many = Through::of(&series(
        &format!("RDATE;TZID=Europe/Berlin;VALUE=PERIOD:{}", many.join(",")),
        "",
    ))
    .comes_back();
    assert_eq!(occurrences(&many), 50);
    let lost: u64 = many.losses.0.values().sum();
    assert_eq!(lost, 40, "{:?}", many.losses);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Everything that was read is written so that it can be read back.
    #[test]
    fn what_is_read_comes_back(
        start in proptest::sample::select(vec![
            "DTSTART:20240902T150000Z", "DTSTART;VALUE=DATE:20240902", "DTSTART:20240902T150000",
            "DTSTART;TZID=Europe/Berlin:20240902T150000", "DTSTART;TZID=Custom:20240902T150000",
            "DTSTART;TZID=Nowhere:20240902T150000",
        ]),
        rule in proptest::option::of(proptest::sample::select(vec![
            "RRULE:FREQ=DAILY;COUNT=5;UNTIL=20240905", "RRULE:FREQ=WEEKLY;UNTIL=;X-A=1", "RRULE:FREQ=YEARLY;RSCALE=HEBREW",
            "RRULE:FREQ=DAILY", "RRULE:FREQ=MONTHLY;SKIP=BACKWARD;BYMONTHDAY=31",
        ])),
        dates in proptest::collection::vec(
            "(EXDATE|RDATE)(;VALUE=DATE|;TZID=Europe/Berlin|;TZID=Custom)?:2024090[3-9](T1[0-9]0000Z?(/PT[1-9]H)?)?", 0..4),
        alarms in proptest::collection::vec((
            "TRIGGER(;RELATED=(END|START))?:-?PT[0-9]{1,3}[SMH]|TRIGGER;VALUE=DATE-TIME:20240902T120000Z?",
            proptest::option::of("REPEAT:[0-3]\nDURATION:PT[1-9]M"),
            proptest::option::of("DESCRIPTION:[a-z]{1,5}"),
        ), 0..3),
        more in proptest::collection::vec(
            "(ATTACH|COMMENT|GEO|URL|X-FOO|RELATED-TO|RESOURCES|CONTACT)(;X-P=[a-z ]{1,5}|;VALUE=URI)?:[a-z:;,/. 0-9\\\\]{1,20}", 0..4),
        todo in any::<bool>(),
    ) {
        let alarms: String = alarms.iter().map(|(trigger, again, text)| format!(
            "BEGIN:VALARM\nACTION:DISPLAY\n{trigger}\n{}\n{}\nEND:VALARM\n",
            again.clone().unwrap_or_default(), text.clone().unwrap_or_default()
        )).collect();
        let kind = if todo { "VTODO" } else { "VEVENT" };
        let all = format!(
            "{}BEGIN:{kind}\nUID:e\nSUMMARY:x\n{start}\n{}\n{}\n{}\n{alarms}END:{kind}",
            zone("Custom", &US), rule.unwrap_or_default(), dates.join("\n"), more.join("\n"),
        );
        Through::of(&all).comes_back();
    }
}
