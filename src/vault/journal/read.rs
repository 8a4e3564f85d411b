//! Reading the journal.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io::Read;
use std::time::Duration;

use flate2::read::GzDecoder;
use rusqlite::OptionalExtension;

use super::super::natural::natural;
use super::super::store::is_place_of_copy;
use super::super::{DATA, LOG, VaultError, durable};
use super::commit::PART_BYTES;
use super::schema::from_json;
use super::{CollectionState, LogEntry, Vault};
use crate::many::Fingerprints;
use crate::model::{Bookmark, Collection, Record, RecordBody, RecordKind, Replies};
use crate::phrase;

/// Maximum total bytes of replies that a resumed read receives.
const MOST_REPLIES: u64 = 64 << 20;

/// Marks the end of a page of records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordMark {
    place: Vec<u8>,
    key: String,
}

impl Vault {
    /// Returns where to resume a collection; `None`: from the start.
    ///
    /// # Errors
    /// [`VaultError::Journal`], [`VaultError::Damaged`].
    pub fn bookmark(&self, what: Collection) -> Result<Option<Bookmark>, VaultError> {
        let text: Option<Option<String>> = self
            .db
            .query_row(
                "SELECT bookmark FROM collection WHERE name = ?1",
                [what.name()],
                |row| row.get(0),
            )
            .optional()
            .map_err(VaultError::journal(&self.folder))?;
        Ok(text.flatten().map(Bookmark))
    }

    /// Returns the number of the handset's rows in all batches of a collection so far, for progress. A batch that was
    /// read twice counts twice.
    ///
    /// # Errors
    /// As [`Vault::bookmark`].
    pub fn rows(&self, what: Collection) -> Result<u64, VaultError> {
        let rows: Option<i64> = self
            .db
            .query_row(
                "SELECT rows FROM collection WHERE name = ?1",
                [what.name()],
                |row| row.get(0),
            )
            .optional()
            .map_err(VaultError::journal(&self.folder))?;
        Ok(rows.and_then(|n| u64::try_from(n).ok()).unwrap_or(0))
    }

    /// Returns what is known about a collection; the default if nothing is.
    ///
    /// # Errors
    /// As [`Vault::bookmark`].
    pub fn state(&self, what: Collection) -> Result<CollectionState, VaultError> {
        let json: Option<Option<String>> = self
            .db
            .query_row(
                "SELECT state FROM collection WHERE name = ?1",
                [what.name()],
                |row| row.get(0),
            )
            .optional()
            .map_err(VaultError::journal(&self.folder))?;
        match json.flatten() {
            Some(json) => from_json(&self.folder, what.name(), &json),
            None => Ok(CollectionState::default()),
        }
    }

    /// Returns the number of records of each kind in a collection.
    ///
    /// # Errors
    /// As [`Vault::bookmark`].
    pub fn counts(&self, what: Collection) -> Result<BTreeMap<RecordKind, u64>, VaultError> {
        let failed = VaultError::journal(&self.folder);
        let mut query = self
            .db
            .prepare("SELECT kind, count(*) FROM record WHERE collection = ?1 GROUP BY kind")
            .map_err(&failed)?;
        let mut rows = query.query([what.name()]).map_err(&failed)?;
        let mut counts = BTreeMap::new();
        while let Some(row) = rows.next().map_err(&failed)? {
            let kind: String = row.get(0).map_err(&failed)?;
            let count: i64 = row.get(1).map_err(&failed)?;
            counts.insert(self.kind(&kind)?, u64::try_from(count).unwrap_or(0));
        }
        Ok(counts)
    }

    /// Returns the fingerprints of the keys of a collection's records.
    ///
    /// # Errors
    /// As [`Vault::bookmark`].
    pub fn keys(&self, what: Collection) -> Result<Fingerprints, VaultError> {
        let mut keys = Fingerprints::default();
        self.each_key(what, |key| {
            keys.insert(key, ());
        })?;
        Ok(keys)
    }

    /// Returns the keys of a collection's records that begin with `prefix`.
    ///
    /// # Errors
    /// As [`Vault::bookmark`].
    pub fn keys_from(
        &self,
        what: Collection,
        prefix: &str,
    ) -> Result<BTreeSet<String>, VaultError> {
        let mut keys = BTreeSet::new();
        self.each_key(what, |key| {
            if key.starts_with(prefix) {
                keys.insert(key.to_owned());
            }
        })?;
        Ok(keys)
    }

    fn each_key(&self, what: Collection, mut each: impl FnMut(&str)) -> Result<(), VaultError> {
        let failed = VaultError::journal(&self.folder);
        let mut query = self
            .db
            .prepare("SELECT key FROM record WHERE collection = ?1")
            .map_err(&failed)?;
        let mut rows = query.query([what.name()]).map_err(&failed)?;
        while let Some(row) = rows.next().map_err(&failed)? {
            let key = row.get_ref(0).and_then(|key| Ok(key.as_str()?));
            each(key.map_err(&failed)?);
        }
        Ok(())
    }

    /// Reads all data from which the files of a rescue are written. This detects damage before files from an earlier
    /// run are removed, which may be all that is left.
    ///
    /// # Errors
    /// [`VaultError::Journal`], [`VaultError::Damaged`].
    pub fn read_through(&self) -> Result<(), VaultError> {
        let found: String = self
            .db
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
            .map_err(VaultError::journal(&self.folder))?;
        if found != "ok" {
            return Err(self.damaged(found));
        }
        for what in Collection::ALL {
            self.state(what)?;
            self.for_each_record(what, &RecordKind::ALL, |_| Ok::<_, VaultError>(()))?;
        }
        self.first_replies()?;
        Ok(())
    }

    /// Returns how long handsets were read in all parts of this rescue so far.
    ///
    /// # Errors
    /// As [`Vault::bookmark`].
    pub fn link_time(&self) -> Result<Duration, VaultError> {
        let text: Option<String> = self
            .db
            .query_row(
                "SELECT value FROM meta WHERE name = 'link_time_ms'",
                [],
                |row| row.get(0),
            )
            .optional()
            .map_err(VaultError::journal(&self.folder))?;
        let millis = text.and_then(|text| text.parse().ok()).unwrap_or(0);
        Ok(Duration::from_millis(millis))
    }

    /// Returns the first reply to each request, regardless of its collection, and the requests that later got another
    /// one. Only replies that fit in one part (shorter than 4 MiB) are included, up to 64 MiB in total.
    ///
    /// # Errors
    /// As [`Vault::bookmark`].
    pub fn first_replies(&self) -> Result<Replies, VaultError> {
        let failed = VaultError::journal(&self.folder);
        let mut query = self
            .db
            .prepare("SELECT request, size, part, gzip FROM raw ORDER BY id")
            .map_err(&failed)?;
        let mut rows = query.query([]).map_err(&failed)?;
        let mut replies: HashMap<String, Vec<u8>> = HashMap::new();
        let mut changed = HashSet::new();
        let mut total = 0;
        while let Some(row) = rows.next().map_err(&failed)? {
            let request: String = row.get(0).map_err(&failed)?;
            let size: i64 = row.get(1).map_err(&failed)?;
            let part: i64 = row.get(2).map_err(&failed)?;
            if part > 0 {
                replies.remove(&request);
            }
            let size = u64::try_from(size).unwrap_or(u64::MAX);
            let first = replies.get(&request);
            if part > 0 || (total + size > MOST_REPLIES && first.is_none()) {
                continue;
            }
            if first.is_some_and(|first| first.len() as u64 != size) {
                changed.insert(request);
                continue;
            }
            let gzip = row
                .get_ref(3)
                .and_then(|v| Ok(v.as_blob()?))
                .map_err(&failed)?;
            let bytes = self.unpacked(gzip, size)?;
            if let Some(first) = first {
                if *first != bytes {
                    changed.insert(request);
                }
                continue;
            }
            total += size;
            replies.insert(request, bytes);
        }
        Ok(Replies {
            first: replies,
            changed,
        })
    }

    /// Returns the bytes of one part of a reply.
    fn unpacked(&self, gzip: &[u8], size: u64) -> Result<Vec<u8>, VaultError> {
        let mut bytes = Vec::new();
        GzDecoder::new(gzip)
            .take(PART_BYTES as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| self.damaged(format!("a reply: {error}")))?;
        if size != bytes.len() as u64 {
            return Err(self.damaged(phrase("a reply does not have its original size").to_owned()));
        }
        Ok(bytes)
    }

    /// Calls `each` with every record of a collection whose kind is one of `kinds`, ordered by key (numbers within keys
    /// by value). The order does not depend on whether the rescue was interrupted. Only one record is in memory at a
    /// time. An error of `each` ends the reading.
    ///
    /// # Errors
    /// As [`Vault::bookmark`], and those of `each`.
    pub fn for_each_record<E: From<VaultError>>(
        &self,
        what: Collection,
        kinds: &[RecordKind],
        mut each: impl FnMut(Record) -> Result<(), E>,
    ) -> Result<(), E> {
        let failed = VaultError::journal(&self.folder);
        // The index provides the order. Without the hint, SQLite could use a sorter, which would hold all records.
        let mut query = self
            .db
            .prepare(
                "SELECT kind, key, json FROM record INDEXED BY record_order
                 WHERE collection = ?1 ORDER BY place, key",
            )
            .map_err(&failed)?;
        let mut rows = query.query([what.name()]).map_err(&failed)?;
        while let Some(row) = rows.next().map_err(&failed)? {
            let kind: String = row.get(0).map_err(&failed)?;
            if !kinds.contains(&self.kind(&kind)?) {
                continue;
            }
            let key: String = row.get(1).map_err(&failed)?;
            let json = row
                .get_ref(2)
                .and_then(|v| Ok(v.as_str()?))
                .map_err(&failed)?;
            let body = self.body(&key, json)?;
            each(Record { key, body })?;
        }
        Ok(())
    }

    /// Returns a page of records in the order of [`Vault::for_each_record`], and the mark of its end: at most `limit`
    /// records after `after`, the mark of the last page (`None`: from the start). For readers that must not keep the
    /// writer out of the journal.
    ///
    /// # Errors
    /// As [`Vault::bookmark`].
    pub fn records_after(
        &self,
        what: Collection,
        after: Option<&RecordMark>,
        limit: usize,
    ) -> Result<(Vec<Record>, Option<RecordMark>), VaultError> {
        let failed = VaultError::journal(&self.folder);
        let mut query = self
            .db
            .prepare(
                "SELECT key, json, place FROM record INDEXED BY record_order
                 WHERE collection = ?1 AND (place, key) > (?2, ?3) ORDER BY place, key LIMIT ?4",
            )
            .map_err(&failed)?;
        let from = after.cloned().unwrap_or_default();
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = query
            .query(rusqlite::params![what.name(), from.place, from.key, limit])
            .map_err(&failed)?;
        let (mut records, mut mark) = (Vec::new(), None);
        while let Some(row) = rows.next().map_err(&failed)? {
            let key: String = row.get(0).map_err(&failed)?;
            let json = row
                .get_ref(1)
                .and_then(|v| Ok(v.as_str()?))
                .map_err(&failed)?;
            let body = self.body(&key, json)?;
            mark = Some(RecordMark {
                place: row.get(2).map_err(&failed)?,
                key: key.clone(),
            });
            records.push(Record { key, body });
        }
        Ok((records, mark))
    }

    /// Returns the record of a collection with this key, if there is one.
    ///
    /// # Errors
    /// As [`Vault::bookmark`].
    pub fn record(&self, what: Collection, key: &str) -> Result<Option<Record>, VaultError> {
        let json: Option<String> = self
            .db
            .query_row(
                "SELECT json FROM record WHERE collection = ?1 AND place = ?2 AND key = ?3",
                rusqlite::params![what.name(), natural(key), key],
                |row| row.get(0),
            )
            .optional()
            .map_err(VaultError::journal(&self.folder))?;
        let Some(json) = json else {
            return Ok(None);
        };
        let body = self.body(key, &json)?;
        let key = key.to_owned();
        Ok(Some(Record { key, body }))
    }

    /// Parses a record's body. A folder may come from somebody else, so a copy with a place outside the folder is an
    /// error: Lifeboat never writes one.
    fn body(&self, key: &str, json: &str) -> Result<RecordBody, VaultError> {
        let body = from_json(&self.folder, key, json)?;
        match &body {
            RecordBody::Copied(copy) if !is_place_of_copy(&copy.place) => {
                Err(VaultError::Damaged {
                    folder: self.folder.clone(),
                    what: phrase("a copy has a path outside this rescue").into(),
                })
            }
            _ => Ok(body),
        }
    }

    /// Calls `each` with the raw replies of a collection in their original order: the request, and the reply in pieces
    /// of at most 4 MiB; `first` is true for the first piece of each reply.
    ///
    /// # Errors
    /// As [`Vault::bookmark`], and those of `each`.
    pub fn for_each_raw<E: From<VaultError>>(
        &self,
        what: Collection,
        mut each: impl FnMut(&str, bool, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let failed = VaultError::journal(&self.folder);
        let mut query = self
            .db
            .prepare(
                "SELECT request, part, size, gzip FROM raw WHERE collection = ?1 ORDER BY reply, part",
            )
            .map_err(&failed)?;
        let mut rows = query.query([what.name()]).map_err(&failed)?;
        while let Some(row) = rows.next().map_err(&failed)? {
            let request: String = row.get(0).map_err(&failed)?;
            let part: i64 = row.get(1).map_err(&failed)?;
            let size: i64 = row.get(2).map_err(&failed)?;
            let gzip = row
                .get_ref(3)
                .and_then(|v| Ok(v.as_blob()?))
                .map_err(&failed)?;
            let bytes = self.unpacked(gzip, u64::try_from(size).unwrap_or(u64::MAX))?;
            each(&request, part == 0, &bytes)?;
        }
        Ok(())
    }

    /// Returns the numbers of a collection's replies whose requests are `wanted`, by request; of several replies to one
    /// request, the last.
    ///
    /// # Errors
    /// As [`Vault::bookmark`].
    pub fn reply_numbers(
        &self,
        what: Collection,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<HashMap<String, i64>, VaultError> {
        let failed = VaultError::journal(&self.folder);
        let mut query = self
            .db
            .prepare(
                "SELECT request, reply FROM raw WHERE collection = ?1 AND part = 0 ORDER BY reply",
            )
            .map_err(&failed)?;
        let mut rows = query.query([what.name()]).map_err(&failed)?;
        let mut numbers = HashMap::new();
        while let Some(row) = rows.next().map_err(&failed)? {
            let request: String = row.get(0).map_err(&failed)?;
            if wanted(&request) {
                numbers.insert(request, row.get(1).map_err(&failed)?);
            }
        }
        Ok(numbers)
    }

    /// Returns the reply with a number from [`Vault::reply_numbers`], if it is at most `most` bytes long.
    ///
    /// # Errors
    /// As [`Vault::bookmark`].
    pub fn reply(
        &self,
        what: Collection,
        number: i64,
        most: usize,
    ) -> Result<Option<Vec<u8>>, VaultError> {
        let failed = VaultError::journal(&self.folder);
        let mut query = self
            .db
            .prepare(
                "SELECT size, gzip FROM raw WHERE collection = ?1 AND reply = ?2 ORDER BY part",
            )
            .map_err(&failed)?;
        let mut rows = query
            .query(rusqlite::params![what.name(), number])
            .map_err(&failed)?;
        let mut whole = Vec::new();
        while let Some(row) = rows.next().map_err(&failed)? {
            let size: i64 = row.get(0).map_err(&failed)?;
            let gzip = row
                .get_ref(1)
                .and_then(|v| Ok(v.as_blob()?))
                .map_err(&failed)?;
            whole.extend(self.unpacked(gzip, u64::try_from(size).unwrap_or(u64::MAX))?);
            if whole.len() > most {
                return Ok(None);
            }
        }
        Ok(Some(whole))
    }

    /// Returns the log, oldest line first.
    ///
    /// # Errors
    /// As [`Vault::bookmark`].
    pub fn log_entries(&self) -> Result<Vec<LogEntry>, VaultError> {
        let mut entries = Vec::new();
        self.each_log_entry(|entry| {
            entries.push(entry);
            Ok(())
        })?;
        Ok(entries)
    }

    /// As [`Vault::log_entries`], but one line at a time: listing a million files takes a million requests.
    fn each_log_entry(
        &self,
        mut each: impl FnMut(LogEntry) -> Result<(), VaultError>,
    ) -> Result<(), VaultError> {
        let failed = VaultError::journal(&self.folder);
        let mut query = self
            .db
            .prepare("SELECT at, event FROM log ORDER BY id")
            .map_err(&failed)?;
        let mut rows = query.query([]).map_err(&failed)?;
        while let Some(row) = rows.next().map_err(&failed)? {
            let (at, event) = (row.get(0), row.get(1));
            each(LogEntry {
                at: at.map_err(&failed)?,
                event: event.map_err(&failed)?,
            })?;
        }
        Ok(())
    }

    /// Writes the log next to the journal as plain text, one line per event, and replaces an earlier log file.
    ///
    /// # Errors
    /// As [`Vault::bookmark`]; [`VaultError::Io`], [`VaultError::DiskFull`].
    pub fn write_log(&self) -> Result<(), VaultError> {
        let mut log = durable::Part::create(&self.folder.join(DATA), LOG)?;
        let heading = phrase!(
            "What Lifeboat {} did, and what it requested from the phone. Times are this computer's, in UTC. Lines are \
             only added.\n\n",
            env!("CARGO_PKG_VERSION")
        );
        log.write(heading.as_bytes())?;
        self.each_log_entry(|LogEntry { at, event }| {
            log.write(format!("{at}  {event}\n").as_bytes())
        })?;
        log.put_in_place()
    }

    fn kind(&self, name: &str) -> Result<RecordKind, VaultError> {
        RecordKind::named(name)
            .ok_or_else(|| self.damaged(phrase!("a record of the unknown kind {name}")))
    }

    /// Returns the error for a damaged journal.
    pub(crate) fn damaged(&self, what: String) -> VaultError {
        VaultError::Damaged {
            folder: self.folder.clone(),
            what: super::super::for_display(&what),
        }
    }
}
