//! Messages, by conversation.

mod conversations;
mod details;
mod files;
mod list;

use super::details::Details;
use super::{Journal, Room};
use crate::model::{Collection, Message, RecordBody};
use crate::vault::{RecordKind, Vault, VaultError};
use conversations::Conversations;

/// The messages.
pub static ROOM: Room = Room {
    write: files::write,
    files: files::FILES,
    sheet: Some(&list::SHEET),
    details,
    ..Room::EMPTY
};

/// Returns the details of the conversation that has the message with the first of the keys.
fn details(journal: &Vault, keys: &[&str]) -> Result<Option<Details>, VaultError> {
    let key = keys.first().copied().unwrap_or_default();
    let mut all = Conversations::read(journal)?;
    let Some(number) = all.with(key) else {
        return Ok(None);
    };
    details::details(journal, &mut all, number).map(Some)
}

/// Calls `each` with the key of every message and the message. Returns the number of rows that could not be decoded.
///
/// # Errors
/// If the journal can't be read, and those of `each`.
fn each<E: From<VaultError>>(
    journal: &impl Journal,
    mut each: impl FnMut(String, Message) -> Result<(), E>,
) -> Result<u64, E> {
    let mut undecoded = 0;
    let kinds = [RecordKind::Message, RecordKind::Undecoded];
    journal.each(Collection::Messages, &kinds, |record| match record.body {
        RecordBody::Message(message) => each(record.key, message),
        _ => {
            undecoded += 1;
            Ok(())
        }
    })?;
    Ok(undecoded)
}

/// Returns the message with this key.
///
/// # Errors
/// If the journal can't be read, or no longer has the message.
fn one(journal: &impl Journal, key: &str) -> Result<Message, VaultError> {
    match journal
        .one(Collection::Messages, key)?
        .map(|record| record.body)
    {
        Some(RecordBody::Message(message)) => Ok(message),
        Some(_) | None => Err(journal.lacks(key)),
    }
}
