//! A link in the middle that takes each of the client's frames apart and judges it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use lifeboat::link::{Link, LinkError, LinkWrite};
use lifeboat::protocol::adb::allowed::SYNC_VERBS;

use super::allowed::judge_service;

/// The recorded traffic of a link, and the requests in it that were more than reading.
#[derive(Default)]
pub struct Recording {
    bytes: Vec<u8>,
    /// Streams by the client's number: the service that each was opened to, and the part of a sync request received so
    /// far.
    streams: HashMap<u32, (String, Vec<u8>)>,
    frames: u64,
    services: u64,
    pub wrong: Vec<String>,
}

/// Counts of what was judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Judged {
    pub frames: u64,
    pub services: u64,
}

/// Wraps a link in a recorder.
pub fn recorded(link: Link) -> (Link, Arc<Mutex<Recording>>) {
    let recording = Arc::new(Mutex::new(Recording::default()));
    let writer = Writer {
        inner: link.writer,
        recording: Arc::clone(&recording),
    };
    let link = Link {
        writer: Box::new(writer),
        ..link
    };
    (link, recording)
}

struct Writer {
    inner: Box<dyn LinkWrite>,
    recording: Arc<Mutex<Recording>>,
}

impl LinkWrite for Writer {
    fn write_all(&mut self, bytes: &[u8], timeout: Duration) -> Result<(), LinkError> {
        self.recording.lock().unwrap().take(bytes);
        self.inner.write_all(bytes, timeout)
    }

    fn close(&mut self) {
        self.inner.close();
    }
}

impl Recording {
    pub fn judged(&self) -> Judged {
        Judged {
            frames: self.frames,
            services: self.services,
        }
    }

    /// Takes outgoing bytes, which may be cut anywhere.
    pub fn take(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
        while let Some(header) = self.bytes.get(..24) {
            let word = |at: usize| u32::from_le_bytes(header[at..at + 4].try_into().unwrap());
            let (arg0, length, magic) = (word(4), word(12) as usize, word(20));
            let command = header[..4].to_vec();
            if magic != !word(0) {
                self.wrong.push("bytes that are no frame".into());
            }
            let Some(payload) = self.bytes.get(24..24 + length) else {
                return;
            };
            let payload = payload.to_vec();
            self.bytes.drain(..24 + length);
            self.frames += 1;
            if let Err(why) = self.judge(&command, arg0, &payload) {
                self.wrong.push(why);
            }
        }
    }

    fn judge(&mut self, command: &[u8], arg0: u32, payload: &[u8]) -> Result<(), String> {
        match command {
            b"CNXN" if payload.starts_with(b"host::features=") => Ok(()),
            b"AUTH" if arg0 == 2 || arg0 == 3 => Ok(()),
            b"OKAY" | b"CLSE" => Ok(()),
            b"OPEN" => {
                self.services += 1;
                let name = payload.strip_suffix(b"\0").ok_or("no NUL at the end")?;
                let name = std::str::from_utf8(name).map_err(|_| "a service that is no text")?;
                if name.contains('\0') {
                    return Err(format!("a NUL in the middle: {name:?}"));
                }
                self.streams.insert(arg0, (name.to_owned(), Vec::new()));
                judge_service(name)
            }
            b"WRTE" => {
                let (name, asked) = self.streams.get_mut(&arg0).ok_or("no such stream")?;
                if name != "sync:" {
                    return Err(format!("something is written to {name:?}"));
                }
                asked.extend(payload);
                judge_sync(asked)
            }
            other => Err(format!("the frame {:?}", String::from_utf8_lossy(other))),
        }
    }
}

/// Judges the complete requests in `asked` and removes them.
fn judge_sync(asked: &mut Vec<u8>) -> Result<(), String> {
    while let Some(head) = asked.get(..8) {
        let (verb, length) = head.split_at(4);
        let length = u32::from_le_bytes(length.try_into().unwrap()) as usize;
        let known = SYNC_VERBS.iter().any(|row| row.letters() == verb);
        let flags = if verb == b"RCV2" { 8 } else { 0 };
        if !known || length > 1024 {
            return Err(format!(
                "the sync request {:?} of {length} bytes",
                String::from_utf8_lossy(verb)
            ));
        }
        let Some(rest) = asked.get(8 + length..8 + length + flags) else {
            return Ok(());
        };
        if flags > 0 && rest != b"RCV2\0\0\0\0" {
            return Err(format!("the flags {rest:?}"));
        }
        asked.drain(..8 + length + flags);
    }
    Ok(())
}

/// The recorder must be able to refuse.
#[test]
fn frames_that_write_are_noticed() {
    let frame = |command: &[u8; 4], arg0: u32, payload: &[u8]| {
        let mut bytes = command.to_vec();
        let magic = !u32::from_le_bytes(*command);
        for word in [arg0, 0, payload.len() as u32, 0, magic] {
            bytes.extend(word.to_le_bytes());
        }
        [bytes, payload.to_vec()].concat()
    };
    let wrong = |frames: &[Vec<u8>]| {
        let mut recording = Recording::default();
        for byte in frames.concat() {
            recording.take(&[byte]);
        }
        recording.wrong
    };
    let sync = frame(b"OPEN", 1, b"sync:\0");
    let stat = frame(b"WRTE", 1, b"STAT\x02\0\0\0/a");
    assert_eq!(wrong(&[sync.clone(), stat.clone(), stat]), [""; 0]);
    for frames in [
        vec![frame(b"OPEN", 1, b"reboot:\0")],
        vec![frame(b"OPEN", 1, b"shell:getprop\0;reboot\0")],
        vec![frame(b"STLS", 1, b"")],
        vec![frame(b"WRTE", 1, b"x")],
        vec![
            frame(b"OPEN", 1, b"shell:getprop\0"),
            frame(b"WRTE", 1, b"reboot\n"),
        ],
        vec![sync.clone(), frame(b"WRTE", 1, b"SEND\x04\0\0\0/a,0")],
        vec![sync.clone(), frame(b"WRTE", 1, b"SND2\x04\0\0\0/a,0")],
        vec![
            sync.clone(),
            frame(b"WRTE", 1, b"RCV2\x02\0\0\0/aRCV2\x01\0\0\0"),
        ],
        vec![
            sync,
            frame(b"WRTE", 1, b"STAT\x02\0\0\0/aSE"),
            frame(b"WRTE", 1, b"ND\x04\0\0\0/a,0"),
        ],
    ] {
        assert_eq!(wrong(&frames).len(), 1, "{frames:?}");
    }
}
