//! The files of an opened backup: what the driver and the readers of the databases share.

use std::collections::HashMap;
use std::io::{self, Seek as _, SeekFrom, Write};
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

use chrono::{SecondsFormat, Utc};

use super::folder::BackupFolder;
use super::index::Index;
use super::manifest::Reading;
use super::reading::{self, Checked, ReadError, Wanted};
use super::scratch::Scratch;
use super::whole;
use crate::format::iphone_backup::{ClassKeys, Entry, Key};
use crate::handset::iphone::databases::{Copied, Source, SourceError};
use crate::model::{Asked, Stop};
use crate::phrase;
use crate::system::private;

/// An opened backup.
pub struct Store {
    pub folder: BackupFolder,
    pub index: Index,
    pub reading: Reading,
    pub stop: Stop,
    keys: Option<ClassKeys>,
    scratch: Scratch,
    /// The copies that were made, by domain and path.
    copies: Mutex<HashMap<(String, String), Option<Copied>>>,
    asked: Mutex<Vec<Asked>>,
    /// Whether the checksums in the list are of a kind that Lifeboat knows.
    has_known_checksums: OnceLock<bool>,
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
            has_known_checksums: OnceLock::new(),
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
    fn copy(&self, domain: &str, path: &str) -> Result<Option<Copied>, SourceError> {
        let Some(entry) = self.find(domain, path)? else {
            return Ok(None);
        };
        // Its own name is not needed, and may be a path that leads elsewhere.
        let copy = self.scratch.folder().map_err(no_room)?.join("database");
        let mut damage = Vec::new();
        self.copy_to(&entry, &copy, &mut damage)?;
        for ending in whole::BESIDE {
            if let Some(entry) = self.find(domain, &format!("{path}{ending}"))? {
                self.copy_to(&entry, &whole::beside(&copy, ending), &mut damage)?;
            }
        }
        let name = path.rsplit('/').next().unwrap_or(path);
        damage.extend(whole::complete(&copy, name).map_err(no_room)?);
        Ok(Some(Copied { path: copy, damage }))
    }

    /// Copies a file. Zeros replace bytes that the disk does not give: what a reader finds in the rest of a database is
    /// worth having.
    fn copy_to(
        &self,
        entry: &Entry,
        to: &Path,
        damage: &mut Vec<String>,
    ) -> Result<(), SourceError> {
        let mut file = private::create_file(to).map_err(no_room)?;
        let name = &entry.path;
        loop {
            let from = file.stream_position().map_err(no_room)?;
            let read = self.read(entry, from, &mut file);
            match read.map_err(|none| SourceError::Unreadable(none.why().to_owned()))? {
                Ok(Checked::Same | Checked::Unknown) => return Ok(()),
                Ok(Checked::Other) => {
                    self.ask(phrase!("{name} has another checksum than the list says"));
                    // Databases grow while the phone makes a backup; then nothing in the list fits them.
                    let is_of_listed_size =
                        from == 0 && file.stream_position().map_err(no_room)? == entry.size;
                    if is_of_listed_size && self.has_known_checksums() {
                        damage.push(phrase!(
                            "{name} is not as the phone wrote it: its checksum is not that which the phone noted in \
                             the backup. What can be read of it is saved."
                        ));
                    }
                    return Ok(());
                }
                Err(ReadError::Gap {
                    is_cut: true,
                    length,
                    why: _,
                }) => {
                    // The list may be wrong about the size of a database, whose header tells.
                    if !whole::tells_size(to).map_err(no_room)? {
                        damage.push(phrase!(
                            "{name} is cut short: {length} bytes that the list of the backup names are missing."
                        ));
                    }
                    return Ok(());
                }
                Err(ReadError::Gap {
                    length,
                    why,
                    is_cut: false,
                }) => {
                    damage.push(phrase!("{length} bytes of {name} can't be read: {why}."));
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

    /// Sources differ on what a checksum is taken of. Returns true if some other file of the backup has the checksum
    /// that the list says.
    fn has_known_checksums(&self) -> bool {
        const MOST: usize = 20;
        const LARGEST: u64 = 8 << 20;
        *self.has_known_checksums.get_or_init(|| {
            let some = self.index.with_checksum(LARGEST, MOST).unwrap_or_default();
            some.iter().any(|entry| {
                let read = self.read(entry, 0, &mut io::sink());
                matches!(read, Ok(Ok(Checked::Same)))
            })
        })
    }
}

fn no_room(error: io::Error) -> SourceError {
    SourceError::NoRoom(error.to_string())
}

impl Source for Store {
    fn copy_of(&self, domain: &str, path: &str) -> Result<Option<Copied>, SourceError> {
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

    fn has(&self, domain: &str, path: &str) -> bool {
        self.index.has(domain, path).unwrap_or_default()
    }

    fn leaves_out_calls(&self) -> bool {
        let about = &self.folder.about;
        let major = about
            .system
            .split('.')
            .next()
            .and_then(|major| major.parse::<u32>().ok());
        // Source: https://support.apple.com/108353.
        !about.is_encrypted && major.is_none_or(|major| major >= 13)
    }
}
