//! Flow control: how much of a stream each side may send before the other side has to answer (AOSP
//! `packages/modules/adb`, docs/dev/protocol.md and delayed_ack.md; `sockets.cpp`).

use super::error::AdbError;
use super::frame::MAX_PAYLOAD;
use crate::phrase;

/// With `delayed_ack`: how much a handset may send before some of it is acknowledged, in bytes. adb uses 32 MiB. This
/// value is more than is ever in transit over a cable, and limits how much data an unread stream can hold up.
const WINDOW: u32 = 1 << 20;
/// Number of bytes that are acknowledged at a time: less than [`WINDOW`], or both sides would wait for each other.
const ACKNOWLEDGED_AT_ONCE: u32 = 128 << 10;

/// Without `delayed_ack`: how much may wait to be read before the OKAY that lets the handset send more is held back, in
/// bytes.
const HIGH_WATER: usize = 4 << 20;
/// The same limit for a stream that no caller has begun to read: data that callers wait for come first on the link.
const HIGH_WATER_UNREAD: usize = 128 << 10;

/// The state of one stream, in both directions.
pub(super) enum Flow {
    /// One WRTE in each direction, then an OKAY.
    Classic {
        /// The handset waits for an OKAY that is held back.
        owes_okay: bool,
        /// This side waits for an OKAY for what it sent.
        awaits_okay: bool,
    },
    /// `delayed_ack`: each OKAY gives the number of bytes that were accepted.
    Windows {
        /// How much this side may send, in bytes. The last payload may exceed it, as in adbd.
        ours: i64,
        /// How much arrived and was not acknowledged, in bytes.
        unacknowledged: u32,
        /// How much of that was read, in bytes.
        read: u32,
    },
}

/// An OKAY to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Okay {
    /// Number of bytes that it acknowledges; `None` without `delayed_ack`.
    bytes: Option<u32>,
}

impl Okay {
    pub fn payload(self) -> Vec<u8> {
        match self.bytes {
            Some(bytes) => bytes.to_le_bytes().to_vec(),
            None => Vec::new(),
        }
    }
}

/// How much of a stream waits to be read, and whether a caller has begun to read it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waiting {
    /// In bytes.
    pub queued: usize,
    pub is_read: bool,
}

impl Flow {
    pub fn new(delayed_ack: bool) -> Self {
        match delayed_ack {
            // The handset's first OKAY tells how much it accepts.
            true => Self::Windows {
                ours: 0,
                unacknowledged: 0,
                read: 0,
            },
            false => Self::Classic {
                owes_okay: false,
                awaits_okay: false,
            },
        }
    }

    /// Returns the window that OPEN announces. adbd refuses a stream with a window if `delayed_ack` was not agreed on,
    /// and a stream without one if it was.
    pub fn window(&self) -> u32 {
        match self {
            Self::Classic { .. } => 0,
            Self::Windows { .. } => WINDOW,
        }
    }

    /// Processes an OKAY.
    ///
    /// # Errors
    /// [`AdbError::Protocol`] if it does not tell how much it acknowledges.
    pub fn acknowledged(&mut self, payload: &[u8]) -> Result<(), AdbError> {
        match self {
            Self::Classic { awaits_okay, .. } => *awaits_okay = false,
            Self::Windows { ours, .. } => {
                let bytes = payload.try_into().map_err(|_| {
                    AdbError::protocol(phrase("an OKAY does not say how much it acknowledges"))
                })?;
                // The number may be negative.
                *ours = ours.saturating_add(i32::from_le_bytes(bytes).into());
            }
        }
        Ok(())
    }

    /// True if a payload may be sent now.
    pub fn may_send(&self) -> bool {
        match self {
            Self::Classic { awaits_okay, .. } => !awaits_okay,
            Self::Windows { ours, .. } => *ours > 0,
        }
    }

    /// Records that a payload of `length` bytes is sent.
    pub fn sent(&mut self, length: usize) {
        match self {
            Self::Classic { awaits_okay, .. } => *awaits_okay = true,
            Self::Windows { ours, .. } => {
                *ours = ours.saturating_sub(i64::try_from(length).unwrap_or(i64::MAX));
            }
        }
    }

    /// Records that a payload of `length` bytes arrived, which `waiting` already counts. Returns the OKAY to answer
    /// with, unless it is held back.
    ///
    /// # Errors
    /// [`AdbError::Protocol`] if the handset should have waited.
    pub fn came(&mut self, length: usize, waiting: Waiting) -> Result<Option<Okay>, AdbError> {
        let unasked =
            || AdbError::protocol(phrase("it sends more data without waiting for an OKAY"));
        match self {
            Self::Classic { owes_okay, .. } => {
                if *owes_okay {
                    return Err(unasked());
                }
                *owes_okay = waiting.is_above_high_water();
                Ok((!*owes_okay).then_some(Okay { bytes: None }))
            }
            Self::Windows { unacknowledged, .. } => {
                if *unacknowledged >= WINDOW {
                    return Err(unasked());
                }
                // The last payload of a window may exceed it.
                let length = u32::try_from(length).unwrap_or(MAX_PAYLOAD);
                *unacknowledged = unacknowledged.saturating_add(length);
                Ok(None)
            }
        }
    }

    /// Records that `length` bytes were read, which `waiting` no longer counts. Returns the OKAY that is due now.
    pub fn read(&mut self, length: usize, waiting: Waiting) -> Option<Okay> {
        match self {
            Self::Classic { owes_okay, .. } => {
                let due = *owes_okay && !waiting.is_above_high_water();
                *owes_okay &= !due;
                due.then_some(Okay { bytes: None })
            }
            Self::Windows {
                unacknowledged,
                read,
                ..
            } => {
                *read = read.saturating_add(u32::try_from(length).unwrap_or(u32::MAX));
                if *read < ACKNOWLEDGED_AT_ONCE {
                    return None;
                }
                let bytes = std::mem::take(read);
                *unacknowledged = unacknowledged.saturating_sub(bytes);
                Some(Okay { bytes: Some(bytes) })
            }
        }
    }
}

impl Waiting {
    fn is_above_high_water(self) -> bool {
        let most = match self.is_read {
            true => HIGH_WATER,
            false => HIGH_WATER_UNREAD,
        };
        self.queued > most
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// A handset that keeps to its window and a reader that takes pieces of any size always finish. No more than a
        /// window and a payload ever wait to be read.
        #[test]
        fn neither_side_waits_for_ever(
            delayed_ack: bool,
            payloads in prop::collection::vec(1..=(MAX_PAYLOAD as usize), 1..40),
            pieces in prop::collection::vec(1_usize..300_000, 1..40),
        ) {
            let mut flow = Flow::new(delayed_ack);
            let mut credit = match delayed_ack { true => i64::from(flow.window()), false => 1 };
            let (mut queued, mut is_read) = (0, false);
            let (mut coming, mut pieces) = (payloads.into_iter().peekable(), pieces.into_iter().cycle());
            while coming.peek().is_some() || queued > 0 {
                let may_come = coming.next_if(|_| credit > 0);
                let okay = if let Some(length) = may_come {
                    queued += length;
                    credit = if delayed_ack { credit - length as i64 } else { 0 };
                    flow.came(length, Waiting { queued, is_read }).unwrap()
                } else {
                    prop_assert!(queued > 0, "both wait");
                    is_read = true;
                    let taken = pieces.next().unwrap_or(1).min(queued);
                    queued -= taken;
                    flow.read(taken, Waiting { queued, is_read })
                };
                prop_assert!(queued <= HIGH_WATER + MAX_PAYLOAD as usize);
                if let Some(okay) = okay {
                    credit = match okay.bytes { Some(bytes) => credit + i64::from(bytes), None => 1 };
                }
            }
        }
    }

    #[test]
    fn a_handset_that_does_not_wait_is_noticed() {
        for delayed_ack in [false, true] {
            let mut flow = Flow::new(delayed_ack);
            let mut queued = 0;
            let ends = (0..1000).find(|_| {
                queued += 65_536;
                let waiting = Waiting {
                    queued,
                    is_read: false,
                };
                flow.came(65_536, waiting).is_err()
            });
            assert!(ends.is_some_and(|count| count < 20), "{ends:?}");
        }
    }
}
