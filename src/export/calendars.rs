//! The calendar and to-do files of a rescue folder.
//!
//! `calendar.ics` has all events, `calendars/<name>.ics` the events of one calendar, `todos.ics` the to-dos. Google
//! accepts files of about 1 MB and 1,000 events. If `calendar.ics` is larger, its events are also in
//! `for-google/calendar-<n>.ics`. Records marked deleted on the handset are kept apart, in `calendar-deleted.ics` and
//! `todos-deleted.ics`. Empty files are not written.

mod check;
mod output;

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::safe_name;
use crate::format::Losses;
use crate::format::icalendar::{self, Contents, ReadError, TimeZones, Uids};
use crate::model::{Calendar, Event, Todo};
use crate::phrase;
use crate::system::private;
pub use check::{ReadBack, read_back};
use output::{Entry, Output, Spool};

/// Google Calendar's import stops at about 1 MB and 1,100 events; these limits are slightly lower.
const GOOGLE_BYTES: u64 = 900_000;
const GOOGLE_EVENTS: u64 = 1_000;

pub const ALL: &str = "calendar.ics";
pub const DELETED: &str = "calendar-deleted.ics";
pub const TODOS: &str = "todos.ics";
pub const DELETED_TODOS: &str = "todos-deleted.ics";
pub const BY_CALENDAR: &str = "calendars";
const FOR_GOOGLE: &str = "for-google";
/// Temporary file for components until it is known which zones they use.
const SPOOL: &str = "calendars.part";

/// Why the calendar files could not be written or checked.
#[derive(Debug, Error)]
pub enum CalendarFilesError {
    #[error(
        "{path} can't be written: {source}. Check that the disk has free space and can be written to, then run \
         the rescue again"
    )]
    Write { path: PathBuf, source: io::Error },
    #[error(
        "{path} can't be read for checking: {source}. Check the disk, then run the rescue again"
    )]
    Read { path: PathBuf, source: io::Error },
    #[error("{path} does not match what was written: {source}")]
    Damaged { path: PathBuf, source: ReadError },
    #[error(
        "{file} contains {read}, but {written} were written. Run the rescue again. If the error stays, use \
         another disk"
    )]
    Count {
        file: String,
        written: String,
        read: String,
    },
}

/// Counts of what was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CalendarSummary {
    /// Living events; each series counts as one.
    pub events: u64,
    /// Changed occurrences of series, including additional occurrences of a different length.
    pub exceptions: u64,
    pub todos: u64,
    /// Events and to-dos that the handset has marked deleted.
    pub deleted_events: u64,
    pub deleted_exceptions: u64,
    pub deleted_todos: u64,
    /// Files below the data folder, with `/` between folders, in the order of writing.
    pub files: Vec<String>,
    /// Data that is in the files, but where importers don't read it.
    pub losses: Losses,
}

impl CalendarSummary {
    /// Compares the data read back from the disk with the data written.
    ///
    /// # Errors
    /// If they differ.
    pub fn confirm(&self, read: &ReadBack) -> Result<(), CalendarFilesError> {
        let events = Contents {
            events: self.events,
            exceptions: self.exceptions,
            todos: 0,
        };
        let deleted = Contents {
            events: self.deleted_events,
            exceptions: self.deleted_exceptions,
            todos: 0,
        };
        let todos = |todos| Contents {
            todos,
            ..Contents::default()
        };
        let parts = self.files.iter().any(|file| file.starts_with(FOR_GOOGLE));
        for (file, written, read) in [
            (ALL, events, read.all),
            (BY_CALENDAR, events, read.by_calendar),
            (
                FOR_GOOGLE,
                if parts { events } else { Contents::default() },
                read.for_google,
            ),
            (DELETED, deleted, read.deleted),
            (TODOS, todos(self.todos), read.todos),
            (DELETED_TODOS, todos(self.deleted_todos), read.deleted_todos),
        ] {
            if written != read {
                return Err(CalendarFilesError::Count {
                    file: file.to_owned(),
                    written: in_words(&written),
                    read: in_words(&read),
                });
            }
        }
        Ok(())
    }
}

fn in_words(contents: &Contents) -> String {
    phrase!(
        "{} events with {} changed occurrences and {} to-dos",
        contents.events,
        contents.exceptions,
        contents.todos
    )
}

/// Maximum number of changed occurrences of to-dos that are held back until all series are written. Further ones may
/// become separate to-dos.
const MOST_HELD: usize = 10_000;

/// A calendar, either known or only referred to by its row, and the indices of its living entries.
struct Slot {
    calendar: Option<Calendar>,
    row: i64,
    entries: Vec<usize>,
}

/// Writes the calendar files: first add every record, in the handset's order, then call [`finish`](Self::finish).
/// Records are spooled to the disk, so that only their positions are in memory.
pub struct CalendarFiles {
    folder: PathBuf,
    spool: Spool,
    slots: Vec<Slot>,
    by_row: HashMap<i64, usize>,
    living: Vec<Entry>,
    deleted: Vec<Entry>,
    todos: Vec<Entry>,
    deleted_todos: Vec<Entry>,
    /// Changed occurrences of to-dos, which follow all series.
    held: Vec<Todo>,
    uids: Uids,
    deleted_uids: Uids,
    todo_uids: Uids,
    deleted_todo_uids: Uids,
    summary: CalendarSummary,
}

impl CalendarFiles {
    /// Starts the calendar files of a data folder, which is created if necessary. Files of an earlier, unfinished
    /// export are replaced at the end.
    ///
    /// # Errors
    /// If the folder can't be written to.
    pub fn new(data_folder: &Path, calendars: Vec<Calendar>) -> Result<Self, CalendarFilesError> {
        private::create_folder(data_folder).map_err(|source| CalendarFilesError::Write {
            path: data_folder.to_owned(),
            source,
        })?;
        let mut by_row = HashMap::new();
        let mut slots = Vec::new();
        for calendar in calendars {
            by_row.entry(calendar.row).or_insert(slots.len());
            slots.push(Slot {
                row: calendar.row,
                calendar: Some(calendar),
                entries: Vec::new(),
            });
        }
        Ok(Self {
            spool: Spool::new(data_folder.join(SPOOL))?,
            folder: data_folder.to_owned(),
            slots,
            by_row,
            living: Vec::new(),
            deleted: Vec::new(),
            todos: Vec::new(),
            deleted_todos: Vec::new(),
            held: Vec::new(),
            uids: Uids::default(),
            deleted_uids: Uids::default(),
            todo_uids: Uids::default(),
            deleted_todo_uids: Uids::default(),
            summary: CalendarSummary::default(),
        })
    }

    /// Adds an event with its changed occurrences.
    ///
    /// # Errors
    /// If the disk refuses writes.
    pub fn push_event(&mut self, event: &Event) -> Result<(), CalendarFilesError> {
        let slot = *self.by_row.entry(event.calendar).or_insert_with(|| {
            self.slots.push(Slot {
                calendar: None,
                row: event.calendar,
                entries: Vec::new(),
            });
            self.slots.len() - 1
        });
        let name = self
            .slots
            .get(slot)
            .and_then(|slot| slot.calendar.as_ref())
            .map(|calendar| calendar.name.clone());
        if event.source.deleted {
            return self.push_deleted(event, name.as_deref());
        }
        let losses = &mut self.summary.losses;
        let written = icalendar::write_event(event, name.as_deref(), &mut self.uids, losses);
        self.summary.events += written.records;
        self.summary.exceptions += written.exceptions;
        let entry = self.spool.add(written)?;
        if let Some(slot) = self.slots.get_mut(slot) {
            slot.entries.push(self.living.len());
        }
        self.living.push(entry);
        for change in icalendar::deleted_changes(event) {
            self.push_deleted(change, name.as_deref())?;
        }
        Ok(())
    }

    fn push_deleted(
        &mut self,
        event: &Event,
        name: Option<&str>,
    ) -> Result<(), CalendarFilesError> {
        // Losses in deleted records are not reported: their owner has already deleted them.
        let mut losses = Losses::default();
        let written = icalendar::write_event(event, name, &mut self.deleted_uids, &mut losses);
        self.summary.deleted_events += written.records;
        self.summary.deleted_exceptions += written.exceptions;
        let entry = self.spool.add(written)?;
        self.deleted.push(entry);
        Ok(())
    }

    /// Adds a to-do.
    ///
    /// # Errors
    /// If the disk refuses writes.
    pub fn push_todo(&mut self, todo: &Todo) -> Result<(), CalendarFilesError> {
        if icalendar::place_in_series(todo).is_some() && self.held.len() < MOST_HELD {
            self.held.push(todo.clone());
            return Ok(());
        }
        self.add_todo(todo)
    }

    fn add_todo(&mut self, todo: &Todo) -> Result<(), CalendarFilesError> {
        if todo.source.deleted {
            let mut losses = Losses::default();
            let uids = &mut self.deleted_todo_uids;
            let entry = self
                .spool
                .add(icalendar::write_todo(todo, uids, &mut losses))?;
            self.deleted_todos.push(entry);
            self.summary.deleted_todos += 1;
        } else {
            let uids = &mut self.todo_uids;
            let written = icalendar::write_todo(todo, uids, &mut self.summary.losses);
            let entry = self.spool.add(written)?;
            self.todos.push(entry);
            self.summary.todos += 1;
        }
        Ok(())
    }

    /// Writes the files. Each file is complete and on the disk before it gets its name.
    ///
    /// # Errors
    /// If the disk refuses writes.
    pub fn finish(mut self) -> Result<CalendarSummary, CalendarFilesError> {
        for todo in std::mem::take(&mut self.held) {
            self.add_todo(&todo)?;
        }
        let Self {
            folder,
            spool,
            slots,
            living,
            deleted,
            todos,
            deleted_todos,
            mut summary,
            ..
        } = self;
        let mut output = Output {
            folder,
            components: spool.reopen()?,
            zones: TimeZones::default(),
            files: Vec::new(),
        };
        let all: Vec<&Entry> = living.iter().collect();
        let size = output.file(ALL, None, &all)?;
        let mut names = HashSet::new();
        for slot in &slots {
            let entries: Vec<&Entry> = slot.entries.iter().filter_map(|i| living.get(*i)).collect();
            let fallback = format!("Calendar {}", slot.row);
            let name = slot
                .calendar
                .as_ref()
                .map_or("", |calendar| calendar.name.as_str());
            if !entries.is_empty() {
                let name = free_name(&safe_name(name, &fallback), &mut names);
                output.file(
                    &format!("{BY_CALENDAR}/{name}.ics"),
                    slot.calendar.as_ref(),
                    &entries,
                )?;
            }
        }
        let components: u64 = living.iter().map(|entry| entry.components).sum();
        if size > GOOGLE_BYTES || components > GOOGLE_EVENTS {
            let (parts, too_large) = output.google_parts(&living);
            for (number, part) in parts.iter().enumerate() {
                output.file(
                    &format!("{FOR_GOOGLE}/calendar-{}.ics", number + 1),
                    None,
                    part,
                )?;
            }
            for _ in 0..too_large {
                summary
                    .losses
                    .add(phrase("events too large for Google's import"));
            }
        }
        for (name, entries) in [
            (DELETED, &deleted),
            (TODOS, &todos),
            (DELETED_TODOS, &deleted_todos),
        ] {
            output.file(name, None, &entries.iter().collect::<Vec<_>>())?;
        }
        output.sync_folders()?;
        summary.files = output.files;
        Ok(summary)
    }
}

/// Returns a name that no file has yet, even on disks that ignore case.
fn free_name(name: &str, taken: &mut HashSet<String>) -> String {
    let mut free = name.to_owned();
    let mut number = 2;
    while !taken.insert(free.to_lowercase()) {
        free = format!("{name} ({number})");
        number += 1;
    }
    free
}
