//! Escapes and separators inside values.

/// Escape rules for text values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Dialect {
    /// vCard 2.1, vCalendar 1.0, vNote: a backslash before a separator, and line breaks in quoted-printable. Many
    /// programs wrote `\n` anyway.
    #[default]
    Old,
    /// vCard 3.0 and 4.0, iCalendar (RFC 2426 section 5, RFC 5545 section 3.3.11).
    New,
}

/// Undoes the escapes of a text and turns every line end into LF. A backslash before a letter without a special
/// meaning stays a backslash. `line_breaks`: `\n` means a line break.
pub(super) fn unescaped(raw: &str, line_breaks: bool) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr::memchr2(b'\\', b'\r', rest.as_bytes()) {
        let (plain, special) = rest.split_at(at);
        text.push_str(plain);
        let mut chars = special.chars();
        if chars.next() == Some('\r') {
            text.push('\n');
            let after = chars.as_str();
            rest = after.strip_prefix('\n').unwrap_or(after);
            continue;
        }
        match chars.next() {
            Some('n' | 'N') if line_breaks => text.push('\n'),
            Some(escaped @ ('\\' | ';' | ',' | ':' | '"')) => text.push(escaped),
            Some(other) => text.extend(['\\', other]),
            None => text.push('\\'),
        }
        rest = chars.as_str();
    }
    text.push_str(rest);
    text
}

/// True if `\n` is a line break in this text. In the old dialect it may also be part of a path (`C:\new`).
fn breaks_lines(raw: &str, dialect: Dialect) -> bool {
    dialect == Dialect::New || !(raw.contains(":\\") || raw.starts_with("\\\\"))
}

/// Returns a value as text, without its escapes.
pub(super) fn whole(raw: &str, dialect: Dialect) -> String {
    unescaped(raw, breaks_lines(raw, dialect))
}

/// Splits a value at unescaped separators and undoes the escapes of each part.
pub(super) fn split(raw: &str, separators: &[char], dialect: Dialect) -> Vec<String> {
    let line_breaks = breaks_lines(raw, dialect);
    if !raw.contains(separators) {
        return vec![unescaped(raw, line_breaks)];
    }
    let mut parts = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (at, c) in raw.char_indices() {
        if !escaped && separators.contains(&c) {
            parts.push(unescaped(
                raw.get(start..at).unwrap_or_default(),
                line_breaks,
            ));
            start = at + c.len_utf8();
        }
        escaped = c == '\\' && !escaped;
    }
    parts.push(unescaped(raw.get(start..).unwrap_or_default(), line_breaks));
    parts
}

/// Separators between the items of a list. The old dialect uses both.
pub(super) fn separators(dialect: Dialect) -> &'static [char] {
    match dialect {
        Dialect::Old => &[';', ','],
        Dialect::New => &[','],
    }
}

/// Undoes the percent-encoding of a URI (RFC 3986 section 2.1). Returns the text unchanged if the result is not
/// UTF-8.
pub(crate) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let digit = |at: usize| after.get(at).and_then(|b| char::from(*b).to_digit(16));
        match (byte, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                rest = after.get(2..).unwrap_or_default();
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_once() {
        for (raw, dialect, wanted) in [
            ("a\\;b\\,c\\\\n", Dialect::New, "a;b,c\\n"),
            ("one\\ntwo\\Nthree", Dialect::New, "one\ntwo\nthree"),
            ("one\\ntwo", Dialect::Old, "one\ntwo"),
            ("C:\\new", Dialect::Old, "C:\\new"),
            ("a\\b", Dialect::New, "a\\b"),
            ("abc\\", Dialect::Old, "abc\\"),
            ("\\:E", Dialect::Old, ":E"),
        ] {
            assert_eq!(whole(raw, dialect), wanted, "{raw}");
        }
    }

    #[test]
    fn parts_are_cut_at_bare_separators() {
        assert_eq!(
            split(";A\\;B\\\\;C\\\\\\;;D;\\:E;\\\\\\\\;", &[';'], Dialect::Old),
            ["", "A;B\\", "C\\;", "D", ":E", "\\\\", ""]
        );
        assert_eq!(split("a\\,b,c", &[','], Dialect::New), ["a,b", "c"]);
        assert_eq!(split("", &[','], Dialect::New), [""]);
    }
}
