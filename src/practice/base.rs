//! What every practice device has: a cable that can come out, and a record of what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::model::Stop;

/// Time for which the cable is out after a fault pulled it.
const OUT_FOR: Duration = Duration::from_secs(3);

/// The cable and the record. Clones are the same.
#[derive(Clone)]
pub struct Base(Arc<Inner>);

struct Inner {
    cable: Mutex<Cable>,
    asked: Mutex<Vec<String>>,
    tripped: Mutex<Vec<String>>,
}

/// The cable between the device and the computer.
struct Cable {
    /// Stops the links on this cable.
    links: Stop,
    out: Out,
    /// Number of times that it was plugged in again.
    again: u32,
    /// Numbers of bytes to the computer after which a fault pulls it; each counts from the one before.
    cuts: VecDeque<u64>,
}

/// Whether the cable is out.
enum Out {
    No,
    Until(Instant),
    UntilPluggedIn,
}

impl Base {
    /// Plugs the cable in. It comes out after each of these numbers of bytes.
    pub fn new(unplug_after: &[u64]) -> Self {
        Self(Arc::new(Inner {
            cable: Mutex::new(Cable {
                links: Stop::new(),
                out: Out::No,
                again: 0,
                cuts: unplug_after.iter().copied().collect(),
            }),
            asked: Mutex::default(),
            tripped: Mutex::default(),
        }))
    }

    /// Stops when somebody pulls the cable.
    pub fn links(&self) -> Stop {
        lock(&self.0.cable).links.clone()
    }

    /// False while the cable is out.
    pub fn is_in(&self) -> bool {
        let mut cable = lock(&self.0.cable);
        if matches!(cable.out, Out::Until(when) if Instant::now() >= when) {
            cable.plug_in();
        }
        matches!(cable.out, Out::No)
    }

    /// Pulls the cable. The links on it end.
    pub fn pull(&self) {
        let mut cable = lock(&self.0.cable);
        cable.out = Out::UntilPluggedIn;
        std::mem::take(&mut cable.links).stop();
    }

    /// Plugs the cable in again.
    pub fn plug_in(&self) {
        lock(&self.0.cable).plug_in();
    }

    /// Records that a fault pulled the cable. The writing thread closes the link.
    pub fn fall_out(&self) {
        lock(&self.0.cable).out = Out::Until(Instant::now() + OUT_FOR);
    }

    /// Number of times that the cable was plugged in again.
    pub fn pluggings(&self) -> u32 {
        lock(&self.0.cable).again
    }

    /// Number of faults that will still pull the cable.
    pub fn cuts_left(&self) -> usize {
        lock(&self.0.cable).cuts.len()
    }

    /// Counts bytes to be sent. If the cable comes out among them, returns the number of bytes that still pass.
    pub fn charge(&self, length: u64) -> Option<u64> {
        let mut cable = lock(&self.0.cable);
        let left = cable.cuts.front_mut()?;
        if *left > length {
            *left -= length;
            return None;
        }
        cable.out = Out::Until(Instant::now() + OUT_FOR);
        cable.cuts.pop_front()
    }

    /// Records a request.
    pub fn note(&self, what: impl Into<String>) {
        lock(&self.0.asked).push(what.into());
    }

    /// Records a request that does more than read.
    pub fn trip(&self, what: impl Into<String>) {
        lock(&self.0.tripped).push(what.into());
    }

    pub fn asked(&self) -> Vec<String> {
        lock(&self.0.asked).clone()
    }

    pub fn tripped(&self) -> Vec<String> {
        lock(&self.0.tripped).clone()
    }
}

impl Cable {
    fn plug_in(&mut self) {
        if !matches!(self.out, Out::No) {
            self.again += 1;
        }
        self.out = Out::No;
    }
}

/// Locks state that stays sound if a thread panics.
pub fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
