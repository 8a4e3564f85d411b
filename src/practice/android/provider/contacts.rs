//! URIs and columns of the contacts provider (AOSP `ContactsProvider2`).

use super::sql::{ProjectionMap, Source};
use super::sql_checker;
use super::{Query, Thrown, Uri};
use crate::practice::android::database::Store;
use crate::practice::android::device::Device;

/// A column, the API level that introduced it, and its SQL if that differs from the name.
type Column = (&'static str, u32, &'static str);

const CONTACT_COLUMNS: [Column; 26] = [
    ("custom_ringtone", 0, ""),
    ("display_name", 0, ""),
    ("display_name_alt", 0, ""),
    ("display_name_source", 0, ""),
    ("in_default_directory", 21, ""),
    ("in_visible_group", 0, ""),
    ("last_time_contacted", 0, "0 AS last_time_contacted"),
    ("lookup", 0, ""),
    ("phonetic_name", 0, ""),
    ("phonetic_name_style", 0, ""),
    ("photo_id", 0, ""),
    ("photo_file_id", 0, ""),
    ("photo_uri", 0, ""),
    ("photo_thumb_uri", 0, ""),
    ("send_to_voicemail", 0, ""),
    ("sort_key_alt", 0, ""),
    ("sort_key", 0, ""),
    ("phonebook_label", 18, ""),
    ("phonebook_bucket", 18, ""),
    ("phonebook_label_alt", 18, ""),
    ("phonebook_bucket_alt", 18, ""),
    ("starred", 0, ""),
    ("pinned", 19, ""),
    ("times_contacted", 0, "0 AS times_contacted"),
    ("has_phone_number", 0, ""),
    ("contact_last_updated_timestamp", 18, ""),
];

const CONTACT_PRESENCE: [Column; 7] = [
    ("contact_presence", 0, "NULL AS contact_presence"),
    (
        "contact_chat_capability",
        0,
        "NULL AS contact_chat_capability",
    ),
    ("contact_status", 0, "NULL AS contact_status"),
    ("contact_status_ts", 0, "NULL AS contact_status_ts"),
    (
        "contact_status_res_package",
        0,
        "NULL AS contact_status_res_package",
    ),
    ("contact_status_label", 0, "NULL AS contact_status_label"),
    ("contact_status_icon", 0, "NULL AS contact_status_icon"),
];

const DATA_PRESENCE: [Column; 7] = [
    ("mode", 0, "NULL AS mode"),
    ("chat_capability", 0, "NULL AS chat_capability"),
    ("status", 0, "NULL AS status"),
    ("status_ts", 0, "NULL AS status_ts"),
    ("status_res_package", 0, "NULL AS status_res_package"),
    ("status_label", 0, "NULL AS status_label"),
    ("status_icon", 0, "NULL AS status_icon"),
];

const RAW_CONTACT_COLUMNS: [Column; 8] = [
    ("account_name", 0, ""),
    ("account_type", 0, ""),
    ("data_set", 0, ""),
    ("account_type_and_data_set", 0, ""),
    ("dirty", 0, ""),
    ("sourceid", 0, ""),
    ("backup_id", 23, ""),
    ("version", 0, ""),
];

const SYNC_COLUMNS: [Column; 4] = [
    ("sync1", 0, ""),
    ("sync2", 0, ""),
    ("sync3", 0, ""),
    ("sync4", 0, ""),
];

const DATA_COLUMNS: [Column; 28] = [
    ("data1", 0, ""),
    ("data2", 0, ""),
    ("data3", 0, ""),
    ("data4", 0, ""),
    ("data5", 0, ""),
    ("data6", 0, ""),
    ("data7", 0, ""),
    ("data8", 0, ""),
    ("data9", 0, ""),
    ("data10", 0, ""),
    ("data11", 0, ""),
    ("data12", 0, ""),
    ("data13", 0, ""),
    ("data14", 0, ""),
    ("data15", 0, ""),
    ("carrier_presence", 24, ""),
    ("preferred_phone_account_component_name", 29, ""),
    ("preferred_phone_account_id", 29, ""),
    ("data_version", 0, ""),
    ("is_primary", 0, ""),
    ("is_super_primary", 0, ""),
    ("mimetype", 0, ""),
    ("res_package", 0, ""),
    ("data_sync1", 0, ""),
    ("data_sync2", 0, ""),
    ("data_sync3", 0, ""),
    ("data_sync4", 0, ""),
    ("group_sourceid", 0, ""),
];

const RAW_CONTACTS: [Column; 23] = [
    ("_id", 0, ""),
    ("contact_id", 0, ""),
    ("deleted", 0, ""),
    ("display_name", 0, ""),
    ("display_name_alt", 0, ""),
    ("display_name_source", 0, ""),
    ("phonetic_name", 0, ""),
    ("phonetic_name_style", 0, ""),
    ("sort_key", 0, ""),
    ("sort_key_alt", 0, ""),
    ("phonebook_label", 18, ""),
    ("phonebook_bucket", 18, ""),
    ("phonebook_label_alt", 18, ""),
    ("phonebook_bucket_alt", 18, ""),
    ("times_contacted", 0, ""),
    ("last_time_contacted", 0, ""),
    ("custom_ringtone", 0, ""),
    ("send_to_voicemail", 0, ""),
    ("starred", 0, ""),
    ("pinned", 19, ""),
    ("aggregation_mode", 0, ""),
    ("raw_contact_is_user_profile", 0, ""),
    ("metadata_dirty", 26, ""),
];

const RAW_ENTITIES: [Column; 6] = [
    ("_id", 0, ""),
    ("contact_id", 0, ""),
    ("data_id", 0, ""),
    ("deleted", 0, ""),
    ("starred", 0, ""),
    ("raw_contact_is_user_profile", 0, ""),
];

const CONTACTS: [Column; 4] = [
    ("_id", 0, ""),
    ("has_phone_number", 0, ""),
    ("name_raw_contact_id", 18, ""),
    ("is_user_profile", 0, ""),
];

const DATA: [Column; 6] = [
    ("_id", 0, ""),
    ("raw_contact_id", 0, ""),
    ("hash_id", 23, ""),
    ("contact_id", 0, ""),
    ("name_raw_contact_id", 0, ""),
    ("raw_contact_is_user_profile", 0, ""),
];

const DATA_USAGE: [Column; 2] = [
    ("times_used", 18, "0 AS times_used"),
    ("last_time_used", 18, "0 AS last_time_used"),
];

const GROUPS: [Column; 23] = [
    ("_id", 0, ""),
    ("account_name", 0, ""),
    ("account_type", 0, ""),
    ("data_set", 0, ""),
    ("account_type_and_data_set", 0, ""),
    ("sourceid", 0, ""),
    ("dirty", 0, ""),
    ("version", 0, ""),
    ("res_package", 0, ""),
    ("title", 0, ""),
    ("title_res", 0, ""),
    ("group_visible", 0, ""),
    ("system_id", 0, ""),
    ("deleted", 0, ""),
    ("notes", 0, ""),
    ("should_sync", 0, ""),
    ("favorites", 0, ""),
    ("auto_add", 0, ""),
    ("group_is_read_only", 0, ""),
    ("sync1", 0, ""),
    ("sync2", 0, ""),
    ("sync3", 0, ""),
    ("sync4", 0, ""),
];

const DELETED_CONTACTS: [Column; 2] = [("contact_id", 0, ""), ("contact_deleted_timestamp", 0, "")];

const SETTINGS: [Column; 5] = [
    ("account_name", 0, ""),
    ("account_type", 0, ""),
    ("data_set", 0, ""),
    ("ungrouped_visible", 0, ""),
    ("should_sync", 0, ""),
];

const AGGREGATION_EXCEPTIONS: [Column; 4] = [
    ("_id", 0, ""),
    ("type", 0, ""),
    ("raw_contact_id1", 0, ""),
    ("raw_contact_id2", 0, ""),
];

fn map(level: u32, parts: &[&[Column]]) -> ProjectionMap {
    let mut map = ProjectionMap::new();
    let columns = parts.iter().flat_map(|part| part.iter());
    for &(name, _, sql) in columns.filter(|(_, since, _)| *since <= level) {
        let sql = if sql.is_empty() { name } else { sql };
        if !map.iter().any(|(known, _)| known == name) {
            map.push((name.to_owned(), sql.to_owned()));
        }
    }
    map
}

/// Returns the source for a URI.
pub(super) fn source(device: &Device, uri: &Uri) -> Result<Source, Thrown> {
    let level = device.settings.android;
    let (shape, id) = uri.shape();
    let (store, path) = match shape.strip_prefix("profile") {
        Some("") => (Store::Profile, "contacts"),
        Some(rest) if rest.starts_with('/') => (Store::Profile, rest.trim_start_matches('/')),
        _ => (Store::Contacts, shape.as_str()),
    };
    let raw = [&RAW_CONTACTS, &RAW_CONTACT_COLUMNS[..], &SYNC_COLUMNS];
    let entities = [
        &RAW_ENTITIES,
        &RAW_CONTACT_COLUMNS[..],
        &SYNC_COLUMNS,
        &DATA_COLUMNS,
    ];
    let contacts = [&CONTACTS, &CONTACT_COLUMNS[..], &CONTACT_PRESENCE];
    let data = [
        &DATA,
        &DATA_COLUMNS[..],
        &DATA_PRESENCE,
        &RAW_CONTACT_COLUMNS,
        &CONTACT_COLUMNS,
        &CONTACT_PRESENCE,
        &DATA_USAGE,
    ];
    let kind = |mimetype: &str| Some(format!("mimetype='vnd.android.cursor.item/{mimetype}'"));
    let (tables, parts, filter): (&str, &[&[Column]], Option<String>) = match path {
        "raw_contact_entities" => ("view_raw_entities", &entities, None),
        "raw_contacts/#/entity" => ("view_raw_entities", &entities, Some(format!("_id={id}"))),
        "raw_contacts" => ("view_raw_contacts", &raw, None),
        "raw_contacts/#" => ("view_raw_contacts", &raw, Some(format!("_id={id}"))),
        "raw_contacts/#/data" => {
            let filter = format!("raw_contact_id={id}");
            ("view_data data", &data, Some(filter))
        }
        "contacts" => ("view_contacts", &contacts, None),
        "contacts/#" => ("view_contacts", &contacts, Some(format!("_id={id}"))),
        "contacts/#/data" => ("view_data data", &data, Some(format!("contact_id={id}"))),
        "data" => ("view_data data", &data, None),
        "data/#" => ("view_data data", &data, Some(format!("_id={id}"))),
        "data/phones" => ("view_data data", &data, kind("phone_v2")),
        "data/emails" => ("view_data data", &data, kind("email_v2")),
        "data/postals" => ("view_data data", &data, kind("postal-address_v2")),
        "groups" => ("view_groups", &[&GROUPS], None),
        "groups/#" => ("view_groups", &[&GROUPS], Some(format!("_id={id}"))),
        "deleted_contacts" if level >= 18 => ("deleted_contacts", &[&DELETED_CONTACTS], None),
        "settings" => ("view_settings", &[&SETTINGS], None),
        "aggregation_exceptions" => ("agg_exceptions", &[&AGGREGATION_EXCEPTIONS], None),
        _ => {
            let message = format!("Unknown URI {}", uri.text);
            return Err(Thrown::argument(message));
        }
    };
    let value = |name: &str| {
        let mut all = uri.parameters.iter();
        all.find(|(known, _)| known == name)
            .map(|(_, value)| value.replace('\'', "''"))
    };
    let account = value("account_name").zip(value("account_type"));
    let account =
        account.map(|(name, kind)| format!("account_name='{name}' AND account_type='{kind}'"));
    let filters: Vec<String> = [filter, account].into_iter().flatten().collect();
    Ok(Source {
        store,
        tables: tables.to_owned(),
        map: Some(map(level, parts)),
        strict: true,
        filter: Some(if filters.is_empty() {
            "1".to_owned()
        } else {
            filters.join(" AND ")
        }),
    })
}

/// The checks of Android 8 and later before a query reaches the database.
pub(super) fn check(query: &Query) -> Result<(), Thrown> {
    for column in query.projection.iter().flatten() {
        sql_checker::check_single_token(column)?;
    }
    for sql in [&query.filter, &query.sort].into_iter().flatten() {
        sql_checker::check(sql)?;
    }
    Ok(())
}
