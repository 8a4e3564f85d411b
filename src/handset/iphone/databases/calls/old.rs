//! The list of calls until iOS 7 (`call_history.db`), with times in seconds since 1970.

use super::history::{kind, next};
use crate::handset::HandsetError;
use crate::handset::iphone::databases::database::Database;
use crate::handset::iphone::databases::parts::Part;
use crate::handset::iphone::databases::room;
use crate::handset::iphone::databases::row::Row;
use crate::model::{Batch, Call, Findings, Holding, Presentation, Record, RecordBody, Source};
use crate::phrase;

const TABLE: &str = "call";

const READ: [&str; 6] = ["rowid", "address", "date", "duration", "name", "read"];

/// The list.
pub struct OldList(Database);

impl OldList {
    /// Prepares the reading of a list.
    ///
    /// # Errors
    /// If it is of an unknown kind.
    pub fn new(mut database: Database) -> Result<Self, Holding> {
        if !database.has_columns(TABLE, &["address", "date", "duration", "flags"]) {
            return Err(room::unknown(&database, phrase("list of calls")));
        }
        database.check(&[TABLE]);
        Ok(Self(database))
    }
}

fn call(row: &Row) -> Call {
    let duration = row.number("duration");
    // The lowest bit: the owner made the call. The other bits are kept.
    let is_outgoing = row.number("flags").is_some_and(|flags| flags & 1 == 1);
    let number = row.text("address");
    Call {
        kind: kind(is_outgoing, duration.is_some_and(|seconds| seconds > 0)),
        presentation: match number {
            Some(_) => Presentation::Allowed,
            None => Presentation::Unknown,
        },
        number,
        at: row
            .number("date")
            .filter(|seconds| *seconds != 0)
            .and_then(|seconds| seconds.checked_mul(1000)),
        duration,
        name: row.text("name"),
        place: None,
        post_dial_digits: None,
        subscription_id: None,
        subscription_component_name: None,
        transcription: None,
        extended: row
            .others(&READ)
            .into_iter()
            .filter(|(_, value)| value != "-1")
            .collect(),
        source: Source {
            row: row.number("rowid").unwrap_or_default(),
            only_here: true,
            ..Source::default()
        },
    }
}

impl Part for OldList {
    fn id(&self) -> &str {
        &self.0.name
    }

    fn counts(&self) -> (Option<u64>, Option<u64>) {
        let count = self.0.count(TABLE);
        (count, count)
    }

    fn next(&mut self, after: i64, _: &mut Findings) -> Result<Option<(Batch, i64)>, HandsetError> {
        let Some((rows, mut batch, last)) = next(&mut self.0, TABLE, after)? else {
            return Ok(None);
        };
        batch
            .records
            .extend(rows.iter().map(call).map(|call| Record {
                key: format!("call/{}/{}", self.0.name, call.source.row),
                body: RecordBody::Call(call),
            }));
        Ok(Some((batch, last)))
    }

    fn finish(&mut self, findings: &mut Findings) {
        findings.missing.append(&mut self.0.damage);
    }
}
