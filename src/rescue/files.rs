//! Writes the portable files from the vault and counts what goes into each.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Mutex;

use super::found;
use super::pace::{Pace, Watch};
use super::run::RescueError;
use crate::collections::contacts::Entry;
use crate::collections::exported::{self, UnreadPart};
use crate::collections::{self, Joins, Journal, Role, lock};
use crate::export::calendars::{self, CalendarFiles, CalendarSummary};
use crate::export::calls::{self, CallFiles};
use crate::export::contacts::{self, ContactFiles, ContactSummary};
use crate::export::file_list::{self, FileList};
use crate::export::notes;
use crate::format::Losses;
use crate::format::vcard::Photo;
use crate::many::Fingerprints;
use crate::model::{
    Collection, Contact, FileCopy, FileKind, HandsetFile, RecordBody, Source, Stop, uid,
};
use crate::vault::{DATA, RecordKind, Vault, VaultError, store};

/// Number of copies that are read back before their results are evaluated.
const CHECKED_AT_ONCE: usize = 1 << 10;

/// Counts taken while the files were written.
#[derive(Debug, Default)]
pub struct Written {
    pub counts: BTreeMap<Collection, Count>,
    pub contacts: ContactSummary,
    pub calendars: CalendarSummary,
    /// What `calls.xml` could not hold.
    pub calls: Losses,
    /// Cards in contacts.vcf that are SIM entries without a card in the address book.
    pub sim_cards: u64,
    /// SIM entries that match cards of the handset.
    pub sim_joined: u64,
    /// Contacts with a picture that can't be read.
    pub pictures: u64,
    /// The owner's own card was there.
    pub own_card: bool,
    /// Number of cards read back from the disk, by file name, or why the reading back failed.
    pub cards_found: Option<Result<BTreeMap<String, u64>, String>>,
    pub files: FileSummary,
    pub found: FoundSummary,
}

/// Counts of the records in files that the owner had exported.
#[derive(Debug, Default)]
pub struct FoundSummary {
    pub contacts: Joins,
    pub events: Joins,
    pub todos: Joins,
    pub notes: Joins,
    /// Contacts with a picture from an exported file.
    pub pictures: u64,
    /// Parts of the exported files that could not be read.
    pub unread: Vec<UnreadPart>,
}

/// Counts of the copies of the handset's files.
#[derive(Debug, Default)]
pub struct FileSummary {
    pub bytes: u64,
    /// Lists that the owner had exported.
    pub exported: u64,
    pub trashed: u64,
    pub duplicates: u64,
    /// Copies that are not whole.
    pub damaged: u64,
}

/// Things of one collection, as a person counts them.
#[derive(Debug, Clone, Default)]
pub struct Count {
    pub living: u64,
    pub only_here: u64,
    pub deleted: u64,
    /// Living things whose account is no longer on the handset, and those accounts.
    pub doomed: u64,
    pub doomed_accounts: BTreeSet<String>,
    /// Raw contacts that the living contacts were joined from; changed and cancelled occurrences.
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

/// Writes the contact files and reads them back. Contacts and SIM entries must already have been read.
pub fn write_cards(vault: &Mutex<Vault>, pace: &Pace) -> Result<Written, RescueError> {
    let mut written = Written::default();
    pace.expect(records_of(vault, &[Collection::Contacts, Collection::Sim])?);
    let data = lock(vault).folder().join(DATA);
    let mut files = ContactFiles::new(&data)?;
    let mut uids = Uids::default();
    let (mut people, mut sim) = (Count::default(), Count::default());
    vault.each(Collection::Sim, &[RecordKind::Contact], |record| {
        if let RecordBody::Contact(entry) = record.body {
            sim.add(&entry.sources, false);
        }
        Ok::<_, RescueError>(())
    })?;
    let summary = collections::contacts::each(vault, |entry| {
        let Entry {
            role,
            merged,
            parts,
            had_picture,
        } = entry;
        pace.wrote(merged.keys.len())?;
        let mut contact = merged.record;
        uids.make_own(&mut contact);
        match role {
            Role::Deleted => {
                people.add(&contact.sources, true);
                files.push_deleted(&contact)?;
            }
            Role::Own => {
                written.own_card = true;
                files.profile(&contact)?;
            }
            Role::Handset | Role::Sim | Role::File => {
                let photo = found::photo(&data, &contact);
                let has_photo = photo.as_ref().is_some_and(Photo::is_portrait);
                if !has_photo {
                    contact.picture = None;
                }
                files.push(&contact, photo)?;
                written.found.pictures += u64::from(has_photo);
                if role == Role::Handset {
                    people.add(&contact.sources, false);
                    people.parts += parts;
                    written.pictures += u64::from(had_picture && !has_photo);
                }
                written.sim_cards += u64::from(role == Role::Sim);
            }
        }
        Ok::<_, RescueError>(())
    })?;
    people.undecoded = summary.undecoded;
    written.sim_joined = summary.sim_joined;
    written.found.contacts = summary.joins;
    written.contacts = files.finish()?;
    pace.expect_back(written.contacts.living);
    let found = contacts::read_back_while(&data, &mut || {
        pace.read_back();
        !pace.is_over()
    });
    if pace.is_over() {
        return Err(RescueError::Stopped);
    }
    let found = found.map(|back| back.cards);
    written.cards_found = Some(found.map_err(|e| e.to_string()));
    written.counts.insert(Collection::Contacts, people);
    written.counts.insert(Collection::Sim, sim);
    Ok(written)
}

/// Writes the calendar and to-do files, and adds their counts to `written`.
pub fn write_diary(
    vault: &Mutex<Vault>,
    written: &mut Written,
    watch: &mut Watch<'_>,
) -> Result<(), RescueError> {
    watch.expect(records_of(
        vault,
        &[Collection::Calendar, Collection::Todos],
    )?);
    let data = lock(vault).folder().join(DATA);
    let calendars = collections::calendar::calendars(vault)?;
    let mut files = CalendarFiles::new(&data, calendars)?;
    let (mut events, mut todos) = (Count::default(), Count::default());
    // Records that an earlier rescue exported as deleted stay deleted when its files are found on this handset.
    let mut thrown_away = (0, 0);
    let summary = collections::calendar::each(vault, |entry| {
        watch.wrote(entry.merged.keys.len())?;
        let event = &entry.merged.record;
        match entry.role {
            Role::File => thrown_away.0 += u64::from(event.source.deleted),
            // An occurrence without its series is not part of the handset's own count of events.
            _ if entry.is_lone && !event.source.deleted => {}
            _ => events.add(std::slice::from_ref(&event.source), event.source.deleted),
        }
        events.parts += entry.parts;
        files.push_event(event)?;
        Ok::<_, RescueError>(())
    })?;
    events.undecoded = summary.undecoded;
    written.found.events = summary.joins;
    let summary = collections::todos::each(vault, |role, merged| {
        watch.wrote(merged.keys.len())?;
        let todo = &merged.record;
        match role {
            Role::File => thrown_away.1 += u64::from(todo.source.deleted),
            _ => todos.add(std::slice::from_ref(&todo.source), todo.source.deleted),
        }
        files.push_todo(todo)?;
        Ok::<_, RescueError>(())
    })?;
    todos.undecoded = summary.undecoded;
    written.found.todos = summary.joins;
    written.found.events.new -= thrown_away.0.min(written.found.events.new);
    written.found.todos.new -= thrown_away.1.min(written.found.todos.new);
    let (own_notes, note_joins) = collections::notes::all(vault)?;
    if !own_notes.is_empty() {
        let path = data.join(notes::NOTES);
        notes::write(&data, &own_notes).map_err(VaultError::io("write", &path))?;
    }
    written.found.notes = note_joins;
    written.found.unread = exported::read(vault, &[RecordKind::Undecoded])?.unread;
    written.calendars = files.finish()?;
    written.counts.insert(Collection::Calendar, events);
    written.counts.insert(Collection::Todos, todos);
    Ok(())
}

/// Writes the files of calls, if there are any, and adds their count to `written`.
pub fn write_calls(
    vault: &Mutex<Vault>,
    written: &mut Written,
    watch: &mut Watch<'_>,
) -> Result<(), RescueError> {
    let data = lock(vault).folder().join(DATA);
    let path = data.join(calls::CSV);
    let failed = |error| RescueError::from(VaultError::io("write", &path)(error));
    let (mut files, mut count) = (None, Count::default());
    let counts = lock(vault).counts(Collection::Calls)?;
    let expected = counts.iter().find(|(kind, _)| **kind == RecordKind::Call);
    let expected = expected.map_or(0, |(_, count)| *count);
    count.undecoded = collections::calls::each(vault, |_, call| {
        watch.look()?;
        let files = match &mut files {
            Some(files) => files,
            none => none.insert(CallFiles::new(&data, expected).map_err(failed)?),
        };
        files.push(&call).map_err(failed)?;
        count.add(std::slice::from_ref(&call.source), false);
        Ok::<_, RescueError>(())
    })?;
    if let Some(files) = files {
        written.calls = files.finish().map_err(failed)?;
    }
    written.counts.insert(Collection::Calls, count);
    Ok(())
}

/// Writes the list of the handset's files, if there are any, and adds the counts of the copies to `written`.
pub fn write_file_list(
    vault: &Mutex<Vault>,
    written: &mut Written,
    watch: &mut Watch<'_>,
) -> Result<(), RescueError> {
    let data = lock(vault).folder().join(DATA);
    let path = data.join(file_list::FILE_LIST);
    let failed = |error| RescueError::from(VaultError::io("write", &path)(error));
    let (mut list, mut count) = (None, Count::default());
    vault.each(Collection::Photos, &[RecordKind::File], |record| {
        watch.look()?;
        let RecordBody::File(file) = record.body else {
            return Ok(());
        };
        let list = match &mut list {
            Some(list) => list,
            none => none.insert(FileList::new(&data).map_err(failed)?),
        };
        let copy = copy_of(vault, &file)?;
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
        Ok::<_, RescueError>(())
    })?;
    list.map_or(Ok(()), FileList::finish).map_err(failed)?;
    written.counts.insert(Collection::Photos, count);
    Ok(())
}

/// Returns the copy of a file, if the copy matches the current listing.
fn copy_of(journal: &impl Journal, file: &HandsetFile) -> Result<Option<FileCopy>, VaultError> {
    let record = journal.one(Collection::Photos, &FileCopy::key_at(&file.path))?;
    Ok(match record.map(|record| record.body) {
        Some(RecordBody::Copied(copy)) if copy.is_of(file) => Some(copy),
        Some(_) | None => None,
    })
}

/// Returns the number of records in these collections.
fn records_of(vault: &Mutex<Vault>, of: &[Collection]) -> Result<u64, VaultError> {
    let vault = lock(vault);
    let mut sum = 0;
    for what in of {
        let counts = vault.counts(*what)?;
        let all = counts.iter().filter(|(kind, _)| {
            matches!(
                kind,
                RecordKind::Contact | RecordKind::Profile | RecordKind::Event | RecordKind::Todo
            )
        });
        sum += all.map(|(_, count)| count).sum::<u64>();
    }
    Ok(sum)
}

/// Keeps the UIDs of cards unique. Two cards with the same content and no server ID would get the same UID, and
/// importers would drop one of them.
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

/// Returns the number of things found on the disk again, by collection. The cards were read back when they were
/// written; the calendars are read back now.
///
/// If `are_copies_read` is set, all copies of files are read again. `progress` receives the bytes read since its last
/// call. Once `stop` is set, the result is meaningless.
pub fn read_back(
    vault: &Vault,
    written: &Written,
    are_copies_read: bool,
    stop: &Stop,
    progress: &mut dyn FnMut(u64),
) -> Result<BTreeMap<Collection, u64>, String> {
    let data = vault.folder().join(DATA);
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
    let has_calls = written.counts.get(&Collection::Calls);
    let calls = match has_calls.is_some_and(|count| count.living > 0) {
        true => calls::read_back(&data)?,
        false => 0,
    };
    back.insert(Collection::Calls, calls);
    if !are_copies_read {
        return Ok(back);
    }
    let whole = whole_copies(vault, stop, progress).map_err(|e| e.to_string())?;
    back.insert(Collection::Photos, whole);
    Ok(back)
}

/// Reads the copies of the listed files again, each place once. Returns the number of files that have a whole copy.
fn whole_copies(
    vault: &Vault,
    stop: &Stop,
    progress: &mut dyn FnMut(u64),
) -> Result<u64, VaultError> {
    let (mut whole, mut read, mut some) = (0, Fingerprints::default(), Vec::new());
    let mut changed = HashSet::new();
    let mut check = |some: &mut Vec<FileCopy>| {
        if !stop.is_stopped() {
            changed.extend(store::changed(vault.folder(), some.iter(), stop, progress));
        }
        some.clear();
    };
    each_copy(vault, |copy| {
        whole += u64::from(copy.damaged == 0);
        if read.insert(&(&copy.place, &copy.sha256), ()).is_none() {
            some.push(copy);
        }
        if some.len() >= CHECKED_AT_ONCE {
            check(&mut some);
        }
    })?;
    check(&mut some);
    if !changed.is_empty() {
        each_copy(vault, |copy| {
            whole -= u64::from(copy.damaged == 0 && changed.contains(&copy.place));
        })?;
    }
    Ok(whole)
}

/// Calls `each` with the copy of every listed file.
fn each_copy(vault: &Vault, mut each: impl FnMut(FileCopy)) -> Result<(), VaultError> {
    vault.each(Collection::Photos, &[RecordKind::File], |record| {
        if let RecordBody::File(file) = record.body
            && let Some(copy) = copy_of(vault, &file)?
        {
            each(copy);
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests;
