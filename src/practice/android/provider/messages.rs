//! The URIs of text messages (AOSP `SmsProvider`).

use super::sql::Source;
use super::{Query, Uri};
use crate::practice::android::database::Store;
use crate::practice::android::device::Device;

/// Returns the source for a URI; `None`: the provider returns no cursor.
pub(super) fn source(device: &Device, uri: &Uri) -> Option<Source> {
    let (shape, id) = uri.shape();
    // The shell gets the view `sms_restricted`. It is older than Android 7.
    let sent_or_received = "(type = 1 OR type = 2)";
    let filter = match shape.as_str() {
        "" => sent_or_received.to_owned(),
        "#" => format!("{sent_or_received} AND _id = {id}"),
        "inbox" => "type = 1".to_owned(),
        "sent" => "type = 2".to_owned(),
        _ => return None,
    };
    let level = device.settings.android;
    let columns = COLUMNS.iter().filter(|(_, since)| level >= *since);
    Some(Source {
        store: Store::Messages,
        tables: "sms".into(),
        map: Some(
            columns
                .map(|(name, _)| ((*name).to_owned(), (*name).to_owned()))
                .collect(),
        ),
        strict: false,
        filter: Some(filter),
    })
}

/// Columns, and the API level of their first version.
const COLUMNS: [(&str, u32); 19] = [
    ("_id", 1),
    ("thread_id", 1),
    ("address", 1),
    ("person", 1),
    ("date", 1),
    ("date_sent", 14),
    ("protocol", 1),
    ("read", 1),
    ("status", 1),
    ("type", 1),
    ("reply_path_present", 1),
    ("subject", 1),
    ("body", 1),
    ("service_center", 1),
    ("locked", 1),
    ("sub_id", 22),
    ("error_code", 1),
    ("creator", 21),
    ("seen", 1),
];

/// Returns true if the provider refuses a query by returning no cursor: it accepts no subqueries from a restricted
/// client (AOSP `SqlQueryChecker`, Android 10).
pub(super) fn is_refused(device: &Device, query: &Query) -> bool {
    let projection = query.projection.iter().flatten();
    let sql = projection.chain(&query.filter).chain(&query.sort);
    let words = sql.flat_map(|sql| sql.split('\'').step_by(2));
    let mut words = words.flat_map(|part| part.split(|c: char| !c.is_ascii_alphanumeric()));
    device.settings.android >= 29 && words.any(|word| word.eq_ignore_ascii_case("select"))
}
