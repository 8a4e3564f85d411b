//! What a handset has changed between two parts of one rescue: two replies to the same list, compared.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::exact::{self, ExactRow};
use super::query::View;
use super::scan::Key;

/// The groups that are not what they were.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub added: BTreeSet<Key>,
    pub changed: BTreeSet<Key>,
    /// Those that the handset lists no longer.
    pub gone: BTreeSet<Key>,
}

impl Changes {
    /// Compares a list, whose rows `key` sorts into groups, with the reply to it before.
    pub fn between(
        view: &View,
        key: impl Fn(&View, &ExactRow) -> Option<Key>,
        before: &[u8],
        now: &[ExactRow],
    ) -> Self {
        let before = groups(view, &key, &exact::numbers_of(view, before));
        let now = groups(view, &key, now);
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

    /// True if what is safe of this group is not what the handset has now.
    pub fn is_stale(&self, key: &Key) -> bool {
        self.added.contains(key) || self.changed.contains(key)
    }

    /// What happened, in a sentence; `what`: contacts.
    pub fn sentence(&self, what: &str) -> Option<String> {
        let parts = [
            (self.added.len(), "added"),
            (self.changed.len(), "changed"),
            (self.gone.len(), "deleted, moved or joined with others"),
        ];
        let parts: Vec<String> = parts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, how)| format!("{count} {how}"))
            .collect();
        (!parts.is_empty()).then(|| {
            format!(
                "The handset changed its {what} between the parts of this rescue: {}. What was added or changed was read \
                 again; what is gone from the handset is kept here as it was.",
                parts.join(", ")
            )
        })
    }
}

/// A sum of the rows of each group.
fn groups(
    view: &View,
    key: impl Fn(&View, &ExactRow) -> Option<Key>,
    rows: &[ExactRow],
) -> BTreeMap<Key, u64> {
    let mut hashers: BTreeMap<Key, DefaultHasher> = BTreeMap::new();
    for row in rows {
        if let Some(key) = key(view, row) {
            row.numbers.hash(hashers.entry(key).or_default());
        }
    }
    hashers
        .into_iter()
        .map(|(key, sum)| (key, sum.finish()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tables;
    use super::*;

    #[test]
    fn what_came_went_and_changed_is_told_apart() {
        let view = View::new(&tables::RAW_CONTACTS);
        let key = |view: &View, row: &ExactRow| Some((0, row.number(view, "contact_id")?));
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
        let now = exact::numbers_of(&view, text.as_bytes());
        let changes = Changes::between(&view, key, before.as_bytes(), &now);
        assert_eq!(changes.changed, BTreeSet::from([(0, 1)]));
        assert_eq!(changes.added, BTreeSet::from([(0, 9)]));
        assert_eq!(changes.gone, BTreeSet::from([(0, 3)]));
        let said = changes.sentence("contacts").unwrap();
        assert!(said.contains("1 added, 1 changed, 1 deleted"), "{said}");
        let same = Changes::between(&view, key, text.as_bytes(), &now);
        assert_eq!(same, Changes::default());
    }
}
