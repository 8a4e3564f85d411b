//! Draws the pages of the coach.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::{ANDROID, Coach, NOTHING, Page};
use crate::coach::{Guide, Situation, State, Step, always, guides};
use crate::handset::find::Device;
use crate::model::Condition;
use crate::phrase;
use crate::tui::theme::Theme;
use crate::tui::widget::chrome::LOW;
use crate::tui::widget::text::{hanging, padded, paragraph};

/// Columns at the right of the steps for how far each is.
const MARKS: usize = 12;

/// Text in longer lines is hard to read.
const WIDEST: usize = 100;

pub fn draw(coach: &Coach, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let lines = lines(coach, area, theme);
    coach.scroll.draw(lines, frame, area, theme);
}

pub(super) fn lines(coach: &Coach, area: Rect, theme: Theme) -> Vec<Line<'static>> {
    let width = usize::from(area.width).min(WIDEST);
    let mut lines = maker(coach, width, theme);
    lines.extend(match coach.page {
        Page::Steps => steps(coach, width, theme),
        Page::Question => question(coach, width, area.height < LOW, theme),
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

/// What a person may see, and what holds for every phone. On a low screen, the answers stand in two columns.
fn question(coach: &Coach, width: usize, is_low: bool, theme: Theme) -> Vec<Line<'static>> {
    let mut lines = vec![Line::styled(phrase("  What do you see?"), theme.strong())];
    let nothing = match coach.is_taken_back {
        true => phrase("None of these (clears the answers)"),
        false => phrase("None of these"),
    };
    let answers = guides().iter().map(|guide| {
        let text = match coach.answers.has(guide.condition) {
            true => phrase!("{} (answered)", guide.seen),
            false => guide.seen.clone(),
        };
        (guide.key, text, coach.answers.has(guide.condition))
    });
    let answers: Vec<_> = answers
        .chain([(NOTHING, nothing.to_owned(), false)])
        .collect();
    let widest = answers.iter().map(|(_, text, _)| text.width()).max();
    let column = widest.unwrap_or_default() + 7;
    let columns = match is_low && 2 * column <= width {
        true => 2,
        false => 1,
    };
    let rows = answers.len().div_ceil(columns);
    for row in 0..rows {
        let mut line = Line::default();
        for (key, text, is_answer) in answers.iter().skip(row).step_by(rows) {
            let style = if *is_answer {
                theme.care()
            } else {
                Style::new()
            };
            line.push_span(Span::styled(format!("  {key}  "), theme.key()));
            line.push_span(Span::styled(padded(text, column - 5), style));
        }
        lines.push(line);
    }
    lines.push(Line::from(""));
    for step in always().iter().filter(|step| step.is_for(coach.make())) {
        lines.extend(hanging("  - ", Style::new(), &step.text, width));
        lines.extend(background(&Situation::default(), step, coach, width, theme));
    }
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
