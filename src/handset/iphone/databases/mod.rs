//! An iPhone's databases: contacts, calendars, reminders, messages and calls, as they are in a backup or on a phone.
//!
//! A [`Source`] gives copies of the files. A [`Room`] turns the databases of one collection into records.

mod accounts;
mod calendar;
mod calls;
mod children;
mod cocoa;
mod contacts;
mod database;
pub(in crate::handset::iphone) mod media;
mod messages;
mod notes;
mod parts;
mod raw;
mod room;
mod row;
#[cfg(test)]
mod tests;
mod todos;

use std::path::PathBuf;
use std::sync::Arc;

pub(in crate::handset::iphone) use self::database::Database;
pub(in crate::handset::iphone) use self::row::Row;

use crate::handset::HandsetError;
use crate::model::{Advice, Batch, Bookmark, Collection, Findings, Holding, Past};
use crate::phrase;

/// Where the databases of a phone come from.
pub(in crate::handset::iphone) trait Source: Send + Sync {
    /// Returns a private copy of a database for reading, with its `-wal` beside it if the source has one. `None`: the
    /// source does not list the file. The copy exists until the source is dropped; asked for again, the source may
    /// return the same copy.
    ///
    /// # Errors
    /// If the source lists the file and can't give it.
    fn copy_of(&self, domain: &str, path: &str) -> Result<Option<Copied>, SourceError>;
    /// Returns the paths of files in a domain that begin with `prefix`, sorted.
    fn list(&self, domain: &str, prefix: &str) -> Vec<String>;
    /// True if the source lists a file.
    fn has(&self, domain: &str, path: &str) -> bool;
    /// True if the source never has the list of calls, whatever the phone holds: a backup that is not encrypted, since
    /// iOS 13.
    fn leaves_out_calls(&self) -> bool {
        false
    }
}

/// A private copy of a database.
#[derive(Debug, Clone)]
pub(in crate::handset::iphone) struct Copied {
    pub path: PathBuf,
    /// What the copy or its `-wal` lacks, each a sentence.
    pub damage: Vec<String>,
}

/// Why a source can't give a file that it lists.
#[derive(Debug, Clone, thiserror::Error)]
pub(in crate::handset::iphone) enum SourceError {
    /// The file is listed, but it is missing, cut short, or can't be read or decrypted. The text says which, as the end
    /// of a sentence about the file.
    #[error("{0}")]
    Unreadable(String),
    #[error("stopped")]
    Stopped,
    /// The link broke: the phone may be reached again. No folder says so.
    #[allow(dead_code)]
    #[error("{what}")]
    Lost { what: String, advice: String },
    /// The computer's disk has no room for the copy.
    #[error("{0}")]
    NoRoom(String),
}

impl Advice for SourceError {
    fn advice(&self) -> String {
        match self {
            Self::Unreadable(_) => {
                phrase("Make a new backup of the phone, and read that one.").into()
            }
            Self::Stopped => HandsetError::Stopped.advice(),
            Self::Lost { advice, .. } => advice.clone(),
            Self::NoRoom(_) => {
                phrase("Make room on this computer's disk, and try once more.").into()
            }
        }
    }
}

impl From<SourceError> for HandsetError {
    fn from(error: SourceError) -> Self {
        let advice = error.advice();
        match error {
            SourceError::Unreadable(what) => Self::Protocol { what, advice },
            SourceError::Stopped => Self::Stopped,
            SourceError::Lost { what, advice } => Self::Lost { what, advice },
            SourceError::NoRoom(what) => Self::NoRoom { what, advice },
        }
    }
}

/// Reads what may be a text of a message or a note.
#[cfg(fuzzing)]
pub(in crate::handset::iphone) fn read_texts(bytes: &[u8]) {
    let archived = messages::typedstream::text(bytes);
    // A text is a part of the archive.
    assert!(archived.map_or(0, |text| text.len()) <= 3 * bytes.len());
    let _ = notes::body::text(bytes);
    let html = String::from_utf8_lossy(bytes);
    assert!(notes::body::text_of_html(&html).len() <= 2 * html.len());
}

/// One collection of one phone, read from its databases. The methods are those of
/// [`Handset`](crate::handset::Handset), for one collection.
pub(in crate::handset::iphone) trait Room: Send {
    fn survey(&mut self, past: &Past) -> Result<Holding, HandsetError>;
    fn next_batch(&mut self, after: Option<&Bookmark>) -> Result<Option<Batch>, HandsetError>;
    fn findings(&mut self) -> Result<Findings, HandsetError>;
}

/// Returns the room that reads a collection; `None`: no database holds it.
pub(in crate::handset::iphone) fn room(
    what: Collection,
    source: Arc<dyn Source>,
) -> Option<Box<dyn Room>> {
    match what {
        Collection::Contacts => Some(Box::new(contacts::Contacts::new(source))),
        Collection::Calendar => Some(Box::new(calendar::Calendars::new(source))),
        Collection::Todos => Some(Box::new(todos::Todos::new(source))),
        Collection::Calls => Some(Box::new(calls::Calls::new(source))),
        Collection::Messages => Some(Box::new(messages::Messages::new(source))),
        Collection::Sim | Collection::Files => None,
    }
}
