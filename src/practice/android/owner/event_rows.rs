//! Writes the rows of `calendar.db`.

use rusqlite::{Connection, Statement};

/// A row of `Events` and its related rows.
#[derive(Default)]
pub(super) struct Event {
    pub calendar: i64,
    pub title: Option<String>,
    pub place: Option<String>,
    pub description: Option<String>,
    pub start: i64,
    pub end: Option<i64>,
    pub duration: Option<String>,
    pub zone: String,
    pub end_zone: Option<String>,
    pub all_day: bool,
    pub rrule: Option<String>,
    pub rdate: Option<String>,
    pub exrule: Option<String>,
    pub exdate: Option<String>,
    /// Id and sync id of the series, and the start of the occurrence that this event replaces.
    pub original: Option<(i64, Option<String>, i64)>,
    pub last: Option<i64>,
    /// Status: 0 tentative, 1 confirmed, 2 cancelled.
    pub status: i64,
    pub color: Option<i64>,
    pub access: i64,
    pub availability: i64,
    pub uid: Option<String>,
    pub sync_id: Option<String>,
    pub organizer: Option<&'static str>,
    pub deleted: bool,
    /// Minutes and method of each reminder.
    pub reminders: Vec<(i64, i64)>,
    /// Name, e-mail, status, relationship and type of each attendee.
    pub attendees: Vec<(&'static str, String, i64, i64, i64)>,
    pub extended: Vec<(&'static str, String)>,
}

pub(super) struct Writer<'a> {
    event: Statement<'a>,
    reminder: Statement<'a>,
    attendee: Statement<'a>,
    extended: Statement<'a>,
    next: i64,
}

impl<'a> Writer<'a> {
    pub fn new(connection: &'a Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            event: connection.prepare(
                "INSERT INTO Events (_id, _sync_id, dirty, calendar_id, title, eventLocation, description, \
                 eventColor, eventStatus, dtstart, dtend, eventTimezone, duration, allDay, accessLevel, \
                 availability, hasAlarm, hasExtendedProperties, rrule, rdate, exrule, exdate, original_id, \
                 original_sync_id, originalInstanceTime, originalAllDay, lastDate, hasAttendeeData, \
                 organizer, deleted, eventEndTimezone, uid2445, sync_data1, eventColor_index) VALUES \
                 (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, \
                 ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34)",
            )?,
            reminder: connection
                .prepare("INSERT INTO Reminders (event_id, minutes, method) VALUES (?1, ?2, ?3)")?,
            attendee: connection.prepare(
                "INSERT INTO Attendees (event_id, attendeeName, attendeeEmail, attendeeStatus, \
                 attendeeRelationship, attendeeType) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?,
            extended: connection.prepare(
                "INSERT INTO ExtendedProperties (event_id, name, value) VALUES (?1, ?2, ?3)",
            )?,
            next: 1,
        })
    }

    pub fn put(&mut self, event: &Event) -> rusqlite::Result<i64> {
        let id = self.next;
        self.next += if id % 19 == 0 { 4 } else { 1 };
        let original = event.original.as_ref();
        let etag = event.sync_id.as_ref().map(|sync| format!("\"{sync}\""));
        self.event.execute(rusqlite::params![
            id,
            event.sync_id,
            event.deleted || event.sync_id.is_none(),
            event.calendar,
            event.title,
            event.place,
            event.description,
            event.color,
            event.status,
            event.start,
            event.end,
            event.zone,
            event.duration,
            event.all_day,
            event.access,
            event.availability,
            !event.reminders.is_empty(),
            !event.extended.is_empty(),
            event.rrule,
            event.rdate,
            event.exrule,
            event.exdate,
            original.map(|(id, ..)| *id),
            original.and_then(|(_, sync, _)| sync.clone()),
            original.map(|(.., at)| *at),
            original.map(|_| event.all_day),
            event.last,
            !event.attendees.is_empty(),
            event.organizer,
            event.deleted,
            event.end_zone,
            event.uid,
            etag,
            event.color.map(|_| "11"),
        ])?;
        for (minutes, method) in &event.reminders {
            self.reminder.execute((id, minutes, method))?;
        }
        for (name, email, status, relation, kind) in &event.attendees {
            self.attendee
                .execute((id, name, email, status, relation, kind))?;
        }
        for (name, value) in &event.extended {
            self.extended.execute((id, name, value))?;
        }
        Ok(id)
    }
}
