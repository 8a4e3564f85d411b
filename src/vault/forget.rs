//! Removes a rescue folder permanently, as far as a program can. Returns the list of removed files.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::{DATA, JOURNAL, VaultError, bag, durable};
use crate::phrase;
use crate::system::place;

/// The end of the hidden name of a folder that is being removed.
const REMOVED: &str = ".removed";

/// Most folders in folders that are followed. Lifeboat makes fewer.
const DEEPEST: usize = 64;

/// A file in a rescue folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemovedFile {
    /// Its place in the folder.
    pub name: PathBuf,
    pub bytes: u64,
}

/// Lists the files of a rescue folder.
///
/// # Errors
/// [`VaultError::NotARescue`], [`VaultError::Io`].
pub fn files(folder: &Path) -> Result<Vec<RemovedFile>, VaultError> {
    let is_rescue = bag::is_finished(folder) || folder.join(DATA).join(JOURNAL).is_file();
    if !is_rescue && !is_rest(folder) {
        return Err(VaultError::NotARescue {
            folder: folder.to_owned(),
        });
    }
    let mut found = Vec::new();
    let mut open = vec![(folder.to_owned(), 0)];
    while let Some((above, depth)) = open.pop() {
        let entries = fs::read_dir(&above).map_err(VaultError::io(phrase("read"), &above))?;
        for entry in entries {
            let entry = entry.map_err(VaultError::io(phrase("read"), &above))?;
            let path = entry.path();
            let seen =
                fs::symlink_metadata(&path).map_err(VaultError::io(phrase("read"), &path))?;
            if seen.is_dir() && depth < DEEPEST {
                open.push((path, depth + 1));
            } else if !seen.is_dir() {
                found.push(RemovedFile {
                    name: path.strip_prefix(folder).unwrap_or(&path).to_owned(),
                    bytes: seen.len(),
                });
            }
        }
    }
    found.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    Ok(found)
}

/// Removes a rescue folder. It gets a hidden name first, so that nobody takes what is left for a rescue if the program
/// is ended meanwhile.
///
/// # Errors
/// [`VaultError::NotARescue`], [`VaultError::Io`].
pub fn forget(folder: &Path) -> Result<Vec<RemovedFile>, VaultError> {
    let removed = files(folder)?;
    let folder = place::real(folder).map_err(VaultError::io(phrase("find"), folder))?;
    if is_rest(&folder) {
        fs::remove_dir_all(&folder).map_err(VaultError::io(phrase("remove"), &folder))?;
        folder.parent().map_or(Ok(()), durable::sync_folder)?;
        return Ok(removed);
    }
    let not_a_rescue = || VaultError::NotARescue {
        folder: folder.clone(),
    };
    let above = folder.parent().ok_or_else(not_a_rescue)?;
    let mut hidden = OsString::from(".");
    hidden.push(folder.file_name().ok_or_else(not_a_rescue)?);
    hidden.push(REMOVED);
    let hidden = above.join(hidden);
    remove_rest(&hidden)?;
    place::rename(&folder, &hidden).map_err(VaultError::io(phrase("rename"), &folder))?;
    fs::remove_dir_all(&hidden).map_err(VaultError::io(phrase("remove"), &hidden))?;
    durable::sync_folder(above)?;
    Ok(removed)
}

/// Removes what is left of an earlier rescue of the same name, if the program was ended while it removed that rescue.
fn remove_rest(hidden: &Path) -> Result<(), VaultError> {
    match fs::symlink_metadata(hidden) {
        Ok(found) if found.is_dir() => {
            fs::remove_dir_all(hidden).map_err(VaultError::io(phrase("remove"), hidden))
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Returns true for the hidden folder that is left of a rescue if the program was ended while it removed the rescue.
fn is_rest(folder: &Path) -> bool {
    let name = folder.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.starts_with('.') && name.ends_with(REMOVED))
        && fs::symlink_metadata(folder).is_ok_and(|found| found.is_dir())
}

/// Returns what a command that names `folder` is to remove: the folder, or the rest of a rescue of this name.
pub fn to_remove(folder: &Path) -> PathBuf {
    let rest = folder.file_name().map(|name| {
        let mut hidden = OsString::from(".");
        hidden.push(name);
        hidden.push(REMOVED);
        folder.with_file_name(hidden)
    });
    match rest {
        Some(rest) if fs::symlink_metadata(folder).is_err() && is_rest(&rest) => rest,
        _ => folder.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_rescue_is_removed_and_every_file_is_named() {
        let parent = tempfile::tempdir().unwrap();
        let other = parent.path().join("holiday");
        fs::create_dir(&other).unwrap();
        fs::write(other.join("a.jpg"), "x").unwrap();
        assert!(matches!(forget(&other), Err(VaultError::NotARescue { .. })));
        let folder = parent.path().join("2026-11-22 Pixel 6");
        fs::create_dir_all(folder.join("data/photos")).unwrap();
        fs::write(folder.join("data/lifeboat.sqlite"), "12345").unwrap();
        fs::write(folder.join("data/photos/1.jpg"), "123").unwrap();
        // The target of a link is not part of the rescue.
        #[cfg(unix)]
        std::os::unix::fs::symlink(&other, folder.join("data/link")).unwrap();
        let removed = forget(&folder).unwrap();
        let names: Vec<_> = removed.iter().map(|file| file.name.clone()).collect();
        assert!(names.contains(&"data/photos/1.jpg".into()), "{names:?}");
        assert!(!names.contains(&"data/link/a.jpg".into()));
        assert!(!folder.exists() && other.join("a.jpg").exists());
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
    }

    /// The program was ended while it removed the folder.
    #[test]
    fn what_is_left_of_a_removed_rescue_is_removed_too() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("2026-11-22 Pixel 6");
        let rest = parent.path().join(".2026-11-22 Pixel 6.removed");
        let make_rest = || {
            fs::create_dir_all(rest.join("data/photos")).unwrap();
            fs::write(rest.join("data/photos/1.jpg"), "123").unwrap();
        };
        let is_empty = || fs::read_dir(parent.path()).unwrap().next().is_none();
        // The folder's own name removes the rest, and so does the hidden name.
        for name in [&folder, &rest] {
            make_rest();
            let named = to_remove(name);
            assert_eq!(named, rest);
            assert_eq!(forget(&named).unwrap().len(), 1);
            assert!(is_empty());
        }
        // A later rescue has the same name.
        make_rest();
        fs::create_dir_all(folder.join("data")).unwrap();
        fs::write(folder.join("data/lifeboat.sqlite"), "12345").unwrap();
        assert_eq!(to_remove(&folder), folder);
        forget(&folder).unwrap();
        assert!(is_empty());
    }
}
