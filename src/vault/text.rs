//! Makes text from other sources safe to show.

/// Returns a handset's text as one line that is safe to show. Control characters, line ends and direction overrides
/// could rewrite a terminal, break out of a log line or reverse the text next to them. Line ends and tabs become
/// spaces; the others are removed. Characters that scripts need (joiners, accents) stay.
pub fn for_display(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c {
            '\n' | '\t' | '\u{2028}' | '\u{2029}' => Some(' '),
            '\u{061C}'
            | '\u{200E}'
            | '\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2066}'..='\u{2069}' => None,
            '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' => None,
            c if c.is_control() => None,
            c => Some(c),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::for_display;

    #[test]
    fn nothing_that_moves_a_cursor_or_turns_text_round_is_left() {
        assert_eq!(
            for_display("a\u{1b}[31mb\r\nc\u{202E}d\u{2066}e\u{9b}"),
            "a[31mb cde"
        );
        let family = "👨\u{200D}👩\u{200D}👧 می\u{200C}خواهم";
        assert_eq!(for_display(family), family);
    }
}
