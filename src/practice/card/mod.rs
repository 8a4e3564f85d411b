//! A practice memory card: a FAT32 card with the layout of a Sidekick's card, behind USB mass storage.

mod device;
pub mod fat32;
mod fault;
mod owner;
mod scsi;
mod settings;

use std::collections::BTreeMap;

use super::device::{Practice, PracticeDevice as _};

pub use device::Device;
pub use settings::{Harm, Settings, Spot, Untold};

/// Time at which the card was formatted and its folders were created: 2024-02-29 12:00.
const BOUGHT: u32 = crate::practice::pictures::DATE;

/// A virtual card in a reader. Clones are the same card.
pub type PracticeCard = Practice<Device>;

impl Practice<Device> {
    /// All bytes of the card, without any read faults.
    pub fn image(&self) -> &[u8] {
        &self.0.card.bytes
    }

    /// Block numbers of a file, in order; empty if there is no such file.
    pub fn blocks_of(&self, path: &str) -> Vec<u64> {
        self.0.card.sectors.get(path).cloned().unwrap_or_default()
    }

    /// The files on the card: path, bytes, and time in seconds since 1970 by the phone's clock.
    pub fn files(&self) -> Vec<(String, Vec<u8>, u32)> {
        let files = owner::files(&self.0.settings).into_iter();
        files
            .map(|file| (file.path, file.bytes, file.modified))
            .collect()
    }

    /// Number of cable faults that have occurred.
    pub fn struck(&self) -> usize {
        self.0.settings.unplug_after.len() - self.0.base().cuts_left()
    }

    /// Number of requests for each operation code.
    pub fn asked(&self) -> BTreeMap<u8, u64> {
        self.0.asked()
    }
}
