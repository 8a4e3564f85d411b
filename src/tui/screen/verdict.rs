//! Verdict: whether the data is safe, the reasons if not, what else a reset destroys, and where the files are.

mod keys;

pub use keys::KEYS;

use std::path::PathBuf;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use crate::model::Verdict as Word;
use crate::phrase;
use crate::rescue::{CollectionOutcome, Outcome};
use crate::tui::app::Task;
use crate::tui::keys::Intent;
use crate::tui::theme::Theme;
use crate::tui::widget::bar::bar;
use crate::tui::widget::scroll::Scroll;
use crate::tui::widget::text::{count, fit, fit_end, hanging, padded, paragraph};
use crate::vault::copies::{Copies, Disks};
use crate::vault::copy::{CopyProgress, Step};

/// The outcome, the scroll position, and the state of a copy.
#[derive(Debug, Default)]
pub struct Verdict {
    outcome: Option<Outcome>,
    scroll: Scroll,
    copying: Copying,
}

/// State of a second copy.
#[derive(Debug, Default)]
enum Copying {
    #[default]
    No,
    /// The user is choosing between the exact and the plain copy.
    Choosing,
    /// The user is typing the target folder.
    Asking(CopyKind, String),
    Running {
        to: String,
        progress: CopyProgress,
    },
    /// The copy is finished and was read back.
    Done(PathBuf),
    /// The error, and advice.
    Failed(String),
}

/// What is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyKind {
    /// Everything, byte for byte: a second copy.
    Exact,
    /// Pages and files that the owner opens without Lifeboat.
    Plain,
}

/// Maximum length of a folder name that can be typed, in characters.
const LONGEST_PLACE: usize = 1_000;

impl Verdict {
    pub fn of(outcome: Outcome) -> Self {
        Self {
            outcome: Some(outcome),
            ..Self::default()
        }
    }

    /// True if the rescue is finished and no copy is in progress.
    pub fn can_copy(&self) -> bool {
        let is_finished = self.outcome.as_ref().is_some_and(|o| o.finished);
        is_finished && !self.is_busy()
    }

    /// Folder of the rescue, if the phone appeared empty and its owner can confirm this.
    pub fn shows_nothing(&self) -> Option<&str> {
        let outcome = self.outcome.as_ref()?;
        outcome.shows_nothing.then_some(outcome.folder.as_str())
    }

    pub fn is_typing(&self) -> bool {
        matches!(self.copying, Copying::Asking(..))
    }

    pub fn is_copying(&self) -> bool {
        matches!(self.copying, Copying::Running { .. })
    }

    pub fn is_choosing(&self) -> bool {
        matches!(self.copying, Copying::Choosing)
    }

    /// True while a copy is being requested or made.
    pub fn is_busy(&self) -> bool {
        self.is_choosing() || self.is_typing() || self.is_copying()
    }

    pub fn ask_which_copy(&mut self) {
        if self.can_copy() {
            self.copying = Copying::Choosing;
        }
    }

    pub fn ask_where_to(&mut self, kind: CopyKind) {
        if self.is_choosing() {
            self.copying = Copying::Asking(kind, String::new());
        }
    }

    pub fn type_on(&mut self, c: char) {
        if let Copying::Asking(_, place) = &mut self.copying
            && place.chars().count() < LONGEST_PLACE
        {
            place.push(c);
        }
    }

    pub fn erase(&mut self) {
        if let Copying::Asking(_, place) = &mut self.copying {
            place.pop();
        }
    }

    /// The user cancels the copy.
    pub fn leave_copy(&mut self) {
        self.copying = Copying::No;
    }

    /// Starts the copy into the typed folder. An empty input cancels the copy.
    pub fn begin_copy(&mut self) -> Option<Task> {
        let (Copying::Asking(kind, place), Some(outcome)) = (&self.copying, &self.outcome) else {
            return None;
        };
        let (kind, to) = (*kind, place.trim().to_owned());
        if to.is_empty() {
            self.leave_copy();
            return None;
        }
        let rescue = PathBuf::from(&outcome.folder);
        self.copying = Copying::Running {
            to: to.clone(),
            progress: CopyProgress::default(),
        };
        Some(Task::Copy { rescue, to, kind })
    }

    pub fn on_copying(&mut self, now: CopyProgress) {
        if let Copying::Running { progress, .. } = &mut self.copying {
            *progress = now;
        }
    }

    /// The copies are `None` after a plain copy, which is not counted.
    pub fn on_copied(&mut self, done: Result<(PathBuf, Option<Copies>), String>) {
        self.copying = match done {
            Ok((place, copies)) => {
                if let (Some(outcome), Some(copies)) = (&mut self.outcome, copies) {
                    outcome.copies = copies;
                }
                Copying::Done(place)
            }
            Err(why) => Copying::Failed(why),
        };
    }

    /// The result, if there is a list of what a reset destroys that can be ticked.
    pub fn to_tick(&self) -> Option<&Outcome> {
        let outcome = self.outcome.as_ref()?;
        (outcome.finished && !outcome.before_reset.is_empty()).then_some(outcome)
    }

    /// A line was ticked.
    pub fn on_ticked(&mut self, outcome: &Outcome) {
        self.outcome = Some(outcome.clone());
    }

    /// Scrolls within an area of this size.
    pub fn update(&mut self, intent: Intent, area: Rect) {
        let Some(outcome) = &self.outcome else {
            return;
        };
        let page = Page::of(outcome, &self.copying, area, Theme::plain());
        self.scroll.update(intent, page.lines.len(), page.body);
    }
}

pub fn draw(verdict: &Verdict, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let Some(outcome) = &verdict.outcome else {
        return;
    };
    let page = Page::of(outcome, &verdict.copying, area, theme);
    frame.render_widget(Paragraph::new(page.place), page.foot);
    verdict.scroll.draw(page.lines, frame, page.body, theme);
}

/// Layout of the outcome.
struct Page<'a> {
    lines: Vec<Line<'a>>,
    body: Rect,
    /// Location of the files, which is always visible.
    place: Vec<Line<'a>>,
    foot: Rect,
}

impl Page<'_> {
    fn of(outcome: &Outcome, copying: &Copying, area: Rect, theme: Theme) -> Self {
        let width = usize::from(area.width);
        let mut place = copy_lines(copying, width, theme);
        place.extend(counted_copies(outcome, copying, width, theme));
        let files = phrase!("Files: {}", outcome.folder);
        place.extend(paragraph(&files, theme.strong(), width));
        let [body, foot] = Layout::vertical([
            Constraint::Min(0),
            Constraint::Length(u16::try_from(place.len()).unwrap_or(1)),
        ])
        .areas(area);
        Self {
            lines: lines(outcome, width, theme),
            body,
            place,
            foot,
        }
    }
}

fn lines<'a>(outcome: &Outcome, width: usize, theme: Theme) -> Vec<Line<'a>> {
    let mut lines = vec![Line::from("")];
    let style = if outcome.safe {
        theme.good()
    } else {
        theme.bad()
    };
    lines.extend(paragraph(&outcome.headline, style, width));
    if let Some(readiness) = outcome.readiness() {
        let style = match outcome.ready_to_reset {
            true => theme.good(),
            false => theme.care(),
        };
        lines.extend(paragraph(&readiness, style, width));
    }
    if !outcome.safe {
        lines.extend(
            outcome
                .why_not
                .iter()
                .flat_map(|why| hanging("  - ", theme.care(), why, width)),
        );
    }
    let is_new = |warning: &&String| !outcome.why_not.contains(warning);
    for warning in outcome.warnings.iter().filter(is_new) {
        lines.extend(hanging("  !  ", theme.care(), warning, width));
    }
    lines.push(Line::from(""));
    lines.extend(table(&outcome.collections, width, theme));
    for files in &outcome.from_files {
        let style = match files.verdict {
            Word::Partial => theme.bad(),
            _ => theme.strong(),
        };
        let cut = match files.verdict {
            Word::Partial => phrase(", INCOMPLETE"),
            _ => "",
        };
        let text = format!("{}: {}{cut}", files.title(), files.counts());
        lines.extend(paragraph(&text, style, width));
    }
    for list in &outcome.lists_not_read {
        let text = phrase!("Could not read {list}");
        lines.extend(paragraph(&text, theme.care(), width));
    }
    if !outcome.before_reset.is_empty() {
        lines.push(Line::from(""));
        let title = match outcome.finished {
            true => phrase("  A reset destroys or asks for these. Press t for what to do:"),
            false => phrase("  A reset destroys or asks for these:"),
        };
        lines.push(Line::styled(title, theme.strong()));
        for one in &outcome.before_reset {
            let style = match one.state.is_open() {
                true => theme.care(),
                false => theme.good(),
            };
            lines.extend(hanging(
                &format!("  {} ", one.state.mark()),
                style,
                &one.line.lost,
                width,
            ));
        }
    } else if !outcome.not_covered.is_empty() {
        lines.push(Line::from(""));
        lines.push(Line::styled(
            phrase("  A reset also destroys these. Lifeboat has not saved them:"),
            theme.strong(),
        ));
        lines.extend(
            outcome
                .not_covered
                .iter()
                .flat_map(|what| hanging("  - ", theme.care(), what, width)),
        );
    }
    lines.push(Line::from(""));
    if !outcome.copies.others.is_empty() {
        lines.push(Line::styled(phrase("  Other copies:"), theme.strong()));
    }
    for other in &outcome.copies.others {
        let day = other.checked.get(..10).unwrap_or_default();
        let text = phrase!("{}, checked on {day}", other.place);
        lines.extend(hanging("  - ", theme.quiet(), &text, width));
    }
    let next = if outcome.before_reset.iter().any(|one| !one.state.is_open()) {
        phrase("You can print report.html, which has the ticks, and hand it over.")
    } else if outcome.finished {
        phrase("You can print data/report.html and hand it over.")
    } else {
        phrase(
            "You can continue this rescue, even after you close Lifeboat. Plug in the phone. The list of phones then \
             offers to continue.",
        )
    };
    lines.extend(paragraph(next, theme.quiet(), width));
    lines
}

/// Lines about the copy: the question, the progress, or the last result.
fn copy_lines<'a>(copying: &Copying, width: usize, theme: Theme) -> Vec<Line<'a>> {
    match copying {
        Copying::No => Vec::new(),
        Copying::Choosing => {
            let mut lines = paragraph(phrase("Which copy?"), theme.strong(), width);
            for text in [
                phrase("e: exact copy, a second copy of everything, which can be checked"),
                phrase(
                    "p: plain copy for the owner, which opens without Lifeboat on any computer or phone",
                ),
            ] {
                lines.extend(paragraph(text, theme.strong(), width));
            }
            lines
        }
        Copying::Asking(_, place) => {
            let mut lines = paragraph(
                phrase(
                    "Copy to which folder? Choose a folder on a connected USB stick or network drive, such as \
                     /media/stick:",
                ),
                theme.strong(),
                width,
            );
            let shown = fit_end(place, width.saturating_sub(6));
            lines.push(Line::from(vec![
                Span::styled("  › ", theme.key()),
                Span::styled(format!("{shown}_"), theme.strong()),
            ]));
            lines
        }
        Copying::Running { to, progress } => {
            let doing = match progress.step {
                Step::Copying => phrase("Copying to"),
                Step::Checking => phrase("Checking the copy in"),
            };
            let of = progress.bytes.max(1);
            let done = progress.bytes_done.min(of);
            let percent = u128::from(done) * 100 / u128::from(of);
            let mut lines = paragraph(&format!("{doing} {to}"), theme.strong(), width);
            lines.push(Line::styled(
                format!(
                    "  {} {percent:>3} %",
                    bar(done, of, width.saturating_sub(12).min(40))
                ),
                theme.good(),
            ));
            lines
        }
        Copying::Done(place) => {
            let text = phrase!("Copied and checked: {}", place.display());
            paragraph(&text, theme.good(), width)
        }
        Copying::Failed(why) => paragraph(&phrase!("No copy was made: {why}"), theme.bad(), width),
    }
}

/// Number of copies, and advice if there are too few.
fn counted_copies<'a>(
    outcome: &Outcome,
    copying: &Copying,
    width: usize,
    theme: Theme,
) -> Vec<Line<'a>> {
    if !outcome.finished
        || matches!(
            copying,
            Copying::Choosing | Copying::Asking(..) | Copying::Running { .. }
        )
    {
        return Vec::new();
    }
    let copies = outcome.copies.sentence();
    match outcome.copies.disks {
        Disks::Several => paragraph(&copies, theme.good(), width),
        Disks::One | Disks::Unknown => {
            let next = phrase("Press c to make a copy on another disk.");
            paragraph(&format!("{copies} {next}"), theme.care(), width)
        }
    }
}

fn table<'a>(collections: &[CollectionOutcome], width: usize, theme: Theme) -> Vec<Line<'a>> {
    let mut lines = vec![Line::styled(
        format!(
            "  {:<10}{:>9}{:>9}{:>11}",
            "",
            phrase("on phone"),
            phrase("saved"),
            phrase("checked")
        ),
        theme.quiet(),
    )];
    let number = |n: Option<u64>| n.map_or("-".to_owned(), count);
    for c in collections {
        let (word, style) = match c.verdict {
            Word::Complete => (phrase("complete"), theme.good()),
            Word::Empty => (phrase("none on phone"), theme.good()),
            Word::Partial => (phrase("INCOMPLETE"), theme.bad()),
            Word::Unreadable => (phrase("NOT READ"), theme.bad()),
            Word::OutOfReach => (phrase("can't be read like this"), theme.care()),
        };
        let mut beside = Vec::new();
        beside.extend(
            c.only_here
                .filter(|n| *n > 0)
                .map(|n| phrase!("{} only here", count(n))),
        );
        beside.extend(c.other_files());
        beside.extend((c.deleted_kept > 0).then(|| phrase!("{} deleted", count(c.deleted_kept))));
        let rescued = match c.verdict {
            Word::Unreadable | Word::OutOfReach => None,
            _ => Some(c.rescued),
        };
        lines.push(Line::from(vec![
            Span::raw(format!(
                "  {}{:>9}{:>9}{:>11}  ",
                padded(c.title(), 10),
                number(c.handset_says),
                number(rescued),
                number(rescued.and(c.read_back))
            )),
            Span::styled(word, style),
            Span::raw(if beside.is_empty() {
                String::new()
            } else {
                let room = width.saturating_sub(2 + 10 + 9 + 9 + 11 + 2 + word.len() + 2);
                format!(": {}", fit(&beside.join(", "), room))
            }),
        ]));
    }
    lines
}
