//! What a rescue folder holds, for looking at: read from its journal, finished or not, never written into.
//!
//! The journal is opened for each question and left free in between, so that looking at an unfinished rescue
//! keeps nobody from going on with it. All texts given are safe to show on a terminal.

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
use crate::handset::RecordBody;
use crate::link::Stop;
use crate::model::{Collection, FileCopy, FileKind};
use crate::vault::{DATA, Vault, VaultError, for_display};

/// A rescue that can be looked at.
#[derive(Debug)]
pub struct Rescued {
    folder: PathBuf,
}

/// Everything in short, in the order in which a person looks for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shelf {
    /// The owner's own card, then by name, cards without letters in their names last.
    pub contacts: Vec<ContactLine>,
    /// By day and time; what has no day comes first.
    pub events: Vec<EventLine>,
    /// What is still to be done, by its due day, then what is done, the newest first.
    pub todos: Vec<TodoLine>,
    /// Pictures, videos, recordings and exported lists, the most precious first, within that the newest.
    pub files: Vec<FileLine>,
    /// The calendars' names.
    pub calendars: Vec<Box<str>>,
    /// The zone of most events: the others name theirs.
    pub zone: &'static str,
}

/// A card in short.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactLine {
    pub key: Box<str>,
    /// The card's name on the screen, as the exported files have it.
    pub name: Box<str>,
    /// What it is found by, folded ([`fold`]): the name, then numbers as digits, e-mail addresses, companies, a
    /// line each.
    pub search: Box<str>,
    /// Marked deleted on the handset, still in its cache.
    pub deleted: bool,
    /// No server can be expected to have it in this state.
    pub only_here: bool,
    /// An entry of a SIM card that no card of the address book has.
    pub sim: bool,
    /// It stands in a file that the owner had exported, and nowhere else.
    pub found: bool,
    /// The owner's own card.
    pub own: bool,
}

/// An event in short, or a changed occurrence of one, which has the key of its series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventLine {
    pub key: Box<str>,
    pub title: Box<str>,
    /// Its first day in its own zone; `None`: it has none that a calendar can show.
    pub day: Option<NaiveDate>,
    /// How many days it is there in a row, less one.
    pub more_days: u16,
    /// `09:30` in its own zone; empty for whole days.
    pub time: Box<str>,
    /// Its zone in short, where it is another than [`Shelf::zone`].
    pub elsewhere: Option<Box<str>>,
    pub repeats: Repeats,
    /// It belongs to a series that has a line of its own: no event that a person would count.
    pub part: bool,
    pub deleted: bool,
    /// Called off, but not deleted.
    pub cancelled: bool,
    /// No server can be expected to have it in this state.
    pub only_here: bool,
    /// It stands in a file that the owner had exported, and nowhere else.
    pub found: bool,
}

impl EventLine {
    /// The days from `first` to `last` on which it is there, and whether it begins on that day. Of several days in
    /// a row, each.
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
        // An occurrence that lasts until the next one begins is there once.
        days.sort_unstable_by_key(|(day, begins)| (*day, !begins));
        days.dedup_by_key(|(day, _)| *day);
        days
    }

    /// Its last day; `None`: it has none that a calendar can show, or it repeats for ever.
    pub fn last_day(&self) -> Option<NaiveDate> {
        let last = match &self.repeats {
            Repeats::On(series) => series.last()?,
            _ => self.day?,
        };
        last.checked_add_days(Days::new(self.more_days.into()))
    }
}

/// Whether an event is there more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repeats {
    No,
    On(Box<Series>),
    /// By a rule that Lifeboat doesn't count out: only the first day is shown.
    FirstOnly,
}

/// A to-do in short.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TodoLine {
    pub key: Box<str>,
    pub title: Box<str>,
    pub due: Option<NaiveDate>,
    pub done: bool,
    pub deleted: bool,
    /// No server can be expected to have it in this state.
    pub only_here: bool,
    /// It stands in a file that the owner had exported, and nowhere else.
    pub found: bool,
}

/// A file of the handset's in short.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileLine {
    pub key: Box<str>,
    pub name: Box<str>,
    /// The day on which it was changed, in UTC.
    pub day: Option<NaiveDate>,
    /// In bytes.
    pub size: u64,
    pub kind: FileKind,
    /// The owner has thrown it away.
    pub trashed: bool,
    /// There is a whole copy of it.
    pub safe: bool,
}

/// One thing that is known of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// What it is: `Phone`, `Birthday`. Several of one kind follow each other.
    pub label: String,
    /// Of several lines, perhaps.
    pub value: String,
}

/// What is known of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileDetail {
    pub fields: Vec<Field>,
    /// Where its copy lies, if there is a whole one.
    pub copy: Option<PathBuf>,
}

impl Rescued {
    /// Makes sure that the folder is a rescue that can be looked at.
    ///
    /// # Errors
    /// As [`Vault::open_to_read`].
    pub fn open(folder: &Path) -> Result<Self, VaultError> {
        Vault::open_to_read(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// Everything in short. Once `stop` asks for it, what was read until then.
    ///
    /// # Errors
    /// As [`Vault::open_to_read`], and where a record is damaged.
    pub fn shelf(&self, stop: &Stop) -> Result<Shelf, VaultError> {
        shelf::read(&self.journal()?, stop)
    }

    /// All of a card, in the order a person reads it; its first field is the name. `None`: there is no such card.
    ///
    /// # Errors
    /// As [`Rescued::shelf`].
    pub fn contact(&self, key: &str) -> Result<Option<Vec<Field>>, VaultError> {
        let contact = contacts::one(&self.journal()?, keys_of(key))?;
        Ok(contact.map(|(_, contact)| card::fields(&contact)))
    }

    /// All of an event with its changed occurrences; its first field is the title.
    ///
    /// # Errors
    /// As [`Rescued::shelf`].
    pub fn event(&self, key: &str) -> Result<Option<Vec<Field>>, VaultError> {
        let event = calendar::one(&self.journal()?, keys_of(key))?;
        Ok(event.map(|(event, calendar)| diary::event_fields(&event, calendar.as_ref())))
    }

    /// All of a to-do; its first field is the title.
    ///
    /// # Errors
    /// As [`Rescued::shelf`].
    pub fn todo(&self, key: &str) -> Result<Option<Vec<Field>>, VaultError> {
        let todo = todos::one(&self.journal()?, keys_of(key))?;
        Ok(todo.map(|todo| diary::todo_fields(&todo)))
    }

    /// All of a file; its first field is its name.
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

/// What stands between the keys of the records that a line's record was put together from.
const KEY_SEPARATOR: char = '\u{1F}';

/// A line's key: those of all the records that it was put together from.
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

/// What is said of a record that no server can be expected to have in this state.
const ONLY_HERE: &str = "yes: never synchronised, or changed since";

/// A handset's text on one line, safe to show, without blanks around it.
fn line(text: &str) -> String {
    for_display(text).trim().to_owned()
}

/// What an event or a to-do is called.
fn title(text: Option<&str>) -> String {
    match line(text.unwrap_or_default()) {
        title if title.is_empty() => "(no title)".to_owned(),
        title => title,
    }
}

/// A handset's text with its lines kept, each safe to show.
fn lines(text: &str) -> String {
    let lines: Vec<String> = text
        .lines()
        .map(|l| for_display(l).trim_end().to_owned())
        .collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

/// Fields as they are gathered; blank ones are left out.
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

    /// With what it is for, or where it is from, in brackets behind it.
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
