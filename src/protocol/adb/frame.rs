//! The frames of ADB's transport (AOSP `packages/modules/adb`, docs/dev/protocol.md): a header of 24 bytes, which are
//! six little-endian words, and then the payload.

use std::time::Duration;

use super::error::AdbError;
use crate::link::{LinkError, LinkRead};
use crate::phrase;

pub(super) const CNXN: u32 = 0x4e58_4e43;
pub(super) const AUTH: u32 = 0x4854_5541;
pub(super) const STLS: u32 = 0x534c_5453;
pub(super) const OPEN: u32 = 0x4e45_504f;
pub(super) const OKAY: u32 = 0x5941_4b4f;
pub(super) const CLSE: u32 = 0x4553_4c43;
pub(super) const WRTE: u32 = 0x4554_5257;
const COMMANDS: [u32; 7] = [CNXN, AUTH, STLS, OPEN, OKAY, CLSE, WRTE];

/// From this version on, check sums are neither filled in nor verified.
pub(super) const VERSION_WITHOUT_SUMS: u32 = 0x0100_0001;
/// The longest payload that is sent or accepted, in bytes.
pub(super) const MAX_PAYLOAD: u32 = 1 << 20;
pub(super) const HEADER_LENGTH: usize = 24;

/// Maximum duration of one read from the link: the time within which a wait notices that it should end.
pub(super) const TICK: Duration = Duration::from_millis(200);

/// A frame as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    pub command: u32,
    pub arg0: u32,
    pub arg1: u32,
    /// The check sum that the sender filled in.
    pub sum: u32,
    pub payload: Vec<u8>,
}

impl Frame {
    /// True if the payload matches the sender's check sum.
    pub fn is_whole(&self) -> bool {
        self.sum == sum(&self.payload)
    }
}

/// Returns the check sum, AOSP's `data_check`: the plain sum of the bytes.
pub(super) fn sum(payload: &[u8]) -> u32 {
    payload
        .iter()
        .fold(0u32, |sum, byte| sum.wrapping_add(u32::from(*byte)))
}

/// Returns the header for a payload. `sum` is 0 if the version uses no check sums.
pub(super) fn header(
    command: u32,
    arg0: u32,
    arg1: u32,
    length: u32,
    sum: u32,
) -> [u8; HEADER_LENGTH] {
    let mut bytes = [0; HEADER_LENGTH];
    let words = [command, arg0, arg1, length, sum, !command];
    for (place, word) in bytes.chunks_exact_mut(4).zip(words) {
        place.copy_from_slice(&word.to_le_bytes());
    }
    bytes
}

/// Parses a header; `None` if the bytes are no header, or announce too long a payload.
fn parse(bytes: &[u8; HEADER_LENGTH]) -> Option<(Frame, usize)> {
    let mut words = [0u32; 6];
    for (word, place) in words.iter_mut().zip(bytes.chunks_exact(4)) {
        *word = u32::from_le_bytes(place.try_into().ok()?);
    }
    let [command, arg0, arg1, length, sum, magic] = words;
    if magic != !command || length > MAX_PAYLOAD {
        return None;
    }
    let frame = Frame {
        command,
        arg0,
        arg1,
        sum,
        payload: Vec::new(),
    };
    Some((frame, usize::try_from(length).ok()?))
}

/// Returns where a header may begin in bytes that are no header, after their first byte.
fn next_start(bytes: &[u8; HEADER_LENGTH]) -> usize {
    let begins = |at: &usize| {
        let rest = bytes.get(*at..).unwrap_or_default();
        COMMANDS.iter().any(|command| {
            let word = command.to_le_bytes();
            rest.iter().zip(word).all(|(byte, wanted)| *byte == wanted)
        })
    };
    (1..HEADER_LENGTH).find(begins).unwrap_or(HEADER_LENGTH)
}

/// Reads frames from a link. Reads exactly a header, then exactly its payload, since a USB transfer must not request
/// more than it delivers.
pub(super) struct FrameReader {
    reader: Box<dyn LinkRead>,
}

impl FrameReader {
    pub fn new(reader: Box<dyn LinkRead>) -> Self {
        Self { reader }
    }

    /// Reads the next frame. `idle` is called at least every [`TICK`], and decides whether to go on waiting. Up to
    /// `junk` bytes that are no header, left over from a former session, are skipped and subtracted from `junk`.
    ///
    /// # Errors
    /// Errors of the link and of `idle`, and [`AdbError::Protocol`] for bytes that are no frame.
    pub fn next(
        &mut self,
        junk: &mut usize,
        idle: &mut dyn FnMut() -> Result<(), AdbError>,
    ) -> Result<Frame, AdbError> {
        let mut bytes = [0; HEADER_LENGTH];
        self.fill(&mut bytes, idle)?;
        let (mut frame, length) = loop {
            if let Some(parsed) = parse(&bytes) {
                break parsed;
            }
            let skipped = next_start(&bytes);
            *junk = junk.checked_sub(skipped).ok_or_else(|| {
                AdbError::protocol(phrase(
                    "a frame header is damaged, or announces too much data",
                ))
            })?;
            bytes.rotate_left(skipped);
            let kept = HEADER_LENGTH - skipped;
            self.fill(bytes.get_mut(kept..).unwrap_or_default(), idle)?;
        };
        frame.payload = vec![0; length];
        self.fill(&mut frame.payload, idle)?;
        Ok(frame)
    }

    fn fill(
        &mut self,
        mut buffer: &mut [u8],
        idle: &mut dyn FnMut() -> Result<(), AdbError>,
    ) -> Result<(), AdbError> {
        while !buffer.is_empty() {
            idle()?;
            match self.reader.read(buffer, TICK) {
                Ok(count) => buffer = buffer.get_mut(count..).unwrap_or_default(),
                Err(LinkError::TimedOut) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}
