//! Joining records of several sources, for every collection alike.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// How many records of one name or identifier are compared with another one.
const MOST: usize = 64;

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

    fn shares_file(&self, other: &Self) -> bool {
        self.files.iter().any(|file| other.files.contains(file))
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

/// Records of exported files, which wait for the phone's same ones to come by.
#[derive(Debug, Default)]
pub struct Unmatched<T> {
    records: Vec<Option<Merged<T>>>,
    index: Index,
    joins: Joins,
}

impl<T: Mergeable> Unmatched<T> {
    /// Joins the files' records among themselves: within a file what is equal, across files what is the same.
    pub fn new(found: impl IntoIterator<Item = Merged<T>>) -> Self {
        let mut all = Self {
            records: Vec::new(),
            index: Index::default(),
            joins: Joins::default(),
        };
        let mut equal: HashMap<(String, [u8; 32]), usize> = HashMap::new();
        for record in found {
            let file = record.files.first().cloned().unwrap_or_default();
            let by_file = all.joins.by_file.entry(file.clone()).or_default();
            by_file.records += 1;
            let digest = (file, record.record.digest());
            if let Some(at) = equal.get(&digest) {
                by_file.twice += 1;
                if let Some(Some(first)) = all.records.get_mut(*at) {
                    first.keys.extend(record.keys);
                }
                continue;
            }
            let forms = record.record.forms();
            let same = all.index.find(&forms).find(|at| {
                let other = all.records.get(*at).and_then(Option::as_ref);
                other.is_some_and(|o| !o.shares_file(&record) && o.record.is_same(&record.record))
            });
            let at = same.unwrap_or(all.records.len());
            match all.records.get_mut(at).and_then(Option::as_mut) {
                Some(other) => {
                    by_file.elsewhere += 1;
                    other.take_in(record);
                }
                None => all.records.push(Some(record)),
            }
            equal.insert(digest, at);
            all.index.add(forms, at);
        }
        all
    }

    /// Adds to `known` what is the same.
    pub fn join(&mut self, known: &mut Merged<T>) {
        if self.records.is_empty() {
            return;
        }
        let candidates: Vec<usize> = self.index.find(&known.record.forms()).collect();
        for at in candidates {
            let Some(record) = self.records.get_mut(at) else {
                continue;
            };
            let same = |found: &mut Merged<T>| {
                !known.shares_file(found) && known.record.is_same(&found.record)
            };
            if let Some(found) = record.take_if(same) {
                self.joins.known += 1;
                for file in &found.files {
                    self.joins.by_file.entry(file.clone()).or_default().known += 1;
                }
                known.take_in(found);
            }
        }
    }

    /// What nothing else has, and what became of the others.
    pub fn into_left(self) -> (impl Iterator<Item = Merged<T>>, Joins) {
        let mut joins = self.joins;
        let left: Vec<Merged<T>> = self.records.into_iter().flatten().collect();
        joins.new = left.len() as u64;
        (left.into_iter(), joins)
    }
}

/// Records by the forms under which they are looked for.
#[derive(Debug, Default)]
struct Index(HashMap<String, Vec<usize>>);

impl Index {
    fn add(&mut self, forms: Vec<String>, at: usize) {
        for form in forms {
            let places = self.0.entry(form).or_default();
            if places.len() < MOST && places.last() != Some(&at) {
                places.push(at);
            }
        }
    }

    /// Each once for each form that fits.
    fn find<'a>(&'a self, forms: &'a [String]) -> impl Iterator<Item = usize> + 'a {
        forms
            .iter()
            .filter_map(|form| self.0.get(form))
            .flatten()
            .copied()
    }
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
        let (left, joins) = Unmatched::new(all).into_left();
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
        let mut waiting = Unmatched::new(all);
        let mut known = Merged::of_handset("1".into(), Thing("x", ""));
        waiting.join(&mut known);
        assert_eq!(known.keys, ["1", "a/1"]);
        let (left, joins) = waiting.into_left();
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
        let (left, joins) = Unmatched::new(all).into_left();
        assert_eq!(left.count(), 3);
        assert_eq!(joins.by_file["b"].elsewhere, 1);
    }
}
