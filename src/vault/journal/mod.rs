//! The journal: one SQLite file with the raw replies, the records decoded from them, the bookmarks, the
//! state of each collection and the log.
//!
//! While it is written it is in WAL mode under an exclusive lock: a commit is one fsync of the log file, no
//! second process gets in, and no shared-memory file is needed (<https://sqlite.org/wal.html>, "Use of WAL
//! Without Shared-Memory"). The system drops the lock when the process dies.

mod commit;
mod read;
mod schema;

pub use read::RecordMark;

pub(super) use commit::now;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use serde::{Deserialize, Serialize};

use super::{DATA, JOURNAL, VaultError, bag, durable};
use crate::handset::{Findings, RecordBody};
use crate::model::{Collection, Holding, Identity, Marks, Verdict};
use crate::system::private;

/// How long another process may hold the journal (to list a rescue, say) before it counts as writing into it.
const PATIENCE: Duration = Duration::from_millis(500);

/// Pages in the WAL after which a commit also copies them into the database: 64 MB, so that few commits do.
const CHECKPOINT_PAGES: u32 = 16_384;

/// Page cache in KiB. SQLite spills larger transactions to the WAL.
const CACHE_KIB: i64 = 8_192;

/// The open journal of one rescue folder.
///
/// Dropping it without [`Vault::close`] loses nothing that was committed: the folder is just unfinished.
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
    /// What reaches the handset again, as the command line takes it; empty: whatever is plugged in.
    pub reach: String,
    /// The collections asked for; empty: all.
    pub only: Vec<Collection>,
}

/// Who does the rescue, and for which ticket; both empty if nobody said.
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
    /// What the handset said it holds, before it was read.
    pub holding: Option<Holding>,
    /// What was learned by reading it.
    pub findings: Option<Findings>,
    pub verdict: Option<Verdict>,
    /// It was read to its end (or can't be): a resumed rescue need not read it again.
    pub done: bool,
    /// After so much link time, that of all parts of the rescue, it was on the disk.
    pub safe_after: Option<Duration>,
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// UTC, RFC 3339 with milliseconds.
    pub at: String,
    pub event: String,
}

/// What a record is, without what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    Contact,
    Profile,
    Calendar,
    Event,
    Todo,
    Note,
    File,
    Copied,
    Undecoded,
}

impl RecordKind {
    /// All kinds, in the order of declaration.
    pub const ALL: [Self; 9] = [
        Self::Contact,
        Self::Profile,
        Self::Calendar,
        Self::Event,
        Self::Todo,
        Self::Note,
        Self::File,
        Self::Copied,
        Self::Undecoded,
    ];

    /// The kind of a record.
    pub fn of(body: &RecordBody) -> Self {
        match body {
            RecordBody::Contact(_) => Self::Contact,
            RecordBody::Profile(_) => Self::Profile,
            RecordBody::Calendar(_) => Self::Calendar,
            RecordBody::Event(_) => Self::Event,
            RecordBody::Todo(_) => Self::Todo,
            RecordBody::Note(_) => Self::Note,
            RecordBody::File(_) => Self::File,
            RecordBody::Copied(_) => Self::Copied,
            RecordBody::Undecoded { .. } => Self::Undecoded,
        }
    }

    /// Its name in the journal.
    pub fn name(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Profile => "profile",
            Self::Calendar => "calendar",
            Self::Event => "event",
            Self::Todo => "todo",
            Self::Note => "note",
            Self::File => "file",
            Self::Copied => "copied",
            Self::Undecoded => "undecoded",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl Vault {
    /// Starts the journal of a new rescue in `folder`, which is there already ([`super::folder::new_folder`]).
    ///
    /// # Errors
    /// [`VaultError::Finished`] or [`VaultError::Io`] where there is a rescue in it already; [`VaultError::DiskFull`].
    pub fn create(
        folder: &Path,
        identity: &Identity,
        source: &RescueSource,
    ) -> Result<Self, VaultError> {
        refuse_finished(folder)?;
        let data = folder.join(DATA);
        private::create_folder(&data).map_err(VaultError::io("make", &data))?;
        let path = data.join(JOURNAL);
        // Made here, so that it is private from its first byte; SQLite gives its WAL the same mode.
        private::create_file(&path).map_err(VaultError::io("make", &path))?;
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

    /// Opens the journal of an unfinished rescue to go on with it.
    ///
    /// # Errors
    /// [`VaultError::NotARescue`], [`VaultError::Finished`], [`VaultError::Busy`] while another process has it,
    /// [`VaultError::Newer`], [`VaultError::Damaged`].
    pub fn open(folder: &Path) -> Result<Self, VaultError> {
        refuse_finished(folder)?;
        require_journal(folder)?;
        Self::with(connect(folder)?, folder)
    }

    /// As [`Vault::open`]; and where the program ended before anything was in the journal, begins it.
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
        let mut db = connect(folder)?;
        if schema::is_blank(&db, folder)? {
            if !has_journal_alone(folder) {
                return Err(VaultError::Damaged {
                    folder: folder.to_owned(),
                    what: "it is empty, and files lie beside it".into(),
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

    /// Opens the journal of a rescue, finished or not, to look into it. A finished one is opened read-only;
    /// of an unfinished one this takes the same lock as [`Vault::open`].
    ///
    /// # Errors
    /// As [`Vault::open`], but for [`VaultError::Finished`].
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

    /// The rescue folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The handset that this rescue is of, as it was when the rescue began.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// How it was reached and what was asked for.
    pub fn source(&self) -> &RescueSource {
        &self.source
    }

    /// Who does the rescue, as it was last said.
    ///
    /// # Errors
    /// [`VaultError::Journal`], [`VaultError::Damaged`].
    pub fn desk(&self) -> Result<Desk, VaultError> {
        Ok(schema::value(&self.db, &self.folder, "desk")?.unwrap_or_default())
    }

    /// Opens the journal of an unfinished rescue to look into it, and leaves the folder as it is, byte for byte, where the
    /// rescue was ended in order. `None`: there is nothing in it yet.
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
            // What waits beside it is read with it.
            false => connect(folder)?,
        };
        match schema::is_blank(&db, folder)? {
            true => Ok(None),
            false => Self::with(db, folder).map(Some),
        }
    }

    /// What tells the handset from others of its serial number, as it was when it was read last.
    ///
    /// # Errors
    /// [`VaultError::Journal`], [`VaultError::Damaged`].
    pub fn marks(&self) -> Result<Marks, VaultError> {
        Ok(schema::value(&self.db, &self.folder, "marks")?.unwrap_or_default())
    }

    /// Makes sure that a handset is the one this rescue is of: by its serial number; by make and model where one of the
    /// two serials is not known, and by its system too where neither is (a card's file system and size, say).
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

    /// Closes the journal into one file with nothing beside it, which the bag can then be sealed over.
    ///
    /// # Errors
    /// [`VaultError::DiskFull`], [`VaultError::Journal`]: what was committed is safe, the folder is unfinished.
    pub fn close(self) -> Result<(), VaultError> {
        let failed = VaultError::journal(&self.folder);
        // Copies the WAL into the database, syncs and removes it. The lock mode can go back to normal only
        // outside WAL mode; under it the rollback journal that the change itself made is removed as well.
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

/// True where no part of the journal waits in a file beside it.
pub(super) fn is_closed(folder: &Path) -> bool {
    let data = folder.join(DATA);
    ["-wal", "-shm", "-journal"]
        .iter()
        .all(|ending| fs::symlink_metadata(data.join(format!("{JOURNAL}{ending}"))).is_err())
}

/// True where a reader would put files beside the journal, by its header (<https://sqlite.org/fileformat2.html>, "File
/// format version numbers").
fn is_in_wal_mode(folder: &Path) -> bool {
    let mut header = [0; 20];
    let read = fs::File::open(folder.join(DATA).join(JOURNAL))
        .and_then(|mut file| io::Read::read_exact(&mut file, &mut header));
    read.is_ok() && header[18..] == [2, 2]
}

/// True for a folder in which there is nothing but an empty data folder, if that.
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

/// True where the data folder holds the journal, what SQLite keeps beside it, and nothing else.
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
    // What SQLite keeps beside the journal is opened by it too.
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
        Err(e) => Err(VaultError::io("read", &path)(e)),
    }
}

/// Opens the journal for reading alone.
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
    // The lock mode comes first: only then does the WAL do without a shared-memory file.
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
    // A write transaction, even an empty one, holds the exclusive lock from here on.
    db.execute_batch("BEGIN IMMEDIATE; COMMIT;")
        .map_err(&failed)?;
    Ok(db)
}
