//! The end of a rescue without its phone, on the Verdict screen: the question, and the progress.

use std::path::PathBuf;

use ratatui::text::Line;

use crate::phrase;
use crate::rescue::Progress;
use crate::tui::app::Task;
use crate::tui::keys::Intent;
use crate::tui::theme::Theme;
use crate::tui::widget::text::paragraph;

/// State of the finishing.
#[derive(Debug, Default)]
pub(super) enum Finishing {
    #[default]
    No,
    /// The user is asked.
    Asking,
    /// The step, in percent if that is known.
    Running(&'static str, Option<u64>),
    /// The error, and advice.
    Failed(String),
}

impl Finishing {
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Asking | Self::Running(..))
    }

    /// Carries out an intent. `rescue`: the folder that is finished.
    pub fn update(&mut self, intent: Intent, rescue: &str) -> Option<Task> {
        match (&self, intent) {
            (Self::Asking, Intent::Next) => {
                *self = Self::Running(phrase("Writing the files"), None);
                return Some(Task::Finish(PathBuf::from(rescue)));
            }
            (Self::Asking, Intent::Back) => *self = Self::No,
            (Self::Running(..), Intent::Back) => return Some(Task::StopCopy),
            (Self::No | Self::Asking | Self::Running(..) | Self::Failed(_), _) => {}
        }
        None
    }

    pub fn on_progress(&mut self, progress: &Progress) {
        let percent = |done: u64, of: u64| Some(done.min(of).saturating_mul(100) / of.max(1));
        let writing = phrase("Writing the files");
        let checking = phrase("Checking the files");
        let (step, percent) = match *progress {
            Progress::Writing => (writing, None),
            Progress::Written { records, of } => (writing, percent(records, of)),
            Progress::Sealing => (checking, None),
            Progress::ReadBack { cards, of } => (checking, percent(cards, of)),
            Progress::Checked { bytes, of_bytes } => (checking, percent(bytes, of_bytes)),
            // The others are about a handset.
            _ => return,
        };
        *self = Self::Running(step, percent);
    }

    pub fn lines<'a>(&self, width: usize, theme: Theme) -> Vec<Line<'a>> {
        match self {
            Self::No => Vec::new(),
            Self::Asking => {
                let why = phrase(
                    "Finish without the phone? Lifeboat writes the report and closes the folder with what is saved. \
                     You can then copy it. What was not read stays missing, and this rescue can't be continued.",
                );
                let next =
                    phrase("Press Enter to finish, or Esc to continue later with the phone.");
                let mut lines = paragraph(why, theme.care(), width);
                lines.extend(paragraph(next, theme.strong(), width));
                lines
            }
            Self::Running(step, percent) => {
                let far = percent.map_or("…".to_owned(), |percent| format!(": {percent} %"));
                paragraph(&format!("{step}{far}"), theme.strong(), width)
            }
            Self::Failed(why) => paragraph(&phrase!("Not finished: {why}"), theme.bad(), width),
        }
    }
}
