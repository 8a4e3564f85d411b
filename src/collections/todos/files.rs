//! Writing the to-dos into the calendar files.

use std::sync::Mutex;

use crate::collections::details;
use crate::collections::{Count, FromExports, Pace, Role, WriteError, Written};
use crate::export::calendars::{self, CalendarFiles};
use crate::phrase;
use crate::vault::Vault;

/// The to-do files, each with its purpose.
pub const FILES: &[(&str, &str)] = &[
    (
        calendars::TODOS,
        phrase(
            "the to-dos, for Thunderbird, Nextcloud Tasks, Evolution and Apple Reminders. Google Calendar ignores them",
        ),
    ),
    (
        calendars::DELETED_TODOS,
        phrase(
            "to-dos that were deleted on the phone but could still be read. They are not in todos.ics",
        ),
    ),
];

/// Adds all to-dos to the files.
///
/// # Errors
/// As [`crate::collections::Write`].
pub fn write(
    vault: &Mutex<Vault>,
    files: &mut CalendarFiles,
    pace: &Pace,
) -> Result<Written, WriteError> {
    let mut count = Count::default();
    let mut thrown_away = 0;
    let summary = super::each(vault, |role, merged| {
        pace.wrote(merged.keys.len())?;
        let todo = &merged.record;
        match role {
            // Records that an earlier rescue exported as deleted stay deleted when its files are found on this handset.
            Role::File => thrown_away += u64::from(todo.source.deleted),
            _ => count.add_named(
                std::slice::from_ref(&todo.source),
                todo.source.deleted,
                || details::title(todo.title.as_deref()),
            ),
        }
        files.push_todo(todo)?;
        Ok::<_, WriteError>(())
    })?;
    count.undecoded = summary.undecoded;
    let mut joins = summary.joins;
    joins.new = joins.new.saturating_sub(thrown_away);
    Ok(Written {
        count,
        exported: FromExports {
            joins,
            ..FromExports::default()
        },
        ..Written::default()
    })
}
