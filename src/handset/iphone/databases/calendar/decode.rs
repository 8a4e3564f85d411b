//! Makes an event of the row of an item and of the rows that belong to it.

use std::collections::HashMap;

use super::rule::{self, Rule};
use crate::handset::iphone::databases::cocoa;
use crate::handset::iphone::databases::row::Row;
use crate::model::uid::{self, EventParts};
use crate::model::{
    Access, Attendee, AttendeeRole, AttendeeStatus, Availability, Calendar, Event, EventStatus,
    ExtendedProperty, Moment, Reminder, ReminderMethod, Source, Trigger,
};
use crate::phrase;

/// The zone of a time that is the same on every clock.
const FLOAT: &str = "_float";
/// The name under which the format of calendar files keeps the link of an event.
const URL: &str = "vnd.ical4android.url";

/// The rows that belong to an item.
#[derive(Default)]
pub struct Beside {
    pub rules: Vec<Row>,
    pub exceptions: Vec<Row>,
    pub alarms: Vec<Row>,
    /// The alarms at places, described.
    pub places: Vec<(String, String)>,
    pub participants: Vec<Row>,
    pub locations: Vec<Row>,
    pub attachments: Vec<Row>,
}

/// What the whole database says.
#[derive(Default)]
pub struct Context {
    pub calendars: HashMap<i64, Calendar>,
    /// Names and addresses of people: `mailto:ann@example.org`.
    pub identities: HashMap<i64, (Option<String>, Option<String>)>,
}

/// Columns of an item that fields hold, or that serve the phone's own bookkeeping.
const READ: [&str; 66] = [
    "rowid",
    "summary",
    "location",
    "location_id",
    "client_location_id",
    "description",
    "start_date",
    "start_tz",
    "end_date",
    "end_tz",
    "all_day",
    "calendar_id",
    "orig_item_id",
    "orig_event_id",
    "orig_date",
    "orig_start_date",
    "organizer_id",
    "self_attendee_id",
    "status",
    "availability",
    "url",
    "last_modified",
    "creation_date",
    "sequence_num",
    "birthday_id",
    "modified_properties",
    "external_tracking_status",
    "external_id",
    "external_mod_tag",
    "external_schedule_id",
    "external_rep",
    "unique_identifier",
    "UUID",
    "hidden",
    "has_recurrences",
    "has_attendees",
    "has_attachment",
    "entity_type",
    "priority",
    "due_date",
    "due_tz",
    "due_all_day",
    "completion_date",
    "app_link",
    "display_order",
    "created_by_id",
    "modified_by_id",
    "shared_item_created_date",
    "shared_item_created_tz",
    "shared_item_modified_date",
    "shared_item_modified_tz",
    "invitation_changed_properties",
    "invitation_status",
    "default_alarm_removed",
    "phantom_master",
    "participation_status_modified_date",
    "calendar_scale",
    "travel_advisory_behavior",
    "first_alert_date",
    "can_forward",
    "location_prediction_state",
    "fired_ttl",
    "disallow_propose_new_time",
    "junk_status",
    "flags",
    "recurrence_set",
];

/// An event, and what of its rule is not understood.
pub struct Decoded {
    pub event: Event,
    pub unknown: Vec<String>,
}

/// Makes an event. `key` and `date` are the columns of the series of a changed occurrence and of its original start.
pub fn event(row: &Row, beside: &Beside, context: &Context, date: &str) -> Decoded {
    let id = row.number("rowid").unwrap_or_default();
    let calendar_row = row.number("calendar_id").unwrap_or_default();
    let calendar = context.calendars.get(&calendar_row);
    let is_all_day = row.flag("all_day");
    let zone = row.text("start_tz");
    let start = row
        .real("start_date")
        .and_then(|seconds| start_of(seconds, zone.as_deref(), is_all_day));
    let end_zone = row.text("end_tz").or_else(|| zone.clone());
    let end = row.real("end_date").and_then(|seconds| match is_all_day {
        true => {
            let day = cocoa::day_after(local(seconds, end_zone.as_deref()))?;
            match &start {
                Some(Moment::Date(first)) => Some(Moment::Date(day.max(first + 1))),
                Some(Moment::Time { .. }) | None => Some(Moment::Date(day)),
            }
        }
        false => moment(seconds, end_zone.as_deref()),
    });
    let mut extended = Vec::new();
    let mut unknown = Vec::new();
    let mut rules = Vec::new();
    for found in &beside.rules {
        let Rule { text, unknown: odd } = rule::rule(found, is_all_day);
        rules.extend(text);
        for odd in odd {
            extended.push(property("X-APPLE-RECURRENCE", &odd));
            unknown.push(odd);
        }
    }
    let rrule = (!rules.is_empty()).then(|| rules.join("\n"));
    let is_series = rrule.is_some();
    let duration = match (&start, &end) {
        (Some(start), Some(end)) if is_series => duration(start, end),
        _ => None,
    };
    let cancelled = beside.exceptions.iter().filter_map(|exception| {
        let seconds = exception.real("date")?;
        start_of(seconds, zone.as_deref(), is_all_day)
    });
    if let Some(url) = row.text("url") {
        extended.push(property(URL, &url));
    }
    let (location, place) = location(row, beside);
    extended.extend(place);
    let (organizer, attendees) = people(beside, context);
    for attachment in &beside.attachments {
        let said = attachment.others(&["rowid", "owner_id", "external_id", "external_mod_tag"]);
        for (name, value) in said {
            extended.push(property(&format!("attachment {name}"), &value));
        }
    }
    extended.extend(
        row.others(&READ)
            .into_iter()
            .filter(|(_, value)| value != "0" && value != "-1" && value != "0.0")
            .map(|(name, value)| property(&name, &value)),
    );
    let source_id = row.text("external_id");
    let account = calendar.map(|calendar| calendar.account.clone());
    let source = Source {
        row: id,
        only_here: calendar.is_none_or(|calendar| calendar.source.only_here)
            || source_id.is_none() && calendar.is_none_or(|calendar| calendar.synced),
        account: account.unwrap_or_default(),
        source_id,
        ..Source::default()
    };
    let mut event = Event {
        uid: String::new(),
        calendar: calendar_row,
        title: row.text("summary"),
        location,
        description: row.text("description"),
        recurrence_id: row
            .real(date)
            .filter(|seconds| *seconds != 0.0)
            .and_then(|seconds| start_of(seconds, zone.as_deref(), is_all_day)),
        start,
        end: if duration.is_some() { None } else { end },
        duration,
        rrule,
        rdate: None,
        exrule: None,
        exdate: None,
        this_and_future: false,
        series_id: None,
        changed: Vec::new(),
        cancelled: cancelled.collect(),
        status: match row.number("status") {
            Some(1) => EventStatus::Confirmed,
            Some(2) => EventStatus::Tentative,
            Some(3) => EventStatus::Cancelled,
            _ => EventStatus::Unset,
        },
        availability: match row.number("availability") {
            Some(1) => Availability::Free,
            Some(2) => Availability::Tentative,
            _ => Availability::Busy,
        },
        access: Access::Default,
        color: None,
        organizer,
        attendees,
        reminders: beside.alarms.iter().filter_map(reminder).collect(),
        extended,
        app_uri: None,
        app_package: None,
        source,
    };
    for (occasion, place) in &beside.places {
        event.extended.push(property(occasion, place));
    }
    // 3 is EventKit's “unavailable”, for which iCalendar has no word.
    if row.number("availability") == Some(3) {
        event.extended.push(property("availability", "3"));
    }
    event.uid = uid_of(row, &event);
    Decoded { event, unknown }
}

/// The identifier that the server or the phone gave to the event.
fn uid_of(row: &Row, event: &Event) -> String {
    let own = row.text("unique_identifier").or_else(|| row.text("UUID"));
    own.unwrap_or_else(|| {
        let source = Source {
            account: event.source.account.clone(),
            ..Source::default()
        };
        let parts = EventParts {
            changed: &[],
            cancelled: &[],
            source: &source,
        };
        uid::of_event(&["event"], event, parts)
    })
}

fn property(name: &str, value: &str) -> ExtendedProperty {
    ExtendedProperty {
        name: name.to_owned(),
        value: value.to_owned(),
    }
}

/// Returns a point in time. A floating one is stored as if in UTC.
pub fn moment(seconds: f64, zone: Option<&str>) -> Option<Moment> {
    Some(Moment::Time {
        millis: cocoa::millis(seconds)?,
        zone: match zone {
            Some(FLOAT) => Moment::FLOATING.to_owned(),
            Some(zone) => zone.to_owned(),
            None => String::new(),
        },
    })
}

/// Returns a start: the day if the event is an all-day one.
pub fn start_of(seconds: f64, zone: Option<&str>, is_all_day: bool) -> Option<Moment> {
    match is_all_day {
        true => cocoa::day(local(seconds, zone)).map(Moment::Date),
        false => moment(seconds, zone),
    }
}

/// Returns the time on the clock of a zone as if in UTC. All-day times are usually midnight in UTC, or floating. Some
/// have a zone, and are midnight there.
fn local(seconds: f64, zone: Option<&str>) -> f64 {
    let is_midnight = seconds.rem_euclid(86_400.0) == 0.0;
    let zone = zone.and_then(|zone| zone.parse::<chrono_tz::Tz>().ok());
    let (Some(zone), false) = (zone, is_midnight) else {
        return seconds;
    };
    let time = cocoa::millis(seconds).and_then(chrono::DateTime::from_timestamp_millis);
    let Some(time) = time else { return seconds };
    let offset = chrono::Offset::fix(time.with_timezone(&zone).offset());
    seconds + f64::from(offset.local_minus_utc())
}

/// Returns the length of an event as RFC 5545 writes it.
fn duration(start: &Moment, end: &Moment) -> Option<String> {
    match (start, end) {
        (Moment::Date(start), Moment::Date(end)) => Some(format!("P{}D", (end - start).max(1))),
        (Moment::Time { millis: start, .. }, Moment::Time { millis: end, .. }) => {
            let seconds = (end - start).div_euclid(1000);
            (seconds >= 0).then(|| format!("PT{seconds}S"))
        }
        _ => None,
    }
}

/// Returns the place as a text, and its position.
fn location(row: &Row, beside: &Beside) -> (Option<String>, Vec<ExtendedProperty>) {
    let mut extended = Vec::new();
    let wanted = row.number("location_id").filter(|id| *id > 0);
    let mut places = beside.locations.iter();
    let place = places
        .clone()
        .find(|place| place.number("rowid") == wanted)
        .or_else(|| places.next());
    let Some(place) = place else {
        // The layout of iOS 4 and earlier.
        return (row.text("location"), extended);
    };
    let position = (place.real("latitude"), place.real("longitude"));
    if let (Some(latitude), Some(longitude)) = position
        && (latitude != 0.0 || longitude != 0.0)
    {
        extended.push(property("GEO", &format!("{latitude};{longitude}")));
    }
    let (title, address) = (place.text("title"), place.text("address"));
    let text = match (title, address) {
        (Some(title), Some(address)) if address.contains(&title) => Some(address),
        (Some(title), Some(address)) if title.contains(&address) => Some(title),
        (Some(title), Some(address)) => Some(format!("{title}\n{address}")),
        (title, address) => title.or(address),
    };
    (text, extended)
}

/// Kinds of participants (`Participant.entity_type`).
const ORGANIZER: i64 = 8;

/// Returns the organiser and the guests.
fn people(beside: &Beside, context: &Context) -> (Option<String>, Vec<Attendee>) {
    let mut organizer = None;
    let mut attendees = Vec::new();
    for row in &beside.participants {
        let identity = row
            .number("identity_id")
            .and_then(|id| context.identities.get(&id));
        let (name, address) = identity.cloned().unwrap_or_default();
        let address = address.map(|address| match address.get(..7) {
            Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => {
                address.get(7..).unwrap_or_default().to_owned()
            }
            _ => address,
        });
        let is_mail = |text: &String| text.contains('@');
        let email = row
            .text("email")
            .or_else(|| address.clone().filter(is_mail));
        let identity = address
            .filter(|address| !is_mail(address))
            .or_else(|| row.text("phone_number"));
        let is_organizer = row.number("entity_type") == Some(ORGANIZER);
        if is_organizer && organizer.is_none() {
            organizer = email.clone().or_else(|| identity.clone());
        }
        attendees.push(Attendee {
            name,
            email,
            status: match row.number("status") {
                Some(1) => AttendeeStatus::Accepted,
                Some(2) => AttendeeStatus::Declined,
                Some(3) => AttendeeStatus::Tentative,
                Some(0 | 7) if !is_organizer => AttendeeStatus::Invited,
                _ => AttendeeStatus::Unset,
            },
            // EventKit's EKParticipantRole and EKParticipantType.
            role: match (row.number("role"), row.number("type")) {
                (_, Some(2 | 3)) => AttendeeRole::Resource,
                (Some(1 | 3), _) => AttendeeRole::Required,
                (Some(2), _) => AttendeeRole::Optional,
                _ => AttendeeRole::Unset,
            },
            organizer: is_organizer,
            identity,
            identity_namespace: None,
        });
    }
    // The organiser is often also among the guests.
    let same = |a: &Attendee, b: &Attendee| a.email.is_some() && a.email == b.email;
    let organizers: Vec<Attendee> = attendees
        .iter()
        .filter(|one| one.organizer)
        .cloned()
        .collect();
    attendees.retain(|one| one.organizer || !organizers.iter().any(|other| same(one, other)));
    (organizer, attendees)
}

/// Describes an alarm that goes off at a place: on which occasion, and the place.
pub fn at_place(alarm: &Row, places: &[Row]) -> Option<(String, String)> {
    let occasion = match alarm.number("proximity") {
        None | Some(0) => return None,
        Some(1) => phrase("alarm on arriving at").to_owned(),
        Some(2) => phrase("alarm on leaving").to_owned(),
        Some(other) => phrase!("alarm at a place (kind {other})"),
    };
    let place = |place: &Row| {
        let names = ["title", "address"].map(|name| place.text(name));
        let mut parts: Vec<String> = names.into_iter().flatten().collect();
        if let (Some(north), Some(east)) = (place.real("latitude"), place.real("longitude")) {
            parts.push(format!("geo:{north},{east}"));
        }
        let radius = place.real("radius").filter(|radius| *radius > 0.0);
        parts.extend(radius.map(|radius| phrase!("within {radius} m")));
        parts.join(", ")
    };
    let places: Vec<String> = places.iter().map(place).collect();
    let off = match alarm.flag("disabled") {
        true => phrase(" (switched off)"),
        false => "",
    };
    Some((occasion, format!("{}{off}", places.join("; "))))
}

/// Returns the reminder of an alarm; `None`: it is switched off, or not a reminder at a time.
pub fn reminder(row: &Row) -> Option<Reminder> {
    if row.flag("disabled") {
        return None;
    }
    let method = match row.number("type") {
        Some(3) => ReminderMethod::Email,
        _ => ReminderMethod::Alert,
    };
    let is_at_place = row.flag("proximity");
    let at = row.real("trigger_date").filter(|seconds| *seconds != 0.0);
    // An alarm at a place has an interval of 0.
    let seconds = row
        .number("trigger_interval")
        .filter(|seconds| !is_at_place || *seconds != 0);
    // Apple marks “no interval” by the largest number.
    let seconds = seconds.filter(|seconds| seconds.abs() < 1_000_000_000);
    let (minutes, trigger) = match (at, seconds) {
        (Some(at), _) => (None, Some(Trigger::At(moment(at, Some("UTC"))?))),
        (None, Some(seconds)) if seconds <= 0 && seconds % 60 == 0 => (Some(-seconds / 60), None),
        (None, Some(seconds)) => (None, Some(Trigger::Start(seconds))),
        (None, None) => return None,
    };
    Some(Reminder {
        minutes,
        method,
        trigger,
        again: None,
        extended: Vec::new(),
    })
}
