//! iCalendar 2.0 (RFC 5545, with the colours and names of RFC 7986): a deterministic writer of a handset's events and
//! to-dos, a strict reader that checks the written files, and [`reading`], which reads the calendars of any program.
//!
//! Design of the writer:
//! - The same records give the same bytes. The current time is not written: DTSTAMP is always 1970-01-01, so that an
//!   importer that compares versions never prefers a rescued copy to its own.
//! - METHOD is PUBLISH, and every guest and organiser is marked `SCHEDULE-AGENT=NONE` (RFC 6638 section 7.1): an
//!   importing server must not write to the guests.
//! - What iCalendar has no place for goes into one property of each component, see
//!   `format::versit::exact`.
//! - An event without a usable start becomes a VJOURNAL, because a VEVENT must have a start.
//! - A calendar's default reminder becomes ten minutes before, as in Android's own calendar app.

mod alarms;
mod carried;
mod color;
mod dates;
pub mod days;
mod digits;
mod duration;
mod event;
mod extended;
mod lines;
mod moment;
mod people;
mod read;
pub mod reading;
mod recurrence;
mod todo;
mod vtimezone;
mod zone_names;

use std::collections::{HashMap, HashSet};

pub use event::{Written, deleted_changes, write_event};
pub use read::{Contents, ReadError, read};
pub use todo::{place_in_series, write_todo};
pub use vtimezone::{TimeZones, ZoneUses};

use crate::format::versit::exact::Exact as _;
use crate::model::Calendar;
use lines::Lines;
use zone_names::{Zone, zone};

/// DTSTAMP of every component.
const DTSTAMP: &str = "DTSTAMP:19700101T000000Z";

/// The last line of a file.
pub const END: &str = "END:VCALENDAR\r\n";

/// The first lines of a file, up to its components. A file with one calendar has its name and colour.
pub fn begin(calendar: Option<&Calendar>) -> String {
    let mut lines = Lines::default();
    lines.begin("VCALENDAR");
    lines.line("VERSION:2.0");
    lines.line("PRODID:-//Lifeboat//Lifeboat//EN");
    lines.line("CALSCALE:GREGORIAN");
    lines.line("METHOD:PUBLISH");
    let Some(calendar) = calendar else {
        return lines.into_text();
    };
    if !calendar.name.is_empty() {
        lines.text("X-WR-CALNAME", &calendar.name);
        lines.text("NAME", &calendar.name);
    }
    if let Some(name) = &calendar.time_zone {
        match zone(name) {
            Zone::Named(zone) => lines.text("X-WR-TIMEZONE", zone.name()),
            Zone::Utc if !name.trim().is_empty() => lines.text("X-WR-TIMEZONE", "UTC"),
            _ => {}
        }
    }
    if let Some(color) = calendar.color {
        lines.line(&format!("X-APPLE-CALENDAR-COLOR:{}", color::rgb(color)));
        lines.line(&format!("COLOR:{}", color::css_name(color)));
    }
    let seen = reading::seen_calendar(&lines.own_component(0));
    lines.keep_exact(lines.len(), &calendar.differences(&seen));
    lines.into_text()
}

/// Assigns UIDs so that no UID occurs twice in a file.
#[derive(Debug, Default)]
pub struct Uids {
    /// UIDs in use, each with the number for its next copy.
    used: HashMap<String, u64>,
    /// UIDs with the places of changed occurrences.
    changed: HashSet<(String, String)>,
}

/// Maximum length of a UID, in bytes: some programs use UIDs as file names.
const MAX_UID: usize = 180;

impl Uids {
    /// Returns the UID of a series for its changed occurrence in this place. `None`: the series is not in the file, or
    /// has such an occurrence.
    pub fn occurrence(&mut self, uid: &str, place: &str) -> Option<String> {
        let uid = uid.trim();
        let is_new =
            self.used.contains_key(uid) && self.changed.insert((uid.to_owned(), place.to_owned()));
        is_new.then(|| uid.to_owned())
    }

    /// Returns the UID unchanged, or a similar one if it is empty, too long, contains control characters or is taken.
    pub fn claim(&mut self, wanted: &str) -> String {
        let mut base = String::new();
        for c in wanted.trim().chars().filter(|c| !c.is_control()) {
            if base.len() + c.len_utf8() > MAX_UID {
                break;
            }
            base.push(c);
        }
        if base.is_empty() {
            base.push_str("lifeboat");
        }
        if !self.used.contains_key(&base) {
            self.used.insert(base.clone(), 2);
            return base;
        }
        loop {
            let number = self.used.get_mut(&base).map_or(2, |next| {
                *next += 1;
                *next - 1
            });
            let uid = format!("{base}-{number}");
            if !self.used.contains_key(&uid) {
                self.used.insert(uid.clone(), 2);
                return uid;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_identifier_is_given_twice() {
        let mut uids = Uids::default();
        assert_eq!(uids.claim("a"), "a");
        assert_eq!(uids.claim("a-2"), "a-2");
        assert_eq!(uids.claim("a"), "a-3");
        assert_eq!(uids.claim("\u{0}"), "lifeboat");
        assert_eq!(uids.claim(""), "lifeboat-2");
        assert_eq!(uids.claim(&"é".repeat(500)).len(), MAX_UID);
    }

    #[test]
    fn a_calendar_s_name_can_t_break_out() {
        let calendar = Calendar {
            name: "Home;\r\nEND:VCALENDAR".into(),
            color: Some(0xFF00_0000),
            time_zone: Some("Europe/Berlin".into()),
            ..Calendar::default()
        };
        let text = begin(Some(&calendar));
        assert!(
            text.contains("X-WR-CALNAME:Home\\;\\nEND:VCALENDAR\r\n"),
            "{text}"
        );
        assert!(text.contains("X-WR-TIMEZONE:Europe/Berlin\r\n"), "{text}");
        assert!(text.contains("COLOR:black\r\n"), "{text}");
        assert!(!text.contains("\r\nEND:VCALENDAR"), "{text}");
    }
}
