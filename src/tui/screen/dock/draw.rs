//! Draws the Dock: the rows, and the warning at the bottom.

use std::path::Path;

use chrono::NaiveDate;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use unicode_width::UnicodeWidthStr;

use super::about::{about, nothing};
use super::rows::Row;
use super::{Dock, Enter, Lamp, Latest, RunLine};
use crate::handset::find::{Device, Kind, State};
use crate::model::{called, size};
use crate::phrase;
use crate::rescue::{Finished, Running};
use crate::tui::theme::Theme;
use crate::tui::widget::bar::bar;
use crate::tui::widget::text::{count, counted, padded, paragraph, wrap};

const UNTIL_DONE: &str = phrase(
    "Until Lifeboat is done, don't reset or update the phone or use safe mode. Don't add \
     accounts, sign in or out, or remove apps. Leave the battery and SIM in. Restart the \
     phone only if Lifeboat asks.",
);

/// The warning in a small window.
const UNTIL_DONE_IN_SHORT: &str =
    phrase("Until Lifeboat is done, don't reset or restart the phone.");

/// Rows that stay visible however long the text below them is.
const LEAST_ROWS: usize = 4;

/// Width of the bar in the row of a running rescue.
const BAR: usize = 12;

pub fn draw(dock: &Dock, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let width = usize::from(area.width);
    let rows = dock.rows();
    let chosen = dock.index(&rows);
    let until_done = match chosen.and_then(|at| rows.get(at)) {
        Some(row) if row.is_backup() => wrap(
            phrase("Lifeboat only reads the backup. Nothing in its folder is changed."),
            width,
        ),
        Some(Row::Device(device)) if matches!(device.kind, Kind::Card | Kind::Camera) => {
            let noun = device.kind.noun();
            wrap(
                &phrase!(
                    "Lifeboat only reads. Leave the {noun} plugged in until Lifeboat is done."
                ),
                width,
            )
        }
        Some(_) | None if area.height < LOW => wrap(UNTIL_DONE_IN_SHORT, width),
        Some(_) | None => wrap(UNTIL_DONE, width),
    };
    let room = match usize::from(area.height) {
        _ if area.height < LOW => Room::Little,
        height if height >= rows.len() + ROOM_FOR_KINDS => Room::Much,
        _ => Room::Some,
    };
    let (lines, cursor) = list(dock, &rows, chosen, (width, room), theme);
    let mut about = about(dock, &rows, chosen, width, theme);
    if area.height < LOW {
        // Every line counts.
        about.retain(|line| line.width() > 0);
    }
    // In a small window, the rows matter more than the end of the warning.
    let foot_height = until_done
        .len()
        .min(usize::from(area.height).saturating_sub(LEAST_ROWS + 1));
    let height = usize::from(area.height).saturating_sub(foot_height);
    // The text about the chosen row comes first, but some rows are always visible.
    let least = lines.len().min(LEAST_ROWS + 1);
    let about_height = about.len().min(height.saturating_sub(least));
    let list_height = lines.len().min(height - about_height);
    let rows_of = |height: usize| Constraint::Length(u16::try_from(height).unwrap_or(u16::MAX));
    let [list, below, _, foot] = Layout::vertical([
        rows_of(list_height),
        rows_of(about_height),
        Constraint::Min(0),
        rows_of(foot_height),
    ])
    .areas(area);

    // Scrolls so that the selected line stays visible.
    let most = lines.len().saturating_sub(list_height);
    let beyond = cursor.map_or(0, |at| {
        (at + 2).saturating_sub(list_height.max(1)).min(most)
    });
    let more = lines.len().saturating_sub(beyond + list_height);
    let mut shown: Vec<Line<'_>> = lines.into_iter().skip(beyond).take(list_height).collect();
    if let (1.., Some(last)) = (more, shown.last_mut()) {
        *last = Line::styled(phrase!("  ↓ {} more", more + 1), theme.key());
    }
    frame.render_widget(Paragraph::new(shown), list);
    frame.render_widget(Paragraph::new(cut(about, about_height, theme)), below);
    let foot_lines: Vec<Line<'_>> = until_done
        .into_iter()
        .map(|line| Line::styled(line, theme.care()))
        .collect();
    frame.render_widget(Paragraph::new(foot_lines), foot);
    if let Some(at) = cursor {
        let y = list.y + u16::try_from(at.saturating_sub(beyond)).unwrap_or(0);
        if y < list.bottom() {
            frame.set_cursor_position((list.x, y));
        }
    }
}

/// The lines that fit. A mark at the end says that there is more.
fn cut(lines: Vec<Line<'_>>, height: usize, theme: Theme) -> Vec<Line<'_>> {
    let is_cut = lines.len() > height;
    let mut lines: Vec<Line<'_>> = lines.into_iter().take(height).collect();
    if let Some(last) = lines.last_mut().filter(|_| is_cut) {
        last.push_span(Span::styled(" …", theme.key()));
    }
    lines
}

/// Lines that the list needs besides the rows, so that all kinds of devices are named above them.
const ROOM_FOR_KINDS: usize = 26;

/// With fewer lines, no line is left empty, and the warning is short.
const LOW: u16 = 15;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Room {
    Little,
    Some,
    /// Nothing has to be said in short.
    Much,
}

/// The rows with their headings, and the line of the chosen one.
fn list<'a>(
    dock: &Dock,
    rows: &[Row<'_>],
    chosen: Option<usize>,
    (width, room): (usize, Room),
    theme: Theme,
) -> (Vec<Line<'a>>, Option<usize>) {
    let widest = rows
        .iter()
        .map(|row| cells(dock, row, width, theme).name.width());
    // Long names have room where there is some.
    let least = (width * 3 / 10).clamp(16, 40);
    let name_width = widest
        .max()
        .unwrap_or(0)
        .clamp(least.min(16), least.max(width / 3));
    let gap = usize::from(room != Room::Little);
    let mut lines = vec![Line::from(""); gap];
    let mut cursor = None;
    let has_devices = rows.first().is_some_and(|row| !row.is_rescue());
    if !has_devices && !rows.is_empty() && dock.looked && room != Room::Much {
        let text = match dock.enter() {
            Enter::Steps => phrase(
                "No phone found yet. Unlock it and plug it in, or press Enter for all steps.",
            ),
            _ => phrase(
                "No phone found yet. Unlock it and plug it in. If that doesn't help, press w.",
            ),
        };
        lines.extend(paragraph(text, theme.strong(), width));
    } else if !has_devices {
        lines.extend(nothing(dock, width, theme));
    } else if rows.first().is_some_and(|row| !row.is_backup()) {
        lines.push(Line::styled(phrase("  Phones"), theme.strong()));
    }
    let first_backup = rows.iter().position(Row::is_backup);
    let mut in_rescues = false;
    for (index, row) in rows.iter().enumerate() {
        if first_backup == Some(index) {
            let text = phrase("  Backups of iPhones on this computer");
            lines.push(Line::styled(text, theme.strong()));
        }
        if row.is_rescue() && !in_rescues {
            in_rescues = true;
            lines.extend(vec![Line::from(""); gap]);
            lines.push(Line::styled(phrase("  Rescues"), theme.strong()));
        }
        let is_chosen = chosen == Some(index);
        if is_chosen {
            cursor = Some(lines.len());
        }
        lines.push(line(dock, row, is_chosen, (width, name_width), theme));
    }
    (lines, cursor)
}

/// What a row says: name, details, state, and the state's style.
struct Cells {
    name: String,
    told: String,
    state: String,
    style: Style,
}

fn line<'a>(
    dock: &Dock,
    row: &Row<'_>,
    is_chosen: bool,
    (width, name_width): (usize, usize),
    theme: Theme,
) -> Line<'a> {
    let Cells {
        name,
        told,
        state,
        style,
    } = cells(dock, row, width, theme);
    let mark = match (dock.marked.is_empty(), row) {
        (true, _) => "",
        (false, Row::Device(device)) if dock.marked.contains(&device.id) => "[x] ",
        (false, Row::Device(device)) if device.state == State::Ready => "[ ] ",
        (false, _) => "    ",
    };
    let rest = width.saturating_sub(2 + mark.width() + name_width + 2 + 2 + state.width());
    let pointer = if is_chosen { "› " } else { "  " };
    let text = format!(
        "{pointer}{mark}{}  {}  ",
        padded(&name, name_width),
        padded(&told, rest)
    );
    let text = if is_chosen {
        Span::styled(text, theme.strong())
    } else {
        Span::raw(text)
    };
    Line::from(vec![text, Span::styled(state, style)])
}

fn cells(dock: &Dock, row: &Row<'_>, width: usize, theme: Theme) -> Cells {
    match row {
        Row::Device(device) => {
            let (state, style) = state_of(dock, device, width, theme);
            let (name, told) = match device.name().split_once(", ") {
                // The name of a backup goes on with its day and its phone.
                Some((name, rest)) if device.is_backup => (name.to_owned(), rest.to_owned()),
                _ => (
                    device.name(),
                    told_of(device, dock.run_of(device).is_some()),
                ),
            };
            Cells {
                name,
                told,
                state,
                style,
            }
        }
        Row::Run(run) => Cells {
            name: run.name.clone(),
            told: phrase("not connected").into(),
            state: run_state(run, width),
            style: lamp(run.lamp, theme),
        },
        Row::Running(running) => Cells {
            name: called(&running.make, &running.model),
            told: phrase("read by another Lifeboat").into(),
            state: running_state(dock, running, width),
            style: theme.strong(),
        },
        Row::Unfinished(unfinished) => Cells {
            name: unfinished.identity.name(),
            told: told_of_folder(&unfinished.begun, &unfinished.folder, width),
            state: {
                let things = unfinished.saved.values().sum();
                match width >= NARROW {
                    true => {
                        let saved = counted(things, phrase("item"), phrase("items"));
                        phrase!("UNFINISHED: {saved} saved")
                    }
                    false => phrase!("UNFINISHED: {} saved", count(things)),
                }
            },
            style: theme.care(),
        },
        Row::Finished(finished) => Cells {
            name: finished.identity.name(),
            told: told_of_folder(&finished.begun, &finished.folder, width),
            state: state_of_finished(finished),
            style: match finished.is_safe {
                true => theme.good(),
                false => theme.bad(),
            },
        },
        Row::Sealed(sealed) => Cells {
            name: sealed.name.get(11..).unwrap_or(&sealed.name).to_owned(),
            told: sealed.name.get(..10).unwrap_or_default().to_owned(),
            state: phrase!("sealed, {}", size(sealed.bytes)),
            style: theme.good(),
        },
    }
}

/// Characters at the end of a serial number by which people tell two phones apart.
const TAIL: usize = 5;

/// `…PRACT, port 1-4`: two equal phones differ in the port.
fn told_of(device: &Device, is_short: bool) -> String {
    let id = match device.id.split_once('@') {
        Some((serial, port)) => {
            let letters = serial.chars().count();
            let tail: String = serial.chars().skip(letters.saturating_sub(TAIL)).collect();
            let before = if letters > TAIL { "…" } else { "" };
            phrase!("port {port}, {before}{tail}")
        }
        None => device.id.clone(),
    };
    match device.approaches.is_empty() || is_short {
        true => id,
        false => format!("{id}  {}", device.approaches.join(", ")),
    }
}

/// In a window with fewer columns, rows say things in short.
const NARROW: usize = 76;

/// `2026-11-22 (9A1X) 2`: the day, the end of the serial number, and the number within the day. In short: `22 Nov 2 9A1X`.
fn told_of_folder(begun: &str, folder: &Path, width: usize) -> String {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let end = name.rfind(" (").and_then(|start| name.get(start..));
    let end = end.unwrap_or_default();
    let day = NaiveDate::parse_from_str(begun, "%Y-%m-%d").ok();
    let Some(day) = day.filter(|_| width < NARROW) else {
        return format!("{begun}{end}");
    };
    let (tail, number) = end.split_once(')').unwrap_or_default();
    let parts = [
        day.format("%-d %b").to_string(),
        number.trim().to_owned(),
        tail.trim_start_matches([' ', '(']).to_owned(),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

fn lamp(lamp: Lamp, theme: Theme) -> Style {
    match lamp {
        Lamp::Plain => theme.strong(),
        Lamp::Good => theme.good(),
        Lamp::Care => theme.care(),
        Lamp::Bad => theme.bad(),
    }
}

/// What the rescue of another program does.
fn running_state(dock: &Dock, running: &Running, width: usize) -> String {
    match dock.is_stopping(running) {
        true => phrase("stopping …").into(),
        false => with_bar(running.told(), running.share(), width),
    }
}

fn run_state(run: &RunLine, width: usize) -> String {
    let share = run.share.filter(|_| run.is_reading);
    with_bar(run.told.clone(), share, width)
}

fn with_bar(told: String, share: Option<(u64, u64)>, width: usize) -> String {
    match share.filter(|_| width >= NARROW) {
        Some((done, of)) => format!("{} {told}", bar(done.min(of), of, BAR)),
        None => told,
    }
}

fn state_of(dock: &Dock, device: &Device, width: usize, theme: Theme) -> (String, Style) {
    if let Some(run) = dock.run_of(device) {
        if run.is_lost {
            return (phrase("reconnecting …").into(), theme.care());
        }
        return (run_state(run, width), lamp(run.lamp, theme));
    }
    if let Some(running) = dock.elsewhere(device) {
        return (running_state(dock, running, width), theme.strong());
    }
    match (device.state, dock.latest(device)) {
        (State::Ready, Some(Latest::Unfinished(_))) => (phrase("UNFINISHED").into(), theme.care()),
        (State::Ready, Some(Latest::Finished(finished))) => match finished.is_safe {
            true => (phrase("rescued, safe").into(), theme.good()),
            false => (phrase("rescued, NOT SAFE").into(), theme.bad()),
        },
        // Green is for a phone whose contacts can be read.
        (State::Ready, None) if device.in_short() != State::Ready.text() => {
            (device.in_short(), theme.strong())
        }
        (State::Ready, None) => (device.in_short(), theme.good()),
        (State::NeedsYou, _) => (device.in_short(), theme.care()),
        (State::OutOfReach, _) => (device.in_short(), theme.quiet()),
    }
}

fn state_of_finished(finished: &Finished) -> String {
    if !finished.is_safe {
        return phrase("NOT SAFE").into();
    }
    let copies = match finished.copies.count {
        0 | 1 => phrase("1 copy").to_owned(),
        count => phrase!("{count} copies"),
    };
    match finished.open_lines {
        0 => phrase!("safe, {copies}"),
        open => phrase!("safe, {copies}, {open} to tick"),
    }
}
