//! Finds the occurrence for a time in UTC, if the series has no zone: a floating time, or whole days.
//!
//! Some programs write RECURRENCE-ID and EXDATE in UTC whatever the type of the series' start is.

use chrono::{Days, NaiveDate};

use super::super::dates::date_list;
use super::super::moment::{Anchor, Stamp, in_anchor, on_day, ready, typed_as_start};
use super::{rules, wall};
use crate::model::{Event, Moment};

/// The offsets of all zones from UTC, in seconds.
const OFFSETS: std::ops::RangeInclusive<i64> = -12 * 3600..=14 * 3600;
/// A longer column of added dates is not searched, in bytes. Otherwise many changed occurrences of a series with many
/// dates would take quadratic time.
const MOST_ADDED: usize = 4096;

/// The rule of a series, as far as it tells when occurrences begin.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Rhythm<'a> {
    pub(in super::super) start: &'a Moment,
    pub(in super::super) rrule: &'a Option<String>,
    pub(in super::super) rdate: &'a Option<String>,
}

/// Returns the place of a changed occurrence in its series: see `occurrence`.
pub fn place_in(place: &Moment, series: &Event) -> Moment {
    match &series.start {
        Some(start) => occurrence(
            place,
            Rhythm {
                start,
                rrule: &series.rrule,
                rdate: &series.rdate,
            },
        ),
        None => place.clone(),
    }
}

/// Returns the original start of a changed or left-out occurrence in the type of the series' start (RFC 5545 section
/// 3.8.4.4). If the series is in no zone, a time in UTC means the occurrence whose distance from it can be the offset
/// of a zone; the smallest distance counts.
pub(in super::super) fn occurrence(place: &Moment, series: Rhythm<'_>) -> Moment {
    let typed = typed_as_start(place, series.start);
    match place {
        Moment::Time { millis, zone } if zone == "UTC" => {
            found(millis.div_euclid(1000), series).unwrap_or(typed)
        }
        Moment::Time { .. } | Moment::Date(_) => typed,
    }
}

fn found(instant: i64, series: Rhythm<'_>) -> Option<Moment> {
    let start = ready(series.start, true)?.stamp;
    if matches!(start, Stamp::Utc(_) | Stamp::Zoned { .. }) {
        return None;
    }
    let day = in_anchor(instant, Anchor::Date)?.day();
    let (first, last) = (
        day.checked_sub_days(Days::new(1))?,
        day.checked_add_days(Days::new(1))?,
    );
    let distance = |stamp: &Stamp| stamp.instant().saturating_sub(instant);
    let nearest = days_of(series, &start, first, last)
        .into_iter()
        .filter_map(|day| on_day(day, &start))
        .filter(|stamp| OFFSETS.contains(&distance(stamp)))
        .min_by_key(|stamp| distance(stamp).abs())?;
    Some(match (nearest, series.start) {
        (Stamp::Date(_), _) => Moment::Date(nearest.instant().div_euclid(86_400)),
        (_, Moment::Time { zone, .. }) => Moment::Time {
            millis: nearest.instant().saturating_mul(1000),
            zone: zone.clone(),
        },
        (_, Moment::Date(_)) => return None,
    })
}

/// Returns the days between two others on which the series has an occurrence at the time of its start.
fn days_of(series: Rhythm<'_>, start: &Stamp, first: NaiveDate, last: NaiveDate) -> Vec<NaiveDate> {
    let begin = start.day();
    let patterns = rules(series.rrule, "RRULE", start).unwrap_or_default();
    let mut days: Vec<NaiveDate> = patterns
        .iter()
        .flat_map(|(pattern, end)| {
            pattern.between(begin, first, end.map_or(last, |end| end.min(last)))
        })
        .collect();
    days.push(begin);
    let added = series.rdate.as_deref().filter(|c| c.len() <= MOST_ADDED);
    let added = added.map(|column| date_list(column, "RDATE", start).stamps);
    let (_, time, _) = wall(start);
    let at_its_time = added.unwrap_or_default().into_iter().filter_map(|stamp| {
        let (day, own, _) = wall(&stamp);
        (own == time).then_some(day)
    });
    days.extend(at_its_time);
    days.retain(|day| (first..=last).contains(day));
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Milliseconds of a time in October 2009, whose first day is a Thursday.
    fn at(day: i64, hour: i64) -> i64 {
        (14_518 + day - 1) * 86_400_000 + hour * 3_600_000
    }

    fn utc(day: i64, hour: i64) -> Moment {
        Moment::Time {
            millis: at(day, hour),
            zone: "UTC".into(),
        }
    }

    fn floating(day: i64, hour: i64) -> Moment {
        Moment::Time {
            millis: at(day, hour),
            zone: Moment::FLOATING.into(),
        }
    }

    #[test]
    fn a_time_in_utc_finds_its_occurrence() {
        let (weekly, daily) = ("FREQ=WEEKLY".to_owned(), "FREQ=DAILY".to_owned());
        let (weekly, daily) = (Some(weekly), Some(daily));
        let day = |day: i64| Moment::Date(14_518 + day - 1);
        for (start, rrule, place, wanted) in [
            // The same digits, Berlin, New York, Auckland.
            (floating(5, 15), &weekly, utc(12, 15), floating(12, 15)),
            (floating(5, 15), &weekly, utc(12, 13), floating(12, 15)),
            (floating(5, 15), &weekly, utc(12, 19), floating(12, 15)),
            (floating(5, 15), &weekly, utc(12, 2), floating(12, 15)),
            (floating(5, 1), &weekly, utc(11, 23), floating(12, 1)),
            (floating(5, 23), &daily, utc(13, 3), floating(12, 23)),
            (day(5), &weekly, utc(11, 22), day(12)),
            (day(5), &weekly, utc(12, 4), day(12)),
            (day(5), &daily, utc(12, 0), day(12)),
            // No occurrence is near: the digits count.
            (floating(5, 15), &weekly, utc(14, 15), floating(14, 15)),
        ] {
            let series = Rhythm {
                start: &start,
                rrule,
                rdate: &None,
            };
            assert_eq!(occurrence(&place, series), wanted, "{start:?} {place:?}");
        }
        let zoned = Moment::Time {
            millis: at(5, 13),
            zone: "Europe/Berlin".into(),
        };
        let series = Rhythm {
            start: &zoned,
            rrule: &weekly,
            rdate: &None,
        };
        assert_eq!(
            occurrence(&utc(12, 13), series),
            Moment::Time {
                millis: at(12, 13),
                zone: "Europe/Berlin".into()
            }
        );
        let added = Some("20091014T090000".to_owned());
        let start = floating(5, 9);
        let series = Rhythm {
            start: &start,
            rrule: &None,
            rdate: &added,
        };
        assert_eq!(occurrence(&utc(14, 7), series), floating(14, 9));
    }
}
