//! Queries through Android's `content` command.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use super::columns::KnownColumns;
use super::raw::{Kept, NOT_WHOLE};
use super::refusal::{Refusal, cut_mixed_errors, cut_short, refusal};
use super::slots;
use super::turn::Turn;
use super::view::View;
use crate::handset::HandsetError;
use crate::model::Replies;
use crate::phrase;
use crate::protocol::adb::{Adb, Chunk, Query, ShellCommand, ShellMode, ShellStream};

/// The longest reply that is held in memory as a whole, in bytes. A longer one is an error: large tables are read as
/// streams.
const MAX_REPLY: usize = 64 << 20;

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

/// How often a query is repeated after its reply broke off.
pub const RETRIES: usize = 2;

/// Sends queries to one handset, for one of its users.
pub struct QueryRunner {
    pub adb: Arc<Adb>,
    /// How many ids one query may name: a command must fit the handset's smallest message (4 KiB before Android 7) and
    /// a shell's longest argument (128 KiB).
    pub ids_a_query: usize,
    /// The user whose data is queried; `None`: the first user.
    pub user: Option<u32>,
    /// Every raw reply, until the next batch takes it.
    pub kept: Kept,
    /// Replies of earlier parts of the same rescue, by request.
    pub past: Arc<Replies>,
    /// This part of the rescue continues an earlier one.
    pub goes_on: bool,
    /// The replies of the earlier part are still valid, so their queries need not be repeated.
    pub recalls: bool,
    /// Tells when the next command may run.
    pub turn: Turn,
    /// The handset may stop working soon.
    pub in_haste: Arc<AtomicBool>,
    /// The columns of tables that lack some, as seen in a row.
    pub shown: Arc<Mutex<Vec<KnownColumns>>>,
}

impl QueryRunner {
    /// Another runner for the same handset and user, for use at the same time.
    pub fn fork(&self) -> Self {
        Self {
            adb: Arc::clone(&self.adb),
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
        match self.adb.separates_error_output() {
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
        if self.past.first.is_empty() {
            return None;
        }
        let mut text = self.past.first.get(&self.request(query))?.clone();
        let errors = cut_mixed_errors(&mut text);
        refusal(&text, &errors, 0).is_none().then_some(text)
    }

    /// Returns the reply to the inventory query `list` from an earlier part. In a resumed rescue, also sends `list`
    /// before any other query: if the reply is unchanged, all replies of the earlier part are still valid.
    pub fn look_back(&mut self, list: &Query) -> Result<Option<Vec<u8>>, HandsetError> {
        self.recalls = false;
        let before = self.past_reply(list);
        if self.goes_on {
            let now = self.ask_all(std::slice::from_ref(list))?;
            let now = now.first().filter(|now| now.refusal.is_none());
            // If a part in between saw another list, its replies belong to that list.
            let is_steady = !self.past.changed.contains(&self.request(list));
            let is_same = before.is_some() && now.map(|now| &now.text) == before.as_ref();
            self.recalls = is_steady && is_same;
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
        if let [query] = queries {
            return Ok(vec![self.ask_in_turn(query)?]);
        }
        let next = AtomicUsize::new(0);
        // Each thread takes a query as soon as a slot is free, independently of the other threads.
        let work = |mut runner: Self| {
            let mut found = Vec::new();
            while let Some((at, query)) = {
                let at = next.fetch_add(1, Ordering::Relaxed);
                queries.get(at).map(|query| (at, query))
            } {
                let reply = runner.ask_in_turn(query);
                if reply.is_err() {
                    next.store(queries.len(), Ordering::Relaxed);
                }
                found.push((at, reply?));
            }
            Ok(found)
        };
        let mut replies: Vec<(usize, Reply)> = std::thread::scope(|scope| {
            let threads = queries.len().min(slots::AT_ONCE + 1);
            let runners: Vec<_> = (0..threads).map(|_| self.fork()).collect();
            let spawn = |runner| scope.spawn(|| work(runner));
            let jobs: Vec<_> = runners.into_iter().map(spawn).collect();
            let found: Result<Vec<_>, _> = jobs.into_iter().map(joined).collect();
            found.map(|found| found.into_iter().flatten().collect())
        })?;
        replies.sort_unstable_by_key(|(at, _)| *at);
        Ok(replies.into_iter().map(|(_, reply)| reply).collect())
    }

    /// Asks one query, as soon as there is a slot.
    fn ask_in_turn(&mut self, query: &Query) -> Result<Reply, HandsetError> {
        if let Some(text) = self.recalls.then(|| self.past_reply(query)).flatten() {
            return Ok(Reply {
                text,
                refusal: None,
            });
        }
        let mut slot = self.turn.query_slot(true);
        let began = Instant::now();
        let stream = self.open(query)?;
        self.collect(query, stream, |first| {
            if let Some(slot) = &mut slot {
                slot.started(first - began);
            }
        })
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
        let refusal = refusal(&text, &errors, exit).or_else(|| cut_short(text.last(), exit));
        let mut request = self.request(query);
        if refusal.is_some() {
            request.push_str(NOT_WHOLE);
        }
        self.kept.keep(request, &text, &errors);
        Ok(Reply { text, refusal })
    }

    /// Waits for a slot for one more query.
    pub fn slot(&self) -> Option<impl Sized + use<>> {
        self.turn.query_slot(true)
    }

    /// Runs another command and returns its output and errors as text.
    pub fn run(&mut self, command: &ShellCommand) -> Result<String, HandsetError> {
        let output = self.adb.run(command, 8 << 20)?;
        let request = line(command);
        self.kept.keep(request, &output.stdout, &output.stderr);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(text + &String::from_utf8_lossy(&output.stderr))
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
        what: phrase("a part of Lifeboat failed while it read the phone").into(),
        advice: phrase(
            "Continue the rescue. Please report this problem, and attach the file that \
             lifeboat report-problem creates from the folder.",
        )
        .into(),
    }
}

/// A command as the handset receives it, for the log.
pub fn line(command: &ShellCommand) -> String {
    command.render().unwrap_or_else(|_| format!("{command:?}"))
}
