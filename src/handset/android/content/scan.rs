//! Reads a large table as a stream, in groups of rows that belong together.
//!
//! The rows arrive sorted by group. Memory holds one group at a time, and each complete group can be committed at once.
//! Groups with a row that needs a second look are read last.

use std::collections::{BTreeMap, BTreeSet};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::doubt;
use super::group::{Group, Grouping, Groups, Key};
use super::one_by_one::{DeferredGroups, Questions};
use super::query::{self, QueryRunner, Reply};
use super::refusal::{self, Refusal};
use super::rows::{self, ExactRow};
use super::seen::{self, RowName, Seen, Sum};
use super::slots::Slot;
use super::view::View;
use crate::format::content_rows::{End, RowReader};
use crate::handset::HandsetError;
use crate::phrase;
use crate::protocol::adb::{Chunk, Query, ShellMode, ShellStream};

/// Limits of a batch, in bytes and in time: a batch ends at the first complete group after either. The first batch is
/// small, so that something is safe at once. The limit in bytes doubles with each batch, up to `BATCH_BYTES`.
const FIRST_BATCH_BYTES: usize = 64 << 10;
const BATCH_BYTES: usize = 1 << 20;
const BATCH_TIME: Duration = Duration::from_millis(300);

/// A stream that is faster than this came over a fast link, in bytes per second.
const FAST: f64 = 1e6;

/// How many groups that need a second look are read at once.
const DEFERRED_AT_ONCE: usize = 1_000;

/// Where a scan begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    Start,
    /// After the last saved group.
    After(Key),
    /// The stream is finished; the groups left for the end remain.
    Deferred,
}

/// A read of a table.
pub struct Scan {
    pub view: View,
    /// The columns that the stream carries.
    light: View,
    pub(super) grouping: &'static Grouping,
    query: Query,
    /// `None` if the stream was already finished.
    stream: Option<ShellStream>,
    /// The slot of the stream, until the stream is finished.
    slot: Option<Slot>,
    /// When the stream was first opened, and how many bytes came since.
    opened: Instant,
    bytes: u64,
    reader: RowReader,
    /// Rows that need a second look (only their numbers), and the groups that contain them.
    suspects: Vec<ExactRow>,
    deferred: BTreeSet<Key>,
    /// The group whose rows may not all have arrived.
    open: Option<Group>,
    errors: Vec<u8>,
    /// The last byte of the output, and the command's exit code.
    last: Option<u8>,
    exit: u8,
    streaming: bool,
    /// The size at which the next batch ends, in bytes.
    batch_bytes: usize,
    /// The first of the groups in `deferred`, read while the stream runs.
    early: Option<JoinHandle<Early>>,
    /// The rows that were handed over or stayed uncertain; the latter with their groups.
    pub(super) seen: Seen,
    pub(super) uncertain: BTreeMap<RowName, Key>,
    /// Groups with a text that does not fit a cursor window.
    pub too_large: BTreeSet<Key>,
    /// Uncertain rows were already read a second time.
    pub(super) looked_again: bool,
    /// Why a query other than the stream failed.
    pub refusal: Option<Refusal>,
    /// Why the stream ended early.
    pub broke: Option<Refusal>,
}

impl Scan {
    /// Starts the read. `slot`: that of the stream, if the caller has taken it.
    pub fn start(
        runner: &mut QueryRunner,
        view: View,
        grouping: &'static Grouping,
        from: From,
        slot: Option<Slot>,
    ) -> Result<Self, HandsetError> {
        let filter = match from {
            From::After(key) => Some((grouping.after)(key)),
            From::Start | From::Deferred => None,
        };
        let streaming = from != From::Deferred;
        let view = runner.sees(view);
        let light = view.light();
        let query = light.query(
            light.layout.names(),
            doubt::both(doubt::certain(&view), filter.as_deref()),
        );
        let probe = doubt::suspicious(&view).filter(|_| !grouping.probes_late);
        let at_once = streaming && !(grouping.streams_second && probe.is_some());
        let slot = match at_once && slot.is_none() {
            true => runner.turn.slot(),
            false => slot,
        };
        let stream = at_once.then(|| runner.open(&query)).transpose()?;
        let mut scan = Self {
            reader: RowReader::new(&light.layout),
            view,
            light,
            grouping,
            query,
            stream,
            slot,
            opened: Instant::now(),
            bytes: 0,
            suspects: Vec::new(),
            deferred: BTreeSet::new(),
            open: None,
            errors: Vec::new(),
            last: None,
            exit: 0,
            streaming,
            batch_bytes: FIRST_BATCH_BYTES,
            early: None,
            seen: Seen::default(),
            uncertain: BTreeMap::new(),
            too_large: BTreeSet::new(),
            looked_again: false,
            refusal: None,
            broke: None,
        };
        let Some(probe) = probe else {
            return Ok(scan);
        };
        // The groups left for the end are identified by their numbers, independent of the bookmark.
        let (asked, replies) = runner.ask_known(scan.view.clone(), |view| {
            let probe = doubt::suspicious(view).unwrap_or_else(|| probe.clone());
            vec![view.query(view.numbers(), Some(probe))]
        })?;
        if asked.layout.names().len() != scan.view.layout.names().len() {
            scan.view = asked;
            scan.light = scan.view.light();
            scan.stream = None;
        }
        if streaming && scan.stream.is_none() {
            scan.stream_filtered(runner, filter)?;
        }
        for reply in replies {
            scan.take_suspects(runner, reply)?;
        }
        // A resumed read may already have these groups, and a hurried one has no time for them yet.
        if from == From::Start && !runner.is_in_haste() && !scan.deferred.is_empty() {
            let (mut other, questions) = (
                runner.fork(),
                scan.questions(scan.deferred.iter().copied(), runner),
            );
            scan.early = Some(std::thread::spawn(move || questions.ask(&mut other)));
        }
        Ok(scan)
    }

    /// The query for the rows that need a second look; `None` if there can be none.
    pub(super) fn probe(&self) -> Option<Query> {
        let filter = doubt::suspicious(&self.view)?;
        Some(self.view.query(self.view.numbers(), Some(filter)))
    }

    pub(super) fn take_suspects(
        &mut self,
        runner: &mut QueryRunner,
        reply: Reply,
    ) -> Result<(), HandsetError> {
        let Some(probe) = self.probe() else {
            return Ok(());
        };
        let reply = runner.again(&probe, reply)?;
        self.refusal = self.refusal.take().or(reply.refusal);
        self.suspects = rows::numbers_of(&self.view, &reply.text);
        let groups = self.suspects.iter();
        self.deferred = groups
            .filter_map(|row| (self.grouping.key)(&self.view, row))
            .collect();
        Ok(())
    }

    /// Returns the next complete groups of the stream, in order; `None` when the stream is finished.
    pub fn next_groups(
        &mut self,
        runner: &mut QueryRunner,
    ) -> Result<Option<Groups>, HandsetError> {
        let mut found = Groups::default();
        let mut raw = Vec::new();
        let started = Instant::now();
        while self.streaming
            && (found.groups.is_empty()
                || (raw.len() < self.batch_bytes && started.elapsed() < BATCH_TIME))
        {
            let Some(stream) = &mut self.stream else {
                break;
            };
            let chunk = match stream.read() {
                Ok(chunk) => chunk,
                // Complete groups from before the error are committed first; the next call returns the error.
                Err(_) if !found.groups.is_empty() => break,
                Err(error) => return Err(error.into()),
            };
            match chunk {
                Some(Chunk::Stdout(bytes)) => {
                    self.bytes += bytes.len() as u64;
                    self.reader.push(&bytes);
                    self.last = bytes.last().copied().or(self.last);
                    self.take_rows(&mut found);
                    raw.extend(bytes);
                }
                Some(Chunk::Stderr(bytes)) if self.errors.len() < (1 << 20) => {
                    self.errors.extend(bytes)
                }
                Some(Chunk::Exit(code)) => self.exit = code,
                Some(Chunk::Stderr(_)) => {}
                None => self.finish(&mut found),
            }
        }
        self.batch_bytes = (self.batch_bytes * 2).min(BATCH_BYTES);
        if !raw.is_empty() {
            runner.kept.keep(runner.request(&self.query), &raw, &[]);
        }
        let nothing = found.groups.is_empty() && !self.streaming;
        Ok((!nothing).then_some(found))
    }

    /// Ends the stream: the remaining bytes are the last group or an error.
    fn finish(&mut self, found: &mut Groups) {
        self.streaming = false;
        self.slot = None;
        if self.stream.as_ref().map(ShellStream::mode) != Some(ShellMode::V2) {
            let mut rest = self.reader.rest().to_vec();
            self.errors.extend(refusal::cut_mixed_errors(&mut rest));
            self.reader.replace_rest(&rest);
        }
        self.reader.end();
        self.take_rows(found);
        let errors = String::from_utf8_lossy(&self.errors);
        self.broke = match self.reader.ending() {
            _ if refusal::told(&errors, self.exit).is_some() => refusal::told(&errors, self.exit),
            End::Other(text) if text.is_empty() => {
                Some(Refusal::Other(phrase("the reply ended early").into()))
            }
            End::Other(text) => Some(Refusal::sorted(&text)),
            End::Rows(_) | End::NoResult => refusal::cut_short(self.last.as_ref(), self.exit),
        };
        // If the reply broke off, the last group may be incomplete.
        if let (Some(group), None) = (self.open.take(), &self.broke) {
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
            let row = ExactRow::of(&row, &self.light.layout).widened(&self.view);
            found.rows += 1;
            let Some(key) = (self.grouping.key)(&self.view, &row) else {
                self.refusal = self
                    .refusal
                    .take()
                    .or_else(|| Some(Refusal::Other(phrase("a row has no ID").into())));
                continue;
            };
            if doubtful {
                self.note_uncertain(seen::name_of(&self.view, &row), key);
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

    fn close_group(&mut self, group: Group, found: &mut Groups) {
        if !self.deferred.contains(&group.key) {
            self.see(&group);
            found.groups.push(group);
        }
    }

    fn see(&mut self, group: &Group) {
        for row in &group.rows {
            self.seen.add(seen::name_of(&self.view, row), group.key);
        }
    }

    fn note_uncertain(&mut self, name: RowName, group: Key) {
        self.seen.add(name, group);
        self.uncertain.insert(name, group);
    }

    /// The number of rows that stayed uncertain.
    pub fn uncertain(&self) -> u64 {
        self.uncertain.len() as u64
    }

    /// The sum of the rows that were handed over or stayed uncertain.
    pub fn sum(&self) -> Sum {
        self.seen.sum()
    }

    /// Returns true if the stream comes, or came, over a fast link.
    pub fn comes_fast(&self) -> bool {
        self.bytes as f64 > self.opened.elapsed().as_secs_f64() * FAST
    }

    /// Opens the stream again, after the last group that it returned.
    pub fn stream_again(
        &mut self,
        runner: &mut QueryRunner,
        after: Option<Key>,
    ) -> Result<(), HandsetError> {
        self.stream_filtered(runner, after.map(self.grouping.after))
    }

    /// Opens the stream of the certain rows that match `filter`.
    fn stream_filtered(
        &mut self,
        runner: &mut QueryRunner,
        filter: Option<String>,
    ) -> Result<(), HandsetError> {
        let filter = doubt::both(doubt::certain(&self.view), filter.as_deref());
        self.query = self.light.query(self.light.layout.names(), filter);
        if self.slot.is_none() {
            self.slot = runner.turn.slot();
        }
        self.stream = Some(runner.open(&self.query)?);
        self.reader = RowReader::new(&self.light.layout);
        (self.open, self.streaming) = (None, true);
        self.errors.clear();
        (self.last, self.exit) = (None, 0);
        Ok(())
    }

    /// True if a group is left for the end.
    pub fn has_deferred(&self, key: &Key) -> bool {
        self.deferred.contains(key)
    }

    /// The groups left for the end whose keys are greater than `key`.
    pub fn deferred_after(&self, key: Option<Key>) -> impl Iterator<Item = Key> {
        let is_left = move |deferred: &&Key| key.is_none_or(|key| **deferred > key);
        self.deferred.iter().filter(is_left).copied()
    }

    /// Returns the first of the groups left for the end, with their keys, if they were read while the stream ran.
    pub fn early_groups(&mut self) -> Result<Option<KeysAndGroups>, HandsetError> {
        let Some(early) = self.early.take() else {
            return Ok(None);
        };
        let found = early.join().unwrap_or_else(|_| Err(query::broke_off()))?;
        Ok(Some(self.take_deferred(found)))
    }

    /// Reads these groups one by one, even if the stream already returned some of their rows. `keys` holds at most
    /// [`Scan::at_once`] keys.
    pub fn groups_of(
        &mut self,
        runner: &mut QueryRunner,
        keys: &[Key],
    ) -> Result<Vec<Group>, HandsetError> {
        let found = self.questions(keys.iter().copied(), runner).ask(runner)?;
        Ok(self.take_deferred(found).1)
    }

    fn take_deferred(&mut self, found: DeferredGroups) -> (Vec<Key>, Vec<Group>) {
        for (name, group) in found.uncertain {
            self.note_uncertain(name, group);
        }
        self.too_large.extend(found.too_large);
        self.refusal = self.refusal.take().or(found.refusal);
        found.groups.iter().for_each(|group| self.see(group));
        (found.keys, found.groups)
    }

    /// How many groups one query can name.
    pub fn at_once(runner: &QueryRunner) -> usize {
        DEFERRED_AT_ONCE.min(runner.ids_a_query)
    }

    /// Prepares the queries that read groups one by one: the first of `keys`, as many as fit one query.
    fn questions(&self, keys: impl Iterator<Item = Key>, runner: &QueryRunner) -> Questions {
        let keys: Vec<Key> = keys.take(Self::at_once(runner)).collect();
        let is_in = |row: &&ExactRow| {
            (self.grouping.key)(&self.view, row).is_some_and(|k| keys.binary_search(&k).is_ok())
        };
        Questions {
            suspects: self.suspects.iter().filter(is_in).cloned().collect(),
            view: self.view.clone(),
            grouping: self.grouping,
            keys,
        }
    }
}

impl Drop for Scan {
    fn drop(&mut self) {
        if let Some(early) = self.early.take() {
            // The result is no longer needed, but the thread must not outlive the read.
            let _ = early.join();
        }
    }
}

/// The keys of some groups, and those of the groups that were read.
pub type KeysAndGroups = (Vec<Key>, Vec<Group>);

/// Groups that are read while the stream runs.
type Early = Result<DeferredGroups, HandsetError>;
