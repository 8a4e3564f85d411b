//! Calendars, events and their points in time.

use serde::{Deserialize, Serialize};

use super::{Account, Source};

/// A point in time as the handset stores it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// A whole day: days since 1970-01-01.
    Date(i64),
    /// Milliseconds since 1970-01-01T00:00:00Z, shown in the named zone (usually an IANA name, otherwise the handset's
    /// own text; empty: none given).
    Time { millis: i64, zone: String },
}

impl Moment {
    /// Zone of a floating time, which is the same on every clock wherever its owner is: a file gave a time without a
    /// zone. The milliseconds are counted as if in UTC.
    pub const FLOATING: &str = "floating";

    /// Returns the same moment with the type and zone of a series' start, as required for a RECURRENCE-ID (RFC 5545
    /// section 3.8.4.4).
    pub fn typed_as(&self, start: &Moment) -> Moment {
        match (self, start) {
            (Moment::Time { millis, .. }, Moment::Time { zone, .. }) => Moment::Time {
                millis: *millis,
                zone: zone.clone(),
            },
            (Moment::Time { millis, .. }, Moment::Date(_)) => {
                Moment::Date(millis.div_euclid(86_400_000))
            }
            (Moment::Date(_), _) => self.clone(),
        }
    }
}

fn is_false(flag: &bool) -> bool {
    !flag
}

impl Event {
    /// Adds a changed or cancelled occurrence of this series.
    pub fn take_occurrence(&mut self, mut occurrence: Event) {
        if let (Some(moment), Some(start)) = (&occurrence.recurrence_id, &self.start) {
            occurrence.recurrence_id = Some(moment.typed_as(start));
        }
        match &occurrence.recurrence_id {
            Some(moment)
                if occurrence.status == EventStatus::Cancelled && !occurrence.this_and_future =>
            {
                self.cancelled.push(moment.clone())
            }
            _ => {
                occurrence.uid.clone_from(&self.uid);
                self.changed.push(occurrence);
            }
        }
    }
}

/// A calendar that contains events.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Calendar {
    /// The handset's row number of the calendar, by which events refer to it.
    pub row: i64,
    /// The name that the handset shows.
    pub name: String,
    pub account: Account,
    pub owner: Option<String>,
    /// 0xAARRGGBB.
    pub color: Option<u32>,
    pub time_zone: Option<String>,
    pub visible: bool,
    /// The calendar's events are synchronised to this handset.
    pub synced: bool,
    pub source: Source,
}

/// An event with all its occurrences: a recurring event holds its changed and cancelled occurrences.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Stable identifier; the changed occurrences of a series share the series' identifier.
    pub uid: String,
    /// [`Calendar::row`].
    pub calendar: i64,
    pub title: Option<String>,
    pub location: Option<String>,
    pub description: Option<String>,
    pub start: Option<Moment>,
    /// Exclusive end. Recurring events have a `duration` instead.
    pub end: Option<Moment>,
    /// RFC 5545 DURATION, as stored by the handset (`P3600S` without a T is common).
    pub duration: Option<String>,
    /// RRULE, RDATE, EXRULE and EXDATE columns, as stored by the handset.
    pub rrule: Option<String>,
    pub rdate: Option<String>,
    pub exrule: Option<String>,
    pub exdate: Option<String>,
    /// For a changed occurrence: its original start (typed as the series' start).
    pub recurrence_id: Option<Moment>,
    /// For a changed occurrence: all later occurrences are changed in the same way (RFC 5545 section 3.2.13).
    #[serde(default, skip_serializing_if = "is_false")]
    pub this_and_future: bool,
    /// For a changed occurrence: its series' ID on the account's server, if the handset doesn't store the series' row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series_id: Option<String>,
    /// Changed occurrences of this series.
    pub changed: Vec<Event>,
    /// Starts of this series' cancelled occurrences.
    pub cancelled: Vec<Moment>,
    pub status: EventStatus,
    pub availability: Availability,
    pub access: Access,
    /// 0xAARRGGBB.
    pub color: Option<u32>,
    pub organizer: Option<String>,
    pub attendees: Vec<Attendee>,
    pub reminders: Vec<Reminder>,
    pub extended: Vec<ExtendedProperty>,
    /// A link into the app that created the event, and that app's name.
    pub app_uri: Option<String>,
    pub app_package: Option<String>,
    pub source: Source,
}

/// Android's `eventStatus`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventStatus {
    #[default]
    Unset,
    Tentative,
    Confirmed,
    Cancelled,
}

/// Android's `availability`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    #[default]
    Busy,
    Free,
    Tentative,
}

/// Android's `accessLevel`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    #[default]
    Default,
    Confidential,
    Private,
    Public,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attendee {
    pub name: Option<String>,
    pub email: Option<String>,
    pub status: AttendeeStatus,
    pub role: AttendeeRole,
    pub organizer: bool,
    /// Identity and its namespace, for an account without an e-mail address.
    pub identity: Option<String>,
    pub identity_namespace: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttendeeStatus {
    #[default]
    Unset,
    Accepted,
    Declined,
    Invited,
    Tentative,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttendeeRole {
    #[default]
    Unset,
    Required,
    Optional,
    Resource,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminder {
    /// Minutes before the start; `None`: the calendar's default (Android's -1), or unknown for a `trigger`.
    pub minutes: Option<i64>,
    pub method: ReminderMethod,
    /// The time of the reminder, if it can't be given in whole minutes before the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger: Option<Trigger>,
    /// Repetition of the reminder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Again>,
    /// Further properties of the alarm in a calendar file: its text, its sound, its attendees.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extended: Vec<ExtendedProperty>,
}

/// When a reminder goes off (RFC 5545 section 3.8.6.3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// Seconds after the start; negative: before it.
    Start(i64),
    /// Seconds after the end, or after a to-do is due; negative: before it.
    End(i64),
    At(Moment),
}

/// How a reminder is repeated (RFC 5545 section 3.8.6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Again {
    /// Number of further reminders.
    pub times: u32,
    /// Seconds between two reminders.
    pub seconds: i64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReminderMethod {
    #[default]
    Default,
    Alert,
    Email,
    Sms,
    Alarm,
}

/// A name and a value that a sync adapter stored with an event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtendedProperty {
    pub name: String,
    pub value: String,
}
