//! The journal: one SQLite file with the raw replies, the records decoded from them, the bookmarks, the state of each
//! collection and the log.
//!
//! While the journal is being written, it is in WAL mode under an exclusive lock. A commit is then one fsync of the WAL
//! file, no other process can open the journal, and no shared-memory file is needed (<https://sqlite.org/wal.html>,
//! "Use of WAL Without Shared-Memory"). The system releases the lock when the process dies.

mod commit;
mod read;
mod schema;

pub use read::RecordMark;

pub(super) use commit::now;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use serde::{Deserialize, Serialize};

use super::{DATA, JOURNAL, VaultError, bag, durable};
use crate::model::{Case, Collection, Findings, Holding, Identity, Marks, Verdict};
use crate::phrase;
use crate::system::private;

/// How long another process may hold the journal (for example to list a rescue) before the journal counts as busy.
const PATIENCE: Duration = Duration::from_millis(500);

/// Pages in the WAL after which a commit also copies them into the database: 64 MB, so that this seldom happens.
const CHECKPOINT_PAGES: u32 = 16_384;

/// Page cache in KiB. SQLite spills larger transactions to the WAL.
const CACHE_KIB: i64 = 8_192;

/// The open journal of one rescue folder.
///
/// Dropping the journal without [`Vault::close`] loses no committed data: the folder is only unfinished.
#[derive(Debug)]
pub struct Vault {
    db: Connection,
    folder: PathBuf,
    identity: Identity,
    source: RescueSource,
}

/// How the handset was reached and what was asked for, so that a resumed rescue does the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RescueSource {
    /// How to reach the handset again, in the command line's syntax; empty: the handset that is plugged in.
    pub reach: String,
    /// The collections asked for; empty: all.
    pub only: Vec<Collection>,
}

/// Who does the rescue, and for which ticket; both empty if not given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Desk {
    pub ticket: String,
    pub operator: String,
}

/// What is known about one collection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CollectionState {
    /// The handset's own counts before the read.
    pub holding: Option<Holding>,
    /// What was learned by reading the collection.
    pub findings: Option<Findings>,
    pub verdict: Option<Verdict>,
    /// The collection was read to its end (or can't be read): a resumed rescue need not read it again.
    pub done: bool,
    /// Link time, over all parts of the rescue, after which the collection was on the disk.
    pub safe_after: Option<Duration>,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// UTC, RFC 3339 with milliseconds.
    pub at: String,
    pub event: String,
}

impl Vault {
    /// Starts the journal of a new rescue in `folder`, which must already exist ([`super::folder::new_folder`]).
    ///
    /// # Errors
    /// [`VaultError::Finished`] or [`VaultError::Io`] if the folder already contains a rescue;
    /// [`VaultError::DiskFull`].
    pub fn create(
        folder: &Path,
        identity: &Identity,
        source: &RescueSource,
    ) -> Result<Self, VaultError> {
        refuse_finished(folder)?;
        let data = folder.join(DATA);
        private::create_folder(&data).map_err(VaultError::io(phrase("make"), &data))?;
        let path = data.join(JOURNAL);
        // Created here, so that the file is private from its first byte; SQLite gives its WAL the same mode.
        private::create_file(&path).map_err(VaultError::io(phrase("make"), &path))?;
        let mut db = connect(folder)?;
        let meta = schema::Meta {
            identity: identity.clone(),
            source: source.clone(),
        };
        schema::create(&mut db, folder, &meta)?;
        durable::sync_folder(&data)?;
        durable::sync_folder(folder)?;
        Ok(Self {
            db,
            folder: folder.to_owned(),
            identity: meta.identity,
            source: meta.source,
        })
    }

    /// Opens the journal of an unfinished rescue to resume it.
    ///
    /// # Errors
    /// [`VaultError::NotARescue`], [`VaultError::Finished`], [`VaultError::Busy`] while another process has it,
    /// [`VaultError::Newer`], [`VaultError::Damaged`].
    pub fn open(folder: &Path) -> Result<Self, VaultError> {
        refuse_finished(folder)?;
        require_journal(folder)?;
        refuse_linked(folder)?;
        Self::with(connect(folder)?, folder)
    }

    /// As [`Vault::open`], but starts the journal if the program ended before writing anything into it.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn open_or_begin(
        folder: &Path,
        identity: &Identity,
        source: &RescueSource,
    ) -> Result<Self, VaultError> {
        refuse_finished(folder)?;
        if is_untouched(folder) {
            return Self::create(folder, identity, source);
        }
        require_journal(folder)?;
        refuse_linked(folder)?;
        let mut db = connect(folder)?;
        if schema::is_blank(&db, folder)? {
            if !has_journal_alone(folder) {
                return Err(VaultError::Damaged {
                    folder: folder.to_owned(),
                    what: phrase("it is empty, but there are other files beside it").into(),
                });
            }
            let meta = schema::Meta {
                identity: identity.clone(),
                source: source.clone(),
            };
            schema::create(&mut db, folder, &meta)?;
        }
        Self::with(db, folder)
    }

    /// Opens the journal of a rescue, finished or not, for reading. The journal of a finished rescue is opened
    /// read-only; for an unfinished rescue this takes the same lock as [`Vault::open`].
    ///
    /// # Errors
    /// As [`Vault::open`], except [`VaultError::Finished`].
    pub fn open_to_read(folder: &Path) -> Result<Self, VaultError> {
        require_journal(folder)?;
        if !bag::is_finished(folder) {
            return Self::with(connect(folder)?, folder);
        }
        Self::with(connect_to_read(folder)?, folder)
    }

    fn with(db: Connection, folder: &Path) -> Result<Self, VaultError> {
        let meta = schema::check(&db, folder)?;
        Ok(Self {
            db,
            folder: folder.to_owned(),
            identity: meta.identity,
            source: meta.source,
        })
    }

    /// Returns the rescue folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the identity of the rescued handset, as it was when the rescue began.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Returns how the handset was reached and what was asked for.
    pub fn source(&self) -> &RescueSource {
        &self.source
    }

    /// Returns who does the rescue, as last given.
    ///
    /// # Errors
    /// [`VaultError::Journal`], [`VaultError::Damaged`].
    pub fn desk(&self) -> Result<Desk, VaultError> {
        Ok(schema::value(&self.db, &self.folder, "desk")?.unwrap_or_default())
    }

    /// Returns the result that was kept when the rescue last ended; `None` if an earlier version kept none.
    ///
    /// # Errors
    /// [`VaultError::Journal`], [`VaultError::Damaged`].
    pub fn result<T: serde::de::DeserializeOwned>(&self) -> Result<Option<T>, VaultError> {
        schema::value(&self.db, &self.folder, "result")
    }

    /// Returns what people said about the phone and its rescue.
    ///
    /// # Errors
    /// [`VaultError::Journal`], [`VaultError::Damaged`].
    pub fn case(&self) -> Result<Case, VaultError> {
        Ok(schema::value(&self.db, &self.folder, "case")?.unwrap_or_default())
    }

    /// Opens the journal of an unfinished rescue for reading. The folder stays unchanged, byte for byte, if the rescue
    /// was closed properly. `None`: the journal is still empty.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn peek(folder: &Path) -> Result<Option<Self>, VaultError> {
        refuse_finished(folder)?;
        if is_untouched(folder) {
            return Ok(None);
        }
        require_journal(folder)?;
        let db = match is_closed(folder) && !is_in_wal_mode(folder) {
            true => connect_to_read(folder)?,
            // Reading must include the data in the files next to the journal.
            false => connect(folder)?,
        };
        match schema::is_blank(&db, folder)? {
            true => Ok(None),
            false => Self::with(db, folder).map(Some),
        }
    }

    /// Returns the marks that tell the handset from others with the same serial number, as they were when the handset
    /// was last read.
    ///
    /// # Errors
    /// [`VaultError::Journal`], [`VaultError::Damaged`].
    pub fn marks(&self) -> Result<Marks, VaultError> {
        Ok(schema::value(&self.db, &self.folder, "marks")?.unwrap_or_default())
    }

    /// Checks that a handset is the one that this rescue belongs to. Compares the serial numbers; make and model if one
    /// of the serial numbers is unknown; also the system (for example a card's file system and size) if both are
    /// unknown.
    ///
    /// # Errors
    /// [`VaultError::OtherHandset`].
    pub fn check_handset(&self, found: &Identity) -> Result<(), VaultError> {
        let known = &self.identity;
        let alike = known.make == found.make && known.model == found.model;
        let same = match (known.serial.is_empty(), found.serial.is_empty()) {
            (false, false) => known.serial == found.serial,
            (true, true) => alike && known.system == found.system,
            _ => alike,
        };
        if same {
            return Ok(());
        }
        let describe = |i: &Identity| {
            super::for_display(&match i.serial.is_empty() {
                true => i.model.clone(),
                false => format!("{} ({})", i.model, i.serial),
            })
        };
        Err(VaultError::OtherHandset {
            rescued: describe(&self.identity),
            found: describe(found),
        })
    }

    /// Closes the journal into a single file without companion files, so that the bag can be sealed.
    ///
    /// # Errors
    /// [`VaultError::DiskFull`], [`VaultError::Journal`]: committed data is safe, the folder is unfinished.
    pub fn close(self) -> Result<(), VaultError> {
        let failed = VaultError::journal(&self.folder);
        // Copies the WAL into the database, syncs and removes the WAL. The lock mode can return to normal only outside
        // WAL mode. The last two changes also remove the rollback journal that the mode change created.
        for (pragma, mode) in [
            ("PRAGMA journal_mode = DELETE", "delete"),
            ("PRAGMA locking_mode = NORMAL", "normal"),
            ("PRAGMA journal_mode = TRUNCATE", "truncate"),
            ("PRAGMA journal_mode = DELETE", "delete"),
        ] {
            let now: String = self
                .db
                .query_row(pragma, [], |row| row.get(0))
                .map_err(&failed)?;
            if now != mode {
                return Err(VaultError::StillOpen {
                    folder: self.folder.clone(),
                });
            }
        }
        self.db.close().map_err(|(_, error)| failed(error))?;
        if !is_closed(&self.folder) {
            return Err(VaultError::StillOpen {
                folder: self.folder.clone(),
            });
        }
        durable::sync_folder(&self.folder.join(DATA))
    }
}

/// Returns true if no companion file holds a part of the journal.
pub(super) fn is_closed(folder: &Path) -> bool {
    let data = folder.join(DATA);
    ["-wal", "-shm", "-journal"]
        .iter()
        .all(|ending| fs::symlink_metadata(data.join(format!("{JOURNAL}{ending}"))).is_err())
}

/// Returns true if, according to the journal's header, a reader would create files next to the journal
/// (<https://sqlite.org/fileformat2.html>, "File format version numbers").
fn is_in_wal_mode(folder: &Path) -> bool {
    let mut header = [0; 20];
    let read = fs::File::open(folder.join(DATA).join(JOURNAL))
        .and_then(|mut file| io::Read::read_exact(&mut file, &mut header));
    read.is_ok() && header[18..] == [2, 2]
}

/// Returns true for a folder that contains nothing or only an empty data folder.
fn is_untouched(folder: &Path) -> bool {
    let names = |folder: &Path| -> Option<Vec<std::ffi::OsString>> {
        let entries = fs::read_dir(folder).ok()?;
        entries.map(|entry| Some(entry.ok()?.file_name())).collect()
    };
    match names(folder).as_deref() {
        Some([]) => true,
        Some([one]) if one == DATA => names(&folder.join(DATA)).is_some_and(|n| n.is_empty()),
        _ => false,
    }
}

/// Returns true if the data folder contains only the journal and SQLite's companion files.
fn has_journal_alone(folder: &Path) -> bool {
    let is_of_journal =
        |name: &std::ffi::OsStr| name.as_encoded_bytes().starts_with(JOURNAL.as_bytes());
    fs::read_dir(folder.join(DATA)).is_ok_and(|mut entries| {
        entries.all(|entry| entry.is_ok_and(|entry| is_of_journal(&entry.file_name())))
    })
}

fn refuse_finished(folder: &Path) -> Result<(), VaultError> {
    match bag::is_finished(folder) {
        true => Err(VaultError::Finished {
            folder: folder.to_owned(),
        }),
        false => Ok(()),
    }
}

fn require_journal(folder: &Path) -> Result<(), VaultError> {
    let data = folder.join(DATA);
    if fs::symlink_metadata(&data).is_ok_and(|found| !found.is_dir()) {
        return Err(VaultError::NotPlain { path: data });
    }
    // SQLite also opens its companion files.
    for ending in ["-wal", "-shm", "-journal"] {
        let path = data.join(format!("{JOURNAL}{ending}"));
        if fs::symlink_metadata(&path).is_ok_and(|found| !found.is_file()) {
            return Err(VaultError::NotPlain { path });
        }
    }
    let path = data.join(JOURNAL);
    match fs::symlink_metadata(&path) {
        Ok(found) if found.is_file() => Ok(()),
        Ok(_) => Err(VaultError::NotPlain { path }),
        Err(e)
            if matches!(
                e.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Err(VaultError::NotARescue {
                folder: folder.to_owned(),
            })
        }
        Err(e) => Err(VaultError::io(phrase("read"), &path)(e)),
    }
}

/// Refuses to write into a journal that has a second name: programs that make backups link unchanged files.
fn refuse_linked(folder: &Path) -> Result<(), VaultError> {
    let path = folder.join(DATA).join(JOURNAL);
    // The file is not opened: closing it would release the locks that SQLite holds in this process.
    match private::has_other_name(&path) {
        true => Err(VaultError::Linked { path }),
        false => Ok(()),
    }
}

/// Opens the journal read-only.
fn connect_to_read(folder: &Path) -> Result<Connection, VaultError> {
    let failed = VaultError::journal(folder);
    let db = Connection::open_with_flags(
        folder.join(DATA).join(JOURNAL),
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .map_err(&failed)?;
    db.busy_timeout(PATIENCE).map_err(&failed)?;
    db.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA query_only = ON;")
        .map_err(&failed)?;
    Ok(db)
}

/// Opens the journal for writing and takes its lock.
fn connect(folder: &Path) -> Result<Connection, VaultError> {
    let failed = VaultError::journal(folder);
    let db = Connection::open_with_flags(
        folder.join(DATA).join(JOURNAL),
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .map_err(&failed)?;
    db.busy_timeout(PATIENCE).map_err(&failed)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)
        .map_err(&failed)?;
    // The lock mode must be set first: only then does the WAL work without a shared-memory file.
    db.execute_batch(&format!(
        "PRAGMA locking_mode = EXCLUSIVE;
         PRAGMA trusted_schema = OFF;
         PRAGMA synchronous = FULL;
         PRAGMA fullfsync = ON;
         PRAGMA checkpoint_fullfsync = ON;
         PRAGMA cache_size = -{CACHE_KIB};
         PRAGMA temp_store = MEMORY;"
    ))
    .map_err(&failed)?;
    let mode: String = db
        .query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))
        .map_err(&failed)?;
    if mode != "wal" {
        return Err(VaultError::Busy {
            folder: folder.to_owned(),
        });
    }
    db.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)
        .map_err(&failed)?;
    // A write transaction, even an empty one, takes the exclusive lock and holds it from here on.
    db.execute_batch("BEGIN IMMEDIATE; COMMIT;")
        .map_err(&failed)?;
    Ok(db)
}
