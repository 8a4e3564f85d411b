//! RRULE, RDATE, EXRULE and EXDATE, in the form that the model's columns have.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;

use super::super::dates::date_list;
use super::super::duration::span;
use super::super::moment::{self, Anchor, Stamp};
use super::super::recurrence::rule;
use super::super::zone_names::Zone;
use super::offsets::Offsets;
use super::zones::{Asked, Time};
use super::{Reading, is_own, jsons, text};
use crate::format::vcalendar;
use crate::format::versit::{Component, Fault, Property};
use crate::model::{Event, ExtendedProperty, Moment};

impl Reading<'_> {
    pub(super) fn recurrence(
        &mut self,
        component: &Component,
        start: Option<&Time>,
        event: &mut Event,
    ) {
        let own = is_own(component);
        let clock = Offsets::of_clock(component);
        let mut unread = Vec::new();
        let mut rules = [Vec::new(), Vec::new()];
        let mut dates = [Vec::new(), Vec::new()];
        for property in &component.properties {
            let [rrules, exrules] = &mut rules;
            let [rdates, exdates] = &mut dates;
            let list = match property.name.as_str() {
                "RRULE" => rrules,
                "EXRULE" => exrules,
                "RDATE" => rdates,
                "EXDATE" => exdates,
                _ => continue,
            };
            if property.raw.trim().is_empty() {
                continue;
            }
            let (lines, faults) = match property.name.as_str() {
                "RRULE" | "EXRULE" => self.rule(property, start),
                _ => self.date_lines(property, clock.as_ref(), event.start.as_ref()),
            };
            list.extend(lines);
            for fault in faults {
                self.complain_of(property, *fault);
            }
            if !faults.is_empty() && !matches!(property.name.as_str(), "RRULE" | "EXRULE") {
                unread.push(ExtendedProperty {
                    name: property.head(),
                    value: property.text(),
                });
            }
        }
        let column = |lines: Vec<String>| (!lines.is_empty()).then(|| lines.join("\n"));
        let ([rrules, exrules], [rdates, exdates]) = (rules, dates);
        event.rrule = text(component, "X-LIFEBOAT-RRULE").or(column(rrules));
        event.exrule = text(component, "X-LIFEBOAT-EXRULE").or(column(exrules));
        event.rdate = text(component, "X-LIFEBOAT-RDATE").or(column(rdates));
        let kept = text(component, "X-LIFEBOAT-EXDATE");
        event.cancelled = jsons(component, "X-LIFEBOAT-CANCELLED");
        match kept {
            // The dates that the column doesn't say are those of cancelled occurrences.
            Some(kept) => {
                let lines = exdates.join("\n");
                event.cancelled.extend(cancelled(&lines, &kept, event));
                event.exdate = Some(kept);
            }
            None => event.exdate = column(exdates),
        }
        if !own {
            event.extended = unread;
        }
    }

    /// The rule as RFC 5545 has it. One that can't be made out stays in the column as it is: it is there to be
    /// kept, and the event is seen to repeat.
    pub(super) fn rule(
        &mut self,
        property: &Property,
        start: Option<&Time>,
    ) -> (Vec<String>, &'static [Fault]) {
        let text = property.text();
        let text = text.trim();
        let new = if text.contains('=') {
            Some(text.to_owned())
        } else {
            vcalendar::rule(text, start.map(|start| start.wall))
        };
        // What the writer would refuse is no rule, however it is written.
        let stamp = start.and_then(|start| moment::ready(&start.moment, true));
        let stamp = stamp.map_or(Stamp::Utc(NaiveDateTime::default()), |ready| ready.stamp);
        match new.filter(|new| rule(new, &stamp).is_some()) {
            Some(new) => (vec![new], &[]),
            None => (vec![text.to_owned()], &[Fault::Rule]),
        }
    }

    /// Lines for a column of dates: zone and semicolon in front, unless they are in UTC, days or in no zone. Dates
    /// that can't be made out are left out, and are the faults.
    pub(super) fn date_lines(
        &self,
        property: &Property,
        clock: Option<&Offsets>,
        start: Option<&Moment>,
    ) -> (Vec<String>, &'static [Fault]) {
        let asked = Asked {
            zone: property.parameter("TZID"),
            clock,
            series: None,
            line: property.line,
        };
        let start = start.and_then(|start| moment::ready(start, true));
        let dates = Dates {
            start: start.map(|ready| ready.stamp),
            home: self.zones.home,
        };
        let mut lines: Vec<(&str, Vec<String>)> = Vec::new();
        let (mut broken, mut unknown) = (false, false);
        let mut stamp = |text: &str| {
            let time = self.zones.value(text, asked)?;
            unknown |= time.unknown_zone;
            dates.stamp(&time)
        };
        let text = property.text();
        for item in text.split([',', ';']).map(str::trim) {
            if item.is_empty() {
                continue;
            }
            let (first, end) = match item.split_once('/') {
                Some((first, end)) => (first, Some(end)),
                None => (item, None),
            };
            let Some(first) = stamp(first) else {
                broken = true;
                continue;
            };
            let (zone, mut value) = column_value(&first);
            // Nothing but RDATE has periods, and those of days can't be said.
            if let Some(end) = end.filter(|_| property.name == "RDATE") {
                let end = match span(end) {
                    _ if first.is_date() => None,
                    Some(length) => Some(length.text()),
                    None => stamp(end).map(|end| column_value(&end).1),
                };
                match end {
                    Some(end) => value = format!("{value}/{end}"),
                    None => broken = true,
                }
            }
            match lines.last_mut().filter(|(last, _)| *last == zone) {
                Some((_, items)) => items.push(value),
                None => lines.push((zone, vec![value])),
            }
        }
        let lines = lines.into_iter().map(|(zone, items)| match zone {
            "" => items.join(","),
            zone => format!("{zone};{}", items.join(",")),
        });
        let lines = lines.collect();
        let faults: &[Fault] = match (broken, unknown) {
            (true, _) => &[Fault::Rule],
            (false, true) => &[Fault::Zone],
            (false, false) => &[],
        };
        (lines, faults)
    }
}

/// What the dates of a repetition are typed as.
struct Dates {
    start: Option<Stamp>,
    /// Where the calendar's owner is.
    home: Option<Tz>,
}

impl Dates {
    /// A date as the series' start is. Where a day stands beside a time in UTC, the owner's day is meant.
    fn stamp(&self, time: &Time) -> Option<Stamp> {
        let at_home = |instant: i64| {
            let utc = DateTime::from_timestamp(instant, 0)?.naive_utc();
            match moment::in_anchor(instant, Anchor::Zoned(self.home?))? {
                Stamp::Zoned { wall, .. } if wall != utc => Some(wall),
                _ => None,
            }
        };
        match (&self.start, &time.moment) {
            (Some(Stamp::Date(_)), Moment::Time { millis, zone })
                if zone == "UTC" && !time.is_midnight() =>
            {
                let wall = at_home(millis.div_euclid(1000));
                let midnight = wall.filter(|wall| wall.time() == NaiveTime::MIN);
                Some(Stamp::Date(midnight.unwrap_or(time.wall).date()))
            }
            (Some(Stamp::Utc(start)), Moment::Date(_)) => {
                let wall = at_home(start.and_utc().timestamp());
                let at = wall.zip(self.home).map(|(wall, home)| {
                    let wall = time.wall.date().and_time(wall.time());
                    moment::instant_of(wall, Zone::Named(home))
                });
                match at {
                    Some(instant) => moment::in_anchor(instant, Anchor::Utc),
                    None => moment::typed(&time.moment, &Stamp::Utc(*start)),
                }
            }
            (Some(start), other) => moment::typed(other, start),
            (None, other) => moment::ready(other, false).map(|ready| ready.stamp),
        }
    }
}

/// Zone (empty: UTC, none or a day) and value of a date in a column.
fn column_value(stamp: &Stamp) -> (&'static str, String) {
    match stamp {
        Stamp::Zoned {
            wall,
            zone,
            instant,
        } if moment::instant_of(*wall, Zone::Named(*zone)) == *instant => {
            (zone.name(), stamp.value())
        }
        Stamp::Zoned { instant, .. } => {
            let utc = moment::in_anchor(*instant, Anchor::Utc);
            ("", utc.map_or_else(|| stamp.value(), |utc| utc.value()))
        }
        Stamp::Date(_) | Stamp::Utc(_) | Stamp::Floating(_) => ("", stamp.value()),
    }
}

/// The dates of `lines` that are not among those of `column`.
fn cancelled(lines: &str, column: &str, event: &Event) -> Vec<Moment> {
    let Some(start) = event
        .start
        .as_ref()
        .and_then(|start| moment::ready(start, true))
    else {
        return Vec::new();
    };
    let known: HashSet<Stamp> = date_list(column, "EXDATE", &start.stamp)
        .stamps
        .into_iter()
        .collect();
    let zone = match &event.start {
        Some(Moment::Time { zone, .. }) => zone.clone(),
        _ => String::new(),
    };
    let written = date_list(lines, "EXDATE", &start.stamp).stamps;
    written
        .into_iter()
        .filter(|stamp| !known.contains(stamp))
        .map(|stamp| match stamp.is_date() {
            true => Moment::Date(stamp.instant().div_euclid(86_400)),
            false => Moment::Time {
                millis: stamp.instant().saturating_mul(1000),
                zone: zone.clone(),
            },
        })
        .collect()
}
