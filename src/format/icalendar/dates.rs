//! Lists of dates: converts a handset's columns to RFC 5545.

use std::collections::{HashMap, HashSet};

use super::digits::{Digits, lenient};
use super::duration::{Span, span};
use super::moment::{Anchor, Stamp, at_wall, in_anchor, instant_of, on_day};
use super::recurrence::unfolded;
use super::zone_names::{Zone, zone};

/// The dates of an RDATE or EXDATE column.
#[derive(Debug, Default)]
pub(super) struct DateList {
    /// In order, each only once.
    pub(super) stamps: Vec<Stamp>,
    /// The end of each date that is a period.
    pub(super) ends: HashMap<Stamp, PeriodEnd>,
    /// Some dates could not be read.
    pub(super) broken: bool,
}

/// The end of a period (RFC 5545 section 3.3.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PeriodEnd {
    At(Stamp),
    After(Span),
}

impl PeriodEnd {
    /// Length of a period that begins at `start`, in seconds.
    pub(super) fn length(&self, start: &Stamp) -> i64 {
        match self {
            Self::At(stamp) => stamp.instant().saturating_sub(start.instant()),
            Self::After(span) => span.total_seconds(),
        }
    }
}

/// Reads an RDATE or EXDATE column as AOSP's `RecurrenceSet` does: lines of comma-separated dates. Each line may
/// begin with its zone and a semicolon; otherwise it is in UTC. The form of RFC 5545, with name, parameters and
/// periods, is also read. A date without a time gets the start's time of day. An unknown zone is replaced by the zone
/// of the start.
pub(super) fn date_list(column: &str, name: &str, start: &Stamp) -> DateList {
    let mut list = DateList::default();
    let mut known = HashSet::new();
    for line in unfolded(column).lines() {
        let (zone_name, items) = split_zone(line.trim(), name);
        let zone = zone(zone_name);
        for item in items.split(',').map(str::trim).filter(|i| !i.is_empty()) {
            let (first, end) = match item.split_once('/') {
                Some((first, end)) => (first, Some(end)),
                None => (item, None),
            };
            let Some(stamp) = DateList::stamp(first, zone, start) else {
                list.broken = true;
                continue;
            };
            if known.insert(stamp) {
                list.stamps.push(stamp);
            }
            match end.map(|end| DateList::end(end, &stamp, zone, start)) {
                // A period says more than its start alone, in whatever order they occur. Only one of two periods with
                // the same start can be written.
                Some(Some(end)) => {
                    list.ends.entry(stamp).or_insert(end);
                }
                Some(None) => list.broken = true,
                None => {}
            }
        }
    }
    list
}

impl DateList {
    fn stamp(item: &str, zone: Zone, start: &Stamp) -> Option<Stamp> {
        let anchor = start.anchor();
        match (lenient(item)?, anchor) {
            (Digits::Date(date), Anchor::Date) => Some(Stamp::Date(date)),
            (Digits::Date(date), _) => on_day(date, start),
            (Digits::Wall(time) | Digits::Utc(time), Anchor::Date) => {
                Some(Stamp::Date(time.date()))
            }
            (Digits::Wall(time), Anchor::Floating) => Some(Stamp::Floating(time)),
            (Digits::Wall(time), Anchor::Zoned(own)) if zone == Zone::Unknown => {
                Some(at_wall(time, own))
            }
            (Digits::Wall(time), _) => in_anchor(instant_of(time, zone), anchor),
            (Digits::Utc(time), _) => in_anchor(time.and_utc().timestamp(), anchor),
        }
    }

    /// Reads the end of a period, which must be later than its start. Dates have no periods.
    fn end(item: &str, first: &Stamp, zone: Zone, start: &Stamp) -> Option<PeriodEnd> {
        if first.is_date() {
            return None;
        }
        if let Some(length) = span(item) {
            return (!length.is_zero()).then_some(PeriodEnd::After(length));
        }
        Self::stamp(item, zone, start)
            .filter(|end| end.instant() > first.instant())
            .map(PeriodEnd::At)
    }
}

/// Splits a line into zone and items: `Europe/Berlin;20091012T090000,…`, `EXDATE;TZID=Europe/Berlin:2009…`, `2009…`.
fn split_zone<'a>(line: &'a str, name: &str) -> (&'a str, &'a str) {
    let named = line
        .get(..name.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(name));
    if let Some((head, items)) = line.rsplit_once(':')
        && (named || head.contains('='))
    {
        let zone = head.split(';').find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim()
                .eq_ignore_ascii_case("TZID")
                .then(|| value.trim().trim_matches('"'))
        });
        return (zone.unwrap_or(""), items);
    }
    line.split_once(';').unwrap_or(("", line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 2009-10-05T09:00 in Berlin, a Monday, or only that date.
    fn start(anchor: Anchor) -> Stamp {
        in_anchor(1_254_726_000, anchor).unwrap()
    }

    const BERLIN: Anchor = Anchor::Zoned(chrono_tz::Europe::Berlin);

    #[test]
    fn date_columns_are_read_in_every_form() {
        for (column, properties) in [
            (
                "20091012T070000Z,20091019T070000Z",
                vec!["20091012T090000", "20091019T090000"],
            ),
            ("Europe/Berlin;20091012T090000", vec!["20091012T090000"]),
            (
                "America/New_York;20091012T030000\n20091019T070000Z",
                vec!["20091012T090000", "20091019T090000"],
            ),
            (
                "EXDATE;TZID=\"Europe/Berlin\":20091012T090000",
                vec!["20091012T090000"],
            ),
            (
                "20091012T070000Z,,20091012T070000Z",
                vec!["20091012T090000"],
            ),
        ] {
            let list = date_list(column, "EXDATE", &start(BERLIN));
            let wanted: Vec<String> = properties
                .iter()
                .map(|p| format!("EXDATE;TZID=Europe/Berlin:{p}"))
                .collect();
            let got: Vec<String> = list.stamps.iter().map(|s| s.property("EXDATE")).collect();
            assert_eq!(got, wanted, "{column}");
        }
        let days = date_list("20091012T000000Z,20091013", "EXDATE", &start(Anchor::Date));
        assert_eq!(days.stamps.len(), 2);
        let day = date_list("20091012", "EXDATE", &start(BERLIN));
        assert!(!day.broken);
        assert_eq!(
            day.stamps.first().map(|s| s.property("EXDATE")).as_deref(),
            Some("EXDATE;TZID=Europe/Berlin:20091012T090000")
        );
        let unknown = date_list("Mars/Olympus;20091012T090000", "EXDATE", &start(BERLIN));
        assert_eq!(unknown.stamps, day.stamps);
        let broken = date_list("20091332,junk,20091012T070000Z", "EXDATE", &start(BERLIN));
        assert!(broken.broken && broken.stamps.len() == 1);
    }

    #[test]
    fn periods_keep_their_end() {
        let column = "20091012T070000Z/20091012T110000Z,20091013T070000Z/PT4H,20091014T070000Z/x";
        let list = date_list(column, "RDATE", &start(BERLIN));
        let lengths: Vec<Option<i64>> = list
            .stamps
            .iter()
            .map(|stamp| list.ends.get(stamp).map(|end| end.length(stamp)))
            .collect();
        assert_eq!(lengths, [Some(14_400), Some(14_400), None]);
        assert!(list.broken);
    }

    #[test]
    fn a_great_many_dates_take_no_more_than_linear_time() {
        let dates: Vec<String> = (0..100_000)
            .map(|n| {
                format!(
                    "2009{:02}{:02}T{:02}{:02}{:02}Z",
                    n % 12 + 1,
                    n % 28 + 1,
                    n % 24,
                    n / 24 % 60,
                    n / 1440 % 60
                )
            })
            .collect();
        let began = std::time::Instant::now();
        let list = date_list(&dates.join(","), "EXDATE", &start(BERLIN));
        assert!(list.stamps.len() > 50_000 && !list.broken);
        assert!(began.elapsed().as_secs() < 10);
    }

    proptest! {
        #[test]
        fn nothing_a_handset_says_breaks_the_reader(text in "\\PC{0,60}") {
            for anchor in [Anchor::Date, Anchor::Utc, BERLIN] {
                let _ = date_list(&text, "EXDATE", &start(anchor));
            }
        }
    }
}
