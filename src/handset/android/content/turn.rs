//! Decides when a collection that is queried before its turn may stream its table.
//!
//! Only one large table is streamed at a time, with a few short queries alongside: Android kills a phone's providers if
//! many commands run. A stream that is opened early holds its slot until it is read, so a later collection's stream
//! must not be opened before an earlier one's.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use super::slots::{Slot, Slots};

/// How often a waiting stream checks whether the slot is free.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Whether a collection may stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
enum Stage {
    /// Another collection comes first: no stream.
    Later,
    /// The stream may start as soon as the slot is free.
    Next,
    /// The caller waits for the stream: it starts at once.
    Now,
}

/// The turn of one collection. Clones share the turn.
#[derive(Debug, Clone)]
pub struct Turn(Arc<AtomicU8>);

impl Turn {
    fn at(stage: Stage) -> Self {
        Self(Arc::new(AtomicU8::new(stage as u8)))
    }

    /// A turn with another collection before it.
    pub fn later() -> Self {
        Self::at(Stage::Later)
    }

    pub fn now() -> Self {
        Self::at(Stage::Now)
    }

    /// Marks the collection as the next one to stream.
    pub fn comes_next(&self) {
        self.0.fetch_max(Stage::Next as u8, Ordering::Relaxed);
    }

    /// Marks the collection as the one that the caller waits for.
    pub fn comes_now(&self) {
        self.0.fetch_max(Stage::Now as u8, Ordering::Relaxed);
    }

    /// Waits for the slot of the stream. Returns `None` if the caller waits for the stream and the slot is not free.
    pub fn place(&self, streams: &Arc<Slots>) -> Option<Slot> {
        loop {
            let stage = self.0.load(Ordering::Relaxed);
            let place = match stage > Stage::Later as u8 {
                true => streams.take(false),
                false => None,
            };
            if place.is_some() || stage == Stage::Now as u8 {
                return place;
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_that_is_waited_for_never_waits_for_its_place() {
        let streams = Slots::new(1);
        let taken = Turn::now().place(&streams);
        assert!(taken.is_some());
        assert!(Turn::now().place(&streams).is_none());
        let (early, later) = (Turn::later(), Turn::later());
        std::thread::scope(|scope| {
            let first = scope.spawn(|| early.place(&streams));
            let second = scope.spawn(|| later.place(&streams));
            early.comes_next();
            drop(taken);
            // The second does not come before the first, even while the slot is free.
            let first = first.join().expect("a place");
            assert!(first.is_some());
            later.comes_now();
            assert!(second.join().expect("an answer").is_none());
        });
    }
}
