//! A volume: its names, its folders, and where on the disk its files lie.

use std::collections::HashSet;

use super::clusters::{Claim, Claims, Clusters, FIRST};
use super::{Disk, ReadError, Stamp, exfat, fat, folder, foreign};

/// The most that is read of one folder, in bytes. FAT allows 2 MiB; exFAT 256 MiB, which is far more than any card has
/// been seen with.
const MAX_FOLDER: u64 = 32 << 20;

/// So many bytes of a cluster tell whether a folder begins there: an entry of exFAT with those that belong to it.
const LOOKED_AT: u64 = 1024;

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
    /// What lies on the volume for itself, of which the root folder of exFAT tells.
    pub system: Vec<Place>,
    /// Where exFAT notes which clusters are in use: one of those.
    pub bitmap: Option<Place>,
    /// The reasons why parts of the volume could not be read.
    pub faults: Vec<&'static str>,
    /// Its last name ends where a sector does, so that nothing tells if there was another; or entries stand behind its end.
    pub may_go_on: bool,
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

    /// In bytes.
    pub fn length(&self) -> u64 {
        self.runs.iter().map(|run| run.length).sum()
    }

    /// Keeps so many of its first bytes.
    pub(super) fn cut(&mut self, length: u64) {
        let mut left = length;
        self.runs.retain_mut(|run| {
            run.length = run.length.min(left);
            left -= run.length;
            run.length > 0
        });
    }
}

impl Volume {
    /// Recognises the volume that begins at `at`, in bytes; `None`: there is none that could be read. Where its first
    /// sector is lost, a second one tells of it.
    ///
    /// # Errors
    /// Where the disk gives nothing more at all, or the reader was stopped.
    pub fn open(disk: &mut Disk, at: u64) -> Result<Option<Self>, ReadError> {
        if let Some(volume) = Self::open_by_first(disk, at)? {
            return Ok(Some(volume));
        }
        if foreign::is_boot_sector(disk, at)? {
            return Ok(None);
        }
        // Counted in the disk's own blocks, or in those that it had when an image was made of it.
        let mut units = vec![disk.block(), 512, 4096];
        units.dedup();
        for unit in units {
            for open in [exfat::open_by_second, fat::open_by_second] {
                if let Some(volume) = open(disk, at, unit)?
                    && volume.clusters.begin_where_they_should(disk)?
                {
                    return Ok(Some(volume));
                }
            }
        }
        Ok(None)
    }

    /// The same, by its first sector alone: what an earlier volume left behind that does not count.
    ///
    /// # Errors
    /// Likewise.
    pub fn open_by_first(disk: &mut Disk, at: u64) -> Result<Option<Self>, ReadError> {
        match exfat::open(disk, at)? {
            None => fat::open(disk, at),
            volume => Ok(volume),
        }
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
        let mut extents = self.extents(disk, folder)?;
        if let Place::Chain(first, _) | Place::Row(first, _) = folder {
            self.clusters.own(first, &mut extents);
        }
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
        let gap = self.file_system.gap();
        let is_entry = match self.file_system {
            FileSystem::ExFat => exfat::is_entry,
            _ => fat::is_entry,
        };
        if folder::mend(&mut bytes, gap, !found.faults.is_empty(), is_entry) {
            found.fault("a part of it was erased");
        }
        if found.faults.is_empty()
            && folder != self.root
            && self.file_system != FileSystem::ExFat
            && !fat::has_beginning(&bytes)
        {
            found.fault("its beginning was erased");
        }
        found.may_go_on =
            folder::ends_with_sector(&bytes) || folder::has_remains(&bytes, gap, is_entry);
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

    /// The first bytes of a file, `most` at most, as far as they lie in its first cluster; `None`: they can't be read.
    ///
    /// # Errors
    /// Where the disk gives nothing more at all, or the reader was stopped.
    pub fn beginning(
        &mut self,
        disk: &mut Disk,
        file: Place,
        most: u64,
    ) -> Result<Option<Vec<u8>>, ReadError> {
        let (first, size) = match file {
            Place::Nowhere | Place::Fixed(..) => return Ok(Some(Vec::new())),
            Place::Chain(first, size) => (first, size.unwrap_or(u64::MAX)),
            Place::Row(first, size) => (first, size),
        };
        let Some(at) = self.clusters.place(first) else {
            return Ok(None);
        };
        let length = size.min(most).min(self.clusters.size);
        let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
        let gaps = disk.read(at, &mut bytes)?;
        Ok(gaps.is_empty().then_some(bytes))
    }

    /// All bytes that the volume has room for.
    pub fn capacity(&self) -> u64 {
        self.clusters.capacity()
    }

    /// Room for what each cluster belongs to; `None`: there are more than are looked at.
    pub fn claims(&self, disk: &Disk) -> Option<Claims> {
        self.clusters.claims(disk)
    }

    /// Bytes of the least part that a file can have.
    pub fn cluster(&self) -> u64 {
        self.clusters.size
    }

    /// Claims for a file or folder all that it has been given which no other has claimed, up to the first cluster that
    /// another has. That may be more than its length: a file may have been given more room than it came to need.
    ///
    /// # Errors
    /// Where the disk gives nothing more at all, or the reader was stopped.
    pub fn claim(
        &mut self,
        disk: &mut Disk,
        place: Place,
        claims: &mut Claims,
    ) -> Result<Claim, ReadError> {
        match place {
            Place::Nowhere | Place::Fixed(..) => Ok(Claim::default()),
            Place::Chain(first, _) => self.clusters.claim(disk, first, claims),
            Place::Row(first, size) => {
                let mut claim = Claim::default();
                for run in self.clusters.in_a_row(first, size).runs {
                    let numbers = self.clusters.numbers(run);
                    let claimed = numbers.take_while(|number| claims.add(*number)).count();
                    claim.length += claimed as u64 * self.clusters.size;
                }
                Ok(claim)
            }
        }
    }

    /// The same for a file of exFAT that lies in a row, and has no length: the clusters in use from its first one on. `bits`
    /// tell which those are.
    pub fn claim_in_use(&self, first: u32, bits: &[u8], claims: &mut Claims) -> Claim {
        let numbers = (first..).take_while(|number| is_set(bits, *number) && claims.add(*number));
        Claim {
            length: numbers.count() as u64 * self.clusters.size,
            is_free: false,
        }
    }

    /// Where exFAT notes which clusters are in use, a bit each; empty: nowhere.
    ///
    /// # Errors
    /// Where the disk gives nothing more at all, or the reader was stopped.
    pub fn bits(&mut self, disk: &mut Disk, bitmap: Option<Place>) -> Result<Vec<u8>, ReadError> {
        match bitmap {
            Some(bitmap) => self.whole(disk, bitmap),
            None => Ok(Vec::new()),
        }
    }

    /// The clusters that are in use and that nothing claims: what a folder lost, or what was never finished. `bits` tell
    /// which are in use on exFAT.
    ///
    /// # Errors
    /// Where the disk gives nothing more at all, or the reader was stopped.
    pub fn unnamed(
        &mut self,
        disk: &mut Disk,
        claims: &Claims,
        bits: &[u8],
    ) -> Result<Vec<u32>, ReadError> {
        let mut unnamed = Vec::new();
        for cluster in claims.unclaimed() {
            let is_in_use = match self.file_system {
                FileSystem::ExFat => is_set(bits, cluster),
                _ => self.clusters.is_in_use(disk, cluster)?,
            };
            if is_in_use {
                unnamed.push(cluster);
            }
        }
        Ok(unnamed)
    }

    /// Those of these clusters that folders begin with, by what stands in them: folders that no other folder names, those
    /// first that lie in none of the others. No more than `most` beginnings are looked at: so many were not.
    ///
    /// # Errors
    /// Where the disk gives nothing more at all, or the reader was stopped.
    pub fn lost_folders(
        &mut self,
        disk: &mut Disk,
        unnamed: &[u32],
        most: usize,
    ) -> Result<(Vec<Place>, usize), ReadError> {
        let begins = match self.file_system {
            FileSystem::ExFat => unnamed.to_vec(),
            _ => self.clusters.beginnings(disk, unnamed)?,
        };
        let (mut found, mut firsts) = (Vec::new(), HashSet::new());
        for first in begins.iter().copied().take(most) {
            let place = match self.file_system {
                // As far as nothing else lies there: it ends with its end.
                FileSystem::ExFat => {
                    let at = unnamed.partition_point(|cluster| *cluster < first);
                    let rest = (first..).zip(unnamed.iter().skip(at));
                    let row = rest.take_while(|(number, cluster)| number == *cluster);
                    Place::Row(first, row.count() as u64 * self.clusters.size)
                }
                _ => Place::Chain(first, None),
            };
            let begin = self.beginning(disk, place, LOOKED_AT)?.unwrap_or_default();
            let above = match self.file_system {
                FileSystem::ExFat => exfat::begins_a_folder(&begin).then_some(0),
                _ => fat::folder_above(&begin),
            };
            if let Some(above) = above {
                firsts.insert(first);
                found.push((place, above));
            }
        }
        found.sort_by_key(|(_, above)| firsts.contains(above));
        let places = found.into_iter().map(|(place, _)| place).collect();
        Ok((places, begins.len().saturating_sub(most)))
    }

    /// True if the folder at a place, or one that it is a part of, was looked into.
    pub fn was_looked_at(&self, folder: Place) -> bool {
        match folder {
            Place::Nowhere | Place::Fixed(..) => false,
            Place::Chain(first, _) | Place::Row(first, _) => {
                self.clusters.folders.contains_key(&first)
            }
        }
    }

    /// All bytes of a short file, those that can't be read as zeros.
    fn whole(&mut self, disk: &mut Disk, place: Place) -> Result<Vec<u8>, ReadError> {
        let mut bytes = Vec::new();
        for run in self.extents(disk, place)?.runs {
            let from = bytes.len();
            let length = run.length.min(MAX_FOLDER.saturating_sub(from as u64));
            bytes.resize(from.saturating_add(usize::try_from(length).unwrap_or(0)), 0);
            disk.read(run.at, bytes.get_mut(from..).unwrap_or_default())?;
        }
        Ok(bytes)
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

/// True if the bit of a cluster is set (exFAT file system specification, 7.1.5).
fn is_set(bits: &[u8], cluster: u32) -> bool {
    let number = cluster.saturating_sub(FIRST);
    let byte = bits.get((number / 8) as usize).copied().unwrap_or_default();
    byte >> (number % 8) & 1 == 1
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
