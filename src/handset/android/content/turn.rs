//! Decides when a collection that is queried before its turn may stream its table.
//!
//! Only one large table is streamed at a time, with a few short queries alongside: Android kills a phone's providers if
//! many commands run. A stream that is opened early holds its slot until it is read, so a later collection's stream
//! must not be opened before an earlier one's.

use std::sync::{Arc, Mutex, PoisonError};

use super::slots::{Slot, Slots, Stage};

/// The turn of one collection. Clones share the turn.
#[derive(Debug, Clone)]
pub struct Turn {
    stage: Arc<Mutex<Stage>>,
    /// The slot of the one large table that is streamed.
    streams: Arc<Slots>,
}

impl Turn {
    /// The turn of a collection that the caller waits for, with a slot for one stream.
    pub fn now() -> Self {
        Self {
            stage: Arc::new(Mutex::new(Stage::Now)),
            streams: Slots::new(1),
        }
    }

    /// A turn for the same slot, with another collection before it.
    pub fn later(&self) -> Self {
        Self {
            stage: Arc::new(Mutex::new(Stage::Later)),
            streams: Arc::clone(&self.streams),
        }
    }

    /// Marks the collection as the next one to stream.
    pub fn comes_next(&self) {
        self.advance(Stage::Next);
    }

    /// Marks the collection as the one that the caller waits for.
    pub fn comes_now(&self) {
        self.advance(Stage::Now);
    }

    fn advance(&self, to: Stage) {
        let mut stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        *stage = to.max(*stage);
        drop(stage);
        self.streams.wake();
    }

    /// Waits for the slot of the stream. Returns `None` if the caller waits for the stream and the slot is not free.
    pub fn slot(&self) -> Option<Slot> {
        self.streams
            .take_when(|| *self.stage.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_that_is_waited_for_never_waits_for_its_place() {
        let now = Turn::now();
        let taken = now.slot();
        assert!(taken.is_some());
        assert!(now.slot().is_none());
        let (early, later) = (now.later(), now.later());
        std::thread::scope(|scope| {
            let first = scope.spawn(|| early.slot());
            let second = scope.spawn(|| later.slot());
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
