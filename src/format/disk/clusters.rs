//! The allocation table, which chains the clusters of a file.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::volume::{Extent, Extents, MAX_RUNS};
use super::{Disk, ReadError};
use crate::phrase;

/// Number of the first cluster.
pub(super) const FIRST: u32 = 2;

/// Width of a table entry, in bits. FAT32 uses 28 of its 32 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    Twelve,
    Sixteen,
    TwentyEight,
    ThirtyTwo,
}

/// Size of one read of the table, in bytes: a whole number of entries of each width.
const PIECE: u64 = 96 << 10;
/// Maximum number of clusters examined one by one: a card of 2 TB in clusters of 32 KiB.
const MOST_COUNTED: u64 = 1 << 26;
/// Maximum number of cached pieces.
const MOST_PIECES: usize = 64;
/// The smallest unit of a disk that is lost at a time, in bytes.
pub(super) const SECTOR: usize = 512;

/// Location of the clusters, and of the table that chains them.
#[derive(Debug, Clone)]
pub(super) struct Clusters {
    /// Start of the first cluster on the disk, in bytes.
    pub heap: u64,
    /// Size of a cluster, in bytes.
    pub size: u64,
    /// Number of clusters.
    pub count: u32,
    pub width: Width,
    /// Start of the table on the disk, and of its second copy if there is one.
    pub table: u64,
    pub copy: Option<u64>,
    /// Length of each table, in bytes.
    pub table_length: u64,
    pub pieces: Pieces,
    /// Clusters of the folders read so far, each with the first cluster of its folder.
    pub folders: HashMap<u32, u32>,
}

/// Cached pieces of the tables, by place on the disk.
pub(super) type Pieces = HashMap<u64, Piece>;

/// A piece of a table.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    bytes: Vec<u8>,
    /// Unreadable ranges in the piece.
    gaps: Vec<std::ops::Range<u64>>,
    /// For each sector, whether it [repeats the same few bytes](is_fill).
    fills: Vec<bool>,
}

/// An entry of a table.
#[derive(Debug, Clone, Copy)]
struct TableEntry {
    value: u32,
    /// The sector of the entry [repeats the same few bytes](is_fill).
    is_fill: bool,
}

/// A chain to follow: its first cluster, and the wanted number of bytes, or all bytes of the chain.
struct Chain {
    first: u32,
    size: Option<u64>,
    wanted: u64,
}

/// Result of following a chain by one step.
enum Next {
    Cluster(u32),
    End,
    Broken(&'static str),
}

const FREE: &str = phrase("its cluster chain leads to a cluster that is marked as free");
const SHARED: &str = phrase("it uses a part of the card that another folder uses too");
const CIRCLE: &str = phrase("its cluster chain is a loop");

impl Clusters {
    /// True if one of the tables begins as it should: with the media type, followed by ones.
    ///
    /// # Errors
    /// See [`Self::chain`].
    pub fn begin_where_they_should(&self, disk: &mut Disk) -> Result<bool, ReadError> {
        for table in [Some(self.table), self.copy].into_iter().flatten() {
            let mut begin = [0; 3];
            let is_read = disk.read(table, &mut begin)?.is_empty();
            if is_read && matches!(begin, [0xf0 | 0xf8.., 0xff, 0xff]) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Total size of all clusters, in bytes.
    pub fn capacity(&self) -> u64 {
        u64::from(self.count) * self.size
    }

    /// Start of a cluster on the disk. `None`: there is no such cluster.
    pub fn place(&self, cluster: u32) -> Option<u64> {
        let number = cluster
            .checked_sub(FIRST)
            .filter(|number| *number < self.count)?;
        Some(self.heap + u64::from(number) * self.size)
    }

    /// Returns `size` contiguous bytes from a cluster on, without looking at the table.
    pub fn in_a_row(&self, first: u32, size: u64) -> Extents {
        let left = first
            .checked_sub(FIRST)
            .and_then(|number| self.count.checked_sub(number));
        let room = left.map_or(0, |left| u64::from(left) * self.size);
        let Some(at) = self.place(first) else {
            return Extents::broken(phrase("it begins outside the volume"));
        };
        Extents {
            runs: vec![Extent {
                at,
                length: size.min(room),
            }],
            broken: (size > room).then_some(phrase("it ends outside the volume")),
        }
    }

    /// Follows the chain that begins with a cluster, for `size` bytes or to its end, and for at most `most` bytes.
    ///
    /// If an entry of one table makes no sense, the entry of the other table is used. If that leads nowhere either,
    /// the chain is tried again with the tables swapped.
    ///
    /// # Errors
    /// If the disk gives nothing more at all, or the reader was stopped. Defects of the chain are reported in
    /// [`Extents::broken`].
    pub fn chain(
        &mut self,
        disk: &mut Disk,
        first: u32,
        size: Option<u64>,
        most: u64,
    ) -> Result<Extents, ReadError> {
        if size == Some(0) {
            return Ok(Extents::default());
        }
        let wanted = size.unwrap_or(most).min(most).min(self.capacity());
        let chain = Chain {
            first,
            size,
            wanted,
        };
        let mut found = self.walk(disk, &chain, [Some(self.table), self.copy])?;
        if let (Some(_), Some(copy)) = (found.broken, self.copy) {
            let other = self.walk(disk, &chain, [Some(copy), Some(self.table)])?;
            if other.broken.is_none() || other.length() > found.length() {
                found = other;
            }
        }
        if found.broken == Some(CIRCLE) {
            // It is unknown where a circular chain went wrong.
            found.runs.clear();
        }
        Ok(found)
    }

    /// Follows a chain by these tables. The second table is used where the first makes no sense.
    fn walk(
        &mut self,
        disk: &mut Disk,
        chain: &Chain,
        tables: [Option<u64>; 2],
    ) -> Result<Extents, ReadError> {
        let (mut extents, mut seen) = (Extents::default(), Seen::default());
        let (mut cluster, mut left, size) = (chain.first, chain.wanted, chain.size);
        loop {
            let Some(at) = self.place(cluster) else {
                extents.broken = Some(phrase("its cluster chain leads outside the volume"));
                break;
            };
            if size.is_none() && !self.is_of_folder(cluster, chain.first) {
                extents.broken = Some(SHARED);
                break;
            }
            seen.add(cluster);
            let length = left.min(self.size);
            left -= length;
            if length > 0 {
                extents.push(Extent { at, length });
            }
            if extents.runs.len() > MAX_RUNS {
                extents.broken = Some(phrase("it is stored in more pieces than Lifeboat reads"));
                break;
            }
            let is_complete = left == 0 && size.is_some();
            match self.step(disk, cluster, tables, !is_complete && size.is_some(), &seen)? {
                Next::Cluster(_) if left == 0 && size.is_none() => {
                    extents.broken = Some(phrase("it is too long"));
                    break;
                }
                _ if is_complete => break,
                Next::Cluster(next) => cluster = next,
                Next::End => break,
                Next::Broken(why) => {
                    extents.broken = Some(why);
                    break;
                }
            }
        }
        if extents.broken.is_none() && size.is_some_and(|size| extents.length() < size) {
            extents.broken = Some(phrase("its cluster chain ends before the file does"));
        }
        Ok(extents)
    }

    /// Records that a cluster belongs to the folder that begins with `first`. Returns false if it belongs to another
    /// folder.
    fn is_of_folder(&mut self, cluster: u32, first: u32) -> bool {
        *self.folders.entry(cluster).or_insert(first) == first
    }

    /// Records that stretches belong to the folder that begins with a cluster. Cuts them off at the first cluster of
    /// another folder, so that folders that share clusters are read only once.
    pub fn own(&mut self, first: u32, extents: &mut Extents) {
        let mut length = 0;
        for run in extents.runs.clone() {
            for cluster in self.numbers(run) {
                if !self.is_of_folder(cluster, first) {
                    extents.cut(length);
                    extents.broken = Some(SHARED);
                    return;
                }
                length += self.size;
            }
        }
    }

    /// Returns the next cluster, by the first table that makes sense. A chain with bytes left (`goes_on`) cannot end,
    /// and no chain can return to a cluster it has visited.
    fn step(
        &mut self,
        disk: &mut Disk,
        cluster: u32,
        tables: [Option<u64>; 2],
        goes_on: bool,
        seen: &Seen,
    ) -> Result<Next, ReadError> {
        let mut first = None;
        for table in tables.into_iter().flatten() {
            let entry = self.entry(disk, table, cluster)?;
            let next = match entry {
                None => Next::Broken(phrase(
                    "the cluster table can't be read where its chain continues",
                )),
                Some(entry) => match self.meaning(entry.value) {
                    Next::Cluster(next) if seen.has(next) => Next::Broken(CIRCLE),
                    next => next,
                },
            };
            let is_doubtful = match next {
                Next::Broken(_) => true,
                Next::End => goes_on || entry.is_some_and(|entry| entry.is_fill),
                Next::Cluster(_) => entry.is_some_and(|entry| entry.is_fill),
            };
            if !is_doubtful {
                return Ok(next);
            }
            first.get_or_insert(next);
        }
        Ok(match first {
            // Many one-cluster files in a row look like erased flash, and no other table decides.
            Some(next @ (Next::End | Next::Broken(_))) => next,
            Some(Next::Cluster(_)) | None => {
                Next::Broken(phrase("the cluster table was erased at this place"))
            }
        })
    }

    /// Reads the entry of a cluster from a table. `None`: the entry cannot be read.
    fn entry(
        &mut self,
        disk: &mut Disk,
        table: u64,
        cluster: u32,
    ) -> Result<Option<TableEntry>, ReadError> {
        let number = u64::from(cluster);
        let (place, bytes) = match self.width {
            Width::Twelve => (number * 3 / 2, 2),
            Width::Sixteen => (number * 2, 2),
            Width::TwentyEight | Width::ThirtyTwo => (number * 4, 4),
        };
        let (piece, within) = (table + place / PIECE * PIECE, place % PIECE);
        if !self.pieces.contains_key(&piece) {
            if self.pieces.len() >= MOST_PIECES {
                self.pieces.clear();
            }
            let mut bytes = vec![0; PIECE as usize];
            let gaps = disk.read(piece, &mut bytes)?.into_iter();
            let gaps = gaps.map(|gap| gap.start - piece..gap.end - piece).collect();
            let fills = bytes.chunks(SECTOR).map(is_fill).collect();
            self.pieces.insert(piece, Piece { bytes, gaps, fills });
        }
        let Some(piece) = self.pieces.get(&piece) else {
            return Ok(None);
        };
        let is_gap = |gap: &std::ops::Range<u64>| gap.start < within + bytes && within < gap.end;
        if piece.gaps.iter().any(is_gap) {
            return Ok(None);
        }
        let mut value = 0;
        let from = usize::try_from(within).unwrap_or(usize::MAX);
        for (shift, byte) in piece
            .bytes
            .iter()
            .skip(from)
            .take(bytes as usize)
            .enumerate()
        {
            value |= u32::from(*byte) << (8 * shift);
        }
        Ok(Some(TableEntry {
            value: match self.width {
                Width::Twelve if cluster % 2 == 1 => value >> 4,
                Width::Twelve => value & 0x0fff,
                Width::TwentyEight => value & 0x0fff_ffff,
                Width::Sixteen | Width::ThirtyTwo => value,
            },
            is_fill: piece.fills.get(from / SECTOR).copied().unwrap_or_default(),
        }))
    }

    /// Interprets an entry (FAT: General Overview of On-Disk Format 1.03, "FAT Data Structure"; exFAT file system
    /// specification, 4.1).
    fn meaning(&self, value: u32) -> Next {
        let bad = self.bad();
        if value > bad {
            Next::End
        } else if value == bad {
            Next::Broken(phrase(
                "its cluster chain leads to a cluster that is marked as damaged",
            ))
        } else if value < FIRST {
            Next::Broken(FREE)
        } else if self.place(value).is_none() {
            Next::Broken(phrase("its cluster chain leads outside the volume"))
        } else {
            Next::Cluster(value)
        }
    }

    /// The entry that marks a damaged cluster.
    fn bad(&self) -> u32 {
        match self.width {
            Width::Twelve => 0x0ff7,
            Width::Sixteen => 0xfff7,
            Width::TwentyEight => 0x0fff_fff7,
            Width::ThirtyTwo => 0xffff_fff7,
        }
    }

    /// Claims the clusters of a chain for a file or folder, up to the first cluster that is already claimed.
    ///
    /// # Errors
    /// See [`Self::chain`].
    pub fn claim(
        &mut self,
        disk: &mut Disk,
        first: u32,
        claims: &mut Claims,
    ) -> Result<Claim, ReadError> {
        let (mut cluster, mut claim) = (first, Claim::default());
        let tables = [Some(self.table), self.copy];
        while self.place(cluster).is_some() && claims.add(cluster) {
            claim.length += self.size;
            match self.step(disk, cluster, tables, false, &Seen::default())? {
                Next::Cluster(next) => cluster = next,
                Next::Broken(why) => {
                    claim.is_free = why == FREE && self.width != Width::ThirtyTwo;
                    break;
                }
                Next::End => break,
            }
        }
        Ok(claim)
    }

    /// True if the tables say that a cluster is in use.
    ///
    /// # Errors
    /// See [`Self::chain`].
    pub fn is_in_use(&mut self, disk: &mut Disk, cluster: u32) -> Result<bool, ReadError> {
        for table in [Some(self.table), self.copy].into_iter().flatten() {
            // An erased table marks every cluster as in use, so the other table decides.
            if let Some(entry) = self.entry(disk, table, cluster)?
                && !(entry.is_fill && self.copy.is_some_and(|copy| copy != table))
            {
                return Ok(entry.value != 0 && entry.value != self.bad());
            }
        }
        Ok(false)
    }

    /// Returns the clusters that no other cluster of the list leads to.
    ///
    /// # Errors
    /// See [`Self::chain`].
    pub fn beginnings(&mut self, disk: &mut Disk, clusters: &[u32]) -> Result<Vec<u32>, ReadError> {
        let tables = [Some(self.table), self.copy];
        let mut led_to = HashSet::new();
        for cluster in clusters {
            let next = self.step(disk, *cluster, tables, false, &Seen::default())?;
            if let Next::Cluster(next) = next {
                led_to.insert(next);
            }
        }
        let all = clusters.iter().copied();
        Ok(all.filter(|cluster| !led_to.contains(cluster)).collect())
    }

    /// Returns a claim list for all clusters on the disk. `None`: there are more clusters than the limit.
    pub fn claims(&self, disk: &Disk) -> Option<Claims> {
        let there = disk.size().saturating_sub(self.heap) / self.size.max(1);
        let count = u64::from(self.count).min(there);
        (count <= MOST_COUNTED).then(|| Claims(vec![false; count as usize]))
    }

    /// Numbers of the clusters in a stretch of the disk.
    pub fn numbers(&self, run: Extent) -> std::ops::Range<u32> {
        let first = run.at.saturating_sub(self.heap) / self.size.max(1) + u64::from(FIRST);
        let end = first + run.length.div_ceil(self.size.max(1));
        let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        number(first)..number(end)
    }
}

/// Clusters claimed by a file or folder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Claim {
    /// Length in bytes, a whole number of clusters.
    pub length: u64,
    /// The tables say that the last cluster is free.
    pub is_free: bool,
}

/// Records which clusters of a volume belong to a known file or folder.
#[derive(Debug, Clone)]
pub struct Claims(Vec<bool>);

impl Claims {
    /// Claims a cluster. Returns false if it is already claimed or does not exist.
    pub(super) fn add(&mut self, cluster: u32) -> bool {
        let number = cluster.checked_sub(FIRST).map(|number| number as usize);
        match number.and_then(|number| self.0.get_mut(number)) {
            Some(claimed) => !std::mem::replace(claimed, true),
            None => false,
        }
    }

    /// Clusters that are not claimed.
    pub(super) fn unclaimed(&self) -> impl Iterator<Item = u32> {
        let all = (FIRST..).zip(&self.0);
        all.filter(|(_, claimed)| !**claimed)
            .map(|(cluster, _)| cluster)
    }
}

/// Clusters that a chain has visited: starts of contiguous runs, with their ends.
#[derive(Debug, Default)]
struct Seen {
    rows: BTreeMap<u32, u32>,
    /// Start of the run that currently grows.
    last: u32,
}

impl Seen {
    fn add(&mut self, cluster: u32) {
        match self.rows.get_mut(&self.last) {
            Some(end) if *end == cluster => *end += 1,
            _ => {
                self.rows.insert(cluster, cluster.saturating_add(1));
                self.last = cluster;
            }
        }
    }

    fn has(&self, cluster: u32) -> bool {
        let before = self.rows.range(..=cluster).next_back();
        before.is_some_and(|(_, end)| cluster < *end)
    }
}

/// True if a sector repeats the same few bytes and is not all zeros. Erased flash returns such sectors, and so do
/// controllers for a block they gave up. Real data never looks like this: all entries of a folder differ, and no two
/// table entries lead to the same cluster.
pub(super) fn is_fill(sector: &[u8]) -> bool {
    let (one, other) = sector.split_at(sector.len() / 2);
    one == other && one.iter().any(|byte| *byte != 0)
}
