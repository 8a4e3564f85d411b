//! What the owner had exported: the copies of such files are decoded, and what stands in them is kept in the journal
//! beside them, in the collection of files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Mutex;

use super::files::lock;
use crate::format::found::join::Joinable;
use crate::format::found::{self, FoundContact, Kind, MAX_FILE};
use crate::format::vcard::Photo;
use crate::format::vcard::contact::Attachment;
use crate::handset::owner_files::kind_of;
use crate::handset::{Batch, Record, RecordBody};
use crate::model::{Calendar, Collection, Contact, Event, FileCopy, FileKind, Note, Picture, Todo};
use crate::vault::{DATA, RecordKind, Vault, VaultError, sha256_hex, store};

/// How the key of a record begins that stands in a file; its SHA-256 and the record's number in it follow.
const PREFIX: &str = "found/";

/// Why a table is not read that is no list of contacts: nothing is lost with it.
const OTHER_TABLE: &str = "it is a table of something else than contacts";

/// The most that is said of one file's unreadable parts.
const MOST_UNREADABLE: usize = 100;

/// What stands in exported files.
#[derive(Debug, Default)]
pub struct Exported {
    pub contacts: Vec<Contact>,
    /// Their rows are below zero, where no handset has any.
    pub calendars: Vec<Calendar>,
    pub events: Vec<Event>,
    pub todos: Vec<Todo>,
    pub notes: Vec<Note>,
    /// What could not be read, each a sentence.
    pub unreadable: Vec<String>,
    /// The copies of tables that hold something else than contacts.
    pub other_tables: Vec<String>,
}

/// Decodes the copies that are not decoded yet, each in one commit. True if contacts were found.
///
/// # Errors
/// If a copy can't be read, or the journal can't be written.
pub fn decode(vault: &Mutex<Vault>) -> Result<bool, VaultError> {
    let (copies, known, data) = {
        let vault = lock(vault);
        let known = vault.keys(Collection::Photos)?;
        (copies(&vault)?, known, vault.folder().join(DATA))
    };
    let mut any_contacts = false;
    for copy in copies {
        let prefix = format!("{PREFIX}{}/", copy.sha256);
        let is_known = known.range(prefix.clone()..).next();
        if is_known.is_some_and(|key| key.starts_with(&prefix)) {
            continue;
        }
        let path = data.join(&copy.place);
        let bytes = match copy.size > MAX_FILE as u64 {
            true => None,
            false => Some(fs::read(&path).map_err(VaultError::io("read", &path))?),
        };
        let bodies = match bytes {
            Some(bytes) => bodies(&copy, &bytes),
            None => vec![undecoded(&copy, "it is too large".to_owned())],
        };
        any_contacts |= bodies.iter().any(|b| matches!(b, RecordBody::Contact(_)));
        let record = |(number, body)| Record {
            key: format!("{prefix}{number}"),
            body,
        };
        let batch = Batch {
            records: bodies.into_iter().enumerate().map(record).collect(),
            ..Batch::default()
        };
        lock(vault).commit(Collection::Photos, &batch)?;
    }
    Ok(any_contacts)
}

/// What stands in the copies that there are now, of these kinds.
///
/// # Errors
/// If the journal can't be read.
pub fn read(vault: &Vault, kinds: &[RecordKind]) -> Result<Exported, VaultError> {
    let mut exported = Exported::default();
    each(vault, kinds, |record| {
        match record.body {
            RecordBody::Contact(contact) => exported.contacts.push(contact),
            RecordBody::Calendar(calendar) => exported.calendars.push(calendar),
            RecordBody::Event(event) => exported.events.push(event),
            RecordBody::Todo(todo) => exported.todos.push(todo),
            RecordBody::Note(note) => exported.notes.push(note),
            RecordBody::Undecoded { what, why } if why == OTHER_TABLE => {
                exported.other_tables.push(what);
            }
            RecordBody::Undecoded { what, why } => {
                exported.unreadable.push(format!("{what}: {why}."));
            }
            RecordBody::Profile(_) | RecordBody::File(_) | RecordBody::Copied(_) => {}
        }
        Ok::<_, VaultError>(())
    })?;
    Ok(exported)
}

/// Hands over the records of these kinds that stand in the copies that there are now.
///
/// # Errors
/// If the journal can't be read, and those of `each`.
pub fn each<E: From<VaultError>>(
    vault: &Vault,
    kinds: &[RecordKind],
    mut each: impl FnMut(Record) -> Result<(), E>,
) -> Result<(), E> {
    let files: BTreeSet<String> = copies(vault)?.into_iter().map(|c| c.sha256).collect();
    if files.is_empty() {
        return Ok(());
    }
    vault.for_each_record(Collection::Photos, kinds, |record| {
        // A file that has changed since an earlier part of the rescue is another file.
        let key = record.key.strip_prefix(PREFIX);
        let file = key.and_then(|key| key.split('/').next());
        match file.is_some_and(|sum| files.contains(sum)) {
            true => each(record),
            false => Ok(()),
        }
    })
}

/// A record with its key in the journal.
#[derive(Debug)]
pub struct Keyed<T> {
    pub key: String,
    pub record: T,
}

impl<T: Joinable> Joinable for Keyed<T> {
    fn keys(&self) -> Vec<String> {
        self.record.keys()
    }

    fn is_same(&self, other: &Self) -> bool {
        self.record.is_same(&other.record)
    }

    fn take_in(&mut self, found: Self) {
        self.record.take_in(found.record);
    }
}

/// The copies of exported files, each content once. The same bytes may have been copied first as another file, which may
/// be of another kind, or another file by now.
fn copies(vault: &Vault) -> Result<Vec<FileCopy>, VaultError> {
    let mut copies: BTreeMap<String, FileCopy> = BTreeMap::new();
    vault.for_each_record(Collection::Photos, &[RecordKind::Copied], |record| {
        if let RecordBody::Copied(copy) = record.body
            && kind_of(name_of(&copy.path.0)) == Some(FileKind::Data)
        {
            let known = copies.get(&copy.sha256);
            if known.is_none_or(|known| known.duplicate && !copy.duplicate) {
                copies.insert(copy.sha256.clone(), copy);
            }
        }
        Ok::<_, VaultError>(())
    })?;
    Ok(copies.into_values().collect())
}

fn name_of(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or_default()
}

/// The records of one file.
fn bodies(copy: &FileCopy, bytes: &[u8]) -> Vec<RecordBody> {
    let own = String::from_utf8_lossy(name_of(&copy.path.0));
    let name = match copy.place.split_once('/') {
        Some((store::FOUND, name)) => name,
        _ => own.as_ref(),
    };
    let found = found::read(name, bytes);
    // Tables of anything have the ending of tables of contacts.
    if found.kind == Kind::OtherTable {
        return vec![undecoded(copy, OTHER_TABLE.to_owned())];
    }
    let row = |row: i64| row_of(&copy.sha256, row);
    let stem = name.rsplit('/').next().unwrap_or_default();
    let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
    let calendars = found.calendars.into_iter().map(|mut calendar| {
        calendar.row = row(calendar.row);
        if calendar.name.trim().is_empty() {
            calendar.name = stem.to_owned();
        }
        RecordBody::Calendar(calendar)
    });
    let contacts = found.contacts.into_iter();
    let events = found.events.into_iter().map(|placed| {
        let mut event = placed.record;
        event.calendar = row(event.calendar);
        RecordBody::Event(event)
    });
    let todos = found.todos.into_iter();
    let notes = found.notes.into_iter();
    let mut bodies: Vec<RecordBody> = calendars
        .chain(contacts.map(|found| RecordBody::Contact(pictured(copy, found))))
        .chain(events)
        .chain(todos.map(|placed| RecordBody::Todo(placed.record)))
        .chain(notes.map(|placed| RecordBody::Note(placed.record)))
        .collect();
    let further = found.unreadable.list.len().saturating_sub(MOST_UNREADABLE) as u64;
    let further = further.saturating_add(found.unreadable.further);
    let unreadable = found.unreadable.list.iter().take(MOST_UNREADABLE);
    bodies.extend(unreadable.map(|part| undecoded(copy, part.to_string())));
    if further > 0 {
        bodies.push(undecoded(copy, format!("{further} more parts of it")));
    }
    bodies
}

/// A contact that knows where its picture stands.
fn pictured(copy: &FileCopy, found: FoundContact) -> Contact {
    let mut contact = found.contact;
    contact.picture = pictures(&found.attachments).next().map(|bytes| Picture {
        place: copy.place.clone(),
        offset: found.raw.start as u64,
        length: found.raw.len() as u64,
        sha256: sha256_hex(bytes),
    });
    contact
}

/// The pictures of a card that address books would show.
fn pictures(attachments: &[Attachment]) -> impl Iterator<Item = &[u8]> {
    attachments
        .iter()
        .filter(|attachment| attachment.property == "PHOTO" && Photo::is_one(&attachment.bytes))
        .map(|attachment| attachment.bytes.as_slice())
}

/// A contact's picture, read out of the copy of the file that it stands in, so that no more than one is ever held.
/// `None`: the copy has changed, or can't be read.
pub fn photo(data: &Path, picture: &Picture) -> Option<Photo> {
    let length = usize::try_from(picture.length).ok()?;
    if length > MAX_FILE {
        return None;
    }
    let mut file = fs::File::open(data.join(&picture.place)).ok()?;
    file.seek(SeekFrom::Start(picture.offset)).ok()?;
    let mut card = vec![0; length];
    file.read_exact(&mut card).ok()?;
    let found = found::read("card.vcf", &card);
    let mut all = found.contacts.iter().flat_map(|c| pictures(&c.attachments));
    Photo::of(all.find(|bytes| sha256_hex(bytes) == picture.sha256)?)
}

fn undecoded(copy: &FileCopy, why: String) -> RecordBody {
    RecordBody::Undecoded {
        what: copy.place.clone(),
        why,
    }
}

/// A row for a file's calendar that no other file's has.
fn row_of(sha256: &str, row: i64) -> i64 {
    let sum = sha256
        .get(..12)
        .and_then(|hex| i64::from_str_radix(hex, 16).ok());
    let file = sum.unwrap_or_default().wrapping_mul(1 << 14);
    -file.wrapping_add(row).wrapping_abs().max(1)
}
