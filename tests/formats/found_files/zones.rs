//! Series in a zone that the file itself defines: every occurrence begins at the hour that the file says.

use super::calendars::Through;
use lifeboat::format::versit::Fault;

/// A VTIMEZONE with a rule for each half of the year.
fn zone(
    name: &str,
    (standard, daylight): (&str, &str),
    (winter, summer): (&str, &str),
    times: (&str, &str),
) -> String {
    format!(
        "BEGIN:VTIMEZONE\nTZID:{name}\nBEGIN:STANDARD\nDTSTART:20001001T{}\nTZOFFSETFROM:{daylight}\n\
         TZOFFSETTO:{standard}\nRRULE:FREQ=YEARLY;{winter}\nEND:STANDARD\nBEGIN:DAYLIGHT\nDTSTART:20000301T{}\n\
         TZOFFSETFROM:{standard}\nTZOFFSETTO:{daylight}\nRRULE:FREQ=YEARLY;{summer}\nEND:DAYLIGHT\nEND:VTIMEZONE\n",
        times.0, times.1
    )
}

/// Summer time from the Friday before the last Sunday of March, as in Israel.
fn israel(name: &str) -> String {
    zone(
        name,
        ("+0200", "+0300"),
        (
            "BYMONTH=10;BYDAY=-1SU",
            "BYMONTH=3;BYDAY=FR;BYMONTHDAY=23,24,25,26,27,28,29",
        ),
        ("020000", "020000"),
    )
}

/// No zone of the tables has these days.
fn like_tehran(name: &str) -> String {
    zone(
        name,
        ("+0330", "+0430"),
        ("BYMONTH=9;BYMONTHDAY=21", "BYMONTH=3;BYMONTHDAY=22"),
        ("235959", "000000"),
    )
}

fn event(more: &str) -> String {
    format!("BEGIN:VEVENT\nUID:e\nSUMMARY:Shift\n{more}\nEND:VEVENT")
}

#[test]
fn a_series_with_an_end_gets_a_zone_that_agrees_on_every_day() {
    for end in [
        "COUNT=10",
        "UNTIL=20240510T070000Z",
        "COUNT=60;INTERVAL=2",
        "COUNT=2000",
    ] {
        for freq in ["WEEKLY", "DAILY"] {
            let series = format!(
                "DTSTART;TZID=Jer:20240301T100000\nRRULE:FREQ={freq};{end}\nEXDATE;TZID=Jer:20240329T100000"
            );
            let through = Through::of(&format!("{}{}", israel("Jer"), event(&series)));
            assert_eq!(through.faults(), [], "{series}");
            through.has(&[
                "DTSTART;TZID=Asia/Jerusalem:20240301T100000",
                "EXDATE;TZID=Asia/Jerusalem:20240329T100000",
            ]);
        }
    }
}

#[test]
fn a_name_counts_only_if_it_agrees_on_every_day() {
    // Bucharest begins its summer on Sunday, 31 March 2024.
    let series = "DTSTART;TZID=Europe/Bucharest:20240327T100000\nRRULE:FREQ=DAILY;COUNT=3";
    Through::of(&format!("{}{}", israel("Europe/Bucharest"), event(series)))
        .has(&["DTSTART;TZID=Asia/Jerusalem:20240327T100000"]);
    let before = "DTSTART;TZID=Europe/Bucharest:20240320T100000\nRRULE:FREQ=DAILY;COUNT=3";
    Through::of(&format!("{}{}", israel("Europe/Bucharest"), event(before)))
        .has(&["DTSTART;TZID=Europe/Bucharest:20240320T100000"]);
}

#[test]
fn a_series_in_a_zone_of_its_own_stays_at_its_hour() {
    for (rule, wanted) in [
        ("FREQ=WEEKLY;COUNT=20", "RRULE:FREQ=WEEKLY;COUNT=20"),
        ("FREQ=WEEKLY", "RRULE:FREQ=WEEKLY"),
        // 10:00 at +04:30 on 3 May.
        (
            "FREQ=WEEKLY;UNTIL=20240503T053000Z",
            "RRULE:FREQ=WEEKLY;UNTIL=20240503T100000",
        ),
    ] {
        let series = format!(
            "DTSTART;TZID=Own:20240301T100000\nDTEND;TZID=Own:20240301T113000\nRRULE:{rule}\n\
             EXDATE;TZID=Own:20240412T100000\nEXDATE:20240419T053000Z,20240308T063000Z"
        );
        let moved = "BEGIN:VEVENT\nUID:e\nSUMMARY:Moved\nRECURRENCE-ID;TZID=Own:20240405T100000\n\
             DTSTART;TZID=Own:20240405T120000\nEND:VEVENT";
        let file = format!("{}{}\n{moved}", like_tehran("Own"), event(&series));
        let through = Through::of(&file);
        assert!(
            through.faults().contains(&Fault::Zone),
            "{:?}",
            through.faults()
        );
        through.has(&[
            "DTSTART:20240301T100000",
            "DTEND:20240301T113000",
            wanted,
            "EXDATE:20240412T100000",
            "EXDATE:20240419T100000",
            "EXDATE:20240308T100000",
            "RECURRENCE-ID:20240405T100000",
        ]);
    }
}

#[test]
fn an_event_or_a_series_within_one_offset_needs_no_zone() {
    for (series, wanted) in [
        (
            "DTSTART;TZID=Own:20240701T100000",
            "DTSTART:20240701T053000Z",
        ),
        (
            "DTSTART;TZID=Own:20240501T100000\nRRULE:FREQ=WEEKLY;COUNT=5",
            "DTSTART:20240501T053000Z",
        ),
    ] {
        let through = Through::of(&format!("{}{}", like_tehran("Own"), event(series)));
        assert_eq!(through.faults(), [], "{series}");
        through.has(&[wanted]);
    }
}

/// VTIMEZONEs from public bug reports, which `tests/FIELD.md` lists.
#[test]
fn zones_of_the_field() {
    let part = |kind: &str, from: &str, to: &str, more: &str| {
        format!("BEGIN:{kind}\nTZOFFSETFROM:{from}\nTZOFFSETTO:{to}\n{more}\nEND:{kind}\n")
    };
    let zone = |name: &str, parts: &[String]| {
        format!("BEGIN:VTIMEZONE\n{name}\n{}END:VTIMEZONE\n", parts.concat())
    };
    // iCalcreator issue 86: dates instead of rules, and a series that reaches into the summer.
    let dates = zone(
        "TZID:Europe/Berlin",
        &[
            part(
                "STANDARD",
                "+0200",
                "+0100",
                "DTSTART:20191027T030000\nRDATE:20201025T030000",
            ),
            part(
                "DAYLIGHT",
                "+0100",
                "+0200",
                "DTSTART:20190331T020000\nRDATE:20200329T020000\nRDATE:20210328T020000",
            ),
        ],
    );
    // ical4j issue 230: one change to summer time, and no way back.
    let summer = zone(
        "TZID:Europe/Berlin",
        &[part(
            "DAYLIGHT",
            "+0100",
            "+0200",
            "DTSTART:20180325T030000",
        )],
    );
    // node-icalendar issue 10: two parts that change nothing, without a rule.
    let still = zone(
        "TZID:E. Australia Standard Time",
        &["STANDARD", "DAYLIGHT"]
            .map(|kind| part(kind, "+1000", "+1000", "DTSTART:16010101T000000")),
    );
    // libical issue 156: the changes are given by the clock after them.
    let after = zone(
        "TZID:America/New_York",
        &[
            part(
                "STANDARD",
                "-0400",
                "-0500",
                "DTSTART:20121104T010000\nRDATE:20131103T010000",
            ),
            part("DAYLIGHT", "-0500", "-0400", "DTSTART:20130310T030000"),
        ],
    );
    // Fossify Calendar issue 535: the name stands behind an equals sign.
    let unnamed = zone(
        "TZID=Eastern Standard Time",
        &[
            part(
                "STANDARD",
                "-0400",
                "-0500",
                "DTSTART:16010101T020000\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=1SU;BYMONTH=11",
            ),
            part(
                "DAYLIGHT",
                "-0500",
                "-0400",
                "DTSTART:16010101T020000\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=2SU;BYMONTH=3",
            ),
        ],
    );
    for (zone, event_lines, wanted) in [
        (
            &dates,
            "DTSTART;TZID=Europe/Berlin:20200302T090000\nRRULE:FREQ=WEEKLY;COUNT=20",
            "DTSTART;TZID=Europe/Berlin:20200302T090000",
        ),
        (
            &summer,
            "DTSTART;TZID=Europe/Berlin:20180403T090000\nRRULE:FREQ=WEEKLY;COUNT=4",
            "DTSTART;TZID=Europe/Berlin:20180403T090000",
        ),
        (
            &still,
            "DTSTART;TZID=E. Australia Standard Time:20130627T090000\nRRULE:FREQ=WEEKLY",
            "DTSTART;TZID=Australia/Brisbane:20130627T090000",
        ),
        (
            &after,
            "DTSTART;TZID=America/New_York:20130301T090000\nRRULE:FREQ=WEEKLY;COUNT=10",
            "DTSTART;TZID=America/New_York:20130301T090000",
        ),
        (
            &unnamed,
            "DTSTART;TZID=Eastern Standard Time:20260908T140000\nRRULE:FREQ=WEEKLY",
            "DTSTART;TZID=America/New_York:20260908T140000",
        ),
    ] {
        Through::of(&format!("{zone}{}", event(event_lines))).has(&[wanted]);
    }
}

#[test]
fn other_rules_of_a_series_become_dates() {
    let two = Through::of(&event(
        "DTSTART:20240902T150000Z\nRRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3\nRRULE:FREQ=WEEKLY;BYDAY=TH;COUNT=2",
    ));
    assert!(two.losses.0.is_empty(), "{:?}", two.losses);
    two.has(&[
        "RRULE:FREQ=WEEKLY;COUNT=3;BYDAY=MO",
        "RDATE:20240905T150000Z",
        "RDATE:20240912T150000Z",
    ])
    .has_none(&["RDATE:20240919"])
    .comes_back();
    for (rule, left_out) in [
        ("FREQ=DAILY;UNTIL=20240912T150000Z", "FREQ=WEEKLY;BYDAY=TU"),
        ("FREQ=DAILY", "FREQ=WEEKLY;COUNT=2;BYDAY=TU"),
    ] {
        let except = Through::of(&event(&format!(
            "DTSTART:20240902T150000Z\nRRULE:{rule}\nEXRULE:{left_out}"
        )));
        assert!(except.losses.0.is_empty(), "{:?}", except.losses);
        except
            .has(&["EXDATE:20240903T150000Z", "EXDATE:20240910T150000Z"])
            .has_none(&["EXRULE", "EXDATE:20240917"])
            .comes_back();
    }
    let endless = Through::of(&event(
        "DTSTART:20240902T150000Z\nRRULE:FREQ=DAILY\nRRULE:FREQ=HOURLY\nEXRULE:FREQ=WEEKLY",
    ));
    for what in [
        "second repetition rules: Shift",
        "rules for exceptions to a repetition: Shift",
    ] {
        assert_eq!(endless.losses.0.get(what), Some(&1), "{:?}", endless.losses);
    }
}
