//! The coach: the steps out of the state that a phone is in, what a person sees on it and USB can't tell, and the steps
//! that follow.

mod keys;

pub use keys::KEYS;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use crate::coach::{ANDROID, Guide, Situation, State, Step, always, guides};
use crate::handset::find::{self, Device};
use crate::model::{Condition, Conditions};
use crate::phrase;
use crate::tui::keys::Intent;
use crate::tui::theme::Theme;
use crate::tui::widget::scroll::Scroll;
use crate::tui::widget::text::{hanging, paragraph};

/// Columns at the right of the steps for how far each is.
const MARKS: usize = 12;

/// The key that takes an answer back.
pub const NOTHING: char = '0';

/// The makers to choose from if USB does not name the maker.
const MAKERS: [&str; 9] = [
    "Samsung", "Apple", "Google", "Xiaomi", "Huawei", "OnePlus", "OPPO", "Motorola", ANDROID,
];

/// What the page shows.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Page {
    /// The steps out of the state that USB shows.
    Steps,
    /// The question what a person sees.
    #[default]
    Question,
    Answer(&'static Guide),
}

/// The phone that is asked about, and the answer.
#[derive(Debug, Default)]
pub struct Coach {
    /// The phone that was selected when the page was opened; `None`: no phone was plugged in.
    device: Option<Device>,
    /// The maker that a person chose, for a phone that USB does not name.
    maker: Option<&'static str>,
    page: Page,
    /// The page was opened with the steps, so the way back leads there.
    has_steps: bool,
    /// The state in which the steps began. The steps of all later states are done.
    began: Option<&'static State>,
    /// Steps of the present state that a person has marked as done: USB shows only where a state ends.
    marked: usize,
    /// The phone of the steps is unplugged.
    is_gone: bool,
    /// What a person sees.
    answers: Conditions,
    /// None of what is asked for is true.
    is_taken_back: bool,
    /// Technical background is shown.
    has_details: bool,
    scroll: Scroll,
}

impl Coach {
    /// The page that asks what a person sees.
    pub fn of(device: Option<&Device>) -> Self {
        Self {
            device: device.cloned(),
            ..Self::default()
        }
    }

    /// The page with the steps out of the state that a phone is in.
    pub fn steps_of(device: Option<&Device>) -> Self {
        let mut coach = Self {
            page: Page::Steps,
            has_steps: true,
            ..Self::of(device)
        };
        coach.began = coach.situation().state();
        coach
    }

    /// The page, with what was answered earlier.
    #[must_use]
    pub fn with(self, answers: Conditions) -> Self {
        Self { answers, ..self }
    }

    /// The phone's name, next to the title.
    pub fn beside(&self) -> String {
        self.device.as_ref().map_or_else(String::new, Device::name)
    }

    /// ID of the phone that is asked about.
    pub fn id(&self) -> Option<&str> {
        self.device.as_ref().map(|device| device.id.as_str())
    }

    /// Follows the phone: it may have changed its state. If no phone was selected, the first phone that appears is
    /// followed.
    pub fn on_found(&mut self, devices: &[Device]) {
        let same = match &self.device {
            Some(device) => devices.iter().find(|one| one.id == device.id),
            None => devices.first(),
        };
        self.is_gone = same.is_none() && self.device.is_some();
        let Some(device) = same.filter(|device| self.device.as_ref() != Some(device)) else {
            return;
        };
        let before = self.situation().state();
        self.device = Some(device.clone());
        let now = self.situation().state();
        if before == now {
            return;
        }
        self.marked = 0;
        let is_on_way = |began: &&'static State| {
            let mut way = began.way();
            now.is_none_or(|now| way.any(|state| state == now))
        };
        self.began = self.began.filter(is_on_way).or(now);
    }

    /// What a person sees.
    pub fn answered(&self) -> &Conditions {
        &self.answers
    }

    pub fn is_question(&self) -> bool {
        self.page == Page::Question
    }

    pub fn is_steps(&self) -> bool {
        self.page == Page::Steps
    }

    /// The phone can be read now.
    pub fn is_ready(&self) -> bool {
        let device = self.device.as_ref().filter(|_| !self.is_gone);
        device.is_some_and(|device| device.state == find::State::Ready)
    }

    /// Only the phone's files can be read now.
    pub fn gives_files_alone(&self) -> bool {
        let device = self.device.as_ref().filter(|_| !self.is_gone);
        device.is_some_and(|device| device.files_alone)
    }

    /// Asks what a person sees.
    pub fn ask(&mut self) {
        self.page = Page::Question;
        self.scroll = Scroll::default();
    }

    /// Goes back to the page before. Returns false if this is the first one.
    pub fn takes_back(&mut self) -> bool {
        self.scroll = Scroll::default();
        let before = match self.page {
            Page::Answer(_) => Page::Question,
            Page::Question if self.has_steps => Page::Steps,
            Page::Question | Page::Steps => return false,
        };
        self.page = before;
        true
    }

    pub fn update(&mut self, intent: Intent, area: Rect) {
        match intent {
            Intent::Answer(key) => {
                let guide = guides().iter().find(|guide| guide.key == key);
                self.is_taken_back = guide.is_none();
                match guide {
                    Some(guide) => self.answers.insert(guide.condition),
                    None => self.answers = Conditions::default(),
                }
                self.page = guide.map_or(self.page, Page::Answer);
                self.scroll = Scroll::default();
            }
            Intent::NextMaker => {
                let next = match self.maker {
                    None => 0,
                    Some(maker) => 1 + MAKERS.iter().position(|one| *one == maker).unwrap_or(0),
                };
                self.maker = MAKERS.get(next).copied();
                self.scroll = Scroll::default();
            }
            Intent::Details => self.has_details = !self.has_details,
            Intent::Done => self.marked += 1,
            intent => {
                let lines = lines(self, usize::from(area.width), Theme::plain()).len();
                self.scroll.update(intent, lines, area);
            }
        }
    }

    /// The steps of one of the answers come before the phone is read.
    fn is_asked_first(&self) -> bool {
        let mut answered = guides()
            .iter()
            .filter(|guide| self.answers.has(guide.condition));
        answered.any(|guide| !guide.ready.is_empty())
    }

    /// The phone's maker; empty if it is not known.
    fn make(&self) -> &str {
        let seen = self.device.as_ref().map_or("", |device| &device.make);
        match seen {
            "" => self.maker.unwrap_or_default(),
            make => make,
        }
    }

    /// True if USB does not name the phone's maker, so that a person may.
    pub fn asks_for_maker(&self) -> bool {
        let device = self.device.as_ref();
        device.is_none_or(|device| device.make.is_empty())
    }

    /// What is to be done about the phone first.
    fn situation(&self) -> Situation {
        match &self.device {
            None => Situation::of("nothing"),
            Some(device) => device.situations.first().cloned().unwrap_or_default(),
        }
    }
}

pub fn draw(coach: &Coach, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let lines = lines(coach, usize::from(area.width), theme);
    coach.scroll.draw(lines, frame, area, theme);
}

fn lines(coach: &Coach, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let mut lines = maker(coach, width, theme);
    lines.extend(match coach.page {
        Page::Steps => steps(coach, width, theme),
        Page::Question => question(coach, width, theme),
        Page::Answer(guide) => answer(coach, guide, width, theme),
    });
    lines
}

/// The maker whose steps are shown, if USB does not name the maker.
fn maker(coach: &Coach, width: usize, theme: Theme) -> Vec<Line<'static>> {
    if !coach.asks_for_maker() {
        return Vec::new();
    }
    let text = match coach.maker {
        None => {
            phrase("These steps are for all makers. Press m to choose the phone's maker.").into()
        }
        Some(ANDROID) => {
            phrase("Steps for other Androids. Press m to see the steps of all makers.").into()
        }
        Some(maker) => phrase!("Steps for {maker}. Press m for the next maker."),
    };
    paragraph(&text, theme.key(), width)
}

/// How far a step is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Far {
    Done,
    Now,
    Later,
}

/// The steps out of the state that the phone is in, and how far each is.
fn steps(coach: &Coach, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let make = coach.make();
    let situation = coach.situation();
    let state = situation.state();
    let name = coach.device.as_ref().map(Device::name);
    let mut lines = Vec::new();
    if let Some(title) = state.or(coach.began).map(|state| state.title.as_str()) {
        let title = match &name {
            Some(name) => format!("{name}: {title}"),
            None => phrase!("No phone found yet: {title}"),
        };
        lines.extend(paragraph(&title, theme.strong(), width));
    }
    if coach.is_gone {
        let text = phrase("The phone is not connected now. Plug it in and unlock it.");
        lines.extend(paragraph(text, theme.care(), width));
    } else if coach.is_ready() {
        let text = phrase(
            "The phone can be read now. Press Enter. If the phone asks, its owner taps “Allow” or “Trust”.",
        );
        lines.extend(paragraph(text, theme.good(), width));
    } else if let Some(state) = state.filter(|_| name.is_some()) {
        lines.extend(paragraph(&situation.fill(&state.seen), Style::new(), width));
    }
    let all: Vec<(&'static State, &'static Step)> = way(coach)
        .flat_map(|state| state.steps_for(make).map(move |step| (state, step)))
        .collect();
    lines.extend(never(all.iter().map(|(_, step)| *step), make, width, theme));
    lines.push(Line::from(""));
    let mut left = coach.marked;
    let mut is_found = false;
    let mut number = 0;
    for (of, step) in all {
        if step.aside {
            lines.extend(hanging(
                "     ",
                Style::new(),
                &situation.fill(&step.text_for(make)),
                width,
            ));
            lines.extend(background(&situation, step, coach, width, theme));
            continue;
        }
        number += 1;
        let is_over = is_over(coach, of, state);
        let is_marked = !is_over && state == Some(of) && left > 0;
        left -= usize::from(is_marked);
        let far = match (is_over || is_marked, is_found) {
            (true, _) => Far::Done,
            (false, false) => Far::Now,
            (false, true) => Far::Later,
        };
        is_found |= far == Far::Now;
        lines.extend(numbered(number, &situation, step, far, coach, width, theme));
    }
    let instead = coach
        .device
        .iter()
        .flat_map(|device| device.situations.iter().skip(1));
    for other in instead.filter(|_| !coach.is_ready()) {
        let Some(state) = other.state() else { continue };
        lines.push(Line::from(""));
        lines.extend(paragraph(&other.fill(&state.seen), theme.strong(), width));
        for step in state.steps_for(make) {
            lines.extend(hanging(
                "  - ",
                Style::new(),
                &other.fill(&step.text_for(make)),
                width,
            ));
            lines.extend(background(other, step, coach, width, theme));
        }
    }
    lines.push(Line::from(""));
    if coach.gives_files_alone() {
        let text =
            phrase("If you don't want to change this setting, press f to save only the files.");
        lines.extend(paragraph(text, Style::new(), width));
    }
    let text = phrase(
        "If the screen is black or does not react, the phone is wet, or nobody knows the code, press w.",
    );
    lines.extend(paragraph(text, Style::new(), width));
    lines
}

/// The states from the one in which the steps began.
fn way(coach: &Coach) -> impl Iterator<Item = &'static State> + use<> {
    let began = coach.began.or(coach.situation().state());
    began.into_iter().flat_map(State::way)
}

/// True if the phone has left a state: it is in a later one, or can be read. The phone's question comes when the reading
/// begins.
fn is_over(coach: &Coach, of: &'static State, now: Option<&'static State>) -> bool {
    const ASKS: &str = "allow";
    if now == Some(of) {
        return false;
    }
    match now {
        None => of.name != ASKS && coach.is_ready(),
        Some(now) => way(coach)
            .take_while(|state| *state != now)
            .any(|state| state == of),
    }
}

fn numbered(
    number: usize,
    situation: &Situation,
    step: &'static Step,
    far: Far,
    coach: &Coach,
    width: usize,
    theme: Theme,
) -> Vec<Line<'static>> {
    let text = situation.fill(&step.text_for(coach.make()));
    let mut lines = hanging(
        &format!("{number:>3}  "),
        theme.key(),
        &text,
        width.saturating_sub(MARKS),
    );
    let (word, style) = match far {
        Far::Done => (phrase("done"), theme.good()),
        Far::Now => (phrase("waiting …"), theme.care()),
        Far::Later => ("", theme.quiet()),
    };
    if let Some(line) = lines.first_mut().filter(|_| !word.is_empty()) {
        let used: usize = line.spans.iter().map(|span| span.content.width()).sum();
        let gap = width.saturating_sub(used + word.width() + 2);
        line.push_span(Span::raw(" ".repeat(gap)));
        line.push_span(Span::styled(word, style));
    }
    lines.extend(background(situation, step, coach, width, theme));
    lines
}

/// The steps for every phone, and the list of answers.
fn question(coach: &Coach, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for step in always().iter().filter(|step| step.is_for(coach.make())) {
        lines.extend(hanging("  - ", Style::new(), &step.text, width));
        lines.extend(background(&Situation::default(), step, coach, width, theme));
    }
    lines.push(Line::from(""));
    lines.push(Line::styled(phrase("  What do you see?"), theme.strong()));
    for guide in guides() {
        let (mark, style) = match coach.answers.has(guide.condition) {
            true => (phrase(" (answered)"), theme.care()),
            false => ("", Style::new()),
        };
        lines.push(Line::from(vec![
            Span::styled(format!("  {}  ", guide.key), theme.key()),
            Span::styled(guide.seen.as_str(), style),
            Span::styled(mark, style),
        ]));
    }
    let nothing = match coach.is_taken_back {
        true => phrase("None of these (clears the answers)"),
        false => phrase("None of these"),
    };
    lines.push(Line::from(vec![
        Span::styled(format!("  {NOTHING}  "), theme.key()),
        Span::raw(nothing),
    ]));
    lines
}

fn answer(coach: &Coach, guide: &'static Guide, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let mut lines = paragraph(&guide.title, theme.strong(), width);
    if coach.is_ready() {
        let text = phrase("The phone can be read now. Press Enter.");
        let (text, style) = match guide.ready.as_str() {
            "" if coach.is_asked_first() => (
                phrase("The phone can be read once all answers allow it. Read their steps first."),
                theme.care(),
            ),
            "" => (text, theme.good()),
            ready => (ready, theme.care()),
        };
        lines.extend(paragraph(text, style, width));
    }
    // More than one thing may be wrong with a phone.
    let others = coach.answers.iter().filter(|one| *one != guide.condition);
    for warning in others.map(Condition::warning) {
        lines.extend(hanging("  !  ", theme.care(), warning, width));
    }
    let make = coach.make();
    lines.extend(never(guide.steps_for(make), make, width, theme));
    lines.push(Line::from(""));
    for (number, step) in guide.steps_for(make).enumerate() {
        let mark = format!("{:>3}  ", number + 1);
        lines.extend(hanging(&mark, theme.key(), &step.text_for(make), width));
        lines.extend(background(&Situation::default(), step, coach, width, theme));
    }
    lines
}

/// Names the buttons that must not be pressed.
fn never<'s>(
    steps: impl Iterator<Item = &'s Step>,
    make: &str,
    width: usize,
    theme: Theme,
) -> Vec<Line<'static>> {
    let mut never: Vec<&str> = Vec::new();
    for button in steps.flat_map(|step| step.never_on(make)) {
        if !never.contains(&button) {
            never.push(button);
        }
    }
    if never.is_empty() {
        return Vec::new();
    }
    let buttons: Vec<String> = never.iter().map(|button| format!("“{button}”")).collect();
    let text = phrase!("Don't press: {}.", buttons.join(", "));
    paragraph(&text, theme.care(), width)
}

/// The technical background of a step and where it is taken from, if they are asked for.
fn background(
    situation: &Situation,
    step: &Step,
    coach: &Coach,
    width: usize,
    theme: Theme,
) -> Vec<Line<'static>> {
    let source = phrase!("Source: {}", step.source);
    let told = match (coach.has_details, step.command.is_empty()) {
        (true, _) => vec![situation.fill(&step.command), step.detail.clone(), source],
        (false, false) => vec![phrase("Press d for the command.").to_owned()],
        (false, true) => Vec::new(),
    };
    told.iter()
        .filter(|text| !text.is_empty())
        .flat_map(|text| hanging("     ", theme.quiet(), text, width))
        .map(|line| line.style(theme.quiet()))
        .collect()
}
