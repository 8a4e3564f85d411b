//! Tables of few rows, which one reply shows whole.
//!
//! A cursor comes with its first window already filled (AOSP `CursorToBulkCursorAdaptor.getBulkCursorDescriptor`): of a
//! reply that fits it no row can be missing, whatever becomes of the provider afterwards. And the order of the rows shows
//! that none of them is in doubt: those that are certain come sorted, odd ids first and even ones after them; a row in
//! doubt goes to the other end of its kind, before all others if its id is even, behind them if it is odd. Its id stands
//! before its first text, so that no text can hide it. Where only odd or only even rows are there, this shows nothing, and
//! it is asked whether any are in doubt.

use super::exact::{self, ExactRow};
use super::query::{Asker, Reply, View};
use crate::format::content_rows::End;
use crate::handset::HandsetError;
use crate::protocol::adb::{Adb, Query};

/// What surely fits a window, in bytes: windows begin so small (AOSP `CursorWindow::kInlineSize`, Android 11) and grow to
/// 2 MiB.
const WINDOW: usize = 16 << 10;

/// What a cell takes of a window beside its text (AOSP `CursorWindow::FieldSlot`).
const SLOT: usize = 16;

/// True where a table may be asked for in one question: where the end of a command that was killed is told too.
pub fn may_come_whole(adb: &Adb, view: &View) -> bool {
    adb.tells_errors_apart() && (view.table.has_few_rows || view.texts().is_empty())
}

/// All rows of a table, in the order that shows whether any are in doubt.
pub fn query(view: &View) -> Query {
    let all = view.query(view.layout.names(), None);
    let Some(doubt) = exact::suspicious(view) else {
        return all;
    };
    let id = view.table.id;
    let sort = format!("CASE WHEN {doubt} THEN 3*({id}%2) ELSE 2-({id}%2) END, {id}");
    Query {
        sort: Some(sort.into()),
        ..all
    }
}

/// What the reply to [`query`] shows.
pub enum Shown {
    /// All rows, and all of them certain.
    Rows(Vec<ExactRow>),
    /// Some rows are in doubt; which ones, if that was asked.
    InDoubt(Option<Reply>),
    /// Not whether rows are missing.
    Unclear,
}

/// What the reply to [`query`] shows; where the order of its rows shows nothing, it is asked whether any are in doubt.
pub fn take(asker: &mut Asker, view: &View, reply: &Reply) -> Result<Shown, HandsetError> {
    if reply.refusal.is_some() {
        return Ok(Shown::Unclear);
    }
    let (rows, end) = exact::parse(&view.layout, &reply.text);
    let texts = match view.texts() {
        [] => 0,
        _ => reply.text.len(),
    };
    let is_whole = rows.len() * view.layout.names().len() * SLOT + texts <= WINDOW;
    let is_clear = rows.iter().all(|(_, doubtful)| doubtful.is_empty());
    if !is_clear {
        return Ok(Shown::InDoubt(None));
    }
    if !is_whole || matches!(end, End::Other(_)) {
        return Ok(Shown::Unclear);
    }
    let rows: Vec<ExactRow> = rows.into_iter().map(|(row, _)| row).collect();
    if rows.is_empty() || view.texts().is_empty() || shows_no_doubt(view, &rows) {
        return Ok(Shown::Rows(rows));
    }
    let Some(probe) = exact::probe(view) else {
        return Ok(Shown::Rows(rows));
    };
    let reply = asker.ask_all(std::slice::from_ref(&probe))?.pop();
    let reply = reply.unwrap_or_default();
    Ok(
        match (&reply.refusal, exact::parse(&view.layout, &reply.text).1) {
            (None, End::NoResult) => Shown::Rows(rows),
            (None, End::Rows(_)) => Shown::InDoubt(Some(reply)),
            (Some(_), _) | (None, End::Other(_)) => Shown::Unclear,
        },
    )
}

/// True if the order of the rows shows that all are certain.
fn shows_no_doubt(view: &View, rows: &[ExactRow]) -> bool {
    let ids = rows.iter().map(|row| row.number(view, view.table.id));
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
    use crate::handset::android::tables;

    fn shows(ids: &[i64]) -> bool {
        let view = View::new(&tables::GROUPS);
        let row = |id: &i64| ExactRow {
            numbers: vec![Some(*id), Some(0)],
            texts: Vec::new(),
        };
        shows_no_doubt(&view, &ids.iter().map(row).collect::<Vec<_>>())
    }

    /// The order of a table with these rows in doubt is never that of one without any.
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
                // As the question sorts them.
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
