//! Processor time of a thread. A busy machine makes a test last longer, but not work more.

use std::time::{Duration, Instant};

/// Counts what this thread works from here on.
pub struct Work {
    since: Instant,
    worked: Option<Duration>,
}

impl Work {
    pub fn begin() -> Self {
        Self {
            since: Instant::now(),
            worked: worked(),
        }
    }

    /// Processor time since then; where the system does not tell it, time by the clock.
    pub fn done(&self) -> Duration {
        match (self.worked, worked()) {
            (Some(before), Some(now)) => now.saturating_sub(before),
            _ => self.since.elapsed(),
        }
    }
}

/// Nanoseconds on a processor (Linux, Documentation/scheduler/sched-stats.rst).
fn worked() -> Option<Duration> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = told.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}
