//! A row of a database, read by the names of its columns.

use std::sync::Arc;

use rusqlite::types::{Value, ValueRef};

use super::database::OWNER;

/// A row. A column that the table lacks reads as an empty one.
#[derive(Debug, Clone)]
pub struct Row {
    names: Arc<[String]>,
    values: Vec<Value>,
}

impl Row {
    /// Reads a row of a query with these columns.
    ///
    /// # Errors
    /// If a value can't be read.
    pub fn of(names: &Arc<[String]>, row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        let mut values = Vec::with_capacity(names.len());
        for column in 0..names.len() {
            values.push(match row.get_ref(column)? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(number) => Value::Integer(number),
                ValueRef::Real(number) => Value::Real(number),
                // A text in a wrong encoding is kept as bytes, so that nothing of it is lost.
                ValueRef::Text(text) => match std::str::from_utf8(text) {
                    Ok(text) => Value::Text(text.to_owned()),
                    Err(_) => Value::Blob(text.to_vec()),
                },
                ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
            });
        }
        Ok(Self {
            names: Arc::clone(names),
            values,
        })
    }

    fn value(&self, name: &str) -> &Value {
        let mut names = self.names.iter();
        let at = names.position(|known| known.eq_ignore_ascii_case(name));
        at.and_then(|at| self.values.get(at))
            .unwrap_or(&Value::Null)
    }

    /// Returns the number in the first column.
    pub fn first(&self) -> Option<i64> {
        self.values.first().and_then(number)
    }

    /// Returns a filled text. A number is written out.
    pub fn text(&self, name: &str) -> Option<String> {
        match self.value(name) {
            Value::Null => None,
            Value::Integer(number) => Some(number.to_string()),
            Value::Real(number) => Some(number.to_string()),
            Value::Text(text) => (!text.is_empty()).then(|| text.clone()),
            // A text in a wrong encoding; see `of`.
            Value::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        }
    }

    /// Returns a whole number.
    pub fn number(&self, name: &str) -> Option<i64> {
        number(self.value(name))
    }

    /// Returns a number, also one that is stored as text.
    pub fn real(&self, name: &str) -> Option<f64> {
        let real = match self.value(name) {
            Value::Null | Value::Blob(_) => None,
            Value::Integer(number) => Some(*number as f64),
            Value::Real(number) => Some(*number),
            Value::Text(text) => text.trim().parse().ok(),
        };
        real.filter(|real| real.is_finite())
    }

    /// Returns true for a number other than 0.
    pub fn flag(&self, name: &str) -> bool {
        self.number(name).is_some_and(|number| number != 0)
    }

    /// Returns the bytes of a column.
    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        match self.value(name) {
            Value::Null | Value::Integer(_) | Value::Real(_) => None,
            Value::Text(text) => Some(text.as_bytes()),
            Value::Blob(bytes) => Some(bytes),
        }
    }

    /// Returns the filled columns whose names are not among `known`: name and text. Bytes are described, not printed:
    /// the raw reply has them.
    pub fn others(&self, known: &[&str]) -> Vec<(String, String)> {
        let is_known = |name: &str| known.iter().any(|known| known.eq_ignore_ascii_case(name));
        let filled = self.names.iter().zip(&self.values);
        filled
            .filter(|(name, _)| !is_known(name) && *name != OWNER)
            .filter_map(|(name, value)| {
                let text = match value {
                    Value::Null => return None,
                    Value::Integer(number) => number.to_string(),
                    Value::Real(number) => number.to_string(),
                    Value::Text(text) if text.is_empty() => return None,
                    Value::Text(text) => text.clone(),
                    Value::Blob(bytes) if bytes.is_empty() => return None,
                    Value::Blob(bytes) => format!("{} bytes", bytes.len()),
                };
                Some((name.clone(), text))
            })
            .collect()
    }

    /// Returns the first filled text among the columns `NAME`, `NAME1`, `NAME2` …
    pub fn first_text(&self, name: &str) -> Option<String> {
        let columns = numbered(&self.names, name);
        columns.iter().find_map(|column| self.text(column))
    }

    /// Returns the first number among the columns `NAME`, `NAME1`, `NAME2` …
    pub fn first_real(&self, name: &str) -> Option<f64> {
        let columns = numbered(&self.names, name);
        columns.iter().find_map(|column| self.real(column))
    }

    /// Returns the names of the columns.
    pub fn names(&self) -> &Arc<[String]> {
        &self.names
    }

    pub fn values(&self) -> &[Value] {
        &self.values
    }
}

/// Returns the columns `NAME`, `NAME1`, `NAME2` … that there are.
pub fn numbered(columns: &[String], name: &str) -> Vec<String> {
    let is_numbered = |column: &&String| {
        let rest = column
            .get(..name.len())
            .filter(|start| start.eq_ignore_ascii_case(name))
            .and_then(|_| column.get(name.len()..));
        rest.is_some_and(|rest| rest.len() <= 2 && rest.bytes().all(|byte| byte.is_ascii_digit()))
    };
    columns.iter().filter(is_numbered).cloned().collect()
}

fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Null | Value::Blob(_) => None,
        Value::Integer(number) => Some(*number),
        // Within these bounds each whole number is exact.
        Value::Real(number) if number.abs() < 9.0e15 => Some(number.trunc() as i64),
        Value::Real(_) => None,
        Value::Text(text) => text.trim().parse().ok(),
    }
}
