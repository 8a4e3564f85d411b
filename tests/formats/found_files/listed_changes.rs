//! Zones whose clock changes are listed one by one, without a rule: programs write the changes of a year or two, and
//! people have events after them.

use super::calendars::Through;

/// A list of changes, each with the offsets before and after it.
fn list(name: &str, changes: &[(&str, &str, &str)]) -> String {
    let part = |(at, from, to): &(&str, &str, &str)| {
        let kind = if from < to { "DAYLIGHT" } else { "STANDARD" };
        format!("BEGIN:{kind}\nDTSTART:{at}\nTZOFFSETFROM:{from}\nTZOFFSETTO:{to}\nEND:{kind}\n")
    };
    let parts: String = changes.iter().map(part).collect();
    format!("BEGIN:VTIMEZONE\nTZID:{name}\n{parts}END:VTIMEZONE\n")
}

fn berlin(name: &str) -> String {
    list(
        name,
        &[
            ("20230326T020000", "+0100", "+0200"),
            ("20231029T030000", "+0200", "+0100"),
            ("20240331T020000", "+0100", "+0200"),
            ("20241027T030000", "+0200", "+0100"),
        ],
    )
}

/// The times are those of the clock after the change, as WordPress' Events Manager writes them.
fn berlin_after(name: &str) -> String {
    list(
        name,
        &[
            ("20230326T030000", "+0100", "+0200"),
            ("20231029T020000", "+0200", "+0100"),
            ("20240331T030000", "+0100", "+0200"),
            ("20241027T020000", "+0200", "+0100"),
        ],
    )
}

fn event(more: &str) -> String {
    format!("BEGIN:VEVENT\nUID:e\nSUMMARY:Shift\n{more}\nEND:VEVENT")
}

#[test]
fn an_event_after_the_last_listed_change_is_in_the_named_zone() {
    for zone in [berlin("Europe/Berlin"), berlin_after("Europe/Berlin")] {
        for day in [
            "20220105", "20220705", "20230905", "20240701", "20241101", "20250115", "20250701",
            "20251201", "20260701",
        ] {
            let start = format!("DTSTART;TZID=Europe/Berlin:{day}T090000");
            let through = Through::of(&format!("{zone}{}", event(&start)));
            assert_eq!(through.faults(), [], "{start}");
            through.has(&[&start]);
        }
        for rule in [
            "20240108T090000\nRRULE:FREQ=WEEKLY",
            "20240108T090000\nRRULE:FREQ=WEEKLY;COUNT=120",
            "20250707T090000\nRRULE:FREQ=WEEKLY;COUNT=3",
            "20250707T090000\nRRULE:FREQ=WEEKLY",
        ] {
            let start = format!("DTSTART;TZID=Europe/Berlin:{rule}");
            let through = Through::of(&format!("{zone}{}", event(&start)));
            assert_eq!(through.faults(), [], "{rule}");
            through.has(&start.split('\n').collect::<Vec<_>>());
        }
    }
    // Only a part of the changes.
    let winter = list("Europe/Berlin", &[("20231029T030000", "+0200", "+0100")]);
    let start = "DTSTART;TZID=Europe/Berlin:20240701T090000";
    Through::of(&format!("{winter}{}", event(start))).has(&[start]);
}

#[test]
fn a_list_under_an_unknown_name_is_the_zone_that_made_the_same_changes() {
    for zone in [berlin("My Zone"), berlin_after("My Zone")] {
        for start in [
            "20250707T090000",
            "20250707T090000\nRRULE:FREQ=WEEKLY;COUNT=3",
        ] {
            let text = format!("{zone}{}", event(&format!("DTSTART;TZID=My Zone:{start}")));
            let through = Through::of(&text);
            let instant = through.found.events[0].record.start.clone();
            let known = "DTSTART;TZID=Europe/Berlin:20250707T090000";
            let wanted = Through::of(&event(known)).found.events[0]
                .record
                .start
                .clone();
            let (Some(instant), Some(wanted)) = (instant, wanted) else {
                panic!("no start in {text}");
            };
            assert_eq!(millis(&instant), millis(&wanted), "{start}");
            assert_eq!(through.faults(), []);
        }
    }
}

fn millis(moment: &lifeboat::model::Moment) -> i64 {
    match moment {
        lifeboat::model::Moment::Time { millis, .. } => *millis,
        lifeboat::model::Moment::Date(days) => days * 86_400_000,
    }
}

#[test]
fn changes_that_are_not_those_of_the_named_zone_stay() {
    // The clocks of this zone changed a month early, so the file's own offsets count.
    let own = list(
        "Europe/Berlin",
        &[
            ("20240225T020000", "+0100", "+0200"),
            ("20240929T030000", "+0200", "+0100"),
        ],
    );
    let start = "DTSTART;TZID=Europe/Berlin:20250701T090000";
    let through = Through::of(&format!("{own}{}", event(start)));
    through.has(&["DTSTART;TZID=Etc/GMT-1:20250701T090000"]);
    // A rule that ends says that the changes ended.
    let ended = "BEGIN:VTIMEZONE\nTZID:Europe/Berlin\nBEGIN:DAYLIGHT\nDTSTART:20200329T020000\n\
         RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;UNTIL=20240331T010000Z\nTZOFFSETFROM:+0100\n\
         TZOFFSETTO:+0200\nEND:DAYLIGHT\nBEGIN:STANDARD\nDTSTART:20201025T030000\n\
         RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;UNTIL=20241027T010000Z\nTZOFFSETFROM:+0200\n\
         TZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE\n";
    Through::of(&format!("{ended}{}", event(start)))
        .has(&["DTSTART;TZID=Etc/GMT-1:20250701T090000"]);
}

#[test]
fn a_name_that_earlier_calendars_define_in_two_ways_says_nothing() {
    let calendar =
        |inner: &str| format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{inner}END:VCALENDAR\r\n");
    let fixed = |offset: &str| {
        list(
            "Customized Time Zone",
            &[("16010101T000000", offset, offset)],
        )
    };
    let start = event("DTSTART;TZID=Customized Time Zone:20240105T090000\n");
    for (second, wanted) in [("-0330", true), ("+0530", false)] {
        let file = [
            calendar(&fixed("+0530")),
            calendar(&fixed(second)),
            calendar(&start),
        ]
        .concat();
        let found = lifeboat::format::found::read("calendar.ics", file.as_bytes());
        let faults: Vec<_> = found
            .unreadable
            .list
            .iter()
            .map(|each| each.fault)
            .collect();
        let is_doubtful = faults.contains(&lifeboat::format::versit::Fault::Zone);
        assert_eq!(is_doubtful, wanted, "{faults:?}");
    }
}

#[test]
fn an_end_in_utc_names_the_last_occurrence_in_an_unknown_zone() {
    for (start, until, wanted) in [
        ("20240101T080000", "20240104T230000Z", "20240105T080000"),
        ("20240101T200000", "20240106T040000Z", "20240105T200000"),
        // It names no occurrence: the digits count.
        ("20240101T080000", "20240105T000000Z", "20240105T000000"),
        ("20240101T080000", "20240104T225959Z", "20240104T225959"),
    ] {
        let series = format!("DTSTART;TZID=Nowhere/Land:{start}\nRRULE:FREQ=DAILY;UNTIL={until}");
        let wanted = format!("RRULE:FREQ=DAILY;UNTIL={wanted}");
        Through::of(&event(&series)).has(&[&format!("DTSTART:{start}"), &wanted]);
    }
}
