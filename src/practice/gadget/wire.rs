//! The bulk endpoints of a gadget as a link, with possible faults of the bus.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use usb_gadget::function::custom::{EndpointReceiver, EndpointSender};

use super::TICK;
use crate::link::{LinkError, LinkRead, LinkWrite};
use crate::model::Stop;
use crate::practice::device::{Bus, CancelWrites};

/// Larger transfers do not work on every device controller (`kUsbReadSize`, `kUsbWriteSize`).
pub(super) const TRANSFER: usize = 16 << 10;
/// Maximum time to send pending output before a fault pulls the cable.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// The receiving half of the handset.
pub(super) struct Reader {
    receiver: EndpointReceiver,
    /// Received bytes that were not read yet.
    rest: VecDeque<u8>,
    /// At least one byte was received.
    began: bool,
}

impl Reader {
    pub fn new(receiver: EndpointReceiver) -> Self {
        Self {
            receiver,
            rest: VecDeque::new(),
            began: false,
        }
    }

    /// Receives the next transfer.
    fn transfer(&mut self, timeout: Duration) -> Result<BytesMut, LinkError> {
        while self.receiver.is_ready() {
            self.receiver.try_recv(BytesMut::with_capacity(TRANSFER))?;
        }
        match self.receiver.fetch_timeout(timeout) {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => Err(LinkError::TimedOut),
            // Some clients clear a halt before they begin. On newer kernels, this ends the queued reads.
            Err(error) if !self.began && error.kind() == io::ErrorKind::BrokenPipe => {
                Err(LinkError::TimedOut)
            }
            Err(_) => Err(LinkError::Closed),
        }
    }
}

impl LinkRead for Reader {
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize, LinkError> {
        if self.rest.is_empty() && !buffer.is_empty() {
            let bytes = self.transfer(timeout)?;
            if bytes.is_empty() {
                // An empty packet only ends a transfer whose last packet was full.
                return Err(LinkError::TimedOut);
            }
            self.began = true;
            self.rest.extend(bytes);
        }
        io::Read::read(&mut self.rest, buffer).map_err(LinkError::Io)
    }
}

/// The sending half of the handset.
pub(super) struct Writer {
    sender: EndpointSender,
    bus: Bus,
    /// Number of requests to discard queued output, and how many of them were carried out here.
    cancelled: Arc<AtomicU64>,
    done: u64,
    out: Stop,
    /// Counts transfers, so that faults always occur at the same places.
    sent: u64,
    /// A halt is due. The kernel refuses a halt while output is queued.
    owes_halt: bool,
    /// Maximum size of a transfer, in bytes.
    most: usize,
}

/// Returns a function that makes the writer discard queued output.
pub(super) fn cancel(cancelled: Arc<AtomicU64>) -> CancelWrites {
    Box::new(move || {
        cancelled.fetch_add(1, Ordering::SeqCst);
    })
}

impl Writer {
    /// Creates the writer. Transfers have `most` bytes if the bus is smooth. The computer does not notice the size,
    /// because full packets do not end a transfer.
    pub fn new(
        sender: EndpointSender,
        bus: Bus,
        most: usize,
        cancelled: Arc<AtomicU64>,
        out: Stop,
    ) -> Self {
        Self {
            sender,
            bus,
            cancelled,
            done: 0,
            out,
            sent: 0,
            owes_halt: false,
            most: match bus {
                Bus::Smooth => most,
                Bus::Split | Bus::Pauses | Bus::Stalls => TRANSFER,
            },
        }
    }

    /// Discards queued output if this was requested. Returns true if it was.
    fn let_go(&mut self) -> Result<bool, LinkError> {
        let asked = self.cancelled.load(Ordering::SeqCst);
        if asked == self.done {
            return Ok(false);
        }
        self.done = asked;
        self.sender.cancel()?;
        Ok(true)
    }

    /// Queues one transfer.
    fn transfer(&mut self, bytes: Bytes, end: Instant) -> Result<(), LinkError> {
        loop {
            if self.out.is_stopped() || self.let_go()? {
                return Err(LinkError::Closed);
            }
            match self.sender.ready_timeout(TICK) {
                Ok(()) => break,
                Err(error) if error.kind() == io::ErrorKind::TimedOut => {}
                Err(_) => return Err(LinkError::Closed),
            }
            if Instant::now() >= end {
                return Err(LinkError::TimedOut);
            }
        }
        self.sender.try_send(bytes).map_err(|_| LinkError::Closed)
    }

    /// Waits until the computer has received everything.
    fn flush(&mut self, timeout: Duration) {
        // A computer that accepts no more data will notice by itself.
        let _ = self.sender.flush_timeout(timeout);
    }

    /// Halts the endpoint to the computer. Returns false if output is still queued, so that the halt was refused.
    fn halt(&mut self) -> bool {
        // The kernel answers a successful halt with EBADMSG (f_fs.c, `ffs_epfile_io`) and a refused one with EAGAIN.
        match self.sender.control().map(|control| control.halt()) {
            Ok(Err(error)) => error.kind() != io::ErrorKind::WouldBlock,
            Ok(Ok(())) | Err(_) => true,
        }
    }

    /// Applies the fault that is due before the next transfer.
    fn trouble(&mut self) {
        self.sent += 1;
        match self.bus {
            Bus::Stalls => {
                self.owes_halt |= self.sent.is_multiple_of(29);
                if self.owes_halt {
                    self.flush(LAST_WORDS);
                    self.owes_halt = !self.halt();
                }
            }
            Bus::Pauses if self.sent.is_multiple_of(11) => {
                self.flush(LAST_WORDS);
                std::thread::sleep(Duration::from_millis(250));
            }
            _ => {}
        }
    }
}

impl LinkWrite for Writer {
    fn write_all(&mut self, bytes: &[u8], timeout: Duration) -> Result<(), LinkError> {
        // Output for the previous client must not reach this one.
        self.let_go()?;
        let end = Instant::now() + timeout;
        for piece in bytes.chunks(self.most) {
            self.trouble();
            let at = match self.bus {
                // A short packet in the middle.
                Bus::Split => piece.len() / 3,
                // Whole packets, then a pause: the computer's read may end with half of the requested data.
                Bus::Pauses if piece.len() > 512 => 512,
                _ => 0,
            };
            let (first, second) = piece.split_at(at);
            for part in [first, second] {
                if !part.is_empty() {
                    self.transfer(Bytes::copy_from_slice(part), end)?;
                    if self.bus == Bus::Pauses && part.len() == 512 {
                        self.trouble();
                    }
                }
            }
        }
        Ok(())
    }

    fn close(&mut self) {
        self.flush(LAST_WORDS);
        self.out.stop();
    }
}

/// Sends the containers of file transfer. Each is one transfer, which ends with a short packet, empty if need be (USB Still
/// Image Capture Device Definition, 7.2).
pub(super) struct Containers {
    writer: Writer,
    /// The end of a transfer that has begun.
    open: Vec<u8>,
}

impl Containers {
    pub fn new(writer: Writer) -> Self {
        Self {
            writer,
            open: Vec::new(),
        }
    }
}

impl LinkWrite for Containers {
    /// Empty `bytes` end the transfer.
    fn write_all(&mut self, bytes: &[u8], timeout: Duration) -> Result<(), LinkError> {
        self.open.extend_from_slice(bytes);
        let most = self.writer.most;
        if bytes.is_empty() {
            let last = std::mem::take(&mut self.open);
            self.writer.write_all(&last, timeout)?;
            let packet = self.writer.sender.max_packet_size()?;
            if last.len().is_multiple_of(packet) {
                self.writer
                    .transfer(Bytes::new(), Instant::now() + timeout)?;
            }
        } else if self.open.len() > most {
            let rest = self.open.split_off(self.open.len() / most * most);
            let whole = std::mem::replace(&mut self.open, rest);
            self.writer.write_all(&whole, timeout)?;
        }
        Ok(())
    }

    fn close(&mut self) {
        self.writer.close();
    }
}
