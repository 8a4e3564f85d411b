//! A card in a reader: its blocks, its damage and its cable.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::fat32::{self, Card, SECTOR};
use super::settings::{Harm, Settings, Spot, Untold};
use super::{owner, scsi};
use crate::handset::find::usb::{Storage, SystemDisk, UsbDevice};
use crate::link::Link;
use crate::model::Stop;
use crate::practice::base::{Base, lock};
use crate::practice::device::{CancelWrites, PracticeDevice, Protocol, bulk};

/// USB mass storage with SCSI on the Bulk-Only Transport.
const DISK: (u8, u8, u8) = (0x08, 0x06, 0x50);

pub struct Device {
    pub(super) settings: Settings,
    pub(super) card: Card,
    bad: BTreeSet<u64>,
    bad_later: BTreeSet<u64>,
    base: Base,
    /// Number of requests for each operation code.
    asked: Mutex<BTreeMap<u8, u64>>,
}

impl PracticeDevice for Device {
    type Settings = Settings;
    const NAME: &'static str = "practice card";
    const LINK: &'static str = "practice card";
    const PROTOCOL: Protocol = Protocol::Disk;
    const SOCKET: u8 = 6;

    /// Writes the card.
    fn new(settings: Settings) -> Self {
        let files = owner::files(&settings);
        let mut card = fat32::write(&files, b"MEMORY CARD", 0x2009_1003);
        let photos = card
            .sectors
            .iter()
            .filter(|(path, _)| path.starts_with("DCIM/"));
        let middle = |(_, sectors): (&String, &Vec<u64>)| sectors.get(sectors.len() / 2).copied();
        let mut bad: BTreeSet<u64> = photos
            .filter_map(middle)
            .take(settings.bad_sectors as usize)
            .collect();
        bad.extend(&settings.bad_blocks);
        for (path, untold) in &settings.untold {
            if let Some((at, parts)) = card.entries.get(path) {
                forget(&mut card.bytes, *at, *parts, *untold);
            }
        }
        let mut bad_later = BTreeSet::new();
        for (spot, harm) in &settings.harm {
            let Some(block) = place(&card, spot) else {
                continue;
            };
            match harm {
                Harm::Unreadable => drop(bad.insert(block)),
                Harm::UnreadableLater => drop(bad_later.insert(block)),
                Harm::Blank => fill(&mut card.bytes, block, 0),
                Harm::Erased => fill(&mut card.bytes, block, 0xff),
            }
        }
        Self {
            base: Base::new(&settings.unplug_after),
            settings,
            card,
            bad,
            bad_later,
            asked: Mutex::default(),
        }
    }

    fn base(&self) -> &Base {
        &self.base
    }

    fn serve(self: &Arc<Self>, _: Protocol, link: Link, _: CancelWrites, stop: &Stop) {
        scsi::serve(self, link, stop);
    }

    /// With the numbers of the kernel's mass-storage gadget.
    fn usb(&self) -> UsbDevice {
        let size = match self.settings.no_medium {
            true => 0,
            false => self.card.bytes.len() as u64,
        };
        UsbDevice {
            vendor_id: 0x0525,
            product_id: 0xa4a5,
            interfaces: vec![bulk(0, DISK, 0x81, 0x01)],
            manufacturer: Some("Practice".to_owned()),
            product: Some("flip-out phone".to_owned()),
            storage: Some(Storage {
                has_driver: true,
                disks: vec![SystemDisk {
                    is_removable: true,
                    size,
                    ..SystemDisk::default()
                }],
            }),
            ..UsbDevice::default()
        }
    }
}

impl Device {
    pub(super) fn asked(&self) -> BTreeMap<u8, u64> {
        lock(&self.asked).clone()
    }

    pub(super) fn note(&self, code: u8) {
        *lock(&self.asked).entry(code).or_default() += 1;
    }

    pub(super) fn blocks(&self) -> u64 {
        (self.card.bytes.len() / SECTOR) as u64
    }

    /// Bytes of a block; `None`: it cannot be read.
    pub(super) fn block(&self, number: u64) -> Option<&[u8]> {
        let at = usize::try_from(number).ok()?.checked_mul(SECTOR)?;
        let is_bad = self.bad.contains(&number)
            || (self.bad_later.contains(&number) && self.base.pluggings() > 0)
            || self.settings.ends_at.is_some_and(|end| number >= end);
        self.card.bytes.get(at..at + SECTOR).filter(|_| !is_bad)
    }

    /// Waits as long as a transfer of `length` bytes takes.
    pub(super) fn pace(&self, length: usize) {
        if let Some(rate) = self.settings.bytes_per_second.filter(|rate| *rate > 0) {
            std::thread::sleep(Duration::from_secs_f64(length as f64 / rate as f64));
        }
    }
}

/// Fills a block with a byte value.
fn fill(card: &mut [u8], block: u64, with: u8) {
    let bytes = card.iter_mut().skip(block as usize * SECTOR);
    bytes.take(SECTOR).for_each(|byte| *byte = with);
}

/// Removes data from the directory entry at `at`. `parts` is the number of its long-name entries in the same folder.
fn forget(card: &mut [u8], at: usize, parts: usize, what: Untold) {
    let mut put = |at: usize, byte: u8| {
        let place = card.get_mut(at);
        place.into_iter().for_each(|place| *place = byte);
    };
    match what {
        Untold::Length => (at + 28..at + 32).for_each(|at| put(at, 0)),
        // As a system without long names does. Long-name entries in another block remain, and their checksum must not
        // match.
        Untold::Name => {
            let near = parts.min(at % SECTOR / 32);
            (1..=near).for_each(|part| put(at - part * 32, 0xe5));
            if near < parts {
                put(at + 7, b'X');
            }
        }
    }
}

/// Block number of a place on the card.
fn place(card: &Card, spot: &Spot) -> Option<u64> {
    let (blocks, number): (&[u64], usize) = match spot {
        Spot::PartitionTable => (&[0], 0),
        Spot::Boot => (&[fat32::BOOT], 0),
        Spot::SecondBoot => (&[fat32::SECOND_BOOT], 0),
        Spot::Table(copy, number) => (card.tables.get(*copy)?, *number),
        Spot::Folder(path, number) => (card.folders.get(path)?, *number),
        Spot::File(path, number) => (card.sectors.get(path)?, *number),
    };
    blocks.get(number.checked_rem(blocks.len())?).copied()
}
