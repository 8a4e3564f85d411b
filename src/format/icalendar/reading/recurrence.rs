//! RRULE, RDATE, EXRULE and EXDATE, in the form that the model's columns have.

use super::super::moment::{self, Anchor};
use super::super::recurrence::{date_list, rule};
use super::zones::{Time, lenient};
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
            let read = match property.name.as_str() {
                "RRULE" | "EXRULE" => self.rule(property, start),
                _ => date_line(property, event.start.as_ref()),
            };
            match read {
                Some(line) => list.push(line),
                None => {
                    self.complain_of(property, Fault::Rule);
                    unread.push(ExtendedProperty {
                        name: property.head(),
                        value: property.text(),
                    });
                }
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

    /// The rule as RFC 5545 has it; None if it is none.
    fn rule(&mut self, property: &Property, start: Option<&Time>) -> Option<String> {
        let text = property.text();
        let text = text.trim();
        let new = if text.contains('=') {
            text.to_owned()
        } else {
            vcalendar::rule(text, start.map(|start| start.wall))?
        };
        // What the writer would refuse is no rule, however it is written.
        let anchor = start.map_or(Anchor::Utc, |start| match &start.moment {
            Moment::Date(_) => Anchor::Date,
            timed => moment::ready(timed, true).map_or(Anchor::Utc, |r| r.stamp.anchor()),
        });
        rule(&new, anchor).map(|_| new)
    }
}

/// A line of a column of dates: zone and semicolon in front, unless it is UTC or none.
fn date_line(property: &Property, start: Option<&Moment>) -> Option<String> {
    let text = property.text();
    let days = matches!(start, Some(Moment::Date(_)));
    let mut items = Vec::new();
    for item in text
        .split([',', ';'])
        .map(str::trim)
        .filter(|i| !i.is_empty())
    {
        // Of a period (`start/length`) the start.
        let item = item.split('/').next().unwrap_or_default();
        let read = lenient(item)?;
        items.push(match read {
            moment::Digits::Date(day) => day.format("%Y%m%d").to_string(),
            moment::Digits::Wall(time) | moment::Digits::Utc(time) if days => {
                time.format("%Y%m%d").to_string()
            }
            moment::Digits::Wall(time) => moment::wall_value(&time),
            moment::Digits::Utc(time) => moment::utc_value(&time),
        });
    }
    let zone = match (property.parameter("TZID"), start) {
        _ if days => "",
        (Some(zone), _) => zone,
        // Without a zone: the start's own.
        (None, Some(Moment::Time { zone, .. })) if zone != "UTC" && zone != Moment::FLOATING => {
            zone
        }
        _ => "",
    };
    let bare = zone.is_empty() || items.iter().all(|item| item.ends_with('Z'));
    let list = items.join(",");
    match items.is_empty() {
        true => None,
        false if bare => Some(list),
        false => Some(format!("{zone};{list}")),
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
    let anchor = start.stamp.anchor();
    let known = date_list(column, "EXDATE", anchor).stamps;
    let zone = match &event.start {
        Some(Moment::Time { zone, .. }) => zone.clone(),
        _ => String::new(),
    };
    let written = date_list(lines, "EXDATE", anchor).stamps;
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
