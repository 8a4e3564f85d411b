//! Files that the owner had exported. Their copies are decoded, and the records in them are kept in the journal, in the
//! collection of files.

use std::io::{BufRead, BufReader, Read};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Mutex;

use super::error::RescueError;
use super::watch::Watch;
use crate::collections::exported::{self, PREFIX, name_of};
use crate::collections::lock;
use crate::format::found::{self, FoundContact, Kind, MAX_FILE};
use crate::format::phone_xml;
use crate::format::vcard::contact::Attachment;
use crate::format::vcard::{Photo, formatted_name};
use crate::model::{
    Attached, Collection, Contact, FileCopy, Picture, Record, RecordBody, Unread, other_backups,
    size,
};
use crate::phrase;
use crate::system::plain;
use crate::vault::{DATA, Vault, VaultError, sha256_hex, store};

/// Largest total size of a contact's attachments that go into the cards, in bytes, and their largest number. The
/// picture does not count.
const MOST_ATTACHED: usize = 4 << 20;
const MOST_PARTS: usize = 16;
/// Largest number of unreadable parts that are listed for one file.
const MOST_UNREADABLE: usize = 100;

/// Number of bytes of a file that are held while it is read piece by piece.
const HEAD: usize = 64 << 10;

/// Decodes the copies that are not decoded yet, each in one commit. Returns true if contacts were found.
///
/// # Errors
/// If a copy can't be read, the journal can't be written, or the run is stopped.
pub fn decode(vault: &Mutex<Vault>, watch: &mut Watch<'_>) -> Result<bool, RescueError> {
    let (copies, known, data) = {
        let vault = lock(vault);
        let known = vault.keys_from(Collection::Files, PREFIX)?;
        let copies = exported::copies(&*vault)?.into_values();
        (copies, known, vault.folder().join(DATA))
    };
    let mut any_contacts = false;
    for copy in copies {
        watch.look()?;
        let prefix = format!("{PREFIX}{}/", copy.sha256);
        let is_known = known.range(prefix.clone()..).next();
        if is_known.is_some_and(|key| key.starts_with(&prefix)) {
            continue;
        }
        let path = data.join(&copy.place);
        let failed = |error| VaultError::io(phrase("read"), &path)(error);
        let open = plain::open_in(&data, Path::new(&copy.place));
        let mut file = BufReader::with_capacity(HEAD, open.map_err(failed)?);
        let of = phone_xml::kind(file.fill_buf().map_err(failed)?);
        let bytes = match usize::try_from(copy.size) {
            Ok(size) if of.is_none() && size <= MAX_FILE => {
                // Allocate the exact size: a growing buffer may take half as much memory again, which is a lot for a
                // large file.
                let mut bytes = Vec::with_capacity(size + 1);
                let mut file = file.by_ref().take(MAX_FILE as u64);
                file.read_to_end(&mut bytes).map_err(failed)?;
                Some(bytes)
            }
            Ok(_) | Err(_) => None,
        };
        let mut number = 0_u64;
        any_contacts |= lock(vault).commit_each(Collection::Files, |put| {
            let mut put = |body| {
                watch.look()?;
                let key = format!("{prefix}{number}");
                number += 1;
                Ok::<_, RescueError>(put(Record { key, body })?)
            };
            match (of, &bytes) {
                (Some(of), _) => {
                    phone_xml(&copy, of, file, &mut put)?;
                    Ok(false)
                }
                (None, Some(bytes)) => records(&copy, bytes, &mut put),
                (None, None) => {
                    put(RecordBody::Undecoded {
                        what: copy.place.clone(),
                        why: phrase("the file is too large for Lifeboat to read").to_owned(),
                        of: None,
                        kind: Unread::Limit,
                    })?;
                    Ok(false)
                }
            }
        })?;
    }
    Ok(any_contacts)
}

/// Returns the name that the records of a file keep.
fn name(copy: &FileCopy) -> String {
    match copy.place.split_once('/') {
        Some((store::FOUND, name)) => name.to_owned(),
        _ => String::from_utf8_lossy(name_of(&copy.path.0)).into_owned(),
    }
}

/// Passes on the records of one file as they are read. Returns true if there are contacts among them.
fn records(
    copy: &FileCopy,
    bytes: &[u8],
    put: &mut dyn FnMut(RecordBody) -> Result<(), RescueError>,
) -> Result<bool, RescueError> {
    let name = name(copy);
    let name = name.as_str();
    let ending = name
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase());
    if matches!(ending.as_deref(), Some("xml" | "json")) {
        // Only a name that people or other programs gave as well may stand for something else.
        let (why, kind) = match other_backups::program(name_of(&copy.path.0)) {
            Some(program) if program.is_certain => (
                phrase("a form of messages or calls that Lifeboat does not read"),
                Unread::Damage,
            ),
            Some(_) | None => (
                phrase("a file without messages and calls"),
                Unread::OtherThing,
            ),
        };
        put(RecordBody::Undecoded {
            what: copy.place.clone(),
            why: why.to_owned(),
            of: None,
            kind,
        })?;
        return Ok(false);
    }
    let (mut too_large, mut any_contacts, mut done) = (Vec::new(), false, Ok(()));
    let found = found::read_each(name, bytes, &mut |found| {
        any_contacts = true;
        if done.is_ok() {
            done = put(RecordBody::Contact(pictured(copy, found, &mut too_large)));
        }
    });
    done?;
    let of = collection_of(found.kind).or_else(|| collection_of(found::kind_of_name(name)?));
    // Other tables have the same file name extension as tables of contacts.
    if found.kind == Kind::OtherTable {
        put(RecordBody::Undecoded {
            what: copy.place.clone(),
            why: phrase("a table without contacts").to_owned(),
            of: None,
            kind: Unread::OtherThing,
        })?;
        return Ok(any_contacts);
    }
    let row = |row: i64| row_of(&copy.sha256, row);
    let stem = name.rsplit('/').next().unwrap_or_default();
    let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
    for mut calendar in found.calendars {
        calendar.row = row(calendar.row);
        if calendar.name.trim().is_empty() {
            calendar.name = stem.to_owned();
        }
        put(RecordBody::Calendar(calendar))?;
    }
    for placed in found.events {
        let mut event = placed.record;
        event.calendar = row(event.calendar);
        put(RecordBody::Event(event))?;
    }
    for placed in found.todos {
        put(RecordBody::Todo(placed.record))?;
    }
    for placed in found.notes {
        put(RecordBody::Note(placed.record))?;
    }
    let further = found.unreadable.list.len().saturating_sub(MOST_UNREADABLE) as u64;
    let further = further.saturating_add(found.unreadable.further);
    let unread = |why: String, kind: Unread| RecordBody::Undecoded {
        what: copy.place.clone(),
        why,
        of,
        kind,
    };
    for why in too_large {
        put(unread(why, Unread::Limit))?;
    }
    for part in found.unreadable.list.iter().take(MOST_UNREADABLE) {
        put(unread(part.to_string(), part.fault.kind()))?;
    }
    if further > 0 {
        let mut kinds = found.unreadable.list.iter().map(|part| part.fault.kind());
        let kind = match kinds.any(|kind| kind == Unread::Limit) {
            true => Unread::Limit,
            false => Unread::Damage,
        };
        put(unread(phrase!("{further} more parts of this file"), kind))?;
    }
    Ok(any_contacts)
}

/// Passes on the messages or calls of a file of SMS Backup & Restore, which may have any size.
fn phone_xml(
    copy: &FileCopy,
    of: Collection,
    file: impl BufRead,
    put: &mut dyn FnMut(RecordBody) -> Result<(), RescueError>,
) -> Result<(), RescueError> {
    let mut done = Ok(());
    let unread = phone_xml::read(&name(copy), &copy.place, of, file, &mut |body| {
        done = put(body);
        match done {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    });
    done?;
    let failed = VaultError::io(phrase("read"), Path::new(&copy.place));
    for (why, kind) in unread.map_err(failed)? {
        put(RecordBody::Undecoded {
            what: copy.place.clone(),
            why,
            of: Some(of),
            kind,
        })?;
    }
    Ok(())
}

/// Adds the locations of the picture and the other attachments to a contact. Attachments too large for a card are
/// listed in `too_large`.
fn pictured(copy: &FileCopy, found: FoundContact, too_large: &mut Vec<String>) -> Contact {
    let mut contact = found.contact;
    let stands = |bytes: &[u8]| Picture {
        place: copy.place.clone(),
        offset: found.raw.start as u64,
        length: found.raw.len() as u64,
        sha256: sha256_hex(bytes),
        reply: None,
    };
    let shown = found.attachments.iter().position(is_portrait);
    let portrait = shown.and_then(|at| found.attachments.get(at));
    contact.picture = portrait.map(|portrait| stands(&portrait.bytes));
    let mut room = MOST_ATTACHED;
    for (at, attachment) in found.attachments.iter().enumerate() {
        let Attachment {
            property,
            media,
            bytes,
        } = attachment;
        if Some(at) == shown {
            continue;
        }
        let left = room.checked_sub(bytes.len());
        match left.filter(|_| Photo::is_small(bytes)) {
            Some(left) if contact.attached.len() < MOST_PARTS => {
                room = left;
                contact.attached.push(Attached {
                    property: property.clone(),
                    media: media.clone(),
                    stands: stands(bytes),
                });
            }
            _ if too_large.len() < MOST_UNREADABLE => too_large.push(phrase!(
                "the {property} of {} ({}) is too large for a contact card, and is only in this file",
                formatted_name(&contact),
                size(bytes.len() as u64)
            )),
            _ => {}
        }
    }
    contact
}

/// Returns true for a picture that address books would show.
fn is_portrait(attachment: &Attachment) -> bool {
    attachment.property == "PHOTO" && Photo::is_one(&attachment.bytes)
}

/// Returns the collection that a file of this kind belongs to.
fn collection_of(kind: Kind) -> Option<Collection> {
    match kind {
        Kind::VCard | Kind::ContactTable => Some(Collection::Contacts),
        Kind::VCalendar | Kind::ICalendar => Some(Collection::Calendar),
        Kind::VNote | Kind::OtherTable | Kind::Unknown => None,
    }
}

/// Returns a row for a file's calendar that no other file's calendar has.
fn row_of(sha256: &str, row: i64) -> i64 {
    let sum = sha256
        .get(..12)
        .and_then(|hex| i64::from_str_radix(hex, 16).ok());
    let file = sum.unwrap_or_default().wrapping_mul(1 << 14);
    -file.wrapping_add(row).wrapping_abs().max(1)
}
