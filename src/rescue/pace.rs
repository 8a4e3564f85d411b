//! How far the writing of the files is: counted where they are written, told and stopped from where the rescue is run.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::ScopedJoinHandle;
use std::time::{Duration, Instant};

use super::run::{Progress, RescueError};
use crate::link::Stop;

/// How often progress is told.
const TOLD_EVERY: Duration = Duration::from_millis(250);

/// How often a thread that writes is looked after.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Counts what several threads have written, and tells them when to end.
#[derive(Debug, Default)]
pub struct Pace {
    written: Count,
    read_back: Count,
    is_over: AtomicBool,
}

/// So many of so many.
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
    /// So many records more are to be written.
    pub fn expect(&self, records: u64) {
        self.written.of.fetch_add(records, Ordering::Relaxed);
    }

    /// So many records more are written.
    ///
    /// # Errors
    /// [`RescueError::Stopped`] once the writing is to end.
    pub fn wrote(&self, records: usize) -> Result<(), RescueError> {
        self.written
            .done
            .fetch_add(records as u64, Ordering::Relaxed);
        match self.is_over() {
            true => Err(RescueError::Stopped),
            false => Ok(()),
        }
    }

    /// So many cards more are to be read back.
    pub fn expect_back(&self, cards: u64) {
        self.read_back.of.fetch_add(cards, Ordering::Relaxed);
    }

    /// One card more is read back.
    pub fn read_back(&self) {
        self.read_back.done.fetch_add(1, Ordering::Relaxed);
    }

    /// The writing is to end, whatever is left of it.
    pub fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }
}

/// Tells how far the writing is, now and then, and ends it.
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

    /// Looks at what is written, and at the stop flag.
    ///
    /// # Errors
    /// [`RescueError::Stopped`], and then all who write end likewise.
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

    /// As [`Pace::wrote`] and [`Self::look`], where the writing and the rescue are one thread.
    ///
    /// # Errors
    /// Likewise.
    pub fn wrote(&mut self, records: usize) -> Result<(), RescueError> {
        self.pace.wrote(records)?;
        self.look()
    }

    /// Waits for a thread that writes.
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
