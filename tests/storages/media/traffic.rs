//! A media device gets read requests only: all outgoing data is taken apart and compared with the allow-list.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use lifeboat::link::{Link, LinkError, LinkWrite};
use lifeboat::protocol::mtp::allowed::OPERATIONS;
use lifeboat::rescue::Target;

use super::support::{media_with_more, options, part};
use crate::common::folder_in_memory;

/// The whole list. A change of the list needs a change here, which a reviewer sees.
const REVIEWED: &str = "\
1001 GetDeviceInfo 0
1002 OpenSession 1
1003 CloseSession 0
1004 GetStorageIDs 0
1005 GetStorageInfo 1
1007 GetObjectHandles 3
1008 GetObjectInfo 1
1009 GetObject 1
1014 GetDevicePropDesc 1
101b GetPartialObject 3
9803 GetObjectPropValue 2
95c1 GetPartialObject64 4
";

#[test]
fn the_list_is_the_one_that_was_reviewed() {
    let list: String = OPERATIONS
        .map(|row| format!("{:04x} {} {}\n", row.code(), row.name(), row.parameters()))
        .concat();
    assert_eq!(list, REVIEWED);
}

/// Returns an error if a transfer to the device is not on the list.
fn judge(bytes: &[u8]) -> Result<(), String> {
    let short = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
    if bytes.len() < 12 || bytes.len() != usize::from(short(0)) || short(2) != 0 {
        return Err(format!("no container: {bytes:02x?}"));
    }
    if short(4) != 1 {
        return Err(format!("a container of kind {}", short(4)));
    }
    let row = OPERATIONS.iter().find(|row| row.code() == short(6));
    let row = row.ok_or_else(|| format!("operation {:04x}", short(6)))?;
    match bytes.len() == 12 + 4 * row.parameters() {
        true => Ok(()),
        false => Err(format!("{} with {} bytes", row.name(), bytes.len())),
    }
}

/// A link that judges each transfer.
struct Judge {
    inner: Box<dyn LinkWrite>,
    judged: Arc<Mutex<Vec<Result<(), String>>>>,
}

impl LinkWrite for Judge {
    fn write_all(&mut self, bytes: &[u8], timeout: Duration) -> Result<(), LinkError> {
        self.judged.lock().expect("a list").push(judge(bytes));
        self.inner.write_all(bytes, timeout)
    }

    fn close(&mut self) {
        self.inner.close();
    }
}

#[test]
fn whole_rescues_ask_for_nothing_else() {
    let mut all = 0;
    for spec in [
        "movie=40MB",
        "model=responder,battery=3",
        "model=camera",
        "model=iphone",
        "locked",
        "no-partial",
        "left-over,events",
        "unplug-after=300k",
        "denied,vanishes,changes=2",
        "lie=long",
        "flat,ring",
    ] {
        let device = media_with_more(spec);
        let link = device.link();
        let judged = Arc::<Mutex<Vec<_>>>::default();
        let link = Link {
            writer: Box::new(Judge {
                inner: link.writer,
                judged: Arc::clone(&judged),
            }),
            ..link
        };
        let parent = folder_in_memory();
        part(
            link,
            Target::New(parent.path().to_owned()),
            &options(),
            &mut |_| {},
        );
        let judged = judged.lock().expect("a list");
        let wrong: Vec<_> = judged.iter().filter(|one| one.is_err()).collect();
        assert!(wrong.is_empty(), "{spec}: {wrong:?}");
        assert_eq!(device.tripped(), Vec::<String>::new(), "{spec}");
        all += judged.len();
    }
    assert!(all > 200, "{all} transfers judged");
}

/// The judge must be able to refuse, and so must the device's own tripwire.
#[test]
fn what_writes_is_noticed() {
    let container = |kind: u16, code: u16, parameters: &[u32]| {
        let mut bytes = ((12 + parameters.len() * 4) as u32).to_le_bytes().to_vec();
        bytes.extend(kind.to_le_bytes());
        bytes.extend(code.to_le_bytes());
        bytes.extend(1u32.to_le_bytes());
        bytes.extend(parameters.iter().flat_map(|number| number.to_le_bytes()));
        bytes
    };
    assert_eq!(judge(&container(1, 0x1002, &[1])), Ok(()));
    for (kind, code, parameters) in [
        (1, 0x100b, &[5, 0][..]),
        (1, 0x100c, &[0, 0]),
        (1, 0x100d, &[]),
        (1, 0x100f, &[0x10001]),
        (1, 0x1010, &[]),
        (1, 0x1012, &[5, 1]),
        (1, 0x1013, &[]),
        (1, 0x1016, &[0x5001]),
        (1, 0x1019, &[5, 0x10001, 0]),
        (1, 0x101a, &[5, 0x10001, 0]),
        (1, 0x9804, &[5, 0xdc07]),
        (1, 0x95c3, &[5, 0, 0]),
        (2, 0x1009, &[]),
        (1, 0x1009, &[5, 6]),
    ] {
        let bytes = container(kind, code, parameters);
        assert!(judge(&bytes).is_err(), "{code:04x}");
        if (kind, code) == (1, 0x1009) {
            continue;
        }
        let device = media_with_more("");
        let mut link = device.link();
        let second = Duration::from_secs(1);
        link.writer.write_all(&bytes, second).expect("a device");
        let _ = link.reader.read(&mut [0; 64], second);
        assert_eq!(device.tripped().len(), 1, "{kind} {code:04x}");
    }
}
