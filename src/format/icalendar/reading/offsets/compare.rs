//! Compares the offsets that a file defines with those of a zone, on every day of a series, and finds a zone by them.

use chrono::{Datelike, NaiveDate, NaiveDateTime};
use chrono_tz::Tz;

use super::super::super::zone_names::{self, Zone};
use super::{
    Budget, Change, MAX_DAYS, MAX_KNOWN, MAX_NEAR, Offsets, Recurs, Told, at_most, days, is_same,
    years,
};

impl Offsets {
    /// True if the zone has the same offsets on every day of a recurrence. An endless recurrence is compared in one
    /// of the coming years.
    pub(in super::super) fn agrees(
        &self,
        zone: Zone,
        wall: NaiveDateTime,
        recurs: Recurs,
        budget: &Budget,
    ) -> bool {
        let same = |wall: NaiveDateTime| self.is_same(wall, zone, budget);
        let at = |day: NaiveDate| day.and_time(wall.time());
        // The noons of a year are compared once for all events, and the hour of this event only beside the changes.
        let all_year = |year: i32, first: NaiveDate, last: NaiveDate| {
            self.agrees_in(zone, year, budget) && self.near(first, last, budget).map(at).all(same)
        };
        match recurs {
            Recurs::No => same(wall),
            Recurs::Until(last) => {
                same(wall)
                    && (wall.year()..=last.year()).all(|year| {
                        let Some((new_year, end)) = year_of(year) else {
                            return false;
                        };
                        let (first, last) = (wall.date().max(new_year), last.min(end));
                        all_year(year, first, last) || days_of(first, last).map(at).all(same)
                    })
            }
            Recurs::Forever => years(wall.year(), true).any(|year| {
                let ends = year_of(year);
                ends.is_some_and(|(first, last)| all_year(year, first, last))
            }),
        }
    }

    fn is_same(&self, wall: NaiveDateTime, zone: Zone, budget: &Budget) -> bool {
        match self.at(wall, budget) {
            Some(Told::Offset(offset)) => is_same(wall, zone, offset),
            Some(Told::Before(_)) => true,
            None => false,
        }
    }

    /// True if the zone has the same offsets at every noon of a year.
    fn agrees_in(&self, zone: Zone, year: i32, budget: &Budget) -> bool {
        let place = match zone {
            Zone::Named(zone) => Some(zone),
            Zone::Utc | Zone::Offset(_) | Zone::Floating | Zone::Unknown => None,
        };
        let known = self.agreed.borrow().get(&(place, year)).copied();
        known.unwrap_or_else(|| {
            let agrees = year_of(year).is_some_and(|(first, last)| {
                days_of(first, last)
                    .filter_map(|day| day.and_hms_opt(12, 0, 0))
                    .all(|noon| self.is_same(noon, zone, budget))
            });
            let mut agreed = self.agreed.borrow_mut();
            if agreed.len() < MAX_KNOWN {
                agreed.insert((place, year), agrees);
            }
            agrees
        })
    }

    /// The changes of this clock from the day before `first` to the day after `last`.
    fn changes(&self, first: NaiveDate, last: NaiveDate, budget: &Budget) -> &[Change] {
        let table = self.table(budget).unwrap_or_default();
        let midnight = |day: Option<NaiveDate>| day.map(|day| day.and_time(chrono::NaiveTime::MIN));
        let (first, last) = (
            midnight(first.pred_opt()).unwrap_or(NaiveDateTime::MIN),
            midnight(last.succ_opt()).unwrap_or(NaiveDateTime::MAX),
        );
        let from = table.partition_point(|change| change.wall < first);
        let rest = table.get(from..).unwrap_or_default();
        let count = rest.partition_point(|change| change.wall <= last);
        rest.get(..count).unwrap_or_default()
    }

    /// The days from `first` to `last` on which this clock changes, and the days beside them.
    fn near(
        &self,
        first: NaiveDate,
        last: NaiveDate,
        budget: &Budget,
    ) -> impl Iterator<Item = NaiveDate> {
        let changes = self.changes(first, last, budget).iter().take(MAX_NEAR);
        changes
            .flat_map(|change| {
                let day = change.wall.date();
                [day.pred_opt(), Some(day), day.succ_opt()]
            })
            .flatten()
            .filter(move |day| (first..=last).contains(day))
    }

    /// True if the clock changes during a recurrence.
    pub(in super::super) fn changes_during(
        &self,
        wall: NaiveDateTime,
        recurs: Recurs,
        budget: &Budget,
    ) -> bool {
        let last = match recurs {
            Recurs::No => return false,
            Recurs::Until(last) => at_most(last),
            Recurs::Forever => NaiveDate::MAX,
        };
        let changes = self.changes(at_most(wall.date()), last, budget);
        let all = changes.iter().take(MAX_DAYS as usize);
        all.into_iter().any(|change| change.from != change.to)
    }

    /// Finds a zone with the same offsets in all years of a recurrence, because a recurrence rule needs a zone.
    /// Offsets that never change are not taken for a place.
    pub(in super::super) fn place(
        &self,
        wall: NaiveDateTime,
        recurs: Recurs,
        budget: &Budget,
    ) -> Option<Tz> {
        let year = wall.year();
        let last = match recurs {
            Recurs::No => Some(year),
            Recurs::Until(last) => Some(last.year()),
            Recurs::Forever => None,
        };
        let known = self.matches.borrow().get(&(year, last)).copied();
        let found = known.unwrap_or_else(|| {
            let all: Vec<i32> = match last {
                Some(last) => (year..=last).collect(),
                None => years(year, true).collect(),
            };
            let fits = |zone: Zone| all.iter().all(|year| self.agrees_in(zone, *year, budget));
            let samples = all.iter().copied().flat_map(days).collect();
            let found = self.search(samples, fits, budget);
            let mut matches = self.matches.borrow_mut();
            if matches.len() < MAX_KNOWN {
                matches.insert((year, last), found);
            }
            found
        });
        let agrees = |zone: Zone| self.agrees(zone, wall, recurs, budget);
        // No zone agrees in whole years, but one may agree during the series.
        let during = || match recurs {
            Recurs::Until(last) => {
                let days = days_of(wall.date(), last).step_by(15);
                let samples = days.map(|day| day.and_time(wall.time()));
                self.search(samples.collect(), agrees, budget)
            }
            Recurs::No | Recurs::Forever => None,
        };
        found
            .filter(|zone| agrees(Zone::Named(*zone)))
            .or_else(during)
    }

    /// Finds the first zone that has the same offsets at the times and `fits`.
    fn search(
        &self,
        times: Vec<NaiveDateTime>,
        fits: impl Fn(Zone) -> bool,
        budget: &Budget,
    ) -> Option<Tz> {
        let (first, last) = (times.first()?.date(), times.last()?.date());
        let near = self.near(first, last, budget);
        // The days of the changes come first, because most zones differ there.
        let wanted: Option<Vec<(NaiveDateTime, i32)>> = near
            .filter_map(|day| day.and_hms_opt(12, 0, 0))
            .chain(times)
            .map(|wall| Some((wall, self.at(wall, budget)?.seconds())))
            .collect();
        let wanted = wanted?;
        let (_, offset) = wanted.first()?;
        let changes = wanted.iter().any(|(_, other)| other != offset);
        if !changes || !budget.search() {
            return None;
        }
        let all = chrono_tz::TZ_VARIANTS.iter().copied();
        zone_names::of_windows().chain(all).find(|zone| {
            let zone = Zone::Named(*zone);
            let mut all = wanted.iter();
            all.all(|(wall, offset)| is_same(*wall, zone, *offset)) && fits(zone)
        })
    }
}

/// The first and the last day of a year.
fn year_of(year: i32) -> Option<(NaiveDate, NaiveDate)> {
    Some((
        NaiveDate::from_ymd_opt(year, 1, 1)?,
        NaiveDate::from_ymd_opt(year, 12, 31)?,
    ))
}

fn days_of(first: NaiveDate, last: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    first.iter_days().take_while(move |day| *day <= last)
}
