//! The frames of the Android debug bridge, as its daemon reads and writes them.
//!
//! A frame is a 24-byte little-endian header (command, arg0, arg1, length of the payload, sum of the
//! payload's bytes, complement of the command) and a payload (`adb.h`, `protocol.txt` of AOSP's adb).

/// `CNXN`: a side introduces itself; arg0 its version, arg1 its largest payload.
pub const CNXN: u32 = 0x4e58_4e43;
/// `AUTH`: arg0 tells what the payload is.
pub const AUTH: u32 = 0x4854_5541;
/// `OPEN`: a stream to the service that the payload names.
pub const OPEN: u32 = 0x4e45_504f;
/// `OKAY`: the stream is open, or its next `WRTE` may come.
pub const OKAY: u32 = 0x5941_4b4f;
/// `CLSE`: the stream ends, or was refused.
pub const CLSE: u32 = 0x4553_4c43;
/// `WRTE`: bytes on a stream.
pub const WRTE: u32 = 0x4554_5257;

/// [`AUTH`]: twenty random bytes to be signed.
pub const AUTH_TOKEN: u32 = 1;
/// [`AUTH`]: the token, signed.
pub const AUTH_SIGNATURE: u32 = 2;
/// [`AUTH`]: a public key that the owner is to allow.
pub const AUTH_PUBLIC_KEY: u32 = 3;

/// The first version: payloads carry a sum.
pub const VERSION_SUMMED: u32 = 0x0100_0000;
/// From this version on nobody sums.
pub const VERSION_UNSUMMED: u32 = 0x0100_0001;

/// Length of a header.
pub const HEADER: usize = 24;
/// No payload may be longer, whatever a header says.
pub const LARGEST_PAYLOAD: usize = 1 << 20;

/// A frame's header, as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    pub command: u32,
    pub arg0: u32,
    pub arg1: u32,
    pub length: u32,
    pub sum: u32,
}

impl Header {
    /// Reads a header; `None` where the complement or the length is impossible.
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

/// The header for a payload; `summed` fills the sum in.
pub fn header(command: u32, arg0: u32, arg1: u32, payload: &[u8], summed: bool) -> [u8; HEADER] {
    let check = if summed { sum(payload) } else { 0 };
    // Payloads never pass LARGEST_PAYLOAD.
    let length = payload.len() as u32;
    let mut bytes = [0; HEADER];
    let words = [command, arg0, arg1, length, check, !command];
    for (place, word) in bytes.chunks_exact_mut(4).zip(words) {
        place.copy_from_slice(&word.to_le_bytes());
    }
    bytes
}

/// The sum of all bytes, which the documents call a CRC.
pub fn sum(payload: &[u8]) -> u32 {
    payload
        .iter()
        .fold(0, |all, &byte| all.wrapping_add(u32::from(byte)))
}
