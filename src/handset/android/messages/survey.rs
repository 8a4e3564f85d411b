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
    Decoder, ExactRow, Fresh, Group, NEWEST_FIRST, QueryRunner, View, newest_key,
};
use crate::handset::android::phone::accounts::Accounts;
use crate::handset::android::session::{Session, Surveyed};
use crate::handset::android::table_survey::{
    self, Entries, Gathered, List, TableCollection, UserContext, Users,
};
use crate::model::{Message, Past, Record, RecordBody};
use crate::phrase;
use crate::protocol::adb::AppOp;

/// The first API level whose shell may read messages.
pub const MAY_READ: u32 = 29;

const OUT_OF_REACH: &str = phrase(
    "Android shares messages over USB only from version 10. To keep them, save them on the phone: use the app SMS \
     Backup & Restore (Messages), or the phone's own transfer to a new phone.",
);

/// What is said about an empty list.
pub const NONE: &str =
    phrase("The phone allows access to its messages, and has none that were received or sent.");

/// Text messages, the newest first.
pub static ALL_TEXTS: TableCollection = TEXTS;

const TEXTS: TableCollection = TableCollection {
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
    streams_late: false,
    gathers_again: false,
    key: |key| format!("sms/{}", -key.1),
    survey,
    gather: |_: &mut QueryRunner, _: Accounts, whose: &UserContext| {
        Ok(gathered(Box::new(Rows(decode::text, "sms", whose.clone()))))
    },
    refused: |user, said| phrase!("The messages of user {user} can't be read: {said}"),
    empty: |_| NONE.to_owned(),
};

/// Multimedia messages, the newest first. [`super::pictures`] reads their people and parts.
pub static PICTURES: TableCollection = TableCollection {
    table: &tables::PICTURES,
    streams_late: true,
    list: List {
        table: &tables::PICTURE_INVENTORY,
        key: |view, row| newest_key(view.number(row, "_id")),
        entries: Entries::Rows(|_, _| true),
        is_marked: |_, _| false,
    },
    key: |key| format!("mms/{}", -key.1),
    survey: |_, _| Ok(Surveyed::default()),
    gather: |_: &mut QueryRunner, _: Accounts, whose: &UserContext| {
        Ok(gathered(Box::new(Rows(
            decode::picture,
            "mms",
            whose.clone(),
        ))))
    },
    ..TEXTS
};

/// Surveys the text messages and opens the read.
fn survey(session: &mut Session, past: &Past) -> Result<Surveyed, HandsetError> {
    table_survey::survey_from_level(
        session,
        "messages",
        &ALL_TEXTS,
        past,
        (MAY_READ, OUT_OF_REACH),
    )
}

/// How a row becomes a message, the beginning of its key, and the user.
struct Rows(
    fn(&View, &ExactRow, &str) -> Message,
    &'static str,
    UserContext,
);

impl Decoder for Rows {
    fn decode(&self, view: &View, group: &Group) -> Vec<Record> {
        let Self(decode, kind, whose) = self;
        let record = |row| {
            let message = decode(view, row, &whose.place);
            Record {
                key: whose.key(&format!("{kind}/{}", message.source.row)),
                body: RecordBody::Message(message),
            }
        };
        group.rows.iter().map(record).collect()
    }
}

/// The tables of messages have no small tables that are read with them.
fn gathered(decoder: Box<dyn Decoder>) -> Gathered {
    Gathered {
        fresh: Fresh {
            decoder,
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
