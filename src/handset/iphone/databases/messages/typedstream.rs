//! The text of a message that is kept as an archived `NSAttributedString` (`attributedBody`): NeXT's typedstream format,
//! as far as the way to the text goes. Since iOS 14 or so the column `text` of many messages is empty.
//!
//! The layout is described by python-typedstream; the marks are those of GNUstep's `NSUnarchiver` and of real messages.

/// The next value is written out, and may be referred to later.
const NEW: u8 = 0x84;
/// No value.
const NIL: u8 = 0x85;
/// A number of two or four bytes follows.
const SHORT: u8 = 0x81;
const LONG: u8 = 0x82;
/// Smaller marks than this are no references.
const FIRST_REFERENCE: u8 = 0x92;

/// Most classes, from an object's own to `NSObject`, and most objects around the text.
const MOST_CLASSES: usize = 32;
const MOST_OBJECTS: usize = 8;
/// Longest name of a class or a type, in bytes.
const LONGEST_NAME: usize = 256;

/// Why there is no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoText {
    /// It is no typedstream.
    Other,
    /// It is one, and is cut short or arranged in an unknown way.
    Damaged,
}

/// Returns the text of an archived string.
///
/// # Errors
/// If there is none.
pub fn text(bytes: &[u8]) -> Result<String, NoText> {
    let mut reader = Reader {
        rest: bytes,
        names: Vec::new(),
    };
    if !reader.is_typedstream() {
        return Err(NoText::Other);
    }
    reader.text().ok_or(NoText::Damaged)
}

struct Reader<'a> {
    rest: &'a [u8],
    /// Names of classes and types, to which later marks refer.
    names: Vec<&'a [u8]>,
}

impl<'a> Reader<'a> {
    fn is_typedstream(&mut self) -> bool {
        let is_signed = self.byte() == Some(4)
            && self.number() == Some(11)
            && self.take(11) == Some(b"streamtyped".as_slice());
        is_signed && self.number().is_some()
    }

    fn text(&mut self) -> Option<String> {
        for _ in 0..MOST_OBJECTS {
            match self.name()? {
                b"@" => self.object()?,
                b"+" => {
                    let length = self.number()?;
                    let bytes = self.take(usize::try_from(length).ok()?)?;
                    return Some(String::from_utf8_lossy(bytes).into_owned());
                }
                _ => return None,
            }
        }
        None
    }

    /// Reads the beginning of an object: its classes.
    fn object(&mut self) -> Option<()> {
        if self.byte()? != NEW {
            return None;
        }
        for _ in 0..MOST_CLASSES {
            match self.byte()? {
                NEW => {
                    self.name()?;
                    self.number()?;
                }
                NIL => return Some(()),
                FIRST_REFERENCE.. => return Some(()),
                _ => return None,
            }
        }
        None
    }

    /// Reads the name of a class or a type, or a reference to an earlier one.
    fn name(&mut self) -> Option<&'a [u8]> {
        match self.byte()? {
            NEW => {
                let length = usize::try_from(self.number()?).ok()?;
                if length > LONGEST_NAME {
                    return None;
                }
                let name = self.take(length)?;
                self.names.push(name);
                Some(name)
            }
            // Some programs write the type of a text without the mark before it.
            b'+' => Some(b"+"),
            mark @ FIRST_REFERENCE.. => {
                let at = usize::from(mark - FIRST_REFERENCE);
                self.names.get(at).copied()
            }
            _ => None,
        }
    }

    fn number(&mut self) -> Option<i64> {
        let bytes = |part: &[u8]| -> i64 {
            let digits = part.iter().rev();
            digits.fold(0, |number, byte| number << 8 | i64::from(*byte))
        };
        match self.byte()? {
            SHORT => self.take(2).map(bytes),
            LONG => self.take(4).map(bytes),
            0x83..=0x91 => None,
            byte => Some(i64::from(byte.cast_signed())),
        }
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::practice::iphone_backup::databases::archived;

    #[test]
    fn texts_of_every_length_are_read() {
        for length in [0, 1, 127, 128, 300, 40_000, 70_000] {
            let text: String = "aé🚤".chars().cycle().take(length).collect();
            assert_eq!(super::text(&archived(&text)).as_ref(), Ok(&text));
        }
    }

    #[test]
    fn no_part_of_a_text_is_taken_for_the_whole() {
        let whole = archived("The pier at noon");
        for cut in 0..whole.len() {
            let read = text(&whole[..cut]);
            assert!(
                read.is_err() || read.as_deref() == Ok("The pier at noon"),
                "{cut}: {read:?}"
            );
        }
        let other =
            b"\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@\x84\x84\x84\x08NSString\x00\x85+\x02hi\x86";
        assert_eq!(text(other).as_deref(), Ok("hi"));
        assert_eq!(text(b"bplist00"), Err(NoText::Other));
        assert_eq!(text(b""), Err(NoText::Other));
    }
}
