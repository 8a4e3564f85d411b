//! The tables that are read, and their columns.
//!
//! The columns are those of AOSP's projection maps (ContactsProvider2, CalendarProvider2), and of Samsung's calendar
//! provider for to-dos. Numbers come first, because their output is unambiguous. A column that a handset's provider
//! does not know is left out of the query (see [`super::exact`]).

use crate::protocol::adb::ContentUri;

/// A table behind a URI, with the columns to query.
#[derive(Debug)]
pub struct Table {
    pub uri: ContentUri,
    /// Columns of whole numbers; the first ones are the keys that rows are sorted by.
    pub numbers: &'static [&'static str],
    pub texts: &'static [&'static str],
    /// The number that identifies a row.
    pub id: &'static str,
    /// The names that a WHERE clause may use for `id`, tried in turn: CalendarProvider2 answers `attendees` from a join
    /// of three tables that each have an `_id`.
    pub id_in_filter: &'static [&'static str],
    pub sort: &'static str,
    /// The reverse order, by `id` if the provider allows it.
    pub backwards: &'static str,
    /// The table usually has so few rows that one reply shows them all (see [`super::few_rows`]).
    pub has_few_rows: bool,
    /// The last of `texts`, a column whose bytes no query returns, with SQL that matches the rows in which the column
    /// may hold something else. These rows are read separately, and the stream leaves the column out.
    pub bytes: Option<(&'static str, &'static str)>,
    /// Columns that some providers lack. All are left out once two columns turned out to be unknown.
    pub optional: &'static [&'static str],
}

/// Every raw contact with each of its data rows, including raw contacts marked deleted (view_raw_entities). The
/// contacts that the handset shows come first; the rows of one joined contact are adjacent.
pub static RAW_ENTITIES: Table = Table {
    uri: ContentUri::RawContactEntities,
    numbers: ENTITY_NUMBERS,
    texts: ENTITY_TEXTS,
    id: "data_id",
    id_in_filter: &["data_id"],
    sort: "contact_id IS NULL, contact_id, _id, data_id",
    backwards: "data_id DESC",
    has_few_rows: false,
    // The column holds pictures.
    bytes: Some((
        "data15",
        "data15 IS NOT NULL AND mimetype!='vnd.android.cursor.item/photo'",
    )),
    optional: &[],
};

/// The owner's own card, from the profile database.
pub static PROFILE_ENTITIES: Table = Table {
    uri: ContentUri::ProfileRawContactEntities,
    numbers: ENTITY_NUMBERS,
    texts: ENTITY_TEXTS,
    id: "data_id",
    id_in_filter: &["data_id"],
    sort: "_id, data_id",
    backwards: "data_id DESC",
    has_few_rows: true,
    bytes: None,
    optional: &[],
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
pub static RAW_CONTACTS: Table = Table {
    uri: ContentUri::RawContacts,
    numbers: &[
        "_id",
        "contact_id",
        "deleted",
        "send_to_voicemail",
        "version",
    ],
    texts: &[],
    id: "_id",
    id_in_filter: &["_id"],
    sort: "_id",
    backwards: "_id DESC",
    has_few_rows: false,
    bytes: None,
    optional: &[],
};

/// The list on the handset's own screen: joined contacts, each with the raw contact that names it.
pub static CONTACTS: Table = Table {
    uri: ContentUri::Contacts,
    numbers: &["_id", "name_raw_contact_id", "photo_id"],
    texts: &[],
    id: "_id",
    id_in_filter: &["_id"],
    sort: "_id",
    backwards: "_id DESC",
    has_few_rows: false,
    bytes: None,
    optional: &[],
};

pub static GROUPS: Table = Table {
    uri: ContentUri::Groups,
    numbers: &["_id", "deleted"],
    texts: &[
        "title",
        "account_name",
        "account_type",
        "sourceid",
        "system_id",
        "notes",
    ],
    id: "_id",
    id_in_filter: &["_id"],
    sort: "_id",
    backwards: "_id DESC",
    has_few_rows: true,
    bytes: None,
    optional: &[],
};

pub static CALENDARS: Table = Table {
    uri: ContentUri::Calendars,
    numbers: &[
        "_id",
        "calendar_color",
        "visible",
        "sync_events",
        "dirty",
        "deleted",
    ],
    texts: &[
        "calendar_displayName",
        "name",
        "account_name",
        "account_type",
        "_sync_id",
        "ownerAccount",
        "calendar_timezone",
    ],
    id: "_id",
    id_in_filter: &["_id"],
    sort: "_id",
    backwards: "_id DESC",
    has_few_rows: true,
    bytes: None,
    optional: &[],
};

/// Events. A series comes before its changed and cancelled occurrences.
pub static EVENTS: Table = Table {
    uri: ContentUri::Events,
    numbers: &[
        "_id",
        "original_id",
        "calendar_id",
        "deleted",
        "dirty",
        "allDay",
        "eventStatus",
        "availability",
        "accessLevel",
        "eventColor",
        "originalAllDay",
        "dtstart",
        "dtend",
        "originalInstanceTime",
    ],
    texts: &[
        "title",
        "eventLocation",
        "description",
        "eventTimezone",
        "eventEndTimezone",
        "duration",
        "rrule",
        "rdate",
        "exrule",
        "exdate",
        "original_sync_id",
        "_sync_id",
        "organizer",
        "customAppPackage",
        "customAppUri",
        "uid2445",
    ],
    id: "_id",
    id_in_filter: &["_id"],
    sort: "coalesce(original_id,_id), _id",
    backwards: "_id DESC",
    has_few_rows: false,
    bytes: None,
    optional: &[],
};

/// Columns of [`EVENTS`] that hold milliseconds. Android before 5 prints only their low 32 bits.
pub static EVENT_TIMES: &[&str] = &["dtstart", "dtend", "originalInstanceTime"];

pub static REMINDERS: Table = Table {
    uri: ContentUri::Reminders,
    numbers: &["_id", "event_id", "minutes", "method"],
    texts: &[],
    id: "_id",
    id_in_filter: &["_id"],
    sort: "_id",
    backwards: "_id DESC",
    has_few_rows: false,
    bytes: None,
    optional: &[],
};

pub static ATTENDEES: Table = Table {
    uri: ContentUri::Attendees,
    numbers: &[
        "event_id",
        "_id",
        "attendeeStatus",
        "attendeeRelationship",
        "attendeeType",
    ],
    texts: &[
        "attendeeName",
        "attendeeEmail",
        "attendeeIdentity",
        "attendeeIdNamespace",
    ],
    id: "_id",
    id_in_filter: &["Attendees._id", "_id"],
    sort: "event_id, attendeeEmail",
    backwards: "event_id DESC, attendeeEmail DESC",
    has_few_rows: false,
    bytes: None,
    optional: &[],
};

pub static EXTENDED_PROPERTIES: Table = Table {
    uri: ContentUri::ExtendedProperties,
    numbers: &["_id", "event_id"],
    texts: &["name", "value"],
    id: "_id",
    id_in_filter: &["_id"],
    sort: "_id",
    backwards: "_id DESC",
    has_few_rows: false,
    bytes: None,
    optional: &[],
};

/// Samsung's tasks (the `Tasks` table and `view_tasks` of its calendar provider).
pub static SAMSUNG_TASKS: Table = Table {
    uri: ContentUri::SamsungTasks,
    numbers: &[
        "_id",
        "complete",
        "importance",
        "utc_start_date",
        "utc_due_date",
        "date_completed",
        "reminder_set",
        "reminder_time",
        "accountKey",
        "deleted",
        "_sync_dirty",
        "start_date",
        "due_date",
        "sensitivity",
        "recurrence_type",
        "recurrence_start",
        "recurrence_until",
        "recurrence_occurrences",
        "recurrence_interval",
        "recurrence_day_of_month",
        "recurrence_day_of_week",
        "recurrence_week_of_month",
        "recurrence_month_of_year",
        "recurrence_regenerate",
        "parentId",
    ],
    texts: &[
        "subject",
        "body",
        "accountName",
        "sourceid",
        "clientId",
        "category1",
        "category2",
        "category3",
    ],
    id: "_id",
    id_in_filter: &["_id"],
    sort: "_id",
    backwards: "_id DESC",
    has_few_rows: false,
    bytes: None,
    optional: &[
        "date_completed",
        "reminder_set",
        "reminder_time",
        "_sync_dirty",
        "start_date",
        "due_date",
        "sensitivity",
        "recurrence_type",
        "recurrence_start",
        "recurrence_until",
        "recurrence_occurrences",
        "recurrence_interval",
        "recurrence_day_of_month",
        "recurrence_day_of_week",
        "recurrence_week_of_month",
        "recurrence_month_of_year",
        "recurrence_regenerate",
        "parentId",
        "accountName",
        "sourceid",
        "clientId",
        "category1",
        "category2",
        "category3",
    ],
};

/// Columns of [`SAMSUNG_TASKS`] that hold milliseconds.
pub static TASK_TIMES: &[&str] = &[
    "utc_start_date",
    "utc_due_date",
    "date_completed",
    "reminder_time",
    "start_date",
    "due_date",
    "recurrence_start",
    "recurrence_until",
];

/// The log of calls, the newest first (AOSP `CallLogProvider.sCallsProjectionMap`).
///
/// Without its parameter `allow_voicemails`, the provider leaves out the messages in a mailbox; it also leaves out calls
/// of a SIM or an account that is not on the phone at present (`phone_account_hidden`).
pub static CALLS: Table = Table {
    uri: ContentUri::Calls,
    numbers: &[
        "_id",
        "date",
        "duration",
        "type",
        "presentation",
        "new",
        "is_read",
        "features",
        "numbertype",
        "data_usage",
        "photo_id",
        "add_for_all_users",
        "last_modified",
        "transcription_state",
        "block_reason",
        "missed_reason",
        "priority",
        "is_business_call",
    ],
    texts: &[
        "number",
        "name",
        "numberlabel",
        "countryiso",
        "geocoded_location",
        "subscription_component_name",
        "subscription_id",
        "phone_account_address",
        "via_number",
        "post_dial_digits",
        "voicemail_uri",
        "transcription",
        "lookup_uri",
        "matched_number",
        "normalized_number",
        "formatted_number",
        "photo_uri",
        "call_screening_app_name",
        "call_screening_component_name",
        "subject",
        "location",
        "composer_photo_uri",
        "asserted_display_name",
    ],
    id: "_id",
    id_in_filter: &["_id"],
    sort: "_id DESC",
    backwards: "_id DESC",
    has_few_rows: false,
    bytes: None,
    optional: &[
        "features",
        "data_usage",
        "photo_id",
        "add_for_all_users",
        "last_modified",
        "transcription_state",
        "block_reason",
        "missed_reason",
        "priority",
        "is_business_call",
        "phone_account_address",
        "via_number",
        "post_dial_digits",
        "photo_uri",
        "call_screening_app_name",
        "call_screening_component_name",
        "subject",
        "location",
        "composer_photo_uri",
        "asserted_display_name",
    ],
};

/// Columns of [`CALLS`] that came with Android 14 (API 34).
pub static CALLS_SINCE_34: [&str; 2] = ["is_business_call", "asserted_display_name"];

/// Samsung's task lists.
pub static SAMSUNG_TASK_ACCOUNTS: Table = Table {
    uri: ContentUri::SamsungTaskAccounts,
    numbers: &["_sync_account_key"],
    texts: &["displayName"],
    id: "_sync_account_key",
    id_in_filter: &["_sync_account_key"],
    sort: "_sync_account_key",
    backwards: "_sync_account_key DESC",
    has_few_rows: true,
    bytes: None,
    optional: &[],
};
