//! The URIs of text messages (AOSP `SmsProvider`).

use super::sql::Source;
use super::{Query, Thrown, Uri};
use crate::practice::android::database::Store;
use crate::practice::android::device::Device;
use crate::practice::android::settings::MmsQuery;

/// Returns the source for a URI; `None`: the provider returns no cursor.
pub(super) fn source(device: &Device, uri: &Uri) -> Option<Source> {
    let (shape, id) = uri.shape();
    if uri.authority == "mms" {
        return pictures(device, &shape, id);
    }
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

/// The sources of multimedia messages (AOSP `MmsProvider`): any column, and any expression.
fn pictures(device: &Device, shape: &str, id: i64) -> Option<Source> {
    // The view `pdu_restricted`: neither drafts nor notifications of messages that were not fetched.
    let silent = &device.settings.providers.mms_silent;
    let sent_or_received = "(msg_box = 1 OR msg_box = 2) AND m_type != 130";
    let (tables, filter) = match shape {
        "" => ("pdu", sent_or_received.to_owned()),
        "#" => ("pdu", format!("{sent_or_received} AND _id = {id}")),
        "inbox" => ("pdu", "msg_box = 1 AND m_type != 130".to_owned()),
        "sent" => ("pdu", "msg_box = 2".to_owned()),
        "part" if silent.contains(&MmsQuery::PartsEnd) => {
            let first = "SELECT _id FROM part ORDER BY _id LIMIT 7";
            ("part", format!("_id IN ({first})"))
        }
        "part" => ("part", "1".to_owned()),
        "part/#" => ("part", format!("_id = {id}")),
        "#/part" => ("part", format!("mid = {id}")),
        "#/addr" => ("addr", format!("msg_id = {id}")),
        _ => return None,
    };
    let query = match shape {
        "" => Some(MmsQuery::List),
        "inbox" | "sent" => Some(MmsQuery::Boxes),
        "part" => Some(MmsQuery::Parts),
        "#/part" => Some(MmsQuery::PartsOfOne),
        "#/addr" => Some(MmsQuery::Addresses),
        _ => None,
    };
    if query.is_some_and(|query| silent.contains(&query)) {
        return None;
    }
    Some(Source {
        store: Store::Messages,
        tables: without_lacking(device, tables),
        map: None,
        strict: false,
        filter: Some(filter),
    })
}

/// Returns the SQL for a table without the columns that the maker's provider lacks.
fn without_lacking(device: &Device, table: &str) -> String {
    let lacking = &device.settings.providers.lacking_columns;
    let columns = || {
        let store = device.store(0, Store::Messages)?.ok()?;
        let reader = store.reader().ok()?;
        let mut names = reader
            .prepare("SELECT name FROM pragma_table_info(?1)")
            .ok()?;
        let names = names
            .query_map([table], |row| row.get::<_, String>(0))
            .ok()?;
        let names: Vec<String> = names.filter_map(Result::ok).collect();
        let has_all = names.iter().all(|name| !lacking.contains(name));
        (!has_all).then(|| {
            let known = names.into_iter().filter(|name| !lacking.contains(name));
            known.collect::<Vec<_>>().join(", ")
        })
    };
    match columns() {
        Some(columns) => format!("(SELECT {columns} FROM {table})"),
        None => table.to_owned(),
    }
}

/// Returns the bytes of a part (AOSP `MmsProvider.openFile`).
pub(in crate::practice::android) fn open(device: &Device, uri: &Uri) -> Result<Vec<u8>, Thrown> {
    const NOT_FOUND: &str = "java.io.FileNotFoundException";
    let (shape, id) = uri.shape();
    let level = device.settings.android;
    let is_closed = level < 29 && !device.settings.software.shows_messages;
    if is_closed || device.settings.providers.denied.messages {
        let provider = "com.android.providers.telephony.MmsProvider";
        return Err(Thrown::denied(
            level,
            provider,
            "android.permission.READ_SMS",
        ));
    }
    if (uri.authority.as_str(), shape.as_str()) != ("mms", "part/#") {
        let message = format!("No files supported by provider at {}", uri.text);
        return Err(Thrown::new(NOT_FOUND, message));
    }
    let error = device.settings.providers.mms_file_error;
    if !error.is_empty() {
        return Err(Thrown::new(NOT_FOUND, format!("open failed: {error}")));
    }
    let lost = || Thrown::new(NOT_FOUND, "open failed: ENOENT (No such file or directory)");
    let store = device.store(0, Store::Messages);
    let reader = store
        .and_then(Result::ok)
        .and_then(|store| store.reader().ok());
    let reader = reader.ok_or_else(lost)?;
    let found = reader.query_row("SELECT bytes FROM file WHERE part = ?1", [id], |row| {
        row.get(0)
    });
    found.map_err(|_| lost())
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
