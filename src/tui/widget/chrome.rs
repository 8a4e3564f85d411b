//! The frame of every screen: its name at the top, and the keys that work at the bottom.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Margin, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Clear, Paragraph};
use unicode_width::UnicodeWidthStr;

use super::scroll::Scroll;
use super::text::{fit, padded};
use crate::phrase;
use crate::tui::theme::Theme;

/// Minimum number of columns and lines for a readable screen.
pub const SMALLEST: (u16, u16) = (40, 10);

/// A screen with fewer lines has one line of keys.
pub const LOW: u16 = 20;

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
    let lines = key_lines(keys, frame.area(), theme);
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
            .border_style(theme.rule());
        frame.render_widget(line, rule);
    }
    frame.render_widget(Paragraph::new(lines), foot);
    inside(body)
}

/// The area inside the frame, for a terminal of this size.
pub fn body(area: Rect, keys: &[(&str, &str)]) -> Rect {
    let lines = key_lines(keys, area, Theme::plain()).len();
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

/// The last keys are about the program, and give way last. Before them, some screens have a key that leads back.
const LAST: usize = 2;

/// The keys that fit, most important first. The first key of a screen stays, and the one for the help.
fn that_fit<'a>(
    keys: &'a [(&'a str, &'a str)],
    width: u16,
    most: usize,
) -> Vec<&'a (&'a str, &'a str)> {
    let mut shown: Vec<&(&str, &str)> = keys.iter().collect();
    let leads_back = shown
        .len()
        .checked_sub(LAST + 1)
        .and_then(|at| shown.get(at))
        .is_some_and(|(key, _)| *key == phrase("Esc"));
    let last = LAST + usize::from(leads_back);
    // The screen's own keys give way from their end, then the key back, then the key to quit.
    while lines_of(&shown, width) > most && shown.len() > 2 {
        let goes = match shown.len() > last + 1 {
            true => shown.len() - last - 1,
            false if shown.len() > LAST + 1 => shown.len() - LAST - 1,
            false => shown.len() - 1,
        };
        shown.remove(goes);
    }
    shown
}

/// The keys, on at most two lines, or on one on a low screen.
fn key_lines(keys: &[(&str, &str)], area: Rect, theme: Theme) -> Vec<Line<'static>> {
    let most = if area.height < LOW { 1 } else { 2 };
    let shown = that_fit(keys, area.width, most);
    let width = usize::from(area.width).saturating_sub(1);
    let mut lines = vec![Line::from(" ")];
    let mut used = 1;
    for (key, what) in shown {
        let columns = key.width() + what.width() + GAP;
        if used + columns > width + 3 && used > 1 && lines.len() < most {
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

/// Columns between a key and its effect, and behind them.
const GAP: usize = 4;

/// Number of lines that these keys take.
fn lines_of(keys: &[&(&str, &str)], width: u16) -> usize {
    let width = usize::from(width).saturating_sub(1);
    let (mut lines, mut used) = (1, 1);
    for (key, what) in keys {
        let columns = key.width() + what.width() + GAP;
        if used + columns > width + 3 && used > 1 {
            lines += 1;
            used = 1;
        }
        used += columns;
    }
    lines
}

/// Number of lines that the help has, and its area.
pub fn help_size(keys: &[(&str, &str)], area: Rect) -> (usize, Rect) {
    let width = 64.min(area.width);
    let height = u16::try_from(keys.len() + 2)
        .unwrap_or(u16::MAX)
        .min(area.height);
    let place = Rect {
        x: (area.width - width) / 2,
        y: (area.height - height) / 2,
        width,
        height,
    };
    (keys.len(), place.inner(Margin::new(1, 1)))
}

/// Draws all keys that work on top of the screen.
pub fn help(frame: &mut Frame<'_>, keys: &[(&str, &str)], scroll: Scroll, theme: Theme) {
    let (_, inside) = help_size(keys, frame.area());
    let label = keys.iter().map(|(key, _)| key.width()).max().unwrap_or(0);
    let lines: Vec<Line<'_>> = keys
        .iter()
        .map(|(key, what)| {
            Line::from(vec![
                Span::styled(format!(" {}  ", padded(key, label)), theme.key()),
                Span::raw((*what).to_owned()),
            ])
        })
        .collect();
    let place = inside.outer(Margin::new(1, 1)).intersection(frame.area());
    frame.render_widget(Clear, place);
    let title = match lines.len() > usize::from(inside.height) {
        true => phrase(" Keys (↑↓ scroll, any other key closes this) "),
        false => phrase(" Keys on this screen (any key closes this) "),
    };
    frame.render_widget(Block::bordered().title(title), place);
    scroll.draw(lines, frame, inside, theme);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_key_of_a_screen_and_the_help_are_always_shown() {
        let keys = [
            ("Enter", "continue the rescue"),
            ("n", "new rescue"),
            ("w", "what is wrong?"),
            ("Esc", "back to the list"),
            ("?", "all keys"),
            ("q", "quit"),
        ];
        for own in 1..=3 {
            for back in [false, true] {
                let keys: Vec<_> = keys[..own]
                    .iter()
                    .chain(&keys[3 + usize::from(!back)..])
                    .copied()
                    .collect();
                for width in 40..120 {
                    let shown = that_fit(&keys, width, 1);
                    assert_eq!(shown.first().unwrap().0, "Enter", "{width}");
                    assert!(shown.iter().any(|(key, _)| *key == "?"), "{width}");
                }
                assert_eq!(that_fit(&keys, 200, 1).len(), keys.len());
            }
        }
    }
}
