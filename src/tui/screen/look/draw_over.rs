//! Draws what lies on top of the lists: menus, the folder for an export, a QR code, and what was done last.

use ratatui::Frame;
use ratatui::layout::{Margin, Position, Rect};
use ratatui::text::Line;
use ratatui::widgets::{Block, Clear, Paragraph};
use unicode_width::UnicodeWidthStr;

use super::menu::Menu;
use super::panes::{Row, list};
use super::{Look, Over, qr};
use crate::model::counted;
use crate::phrase;
use crate::tui::theme::Theme;
use crate::tui::widget::entry::Entry;
use crate::tui::widget::text::{fit, wrap};

/// Draws the overlay within the area of the screen.
pub fn draw(look: &Look, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    match &look.over {
        None => {}
        Some(Over::Menu(menu)) => draw_menu(menu, frame, area, theme),
        Some(Over::Folder {
            number,
            entry,
            format,
        }) => {
            let title = phrase!(
                " Export {} as {} ",
                counted(*number as u64, phrase("record"), phrase("records")),
                format.name()
            );
            draw_folder(&title, entry, frame, area, theme);
        }
        Some(Over::Writing) => {
            let place = pop_up(frame, area, 40, 1, phrase(" Export "));
            frame.render_widget(Line::from(phrase(" Writing the files…")), place);
        }
        Some(Over::Qr(None)) => {
            let place = pop_up(frame, area, 40, 1, phrase(" QR code "));
            frame.render_widget(Line::from(phrase(" Making the code…")), place);
        }
        Some(Over::Qr(Some(Err(why)))) => {
            let lines = wrap(why, 56);
            let place = pop_up(frame, area, 60, lines.len(), phrase(" QR code "));
            let lines: Vec<Line<'_>> = lines.into_iter().map(Line::from).collect();
            frame.render_widget(Paragraph::new(lines), place);
        }
        Some(Over::Qr(Some(Ok(codes)))) => qr::draw(codes, frame, area, theme),
    }
    if let Some(said) = &look.said {
        let width = usize::from(area.width).saturating_sub(2);
        let lines = wrap(said, width);
        let height = u16::try_from(lines.len()).unwrap_or(1).min(area.height);
        let place = Rect {
            y: area.y + area.height - height,
            height,
            ..area
        };
        frame.render_widget(Clear, place);
        let lines: Vec<Line<'_>> = lines
            .into_iter()
            .map(|line| Line::styled(format!(" {line}"), theme.title()))
            .collect();
        frame.render_widget(Paragraph::new(lines), place);
    }
}

/// Draws an empty box in the middle and returns its inside.
fn pop_up(frame: &mut Frame<'_>, area: Rect, width: usize, height: usize, title: &str) -> Rect {
    let width = u16::try_from(width + 2).unwrap_or(u16::MAX).min(area.width);
    let height = u16::try_from(height + 2)
        .unwrap_or(u16::MAX)
        .min(area.height);
    let place = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    };
    frame.render_widget(Clear, place);
    let title = fit(title, usize::from(width).saturating_sub(2));
    frame.render_widget(Block::bordered().title(title), place);
    place.inner(Margin::new(1, 1))
}

fn draw_menu(menu: &Menu, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let widest = menu.entries.iter().map(|(name, _)| name.width()).max();
    let width = (widest.unwrap_or(0) + 5).max(30);
    let title = format!(" {} ", menu.title);
    let place = pop_up(frame, area, width, menu.entries.len(), &title);
    list(
        frame,
        place,
        menu.entries.len(),
        menu.at,
        true,
        theme,
        |index| Row {
            name: menu
                .entries
                .get(index)
                .map(|(name, _)| name.clone())
                .unwrap_or_default(),
            ..Row::default()
        },
    );
}

fn draw_folder(title: &str, entry: &Entry, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    const MOST_CHOICES: usize = 6;
    let choices = entry.choices.len().min(MOST_CHOICES);
    let more = usize::from(entry.choices.len() > MOST_CHOICES);
    let place = pop_up(frame, area, 70, 1 + choices + more, title);
    let what = phrase("Folder: ");
    let width = usize::from(place.width);
    let typed = entry.shown(width.saturating_sub(what.width() + 1), theme);
    let at = what.width() + typed.iter().map(|span| span.width()).sum::<usize>();
    let mut line = Line::from(what);
    line.extend(typed);
    let mut lines = vec![line];
    for choice in entry.choices.iter().take(MOST_CHOICES) {
        lines.push(Line::from(fit(&format!("  {choice}"), width)));
    }
    if more > 0 {
        let rest = entry.choices.len() - MOST_CHOICES;
        lines.push(Line::from(phrase!("  and {rest} more")));
    }
    frame.render_widget(Paragraph::new(lines), place);
    if at < width && place.height > 0 {
        let at = u16::try_from(at).unwrap_or(0);
        frame.set_cursor_position(Position::new(place.x + at, place.y));
    }
}
