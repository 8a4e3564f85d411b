//! Tests through the seam: a source that is a folder, and what the rooms make of it.

mod calendar;
mod contacts;
mod judges;
mod large;
mod others;
mod practice;
mod todos;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;

use super::{Copied, Room, Source, SourceError, room};
use crate::model::{Batch, Bookmark, Collection, Findings, Holding, Past, RecordBody};

/// A folder with `DOMAIN/PATH`.
pub struct Folder(pub PathBuf);

impl Source for Folder {
    fn copy_of(&self, domain: &str, path: &str) -> Result<Option<Copied>, SourceError> {
        let path = self.0.join(domain).join(path);
        let damage = Vec::new();
        Ok(path.is_file().then_some(Copied { path, damage }))
    }

    fn has(&self, domain: &str, path: &str) -> bool {
        self.0.join(domain).join(path).is_file()
    }

    fn list(&self, domain: &str, prefix: &str) -> Vec<String> {
        let (folder, _) = prefix.rsplit_once('/').unwrap_or_default();
        let Ok(found) = std::fs::read_dir(self.0.join(domain).join(folder)) else {
            return Vec::new();
        };
        let names = found
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok());
        let paths = names.map(|name| format!("{folder}/{name}"));
        let mut all: Vec<_> = paths.filter(|path| path.starts_with(prefix)).collect();
        all.sort();
        all
    }
}

/// An empty folder in which databases are made.
pub struct Phone(tempfile::TempDir);

impl Phone {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, path: &str) -> PathBuf {
        let file = self.0.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        file
    }

    /// Creates or opens a database: `HomeDomain/Library/…`.
    pub fn database(&self, path: &str) -> Connection {
        Connection::open(self.path(path)).unwrap()
    }

    pub fn read(&self, what: Collection) -> Read {
        Read::of(self.0.path(), what)
    }

    /// Reads what follows a bookmark.
    pub fn read_after(&self, what: Collection, after: Option<&Bookmark>) -> Vec<Batch> {
        let mut room = room(what, Arc::new(Folder(self.0.path().to_owned()))).unwrap();
        room.survey(&Past::default()).unwrap();
        all_batches(&mut *room, after)
    }
}

/// All that a room gives.
pub struct Read {
    pub holding: Holding,
    pub batches: Vec<Batch>,
    pub findings: Findings,
}

impl Read {
    pub fn of(folder: &Path, what: Collection) -> Self {
        let mut room = room(what, Arc::new(Folder(folder.to_owned()))).unwrap();
        let holding = room.survey(&Past::default()).unwrap();
        let batches = match holding.has_something_to_read() {
            true => all_batches(&mut *room, None),
            false => Vec::new(),
        };
        let findings = room.findings().unwrap();
        Self {
            holding,
            batches,
            findings,
        }
    }

    pub fn bodies(&self) -> impl Iterator<Item = &RecordBody> {
        let records = self.batches.iter().flat_map(|batch| &batch.records);
        records.map(|record| &record.body)
    }

    pub fn rows(&self) -> u64 {
        self.batches.iter().map(|batch| batch.rows).sum()
    }

    /// Panics if something is said to be missing.
    pub fn is_whole(&self) {
        assert_eq!(self.holding.unreadable, None);
        assert_eq!(self.findings.missing, Vec::<String>::new());
        assert_eq!(self.findings.raw_only, 0);
        assert_eq!(self.holding.rows, Some(self.rows()));
    }
}

fn all_batches(room: &mut dyn Room, after: Option<&Bookmark>) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    loop {
        let last = batches.last().and_then(|batch| batch.bookmark.clone());
        let after = last.or_else(|| after.cloned());
        match room.next_batch(after.as_ref()).unwrap() {
            Some(batch) => batches.push(batch),
            None => return batches,
        }
        assert!(batches.len() < 100_000, "the read does not end");
    }
}
