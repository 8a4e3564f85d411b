//! The survey of the messages.
//!
//! Their provider (AOSP `SmsProvider`, in the process of the phone) requires `READ_SMS`, which Android's shell has from
//! version 10 on (AOSP `packages/Shell/AndroidManifest.xml`: `SEND_SMS` alone in 4.4 to 9, `READ_SMS` from 10). A maker's
//! shell may have it earlier, so every Android from 5 on is asked once. Before 5, `content` prints only the low 32 bits
//! of a time.
//!
//! Only the system, the phone's process and the default app for messages see everything. The shell gets the view
//! `sms_restricted`: received and sent messages.

use super::{decode, tables};
use crate::handset::HandsetError;
use crate::handset::android::content::{
    Decoder, Fresh, Group, NEWEST_FIRST, QueryRunner, Refusal, View, newest_key,
};
use crate::handset::android::phone::accounts::Accounts;
use crate::handset::android::session::{Session, Surveyed};
use crate::handset::android::table_survey::{
    self, Entries, Gathered, List, TableCollection, Users, key_of,
};
use crate::model::{Holding, Past, Record, RecordBody};
use crate::phrase;
use crate::protocol::adb::AppOp;

/// The first API levels whose shell may read messages, and whose `content` prints whole times.
const MAY_READ: u32 = 29;
const WHOLE_TIMES: u32 = 21;

const OUT_OF_REACH: &str = phrase(
    "Android shares messages over USB only from version 10. To keep them, save them on the phone: use the app SMS \
     Backup & Restore (Messages), or the phone's own transfer to a new phone.",
);

/// Text messages, the newest first.
pub static TEXTS: TableCollection = TableCollection {
    entries: "messages",
    table: &tables::TEXTS,
    grouping: &NEWEST_FIRST,
    op: AppOp::ReadSms,
    // The provider is one for all users (`singleUser` in its manifest): another user gets the same rows.
    users: Users::First,
    list: List {
        table: &tables::INVENTORY,
        key: |view, row| newest_key(view.number(row, "_id")),
        entries: Entries::Rows(|_, _| true),
        is_marked: |_, _| false,
    },
    // Old handsets refuse the table.
    streams_at_once: false,
    gathers_again: false,
    key: |key| format!("sms/{}", -key.1),
    survey,
    gather: |_: &mut QueryRunner, _: Accounts, place: &str| Ok(gathered(place)),
    refused: |user, said| phrase!("The messages of user {user} can't be read: {said}"),
    empty: |_| {
        phrase("The phone allows access to its messages, and has none that were received or sent.")
            .to_owned()
    },
};

/// Surveys the text messages and opens the read.
fn survey(session: &mut Session, past: &Past) -> Result<Surveyed, HandsetError> {
    let out_of_reach = || {
        let holding = Holding {
            out_of_reach: Some(OUT_OF_REACH.into()),
            ..Holding::default()
        };
        (holding, None)
    };
    if session.sdk < WHOLE_TIMES && session.system.gives_none().is_none() {
        return Ok(out_of_reach());
    }
    session.survey_patiently("messages", |session| {
        let surveyed = table_survey::survey(session, &TEXTS, past)?;
        Ok(match surveyed {
            Err(Refusal::Denied(_)) if session.sdk < MAY_READ && !session.locked => {
                Ok(out_of_reach())
            }
            surveyed => surveyed,
        })
    })
}

/// The messages of one user, who is the first if the name is empty.
struct Texts(String);

impl Decoder for Texts {
    fn decode(&self, view: &View, group: &Group) -> Vec<Record> {
        let record = |row| {
            let message = decode::text(view, row, &self.0);
            Record {
                key: key_of(&self.0, &format!("sms/{}", message.source.row)),
                body: RecordBody::Message(message),
            }
        };
        group.rows.iter().map(record).collect()
    }
}

/// The table of text messages has no small tables.
fn gathered(place: &str) -> Gathered {
    Gathered {
        fresh: Fresh {
            decoder: Box::new(Texts(place.to_owned())),
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
