//! One user's share of a collection.

use std::collections::BTreeSet;

use super::group::{Group, Key};
use super::query::QueryRunner;
use super::view::View;
use crate::handset::HandsetError;
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
    /// How to read the small tables again for rows that are added during the read; `None`: the rows need no small
    /// tables.
    pub late: Option<Late>,
}

/// Reads the small tables again.
pub type GatherAgain = Box<dyn Fn(&mut QueryRunner) -> Result<Fresh, HandsetError> + Send>;

/// What is needed for rows that were added after the small tables were read.
pub struct Late {
    /// The highest id at that time.
    pub newest: Option<i64>,
    pub gather: GatherAgain,
}

/// The content of the small tables, read again.
pub struct Fresh {
    pub decoder: Box<dyn Decoder>,
    pub first: Vec<Record>,
    /// Incomplete data.
    pub missing: Vec<String>,
}

impl UserShare {
    /// Reads the small tables again if one of these groups has a row that was added since. Returns what is missing.
    pub fn catch_up(
        &mut self,
        runner: &mut QueryRunner,
        view: &View,
        groups: &[Group],
    ) -> Result<Vec<String>, HandsetError> {
        let Some(late) = &mut self.late else {
            return Ok(Vec::new());
        };
        let rows = groups.iter().flat_map(|group| &group.rows);
        let newest = rows.filter_map(|row| row.number(view, "_id")).max();
        if newest <= late.newest {
            return Ok(Vec::new());
        }
        let Fresh {
            decoder,
            first,
            missing,
        } = runner.anew(|runner| (late.gather)(runner))?;
        late.newest = newest;
        (self.decoder, self.first) = (decoder, first);
        Ok(missing)
    }
}
