//! Events to write, and folders to write them to.

use std::fs;

use lifeboat::export::calendars::{CalendarFiles, CalendarSummary, read_back};
use lifeboat::model::*;
use tempfile::TempDir;

/// 2009-10-12T07:00:00Z, a Monday: 9 o'clock in Berlin.
pub const MONDAY: i64 = 1_255_330_800_000;
pub const HOUR: i64 = 3_600_000;
pub const WEEK: i64 = 7 * 24 * HOUR;

pub fn at(millis: i64, zone: &str) -> Moment {
    Moment::Time {
        millis,
        zone: zone.into(),
    }
}

pub fn event(uid: &str) -> Event {
    Event {
        uid: uid.into(),
        calendar: 1,
        title: Some("Meeting".into()),
        start: Some(at(MONDAY, "Europe/Berlin")),
        end: Some(at(MONDAY + HOUR, "Europe/Berlin")),
        ..Event::default()
    }
}

pub fn series(uid: &str) -> Event {
    Event {
        end: None,
        duration: Some("P3600S".into()),
        rrule: Some("FREQ=WEEKLY;BYDAY=MO;UNTIL=20091231".into()),
        ..event(uid)
    }
}

pub fn calendar(row: i64, name: &str) -> Calendar {
    Calendar {
        row,
        name: name.into(),
        color: Some(0xFF42_85F4),
        time_zone: Some("Europe/Berlin".into()),
        ..Calendar::default()
    }
}

/// A data folder that was written and read back.
pub struct Files {
    pub folder: TempDir,
    pub summary: CalendarSummary,
}

impl Files {
    pub fn write(calendars: Vec<Calendar>, events: &[Event], todos: &[Todo]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut files = CalendarFiles::new(folder.path(), calendars).unwrap();
        events.iter().for_each(|e| files.push_event(e).unwrap());
        todos.iter().for_each(|t| files.push_todo(t).unwrap());
        let summary = files.finish().unwrap();
        let read = read_back(folder.path()).unwrap_or_else(|error| panic!("{error}"));
        summary
            .confirm(&read)
            .unwrap_or_else(|error| panic!("{error}"));
        Self { folder, summary }
    }

    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    pub fn lines(&self, name: &str) -> Vec<String> {
        unfolded(&self.text(name))
    }
}

pub fn unfolded(text: &str) -> Vec<String> {
    let text = text.replace("\r\n ", "");
    text.split("\r\n").map(str::to_owned).collect()
}

pub fn lines_of(event: Event) -> Vec<String> {
    Files::write(vec![calendar(1, "Home")], &[event], &[]).lines("calendar.ics")
}

#[track_caller]
pub fn assert_has(lines: &[String], wanted: &[&str]) {
    for line in wanted {
        assert!(lines.iter().any(|l| l == line), "no {line:?} in {lines:#?}");
    }
}

/// Asserts that the properties for exact values contain these pieces of JSON.
#[track_caller]
pub fn assert_exact(lines: &[String], wanted: &[&str]) {
    let kept = lines
        .iter()
        .filter(|line| line.starts_with("X-LIFEBOAT-DATA:"));
    let kept: Vec<String> = kept
        .map(|line| {
            let text = line.replace("\\,", ",").replace("\\;", ";");
            text.replace("\\\\", "\\")
        })
        .collect();
    for piece in wanted {
        assert!(
            kept.iter().any(|json| json.contains(piece)),
            "no {piece} in {kept:#?}"
        );
    }
}

#[track_caller]
pub fn assert_none(lines: &[String], starts: &[&str]) {
    for start in starts {
        assert!(
            !lines.iter().any(|l| l.starts_with(start)),
            "{start:?} in {lines:#?}"
        );
    }
}
