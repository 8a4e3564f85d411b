//! The survey of the contacts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::decode::{self, BY_PERSON, Columns, Context};
use super::tables;
use crate::handset::HandsetError;
use crate::handset::android::content::number_list::Listed;
use crate::handset::android::content::{
    Decoder, Fresh, Group, Key, QueryRunner, Refusal, Reply, Table, View, WholeTable, exact,
    number_list, query,
};
use crate::handset::android::phone::accounts::Accounts;
use crate::handset::android::session::{Session, Surveyed};
use crate::handset::android::table_survey::{
    self, Entries, Gathered, List, TableCollection, UserContext, Users, lists_none,
};
use crate::model::{Account, Origin, Past, Record, RecordBody};
use crate::phrase;
use crate::protocol::adb::{AppOp, ContentUri, Query};

/// Contacts: the rows of all raw contacts, joined to persons.
pub static CONTACTS: TableCollection = TableCollection {
    entries: "contacts",
    table: &tables::RAW_ENTITIES,
    grouping: &BY_PERSON,
    op: AppOp::ReadContacts,
    users: Users::All,
    list: List {
        table: &tables::RAW_CONTACTS,
        key: group_of,
        entries: Entries::Groups(0),
        is_marked: |view, row| view.number(row, "send_to_voicemail") == Some(1),
    },
    streams_at_once: true,
    streams_late: false,
    gathers_again: false,
    key: key_name,
    survey,
    gather,
    refused: |user, said| {
        phrase!(
            "The contacts of the user {user} can't be read ({said}). Switch to that user on the handset, unlock it, \
             and run the rescue again."
        )
    },
    empty: |session| lists_none(session, "contacts"),
};

/// Surveys the contacts and opens the read.
fn survey(session: &mut Session, past: &Past) -> Result<Surveyed, HandsetError> {
    session.survey_patiently("contacts", AppOp::ReadContacts, |session| {
        table_survey::survey(session, &CONTACTS, past)
    })
}

impl Decoder for Context {
    fn decode(&self, view: &View, group: &Group) -> Vec<Record> {
        let contact = decode::decode(group, &Columns::of(view), self, Origin::Handset);
        vec![Record {
            key: self.whose.key(&key_name(&group.key)),
            body: RecordBody::Contact(contact),
        }]
    }

    fn take_marked(&mut self, to_voicemail: BTreeSet<i64>) {
        self.to_voicemail = to_voicemail;
    }
}

fn key_name(key: &Key) -> String {
    let kind = if key.0 == 0 { "contact" } else { "raw" };
    format!("{kind}/{}", key.1)
}

/// The group of a raw contact: the person that the handset shows, or the raw contact alone if it is marked deleted.
fn group_of(view: &View, numbers: &[Option<i64>]) -> Option<Key> {
    let id = view.number(numbers, "_id")?;
    let contact = view.number(numbers, "contact_id");
    Some(contact.map_or((1, id), |contact| (0, contact)))
}

/// Reads the groups, the owner's own card, the ringtones, and the handset's own list of contacts.
fn gather(
    runner: &mut QueryRunner,
    accounts: Accounts,
    whose: &UserContext,
) -> Result<Gathered, HandsetError> {
    let views = [&tables::GROUPS, &tables::PROFILE_ENTITIES].map(View::new);
    let ringtones = Query {
        uri: ContentUri::RawContacts,
        user: None,
        projection: vec!["_id", "custom_ringtone"],
        filter: Some("custom_ringtone IS NOT NULL".into()),
        sort: Some("_id".into()),
    };
    let mut for_joined = runner.fork();
    let (tables, joined) = std::thread::scope(|scope| {
        let joined = scope.spawn(|| list_joined(&mut for_joined));
        let tables = exact::read_tables(runner, views.to_vec(), &[ringtones]);
        (tables, query::joined(joined))
    });
    let joined = joined?;
    let exact::Tables { reads, replies } = tables?;
    let [(group_view, groups), (profile_view, profile)] = reads
        .try_into()
        .unwrap_or_else(|_| [unread(&tables::GROUPS), unread(&tables::PROFILE_ENTITIES)]);
    let mut context = Context {
        accounts,
        ringtones: ringtones_of(&replies),
        whose: whose.clone(),
        named_by: joined.made.named_by,
        pictured: joined.made.pictured,
        ..Context::default()
    };
    name_groups(&mut context, &group_view, &groups);
    let mut missing = Vec::new();
    if let Some(refusal) = &groups.refusal {
        missing.push(phrase!(
            "Some names of contact groups could not be read: {}. Run the rescue again.",
            refusal.said()
        ));
    }
    missing.extend(uncertain(phrase("names of contact groups"), &groups));
    missing.extend(uncertain(phrase("rows of the owner's own card"), &profile));
    let mut notes = Vec::new();
    let refusal = joined.refusal.or(joined.odd_end);
    notes.extend(refusal.as_ref().map(|refusal| {
        phrase!(
            "The phone's own list of contacts could not be counted: {}",
            refusal.said()
        )
    }));
    if !context.accounts.are_known() {
        notes.push(phrase(
            "The phone did not report its accounts, so Lifeboat can't name contacts that Android is about \
             to remove.",
        ).into());
    }
    let mut closed = None;
    match &profile.refusal {
        None | Some(Refusal::UnknownUri(_)) => {}
        Some(Refusal::Denied(said)) => {
            closed = Some(phrase!(
                "The owner's own card: the phone refused access to it ({said})."
            ));
        }
        Some(refusal) => missing.push(phrase!(
            "The owner's own card could not be read: {}. Run the rescue again.",
            refusal.said()
        )),
    }
    let first = own_card(&profile_view, &profile, &context);
    Ok(Gathered {
        fresh: Fresh {
            decoder: Box::new(context),
            first,
            missing,
        },
        answered: !groups.rows.is_empty() || !profile.rows.is_empty(),
        says: refusal.is_none().then_some(joined.made.count),
        refusal: None,
        reads_on: false,
        notes,
        closed,
    })
}

/// Takes over the names of the groups.
fn name_groups(context: &mut Context, view: &View, groups: &WholeTable) {
    for row in &groups.rows {
        let text = |name: &str| row.text(view, name).map(str::to_owned);
        let title = text("title")
            .or_else(|| text("system_id"))
            .filter(|t| !t.is_empty());
        let (Some(id), Some(title)) = (row.number(view, "_id"), title) else {
            continue;
        };
        let account = Account {
            name: text("account_name"),
            kind: text("account_type"),
            data_set: None,
        };
        if let Some(source) = text("sourceid") {
            context
                .groups_by_source
                .insert((account, source), title.clone());
        }
        context.groups.insert(id, title);
    }
}

/// Facts from the handset's own list of contacts.
#[derive(Default)]
struct JoinedList {
    count: u64,
    named_by: HashMap<i64, i64>,
    pictured: BTreeSet<i64>,
}

fn list_joined(runner: &mut QueryRunner) -> Result<Listed<JoinedList>, HandsetError> {
    let view = View::new(&tables::CONTACTS);
    let query = |view: &View| view.query(view.numbers(), None);
    number_list::whole(runner, view, query, |list: &mut JoinedList, view, row| {
        list.count += 1;
        let number = |name| view.number(row, name);
        if let (Some(contact), Some(raw)) = (number("_id"), number("name_raw_contact_id")) {
            list.named_by.insert(contact, raw);
        }
        if number("photo_id").is_some_and(|id| id != 0) {
            list.pictured.extend(number("_id"));
        }
    })
}

fn unread(table: &'static Table) -> (View, WholeTable) {
    (View::new(table), WholeTable::default())
}

/// The owner's own card: all raw contacts of the profile, joined.
fn own_card(view: &View, profile: &WholeTable, context: &Context) -> Vec<Record> {
    if profile.rows.is_empty() {
        return Vec::new();
    }
    let group = Group {
        key: (0, 0),
        rows: profile.rows.clone(),
    };
    let card = decode::decode(&group, &Columns::of(view), context, Origin::Profile);
    vec![Record {
        key: context.whose.key("me"),
        body: RecordBody::Profile(card),
    }]
}

/// A sentence about the uncertain rows of a table other than the contacts.
fn uncertain(what: &str, read: &WholeTable) -> Option<String> {
    let count = read.uncertain.len();
    (count > 0)
        .then(|| phrase!("{count} {what} contain ambiguous text. They are saved as raw data only."))
}

/// Ringtones by raw contact. The only text column comes last, and no ringtone is NULL.
fn ringtones_of(replies: &[Reply]) -> BTreeMap<i64, String> {
    let mut found = BTreeMap::new();
    for reply in replies {
        for line in String::from_utf8_lossy(&reply.text).lines() {
            let pair = line
                .split_once("_id=")
                .and_then(|(_, rest)| rest.split_once(", custom_ringtone="));
            if let Some((Ok(id), ringtone)) = pair.map(|(id, tone)| (id.parse(), tone)) {
                found.insert(id, ringtone.to_owned());
            }
        }
    }
    found
}
