//! Converts rows of the calendar provider to events (AOSP `CalendarContract`).

use std::collections::HashMap;

use crate::handset::android::content::group::ids;
use crate::handset::android::content::{ExactRow, Group, Grouping, View};
use crate::handset::android::phone::accounts::Accounts;
use crate::handset::android::table_survey::UserContext;
use crate::handset::android::uid;
use crate::model::{
    Access, Account, Attendee, AttendeeRole, AttendeeStatus, Availability, Calendar, Event,
    EventStatus, ExtendedProperty, Moment, Reminder, ReminderMethod, Source,
};

/// Groups rows by series: an event with its changed and cancelled occurrences.
pub static BY_SERIES: Grouping = Grouping {
    names: &["_id", "original_id"],
    key: |view, row| {
        let original = row.number(view, "original_id");
        Some((0, original.or_else(|| row.number(view, "_id"))?))
    },
    after: |key| format!("coalesce(original_id,_id) > {}", key.1),
    among: |keys| format!("coalesce(original_id,_id) IN ({})", ids(keys)),
    streams_second: true,
    probes_late: false,
};

/// Data about events from other tables.
#[derive(Debug, Default)]
pub struct Context {
    pub calendars: HashMap<i64, Calendar>,
    pub reminders: HashMap<i64, Vec<Reminder>>,
    pub attendees: HashMap<i64, Vec<Attendee>>,
    pub extended: HashMap<i64, Vec<ExtendedProperty>>,
    /// The user of the handset; empty: the first user.
    pub whose: UserContext,
}

/// Converts a row of `calendars`.
pub fn calendar(
    view: &View,
    row: &ExactRow,
    accounts: &Accounts,
    context: &Context,
) -> Option<Calendar> {
    let text = |name: &str| row.text(view, name).map(str::to_owned);
    let flag = |name: &str| row.number(view, name) == Some(1);
    let account = Account {
        name: text("account_name"),
        kind: text("account_type"),
        data_set: None,
    };
    let source_id = text("_sync_id").filter(|s| !s.is_empty());
    let (dirty, deleted) = (flag("dirty"), flag("deleted"));
    let id = row.number(view, "_id")?;
    Some(Calendar {
        row: id,
        name: text("calendar_displayName")
            .or_else(|| text("name"))
            .unwrap_or_default(),
        owner: text("ownerAccount"),
        color: row.number(view, "calendar_color").map(|c| c as u32),
        time_zone: text("calendar_timezone"),
        visible: flag("visible"),
        synced: flag("sync_events"),
        source: Source {
            place: context.whose.place.clone(),
            row: id,
            only_here: accounts.is_local(&account),
            doomed: accounts.is_gone(&account),
            source_id,
            dirty,
            deleted,
            account: account.clone(),
            ..Source::default()
        },
        account,
    })
}

/// Converts a row of `reminders` to the event's number and the reminder.
pub fn reminder(view: &View, row: &ExactRow) -> Option<(i64, Reminder)> {
    let method = match row.number(view, "method") {
        Some(1) => ReminderMethod::Alert,
        Some(2) => ReminderMethod::Email,
        Some(3) => ReminderMethod::Sms,
        Some(4) => ReminderMethod::Alarm,
        _ => ReminderMethod::Default,
    };
    // -1 is Reminders.MINUTES_DEFAULT
    let minutes = row.number(view, "minutes").filter(|m| *m != -1);
    let reminder = Reminder {
        minutes,
        method,
        trigger: None,
        again: None,
        extended: Vec::new(),
    };
    Some((row.number(view, "event_id")?, reminder))
}

/// Converts a row of `attendees`.
pub fn attendee(view: &View, row: &ExactRow) -> Option<(i64, Attendee)> {
    let text = |name: &str| {
        row.text(view, name)
            .filter(|t| !t.is_empty())
            .map(str::to_owned)
    };
    let attendee = Attendee {
        name: text("attendeeName"),
        email: text("attendeeEmail"),
        status: match row.number(view, "attendeeStatus") {
            Some(1) => AttendeeStatus::Accepted,
            Some(2) => AttendeeStatus::Declined,
            Some(3) => AttendeeStatus::Invited,
            Some(4) => AttendeeStatus::Tentative,
            _ => AttendeeStatus::Unset,
        },
        role: match row.number(view, "attendeeType") {
            Some(1) => AttendeeRole::Required,
            Some(2) => AttendeeRole::Optional,
            Some(3) => AttendeeRole::Resource,
            _ => AttendeeRole::Unset,
        },
        organizer: row.number(view, "attendeeRelationship") == Some(2),
        identity: text("attendeeIdentity"),
        identity_namespace: text("attendeeIdNamespace"),
    };
    Some((row.number(view, "event_id")?, attendee))
}

/// Converts a row of `extendedproperties`.
pub fn extended(view: &View, row: &ExactRow) -> Option<(i64, ExtendedProperty)> {
    let text = |name: &str| row.text(view, name).map(str::to_owned).unwrap_or_default();
    Some((
        row.number(view, "event_id")?,
        ExtendedProperty {
            name: text("name"),
            value: text("value"),
        },
    ))
}

/// Returns the events of a group: the series with its occurrences, and the occurrences that are separate events,
/// because their series is missing or they are marked deleted.
pub fn decode(view: &View, group: &Group, context: &Context) -> Vec<Event> {
    let mut series: Option<Event> = None;
    let mut alone = Vec::new();
    let (masters, occurrences): (Vec<_>, Vec<_>) = group
        .rows
        .iter()
        .partition(|row| row.number(view, "_id") == Some(group.key.1));
    for row in masters {
        series = Some(event(view, row, context));
    }
    for row in occurrences {
        let event = event(view, row, context);
        match &mut series {
            Some(series) if !event.source.deleted || series.source.deleted => {
                series.take_occurrence(event)
            }
            _ => alone.push(event),
        }
    }
    series.into_iter().chain(alone).collect()
}

/// The date of UTC midnight `millis`, the form in which all-day events are stored.
fn date(millis: i64) -> Moment {
    Moment::Date(millis.div_euclid(86_400_000))
}

fn event(view: &View, row: &ExactRow, context: &Context) -> Event {
    let id = row.number(view, "_id").unwrap_or_default();
    let text = |name: &str| row.text(view, name).map(str::to_owned);
    let filled = |name: &str| text(name).filter(|t| !t.is_empty());
    let flag = |name: &str| row.number(view, name) == Some(1);
    let all_day = flag("allDay");
    let zone = text("eventTimezone").unwrap_or_default();
    let moment = |name: &str, zone: &str, all_day: bool| {
        let millis = row.number(view, name)?;
        Some(if all_day {
            date(millis)
        } else {
            Moment::Time {
                millis,
                zone: zone.to_owned(),
            }
        })
    };
    let calendar_row = row.number(view, "calendar_id").unwrap_or_default();
    let calendar = context.calendars.get(&calendar_row);
    let source_id = filled("_sync_id");
    let dirty = flag("dirty");
    let mut event = Event {
        uid: String::new(),
        calendar: calendar_row,
        title: text("title"),
        location: text("eventLocation"),
        description: text("description"),
        start: moment("dtstart", &zone, all_day),
        end: moment(
            "dtend",
            &filled("eventEndTimezone").unwrap_or_else(|| zone.clone()),
            all_day,
        ),
        duration: filled("duration"),
        rrule: filled("rrule"),
        rdate: filled("rdate"),
        exrule: filled("exrule"),
        exdate: filled("exdate"),
        this_and_future: false,
        recurrence_id: moment("originalInstanceTime", &zone, flag("originalAllDay")),
        series_id: filled("original_sync_id").filter(|_| row.number(view, "original_id").is_none()),
        changed: Vec::new(),
        cancelled: Vec::new(),
        status: match row.number(view, "eventStatus") {
            Some(0) => EventStatus::Tentative,
            Some(1) => EventStatus::Confirmed,
            Some(2) => EventStatus::Cancelled,
            _ => EventStatus::Unset,
        },
        availability: match row.number(view, "availability") {
            Some(1) => Availability::Free,
            Some(2) => Availability::Tentative,
            _ => Availability::Busy,
        },
        access: match row.number(view, "accessLevel") {
            Some(1) => Access::Confidential,
            Some(2) => Access::Private,
            Some(3) => Access::Public,
            _ => Access::Default,
        },
        color: row.number(view, "eventColor").map(|c| c as u32),
        organizer: filled("organizer"),
        attendees: context.attendees.get(&id).cloned().unwrap_or_default(),
        reminders: context.reminders.get(&id).cloned().unwrap_or_default(),
        extended: context.extended.get(&id).cloned().unwrap_or_default(),
        app_uri: filled("customAppUri"),
        app_package: filled("customAppPackage"),
        source: Source {
            place: context.whose.place.clone(),
            row: id,
            account: calendar.map(|c| c.account.clone()).unwrap_or_default(),
            only_here: source_id.is_none() || dirty || calendar.is_none_or(|c| c.source.only_here),
            doomed: calendar.is_some_and(|c| c.source.doomed),
            source_id,
            dirty,
            deleted: flag("deleted"),
            ..Source::default()
        },
    };
    event.uid = uid::of_event(&event, row.text(view, "uid2445"));
    event
}
