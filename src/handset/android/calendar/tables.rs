//! The tables of the calendar provider, with the columns of its projection maps (AOSP `CalendarProvider2`).

use crate::handset::android::content::Table;
use crate::protocol::adb::ContentUri;

pub static CALENDARS: Table = Table {
    has_few_rows: true,
    ..Table::by_id(
        ContentUri::Calendars,
        &[
            "_id",
            "calendar_color",
            "visible",
            "sync_events",
            "dirty",
            "deleted",
        ],
        &[
            "calendar_displayName",
            "name",
            "account_name",
            "account_type",
            "_sync_id",
            "ownerAccount",
            "calendar_timezone",
        ],
    )
};

/// Events. A series comes before its changed and cancelled occurrences.
pub static EVENTS: Table = Table {
    sort: "coalesce(original_id,_id), _id",
    times: &["dtstart", "dtend", "originalInstanceTime"],
    ..Table::by_id(
        ContentUri::Events,
        &[
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
        &[
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
    )
};

/// The numbers of all events. Events have no version: a change shows in the flag for changes since the last
/// synchronisation, and in the event's times.
pub static INVENTORY: Table = Table::by_id(
    ContentUri::Events,
    &[
        "_id",
        "original_id",
        "deleted",
        "dirty",
        "dtstart",
        "dtend",
        "originalInstanceTime",
    ],
    &[],
);

pub static REMINDERS: Table = Table::by_id(
    ContentUri::Reminders,
    &["_id", "event_id", "minutes", "method"],
    &[],
);

pub static ATTENDEES: Table = Table {
    id_in_filter: &["Attendees._id", "_id"],
    sort: "event_id, attendeeEmail",
    backwards: "event_id DESC, attendeeEmail DESC",
    ..Table::by_id(
        ContentUri::Attendees,
        &[
            "event_id",
            "_id",
            "attendeeStatus",
            "attendeeRelationship",
            "attendeeType",
        ],
        &[
            "attendeeName",
            "attendeeEmail",
            "attendeeIdentity",
            "attendeeIdNamespace",
        ],
    )
};

pub static EXTENDED_PROPERTIES: Table = Table::by_id(
    ContentUri::ExtendedProperties,
    &["_id", "event_id"],
    &["name", "value"],
);
