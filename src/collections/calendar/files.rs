//! Writing the calendar and to-do files, which share their spool and their report of losses, and reading them back.

use std::sync::Mutex;

use crate::collections::details;
use crate::collections::{
    Check, Count, FromExports, Output, Pace, Role, WriteError, Written, expect, lock, todos,
};
use crate::export::calendars::{self, CalendarFiles, CalendarSummary};
use crate::model::Collection;
use crate::phrase;
use crate::vault::{DATA, RecordKind, Vault};

/// The calendar files, each with its purpose.
pub const FILES: &[(&str, &str)] = &[
    (
        calendars::ALL,
        phrase(
            "all rescued events. Import this file: Google Calendar, Apple Calendar, Outlook and Thunderbird accept it",
        ),
    ),
    (
        calendars::BY_CALENDAR,
        phrase("the same events, one file per calendar"),
    ),
    (
        calendars::DELETED,
        phrase(
            "events that were deleted on the phone but could still be read. They are not in calendar.ics",
        ),
    ),
];

/// Writes the files of the calendar and of the to-dos.
///
/// # Errors
/// As [`crate::collections::Write`].
pub fn write(vault: &Mutex<Vault>, pace: &Pace) -> Result<Output, WriteError> {
    expect(vault, pace, Collection::Calendar, &[RecordKind::Event])?;
    expect(vault, pace, Collection::Todos, &[RecordKind::Todo])?;
    let data = lock(vault).folder().join(DATA);
    let mut files = CalendarFiles::new(&data, super::calendars(vault)?)?;
    let mut count = Count::default();
    let (mut parts, mut thrown_away) = (0, 0);
    let summary = super::each(vault, |entry| {
        pace.wrote(entry.merged.keys.len())?;
        let event = &entry.merged.record;
        match entry.role {
            // Records that an earlier rescue exported as deleted stay deleted when its files are found on this handset.
            Role::File => thrown_away += u64::from(event.source.deleted),
            // An occurrence without its series is not part of the handset's own count of events.
            _ if entry.is_lone && !event.source.deleted => {}
            _ => count.add_named(
                std::slice::from_ref(&event.source),
                event.source.deleted,
                || details::title(event.title.as_deref()),
            ),
        }
        parts += entry.parts;
        files.push_event(event)?;
        Ok::<_, WriteError>(())
    })?;
    count.undecoded = summary.undecoded;
    let mut joins = summary.joins;
    joins.new = joins.new.saturating_sub(thrown_away);
    let todos = todos::write(vault, &mut files, pace)?;
    let on_disk = files.finish()?;
    let losses = (
        phrase("the calendar files").to_owned(),
        on_disk.losses.clone(),
    );
    // Events that are not the phone's own as it counts them.
    let others = on_disk.events.saturating_sub(count.living);
    let check = check(data, on_disk, others, todos.exported.joins.new);
    let mut own = Written {
        count,
        losses: vec![losses],
        exported: FromExports {
            joins,
            ..FromExports::default()
        },
        ..Written::default()
    };
    own.note(parts, |n| {
        phrase!("Changed or cancelled occurrences of repeating events: {n}.")
    });
    Ok(Output {
        written: vec![(Collection::Calendar, own), (Collection::Todos, todos)],
        check: Some(check),
    })
}

/// Counts the events and to-dos on the disk, apart from others than the phone's own.
fn check(
    data: std::path::PathBuf,
    written: CalendarSummary,
    other_events: u64,
    other_todos: u64,
) -> Check {
    Box::new(move |_| {
        let found = calendars::read_back(&data).map_err(|e| e.to_string())?;
        written.confirm(&found).map_err(|e| e.to_string())?;
        let events = found.all.events.saturating_sub(other_events);
        let todos = found.todos.todos.saturating_sub(other_todos);
        Ok(vec![
            (Collection::Calendar, events),
            (Collection::Todos, todos),
        ])
    })
}
