//! The calendar: the phone's own events, and those of exported files; each series with its changed occurrences.

mod details;
mod files;
mod list;
mod occurrences;
mod pick;
mod same;

use super::exported::{self, PREFIX};
use super::merge::{Joins, Mergeable, Merged, Unmatched};
use super::{Journal, Role, Room};
use crate::model::{Calendar, Collection, Event, RecordBody};
use crate::vault::{RecordKind, VaultError};
pub use details::ahead;
use occurrences::{ByUid, Occurrences};
pub use same::{ABOUT_THE_RECORD, ALSO_IN, same_moment};

/// The events. Its room also writes the to-dos, since their files share much.
pub static ROOM: Room = Room {
    write: files::write,
    files: files::FILES,
    sheet: Some(&list::SHEET),
    details: |journal, keys| {
        let event = one(journal, keys.iter().copied())?;
        Ok(event.map(|(event, calendar)| details::details(&event, calendar.as_ref())))
    },
    formats: pick::FORMATS,
    pick: pick::pick,
    ..Room::EMPTY
};

/// An event as it appears in the rescue's files.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub role: Role,
    pub merged: Merged<Event>,
    /// Number of changed and cancelled occurrences of the event on the phone; 1 for an occurrence without its series.
    pub parts: u64,
    /// An occurrence without its series, which a person would not count as an event.
    pub is_lone: bool,
}

/// Counts of the run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows of the phone that could not be decoded.
    pub undecoded: u64,
    pub joins: Joins,
}

/// Returns the phone's calendars, then those of exported files. Events refer to them by row.
///
/// # Errors
/// If the journal can't be read.
pub fn calendars(journal: &impl Journal) -> Result<Vec<Calendar>, VaultError> {
    let mut calendars = Vec::new();
    journal.each(Collection::Calendar, &[RecordKind::Calendar], |record| {
        if let RecordBody::Calendar(calendar) = record.body {
            calendars.push(calendar);
        }
        Ok::<_, VaultError>(())
    })?;
    calendars.append(&mut exported::read(journal, &[RecordKind::Calendar])?.calendars);
    Ok(calendars)
}

/// Calls `each` with every event once: the phone's events in their order, then those that are only in files.
///
/// # Errors
/// If the journal can't be read, and those of `each`.
pub fn each<E: From<VaultError>>(
    journal: &impl Journal,
    mut each: impl FnMut(Entry) -> Result<(), E>,
) -> Result<Summary, E> {
    let mut summary = Summary::default();
    // Occurrences that refer to their series only by the server's ID.
    let mut lone = Occurrences::default();
    journal.each(Collection::Calendar, &[RecordKind::Event], |record| {
        if let RecordBody::Event(event) = record.body {
            lone.add(record.key, event);
        }
        Ok::<_, E>(())
    })?;
    let found = exported::read(journal, &[RecordKind::Event])?.events;
    let (series, mut changes) = ByUid::attached(found);
    let mut found = Unmatched::new(series)?;
    let kinds = [RecordKind::Event, RecordKind::Undecoded];
    journal.each(Collection::Calendar, &kinds, |record| {
        let RecordBody::Event(event) = record.body else {
            summary.undecoded += 1;
            return Ok(());
        };
        if lone.is_to_be_joined(&event) {
            return Ok(());
        }
        let mut merged = Merged::of_handset(record.key, event);
        lone.join(&mut merged);
        let event = &merged.record;
        let is_lone = event.recurrence_id.is_some();
        let parts = match is_lone && !event.source.deleted {
            true => 1,
            false => (event.changed.len() + event.cancelled.len()) as u64,
        };
        let role = match event.source.deleted {
            true => Role::Deleted,
            false => Role::Handset,
        };
        if role == Role::Handset {
            changes.join(&mut merged);
            found.join(&mut merged)?;
        }
        each(Entry {
            role,
            merged,
            parts,
            is_lone,
        })
    })?;
    for merged in lone.into_unmatched() {
        each(Entry {
            role: Role::Handset,
            merged,
            parts: 1,
            is_lone: true,
        })?;
    }
    let mut left = |merged: Merged<Event>| {
        each(Entry {
            role: Role::File,
            parts: 0,
            is_lone: merged.record.recurrence_id.is_some(),
            merged,
        })
    };
    summary.joins = found.each_unmatched(&mut left)?;
    let rest = Unmatched::new(changes.into_unmatched())?;
    summary.joins.add(rest.each_unmatched(&mut left)?);
    Ok(summary)
}

/// Returns the event with these keys ([`Merged::keys`]), joined as in [`each`], and its calendar if the phone has one.
/// `None`: no such event.
///
/// # Errors
/// If the journal can't be read.
pub fn one<'k>(
    journal: &impl Journal,
    keys: impl IntoIterator<Item = &'k str>,
) -> Result<Option<(Event, Option<Calendar>)>, VaultError> {
    let mut whole: Option<Event> = None;
    // UIDs of the series that were joined: their occurrences refer to them.
    let mut uids: Vec<String> = Vec::new();
    for key in keys {
        let place = match key.starts_with(PREFIX) {
            true => Collection::Files,
            false => Collection::Calendar,
        };
        let Some(RecordBody::Event(event)) = journal.one(place, key)?.map(|record| record.body)
        else {
            continue;
        };
        match &mut whole {
            Some(series) if occurrences::belongs_to(&event, series, &uids) => {
                occurrences::attach(series, event);
            }
            Some(known) => {
                uids.push(event.uid.clone());
                known.take_in(event);
            }
            None => {
                uids.push(event.uid.clone());
                whole = Some(event);
            }
        }
    }
    let Some(event) = whole else {
        return Ok(None);
    };
    let all = calendars(journal)?;
    let calendar = all
        .into_iter()
        .find(|calendar| calendar.row == event.calendar);
    Ok(Some((event, calendar)))
}
