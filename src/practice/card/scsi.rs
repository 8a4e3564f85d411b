//! A disk on the Bulk-Only Transport that behaves like the kernel's mass-storage gadget (Linux
//! drivers/usb/gadget/function/f_mass_storage.c). Its first read fails because of the bus reset. Only reading is
//! implemented.

use std::time::Duration;

use super::device::Device;
use super::fat32::SECTOR;
use crate::link::{Link, LinkError};
use crate::model::Stop;
use crate::practice::device::PracticeDevice as _;

const LOOK: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(30);
const COMMAND: usize = 31;

/// Sense key, additional sense code, qualifier.
type Sense = (u8, u8, u8);
const NOTHING: Sense = (0, 0, 0);
const BUS_RESET: Sense = (6, 0x29, 0);
const NO_MEDIUM: Sense = (2, 0x3a, 0);
const NO_SUCH_COMMAND: Sense = (5, 0x20, 0);
const NO_SUCH_PLACE: Sense = (5, 0x21, 0);
const NO_SUCH_UNIT: Sense = (5, 0x25, 0);
const UNREADABLE: Sense = (3, 0x11, 0);

/// A reply: the available data, and the reason why there is no more.
type Reply = (Vec<u8>, Sense);

/// Serves one connection until the other end goes, the cable comes out, or `stop`.
pub fn serve(card: &Device, mut link: Link, stop: &Stop) {
    let mut session = Session {
        card,
        sense: NOTHING,
        was_reset: true,
    };
    let mut command = [0; COMMAND];
    while read(&mut link, &mut command, stop).is_some() {
        let Some((tag, length, unit, block)) = opened(&command) else {
            card.base().trip("a message that is not a command block");
            break;
        };
        let (mut reply, sense) = session.answer(unit, block);
        reply.truncate(length as usize);
        session.sense = sense;
        let status = u8::from(sense != NOTHING);
        let residue = length.saturating_sub(reply.len() as u32);
        let status = [
            b"USBS".as_slice(),
            &tag.to_le_bytes(),
            &residue.to_le_bytes(),
            &[status],
        ]
        .concat();
        let passes = card.base().charge(reply.len() as u64);
        reply.truncate(passes.unwrap_or(reply.len() as u64) as usize);
        card.pace(reply.len());
        let sent = link.writer.write_all(&reply, PATIENCE);
        if sent.is_err() || passes.is_some() {
            break;
        }
        if link.writer.write_all(&status, PATIENCE).is_err() {
            break;
        }
    }
    link.writer.close();
}

/// Fills `buffer`; `None`: the link has ended.
fn read(link: &mut Link, buffer: &mut [u8], stop: &Stop) -> Option<()> {
    let mut filled = 0;
    while filled < buffer.len() && !stop.is_stopped() {
        match link.reader.read(buffer.get_mut(filled..)?, LOOK) {
            Ok(count) => filled += count,
            Err(LinkError::TimedOut) => {}
            Err(_) => return None,
        }
    }
    (filled == buffer.len()).then_some(())
}

/// Returns the tag, the expected length, the unit and the command block.
fn opened(command: &[u8; COMMAND]) -> Option<(u32, u32, u8, &[u8])> {
    let (head, block) = command.split_at_checked(15)?;
    let long = |place: usize| {
        let bytes = head.get(place..place + 4)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    };
    let (direction, unit) = (head.get(12)?, head.get(13)?);
    let is_whole = head.starts_with(b"USBC") && *direction == 0x80;
    is_whole.then_some((long(4)?, long(8)?, *unit, block))
}

struct Session<'a> {
    card: &'a Device,
    sense: Sense,
    /// The next command other than INQUIRY and REQUEST SENSE reports a reset.
    was_reset: bool,
}

impl Session<'_> {
    fn answer(&mut self, unit: u8, block: &[u8]) -> Reply {
        let [code, ..] = *block else {
            return (Vec::new(), NO_SUCH_COMMAND);
        };
        let byte = |place: usize| block.get(place).copied().unwrap_or_default();
        let number = |range: std::ops::Range<usize>| {
            let bytes = block.get(range).unwrap_or_default().iter();
            bytes.fold(0u64, |number, byte| number << 8 | u64::from(*byte))
        };
        self.card.note(code);
        match code {
            0x12 => return (self.inquiry(unit, byte(4)), NOTHING),
            0x03 => {
                let (key, code, qualifier) = std::mem::replace(&mut self.sense, NOTHING);
                let sense = [
                    0x70, 0, key, 0, 0, 0, 0, 10, 0, 0, 0, 0, code, qualifier, 0, 0, 0, 0,
                ];
                return (sense.into(), NOTHING);
            }
            _ if unit != 0 => return (Vec::new(), NO_SUCH_UNIT),
            _ if self.card.settings.no_medium => return (Vec::new(), NO_MEDIUM),
            // The kernel's gadget accepts the first commands and reports the reset at the first read.
            0x28 | 0x88
                if std::mem::take(&mut self.was_reset) && self.card.settings.unit_attention =>
            {
                return (Vec::new(), BUS_RESET);
            }
            _ => {}
        }
        let blocks = self.card.blocks();
        match code {
            0x00 => (Vec::new(), NOTHING),
            0x25 => {
                let last = (blocks - 1).min(u64::from(u32::MAX)) as u32;
                (
                    [last.to_be_bytes(), (SECTOR as u32).to_be_bytes()].concat(),
                    NOTHING,
                )
            }
            0x28 => self.read(number(2..6), number(7..9)),
            0x88 => self.read(number(2..10), number(10..14)),
            code => {
                self.card
                    .base()
                    .trip(format!("a command with code {code:02x}"));
                (Vec::new(), NO_SUCH_COMMAND)
            }
        }
    }

    fn inquiry(&self, unit: u8, length: u8) -> Vec<u8> {
        let kind = if unit == 0 { 0x00 } else { 0x7f };
        let mut reply = vec![kind, 0x80, 0x02, 0x02, 31, 0, 0, 0];
        reply.extend(b"Practiceflip-out phone  0100");
        reply.truncate(usize::from(length));
        reply
    }

    /// Returns the data before the first damaged block.
    fn read(&self, first: u64, count: u64) -> Reply {
        if first.saturating_add(count) > self.card.blocks() {
            return (Vec::new(), NO_SUCH_PLACE);
        }
        let mut bytes = Vec::new();
        for block in first..first + count {
            match self.card.block(block) {
                Some(block) => bytes.extend_from_slice(block),
                None => return (bytes, UNREADABLE),
            }
        }
        (bytes, NOTHING)
    }
}
