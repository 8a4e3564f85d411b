//! Removes a rescue folder permanently, as far as a program can. Returns the list of removed files.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::{DATA, JOURNAL, VaultError, bag, durable};
use crate::phrase;
use crate::system::place;

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
    if !bag::is_finished(folder) && !folder.join(DATA).join(JOURNAL).is_file() {
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
    let not_a_rescue = || VaultError::NotARescue {
        folder: folder.clone(),
    };
    let above = folder.parent().ok_or_else(not_a_rescue)?;
    let mut hidden = OsString::from(".");
    hidden.push(folder.file_name().ok_or_else(not_a_rescue)?);
    hidden.push(".removed");
    let hidden = above.join(hidden);
    place::rename(&folder, &hidden).map_err(VaultError::io(phrase("rename"), &folder))?;
    fs::remove_dir_all(&hidden).map_err(VaultError::io(phrase("remove"), &hidden))?;
    durable::sync_folder(above)?;
    Ok(removed)
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
}
