//! The list of calls since iOS 8 (`CallHistory.storedata`). The numbers are those that iLEAPP's `callHistory.py` and
//! ios-backup-parser found on real phones.

use crate::handset::HandsetError;
use crate::handset::iphone::databases::children::Children;
use crate::handset::iphone::databases::database::Database;
use crate::handset::iphone::databases::parts::Part;
use crate::handset::iphone::databases::room::{self, PAGE};
use crate::handset::iphone::databases::row::Row;
use crate::handset::iphone::databases::{cocoa, raw};
use crate::model::{
    Batch, Call, CallKind, Findings, Holding, Presentation, Record, RecordBody, Source,
};
use crate::phrase;

const TABLE: &str = "ZCALLRECORD";

/// Columns that fields hold, or that serve Core Data.
const READ: [&str; 13] = [
    "rowid",
    "Z_PK",
    "Z_ENT",
    "Z_OPT",
    "ZADDRESS",
    "ZDATE",
    "ZDURATION",
    "ZORIGINATED",
    "ZANSWERED",
    "ZNAME",
    "ZLOCATION",
    "ZHANDLE_TYPE",
    "ZREAD",
];

/// The list.
pub struct History {
    database: Database,
    /// The people of calls with several, and the columns of their table.
    people: Option<(Children, String)>,
}

impl History {
    /// Prepares the reading of a list.
    ///
    /// # Errors
    /// If it is of an unknown kind.
    pub fn new(mut database: Database, findings: &mut Findings) -> Result<Self, Holding> {
        if !database.has_columns(TABLE, &["ZDATE", "ZADDRESS", "ZORIGINATED"]) {
            return Err(room::unknown(&database, phrase("list of calls")));
        }
        database.check(&[TABLE]);
        // The numbers in the names of the table and its columns differ between systems.
        let joins = [
            "Z_2REMOTEPARTICIPANTHANDLES",
            "Z_1REMOTEPARTICIPANTHANDLES",
            "Z_3REMOTEPARTICIPANTHANDLES",
        ];
        let join = joins.into_iter().find(|table| database.has(table));
        let people = join.and_then(|table| {
            let columns = database.columns(table);
            let of = |end: &str| columns.iter().find(|name| name.ends_with(end)).cloned();
            let (calls, handles) = (
                of("REMOTEPARTICIPANTCALLS")?,
                of("REMOTEPARTICIPANTHANDLES")?,
            );
            let calls = format!("\"{}\"", calls.replace('"', ""));
            Some((
                Children::by_expression(&mut database, table, &calls, findings),
                handles,
            ))
        });
        Ok(Self { database, people })
    }

    fn call(&mut self, row: &Row, findings: &mut Findings) -> Call {
        let id = row.number("rowid").unwrap_or_default();
        let mut others = Vec::new();
        if let Some((people, handles)) = &mut self.people {
            for join in people.of(&self.database, id, findings) {
                let sql = "SELECT rowid AS \"rowid\", * FROM ZHANDLE WHERE rowid = ?1";
                let handle = join
                    .number(handles)
                    .and_then(|handle| self.database.all(sql, [handle]).ok());
                let value = handle.and_then(|rows| rows.first()?.text("ZVALUE"));
                others.extend(value.map(|value| ("participant".to_owned(), value)));
            }
        }
        let number = row.text("ZADDRESS");
        // The one person of an ordinary call is the number itself.
        if others.len() == 1 {
            others.retain(|(_, value)| Some(value) != number.as_ref());
        }
        let service = match row.number("ZCALLTYPE") {
            Some(8) => Some(phrase("FaceTime video")),
            Some(16) => Some(phrase("FaceTime audio")),
            Some(0) => Some(phrase("an app")),
            _ => None,
        };
        others.extend(service.map(|service| ("service".to_owned(), service.to_owned())));
        let more = row.others(&READ).into_iter();
        others.extend(more.filter(|(_, value)| value != "0" && value != "-1"));
        Call {
            kind: kind(row.flag("ZORIGINATED"), row.flag("ZANSWERED")),
            presentation: match number {
                Some(_) => Presentation::Allowed,
                None => Presentation::Unknown,
            },
            number,
            at: row.real("ZDATE").and_then(cocoa::millis),
            duration: row.real("ZDURATION").map(|seconds| seconds.round() as i64),
            name: row.text("ZNAME"),
            place: row
                .text("ZLOCATION")
                .filter(|place| place != "<<RecentsNumberLocationNotFound>>"),
            post_dial_digits: None,
            subscription_id: None,
            subscription_component_name: None,
            transcription: None,
            extended: others,
            source: Source {
                row: id,
                only_here: true,
                ..Source::default()
            },
        }
    }
}

/// Returns the kind of a call. A call that nobody answered was missed, whether or not it was refused.
pub fn kind(is_outgoing: bool, is_answered: bool) -> CallKind {
    match (is_outgoing, is_answered) {
        (true, _) => CallKind::Outgoing,
        (false, true) => CallKind::Incoming,
        (false, false) => CallKind::Missed,
    }
}

impl Part for History {
    fn id(&self) -> &str {
        &self.database.name
    }

    fn counts(&self) -> (Option<u64>, Option<u64>) {
        let count = self.database.count(TABLE);
        (count, count)
    }

    fn next(
        &mut self,
        after: i64,
        findings: &mut Findings,
    ) -> Result<Option<(Batch, i64)>, HandsetError> {
        let Some((rows, mut batch, last)) = next(&mut self.database, TABLE, after)? else {
            return Ok(None);
        };
        if let (Some((people, _)), Some(first)) = (&mut self.people, rows.first()) {
            let first = first.number("rowid").unwrap_or(last);
            people.load(&self.database, first, last, findings);
        }
        for row in &rows {
            let call = self.call(row, findings);
            batch.records.push(Record {
                key: format!("call/{}/{}", self.database.name, call.source.row),
                body: RecordBody::Call(call),
            });
        }
        if let Some((people, _)) = &mut self.people {
            batch.raw.extend(people.raw(&self.database, "of calls"));
        }
        Ok(Some((batch, last)))
    }

    fn finish(&mut self, findings: &mut Findings) {
        findings.missing.append(&mut self.database.damage);
    }
}

/// Reads the next rows of a table: the rows, a batch that has them in their raw form, and the last row.
pub fn next(
    database: &mut Database,
    table: &str,
    after: i64,
) -> Result<Option<(Vec<Row>, Batch, i64)>, HandsetError> {
    let name = database.name.clone();
    let rows = database
        .page(table, after, PAGE)
        .map_err(|broken| room::broken_off(&name, &broken))?;
    let Some(last) = rows.last().and_then(|row| row.number("rowid")) else {
        return Ok(None);
    };
    let which = format!("rowid {} to {last}", after.saturating_add(1));
    let batch = Batch {
        raw: raw::reply(&name, table, &which, &rows)
            .into_iter()
            .collect(),
        rows: rows.len() as u64,
        ..Batch::default()
    };
    Ok(Some((rows, batch, last)))
}
