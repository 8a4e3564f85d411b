//! The text below the rows of the Dock: about the selected row, or what to plug in.

use std::path::Path;

use ratatui::style::Style;
use ratatui::text::Line;

use super::rows::Row;
use super::{Dock, Enter, Latest};
use crate::handset::find::{Device, Kind, State, nothing_plugged_in};
use crate::phrase;
use crate::rescue::{Finished, Running, Unfinished};
use crate::tui::theme::Theme;
use crate::tui::widget::text::{count, counted, hanging, padded, paragraph};

/// Steps that the Dock shows of the selected device. All are on a page of their own.
const SHOWN_STEPS: usize = 2;

/// The text below the rows: about the chosen one.
pub(super) fn about<'a>(
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
        Some(Row::Run(run)) => {
            lines.push(Line::from(""));
            let text = match run.is_reading {
                true => phrase(
                    "The phone is not connected. Plug it in to continue. Press Enter to see its rescue.",
                ),
                false => phrase("The phone is not connected. Press Enter to see its rescue."),
            };
            lines.extend(indented(text, width));
        }
        Some(Row::Running(running)) => {
            lines.push(Line::from(""));
            lines.extend(about_running(dock, running, width));
        }
        Some(Row::Unfinished(unfinished)) => {
            lines.push(Line::from(""));
            let next = match dock.device_of(unfinished) {
                Some(_) => phrase("Press Enter to continue. Lifeboat skips what is already saved."),
                None => phrase("Plug in the phone to continue. Press Enter to see what is saved."),
            };
            lines.extend(indented(next, width));
            lines.extend(not_finished(unfinished, width));
        }
        Some(Row::Finished(finished)) => {
            lines.push(Line::from(""));
            lines.extend(indented(phrase("Press Enter to open this rescue."), width));
            lines.extend(about_finished(finished, width));
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
            true if run.is_lost => phrase(
                "The phone is plugged in again. Lifeboat is connecting to it. Press Enter to see its rescue.",
            ),
            true if run.waits => phrase(
                "Lifeboat is waiting for something to be done on the phone. Press Enter to see what.",
            ),
            true => phrase("This phone is being read. Press Enter to see its rescue."),
            false => phrase("The rescue of this phone has ended. Press Enter to see it."),
        };
        lines.extend(indented(text, width));
        return lines;
    }
    if let Some(running) = dock.elsewhere(device) {
        lines.extend(about_running(dock, running, width));
        return lines;
    }
    if dock.marked() > 0 && device.state == State::Ready {
        let starts = dock.starts(false).len() as u64;
        let text = match starts {
            0 => phrase("The marked phones have been rescued. Press n to rescue them again.")
                .to_owned(),
            1 => phrase(
                "Press Enter to rescue the marked phone. Press Space to mark or unmark a phone.",
            )
            .to_owned(),
            _ => phrase!(
                "Press Enter to rescue {} together. Press Space to mark or unmark a phone.",
                counted(starts, phrase("phone"), phrase("phones"))
            ),
        };
        lines.extend(indented(&text, width));
        return lines;
    }
    if dock.is_twin(device) {
        let text = phrase(
            "Two phones have this serial number. Lifeboat can't tell by it whether this one was rescued.",
        );
        lines.extend(indented(text, width));
    }
    let latest = dock.latest(device);
    match (&latest, device.state) {
        (Some(Latest::Unfinished(unfinished)), State::Ready) => {
            lines.extend(can_go_on(device, unfinished, width));
        }
        (Some(Latest::Finished(finished)), State::Ready) => {
            let press = phrase!(
                "Press Enter to open this rescue. Press n to rescue the {} again, into a new folder.",
                device.kind.noun()
            );
            lines.extend(indented(&press, width));
            lines.extend(about_finished(finished, width));
        }
        _ => lines.extend(needs(dock, device, width, theme)),
    }
    lines
}

/// A sentence about a rescue, and where the rescue is.
fn with_folder<'a>(told: String, folder: &Path, width: usize) -> Vec<Line<'a>> {
    let place = phrase!("Folder: {}", folder.display());
    [told, place]
        .iter()
        .flat_map(|text| indented(text, width))
        .collect()
}

/// A rescue that another program runs.
fn about_running<'a>(dock: &Dock, running: &Running, width: usize) -> Vec<Line<'a>> {
    let text = match dock.is_stopping(running) {
        true => phrase(
            "The rescue was asked to stop. It writes what is saved, and can then be continued.",
        )
        .to_owned(),
        false => phrase!(
            "Another Lifeboat reads this phone: {}. Press Enter to watch the rescue. Press x to stop it; what is saved \
             stays.",
            running.told()
        ),
    };
    with_folder(text, &running.folder, width)
}

fn about_finished<'a>(finished: &Finished, width: usize) -> Vec<Line<'a>> {
    let told = phrase!(
        "Rescued on {}. {} {}",
        finished.begun,
        finished.headline,
        finished.copies.sentence()
    );
    with_folder(told, &finished.folder, width)
}

/// Tells that an earlier rescue of the selected device continues.
fn can_go_on<'a>(device: &Device, unfinished: &Unfinished, width: usize) -> Vec<Line<'a>> {
    let press = phrase!(
        "Press Enter to continue the rescue of the {}. Lifeboat skips what is already saved. Press n to start a \
         new rescue instead.",
        device.name()
    );
    let mut lines = indented(&press, width);
    lines.push(Line::from(""));
    lines.extend(not_finished(unfinished, width));
    lines
}

/// Describes an unfinished rescue.
fn not_finished<'a>(unfinished: &Unfinished, width: usize) -> Vec<Line<'a>> {
    let told = phrase!(
        "This rescue began on {} and is not finished. Saved so far: {}.",
        unfinished.begun,
        safe_so_far(unfinished)
    );
    with_folder(told, &unfinished.folder, width)
}

fn safe_so_far(unfinished: &Unfinished) -> String {
    let counts = unfinished.saved.iter().filter(|(_, number)| **number > 0);
    let counts: Vec<String> = counts
        .map(|(what, number)| format!("{} {}", count(*number), what.things_alone(*number)))
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
            let ready = match device.kind {
                Kind::Backup => phrase!(
                    "Press Enter to read this backup: {}. Nothing in its folder is changed.",
                    device.name()
                ),
                kind => phrase!(
                    "Press Enter to rescue the {}. Lifeboat only reads. It changes nothing on the {}.",
                    device.name(),
                    kind.noun()
                ),
            };
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
            "Press {key} for all {} steps. Lifeboat ticks each step when it is done.",
            all.len()
        ),
        false => phrase!("Press {key} for details and warnings."),
    };
    lines.extend(indented(&more, width));
    lines
}

/// What to plug in first: one line for each kind of device.
pub(super) fn nothing<'a>(dock: &Dock, width: usize, theme: Theme) -> Vec<Line<'a>> {
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
