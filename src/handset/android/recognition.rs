//! Distinguishes this handset from another handset with the same serial number.

use std::collections::HashMap;

use super::accounts::Accounts;
use super::contacts::{self, Columns, Context};
use super::exact::ExactRow;
use super::one_by_one::Questions;
use super::query::{Asker, View};
use super::refusal::Refusal;
use super::scan::{Grouping, Key};
use super::tables;
use crate::handset::HandsetError;
use crate::model::{Contact, Marks, Origin};

/// Groups rows by raw contact. Android sometimes changes which raw contacts are joined to a person, but never reuses
/// the number of a raw contact (AOSP `ContactsDatabaseHelper`, AUTOINCREMENT).
static BY_RAW: Grouping = Grouping {
    names: contacts::BY_PERSON.names,
    key: |view: &View, row: &ExactRow| Some((0, row.number(view, "_id")?)),
    after: |(_, raw): Key| format!("_id > {raw}"),
    among: |keys: &[Key]| {
        let ids: Vec<String> = keys.iter().map(|(_, raw)| raw.to_string()).collect();
        format!("_id IN ({})", ids.join(","))
    },
    streams_second: false,
    probes_late: false,
};

/// The columns that identify a contact: its name, numbers and addresses are all in `data1`.
const COLUMNS: [&str; 3] = ["deleted", "mimetype", "data1"];

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

/// Reads the raw contacts that `saved` came from again, by their numbers. Returns `None` if the handset does not
/// answer.
///
/// # Errors
/// If the link is lost or the rescue is stopped.
pub fn contacts_again(
    asker: &mut Asker,
    saved: &[Contact],
) -> Result<Option<Vec<Contact>>, HandsetError> {
    let sources = saved.iter().flat_map(|contact| &contact.sources);
    let mut keys: Vec<Key> = sources.map(|source| (0, source.row)).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.truncate(asker.ids_a_query);
    let mut view = View::new(&tables::RAW_ENTITIES);
    let others = view.layout.names().to_vec();
    for column in others.iter().filter(|column| !COLUMNS.contains(column)) {
        view = view.without(column).unwrap_or(view);
    }
    let held = loop {
        let questions = Questions {
            view: view.clone(),
            grouping: &BY_RAW,
            keys: keys.clone(),
            suspects: Vec::new(),
        };
        let held = questions.ask(asker)?;
        match &held.refusal {
            None => break held,
            Some(Refusal::UnknownColumn(column)) => match view.without(column) {
                Some(smaller) => view = smaller,
                None => return Ok(None),
            },
            Some(_) => return Ok(None),
        }
    };
    let (columns, context) = (Columns::of(&view), Context::default());
    let decode = |group| contacts::decode(group, &columns, &context, Origin::Handset);
    Ok(Some(held.groups.iter().map(decode).collect()))
}
