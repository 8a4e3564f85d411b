//! Which rows were handed over, so that what was read can be held against what the handset has in the end.

use std::collections::{BTreeSet, HashMap};
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

/// The rows that this run handed over, each with its group.
#[derive(Debug, Default)]
pub struct Seen {
    rows: HashMap<RowName, Key>,
    sum: Sum,
}

impl Seen {
    pub fn add(&mut self, name: RowName, group: Key) {
        if self.rows.insert(name, group).is_none() {
            self.sum.add(name);
        }
    }

    pub fn has(&self, name: RowName) -> bool {
        self.rows.contains_key(&name)
    }

    /// Takes out groups that will be read again.
    pub fn forget(&mut self, groups: &BTreeSet<Key>) {
        self.rows.retain(|_, group| !groups.contains(group));
        self.sum = Sum::default();
        for name in self.rows.keys() {
            self.sum.add(*name);
        }
    }

    pub fn sum(&self) -> Sum {
        self.sum
    }
}

/// What is known of rows whose names are forgotten, in whatever order they came: other rows have another sum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sum {
    rows: u64,
    /// Of a hash of each name. Another build of Lifeboat may hash otherwise: it then reads these rows again.
    names: u64,
    /// The lowest of the rows' own numbers.
    pub lowest: Option<i64>,
}

impl Sum {
    pub fn add(&mut self, name: RowName) {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        *self = self.and(Self {
            rows: 1,
            names: hasher.finish(),
            lowest: name.1,
        });
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
        assert_eq!(seen.sum(), sum(&left));
        assert!(!seen.has((Some(4), Some(4))) && seen.has((Some(8), Some(8))));
    }
}
