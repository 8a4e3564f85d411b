//! Writes the rows of `contacts2.db`.

use rusqlite::types::Value;
use rusqlite::{Connection, Statement};

/// Kinds of data rows. The id of each kind is its position in the list.
pub(super) const MIMETYPES: [&str; 17] = [
    "vnd.android.cursor.item/email_v2",
    "vnd.android.cursor.item/im",
    "vnd.android.cursor.item/nickname",
    "vnd.android.cursor.item/organization",
    "vnd.android.cursor.item/phone_v2",
    "vnd.android.cursor.item/sip_address",
    "vnd.android.cursor.item/name",
    "vnd.android.cursor.item/postal-address_v2",
    "vnd.android.cursor.item/identity",
    "vnd.android.cursor.item/photo",
    "vnd.android.cursor.item/group_membership",
    "vnd.android.cursor.item/note",
    "vnd.android.cursor.item/website",
    "vnd.android.cursor.item/contact_event",
    "vnd.android.cursor.item/relation",
    "vnd.android.cursor.item/vnd.com.whatsapp.profile",
    "vnd.android.cursor.item/vnd.org.example.loyalty-card",
];
pub(super) const EMAIL: usize = 0;
pub(super) const IM: usize = 1;
pub(super) const NICKNAME: usize = 2;
pub(super) const ORGANIZATION: usize = 3;
pub(super) const PHONE: usize = 4;
pub(super) const SIP: usize = 5;
pub(super) const NAME: usize = 6;
pub(super) const POSTAL: usize = 7;
pub(super) const IDENTITY: usize = 8;
pub(super) const PHOTO: usize = 9;
pub(super) const GROUP: usize = 10;
pub(super) const NOTE: usize = 11;
pub(super) const WEBSITE: usize = 12;
pub(super) const EVENT: usize = 13;
pub(super) const RELATION: usize = 14;
pub(super) const WHATSAPP: usize = 15;
pub(super) const LOYALTY: usize = 16;

/// Columns of a data row from `data1` on.
pub(super) type Data = Vec<Value>;

/// Writes rows and assigns their ids.
pub(super) struct Writer<'a> {
    pub raw_contact: Statement<'a>,
    data: Statement<'a>,
    pub contact: Statement<'a>,
    pub visible: Statement<'a>,
    pub in_directory: Statement<'a>,
    pub next_raw: i64,
    next_data: i64,
}

impl<'a> Writer<'a> {
    pub fn new(connection: &'a Connection, base: i64) -> rusqlite::Result<Self> {
        let mut mimetype = connection.prepare("INSERT INTO mimetypes VALUES (?1, ?2)")?;
        for (place, name) in MIMETYPES.iter().enumerate() {
            mimetype.execute((place as i64 + 1, name))?;
        }
        Ok(Self {
            raw_contact: connection.prepare(
                "INSERT INTO raw_contacts (_id, account_id, sourceid, version, dirty, deleted, contact_id, \
                 aggregation_mode, starred, display_name, display_name_alt, display_name_source, \
                 phonetic_name, sort_key, phonebook_label, sort_key_alt, sync1, custom_ringtone, \
                 send_to_voicemail) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?10, ?14, ?11, ?15, ?16, \
                 ?17)",
            )?,
            data: connection.prepare(
                "INSERT INTO data (_id, mimetype_id, raw_contact_id, is_primary, is_super_primary, \
                 data_version, data1, data2, data3, data4, data5, data6, data7, data8, data9, data10, \
                 data11, data12, data13, data14, data15) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, \
                 ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)",
            )?,
            contact: connection.prepare(
                "INSERT INTO contacts (_id, name_raw_contact_id, photo_id, photo_file_id, starred, \
                 has_phone_number, lookup, contact_last_updated_timestamp, custom_ringtone, \
                 send_to_voicemail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?,
            visible: connection.prepare("INSERT INTO visible_contacts VALUES (?1)")?,
            in_directory: connection.prepare("INSERT INTO default_directory VALUES (?1)")?,
            next_raw: base + 1,
            next_data: base + 1,
        })
    }

    pub fn data(
        &mut self,
        raw: i64,
        kind: usize,
        primary: bool,
        mut values: Data,
    ) -> rusqlite::Result<i64> {
        let id = self.next_data;
        // Deleted rows leave gaps.
        self.next_data += if id % 11 == 0 { 3 } else { 1 };
        values.resize(15, Value::Null);
        let head = [
            Value::Integer(id),
            Value::Integer(kind as i64 + 1),
            Value::Integer(raw),
            Value::Integer(i64::from(primary)),
            Value::Integer(i64::from(primary && kind == PHONE)),
            Value::Integer(id % 3),
        ];
        self.data
            .execute(rusqlite::params_from_iter(head.into_iter().chain(values)))?;
        Ok(id)
    }
}

pub(super) fn text(value: impl Into<String>) -> Value {
    Value::Text(value.into())
}

pub(super) fn number(value: i64) -> Value {
    Value::Integer(value)
}

/// Returns the columns for a value, a type and the custom label of type 0.
pub(super) fn typed(value: impl Into<String>, kind: i64, label: Option<&str>) -> Data {
    let label = label.map_or(Value::Null, text);
    vec![text(value), number(kind), label]
}

/// Values of a contact that are derived from its raw contacts.
#[derive(Default)]
pub(super) struct Summary {
    pub photo: Option<(i64, Option<i64>)>,
    pub phone: bool,
    pub source: Option<String>,
}
