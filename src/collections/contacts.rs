//! Contacts: the phone's own, its SIM cards' entries, and those of exported files.

mod details;
mod files;
mod list;
pub mod names;
mod number;
mod photo;
pub mod pick;
pub mod qr;
mod same;
mod sim;

use super::exported::{self, PREFIX};
use super::merge::{Joins, Mergeable, Merged, Unmatched};
use super::{Journal, Role, Room};
use crate::model::{Collection, Contact, RecordBody};
use crate::vault::{RecordKind, VaultError};
use sim::SimEntries;

pub use details::NO_PICTURE;
pub use number::dialled;
pub use photo::photo;

/// The address book, with the entries of SIM cards.
pub static ROOM: Room = Room {
    is_early: true,
    write: files::write,
    files: files::FILES,
    sheet: Some(&list::SHEET),
    details: |journal, keys| {
        let contact = one(journal, keys.iter().copied())?;
        Ok(contact.map(|(_, contact)| details::details(&contact)))
    },
    formats: pick::FORMATS,
    pick: pick::pick,
    ..Room::EMPTY
};

/// A contact as it appears in the rescue's files.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub role: Role,
    pub merged: Merged<Contact>,
    /// Number of the phone's raw contacts that were joined.
    pub parts: u64,
    /// The phone itself has a picture of the contact.
    pub had_picture: bool,
}

/// Counts of the run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows of the phone that could not be decoded.
    pub undecoded: u64,
    /// SIM entries that match cards of the phone.
    pub sim_joined: u64,
    pub joins: Joins,
}

/// Calls `each` with every contact once: the phone's contacts in their order, then SIM entries without a card, then
/// contacts that are only in files.
///
/// # Errors
/// If the journal can't be read, and those of `each`.
pub fn each<E: From<VaultError>>(
    journal: &impl Journal,
    mut each: impl FnMut(Entry) -> Result<(), E>,
) -> Result<Summary, E> {
    let mut summary = Summary::default();
    let mut entries = Vec::new();
    journal.each(Collection::Sim, &[RecordKind::Contact], |record| {
        if let RecordBody::Contact(entry) = record.body {
            entries.push(Merged::of_handset(record.key, entry));
        }
        Ok::<_, E>(())
    })?;
    let mut sim = SimEntries::new(entries);
    let fetch = |key: &str| exported::contact(journal, key);
    let mut found = Unmatched::fetched(Some(&fetch));
    exported::each_contact(journal, |contact| found.add(contact))?;
    let kinds = [
        RecordKind::Contact,
        RecordKind::Profile,
        RecordKind::Undecoded,
    ];
    journal.each(Collection::Contacts, &kinds, |record| {
        let (contact, role) = match record.body {
            RecordBody::Contact(contact) if is_deleted(&contact) => (contact, Role::Deleted),
            RecordBody::Contact(contact) => (contact, Role::Handset),
            RecordBody::Profile(card) => (card, Role::Own),
            // The only other kind that was asked for is a row that could not be decoded.
            _ => {
                summary.undecoded += 1;
                return Ok(());
            }
        };
        let mut entry = Entry::new(role, Merged::of_handset(record.key, contact));
        if role == Role::Handset {
            summary.sim_joined += sim.join(&mut entry.merged);
            found.join(&mut entry.merged)?;
        }
        each(entry)
    })?;
    for entry in sim.into_unmatched() {
        let mut entry = Entry::new(Role::Sim, entry);
        found.join(&mut entry.merged)?;
        each(entry)?;
    }
    summary.joins = found.each_unmatched(|merged| each(Entry::new(Role::File, merged)))?;
    Ok(summary)
}

/// Returns the contact with these keys ([`Merged::keys`]), joined as in [`each`]. `None`: no such contact.
///
/// # Errors
/// If the journal can't be read.
pub fn one<'k>(
    journal: &impl Journal,
    keys: impl IntoIterator<Item = &'k str>,
) -> Result<Option<(Role, Contact)>, VaultError> {
    let mut whole: Option<(Role, Contact)> = None;
    for key in keys {
        // The first key is the contact's own; keys of SIM entries and files follow.
        let places: &[Collection] = match (key.starts_with(PREFIX), &whole) {
            (true, _) => &[Collection::Files],
            (false, None) => &[Collection::Contacts, Collection::Sim],
            (false, Some(_)) => &[Collection::Sim],
        };
        for place in places {
            let Some(record) = journal.one(*place, key)? else {
                continue;
            };
            let (contact, role) = match (record.body, place) {
                (RecordBody::Profile(card), _) => (card, Role::Own),
                (RecordBody::Contact(card), Collection::Sim) => (card, Role::Sim),
                (RecordBody::Contact(card), Collection::Files) => (card, Role::File),
                (RecordBody::Contact(card), _) if is_deleted(&card) => (card, Role::Deleted),
                (RecordBody::Contact(card), _) => (card, Role::Handset),
                _ => continue,
            };
            match &mut whole {
                None => whole = Some((role, contact)),
                Some((_, known)) => known.take_in(contact),
            }
            break;
        }
    }
    Ok(whole)
}

impl Entry {
    fn new(role: Role, merged: Merged<Contact>) -> Self {
        Self {
            role,
            parts: merged.record.sources.len() as u64,
            had_picture: merged.record.has_picture,
            merged,
        }
    }
}

/// Returns true if all of the contact's sources are marked deleted.
fn is_deleted(contact: &Contact) -> bool {
    !contact.sources.is_empty() && contact.sources.iter().all(|source| source.deleted)
}
