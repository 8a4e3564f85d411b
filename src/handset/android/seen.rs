//! Which rows were handed over, so that what was read can be held against what the handset has in the end.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::{Deserialize, Serialize};

use super::exact::ExactRow;
use super::query::View;
use super::scan::Key;

/// What tells a row from all others: the number of what it belongs to, and its own.
pub type RowName = (Option<i64>, Option<i64>);

/// The name of a row.
pub fn name_of(view: &View, row: &ExactRow) -> RowName {
    (row.number(view, "_id"), row.number(view, view.table.id))
}

/// The rows that this run handed over, group by group. Memory: 8 bytes a row, 24 a group.
#[derive(Debug, Default)]
pub struct Seen {
    /// Hashes of their names, as they came. Of a million rows, one that was not handed over is taken for one that was in a
    /// case out of 10¹³.
    rows: Chunked<u64>,
    /// Where in `rows` each group begins; one that came in several stretches stands there as often.
    groups: Chunked<(Key, usize)>,
    sum: Sum,
}

impl Seen {
    pub fn add(&mut self, name: RowName, group: Key) {
        let hash = hash_of(name);
        let is_same_group = self.groups.last().is_some_and(|(last, _)| *last == group);
        // Where a cursor slips, it gives its last row twice.
        if is_same_group && self.rows.last() == Some(&hash) {
            return;
        }
        if !is_same_group {
            self.groups.push((group, self.rows.len()));
        }
        self.rows.push(hash);
        self.sum.add(name);
    }

    /// The rows so far, to look them up: 4 bytes more for each.
    pub fn index(&self) -> SeenIndex<'_> {
        // Nobody has four thousand million rows: a reply ends before.
        let count = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        let mut order: Vec<u32> = (0..count).collect();
        order.sort_unstable_by_key(|at| self.rows.get(*at));
        SeenIndex { seen: self, order }
    }

    /// Takes out groups that will be read again.
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
        // Of the rows that are left none is lower.
        self.sum.lowest = before.sum.lowest;
    }

    pub fn sum(&self) -> Sum {
        self.sum
    }
}

/// A list that grows without ever being copied.
#[derive(Debug)]
struct Chunked<T>(Vec<Vec<T>>);

impl<T> Chunked<T> {
    /// So many entries lie together.
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

/// Which rows were handed over.
pub struct SeenIndex<'a> {
    seen: &'a Seen,
    /// Places in the list of rows, by what stands there.
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

/// A sum over rows whose names are forgotten, in any order: other rows have another sum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sum {
    rows: u64,
    /// Of a hash of each name. Another build of Lifeboat may hash otherwise: it then reads these rows again.
    names: u64,
    /// No row has a lower number of its own.
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

    /// True if both are of the same rows.
    pub fn is_of_the_same(self, other: Self) -> bool {
        (self.rows, self.names) == (other.rows, other.names)
    }

    /// Of both together, where they have no row in common.
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
            // A row that comes twice, as it does where a cursor slips, counts once.
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
