//! Splits text into characters, whatever their encoding: UTF-8, one byte per letter, percent-encoding,
//! quoted-printable, JSON escapes. A replacement is written in the encoding of the original character.

/// The encoding of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Utf8,
    /// A byte that is not UTF-8, interpreted as ISO 8859-1.
    Byte,
    /// The last byte of half a surrogate pair, in Java's modified UTF-8.
    Surrogate,
    /// `%C3%BC`: each byte of UTF-8, or a single byte.
    Percent {
        is_byte: bool,
        is_lower: bool,
    },
    /// `=C3=BC`: the same in quoted-printable.
    Quoted {
        is_byte: bool,
    },
    /// `\u00fc`
    Json {
        is_lower: bool,
    },
    /// A byte that is never replaced.
    Fixed(u8),
}

/// A character and its encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    pub c: char,
    pub form: Form,
}

/// Splits a text into units. No information is lost: calling [`write()`] for each unit returns the same bytes.
pub fn units(bytes: &[u8]) -> Vec<Unit> {
    let mut units = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(first) = rest.first() {
        let taken = match first {
            b'%' => escaped(rest, b'%', &mut units),
            b'=' => escaped(rest, b'=', &mut units),
            b'\\' => json(rest, &mut units),
            _ => 0,
        };
        let taken = match taken {
            0 => plain(rest, &mut units),
            taken => taken,
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
    units
}

/// Writes a unit in its encoding.
pub fn write(unit: Unit, out: &mut Vec<u8>) {
    let mut buffer = [0; 4];
    let utf8 = |c: char, buffer: &mut [u8; 4]| c.encode_utf8(buffer).as_bytes().to_vec();
    let byte = |c: char| u8::try_from(u32::from(c)).unwrap_or(b'?');
    match unit.form {
        Form::Utf8 => out.extend(utf8(unit.c, &mut buffer)),
        Form::Byte | Form::Surrogate => out.push(byte(unit.c)),
        Form::Fixed(byte) => out.push(byte),
        Form::Percent { is_byte, is_lower } => {
            let bytes = match is_byte {
                true => vec![byte(unit.c)],
                false => utf8(unit.c, &mut buffer),
            };
            for byte in bytes {
                out.extend(match is_lower {
                    true => format!("%{byte:02x}").into_bytes(),
                    false => format!("%{byte:02X}").into_bytes(),
                });
            }
        }
        Form::Quoted { is_byte } => {
            let bytes = match is_byte {
                true => vec![byte(unit.c)],
                false => utf8(unit.c, &mut buffer),
            };
            for byte in bytes {
                out.extend(format!("={byte:02X}").into_bytes());
            }
        }
        Form::Json { is_lower } => {
            let mut pair = [0; 2];
            for half in unit.c.encode_utf16(&mut pair) {
                out.extend(match is_lower {
                    true => format!("\\u{half:04x}").into_bytes(),
                    false => format!("\\u{half:04X}").into_bytes(),
                });
            }
        }
    }
}

/// Reads one unencoded character; returns its length in bytes.
fn plain(bytes: &[u8], units: &mut Vec<Unit>) -> usize {
    if let [0xed, second @ 0xa0..=0xbf, third @ 0x80..=0xbf, ..] = bytes {
        for fixed in [0xed, *second] {
            let (c, form) = ('\u{fffd}', Form::Fixed(fixed));
            units.push(Unit { c, form });
        }
        let c = char::from(*third);
        let form = Form::Surrogate;
        units.push(Unit { c, form });
        return 3;
    }
    if let Some((c, length)) = first_char(bytes) {
        let form = Form::Utf8;
        units.push(Unit { c, form });
        return length;
    }
    if let Some(byte) = bytes.first() {
        let (c, form) = (char::from(*byte), Form::Byte);
        units.push(Unit { c, form });
    }
    1
}

/// Returns the first character of the bytes and its length; `None` if the bytes do not start with a valid character.
fn first_char(bytes: &[u8]) -> Option<(char, usize)> {
    let longest = bytes.get(..bytes.len().min(4))?;
    let valid = match std::str::from_utf8(longest) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(longest.get(..error.valid_up_to())?).ok()?,
    };
    let c = valid.chars().next()?;
    Some((c, c.len_utf8()))
}

/// Reads a byte written as `%C3` or `=C3`. Also returns whether its digits are lower-case letters.
fn hex_byte(bytes: &[u8], sign: u8) -> Option<(u8, bool)> {
    let [first, high, low, ..] = bytes else {
        return None;
    };
    let digits = [*high, *low];
    let is_lower = digits.iter().any(u8::is_ascii_lowercase);
    let is_hex = digits.iter().all(u8::is_ascii_hexdigit);
    if *first != sign || !is_hex || (sign == b'=' && is_lower) {
        return None;
    }
    let text = std::str::from_utf8(&digits).ok()?.to_owned();
    Some((u8::from_str_radix(&text, 16).ok()?, is_lower))
}

/// Reads a sequence of escaped bytes. Equals signs also have other uses, so a single byte after one counts only if it
/// is 0xA0 or more.
fn escaped(bytes: &[u8], sign: u8, units: &mut Vec<Unit>) -> usize {
    let (mut decoded, mut lower) = (Vec::new(), Vec::new());
    while let Some((byte, is_lower)) =
        hex_byte(bytes.get(decoded.len() * 3..).unwrap_or_default(), sign)
    {
        // More likely two digits of a number.
        if byte < b' ' && !byte.is_ascii_whitespace() {
            break;
        }
        decoded.push(byte);
        lower.push(is_lower);
    }
    let is_alone = decoded.len() == 1 && decoded.first().is_some_and(|byte| *byte < 0xa0);
    if decoded.is_empty() || (sign == b'=' && is_alone) {
        return 0;
    }
    let mut at = 0;
    while let Some(rest) = decoded.get(at..).filter(|rest| !rest.is_empty()) {
        let (c, length, is_byte) = match first_char(rest) {
            Some((c, length)) => (c, length, false),
            None => (rest.first().map_or('?', |b| char::from(*b)), 1, true),
        };
        let cases = lower.get(at..at + length).unwrap_or_default();
        let form = match sign {
            b'%' => Form::Percent {
                is_byte,
                is_lower: cases.iter().any(|l| *l),
            },
            _ => Form::Quoted { is_byte },
        };
        units.push(Unit { c, form });
        at += length;
    }
    decoded.len() * 3
}

/// Reads `\u00fc`, or a surrogate pair of such escapes.
fn json(bytes: &[u8], units: &mut Vec<Unit>) -> usize {
    let half = |at: usize| -> Option<(u16, bool)> {
        let text = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
        let text = text
            .iter()
            .all(u8::is_ascii_hexdigit)
            .then(|| std::str::from_utf8(text).ok())??;
        let is_lower = text.bytes().any(|b| b.is_ascii_lowercase());
        Some((u16::from_str_radix(text, 16).ok()?, is_lower))
    };
    let Some((first, is_lower)) = half(0) else {
        return 0;
    };
    let second = half(6).map(|(second, _)| second);
    let decoded = char::decode_utf16([Some(first), second].into_iter().flatten()).next();
    let Some(Ok(c)) = decoded else {
        return 0;
    };
    let form = Form::Json { is_lower };
    units.push(Unit { c, form });
    c.len_utf16() * 6
}
