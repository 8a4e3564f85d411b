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
use super::second_look;
use super::view::View;
use crate::format::content_rows::{End, Layout, Row, RowReader};
use crate::handset::HandsetError;
use crate::protocol::adb::Query;

/// The content of a cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Cell {
    #[default]
    Null,
    /// Bytes, which `content` doesn't print.
    Blob,
    Text(String),
}

/// Rows of more characters than this are read column by column once a row did not fit a cursor window. The window holds
/// 2 MiB, and a character takes four bytes at most.
const LARGE: usize = 400_000;

/// The message for a text that does not fit a cursor window.
pub const TOO_LARGE: &str = "a text is longer than the 2 MB that Android hands out at once";

/// A row in which every column is certain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExactRow {
    pub numbers: Vec<Option<i64>>,
    pub texts: Vec<Cell>,
}

impl ExactRow {
    /// The row with all columns of `view`: columns that were not in the query are added at the end as NULL.
    pub fn widened(mut self, view: &View) -> Self {
        self.texts.resize(view.texts().len(), Cell::Null);
        self
    }

    /// Converts a printed row; doubtful cells become NULL.
    pub fn of(row: &Row<'_>, layout: &Layout) -> Self {
        let columns = layout.names().len();
        let cell = |c: usize| match row.cell(c) {
            _ if row.doubtful.contains(&c) => Cell::Null,
            b"NULL" => Cell::Null,
            b"BLOB" => Cell::Blob,
            text => Cell::Text(String::from_utf8_lossy(text).into_owned()),
        };
        Self {
            numbers: (0..layout.numbers()).map(|c| row.number(c)).collect(),
            texts: (layout.numbers()..columns).map(cell).collect(),
        }
    }

    pub fn number(&self, view: &View, name: &str) -> Option<i64> {
        self.numbers
            .get(view.numbers().iter().position(|n| *n == name)?)
            .copied()
            .flatten()
    }

    pub fn text(&self, view: &View, name: &str) -> Option<&str> {
        self.texts
            .get(view.texts().iter().position(|n| *n == name)?)
            .and_then(Cell::text)
    }
}

impl Cell {
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

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

/// SQL that matches the rows whose printed text is ambiguous, and the rows that are read column by column for another
/// reason.
pub fn suspicious(view: &View) -> Option<String> {
    let doubt =
        |c: &&str| format!("{c} IN ('NULL','BLOB') OR {c} LIKE '%Row: %' OR {c} LIKE '%, %=%'");
    let light = view.light();
    let mut doubts: Vec<_> = light.texts().iter().map(doubt).collect();
    let bytes = view.table.bytes;
    let bytes = bytes.filter(|(column, _)| view.texts().contains(column));
    doubts.extend(bytes.map(|(_, sql)| format!("({sql})")));
    doubts.extend(large(view).filter(|_| view.sets_large_apart()));
    (!doubts.is_empty()).then(|| doubts.join(" OR "))
}

/// SQL that matches the rows that may not fit a cursor window.
pub fn large(view: &View) -> Option<String> {
    let length = |c: &&str| format!("coalesce(length({c}),0)");
    let lengths: Vec<_> = view.light().texts().iter().map(length).collect();
    (!lengths.is_empty()).then(|| format!("{}>{LARGE}", lengths.join("+")))
}

/// SQL that matches all other rows. A comparison with NULL is neither true nor false, hence `coalesce`.
pub fn certain(view: &View) -> Option<String> {
    suspicious(view).map(|s| format!("coalesce({s},0)=0"))
}

/// Combines two optional conditions with AND.
pub fn both(one: Option<String>, other: Option<&str>) -> Option<String> {
    match (one, other) {
        (Some(one), Some(other)) => Some(format!("({one}) AND ({other})")),
        (one, other) => one.or(other.map(str::to_owned)),
    }
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
            let is_first = suspicious(&view).is_none() && reply.refusal.is_none();
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
    let all = view.query(view.layout.names(), certain(view));
    let ids = Query {
        sort: Some(view.table.backwards.into()),
        ..view.query(&[view.table.id], None)
    };
    let doubts = probe(view).filter(|_| is_in_doubt);
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
                match (doubtful.is_empty(), row.number(view, view.table.id)) {
                    (true, _) => read.rows.push(row),
                    (false, Some(id)) => read.uncertain.push(id),
                    (false, None) => {
                        read.refusal = Some(Refusal::Other("a row without a number".into()))
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
    let mut found: HashSet<_> = rows.map(|row| row.number(view, view.table.id)).collect();
    found.extend(read.uncertain.iter().map(|id| Some(*id)));
    ids.retain(|id| !found.contains(id));
    let mut suspects = Vec::new();
    if let (None, false, Some(probe)) = (&read.refusal, ids.is_empty(), probe(view)) {
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
    let found: HashSet<_> = rows.map(|row| row.number(view, view.table.id)).collect();
    let lacking = ids.iter().filter(|id| !found.contains(*id)).count();
    if read.refusal.is_none() && lacking > 0 {
        read.refusal = Some(Refusal::Other(format!(
            "the reply was cut short, {lacking} rows at least did not come"
        )));
    }
    Ok((read, suspects))
}

/// The query for the numbers of the uncertain rows; `None` if there can be none.
pub fn probe(view: &View) -> Option<Query> {
    suspicious(view).map(|filter| view.query(view.numbers(), Some(filter)))
}

fn note_bad_end(read: &mut WholeTable, end: End) {
    if let (End::Other(text), None) = (end, &read.refusal) {
        read.refusal = Some(Refusal::sorted(&text));
    }
}

/// Calls `each` with every row of a reply.
fn each_row(layout: &Arc<Layout>, text: &[u8], mut each: impl FnMut(&Row<'_>)) -> End {
    let mut reader = RowReader::new(layout);
    for piece in text.chunks(1 << 16) {
        reader.push(piece);
        while let Ok(Some(row)) = reader.next_row() {
            each(&row);
        }
    }
    reader.end();
    while let Ok(Some(row)) = reader.next_row() {
        each(&row);
    }
    reader.ending()
}

/// Returns all rows of a reply, each with its doubtful columns.
pub fn parse(layout: &Arc<Layout>, text: &[u8]) -> (Vec<(ExactRow, Vec<usize>)>, End) {
    let mut rows = Vec::new();
    let end = each_row(layout, text, |row| {
        rows.push((ExactRow::of(row, layout), row.doubtful.to_vec()))
    });
    (rows, end)
}

/// Reads a text that holds only numbers, and calls `each` with the numbers of every row in the order of `columns`.
pub fn each_numbers(
    columns: &[&'static str],
    text: &[u8],
    mut each: impl FnMut(&[Option<i64>]),
) -> End {
    let mut numbers = vec![None; columns.len()];
    each_row(&Arc::new(Layout::new(columns, &[])), text, |row| {
        for (column, number) in numbers.iter_mut().enumerate() {
            *number = row.number(column);
        }
        each(&numbers);
    })
}

/// Reads a long reply that holds only numbers, without keeping the rows. Calls `each` with the numbers of every row in
/// the order of `columns`. Returns the error of the reply, if there is one.
pub fn each_number_row(
    columns: &[&'static str],
    reply: &Reply,
    each: impl FnMut(&[Option<i64>]),
) -> Option<Refusal> {
    let end = each_numbers(columns, &reply.text, each);
    match (&reply.refusal, end) {
        (Some(refusal), _) => Some(refusal.clone()),
        (None, End::Other(text)) => Some(Refusal::sorted(&text)),
        (None, _) => None,
    }
}

/// The rows of a reply that holds only numbers.
pub fn numbers_of(view: &View, text: &[u8]) -> Vec<ExactRow> {
    parse(&Arc::new(Layout::new(view.numbers(), &[])), text)
        .0
        .into_iter()
        .map(|(row, _)| row)
        .collect()
}

/// The certain rows of a reply.
pub fn rows_of(view: &View, text: &[u8]) -> Vec<ExactRow> {
    let rows = parse(&view.layout, text).0.into_iter();
    rows.filter(|(_, doubtful)| doubtful.is_empty())
        .map(|(row, _)| row)
        .collect()
}
