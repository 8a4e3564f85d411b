//! Reads a damaged disk as far as possible. A long read that fails is repeated as shorter reads, and a block that
//! fails is tried again. Stretches that stay unreadable are recorded and not tried again.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Blocks, ReadError};

/// Maximum number of attempts for a block.
const TRIES: usize = 3;
/// Length of the shorter reads, in bytes. The length lies between a long read and a block, so one damaged block
/// causes few failed reads. One failed read may take a disk seconds.
const STEP: u64 = 64 << 10;

/// Upper limit for a disk's size, larger than any real disk, so that sums of offsets cannot overflow.
const MAX_SIZE: u64 = 1 << 60;

/// A disk with a map of its unreadable stretches.
pub struct Disk {
    blocks: Box<dyn Blocks>,
    /// Unreadable stretches: their starts and ends, in bytes. No two stretches touch.
    bad: BTreeMap<u64, u64>,
}

impl Disk {
    pub fn new(blocks: Box<dyn Blocks>) -> Self {
        Self {
            blocks,
            bad: BTreeMap::new(),
        }
    }

    /// In bytes.
    pub fn size(&self) -> u64 {
        self.blocks.size().min(MAX_SIZE)
    }

    /// The smallest unit that can be read, in bytes.
    pub fn block(&self) -> u64 {
        u64::from(self.blocks.block()).max(1)
    }

    /// The stretches that could not be read so far, in bytes.
    pub fn bad(&self) -> impl Iterator<Item = Range<u64>> {
        self.bad.iter().map(|(from, to)| *from..*to)
    }

    /// Fills `buffer` with the bytes from `at` on. Returns the stretches that cannot be read, in order, as places on
    /// the disk. Their bytes are zeros. Bytes past the end of the disk are also unreadable.
    ///
    /// # Errors
    /// If the disk gives nothing more at all, or the reader was stopped.
    pub fn read(&mut self, at: u64, buffer: &mut [u8]) -> Result<Vec<Range<u64>>, ReadError> {
        let end = at.saturating_add(buffer.len() as u64);
        let there = end.min(self.size()).max(at);
        let (inside, beyond) = buffer.split_at_mut(length(at..there));
        beyond.fill(0);
        let block = self.block();
        let mut gaps = match at.is_multiple_of(block) && there.is_multiple_of(block) {
            _ if inside.is_empty() => Vec::new(),
            true => self.read_blocks(at, inside)?,
            false => self.read_around(at..there, inside)?,
        };
        if there < end {
            gaps.push(there..end);
        }
        Ok(gaps)
    }

    /// Reads a range that does not begin and end at block boundaries.
    fn read_around(
        &mut self,
        wanted: Range<u64>,
        buffer: &mut [u8],
    ) -> Result<Vec<Range<u64>>, ReadError> {
        let block = self.block();
        let from = wanted.start / block * block;
        let mut whole = vec![0; length(from..wanted.end.next_multiple_of(block))];
        let gaps = self.read_blocks(from, &mut whole)?;
        let skipped = whole.iter().skip(length(from..wanted.start));
        buffer
            .iter_mut()
            .zip(skipped)
            .for_each(|(to, byte)| *to = *byte);
        let clipped = gaps
            .into_iter()
            .map(|gap| gap.start.max(wanted.start)..gap.end.min(wanted.end));
        Ok(clipped.filter(|gap| !gap.is_empty()).collect())
    }

    fn read_blocks(&mut self, at: u64, buffer: &mut [u8]) -> Result<Vec<Range<u64>>, ReadError> {
        let mut gaps = Vec::new();
        if self.is_read(at, buffer, 1)? {
            return Ok(gaps);
        }
        let (step, block) = (STEP.max(self.block()), self.block());
        for (from, piece) in pieces(at, buffer, step) {
            if self.is_read(from, piece, 1)? {
                continue;
            }
            for (from, one) in pieces(from, piece, block) {
                if self.is_read(from, one, TRIES)? {
                    continue;
                }
                one.fill(0);
                let gap = from..from + one.len() as u64;
                self.note(gap.clone());
                join(&mut gaps, gap);
            }
        }
        Ok(gaps)
    }

    /// Tries to read the buffer; true on success. Stretches already known to be unreadable are not tried.
    fn is_read(&mut self, at: u64, buffer: &mut [u8], tries: usize) -> Result<bool, ReadError> {
        if self.is_bad(at..at + buffer.len() as u64) {
            return Ok(false);
        }
        for _ in 0..tries {
            match self.blocks.read(at, buffer) {
                Ok(()) => return Ok(true),
                Err(ReadError::Unreadable(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }

    /// True if part of the range is known to be unreadable.
    fn is_bad(&self, wanted: Range<u64>) -> bool {
        let before = self.bad.range(..wanted.end).next_back();
        before.is_some_and(|(_, end)| *end > wanted.start)
    }

    fn note(&mut self, gap: Range<u64>) {
        let before = self.bad.range(..=gap.start).next_back();
        let (from, end) = match before {
            Some((from, end)) if *end >= gap.start => (*from, gap.end.max(*end)),
            _ => (gap.start, gap.end),
        };
        // Joins a stretch that begins directly after this one.
        let end = self.bad.remove(&end).unwrap_or(end);
        self.bad.insert(from, end);
    }
}

fn length(range: Range<u64>) -> usize {
    usize::try_from(range.end.saturating_sub(range.start)).unwrap_or(usize::MAX)
}

/// Splits the buffer into pieces, each with its place on the disk.
fn pieces(at: u64, buffer: &mut [u8], size: u64) -> impl Iterator<Item = (u64, &mut [u8])> {
    let chunks = buffer.chunks_mut(length(0..size).max(1));
    (0u64..).map(move |number| at + number * size).zip(chunks)
}

/// Adds a stretch and joins it to the last one if they touch.
fn join(gaps: &mut Vec<Range<u64>>, gap: Range<u64>) {
    match gaps.last_mut() {
        Some(last) if last.end == gap.start => last.end = gap.end,
        _ => gaps.push(gap),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk whose bytes show their place. Some reads fail, and every read is counted.
    struct Damaged {
        bad: Vec<u64>,
        /// Blocks that fail this number of times before they can be read.
        weak: Vec<(u64, usize)>,
        reads: std::sync::Arc<std::sync::Mutex<Vec<(u64, usize)>>>,
    }

    impl Blocks for Damaged {
        fn size(&self) -> u64 {
            1 << 20
        }
        fn block(&self) -> u32 {
            512
        }
        fn read(&mut self, at: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
            assert!(at.is_multiple_of(512) && buffer.len().is_multiple_of(512));
            assert!(at + buffer.len() as u64 <= self.size());
            self.reads.lock().unwrap().push((at, buffer.len()));
            let blocks = at / 512..(at + buffer.len() as u64) / 512;
            let weak = self
                .weak
                .iter_mut()
                .find(|(block, left)| *left > 0 && blocks.contains(block));
            if let Some((_, left)) = weak {
                *left -= 1;
                return Err(ReadError::Unreadable("weak".into()));
            }
            if self.bad.iter().any(|block| blocks.contains(block)) {
                return Err(ReadError::Unreadable("bad".into()));
            }
            for (place, byte) in (at..).zip(buffer.iter_mut()) {
                *byte = byte_at(place);
            }
            Ok(())
        }
    }

    /// The only gap.
    fn gap(read: Result<Vec<Range<u64>>, ReadError>) -> Range<u64> {
        let [gap] = read.unwrap().try_into().unwrap();
        gap
    }

    fn byte_at(place: u64) -> u8 {
        (place / 512 + place) as u8 | 1
    }

    #[test]
    fn what_is_around_damage_is_read_and_the_damage_is_mapped() {
        let reads = std::sync::Arc::default();
        let mut disk = Disk::new(Box::new(Damaged {
            bad: vec![3, 4, 700, 2047],
            weak: vec![(10, 4)],
            reads: std::sync::Arc::clone(&reads),
        }));
        let mut buffer = vec![0; 1 << 20];
        let gaps = disk.read(0, &mut buffer).unwrap();
        let expected = [1536..2560, 358_400..358_912, 1_048_064..1_048_576];
        assert_eq!(gaps, expected);
        assert_eq!(disk.bad().collect::<Vec<_>>(), expected);
        for (place, byte) in (0..).zip(&buffer) {
            let gap = gaps.iter().any(|gap| gap.contains(&place));
            assert_eq!(*byte, if gap { 0 } else { byte_at(place) }, "{place}");
        }
        // One long read, sixteen shorter ones, and single blocks in three of those.
        let count = reads.lock().unwrap().len();
        assert!(count < 1 + 16 + 3 * 128 + 3 * 4, "{count}");
        // Blocks known to be unreadable are not tried again.
        reads.lock().unwrap().clear();
        let mut again = vec![0; 4096];
        assert_eq!(gap(disk.read(0, &mut again)), 1536..2560);
        let asked = reads.lock().unwrap().clone();
        assert_eq!(asked, [0, 512, 1024, 2560, 3072, 3584].map(|at| (at, 512)));
    }

    #[test]
    fn what_begins_within_a_block_is_read_and_what_lies_beyond_the_end_is_not() {
        let mut disk = Disk::new(Box::new(Damaged {
            bad: vec![1],
            weak: Vec::new(),
            reads: std::sync::Arc::default(),
        }));
        let mut buffer = [0; 600];
        assert_eq!(gap(disk.read(100, &mut buffer)), 512..700);
        assert_eq!(buffer[0], byte_at(100));
        let mut buffer = [7; 1000];
        let end = 1 << 20;
        assert_eq!(gap(disk.read(end - 500, &mut buffer)), end..end + 500);
        assert_eq!((buffer[499], buffer[500]), (byte_at(end - 1), 0));
        assert_eq!(
            gap(disk.read(u64::MAX - 9, &mut buffer)),
            u64::MAX - 9..u64::MAX
        );
    }
}
