//! Transfer encodings: quoted-printable and base64.

use std::borrow::Cow;

use memchr::memchr;

/// Transfer encoding of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transfer {
    Plain,
    QuotedPrintable,
    Base64,
}

impl Transfer {
    /// The encoding that a parameter declares: `ENCODING=…` or, in vCard 2.1, the bare word.
    pub(super) fn declared(parameter: &[u8]) -> Option<Self> {
        let mut halves = parameter.splitn(2, |byte| *byte == b'=');
        let (first, second) = (halves.next()?, halves.next());
        let named = first.trim_ascii().eq_ignore_ascii_case(b"ENCODING");
        let word = match second {
            Some(value) if named => value,
            Some(_) => return None,
            None => first,
        };
        // iOS wrote `ENCODING=b,b`.
        let word = word.split(|byte| *byte == b',').next().unwrap_or_default();
        let word: Vec<u8> = word
            .iter()
            .filter(|byte| byte.is_ascii_alphanumeric())
            .map(u8::to_ascii_uppercase)
            .take(24)
            .collect();
        match word.as_slice() {
            b"QUOTEDPRINTABLE" | b"QUOTED" | b"QP" => Some(Self::QuotedPrintable),
            b"Q" if named => Some(Self::QuotedPrintable),
            b"BASE64" | b"B64" | b"B" => Some(Self::Base64),
            _ => None,
        }
    }
}

/// Decodes quoted-printable (RFC 2045 section 6.7) after the soft line breaks were removed. Returns false if a `=`
/// was not a valid escape; such a `=` is kept. With `guarded`, an encoded semicolon gets a backslash before it,
/// because it is not a separator.
pub(super) fn quoted_printable(bytes: &[u8], guarded: bool) -> (Cow<'_, [u8]>, bool) {
    let Some(first) = memchr(b'=', bytes) else {
        return (Cow::Borrowed(bytes), true);
    };
    let mut out = bytes.get(..first).unwrap_or_default().to_vec();
    let mut rest = bytes.get(first..).unwrap_or_default();
    let mut clean = true;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'=' {
            out.push(byte);
            continue;
        }
        match after {
            [high, low, tail @ ..] if let Some(value) = hex(*high, *low) => {
                if guarded && value == b';' && out.last() != Some(&b'\\') {
                    out.push(b'\\');
                }
                out.push(value);
                rest = tail;
            }
            _ => {
                clean = false;
                out.push(b'=');
            }
        }
    }
    (Cow::Owned(out), clean)
}

fn hex(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

/// Decodes base64 in either alphabet and ignores white space. Returns false if there were other characters, or an
/// incomplete byte at the end; the readable bytes are returned anyway.
pub(super) fn base64(bytes: &[u8]) -> (Vec<u8>, bool) {
    let mut out = Vec::with_capacity(bytes.len() / 4 * 3 + 3);
    let (mut bits, mut count, mut clean, mut ended) = (0u32, 0u32, true, false);
    for &byte in bytes {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => {
                ended = true;
                continue;
            }
            byte if byte.is_ascii_whitespace() || byte == 0 => continue,
            _ => {
                clean = false;
                continue;
            }
        };
        if ended {
            clean = false;
            break;
        }
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count & 0xFF) as u8);
            bits &= (1 << count) - 1;
        }
    }
    (out, clean && count < 6)
}

/// True if a line may be base64: it has only letters of its alphabet.
pub(super) fn is_base64(line: &[u8]) -> bool {
    !line.is_empty()
        && line.iter().all(|byte| {
            byte.is_ascii_alphanumeric() || b"+/=-_".contains(byte) || byte.is_ascii_whitespace()
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quoted_printable_keeps_what_it_can_t_read() {
        for (text, wanted, clean) in [
            ("=C3=A9", "é", true),
            ("=c3=a9", "é", true),
            ("a=", "a=", false),
            ("a=4", "a=4", false),
            ("1=1=zz", "1=1=zz", false),
            ("=0D=0A", "\r\n", true),
        ] {
            let (bytes, whole) = quoted_printable(text.as_bytes(), false);
            assert_eq!(
                (bytes.as_ref(), whole),
                (wanted.as_bytes(), clean),
                "{text}"
            );
        }
        assert_eq!(quoted_printable(b"a=3Bb;c", true).0.as_ref(), b"a\\;b;c");
    }

    #[test]
    fn damaged_base64_gives_what_is_readable() {
        assert_eq!(base64(b"aGVsbG8="), (b"hello".to_vec(), true));
        assert_eq!(base64(b" aGVs\r\n bG8"), (b"hello".to_vec(), true));
        assert_eq!(base64(b"aGV:sbG8="), (b"hello".to_vec(), false));
        assert_eq!(base64(b"aGVsbG8=:ASDF=="), (b"hello".to_vec(), false));
        assert_eq!(base64(b"aGVsb"), (b"hel".to_vec(), false));
    }

    proptest! {
        #[test]
        fn base64_of_another_s_writing_is_read(bytes: Vec<u8>) {
            use ::base64::Engine;
            let text = ::base64::engine::general_purpose::STANDARD.encode(&bytes);
            prop_assert_eq!(base64(text.as_bytes()), (bytes, true));
        }

        #[test]
        fn no_bytes_break_them(bytes: Vec<u8>) {
            prop_assert!(base64(&bytes).0.len() <= bytes.len());
            prop_assert!(quoted_printable(&bytes, true).0.len() <= bytes.len());
        }
    }
}
