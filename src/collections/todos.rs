//! To-dos: the phone's own, and those of exported files.

mod details;
mod files;
mod list;
mod pick;

use super::calendar::{ABOUT_THE_RECORD, ALSO_IN, same_moment};
use super::exported::{self, PREFIX};
use super::merge::{Joins, Mergeable, Merged, Unmatched, digest_of};
use super::text::{add_lacking, differ, fill, folded_option, other_uid, own_uid};
use super::{Journal, Role, Room};
use crate::format::icalendar::place_in_series;
use crate::model::{Collection, Moment, RecordBody, Reminder, Source, Todo, Trigger};
use crate::vault::{RecordKind, VaultError};
pub use files::write;

/// The to-dos. The calendar's room writes them.
pub static ROOM: Room = Room {
    files: files::FILES,
    sheet: Some(&list::SHEET),
    details: |journal, keys| {
        let todo = one(journal, keys.iter().copied())?;
        Ok(todo.map(|todo| details::details(&todo)))
    },
    formats: pick::FORMATS,
    pick: pick::pick,
    ..Room::EMPTY
};

/// Counts of the run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows of the phone that could not be decoded.
    pub undecoded: u64,
    pub joins: Joins,
}

/// Calls `each` with every to-do once: the phone's to-dos in their order, then those that are only in files.
///
/// # Errors
/// If the journal can't be read, and those of `each`.
pub fn each<E: From<VaultError>>(
    journal: &impl Journal,
    mut each: impl FnMut(Role, Merged<Todo>) -> Result<(), E>,
) -> Result<Summary, E> {
    let mut summary = Summary::default();
    let mut found = Unmatched::new(exported::read(journal, &[RecordKind::Todo])?.todos)?;
    let kinds = [RecordKind::Todo, RecordKind::Undecoded];
    journal.each(Collection::Todos, &kinds, |record| {
        let RecordBody::Todo(todo) = record.body else {
            summary.undecoded += 1;
            return Ok(());
        };
        let role = match todo.source.deleted {
            true => Role::Deleted,
            false => Role::Handset,
        };
        let mut merged = Merged::of_handset(record.key, todo);
        if role == Role::Handset {
            found.join(&mut merged)?;
        }
        each(role, merged)
    })?;
    summary.joins = found.each_unmatched(|merged| each(Role::File, merged))?;
    Ok(summary)
}

/// Returns the to-do with these keys ([`Merged::keys`]), joined as in [`each`]. `None`: no such to-do.
///
/// # Errors
/// If the journal can't be read.
pub fn one<'k>(
    journal: &impl Journal,
    keys: impl IntoIterator<Item = &'k str>,
) -> Result<Option<Todo>, VaultError> {
    let mut whole: Option<Todo> = None;
    for key in keys {
        let place = match key.starts_with(PREFIX) {
            true => Collection::Files,
            false => Collection::Todos,
        };
        let Some(RecordBody::Todo(todo)) = journal.one(place, key)?.map(|record| record.body)
        else {
            continue;
        };
        match &mut whole {
            None => whole = Some(todo),
            Some(known) => known.take_in(todo),
        }
    }
    Ok(whole)
}

/// The same to-do has the same title, and the same due date or the same identifier. Evidence against it: a different
/// identifier, start, due date, list or note. A to-do is done if either record says so.
impl Mergeable for Todo {
    fn forms(&self) -> Vec<String> {
        vec![folded_option(self.title.as_deref())]
    }

    fn digest(&self) -> [u8; 32] {
        let mut bare = self.clone();
        bare.uid = own_uid(&self.uid).unwrap_or_default().to_owned();
        bare.source = Source::default();
        bare.extended
            .retain(|(name, _)| !ABOUT_THE_RECORD.contains(&name.as_str()));
        digest_of(&bare)
    }

    fn is_same(&self, other: &Self) -> bool {
        let title = folded_option(self.title.as_deref());
        let same_title = title == folded_option(other.title.as_deref());
        let same_uid = own_uid(&self.uid).is_some() && own_uid(&self.uid) == own_uid(&other.uid);
        let same_due = match (&self.due, &other.due) {
            (Some(a), Some(b)) => same_moment(a, b),
            (None, None) => true,
            _ => false,
        };
        let other_moment = |a: &Option<Moment>, b: &Option<Moment>| matches!((a, b), (Some(a), Some(b)) if !same_moment(a, b));
        let against = other_uid(&self.uid, &other.uid)
            || place_in_series(self) != place_in_series(other)
            || other_moment(&self.due, &other.due)
            || other_moment(&self.start, &other.start)
            || differ(self.notes.as_deref(), other.notes.as_deref())
            || differ(Some(&self.list), Some(&other.list));
        let speaks_for = match title.is_empty() {
            true => same_uid && same_due,
            false => same_uid || same_due,
        };
        same_title && speaks_for && !against
    }

    fn take_in(&mut self, other: Self) {
        // Without `..`: a new field of a to-do does not compile until it is decided how two values are merged.
        let Todo {
            uid: _,
            list,
            title,
            notes,
            start,
            due,
            done,
            completed,
            priority,
            reminder,
            reminders,
            extended,
            source,
        } = other;
        if self.source.place != source.place && !source.place.is_empty() {
            let also = (ALSO_IN.to_owned(), source.place);
            if !self.extended.contains(&also) {
                self.extended.push(also);
            }
        }
        if self.list.trim().is_empty() {
            self.list = list;
        }
        fill(&mut self.title, title);
        fill(&mut self.notes, notes);
        self.start = self.start.take().or(start);
        self.due = self.due.take().or(due);
        self.done |= done;
        self.completed = self.completed.take().or(completed);
        self.priority = self.priority.or(priority);
        // A single moment becomes one of several reminders.
        let alone = self.reminder.clone().filter(|_| self.reminders.is_empty());
        if let Some(moment) =
            alone.filter(|own| !reminders.is_empty() && Some(own) != reminder.as_ref())
        {
            self.reminders.push(Reminder {
                trigger: Some(Trigger::At(moment)),
                ..Reminder::default()
            });
        }
        add_lacking(&mut self.reminders, reminders, |a, b| a == b);
        self.reminder = self.reminder.take().or(reminder);
        add_lacking(&mut self.extended, extended, |a, b| {
            a == b || (a.0 == b.0 && ABOUT_THE_RECORD.contains(&a.0.as_str()))
        });
    }
}
