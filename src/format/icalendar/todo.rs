//! Writes VTODO (RFC 5545 section 3.6.2).

use chrono::{NaiveDate, NaiveDateTime};

use super::alarms::{Of, write_alarm, write_reminders};
use super::carried::{self, Carried, Kind};
use super::dates::date_list;
use super::duration::{signed_text, span};
use super::event::Written;
use super::lines::{Lines, escaped};
use super::moment::{self, Ready, Stamp};
use super::recurrence::rule;
use super::vtimezone::ZoneUses;
use super::{DTSTAMP, Uids, reading};
use crate::format::Losses;
use crate::format::versit::exact::Exact as _;
use crate::model::{ExtendedProperty, Moment, Todo};
use crate::phrase;

/// Among the kept properties of a to-do: the original start of a changed occurrence of a series, in the form of a date
/// column, since the model has no series of to-dos.
pub const RECURRENCE_ID: &str = "RECURRENCE-ID";
/// The same, for a change that also changes all later occurrences.
pub(super) const THIS_AND_FUTURE: &str = "RECURRENCE-ID;RANGE=THISANDFUTURE";

/// Returns the place of a to-do in its series, if it is a changed occurrence.
pub fn place_in_series(todo: &Todo) -> Option<&str> {
    let mut all = todo.extended.iter();
    let place = all.find(|(name, _)| matches!(name.as_str(), RECURRENCE_ID | THIS_AND_FUTURE))?;
    Some(&place.1)
}

/// Writes a to-do. A changed occurrence must follow its series. `uids` holds the UIDs of the target file.
pub fn write_todo(todo: &Todo, uids: &mut Uids, losses: &mut Losses) -> Written {
    // No `..`, so a new field of a to-do does not compile until this writer handles it.
    let Todo {
        uid: own_uid,
        list,
        title,
        notes,
        start: start_time,
        due: due_time,
        done,
        completed: completed_time,
        priority,
        reminder: reminder_time,
        reminders,
        extended,
        // Kept as an exact value.
        source: _,
    } = todo;
    let mut lines = Lines::default();
    let mut zones = ZoneUses::default();
    let place = place_in_series(todo).and_then(|place| uids.occurrence(own_uid, place));
    let is_of_series = place.is_some();
    let uid = place.unwrap_or_else(|| uids.claim(own_uid));
    lines.begin("VTODO");
    lines.text("UID", &uid);
    lines.line(DTSTAMP);
    let extended: Vec<ExtendedProperty> = extended
        .iter()
        .map(|(name, value)| ExtendedProperty {
            name: name.clone(),
            value: value.clone(),
        })
        .collect();
    let recurring = extended
        .iter()
        .any(|p| matches!(p.name.as_str(), "RRULE" | "RDATE"))
        || is_of_series;
    let ready = |moment: &Option<Moment>| moment.as_ref().and_then(|m| moment::ready(m, recurring));
    let (start, due) = (ready(start_time), ready(due_time));
    // RFC 5545 section 3.8.2.3: both have the same type, and the due time is later. The due time is more important.
    let start_fits = match (&start, &due) {
        (Some(start), Some(due)) => {
            start.stamp.is_date() == due.stamp.is_date()
                && start.stamp.instant() < due.stamp.instant()
        }
        _ => true,
    };
    let written_start = start.filter(|_| start_fits);
    for (name, value) in [("DTSTART", &written_start), ("DUE", &due)] {
        if let Some(value) = value {
            zones.note(&value.stamp, recurring);
            lines.line(&value.stamp.property(name));
        }
    }
    let first = written_start.as_ref().or(due.as_ref());
    let mut further = Further {
        title: title.as_deref().unwrap_or_default(),
        is_of_series,
        lines: &mut lines,
        zones: &mut zones,
        losses,
        first: first.map(|ready| ready.stamp),
        length_fits: written_start.is_some() && due.is_none(),
    };
    further.write(&extended);
    let status = extended.iter().find(|p| p.name == "STATUS");
    let status = status.map(|p| p.value.trim().to_ascii_uppercase());
    let status = status.filter(|word| matches!(word.as_str(), "IN-PROCESS" | "CANCELLED"));
    let completed = ready(completed_time);
    lines.optional_text("SUMMARY", title.as_deref());
    lines.optional_text("DESCRIPTION", notes.as_deref());
    if *done {
        lines.line("STATUS:COMPLETED");
        if let Some(time) = completed.as_ref().and_then(utc) {
            lines.line(&time.property("COMPLETED"));
        }
        lines.line("PERCENT-COMPLETE:100");
    } else {
        let status = status.as_deref().unwrap_or("NEEDS-ACTION");
        lines.line(&format!("STATUS:{status}"));
    }
    match *priority {
        Some(priority @ 0..=9) => lines.line(&format!("PRIORITY:{priority}")),
        Some(_) => losses.add(phrase("priorities of to-dos that are out of range")),
        None => {}
    }
    if !list.trim().is_empty() && !escaped(list.trim()).is_empty() {
        lines.line(&format!("CATEGORIES:{}", escaped(list.trim())));
    }
    // iOS writes the same time twice. One is enough.
    let same = start_time.is_some() && start_time == due_time;
    if start_time.is_some() && written_start.is_none() && !same {
        losses.add(phrase(
            "start times of to-dos that are not before the due time",
        ));
    }
    if due_time.is_some() && due.is_none() {
        losses.add(phrase("due times of to-dos that can't be written"));
    }
    let shown = completed.as_ref().and_then(utc).filter(|_| *done);
    if *done && completed.is_some() && shown.is_none() {
        losses.add(phrase(
            "completion times of to-dos without a known time zone",
        ));
    }
    let reminder = ready(reminder_time);
    let trigger = reminder.as_ref().and_then(|reminder| {
        let at = utc(reminder).map(|at| at.property("TRIGGER;VALUE=DATE-TIME"));
        at.or_else(|| from_here(reminder, written_start.as_ref(), due.as_ref()))
    });
    let alone = reminders.is_empty();
    if reminder_time.is_some() && trigger.is_none() {
        losses.add(phrase("reminders of to-dos without a known time zone"));
    }
    for each in carried::carried(&extended, Kind::Todo) {
        match each {
            Carried::Line(line) => lines.line(&line),
            Carried::Lost(words) => losses.add(words),
            Carried::Aside => {}
        }
    }
    let before_alarms = lines.len();
    let of = Of {
        summary: title.as_deref(),
        end_alone: written_start.is_none(),
    };
    write_reminders(&mut lines, reminders, of, losses);
    if let Some(trigger) = trigger.filter(|_| alone) {
        write_alarm(&mut lines, &trigger, title.as_deref());
    }
    lines.end("VTODO");
    let seen = reading::seen_todo(&lines.own_component(0));
    lines.keep_exact(before_alarms, &todo.differences(&seen));
    Written {
        text: lines.into_text(),
        records: 1,
        exceptions: 0,
        zones,
    }
}

/// Converts to UTC, which COMPLETED and absolute triggers require. A date becomes its first moment in UTC. A floating
/// time has no UTC time.
fn utc(ready: &Ready) -> Option<Stamp> {
    match ready.stamp {
        Stamp::Floating(_) => None,
        stamp => moment::in_anchor(stamp.instant(), moment::Anchor::Utc),
    }
}

/// Writes a floating reminder relative to the start or the due time.
fn from_here(reminder: &Ready, start: Option<&Ready>, due: Option<&Ready>) -> Option<String> {
    let (from, related) = match (start, due) {
        (Some(start), _) => (start, ""),
        (None, due) => (due?, ";RELATED=END"),
    };
    let floats = matches!(from.stamp, Stamp::Floating(_) | Stamp::Date(_));
    let seconds = reminder.stamp.instant() - from.stamp.instant();
    floats.then(|| format!("TRIGGER{related}:{}", signed_text(seconds)))
}

/// The context for writing the kept properties of a to-do that depend on other fields.
struct Further<'a> {
    title: &'a str,
    /// The to-do is a changed occurrence, and its series is in the file.
    is_of_series: bool,
    lines: &'a mut Lines,
    zones: &'a mut ZoneUses,
    losses: &'a mut Losses,
    /// The value type of its recurrence dates.
    first: Option<Stamp>,
    /// The to-do has a start and no due time.
    length_fits: bool,
}

impl Further<'_> {
    fn write(&mut self, extended: &[ExtendedProperty]) {
        let mut rules = 0;
        for ExtendedProperty { name, value } in extended {
            match name.as_str() {
                "RRULE" if rules > 0 => self
                    .losses
                    .add_named(phrase("second repetition rules"), self.title),
                "RRULE" => {
                    rules += 1;
                    self.rule(value);
                }
                "EXRULE" => self
                    .losses
                    .add_named(phrase("rules for exceptions to a repetition"), self.title),
                "RDATE" | "EXDATE" => self.dates(name, value),
                RECURRENCE_ID | THIS_AND_FUTURE if self.is_of_series => self.place(name, value),
                RECURRENCE_ID | THIS_AND_FUTURE => self.losses.add_named(
                    phrase("changed occurrences without a series (they become separate to-dos)"),
                    self.title,
                ),
                "DURATION" => match span(value).filter(|_| self.length_fits) {
                    Some(length) => self.lines.line(&format!("DURATION:{}", length.text())),
                    None => self.losses.add(phrase("durations that can't be read")),
                },
                _ => {}
            }
        }
    }

    fn rule(&mut self, text: &str) {
        match self.first.as_ref().and_then(|first| rule(text, first)) {
            Some(read) => {
                self.lines.line(&format!("RRULE:{}", read.text));
                if let Some(lost) = read.lost {
                    self.losses.add_named(lost, self.title);
                }
            }
            None => self
                .losses
                .add_named(phrase("repetition rules that can't be read"), self.title),
        }
    }

    /// Writes the place in the series. Without a date of its own, the to-do does not tell the type of the series.
    fn place(&mut self, name: &str, column: &str) {
        let any = match column.contains('T') {
            true => Stamp::Utc(NaiveDateTime::default()),
            false => Stamp::Date(NaiveDate::default()),
        };
        let list = date_list(column, RECURRENCE_ID, self.first.as_ref().unwrap_or(&any));
        match list.stamps.first() {
            Some(stamp) => {
                self.zones.note(stamp, true);
                self.lines.line(&stamp.property(name));
            }
            None => self
                .losses
                .add(phrase("repetition dates that can't be read")),
        }
    }

    fn dates(&mut self, name: &str, column: &str) {
        let Some(first) = &self.first else {
            return self
                .losses
                .add(phrase("repetition dates that can't be read"));
        };
        let list = date_list(column, name, first);
        if list.broken {
            self.losses
                .add(phrase("repetition dates that can't be read"));
        }
        for stamp in &list.stamps {
            self.zones.note(stamp, true);
            self.lines.line(&stamp.property(name));
        }
    }
}
