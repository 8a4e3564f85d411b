//! The parsers that are private to this module, for the fuzz target.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use super::container::Header;
use super::{Mtp, MtpTime, Options, ROOT, dataset};
use crate::link::{Link, LinkError, LinkRead, LinkWrite};

/// A device that sends these bytes and then closes the link.
struct Said(VecDeque<u8>);

impl LinkRead for Said {
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize, LinkError> {
        // An earlier program has left nothing on the link.
        if timeout == super::LEFT_OVER {
            return Err(LinkError::TimedOut);
        }
        // In pieces of seven bytes, so that nothing arrives whole.
        let count = buffer.len().min(self.0.len()).min(7);
        for (place, byte) in buffer.iter_mut().zip(self.0.drain(..count)) {
            *place = byte;
        }
        match count {
            0 => Err(LinkError::Closed),
            count => Ok(count),
        }
    }
}

impl LinkWrite for Said {
    fn write_all(&mut self, _bytes: &[u8], _timeout: Duration) -> Result<(), LinkError> {
        Ok(())
    }

    fn close(&mut self) {}
}

/// Runs a whole session: greeting, listing, an object, and a file, in pieces and whole.
pub fn session(bytes: &[u8]) {
    let link = Link {
        reader: Box::new(Said(bytes.iter().copied().collect())),
        writer: Box::new(Said(VecDeque::new())),
        name: String::new(),
    };
    let Ok(mut mtp) = Mtp::connect(link, &Options::default()) else {
        return;
    };
    let _ = mtp.battery();
    let storages = mtp.storages().unwrap_or_default();
    let storage = storages.first().copied().unwrap_or_default();
    let _ = mtp.storage(storage);
    let handles = mtp.handles(storage, ROOT).unwrap_or_default();
    let handle = handles.first().copied().unwrap_or_default();
    let info = mtp.object(handle).unwrap_or_default();
    let size = info.size.unwrap_or(u64::MAX);
    let mut copy = Vec::new();
    if let Ok(count) = mtp.read(handle, 5, size, &mut copy) {
        assert_eq!(count, copy.len() as u64);
    }
    let _ = mtp.read(handle, 0, size, &mut io::sink());
}

/// Parses each dataset by itself.
pub fn datasets(bytes: &[u8]) {
    if let Some(device) = dataset::device_info(bytes) {
        let texts = [device.make, device.model, device.version, device.serial];
        assert!(
            texts
                .iter()
                .flat_map(|text| text.chars())
                .all(|c| !c.is_control())
        );
        // Each number of two bytes needs at least two bytes of input.
        assert!((device.operations.len() + device.properties.len()) * 2 <= bytes.len());
    }
    let _ = dataset::storage_info(bytes);
    if let Some(handles) = dataset::handles(bytes) {
        assert!(handles.len() * 4 <= bytes.len());
    }
    if let Some(object) = dataset::object_info(bytes) {
        assert!(!object.name.is_empty());
    }
    let _ = dataset::number(bytes);
    assert!(dataset::percent(bytes).is_none_or(|percent| percent <= 100));
    let _ = bytes.first_chunk().copied().and_then(Header::parse);
    assert!(Header::at_end_of(bytes, 1).is_none_or(|header| header.transaction == 1));
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = MtpTime::parse(text);
    }
}
