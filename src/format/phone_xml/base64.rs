//! Base64 in pieces of any length, in all the spellings of exporters: with line ends, without padding, in the alphabet
//! for addresses (RFC 4648, section 5).

/// Decodes one value.
#[derive(Debug, Default)]
pub struct Base64 {
    bits: u32,
    /// Number of characters in `bits`, up to 3.
    held: u8,
    is_over: bool,
    is_damaged: bool,
    /// True within an entity (`&#10;`).
    is_entity: bool,
}

impl Base64 {
    /// Adds characters, and puts the bytes that are complete behind `bytes`.
    pub fn add(&mut self, characters: &[u8], bytes: &mut Vec<u8>) {
        for character in characters {
            if self.is_entity {
                self.is_entity = *character != b';';
                continue;
            }
            let value = match character {
                b'A'..=b'Z' => character - b'A',
                b'a'..=b'z' => character - b'a' + 26,
                b'0'..=b'9' => character - b'0' + 52,
                b'+' | b'-' => 62,
                b'/' | b'_' => 63,
                b'=' => {
                    self.is_over = true;
                    continue;
                }
                b'&' => {
                    self.is_entity = true;
                    continue;
                }
                b' ' | b'\t' | b'\r' | b'\n' => continue,
                _ => {
                    self.is_damaged = true;
                    continue;
                }
            };
            self.is_damaged |= self.is_over;
            self.bits = self.bits << 6 | u32::from(value);
            self.held += 1;
            if self.held == 4 {
                let [_, first, second, third] = self.bits.to_be_bytes();
                bytes.extend_from_slice(&[first, second, third]);
                (self.bits, self.held) = (0, 0);
            }
        }
    }

    /// Puts the last bytes behind `bytes`. Returns false if the value was damaged.
    pub fn finish(self, bytes: &mut Vec<u8>) -> bool {
        match self.held {
            0 => {}
            2 => bytes.extend(u8::try_from(self.bits >> 4)),
            3 => {
                let [_, _, first, second] = (self.bits >> 2).to_be_bytes();
                bytes.extend_from_slice(&[first, second]);
            }
            _ => return false,
        }
        !self.is_damaged && !self.is_entity
    }
}

#[cfg(test)]
mod tests {
    use ::base64::Engine;
    use ::base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    use super::*;

    fn decoded(text: &str, piece: usize) -> Option<Vec<u8>> {
        let (mut decoder, mut bytes) = (Base64::default(), Vec::new());
        for piece in text.as_bytes().chunks(piece) {
            decoder.add(piece, &mut bytes);
        }
        decoder.finish(&mut bytes).then_some(bytes)
    }

    proptest! {
        #[test]
        fn what_another_program_encodes_is_decoded(
            bytes in prop::collection::vec(any::<u8>(), 0..99),
            piece in 1..9_usize,
        ) {
            for text in [STANDARD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
                prop_assert_eq!(decoded(&text, piece), Some(bytes.clone()));
            }
        }
    }

    #[test]
    fn damage_is_told() {
        for text in ["A", "AAA=A", "AA!A", "AAAA&#10"] {
            assert_eq!(decoded(text, 3), None, "{text}");
        }
        assert_eq!(decoded("AA\r\n&#10;AA", 2), Some(vec![0, 0, 0]));
    }
}
