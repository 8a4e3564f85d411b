//! Joins records from several sources, for every collection in the same way.

mod unmatched;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

pub use unmatched::Unmatched;

/// A record that several sources may contain.
pub trait Mergeable: Sized {
    /// Returns the lookup forms of the record. Records that are the same by [`Mergeable::is_same`] share a form.
    fn forms(&self) -> Vec<String>;
    /// Returns a digest of the record's whole content after normalising the spelling of numbers, blanks, and the order
    /// of entries. The record's source makes no difference.
    fn digest(&self) -> [u8; 32];
    /// Returns true if there is evidence that both are the same thing, and none against it. For records of two sources
    /// only: within one source, only equal records are the same.
    fn is_same(&self, other: &Self) -> bool;
    /// Adds the content and the sources of another record that this one lacks.
    fn take_in(&mut self, other: Self);
    /// Returns an estimate of the record's size in memory, in bytes.
    fn weight(&self) -> usize {
        size_of::<Self>()
    }
}

/// A record and the records that it was merged from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Merged<T> {
    /// Keys of the journal's records, the record's own first.
    pub keys: Vec<String>,
    /// The exported files that contain the record.
    pub files: Vec<String>,
    pub record: T,
}

impl<T> Merged<T> {
    /// Creates a record of the phone or of a SIM card.
    pub fn of_handset(key: String, record: T) -> Self {
        Self {
            keys: vec![key],
            files: Vec::new(),
            record,
        }
    }

    /// Creates a record of an exported file.
    pub fn of_file(key: String, file: String, record: T) -> Self {
        Self {
            keys: vec![key],
            files: vec![file],
            record,
        }
    }
}

impl<T: Mergeable> Merged<T> {
    fn take_in(&mut self, other: Self) {
        self.keys.extend(other.keys);
        self.files.extend(other.files);
        self.record.take_in(other.record);
    }
}

/// Counts of what happened to the records of exported files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Joins {
    /// Records that no other source has, each counted once.
    pub new: u64,
    /// Records that the phone or its SIM also has, each counted once.
    pub known: u64,
    /// Counts by file, for the records in each.
    pub by_file: BTreeMap<String, FileJoins>,
    /// Of what both have, only the names in the files are taken.
    pub names_alone: bool,
}

impl Joins {
    /// Adds the counts of other records.
    pub fn add(&mut self, other: Self) {
        let Self {
            new,
            known,
            by_file,
            names_alone,
        } = other;
        self.names_alone |= names_alone;
        self.new += new;
        self.known += known;
        for (file, counts) in by_file {
            let FileJoins {
                records,
                known,
                elsewhere,
                twice,
            } = counts;
            let own = self.by_file.entry(file).or_default();
            own.records += records;
            own.known += known;
            own.elsewhere += elsewhere;
            own.twice += twice;
        }
    }
}

/// Counts of what happened to the records of one file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FileJoins {
    /// All records in the file.
    pub records: u64,
    /// Records that the phone or its SIM also has.
    pub known: u64,
    /// Records that another exported file also has.
    pub elsewhere: u64,
    /// Exact repetitions within the file, not counting the first.
    pub twice: u64,
}

/// Returns a digest of a record that ignores blanks, empty values and the order of entries.
pub fn digest_of(record: &impl Serialize) -> [u8; 32] {
    // Our own plain data can always be written as JSON.
    let value = serde_json::to_value(record).unwrap_or_default();
    Sha256::digest(normal(value).to_string().as_bytes()).into()
}

/// Normalises a value. Records nest only a few levels deep, so recursion is safe.
fn normal(value: Value) -> Value {
    match value {
        Value::String(text) => {
            let seen: String = text
                .chars()
                .filter(|c| !c.is_control() || c.is_whitespace())
                .collect();
            let words: Vec<&str> = seen.split_whitespace().collect();
            Value::String(words.join(" "))
        }
        Value::Array(items) => {
            let mut items: Vec<(String, Value)> = items
                .into_iter()
                .map(normal)
                .filter(|item| !is_void(item))
                .map(|item| (item.to_string(), item))
                .collect();
            items.sort_by(|(a, _), (b, _)| a.cmp(b));
            items.dedup_by(|(a, _), (b, _)| a == b);
            Value::Array(items.into_iter().map(|(_, item)| item).collect())
        }
        Value::Object(fields) => {
            let fields = fields
                .into_iter()
                .map(|(name, value)| (name, normal(value)));
            Value::Object(fields.filter(|(_, value)| !is_void(value)).collect())
        }
        other => other,
    }
}

fn is_void(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::VaultError;

    /// A thing with a name, and a detail that may count against its being another.
    #[derive(Debug, Clone, PartialEq)]
    struct Thing(&'static str, &'static str);

    impl Mergeable for Thing {
        fn forms(&self) -> Vec<String> {
            vec![self.0.to_owned()]
        }

        fn digest(&self) -> [u8; 32] {
            digest_of(&[self.0, self.1])
        }

        fn is_same(&self, other: &Self) -> bool {
            self.0 == other.0 && (self.1 == other.1 || self.1.is_empty() || other.1.is_empty())
        }

        fn take_in(&mut self, other: Self) {
            if self.1.is_empty() {
                self.1 = other.1;
            }
        }
    }

    fn left_of(all: Unmatched<'_, Thing>) -> (impl Iterator<Item = Merged<Thing>>, Joins) {
        let mut left = Vec::new();
        let each = |merged| {
            left.push(merged);
            Ok::<_, VaultError>(())
        };
        let joins = all.each_unmatched(each).unwrap();
        (left.into_iter(), joins)
    }

    fn of(file: &str, number: usize, thing: Thing) -> Merged<Thing> {
        Merged::of_file(format!("{file}/{number}"), file.to_owned(), thing)
    }

    #[test]
    fn within_a_file_only_what_is_equal_is_one() {
        let all = [
            of("a", 1, Thing("x", "red")),
            of("a", 2, Thing("x", "")),
            of("a", 3, Thing("x", "red")),
        ];
        let (left, joins) = left_of(Unmatched::new(all).unwrap());
        let left: Vec<_> = left.map(|merged| (merged.keys, merged.record)).collect();
        assert_eq!(
            left,
            [
                (vec!["a/1".into(), "a/3".into()], Thing("x", "red")),
                (vec!["a/2".to_owned()], Thing("x", "")),
            ]
        );
        assert_eq!((joins.new, joins.known), (2, 0));
        let by_file = joins.by_file["a"];
        assert_eq!(
            (by_file.records, by_file.twice, by_file.elsewhere),
            (3, 1, 0)
        );
    }

    #[test]
    fn two_of_a_file_never_become_one_through_a_third() {
        let all = [of("a", 1, Thing("x", "")), of("a", 2, Thing("x", "red"))];
        let mut waiting = Unmatched::new(all).unwrap();
        let mut known = Merged::of_handset("1".into(), Thing("x", ""));
        waiting.join(&mut known).unwrap();
        assert_eq!(known.keys, ["1", "a/1"]);
        let (left, joins) = left_of(waiting);
        assert_eq!(
            left.map(|m| m.record).collect::<Vec<_>>(),
            [Thing("x", "red")]
        );
        assert_eq!((joins.new, joins.known), (1, 1));
        let all = [
            of("a", 1, Thing("x", "")),
            of("b", 1, Thing("x", "red")),
            of("b", 2, Thing("x", "")),
            of("c", 1, Thing("y", "")),
        ];
        let (left, joins) = left_of(Unmatched::new(all).unwrap());
        assert_eq!(left.count(), 3);
        assert_eq!(joins.by_file["b"].elsewhere, 1);
    }
}
