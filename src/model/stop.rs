//! The flag that ends every wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// A flag that asks every wait to end. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    flag: Arc<AtomicBool>,
    limit: Option<Arc<Limit>>,
}

/// A moment from which the flag counts as set, until the limit is lifted.
#[derive(Debug)]
struct Limit {
    until: Instant,
    is_lifted: AtomicBool,
}

impl Limit {
    fn is_over(&self) -> bool {
        !self.is_lifted.load(Ordering::SeqCst) && Instant::now() >= self.until
    }
}

impl Stop {
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the same flag, which also counts as set from `until` on. Holders of the flag without this limit are not
    /// affected. What is opened within the limit keeps it: call [`Self::lift`] then.
    #[must_use]
    pub fn until(&self, until: Instant) -> Self {
        let limit = Limit {
            until,
            is_lifted: AtomicBool::new(false),
        };
        Self {
            flag: Arc::clone(&self.flag),
            limit: Some(Arc::new(limit)),
        }
    }

    /// Lifts the limit, for all clones of it.
    pub fn lift(&self) {
        if let Some(limit) = &self.limit {
            limit.is_lifted.store(true, Ordering::SeqCst);
        }
    }

    /// True if the limit is over, whether or not anybody has asked to stop.
    pub fn is_over(&self) -> bool {
        self.limit.as_ref().is_some_and(|limit| limit.is_over())
    }

    /// Asks all holders to stop.
    pub fn stop(&self) {
        self.flag.store(true, Ordering::SeqCst);
    }

    pub fn is_stopped(&self) -> bool {
        self.flag.load(Ordering::SeqCst) || self.is_over()
    }

    /// The flag itself, for a signal handler.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.flag)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_limit_ends_a_wait_until_it_is_lifted() {
        let stop = Stop::new();
        let over = stop.until(Instant::now());
        let later = stop.until(Instant::now() + Duration::from_secs(3600));
        assert!(over.is_stopped() && over.is_over());
        assert!(!later.is_stopped() && !stop.is_stopped());
        over.clone().lift();
        assert!(!over.is_stopped());
        stop.stop();
        assert!(over.is_stopped() && later.is_stopped() && !later.is_over());
    }
}
