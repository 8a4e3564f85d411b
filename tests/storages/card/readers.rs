//! Card readers of every kind, and phones with the same USB class: behaviour that the practice card does not have.

use std::thread::JoinHandle;
use std::time::Duration;

use lifeboat::link::{Link, LinkError, pipe};
use lifeboat::model::{Advice as _, Stop};
use lifeboat::protocol::scsi::{ScsiDisk, ScsiError};

/// Returns the device's answer to a command. Arguments: unit, command block and tag.
type Answer = Box<dyn FnMut(u8, &[u8], u32) -> Vec<u8> + Send>;

fn device(mut answer: Answer) -> (Link, JoinHandle<()>) {
    let (client, mut device) = pipe::pair();
    let served = std::thread::spawn(move || {
        let mut command = Vec::new();
        loop {
            let mut byte = [0];
            match device.reader.read(&mut byte, Duration::from_millis(50)) {
                Ok(_) => command.push(byte[0]),
                Err(LinkError::TimedOut) => {}
                Err(_) => return,
            }
            if command.len() == 31 {
                assert_eq!((&command[..4], command[12]), (b"USBC".as_slice(), 0x80));
                let tag = u32::from_le_bytes(command[4..8].try_into().expect("a tag"));
                let reply = answer(command[13], &command[15..], tag);
                command.clear();
                if device
                    .writer
                    .write_all(&reply, Duration::from_secs(5))
                    .is_err()
                {
                    return;
                }
            }
        }
    });
    (client, served)
}

fn status(tag: u32, residue: u32, status: u8) -> Vec<u8> {
    [
        b"USBS".as_slice(),
        &tag.to_le_bytes(),
        &residue.to_le_bytes(),
        &[status],
    ]
    .concat()
}

fn passed(mut reply: Vec<u8>, tag: u32, asked: usize) -> Vec<u8> {
    let residue = asked - reply.len();
    reply.extend(status(tag, residue as u32, 0));
    reply
}

fn sense(key: u8, code: u8, tag: u32) -> Vec<u8> {
    let mut sense = vec![0x70, 0, key, 0, 0, 0, 0, 10, 0, 0, 0, 0, code];
    sense.resize(18, 0);
    passed(sense, tag, 18)
}

fn inquiry(kind: u8, tag: u32) -> Vec<u8> {
    let mut reply = vec![kind, 0x80, 2, 2, 31, 0, 0, 0];
    reply.extend(b"Vendor  Product         1.00");
    passed(reply, tag, 36)
}

fn capacity(last: u32, block: u32, tag: u32) -> Vec<u8> {
    passed([last.to_be_bytes(), block.to_be_bytes()].concat(), tag, 8)
}

/// Answers like a disk of a thousand blocks.
fn plain(block: &[u8], tag: u32) -> Vec<u8> {
    match block[0] {
        0x12 => inquiry(0, tag),
        0x00 => status(tag, 0, 0),
        0x25 => capacity(999, 512, tag),
        0x28 => {
            let count = usize::from(u16::from_be_bytes([block[7], block[8]])) * 512;
            passed(vec![block[5]; count], tag, count)
        }
        code => panic!("{code:x}"),
    }
}

fn opened(answer: Answer, last: u8) -> Result<ScsiDisk, ScsiError> {
    ScsiDisk::open(device(answer).0, last, &Stop::new())
}

#[test]
fn a_modem_driver_shown_as_a_cd_rom_and_empty_slots_are_passed_over() {
    let disk = opened(
        Box::new(|unit, block, tag| match (unit, block[0]) {
            (0, 0x12) => inquiry(5, tag),
            (1, 0x00) => status(tag, 0, 1),
            (1, 0x03) => sense(2, 0x3a, tag),
            (_, _) => plain(block, tag),
        }),
        3,
    );
    let mut disk = disk.expect("the third unit");
    assert_eq!(
        (disk.blocks, disk.block, disk.inquiry.vendor.as_str()),
        (1000, 512, "Vendor")
    );
    let mut buffer = vec![0; 512 * 300];
    disk.read(7, &mut buffer).expect("blocks");
    assert_eq!((buffer[0], buffer[512 * 240]), (7, 247));
    let none = opened(Box::new(|_, _, tag| inquiry(5, tag)), 0).err();
    assert!(matches!(none, Some(ScsiError::NoDisk)), "{none:?}");
}

#[test]
fn a_medium_that_becomes_ready_is_waited_for() {
    let mut asked = 0;
    let disk = opened(
        Box::new(move |_, block, tag| match block[0] {
            0x00 => {
                asked += 1;
                status(tag, 0, u8::from(asked < 3))
            }
            0x03 => sense(2, 4, tag),
            _ => plain(block, tag),
        }),
        0,
    );
    assert!(disk.is_ok());
}

#[test]
fn what_an_earlier_reader_left_on_the_way_is_thrown_away() {
    let mut is_first = true;
    let disk = opened(
        Box::new(move |_, block, tag| {
            let stale = std::mem::take(&mut is_first);
            let mut reply = if stale { vec![0xee; 700] } else { Vec::new() };
            if stale {
                reply.extend(status(tag.wrapping_sub(7), 0, 0));
            }
            reply.extend(plain(block, tag));
            reply
        }),
        0,
    );
    assert!(disk.is_ok(), "{:?}", disk.err());
}

#[test]
fn a_card_that_is_changed_in_the_middle_ends_the_read() {
    let mut reads = 0;
    let disk = opened(
        Box::new(move |_, block, tag| match block[0] {
            0x28 => {
                reads += 1;
                match reads {
                    2 => status(tag, 512, 1),
                    _ => plain(block, tag),
                }
            }
            0x03 => sense(6, 0x28, tag),
            _ => plain(block, tag),
        }),
        0,
    );
    let mut disk = disk.expect("a disk");
    let mut buffer = vec![0; 512];
    disk.read(0, &mut buffer).expect("a block");
    let error = disk.read(1, &mut buffer).expect_err("another card");
    assert!(matches!(error, ScsiError::Changed) && error.is_link_lost());
}

#[test]
fn a_confused_reader_is_abandoned_and_not_reset() {
    type Wrong = fn(u32) -> Vec<u8>;
    let wrong: [(&str, Wrong); 3] = [
        ("asks for a reset", |tag| status(tag, 0, 2)),
        ("says that all came, and it did not", |tag| {
            passed(vec![1; 100], tag, 512)
        }),
        ("speaks of another command", |tag| {
            let mut reply = vec![1; 512];
            reply.extend(status(tag.wrapping_add(1), 0, 0));
            reply
        }),
    ];
    for (what, wrong) in wrong {
        let disk = opened(
            Box::new(move |_, block, tag| match block[0] {
                0x28 => wrong(tag),
                _ => plain(block, tag),
            }),
            0,
        );
        let error = disk
            .expect("a disk")
            .read(0, &mut [0; 512])
            .expect_err(what);
        assert!(error.is_link_lost(), "{what}: {error}");
        assert!(error.advice().contains("plug it in again"), "{what}");
    }
}

#[test]
fn cards_of_more_than_two_tib_and_blocks_of_four_kib_are_read() {
    let disk = opened(
        Box::new(|_, block, tag| match block[0] {
            0x25 => capacity(u32::MAX, 4096, tag),
            0x9e => {
                assert_eq!(block[1], 0x10);
                let mut reply = [
                    (1u64 << 33).to_be_bytes().as_slice(),
                    &4096u32.to_be_bytes(),
                ]
                .concat();
                reply.resize(32, 0);
                passed(reply, tag, 32)
            }
            0x88 => {
                let first = u64::from_be_bytes(block[2..10].try_into().expect("a number"));
                assert_eq!((first, &block[10..14]), (1 << 32, [0, 0, 0, 2].as_slice()));
                passed(vec![9; 8192], tag, 8192)
            }
            _ => plain(block, tag),
        }),
        0,
    );
    let mut disk = disk.expect("a disk");
    assert_eq!(disk.blocks, (1 << 33) + 1);
    let mut buffer = vec![0; 8192];
    disk.read(1 << 32, &mut buffer).expect("blocks");
    assert_eq!(buffer, [9; 8192]);
    for (last, block) in [(9, 0), (9, 513), (9, 1 << 20)] {
        let disk = opened(
            Box::new(move |_, asked, tag| match asked[0] {
                0x25 => capacity(last, block, tag),
                _ => plain(asked, tag),
            }),
            0,
        );
        assert!(disk.is_err(), "{last} {block}");
    }
}
