//! The final comparison of the rows that were read with the rows that the handset has.

use std::collections::BTreeSet;

use super::group::{Grouping, Key};
use super::number_list::{self, Listed};
use super::query::QueryRunner;
use super::refusal::Refusal;
use super::rows::ExactRow;
use super::scan::Scan;
use super::seen::{self, SeenIndex, Sum};
use super::view::View;
use crate::handset::HandsetError;
use crate::phrase;
use crate::protocol::adb::Query;

/// The most pages in which the handset may list its rows.
const MAX_PAGES: usize = 50;

impl Scan {
    /// Returns the groups with rows that the handset has now and that were not handed over. A cursor skips rows if the
    /// table changes meanwhile, a provider that is killed loses rows, and new rows may have been added.
    ///
    /// `before` is the sum of the rows that earlier parts of the rescue handed over. Only this sum is known of them: if
    /// it has changed, all groups that this part has not read are returned. Also returns `before` if it still holds,
    /// otherwise an empty sum.
    ///
    /// Groups with uncertain rows are returned too, but only once: a row may be uncertain because it changed between
    /// two queries.
    ///
    /// The rows are listed in reverse order, down to the first row that was handed over. If a reply is cut short before
    /// that row, the next query asks for the rest.
    pub fn missed(
        &mut self,
        runner: &mut QueryRunner,
        before: Sum,
    ) -> Result<(BTreeSet<Key>, Sum), HandsetError> {
        let view = self.view.only(self.grouping.names);
        let id = view.table.id;
        let lowest = self.sum().and(before).lowest;
        let (mut below, mut refused) = (
            None,
            Some(Refusal::Other(phrase("every reply is cut short").into())),
        );
        let (mut unseen, mut sum) = (BTreeSet::new(), Sum::default());
        let seen = self.seen.index();
        for _ in 0..MAX_PAGES {
            let filter = below.map(|least: i64| format!("{id} < {least}"));
            let query = Query {
                sort: Some(view.table.backwards.into()),
                ..view.query(view.numbers(), filter)
            };
            let Listed {
                made: mut page,
                refusal,
                ..
            } = runner.anew(|runner| {
                let query = |_: &View| query.clone();
                number_list::whole(runner, view.clone(), query, |page: &mut Page, view, row| {
                    page.add(view, row, &seen, self.grouping);
                })
            })?;
            if let Some(refusal) = refusal {
                refused = Some(refusal);
                break;
            }
            sum = sum.and(page.sum);
            unseen.append(&mut page.unseen);
            let least = page.least;
            match least.filter(|least| lowest.is_none_or(|lowest| *least > lowest)) {
                Some(least) => below = Some(least),
                None => {
                    refused = None;
                    break;
                }
            }
        }
        // An incomplete list can't be compared with rows of which only the sum is known.
        let holds = sum.is_of_the_same(before) || (refused.is_some() && before != Sum::default());
        if holds {
            unseen.clear();
        }
        self.refusal = self.refusal.take().or(refused);
        if !std::mem::replace(&mut self.looked_again, true) {
            unseen.extend(std::mem::take(&mut self.uncertain).into_values());
        }
        self.seen.forget(&unseen);
        if let (false, Some(probe)) = (unseen.is_empty(), self.probe()) {
            let reply = runner.ask_anew(&probe)?;
            self.take_suspects(runner, reply)?;
        }
        let before = if holds { before } else { Sum::default() };
        Ok((unseen, before))
    }
}

/// The result of a list of the rows that the handset has now.
#[derive(Default)]
struct Page {
    /// The groups of rows that were not handed over, and the sum of these rows.
    unseen: BTreeSet<Key>,
    sum: Sum,
    /// The lowest id of all rows.
    least: Option<i64>,
}

impl Page {
    fn add(&mut self, view: &View, numbers: &[Option<i64>], seen: &SeenIndex, grouping: &Grouping) {
        let row = ExactRow {
            numbers: numbers.to_vec(),
            texts: Vec::new(),
        };
        let name = seen::name_of(view, &row);
        if !seen.has(name) {
            self.sum.add(name);
            self.unseen.extend((grouping.key)(view, &row));
        }
        let own = row.id(view);
        self.least = match (self.least, own) {
            (Some(least), Some(own)) => Some(least.min(own)),
            (least, own) => least.or(own),
        };
    }
}
