//! Records of exported files, waiting for the same records from the phone. If there are many or large records, only
//! their lookup forms stay in memory.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::{Joins, Mergeable, Merged};
use crate::vault::VaultError;

/// Maximum number of records with one name or identifier that are compared with another record.
const MOST: usize = 64;

/// Total size of the records kept in memory, in bytes, if others can be fetched again.
const KEPT: usize = 16 << 20;

/// Fetches the record with a key again.
pub type Fetch<'j, T> = &'j dyn Fn(&str) -> Result<T, VaultError>;

/// Records of exported files, to be joined among themselves and with the phone's records.
pub struct Unmatched<'j, T> {
    found: Vec<Found>,
    /// Endings of the keys, concatenated; beginnings of the keys; names of the files.
    ends: String,
    begins: Vec<String>,
    files: Vec<String>,
    /// Joined records, by the first record of each group.
    kept: HashMap<u32, T>,
    room: usize,
    fetch: Option<Fetch<'j, T>>,
    /// The first of equal records in one file, by file and digest.
    equal: HashMap<[u8; 16], u32>,
    index: Index,
    joins: Joins,
}

/// One record of a file.
struct Found {
    /// Index into `begins`, and start of the key's ending in `ends`, which extends to the start of the next one.
    begin: u32,
    end: u32,
    file: u32,
    /// Next record of the same group.
    next: Option<u32>,
    /// Last record of the group, if this is the first.
    last: u32,
    /// Equal to another record of the same file.
    is_twin: bool,
    /// First record of the group; the record itself if it is the first.
    first: u32,
    /// Already returned, together with its group.
    is_taken: bool,
}

impl<'j, T: Mergeable + Clone> Unmatched<'j, T> {
    /// Joins the files' records among themselves: equal records within a file, and the same records across files.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub fn new(found: impl IntoIterator<Item = Merged<T>>) -> Result<Self, VaultError> {
        let mut all = Self::fetched(None);
        for record in found {
            all.add(record)?;
        }
        Ok(all)
    }

    /// Creates an empty set. `fetch`, if given, fetches records that can't be kept in memory.
    pub fn fetched(fetch: Option<Fetch<'j, T>>) -> Self {
        Self {
            found: Vec::new(),
            ends: String::new(),
            begins: Vec::new(),
            files: Vec::new(),
            kept: HashMap::new(),
            room: KEPT,
            fetch,
            equal: HashMap::new(),
            index: Index::default(),
            joins: Joins::default(),
        }
    }

    /// Adds a record of one file. The records of a file must be added one after another.
    ///
    /// # Errors
    /// If a record to compare with can't be fetched.
    pub fn add(&mut self, one: Merged<T>) -> Result<(), VaultError> {
        let Merged {
            keys,
            files,
            record,
        } = one;
        let name = files.into_iter().next().unwrap_or_default();
        let key = keys.into_iter().next().unwrap_or_default();
        let counted = self.joins.by_file.entry(name.clone()).or_default();
        counted.records += 1;
        if self.files.last() != Some(&name) {
            self.index.settle();
            self.files.push(name.clone());
        }
        let file = place(self.files.len() - 1);
        let at = self.push(&key, file);
        let digest = in_file(&name, record.digest());
        if let Some(first) = self.equal.get(&digest).copied() {
            counted_of(&mut self.joins, &name).twice += 1;
            self.link(first, at, true);
            return Ok(());
        }
        let forms = record.forms();
        let mut same = None;
        for first in self.candidates(&forms) {
            if !self.is_in(first, &name)
                && self
                    .peek(first)?
                    .is_some_and(|other| other.is_same(&record))
            {
                same = Some(first);
                break;
            }
        }
        let first = same.unwrap_or(at);
        if same.is_some() {
            counted_of(&mut self.joins, &name).elsewhere += 1;
            self.link(first, at, false);
            if let Some(kept) = self.kept.get_mut(&first) {
                kept.take_in(record);
            }
        } else {
            self.keep(at, record);
        }
        self.equal.insert(digest, first);
        self.index.add(&forms, at);
        Ok(())
    }

    /// Adds the matching records to `known`.
    ///
    /// # Errors
    /// If a record to compare with can't be fetched.
    pub fn join(&mut self, known: &mut Merged<T>) -> Result<(), VaultError> {
        if self.found.is_empty() {
            return Ok(());
        }
        self.index.settle();
        for first in self.candidates(&known.record.forms()) {
            if !self.is_waiting(first) || known.files.iter().any(|name| self.is_in(first, name)) {
                continue;
            }
            let other = self.peek(first)?;
            if !other.is_some_and(|other| known.record.is_same(&other)) {
                continue;
            }
            if let Some(found) = self.take(first)? {
                self.joins.known += 1;
                for file in &found.files {
                    counted_of(&mut self.joins, file).known += 1;
                }
                known.take_in(found);
            }
        }
        Ok(())
    }

    /// Calls `each` with the records that no other source has, and returns the counts of all.
    ///
    /// # Errors
    /// If a record can't be fetched, and those of `each`.
    pub fn each_unmatched<E: From<VaultError>>(
        mut self,
        mut each: impl FnMut(Merged<T>) -> Result<(), E>,
    ) -> Result<Joins, E> {
        for at in 0..place(self.found.len()) {
            if let Some(found) = self.take(at)? {
                self.joins.new += 1;
                each(found)?;
            }
        }
        Ok(self.joins)
    }

    fn push(&mut self, key: &str, file: u32) -> u32 {
        let (begin, end) = key.split_at(key.rfind('/').map_or(0, |at| at + 1));
        if self.begins.last().is_none_or(|last| last != begin) {
            self.begins.push(begin.to_owned());
        }
        let at = place(self.found.len());
        self.found.push(Found {
            begin: place(self.begins.len() - 1),
            end: place(self.ends.len()),
            file,
            next: None,
            last: at,
            is_twin: false,
            first: at,
            is_taken: false,
        });
        self.ends.push_str(end);
        at
    }

    fn get(&self, at: u32) -> Option<&Found> {
        self.found.get(at as usize)
    }

    fn key(&self, at: u32) -> String {
        let Some(found) = self.get(at) else {
            return String::new();
        };
        let after = self
            .get(at + 1)
            .map_or(self.ends.len(), |next| next.end as usize);
        let begin = self
            .begins
            .get(found.begin as usize)
            .map_or("", String::as_str);
        let end = self.ends.get(found.end as usize..after).unwrap_or_default();
        format!("{begin}{end}")
    }

    /// Adds a record to the group of `first`.
    fn link(&mut self, first: u32, at: u32, is_twin: bool) {
        let last = self.get(first).map_or(first, |found| found.last);
        if let Some(last) = self.found.get_mut(last as usize) {
            last.next = Some(at);
        }
        if let Some(first) = self.found.get_mut(first as usize) {
            first.last = at;
        }
        if let Some(found) = self.found.get_mut(at as usize) {
            (found.is_twin, found.first) = (is_twin, first);
        }
    }

    /// Returns a record and the rest of its group, in order.
    fn joined(&self, first: u32) -> impl Iterator<Item = (u32, &Found)> {
        std::iter::successors(Some(first), |at| self.get(*at)?.next)
            .filter_map(|at| Some((at, self.get(at)?)))
    }

    /// Returns true for the first record of a group that has not been taken.
    fn is_waiting(&self, at: u32) -> bool {
        self.get(at)
            .is_some_and(|found| found.first == at && !found.is_taken)
    }

    /// Returns the first records of the groups that share a form: form by form, the earliest first.
    fn candidates(&self, forms: &[String]) -> Vec<u32> {
        let mut all = Vec::new();
        for form in forms {
            let found = self.index.find(form);
            let mut firsts: Vec<u32> = found
                .filter_map(|at| self.get(at).map(|found| found.first))
                .collect();
            firsts.dedup();
            firsts.truncate(MOST);
            all.extend(firsts);
        }
        all
    }

    fn is_in(&self, first: u32, name: &str) -> bool {
        self.joined(first)
            .filter_map(|(_, found)| self.files.get(found.file as usize))
            .any(|file| file == name)
    }

    fn keep(&mut self, first: u32, record: T) {
        if self.fetch.is_none() {
            self.kept.insert(first, record);
        } else if let Some(room) = self.room.checked_sub(record.weight()) {
            self.room = room;
            self.kept.insert(first, record);
        }
    }

    fn peek(&self, first: u32) -> Result<Option<Cow<'_, T>>, VaultError> {
        match self.kept.get(&first) {
            Some(kept) => Ok(Some(Cow::Borrowed(kept))),
            None => Ok(self.fetch_joined(first)?.map(Cow::Owned)),
        }
    }

    fn fetch_joined(&self, first: u32) -> Result<Option<T>, VaultError> {
        let Some(fetch) = self.fetch else {
            return Ok(None);
        };
        let mut whole: Option<T> = None;
        for (at, _) in self.joined(first).filter(|(_, found)| !found.is_twin) {
            let record = fetch(&self.key(at))?;
            match &mut whole {
                Some(whole) => whole.take_in(record),
                None => whole = Some(record),
            }
        }
        Ok(whole)
    }

    /// Takes a group out; `None`: it was already taken, or the record is not its first.
    fn take(&mut self, first: u32) -> Result<Option<Merged<T>>, VaultError> {
        if !self.is_waiting(first) {
            return Ok(None);
        }
        let record = match self.kept.remove(&first) {
            Some(kept) => Some(kept),
            None => self.fetch_joined(first)?,
        };
        let Some(record) = record else {
            return Ok(None);
        };
        let keys = self.joined(first).map(|(at, _)| self.key(at)).collect();
        let files = self.joined(first).filter(|(_, found)| !found.is_twin);
        let files = files.filter_map(|(_, found)| self.files.get(found.file as usize).cloned());
        let files = files.collect();
        if let Some(found) = self.found.get_mut(first as usize) {
            found.is_taken = true;
        }
        Ok(Some(Merged {
            keys,
            files,
            record,
        }))
    }
}

/// Converts an index for storage: files have fewer records than `u32::MAX`.
fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn counted_of<'c>(joins: &'c mut Joins, file: &str) -> &'c mut super::FileJoins {
    joins.by_file.entry(file.to_owned()).or_default()
}

/// Returns a digest that differs between files.
fn in_file(file: &str, digest: [u8; 32]) -> [u8; 16] {
    let mut short = [0; 16];
    short.copy_from_slice(&digest[..16]);
    for (byte, other) in short.iter_mut().zip(hash_of(file).to_le_bytes()) {
        *byte ^= other;
    }
    short
}

fn hash_of(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Index of records by hashes of their lookup forms, with 16 bytes per form.
#[derive(Default)]
struct Index {
    /// Sorted runs, each at least twice as long as the next one and with earlier records.
    runs: Vec<Vec<(u64, u32)>>,
    /// Entries of the file being added. A file's own records are not matched with each other.
    pending: Vec<(u64, u32)>,
}

impl Index {
    fn add(&mut self, forms: &[String], at: u32) {
        self.pending
            .extend(forms.iter().map(|form| (hash_of(form), at)));
    }

    /// Makes the added entries available to lookups.
    fn settle(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let mut run = std::mem::take(&mut self.pending);
        run.sort_unstable();
        run.dedup();
        while let Some(before) = self.runs.pop_if(|before| before.len() < 2 * run.len()) {
            run.extend(before);
            run.sort();
            run.dedup();
        }
        self.runs.push(run);
    }

    /// Returns the records with this form, in the order in which they were added; at most a few times [`MOST`].
    fn find(&self, form: &str) -> impl Iterator<Item = u32> {
        let hash = hash_of(form);
        let fitting = self.runs.iter().flat_map(move |run| {
            let from = run.partition_point(|(other, _)| *other < hash);
            let fitting = run.get(from..).unwrap_or_default().iter();
            fitting.take_while(move |(other, _)| *other == hash)
        });
        fitting.map(|(_, at)| *at).take(4 * MOST)
    }
}
