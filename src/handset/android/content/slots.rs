//! Limits how many queries run on a handset at once.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The slots for queries on one handset. Each query is a Java process of about 30 MiB there.
#[derive(Debug)]
pub struct Slots {
    counts: Mutex<Counts>,
    freed: Condvar,
}

#[derive(Debug)]
struct Counts {
    /// All slots, taken or free; at least one.
    all: usize,
    free: usize,
    /// Slots that are still to be added, one each time a slot is freed.
    more: usize,
}

/// How many queries run at once beside the stream of a large table. Small phones kill providers if a dozen queries run.
pub const AT_ONCE: usize = 3;

/// How many queries run at once at first, if the link broke before.
const FEW: usize = 2;

/// If a query takes longer than this to start, the handset is overloaded.
const SLOW_START: Duration = Duration::from_millis(1500);

/// A slot taken by a running query.
pub struct Slot {
    slots: Arc<Slots>,
    is_given_up: bool,
}

impl Slots {
    pub fn new(count: usize) -> Arc<Self> {
        Self::with(count.max(1), 0)
    }

    fn with(free: usize, more: usize) -> Arc<Self> {
        Arc::new(Self {
            counts: Mutex::new(Counts {
                all: free,
                free,
                more,
            }),
            freed: Condvar::new(),
        })
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns slots that start with a few and grow by one with each reply, up to the number here. On a link that broke
    /// before, a few replies at a time complete sooner.
    pub fn few_at_first(&self) -> Arc<Self> {
        let counts = self.counts();
        let all = counts.all + counts.more;
        Self::with(FEW.min(all), all.saturating_sub(FEW))
    }

    /// Takes a slot. Waits for one only if `wait` is true.
    pub fn take(self: &Arc<Self>, wait: bool) -> Option<Slot> {
        self.take_when(|| match wait {
            true => Stage::Next,
            false => Stage::Now,
        })
    }

    /// Takes a slot at the stage that `stage` tells. It is asked again after each [`Slots::wake`].
    pub fn take_when(self: &Arc<Self>, stage: impl Fn() -> Stage) -> Option<Slot> {
        let mut counts = self.counts();
        loop {
            match stage() {
                Stage::Next | Stage::Now if counts.free > 0 => break,
                Stage::Now => return None,
                Stage::Later | Stage::Next => {}
            }
            counts = self
                .freed
                .wait(counts)
                .unwrap_or_else(PoisonError::into_inner);
        }
        counts.free -= 1;
        Some(Slot {
            slots: Arc::clone(self),
            is_given_up: false,
        })
    }

    /// Wakes all who wait for a slot, after a change of their stage.
    pub fn wake(&self) {
        // Whoever has looked at the old stage under this lock waits by now.
        let _counts = self.counts();
        self.freed.notify_all();
    }
}

/// Whether a slot may be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Others come first: no slot, even if one is free.
    Later,
    /// As soon as a slot is free.
    Next,
    /// At once or not at all: the caller does not wait.
    Now,
}

impl Slot {
    /// Notes how long the query took to start. The slot of a slow query is removed, unless it is the last one.
    pub fn started(&mut self, after: Duration) {
        self.is_given_up = after > SLOW_START;
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut counts = self.slots.counts();
        if self.is_given_up && counts.all > 1 {
            counts.all -= 1;
            counts.more = 0;
            return;
        }
        let more = counts.more.min(1);
        counts.more -= more;
        counts.all += more;
        counts.free += 1 + more;
        self.slots.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many slots can be taken without waiting.
    fn free(slots: &Arc<Slots>) -> usize {
        let taken: Vec<_> = std::iter::from_fn(|| slots.take(false)).collect();
        taken.len()
    }

    #[test]
    fn a_slow_start_gives_up_its_place_but_for_the_last() {
        let slots = Slots::new(AT_ONCE);
        for left in [2, 1, 1] {
            let mut slot = slots.take(false).expect("a place");
            slot.started(SLOW_START + Duration::from_millis(1));
            drop(slot);
            assert_eq!(free(&slots), left);
        }
        slots.take(false).expect("a place").started(SLOW_START);
        assert_eq!(free(&slots), 1);
    }

    #[test]
    fn places_come_one_by_one_where_a_link_has_broken() {
        let slots = Slots::new(4).few_at_first();
        let (one, two) = (slots.take(false), slots.take(false));
        assert!(one.is_some() && two.is_some() && slots.take(false).is_none());
        drop(one);
        assert_eq!(free(&slots), 2);
        drop(two);
        assert_eq!(free(&slots), 4);
    }
}
