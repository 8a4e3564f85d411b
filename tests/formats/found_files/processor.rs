//! Processor time of a thread. On a busy machine a test takes longer, but needs the same processor time.

use std::time::{Duration, Instant};

/// Counts the work of this thread from `begin` on.
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

    /// Processor time since the start, or elapsed time if the system does not report processor time.
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
