//! The journal's tables and their version.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::super::VaultError;
use super::RescueSource;
use crate::model::Identity;
use crate::phrase;

/// Marks the file as a Lifeboat journal (`PRAGMA application_id`): "LBOT".
const APPLICATION_ID: i64 = 0x4C42_4F54;

/// Version of the tables below (`PRAGMA user_version`).
const VERSION: i64 = 1;

/// `record.place` sorts keys as [`super::super::natural`] does, so that the order of export doesn't depend on the order
/// of arrival. A raw reply is cut into parts, each a separate gzip file.
const TABLES: &str = "
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE collection (
    name     TEXT PRIMARY KEY,
    bookmark TEXT,
    rows     INTEGER NOT NULL DEFAULT 0,
    state    TEXT
) WITHOUT ROWID;
CREATE TABLE raw (
    id         INTEGER PRIMARY KEY,
    collection TEXT NOT NULL,
    reply      INTEGER NOT NULL,
    part       INTEGER NOT NULL,
    request    TEXT NOT NULL,
    size       INTEGER NOT NULL,
    gzip       BLOB NOT NULL
);
CREATE UNIQUE INDEX raw_order ON raw (collection, reply, part);
CREATE TABLE record (
    id         INTEGER PRIMARY KEY,
    collection TEXT NOT NULL,
    place      BLOB NOT NULL,
    key        TEXT NOT NULL,
    kind       TEXT NOT NULL,
    json       TEXT NOT NULL
);
CREATE UNIQUE INDEX record_order ON record (collection, place, key);
CREATE INDEX record_kind ON record (collection, kind);
CREATE TABLE log (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    at    TEXT NOT NULL,
    event TEXT NOT NULL
);
CREATE TRIGGER log_stays BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'the log is only added to'); END;
CREATE TRIGGER log_is_not_rewritten BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'the log is only added to'); END;
";

/// The journal's data about the rescue as a whole.
pub struct Meta {
    pub identity: Identity,
    pub source: RescueSource,
}

/// Creates the tables and records what is being rescued, in one transaction.
pub fn create(db: &mut Connection, folder: &Path, meta: &Meta) -> Result<(), VaultError> {
    let failed = VaultError::journal(folder);
    let change = db
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(&failed)?;
    change.execute_batch(TABLES).map_err(&failed)?;
    change
        .pragma_update(None, "application_id", APPLICATION_ID)
        .map_err(&failed)?;
    change
        .pragma_update(None, "user_version", VERSION)
        .map_err(&failed)?;
    let software = concat!("Lifeboat ", env!("CARGO_PKG_VERSION"));
    for (name, value) in [
        ("identity", to_json(folder, &meta.identity)?),
        ("source", to_json(folder, &meta.source)?),
        ("begun", super::commit::now()),
        ("software", software.to_owned()),
    ] {
        change
            .execute(
                "INSERT INTO meta (name, value) VALUES (?1, ?2)",
                [name, &value],
            )
            .map_err(&failed)?;
    }
    change.commit().map_err(&failed)
}

/// Returns true if nothing was ever committed to the file.
pub fn is_blank(db: &Connection, folder: &Path) -> Result<bool, VaultError> {
    let failed = VaultError::journal(folder);
    let id: i64 = db
        .pragma_query_value(None, "application_id", |row| row.get(0))
        .map_err(&failed)?;
    let tables: i64 = db
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(&failed)?;
    Ok(id == 0 && tables == 0)
}

/// Checks that the file is a journal of this version, and reads its data about the rescue.
pub fn check(db: &Connection, folder: &Path) -> Result<Meta, VaultError> {
    let failed = VaultError::journal(folder);
    let number = |pragma: &str| db.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    if number("application_id").map_err(&failed)? != APPLICATION_ID {
        return Err(VaultError::NotARescue {
            folder: folder.to_owned(),
        });
    }
    if number("user_version").map_err(&failed)? != VERSION {
        return Err(VaultError::Newer {
            folder: folder.to_owned(),
        });
    }
    // A trigger or a view added by somebody else would run with each query.
    if objects(db).map_err(&failed)? != expected_objects().map_err(&failed)? {
        return Err(VaultError::Damaged {
            folder: folder.to_owned(),
            what: phrase("it has tables, views or triggers that Lifeboat does not create").into(),
        });
    }
    Ok(Meta {
        identity: meta(db, folder, "identity")?,
        source: meta(db, folder, "source")?,
    })
}

/// Returns the kind, name and definition of every object in the database.
fn objects(db: &Connection) -> rusqlite::Result<Vec<(String, String, Option<String>)>> {
    let mut query = db.prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name")?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    rows.collect()
}

fn expected_objects() -> rusqlite::Result<Vec<(String, String, Option<String>)>> {
    let db = Connection::open_in_memory()?;
    db.execute_batch(TABLES)?;
    objects(&db)
}

fn meta<T: DeserializeOwned>(db: &Connection, folder: &Path, name: &str) -> Result<T, VaultError> {
    value(db, folder, name)?.ok_or_else(|| VaultError::Damaged {
        folder: folder.to_owned(),
        what: phrase!("it has no {name}"),
    })
}

/// Reads a value about the rescue as a whole, if it is set.
pub fn value<T: DeserializeOwned>(
    db: &Connection,
    folder: &Path,
    name: &str,
) -> Result<Option<T>, VaultError> {
    let json: Option<String> = db
        .query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| {
            row.get(0)
        })
        .optional()
        .map_err(VaultError::journal(folder))?;
    json.map(|json| from_json(folder, name, &json)).transpose()
}

/// Returns a value as JSON, for a column of the journal.
pub fn to_json(folder: &Path, value: &impl Serialize) -> Result<String, VaultError> {
    serde_json::to_string(value).map_err(|error| VaultError::Damaged {
        folder: folder.to_owned(),
        what: error.to_string(),
    })
}

/// Parses a value from a column of the journal; `what` names the value in the error.
pub fn from_json<T: DeserializeOwned>(
    folder: &Path,
    what: &str,
    json: &str,
) -> Result<T, VaultError> {
    serde_json::from_str(json).map_err(|error| VaultError::Damaged {
        folder: folder.to_owned(),
        what: format!("{what}: {error}"),
    })
}
