//! The rows of the Dock: devices first, then rescues.

use super::{Dock, Key, RunLine};
use crate::handset::find::{Device, State};
use crate::rescue::{Finished, Running, Sealed, Unfinished, is_of};

/// A row that can be chosen.
#[derive(Debug, Clone, Copy)]
pub(super) enum Row<'a> {
    Device(&'a Device),
    /// A rescue of this program whose device is not connected now.
    Run(&'a RunLine),
    /// A rescue of another program.
    Running(&'a Running),
    Unfinished(&'a Unfinished),
    Finished(&'a Finished),
    Sealed(&'a Sealed),
}

impl Row<'_> {
    pub fn key(&self) -> Key {
        match self {
            Row::Device(device) => Key::Device(device.id.clone()),
            Row::Run(run) => Key::Device(run.device.clone()),
            Row::Running(running) => Key::Rescue(running.folder.clone()),
            Row::Unfinished(unfinished) => Key::Rescue(unfinished.folder.clone()),
            Row::Finished(finished) => Key::Rescue(finished.folder.clone()),
            Row::Sealed(sealed) => Key::Rescue(sealed.file.clone()),
        }
    }

    /// True for a backup of an iPhone on this computer.
    pub fn is_backup(&self) -> bool {
        match self {
            Row::Device(device) => device.is_backup,
            Row::Run(_)
            | Row::Running(_)
            | Row::Unfinished(_)
            | Row::Finished(_)
            | Row::Sealed(_) => false,
        }
    }

    /// True for the rows below the devices.
    pub fn is_rescue(&self) -> bool {
        match self {
            Row::Device(_) | Row::Run(_) => false,
            Row::Running(_) | Row::Unfinished(_) | Row::Finished(_) | Row::Sealed(_) => true,
        }
    }
}

impl Running {
    /// True if this device is read.
    pub(super) fn is_of_device(&self, device: &Device) -> bool {
        let identity = crate::model::Identity {
            make: self.make.clone(),
            model: self.model.clone(),
            serial: self.serial.clone(),
            ..Default::default()
        };
        is_of(&identity, &device.make, &device.model, &device.serial)
    }
}

impl Dock {
    /// All rows, in the order in which they are shown.
    pub(super) fn rows(&self) -> Vec<Row<'_>> {
        let devices = &self.found.devices;
        let is_there = |run: &&RunLine| devices.iter().any(|d| d.id == run.device);
        let mut rows: Vec<Row<'_>> = devices.iter().map(Row::Device).collect();
        let gone = self.runs.iter().filter(|run| !is_there(run));
        rows.extend(gone.map(Row::Run));
        rows.extend(self.others_alone().map(Row::Running));
        let is_own = |unfinished: &&Unfinished| {
            let mut runs = self.runs.iter().filter(|run| run.is_reading);
            runs.any(|run| run.folder.as_ref() == Some(&unfinished.folder))
        };
        let mut rescues: Vec<Row<'_>> = self
            .rescues
            .unfinished
            .iter()
            .filter(|one| !is_own(one))
            .map(Row::Unfinished)
            .collect();
        rescues.extend(self.rescues.finished.iter().map(Row::Finished));
        rescues.extend(self.rescues.sealed.iter().map(Row::Sealed));
        // The newest first, whatever their state. The names begin with the day.
        rescues.sort_by(|one, other| {
            let name = |row: &Row<'_>| match row.key() {
                Key::Rescue(folder) => folder.file_name().map(|name| name.to_owned()),
                Key::Device(_) => None,
            };
            name(other).cmp(&name(one))
        });
        rows.extend(rescues);
        rows
    }

    /// The chosen row.
    pub(super) fn row(&self) -> Option<Row<'_>> {
        let rows = self.rows();
        let index = self.index(&rows)?;
        rows.get(index).copied()
    }

    /// The place of the chosen row. Without a choice, it is the first device that can be read.
    pub(super) fn index(&self, rows: &[Row<'_>]) -> Option<usize> {
        let chosen = || rows.iter().position(|row| Some(row.key()) == self.chosen);
        let ready = || {
            rows.iter()
                .position(|row| matches!(row, Row::Device(d) if d.state == State::Ready))
        };
        let is_device = || rows.first().is_some_and(|row| !row.is_rescue());
        // A rescue is never chosen by itself: Enter would not say what is to be done about the phone.
        chosen().or_else(ready).or_else(|| is_device().then_some(0))
    }
}
