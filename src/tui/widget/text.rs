//! Fits text to a width in terminal columns, not in bytes or characters.

use std::iter;

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

pub use crate::model::{counted, grouped as count};
use crate::phrase;
use crate::vault::for_display;

/// The characters as a person sees them: an emoji of several code points is one. Terminals draw each as a whole.
fn seen(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    text.graphemes(true)
}

/// Returns text of up to `width` columns. Removes control sequences, because the text may come from outside.
pub fn fit(text: &str, width: usize) -> String {
    let text = for_display(text);
    if text.width() <= width {
        return text;
    }
    let mut fitted = String::new();
    let mut used = 0;
    for c in seen(&text) {
        let columns = c.width();
        if used + columns + 1 > width {
            break;
        }
        used += columns;
        fitted.push_str(c);
    }
    if width > 0 {
        fitted.push('…');
    }
    fitted
}

/// Returns the end of a text, of up to `width` columns: what a person is typing.
pub fn fit_end(text: &str, width: usize) -> String {
    let text = for_display(text);
    let mut used = 0;
    let mut from = text.len();
    for c in seen(&text).rev() {
        used += c.width();
        if used > width {
            break;
        }
        from -= c.len();
    }
    text.get(from..).unwrap_or_default().to_owned()
}

/// Like [`fit`], padded with blanks to `width` columns.
pub fn padded(text: &str, width: usize) -> String {
    let mut text = fit(text, width);
    let missing = width.saturating_sub(text.width());
    text.extend(std::iter::repeat_n(' ', missing));
    text
}

/// Breaks text into lines of at most `width` columns, between words if possible.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = vec![String::new()];
    for word in for_display(text).split_whitespace() {
        let mut word = word;
        let line = lines.last_mut().map_or(0, |line| line.width());
        if line > 0 && line + 1 + word.width() > width {
            lines.push(String::new());
        }
        while word.width() > width {
            let (head, tail) = word.split_at(columns(word, width));
            if let (Some(line), true) = (lines.last_mut(), !head.is_empty()) {
                line.push_str(head);
            }
            lines.push(String::new());
            word = tail;
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// Returns an indented paragraph.
pub fn paragraph<'a>(text: &str, style: Style, width: usize) -> Vec<Line<'a>> {
    wrap(text, width.saturating_sub(4))
        .into_iter()
        .map(|line| Line::styled(format!("  {line}"), style))
        .collect()
}

/// Returns a paragraph with a mark before its first line. Further lines are indented to match.
pub fn hanging(mark: &str, style: Style, text: &str, width: usize) -> Vec<Line<'static>> {
    let before = iter::once(mark.to_owned()).chain(iter::repeat(" ".repeat(mark.width())));
    before
        .zip(wrap(text, width.saturating_sub(6)))
        .map(|(mark, line)| Line::from(vec![Span::styled(mark, style), Span::raw(line)]))
        .collect()
}

/// Number of bytes of `text` that fit into `width` columns; at least one character.
fn columns(text: &str, width: usize) -> usize {
    let (mut used, mut end) = (0, 0);
    for c in seen(text) {
        used += c.width();
        if used > width && end > 0 {
            return end;
        }
        end += c.len();
    }
    text.len()
}

/// Returns seconds in a readable form: `8 s`, `2 min`.
pub fn seconds(seconds: u64) -> String {
    match seconds {
        0..=89 => format!("{seconds} s"),
        90..=5399 => phrase!("{} min", (seconds + 30) / 60),
        _ => format!("{} h", (seconds + 1800) / 3600),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_width::UnicodeWidthStr;

    use super::*;

    proptest! {
        #[test]
        fn what_is_fitted_fits(text in any::<String>(), width in 0usize..40) {
            prop_assert!(fit(&text, width).width() <= width);
            prop_assert_eq!(padded(&text, width).width(), width);
        }

        #[test]
        fn wrapped_lines_fit_and_lose_no_word(text in "[a-zA-Zäöü日本 ]{0,80}", width in 2usize..40) {
            let lines = wrap(&text, width);
            prop_assert!(lines.iter().all(|line| line.width() <= width), "{lines:?}");
            let letters = |text: &str| text.replace(char::is_whitespace, "");
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }
    }

    #[test]
    fn characters_of_several_code_points_stay_whole() {
        let family = "👨\u{200D}👩\u{200D}👧";
        assert_eq!(family.width(), 2);
        assert_eq!(fit(&family.repeat(3), 5), format!("{}…", family.repeat(2)));
        assert_eq!(fit_end(&family.repeat(3), 3), family);
        assert_eq!(padded("שלום", 6).width(), 6);
        assert_eq!(fit("日本語", 5), "日本…");
        assert_eq!(fit("e\u{301}e\u{301}", 1), "…");
        assert_eq!(fit_end("✈\u{FE0F}x", 1), "x");
    }

    #[test]
    fn counts_are_read_in_threes() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_204), "1,204");
        assert_eq!(count(1_000_000), "1,000,000");
    }
}
