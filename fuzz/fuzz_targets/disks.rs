#![no_main]
//! Partition tables, FAT and exFAT, on a disk that begins with arbitrary bytes.

use std::ops::Range;

use lifeboat::format::disk::{Blocks, Disk, ReadError, find};

/// Smallest size of the disk, in bytes. The rest is filled with zeros.
const SIZE: u64 = 1 << 20;

struct Begins {
    bytes: Vec<u8>,
    /// Unreadable blocks.
    bad: Range<u64>,
}

impl Blocks for Begins {
    fn size(&self) -> u64 {
        SIZE
    }
    fn block(&self) -> u32 {
        512
    }
    fn read(&mut self, at: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        assert!(at % 512 == 0 && buffer.len() % 512 == 0 && at + buffer.len() as u64 <= SIZE);
        let blocks = at / 512..(at + buffer.len() as u64) / 512;
        if blocks.start < self.bad.end && self.bad.start < blocks.end {
            return Err(ReadError::Unreadable("damaged".into()));
        }
        buffer.fill(0);
        let there = self.bytes.iter().skip(at as usize);
        buffer.iter_mut().zip(there).for_each(|(to, byte)| *to = *byte);
        Ok(())
    }
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((bad, data)) = data.split_first() else {
        return;
    };
    let bad = u64::from(*bad);
    let mut disk = Disk::new(Box::new(Begins {
        bytes: data.to_vec(),
        bad: bad..bad + u64::from(bad % 4 == 3),
    }));
    let found = find(&mut disk).expect("nothing ends");
    for mut volume in found.volumes.into_iter().take(8) {
        let mut waiting = vec![volume.root()];
        for _ in 0..32 {
            let Some(place) = waiting.pop() else {
                break;
            };
            let folder = volume.list(&mut disk, place).expect("nothing ends");
            for entry in folder.entries.into_iter().take(256) {
                assert!(entry.written <= entry.size);
                let extents = volume.extents(&mut disk, entry.place).expect("nothing ends");
                let told: u64 = extents.runs.iter().map(|run| run.length).sum();
                assert!(entry.is_folder || told <= entry.size);
                if entry.is_folder {
                    waiting.push(entry.place);
                }
            }
        }
    }
});
