//! Which files lie on a card.

use std::collections::{HashMap, HashSet};

use chrono::{Local, TimeDelta, TimeZone};

use super::{Lying, MemoryCard, serial};
use crate::format::disk::{Entry, Place, Stamp};
use crate::handset::files_only::Listing;
use crate::handset::owner_files::{MAX_DEPTH, MAX_FILES, MAX_NAMES, below, kind_of, owners};
use crate::handset::{HandsetError, Lacking};
use crate::model::{HandsetFile, HandsetPath};

/// A folder that is to be looked into.
struct Waiting {
    path: HandsetPath,
    place: Place,
    depth: usize,
}

/// What the folders of all volumes come to.
struct Walk {
    listing: Listing,
    /// The paths that are taken, and the last number that was given to one of each.
    taken: HashMap<HandsetPath, u64>,
    deleted: u64,
    /// A time without a zone was taken as one of this computer's.
    zoneless: bool,
    /// Where everything lies that the folders of this volume name.
    named: Vec<Place>,
    /// Folders of it that may have lost their ends.
    doubtful: Vec<HandsetPath>,
}

impl MemoryCard {
    /// Lists the owner's files on all volumes.
    pub(super) fn list_all(&mut self) -> Result<Listing, HandsetError> {
        self.lying.clear();
        self.last = None;
        let mut walk = Walk {
            listing: Listing {
                lacking: Lacking::of("folders", "looked at"),
                ..Listing::default()
            },
            taken: HashMap::new(),
            deleted: 0,
            zoneless: false,
            named: Vec::new(),
            doubtful: Vec::new(),
        };
        if self.volumes.is_empty() {
            walk.listing.unreadable = Some(self.no_volume());
            return Ok(walk.listing);
        }
        for number in 0..self.volumes.len() {
            self.walk(number, &mut walk)?;
        }
        let mut listing = walk.listing;
        listing.notes.append(&mut self.faults.clone());
        if walk.zoneless {
            listing.notes.push(format!(
                "The card keeps times without a time zone: they were taken as times of this computer's zone ({}).",
                Local::now().format("%:z")
            ));
        }
        if walk.deleted > 0 {
            listing.notes.push(format!(
                "{} deleted entries are still in the card's folders, and were not read. As long as nothing is written to \
                 the card, programs that recover deleted photos may still find some.",
                walk.deleted
            ));
        }
        Ok(listing)
    }

    /// What is to be said of a card without a volume that could be read.
    fn no_volume(&self) -> String {
        let damage = self.damage(false).join(" ");
        let encrypted = self
            .unknown
            .iter()
            .any(|part| part.kind.starts_with("android_"));
        let why = match (encrypted, damage.is_empty()) {
            (true, _) => {
                "The card was made a part of one phone's own storage (adopted) and is encrypted: only that phone can read \
                 it. Put it back into the phone, and read it there."
            }
            (false, true) => {
                "No FAT or exFAT volume is on it. Don't let any program format it: put it back into the phone and look \
                 whether the phone shows its pictures."
            }
            (false, false) => {
                "Its volume can't be found, since the card is damaged. Try it in another reader."
            }
        };
        format!("{why} {damage}").trim_end().to_owned()
    }

    fn walk(&mut self, number: usize, walk: &mut Walk) -> Result<(), HandsetError> {
        let Some(volume) = self.volumes.get(number) else {
            return Ok(());
        };
        // With several volumes, each is a folder of its own, called by its number.
        let name = match (self.volumes.len(), serial(volume)) {
            (1, _) => HandsetPath::default(),
            (_, serial) if serial.is_empty() => {
                HandsetPath(format!("volume {}", number + 1).into_bytes())
            }
            (_, serial) => HandsetPath(serial.into_bytes()),
        };
        let mut seen = HashSet::new();
        let mut waiting = vec![Waiting {
            path: walk.free_path(name),
            place: volume.root(),
            depth: 0,
        }];
        let kind = volume.file_system.name();
        self.ask(format!("list the folders of the {kind} volume"));
        while let Some(folder) = waiting.pop() {
            if self.stop.is_stopped() {
                return Err(HandsetError::Stopped);
            }
            if !seen.insert(begin(folder.place)) {
                walk.listing
                    .lacking
                    .add(&folder.path, "it is listed twice, or lies in itself");
                continue;
            }
            self.look_into(number, &folder, &mut waiting, walk)?;
        }
        self.hold_against_table(number, walk)
    }

    /// Holds what the folders of a volume name against what its table says is in use.
    fn hold_against_table(&mut self, number: usize, walk: &mut Walk) -> Result<(), HandsetError> {
        let named = std::mem::take(&mut walk.named);
        let doubtful = std::mem::take(&mut walk.doubtful);
        let Some(volume) = self.volumes.get_mut(number) else {
            return Ok(());
        };
        let bytes = volume.unnamed(&mut self.disk, &named)?;
        if bytes == 0 || !walk.listing.lacking.sentences().is_empty() {
            return Ok(());
        }
        let what = format!(
            "{bytes} bytes of the card are in use, and none of its folders names what lies there"
        );
        // A folder that was erased from some sector on ends where that begins.
        for folder in &doubtful {
            let why = format!("it may have lost its end, since {what}");
            walk.listing.lacking.add(folder, &why);
        }
        if doubtful.is_empty() {
            walk.listing.notes.push(format!(
                "{what}: mostly what a phone or camera did not finish. Programs that recover deleted photos may find more."
            ));
        }
        Ok(())
    }

    fn look_into(
        &mut self,
        number: usize,
        folder: &Waiting,
        waiting: &mut Vec<Waiting>,
        walk: &mut Walk,
    ) -> Result<(), HandsetError> {
        let Some(volume) = self.volumes.get_mut(number) else {
            return Ok(());
        };
        let found = volume.list(&mut self.disk, folder.place)?;
        walk.deleted += found.deleted;
        let shown = match folder.path.0.is_empty() {
            true => HandsetPath(b"the card's first folder".to_vec()),
            false => folder.path.clone(),
        };
        if found.ends_with_sector {
            walk.doubtful.push(shown.clone());
        }
        for why in found.faults {
            walk.listing.lacking.add(&shown, why);
        }
        if found.entries.len() > MAX_NAMES {
            let why = format!("it holds more than {MAX_NAMES} names");
            walk.listing.lacking.add(&shown, &why);
        }
        for entry in found.entries.into_iter().take(MAX_NAMES) {
            walk.named.push(entry.place);
            if !entry.is_folder && kind_of(&entry.name).is_none() {
                continue;
            }
            if walk.taken.len() >= MAX_FILES {
                walk.listing.lacking.add(&shown, "there are too many files");
                break;
            }
            let path = walk.free_path(below(&folder.path, &plain(&entry.name)));
            if !entry.is_folder {
                self.note(number, path, &entry, walk);
            } else if folder.depth >= MAX_DEPTH {
                walk.listing.lacking.add(&path, "it lies too deep");
            } else if entry.place != Place::Nowhere {
                waiting.push(Waiting {
                    path,
                    place: entry.place,
                    depth: folder.depth + 1,
                });
            }
        }
        Ok(())
    }

    /// Notes a file, if it is one of the owner's.
    fn note(&mut self, volume: usize, path: HandsetPath, entry: &Entry, walk: &mut Walk) {
        let modified = entry.modified.map_or(0, seconds);
        let file = owners(HandsetFile {
            relative: path.clone(),
            path,
            size: entry.size,
            exact: true,
            modified,
            ..HandsetFile::default()
        });
        let Some(file) = file else {
            return;
        };
        walk.zoneless |= entry.modified.is_some_and(|stamp| stamp.offset.is_none());
        let lying = Lying {
            volume,
            place: entry.place,
            written: entry.written,
        };
        self.lying.insert(file.path.clone(), lying);
        walk.listing.files.push(file);
    }
}

impl Walk {
    /// A path that no other file or folder of the card has: damaged folders may hold a name twice.
    fn free_path(&mut self, path: HandsetPath) -> HandsetPath {
        let mut number = self.taken.get(&path).copied().unwrap_or(1);
        let mut free = path.clone();
        while self.taken.contains_key(&free) {
            number += 1;
            let at = path.0.iter().rposition(|byte| *byte == b'.');
            let (stem, ending) = path.0.split_at(at.unwrap_or(path.0.len()));
            free = HandsetPath([stem, format!(" ({number})").as_bytes(), ending].concat());
        }
        self.taken.insert(free.clone(), 1);
        self.taken.insert(path, number);
        free
    }
}

/// A name without what would make it a path.
fn plain(name: &[u8]) -> Vec<u8> {
    let plain = |byte: &u8| {
        if matches!(byte, b'/' | 0) {
            b'_'
        } else {
            *byte
        }
    };
    name.iter().map(plain).collect()
}

/// Where a folder begins: its name for those that lie in themselves.
fn begin(place: Place) -> (u64, bool) {
    match place {
        Place::Nowhere => (0, false),
        Place::Chain(first, _) | Place::Row(first, _) => (u64::from(first), false),
        Place::Fixed(at, _) => (at, true),
    }
}

/// Seconds since 1970. A time without a zone is one of this computer's: whoever brings a card has mostly used it here.
fn seconds(stamp: Stamp) -> i64 {
    match stamp.offset {
        Some(minutes) => stamp.local.and_utc().timestamp() - i64::from(minutes) * 60,
        None => {
            let local = |time| Local.from_local_datetime(&time).earliest();
            // An hour that was skipped when summer time began: as the clock before it would have counted on.
            let skipped =
                || local(stamp.local - TimeDelta::hours(1)).map(|time| time + TimeDelta::hours(1));
            let time = local(stamp.local).or_else(skipped);
            time.map_or_else(
                || stamp.local.and_utc().timestamp(),
                |time| time.timestamp(),
            )
        }
    }
}
