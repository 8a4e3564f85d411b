//! Draws the Look screen.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use unicode_width::UnicodeWidthStr;

use super::draw_calendar::{draw_calendar, found_row};
use super::list::{List, Sort};
use super::menu::in_words;
use super::panes::{Row, detail, list, panes, rule_between};
use super::{Look, Open, Tab, draw_over, position};
use crate::model::grouped;
use crate::phrase;
use crate::rescue::look::Line as ListLine;
use crate::tui::theme::Theme;
use crate::tui::widget::entry::Entry;
use crate::tui::widget::text::{count, fit, wrap};

/// A screen with fewer lines has no rule below the tabs and no summary.
const LOW: u16 = 14;

/// The most lines of the summary.
const MOST_SUMMARY: u16 = 3;

/// The lines above the list.
struct Above {
    tabs: Rect,
    rule: Rect,
    summary: Rect,
    head: Rect,
    body: Rect,
}

fn above(look: &Look, area: Rect) -> Above {
    let is_low = area.height < LOW;
    let summary = match is_low {
        true => 0,
        false => u16::try_from(summary(look, area.width).len())
            .unwrap_or(1)
            .clamp(1, MOST_SUMMARY),
    };
    let [tabs, rule, summary, head, _, body] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(u16::from(!is_low)),
        Constraint::Length(summary),
        Constraint::Length(1),
        Constraint::Length(u16::from(!is_low)),
        Constraint::Min(0),
    ])
    .areas(area);
    Above {
        tabs,
        rule,
        summary,
        head,
        body,
    }
}

/// The area below the line with the position.
pub fn body_of(look: &Look, area: Rect) -> Rect {
    above(look, area).body
}

/// Number of lines that a list has, for a screen of this area.
pub fn rows_of(area: Rect) -> u16 {
    let above = if area.height < LOW { 2 } else { 5 };
    area.height.saturating_sub(above)
}

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
    let Above {
        tabs,
        rule,
        summary: place,
        head,
        body,
    } = above(look, area);
    draw_tabs(look, all, frame, tabs, rule, theme);
    let lines: Vec<Line<'_>> = summary(look, area.width)
        .into_iter()
        .map(Line::from)
        .collect();
    frame.render_widget(Paragraph::new(lines), place);
    draw_head(look, tab, frame, head, theme);
    if body.is_empty() {
        return;
    }
    let panes = panes(look, body);
    match &tab.month {
        Some(month) if !look.list_is_shown() && !tab.listing.lines.is_empty() => {
            draw_calendar(look, tab, month, frame, panes, theme);
        }
        _ => {
            draw_list(look, tab, frame, panes.left, theme);
            if !panes.detail.is_empty() && !panes.left.is_empty() && !tab.list.rows.is_empty() {
                rule_between(frame, panes.left, theme);
            }
        }
    }
    detail(look, frame, panes.detail, theme);
    draw_over::draw(look, frame, area, theme);
}

pub(super) fn say(frame: &mut Frame<'_>, area: Rect, text: &str) {
    let lines = wrap(text, usize::from(area.width));
    let lines: Vec<Line<'_>> = lines.into_iter().map(Line::from).collect();
    frame.render_widget(Paragraph::new(lines), area);
}

/// What the list has, which explains the numbers of the tab and of the position.
fn summary(look: &Look, width: u16) -> Vec<String> {
    match look.tab() {
        Some(tab) if !tab.listing.lines.is_empty() => {
            wrap(&tab.listing.summary(), usize::from(width))
        }
        Some(_) | None => vec![String::new()],
    }
}

/// Draws the tabs, and a rule that is heavy under the current tab. Without room for all counts, only the current tab
/// has its count; without room for all names, marks at the ends tell that there are more.
fn draw_tabs(
    look: &Look,
    all: &[Tab],
    frame: &mut Frame<'_>,
    tabs: Rect,
    rule: Rect,
    theme: Theme,
) {
    let width = usize::from(tabs.width);
    let text_of = |tab: &Tab, counts: bool| {
        let listing = &tab.listing;
        // Before the lists are read, no counts are shown.
        let is_to_come = look.is_partial && listing.count() == 0;
        match counts && !is_to_come {
            true => format!(" {} {} ", listing.of.title(), count(listing.count())),
            false => format!(" {} ", listing.of.title()),
        }
    };
    let texts = |counts: bool| -> Vec<String> {
        let all = all.iter().enumerate();
        all.map(|(at, tab)| text_of(tab, counts || at == look.tab))
            .collect()
    };
    let sum = |texts: &[String]| texts.iter().map(|text| text.width()).sum::<usize>();
    let mut shown = texts(true);
    if sum(&shown) > width {
        shown = texts(false);
    }
    // The tabs that fit, around the current one.
    let (mut from, mut to) = (0, shown.len());
    // A column between two tabs, and the marks for those that are hidden.
    let needed = |some: &[String]| sum(some) + some.len() + 2;
    let fits_all = sum(&shown) + shown.len() <= width;
    while !fits_all && needed(shown.get(from..to).unwrap_or_default()) > width && to - from > 1 {
        match look.tab - from > to - 1 - look.tab {
            true => from += 1,
            false => to -= 1,
        }
    }
    let some = shown.get(from..to).unwrap_or_default();
    let marks = usize::from(from > 0) + usize::from(to < shown.len());
    let gap = (width.saturating_sub(sum(some) + marks) / some.len().max(1)).min(2);
    let mut names = vec![Span::raw(if from > 0 { "‹" } else { "" })];
    let mut line = vec![Span::styled(if from > 0 { "─" } else { "" }, theme.rule())];
    for (at, text) in some.iter().enumerate() {
        let is_current = at + from == look.tab;
        let (style, stroke, stroke_style) = match is_current {
            true => (theme.strong(), "━", theme.title()),
            false => (Style::new(), "─", theme.rule()),
        };
        line.push(Span::styled(stroke.repeat(text.width()), stroke_style));
        line.push(Span::styled("─".repeat(gap), theme.rule()));
        names.push(match is_current && rule.is_empty() {
            true => Span::styled(format!("[{}]", text.trim()), theme.title()),
            false => Span::styled(text.clone(), style),
        });
        names.push(Span::raw(" ".repeat(gap)));
    }
    if to < shown.len() {
        names.push(Span::raw("›"));
    }
    line.push(Span::styled(
        "─".repeat(usize::from(rule.width)),
        theme.rule(),
    ));
    frame.render_widget(Line::from(names), tabs);
    frame.render_widget(Line::from(line), rule);
}

/// Draws the search text, the position and counts, and what limits the list.
fn draw_head(look: &Look, tab: &Tab, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let list = &tab.list;
    let is_search = look.typing || !list.text.is_empty();
    let is_month = tab.month.is_some() && !look.list_is_shown();
    let mut facts = Vec::new();
    if !tab.listing.lines.is_empty() && !is_month {
        facts.push(position(tab));
    }
    if list.is_searching() {
        facts.push(phrase("searching…").to_owned());
    } else if list.nearly && !list.rows.is_empty() {
        facts.push(phrase("no exact match; similar entries").to_owned());
    }
    if look.is_partial {
        facts.push(phrase("more is coming: the rescue is still running").to_owned());
    }
    facts.extend(in_words(list.filter, &tab.listing.places));
    match list.sort {
        Sort::Usual => {}
        Sort::Reversed => facts.push(phrase("reversed").to_owned()),
        Sort::Name => facts.push(phrase("by name").to_owned()),
        Sort::Newest => facts.push(phrase("newest first").to_owned()),
        Sort::Oldest => facts.push(phrase("oldest first").to_owned()),
        Sort::OnlyHereFirst => facts.push(phrase("only on this phone first").to_owned()),
        Sort::Place => facts.push(phrase("by account or folder").to_owned()),
    }
    if !list.marked.is_empty() {
        facts.push(phrase!("{} marked", grouped(list.marked.len() as u64)));
    }
    let width = usize::from(area.width);
    if !is_search {
        let text = facts.join(", ");
        return frame.render_widget(Line::styled(fit(&text, width), theme.strong()), area);
    }
    let what = phrase("Search: ");
    let text = Entry::new(&list.text);
    // The typed text and the number of results share the line.
    let facts = fit(&facts.join(", "), width.saturating_sub(what.width() + 12));
    let room = width.saturating_sub(what.width() + facts.width() + 3);
    let typed = text.shown(room, theme);
    let at = what.width() + typed.iter().map(|span| span.width()).sum::<usize>();
    let mut line = vec![Span::raw(what)];
    line.extend(typed);
    line.push(Span::raw("   "));
    line.push(Span::raw(facts));
    frame.render_widget(Line::from(line), area);
    if look.typing && at < width && area.height > 0 {
        let at = u16::try_from(at).unwrap_or(area.width);
        frame.set_cursor_position(Position::new(area.x + at, area.y));
    }
}

/// Draws the list of a tab.
fn draw_list(look: &Look, tab: &Tab, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    if area.is_empty() {
        return;
    }
    let List { rows, at, .. } = &tab.list;
    let sheet = tab.listing.sheet;
    if rows.is_empty() {
        return nothing(look, tab, frame, area, sheet.none);
    }
    list(
        frame,
        area,
        rows.len(),
        *at,
        look.is_in_list(),
        theme,
        |index| {
            let place = rows.get(index).copied().unwrap_or(u32::MAX);
            let line = tab.listing.lines.get(place as usize);
            line.map_or_else(Row::default, |line| Row {
                marked: tab.list.marked.contains(&place),
                ..row(line)
            })
        },
    );
}

fn row(line: &ListLine) -> Row {
    if let Some(when) = &line.when {
        return found_row(line, when);
    }
    Row {
        before: line.before.to_owned(),
        name: line.name.to_string(),
        remark: line.remark.clone(),
        ..Row::default()
    }
}

/// Tells why the list is empty.
fn nothing(look: &Look, tab: &Tab, frame: &mut Frame<'_>, area: Rect, what: &str) {
    let text = match (look.is_searching(), tab.list.is_searching()) {
        (_, true) => phrase("Searching…"),
        (true, false) => phrase(
            "Nothing found. You can type parts of words, in any order. Press Esc to show all.",
        ),
        (false, false) => what,
    };
    say(frame, area, text);
}
