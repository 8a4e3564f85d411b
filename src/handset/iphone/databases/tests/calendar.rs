//! The calendar.

use rusqlite::Connection;

use super::{Phone, Read};
use crate::model::{
    AttendeeStatus, Availability, Calendar, Collection, Event, EventStatus, Moment, RecordBody,
    Trigger,
};

const PATH: &str = "HomeDomain/Library/Calendar/Calendar.sqlitedb";

/// The tables of iOS 14, without bookkeeping.
const TABLES: &str = "
CREATE TABLE Store (ROWID INTEGER PRIMARY KEY, name TEXT, type INTEGER, persistent_id TEXT);
CREATE TABLE Calendar (ROWID INTEGER PRIMARY KEY, store_id INTEGER, title TEXT, color TEXT, external_id TEXT);
CREATE TABLE CalendarItem (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, summary TEXT, location_id INTEGER,
  description TEXT, start_date REAL, start_tz TEXT, end_date REAL, end_tz TEXT, all_day INTEGER, calendar_id INTEGER,
  orig_item_id INTEGER, orig_date REAL, organizer_id INTEGER, status INTEGER, availability INTEGER, url TEXT,
  external_id TEXT, unique_identifier TEXT, hidden INTEGER, UUID TEXT, entity_type INTEGER, due_date REAL,
  completion_date REAL, phantom_master INTEGER, calendar_scale TEXT, travel_time INTEGER, conference_url TEXT);
CREATE TABLE Recurrence (ROWID INTEGER PRIMARY KEY, frequency INTEGER, interval INTEGER, week_start INTEGER,
  count INTEGER, end_date REAL, specifier TEXT, by_month_months INTEGER, owner_id INTEGER);
CREATE TABLE ExceptionDate (ROWID INTEGER PRIMARY KEY, owner_id INTEGER, date REAL, sync_order INTEGER);
CREATE TABLE Alarm (ROWID INTEGER PRIMARY KEY, trigger_date REAL, trigger_interval INTEGER, type INTEGER,
  calendaritem_owner_id INTEGER, proximity INTEGER, disabled INTEGER);
CREATE TABLE Participant (ROWID INTEGER PRIMARY KEY, entity_type INTEGER, type INTEGER, status INTEGER, role INTEGER,
  identity_id INTEGER, owner_id INTEGER, email TEXT, phone_number TEXT, is_self INTEGER);
CREATE TABLE Identity (display_name TEXT, address TEXT);
CREATE TABLE Location (ROWID INTEGER PRIMARY KEY, title TEXT, address TEXT, latitude REAL, longitude REAL,
  item_owner_id INTEGER);
INSERT INTO Store VALUES (1, 'Default', 0, NULL), (2, 'iCloud', 2, 'A'), (3, 'Holidays', 4, 'B'), (4, 'Birthdays', 5, NULL);
INSERT INTO Calendar VALUES (1, 1, 'Home', '#1BADF8', NULL), (2, 2, 'Work', '#FF0000FF', '/w/'), (3, 3, 'Holidays', NULL, NULL),
  (4, 4, 'Birthdays', NULL, NULL);
";

fn calendar(phone: &Phone, rows: &str) -> Connection {
    let database = phone.database(PATH);
    database.execute_batch(TABLES).unwrap();
    database.execute_batch(rows).unwrap();
    database
}

fn events(read: &Read) -> Vec<&Event> {
    let all = read.bodies().filter_map(|body| match body {
        RecordBody::Event(event) => Some(event),
        _ => None,
    });
    all.collect()
}

fn at(millis: i64, zone: &str) -> Option<Moment> {
    Some(Moment::Time {
        millis,
        zone: zone.into(),
    })
}

/// 2024-06-03 08:00 UTC, in seconds since 2001.
const NOON: i64 = 739_094_400;
const NOON_MILLIS: i64 = 1_717_401_600_000;

#[test]
fn an_event_is_read_with_all_that_belongs_to_it() {
    let phone = Phone::new();
    calendar(
        &phone,
        &format!(
            "INSERT INTO CalendarItem (ROWID, summary, description, start_date, start_tz, end_date, end_tz, all_day,
               calendar_id, location_id, organizer_id, status, availability, url, external_id, unique_identifier,
               entity_type, travel_time)
             VALUES (5, 'Dock', 'bring tea', {NOON}.0, 'Europe/Berlin', {NOON}.0 + 3600, 'Europe/Berlin', 0, 2, 9, 20,
               1, 1, 'https://example.org/x', '/w/5.ics', 'uid-5', 2, 900);
             INSERT INTO Location VALUES (9, 'Pier', 'Pier 1, Kiel', 54.3, 10.1, 5);
             INSERT INTO Identity (rowid, display_name, address) VALUES (1, 'Ann', 'mailto:ann@example.org'), (2, 'Bo', 'MAILTO:bo@example.org');
             INSERT INTO Participant VALUES (20, 8, 0, 1, 0, 1, 5, NULL, NULL, 1), (21, 7, 1, 3, 2, 2, 5, NULL, NULL, 0);
             INSERT INTO Alarm VALUES (1, NULL, -900, 0, 5, 0, 0), (2, NULL, -90, 0, 5, 0, 0), (3, 739094400, NULL, 0, 5, 0, 0),
               (4, NULL, -60, 0, 5, 0, 1);"
        ),
    );
    let read = phone.read(Collection::Calendar);
    read.is_whole();
    assert_eq!(read.holding.handset_says, Some(1));
    let all = events(&read);
    let [event] = all.as_slice() else {
        panic!("{all:?}")
    };
    assert_eq!(event.uid, "uid-5");
    assert_eq!(event.start, at(NOON_MILLIS, "Europe/Berlin"));
    assert_eq!(event.end, at(NOON_MILLIS + 3_600_000, "Europe/Berlin"));
    assert_eq!(event.location.as_deref(), Some("Pier 1, Kiel"));
    assert_eq!(event.status, EventStatus::Confirmed);
    assert_eq!(event.availability, Availability::Free);
    assert_eq!(event.organizer.as_deref(), Some("ann@example.org"));
    let guests: Vec<_> = event
        .attendees
        .iter()
        .map(|a| (a.name.as_deref(), a.organizer, a.status))
        .collect();
    assert_eq!(
        guests,
        [
            (Some("Ann"), true, AttendeeStatus::Accepted),
            (Some("Bo"), false, AttendeeStatus::Tentative),
        ]
    );
    let reminders: Vec<_> = event
        .reminders
        .iter()
        .map(|r| (r.minutes, r.trigger.clone()))
        .collect();
    assert_eq!(
        reminders,
        [
            (Some(15), None),
            (None, Some(Trigger::Start(-90))),
            (None, Some(Trigger::At(at(NOON_MILLIS, "UTC").unwrap()))),
        ]
    );
    let has = |name: &str, value: &str| {
        event
            .extended
            .iter()
            .any(|p| p.name == name && p.value == value)
    };
    assert!(
        has("vnd.ical4android.url", "https://example.org/x"),
        "{:?}",
        event.extended
    );
    assert!(has("GEO", "54.3;10.1"));
    assert!(has("travel_time", "900"));
    assert!(!event.source.only_here);
}

#[test]
fn a_series_has_its_rule_its_exceptions_and_its_moved_occurrences() {
    let phone = Phone::new();
    let day = 86_400;
    calendar(
        &phone,
        &format!(
            "INSERT INTO CalendarItem (ROWID, summary, start_date, start_tz, end_date, end_tz, all_day, calendar_id, entity_type)
               VALUES (1, 'Rowing', {NOON}, 'Europe/Berlin', {NOON} + 5400, 'Europe/Berlin', 0, 1, 2);
             INSERT INTO CalendarItem (ROWID, summary, start_date, start_tz, end_date, end_tz, all_day, calendar_id, entity_type, orig_item_id, orig_date)
               VALUES (2, 'Rowing, later', {NOON} + 7 * {day} + 3600, 'Europe/Berlin', {NOON} + 7 * {day} + 7200, 'Europe/Berlin', 0, 1, 2, 1, {NOON} + 7 * {day}),
                 (3, 'An orphan', {NOON}, 'Europe/Berlin', {NOON} + 60, NULL, 0, 1, 2, 77, {NOON});
             INSERT INTO Recurrence VALUES (1, 2, 2, 2, 0, {NOON} + 70 * {day}, 'D=0MO,0TH', NULL, 1);
             INSERT INTO ExceptionDate VALUES (1, 1, {NOON} + 3 * {day}, 0), (2, 1, {NOON} + 7 * {day}, 1);"
        ),
    );
    let read = phone.read(Collection::Calendar);
    read.is_whole();
    assert_eq!(read.holding.handset_says, Some(2));
    let all = events(&read);
    let [series, orphan] = all.as_slice() else {
        panic!("{all:?}")
    };
    assert_eq!(
        series.rrule.as_deref(),
        Some("FREQ=WEEKLY;INTERVAL=2;UNTIL=20240812T080000Z;BYDAY=MO,TH;WKST=MO")
    );
    assert_eq!(
        (series.end.clone(), series.duration.as_deref()),
        (None, Some("PT5400S"))
    );
    assert_eq!(
        series.cancelled,
        [at(NOON_MILLIS + 3 * day * 1000, "Europe/Berlin").unwrap()]
    );
    assert_eq!(series.changed[0].title.as_deref(), Some("Rowing, later"));
    assert_eq!(
        series.changed[0].recurrence_id,
        at(NOON_MILLIS + 7 * day * 1000, "Europe/Berlin")
    );
    assert_eq!(orphan.title.as_deref(), Some("An orphan"));
    assert_eq!(orphan.recurrence_id, None);
}

#[test]
fn days_stay_days_and_floating_times_float() {
    let phone = Phone::new();
    // 2024-06-03 00:00 UTC; the second is midnight in Auckland.
    let midnight = NOON - 8 * 3600;
    calendar(
        &phone,
        &format!(
            "INSERT INTO CalendarItem (ROWID, summary, start_date, start_tz, end_date, end_tz, all_day, calendar_id, entity_type) VALUES
               (1, 'a', {midnight}, '_float', {midnight} + 86399, '_float', 1, 1, 2),
               (2, 'b', {midnight} - 43200, 'Pacific/Auckland', {midnight} + 43200, 'Pacific/Auckland', 1, 1, 2),
               (3, 'c', {midnight}, NULL, {midnight}, NULL, 1, 1, 2),
               (4, 'd', {NOON}, '_float', {NOON} + 60, '_float', 0, 1, 2);"
        ),
    );
    let read = phone.read(Collection::Calendar);
    read.is_whole();
    let all = events(&read);
    let day = 19_877;
    for event in all.iter().take(3) {
        assert_eq!(event.start, Some(Moment::Date(day)), "{:?}", event.title);
        assert_eq!(event.end, Some(Moment::Date(day + 1)), "{:?}", event.title);
    }
    assert_eq!(all[3].start, at(NOON_MILLIS, Moment::FLOATING));
}

#[test]
fn birthdays_reminders_and_empty_masters_are_no_events() {
    let phone = Phone::new();
    calendar(
        &phone,
        &format!(
            "INSERT INTO CalendarItem (ROWID, summary, start_date, calendar_id, entity_type, calendar_scale, phantom_master, orig_item_id, due_date) VALUES
               (1, 'Ann''s birthday', {NOON}, 4, 2, NULL, 0, NULL, NULL),
               (2, 'Bo''s birthday', {NOON}, 1, 2, 'gregorian', 0, NULL, NULL),
               (3, 'Buy milk', NULL, 1, 3, NULL, 0, NULL, {NOON}),
               (4, NULL, {NOON}, 1, 2, NULL, 1, NULL, NULL),
               (5, 'Invited once', {NOON}, 1, 2, NULL, 0, 4, NULL),
               (6, 'May Day', {NOON}, 3, 2, NULL, 0, NULL, NULL);"
        ),
    );
    let read = phone.read(Collection::Calendar);
    read.is_whole();
    let titles: Vec<_> = events(&read)
        .iter()
        .filter_map(|event| event.title.as_deref())
        .collect();
    assert_eq!(titles, ["Invited once", "May Day"]);
    assert_eq!(read.holding.handset_says, Some(2));
    assert!(
        read.holding.notes[0].contains("that others publish"),
        "{:?}",
        read.holding.notes
    );
    let calendars = read.bodies().filter_map(|body| match body {
        RecordBody::Calendar(calendar) => Some(calendar),
        _ => None,
    });
    let calendars: Vec<&Calendar> = calendars.collect();
    let names: Vec<_> = calendars.iter().map(|calendar| &*calendar.name).collect();
    assert_eq!(names, ["Home", "Work", "Holidays"]);
    assert_eq!(calendars[0].color, Some(0xff1b_adf8));
    assert!(calendars[0].source.only_here && !calendars[1].source.only_here);
}

#[test]
fn an_unknown_rule_is_kept_and_said() {
    let phone = Phone::new();
    calendar(
        &phone,
        &format!(
            "INSERT INTO CalendarItem (ROWID, summary, start_date, calendar_id, entity_type) VALUES (1, 'x', {NOON}, 1, 2);
             INSERT INTO Recurrence VALUES (1, 4, 1, 0, 3, 0, 'O=6;Q=9', NULL, 1);"
        ),
    );
    let read = phone.read(Collection::Calendar);
    assert!(
        read.findings.missing[0].contains("Q=9"),
        "{:?}",
        read.findings
    );
    let all = events(&read);
    assert_eq!(
        all[0].rrule.as_deref(),
        Some("FREQ=YEARLY;COUNT=3;BYMONTH=6")
    );
    assert!(all[0].extended.iter().any(|kept| kept.value == "Q=9"));
}

#[test]
fn the_layout_of_old_systems_is_read() {
    let phone = Phone::new();
    phone
        .database(PATH)
        .execute_batch(&format!(
            "CREATE TABLE Calendar (ROWID INTEGER PRIMARY KEY, store_id INTEGER, title TEXT, color TEXT);
             CREATE TABLE Event (ROWID INTEGER PRIMARY KEY, summary TEXT, location TEXT, description TEXT, start_date INTEGER,
               start_tz TEXT, end_date INTEGER, all_day INTEGER, calendar_id INTEGER, orig_event_id INTEGER, orig_start_date INTEGER);
             CREATE TABLE Recurrence (ROWID INTEGER PRIMARY KEY, frequency INTEGER, interval INTEGER, count INTEGER, end_date INTEGER,
               specifier TEXT, by_month_months INTEGER, event_id INTEGER);
             CREATE TABLE Alarm (ROWID INTEGER PRIMARY KEY, trigger_interval INTEGER, type INTEGER, event_id INTEGER);
             INSERT INTO Calendar VALUES (1, 1, 'DEFAULT_CALENDAR_NAME', NULL);
             INSERT INTO Event VALUES (1, 'Tide', 'Pier', NULL, {NOON}, 'Europe/Berlin', {NOON} + 60, 0, 1, NULL, NULL);
             INSERT INTO Recurrence VALUES (1, 4, 1, 0, 0, NULL, 33, 1);
             INSERT INTO Alarm VALUES (1, -600, 0, 1);"
        ))
        .unwrap();
    let read = phone.read(Collection::Calendar);
    read.is_whole();
    let all = events(&read);
    assert_eq!(all[0].location.as_deref(), Some("Pier"));
    // As the phone shows it.
    assert!(
        read.bodies().any(
            |body| matches!(body, RecordBody::Calendar(calendar) if calendar.name == "Calendar")
        )
    );
    assert_eq!(all[0].rrule.as_deref(), Some("FREQ=YEARLY;BYMONTH=1,6"));
    assert_eq!(all[0].reminders[0].minutes, Some(10));
}

/// An alarm at a place is no alarm at a time.
#[test]
fn alarms_at_places_are_kept_with_their_places() {
    let phone = Phone::new();
    calendar(
        &phone,
        &format!(
            "ALTER TABLE Location ADD COLUMN radius REAL;
             ALTER TABLE Location ADD COLUMN alarm_owner_id INTEGER;
             INSERT INTO CalendarItem (ROWID, summary, start_date, end_date, calendar_id, entity_type)
               VALUES (1, 'Berth', {NOON}, {NOON}, 1, 2);
             INSERT INTO CalendarItem (ROWID, summary, due_date, calendar_id, entity_type) VALUES (2, 'Shop', {NOON}, 1, 3);
             INSERT INTO Alarm VALUES (1, NULL, 0, 0, 1, 1, 0), (2, NULL, -600, 0, 1, 0, 0), (3, NULL, 0, 0, 2, 2, 0);
             INSERT INTO Location (title, address, latitude, longitude, radius, alarm_owner_id)
               VALUES ('Harbour', 'Quay 1', 1.5, 2.5, 100, 1), ('Market', NULL, NULL, NULL, NULL, 3);"
        ),
    );
    let read = phone.read(Collection::Calendar);
    read.is_whole();
    let event = events(&read)[0];
    let property = |one: &crate::model::ExtendedProperty| (one.name.clone(), one.value.clone());
    let has: Vec<_> = event.extended.iter().map(property).collect();
    let place = "Harbour, Quay 1, geo:1.5,2.5, within 100 m";
    assert!(
        has.contains(&("alarm on arriving at".into(), place.into())),
        "{has:?}"
    );
    assert_eq!(event.reminders.len(), 1);
    assert_eq!(event.reminders[0].minutes, Some(10));
    let read = phone.read(Collection::Todos);
    let mut todos = read.bodies().filter_map(|body| match body {
        RecordBody::Todo(todo) => Some(todo),
        _ => None,
    });
    let todo = todos.next().unwrap();
    assert!(
        todo.extended
            .contains(&("alarm on leaving".into(), "Market".into())),
        "{:?}",
        todo.extended
    );
    assert_eq!((&todo.reminder, &todo.reminders), (&None, &Vec::new()));
}
