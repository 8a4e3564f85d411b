//! Finds the columns of a row that hold the text "NULL" or "BLOB", which `content` prints like an empty cell and like
//! bytes.
//!
//! A condition tests one column, so that each column would need its own query. Sorting tests several columns at once.
//! The query returns the rows in question together with neighbours, which are other rows of the table. A row in
//! question is sorted by the position of the first column with such a text; a neighbour is sorted by a position derived
//! from its id alone. The neighbours before and after a row tell its column. A second query finds the last column in
//! the same way; mostly it is the same column. The remaining cells (columns between the two, or columns without a
//! neighbour) are tested by conditions, column by column. Nothing is assumed that no reply has shown.

use std::collections::{BTreeMap, BTreeSet};

use super::query::{QueryRunner, Reply};
use super::refusal::Refusal;
use super::rows::numbers_of;
use super::second_look::Look;
use crate::handset::HandsetError;
use crate::protocol::adb::Query;

/// How many rows are sorted in one query: each id appears twice in it, and Android before 7 limits a query to 4 KiB.
const SORTED_AT_ONCE: usize = 50;

/// The greatest distance between the ids of a neighbour and of the first row in question. One neighbour is needed for
/// each column.
const NEIGHBOURHOOD: i64 = 100;

/// Columns, each with the ids of some rows.
pub(super) type Cells = BTreeMap<usize, Vec<i64>>;

/// The lowest and highest possible position of the first such text in a list of columns. A position past the end means
/// that no column has such a text.
type Span = (usize, usize);

impl Look<'_> {
    /// Returns the cells in question that hold such a text.
    pub(super) fn words(
        &self,
        runner: &mut QueryRunner,
        questions: &Cells,
    ) -> Result<Result<Cells, Refusal>, HandsetError> {
        let mut found = Cells::new();
        let mut open = Cells::new();
        let columns: Vec<usize> = questions.keys().copied().collect();
        let backwards: Vec<usize> = columns.iter().rev().copied().collect();
        let ids: BTreeSet<i64> = questions.values().flatten().copied().collect();
        let ids: Vec<i64> = ids.into_iter().collect();
        for some in ids.chunks(SORTED_AT_ONCE) {
            // Two queries pay off only if they replace three or more.
            let replies = match columns.len() {
                ..3 => Vec::new(),
                _ => {
                    runner.ask_all(&[self.sorted(some, &columns), self.sorted(some, &backwards)])?
                }
            };
            let places: Vec<_> = replies
                .iter()
                .map(|reply| self.places(reply, some, columns.len()))
                .collect();
            for id in some {
                let place = |question: usize| places.get(question)?.get(id).copied();
                let (known, asked) = cells_of(columns.len(), place(0), place(1));
                let is_in_question = |at: &usize| questions[&columns[*at]].contains(id);
                for at in known.into_iter().filter(is_in_question) {
                    found.entry(columns[at]).or_default().push(*id);
                }
                for at in asked.into_iter().filter(is_in_question) {
                    open.entry(columns[at]).or_default().push(*id);
                }
            }
        }
        let conditions: Vec<_> = open.iter().map(|(at, ids)| self.having(*at, ids)).collect();
        for (column, reply) in open.keys().zip(runner.ask_all(&conditions)?) {
            if let Some(refusal) = reply.refusal {
                return Ok(Err(refusal));
            }
            found
                .entry(*column)
                .or_default()
                .extend(self.ids_in(&reply));
        }
        Ok(Ok(found))
    }

    /// A query for some rows and their neighbours. The rows are sorted by the position of the first of `columns` with
    /// such a text. The neighbour with id _n_ comes before all rows whose position is greater than _n_ modulo the
    /// number of columns.
    fn sorted(&self, ids: &[i64], columns: &[usize]) -> Query {
        let name = self.id_name;
        let among = self.among(ids);
        let near = ids.first().copied().unwrap_or_default();
        let (from, to) = (
            near.saturating_sub(NEIGHBOURHOOD),
            near.saturating_add(NEIGHBOURHOOD),
        );
        let place = |(at, column): (usize, &usize)| {
            let column = self.view.texts()[*column];
            format!("WHEN {column} IN ('NULL','BLOB') THEN {}", 2 * at + 1)
        };
        let places: Vec<_> = columns.iter().enumerate().map(place).collect();
        let (places, count) = (places.join(" "), columns.len());
        let sort = format!(
            "CASE WHEN {among} THEN CASE {places} ELSE {} END ELSE 2+2*({name}%{count}) END",
            2 * count + 1
        );
        Query {
            sort: Some(sort.into()),
            ..self.ids_where(format!("{among} OR {name} BETWEEN {from} AND {to}"))
        }
    }

    /// Returns the position for each row in such a reply.
    fn places(&self, reply: &Reply, ids: &[i64], count: usize) -> BTreeMap<i64, Span> {
        let mut places = BTreeMap::new();
        if reply.refusal.is_some() {
            return places;
        }
        let shown = self.ids_in(reply);
        let is_asked = |id: &i64| ids.binary_search(id).is_ok();
        // The number of positions that sort before this neighbour; `None` for a row in question.
        let behind = |id: &i64| {
            let place = usize::try_from(id % count.max(1) as i64).ok();
            place.filter(|_| !is_asked(id)).map(|place| place + 1)
        };
        let mut low = 0;
        for id in &shown {
            match behind(id) {
                Some(place) if place < low => return BTreeMap::new(),
                Some(place) => low = place,
                None => drop(places.insert(*id, (low, count))),
            }
        }
        let mut high = count;
        for id in shown.iter().rev() {
            match (behind(id), places.get_mut(id)) {
                (Some(place), _) => high = place - 1,
                (None, Some(place)) => place.1 = high,
                (None, None) => {}
            }
        }
        places
    }

    /// A query for the rows that hold such a text in a column.
    fn having(&self, column: usize, ids: &[i64]) -> Query {
        let name = self.view.texts()[column];
        self.ids_where(format!("{} AND {name} IN ('NULL','BLOB')", self.among(ids)))
    }

    fn ids_where(&self, filter: String) -> Query {
        let view = self.view.only(&[self.view.table.id]);
        view.query(view.numbers(), Some(filter))
    }

    fn ids_in(&self, reply: &Reply) -> Vec<i64> {
        let view = self.view.only(&[self.view.table.id]);
        let rows = numbers_of(&view, &reply.text).into_iter();
        rows.filter_map(|row| row.id(&view)).collect()
    }
}

/// Returns two lists of `count` columns: the columns that hold such a text, and the columns that are still to be
/// tested. `first` is the position of the first such column; `last` is the position of the last one, counted from the
/// end.
fn cells_of(count: usize, first: Option<Span>, last: Option<Span>) -> (Vec<usize>, Vec<usize>) {
    let (from, to) = match (first, last) {
        (Some(first), Some(last)) => (first, last),
        _ => return (Vec::new(), (0..count).collect()),
    };
    // Columns from `start` up to, but not including, `end` may hold such a text.
    let (start, end) = (from.0, count.saturating_sub(to.0));
    if from.0 == from.1 && to.0 == to.1 && start < end {
        let known = [start, end - 1];
        let known: BTreeSet<usize> = known.into_iter().collect();
        return (
            known.into_iter().collect(),
            (start + 1..end.saturating_sub(1)).collect(),
        );
    }
    match from.0 == count && to.0 == count {
        true => (Vec::new(), Vec::new()),
        // The two positions contradict each other: the row changed between the queries.
        false if start >= end => (Vec::new(), (0..count).collect()),
        false => (Vec::new(), (start..end).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For all contents of a row and all neighbours: no text is missed, and none is invented.
    #[test]
    fn what_two_orders_tell_is_true_and_what_they_do_not_is_asked_for() {
        let count = 4;
        for words in 0..1_u32 << count {
            let holds = |at: usize| words & (1 << at) != 0;
            let first = (0..count).find(|at| holds(*at)).unwrap_or(count);
            let last = (0..count).rev().find(|at| holds(*at));
            let from_end = last.map_or(count, |last| count - 1 - last);
            let around = |place: usize| {
                (0..=place).flat_map(move |low| (place..=count).map(move |high| (low, high)))
            };
            for (from, to) in
                around(first).flat_map(|from| around(from_end).map(move |to| (from, to)))
            {
                let (known, asked) = cells_of(count, Some(from), Some(to));
                assert!(
                    known.iter().all(|at| holds(*at)),
                    "{words:b} {from:?} {to:?}"
                );
                for at in (0..count).filter(|at| holds(*at)) {
                    let is_told = known.contains(&at) || asked.contains(&at);
                    assert!(is_told, "{words:b} {from:?} {to:?}: {at}");
                }
            }
        }
        assert_eq!(cells_of(4, None, Some((0, 0))).1.len(), 4);
    }
}
