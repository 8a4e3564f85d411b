//! Draws the Dock: the rows, what the chosen one needs, and the warning at the bottom.

use std::path::Path;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use unicode_width::UnicodeWidthStr;

use super::rows::Row;
use super::{Dock, Enter, Lamp, Latest, RunLine};
use crate::handset::find::{Device, State, nothing_plugged_in};
use crate::model::{called, size};
use crate::phrase;
use crate::rescue::{Finished, Running, Unfinished};
use crate::tui::theme::Theme;
use crate::tui::widget::bar::bar;
use crate::tui::widget::text::{count, counted, hanging, padded, paragraph, wrap};

const UNTIL_DONE: &str = phrase(
    "Until Lifeboat is done, don't reset or update the phone or use safe mode. Don't add \
     accounts, sign in or out, or remove apps. Leave the battery and SIM in. Restart the \
     phone only if Lifeboat asks.",
);

/// Steps that the Dock shows of the selected device. All are on a page of their own.
const SHOWN_STEPS: usize = 2;

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
        Some(_) | None => wrap(UNTIL_DONE, width),
    };
    let (lines, cursor) = list(dock, &rows, chosen, width, theme);
    let about = about(dock, &rows, chosen, width, theme);
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
    frame.render_widget(Paragraph::new(about), below);
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

/// The rows with their headings, and the line of the chosen one.
fn list<'a>(
    dock: &Dock,
    rows: &[Row<'_>],
    chosen: Option<usize>,
    width: usize,
    theme: Theme,
) -> (Vec<Line<'a>>, Option<usize>) {
    let mut lines = vec![Line::from("")];
    let mut cursor = None;
    let has_devices = rows.first().is_some_and(|row| !row.is_rescue());
    if !has_devices {
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
            lines.push(Line::from(""));
            lines.push(Line::styled(phrase("  Rescues"), theme.strong()));
        }
        let is_chosen = chosen == Some(index);
        if is_chosen {
            cursor = Some(lines.len());
        }
        lines.push(line(dock, row, is_chosen, width, theme));
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

fn line<'a>(dock: &Dock, row: &Row<'_>, is_chosen: bool, width: usize, theme: Theme) -> Line<'a> {
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
    let name_width = (width * 3 / 10).clamp(16, 40);
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
            Cells {
                name: device.name(),
                told: told_of(device, dock.run_of(device).is_some()),
                state,
                style,
            }
        }
        Row::Run(run) => Cells {
            name: run.device.clone(),
            told: phrase("not connected").into(),
            state: run_state(run, width),
            style: lamp(run.lamp, theme),
        },
        Row::Running(running) => Cells {
            name: called(&running.make, &running.model),
            told: phrase!("runs in process {}", running.process),
            state: running.told(),
            style: theme.strong(),
        },
        Row::Unfinished(unfinished) => Cells {
            name: unfinished.identity.name(),
            told: told_of_folder(&unfinished.begun, &unfinished.folder),
            state: {
                let things = unfinished.saved.values().sum();
                let saved = counted(things, phrase("item"), phrase("items"));
                phrase!("UNFINISHED: {saved} saved")
            },
            style: theme.care(),
        },
        Row::Finished(finished) => Cells {
            name: finished.identity.name(),
            told: told_of_folder(&finished.begun, &finished.folder),
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

/// `2026-11-22 (9A1X) 2`: the day, the end of the serial number, and the number within the day.
fn told_of_folder(begun: &str, folder: &Path) -> String {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let end = name.rfind(" (").and_then(|start| name.get(start..));
    format!("{begun}{}", end.unwrap_or_default())
}

fn lamp(lamp: Lamp, theme: Theme) -> Style {
    match lamp {
        Lamp::Plain => theme.strong(),
        Lamp::Good => theme.good(),
        Lamp::Care => theme.care(),
        Lamp::Bad => theme.bad(),
    }
}

fn run_state(run: &RunLine, width: usize) -> String {
    match run.share.filter(|_| run.is_reading && width >= 76) {
        Some((done, of)) => format!("{} {}", bar(done.min(of), of, BAR), run.told),
        None => run.told.clone(),
    }
}

fn state_of(dock: &Dock, device: &Device, width: usize, theme: Theme) -> (String, Style) {
    if let Some(run) = dock.run_of(device) {
        return (run_state(run, width), lamp(run.lamp, theme));
    }
    if let Some(running) = dock.elsewhere(device) {
        return (running.told(), theme.strong());
    }
    match (device.state, dock.latest(device)) {
        (State::Ready, Some(Latest::Unfinished(_))) => (phrase("UNFINISHED").into(), theme.care()),
        (State::Ready, Some(Latest::Finished(finished))) => match finished.is_safe {
            true => (phrase("rescued, safe").into(), theme.good()),
            false => (phrase("rescued, NOT SAFE").into(), theme.bad()),
        },
        (State::Ready, None) => (device.state.text().to_owned(), theme.good()),
        (State::NeedsYou, _) => (device.state.text().to_owned(), theme.care()),
        (State::OutOfReach, _) => (device.state.text().to_owned(), theme.quiet()),
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

/// The text below the rows: about the chosen one.
fn about<'a>(
    dock: &Dock,
    rows: &[Row<'_>],
    chosen: Option<usize>,
    width: usize,
    theme: Theme,
) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    if let Some(note) = &dock.note {
        lines.push(Line::from(""));
        lines.extend(hanging("  !  ", theme.care(), note, width));
    }
    match chosen.and_then(|index| rows.get(index)) {
        Some(Row::Device(device)) => {
            lines.push(Line::from(""));
            lines.extend(about_device(dock, device, width, theme));
            lines.extend(notes(dock, width, theme));
        }
        Some(Row::Run(_)) => {
            lines.push(Line::from(""));
            let text = phrase("The phone is not connected. Press Enter to see its rescue.");
            lines.extend(indented(text, width));
        }
        Some(Row::Running(running)) => {
            lines.push(Line::from(""));
            lines.extend(about_running(running, width));
        }
        Some(Row::Unfinished(unfinished)) => {
            lines.push(Line::from(""));
            lines.extend(not_finished(unfinished, width));
            let next = match dock.device_of(unfinished) {
                Some(_) => phrase("Press Enter to continue. Lifeboat skips what is already saved."),
                None => phrase("Plug in the phone to continue. Press Enter to see what is saved."),
            };
            lines.extend(indented(next, width));
        }
        Some(Row::Finished(finished)) => {
            lines.push(Line::from(""));
            lines.extend(about_finished(finished, width));
            lines.extend(indented(phrase("Press Enter to open it."), width));
        }
        Some(Row::Sealed(sealed)) => {
            lines.push(Line::from(""));
            let text = phrase!(
                "This rescue is encrypted: {}. To open it: age -d {:?} | tar -x",
                sealed.file.display(),
                sealed.file.display().to_string()
            );
            lines.extend(indented(&text, width));
        }
        None => {}
    }
    lines
}

fn about_device<'a>(dock: &Dock, device: &Device, width: usize, theme: Theme) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    for condition in dock.conditions(&device.id).iter() {
        lines.extend(hanging("  !  ", theme.care(), condition.warning(), width));
        lines.push(Line::from(""));
    }
    if let Some(run) = dock.run_of(device) {
        let text = match run.is_reading {
            true => phrase("This phone is being read. Press Enter to see its rescue."),
            false => phrase("The rescue of this phone has ended. Press Enter to see it."),
        };
        lines.extend(indented(text, width));
        return lines;
    }
    if let Some(running) = dock.elsewhere(device) {
        lines.extend(about_running(running, width));
        return lines;
    }
    if dock.marked() > 0 && device.state == State::Ready {
        let starts = dock.starts(false).len() as u64;
        let text = match starts {
            0 => phrase("The marked phones are rescued already. Press n to rescue them again.")
                .to_owned(),
            _ => phrase!(
                "Press Enter to rescue {} together. Press Space to mark or unmark a phone.",
                counted(starts, phrase("phone"), phrase("phones"))
            ),
        };
        lines.extend(indented(&text, width));
        return lines;
    }
    let latest = dock.latest(device);
    match (&latest, device.state) {
        (Some(Latest::Unfinished(unfinished)), State::Ready) => {
            lines.extend(can_go_on(device, unfinished, width));
        }
        (Some(Latest::Finished(finished)), State::Ready) => {
            lines.extend(about_finished(finished, width));
            let press = phrase(
                "Press Enter to open this rescue. Press n to rescue the phone again, into a new folder.",
            );
            lines.extend(indented(press, width));
        }
        _ => lines.extend(needs(dock, device, width, theme)),
    }
    lines
}

/// A rescue that another program runs.
fn about_running<'a>(running: &Running, width: usize) -> Vec<Line<'a>> {
    let text = phrase!(
        "Another Lifeboat (process {}) rescues this phone: {}. It goes on without this window. Press x to stop it; \
         what is saved stays.",
        running.process,
        running.told()
    );
    let place = phrase!("Folder: {}", running.folder.display());
    [text, place]
        .iter()
        .flat_map(|text| indented(text, width))
        .collect()
}

fn about_finished<'a>(finished: &Finished, width: usize) -> Vec<Line<'a>> {
    let told = phrase!(
        "Rescued on {}. {} {}",
        finished.begun,
        finished.headline,
        finished.copies.sentence()
    );
    let place = phrase!("Folder: {}", finished.folder.display());
    [told, place]
        .iter()
        .flat_map(|text| indented(text, width))
        .collect()
}

/// Tells that an earlier rescue of the selected device continues.
fn can_go_on<'a>(device: &Device, unfinished: &Unfinished, width: usize) -> Vec<Line<'a>> {
    let press = phrase!(
        "Press Enter to continue the rescue of the {}. Lifeboat skips what is already saved. Press n to start a \
         new rescue instead.",
        device.name()
    );
    let mut lines = not_finished(unfinished, width);
    lines.push(Line::from(""));
    lines.extend(indented(&press, width));
    lines
}

/// Describes an unfinished rescue.
fn not_finished<'a>(unfinished: &Unfinished, width: usize) -> Vec<Line<'a>> {
    let told = phrase!(
        "A rescue of this phone began on {} and is not finished. Saved so far: {}.",
        unfinished.begun,
        safe_so_far(unfinished)
    );
    let place = phrase!("Folder: {}", unfinished.folder.display());
    [told, place]
        .iter()
        .flat_map(|text| indented(text, width))
        .collect()
}

fn safe_so_far(unfinished: &Unfinished) -> String {
    let counts = unfinished.saved.iter().filter(|(_, number)| **number > 0);
    let counts: Vec<String> = counts
        .map(|(what, number)| format!("{} {}", count(*number), what.things(*number)))
        .collect();
    match counts.is_empty() {
        true => phrase("nothing yet").to_owned(),
        false => counts.join(", "),
    }
}

/// The steps that the selected device needs, if any.
fn needs<'a>(dock: &Dock, device: &Device, width: usize, theme: Theme) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    lines.extend(first_steps(device, width, theme));
    if device.files_alone {
        lines.push(Line::from(""));
        let alone = match dock.unfinished_of(device) {
            None => phrase("Press f to copy only the files, if that is all this phone allows."),
            Some(unfinished) => {
                lines.extend(not_finished(unfinished, width));
                phrase(
                    "If this phone allows only files, press f to continue this rescue with the files. Press n to \
                     start a new rescue of the files.",
                )
            }
        };
        lines.extend(indented(alone, width));
    }
    match device.state {
        State::Ready => {
            if !lines.is_empty() {
                lines.push(Line::from(""));
            }
            let ready = phrase!(
                "Press Enter to rescue the {}. Lifeboat only reads. It changes nothing on the phone.",
                device.name()
            );
            lines.extend(indented(&ready, width));
            if dock.has_several_ready() {
                let several = phrase(
                    "To rescue several phones together, mark each of them with Space, then press Enter.",
                );
                lines.extend(indented(several, width));
            }
        }
        State::NeedsYou => {
            lines.push(Line::from(""));
            let then = phrase(
                "Keep Lifeboat open. The list updates itself as soon as the phone can be read.",
            );
            let quiet = |line: Line<'a>| line.style(theme.quiet());
            lines.extend(indented(then, width).into_iter().map(quiet));
        }
        State::OutOfReach => {}
    }
    lines
}

/// What is to be done about the selected device: what was seen, and the first steps.
fn first_steps<'a>(device: &Device, width: usize, theme: Theme) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    let first = device.situations.first();
    let state = first.and_then(|first| Some((first, first.state()?)));
    let Some((situation, state)) = state else {
        if !device.advice.is_empty() {
            lines.push(Line::styled(phrase("  What to do next"), theme.strong()));
            lines.extend(indented(&device.advice, width));
        }
        return lines;
    };
    let title = phrase!("What to do next: {}", state.title);
    lines.extend(paragraph(&title, theme.strong(), width));
    lines.extend(indented(&situation.fill(&state.seen), width));
    let all = state.way().flat_map(|state| state.steps_for(&device.make));
    let all: Vec<_> = all.filter(|step| !step.aside).collect();
    for (number, step) in all.iter().take(SHOWN_STEPS).enumerate() {
        let text = situation.fill(&step.text_for(&device.make));
        lines.extend(hanging(
            &format!("{:>3}  ", number + 1),
            theme.key(),
            &text,
            width,
        ));
    }
    let key = match device.state {
        State::Ready => "→",
        State::NeedsYou | State::OutOfReach => phrase("Enter"),
    };
    let more = match all.len() > SHOWN_STEPS {
        true => phrase!(
            "Press {key} for all {} steps. They move on by themselves.",
            all.len()
        ),
        false => phrase!("Press {key} for details and for what must not be pressed."),
    };
    lines.extend(indented(&more, width));
    lines
}

/// What to plug in first: one line for each kind of device.
fn nothing<'a>(dock: &Dock, width: usize, theme: Theme) -> Vec<Line<'a>> {
    if !dock.looked {
        return vec![Line::from(phrase("  Looking for phones…"))];
    }
    let kinds = [
        (
            "Android",
            phrase("Unlock it, then plug it in. Lifeboat shows the next steps."),
        ),
        (
            "iPhone",
            phrase("Unlock it, then plug it in, and tap “Trust”."),
        ),
        (
            phrase("Memory card"),
            phrase("Put it into a card reader, then plug in the reader."),
        ),
        (
            phrase("Camera"),
            phrase("Switch it on, then plug it in. Choose PC or MTP if it asks."),
        ),
        (
            phrase("Simple phone"),
            phrase("Copy its contacts to its card or SIM, then plug it in."),
        ),
    ];
    let mut lines = vec![
        Line::styled(phrase("  No phone found yet."), theme.strong()),
        Line::from(""),
    ];
    for (kind, first) in kinds {
        lines.extend(hanging(
            &format!("  {}  ", padded(kind, 12)),
            theme.strong(),
            first,
            width.saturating_sub(10),
        ));
    }
    let more = match dock.enter() {
        Enter::Steps => phrase(
            "A charge-only cable looks like this too. Press Enter for all steps, w if something is wrong.",
        ),
        _ => phrase("A charge-only cable looks like this too. Press w if something is wrong."),
    };
    lines.push(Line::from(""));
    lines.extend(indented(more, width));
    lines.extend(notes(dock, width, theme));
    lines
}

fn notes<'a>(dock: &Dock, width: usize, theme: Theme) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    let is_shown = |note: &&String| **note == nothing_plugged_in();
    for note in dock.found.notes.iter().filter(|note| !is_shown(note)) {
        lines.push(Line::from(""));
        lines.extend(
            indented(note, width)
                .into_iter()
                .map(|line| line.style(theme.quiet())),
        );
    }
    lines
}

fn indented<'a>(text: &str, width: usize) -> Vec<Line<'a>> {
    paragraph(text, Style::new(), width)
}
