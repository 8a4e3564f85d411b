//! The calendar, until iOS 12 with the reminders. Source of the layouts: a public dump of iOS 11, the database of iOS 14.3 in
//! MVT's test data, and ios-backup-parser's description of iOS 18.

use rusqlite::{Connection, params};

use super::owner::{Appointment, Errand, Owner};
use super::{COCOA, Layout};

const DAY: i64 = 86_400;

fn tables(layout: Layout) -> String {
    let later = match layout >= Layout::Ios14 {
        true => {
            ", phantom_master INTEGER, calendar_scale TEXT, travel_time INTEGER, structured_data BLOB, \
                 conference_url TEXT, recurrence_set TEXT, flags INTEGER"
        }
        false => "",
    };
    format!(
        "CREATE TABLE Store (ROWID INTEGER PRIMARY KEY, name TEXT, type INTEGER, persistent_id TEXT);
         CREATE TABLE Calendar (ROWID INTEGER PRIMARY KEY, store_id INTEGER, title TEXT, color TEXT, external_id TEXT);
         CREATE TABLE CalendarItem (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, summary TEXT, location_id INTEGER,
           description TEXT, start_date REAL, start_tz TEXT, end_date REAL, end_tz TEXT, all_day INTEGER,
           calendar_id INTEGER, orig_item_id INTEGER, orig_date REAL, organizer_id INTEGER, self_attendee_id INTEGER,
           status INTEGER, availability INTEGER, privacy_level INTEGER, url TEXT, last_modified REAL,
           sequence_num INTEGER, birthday_id INTEGER, external_id TEXT, unique_identifier TEXT, hidden INTEGER,
           has_recurrences INTEGER, has_attendees INTEGER, UUID TEXT, entity_type INTEGER, priority INTEGER,
           due_date REAL, due_tz TEXT, due_all_day INTEGER, completion_date REAL, creation_date REAL{later});
         CREATE TABLE Recurrence (ROWID INTEGER PRIMARY KEY, frequency INTEGER, interval INTEGER, week_start INTEGER,
           count INTEGER, end_date REAL, specifier TEXT, by_month_months INTEGER, owner_id INTEGER);
         CREATE TABLE ExceptionDate (ROWID INTEGER PRIMARY KEY, owner_id INTEGER, date REAL, sync_order INTEGER);
         CREATE TABLE Alarm (ROWID INTEGER PRIMARY KEY, trigger_date REAL, trigger_interval INTEGER, type INTEGER,
           calendaritem_owner_id INTEGER, proximity INTEGER, disabled INTEGER);
         CREATE TABLE Participant (ROWID INTEGER PRIMARY KEY, entity_type INTEGER, type INTEGER, status INTEGER,
           role INTEGER, identity_id INTEGER, owner_id INTEGER, email TEXT, is_self INTEGER);
         CREATE TABLE Identity (display_name TEXT, address TEXT);
         CREATE TABLE Location (ROWID INTEGER PRIMARY KEY, title TEXT, address TEXT, latitude REAL, longitude REAL,
           item_owner_id INTEGER);
         INSERT INTO Store VALUES (1, 'Default', 0, NULL), (2, 'iCloud', 2, 'A'), (3, 'Birthdays', 5, NULL);
         INSERT INTO Calendar VALUES (1, 1, 'Home', '#1BADF8', NULL), (2, 2, 'Work', '#CC73E1', '/work/'),
           (3, 3, 'Birthdays', '#8295AF', NULL), (4, 2, 'Boat', NULL, '/boat/'), (5, 1, 'Home', NULL, NULL),
           (6, 1, 'Boat', NULL, NULL), (7, 2, 'Home', NULL, '/home/');"
    )
}

/// Fills the calendar.
pub fn fill(database: &Connection, layout: Layout, owner: &Owner) -> rusqlite::Result<()> {
    database.execute_batch(&tables(layout))?;
    for (index, appointment) in owner.appointments.iter().enumerate() {
        write(database, index as i64, appointment)?;
    }
    // The phone makes these of the address book.
    database.execute(
        "INSERT INTO CalendarItem (summary, start_date, all_day, calendar_id, entity_type) VALUES ('A birthday', 0, 1, 3, 2)",
        [],
    )?;
    if layout < Layout::Ios14 {
        for (index, errand) in owner.errands.iter().enumerate() {
            write_errand(database, index as i64, errand)?;
        }
    }
    Ok(())
}

fn write(database: &Connection, index: i64, event: &Appointment) -> rusqlite::Result<()> {
    let start = event.start - COCOA;
    // An all-day event ends with its last second.
    let length = event.seconds - i64::from(event.is_day);
    let zone = event.zone.unwrap_or("_float");
    let insert = |title: &str, start: i64, series: Option<(i64, i64)>| {
        database.execute(
            "INSERT INTO CalendarItem (summary, description, start_date, start_tz, end_date, end_tz, all_day, calendar_id,
               orig_item_id, orig_date, status, availability, external_id, unique_identifier, entity_type)
             VALUES (?1, ?2, ?3, ?4, ?5, ?4, ?6, ?7, ?8, ?9, 1, 0, ?10, ?11, 2)",
            params![
                title,
                event.notes,
                start as f64,
                zone,
                (start + length) as f64,
                event.is_day,
                if event.is_local { 1 } else { 2 },
                series.unwrap_or_default().0,
                series.map(|(_, date)| date as f64),
                (!event.is_local).then(|| format!("/work/{index}.ics")),
                format!("event-{index}"),
            ],
        )?;
        Ok::<_, rusqlite::Error>(database.last_insert_rowid())
    };
    let id = insert(&event.title, start, None)?;
    if let Some(place) = &event.place {
        database.execute(
            "INSERT INTO Location (title, item_owner_id) VALUES (?1, ?2)",
            params![place, id],
        )?;
        let place = database.last_insert_rowid();
        database.execute(
            "UPDATE CalendarItem SET location_id = ?1 WHERE ROWID = ?2",
            [place, id],
        )?;
    }
    if let Some(minutes) = event.reminder {
        database.execute(
            "INSERT INTO Alarm (trigger_interval, type, calendaritem_owner_id) VALUES (?1, 0, ?2)",
            [-60 * minutes, id],
        )?;
    }
    for (place, (name, address)) in event.guests.iter().enumerate() {
        database.execute(
            "INSERT INTO Identity VALUES (?1, ?2)",
            params![name, format!("mailto:{address}")],
        )?;
        let identity = database.last_insert_rowid();
        database.execute(
            "INSERT INTO Participant (entity_type, type, status, role, identity_id, owner_id, email)
             VALUES (?1, 1, 1, 1, ?2, ?3, ?4)",
            params![if place == 0 { 8 } else { 7 }, identity, id, address],
        )?;
    }
    if let Some(repeat) = &event.repeat {
        database.execute(
            "INSERT INTO Recurrence (frequency, interval, week_start, count, end_date, specifier, owner_id)
             VALUES (?1, ?2, 0, ?3, 0, ?4, ?5)",
            params![repeat.frequency, repeat.interval, repeat.count, repeat.specifier, id],
        )?;
        if let Some(days) = repeat.cancelled {
            database.execute(
                "INSERT INTO ExceptionDate (owner_id, date, sync_order) VALUES (?1, ?2, 0)",
                params![id, (start + days * DAY) as f64],
            )?;
        }
        if let Some(days) = repeat.moved {
            let date = start + days * DAY;
            insert(
                &format!("{}, moved", event.title),
                date + DAY,
                Some((id, date)),
            )?;
        }
    }
    Ok(())
}

fn write_errand(database: &Connection, index: i64, errand: &Errand) -> rusqlite::Result<()> {
    let calendar = match (errand.list, errand.is_local) {
        ("Boat", true) => 6,
        ("Boat", false) => 4,
        (_, true) => 5,
        (_, false) => 7,
    };
    database.execute(
        "INSERT INTO CalendarItem (summary, description, calendar_id, entity_type, priority, due_date, due_tz, due_all_day,
           completion_date, unique_identifier, external_id)
         VALUES (?1, ?2, ?3, 3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            errand.title,
            errand.notes,
            calendar,
            errand.priority,
            errand.due.map(|due| (due - COCOA) as f64),
            if errand.is_day { "_float" } else { "Europe/Berlin" },
            errand.is_day,
            errand.done.map(|done| (done - COCOA) as f64),
            format!("errand-{index}"),
            (!errand.is_local).then(|| format!("/boat/{index}.ics")),
        ],
    )?;
    let id = database.last_insert_rowid();
    if errand.is_weekly {
        database.execute(
            "INSERT INTO Recurrence (frequency, interval, week_start, count, end_date, owner_id) VALUES (2, 1, 0, 0, 0, ?1)",
            [id],
        )?;
    }
    Ok(())
}
