//! Progress of the writing of the files. The writing threads count; the thread that runs the rescue reports progress
//! and stops the writing.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::ScopedJoinHandle;
use std::time::{Duration, Instant};

use super::run::{Progress, RescueError};
use crate::model::Stop;

/// How often progress is reported.
const TOLD_EVERY: Duration = Duration::from_millis(250);

/// How often a writing thread is checked.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Counts what several threads have written, and tells them when to stop.
#[derive(Debug, Default)]
pub struct Pace {
    written: Count,
    read_back: Count,
    is_over: AtomicBool,
}

/// A number done, and the total.
#[derive(Debug, Default)]
struct Count {
    done: AtomicU64,
    of: AtomicU64,
}

impl Count {
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
    /// [`RescueError::Stopped`] once the writing must stop.
    pub fn wrote(&self, records: usize) -> Result<(), RescueError> {
        self.written
            .done
            .fetch_add(records as u64, Ordering::Relaxed);
        match self.is_over() {
            true => Err(RescueError::Stopped),
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
}

/// Reports the progress of the writing at intervals, and stops it.
pub struct Watch<'a> {
    pace: &'a Pace,
    stop: &'a Stop,
    tell: &'a mut dyn FnMut(Progress),
    looked: Instant,
    told: Option<(u64, u64)>,
}

impl<'a> Watch<'a> {
    pub fn new(pace: &'a Pace, stop: &'a Stop, tell: &'a mut dyn FnMut(Progress)) -> Self {
        Self {
            pace,
            stop,
            tell,
            looked: Instant::now(),
            told: None,
        }
    }

    /// Reports progress if it is due, and checks the stop flag.
    ///
    /// # Errors
    /// [`RescueError::Stopped`]; all writing threads then stop as well.
    pub fn look(&mut self) -> Result<(), RescueError> {
        if self.stop.is_stopped() {
            self.pace.is_over.store(true, Ordering::Relaxed);
            return Err(RescueError::Stopped);
        }
        if self.looked.elapsed() < TOLD_EVERY {
            return Ok(());
        }
        self.looked = Instant::now();
        self.tell_now();
        Ok(())
    }

    fn tell_now(&mut self) {
        let (written, back) = (self.pace.written.now(), self.pace.read_back.now());
        if written.1 == 0 {
            return;
        }
        if self.told.replace((written.0, back.0)) == Some((written.0, back.0)) {
            return;
        }
        (self.tell)(match back {
            (1.., of) => Progress::ReadBack { cards: back.0, of },
            (0, _) => Progress::Written {
                records: written.0,
                of: written.1,
            },
        });
    }

    /// As [`Pace::expect`].
    pub fn expect(&self, records: u64) {
        self.pace.expect(records);
    }

    /// As [`Pace::wrote`] and [`Self::look`], for writing on the thread that runs the rescue.
    ///
    /// # Errors
    /// As [`Self::look`].
    pub fn wrote(&mut self, records: usize) -> Result<(), RescueError> {
        self.pace.wrote(records)?;
        self.look()
    }

    /// Waits for a writing thread.
    ///
    /// # Errors
    /// As [`Self::look`], and [`RescueError::Worker`].
    pub fn wait<T>(&mut self, thread: ScopedJoinHandle<'_, T>) -> Result<T, RescueError> {
        while !thread.is_finished() {
            self.look()?;
            std::thread::sleep(LOOK_EVERY);
        }
        self.tell_now();
        thread.join().map_err(|_| RescueError::Worker)
    }
}
