//! A strict reader that checks the written files. It refuses everything that RFC 5545 forbids and that might confuse
//! a program, and counts the records.

use std::collections::HashSet;
use std::io::{BufRead, Read};

use thiserror::Error;

use super::lines::MAX_OCTETS;
use crate::phrase;

/// Numbers of records in a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Contents {
    /// Events, and notes made from events without a date. A series counts as one.
    pub events: u64,
    /// Changed occurrences of series.
    pub exceptions: u64,
    pub todos: u64,
}

impl Contents {
    /// Adds the counts of another file.
    pub fn add(&mut self, other: Self) {
        self.events += other.events;
        self.exceptions += other.exceptions;
        self.todos += other.todos;
    }
}

/// Reason why a file is not valid.
#[derive(Debug, Error)]
pub enum ReadError {
    #[error("the file can't be read: {0}. Check the disk, then export again")]
    Io(#[from] std::io::Error),
    #[error(
        "line {line} is not valid iCalendar: {fault}. The file was changed or damaged: export again"
    )]
    Line { line: u64, fault: &'static str },
    #[error(
        "the {component} before line {line} {fault}. The file was changed or damaged: export again"
    )]
    Component {
        line: u64,
        component: String,
        fault: &'static str,
    },
    #[error("the file {0}. The file was changed or damaged: export again")]
    File(String),
}

/// Number of bytes of an unfolded line that are examined. Names, parameters and identifiers are shorter.
const HEAD: usize = 4096;
/// Maximum nesting depth of components: VCALENDAR, VEVENT, VALARM.
const DEPTH: usize = 3;

/// An open component.
#[derive(Default)]
struct Open {
    name: String,
    uid: Option<String>,
    uids: u32,
    stamps: u32,
    starts: u32,
    recurrence_ids: u32,
    tzid: Option<String>,
    version: bool,
    prodid: bool,
    trigger: bool,
    action: bool,
}

#[derive(Default)]
struct Reader {
    line: u64,
    open: Vec<Open>,
    ended: bool,
    contents: Contents,
    masters: HashSet<String>,
    todos: HashSet<String>,
    changed: Vec<String>,
    zones_used: HashSet<String>,
    zones: HashSet<String>,
}

/// Reads one file and counts its records. Memory use grows only with the identifiers.
///
/// # Errors
/// At the first fault: bytes that are not UTF-8; lines longer than 75 octets or without CRLF; components that do not
/// balance, are incomplete or reuse an identifier; a zone without its VTIMEZONE.
pub fn read(mut input: impl BufRead) -> Result<Contents, ReadError> {
    let mut reader = Reader::default();
    let mut logical = String::new();
    let mut physical = Vec::new();
    loop {
        physical.clear();
        let most = u64::try_from(MAX_OCTETS + 2).unwrap_or(u64::MAX);
        let count = input.by_ref().take(most).read_until(b'\n', &mut physical)?;
        let whole = count == 0;
        let text = if whole {
            ""
        } else {
            reader.line += 1;
            reader.physical(&physical)?
        };
        if let Some(more) = text.strip_prefix([' ', '\t']) {
            if logical.is_empty() {
                return Err(reader.fault(phrase("it continues a line that does not exist")));
            }
            if logical.len() < HEAD {
                logical.push_str(more);
            }
            continue;
        }
        if !logical.is_empty() {
            reader.logical(&logical)?;
        }
        if whole {
            break;
        }
        logical.clear();
        logical.push_str(text);
    }
    reader.finish()
}

impl Reader {
    fn fault(&self, fault: &'static str) -> ReadError {
        ReadError::Line {
            line: self.line,
            fault,
        }
    }

    fn physical<'a>(&self, bytes: &'a [u8]) -> Result<&'a str, ReadError> {
        let Some(bytes) = bytes.strip_suffix(b"\r\n") else {
            return Err(self.fault(phrase(
                "it is longer than 75 octets, or does not end in CRLF",
            )));
        };
        let text = std::str::from_utf8(bytes).map_err(|_| {
            self.fault(phrase("it isn't UTF-8, or it is folded inside a character"))
        })?;
        if text.is_empty() {
            return Err(self.fault(phrase("it is empty")));
        }
        if text.chars().any(|c| c.is_control() && c != '\t') {
            return Err(self.fault(phrase("it contains a control character")));
        }
        Ok(text)
    }

    fn logical(&mut self, line: &str) -> Result<(), ReadError> {
        if self.ended {
            return Err(self.fault(phrase("it comes after the end of the calendar")));
        }
        let end = line
            .find([':', ';'])
            .ok_or_else(|| self.fault(phrase("it has no colon")))?;
        let (name, rest) = line.split_at_checked(end).unwrap_or((line, ""));
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return Err(self.fault(phrase("its name is not valid")));
        }
        let value = value_of(rest).ok_or_else(|| self.fault(phrase("it has no colon")))?;
        match name {
            "BEGIN" => {
                if self.open.len() >= DEPTH || (self.open.is_empty() && value != "VCALENDAR") {
                    return Err(self.fault(phrase("a component is in the wrong place")));
                }
                self.open.push(Open {
                    name: value.to_owned(),
                    ..Open::default()
                });
                return Ok(());
            }
            "END" => {
                let component = self.open.pop().filter(|open| open.name == value);
                let component = component
                    .ok_or_else(|| self.fault(phrase("it ends a component that did not begin")))?;
                return self.end(component);
            }
            _ => {}
        }
        if !matches!(name, "TZID")
            && let Some(zone) = zone_of(rest)
        {
            self.zones_used.insert(zone.to_owned());
        }
        let line = self.line;
        let open = self.open.last_mut().ok_or(ReadError::Line {
            line,
            fault: phrase("it is outside every component"),
        })?;
        match name {
            "UID" => {
                open.uids += 1;
                open.uid = Some(value.to_owned()).filter(|uid| !uid.is_empty());
            }
            "DTSTAMP" => open.stamps += 1,
            "DTSTART" => open.starts += 1,
            "RECURRENCE-ID" => open.recurrence_ids += 1,
            "TZID" => open.tzid = Some(value.to_owned()),
            "VERSION" => open.version = value == "2.0",
            "PRODID" => open.prodid = true,
            "TRIGGER" => open.trigger = true,
            "ACTION" => open.action = true,
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, open: Open) -> Result<(), ReadError> {
        let fault = |fault| {
            Err(ReadError::Component {
                line: self.line,
                component: open.name.clone(),
                fault,
            })
        };
        let record = matches!(open.name.as_str(), "VEVENT" | "VTODO" | "VJOURNAL");
        if record && (open.uids != 1 || open.stamps != 1) {
            return fault(phrase("must have one UID and one DTSTAMP"));
        }
        if open.starts > 1 || open.recurrence_ids > 1 || (open.starts == 0 && open.name == "VEVENT")
        {
            return fault(phrase(
                "must have one DTSTART, and no more than one RECURRENCE-ID",
            ));
        }
        match (open.name.as_str(), open.uid) {
            ("VEVENT" | "VJOURNAL", Some(uid)) if open.recurrence_ids == 1 => {
                self.contents.exceptions += 1;
                self.changed.push(uid);
            }
            ("VEVENT" | "VJOURNAL", Some(uid)) => {
                self.contents.events += 1;
                if !self.masters.insert(uid) {
                    return fault(phrase("has a UID that was used before"));
                }
            }
            ("VTODO", Some(_)) if open.recurrence_ids == 1 => self.contents.todos += 1,
            ("VTODO", Some(uid)) => {
                self.contents.todos += 1;
                if !self.todos.insert(uid) {
                    return fault(phrase("has a UID that was used before"));
                }
            }
            ("VEVENT" | "VJOURNAL" | "VTODO", None) => return fault(phrase("must have a UID")),
            ("VTIMEZONE", _) => match open.tzid {
                Some(zone) if self.zones.insert(zone.clone()) => {}
                _ => return fault(phrase("must have its own TZID")),
            },
            ("VALARM", _) if !(open.trigger && open.action) => {
                return fault(phrase("must have ACTION and TRIGGER"));
            }
            ("VCALENDAR", _) => {
                if !(open.version && open.prodid) {
                    return fault(phrase("must have VERSION 2.0 and PRODID"));
                }
                self.ended = true;
            }
            _ => {}
        }
        Ok(())
    }

    fn finish(self) -> Result<Contents, ReadError> {
        if !self.ended {
            return Err(ReadError::File(phrase("has no end").into()));
        }
        if let Some(zone) = self.zones_used.difference(&self.zones).min() {
            return Err(ReadError::File(phrase!("has no VTIMEZONE for {zone}")));
        }
        if let Some(uid) = self.changed.iter().find(|uid| !self.masters.contains(*uid)) {
            return Err(ReadError::File(phrase!(
                "has a changed occurrence of {uid}, but not its series"
            )));
        }
        Ok(self.contents)
    }
}

/// Returns the text after the first colon outside quotes.
fn value_of(rest: &str) -> Option<&str> {
    let mut quoted = false;
    for (at, c) in rest.char_indices() {
        match c {
            '"' => quoted = !quoted,
            ':' if !quoted => return rest.get(at + 1..),
            _ => {}
        }
    }
    None
}

/// Returns the TZID parameter, at any position among the parameters.
fn zone_of(rest: &str) -> Option<&str> {
    let value = value_of(rest)?;
    let parameters = rest.get(..rest.len().checked_sub(value.len())?)?;
    let (_, after) = parameters.split_once(";TZID=")?;
    match after.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => after.split([':', ';']).next(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:1\r\n\
        DTSTAMP:19700101T000000Z\r\nDTSTART:20090101T000000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

    #[test]
    fn a_good_file_is_counted_and_every_fault_is_found() {
        assert_eq!(read(FILE.as_bytes()).unwrap().events, 1);
        for (from, to) in [
            ("UID:1\r\n", ""),
            ("UID:1\r\n", "UID:1\r\nUID:2\r\n"),
            ("DTSTAMP:19700101T000000Z\r\n", ""),
            ("DTSTART:20090101T000000Z\r\n", ""),
            ("DTSTART:2009", "DTSTART;TZID=Europe/Berlin:2009"),
            ("DTSTART", "RECURRENCE-ID:20090101T000000Z\r\nDTSTART"),
            ("END:VEVENT\r\n", ""),
            ("END:VCALENDAR\r\n", ""),
            ("END:VCALENDAR\r\n", "END:VCALENDAR\r\nX:1\r\n"),
            ("\r\n", "\n"),
            ("VERSION:2.0\r\n", ""),
            ("UID:1", "UID:\u{1}"),
            ("UID:1", "no colon"),
        ] {
            let broken = FILE.replacen(from, to, 1);
            assert!(read(broken.as_bytes()).is_err(), "{from:?} as {to:?}");
        }
        let long = FILE.replace("UID:1", &format!("UID:{}", "1".repeat(80)));
        assert!(read(long.as_bytes()).is_err());
        assert!(read(FILE.replace("UID:1", "UID:é").as_bytes()).is_ok());
        for cut in 0..FILE.len() {
            assert!(read(&FILE.as_bytes()[..cut]).is_err(), "cut at {cut}");
        }
    }
}
