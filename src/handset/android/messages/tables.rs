//! The tables of messages.

use crate::handset::android::content::Table;
use crate::protocol::adb::ContentUri;

/// Text messages, the newest first (AOSP `MmsSmsDatabaseHelper.CREATE_SMS_TABLE_STRING`).
///
/// To the shell, the provider shows only the view `sms_restricted`, which has the received and the sent ones.
pub static TEXTS: Table = Table {
    numbers: &[
        "_id",
        "date",
        "date_sent",
        "type",
        "thread_id",
        "read",
        "seen",
        "protocol",
        "status",
        "locked",
        "sub_id",
        "error_code",
        "reply_path_present",
        "person",
    ],
    texts: &["address", "body", "subject", "service_center", "creator"],
    sort: "_id DESC",
    optional: &["sub_id", "creator", "error_code", "person"],
    times: &["date", "date_sent"],
    since: &[("sub_id", 22), ("creator", 21)],
    ..Table::by_id(ContentUri::Sms, &[], &[])
};

/// The numbers of all text messages, in a separate query, with the columns that show a change.
pub static INVENTORY: Table = Table::by_id(ContentUri::Sms, &["_id", "date", "type", "read"], &[]);

/// Multimedia messages, the newest first (AOSP `MmsSmsDatabaseHelper.createMmsTables`). To the shell, the provider shows
/// only the view `pdu_restricted`. For a column that it lacks, it returns nothing: the read goes on with
/// those that its first row shows.
pub static PICTURES: Table = Table {
    numbers: &[
        "_id",
        "date",
        "date_sent",
        "msg_box",
        "thread_id",
        "read",
        "seen",
        "m_type",
        "m_size",
        "sub_cs",
        "sub_id",
        "locked",
        "text_only",
        "pri",
        "st",
        "v",
        "d_rpt",
        "rr",
        "exp",
        "retr_st",
        "resp_st",
        "ct_cls",
        "d_tm",
        "read_status",
        "rpt_a",
        "retr_txt_cs",
    ],
    texts: &[
        "sub", "m_id", "tr_id", "ct_t", "ct_l", "m_cls", "creator", "retr_txt", "resp_txt",
    ],
    sort: "_id DESC",
    ..Table::by_id(ContentUri::Mms, &[], &[])
};

/// The numbers of all multimedia messages.
pub static PICTURE_INVENTORY: Table =
    Table::by_id(ContentUri::Mms, &["_id", "date", "msg_box", "read"], &[]);

/// The parts of all multimedia messages, without their bytes.
pub static PARTS: Table = Table {
    has_few_rows: true,
    ..Table::by_id(
        ContentUri::MmsParts,
        &["_id", "mid", "seq", "chset", "ctt_s"],
        &[
            "ct", "name", "cd", "fn", "cid", "cl", "ctt_t", "_data", "text",
        ],
    )
};

/// The numbers of all parts, and those of their messages.
pub static PART_INVENTORY: Table = Table::by_id(ContentUri::MmsParts, &["_id", "mid"], &[]);

/// The numbers of received and of sent messages, in separate queries.
pub static INBOX: Table = Table::by_id(ContentUri::MmsInbox, &["_id"], &[]);
pub static SENT: Table = Table::by_id(ContentUri::MmsSent, &["_id"], &[]);

/// The addresses of one multimedia message. Its number is put in by the query.
pub static ADDRESSES: Table = Table::by_id(
    ContentUri::MmsAddresses(0),
    &["_id", "type", "charset"],
    &["address"],
);
