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
    slots: Arc<Slots>,
}

impl Turn {
    /// The turn of a collection that the caller waits for.
    pub fn now(slots: Arc<Slots>) -> Self {
        Self {
            stage: Arc::new(Mutex::new(Stage::Now)),
            slots,
        }
    }

    /// A turn for the same slots, with another collection before it.
    pub fn later(&self) -> Self {
        Self {
            stage: Arc::new(Mutex::new(Stage::Later)),
            slots: Arc::clone(&self.slots),
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
        self.slots.wake();
    }

    fn stage(&self) -> Stage {
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the slot of the stream. Returns `None` if the caller waits for the stream and another stream has the
    /// slot.
    pub fn slot(&self) -> Option<Slot> {
        self.slots.take_for_stream(|| self.stage())
    }

    /// Takes the slot of the stream if it is this collection's turn and the slot is free: short queries that start
    /// together with the stream would borrow it.
    pub fn slot_now(&self) -> Option<Slot> {
        match self.stage() {
            Stage::Now => self.slot(),
            Stage::Later | Stage::Next => None,
        }
    }

    /// Takes a slot for a short query, before those of collections whose turn comes later. Waits for one only if `wait`
    /// is true.
    pub fn query_slot(&self, wait: bool) -> Option<Slot> {
        self.slots.take(wait, || self.stage())
    }

    /// Starts with few queries at once, see [`Slots::few_at_first`].
    pub fn few_at_first(&self) {
        self.slots.few_at_first();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_that_is_waited_for_never_waits_for_its_place() {
        let now = Turn::now(Slots::new(1));
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
