//! Reports the progress of the writing of the files. The writing threads count; the thread that runs the rescue reports
//! progress and stops the writing.

use std::thread::ScopedJoinHandle;
use std::time::{Duration, Instant};

use super::error::RescueError;
use super::progress::Progress;
use crate::collections::Pace;
use crate::model::Stop;

/// How often progress is reported.
const TOLD_EVERY: Duration = Duration::from_millis(250);

/// How often a writing thread is checked.
const LOOK_EVERY: Duration = Duration::from_millis(20);

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
            self.pace.end();
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
        let (written, back) = (self.pace.written_now(), self.pace.read_back_now());
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
