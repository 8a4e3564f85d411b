//! Sense data: why a command failed (SCSI Primary Commands 4, 4.5).

use std::fmt;

/// Sense key, additional sense code and its qualifier.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sense {
    pub key: u8,
    pub code: u8,
    pub qualifier: u8,
}

/// What to do after a command has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Only a notification: the command can be repeated.
    Again,
    /// The unit will be ready in a moment.
    Soon,
    /// The medium may have been changed.
    Changed,
    NoMedium,
    /// These blocks can't be read; others may be readable.
    Unreadable,
    Refused,
}

impl Sense {
    /// Parses the reply to REQUEST SENSE, in either format. Missing bytes are read as zeros.
    pub(super) fn of(reply: &[u8]) -> Self {
        let byte = |place: usize| reply.get(place).copied().unwrap_or_default();
        let places = match byte(0) & 0x7f {
            0x72 | 0x73 => [1, 2, 3],
            _ => [2, 12, 13],
        };
        let [key, code, qualifier] = places.map(byte);
        Self {
            key: key & 0x0f,
            code,
            qualifier,
        }
    }

    pub(super) fn meaning(self) -> Meaning {
        match (self.key, self.code) {
            (_, 0x3a) => Meaning::NoMedium,
            (0x06, 0x28) => Meaning::Changed,
            // A reset, a new state, or no reason: some devices fail a command and give no reason when asked.
            (0x06 | 0x00, _) => Meaning::Again,
            (0x02, 0x04) => Meaning::Soon,
            // Medium error, hardware error, aborted command; and addresses that a card claims to have but does not.
            (0x03 | 0x04 | 0x0b, _) | (0x05, 0x21) => Meaning::Unreadable,
            _ => Meaning::Refused,
        }
    }
}

impl fmt::Display for Sense {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "sense {:x}/{:02x}/{:02x}",
            self.key, self.code, self.qualifier
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_formats_say_the_same() {
        let mut fixed = [0; 18];
        (fixed[0], fixed[2], fixed[12], fixed[13]) = (0xf0, 0x23, 0x11, 0x01);
        let described = [0x72, 0x03, 0x11, 0x01, 0, 0, 0, 0];
        let sense = Sense {
            key: 3,
            code: 0x11,
            qualifier: 1,
        };
        assert_eq!((Sense::of(&fixed), Sense::of(&described)), (sense, sense));
        assert_eq!(sense.meaning(), Meaning::Unreadable);
        assert_eq!(Sense::of(&[]).meaning(), Meaning::Again);
    }
}
