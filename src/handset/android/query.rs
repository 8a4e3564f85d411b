//! Asking the `content` command.

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
use crate::handset::{HandsetError, RawReply};
use crate::protocol::adb::{Adb, Chunk, Query, ShellCommand, ShellMode, ShellStream};

/// The longest reply that is held whole, in bytes: longer ones are read as streams.
const MAX_REPLY: usize = 64 << 20;

/// A table as one handset's provider knows it: without the columns that it doesn't have.
#[derive(Debug, Clone)]
pub struct View {
    pub table: &'static Table,
    pub layout: Arc<Layout>,
    /// Columns to be asked for as text, since this Android prints numbers of 64 bits short.
    cast: &'static [&'static str],
    /// Rows that fit no cursor window may be among these: large ones are read column by column.
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

    /// The same, whose large rows are to be read column by column.
    pub fn with_large_apart(self) -> Self {
        Self {
            sets_large_apart: true,
            ..self
        }
    }

    pub fn sets_large_apart(&self) -> bool {
        self.sets_large_apart
    }

    /// The same without the column of bytes that no query gives.
    pub fn light(&self) -> Self {
        let without = |(column, _)| self.without(column);
        self.table
            .bytes
            .and_then(without)
            .unwrap_or_else(|| self.clone())
    }

    /// The same, whose rows are known to end where they do: for a handset that prints errors among them.
    pub fn closed(self) -> Self {
        // Where there are numbers alone, the last one ends the row.
        if self.texts().is_empty() {
            return self;
        }
        let layout = Arc::new(Layout::closed(self.numbers(), self.texts()));
        Self { layout, ..self }
    }

    /// The same, with `columns` asked for as text.
    pub fn with_cast(self, columns: &'static [&'static str]) -> Self {
        Self {
            cast: columns,
            ..self
        }
    }

    /// The same without a column that the provider doesn't know; `None` if it can't do without.
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

    /// The same with those of its columns that are in `shown`, and those that it can't do without.
    fn narrowed_to(self, shown: &HashSet<&'static str>) -> Self {
        let names = self.layout.names().to_vec();
        let lacking = names.iter().filter(|name| !shown.contains(*name));
        lacking.fold(self, |view, name| view.without(name).unwrap_or(view))
    }

    /// The same without any column that not every provider has.
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

    /// A number of a row that holds this view's numbers alone.
    pub fn number(&self, row: &[Option<i64>], name: &str) -> Option<i64> {
        row.get(self.numbers().iter().position(|n| *n == name)?)
            .copied()
            .flatten()
    }

    /// `columns` as the query asks for them.
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

    /// The same table with these columns of numbers alone.
    pub fn only(&self, columns: &[&'static str]) -> Self {
        Self {
            layout: Arc::new(Layout::new(columns, &[])),
            ..self.clone()
        }
    }

    /// A query for `columns` of the rows that `filter` lets through.
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

/// A reply that was read to its end.
#[derive(Debug, Default)]
pub struct Reply {
    pub text: Vec<u8>,
    /// What went wrong, if anything did; rows before it may stand in `text`.
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

/// A row without a projection is looked for in so much of a reply, in bytes.
const SHOWN_ROW: usize = 256 << 10;
/// What stands before the second row of a reply.
const SECOND_ROW: &[u8] = b"\nRow: 1 ";

/// Replies longer than this wait packed for the vault, in parts of this length.
const LONG_REPLY: usize = 2 << 20;
const RAW_PART: usize = 4 << 20;

/// A query whose reply is known from before, or is on its way.
enum Asked<'a> {
    Recalled(Vec<u8>),
    /// With the time of its start, if it is the first of those that run: its reply is waited for from then on.
    Now(&'a Query, Box<ShellStream>, Slot, Option<Instant>),
}
/// A remark after a request, in the shell's own way: no later part of the rescue takes the reply for the whole one.
pub const NOT_WHOLE: &str = " # refused, or broken off";

/// How often a reply that broke off is asked for again.
pub const RETRIES: usize = 2;

/// Replies that came whole, until the vault has them. Clones are the same store.
#[derive(Debug, Clone, Default)]
pub struct Kept(Arc<Mutex<Vec<RawReply>>>);

impl Kept {
    pub fn push(&self, raw: RawReply) {
        self.with(|kept| kept.push(raw));
    }

    /// Hands all of them over.
    pub fn take(&self) -> Vec<RawReply> {
        self.with(std::mem::take)
    }

    /// Takes over what another store has.
    pub fn take_from(&self, other: &Self) {
        let mut more = other.take();
        self.with(|kept| kept.append(&mut more));
    }

    /// True if a whole reply to this request is here.
    pub fn has(&self, request: &str) -> bool {
        self.with(|kept| kept.iter().any(|raw| raw.request == request))
    }

    fn with<T>(&self, act: impl FnOnce(&mut Vec<RawReply>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Asks one handset, for one of its users.
pub struct Asker {
    pub adb: Arc<Adb>,
    pub slots: Arc<Slots>,
    /// How many ids one query may name: a command must fit the handset's smallest message (4 KiB before
    /// Android 7) and a shell's longest argument (128 KiB).
    pub ids_a_query: usize,
    /// The user whose data is asked for; `None`: the first one.
    pub user: Option<u32>,
    /// Every reply, as it came, until the next batch takes it along.
    pub kept: Kept,
    /// What was replied in an earlier part of the same rescue.
    pub past: Arc<HashMap<String, Vec<u8>>>,
    /// There was an earlier part.
    pub goes_on: bool,
    /// What was replied in it still holds: it need not be asked again.
    pub recalls: bool,
    /// The place of the one large table that is streamed: it runs beside the [`slots`](Self::slots).
    pub streams: Arc<Slots>,
    /// When a stream may take that place.
    pub turn: Turn,
    /// The handset may die soon.
    pub in_haste: Arc<AtomicBool>,
    /// The columns of tables that lack some, as a row has shown them.
    pub shown: Arc<Mutex<Vec<Shown>>>,
}

/// The columns that a provider has of a table. Tables with one list of columns are views of one table.
#[derive(Debug)]
pub struct Shown {
    texts: &'static [&'static str],
    columns: HashSet<&'static str>,
}

impl Asker {
    /// Another one for the same handset and user, to ask at the same time.
    pub fn fork(&self) -> Self {
        Self {
            adb: Arc::clone(&self.adb),
            slots: Arc::clone(&self.slots),
            streams: Arc::clone(&self.streams),
            turn: self.turn.clone(),
            kept: self.kept.clone(),
            past: Arc::clone(&self.past),
            in_haste: Arc::clone(&self.in_haste),
            shown: Arc::clone(&self.shown),
            ..*self
        }
    }

    /// Another one, whose replies are kept apart until their own collection's turn comes.
    pub fn apart(&self) -> Self {
        Self {
            kept: Kept::default(),
            ..self.fork()
        }
    }

    /// A view as its rows are to be asked for: before Android 7 errors and warnings come among the output.
    pub fn sees(&self, view: View) -> View {
        match self.adb.tells_errors_apart() {
            true => view,
            false => view.closed(),
        }
    }

    /// True where what takes long for few things has to wait.
    pub fn is_in_haste(&self) -> bool {
        self.in_haste.load(Ordering::Relaxed)
    }

    /// What was replied to this query in an earlier part of the rescue, unless it was a refusal.
    pub fn past_reply(&self, query: &Query) -> Option<Vec<u8>> {
        if self.past.is_empty() {
            return None;
        }
        let mut text = self.past.get(&self.request(query))?.clone();
        let errors = cut_mixed_errors(&mut text);
        refusal(&text, &errors).is_none().then_some(text)
    }

    /// In a rescue that goes on, asks for a list before anything else, and gives an earlier part's reply to it. If nothing
    /// has changed, all that was replied then holds still.
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

    /// A query as it is sent.
    pub fn request(&self, query: &Query) -> String {
        line(&ShellCommand::ContentQuery(Query {
            user: self.user,
            ..query.clone()
        }))
    }

    /// Starts a query. Its reply is buffered while others are read.
    pub fn open(&self, query: &Query) -> Result<ShellStream, HandsetError> {
        let query = Query {
            user: self.user,
            ..query.clone()
        };
        Ok(self.adb.shell(&ShellCommand::ContentQuery(query))?)
    }

    /// Asks several queries, as many at once as there are places, and gives their replies in the same order.
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
                    // Waiting for a place while holding one could wait for ever.
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

    /// Asks a query, whatever was replied to it in an earlier part of the rescue.
    pub fn ask_anew(&mut self, query: &Query) -> Result<Reply, HandsetError> {
        let mut replies = self.anew(|asker| asker.ask_all(std::slice::from_ref(query)))?;
        Ok(replies.pop().unwrap_or_default())
    }

    /// Asks without recalling anything.
    pub fn anew<T>(&mut self, ask: impl FnOnce(&mut Self) -> T) -> T {
        let recalls = std::mem::replace(&mut self.recalls, false);
        let done = ask(self);
        self.recalls = recalls;
        done
    }

    /// The reply to `query`, asked again where the handset broke it off.
    pub fn again(&mut self, query: &Query, mut reply: Reply) -> Result<Reply, HandsetError> {
        for _ in 0..RETRIES {
            if !matches!(reply.refusal, Some(Refusal::Other(_))) {
                break;
            }
            reply = self.ask_anew(query)?;
        }
        Ok(reply)
    }

    /// Reads a reply to its end and keeps it. `starts` is told when it began to come.
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

    /// Keeps a reply, or a stretch of one, for the vault: a long one packed, since it has to wait.
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

    /// A place for one query more, waited for.
    pub fn slot(&self) -> Option<impl Sized + use<>> {
        self.slots.take(true)
    }

    /// Runs another command and gives its output, errors included, as text.
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

    /// Asks `view`, leaving out columns that its provider does not know, until it answers otherwise.
    /// Gives the replies to the queries that `queries` makes of the final view.
    pub fn ask_known(
        &mut self,
        view: View,
        queries: impl Fn(&View) -> Vec<Query>,
    ) -> Result<(View, Vec<Reply>), HandsetError> {
        let replies = self.ask_all(&queries(&view))?;
        self.ask_known_after(view, queries, replies)
    }

    /// The same, where `replies` have come to what `queries` makes of `view`. What was not refused is not asked again.
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

    /// The view without `column`, which its provider does not know, and without all others that one of its rows does not
    /// show: a provider names one unknown column at a time. `None` if it can't do without `column`.
    pub fn narrowed(&mut self, view: &View, column: &str) -> Result<Option<View>, HandsetError> {
        let Some(smaller) = view.without(column) else {
            return Ok(None);
        };
        let store = Arc::clone(&self.shown);
        // Who asks for another view of the same table meanwhile waits for what is found here.
        let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
        let texts = view.table.texts;
        let known = |shown: &&Shown| shown.texts == texts && !shown.columns.contains(column);
        if let Some(shown) = store.iter().find(known) {
            return Ok(Some(smaller.narrowed_to(&shown.columns)));
        }
        let row = self.first_row(view)?;
        // A text may hold what looks like a column: then one too many is asked for, and refused.
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

    /// The first row of a table, with all columns that it has; empty if that was refused. The rest of the reply is
    /// not waited for.
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

/// The result of a thread that asked something.
pub fn joined<T>(
    job: std::thread::ScopedJoinHandle<'_, Result<T, HandsetError>>,
) -> Result<T, HandsetError> {
    job.join().unwrap_or_else(|_| Err(broke_off()))
}

/// A thread that asked something ended without an answer.
pub fn broke_off() -> HandsetError {
    HandsetError::Protocol {
        what: "a part of Lifeboat that asks the handset broke off".into(),
        advice: "Run the same rescue with --resume. Please report this, with the file that lifeboat report-problem makes of the \
                 folder."
            .into(),
    }
}

/// A command as it is sent, for the log.
pub fn line(command: &ShellCommand) -> String {
    command.render().unwrap_or_else(|_| format!("{command:?}"))
}

/// A reply that is packed while it comes.
#[derive(Debug)]
pub struct RawParts {
    whole: Vec<(usize, Vec<u8>)>,
    open: GzEncoder<Vec<u8>>,
    /// What the open part holds, in bytes.
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
            // Writing into memory does not fail.
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

/// A part of a reply, in gzip (RFC 1952).
fn packed_part(part: &[u8]) -> Vec<u8> {
    let mut gzip = new_part();
    // Writing into memory does not fail.
    let _ = gzip.write_all(part);
    gzip.finish().unwrap_or_default()
}
