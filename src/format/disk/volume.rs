//! A volume: its names, its folders, and where on the disk its files lie.

use super::clusters::Clusters;
use super::{Disk, ReadError, Stamp, exfat, fat};

/// The most that is read of one folder, in bytes. FAT allows 2 MiB; exFAT 256 MiB, which is far more than any card has
/// been seen with.
const MAX_FOLDER: u64 = 32 << 20;

/// The most stretches that a file may lie in.
pub(super) const MAX_RUNS: usize = 4 << 20;

/// The kind of a volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileSystem {
    Fat12,
    Fat16,
    Fat32,
    ExFat,
}

impl FileSystem {
    pub fn name(self) -> &'static str {
        match self {
            Self::Fat12 => "FAT12",
            Self::Fat16 => "FAT16",
            Self::Fat32 => "FAT32",
            Self::ExFat => "exFAT",
        }
    }
}

/// A volume that was recognised.
#[derive(Debug, Clone)]
pub struct Volume {
    pub file_system: FileSystem,
    /// Given when it was formatted, by the clock of that moment.
    pub serial: u32,
    /// In its boot sector: the one in its root folder is newer, see [`Folder::label`].
    pub label: String,
    /// Where on the disk it begins, in bytes.
    pub at: u64,
    /// What it claims to be long, in bytes.
    pub length: u64,
    pub(super) root: Place,
    pub(super) clusters: Clusters,
}

/// Where the bytes of a file or folder are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// Nowhere: there are none.
    Nowhere,
    /// From this cluster on, as the table of clusters goes on; without a size to the end of the chain.
    Chain(u32, Option<u64>),
    /// From this cluster on, so many bytes, one after another.
    Row(u32, u64),
    /// On the disk itself, from this byte on, so many: the root folder of FAT12 and FAT16.
    Fixed(u64, u64),
}

/// A file or folder, as its directory tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// UTF-8, with the halves of pairs that stand alone as in WTF-8. It may hold anything, `/` included.
    pub name: Vec<u8>,
    pub is_folder: bool,
    /// In bytes.
    pub size: u64,
    /// So many of them were ever written; zeros follow.
    pub written: u64,
    /// When it was last changed, or else made.
    pub modified: Option<Stamp>,
    pub place: Place,
}

/// What is in a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folder {
    pub entries: Vec<Entry>,
    /// The volume's name, which only its root folder tells.
    pub label: Option<String>,
    /// Entries that were deleted and not yet written over.
    pub deleted: u64,
    /// What could not be read of it, each a reason.
    pub faults: Vec<&'static str>,
    /// Its last name ends where a sector does: if there was another, nothing tells of it.
    pub ends_with_sector: bool,
}

impl Folder {
    /// Notes what is wrong with it, once.
    pub(super) fn fault(&mut self, why: &'static str) {
        if !self.faults.contains(&why) {
            self.faults.push(why);
        }
    }
}

/// A stretch of the disk, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    pub at: u64,
    pub length: u64,
}

/// Where the bytes of a file are, from its first on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extents {
    pub runs: Vec<Extent>,
    /// Why not all of them are told.
    pub broken: Option<&'static str>,
}

impl Extents {
    pub(super) fn broken(why: &'static str) -> Self {
        Self {
            runs: Vec::new(),
            broken: Some(why),
        }
    }

    /// Adds a stretch; one that follows on the last makes that one longer.
    pub(super) fn push(&mut self, next: Extent) {
        match self.runs.last_mut() {
            Some(last) if last.at + last.length == next.at => last.length += next.length,
            _ => self.runs.push(next),
        }
    }

    /// True if a part of the disk is in it twice.
    pub(super) fn crosses_itself(&self) -> bool {
        let mut runs: Vec<(u64, u64)> = self.runs.iter().map(|run| (run.at, run.length)).collect();
        runs.sort_unstable();
        let pairs = runs.iter().zip(runs.iter().skip(1));
        let mut overlaps = pairs.map(|((at, length), (next, _))| at + length > *next);
        overlaps.any(|overlaps| overlaps)
    }
}

impl Volume {
    /// Recognises the volume that begins at `at`, in bytes; `None`: there is none that could be read.
    ///
    /// # Errors
    /// Where the disk gives nothing more at all, or the reader was stopped.
    pub fn open(disk: &mut Disk, at: u64) -> Result<Option<Self>, ReadError> {
        if let Some(volume) = exfat::open(disk, at)? {
            return Ok(Some(volume));
        }
        fat::open(disk, at)
    }

    /// The place of its root folder.
    pub fn root(&self) -> Place {
        self.root
    }

    /// What is in a folder.
    ///
    /// # Errors
    /// Where the disk gives nothing more at all, or the reader was stopped. What can't be read of the folder is told in
    /// [`Folder::faults`].
    pub fn list(&mut self, disk: &mut Disk, folder: Place) -> Result<Folder, ReadError> {
        let mut found = Folder::default();
        let extents = self.extents(disk, folder)?;
        let mut bytes = Vec::new();
        for run in &extents.runs {
            let from = bytes.len();
            let length = run.length.min(MAX_FOLDER.saturating_sub(from as u64));
            if length < run.length {
                found.fault("it is longer than is looked at");
            }
            bytes.resize(from.saturating_add(usize::try_from(length).unwrap_or(0)), 0);
            let stretch = bytes.get_mut(from..).unwrap_or_default();
            for gap in disk.read(run.at, stretch)? {
                found.fault("a part of it is damaged");
                // Nothing but a gap: a zero would be the end of the folder.
                let gap = (gap.start - run.at)..(gap.end - run.at);
                let skipped = usize::try_from(gap.start).unwrap_or(usize::MAX);
                let gone = stretch
                    .iter_mut()
                    .skip(skipped)
                    .take((gap.end - gap.start) as usize);
                gone.for_each(|byte| *byte = self.file_system.gap());
            }
        }
        if erased(&mut bytes, self.file_system.gap()) {
            found.fault("a part of it was erased: names follow behind its end");
        }
        if found.faults.is_empty()
            && folder != self.root
            && self.file_system != FileSystem::ExFat
            && !fat::has_beginning(&bytes)
        {
            found.fault("its beginning was erased");
        }
        let end = bytes.chunks(ENTRY).position(is_unused);
        found.ends_with_sector = end.is_some_and(|end| end.is_multiple_of(SECTOR / ENTRY));
        match self.file_system {
            FileSystem::ExFat => exfat::list(&bytes, &mut found),
            _ => fat::list(&bytes, self.file_system, &mut found),
        }
        if let Some(why) = extents.broken {
            found.fault(why);
        }
        Ok(found)
    }

    /// Where the bytes of a file or folder are.
    ///
    /// # Errors
    /// Where the disk gives nothing more at all, or the reader was stopped.
    pub fn extents(&mut self, disk: &mut Disk, place: Place) -> Result<Extents, ReadError> {
        Ok(match place {
            Place::Nowhere => Extents::default(),
            Place::Chain(first, None) => self.clusters.chain(disk, first, None, MAX_FOLDER)?,
            Place::Chain(first, size) => self.clusters.chain(disk, first, size, u64::MAX)?,
            Place::Row(first, size) => self.clusters.in_a_row(first, size),
            Place::Fixed(at, length) => Extents {
                runs: vec![Extent { at, length }],
                broken: None,
            },
        })
    }

    /// How many bytes of a FAT volume are in use that lie in none of these files and folders: what a folder lost, or what
    /// was never finished. An exFAT volume's table does not tell.
    ///
    /// # Errors
    /// Where the disk gives nothing more at all, or the reader was stopped.
    pub fn unnamed(&mut self, disk: &mut Disk, named: &[Place]) -> Result<u64, ReadError> {
        if self.file_system == FileSystem::ExFat {
            return Ok(0);
        }
        let mut runs = Vec::new();
        for place in named.iter().copied().chain([self.root]) {
            // All of a chain: a file may have been given more room than it came to need.
            if let Place::Chain(first, _) = place {
                runs.append(&mut self.clusters.chain(disk, first, None, u64::MAX)?.runs);
            }
        }
        Ok(self.clusters.unnamed(disk, &runs)? * self.clusters.size)
    }

    /// True if what lies in this stretch of the disk was read elsewhere: the boot sector has a second copy, and so has the
    /// table of clusters.
    pub fn has_twice(&self, disk: &Disk, stretch: &std::ops::Range<u64>) -> bool {
        let is_within = |at: u64, length: u64| at <= stretch.start && stretch.end <= at + length;
        let Clusters {
            table,
            copy,
            table_length,
            ..
        } = self.clusters;
        let is_read = |from: u64, to: u64| {
            let (start, end) = (stretch.start - from + to, stretch.end - from + to);
            !disk.bad().any(|bad| bad.start < end && start < bad.end)
        };
        let by_copy = copy.is_some_and(|copy| {
            (is_within(table, table_length) && is_read(table, copy))
                || (is_within(copy, table_length) && is_read(copy, table))
        });
        by_copy || is_within(self.at, disk.block())
    }

    /// Where on the disk it claims to end, in bytes.
    pub fn end(&self) -> u64 {
        self.at.saturating_add(self.length)
    }

    /// Bytes that the disk lacks of what the volume claims to be: an image that was cut off, or a card that claims to
    /// be larger than it is.
    pub fn beyond(&self, disk: &Disk) -> u64 {
        self.end().saturating_sub(disk.size())
    }
}

/// Bytes of a directory entry, and of the least part of a disk that is lost at a time.
const ENTRY: usize = 32;
const SECTOR: usize = 512;

fn is_unused(entry: &[u8]) -> bool {
    entry.first() == Some(&0)
}

/// Behind the first entry that was never used no other sector of a folder has any (FAT: General Overview of On-Disk
/// Format 1.03, "FAT Directory Structure"; exFAT file system specification, 6.2.1). True if one has: zeros stand for
/// what was lost, as in an image that was made around damage. They are filled with `gap`.
fn erased(bytes: &mut [u8], gap: u8) -> bool {
    let Some(end) = bytes.chunks(ENTRY).position(is_unused) else {
        return false;
    };
    let next_sector = (end * ENTRY / SECTOR + 1) * SECTOR / ENTRY;
    let is_used = |entry: &[u8]| !is_unused(entry) && entry.iter().any(|byte| *byte != gap);
    let Some(last) = bytes
        .chunks(ENTRY)
        .rposition(is_used)
        .filter(|last| *last >= next_sector)
    else {
        return false;
    };
    let unused = bytes.chunks_mut(ENTRY).take(last);
    unused
        .filter(|entry| is_unused(entry))
        .for_each(|entry| entry.fill(gap));
    true
}

impl FileSystem {
    /// A byte that makes what can't be read of a folder look like deleted entries.
    fn gap(self) -> u8 {
        match self {
            Self::ExFat => exfat::DELETED,
            _ => fat::DELETED,
        }
    }
}
