//! Groups of a large table that are asked for by their keys, beside the stream or after it.

use super::exact::{self, ExactRow, TableRead};
use super::query::{self, Asker, Reply, View};
use super::refusal::Refusal;
use super::scan::{Group, Grouping, Key};
use super::second_look;
use super::seen::{self, RowName};
use crate::handset::HandsetError;

/// So many replies that break off are asked for in halves: enough to go around some rows that can't be had, and not for
/// ever where a provider dies of each question.
const MOST_BREAKS: usize = 64;

/// Groups to be read one by one, and their rows that need a second look.
pub struct Questions {
    /// Of the table that they are in.
    pub view: View,
    pub grouping: &'static Grouping,
    /// In order.
    pub keys: Vec<Key>,
    pub suspects: Vec<ExactRow>,
}

/// Groups that were read one by one.
#[derive(Default)]
pub struct Held {
    /// Of all that were asked for.
    pub keys: Vec<Key>,
    pub groups: Vec<Group>,
    /// Rows that stayed uncertain, each with its group.
    pub uncertain: Vec<(RowName, Key)>,
    /// Why not all could be asked.
    pub refusal: Option<Refusal>,
}

impl Questions {
    /// Asks them.
    pub fn ask(self, asker: &mut Asker) -> Result<Held, HandsetError> {
        let Self {
            view,
            grouping,
            keys,
            suspects,
        } = self;
        if keys.is_empty() {
            return Ok(Held::default());
        }
        let mut other = asker.fork();
        let mut read = TableRead::default();
        let replies = std::thread::scope(|scope| {
            let job = scope.spawn(|| replies_about(&mut other, &view, grouping, &keys));
            second_look::read(asker, &view, &suspects, &mut read)?;
            query::joined(job)
        })?;
        for reply in replies {
            read.refusal = read.refusal.take().or(reply.refusal);
            read.rows.append(&mut exact::rows_of(&view, &reply.text));
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
        let uncertain = suspects
            .iter()
            .filter(|row| {
                row.number(&view, id)
                    .is_some_and(|id| read.uncertain.contains(&id))
            })
            .filter_map(|row| Some((seen::name_of(&view, row), (grouping.key)(&view, row)?)));
        Ok(Held {
            keys,
            groups,
            uncertain: uncertain.collect(),
            refusal: read.refusal,
        })
    }
}

/// What the handset says of groups. Where it breaks a reply off, each half of the groups is asked for by itself: a row that
/// no cursor window can hold (`SQLiteBlobTooBigException`) costs its own group, and none of those behind it.
fn replies_about(
    asker: &mut Asker,
    view: &View,
    grouping: &Grouping,
    keys: &[Key],
) -> Result<Vec<Reply>, HandsetError> {
    let mut replies = Vec::new();
    let mut waiting = vec![keys];
    let mut breaks = 0;
    while let Some(keys) = waiting.pop() {
        let filter = exact::both(exact::certain(view), Some(&(grouping.among)(keys)));
        let query = view.query(view.layout.names(), filter);
        for reply in asker.ask_all(std::slice::from_ref(&query))? {
            let broke_off = reply.refusal.as_ref().is_some_and(Refusal::is_broken_off);
            if broke_off && keys.len() > 1 && breaks < MOST_BREAKS {
                breaks += 1;
                let (first, second) = keys.split_at(keys.len() / 2);
                waiting.extend([second, first]);
            } else {
                replies.push(asker.again(&query, reply)?);
            }
        }
    }
    Ok(replies)
}
