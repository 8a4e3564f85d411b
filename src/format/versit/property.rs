//! One property: its name, its parameters, and its value with the transfer encoding undone and the charset
//! decoded.

use encoding_rs::{Encoding, ISO_2022_JP};

use super::lines::{Logical, colon, is_name};
use super::text::{self, Dialect};
use super::{Fault, charset, transfer};

/// A parameter. vCard 2.1's bare words (`TEL;HOME;VOICE`) have an empty name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameter {
    /// In capitals.
    pub name: String,
    /// Without quotes.
    pub value: String,
}

/// A property as it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Property {
    /// The group (`item1`), empty if none.
    pub group: String,
    /// In capitals.
    pub name: String,
    pub parameters: Vec<Parameter>,
    /// The value as text, still escaped; empty for bytes.
    pub raw: String,
    /// The value of a picture, a sound or a key.
    pub bytes: Option<Vec<u8>>,
    /// The line of the file it begins at.
    pub line: u64,
    pub dialect: Dialect,
    /// Quoted-printable has line breaks of its own, so `\n` is none.
    pub(crate) quoted_printable: bool,
}

/// Properties whose base64 is bytes; that of others is text.
const BINARY: [&str; 5] = ["PHOTO", "LOGO", "SOUND", "KEY", "ATTACH"];
/// More parameters than any property has.
const MAX_PARAMETERS: usize = 256;

impl Property {
    /// Reads a content line; None if it is no property. What could be read only in part is in `fault`.
    pub(super) fn read(
        line: &Logical<'_>,
        guess: &'static Encoding,
        fault: &mut Option<Fault>,
    ) -> Option<Self> {
        let colon = colon(&line.bytes)?;
        let (head, value) = line.bytes.split_at_checked(colon)?;
        let value = value.get(1..)?;
        let mut fields = fields(head);
        let full_name = fields.next()?.trim_ascii();
        if !is_name(full_name) {
            return None;
        }
        let full_name = String::from_utf8_lossy(full_name);
        let (group, name) = full_name.rsplit_once('.').unwrap_or(("", &full_name));
        let mut property = Self {
            group: group.to_owned(),
            name: name.to_ascii_uppercase(),
            line: line.number,
            ..Self::default()
        };
        for field in fields.take(MAX_PARAMETERS) {
            let (text, _) = charset::decode(field.trim_ascii(), None, guess);
            if !text.is_empty() {
                property.parameters.push(Parameter::read(&text));
            }
        }
        property.value(value, guess, fault);
        Some(property)
    }

    fn value(&mut self, value: &[u8], guess: &'static Encoding, fault: &mut Option<Fault>) {
        let label = self.parameter("CHARSET").and_then(charset::named);
        match self.encoding() {
            Encoded::QuotedPrintable => {
                self.quoted_printable = true;
                let guarded = label != Some(ISO_2022_JP) && value.contains(&b';');
                let (bytes, clean) = transfer::quoted_printable(value, guarded);
                let (text, known) = charset::decode(&bytes, label, guess);
                self.raw = text.into_owned();
                note(fault, clean, Fault::QuotedPrintable);
                note(fault, known, Fault::Charset);
            }
            Encoded::Base64 => {
                let uri = value
                    .get(..5)
                    .is_some_and(|v| v.eq_ignore_ascii_case(b"data:"));
                if uri
                    || value
                        .get(..4)
                        .is_some_and(|v| v.eq_ignore_ascii_case(b"http"))
                {
                    self.raw = charset::decode(value, label, guess).0.into_owned();
                    return;
                }
                let (bytes, clean) = transfer::base64(value);
                note(fault, clean, Fault::Base64);
                let (text, known) = charset::decode(&bytes, label, guess);
                let is_text = known && !text.chars().any(|c| c.is_control() && !c.is_whitespace());
                if !BINARY.contains(&self.name.as_str()) && is_text {
                    self.raw = text.into_owned();
                } else {
                    self.bytes = Some(bytes);
                }
            }
            Encoded::Plain => {
                let (text, known) = charset::decode(value, label, guess);
                note(fault, known, Fault::Charset);
                if self.read_data_uri(&text, fault) {
                    return;
                }
                self.raw = text.into_owned();
            }
        }
    }

    /// `data:image/jpeg;base64,…` (RFC 2397), as vCard 4.0 has pictures. The comma is escaped by some.
    fn read_data_uri(&mut self, text: &str, fault: &mut Option<Fault>) -> bool {
        if !BINARY.contains(&self.name.as_str()) {
            return false;
        }
        let text = text.trim_start();
        let Some((scheme, rest)) = text.split_at_checked(5) else {
            return false;
        };
        let Some((media, data)) = rest.split_once(',') else {
            return false;
        };
        let media = media.trim_end_matches('\\').replace("\\;", ";");
        let Some(media) = media.strip_suffix(";base64") else {
            return false;
        };
        if !scheme.eq_ignore_ascii_case("data:") {
            return false;
        }
        let (bytes, clean) = transfer::base64(data.as_bytes());
        note(fault, clean, Fault::Base64);
        self.bytes = Some(bytes);
        if self.parameter("MEDIATYPE").is_none() && !media.is_empty() {
            self.parameters.push(Parameter {
                name: "MEDIATYPE".to_owned(),
                value: media.to_owned(),
            });
        }
        true
    }

    fn encoding(&self) -> Encoded {
        for parameter in &self.parameters {
            if !matches!(parameter.name.as_str(), "ENCODING" | "") {
                continue;
            }
            match parameter.value.to_ascii_uppercase().as_str() {
                "QUOTED-PRINTABLE" => return Encoded::QuotedPrintable,
                "Q" if parameter.name == "ENCODING" => return Encoded::QuotedPrintable,
                "BASE64" | "B" => return Encoded::Base64,
                _ => {}
            }
        }
        Encoded::Plain
    }

    /// The first parameter of that name.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|parameter| parameter.name == name)
            .map(|parameter| parameter.value.as_str())
    }

    /// What it is for: the values of TYPE and bare words, but for those that say how it is encoded.
    pub fn types(&self) -> Vec<String> {
        self.parameters
            .iter()
            .filter(|p| matches!(p.name.as_str(), "TYPE" | ""))
            .flat_map(|p| p.value.split(','))
            .map(|word| word.trim().trim_matches('"').to_owned())
            .filter(|word| {
                const ENCODINGS: [&str; 4] = ["QUOTED-PRINTABLE", "BASE64", "8BIT", "7BIT"];
                !word.is_empty() && !ENCODINGS.iter().any(|e| e.eq_ignore_ascii_case(word))
            })
            .collect()
    }

    /// The value as one text.
    pub fn text(&self) -> String {
        if self.quoted_printable {
            text::unescaped(&self.raw, self.dialect == Dialect::New)
        } else {
            text::whole(&self.raw, self.dialect)
        }
    }

    /// The parts of the value between semicolons that are not escaped.
    pub fn parts(&self) -> Vec<String> {
        text::split(&self.raw, &[';'], self.dialect)
    }

    /// The items of the value between separators that are not escaped.
    pub fn items(&self) -> Vec<String> {
        text::split(&self.raw, text::separators(self.dialect), self.dialect)
    }

    /// Group, name and parameters as they would be written, for naming a property.
    pub fn head(&self) -> String {
        let mut head = String::new();
        if !self.group.is_empty() {
            head.extend([self.group.as_str(), "."]);
        }
        head.push_str(&self.name);
        for parameter in &self.parameters {
            match (parameter.name.as_str(), parameter.value.as_str()) {
                ("ENCODING" | "CHARSET", _) | ("", "QUOTED-PRINTABLE" | "BASE64") => {}
                ("", value) => head.extend([";", value]),
                (name, value) => head.extend([";", name, "=", value]),
            }
        }
        head
    }
}

fn note(fault: &mut Option<Fault>, fine: bool, what: Fault) {
    if !fine && fault.is_none() {
        *fault = Some(what);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoded {
    Plain,
    QuotedPrintable,
    Base64,
}

impl Parameter {
    fn read(text: &str) -> Self {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name.trim().to_ascii_uppercase(), value.trim()),
            None => (String::new(), text),
        };
        let value = value
            .strip_prefix('"')
            .and_then(|value| value.strip_suffix('"'))
            .unwrap_or(value);
        Self {
            name,
            value: uncareted(value),
        }
    }
}

/// RFC 6868: what a parameter can't hold stands behind a caret.
fn uncareted(value: &str) -> String {
    if !value.contains('^') {
        return value.to_owned();
    }
    let mut text = String::with_capacity(value.len());
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        let meant = match (c, chars.peek()) {
            ('^', Some('n')) => Some('\n'),
            ('^', Some('^')) => Some('^'),
            ('^', Some('\'')) => Some('"'),
            _ => None,
        };
        if meant.is_some() {
            chars.next();
        }
        text.push(meant.unwrap_or(c));
    }
    text
}

/// The pieces between semicolons that are neither quoted nor escaped.
fn fields(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    let balanced = head.iter().filter(|byte| **byte == b'"').count() % 2 == 0;
    let (mut quoted, mut escaped) = (false, false);
    head.split(move |byte| {
        if *byte == b'"' && balanced {
            quoted = !quoted;
        }
        let cut = *byte == b';' && !quoted && !escaped;
        escaped = *byte == b'\\' && !escaped;
        cut
    })
}
