//! One room per collection: joins the records of the phone, its SIM cards and the owner's exported files about the same
//! thing, writes them into portable files, reads those back, and lists them for the screens.
//!
//! The files that a rescue writes, the lists on the screen and the details behind each line all take their records from
//! the same function of a room, so that they always agree. Nothing here depends on a protocol or a terminal.
//!
//! Two records are merged only if there is evidence that they are the same, and none against it ([`merge::Mergeable`]).

pub mod calendar;
pub mod calls;
pub mod contacts;
pub mod details;
pub mod exported;
pub mod files;
pub mod from_files;
pub mod list;
pub mod merge;
pub mod messages;
pub mod notes;
mod pace;
mod payload;
pub mod pick;
pub mod raw;
mod room;
pub mod search_key;
pub mod sim;
pub mod take_home;
mod text;
pub mod todos;
mod twins;
mod words;

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::model::{Collection, Record};
use crate::phrase;
use crate::vault::{RecordKind, Vault, VaultError};

pub use merge::{FileJoins, Joins, Merged};
pub use pace::Pace;
pub use payload::{files_in, is_written_here};
pub use room::{
    AllWritten, Check, Count, Format, FromExports, Output, Pages, Pick, Room, Write, WriteError,
    Written, read_back, write,
};

/// Returns the room of a collection: this is the list of all rooms.
pub fn room(of: Collection) -> &'static Room {
    match of {
        Collection::Contacts => &contacts::ROOM,
        Collection::Sim => &sim::ROOM,
        Collection::Calendar => &calendar::ROOM,
        Collection::Todos => &todos::ROOM,
        Collection::Calls => &calls::ROOM,
        Collection::Messages => &messages::ROOM,
        Collection::Files => &files::ROOM,
    }
}

/// Returns all rooms in the order of the collections.
pub fn rooms() -> impl Iterator<Item = &'static Room> {
    Collection::ALL.into_iter().map(room)
}

/// Number of records read from the journal while its writer waits.
const PAGE: usize = 256;

/// The source of a record, as far as its place in files and lists depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The phone has the record.
    Handset,
    /// The phone has the record marked deleted, but still in its cache.
    Deleted,
    /// The owner's own card.
    Own,
    /// An entry of a SIM card that is on no card of the phone.
    Sim,
    /// Found only in a file that the owner had exported.
    File,
}

/// A journal whose records can be read.
pub trait Journal {
    /// Calls `each` with the records of these kinds, in the phone's order.
    ///
    /// # Errors
    /// As [`Vault::for_each_record`], and those of `each`.
    fn each<E: From<VaultError>>(
        &self,
        what: Collection,
        kinds: &[RecordKind],
        each: impl FnMut(Record) -> Result<(), E>,
    ) -> Result<(), E>;

    /// Returns the record with this key.
    ///
    /// # Errors
    /// As [`Vault::record`].
    fn one(&self, what: Collection, key: &str) -> Result<Option<Record>, VaultError>;

    /// Returns the error for a record that existed before and is now missing.
    fn lacks(&self, key: &str) -> VaultError;
}

impl Journal for Vault {
    fn each<E: From<VaultError>>(
        &self,
        what: Collection,
        kinds: &[RecordKind],
        each: impl FnMut(Record) -> Result<(), E>,
    ) -> Result<(), E> {
        self.for_each_record(what, kinds, each)
    }

    fn one(&self, what: Collection, key: &str) -> Result<Option<Record>, VaultError> {
        self.record(what, key)
    }

    fn lacks(&self, key: &str) -> VaultError {
        self.damaged(phrase!("{key} is missing"))
    }
}

/// A journal that is also being written: its writer gets a turn between pages.
impl Journal for Mutex<Vault> {
    fn each<E: From<VaultError>>(
        &self,
        what: Collection,
        kinds: &[RecordKind],
        mut each: impl FnMut(Record) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut mark = None;
        loop {
            let (records, next) = lock(self).records_after(what, mark.as_ref(), PAGE)?;
            for record in records {
                if kinds.contains(&RecordKind::of(&record.body)) {
                    each(record)?;
                }
            }
            match next {
                Some(next) => mark = Some(next),
                None => return Ok(()),
            }
        }
    }

    fn one(&self, what: Collection, key: &str) -> Result<Option<Record>, VaultError> {
        lock(self).record(what, key)
    }

    fn lacks(&self, key: &str) -> VaultError {
        lock(self).lacks(key)
    }
}

/// Locks the journal, even if a thread panicked while holding it: each commit is complete in itself.
pub fn lock(vault: &Mutex<Vault>) -> MutexGuard<'_, Vault> {
    vault.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Adds the number of a collection's records of these kinds to those that are still to be written.
///
/// # Errors
/// If the journal can't be read.
pub fn expect(
    vault: &Mutex<Vault>,
    pace: &Pace,
    what: Collection,
    kinds: &[RecordKind],
) -> Result<(), VaultError> {
    let counts = lock(vault).counts(what)?;
    let counts = counts.iter().filter(|(kind, _)| kinds.contains(kind));
    pace.expect(counts.map(|(_, count)| count).sum());
    Ok(())
}
