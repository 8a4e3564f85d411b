//! The list of a backup's files, in a private database: a backup may have a million, and all that is known about each
//! comes from the backup's own list, checked once.

use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::scratch::Scratch;
use crate::format::iphone_backup::{Entry, EntryKind};

/// Files that are fetched from the list at once.
const PAGE: u32 = 1000;

/// The list of files, by domain and path.
pub struct Index {
    db: Mutex<Connection>,
}

const COLUMNS: &str = "domain, path, id, size, modified, born, class, key, digest";

impl Index {
    /// Creates an empty list.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn new(scratch: &Scratch) -> rusqlite::Result<Self> {
        let db = Connection::open(scratch.path().join("index"))?;
        db.execute_batch(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
             CREATE TABLE files (domain TEXT, path TEXT, id BLOB, size INTEGER, modified INTEGER, born INTEGER, class INTEGER,
                key BLOB, digest BLOB, PRIMARY KEY (domain, path)) WITHOUT ROWID;
             BEGIN;",
        )?;
        Ok(Self { db: Mutex::new(db) })
    }

    fn with<T>(&self, ask: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        ask(&self.db.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Fills the list: `fill` is given a function that adds one file. If two files have the same name, the first is
    /// kept.
    ///
    /// # Errors
    /// If the disk refuses, or `fill` fails.
    pub fn fill<E: From<rusqlite::Error>>(
        &self,
        fill: impl FnOnce(&mut dyn FnMut(&Entry) -> rusqlite::Result<()>) -> Result<(), E>,
    ) -> Result<(), E> {
        let db = self.db.lock().unwrap_or_else(PoisonError::into_inner);
        let mut add =
            db.prepare("INSERT OR IGNORE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")?;
        fill(&mut |entry| {
            let size = i64::try_from(entry.size).unwrap_or(i64::MAX);
            add.execute(params![
                entry.domain,
                entry.path,
                entry.id,
                size,
                entry.modified,
                entry.born,
                entry.class,
                entry.key,
                entry.digest
            ])?;
            Ok(())
        })?;
        db.execute_batch("COMMIT")?;
        Ok(())
    }

    /// Finds a file.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn find(&self, domain: &str, path: &str) -> rusqlite::Result<Option<Entry>> {
        self.with(|db| {
            let ask = format!("SELECT {COLUMNS} FROM files WHERE domain = ? AND path = ?");
            let mut find = db.prepare(&ask)?;
            find.query_row([domain, path], entry).optional()
        })
    }

    /// Up to `most` files that have a checksum and no more than `size` bytes, the smallest first.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn with_checksum(&self, size: u64, most: usize) -> rusqlite::Result<Vec<Entry>> {
        self.with(|db| {
            let ask = format!(
                "SELECT {COLUMNS} FROM files WHERE digest IS NOT NULL AND size BETWEEN 1 AND ? ORDER BY size LIMIT ?"
            );
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            let size = i64::try_from(size).unwrap_or(i64::MAX);
            let mut find = db.prepare(&ask)?;
            find.query_map([size, most], entry)?.collect()
        })
    }

    /// The paths in a domain that begin with `prefix`, sorted.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn paths(&self, domain: &str, prefix: &str) -> rusqlite::Result<Vec<String>> {
        self.with(|db| {
            let ask = "SELECT path FROM files WHERE domain = ?1 AND path >= ?2 ORDER BY path";
            let mut find = db.prepare(ask)?;
            let paths = find.query_map([domain, prefix], |row| row.get(0))?;
            let is_there =
                |path: &rusqlite::Result<String>| !matches!(path, Ok(path) if !path.starts_with(prefix));
            paths.take_while(is_there).collect()
        })
    }

    /// Calls `each` for every file, sorted by domain and path.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn for_each(&self, each: &mut dyn FnMut(Entry)) -> rusqlite::Result<()> {
        let mut after = (String::new(), String::new());
        loop {
            let page: Vec<Entry> = self.with(|db| {
                let ask = format!(
                    "SELECT {COLUMNS} FROM files WHERE (domain, path) > (?, ?) ORDER BY domain, path LIMIT {PAGE}"
                );
                let mut find = db.prepare(&ask)?;
                find.query_map([&after.0, &after.1], entry)?.collect()
            })?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = (last.domain.clone(), last.path.clone());
            page.into_iter().for_each(&mut *each);
        }
    }
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let size: i64 = row.get(3)?;
    Ok(Entry {
        kind: EntryKind::File,
        domain: row.get(0)?,
        path: row.get(1)?,
        id: row.get(2)?,
        size: size.unsigned_abs(),
        modified: row.get(4)?,
        born: row.get(5)?,
        class: row.get(6)?,
        key: row.get(7)?,
        digest: row.get(8)?,
    })
}
