//! Notes: `NoteStore.sqlite` since iOS 9, `notes.sqlite` before and beside it.

pub mod body;
mod store;

use std::sync::Arc;

pub use self::store::{NoteStore, OldNotes};
use super::Source;
use super::parts::Parts;
use super::room::{self, Found, HOME};
use crate::handset::HandsetError;

const STORE: (&str, &str) = ("AppDomainGroup-group.com.apple.notes", "NoteStore.sqlite");
const OLD: &str = "Library/Notes/notes.sqlite";

/// Adds the databases of notes to the parts. Returns the reasons why some can't be read.
///
/// # Errors
/// If the link is lost or the rescue is stopped.
pub fn add(source: &Arc<dyn Source>, parts: &mut Parts) -> Result<Vec<String>, HandsetError> {
    let mut closed = Vec::new();
    for (domain, path) in [STORE, (HOME, OLD)] {
        match room::find(source, domain, path)? {
            Found::Open(database) => {
                let unknown = match domain {
                    HOME => OldNotes::new(*database).map(|notes| parts.push(notes)),
                    _ => NoteStore::new(*database).map(|notes| parts.push(notes)),
                };
                if let Err(holding) = unknown {
                    closed.extend(holding.unreadable);
                    closed.extend(holding.notes);
                }
            }
            Found::NotListed => {}
            Found::Closed(why) => closed.push(why),
        }
    }
    Ok(closed)
}
