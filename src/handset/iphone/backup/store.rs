//! The files of an opened backup: what the driver and the readers of the databases share.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::PathBuf;
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
        match self.key(entry)? {
            Some(_) => Ok(entry.size),
            None => Ok(found.size.max(entry.size)),
        }
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
            size: match key {
                Some(_) => entry.size,
                None => found.size.max(entry.size),
            },
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

    fn copy_to(&self, entry: &Entry, to: &PathBuf) -> Result<(), SourceError> {
        let unreadable = |why: String| SourceError::Unreadable(why);
        let mut file =
            private::create_file(to).map_err(|error| SourceError::NoRoom(error.to_string()))?;
        let read = self.read(entry, 0, &mut file);
        match read.map_err(|none| unreadable(none.why().to_owned()))? {
            Ok(Checked::Same | Checked::Unknown) => Ok(()),
            Ok(Checked::Other) => {
                // The database may be readable all the same; what it holds is then checked by its reader.
                self.ask(phrase!(
                    "{} has another checksum than the phone gave it",
                    entry.path
                ));
                Ok(())
            }
            Err(ReadError::Stopped) => Err(SourceError::Stopped),
            Err(ReadError::Gap { length, why }) => {
                Err(unreadable(phrase!("{length} bytes can't be read: {why}")))
            }
            Err(ReadError::Closed(error)) => Err(unreadable(error.to_string())),
            Err(ReadError::Sink(error)) => Err(SourceError::NoRoom(error.to_string())),
        }
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
