//! The Look screen: when it is opened, and how it follows a rescue that goes on.

use std::path::PathBuf;
use std::time::Duration;

use super::{App, Screen, Task};
use crate::tui::screen::look::Look;
use crate::tui::screen::rescue::Phase;

/// Shortest interval between two looks into a rescue that goes on.
pub(super) const RENEW_LOOK: Duration = Duration::from_secs(3);

/// The interval is at least this multiple of the reading time, because the rescue waits during the reading.
const LOOK_SHARE: u32 = 20;

impl App {
    /// Continues work that was cut into slices. Returns whether the screen changed, and the next task.
    pub fn work(&mut self) -> (bool, Option<Task>) {
        if let Some(task) = self.renew_look() {
            return (false, Some(task));
        }
        self.look.work()
    }

    /// Reads the lists of a rescue that goes on again, unless the user is in the middle of something.
    fn renew_look(&mut self) -> Option<Task> {
        let (folder, is_running) = self.looks_at.as_ref()?;
        let is_due = self.rescue.now.saturating_sub(self.look_renewed) >= self.look_pause;
        if self.screen != Screen::Look || !is_running || !is_due || !self.look.is_calm() {
            return None;
        }
        self.look_renewed = self.rescue.now;
        // No new reading before the duration of this one is known.
        self.look_pause = Duration::MAX;
        Some(Task::Look(folder.clone()))
    }

    /// The lists have come.
    pub(super) fn look_has_come(&mut self) {
        let took = self.rescue.now.saturating_sub(self.look_renewed);
        self.look_pause = took.saturating_mul(LOOK_SHARE).max(RENEW_LOOK);
    }

    /// True if there is such work.
    pub fn has_work(&self) -> bool {
        self.look.has_work()
    }

    /// The rescue that is looked at.
    pub(super) fn looked_at(&self) -> Option<PathBuf> {
        match &self.rescue.phase {
            Phase::Ended(outcome) => Some(PathBuf::from(&outcome.folder)),
            _ => self.rescue.folder.clone(),
        }
    }

    /// True if there is data to show, even while the rescue goes on.
    pub fn can_look_now(&self) -> bool {
        // The journal of a rescue that another program runs is locked.
        let is_own = !self.rescue.is_elsewhere();
        !self.is_desk && is_own && (self.can_look() || self.rescue.folder.is_some())
    }

    pub(super) fn open_look(&mut self) -> Option<Task> {
        let folder = self.looked_at()?;
        if !self.can_look_now() {
            return None;
        }
        self.looked_from = self.screen;
        self.screen = Screen::Look;
        let now = (folder, self.rescue.is_reading());
        // The lists of a rescue that has ended stay valid.
        if self.look.is_open() && self.looks_at.as_ref() == Some(&now) && !now.1 {
            return None;
        }
        self.look = Look::new(self.today);
        self.look.is_partial = now.1;
        self.look_renewed = self.rescue.now;
        self.looks_at = Some(now.clone());
        Some(Task::Look(now.0))
    }
}
