//! Tells the files of SMS Backup & Restore by their content, and reads their messages and calls.

use std::io;

use super::{calls_xml, messages_xml};
use crate::model::{Collection, Origin, RecordBody, Source};
use crate::phrase;

/// Number of bytes at the beginning of a file that are searched for its root element.
const HEAD: usize = 4096;

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

/// Returns the collection whose records a file holds; `None`: it is no such file.
pub fn kind(bytes: &[u8]) -> Option<Collection> {
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    let has = |root: &[u8]| memchr::memmem::find(head, root).is_some();
    if !has(b"<?xml") {
        return None;
    }
    match (has(b"<smses"), has(b"<calls")) {
        (true, _) => Some(Collection::Messages),
        (false, true) => Some(Collection::Calls),
        (false, false) => None,
    }
}

/// Calls `each` with the records of a file, whose name is kept with each.
///
/// # Errors
/// A sentence, if the file ends too early or holds fewer records than it states. What was read was handed over.
pub fn read(
    name: &str,
    of: Collection,
    bytes: &[u8],
    each: &mut dyn FnMut(RecordBody),
) -> io::Result<()> {
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
    let stated = match of {
        Collection::Calls => calls_xml::read(bytes, |mut call| {
            call.source = source();
            each(RecordBody::Call(call));
        })?,
        _ => messages_xml::read(bytes, |mut message| {
            message.source = source();
            each(RecordBody::Message(message));
        })?,
    };
    match stated.is_none_or(|stated| stated <= count.unsigned_abs()) {
        true => Ok(()),
        false => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            phrase("it holds less than it states"),
        )),
    }
}
