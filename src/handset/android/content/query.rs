//! Queries through Android's `content` command.

use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::refusal::{Refusal, cut_mixed_errors, cut_short, refusal};
use super::slots::{Slot, Slots};
use super::tables::Table;
use super::turn::Turn;
use crate::format::content_rows::Layout;
use crate::handset::HandsetError;
use crate::model::RawReply;
use crate::protocol::adb::{Adb, Chunk, Query, ShellCommand, ShellMode, ShellStream};

/// The longest reply that is held in memory as a whole, in bytes. A longer one is an error: large tables are read as
/// streams.
const MAX_REPLY: usize = 64 << 20;

/// A table as the provider of one handset knows it, without the columns that the provider lacks.
#[derive(Debug, Clone)]
pub struct View {
    pub table: &'static Table,
    pub layout: Arc<Layout>,
    /// Columns that the query casts to text, because this Android truncates 64-bit numbers in its output.
    cast: &'static [&'static str],
    /// Some rows may not fit a cursor window: large rows are read column by column.
    sets_large_apart: bool,
}

impl View {
    pub fn new(table: &'static Table) -> Self {
        Self {
            table,
            layout: Arc::new(Layout::new(table.numbers, table.texts)),
            cast: &[],
            sets_large_apart: false,
        }
    }

    /// The same view, with large rows read column by column.
    pub fn with_large_apart(self) -> Self {
        Self {
            sets_large_apart: true,
            ..self
        }
    }

    pub fn sets_large_apart(&self) -> bool {
        self.sets_large_apart
    }

    /// The same view without the column of bytes, which no query returns.
    pub fn light(&self) -> Self {
        let without = |(column, _)| self.without(column);
        self.table
            .bytes
            .and_then(without)
            .unwrap_or_else(|| self.clone())
    }

    /// The same view with an explicit end to each row, for a handset that mixes errors into its output.
    pub fn closed(self) -> Self {
        // In a view that has only numbers, the last number ends the row.
        if self.texts().is_empty() {
            return self;
        }
        let layout = Arc::new(Layout::closed(self.numbers(), self.texts()));
        Self { layout, ..self }
    }

    /// The same view, with `columns` cast to text.
    pub fn with_cast(self, columns: &'static [&'static str]) -> Self {
        Self {
            cast: columns,
            ..self
        }
    }

    /// The same view without a column that the provider doesn't know; `None` if the view needs that column.
    pub fn without(&self, column: &str) -> Option<Self> {
        let names = self.layout.names();
        let (numbers, texts) = names.split_at(self.layout.numbers());
        if column == self.table.id || self.table.sort.contains(column) || !names.contains(&column) {
            return None;
        }
        let left = |columns: &[&'static str]| -> Vec<&'static str> {
            columns.iter().copied().filter(|c| *c != column).collect()
        };
        let (numbers, texts) = (left(numbers), left(texts));
        let layout = match self.layout.is_closed() && !texts.is_empty() {
            true => Layout::closed(&numbers, &texts),
            false => Layout::new(&numbers, &texts),
        };
        Some(Self {
            layout: Arc::new(layout),
            ..self.clone()
        })
    }

    /// The same view with only the columns in `shown` and those that the view needs.
    fn narrowed_to(self, shown: &HashSet<&'static str>) -> Self {
        let names = self.layout.names().to_vec();
        let lacking = names.iter().filter(|name| !shown.contains(*name));
        lacking.fold(self, |view, name| view.without(name).unwrap_or(view))
    }

    /// The same view without the columns that some providers lack.
    fn without_optional(&self) -> Self {
        let optional = self.table.optional;
        optional.iter().fold(self.clone(), |view, column| {
            view.without(column).unwrap_or(view)
        })
    }

    /// Columns that may hold text.
    pub fn texts(&self) -> &[&'static str] {
        &self.layout.names()[self.layout.numbers()..]
    }

    /// The columns of whole numbers.
    pub fn numbers(&self) -> &[&'static str] {
        &self.layout.names()[..self.layout.numbers()]
    }

    /// A number of a row that holds only the numbers of this view.
    pub fn number(&self, row: &[Option<i64>], name: &str) -> Option<i64> {
        row.get(self.numbers().iter().position(|n| *n == name)?)
            .copied()
            .flatten()
    }

    /// `columns` as written in the query.
    fn projection(&self, columns: &[&'static str]) -> Vec<&'static str> {
        let asked = |c: &&'static str| match *c {
            c if !self.cast.contains(&c) => c,
            "dtstart" => "CAST(dtstart AS TEXT) AS dtstart",
            "dtend" => "CAST(dtend AS TEXT) AS dtend",
            "originalInstanceTime" => "CAST(originalInstanceTime AS TEXT) AS originalInstanceTime",
            "utc_start_date" => "CAST(utc_start_date AS TEXT) AS utc_start_date",
            "utc_due_date" => "CAST(utc_due_date AS TEXT) AS utc_due_date",
            "date_completed" => "CAST(date_completed AS TEXT) AS date_completed",
            "reminder_time" => "CAST(reminder_time AS TEXT) AS reminder_time",
            "start_date" => "CAST(start_date AS TEXT) AS start_date",
            "due_date" => "CAST(due_date AS TEXT) AS due_date",
            "recurrence_start" => "CAST(recurrence_start AS TEXT) AS recurrence_start",
            "recurrence_until" => "CAST(recurrence_until AS TEXT) AS recurrence_until",
            c => c,
        };
        let mut asked: Vec<_> = columns.iter().map(asked).collect();
        let ends_with_text = columns.last().is_some_and(|c| self.texts().contains(c));
        if self.layout.is_closed() && ends_with_text {
            asked.extend(columns.first());
        }
        asked
    }

    /// The same table with only these columns of numbers.
    pub fn only(&self, columns: &[&'static str]) -> Self {
        Self {
            layout: Arc::new(Layout::new(columns, &[])),
            ..self.clone()
        }
    }

    /// A query for `columns` of the rows that match `filter`.
    pub fn query(&self, columns: &[&'static str], filter: Option<String>) -> Query {
        Query {
            uri: self.table.uri,
            user: None,
            projection: self.projection(columns),
            filter,
            sort: Some(self.table.sort.into()),
        }
    }
}

/// A complete reply.
#[derive(Debug, Default)]
pub struct Reply {
    pub text: Vec<u8>,
    /// The failure, if there was one; `text` may still hold the rows before it.
    pub refusal: Option<Refusal>,
}

impl Reply {
    /// The column that the provider does not know.
    pub fn unknown_column(&self) -> Option<&str> {
        match &self.refusal {
            Some(Refusal::UnknownColumn(column)) => Some(column),
            _ => None,
        }
    }
}

/// The size of the part of a reply that is searched for its first row, in bytes, in a query without a projection.
const SHOWN_ROW: usize = 256 << 10;
/// The start of the second row of a reply.
const SECOND_ROW: &[u8] = b"\nRow: 1 ";

/// Replies longer than this are compressed until the vault takes them, in parts of `RAW_PART` bytes.
const LONG_REPLY: usize = 2 << 20;
const RAW_PART: usize = 4 << 20;

/// A query whose reply is known from an earlier part of the rescue, or is on its way.
enum Asked<'a> {
    Recalled(Vec<u8>),
    /// The start time is set only if no other query of the same call was running: then the reply is awaited from the
    /// start.
    Now(&'a Query, Box<ShellStream>, Slot, Option<Instant>),
}
/// A shell comment that marks the logged request of an incomplete reply, so that no later part of the rescue takes the
/// reply for a complete one.
pub const NOT_WHOLE: &str = " # refused, or broken off";

/// How often a query is repeated after its reply broke off.
pub const RETRIES: usize = 2;

/// Raw replies that wait for the vault. Clones share one store.
#[derive(Debug, Clone, Default)]
pub struct Kept(Arc<Mutex<Vec<RawReply>>>);

impl Kept {
    pub fn push(&self, raw: RawReply) {
        self.with(|kept| kept.push(raw));
    }

    /// Hands over all replies and empties the store.
    pub fn take(&self) -> Vec<RawReply> {
        self.with(std::mem::take)
    }

    /// Moves all replies of another store into this one.
    pub fn take_from(&self, other: &Self) {
        let mut more = other.take();
        self.with(|kept| kept.append(&mut more));
    }

    /// True if the store holds a complete reply to this request.
    pub fn has(&self, request: &str) -> bool {
        self.with(|kept| kept.iter().any(|raw| raw.request == request))
    }

    fn with<T>(&self, act: impl FnOnce(&mut Vec<RawReply>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Sends queries to one handset, for one of its users.
pub struct QueryRunner {
    pub adb: Arc<Adb>,
    pub slots: Arc<Slots>,
    /// How many ids one query may name: a command must fit the handset's smallest message (4 KiB before Android 7) and
    /// a shell's longest argument (128 KiB).
    pub ids_a_query: usize,
    /// The user whose data is queried; `None`: the first user.
    pub user: Option<u32>,
    /// Every raw reply, until the next batch takes it.
    pub kept: Kept,
    /// Replies of earlier parts of the same rescue, by request.
    pub past: Arc<HashMap<String, Vec<u8>>>,
    /// This part of the rescue continues an earlier one.
    pub goes_on: bool,
    /// The replies of the earlier part are still valid, so their queries need not be repeated.
    pub recalls: bool,
    /// Tells when a large table may be streamed, in addition to the [`slots`](Self::slots).
    pub turn: Turn,
    /// The handset may stop working soon.
    pub in_haste: Arc<AtomicBool>,
    /// The columns of tables that lack some, as seen in a row.
    pub shown: Arc<Mutex<Vec<Shown>>>,
}

/// The columns that a provider has in a table. Tables with the same list of text columns are views of one table.
#[derive(Debug)]
pub struct Shown {
    texts: &'static [&'static str],
    columns: HashSet<&'static str>,
}

impl QueryRunner {
    /// Another runner for the same handset and user, for use at the same time.
    pub fn fork(&self) -> Self {
        Self {
            adb: Arc::clone(&self.adb),
            slots: Arc::clone(&self.slots),
            turn: self.turn.clone(),
            kept: self.kept.clone(),
            past: Arc::clone(&self.past),
            in_haste: Arc::clone(&self.in_haste),
            shown: Arc::clone(&self.shown),
            ..*self
        }
    }

    /// Another runner, whose raw replies are stored separately until the turn of their own collection.
    pub fn apart(&self) -> Self {
        Self {
            kept: Kept::default(),
            ..self.fork()
        }
    }

    /// A view adapted to the handset: before Android 7, errors and warnings are mixed into the output.
    pub fn sees(&self, view: View) -> View {
        match self.adb.tells_errors_apart() {
            true => view,
            false => view.closed(),
        }
    }

    /// True if slow reads that return little have to wait.
    pub fn is_in_haste(&self) -> bool {
        self.in_haste.load(Ordering::Relaxed)
    }

    /// The reply to this query from an earlier part of the rescue, unless it was a refusal.
    pub fn past_reply(&self, query: &Query) -> Option<Vec<u8>> {
        if self.past.is_empty() {
            return None;
        }
        let mut text = self.past.get(&self.request(query))?.clone();
        let errors = cut_mixed_errors(&mut text);
        refusal(&text, &errors).is_none().then_some(text)
    }

    /// Returns the reply to the inventory query `list` from an earlier part. In a resumed rescue, also sends `list`
    /// before any other query: if the reply is unchanged, all replies of the earlier part are still valid.
    pub fn look_back(&mut self, list: &Query) -> Result<Option<Vec<u8>>, HandsetError> {
        self.recalls = false;
        let before = self.past_reply(list);
        if self.goes_on {
            let now = self.ask_all(std::slice::from_ref(list))?;
            let now = now.first().filter(|now| now.refusal.is_none());
            self.recalls = before.is_some() && now.map(|now| &now.text) == before.as_ref();
        }
        Ok(before)
    }

    /// A query as the handset receives it.
    pub fn request(&self, query: &Query) -> String {
        line(&ShellCommand::ContentQuery(Query {
            user: self.user,
            ..query.clone()
        }))
    }

    /// Starts a query. Its reply is buffered while other replies are read.
    pub fn open(&self, query: &Query) -> Result<ShellStream, HandsetError> {
        let query = Query {
            user: self.user,
            ..query.clone()
        };
        Ok(self.adb.shell(&ShellCommand::ContentQuery(query))?)
    }

    /// Sends several queries, as many at once as there are free slots, and returns their replies in the same order.
    pub fn ask_all(&mut self, queries: &[Query]) -> Result<Vec<Reply>, HandsetError> {
        let mut replies = Vec::with_capacity(queries.len());
        let mut waiting = queries.iter().peekable();
        let mut asked = std::collections::VecDeque::new();
        let mut running = 0;
        loop {
            while let Some(query) = waiting.peek() {
                let recalled = self.recalls.then(|| self.past_reply(query)).flatten();
                asked.push_back(match recalled {
                    Some(text) => Asked::Recalled(text),
                    // Waiting for a slot while holding one could deadlock.
                    None => match self.slots.take(running == 0) {
                        Some(slot) => {
                            let alone = running == 0;
                            running += 1;
                            let began = alone.then(Instant::now);
                            Asked::Now(query, Box::new(self.open(query)?), slot, began)
                        }
                        None => break,
                    },
                });
                waiting.next();
            }
            match asked.pop_front() {
                None => return Ok(replies),
                Some(Asked::Recalled(text)) => replies.push(Reply {
                    text,
                    refusal: None,
                }),
                Some(Asked::Now(query, stream, mut slot, began)) => {
                    replies.push(self.collect(query, *stream, |first| {
                        slot.started(began.map_or(Duration::ZERO, |began| first - began));
                    })?);
                    running -= 1;
                    drop(slot);
                }
            }
        }
    }

    /// Asks one query.
    pub fn ask(&mut self, query: &Query) -> Result<Reply, HandsetError> {
        let mut replies = self.ask_all(std::slice::from_ref(query))?;
        Ok(replies.pop().unwrap_or_default())
    }

    /// Sends a query even if a reply from an earlier part of the rescue is known.
    pub fn ask_anew(&mut self, query: &Query) -> Result<Reply, HandsetError> {
        self.anew(|runner| runner.ask(query))
    }

    /// Runs `ask` without replies from earlier parts of the rescue.
    pub fn anew<T>(&mut self, ask: impl FnOnce(&mut Self) -> T) -> T {
        let recalls = std::mem::replace(&mut self.recalls, false);
        let done = ask(self);
        self.recalls = recalls;
        done
    }

    /// Returns the reply to `query`, and repeats the query if the handset broke the reply off.
    pub fn again(&mut self, query: &Query, mut reply: Reply) -> Result<Reply, HandsetError> {
        for _ in 0..RETRIES {
            if !matches!(reply.refusal, Some(Refusal::Other(_))) {
                break;
            }
            reply = self.ask_anew(query)?;
        }
        Ok(reply)
    }

    /// Reads a reply to its end and stores it. Calls `starts` with the time of the first chunk.
    fn collect(
        &mut self,
        query: &Query,
        mut stream: ShellStream,
        starts: impl FnOnce(Instant),
    ) -> Result<Reply, HandsetError> {
        let (mut text, mut errors, mut exit) = (Vec::new(), Vec::new(), 0);
        let mut starts = Some(starts);
        while let Some(chunk) = stream.read()? {
            if let Some(starts) = starts.take() {
                starts(Instant::now());
            }
            match chunk {
                Chunk::Stdout(bytes) => text.extend(bytes),
                Chunk::Stderr(bytes) => errors.extend(bytes),
                Chunk::Exit(code) => exit = code,
            }
            if text.len() + errors.len() > MAX_REPLY {
                return Err(HandsetError::endless_reply());
            }
        }
        if stream.mode() != ShellMode::V2 {
            errors.extend(cut_mixed_errors(&mut text));
        }
        let refusal = refusal(&text, &errors).or_else(|| cut_short(text.last(), exit));
        let mut request = self.request(query);
        if refusal.is_some() {
            request.push_str(NOT_WHOLE);
        }
        self.keep(request, &text, &errors);
        Ok(Reply { text, refusal })
    }

    /// Stores a reply, or a part of one, for the vault. A long reply is compressed, because it has to wait.
    pub fn keep(&mut self, request: String, text: &[u8], errors: &[u8]) {
        if text.len() <= LONG_REPLY || !errors.is_empty() {
            let bytes = [text, errors].concat();
            return self.kept.push(RawReply {
                request,
                bytes,
                ..RawReply::default()
            });
        }
        let packed = text.chunks(RAW_PART);
        let packed = packed.map(|part| (part.len(), packed_part(part))).collect();
        self.kept.push(RawReply {
            request,
            packed,
            ..RawReply::default()
        });
    }

    /// Waits for a slot for one more query.
    pub fn slot(&self) -> Option<impl Sized + use<>> {
        self.slots.take(true)
    }

    /// Runs another command and returns its output and errors as text.
    pub fn run(&mut self, command: &ShellCommand) -> Result<String, HandsetError> {
        let output = self.adb.run(command, 8 << 20)?;
        self.kept.push(RawReply {
            request: line(command),
            bytes: [&output.stdout[..], &output.stderr].concat(),
            ..RawReply::default()
        });
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(text + &String::from_utf8_lossy(&output.stderr))
    }

    /// Queries `view`, and leaves out columns that the provider reports as unknown until it reports none. Returns the
    /// replies to the queries that `queries` builds for the final view.
    pub fn ask_known(
        &mut self,
        view: View,
        queries: impl Fn(&View) -> Vec<Query>,
    ) -> Result<(View, Vec<Reply>), HandsetError> {
        let replies = self.ask_all(&queries(&view))?;
        self.ask_known_after(view, queries, replies)
    }

    /// Like [`Self::ask_known`], when `replies` to the queries for `view` have already arrived. Repeats only refused
    /// queries.
    pub fn ask_known_after(
        &mut self,
        mut view: View,
        queries: impl Fn(&View) -> Vec<Query>,
        mut replies: Vec<Reply>,
    ) -> Result<(View, Vec<Reply>), HandsetError> {
        let mut lacking = 0;
        loop {
            let Some(column) = replies.iter().find_map(Reply::unknown_column) else {
                return Ok((view, replies));
            };
            lacking += 1;
            let smaller = match lacking {
                1 => self.narrowed(&view, column)?,
                2 => view.without(column).map(|view| view.without_optional()),
                _ => view.without(column),
            };
            let Some(smaller) = smaller else {
                return Ok((view, replies));
            };
            let mut answered: Vec<_> = queries(&view).into_iter().zip(replies).collect();
            answered.retain(|(_, reply)| reply.refusal.is_none());
            view = smaller;
            let wanted = queries(&view);
            let is_open = |query: &&Query| answered.iter().all(|(asked, _)| asked != *query);
            let open: Vec<Query> = wanted.iter().filter(is_open).cloned().collect();
            let mut fresh = self.ask_all(&open)?.into_iter();
            let mut reply_to =
                |query: &Query| match answered.iter().position(|(asked, _)| asked == query) {
                    Some(at) => answered.swap_remove(at).1,
                    None => fresh.next().unwrap_or_default(),
                };
            replies = wanted.iter().map(&mut reply_to).collect();
        }
    }

    /// Returns the view without the unknown column `column`. The provider names only one unknown column at a time, so
    /// the columns that its first row does not show are left out too. Returns `None` if the view needs `column`.
    pub fn narrowed(&mut self, view: &View, column: &str) -> Result<Option<View>, HandsetError> {
        let Some(smaller) = view.without(column) else {
            return Ok(None);
        };
        let store = Arc::clone(&self.shown);
        // The lock is held meanwhile, so that a query for another view of the same table waits for this result.
        let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
        let texts = view.table.texts;
        let known = |shown: &&Shown| shown.texts == texts && !shown.columns.contains(column);
        if let Some(shown) = store.iter().find(known) {
            return Ok(Some(smaller.narrowed_to(&shown.columns)));
        }
        let row = self.first_row(view)?;
        // A text may look like a column. Then the query names a column too many, and the provider refuses it.
        let is_shown = |name: &&'static str| {
            let mark = format!(" {name}=");
            memchr::memmem::find(&row, mark.as_bytes()).is_some()
        };
        if !is_shown(&view.table.id) {
            return Ok(Some(smaller));
        }
        let columns = view.layout.names().iter().copied().filter(is_shown);
        let shown = Shown {
            texts,
            columns: columns.collect(),
        };
        let narrowed = smaller.narrowed_to(&shown.columns);
        store.push(shown);
        Ok(Some(narrowed))
    }

    /// Returns the first row of a table with all its columns, or nothing if the query was refused. Does not wait for
    /// the rest of the reply.
    fn first_row(&mut self, view: &View) -> Result<Vec<u8>, HandsetError> {
        let query = Query {
            uri: view.table.uri,
            user: None,
            projection: Vec::new(),
            filter: None,
            sort: Some(view.table.id.into()),
        };
        let _slot = self.slots.take(true);
        let mut stream = self.open(&query)?;
        let mut row = Vec::new();
        while let Some(chunk) = stream.read()? {
            match chunk {
                Chunk::Stdout(bytes) => row.extend(bytes),
                Chunk::Stderr(_) | Chunk::Exit(_) => {}
            }
            if row.len() > SHOWN_ROW || memchr::memmem::find(&row, SECOND_ROW).is_some() {
                break;
            }
        }
        self.keep(format!("{}{NOT_WHOLE}", self.request(&query)), &row, &[]);
        Ok(row)
    }
}

/// The result of a thread that sent queries.
pub fn joined<T>(
    job: std::thread::ScopedJoinHandle<'_, Result<T, HandsetError>>,
) -> Result<T, HandsetError> {
    job.join().unwrap_or_else(|_| Err(broke_off()))
}

/// The error for a thread that ended without a result.
pub fn broke_off() -> HandsetError {
    HandsetError::Protocol {
        what: "a part of Lifeboat that asks the handset broke off".into(),
        advice: "Run the same rescue with --resume. Please report this, with the file that lifeboat report-problem makes of the \
                 folder."
            .into(),
    }
}

/// A command as the handset receives it, for the log.
pub fn line(command: &ShellCommand) -> String {
    command.render().unwrap_or_else(|_| format!("{command:?}"))
}

/// A reply that is compressed as it arrives.
#[derive(Debug)]
pub struct RawParts {
    whole: Vec<(usize, Vec<u8>)>,
    open: GzEncoder<Vec<u8>>,
    /// The size of the data in the open part, in bytes, before compression.
    length: usize,
}

impl Default for RawParts {
    fn default() -> Self {
        Self {
            whole: Vec::new(),
            open: new_part(),
            length: 0,
        }
    }
}

impl RawParts {
    pub fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.length == RAW_PART {
                self.close();
            }
            let room = RAW_PART - self.length;
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            // Writing to memory does not fail.
            let _ = self.open.write_all(now);
            self.length += now.len();
            bytes = later;
        }
    }

    pub fn into_reply(mut self, request: String) -> RawReply {
        self.close();
        RawReply {
            request,
            packed: self.whole,
            ..RawReply::default()
        }
    }

    fn close(&mut self) {
        let part = std::mem::replace(&mut self.open, new_part());
        let length = std::mem::take(&mut self.length);
        self.whole.push((length, part.finish().unwrap_or_default()));
    }
}

fn new_part() -> GzEncoder<Vec<u8>> {
    GzEncoder::new(Vec::new(), Compression::fast())
}

/// Compresses a part of a reply with gzip (RFC 1952).
fn packed_part(part: &[u8]) -> Vec<u8> {
    let mut gzip = new_part();
    // Writing to memory does not fail.
    let _ = gzip.write_all(part);
    gzip.finish().unwrap_or_default()
}
