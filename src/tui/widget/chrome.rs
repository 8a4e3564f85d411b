//! The frame of every screen: its name at the top, and the keys that work at the bottom.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Clear, Paragraph};
use unicode_width::UnicodeWidthStr;

use super::text::fit;
use crate::phrase;
use crate::tui::theme::Theme;

/// Minimum number of columns and lines for a readable screen.
pub const SMALLEST: (u16, u16) = (60, 16);

/// Lines of the frame apart from the keys: the title and two rules.
pub const RULES: u16 = 3;

/// Draws the frame of a screen and returns the area inside.
pub fn frame(
    frame: &mut Frame<'_>,
    title: &str,
    beside: &str,
    keys: &[(&str, &str)],
    theme: Theme,
) -> Rect {
    let lines = key_lines(keys, frame.area().width, theme);
    let [head, rule, body, second_rule, foot] = parts(frame.area(), lines.len());
    let width = usize::from(head.width).saturating_sub(2);
    let beside = fit(beside, width.saturating_sub(title.width() + 2));
    let gap = width.saturating_sub(title.width() + beside.width());
    let line = Line::from(vec![
        Span::raw(" "),
        Span::styled(title.to_owned(), theme.title()),
        Span::raw(" ".repeat(gap)),
        Span::raw(beside),
    ]);
    frame.render_widget(line, head);
    for rule in [rule, second_rule] {
        let line = Block::new()
            .borders(Borders::TOP)
            .border_style(theme.quiet());
        frame.render_widget(line, rule);
    }
    frame.render_widget(Paragraph::new(lines), foot);
    inside(body)
}

/// The area inside the frame, for a terminal of this size.
pub fn body(area: Rect, keys: &[(&str, &str)]) -> Rect {
    let lines = key_lines(keys, area.width, Theme::plain()).len();
    let [_, _, body, ..] = parts(area, lines);
    inside(body)
}

fn parts(area: Rect, key_lines: usize) -> [Rect; 5] {
    Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(0),
        Constraint::Length(1),
        Constraint::Length(u16::try_from(key_lines).unwrap_or(1)),
    ])
    .areas(area)
}

fn inside(body: Rect) -> Rect {
    Rect {
        x: body.x + 1,
        width: body.width.saturating_sub(2),
        ..body
    }
}

/// The keys, on at most two lines.
fn key_lines(keys: &[(&str, &str)], width: u16, theme: Theme) -> Vec<Line<'static>> {
    let width = usize::from(width).saturating_sub(1);
    let mut lines = vec![Line::from(" ")];
    let mut used = 1;
    for (key, what) in keys {
        let columns = key.width() + what.width() + 4;
        if used + columns > width + 3 && used > 1 {
            if lines.len() == 2 {
                break;
            }
            lines.push(Line::from(" "));
            used = 1;
        }
        used += columns;
        if let Some(line) = lines.last_mut() {
            line.push_span(Span::styled((*key).to_owned(), theme.key()));
            line.push_span(Span::raw(format!(" {what}   ")));
        }
    }
    lines
}

/// Draws all keys that work on top of the screen.
pub fn help(frame: &mut Frame<'_>, keys: &[(&str, &str)], theme: Theme) {
    let area = frame.area();
    let width = 60.min(area.width);
    let height = u16::try_from(keys.len())
        .unwrap_or(u16::MAX)
        .saturating_add(4)
        .min(area.height);
    let place = Rect {
        x: (area.width - width) / 2,
        y: (area.height - height) / 2,
        width,
        height,
    };
    let mut lines: Vec<Line<'_>> = keys
        .iter()
        .map(|(key, what)| {
            Line::from(vec![
                Span::styled(format!("  {key:<8}"), theme.key()),
                Span::raw((*what).to_owned()),
            ])
        })
        .collect();
    lines.push(Line::from(""));
    lines.push(Line::styled(
        phrase("  Ctrl-C   stop and quit; saved data is kept"),
        theme.quiet(),
    ));
    frame.render_widget(Clear, place);
    let block = Block::bordered().title(phrase(" Keys on this screen (any key closes this) "));
    frame.render_widget(Paragraph::new(lines).block(block), place);
}
