//! The URI and columns of the call log (AOSP `CallLogProvider`), and its check of SQL from clients.

use super::sql::{ProjectionMap, Source};
use super::{Query, Thrown, Uri};
use crate::practice::android::database::Store;
use crate::practice::android::device::Device;

/// Columns, and the API level of their first version.
const COLUMNS: [(&str, u32); 40] = [
    ("_id", 1),
    ("number", 1),
    ("post_dial_digits", 24),
    ("via_number", 24),
    ("presentation", 19),
    ("date", 1),
    ("duration", 1),
    ("data_usage", 21),
    ("type", 1),
    ("features", 21),
    ("subscription_component_name", 21),
    ("subscription_id", 21),
    ("phone_account_hidden", 22),
    ("phone_account_address", 21),
    ("new", 1),
    ("voicemail_uri", 14),
    ("transcription", 21),
    ("transcription_state", 27),
    ("is_read", 14),
    ("name", 1),
    ("numbertype", 1),
    ("numberlabel", 1),
    ("countryiso", 14),
    ("geocoded_location", 14),
    ("lookup_uri", 14),
    ("matched_number", 14),
    ("normalized_number", 14),
    ("photo_id", 14),
    ("photo_uri", 23),
    ("formatted_number", 14),
    ("add_for_all_users", 24),
    ("last_modified", 26),
    ("call_screening_component_name", 29),
    ("call_screening_app_name", 29),
    ("block_reason", 29),
    ("missed_reason", 31),
    ("priority", 31),
    ("subject", 31),
    ("location", 31),
    ("composer_photo_uri", 31),
];

/// Columns that came with Android 14.
const SINCE_34: [&str; 2] = ["is_business_call", "asserted_display_name"];

/// Functions and keywords that `SQLiteQueryBuilder.enforceStrictToken` lets pass, as far as a client needs them (AOSP
/// `SQLiteTokenizer`).
const PASSES: [&str; 42] = [
    "and", "or", "not", "in", "is", "null", "isnull", "notnull", "like", "glob", "between", "case",
    "when", "then", "else", "end", "as", "asc", "desc", "cast", "collate", "escape", "nocase",
    "binary", "exists", "abs", "char", "coalesce", "hex", "ifnull", "instr", "length", "lower",
    "max", "min", "nullif", "replace", "substr", "trim", "typeof", "unicode", "text",
];

/// Returns the source for a URI.
pub(super) fn source(device: &Device, uri: &Uri) -> Result<Source, Thrown> {
    if uri.segments != ["calls"] {
        return Err(Thrown::argument(format!("Unknown URL {}", uri.text)));
    }
    Ok(Source {
        store: Store::Calls,
        tables: "calls".into(),
        map: Some(columns(device.settings.android)),
        strict: true,
        // A client without the permission for voicemail does not see it, nor calls of accounts that are not there.
        filter: Some("type != 4 AND phone_account_hidden = 0".into()),
    })
}

fn columns(level: u32) -> ProjectionMap {
    let known = COLUMNS.iter().filter(|(_, since)| level >= *since);
    let known = known.map(|(name, _)| *name);
    let newest = SINCE_34.into_iter().filter(|_| level >= 34);
    known
        .chain(newest)
        .map(|name| (name.to_owned(), name.to_owned()))
        .collect()
}

/// Refuses words in a condition or an order that are neither columns nor allowed (Android 11 and later).
pub(super) fn check(device: &Device, query: &Query) -> Result<(), Thrown> {
    let level = device.settings.android;
    let lacking = &device.settings.providers.lacking_columns;
    let columns = columns(level);
    for sql in [&query.filter, &query.sort].into_iter().flatten() {
        // Every second part stands in quotes.
        let words = sql.split('\'').step_by(2);
        let words = words.flat_map(|part| {
            part.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
        });
        for word in words {
            let is_column = columns.iter().any(|(name, _)| name == word);
            let is_lacking = lacking.iter().any(|name| name == word);
            let passes = PASSES.contains(&word.to_lowercase().as_str());
            if is_lacking || !(is_column || passes) {
                return Err(Thrown::argument(format!("Invalid token {word}")));
            }
        }
    }
    Ok(())
}
