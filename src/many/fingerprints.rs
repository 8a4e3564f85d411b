//! Sets and maps that store fingerprints of many things instead of the things.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};

/// Minimum number of recent entries that are collected before they are merged into the sorted ones.
const FEWEST: usize = 1 << 10;
/// The same limit as a percentage of the sorted entries. It keeps the number of moves of each entry small.
const PERCENT: usize = 12;

/// Things by their fingerprints, called marks, each with a value. Each takes eight bytes and the size of its value.
///
/// Two things may have the same mark: with a million things, this happens in one of 30 million cases. The marks depend
/// on a random number that is chosen anew for each list, so that nobody can choose things with the same mark.
#[derive(Debug, Clone)]
pub struct Fingerprints<V = ()> {
    hasher: RandomState,
    /// Sorted; `values` holds the value of each mark.
    marks: Vec<u64>,
    values: Vec<V>,
    recent: HashMap<u64, V>,
}

impl<V> Default for Fingerprints<V> {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            marks: Vec::new(),
            values: Vec::new(),
            recent: HashMap::new(),
        }
    }
}

impl<V: Copy> Fingerprints<V> {
    /// Sets the value of a thing, and returns its former value.
    pub fn insert<T: Hash + ?Sized>(&mut self, thing: &T, value: V) -> Option<V> {
        let mark = self.hasher.hash_one(thing);
        if let Ok(at) = self.marks.binary_search(&mark) {
            return self
                .values
                .get_mut(at)
                .map(|place| std::mem::replace(place, value));
        }
        let former = self.recent.insert(mark, value);
        if self.recent.len() > FEWEST.max(self.marks.len() / 100 * PERCENT) {
            self.sort_in();
        }
        former
    }

    /// Returns the value of a thing; `None` if the thing was not inserted.
    pub fn get<T: Hash + ?Sized>(&self, thing: &T) -> Option<V> {
        let mark = self.hasher.hash_one(thing);
        match self.marks.binary_search(&mark) {
            Ok(at) => self.values.get(at).copied(),
            Err(_) => self.recent.get(&mark).copied(),
        }
    }

    pub fn contains<T: Hash + ?Sized>(&self, thing: &T) -> bool {
        self.get(thing).is_some()
    }

    pub fn len(&self) -> usize {
        self.marks.len() + self.recent.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Merges the recent entries into the sorted ones, in place and from the end: no second list is needed.
    fn sort_in(&mut self) {
        let mut recent: Vec<(u64, V)> = self.recent.drain().collect();
        recent.sort_unstable_by_key(|(mark, _)| *mark);
        let Some((_, first)) = recent.first().copied() else {
            return;
        };
        let mut left = self.marks.len();
        let mut to = left + recent.len();
        self.marks.resize(to, 0);
        self.values.resize(to, first);
        while let Some((mark, value)) = recent.last().copied() {
            to -= 1;
            let largest = left.checked_sub(1).and_then(|at| self.marks.get(at));
            match largest.filter(|largest| **largest > mark) {
                Some(_) => {
                    left -= 1;
                    self.marks.swap(left, to);
                    self.values.swap(left, to);
                }
                None => {
                    recent.pop();
                    if let (Some(place), Some(of)) =
                        (self.marks.get_mut(to), self.values.get_mut(to))
                    {
                        (*place, *of) = (mark, value);
                    }
                }
            }
        }
    }
}

impl<T: Hash> FromIterator<T> for Fingerprints {
    fn from_iter<I: IntoIterator<Item = T>>(things: I) -> Self {
        let mut all = Self::default();
        for thing in things {
            all.insert(&thing, ());
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn each_thing_has_its_last_value(things in prop::collection::vec((0_u32..6_000, any::<u8>()), 0..8_000)) {
            let (mut marks, mut all) = (Fingerprints::default(), HashMap::new());
            for (thing, value) in things {
                prop_assert_eq!(marks.insert(&thing, value), all.insert(thing, value));
            }
            prop_assert_eq!(marks.len(), all.len());
            for thing in 0..6_000_u32 {
                prop_assert_eq!(marks.get(&thing), all.get(&thing).copied());
            }
        }
    }

    #[test]
    fn a_text_is_known_however_it_is_held() {
        let marks: Fingerprints = ["file/a".to_owned()].into_iter().collect();
        assert!(marks.contains("file/a") && !marks.contains("file/b"));
    }
}
