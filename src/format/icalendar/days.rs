//! The days and times at which a calendar view shows an event, in the event's own zone. An unknown zone counts as
//! UTC, as on the handset.

mod occurrence;
mod pattern;

use chrono::{Duration, NaiveDate, NaiveDateTime, NaiveTime};

pub use occurrence::place_in;
pub(super) use occurrence::{Rhythm, occurrence};
pub use pattern::{Every, Pattern};

use super::dates::date_list;
use super::duration::span;
use super::event::filled;
use super::moment::{Stamp, ready, typed};
use super::recurrence::{last_before, rule, rule_lines};
use crate::model::{Event, Moment};

/// A moment as a date and a time in its own zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub day: NaiveDate,
    /// `None`: all day.
    pub time: Option<NaiveTime>,
    /// The zone's name; empty for all-day events.
    pub zone: &'static str,
    /// The handset gives a zone that is not known.
    pub unknown_zone: bool,
}

/// An event in a calendar view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    pub start: Shown,
    /// The last day of the event. For a series, the last day of its first occurrence.
    pub last_day: NaiveDate,
    pub repeats: Repeats,
}

/// Whether an event recurs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repeats {
    No,
    On(Box<Series>),
    /// It recurs by a rule that is not expanded here. Only its first day is known.
    Unread,
}

/// The days on which occurrences of a series begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    start: NaiveDate,
    /// Each pattern with its last day, if it has one.
    patterns: Vec<(Pattern, Option<NaiveDate>)>,
    except: Vec<(Pattern, Option<NaiveDate>)>,
    added: Vec<NaiveDate>,
    left_out: Vec<NaiveDate>,
    /// Added dates with a time of day that differs from the start.
    pub at_other_times: Vec<Shown>,
    /// The days from `from` to `to` belong to this series. A change of an occurrence and all later ones divides a
    /// series.
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    /// Time by which the occurrences begin later than those days.
    shift: Duration,
}

/// Limit on changes of all later occurrences in a series. With more of them, the series is not expanded.
const MOST_TURNS: usize = 50;

/// Converts a moment to its own zone; None for years that a calendar cannot show.
pub fn shown(moment: &Moment) -> Option<Shown> {
    let ready = ready(moment, true)?;
    let (day, time, zone) = wall(&ready.stamp);
    Some(Shown {
        day,
        time,
        zone,
        unknown_zone: ready.unknown_zone,
    })
}

/// Places an event on the calendar; None if it has no start that a calendar can show.
pub fn place(event: &Event) -> Option<Placed> {
    let moment = event.start.as_ref().or(event.recurrence_id.as_ref())?;
    let start = shown(moment)?;
    let stamp = ready(moment, true)?.stamp;
    Some(Placed {
        last_day: last_day(event, &stamp).max(start.day),
        repeats: repeats(event, &stamp, &start),
        start,
    })
}

/// Returns the later occurrences that a change also changes (RFC 5545 section 3.8.4.4, RANGE): those until the next
/// such change, shifted by the same time as the changed occurrence.
pub fn later(event: &Event, change: &Event) -> Repeats {
    if !turns(change) {
        return Repeats::No;
    }
    let mut all = event.changed.iter().filter(|change| turns(change));
    if all.nth(MOST_TURNS).is_some() {
        return Repeats::Unread;
    }
    series_from(event, change).map_or(Repeats::Unread, |series| Repeats::On(Box::new(series)))
}

fn series_from(event: &Event, change: &Event) -> Option<Series> {
    let moment = event.start.as_ref()?;
    let start = ready(moment, true)?.stamp;
    let place = wall(&typed(change.recurrence_id.as_ref()?, &start)?).0;
    let begins = shown(change.start.as_ref().or(change.recurrence_id.as_ref())?)?.day;
    let Repeats::On(mut series) = repeats(event, &start, &shown(moment)?) else {
        return None;
    };
    let next = turning_days(event, &start).find(|day| *day > place);
    series.left_out.retain(|day| *day != place);
    series.at_other_times.clear();
    series.from = Some(place);
    series.to = next.and_then(|day| day.pred_opt());
    series.shift = begins - place;
    Some(*series)
}

/// True for a change of an occurrence and all later ones.
fn turns(change: &Event) -> bool {
    change.this_and_future && !change.source.deleted
}

/// The days of the series on which such changes begin, in order.
fn turning_days(event: &Event, start: &Stamp) -> impl Iterator<Item = NaiveDate> + use<> {
    let changes = event.changed.iter().filter(|change| turns(change));
    let places = changes.filter_map(|change| typed(change.recurrence_id.as_ref()?, start));
    let mut days: Vec<NaiveDate> = places.map(|place| wall(&place).0).collect();
    days.sort_unstable();
    days.into_iter()
}

/// Returns the recurrence rules as far as they concern days, each with its last day if it has one, to describe them
/// in words. None for rules that need more.
pub fn patterns(event: &Event) -> Option<Vec<(Pattern, Option<NaiveDate>)>> {
    let stamp = ready(event.start.as_ref()?, true)?.stamp;
    rules(&event.rrule, "RRULE", &stamp)
}

/// Reads a DURATION in seconds.
pub fn length(duration: &str) -> Option<i64> {
    span(duration).map(|span| span.total_seconds())
}

fn wall(stamp: &Stamp) -> (NaiveDate, Option<NaiveTime>, &'static str) {
    match stamp {
        Stamp::Date(day) => (*day, None, ""),
        Stamp::Utc(time) => (time.date(), Some(time.time()), "UTC"),
        Stamp::Floating(time) => (time.date(), Some(time.time()), Moment::FLOATING),
        Stamp::Zoned { wall, zone, .. } => (wall.date(), Some(wall.time()), zone.name()),
    }
}

fn last_day(event: &Event, start: &Stamp) -> NaiveDate {
    let (day, time, _) = wall(start);
    let at = NaiveDateTime::new(day, time.unwrap_or_default());
    let end = match &event.end {
        Some(end) => typed(end, start).map(|end| {
            let (day, time, _) = wall(&end);
            NaiveDateTime::new(day, time.unwrap_or_default())
        }),
        None => event
            .duration
            .as_deref()
            .and_then(length)
            .and_then(|seconds| at.checked_add_signed(Duration::seconds(seconds))),
    };
    // The end itself is not part of the event.
    end.and_then(|end| end.checked_sub_signed(Duration::seconds(1)))
        .map_or(day, |end| end.date())
}

fn repeats(event: &Event, start: &Stamp, shown: &Shown) -> Repeats {
    if event.recurrence_id.is_some() || !(filled(&event.rrule) || filled(&event.rdate)) {
        return Repeats::No;
    }
    let (Some(patterns), Some(except)) = (
        rules(&event.rrule, "RRULE", start),
        rules(&event.exrule, "EXRULE", start),
    ) else {
        return Repeats::Unread;
    };
    let list = |column: &Option<String>, name: &str| {
        column
            .as_deref()
            .map(|column| date_list(column, name, start).stamps)
            .unwrap_or_default()
    };
    let gone = event
        .changed
        .iter()
        .filter_map(|change| change.recurrence_id.as_ref());
    let gone = event.cancelled.iter().chain(gone);
    let mut left_out = list(&event.exdate, "EXDATE");
    left_out.extend(gone.filter_map(|moment| typed(moment, start)));
    let (mut added, mut at_other_times) = (Vec::new(), Vec::new());
    for stamp in list(&event.rdate, "RDATE") {
        let (day, time, zone) = wall(&stamp);
        match time == shown.time {
            true => added.push(day),
            false => at_other_times.push(Shown {
                day,
                time,
                zone,
                unknown_zone: shown.unknown_zone,
            }),
        }
    }
    added.sort_unstable();
    // An occurrence is excluded by its exact time.
    let left_out = left_out
        .iter()
        .map(wall)
        .filter(|(_, time, _)| *time == shown.time)
        .map(|(day, _, _)| day);
    let mut left_out: Vec<NaiveDate> = left_out.collect();
    left_out.sort_unstable();
    Repeats::On(Box::new(Series {
        start: shown.day,
        patterns,
        except,
        added,
        left_out,
        at_other_times,
        from: None,
        to: turning_days(event, start)
            .next()
            .and_then(|day| day.pred_opt()),
        shift: Duration::zero(),
    }))
}

/// Returns the rules of a column, each with its last day; None if a rule cannot be read.
fn rules(
    column: &Option<String>,
    name: &str,
    start: &Stamp,
) -> Option<Vec<(Pattern, Option<NaiveDate>)>> {
    let lines = column.iter().flat_map(|column| rule_lines(column, name));
    lines
        .map(|line| {
            let read = rule(&line, start)?;
            let pattern = Pattern::read(&read.text)?;
            let last = match read.until {
                Some(until) => Some(last_before(&until, start)?),
                None => pattern.last(start.day()).ok()?,
            };
            Some((pattern, last))
        })
        .collect()
}

impl Series {
    /// Returns the days from `first` to `last` on which an occurrence begins, without changed and cancelled ones.
    pub fn between(&self, first: NaiveDate, last: NaiveDate) -> Vec<NaiveDate> {
        let by_rule = |day: NaiveDate| day.checked_sub_signed(self.shift);
        let (Some(first), Some(last)) = (by_rule(first), by_rule(last)) else {
            return Vec::new();
        };
        let first = self.from.map_or(first, |from| first.max(from));
        let last = self.to.map_or(last, |to| last.min(to));
        let of = |rules: &[(Pattern, Option<NaiveDate>)]| -> Vec<NaiveDate> {
            let all = rules.iter().flat_map(|(pattern, end)| {
                pattern.between(self.start, first, end.map_or(last, |end| end.min(last)))
            });
            all.collect()
        };
        let except = of(&self.except);
        let mut days = of(&self.patterns);
        days.extend(
            std::iter::once(self.start)
                .chain(self.added.iter().copied())
                .filter(|day| (first..=last).contains(day)),
        );
        days.sort_unstable();
        days.dedup();
        days.retain(|day| self.left_out.binary_search(day).is_err() && !except.contains(day));
        let shifted = |day: NaiveDate| day.checked_add_signed(self.shift);
        days.into_iter().filter_map(shifted).collect()
    }

    /// The last day of the series; `None`: it has no end.
    pub fn last(&self) -> Option<NaiveDate> {
        let last = match (self.last_by_rule(), self.to) {
            (Some(last), Some(to)) => last.min(to),
            (last, to) => last.or(to)?,
        };
        last.checked_add_signed(self.shift)
    }

    fn last_by_rule(&self) -> Option<NaiveDate> {
        let mut last = self.added.last().copied().unwrap_or(self.start);
        for (_, end) in &self.patterns {
            last = last.max((*end)?);
        }
        Some(last.max(self.start))
    }
}

#[cfg(test)]
mod tests;
