//! Draws the calendar tab: the month next to the selected day, or the search results.

use chrono::NaiveDate;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use super::calendar::{Calendar, Entry};
use super::draw::say;
use super::panes::{Panes, Row, list, rule_between};
use super::{Look, Tab};
use crate::phrase;
use crate::rescue::look::{Line as ListLine, When};
use crate::tui::theme::Theme;
use crate::tui::widget::month::Month;
use crate::tui::widget::text::{counted, fit, wrap};

/// Returns the row of a search result, with its date.
pub fn found_row(line: &ListLine, when: &When) -> Row {
    let day = when.day.map(|day| day.format("%-d %b %Y").to_string());
    Row {
        before: format!(
            "{:>11}  ",
            day.unwrap_or_else(|| phrase("no date").to_owned())
        ),
        ..event_row(line, when, true)
    }
}

fn event_row(line: &ListLine, when: &When, begins: bool) -> Row {
    let time = match (begins, when.time.is_empty()) {
        (false, _) => phrase("ongoing"),
        (true, true) => phrase("all day"),
        (true, false) => &when.time,
    };
    let name = match &when.elsewhere {
        Some(place) if begins => phrase!("{} ({place} time)", line.name),
        _ => line.name.to_string(),
    };
    Row {
        before: format!("{time:<8}"),
        name,
        remark: line.remark.clone(),
        ..Row::default()
    }
}

/// Draws the month or the agenda, and the entries of the selected day.
pub fn draw_calendar(
    look: &Look,
    tab: &Tab,
    calendar: &Calendar,
    frame: &mut Frame<'_>,
    panes: Panes,
    theme: Theme,
) {
    let Panes {
        left,
        day,
        detail,
        cell,
    } = panes;
    let cursor = look.is_in_list();
    if !left.is_empty() && (!day.is_empty() || !detail.is_empty()) {
        rule_between(frame, left, theme);
    }
    let events = &tab.listing.lines;
    let row_of = |entry: Option<&Entry>| {
        let line = entry.and_then(|entry| events.get(entry.line));
        match (entry, line, line.and_then(|line| line.when.as_ref())) {
            (Some(entry), Some(line), Some(when)) => Row {
                marked: u32::try_from(entry.line).is_ok_and(|at| tab.list.marked.contains(&at)),
                ..event_row(line, when, entry.begins)
            },
            _ => Row::default(),
        }
    };
    if tab.agenda {
        return draw_agenda(calendar, frame, left, cursor, theme, row_of);
    }
    if !left.is_empty() {
        draw_month(calendar, events, frame, left, cell, look.today, theme);
    }
    let (entries, from) = calendar.of_day();
    let [heading, rows] = Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(day);
    if !detail.is_empty() && !day.is_empty() {
        let rule = Rect {
            y: detail.y - 1,
            height: 1,
            ..detail
        };
        let dashes = "─".repeat(usize::from(rule.width));
        frame.render_widget(Line::styled(dashes, theme.rule()), rule);
    }
    let width = usize::from(heading.width);
    let long = calendar.day().format("%A %-d %B %Y").to_string();
    let short = calendar.day().format("%a %-d %b %Y").to_string();
    let text = if long.len() <= width { long } else { short };
    frame.render_widget(Line::styled(fit(&text, width), theme.title()), heading);
    if entries.is_empty() {
        return say(frame, rows, phrase("No events on this day."));
    }
    let at = calendar.chosen.saturating_sub(from);
    list(frame, rows, entries.len(), at, cursor, theme, |index| {
        row_of(entries.get(index))
    });
}

/// Draws the entries of the month, day by day.
fn draw_agenda(
    calendar: &Calendar,
    frame: &mut Frame<'_>,
    area: Rect,
    cursor: bool,
    theme: Theme,
    row_of: impl Fn(Option<&Entry>) -> Row,
) {
    let [heading, rows] = Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(area);
    let entries = &calendar.entries;
    let title = phrase!(
        " {}: {}",
        calendar.month.format("%B %Y"),
        counted(entries.len() as u64, phrase("entry"), phrase("entries"))
    );
    let title = fit(&title, usize::from(heading.width));
    frame.render_widget(Line::styled(title, theme.title()), heading);
    // A day without entries has a line of its own while it is selected.
    let empty = calendar.entry().is_none().then(|| calendar.day());
    let gap = empty.map(|day| entries.partition_point(|entry| entry.day < day));
    let length = entries.len() + usize::from(gap.is_some());
    let at = gap.unwrap_or(calendar.chosen);
    list(frame, rows, length, at, cursor, theme, |index| {
        let entry = match gap {
            Some(gap) if index == gap => None,
            Some(gap) if index > gap => entries.get(index - 1),
            _ => entries.get(index),
        };
        let Some(entry) = entry else {
            return Row {
                before: day_label(empty),
                name: phrase("no events").to_owned(),
                ..Row::default()
            };
        };
        let before = index.checked_sub(1).and_then(|index| entries.get(index));
        let is_first = before.is_none_or(|before| before.day != entry.day);
        let row = row_of(Some(entry));
        Row {
            before: format!("{}{}", day_label(is_first.then_some(entry.day)), row.before),
            ..row
        }
    });
}

/// A day before its first entry.
fn day_label(day: Option<NaiveDate>) -> String {
    let day = day.map(|day| day.format("%a %e").to_string());
    format!("{:<8}", day.unwrap_or_default())
}

fn draw_month(
    calendar: &Calendar,
    events: &[ListLine],
    frame: &mut Frame<'_>,
    area: Rect,
    cell: u16,
    today: NaiveDate,
    theme: Theme,
) {
    let width = usize::from(area.width);
    let counts = calendar.counts();
    let month = Month {
        of: calendar.month,
        counts: &counts,
        chosen: Some(calendar.day()),
        today,
    };
    let entries = calendar.entries.len() as u64;
    let title = format!(" {}", calendar.month.format("%B %Y"));
    let mut lines = vec![Line::styled(fit(&title, width), theme.title())];
    lines.extend(month.lines(cell, theme));
    if let Some((column, line)) = month.place(calendar.day(), cell)
        && column < area.width
        && line + 1 < area.height
    {
        // The cursor stays here unless an entry takes it.
        frame.set_cursor_position(Position::new(area.x + column, area.y + line + 1));
    }
    lines.push(Line::from(""));
    let mut notes = vec![match entries {
        0 => phrase("No events in this month.").to_owned(),
        n => phrase!(
            "{} in this month (·2 means two on that day).",
            counted(n, phrase("entry"), phrase("entries"))
        ),
    }];
    match calendar.unexpanded_series(events) as u64 {
        0 => {}
        n => notes.push(phrase!(
            "{} by a rule that Lifeboat can't show here. Only the first day is shown.",
            counted(n, phrase("series repeats"), phrase("series repeat"))
        )),
    }
    notes.push(phrase!("Today is {}.", today.format("%-d %B %Y")));
    for note in notes {
        let wrapped = wrap(&note, width.saturating_sub(1));
        lines.extend(
            wrapped
                .into_iter()
                .map(|line| Line::styled(format!(" {line}"), theme.quiet())),
        );
    }
    frame.render_widget(Paragraph::new(lines), area);
}
