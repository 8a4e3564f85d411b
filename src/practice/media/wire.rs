//! Containers and datasets as a device writes them (PTP over USB: Still Image class, section 7.1).

use chrono::{DateTime, Local};

pub const HEADER: usize = 12;
pub const COMMAND: u16 = 1;
pub const DATA: u16 = 2;
pub const RESPONSE: u16 = 3;
pub const EVENT: u16 = 4;

/// Returns the header of a container for a payload of `payload` bytes.
pub fn header(kind: u16, code: u16, transaction: u32, payload: u64) -> Vec<u8> {
    let length = u32::try_from(payload + HEADER as u64).unwrap_or(u32::MAX);
    let mut bytes = length.to_le_bytes().to_vec();
    bytes.extend(kind.to_le_bytes());
    bytes.extend(code.to_le_bytes());
    bytes.extend(transaction.to_le_bytes());
    bytes
}

/// A dataset under construction.
#[derive(Default)]
pub struct Dataset(pub Vec<u8>);

impl Dataset {
    pub fn u8(mut self, number: u8) -> Self {
        self.0.push(number);
        self
    }

    pub fn u16(mut self, number: u16) -> Self {
        self.0.extend(number.to_le_bytes());
        self
    }

    pub fn u32(mut self, number: u32) -> Self {
        self.0.extend(number.to_le_bytes());
        self
    }

    pub fn u64(mut self, number: u64) -> Self {
        self.0.extend(number.to_le_bytes());
        self
    }

    pub fn words(self, numbers: &[u16]) -> Self {
        let counted = self.u32(numbers.len() as u32);
        numbers.iter().fold(counted, |set, number| set.u16(*number))
    }

    pub fn handles(self, numbers: &[u32]) -> Self {
        let counted = self.u32(numbers.len() as u32);
        numbers.iter().fold(counted, |set, number| set.u32(*number))
    }

    /// Appends the number of UTF-16 units, then the units with a final zero. Nothing except the number for an empty
    /// text.
    pub fn text(self, text: &str) -> Self {
        if text.is_empty() {
            return self.u8(0);
        }
        let mut units: Vec<u16> = text.encode_utf16().take(254).collect();
        units.push(0);
        let counted = self.u8(units.len() as u8);
        units.iter().fold(counted, |set, unit| set.u16(*unit))
    }

    /// Appends the local time in Android's form (`MtpUtils.cpp`, `formatDateTime`), or an empty text if it is 0.
    pub fn time(self, seconds: u32) -> Self {
        if seconds == 0 {
            return self.text("");
        }
        let moment = DateTime::from_timestamp(i64::from(seconds), 0).unwrap_or_default();
        let clock = moment.with_timezone(&Local);
        self.text(&clock.format("%Y%m%dT%H%M%S").to_string())
    }
}
