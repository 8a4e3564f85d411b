//! Rescue folders: their names, free space on the disk, and access permissions.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::{DATA, JOURNAL, VaultError, bag, durable, payload, safe_name, store};
use crate::phrase;
use crate::system::private;

/// Maximum number of rescue folders for one handset on one day.
const MAX_SAME_DAY: u32 = 9_999;

/// Number of characters of the serial number in the folder's name: enough to tell two phones apart.
const SERIAL_TAIL: usize = 4;

/// Creates a new folder in `parent`, named after the day, the model and the end of the serial number:
/// `2026-11-22 Pixel 6 (9A1X)`. Each call creates a different folder (`… 2`, `… 3`), even if several processes call at
/// once. Missing parent folders are created; all are 0700.
///
/// # Errors
/// [`VaultError::Io`], [`VaultError::DiskFull`].
pub fn new_folder(
    parent: &Path,
    date: NaiveDate,
    model: &str,
    serial: &str,
) -> Result<PathBuf, VaultError> {
    private::create_folder(parent).map_err(VaultError::io(phrase("make"), parent))?;
    let name = folder_name(date, model, serial);
    let mut number = 1;
    loop {
        let path = match number {
            1 => parent.join(&name),
            n => parent.join(format!("{name} {n}")),
        };
        match private::create_new_folder(&path) {
            Ok(()) => {
                durable::sync_folder(parent)?;
                return Ok(path);
            }
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists && number < MAX_SAME_DAY => {
                number += 1;
            }
            Err(e) => return Err(VaultError::io(phrase("make"), &path)(e)),
        }
    }
}

fn folder_name(date: NaiveDate, model: &str, serial: &str) -> String {
    let model = safe_name(model, "handset");
    let serial: Vec<char> = serial.chars().filter(char::is_ascii_alphanumeric).collect();
    let tail: String = serial
        .iter()
        .skip(serial.len().saturating_sub(SERIAL_TAIL))
        .collect();
    let date = date.format("%Y-%m-%d");
    match tail.is_empty() {
        true => format!("{date} {model}"),
        false => format!("{date} {model} ({tail})"),
    }
}

/// Returns the bytes that can still be written in `place`. If `place` does not exist yet, the nearest existing folder
/// above it counts.
///
/// # Errors
/// [`VaultError::Io`].
pub fn free_space(place: &Path) -> Result<u64, VaultError> {
    let absolute = std::path::absolute(place).map_err(VaultError::io(phrase("find"), place))?;
    let there = absolute
        .ancestors()
        .find(|p| p.is_dir())
        .unwrap_or(&absolute);
    fs4::available_space(there).map_err(VaultError::io(phrase("ask for the free space of"), there))
}

/// Checks that `needed` bytes can still be written in `place`; returns the free bytes.
///
/// # Errors
/// [`VaultError::NoSpace`], [`VaultError::Io`].
pub fn check_space(place: &Path, needed: u64) -> Result<u64, VaultError> {
    let available = free_space(place)?;
    match available < needed {
        true => Err(VaultError::NoSpace {
            place: place.to_owned(),
            needed,
            available,
        }),
        false => Ok(available),
    }
}

/// Removes the files that an interrupted run has exported into an unfinished rescue, so that all of them can be written
/// again from the journal. The journal stays, and so do the copies of the handset's files, which the journal lists, and
/// files that other people have put there: `is_written` tells by name whether a file is an export.
///
/// # Errors
/// [`VaultError::Finished`], [`VaultError::NotARescue`], [`VaultError::Io`].
pub fn clear_exports(folder: &Path, is_written: impl Fn(&str) -> bool) -> Result<(), VaultError> {
    if bag::is_finished(folder) {
        return Err(VaultError::Finished {
            folder: folder.to_owned(),
        });
    }
    let data = folder.join(DATA);
    if !fs::symlink_metadata(&data).is_ok_and(|found| found.is_dir())
        || !data.join(JOURNAL).is_file()
    {
        return Err(VaultError::NotARescue {
            folder: folder.to_owned(),
        });
    }
    for entry in fs::read_dir(&data).map_err(VaultError::io(phrase("read"), &data))? {
        let entry = entry.map_err(VaultError::io(phrase("read"), &data))?;
        // The journal, the files that SQLite keeps next to it while it is open, and the copies of the handset's files.
        let name = entry.file_name();
        let begins = |start: &str| name.as_encoded_bytes().starts_with(start.as_bytes());
        if begins(JOURNAL)
            || begins(store::PARTIAL)
            || name == store::PHOTOS
            || name == store::FOUND
            || name == store::DOCUMENTS
            || !name.to_str().is_some_and(&is_written)
        {
            continue;
        }
        let path = entry.path();
        let kind = entry
            .file_type()
            .map_err(VaultError::io(phrase("read"), &path))?;
        match kind.is_dir() {
            true => fs::remove_dir_all(&path),
            false => fs::remove_file(&path),
        }
        .map_err(VaultError::io(phrase("remove"), &path))?;
    }
    Ok(())
}

/// Removes access for everybody but the owner from the folder and its content. Links are left alone. `false`: the file
/// system doesn't support permissions (FAT, some network disks), so the owner must keep the disk itself safe.
///
/// # Errors
/// [`VaultError::Io`] if the folder can't be read.
pub fn repair_modes(folder: &Path) -> Result<bool, VaultError> {
    let mut kept = private::keep_folder(folder);
    payload::walk(folder, &mut |path, kind| {
        kept &= match kind {
            payload::Kind::Folder => private::keep_in_folder(path, true),
            payload::Kind::File(_) => private::keep_in_folder(path, false),
            payload::Kind::Other => true,
        };
        Ok(())
    })?;
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Advice as _;

    #[test]
    fn folders_are_named_after_day_model_and_serial() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
        for (model, serial, name) in [
            ("Pixel 6", "1A2B3C9A1X", "2026-11-22 Pixel 6 (9A1X)"),
            ("Pixel 6", "", "2026-11-22 Pixel 6"),
            ("", "7", "2026-11-22 handset (7)"),
            (
                "../x\u{202E}%\n",
                "127.0.0.1:5555",
                "2026-11-22 _x _ (5555)",
            ),
        ] {
            assert_eq!(folder_name(day, model, serial), name);
        }
    }

    #[test]
    fn room_is_asked_for_before_the_folder_is_there() {
        let here = tempfile::tempdir().unwrap();
        let place = here.path().join("a/b/c");
        assert!(free_space(&place).unwrap() > 0);
        assert!(check_space(&place, 1).is_ok());
        let error = check_space(&place, u64::MAX).unwrap_err();
        assert!(matches!(error, VaultError::NoSpace { .. }));
        assert!(
            error.to_string().contains("are free") && error.advice().contains("Free some space")
        );
    }
}
