//! A plain copy of a finished rescue for the phone's owner: pages that every browser opens, and files to import.
//!
//! It does not replace the exact copies: it has its own name, it is no bag, and it never counts as a copy of the
//! rescue. Like an exact copy, it is written into a hidden folder `.….part`, read back from the disk, and gets its name
//! only when it is whole. Files that an interrupted attempt has written are hashed instead of written again.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::copy::{CopyError, CopyProgress, Places, Step, check_stop, copy_file};
use super::custody::{self, Entry};
use super::manifest::{Listed, contents};
use super::payload::{self, BUFFER, Kind, PayloadFile, Sum};
use super::{VaultError, durable, folder};
use crate::model::Stop;
use crate::phrase;
use crate::system::{place, plain, private};

/// Custody entry about a plain copy.
const PLAIN: &str = "plain-copy";

/// What a plain copy holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plain {
    /// The name of its folder.
    pub name: String,
    /// Its own pages: name and bytes. The last one is written last: the page to begin with.
    pub pages: Vec<(String, Vec<u8>)>,
    /// Files of the rescue: name in the bag, and place in the copy, both with forward slashes.
    pub files: Vec<(String, String)>,
}

/// A plain copy that was read back and found whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlainCopied {
    pub place: PathBuf,
    pub files: u64,
    pub bytes: u64,
    /// The same plain copy was already there, and was read again.
    pub was_there: bool,
    /// The disk supports the modes 0700 and 0600.
    pub private: bool,
}

/// Checks that a file of a finished rescue is as the manifest says, before anything is made of it.
///
/// # Errors
/// [`VaultError::NotWhole`], and those of reading the manifests.
pub fn check_file(rescue: &Path, name: &str, stop: &Stop) -> Result<(), CopyError> {
    let contents = contents(rescue)?;
    let listed = contents.payload.iter().find(|one| one.file.name == name);
    let sum = |file: &PayloadFile| {
        payload::hash(
            &file.locate(rescue),
            &mut vec![0; BUFFER],
            stop,
            &mut |_| {},
        )
    };
    let is_whole = listed.is_some_and(|one| sum(&one.file).is_ok_and(|sum| sum == one.sum));
    check_stop(stop)?;
    match is_whole {
        true => Ok(()),
        false => Err(VaultError::NotWhole {
            folder: rescue.to_owned(),
            what: phrase!("{name} has changed since the rescue."),
        }
        .into()),
    }
}

/// Writes a plain copy of the rescue into the folder `to`, and reads it back.
///
/// # Errors
/// On any error the rescue is unchanged, and no folder with the copy's name is new; see [`CopyError`].
pub fn write(
    rescue: &Path,
    to: &Path,
    plain: &Plain,
    stop: &Stop,
    progress: &mut dyn FnMut(CopyProgress),
) -> Result<PlainCopied, CopyError> {
    let source = place::real(rescue).map_err(|_| VaultError::NotARescue {
        folder: rescue.to_owned(),
    })?;
    let contents = contents(&source)?;
    let listed: HashMap<&str, &Listed> = contents
        .payload
        .iter()
        .map(|listed| (&*listed.file.name, listed))
        .collect();
    let mut files = Vec::new();
    for (name, place) in &plain.files {
        let listed = listed.get(&**name).ok_or_else(|| VaultError::NotWhole {
            folder: source.clone(),
            what: phrase!("{name} is missing."),
        })?;
        files.push((*listed, &**place));
    }
    // What the copy has to hold.
    let mut whole: BTreeMap<&str, (u64, Sum)> = BTreeMap::new();
    for (listed, place) in &files {
        whole.insert(place, (listed.file.size, listed.sum));
    }
    for (name, bytes) in &plain.pages {
        whole.insert(name, (bytes.len() as u64, Sha256::digest(bytes).into()));
    }
    let places = Places::named(&source, to, OsStr::new(&plain.name))?;
    let bytes = whole.values().map(|(size, _)| size).sum();
    let was_there = fs::symlink_metadata(&places.target).is_ok();
    let private = if was_there {
        read_back(&places.target, &whole, stop, progress).map_err(|error| match error {
            CopyError::NotAsWritten { place, .. } => CopyError::Other { place },
            error => error,
        })?;
        folder::repair_modes(&places.target).unwrap_or(false)
    } else {
        private::create_folder(&places.part).map_err(CopyError::writing(&places.part))?;
        private::keep_folder(&places.part);
        let _lock = places.lock()?;
        places.check_space(whole.iter().map(|(name, (size, _))| (*name, *size)))?;
        let mut state = CopyProgress {
            step: Step::Copying,
            bytes_done: 0,
            bytes,
        };
        let mut done = |bytes| {
            state.bytes_done += bytes;
            progress(state);
        };
        let mut buffer = vec![0; BUFFER];
        for (listed, name) in files {
            let from = (&*source, listed);
            copy_file(from, (&places.part, name), &mut buffer, stop, &mut done)?;
        }
        for (name, bytes) in &plain.pages {
            check_stop(stop)?;
            write_page(&places.part.join(name), bytes)?;
            done(bytes.len() as u64);
        }
        remove_strays(&places.part, &whole)?;
        let private = folder::repair_modes(&places.part)?;
        let all: Vec<PayloadFile> = whole
            .iter()
            .map(|(name, (size, _))| PayloadFile {
                name: (*name).to_owned(),
                size: *size,
            })
            .collect();
        durable::sync_payload(&places.part, &all).map_err(CopyError::from_target)?;
        read_back(&places.part, &whole, stop, progress)?;
        if fs::symlink_metadata(&places.target).is_ok() {
            return Err(CopyError::Other {
                place: places.target,
            });
        }
        place::rename(&places.part, &places.target).map_err(CopyError::writing(&places.target))?;
        durable::sync_folder(&places.parent).map_err(CopyError::from_target)?;
        private
    };
    let shown = places.target.to_string_lossy();
    // The source may be on a disk that can't be written.
    let _ = custody::append(&source, &Entry::new(PLAIN, &[("place", &shown)]));
    Ok(PlainCopied {
        files: whole.len() as u64,
        bytes,
        was_there,
        private,
        place: places.target,
    })
}

fn write_page(path: &Path, bytes: &[u8]) -> Result<(), CopyError> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(CopyError::writing(path)(e)),
        _ => {}
    }
    private::create_file(path)
        .and_then(|mut file| file.write_all(bytes))
        .map_err(CopyError::writing(path))
}

/// Removes what another version of Lifeboat has left in the unfinished copy.
fn remove_strays(part: &Path, whole: &BTreeMap<&str, (u64, Sum)>) -> Result<(), CopyError> {
    let mut strays = Vec::new();
    payload::walk(part, &mut |path, kind| {
        let name = payload::name_in_bag(part, path);
        let is_ours = name.is_some_and(|name| whole.contains_key(&*name));
        if kind != Kind::Folder && !is_ours {
            strays.push(path.to_owned());
        }
        Ok(())
    })
    .map_err(CopyError::from_target)?;
    for path in strays {
        fs::remove_file(&path).map_err(CopyError::writing(&path))?;
    }
    Ok(())
}

/// Reads the copy from its disk and compares it with what it has to hold.
fn read_back(
    place: &Path,
    whole: &BTreeMap<&str, (u64, Sum)>,
    stop: &Stop,
    progress: &mut dyn FnMut(CopyProgress),
) -> Result<(), CopyError> {
    let mut state = CopyProgress {
        step: Step::Checking,
        bytes_done: 0,
        bytes: whole.values().map(|(size, _)| size).sum(),
    };
    let mut buffer = vec![0; BUFFER];
    for (name, (_, sum)) in whole {
        check_stop(stop)?;
        let path = place.join(name);
        durable::forget(&path);
        let found = plain::open_in(place, Path::new(name)).and_then(|_| {
            payload::hash(&path, &mut buffer, stop, &mut |bytes| {
                state.bytes_done += bytes;
                progress(state);
            })
        });
        check_stop(stop)?;
        if found.is_ok_and(|found| found == *sum) {
            continue;
        }
        return Err(CopyError::NotAsWritten {
            place: place.to_owned(),
            what: (*name).to_owned(),
        });
    }
    Ok(())
}
