//! The tables of the call log.

use crate::handset::android::content::Table;
use crate::protocol::adb::ContentUri;

/// The log of calls, the newest first (AOSP `CallLogProvider.sCallsProjectionMap`).
///
/// Without its parameter `allow_voicemails`, the provider leaves out the messages in a mailbox; it also leaves out calls
/// of a SIM or an account that is not on the phone at present (`phone_account_hidden`).
pub static CALLS: Table = Table {
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
    sort: "_id DESC",
    since: &[("is_business_call", 34), ("asserted_display_name", 34)],
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
    ..Table::by_id(ContentUri::Calls, &[], &[])
};

/// The numbers of all calls, in a separate query, with the columns that show a change.
pub static INVENTORY: Table = Table::by_id(
    ContentUri::Calls,
    &["_id", "date", "duration", "type", "new", "is_read"],
    &[],
);
