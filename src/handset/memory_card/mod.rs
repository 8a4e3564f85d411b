//! A memory card, in a reader, in a phone that appears as a USB drive, or as an image file: the owner's files on all of
//! its volumes.

mod copying;
mod family;
mod image;
mod listing;
mod map;
mod nature;
mod unnamed;
mod usb;

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::ops::Range;

use chrono::{SecondsFormat, Utc};

use crate::format::disk::{Disk, Extents, Foreign, Part, Place, ReadError, Volume, find};
use crate::handset::files_only::{FileSource, Listing};
use crate::handset::{HandsetError, Lacking};
use crate::model::{
    Asked, Collection, Findings, HandsetFile, HandsetPath, Holding, Identity, ResetKind, ResetLine,
    Stop, size,
};
use crate::phrase;
use crate::reset;

pub use family::CardFamily;
pub use image::{ImageError, ON_WINDOWS, open as open_image};
pub use usb::open as open_usb;

/// The device or image that a card is read from, as it describes itself.
#[derive(Debug, Clone, Default)]
pub struct Reader {
    /// As the reader or the phone reports it; empty for an image.
    pub make: String,
    pub model: String,
    /// How the card is read, such as `USB mass storage (USB 1-4)`.
    pub approach: String,
    /// The traces of reading, each a sentence.
    pub traces: Vec<String>,
}

/// A memory card.
pub struct MemoryCard {
    identity: Identity,
    disk: Disk,
    volumes: Vec<Volume>,
    /// Partitions that can't be read.
    unknown: Vec<Part>,
    /// What is wrong with the card, each a sentence.
    faults: Vec<String>,
    /// Volumes that the card or image does not contain to their ends, each a sentence.
    cut: Vec<String>,
    /// Data that may also be on the card and was not found, each a sentence.
    missing: Vec<String>,
    traces: Vec<String>,
    /// The card is an image, and parts of it were never read from the card.
    has_holes: bool,
    /// Where each listed file lies.
    lying: HashMap<HandsetPath, Lying>,
    /// A file that begins with only zeros or only ones, and the length of that beginning in bytes.
    erased: Option<(HandsetPath, u64)>,
    /// The extents of the file that was read last.
    last: Option<(HandsetPath, Extents)>,
    /// The extents of all files that were read: by the beginning of each, its end and its file.
    read: BTreeMap<u64, (u64, HandsetPath)>,
    /// Files that claim the same part of the card as another file.
    shared: Lacking,
    /// Files of which everything known is copied, but which may be incomplete.
    doubts: Lacking,
    asked: Vec<Asked>,
    stop: Stop,
}

/// Where a file lies: the index of its volume, its place there, and the number of bytes that were ever written to it.
#[derive(Debug, Clone, Copy)]
struct Lying {
    volume: usize,
    place: Place,
    written: u64,
}

/// Free bytes after a volume that leave no room for another one: partitions are rounded to such sizes.
const ROOM: u64 = 16 << 20;

/// Maximum number of damaged stretches that are named one by one.
const MOST_NAMED: usize = 20;

impl MemoryCard {
    /// Opens a card, and finds its volumes.
    ///
    /// # Errors
    /// If nothing can be read from the disk any more, or the rescue is stopped.
    pub fn open(mut disk: Disk, reader: Reader, stop: &Stop) -> Result<Self, HandsetError> {
        let found = find(&mut disk)?;
        let (mut faults, mut cut) = (found.faults, Vec::new());
        let mut volumes = found.volumes;
        for volume in &mut volumes {
            let root = volume.root();
            if let Some(label) = volume.list(&mut disk, root)?.label {
                volume.label = label;
            }
            let beyond = volume.beyond(&disk);
            if beyond > 0 {
                faults.push(phrase!(
                    "The {} volume claims {beyond} bytes more than the card or image has. Those bytes can't be \
                     read.",
                    volume.file_system.name()
                ));
                cut.push(phrase!(
                    "The last {} of the {} volume: the card or image ends before them. If you have the card, make a \
                     complete image of it.",
                    size(beyond),
                    volume.file_system.name()
                ));
            }
        }
        Ok(Self {
            identity: identity(&volumes, &disk, &reader),
            disk,
            volumes,
            unknown: found.unknown,
            faults,
            cut,
            missing: found.missing,
            traces: reader.traces,
            has_holes: false,
            lying: HashMap::new(),
            erased: None,
            last: None,
            read: BTreeMap::new(),
            shared: Lacking::of(phrase("files"), phrase("confirmed as intact")),
            doubts: doubts(),
            asked: Vec::new(),
            stop: stop.clone(),
        })
    }

    /// Adds a remark about the card, a sentence.
    pub fn remark(&mut self, sentence: Option<String>) {
        self.faults.extend(sentence);
    }

    /// Records a request for the log.
    fn ask(&mut self, what: String) {
        self.asked.push(Asked {
            at: Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true),
            what,
        });
    }

    /// True if the volume that was found leaves no room for another one, so that a partition table could add nothing.
    fn is_all_found(&self) -> bool {
        let end = self.volumes.iter().map(Volume::end).max();
        let is_only = self.volumes.len() == 1 && self.unknown.is_empty() && self.missing.is_empty();
        is_only && end.is_some_and(|end| end.saturating_add(ROOM) >= self.disk.size())
    }

    /// Returns the damaged stretches of the card, in sentences: if `is_made_good`, those that a second copy replaces or
    /// that held nothing of importance, otherwise the others.
    fn damage(&self, is_made_good: bool) -> Vec<String> {
        let block = self.disk.block();
        let is_told = |bad: &Range<u64>| {
            let mut volumes = self.volumes.iter();
            let is_twice = volumes.any(|volume| volume.has_twice(&self.disk, bad));
            (is_twice || (bad.end <= block && self.is_all_found())) == is_made_good
        };
        let bad: Vec<Range<u64>> = self.disk.bad().filter(is_told).collect();
        let all: Vec<String> = bad
            .iter()
            .map(|bad| match (bad.start / block, bad.end / block - 1) {
                (first, last) if first == last => first.to_string(),
                (first, last) => format!("{first}–{last}"),
            })
            .collect();
        let bytes: u64 = bad.iter().map(|bad| bad.end - bad.start).sum();
        let Some(named) = all
            .get(..all.len().min(MOST_NAMED))
            .filter(|all| !all.is_empty())
        else {
            return Vec::new();
        };
        let more = match all.len() - named.len() {
            0 => String::new(),
            more => phrase!(", and {more} more areas"),
        };
        let good = match is_made_good {
            true => phrase(" Nothing else was lost: Lifeboat did not need the information there."),
            false => "",
        };
        let how = match self.has_holes {
            true => phrase("including holes in the image"),
            false => phrase("after three tries for each block"),
        };
        vec![phrase!(
            "The card is damaged: {bytes} bytes could not be read, {how} (blocks of {block} bytes: \
             {}{more}).{good} The card is failing. Copy it now and stop using it.",
            named.join(", ")
        )]
    }
}

fn doubts() -> Lacking {
    Lacking::of(phrase("files"), phrase("confirmed as complete"))
}

/// Identifies a card by its volume's label and serial number; the reader gives make and model.
fn identity(volumes: &[Volume], disk: &Disk, reader: &Reader) -> Identity {
    let first = volumes.first();
    let label = first
        .map(|volume| volume.label.clone())
        .filter(|label| !label.is_empty());
    let model = match (reader.model.is_empty(), label) {
        (true, label) => label.unwrap_or_else(|| phrase("Memory card").into()),
        (false, Some(label)) => format!("{} {label}", reader.model),
        (false, None) => reader.model.clone(),
    };
    let system = first.map_or(phrase("no volume"), |volume| volume.file_system.name());
    Identity {
        make: reader.make.clone(),
        model,
        serial: first.map(serial).unwrap_or_default(),
        system: format!("{system}, {}", size(disk.size())),
        approach: reader.approach.clone(),
        is_backup: false,
    }
}

/// Returns a volume's serial number, as systems show it; empty if it has none.
fn serial(volume: &Volume) -> String {
    match volume.serial {
        0 => String::new(),
        serial => format!("{:04X}-{:04X}", serial >> 16, serial & 0xffff),
    }
}

impl FileSource for MemoryCard {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn list(&mut self, found: &mut dyn FnMut(HandsetFile)) -> Result<Listing, HandsetError> {
        self.list_all(found)
    }

    fn fetch(
        &mut self,
        file: &HandsetFile,
        from: u64,
        sink: &mut dyn Write,
    ) -> Result<Option<HandsetFile>, HandsetError> {
        self.copy(file, from, sink)
    }

    fn is_in_use(&self) -> bool {
        false
    }

    fn findings(&mut self) -> Findings {
        let shared = self.shared.sentences();
        let doubts = self.doubts.sentences();
        Findings {
            missing: self
                .missing
                .iter()
                .cloned()
                .chain(self.damage(false))
                .chain(shared)
                .chain(doubts)
                .collect(),
            notes: self.damage(true),
            ..Findings::default()
        }
    }

    /// A card has no such collections: exported lists are among its files.
    fn lacks(&self, _: Collection) -> Option<Holding> {
        None
    }

    fn not_covered(&self) -> Vec<ResetLine> {
        let parts = self.unknown.iter().map(|part| {
            let what = part
                .holds
                .map_or(phrase("no FAT or exFAT volume"), Foreign::name);
            phrase!(
                "Data on partition {} of the card ({}, {}): the partition contains {what}.",
                part.number,
                part.kind,
                size(part.length)
            )
        });
        let phone =
            phrase("Data on the phone itself: this was its memory card, or a copy of the card.")
                .to_owned();
        let other = phrase("Other kinds of files on the card: apps and their data.").to_owned();
        let cut = self.cut.iter().cloned();
        let texts = cut.chain([phone, other]).chain(parts).enumerate();
        let line = |(number, text)| {
            let id = format!("card {number}");
            reset::line(ResetKind::NotRead, id, reset::rank::NOT_READ, text, "")
        };
        texts.map(line).collect()
    }

    fn asked(&mut self) -> Vec<Asked> {
        std::mem::take(&mut self.asked)
    }

    fn traces(&self) -> Vec<String> {
        self.traces.clone()
    }
}

impl From<ReadError> for HandsetError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Ended { what, advice } => Self::Lost { what, advice },
            ReadError::Stopped => Self::Stopped,
            ReadError::Unreadable(what) => Self::Protocol {
                what,
                advice: phrase("Try the card in another reader.").into(),
            },
        }
    }
}
