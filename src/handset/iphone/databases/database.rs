//! Opening a copy of a database safely, and reading its tables by what is there.
//!
//! The file may come from anybody. It is opened for reading only, with defensive settings, limits, and an end for
//! queries that never stop (<https://www.sqlite.org/security.html>).

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, ErrorCode, OpenFlags, Params};

use super::row::Row;
use crate::phrase;

/// Longest text or blob that is read, in bytes. A picture of a contact is some megabytes.
const MOST_BYTES: i32 = 64 << 20;
/// Most tables and columns that are looked at.
const MOST_TABLES: usize = 2_000;
const MOST_COLUMNS: i32 = 1_000;
/// Most rows that may belong to one page of others.
const MOST_BESIDE: usize = 200_000;
/// Steps of SQLite's machine between two checks, and the checks that one query may take: some minutes.
const STEPS: i32 = 100_000;
const MOST_CHECKS: u64 = 50_000;
/// Most stretches of a table that may be unreadable before its reading ends.
const MOST_GAPS: usize = 200;

/// A copy of one of the phone's databases, open for reading.
pub struct Database {
    connection: Connection,
    /// The file's name, for sentences and for raw replies.
    pub name: String,
    /// The columns of each table.
    tables: BTreeMap<String, Arc<[String]>>,
    checks: Arc<AtomicU64>,
    /// What is wrong with the file, each a sentence.
    pub damage: Vec<String>,
    sides: usize,
}

/// Why nothing can be read from a database.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct Unopened(pub String);

/// Why a query ended early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broken {
    /// Damage in the file.
    Damaged(String),
    /// The query took longer than any real one.
    Endless,
}

impl Broken {
    pub fn said(&self) -> String {
        match self {
            Self::Damaged(said) => said.clone(),
            Self::Endless => phrase("the query does not end").to_owned(),
        }
    }

    fn of(error: &rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => Self::Endless,
            _ => Self::Damaged(error.to_string()),
        }
    }
}

impl Database {
    /// Opens the copy at `path`. `name` is for people: `AddressBook.sqlitedb`.
    ///
    /// # Errors
    /// If the file is no database that can be read, with the reason as a sentence.
    pub fn open(path: &Path, name: &str) -> Result<Self, Unopened> {
        let header = header(path).map_err(|error| {
            Unopened(phrase!(
                "{name} can't be opened: {error}. Check this computer's disk, and try once more."
            ))
        })?;
        let wal = {
            let mut wal = path.as_os_str().to_owned();
            wal.push("-wal");
            std::fs::metadata(wal).is_ok_and(|file| file.len() > 0)
        };
        if !header.starts_with(b"SQLite format 3\0") && !wal {
            return Err(Unopened(match header.is_empty() {
                true => phrase!(
                    "{name} is an empty file. Its content may be in a second file that the backup lacks. Make a new \
                     backup of the phone."
                ),
                false => phrase!(
                    "{name} is not a database. It may be damaged, or still encrypted. Make a new backup of the phone."
                ),
            }));
        }
        let failed = |error: rusqlite::Error| {
            Unopened(phrase!(
                "{name} is damaged and can't be read: {error}. Make a new backup of the phone."
            ))
        };
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_URI
            | OpenFlags::SQLITE_OPEN_PRIVATE_CACHE;
        let uri = uri(path, !wal);
        let mut connection = Connection::open_with_flags(uri, flags).map_err(failed)?;
        let checks = restrict(&mut connection).map_err(failed)?;
        let mut database = Self {
            connection,
            name: name.to_owned(),
            tables: BTreeMap::new(),
            checks,
            damage: Vec::new(),
            sides: 0,
        };
        database.tables = database.list_tables().map_err(failed)?;
        // A database in WAL mode (header bytes 18 and 19) whose tables were never written back.
        if database.tables.is_empty() {
            let is_wal_mode = header.get(18..20) == Some(&[2, 2]);
            return Err(Unopened(match is_wal_mode && !wal {
                true => phrase!(
                    "{name} shows nothing by itself: its content is in a second file ({name}-wal), which the backup \
                     lacks. Make a new backup of the phone."
                ),
                false => phrase!("{name} has no tables. Make a new backup of the phone."),
            }));
        }
        Ok(database)
    }

    fn list_tables(&self) -> rusqlite::Result<BTreeMap<String, Arc<[String]>>> {
        let mut tables = BTreeMap::new();
        // A view or a virtual table could compute anything, and no phone has one under these names.
        let mut names = self.connection.prepare(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE%' ORDER BY name",
        )?;
        let mut rows = names.query([])?;
        while let Some(row) = rows.next()? {
            if tables.len() >= MOST_TABLES {
                break;
            }
            let name = row.get_ref(0)?.as_bytes().unwrap_or_default();
            let name = String::from_utf8_lossy(name).into_owned();
            let columns = self.columns_of(&name)?;
            tables.insert(name, columns.into());
        }
        Ok(tables)
    }

    fn columns_of(&self, table: &str) -> rusqlite::Result<Vec<String>> {
        let query = self
            .connection
            .prepare(&format!("SELECT * FROM {} LIMIT 0", quoted(table)))?;
        Ok(query.column_names().map(str::to_owned).collect())
    }

    /// Returns the columns of a table; empty: there is no such table.
    pub fn columns(&self, table: &str) -> &[String] {
        let found = self
            .tables
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(table));
        found.map(|(_, columns)| &**columns).unwrap_or_default()
    }

    pub fn has(&self, table: &str) -> bool {
        !self.columns(table).is_empty()
    }

    /// True if a table has all of these columns.
    pub fn has_columns(&self, table: &str, wanted: &[&str]) -> bool {
        let columns = self.columns(table);
        let has = |wanted: &&str| columns.iter().any(|name| name.eq_ignore_ascii_case(wanted));
        !columns.is_empty() && wanted.iter().all(has)
    }

    /// Returns the first of these columns that a table has.
    pub fn first_column<'a>(&self, table: &str, wanted: &[&'a str]) -> Option<&'a str> {
        wanted
            .iter()
            .copied()
            .find(|name| self.has_columns(table, &[name]))
    }

    /// Returns the tables with their columns, for a report about an unknown layout.
    pub fn layout(&self) -> String {
        const LONGEST: usize = 4_000;
        let mut text = String::new();
        for (table, columns) in &self.tables {
            let line = format!("{table} ({})", columns.join(", "));
            if text.len() + line.len() > LONGEST {
                text.push_str("; …");
                break;
            }
            if !text.is_empty() {
                text.push_str("; ");
            }
            text.push_str(&line);
        }
        text
    }

    /// Checks the tables, and notes in [`Self::damage`] what is wrong.
    pub fn check(&mut self, tables: &[&str]) {
        for table in tables {
            if !self.has(table) {
                continue;
            }
            self.checks.store(0, Ordering::Relaxed);
            let said = self.quick_check(table);
            let said = match said {
                Ok(said) => said,
                Err(error) => Some(Broken::of(&error).said()),
            };
            if let Some(said) = said {
                self.damage.push(phrase!(
                    "{} is damaged (table {table}: {said}). Its readable rows are saved. Make a new backup of the \
                     phone, if the phone still works.",
                    self.name
                ));
            }
        }
    }

    fn quick_check(&self, table: &str) -> rusqlite::Result<Option<String>> {
        let text = format!("PRAGMA quick_check({})", quoted(table));
        let mut query = self.connection.prepare(&text)?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let said = row.get_ref(0)?.as_bytes().unwrap_or_default();
            let said = String::from_utf8_lossy(said).into_owned();
            // A value of another type, or one that breaks a constraint, can be read.
            let is_readable = ["ok"].contains(&said.as_str())
                || [" value in ", "CHECK constraint", "unable to validate"]
                    .iter()
                    .any(|harmless| said.contains(harmless));
            if !is_readable {
                return Ok(Some(said));
            }
        }
        Ok(None)
    }

    /// Calls `each` with the rows of a query, until it returns false.
    ///
    /// # Errors
    /// If the rows can't be read, after those that were passed on.
    pub fn each(
        &self,
        sql: &str,
        params: impl Params,
        mut each: impl FnMut(Row) -> bool,
    ) -> Result<(), Broken> {
        self.checks.store(0, Ordering::Relaxed);
        let failed = |error: rusqlite::Error| Broken::of(&error);
        let mut query = self.connection.prepare(sql).map_err(failed)?;
        let names: Arc<[String]> = query.column_names().map(str::to_owned).collect();
        let mut rows = query.query(params).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            if !each(Row::of(&names, row).map_err(failed)?) {
                break;
            }
        }
        Ok(())
    }

    /// Returns all rows of a query.
    ///
    /// # Errors
    /// If the rows can't be read.
    pub fn all(&self, sql: &str, params: impl Params) -> Result<Vec<Row>, Broken> {
        let mut all = Vec::new();
        self.each(sql, params, |row| {
            all.push(row);
            true
        })?;
        Ok(all)
    }

    /// Returns the first number of the first row of a query.
    ///
    /// # Errors
    /// If the row can't be read.
    pub fn number(&self, sql: &str) -> Result<Option<i64>, Broken> {
        let mut number = None;
        self.each(sql, [], |row| {
            number = row.first();
            false
        })?;
        Ok(number)
    }

    /// Returns the number of rows of a table, as far as they can be counted.
    pub fn count(&self, table: &str) -> Option<u64> {
        let sql = format!("SELECT count(*) FROM {}", quoted(table));
        let count = self.number(&sql).ok()??;
        u64::try_from(count).ok()
    }

    /// Returns up to `limit` rows of a table after the row `after`, in the order of their numbers. Rows that can't be
    /// read are left out, and the stretch is noted in [`Self::damage`]. Each row has its number as `rowid`.
    ///
    /// # Errors
    /// If the query does not end, or too many stretches can't be read.
    pub fn page(&mut self, table: &str, after: i64, limit: usize) -> Result<Vec<Row>, Broken> {
        self.page_with("*", table, after, limit)
    }

    /// Like [`Self::page`], with those of `columns` that the table has.
    ///
    /// # Errors
    /// As [`Self::page`].
    pub fn page_of(
        &mut self,
        table: &str,
        columns: &[&str],
        after: i64,
        limit: usize,
    ) -> Result<Vec<Row>, Broken> {
        let there = columns
            .iter()
            .filter(|column| self.has_columns(table, &[column]));
        let there: Vec<String> = there.map(|column| quoted(column)).collect();
        self.page_with(&there.join(", "), table, after, limit)
    }

    fn page_with(
        &mut self,
        columns: &str,
        table: &str,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Row>, Broken> {
        let sql = format!(
            "SELECT rowid AS \"rowid\", {columns} FROM {} WHERE rowid > ?1 ORDER BY rowid LIMIT ?2",
            quoted(table)
        );
        let mut page = Vec::new();
        let mut after = after;
        let mut gaps = 0;
        while page.len() < limit {
            let left = i64::try_from(limit - page.len()).unwrap_or(i64::MAX);
            let before = page.len();
            let mut last = after;
            let done = self.each(&sql, [after, left], |row| {
                last = row.number("rowid").unwrap_or(last);
                page.push(row);
                true
            });
            after = last;
            match done {
                Ok(()) => break,
                Err(Broken::Endless) => return Err(Broken::Endless),
                Err(Broken::Damaged(said)) => {
                    if page.len() == before {
                        gaps += 1;
                    }
                    let next = self.next_readable(&sql, after);
                    self.note_gap(table, after, next, &said);
                    match next {
                        Some(next) if gaps < MOST_GAPS => after = next - 1,
                        _ => break,
                    }
                }
            }
        }
        Ok(page)
    }

    /// Returns the number of the first row after `after` that can be read, although the next ones can't.
    fn next_readable(&self, sql: &str, after: i64) -> Option<i64> {
        let read_from = |from: i64| {
            let mut found = None;
            let done = self.each(sql, [from, 1], |row| {
                found = row.number("rowid");
                false
            });
            done.ok().and(found)
        };
        let (mut bad, mut good) = (after, None);
        // Real rows have numbers above 0, and a search from far below would not come so far.
        let base = after.max(-1);
        let mut step: i64 = i64::from(base == after);
        while good.is_none() {
            let from = base.checked_add(step)?;
            match read_from(from) {
                Some(row) => good = Some((from, row)),
                None => bad = from,
            }
            step = step.max(1).checked_mul(2)?;
        }
        let (mut from, mut row) = good?;
        while from.saturating_sub(bad) > 1 {
            let middle = bad.midpoint(from);
            match read_from(middle) {
                Some(found) => (from, row) = (middle, found),
                None => bad = middle,
            }
        }
        Some(row)
    }

    fn note_gap(&mut self, table: &str, after: i64, next: Option<i64>, said: &str) {
        let name = &self.name;
        let sentence = match next {
            Some(next) => phrase!(
                "{name} is damaged: the rows {} to {} of the table {table} can't be read ({said}).",
                after.saturating_add(1),
                next.saturating_sub(1)
            ),
            None => phrase!(
                "{name} is damaged: the rows of the table {table} after {after} can't be read ({said})."
            ),
        };
        if !self.damage.contains(&sentence) && self.damage.len() < MOST_GAPS {
            self.damage.push(sentence);
        }
    }

    /// Returns how to find the rows of `table` that belong to a range of others, by its column `owner`. If the column
    /// has no index, a list of the row numbers by owner is made beside the database, so that reading stays linear.
    ///
    /// # Errors
    /// If the table can't be read.
    pub fn side(&mut self, table: &str, owner: &str) -> Result<Side, Broken> {
        let (table, owner) = (quoted(table), quoted(owner));
        let plan =
            format!("EXPLAIN QUERY PLAN SELECT * FROM {table} WHERE {owner} BETWEEN 1 AND 2");
        let mut has_index = false;
        self.each(&plan, [], |row| {
            has_index |= row
                .text("detail")
                .is_some_and(|text| text.contains("SEARCH"));
            true
        })?;
        if has_index {
            return Ok(Side(format!(
                "SELECT {owner} AS \"{OWNER}\", rowid AS \"rowid\", * FROM {table}
                 WHERE {owner} BETWEEN ?1 AND ?2 ORDER BY {owner}, rowid"
            )));
        }
        self.listed_side(&table, &owner)
    }

    /// Like [`Self::side`], for an owner that several columns together name.
    ///
    /// # Errors
    /// If the table can't be read.
    pub fn side_by(&mut self, table: &str, owner: &str) -> Result<Side, Broken> {
        self.listed_side(&quoted(table), owner)
    }

    fn listed_side(&mut self, table: &str, owner: &str) -> Result<Side, Broken> {
        self.checks.store(0, Ordering::Relaxed);
        self.sides += 1;
        let list = format!("temp.side{}", self.sides);
        let make = format!(
            "CREATE TABLE {list} (owner INTEGER, row INTEGER, PRIMARY KEY (owner, row)) WITHOUT ROWID;
             INSERT OR IGNORE INTO {list} SELECT {owner}, rowid FROM {table} WHERE typeof({owner}) = 'integer';"
        );
        self.connection
            .execute_batch(&make)
            .map_err(|error| Broken::of(&error))?;
        Ok(Side(format!(
            "SELECT s.owner AS \"{OWNER}\", t.rowid AS \"rowid\", t.* FROM {list} s JOIN {table} t ON t.rowid = s.row
             WHERE s.owner BETWEEN ?1 AND ?2 ORDER BY s.owner, s.row"
        )))
    }

    /// Returns the rows that belong to the rows `first` to `last`.
    ///
    /// # Errors
    /// If they can't be read, or there are more than any phone has.
    pub fn beside(&self, side: &Side, first: i64, last: i64) -> Result<Vec<Row>, Broken> {
        let mut all = Vec::new();
        self.each(&side.0, [first, last], |row| {
            all.push(row);
            all.len() <= MOST_BESIDE
        })?;
        match all.len() > MOST_BESIDE {
            true => Err(Broken::Endless),
            false => Ok(all),
        }
    }
}

/// A query for the rows of a table that belong to a range of others. They name their owner in the column [`OWNER`].
pub struct Side(String);

/// The column that no database has.
pub const OWNER: &str = "row it belongs to";

/// Sets limits and safe settings. Returns the count of checks of the running query.
fn restrict(connection: &mut Connection) -> rusqlite::Result<Arc<AtomicU64>> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    for (limit, most) in [
        (Limit::SQLITE_LIMIT_LENGTH, MOST_BYTES),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, 1 << 20),
        (Limit::SQLITE_LIMIT_COLUMN, MOST_COLUMNS),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 50),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 8),
        (Limit::SQLITE_LIMIT_VDBE_OP, 25_000),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
    ] {
        connection.set_limit(limit, most)?;
    }
    connection.execute_batch("PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;")?;
    let checks = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&checks);
    let is_over = move || seen.fetch_add(1, Ordering::Relaxed) >= MOST_CHECKS;
    connection.progress_handler(STEPS, Some(is_over))?;
    Ok(checks)
}

/// Returns the first bytes of a file.
fn header(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut header = Vec::new();
    std::fs::File::open(path)?
        .take(100)
        .read_to_end(&mut header)?;
    Ok(header)
}

/// Returns the name by which SQLite opens a file (<https://www.sqlite.org/uri.html>). `immutable`: nothing is locked,
/// and no file is created beside it.
fn uri(path: &Path, immutable: bool) -> std::path::PathBuf {
    #[cfg(unix)]
    let bytes = std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()).to_vec();
    #[cfg(not(unix))]
    let bytes = path.to_string_lossy().replace('\\', "/").into_bytes();
    let mut uri = String::from("file:");
    if cfg!(windows) && bytes.get(1) == Some(&b':') {
        uri.push_str("///");
    }
    for byte in bytes {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b':' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri.push_str(if immutable {
        "?immutable=1"
    } else {
        "?mode=ro"
    });
    uri.into()
}

/// Quotes the name of a table or a column.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
