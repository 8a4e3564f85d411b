//! The owner's calendars and events.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveDateTime, TimeZone as _, Utc};
use chrono_tz::Tz;
use rusqlite::Connection;

use super::event_rows::{Event, Writer};
use super::{DAV, GOOGLE, Owner, STALE, WORK};
use crate::practice::rng::Rng;

const DAY: i64 = 86_400_000;

/// Time zones of the owner's events. The last name is not a zone.
const ZONES: [&str; 8] = [
    "Europe/Berlin",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "UTC",
    "Pacific/Apia",
    "Customized Time Zone",
];

const TITLES: [&str; 10] = [
    "Dentist",
    "Chess club",
    "Müllabfuhr; gelbe Tonne",
    "Call with Renée, Søren & Łukasz",
    "Γενέθλια Ελένης",
    "Встреча с Иваном",
    "打ち合わせ",
    "Flight LH 402",
    "Parents' evening",
    "اجتماع",
];

const PLACES: [&str; 5] = [
    "Room 3, 2nd floor; left",
    "Hafenstraße 12\n20457 Hamburg",
    "https://meet.example/abc?x=1&y=2",
    "Café \"Möwe\"",
    "",
];

pub(super) fn fill(owner: &Owner, connection: &Connection) -> rusqlite::Result<()> {
    let calendars = fill_calendars(owner, connection)?;
    let mut writer = Writer::new(connection)?;
    let mut left = owner.events;
    let mut index = 0;
    while left > 0 {
        let mut rng = Rng::of(owner.seed, "event", u64::from(index));
        let calendar = calendars[rng.below(calendars.len() as u64) as usize];
        let group = if index % 8 == 2 {
            series(owner, &mut rng, calendar, index)
        } else {
            vec![single(owner, &mut rng, calendar, index)]
        };
        let mut series = None;
        for mut event in group.into_iter().take(left as usize) {
            // Exceptions refer to their series after it has an id.
            if let (Some(original), Some(id)) = (&mut event.original, series) {
                original.0 = id;
            }
            let id = writer.put(&event)?;
            series.get_or_insert(id);
            left -= 1;
        }
        index += 1;
    }
    for index in 0..owner.deleted_events {
        let mut rng = Rng::of(owner.seed, "deleted event", u64::from(index));
        let mut event = single(owner, &mut rng, (1, true), 1_000 + index);
        event.deleted = true;
        event.sync_id = Some(format!("deleted{index}"));
        event.all_day = false;
        event.reminders.clear();
        event.extended.clear();
        writer.put(&event)?;
    }
    Ok(())
}

/// Adds the calendars. Returns their ids, and whether each belongs to an account that syncs.
fn fill_calendars(owner: &Owner, connection: &Connection) -> rusqlite::Result<Vec<(i64, bool)>> {
    let mut insert = connection.prepare(
        "INSERT INTO Calendars (_id, account_name, account_type, _sync_id, name, calendar_displayName, \
         calendar_color, calendar_access_level, visible, sync_events, calendar_timezone, ownerAccount, \
         isPrimary, cal_sync1) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1, 'Europe/Berlin', ?10, ?11, ?4)",
    )?;
    let local = ("My calendar", "LOCAL");
    // Account, sync id, name, colour, access level, owner, whether it is the account's first calendar.
    type Row = (
        super::Account,
        Option<&'static str>,
        &'static str,
        i64,
        i64,
        &'static str,
        bool,
    );
    let family = "family0123456789@group.calendar.example";
    let mut rows: Vec<Row> = if owner.user == 0 {
        vec![
            (
                GOOGLE,
                Some(GOOGLE.0),
                "Alex",
                -12_417_548,
                700,
                GOOGLE.0,
                true,
            ),
            (
                GOOGLE,
                Some(family),
                "Family; shared",
                -8_331_542,
                600,
                family,
                false,
            ),
            (
                DAV,
                Some("https://cloud.winter.example/dav/work/"),
                "Work, harbour",
                -16_746_133,
                700,
                DAV.0,
                false,
            ),
            (
                local,
                None,
                "My calendar",
                -13_022_805,
                700,
                "My calendar",
                true,
            ),
            (
                GOOGLE,
                Some("de.german#holiday@group.v.calendar.example"),
                "Holidays in Germany",
                -6_299_161,
                200,
                "de.german#holiday@group.v.calendar.example",
                false,
            ),
        ]
    } else {
        vec![(
            WORK,
            Some(WORK.0),
            "Harbour pilots",
            -509_406,
            700,
            WORK.0,
            true,
        )]
    };
    if owner.stale_account {
        rows.push((
            STALE,
            Some("1:4"),
            "Old job",
            -11_684_180,
            700,
            STALE.0,
            false,
        ));
    }
    let mut all = Vec::new();
    for (place, (account, sync, name, color, access, owner_account, first)) in
        rows.into_iter().enumerate()
    {
        let id = place as i64 + 1;
        insert.execute(rusqlite::params![
            id,
            account.0,
            account.1,
            sync,
            name,
            name,
            color,
            access,
            place != 4,
            owner_account,
            first,
        ])?;
        // Holidays belong to the account and contain no events of the owner.
        if access > 200 {
            all.push((id, sync.is_some()));
        }
    }
    Ok(all)
}

/// Properties that every event of the owner may have.
fn plain(owner: &Owner, rng: &mut Rng, (calendar, syncs): (i64, bool), index: u32) -> Event {
    let mut event = Event {
        calendar,
        title: Some(format!("{} {index}", rng.pick(&TITLES))),
        status: 1,
        organizer: Some(match calendar {
            3 => DAV.0,
            4 => "My calendar",
            _ => GOOGLE.0,
        }),
        ..Event::default()
    };
    if syncs {
        event.sync_id = Some(format!("{:016x}", rng.next()));
        if calendar == 3 || rng.chance(10) {
            event.uid = Some(format!("{:08x}-practice@winter.example", rng.next() >> 32));
        }
    }
    if rng.chance(40) {
        event.place = Some(rng.pick(&PLACES).to_owned());
    }
    if rng.chance(30) {
        event.description = Some("Bring:\n- papers\n- patience\n\nSee you, A.".to_owned());
    }
    if let Some(text) = owner.awkward_text(index) {
        event.description = Some(text.to_owned());
        if index.is_multiple_of(5) {
            event.title = Some(text.to_owned());
        }
        if index.is_multiple_of(7) {
            event.place = Some(text.to_owned());
        }
    }
    if index == 50 {
        event.title = None;
    }
    if rng.chance(35) {
        event.reminders.push((10, 1));
    }
    if rng.chance(10) {
        event.reminders.push((24 * 60, 2));
        event.reminders.push((-1, 0));
    }
    if rng.chance(15) {
        let me = if calendar == 3 { DAV.0 } else { GOOGLE.0 };
        event.attendees = vec![
            ("Alex Winter", me.to_owned(), 1, 2, 1),
            (
                "Renée, Fernández",
                format!("renee{index}@example.com"),
                4,
                1,
                2,
            ),
            (
                "Room \"Möwe\"",
                "room-3@resource.example".to_owned(),
                1,
                1,
                3,
            ),
        ];
    }
    if calendar == 3 && rng.chance(40) {
        let name = "vnd.android.cursor.item/vnd.ical4android.unknown-property.v2";
        event
            .extended
            .push((name, r#"["X-HARBOUR","berth 4; left, first"]"#.to_owned()));
        event.extended.push((
            "vnd.android.cursor.item/vnd.ical4android.categories",
            "a\\b\\c".to_owned(),
        ));
    }
    if rng.chance(8) {
        event.color = Some(-2_350_809);
    }
    event.availability = i64::from(rng.chance(10));
    event.access = if rng.chance(6) { 2 } else { 0 };
    event.status = if rng.chance(6) { 0 } else { 1 };
    event
}

fn day(rng: &mut Rng) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(2019, 1, 7).unwrap_or_default();
    first + Days::new(rng.below(3_200))
}

/// Converts a local time in a zone to milliseconds. An unknown zone counts as UTC, as on the handset. A time that a
/// clock change skips is moved by an hour.
fn at(local: NaiveDateTime, zone: &str) -> i64 {
    let Ok(zone) = zone.parse::<Tz>() else {
        return local.and_utc().timestamp_millis();
    };
    let found = zone.from_local_datetime(&local).earliest();
    let later = || {
        let moved = local + chrono::Duration::hours(1);
        zone.from_local_datetime(&moved).earliest()
    };
    match found.or_else(later) {
        Some(time) => time.timestamp_millis(),
        None => local.and_utc().timestamp_millis(),
    }
}

fn clock(date: NaiveDate, hour: u64, minute: u64) -> NaiveDateTime {
    let time = date.and_hms_opt(hour as u32 % 24, minute as u32 % 60, 0);
    time.unwrap_or_default()
}

/// A time in UTC, in RFC 5545 form.
fn utc(millis: i64) -> String {
    let time: Option<DateTime<Utc>> = DateTime::from_timestamp_millis(millis);
    time.map_or_else(String::new, |time| {
        time.format("%Y%m%dT%H%M%SZ").to_string()
    })
}

/// An event that occurs once.
fn single(owner: &Owner, rng: &mut Rng, calendar: (i64, bool), index: u32) -> Event {
    let mut event = plain(owner, rng, calendar, index);
    let date = day(rng);
    if rng.chance(15) {
        let start = clock(date, 0, 0).and_utc().timestamp_millis();
        let days = 1 + rng.below(4) as i64;
        event.all_day = true;
        event.zone = "UTC".into();
        event.start = start;
        event.end = Some(start + days * DAY);
        event.last = event.end;
        return event;
    }
    let zone = rng.pick(&ZONES);
    let local = clock(
        date,
        6 + rng.below(16),
        [0, 15, 30, 45][rng.below(4) as usize],
    );
    event.zone = zone.to_owned();
    event.start = at(local, zone);
    event.end = Some(
        event.start + [0, 1_800_000, 3_600_000, 5_400_000, 30 * 3_600_000][rng.below(5) as usize],
    );
    if rng.chance(5) {
        // A flight, which ends in another zone.
        event.end_zone = Some("America/New_York".into());
    }
    event.last = event.end;
    event
}

/// A recurring event, with its exceptions.
fn series(owner: &Owner, rng: &mut Rng, calendar: (i64, bool), index: u32) -> Vec<Event> {
    let mut event = plain(owner, rng, calendar, index);
    let date = day(rng);
    let kind = (index / 8) % 9;
    let weekday =
        ["MO", "TU", "WE", "TH", "FR", "SA", "SU"][date.weekday().num_days_from_monday() as usize];
    let zone = rng.pick(&ZONES[..6]);
    let local = |days: u64| clock(date + Days::new(days), 9, 30);
    if kind == 3 || kind == 7 {
        // All-day events.
        let start = clock(date, 0, 0).and_utc().timestamp_millis();
        event.all_day = true;
        event.zone = "UTC".into();
        event.start = start;
        event.duration = Some("P1D".into());
        event.rrule = Some(if kind == 3 {
            "FREQ=YEARLY;WKST=MO".into()
        } else {
            "FREQ=DAILY;COUNT=10".into()
        });
        if kind == 7 {
            event.exdate = Some(utc(start + 3 * DAY));
            event.last = Some(start + 10 * DAY);
        }
        return vec![event];
    }
    let start = at(local(0), zone);
    event.zone = zone.to_owned();
    event.start = start;
    event.duration = Some(["P3600S", "PT1H30M", "P5400S", "P0D"][rng.below(4) as usize].into());
    let until = utc(at(local(7 * 12), zone));
    event.rrule = Some(match kind {
        0 => format!("FREQ=WEEKLY;WKST=MO;BYDAY={weekday}"),
        1 => format!("FREQ=WEEKLY;UNTIL={until};BYDAY={weekday}"),
        2 => "FREQ=MONTHLY;COUNT=12;BYDAY=-1FR".to_owned(),
        4 => format!("FREQ=WEEKLY;INTERVAL=2;BYDAY={weekday}"),
        5 => "FREQ=MONTHLY;BYMONTHDAY=31".to_owned(),
        6 => "FREQ=DAILY;COUNT=30\nFREQ=YEARLY;COUNT=2".to_owned(),
        _ => "FREQ=WEEKLY;COUNT=20;BYDAY=MO,WE,FR".to_owned(),
    });
    event.last = matches!(kind, 1).then(|| at(local(7 * 12), zone) + 3_600_000);
    let mut all = vec![event];
    let Some(event) = all.first_mut() else {
        return all;
    };
    if kind == 4 {
        event.exdate = Some(format!(
            "{},{}",
            utc(at(local(14), zone)),
            utc(at(local(28), zone))
        ));
        event.rdate = Some(format!("{zone};{}", local(16).format("%Y%m%dT%H%M%S")));
    }
    if kind == 5 {
        event.exrule = Some("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31".into());
    }
    if matches!(kind, 0 | 1) {
        let of = (0, event.sync_id.clone(), at(local(7), zone));
        let title = event.title.clone();
        let sync = event.sync_id.clone();
        let base = || Event {
            calendar: calendar.0,
            title: title.clone(),
            zone: zone.to_owned(),
            status: 1,
            organizer: Some(GOOGLE.0),
            ..Event::default()
        };
        let exception = |days: u64| {
            let time = at(local(days), zone);
            let suffix = utc(time);
            (time, sync.as_ref().map(|sync| format!("{sync}_{suffix}")))
        };
        let (time, name) = exception(7);
        all.push(Event {
            start: time + 2 * 3_600_000,
            end: Some(time + 3 * 3_600_000),
            last: Some(time + 3 * 3_600_000),
            original: Some(of.clone()),
            sync_id: name,
            description: Some("Moved by two hours".into()),
            reminders: vec![(30, 1)],
            ..base()
        });
        let (time, name) = exception(21);
        all.push(Event {
            start: time,
            end: Some(time + 3_600_000),
            last: Some(time + 3_600_000),
            original: Some((0, of.1, time)),
            sync_id: name,
            status: 2,
            ..base()
        });
    }
    all
}
