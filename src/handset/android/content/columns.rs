//! Columns that a provider lacks: found out at little cost, and left out of the queries.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError};

use super::query::{QueryRunner, Reply};
use super::raw::NOT_WHOLE;
use super::view::View;
use crate::handset::HandsetError;
use crate::protocol::adb::{Chunk, ContentUri, Query};

/// The size of the part of a reply that is searched for its first row, in bytes, in a query without a projection.
const SHOWN_ROW: usize = 256 << 10;
/// The start of the second row of a reply.
const SECOND_ROW: &[u8] = b"\nRow: 1 ";

/// The columns that a provider has in a table. Tables with the same list of text columns are views of one table.
#[derive(Debug)]
pub struct KnownColumns {
    uri: ContentUri,
    texts: &'static [&'static str],
    columns: HashSet<&'static str>,
}

impl QueryRunner {
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
        // Lists of numbers are not views of one table, though none of them has texts.
        let uri = view.table.uri;
        let known = |shown: &&KnownColumns| {
            let is_same = shown.texts == texts && (shown.uri == uri || !texts.is_empty());
            is_same && !shown.columns.contains(column)
        };
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
        let shown = KnownColumns {
            uri,
            texts,
            columns: columns.collect(),
        };
        let narrowed = smaller.narrowed_to(&shown.columns);
        store.push(shown);
        Ok(Some(narrowed))
    }

    /// Returns the view with only the columns that the provider's first row shows; `None`: the provider shows no row.
    ///
    /// For a provider that answers a query that it refuses with nothing, as if there were no rows (AOSP `MmsProvider`
    /// returns no cursor after an `SQLiteException`).
    pub fn fitted(&mut self, view: &View) -> Result<Option<View>, HandsetError> {
        let row = self.first_row(view)?;
        let is_shown = |name: &&'static str| {
            let mark = format!(" {name}=");
            memchr::memmem::find(&row, mark.as_bytes()).is_some()
        };
        if !is_shown(&view.table.id) {
            return Ok(None);
        }
        let columns = view.layout.names().iter().copied().filter(is_shown);
        let columns = columns.collect();
        Ok(Some(view.clone().narrowed_to(&columns)))
    }

    /// Returns the first row of a table with all its columns, or nothing if the query was refused. Does not wait for
    /// the rest of the reply.
    fn first_row(&mut self, view: &View) -> Result<Vec<u8>, HandsetError> {
        let query = Query {
            uri: view.uri(),
            user: None,
            projection: Vec::new(),
            filter: None,
            sort: Some(view.table.id.into()),
        };
        let _slot = self.turn.query_slot(true);
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
        self.kept
            .keep(format!("{}{NOT_WHOLE}", self.request(&query)), &row, &[]);
        Ok(row)
    }
}
