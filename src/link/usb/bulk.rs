//! Bytes over a pair of bulk endpoints: packet sizes, stalls, waits. Knows libusb only by [`Bulk`].

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Endpoint, UsbError};
use crate::link::{LinkError, LinkRead, LinkWrite, Stop};

/// The most that one transfer to the computer brings, in bytes: an ADB payload, of which adb makes one transfer too
/// (AOSP adb, `client/transport_usb.cpp`). Asked for in pieces, each would wait for the one before.
const TRANSFER: usize = 1 << 20;
/// The most that one transfer moves the other way, in bytes; and to the computer at first, where an endpoint has
/// halted, or where the system has no memory for more. The system makes one request of it, so that a halt loses nothing
/// that came before: of a longer one nobody tells how much had come.
const SHORT_TRANSFER: usize = 16 << 10;
/// After so many reads without a halt longer ones are risked.
const PROVEN: u32 = 64;
/// The longest look for bytes: within so long a closed link is noticed.
const SLICE: Duration = Duration::from_millis(100);
/// libusb takes less for a wait without end.
const SHORTEST: Duration = Duration::from_millis(1);
/// How often a halted endpoint is cleared in one read or write.
const MAX_STALLS: u32 = 3;

/// What is asked of USB.
pub(crate) trait Bulk: Send + Sync + 'static {
    /// Bytes that came within `wait`; also where it was over before the buffer was full.
    fn bulk_in(&self, endpoint: u8, buffer: &mut [u8], wait: Duration) -> rusb::Result<usize>;
    /// How many bytes went out within `wait`.
    fn bulk_out(&self, endpoint: u8, bytes: &[u8], wait: Duration) -> rusb::Result<usize>;
    fn clear_halt(&self, endpoint: u8) -> rusb::Result<()>;
}

pub(super) struct Reader<B> {
    bulk: Arc<B>,
    endpoint: u8,
    packet: usize,
    /// Reads without a halt, up to [`PROVEN`]; `None`: no more is to be risked.
    proven: Option<u32>,
    /// A halt is how the device ends a reply early: what comes after it tells how much of it counts.
    halts_end_replies: bool,
    closed: Stop,
    /// What came last; the part from `taken` to `filled` was more than was asked for.
    buffer: Vec<u8>,
    taken: usize,
    filled: usize,
}

impl<B: Bulk> Reader<B> {
    pub fn new(bulk: Arc<B>, endpoint: Endpoint, halts_end_replies: bool, closed: Stop) -> Self {
        Self {
            bulk,
            endpoint: endpoint.address,
            packet: usize::from(endpoint.packet).max(1),
            proven: Some(0),
            halts_end_replies,
            closed,
            buffer: Vec::new(),
            taken: 0,
            filled: 0,
        }
    }

    /// How much to ask for where `wanted` bytes are: whole packets, or a device that fills its last one overruns the
    /// buffer; no more of them than needed, or a transfer that ends with a full packet is waited for in vain.
    fn size(&self, wanted: usize) -> usize {
        wanted
            .min(whole_packets(self.longest(), self.packet))
            .next_multiple_of(self.packet)
    }

    /// The longest transfer, in bytes.
    fn longest(&self) -> usize {
        match self.proven {
            Some(PROVEN..) => TRANSFER,
            _ => SHORT_TRANSFER,
        }
    }

    fn take(&mut self, to: &mut [u8]) -> usize {
        let kept = self.buffer.get(self.taken..self.filled).unwrap_or_default();
        let count = kept.len().min(to.len());
        for (place, byte) in to.iter_mut().zip(kept) {
            *place = *byte;
        }
        self.taken += count;
        count
    }
}

impl<B: Bulk> LinkRead for Reader<B> {
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize, LinkError> {
        let kept = self.take(buffer);
        if kept > 0 || buffer.is_empty() {
            return Ok(kept);
        }
        let end = Instant::now() + timeout;
        let mut stalls = 0;
        loop {
            if self.closed.is_stopped() {
                return Err(LinkError::Closed);
            }
            let size = self.size(buffer.len());
            let left = end.saturating_duration_since(Instant::now());
            let wait = left.clamp(SHORTEST, SLICE);
            // Straight to the caller, where whole packets fit.
            let is_direct = size <= buffer.len();
            let room = match is_direct {
                true => buffer.get_mut(..size),
                false => {
                    self.buffer.resize(self.buffer.len().max(size), 0);
                    self.buffer.get_mut(..size)
                }
            };
            let room = room.unwrap_or_default();
            match self.bulk.bulk_in(self.endpoint, room, wait) {
                // A packet without bytes only ends a transfer.
                Ok(0) | Err(rusb::Error::Timeout | rusb::Error::Interrupted) => {}
                Ok(count) => {
                    self.proven = self.proven.map(|reads| PROVEN.min(reads + 1));
                    if is_direct {
                        return Ok(count.min(size));
                    }
                    (self.taken, self.filled) = (0, count.min(size));
                    return Ok(self.take(buffer));
                }
                Err(rusb::Error::Pipe) if self.halts_end_replies && stalls < MAX_STALLS => {
                    stalls += 1;
                    self.bulk.clear_halt(self.endpoint).map_err(sorted)?;
                }
                // Some of its bytes may have come, and are lost: the link has to be made anew.
                Err(rusb::Error::Pipe) if size > SHORT_TRANSFER => return Err(LinkError::Closed),
                Err(rusb::Error::Pipe) if stalls < MAX_STALLS => {
                    stalls += 1;
                    self.proven = None;
                    self.bulk.clear_halt(self.endpoint).map_err(sorted)?;
                }
                // Linux gives all programs together 16 MiB (usbcore.usbfs_memory_mb).
                Err(rusb::Error::NoMem) if self.longest() > SHORT_TRANSFER => self.proven = None,
                Err(error) => return Err(sorted(error)),
            }
            if Instant::now() >= end {
                return Err(LinkError::TimedOut);
            }
        }
    }
}

pub(super) struct Writer<B> {
    bulk: Arc<B>,
    endpoint: u8,
    packet: usize,
    zero_packets: bool,
    closed: Stop,
}

impl<B: Bulk> Writer<B> {
    pub fn new(bulk: Arc<B>, endpoint: Endpoint, zero_packets: bool, closed: Stop) -> Self {
        Self {
            bulk,
            endpoint: endpoint.address,
            packet: usize::from(endpoint.packet).max(1),
            zero_packets,
            closed,
        }
    }

    /// Sends one piece, whole.
    fn send(&self, mut piece: &[u8], end: Instant) -> Result<(), LinkError> {
        let mut stalls = 0;
        loop {
            if self.closed.is_stopped() {
                return Err(LinkError::Closed);
            }
            let left = end.saturating_duration_since(Instant::now());
            match self.bulk.bulk_out(self.endpoint, piece, left.max(SHORTEST)) {
                Ok(count) if count >= piece.len() => return Ok(()),
                // Cut inside a packet, the rest would be another transfer to the device.
                Ok(count) if count % self.packet != 0 => return Err(LinkError::TimedOut),
                Ok(count) => piece = piece.get(count..).unwrap_or_default(),
                Err(rusb::Error::Interrupted) => {}
                Err(rusb::Error::Pipe) if stalls < MAX_STALLS => {
                    stalls += 1;
                    self.bulk.clear_halt(self.endpoint).map_err(sorted)?;
                }
                Err(error) => return Err(sorted(error)),
            }
            if Instant::now() >= end {
                return Err(LinkError::TimedOut);
            }
        }
    }
}

impl<B: Bulk> LinkWrite for Writer<B> {
    fn write_all(&mut self, bytes: &[u8], timeout: Duration) -> Result<(), LinkError> {
        if bytes.is_empty() {
            return Ok(());
        }
        let end = Instant::now() + timeout;
        // Pieces of whole packets are one transfer to the device.
        for piece in bytes.chunks(whole_packets(SHORT_TRANSFER, self.packet)) {
            self.send(piece, end)?;
        }
        if self.zero_packets && bytes.len().is_multiple_of(self.packet) {
            self.send(&[], end)?;
        }
        Ok(())
    }

    fn close(&mut self) {
        self.closed.stop();
    }
}

impl<B> Drop for Writer<B> {
    fn drop(&mut self) {
        self.closed.stop();
    }
}

/// As many whole packets as fit `most` bytes, one at least, in bytes.
fn whole_packets(most: usize, packet: usize) -> usize {
    (most / packet).max(1) * packet
}

fn sorted(error: rusb::Error) -> LinkError {
    match UsbError::from(error) {
        UsbError::Gone => LinkError::Closed,
        UsbError::TimedOut => LinkError::TimedOut,
        other => LinkError::Io(std::io::Error::other(other)),
    }
}
