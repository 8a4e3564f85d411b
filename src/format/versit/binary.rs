//! Pictures, sounds and keys in values: base64 with or without a declaration, and `data:` URIs (RFC 2397) in every
//! spelling.

use std::borrow::Cow;

use super::transfer::{self, is_base64};

/// Maximum length of the header of a `data:` URI, in bytes.
const HEAD: usize = 200;
/// Undeclared base64 of at least this many characters counts as bytes. Shorter base64 counts as bytes only if it is a
/// picture.
const LONG: usize = 64;

/// The decoded bytes of a value.
pub(super) struct Bytes {
    pub bytes: Vec<u8>,
    /// Media type that the value declares.
    pub media: Option<String>,
    /// True if nothing was damaged.
    pub clean: bool,
}

/// Reads the value of a picture, a sound or a key. Returns None if the value is text or a URI. `declared`: the
/// property declares base64. `key`: the value belongs to a key, which may be text made of base64 letters.
pub(super) fn read(value: &[u8], declared: bool, key: bool) -> Option<Bytes> {
    let value = value.trim_ascii();
    if let Some(found) = data(value) {
        return Some(found);
    }
    if declared && !is_address(value) {
        return Some(decoded(value, None));
    }
    // Parameters after the colon: `PHOTO:ENCODING=b;TYPE=JPEG:/9j/…`
    let tail = value.rsplit(|byte| *byte == b':').next();
    let tail = tail.unwrap_or_default().trim_ascii();
    if is_address(value) || !is_base64(tail) {
        return None;
    }
    let found = decoded(tail, None);
    let hex = tail.iter().all(|b| b.is_ascii_hexdigit());
    let long = tail.len() >= LONG && !hex && !(key && tail.contains(&b' '));
    (found.clean && (long || is_picture(&found.bytes))).then_some(found)
}

/// Reads the quoted-printable value of a picture, a sound or a key. vCard 2.1 allows this encoding for every value.
/// Returns None if the value is text or a URI. `labelled`: the property names a charset, so its value is text unless
/// it is a picture.
pub(super) fn quoted(value: &[u8], key: bool, labelled: bool) -> Option<Bytes> {
    let (bytes, clean) = transfer::quoted_printable(value, false);
    // Words without punctuation look like base64.
    let is_words = bytes.contains(&b' ');
    if let Some(found) = read(&bytes, false, key).filter(|_| !is_words) {
        let clean = clean && found.clean;
        return Some(Bytes { clean, ..found });
    }
    let is_text = || {
        let is_control = |byte: &u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
        let beyond = bytes.iter().filter(|byte| !byte.is_ascii()).count();
        // A note of Palm's, in the charset of its computer.
        let is_mostly_ascii = beyond * 4 <= bytes.len();
        let is_readable = labelled || is_mostly_ascii || std::str::from_utf8(&bytes).is_ok();
        is_readable && !bytes.iter().any(is_control)
    };
    (is_picture(&bytes) || !is_text()).then(|| Bytes {
        bytes: bytes.into_owned(),
        media: None,
        clean,
    })
}

/// Decodes the data after `;base64,`, or after the comma of a `data:` URI.
fn data(value: &[u8]) -> Option<Bytes> {
    let scheme = value
        .get(..5)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"data:"));
    let head = value.get(..HEAD).unwrap_or(value);
    let (comma, width) = head.iter().enumerate().find_map(|(at, byte)| match byte {
        b',' => Some((at, 1)),
        b'%' if head.get(at..at + 3)?.eq_ignore_ascii_case(b"%2C") => Some((at, 3)),
        _ => None,
    })?;
    let head = String::from_utf8_lossy(head.get(..comma)?).replace('\\', "");
    let head = head.replace("%3B", ";").replace("%3b", ";");
    let rest = value.get(comma + width..)?;
    let lower = head.to_ascii_lowercase();
    let base64 = ["base64", "base-64"].iter().find(|w| lower.ends_with(*w));
    if !scheme && base64.is_none() {
        return None;
    }
    let end = head.len() - base64.map_or(0, |word| word.len());
    let media = head
        .get(if scheme { 5 } else { 0 }..end)
        .unwrap_or_default();
    let media = media.trim_matches([';', ' ']).to_owned();
    let media = Some(media).filter(|media| media.contains('/'));
    let plain = percent_decoded(rest);
    match base64 {
        Some(_) => Some(decoded(&plain, media)),
        None => Some(Bytes {
            bytes: plain.into_owned(),
            media,
            clean: true,
        }),
    }
}

fn decoded(text: &[u8], media: Option<String>) -> Bytes {
    let (bytes, clean) = transfer::base64(text);
    Bytes {
        bytes,
        media,
        clean,
    }
}

/// True for a URI that refers to data elsewhere.
fn is_address(value: &[u8]) -> bool {
    let head = value.get(..16).unwrap_or(value);
    let Some(colon) = head.iter().position(|byte| *byte == b':') else {
        return false;
    };
    let rest = value.get(colon + 1..).unwrap_or_default();
    let scheme = head.get(..colon).unwrap_or_default().to_ascii_lowercase();
    rest.starts_with(b"//")
        || matches!(
            scheme.as_slice(),
            b"http" | b"https" | b"ftp" | b"file" | b"cid" | b"mid" | b"content" | b"urn" | b"ldap"
        )
}

/// True if the bytes begin like a picture in a format that address books write.
fn is_picture(bytes: &[u8]) -> bool {
    const STARTS: [&[u8]; 7] = [
        b"\xFF\xD8\xFF",
        b"\x89PNG",
        b"GIF8",
        b"BM",
        b"RIFF",
        b"II*\0",
        b"MM\0*",
    ];
    STARTS.iter().any(|start| bytes.starts_with(start))
        || bytes.get(4..8).is_some_and(|brand| brand == b"ftyp")
}

/// Undoes the percent-encoding of bytes (RFC 3986 section 2.1).
fn percent_decoded(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.contains(&b'%') {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let digit = |at: usize| after.get(at).and_then(|b| char::from(*b).to_digit(16));
        match (byte, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                rest = after.get(2..).unwrap_or_default();
            }
            _ => out.push(byte),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const JPEG: &str = "/9j/4AAQSkZJRgABAQAAAQABAAD/2Q==";

    #[test]
    fn a_picture_is_read_in_every_spelling() {
        for (value, declared) in [
            (JPEG.to_owned(), true),
            (JPEG.to_owned(), false),
            (format!("data:image/jpeg;base64,{JPEG}"), false),
            (format!("DATA:IMAGE/JPEG;BASE64,{JPEG}"), true),
            (format!("data:image/jpeg\\;base64\\,{JPEG}"), false),
            (format!("data:image/jpeg;base64\\,{JPEG}"), false),
            (
                format!("data:image/jpeg;charset=utf-8;base64, {JPEG}"),
                false,
            ),
            (format!("data:;base64,{JPEG}"), false),
            (format!("data:image/jpeg%3Bbase64%2C{JPEG}"), false),
            (format!("IMAGE/JPEG;BASE64,{JPEG}"), false),
            (format!("base64,{JPEG}"), false),
            (format!("ENCODING=b;TYPE=JPEG:{JPEG}"), false),
            (
                format!("data:image/jpeg;base64,{}", JPEG.replace('=', "%3D")),
                false,
            ),
        ] {
            let found = read(value.as_bytes(), declared, false);
            let found = found.unwrap_or_else(|| panic!("{value}"));
            assert!(
                found.clean && found.bytes.starts_with(b"\xFF\xD8\xFF"),
                "{value}"
            );
            assert_eq!(found.bytes.len(), 22, "{value}");
        }
        let plain = read(b"data:image/gif,GIF8%39a", false, false).expect("bytes");
        assert_eq!(plain.bytes, b"GIF89a");
    }

    #[test]
    fn quoted_printable_bytes_are_read_and_quoted_texts_are_none() {
        let read = |value: &str| quoted(value.as_bytes(), false, false);
        let gif = read("GIF89a=01=00=01=00=80=00=00=FF").expect("bytes");
        assert_eq!(gif.bytes, b"GIF89a\x01\0\x01\0\x80\0\0\xFF");
        assert!(gif.clean);
        let sound = read("=00=01=02=FE").expect("bytes");
        assert_eq!(sound.bytes, [0, 1, 2, 0xFE]);
        let data = format!("data:image/jpeg;base64,{}", JPEG.replace('=', "=3D"));
        assert!(read(&data).is_some_and(|found| found.bytes.starts_with(b"\xFF\xD8\xFF")));
        for text in [
            "http://example.org/a=3Db.jpg",
            "Zo=C3=AB",
            "Offers=99 of Palm",
            "Only registered users get:=0D=0ASPECIAL OFFERS on accessories and addons and PREVIEWS of new",
            "none",
            "",
        ] {
            assert!(read(text).is_none(), "{text}");
        }
        assert!(quoted(b"Zo=EB", false, true).is_none());
    }

    #[test]
    fn addresses_and_texts_are_no_bytes() {
        for value in [
            "https://example.org/a.jpg",
            "HTTP://example.org/a,b",
            "cid:photo@example.org",
            "file:///a.jpg",
            "",
            "none",
            "yamada",
            "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF01",
            "-----BEGIN PGP PUBLIC KEY BLOCK-----",
        ] {
            assert!(read(value.as_bytes(), false, true).is_none(), "{value}");
        }
        assert!(read(b"http://example.org/a.jpg", true, false).is_none());
    }
}
