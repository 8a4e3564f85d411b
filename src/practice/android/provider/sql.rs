//! Queries on a provider's tables, built as `SQLiteQueryBuilder` builds them.

use rusqlite::types::ValueRef;

use super::{Cell, Ended, Query, Rows, Thrown};
use crate::practice::android::database::Store;
use crate::practice::android::device::Device;
use crate::practice::android::java;
use crate::practice::android::settings::Area;
use crate::practice::android::settings::Strike;

/// Column names that a client may request, and the SQL of each.
pub(super) type ProjectionMap = Vec<(String, String)>;

/// The tables and columns behind a URI.
pub(in crate::practice::android) struct Source {
    pub store: Store,
    pub tables: String,
    /// `None`: every column of the tables, and any expression.
    pub map: Option<ProjectionMap>,
    /// Only names in the map are allowed; otherwise `expression AS name` is also allowed.
    pub strict: bool,
    pub filter: Option<String>,
}

impl Source {
    /// Returns the source without some columns.
    fn without(&self, is_lacking: impl Fn(&str) -> bool) -> Self {
        let map = self.map.as_ref().map(|map| {
            let known = map.iter().filter(|(name, _)| !is_lacking(name));
            known.cloned().collect()
        });
        Self {
            map,
            tables: self.tables.clone(),
            filter: self.filter.clone(),
            ..*self
        }
    }
}

/// Maximum size of a row in bytes; a larger row does not fit a cursor window (`config_cursorWindowSize`).
const WINDOW: usize = 2 << 20;

/// Size of the part of a reply that arrives at once, with the cursor and with each request for more. Changes to the
/// provider or its tables take effect only between parts. A real window grows to 2 MiB; this one is small, so that
/// even a few rows need several.
const WINDOWFUL: usize = 16 << 10;

/// Runs a query. If the provider is to die, it does so after the number of rows in the fault of `area`.
pub(super) fn run(
    device: &Device,
    query: &Query,
    source: &Source,
    area: Option<Area>,
    rows: &mut dyn Rows,
) -> Result<(), Ended> {
    let level = device.settings.android;
    let lacking = |name: &str| {
        device
            .settings
            .providers
            .lacking_columns
            .iter()
            .any(|c| c == name)
    };
    let source = &source.without(lacking);
    let sql = build(query, source)?;
    let mut words = query
        .filter
        .iter()
        .flat_map(|filter| filter.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'));
    if let Some(name) = words.find(|word| lacking(word)) {
        return Err(broken(&format!("no such column: {name}"), &sql, level).into());
    }
    if level < 21 {
        // SQLite before 3.7.16 did not have these functions.
        let text = sql.to_lowercase().replace(' ', "");
        if let Some(name) = ["instr(", "char("]
            .iter()
            .find(|name| has_call(&text, name))
        {
            let name = name.trim_end_matches('(');
            return Err(broken(&format!("no such function: {name}"), &sql, level).into());
        }
    }
    let gone = || Thrown::argument("no such user");
    let made = device.store(query.user, source.store).ok_or_else(gone)?;
    let fail = |error: rusqlite::Error| broken(&error_text(&error), &sql, level);
    let database = made.map_err(fail)?;
    let reader = database.reader().map_err(fail)?;
    let mut count = 0;
    let mut filled = 0;
    // Runs once, and again after each sync during the reply, from the current row on.
    loop {
        let from = format!("{sql} LIMIT -1 OFFSET {count}");
        let mut statement = reader
            .prepare(if count == 0 { &sql } else { &from })
            .map_err(fail)?;
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut found = statement.query([]).map_err(fail)?;
        loop {
            let Some(row) = found.next().map_err(fail)? else {
                return Ok(());
            };
            let cells: Vec<Cell<'_>> = (0..names.len())
                .map(|i| match row.get_ref(i) {
                    Ok(ValueRef::Integer(value)) => Cell::Integer(value),
                    Ok(ValueRef::Real(value)) => Cell::Float(value),
                    Ok(ValueRef::Text(text)) => Cell::Text(text),
                    Ok(ValueRef::Blob(bytes)) => Cell::Blob(bytes),
                    Ok(ValueRef::Null) | Err(_) => Cell::Null,
                })
                .collect();
            filled += size(&cells);
            let is_next_window = filled > WINDOWFUL;
            if is_next_window {
                filled = size(&cells);
            }
            match area.and_then(|area| device.strikes(area, count, is_next_window)) {
                None => {}
                Some(Strike::Ends) => return Ok(()),
                Some(Strike::Killed) => return Err(Ended::Killed),
                Some(Strike::Dies) => {
                    return Err(Thrown::new("android.os.DeadObjectException", "").into());
                }
                Some(Strike::Sync) => {
                    database.change(renumbered(source.store)).map_err(fail)?;
                    filled = 0;
                    break;
                }
            }
            if size(&cells) > WINDOW {
                return Err(too_big(count, size(&cells), level).into());
            }
            rows.row(&names, &cells)?;
            count += 1;
        }
    }
}

/// The effect of a sync on a table during a read: the first row moves to the end with a new id. (AOSP's aggregator
/// moves raw contacts to a new contact; sync adapters delete an event and insert it again.)
fn renumbered(store: Store) -> &'static str {
    match store {
        Store::Calendar => {
            "DROP TABLE IF EXISTS temp.moved;
             CREATE TEMP TABLE moved AS SELECT min(_id) AS old, max(_id) + 1 AS new FROM Events;
             UPDATE Events SET original_id=(SELECT new FROM moved) WHERE original_id=(SELECT old FROM moved);
             UPDATE Reminders SET event_id=(SELECT new FROM moved) WHERE event_id=(SELECT old FROM moved);
             UPDATE Attendees SET event_id=(SELECT new FROM moved) WHERE event_id=(SELECT old FROM moved);
             UPDATE ExtendedProperties SET event_id=(SELECT new FROM moved) WHERE event_id=(SELECT old FROM moved);
             UPDATE Events SET _id=(SELECT new FROM moved) WHERE _id=(SELECT old FROM moved);"
        }
        Store::Calls => "UPDATE calls SET _id=(SELECT max(_id) + 1 FROM calls) WHERE _id=(SELECT min(_id) FROM calls);",
        Store::Messages => "UPDATE sms SET _id=(SELECT max(_id) + 1 FROM sms) WHERE _id=(SELECT min(_id) FROM sms);",
        Store::Contacts | Store::Profile | Store::Media => {
            "DROP TABLE IF EXISTS temp.moved;
             CREATE TEMP TABLE moved AS SELECT min(_id) AS old, max(_id) + 1 AS new FROM contacts;
             UPDATE raw_contacts SET contact_id=(SELECT new FROM moved) WHERE contact_id=(SELECT old FROM moved);
             UPDATE visible_contacts SET _id=(SELECT new FROM moved) WHERE _id=(SELECT old FROM moved);
             UPDATE default_directory SET _id=(SELECT new FROM moved) WHERE _id=(SELECT old FROM moved);
             UPDATE contacts SET _id=(SELECT new FROM moved) WHERE _id=(SELECT old FROM moved);"
        }
    }
}

fn size(cells: &[Cell<'_>]) -> usize {
    let one = |cell: &Cell<'_>| match cell {
        Cell::Text(bytes) => bytes.len() + 17,
        Cell::Blob(bytes) => bytes.len() + 16,
        _ => 16,
    };
    cells.iter().map(one).sum()
}

fn too_big(row: u64, size: usize, level: u32) -> Thrown {
    if level >= 28 {
        let message = format!(
            "Row too big to fit into CursorWindow requiredPos={row}, totalPos={row}, size={size}"
        );
        Thrown::new("android.database.sqlite.SQLiteBlobTooBigException", message)
    } else {
        let message = format!(
            "Couldn't read row {row}, col 0 from CursorWindow.  Make sure the Cursor is initialized \
             correctly before accessing data from it."
        );
        Thrown::new("java.lang.IllegalStateException", message)
    }
}

fn build(query: &Query, source: &Source) -> Result<String, Thrown> {
    let mut sql = format!("SELECT {} FROM {}", columns(query, source)?, source.tables);
    let parts = [&source.filter, &query.filter];
    let parts: Vec<String> = parts
        .into_iter()
        .flatten()
        .map(|part| format!("({part})"))
        .collect();
    if !parts.is_empty() {
        sql.push_str(" WHERE ");
        sql.push_str(&parts.join(" AND "));
    }
    if let Some(sort) = &query.sort {
        sql.push_str(" ORDER BY ");
        // A stand-in for Android's language-specific collations.
        let sort = sort.replace("COLLATE LOCALIZED", "COLLATE NOCASE");
        sql.push_str(&sort.replace("COLLATE PHONEBOOK", "COLLATE NOCASE"));
    }
    Ok(sql)
}

fn columns(query: &Query, source: &Source) -> Result<String, Thrown> {
    let asked = query.projection.as_deref().unwrap_or_default();
    let Some(map) = &source.map else {
        return Ok(if asked.is_empty() {
            "*".into()
        } else {
            asked.join(", ")
        });
    };
    if let [one] = asked
        && one == "_count"
    {
        return Ok("COUNT(*) AS _count".into());
    }
    let named = |name: &str| map.iter().find(|(known, _)| known == name);
    if asked.is_empty() {
        let order = java::hash_order(map.iter().map(|(name, _)| name.as_str()));
        let all = order.into_iter().filter_map(named);
        let all: Vec<&str> = all.map(|(_, sql)| sql.as_str()).collect();
        return Ok(all.join(", "));
    }
    let mut sql = Vec::new();
    for name in asked {
        let passes = !source.strict && (name.contains(" AS ") || name.contains(" as "));
        match named(name) {
            Some((_, known)) => sql.push(known.as_str()),
            None if passes => sql.push(name),
            None => return Err(Thrown::argument(format!("Invalid column {name}"))),
        }
    }
    Ok(sql.join(", "))
}

/// True if the function is called, and not another one whose name has the same ending.
fn has_call(sql: &str, name: &str) -> bool {
    sql.match_indices(name).any(|(place, _)| {
        let before = sql[..place].chars().next_back();
        !before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

fn broken(what: &str, sql: &str, level: u32) -> Thrown {
    let code = if level >= 28 {
        " (code 1 SQLITE_ERROR)"
    } else {
        " (code 1)"
    };
    let message = format!("{what}{code}: , while compiling: {sql}");
    Thrown::new("android.database.sqlite.SQLiteException", message)
}

fn error_text(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(_, Some(text)) => text.clone(),
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        other => other.to_string(),
    }
}
