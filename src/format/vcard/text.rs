//! Content lines: escaping (RFC 2426 section 5), folding (RFC 2425 section 5.8.1) and control characters.

use std::borrow::Cow;

/// Maximum length of a physical line in octets, without its line end.
pub(super) const MAX_LINE: usize = 75;
/// The last line of a card.
pub(super) const END: &[u8] = b"END:VCARD\r\n";
/// Distance before the maximum length, in octets, within which a fold looks for a place that does not split a
/// grapheme.
const FOLD_SEARCH: usize = 32;
/// Maximum length of `TYPE=X-…` in characters. The complete label is in X-ABLabel.
const MAX_TYPE: usize = 60;

/// True for control characters that no vCard, spreadsheet or terminal should receive: C0 except TAB and line ends,
/// DEL, and C1 except NEL.
fn is_unwanted_control(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}')
}

/// True if a card cannot hold any of the text: the text is empty or has only control characters.
pub(super) fn is_void(text: &str) -> bool {
    text.chars().all(is_unwanted_control)
}

/// Returns the text without control characters (except TAB and line ends), and the number of removed characters. NEL
/// becomes LF, because it ends a line in Unicode and breaks lines in some readers.
pub fn scrubbed(text: &str) -> (Cow<'_, str>, u64) {
    let count = text.chars().filter(|&c| is_unwanted_control(c)).count();
    if count == 0 && !text.contains('\u{85}') {
        return (Cow::Borrowed(text), 0);
    }
    let kept = text.chars().filter(|&c| !is_unwanted_control(c));
    let clean = kept.map(|c| if c == '\u{85}' { '\n' } else { c }).collect();
    (Cow::Owned(clean), count as u64)
}

/// Returns the part of a label that every reader accepts in a parameter: without quotes, separators, backslashes,
/// control characters and carets (RFC 6868), with single blanks as white space, and of limited length. None if
/// nothing is left.
pub(super) fn parameter_text(label: &str) -> Option<String> {
    let cleaned = label.chars().map(|c| match c {
        '"' | ':' | ';' | ',' | '\\' | '^' | '=' => ' ',
        c if c.is_control()
            || c.is_whitespace()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}') =>
        {
            ' '
        }
        c => c,
    });
    let mut text = String::new();
    for c in cleaned.take(MAX_TYPE) {
        if c != ' ' || !(text.is_empty() || text.ends_with(' ')) {
            text.push(c);
        }
    }
    text.truncate(text.trim_end().len());
    (!text.is_empty()).then_some(text)
}

/// Returns the text with LF for every line end (CR LF, CR, LF, and NEL, which ends a line in Unicode).
pub(crate) fn with_lf(text: &str) -> Cow<'_, str> {
    if text.contains(['\r', '\u{85}']) {
        Cow::Owned(text.replace("\r\n", "\n").replace(['\r', '\u{85}'], "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Bytes that [`escape`] must handle: special characters, control characters, and the first byte of C1 characters.
const SPECIAL: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 32 {
        table[byte] = byte != b'\t' as usize;
        byte += 1;
    }
    table[b'\\' as usize] = true;
    table[b',' as usize] = true;
    table[b';' as usize] = true;
    table[0x7F] = true;
    table[0xC2] = true;
    table
};

/// Appends `value` as vCard text: `\\`, `\,`, `\;`, and any line end as `\n`, without control characters. Returns the
/// number of control characters left out.
pub(super) fn escape(line: &mut String, value: &str) -> u64 {
    let bytes = value.as_bytes();
    let (mut start, mut at, mut scrubbed) = (0, 0, 0);
    while let Some(&byte) = bytes.get(at) {
        if !SPECIAL.get(usize::from(byte)).copied().unwrap_or(false) {
            at += 1;
            continue;
        }
        let (replacement, length) = match byte {
            b'\\' => ("\\\\", 1),
            b',' => ("\\,", 1),
            b';' => ("\\;", 1),
            b'\r' if bytes.get(at + 1) == Some(&b'\n') => ("\\n", 2),
            b'\r' | b'\n' => ("\\n", 1),
            0xC2 if bytes.get(at + 1).is_some_and(|&next| next >= 0xA0) => {
                at += 2;
                continue;
            }
            0xC2 if bytes.get(at + 1) == Some(&0x85) => ("\\n", 2),
            0xC2 => {
                scrubbed += 1;
                ("", 2)
            }
            _ => {
                scrubbed += 1;
                ("", 1)
            }
        };
        line.push_str(value.get(start..at).unwrap_or_default());
        line.push_str(replacement);
        at += length;
        start = at;
    }
    line.push_str(value.get(start..).unwrap_or_default());
    scrubbed
}

/// Appends a content line to `out`, folded and with its line end.
pub(super) fn fold(line: &str, out: &mut Vec<u8>) {
    let mut markers = markers(line).peekable();
    let (mut start, mut room) = (0, MAX_LINE);
    while let Some(rest) = line.get(start..) {
        let place = match markers.peek().and_then(|marker| marker.checked_sub(start)) {
            Some(place) if place < room => place,
            _ if rest.len() > room => fold_place(rest, room),
            _ => {
                out.extend_from_slice(rest.as_bytes());
                break;
            }
        };
        out.extend_from_slice(rest.get(..place).unwrap_or_default().as_bytes());
        out.extend_from_slice(b"\r\n ");
        start += place;
        room = MAX_LINE - 1;
        while markers.next_if(|marker| *marker <= start).is_some() {}
    }
    out.extend_from_slice(b"\r\n");
}

/// Places inside each `BEGIN:VCARD` and `END:VCARD` of a text. A fold there prevents programs that only search for
/// these words from taking an owner's text for the end of a card.
fn markers(text: &str) -> impl Iterator<Item = usize> {
    text.match_indices(":VCARD").filter_map(|(colon, _)| {
        let before = text.get(..colon)?;
        (before.ends_with("BEGIN") || before.ends_with("END")).then_some(colon + 3)
    })
}

/// Returns a written card with a fold inside each `BEGIN:VCARD` and `END:VCARD` that belongs to an owner's text.
pub(super) fn guarded(card: String) -> String {
    if card.matches(":VCARD").count() <= 2 {
        return card;
    }
    let mut guarded = String::with_capacity(card.len() + 16);
    for line in card.split_inclusive("\r\n") {
        let own = matches!(line.trim_end(), "BEGIN:VCARD" | "END:VCARD");
        let mut start = 0;
        for place in markers(line).filter(|_| !own) {
            guarded.extend([line.get(start..place).unwrap_or_default(), "\r\n "]);
            start = place;
        }
        guarded.push_str(line.get(start..).unwrap_or_default());
    }
    guarded
}

/// Returns the place for a fold, never inside a character. If possible, the place is not inside an escape, not before
/// a character that modifies the previous one, and not before white space, which some readers strip.
fn fold_place(text: &str, room: usize) -> usize {
    let mut last = room.min(text.len());
    while last > 0 && !text.is_char_boundary(last) {
        last -= 1;
    }
    let mut at = last;
    while at > 0 && at + FOLD_SEARCH > last {
        let (head, tail) = text.split_at(at);
        let (Some(before), Some(after)) = (head.chars().next_back(), tail.chars().next()) else {
            break;
        };
        if !is_extending(after) && !after.is_whitespace() && before != '\\' && before != '\u{200D}'
        {
            return at;
        }
        at -= before.len_utf8();
    }
    last
}

/// True for combining marks, joiners, variation selectors and skin tones.
fn is_extending(c: char) -> bool {
    matches!(c,
        '\u{0300}'..='\u{036F}' | '\u{0483}'..='\u{0489}' | '\u{0591}'..='\u{05C7}'
        | '\u{0610}'..='\u{061A}' | '\u{064B}'..='\u{065F}' | '\u{0900}'..='\u{0903}'
        | '\u{093A}'..='\u{094F}' | '\u{0E31}'..='\u{0E3A}' | '\u{0E47}'..='\u{0E4E}'
        | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{200C}'..='\u{200D}'
        | '\u{20D0}'..='\u{20FF}' | '\u{3099}'..='\u{309A}' | '\u{FE00}'..='\u{FE0F}'
        | '\u{FE20}'..='\u{FE2F}' | '\u{1F3FB}'..='\u{1F3FF}' | '\u{E0020}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn folded(line: &str) -> String {
        let mut out = Vec::new();
        fold(line, &mut out);
        String::from_utf8(out).expect("folds are never inside a character")
    }

    #[test]
    fn folds_keep_families_and_accents_together() {
        for unit in ["👨‍👩‍👧", "e\u{301}", "👍🏽", "\\;"] {
            for padding in 60..76 {
                let line = format!("{}{unit}{}", "x".repeat(padding), "y".repeat(20));
                for physical in folded(&line).split("\r\n") {
                    assert!(physical.len() <= MAX_LINE);
                }
                assert!(folded(&line).contains(unit), "{unit:?} at {padding}");
            }
        }
    }

    #[test]
    fn controls_go_and_are_counted() {
        let mut line = String::new();
        assert_eq!(
            escape(&mut line, "a\0b\u{85}c\u{7F}\td\u{A0}e\r\nf\rg\nh"),
            2
        );
        assert_eq!(line, "ab\\nc\td\u{A0}e\\nf\\ng\\nh");
        assert_eq!(scrubbed("a\0b\u{85}c"), ("ab\nc".into(), 1));
        assert_eq!(scrubbed("a\r\n\tb").1, 0);
    }

    #[test]
    fn a_text_is_never_taken_for_the_end_of_a_card() {
        let line = format!("NOTE:BEGIN:VCARD:VCARD{}END:VCARDEND:VCARD", "x".repeat(60));
        let text = folded(&line);
        assert!(
            !text.contains("END:VCARD") && !text.contains("BEGIN:VCARD"),
            "{text}"
        );
        assert_eq!(text.replace("\r\n ", "").trim_end(), line);
        let card = format!("BEGIN:VCARD\r\n{line}\r\nEND:VCARD\r\n");
        let text = guarded(card.clone());
        assert_eq!(text.matches("END:VCARD").count(), 1);
        assert_eq!(text.replace("\r\n ", ""), card);
    }

    #[test]
    fn long_texts_are_folded_in_one_pass() {
        // Each text would take minutes, or overflow the stack, if every fold examined the whole rest.
        for text in [
            "x".repeat(20 << 20),
            ":VCARD".repeat(3 << 20),
            "END:VCARD".repeat(1 << 20),
        ] {
            let folded = folded(&text);
            assert!(!folded.contains("END:VCARD"));
            assert_eq!(folded.replace("\r\n ", "").trim_end(), text);
            let card = format!("BEGIN:VCARD\r\n{text}\r\nEND:VCARD\r\n");
            assert_eq!(guarded(card).matches("END:VCARD").count(), 1);
        }
    }

    proptest! {
        #[test]
        fn unfolding_gives_the_line_back(line in "[\\PC\\t]{0,400}") {
            let text = folded(&line);
            prop_assert!(text.split("\r\n").all(|physical| physical.len() <= MAX_LINE));
            let unfolded = text.replace("\r\n ", "");
            prop_assert_eq!(unfolded.strip_suffix("\r\n"), Some(line.as_str()));
        }
    }
}
