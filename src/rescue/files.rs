//! From the vault to the portable files, counting what goes where.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::found;
use super::run::RescueError;
use super::series_join::Occurrences;
use super::sim_join::SimEntries;
use crate::export::calendars::{self, CalendarFiles, CalendarSummary};
use crate::export::contacts::{self, ContactFiles, ContactSummary};
use crate::export::file_list::{self, FileList};
use crate::export::notes;
use crate::format::found::join::{self, Waiting};
use crate::handset::RecordBody;
use crate::model::{Collection, Contact, FileCopy, FileKind, Source, uid};
use crate::vault::{DATA, RecordKind, Vault, VaultError, store};

/// What was counted while the files were written.
#[derive(Debug, Default)]
pub struct Written {
    pub counts: BTreeMap<Collection, Count>,
    pub contacts: ContactSummary,
    pub calendars: CalendarSummary,
    /// Cards in contacts.vcf that are SIM entries with no card of their own.
    pub sim_cards: u64,
    /// Contacts with a picture that is out of reach.
    pub pictures: u64,
    /// The owner's own card was there.
    pub own_card: bool,
    /// Cards found on the disk again, by file name, or why they were not.
    pub cards_found: Option<Result<BTreeMap<String, u64>, String>>,
    pub files: FileSummary,
    pub found: FoundSummary,
}

/// What stood in files that the owner had exported.
#[derive(Debug, Default)]
pub struct FoundSummary {
    pub contacts: Found,
    pub events: Found,
    pub todos: Found,
    pub notes: u64,
    /// Contacts with a picture from there.
    pub pictures: u64,
    /// What could not be read of them, each a sentence.
    pub unreadable: Vec<String>,
    /// Tables that hold something else than contacts.
    pub other_tables: Vec<String>,
}

/// Things of one kind in exported files, each counted once.
#[derive(Debug, Clone, Copy, Default)]
pub struct Found {
    /// Those that the handset itself did not give.
    pub new: u64,
    /// Those that it gave too; what they had more was added.
    pub known: u64,
}

/// What was copied of the handset's files.
#[derive(Debug, Default)]
pub struct FileSummary {
    pub copies: Vec<FileCopy>,
    pub bytes: u64,
    /// Lists that the owner had exported.
    pub exported: u64,
    pub trashed: u64,
    pub duplicates: u64,
    /// Copies that are not whole.
    pub damaged: u64,
}

/// How many records are taken from the journal while it is kept from its writer.
const PAGE: usize = 256;

/// Things of one collection, as a person counts them.
#[derive(Debug, Clone, Default)]
pub struct Count {
    pub living: u64,
    pub only_here: u64,
    pub deleted: u64,
    /// Living ones whose account is no longer on the handset, and those accounts.
    pub doomed: u64,
    pub doomed_accounts: BTreeSet<String>,
    /// Raw contacts that living ones were joined from; changed and cancelled occurrences.
    pub parts: u64,
    /// Rows that could not be decoded.
    pub undecoded: u64,
}

impl Count {
    fn add(&mut self, sources: &[Source], deleted: bool) {
        if deleted {
            self.deleted += 1;
            return;
        }
        self.living += 1;
        self.only_here += u64::from(sources.iter().any(|s| s.only_here && !s.deleted));
        let gone = || sources.iter().filter(|s| s.doomed);
        self.doomed += u64::from(gone().next().is_some());
        self.doomed_accounts
            .extend(gone().filter_map(|s| s.account.name.clone()));
    }
}

/// Hands over the records of a collection, leaving the journal free for its writer in between.
fn each_record(
    vault: &Mutex<Vault>,
    what: Collection,
    mut each: impl FnMut(RecordBody) -> Result<(), RescueError>,
) -> Result<(), RescueError> {
    let mut mark = None;
    loop {
        let (records, next) = lock(vault).records_after(what, mark.as_ref(), PAGE)?;
        for record in records {
            each(record.body)?;
        }
        match next {
            Some(next) => mark = Some(next),
            None => return Ok(()),
        }
    }
}

/// The journal, also where a thread that held it broke off: each commit is whole by itself.
pub fn lock(vault: &Mutex<Vault>) -> MutexGuard<'_, Vault> {
    vault.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes the contact files and reads them back. Contacts and SIM entries must have been read.
pub fn write_cards(vault: &Mutex<Vault>) -> Result<Written, RescueError> {
    let mut written = Written::default();
    let data = lock(vault).folder().join(DATA);
    let mut files = ContactFiles::new(&data)?;
    // True if it has a picture in the cards now.
    let push = |files: &mut ContactFiles, contact: &mut Contact| {
        let photo = contact
            .picture
            .as_ref()
            .and_then(|p| found::photo(&data, p));
        let has_photo = photo.is_some();
        if !has_photo {
            contact.picture = None;
        }
        files.push(contact, photo).map(|()| has_photo)
    };
    let mut uids = Uids::default();
    let (mut people, mut sim) = (Count::default(), Count::default());
    let mut entries = Vec::new();
    each_record(vault, Collection::Sim, |body| {
        if let RecordBody::Contact(entry) = body {
            sim.add(&entry.sources, false);
            entries.push(entry);
        }
        Ok(())
    })?;
    let mut entries = SimEntries::new(entries);
    let exported = found::read(&lock(vault), &[RecordKind::Contact])?;
    let mut exported = Waiting::new(exported.contacts);
    each_record(vault, Collection::Contacts, |body| {
        match body {
            RecordBody::Contact(mut contact) => {
                let deleted = contact.sources.iter().all(|s| s.deleted);
                people.add(&contact.sources, deleted);
                uids.make_own(&mut contact);
                if deleted {
                    files.push_deleted(&contact)?;
                } else {
                    people.parts += contact.sources.len() as u64;
                    entries.join(&mut contact);
                    let is_pictured = contact.has_picture;
                    written.found.contacts.known += exported.join(&mut contact);
                    let has_photo = push(&mut files, &mut contact)?;
                    written.pictures += u64::from(is_pictured && !has_photo);
                    written.found.pictures += u64::from(has_photo);
                }
            }
            RecordBody::Profile(mut card) => {
                uids.make_own(&mut card);
                written.own_card = true;
                files.profile(&card)?;
            }
            _ => people.undecoded += 1,
        }
        Ok(())
    })?;
    for mut entry in entries.left() {
        uids.make_own(&mut entry);
        written.found.contacts.known += exported.join(&mut entry);
        written.found.pictures += u64::from(push(&mut files, &mut entry)?);
        written.sim_cards += 1;
    }
    for mut card in exported.left() {
        uids.make_own(&mut card);
        written.found.pictures += u64::from(push(&mut files, &mut card)?);
        written.found.contacts.new += 1;
    }
    written.contacts = files.finish()?;
    let found = contacts::read_back(&data).map(|back| back.cards);
    written.cards_found = Some(found.map_err(|e| e.to_string()));
    written.counts.insert(Collection::Contacts, people);
    written.counts.insert(Collection::Sim, sim);
    Ok(written)
}

/// Writes the calendar and to-do files, and adds to `written` what was counted.
pub fn write_diary(vault: &Mutex<Vault>, written: &mut Written) -> Result<(), RescueError> {
    let data = lock(vault).folder().join(DATA);
    let (mut known, mut lone) = (Vec::new(), Occurrences::default());
    // Calendars come first: events name them. So do occurrences whose series is named by its server's id alone.
    each_record(vault, Collection::Calendar, |body| {
        match body {
            RecordBody::Calendar(calendar) => known.push(calendar),
            RecordBody::Event(event) => lone.add(event),
            _ => {}
        }
        Ok(())
    })?;
    let mut exported = found::read(
        &lock(vault),
        &[
            RecordKind::Calendar,
            RecordKind::Event,
            RecordKind::Todo,
            RecordKind::Note,
            RecordKind::Undecoded,
        ],
    )?;
    known.append(&mut exported.calendars);
    let mut found_events = Waiting::new(exported.events);
    let mut found_todos = Waiting::new(exported.todos);
    let found = &mut written.found;
    let mut files = CalendarFiles::new(&data, known)?;
    let (mut events, mut todos) = (Count::default(), Count::default());
    each_record(vault, Collection::Calendar, |body| {
        match body {
            RecordBody::Event(mut event) => {
                if lone.is_to_be_joined(&event) {
                    return Ok(());
                }
                lone.join(&mut event);
                // An occurrence without its series is no event of the handset's own count.
                let lone = event.recurrence_id.is_some();
                if lone && !event.source.deleted {
                    events.parts += 1;
                } else {
                    events.add(std::slice::from_ref(&event.source), event.source.deleted);
                    events.parts += (event.changed.len() + event.cancelled.len()) as u64;
                }
                if !event.source.deleted {
                    found.events.known += found_events.join(&mut event);
                }
                files.push_event(&event)?;
            }
            RecordBody::Calendar(_) => {}
            _ => events.undecoded += 1,
        }
        Ok(())
    })?;
    for event in lone.left() {
        events.parts += 1;
        files.push_event(&event)?;
    }
    each_record(vault, Collection::Todos, |body| {
        match body {
            RecordBody::Todo(mut todo) => {
                todos.add(std::slice::from_ref(&todo.source), todo.source.deleted);
                if !todo.source.deleted {
                    found.todos.known += found_todos.join(&mut todo);
                }
                files.push_todo(&todo)?;
            }
            _ => todos.undecoded += 1,
        }
        Ok(())
    })?;
    for event in found_events.left() {
        files.push_event(&event)?;
        found.events.new += u64::from(!event.source.deleted);
    }
    for todo in found_todos.left() {
        files.push_todo(&todo)?;
        found.todos.new += u64::from(!todo.source.deleted);
    }
    let mut own_notes = Vec::new();
    join::join(&mut own_notes, exported.notes);
    if !own_notes.is_empty() {
        let path = data.join(notes::NOTES);
        notes::write(&data, &own_notes).map_err(VaultError::io("write", &path))?;
    }
    found.notes = own_notes.len() as u64;
    found.unreadable = exported.unreadable;
    found.other_tables = exported.other_tables;
    written.calendars = files.finish()?;
    written.counts.insert(Collection::Calendar, events);
    written.counts.insert(Collection::Todos, todos);
    Ok(())
}

/// Writes the list of the handset's files, where there are any, and adds to `written` what was copied of them.
pub fn write_file_list(vault: &Mutex<Vault>, written: &mut Written) -> Result<(), RescueError> {
    let data = lock(vault).folder().join(DATA);
    let mut copies = HashMap::new();
    each_record(vault, Collection::Photos, |body| {
        if let RecordBody::Copied(copy) = body {
            copies.insert(copy.path.clone(), copy);
        }
        Ok(())
    })?;
    let path = data.join(file_list::FILE_LIST);
    let failed = |error| RescueError::from(VaultError::io("write", &path)(error));
    let (mut list, mut count) = (None, Count::default());
    each_record(vault, Collection::Photos, |body| {
        let RecordBody::File(file) = body else {
            return Ok(());
        };
        let list = match &mut list {
            Some(list) => list,
            none => none.insert(FileList::new(&data).map_err(failed)?),
        };
        let copy = copies.remove(&file.path).filter(|copy| copy.is_of(&file));
        list.push(&file, copy.as_ref()).map_err(failed)?;
        let Some(copy) = copy else {
            return Ok(());
        };
        count.living += u64::from(copy.damaged == 0);
        let files = &mut written.files;
        files.damaged += u64::from(copy.damaged > 0);
        files.exported += u64::from(file.kind == FileKind::Data);
        files.trashed += u64::from(file.trashed);
        files.duplicates += u64::from(copy.duplicate);
        files.bytes += if copy.duplicate { 0 } else { copy.size };
        files.copies.push(copy);
        Ok(())
    })?;
    list.map_or(Ok(()), FileList::finish).map_err(failed)?;
    written.counts.insert(Collection::Photos, count);
    Ok(())
}

/// Two cards that say the same, without a server's id, would have one UID: importers would drop one.
#[derive(Default)]
struct Uids(HashSet<u64>);

impl Uids {
    fn make_own(&mut self, contact: &mut Contact) {
        let first = contact.uid.clone();
        let mut number = 2;
        loop {
            let mut hasher = DefaultHasher::new();
            contact.uid.hash(&mut hasher);
            if self.0.insert(hasher.finish()) {
                return;
            }
            contact.uid = uid::from_parts(&[&first, &number.to_string()]);
            number += 1;
        }
    }
}

/// What was found on the disk again, by collection: the cards when they were written, the calendars now.
/// The copies of files are all read again; `progress` gets the bytes since its last call.
pub fn read_back(
    vault_folder: &std::path::Path,
    written: &Written,
    progress: &mut dyn FnMut(u64),
) -> Result<BTreeMap<Collection, u64>, String> {
    let data = vault_folder.join(DATA);
    let cards = match &written.cards_found {
        Some(found) => found.as_ref().map_err(Clone::clone)?,
        None => return Err("the cards were not read back".into()),
    };
    let count = |name: &str| cards.get(name).copied().unwrap_or_default();
    let living = written.contacts.living;
    for name in [contacts::ALL, contacts::ALL_V4, contacts::SINGLE] {
        let expected = if name == contacts::ALL_V4 {
            living - written.contacts.v4_refused
        } else {
            living
        };
        if count(name) != expected {
            return Err(format!(
                "{name} holds {} cards in place of {expected}",
                count(name)
            ));
        }
    }
    if count(contacts::DELETED) != written.contacts.deleted {
        return Err(format!("{} is not whole", contacts::DELETED));
    }
    let found = calendars::read_back(&data).map_err(|e| e.to_string())?;
    written
        .calendars
        .confirm(&found)
        .map_err(|e| e.to_string())?;
    let mut back = BTreeMap::new();
    back.insert(
        Collection::Contacts,
        count(contacts::ALL).saturating_sub(written.sim_cards + written.found.contacts.new),
    );
    back.insert(
        Collection::Sim,
        written.counts.get(&Collection::Sim).map_or(0, |c| c.living),
    );
    let lone = written
        .counts
        .get(&Collection::Calendar)
        .map_or(0, |c| written.calendars.events.saturating_sub(c.living));
    back.insert(Collection::Calendar, found.all.events.saturating_sub(lone));
    let exported = written.found.todos.new;
    back.insert(
        Collection::Todos,
        found.todos.todos.saturating_sub(exported),
    );
    let copies = &written.files.copies;
    let changed = store::changed(vault_folder, copies.iter(), progress);
    let whole = copies
        .iter()
        .filter(|copy| copy.damaged == 0 && !changed.contains(&copy.place));
    back.insert(Collection::Photos, whole.count() as u64);
    Ok(back)
}

#[cfg(test)]
mod tests;
