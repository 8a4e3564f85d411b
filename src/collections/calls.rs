//! The phone's list of calls: each call on the phone is one call in the files. Calls that are only in exported files
//! are added.

mod details;
mod files;
mod list;
mod pick;

use std::cmp::Reverse;

use super::contacts::names::{Names, form};
use super::details::Details;
use super::merge::Joins;
use super::twins::{Twins, is_found, mark_of};
use super::{Journal, Room};
use crate::model::{Call, Collection, RecordBody};
use crate::vault::{RecordKind, Vault, VaultError};

/// The list of calls.
pub static ROOM: Room = Room {
    write: files::write,
    files: files::FILES,
    sheet: Some(&list::SHEET),
    details,
    formats: pick::FORMATS,
    pick: pick::pick,
    ..Room::EMPTY
};

fn details(journal: &Vault, keys: &[&str]) -> Result<Option<Details>, VaultError> {
    let key = keys.first().copied().unwrap_or_default();
    Ok(with_name(journal, key)?.map(|call| details::details(&call)))
}

/// Returns the call with this key, with the name that the contacts have for its number; `None`: no such call.
///
/// # Errors
/// If the journal can't be read.
pub fn with_name(journal: &impl Journal, key: &str) -> Result<Option<Call>, VaultError> {
    Ok(match find(journal, key)? {
        Some(call) => Some(named(&Names::read(journal)?, call)),
        None => None,
    })
}

/// A call's place in the list: its time, its user or file, its row and its key.
type Placed = (Reverse<Option<i64>>, String, Reverse<i64>, String);

/// All calls, the newest first. Calls that are only in exported files are among them.
#[derive(Default)]
struct Calls {
    order: Vec<Placed>,
    /// Rows that could not be decoded.
    undecoded: u64,
    /// What happened to the calls of exported files.
    joins: Joins,
    names: Names,
}

impl Calls {
    /// # Errors
    /// If the journal can't be read.
    fn read(journal: &impl Journal) -> Result<Self, VaultError> {
        let mut all = Self::default();
        let mut found = Twins::read(journal, RecordKind::Call, |_, body| match body {
            RecordBody::Call(call) => Some((mark(call), &call.source)),
            _ => None,
        })?;
        let kinds = [RecordKind::Call, RecordKind::Undecoded];
        journal.each(Collection::Calls, &kinds, |record| {
            match record.body {
                RecordBody::Call(call) => {
                    if !found.is_empty() {
                        found.see(mark(&call));
                    }
                    all.add(call, record.key);
                }
                _ => all.undecoded += 1,
            }
            Ok::<_, VaultError>(())
        })?;
        let (left, joins) = found.into_unmatched();
        all.joins = joins;
        for key in left {
            all.add(one(journal, &key)?, key);
        }
        all.order.sort_unstable();
        if !all.order.is_empty() {
            all.names = Names::read(journal)?;
        }
        Ok(all)
    }

    fn add(&mut self, call: Call, key: String) {
        let Call { at, source, .. } = call;
        let place = (Reverse(at), source.place, Reverse(source.row), key);
        self.order.push(place);
    }

    /// Calls `each` with the key of every call and the call, with the name of its number.
    ///
    /// # Errors
    /// If the journal can't be read, and those of `each`.
    fn each<E: From<VaultError>>(
        self,
        journal: &impl Journal,
        mut each: impl FnMut(&str, Call) -> Result<(), E>,
    ) -> Result<(), E> {
        for (.., key) in self.order {
            each(&key, named(&self.names, one(journal, &key)?))?;
        }
        Ok(())
    }
}

/// Two calls are the same if they have the same number, time, duration and kind.
fn mark(call: &Call) -> u64 {
    let number = call.number.as_deref().map(form);
    mark_of(&(call.kind, number, call.at, call.duration))
}

/// Returns a call with the name of its number, if the phone noted none.
fn named(names: &Names, call: Call) -> Call {
    let name = call.number.as_deref().and_then(|number| names.of(number));
    Call {
        name: call.name.or_else(|| name.map(str::to_owned)),
        ..call
    }
}

/// Returns the call with this key.
///
/// # Errors
/// If the journal can't be read, or no longer has the call.
fn one(journal: &impl Journal, key: &str) -> Result<Call, VaultError> {
    find(journal, key)?.ok_or_else(|| journal.lacks(key))
}

/// Returns the call with this key, if there is one.
fn find(journal: &impl Journal, key: &str) -> Result<Option<Call>, VaultError> {
    let of = match is_found(key) {
        true => Collection::Files,
        false => Collection::Calls,
    };
    Ok(match journal.one(of, key)?.map(|record| record.body) {
        Some(RecordBody::Call(call)) => Some(call),
        Some(_) | None => None,
    })
}
