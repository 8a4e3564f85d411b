//! Parses dates and times: strictly, or leniently for the forms that phones and programs write.

use chrono::{Datelike, Duration, NaiveDate, NaiveDateTime};

use super::moment::{YEARS, wall_value};
use crate::format::vcalendar::offset;

/// `20091012`, `20091012T090000` or `20091012T090000Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Digits {
    Date(NaiveDate),
    Wall(NaiveDateTime),
    Utc(NaiveDateTime),
}

/// Reads a date or time value strictly; a second of 60 is read as 59.
pub(super) fn digits(text: &str) -> Option<Digits> {
    let day = |text: &str| {
        let (year, month, day) = (
            number(text, 0, 4)?,
            number(text, 4, 2)?,
            number(text, 6, 2)?,
        );
        NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
            .filter(|date| YEARS.contains(&date.year()))
    };
    if text.len() == 8 {
        return day(text).map(Digits::Date);
    }
    let (body, utc) = match text.strip_suffix(['Z', 'z']) {
        Some(body) => (body, true),
        None => (text, false),
    };
    let (date, time) = body.split_once(['T', 't'])?;
    if date.len() != 8 || time.len() != 6 {
        return None;
    }
    let (hour, minute, second) = (
        number(time, 0, 2)?,
        number(time, 2, 2)?,
        number(time, 4, 2)?,
    );
    let second = if second == 60 { 59 } else { second };
    let time = day(date)?.and_hms_opt(hour, minute, second)?;
    Some(if utc {
        Digits::Utc(time)
    } else {
        Digits::Wall(time)
    })
}

fn number(text: &str, at: usize, len: usize) -> Option<u32> {
    let text = text.get(at..at + len)?;
    if text.bytes().all(|b| b.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}

/// Reads a date or time in the form of RFC 5545 or ISO 8601, with common deviations of phones: no seconds, hour 24,
/// an offset.
pub(super) fn lenient(text: &str) -> Option<Digits> {
    let text = text.trim();
    if text.len() > 40 || !text.is_ascii() {
        return None;
    }
    if let Some(read) = digits(text) {
        return Some(read);
    }
    let (date, time) = text.split_once(['T', 't', ' ']).unwrap_or((text, ""));
    let date: String = date.chars().filter(|c| !matches!(c, '-' | '/')).collect();
    // `20131210Z`
    let date = date.strip_suffix('Z').unwrap_or(&date);
    let Some(Digits::Date(day)) = digits(date) else {
        return None;
    };
    if time.is_empty() {
        return Some(Digits::Date(day));
    }
    let zone_at = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at_checked(zone_at)?;
    let clock = clock.split(['.', ',']).next().unwrap_or_default();
    let mut clock: String = clock.chars().filter(|c| *c != ':').collect();
    while clock.len() < 6 && clock.len() >= 2 {
        clock.push('0');
    }
    let (day, clock) = match clock.as_str() {
        "240000" => (day.succ_opt()?, "000000"),
        other => (day, other),
    };
    let text = format!("{}T{clock}", day.format("%Y%m%d"));
    let Some(Digits::Wall(wall)) = digits(&text) else {
        return None;
    };
    match zone {
        "" => Some(Digits::Wall(wall)),
        "Z" | "z" => Some(Digits::Utc(wall)),
        other => {
            let east = offset(other)?;
            let utc = wall.checked_sub_signed(Duration::seconds(east.into()))?;
            digits(&format!("{}Z", wall_value(&utc)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::moment::{Anchor, in_anchor};
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn digits_read_what_stamps_write(seconds in -60_000_000_000i64..200_000_000_000) {
            let stamp = in_anchor(seconds, Anchor::Utc).unwrap();
            let Some(Digits::Utc(time)) = digits(&stamp.value()) else { panic!("{}", stamp.value()) };
            prop_assert_eq!(time.and_utc().timestamp(), seconds);
        }

        #[test]
        fn no_text_breaks_it(text in "\\PC{0,40}") {
            let _ = lenient(&text);
        }
    }
}
