//! Verdict: whether the data is safe, the reasons if not, what else a reset destroys, and where the files are.

mod keys;

pub use keys::KEYS;

use std::path::PathBuf;
use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::widgets::Paragraph;

use crate::rescue::{Outcome, Progress};
use crate::tui::app::Task;
use crate::tui::keys::Intent;
use crate::tui::theme::Theme;
use crate::tui::widget::entry::Completed;
use crate::tui::widget::scroll::Scroll;
use crate::vault::copies::Copies;
use crate::vault::copy::CopyProgress;
use crate::vault::drives::Drive;

mod copying;
mod finishing;
mod page;

pub use copying::CopyKind;
use copying::Copying;
use finishing::Finishing;
use page::Page;
pub(super) use page::without_contents;

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
    frame.render_widget(Paragraph::new(page.aside), page.beside);
}
