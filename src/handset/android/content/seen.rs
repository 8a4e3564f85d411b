//! Records the rows that were handed over, for the final comparison with the rows on the handset.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::{Deserialize, Serialize};

use super::group::Key;
use super::rows::ExactRow;
use super::view::View;

/// Identifies a row: the number of the object that the row belongs to, and the row's own number.
pub type RowName = (Option<i64>, Option<i64>);

/// The name of a row.
pub fn name_of(view: &View, row: &ExactRow) -> RowName {
    (row.number(view, "_id"), row.id(view))
}

/// The rows that this part of the rescue handed over, group by group. Takes 8 bytes for each row and 24 for each group.
#[derive(Debug, Default)]
pub struct Seen {
    /// Hashes of the rows' names, in the order of arrival. The chance that a missing row is mistaken for one of a
    /// million rows is 1 in 10¹³.
    rows: Chunked<u64>,
    /// The index in `rows` at which each group begins. A group that came in several pieces is listed once for each
    /// piece.
    groups: Chunked<(Key, usize)>,
    sum: Sum,
}

impl Seen {
    pub fn add(&mut self, name: RowName, group: Key) {
        let hash = hash_of(name);
        let is_same_group = self.groups.last().is_some_and(|(last, _)| *last == group);
        // A cursor that slips returns its last row twice.
        if is_same_group && self.rows.last() == Some(&hash) {
            return;
        }
        if !is_same_group {
            self.groups.push((group, self.rows.len()));
        }
        self.rows.push(hash);
        self.sum.add(name);
    }

    /// An index for lookups in the rows so far. Takes 4 more bytes for each row.
    pub fn index(&self) -> SeenIndex<'_> {
        // No phone has four billion rows: the limit on the length of a reply is lower.
        let count = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        let mut order: Vec<u32> = (0..count).collect();
        order.sort_unstable_by_key(|at| self.rows.get(*at));
        SeenIndex { seen: self, order }
    }

    /// Removes groups that will be read again.
    pub fn forget(&mut self, groups: &BTreeSet<Key>) {
        if groups.is_empty() {
            return;
        }
        let before = std::mem::take(self);
        let mut starts = before.groups.iter().peekable();
        let mut is_kept = false;
        for (at, hash) in before.rows.iter().enumerate() {
            while let Some((key, _)) = starts.next_if(|(_, start)| *start <= at) {
                is_kept = !groups.contains(key);
                if is_kept {
                    self.groups.push((*key, self.rows.len()));
                }
            }
            if is_kept {
                self.rows.push(*hash);
                self.sum.names = self.sum.names.wrapping_add(*hash);
            }
        }
        self.sum.rows = self.rows.len() as u64;
        // None of the remaining rows is lower.
        self.sum.lowest = before.sum.lowest;
    }

    pub fn sum(&self) -> Sum {
        self.sum
    }
}

/// A list that grows without moving its entries.
#[derive(Debug)]
struct Chunked<T>(Vec<Vec<T>>);

impl<T> Chunked<T> {
    /// The number of entries in one chunk.
    const TOGETHER: usize = 4_096;

    fn push(&mut self, entry: T) {
        match self.0.last_mut() {
            Some(last) if last.len() < Self::TOGETHER => last.push(entry),
            _ => {
                let mut next = Vec::with_capacity(Self::TOGETHER);
                next.push(entry);
                self.0.push(next);
            }
        }
    }

    fn len(&self) -> usize {
        let last = self.0.last().map_or(0, Vec::len);
        self.0.len().saturating_sub(1) * Self::TOGETHER + last
    }

    fn get(&self, at: u32) -> Option<&T> {
        let at = at as usize;
        self.0.get(at / Self::TOGETHER)?.get(at % Self::TOGETHER)
    }

    fn last(&self) -> Option<&T> {
        self.0.last()?.last()
    }

    fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter().flatten()
    }
}

impl<T> Default for Chunked<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// A lookup of the rows that were handed over.
pub struct SeenIndex<'a> {
    seen: &'a Seen,
    /// Indexes in the list of rows, sorted by the hash there.
    order: Vec<u32>,
}

impl SeenIndex<'_> {
    pub fn has(&self, name: RowName) -> bool {
        let hash = hash_of(name);
        let found = |at: &u32| self.seen.rows.get(*at).cmp(&Some(&hash));
        self.order.binary_search_by(found).is_ok()
    }
}

fn hash_of(name: RowName) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

/// A checksum over row names, independent of their order. Other rows have another sum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sum {
    rows: u64,
    /// The sum of a hash of each name. Another build of Lifeboat may hash differently, and then reads these rows again.
    names: u64,
    /// The lowest number of a row.
    pub lowest: Option<i64>,
}

impl Sum {
    pub fn add(&mut self, name: RowName) {
        *self = self.and(Self {
            rows: 1,
            names: hash_of(name),
            lowest: name.1,
        });
    }

    /// True if both sums are of the same rows.
    pub fn is_of_the_same(self, other: Self) -> bool {
        (self.rows, self.names) == (other.rows, other.names)
    }

    /// The sum of both sets of rows, which must have no row in common.
    pub fn and(self, other: Self) -> Self {
        Self {
            rows: self.rows.wrapping_add(other.rows),
            names: self.names.wrapping_add(other.names),
            lowest: match (self.lowest, other.lowest) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(names: &[RowName]) -> Sum {
        let mut sum = Sum::default();
        names.iter().for_each(|name| sum.add(*name));
        sum
    }

    #[test]
    fn rows_in_two_parts_have_the_sum_of_both() {
        let names: Vec<RowName> = (0..50).map(|n| (Some(n / 3), Some(n))).collect();
        let (one, other) = names.split_at(17);
        assert_eq!(sum(one).and(sum(other)), sum(&names));
        assert_eq!(sum(other).and(sum(one)), sum(&names));
        for lacking in 0..names.len() {
            let mut some = names.clone();
            some.remove(lacking);
            assert_ne!(sum(&some), sum(&names));
        }
    }

    #[test]
    fn groups_that_are_forgotten_leave_the_sum() {
        let mut seen = Seen::default();
        for n in 0..9 {
            // A row that arrives twice, as after a slip of the cursor, counts once.
            seen.add((Some(n), Some(n)), (0, n / 3));
            seen.add((Some(n), Some(n)), (0, n / 3));
        }
        seen.forget(&BTreeSet::from([(0, 1)]));
        let left: Vec<RowName> = [0, 1, 2, 6, 7, 8].map(|n| (Some(n), Some(n))).into();
        assert!(seen.sum().is_of_the_same(sum(&left)));
        let seen = seen.index();
        assert!(!seen.has((Some(4), Some(4))) && seen.has((Some(8), Some(8))));
    }
}
