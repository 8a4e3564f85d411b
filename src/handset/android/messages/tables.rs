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
