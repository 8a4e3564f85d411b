//! Verdict: whether the data is safe, the reasons if not, what else a reset destroys, and where the files are.

mod keys;

pub use keys::KEYS;

use std::path::PathBuf;
use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use unicode_width::UnicodeWidthStr;

use crate::model::Verdict as Word;
use crate::phrase;
use crate::rescue::{CollectionOutcome, Outcome, Progress};
use crate::tui::app::Task;
use crate::tui::keys::Intent;
use crate::tui::theme::Theme;
use crate::tui::widget::entry::Completed;
use crate::tui::widget::scroll::Scroll;
use crate::tui::widget::text::{count, hanging, padded, paragraph, wrap};
use crate::vault::copies::{Copies, Disks};
use crate::vault::copy::CopyProgress;
use crate::vault::drives::Drive;

mod copying;
mod finishing;

pub use copying::CopyKind;
use copying::Copying;
use finishing::Finishing;

/// The outcome, the scroll position, and the state of the work on it.
#[derive(Debug, Default)]
pub struct Verdict {
    outcome: Option<Outcome>,
    scroll: Scroll,
    copying: Copying,
    finishing: Finishing,
    /// What happened last, in a sentence.
    note: Option<String>,
    now: Duration,
    /// Contents are not shown.
    pub is_desk: bool,
    /// What happens with the folder at a desk: it is sealed, or why not.
    pub sealing: Option<Sealing>,
}

/// The sealing of a rescue at a desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sealing {
    Running(CopyProgress),
    /// The archive, and whether the open folder was removed; if not, why.
    Done {
        archive: PathBuf,
        kept: Option<String>,
    },
    Failed(String),
}

impl Verdict {
    pub fn of(outcome: Outcome) -> Self {
        Self {
            outcome: Some(outcome),
            ..Self::default()
        }
    }

    /// Sets the clock, as time since the program started.
    pub fn tick(&mut self, now: Duration) {
        self.now = now;
    }

    /// True if the rescue is finished and no copy is in progress.
    pub fn can_copy(&self) -> bool {
        let is_finished = self.outcome.as_ref().is_some_and(|o| o.finished);
        is_finished && !self.is_busy() && self.sealing.is_none()
    }

    /// Folder of the rescue, if the phone appeared empty and its owner can confirm this.
    pub fn shows_nothing(&self) -> Option<&str> {
        let outcome = self.outcome.as_ref()?;
        outcome.shows_nothing.then_some(outcome.folder.as_str())
    }

    pub fn is_typing(&self) -> bool {
        matches!(self.copying, Copying::Asking { .. })
    }

    /// True while the folder is copied, finished or sealed.
    pub fn is_working(&self) -> bool {
        matches!(self.copying, Copying::Running { .. })
            || matches!(self.finishing, Finishing::Running(..))
            || matches!(self.sealing, Some(Sealing::Running(_)))
    }

    /// True if the rescue can be finished without its phone.
    pub fn can_finish(&self) -> bool {
        let is_unfinished = self.outcome.as_ref().is_some_and(|o| !o.finished);
        is_unfinished && !self.is_busy()
    }

    /// True while the user is asked whether to finish without the phone.
    pub fn is_asking_to_finish(&self) -> bool {
        matches!(self.finishing, Finishing::Asking)
    }

    pub fn ask_to_finish(&mut self) {
        if self.can_finish() {
            self.finishing = Finishing::Asking;
        }
    }

    pub fn on_finishing(&mut self, progress: &Progress) {
        self.finishing.on_progress(progress);
    }

    /// The finishing has failed: the error and advice. `None`: the user stopped it.
    pub fn on_not_finished(&mut self, why: Option<String>) {
        self.finishing = why.map_or(Finishing::No, Finishing::Failed);
    }

    pub fn is_choosing(&self) -> bool {
        matches!(self.copying, Copying::Choosing)
    }

    /// True while the user chooses a drive.
    pub fn is_picking(&self) -> bool {
        matches!(self.copying, Copying::Picking { .. })
    }

    /// True if the chosen row is the one for another folder.
    pub fn is_at_other_folder(&self) -> bool {
        self.copying.is_at_other_folder()
    }

    /// The folder of the rescue, while its files can be opened.
    pub fn folder_to_open(&self) -> Option<PathBuf> {
        let outcome = self.outcome.as_ref().filter(|_| !self.is_desk)?;
        let is_open = !self.is_busy() && !matches!(self.sealing, Some(Sealing::Done { .. }));
        is_open.then(|| PathBuf::from(&outcome.folder))
    }

    pub fn say_nothing(&mut self) {
        self.note = None;
    }

    /// Shows a sentence until the next key.
    pub fn say(&mut self, text: String) {
        self.note = Some(text);
    }

    /// True while the user is asked whether the same disk will do.
    pub fn is_confirming(&self) -> bool {
        matches!(self.copying, Copying::Confirming { .. })
    }

    /// True while the user is asked about a copy or the end of the rescue, or waits for it.
    pub fn is_busy(&self) -> bool {
        self.copying.is_busy()
            || self.finishing.is_busy()
            || matches!(self.sealing, Some(Sealing::Running(_)))
    }

    /// The folder to look for drives for, while the user chooses one.
    pub fn wants_drives(&self) -> Option<PathBuf> {
        let outcome = self.outcome.as_ref().filter(|_| self.is_picking())?;
        Some(PathBuf::from(&outcome.folder))
    }

    pub fn ask_which_copy(&mut self) {
        if self.can_copy() {
            self.copying.begin();
        }
    }

    /// Carries out an intent about the copy or the end of the rescue.
    pub fn update_work(&mut self, intent: Intent) -> Option<Task> {
        let rescue = self.outcome.as_ref()?.folder.clone();
        match self.finishing.is_busy() {
            true => self.finishing.update(intent, &rescue),
            false => self.copying.update(intent, &rescue),
        }
    }

    pub fn on_drives(&mut self, drives: Vec<Drive>) {
        self.copying.on_drives(drives);
    }

    pub fn on_weighed(&mut self, typed: &str, drive: Option<&Drive>) -> Option<Task> {
        let rescue = self.outcome.as_ref()?.folder.clone();
        self.copying.on_weighed(typed, drive, &rescue)
    }

    pub fn on_completed(&mut self, typed: &str, completed: Completed) {
        self.copying.on_completed(typed, completed);
    }

    pub fn on_copying(&mut self, now: CopyProgress) {
        self.copying.on_progress(self.now, now);
    }

    /// The copies are `None` after a plain copy, which is not counted.
    pub fn on_copied(&mut self, done: Result<(PathBuf, Option<Copies>), String>) {
        match done {
            Ok((place, copies)) => {
                if let (Some(outcome), Some(copies)) = (&mut self.outcome, copies) {
                    outcome.copies = copies;
                }
                self.copying.on_done(place);
            }
            Err(why) => self.copying.on_failed(why),
        }
    }

    /// The result, if there is a list of what a reset destroys that can be ticked.
    pub fn to_tick(&self) -> Option<&Outcome> {
        let outcome = self.outcome.as_ref()?;
        let is_open = self.sealing.is_none() && outcome.finished;
        (is_open && !outcome.before_reset.is_empty()).then_some(outcome)
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
        let page = Page::of(self, outcome, area, Theme::plain());
        self.scroll.update(intent, page.lines.len(), page.body);
    }
}

pub fn draw(verdict: &Verdict, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let Some(outcome) = &verdict.outcome else {
        return;
    };
    let page = Page::of(verdict, outcome, area, theme);
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

impl<'a> Page<'a> {
    fn of(verdict: &Verdict, outcome: &Outcome, area: Rect, theme: Theme) -> Self {
        let width = usize::from(area.width);
        let mut place = verdict.copying.lines(verdict.now, width, theme);
        place.extend(verdict.finishing.lines(width, theme));
        let note = verdict.note.iter();
        place.extend(note.flat_map(|note| paragraph(note, theme.strong(), width)));
        if let Some(sealing) = &verdict.sealing {
            place.extend(sealing_lines(sealing, width, theme));
        } else if !verdict.copying.is_busy() {
            let has_failed = verdict.copying.has_failed();
            place.extend(counted_copies(outcome, has_failed, width, theme));
        }
        let files = phrase!("Files: {}", outcome.folder);
        place.extend(paragraph(&files, theme.strong(), width));
        let [body, foot] = Layout::vertical([
            Constraint::Min(0),
            Constraint::Length(u16::try_from(place.len()).unwrap_or(1)),
        ])
        .areas(area);
        Self {
            lines: match verdict.is_desk {
                true => lines(&without_contents(outcome), width, theme),
                false => lines(outcome, width, theme),
            },
            body,
            place,
            foot,
        }
    }
}

/// The outcome for a screen that everybody in a shop sees: without addresses.
fn without_contents(outcome: &Outcome) -> Outcome {
    let mut shown = outcome.clone();
    let sentences = shown
        .why_not
        .iter_mut()
        .chain(&mut shown.warnings)
        .chain(&mut shown.not_covered)
        .chain(&mut shown.lists_not_read)
        .chain(shown.before_reset.iter_mut().map(|one| &mut one.line.lost));
    for sentence in sentences {
        let words = sentence.split(' ').map(|word| match word.contains('@') {
            true => phrase("(an account)"),
            false => word,
        });
        *sentence = words.collect::<Vec<_>>().join(" ");
    }
    shown
}

fn lines<'a>(outcome: &Outcome, width: usize, theme: Theme) -> Vec<Line<'a>> {
    let mut lines = vec![Line::from("")];
    // An unfinished rescue is not marked as bad, because it can be continued.
    let style = match (outcome.safe, outcome.finished || outcome.shows_nothing) {
        (true, _) => theme.good(),
        (false, true) => theme.bad(),
        (false, false) => theme.care(),
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
    // When all is safe, what is still to do comes first.
    let open = open_lines(outcome, width, theme);
    if outcome.safe {
        lines.extend(open.iter().cloned());
    }
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
    if !outcome.safe && !open.is_empty() {
        lines.push(Line::from(""));
        lines.extend(open);
        // The next paragraph brings its own empty line.
        lines.pop();
    } else if outcome.before_reset.is_empty() && !outcome.not_covered.is_empty() {
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

/// What a reset destroys or asks for, and an empty line; nothing if there is no such list.
fn open_lines<'a>(outcome: &Outcome, width: usize, theme: Theme) -> Vec<Line<'a>> {
    if outcome.before_reset.is_empty() {
        return Vec::new();
    }
    let title = match outcome.finished {
        true => phrase("  A reset destroys or asks for these. Press t for what to do:"),
        false => phrase("  A reset destroys or asks for these:"),
    };
    let mut lines = vec![Line::styled(title, theme.strong())];
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
    lines.push(Line::from(""));
    lines
}

fn sealing_lines<'a>(sealing: &Sealing, width: usize, theme: Theme) -> Vec<Line<'a>> {
    match sealing {
        Sealing::Running(progress) => {
            let of = progress.bytes.max(1);
            let percent = u128::from(progress.bytes_done.min(of)) * 100 / u128::from(of);
            let text = phrase!("Sealing the rescue: {percent} %. Don't switch the computer off.");
            paragraph(&text, theme.strong(), width)
        }
        Sealing::Done {
            archive,
            kept: None,
        } => {
            let text = phrase!(
                "Sealed and checked: {}. The open folder was removed. On a flash disk, traces of the folder may stay.",
                archive.display()
            );
            paragraph(&text, theme.good(), width)
        }
        Sealing::Done {
            archive,
            kept: Some(why),
        } => {
            let text = phrase!(
                "Sealed and checked: {}. The open folder is still there: {why}",
                archive.display()
            );
            paragraph(&text, theme.care(), width)
        }
        Sealing::Failed(why) => paragraph(
            &phrase!("The rescue is NOT sealed: {why}"),
            theme.bad(),
            width,
        ),
    }
}

/// Number of copies, and advice if there are too few.
fn counted_copies<'a>(
    outcome: &Outcome,
    has_failed: bool,
    width: usize,
    theme: Theme,
) -> Vec<Line<'a>> {
    if !outcome.finished {
        return Vec::new();
    }
    let copies = outcome.copies.sentence();
    match outcome.copies.disks {
        Disks::Several => paragraph(&copies, theme.good(), width),
        // What to do after a failed copy is said already.
        Disks::One | Disks::Unknown if has_failed => paragraph(&copies, theme.care(), width),
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
        let before = format!(
            "  {}{:>9}{:>9}{:>11}  ",
            padded(c.title(), 10),
            number(c.handset_says),
            number(rescued),
            number(rescued.and(c.read_back))
        );
        let mut line = vec![Span::raw(before.clone()), Span::styled(word, style)];
        let beside = beside.join(", ");
        let used = before.width() + word.width() + 2;
        if !beside.is_empty() && used + beside.width() <= width {
            line.push(Span::raw(format!(": {beside}")));
            lines.push(Line::from(line));
        } else {
            lines.push(Line::from(line));
            // Text that does not fit next to the word is shown below it and never cut off.
            let indent = " ".repeat(before.width());
            lines.extend(
                wrap(&beside, width.saturating_sub(before.width()))
                    .into_iter()
                    .filter(|text| !text.is_empty())
                    .map(|text| Line::raw(format!("{indent}{text}"))),
            );
        }
    }
    lines
}
