//! Command, data, status: the Bulk-Only Transport (USB Mass Storage Class, Bulk-Only Transport 1.0).

use std::time::{Duration, Instant};

use super::ScsiError;
use super::allowed::Request;
use crate::link::{Link, LinkError};
use crate::model::Stop;
use crate::phrase;

const COMMAND: [u8; 4] = *b"USBC";
const STATUS: [u8; 4] = *b"USBS";
/// Length of a status, in bytes.
const STATUS_LENGTH: usize = 13;
/// The direction: to the computer.
const IN: u8 = 0x80;

/// A disk tries for a long time to read a bad block; Linux waits for the same time.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long to wait for a reply after the rescue was stopped, so that no transfer is left in the middle.
const LAST_WAIT: Duration = Duration::from_secs(2);
const SLICE: Duration = Duration::from_millis(250);
/// How long to wait for stale bytes of an earlier reader, and the maximum number of reads for them.
const STALE: Duration = Duration::from_millis(100);
const MOST_STALE: usize = 256;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Passed,
    Failed,
}

/// The link to one device.
pub(super) struct Transport {
    link: Link,
    tag: u32,
    stop: Stop,
    /// The reply, and the status after it.
    buffer: Vec<u8>,
}

impl Transport {
    pub fn new(link: Link, stop: &Stop) -> Self {
        Self {
            link,
            // Different from the tag of an earlier reader, whose status may still arrive.
            tag: std::process::id().wrapping_mul(0x9e37_79b9),
            stop: stop.clone(),
            buffer: Vec::new(),
        }
    }

    pub fn name(&self) -> &str {
        &self.link.name
    }

    /// Discards data that an earlier reader has left on the link.
    pub fn drain(&mut self) {
        let mut stale = [0; 16 << 10];
        for _ in 0..MOST_STALE {
            if self.link.reader.read(&mut stale, STALE).is_err() {
                return;
            }
        }
    }

    /// Returns the first bytes of the last reply.
    pub fn last(&self, received: usize) -> &[u8] {
        self.buffer.get(..received).unwrap_or_default()
    }

    /// Sends a request to a unit, and returns its status and its reply of at most `length` bytes.
    ///
    /// # Errors
    /// If the link is lost, or the device no longer follows the protocol. It then has to be plugged in again, since
    /// nothing here resets a device.
    pub fn ask(
        &mut self,
        unit: u8,
        request: Request,
        length: usize,
    ) -> Result<(Status, &[u8]), ScsiError> {
        if self.stop.is_stopped() {
            return Err(ScsiError::Stopped);
        }
        self.tag = self.tag.wrapping_add(1);
        let expected = u32::try_from(length).map_err(|_| ScsiError::TooLarge)?;
        let command = [
            COMMAND.as_slice(),
            &self.tag.to_le_bytes(),
            &expected.to_le_bytes(),
            &[IN, unit, request.command().length()],
            &request.block(),
        ]
        .concat();
        self.link.writer.write_all(&command, PATIENCE)?;
        let (status, received) = self.reply(length)?;
        Ok((status, self.last(received)))
    }

    /// Reads a reply up to its status. If the reply ends early, only the status shows that.
    fn reply(&mut self, length: usize) -> Result<(Status, usize), ScsiError> {
        let whole = length + STATUS_LENGTH;
        if self.buffer.len() < whole {
            self.buffer.resize(whole, 0);
        }
        let (mut filled, mut since) = (0, Instant::now());
        while filled < whole {
            let room = self.buffer.get_mut(filled..whole).unwrap_or_default();
            match self.link.reader.read(room, SLICE) {
                Ok(count) => {
                    filled += count;
                    since = Instant::now();
                }
                Err(LinkError::TimedOut) => self.wait_on(since)?,
                Err(error) => return Err(error.into()),
            }
            let received = filled.saturating_sub(STATUS_LENGTH);
            let tail = self.buffer.get(received..filled).unwrap_or_default();
            if let Some((status, residue)) = self.status(tail)? {
                // If an endpoint halted, part of the reply to a failed command may be lost.
                let fits = received + residue as usize == length;
                if fits || status == Status::Failed {
                    return Ok((status, received));
                }
            }
        }
        Err(ScsiError::Protocol(phrase(
            "its reply is not followed by a status",
        )))
    }

    /// # Errors
    /// If the device has been silent for too long.
    fn wait_on(&self, since: Instant) -> Result<(), ScsiError> {
        match self.stop.is_stopped() {
            true if since.elapsed() >= LAST_WAIT => Err(ScsiError::Stopped),
            false if since.elapsed() >= PATIENCE => Err(ScsiError::NoAnswer(PATIENCE)),
            _ => Ok(()),
        }
    }

    /// Returns the status and its residue, if these bytes are the status of the last command.
    fn status(&self, bytes: &[u8]) -> Result<Option<(Status, u32)>, ScsiError> {
        let Ok([a, b, c, d, t0, t1, t2, t3, r0, r1, r2, r3, status]) =
            <[u8; STATUS_LENGTH]>::try_from(bytes)
        else {
            return Ok(None);
        };
        if [a, b, c, d] != STATUS || u32::from_le_bytes([t0, t1, t2, t3]) != self.tag {
            return Ok(None);
        }
        let residue = u32::from_le_bytes([r0, r1, r2, r3]);
        match status {
            0 => Ok(Some((Status::Passed, residue))),
            1 => Ok(Some((Status::Failed, residue))),
            2 => Err(ScsiError::Protocol(phrase("it asks for a reset"))),
            _ => Ok(None),
        }
    }
}
