//! Small tables, which one reply can show completely.
//!
//! Android returns a cursor with its first window already filled (AOSP
//! `CursorToBulkCursorAdaptor.getBulkCursorDescriptor`). If a reply fits this window, no row can be missing, even if
//! the provider is killed afterwards.
//!
//! The order of the rows shows whether any row is in doubt. Certain rows come first with odd ids, then with even ids. A
//! row in doubt is sorted before all others if its id is even, and after all others if its id is odd. The id is printed
//! before the first text, so that no text can hide it. If all ids are odd, or all are even, the order shows nothing,
//! and another query asks for rows in doubt.

use super::doubt;
use super::query::{QueryRunner, Reply};
use super::rows::{self, ExactRow};
use super::view::View;
use crate::format::content_rows::End;
use crate::handset::HandsetError;
use crate::protocol::adb::{Adb, Query};

/// A size that fits any window, in bytes: windows start at this size (AOSP `CursorWindow::kInlineSize`, Android 11) and
/// grow to 2 MiB.
const WINDOW: usize = 16 << 10;

/// The size of a cell in a window without its text, in bytes (AOSP `CursorWindow::FieldSlot`).
const SLOT: usize = 16;

/// True if a table may be read in one query. The connection must report the exit code of a command that was killed.
pub fn may_come_whole(adb: &Adb, view: &View) -> bool {
    adb.separates_error_output() && (view.table.has_few_rows || view.texts().is_empty())
}

/// A query for all rows of a table, in the order that shows whether any row is in doubt.
pub fn query(view: &View) -> Query {
    let all = view.query(view.layout.names(), None);
    let Some(doubt) = doubt::suspicious(view) else {
        return all;
    };
    let id = view.table.id;
    let sort = format!("CASE WHEN {doubt} THEN 3*({id}%2) ELSE 2-({id}%2) END, {id}");
    Query {
        sort: Some(sort.into()),
        ..all
    }
}

/// The result of evaluating the reply to [`query`].
pub enum Answer {
    /// All rows; all are certain.
    Rows(Vec<ExactRow>),
    /// Some rows are in doubt; the reply lists them, if they were queried.
    InDoubt(Option<Reply>),
    /// Rows may be missing.
    Unclear,
}

/// Evaluates the reply to [`query`]. If the order of its rows shows nothing, queries the rows in doubt.
pub fn take(runner: &mut QueryRunner, view: &View, reply: &Reply) -> Result<Answer, HandsetError> {
    if reply.refusal.is_some() {
        return Ok(Answer::Unclear);
    }
    let (rows, end) = rows::parse(&view.layout, &reply.text);
    let texts = match view.texts() {
        [] => 0,
        _ => reply.text.len(),
    };
    let is_whole = rows.len() * view.layout.names().len() * SLOT + texts <= WINDOW;
    let is_clear = rows.iter().all(|(_, doubtful)| doubtful.is_empty());
    if !is_clear {
        return Ok(Answer::InDoubt(None));
    }
    if !is_whole || matches!(end, End::Other(_)) {
        return Ok(Answer::Unclear);
    }
    let rows: Vec<ExactRow> = rows.into_iter().map(|(row, _)| row).collect();
    if rows.is_empty() || view.texts().is_empty() || shows_no_doubt(view, &rows) {
        return Ok(Answer::Rows(rows));
    }
    let Some(probe) = doubt::probe(view) else {
        return Ok(Answer::Rows(rows));
    };
    let reply = runner.ask(&probe)?;
    Ok(
        match (&reply.refusal, rows::parse(&view.layout, &reply.text).1) {
            (None, End::NoResult) => Answer::Rows(rows),
            (None, End::Rows(_)) => Answer::InDoubt(Some(reply)),
            (Some(_), _) | (None, End::Other(_)) => Answer::Unclear,
        },
    )
}

/// True if the order of the rows shows that all rows are certain.
fn shows_no_doubt(view: &View, rows: &[ExactRow]) -> bool {
    let ids = rows.iter().map(|row| row.id(view));
    let Some(ids) = ids.collect::<Option<Vec<i64>>>() else {
        return false;
    };
    let place = |id: &i64| (id % 2 == 0, *id);
    let has = |is_even: bool| ids.iter().any(|id| (id % 2 == 0) == is_even);
    let is_usual = ids.iter().all(|id| *id >= 0);
    is_usual && has(true) && has(false) && ids.is_sorted_by(|one, next| place(one) < place(next))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handset::android::contacts::tables;

    fn shows(ids: &[i64]) -> bool {
        let view = View::new(&tables::GROUPS);
        let row = |id: &i64| ExactRow {
            numbers: vec![Some(*id), Some(0)],
            texts: Vec::new(),
        };
        shows_no_doubt(&view, &ids.iter().map(row).collect::<Vec<_>>())
    }

    /// The order of a table with rows in doubt never equals the order of a table without any.
    #[test]
    fn a_row_in_doubt_is_always_seen() {
        for ids in 1..1_u32 << 6 {
            let ids: Vec<i64> = (0..6).filter(|id| ids & (1 << id) != 0).collect();
            for doubtful in 0..1_u32 << ids.len() {
                let is_in_doubt = |id: &i64| {
                    ids.iter()
                        .position(|one| one == id)
                        .is_some_and(|at| doubtful & (1 << at) != 0)
                };
                // The order that the query requests.
                let mut sorted = ids.clone();
                sorted.sort_by_key(|id| match is_in_doubt(id) {
                    true => (3 * (id % 2), *id),
                    false => (2 - (id % 2), *id),
                });
                let both = ids.iter().any(|id| id % 2 == 0) && ids.iter().any(|id| id % 2 == 1);
                assert_eq!(
                    shows(&sorted),
                    both && doubtful == 0,
                    "{sorted:?} {doubtful:b}"
                );
            }
        }
    }
}
