//! Reads a large table as a stream, in groups of rows that belong together.
//!
//! The rows arrive sorted by group. Memory holds one group at a time, and each complete group can be committed at once.
//! Groups with a row that needs a second look are read last.

use std::collections::{BTreeMap, BTreeSet};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::exact::{self, ExactRow};
use super::number_list::{self, Listed};
use super::one_by_one::{Held, Questions};
use super::query::{self, Asker, Reply, View};
use super::refusal::{self, Refusal};
use super::seen::{self, RowName, Seen, SeenIndex, Sum};
use super::slots::Slot;
use crate::format::content_rows::{End, RowReader};
use crate::handset::HandsetError;
use crate::protocol::adb::{Chunk, Query, ShellMode, ShellStream};

/// Limits of a batch, in bytes and in time: a batch ends at the first complete group after either. The first batch is
/// small, so that something is safe at once. The limit in bytes doubles with each batch, up to `BATCH_BYTES`.
const FIRST_BATCH_BYTES: usize = 64 << 10;
const BATCH_BYTES: usize = 1 << 20;
const BATCH_TIME: Duration = Duration::from_millis(300);

/// A stream that is faster than this came over a fast link, in bytes per second.
const FAST: f64 = 1e6;

/// The most pages in which the handset may list its rows.
const MAX_PAGES: usize = 50;

/// How many groups that need a second look are read at once.
const HELD_AT_ONCE: usize = 1_000;

/// The name of a group. Groups sort like their keys.
pub type Key = (u8, i64);

/// Where a scan begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    Start,
    /// After the last saved group.
    After(Key),
    /// The stream is finished; the groups left for the end remain.
    Held,
}

/// Groups that were read one by one, with the keys of all groups in the query.
pub type Asked = (Vec<Key>, Vec<Group>);

/// How the rows of a table form groups.
pub struct Grouping {
    /// The columns that name a row and its group.
    pub names: &'static [&'static str],
    /// The key of a row's group.
    pub key: fn(&View, &ExactRow) -> Option<Key>,
    /// Returns SQL that matches the rows of all groups after `key`.
    pub after: fn(Key) -> String,
    /// Returns SQL that matches the rows of these groups.
    pub among: fn(&[Key]) -> String,
    /// The stream starts only when the rows for a second look are known, so that a column that the provider lacks is
    /// refused once, not twice. Otherwise both queries start together, and the first rows arrive sooner.
    pub streams_second: bool,
    /// Rows that need a second look are asked for only once the last list shows rows that the stream left out. Usually
    /// there are none.
    pub probes_late: bool,
}

/// One group.
#[derive(Debug, Clone)]
pub struct Group {
    pub key: Key,
    pub rows: Vec<ExactRow>,
}

/// Some groups, and their number of rows.
#[derive(Debug, Default)]
pub struct Groups {
    pub groups: Vec<Group>,
    pub rows: u64,
}

/// A read of a table.
pub struct Scan {
    pub view: View,
    /// The columns that the stream carries.
    light: View,
    grouping: &'static Grouping,
    query: Query,
    /// `None` if the stream was already finished.
    stream: Option<ShellStream>,
    /// The slot of the stream, until the stream is finished.
    place: Option<Slot>,
    /// When the stream was first opened, and how many bytes came since.
    opened: Instant,
    bytes: u64,
    reader: RowReader,
    /// Rows that need a second look (only their numbers), and the groups that contain them.
    suspects: Vec<ExactRow>,
    held: BTreeSet<Key>,
    /// The group whose rows may not all have arrived.
    open: Option<Group>,
    errors: Vec<u8>,
    /// The last byte of the output, and the command's exit code.
    last: Option<u8>,
    exit: u8,
    streaming: bool,
    /// The size at which the next batch ends, in bytes.
    batch_bytes: usize,
    /// The first of the groups in `held`, read while the stream runs.
    early: Option<JoinHandle<Early>>,
    /// The rows that were handed over or stayed uncertain; the latter with their groups.
    seen: Seen,
    uncertain: BTreeMap<RowName, Key>,
    /// Groups with a text that does not fit a cursor window.
    pub too_large: BTreeSet<Key>,
    /// Uncertain rows were already read a second time.
    looked_again: bool,
    /// Why a query other than the stream failed.
    pub refusal: Option<Refusal>,
    /// Why the stream ended early.
    pub broke: Option<Refusal>,
}

impl Scan {
    /// Starts the read.
    pub fn start(
        asker: &mut Asker,
        view: View,
        grouping: &'static Grouping,
        from: From,
    ) -> Result<Self, HandsetError> {
        let filter = match from {
            From::After(key) => Some((grouping.after)(key)),
            From::Start | From::Held => None,
        };
        let streaming = from != From::Held;
        let view = asker.sees(view);
        let light = view.light();
        let query = light.query(
            light.layout.names(),
            exact::both(exact::certain(&view), filter.as_deref()),
        );
        let probe = exact::suspicious(&view).filter(|_| !grouping.probes_late);
        let at_once = streaming && !(grouping.streams_second && probe.is_some());
        let place = at_once.then(|| asker.turn.place(&asker.streams)).flatten();
        let stream = at_once.then(|| asker.open(&query)).transpose()?;
        let mut scan = Self {
            reader: RowReader::new(&light.layout),
            view,
            light,
            grouping,
            query,
            stream,
            place,
            opened: Instant::now(),
            bytes: 0,
            suspects: Vec::new(),
            held: BTreeSet::new(),
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
        let (asked, replies) = asker.ask_known(scan.view.clone(), |view| {
            let probe = exact::suspicious(view).unwrap_or_else(|| probe.clone());
            vec![view.query(view.numbers(), Some(probe))]
        })?;
        if asked.layout.names().len() != scan.view.layout.names().len() {
            scan.view = asked;
            scan.light = scan.view.light();
            scan.stream = None;
        }
        if streaming && scan.stream.is_none() {
            scan.stream_filtered(asker, filter)?;
        }
        for reply in replies {
            scan.take_suspects(asker, reply)?;
        }
        // A resumed read may already have these groups, and a hurried one has no time for them yet.
        if from == From::Start && !asker.is_in_haste() && !scan.held.is_empty() {
            let (mut other, questions) = (
                asker.fork(),
                scan.questions(scan.held.iter().copied(), asker),
            );
            scan.early = Some(std::thread::spawn(move || questions.ask(&mut other)));
        }
        Ok(scan)
    }

    /// The query for the rows that need a second look; `None` if there can be none.
    fn probe(&self) -> Option<Query> {
        let filter = exact::suspicious(&self.view)?;
        Some(self.view.query(self.view.numbers(), Some(filter)))
    }

    fn take_suspects(&mut self, asker: &mut Asker, reply: Reply) -> Result<(), HandsetError> {
        let Some(probe) = self.probe() else {
            return Ok(());
        };
        let reply = asker.again(&probe, reply)?;
        self.refusal = self.refusal.take().or(reply.refusal);
        self.suspects = exact::numbers_of(&self.view, &reply.text);
        let groups = self.suspects.iter();
        self.held = groups
            .filter_map(|row| (self.grouping.key)(&self.view, row))
            .collect();
        Ok(())
    }

    /// Returns the next complete groups of the stream, in order; `None` when the stream is finished.
    pub fn next_groups(&mut self, asker: &mut Asker) -> Result<Option<Groups>, HandsetError> {
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
            asker.keep(asker.request(&self.query), &raw, &[]);
        }
        let nothing = found.groups.is_empty() && !self.streaming;
        Ok((!nothing).then_some(found))
    }

    /// Ends the stream: the remaining bytes are the last group or an error.
    fn finish(&mut self, found: &mut Groups) {
        self.streaming = false;
        self.place = None;
        if self.stream.as_ref().map(ShellStream::mode) != Some(ShellMode::V2) {
            let mut rest = self.reader.rest().to_vec();
            self.errors.extend(refusal::cut_mixed_errors(&mut rest));
            self.reader.replace_rest(&rest);
        }
        self.reader.end();
        self.take_rows(found);
        let errors = String::from_utf8_lossy(&self.errors);
        self.broke = match self.reader.ending() {
            _ if refusal::told(&errors).is_some() => refusal::told(&errors),
            End::Other(text) if text.is_empty() => {
                Some(Refusal::Other("the reply broke off".into()))
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
                    .or_else(|| Some(Refusal::Other("a row without a number".into())));
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
        if !self.held.contains(&group.key) {
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

    /// Returns true if the stream came over a fast link: other replies beside it cost next to nothing.
    pub fn came_fast(&self) -> bool {
        self.bytes as f64 > self.opened.elapsed().as_secs_f64() * FAST
    }

    /// Opens the stream again, after the last group that it returned.
    pub fn stream_again(
        &mut self,
        asker: &mut Asker,
        after: Option<Key>,
    ) -> Result<(), HandsetError> {
        self.stream_filtered(asker, after.map(self.grouping.after))
    }

    /// Opens the stream of the certain rows that match `filter`.
    fn stream_filtered(
        &mut self,
        asker: &mut Asker,
        filter: Option<String>,
    ) -> Result<(), HandsetError> {
        let filter = exact::both(exact::certain(&self.view), filter.as_deref());
        self.query = self.light.query(self.light.layout.names(), filter);
        if self.place.is_none() {
            self.place = asker.turn.place(&asker.streams);
        }
        self.stream = Some(asker.open(&self.query)?);
        self.reader = RowReader::new(&self.light.layout);
        (self.open, self.streaming) = (None, true);
        self.errors.clear();
        (self.last, self.exit) = (None, 0);
        Ok(())
    }

    /// The groups left for the end whose keys are greater than `key`.
    pub fn held_after(&self, key: Option<Key>) -> impl Iterator<Item = Key> {
        let is_left = move |held: &&Key| key.is_none_or(|key| **held > key);
        self.held.iter().filter(is_left).copied()
    }

    /// Returns the first of the groups left for the end, with their keys, if they were read while the stream ran.
    pub fn early_groups(&mut self) -> Result<Option<Asked>, HandsetError> {
        let Some(early) = self.early.take() else {
            return Ok(None);
        };
        let found = early.join().unwrap_or_else(|_| Err(query::broke_off()))?;
        Ok(Some(self.take_held(found)))
    }

    /// Reads these groups one by one, even if the stream already returned some of their rows. `keys` holds at most
    /// [`Scan::at_once`] keys.
    pub fn groups_of(
        &mut self,
        asker: &mut Asker,
        keys: &[Key],
    ) -> Result<Vec<Group>, HandsetError> {
        let found = self.questions(keys.iter().copied(), asker).ask(asker)?;
        Ok(self.take_held(found).1)
    }

    fn take_held(&mut self, found: Held) -> Asked {
        for (name, group) in found.uncertain {
            self.note_uncertain(name, group);
        }
        self.too_large.extend(found.too_large);
        self.refusal = self.refusal.take().or(found.refusal);
        found.groups.iter().for_each(|group| self.see(group));
        (found.keys, found.groups)
    }

    /// Returns the groups with rows that the handset has now and that were not handed over. A cursor skips rows if the
    /// table changes meanwhile, a provider that is killed loses rows, and new rows may have been added.
    ///
    /// `before` is the sum of the rows that earlier parts of the rescue handed over. Only this sum is known of them: if
    /// it has changed, all groups that this part has not read are returned. Also returns `before` if it still holds,
    /// otherwise an empty sum.
    ///
    /// Groups with uncertain rows are returned too, but only once: a row may be uncertain because it changed between
    /// two queries.
    ///
    /// The rows are listed in reverse order, down to the first row that was handed over. If a reply is cut short before
    /// that row, the next query asks for the rest.
    pub fn missed(
        &mut self,
        asker: &mut Asker,
        before: Sum,
    ) -> Result<(BTreeSet<Key>, Sum), HandsetError> {
        let view = self.view.only(self.grouping.names);
        let id = view.table.id;
        let lowest = self.sum().and(before).lowest;
        let (mut below, mut refused) =
            (None, Some(Refusal::Other("each reply is cut short".into())));
        let (mut unseen, mut sum) = (BTreeSet::new(), Sum::default());
        let seen = self.seen.index();
        for _ in 0..MAX_PAGES {
            let filter = below.map(|least: i64| format!("{id} < {least}"));
            let query = Query {
                sort: Some(view.table.backwards.into()),
                ..view.query(view.numbers(), filter)
            };
            let Listed {
                made: mut page,
                refusal,
                ..
            } = asker.anew(|asker| {
                let query = |_: &View| query.clone();
                number_list::whole(asker, view.clone(), query, |page: &mut Page, view, row| {
                    page.add(view, row, &seen, self.grouping);
                })
            })?;
            if let Some(refusal) = refusal {
                refused = Some(refusal);
                break;
            }
            sum = sum.and(page.sum);
            unseen.append(&mut page.unseen);
            let least = page.least;
            match least.filter(|least| lowest.is_none_or(|lowest| *least > lowest)) {
                Some(least) => below = Some(least),
                None => {
                    refused = None;
                    break;
                }
            }
        }
        // An incomplete list can't be compared with rows of which only the sum is known.
        let holds = sum.is_of_the_same(before) || (refused.is_some() && before != Sum::default());
        if holds {
            unseen.clear();
        }
        self.refusal = self.refusal.take().or(refused);
        if !std::mem::replace(&mut self.looked_again, true) {
            unseen.extend(std::mem::take(&mut self.uncertain).into_values());
        }
        self.seen.forget(&unseen);
        if let (false, Some(probe)) = (unseen.is_empty(), self.probe()) {
            let reply = asker.ask_anew(&probe)?;
            self.take_suspects(asker, reply)?;
        }
        let before = if holds { before } else { Sum::default() };
        Ok((unseen, before))
    }

    /// How many groups one query can name.
    pub fn at_once(asker: &Asker) -> usize {
        HELD_AT_ONCE.min(asker.ids_a_query)
    }

    /// Prepares the queries that read groups one by one: the first of `keys`, as many as fit one query.
    fn questions(&self, keys: impl Iterator<Item = Key>, asker: &Asker) -> Questions {
        let keys: Vec<Key> = keys.take(Self::at_once(asker)).collect();
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

/// The result of a list of the rows that the handset has now.
#[derive(Default)]
struct Page {
    /// The groups of rows that were not handed over, and the sum of these rows.
    unseen: BTreeSet<Key>,
    sum: Sum,
    /// The lowest id of all rows.
    least: Option<i64>,
}

impl Page {
    fn add(&mut self, view: &View, numbers: &[Option<i64>], seen: &SeenIndex, grouping: &Grouping) {
        let row = ExactRow {
            numbers: numbers.to_vec(),
            texts: Vec::new(),
        };
        let name = seen::name_of(view, &row);
        if !seen.has(name) {
            self.sum.add(name);
            self.unseen.extend((grouping.key)(view, &row));
        }
        let own = row.number(view, view.table.id);
        self.least = match (self.least, own) {
            (Some(least), Some(own)) => Some(least.min(own)),
            (least, own) => least.or(own),
        };
    }
}

/// Groups that are read while the stream runs.
type Early = Result<Held, HandsetError>;
