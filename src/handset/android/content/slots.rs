//! Limits how many queries run on a handset at once.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The slots for queries on one handset. Each query is a Java process of about 30 MiB there.
#[derive(Debug)]
pub struct Slots {
    places: Mutex<Places>,
    freed: Condvar,
}

#[derive(Debug)]
struct Places {
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
            places: Mutex::new(Places {
                all: free,
                free,
                more,
            }),
            freed: Condvar::new(),
        })
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns slots that start with a few and grow by one with each reply, up to the number here. On a link that broke
    /// before, a few replies at a time complete sooner.
    pub fn few_at_first(&self) -> Arc<Self> {
        let places = self.places();
        let all = places.all + places.more;
        Self::with(FEW.min(all), all.saturating_sub(FEW))
    }

    /// Takes a slot. Waits for one only if `wait` is true.
    pub fn take(self: &Arc<Self>, wait: bool) -> Option<Slot> {
        let mut places = self.places();
        while places.free == 0 {
            if !wait {
                return None;
            }
            places = self
                .freed
                .wait(places)
                .unwrap_or_else(PoisonError::into_inner);
        }
        places.free -= 1;
        Some(Slot {
            slots: Arc::clone(self),
            is_given_up: false,
        })
    }
}

impl Slot {
    /// Notes how long the query took to start. The slot of a slow query is removed, unless it is the last one.
    pub fn started(&mut self, after: Duration) {
        self.is_given_up = after > SLOW_START;
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut places = self.slots.places();
        if self.is_given_up && places.all > 1 {
            places.all -= 1;
            places.more = 0;
            return;
        }
        let more = places.more.min(1);
        places.more -= more;
        places.all += more;
        places.free += 1 + more;
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
