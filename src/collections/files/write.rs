//! Writing the list of the handset's files, and the notes in exported files.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::copy_of;
use crate::collections::exported::{self, UnreadPart};
use crate::collections::from_files::{MOST_NAMED, parts};
use crate::collections::{
    Count, FromExports, Journal, Output, Pace, WriteError, Written, lock, notes,
};
use crate::export::file_list::{FILE_LIST, FileList};
use crate::export::notes::{self as notes_file, NOTES};
use crate::model::{Collection, FileKind, FileRank, RecordBody, Unread, other_backups};
use crate::phrase;
use crate::vault::{DATA, RecordKind, Vault, VaultError, store};

/// The files, each with its purpose.
pub const FILES: &[(&str, &str)] = &[
    (
        NOTES,
        phrase("notes from files that the owner exported earlier"),
    ),
    (
        store::PHOTOS,
        phrase("exact copies of the photos, videos and recordings"),
    ),
    (
        store::FOUND,
        phrase("unchanged copies of files that the owner exported earlier"),
    ),
    (
        store::DOCUMENTS,
        phrase("exact copies of documents, archives and the backups of messaging apps"),
    ),
    (
        FILE_LIST,
        phrase("every file that the phone listed, with the place of its copy and the result"),
    ),
];

/// Writes the list of the handset's files, if there are any, and the notes.
///
/// # Errors
/// As [`crate::collections::Write`].
pub fn write(vault: &Mutex<Vault>, pace: &Pace) -> Result<Output, WriteError> {
    let data = lock(vault).folder().join(DATA);
    let path = data.join(FILE_LIST);
    let failed = |error| WriteError::from(VaultError::io(phrase("write"), &path)(error));
    let (mut list, mut count, mut copied) = (None, Count::default(), 0);
    let (mut exported, mut trashed, mut duplicates) = (0, 0, 0);
    let (mut sounds, mut of_messengers, mut others) = (0, 0, 0);
    let mut backups: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    vault.each(Collection::Files, &[RecordKind::File], |record| {
        pace.look()?;
        let RecordBody::File(file) = record.body else {
            return Ok(());
        };
        let list = match &mut list {
            Some(list) => list,
            none => none.insert(FileList::new(&data).map_err(failed)?),
        };
        others += u64::from(!is_medium(file.kind));
        let copy = copy_of(vault, &file)?;
        list.push(&file, copy.as_ref()).map_err(failed)?;
        let Some(copy) = copy else {
            return Ok(());
        };
        count.living += u64::from(copy.damaged == 0);
        exported += u64::from(file.kind == FileKind::Data);
        trashed += u64::from(file.trashed);
        sounds += u64::from(file.kind == FileKind::Sound);
        of_messengers += u64::from(file.rank == FileRank::Messengers);
        if file.kind == FileKind::Document
            && let Some(program) = other_backups::program(exported::name_of(&file.path.0))
        {
            *backups.entry((program.name, program.needs)).or_default() += 1;
        }
        duplicates += u64::from(copy.duplicate);
        copied += if copy.duplicate { 0 } else { copy.size };
        Ok::<_, WriteError>(())
    })?;
    list.map_or(Ok(()), FileList::finish).map_err(failed)?;
    let (own_notes, joins) = notes::all(vault)?;
    if !own_notes.is_empty() {
        let path = data.join(NOTES);
        notes_file::write(&data, &own_notes).map_err(VaultError::io(phrase("write"), &path))?;
    }
    let unread = exported::read(vault, &[RecordKind::Undecoded])?.unread;
    let mut own = Written {
        count,
        copied,
        others,
        ..Written::default()
    };
    own.note(exported, |n| {
        phrase!("Lists that the owner exported, saved in found/: {n}.")
    });
    own.note(sounds, |n| {
        phrase!("Recordings, voice notes and music, saved in photos/: {n}.")
    });
    own.note(of_messengers, |n| {
        phrase!(
            "Pictures, films and voice notes of messengers: {n}. They open anywhere. Only the messengers' chat \
             databases need the same number or key."
        )
    });
    own.notes.extend(backups_in_words(&backups));
    own.note(trashed, |n| {
        phrase!("In the phone's trash, and saved: {n}.")
    });
    own.notes.extend(in_exports(&unread, joins.new));
    own.note(duplicates, |n| {
        phrase!("Duplicates, each saved once and listed in files.csv: {n}.")
    });
    own.exported = FromExports {
        joins,
        notes: Vec::new(),
        unread,
    };
    Ok(Output {
        written: vec![(Collection::Files, own)],
        check: None,
    })
}

/// Returns a sentence that names the programs whose backups were found, and what each needs.
fn backups_in_words(backups: &BTreeMap<(&str, &str), u64>) -> Option<String> {
    let named: Vec<String> = backups
        .iter()
        .map(|((program, needs), count)| phrase!("{program}: {count} (to open it: {needs})"))
        .collect();
    (!named.is_empty()).then(|| {
        phrase!(
            "Backups that other programs made, saved in documents/, and not read: {}.",
            named.join("; ")
        )
    })
}

/// True for what people mean by their photos: pictures, films and recordings.
fn is_medium(kind: FileKind) -> bool {
    match kind {
        FileKind::Photo | FileKind::Video | FileKind::Sound => true,
        FileKind::Data | FileKind::Document => false,
    }
}

/// Returns remarks on the notes in exported files, and on the unreadable parts that can't be assigned to a collection.
fn in_exports(unread: &[UnreadPart], notes: u64) -> Vec<String> {
    let unread = unread.iter().filter(|part| part.of.is_none());
    let (tables, unread): (Vec<&UnreadPart>, Vec<_>) =
        unread.partition(|part| part.kind == Unread::OtherThing);
    let mut remarks = Vec::new();
    if !tables.is_empty() {
        let named: Vec<&str> = tables
            .iter()
            .take(MOST_NAMED)
            .map(|table| table.file.as_str())
            .collect();
        remarks.push(phrase!(
            "Other things in files that have the names of lists, kept but not read: {}. Files: {}.",
            tables.len(),
            named.join(", ")
        ));
    }
    if notes > 0 {
        remarks.push(phrase!(
            "Notes from exported files, saved in notes.txt: {notes}."
        ));
    }
    remarks.extend(parts(&unread));
    remarks
}
