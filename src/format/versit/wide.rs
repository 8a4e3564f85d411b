//! Files in UTF-16, whole or in part. Programs that join files can put parts in different encodings into one file.

use std::borrow::Cow;

use memchr::memmem::Finder;

use super::frames::{MARK, cuts};

/// The text of a file: each UTF-16 part is converted to UTF-8, and the byte order mark at its start is removed.
#[derive(Debug)]
pub(crate) struct AsUtf8<'a> {
    pub bytes: Cow<'a, [u8]>,
    /// At least one part, in order.
    parts: Vec<Part>,
    /// Places where lines of the text are cut in two, because a component begins or ends there.
    pub(super) cuts: Vec<usize>,
}

/// A part of a file in one encoding.
#[derive(Debug, Clone, Copy)]
struct Part {
    /// Start of the part in the text, and in the file.
    text: usize,
    file: usize,
    /// True if the part is UTF-16, with two bytes a unit.
    wide: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Little,
    Big,
}

/// A place in the text and the matching place in the file. Nearby places are counted from here.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Mark {
    /// Number of the part that contains the place, from 1.
    part: usize,
    text: usize,
    file: usize,
}

impl AsUtf8<'_> {
    /// Converts a place in the text to a place in the file.
    pub(super) fn in_file(&self, at: usize, mark: &mut Mark) -> usize {
        let after = self.parts.partition_point(|part| part.text <= at);
        let Some(part) = after.checked_sub(1).and_then(|at| self.parts.get(at)) else {
            return at;
        };
        if !part.wide {
            return part.file + (at - part.text);
        }
        if mark.part != after || mark.text > at {
            *mark = Mark {
                part: after,
                text: part.text,
                file: part.file,
            };
        }
        let passed = self.bytes.get(mark.text..at).unwrap_or_default();
        let units: usize = passed
            .iter()
            .map(|byte| match byte {
                // The first byte of a UTF-8 character decides how many UTF-16 units the character takes. Other bytes
                // take none.
                0x80..=0xBF => 0,
                0xF0.. => 2,
                _ => 1,
            })
            .sum();
        (mark.text, mark.file) = (at, mark.file + 2 * units);
        mark.file
    }
}

/// Converts UTF-16, with or without byte order marks, to UTF-8. Leaves everything else unchanged.
pub(crate) fn as_utf8(file: &[u8]) -> AsUtf8<'_> {
    let marked = matches!(file, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]);
    if !marked && memchr::memchr(0, file).is_none() {
        return narrow(file);
    }
    let mut places = Places::new(file);
    let (mut text, mut parts) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < file.len() {
        let (start, order) = places.wide(at).unwrap_or((file.len(), Order::Little));
        if start > at {
            let part = file.get(at..start).unwrap_or_default();
            let skipped = if part.starts_with(MARK) {
                MARK.len()
            } else {
                0
            };
            parts.push(Part {
                text: text.len(),
                file: at + skipped,
                wide: false,
            });
            text.extend_from_slice(part.get(skipped..).unwrap_or_default());
        }
        if start >= file.len() {
            break;
        }
        let end = places.end(start, order);
        let part = file.get(start..end).unwrap_or_default();
        let skipped = match (order, part) {
            (Order::Little, [0xFF, 0xFE, ..]) | (Order::Big, [0xFE, 0xFF, ..]) => 2,
            _ => 0,
        };
        parts.push(Part {
            text: text.len(),
            file: start + skipped,
            wide: true,
        });
        decode(part.get(skipped..).unwrap_or_default(), order, &mut text);
        at = end.max(start + 1);
    }
    if let [Part { wide: false, .. }] = parts.as_slice() {
        return narrow(file);
    }
    AsUtf8 {
        cuts: cuts(&text),
        bytes: Cow::Owned(text),
        parts,
    }
}

fn narrow(file: &[u8]) -> AsUtf8<'_> {
    let text = file.strip_prefix(MARK).unwrap_or(file);
    AsUtf8 {
        bytes: Cow::Borrowed(text),
        parts: vec![Part {
            text: 0,
            file: file.len() - text.len(),
            wide: false,
        }],
        cuts: cuts(text),
    }
}

fn decode(part: &[u8], order: Order, text: &mut Vec<u8>) {
    let units = part.chunks_exact(2).map(|pair| match (order, pair) {
        (Order::Little, &[a, b]) => u16::from_le_bytes([a, b]),
        (Order::Big, &[a, b]) => u16::from_be_bytes([a, b]),
        _ => 0,
    });
    for c in char::decode_utf16(units) {
        let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
        text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

/// Places where encodings change. Each search continues where the previous one ended, so the file is read only once.
struct Places<'a> {
    file: &'a [u8],
    begin_wide: Search,
    begin: Search,
    little: Search,
    big: Search,
}

impl<'a> Places<'a> {
    fn new(file: &'a [u8]) -> Self {
        Self {
            file,
            begin_wide: Search::new(b"B\0E\0G\0I\0N\0"),
            begin: Search::new(b"BEGIN:"),
            little: Search::new(b"\xFF\xFE"),
            big: Search::new(b"\xFE\xFF"),
        }
    }

    fn byte(&self, at: usize) -> u8 {
        byte(self.file, at)
    }

    /// Finds the next UTF-16 part from `at` on, while no such part is open.
    fn wide(&mut self, at: usize) -> Option<(usize, Order)> {
        // A file may begin with any text, not only with BEGIN.
        if at == 0 {
            match self.file {
                [0xFF, 0xFE, ..] => return Some((0, Order::Little)),
                [0xFE, 0xFF, ..] => return Some((0, Order::Big)),
                [a, 0, b, 0, ..] if is_text(*a) && is_text(*b) => {
                    return Some((0, Order::Little));
                }
                [0, a, 0, b, ..] if is_text(*a) && is_text(*b) => return Some((0, Order::Big)),
                _ => {}
            }
        }
        let file = self.file;
        let little = self
            .little
            .next(file, at, |place| byte(file, place + 3) == 0);
        let big = self.big.next(file, at, |place| byte(file, place + 2) == 0);
        let word = self.begin_wide.next(file, at, |_| true).map(|place| {
            // In big-endian order, the zero byte stands before the letter.
            let big = place > at && self.byte(place - 1) == 0;
            let mut start = place - usize::from(big);
            // Includes the line ends before the part.
            while start >= at + 2
                && match big {
                    true => self.byte(start - 2) == 0 && is_blank(self.byte(start - 1)),
                    false => self.byte(start - 1) == 0 && is_blank(self.byte(start - 2)),
                }
            {
                start -= 2;
            }
            (start, if big { Order::Big } else { Order::Little })
        });
        [
            little.map(|place| (place, Order::Little)),
            big.map(|place| (place, Order::Big)),
            word,
        ]
        .into_iter()
        .flatten()
        .min_by_key(|(start, _)| *start)
    }

    /// Returns the end of the UTF-16 part that begins at `start`.
    fn end(&mut self, start: usize, order: Order) -> usize {
        let file = self.file;
        let mut end = self.begin.next(file, start, |_| true).unwrap_or(file.len());
        if file.get(start..end).is_some_and(|t| t.ends_with(MARK)) {
            end -= MARK.len();
        }
        let body = file.get(start + 2..end).unwrap_or_default();
        // The byte order mark of the other order.
        let other: &[u8] = match order {
            Order::Little => b"\xFE\xFF",
            Order::Big => b"\xFF\xFE",
        };
        let turned = body.chunks_exact(2).position(|unit| unit == other);
        let body = turned.map_or(body, |at| body.get(..2 * at).unwrap_or(body));
        // BEGIN at an odd offset: either another part begins, or a byte is missing.
        let letter = usize::from(order == Order::Big);
        let mut words = self.begin_wide.finder.find_iter(body);
        let mut end = match (words.find(|place| place % 2 != letter), turned) {
            (Some(place), _) if order == Order::Little => start + 1 + place,
            (Some(place), _) => start + 2 + place,
            (None, Some(at)) => start + 2 + 2 * at,
            (None, None) => end,
        };
        // The part includes no line ends of the next part.
        while end > start + 2 && is_blank(self.byte(end - 1)) && self.byte(end - 2) != 0 {
            end -= 1;
        }
        end -= (end - start) % 2;
        end
    }
}

/// The byte at a place. Past the end, a byte that is neither text nor zero.
fn byte(file: &[u8], at: usize) -> u8 {
    file.get(at).copied().unwrap_or(1)
}

fn is_text(byte: u8) -> bool {
    byte.is_ascii_graphic() || is_blank(byte)
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n' | b' ' | b'\t')
}

/// Search for one word, from one match to the next.
struct Search {
    finder: Finder<'static>,
    /// The last match; the length of the file if there are no more matches.
    last: Option<usize>,
}

impl Search {
    fn new(word: &'static [u8]) -> Self {
        Self {
            finder: Finder::new(word),
            last: None,
        }
    }

    /// Returns the first match from `at` on that satisfies `meant`.
    fn next(&mut self, file: &[u8], at: usize, meant: impl Fn(usize) -> bool) -> Option<usize> {
        let mut from = at;
        loop {
            let place = match self.last {
                Some(last) if last >= from => last,
                _ => {
                    let rest = file.get(from..).unwrap_or_default();
                    let found = self.finder.find(rest);
                    found.map_or(file.len(), |found| from + found)
                }
            };
            self.last = Some(place);
            if place >= file.len() {
                return None;
            }
            if meant(place) {
                return Some(place);
            }
            from = place + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use memchr::memmem::find;

    use super::*;

    fn units(text: &str, order: Order) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| match order {
                Order::Little => unit.to_le_bytes(),
                Order::Big => unit.to_be_bytes(),
            })
            .collect()
    }

    #[test]
    fn utf16_is_read_in_both_orders() {
        for text in ["BEGIN:VCARD é", "\r\nBEGIN:VCARD 青"] {
            let little = units(text, Order::Little);
            let big = units(text, Order::Big);
            for (mark, body) in [
                (&b"\xFF\xFE"[..], &little),
                (b"\xFE\xFF", &big),
                (b"", &little),
                (b"", &big),
            ] {
                let file = [mark, body].concat();
                let read = as_utf8(&file);
                assert_eq!(read.bytes.as_ref(), text.as_bytes());
            }
        }
    }

    #[test]
    fn joined_parts_are_read_each_in_its_own_way() {
        let card = |name: &str| format!("BEGIN:VCARD\r\nN:{name}\r\nEND:VCARD\r\n");
        let narrow = card("Zoë").into_bytes();
        let marked = [MARK, &narrow].concat();
        let wide = "Müller 青木 😀";
        let little = units(&card(wide), Order::Little);
        let big = units(&card(wide), Order::Big);
        let parts: [(&[u8], String); 6] = [
            (&narrow, card("Zoë")),
            (&marked, card("Zoë")),
            (&little, card(wide)),
            (&big, card(wide)),
            (&[b"\xFF\xFE", &little[..]].concat(), card(wide)),
            (&[b"\xFE\xFF", &big[..]].concat(), card(wide)),
        ];
        for (a, first) in &parts {
            for (b, second) in &parts {
                for (c, third) in &parts {
                    let file = [*a, *b, *c].concat();
                    let read = as_utf8(&file);
                    let text = String::from_utf8_lossy(&read.bytes).replace('\u{FEFF}', "");
                    assert_eq!(text, format!("{first}{second}{third}"));
                    // The place of each BEGIN is mapped back correctly.
                    let mut mark = Mark::default();
                    let mut at = 0;
                    while let Some(found) = find(&read.bytes[at..], b"BEGIN") {
                        let place = read.in_file(at + found, &mut mark);
                        let there = &file[place..];
                        assert!(
                            there.starts_with(b"BEGIN")
                                || there.starts_with(b"B\0E\0G\0")
                                || there.starts_with(b"\0B\0E\0G"),
                            "{text}"
                        );
                        at += found + 1;
                    }
                }
            }
        }
    }
}
