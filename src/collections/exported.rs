//! Records of files that the owner had exported. The journal stores them in the same collection as the files' copies.

use std::collections::{BTreeMap, BTreeSet};

use super::{Journal, Merged};
use crate::model::{
    Calendar, Collection, Contact, Event, FileCopy, FileKind, HandsetPath, Note, Origin, Record,
    RecordBody, Todo, Unread,
};
use crate::vault::{RecordKind, VaultError};

/// Prefix of the key of a record from a file, before the file's SHA-256 and the record's number in the file.
pub const PREFIX: &str = "found/";

/// The records of the current copies, without contacts.
#[derive(Debug, Default)]
pub struct Exported {
    /// Their rows are negative, since handsets have no such rows.
    pub calendars: Vec<Calendar>,
    pub events: Vec<Merged<Event>>,
    pub todos: Vec<Merged<Todo>>,
    pub notes: Vec<Merged<Note>>,
    pub unread: Vec<UnreadPart>,
}

/// A part of an exported file that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadPart {
    /// Collection of the file's records, if known.
    pub of: Option<Collection>,
    pub kind: Unread,
    /// The file's name, as in its records.
    pub file: String,
    /// A sentence that names the file.
    pub says: String,
}

/// Calls `each` with the contacts file by file, each as it is in its file.
///
/// # Errors
/// If the journal can't be read, and those of `each`.
pub fn each_contact(
    journal: &impl Journal,
    mut each: impl FnMut(Merged<Contact>) -> Result<(), VaultError>,
) -> Result<(), VaultError> {
    // Most phones have no such records, so the list of all their files need not be read.
    let mut files = None;
    journal.each(Collection::Files, &[RecordKind::Contact], |record| {
        let files = match &mut files {
            Some(files) => files,
            none => none.insert(copies(journal)?),
        };
        let RecordBody::Contact(contact) = record.body else {
            return Ok(());
        };
        if !is_of(&record.key, files) {
            return Ok(());
        }
        let mut sources = contact.sources.iter().rev();
        let own = sources.find(|source| source.origin == Origin::File);
        let file = own.map(|source| source.place.clone()).unwrap_or_default();
        each(Merged::of_file(record.key, file, contact))
    })
}

/// Calls `each` with the messages and calls file by file, each with its key.
///
/// # Errors
/// If the journal can't be read, and those of `each`.
pub fn each_of_kind(
    journal: &impl Journal,
    kind: RecordKind,
    mut each: impl FnMut(Record) -> Result<(), VaultError>,
) -> Result<(), VaultError> {
    // Most phones have no such records, so the list of all their files need not be read.
    let mut files = None;
    journal.each(Collection::Files, &[kind], |record| {
        let files = match &mut files {
            Some(files) => files,
            none => none.insert(copies(journal)?),
        };
        match is_of(&record.key, files) {
            true => each(record),
            false => Ok(()),
        }
    })
}

/// Returns the contact from a file with this key.
///
/// # Errors
/// If the journal can't be read, or no longer has the contact.
pub fn contact(journal: &impl Journal, key: &str) -> Result<Contact, VaultError> {
    match journal
        .one(Collection::Files, key)?
        .map(|record| record.body)
    {
        Some(RecordBody::Contact(contact)) => Ok(contact),
        Some(_) | None => Err(journal.lacks(key)),
    }
}

/// Returns true if a record is in one of these files. A file that has changed since an earlier part of the rescue
/// counts as another file.
fn is_of(key: &str, files: &BTreeMap<String, FileCopy>) -> bool {
    let file = key.strip_prefix(PREFIX).and_then(|k| k.split('/').next());
    file.is_some_and(|sum| files.contains_key(sum))
}

/// Reads the records of these kinds.
///
/// # Errors
/// If the journal can't be read.
pub fn read(journal: &impl Journal, kinds: &[RecordKind]) -> Result<Exported, VaultError> {
    let mut exported = Exported::default();
    let mut records = Vec::new();
    journal.each(Collection::Files, kinds, |record| {
        records.push(record);
        Ok::<_, VaultError>(())
    })?;
    // Most phones have no such records, so the list of all their files need not be read.
    if records.is_empty() {
        return Ok(exported);
    }
    let files = copies(journal)?;
    for Record { key, body } in records {
        if !is_of(&key, &files) {
            continue;
        }
        match body {
            RecordBody::Calendar(calendar) => exported.calendars.push(calendar),
            RecordBody::Event(event) => {
                let file = event.source.place.clone();
                exported.events.push(Merged::of_file(key, file, event));
            }
            RecordBody::Todo(todo) => {
                let file = todo.source.place.clone();
                exported.todos.push(Merged::of_file(key, file, todo));
            }
            RecordBody::Note(note) => {
                let file = note.source.place.clone();
                exported.notes.push(Merged::of_file(key, file, note));
            }
            RecordBody::Undecoded {
                what,
                why,
                of,
                kind,
            } => exported.unread.push(UnreadPart {
                of,
                kind,
                file: what.strip_prefix("found/").unwrap_or(&what).to_owned(),
                says: format!("{what}: {why}."),
            }),
            RecordBody::Contact(_)
            | RecordBody::Profile(_)
            | RecordBody::Call(_)
            | RecordBody::Message(_)
            | RecordBody::File(_)
            | RecordBody::Copied(_) => {}
        }
    }
    Ok(exported)
}

/// Returns the copies of exported files by SHA-256, each content once, except files in the trash. The same content may
/// have been copied first for another file, which may be of another kind or have changed since.
///
/// # Errors
/// If the journal can't be read.
pub fn copies(journal: &impl Journal) -> Result<BTreeMap<String, FileCopy>, VaultError> {
    // A file's kind may be known from its content instead of its name.
    let mut exported: BTreeSet<HandsetPath> = BTreeSet::new();
    journal.each(Collection::Files, &[RecordKind::File], |record| {
        if let RecordBody::File(file) = record.body
            && file.kind == FileKind::Data
            && !file.trashed
        {
            exported.insert(file.path);
        }
        Ok::<_, VaultError>(())
    })?;
    let mut copies: BTreeMap<String, FileCopy> = BTreeMap::new();
    if exported.is_empty() {
        return Ok(copies);
    }
    journal.each(Collection::Files, &[RecordKind::Copied], |record| {
        if let RecordBody::Copied(copy) = record.body
            && exported.contains(&copy.path)
        {
            let known = copies.get(&copy.sha256);
            if known.is_none_or(|known| known.duplicate && !copy.duplicate) {
                copies.insert(copy.sha256.clone(), copy);
            }
        }
        Ok::<_, VaultError>(())
    })?;
    Ok(copies)
}

/// Returns the last part of a path.
pub fn name_of(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or_default()
}
