//! Rows that belong to rows of another table: the entries of a person, the alarms of an event.

use std::collections::HashMap;

use super::database::{Broken, Database, OWNER, Side};
use super::row::Row;
use super::{raw, room};
use crate::model::{Findings, RawReply};

/// The rows of one table, by their owners.
pub struct Children {
    table: &'static str,
    side: Option<Side>,
    range: Option<(i64, i64)>,
    rows: HashMap<i64, Vec<Row>>,
    /// What was read since the last raw reply.
    read: Vec<Row>,
}

impl Children {
    /// Prepares the reading of a table by the first of these columns that it has. A table that does not exist has no
    /// rows.
    pub fn new(
        database: &mut Database,
        table: &'static str,
        owners: &[&'static str],
        findings: &mut Findings,
    ) -> Self {
        let owner = database.first_column(table, owners);
        let side = owner.map(|owner| database.side(table, owner));
        Self::of_side(database, table, side, findings)
    }

    /// Prepares the reading of a table whose rows name their owner by an expression in SQL.
    pub fn by_expression(
        database: &mut Database,
        table: &'static str,
        owner: &str,
        findings: &mut Findings,
    ) -> Self {
        let side = database.side_by(table, owner);
        Self::of_side(database, table, Some(side), findings)
    }

    fn of_side(
        database: &Database,
        table: &'static str,
        side: Option<Result<Side, Broken>>,
        findings: &mut Findings,
    ) -> Self {
        let side = side.and_then(|side| {
            side.map_err(|broken| room::note_broken(findings, &database.name, table, &broken))
                .ok()
        });
        Self {
            table,
            side,
            range: None,
            rows: HashMap::new(),
            read: Vec::new(),
        }
    }

    /// Reads the rows of the owners `first` to `last`.
    pub fn load(&mut self, database: &Database, first: i64, last: i64, findings: &mut Findings) {
        self.rows.clear();
        self.range = Some((first, last));
        let Some(side) = &self.side else {
            return;
        };
        match database.beside(side, first, last) {
            Ok(rows) => {
                for row in rows {
                    if let Some(of) = row.number(OWNER) {
                        self.rows.entry(of).or_default().push(row.clone());
                    }
                    self.read.push(row);
                }
            }
            Err(broken) => room::note_broken(findings, &database.name, self.table, &broken),
        }
    }

    /// Returns the rows of one owner.
    pub fn of(&mut self, database: &Database, id: i64, findings: &mut Findings) -> Vec<Row> {
        if self
            .range
            .is_some_and(|(first, last)| (first..=last).contains(&id))
        {
            return self.rows.get(&id).cloned().unwrap_or_default();
        }
        let Some(side) = &self.side else {
            return Vec::new();
        };
        match database.beside(side, id, id) {
            Ok(rows) => {
                self.read.extend(rows.iter().cloned());
                rows
            }
            Err(broken) => {
                room::note_broken(findings, &database.name, self.table, &broken);
                Vec::new()
            }
        }
    }

    /// Returns what was read since the last call, as a raw reply.
    pub fn raw(&mut self, database: &Database, which: &str) -> Option<RawReply> {
        let read = std::mem::take(&mut self.read);
        raw::reply(&database.name, self.table, which, &read)
    }
}
