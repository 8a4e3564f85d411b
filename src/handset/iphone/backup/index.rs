//! The list of a backup's files, in a private database: a backup may have a million, and all that is known about each
//! comes from the backup's own list, checked once.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::library::stem;
use super::scratch::Scratch;
use crate::format::iphone_backup::{Entry, EntryKind};
use crate::model::InLibrary;

/// Files that are fetched from the list at once.
const PAGE: u32 = 1000;

/// Adds what a list of photos or recordings says of the file at a domain and path, and whether it was deleted.
pub type AddToLibrary<'a> = dyn FnMut(&str, &str, &InLibrary, bool) -> rusqlite::Result<()> + 'a;

/// The list of files, by domain and path.
pub struct Index {
    db: Mutex<Connection>,
    /// Entries with the path of another one and another name in the folder.
    doubled: AtomicU64,
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
             CREATE TABLE library (domain TEXT, path TEXT, stem TEXT, name TEXT, taken INTEGER, hidden INTEGER,
                trashed INTEGER, PRIMARY KEY (domain, path)) WITHOUT ROWID;
             CREATE INDEX stems ON library (domain, stem);
             BEGIN;",
        )?;
        Ok(Self {
            db: Mutex::new(db),
            doubled: AtomicU64::new(0),
        })
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
        let mut same =
            db.prepare("SELECT 1 FROM files WHERE domain = ? AND path = ? AND id = ?")?;
        fill(&mut |entry| {
            let size = i64::try_from(entry.size).unwrap_or(i64::MAX);
            let added = add.execute(params![
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
            if added == 0 {
                let is_same = same.exists(params![entry.domain, entry.path, entry.id])?;
                self.doubled
                    .fetch_add(u64::from(!is_same), Ordering::Relaxed);
            }
            Ok(())
        })?;
        db.execute_batch("COMMIT")?;
        Ok(())
    }

    /// The number of entries whose path another entry has too, with another content: only the first is read.
    pub fn doubled(&self) -> u64 {
        self.doubled.load(Ordering::Relaxed)
    }

    /// Fills the table of what the phone's lists of photos and recordings say: `fill` is given a function that adds it for
    /// one path.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn fill_library(
        &self,
        fill: &mut dyn FnMut(&mut AddToLibrary<'_>) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        self.with(|db| db.execute_batch("BEGIN; DELETE FROM library;"))?;
        let done = fill(&mut |domain, path, about, trashed| {
            self.with(|db| {
                let mut add =
                    db.prepare("INSERT OR REPLACE INTO library VALUES (?, ?, ?, ?, ?, ?, ?)")?;
                add.execute(params![
                    domain,
                    path,
                    stem(path),
                    about.name,
                    about.taken,
                    about.hidden,
                    trashed
                ])?;
                Ok(())
            })
        });
        self.with(|db| db.execute_batch("COMMIT"))?;
        done
    }

    /// Returns what the phone's lists say of a file, and whether they say that it was deleted.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn in_library(
        &self,
        domain: &str,
        path: &str,
    ) -> rusqlite::Result<Option<(InLibrary, bool)>> {
        self.about("path", domain, path)
    }

    /// Like [`Self::in_library`], for the only file with this path without its extension.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn with_stem(
        &self,
        domain: &str,
        stem: &str,
    ) -> rusqlite::Result<Option<(InLibrary, bool)>> {
        self.about("stem", domain, stem)
    }

    fn about(
        &self,
        column: &str,
        domain: &str,
        value: &str,
    ) -> rusqlite::Result<Option<(InLibrary, bool)>> {
        self.with(|db| {
            let mut find = db.prepare(&format!(
                "SELECT name, taken, hidden, trashed FROM library WHERE domain = ? AND {column} = ? LIMIT 2"
            ))?;
            let found = find.query_map([domain, value], |row| {
                let about = InLibrary {
                    name: row.get(0)?,
                    taken: row.get(1)?,
                    hidden: row.get(2)?,
                };
                Ok((about, row.get(3)?))
            })?;
            let mut found: Vec<_> = found.collect::<rusqlite::Result<_>>()?;
            Ok(found.pop().filter(|_| found.is_empty()))
        })
    }

    /// True if the list names a file.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn has(&self, domain: &str, path: &str) -> rusqlite::Result<bool> {
        self.with(|db| {
            let mut find = db.prepare("SELECT 1 FROM files WHERE domain = ? AND path = ?")?;
            find.exists([domain, path])
        })
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
