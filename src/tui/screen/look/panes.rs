//! The panes of the screen: a list with its selected line, and the details next to it.

use std::borrow::Cow;

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use unicode_width::UnicodeWidthStr;

use super::{Detail, Look};
use crate::phrase;
use crate::tui::theme::Theme;
use crate::tui::widget::fields;
use crate::tui::widget::text::{fit, padded, wrap};
use crate::tui::widget::thumbnail::Thumbnail;

/// A line of a list: a column before the name, the name, and a remark at the end.
#[derive(Default)]
pub struct Row {
    pub before: String,
    pub name: String,
    pub remark: Cow<'static, str>,
    pub style: Style,
}

/// Splits an area in two, with a rule between. The left part gets `left` columns, or the whole area if it is too
/// narrow.
pub fn split(frame: &mut Frame<'_>, area: Rect, left: u16, theme: Theme) -> (Rect, Rect) {
    let left = left.min(area.width);
    let right = area.width.saturating_sub(left + 3);
    let rule = Rect {
        x: area.x + left + 1,
        width: 1,
        ..area
    };
    if right > 0 {
        let lines: Vec<Line<'_>> = (0..area.height).map(|_| Line::from("│")).collect();
        frame.render_widget(Paragraph::new(lines).style(theme.rule()), rule);
    }
    (
        Rect {
            width: left,
            ..area
        },
        Rect {
            x: area.x + area.width - right,
            width: right,
            ..area
        },
    )
}

/// Draws the part of a list around its selected line. `cursor`: puts the terminal's cursor there.
pub fn list(
    frame: &mut Frame<'_>,
    area: Rect,
    length: usize,
    at: usize,
    cursor: bool,
    theme: Theme,
    row: impl Fn(usize) -> Row,
) {
    let height = usize::from(area.height);
    let top = at
        .saturating_sub(height / 2)
        .min(length.saturating_sub(height));
    let width = usize::from(area.width);
    let lines: Vec<Line<'_>> = (top..length.min(top + height))
        .map(|index| line(&row(index), index == at, width, theme))
        .collect();
    frame.render_widget(Paragraph::new(lines), area);
    let line = u16::try_from(at.saturating_sub(top)).unwrap_or(u16::MAX);
    if cursor && length > 0 && line < area.height && area.width > 0 {
        frame.set_cursor_position(Position::new(area.x, area.y + line));
    }
}

fn line(row: &Row, is_chosen: bool, width: usize, theme: Theme) -> Line<'static> {
    let mark = if is_chosen { "› " } else { "  " };
    let remark = fit(&row.remark, width.saturating_sub(4));
    let gap = usize::from(!remark.is_empty());
    let name = width.saturating_sub(2 + row.before.width() + remark.width() + 2 * gap);
    let (style, quiet) = match is_chosen {
        true => (theme.chosen(), theme.chosen()),
        false => (row.style, theme.quiet()),
    };
    Line::from(vec![
        Span::styled(mark, style),
        Span::styled(row.before.clone(), quiet),
        Span::styled(padded(&row.name, name), style),
        Span::styled(
            if gap > 0 {
                format!(" {remark} ")
            } else {
                remark
            },
            quiet,
        ),
    ])
}

/// Draws the current page of the details, and whether there are more pages.
pub fn detail(look: &Look, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let Some(Detail {
        fields: Some(fields),
        picture,
        ..
    }) = &look.detail
    else {
        return;
    };
    let area = match picture {
        Some(picture) => beside(picture, frame, area),
        None => area,
    };
    let width = usize::from(area.width);
    let lines = match fields {
        Ok(fields) => fields::lines(fields, width, theme),
        Err(why) => wrap(&phrase!("This could not be read: {why}"), width)
            .into_iter()
            .map(Line::from)
            .collect(),
    };
    pages(frame, area, lines, look.page, theme);
}

/// Draws a picture above the text and returns the remaining area.
fn beside(picture: &Thumbnail, frame: &mut Frame<'_>, area: Rect) -> Rect {
    let height = picture.draw(frame, area);
    let height = if height > 0 { height + 1 } else { 0 };
    Rect {
        y: area.y + height,
        height: area.height.saturating_sub(height),
        ..area
    }
}

fn pages(frame: &mut Frame<'_>, area: Rect, lines: Vec<Line<'static>>, page: usize, theme: Theme) {
    let height = usize::from(area.height);
    if lines.len() <= height || height < 2 {
        return frame.render_widget(Paragraph::new(lines), area);
    }
    let on_page = height - 1;
    let pages = lines.len().div_ceil(on_page);
    let page = page % pages;
    let mut shown: Vec<Line<'_>> = lines
        .into_iter()
        .skip(page * on_page)
        .take(on_page)
        .collect();
    shown.resize(on_page, Line::from(""));
    let more = phrase!("page {} of {pages}, Space: next page", page + 1);
    shown.push(Line::styled(
        fit(&more, usize::from(area.width)),
        theme.quiet(),
    ));
    frame.render_widget(Paragraph::new(shown), area);
}
