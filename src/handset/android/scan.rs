//! Reading a large table as a stream, in groups of rows that belong together.
//!
//! The rows arrive sorted by group, so that memory holds one group at a time and every complete group can be
//! committed at once. Groups with a row that needs a second look are left for the end.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::exact::{self, ExactRow, TableRead};
use super::query::{self, Asker, Refusal, View};
use crate::format::content_rows::{End, RowReader};
use crate::handset::HandsetError;
use crate::protocol::adb::{Chunk, Query, ShellMode, ShellStream};

/// A batch ends at the first whole group after so many bytes, or so long.
const BATCH_BYTES: usize = 1 << 20;
const BATCH_TIME: Duration = Duration::from_millis(700);

/// The name of a group: the sort order of groups is that of their keys.
pub type Key = (u8, i64);

/// How rows belong together.
pub struct Grouping {
    /// The key of a row's group.
    pub key: fn(&View, &ExactRow) -> Option<Key>,
    /// SQL that is true of the rows of all groups after `key`.
    pub after: fn(Key) -> String,
    /// SQL that is true of the rows of these groups.
    pub among: fn(&[Key]) -> String,
}

/// One group.
#[derive(Debug, Clone)]
pub struct Group {
    pub key: Key,
    pub rows: Vec<ExactRow>,
}

/// Some groups, and the bytes they came in.
#[derive(Debug, Default)]
pub struct Groups {
    pub groups: Vec<Group>,
    pub rows: u64,
}

/// A table being read.
pub struct Scan {
    pub view: View,
    grouping: &'static Grouping,
    query: Query,
    stream: ShellStream,
    reader: RowReader,
    /// Rows that need a second look (their numbers), and the groups they are in.
    suspects: Vec<ExactRow>,
    held: BTreeSet<Key>,
    /// The group that is not known to be whole yet.
    open: Option<Group>,
    errors: Vec<u8>,
    streaming: bool,
    /// Ids of rows that stayed uncertain.
    pub uncertain: Vec<i64>,
    pub refusal: Option<Refusal>,
}

impl Scan {
    /// Starts reading after `bookmark` (the last group that is safe).
    pub fn start(
        asker: &mut Asker,
        mut view: View,
        grouping: &'static Grouping,
        bookmark: Option<Key>,
    ) -> Result<Self, HandsetError> {
        let filter = bookmark.map(grouping.after);
        loop {
            let query = view.query(
                view.layout.names(),
                exact::both(exact::certain(&view), filter.as_deref()),
            );
            let stream = asker.open(&query)?;
            let mut scan = Self {
                reader: RowReader::new(&view.layout),
                view,
                grouping,
                query,
                stream,
                suspects: Vec::new(),
                held: BTreeSet::new(),
                open: None,
                errors: Vec::new(),
                streaming: true,
                uncertain: Vec::new(),
                refusal: None,
            };
            let Some(probe) = exact::suspicious(&scan.view) else {
                return Ok(scan);
            };
            // The groups left for the end are known by their numbers, whatever the bookmark.
            let (asked, replies) = asker.ask_known(scan.view.clone(), |view| {
                let probe = exact::suspicious(view).unwrap_or_else(|| probe.clone());
                vec![view.query(view.numbers(), Some(probe))]
            })?;
            if asked.layout.names().len() != scan.view.layout.names().len() {
                view = asked;
                continue;
            }
            for reply in replies {
                scan.refusal = scan.refusal.take().or(reply.refusal);
                scan.suspects = exact::numbers_of(&scan.view, &reply.text);
            }
            scan.held = scan
                .suspects
                .iter()
                .filter_map(|row| (grouping.key)(&scan.view, row))
                .collect();
            return Ok(scan);
        }
    }

    /// The groups that are left for the end.
    pub fn held(&self) -> &BTreeSet<Key> {
        &self.held
    }

    /// The next whole groups of the stream, in order; `None` once it is through.
    pub fn next_groups(&mut self, asker: &mut Asker) -> Result<Option<Groups>, HandsetError> {
        let mut found = Groups::default();
        let mut raw = Vec::new();
        let started = Instant::now();
        while self.streaming
            && (found.groups.is_empty()
                || (raw.len() < BATCH_BYTES && started.elapsed() < BATCH_TIME))
        {
            match self.stream.read()? {
                Some(Chunk::Stdout(bytes)) => {
                    self.reader.push(&bytes);
                    self.take_rows(&mut found);
                    raw.extend(bytes);
                }
                Some(Chunk::Stderr(bytes)) if self.errors.len() < (1 << 20) => {
                    self.errors.extend(bytes)
                }
                Some(_) => {}
                None => self.finish(&mut found),
            }
        }
        if !raw.is_empty() {
            asker.keep(&self.query, &raw, &[]);
        }
        let nothing = found.groups.is_empty() && !self.streaming;
        Ok((!nothing).then_some(found))
    }

    /// The stream's end: what is left is the last group, or what went wrong.
    fn finish(&mut self, found: &mut Groups) {
        self.streaming = false;
        if self.stream.mode() != ShellMode::V2 {
            let mut rest = self.reader.rest().to_vec();
            self.errors.extend(query::cut_mixed_errors(&mut rest));
            self.reader.replace_rest(&rest);
        }
        self.reader.end();
        self.take_rows(found);
        let errors = String::from_utf8_lossy(&self.errors);
        if !errors.trim().is_empty() {
            self.refusal = self
                .refusal
                .take()
                .or_else(|| Some(Refusal::sorted(&errors)));
        }
        if let End::Other(text) = self.reader.ending() {
            let text = if text.is_empty() {
                "the reply broke off".to_owned()
            } else {
                text
            };
            self.refusal = self.refusal.take().or_else(|| Some(Refusal::sorted(&text)));
        }
        // A reply that broke off may have broken off inside the last group.
        if let (Some(group), None) = (self.open.take(), &self.refusal) {
            self.close_group(group, found);
        }
    }

    fn take_rows(&mut self, found: &mut Groups) {
        loop {
            let row = match self.reader.next_row() {
                Ok(Some(row)) => row,
                Ok(None) => return,
                Err(error) => {
                    self.refusal = self
                        .refusal
                        .take()
                        .or_else(|| Some(Refusal::Other(error.to_string())));
                    self.streaming = false;
                    return;
                }
            };
            let doubtful = !row.doubtful.is_empty();
            let row = ExactRow::of(&row, &self.view.layout);
            found.rows += 1;
            let Some(key) = (self.grouping.key)(&self.view, &row) else {
                self.refusal = self
                    .refusal
                    .take()
                    .or_else(|| Some(Refusal::Other("a row without a number".into())));
                continue;
            };
            if doubtful {
                self.uncertain
                    .extend(row.number(&self.view, self.view.table.id));
                continue;
            }
            match &mut self.open {
                Some(group) if group.key == key => group.rows.push(row),
                _ => {
                    if let Some(group) = self.open.replace(Group {
                        key,
                        rows: vec![row],
                    }) {
                        self.close_group(group, found);
                    }
                }
            }
        }
    }

    fn close_group(&self, group: Group, found: &mut Groups) {
        if !self.held.contains(&group.key) {
            found.groups.push(group);
        }
    }

    /// The groups left for the end, and any others in `also`, after `bookmark`: at most `limit` of them.
    pub fn held_groups(
        &mut self,
        asker: &mut Asker,
        also: &[Key],
        bookmark: Option<Key>,
        limit: usize,
    ) -> Result<Vec<Group>, HandsetError> {
        let wanted: BTreeSet<Key> = self.held.iter().chain(also).copied().collect();
        let keys: Vec<Key> = wanted
            .into_iter()
            .filter(|k| bookmark.is_none_or(|b| *k > b))
            .take(limit)
            .collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let filter = exact::both(
            exact::certain(&self.view),
            Some(&(self.grouping.among)(&keys)),
        );
        let query = self.view.query(self.view.layout.names(), filter);
        let suspects: Vec<_> = self
            .suspects
            .iter()
            .filter(|row| (self.grouping.key)(&self.view, row).is_some_and(|k| keys.contains(&k)))
            .cloned()
            .collect();
        let mut read = TableRead::default();
        let mut other = asker.fork();
        let (view, mut second) = (&self.view, TableRead::default());
        let first = std::thread::scope(|scope| {
            let job = scope.spawn(|| other.ask_all(&[query]));
            exact::second_look(asker, view, &suspects, &mut second)?;
            query::joined(job)
        })?;
        asker.raw.append(&mut other.raw);
        for reply in first {
            read.refusal = read.refusal.take().or(reply.refusal);
            read.rows = exact::rows_of(view, &reply.text);
        }
        read.rows.append(&mut second.rows);
        read.uncertain.append(&mut second.uncertain);
        read.refusal = read.refusal.take().or(second.refusal);
        self.uncertain.append(&mut read.uncertain);
        self.refusal = self.refusal.take().or(read.refusal);
        let mut groups: Vec<Group> = keys
            .iter()
            .map(|key| Group {
                key: *key,
                rows: Vec::new(),
            })
            .collect();
        for row in read.rows {
            let key = (self.grouping.key)(&self.view, &row);
            if let Some(at) = key.and_then(|key| groups.binary_search_by_key(&key, |g| g.key).ok())
            {
                groups[at].rows.push(row);
            }
        }
        for group in &mut groups {
            let id = self.view.table.id;
            group.rows.sort_by_cached_key(|row| {
                (
                    row.numbers.first().copied(),
                    row.number(&self.view, "_id"),
                    row.number(&self.view, id),
                )
            });
        }
        groups.retain(|g| !g.rows.is_empty());
        Ok(groups)
    }
}
