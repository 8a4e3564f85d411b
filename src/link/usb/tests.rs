//! Tests of the packet logic, against scripted endpoints.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rusb::Error as E;

use super::bulk::Bulk;
use super::{Endpoint, UsbPlace, over};
use crate::link::{Link, LinkError};

const LONG: Duration = Duration::from_secs(5);
const SHORT: Duration = Duration::from_millis(20);

/// Endpoints that answer as scripted and record the requests.
#[derive(Default)]
struct Script {
    ins: Mutex<VecDeque<rusb::Result<Vec<u8>>>>,
    outs: Mutex<VecDeque<rusb::Result<usize>>>,
    asked: Mutex<Vec<usize>>,
    sent: Mutex<Vec<Vec<u8>>>,
    cleared: Mutex<Vec<u8>>,
    waits: Mutex<Vec<Duration>>,
}

impl Bulk for Script {
    fn bulk_in(&self, endpoint: u8, buffer: &mut [u8], wait: Duration) -> rusb::Result<usize> {
        assert_eq!(endpoint, 0x81);
        self.asked.lock().unwrap().push(buffer.len());
        self.waits.lock().unwrap().push(wait);
        match self.ins.lock().unwrap().pop_front() {
            Some(Ok(bytes)) if bytes.len() > buffer.len() => Err(E::Overflow),
            Some(Ok(bytes)) => {
                buffer[..bytes.len()].copy_from_slice(&bytes);
                Ok(bytes.len())
            }
            Some(Err(error)) => Err(error),
            None => {
                std::thread::sleep(wait);
                Err(E::Timeout)
            }
        }
    }

    fn bulk_out(&self, endpoint: u8, bytes: &[u8], wait: Duration) -> rusb::Result<usize> {
        assert_eq!(endpoint, 0x02);
        self.waits.lock().unwrap().push(wait);
        let done = self.outs.lock().unwrap().pop_front();
        let done = done.unwrap_or(Ok(bytes.len()))?;
        self.sent.lock().unwrap().push(bytes[..done].to_vec());
        Ok(done)
    }

    fn clear_halt(&self, endpoint: u8) -> rusb::Result<()> {
        self.cleared.lock().unwrap().push(endpoint);
        Ok(())
    }
}

fn opened(packet: u16, script: Script) -> (Link, Arc<Script>) {
    let script = Arc::new(script);
    let place = UsbPlace {
        bus: 1,
        ports: vec![4],
        address: 9,
        interface: 1,
        alternate: 0,
        bulk_in: Endpoint {
            address: 0x81,
            packet,
        },
        bulk_out: Endpoint {
            address: 0x02,
            packet,
        },
        zero_packets: true,
        is_disk: false,
    };
    (over(Arc::clone(&script), &place, "test".into()), script)
}

fn incoming(script: impl IntoIterator<Item = rusb::Result<Vec<u8>>>) -> Script {
    Script {
        ins: Mutex::new(script.into_iter().collect()),
        ..Script::default()
    }
}

fn lengths(script: &Script) -> Vec<usize> {
    script.sent.lock().unwrap().iter().map(Vec::len).collect()
}

#[test]
fn asks_for_whole_packets_and_keeps_the_surplus() {
    let both: Vec<u8> = (0..40).collect();
    let (mut link, script) = opened(512, incoming([Ok(both.clone())]));
    let mut header = [0; 24];
    assert_eq!(link.reader.read(&mut header, LONG).unwrap(), 24);
    assert_eq!(header[..], both[..24]);
    let mut rest = [0; 100];
    assert_eq!(link.reader.read(&mut rest, LONG).unwrap(), 16);
    assert_eq!(rest[..16], both[24..]);
    assert_eq!(*script.asked.lock().unwrap(), [512], "asked only once");
}

#[test]
fn asks_for_no_packet_more_than_is_wanted() {
    for (packet, wanted, asked) in [
        (512, 512, 512),
        (512, 513, 1024),
        (1024, 1 << 20, 16 << 10),
        (512, 2 << 20, 16 << 10),
        (64, 24, 64),
        (512, 16 << 10, 16 << 10),
        (1000, 1 << 20, 16_000),
        (u16::MAX, 1, 65_535),
    ] {
        let (mut link, script) = opened(packet, incoming([Ok(vec![7])]));
        let mut buffer = vec![0; wanted];
        assert_eq!(link.reader.read(&mut buffer, LONG).unwrap(), 1);
        assert_eq!(*script.asked.lock().unwrap(), [asked], "{packet} {wanted}");
    }
}

#[test]
fn long_transfers_are_risked_once_the_handset_has_proven_itself() {
    let long = vec![0; 2 << 20];
    for (halts, asked) in [(false, 1 << 20), (true, 16 << 10)] {
        let first = if halts {
            Err(rusb::Error::Pipe)
        } else {
            Ok(vec![1])
        };
        let reads = std::iter::once(first).chain((0..99).map(|_| Ok(vec![1])));
        let (mut link, script) = opened(512, incoming(reads));
        for _ in 0..80 {
            link.reader.read(&mut long.clone(), LONG).unwrap();
        }
        assert_eq!(script.asked.lock().unwrap().last(), Some(&asked));
    }
}

#[test]
fn a_halt_within_a_long_transfer_is_a_lost_link_and_not_lost_bytes() {
    let reads = (0..64).map(|_| Ok(vec![1]));
    let (mut link, _) = opened(512, incoming(reads.chain([Err(rusb::Error::Pipe)])));
    let mut buffer = vec![0; 1 << 20];
    for _ in 0..64 {
        link.reader.read(&mut buffer, LONG).unwrap();
    }
    let read = link.reader.read(&mut buffer, LONG);
    assert!(matches!(read, Err(LinkError::Closed)), "{read:?}");
}

#[test]
fn a_transfer_may_come_in_parts_and_zero_packets_are_passed_over() {
    let parts = [Ok(vec![]), Ok(vec![1, 2]), Ok(vec![]), Ok(vec![3])];
    let (mut link, _) = opened(64, incoming(parts));
    let mut buffer = [0; 8];
    assert_eq!(link.reader.read(&mut buffer, LONG).unwrap(), 2);
    assert_eq!(link.reader.read(&mut buffer, LONG).unwrap(), 1);
    assert_eq!(buffer[0], 3);
}

#[test]
fn an_empty_buffer_asks_for_nothing() {
    let (mut link, script) = opened(64, Script::default());
    assert_eq!(link.reader.read(&mut [], LONG).unwrap(), 0);
    link.writer.write_all(&[], LONG).unwrap();
    assert!(script.asked.lock().unwrap().is_empty());
    assert!(script.sent.lock().unwrap().is_empty());
}

#[test]
fn silence_is_a_timeout_after_which_reading_goes_on() {
    let (mut link, script) = opened(512, Script::default());
    let mut buffer = [0; 24];
    let read = link.reader.read(&mut buffer, SHORT);
    assert!(matches!(read, Err(LinkError::TimedOut)), "{read:?}");
    let read = link.reader.read(&mut buffer, Duration::ZERO);
    assert!(matches!(read, Err(LinkError::TimedOut)), "{read:?}");
    script.ins.lock().unwrap().push_back(Ok(vec![5]));
    assert_eq!(link.reader.read(&mut buffer, SHORT).unwrap(), 1);
    let waits = script.waits.lock().unwrap();
    assert!(waits.iter().all(|wait| wait.as_millis() >= 1), "{waits:?}");
}

#[test]
fn a_halted_endpoint_is_cleared_but_not_for_ever() {
    let (mut link, script) = opened(64, incoming([Err(E::Pipe), Ok(vec![9])]));
    let mut buffer = [0; 4];
    assert_eq!(link.reader.read(&mut buffer, LONG).unwrap(), 1);
    assert_eq!(*script.cleared.lock().unwrap(), [0x81]);

    let (mut link, script) = opened(64, incoming(vec![Err(E::Pipe); 20]));
    let read = link.reader.read(&mut buffer, LONG);
    assert!(matches!(read, Err(LinkError::Io(_))), "{read:?}");
    assert_eq!(script.cleared.lock().unwrap().len(), 3);
}

#[test]
fn an_unplugged_device_closes_the_link() {
    for error in [E::NoDevice, E::Io] {
        let (mut link, script) = opened(64, incoming([Err(error)]));
        let read = link.reader.read(&mut [0; 4], LONG);
        assert!(matches!(read, Err(LinkError::Closed)), "{read:?}");
        script.outs.lock().unwrap().push_back(Err(error));
        let write = link.writer.write_all(&[1], LONG);
        assert!(matches!(write, Err(LinkError::Closed)), "{write:?}");
    }
}

#[test]
fn closing_one_half_ends_the_wait_of_the_other() {
    let (
        Link {
            mut reader,
            mut writer,
            ..
        },
        _,
    ) = opened(512, Script::default());
    let began = Instant::now();
    let waiting = std::thread::spawn(move || reader.read(&mut [0; 24], LONG));
    std::thread::sleep(SHORT);
    writer.close();
    let read = waiting.join().unwrap();
    assert!(matches!(read, Err(LinkError::Closed)), "{read:?}");
    assert!(
        began.elapsed() < Duration::from_secs(2),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn a_full_last_packet_is_followed_by_an_empty_one() {
    for (packet, length, sent) in [
        (512, 24, vec![24]),
        (512, 512, vec![512, 0]),
        (512, 513, vec![513]),
        (512, 16 << 10, vec![16 << 10, 0]),
        (1024, 512, vec![512]),
        (64, 128, vec![128, 0]),
        (512, (16 << 10) + 1, vec![16 << 10, 1]),
        (512, 33 << 10, vec![16 << 10, 16 << 10, 1024, 0]),
        (1000, 20_000, vec![16_000, 4_000, 0]),
    ] {
        let (mut link, script) = opened(packet, Script::default());
        let bytes: Vec<u8> = (0..length).map(|i| i as u8).collect();
        link.writer.write_all(&bytes, LONG).unwrap();
        assert_eq!(lengths(&script), sent, "{packet} {length}");
        assert_eq!(script.sent.lock().unwrap().concat(), bytes);
    }
}

#[test]
fn what_went_out_in_part_goes_on_only_at_the_edge_of_a_packet() {
    let (mut link, script) = opened(64, Script::default());
    script.outs.lock().unwrap().push_back(Ok(128));
    link.writer.write_all(&[3; 200], LONG).unwrap();
    assert_eq!(lengths(&script), [128, 72]);

    let (mut link, script) = opened(64, Script::default());
    script.outs.lock().unwrap().push_back(Ok(100));
    let write = link.writer.write_all(&[3; 200], LONG);
    assert!(matches!(write, Err(LinkError::TimedOut)), "{write:?}");

    let (mut link, script) = opened(64, Script::default());
    script.outs.lock().unwrap().push_back(Err(E::Timeout));
    let write = link.writer.write_all(&[3; 200], LONG);
    assert!(matches!(write, Err(LinkError::TimedOut)), "{write:?}");
}

#[test]
fn a_stall_while_writing_is_cleared() {
    let (mut link, script) = opened(64, Script::default());
    script.outs.lock().unwrap().push_back(Err(E::Pipe));
    link.writer.write_all(&[3; 10], LONG).unwrap();
    assert_eq!(*script.cleared.lock().unwrap(), [0x02]);
    assert_eq!(lengths(&script), [10]);
}
