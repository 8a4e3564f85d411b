//! A collection that is in several databases, which are read one after another.

use std::collections::VecDeque;

use crate::handset::HandsetError;
use crate::model::{Batch, Bookmark, Findings};

/// One of the databases.
pub trait Part: Send {
    /// Part of the keys of its records, and of its bookmarks. Different for each database of the phone.
    fn id(&self) -> &str;
    /// Things that the phone shows, and rows to read; `None`: not known.
    fn counts(&self) -> (Option<u64>, Option<u64>);
    /// Returns the records after a row, and the last row that they come from.
    ///
    /// # Errors
    /// If the database can't be read on.
    fn next(
        &mut self,
        after: i64,
        findings: &mut Findings,
    ) -> Result<Option<(Batch, i64)>, HandsetError>;
    /// Adds what was learned while it was read.
    fn finish(&mut self, findings: &mut Findings);
}

/// The databases: those that are still to be read, and the others.
#[derive(Default)]
pub struct Parts {
    next: VecDeque<Box<dyn Part>>,
    read: Vec<Box<dyn Part>>,
}

impl Parts {
    pub fn push(&mut self, part: impl Part + 'static) {
        self.next.push_back(Box::new(part));
    }

    pub fn is_empty(&self) -> bool {
        self.next.is_empty() && self.read.is_empty()
    }

    /// Returns the sums of all counts.
    pub fn counts(&self) -> (Option<u64>, Option<u64>) {
        let (mut says, mut rows) = (Some(0), Some(0));
        for part in self.read.iter().chain(&self.next) {
            let counts = part.counts();
            says = says.zip(counts.0).map(|(a, b)| a + b);
            rows = rows.zip(counts.1).map(|(a, b)| a + b);
        }
        (says, rows)
    }

    /// Returns the next batch. A bookmark is `ROW ID`: a row of one of the databases. All earlier databases have been
    /// read.
    ///
    /// # Errors
    /// If a database can't be read on.
    pub fn next_batch(
        &mut self,
        after: Option<&Bookmark>,
        findings: &mut Findings,
    ) -> Result<Option<Batch>, HandsetError> {
        let place = after.and_then(|bookmark| bookmark.0.split_once(' '));
        let mut row = i64::MIN;
        if let Some((number, id)) = place
            && self.next.iter().any(|part| part.id() == id)
        {
            row = number.parse().unwrap_or(i64::MIN);
            while self.next.front().is_some_and(|part| part.id() != id) {
                self.read.extend(self.next.pop_front());
            }
        }
        while let Some(part) = self.next.front_mut() {
            if let Some((mut batch, last)) = part.next(row, findings)? {
                batch.bookmark = Some(Bookmark(format!("{last} {}", part.id())));
                return Ok(Some(batch));
            }
            self.read.extend(self.next.pop_front());
            row = i64::MIN;
        }
        Ok(None)
    }

    pub fn finish(&mut self, findings: &mut Findings) {
        for part in self.read.iter_mut().chain(&mut self.next) {
            part.finish(findings);
        }
    }
}
