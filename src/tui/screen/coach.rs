//! The coach: what a person sees on a phone and USB can't tell, and the steps that follow.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::coach::{Guide, Step, always, guides};
use crate::handset::find::{Device, State};
use crate::phrase;
use crate::tui::keys::Intent;
use crate::tui::theme::Theme;
use crate::tui::widget::scroll::Scroll;
use crate::tui::widget::text::{hanging, paragraph};

/// The phone that is asked about, and the answer.
#[derive(Debug, Default)]
pub struct Coach {
    /// The phone that was selected when the page was opened; `None`: no phone was plugged in.
    device: Option<Device>,
    answer: Option<&'static Guide>,
    /// Technical background is shown.
    has_details: bool,
    scroll: Scroll,
}

impl Coach {
    pub fn of(device: Option<&Device>) -> Self {
        Self {
            device: device.cloned(),
            ..Self::default()
        }
    }

    /// The phone's name, next to the title.
    pub fn beside(&self) -> String {
        self.device.as_ref().map_or_else(String::new, Device::name)
    }

    /// Follows the phone: it may have changed its state. Without one, the first phone that appears is the one.
    pub fn on_found(&mut self, devices: &[Device]) {
        let same = match &self.device {
            Some(device) => devices.iter().find(|one| one.id == device.id),
            None => devices.first(),
        };
        if let Some(device) = same {
            self.device = Some(device.clone());
        }
    }

    pub fn has_answer(&self) -> bool {
        self.answer.is_some()
    }

    /// The phone can be read now.
    fn is_ready(&self) -> bool {
        let device = self.device.as_ref();
        device.is_some_and(|device| device.state == State::Ready)
    }

    /// Goes back to the question. Returns false if it is shown already.
    pub fn takes_back(&mut self) -> bool {
        self.scroll = Scroll::default();
        self.answer.take().is_some()
    }

    pub fn update(&mut self, intent: Intent, area: Rect) {
        match intent {
            Intent::Answer(key) => {
                self.answer = guides().iter().find(|guide| guide.key == key);
                self.scroll = Scroll::default();
            }
            Intent::Details => self.has_details = !self.has_details,
            intent => {
                let lines = lines(self, usize::from(area.width), Theme::plain()).len();
                self.scroll.update(intent, lines, area);
            }
        }
    }

    fn make(&self) -> &str {
        self.device.as_ref().map_or("", |device| &device.make)
    }
}

pub fn draw(coach: &Coach, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let lines = lines(coach, usize::from(area.width), theme);
    coach.scroll.draw(lines, frame, area, theme);
}

fn lines(coach: &Coach, width: usize, theme: Theme) -> Vec<Line<'static>> {
    match coach.answer {
        None => question(coach, width, theme),
        Some(guide) => answer(coach, guide, width, theme),
    }
}

/// What holds for every phone, and what a person may see.
fn question(coach: &Coach, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for step in always().iter().filter(|step| step.is_for(coach.make())) {
        lines.extend(hanging("  - ", Style::new(), &step.text, width));
        lines.extend(background(step, coach, width, theme));
    }
    lines.push(Line::from(""));
    lines.push(Line::styled(phrase("  What do you see?"), theme.strong()));
    for guide in guides() {
        lines.push(Line::from(vec![
            Span::styled(format!("  {}  ", guide.key), theme.key()),
            Span::raw(guide.seen.as_str()),
        ]));
    }
    lines
}

fn answer(coach: &Coach, guide: &'static Guide, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let mut lines = paragraph(&guide.title, theme.strong(), width);
    if coach.is_ready() {
        let text = phrase("The phone can be read now. Press Esc twice, then Enter.");
        lines.extend(paragraph(text, theme.good(), width));
    }
    let make = coach.make();
    let mut never: Vec<&str> = Vec::new();
    for button in guide.steps_for(make).flat_map(|step| step.never_on(make)) {
        if !never.contains(&button) {
            never.push(button);
        }
    }
    if !never.is_empty() {
        let buttons: Vec<String> = never.iter().map(|button| format!("“{button}”")).collect();
        let text = phrase!("Don't press: {}.", buttons.join(", "));
        lines.extend(paragraph(&text, theme.care(), width));
    }
    lines.push(Line::from(""));
    for (number, step) in guide.steps_for(make).enumerate() {
        let mark = format!("{:>3}  ", number + 1);
        let text = match make.is_empty() && !step.makes.is_empty() {
            true => format!("{}: {}", step.makes.join(", "), step.text),
            false => step.text.clone(),
        };
        lines.extend(hanging(&mark, theme.key(), &text, width));
        lines.extend(background(step, coach, width, theme));
    }
    lines
}

/// The technical background of a step and where it is taken from, if they are asked for.
fn background(step: &Step, coach: &Coach, width: usize, theme: Theme) -> Vec<Line<'static>> {
    if !coach.has_details {
        return Vec::new();
    }
    let source = phrase!("Source: {}", step.source);
    [&step.detail, &source]
        .into_iter()
        .filter(|text| !text.is_empty())
        .flat_map(|text| hanging("     ", theme.quiet(), text, width))
        .map(|line| line.style(theme.quiet()))
        .collect()
}
