//! VTODO (RFC 5545 section 3.6.2).

use serde::Serialize;

use super::event::Written;
use super::lines::{Lines, escaped};
use super::moment::{self, Ready, Stamp};
use super::people::write_alarm;
use super::vtimezone::ZoneUses;
use super::{DTSTAMP, Uids};
use crate::format::Losses;
use crate::model::{Moment, Todo};

#[derive(Serialize)]
struct Column<'a> {
    name: &'a str,
    value: &'a str,
}

/// Writes a to-do. `uids` are those of the file it is for.
pub fn write_todo(todo: &Todo, uids: &mut Uids, losses: &mut Losses) -> Written {
    // Without `..`: a new field of a to-do does not compile until this writer has a place for it.
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
        extended,
        source,
    } = todo;
    let mut lines = Lines::default();
    let mut zones = ZoneUses::default();
    let uid = uids.claim(own_uid);
    lines.begin("VTODO");
    lines.text("UID", &uid);
    lines.line(DTSTAMP);
    let ready = |moment: &Option<Moment>| moment.as_ref().and_then(|m| moment::ready(m, false));
    let (start, due) = (ready(start_time), ready(due_time));
    // RFC 5545 section 3.8.2.3: of one type, and the due time later. The due time matters more.
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
            zones.note(&value.stamp, false);
            lines.line(&value.stamp.property(name));
        }
    }
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
        lines.line("STATUS:NEEDS-ACTION");
    }
    match *priority {
        Some(priority @ 0..=9) => lines.line(&format!("PRIORITY:{priority}")),
        Some(priority) => {
            losses.add("priorities of to-dos that are out of range");
            lines.text("X-LIFEBOAT-PRIORITY", &priority.to_string());
        }
        None => {}
    }
    if !list.trim().is_empty() && !escaped(list.trim()).is_empty() {
        lines.line(&format!("CATEGORIES:{}", escaped(list.trim())));
    }
    if !list.is_empty() {
        lines.text("X-LIFEBOAT-LIST", list);
    }
    keep(&mut lines, "X-LIFEBOAT-DTSTART", start_time, &written_start);
    keep(&mut lines, "X-LIFEBOAT-DUE", due_time, &due);
    if start_time.is_some() && written_start.is_none() {
        losses.add("starts of to-dos that are not before they are due");
    }
    if due_time.is_some() && due.is_none() {
        losses.add("due times of to-dos that can't be written");
    }
    let shown = completed.as_ref().and_then(utc).filter(|_| *done);
    let completed = completed.filter(|ready| shown == Some(ready.stamp));
    keep(
        &mut lines,
        "X-LIFEBOAT-COMPLETED",
        completed_time,
        &completed,
    );
    let reminder = ready(reminder_time);
    let alarm = reminder.as_ref().and_then(utc);
    let exact_alarm = reminder.filter(|ready| alarm == Some(ready.stamp));
    keep(
        &mut lines,
        "X-LIFEBOAT-REMINDER",
        reminder_time,
        &exact_alarm,
    );
    if uid != *own_uid {
        lines.text("X-LIFEBOAT-UID", own_uid);
    }
    for (name, value) in extended {
        lines.json("X-LIFEBOAT-EXTENDED", &Column { name, value });
    }
    lines.json("X-LIFEBOAT-SOURCE", source);
    if let Some(alarm) = alarm {
        let trigger = alarm.property("TRIGGER;VALUE=DATE-TIME");
        write_alarm(&mut lines, &trigger, title.as_deref(), None, false);
    }
    lines.end("VTODO");
    Written {
        text: lines.into_text(),
        records: 1,
        exceptions: 0,
        zones,
    }
}

/// COMPLETED and absolute triggers must be in UTC; a day is its first moment there.
fn utc(ready: &Ready) -> Option<Stamp> {
    moment::in_anchor(ready.stamp.instant(), moment::Anchor::Utc)
}

/// Keeps a moment of the handset where what was written of it says less, or nothing was.
fn keep(lines: &mut Lines, name: &str, moment: &Option<Moment>, written: &Option<Ready>) {
    if let Some(moment) = moment
        && !written.as_ref().is_some_and(|ready| ready.exact)
    {
        lines.json(name, moment);
    }
}
