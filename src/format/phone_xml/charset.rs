//! The characters of an exporter's file, whatever its encoding: UTF-8 with or without a declaration, UTF-16, and the
//! encodings that a declaration names.

use std::io::{self, BufRead, Read};

use encoding_rs::{CoderResult, Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Number of bytes at the beginning of a file that may hold its declaration.
pub const HEAD: usize = 4096;

/// Size of the decoded text that is held at once, in bytes.
const HELD: usize = 16 << 10;

/// A file in UTF-8. A file that is in UTF-8 is passed on as it is, with its faults.
pub struct Utf8<R> {
    from: R,
    /// `None`: the file is in UTF-8.
    decoder: Option<Decoder>,
    text: Vec<u8>,
    /// Number of bytes of the text that were taken.
    taken: usize,
    is_over: bool,
    /// Characters that could not be decoded. A U+FFFD stands for each.
    pub replaced: u64,
}

impl<R: BufRead> Utf8<R> {
    /// Looks at the beginning of a file.
    ///
    /// # Errors
    /// Those of `from`.
    pub fn new(mut from: R) -> io::Result<Self> {
        let head = from.fill_buf()?;
        let encoding = encoding_of(head.get(..HEAD).unwrap_or(head));
        let decoder = (encoding != UTF_8).then(|| encoding.new_decoder_with_bom_removal());
        if decoder.is_none() && head.starts_with(b"\xEF\xBB\xBF") {
            from.consume(3);
        }
        Ok(Self {
            from,
            decoder,
            text: Vec::new(),
            taken: 0,
            is_over: false,
            replaced: 0,
        })
    }
}

impl<R: BufRead> Read for Utf8<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let held = self.fill_buf()?;
        let length = held.len().min(into.len());
        for (to, from) in into.iter_mut().zip(held) {
            *to = *from;
        }
        self.consume(length);
        Ok(length)
    }
}

impl<R: BufRead> BufRead for Utf8<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let Some(decoder) = &mut self.decoder else {
            return self.from.fill_buf();
        };
        while self.taken >= self.text.len() && !self.is_over {
            let bytes = self.from.fill_buf()?;
            self.is_over = bytes.is_empty();
            self.text.resize(HELD, 0);
            let (result, read, written) =
                decoder.decode_to_utf8_without_replacement(bytes, &mut self.text, self.is_over);
            self.from.consume(read);
            self.text.truncate(written);
            self.taken = 0;
            match result {
                DecoderResult::InputEmpty => {}
                // What is left of the input comes with the next call.
                DecoderResult::OutputFull => self.is_over = false,
                DecoderResult::Malformed(..) => {
                    self.text.extend_from_slice("\u{FFFD}".as_bytes());
                    self.replaced += 1;
                    self.is_over = false;
                }
            }
        }
        Ok(self.text.get(self.taken..).unwrap_or_default())
    }

    fn consume(&mut self, length: usize) {
        match self.decoder {
            None => self.from.consume(length),
            Some(_) => self.taken += length,
        }
    }
}

/// Tells the encoding of a file by its byte order mark, its first bytes or its declaration.
fn encoding_of(head: &[u8]) -> &'static Encoding {
    match head {
        [0xFF, 0xFE, ..] => return UTF_16LE,
        [0xFE, 0xFF, ..] => return UTF_16BE,
        // Without a mark: `<` and a zero.
        [b'<', 0, ..] => return UTF_16LE,
        [0, b'<', ..] => return UTF_16BE,
        _ => {}
    }
    let declared = || {
        let at = memchr::memmem::find(head, b"<?xml")?;
        let declaration = head.get(at..)?;
        let end = memchr::memmem::find(declaration, b"?>")?;
        let declaration = declaration.get(..end)?;
        let at = memchr::memmem::find(declaration, b"encoding")?;
        let value = declaration.get(at + "encoding".len()..)?;
        let value = value.trim_ascii_start().strip_prefix(b"=")?;
        let mut value = value.trim_ascii_start().split(|byte| b"'\"".contains(byte));
        Encoding::for_label(value.nth(1)?)
    };
    // A declaration that can be read byte by byte is not in UTF-16, whatever it says.
    match declared() {
        Some(encoding) if encoding.is_ascii_compatible() => encoding,
        Some(_) | None => UTF_8,
    }
}

/// How a text was decoded that should be UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guess {
    Whole,
    /// Read as Windows-1252, since nothing in it is UTF-8.
    Western,
    /// Number of characters that a U+FFFD stands for.
    Replaced(u64),
}

/// Decodes a text that should be UTF-8.
pub fn decoded(bytes: Vec<u8>) -> (String, Guess) {
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return (text, Guess::Whole),
        Err(error) => joined(error.into_bytes()),
    };
    let mut chunks = bytes.utf8_chunks();
    let has_utf8 = bytes.utf8_chunks().any(|chunk| !chunk.valid().is_ascii());
    let has_faults = chunks.any(|chunk| !chunk.invalid().is_empty());
    let text = String::from_utf8_lossy(&bytes);
    if !has_faults {
        return (text.into_owned(), Guess::Whole);
    }
    if !has_utf8 {
        let mut decoder = encoding_rs::WINDOWS_1252.new_decoder_without_bom_handling();
        let mut western = String::with_capacity(bytes.len() * 2);
        let (result, ..) = decoder.decode_to_string(&bytes, &mut western, true);
        if result == CoderResult::InputEmpty {
            return (western, Guess::Western);
        }
    }
    let faults = bytes.utf8_chunks();
    let faults = faults.filter(|chunk| !chunk.invalid().is_empty()).count();
    (text.into_owned(), Guess::Replaced(faults as u64))
}

/// Joins the halves of characters beyond U+FFFF that were written one by one (CESU-8, as Java's own UTF-8 does).
fn joined(bytes: Vec<u8>) -> Vec<u8> {
    let half = |bytes: &[u8], range: std::ops::RangeInclusive<u8>| match bytes {
        [0xED, second, third @ 0x80..=0xBF, ..] if range.contains(second) => {
            Some(u32::from(second & 0x0F) << 6 | u32::from(third & 0x3F))
        }
        _ => None,
    };
    let mut text = Vec::with_capacity(bytes.len());
    let mut rest = bytes.as_slice();
    while let Some((first, after)) = rest.split_first() {
        let high = half(rest, 0xA0..=0xAF);
        let low = high.and_then(|_| half(rest.get(3..)?, 0xB0..=0xBF));
        let joined = high.zip(low).and_then(|(high, low)| {
            // Each half has ten bits below its mark.
            char::from_u32(0x1_0000 + ((high & 0x3FF) << 10) + (low & 0x3FF))
        });
        match joined {
            Some(joined) => {
                text.extend_from_slice(joined.encode_utf8(&mut [0; 4]).as_bytes());
                rest = rest.get(6..).unwrap_or_default();
            }
            None => {
                text.push(*first);
                rest = after;
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (String, u64) {
        let mut text = String::new();
        // Pieces of a few bytes, as a file may give them.
        let from = io::BufReader::with_capacity(7, bytes);
        let mut decoded = Utf8::new(from).unwrap();
        decoded.read_to_string(&mut text).unwrap();
        (text, decoded.replaced)
    }

    fn wide(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn every_encoding_is_told() {
        let text = "<smses>Grüße 😀</smses>";
        let marked = format!("\u{FEFF}{text}");
        for bytes in [
            text.as_bytes().to_vec(),
            marked.as_bytes().to_vec(),
            wide(&marked, u16::to_le_bytes),
            wide(&marked, u16::to_be_bytes),
            wide(text, u16::to_le_bytes),
            wide(text, u16::to_be_bytes),
        ] {
            assert_eq!(read(&bytes), (text.to_owned(), 0));
        }
        let head = "<?xml version='1.0' encoding = \"iso-8859-1\" ?>";
        let mut bytes = head.as_bytes().to_vec();
        bytes.extend_from_slice(b"<smses>Gr\xFC\xDFe</smses>");
        let mut text = String::new();
        let from = io::BufReader::with_capacity(64, &bytes[..]);
        Utf8::new(from).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, format!("{head}<smses>Grüße</smses>"));
    }

    #[test]
    fn what_can_not_be_decoded_is_counted() {
        let mut bytes = wide("\u{FEFF}ab", u16::to_le_bytes);
        bytes.extend_from_slice(&[0x3D, 0xD8, b'c', 0]);
        assert_eq!(read(&bytes), ("ab\u{FFFD}c".to_owned(), 1));
        assert_eq!(
            decoded(b"Gr\xFC\xDFe".to_vec()),
            ("Grüße".into(), Guess::Western)
        );
        let (text, guess) = decoded(b"\xC3\xBC \xFC.".to_vec());
        assert_eq!((text.as_str(), guess), ("ü \u{FFFD}.", Guess::Replaced(1)));
        // A smile in two halves.
        let (text, guess) = decoded(b"a\xED\xA0\xBD\xED\xB8\x80b".to_vec());
        assert_eq!((text.as_str(), guess), ("a😀b", Guess::Whole));
    }
}
