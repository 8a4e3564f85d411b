//! An input field for one line of text, such as a path.

use ratatui::style::Style;
use ratatui::text::Span;
use unicode_segmentation::UnicodeSegmentation;

use super::text::fit_end;
use crate::tui::keys::Intent;
use crate::tui::theme::Theme;

/// Maximum number of characters that a field takes.
const LONGEST: usize = 1_000;

/// The text of a field, and what could complete it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    pub text: String,
    /// The names that could complete the path, after Tab found several.
    pub choices: Vec<String>,
}

impl Entry {
    pub fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            choices: Vec::new(),
        }
    }

    /// Edits the text.
    pub fn update(&mut self, intent: Intent) {
        if edit(&mut self.text, intent) {
            self.choices.clear();
        }
    }

    /// Takes a completion of `from`, if the text is still the same.
    pub fn complete(&mut self, from: &str, completed: Completed) {
        if self.text == from {
            let Completed { text, choices } = completed;
            self.text = text;
            self.choices = choices;
        }
    }

    /// The end of the text, in up to `width` columns, with a mark if its beginning is cut off.
    pub fn shown(&self, width: usize, theme: Theme) -> Vec<Span<'static>> {
        use unicode_width::UnicodeWidthStr;
        if self.text.width() <= width {
            return vec![Span::styled(self.text.clone(), theme.strong())];
        }
        vec![
            Span::styled("…", Style::new()),
            Span::styled(fit_end(&self.text, width.saturating_sub(1)), theme.strong()),
        ]
    }
}

/// Edits a text. Returns false for an intent that is no editing.
pub fn edit(text: &mut String, intent: Intent) -> bool {
    match intent {
        Intent::Type(c) if text.chars().count() < LONGEST && !c.is_control() => text.push(c),
        Intent::Erase => {
            // What a person sees as one character is erased as one.
            let last = text.graphemes(true).next_back().map_or(0, str::len);
            text.truncate(text.len() - last);
        }
        Intent::EraseAll => text.clear(),
        Intent::EraseWord => {
            let kept = text.trim_end_matches(['/', '\\', ' ']);
            let end = kept.rfind(['/', '\\', ' ']).map_or(0, |at| at + 1);
            text.truncate(end);
        }
        _ => return false,
    }
    true
}

/// A completed path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Completed {
    pub text: String,
    /// All names that fit, if there are several.
    pub choices: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_everything_can_be_erased() {
        let mut entry = Entry::new("/media/alex/");
        entry.update(Intent::EraseWord);
        assert_eq!(entry.text, "/media/");
        entry.update(Intent::Type('日'));
        entry.update(Intent::Erase);
        assert_eq!(entry.text, "/media/");
        entry.update(Intent::EraseAll);
        entry.update(Intent::EraseWord);
        assert_eq!(entry.text, "");
    }
}
