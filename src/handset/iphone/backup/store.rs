//! The files of an opened backup: what the driver and the readers of the databases share.

use std::collections::HashMap;
use std::io::{self, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use chrono::{SecondsFormat, Utc};

use super::folder::BackupFolder;
use super::index::Index;
use super::manifest::Reading;
use super::reading::{self, Checked, ReadError, Wanted};
use super::scratch::Scratch;
use crate::format::iphone_backup::{ClassKeys, Entry, Key};
use crate::handset::iphone::databases::{Source, SourceError};
use crate::model::{Asked, Stop};
use crate::phrase;
use crate::system::private;

/// What belongs to a database beside its file.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// An opened backup.
pub struct Store {
    pub folder: BackupFolder,
    pub index: Index,
    pub reading: Reading,
    pub stop: Stop,
    keys: Option<ClassKeys>,
    scratch: Scratch,
    /// The copies that were made, by domain and path.
    copies: Mutex<HashMap<(String, String), Option<PathBuf>>>,
    asked: Mutex<Vec<Asked>>,
    damaged: Mutex<Vec<String>>,
}

/// Why a file of the backup can't be read at all.
pub enum NotThere {
    /// The list names it and the folder lacks it.
    Missing,
    /// Its key can't be unwrapped.
    NoKey,
}

impl NotThere {
    /// The reason, as the end of a sentence about the file.
    pub fn why(&self) -> &'static str {
        match self {
            Self::Missing => {
                phrase("the backup lists the file, but its folder does not contain it")
            }
            Self::NoKey => {
                phrase("its key is damaged, or is wrapped by a key that never leaves the phone")
            }
        }
    }
}

impl Store {
    pub fn new(
        folder: BackupFolder,
        index: Index,
        reading: Reading,
        keys: Option<ClassKeys>,
        scratch: Scratch,
        stop: &Stop,
    ) -> Self {
        Self {
            folder,
            index,
            reading,
            stop: stop.clone(),
            keys,
            scratch,
            copies: Mutex::default(),
            asked: Mutex::default(),
            damaged: Mutex::default(),
        }
    }

    /// Records what was read, for the log.
    pub fn ask(&self, what: String) {
        let at = Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true);
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.push(Asked { at, what });
    }

    /// Takes the records.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The key of a file; `None` if the file is not encrypted.
    fn key(&self, entry: &Entry) -> Result<Option<Key>, NotThere> {
        match (&self.keys, &entry.key) {
            (Some(keys), Some(wrapped)) => match keys.unwrap(entry.class, wrapped) {
                Some(key) => Ok(Some(key)),
                None => Err(NotThere::NoKey),
            },
            (None, _) | (_, None) => Ok(None),
        }
    }

    /// Returns the size that a file can be read with: what its folder has, if the file is not encrypted.
    pub fn size(&self, entry: &Entry) -> Result<u64, NotThere> {
        let found = reading::find(&self.folder.path, entry).ok_or(NotThere::Missing)?;
        let key = self.key(entry)?;
        Ok(reading::size(&found, entry.size, key.as_ref()))
    }

    /// Copies a file from byte `from` on.
    pub fn read(
        &self,
        entry: &Entry,
        from: u64,
        sink: &mut dyn Write,
    ) -> Result<Result<Checked, ReadError>, NotThere> {
        self.ask(phrase!(
            "read {} of {} from byte {from}",
            entry.path,
            entry.domain
        ));
        let found = reading::find(&self.folder.path, entry).ok_or(NotThere::Missing)?;
        let key = self.key(entry)?;
        let wanted = Wanted {
            size: reading::size(&found, entry.size, key.as_ref()),
            found: &found,
            key: key.as_ref(),
            digest: entry.digest,
        };
        Ok(reading::read(&wanted, from, sink, &self.stop))
    }

    fn find(&self, domain: &str, path: &str) -> Result<Option<Entry>, SourceError> {
        let found = self.index.find(domain, path);
        found.map_err(|error| SourceError::NoRoom(error.to_string()))
    }

    /// Makes a copy of a database.
    fn copy(&self, domain: &str, path: &str) -> Result<Option<PathBuf>, SourceError> {
        let Some(entry) = self.find(domain, path)? else {
            return Ok(None);
        };
        let no_room = |error: io::Error| SourceError::NoRoom(error.to_string());
        // Its own name is not needed, and may be a path that leads elsewhere.
        let copy = self.scratch.folder().map_err(no_room)?.join("database");
        self.copy_to(&entry, &copy)?;
        for beside in BESIDE {
            if let Some(entry) = self.find(domain, &format!("{path}{beside}"))? {
                let mut name = copy.clone().into_os_string();
                name.push(beside);
                self.copy_to(&entry, &PathBuf::from(name))?;
            }
        }
        Ok(Some(copy))
    }

    /// Copies a file. Zeros replace bytes that the disk does not give: what a reader finds in the rest of a database is
    /// worth having.
    fn copy_to(&self, entry: &Entry, to: &Path) -> Result<(), SourceError> {
        let no_room = |error: io::Error| SourceError::NoRoom(error.to_string());
        let mut file = private::create_file(to).map_err(no_room)?;
        loop {
            let from = file.stream_position().map_err(no_room)?;
            let read = self.read(entry, from, &mut file);
            match read.map_err(|none| SourceError::Unreadable(none.why().to_owned()))? {
                Ok(Checked::Same | Checked::Unknown) => return Ok(()),
                Ok(Checked::Other) => {
                    // Its reader checks what it holds.
                    self.ask(phrase!(
                        "{} has another checksum than the list says",
                        entry.path
                    ));
                    return Ok(());
                }
                // The list may be wrong about the size of a database.
                Err(ReadError::Gap { is_cut: true, .. }) => return Ok(()),
                Err(ReadError::Gap {
                    length,
                    why,
                    is_cut: false,
                }) => {
                    let mut damaged = self.damaged.lock().unwrap_or_else(PoisonError::into_inner);
                    damaged.push(phrase!(
                        "{length} bytes of {} can't be read: {why}.",
                        entry.path
                    ));
                    drop(damaged);
                    let at = file.stream_position().map_err(no_room)?;
                    let end = at.saturating_add(length.max(1));
                    file.set_len(end).map_err(no_room)?;
                    file.seek(SeekFrom::Start(end)).map_err(no_room)?;
                }
                Err(ReadError::Stopped) => return Err(SourceError::Stopped),
                Err(ReadError::Closed(error)) => {
                    return Err(SourceError::Unreadable(error.to_string()));
                }
                Err(ReadError::Sink(error)) => return Err(no_room(error)),
            }
        }
    }

    /// Takes the sentences about bytes of databases that could not be read.
    pub fn damaged(&self) -> Vec<String> {
        std::mem::take(&mut self.damaged.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Source for Store {
    fn copy_of(&self, domain: &str, path: &str) -> Result<Option<PathBuf>, SourceError> {
        let name = (domain.to_owned(), path.to_owned());
        let mut copies = self.copies.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(copy) = copies.get(&name) {
            return Ok(copy.clone());
        }
        let copy = self.copy(domain, path)?;
        copies.insert(name, copy.clone());
        Ok(copy)
    }

    fn list(&self, domain: &str, prefix: &str) -> Vec<String> {
        self.index.paths(domain, prefix).unwrap_or_default()
    }
}
