//! Tells the files of SMS Backup & Restore and of programs with the same form by their content, and reads their
//! messages and calls.

mod base64;
mod charset;
mod elements;
mod json;
mod values;

use std::io::{self, BufRead, Read};
use std::ops::ControlFlow;

use super::{calls_xml, messages_xml};
use crate::model::{Collection, Message, Origin, RecordBody, Source, Unread};
use crate::phrase;

use charset::{HEAD, Utf8};
use elements::Sink;
pub use elements::{Data, Element, Elements, NULL, Troubles, date};
pub use values::{attributes, column};

/// Values of the column `date` between these are seconds, in the years from 2001 to 2096: as milliseconds they would be
/// in January and February 1970.
const SECONDS: std::ops::RangeInclusive<i64> = 1_000_000_000..=4_000_000_000;

/// Converts a time that some apps store in seconds.
pub fn in_milliseconds(date: Option<i64>) -> Option<i64> {
    date.map(|date| match SECONDS.contains(&date) {
        true => from_seconds(date),
        false => date,
    })
}

/// The largest number of seconds that a time of an MMS can be: the year 5138. As milliseconds, it is a day in 1973.
const MOST_SECONDS: u64 = 100_000_000_000;

/// Converts a time of an MMS. Android keeps seconds, some apps milliseconds.
pub fn mms_time(date: i64) -> i64 {
    match date.unsigned_abs() < MOST_SECONDS {
        true => from_seconds(date),
        false => date,
    }
}

/// Seconds in milliseconds. A time that is too large stays at the limit.
fn from_seconds(date: i64) -> i64 {
    date.saturating_mul(1000)
}

/// Returns the collection whose records a file holds, by the bytes at its beginning; `None`: it is no such file.
pub fn kind(head: &[u8]) -> Option<Collection> {
    let mut text = Vec::new();
    let head = head.get(..HEAD).unwrap_or(head);
    let read = Utf8::new(head).and_then(|mut head| head.read_to_end(&mut text));
    read.ok()?;
    if json::is_json(&text) {
        return Some(Collection::Messages);
    }
    let declared = memchr::memmem::find(&text, b"<?xml").is_some();
    if !declared && !text.trim_ascii_start().starts_with(b"<") {
        return None;
    }
    let roots: [(&[u8], Collection); 3] = [
        (b"<smses", Collection::Messages),
        (b"<allsms", Collection::Messages),
        (b"<calls", Collection::Calls),
    ];
    let is_root = |root: &[u8]| {
        let mut all = memchr::memmem::find_iter(&text, root);
        all.any(|at| {
            let after = text.get(at + root.len());
            after.is_none_or(|after| after.is_ascii_whitespace() || b"/>".contains(after))
        })
    };
    let found = roots.into_iter().find(|(root, _)| is_root(root));
    found.map(|(_, of)| of)
}

/// Returns true for a file in JSON.
fn begins_json(from: &mut impl BufRead) -> io::Result<bool> {
    let head = from.fill_buf()?;
    let mut text = Vec::new();
    Utf8::new(head.get(..HEAD).unwrap_or(head))?.read_to_end(&mut text)?;
    Ok(json::is_json(&text))
}

/// Calls `each` with the bytes of all parts of a file in their order, in pieces, each with the number of its part
/// ([`FoundPart::number`](crate::model::FoundPart::number)). A file that ends too early gives those before its end.
///
/// # Errors
/// Those of `from` and of `each`.
pub fn each_part(mut from: impl BufRead, each: Sink<'_>) -> io::Result<()> {
    if begins_json(&mut from)? {
        let read = json::read(from, &mut Troubles::default(), each, &mut |_| true);
        return match read {
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(()),
            read => read.map(|_| ()),
        };
    }
    let mut elements = Elements::new(from)?;
    loop {
        match elements.next(each) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

/// Calls `each` with the records of a file until it breaks. `name` is kept with each record, and `place` is where the
/// copy of the file is in the payload. Returns a sentence for each thing that could not be read.
///
/// # Errors
/// Those of `from`.
pub fn read(
    name: &str,
    place: &str,
    of: Collection,
    mut from: impl BufRead,
    each: &mut dyn FnMut(RecordBody) -> ControlFlow<()>,
) -> io::Result<Vec<(String, Unread)>> {
    let is_json = begins_json(&mut from)?;
    let mut count = 0_i64;
    let mut source = || {
        count += 1;
        Source {
            origin: Origin::File,
            place: name.to_owned(),
            row: count,
            ..Source::default()
        }
    };
    let placed = |message: &mut Message| {
        for found in message
            .parts
            .iter_mut()
            .filter_map(|part| part.found.as_mut())
        {
            place.clone_into(&mut found.place);
        }
    };
    let (troubles, ended, stated) = match of {
        _ if is_json => {
            let mut troubles = Troubles::default();
            let read = json::read(
                from,
                &mut troubles,
                &mut |_, _| Ok(()),
                &mut |mut message| {
                    message.source = source();
                    placed(&mut message);
                    each(RecordBody::Message(message)).is_continue()
                },
            );
            match read {
                Ok(stated) => (troubles, Ok(()), stated),
                Err(error) => (troubles, Err(error), None),
            }
        }
        Collection::Calls => {
            let mut calls = calls_xml::Calls::new(from)?;
            let ended = loop {
                match calls.next_call() {
                    Ok(Some(mut call)) => {
                        call.source = source();
                        if each(RecordBody::Call(call)).is_break() {
                            break Ok(());
                        }
                    }
                    Ok(None) => break Ok(()),
                    Err(error) => break Err(error),
                }
            };
            (calls.troubles(), ended, calls.stated)
        }
        _ => {
            let mut messages = messages_xml::Messages::new(from)?;
            let ended = loop {
                match messages.next_message() {
                    Ok(Some(mut message)) => {
                        message.source = source();
                        placed(&mut message);
                        if each(RecordBody::Message(message)).is_break() {
                            break Ok(());
                        }
                    }
                    Ok(None) => break Ok(()),
                    Err(error) => break Err(error),
                }
            };
            (messages.troubles(), ended, messages.stated)
        }
    };
    let mut told = troubles.told();
    match ended {
        Ok(()) if stated.is_some_and(|stated| stated > count.unsigned_abs()) => {
            told.push((
                phrase("it holds less than it states").into(),
                Unread::Damage,
            ));
        }
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            told.push((error.to_string(), Unread::Damage));
        }
        Err(error) => return Err(error),
    }
    Ok(told)
}
