//! The rescues that other programs run.

use std::path::{Path, PathBuf};

use super::rows::Row;
use super::{Dock, Key};
use crate::handset::find::{Device, Kind};
use crate::model::called;
use crate::rescue::Running;

impl Dock {
    /// The rescue of another program that reads a device.
    pub(super) fn elsewhere(&self, device: &Device) -> Option<&Running> {
        self.others()
            .find(|one| self.is_only(device, |d| one.is_of_device(d)))
    }

    /// The rescues that other programs run.
    pub(super) fn others(&self) -> impl Iterator<Item = &Running> {
        self.rescues.running.iter().filter(|one| !one.is_own())
    }

    /// Those whose device has no row of its own.
    pub(super) fn others_alone(&self) -> impl Iterator<Item = &Running> {
        self.others()
            .filter(|one| self.device_of_running(one).is_none())
    }

    /// The rescue of another program that is chosen.
    pub fn chosen_elsewhere(&self) -> Option<&Running> {
        match self.row()? {
            Row::Running(running) => Some(running),
            Row::Device(device) if self.run_of(device).is_none() => self.elsewhere(device),
            Row::Device(_)
            | Row::Run(_)
            | Row::Finished(_)
            | Row::Unfinished(_)
            | Row::Sealed(_) => None,
        }
    }

    /// The rescue that another program runs in this folder.
    pub fn running_in(&self, folder: &Path) -> Option<&Running> {
        self.others().find(|one| one.folder == folder)
    }

    /// The only rescue of a program whose window was closed.
    pub fn left_alone(&self) -> Option<&Running> {
        let mut alone = self.others().filter(|one| one.is_alone);
        alone.next().filter(|_| alone.next().is_none())
    }

    /// The device that another program reads.
    pub fn device_of_running(&self, running: &Running) -> Option<&Device> {
        let mut devices = self.found.devices.iter();
        devices.find(|device| {
            let reads = self.elsewhere(device);
            reads.is_some_and(|one| one.folder == running.folder)
        })
    }

    /// The connected device with this ID.
    pub fn device(&self, id: &str) -> Option<&Device> {
        self.found.devices.iter().find(|device| device.id == id)
    }

    /// The kind of the device that another program reads.
    pub fn kind_of(&self, running: &Running) -> Kind {
        let device = self.device_of_running(running);
        device.map_or(Kind::default(), |device| device.kind)
    }

    /// Selects the rescue of another program.
    pub fn choose_running(&mut self, running: &Running) {
        let key = match self.device_of_running(running) {
            Some(device) => Key::Device(device.id.clone()),
            None => Key::Rescue(running.folder.clone()),
        };
        self.chosen = Some(key);
    }

    /// The chosen rescue of another program, if it was not asked to stop yet: its folder, and the phone's name.
    pub fn running_elsewhere(&self) -> Option<(PathBuf, String)> {
        let running = self.chosen_elsewhere()?;
        let name = called(&running.make, &running.model);
        (!self.is_stopping(running)).then(|| (running.folder.clone(), name))
    }

    /// Another program was asked to stop its rescue in this folder.
    pub fn on_stopping(&mut self, folder: PathBuf) {
        self.stopping.insert(folder);
    }

    /// It could not be asked.
    pub fn could_not_stop(&mut self, folder: &Path, why: String) {
        self.stopping.remove(folder);
        self.note(why);
    }

    pub fn is_stopping(&self, running: &Running) -> bool {
        self.stopping.contains(&running.folder)
    }
}
