//! A strict reader for Lifeboat's own vCard files. It checks each file after it was written to disk.
//!
//! It accepts only the forms that [`v3`](super::v3) and [`v4`](super::v4) write. It does not read cards of other
//! programs.

use std::io::{self, BufRead, Read};

use super::text::MAX_LINE;
use crate::phrase;

/// Maximum length of an unfolded line, in octets.
const MAX_UNFOLDED: usize = 64 << 20;
/// Maximum number of properties of a card.
const MAX_PROPERTIES: usize = 1 << 20;

/// A property as written in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Property {
    /// The group (`item1`); empty if there is none.
    pub group: String,
    pub name: String,
    /// Names and values of the parameters. Values are without quotes.
    pub parameters: Vec<(String, String)>,
    /// The value, still escaped.
    pub raw: String,
}

impl Property {
    /// The value as one text (RFC 2426 section 5, ESCAPED-CHAR).
    pub fn text(&self) -> String {
        unescape(&self.raw)
    }

    /// The parts of the value, split at unescaped semicolons.
    pub fn parts(&self) -> Vec<String> {
        split(&self.raw, ';')
    }

    /// The items of the value, split at unescaped commas.
    pub fn items(&self) -> Vec<String> {
        split(&self.raw, ',')
    }
}

/// A card with its properties in file order, without BEGIN, VERSION and END.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Card {
    /// `3.0` or `4.0`
    pub version: String,
    pub properties: Vec<Property>,
}

impl Card {
    /// The first property with this name.
    pub fn first(&self, name: &str) -> Option<&Property> {
        self.properties
            .iter()
            .find(|property| property.name == name)
    }
}

/// Reason why a file does not have the form that Lifeboat writes.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("the file could not be read: {0}. Check the disk, then run the export again")]
    Io(#[from] io::Error),
    #[error(
        "line {line}: {fault}. The file is damaged: run the export again. If this happens again, export to \
         another disk"
    )]
    Fault { line: u64, fault: &'static str },
}

/// Reads cards one after the other. Only one card is in memory at a time.
#[derive(Debug)]
pub struct CardReader<R> {
    input: R,
    /// Number of the last physical line read.
    line: u64,
    /// The last unfolded line.
    text: Vec<u8>,
    /// The physical line after it, if that was read already.
    ahead: Vec<u8>,
    is_ahead: bool,
    broken: bool,
}

impl<R: BufRead> CardReader<R> {
    /// Creates a reader at the start of a file.
    pub fn new(input: R) -> Self {
        Self {
            input,
            line: 0,
            text: Vec::new(),
            ahead: Vec::new(),
            is_ahead: false,
            broken: false,
        }
    }

    /// Reads the remaining cards and returns their number. The checks are those of the iterator, which also returns the
    /// cards.
    ///
    /// # Errors
    /// The first error of the iterator.
    pub fn count_cards(mut self) -> Result<u64, ReadError> {
        let mut cards = 0;
        while self.card(&mut |_| {})?.is_some() {
            cards += 1;
        }
        Ok(cards)
    }

    fn fault(&self, fault: &'static str) -> ReadError {
        ReadError::Fault {
            line: self.line,
            fault,
        }
    }

    /// Reads the next physical line into `ahead`, unless one is there. Returns false at the end of the file.
    fn physical(&mut self) -> Result<bool, ReadError> {
        if self.is_ahead {
            return Ok(true);
        }
        let line = &mut self.ahead;
        line.clear();
        let limit = MAX_LINE as u64 + 2;
        self.input.by_ref().take(limit).read_until(b'\n', line)?;
        if line.is_empty() {
            return Ok(false);
        }
        self.line += 1;
        if !line.ends_with(b"\r\n") {
            return Err(self.fault(phrase(
                "a line is longer than 75 octets, or does not end in CR and LF",
            )));
        }
        line.truncate(line.len() - 2);
        if line
            .iter()
            .any(|&byte| (byte < 0x20 && byte != b'\t') || byte == 0x7F)
        {
            return Err(self.fault(phrase("a control character")));
        }
        self.is_ahead = true;
        Ok(true)
    }

    /// Reads the next unfolded line into `text`. Returns false at the end of the file.
    fn unfolded(&mut self) -> Result<bool, ReadError> {
        if !self.physical()? {
            return Ok(false);
        }
        std::mem::swap(&mut self.text, &mut self.ahead);
        self.is_ahead = false;
        if matches!(self.text.first(), None | Some(b' ' | b'\t')) {
            return Err(self.fault(phrase(
                "an empty line, or a continuation without a line before it",
            )));
        }
        while self.physical()? {
            match self.ahead.split_first() {
                Some((b' ', rest)) if self.text.len() + rest.len() <= MAX_UNFOLDED => {
                    self.text.extend_from_slice(rest);
                    self.is_ahead = false;
                }
                Some((b' ', _)) => return Err(self.fault(phrase("a line that is too long"))),
                _ => break,
            }
        }
        match std::str::from_utf8(&self.text) {
            Ok(_) => Ok(true),
            Err(_) => Err(self.fault(phrase("not UTF-8"))),
        }
    }

    /// Reads the next card. Calls `each` with its properties, and returns its version.
    fn card(
        &mut self,
        each: &mut dyn FnMut(&Parsed<'_>),
    ) -> Result<Option<&'static str>, ReadError> {
        if !self.unfolded()? {
            return Ok(None);
        }
        if self.text != b"BEGIN:VCARD" {
            return Err(self.fault(phrase("BEGIN:VCARD is missing")));
        }
        let version = match (self.unfolded()?, self.text.as_slice()) {
            (true, b"VERSION:3.0") => "3.0",
            (true, b"VERSION:4.0") => "4.0",
            _ => return Err(self.fault(phrase("a valid VERSION is missing"))),
        };
        let mut properties = 0;
        // How often FN and UID occur, and how often with a value.
        let mut names = [("FN", 0, 0), ("UID", 0, 0)];
        loop {
            if !self.unfolded()? {
                return Err(self.fault(phrase("the file ends inside a card")));
            }
            let line = std::str::from_utf8(&self.text).ok();
            let Some(property) = line.and_then(Parsed::of) else {
                return Err(self.fault(phrase("a line that is not a property")));
            };
            match property.name {
                "END" => break,
                "BEGIN" | "VERSION" => return Err(self.fault(phrase("a card inside a card"))),
                _ if properties >= MAX_PROPERTIES => {
                    return Err(self.fault(phrase("a card with too many properties")));
                }
                name => {
                    properties += 1;
                    for (_, all, filled) in names.iter_mut().filter(|(own, _, _)| *own == name) {
                        *all += 1;
                        *filled += u32::from(!property.raw.trim().is_empty());
                    }
                    each(&property);
                }
            }
        }
        if names
            .iter()
            .any(|(_, all, filled)| (*all, *filled) != (1, 1))
        {
            return Err(self.fault(phrase(
                "a card that does not have exactly one FN and one UID",
            )));
        }
        Ok(Some(version))
    }
}

impl<R: BufRead> Iterator for CardReader<R> {
    type Item = Result<Card, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.broken {
            return None;
        }
        let mut properties = Vec::new();
        let read = self.card(&mut |property| properties.push(property.to_property()));
        let next = read.transpose().map(|version| {
            version.map(|version| Card {
                version: version.to_owned(),
                properties,
            })
        });
        self.broken = !matches!(next, Some(Ok(_)));
        next
    }
}

/// A content line, `[group.]NAME[;PARAMETER=value]…:value`, split at its marks.
struct Parsed<'a> {
    group: &'a str,
    name: &'a str,
    /// The parameters with the semicolon before each.
    parameters: &'a str,
    raw: &'a str,
}

impl<'a> Parsed<'a> {
    /// Splits a content line; `None` if it is none.
    fn of(line: &'a str) -> Option<Self> {
        let mut quoted = false;
        let colon = line.bytes().position(|byte| {
            quoted ^= byte == b'"';
            byte == b':' && !quoted
        })?;
        let (head, value) = line.split_at_checked(colon)?;
        // A quotation mark may only be in a parameter.
        let end = memchr::memchr2(b';', b'"', head.as_bytes()).unwrap_or(head.len());
        let (name, parameters) = head.split_at_checked(end)?;
        let (group, name) = name.split_once('.').unwrap_or(("", name));
        let property = Self {
            group,
            name,
            parameters,
            raw: value.get(1..)?,
        };
        let is_whole = !name.is_empty()
            && !parameters.starts_with('"')
            && is_token(name)
            && is_token(group)
            && property.parameters().all(|parameter| parameter.is_some());
        is_whole.then_some(property)
    }

    /// The names and values of the parameters, without quotes; `None` for text that is no parameter.
    fn parameters(&self) -> impl Iterator<Item = Option<(&'a str, &'a str)>> {
        let mut rest = self.parameters;
        std::iter::from_fn(move || {
            let all = rest.strip_prefix(';')?;
            let mut quoted = false;
            let end = all.bytes().position(|byte| {
                quoted ^= byte == b'"';
                byte == b';' && !quoted
            });
            let (parameter, after) = all.split_at_checked(end.unwrap_or(all.len()))?;
            rest = after;
            Some(parameter.split_once('=').and_then(|(name, value)| {
                let inner = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
                (!name.is_empty() && is_token(name)).then_some((name, inner.unwrap_or(value)))
            }))
        })
    }

    fn to_property(&self) -> Property {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Property {
            group: self.group.to_owned(),
            name: self.name.to_owned(),
            parameters: self.parameters().flatten().map(owned).collect(),
            raw: self.raw.to_owned(),
        }
    }
}

fn is_token(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('n' | 'N') => text.push('\n'),
                Some(other) => text.push(other),
                None => text.push('\\'),
            },
            (c, false) => text.push(c),
        }
    }
    text
}

fn split(raw: &str, separator: char) -> Vec<String> {
    let mut parts = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (at, c) in raw.char_indices() {
        if c == separator && !escaped {
            parts.push(unescape(raw.get(start..at).unwrap_or_default()));
            start = at + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    parts.push(unescape(raw.get(start..).unwrap_or_default()));
    parts
}
