//! What a rescue folder holds, for looking at: read from its journal, finished or not, never written into.
//!
//! The journal is opened for each question and left free in between, so that looking at an unfinished rescue
//! keeps nobody from going on with it. All texts given are safe to show on a terminal.

mod card;
mod diary;
mod exported;
mod files;
mod fold;
mod shelf;
mod words;

use std::path::{Path, PathBuf};

use chrono::{Days, NaiveDate};

pub use fold::{Needle, fold};

use super::sim_join::SimEntries;
use crate::format::icalendar::days::Series;
use crate::handset::RecordBody;
use crate::link::Stop;
use crate::model::{Collection, Contact, Event, FileCopy, FileKind};
use crate::vault::{DATA, RecordKind, Vault, VaultError, for_display};

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
    /// What the card is shown under, as the exported files have it.
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
        let journal = self.journal()?;
        for what in [Collection::Contacts, Collection::Sim] {
            let Some(record) = journal.record(what, key)? else {
                continue;
            };
            return match record.body {
                RecordBody::Contact(mut contact) => {
                    if what == Collection::Contacts && !is_deleted(&contact) {
                        SimEntries::new(sim_entries(&journal)?).join(&mut contact);
                    }
                    if !is_deleted(&contact) {
                        exported::read(&journal, &[RecordKind::Contact])?
                            .contacts
                            .join(&mut contact);
                    }
                    Ok(Some(card::fields(&contact)))
                }
                RecordBody::Profile(card) => Ok(Some(card::fields(&card))),
                _ => Ok(None),
            };
        }
        let found = exported::read(&journal, &[RecordKind::Contact])?
            .contacts
            .take(key);
        Ok(found.map(|contact| card::fields(&contact)))
    }

    /// All of an event with its changed occurrences; its first field is the title.
    ///
    /// # Errors
    /// As [`Rescued::shelf`].
    pub fn event(&self, key: &str) -> Result<Option<Vec<Field>>, VaultError> {
        let journal = self.journal()?;
        let Some(record) = journal.record(Collection::Calendar, key)? else {
            let found = exported::read(&journal, &[RecordKind::Event])?
                .events
                .take(key);
            return Ok(found.map(|event| diary::event_fields(&event, None)));
        };
        let RecordBody::Event(mut event) = record.body else {
            return Ok(None);
        };
        let mut calendar = None;
        let kinds: &[RecordKind] = match may_have_lone_occurrences(&event) {
            true => &[RecordKind::Calendar, RecordKind::Event],
            false => &[RecordKind::Calendar],
        };
        let mut lone = super::series_join::Occurrences::default();
        journal.for_each_record(Collection::Calendar, kinds, |record| {
            match record.body {
                RecordBody::Calendar(found) if found.row == event.calendar => {
                    calendar = Some(found);
                }
                RecordBody::Event(found) => lone.add(found),
                _ => {}
            }
            Ok::<_, VaultError>(())
        })?;
        lone.join(&mut event);
        if !event.source.deleted {
            exported::read(&journal, &[RecordKind::Event])?
                .events
                .join(&mut event);
        }
        Ok(Some(diary::event_fields(&event, calendar.as_ref())))
    }

    /// All of a to-do; its first field is the title.
    ///
    /// # Errors
    /// As [`Rescued::shelf`].
    pub fn todo(&self, key: &str) -> Result<Option<Vec<Field>>, VaultError> {
        let journal = self.journal()?;
        let todo = match journal.record(Collection::Todos, key)?.map(|r| r.body) {
            Some(RecordBody::Todo(mut todo)) => {
                if !todo.source.deleted {
                    exported::read(&journal, &[RecordKind::Todo])?
                        .todos
                        .join(&mut todo);
                }
                Some(todo)
            }
            Some(_) => None,
            None => exported::read(&journal, &[RecordKind::Todo])?
                .todos
                .take(key),
        };
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

/// Only a living series that a server knows can be named by an occurrence that does not know its row.
fn may_have_lone_occurrences(event: &Event) -> bool {
    let repeats = event.rrule.is_some() || event.rdate.is_some();
    repeats && event.source.source_id.is_some() && !event.source.deleted
}

fn is_deleted(contact: &Contact) -> bool {
    !contact.sources.is_empty() && contact.sources.iter().all(|source| source.deleted)
}

/// The SIM cards' entries. Each has its record's key for a UID, since it may become a card of its own.
fn sim_entries(journal: &Vault) -> Result<Vec<Contact>, VaultError> {
    let mut entries = Vec::new();
    journal.for_each_record(Collection::Sim, &[RecordKind::Contact], |record| {
        if let RecordBody::Contact(mut entry) = record.body {
            entry.uid = record.key;
            entries.push(entry);
        }
        Ok::<_, VaultError>(())
    })?;
    Ok(entries)
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
