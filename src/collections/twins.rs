//! Finds messages and calls of exported files that the phone or another file also has, so that each is written once.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::Journal;
use super::exported;
use super::merge::Joins;
use crate::model::{Record, RecordBody, Source};
use crate::vault::{RecordKind, VaultError};

/// Returns a hash of the values that identify a record.
pub fn mark_of(record: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    record.hash(&mut hasher);
    hasher.finish()
}

/// The records of exported files that wait for the phone's.
#[derive(Default)]
pub struct Twins {
    /// The key of the first record with each mark, the files that have it, and whether the phone has it.
    waiting: BTreeMap<u64, Twin>,
    joins: Joins,
}

struct Twin {
    /// The order of arrival.
    number: usize,
    key: String,
    files: BTreeSet<String>,
    is_known: bool,
}

impl Twins {
    /// Reads the records of a kind. `mark` gets each with its key, and returns what makes a record the same as another,
    /// and its source.
    ///
    /// # Errors
    /// If the journal can't be read.
    pub fn read(
        journal: &impl Journal,
        kind: RecordKind,
        mut mark: impl for<'r> FnMut(&str, &'r RecordBody) -> Option<(u64, &'r Source)>,
    ) -> Result<Self, VaultError> {
        let mut twins = Self::default();
        twins.joins.names_alone = true;
        exported::each_of_kind(journal, kind, |Record { key, body }| {
            if let Some((mark, source)) = mark(&key, &body) {
                twins.add(mark, key, &source.place);
            }
            Ok(())
        })?;
        Ok(twins)
    }

    fn add(&mut self, mark: u64, key: String, file: &str) {
        let number = self.waiting.len();
        let of_file = self.joins.by_file.entry(file.to_owned()).or_default();
        of_file.records += 1;
        let twin = self.waiting.entry(mark).or_insert_with(|| Twin {
            number,
            key,
            files: BTreeSet::new(),
            is_known: false,
        });
        let is_elsewhere = !twin.files.is_empty() && !twin.files.contains(file);
        let is_twice = !twin.files.insert(file.to_owned());
        of_file.elsewhere += u64::from(is_elsewhere);
        of_file.twice += u64::from(is_twice);
    }

    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Notes that the phone has a record.
    pub fn see(&mut self, mark: u64) {
        if let Some(twin) = self.waiting.get_mut(&mark) {
            twin.is_known = true;
        }
    }

    /// Returns true if the phone has the record with this mark, or no file has it.
    pub fn is_known(&self, mark: u64) -> bool {
        self.waiting.get(&mark).is_none_or(|twin| twin.is_known)
    }

    /// Returns the keys of the records that the phone does not have, in the order of their files, and the counts.
    pub fn into_unmatched(self) -> (Vec<String>, Joins) {
        let Self { waiting, mut joins } = self;
        let mut left = Vec::new();
        for twin in waiting.into_values() {
            if twin.is_known {
                joins.known += 1;
                for file in &twin.files {
                    joins.by_file.entry(file.clone()).or_default().known += 1;
                }
            } else {
                joins.new += 1;
                left.push((twin.number, twin.key));
            }
        }
        left.sort_unstable();
        let keys = left.into_iter().map(|(_, key)| key).collect();
        (keys, joins)
    }
}

/// Returns true for the key of a record of an exported file.
pub fn is_found(key: &str) -> bool {
    key.starts_with(exported::PREFIX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_not_taken_twice() {
        let mut twins = Twins::default();
        for (mark, key, file) in [
            (1, "found/a/0", "a"),
            (2, "found/a/1", "a"),
            (2, "found/a/2", "a"),
            (3, "found/a/3", "a"),
            (3, "found/b/0", "b"),
            (4, "found/b/1", "b"),
        ] {
            twins.add(mark, key.into(), file);
        }
        twins.see(1);
        twins.see(9);
        let (left, joins) = twins.into_unmatched();
        assert_eq!(left, ["found/a/1", "found/a/3", "found/b/1"]);
        assert_eq!((joins.new, joins.known), (3, 1));
        let (a, b) = (joins.by_file["a"], joins.by_file["b"]);
        assert_eq!((a.records, a.known, a.twice, a.elsewhere), (4, 1, 1, 0));
        assert_eq!((b.records, b.known, b.twice, b.elsewhere), (2, 0, 0, 1));
    }
}
