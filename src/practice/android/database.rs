//! In-memory SQLite databases that several queries can read at the same time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags};

/// The databases of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Store {
    /// `contacts2.db`
    Contacts,
    /// `profile.db`: the owner's own card
    Profile,
    /// `calendar.db`, with Samsung's tasks
    Calendar,
    /// `calllog.db`
    Calls,
    /// `mmssms.db`
    Messages,
    /// `external.db` of the media provider
    Media,
}

/// A database that exists as long as this value.
pub(super) struct Database {
    name: String,
    /// SQLite deletes a shared in-memory database when its last connection closes.
    anchor: Mutex<Connection>,
}

impl Database {
    /// Creates a database and fills it in one transaction.
    pub fn new(fill: impl FnOnce(&Connection) -> rusqlite::Result<()>) -> rusqlite::Result<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!(
            "file:practice-{}-{count}?mode=memory&cache=shared",
            std::process::id()
        );
        let anchor = open(&name)?;
        anchor.execute_batch("PRAGMA foreign_keys=OFF; PRAGMA journal_mode=OFF; BEGIN")?;
        fill(&anchor)?;
        anchor.execute_batch("COMMIT")?;
        Ok(Self {
            name,
            anchor: Mutex::new(anchor),
        })
    }

    /// Changes the contents.
    pub fn change(&self, sql: &str) -> rusqlite::Result<()> {
        let anchor = self.anchor.lock().unwrap_or_else(PoisonError::into_inner);
        anchor.execute_batch(sql)
    }

    /// Opens a read-only connection.
    pub fn reader(&self) -> rusqlite::Result<Connection> {
        let connection = open(&self.name)?;
        connection.execute_batch("PRAGMA query_only=ON; PRAGMA read_uncommitted=ON")?;
        Ok(connection)
    }
}

fn open(name: &str) -> rusqlite::Result<Connection> {
    Connection::open_with_flags(
        name,
        OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_URI
            | OpenFlags::SQLITE_OPEN_SHARED_CACHE,
    )
}
