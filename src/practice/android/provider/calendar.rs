//! URIs and columns of the calendar provider (AOSP `CalendarProvider2`), and Samsung's tasks.

use super::sql::{ProjectionMap, Source};
use super::{Thrown, Uri};
use crate::practice::android::database::Store;
use crate::practice::android::device::Device;

/// Event columns that are also visible in attendees and reminders.
const SHARED: [&str; 37] = [
    "account_name",
    "account_type",
    "title",
    "eventLocation",
    "description",
    "eventStatus",
    "eventColor",
    "eventColor_index",
    "selfAttendeeStatus",
    "dtstart",
    "dtend",
    "eventTimezone",
    "eventEndTimezone",
    "duration",
    "allDay",
    "accessLevel",
    "availability",
    "hasAlarm",
    "hasExtendedProperties",
    "rrule",
    "rdate",
    "exrule",
    "exdate",
    "original_sync_id",
    "original_id",
    "originalInstanceTime",
    "originalAllDay",
    "lastDate",
    "hasAttendeeData",
    "calendar_id",
    "guestsCanInviteOthers",
    "guestsCanModify",
    "guestsCanSeeGuests",
    "organizer",
    "customAppPackage",
    "customAppUri",
    "deleted",
];

/// Calendar columns that are visible in events.
const OF_CALENDAR: [&str; 13] = [
    "calendar_color",
    "calendar_color_index",
    "calendar_access_level",
    "visible",
    "calendar_timezone",
    "ownerAccount",
    "calendar_displayName",
    "allowedReminders",
    "allowedAttendeeTypes",
    "allowedAvailability",
    "maxReminders",
    "canOrganizerRespond",
    "canModifyTimeZone",
];

const CALENDARS: [&str; 23] = [
    "_id",
    "account_name",
    "account_type",
    "_sync_id",
    "dirty",
    "name",
    "calendar_displayName",
    "calendar_color",
    "calendar_color_index",
    "calendar_access_level",
    "visible",
    "sync_events",
    "calendar_location",
    "calendar_timezone",
    "ownerAccount",
    "canOrganizerRespond",
    "canModifyTimeZone",
    "canPartiallyUpdate",
    "maxReminders",
    "allowedReminders",
    "allowedAvailability",
    "allowedAttendeeTypes",
    "deleted",
];

const IS_PRIMARY: &str = "COALESCE(isPrimary, ownerAccount = account_name) AS isPrimary";

struct Map(ProjectionMap);

impl Map {
    fn of(names: &[&str]) -> Self {
        let mut map = Self(ProjectionMap::new());
        map.names(names);
        map
    }

    fn names(&mut self, names: &[&str]) {
        for name in names {
            self.put(name, name);
        }
    }

    fn numbered(&mut self, prefix: &str) {
        for number in 1..=10 {
            let name = format!("{prefix}{number}");
            self.put(&name, &name);
        }
    }

    fn put(&mut self, name: &str, sql: &str) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = sql.to_owned(),
            None => self.0.push((name.to_owned(), sql.to_owned())),
        }
    }
}

fn shared(level: u32) -> Map {
    let mut map = Map::of(&SHARED);
    if level >= 17 {
        map.names(&["isOrganizer", "uid2445"]);
    }
    map.names(&["_sync_id"]);
    map
}

fn events(level: u32) -> ProjectionMap {
    let mut map = shared(level);
    map.names(&OF_CALENDAR);
    if level >= 17 {
        map.put("isPrimary", IS_PRIMARY);
    }
    map.names(&["displayColor", "_id", "dirty", "lastSynced"]);
    map.numbered("sync_data");
    map.numbered("cal_sync");
    if level >= 18 {
        map.names(&["mutators"]);
    }
    map.0
}

fn calendars(level: u32) -> ProjectionMap {
    let mut map = Map::of(&CALENDARS);
    map.numbered("cal_sync");
    if level >= 17 {
        map.put("isPrimary", IS_PRIMARY);
    }
    if level >= 18 {
        map.names(&["mutators"]);
    }
    map.0
}

fn joined(level: u32, table: &str, names: &[&str]) -> ProjectionMap {
    let mut map = shared(level);
    map.put("event_id", "event_id");
    map.put("_id", &format!("{table}._id AS _id"));
    map.names(names);
    map.put("deleted", "Events.deleted AS deleted");
    map.put("_sync_id", "Events._sync_id AS _sync_id");
    map.0
}

const ATTENDEES: [&str; 5] = [
    "attendeeName",
    "attendeeEmail",
    "attendeeStatus",
    "attendeeRelationship",
    "attendeeType",
];

/// Returns the source for a URI.
pub(super) fn source(device: &Device, uri: &Uri) -> Result<Source, Thrown> {
    let level = device.settings.android;
    let (shape, id) = uri.shape();
    let allowed = ["caller_is_syncadapter", "account_name", "account_type"];
    for (name, _) in &uri.parameters {
        if !allowed.contains(&name.as_str()) {
            let message = format!("Invalid URI parameter: {name}");
            return Err(Thrown::argument(message));
        }
    }
    let by_id = |table: &str| Some(format!("{table}_id={id}"));
    let with_events =
        |table: &str| format!("Events._id={table}.event_id AND Events.calendar_id=Calendars._id");
    let with_id = |table: &str| Some(format!("{table}._id={id} AND {}", with_events(table)));
    let attendees = || {
        let mut names = ATTENDEES.to_vec();
        if level >= 17 {
            names.extend(["attendeeIdentity", "attendeeIdNamespace"]);
        }
        Some(joined(level, "Attendees", &names))
    };
    let reminders = || Some(joined(level, "Reminders", &["minutes", "method"]));
    let samsung = device.settings.samsung;
    let (tables, map, filter) = match shape.as_str() {
        "events" | "event_entities" => ("view_events", Some(events(level)), None),
        "events/#" | "event_entities/#" => ("view_events", Some(events(level)), by_id("")),
        "calendars" | "calendar_entities" => ("Calendars", Some(calendars(level)), None),
        "calendars/#" | "calendar_entities/#" => ("Calendars", Some(calendars(level)), by_id("")),
        "attendees" => (
            "Attendees, Events, Calendars",
            attendees(),
            Some(with_events("Attendees")),
        ),
        "attendees/#" => (
            "Attendees, Events, Calendars",
            attendees(),
            with_id("Attendees"),
        ),
        "reminders" => ("Reminders", None, None),
        "reminders/#" => (
            "Reminders, Events, Calendars",
            reminders(),
            with_id("Reminders"),
        ),
        "extendedproperties" => ("ExtendedProperties", None, None),
        "extendedproperties/#" => ("ExtendedProperties", None, by_id("")),
        "colors" => ("Colors", None, None),
        "syncTasks" if samsung => ("view_tasks", None, None),
        "syncTasks/#" if samsung => ("view_tasks", None, by_id("")),
        "TasksAccounts" if samsung => ("TasksAccounts", None, None),
        "taskGroup" if samsung => ("TaskGroup", None, None),
        _ => return Err(Thrown::argument(format!("Unknown URL {}", uri.text))),
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
        store: Store::Calendar,
        tables: tables.to_owned(),
        map,
        // Android 12 introduced strict mode, but it is off except for work profiles.
        strict: false,
        filter: (!filters.is_empty()).then(|| filters.join(" AND ")),
    })
}
