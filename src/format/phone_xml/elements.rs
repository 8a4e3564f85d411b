//! The elements of an exporter's file, one at a time. The bytes of a picture stand in an attribute and are never held
//! whole.

use std::io::{self, BufRead};

use super::base64::Base64;
use super::charset::{Guess, Utf8, decoded};
use super::values::{self, attributes};
use crate::model::Unread;
use crate::phrase;

/// The longest element that is read, in bytes, without the bytes of pictures.
const MAX_ELEMENT: usize = 32 << 20;

/// Number of characters of base64 that are decoded at once.
const PIECE: usize = 16 << 10;

/// What an exporter writes for a column without a value.
pub const NULL: &str = "null";

/// What of a file could not be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Troubles {
    /// Characters that a U+FFFD stands for.
    pub characters: u64,
    /// Elements read as Windows-1252.
    pub western: u64,
    pub dates: u64,
    /// Pictures and recordings.
    pub data: u64,
    /// Elements longer than the limit.
    pub long: u64,
    /// Entries of a list of messages that are no messages.
    pub others: u64,
}

impl Troubles {
    /// Returns a sentence for each kind.
    pub fn told(&self) -> Vec<(String, Unread)> {
        // Without `..`: a new kind of trouble has to be told.
        let Self {
            characters,
            western,
            dates,
            data,
            long,
            others,
        } = self;
        let mut told = Vec::new();
        let mut tell = |count: &u64, says: fn(u64) -> String, kind| {
            if *count > 0 {
                told.push((says(*count), kind));
            }
        };
        tell(
            long,
            |n| phrase!("entries that are too long for Lifeboat to read: {n}"),
            Unread::Limit,
        );
        tell(
            data,
            |n| phrase!("pictures and recordings whose bytes are damaged: {n}"),
            Unread::Damage,
        );
        tell(
            others,
            |n| phrase!("entries that are no messages: {n}"),
            Unread::Damage,
        );
        tell(
            dates,
            |n| phrase!("dates that can't be read: {n}"),
            Unread::Damage,
        );
        tell(
            characters,
            |n| phrase!("characters that can't be read (a \u{FFFD} stands for each): {n}"),
            Unread::Damage,
        );
        tell(
            western,
            |n| phrase!("entries in another encoding than the file states, read as Western: {n}"),
            Unread::Remark,
        );
        told
    }
}

/// One element: a start or an end, a comment or a declaration.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Element {
    text: String,
    /// The bytes in its attribute `data`; `None`: it has none.
    pub data: Option<Data>,
}

/// The bytes of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Data {
    /// Which of the file's parts with bytes it is, from 1.
    pub number: u64,
    /// Number of bytes; `None`: they are damaged.
    pub size: Option<u64>,
}

impl Element {
    /// Returns what follows the name, if it is an element of this name.
    pub fn named(&self, name: &str) -> Option<&str> {
        let rest = self.text.strip_prefix('<')?.strip_prefix(name)?;
        rest.starts_with([' ', '\t', '\r', '\n', '/', '>'])
            .then_some(rest)
    }

    /// Returns true for an element without content.
    pub fn is_empty(&self) -> bool {
        self.text.ends_with("/>")
    }

    /// Returns the number of records that the file's first element states.
    pub fn stated(&self, rest: &str) -> Option<u64> {
        let all = attributes(rest, &mut Troubles::default());
        let count = all.into_iter().find(|(name, _)| *name == "count");
        count.and_then(|(_, value)| value.parse().ok())
    }
}

/// Gets the bytes of parts, each with the number of its part.
pub type Sink<'a> = &'a mut dyn FnMut(u64, &[u8]) -> io::Result<()>;

/// Reads a file.
pub struct Elements<R> {
    from: Utf8<R>,
    /// Number of parts with bytes so far.
    parts: u64,
    troubles: Troubles,
}

impl<R: BufRead> Elements<R> {
    /// Begins a file.
    ///
    /// # Errors
    /// Those of `from`.
    pub fn new(from: R) -> io::Result<Self> {
        Ok(Self {
            from: Utf8::new(from)?,
            parts: 0,
            troubles: Troubles::default(),
        })
    }

    /// Where the reader of the elements counts what it can't read.
    pub fn troubles(&mut self) -> &mut Troubles {
        &mut self.troubles
    }

    /// Returns all that could not be read so far.
    pub fn all_troubles(&self) -> Troubles {
        let mut troubles = self.troubles.clone();
        troubles.characters += self.from.replaced;
        troubles
    }

    /// Returns the next element. The bytes of its attribute `data` go to `sink`.
    ///
    /// # Errors
    /// Those of the file and of `sink`; [`io::ErrorKind::InvalidData`] if the file ends first.
    pub fn next(&mut self, sink: Sink<'_>) -> io::Result<Element> {
        loop {
            self.skip_text()?;
            let (bytes, data, is_whole) = self.element(sink)?;
            if !is_whole {
                self.troubles.long += 1;
                continue;
            }
            let (text, guess) = decoded(bytes);
            match guess {
                Guess::Whole => {}
                Guess::Western => self.troubles.western += 1,
                Guess::Replaced(count) => self.troubles.characters += count,
            }
            return Ok(Element { text, data });
        }
    }

    /// Skips what stands before the next element.
    fn skip_text(&mut self) -> io::Result<()> {
        loop {
            let held = self.from.fill_buf()?;
            if held.is_empty() {
                return Err(early());
            }
            match memchr::memchr(b'<', held) {
                Some(at) => {
                    self.from.consume(at + 1);
                    return Ok(());
                }
                None => {
                    let length = held.len();
                    self.from.consume(length);
                }
            }
        }
    }

    /// Reads up to the end of an element, whose attributes may contain `>`. Returns false for one that is too long.
    fn element(&mut self, sink: Sink<'_>) -> io::Result<(Vec<u8>, Option<Data>, bool)> {
        let (mut element, mut data, mut is_whole) = (vec![b'<'], None, true);
        let mut quote = None;
        loop {
            let held = self.from.fill_buf()?;
            if held.is_empty() {
                return Err(early());
            }
            let stop = match quote {
                Some(quote) => memchr::memchr(quote, held),
                None => memchr::memchr3(b'>', b'"', b'\'', held),
            };
            let length = stop.map_or(held.len(), |at| at + 1);
            is_whole &= element.len() + length <= MAX_ELEMENT;
            if is_whole {
                element.extend_from_slice(held.get(..length).unwrap_or_default());
            }
            let byte = stop.and_then(|at| held.get(at).copied());
            self.from.consume(length);
            // Quotes in a comment mean nothing.
            let is_comment = element.starts_with(b"<!--");
            match byte {
                Some(b'>') if quote.is_none() && (!is_comment || element.ends_with(b"-->")) => {
                    return Ok((element, data, is_whole));
                }
                Some(b'>') | None => {}
                Some(_) if is_comment => {}
                Some(byte) if quote.is_none() && is_whole && begins_data(&element) => {
                    data = self.data(byte, sink)?.or(data);
                    element.push(byte);
                }
                Some(byte) => quote = quote.xor(Some(byte)),
            }
        }
    }

    /// Decodes a value up to its closing quote.
    fn data(&mut self, quote: u8, sink: Sink<'_>) -> io::Result<Option<Data>> {
        let (mut decoder, mut bytes, mut size) = (Base64::default(), Vec::new(), 0);
        // Enough of the beginning to tell it from "null".
        let mut begin = Vec::with_capacity(NULL.len() + 1);
        let (mut is_begun, number) = (false, self.parts + 1);
        loop {
            let held = self.from.fill_buf()?;
            if held.is_empty() {
                return Err(early());
            }
            let piece = held.get(..PIECE).unwrap_or(held);
            let stop = memchr::memchr(quote, piece);
            let mut value = piece.get(..stop.unwrap_or(piece.len())).unwrap_or_default();
            if !is_begun {
                let (first, rest) = value.split_at(value.len().min(NULL.len() + 1 - begin.len()));
                begin.extend_from_slice(first);
                value = rest;
                is_begun = begin.len() > NULL.len();
                let is_none = begin.is_empty() || begin == NULL.as_bytes();
                if is_begun || (stop.is_some() && !is_none) {
                    is_begun = true;
                    decoder.add(&begin, &mut bytes);
                }
            }
            decoder.add(value, &mut bytes);
            let length = piece.len().min(stop.map_or(usize::MAX, |at| at + 1));
            self.from.consume(length);
            let is_sound = match stop {
                Some(_) if !is_begun => return Ok(None),
                Some(_) => Some(std::mem::take(&mut decoder).finish(&mut bytes)),
                None => None,
            };
            if !bytes.is_empty() {
                size += bytes.len() as u64;
                sink(number, &bytes)?;
                bytes.clear();
            }
            if let Some(is_sound) = is_sound {
                self.parts = number;
                self.troubles.data += u64::from(!is_sound);
                let size = is_sound.then_some(size);
                return Ok(Some(Data { number, size }));
            }
        }
    }
}

/// Returns true if an element is a part up to the quote that begins its bytes.
fn begins_data(element: &[u8]) -> bool {
    let name = || {
        let before = element.strip_prefix(b"<part")?.split_last()?.1;
        let before = before.trim_ascii_end().strip_suffix(b"=")?;
        before.trim_ascii_end().strip_suffix(b"data")
    };
    name().is_some_and(|before| before.last().is_some_and(u8::is_ascii_whitespace))
}

fn early() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, phrase("it ends in the middle"))
}

/// Returns a number; none for an empty value. Anything else is counted.
pub fn date(value: &str, troubles: &mut Troubles) -> Option<i64> {
    let date = value.trim().parse::<i64>();
    if date.is_err() && values::column(value).is_some_and(|value| !value.is_empty()) {
        troubles.dates += 1;
    }
    date.ok().filter(|date| *date != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes of parts, each with its number.
    type Parts = Vec<(u64, Vec<u8>)>;

    fn all(file: &[u8], held: usize) -> (Vec<Element>, Parts, Troubles) {
        let from = io::BufReader::with_capacity(held, file);
        let mut elements = Elements::new(from).unwrap();
        let (mut found, mut bytes) = (Vec::new(), Parts::new());
        let mut sink = |number, piece: &[u8]| {
            assert!(piece.len() <= PIECE);
            match bytes.last_mut().filter(|(last, _)| *last == number) {
                Some((_, bytes)) => bytes.extend_from_slice(piece),
                None => bytes.push((number, piece.to_vec())),
            }
            Ok(())
        };
        while let Ok(element) = elements.next(&mut sink) {
            found.push(element);
        }
        (found, bytes, elements.all_troubles())
    }

    /// However few bytes are there at once.
    #[test]
    fn bytes_are_passed_on_and_not_kept() {
        let file = b"<smses><part ct=\"a>b\" data=\"AAECAwQF\" x='y' /><part data='null'/><part data=\"\" />\
                     <part text=\"data=\" data = '/w==' /><part data=\"!\"/><sms data=\"AAAA\" />";
        for held in [1, 2, 3, 5, 16, 4096] {
            let (found, bytes, troubles) = all(file, held);
            assert_eq!(found.len(), 7, "{held}");
            assert_eq!(found[1].text, "<part ct=\"a>b\" data=\"\" x='y' />");
            let size = |number, size| Some(Data { number, size });
            let data: Vec<_> = found.iter().map(|element| element.data).collect();
            let expected = [
                None,
                size(1, Some(6)),
                None,
                None,
                size(2, Some(1)),
                size(3, None),
                None,
            ];
            assert_eq!(data, expected, "{held}");
            assert_eq!(
                bytes,
                [(1, vec![0, 1, 2, 3, 4, 5]), (2, vec![0xFF])],
                "{held}"
            );
            assert_eq!((troubles.data, troubles.long), (1, 0));
        }
    }

    #[test]
    fn an_element_that_is_too_long_is_counted() {
        let mut file = b"<smses><sms body=\"".to_vec();
        file.resize(MAX_ELEMENT + 99, b'a');
        file.extend_from_slice(b"\" /><sms body=\"b\" />");
        let (found, _, troubles) = all(&file, 4096);
        assert_eq!(found.len(), 2);
        assert_eq!(troubles.long, 1);
    }
}
