//! Lists the files on a card.

use std::collections::{HashMap, HashSet};

use super::nature::Nature;
use super::{Lying, MemoryCard, doubts, serial};
use crate::format::disk::{Entry, Foreign, Place, Stamp, Volume};
use crate::handset::files_only::Listing;
use crate::handset::owner_files::{MAX_DEPTH, MAX_FILES, MAX_NAMES, below, of_kind};
use crate::handset::{HandsetError, Lacking};
use crate::model::{HandsetFile, HandsetPath};
use crate::phrase;

/// A folder that is still to be listed.
pub(super) struct Waiting {
    pub path: HandsetPath,
    pub place: Place,
    pub depth: usize,
}

/// Where the listed folders of a volume begin.
pub(super) type Seen = HashSet<(u64, bool)>;

/// The result of listing the folders of all volumes.
pub(super) struct Walk {
    pub listing: Listing,
    pub files: Vec<HandsetFile>,
    /// The paths in use, and the last number that was given to a duplicate of each.
    pub taken: HashMap<HandsetPath, u64>,
    pub deleted: u64,
    /// A time without a time zone was taken for UTC.
    pub zoneless: bool,
    /// The places of all that the folders of this volume name; for the owner's files, also their paths and lengths.
    pub named: Vec<(Place, Option<(HandsetPath, u64)>)>,
    /// Files of this volume that have a place and no length, with the folders that they lie in.
    pub without_length: Vec<(HandsetPath, Entry)>,
    /// The place of the volume's allocation bitmap.
    pub bitmap: Option<Place>,
    /// Folders of this volume that may have lost their ends.
    pub doubtful: Vec<HandsetPath>,
}

impl MemoryCard {
    /// Lists the owner's files on all volumes.
    pub(super) fn list_all(
        &mut self,
        found: &mut dyn FnMut(HandsetFile),
    ) -> Result<Listing, HandsetError> {
        self.lying.clear();
        self.last = None;
        self.doubts = doubts();
        let mut walk = Walk {
            listing: Listing {
                lacking: Lacking::of(phrase("folders"), phrase("fully listed")),
                ..Listing::default()
            },
            files: Vec::new(),
            taken: HashMap::new(),
            deleted: 0,
            zoneless: false,
            named: Vec::new(),
            without_length: Vec::new(),
            bitmap: None,
            doubtful: Vec::new(),
        };
        if self.volumes.is_empty() {
            walk.listing.unreadable = Some(self.no_volume());
            return Ok(walk.listing);
        }
        for number in 0..self.volumes.len() {
            self.walk(number, &mut walk)?;
        }
        walk.files.into_iter().for_each(found);
        let mut listing = walk.listing;
        listing.notes.append(&mut self.faults.clone());
        if walk.zoneless {
            listing.notes.push(
                phrase(
                    "The card stores times without a time zone. Lifeboat treats them as UTC, so they are the same on \
                     every computer.",
                ).into(),
            );
        }
        if walk.deleted > 0 {
            listing.notes.push(phrase!(
                "The card's folders still contain {} deleted entries. They were not read. A program that \
                 recovers deleted photos may find some of them, as long as nothing is written to the card.",
                walk.deleted
            ));
        }
        Ok(listing)
    }

    /// Returns what to say of a card without a readable volume.
    fn no_volume(&self) -> String {
        if let Some(what) = self.unknown.iter().find_map(|part| part.holds) {
            return holds_another(what);
        }
        let damage = self.damage(false).join(" ");
        let encrypted = self
            .unknown
            .iter()
            .any(|part| part.kind.starts_with("android_"));
        let why = match (encrypted, damage.is_empty()) {
            (true, _) => phrase(
                "The card was set up as part of one phone's own storage (adopted) and is encrypted. Only that \
                 phone can read it. Put the card back into the phone, and read it there.",
            ),
            (false, true) => phrase(
                "The card has no FAT or exFAT volume. Don't let any program format the card. Put it back into \
                 the phone, and check whether the phone shows its pictures.",
            ),
            (false, false) => phrase(
                "The card's volume can't be found, because the card is damaged. Try the card in another reader.",
            ),
        };
        format!("{why} {damage}").trim_end().to_owned()
    }

    fn walk(&mut self, number: usize, walk: &mut Walk) -> Result<(), HandsetError> {
        let Some(volume) = self.volumes.get(number) else {
            return Ok(());
        };
        // If there are several volumes, each becomes a folder, named after its serial number or its index.
        let name = match (self.volumes.len(), serial(volume)) {
            (1, _) => HandsetPath::default(),
            (_, serial) if serial.is_empty() => {
                HandsetPath(phrase!("volume {}", number + 1).into_bytes())
            }
            (_, serial) => HandsetPath(serial.into_bytes()),
        };
        let waiting = vec![Waiting {
            path: walk.free_path(name),
            place: volume.root(),
            depth: 0,
        }];
        let kind = volume.file_system.name();
        self.ask(phrase!("list the folders of the {kind} volume"));
        let mut seen = HashSet::new();
        self.look_into_all(number, waiting, &mut seen, walk)?;
        self.hold_against_table(number, &mut seen, walk)
    }

    /// Lists folders, and everything below them.
    pub(super) fn look_into_all(
        &mut self,
        number: usize,
        mut waiting: Vec<Waiting>,
        seen: &mut Seen,
        walk: &mut Walk,
    ) -> Result<(), HandsetError> {
        while let Some(folder) = waiting.pop() {
            if self.stop.is_stopped() {
                return Err(HandsetError::Stopped);
            }
            if !seen.insert(begin(folder.place)) {
                walk.listing.lacking.add(
                    &folder.path,
                    phrase("the folder is listed twice, or it is inside itself"),
                );
                continue;
            }
            self.look_into(number, &folder, &mut waiting, walk)?;
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
        walk.bitmap = walk.bitmap.or(found.bitmap);
        walk.named
            .extend(found.system.into_iter().map(|place| (place, None)));
        let shown = match folder.path.0.is_empty() {
            true => HandsetPath(b"the card's top folder".to_vec()),
            false => folder.path.clone(),
        };
        if found.may_go_on {
            walk.doubtful.push(shown.clone());
        }
        for why in found.faults {
            walk.listing.lacking.add(&shown, why);
        }
        let count = found.entries.len();
        if count > MAX_NAMES {
            let why = phrase!(
                "the folder has {} entries more than Lifeboat reads",
                count - MAX_NAMES
            );
            walk.listing.lacking.add(&shown, &why);
        }
        for (place, entry) in found.entries.into_iter().take(MAX_NAMES).enumerate() {
            if walk.taken.len() >= MAX_FILES {
                let left = count.min(MAX_NAMES) - place;
                let why = phrase!(
                    "the card has too many files: {left} entries of this folder were left out"
                );
                walk.listing.lacking.add(&shown, &why);
                break;
            }
            if !entry.is_folder {
                self.file(number, &folder.path, entry, walk)?;
                continue;
            }
            walk.named.push((entry.place, None));
            let path = walk.free_path(below(&folder.path, &plain(&entry.name)));
            if folder.depth >= MAX_DEPTH {
                walk.listing
                    .lacking
                    .add(&path, phrase("the folder is nested too deeply"));
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

    /// Adds a file to the list, if it is one of the owner's.
    fn file(
        &mut self,
        number: usize,
        folder: &HandsetPath,
        mut entry: Entry,
        walk: &mut Walk,
    ) -> Result<(), HandsetError> {
        if entry.size == 0 && entry.place != Place::Nowhere {
            // Its extent is known only when all other files are known.
            walk.without_length.push((folder.clone(), entry));
            return Ok(());
        }
        let name = plain(&entry.name);
        let Some(nature) = self.nature(number, &below(folder, &name), &entry, walk)? else {
            walk.named.push((entry.place, None));
            return Ok(());
        };
        let path = walk.free_path(below(folder, &name));
        walk.named
            .push((entry.place, Some((path.clone(), entry.size))));
        let room = self.volumes.get(number).map_or(0, Volume::capacity);
        if entry.size > room {
            let why = phrase!(
                "its listed size is {} bytes, more than the card can hold",
                entry.size
            );
            self.doubts.add(&path, &why);
            (entry.size, entry.written) = (room, entry.written.min(room));
        } else if entry.written == 0 && entry.size > 0 {
            self.doubts.add(
                &path,
                phrase("according to its folder, nothing was ever written to it"),
            );
        }
        self.note(number, path, &entry, nature, walk);
        Ok(())
    }

    /// Adds one of the owner's files to the list.
    pub(super) fn note(
        &mut self,
        volume: usize,
        path: HandsetPath,
        entry: &Entry,
        nature: Nature,
        walk: &mut Walk,
    ) {
        let relative = match nature.ending {
            "" => path.clone(),
            // With this extension, programs can open the copy.
            ending => HandsetPath([path.0.as_slice(), b".", ending.as_bytes()].concat()),
        };
        let file = HandsetFile {
            relative,
            path,
            size: entry.size,
            exact: true,
            modified: entry.modified.map_or(0, seconds),
            ..HandsetFile::default()
        };
        walk.zoneless |= entry.modified.is_some_and(|stamp| stamp.offset.is_none());
        let lying = Lying {
            volume,
            place: entry.place,
            written: entry.written,
        };
        self.lying.insert(file.path.clone(), lying);
        walk.files.push(of_kind(file, nature.kind));
    }
}

impl Walk {
    /// Returns a path that no other file or folder of the card has: damaged folders may contain a name twice.
    pub fn free_path(&mut self, path: HandsetPath) -> HandsetPath {
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

/// Returns what to say of a card that holds something else.
fn holds_another(what: Foreign) -> String {
    let name = what.name();
    match what {
        Foreign::Volume(_) => phrase!(
            "It contains {name}, not a FAT or exFAT volume. Lifeboat can't read it. Don't let any program format \
             it. Read it with a computer or phone that can, and copy the files from there."
        ),
        Foreign::Packed(_) => phrase!(
            "The file is not a plain image of a card: it is packed or wrapped by {name}. Unpack it first, then \
             rescue the unpacked file."
        ),
    }
}

/// Returns a name without the characters that would make it a path.
pub(super) fn plain(name: &[u8]) -> Vec<u8> {
    let plain = |byte: &u8| {
        if matches!(byte, b'/' | 0) {
            b'_'
        } else {
            *byte
        }
    };
    name.iter().map(plain).collect()
}

/// Returns where a folder begins. This identifies a folder, so that a folder that lies in itself is noticed.
fn begin(place: Place) -> (u64, bool) {
    match place {
        Place::Nowhere => (0, false),
        Place::Chain(first, _) | Place::Row(first, _) => (u64::from(first), false),
        Place::Fixed(at, _) => (at, true),
    }
}

/// Converts a timestamp to seconds since 1970. FAT stores a local time without its zone. It is taken for UTC, so that a
/// file has the same time on every computer, whatever the computer's zone. exFAT may store the zone, which is then
/// used.
fn seconds(stamp: Stamp) -> i64 {
    let offset = stamp.offset.unwrap_or_default();
    stamp.local.and_utc().timestamp() - i64::from(offset) * 60
}
