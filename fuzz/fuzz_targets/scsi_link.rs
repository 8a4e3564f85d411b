#![no_main]
//! A USB disk that answers anything: INQUIRY, capacity, blocks, sense, statuses.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::Arc;
use std::time::Duration;

use lifeboat::link::{Link, LinkError, LinkRead, LinkWrite};
use lifeboat::model::Stop;
use lifeboat::protocol::scsi::ScsiDisk;

/// A link that returns the bytes of the test case. After each `USBS` in them it inserts the tag of the last command, so
/// that a status matches its command.
struct Said {
    bytes: VecDeque<u8>,
    tag: Arc<AtomicU32>,
    before: [u8; 4],
    due: VecDeque<u8>,
}

impl LinkRead for Said {
    fn read(&mut self, buffer: &mut [u8], _: Duration) -> Result<usize, LinkError> {
        let mut count = 0;
        for place in buffer.iter_mut().take(64) {
            let Some(byte) = self.due.pop_front().or_else(|| self.bytes.pop_front()) else {
                break;
            };
            *place = byte;
            count += 1;
            self.before.rotate_left(1);
            self.before[3] = byte;
            if &self.before == b"USBS" {
                self.due.extend(self.tag.load(Ordering::Relaxed).to_le_bytes());
            }
        }
        match count {
            0 => Err(LinkError::Closed),
            count => Ok(count),
        }
    }
}

struct Heard(Arc<AtomicU32>);

impl LinkWrite for Heard {
    fn write_all(&mut self, bytes: &[u8], _: Duration) -> Result<(), LinkError> {
        let command: [u8; 31] = bytes.try_into().expect("a command block wrapper");
        assert!(command[12] == 0x80 && matches!(command[15], 0x00 | 0x03 | 0x12 | 0x25 | 0x28 | 0x88 | 0x9e));
        let tag = [command[4], command[5], command[6], command[7]];
        self.0.store(u32::from_le_bytes(tag), Ordering::Relaxed);
        Ok(())
    }
    fn close(&mut self) {}
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let tag = Arc::new(AtomicU32::new(0));
    let link = Link {
        reader: Box::new(Said {
            bytes: data.iter().copied().collect(),
            tag: Arc::clone(&tag),
            before: [0; 4],
            due: VecDeque::new(),
        }),
        writer: Box::new(Heard(tag)),
        name: "fuzz".into(),
    };
    if let Ok(mut disk) = ScsiDisk::open(link, 3, &Stop::new()) {
        let mut buffer = vec![0; disk.block as usize];
        for first in 0..8 {
            let _ = disk.read(first, &mut buffer);
        }
    }
});
