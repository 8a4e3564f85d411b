//! The texts of notes: since iOS 9 a compressed Protocol Buffers message, before that HTML.
//!
//! Source of the message's layout: apple_cloud_notes_parser's `notestore.proto`. The document is field 2, the note in it
//! field 3, and its text field 2.

use std::io::Read;

use flate2::read::{GzDecoder, ZlibDecoder};

/// Longest text that is unpacked, in bytes.
const LONGEST: u64 = 16 << 20;

/// The fields on the way to the text.
const WAY: [u64; 3] = [2, 3, 2];

/// Returns the text of a packed note; `None`: it can't be read.
pub fn text(packed: &[u8]) -> Option<String> {
    let mut bytes = Vec::new();
    let unpacked = match packed {
        [0x1f, 0x8b, ..] => GzDecoder::new(packed)
            .take(LONGEST + 1)
            .read_to_end(&mut bytes),
        _ => ZlibDecoder::new(packed)
            .take(LONGEST + 1)
            .read_to_end(&mut bytes),
    };
    if unpacked.is_err() || bytes.len() as u64 > LONGEST {
        return None;
    }
    let mut part = bytes.as_slice();
    for field in WAY {
        part = field_of(part, field)?;
    }
    std::str::from_utf8(part).ok().map(str::to_owned)
}

/// Returns the bytes of the first field with this number in a message.
fn field_of(message: &[u8], wanted: u64) -> Option<&[u8]> {
    let mut rest = message;
    while !rest.is_empty() {
        let key = varint(&mut rest)?;
        let length = match key & 7 {
            0 => {
                varint(&mut rest)?;
                continue;
            }
            1 => 8,
            2 => usize::try_from(varint(&mut rest)?).ok()?,
            5 => 4,
            _ => return None,
        };
        let (value, after) = rest.split_at_checked(length)?;
        if key & 7 == 2 && key >> 3 == wanted {
            return Some(value);
        }
        rest = after;
    }
    None
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for place in 0..10 {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        number |= u64::from(byte & 0x7f).checked_shl(7 * place)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// Elements that begin a new line.
const BREAKS: [&str; 8] = ["br", "div", "p", "li", "tr", "h1", "h2", "ul"];

/// Returns the text of a note in HTML.
pub fn text_of_html(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        rest = match from.strip_prefix('<') {
            Some(tag) => match tag.split_once('>') {
                Some((tag, after)) => {
                    let is_end = tag.starts_with('/');
                    let name = tag.trim_start_matches('/');
                    let name = name
                        .split(|c: char| !c.is_ascii_alphanumeric())
                        .next()
                        .unwrap_or_default();
                    let is_break = BREAKS.iter().any(|known| name.eq_ignore_ascii_case(known));
                    if is_break && !is_end && !text.is_empty() {
                        text.push('\n');
                    }
                    after
                }
                None => {
                    text.push('<');
                    tag
                }
            },
            None => {
                let (character, after) = entity(from);
                text.push(character);
                after
            }
        };
    }
    text.push_str(rest);
    text
}

/// Returns the character that an entity stands for, and what follows it.
fn entity(text: &str) -> (char, &str) {
    let rest = text.get(1..).unwrap_or_default();
    let known = rest.split_once(';').filter(|(name, _)| name.len() <= 8);
    let read = known.and_then(|(name, after)| {
        let number =
            name.strip_prefix('#')
                .and_then(|digits| match digits.strip_prefix(['x', 'X']) {
                    Some(digits) => u32::from_str_radix(digits, 16).ok(),
                    None => digits.parse().ok(),
                });
        let character = match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            "nbsp" => Some(' '),
            _ => number.and_then(char::from_u32),
        };
        Some((character?, after))
    });
    read.unwrap_or(('&', rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_text() {
        let html =
            "Fish &amp; <b>chips</b><div>2 &lt; 3<br></div><div>caf&#233; &unknown; a<b</div>";
        assert_eq!(
            text_of_html(html),
            "Fish & chips\n2 < 3\n\ncafé &unknown; a"
        );
        assert_eq!(text_of_html("a < b & c"), "a < b & c");
    }

    #[test]
    fn damaged_messages_give_no_text() {
        for bytes in [
            b"".as_slice(),
            b"\x1f\x8b",
            b"\x78\x9c\x03\x00\x00\x00\x00\x01",
        ] {
            assert_eq!(text(bytes), None);
        }
    }
}
