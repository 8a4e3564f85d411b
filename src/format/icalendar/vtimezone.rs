//! Writes VTIMEZONE (RFC 5545 section 3.6.5) from the real transitions in the zone tables.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, Offset, TimeZone, Timelike};
use chrono_tz::{OffsetComponents, OffsetName, Tz};

use super::lines::{Lines, parameter};
use super::moment::{Stamp, utc_value, wall_value};

const DAY: i64 = 86_400;
/// Range of the transitions in the zone tables: 1800-01-01 to 2100-01-01, in seconds since 1970.
const TABLES: std::ops::Range<i64> = -5_364_662_400..4_102_444_800;
/// A rule that still applies in this year is treated as permanent.
const FOR_EVER: i32 = 2098;
/// Minimum number of consecutive years that make a rule. Fewer years are written one by one.
const RULE_YEARS: usize = 3;

/// The zones that a part of a file uses, each with the time span of its uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ZoneUses(BTreeMap<&'static str, ZoneUse>);

/// Time span in seconds since 1970. `open`: a recurrence continues without end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ZoneUse {
    zone: Tz,
    earliest: i64,
    latest: i64,
    open: bool,
}

impl ZoneUses {
    pub(super) fn note(&mut self, stamp: &Stamp, open: bool) {
        if let Stamp::Zoned { zone, instant, .. } = stamp {
            self.add(ZoneUse {
                zone: *zone,
                earliest: *instant,
                latest: *instant,
                open,
            });
        }
    }

    /// Adds the uses of another part.
    pub fn merge(&mut self, other: &Self) {
        other.0.values().for_each(|each| self.add(*each));
    }

    /// True if no zone except UTC is used.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn add(&mut self, new: ZoneUse) {
        let span = self.0.entry(new.zone.name()).or_insert(new);
        span.earliest = span.earliest.min(new.earliest);
        span.latest = span.latest.max(new.latest);
        span.open |= new.open;
    }
}

/// Writes VTIMEZONE components. Caches the transitions of each zone.
#[derive(Debug, Default)]
pub struct TimeZones {
    tables: BTreeMap<&'static str, Vec<Transition>>,
}

impl TimeZones {
    /// Returns the VTIMEZONE components of all zones in use, by name, each from its earliest use on. A zone with a
    /// summer time rule ends with that rule, without end: Outlook accepts a zone only with such a pair.
    pub fn write(&mut self, uses: &ZoneUses) -> String {
        let mut lines = Lines::default();
        for (name, span) in &uses.0 {
            let table = self
                .tables
                .entry(name)
                .or_insert_with(|| transitions(span.zone));
            write_zone(&mut lines, span, table);
        }
        lines.into_text()
    }
}

/// A change of a zone's UTC offset. All values are in seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Transition {
    at: i64,
    from: i32,
    to: i32,
    daylight: bool,
    name: Option<String>,
}

impl Transition {
    /// Wall time just before the change.
    fn wall(&self) -> NaiveDateTime {
        DateTime::from_timestamp(self.at, 0).map_or(NaiveDateTime::MIN, |time| time.naive_utc())
            + Duration::seconds(self.from.into())
    }

    fn same_kind(&self, other: &Self) -> bool {
        (self.from, self.to, self.daylight, &self.name)
            == (other.from, other.to, other.daylight, &other.name)
    }
}

/// Offset from UTC.
fn total(zone: Tz, at: i64) -> i32 {
    zone_offset(zone, at).fix().local_minus_utc()
}

/// Returns the UTC offset, the part of it that is daylight saving, and the abbreviation.
fn offset(zone: Tz, at: i64) -> (i32, i64, Option<String>) {
    let offset = zone_offset(zone, at);
    (
        offset.fix().local_minus_utc(),
        offset.dst_offset().num_seconds(),
        offset.abbreviation().map(str::to_owned),
    )
}

fn zone_offset(zone: Tz, at: i64) -> <Tz as TimeZone>::Offset {
    let time = DateTime::from_timestamp(at, 0).unwrap_or_default();
    zone.offset_from_utc_datetime(&time.naive_utc())
}

/// Finds all offset changes of a zone. The tables are private to their crate, so this searches for days with a
/// change, then for the exact second.
fn transitions(zone: Tz) -> Vec<Transition> {
    let mut found = Vec::new();
    let (mut start, mut before) = (TABLES.start, total(zone, TABLES.start));
    while start < TABLES.end {
        let end = start + DAY;
        let after = total(zone, end);
        if after != before {
            let (mut low, mut high) = (start, end);
            while high - low > 1 {
                let middle = low + (high - low) / 2;
                if total(zone, middle) == before {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            let (_, summer_before, _) = offset(zone, low);
            let (to, summer, name) = offset(zone, high);
            found.push(Transition {
                at: high,
                from: before,
                to,
                // Where winter time is the legal exception (Ireland, Morocco), its end is the start of summer time.
                daylight: summer > 0 || (summer == 0 && summer_before < 0),
                name,
            });
        }
        (start, before) = (end, after);
    }
    found
}

fn write_zone(lines: &mut Lines, span: &ZoneUse, table: &[Transition]) {
    lines.begin("VTIMEZONE");
    lines.line(&format!("TZID:{}", span.zone.name()));
    let first = table.partition_point(|change| change.at <= span.earliest);
    match first.checked_sub(1) {
        Some(first) => write_changes(lines, span, table.get(first..).unwrap_or_default()),
        None => {
            let (to, _, name) = offset(span.zone, span.earliest);
            // Long before any use, because the offset never changed, as far as is known.
            let start = if span.earliest >= 0 {
                "19700101T000000"
            } else {
                "00010101T000000"
            };
            let same = Observance {
                daylight: false,
                start: start.to_owned(),
                from: to,
                to,
                name: name.as_deref(),
                rule: None,
            };
            same.write(lines);
            write_changes(lines, span, table);
        }
    }
    lines.end("VTIMEZONE");
}

fn write_changes(lines: &mut Lines, span: &ZoneUse, changes: &[Transition]) {
    for run in runs(changes) {
        let Some(first) = run.changes.first() else {
            continue;
        };
        let needed = span.open || first.at <= span.latest.saturating_add(DAY) || run.for_ever();
        if needed {
            Observance {
                daylight: first.daylight,
                start: wall_value(&first.wall()),
                from: first.from,
                to: first.to,
                name: first.name.as_deref(),
                rule: run.rule(),
            }
            .write(lines);
        }
    }
}

struct Observance<'a> {
    daylight: bool,
    start: String,
    from: i32,
    to: i32,
    name: Option<&'a str>,
    rule: Option<String>,
}

impl Observance<'_> {
    fn write(&self, lines: &mut Lines) {
        let kind = if self.daylight {
            "DAYLIGHT"
        } else {
            "STANDARD"
        };
        lines.begin(kind);
        lines.line(&format!("DTSTART:{}", self.start));
        lines.line(&format!("TZOFFSETFROM:{}", utc_offset(self.from)));
        lines.line(&format!("TZOFFSETTO:{}", utc_offset(self.to)));
        if let Some(rule) = &self.rule {
            lines.line(&format!("RRULE:{rule}"));
        }
        if let Some(name) = self.name {
            lines.line(&format!("TZNAME:{}", parameter(name).trim_matches('"')));
        }
        lines.end(kind);
    }
}

/// Writes a UTC-OFFSET (RFC 5545 section 3.3.14), with seconds only if needed.
fn utc_offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let seconds = seconds.unsigned_abs();
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if rest == 0 {
        format!("{sign}{hours:02}{minutes:02}")
    } else {
        format!("{sign}{hours:02}{minutes:02}{rest:02}")
    }
}

/// Changes in consecutive years that one yearly rule describes.
struct Run<'a> {
    changes: Vec<&'a Transition>,
    days: Days,
}

/// The days of the month on which the changes of a run fall.
#[derive(Debug, Clone, Copy)]
struct Days {
    /// True: all changes are on the same weekday. False: all are on the same day of the month.
    weekly: bool,
    first: u32,
    last: u32,
    /// All changes are on the last such weekday of their month.
    at_end: bool,
}

impl Days {
    fn new(date: NaiveDate, weekly: bool) -> Self {
        Self {
            weekly,
            first: date.day(),
            last: date.day(),
            at_end: is_last_weekday(date),
        }
    }

    /// Adds a date; None if no single rule covers all dates.
    fn with(self, date: NaiveDate) -> Option<Self> {
        let grown = Self {
            first: self.first.min(date.day()),
            last: self.last.max(date.day()),
            at_end: self.at_end && is_last_weekday(date),
            ..self
        };
        let fits = if self.weekly {
            grown.at_end || grown.last - grown.first <= 6
        } else {
            grown.first == grown.last
        };
        fits.then_some(grown)
    }
}

fn is_last_weekday(date: NaiveDate) -> bool {
    (date + Duration::days(7)).month() != date.month()
}

impl Run<'_> {
    fn for_ever(&self) -> bool {
        self.changes.len() > RULE_YEARS
            && self
                .changes
                .last()
                .is_some_and(|change| change.wall().year() >= FOR_EVER)
    }

    fn rule(&self) -> Option<String> {
        let (first, last) = (self.changes.first()?, self.changes.last()?);
        if self.changes.len() == 1 {
            return None;
        }
        let (month, weekday) = (first.wall().month(), first.wall().weekday());
        let weekday = weekday.to_string().to_uppercase();
        let weekday = weekday.get(..2)?;
        let days = self.days;
        let day = if !days.weekly {
            format!("BYMONTHDAY={}", days.first)
        } else if days.at_end {
            format!("BYDAY=-1{weekday}")
        } else if (days.first - 1) / 7 == (days.last - 1) / 7 {
            format!("BYDAY={}{weekday}", (days.first - 1) / 7 + 1)
        } else {
            // Seven consecutive days contain each weekday once.
            let start = days.last.saturating_sub(6).max(1);
            let window: Vec<String> = (start..start + 7).map(|day| day.to_string()).collect();
            format!("BYMONTHDAY={};BYDAY={weekday}", window.join(","))
        };
        let until = if self.for_ever() {
            String::new()
        } else {
            // One day later than necessary, because some readers (dateutil) treat UNTIL as wall time.
            let end = DateTime::from_timestamp(last.at + DAY, 0)?.naive_utc();
            format!(";UNTIL={}", utc_value(&end))
        };
        Some(format!("FREQ=YEARLY;BYMONTH={month};{day}{until}"))
    }
}

/// Sorts changes into runs of maximum length, in the order of their first changes.
fn runs(changes: &[Transition]) -> Vec<Run<'_>> {
    let mut taken = vec![false; changes.len()];
    let mut runs = Vec::new();
    for start in 0..changes.len() {
        if taken.get(start).copied().unwrap_or(true) {
            continue;
        }
        let weekly = follow(changes, &taken, start, true);
        let dated = follow(changes, &taken, start, false);
        let (mut members, days) = if dated.0.len() > weekly.0.len() {
            dated
        } else {
            weekly
        };
        if members.len() < RULE_YEARS {
            members.truncate(1);
        }
        for member in &members {
            if let Some(taken) = taken.get_mut(*member) {
                *taken = true;
            }
        }
        runs.push(Run {
            changes: members.iter().filter_map(|i| changes.get(*i)).collect(),
            days,
        });
    }
    runs
}

/// Returns the indices of the changes that follow one change by the same rule, each a year apart.
fn follow(
    changes: &[Transition],
    taken: &[bool],
    start: usize,
    weekly: bool,
) -> (Vec<usize>, Days) {
    let mut members = vec![start];
    let Some(first) = changes.get(start) else {
        return (members, Days::new(NaiveDate::MIN, weekly));
    };
    let wall = first.wall();
    let mut days = Days::new(wall.date(), weekly);
    let mut year = wall.year();
    for (index, change) in changes.iter().enumerate().skip(start + 1) {
        let next = change.wall();
        if next.year() > year + 1 {
            break;
        }
        let alike = next.year() == year + 1
            && !taken.get(index).copied().unwrap_or(true)
            && change.same_kind(first)
            && next.month() == wall.month()
            && next.num_seconds_from_midnight() == wall.num_seconds_from_midnight()
            && (!weekly || next.weekday() == wall.weekday());
        if alike && let Some(grown) = days.with(next.date()) {
            members.push(index);
            (days, year) = (grown, next.year());
        }
    }
    (members, days)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(zone: &str, earliest: i64) -> String {
        let mut uses = ZoneUses::default();
        uses.add(ZoneUse {
            zone: zone.parse().unwrap(),
            earliest,
            latest: earliest,
            open: true,
        });
        TimeZones::default().write(&uses)
    }

    #[test]
    fn today_s_rules_are_pairs_for_ever() {
        // 2026-01-01
        for (zone, summer, winter) in [
            (
                "America/New_York",
                "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU",
                "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU",
            ),
            (
                "Europe/Berlin",
                "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
                "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
            ),
            (
                "Australia/Lord_Howe",
                "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=1SU",
                "RRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU",
            ),
        ] {
            let text = written(zone, 1_767_225_600);
            assert!(text.contains(&format!("{summer}\r\n")), "{text}");
            assert!(text.contains(&format!("{winter}\r\n")), "{text}");
            assert_eq!(text.matches("BEGIN:DAYLIGHT").count(), 1, "{text}");
        }
    }

    #[test]
    fn zones_without_summer_time_have_one_offset() {
        for (zone, offset) in [
            ("Asia/Kolkata", "+0530"),
            ("Asia/Kathmandu", "+0545"),
            ("Etc/GMT+3", "-0300"),
        ] {
            let text = written(zone, 1_767_225_600);
            assert_eq!(text.matches("BEGIN:STANDARD").count(), 1, "{text}");
            assert!(text.contains(&format!("TZOFFSETTO:{offset}\r\n")), "{text}");
        }
    }

    #[test]
    fn ireland_s_summer_is_its_daylight_time() {
        let text = written("Europe/Dublin", 1_767_225_600);
        let summer = text.split("BEGIN:DAYLIGHT").nth(1).unwrap();
        assert!(
            summer
                .split("END:DAYLIGHT")
                .next()
                .unwrap()
                .contains("TZOFFSETTO:+0100"),
            "{text}"
        );
    }
}
