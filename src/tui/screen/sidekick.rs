//! The page about the Sidekick: which data can be rescued and what destroys it.

mod keys;

pub use keys::KEYS;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use crate::tui::keys::Intent;
use crate::tui::theme::Theme;
use crate::tui::widget::scroll::Scroll;
use crate::tui::widget::text::{hanging, wrap};

/// The text, which is also a page of the documents.
const PAGE: &str = include_str!("../../../docs/sidekick.md");

/// Scroll position of the page.
#[derive(Debug, Default)]
pub struct Sidekick {
    scroll: Scroll,
}

impl Sidekick {
    /// Scrolls the page within its area.
    pub fn update(&mut self, intent: Intent, area: Rect) {
        let lines = lines(usize::from(area.width), Theme::plain()).len();
        self.scroll.update(intent, lines, area);
    }
}

pub fn draw(page: &Sidekick, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let lines = lines(usize::from(area.width), theme);
    page.scroll.draw(lines, frame, area, theme);
}

/// The paragraphs and list items of the page, wrapped. The heading is left out because the screen has a title.
fn lines(width: usize, theme: Theme) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for block in PAGE.split("\n\n").skip(1) {
        for (mark, text) in items(block) {
            let style = match text.starts_with("**What destroys") {
                true => theme.care(),
                false => Style::new(),
            };
            let text = text.replace(['*', '`'], "");
            match mark {
                Some(mark) => lines.extend(hanging(mark, Style::new(), &text, width)),
                None => lines.extend(
                    wrap(&text, width)
                        .into_iter()
                        .map(|line| Line::styled(line, style)),
                ),
            }
        }
        lines.push(Line::from(""));
    }
    lines.pop();
    lines
}

/// Splits a block into a paragraph or list items, each on one line and with its mark.
fn items(block: &str) -> Vec<(Option<&'static str>, String)> {
    const MARKS: [(&str, &str); 5] = [
        ("- ", "  - "),
        ("1. ", "  1. "),
        ("2. ", "  2. "),
        ("3. ", "  3. "),
        ("4. ", "  4. "),
    ];
    let mut items: Vec<(Option<&'static str>, String)> = Vec::new();
    for line in block.lines() {
        let marked = MARKS
            .iter()
            .find_map(|(mark, shown)| Some((*shown, line.strip_prefix(mark)?)));
        match (marked, items.last_mut()) {
            (Some((shown, text)), _) => items.push((Some(shown), text.to_owned())),
            (None, Some((_, text))) => {
                text.push(' ');
                text.push_str(line.trim());
            }
            (None, None) => items.push((None, line.to_owned())),
        }
    }
    items
}
