//! Messages, by conversation.

mod conversations;
mod details;
mod files;
mod list;
mod pick;
mod pictures;

use std::collections::BTreeSet;

use super::contacts::names::form;
use super::details::Details;
use super::merge::Joins;
use super::twins::{Twins, is_found, mark_of};
use super::{Journal, Pages, Room};
use crate::export::messages::{FIRST_PAGE, FOLDERS};
use crate::format::phone_xml::NULL;
use crate::model::{Collection, Message, MessageKind, MessagePart, RecordBody};
use crate::vault::{RecordKind, Vault, VaultError};
pub use conversations::Conversations;
use pictures::{Completed, Pictures};

/// The messages.
pub static ROOM: Room = Room {
    write: files::write,
    files: files::FILES,
    sheet: Some(&list::SHEET),
    details,
    formats: pick::FORMATS,
    pick: pick::pick,
    pages: Pages::Own {
        folders: FOLDERS,
        first: FIRST_PAGE,
    },
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

/// What the messages of a journal are besides the messages themselves.
#[derive(Default)]
struct Beside {
    /// Rows that could not be decoded.
    undecoded: u64,
    /// What happened to the messages of exported files.
    joins: Joins,
    completed: Completed,
}

/// Calls `each` with the key of every message and the message: those of the phone, then those that are only in exported
/// files.
///
/// # Errors
/// If the journal can't be read, and those of `each`.
fn each<E: From<VaultError>>(
    journal: &impl Journal,
    mut each: impl FnMut(String, Message) -> Result<(), E>,
) -> Result<Beside, E> {
    let mut beside = Beside::default();
    let mut pictures = Pictures::default();
    let mut found = Twins::read(journal, RecordKind::Message, |key, body| match body {
        RecordBody::Message(message) => {
            pictures.offer(key, message);
            Some((mark(message), &message.source))
        }
        _ => None,
    })?;
    let kinds = [RecordKind::Message, RecordKind::Undecoded];
    journal.each(Collection::Messages, &kinds, |record| match record.body {
        RecordBody::Message(message) => {
            if !found.is_empty() {
                found.see(mark(&message));
                // A file may have the message without its pictures.
                if !sizes(&message).is_empty() {
                    found.see(bare_mark(&message));
                }
                pictures.want(&record.key, &message);
            }
            each(record.key, message)
        }
        _ => {
            beside.undecoded += 1;
            Ok(())
        }
    })?;
    beside.completed = pictures.settle(&mut found);
    let (left, joins) = found.into_unmatched();
    for key in left {
        let message = one(journal, &key)?;
        each(key, message)?;
    }
    beside.joins = joins;
    Ok(beside)
}

/// Two messages are the same if they have the same people, time, text and pictures, and the same direction (sent or
/// received). Several pictures that were sent at once are several messages of one second.
fn mark(message: &Message) -> u64 {
    marked(message, &sizes(message))
}

/// The mark of a message whose pictures are not there.
fn bare_mark(message: &Message) -> u64 {
    marked(message, &[])
}

fn marked(message: &Message, sizes: &[u64]) -> u64 {
    let people: BTreeSet<String> = message.others().into_iter().map(form).collect();
    // A file has the word for no text as a text, and blanks in place of what XML can't hold.
    let text = message.text.as_deref().filter(|text| *text != NULL);
    let in_file = |c: char| match c.is_control() || c == '\u{FFFD}' {
        true => ' ',
        false => c,
    };
    let text: String = text.unwrap_or_default().chars().map(in_file).collect();
    // The handset keeps seconds of an MMS, and an app may keep more.
    let at = match message.kind {
        MessageKind::Sms => message.at,
        MessageKind::Mms => message.at.map(|at| at.div_euclid(1000)),
    };
    mark_of(&(message.kind, message.is_own(), at, people, text, sizes))
}

/// The sizes of a message's pictures and recordings.
fn sizes(message: &Message) -> Vec<u64> {
    let parts = message.parts.iter().filter(|part| is_picture(part));
    let mut sizes: Vec<u64> = parts.filter_map(|part| part.size).collect();
    sizes.sort_unstable();
    sizes
}

fn is_picture(part: &MessagePart) -> bool {
    part.text.is_none() && !part.is_plain() && !part.is_layout()
}

/// Returns the message with this key, as the phone or the file has it.
///
/// # Errors
/// If the journal can't be read, or no longer has the message.
fn one(journal: &impl Journal, key: &str) -> Result<Message, VaultError> {
    let of = match is_found(key) {
        true => Collection::Files,
        false => Collection::Messages,
    };
    match journal.one(of, key)?.map(|record| record.body) {
        Some(RecordBody::Message(message)) => Ok(message),
        Some(_) | None => Err(journal.lacks(key)),
    }
}
