//! Points in time as DATE and DATE-TIME values (RFC 5545 sections 3.3.4 and 3.3.5).

use chrono::{
    DateTime, Datelike, Duration, MappedLocalTime, NaiveDate, NaiveDateTime, Offset, TimeZone,
};
use chrono_tz::Tz;

use super::lines::parameter;
use super::zone_names::{Zone, zone};
use crate::model::Moment;

/// Years that can be written: four digits, with room for every zone's offset and for readers that only accept the
/// years 1 to 9999.
pub(super) const YEARS: std::ops::RangeInclusive<i32> = 2..=9998;

/// 2098-01-01T00:00:00Z in seconds since 1970. After this, the zone tables have no transitions although the rules
/// continue. Later times are written in UTC.
const ZONES_END: i64 = 4_039_372_800;

/// Days from 0001-01-01 (day 1) to 1970-01-01.
const EPOCH_FROM_CE: i64 = 719_163;

/// A point in time with its value type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Stamp {
    Date(NaiveDate),
    Utc(NaiveDateTime),
    /// Floating wall time: the same on every clock.
    Floating(NaiveDateTime),
    /// Wall time in a zone, and the matching instant in seconds since 1970.
    Zoned {
        wall: NaiveDateTime,
        zone: Tz,
        instant: i64,
    },
}

/// The value type that a property needs to match the start of its series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Date,
    Utc,
    Floating,
    Zoned(Tz),
}

/// A moment prepared for writing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ready {
    pub(super) stamp: Stamp,
    /// The zone has an unknown name.
    pub(super) unknown_zone: bool,
}

/// Prepares a moment for writing. None if iCalendar cannot express it: a year below 2 or above 9998.
///
/// A wall time that a clock shows twice means the first of the two (RFC 5545 section 3.3.5). The second one is
/// written in UTC. In a recurring event, whose rule needs the zone, it is written as the first one.
pub(super) fn ready(moment: &Moment, recurring: bool) -> Option<Ready> {
    let (millis, name) = match moment {
        Moment::Date(days) => {
            return Some(Ready {
                stamp: Stamp::Date(date(*days)?),
                unknown_zone: false,
            });
        }
        Moment::Time { millis, zone } => (*millis, zone.as_str()),
    };
    let instant = millis.div_euclid(1000);
    let utc = utc_time(instant)?;
    let in_utc = |unknown_zone: bool| {
        Some(Ready {
            stamp: Stamp::Utc(utc),
            unknown_zone,
        })
    };
    match zone(name) {
        Zone::Utc => in_utc(false),
        Zone::Floating => Some(Ready {
            stamp: Stamp::Floating(utc),
            unknown_zone: false,
        }),
        Zone::Unknown => in_utc(true),
        Zone::Offset(_) => in_utc(false),
        Zone::Named(_) if instant >= ZONES_END => in_utc(false),
        Zone::Named(zone) => {
            let stamp = zoned(utc, instant, zone);
            let repeated = is_second_of_two(&stamp);
            if repeated && !recurring {
                return in_utc(false);
            }
            Some(Ready {
                stamp,
                unknown_zone: false,
            })
        }
    }
}

/// Converts a moment to the type of the series' start, as RECURRENCE-ID, RDATE and EXDATE require (RFC 5545 section
/// 3.8.4.4). A date without a time gets the start's time of day, which is what programs mean by it. If one of the two
/// is floating, the wall time counts.
pub(super) fn typed(moment: &Moment, start: &Stamp) -> Option<Stamp> {
    let (instant, name) = match moment {
        Moment::Date(days) => return on_day(date(*days)?, start),
        Moment::Time { millis, zone } => (millis.div_euclid(1000), zone.as_str()),
    };
    let utc = utc_time(instant)?;
    let own = zone(name);
    let wall = match own {
        Zone::Named(zone) => wall_in(utc, zone),
        Zone::Offset(offset) => utc.checked_add_signed(Duration::seconds(offset.into()))?,
        Zone::Utc | Zone::Floating | Zone::Unknown => utc,
    };
    Some(match start {
        Stamp::Date(_) => Stamp::Date(wall.date()),
        Stamp::Floating(_) => Stamp::Floating(wall),
        Stamp::Zoned { zone, .. } if own == Zone::Floating => at_wall(wall, *zone),
        Stamp::Utc(_) | Stamp::Zoned { .. } => return in_anchor(instant, start.anchor()),
    })
}

/// The start's time of day on another day; only the day if the start is a date.
pub(super) fn on_day(day: NaiveDate, start: &Stamp) -> Option<Stamp> {
    Some(match start {
        Stamp::Date(_) => Stamp::Date(day),
        Stamp::Utc(time) => Stamp::Utc(day.and_time(time.time())),
        Stamp::Floating(time) => Stamp::Floating(day.and_time(time.time())),
        Stamp::Zoned { wall, zone, .. } => at_wall(day.and_time(wall.time()), *zone),
    })
    .filter(|stamp| YEARS.contains(&stamp.day().year()))
}

/// Returns the moment as an occurrence of a series that begins at `start`, to compare the two: see `typed`. Returns
/// it unchanged if one of them cannot be written.
pub fn typed_as_start(moment: &Moment, start: &Moment) -> Moment {
    let known = ready(start, true).and_then(|start| typed(moment, &start.stamp));
    match (known, start) {
        (Some(stamp), Moment::Time { zone, .. }) => Moment::Time {
            millis: match moment {
                Moment::Time { millis, .. } if millis.div_euclid(1000) == stamp.instant() => {
                    *millis
                }
                _ => stamp.instant().saturating_mul(1000),
            },
            zone: zone.clone(),
        },
        (Some(stamp), Moment::Date(_)) => Moment::Date(stamp.instant().div_euclid(86_400)),
        (None, _) => moment.clone(),
    }
}

/// Converts seconds since 1970 to the type of a series' start. Dates are in UTC, as in Android's all-day events.
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
    Stamp::Zoned {
        wall: wall_in(utc, zone),
        zone,
        instant,
    }
}

fn wall_in(utc: NaiveDateTime, zone: Tz) -> NaiveDateTime {
    let offset = zone.offset_from_utc_datetime(&utc).fix();
    utc + Duration::seconds(offset.local_minus_utc().into())
}

/// Wall time in a zone. A time inside a gap is moved to the real time it means (see [`instant_of`]).
pub(super) fn at_wall(wall: NaiveDateTime, zone: Tz) -> Stamp {
    let instant = instant_of(wall, Zone::Named(zone));
    match DateTime::from_timestamp(instant, 0) {
        Some(time) => zoned(time.naive_utc(), instant, zone),
        None => Stamp::Zoned {
            wall,
            zone,
            instant,
        },
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

/// Converts a wall time to seconds since 1970. If the clock shows the time twice, the first one counts; inside a gap,
/// the offset before the gap counts (RFC 5545 section 3.3.5).
pub(super) fn instant_of(wall: NaiveDateTime, zone: Zone) -> i64 {
    let seconds = wall.and_utc().timestamp();
    let zone = match zone {
        Zone::Named(zone) => zone,
        Zone::Offset(offset) => return seconds - i64::from(offset),
        Zone::Utc | Zone::Floating | Zone::Unknown => return seconds,
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

    /// Seconds since 1970. A date counts as midnight UTC.
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

    /// The day on its own clock.
    pub(super) fn day(&self) -> NaiveDate {
        match self {
            Self::Date(day) => *day,
            Self::Utc(wall) | Self::Floating(wall) | Self::Zoned { wall, .. } => wall.date(),
        }
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
        // 2009-10-25T01:30:00Z: the second 02:30 in Berlin.
        let second = time(1_256_434_200_000, "Europe/Berlin");
        let single = ready(&second, false).unwrap();
        assert_eq!(single.stamp.property("DTSTART"), "DTSTART:20091025T013000Z");
        let series = ready(&second, true).unwrap();
        assert_eq!(
            series.stamp.property("DTSTART"),
            "DTSTART;TZID=Europe/Berlin:20091025T023000"
        );
    }

    proptest! {
        #[test]
        fn no_moment_is_too_odd(millis in any::<i64>(), zone in "\\PC{0,20}") {
            let _ = ready(&time(millis, &zone), false);
            let moment = time(millis, &zone);
            for start in [Moment::Date(0), time(0, "UTC"), time(0, "Europe/Berlin")] {
                let _ = typed(&moment, &ready(&start, true).unwrap().stamp);
                let _ = typed_as_start(&moment, &start);
                let _ = typed_as_start(&start, &moment);
            }
        }
    }
}
