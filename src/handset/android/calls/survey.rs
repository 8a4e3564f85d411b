//! The survey of the call log.
//!
//! Its provider (AOSP `CallLogProvider`, in the process of the contacts provider) requires `READ_CALL_LOG`, which
//! Android's shell has from version 13 on (AOSP `packages/Shell/AndroidManifest.xml`: absent in 11, there in 13; Samsung
//! phones with Android 11 and 12 refuse it). A maker's shell may have it earlier, so every Android from 5 on is asked
//! once. Before 5, `content` prints only the low 32 bits of a time.

use super::{decode, tables};
use crate::handset::HandsetError;
use crate::handset::android::content::{
    Decoder, Fresh, Group, NEWEST_FIRST, QueryRunner, View, newest_key,
};
use crate::handset::android::phone::accounts::Accounts;
use crate::handset::android::session::{Session, Surveyed};
use crate::handset::android::table_survey::{
    self, Entries, Gathered, List, TableCollection, UserContext, Users,
};
use crate::model::{Past, Record, RecordBody};
use crate::phrase;
use crate::protocol::adb::AppOp;

/// The first API level whose shell may read the call log.
const MAY_READ: u32 = 33;

const OUT_OF_REACH: &str = phrase(
    "Android shares the list of calls over USB only from version 13. To keep the list, \
     save it on the phone: use the app SMS Backup & Restore (Call logs), or the phone's \
     own transfer to a new phone.",
);

/// The call log, newest calls first.
pub static CALLS: TableCollection = TableCollection {
    entries: "calls",
    table: &tables::CALLS,
    grouping: &NEWEST_FIRST,
    op: AppOp::ReadCallLog,
    users: Users::Open,
    list: List {
        table: &tables::INVENTORY,
        key: |view, row| newest_key(view.number(row, "_id")),
        entries: Entries::Rows(|_, _| true),
        is_marked: |_, _| false,
    },
    // Most handsets refuse the table.
    streams_at_once: false,
    streams_late: false,
    gathers_again: false,
    key: |key| format!("call/{}", -key.1),
    survey,
    gather: |_: &mut QueryRunner, _: Accounts, whose: &UserContext| Ok(gathered(whose)),
    refused: |user, said| phrase!("The calls of user {user} can't be read: {said}"),
    empty: |_| {
        phrase("The phone allows access to its list of calls, and the list is empty.").to_owned()
    },
};

/// Surveys the call log and opens the read.
fn survey(session: &mut Session, past: &Past) -> Result<Surveyed, HandsetError> {
    table_survey::survey_from_level(session, "calls", &CALLS, past, (MAY_READ, OUT_OF_REACH))
}

/// The log of one user.
struct Log(UserContext);

impl Decoder for Log {
    fn decode(&self, view: &View, group: &Group) -> Vec<Record> {
        let record = |row| {
            let call = decode::decode(view, row, &self.0.place);
            Record {
                key: self.0.key(&format!("call/{}", call.source.row)),
                body: RecordBody::Call(call),
            }
        };
        group.rows.iter().map(record).collect()
    }
}

/// The call log has no small tables.
fn gathered(whose: &UserContext) -> Gathered {
    Gathered {
        fresh: Fresh {
            decoder: Box::new(Log(whose.clone())),
            first: Vec::new(),
            missing: Vec::new(),
        },
        refusal: None,
        answered: false,
        reads_on: false,
        says: None,
        notes: Vec::new(),
        closed: None,
    }
}
