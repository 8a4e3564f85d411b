//! Export of some things that a person has marked, in one format, into a folder of their choice. The files are written
//! by the same writers as those of the rescue, so that other programs accept them in the same way.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::list::keys_of;
use super::{Format, room};
use crate::model::{Advice as _, Collection};
use crate::phrase;
use crate::system::private;
use crate::vault::{Vault, VaultError, safe_name};

/// The folder in which files are made before they get their names.
const STAGING: &str = ".lifeboat-export";

/// Returns the formats for the things of a collection, the most useful one first.
pub fn formats(of: Collection) -> &'static [Format] {
    room(of).formats
}

/// Writes the things with these keys ([`super::list::Line::key`]) into a folder, which is made if it is missing. Nothing
/// that is there is replaced. Returns the new file or folder.
///
/// # Errors
/// What went wrong, and what to do about it.
pub fn export(
    vault: &Vault,
    of: Collection,
    keys: &[String],
    format: Format,
    folder: &Path,
) -> Result<PathBuf, String> {
    let at_folder = |error: io::Error| {
        phrase!(
            "{}: {error}. Choose a folder in which you may write.",
            folder.display()
        )
    };
    if folder.starts_with(vault.folder()) {
        return Err(phrase(
            "This folder belongs to the rescue, in which nothing may change. Choose another folder.",
        )
        .to_owned());
    }
    private::create_folder(folder).map_err(at_folder)?;
    let staging = folder.join(format!("{STAGING}-{}", std::process::id()));
    private::create_folder(&staging).map_err(at_folder)?;
    let made = (room(of).pick)(vault, keys, &staging).and_then(|()| {
        let name = title(vault, of, keys);
        place(&staging.join(format.file()), folder, &name).map_err(at_folder)
    });
    // The other formats are deleted with the folder.
    let _ = fs::remove_dir_all(&staging);
    made
}

/// The name of what is written: that of a single thing, or that of the collection.
fn title(vault: &Vault, of: Collection, keys: &[String]) -> String {
    let single = match keys {
        [key] => (room(of).details)(vault, &keys_of(key)).ok().flatten(),
        _ => None,
    };
    let name = single.and_then(|details| Some(details.fields.first()?.value.clone()));
    safe_name(&name.unwrap_or_else(|| of.title().to_owned()), "Lifeboat")
}

/// Moves a file or folder to a name that is free.
fn place(made: &Path, folder: &Path, name: &str) -> io::Result<PathBuf> {
    let ending = made.extension().map(|ending| ending.to_string_lossy());
    let ending = ending.map(|ending| format!(".{ending}"));
    let ending = ending.filter(|_| made.is_file()).unwrap_or_default();
    // A file that was copied has its ending in its name.
    let name = name.strip_suffix(ending.as_str()).unwrap_or(name);
    for number in 1..10_000 {
        let name = match number {
            1 => format!("{name}{ending}"),
            n => format!("{name} ({n}){ending}"),
        };
        let path = folder.join(name);
        if path.symlink_metadata().is_err() {
            fs::rename(made, &path)?;
            return Ok(path);
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Why the journal can't be read.
pub(super) fn explained(error: VaultError) -> String {
    error.explained()
}

/// A marked thing was not found.
pub(super) fn missing() -> String {
    phrase("A marked thing is no longer in the rescue. Open the rescue again.").to_owned()
}
