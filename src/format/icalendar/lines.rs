//! Content lines: folding, escaping, parameters (RFC 5545 section 3.1, 3.2 and 3.3.11).

use serde::Serialize;

/// The most octets that a line may have, its line break not counted (RFC 5545 section 3.1).
pub(super) const MAX_OCTETS: usize = 75;

/// iCalendar text being written, line by line.
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

    /// One content line as it is, folded so that no line is over 75 octets and no character is cut.
    /// It must hold no control characters but tabs.
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

    /// A property whose value is TEXT. iCalendar has no way to write control characters: they are left out,
    /// and the text with all of them follows as a JSON string in `X-LIFEBOAT-EXACT`. A text in which nothing
    /// can be seen is only there, since some readers drop properties without a value.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        let text = escaped(value);
        let blank = text.trim().is_empty();
        if !blank {
            self.line(&format!("{name}:{text}"));
        }
        if !value.is_empty() && (blank || has_unwritable(value)) {
            let property = name.split(';').next().unwrap_or(name);
            self.json(&format!("X-LIFEBOAT-EXACT;X-OF={property}"), &value);
        }
    }

    pub(super) fn optional_text(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    /// A property of our own whose value is kept exactly, as JSON.
    pub(super) fn json(&mut self, name: &str, value: &impl Serialize) {
        self.line(&format!("{name}:{}", escaped(&json(value))));
    }
}

/// JSON without any control character, not even those that JSON would allow.
pub(super) fn json(value: &impl Serialize) -> String {
    // Plain data of ours: there is nothing in it that JSON can't say.
    let json = serde_json::to_string(value).unwrap_or_default();
    if !json.chars().any(is_control) {
        return json;
    }
    let mut out = String::with_capacity(json.len() + 8);
    for c in json.chars() {
        if is_control(c) {
            out.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

/// A TEXT value (RFC 5545 section 3.3.11). Every way to break a line becomes `\n`; other control characters
/// but the tab are left out.
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
            // NEL ends a line in Unicode
            '\u{85}' => out.push_str("\\n"),
            c if is_control(c) => {}
            c => out.push(c),
        }
    }
    out
}

/// A parameter's value: quoted where it must be. Double quotes and control characters can't be written
/// (RFC 5545 section 3.2), so quotes become apostrophes and controls spaces.
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

/// True if [`escaped`] can't give the text back as it is.
pub(super) fn has_unwritable(text: &str) -> bool {
    text.chars()
        .any(|c| is_control(c) && c != '\n' && c != '\t')
}

/// RFC 5545's CONTROL, the tab and the C1 controls as well: some readers take U+0085 for a line break.
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
    fn controls_leave_the_text_and_stay_in_the_exact_copy() {
        let mut lines = Lines::default();
        lines.text("SUMMARY", "a\u{0}b\r\nc;d,e\\f");
        assert_eq!(
            lines.into_text(),
            "SUMMARY:ab\\nc\\;d\\,e\\\\f\r\nX-LIFEBOAT-EXACT;X-OF=SUMMARY:\"a\\\\u0000b\\\\r\\\\nc\\;d\\,e\\\\\\\\f\"\r\n"
        );
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
