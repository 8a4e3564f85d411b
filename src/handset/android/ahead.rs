//! Queries for collections whose turn comes later, sent while an earlier collection is read.

use std::collections::{BTreeMap, BTreeSet};
use std::thread::JoinHandle;

use super::content::turn::Turn;
use super::content::{Reply, query};
use super::session::{Session, Surveyed};
use crate::handset::HandsetError;
use crate::model::{Collection, Past};
use crate::protocol::adb::Query;

/// What was found ahead of a collection's turn.
pub enum Found {
    Survey(Box<Surveyed>),
    Replies(Vec<Reply>),
}

/// A collection that is queried ahead.
struct Job {
    /// `None`: no stream is opened.
    turn: Option<Turn>,
    thread: JoinHandle<Result<(Found, Session), HandsetError>>,
}

/// The collections that are queried ahead.
#[derive(Default)]
pub struct Ahead {
    jobs: BTreeMap<Collection, Job>,
    /// Collections that were begun by [`Ahead::survey`] or [`Ahead::ask_once`]: not again.
    begun: BTreeSet<Collection>,
}

impl Ahead {
    /// Starts a survey, unless one was started before. Its stream waits for its turn.
    pub fn survey(
        &mut self,
        what: Collection,
        session: &Session,
        survey: fn(&mut Session, &Past) -> Result<Surveyed, HandsetError>,
    ) {
        if !self.begun.insert(what) {
            return;
        }
        let mut session = session.fork();
        let turn = session.runner.turn.later();
        session.runner.turn = turn.clone();
        self.start(what, Some(turn), move || {
            let found = survey(&mut session, &Past::default())?;
            Ok((Found::Survey(Box::new(found)), session))
        });
    }

    /// Sends a query, unless one was sent before.
    pub fn ask_once(&mut self, what: Collection, session: &Session, query: Query) {
        if self.begun.insert(what) {
            self.ask(what, session, vec![query]);
        }
    }

    /// Sends queries about the first user, unless some are on their way.
    pub fn ask(&mut self, what: Collection, session: &Session, queries: Vec<Query>) {
        if self.jobs.contains_key(&what) || queries.is_empty() {
            return;
        }
        let mut session = session.fork();
        session.runner.user = None;
        session.runner.recalls = false;
        self.start(what, None, move || {
            let replies = session.runner.ask_all(&queries)?;
            Ok((Found::Replies(replies), session))
        });
    }

    fn start(
        &mut self,
        what: Collection,
        turn: Option<Turn>,
        work: impl FnOnce() -> Result<(Found, Session), HandsetError> + Send + 'static,
    ) {
        let thread = std::thread::spawn(work);
        self.jobs.insert(what, Job { turn, thread });
    }

    /// Lets the first of the surveys stream as soon as the slot is free.
    pub fn let_next_stream(&self) {
        if let Some(turn) = self.jobs.values().find_map(|job| job.turn.as_ref()) {
            turn.comes_next();
        }
    }

    /// Waits for what was found for a collection, and takes over the facts that were found about the handset.
    ///
    /// # Errors
    /// The error of the queries.
    pub fn take(
        &mut self,
        what: Collection,
        session: &mut Session,
    ) -> Result<Option<Found>, HandsetError> {
        let Some(Job { turn, thread }) = self.jobs.remove(&what) else {
            return Ok(None);
        };
        turn.iter().for_each(Turn::comes_now);
        let (found, other) = thread.join().unwrap_or_else(|_| Err(query::broke_off()))?;
        session.take_over(other);
        self.let_next_stream();
        Ok(Some(found))
    }
}

/// No thread outlives the handset. The link is closed by then.
impl Drop for Ahead {
    fn drop(&mut self) {
        for Job { turn, thread } in std::mem::take(&mut self.jobs).into_values() {
            turn.iter().for_each(Turn::comes_now);
            // What it found is no longer needed.
            let _ = thread.join();
        }
    }
}
