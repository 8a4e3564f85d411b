//! Messages in the mailbox (`voicemail.db`), with times in seconds since 1970. Their recordings are files beside it.

use super::history::next;
use crate::handset::HandsetError;
use crate::handset::iphone::databases::database::Database;
use crate::handset::iphone::databases::parts::Part;
use crate::handset::iphone::databases::room;
use crate::handset::iphone::databases::row::Row;
use crate::model::{
    Batch, Call, CallKind, Findings, Holding, Presentation, Record, RecordBody, Source,
};
use crate::phrase;

const TABLE: &str = "voicemail";

const READ: [&str; 8] = [
    "rowid",
    "sender",
    "date",
    "duration",
    "trashed_date",
    "token",
    "remote_uid",
    "expiration",
];

/// The mailbox.
pub struct Mailbox(Database);

impl Mailbox {
    /// Prepares the reading of a mailbox.
    ///
    /// # Errors
    /// If it is of an unknown kind.
    pub fn new(mut database: Database) -> Result<Self, Holding> {
        if !database.has_columns(TABLE, &["date", "sender", "duration"]) {
            return Err(room::unknown(&database, phrase("mailbox")));
        }
        database.check(&[TABLE]);
        Ok(Self(database))
    }
}

fn call(row: &Row) -> Call {
    let number = row.text("sender").or_else(|| row.text("callback_num"));
    Call {
        kind: CallKind::Voicemail,
        presentation: match number {
            Some(_) => Presentation::Allowed,
            None => Presentation::Unknown,
        },
        number,
        at: row
            .number("date")
            .filter(|seconds| *seconds != 0)
            .and_then(|seconds| seconds.checked_mul(1000)),
        duration: row.number("duration"),
        name: None,
        place: None,
        post_dial_digits: None,
        subscription_id: None,
        subscription_component_name: None,
        transcription: None,
        extended: row
            .others(&READ)
            .into_iter()
            .filter(|(_, value)| value != "0")
            .collect(),
        source: Source {
            row: row.number("rowid").unwrap_or_default(),
            only_here: true,
            deleted: row.flag("trashed_date"),
            ..Source::default()
        },
    }
}

impl Part for Mailbox {
    fn id(&self) -> &str {
        &self.0.name
    }

    fn counts(&self) -> (Option<u64>, Option<u64>) {
        let living = match self.0.has_columns(TABLE, &["trashed_date"]) {
            true => "coalesce(trashed_date, 0) = 0",
            false => "1",
        };
        let sql = format!("SELECT count(*) FROM {TABLE} WHERE {living}");
        let living = self.0.number(&sql).ok().flatten();
        (
            living.and_then(|count| u64::try_from(count).ok()),
            self.0.count(TABLE),
        )
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
