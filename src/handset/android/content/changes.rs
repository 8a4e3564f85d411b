//! Compares two replies to the same list, to find changes on a handset between two parts of a rescue.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::group::Key;
use super::rows;
use super::view::View;
use crate::phrase;

/// The groups that differ from before.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub added: BTreeSet<Key>,
    pub changed: BTreeSet<Key>,
    /// Groups that the handset no longer lists.
    pub gone: BTreeSet<Key>,
}

impl Changes {
    /// Compares the sums of a list with an earlier reply. `key` returns the group of a row's numbers.
    pub fn between(
        now: &Sums,
        view: &View,
        key: impl Fn(&View, &[Option<i64>]) -> Option<Key>,
        before: &[u8],
    ) -> Self {
        let (before, now) = (Sums::of(view, key, before).finished(), now.finished());
        let differs = |(key, sum): (&Key, &u64)| {
            before
                .get(key)
                .is_some_and(|then| then != sum)
                .then_some(*key)
        };
        Self {
            added: now
                .keys()
                .filter(|k| !before.contains_key(k))
                .copied()
                .collect(),
            changed: now.iter().filter_map(differs).collect(),
            gone: before
                .keys()
                .filter(|k| !now.contains_key(k))
                .copied()
                .collect(),
        }
    }

    /// True if the saved state of this group is not the current state on the handset.
    pub fn is_stale(&self, key: &Key) -> bool {
        self.added.contains(key) || self.changed.contains(key)
    }

    /// A sentence about the changes. `what` names the collection, such as “contacts”.
    pub fn sentence(&self, what: &str) -> Option<String> {
        let parts = [
            (self.added.len(), "added"),
            (self.changed.len(), "changed"),
            (self.gone.len(), phrase("deleted, moved or merged")),
        ];
        let parts: Vec<String> = parts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, how)| format!("{count} {how}"))
            .collect();
        (!parts.is_empty()).then(|| {
            phrase!(
                "The phone's {what} changed between the parts of this rescue: {}. Added and changed items were \
                 read again. Items that are no longer on the phone are kept here as they were.",
                parts.join(", ")
            )
        })
    }
}

/// The sum of the rows of each group in a list.
#[derive(Debug, Default)]
pub struct Sums(BTreeMap<Key, DefaultHasher>);

impl Sums {
    /// The sums of a reply.
    pub fn of(
        view: &View,
        key: impl Fn(&View, &[Option<i64>]) -> Option<Key>,
        reply: &[u8],
    ) -> Self {
        let mut sums = Self::default();
        rows::each_numbers(view.numbers(), reply, |row| {
            if let Some(key) = key(view, row) {
                sums.add(key, row);
            }
        });
        sums
    }

    /// Adds a row's numbers to its group.
    pub fn add(&mut self, group: Key, numbers: &[Option<i64>]) {
        numbers.hash(self.0.entry(group).or_default());
    }

    fn finished(&self) -> BTreeMap<Key, u64> {
        let sums = self.0.iter();
        sums.map(|(key, sum)| (*key, sum.finish())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handset::android::contacts::tables;

    #[test]
    fn what_came_went_and_changed_is_told_apart() {
        let view = View::new(&tables::RAW_CONTACTS);
        let key = |view: &View, row: &[Option<i64>]| Some((0, view.number(row, "contact_id")?));
        let row = |at: usize, raw: i64, contact: i64, version: i64| {
            format!(
                "Row: {at} _id={raw}, contact_id={contact}, deleted=0, send_to_voicemail=0, version={version}\n"
            )
        };
        let before = [
            row(0, 1, 1, 2),
            row(1, 2, 1, 2),
            row(2, 3, 3, 1),
            row(3, 4, 4, 1),
        ]
        .concat();
        let text = [
            row(0, 1, 1, 2),
            row(1, 2, 1, 3),
            row(2, 4, 4, 1),
            row(3, 9, 9, 1),
        ]
        .concat();
        let now = Sums::of(&view, key, text.as_bytes());
        let changes = Changes::between(&now, &view, key, before.as_bytes());
        assert_eq!(changes.changed, BTreeSet::from([(0, 1)]));
        assert_eq!(changes.added, BTreeSet::from([(0, 9)]));
        assert_eq!(changes.gone, BTreeSet::from([(0, 3)]));
        let said = changes.sentence("contacts").unwrap();
        assert!(said.contains("1 added, 1 changed, 1 deleted"), "{said}");
        let same = Changes::between(&now, &view, key, text.as_bytes());
        assert_eq!(same, Changes::default());
    }
}
