//! The first promise over USB mass storage: the list of commands as it was reviewed, and the commands that really
//! leave.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use lifeboat::handset::files_only::FileSource;
use lifeboat::handset::memory_card;
use lifeboat::link::{Link, LinkError, LinkWrite};
use lifeboat::model::Stop;
use lifeboat::practice::card::{PracticeCard, Settings};
use lifeboat::protocol::scsi::allowed::{COMMANDS, Request};
use proptest::prelude::*;

/// The whole list. A change of the list needs a change here, which a reviewer sees.
const REVIEWED: &str = "\
00 TEST UNIT READY
03 REQUEST SENSE
12 INQUIRY
25 READ CAPACITY(10)
28 READ(10)
88 READ(16)
9e/10 READ CAPACITY(16)
";

#[test]
fn the_list_is_the_one_that_was_reviewed() {
    let line = |code: u8, service: Option<u8>, name: &str| match service {
        Some(service) => format!("{code:02x}/{service:02x} {name}\n"),
        None => format!("{code:02x} {name}\n"),
    };
    let list = COMMANDS.map(|command| line(command.code(), command.service(), command.name()));
    assert_eq!(list.concat(), REVIEWED);
}

/// Judges a command block by its contents.
fn judge(block: &[u8], length: u8) -> Result<(), String> {
    let row = COMMANDS.iter().find(|row| {
        let service = row.service().is_none_or(|service| block[1] == service);
        row.code() == block[0] && service && row.length() == length
    });
    let beyond = block.get(usize::from(length)..).unwrap_or_default();
    match (row, beyond.iter().all(|byte| *byte == 0)) {
        (Some(_), true) => Ok(()),
        _ => Err(format!("{length} bytes of {block:02x?}")),
    }
}

/// The judge must be able to refuse: writing, formatting, ejecting, locking, a mode, a vendor's own command.
#[test]
fn what_writes_is_not_on_the_list() {
    for code in [
        0x04, 0x07, 0x0a, 0x15, 0x1b, 0x1e, 0x2a, 0x2e, 0x35, 0x41, 0x42, 0x55, 0x8a, 0xaa, 0xc0,
        0xff,
    ] {
        let mut block = [0; 16];
        block[0] = code;
        for length in [6, 10, 12, 16] {
            assert!(judge(&block, length).is_err(), "{code:02x}");
        }
    }
    let mut other_service = [0; 16];
    (other_service[0], other_service[1]) = (0x9e, 0x12);
    assert!(judge(&other_service, 16).is_err());
}

fn request() -> impl Strategy<Value = Request> {
    prop_oneof![
        Just(Request::TestUnitReady),
        Just(Request::Sense),
        Just(Request::Inquiry),
        Just(Request::Capacity10),
        Just(Request::Capacity16),
        any::<(u32, u16)>().prop_map(|(first, count)| Request::Read10(first, count)),
        any::<(u64, u32)>().prop_map(|(first, count)| Request::Read16(first, count)),
    ]
}

proptest! {
    #[test]
    fn no_request_makes_another_command(request in request()) {
        prop_assert_eq!(judge(&request.block(), request.command().length()), Ok(()));
    }
}

/// A link that records everything sent to the card.
struct Recorded {
    writer: Box<dyn LinkWrite>,
    sent: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl LinkWrite for Recorded {
    fn write_all(&mut self, bytes: &[u8], timeout: Duration) -> Result<(), LinkError> {
        self.sent.lock().unwrap().push(bytes.to_vec());
        self.writer.write_all(bytes, timeout)
    }

    fn close(&mut self) {
        self.writer.close();
    }
}

#[test]
fn nothing_but_commands_that_read_leaves_for_a_card() {
    let settings = Settings {
        photos: 3,
        bad_sectors: 1,
        ..Settings::default()
    };
    let card = PracticeCard::new(settings);
    let (link, sent) = (card.link(), Arc::<Mutex<Vec<Vec<u8>>>>::default());
    let link = Link {
        writer: Box::new(Recorded {
            writer: link.writer,
            sent: Arc::clone(&sent),
        }),
        ..link
    };
    let mut opened = memory_card::open_usb(link, 0, &Stop::new()).unwrap();
    let mut files = Vec::new();
    opened.list(&mut |file| files.push(file)).unwrap();
    for file in &files {
        // A damaged card must get the same requests, so the result does not matter.
        let _ = opened.fetch(file, 0, &mut Vec::new());
    }
    let sent = sent.lock().unwrap();
    assert!(sent.len() > 10);
    for command in sent.iter() {
        // Only a wrapper of 31 bytes with a command block that transfers data to the computer may leave, never data.
        assert_eq!(
            (command.len(), &command[..4], command[12]),
            (31, b"USBC".as_slice(), 0x80)
        );
        assert_eq!(judge(&command[15..], command[14]), Ok(()));
    }
    // The card's own tripwire does not use the list.
    assert_eq!(card.tripped(), [""; 0]);
}
