//! Content lines: folding, escaping, parameters (RFC 5545 section 3.1, 3.2 and 3.3.11).

use crate::format::versit::exact::{self, Data};
use crate::format::versit::{Component, own_component};

/// Maximum length of a line in octets, without its line break (RFC 5545 section 3.1).
pub(super) const MAX_OCTETS: usize = 75;

/// An iCalendar text, written line by line.
#[derive(Debug, Default)]
pub(super) struct Lines {
    text: String,
}

impl Lines {
    pub(super) fn into_text(self) -> String {
        self.text
    }

    pub(super) fn begin(&mut self, component: &str) {
        self.line(&format!("BEGIN:{component}"));
    }

    pub(super) fn end(&mut self, component: &str) {
        self.line(&format!("END:{component}"));
    }

    /// Writes one content line unchanged, folded so that no line exceeds 75 octets and no character is split. The
    /// line must not contain control characters except tabs.
    pub(super) fn line(&mut self, line: &str) {
        let mut room = MAX_OCTETS;
        for c in line.chars() {
            if c.len_utf8() > room {
                self.text.push_str("\r\n ");
                room = MAX_OCTETS - 1;
            }
            self.text.push(c);
            room -= c.len_utf8();
        }
        self.text.push_str("\r\n");
    }

    /// Writes a property of type TEXT. iCalendar cannot hold control characters: they are left out. A text without
    /// visible characters is not written, because some readers drop properties without a value.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        let text = escaped(value);
        if !text.trim().is_empty() {
            self.line(&format!("{name}:{text}"));
        }
    }

    pub(super) fn optional_text(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    /// Length of the text so far, in bytes.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// Returns the component that begins at this length, as its readers see it.
    pub(super) fn own_component(&self, begin: usize) -> Component {
        own_component(self.text.get(begin..).unwrap_or_default().as_bytes())
    }

    /// Inserts the property with the exact values of the last component at this length.
    pub(super) fn keep_exact(&mut self, at: usize, data: &Data) {
        if let Some(json) = exact::text(data) {
            let mut property = Self::default();
            property.line(&format!("{}:{}", exact::NAME, escaped(&json)));
            self.text.insert_str(at, &property.text);
        }
    }
}

/// Escapes a TEXT value (RFC 5545 section 3.3.11). Every kind of line break becomes `\n`. Other control characters
/// except the tab are left out.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.push_str("\\\\"),
            ';' => out.push_str("\\;"),
            ',' => out.push_str("\\,"),
            '\n' => out.push_str("\\n"),
            '\r' => {
                if chars.peek() != Some(&'\n') {
                    out.push_str("\\n");
                }
            }
            '\t' => out.push('\t'),
            // NEL ends a line in Unicode.
            '\u{85}' => out.push_str("\\n"),
            c if is_control(c) => {}
            c => out.push(c),
        }
    }
    out
}

/// Returns a parameter value, quoted if necessary. Double quotes and control characters are not allowed (RFC 5545
/// section 3.2): quotes become apostrophes, and control characters become spaces.
pub(super) fn parameter(value: &str) -> String {
    let value: String = value
        .chars()
        .map(|c| match c {
            '"' => '\'',
            c if is_control(c) => ' ',
            c => c,
        })
        .collect();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '+' | '.');
    if !value.is_empty() && value.chars().all(plain) {
        value
    } else {
        format!("\"{value}\"")
    }
}

/// True for CONTROL of RFC 5545, the tab and the C1 controls. Some readers treat U+0085 as a line break.
fn is_control(c: char) -> bool {
    c.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn parameters_are_quoted_and_defused() {
        assert_eq!(parameter("Europe/Berlin"), "Europe/Berlin");
        assert_eq!(parameter("A;B:C,\"D\"\r\nX"), "\"A;B:C,'D'  X\"");
        assert_eq!(parameter(""), "\"\"");
    }

    #[test]
    fn controls_leave_the_text() {
        let mut lines = Lines::default();
        lines.text("SUMMARY", "a\u{0}b\r\nc;d,e\\f");
        lines.text("LOCATION", " \u{7}");
        assert_eq!(lines.into_text(), "SUMMARY:ab\\nc\\;d\\,e\\\\f\r\n");
    }

    proptest! {
        #[test]
        fn folded_lines_are_short_whole_and_come_back(text in "\\PC{0,400}") {
            let mut lines = Lines::default();
            lines.line(&text);
            let written = lines.into_text();
            prop_assert!(written.split("\r\n").all(|l| l.len() <= MAX_OCTETS));
            prop_assert_eq!(written.replace("\r\n ", ""), format!("{text}\r\n"));
        }
    }
}
