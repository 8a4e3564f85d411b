//! RRULE, RDATE and EXDATE (RFC 5545 section 3.8.5) of an event.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::super::dates::{DateList, PeriodEnd, date_list};
use super::super::days::Pattern;
use super::super::duration::span;
use super::super::moment::{self, Stamp, on_day};
use super::super::recurrence::{Rule, last_before, rule, rule_lines};
use super::Writer;
use crate::model::{Event, Moment};
use crate::phrase;

/// The parsed recurrence columns.
#[derive(Default)]
pub(super) struct Recurrence {
    pub(super) rules: Vec<String>,
    pub(super) added: Vec<Stamp>,
    ends: HashMap<Stamp, PeriodEnd>,
    left_out: Vec<Stamp>,
}

impl Recurrence {
    /// Returns the added occurrences whose length differs from that of the event, which begins at `start`. They are
    /// written as changed occurrences: no tested program reads periods as in RFC 5545 section 3.8.5.2, and some
    /// refuse the file.
    pub(super) fn periods(&self, event: &Event, start: &Stamp) -> Vec<(Stamp, PeriodEnd)> {
        if self.ends.is_empty() {
            return Vec::new();
        }
        let usual = length(event, start);
        let left_out: HashSet<&Stamp> = self.left_out.iter().collect();
        let there = self.added.iter().filter(|stamp| !left_out.contains(stamp));
        there
            .filter_map(|stamp| Some((*stamp, *self.ends.get(stamp)?)))
            .filter(|(stamp, end)| end.length(stamp) != usual)
            .collect()
    }
}

const EXCEPTIONS: &str = phrase("rules for exceptions to a repetition");

/// Limit on the dates that are written in place of one rule.
const MOST_DATES: usize = 500;
/// Longer series are not written as dates: 30 years.
const MOST_DAYS: i64 = 11_000;

/// Returns the dates of a rule until its own end, at most until `last`. None if it has no end, has too many dates, or
/// days alone cannot express it.
fn dates_of(rule: &Rule, start: &Stamp, last: Option<NaiveDate>) -> Option<Vec<Stamp>> {
    if rule.lost.is_some() {
        return None;
    }
    let pattern = Pattern::read(&rule.text)?;
    let last = match (last_of(rule, start), last) {
        (Some(own), Some(last)) => own.min(last),
        (own, last) => own.or(last)?,
    };
    let first = start.day();
    if (last - first).num_days() > MOST_DAYS {
        return None;
    }
    let days = pattern.between(first, first, last);
    (days.len() <= MOST_DATES)
        .then(|| days.into_iter().filter_map(|day| on_day(day, start)))
        .map(Iterator::collect)
}

/// Returns the last day of a rule that has an end.
fn last_of(rule: &Rule, start: &Stamp) -> Option<NaiveDate> {
    if let Some(until) = &rule.until {
        return last_before(until, start);
    }
    let mut pattern = Pattern::read(&rule.text)?;
    let first = start.day();
    // Most programs count only dates that the rule describes, and the start may be none.
    if pattern.between(first, first, first).is_empty() {
        pattern.count = pattern.count.map(|count| count.saturating_add(1));
    }
    pattern.last(first).ok()?
}

/// Length of an event that begins at `start`, in seconds.
fn length(event: &Event, start: &Stamp) -> i64 {
    let by_end = || {
        let end = moment::ready(event.end.as_ref()?, false)?.stamp;
        Some(end.instant().saturating_sub(start.instant()).max(0))
    };
    let length = event.duration.as_deref().and_then(span);
    let length = length.map(|length| length.total_seconds());
    length.or_else(by_end).unwrap_or_default()
}

/// Returns the event at one added occurrence, without rules and changes.
pub(super) fn occasion(event: &Event, at: &Stamp, end: PeriodEnd) -> Event {
    let zone = match &event.start {
        Some(Moment::Time { zone, .. }) => zone.as_str(),
        Some(Moment::Date(_)) | None => Moment::FLOATING,
    };
    let moment = |stamp: &Stamp| Moment::Time {
        millis: stamp.instant().saturating_mul(1000),
        zone: zone.to_owned(),
    };
    let (end, duration) = match end {
        PeriodEnd::At(end) => (Some(moment(&end)), None),
        PeriodEnd::After(length) => (None, Some(length.text())),
    };
    Event {
        start: Some(moment(at)),
        end,
        duration,
        rrule: None,
        rdate: None,
        exrule: None,
        exdate: None,
        recurrence_id: Some(moment(at)),
        this_and_future: false,
        changed: Vec::new(),
        cancelled: Vec::new(),
        ..event.clone()
    }
}

impl Writer<'_> {
    pub(super) fn recurrence(
        &mut self,
        event: &Event,
        start: Stamp,
        cancelled: &[&Moment],
    ) -> Recurrence {
        let mut found = Recurrence::default();
        let (mut last, mut further) = (None, Vec::new());
        let name = event.title.as_deref().unwrap_or_default();
        for line in event.rrule.iter().flat_map(|c| rule_lines(c, "RRULE")) {
            match rule(&line, &start) {
                Some(read) if found.rules.contains(&read.text) => {}
                // RFC 5545 section 3.8.5.3 advises against more than one rule, and readers differ.
                Some(read) if !found.rules.is_empty() => match dates_of(&read, &start, None) {
                    Some(dates) => further.extend(dates),
                    None => self
                        .losses
                        .add_named(phrase("second repetition rules"), name),
                },
                // Radicale refuses the whole file because of such a rule.
                Some(read)
                    if read
                        .until
                        .is_some_and(|end| end.instant() < start.instant()) =>
                {
                    self.losses.add(phrase(
                        "repetitions that end before they begin (the event is kept once)",
                    ));
                }
                Some(read) => {
                    if let Some(lost) = read.lost {
                        self.losses.add_named(lost, name);
                    }
                    last = last_of(&read, &start);
                    found.rules.push(read.text);
                }
                None => self
                    .losses
                    .add_named(phrase("repetition rules that can't be read"), name),
            }
        }
        let list = |column: &Option<String>, name: &str| {
            column
                .as_deref()
                .map_or_else(DateList::default, |column| date_list(column, name, &start))
        };
        let added = list(&event.rdate, "RDATE");
        self.count_broken(&added);
        (found.added, found.ends) = (added.stamps, added.ends);
        let mut there: HashSet<Stamp> = found.added.iter().copied().collect();
        further.retain(|stamp| there.insert(*stamp));
        found.added.append(&mut further);
        if found.rules.is_empty() && found.added.is_empty() {
            self.count_exrule(event);
            return found;
        }
        let left_out = list(&event.exdate, "EXDATE");
        self.count_broken(&left_out);
        found.left_out = left_out.stamps;
        let mut known: HashSet<Stamp> = found.left_out.iter().copied().collect();
        for moment in cancelled {
            match moment::typed(moment, &start) {
                Some(stamp) => {
                    if known.insert(stamp) {
                        found.left_out.push(stamp);
                    }
                }
                None => self
                    .losses
                    .add(phrase("repetition dates that can't be read")),
            }
        }
        // RFC 5545 has no rules for exceptions any more. Their dates are written instead.
        for line in event.exrule.iter().flat_map(|c| rule_lines(c, "EXRULE")) {
            match rule(&line, &start).and_then(|read| dates_of(&read, &start, last)) {
                Some(dates) => {
                    let new = dates.into_iter().filter(|stamp| known.insert(*stamp));
                    found.left_out.extend(new);
                }
                None => self.losses.add_named(EXCEPTIONS, name),
            }
        }
        found
    }

    fn count_broken(&mut self, list: &DateList) {
        if list.broken {
            self.losses
                .add(phrase("repetition dates that can't be read"));
        }
    }

    fn count_exrule(&mut self, event: &Event) {
        if filled(&event.exrule) {
            let name = event.title.as_deref().unwrap_or_default();
            self.losses.add_named(EXCEPTIONS, name);
        }
    }

    /// Counts the recurrence of an event that is written without one.
    pub(super) fn count_recurrence(&mut self, event: &Event) {
        if filled(&event.rrule) || filled(&event.rdate) {
            self.losses
                .add(phrase("repetition rules that can't be read"));
        }
        self.count_exrule(event);
    }

    pub(super) fn write_recurrence(&mut self, recurrence: &Recurrence) {
        for rule in &recurrence.rules {
            self.lines.line(&format!("RRULE:{rule}"));
        }
        for stamp in &recurrence.added {
            self.stamp("RDATE", stamp, true);
        }
        for stamp in &recurrence.left_out {
            self.stamp("EXDATE", stamp, true);
        }
    }
}

/// True if a column holds more than white space.
pub(in super::super) fn filled(column: &Option<String>) -> bool {
    column
        .as_deref()
        .is_some_and(|text| !text.trim().is_empty())
}
