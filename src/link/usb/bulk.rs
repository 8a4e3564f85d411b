//! Bytes over a pair of bulk endpoints: packet sizes, stalls, timeouts. Uses libusb only through [`Bulk`].

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Endpoint, UsbError};
use crate::link::{LinkError, LinkRead, LinkWrite};
use crate::model::Stop;

/// Maximum size of a transfer to the computer, in bytes: an ADB payload, which adb also reads in one transfer (AOSP
/// adb, `client/transport_usb.cpp`). In smaller transfers, each would wait for the one before.
const TRANSFER: usize = 1 << 20;
/// Maximum size of a transfer to the device, in bytes. Also the size of the first transfers to the computer, after a
/// halt, and if the system has too little memory. The system makes one request of such a transfer, so that a halt loses
/// nothing that arrived before it. In a longer transfer, the number of bytes before the halt is unknown.
const SHORT_TRANSFER: usize = 16 << 10;
/// Number of reads without a halt after which longer transfers are tried.
const PROVEN: u32 = 64;
/// Maximum duration of one wait for bytes: the time within which a closed link is noticed.
const SLICE: Duration = Duration::from_millis(100);
/// libusb treats a shorter timeout as an infinite one.
const SHORTEST: Duration = Duration::from_millis(1);
/// Maximum number of times that a halted endpoint is cleared in one read or write.
const MAX_STALLS: u32 = 3;

/// The USB operations that this module needs.
pub(crate) trait Bulk: Send + Sync + 'static {
    /// Returns the number of bytes that arrived within `wait`, even if the buffer is not full.
    fn bulk_in(&self, endpoint: u8, buffer: &mut [u8], wait: Duration) -> rusb::Result<usize>;
    /// Returns the number of bytes that were sent within `wait`.
    fn bulk_out(&self, endpoint: u8, bytes: &[u8], wait: Duration) -> rusb::Result<usize>;
    fn clear_halt(&self, endpoint: u8) -> rusb::Result<()>;
}

pub(super) struct Reader<B> {
    bulk: Arc<B>,
    endpoint: u8,
    packet: usize,
    /// Number of reads without a halt, up to [`PROVEN`]; `None` if longer transfers must not be tried any more.
    proven: Option<u32>,
    /// The device halts the endpoint to end a reply early: the data after that tell how much of the reply is valid.
    halts_end_replies: bool,
    closed: Stop,
    /// The last transfer. The part from `taken` to `filled` has not been returned yet.
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

    /// Returns how much to request if `wanted` bytes are needed. The size is a whole number of packets: otherwise a
    /// device that fills its last packet overruns the buffer. It is the smallest such number: otherwise a transfer that
    /// ends with a full packet never ends.
    fn size(&self, wanted: usize) -> usize {
        wanted
            .min(whole_packets(self.longest(), self.packet))
            .next_multiple_of(self.packet)
    }

    /// Returns the maximum size of a transfer, in bytes.
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
            // Directly into the caller's buffer, if whole packets fit.
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
                // An empty packet only ends a transfer.
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
                // Some bytes of the transfer may have arrived, and are lost: a new link is needed.
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

    /// Sends one whole piece.
    fn send(&self, mut piece: &[u8], end: Instant) -> Result<(), LinkError> {
        let mut stalls = 0;
        loop {
            if self.closed.is_stopped() {
                return Err(LinkError::Closed);
            }
            let left = end.saturating_duration_since(Instant::now());
            match self.bulk.bulk_out(self.endpoint, piece, left.max(SHORTEST)) {
                Ok(count) if count >= piece.len() => return Ok(()),
                // If a piece was cut inside a packet, the rest would be another transfer to the device.
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

/// Returns the total size of the whole packets that fit into `most` bytes, at least one packet.
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
