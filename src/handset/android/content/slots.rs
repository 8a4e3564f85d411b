//! Limits how many queries run on a handset at once.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The slots for commands on one handset. Each is a Java process of about 30 MiB there. One slot is for the stream of a
/// large table. While no stream takes it, a short query may borrow it.
#[derive(Debug)]
pub struct Slots {
    counts: Mutex<Counts>,
    freed: Condvar,
}

#[derive(Debug)]
struct Counts {
    /// All slots for short queries, taken or free; at least one.
    all: usize,
    free: usize,
    /// Slots that are still to be added, one each time a slot is freed.
    more: usize,
    /// The holder of the slot for streams.
    stream: StreamSlot,
    /// Streams that wait for their slot: nobody borrows it meanwhile.
    streams_waiting: usize,
    /// The short queries that wait for a slot, by their stage.
    waiting: BTreeMap<Stage, usize>,
    /// A query started slowly: nothing more runs at once than necessary.
    is_overloaded: bool,
}

/// The state of the slot for a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StreamSlot {
    Free,
    Streams,
    Lent,
}

/// How many queries run at once beside the stream of a large table. Small phones kill providers if a dozen queries run.
pub const AT_ONCE: usize = 3;

/// How many queries run at once at first, if the link broke before.
const FEW: usize = 2;

/// If a query takes longer than this to start, the handset is overloaded.
const SLOW_START: Duration = Duration::from_millis(1500);

/// A slot taken by a running command.
pub struct Slot {
    slots: Arc<Slots>,
    kind: Kind,
    is_slow: bool,
}

/// The use of a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Query,
    /// A short query in the slot of the stream.
    Borrowed,
    Stream,
}

impl Slots {
    pub fn new(count: usize) -> Arc<Self> {
        let all = count.max(1);
        Arc::new(Self {
            counts: Mutex::new(Counts {
                all,
                free: all,
                more: 0,
                stream: StreamSlot::Free,
                streams_waiting: 0,
                waiting: BTreeMap::new(),
                is_overloaded: false,
            }),
            freed: Condvar::new(),
        })
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'c>(&self, counts: MutexGuard<'c, Counts>) -> MutexGuard<'c, Counts> {
        self.freed
            .wait(counts)
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts with a few slots for short queries, and adds one with each reply, up to the former number. On a link that
    /// broke before, a few replies at a time complete sooner.
    pub fn few_at_first(&self) {
        let mut counts = self.counts();
        let fewer = counts.free.min(counts.all.saturating_sub(FEW));
        counts.all -= fewer;
        counts.free -= fewer;
        counts.more += fewer;
    }

    fn slot(self: &Arc<Self>, kind: Kind) -> Slot {
        Slot {
            slots: Arc::clone(self),
            kind,
            is_slow: false,
        }
    }

    /// Takes a slot for a short query. Waits for one only if `wait` is true. A query of a later stage comes first.
    /// `stage` is asked again after each [`Slots::wake`].
    pub fn take(self: &Arc<Self>, wait: bool, stage: impl Fn() -> Stage) -> Option<Slot> {
        let mut counts = self.counts();
        loop {
            let stage = stage();
            let mut before = counts.waiting.iter().filter(|(other, _)| **other > stage);
            if before.all(|(_, number)| *number == 0) {
                let kind = counts.take();
                if kind.is_some() {
                    // There may be slots for the queries that let this one go first.
                    self.freed.notify_all();
                    return kind.map(|kind| self.slot(kind));
                }
            }
            if !wait {
                return None;
            }
            *counts.waiting.entry(stage).or_default() += 1;
            counts = self.wait(counts);
            *counts.waiting.entry(stage).or_default() -= 1;
        }
    }

    /// Takes the slot of the stream at the stage that `stage` tells. Returns `None` if the caller can't wait, because
    /// another stream has the slot. `stage` is asked again after each [`Slots::wake`].
    pub fn take_for_stream(self: &Arc<Self>, stage: impl Fn() -> Stage) -> Option<Slot> {
        let mut counts = self.counts();
        loop {
            let stage = stage();
            match counts.stream {
                StreamSlot::Free if stage != Stage::Later => {
                    counts.stream = StreamSlot::Streams;
                    return Some(self.slot(Kind::Stream));
                }
                StreamSlot::Streams if stage == Stage::Now => return None,
                StreamSlot::Free | StreamSlot::Streams | StreamSlot::Lent => {}
            }
            let is_due = stage != Stage::Later;
            counts.streams_waiting += usize::from(is_due);
            counts = self.wait(counts);
            counts.streams_waiting -= usize::from(is_due);
        }
    }

    /// Wakes all who wait for a slot, after a change of their stage.
    pub fn wake(&self) {
        // Every thread that saw the old stage under this lock is already waiting.
        let _counts = self.counts();
        self.freed.notify_all();
    }
}

impl Counts {
    /// Takes a slot for a short query, if one is free.
    fn take(&mut self) -> Option<Kind> {
        if self.free > 0 {
            self.free -= 1;
            return Some(Kind::Query);
        }
        let lends = self.stream == StreamSlot::Free
            && self.streams_waiting == 0
            && self.more == 0
            && !self.is_overloaded;
        lends.then(|| {
            self.stream = StreamSlot::Lent;
            Kind::Borrowed
        })
    }
}

/// When a command may take a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Others come first: no slot, even if one is free.
    Later,
    /// As soon as the slot is free.
    Next,
    /// At once: the caller does not wait for another stream.
    Now,
}

impl Slot {
    /// Notes how long the query took to start. The slot of a slow query is removed, unless it is the last one.
    pub fn started(&mut self, after: Duration) {
        self.is_slow = after > SLOW_START;
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut counts = self.slots.counts();
        counts.is_overloaded |= self.is_slow;
        match self.kind {
            Kind::Query if self.is_slow && counts.all > 1 => {
                counts.all -= 1;
                counts.more = 0;
            }
            Kind::Query => {
                let more = counts.more.min(1);
                counts.more -= more;
                counts.all += more;
                counts.free += 1 + more;
            }
            Kind::Borrowed | Kind::Stream => counts.stream = StreamSlot::Free,
        }
        self.slots.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: fn() -> Stage = || Stage::Now;

    /// How many slots can be taken without waiting.
    fn free(slots: &Arc<Slots>) -> usize {
        let taken: Vec<_> = std::iter::from_fn(|| slots.take(false, NOW)).collect();
        taken.len()
    }

    #[test]
    fn a_slow_start_gives_up_its_place_but_for_the_last() {
        let slots = Slots::new(AT_ONCE);
        for left in [2, 1, 1] {
            let mut slot = slots.take(false, NOW).expect("a place");
            slot.started(SLOW_START + Duration::from_millis(1));
            drop(slot);
            assert_eq!(free(&slots), left);
        }
        slots.take(false, NOW).expect("a place").started(SLOW_START);
        assert_eq!(free(&slots), 1);
    }

    #[test]
    fn places_come_one_by_one_where_a_link_has_broken() {
        let slots = Slots::new(4);
        slots.few_at_first();
        let _stream = slots.take_for_stream(NOW);
        let (one, two) = (slots.take(false, NOW), slots.take(false, NOW));
        assert!(one.is_some() && two.is_some() && slots.take(false, NOW).is_none());
        drop(one);
        assert_eq!(free(&slots), 2);
        drop(two);
        assert_eq!(free(&slots), 4);
    }

    #[test]
    fn the_place_of_the_stream_is_lent_while_nothing_streams() {
        let slots = Slots::new(AT_ONCE);
        assert_eq!(free(&slots), AT_ONCE + 1);
        let stream = slots.take_for_stream(NOW).expect("a place");
        assert_eq!(free(&slots), AT_ONCE);
        assert!(slots.take_for_stream(NOW).is_none());
        drop(stream);
        let all: Vec<_> = std::iter::from_fn(|| slots.take(false, NOW)).collect();
        // A stream waits for a short query.
        std::thread::scope(|scope| {
            let stream = scope.spawn(|| slots.take_for_stream(NOW).is_some());
            drop(all);
            assert!(stream.join().expect("an answer"));
        });
    }

    #[test]
    fn what_comes_first_is_served_first() {
        let slots = Slots::new(1);
        let _stream = slots.take_for_stream(NOW);
        let taken = slots.take(false, NOW);
        std::thread::scope(|scope| {
            let first = scope.spawn(|| slots.take(true, NOW));
            while slots.counts().waiting.is_empty() {
                std::thread::yield_now();
            }
            assert!(slots.take(false, || Stage::Next).is_none());
            drop(taken);
            assert!(first.join().expect("an answer").is_some());
        });
        assert!(slots.take(false, || Stage::Next).is_some());
    }
}
