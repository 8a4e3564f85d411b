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
    /// Physical line after the last unfolded line.
    ahead: Option<Vec<u8>>,
    broken: bool,
}

impl<R: BufRead> CardReader<R> {
    /// Creates a reader at the start of a file.
    pub fn new(input: R) -> Self {
        Self {
            input,
            line: 0,
            ahead: None,
            broken: false,
        }
    }

    fn fault(&self, fault: &'static str) -> ReadError {
        ReadError::Fault {
            line: self.line,
            fault,
        }
    }

    fn physical(&mut self) -> Result<Option<Vec<u8>>, ReadError> {
        if let Some(line) = self.ahead.take() {
            return Ok(Some(line));
        }
        let mut line = Vec::new();
        let limit = MAX_LINE as u64 + 2;
        self.input
            .by_ref()
            .take(limit)
            .read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(None);
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
        Ok(Some(line))
    }

    fn unfolded(&mut self) -> Result<Option<String>, ReadError> {
        let Some(mut line) = self.physical()? else {
            return Ok(None);
        };
        if matches!(line.first(), None | Some(b' ' | b'\t')) {
            return Err(self.fault(phrase(
                "an empty line, or a continuation without a line before it",
            )));
        }
        while let Some(next) = self.physical()? {
            match next.split_first() {
                Some((b' ', rest)) if line.len() + rest.len() <= MAX_UNFOLDED => {
                    line.extend_from_slice(rest);
                }
                Some((b' ', _)) => return Err(self.fault(phrase("a line that is too long"))),
                _ => {
                    self.ahead = Some(next);
                    break;
                }
            }
        }
        String::from_utf8(line)
            .map(Some)
            .map_err(|_| self.fault(phrase("not UTF-8")))
    }

    fn card(&mut self) -> Result<Option<Card>, ReadError> {
        match self.unfolded()?.as_deref() {
            None => return Ok(None),
            Some("BEGIN:VCARD") => {}
            Some(_) => return Err(self.fault(phrase("BEGIN:VCARD is missing"))),
        }
        let version = match self
            .unfolded()?
            .as_deref()
            .and_then(|l| l.strip_prefix("VERSION:"))
        {
            Some(version @ ("3.0" | "4.0")) => version.to_owned(),
            _ => return Err(self.fault(phrase("a valid VERSION is missing"))),
        };
        let mut properties = Vec::new();
        loop {
            let Some(line) = self.unfolded()? else {
                return Err(self.fault(phrase("the file ends inside a card")));
            };
            let property = property(&line)
                .ok_or_else(|| self.fault(phrase("a line that is not a property")))?;
            match property.name.as_str() {
                "END" => break,
                "BEGIN" | "VERSION" => return Err(self.fault(phrase("a card inside a card"))),
                _ if properties.len() >= MAX_PROPERTIES => {
                    return Err(self.fault(phrase("a card with too many properties")));
                }
                _ => properties.push(property),
            }
        }
        let card = Card {
            version,
            properties,
        };
        for name in ["FN", "UID"] {
            let mut all = card
                .properties
                .iter()
                .filter(|property| property.name == name);
            if !matches!((all.next(), all.next()), (Some(one), None) if !one.raw.trim().is_empty())
            {
                return Err(self.fault(phrase(
                    "a card that does not have exactly one FN and one UID",
                )));
            }
        }
        Ok(Some(card))
    }
}

impl<R: BufRead> Iterator for CardReader<R> {
    type Item = Result<Card, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.broken {
            return None;
        }
        let next = self.card().transpose();
        self.broken = !matches!(next, Some(Ok(_)));
        next
    }
}

/// Splits a content line: `[group.]NAME[;PARAMETER=value]…:value`.
fn property(line: &str) -> Option<Property> {
    let mut quoted = false;
    let colon = line.find(|c| {
        quoted ^= c == '"';
        c == ':' && !quoted
    })?;
    let (head, value) = line.split_at_checked(colon)?;
    let mut fields = Vec::new();
    let mut start = 0;
    for (at, c) in head.char_indices().chain([(head.len(), ';')]) {
        quoted ^= c == '"';
        if c == ';' && !quoted {
            fields.push(head.get(start..at)?);
            start = at + 1;
        }
    }
    let (name, parameters) = fields.split_first()?;
    let (group, name) = name.split_once('.').unwrap_or(("", name));
    let token = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if name.is_empty() || !token(name) || !token(group) {
        return None;
    }
    let parameters = parameters
        .iter()
        .map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            let value = value
                .strip_prefix('"')
                .and_then(|v| v.strip_suffix('"'))
                .unwrap_or(value);
            (!name.is_empty() && token(name)).then(|| (name.to_owned(), value.to_owned()))
        })
        .collect::<Option<_>>()?;
    Some(Property {
        group: group.to_owned(),
        name: name.to_owned(),
        parameters,
        raw: value.get(1..)?.to_owned(),
    })
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
