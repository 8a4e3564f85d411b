//! A small adbd for tests, written from the protocol's description alone.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lifeboat::link::Link;

const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Debug, Clone)]
pub struct Packet {
    pub command: [u8; 4],
    pub arg0: u32,
    pub arg1: u32,
    pub sum: u32,
    pub payload: Vec<u8>,
}

/// The device's end of a link.
pub struct Wire(pub Link);

pub fn sum(bytes: &[u8]) -> u32 {
    bytes.iter().map(|byte| u32::from(*byte)).sum()
}

pub fn frame(command: &[u8; 4], arg0: u32, arg1: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = command.to_vec();
    let magic = !u32::from_le_bytes(*command);
    for word in [arg0, arg1, payload.len() as u32, sum(payload), magic] {
        bytes.extend(word.to_le_bytes());
    }
    bytes.extend(payload);
    bytes
}

impl Wire {
    pub fn raw(&mut self, bytes: &[u8]) -> bool {
        self.0.writer.write_all(bytes, PATIENCE).is_ok()
    }

    pub fn send(&mut self, command: &[u8; 4], arg0: u32, arg1: u32, payload: &[u8]) -> bool {
        self.raw(&frame(command, arg0, arg1, payload))
    }

    /// Receives a packet. `None`: the client is gone, or has been silent for long.
    pub fn receive(&mut self) -> Option<Packet> {
        let header = self.exactly(24)?;
        let word = |at: usize| u32::from_le_bytes(header[at..at + 4].try_into().unwrap());
        assert_eq!(word(20), !word(0), "the magic word");
        Some(Packet {
            command: header[..4].try_into().unwrap(),
            arg0: word(4),
            arg1: word(8),
            sum: word(16),
            payload: self.exactly(word(12) as usize)?,
        })
    }

    pub fn expect(&mut self, command: &[u8; 4]) -> Packet {
        let packet = self.receive().expect("the client to say something");
        assert_eq!(&packet.command, command, "{packet:?}");
        packet
    }

    fn exactly(&mut self, count: usize) -> Option<Vec<u8>> {
        let mut bytes = vec![0; count];
        let mut have = 0;
        while have < count {
            have += self.0.reader.read(&mut bytes[have..], PATIENCE).ok()?;
        }
        Some(bytes)
    }

    /// Receives the client's greeting and answers it.
    pub fn greet(&mut self, version: u32, max_payload: u32, banner: &str) {
        let hello = self.expect(b"CNXN");
        assert_eq!(
            hello.sum,
            sum(&hello.payload),
            "filled in until we are known"
        );
        assert!(hello.payload.starts_with(b"host::"));
        let said = String::from_utf8(hello.payload).unwrap();
        // adbd takes anything after the last feature for a part of that feature.
        assert!(
            said.ends_with("=delayed_ack")
                || said.ends_with(",delayed_ack")
                || said.contains(",delayed_ack,")
        );
        self.send(b"CNXN", version, max_payload, banner.as_bytes());
    }
}

/// A service on the device: its answer to being opened, and its answers to the bytes that the client writes.
pub trait Service: Send {
    fn opened(&mut self, name: &str) -> Option<Answer>;
    fn wrote(&mut self, _bytes: &[u8]) -> Vec<u8> {
        Vec::new()
    }
}

pub enum Answer {
    /// The whole answer; then the stream is closed.
    Bytes(Vec<u8>),
    /// The stream stays open for the client's bytes.
    Talk,
}

impl<F: FnMut(&str) -> Option<Answer> + Send> Service for F {
    fn opened(&mut self, name: &str) -> Option<Answer> {
        self(name)
    }
}

pub struct Device {
    pub version: u32,
    pub max_payload: u32,
    pub banner: &'static str,
    /// Length of the longest payload that is sent.
    pub piece: usize,
    /// Every command that was received, with its subject.
    pub log: Arc<Mutex<Vec<String>>>,
}

/// The banner of a handset that offers windows instead of one payload per stream.
pub const WINDOWS: &str = "device::features=shell_v2,stat_v2,ls_v2,sendrecv_v2,delayed_ack";

impl Default for Device {
    fn default() -> Self {
        Self {
            version: 0x0100_0001,
            max_payload: 1 << 20,
            banner: "device::ro.product.model=Test;features=shell_v2,stat_v2,ls_v2,sendrecv_v2",
            piece: 64 << 10,
            log: Arc::default(),
        }
    }
}

struct Open {
    remote: u32,
    pieces: VecDeque<Vec<u8>>,
    /// How much may still be sent: payloads, or bytes where windows are in use.
    credit: i64,
    closes: bool,
}

impl Device {
    /// Greets, then serves until the client is gone.
    pub fn serve(&self, wire: &mut Wire, service: &mut dyn Service) {
        wire.greet(self.version, self.max_payload, self.banner);
        self.serve_greeted(wire, service);
    }

    /// The same for another program's client, which may ask for any feature.
    pub fn serve_any(&self, wire: &mut Wire, service: &mut dyn Service) {
        wire.expect(b"CNXN");
        wire.send(
            b"CNXN",
            self.version,
            self.max_payload,
            self.banner.as_bytes(),
        );
        self.serve_greeted(wire, service);
    }

    fn has_windows(&self) -> bool {
        self.banner.contains("delayed_ack")
    }

    /// Sends an OKAY. With windows it says how many bytes it acknowledges.
    pub fn okay(&self, wire: &mut Wire, ours: u32, client: u32, bytes: u32) {
        let payload = bytes.to_le_bytes();
        let payload = if self.has_windows() {
            &payload[..]
        } else {
            &[]
        };
        wire.send(b"OKAY", ours, client, payload);
    }

    /// Flow control is the same as adbd's: one payload per stream, or windows.
    fn serve_greeted(&self, wire: &mut Wire, service: &mut dyn Service) {
        let mut streams: BTreeMap<u32, Open> = BTreeMap::new();
        let mut last = 100;
        while let Some(packet) = wire.receive() {
            let sums = self.version < 0x0100_0001;
            assert_eq!(packet.sum, if sums { sum(&packet.payload) } else { 0 });
            let name = String::from_utf8_lossy(&packet.command).into_owned();
            let about = String::from_utf8_lossy(&packet.payload).into_owned();
            self.log.lock().unwrap().push(format!("{name} {about}"));
            let (client, ours) = (packet.arg0, packet.arg1);
            match &packet.command {
                b"OPEN" => {
                    assert_eq!(ours != 0, self.has_windows(), "adbd refuses the stream");
                    let name = about.strip_suffix('\0').expect("a NUL at the end");
                    let Some(answer) = service.opened(name) else {
                        wire.send(b"CLSE", 0, client, &[]);
                        continue;
                    };
                    last += 1;
                    self.okay(wire, last, client, 32 << 20);
                    let (bytes, closes) = match answer {
                        Answer::Bytes(bytes) => (bytes, true),
                        Answer::Talk => (Vec::new(), false),
                    };
                    let open = Open {
                        remote: client,
                        pieces: bytes.chunks(self.piece).map(<[u8]>::to_vec).collect(),
                        credit: if ours == 0 { 1 } else { ours.into() },
                        closes,
                    };
                    streams.insert(last, open);
                    self.advance(wire, &mut streams, last);
                }
                b"OKAY" => {
                    if let Some(open) = streams.get_mut(&ours) {
                        open.credit += match packet.payload.as_slice() {
                            [] => 1,
                            bytes => i32::from_le_bytes(bytes.try_into().unwrap()).into(),
                        };
                        assert!(
                            open.credit <= if self.has_windows() { 1 << 20 } else { 1 },
                            "an OKAY for nothing"
                        );
                        self.advance(wire, &mut streams, ours);
                    }
                }
                b"WRTE" => {
                    self.okay(wire, ours, client, packet.payload.len() as u32);
                    let reply = service.wrote(&packet.payload);
                    if let Some(open) = streams.get_mut(&ours) {
                        open.pieces
                            .extend(reply.chunks(self.piece).map(<[u8]>::to_vec));
                        self.advance(wire, &mut streams, ours);
                    }
                }
                b"CLSE" => {
                    // The client's CLSE may have crossed this one.
                    streams.remove(&ours);
                }
                other => panic!("{other:?}"),
            }
        }
    }

    fn advance(&self, wire: &mut Wire, streams: &mut BTreeMap<u32, Open>, id: u32) {
        while let Some(open) = streams.get_mut(&id).filter(|open| open.credit > 0) {
            if let Some(piece) = open.pieces.pop_front() {
                open.credit -= if self.has_windows() {
                    piece.len() as i64
                } else {
                    1
                };
                wire.send(b"WRTE", id, open.remote, &piece);
            } else if open.closes {
                wire.send(b"CLSE", id, open.remote, &[]);
                streams.remove(&id);
            } else {
                return;
            }
        }
    }
}

/// Builds a `shell,v2` packet.
pub fn packet(id: u8, data: &[u8]) -> Vec<u8> {
    let mut bytes = vec![id];
    bytes.extend((data.len() as u32).to_le_bytes());
    bytes.extend(data);
    bytes
}

/// A small file system for `sync:`, with some files, and with paths that can't be opened.
#[derive(Default)]
pub struct Files {
    pub content: Vec<u8>,
    /// The bytes of requests that are still incomplete.
    pub pending: Vec<u8>,
    pub asked: Arc<Mutex<Vec<String>>>,
}

pub const BIG: u64 = (5 << 32) + 7;

impl Files {
    fn stat(&self, path: &str) -> (u32, u32, u64, i64) {
        match path {
            "/sdcard/a.jpg" => (0, 0o100_660, self.content.len() as u64, 1_700_000_000),
            "/sdcard/big" => (0, 0o100_660, BIG, 5_000_000_000),
            "/sdcard" => (0, 0o040_771, 4096, 1_600_000_000),
            "/data" => (13, 0, 0, 0),
            _ => (2, 0, 0, 0),
        }
    }

    fn stat_words(&self, path: &str, v2: bool) -> Vec<u8> {
        let (error, mode, size, modified) = self.stat(path);
        let mut out = Vec::new();
        if v2 {
            out.extend(error.to_le_bytes());
            out.extend([7; 16]);
            out.extend(mode.to_le_bytes());
            out.extend([7; 12]);
            out.extend(size.to_le_bytes());
            out.extend([7; 8]);
            out.extend(modified.to_le_bytes());
            out.extend([7; 8]);
        } else {
            for word in [mode, size as u32, modified as u32] {
                out.extend(word.to_le_bytes());
            }
        }
        out
    }

    fn answer(&mut self, id: &str, path: &str) -> Vec<u8> {
        self.asked.lock().unwrap().push(format!("{id} {path}"));
        let fail = |message: &str| {
            let mut out = b"FAIL".to_vec();
            out.extend((message.len() as u32).to_le_bytes());
            out.extend(message.as_bytes());
            out
        };
        match id {
            "STAT" | "LST2" => [id.as_bytes(), &self.stat_words(path, id == "LST2")].concat(),
            "LIST" | "LIS2" => {
                let v2 = id == "LIS2";
                let mut out = Vec::new();
                let entry: &[u8] = if v2 { b"DNT2" } else { b"DENT" };
                for name in [".", "..", "a.jpg", "big", "gone"] {
                    if !v2 && name == "gone" {
                        continue;
                    }
                    out.extend(entry);
                    out.extend(self.stat_words(&format!("{path}/{name}"), v2));
                    out.extend((name.len() as u32).to_le_bytes());
                    out.extend(name.as_bytes());
                }
                out.extend(b"DONE");
                out.extend(vec![0; if v2 { 72 } else { 16 }]);
                out
            }
            "RECV" | "RCV2" => match path {
                "/sdcard/a.jpg" => {
                    let mut out = Vec::new();
                    for piece in self.content.chunks(64 << 10) {
                        out.extend(b"DATA");
                        out.extend((piece.len() as u32).to_le_bytes());
                        out.extend(piece);
                    }
                    out.extend(b"DONE\0\0\0\0");
                    out
                }
                "/sdcard/breaks" => [
                    b"DATA\x04\0\0\0four".to_vec(),
                    fail("read failed: I/O error"),
                ]
                .concat(),
                "/sdcard/huge" => b"DATA\xff\xff\xff\xff".to_vec(),
                _ => fail("open failed: Permission denied\x1b[2J"),
            },
            other => panic!("{other} is not a reading verb"),
        }
    }
}

impl Service for Files {
    fn opened(&mut self, name: &str) -> Option<Answer> {
        assert_eq!(name, "sync:");
        self.pending.clear();
        Some(Answer::Talk)
    }

    fn wrote(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.pending.extend(bytes);
        let mut out = Vec::new();
        while self.pending.len() >= 8 {
            let id = String::from_utf8(self.pending[..4].to_vec()).unwrap();
            let length = u32::from_le_bytes(self.pending[4..8].try_into().unwrap()) as usize;
            let more = if id == "RCV2" { 8 } else { 0 };
            if self.pending.len() < 8 + length + more {
                break;
            }
            let path = String::from_utf8(self.pending[8..8 + length].to_vec()).unwrap();
            if more > 0 {
                let flags = &self.pending[8 + length..8 + length + 8];
                assert_eq!(flags, b"RCV2\0\0\0\0");
            }
            self.pending.drain(..8 + length + more);
            out.extend(self.answer(&id, &path));
        }
        out
    }
}
