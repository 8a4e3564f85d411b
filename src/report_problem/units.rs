//! Text as characters, whatever they are written in: UTF-8, one byte a letter, percent signs, quoted-printable, JSON's
//! escapes. What is put in a character's place is written as the character was.

/// How a character is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Utf8,
    /// A byte that is no UTF-8, taken for ISO 8859-1.
    Byte,
    /// The last byte of a half of a surrogate pair, as Java's modified UTF-8 has it.
    Surrogate,
    /// `%C3%BC`, each byte of UTF-8, or one byte alone.
    Percent {
        is_byte: bool,
        is_lower: bool,
    },
    /// `=C3=BC`, the same in quoted-printable.
    Quoted {
        is_byte: bool,
    },
    /// `\u00fc`
    Json {
        is_lower: bool,
    },
    /// It is written so and stays so.
    Fixed(u8),
}

/// A character and how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    pub c: char,
    pub form: Form,
}

/// Takes a text apart. Nothing of it is lost: [`write`] of each unit gives the same bytes.
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

/// Writes a unit as it stood.
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

/// One character; gives how many bytes it took.
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

/// The character that bytes begin with, and its length; `None` where they begin with none.
fn first_char(bytes: &[u8]) -> Option<(char, usize)> {
    let longest = bytes.get(..bytes.len().min(4))?;
    let valid = match std::str::from_utf8(longest) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(longest.get(..error.valid_up_to())?).ok()?,
    };
    let c = valid.chars().next()?;
    Some((c, c.len_utf8()))
}

/// A byte as `%C3` or `=C3`, and whether its digits are small letters.
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

/// A row of escaped bytes. An equals sign stands for much else: one alone counts only where it begins a byte beyond ASCII
/// with a letter.
fn escaped(bytes: &[u8], sign: u8, units: &mut Vec<Unit>) -> usize {
    let (mut decoded, mut lower) = (Vec::new(), Vec::new());
    while let Some((byte, is_lower)) =
        hex_byte(bytes.get(decoded.len() * 3..).unwrap_or_default(), sign)
    {
        // Two digits of a number, rather.
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

/// `\u00fc`, or a pair of them.
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
