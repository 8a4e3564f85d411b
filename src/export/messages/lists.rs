//! `messages.csv` and `messages.xml`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Local, SecondsFormat, Utc};

use super::{CSV, Parts, folder_in_words, without_content, xml_name};
use crate::export::lines;
use crate::format::contact_csv::safe_cell;
use crate::format::{Losses, messages_xml};
use crate::model::{Message, MessageKind, MessagePart, Origin};
use crate::phrase;
use crate::system::private;

/// Where a file of messages is split: the app refused larger ones, or took hours (xeals/signal-back#21,
/// SimpleMobileTools/Simple-SMS-Messenger#329).
const MOST_MESSAGES: u64 = 20_000;
const MOST_BYTES: u64 = 100 << 20;

const HEADINGS: [&str; 14] = [
    phrase("Date and time"),
    phrase("Date and time (UTC)"),
    phrase("Kind"),
    phrase("Folder"),
    phrase("Number"),
    phrase("Name"),
    phrase("Subject"),
    phrase("Text"),
    phrase("Attachments"),
    phrase("Sent (UTC)"),
    phrase("Read"),
    phrase("SIM"),
    phrase("Conversation"),
    phrase("Other data"),
];

/// Writes both files message by message.
pub struct Lists {
    data: PathBuf,
    csv: csv::Writer<File>,
    xml: Xml,
    /// Number of messages that are still to come.
    left: u64,
    losses: Losses,
}

/// One file of messages.
struct Xml {
    file: BufWriter<File>,
    /// The number of the file, from 1.
    number: usize,
    stated: u64,
    count: u64,
    bytes: u64,
}

impl Lists {
    /// Creates the files for `count` messages in the payload folder.
    ///
    /// # Errors
    /// If the disk refuses writes.
    pub fn new(data: &Path, count: u64) -> io::Result<Self> {
        let mut csv = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(private::create_file(&data.join(CSV))?);
        csv.write_record(HEADINGS)?;
        Ok(Self {
            data: data.to_owned(),
            csv,
            xml: Xml::new(data, 1, count)?,
            left: count,
            losses: Losses::default(),
        })
    }

    /// Adds a message, with the names of its people.
    ///
    /// # Errors
    /// If the disk refuses writes.
    pub fn push(
        &mut self,
        message: &Message,
        names: Option<&str>,
        parts: &Parts,
    ) -> io::Result<()> {
        self.csv.write_record(row(message, names, parts))?;
        if self.xml.count > 0
            && (self.xml.count >= MOST_MESSAGES || self.xml.bytes + about(message) > MOST_BYTES)
        {
            let next = Xml::new(&self.data, self.xml.number + 1, self.left)?;
            std::mem::replace(&mut self.xml, next).finish()?;
        }
        self.left = self.left.saturating_sub(1);
        self.xml.count += 1;
        let mut counted = Counted {
            to: &mut self.xml.file,
            bytes: 0,
        };
        let bytes = |part: &MessagePart| parts.bytes(part);
        messages_xml::write(&mut counted, message, names, &bytes, &mut self.losses)?;
        self.xml.bytes += counted.bytes;
        Ok(())
    }

    /// Finishes the files. Returns what the XML files could not hold.
    ///
    /// # Errors
    /// If the disk refuses writes.
    pub fn finish(self) -> io::Result<Losses> {
        let Self {
            data: _,
            csv,
            xml,
            left: _,
            losses,
        } = self;
        csv.into_inner().map_err(|e| e.into_error())?.sync_all()?;
        xml.finish()?;
        Ok(losses)
    }
}

/// Returns about how many bytes a message takes in the XML file.
fn about(message: &Message) -> u64 {
    let text = message.text.as_ref().map_or(0, String::len) as u64;
    let parts = message.parts.iter();
    // Base64 makes four characters of three bytes.
    let parts = parts.map(|part| part.size.unwrap_or_default() / 3 * 4);
    parts.fold(text, u64::saturating_add)
}

/// Counts the bytes that it passes on.
struct Counted<W> {
    to: W,
    bytes: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

impl Xml {
    fn new(data: &Path, number: usize, left: u64) -> io::Result<Self> {
        let mut file = BufWriter::new(private::create_file(&data.join(xml_name(number)))?);
        messages_xml::begin(&mut file, left)?;
        Ok(Self {
            file,
            number,
            stated: left,
            count: 0,
            bytes: 0,
        })
    }

    fn finish(mut self) -> io::Result<()> {
        messages_xml::end(&mut self.file)?;
        self.file.flush()?;
        if self.stated != self.count {
            // The file was split by size: the count at its beginning is written again, in the same width.
            let file = self.file.get_mut();
            file.seek(SeekFrom::Start(0))?;
            let mut head = Vec::new();
            messages_xml::begin(&mut head, self.stated)?;
            let width = head.len();
            head.clear();
            messages_xml::begin(&mut head, self.count)?;
            let blanks = width.saturating_sub(head.len());
            let line_end = head.pop();
            head.extend(std::iter::repeat_n(b' ', blanks));
            head.extend(line_end);
            file.write_all(&head)?;
        }
        self.file.get_ref().sync_all()
    }
}

fn row(message: &Message, names: Option<&str>, files: &Parts) -> [String; 14] {
    // Without `..`: a new field of a message does not compile until it has its column.
    let Message {
        kind,
        folder,
        people,
        at,
        sent,
        read,
        subject,
        text,
        parts,
        thread,
        sim,
        service_center,
        extended,
        source,
    } = message;
    let utc = |at: &Option<i64>| at.and_then(DateTime::<Utc>::from_timestamp_millis);
    let stamp = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let local = utc(at).map(|utc| utc.with_timezone(&Local));
    let mut others: BTreeMap<&str, &str> = extended
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .filter(|(name, value)| *value != "0" && *name != messages_xml::NAME)
        .collect();
    let center = service_center.as_deref();
    others.extend(center.map(|number| ("service_center", number)));
    // A time beyond what the calendar holds stands as it is.
    let beyond = at.filter(|_| utc(at).is_none()).map(|at| at.to_string());
    others.extend(beyond.iter().map(|at| ("date", at.as_str())));
    if !source.place.is_empty() {
        let name = match source.origin {
            Origin::File => "file",
            _ => "user",
        };
        others.insert(name, &source.place);
    }
    let others: Vec<String> = others.iter().map(|(n, v)| format!("{n}={v}")).collect();
    // Without the owner's own number, unless no other is known.
    let mut numbers = message.others();
    if numbers.is_empty() {
        numbers = people.iter().map(|one| one.address.as_str()).collect();
    }
    let parts: Vec<String> = parts
        .iter()
        .filter(|part| part.is_attachment())
        .map(|part| files.in_words(part))
        .chain(without_content(message).map(str::to_owned))
        .collect();
    let kind = match kind {
        MessageKind::Sms => "SMS",
        MessageKind::Mms => "MMS",
    };
    let cells = [
        local.map_or_else(String::new, |at| {
            at.format("%Y-%m-%d %H:%M:%S %:z").to_string()
        }),
        utc(at).map_or_else(String::new, stamp),
        kind.to_owned(),
        folder_in_words(*folder),
        numbers.join(", "),
        names.unwrap_or_default().to_owned(),
        subject.clone().unwrap_or_default(),
        text.clone().unwrap_or_default(),
        parts.join("; "),
        utc(sent).map_or_else(String::new, stamp),
        match read {
            Some(true) => phrase("yes").into(),
            Some(false) => phrase("no").into(),
            None => String::new(),
        },
        sim.clone().unwrap_or_default(),
        thread.map_or_else(String::new, |thread| thread.to_string()),
        others.join("; "),
    ];
    cells.map(|cell| safe_cell(&lines(&cell)).into_owned())
}
