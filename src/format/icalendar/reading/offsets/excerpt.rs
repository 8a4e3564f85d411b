//! Lists of clock changes that are only an excerpt of a zone: many programs write the changes of a year or two one by
//! one, and a list without a rule says nothing about later years.

use chrono::{DateTime, Datelike, NaiveDateTime, Offset, TimeZone};
use chrono_tz::Tz;

use super::super::super::zone_names::{self, Zone};
use super::{Budget, Change, MAX_KNOWN, Offsets, Recurs, days, years};

/// A longer list is not compared with a zone.
const MAX_LISTED: usize = 1_000;
/// A longer list is not compared with all zones.
const MAX_SEARCHED: usize = 64;

impl Offsets {
    /// True if the file contains only some changes of this zone, and the event reaches beyond the last one. Apple's
    /// first calendar wrote only two years, and DAVx⁵ writes only the change of 1893.
    pub(in super::super) fn is_excerpt_of(
        &self,
        zone: Tz,
        wall: NaiveDateTime,
        recurs: Recurs,
        budget: &Budget,
    ) -> bool {
        let table = self.table(budget).unwrap_or_default();
        let Some(last) = table.last().filter(|_| table.len() <= MAX_LISTED) else {
            return false;
        };
        let is_long_ago = (wall - last.wall).num_days() > 366;
        if !(is_long_ago || self.is_list()) || !self.made_by(zone, table) {
            return false;
        }
        // Before the last change, the offsets in the file count.
        let agrees_before = || {
            let before = Recurs::Until(last.wall.date());
            let reaches_beyond = match recurs {
                Recurs::No => false,
                Recurs::Until(day) => day > last.wall.date(),
                Recurs::Forever => true,
            };
            reaches_beyond && self.agrees(Zone::Named(zone), wall, before, budget)
        };
        is_long_ago || wall >= last.wall || agrees_before()
    }

    /// Finds the zone of which a list without a known name is an excerpt, for an event after the last change. None if
    /// the zones that made these changes differ in the years of the event.
    pub(in super::super) fn excerpted(
        &self,
        wall: NaiveDateTime,
        recurs: Recurs,
        budget: &Budget,
    ) -> Option<Tz> {
        let table = self.table(budget)?;
        let is_beyond = table.last().is_some_and(|last| wall >= last.wall);
        let listed = 2..=MAX_SEARCHED;
        if !is_beyond || !self.is_list() || !listed.contains(&table.len()) {
            return None;
        }
        let makers = self.makers.get_or_init(|| {
            let all = chrono_tz::TZ_VARIANTS.iter().copied();
            let all = zone_names::of_windows().chain(all);
            match budget.search() {
                true => all.filter(|zone| is_maker(*zone, table)).collect(),
                false => Vec::new(),
            }
        });
        let (first, others) = makers.split_first()?;
        let year = wall.year();
        let mut times: Vec<NaiveDateTime> = match recurs {
            Recurs::No => Vec::new(),
            Recurs::Until(last) => (year..=last.year()).flat_map(days).collect(),
            Recurs::Forever => years(year, true).flat_map(days).collect(),
        };
        times.push(wall);
        let offset = |zone: Tz, wall: &NaiveDateTime| {
            let offsets = zone.offset_from_local_datetime(wall);
            offsets.earliest().map(|offset| offset.fix())
        };
        let same = |zone: &Tz| {
            times
                .iter()
                .all(|wall| offset(*zone, wall) == offset(*first, wall))
        };
        others.iter().all(same).then_some(*first)
    }

    /// True if every change is listed by itself: no rule says when changes begin or end.
    fn is_list(&self) -> bool {
        let is_listed = |part: &super::Part| part.rules.is_empty() || part.from == part.to;
        self.parts.iter().all(is_listed)
    }

    fn made_by(&self, zone: Tz, table: &[Change]) -> bool {
        let known = self.made.borrow().get(&zone).copied();
        known.unwrap_or_else(|| {
            let made = is_maker(zone, table);
            let mut all = self.made.borrow_mut();
            if all.len() < MAX_KNOWN {
                all.insert(zone, made);
            }
            made
        })
    }
}

/// True if the zone made all these changes. Some programs write the time of a change by the clock after it.
fn is_maker(zone: Tz, table: &[Change]) -> bool {
    let offset = |instant: i64| {
        let utc = DateTime::from_timestamp(instant, 0)?.naive_utc();
        Some(zone.offset_from_utc_datetime(&utc).fix().local_minus_utc())
    };
    let is_made = |at: i64, to: i32| offset(at) == Some(to) && offset(at - 1) != Some(to);
    let by_clock_before = |change: &Change| is_made(change.at, change.to);
    let by_clock_after = |change: &Change| {
        let ahead = i64::from(change.to) - i64::from(change.from);
        is_made(change.at - ahead, change.to)
    };
    table.iter().all(by_clock_before) || table.iter().all(by_clock_after)
}
