//! The calendar and to-do files of a rescue folder.
//!
//! `calendar.ics` has all events, `calendars/<name>.ics` those of one calendar, `todos.ics` the to-dos.
//! Google takes files of about 1 MB and 1,000 events: where `calendar.ics` is more, its events are in
//! `for-google/calendar-<n>.ics` as well. What the handset has marked deleted is apart, in
//! `calendar-deleted.ics` and `todos-deleted.ics`. A file with nothing in it is not written.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::safe_name;
use crate::format::Losses;
use crate::format::icalendar::{self, Contents, ReadError, TimeZones, Uids, Written, ZoneUses};
use crate::model::{Calendar, Event, Todo};
use crate::vault::private;

/// Google Calendar's import stops at about 1 MB and 1,100 events; these are a little below.
const GOOGLE_BYTES: u64 = 900_000;
const GOOGLE_EVENTS: u64 = 1_000;

const ALL: &str = "calendar.ics";
const DELETED: &str = "calendar-deleted.ics";
const TODOS: &str = "todos.ics";
const DELETED_TODOS: &str = "todos-deleted.ics";
const BY_CALENDAR: &str = "calendars";
const FOR_GOOGLE: &str = "for-google";
/// Where components wait until it is known which zones they use.
const SPOOL: &str = "calendars.part";

/// Why the calendar files could not be written or checked.
#[derive(Debug, Error)]
pub enum CalendarFilesError {
    #[error(
        "{path} can't be written: {source}. Check that the disk has room and can be written to, then export again"
    )]
    Write { path: PathBuf, source: io::Error },
    #[error("{path} can't be read again: {source}. Check the disk, then export again")]
    Read { path: PathBuf, source: io::Error },
    #[error("{path} is not as it was written: {source}")]
    Damaged { path: PathBuf, source: ReadError },
    #[error(
        "{file} holds {read}, but {written} were written. Export again, to another disk if it stays so"
    )]
    Count {
        file: String,
        written: String,
        read: String,
    },
}

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CalendarSummary {
    /// Living events, a series counted as one.
    pub events: u64,
    /// Changed occurrences of their series.
    pub exceptions: u64,
    pub todos: u64,
    /// Events and to-dos that the handset has marked deleted.
    pub deleted_events: u64,
    pub deleted_exceptions: u64,
    pub deleted_todos: u64,
    /// Files below the data folder, with `/` between folders, in the order of writing.
    pub files: Vec<String>,
    /// What is in the files, but where importers don't look.
    pub losses: Losses,
}

impl CalendarSummary {
    /// Compares what was read back from the disk with what was written.
    ///
    /// # Errors
    /// Where they differ.
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
    format!(
        "{} events with {} changed occurrences and {} to-dos",
        contents.events, contents.exceptions, contents.todos
    )
}

/// What is in the calendar files of a data folder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReadBack {
    pub all: Contents,
    /// All files of one calendar together.
    pub by_calendar: Contents,
    /// All parts together.
    pub for_google: Contents,
    pub deleted: Contents,
    pub todos: Contents,
    pub deleted_todos: Contents,
}

/// Reads the calendar files of a data folder from the disk, strictly, and counts what is in them.
///
/// # Errors
/// If one can't be read, or is not what [`CalendarFiles`] writes.
pub fn read_back(data_folder: &Path) -> Result<ReadBack, CalendarFilesError> {
    Ok(ReadBack {
        all: read_file(&data_folder.join(ALL))?,
        by_calendar: read_folder(&data_folder.join(BY_CALENDAR))?,
        for_google: read_folder(&data_folder.join(FOR_GOOGLE))?,
        deleted: read_file(&data_folder.join(DELETED))?,
        todos: read_file(&data_folder.join(TODOS))?,
        deleted_todos: read_file(&data_folder.join(DELETED_TODOS))?,
    })
}

fn read_folder(folder: &Path) -> Result<Contents, CalendarFilesError> {
    let failed = |source| CalendarFilesError::Read {
        path: folder.to_owned(),
        source,
    };
    let mut contents = Contents::default();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(contents),
        Err(error) => return Err(failed(error)),
    };
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|ending| ending == "ics") {
            contents.add(read_file(&path)?);
        }
    }
    Ok(contents)
}

fn read_file(path: &Path) -> Result<Contents, CalendarFilesError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Contents::default()),
        Err(source) => {
            return Err(CalendarFilesError::Read {
                path: path.to_owned(),
                source,
            });
        }
    };
    icalendar::read(BufReader::new(file)).map_err(|source| CalendarFilesError::Damaged {
        path: path.to_owned(),
        source,
    })
}

/// Components that wait in the spool.
struct Entry {
    offset: u64,
    len: u64,
    /// How many components, as Google counts.
    components: u64,
    zones: ZoneUses,
}

/// A calendar, known or only named by its row, and which of the living entries are its.
struct Slot {
    calendar: Option<Calendar>,
    row: i64,
    entries: Vec<usize>,
}

/// Writes the calendar files: first every record, in the handset's order, then [`finish`](Self::finish).
/// Records wait on the disk, so that memory holds no more than where they are.
pub struct CalendarFiles {
    folder: PathBuf,
    spool: Spool,
    slots: Vec<Slot>,
    by_row: HashMap<i64, usize>,
    living: Vec<Entry>,
    deleted: Vec<Entry>,
    todos: Vec<Entry>,
    deleted_todos: Vec<Entry>,
    uids: Uids,
    deleted_uids: Uids,
    todo_uids: Uids,
    deleted_todo_uids: Uids,
    summary: CalendarSummary,
}

impl CalendarFiles {
    /// Begins the calendar files of a data folder, which is made if it isn't there. Files of an earlier,
    /// unfinished export are replaced in the end.
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
            uids: Uids::default(),
            deleted_uids: Uids::default(),
            todo_uids: Uids::default(),
            deleted_todo_uids: Uids::default(),
            summary: CalendarSummary::default(),
        })
    }

    /// Takes an event, with its changed occurrences.
    ///
    /// # Errors
    /// If the disk takes no more.
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
        // Their losses are not the owner's concern: they were thrown away once.
        let mut losses = Losses::default();
        let written = icalendar::write_event(event, name, &mut self.deleted_uids, &mut losses);
        self.summary.deleted_events += written.records;
        self.summary.deleted_exceptions += written.exceptions;
        let entry = self.spool.add(written)?;
        self.deleted.push(entry);
        Ok(())
    }

    /// Takes a to-do.
    ///
    /// # Errors
    /// If the disk takes no more.
    pub fn push_todo(&mut self, todo: &Todo) -> Result<(), CalendarFilesError> {
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

    /// Writes the files. Each is whole and on the disk before it gets its name.
    ///
    /// # Errors
    /// If the disk takes no more.
    pub fn finish(self) -> Result<CalendarSummary, CalendarFilesError> {
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
                summary.losses.add("events too large for Google's import");
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

/// A name that no file has yet, on disks that tell capitals from small letters and on those that don't.
fn free_name(name: &str, taken: &mut HashSet<String>) -> String {
    let mut free = name.to_owned();
    let mut number = 2;
    while !taken.insert(free.to_lowercase()) {
        free = format!("{name} ({number})");
        number += 1;
    }
    free
}

/// A private file that is gone when it is no longer needed.
struct Spool {
    path: PathBuf,
    file: BufWriter<File>,
    len: u64,
}

impl Spool {
    fn new(path: PathBuf) -> Result<Self, CalendarFilesError> {
        let made = remove_if_there(&path).and_then(|()| private::create_file(&path));
        match made {
            Ok(file) => Ok(Self {
                path,
                file: BufWriter::new(file),
                len: 0,
            }),
            Err(source) => Err(CalendarFilesError::Write { path, source }),
        }
    }

    fn failed(&self, source: io::Error) -> CalendarFilesError {
        CalendarFilesError::Write {
            path: self.path.clone(),
            source,
        }
    }

    fn add(&mut self, written: Written) -> Result<Entry, CalendarFilesError> {
        let bytes = written.text.as_bytes();
        self.file
            .write_all(bytes)
            .map_err(|source| CalendarFilesError::Write {
                path: self.path.clone(),
                source,
            })?;
        let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let entry = Entry {
            offset: self.len,
            len,
            components: written.records + written.exceptions,
            zones: written.zones,
        };
        self.len += len;
        Ok(entry)
    }

    fn reopen(mut self) -> Result<SpoolReader, CalendarFilesError> {
        self.file.flush().map_err(|source| self.failed(source))?;
        let file = File::open(&self.path).map_err(|source| self.failed(source))?;
        Ok(SpoolReader { file, _spool: self })
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        // If it can't be removed now, the next export removes it.
        let _ = fs::remove_file(&self.path);
    }
}

struct SpoolReader {
    // Closed before the spool is removed: some systems don't remove open files.
    file: File,
    _spool: Spool,
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

struct Output {
    folder: PathBuf,
    components: SpoolReader,
    zones: TimeZones,
    files: Vec<String>,
}

impl Output {
    /// Writes one file below the data folder, unless there is nothing to be in it; returns its size.
    fn file(
        &mut self,
        name: &str,
        calendar: Option<&Calendar>,
        entries: &[&Entry],
    ) -> Result<u64, CalendarFilesError> {
        if entries.is_empty() {
            return Ok(0);
        }
        let path = self.folder.join(name);
        let size = self
            .write(&path, calendar, entries)
            .map_err(|source| CalendarFilesError::Write { path, source })?;
        self.files.push(name.to_owned());
        Ok(size)
    }

    fn write(
        &mut self,
        path: &Path,
        calendar: Option<&Calendar>,
        entries: &[&Entry],
    ) -> io::Result<u64> {
        if let Some(folder) = path.parent() {
            private::create_folder(folder)?;
        }
        let mut uses = ZoneUses::default();
        entries.iter().for_each(|entry| uses.merge(&entry.zones));
        let part = path.with_extension("ics.part");
        remove_if_there(&part)?;
        let mut file = BufWriter::new(private::create_file(&part)?);
        file.write_all(icalendar::begin(calendar).as_bytes())?;
        file.write_all(self.zones.write(&uses).as_bytes())?;
        for (offset, len) in ranges(entries) {
            self.components.file.seek(SeekFrom::Start(offset))?;
            let copied = io::copy(&mut (&self.components.file).take(len), &mut file)?;
            if copied != len {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        file.write_all(icalendar::END.as_bytes())?;
        let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        let size = file.metadata()?.len();
        drop(file);
        fs::rename(&part, path)?;
        Ok(size)
    }

    /// Divides events among files that Google takes, in order; and how many are too large for any.
    fn google_parts<'a>(&mut self, living: &'a [Entry]) -> (Vec<Vec<&'a Entry>>, u64) {
        let mut all = ZoneUses::default();
        living.iter().for_each(|entry| all.merge(&entry.zones));
        let length = |text: &str| u64::try_from(text.len()).unwrap_or(u64::MAX);
        // Each part as if it used every zone from its first use on: more than it will need.
        let frame = length(&icalendar::begin(None))
            + length(&self.zones.write(&all))
            + length(icalendar::END);
        let room = GOOGLE_BYTES.saturating_sub(frame);
        let mut parts = Vec::new();
        let mut part: Vec<&Entry> = Vec::new();
        let (mut bytes, mut events, mut too_large) = (0, 0, 0);
        for entry in living {
            let full = bytes + entry.len > room || events + entry.components > GOOGLE_EVENTS;
            if full && !part.is_empty() {
                parts.push(std::mem::take(&mut part));
                (bytes, events) = (0, 0);
            }
            too_large += u64::from(entry.len > room || entry.components > GOOGLE_EVENTS);
            bytes += entry.len;
            events += entry.components;
            part.push(entry);
        }
        if !part.is_empty() {
            parts.push(part);
        }
        (parts, too_large)
    }

    /// Makes the files' names last as well.
    fn sync_folders(&self) -> Result<(), CalendarFilesError> {
        #[cfg(unix)]
        for folder in ["", BY_CALENDAR, FOR_GOOGLE] {
            let path = self.folder.join(folder);
            if path.is_dir() {
                let synced = File::open(&path).and_then(|folder| folder.sync_all());
                synced.map_err(|source| CalendarFilesError::Write { path, source })?;
            }
        }
        Ok(())
    }
}

/// The entries' places in the spool, neighbours joined.
fn ranges(entries: &[&Entry]) -> Vec<(u64, u64)> {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for entry in entries {
        match ranges.last_mut() {
            Some((offset, len)) if *offset + *len == entry.offset => *len += entry.len,
            _ => ranges.push((entry.offset, entry.len)),
        }
    }
    ranges
}
