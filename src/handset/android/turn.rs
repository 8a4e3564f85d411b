//! When what is asked before its turn may stream its table.
//!
//! One large table is streamed at a time, beside a few short questions: a phone's store of data is killed where many
//! commands run. A stream that is opened early holds its place until it is read, so that a later one must not come before
//! it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use super::slots::{Slot, Slots};

/// How often a stream that waits looks whether the place is free.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
enum Stage {
    /// Something else comes before: no stream.
    Later,
    /// It streams as soon as the place is free.
    Next,
    /// It is waited for: it streams at once.
    Now,
}

/// The turn of one collection; clones are the same.
#[derive(Debug, Clone)]
pub struct Turn(Arc<AtomicU8>);

impl Turn {
    fn at(stage: Stage) -> Self {
        Self(Arc::new(AtomicU8::new(stage as u8)))
    }

    /// Something comes before the next one.
    pub fn later() -> Self {
        Self::at(Stage::Later)
    }

    pub fn now() -> Self {
        Self::at(Stage::Now)
    }

    /// It is the next one.
    pub fn comes_next(&self) {
        self.0.fetch_max(Stage::Next as u8, Ordering::Relaxed);
    }

    /// It is waited for.
    pub fn comes_now(&self) {
        self.0.fetch_max(Stage::Now as u8, Ordering::Relaxed);
    }

    /// Waits for the place of the stream. `None`: the stream is waited for, and the place is not free.
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
            // The second does not come before the first, however free the place is.
            let first = first.join().expect("a place");
            assert!(first.is_some());
            later.comes_now();
            assert!(second.join().expect("an answer").is_none());
        });
    }
}
