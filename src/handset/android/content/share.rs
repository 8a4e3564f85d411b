//! One user's share of a collection.

use std::collections::BTreeSet;

use super::group::{Group, Key};
use super::query::QueryRunner;
use super::view::View;
use crate::handset::HandsetError;
use crate::handset::android::phone::accounts::Accounts;
use crate::handset::android::table_survey::Gather;
use crate::model::Record;

/// Converts rows to records, with what the small tables say about them.
pub trait Decoder: Send {
    fn decode(&self, view: &View, group: &Group) -> Vec<Record>;

    /// Takes the ids of the rows that the handset's list marks.
    fn take_marked(&mut self, _: BTreeSet<i64>) {}
}

/// One user's share of a collection.
pub struct UserShare {
    /// The user number in queries; `None`: the first user.
    pub user: Option<u32>,
    /// The user's name in findings; empty for the first user.
    pub name: String,
    pub view: View,
    /// Groups that the handset lists and that are not yet saved in their current state.
    pub expected: BTreeSet<Key>,
    /// Records to be committed before any group: calendars, the owner's card.
    pub first: Vec<Record>,
    pub decoder: Box<dyn Decoder>,
    /// The replies of an earlier part of the rescue are still valid.
    pub recalls: bool,
    /// The highest id when the small tables were read; `None`: they are not read again.
    pub newest: Option<i64>,
    /// Reads the small tables again.
    pub gather: Gather,
    pub accounts: Accounts,
}

impl UserShare {
    /// Reads the small tables again if one of these groups has a row that was added since. Returns what is missing.
    pub fn catch_up(
        &mut self,
        runner: &mut QueryRunner,
        view: &View,
        groups: &[Group],
    ) -> Result<Vec<String>, HandsetError> {
        let rows = groups.iter().flat_map(|group| &group.rows);
        let newest = rows.filter_map(|row| row.number(view, "_id")).max();
        if self.newest.is_none() || newest <= self.newest {
            return Ok(Vec::new());
        }
        self.newest = newest;
        let accounts = self.accounts.clone();
        let gathered = runner.anew(|runner| (self.gather)(runner, accounts, &self.name))?;
        self.decoder = gathered.decoder;
        self.first = gathered.first;
        Ok(gathered.missing)
    }
}
