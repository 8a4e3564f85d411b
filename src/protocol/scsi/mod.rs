//! USB mass storage: SCSI over the Bulk-Only Transport, with commands that only read (see [`allowed`]).

pub mod allowed;
mod error;
mod sense;
mod transport;

use std::time::{Duration, Instant};

pub use error::ScsiError;
pub use sense::Sense;

use crate::link::Link;
use crate::model::Stop;
use crate::phrase;
use allowed::Request;
use sense::Meaning;
use transport::{Status, Transport};

/// Maximum number of attempts for a command that fails for a temporary reason.
const TRIES: usize = 8;
/// How long a medium may take to become ready.
const READY: Duration = Duration::from_secs(15);
const PAUSE: Duration = Duration::from_millis(250);
/// Maximum number of bytes per read command: the number that Linux requests from an unknown USB disk
/// (drivers/usb/storage/scsiglue.c: 240 sectors). Some adapters fail at more.
const LONGEST: u32 = 240 * 512;
/// The valid lengths of blocks, in bytes.
const BLOCKS: std::ops::RangeInclusive<u32> = 512..=4096;
/// More than any card has, in bytes.
const MAX_SIZE: u64 = 1 << 50;

/// A unit's description of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inquiry {
    /// The peripheral device type: 0 is a disk, 5 a CD-ROM.
    pub kind: u8,
    pub is_removable: bool,
    /// As the unit reports it, without surrounding spaces.
    pub vendor: String,
    pub product: String,
    pub revision: String,
}

/// A unit with a medium in it.
pub struct ScsiDisk {
    transport: Transport,
    unit: u8,
    pub inquiry: Inquiry,
    /// Bytes per block.
    pub block: u32,
    /// Number of blocks.
    pub blocks: u64,
    /// Blocks were read: from now on, the medium must not change.
    has_read: bool,
}

impl ScsiDisk {
    /// Opens the first unit that is a disk with a medium in it. `last` is the highest logical unit number: card readers
    /// have a unit for each slot.
    ///
    /// # Errors
    /// If there is no such unit, the link is lost, or the rescue is stopped.
    pub fn open(link: Link, last: u8, stop: &Stop) -> Result<Self, ScsiError> {
        let mut disk = Self {
            transport: Transport::new(link, stop),
            unit: 0,
            inquiry: Inquiry::default(),
            block: 0,
            blocks: 0,
            has_read: false,
        };
        let mut why = ScsiError::NoDisk;
        for unit in 0..=last.min(15) {
            disk.unit = unit;
            match disk.look() {
                Ok(()) => return Ok(disk),
                Err(error @ (ScsiError::NoMedium | ScsiError::Refused { .. })) => why = error,
                Err(ScsiError::NoDisk) => {}
                Err(error) => return Err(error),
            }
        }
        Err(why)
    }

    /// Returns how the disk is reached, in words.
    pub fn name(&self) -> &str {
        self.transport.name()
    }

    fn look(&mut self) -> Result<(), ScsiError> {
        let reply = match self.ask(Request::Inquiry, 0) {
            // An earlier reader stopped in the middle of a transfer.
            Err(ScsiError::Protocol(_)) => {
                self.transport.drain();
                self.ask(Request::Inquiry, 0)?
            }
            reply => reply?,
        };
        self.inquiry = inquiry(reply);
        // Direct access, and its simplified form. Phones show modem drivers as a CD-ROM.
        if !matches!(self.inquiry.kind, 0x00 | 0x0e) {
            return Err(ScsiError::NoDisk);
        }
        self.ask(Request::TestUnitReady, 0)?;
        let reply = self.ask(Request::Capacity10, 0)?;
        let (mut last, mut block) = (number(reply, 0, 4), number(reply, 4, 4));
        if last == u64::from(u32::MAX) {
            let reply = self.ask(Request::Capacity16, 0)?;
            (last, block) = (number(reply, 0, 8), number(reply, 8, 4));
        }
        let fits = u32::try_from(block)
            .ok()
            .filter(|block| BLOCKS.contains(block));
        self.block = fits
            .filter(|block| block.is_power_of_two())
            .ok_or(ScsiError::Protocol(phrase(
                "its blocks have an unusual length",
            )))?;
        self.blocks = last.saturating_add(1);
        match self.blocks.checked_mul(block) {
            Some(..=MAX_SIZE) => Ok(()),
            _ => Err(ScsiError::TooLarge),
        }
    }

    /// Reads blocks from `first` on, until `buffer` is full. The length of `buffer` is a multiple of the block length.
    ///
    /// # Errors
    /// [`ScsiError::Unreadable`] if other blocks may still be readable.
    pub fn read(&mut self, first: u64, buffer: &mut [u8]) -> Result<(), ScsiError> {
        let at_once = (LONGEST / self.block.max(1)).max(1);
        let piece = at_once as usize * self.block as usize;
        let firsts = (0u64..).map(|number| first + number * u64::from(at_once));
        for (first, piece) in firsts.zip(buffer.chunks_mut(piece)) {
            let count = piece.len() as u32 / self.block.max(1);
            let request = match (u32::try_from(first), u16::try_from(count)) {
                (Ok(first), Ok(count)) => Request::Read10(first, count),
                _ => Request::Read16(first, count),
            };
            let reply = self.ask(request, self.block)?;
            if reply.len() != piece.len() {
                return Err(ScsiError::Protocol(phrase(
                    "it sent fewer blocks than it reported",
                )));
            }
            piece.copy_from_slice(reply);
            self.has_read = true;
        }
        Ok(())
    }

    /// Repeats a request until the device answers or the reason for its silence is known.
    fn ask(&mut self, request: Request, block: u32) -> Result<&[u8], ScsiError> {
        let began = Instant::now();
        let mut tries = 0;
        loop {
            let length = request.reply(block);
            let (status, reply) = self.transport.ask(self.unit, request, length)?;
            if status == Status::Passed {
                let received = reply.len();
                // The reply is still in the transport's buffer.
                return Ok(self.transport.last(received));
            }
            let (_, reply) =
                self.transport
                    .ask(self.unit, Request::Sense, Request::Sense.reply(0))?;
            let sense = Sense::of(reply);
            tries += 1;
            match sense.meaning() {
                Meaning::Again if tries < TRIES => {}
                // The medium was inserted before the first block was read.
                Meaning::Changed if tries < TRIES && !self.has_read => {}
                Meaning::Soon if began.elapsed() < READY => std::thread::sleep(PAUSE),
                Meaning::Changed => return Err(ScsiError::Changed),
                Meaning::NoMedium => return Err(ScsiError::NoMedium),
                Meaning::Unreadable => return Err(unreadable(request, sense)),
                Meaning::Again | Meaning::Soon | Meaning::Refused => {
                    return Err(ScsiError::Refused {
                        command: request.command().name(),
                        sense,
                    });
                }
            }
        }
    }
}

fn unreadable(request: Request, sense: Sense) -> ScsiError {
    let (first, count) = match request {
        Request::Read10(first, count) => (u64::from(first), u64::from(count)),
        Request::Read16(first, count) => (first, u64::from(count)),
        _ => {
            return ScsiError::Refused {
                command: request.command().name(),
                sense,
            };
        }
    };
    ScsiError::Unreadable {
        first,
        last: first.saturating_add(count).saturating_sub(1),
        sense,
    }
}

/// Parses the standard reply to INQUIRY (SCSI Primary Commands 4, 6.4.2).
fn inquiry(reply: &[u8]) -> Inquiry {
    let byte = |place: usize| reply.get(place).copied().unwrap_or_default();
    let text = |range: std::ops::Range<usize>| {
        let bytes = reply.get(range).unwrap_or_default();
        let text = String::from_utf8_lossy(bytes);
        text.trim_matches([' ', '\0']).to_owned()
    };
    Inquiry {
        // A qualifier in the upper bits means that there is no such unit.
        kind: if byte(0) & 0xe0 == 0 {
            byte(0) & 0x1f
        } else {
            0x1f
        },
        is_removable: byte(1) & 0x80 != 0,
        vendor: text(8..16),
        product: text(16..32),
        revision: text(32..36),
    }
}

/// Reads a big-endian number.
fn number(bytes: &[u8], place: usize, width: usize) -> u64 {
    let bytes = bytes.iter().skip(place).take(width);
    bytes.fold(0, |number, byte| number << 8 | u64::from(*byte))
}
