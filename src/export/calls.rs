//! `calls.csv`, a table of all calls to read and print, and `calls.xml`, which SMS Backup & Restore restores on an
//! Android.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;

use chrono::{DateTime, Local, SecondsFormat, Utc};

use super::lines;
use crate::format::contact_csv::safe_cell;
use crate::format::{Losses, calls_xml};
use crate::model::{Call, CallKind, Origin, Presentation};
use crate::phrase;
use crate::system::private;

/// The files' names in the payload folder.
pub const CSV: &str = "calls.csv";
pub const XML: &str = "calls.xml";

const HEADINGS: [&str; 12] = [
    phrase("Date and time"),
    phrase("Date and time (UTC)"),
    phrase("Kind"),
    phrase("Number"),
    phrase("Name"),
    phrase("Caller ID"),
    phrase("Duration"),
    phrase("Seconds"),
    phrase("Place"),
    phrase("SIM or account"),
    phrase("Voicemail as text"),
    phrase("Other data"),
];

/// Writes both files call by call.
pub struct CallFiles {
    csv: csv::Writer<File>,
    xml: BufWriter<File>,
    losses: Losses,
}

impl CallFiles {
    /// Creates the files for `count` calls in the payload folder.
    ///
    /// # Errors
    /// If the disk refuses writes.
    pub fn new(data: &Path, count: u64) -> io::Result<Self> {
        let mut csv = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(private::create_file(&data.join(CSV))?);
        csv.write_record(HEADINGS)?;
        let mut xml = BufWriter::new(private::create_file(&data.join(XML))?);
        calls_xml::begin(&mut xml, count)?;
        Ok(Self {
            csv,
            xml,
            losses: Losses::default(),
        })
    }

    /// Adds a call.
    ///
    /// # Errors
    /// If the disk refuses writes.
    pub fn push(&mut self, call: &Call) -> io::Result<()> {
        self.csv.write_record(row(call))?;
        calls_xml::write(&mut self.xml, call, &mut self.losses)
    }

    /// Finishes the files. Returns what `calls.xml` could not hold.
    ///
    /// # Errors
    /// If the disk refuses writes.
    pub fn finish(self) -> io::Result<Losses> {
        let Self {
            csv,
            mut xml,
            losses,
        } = self;
        csv.into_inner().map_err(|e| e.into_error())?.sync_all()?;
        calls_xml::end(&mut xml)?;
        xml.flush()?;
        xml.get_ref().sync_all()?;
        Ok(losses)
    }
}

/// Returns the number of calls in the files on the disk.
///
/// # Errors
/// A sentence, if a file can't be read or the files don't agree.
pub fn read_back(data: &Path) -> Result<u64, String> {
    let failed = |name: &str, error: &dyn std::fmt::Display| format!("{name}: {error}");
    let mut calls = 0;
    let xml = File::open(data.join(XML)).map_err(|e| failed(XML, &e))?;
    let said = calls_xml::read(BufReader::new(xml), |_| calls += 1).map_err(|e| failed(XML, &e))?;
    let mut rows = 0;
    let mut csv = csv::Reader::from_path(data.join(CSV)).map_err(|e| failed(CSV, &e))?;
    for row in csv.byte_records() {
        row.map_err(|e| failed(CSV, &e))?;
        rows += 1;
    }
    match said == Some(calls) && rows == calls {
        true => Ok(calls),
        false => Err(phrase!("{CSV} holds {rows} calls, and {XML} {calls}")),
    }
}

fn row(call: &Call) -> [String; 12] {
    // Without `..`: a new field of a call does not compile until it has its column.
    let Call {
        kind,
        number,
        presentation,
        at,
        duration,
        name,
        place,
        post_dial_digits,
        subscription_id,
        subscription_component_name,
        transcription,
        extended,
        source,
    } = call;
    let utc = at.and_then(DateTime::<Utc>::from_timestamp_millis);
    let local = utc.map(|utc| utc.with_timezone(&Local));
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut others: BTreeMap<&str, &str> = extended
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .filter(|(_, value)| *value != "0")
        .collect();
    let component = subscription_component_name.as_deref();
    others.extend(component.map(|name| ("subscription_component_name", name)));
    if source.deleted {
        others.insert("deleted", "yes");
    }
    if !source.place.is_empty() {
        let name = match source.origin {
            Origin::File => "file",
            _ => "user",
        };
        others.insert(name, &source.place);
    }
    let others: Vec<String> = others.iter().map(|(n, v)| format!("{n}={v}")).collect();
    let number = number.as_deref().filter(|n| !is_stand_in(n));
    let number = number.map(|n| n.to_owned() + &text(post_dial_digits));
    let cells = [
        local.map_or_else(String::new, |at| {
            at.format("%Y-%m-%d %H:%M:%S %:z").to_string()
        }),
        utc.map_or_else(String::new, |at| {
            at.to_rfc3339_opts(SecondsFormat::Secs, true)
        }),
        kind_in_words(*kind),
        number.unwrap_or_default(),
        text(name),
        caller_id(*presentation),
        duration.map_or_else(String::new, in_hours),
        duration.map_or_else(String::new, |seconds| seconds.to_string()),
        text(place),
        text(subscription_id),
        text(transcription),
        others.join("; "),
    ];
    cells.map(|cell| safe_cell(&lines(&cell)).into_owned())
}

/// Returns true for a number by which Android before 4.4 said that it has none (AOSP `CallerInfo`).
pub fn is_stand_in(number: &str) -> bool {
    matches!(number, "-1" | "-2" | "-3")
}

/// Returns how a call ended, in words.
pub fn kind_in_words(kind: CallKind) -> String {
    match kind {
        CallKind::Incoming => phrase("incoming").into(),
        CallKind::Outgoing => phrase("outgoing").into(),
        CallKind::Missed => phrase("missed").into(),
        CallKind::Voicemail => phrase("voicemail").into(),
        CallKind::Rejected => phrase("rejected").into(),
        CallKind::Blocked => phrase("blocked").into(),
        CallKind::AnsweredElsewhere => phrase("answered on another device").into(),
        CallKind::Other(number) => phrase!("the maker's kind {number}"),
        CallKind::Unknown => String::new(),
    }
}

/// Returns why a number is not there, in words; empty: it may be shown.
pub fn caller_id(presentation: Presentation) -> String {
    match presentation {
        Presentation::Allowed => String::new(),
        Presentation::Restricted => phrase("withheld").into(),
        Presentation::Unknown => phrase("unknown").into(),
        Presentation::Payphone => phrase("payphone").into(),
        Presentation::Unavailable => phrase("unavailable").into(),
        Presentation::Other(number) => phrase!("the maker's kind {number}"),
    }
}

/// Returns a duration as `1:02:03`; empty if it is negative, which some phones store.
pub fn in_hours(seconds: i64) -> String {
    match seconds {
        ..0 => String::new(),
        s => format!("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60),
    }
}
