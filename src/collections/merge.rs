//! Joining records of several sources, for every collection alike.

mod unmatched;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

pub use unmatched::Unmatched;

/// What several sources may hold the same of.
pub trait Mergeable: Sized {
    /// Under which forms the same thing is looked for. What [`Mergeable::is_same`] holds to be the same shares a form.
    fn forms(&self) -> Vec<String>;
    /// A digest of everything that the record says, after normalising: spelling of numbers, blanks, the order of
    /// entries. Where it was found makes no difference.
    fn digest(&self) -> [u8; 32];
    /// True if something speaks for both being the same thing, and nothing against it. This is about records of two
    /// sources: within one source, only what is equal is the same.
    fn is_same(&self, other: &Self) -> bool;
    /// Adds what this one lacks of another one, and where that was found.
    fn take_in(&mut self, other: Self);
    /// Some number of bytes that it takes in memory.
    fn weight(&self) -> usize {
        size_of::<Self>()
    }
}

/// A record with what it was put together from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Merged<T> {
    /// The keys of the journal's records, the record's own first.
    pub keys: Vec<String>,
    /// The exported files that it stands in.
    pub files: Vec<String>,
    pub record: T,
}

impl<T> Merged<T> {
    /// Of the phone or of a SIM card.
    pub fn of_handset(key: String, record: T) -> Self {
        Self {
            keys: vec![key],
            files: Vec::new(),
            record,
        }
    }

    /// Of an exported file.
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

/// What became of the records of exported files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Joins {
    /// Records, each counted once, that nothing else has.
    pub new: u64,
    /// Records, each counted once, that the phone or its SIM has too.
    pub known: u64,
    /// The same by file, as records stand in each.
    pub by_file: BTreeMap<String, FileJoins>,
}

impl Joins {
    /// Adds what was counted of other records.
    pub fn add(&mut self, other: Self) {
        let Self {
            new,
            known,
            by_file,
        } = other;
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

/// What became of the records of one file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FileJoins {
    /// All that stood in it.
    pub records: u64,
    /// Those that the phone or its SIM has too.
    pub known: u64,
    /// Those that another exported file has too.
    pub elsewhere: u64,
    /// Those that stand in this file more than once, letter for letter, less the first.
    pub twice: u64,
}

/// A digest of a record in which blanks, empty values and the order of entries make no difference.
pub fn digest_of(record: &impl Serialize) -> [u8; 32] {
    // Plain data of ours: there is nothing in it that JSON can't say.
    let value = serde_json::to_value(record).unwrap_or_default();
    Sha256::digest(normal(value).to_string().as_bytes()).into()
}

/// Records nest a few levels deep: so does this.
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

    /// A thing with a name, and a detail that speaks against another.
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
        let joins = all.each_left(each).unwrap();
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
