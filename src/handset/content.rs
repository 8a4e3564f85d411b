//! Detects a file's kind by its first bytes, for files whose names don't tell.

use crate::format::found::begins_table;
use crate::model::FileKind;

/// Number of bytes at the beginning of a file that are examined.
pub const EMPTY_PHONE_COLLECTIONS: u64 = 4096;

/// Returns the kind of a file that begins with `bytes`, and its usual file name extension; `None` if the format is
/// unknown.
///
/// The signatures come from the formats' specifications and from libmagic.
pub fn kind_by_content(bytes: &[u8]) -> Option<(FileKind, &'static str)> {
    let at = |place: usize, wanted: &[u8]| {
        bytes
            .get(place..)
            .is_some_and(|tail| tail.starts_with(wanted))
    };
    let begins = KNOWN.iter().find(|(begin, _, _)| at(0, begin));
    if let Some((_, kind, ending)) = begins {
        return Some((*kind, ending));
    }
    if at(0, b"RIFF") {
        return RIFF
            .iter()
            .find(|(form, _, _)| at(8, form))
            .map(|(_, kind, ending)| (*kind, *ending));
    }
    if at(4, b"ftyp") {
        return Some(of_brand(bytes));
    }
    // Older QuickTime files have no brand.
    let is_atom = |atom: &&[u8]| at(4, atom);
    let atoms: [&[u8]; 5] = [b"moov", b"mdat", b"wide", b"pnot", b"skip"];
    if atoms.iter().any(is_atom) {
        return Some((FileKind::Video, "mov"));
    }
    if at(0, b"\x1a\x45\xdf\xa3") {
        let is_webm = bytes.windows(4).take(64).any(|word| word == b"webm");
        return Some((FileKind::Video, if is_webm { "webm" } else { "mkv" }));
    }
    // Every packet of a transport stream begins with `G` (0x47). On discs and in camcorders, a timestamp of four bytes
    // precedes each packet.
    for (first, packet, ending) in [(0, 188, "ts"), (4, 192, "m2ts")] {
        if (0..8).all(|number| at(first + number * packet, b"G")) {
            return Some((FileKind::Video, ending));
        }
    }
    if is_bitmap(bytes) {
        return Some((FileKind::Photo, "bmp"));
    }
    of_text(bytes)
}

const KNOWN: &[(&[u8], FileKind, &str)] = &[
    (b"\xff\xd8\xff", FileKind::Photo, "jpg"),
    (b"\x89PNG\r\n\x1a\n", FileKind::Photo, "png"),
    (b"GIF87a", FileKind::Photo, "gif"),
    (b"GIF89a", FileKind::Photo, "gif"),
    (b"II*\0\x10\0\0\0CR", FileKind::Photo, "cr2"),
    (b"II*\0", FileKind::Photo, "tif"),
    (b"MM\0*", FileKind::Photo, "tif"),
    (b"IIRO", FileKind::Photo, "orf"),
    (b"IIU\0", FileKind::Photo, "rw2"),
    (b"FUJIFILMCCD-RAW", FileKind::Photo, "raf"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", FileKind::Photo, "jxl"),
    (b"\0\0\x01\xba", FileKind::Video, "mpg"),
    (b"\0\0\x01\xb3", FileKind::Video, "mpg"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", FileKind::Video, "wmv"),
    (b"FLV\x01", FileKind::Video, "flv"),
    (b"ID3", FileKind::Sound, "mp3"),
    (b"\xff\xf1", FileKind::Sound, "aac"),
    (b"\xff\xf9", FileKind::Sound, "aac"),
    (b"#!AMR", FileKind::Sound, "amr"),
    (b"OggS", FileKind::Sound, "ogg"),
    (b"fLaC", FileKind::Sound, "flac"),
    (b"MThd", FileKind::Sound, "mid"),
    (b"%PDF-", FileKind::Document, "pdf"),
];

const RIFF: &[(&[u8], FileKind, &str)] = &[
    (b"WEBP", FileKind::Photo, "webp"),
    (b"AVI ", FileKind::Video, "avi"),
    (b"WAVE", FileKind::Sound, "wav"),
    (b"QLCM", FileKind::Sound, "qcp"),
];

/// Returns the kind of an ISO base media file by its major brand (ISO/IEC 14496-12, 4.3).
fn of_brand(bytes: &[u8]) -> (FileKind, &'static str) {
    match bytes.get(8..12).unwrap_or_default() {
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" => {
            (FileKind::Photo, "heic")
        }
        b"avif" | b"avis" => (FileKind::Photo, "avif"),
        b"crx " => (FileKind::Photo, "cr3"),
        b"M4A " | b"M4B " => (FileKind::Sound, "m4a"),
        b"qt  " => (FileKind::Video, "mov"),
        [b'3', b'g', b'p' | b's' | b'r', _] => (FileKind::Video, "3gp"),
        [b'3', b'g', b'2', _] => (FileKind::Video, "3g2"),
        _ => (FileKind::Video, "mp4"),
    }
}

/// True for a Windows bitmap. The signature `BM` is too short to be certain, so the header must also have a known
/// length.
fn is_bitmap(bytes: &[u8]) -> bool {
    let header = bytes.get(14..18);
    bytes.starts_with(b"BM")
        && matches!(header, Some([12 | 40 | 52 | 56 | 64 | 108 | 124, 0, 0, 0]))
}

/// Detects exported lists (vCard, vCalendar, iCalendar and vNote), in single-byte encodings, UTF-8 or UTF-16.
fn of_text(bytes: &[u8]) -> Option<(FileKind, &'static str)> {
    let letters = bytes
        .iter()
        .filter(|byte| !matches!(byte, 0 | 0xff | 0xfe | 0xef | 0xbb | 0xbf));
    let letters = letters.skip_while(|byte| byte.is_ascii_whitespace());
    let text: Vec<u8> = letters.take(80).map(u8::to_ascii_uppercase).collect();
    let rest = text.strip_prefix(b"BEGIN")?.trim_ascii_start();
    let rest = rest.strip_prefix(b":")?.trim_ascii_start();
    let known: [(&[u8], &str); 3] = [(b"VCARD", "vcf"), (b"VCALENDAR", "ics"), (b"VNOTE", "vnt")];
    known
        .into_iter()
        .find(|(begin, _)| rest.starts_with(begin))
        .map(|(_, ending)| (FileKind::Data, ending))
}

/// Number of bytes at the beginning of a piece of a file that are examined.
pub const LOOKED_AT_PIECE: u64 = 64 << 10;

/// Returns the kind of a piece that a check of the card saved, and its usual extension, if it is text that holds a list.
/// A check cuts files into pieces, so a piece may begin in the middle of a list.
pub fn kind_of_piece(bytes: &[u8]) -> Option<(FileKind, &'static str)> {
    /// The extension of the lists that these components belong to.
    const COMPONENTS: [(&[u8], &str); 8] = [
        (b"VCARD", "vcf"),
        (b"VCALENDAR", "ics"),
        (b"VEVENT", "ics"),
        (b"VTODO", "ics"),
        (b"VJOURNAL", "ics"),
        (b"VTIMEZONE", "ics"),
        (b"VALARM", "ics"),
        (b"VNOTE", "vnt"),
    ];
    // Without the zero bytes of UTF-16.
    let text: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    if !is_text(&text) {
        return None;
    }
    let component = |line: &[u8]| {
        let (frame, name) = line.split_at_checked(line.iter().position(|byte| *byte == b':')?)?;
        let frame = frame.trim_ascii();
        let is_frame = frame.eq_ignore_ascii_case(b"BEGIN") || frame.eq_ignore_ascii_case(b"END");
        let name = name.get(1..).filter(|_| is_frame)?.trim_ascii();
        let mut all = COMPONENTS.into_iter();
        all.find(|(known, _)| known.eq_ignore_ascii_case(name))
    };
    let mut lines = text.split(|byte| matches!(byte, b'\n' | b'\r'));
    let list = lines.find_map(component).map(|(_, ending)| ending);
    let table = || begins_table(bytes).then_some("csv");
    list.or_else(table).map(|ending| (FileKind::Data, ending))
}

/// True if there are hardly any control characters, apart from the zero bytes of UTF-16.
pub fn is_text(bytes: &[u8]) -> bool {
    let is_control = |byte: &&u8| {
        byte.is_ascii_control() && !matches!(byte, b'\0' | b'\t' | b'\n' | b'\r' | 0x1b)
    };
    bytes.iter().filter(is_control).count() * 100 <= bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ending(bytes: &[u8]) -> Option<&'static str> {
        kind_by_content(bytes).map(|(_, ending)| ending)
    }

    #[test]
    fn a_piece_of_a_list_is_known_by_its_lines() {
        let ending = |bytes: &[u8]| kind_of_piece(bytes).map(|(_, ending)| ending);
        for (piece, wanted) in [
            (&b"mple.org\r\nTEL:0170\r\nEND:VCARD\r\nBEGIN:VCARD\r\n"[..], "vcf"),
            (b"MARY:tail\nend:vevent\nBEGIN:VEVENT\nUID:k\n", "ics"),
            (b"r\0g\0\n\0E\0N\0D\0:\0V\0C\0A\0R\0D\0\n\0", "vcf"),
            (
                b"First Name,Last Name,Mobile Phone,E-mail Address\nAnn,Doe,0170123456,a@x.example\n",
                "csv",
            ),
        ] {
            assert_eq!(ending(piece), Some(wanted));
        }
        for piece in [
            &b"A diary.\nBEGIN: with the first day, END:VCARDS\n"[..],
            b"\x01\x02\x03\x04\nEND:VCARD\n",
            b"a piece of nobody knows what",
            b"",
        ] {
            assert_eq!(ending(piece), None);
        }
    }

    #[test]
    fn files_are_known_by_their_first_bytes() {
        for (bytes, expected) in [
            (b"\xff\xd8\xff\xe1\0\x10Exif".as_slice(), "jpg"),
            (b"RIFF\0\0\0\0WEBPVP8 ", "webp"),
            (b"RIFF\0\0\0\0AVI LIST", "avi"),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "heic"),
            (b"\0\0\0\x1cftypavif\0\0\0\0", "avif"),
            (b"\0\0\0\x18ftyp3gp4\0\0\0\0", "3gp"),
            (b"\0\0\0\x20ftypisom\0\0\x02\0", "mp4"),
            (b"\0\0\0\x20ftypM4A \0\0\x02\0", "m4a"),
            (b"\0\0\x10\0mdat", "mov"),
            (
                b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm",
                "webm",
            ),
            (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska", "mkv"),
            (b"#!AMR\n", "amr"),
            (b"BEGIN:VCARD\r\nVERSION:3.0\r\n", "vcf"),
            (b"\xef\xbb\xbf\r\nbegin:vcalendar\n", "ics"),
            (b"\xff\xfeB\0E\0G\0I\0N\0:\0V\0C\0A\0R\0D\0\r\0\n\0", "vcf"),
            (b"BM\x36\x10\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", "bmp"),
        ] {
            assert_eq!(ending(bytes), Some(expected));
        }
        let mut packets = vec![0; 9 * 188];
        packets
            .iter_mut()
            .step_by(188)
            .for_each(|byte| *byte = b'G');
        assert_eq!(ending(&packets), Some("ts"));
        for nothing in [
            b"".as_slice(),
            b"BM",
            b"BMW is no picture, and long enough",
            b"SQLite format 3\0",
            b"PK\x03\x04",
            b"BEGIN OF A DIARY",
            &[0; 4096],
            &[0xff; 4096],
        ] {
            assert_eq!(ending(nothing), None);
        }
    }
}
