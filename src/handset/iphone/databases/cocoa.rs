//! Apple's dates: seconds since 2001-01-01 UTC.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime};

/// 2001-01-01 in seconds since 1970.
const EPOCH: i64 = 978_307_200;
const DAY: i64 = 86_400;
/// Largest distance from 2001 that is taken for a date, in seconds: some 3,000 years.
const FARTHEST: f64 = 1.0e11;

/// Returns the milliseconds since 1970; `None`: no date.
pub fn millis(seconds: f64) -> Option<i64> {
    let is_date = seconds.is_finite() && seconds.abs() < FARTHEST;
    is_date.then(|| (seconds * 1000.0).round() as i64 + EPOCH * 1000)
}

/// Returns the milliseconds since 1970 for seconds, or for nanoseconds as messages have them since iOS 11.
pub fn millis_of_either(stamp: i64) -> Option<i64> {
    const LEAST_NANOSECONDS: u64 = 100_000_000_000;
    match stamp {
        0 => None,
        _ if stamp.unsigned_abs() >= LEAST_NANOSECONDS => {
            Some(stamp.div_euclid(1_000_000) + EPOCH * 1000)
        }
        _ => Some(stamp * 1000 + EPOCH * 1000),
    }
}

/// Returns the days since 1970 of the day whose midnight, in UTC, is at or before the time.
pub fn day(seconds: f64) -> Option<i64> {
    millis(seconds).map(|millis| millis.div_euclid(DAY * 1000))
}

/// Returns the first day, in days since 1970, that begins at or after the time: the end of an all-day event, which is
/// stored as the last second of the last day or as the next midnight.
pub fn day_after(seconds: f64) -> Option<i64> {
    let day = DAY * 1000;
    millis(seconds).map(|millis| millis.saturating_add(day - 1).div_euclid(day))
}

/// Returns a date in a person's life as text: `1985-04-12`, or `--04-12` for the year 1604, by which Apple marks a date
/// without a year. Such a date is stored as noon in UTC, or as midnight in the phone's zone.
pub fn life_date(seconds: f64) -> Option<String> {
    let seconds = millis(seconds)?.div_euclid(1000);
    let day = (seconds + DAY / 2 - 1).div_euclid(DAY);
    let date = NaiveDate::from_epoch_days(i32::try_from(day).ok()?)?;
    Some(match date.year() {
        1604 => date.format("--%m-%d").to_string(),
        1..=9999 => date.format("%Y-%m-%d").to_string(),
        _ => return None,
    })
}

/// Returns the time as RFC 5545 writes it, in UTC: `20240603T080000Z`.
pub fn utc(seconds: f64) -> Option<String> {
    let time = at(seconds)?;
    Some(time.format("%Y%m%dT%H%M%SZ").to_string())
}

/// Returns the day as RFC 5545 writes it: `20240603`.
pub fn date(seconds: f64) -> Option<String> {
    Some(at(seconds)?.format("%Y%m%d").to_string())
}

fn at(seconds: f64) -> Option<NaiveDateTime> {
    let time = DateTime::from_timestamp_millis(millis(seconds)?)?.naive_utc();
    (1..=9999).contains(&time.year()).then_some(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_birthday_is_the_same_day_in_every_zone() {
        // Noon in UTC; midnight in New York, in Berlin, in Sydney's summer.
        for hours in [12, 4, -2, -11] {
            let seconds = (8_868 * DAY + hours * 3_600 - EPOCH) as f64;
            assert_eq!(life_date(seconds).as_deref(), Some("1994-04-13"), "{hours}");
        }
        let no_year = NaiveDate::from_ymd_opt(1604, 2, 29).map(|date| date.to_epoch_days());
        let seconds = no_year.map(|days| (i64::from(days) * DAY + DAY / 2 - EPOCH) as f64);
        assert_eq!(seconds.and_then(life_date).as_deref(), Some("--02-29"));
        assert_eq!(life_date(f64::NAN), None);
        assert_eq!(life_date(1.0e300), None);
    }

    #[test]
    fn an_all_day_event_ends_after_its_last_day() {
        let midnight = 1_000.0 * DAY as f64;
        assert_eq!(day_after(midnight), day(midnight));
        assert_eq!(day_after(midnight + 86_399.0), day(midnight + 86_400.0));
    }
}
