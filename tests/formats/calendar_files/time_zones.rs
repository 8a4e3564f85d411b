//! Compares VTIMEZONEs with the tables that they were made from, with an interpreter that uses RFC 5545 alone.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, Offset, TimeZone, Weekday};
use chrono_tz::Tz;
use lifeboat::model::Event;
use proptest::prelude::*;

use super::support::{at, event, lines_of, series};

/// 2098-01-01. From here on there is UTC only.
const END: i64 = 4_039_372_800;

struct Observance {
    from: i64,
    to: i64,
    start: NaiveDateTime,
    rule: Option<String>,
}

fn offset(text: &str) -> i64 {
    let number: i64 = text[1..].parse().unwrap();
    let seconds = match text.len() {
        5 => number / 100 * 3600 + number % 100 * 60,
        _ => number / 10_000 * 3600 + number / 100 % 100 * 60 + number % 100,
    };
    if text.starts_with('-') {
        -seconds
    } else {
        seconds
    }
}

fn observances(lines: &[String]) -> Vec<Observance> {
    let inside = lines.iter().skip_while(|l| *l != "BEGIN:VTIMEZONE");
    let inside: Vec<&String> = inside
        .skip(1)
        .take_while(|l| *l != "END:VTIMEZONE")
        .collect();
    inside
        .split(|l| l.starts_with("BEGIN:"))
        .filter_map(|part| {
            let get = |name: &str| part.iter().find_map(|l| l.strip_prefix(name));
            Some(Observance {
                from: offset(get("TZOFFSETFROM:")?),
                to: offset(get("TZOFFSETTO:")?),
                start: NaiveDateTime::parse_from_str(get("DTSTART:")?, "%Y%m%dT%H%M%S").unwrap(),
                rule: get("RRULE:").map(str::to_owned),
            })
        })
        .collect()
}

fn weekday(name: &str) -> Weekday {
    let mut day = Weekday::Mon;
    while !day.to_string().to_uppercase().starts_with(name) {
        day = day.succ();
    }
    day
}

impl Observance {
    /// The wall times of its onsets up to the end of the tables.
    fn onsets(&self) -> Vec<NaiveDateTime> {
        let Some(rule) = &self.rule else {
            return vec![self.start];
        };
        let part = |name: &str| {
            rule.split(';')
                .find_map(|p| p.strip_prefix(name)?.strip_prefix('='))
        };
        assert_eq!(part("FREQ"), Some("YEARLY"));
        let month: u32 = part("BYMONTH").unwrap().parse().unwrap();
        let until =
            part("UNTIL").map(|u| NaiveDateTime::parse_from_str(u, "%Y%m%dT%H%M%SZ").unwrap());
        let month_days: Option<Vec<u32>> = part("BYMONTHDAY")
            .map(|days| days.split(',').map(|day| day.parse().unwrap()).collect());
        let by_day = part("BYDAY").map(|day| {
            let (ordinal, name) = day.split_at(day.len() - 2);
            (ordinal.parse::<i32>().unwrap_or(0), weekday(name))
        });
        let mut onsets = Vec::new();
        for year in self.start.year()..2098 {
            let days: Vec<NaiveDate> = (1..=31)
                .filter_map(|day| NaiveDate::from_ymd_opt(year, month, day))
                .filter(|d| {
                    month_days
                        .as_ref()
                        .is_none_or(|days| days.contains(&d.day()))
                })
                .filter(|d| by_day.is_none_or(|(_, weekday)| d.weekday() == weekday))
                .collect();
            let chosen: Vec<NaiveDate> = match by_day {
                Some((nth @ 1.., _)) => days.get(nth as usize - 1).copied().into_iter().collect(),
                Some((nth @ ..=-1, _)) => days
                    .iter()
                    .rev()
                    .nth(nth.unsigned_abs() as usize - 1)
                    .copied()
                    .into_iter()
                    .collect(),
                _ => days,
            };
            onsets.extend(
                chosen
                    .into_iter()
                    .map(|date| date.and_time(self.start.time()))
                    .filter(|onset| {
                        *onset >= self.start
                            && until
                                .is_none_or(|until| *onset - Duration::seconds(self.from) <= until)
                    }),
            );
        }
        assert_eq!(
            onsets.first(),
            Some(&self.start),
            "DTSTART isn't its rule's first: {rule}"
        );
        onsets
    }
}

/// Compares offsets at instants from `first` on, and before and after every change. For an event that doesn't recur,
/// only its start is compared.
fn check_zone(zone: Tz, first: i64, instants: &[i64], recurring: bool) {
    let start = Some(at(first * 1000, zone.name()));
    let one = if recurring {
        Event {
            start,
            rrule: Some("FREQ=DAILY".into()),
            ..series("z")
        }
    } else {
        Event {
            start,
            end: None,
            ..event("z")
        }
    };
    let lines = lines_of(one);
    let observances = observances(&lines);
    if observances.is_empty() {
        // The zone is UTC by another name, or the time is the second of two equal wall times.
        let utc = lines
            .iter()
            .any(|l| l.starts_with("DTSTART:") && l.ends_with('Z'));
        assert!(utc, "{zone}: {lines:#?}");
        return;
    }
    let mut onsets: Vec<(i64, i64)> = observances
        .iter()
        .flat_map(|o| {
            o.onsets()
                .into_iter()
                .map(|wall| (wall.and_utc().timestamp() - o.from, o.to))
        })
        .collect();
    onsets.sort_unstable();
    let edges = onsets.iter().flat_map(|(onset, _)| [*onset - 1, *onset]);
    let checked: Vec<i64> = if recurring {
        instants
            .iter()
            .copied()
            .chain(edges)
            .filter(|i| (first..END).contains(i))
            .collect()
    } else {
        vec![first]
    };
    for instant in checked {
        let index = onsets.partition_point(|(onset, _)| *onset <= instant);
        let told = onsets[..index]
            .last()
            .unwrap_or_else(|| panic!("{zone}: nothing at {instant}"))
            .1;
        let time = DateTime::from_timestamp(instant, 0).unwrap().naive_utc();
        let is = i64::from(zone.offset_from_utc_datetime(&time).fix().local_minus_utc());
        assert_eq!(told, is, "{zone} at {time}: {lines:#?}");
    }
}

#[test]
fn vtimezones_tell_the_zones_real_offsets() {
    let mut instants = Vec::new();
    let mut next: u64 = 42;
    for _ in 0..400 {
        next = next
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        instants.push((next >> 20) as i64 % 8_200_000_000 - 4_200_000_000);
    }
    let named = [
        "America/New_York",
        "Europe/Berlin",
        "Europe/London",
        "Europe/Dublin",
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
        "America/Sao_Paulo",
        "Pacific/Apia",
        "Asia/Pyongyang",
        "America/Santiago",
        "Asia/Gaza",
        "America/Nuuk",
        "Asia/Jerusalem",
        "Africa/Cairo",
        "Asia/Tehran",
        "Africa/Monrovia",
        "Antarctica/Troll",
        "America/Godthab",
        "Pacific/Norfolk",
        "Etc/GMT-14",
    ];
    let sampled = chrono_tz::TZ_VARIANTS
        .iter()
        .step_by(41)
        .map(|zone| zone.name());
    for zone in named.into_iter().chain(sampled) {
        let zone: Tz = zone.parse().unwrap();
        // Years 1880, 1969, 1999 and 2026.
        for first in [-2_840_140_800, -20_000_000, 946_000_000, 1_767_225_600] {
            check_zone(zone, first, &instants, true);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_single_event_s_zone_is_told_at_its_time(
        zone in 0..chrono_tz::TZ_VARIANTS.len(),
        first in -4_200_000_000i64..4_000_000_000,
    ) {
        check_zone(chrono_tz::TZ_VARIANTS[zone], first, &[], false);
    }
}
