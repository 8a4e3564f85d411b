//! Draws the calendar tab: the month next to the selected day, or the search results.

use chrono::NaiveDate;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use super::Look;
use super::calendar::Calendar;
use super::draw::say;
use super::panes::{Row, detail, list, split};
use crate::phrase;
use crate::rescue::look::{Line as ListLine, When};
use crate::tui::theme::Theme;
use crate::tui::widget::month::{self, Month};
use crate::tui::widget::text::{counted, fit, wrap};

/// Minimum number of columns for the wider grid.
const WIDE: u16 = 100;

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
        style: Style::new(),
    }
}

/// Draws the month, with the entries of the selected day and the details of the selected entry next to it.
pub fn draw_calendar(
    look: &Look,
    events: &[ListLine],
    calendar: &Calendar,
    frame: &mut Frame<'_>,
    area: Rect,
    theme: Theme,
) {
    let cell = if area.width >= WIDE {
        7
    } else {
        month::NARROWEST
    };
    let (left, right) = split(frame, area, month::width(cell), theme);
    draw_month(calendar, events, frame, left, cell, look.today, theme);
    let (entries, from) = calendar.of_day();
    let room = usize::from(right.height.saturating_sub(4)) / 2;
    let height = u16::try_from(entries.len().clamp(1, room.max(1))).unwrap_or(1);
    let [day, rows, rule, below] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(height),
        Constraint::Length(1),
        Constraint::Min(0),
    ])
    .areas(right);
    let dashes = "─".repeat(usize::from(rule.width));
    frame.render_widget(Line::styled(dashes, theme.rule()), rule);
    let chosen = calendar.day();
    let heading = chosen.format("%A %-d %B %Y").to_string();
    frame.render_widget(
        Line::styled(fit(&heading, usize::from(day.width)), theme.title()),
        day,
    );
    if entries.is_empty() {
        return say(frame, rows, phrase("No events on this day."));
    }
    let at = calendar.chosen - from;
    list(frame, rows, entries.len(), at, true, theme, |index| {
        let entry = entries.get(index);
        let line = entry.and_then(|entry| events.get(entry.line));
        match (entry, line, line.and_then(|line| line.when.as_ref())) {
            (Some(entry), Some(line), Some(when)) => event_row(line, when, entry.begins),
            _ => Row::default(),
        }
    });
    detail(look, frame, below, theme);
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
    match calendar.not_counted_out(events) as u64 {
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
