//! The handset's files and their copies. Also the notes in files that the owner had exported, which no collection has.

mod details;
mod list;
mod pick;
mod write;

pub use list::TRASHED;

use std::collections::HashSet;
use std::io;
use std::path::Path;

use super::details::Details;
use super::{Journal, Pages, Room};
use crate::many::Fingerprints;
use crate::model::{Collection, FileCopy, HandsetFile, RecordBody, Stop};
use crate::system::{plain, private};
use crate::vault::{DATA, RecordKind, Vault, VaultError, store};

/// Number of copies that are read back before their results are evaluated.
const CHECKED_AT_ONCE: usize = 1 << 10;

/// Pictures, videos, recordings, documents and exported lists.
pub static ROOM: Room = Room {
    write: write::write,
    files: write::FILES,
    read_copies: whole_copies,
    sheet: Some(&list::SHEET),
    details,
    formats: pick::FORMATS,
    pick: pick::pick,
    pages: Pages::Pictures,
    ..Room::EMPTY
};

fn details(journal: &Vault, keys: &[&str]) -> Result<Option<Details>, VaultError> {
    let key = keys.first().copied().unwrap_or_default();
    let record = journal.record(Collection::Files, key)?;
    let Some(RecordBody::File(file)) = record.map(|record| record.body) else {
        return Ok(None);
    };
    let copy = copy_of(journal, &file)?;
    let place = copy.as_ref().map(|copy| &copy.place);
    Ok(Some(Details {
        copy: place.map(|place| journal.folder().join(DATA).join(place)),
        ..details::details(&file, copy.as_ref())
    }))
}

/// Copies a file of the rescue into a folder, under a name that is free there, with its time.
///
/// # Errors
/// If the file can't be read, or the folder can't be written.
pub fn copy_to(copy: &Path, folder: &Path) -> io::Result<()> {
    let name = copy.file_name().unwrap_or_default().to_string_lossy();
    let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, ""));
    let mut from = plain::open(copy)?;
    for number in 1..10_000 {
        let name = match (number, ending) {
            (1, _) => name.to_string(),
            (n, "") => format!("{stem} ({n})"),
            (n, ending) => format!("{stem} ({n}).{ending}"),
        };
        match private::create_file(&folder.join(name)) {
            Ok(mut to) => {
                io::copy(&mut from, &mut to)?;
                to.set_modified(from.metadata()?.modified()?)?;
                return to.sync_all();
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Returns the copy of a file, if the copy matches the current listing.
fn copy_of(journal: &impl Journal, file: &HandsetFile) -> Result<Option<FileCopy>, VaultError> {
    let record = journal.one(Collection::Files, &FileCopy::key_at(&file.path))?;
    Ok(match record.map(|record| record.body) {
        Some(RecordBody::Copied(copy)) if copy.is_of(file) => Some(copy),
        Some(_) | None => None,
    })
}

/// Reads the copies of the listed files again, each place once. Returns the number of files that have a whole copy.
fn whole_copies(
    vault: &Vault,
    stop: &Stop,
    progress: &mut dyn FnMut(u64),
) -> Result<Option<u64>, VaultError> {
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
    Ok(Some(whole))
}

/// Calls `each` with the copy of every listed file.
fn each_copy(vault: &Vault, mut each: impl FnMut(FileCopy)) -> Result<(), VaultError> {
    vault.each(Collection::Files, &[RecordKind::File], |record| {
        if let RecordBody::File(file) = record.body
            && let Some(copy) = copy_of(vault, &file)?
        {
            each(copy);
        }
        Ok(())
    })
}
