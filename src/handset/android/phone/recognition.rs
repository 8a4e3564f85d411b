//! Distinguishes this handset from another handset with the same serial number.

use std::collections::HashMap;

use super::accounts::Accounts;
use crate::handset::HandsetError;
use crate::handset::android::calendar::{self, tables::EVENTS};
use crate::handset::android::calls::{self, tables::CALLS};
use crate::handset::android::contacts::decode::{self, Columns, Context};
use crate::handset::android::contacts::tables;
use crate::handset::android::content::one_by_one::Questions;
use crate::handset::android::content::{BY_ID, Group, Grouping, Key, QueryRunner, Refusal, View};
use crate::handset::android::messages::{self, tables::TEXTS};
use crate::handset::android::todos::{self, tables::SAMSUNG_TASKS};
use crate::model::{Collection, Marks, Origin, RecordBody};

/// Groups rows by raw contact. Android sometimes changes which raw contacts are joined to a person, but never reuses
/// the number of a raw contact (AOSP `ContactsDatabaseHelper`, AUTOINCREMENT).
static BY_RAW: Grouping = Grouping {
    names: decode::BY_PERSON.names,
    streams_second: false,
    ..BY_ID
};

/// The columns that identify a contact: its name, numbers and addresses are all in `data1`.
const CONTACT_COLUMNS: [&str; 3] = ["deleted", "mimetype", "data1"];

/// The identifiers of the system and its accounts.
pub fn marks(properties: &HashMap<String, String>, account_dump: &str) -> Marks {
    let accounts = Accounts::parse(account_dump, 0);
    let names = accounts.iter().map(|(name, kind)| format!("{kind} {name}"));
    Marks {
        system: properties
            .get("ro.build.fingerprint")
            .cloned()
            .unwrap_or_default(),
        accounts: accounts.are_known().then(|| names.collect()),
    }
}

/// Reads entries of the main user's `what` again, by the numbers of their rows. Returns `None` if the handset does not
/// answer, or has no such numbers.
///
/// # Errors
/// If the link is lost or the rescue is stopped.
pub fn read_again(
    runner: &mut QueryRunner,
    what: Collection,
    rows: &[i64],
) -> Result<Option<Vec<RecordBody>>, HandsetError> {
    match what {
        Collection::Contacts => {
            let mut view = View::new(&tables::RAW_ENTITIES);
            for column in view.layout.names().to_vec() {
                if !CONTACT_COLUMNS.contains(&column) {
                    view = view.without(column).unwrap_or(view);
                }
            }
            let found = by_number(runner, view, &BY_RAW, rows)?;
            Ok(found.map(|(view, groups)| {
                let (columns, context) = (Columns::of(&view), Context::default());
                let decode = |group| decode::decode(group, &columns, &context, Origin::Handset);
                groups.iter().map(decode).map(RecordBody::Contact).collect()
            }))
        }
        Collection::Calendar => {
            let found = by_number(runner, View::new(&EVENTS), &BY_ID, rows)?;
            Ok(found.map(|(view, groups)| {
                let context = calendar::decode::Context::default();
                let events = groups
                    .iter()
                    .flat_map(|group| calendar::decode::decode(&view, group, &context));
                events.map(RecordBody::Event).collect()
            }))
        }
        Collection::Calls => {
            let found = by_number(runner, View::new(&CALLS), &BY_ID, rows)?;
            Ok(found.map(|(view, groups)| {
                let rows = groups.iter().flat_map(|group| &group.rows);
                rows.map(|row| RecordBody::Call(calls::decode::decode(&view, row, "")))
                    .collect()
            }))
        }
        Collection::Messages => {
            let found = by_number(runner, View::new(&TEXTS), &BY_ID, rows)?;
            Ok(found.map(|(view, groups)| {
                let rows = groups.iter().flat_map(|group| &group.rows);
                rows.map(|row| RecordBody::Message(messages::decode::text(&view, row, "")))
                    .collect()
            }))
        }
        Collection::Todos => {
            let found = by_number(runner, View::new(&SAMSUNG_TASKS), &BY_ID, rows)?;
            Ok(found.map(|(view, groups)| {
                let lists = HashMap::new();
                let rows = groups.iter().flat_map(|group| &group.rows);
                rows.map(|row| RecordBody::Todo(todos::decode::decode(&view, row, &lists, "")))
                    .collect()
            }))
        }
        Collection::Sim | Collection::Files => Ok(None),
    }
}

/// Reads rows of a table by their numbers. Returns them with the columns that the handset has, or `None` if the handset
/// does not answer.
fn by_number(
    runner: &mut QueryRunner,
    mut view: View,
    grouping: &'static Grouping,
    rows: &[i64],
) -> Result<Option<(View, Vec<Group>)>, HandsetError> {
    let mut keys: Vec<Key> = rows.iter().map(|row| (0, *row)).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.truncate(runner.ids_a_query);
    loop {
        let questions = Questions {
            view: view.clone(),
            grouping,
            keys: keys.clone(),
            suspects: Vec::new(),
        };
        let deferred = questions.ask(runner)?;
        match &deferred.refusal {
            None => return Ok(Some((view, deferred.groups))),
            Some(Refusal::UnknownColumn(column)) => match view.without(column) {
                Some(smaller) => view = smaller,
                None => return Ok(None),
            },
            Some(_) => return Ok(None),
        }
    }
}
