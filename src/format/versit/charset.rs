//! Detects the charset of text: by its label, otherwise by the bytes themselves.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    BIG5, EUC_KR, Encoding, GBK, ISO_2022_JP, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252,
};

use super::sense;

/// Maximum number of bytes that are examined to guess a charset.
pub(super) const EVIDENCE: usize = 256 << 10;

/// Returns the charset of a CHARSET parameter. Knows the labels of the Encoding Standard, and the labels that phones
/// and PC suites write instead.
pub(super) fn named(label: &str) -> Option<&'static Encoding> {
    let label = label.trim().trim_matches('"');
    if let Some(encoding) = Encoding::for_label(label.as_bytes()) {
        // "replacement" is the Encoding Standard's result for charsets that browsers refuse.
        return Some(encoding).filter(|e| e.is_ascii_compatible() || *e == ISO_2022_JP);
    }
    let bare: String = label
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    Some(match bare.as_str() {
        "shiftjis" | "xsjis" | "cp932" | "windows932" | "ms932" => SHIFT_JIS,
        "gb2312" | "gbk" | "cp936" | "windows936" | "ms936" => GBK,
        "cp949" | "ksc5601" | "ksc56011987" => EUC_KR,
        "cp950" | "big5hkscs" => BIG5,
        "utf8" | "unicode11utf8" => UTF_8,
        "ansi" | "latin1" | "cp1252" | "iso88591" => WINDOWS_1252,
        _ => {
            let page = bare.strip_prefix("cp").or(bare.strip_prefix("ansi"))?;
            return Encoding::for_label(format!("windows-{page}").as_bytes());
        }
    })
}

/// Prepares a text file without charset labels, such as a table, for splitting at ASCII characters: converts UTF-16
/// without a byte order mark, and ISO-2022-JP, to UTF-8. `named`: the file name says that this is such a file.
pub(crate) fn whole_text(bytes: &[u8], named: bool) -> Cow<'_, [u8]> {
    if let Some(order) = unmarked_utf16(bytes).filter(|_| named) {
        let (text, _) = order.decode_without_bom_handling(bytes);
        return Cow::Owned(text.into_owned().into_bytes());
    }
    let japanese = escapes_to_japanese(bytes)
        .then(|| ISO_2022_JP.decode_without_bom_handling_and_without_replacement(bytes));
    match japanese.flatten() {
        Some(text) => Cow::Owned(text.into_owned().into_bytes()),
        None => Cow::Borrowed(bytes),
    }
}

/// Detects UTF-16 by its zero bytes. Every ASCII character has a zero byte, always on the same side.
fn unmarked_utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = bytes.get(..4096).unwrap_or(bytes);
    let zeros = |first: usize| {
        sample
            .iter()
            .skip(first)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    // About one delimiter or blank in ten characters.
    let enough = |count: usize| count >= 2 && count * 20 >= sample.len() / 2;
    match (even, odd) {
        (0, odd) if enough(odd) => Some(UTF_16LE),
        (even, 0) if enough(even) => Some(UTF_16BE),
        _ => None,
    }
}

/// Decodes the cells of a table one by one and tries UTF-8 first, so that one bad byte damages only one cell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CellText {
    /// Charset of the cells that are not UTF-8.
    other: &'static Encoding,
    kind: Cells,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cells {
    /// The table is in UTF-8. A cell that is not UTF-8 is damaged or comes from another file.
    Utf8,
    /// The table is in another charset. A cell that is valid UTF-8 is read as UTF-8.
    Other,
    /// The table is in a multi-byte charset, in which some text looks like UTF-8.
    Wide,
}

impl CellText {
    /// Detects the charset of a whole table. The table is split at characters that no multi-byte charset uses as a
    /// second byte.
    pub(crate) fn of(table: &[u8]) -> Self {
        if std::str::from_utf8(table).is_ok() {
            return Self {
                other: WINDOWS_1252,
                kind: Cells::Utf8,
            };
        }
        let splits = |b: &u8| matches!(b, b',' | b';' | b'\t' | b'\n' | b'\r' | b'"');
        let (mut good, mut bad) = (0_u64, 0_u64);
        let mut evidence = Vec::new();
        for cell in table.split(splits).filter(|cell| !cell.is_ascii()) {
            let beyond = cell.iter().filter(|byte| !byte.is_ascii()).count() as u64;
            if std::str::from_utf8(cell).is_ok() {
                good += beyond;
            } else {
                bad += beyond;
                if evidence.len() < EVIDENCE {
                    let room = EVIDENCE - evidence.len();
                    evidence.extend(cell.get(..room).unwrap_or(cell));
                    evidence.push(b'\n');
                }
            }
        }
        let other = if bad == 0 {
            UTF_8
        } else {
            guess(&evidence, &[])
        };
        let other = if other == UTF_8 { WINDOWS_1252 } else { other };
        let kind = match other.is_single_byte() {
            true if good * 10 >= bad => Cells::Utf8,
            true => Cells::Other,
            // In such a charset, a few cells look like UTF-8 by chance.
            false if good >= bad => Cells::Utf8,
            false => Cells::Wide,
        };
        Self { other, kind }
    }

    /// Returns the text of a cell, and whether every byte was valid in the charset of the table.
    pub(crate) fn decode<'a>(&self, cell: &'a [u8]) -> (Cow<'a, str>, bool) {
        let plain = std::str::from_utf8(cell);
        if let Ok(text) = plain
            && (self.kind != Cells::Wide || cell.is_ascii())
        {
            return (Cow::Borrowed(text), true);
        }
        let strictly = self
            .other
            .decode_without_bom_handling_and_without_replacement(cell);
        match (self.kind, strictly, plain) {
            (Cells::Utf8, ..) if self.other.is_single_byte() => {
                (Cow::Owned(self.piecewise(cell)), false)
            }
            (kind, Some(text), _) => (text, kind != Cells::Utf8),
            (_, None, Ok(text)) => (Cow::Borrowed(text), true),
            (Cells::Utf8, None, _) => (
                Cow::Owned(String::from_utf8_lossy(cell).into_owned()),
                false,
            ),
            (_, None, _) => (self.other.decode_without_bom_handling(cell).0, false),
        }
    }

    /// Decodes as UTF-8 as far as possible and other bytes in the other charset. A character that was cut off at the
    /// end counts as damaged: a partial character after other UTF-8 characters, or the first half of a Western
    /// letter.
    fn piecewise(&self, mut rest: &[u8]) -> String {
        let mut text = String::with_capacity(rest.len());
        while !rest.is_empty() {
            let error = match std::str::from_utf8(rest) {
                Ok(good) => {
                    text.push_str(good);
                    break;
                }
                Err(error) => error,
            };
            let (good, bad) = rest
                .split_at_checked(error.valid_up_to())
                .unwrap_or((rest, &[]));
            text.push_str(&String::from_utf8_lossy(good));
            let cut =
                error.error_len().is_none() && (!good.is_ascii() || matches!(bad, [0xC2 | 0xC3]));
            if cut {
                text.push(char::REPLACEMENT_CHARACTER);
                break;
            }
            let length = error.error_len().unwrap_or(bad.len());
            let (bad, after) = bad.split_at_checked(length).unwrap_or((bad, &[]));
            text.push_str(&self.other.decode_without_bom_handling(bad).0);
            rest = after;
        }
        text
    }
}

/// Guesses the charset of unlabelled bytes. A charset that labels other properties of the file wins if the bytes are
/// valid in it. Otherwise the bytes themselves decide.
pub(super) fn guess(evidence: &[u8], labels: &[&'static Encoding]) -> &'static Encoding {
    if simple_utf8(evidence) && !escapes_to_japanese(evidence) {
        return UTF_8;
    }
    let fits = |encoding: &&'static Encoding| {
        encoding
            .decode_without_bom_handling_and_without_replacement(evidence)
            .is_some()
    };
    if let Some(label) = labels.iter().copied().find(fits) {
        return label;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(evidence, true);
    let guess = detector.guess(None, Utf8Detection::Allow);
    if guess.is_single_byte() && says_little(evidence) {
        return WINDOWS_1252;
    }
    guess
}

/// The charsets of a file's unlabelled text.
#[derive(Debug, Clone)]
pub(super) struct Charsets {
    whole: &'static Encoding,
    /// Where the charset changes. Empty if the whole file has one.
    changes: Vec<(usize, &'static Encoding)>,
}

impl Default for Charsets {
    fn default() -> Self {
        Self {
            whole: UTF_8,
            changes: Vec::new(),
        }
    }
}

impl Charsets {
    /// `parts`: the start of each part of the file, its evidence, and the labels in it. The charset of the whole file
    /// counts for a part unless the text would make no sense in it: a short part alone says little.
    pub(super) fn of<'p>(
        whole: &'static Encoding,
        parts: impl Iterator<Item = (usize, &'p [u8], &'p [&'static Encoding])>,
    ) -> Self {
        let mut charsets = Self {
            whole,
            changes: Vec::new(),
        };
        let mut now = whole;
        for (start, evidence, labels) in parts {
            let own = of_part(whole, evidence, labels);
            if own != now {
                charsets.changes.push((start, own));
                now = own;
            }
        }
        charsets
    }

    /// The charset at a place in the text.
    pub(super) fn at(&self, place: usize) -> &'static Encoding {
        let after = self.changes.partition_point(|(start, _)| *start <= place);
        let change = after.checked_sub(1).and_then(|at| self.changes.get(at));
        change.map_or(self.whole, |(_, encoding)| encoding)
    }
}

fn of_part(
    whole: &'static Encoding,
    evidence: &[u8],
    labels: &[&'static Encoding],
) -> &'static Encoding {
    let makes_sense = |encoding: &'static Encoding| {
        let text = encoding.decode_without_bom_handling_and_without_replacement(evidence);
        text.is_some_and(|text| sense::is_likely(&text))
    };
    if let Some(label) = labels.iter().copied().find(|label| makes_sense(label)) {
        return label;
    }
    if whole == UTF_8 || whole == ISO_2022_JP || makes_sense(whole) {
        return whole;
    }
    let own = guess(evidence, &[]);
    if makes_sense(own) { own } else { whole }
}

/// True for a few letters between ASCII. Many charsets could explain them, and most phones wrote Western European.
fn says_little(bytes: &[u8]) -> bool {
    let count = bytes.iter().filter(|byte| !byte.is_ascii()).count();
    let word = bytes.split(u8::is_ascii).map(<[u8]>::len).max();
    count < 4 && word.unwrap_or_default() < 3
}

/// What the bytes of one line say about the charset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line<'a> {
    Utf8,
    /// UTF-8 up to these bytes at the end, the first ones of a character. Only the next line tells whether a fold
    /// cut the character in two: in other charsets, a single such byte is a whole letter.
    Open(&'a [u8]),
    Other,
}

impl<'a> Line<'a> {
    pub(super) fn of(line: &'a [u8]) -> Self {
        match std::str::from_utf8(line) {
            Ok(_) => Self::Utf8,
            Err(error) if error.error_len().is_some() => Self::Other,
            Err(error) => Self::Open(line.get(error.valid_up_to()..).unwrap_or_default()),
        }
    }
}

/// Returns the rest of a line after the bytes that complete a character: `start` has the first bytes of it. None if
/// the line does not continue the character.
pub(super) fn completed<'a>(start: &[u8], line: &'a [u8]) -> Option<&'a [u8]> {
    let line = line.trim_ascii_start();
    let length = match start.first()? {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return None,
    };
    let (own, rest) = line.split_at_checked(usize::checked_sub(length, start.len())?)?;
    std::str::from_utf8(&[start, own].concat()).ok()?;
    Some(rest)
}

/// True if the bytes are UTF-8, apart from a character that the limit of the evidence cut off.
fn simple_utf8(evidence: &[u8]) -> bool {
    let text = evidence.strip_suffix(b"\n").unwrap_or(evidence);
    match std::str::from_utf8(text) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && text.len() >= EVIDENCE,
    }
}

/// True if not one character beyond ASCII is UTF-8, and none was cut off at the end: the bytes are in another charset.
fn is_no_utf8(bytes: &[u8]) -> bool {
    let mut chunks = bytes.utf8_chunks().peekable();
    let mut any = false;
    while let Some(chunk) = chunks.next() {
        let is_cut = chunks.peek().is_none()
            && matches!(Line::of(chunk.invalid()), Line::Open(_))
            && !chunk.invalid().is_empty();
        if !chunk.valid().is_ascii() || is_cut {
            return false;
        }
        any |= !chunk.invalid().is_empty();
    }
    any
}

/// ISO-2022-JP uses only seven bits, so only its escape sequences identify it.
fn escapes_to_japanese(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, b"\x1B$").is_some()
}

/// Returns the text of a value, and whether every byte was valid.
pub(super) fn decode<'a>(
    bytes: &'a [u8],
    label: Option<&'static Encoding>,
    guess: &'static Encoding,
) -> (Cow<'a, str>, bool) {
    if bytes.is_ascii() && !bytes.contains(&0x1B) {
        return match std::str::from_utf8(bytes) {
            Ok(text) => (Cow::Borrowed(text), true),
            Err(_) => (String::from_utf8_lossy(bytes), false),
        };
    }
    let strictly = |encoding: &'static Encoding| {
        encoding.decode_without_bom_handling_and_without_replacement(bytes)
    };
    if let Some(text) = label.and_then(strictly) {
        return (text, true);
    }
    let seven_bit = escapes_to_japanese(bytes);
    if seven_bit && let Some(text) = strictly(ISO_2022_JP) {
        return (text, label.is_none());
    }
    // A few damaged characters do not make a label wrong.
    if let Some(label) = label {
        let (text, _) = label.decode_without_bom_handling(bytes);
        let damaged = text.matches(char::REPLACEMENT_CHARACTER).count();
        if damaged * 8 <= text.chars().count() && !(label == UTF_8 && is_no_utf8(bytes)) {
            return (text, false);
        }
    }
    // The bytes themselves count more than a wrong label.
    for encoding in [UTF_8, guess] {
        if let Some(text) = strictly(encoding) {
            return (text, label.is_none());
        }
    }
    if label == Some(UTF_8)
        && is_no_utf8(bytes)
        && let Some(text) = strictly(self::guess(bytes, &[]))
    {
        return (text, false);
    }
    let (text, _) = label.unwrap_or(guess).decode_without_bom_handling(bytes);
    (text, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_phones_are_known() {
        for (label, wanted) in [
            ("SHIFT_JIS", SHIFT_JIS),
            ("Shift-JIS", SHIFT_JIS),
            ("CP932", SHIFT_JIS),
            ("utf8", UTF_8),
            ("\"UTF-8\"", UTF_8),
            ("ISO8859-1", WINDOWS_1252),
            ("GB2312", GBK),
            ("CP1252", WINDOWS_1252),
            ("iso-2022-jp", ISO_2022_JP),
        ] {
            assert_eq!(named(label), Some(wanted), "{label}");
        }
        assert_eq!(named("cp1251").map(Encoding::name), Some("windows-1251"));
        for label in ["", "chinese-x", "utf-7", "utf-16", "\u{e9}"] {
            assert_eq!(named(label), None, "{label}");
        }
    }

    #[test]
    fn unlabelled_japanese_is_made_out_in_each_of_its_charsets() {
        let text = "天野喜孝は日本の画家である。電話をかけてください";
        for charset in [SHIFT_JIS, encoding_rs::EUC_JP, ISO_2022_JP] {
            let (bytes, _, lossy) = charset.encode(text);
            assert!(!lossy);
            let guessed = guess(&bytes, &[]);
            assert_eq!(guessed, charset);
            assert_eq!(decode(&bytes, None, guessed), (text.into(), true));
        }
    }

    #[test]
    fn a_label_elsewhere_in_the_file_is_believed_before_a_guess() {
        let (bytes, ..) = SHIFT_JIS.encode("青木");
        assert_eq!(guess(&bytes, &[SHIFT_JIS]), SHIFT_JIS);
        assert_eq!(guess(b"Extra3\xA3", &[]), WINDOWS_1252);
        // Not if the bytes are invalid in that charset.
        assert_ne!(
            guess(b"caf\xE9 cr\xE8me br\xFBl\xE9e \xA0 na\xEFve", &[UTF_8]),
            UTF_8
        );
    }

    #[test]
    fn a_wrong_label_does_not_spoil_the_text() {
        assert_eq!(
            decode("Zoë".as_bytes(), Some(SHIFT_JIS), UTF_8).0,
            SHIFT_JIS.decode("Zoë".as_bytes()).0
        );
        let (text, clean) = decode(b"Zo\xEB", Some(UTF_8), WINDOWS_1252);
        assert_eq!((text.as_ref(), clean), ("Zoë", false));
        // One letter of many says it too, where no other letter is UTF-8.
        for guess in [WINDOWS_1252, UTF_8] {
            let (text, clean) = decode(b"M\xFCller;Claus;;;", Some(UTF_8), guess);
            assert_eq!((text.as_ref(), clean), ("Müller;Claus;;;", false));
        }
        let (text, _) = decode(b"a name that was cut off\xC3", Some(UTF_8), WINDOWS_1252);
        assert_eq!(text, "a name that was cut off\u{FFFD}");
        let damaged = [&b"\x80"[..], "ÑÑÑÑÑÑÑÑ".as_bytes()].concat();
        let (text, clean) = decode(&damaged, Some(UTF_8), WINDOWS_1252);
        assert_eq!((text.as_ref(), clean), ("\u{FFFD}ÑÑÑÑÑÑÑÑ", false));
    }

    #[test]
    fn each_cell_of_a_table_is_read_by_itself() {
        let table = "Zoë,naïve,Жанна\n".as_bytes();
        let bad = &b"Jos\xE9 Cort\xC3"[..];
        let text = CellText::of(&[table, bad].concat());
        assert_eq!(text.decode("Жанна".as_bytes()), ("Жанна".into(), true));
        assert_eq!(text.decode(bad), ("José Cort\u{FFFD}".into(), false));
        // A table in one other charset is not damaged.
        for (charset, name) in [
            (WINDOWS_1252, "Jörg Groß, Straße"),
            (encoding_rs::WINDOWS_1251, "Жанна Орлова, друг"),
        ] {
            let (bytes, ..) = charset.encode(name);
            let text = CellText::of(&bytes);
            for (cell, wanted) in bytes.split(|b| *b == b',').zip(name.split(',')) {
                assert_eq!(text.decode(cell), (wanted.into(), true));
            }
        }
        let japanese = "天野喜孝,電話をかけてください,ソフト,表示";
        for charset in [SHIFT_JIS, encoding_rs::EUC_JP] {
            let (bytes, ..) = charset.encode(japanese);
            let text = CellText::of(&bytes);
            for (cell, wanted) in bytes.split(|b| *b == b',').zip(japanese.split(',')) {
                assert_eq!(text.decode(cell), (wanted.into(), true), "{charset:?}");
            }
        }
    }

    #[test]
    fn tables_without_a_mark_are_made_out() {
        let text = "Имя;Телефон\r\nЖанна;+7 999 000 00 01\r\n";
        let units: Vec<u16> = text.encode_utf16().collect();
        let little: Vec<u8> = units.iter().flat_map(|u| u.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|u| u.to_be_bytes()).collect();
        for file in [&little, &big] {
            assert_eq!(whole_text(file, true), text.as_bytes());
            assert_eq!(whole_text(file, false), file.as_slice());
        }
        let (bytes, ..) = ISO_2022_JP.encode("名前,電話");
        assert_eq!(whole_text(&bytes, true), "名前,電話".as_bytes());
        assert_eq!(whole_text(b"a\0b", true), &b"a\0b"[..]);
    }
}
