//! Tests of the search for a zone by its offsets.

use super::*;
use crate::format::versit::{Reader, as_utf8};
use proptest::prelude::*;

fn offsets(parts: &str) -> Offsets {
    let text = format!("BEGIN:VTIMEZONE\nTZID:x\n{parts}END:VTIMEZONE\n");
    let file = as_utf8(text.as_bytes());
    let component = Reader::new(&file).next_component().unwrap();
    Offsets::of_timezone(&component).unwrap()
}

fn part(kind: &str, from: &str, to: &str, more: &str) -> String {
    format!("BEGIN:{kind}\nTZOFFSETFROM:{from}\nTZOFFSETTO:{to}\n{more}\nEND:{kind}\n")
}

fn hours(offsets: &Offsets, wall: &str) -> Option<f64> {
    let wall = wall_of(wall).unwrap();
    Some(f64::from(offsets.at(wall, &Budget::default())?.seconds()) / 3600.0)
}

#[test]
fn every_shape_of_rule_is_worked_out() {
    let winter = part(
        "STANDARD",
        "+0300",
        "+0200",
        "DTSTART:20131027T020000\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
    );
    for rule in [
        "FREQ=YEARLY;BYMONTH=3;BYDAY=FR;BYMONTHDAY=23,24,25,26,27,28,29",
        "FREQ=YEARLY;BYMONTH=3;BYDAY=4FR",
        "FREQ=YEARLY;BYMONTH=3;BYDAY=FR;BYSETPOS=-1",
        "FREQ=YEARLY;BYYEARDAY=88",
        "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=28",
        "FREQ=MONTHLY;INTERVAL=12;BYDAY=-1FR",
        "freq=yearly; bymonth=3; byday=-1fr;",
        "FREQ=YEARLY",
        "FREQ=YEARLY;BYMINUTE=0;BYHOUR=2;BYDAY=-1FR;BYMONTH=3",
    ] {
        let summer = part(
            "DAYLIGHT",
            "+0200",
            "+0300",
            &format!("DTSTART:20130329T020000\nRRULE:{rule}"),
        );
        let zone = offsets(&format!("{winter}{summer}"));
        assert_eq!(hours(&zone, "20240320T100000"), Some(2.0), "{rule}");
        assert_eq!(hours(&zone, "20240402T100000"), Some(3.0), "{rule}");
        assert_eq!(hours(&zone, "20241215T100000"), Some(2.0), "{rule}");
        assert_eq!(hours(&zone, "25240715T100000"), Some(3.0), "{rule}");
        assert_eq!(hours(&zone, "19500715T100000"), Some(2.0), "{rule}");
    }
    let unread = part(
        "DAYLIGHT",
        "+0200",
        "+0300",
        "DTSTART:20130329T020000\nRRULE:FREQ=SOMETIMES",
    );
    assert_eq!(
        hours(&offsets(&format!("{winter}{unread}")), "20240320T100000"),
        None
    );
}

#[test]
fn single_parts_eras_and_dates_count() {
    let only = offsets(&part(
        "DAYLIGHT",
        "+0100",
        "+0200",
        "DTSTART:20240331T030000",
    ));
    assert_eq!(hours(&only, "20240715T100000"), Some(2.0));
    assert_eq!(hours(&only, "20240301T100000"), Some(1.0));
    let fixed = offsets(&part(
        "STANDARD",
        "+0530",
        "+0530",
        "DTSTART:16010101T000000",
    ));
    assert_eq!(hours(&fixed, "20240715T100000"), Some(5.5));
    let no_start = offsets(&part("STANDARD", "+0530", "+0530", ""));
    assert_eq!(hours(&no_start, "20240715T100000"), Some(5.5));
    let eras = [
        part(
            "DAYLIGHT",
            "-0500",
            "-0400",
            "DTSTART:19870405T020000\nRRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU;UNTIL=20060402T070000Z",
        ),
        part(
            "DAYLIGHT",
            "-0500",
            "-0400",
            "DTSTART:20070311T020000\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU",
        ),
        part(
            "STANDARD",
            "-0400",
            "-0500",
            "DTSTART:19671029T020000\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;UNTIL=20061029T060000Z",
        ),
        part(
            "STANDARD",
            "-0400",
            "-0500",
            "DTSTART:20071104T020000\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU",
        ),
    ];
    let eras = offsets(&eras.concat());
    for (wall, wanted) in [
        ("20050320T100000", -5.0),
        ("20060403T100000", -4.0),
        ("20061030T100000", -5.0),
        ("20070320T100000", -4.0),
        ("20071101T100000", -4.0),
        ("20071105T100000", -5.0),
    ] {
        assert_eq!(hours(&eras, wall), Some(wanted), "{wall}");
    }
    let dates = offsets(&format!(
        "{}{}",
        part(
            "STANDARD",
            "+0200",
            "+0100",
            "DTSTART:20230101T030000\nRDATE:20231029T030000,20241027T030000"
        ),
        part(
            "DAYLIGHT",
            "+0100",
            "+0200",
            "DTSTART:20230326T020000\nRDATE;VALUE=DATE-TIME:20240331T010000Z"
        ),
    ));
    assert_eq!(hours(&dates, "20230715T100000"), Some(2.0));
    assert_eq!(hours(&dates, "20240115T100000"), Some(1.0));
    assert_eq!(hours(&dates, "20240715T100000"), Some(2.0));
}

/// Tests the first of two equal wall times, and the wall times that the clock skips.
#[test]
fn the_hours_of_change_are_read_as_rfc_5545_has_it() {
    let zone = offsets(&format!(
        "{}{}",
        part(
            "STANDARD",
            "+0200",
            "+0100",
            "DTSTART:19701025T030000\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"
        ),
        part(
            "DAYLIGHT",
            "+0100",
            "+0200",
            "DTSTART:19700329T020000\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"
        ),
    ));
    assert_eq!(hours(&zone, "20241027T023000"), Some(2.0));
    assert_eq!(hours(&zone, "20241027T030000"), Some(1.0));
    assert_eq!(hours(&zone, "20240331T023000"), Some(1.0));
    assert_eq!(hours(&zone, "20240331T030000"), Some(2.0));
    let summer = wall_of("20240715T100000").unwrap();
    let berlin = Zone::Named(chrono_tz::Europe::Berlin);
    assert!(zone.agrees(berlin, summer, Recurs::Forever, &Budget::default()));
    let london = Zone::Named(chrono_tz::Europe::London);
    assert!(!zone.agrees(london, summer, Recurs::No, &Budget::default()));
}

#[test]
fn ten_thousand_dates_and_parts_end() {
    let began = std::time::Instant::now();
    let dates: Vec<String> = (0..10_000)
        .map(|n| {
            format!(
                "{}{:02}{:02}T020000",
                1900 + n / 336,
                n / 28 % 12 + 1,
                n % 28 + 1
            )
        })
        .collect();
    let zone = offsets(&part(
        "STANDARD",
        "+0200",
        "+0100",
        &format!("DTSTART:19000101T030000\nRDATE:{}", dates.join(",")),
    ));
    assert_eq!(hours(&zone, "20240715T100000"), Some(1.0));
    let endless = part(
        "STANDARD",
        "+0200",
        "+0100",
        "DTSTART:16010101T030000\nRRULE:FREQ=DAILY",
    );
    assert_eq!(
        hours(&offsets(&endless.repeat(5_000)), "20240715T100000"),
        None
    );
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
}

proptest! {
    #[test]
    fn no_text_breaks_it(text in "\\PC{0,40}", rule in "FREQ=(YEARLY|DAILY|MONTHLY)(;(INTERVAL=[0-9]{1,5}|BYDAY=-?[0-9]?SU|BYMONTHDAY=[0-9]{1,2}|UNTIL=[0-9]{8}|COUNT=[0-9]{1,9})){0,3}") {
        let zone = offsets(&part("STANDARD", "+0200", "+0100", &format!("DTSTART:19700101T020000\nRRULE:{rule}\nRDATE:{text}")));
        let _ = hours(&zone, "20240715T100000");
    }
}
