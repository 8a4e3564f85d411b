//! A page of lines that is longer than its area.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use crate::phrase;
use crate::tui::keys::Intent;
use crate::tui::theme::Theme;

/// Scroll position: the index of the line at the top. It may lie behind the last one of a page that has become shorter.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scroll {
    top: usize,
}

impl Scroll {
    /// Scrolls a page of this number of lines within its area.
    pub fn update(&mut self, intent: Intent, lines: usize, area: Rect) {
        let height = usize::from(area.height);
        let last = lines.saturating_sub(height);
        let top = self.top.min(last);
        // The last line of an area says how much follows.
        let page = height.saturating_sub(1).max(1);
        self.top = match intent {
            Intent::Up => top.saturating_sub(1),
            Intent::Down => top + 1,
            Intent::PageUp => top.saturating_sub(page),
            Intent::PageDown => top + page,
            Intent::First => 0,
            Intent::Last => last,
            _ => top,
        }
        .min(last);
    }

    /// Draws the lines from the position on, and how many follow.
    pub fn draw(self, lines: Vec<Line<'_>>, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
        let height = usize::from(area.height);
        let last = lines.len().saturating_sub(height);
        let top = self.top.min(last);
        let mut shown: Vec<Line<'_>> = lines.into_iter().skip(top).take(height).collect();
        if let (true, Some(line)) = (top < last, shown.last_mut()) {
            *line = Line::styled(phrase!("  ↓ {} more lines", last - top + 1), theme.key());
        }
        frame.render_widget(Paragraph::new(shown), area);
    }
}

/// Draws a scroll bar at the right of an area if its lines don't fit. Returns the rest of the area.
pub fn bar(frame: &mut Frame<'_>, area: Rect, top: usize, length: usize, theme: Theme) -> Rect {
    let height = usize::from(area.height);
    if length <= height || area.width < 4 || height == 0 {
        return area;
    }
    let thumb = (height * height / length).clamp(1, height);
    let room = height - thumb;
    let last = length - height;
    // The thumb is at an end only if the list is.
    let start = match top {
        0 => 0,
        top if top >= last => room,
        top => (top * room / last).clamp(usize::from(room > 1), room.saturating_sub(1)),
    };
    let lines = (0..height).map(|line| match (start..start + thumb).contains(&line) {
        true => Line::styled("█", theme.quiet()),
        false => Line::styled("│", theme.rule()),
    });
    let place = Rect {
        x: area.x + area.width - 1,
        width: 1,
        ..area
    };
    frame.render_widget(Paragraph::new(lines.collect::<Vec<_>>()), place);
    Rect {
        width: area.width - 1,
        ..area
    }
}
