//! The frames of the Android debug bridge, as its daemon reads and writes them.
//!
//! A frame is a 24-byte little-endian header (command, arg0, arg1, length of the payload, sum of the payload's bytes,
//! complement of the command) and a payload (`adb.h`, `protocol.txt` of AOSP's adb).

/// `CNXN`: a side introduces itself; arg0 is its version, arg1 its maximum payload.
pub const CNXN: u32 = 0x4e58_4e43;
/// `AUTH`: arg0 gives the type of the payload.
pub const AUTH: u32 = 0x4854_5541;
/// `OPEN`: opens a stream to the service named in the payload.
pub const OPEN: u32 = 0x4e45_504f;
/// `OKAY`: the stream is open, or its next `WRTE` may be sent.
pub const OKAY: u32 = 0x5941_4b4f;
/// `CLSE`: the stream has ended or was refused.
pub const CLSE: u32 = 0x4553_4c43;
/// `WRTE`: bytes on a stream.
pub const WRTE: u32 = 0x4554_5257;

/// [`AUTH`]: twenty random bytes to sign.
pub const AUTH_TOKEN: u32 = 1;
/// [`AUTH`]: the token, signed.
pub const AUTH_SIGNATURE: u32 = 2;
/// [`AUTH`]: a public key for the owner to allow.
pub const AUTH_PUBLIC_KEY: u32 = 3;

/// The first version, in which payloads have a checksum.
pub const VERSION_SUMMED: u32 = 0x0100_0000;
/// The first version without checksums.
pub const VERSION_UNSUMMED: u32 = 0x0100_0001;

/// Length of a header.
pub const HEADER: usize = 24;
/// Maximum payload length, whatever a header claims.
pub const LARGEST_PAYLOAD: usize = 1 << 20;

/// The header of a received frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    pub command: u32,
    pub arg0: u32,
    pub arg1: u32,
    pub length: u32,
    pub sum: u32,
}

impl Header {
    /// Reads a header; `None` if the complement or the length is invalid.
    pub fn parse(bytes: &[u8; HEADER]) -> Option<Self> {
        let mut words = bytes
            .chunks_exact(4)
            .map(|word| word.iter().rev().fold(0, |all, &b| all << 8 | u32::from(b)));
        let mut next = || words.next();
        let header = Self {
            command: next()?,
            arg0: next()?,
            arg1: next()?,
            length: next()?,
            sum: next()?,
        };
        let sound = next()? == !header.command && header.length as usize <= LARGEST_PAYLOAD;
        sound.then_some(header)
    }
}

/// Returns the header for a payload; `summed` adds the checksum.
pub fn header(command: u32, arg0: u32, arg1: u32, payload: &[u8], summed: bool) -> [u8; HEADER] {
    let check = if summed { sum(payload) } else { 0 };
    // Payloads never exceed LARGEST_PAYLOAD.
    let length = payload.len() as u32;
    let mut bytes = [0; HEADER];
    let words = [command, arg0, arg1, length, check, !command];
    for (place, word) in bytes.chunks_exact_mut(4).zip(words) {
        place.copy_from_slice(&word.to_le_bytes());
    }
    bytes
}

/// Sum of all bytes, which the documentation calls a CRC.
pub fn sum(payload: &[u8]) -> u32 {
    payload
        .iter()
        .fold(0, |all, &byte| all.wrapping_add(u32::from(byte)))
}
