//! How far the writing of the files is. The writing threads count; the thread that runs the rescue reports the counts,
//! and stops the writing.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::WriteError;

/// Counts what several threads have written, and tells them when to stop.
#[derive(Debug, Default)]
pub struct Pace {
    written: Progress,
    read_back: Progress,
    is_over: AtomicBool,
}

/// A number done, and the total.
#[derive(Debug, Default)]
struct Progress {
    done: AtomicU64,
    of: AtomicU64,
}

impl Progress {
    fn now(&self) -> (u64, u64) {
        let (done, of) = (
            self.done.load(Ordering::Relaxed),
            self.of.load(Ordering::Relaxed),
        );
        (done.min(of), of)
    }
}

impl Pace {
    /// Adds records that are still to be written.
    pub fn expect(&self, records: u64) {
        self.written.of.fetch_add(records, Ordering::Relaxed);
    }

    /// Adds records that have been written.
    ///
    /// # Errors
    /// As [`Self::look`].
    pub fn wrote(&self, records: usize) -> Result<(), WriteError> {
        self.written
            .done
            .fetch_add(records as u64, Ordering::Relaxed);
        self.look()
    }

    /// Checks whether the writing must stop.
    ///
    /// # Errors
    /// [`WriteError::Stopped`] if so.
    pub fn look(&self) -> Result<(), WriteError> {
        match self.is_over() {
            true => Err(WriteError::Stopped),
            false => Ok(()),
        }
    }

    /// Adds cards that are still to be read back.
    pub fn expect_back(&self, cards: u64) {
        self.read_back.of.fetch_add(cards, Ordering::Relaxed);
    }

    /// Counts one card as read back.
    pub fn read_back(&self) {
        self.read_back.done.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns true if the writing must stop, even if it is not finished.
    pub fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// Makes all writing threads stop.
    pub fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    /// Returns how many records are written, and of how many.
    pub fn written_now(&self) -> (u64, u64) {
        self.written.now()
    }

    /// Returns how many cards are read back, and of how many.
    pub fn read_back_now(&self) -> (u64, u64) {
        self.read_back.now()
    }
}
