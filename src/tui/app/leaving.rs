//! Leaving the program: a running rescue is asked about first.

use super::{App, Screen, Task};
use crate::tui::keys::Intent;

impl App {
    /// The user wants to leave.
    pub(super) fn on_quit(&mut self) -> Option<Task> {
        if self.is_reading() && !self.leaving && !self.asks_to_leave {
            self.asks_to_leave = true;
            return None;
        }
        self.on_interrupt()
    }

    /// Leaves without a question, as soon as what is saved is written. A second time: at once.
    pub(super) fn on_interrupt(&mut self) -> Option<Task> {
        self.asks_to_leave = false;
        if self.leaving {
            self.quit = true;
            return None;
        }
        let (reads, copies) = (self.is_reading(), self.verdict.is_working());
        // A rescue that is being sealed is never left open.
        self.leaving = reads || copies || self.sealing > 0;
        self.quit = !self.leaving;
        if reads {
            // Without a field for a password, nobody can answer.
            self.rescue.password = None;
            self.screen = match self.reads_shown() {
                true => Screen::Rescue,
                false => Screen::Dock,
            };
        } else if copies {
            self.screen = Screen::Verdict;
        }
        match (reads, copies) {
            (true, true) => Some(Task::Several(vec![Task::Stop, Task::StopCopy])),
            (true, false) => Some(Task::Stop),
            (false, true) => Some(Task::StopCopy),
            (false, false) => None,
        }
    }

    /// The user was asked whether the rescue of another program is to be stopped.
    pub(super) fn answer_to_stop(&mut self, intent: Intent) -> Option<Task> {
        let (folder, _) = self.asks_to_stop.take()?;
        if intent != Intent::StopOther {
            return None;
        }
        self.dock.on_stopping(folder.clone());
        self.rescue.is_stopping = self.rescue.folder.as_ref() == Some(&folder);
        Some(Task::StopOther(folder))
    }

    /// Ends the program if its user waited for the last rescue or copy.
    pub(super) fn leave_if_done(&mut self) {
        // The rescue that just ended is not parked, and its phase is set already.
        self.quit |=
            self.leaving && !self.is_reading() && !self.verdict.is_working() && self.sealing == 0;
    }
}
