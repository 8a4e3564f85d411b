//! Sorting of many things in little memory.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Packed;

/// Number of things that are sorted and packed at a time.
const RUN: usize = 1 << 14;
/// Number of things of each run that are unpacked at a time.
const AT_ONCE: usize = 128;

/// Accepts things in any order, and returns them sorted.
#[derive(Debug)]
pub struct Sorted<T> {
    runs: Vec<Packed<T>>,
    last: Vec<T>,
}

impl<T> Default for Sorted<T> {
    fn default() -> Self {
        Self {
            runs: Vec::new(),
            last: Vec::new(),
        }
    }
}

impl<T: Ord + Serialize + DeserializeOwned> Sorted<T> {
    pub fn push(&mut self, thing: T) {
        self.last.push(thing);
        if self.last.len() >= RUN {
            self.end_run();
        }
    }

    fn end_run(&mut self) {
        self.last.sort_unstable();
        let mut run = Packed::by(AT_ONCE);
        self.last.drain(..).for_each(|thing| run.push(thing));
        self.runs.push(run);
    }

    pub fn len(&self) -> usize {
        self.runs.len() * RUN + self.last.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T: Ord + Serialize + DeserializeOwned> IntoIterator for Sorted<T> {
    type Item = T;
    type IntoIter = InOrder<T>;

    fn into_iter(mut self) -> InOrder<T> {
        self.last.sort_unstable();
        let last = (VecDeque::from(self.last), Packed::by(AT_ONCE));
        let packed = self.runs.into_iter().map(|run| (VecDeque::new(), run));
        let mut all = InOrder {
            runs: packed.chain([last]).collect(),
            first: BinaryHeap::new(),
        };
        (0..all.runs.len()).for_each(|run| all.put_first_of(run));
        all
    }
}

/// An iterator over sorted things.
pub struct InOrder<T> {
    /// The unpacked things of each run, and the rest of the run.
    runs: Vec<(VecDeque<T>, Packed<T>)>,
    /// The first remaining thing of each run.
    first: BinaryHeap<Reverse<(T, usize)>>,
}

impl<T: Ord + Serialize + DeserializeOwned> InOrder<T> {
    fn put_first_of(&mut self, number: usize) {
        let Some((unpacked, rest)) = self.runs.get_mut(number) else {
            return;
        };
        if unpacked.is_empty() {
            *unpacked = rest.take().into();
        }
        if let Some(thing) = unpacked.pop_front() {
            self.first.push(Reverse((thing, number)));
        }
    }
}

impl<T: Ord + Serialize + DeserializeOwned> Iterator for InOrder<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        let Reverse((thing, run)) = self.first.pop()?;
        self.put_first_of(run);
        Some(thing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_come_in_order() {
        for many in [0, 1, 100, RUN, RUN + 1, 3 * RUN + 77] {
            let mut sorted = Sorted::default();
            let number = |at: usize| at * 7_919 % (many.max(1) / 2 + 1);
            (0..many).for_each(|at| sorted.push(format!("{:05}", number(at))));
            assert_eq!(sorted.len(), many);
            let mut all: Vec<_> = (0..many).map(|at| format!("{:05}", number(at))).collect();
            all.sort();
            assert_eq!(sorted.into_iter().collect::<Vec<_>>(), all);
        }
    }
}
