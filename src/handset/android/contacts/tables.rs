//! The tables of the contacts provider, with the columns of its projection maps (AOSP `ContactsProvider2`).

use crate::handset::android::content::Table;
use crate::protocol::adb::ContentUri;

/// Every raw contact with each of its data rows, including raw contacts marked deleted (view_raw_entities). The
/// contacts that the handset shows come first; the rows of one joined contact are adjacent.
pub static RAW_ENTITIES: Table = Table {
    id: "data_id",
    id_in_filter: &["data_id"],
    sort: "contact_id IS NULL, contact_id, _id, data_id",
    backwards: "data_id DESC",
    // The column holds pictures.
    bytes: Some((
        "data15",
        "data15 IS NOT NULL AND mimetype!='vnd.android.cursor.item/photo'",
    )),
    ..Table::by_id(ContentUri::RawContactEntities, ENTITY_NUMBERS, ENTITY_TEXTS)
};

/// The owner's own card, from the profile database.
pub static PROFILE_ENTITIES: Table = Table {
    id: "data_id",
    id_in_filter: &["data_id"],
    sort: "_id, data_id",
    backwards: "data_id DESC",
    has_few_rows: true,
    ..Table::by_id(
        ContentUri::ProfileRawContactEntities,
        ENTITY_NUMBERS,
        ENTITY_TEXTS,
    )
};

const ENTITY_NUMBERS: &[&str] = &[
    "contact_id",
    "_id",
    "data_id",
    "deleted",
    "dirty",
    "starred",
    "is_primary",
    "is_super_primary",
];

const ENTITY_TEXTS: &[&str] = &[
    "mimetype",
    "account_name",
    "account_type",
    "data_set",
    "sourceid",
    "group_sourceid",
    "data1",
    "data2",
    "data3",
    "data4",
    "data5",
    "data6",
    "data7",
    "data8",
    "data9",
    "data10",
    "data11",
    "data12",
    "data13",
    "data14",
    "data15",
];

/// The inventory of raw contacts, with which the rows that were read are compared.
pub static RAW_CONTACTS: Table = Table::by_id(
    ContentUri::RawContacts,
    &[
        "_id",
        "contact_id",
        "deleted",
        "send_to_voicemail",
        "version",
    ],
    &[],
);

/// The list on the handset's own screen: joined contacts, each with the raw contact that names it.
pub static CONTACTS: Table = Table::by_id(
    ContentUri::Contacts,
    &["_id", "name_raw_contact_id", "photo_id"],
    &[],
);

pub static GROUPS: Table = Table {
    has_few_rows: true,
    ..Table::by_id(
        ContentUri::Groups,
        &["_id", "deleted"],
        &[
            "title",
            "account_name",
            "account_type",
            "sourceid",
            "system_id",
            "notes",
        ],
    )
};
