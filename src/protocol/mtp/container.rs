//! Containers: the units of transfer on the bulk pipes (PTP over USB: the Still Image class, revision 1.0, section
//! 7.1).

use super::allowed::Operation;

/// Size of length, kind, code and transaction, in bytes.
pub(super) const HEADER: usize = 12;
/// Stands for a length that does not fit into 32 bits.
pub(super) const TOO_LONG: u32 = u32::MAX;
/// The longest response, in bytes. A response has five parameters at most, but some devices pad it.
const LONGEST_RESPONSE: u32 = 512;

/// Response codes (ISO 15740, section 11.2).
pub(super) mod code {
    pub const OK: u16 = 0x2001;
    pub const GENERAL_ERROR: u16 = 0x2002;
    pub const SESSION_NOT_OPEN: u16 = 0x2003;
    pub const NOT_SUPPORTED: u16 = 0x2005;
    pub const INCOMPLETE_TRANSFER: u16 = 0x2007;
    pub const INVALID_STORAGE_ID: u16 = 0x2008;
    pub const INVALID_OBJECT_HANDLE: u16 = 0x2009;
    pub const ACCESS_DENIED: u16 = 0x200f;
    pub const STORE_NOT_AVAILABLE: u16 = 0x2013;
    pub const NO_VALID_OBJECT_INFO: u16 = 0x2015;
    pub const DEVICE_BUSY: u16 = 0x2019;
    pub const INVALID_PARENT: u16 = 0x201a;
    pub const SESSION_ALREADY_OPEN: u16 = 0x201e;
    pub const CANCELLED: u16 = 0x201f;
}

/// The kinds of containers that come from the device. Only commands are sent to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Data,
    Response,
    Event,
}

/// The header of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// Length of the whole container, in bytes; [`TOO_LONG`] only for data.
    pub length: u32,
    pub kind: Kind,
    pub code: u16,
    pub transaction: u32,
}

impl Header {
    /// Parses a header; `None` if no device can have sent it.
    pub fn parse(bytes: [u8; HEADER]) -> Option<Self> {
        let [a, b, c, d, kind, high, e, f, rest @ ..] = bytes;
        let length = u32::from_le_bytes([a, b, c, d]);
        let (kind, most) = match u16::from_le_bytes([kind, high]) {
            2 => (Kind::Data, TOO_LONG),
            3 => (Kind::Response, LONGEST_RESPONSE),
            4 => (Kind::Event, LONGEST_RESPONSE),
            _ => return None,
        };
        (HEADER as u32..=most).contains(&length).then(|| Self {
            length,
            kind,
            code: u16::from_le_bytes([e, f]),
            transaction: u32::from_le_bytes(rest),
        })
    }

    /// Returns the number of bytes after the header; `None` if it does not fit into 32 bits.
    pub fn payload(&self) -> Option<u64> {
        (self.length != TOO_LONG).then(|| u64::from(self.length) - HEADER as u64)
    }

    /// Returns the header of the response to `transaction`, if `bytes` end with a complete one.
    pub fn at_end_of(bytes: &[u8], transaction: u32) -> Option<Self> {
        (0..=5).find_map(|parameters| {
            let start = bytes.len().checked_sub(HEADER + parameters * 4)?;
            let header = Self::parse(*bytes.get(start..)?.first_chunk()?)?;
            let fits = header.kind == Kind::Response
                && header.transaction == transaction
                && header.length as usize == bytes.len() - start;
            fits.then_some(header)
        })
    }
}

/// Builds a command, the only kind of container that is ever sent.
pub(super) fn command(operation: Operation, transaction: u32, parameters: &[u32]) -> Vec<u8> {
    const COMMAND: u16 = 1;
    let length = HEADER + parameters.len() * 4;
    let mut bytes = (length as u32).to_le_bytes().to_vec();
    bytes.extend(COMMAND.to_le_bytes());
    bytes.extend(operation.code().to_le_bytes());
    bytes.extend(transaction.to_le_bytes());
    for parameter in parameters {
        bytes.extend(parameter.to_le_bytes());
    }
    bytes
}
