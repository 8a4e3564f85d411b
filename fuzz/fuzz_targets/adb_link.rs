#![no_main]
//! Everything that comes over a link to a handset: greeting, streams, shell output and replies about files.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use lifeboat::link::{Link, LinkError, LinkRead, LinkWrite};
use lifeboat::protocol::adb::{Adb, Options, ShellCommand};

/// A handset whose answers come from the test case. Each request is answered with the next part of the bytes.
#[derive(Default)]
struct Handset {
    outgoing: VecDeque<u8>,
    script: VecDeque<u8>,
    incoming: Vec<u8>,
    gone: bool,
}

type Shared = Arc<(Mutex<Handset>, Condvar)>;

struct End(Shared);

impl Handset {
    fn frame(&mut self, command: &[u8; 4], to: u32, payload: &[u8]) {
        self.outgoing.extend(command);
        let magic = !u32::from_le_bytes(*command);
        for word in [9, to, payload.len() as u32, 0, magic] {
            self.outgoing.extend(word.to_le_bytes());
        }
        self.outgoing.extend(payload);
    }

    /// Sends the next part. Its first byte is its length.
    fn say(&mut self, to: u32) {
        match self.script.pop_front() {
            // The remaining bytes go out unframed, so that frames that no handset would send are tried too.
            Some(0xff) => {
                let all = std::mem::take(&mut self.script);
                self.outgoing.extend(all);
            }
            Some(length) => {
                let length = usize::from(length).min(self.script.len());
                let bytes: Vec<u8> = self.script.drain(..length).collect();
                self.frame(b"WRTE", to, &bytes);
            }
            None => self.frame(b"CLSE", to, &[]),
        }
    }

    fn on_message(&mut self, bytes: &[u8]) {
        self.incoming.extend(bytes);
        while let Some(header) = self.incoming.get(..24) {
            let word = |at: usize| u32::from_le_bytes(header[at..at + 4].try_into().unwrap());
            let (from, length) = (word(4), word(12) as usize);
            let command = header[..4].to_vec();
            if self.incoming.len() < 24 + length {
                return;
            }
            self.incoming.drain(..24 + length);
            match &command[..] {
                b"OPEN" => {
                    self.frame(b"OKAY", from, &[]);
                    self.say(from);
                }
                b"WRTE" => {
                    self.frame(b"OKAY", from, &[]);
                    self.say(from);
                }
                b"OKAY" => self.say(from),
                _ => {}
            }
        }
        // The handset goes when it has nothing left to say: a client must not wait for it until a time-out.
        if self.script.is_empty() {
            self.gone = true;
        }
    }
}

impl LinkRead for End {
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize, LinkError> {
        let (handset, changed) = &*self.0;
        let ready = |h: &mut Handset| h.outgoing.is_empty() && !h.gone;
        let waited = changed.wait_timeout_while(handset.lock().unwrap(), timeout, ready);
        let mut handset = waited.unwrap().0;
        if handset.outgoing.is_empty() {
            return Err(if handset.gone {
                LinkError::Closed
            } else {
                LinkError::TimedOut
            });
        }
        let count = buffer.len().min(handset.outgoing.len());
        for (place, byte) in buffer.iter_mut().zip(handset.outgoing.drain(..count)) {
            *place = byte;
        }
        Ok(count)
    }
}

impl LinkWrite for End {
    fn write_all(&mut self, bytes: &[u8], _timeout: Duration) -> Result<(), LinkError> {
        let (handset, changed) = &*self.0;
        let mut handset = handset.lock().unwrap();
        handset.on_message(bytes);
        changed.notify_all();
        if handset.gone && handset.outgoing.is_empty() {
            return Err(LinkError::Closed);
        }
        Ok(())
    }

    fn close(&mut self) {
        self.0.0.lock().unwrap().gone = true;
        self.0.1.notify_all();
    }
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((how, data)) = data.split_first() else {
        return;
    };
    let mut handset = Handset::default();
    let banner: &[u8] = match how % 4 {
        0 => b"device::features=shell_v2,stat_v2,ls_v2,sendrecv_v2",
        1 => b"device::features=shell_v2",
        2 => b"device::ro.product.model=x;\0",
        _ => data,
    };
    let mut hello = b"CNXN".to_vec();
    let banner = &banner[..banner.len().min(4096)];
    for word in [0x0100_0001, 1 << 20, banner.len() as u32, 0, !0x4e58_4e43] {
        hello.extend(u32::to_le_bytes(word));
    }
    hello.extend(banner);
    handset.outgoing.extend(hello);
    handset.script.extend(data);
    let shared: Shared = Arc::new((Mutex::new(handset), Condvar::new()));
    let link = Link {
        reader: Box::new(End(Arc::clone(&shared))),
        writer: Box::new(End(shared)),
        name: String::new(),
    };
    let Ok(adb) = Adb::connect(link, Options::default()) else {
        return;
    };
    match how >> 2 & 3 {
        0 => drop(adb.run(&ShellCommand::Date, 4096)),
        1 => drop(adb.sync().list(b"/sdcard", 10)),
        2 => drop(adb.sync().stat(b"/sdcard")),
        _ => drop(adb.sync().recv(b"/sdcard/a", &mut Vec::new())),
    }
    drop(adb.run(&ShellCommand::GetProp, 4096));
});
