//! A volume: its name, its folders, and the places of its files on the disk.

use std::collections::HashSet;

use super::clusters::{Claim, Claims, Clusters, FIRST};
use super::{Disk, ReadError, Stamp, exfat, fat, folder, foreign};
use crate::phrase;

/// Maximum size of a folder that is read, in bytes. FAT allows 2 MiB. exFAT allows 256 MiB, far more than any card
/// seen so far.
const MAX_FOLDER: u64 = 32 << 20;

/// Number of bytes of a cluster that show whether a folder begins there: one exFAT file entry with its secondary
/// entries.
const BEGINNING_BYTES: u64 = 1024;

/// Maximum number of fragments of a file.
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
    /// Serial number, derived from the time of formatting.
    pub serial: u32,
    /// Label from the boot sector. The label in the root folder is newer, see [`Folder::label`].
    pub label: String,
    /// Start of the volume on the disk, in bytes.
    pub at: u64,
    /// Claimed length, in bytes.
    pub length: u64,
    pub(super) root: Place,
    pub(super) clusters: Clusters,
}

/// Location of the bytes of a file or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// There are no bytes.
    Nowhere,
    /// From this cluster on, along the chain in the allocation table. Without a size: to the end of the chain.
    Chain(u32, Option<u64>),
    /// From this cluster on, this number of contiguous bytes.
    Row(u32, u64),
    /// From this byte of the disk on, this number of bytes: the root folder of FAT12 and FAT16.
    Fixed(u64, u64),
}

/// A file or folder, as described by its directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// UTF-8; unpaired surrogates are encoded as in WTF-8. A name may contain any character, even `/`.
    pub name: Vec<u8>,
    pub is_folder: bool,
    /// In bytes.
    pub size: u64,
    /// Number of bytes that were ever written. The rest of the file is zeros.
    pub written: u64,
    /// Time of the last change, otherwise the time of creation.
    pub modified: Option<Stamp>,
    pub place: Place,
}

/// Contents of a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folder {
    pub entries: Vec<Entry>,
    /// The volume label, which only the root folder holds.
    pub label: Option<String>,
    /// Number of deleted entries that are not yet overwritten.
    pub deleted: u64,
    /// System files of the volume, which only the root folder of exFAT lists.
    pub system: Vec<Place>,
    /// The exFAT bitmap of clusters in use. It is also in `system`.
    pub bitmap: Option<Place>,
    /// Reasons why parts of the folder could not be read.
    pub faults: Vec<&'static str>,
    /// The folder may be longer: its last name ends at a sector boundary, or entries follow its end mark.
    pub may_go_on: bool,
}

impl Folder {
    /// Records a fault, once.
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

/// Location of the bytes of a file, from the first byte on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extents {
    pub runs: Vec<Extent>,
    /// Reason why the list is incomplete.
    pub broken: Option<&'static str>,
}

impl Extents {
    pub(super) fn broken(why: &'static str) -> Self {
        Self {
            runs: Vec::new(),
            broken: Some(why),
        }
    }

    /// Adds a stretch, and joins it to the last one if they touch.
    pub(super) fn push(&mut self, next: Extent) {
        match self.runs.last_mut() {
            Some(last) if last.at + last.length == next.at => last.length += next.length,
            _ => self.runs.push(next),
        }
    }

    /// Total length, in bytes.
    pub fn length(&self) -> u64 {
        self.runs.iter().map(|run| run.length).sum()
    }

    /// Keeps only the first `length` bytes.
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
    /// Recognises the volume that begins at `at`, in bytes. `None`: no readable volume. If the first boot sector is
    /// lost, the backup boot sector is used.
    ///
    /// # Errors
    /// If the disk gives nothing more at all, or the reader was stopped.
    pub fn open(disk: &mut Disk, at: u64) -> Result<Option<Self>, ReadError> {
        if let Some(volume) = Self::open_by_first(disk, at)? {
            return Ok(Some(volume));
        }
        if foreign::is_boot_sector(disk, at)? {
            return Ok(None);
        }
        // The backup is counted in the disk's blocks, or in the blocks that the disk had when an image was made of
        // it.
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

    /// Recognises a volume by its first boot sector only, so that remains of an earlier volume do not count.
    ///
    /// # Errors
    /// See [`Self::open`].
    pub fn open_by_first(disk: &mut Disk, at: u64) -> Result<Option<Self>, ReadError> {
        match exfat::open(disk, at)? {
            None => fat::open(disk, at),
            volume => Ok(volume),
        }
    }

    /// Location of the root folder.
    pub fn root(&self) -> Place {
        self.root
    }

    /// Reads the contents of a folder.
    ///
    /// # Errors
    /// If the disk gives nothing more at all, or the reader was stopped. Unreadable parts of the folder are reported
    /// in [`Folder::faults`].
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
                found.fault(phrase("it is longer than Lifeboat reads"));
            }
            bytes.resize(from.saturating_add(usize::try_from(length).unwrap_or(0)), 0);
            let stretch = bytes.get_mut(from..).unwrap_or_default();
            for gap in disk.read(run.at, stretch)? {
                found.fault(phrase("a part of it is damaged"));
                // Only the gap is filled. A zero would mean the end of the folder.
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
            found.fault(phrase("a part of it was erased"));
        }
        if found.faults.is_empty()
            && folder != self.root
            && self.file_system != FileSystem::ExFat
            && !fat::has_beginning(&bytes)
        {
            found.fault(phrase("its beginning was erased"));
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

    /// Finds the bytes of a file or folder on the disk.
    ///
    /// # Errors
    /// If the disk gives nothing more at all, or the reader was stopped.
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

    /// Reads the start of a file: at most `most` bytes, and not past its first cluster. `None`: the start cannot be
    /// read.
    ///
    /// # Errors
    /// If the disk gives nothing more at all, or the reader was stopped.
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

    /// Total capacity of the volume, in bytes.
    pub fn capacity(&self) -> u64 {
        self.clusters.capacity()
    }

    /// Returns a claim list for the clusters. `None`: there are more clusters than the limit.
    pub fn claims(&self, disk: &Disk) -> Option<Claims> {
        self.clusters.claims(disk)
    }

    /// Size of a cluster, in bytes.
    pub fn cluster(&self) -> u64 {
        self.clusters.size
    }

    /// Claims all clusters allocated to a file or folder, up to the first cluster that is already claimed. This may
    /// be more than the length of the file, because a device may allocate more clusters than a file needs.
    ///
    /// # Errors
    /// If the disk gives nothing more at all, or the reader was stopped.
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

    /// Like [`Self::claim`], for a contiguous exFAT file without a length: claims the clusters in use from its first
    /// one on. `bits` is the bitmap of clusters in use.
    pub fn claim_in_use(&self, first: u32, bits: &[u8], claims: &mut Claims) -> Claim {
        let numbers = (first..).take_while(|number| is_set(bits, *number) && claims.add(*number));
        Claim {
            length: numbers.count() as u64 * self.clusters.size,
            is_free: false,
        }
    }

    /// Reads the exFAT bitmap of clusters in use. Empty if there is none.
    ///
    /// # Errors
    /// If the disk gives nothing more at all, or the reader was stopped.
    pub fn bits(&mut self, disk: &mut Disk, bitmap: Option<Place>) -> Result<Vec<u8>, ReadError> {
        match bitmap {
            Some(bitmap) => self.whole(disk, bitmap),
            None => Ok(Vec::new()),
        }
    }

    /// Finds clusters that are in use but not claimed: files of a lost folder, or files that were never finished. On
    /// exFAT, `bits` is the bitmap of clusters in use.
    ///
    /// # Errors
    /// If the disk gives nothing more at all, or the reader was stopped.
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

    /// Finds folders that no other folder lists, by the content of these clusters. Folders that lie in no other found
    /// folder come first. Examines at most `most` first clusters, and returns the number of clusters not examined.
    ///
    /// # Errors
    /// If the disk gives nothing more at all, or the reader was stopped.
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
                // The contiguous unclaimed clusters. The end mark of the folder may come earlier.
                FileSystem::ExFat => {
                    let at = unnamed.partition_point(|cluster| *cluster < first);
                    let rest = (first..).zip(unnamed.iter().skip(at));
                    let row = rest.take_while(|(number, cluster)| number == *cluster);
                    Place::Row(first, row.count() as u64 * self.clusters.size)
                }
                _ => Place::Chain(first, None),
            };
            let begin = self
                .beginning(disk, place, BEGINNING_BYTES)?
                .unwrap_or_default();
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

    /// True if the folder at this place was read, also as part of another folder.
    pub fn was_looked_at(&self, folder: Place) -> bool {
        match folder {
            Place::Nowhere | Place::Fixed(..) => false,
            Place::Chain(first, _) | Place::Row(first, _) => {
                self.clusters.folders.contains_key(&first)
            }
        }
    }

    /// Reads all bytes of a short file. Unreadable bytes are zeros.
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

    /// True if this stretch holds data that was read from another place: the boot sector and the allocation table
    /// have second copies.
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

    /// The claimed end of the volume on the disk, in bytes.
    pub fn end(&self) -> u64 {
        self.at.saturating_add(self.length)
    }

    /// Number of bytes by which the claimed volume is longer than the disk. This happens with an image that was cut
    /// off, or a card that claims to be larger than it is.
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
    /// The byte that makes an unreadable part of a folder look like deleted entries.
    fn gap(self) -> u8 {
        match self {
            Self::ExFat => exfat::DELETED,
            _ => fat::DELETED,
        }
    }
}
