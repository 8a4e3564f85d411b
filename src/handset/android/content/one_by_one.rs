//! Groups of a large table that are read by their keys, during the stream or after it.

use super::doubt;
use super::exact::WholeTable;
use super::group::{Group, Grouping, Key};
use super::query::{self, QueryRunner};
use super::refusal::Refusal;
use super::rows::{self, ExactRow};
use super::second_look;
use super::seen::{self, RowName};
use super::view::View;
use crate::handset::HandsetError;

/// Groups to be read one by one, with their rows that need a second look.
pub struct Questions {
    /// The view of the table that contains the groups.
    pub view: View,
    pub grouping: &'static Grouping,
    /// Sorted.
    pub keys: Vec<Key>,
    pub suspects: Vec<ExactRow>,
}

/// Groups that were read one by one.
#[derive(Default)]
pub struct DeferredGroups {
    /// The keys of all groups in the query.
    pub keys: Vec<Key>,
    pub groups: Vec<Group>,
    /// Rows that stayed uncertain, each with its group.
    pub uncertain: Vec<(RowName, Key)>,
    /// Groups with a text that does not fit a cursor window.
    pub too_large: Vec<Key>,
    /// Why the read is incomplete.
    pub refusal: Option<Refusal>,
}

impl Questions {
    /// Reads the groups.
    pub fn ask(self, runner: &mut QueryRunner) -> Result<DeferredGroups, HandsetError> {
        let Self {
            view,
            grouping,
            keys,
            suspects,
        } = self;
        if keys.is_empty() {
            return Ok(DeferredGroups::default());
        }
        let filter = doubt::both(doubt::certain(&view), Some(&(grouping.among)(&keys)));
        let light = view.light();
        let query = light.query(light.layout.names(), filter);
        let mut other = runner.fork();
        let mut read = WholeTable::default();
        let replies = std::thread::scope(|scope| {
            let job = scope.spawn(|| {
                let replies = other.ask_all(std::slice::from_ref(&query))?.into_iter();
                let whole: Result<Vec<_>, _> = replies.map(|r| other.again(&query, r)).collect();
                whole
            });
            second_look::read(runner, &view, &suspects, &mut read)?;
            query::joined(job)
        })?;
        for reply in replies {
            read.refusal = read.refusal.take().or(reply.refusal);
            let rows = rows::rows_of(&light, &reply.text).into_iter();
            read.rows.extend(rows.map(|row| row.widened(&view)));
        }
        let mut groups: Vec<Group> = keys
            .iter()
            .map(|key| Group {
                key: *key,
                rows: Vec::new(),
            })
            .collect();
        for row in read.rows {
            let key = (grouping.key)(&view, &row);
            if let Some(at) = key.and_then(|key| groups.binary_search_by_key(&key, |g| g.key).ok())
            {
                groups[at].rows.push(row);
            }
        }
        let id = view.table.id;
        for group in &mut groups {
            group.rows.sort_by_cached_key(|row| {
                (
                    row.numbers.first().copied(),
                    row.number(&view, "_id"),
                    row.number(&view, id),
                )
            });
        }
        groups.retain(|g| !g.rows.is_empty());
        let is_too_large = |row: &&ExactRow| {
            row.number(&view, id)
                .is_some_and(|id| read.too_large.contains(&id))
        };
        let too_large = suspects.iter().filter(is_too_large);
        let too_large = too_large.filter_map(|row| (grouping.key)(&view, row));
        let too_large = too_large.collect();
        let uncertain = suspects
            .iter()
            .filter(|row| {
                row.number(&view, id)
                    .is_some_and(|id| read.uncertain.contains(&id))
            })
            .filter_map(|row| Some((seen::name_of(&view, row), (grouping.key)(&view, row)?)));
        Ok(DeferredGroups {
            keys,
            groups,
            uncertain: uncertain.collect(),
            too_large,
            refusal: read.refusal,
        })
    }
}
