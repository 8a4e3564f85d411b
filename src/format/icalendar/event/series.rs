//! RRULE, RDATE and EXDATE (RFC 5545 section 3.8.5) of an event.

use std::collections::{HashMap, HashSet};

use super::super::dates::{DateList, PeriodEnd, date_list};
use super::super::duration::span;
use super::super::moment::{self, Stamp};
use super::super::recurrence::{rule, rule_lines};
use super::{Extras, Writer};
use crate::model::{Event, Moment};

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
        extras: &mut Extras,
    ) -> Recurrence {
        let mut found = Recurrence::default();
        let mut as_it_was = true;
        for line in event.rrule.iter().flat_map(|c| rule_lines(c, "RRULE")) {
            match rule(&line, &start) {
                Some(read) if found.rules.contains(&read.text) => as_it_was = false,
                // RFC 5545 section 3.8.5.3 advises against more than one rule, and readers differ.
                Some(_) if !found.rules.is_empty() => {
                    as_it_was = false;
                    self.losses.add("second rules of repetition");
                }
                // Radicale refuses the whole file because of such a rule.
                Some(read)
                    if read
                        .until
                        .is_some_and(|end| end.instant() < start.instant()) =>
                {
                    as_it_was = false;
                    self.losses
                        .add("repetitions that end before they begin (they are there once)");
                }
                Some(read) => {
                    as_it_was &= !read.changed;
                    if let Some(lost) = read.lost {
                        self.losses.add(lost);
                    }
                    found.rules.push(read.text);
                }
                None => {
                    as_it_was = false;
                    self.losses.add("rules of repetition that can't be read");
                }
            }
        }
        if !as_it_was && let Some(column) = &event.rrule {
            extras.text("X-LIFEBOAT-RRULE", column);
        }
        let list = |column: &Option<String>, name: &str| {
            column
                .as_deref()
                .map_or_else(DateList::default, |column| date_list(column, name, &start))
        };
        let added = list(&event.rdate, "RDATE");
        self.keep_list(&event.rdate, &added, "X-LIFEBOAT-RDATE", extras);
        (found.added, found.ends) = (added.stamps, added.ends);
        if found.rules.is_empty() && found.added.is_empty() {
            self.keep_exclusions(event, cancelled, extras);
            return found;
        }
        let left_out = list(&event.exdate, "EXDATE");
        self.keep_list(&event.exdate, &left_out, "X-LIFEBOAT-EXDATE", extras);
        found.left_out = left_out.stamps;
        let mut known: HashSet<Stamp> = found.left_out.iter().copied().collect();
        for moment in cancelled {
            match moment::typed(moment, &start) {
                Some(stamp) => {
                    if known.insert(stamp) {
                        found.left_out.push(stamp);
                    }
                    let same_type = matches!(moment, Moment::Date(_)) == stamp.is_date();
                    let whole =
                        !matches!(moment, Moment::Time { millis, .. } if millis % 1000 != 0);
                    if !same_type || !whole {
                        extras.json("X-LIFEBOAT-CANCELLED", moment);
                    }
                }
                None => {
                    self.losses.add("dates of repetition that can't be read");
                    extras.json("X-LIFEBOAT-CANCELLED", moment);
                }
            }
        }
        self.keep_exrule(event, extras);
        found
    }

    fn keep_list(
        &mut self,
        column: &Option<String>,
        list: &DateList,
        name: &'static str,
        extras: &mut Extras,
    ) {
        if list.broken {
            self.losses.add("dates of repetition that can't be read");
        }
        if let Some(column) = column
            && (list.inexact || !list.ends.is_empty())
        {
            extras.text(name, column);
        }
    }

    fn keep_exrule(&mut self, event: &Event, extras: &mut Extras) {
        if let Some(column) = &event.exrule
            && filled(&event.exrule)
        {
            self.losses.add("rules of exception from a repetition");
            extras.text("X-LIFEBOAT-EXRULE", column);
        }
    }

    fn keep_exclusions(&mut self, event: &Event, cancelled: &[&Moment], extras: &mut Extras) {
        if let Some(column) = &event.exdate {
            extras.text("X-LIFEBOAT-EXDATE", column);
        }
        for moment in cancelled {
            extras.json("X-LIFEBOAT-CANCELLED", moment);
        }
        self.keep_exrule(event, extras);
    }

    pub(super) fn keep_recurrence(
        &mut self,
        event: &Event,
        cancelled: &[&Moment],
        extras: &mut Extras,
    ) {
        if let Some(column) = &event.rrule {
            extras.text("X-LIFEBOAT-RRULE", column);
        }
        if let Some(column) = &event.rdate {
            extras.text("X-LIFEBOAT-RDATE", column);
        }
        if filled(&event.rrule) || filled(&event.rdate) {
            self.losses.add("rules of repetition that can't be read");
        }
        self.keep_exclusions(event, cancelled, extras);
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
