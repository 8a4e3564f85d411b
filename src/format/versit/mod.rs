//! The syntax that vCard, vCalendar, iCalendar and vNote share, as phones really wrote it: content lines of
//! `[group.]NAME[;parameter…]:value` inside `BEGIN:…` and `END:…`, which the versit consortium began in 1996.
//!
//! Everything here works on bytes: which characters they are is known property by property (CHARSET), and only
//! after the transfer encoding (quoted-printable, base64) is undone. What was to be read may be damaged or
//! hostile, so nothing fails: the readable is handed out, the rest is named as an [`Unreadable`].
//!
//! [`Reader`] hands out one component after the other (a card, a whole calendar), each with the place of its
//! bytes in the file.

mod binary;
mod charset;
mod component;
mod frames;
mod lines;
mod names;
mod property;
mod survey;
mod text;
mod transfer;
mod tree;
mod wide;

pub use component::Component;
pub use property::{Parameter, Property};
pub use text::Dialect;
pub use tree::Reader;

pub(crate) use charset::{CellText, whole_text};
pub(crate) use text::percent_decoded;
pub(crate) use wide::{AsUtf8, as_utf8};

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::Unread;

/// What is wrong with a piece of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// A line that is neither a property nor goes on from one.
    NotAProperty,
    /// Text before, between or after the components.
    Outside,
    /// BEGIN without its END.
    NoEnd,
    /// END of what did not begin.
    NoBegin,
    /// Components inside each other deeper than any phone writes them.
    TooDeep,
    /// More properties or records than are read of one file.
    TooMany,
    /// Characters that are none in the charset it is said or seen to be in.
    Charset,
    /// Base64 with other characters in it, or without its end.
    Base64,
    /// A quoted-printable `=` that stands for nothing.
    QuotedPrintable,
    /// A date, a time or a number that can't be made out.
    Value,
    /// A time zone that nobody knows, or with rules that can't be made out.
    Zone,
    /// A rule of repetition that can't be made out.
    Rule,
    /// A component of a kind that is neither contact, event, to-do nor note.
    UnknownComponent,
    /// A component in which there is nothing.
    Empty,
    /// Bytes of value zero (they are left out).
    Zeros,
    /// The card of a group of which not all could be given to its members.
    Group,
    /// A file of a kind that is not known.
    UnknownFile,
    /// A file that is larger than what is read at once.
    TooLarge,
    /// A table that may hold contacts, in columns that are not known.
    Columns,
    /// A row of more cells than the table has columns.
    Cells,
    /// A quotation mark in a table that does not close.
    Quote,
    /// A number that a spreadsheet has made another of.
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
            Self::NotAProperty => "a line that says nothing in this format",
            Self::Outside => "text outside of every record",
            Self::NoEnd => "a record without its end: the file was cut off or damaged there",
            Self::NoBegin => "the end of a record that did not begin",
            Self::TooDeep => "records inside records, too deep to be meant",
            Self::TooMany => "more than is read of one file",
            Self::Charset => "characters that are none in the character set it was written in",
            Self::Base64 => "damaged base64 (a picture, a sound or a key)",
            Self::QuotedPrintable => "damaged quoted-printable",
            Self::Value => "a date, time or number that can't be made out",
            Self::Zone => "a time zone that nobody knows: the time stays as the clock showed it",
            Self::Rule => "a rule of repetition that can't be made out",
            Self::UnknownComponent => "a record that is neither contact, event, to-do nor note",
            Self::Empty => "an empty record",
            Self::Zeros => "zero bytes inside the text",
            Self::Group => "a group that is not in its members' cards with all that is said of it",
            Self::UnknownFile => "no format that is known",
            Self::TooLarge => "a file too large to be read at once",
            Self::Columns => {
                "a table that may be a list of contacts, whose columns are not known: its contacts are not read"
            }
            Self::Cells => "a row with more cells than the table has columns",
            Self::Quote => "a quotation mark that is never closed",
            Self::Number => "a number that a spreadsheet has spoiled (it is in the note)",
        })
    }
}

/// A piece that could not be read, or only in part. The file itself holds all of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreadable {
    /// The line of the file at which it is, from 1.
    pub line: u64,
    pub fault: Fault,
    /// The beginning of it, at most [`Unreadable::EXCERPT`] characters, controls left out.
    pub text: String,
}

impl Unreadable {
    /// The longest excerpt, in characters.
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
        write!(f, "line {}: {}", self.line, self.fault)?;
        if !self.text.is_empty() {
            write!(f, " ({})", self.text)?;
        }
        Ok(())
    }
}

/// What was unreadable in a file, with a limit: a hostile file must not fill the memory with complaints.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Complaints {
    pub list: Vec<Unreadable>,
    /// How many more there were than the list holds.
    pub further: u64,
}

impl Complaints {
    /// How many are listed of one file.
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
