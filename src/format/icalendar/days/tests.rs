//! Tests for the days on which events are shown.

use chrono::{Datelike, NaiveDate};
use proptest::prelude::*;

use super::*;
use crate::format::Losses;
use crate::format::icalendar::{END, Uids, begin, write_event};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn event(start: &str, rrule: &str) -> Event {
    let days = (day(start) - NaiveDate::default()).num_days();
    serde_json::from_value(serde_json::json!({
        "uid": "u", "calendar": 1, "start": {"date": days}, "rrule": rrule, "changed": [], "cancelled": [],
        "status": "unset", "availability": "busy", "access": "default", "attendees": [], "reminders": [],
        "extended": [], "source": {"row": 1},
    }))
    .unwrap()
}

fn series(event: &Event) -> Series {
    match place(event).unwrap().repeats {
        Repeats::On(series) => *series,
        other => panic!("{other:?}"),
    }
}

fn days(start: &str, rrule: &str, first: &str, last: &str) -> Vec<String> {
    let series = series(&event(start, rrule));
    let days = series.between(day(first), day(last));
    days.iter().map(ToString::to_string).collect()
}

#[test]
fn rules_fall_on_their_days() {
    assert_eq!(
        days(
            "2026-11-02",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE",
            "2026-11-01",
            "2026-11-30"
        ),
        [
            "2026-11-02",
            "2026-11-04",
            "2026-11-16",
            "2026-11-18",
            "2026-11-30"
        ]
    );
    assert_eq!(
        days(
            "2020-01-31",
            "FREQ=MONTHLY;BYDAY=-1FR",
            "2026-11-01",
            "2026-12-31"
        ),
        ["2026-11-27", "2026-12-25"]
    );
    assert_eq!(
        days("2024-02-29", "FREQ=YEARLY", "2024-01-01", "2032-12-31"),
        ["2024-02-29", "2028-02-29", "2032-02-29"]
    );
    assert_eq!(
        days(
            "2026-01-31",
            "FREQ=MONTHLY;COUNT=3",
            "2026-01-01",
            "2027-12-31"
        ),
        ["2026-01-31", "2026-03-31", "2026-05-31"]
    );
    assert_eq!(
        days(
            "2026-01-01",
            "FREQ=DAILY;UNTIL=20260103",
            "2025-01-01",
            "2027-12-31"
        ),
        ["2026-01-01", "2026-01-02", "2026-01-03"]
    );
}

#[test]
fn what_is_left_out_or_moved_is_not_there() {
    let mut daily = event("2026-01-01", "FREQ=DAILY;COUNT=5");
    daily.exdate = Some("20260102".into());
    daily.cancelled = vec![Moment::Date(20_456)];
    daily.rdate = Some("20260110".into());
    let found = series(&daily);
    let days = found.between(day("2026-01-01"), day("2026-02-01"));
    let days: Vec<u32> = days.iter().map(|day| day.day()).collect();
    assert_eq!(days, [1, 4, 5, 10]);
    assert_eq!(found.last(), Some(day("2026-01-10")));
}

#[test]
fn rules_that_days_do_not_say_are_owned_up_to() {
    for rule in [
        "FREQ=HOURLY",
        "FREQ=YEARLY;BYWEEKNO=3",
        "FREQ=DAILY;COUNT=2;BYMONTH=2;BYMONTHDAY=30",
        "junk",
    ] {
        let placed = place(&event("2026-01-01", rule)).unwrap();
        assert_eq!(placed.repeats, Repeats::Unread, "{rule}");
    }
}

#[test]
fn the_days_are_those_of_the_events_own_zone() {
    let mut late = event("2026-01-01", "FREQ=WEEKLY;UNTIL=20260115T043000Z");
    // 23:30 on 31 December in New York.
    late.start = Some(Moment::Time {
        millis: 1_767_241_800_000,
        zone: "America/New_York".into(),
    });
    late.duration = Some("P3600S".into());
    let placed = place(&late).unwrap();
    assert_eq!(placed.start.day, day("2025-12-31"));
    assert_eq!(placed.last_day, day("2026-01-01"));
    let found = series(&late).between(day("2025-12-01"), day("2026-02-01"));
    assert_eq!(
        found,
        [day("2025-12-31"), day("2026-01-07"), day("2026-01-14")]
    );
}

fn rule_text() -> impl Strategy<Value = String> {
    let weekday = prop::sample::select(vec!["MO", "TU", "WE", "TH", "FR", "SA", "SU"]);
    // Readers differ over a rule that has the same weekday with and without a number.
    let number = prop::sample::select(vec!["", "1", "2", "-1"]);
    let numbered = (number, prop::collection::vec(weekday.clone(), 1..3)).prop_map(|(n, days)| {
        let days: Vec<String> = days.iter().map(|day| format!("{n}{day}")).collect();
        format!(";BYDAY={}", days.join(","))
    });
    let part = prop_oneof![
        Just(String::new()),
        prop::collection::vec(weekday, 1..4).prop_map(|days| format!(";BYDAY={}", days.join(","))),
        (1..=12u32).prop_map(|month| format!(";BYMONTH={month}")),
    ];
    let monthly = prop_oneof![
        Just(String::new()),
        numbered,
        prop::collection::vec(prop::sample::select(vec![1, 2, 15, 28, 31, -1, -5]), 1..3).prop_map(
            |days| format!(
                ";BYMONTHDAY={}",
                days.iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join(",")
            )
        ),
    ];
    prop_oneof![
        (prop::sample::select(vec!["DAILY", "WEEKLY"]), 1..4u32, part)
            .prop_map(|(every, n, part)| format!("FREQ={every};INTERVAL={n}{part}")),
        (
            prop::sample::select(vec!["MONTHLY", "YEARLY;BYMONTH=3"]),
            1..4u32,
            monthly
        )
            .prop_map(|(every, n, part)| format!("FREQ={every};INTERVAL={n}{part}")),
    ]
}

proptest! {
    /// calcard reads the file that was written and counts out the same days.
    #[test]
    fn an_independent_reader_finds_the_same_days(offset in 0..2000i64, rule in rule_text(), count in 1..30usize) {
        let start = day("2020-01-06") + chrono::Duration::days(offset);
        let event = event(&start.to_string(), &rule);
        let mine = series(&event);
        // Readers differ over a start that its own rule doesn't have.
        prop_assume!(mine.patterns[0].0.between(start, start, start) == [start]);
        let mut text = begin(None);
        text.push_str(&write_event(&event, None, &mut Uids::default(), &mut Losses::default()).text);
        text.push_str(END);
        let read = calcard::icalendar::ICalendar::parse(&text).unwrap();
        let found = read.expand_dates(chrono_tz::Tz::UTC, count);
        prop_assert!(found.errors.is_empty(), "{:?}", found.errors);
        let mut theirs: Vec<NaiveDate> = found.events.iter().map(|e| e.start.date_naive()).collect();
        theirs.sort_unstable();
        theirs.dedup();
        let Some(last) = theirs.last().copied() else { return Ok(()) };
        let ours = mine.between(start, last);
        prop_assert_eq!(ours, theirs, "{}", rule);
    }

    #[test]
    fn no_rule_breaks_it(
        rule in "FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(;(INTERVAL|COUNT|BYMONTHDAY|BYSETPOS|BYMONTH)=-?[0-9]{1,5}){0,3}(;BYDAY=-?[0-9]{0,2}(MO|SU))?",
        offset in -700_000..2_900_000i64, from in -700_000..2_900_000i64,
    ) {
        let mut event = event("2026-01-01", &rule);
        event.start = Some(Moment::Date(offset));
        if let Some(Placed { repeats: Repeats::On(series), .. }) = place(&event)
            && let Some(first) = NaiveDate::default().checked_add_signed(Duration::days(from))
            && let Some(last) = first.checked_add_days(chrono::Days::new(31))
        {
            let days = series.between(first, last);
            prop_assert!(days.is_sorted() && days.iter().all(|d| (first..=last).contains(d)));
        }
    }
}

#[test]
fn a_change_of_all_later_occurrences_moves_them() {
    let date = |text: &str| Some(Moment::Date((day(text) - NaiveDate::default()).num_days()));
    let change = |place: &str, start: &str| Event {
        recurrence_id: date(place),
        this_and_future: true,
        ..event(start, "")
    };
    let to_tuesday = change("2026-11-16", "2026-11-17");
    let to_sunday = change("2026-11-30", "2026-11-29");
    let weekly = Event {
        changed: vec![to_sunday.clone(), to_tuesday.clone()],
        ..event("2026-11-02", "FREQ=WEEKLY;COUNT=6")
    };
    let shown = |series: &Series| {
        let days = series.between(day("2026-11-01"), day("2026-12-31"));
        days.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let later = |change: &Event| match super::later(&weekly, change) {
        Repeats::On(series) => *series,
        other => panic!("{other:?}"),
    };
    assert_eq!(shown(&series(&weekly)), ["2026-11-02", "2026-11-09"]);
    assert_eq!(shown(&later(&to_tuesday)), ["2026-11-17", "2026-11-24"]);
    assert_eq!(shown(&later(&to_sunday)), ["2026-11-29", "2026-12-06"]);
    assert_eq!(later(&to_sunday).last(), Some(day("2026-12-06")));
    assert!(series(&weekly).last() < Some(day("2026-11-16")));
    // A single changed occurrence and a deleted one leave the other occurrences unchanged.
    let alone = Event {
        this_and_future: false,
        ..to_tuesday.clone()
    };
    assert_eq!(super::later(&weekly, &alone), Repeats::No);
    let mut deleted = to_tuesday;
    deleted.source.deleted = true;
    let weekly = Event {
        changed: vec![deleted],
        ..weekly
    };
    assert_eq!(shown(&series(&weekly)).len(), 5);
}
