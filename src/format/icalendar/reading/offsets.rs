//! The offsets that a file itself defines for a zone: VTIMEZONE, or TZ and DAYLIGHT of vCalendar 1.0.

mod compare;
mod excerpt;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use chrono::{Datelike, Duration, NaiveDate, NaiveDateTime};
use chrono_tz::Tz;

use super::super::days::Pattern;
use super::super::digits::{Digits, lenient};
use super::super::moment::{Anchor, Stamp, in_anchor, instant_of};
use super::super::recurrence::{last_before, rule};
use super::super::zone_names::{Zone, utc_offset};
use crate::format::vcalendar;
use crate::format::versit::{Component, Property};

/// Limit on clock changes that are computed for one file: 500 typical zones.
const MAX_CHANGES: u32 = 300_000;
/// Number of years for which the matching zone is cached.
const MAX_KNOWN: usize = 400;
/// Limit on searches for a zone by its offsets in one file. One search takes a millisecond.
const MAX_SEARCHES: u32 = 2_000;
/// Years for which the changes of a rule are computed. Outlook lets all rules begin in 1601.
const YEARS: std::ops::RangeInclusive<i32> = 1850..=2149;
/// The last 28 years of the table contain every kind of year, so they stand for all later years.
const LAST_KINDS: std::ops::RangeInclusive<i32> = 2121..=2148;

/// Remaining computing budget for one file: changes and searches.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Budget(Rc<Cell<(u32, u32)>>);

impl Default for Budget {
    fn default() -> Self {
        Self(Rc::new(Cell::new((MAX_CHANGES, MAX_SEARCHES))))
    }
}

impl Budget {
    /// Spends `count` changes. Returns false if not enough are left.
    fn changes(&self, count: usize) -> bool {
        let (changes, searches) = self.0.get();
        let left = u32::try_from(count)
            .ok()
            .and_then(|n| changes.checked_sub(n));
        self.0.set((left.unwrap_or_default(), searches));
        left.is_some()
    }

    /// Spends one search. Returns false if none is left.
    fn search(&self) -> bool {
        let (changes, searches) = self.0.get();
        self.0.set((changes, searches.saturating_sub(1)));
        searches > 0
    }
}

/// A change of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Change {
    /// The first wall time after which only the new offset applies: the later of the two wall times of the change.
    wall: NaiveDateTime,
    /// Seconds since 1970.
    at: i64,
    /// Seconds east of UTC, before and after the change.
    from: i32,
    to: i32,
}

/// How long an event recurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Recurs {
    No,
    Until(NaiveDate),
    Forever,
}

/// A longer series counts as endless: 11 years.
const MAX_DAYS: i64 = 4_000;
/// Limit on clock changes of a file that are examined for one series. Eleven years have 22.
const MAX_NEAR: usize = 64;

impl Recurs {
    /// Reads how long the rules of an event repeat. They begin on `start`.
    pub(super) fn of(component: &Component, start: NaiveDateTime) -> Self {
        let (mut recurs, first) = (Self::No, Stamp::Floating(start));
        let rules = component.properties.iter().filter(|p| p.name == "RRULE");
        for property in rules.filter(|p| !p.raw.trim().is_empty()) {
            let last = last_day(&property.text(), &first, 0);
            let near = last.filter(|day| (*day - start.date()).num_days() <= MAX_DAYS);
            recurs = match (recurs, near) {
                (Self::Forever, _) | (_, None) => Self::Forever,
                (Self::No, Some(day)) => Self::Until(day),
                (Self::Until(known), Some(day)) => Self::Until(known.max(day)),
            };
        }
        recurs
    }
}

/// Returns the last day of a rule; None if it has no end or cannot be understood. `from`: the offset that converts a
/// UTC UNTIL to wall time.
fn last_day(text: &str, start: &Stamp, from: i32) -> Option<NaiveDate> {
    let read = rule(text, start)?;
    if let Some(until) = read.until {
        let wall = match is_utc(text) {
            false => until.instant(),
            true => until.instant().checked_add(from.into())?,
        };
        return last_before(&in_anchor(wall, Anchor::Floating)?, start);
    }
    Pattern::read(&read.text)?.last(start.day()).ok()?
}

/// The offset that a file defines for a clock, in seconds east of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    Offset(i32),
    /// The time is before the first change in the file: the offset before that change.
    Before(i32),
}

impl Told {
    pub(super) fn seconds(self) -> i32 {
        match self {
            Self::Offset(seconds) | Self::Before(seconds) => seconds,
        }
    }
}

/// STANDARD or DAYLIGHT (RFC 5545 section 3.6.5).
#[derive(Debug, Clone, PartialEq)]
struct Part {
    start: NaiveDateTime,
    from: i32,
    to: i32,
    rules: Vec<String>,
    dates: Vec<NaiveDateTime>,
    /// A date or a rule of this part cannot be understood.
    broken: bool,
}

/// First and last year; without a last year, for ever.
type Span = (i32, Option<i32>);

/// The offsets that a file itself defines for a zone.
#[derive(Debug, Clone, Default)]
pub(super) struct Offsets {
    parts: Vec<Part>,
    /// The offset if there are no changes.
    fixed: i32,
    /// All changes in order; None if they cannot be computed.
    table: OnceCell<Option<Vec<Change>>>,
    /// Cache of the zone with the same offsets.
    matches: RefCell<HashMap<Span, Option<Tz>>>,
    /// Cache of whether a zone made all changes of the table.
    made: RefCell<HashMap<Tz, bool>>,
    /// Cache of the zones that made all changes of the table.
    makers: OnceCell<Vec<Tz>>,
    /// Cache of whether a zone (None: UTC) has the same offsets on every day of a year.
    agreed: RefCell<HashMap<(Option<Tz>, i32), bool>>,
}

impl Offsets {
    /// Reads a VTIMEZONE; None if it contains no offset.
    pub(super) fn of_timezone(component: &Component) -> Option<Self> {
        let parts: Vec<Part> = component.components.iter().filter_map(Part::read).collect();
        (!parts.is_empty()).then(|| Self {
            parts,
            ..Self::default()
        })
    }

    /// True if both define the same changes.
    pub(super) fn has_same_parts(&self, other: &Self) -> bool {
        self.parts == other.parts && self.fixed == other.fixed
    }

    /// Reads TZ and DAYLIGHT of vCalendar 1.0.
    pub(super) fn of_clock(component: &Component) -> Option<Self> {
        let standard = vcalendar::offset(&component.text("TZ")?)?;
        let mut offsets = Self {
            fixed: standard,
            ..Self::default()
        };
        for property in component.properties.iter().filter(|p| p.name == "DAYLIGHT") {
            let parts = property.parts();
            if let Some((offset, from, to)) = vcalendar::summer(&parts, wall_of) {
                for (start, from, to) in [(from, standard, offset), (to, offset, standard)] {
                    offsets.parts.push(Part {
                        start,
                        from,
                        to,
                        rules: Vec::new(),
                        dates: Vec::new(),
                        broken: false,
                    });
                }
            }
        }
        Some(offsets)
    }

    fn table(&self, budget: &Budget) -> Option<&[Change]> {
        let table = self.table.get_or_init(|| {
            let mut changes = Vec::new();
            for part in &self.parts {
                let onsets = part.onsets(budget)?;
                let ahead = (part.to - part.from).max(0);
                changes.extend(onsets.into_iter().filter_map(|onset| {
                    Some(Change {
                        at: onset.and_utc().timestamp() - i64::from(part.from),
                        wall: onset.checked_add_signed(Duration::seconds(ahead.into()))?,
                        from: part.from,
                        to: part.to,
                    })
                }));
            }
            changes.sort_unstable();
            changes.dedup();
            Some(changes)
        });
        table.as_deref()
    }

    /// Returns the offset at a wall time, in seconds east of UTC. If the clock shows the time twice, the first one
    /// counts; inside a gap, the offset before the gap counts (RFC 5545 section 3.3.5). None if the rules cannot be
    /// understood.
    pub(super) fn at(&self, wall: NaiveDateTime, budget: &Budget) -> Option<Told> {
        let table = self.table(budget)?;
        let wall = in_tables(wall);
        let after = table.partition_point(|change| change.wall <= wall);
        Some(match after.checked_sub(1).and_then(|at| table.get(at)) {
            Some(change) => Told::Offset(change.to),
            None => Told::Before(table.first().map_or(self.fixed, |first| first.from)),
        })
    }

    /// True if the zone has the same offsets for most of that year.
    pub(super) fn mostly_agrees(&self, zone: Zone, year: i32, budget: &Budget) -> bool {
        let same = |wall: &NaiveDateTime| {
            let told = self.at(*wall, budget);
            told.is_some_and(|told| is_same(*wall, zone, told.seconds()))
        };
        days(year).filter(same).count() * 3 > days(year).count() * 2
    }

    /// Converts a time in UTC to a wall time.
    pub(super) fn wall_at(&self, utc: NaiveDateTime, budget: &Budget) -> Option<NaiveDateTime> {
        let mut wall = utc;
        // The second try is right unless the clock changes within the hour.
        for _ in 0..3 {
            let offset = self.at(wall, budget)?.seconds();
            wall = utc.checked_add_signed(Duration::seconds(offset.into()))?;
        }
        Some(wall)
    }
}

/// A day that the tables cover.
fn at_most(day: NaiveDate) -> NaiveDate {
    let midnight = day.and_time(chrono::NaiveTime::MIN);
    in_tables(midnight).date()
}

fn is_same(wall: NaiveDateTime, zone: Zone, offset: i32) -> bool {
    instant_of(wall, zone) == wall.and_utc().timestamp() - i64::from(offset)
}

/// That year, and sample years that a recurrence may reach.
fn years(year: i32, later: bool) -> impl Iterator<Item = i32> {
    /// No zone's rules are known to change after this year.
    const LAST: i32 = 2037;
    let ahead = [0, 1, 2, 3, 5, 8, 13, 21];
    let count = if later { ahead.len() } else { 1 };
    let all = ahead.into_iter().take(count).map(move |n| year + n);
    all.filter(move |each| *each == year || *each <= LAST)
}

/// Noon of four days a month, to detect the clock changes between them.
fn days(year: i32) -> impl Iterator<Item = NaiveDateTime> {
    (1..=12)
        .flat_map(|month| [1, 8, 15, 23].map(|day| (month, day)))
        .filter_map(move |(month, day)| {
            NaiveDate::from_ymd_opt(year, month, day)?.and_hms_opt(12, 0, 0)
        })
}

/// Moves a late date to the same day of an equivalent year that the table covers.
fn in_tables(wall: NaiveDateTime) -> NaiveDateTime {
    if wall.year() <= *YEARS.end() {
        return wall;
    }
    let new_year = |year| NaiveDate::from_ymd_opt(year, 1, 1);
    let kind = |year| {
        let first = new_year(year)?;
        Some((first.weekday(), first.leap_year()))
    };
    let alike = |year: &i32| kind(*year) == kind(wall.year());
    let year = LAST_KINDS.into_iter().find(alike);
    year.and_then(|year| wall.with_year(year)).unwrap_or(wall)
}

impl Part {
    fn read(component: &Component) -> Option<Self> {
        if !matches!(component.name.as_str(), "STANDARD" | "DAYLIGHT") {
            return None;
        }
        let offset = |name: &str| component.text(name).and_then(|text| utc_offset(&text));
        let to = offset("TZOFFSETTO")?;
        let from = offset("TZOFFSETFROM").unwrap_or(to);
        // A part without DTSTART always applied.
        let said = component.text("DTSTART");
        let start = said.as_ref().and_then(|text| onset(text, from));
        let mut part = Self {
            start: start.unwrap_or_default(),
            from,
            to,
            rules: Vec::new(),
            dates: Vec::new(),
            broken: said.is_some() && start.is_none(),
        };
        for property in &component.properties {
            match property.name.as_str() {
                "RRULE" if !property.raw.trim().is_empty() => part.rules.push(property.text()),
                "RDATE" => part.add_dates(property),
                _ => {}
            }
        }
        Some(part)
    }

    fn add_dates(&mut self, property: &Property) {
        for item in property.items() {
            let item = item.split('/').next().unwrap_or_default().trim();
            if item.is_empty() {
                continue;
            }
            match lenient(item) {
                Some(Digits::Date(day)) => self.dates.push(day.and_time(self.start.time())),
                Some(Digits::Wall(wall)) => self.dates.push(wall),
                // Not allowed, but seen.
                Some(Digits::Utc(time)) => {
                    let wall = time.checked_add_signed(Duration::seconds(self.from.into()));
                    self.dates.extend(wall);
                }
                None => self.broken = true,
            }
        }
    }

    /// Returns the wall times at which the part begins, by the offset before. None if they cannot be computed.
    fn onsets(&self, budget: &Budget) -> Option<Vec<NaiveDateTime>> {
        if self.broken || !budget.changes(self.dates.len() + 1) {
            return None;
        }
        let mut onsets = self.dates.clone();
        onsets.push(self.start);
        // A part that changes nothing needs no rule. Symbian writes an invalid rule there.
        let rules = self.rules.iter().filter(|_| self.from != self.to);
        for text in rules {
            for day in self.days(text)? {
                if !budget.changes(1) {
                    return None;
                }
                onsets.push(day.and_time(self.start.time()));
            }
        }
        Some(onsets)
    }

    /// Returns the days of a rule. Lotus Notes repeats the time of day in the rule; it is removed.
    fn days(&self, text: &str) -> Option<Vec<NaiveDate>> {
        let clock = ["BYHOUR", "BYMINUTE", "BYSECOND"];
        let bare = text.split(';').filter(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let one = value.trim().bytes().all(|b| b.is_ascii_digit());
            !(one
                && clock
                    .iter()
                    .any(|known| known.eq_ignore_ascii_case(name.trim())))
        });
        let text = bare.collect::<Vec<&str>>().join(";");
        let start = Stamp::Floating(self.start);
        let read = rule(&text, &start)?;
        let pattern = Pattern::read(&read.text)?;
        let mut last = NaiveDate::from_ymd_opt(*YEARS.end(), 12, 31)?;
        if read.until.is_some() || pattern.count.is_some() {
            last = last.min(last_day(&text, &start, self.from)?);
        }
        let first = NaiveDate::from_ymd_opt(*YEARS.start(), 1, 1)?;
        Some(pattern.between(self.start.date(), first, last))
    }
}

/// True if UNTIL of a rule is in UTC, as a VTIMEZONE requires.
fn is_utc(rule: &str) -> bool {
    rule.split(';').any(|part| {
        part.split_once('=').is_some_and(|(name, value)| {
            name.trim().eq_ignore_ascii_case("UNTIL") && value.trim().ends_with(['Z', 'z'])
        })
    })
}

/// Returns the wall time at which a part begins. Some programs write UTC, or put a zone name in front.
fn onset(text: &str, from: i32) -> Option<NaiveDateTime> {
    let text = text.rsplit(':').next()?;
    match lenient(text)? {
        Digits::Utc(time) => time.checked_add_signed(Duration::seconds(from.into())),
        _ => wall_of(text),
    }
}

pub(super) fn wall_of(text: &str) -> Option<NaiveDateTime> {
    Some(match lenient(text)? {
        Digits::Date(day) => day.and_time(chrono::NaiveTime::MIN),
        Digits::Wall(time) | Digits::Utc(time) => time,
    })
}

#[cfg(test)]
mod tests;
