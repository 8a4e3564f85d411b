//! Reads RRULE, RDATE, EXRULE and EXDATE into the form of the model's columns.

use chrono::{DateTime, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;

use super::super::days::{Rhythm, occurrence};
use super::super::digits::{Digits, lenient};
use super::super::duration::span;
use super::super::moment::{self, Anchor, Stamp};
use super::super::recurrence::rule;
use super::super::zone_names::Zone;
use super::Reading;
use super::offsets::Offsets;
use super::zones::{Asked, Time, Zones};
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
        let clock = Offsets::of_clock(component);
        let clock = clock.as_ref();
        let local = Local::of(component, start, clock);
        let mut unread = Vec::new();
        let mut rules = [Vec::new(), Vec::new()];
        let mut dates = [Vec::new(), Vec::new()];
        let is_rule = |property: &&Property| matches!(property.name.as_str(), "RRULE" | "EXRULE");
        let all = component.properties.iter();
        let mut rule = None;
        // The rules first: a date may be understood only by them.
        for property in all
            .clone()
            .filter(is_rule)
            .chain(all.filter(|p| !is_rule(p)))
        {
            if !is_rule(&property) && rule.is_none() {
                let rules = rules.first().filter(|rules| !rules.is_empty());
                rule = Some(rules.map(|rules| rules.join("\n")));
            }
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
                "RRULE" | "EXRULE" => self.rule(property, start, local),
                _ => self.date_lines(
                    property,
                    (event.start.as_ref(), rule.as_ref().unwrap_or(&None)),
                    local,
                ),
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
        event.rrule = column(rrules);
        event.exrule = column(exrules);
        event.rdate = column(rdates);
        event.exdate = column(exdates);
        event.extended = unread;
    }

    /// Returns the rule in RFC 5545 form. A rule that cannot be understood stays in the column unchanged, so that it
    /// is preserved and the event still counts as recurring.
    pub(super) fn rule(
        &mut self,
        property: &Property,
        start: Option<&Time>,
        local: Local<'_>,
    ) -> (Vec<String>, &'static [Fault]) {
        let text = property.text();
        let text = text.trim();
        let new = if text.contains('=') {
            Some(text.to_owned())
        } else {
            vcalendar::rule(text, start.map(|start| start.wall))
        };
        // A rule that the writer would refuse is invalid, even if its syntax is correct.
        let stamp = start.and_then(|start| moment::ready(&start.moment, true));
        let stamp = stamp.map_or(Stamp::Utc(NaiveDateTime::default()), |ready| ready.stamp);
        match new.filter(|new| rule(new, &stamp).is_some()) {
            Some(new) => (vec![local.rule(&new, start, &self.zones)], &[]),
            None => (vec![text.to_owned()], &[Fault::Rule]),
        }
    }

    /// Returns lines for a date column, with zone and semicolon in front unless the dates are in UTC, all-day or
    /// floating. Leaves out dates that cannot be understood and returns them as faults.
    pub(super) fn date_lines(
        &self,
        property: &Property,
        (first, rrule): (Option<&Moment>, &Option<String>),
        local: Local<'_>,
    ) -> (Vec<String>, &'static [Fault]) {
        let asked = Asked {
            zone: property.parameter("TZID"),
            clock: local.clock,
            series: None,
            line: property.line,
        };
        let start = first.and_then(|start| moment::ready(start, true));
        // An added date does not come from the rule.
        let is_of_rule = property.name != "RDATE";
        let dates = Dates {
            start: start.map(|ready| ready.stamp),
            series: first.filter(|_| is_of_rule).map(|start| Rhythm {
                start,
                rrule,
                rdate: &None,
            }),
            home: self.zones.home,
        };
        let mut lines: Vec<(&str, Vec<String>)> = Vec::new();
        let (mut broken, mut unknown) = (false, false);
        let mut stamp = |text: &str| {
            let time = self.zones.value(text, asked)?;
            unknown |= time.unknown_zone;
            let in_utc = matches!(&time.moment, Moment::Time { zone, .. } if zone == "UTC");
            match in_utc.then(|| local.wall(time.wall, &self.zones)).flatten() {
                Some(wall) => Some(Stamp::Floating(wall)),
                None => dates.stamp(&time),
            }
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
            // Only RDATE has periods. Periods of whole days cannot be expressed.
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

/// How the times of a series in UTC become times of its own clock. This is needed only if the series floats because
/// the clock that the file defines is in no known zone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Local<'a> {
    /// Name of the zone in the file.
    zone: Option<&'a str>,
    clock: Option<&'a Offsets>,
    line: u64,
    floats: bool,
}

impl<'a> Local<'a> {
    pub(super) fn of(
        component: &'a Component,
        start: Option<&Time>,
        clock: Option<&'a Offsets>,
    ) -> Self {
        Self {
            zone: component
                .first("DTSTART")
                .and_then(|property| property.parameter("TZID")),
            clock,
            line: component.line,
            floats: start.is_some_and(Time::floats),
        }
    }

    fn wall(self, utc: NaiveDateTime, zones: &Zones) -> Option<NaiveDateTime> {
        let wall = || zones.wall_of_utc(utc, self.zone, self.clock, self.line);
        self.floats.then(wall).flatten()
    }

    /// Returns the rule with its UNTIL on that clock.
    fn rule(self, rule: &str, start: Option<&Time>, zones: &Zones) -> String {
        if !self.floats {
            return rule.to_owned();
        }
        let part = |part: &str| {
            let (name, value) = part.split_once('=')?;
            match lenient(value).filter(|_| name.trim().eq_ignore_ascii_case("UNTIL"))? {
                Digits::Utc(utc) => {
                    let named = || self.last_of(rule, utc, start?);
                    let wall = self.wall(utc, zones).or_else(named)?;
                    Some(format!("UNTIL={}", moment::wall_value(&wall)))
                }
                Digits::Date(_) | Digits::Wall(_) => None,
            }
        };
        let parts = rule.split(';');
        let parts = parts.map(|text| part(text).unwrap_or_else(|| text.to_owned()));
        parts.collect::<Vec<String>>().join(";")
    }

    /// Returns the last occurrence of a series in an unknown zone, if its UNTIL in UTC names an occurrence: the
    /// distance between them can be the offset of a zone.
    fn last_of(self, rule: &str, until: NaiveDateTime, start: &Time) -> Option<NaiveDateTime> {
        /// The offsets of all zones are multiples of a quarter of an hour.
        const QUARTER: i64 = 15 * 60;
        self.zone.filter(|zone| !zone.trim().is_empty())?;
        let is_until = |part: &&str| {
            let name = part.split('=').next().unwrap_or_default();
            name.trim().eq_ignore_ascii_case("UNTIL")
        };
        let endless: Vec<&str> = rule.split(';').filter(|part| !is_until(part)).collect();
        let utc = super::zones::at(until.and_utc().timestamp(), "UTC");
        let series = Rhythm {
            start: &start.moment,
            rrule: &Some(endless.join(";")),
            rdate: &None,
        };
        let last = match occurrence(&utc, series) {
            Moment::Time { millis, .. } => DateTime::from_timestamp_millis(millis)?.naive_utc(),
            Moment::Date(_) => return None,
        };
        // The end of a day names no occurrence.
        let is_bound = until.time() == NaiveTime::MIN;
        let distance = (last - until).num_seconds();
        (!is_bound && distance % QUARTER == 0).then_some(last)
    }
}

/// The value type of the dates in a recurrence.
struct Dates<'a> {
    start: Option<Stamp>,
    /// The series that the dates leave out occurrences of.
    series: Option<Rhythm<'a>>,
    /// Home zone of the calendar's owner.
    home: Option<Tz>,
}

impl Dates<'_> {
    /// Returns a date in the type of the series' start. If a date is mixed with UTC times, the date is in the owner's
    /// zone.
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
                match wall.filter(|wall| wall.time() == NaiveTime::MIN) {
                    Some(midnight) => Some(Stamp::Date(midnight.date())),
                    None => self.by_series(time),
                }
            }
            (Some(Stamp::Floating(_)), Moment::Time { millis, zone }) if zone == "UTC" => {
                let added = self.series.is_none();
                let wall = at_home(millis.div_euclid(1000)).filter(|_| added);
                match wall {
                    Some(wall) => Some(Stamp::Floating(wall)),
                    None => self.by_series(time),
                }
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

impl Dates<'_> {
    /// Returns the occurrence of the series that a time in UTC means.
    fn by_series(&self, time: &Time) -> Option<Stamp> {
        let place = match self.series {
            Some(series) => occurrence(&time.moment, series),
            None => time.moment.clone(),
        };
        moment::typed(&place, self.start.as_ref()?)
    }
}

/// Returns the zone (empty for UTC, floating or date) and the value of a date in a column.
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
