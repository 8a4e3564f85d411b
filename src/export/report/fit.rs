//! Measuring and shortening texts, so that the first page is never longer than a sheet of paper.
//!
//! The browser chooses the font. The widths here are those of DejaVu Sans, the widest of the usual ones, so a text takes
//! at most the lines that are counted here.

use unicode_width::UnicodeWidthChar as _;

use crate::export::html::MAX_TEXT;
use crate::phrase;
use crate::vault::for_display;

/// Longest technical remark in brackets that is shown on the first page, in characters.
const LONGEST_REMARK: usize = 60;

/// Returns the width of a character, in hundredths of the font's size.
fn width(c: char) -> u32 {
    match c {
        ' ' | 'i' | 'j' | 'l' | '.' | ',' | '\'' | '|' => 32,
        'f' | 't' | 'r' | 'I' | '(' | ')' | '[' | ']' | ':' | ';' | '-' | '/' => 42,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' => 100,
        'A'..='Z' => 79,
        c if c.is_ascii() => 64,
        c => match c.width() {
            None | Some(0) => 0,
            Some(1) => 95,
            Some(_) => 135,
        },
    }
}

fn width_of(text: &str) -> u32 {
    text.chars().map(width).sum()
}

/// Returns the number of lines that a text takes in a column of `room` hundredths of its font's size.
pub fn lines(text: &str, room: u32) -> u32 {
    let (mut lines, mut used) = (1, 0);
    for word in text.split_whitespace() {
        let width = width_of(word);
        let space = if used > 0 { self::width(' ') } else { 0 };
        if used + space + width <= room {
            used += space + width;
        } else {
            // A word that is wider than the column is broken.
            lines += u32::from(used > 0) + width.saturating_sub(1) / room.max(1);
            used = width % room.max(1);
        }
    }
    lines
}

/// Returns the text as it is shown, without technical remarks in brackets, and whether the first page therefore has to
/// say where the rest is.
fn brief(text: &str) -> (String, bool) {
    let cut = text.char_indices().nth(MAX_TEXT).map(|(end, _)| end);
    let is_long = cut.is_some();
    let text = text.get(..cut.unwrap_or(text.len())).unwrap_or(text);
    let (mut shown, mut remark, mut depth, mut is_cut) = (String::new(), String::new(), 0, is_long);
    for c in for_display(text).chars() {
        match c {
            '(' => depth += 1,
            ')' if depth > 0 => depth -= 1,
            _ if depth == 0 => {
                shown.push(c);
                continue;
            }
            _ => {}
        }
        remark.push(c);
        if depth == 0 {
            match remark.chars().count() > LONGEST_REMARK {
                true => {
                    shown.truncate(shown.trim_end().len());
                    is_cut = true;
                }
                false => shown.push_str(&remark),
            }
            remark.clear();
        }
    }
    // A bracket that is never closed.
    shown.push_str(&remark);
    (shown.trim().to_owned(), is_cut)
}

/// Returns the text in at most `most` lines of a column of `room` hundredths of its font's size. A shortened text ends
/// with the number of the page that has the full text.
pub fn shorten(text: &str, most: u32, room: u32) -> String {
    let elsewhere = phrase("(see page 2)");
    let (shown, is_cut) = brief(text);
    let whole = match is_cut {
        true => format!("{shown} {elsewhere}"),
        false => shown.clone(),
    };
    if lines(&whole, room) <= most {
        return whole;
    }
    let fits = |text: &str| lines(&format!("{text} … {elsewhere}"), room) <= most;
    let mut kept = String::new();
    for word in shown.split_whitespace() {
        let longer = match kept.is_empty() {
            true => word.to_owned(),
            false => format!("{kept} {word}"),
        };
        if !fits(&longer) {
            // A single word that is longer than the place is cut within.
            if kept.is_empty() {
                kept = word.to_owned();
                while !kept.is_empty() && !fits(&kept) {
                    kept.pop();
                }
            }
            break;
        }
        kept = longer;
    }
    format!("{kept} … {elsewhere}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_are_filled_word_by_word() {
        assert_eq!(lines("", 1000), 1);
        assert_eq!(lines("aaa aaa", 420), 1);
        assert_eq!(lines("aaa aaa", 400), 2);
        assert_eq!(lines(&"a".repeat(100), 640), 10);
        assert_eq!(lines("日本語日本語", 400), 3);
    }

    #[test]
    fn technical_remarks_are_on_the_second_page() {
        let why = "The phone refused access (java.lang.SecurityException: Permission Denial: opening it from (null) \
                   (pid=1) requires READ_CONTACTS). Export them.";
        assert_eq!(
            shorten(why, 3, 5000),
            "The phone refused access. Export them. (see page 2)"
        );
        assert_eq!(shorten("Text (SMS, MMS).", 3, 5000), "Text (SMS, MMS).");
        assert_eq!(shorten("An open (bracket", 3, 5000), "An open (bracket");
    }

    proptest! {
        #[test]
        fn what_is_cut_says_where_it_goes_on(text in "\\PC{0,300}", most in 1_u32..5) {
            let shown = shorten(&text, most, 3000);
            prop_assert!(lines(&shown, 3000) <= most, "{shown}");
            let whole = for_display(&text);
            prop_assert!(shown.ends_with("(see page 2)") || shown == whole.trim(), "{shown}");
        }
    }
}
