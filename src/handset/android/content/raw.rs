//! The handset's raw replies, until the vault takes them.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::model::RawReply;

/// Replies longer than this are compressed until the vault takes them, in parts of `RAW_PART` bytes.
const LONG_REPLY: usize = 2 << 20;
const RAW_PART: usize = 4 << 20;

/// A shell comment that marks the logged request of an incomplete reply, so that no later part of the rescue takes the
/// reply for a complete one.
pub const NOT_WHOLE: &str = " # refused, or broken off";

/// Raw replies that wait for the vault. Clones share one store.
#[derive(Debug, Clone, Default)]
pub struct Kept(Arc<Mutex<Vec<RawReply>>>);

impl Kept {
    pub fn push(&self, raw: RawReply) {
        self.with(|kept| kept.push(raw));
    }

    /// Keeps a reply and the command's error output.
    pub fn keep(&self, request: String, text: &[u8], errors: &[u8]) {
        self.push(if text.len() <= LONG_REPLY || !errors.is_empty() {
            RawReply {
                request,
                bytes: [text, errors].concat(),
                ..RawReply::default()
            }
        } else {
            let mut parts = RawParts::default();
            parts.push(text);
            parts.into_reply(request)
        });
    }

    /// Hands over all replies and empties the store.
    pub fn take(&self) -> Vec<RawReply> {
        self.with(std::mem::take)
    }

    /// Moves all replies of another store into this one.
    pub fn take_from(&self, other: &Self) {
        let mut more = other.take();
        self.with(|kept| kept.append(&mut more));
    }

    /// True if the store holds a complete reply to this request.
    pub fn has(&self, request: &str) -> bool {
        self.with(|kept| kept.iter().any(|raw| raw.request == request))
    }

    fn with<T>(&self, act: impl FnOnce(&mut Vec<RawReply>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A reply that is compressed as it arrives.
#[derive(Debug)]
pub struct RawParts {
    whole: Vec<(usize, Vec<u8>)>,
    open: GzEncoder<Vec<u8>>,
    /// The size of the data in the open part, in bytes, before compression.
    length: usize,
}

impl Default for RawParts {
    fn default() -> Self {
        Self {
            whole: Vec::new(),
            open: new_part(),
            length: 0,
        }
    }
}

impl RawParts {
    pub fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.length == RAW_PART {
                self.close();
            }
            let room = RAW_PART - self.length;
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            // Writing to memory does not fail.
            let _ = self.open.write_all(now);
            self.length += now.len();
            bytes = later;
        }
    }

    pub fn into_reply(mut self, request: String) -> RawReply {
        self.close();
        RawReply {
            request,
            packed: self.whole,
            ..RawReply::default()
        }
    }

    fn close(&mut self) {
        let part = std::mem::replace(&mut self.open, new_part());
        let length = std::mem::take(&mut self.length);
        self.whole.push((length, part.finish().unwrap_or_default()));
    }
}

fn new_part() -> GzEncoder<Vec<u8>> {
    GzEncoder::new(Vec::new(), Compression::fast())
}
