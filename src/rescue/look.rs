//! A read-only view of a rescue folder, finished or not. The content comes from the folder's journal; nothing is
//! written.
//!
//! The journal is opened for each query and released in between, so that viewing an unfinished rescue does not prevent
//! it from being resumed. All returned texts are safe to show on a terminal.

mod card;
mod diary;
mod files;
mod fold;
mod shelf;
mod words;

use std::path::{Path, PathBuf};

use chrono::{Days, NaiveDate};

pub use fold::{Needle, fold};

use crate::collections::{calendar, contacts, todos};
use crate::format::icalendar::days::Series;
use crate::model::{Collection, FileCopy, FileKind, RecordBody, Stop};
use crate::vault::{DATA, Vault, VaultError, for_display};

/// A rescue that can be viewed.
#[derive(Debug)]
pub struct Rescued {
    folder: PathBuf,
}

/// Summary lines of everything in a rescue, in the order in which a person looks for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shelf {
    /// The owner's own card first, then the others by name; names that don't begin with a letter come last.
    pub contacts: Vec<ContactLine>,
    /// By day and time; events without a day come first.
    pub events: Vec<EventLine>,
    /// Open to-dos by due day, then completed ones, the newest first.
    pub todos: Vec<TodoLine>,
    /// Pictures, videos, recordings and exported lists: the most precious kind first, and the newest first within each.
    pub files: Vec<FileLine>,
    /// Names of the calendars.
    pub calendars: Vec<Box<str>>,
    /// The zone of most events. Only events in other zones show their zone.
    pub zone: &'static str,
}

/// Summary of a card.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactLine {
    pub key: Box<str>,
    /// The card's display name, as in the exported files.
    pub name: Box<str>,
    /// Search text, folded ([`fold`]): the name, then numbers as digits, e-mail addresses and companies, one per line.
    pub search: Box<str>,
    /// Marked deleted on the handset, but still in its cache.
    pub deleted: bool,
    /// No server can be expected to have the record in this state.
    pub only_here: bool,
    /// An entry of a SIM card that is not in the address book.
    pub sim: bool,
    /// Found only in a file that the owner had exported.
    pub found: bool,
    /// The owner's own card.
    pub own: bool,
}

/// Summary of an event, or of a changed occurrence of an event. A changed occurrence has the key of its series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventLine {
    pub key: Box<str>,
    pub title: Box<str>,
    /// First day, in the event's own zone; `None`: no day that a calendar can show.
    pub day: Option<NaiveDate>,
    /// Number of consecutive days after the first.
    pub more_days: u16,
    /// `09:30`, in the event's own zone; empty for all-day events.
    pub time: Box<str>,
    /// Short name of the event's zone, if that differs from [`Shelf::zone`].
    pub elsewhere: Option<Box<str>>,
    pub repeats: Repeats,
    /// Part of a series that has its own line, so that a person would not count it as an event.
    pub part: bool,
    pub deleted: bool,
    /// Cancelled, but not deleted.
    pub cancelled: bool,
    /// No server can be expected to have the record in this state.
    pub only_here: bool,
    /// Found only in a file that the owner had exported.
    pub found: bool,
}

impl EventLine {
    /// Returns the days from `first` to `last` on which the event takes place, and whether it begins on each. An event
    /// of several days has each of them.
    pub fn days_in(&self, first: NaiveDate, last: NaiveDate) -> Vec<(NaiveDate, bool)> {
        let more = Days::new(self.more_days.into());
        let earliest = first.checked_sub_days(more).unwrap_or(first);
        let begins = match (&self.repeats, self.day) {
            (Repeats::On(series), _) => series.between(earliest, last),
            (_, Some(day)) if (earliest..=last).contains(&day) => vec![day],
            _ => return Vec::new(),
        };
        let mut days: Vec<(NaiveDate, bool)> = begins
            .into_iter()
            .flat_map(|begin| {
                let stretch = begin.iter_days().take(usize::from(self.more_days) + 1);
                stretch.map(move |day| (day, day == begin))
            })
            .filter(|(day, _)| (first..=last).contains(day))
            .collect();
        // If one occurrence lasts until the day on which the next begins, list that day once.
        days.sort_unstable_by_key(|(day, begins)| (*day, !begins));
        days.dedup_by_key(|(day, _)| *day);
        days
    }

    /// Returns the event's last day; `None`: no day that a calendar can show, or an endless series.
    pub fn last_day(&self) -> Option<NaiveDate> {
        let last = match &self.repeats {
            Repeats::On(series) => series.last()?,
            _ => self.day?,
        };
        last.checked_add_days(Days::new(self.more_days.into()))
    }
}

/// Whether an event takes place more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repeats {
    No,
    On(Box<Series>),
    /// The rule is one that Lifeboat doesn't expand: only the first day is shown.
    FirstOnly,
}

/// Summary of a to-do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TodoLine {
    pub key: Box<str>,
    pub title: Box<str>,
    pub due: Option<NaiveDate>,
    pub done: bool,
    pub deleted: bool,
    /// No server can be expected to have the record in this state.
    pub only_here: bool,
    /// Found only in a file that the owner had exported.
    pub found: bool,
}

/// Summary of a file of the handset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileLine {
    pub key: Box<str>,
    pub name: Box<str>,
    /// Day of the last change, in UTC.
    pub day: Option<NaiveDate>,
    /// In bytes.
    pub size: u64,
    pub kind: FileKind,
    /// The owner has moved the file to the trash.
    pub trashed: bool,
    /// There is a whole copy of the file.
    pub safe: bool,
}

/// One detail of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Name of the detail: `Phone`, `Birthday`. Details with the same label follow each other.
    pub label: String,
    /// May have several lines.
    pub value: String,
}

/// Details of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileDetail {
    pub fields: Vec<Field>,
    /// Path of the copy, if there is a whole one.
    pub copy: Option<PathBuf>,
}

impl Rescued {
    /// Checks that the folder is a rescue that can be viewed.
    ///
    /// # Errors
    /// As [`Vault::open_to_read`].
    pub fn open(folder: &Path) -> Result<Self, VaultError> {
        Vault::open_to_read(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// Reads the summary lines. Once `stop` is set, returns the lines read so far.
    ///
    /// # Errors
    /// As [`Vault::open_to_read`], and if a record is damaged.
    pub fn shelf(&self, stop: &Stop) -> Result<Shelf, VaultError> {
        shelf::read(&self.journal()?, stop)
    }

    /// Returns all details of a card, in reading order; the first is the name. `None`: no such card.
    ///
    /// # Errors
    /// As [`Rescued::shelf`].
    pub fn contact(&self, key: &str) -> Result<Option<Vec<Field>>, VaultError> {
        let contact = contacts::one(&self.journal()?, keys_of(key))?;
        Ok(contact.map(|(_, contact)| card::fields(&contact)))
    }

    /// Returns all details of an event and its changed occurrences; the first is the title.
    ///
    /// # Errors
    /// As [`Rescued::shelf`].
    pub fn event(&self, key: &str) -> Result<Option<Vec<Field>>, VaultError> {
        let event = calendar::one(&self.journal()?, keys_of(key))?;
        Ok(event.map(|(event, calendar)| diary::event_fields(&event, calendar.as_ref())))
    }

    /// Returns all details of a to-do; the first is the title.
    ///
    /// # Errors
    /// As [`Rescued::shelf`].
    pub fn todo(&self, key: &str) -> Result<Option<Vec<Field>>, VaultError> {
        let todo = todos::one(&self.journal()?, keys_of(key))?;
        Ok(todo.map(|todo| diary::todo_fields(&todo)))
    }

    /// Returns all details of a file; the first is its name.
    ///
    /// # Errors
    /// As [`Rescued::shelf`].
    pub fn file(&self, key: &str) -> Result<Option<FileDetail>, VaultError> {
        let journal = self.journal()?;
        let Some(record) = journal.record(Collection::Photos, key)? else {
            return Ok(None);
        };
        let RecordBody::File(file) = record.body else {
            return Ok(None);
        };
        let key = FileCopy {
            path: file.path.clone(),
            ..FileCopy::default()
        }
        .key();
        let copy = match journal.record(Collection::Photos, &key)?.map(|r| r.body) {
            Some(RecordBody::Copied(copy)) if copy.is_of(&file) => Some(copy),
            _ => None,
        };
        let place = copy
            .as_ref()
            .map(|copy| self.folder.join(DATA).join(&copy.place));
        Ok(Some(FileDetail {
            fields: files::fields(&file, copy.as_ref()),
            copy: place,
        }))
    }

    fn journal(&self) -> Result<Vault, VaultError> {
        Vault::open_to_read(&self.folder)
    }
}

/// Separates the keys of the records that a line was merged from.
const KEY_SEPARATOR: char = '\u{1F}';

/// Joins the keys of all records that a line was merged from.
fn key_of(keys: &[String]) -> String {
    let mut key = String::new();
    for each in keys {
        if !key.is_empty() {
            key.push(KEY_SEPARATOR);
        }
        key.push_str(each);
    }
    key
}

fn keys_of(key: &str) -> impl Iterator<Item = &str> {
    key.split(KEY_SEPARATOR)
}

/// Value of the detail for a record that no server can be expected to have in this state.
const ONLY_HERE: &str = "yes: never synchronised, or changed since";

/// Returns a handset's text as one line, safe to show and trimmed.
fn line(text: &str) -> String {
    for_display(text).trim().to_owned()
}

/// Returns the title of an event or a to-do.
fn title(text: Option<&str>) -> String {
    match line(text.unwrap_or_default()) {
        title if title.is_empty() => "(no title)".to_owned(),
        title => title,
    }
}

/// Returns a handset's text with its line breaks kept and each line safe to show.
fn lines(text: &str) -> String {
    let lines: Vec<String> = text
        .lines()
        .map(|l| for_display(l).trim_end().to_owned())
        .collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

/// Collects details; blank ones are left out.
#[derive(Default)]
struct Fields(Vec<Field>);

impl Fields {
    fn add(&mut self, label: &str, value: &str) {
        let value = lines(value);
        if !value.trim().is_empty() {
            let label = line(label);
            self.0.push(Field { label, value });
        }
    }

    /// Adds a value with remarks in brackets after it, such as its purpose or origin.
    fn add_with(&mut self, label: &str, value: &str, remarks: &[&str]) {
        let remarks: Vec<String> = remarks
            .iter()
            .map(|r| line(r))
            .filter(|r| !r.is_empty())
            .collect();
        let value = line(value);
        match (value.is_empty(), remarks.is_empty()) {
            (true, _) => {}
            (false, true) => self.add(label, &value),
            (false, false) => self.add(label, &format!("{value} ({})", remarks.join(", "))),
        }
    }
}
