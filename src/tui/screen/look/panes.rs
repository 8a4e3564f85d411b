//! The panes of the screen: where they are, a list with its selected line, and the details next to it.

use std::borrow::Cow;

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use unicode_width::UnicodeWidthStr;

use super::draw::body_of;
use super::{Detail, Look};
use crate::phrase;
use crate::tui::theme::Theme;
use crate::tui::widget::month;
use crate::tui::widget::scroll;
use crate::tui::widget::text::{fit, padded};
use crate::tui::widget::thumbnail::Thumbnail;

/// A narrower screen shows the list or the details, not both.
pub const BOTH: u16 = 74;

/// Minimum number of columns for the wider grid of a month.
const WIDE: u16 = 100;

/// Minimum number of lines for the details below the entries of a day.
const BELOW: u16 = 12;

/// Where the parts of a tab are.
#[derive(Debug, Clone, Copy, Default)]
pub struct Panes {
    /// The list, or the month.
    pub left: Rect,
    /// The entries of the selected day.
    pub day: Rect,
    /// The details; empty: only after Enter.
    pub detail: Rect,
    /// Width of a day in the month.
    pub cell: u16,
}

/// Returns where the parts of the current tab are, below the line with the position.
pub fn panes(look: &Look, body: Rect) -> Panes {
    let Some(tab) = look.tab() else {
        return Panes::default();
    };
    let is_month = tab.month.is_some() && !look.list_is_shown() && !tab.listing.lines.is_empty();
    let cell = match body.width >= WIDE {
        true => 7,
        false => month::NARROWEST,
    };
    let is_narrow = body.width < BOTH;
    if look.in_detail && (is_narrow || (is_month && body.height < BELOW)) {
        return Panes {
            detail: body,
            ..Panes::default()
        };
    }
    if is_month && !tab.agenda {
        let (left, right) = split(body, month::width(cell));
        let entries = tab.month.as_ref().map_or(0, |month| month.of_day().0.len());
        let room = usize::from(right.height.saturating_sub(4)) / 2;
        let height = match is_narrow || body.height < BELOW {
            true => right.height,
            false => u16::try_from(entries.clamp(1, room.max(1)) + 1).unwrap_or(2),
        };
        let day = Rect { height, ..right };
        let below = right.height.saturating_sub(height + 1);
        return Panes {
            left,
            day,
            detail: Rect {
                y: right.y + right.height - below,
                height: below,
                ..right
            },
            cell,
        };
    }
    if is_narrow {
        return Panes {
            left: body,
            ..Panes::default()
        };
    }
    let (left, detail) = split(body, left_of(body, tab.listing.sheet.share));
    Panes {
        left,
        detail,
        ..Panes::default()
    }
}

/// Returns where the text of the details is, for a screen of this area.
pub fn detail_area(look: &Look, area: Rect) -> Rect {
    let area = panes(look, body_of(look, area)).detail;
    let picture = look.detail.as_ref().and_then(|d| d.picture.as_ref());
    let height = picture.map_or(0, |picture| picture.height(area));
    below(area, height)
}

/// Width of the list in columns. `share` is its part of the screen in twentieths; no list needs more than 72 columns.
fn left_of(area: Rect, share: u16) -> u16 {
    (area.width / 20 * share + area.width % 20 * share / 20).min(72)
}

/// A line of a list: a column before the name, the name, and a remark at the end.
#[derive(Default)]
pub struct Row {
    pub before: String,
    pub name: String,
    pub remark: Cow<'static, str>,
    pub style: Style,
    pub marked: bool,
}

/// Splits an area in two, with room for a rule between. The left part gets `left` columns, or the whole area if it is
/// too narrow.
fn split(area: Rect, left: u16) -> (Rect, Rect) {
    let left = left.min(area.width);
    let right = area.width.saturating_sub(left + 3);
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

/// Draws the rule between the left pane and what is beside it.
pub fn rule_between(frame: &mut Frame<'_>, left: Rect, theme: Theme) {
    let rule = Rect {
        x: left.x + left.width + 1,
        width: 1,
        ..left
    };
    let rule = rule.intersection(frame.area());
    let lines: Vec<Line<'_>> = (0..rule.height).map(|_| Line::from("│")).collect();
    frame.render_widget(Paragraph::new(lines).style(theme.rule()), rule);
}

/// Draws the part of a list around its selected line, with a scroll bar. `cursor`: puts the terminal's cursor there.
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
    let area = scroll::bar(frame, area, top, length, theme);
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
    let mark = match (is_chosen, row.marked) {
        (true, false) => "› ",
        (true, true) => "›*",
        (false, true) => " *",
        (false, false) => "  ",
    };
    let remark = fit(&row.remark, width.saturating_sub(4));
    let gap = usize::from(!remark.is_empty());
    let name = width.saturating_sub(2 + row.before.width() + remark.width() + 2 * gap);
    let style = match is_chosen {
        true => theme.chosen(),
        false => row.style,
    };
    Line::from(vec![
        Span::styled(mark, style),
        Span::styled(row.before.clone(), style),
        Span::styled(padded(&row.name, name), style),
        Span::styled(
            match gap {
                0 => remark,
                _ => format!(" {remark} "),
            },
            style,
        ),
    ])
}

/// Draws the details, with the selected value if the keys act on them.
pub fn detail(look: &Look, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let Some(detail) = &look.detail else {
        return;
    };
    let area = match &detail.picture {
        Some(picture) => beside(picture, frame, area),
        None => area,
    };
    if area.is_empty() {
        return;
    }
    let (mut lines, starts) = detail.lines(area.width, theme);
    let height = usize::from(area.height);
    let top = match look.in_detail {
        true => detail.top(&starts, lines.len(), height),
        false => 0,
    };
    if look.in_detail {
        mark_value(detail, &mut lines, &starts, theme);
    } else if lines.len() > height && height > 1 {
        let more = lines.len() - (height - 1);
        lines.truncate(height - 1);
        let more = phrase!("  ↓ {more} more lines: press Enter");
        lines.push(Line::styled(
            fit(&more, usize::from(area.width)),
            theme.key(),
        ));
    }
    let area = scroll::bar(frame, area, top, lines.len(), theme);
    let cursor = starts.get(detail.at).map(|start| start.saturating_sub(top));
    let shown: Vec<Line<'_>> = lines.into_iter().skip(top).take(height).collect();
    frame.render_widget(Paragraph::new(shown), area);
    if let (Some(line), true) = (cursor.filter(|line| *line < height), look.is_in_detail()) {
        let line = u16::try_from(line).unwrap_or(0);
        frame.set_cursor_position(Position::new(area.x, area.y + line));
    }
}

/// Marks the selected value.
fn mark_value(detail: &Detail, lines: &mut [Line<'static>], starts: &[usize], theme: Theme) {
    if detail.raw.is_some() || starts.is_empty() {
        return;
    }
    let start = starts.get(detail.at).copied().unwrap_or_default();
    let end = starts.get(detail.at + 1).copied().unwrap_or(lines.len());
    for (index, line) in lines.iter_mut().enumerate().take(end).skip(start) {
        if let (true, Some(first)) = (index == start, line.spans.first_mut()) {
            let text = first.content.strip_prefix("  ").unwrap_or_default();
            first.content = format!("› {text}").into();
        }
        if let Some(value) = line.spans.last_mut() {
            value.style = theme.chosen();
        }
    }
}

/// Draws a picture above the text and returns the remaining area.
fn beside(picture: &Thumbnail, frame: &mut Frame<'_>, area: Rect) -> Rect {
    below(area, picture.draw(frame, area))
}

fn below(area: Rect, height: u16) -> Rect {
    let height = if height > 0 { height + 1 } else { 0 };
    Rect {
        y: area.y + height,
        height: area.height.saturating_sub(height),
        ..area
    }
}
