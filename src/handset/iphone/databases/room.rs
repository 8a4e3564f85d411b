//! What all rooms share: finding and opening their databases, bookmarks, and the sentences about both.

use std::sync::Arc;

use super::database::{Broken, Database};
use super::{Source, SourceError};
use crate::handset::HandsetError;
use crate::model::{Bookmark, Findings, Holding};
use crate::phrase;

/// The domain of most of the owner's databases.
pub const HOME: &str = "HomeDomain";

/// Number of rows of the main table that are read at once.
pub const PAGE: usize = 256;

/// Where a database is.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    pub domain: &'static str,
    pub path: &'static str,
}

/// The outcome of a look for a database.
pub enum Found {
    Open(Box<Database>),
    /// The source lists no such file.
    NotListed,
    /// The file is listed, and nothing of it can be read; with the reason.
    Closed(String),
}

/// Opens the database at a place.
///
/// # Errors
/// If the link is lost, the rescue is stopped, or the disk is full.
pub fn find(source: &Arc<dyn Source>, domain: &str, path: &str) -> Result<Found, HandsetError> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let copy = match source.copy_of(domain, path) {
        Ok(Some(copy)) => copy,
        Ok(None) => return Ok(Found::NotListed),
        Err(SourceError::Unreadable(why)) => {
            return Ok(Found::Closed(phrase!(
                "{name} can't be read: {why}. Make a new backup of the phone."
            )));
        }
        Err(error) => return Err(error.into()),
    };
    Ok(match Database::open(&copy.path, name) {
        Ok(mut database) => {
            database.damage = copy.damage;
            Found::Open(Box::new(database))
        }
        Err(why) => {
            let all = std::iter::once(why.0).chain(copy.damage);
            Found::Closed(all.collect::<Vec<_>>().join(" "))
        }
    })
}

/// Returns the holding of a collection that can't be read, with the reason.
pub fn closed(why: String) -> Holding {
    Holding {
        unreadable: Some(why),
        ..Holding::default()
    }
}

/// Returns the holding of a collection whose tables are of an unknown kind.
pub fn unknown(database: &Database, what: &str) -> Holding {
    Holding {
        unreadable: Some(phrase!(
            "This kind of {what} is not known to Lifeboat. Send a problem report, so that it can be added."
        )),
        notes: vec![phrase!(
            "The tables of {}: {}.",
            database.name,
            database.layout()
        )],
        ..Holding::default()
    }
}

/// Returns the number in a bookmark that begins with `what`: `person 512`.
pub fn place_of(bookmark: Option<&Bookmark>, what: &str) -> i64 {
    let number = bookmark.and_then(|bookmark| {
        let rest = bookmark.0.strip_prefix(what)?;
        rest.trim().parse().ok()
    });
    number.unwrap_or(i64::MIN)
}

pub fn bookmark(what: &str, number: i64) -> Bookmark {
    Bookmark(format!("{what} {number}"))
}

/// Notes why rows beside the main ones are missing, once for each table.
pub fn note_broken(findings: &mut Findings, database: &str, table: &str, broken: &Broken) {
    let sentence = phrase!(
        "Some rows of the table {table} in {database} can't be read: {}.",
        broken.said()
    );
    if !findings.missing.contains(&sentence) {
        findings.missing.push(sentence);
    }
}

/// Returns the error for a main table whose rows can't be read on.
pub fn broken_off(database: &str, broken: &Broken) -> HandsetError {
    HandsetError::Protocol {
        what: phrase!("{database} can't be read on: {}", broken.said()),
        advice: phrase("Make a new backup of the phone, and read that one.").into(),
    }
}
