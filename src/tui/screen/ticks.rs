//! Ticks: what a reset destroys, what to do about each line first, and which lines are done or skipped.

mod keys;

pub use keys::KEYS;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::model::Ticked;
use crate::phrase;
use crate::rescue::Outcome;
use crate::tui::app::Task;
use crate::tui::keys::Intent;
use crate::tui::screen::verdict::without_contents;
use crate::tui::theme::Theme;
use crate::tui::widget::entry;
use crate::tui::widget::text::{fit_end, hanging, paragraph};
use crate::vault::ticks::{MAX_REASON, Tick};

/// The list, and what is being done with it.
#[derive(Debug, Default)]
pub struct Ticks {
    lines: Vec<Ticked>,
    /// Whether the phone is ready, in a sentence.
    readiness: Option<String>,
    folder: String,
    chosen: usize,
    /// The things behind the chosen line are shown.
    has_details: bool,
    /// The reason for skipping the chosen line, while it is typed.
    reason: Option<String>,
    /// A tick is being written.
    is_saving: bool,
    is_desk: bool,
    /// Why the last tick was not written, and advice.
    failed: Option<String>,
}

impl Ticks {
    /// `is_desk`: contents are not shown.
    pub fn of(outcome: &Outcome, is_desk: bool) -> Self {
        let mut ticks = Self {
            is_desk,
            ..Self::default()
        };
        ticks.take(outcome);
        ticks
    }

    fn take(&mut self, outcome: &Outcome) {
        self.lines = match self.is_desk {
            true => without_contents(outcome).before_reset,
            false => outcome.before_reset.clone(),
        };
        self.readiness = outcome.readiness();
        self.folder = outcome.folder.clone();
    }

    pub fn is_typing(&self) -> bool {
        self.reason.is_some()
    }

    /// True if the chosen line has things behind it.
    pub fn has_more(&self) -> bool {
        self.lines.get(self.chosen).is_some_and(has_more)
    }

    /// True if the chosen line is neither done nor skipped.
    pub fn is_open(&self) -> bool {
        let chosen = self.lines.get(self.chosen);
        chosen.is_some_and(|one| one.state.is_open())
    }

    pub fn type_on(&mut self, c: char) {
        if let Some(reason) = &mut self.reason
            && reason.chars().count() < MAX_REASON
        {
            reason.push(c);
        }
    }

    /// Carries out an intent. Returns what the workers have to write.
    pub fn update(&mut self, intent: Intent) -> Option<Task> {
        let last = self.lines.len().saturating_sub(1);
        let before = self.chosen;
        match intent {
            Intent::Erase | Intent::EraseAll | Intent::EraseWord => {
                if let Some(reason) = &mut self.reason {
                    entry::edit(reason, intent);
                }
            }
            Intent::Type(c) => self.type_on(c),
            Intent::Back => self.reason = None,
            Intent::Next if self.is_typing() && self.is_saving => {}
            Intent::Next if self.is_typing() => {
                let reason = self.reason.take().unwrap_or_default();
                return match reason.trim() {
                    "" => None,
                    reason => self.begin(Tick::Skip(reason.to_owned())),
                };
            }
            Intent::Next => self.has_details = !self.has_details && self.has_more(),
            Intent::Tick if self.is_open() => return self.begin(Tick::Done),
            Intent::Tick => return self.begin(Tick::Reopen),
            Intent::Skip => {
                self.failed = None;
                self.reason = Some(String::new());
            }
            Intent::Up => self.chosen = self.chosen.saturating_sub(1),
            Intent::Down => self.chosen = (self.chosen + 1).min(last),
            Intent::First | Intent::PageUp => self.chosen = 0,
            Intent::Last | Intent::PageDown => self.chosen = last,
            _ => {}
        }
        self.has_details &= self.chosen == before;
        None
    }

    fn begin(&mut self, tick: Tick) -> Option<Task> {
        let line = self.lines.get(self.chosen)?;
        if self.is_saving {
            return None;
        }
        self.is_saving = true;
        self.failed = None;
        Some(Task::Tick {
            rescue: self.folder.clone().into(),
            line: line.line.id.clone(),
            tick,
        })
    }

    /// The tick was written, or not: the error, and advice.
    pub fn on_ticked(&mut self, done: Result<&Outcome, &String>) {
        self.is_saving = false;
        match done {
            Ok(outcome) => {
                self.take(outcome);
                self.failed = None;
            }
            Err(why) => self.failed = Some(why.clone()),
        }
    }
}

fn has_more(line: &Ticked) -> bool {
    line.line.names.len() > 1
}

pub fn draw(ticks: &Ticks, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let width = usize::from(area.width);
    let foot = foot(ticks, width, theme);
    let rows = u16::try_from(foot.len()).unwrap_or(1);
    let [body, below] =
        Layout::vertical([Constraint::Min(0), Constraint::Length(rows)]).areas(area);
    frame.render_widget(Paragraph::new(foot), below);
    let (lines, chosen) = lines(ticks, width, theme);
    let height = usize::from(body.height);
    // The chosen line is shown from its beginning, and as much as there is room for.
    let top = chosen.end.saturating_sub(height).min(chosen.start);
    let mut shown: Vec<Line<'_>> = lines.iter().skip(top).take(height).cloned().collect();
    let left = lines.len().saturating_sub(top + height);
    if let (true, Some(last)) = (left > 0, shown.last_mut()) {
        *last = Line::styled(phrase!("  ↓ {} more lines", left + 1), theme.key());
    }
    frame.render_widget(Paragraph::new(shown), body);
}

/// All rows of text, and those of the chosen line.
fn lines(
    ticks: &Ticks,
    width: usize,
    theme: Theme,
) -> (Vec<Line<'static>>, std::ops::Range<usize>) {
    let mut lines = vec![Line::from("")];
    if let Some(readiness) = &ticks.readiness {
        let is_ready = ticks.lines.iter().all(|one| !one.state.is_open());
        let style = if is_ready { theme.good() } else { theme.care() };
        lines.extend(paragraph(readiness, style, width));
        lines.push(Line::from(""));
    }
    if ticks.readiness.is_none() {
        let text = phrase(
            "Do not reset the phone: not everything is saved. Do the steps in these lines as well.",
        );
        lines.extend(paragraph(text, theme.bad(), width));
        lines.push(Line::from(""));
    }
    let mut chosen = 0..0;
    for (place, one) in ticks.lines.iter().enumerate() {
        let is_chosen = place == ticks.chosen;
        let begin = lines.len();
        let group = one.line.group.as_str();
        let indent = if group.is_empty() { "" } else { "  " };
        let before = place
            .checked_sub(1)
            .and_then(|before| ticks.lines.get(before));
        if !group.is_empty() && before.is_none_or(|before| before.line.group != group) {
            lines.extend(paragraph(group, theme.strong(), width));
        }
        let pointer = if is_chosen { "›" } else { " " };
        let style = match (is_chosen, one.state.is_open()) {
            (true, _) => theme.key(),
            (false, true) => theme.care(),
            (false, false) => theme.good(),
        };
        let before = format!("{pointer} {indent}{} ", one.state.mark());
        lines.extend(hanging(&before, style, &one.line.lost, width));
        for (text, style) in [
            (one.line.first.clone(), theme.quiet()),
            (one.state.sentence(), theme.good()),
        ] {
            if !text.is_empty() {
                let rows = hanging(&format!("      {indent}"), style, &text, width).into_iter();
                lines.extend(rows.map(|row| row.style(style)));
            }
        }
        if is_chosen && ticks.has_details {
            let rows = one.line.names.iter();
            lines.extend(rows.flat_map(|name| hanging("      - ", theme.quiet(), name, width - 2)));
        }
        if is_chosen {
            chosen = begin..lines.len();
        }
    }
    (lines, chosen)
}

/// The question for a reason, or why a tick was not written.
fn foot(ticks: &Ticks, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if let Some(reason) = &ticks.reason {
        lines.extend(paragraph(
            phrase("Why is this line skipped? The report shows the reason:"),
            theme.strong(),
            width,
        ));
        let shown = fit_end(reason, width.saturating_sub(6));
        lines.push(Line::from(vec![
            Span::styled("  › ", theme.key()),
            Span::styled(format!("{shown}_"), theme.strong()),
        ]));
    }
    if let Some(why) = &ticks.failed {
        lines.extend(paragraph(&phrase!("Not noted: {why}"), theme.bad(), width));
    }
    lines
}
