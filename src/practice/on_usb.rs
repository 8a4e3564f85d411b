//! A practice handset behind USB endpoints that behave like real ones. Code that would hang or break on real USB
//! fails here.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::android::{Auth, LinkSettings, PracticeAndroid, Settings};
use crate::handset::Handset;
use crate::handset::android::{Android, Choices};
use crate::link::usb::{Bulk, Endpoint, UsbPlace, over};
use crate::link::{Link, LinkError, LinkRead, LinkWrite};
use crate::model::Past;
use crate::protocol::adb::{Adb, AdbError, Key, Options};

/// Size of one read request of adbd, in bytes (AOSP `daemon/usb.cpp`, kUsbReadSize).
const DEVICE_READ: usize = 16_384;
const HEADER: usize = 24;

/// The endpoints of a handset.
struct Wires {
    packet: usize,
    out: Mutex<Out>,
    back: Mutex<Back>,
    faults: Mutex<Vec<String>>,
}

/// The direction to the handset.
struct Out {
    writer: Box<dyn LinkWrite>,
    /// Packets of a transfer that is not yet complete for the handset.
    open: Vec<u8>,
    /// Remaining bytes of a payload; 0: a header comes next.
    payload: usize,
}

/// The direction from the handset.
struct Back {
    reader: Box<dyn LinkRead>,
    raw: Vec<u8>,
    /// Complete transfers.
    transfers: VecDeque<Vec<u8>>,
}

impl Wires {
    fn of(link: Link, packet: usize) -> Self {
        Self {
            packet,
            out: Mutex::new(Out {
                writer: link.writer,
                open: Vec::new(),
                payload: 0,
            }),
            back: Mutex::new(Back {
                reader: link.reader,
                raw: Vec::new(),
                transfers: VecDeque::new(),
            }),
            faults: Mutex::default(),
        }
    }

    fn fault(&self, what: impl Into<String>) {
        self.faults.lock().unwrap().push(what.into());
    }

    /// Handles a completed read of the handset.
    fn arrived(&self, out: &mut Out, bytes: &[u8]) -> rusb::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        if out.payload == 0 {
            let length = bytes.get(12..16).and_then(|word| word.try_into().ok());
            match length {
                Some(word) if bytes.len() == HEADER => {
                    out.payload = u32::from_le_bytes(word) as usize;
                }
                _ => self.fault(format!("a header of {} bytes", bytes.len())),
            }
        } else if bytes.len() > out.payload {
            self.fault("received too many bytes while waiting for payload");
        } else {
            out.payload -= bytes.len();
        }
        let sent = out.writer.write_all(bytes, Duration::from_secs(5));
        sent.map_err(|_| rusb::Error::NoDevice)
    }
}

impl Back {
    /// Reads from the link and splits the data into transfers: a header, then its payload.
    fn fill(&mut self, wait: Duration) -> Result<(), LinkError> {
        let mut bytes = [0; 4096];
        let count = self.reader.read(&mut bytes, wait)?;
        self.raw.extend(&bytes[..count]);
        while let Some(word) = self.raw.get(12..16) {
            let length = u32::from_le_bytes(word.try_into().unwrap()) as usize;
            if self.raw.len() < HEADER + length {
                break;
            }
            let rest = self.raw.split_off(HEADER + length);
            let payload = self.raw.split_off(HEADER);
            self.transfers
                .push_back(std::mem::replace(&mut self.raw, rest));
            if !payload.is_empty() {
                self.transfers.push_back(payload);
            }
        }
        Ok(())
    }
}

impl Bulk for Wires {
    fn bulk_in(&self, _: u8, buffer: &mut [u8], wait: Duration) -> rusb::Result<usize> {
        if !buffer.len().is_multiple_of(self.packet) {
            return Err(rusb::Error::Overflow);
        }
        let mut back = self.back.lock().unwrap();
        while back.transfers.is_empty() {
            match back.fill(wait) {
                Ok(()) => {}
                Err(LinkError::TimedOut) => return Err(rusb::Error::Timeout),
                Err(_) => return Err(rusb::Error::NoDevice),
            }
        }
        let mut transfer = back.transfers.pop_front().unwrap_or_default();
        let count = transfer.len().min(buffer.len());
        buffer[..count].copy_from_slice(&transfer[..count]);
        let rest = transfer.split_off(count);
        if !rest.is_empty() {
            back.transfers.push_front(rest);
        } else if count < buffer.len() && count.is_multiple_of(self.packet) {
            self.fault(format!(
                "{} bytes were requested where {count} arrive: the request waits for a short packet",
                buffer.len()
            ));
        }
        Ok(count)
    }

    fn bulk_out(&self, _: u8, bytes: &[u8], _: Duration) -> rusb::Result<usize> {
        let mut out = self.out.lock().unwrap();
        // If the sender leaves out a closing packet, the handset sees this transfer and the next as one.
        let mut packets: Vec<&[u8]> = bytes.chunks(self.packet).collect();
        if packets.is_empty() {
            packets.push(&[]);
        }
        for packet in packets {
            out.open.extend(packet);
            if packet.len() < self.packet || out.open.len() >= DEVICE_READ {
                let whole = std::mem::take(&mut out.open);
                self.arrived(&mut out, &whole)?;
            }
        }
        Ok(bytes.len())
    }

    fn clear_halt(&self, _: u8) -> rusb::Result<()> {
        Ok(())
    }
}

/// Reads everything from a handset, as text.
fn read_all(link: Link, key: &Key) -> Vec<String> {
    let options = Options {
        keys: vec![key.clone()],
        ..Options::default()
    };
    let adb = Adb::connect(link, options).unwrap();
    let mut handset = Android::open(adb, &Choices::default()).unwrap();
    let mut all = Vec::new();
    for what in handset.collections().unwrap() {
        all.push(format!("{:?}", handset.survey(what, &Past::default()).ok()));
        let mut after = None;
        while let Ok(Some(batch)) = handset.next_batch(what, after.as_ref()) {
            all.push(format!("{:?}", batch.records));
            after = batch.bookmark.or(after);
        }
    }
    all
}

#[test]
fn a_whole_handset_is_read_over_usb_of_every_speed() {
    let key = Key::generate("test").unwrap();
    // Payloads of 4 KiB and 1 MiB, with and without checksums.
    for (level, packet) in [(19, 64), (33, 512), (33, 1024)] {
        let settings = Settings {
            android: level,
            contacts: 60,
            events: 20,
            todos: 5,
            link: LinkSettings {
                auth: Auth::RequireKey {
                    accepted: vec![key.public()],
                    answered_after: None,
                },
                ..LinkSettings::default()
            },
            ..Settings::default()
        };
        let android = PracticeAndroid::new(settings);
        let wanted = read_all(android.link(), &key);
        assert!(wanted.len() > 4);
        let wires = Arc::new(Wires::of(android.link(), packet));
        let place = place(packet, true);
        let read = read_all(over(Arc::clone(&wires), &place, "USB 1-4".into()), &key);
        let faults = wires.faults.lock().unwrap();
        assert!(faults.is_empty(), "{packet}: {faults:?}");
        assert_eq!(read, wanted, "Android API {level}, packets of {packet}");
    }
}

/// The control case: without the empty packets, this handset hangs like real ones.
#[test]
fn without_empty_packets_a_signature_never_arrives() {
    let settings = Settings {
        link: LinkSettings {
            auth: Auth::RequireKey {
                accepted: Vec::new(),
                answered_after: None,
            },
            ..LinkSettings::default()
        },
        ..Settings::default()
    };
    let android = PracticeAndroid::new(settings);
    // A signature has 256 bytes: four packets at full speed.
    let wires = Arc::new(Wires::of(android.link(), 64));
    let options = Options {
        keys: vec![Key::generate("test").unwrap()],
        handshake_timeout: Duration::from_secs(1),
        ..Options::default()
    };
    let link = over(wires, &place(64, false), "USB 1-4".into());
    let connected = Adb::connect(link, options);
    assert!(
        matches!(connected, Err(AdbError::NoAnswer(_))),
        "{connected:?}"
    );
}

fn place(packet: usize, zero_packets: bool) -> UsbPlace {
    let endpoint = |address| Endpoint {
        address,
        packet: u16::try_from(packet).unwrap(),
    };
    UsbPlace {
        bus: 1,
        ports: vec![4],
        address: 9,
        interface: 1,
        alternate: 0,
        bulk_in: endpoint(0x81),
        bulk_out: endpoint(0x01),
        zero_packets,
        is_disk: false,
    }
}
