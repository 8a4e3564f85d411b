//! One room a collection: joining what the phone, its SIM cards and the owner's exported files say of the same thing.
//!
//! The files that a rescue writes, the lists on the screen and the details behind each line all take their records from
//! here, so that they always say the same. Nothing here knows a protocol or a terminal.
//!
//! Two records become one only when something speaks for it and nothing against it ([`merge::Mergeable`]).

pub mod calendar;
pub mod contacts;
pub mod exported;
pub mod merge;
pub mod notes;
mod text;
pub mod todos;

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::handset::Record;
use crate::model::Collection;
use crate::vault::{RecordKind, Vault, VaultError};

pub use merge::{FileJoins, Joins, Merged};

/// How many records are taken from the journal while its writer waits.
const PAGE: usize = 256;

/// Where a record comes from, as far as its place in files and lists depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The phone has it.
    Handset,
    /// The phone has it marked deleted, still in its cache.
    Deleted,
    /// The owner's own card.
    Own,
    /// An entry of a SIM card that no card of the phone has.
    Sim,
    /// It stands in a file that the owner had exported, and nowhere else.
    File,
}

/// A journal whose records can be read.
pub trait Journal {
    /// Hands over the records of these kinds, in the phone's order.
    ///
    /// # Errors
    /// As [`Vault::for_each_record`], and those of `each`.
    fn each<E: From<VaultError>>(
        &self,
        what: Collection,
        kinds: &[RecordKind],
        each: impl FnMut(Record) -> Result<(), E>,
    ) -> Result<(), E>;

    /// The record with this key.
    ///
    /// # Errors
    /// As [`Vault::record`].
    fn one(&self, what: Collection, key: &str) -> Result<Option<Record>, VaultError>;

    /// That a record is not there which was there before.
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
        self.damaged(format!("{key} is no longer there"))
    }
}

/// A journal that is being written meanwhile: its writer gets a turn between pages.
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

/// The journal, also where a thread that held it broke off: each commit is whole by itself.
pub fn lock(vault: &Mutex<Vault>) -> MutexGuard<'_, Vault> {
    vault.lock().unwrap_or_else(PoisonError::into_inner)
}
