//! Dock: the connected devices, the steps that each of them needs, and warnings.

mod keys;

pub use keys::KEYS;

use std::collections::BTreeMap;
use std::path::PathBuf;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::coach::Situation;
use crate::handset::find::{Device, Found, State, nothing_plugged_in};
use crate::model::Conditions;
use crate::phrase;
use crate::rescue::Unfinished;
use crate::tui::keys::Intent;
use crate::tui::theme::Theme;
use crate::tui::widget::text::{count, counted, hanging, padded, paragraph, wrap};

const UNTIL_DONE: &str = phrase(
    "Until Lifeboat is done, don't reset or update the phone or use safe mode. Don't add \
     accounts, sign in or out, or remove apps. Leave the battery and SIM in. Restart the \
     phone only if Lifeboat asks.",
);

/// Steps that the Dock shows of the selected device. All are on a page of their own.
const SHOWN_STEPS: usize = 2;

/// The connected devices, and the selected one.
#[derive(Debug, Default)]
pub struct Dock {
    found: Found,
    /// ID of the selected device. It stays selected while others come and go.
    chosen: Option<String>,
    parent: PathBuf,
    /// The ports were scanned at least once.
    looked: bool,
    /// Handsets that were read to the end since the program started, by ID.
    rescued: BTreeMap<String, Rescued>,
    /// What a person sees on the phones, by ID.
    answers: BTreeMap<String, Conditions>,
    /// Rescues that can be continued, newest first.
    unfinished: Vec<Unfinished>,
}

/// Result of a handset's rescue.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rescued {
    folder: String,
    /// All readable data of the handset is safe.
    safe: bool,
}

impl Rescued {
    fn text(&self) -> &'static str {
        match self.safe {
            true => phrase("saved"),
            false => phrase("incomplete"),
        }
    }
}

impl Dock {
    pub fn new(parent: PathBuf) -> Self {
        Self {
            parent,
            ..Self::default()
        }
    }

    /// Text next to the title.
    pub fn beside(&self) -> String {
        phrase!("saves to {}", self.parent.display())
    }

    /// The device that Enter acts on.
    pub fn chosen(&self) -> Option<&Device> {
        self.found.devices.get(self.index()?)
    }

    /// Selects a device, if it is there.
    pub fn choose(&mut self, id: &str) {
        self.chosen = Some(id.to_owned());
    }

    /// Stands for the phone that is plugged in next: black and wet phones are often described before that.
    pub const NEXT: &str = "";

    /// Forgets the answer that was given before a phone was plugged in: a rescue has begun with it.
    pub fn answer_is_used(&mut self) {
        self.answers.remove(Self::NEXT);
    }

    /// Remembers what a person sees on a phone.
    pub fn answer(&mut self, id: &str, conditions: Conditions) {
        self.answers.insert(id.to_owned(), conditions);
    }

    /// What a person sees on a phone.
    pub fn conditions(&self, id: &str) -> Conditions {
        let answer = self.answers.get(id).or(self.answers.get(Self::NEXT));
        answer.cloned().unwrap_or_default()
    }

    /// What a person sees on the selected phone.
    pub fn answers(&self) -> Conditions {
        self.conditions(self.chosen().map_or(Self::NEXT, |device| &device.id))
    }

    /// There are steps for the selected device, or for finding one.
    pub fn has_steps(&self) -> bool {
        match self.chosen() {
            Some(device) => !device.situations.is_empty(),
            None => self.looked,
        }
    }

    /// The selected device, if it can be rescued now.
    pub fn ready(&self) -> Option<&Device> {
        self.chosen().filter(|d| d.state == State::Ready)
    }

    /// The selected device, if only its files can be read now.
    pub fn files_alone(&self) -> Option<&Device> {
        self.chosen().filter(|d| d.files_alone)
    }

    /// The rescue that is continued if the selected device, or only its files, are rescued.
    pub fn unfinished(&self) -> Option<&Unfinished> {
        self.unfinished_of(self.ready().or(self.files_alone())?)
    }

    /// Finds the unfinished rescue of a device. None if two connected devices have the same serial number, because
    /// the right one is then unknown.
    fn unfinished_of(&self, device: &Device) -> Option<&Unfinished> {
        let is_of = |unfinished: &Unfinished, device: &Device| {
            unfinished.is_of(&device.make, &device.model, &device.serial)
        };
        let found = self.unfinished.iter().find(|u| is_of(u, device))?;
        let devices = &self.found.devices;
        let is_only = devices.iter().filter(|d| is_of(found, d)).count() == 1;
        is_only.then_some(found)
    }

    /// Rescues that can be continued after their handsets are connected again.
    fn waiting(&self) -> impl Iterator<Item = &Unfinished> {
        let devices = &self.found.devices;
        let is_there = |unfinished: &Unfinished| {
            devices
                .iter()
                .any(|d| unfinished.is_of(&d.make, &d.model, &d.serial))
        };
        self.unfinished.iter().filter(move |u| !is_there(u))
    }

    pub fn on_unfinished(&mut self, list: Vec<Unfinished>) {
        self.unfinished = list;
    }

    /// True if there are several devices.
    pub fn has_choice(&self) -> bool {
        self.found.devices.len() > 1
    }

    /// Records that a handset was read to the end into this folder. `safe`: the verdict is that all its data is safe.
    pub fn rescued(&mut self, id: &str, folder: &str, safe: bool) {
        let folder = folder.to_owned();
        self.rescued.insert(id.to_owned(), Rescued { folder, safe });
    }

    fn index(&self) -> Option<usize> {
        let devices = &self.found.devices;
        let by_id = || {
            devices
                .iter()
                .position(|d| Some(&d.id) == self.chosen.as_ref())
        };
        // Without a selection, the first device that can be read.
        let ready = || devices.iter().position(|d| d.state == State::Ready);
        by_id()
            .or_else(ready)
            .or((!devices.is_empty()).then_some(0))
    }

    pub fn on_message(&mut self, found: Found) {
        // A phone that restarts or changes its USB mode is away for a moment. One without a serial number can't be told
        // from another one in the same socket.
        let is_known = |id: &str| !id.starts_with("usb:") && id != "unnamed";
        self.answers
            .retain(|id, _| is_known(id) || found.devices.iter().any(|device| device.id == *id));
        self.found = found;
        self.looked = true;
    }

    pub fn update(&mut self, intent: Intent) {
        let last = self.found.devices.len().saturating_sub(1);
        let now = self.index().unwrap_or(0);
        let next = match intent {
            Intent::Up => now.saturating_sub(1),
            Intent::Down => (now + 1).min(last),
            Intent::First | Intent::PageUp => 0,
            Intent::Last | Intent::PageDown => last,
            _ => return,
        };
        self.chosen = self.found.devices.get(next).map(|d| d.id.clone());
    }
}

pub fn draw(dock: &Dock, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let width = usize::from(area.width);
    let until_done = match dock.chosen() {
        Some(device) if device.is_backup => wrap(
            phrase("Lifeboat only reads the backup. Nothing in its folder is changed."),
            width,
        ),
        Some(_) | None => wrap(UNTIL_DONE, width),
    };
    let [list, foot] = Layout::vertical([
        Constraint::Min(0),
        Constraint::Length(u16::try_from(until_done.len()).unwrap_or(2)),
    ])
    .areas(area);

    let mut lines = vec![Line::from("")];
    if dock.found.devices.is_empty() {
        lines.extend(nothing(dock, width, theme));
    } else if dock.found.devices.iter().any(|device| !device.is_backup) {
        lines.push(Line::styled(phrase("  Plugged in"), theme.strong()));
    }
    let first_backup = dock
        .found
        .devices
        .iter()
        .position(|device| device.is_backup);
    let chosen = dock.index();
    let mut cursor = None;
    for (index, device) in dock.found.devices.iter().enumerate() {
        let is_chosen = chosen == Some(index);
        if first_backup == Some(index) {
            let text = phrase("  Backups of iPhones on this computer");
            lines.push(Line::styled(text, theme.strong()));
        }
        if is_chosen {
            cursor = Some(lines.len());
        }
        let state = match device.state {
            State::Ready if dock.unfinished_of(device).is_some() => phrase("unfinished"),
            state => match dock.rescued.get(&device.id) {
                Some(rescued) if state == State::Ready => rescued.text(),
                _ => state.text(),
            },
        };
        lines.push(row(device, is_chosen, state, width, theme));
    }
    if let Some(device) = dock.chosen() {
        lines.push(Line::from(""));
        for condition in dock.conditions(&device.id).iter() {
            lines.extend(hanging("  !  ", theme.care(), condition.warning(), width));
            lines.push(Line::from(""));
        }
        let unfinished = dock.unfinished();
        match unfinished.filter(|_| device.state == State::Ready) {
            Some(unfinished) => lines.extend(can_go_on(device, unfinished, width)),
            None => lines.extend(needs(
                device,
                unfinished,
                dock.rescued.get(&device.id),
                width,
                theme,
            )),
        }
    }
    if !dock.found.devices.is_empty() {
        lines.extend(waiting(dock, width, theme));
        lines.extend(notes(dock, width, theme));
    }
    // Scrolls so that the selected line stays visible.
    let beyond = cursor.map_or(0, |at| (at + 1).saturating_sub(usize::from(list.height)));
    let shown: Vec<Line<'_>> = lines.into_iter().skip(beyond).collect();
    frame.render_widget(Paragraph::new(shown), list);
    let foot_lines: Vec<Line<'_>> = until_done
        .into_iter()
        .map(|line| Line::styled(line, theme.care()))
        .collect();
    frame.render_widget(Paragraph::new(foot_lines), foot);
    if let Some(at) = cursor {
        let y = list.y + u16::try_from(at - beyond).unwrap_or(0);
        if y < list.bottom() {
            frame.set_cursor_position((list.x, y));
        }
    }
}

fn row<'a>(
    device: &Device,
    is_chosen: bool,
    state: &'static str,
    width: usize,
    theme: Theme,
) -> Line<'a> {
    let name_width = (width * 2 / 5).clamp(16, 40);
    let rest = width.saturating_sub(name_width + 4 + state.len() + 2);
    let mark = if is_chosen { "› " } else { "  " };
    // The ID distinguishes identical phones: it is the serial number, with the socket if necessary.
    let told = format!("{}  {}", device.id, device.approaches.join(", "));
    let style = match device.state {
        State::Ready => theme.good(),
        State::NeedsYou => theme.care(),
        State::OutOfReach => theme.quiet(),
    };
    let text = format!(
        "{mark}{}  {}  ",
        padded(&device.name(), name_width),
        padded(&told, rest)
    );
    let text = if is_chosen {
        Span::styled(text, theme.strong())
    } else {
        Span::raw(text)
    };
    Line::from(vec![text, Span::styled(state, style)])
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

/// Lists rescues whose handsets are not connected.
fn waiting<'a>(dock: &Dock, width: usize, theme: Theme) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    for unfinished in dock.waiting() {
        if lines.is_empty() {
            lines.push(Line::from(""));
            lines.push(Line::styled(phrase("  Unfinished"), theme.strong()));
        }
        let name = format!("{} {}", unfinished.identity.make, unfinished.identity.model);
        let name_width = (width * 3 / 10).clamp(16, 40);
        let then = phrase("plug in to continue");
        let rest = width.saturating_sub(name_width + 4 + then.len() + 2);
        let things = unfinished.saved.values().sum();
        let told = phrase!(
            "{}  {} saved",
            unfinished.begun,
            counted(things, phrase("item"), phrase("items"))
        );
        lines.push(Line::from(vec![
            Span::raw(format!(
                "  {}  {}  ",
                padded(name.trim(), name_width),
                padded(&told, rest)
            )),
            Span::styled(then, theme.care()),
        ]));
    }
    lines
}

/// The steps that the selected device needs, if any.
fn needs<'a>(
    device: &Device,
    unfinished: Option<&Unfinished>,
    rescued: Option<&Rescued>,
    width: usize,
    theme: Theme,
) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    lines.extend(first_steps(device, width, theme));
    if device.files_alone {
        lines.push(Line::from(""));
        let alone = match unfinished {
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
            lines.extend(ready(device, rescued, width));
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

/// The actions for a device that is ready.
fn ready<'a>(device: &Device, rescued: Option<&Rescued>, width: usize) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    if let Some(Rescued { folder, safe }) = rescued {
        let told = match safe {
            true => phrase!("Already rescued. Files: {folder}"),
            false => {
                phrase!(
                    "Some data could not be read. Do not reset the phone. Saved files: {folder}"
                )
            }
        };
        lines.extend(indented(&told, width));
        lines.push(Line::from(""));
    }
    let again = if rescued.is_some() {
        phrase(" again")
    } else {
        ""
    };
    let ready = phrase!(
        "Press Enter to rescue the {}{again}. Lifeboat only reads. It changes nothing on the phone.",
        device.name()
    );
    lines.extend(indented(&ready, width));
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

fn nothing<'a>(dock: &Dock, width: usize, theme: Theme) -> Vec<Line<'a>> {
    if !dock.looked {
        return vec![Line::from(phrase("  Looking for phones…"))];
    }
    let mut lines = vec![Line::styled(
        phrase("  No phone found yet."),
        theme.strong(),
    )];
    // Unfinished rescues come before the general advice, because a small window shows no more.
    lines.extend(waiting(dock, width, theme));
    lines.push(Line::from(""));
    let finding = Situation::of("nothing");
    for step in finding.state().iter().flat_map(|state| state.steps_for("")) {
        lines.extend(hanging("  - ", Style::new(), &step.text_for(""), width));
    }
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
