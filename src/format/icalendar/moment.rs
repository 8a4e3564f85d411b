//! Points in time as DATE and DATE-TIME values (RFC 5545 sections 3.3.4 and 3.3.5).

use std::str::FromStr;

use chrono::{
    DateTime, Datelike, Duration, MappedLocalTime, NaiveDate, NaiveDateTime, Offset, TimeZone,
};
use chrono_tz::Tz;

use super::lines::parameter;
use super::windows_zones;
use crate::model::Moment;

/// Years that can be written: four digits, with room for every zone's offset and for readers that count from
/// year 1 to 9999.
const YEARS: std::ops::RangeInclusive<i32> = 2..=9998;

/// Seconds since 1970 at 2098-01-01T00:00:00Z: from here on the zone tables have no transitions, though the
/// zones' rules go on. Later times are written in UTC.
const ZONES_END: i64 = 4_039_372_800;

/// Days from 0001-01-01 (day 1) to 1970-01-01.
const EPOCH_FROM_CE: i64 = 719_163;

/// A point in time, typed as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stamp {
    Date(NaiveDate),
    Utc(NaiveDateTime),
    /// Wall time in no zone: the same on every clock.
    Floating(NaiveDateTime),
    /// Wall time in a zone, and the seconds since 1970 it was made from.
    Zoned {
        wall: NaiveDateTime,
        zone: Tz,
        instant: i64,
    },
}

/// How a property's value is to be typed so that it fits its series' start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Date,
    Utc,
    Floating,
    Zoned(Tz),
}

/// A moment made ready for writing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ready {
    pub(super) stamp: Stamp,
    /// The moment can be read back from it: instant, zone and all.
    pub(super) exact: bool,
    /// Its zone has a name that nobody knows.
    pub(super) unknown_zone: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone {
    Utc,
    Named(Tz),
    /// [`Moment::FLOATING`]
    Floating,
    Unknown,
}

/// The zone of a handset's zone name: IANA names (in any case, or behind a vendor's prefix such as
/// `/freeassociation.sourceforge.net/`), Windows names, and Java's `GMT+02:00` where hours are whole.
pub(super) fn zone(name: &str) -> Zone {
    let name = name.trim();
    const UTC: [&str; 10] = [
        "",
        "UTC",
        "GMT",
        "Z",
        "Etc/UTC",
        "Etc/GMT",
        "Etc/UCT",
        "UCT",
        "Zulu",
        "Universal",
    ];
    if UTC.iter().any(|n| n.eq_ignore_ascii_case(name)) {
        return Zone::Utc;
    }
    if name == Moment::FLOATING {
        return Zone::Floating;
    }
    if name.len() > 200 {
        return Zone::Unknown;
    }
    if let Some(zone) = known(name) {
        return Zone::Named(zone);
    }
    if let Some(zone) = windows_zones::iana_name(name).and_then(known) {
        return Zone::Named(zone);
    }
    if let Some(zone) = whole_hours(name) {
        return zone;
    }
    if name.starts_with('/') {
        let parts: Vec<&str> = name.split('/').collect();
        for count in [3, 2] {
            let tail = parts.iter().rev().take(count).rev();
            let tail: Vec<&str> = tail.copied().collect();
            if let Some(zone) = known(&tail.join("/")) {
                return Zone::Named(zone);
            }
        }
    }
    Zone::Unknown
}

fn known(name: &str) -> Option<Tz> {
    Tz::from_str(name).ok().or_else(|| {
        chrono_tz::TZ_VARIANTS
            .iter()
            .find(|zone| zone.name().eq_ignore_ascii_case(name))
            .copied()
    })
}

/// `GMT+2`, `GMT+02:00`, `UTC-0300`: the zone `Etc/GMT-2`, whose sign is the other way round.
fn whole_hours(name: &str) -> Option<Zone> {
    let offset = name.strip_prefix("GMT").or(name.strip_prefix("UTC"))?;
    let (sign, digits) = match offset.split_at_checked(1)? {
        ("+", digits) => ('-', digits),
        ("-", digits) => ('+', digits),
        _ => return None,
    };
    let hours = match digits.strip_suffix(":00") {
        Some(hours) => hours,
        None if digits.len() == 4 => digits.strip_suffix("00")?,
        None => digits,
    };
    if hours.is_empty() || hours.len() > 2 || !hours.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    match hours.parse::<u8>().ok()? {
        0 => Some(Zone::Utc),
        hours => known(&format!("Etc/GMT{sign}{hours}")).map(Zone::Named),
    }
}

/// Makes a moment ready. Nothing where iCalendar can't say it: a year below 2 or above 9998.
///
/// A wall time that a clock shows twice stands for the first of the two (RFC 5545 section 3.3.5): the second
/// is written in UTC, or, in a recurring event, whose rule needs the zone, as the first.
pub(super) fn ready(moment: &Moment, recurring: bool) -> Option<Ready> {
    let (millis, name) = match moment {
        Moment::Date(days) => {
            return Some(Ready {
                stamp: Stamp::Date(date(*days)?),
                exact: true,
                unknown_zone: false,
            });
        }
        Moment::Time { millis, zone } => (*millis, zone.as_str()),
    };
    let instant = millis.div_euclid(1000);
    let utc = utc_time(instant)?;
    let whole = millis.rem_euclid(1000) == 0;
    let in_utc = |exact: bool, unknown_zone: bool| {
        Some(Ready {
            stamp: Stamp::Utc(utc),
            exact,
            unknown_zone,
        })
    };
    match zone(name) {
        Zone::Utc => in_utc(whole, false),
        Zone::Floating => Some(Ready {
            stamp: Stamp::Floating(utc),
            exact: whole,
            unknown_zone: false,
        }),
        Zone::Unknown => in_utc(false, true),
        Zone::Named(_) if instant >= ZONES_END => in_utc(false, false),
        Zone::Named(zone) => {
            let stamp = zoned(utc, instant, zone);
            let repeated = is_second_of_two(&stamp);
            if repeated && !recurring {
                return in_utc(false, false);
            }
            Some(Ready {
                stamp,
                exact: whole && !repeated && zone.name() == name,
                unknown_zone: false,
            })
        }
    }
}

/// The moment typed as a series' start is: what RECURRENCE-ID, RDATE and EXDATE must be.
pub(super) fn typed(moment: &Moment, anchor: Anchor) -> Option<Stamp> {
    match (moment, anchor) {
        (Moment::Date(days), Anchor::Date) => date(*days).map(Stamp::Date),
        (Moment::Date(days), anchor) => in_anchor(days.checked_mul(86_400)?, anchor),
        (Moment::Time { millis, .. }, anchor) => in_anchor(millis.div_euclid(1000), anchor),
    }
}

/// Seconds since 1970, typed as a series' start is. Days are UTC's, as in Android's all-day events.
pub(super) fn in_anchor(instant: i64, anchor: Anchor) -> Option<Stamp> {
    let utc = utc_time(instant)?;
    Some(match anchor {
        Anchor::Date => Stamp::Date(utc.date()),
        Anchor::Utc => Stamp::Utc(utc),
        Anchor::Floating => Stamp::Floating(utc),
        Anchor::Zoned(zone) => zoned(utc, instant, zone),
    })
}

fn zoned(utc: NaiveDateTime, instant: i64, zone: Tz) -> Stamp {
    let offset = zone.offset_from_utc_datetime(&utc).fix();
    Stamp::Zoned {
        wall: utc + Duration::seconds(offset.local_minus_utc().into()),
        zone,
        instant,
    }
}

fn is_second_of_two(stamp: &Stamp) -> bool {
    let Stamp::Zoned {
        wall,
        zone,
        instant,
    } = stamp
    else {
        return false;
    };
    match zone.offset_from_local_datetime(wall) {
        MappedLocalTime::Ambiguous(a, b) => {
            let first = a.fix().local_minus_utc().max(b.fix().local_minus_utc());
            wall.and_utc().timestamp() - i64::from(first) != *instant
        }
        _ => false,
    }
}

/// Seconds since 1970 of a wall time: of the first where the clock shows it twice, of what the offset before
/// a gap makes of it where the clock never shows it (RFC 5545 section 3.3.5).
pub(super) fn instant_of(wall: NaiveDateTime, zone: Zone) -> i64 {
    let seconds = wall.and_utc().timestamp();
    let Zone::Named(zone) = zone else {
        return seconds;
    };
    let offset = match zone.offset_from_local_datetime(&wall) {
        MappedLocalTime::Single(offset) => offset.fix().local_minus_utc(),
        MappedLocalTime::Ambiguous(a, b) => {
            a.fix().local_minus_utc().max(b.fix().local_minus_utc())
        }
        MappedLocalTime::None => zone
            .offset_from_utc_datetime(&(wall - Duration::days(1)))
            .fix()
            .local_minus_utc(),
    };
    seconds - i64::from(offset)
}

fn date(days: i64) -> Option<NaiveDate> {
    let days = i32::try_from(days.checked_add(EPOCH_FROM_CE)?).ok()?;
    NaiveDate::from_num_days_from_ce_opt(days).filter(|date| YEARS.contains(&date.year()))
}

fn utc_time(instant: i64) -> Option<NaiveDateTime> {
    DateTime::from_timestamp(instant, 0)
        .map(|time| time.naive_utc())
        .filter(|time| YEARS.contains(&time.year()))
}

impl Stamp {
    pub(super) fn anchor(&self) -> Anchor {
        match self {
            Self::Date(_) => Anchor::Date,
            Self::Utc(_) => Anchor::Utc,
            Self::Floating(_) => Anchor::Floating,
            Self::Zoned { zone, .. } => Anchor::Zoned(*zone),
        }
    }

    /// Seconds since 1970; a date counts as its midnight in UTC.
    pub(super) fn instant(&self) -> i64 {
        match self {
            Self::Date(date) => date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp(),
            Self::Utc(time) | Self::Floating(time) => time.and_utc().timestamp(),
            Self::Zoned { instant, .. } => *instant,
        }
    }

    pub(super) fn is_date(&self) -> bool {
        matches!(self, Self::Date(_))
    }

    /// The whole property, such as `DTSTART;TZID=Europe/Berlin:20091012T090000`.
    pub(super) fn property(&self, name: &str) -> String {
        match self {
            Self::Date(_) => format!("{name};VALUE=DATE:{}", self.value()),
            Self::Utc(_) | Self::Floating(_) => format!("{name}:{}", self.value()),
            Self::Zoned { zone, .. } => {
                format!("{name};TZID={}:{}", parameter(zone.name()), self.value())
            }
        }
    }

    pub(super) fn value(&self) -> String {
        match self {
            Self::Date(date) => date.format("%Y%m%d").to_string(),
            Self::Utc(time) => utc_value(time),
            Self::Floating(time) => wall_value(time),
            Self::Zoned { wall, .. } => wall_value(wall),
        }
    }
}

pub(super) fn utc_value(time: &NaiveDateTime) -> String {
    time.format("%Y%m%dT%H%M%SZ").to_string()
}

pub(super) fn wall_value(time: &NaiveDateTime) -> String {
    time.format("%Y%m%dT%H%M%S").to_string()
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn time(millis: i64, zone: &str) -> Moment {
        Moment::Time {
            millis,
            zone: zone.into(),
        }
    }

    #[test]
    fn zones_are_found_under_their_many_names() {
        for (name, iana) in [
            ("Europe/Berlin", "Europe/Berlin"),
            ("europe/berlin", "Europe/Berlin"),
            ("W. Europe Standard Time", "Europe/Berlin"),
            (
                "/freeassociation.sourceforge.net/Europe/Berlin",
                "Europe/Berlin",
            ),
            (
                "/mozilla.org/20070129_1/America/Argentina/Ushuaia",
                "America/Argentina/Ushuaia",
            ),
            ("GMT+02:00", "Etc/GMT-2"),
            ("GMT-3", "Etc/GMT+3"),
            ("UTC+1000", "Etc/GMT-10"),
        ] {
            assert_eq!(zone(name), Zone::Named(iana.parse().unwrap()), "{name}");
        }
        for name in ["", "UTC", "gmt", "GMT+00:00"] {
            assert_eq!(zone(name), Zone::Utc, "{name:?}");
        }
        for name in ["Mars/Olympus", "GMT+05:30", "GMT+99", "/", "GMT+é"] {
            assert_eq!(zone(name), Zone::Unknown, "{name:?}");
        }
    }

    #[test]
    fn moments_are_typed_by_their_zone() {
        for (moment, property) in [
            (Moment::Date(14_529), "DTSTART;VALUE=DATE:20091012"),
            (
                time(1_255_330_800_000, "Europe/Berlin"),
                "DTSTART;TZID=Europe/Berlin:20091012T090000",
            ),
            (time(1_255_330_800_000, "UTC"), "DTSTART:20091012T070000Z"),
            (
                time(1_255_330_800_000, "Mars/Olympus"),
                "DTSTART:20091012T070000Z",
            ),
            (
                time(1_255_330_800_000, Moment::FLOATING),
                "DTSTART:20091012T070000",
            ),
            (
                time(4_102_444_800_000, "Europe/Berlin"),
                "DTSTART:21000101T000000Z",
            ),
        ] {
            assert_eq!(
                ready(&moment, false).unwrap().stamp.property("DTSTART"),
                property
            );
        }
        assert!(ready(&time(i64::MAX, "UTC"), false).is_none());
        assert!(ready(&Moment::Date(i64::MIN), false).is_none());
    }

    #[test]
    fn the_second_of_two_equal_wall_times_keeps_its_instant() {
        // 2009-10-25T01:30:00Z: 02:30 in Berlin for the second time.
        let second = time(1_256_434_200_000, "Europe/Berlin");
        let single = ready(&second, false).unwrap();
        assert_eq!(single.stamp.property("DTSTART"), "DTSTART:20091025T013000Z");
        assert!(!single.exact);
        let series = ready(&second, true).unwrap();
        assert_eq!(
            series.stamp.property("DTSTART"),
            "DTSTART;TZID=Europe/Berlin:20091025T023000"
        );
        assert!(!series.exact);
    }

    proptest! {
        #[test]
        fn no_moment_is_too_odd(millis in any::<i64>(), zone in "\\PC{0,20}") {
            let _ = ready(&time(millis, &zone), false);
            let _ = typed(&time(millis, &zone), Anchor::Zoned(chrono_tz::Europe::Berlin));
        }

        #[test]
        fn digits_read_what_stamps_write(seconds in -60_000_000_000i64..200_000_000_000) {
            let stamp = in_anchor(seconds, Anchor::Utc).unwrap();
            let Some(Digits::Utc(time)) = digits(&stamp.value()) else { panic!("{}", stamp.value()) };
            prop_assert_eq!(time.and_utc().timestamp(), seconds);
        }
    }
}
