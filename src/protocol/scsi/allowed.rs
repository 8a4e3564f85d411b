//! The allow-list: everything that can be requested from a USB disk. Every command block is built from these rows, and
//! only this file can create rows. Nothing here writes, erases, formats, ejects, locks, starts or stops a medium, or
//! changes a setting.
//!
//! No reset is in the list, not even Bulk-Only Mass Storage Reset, since a reset can restart the phone behind the
//! interface. A device that needs one is declared lost, and its owner plugs it in again.

/// Commands for a disk (SCSI Primary Commands 4, SCSI Block Commands 3).
pub const COMMANDS: [Command; 7] = [
    TEST_UNIT_READY,
    REQUEST_SENSE,
    INQUIRY,
    READ_CAPACITY_10,
    READ_10,
    READ_16,
    READ_CAPACITY_16,
];
/// Returns whether there is a medium, and whether it is ready.
pub const TEST_UNIT_READY: Command = Command("TEST UNIT READY", 0x00, None, 6);
/// Returns why the last command failed.
pub const REQUEST_SENSE: Command = Command("REQUEST SENSE", 0x03, None, 6);
/// Returns what the device is, and its name.
pub const INQUIRY: Command = Command("INQUIRY", 0x12, None, 6);
/// Returns the number of blocks, and their length.
pub const READ_CAPACITY_10: Command = Command("READ CAPACITY(10)", 0x25, None, 10);
/// Reads blocks.
pub const READ_10: Command = Command("READ(10)", 0x28, None, 10);
/// Reads blocks whose numbers do not fit into 32 bits.
pub const READ_16: Command = Command("READ(16)", 0x88, None, 16);
pub const READ_CAPACITY_16: Command = Command("READ CAPACITY(16)", 0x9e, Some(0x10), 16);

/// A row of [`COMMANDS`]: name, operation code, service action (if the code alone is ambiguous), and the length of the
/// command block in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Command(&'static str, u8, Option<u8>, u8);

impl Command {
    pub const fn name(self) -> &'static str {
        self.0
    }

    pub const fn code(self) -> u8 {
        self.1
    }

    pub const fn service(self) -> Option<u8> {
        self.2
    }

    pub const fn length(self) -> u8 {
        self.3
    }
}

/// A command with its parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    TestUnitReady,
    Sense,
    Inquiry,
    Capacity10,
    Capacity16,
    /// The first block, and the number of blocks.
    Read10(u32, u16),
    Read16(u64, u32),
}

/// The longest reply to a command that reads no blocks, in bytes.
pub const LONGEST_REPLY: u8 = 36;
const SENSE: u8 = 18;
const CAPACITY_10: u8 = 8;
const CAPACITY_16: u8 = 32;

impl Request {
    /// Returns the row that the request is built from.
    pub const fn command(self) -> Command {
        match self {
            Self::TestUnitReady => TEST_UNIT_READY,
            Self::Sense => REQUEST_SENSE,
            Self::Inquiry => INQUIRY,
            Self::Capacity10 => READ_CAPACITY_10,
            Self::Capacity16 => READ_CAPACITY_16,
            Self::Read10(..) => READ_10,
            Self::Read16(..) => READ_16,
        }
    }

    /// Returns the length of the reply, in bytes, if blocks have `block` bytes.
    pub const fn reply(self, block: u32) -> usize {
        match self {
            Self::TestUnitReady => 0,
            Self::Sense => SENSE as usize,
            Self::Inquiry => LONGEST_REPLY as usize,
            Self::Capacity10 => CAPACITY_10 as usize,
            Self::Capacity16 => CAPACITY_16 as usize,
            Self::Read10(_, count) => count as usize * block as usize,
            Self::Read16(_, count) => count as usize * block as usize,
        }
    }

    /// Returns the command block, padded with zeros.
    pub fn block(self) -> [u8; 16] {
        let (command, mut block) = (self.command(), [0; 16]);
        let parts: &[(usize, &[u8])] = match self {
            Self::TestUnitReady | Self::Capacity10 => &[],
            Self::Sense => &[(4, &[SENSE])],
            Self::Inquiry => &[(4, &[LONGEST_REPLY])],
            Self::Capacity16 => &[(13, &[CAPACITY_16])],
            Self::Read10(first, count) => &[(2, &first.to_be_bytes()), (7, &count.to_be_bytes())],
            Self::Read16(first, count) => &[(2, &first.to_be_bytes()), (10, &count.to_be_bytes())],
        };
        let codes: &[u8] = &[command.1, command.2.unwrap_or_default()];
        for (at, bytes) in [(0, codes)].iter().chain(parts) {
            let places = block.iter_mut().skip(*at);
            places.zip(*bytes).for_each(|(place, byte)| *place = *byte);
        }
        block
    }
}
