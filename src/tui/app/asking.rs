//! What people are asked before and during a rescue: the coach, and the page for the owner.

use super::{App, Screen, Start, Task};
use crate::model::{Case, Conditions};
use crate::tui::keys::Intent;
use crate::tui::screen::dock::Dock;
use crate::tui::screen::owner::Owner;

impl App {
    pub(super) fn on_coach(&mut self, intent: Intent) -> Option<Task> {
        match intent {
            Intent::Back if !self.coach.takes_back() => {
                self.screen = self.asked_from;
                return self.watch_on();
            }
            Intent::Coach => self.coach.ask(),
            Intent::Sidekick => self.screen = Screen::Sidekick,
            Intent::Next | Intent::Files => {
                self.dock.choose(self.coach.id()?);
                self.screen = Screen::Dock;
                return self.on_dock(intent);
            }
            intent => {
                let body = self.body();
                self.coach.update(intent, body);
                self.remember_answer();
            }
        }
        None
    }

    /// Remembers what a person sees on the phone that the coach is about.
    pub(super) fn remember_answer(&mut self) {
        // Phones that show nothing at first are described before they are plugged in.
        let id = self.coach.id().unwrap_or(Dock::NEXT);
        self.dock.answer(id, self.coach.answered().clone());
    }

    pub(super) fn on_owner(&mut self, intent: Intent) -> Option<Task> {
        match intent {
            Intent::Next => {
                let (case, desk) = self.owner.answered();
                (self.case, self.desk) = (case, desk);
                let starts = std::mem::take(&mut self.pending);
                return self.begin_all(starts);
            }
            Intent::Back => self.screen = Screen::Dock,
            intent => self.owner.update(intent),
        }
        None
    }

    /// Begins rescues, after the page for the owner if there is a phone for it.
    pub(super) fn prepare(&mut self, starts: Vec<Start>) -> Option<Task> {
        let first = starts.first()?;
        self.dock.unmark();
        // The rescue on the screen keeps what was said about its own phone.
        self.park();
        // What people see on a phone is about that phone alone.
        let conditions = match starts.len() {
            1 => self.dock.conditions(&first.device.id),
            _ => Conditions::default(),
        };
        self.case = Case {
            conditions,
            ..Case::default()
        };
        // A phone that may be gone at any moment is read at once.
        let is_hasty = self.case.conditions.are_hasty()
            || starts
                .iter()
                .any(|start| self.dock.own_conditions(&start.device.id).are_hasty());
        let is_asked = |start: &&Start| start.folder.is_none() && start.device.has_owner;
        if let Some(asked) = starts.iter().find(is_asked).filter(|_| !is_hasty) {
            let (device, case, desk) = (&asked.device, self.case.clone(), self.desk.clone());
            self.owner = Owner::of(device, asked.wanted, starts.len(), case, desk);
            self.pending = starts;
            self.screen = Screen::Owner;
            return None;
        }
        self.begin_all(starts)
    }
}
