//! Converts rows of `raw_contact_entities` to cards.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::mimetypes::{self, Data};
use crate::handset::android::content::{Cell, ExactRow, Group, Grouping, Key, View};
use crate::handset::android::phone::accounts::Accounts;
use crate::handset::android::table_survey::UserContext;
use crate::handset::android::uid;
use crate::model::{Account, Contact, Origin, Source};

/// Groups rows by the persons that the handset shows. Raw contacts marked deleted follow, each as its own group.
pub static BY_PERSON: Grouping = Grouping {
    names: &["contact_id", "_id", "data_id"],
    key,
    after,
    among,
    streams_second: false,
    probes_late: false,
};

const PERSON: u8 = 0;
const BY_ITSELF: u8 = 1;

fn key(view: &View, row: &ExactRow) -> Option<Key> {
    match row.number(view, "contact_id") {
        Some(contact) => Some((PERSON, contact)),
        None => Some((BY_ITSELF, row.number(view, "_id")?)),
    }
}

fn after(key: Key) -> String {
    match key {
        (PERSON, contact) => format!("(contact_id > {contact} OR contact_id IS NULL)"),
        (_, raw) => format!("(contact_id IS NULL AND _id > {raw})"),
    }
}

fn among(keys: &[Key]) -> String {
    let list = |kind| {
        let ids: Vec<_> = keys
            .iter()
            .filter(|k| k.0 == kind)
            .map(|k| k.1.to_string())
            .collect();
        ids.join(",")
    };
    format!(
        "(contact_id IN ({}) OR (contact_id IS NULL AND _id IN ({})))",
        list(PERSON),
        list(BY_ITSELF)
    )
}

/// Data about contacts from other tables.
#[derive(Debug, Default)]
pub struct Context {
    pub accounts: Accounts,
    /// Titles of groups, by row number, and by account and source id.
    pub groups: HashMap<i64, String>,
    pub groups_by_source: HashMap<(Account, String), String>,
    /// The raw contact that names each joined contact.
    pub named_by: HashMap<i64, i64>,
    /// Raw contacts whose calls go to voicemail.
    pub to_voicemail: BTreeSet<i64>,
    /// Joined contacts with a picture, according to the handset's own list; empty: the list does not say.
    pub pictured: BTreeSet<i64>,
    /// Ringtones of raw contacts.
    pub ringtones: BTreeMap<i64, String>,
    /// The user of the handset; empty: the first user.
    pub whose: UserContext,
}

/// The positions of the columns, looked up once for each read.
pub struct Columns {
    raw: usize,
    contact: usize,
    deleted: usize,
    dirty: usize,
    starred: usize,
    primary: usize,
    super_primary: usize,
    mimetype: usize,
    account: [usize; 3],
    source_id: usize,
    group_source_id: usize,
    data: [usize; 15],
}

/// The columns of a data row, in order.
const DATA: [&str; 15] = [
    "data1", "data2", "data3", "data4", "data5", "data6", "data7", "data8", "data9", "data10",
    "data11", "data12", "data13", "data14", "data15",
];

impl Columns {
    pub fn of(view: &View) -> Self {
        let number = |name: &str| {
            view.numbers()
                .iter()
                .position(|n| *n == name)
                .unwrap_or(usize::MAX)
        };
        let text = |name: &str| {
            view.texts()
                .iter()
                .position(|n| *n == name)
                .unwrap_or(usize::MAX)
        };
        Self {
            raw: number("_id"),
            contact: number("contact_id"),
            deleted: number("deleted"),
            dirty: number("dirty"),
            starred: number("starred"),
            primary: number("is_primary"),
            super_primary: number("is_super_primary"),
            mimetype: text("mimetype"),
            account: [text("account_name"), text("account_type"), text("data_set")],
            source_id: text("sourceid"),
            group_source_id: text("group_sourceid"),
            data: DATA.map(text),
        }
    }
}

/// Joins the rows of one person (or of one raw contact marked deleted) into a card.
pub fn decode(group: &Group, columns: &Columns, context: &Context, origin: Origin) -> Contact {
    // All fields are listed, so that a new field of a contact does not compile until it is filled here.
    let mut contact = Contact {
        uid: String::new(),
        display_name: String::new(),
        names: Vec::new(),
        nicknames: Vec::new(),
        phones: Vec::new(),
        emails: Vec::new(),
        addresses: Vec::new(),
        organizations: Vec::new(),
        messengers: Vec::new(),
        notes: Vec::new(),
        websites: Vec::new(),
        dates: Vec::new(),
        relations: Vec::new(),
        sip_addresses: Vec::new(),
        identities: Vec::new(),
        groups: Vec::new(),
        custom: Vec::new(),
        unmapped: Vec::new(),
        has_picture: false,
        picture: None,
        attached: Vec::new(),
        starred: false,
        send_to_voicemail: false,
        custom_ringtone: None,
        sources: Vec::new(),
    };
    let number = |row: &ExactRow, column: usize| row.numbers.get(column).copied().flatten();
    let named_by = group
        .rows
        .first()
        .and_then(|row| number(row, columns.contact))
        .and_then(|contact| context.named_by.get(&contact).copied());
    // The raw contact that names the person comes first, so that the card gets its name.
    let mut raws: Vec<(i64, Vec<&ExactRow>)> = Vec::new();
    for row in &group.rows {
        let raw = number(row, columns.raw).unwrap_or_default();
        match raws.iter_mut().find(|(id, _)| *id == raw) {
            Some((_, rows)) => rows.push(row),
            None => raws.push((raw, vec![row])),
        }
    }
    raws.sort_by_key(|(id, _)| (Some(*id) != named_by, *id));

    for (raw, rows) in &raws {
        let text = |row: &ExactRow, column: usize| {
            row.texts
                .get(column)
                .and_then(Cell::text)
                .map(str::to_owned)
        };
        let Some(&first) = rows.first() else { continue };
        let account = Account {
            name: text(first, columns.account[0]),
            kind: text(first, columns.account[1]),
            data_set: text(first, columns.account[2]),
        };
        let flag = |column: usize| number(first, column) == Some(1);
        let source_id = text(first, columns.source_id).filter(|s| !s.is_empty());
        let (dirty, deleted) = (flag(columns.dirty), flag(columns.deleted));
        contact.starred |= flag(columns.starred);
        contact.send_to_voicemail |= context.to_voicemail.contains(raw);
        contact.custom_ringtone = contact
            .custom_ringtone
            .take()
            .or_else(|| context.ringtones.get(raw).cloned());
        let local = context.accounts.is_local(&account);
        contact.sources.push(Source {
            origin,
            place: context.whose.place.clone(),
            row: *raw,
            only_here: local || source_id.is_none() || dirty,
            doomed: context.accounts.is_gone(&account),
            source_id,
            dirty,
            deleted,
            account: account.clone(),
        });
        for row in rows {
            let Some(mimetype) = row.texts.get(columns.mimetype).and_then(Cell::text) else {
                continue;
            };
            let cells: Vec<Cell> = columns
                .data
                .iter()
                .map(|&c| row.texts.get(c).cloned().unwrap_or_default())
                .collect();
            match mimetype.strip_prefix("vnd.android.cursor.item/") {
                Some("group_membership") => {
                    let title = group_title(
                        &cells,
                        text(row, columns.group_source_id),
                        &account,
                        context,
                    );
                    if let Some(title) = title.filter(|t| !contact.groups.contains(t)) {
                        contact.groups.push(title);
                    }
                }
                // A row may remain after its picture was removed.
                Some("photo") => {
                    let joined = number(row, columns.contact);
                    contact.has_picture |= context.pictured.is_empty()
                        || joined.is_none_or(|id| context.pictured.contains(&id))
                        || cells.iter().any(|c| *c != Cell::Null);
                }
                _ => {
                    let is = |column: usize| number(row, column).is_some_and(|n| n != 0);
                    let primary = is(columns.primary) || is(columns.super_primary);
                    mimetypes::add(&mut contact, mimetype, &Data(&cells), primary);
                }
            }
        }
    }
    contact.display_name = display_name(&contact);
    contact.uid = uid::of_contact(&contact);
    contact
}

/// The title of the group in a membership row, looked up by row number or by the server's id. If there is no such
/// group, the value in the row.
fn group_title(
    cells: &[Cell],
    source_id: Option<String>,
    account: &Account,
    context: &Context,
) -> Option<String> {
    let row = cells.first().and_then(Cell::text);
    let by_row = row
        .and_then(|r| r.parse().ok())
        .and_then(|r: i64| context.groups.get(&r));
    let by_source = || {
        context
            .groups_by_source
            .get(&(account.clone(), source_id.clone()?))
    };
    let title = by_row.or_else(by_source).cloned();
    title
        .or_else(|| source_id.clone())
        .or_else(|| row.map(|r| format!("group {r}")))
        .filter(|t| !t.is_empty())
}

/// The name that the handset shows: the name, else the nickname, the company, a phone number or an email address (AOSP
/// `DisplayNameSources`).
fn display_name(contact: &Contact) -> String {
    let name = contact.names.iter().find_map(|n| {
        let joined: Vec<_> = n
            .parts()
            .into_iter()
            .flatten()
            .filter(|p| !p.is_empty())
            .map(String::as_str)
            .collect();
        n.display
            .clone()
            .filter(|d| !d.is_empty())
            .or_else(|| (!joined.is_empty()).then(|| joined.join(" ")))
    });
    let organization = || {
        contact
            .organizations
            .iter()
            .find_map(|o| o.company.clone().or_else(|| o.title.clone()))
    };
    name.or_else(|| contact.nicknames.first().map(|n| n.name.clone()))
        .or_else(organization)
        .or_else(|| contact.phones.first().map(|p| p.number.clone()))
        .or_else(|| contact.emails.first().map(|e| e.address.clone()))
        .unwrap_or_default()
}
