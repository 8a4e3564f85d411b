//! A rescue that another program runs, on the Rescue screen; and what a person asks there about the phone.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{App, Screen, Task};
use crate::coach::Situation;
use crate::handset::find::Device;
use crate::model::called;
use crate::tui::keys::Intent;
use crate::tui::screen::coach::Coach;
use crate::tui::screen::look::Look;
use crate::tui::screen::rescue::Rescue;
use crate::tui::screen::verdict::Verdict;

/// How soon after the start of the program a rescue may appear by itself.
const SOON: Duration = Duration::from_secs(10);

/// The state of a phone that waits for its owner's permission.
const ALLOW: &str = "allow";

impl App {
    /// True while the screen changes without a message.
    pub fn is_moving(&self) -> bool {
        self.is_reading() || self.rescue.is_reading()
    }

    /// Shows the rescue of another program that is chosen on the Dock.
    pub(super) fn watch_chosen(&mut self) {
        if let Some(folder) = self.dock.chosen_elsewhere().map(|one| one.folder.clone()) {
            self.watch(&folder);
        }
    }

    fn watch(&mut self, folder: &Path) {
        let Some(running) = self.dock.running_in(folder).cloned() else {
            return;
        };
        self.park();
        let kind = self.dock.kind_of(&running);
        let free = self.dock.free();
        // What it tells has no names and no addresses.
        self.rescue = Rescue::of_another(&running, kind, self.rescue.now);
        self.rescue.free = free;
        self.rescue.is_stopping = self.dock.is_stopping(&running);
        self.verdict = Verdict::default();
        self.look = Look::new(self.today);
        self.looks_at = None;
        self.dock.choose_running(&running);
        self.screen = Screen::Rescue;
    }

    /// The rescues were listed: the one that is watched goes on, or has ended. Soon after the start of the program, a
    /// rescue whose window was closed is shown.
    pub(super) fn watch_on(&mut self) -> Option<Task> {
        self.is_settled |= self.rescue.now > SOON;
        if !self.is_settled && self.screen == Screen::Dock {
            let folder = self.dock.left_alone().map(|one| one.folder.clone());
            if let Some(folder) = folder {
                self.is_settled = true;
                self.watch(&folder);
            }
        }
        if !self.rescue.is_elsewhere() {
            return None;
        }
        let folder = self.rescue.folder.clone()?;
        match self.dock.running_in(&folder) {
            Some(running) => {
                self.rescue.watch(running);
                None
            }
            None if self.screen == Screen::Rescue => Some(Task::Reopen(folder)),
            None => None,
        }
    }

    /// The watched rescue, if it was not asked to stop yet: its folder, and the phone's name.
    pub(super) fn watched_to_stop(&self) -> Option<(PathBuf, String)> {
        let folder = self.rescue.folder.as_ref();
        let running = self
            .dock
            .running_in(folder.filter(|_| self.rescue.is_elsewhere())?)?;
        let name = called(&running.make, &running.model);
        (!self.dock.is_stopping(running)).then(|| (running.folder.clone(), name))
    }

    /// True if the watched rescue can be asked to stop.
    pub fn can_stop_watched(&self) -> bool {
        self.watched_to_stop().is_some()
    }

    /// Asks what a person sees on the phone that is being read, or shows the steps that it waits for.
    pub(super) fn ask_about_rescue(&mut self, intent: Intent) {
        let Some(device) = self.device_read() else {
            return;
        };
        let answers = self.dock.conditions(&device.id);
        let coach = match intent {
            Intent::Steps => Coach::steps_of(Some(&device)),
            _ => Coach::of(Some(&device)),
        };
        self.coach = coach.while_read().with(answers);
        self.asked_from = Screen::Rescue;
        self.screen = Screen::Coach;
    }

    /// The phone of the rescue on the screen, with what it waits for.
    fn device_read(&self) -> Option<Device> {
        let id = self.rescue.id();
        let own = self.reads.as_ref().map(|(device, _)| device);
        let seen = match self.rescue.is_elsewhere() {
            true => self.rescue.folder.as_ref().and_then(|folder| {
                let running = self.dock.running_in(folder)?;
                self.dock.device_of_running(running)
            }),
            false => self.dock.device(id),
        };
        let mut device = seen.or(own)?.clone();
        if self.rescue.waits_for_permission() && device.situations.is_empty() {
            device.situations = vec![Situation::of(ALLOW)];
        }
        Some(device)
    }

    /// There is something to ask about the phone of the rescue on the screen.
    pub fn can_ask_about_rescue(&self) -> bool {
        let is_phone = self.device_read().is_some_and(|device| !device.is_backup);
        is_phone && self.rescue.is_reading() && self.rescue.password.is_none()
    }

    /// There are steps for the phone of the rescue on the screen.
    pub fn has_steps_for_rescue(&self) -> bool {
        let device = self.device_read();
        self.can_ask_about_rescue() && device.is_some_and(|device| !device.situations.is_empty())
    }
}
