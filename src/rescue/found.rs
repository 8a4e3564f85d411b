//! What the owner had exported: the copies of such files are decoded, and what stands in them is kept in the journal
//! beside them, in the collection of files.

use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Mutex;

use crate::collections::exported::{self, PREFIX, name_of};
use crate::collections::lock;
use crate::format::found::{self, FoundContact, Kind, MAX_FILE};
use crate::format::vcard::Photo;
use crate::format::vcard::contact::Attachment;
use crate::handset::{Batch, Record, RecordBody};
use crate::model::{Collection, Contact, FileCopy, Picture, Unread};
use crate::vault::{DATA, Vault, VaultError, sha256_hex, store};

/// The most that is said of one file's unreadable parts.
const MOST_UNREADABLE: usize = 100;

/// Decodes the copies that are not decoded yet, each in one commit. True if contacts were found.
///
/// # Errors
/// If a copy can't be read, or the journal can't be written.
pub fn decode(vault: &Mutex<Vault>) -> Result<bool, VaultError> {
    let (copies, known, data) = {
        let vault = lock(vault);
        let known = vault.keys(Collection::Photos)?;
        let copies = exported::copies(&*vault)?.into_values();
        (copies, known, vault.folder().join(DATA))
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
            None => vec![RecordBody::Undecoded {
                what: copy.place.clone(),
                why: "the file is too large to be read at once".to_owned(),
                of: None,
                kind: Unread::Limit,
            }],
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

/// The records of one file.
fn bodies(copy: &FileCopy, bytes: &[u8]) -> Vec<RecordBody> {
    let own = String::from_utf8_lossy(name_of(&copy.path.0));
    let name = match copy.place.split_once('/') {
        Some((store::FOUND, name)) => name,
        _ => own.as_ref(),
    };
    let found = found::read(name, bytes);
    let of = collection_of(found.kind).or_else(|| collection_of(found::kind_of_name(name)?));
    // Tables of anything have the ending of tables of contacts.
    if found.kind == Kind::OtherTable {
        return vec![RecordBody::Undecoded {
            what: copy.place.clone(),
            why: "a table of something else than contacts".to_owned(),
            of: None,
            kind: Unread::OtherThing,
        }];
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
    let unread = |why: String, is_limit: bool| RecordBody::Undecoded {
        what: copy.place.clone(),
        why,
        of,
        kind: match is_limit {
            true => Unread::Limit,
            false => Unread::Damage,
        },
    };
    bodies.extend(unreadable.map(|part| unread(part.to_string(), part.fault.is_limit())));
    if further > 0 {
        let all = &found.unreadable.list;
        let is_limit = all.iter().any(|part| part.fault.is_limit());
        bodies.push(unread(format!("{further} more parts of it"), is_limit));
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

/// What a file of this kind holds.
fn collection_of(kind: Kind) -> Option<Collection> {
    match kind {
        Kind::VCard | Kind::ContactTable => Some(Collection::Contacts),
        Kind::VCalendar | Kind::ICalendar => Some(Collection::Calendar),
        Kind::VNote | Kind::OtherTable | Kind::Unknown => None,
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
