//! The phone's list of calls. Nothing is joined: each call on the phone is one call in the files.

mod details;
mod files;
mod list;

use std::cmp::Reverse;

use super::details::Details;
use super::{Journal, Room};
use crate::model::{Call, Collection, RecordBody};
use crate::vault::{RecordKind, Vault, VaultError};

/// The list of calls.
pub static ROOM: Room = Room {
    write: files::write,
    files: files::FILES,
    sheet: Some(&list::SHEET),
    details,
    ..Room::EMPTY
};

fn details(journal: &Vault, keys: &[&str]) -> Result<Option<Details>, VaultError> {
    let key = keys.first().copied().unwrap_or_default();
    let record = journal.record(Collection::Calls, key)?;
    Ok(match record.map(|record| record.body) {
        Some(RecordBody::Call(call)) => Some(details::details(&call)),
        Some(_) | None => None,
    })
}

/// Calls `each` with the key of every call and the call, the newest first. Returns the number of rows that could not be
/// decoded.
///
/// # Errors
/// If the journal can't be read, and those of `each`.
pub fn each<E: From<VaultError>>(
    journal: &impl Journal,
    mut each: impl FnMut(&str, Call) -> Result<(), E>,
) -> Result<u64, E> {
    let (mut order, mut undecoded) = (Vec::new(), 0);
    let kinds = [RecordKind::Call, RecordKind::Undecoded];
    journal.each(Collection::Calls, &kinds, |record| {
        let RecordBody::Call(Call { at, source, .. }) = record.body else {
            undecoded += 1;
            return Ok(());
        };
        order.push((Reverse(at), source.place, Reverse(source.row), record.key));
        Ok::<_, E>(())
    })?;
    order.sort_unstable();
    for (.., key) in order {
        match journal
            .one(Collection::Calls, &key)?
            .map(|record| record.body)
        {
            Some(RecordBody::Call(call)) => each(&key, call)?,
            Some(_) | None => return Err(journal.lacks(&key).into()),
        }
    }
    Ok(undecoded)
}
