#![no_main]
//! Events with arbitrary text: rules, durations, dates and time zones. What is written must be readable again.

use std::cell::RefCell;

use chrono::Days;
use lifeboat::format::Losses;
use lifeboat::format::icalendar::{self, TimeZones, Uids, days};
use lifeboat::model::{Event, Moment};

thread_local! {
    static ZONES: RefCell<TimeZones> = RefCell::default();
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // The bytes as a damaged file.
    let _ = icalendar::read(data);
    // The bytes as the columns of an event.
    let Some((head, rest)) = data.split_at_checked(9) else {
        return;
    };
    let number = i64::from_le_bytes(head[..8].try_into().unwrap());
    let text = String::from_utf8_lossy(rest).into_owned();
    let mut parts = text
        .split('\u{1}')
        .map(|part| Some(part.to_owned()).filter(|p| !p.is_empty()));
    let mut next = || parts.next().flatten();
    let millis = if head[8] & 1 == 0 {
        number % 8_640_000_000_000
    } else {
        number
    };
    let moment = |zone: Option<String>| match head[8] & 2 {
        0 => Moment::Time {
            millis,
            zone: zone.unwrap_or_default(),
        },
        _ => Moment::Date(millis / 86_400_000),
    };
    let event: Event = event(
        moment(next()),
        [
            next(),
            next(),
            next(),
            next(),
            next(),
            next(),
            next(),
            next(),
        ],
    );
    if let Some(placed) = days::place(&event)
        && let days::Repeats::On(series) = placed.repeats
    {
        let first = placed.start.day;
        if let Some(last) = first.checked_add_days(Days::new(800)) {
            assert!(series.between(first, last).len() <= 801);
        }
        let _ = series.last();
    }
    let _ = days::patterns(&event);
    let written =
        icalendar::write_event(&event, None, &mut Uids::default(), &mut Losses::default());
    // The zone tables are built once, as a rescue does for all its files.
    let zones = ZONES.with_borrow_mut(|zones| zones.write(&written.zones));
    let file = [
        &icalendar::begin(None),
        &zones,
        &written.text,
        icalendar::END,
    ]
    .concat();
    let contents = icalendar::read(file.as_bytes());
    let contents = contents.unwrap_or_else(|error| panic!("{error}: {file}"));
    assert_eq!(contents.events, written.records, "{file}");
});

/// Builds an event from its texts: title, rrule, rdate, exrule, exdate, duration, location, organizer.
fn event(start: Moment, texts: [Option<String>; 8]) -> Event {
    let [
        title,
        rrule,
        rdate,
        exrule,
        exdate,
        duration,
        location,
        organizer,
    ] = texts;
    Event {
        uid: "1@lifeboat.invalid".into(),
        calendar: 1,
        title,
        location,
        start: Some(start),
        duration,
        rrule,
        rdate,
        exrule,
        exdate,
        organizer,
        ..Event::default()
    }
}
