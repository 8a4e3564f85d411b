//! Reads a table without losing or inventing a character.
//!
//! `content query` prints NULL, BLOB and the texts "NULL" and "BLOB" alike, and a text may look like the next column or
//! the next row. The provider can tell which rows hold such texts, because its WHERE clause is free SQL. All other rows
//! are certain and are read in one query. For the few uncertain rows, each column in question is read alone. The number
//! of queries depends on the number of columns, not on the number of rows.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use super::few_rows::{self, Answer};
use super::query::{QueryRunner, Reply};
use super::refusal::Refusal;
use super::rows::{ExactRow, each_row, parse};
use super::view::View;
use super::{doubt, second_look};
use crate::format::content_rows::{End, Layout};
use crate::handset::HandsetError;
use crate::phrase;
use crate::protocol::adb::Query;

/// The message for a text that does not fit a cursor window.
pub const TOO_LARGE: &str =
    phrase("a text is longer than 2 MB, the most that Android sends at once");

/// The result of reading a table.
#[derive(Debug, Default)]
pub struct WholeTable {
    pub rows: Vec<ExactRow>,
    /// Ids of rows that stayed uncertain; the raw replies hold their text.
    pub uncertain: Vec<i64>,
    /// Ids of rows with a text that is too large even when read alone: that text is NULL.
    pub too_large: BTreeSet<i64>,
    /// Why the read is incomplete.
    pub refusal: Option<Refusal>,
}

/// The result of reading several tables.
#[derive(Debug, Default)]
pub struct Tables {
    pub reads: Vec<(View, WholeTable)>,
    /// The replies to the other queries of the same call.
    pub replies: Vec<Reply>,
}

/// Reads several tables completely. The queries in `also` start at the same time, and their replies are collected
/// first.
pub fn read_tables(
    runner: &mut QueryRunner,
    views: Vec<View>,
    also: &[Query],
) -> Result<Tables, HandsetError> {
    let in_one = |view: &View| few_rows::may_come_whole(&runner.adb, view);
    let alone: Vec<bool> = views.iter().map(in_one).collect();
    let first_question = |view: &View, alone: bool| match alone {
        true => vec![few_rows::query(view)],
        false => questions(view, false),
    };
    let views: Vec<View> = views.into_iter().map(|view| runner.sees(view)).collect();
    // The first queries of all tables start together. If a provider doesn't know a column, its queries are repeated.
    let first: Vec<Vec<Query>> = views
        .iter()
        .zip(&alone)
        .map(|(view, alone)| first_question(view, *alone))
        .collect();
    let mut replies = runner
        .ask_all(&[also.to_vec(), first.concat()].concat())?
        .into_iter();
    let mut done = Tables {
        replies: replies.by_ref().take(also.len()).collect(),
        ..Tables::default()
    };
    let (mut asked_again, mut open) = (Vec::new(), Vec::new());
    for ((view, asked), alone) in views.into_iter().zip(&first).zip(alone) {
        let answers = replies.by_ref().take(asked.len()).collect();
        let (view, mut answers) =
            runner.ask_known_after(view, |view| first_question(view, alone), answers)?;
        let mut shown = Answer::Unclear;
        if alone {
            let reply = answers.pop().unwrap_or_default();
            shown = few_rows::take(runner, &view, &reply)?;
            // If no row can be ambiguous, this query is the same as the first of `questions`.
            let is_first = doubt::suspicious(&view).is_none() && reply.refusal.is_none();
            answers.extend(is_first.then_some(reply));
        }
        let all = questions(&view, matches!(shown, Answer::InDoubt(None)));
        let before = open.len();
        match &shown {
            Answer::Rows(_) => {}
            Answer::InDoubt(_) | Answer::Unclear => {
                open.extend(all.into_iter().skip(answers.len()))
            }
        }
        asked_again.push((view, answers, shown, open.len() - before));
    }
    // The remaining queries start together too.
    let mut replies = runner.ask_all(&open)?.into_iter();
    let mut looks = Vec::new();
    for (view, mut answers, shown, open) in asked_again {
        answers.extend(replies.by_ref().take(open));
        let is_in_doubt = match shown {
            Answer::Rows(rows) => {
                let read = WholeTable {
                    rows,
                    ..WholeTable::default()
                };
                looks.push(Vec::new());
                done.reads.push((view, read));
                continue;
            }
            Answer::InDoubt(doubts) => {
                answers.extend(doubts);
                true
            }
            Answer::Unclear => false,
        };
        let (mut view, answers) =
            runner.ask_known_after(view, |view| questions(view, is_in_doubt), answers)?;
        let (mut read, mut suspects) = take_answers(runner, &view, answers)?;
        for _ in 0..ATTEMPTS {
            if !matches!(
                read.refusal,
                Some(Refusal::Other(_) | Refusal::NoProvider(_))
            ) {
                break;
            }
            let again = |view: &View| questions(view, false);
            let (_, answers) = runner.anew(|runner| runner.ask_known(view.clone(), again))?;
            (read, suspects) = take_answers(runner, &view, answers)?;
        }
        if matches!(read.refusal, Some(Refusal::TooLarge(_))) {
            view = view.with_large_apart();
            let (_, answers) = runner.ask_known(view.clone(), |view| questions(view, false))?;
            (read, suspects) = take_answers(runner, &view, answers)?;
        }
        looks.push(suspects);
        done.reads.push((view, read));
    }
    let runners: Vec<_> = looks.iter().map(|_| runner.fork()).collect();
    std::thread::scope(|scope| {
        let jobs: Vec<_> = done
            .reads
            .iter_mut()
            .zip(looks)
            .zip(runners)
            .map(|(((view, read), suspects), mut runner)| {
                scope.spawn(move || {
                    if !suspects.is_empty() {
                        second_look::read(&mut runner, view, &suspects, read)?;
                    }
                    Ok(())
                })
            })
            .collect();
        jobs.into_iter().try_for_each(super::query::joined)
    })?;
    for (_, read) in &mut done.reads {
        if !read.too_large.is_empty() && read.refusal.is_none() {
            read.refusal = Some(Refusal::TooLarge(TOO_LARGE.into()));
        }
    }
    Ok(done)
}

/// How often a table is read again after the handset failed.
const ATTEMPTS: usize = 2;

/// The queries about a table: its certain rows, and the ids of all rows in reverse order, because a provider that is
/// killed ends its reply without an error. Also the rows in doubt, if there are known to be some.
fn questions(view: &View, is_in_doubt: bool) -> Vec<Query> {
    let all = view.query(view.layout.names(), doubt::certain(view));
    let ids = Query {
        sort: Some(view.table.backwards.into()),
        ..view.query(&[view.table.id], None)
    };
    let doubts = doubt::probe(view).filter(|_| is_in_doubt);
    [all, ids].into_iter().chain(doubts).collect()
}

/// Evaluates the answers to the queries about one table. Returns its certain rows and the numbers of the other rows.
/// The numbers are queried only if rows are missing.
fn take_answers(
    runner: &mut QueryRunner,
    view: &View,
    answers: Vec<Reply>,
) -> Result<(WholeTable, Vec<ExactRow>), HandsetError> {
    let mut read = WholeTable::default();
    let (mut ids, mut doubts) = (Vec::new(), None);
    for (index, answer) in answers.into_iter().enumerate() {
        read.refusal = read.refusal.take().or_else(|| answer.refusal.clone());
        if index == 0 {
            let (rows, end) = parse(&view.layout, &answer.text);
            for (row, doubtful) in rows {
                match (doubtful.is_empty(), row.id(view)) {
                    (true, _) => read.rows.push(row),
                    (false, Some(id)) => read.uncertain.push(id),
                    (false, None) => {
                        read.refusal = Some(Refusal::Other(phrase("a row has no ID").into()))
                    }
                }
            }
            note_bad_end(&mut read, end);
        } else if index > 1 {
            doubts = Some(answer);
        } else {
            let layout = Arc::new(Layout::new(&[view.table.id], &[]));
            let end = each_row(&layout, &answer.text, |row| ids.push(row.number(0)));
            note_bad_end(&mut read, end);
        }
    }
    let rows = read.rows.iter();
    let mut found: HashSet<_> = rows.map(|row| row.id(view)).collect();
    found.extend(read.uncertain.iter().map(|id| Some(*id)));
    ids.retain(|id| !found.contains(id));
    let mut suspects = Vec::new();
    if let (None, false, Some(probe)) = (&read.refusal, ids.is_empty(), doubt::probe(view)) {
        let reply = match doubts {
            Some(reply) => reply,
            None => runner.ask(&probe)?,
        };
        read.refusal = reply.refusal;
        let (rows, end) = parse(&Arc::new(Layout::new(view.numbers(), &[])), &reply.text);
        suspects = rows.into_iter().map(|(row, _)| row).collect();
        note_bad_end(&mut read, end);
    }
    let rows = suspects.iter();
    let found: HashSet<_> = rows.map(|row| row.id(view)).collect();
    let lacking = ids.iter().filter(|id| !found.contains(*id)).count();
    if read.refusal.is_none() && lacking > 0 {
        read.refusal = Some(Refusal::Other(phrase!(
            "the reply was cut short: at least {lacking} rows are missing"
        )));
    }
    Ok((read, suspects))
}

fn note_bad_end(read: &mut WholeTable, end: End) {
    if let (End::Other(text), None) = (end, &read.refusal) {
        read.refusal = Some(Refusal::sorted(&text));
    }
}
