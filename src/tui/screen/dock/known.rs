//! By which IDs the Dock knows the devices.

use std::collections::BTreeSet;

use super::{Dock, Key, RunLine};
use crate::handset::find::Found;

impl Dock {
    /// Gives the devices the IDs by which they are known here. The ID of a device changes when another one with the
    /// same serial number comes or goes; a rescue keeps the ID with which it began, and what was said about a device
    /// goes with the device. A device is the same one if it stays at its place.
    pub fn recognise(&mut self, found: &mut Found) {
        let mut serials = BTreeSet::new();
        for device in &found.devices {
            if !device.serial.is_empty() && !serials.insert(device.serial.as_str()) {
                self.twins.insert(device.serial.clone());
            }
        }
        let mut changed: Vec<(String, String)> = Vec::new();
        for device in &mut found.devices {
            if device.serial.is_empty() || device.place.is_empty() {
                continue;
            }
            if self.twins.contains(&device.serial) && device.id == device.serial {
                device.id = format!("{}@{}", device.serial, device.place);
            }
            let here = (&device.serial, &device.place);
            let is_here = |run: &&RunLine| {
                let place = self.places.get(&run.device);
                place.is_some_and(|(serial, place)| (serial, place) == here)
            };
            let mut before = self.found.devices.iter();
            if let Some(run) = self.runs.iter().find(is_here) {
                device.id.clone_from(&run.device);
            } else if let Some(former) = before.find(|one| (&one.serial, &one.place) == here)
                && former.id != device.id
            {
                changed.push((former.id.clone(), device.id.clone()));
            }
        }
        self.rename(&changed);
    }

    /// Moves what is known about devices to their new IDs: from, to.
    fn rename(&mut self, changed: &[(String, String)]) {
        let new = |id: &str| {
            let mut changed = changed.iter();
            changed.find(|(from, _)| from == id).map(|(_, to)| to)
        };
        let renamed = |id: String| new(&id).cloned().unwrap_or(id);
        if let Some(Key::Device(id)) = &mut self.chosen
            && let Some(to) = new(id)
        {
            id.clone_from(to);
        }
        let marked = std::mem::take(&mut self.marked).into_iter();
        self.marked = marked.map(renamed).collect();
        let answers = std::mem::take(&mut self.answers).into_iter();
        self.answers = answers.map(|(id, said)| (renamed(id), said)).collect();
        let rescued = std::mem::take(&mut self.rescued).into_iter();
        self.rescued = rescued.map(|(id, folder)| (renamed(id), folder)).collect();
    }
}
