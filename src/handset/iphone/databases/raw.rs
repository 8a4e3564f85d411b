//! Rows as raw replies: the rows of the phone's databases, kept beside the records that were made from them.
//!
//! The first line is the list of columns, each further line a row, both as JSON arrays. Bytes are `{"base64": "…"}`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rusqlite::types::Value;
use serde_json::{Map, Number, Value as Json, json};

use super::row::Row;
use crate::model::RawReply;

/// Returns the rows of one table as a raw reply; `None`: there are none. `which` says which rows: `rowid > 512`.
pub fn reply(database: &str, table: &str, which: &str, rows: &[Row]) -> Option<RawReply> {
    let first = rows.first()?;
    let mut lines = String::new();
    let mut names = None;
    for row in rows {
        if names != Some(row.names()) {
            names = Some(row.names());
            push(&mut lines, &json!(**row.names()));
        }
        push(
            &mut lines,
            &Json::Array(row.values().iter().map(cell).collect()),
        );
    }
    debug_assert!(!first.names().is_empty());
    Some(RawReply {
        request: format!("{database}: {table} {which}"),
        bytes: lines.into_bytes(),
        packed: Vec::new(),
    })
}

fn push(lines: &mut String, line: &Json) {
    lines.push_str(&line.to_string());
    lines.push('\n');
}

fn cell(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Integer(number) => Json::from(*number),
        Value::Real(number) => Number::from_f64(*number).map_or(Json::Null, Json::Number),
        Value::Text(text) => Json::from(text.as_str()),
        Value::Blob(bytes) => {
            let mut cell = Map::new();
            cell.insert("base64".to_owned(), Json::from(STANDARD.encode(bytes)));
            Json::Object(cell)
        }
    }
}
