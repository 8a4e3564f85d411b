//! The table that tells which cluster of a file comes after which.

use std::collections::HashMap;

use super::volume::{Extent, Extents, MAX_RUNS};
use super::{Disk, ReadError};

/// The number of the first cluster.
pub(super) const FIRST: u32 = 2;

/// How wide an entry of the table is, in bits; of 32 FAT32 uses 28.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    Twelve,
    Sixteen,
    TwentyEight,
    ThirtyTwo,
}

/// What is read of the table at once, in bytes: a whole number of entries of each width.
const PIECE: u64 = 96 << 10;
/// The most clusters that are looked at one by one: those of FAT32 volumes of 2 TB, in the largest there are.
const MOST_COUNTED: u64 = 1 << 24;
/// So many pieces are kept.
const MOST_PIECES: usize = 64;

/// Where clusters lie, and how they are chained.
#[derive(Debug, Clone)]
pub(super) struct Clusters {
    /// Where the first cluster begins on the disk, in bytes.
    pub heap: u64,
    /// Bytes a cluster.
    pub size: u64,
    /// How many there are.
    pub count: u32,
    pub width: Width,
    /// Where the table lies on the disk, and its other copy, if it has one.
    pub table: u64,
    pub copy: Option<u64>,
    /// How long each is, in bytes.
    pub table_length: u64,
    pub pieces: Pieces,
}

/// What was read of the tables, by its place on the disk: each piece, and the places in it that can't be read.
pub(super) type Pieces = HashMap<u64, (Vec<u8>, Vec<std::ops::Range<u64>>)>;

/// What comes after a cluster.
enum Next {
    Cluster(u32),
    End,
    Broken(&'static str),
}

impl Clusters {
    /// True if one of the tables begins as all do: with the medium, and ones.
    ///
    /// # Errors
    /// As [`Self::chain`].
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

    /// All bytes that there are.
    pub fn capacity(&self) -> u64 {
        u64::from(self.count) * self.size
    }

    /// Where a cluster lies on the disk; `None`: there is no such cluster.
    pub fn place(&self, cluster: u32) -> Option<u64> {
        let number = cluster
            .checked_sub(FIRST)
            .filter(|number| *number < self.count)?;
        Some(self.heap + u64::from(number) * self.size)
    }

    /// `size` bytes from a cluster on that lie one after another, whatever the table says.
    pub fn in_a_row(&self, first: u32, size: u64) -> Extents {
        let left = first
            .checked_sub(FIRST)
            .and_then(|number| self.count.checked_sub(number));
        let room = left.map_or(0, |left| u64::from(left) * self.size);
        let Some(at) = self.place(first) else {
            return Extents::broken("it begins at a place that the volume does not have");
        };
        Extents {
            runs: vec![Extent {
                at,
                length: size.min(room),
            }],
            broken: (size > room).then_some("it ends beyond the volume"),
        }
    }

    /// The chain that begins with a cluster: `size` bytes of it, or all of it, `most` bytes at most.
    ///
    /// # Errors
    /// Where the disk gives nothing more at all, or the reader was stopped. What is wrong with the chain is told in
    /// [`Extents::broken`].
    pub fn chain(
        &mut self,
        disk: &mut Disk,
        first: u32,
        size: Option<u64>,
        most: u64,
    ) -> Result<Extents, ReadError> {
        let mut extents = Extents::default();
        let wanted = size.unwrap_or(most).min(most).min(self.capacity());
        let (mut cluster, mut left) = (first, wanted);
        while left > 0 {
            let Some(at) = self.place(cluster) else {
                extents.broken = Some("its chain leads to a place that the volume does not have");
                break;
            };
            let length = left.min(self.size);
            left -= length;
            extents.push(Extent { at, length });
            if extents.runs.len() > MAX_RUNS {
                extents.broken = Some("it lies in more pieces than are looked at");
                break;
            }
            if left == 0 && size.is_some() {
                break;
            }
            match self.next(disk, cluster)? {
                Next::Cluster(next) => cluster = next,
                Next::End => break,
                Next::Broken(why) => {
                    extents.broken = Some(why);
                    break;
                }
            }
        }
        if extents.crosses_itself() {
            extents.runs.clear();
            extents.broken = Some("its chain leads back into itself");
        }
        let found = wanted - left;
        if extents.broken.is_none() && size.is_some_and(|size| found < size) {
            extents.broken = Some("its chain ends before the file does");
        }
        if extents.broken.is_none() && size.is_none() && left == 0 {
            extents.broken = Some("it is longer than it can be");
        }
        Ok(extents)
    }

    /// What comes after a cluster, by the table; by its copy, where the table leads nowhere.
    fn next(&mut self, disk: &mut Disk, cluster: u32) -> Result<Next, ReadError> {
        let next = self.next_by(disk, self.table, cluster)?;
        let (Next::Broken(_), Some(copy)) = (&next, self.copy) else {
            return Ok(next);
        };
        match self.next_by(disk, copy, cluster)? {
            Next::Broken(_) => Ok(next),
            next => Ok(next),
        }
    }

    fn next_by(&mut self, disk: &mut Disk, table: u64, cluster: u32) -> Result<Next, ReadError> {
        Ok(match self.entry(disk, table, cluster)? {
            Some(value) => self.meaning(value),
            None => Next::Broken("the table of clusters can't be read where its chain goes on"),
        })
    }

    /// What a table has for a cluster; `None`: that can't be read.
    fn entry(
        &mut self,
        disk: &mut Disk,
        table: u64,
        cluster: u32,
    ) -> Result<Option<u32>, ReadError> {
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
            let gaps = gaps.map(|gap| gap.start - piece..gap.end - piece);
            self.pieces.insert(piece, (bytes, gaps.collect()));
        }
        let Some((piece, gaps)) = self.pieces.get(&piece) else {
            return Ok(None);
        };
        let is_gap = |gap: &std::ops::Range<u64>| gap.start < within + bytes && within < gap.end;
        if gaps.iter().any(is_gap) {
            return Ok(None);
        }
        let mut value = 0;
        let from = usize::try_from(within).unwrap_or(usize::MAX);
        for (shift, byte) in piece.iter().skip(from).take(bytes as usize).enumerate() {
            value |= u32::from(*byte) << (8 * shift);
        }
        Ok(Some(match self.width {
            Width::Twelve if cluster % 2 == 1 => value >> 4,
            Width::Twelve => value & 0x0fff,
            Width::TwentyEight => value & 0x0fff_ffff,
            Width::Sixteen | Width::ThirtyTwo => value,
        }))
    }

    /// What an entry means (FAT: General Overview of On-Disk Format 1.03, "FAT Data Structure"; exFAT file system
    /// specification, 4.1).
    fn meaning(&self, value: u32) -> Next {
        let bad = self.bad();
        if value > bad {
            Next::End
        } else if value == bad {
            Next::Broken("its chain leads to a cluster that is marked as damaged")
        } else if value < FIRST {
            Next::Broken("its chain leads to a cluster that is marked as free")
        } else if self.place(value).is_none() {
            Next::Broken("its chain leads to a place that the volume does not have")
        } else {
            Next::Cluster(value)
        }
    }

    /// What stands for a damaged cluster.
    fn bad(&self) -> u32 {
        match self.width {
            Width::Twelve => 0x0ff7,
            Width::Sixteen => 0xfff7,
            Width::TwentyEight => 0x0fff_fff7,
            Width::ThirtyTwo => 0xffff_fff7,
        }
    }

    /// How many clusters are in use, by the table, and lie in none of these stretches of the disk. 0 where there are too
    /// many to look at.
    ///
    /// # Errors
    /// As [`Self::chain`].
    pub fn unnamed(&mut self, disk: &mut Disk, named: &[Extent]) -> Result<u64, ReadError> {
        let there = disk.size().saturating_sub(self.heap) / self.size.max(1);
        let count = u64::from(self.count).min(there);
        if count > MOST_COUNTED {
            return Ok(0);
        }
        let mut is_named = vec![false; count as usize];
        for run in named {
            let first = run.at.saturating_sub(self.heap) / self.size;
            let count = run.length.div_ceil(self.size);
            let clusters = is_named.iter_mut().skip(first as usize);
            clusters
                .take(count as usize)
                .for_each(|named| *named = true);
        }
        let mut unnamed = 0;
        for (cluster, _) in (FIRST..).zip(is_named).filter(|(_, is_named)| !is_named) {
            let entry = self.entry(disk, self.table, cluster)?;
            unnamed += u64::from(entry.is_some_and(|entry| entry != 0 && entry != self.bad()));
        }
        Ok(unnamed)
    }
}
