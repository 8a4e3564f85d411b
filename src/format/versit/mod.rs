//! The syntax that vCard, vCalendar, iCalendar and vNote share, as phones really wrote it: content lines of the form
//! `[group.]NAME[;parameter…]:value` between `BEGIN:…` and `END:…`. The versit consortium introduced it in 1996.
//!
//! Everything here works on bytes. The charset can differ for each property (CHARSET), and is applied only after the
//! transfer encoding (quoted-printable, base64) is undone. The input may be damaged or hostile, so reading never
//! fails: the readable parts are returned, and the rest is reported as [`Unreadable`].
//!
//! [`Reader`] returns one component at a time (a card, a whole calendar), with the range of its bytes in the file.

mod binary;
mod charset;
mod component;
pub(crate) mod exact;
mod frames;
mod lines;
mod names;
mod property;
mod sense;
mod survey;
mod text;
mod transfer;
mod tree;
mod wide;

pub use component::Component;
pub use property::{Parameter, Property};
pub use text::Dialect;
pub use tree::Reader;

pub(crate) use tree::own_component;

pub(crate) use charset::{CellText, whole_text};
pub(crate) use text::percent_decoded;
pub(crate) use wide::{AsUtf8, as_utf8};

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::Unread;
use crate::phrase;

/// A defect in a part of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// A line that is neither a property nor the continuation of one.
    NotAProperty,
    /// Text before, between or after the components.
    Outside,
    /// BEGIN without its END.
    NoEnd,
    /// END without its BEGIN.
    NoBegin,
    /// Components nested deeper than any phone writes them.
    TooDeep,
    /// More properties or records than the limit for one file.
    TooMany,
    /// Bytes that are invalid in the labelled or detected charset.
    Charset,
    /// Base64 that contains other characters, or lacks its end.
    Base64,
    /// A quoted-printable `=` that is not a valid escape.
    QuotedPrintable,
    /// A date, a time or a number that cannot be understood.
    Value,
    /// An unknown time zone, or one with rules that cannot be understood.
    Zone,
    /// A recurrence rule that cannot be understood.
    Rule,
    /// A component that is not a contact, an event, a to-do or a note.
    UnknownComponent,
    /// A component without content.
    Empty,
    /// Zero bytes (they are left out).
    Zeros,
    /// The card of a group, of which some data could not be given to the members.
    Group,
    /// A file of an unknown kind.
    UnknownFile,
    /// A file larger than the limit for reading.
    TooLarge,
    /// A table that may hold contacts, with unknown columns.
    Columns,
    /// A row with more cells than the table has columns.
    Cells,
    /// A quotation mark in a table that is never closed.
    Quote,
    /// A number that a spreadsheet program changed.
    Number,
}

impl Fault {
    /// Why a part of a file with this fault was not read.
    pub fn kind(self) -> Unread {
        match self {
            Self::TooDeep | Self::TooMany | Self::TooLarge => Unread::Limit,
            Self::Group => Unread::Remark,
            Self::NotAProperty
            | Self::Outside
            | Self::NoEnd
            | Self::NoBegin
            | Self::Charset
            | Self::Base64
            | Self::QuotedPrintable
            | Self::Value
            | Self::Zone
            | Self::Rule
            | Self::UnknownComponent
            | Self::Empty
            | Self::Zeros
            | Self::UnknownFile
            | Self::Columns
            | Self::Cells
            | Self::Quote
            | Self::Number => Unread::Damage,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAProperty => phrase("a line that is not valid in this format"),
            Self::Outside => phrase("text outside every record"),
            Self::NoEnd => phrase("a record without an end: the file was cut off or damaged there"),
            Self::NoBegin => phrase("the end of a record that did not begin"),
            Self::TooDeep => phrase("records nested too deeply"),
            Self::TooMany => phrase("more than Lifeboat reads from one file"),
            Self::Charset => phrase("characters that don't exist in the text's character set"),
            Self::Base64 => phrase("damaged base64 (a picture, a sound or a key)"),
            Self::QuotedPrintable => phrase("damaged quoted-printable"),
            Self::Value => phrase("a date, time or number that can't be read"),
            Self::Zone => phrase("an unknown time zone: the time is kept as the clock showed it"),
            Self::Rule => phrase("a repetition rule that can't be read"),
            Self::UnknownComponent => phrase("a record that is not a contact, event, to-do or note"),
            Self::Empty => phrase("an empty record"),
            Self::Zeros => phrase("zero bytes inside the text"),
            Self::Group => phrase("a group with details that its members' cards don't contain"),
            Self::UnknownFile => phrase("an unknown file format"),
            Self::TooLarge => phrase("a file that is too large to read at once"),
            Self::Columns => {
                phrase("a table that may be a list of contacts, but has unknown columns: its contacts are not read")
            }
            Self::Cells => phrase("a row with more cells than the table has columns"),
            Self::Quote => phrase("a quotation mark that is not closed"),
            Self::Number => phrase("a number that a spreadsheet has damaged (it is in the note)"),
        })
    }
}

/// A part that could not be read, or only partly. The file itself keeps all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreadable {
    /// Line number in the file, from 1.
    pub line: u64,
    pub fault: Fault,
    /// The beginning of the part, at most [`Unreadable::EXCERPT`] characters, without control characters.
    pub text: String,
}

impl Unreadable {
    /// Maximum length of an excerpt, in characters.
    pub const EXCERPT: usize = 120;

    pub(crate) fn new(line: u64, fault: Fault, text: &str) -> Self {
        let text = text
            .chars()
            .filter(|c| !c.is_control())
            .take(Self::EXCERPT)
            .collect();
        Self { line, fault, text }
    }

    pub(crate) fn of_bytes(line: u64, fault: Fault, bytes: &[u8]) -> Self {
        let start = bytes.get(..Self::EXCERPT * 4).unwrap_or(bytes);
        Self::new(line, fault, &String::from_utf8_lossy(start))
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", phrase!("line {}: {}", self.line, self.fault))?;
        if !self.text.is_empty() {
            write!(f, " ({})", self.text)?;
        }
        Ok(())
    }
}

/// Unreadable parts of a file. Their number is limited, so that a hostile file cannot fill the memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Complaints {
    pub list: Vec<Unreadable>,
    /// Number of unreadable parts beyond the listed ones.
    pub further: u64,
}

impl Complaints {
    /// Maximum number of listed parts for one file.
    pub const LISTED: usize = 10_000;

    pub(crate) fn add(&mut self, unreadable: Unreadable) {
        if self.list.len() < Self::LISTED {
            self.list.push(unreadable);
        } else {
            self.further += 1;
        }
    }

    pub(crate) fn merge(&mut self, other: Complaints) {
        for unreadable in other.list {
            self.add(unreadable);
        }
        self.further += other.further;
    }
}
