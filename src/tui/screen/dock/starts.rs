//! Which rescues begin, and the marks of the devices that start together.

use std::path::PathBuf;

use super::rows::Row;
use super::{Dock, Latest};
use crate::handset::find::{Device, State, Wanted};
use crate::tui::app::Start;

impl Dock {
    /// The rescues that begin now: of the marked devices, or of the chosen one. `anew`: also of those that have a rescue
    /// already.
    pub fn starts(&self, anew: bool) -> Vec<Start> {
        let is_free =
            |device: &&Device| self.run_of(device).is_none() && self.elsewhere(device).is_none();
        let start = |device: &Device, folder: Option<PathBuf>| Start {
            wanted: match device.state {
                State::Ready => Wanted::All,
                State::NeedsYou | State::OutOfReach => Wanted::Files,
            },
            device: device.clone(),
            folder,
        };
        let begin = |device: &Device| match (anew, self.latest(device)) {
            (true, _) | (false, None) => Some(start(device, None)),
            (false, Some(Latest::Unfinished(unfinished))) => {
                Some(start(device, Some(unfinished.folder.clone())))
            }
            (false, Some(Latest::Finished(_))) => None,
        };
        if !self.marked.is_empty() {
            let devices = self.found.devices.iter();
            return devices
                .filter(|d| self.marked.contains(&d.id) && d.state == State::Ready)
                .filter(is_free)
                .filter_map(begin)
                .collect();
        }
        match self.row() {
            Some(Row::Unfinished(unfinished)) if !anew => self
                .device_of(unfinished)
                .map(|device| start(device, Some(unfinished.folder.clone())))
                .into_iter()
                .collect(),
            Some(Row::Device(device)) => {
                let can_be_read = device.state == State::Ready || (anew && device.files_alone);
                Some(device)
                    .filter(|_| can_be_read)
                    .filter(is_free)
                    .and_then(begin)
                    .into_iter()
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    /// The rescue of the files alone of the chosen device.
    pub fn files_start(&self) -> Option<Start> {
        let device = self.files_alone()?;
        Some(Start {
            device: device.clone(),
            wanted: Wanted::Files,
            folder: self.unfinished_of(device).map(|one| one.folder.clone()),
        })
    }

    /// True if the chosen device can start together with others.
    pub fn can_mark(&self) -> bool {
        self.ready()
            .is_some_and(|device| self.run_of(device).is_none())
            && (self.has_several_ready() || !self.marked.is_empty())
    }

    pub(super) fn has_several_ready(&self) -> bool {
        let ready = self.found.devices.iter();
        ready.filter(|d| d.state == State::Ready).count() > 1
    }

    /// Number of devices that start together.
    pub fn marked(&self) -> usize {
        self.marked.len()
    }

    pub fn unmark(&mut self) {
        self.marked.clear();
    }

    pub(super) fn mark(&mut self) {
        let Some(id) = self.ready().map(|device| device.id.clone()) else {
            return;
        };
        if self.can_mark() && !self.marked.remove(&id) {
            self.marked.insert(id);
        }
    }
}
