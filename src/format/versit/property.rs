//! One property: its name, its parameters and its value, after the transfer encoding and the charset are decoded.

use encoding_rs::{Encoding, ISO_2022_JP};

use super::lines::{Logical, colon, is_name};
use super::text::{self, Dialect};
use super::transfer::Transfer;
use super::{Fault, binary, charset, transfer};

/// A parameter. vCard 2.1's bare words (`TEL;HOME;VOICE`) have an empty name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameter {
    /// In upper case.
    pub name: String,
    /// Without quotes.
    pub value: String,
}

/// A property as it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Property {
    /// The group (`item1`), empty if none.
    pub group: String,
    /// In upper case.
    pub name: String,
    pub parameters: Vec<Parameter>,
    /// The value as text, still escaped; empty for bytes.
    pub raw: String,
    /// The value of a picture, a sound or a key.
    pub bytes: Option<Vec<u8>>,
    /// Line of the file where the property begins, from 1.
    pub line: u64,
    pub dialect: Dialect,
    /// The value was quoted-printable. That encoding has its own line breaks, so `\n` is literal text.
    pub(crate) quoted_printable: bool,
}

/// Properties whose base64 holds bytes. In other properties, base64 holds text.
const BINARY: [&str; 6] = [
    "PHOTO",
    "LOGO",
    "SOUND",
    "KEY",
    "ATTACH",
    "X-LIFEBOAT-PHOTO",
];
/// Limit on parameters, higher than any real property needs.
const MAX_PARAMETERS: usize = 256;

impl Property {
    /// Reads a content line. Returns None if the line is not a property. `fault` reports a value that was read only
    /// in part.
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
            // Group names ignore case (RFC 6350 section 3.3).
            group: group.to_ascii_lowercase(),
            name: name.to_ascii_uppercase(),
            line: line.number,
            ..Self::default()
        };
        let mut declared = None;
        for (count, field) in fields.enumerate() {
            if count >= MAX_PARAMETERS {
                note(fault, false, Fault::TooMany);
                break;
            }
            declared = declared.or_else(|| Transfer::declared(field));
            let (text, _) = charset::decode(field.trim_ascii(), None, guess);
            if !text.is_empty() {
                property.parameters.push(Parameter::read(&text));
            }
        }
        let declared = declared.unwrap_or(Transfer::Plain);
        property.value(value, declared, guess, fault);
        Some(property)
    }

    fn value(
        &mut self,
        value: &[u8],
        declared: Transfer,
        guess: &'static Encoding,
        fault: &mut Option<Fault>,
    ) {
        let label = self.charset();
        if self.is_binary(value) {
            let key = self.name.starts_with("KEY");
            let found = match declared {
                Transfer::QuotedPrintable => binary::quoted(value, key, label.is_some()),
                other => binary::read(value, other == Transfer::Base64, key),
            };
            if let Some(found) = found {
                let encoding = match declared {
                    Transfer::QuotedPrintable => Fault::QuotedPrintable,
                    Transfer::Base64 | Transfer::Plain => Fault::Base64,
                };
                note(fault, found.clean, encoding);
                self.bytes = Some(found.bytes);
                if let Some(media) = found.media
                    && self.parameter("MEDIATYPE").is_none()
                {
                    let name = "MEDIATYPE".to_owned();
                    let value = media;
                    self.parameters.push(Parameter { name, value });
                }
                return;
            }
            if declared != Transfer::QuotedPrintable {
                let (text, known) = charset::decode(value, label, guess);
                note(fault, known, Fault::Charset);
                self.raw = text.into_owned();
                return;
            }
        }
        match declared {
            Transfer::QuotedPrintable => {
                self.quoted_printable = true;
                let (text, clean, known) = quoted_printable(value, label, guess);
                self.raw = text;
                note(fault, clean, Fault::QuotedPrintable);
                note(fault, known, Fault::Charset);
            }
            Transfer::Base64 => {
                let (bytes, clean) = transfer::base64(value);
                note(fault, clean, Fault::Base64);
                let (text, known) = charset::decode(&bytes, label, guess);
                if known && !text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
                    self.raw = text.into_owned();
                } else {
                    self.bytes = Some(bytes);
                }
            }
            Transfer::Plain => {
                let (text, known) = charset::decode(value, label, guess);
                note(fault, known, Fault::Charset);
                self.raw = text.into_owned();
            }
        }
    }

    /// Appends a continuation line, decoded like the value, with `between` before it.
    pub(super) fn go_on(&mut self, between: &str, line: &[u8], guess: &'static Encoding) {
        self.raw.push_str(between);
        let label = self.charset();
        if self.quoted_printable {
            self.raw.push_str(&quoted_printable(line, label, guess).0);
        } else {
            self.raw.push_str(&charset::decode(line, label, guess).0);
        }
    }

    fn charset(&self) -> Option<&'static Encoding> {
        self.parameter("CHARSET").and_then(charset::named)
    }

    /// True if the value is bytes. Japanese phones write the pronunciation of a name (SOUND;X-IRMC-N) as text.
    fn is_binary(&self, value: &[u8]) -> bool {
        let spoken = |p: &Parameter| p.value.to_ascii_uppercase().contains("X-IRMC-N");
        let data = self.name.starts_with("X-") && value.starts_with(b"data:");
        (data || BINARY.contains(&self.name.as_str())) && !self.parameters.iter().any(spoken)
    }

    /// The first parameter with this name.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|parameter| parameter.name == name)
            .map(|parameter| parameter.value.as_str())
    }

    /// The values of TYPE and the bare words, without the words that name a transfer encoding.
    pub fn types(&self) -> Vec<String> {
        self.parameters
            .iter()
            .filter(|p| matches!(p.name.as_str(), "TYPE" | ""))
            // ownCloud wrote `TYPE=FAX\,WORK`.
            .flat_map(|p| p.value.split([',', ';']))
            .map(|word| word.trim_matches([' ', '\t', '"', '\'', '\\']))
            // The same with the name again: `TYPE=WORK\;TYPE=CELL`.
            .map(|word| match word.split_once('=') {
                Some((name, value)) if name.trim().eq_ignore_ascii_case("TYPE") => {
                    value.trim_matches([' ', '"']).to_owned()
                }
                _ => word.to_owned(),
            })
            .filter(|word| {
                const ENCODINGS: [&str; 4] = ["QUOTED-PRINTABLE", "BASE64", "8BIT", "7BIT"];
                !word.is_empty() && !ENCODINGS.iter().any(|e| e.eq_ignore_ascii_case(word))
            })
            .collect()
    }

    /// The whole value as text.
    pub fn text(&self) -> String {
        if self.quoted_printable {
            text::unescaped(&self.raw, self.dialect == Dialect::New)
        } else {
            text::whole(&self.raw, self.dialect)
        }
    }

    /// The parts of the value, split at unescaped semicolons.
    pub fn parts(&self) -> Vec<String> {
        text::split(&self.raw, &[';'], self.dialect)
    }

    /// The parts of a structured value. ownCloud escaped the semicolons between the parts. The value is split again
    /// if only one part holds text, that part contains at least `least` semicolons, and it starts or ends with two of
    /// them.
    pub fn fields(&self, least: usize) -> Vec<String> {
        let parts = self.parts();
        let mut filled = parts.iter().filter(|part| !part.trim().is_empty());
        match (filled.next(), filled.next()) {
            (Some(one), None)
                if one.matches(';').count() >= least
                    && (one.starts_with(";;") || one.ends_with(";;")) =>
            {
                let split = one.split(';').map(str::to_owned);
                let before = parts.iter().take_while(|part| *part != one);
                before.cloned().chain(split).collect()
            }
            _ => parts,
        }
    }

    /// The items of the value, split at unescaped separators.
    pub fn items(&self) -> Vec<String> {
        text::split(&self.raw, text::separators(self.dialect), self.dialect)
    }

    /// The group, name and parameters in file syntax, used to name a property in a report.
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

/// Returns the text, whether all of it was valid quoted-printable, and whether every byte could be decoded.
fn quoted_printable(
    value: &[u8],
    label: Option<&'static Encoding>,
    guess: &'static Encoding,
) -> (String, bool, bool) {
    let guarded = label != Some(ISO_2022_JP) && value.contains(&b';');
    let (bytes, clean) = transfer::quoted_printable(value, guarded);
    let (text, known) = charset::decode(&bytes, label, guess);
    (text.into_owned(), clean, known)
}

/// True if the name and parameters belong to a picture, a sound or a key.
pub(super) fn binary_head(head: &[u8]) -> bool {
    // Most lines are not binary. Their first letter shows this, unless a group stands before the name.
    let first = head.first().map(u8::to_ascii_uppercase);
    let may_be = matches!(first, Some(b'A' | b'K' | b'L' | b'P' | b'S' | b'X'));
    if !may_be && memchr::memchr(b'.', head).is_none() {
        return false;
    }
    let name = fields(head).next().unwrap_or_default().trim_ascii();
    let name = name.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    let known = |known: &&str| known.as_bytes().eq_ignore_ascii_case(name);
    BINARY.iter().any(known)
        && !fields(head).any(|field| field.to_ascii_uppercase().ends_with(b"X-IRMC-N"))
}

impl Parameter {
    fn read(text: &str) -> Self {
        let typed = text
            .split_once('=')
            .filter(|(name, _)| name.trim().eq_ignore_ascii_case("TYPE"));
        if let Some(word) = in_brackets(typed.map_or(text, |(_, value)| value.trim())) {
            let name = "TYPE".to_owned();
            return Self { name, value: word };
        }
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

/// Undoes the caret escapes of RFC 6868, which stand for characters that a parameter cannot hold.
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

/// Reads a custom label as older exporters of Android and of phone makers wrote it:
/// `X-CUSTOM(CHARSET=UTF-8,ENCODING=QUOTED-PRINTABLE,=E6=89=8B)`, `X-Custom(Boat)`.
fn in_brackets(text: &str) -> Option<String> {
    const WORD: &str = "X-CUSTOM(";
    let text = text.trim_matches('"');
    let (head, inner) = text.split_at_checked(WORD.len())?;
    let inner = inner.strip_suffix(')')?;
    if !head.eq_ignore_ascii_case(WORD) {
        return None;
    }
    let (mut label, mut quoted, mut rest) = (None, false, inner);
    while let Some((said, more)) = rest.split_once(',') {
        let (name, value) = said.split_once('=').unwrap_or(("", said));
        match name.trim().to_ascii_uppercase().as_str() {
            "CHARSET" => label = charset::named(value),
            "ENCODING" => {
                quoted = Transfer::declared(said.as_bytes()) == Some(Transfer::QuotedPrintable);
            }
            _ => break,
        }
        rest = more;
    }
    let word = if quoted {
        quoted_printable(rest.as_bytes(), label, encoding_rs::UTF_8).0
    } else {
        rest.to_owned()
    };
    Some(format!("X-{word}"))
}

/// Splits at semicolons that are neither quoted nor escaped.
pub(super) fn fields(head: &[u8]) -> impl Iterator<Item = &[u8]> {
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
