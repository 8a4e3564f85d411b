//! Draws the Look screen.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use unicode_width::UnicodeWidthStr;

use super::draw_calendar::{draw_calendar, found_row};
use super::list::List;
use super::panes::{Row, detail, list, split};
use super::{Look, Open, Tab};
use crate::phrase;
use crate::rescue::look::Line as ListLine;
use crate::tui::theme::Theme;
use crate::tui::widget::text::{count, fit, wrap};

/// Draws the screen from its state only.
pub fn draw(look: &Look, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let all = match &look.open {
        Open::NotYet => return say(frame, area, phrase("Opening the rescued data…")),
        Open::Failed(why) => {
            let text = phrase!("The rescued data could not be opened: {why}");
            return say(frame, area, &text);
        }
        Open::Tabs(tabs) => tabs,
    };
    let Some(tab) = look.tab() else {
        return;
    };
    let [tabs, rule, head, _, body] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(0),
    ])
    .areas(area);
    draw_tabs(look, all, frame, tabs, rule, theme);
    if look.typing || look.is_searching() {
        draw_search(look, tab, frame, head, theme);
    } else {
        let summary = match tab.list.rows.is_empty() {
            true => String::new(),
            false => tab.listing.summary(),
        };
        frame.render_widget(Line::from(fit(&summary, usize::from(head.width))), head);
    }
    if body.is_empty() {
        return;
    }
    match &tab.month {
        Some(month) if !look.list_is_shown() && !tab.listing.lines.is_empty() => {
            draw_calendar(look, &tab.listing.lines, month, frame, body, theme);
        }
        _ => draw_list(look, tab, frame, body, theme),
    }
}

pub(super) fn say(frame: &mut Frame<'_>, area: Rect, text: &str) {
    let lines = wrap(text, usize::from(area.width));
    let lines: Vec<Line<'_>> = lines.into_iter().map(Line::from).collect();
    frame.render_widget(Paragraph::new(lines), area);
}

/// Draws the tabs, and a rule that is heavy under the current tab.
fn draw_tabs(
    look: &Look,
    all: &[Tab],
    frame: &mut Frame<'_>,
    tabs: Rect,
    rule: Rect,
    theme: Theme,
) {
    let mut names = Vec::new();
    let mut line = Vec::new();
    let text_of = |tab: &Tab| {
        let listing = &tab.listing;
        format!(" {} {} ", listing.of.title(), count(listing.count()))
    };
    // On a narrow screen, the tabs stand closer together.
    let width: usize = all.iter().map(|tab| text_of(tab).width()).sum();
    let between = all.len().saturating_sub(1).max(1);
    let gap = (usize::from(tabs.width).saturating_sub(width) / between).min(2);
    for (at, tab) in all.iter().enumerate() {
        let text = text_of(tab);
        let (style, stroke, stroke_style) = match at == look.tab {
            true => (theme.strong(), "━", theme.title()),
            false => (theme.quiet(), "─", theme.rule()),
        };
        line.push(Span::styled(stroke.repeat(text.width()), stroke_style));
        line.push(Span::styled("─".repeat(gap), theme.rule()));
        names.push(Span::styled(text, style));
        names.push(Span::raw(" ".repeat(gap)));
    }
    let rest = usize::from(rule.width);
    line.push(Span::styled("─".repeat(rest), theme.rule()));
    frame.render_widget(Line::from(names), tabs);
    frame.render_widget(Line::from(line), rule);
}

fn draw_search(look: &Look, tab: &Tab, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let list = &tab.list;
    let what = phrase!("Search {}: ", tab.listing.sheet.search);
    let found = match (list.rows.len(), look.typing) {
        (n, true) => phrase!("  {} found", count(n as u64)),
        (n, false) => phrase!("  {} found, Esc shows all", count(n as u64)),
    };
    let width = usize::from(area.width);
    let room = width.saturating_sub(what.width() + found.width() + 1);
    // The end of a long text stays visible, because the user types there.
    let mut text = list.text.as_str();
    while text.width() > room {
        let mut rest = text.chars();
        rest.next();
        text = rest.as_str();
    }
    let at = what.width() + text.width();
    let line = Line::from(vec![
        Span::styled(what, theme.quiet()),
        Span::styled(text.to_owned(), theme.strong()),
        Span::raw(" "),
        Span::styled(found, theme.quiet()),
    ]);
    frame.render_widget(line, area);
    if look.typing && at < width && area.height > 0 {
        let at = u16::try_from(at).unwrap_or(area.width);
        frame.set_cursor_position(Position::new(area.x + at, area.y));
    }
}

/// Width of the list in columns. `share` is its part of the screen in twentieths; no list needs more than 56 columns.
fn left_of(area: Rect, share: u16) -> u16 {
    (area.width / 20 * share + area.width % 20 * share / 20).min(56)
}

/// Draws the list of a tab next to the details of its selected line.
fn draw_list(look: &Look, tab: &Tab, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let List { rows, at, .. } = &tab.list;
    let sheet = tab.listing.sheet;
    if rows.is_empty() {
        return nothing(look, frame, area, sheet.none);
    }
    let (left, right) = split(frame, area, left_of(area, sheet.share), theme);
    list(frame, left, rows.len(), *at, !look.typing, theme, |index| {
        let line = rows.get(index);
        let line = line.and_then(|place| tab.listing.lines.get(*place as usize));
        line.map_or_else(Row::default, |line| row(line, theme))
    });
    detail(look, frame, right, theme);
}

fn row(line: &ListLine, theme: Theme) -> Row {
    if let Some(when) = &line.when {
        return found_row(line, when);
    }
    Row {
        before: line.before.to_owned(),
        name: line.name.to_string(),
        remark: line.remark.clone(),
        style: match line.done {
            true => theme.quiet(),
            false => Style::new(),
        },
    }
}

/// Tells why the list is empty.
fn nothing(look: &Look, frame: &mut Frame<'_>, area: Rect, what: &str) {
    let text = match look.is_searching() {
        true => phrase(
            "Nothing found. You can type parts of words, in any order. Press Esc to show all.",
        ),
        false => what,
    };
    say(frame, area, text);
}
