//! Writes batches into the journal, each in one transaction.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use chrono::{SecondsFormat, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;
use rusqlite::{Connection, Statement, Transaction, TransactionBehavior, params};

use super::super::natural::natural;
use super::super::{DATA, JOURNAL, VaultError, for_display};
use super::schema::to_json;
use super::{CollectionState, Desk, Vault};
use crate::model::{
    Asked, Batch, Case, Collection, Findings, Marks, RawReply, Record, RecordKind, Verdict,
};
use crate::phrase;

/// Maximum bytes of a raw reply in one row: limits the memory that writing and reading a row takes.
pub(super) const PART_BYTES: usize = 4 << 20;

/// Longest ticket or name that is recorded, in characters.
const MAX_DESK: usize = 200;

/// Longest line in the log, in characters.
const MAX_EVENT: usize = 4_000;

/// Returns the current time as the journal writes times: UTC, RFC 3339 with milliseconds.
pub fn now() -> String {
    Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true)
}

impl Vault {
    /// Writes a batch atomically: raw replies, records, the bookmark. The batch is on the disk when this returns. A
    /// record whose key already exists replaces the earlier record. A batch without a bookmark keeps the earlier
    /// bookmark, so that a resumed read may repeat the last batch, which does no harm.
    ///
    /// # Errors
    /// [`VaultError::DiskFull`], [`VaultError::Journal`]: nothing of this batch is kept, all earlier batches are.
    pub fn commit(&mut self, what: Collection, batch: &Batch) -> Result<(), VaultError> {
        let failed = VaultError::journal(&self.folder);
        let change = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(&failed)?;
        write_raw(&change, &self.folder, what, &batch.raw)?;
        write_records(&change, &self.folder, what, &batch.records)?;
        change
            .execute(
                "INSERT INTO collection (name, bookmark, rows) VALUES (?1, ?2, ?3)
                 ON CONFLICT (name) DO UPDATE SET
                     bookmark = coalesce(excluded.bookmark, bookmark), rows = rows + excluded.rows",
                params![
                    what.name(),
                    batch.bookmark.as_ref().map(|b| &b.0),
                    i64::try_from(batch.rows).unwrap_or(i64::MAX),
                ],
            )
            .map_err(&failed)?;
        change.commit().map_err(&failed)?;
        // The system accepts writes to an open file even after the file was deleted or its disk was pulled.
        let path = self.folder.join(DATA).join(JOURNAL);
        match std::fs::symlink_metadata(&path) {
            Ok(_) => Ok(()),
            Err(error) => Err(VaultError::io(phrase("find"), &path)(error)),
        }
    }

    /// Writes records atomically as `fill` passes them on, one by one: memory use does not grow with their number.
    /// Returns the result of `fill`.
    ///
    /// # Errors
    /// As [`Vault::commit`], and those of `fill`.
    pub fn commit_each<T, E: From<VaultError>>(
        &mut self,
        what: Collection,
        fill: impl FnOnce(&mut dyn FnMut(Record) -> Result<(), VaultError>) -> Result<T, E>,
    ) -> Result<T, E> {
        let (folder, failed) = (&self.folder, VaultError::journal(&self.folder));
        let change = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(&failed)?;
        let mut insert = insert_of_records(&change).map_err(&failed)?;
        let filled = fill(&mut |record| write_record(&mut insert, folder, what, &record))?;
        drop(insert);
        change.commit().map_err(&failed)?;
        Ok(filled)
    }

    /// Records what is known about a collection, and replaces the earlier state.
    ///
    /// # Errors
    /// As [`Vault::commit`].
    pub fn set_state(
        &mut self,
        what: Collection,
        state: &CollectionState,
    ) -> Result<(), VaultError> {
        let state = to_json(&self.folder, state)?;
        self.db
            .execute(
                "INSERT INTO collection (name, state) VALUES (?1, ?2)
                 ON CONFLICT (name) DO UPDATE SET state = excluded.state",
                [what.name(), &state],
            )
            .map_err(VaultError::journal(&self.folder))?;
        Ok(())
    }

    /// Records that a collection needs no more reading, and how it ended; the handset's statement stays.
    ///
    /// # Errors
    /// As [`Vault::commit`].
    pub fn finish_collection(
        &mut self,
        what: Collection,
        findings: Findings,
        verdict: Verdict,
    ) -> Result<(), VaultError> {
        let state = CollectionState {
            holding: self.state(what)?.holding,
            findings: Some(findings),
            verdict: Some(verdict),
            done: true,
            safe_after: None,
        };
        self.set_state(what, &state)
    }

    /// Records how long handsets were read in all parts of this rescue together.
    ///
    /// # Errors
    /// As [`Vault::commit`].
    pub fn add_link_time(&mut self, total: Duration) -> Result<(), VaultError> {
        let millis = u64::try_from(total.as_millis()).unwrap_or(u64::MAX);
        self.db
            .execute(
                "INSERT INTO meta (name, value) VALUES ('link_time_ms', ?1)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                [millis.to_string()],
            )
            .map_err(VaultError::journal(&self.folder))?;
        Ok(())
    }

    /// Adds a line to the log. A line can't be changed or removed later, and must not contain the content of a contact,
    /// an event or a to-do.
    ///
    /// # Errors
    /// As [`Vault::commit`].
    pub fn log(&mut self, event: &str) -> Result<(), VaultError> {
        add_to_log(&self.db, &now(), event).map_err(VaultError::journal(&self.folder))
    }

    /// Adds requests to the handset to the log, all of them or none.
    ///
    /// # Errors
    /// As [`Vault::commit`].
    pub fn log_asked(&mut self, asked: &[Asked]) -> Result<(), VaultError> {
        if asked.is_empty() {
            return Ok(());
        }
        let failed = VaultError::journal(&self.folder);
        let change = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(&failed)?;
        for Asked { at, what } in asked {
            add_to_log(&change, at, &format!("asked: {what}")).map_err(&failed)?;
        }
        change.commit().map_err(&failed)
    }

    /// Records the marks that tell the handset from others with the same serial number.
    ///
    /// # Errors
    /// As [`Vault::commit`].
    pub fn set_marks(&mut self, marks: &Marks) -> Result<(), VaultError> {
        self.db
            .execute(
                "INSERT INTO meta (name, value) VALUES ('marks', ?1)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                [to_json(&self.folder, marks)?],
            )
            .map_err(VaultError::journal(&self.folder))?;
        Ok(())
    }

    /// Records what people say about the phone and its rescue. A value that is not given keeps its old value.
    ///
    /// # Errors
    /// As [`Vault::commit`].
    pub fn set_case(&mut self, case: &Case) -> Result<Case, VaultError> {
        let case = case.clone().after(self.case()?);
        if !case.is_empty() {
            self.db
                .execute(
                    "INSERT INTO meta (name, value) VALUES ('case', ?1)
                     ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                    [to_json(&self.folder, &case)?],
                )
                .map_err(VaultError::journal(&self.folder))?;
        }
        Ok(case)
    }

    /// Records who does the rescue. Empty values keep the earlier ones.
    ///
    /// # Errors
    /// As [`Vault::commit`].
    pub fn set_desk(&mut self, desk: &Desk) -> Result<Desk, VaultError> {
        let former = self.desk()?;
        let cut = |new: &str, former: String| {
            let new: String = for_display(new).trim().chars().take(MAX_DESK).collect();
            if new.is_empty() { former } else { new }
        };
        let desk = Desk {
            ticket: cut(&desk.ticket, former.ticket),
            operator: cut(&desk.operator, former.operator),
        };
        self.db
            .execute(
                "INSERT INTO meta (name, value) VALUES ('desk', ?1)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                [to_json(&self.folder, &desk)?],
            )
            .map_err(VaultError::journal(&self.folder))?;
        Ok(desk)
    }
}

impl Vault {
    /// Keeps the result of the rescue, so that it can be shown again later.
    ///
    /// # Errors
    /// As [`Vault::commit`].
    pub fn keep_result(&mut self, result: &impl serde::Serialize) -> Result<(), VaultError> {
        self.db
            .execute(
                "INSERT INTO meta (name, value) VALUES ('result', ?1)
                 ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                [to_json(&self.folder, result)?],
            )
            .map_err(VaultError::journal(&self.folder))?;
        Ok(())
    }
}

fn add_to_log(db: &Connection, at: &str, event: &str) -> rusqlite::Result<()> {
    let event: String = for_display(event).chars().take(MAX_EVENT).collect();
    db.execute("INSERT INTO log (at, event) VALUES (?1, ?2)", [at, &event])?;
    Ok(())
}

fn write_raw(
    change: &Transaction,
    folder: &Path,
    what: Collection,
    replies: &[RawReply],
) -> Result<(), VaultError> {
    if replies.is_empty() {
        return Ok(());
    }
    let failed = VaultError::journal(folder);
    let last: Option<i64> = change
        .query_row(
            "SELECT max(reply) FROM raw WHERE collection = ?1",
            [what.name()],
            |row| row.get(0),
        )
        .map_err(&failed)?;
    let mut insert = change
        .prepare(
            "INSERT INTO raw (collection, reply, part, request, size, gzip)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )
        .map_err(&failed)?;
    let mut packed = Vec::new();
    for (reply, raw) in (last.unwrap_or(-1).saturating_add(1)..).zip(replies) {
        for (part, (length, packed)) in (0i64..).zip(&raw.packed) {
            let size = i64::try_from(*length).unwrap_or(i64::MAX);
            insert
                .execute(params![what.name(), reply, part, raw.request, size, packed])
                .map_err(&failed)?;
        }
        if !raw.packed.is_empty() {
            continue;
        }
        // An empty reply must be recorded too: it has one part without bytes.
        let parts = raw.bytes.chunks(PART_BYTES);
        let empty = raw.bytes.is_empty().then_some(&[][..]);
        for (part, bytes) in (0i64..).zip(parts.chain(empty)) {
            packed.clear();
            let mut gzip = GzEncoder::new(&mut packed, Compression::fast());
            gzip.write_all(bytes)
                .and_then(|()| gzip.try_finish())
                .map_err(VaultError::io(phrase("compress a reply for"), folder))?;
            drop(gzip);
            let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
            insert
                .execute(params![what.name(), reply, part, raw.request, size, packed])
                .map_err(&failed)?;
        }
    }
    Ok(())
}

fn write_records(
    change: &Transaction,
    folder: &Path,
    what: Collection,
    records: &[Record],
) -> Result<(), VaultError> {
    let mut insert = insert_of_records(change).map_err(VaultError::journal(folder))?;
    let mut each = records.iter();
    each.try_for_each(|record| write_record(&mut insert, folder, what, record))
}

fn insert_of_records<'c>(change: &'c Transaction<'_>) -> rusqlite::Result<Statement<'c>> {
    change.prepare(
        "INSERT INTO record (collection, place, key, kind, json) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (collection, place, key)
         DO UPDATE SET kind = excluded.kind, json = excluded.json",
    )
}

fn write_record(
    insert: &mut Statement<'_>,
    folder: &Path,
    what: Collection,
    record: &Record,
) -> Result<(), VaultError> {
    let json = to_json(folder, &record.body)?;
    let kind = RecordKind::of(&record.body).name();
    insert
        .execute(params![
            what.name(),
            natural(&record.key),
            record.key,
            kind,
            json
        ])
        .map_err(VaultError::journal(folder))?;
    Ok(())
}
