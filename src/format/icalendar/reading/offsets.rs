//! The offsets that a file itself gives for a zone: VTIMEZONE, or vCalendar 1.0's TZ and DAYLIGHT.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use chrono::{Datelike, Duration, NaiveDate, NaiveDateTime, Offset, TimeZone};
use chrono_tz::Tz;

use super::super::moment::{Zone, instant_of};
use super::super::windows_zones;
use super::zones::{at, wall_of};
use crate::format::vcalendar;
use crate::format::versit::{Component, Property};
use crate::model::Moment;

/// More observances than any zone has had.
const MAX_OBSERVANCES: usize = 400;
/// How often a zone is looked for by its offsets in one file: it takes a millisecond.
const MAX_SEARCHES: u32 = 2_000;

/// When a clock was set to an offset.
#[derive(Debug, Clone)]
struct Observance {
    from: NaiveDateTime,
    /// Seconds east of UTC.
    offset: i32,
    /// Month, week of it (from its end if negative) and days from Monday, each year again.
    yearly: Option<(u32, i64, u32)>,
    until: Option<NaiveDateTime>,
}

/// The offsets that a file itself gives for a zone.
#[derive(Debug, Clone, Default)]
pub(super) struct Offsets {
    before: i32,
    observances: Vec<Observance>,
    /// The zone that has the same, by year.
    matches: RefCell<HashMap<i32, Option<Tz>>>,
}

/// How many searches for a zone are left.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Searches(Rc<Cell<u32>>);

impl Default for Searches {
    fn default() -> Self {
        Self(Rc::new(Cell::new(MAX_SEARCHES)))
    }
}

impl Searches {
    /// False if there is none left.
    fn take(&self) -> bool {
        let left = self.0.get();
        self.0.set(left.saturating_sub(1));
        left > 0
    }
}

impl Offsets {
    /// One that is known.
    pub(super) fn of_zone(zone: Tz) -> Self {
        let offsets = Self::default();
        offsets.matches.borrow_mut().insert(i32::MIN, Some(zone));
        offsets
    }

    pub(super) fn of_timezone(component: &Component) -> Self {
        let mut offsets = Self::default();
        let mut first: Option<NaiveDateTime> = None;
        for part in &component.components {
            let start = part.text("DTSTART").and_then(|text| wall_of(&text));
            let to = part.text("TZOFFSETTO").and_then(|o| vcalendar::offset(&o));
            let (Some(from), Some(offset)) = (start, to) else {
                continue;
            };
            let rule = part.text("RRULE").unwrap_or_default();
            if first.is_none_or(|first| from < first) {
                first = Some(from);
                let before = part.text("TZOFFSETFROM");
                offsets.before = before.and_then(|o| vcalendar::offset(&o)).unwrap_or(offset);
            }
            let dates = part.properties.iter().filter(|p| p.name == "RDATE");
            let dates = dates
                .flat_map(Property::items)
                .filter_map(|text| wall_of(&text));
            let once = dates.map(|from| (from, None));
            for (from, yearly) in std::iter::once((from, yearly(&rule, from))).chain(once) {
                if offsets.observances.len() < MAX_OBSERVANCES {
                    offsets.observances.push(Observance {
                        from,
                        offset,
                        yearly,
                        until: part_of(&rule, "UNTIL").and_then(wall_of),
                    });
                }
            }
        }
        offsets
    }

    /// TZ and DAYLIGHT of vCalendar 1.0.
    pub(super) fn of_clock(component: &Component) -> Option<Self> {
        let standard = vcalendar::offset(&component.text("TZ")?)?;
        let mut offsets = Self {
            before: standard,
            ..Self::default()
        };
        for property in component.properties.iter().filter(|p| p.name == "DAYLIGHT") {
            let parts = property.parts();
            if let Some((offset, from, to)) = vcalendar::summer(&parts, wall_of)
                && offsets.observances.len() < MAX_OBSERVANCES
            {
                for (from, offset) in [(from, offset), (to, standard)] {
                    offsets.observances.push(Observance {
                        from,
                        offset,
                        yearly: None,
                        until: None,
                    });
                }
            }
        }
        Some(offsets)
    }

    /// Seconds east of UTC when the clock shows this.
    fn at(&self, wall: NaiveDateTime) -> i32 {
        let onsets = self.observances.iter().filter_map(|observance| {
            let onset = observance.last_onset(wall)?;
            Some((onset, observance.offset))
        });
        onsets
            .max_by_key(|(onset, _)| *onset)
            .map_or(self.before, |(_, offset)| offset)
    }

    pub(super) fn moment(&self, wall: NaiveDateTime, searches: &Searches) -> Moment {
        let zone = self.zone(wall.year(), searches);
        if let Some(zone) = zone {
            return at(instant_of(wall, Zone::Named(zone)), zone.name());
        }
        let offset = self.at(wall);
        let seconds = wall.and_utc().timestamp() - i64::from(offset);
        let sign = if offset < 0 { '-' } else { '+' };
        let minutes = offset.unsigned_abs() / 60;
        if offset == 0 {
            return at(seconds, "UTC");
        }
        at(
            seconds,
            &format!("GMT{sign}{:02}:{:02}", minutes / 60, minutes % 60),
        )
    }

    /// A zone whose clocks showed the same all that year: a rule of repetition needs one. A clock that was
    /// never set is an offset, not a place.
    fn zone(&self, year: i32, searches: &Searches) -> Option<Tz> {
        let known = |year: i32| self.matches.borrow().get(&year).copied();
        if let Some(found) = known(i32::MIN).or_else(|| known(year)) {
            return found;
        }
        let days: Option<Vec<NaiveDateTime>> = (1..=12)
            .flat_map(|month| [1, 15].map(|day| (month, day)))
            .map(|(month, day)| NaiveDate::from_ymd_opt(year, month, day)?.and_hms_opt(12, 0, 0))
            .collect();
        let wanted: Vec<(NaiveDateTime, i32)> =
            days?.into_iter().map(|day| (day, self.at(day))).collect();
        let changes = wanted.windows(2).any(|pair| match pair {
            [(_, a), (_, b)] => a != b,
            _ => false,
        });
        let fits = |zone: &Tz| {
            wanted.iter().all(|(wall, offset)| {
                zone.offset_from_local_datetime(wall)
                    .earliest()
                    .is_some_and(|known| known.fix().local_minus_utc() == *offset)
            })
        };
        let found = (changes && searches.take()).then(|| {
            let usual = windows_zones::all().filter_map(|name| name.parse().ok());
            usual
                .chain(chrono_tz::TZ_VARIANTS.iter().copied())
                .find(fits)
        });
        let found = found.flatten();
        let mut matches = self.matches.borrow_mut();
        if matches.len() < 400 {
            matches.insert(year, found);
        }
        found
    }
}

impl Observance {
    /// When it last began before the clock showed this.
    fn last_onset(&self, wall: NaiveDateTime) -> Option<NaiveDateTime> {
        if wall < self.from {
            return None;
        }
        let Some((month, week, weekday)) = self.yearly else {
            return Some(self.from);
        };
        let last = self.until.map_or(wall, |until| until.min(wall));
        [last.year(), last.year() - 1]
            .into_iter()
            .filter_map(|year| nth_weekday(year, month, week, weekday))
            .map(|day| day.and_time(self.from.time()))
            .find(|onset| *onset <= last)
            .or(Some(self.from))
            .map(|onset| onset.max(self.from))
    }
}

/// `FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU`, the rule of nearly every zone.
pub(super) fn yearly(rule: &str, start: NaiveDateTime) -> Option<(u32, i64, u32)> {
    if part_of(rule, "FREQ")? != "YEARLY" {
        return None;
    }
    let month = match part_of(rule, "BYMONTH") {
        Some(month) => month.parse().ok()?,
        None => start.month(),
    };
    let day = part_of(rule, "BYDAY")?;
    let (week, day) = day.split_at_checked(day.len().checked_sub(2)?)?;
    let weekday = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
        .iter()
        .position(|known| *known == day)?;
    let week = week.trim_start_matches('+').parse().ok()?;
    Some((month, week, u32::try_from(weekday).ok()?))
}

fn part_of<'a>(rule: &'a str, name: &str) -> Option<&'a str> {
    rule.split(';').find_map(|part| {
        let (key, value) = part.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

fn nth_weekday(year: i32, month: u32, week: i64, weekday: u32) -> Option<NaiveDate> {
    if week == 0 || week.abs() > 5 {
        return None;
    }
    let first = NaiveDate::from_ymd_opt(year, month, 1)?;
    if week > 0 {
        let ahead = (7 + weekday - first.weekday().num_days_from_monday()) % 7;
        return first.checked_add_signed(Duration::days(i64::from(ahead) + 7 * (week - 1)));
    }
    let (next_year, next_month) = if month == 12 {
        (year + 1, 1)
    } else {
        (year, month + 1)
    };
    let last = NaiveDate::from_ymd_opt(next_year, next_month, 1)?.pred_opt()?;
    let back = (7 + last.weekday().num_days_from_monday() - weekday) % 7;
    last.checked_sub_signed(Duration::days(i64::from(back) + 7 * (-week - 1)))
}
