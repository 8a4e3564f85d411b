//! Draws the calendar tab: the month next to the selected day, or the search results.

use chrono::NaiveDate;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use super::calendar::Calendar;
use super::draw::{Listed, nothing, say};
use super::panes::{Row, detail, list, split};
use super::{Look, Opened};
use crate::rescue::look::{EventLine, Repeats};
use crate::tui::theme::Theme;
use crate::tui::widget::month::{self, Month};
use crate::tui::widget::text::{counted, fit, wrap};

/// Minimum number of columns for the wider grid.
const WIDE: u16 = 100;

/// Draws the search results in the calendar, with their dates.
pub fn draw_found(look: &Look, opened: &Opened, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let listed = Listed {
        list: &opened.events,
        lines: &opened.shelf.events,
        share: 11,
        none: NO_EVENTS,
    };
    listed.draw(look, frame, area, theme, |line| {
        let day = line.day.map(|day| day.format("%-d %b %Y").to_string());
        Row {
            before: format!("{:>11}  ", day.unwrap_or_else(|| "no date".to_owned())),
            ..event_row(line, true)
        }
    });
}

const NO_EVENTS: &str = "This phone held no events that Lifeboat can read. Verdict says why.";

fn event_row(line: &EventLine, begins: bool) -> Row {
    let time = match (begins, line.time.is_empty()) {
        (false, _) => "goes on",
        (true, true) => "all day",
        (true, false) => &line.time,
    };
    let name = match &line.elsewhere {
        Some(place) if begins => format!("{} ({place} time)", line.title),
        _ => line.title.to_string(),
    };
    Row {
        before: format!("{time:<8}"),
        name,
        remark: match line {
            EventLine { deleted: true, .. } => "deleted",
            EventLine {
                cancelled: true, ..
            } => "cancelled",
            EventLine { part: true, .. } => "changed",
            EventLine {
                repeats: Repeats::On(_) | Repeats::FirstOnly,
                ..
            } => "repeats",
            _ => "",
        }
        .into(),
        style: Style::new(),
    }
}

/// Draws the month, with the entries of the selected day and the details of the selected entry next to it.
pub fn draw_calendar(
    look: &Look,
    opened: &Opened,
    frame: &mut Frame<'_>,
    area: Rect,
    theme: Theme,
) {
    if opened.shelf.events.is_empty() {
        return nothing(look, frame, area, NO_EVENTS);
    }
    let cell = if area.width >= WIDE {
        7
    } else {
        month::NARROWEST
    };
    let (left, right) = split(frame, area, month::width(cell), theme);
    draw_month(
        &opened.calendar,
        &opened.shelf.events,
        frame,
        left,
        cell,
        look.today,
        theme,
    );
    let (entries, from) = opened.calendar.of_day();
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
    frame.render_widget(Line::styled(dashes, theme.quiet()), rule);
    let chosen = opened.calendar.day();
    let heading = chosen.format("%A %-d %B %Y").to_string();
    frame.render_widget(
        Line::styled(fit(&heading, usize::from(day.width)), theme.title()),
        day,
    );
    if entries.is_empty() {
        return say(frame, rows, "Nothing on this day.");
    }
    let at = opened.calendar.chosen - from;
    list(frame, rows, entries.len(), at, true, theme, |index| {
        let entry = entries.get(index);
        let line = entry.and_then(|entry| opened.shelf.events.get(entry.line));
        match entry.zip(line) {
            Some((entry, line)) => event_row(line, entry.begins),
            None => Row::default(),
        }
    });
    detail(look, frame, below, theme);
}

fn draw_month(
    calendar: &Calendar,
    events: &[EventLine],
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
        0 => "Nothing in this month.".to_owned(),
        n => format!(
            "{} in this month (·2: two that day).",
            counted(n, "entry", "entries")
        ),
    }];
    match calendar.not_counted_out(events) as u64 {
        0 => {}
        n => notes.push(format!(
            "{} by a rule that is not counted out here: only the first day is shown.",
            counted(n, "series repeats", "series repeat")
        )),
    }
    notes.push(format!("Today is {}.", today.format("%-d %B %Y")));
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
