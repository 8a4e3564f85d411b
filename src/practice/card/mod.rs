//! A practice memory card: a FAT32 card with the layout of a Sidekick's card, behind USB mass storage.

pub mod fat32;
mod fault;
mod owner;
mod port;
mod scsi;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::OwnersFile;
use crate::link::{Link, pipe};
use crate::model::Stop;
use fat32::{Card, SECTOR};

pub use fault::{fault_help, settings};
pub use port::CardPort;

/// Time at which the card was formatted and its folders were created: 2024-02-29 12:00.
const BOUGHT: u32 = crate::practice::pictures::DATE;
/// Time for which the cable is out after a fault pulled it.
const OUT_FOR: Duration = Duration::from_secs(3);

/// All options of a practice card.
#[derive(Debug, Clone)]
pub struct Settings {
    pub photos: u32,
    /// Two cards with the same seed have the same contents.
    pub seed: u64,
    /// Number of photos that have one unreadable block each.
    pub bad_sectors: u32,
    /// Further unreadable blocks, by number.
    pub bad_blocks: Vec<u64>,
    /// Further files.
    pub owned: Vec<OwnersFile>,
    /// Damage to blocks.
    pub harm: Vec<(Spot, Harm)>,
    /// Data that folders have lost about some files, by path.
    pub untold: Vec<(String, Untold)>,
    /// The card has only this number of blocks but reports its full size, as a counterfeit card does.
    pub ends_at: Option<u64>,
    /// The slot is empty.
    pub no_medium: bool,
    /// The first read reports the preceding reset, as the kernel's gadget does.
    pub unit_attention: bool,
    /// Reading speed, in bytes a second.
    pub bytes_per_second: Option<u64>,
    /// The cable comes out after this number of bytes; each entry once, in order.
    pub unplug_after: Vec<u64>,
}

/// A block of a card, by its purpose. If there are several, the number selects one; it wraps around.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spot {
    PartitionTable,
    Boot,
    SecondBoot,
    /// A block of one of the two allocation tables.
    Table(usize, usize),
    /// A block of a folder, by path.
    Folder(String, usize),
    /// A block of a file, by path.
    File(String, usize),
}

/// Damage to a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Harm {
    /// The block cannot be read.
    Unreadable,
    /// The block can no longer be read after the cable was out.
    UnreadableLater,
    /// The block reads as zeros without an error, as on a card whose controller gave the block up, or in an image
    /// made around damage.
    Blank,
    /// The block reads as ones without an error, as erased flash does.
    Erased,
}

/// Data that a folder has lost about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Untold {
    /// Its length: the file was never finished.
    Length,
    /// Its long name: only the short name is left, with an extension of three letters.
    Name,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            photos: 12,
            seed: 1,
            bad_sectors: 0,
            bad_blocks: Vec::new(),
            owned: Vec::new(),
            harm: Vec::new(),
            untold: Vec::new(),
            ends_at: None,
            no_medium: false,
            unit_attention: true,
            bytes_per_second: None,
            unplug_after: Vec::new(),
        }
    }
}

/// A virtual card in a reader. Clones are the same card.
#[derive(Clone)]
pub struct PracticeCard(Arc<Inner>);

struct Inner {
    settings: Settings,
    card: Card,
    bad: BTreeSet<u64>,
    bad_later: BTreeSet<u64>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    cable: Stop,
    out: Option<Out>,
    pluggings: u32,
    /// Number of cable faults that have occurred, and of bytes since the last one.
    struck: usize,
    bytes: u64,
    tripped: Vec<String>,
    asked: BTreeMap<u8, u64>,
}

#[derive(Clone, Copy)]
enum Out {
    Until(Instant),
    UntilPluggedIn,
}

impl PracticeCard {
    /// Writes the card.
    pub fn new(settings: Settings) -> Self {
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
        Self(Arc::new(Inner {
            settings,
            card,
            bad,
            bad_later,
            state: Mutex::default(),
        }))
    }

    /// Plugs the card in and returns the computer's end of a link in memory. The link is served until that end is
    /// dropped.
    pub fn link(&self) -> Link {
        let (client, device) = pipe::pair();
        let card = self.clone();
        let stop = self.lock().cable.clone();
        std::thread::spawn(move || scsi::serve(&card, device, &stop));
        Link {
            name: "practice card".into(),
            ..client
        }
    }

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

    /// False while the cable is out.
    pub fn is_plugged(&self) -> bool {
        let mut state = self.lock();
        match state.out {
            Some(Out::Until(end)) if Instant::now() >= end => {
                plug_in(&mut state);
                true
            }
            out => out.is_none(),
        }
    }

    /// Pulls the cable: links made by [`Self::link`] end.
    pub fn unplug(&self) {
        pull(&mut self.lock(), Out::UntilPluggedIn);
    }

    /// Plugs the cable in again.
    pub fn plug_in(&self) {
        plug_in(&mut self.lock());
    }

    /// Number of times the card was plugged in again.
    pub fn pluggings(&self) -> u32 {
        self.lock().pluggings
    }

    /// Number of cable faults that have occurred.
    pub fn struck(&self) -> usize {
        self.lock().struck
    }

    /// Requests that do more than read, in order. Lifeboat promises that the list is empty.
    pub fn tripped(&self) -> Vec<String> {
        self.lock().tripped.clone()
    }

    /// Number of requests for each operation code.
    pub fn asked(&self) -> BTreeMap<u8, u64> {
        self.lock().asked.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, code: u8) {
        *self.lock().asked.entry(code).or_default() += 1;
    }

    fn trip(&self, what: &str) {
        self.lock().tripped.push(what.to_owned());
    }

    fn has_medium(&self) -> bool {
        !self.0.settings.no_medium
    }

    fn tells_of_resets(&self) -> bool {
        self.0.settings.unit_attention
    }

    fn blocks(&self) -> u64 {
        (self.0.card.bytes.len() / SECTOR) as u64
    }

    /// Bytes of a block; `None`: it cannot be read.
    fn block(&self, number: u64) -> Option<&[u8]> {
        let at = usize::try_from(number).ok()?.checked_mul(SECTOR)?;
        let is_bad = self.0.bad.contains(&number)
            || (self.0.bad_later.contains(&number) && self.pluggings() > 0)
            || self.0.settings.ends_at.is_some_and(|end| number >= end);
        self.0.card.bytes.get(at..at + SECTOR).filter(|_| !is_bad)
    }

    /// Waits as long as a transfer of `length` bytes takes.
    fn pace(&self, length: usize) {
        if let Some(rate) = self.0.settings.bytes_per_second.filter(|rate| *rate > 0) {
            std::thread::sleep(Duration::from_secs_f64(length as f64 / rate as f64));
        }
    }

    /// Counts bytes to be sent. If the cable comes out among them, returns the number of bytes sent before that.
    fn charge(&self, length: u64) -> Option<u64> {
        let mut state = self.lock();
        let after = *self.0.settings.unplug_after.get(state.struck)?;
        let before = state.bytes;
        state.bytes += length;
        if state.bytes < after {
            return None;
        }
        (state.struck, state.bytes) = (state.struck + 1, 0);
        pull(&mut state, Out::Until(Instant::now() + OUT_FOR));
        Some(after.saturating_sub(before))
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

fn pull(state: &mut State, out: Out) {
    state.cable.stop();
    state.out = Some(out);
}

fn plug_in(state: &mut State) {
    if state.out.take().is_some() {
        state.cable = Stop::new();
        state.pluggings += 1;
    }
}
