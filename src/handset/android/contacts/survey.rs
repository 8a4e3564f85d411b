//! The survey and the read of an address book.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::decode::{self, BY_PERSON, Columns, Context};
use crate::handset::HandsetError;
use crate::handset::android::content::changes::{Changes, Sums};
use crate::handset::android::content::exact::{self, WholeTable};
use crate::handset::android::content::group::{Group, Key};
use crate::handset::android::content::number_list::{self, Listed};
use crate::handset::android::content::query::{self, QueryRunner, Reply, View};
use crate::handset::android::content::refusal::Refusal;
use crate::handset::android::content::scan::{From, Scan};
use crate::handset::android::content::table_read::{TableRead, UserShare};
use crate::handset::android::content::tables;
use crate::handset::android::phone::accounts::Accounts;
use crate::handset::android::phone::users::User;
use crate::handset::android::session::{Session, Surveyed};
use crate::model::{Account, Holding, NotCovered, Origin, Past, Record, RecordBody};
use crate::protocol::adb::{ContentUri, Query};

/// The survey of one user's address book.
struct Looked {
    share: UserShare,
    says: Option<u64>,
    rows: u64,
    refusal: Option<Refusal>,
    notes: Vec<String>,
    changes: Changes,
    /// Incomplete data other than the contacts themselves.
    missing: Vec<String>,
    /// The provider returned some rows, though perhaps no contacts.
    answered: bool,
    /// Set if the owner's own card is closed to the shell.
    closed: Option<String>,
}

/// The handset's list of its raw contacts.
pub fn inventory() -> (View, Query) {
    let view = View::new(&tables::RAW_CONTACTS);
    let query = view.query(view.numbers(), None);
    (view, query)
}

/// Surveys the contacts and opens the read.
pub fn survey(session: &mut Session, past: &Past) -> Result<Surveyed, HandsetError> {
    session.survey_patiently("contacts", |session| survey_once(session, past))
}

/// Makes one survey. The inner error is the refusal for the first user.
fn survey_once(
    session: &mut Session,
    past: &Past,
) -> Result<Result<Surveyed, Refusal>, HandsetError> {
    let mut holding = Holding::default();
    let users = session.users.clone();
    // The first user's stream starts before the other queries, because each takes the handset seconds.
    session.runner.user = users.first().and_then(User::to_ask);
    let before = session.runner.look_back(&inventory().1)?;
    let mut streaming = session.runner.fork();
    // A resumed rescue asks for the lists first, because they determine where the stream starts.
    let from = (!past.goes_on).then_some(From::Start);
    let first_accounts = Accounts::parse(&session.account_dump, users.first().map_or(0, |u| u.id));
    let (scan, first) = std::thread::scope(|scope| {
        let job = scope.spawn(|| {
            let view = View::new(&tables::RAW_ENTITIES);
            from.map(|from| Scan::start(&mut streaming, view, &BY_PERSON, from))
                .transpose()
        });
        let looked = look(&mut session.runner, first_accounts, "", before, past);
        (query::joined(job), looked)
    });
    let (scan, mut first) = (scan?, Some(first?));
    let (mut shares, mut missing, mut answered) = (Vec::new(), Vec::new(), false);
    for (index, user) in users.iter().enumerate() {
        session.runner.user = user.to_ask();
        let place = if index == 0 {
            String::new()
        } else {
            user.name.clone()
        };
        let accounts = Accounts::parse(&session.account_dump, user.id);
        let mut looked = match first.take() {
            Some(looked) => looked,
            None => {
                let before = session.runner.look_back(&inventory().1)?;
                look(&mut session.runner, accounts, &place, before, past)?
            }
        };
        if let (0, Some(scan)) = (index, &scan) {
            looked.share.view = scan.view.clone();
        }
        if looked.refusal.is_none() {
            let labelled = |note| user.labelled(index, note);
            holding.notes.extend(looked.notes.drain(..).map(labelled));
            missing.extend(looked.missing.drain(..).map(labelled));
            answered |= looked.answered;
            let closed = looked.closed.take();
            session.closed_apps.extend(closed.map(NotCovered::listed));
        }
        match looked.refusal {
            Some(refusal) if index == 0 => return Ok(Err(refusal)),
            Some(refusal) => {
                holding.notes.push(format!(
                    "The contacts of the user {} can't be read ({}). Switch to that user on the handset, unlock it, \
                     and run the rescue again.",
                    user.label(),
                    refusal.said()
                ));
                session.closed_users.insert(user.id);
                continue;
            }
            None => {}
        }
        holding.handset_says = match (holding.handset_says, looked.says) {
            (total, Some(says)) => Some(total.unwrap_or_default() + says),
            (total, None) => total,
        };
        holding.rows = Some(holding.rows.unwrap_or_default() + looked.rows);
        let changed = looked.changes.sentence("contacts");
        holding
            .changed
            .extend(changed.map(|text| user.labelled(index, text)));
        shares.push(looked.share);
    }
    if holding.rows == Some(0) {
        holding.unreadable = session.why_empty(
            "READ_CONTACTS",
            crate::protocol::adb::AppOp::ReadContacts,
            answered,
        )?;
        holding.notes.push(format!(
            "The handset lists no contacts, and lets its shell look at them.{}",
            first_user_accounts(session)
        ));
        if holding.unreadable.is_some() {
            holding.notes.pop();
            return Ok(Ok((holding, None)));
        }
    }
    let bookmark = past.bookmark.clone();
    let read = TableRead::new(&BY_PERSON, shares, bookmark, scan, missing);
    Ok(Ok((holding, Some(read))))
}

/// A sentence that says which accounts may have the data that the handset lacks, to follow another sentence.
pub fn first_user_accounts(session: &Session) -> String {
    let accounts = Accounts::parse(&session.account_dump, 0);
    let names: Vec<_> = accounts.iter().map(|(name, _)| name.as_str()).collect();
    match names.is_empty() {
        true => String::new(),
        false => format!(
            " What its accounts have is kept by their servers alone: {}.",
            names.join(", ")
        ),
    }
}

/// Surveys one user's address book. `before` is the list of raw contacts from an earlier part of the rescue.
fn look(
    runner: &mut QueryRunner,
    accounts: Accounts,
    place: &str,
    before: Option<Vec<u8>>,
    past: &Past,
) -> Result<Looked, HandsetError> {
    let views = [&tables::GROUPS, &tables::PROFILE_ENTITIES].map(View::new);
    let ringtones = Query {
        uri: ContentUri::RawContacts,
        user: None,
        projection: vec!["_id", "custom_ringtone"],
        filter: Some("custom_ringtone IS NOT NULL".into()),
        sort: Some("_id".into()),
    };
    // The lists are long, so only the facts needed are kept as the rows arrive.
    let (mut for_raw, mut for_joined) = (runner.fork(), runner.fork());
    let (tables, raw, joined) = std::thread::scope(|scope| {
        let raw = scope.spawn(|| list_raw(&mut for_raw, before.as_deref()));
        let joined = scope.spawn(|| list_joined(&mut for_joined));
        let tables = exact::read_tables(runner, views.to_vec(), &[ringtones]);
        (tables, query::joined(raw), query::joined(joined))
    });
    let (raw, joined) = (raw?, joined?);
    let exact::Tables { mut reads, replies } = tables?;
    let ringtones = ringtones_of(&replies);
    let (profile_view, profile) = reads
        .pop()
        .unwrap_or_else(|| unread(&tables::PROFILE_ENTITIES));
    let (group_view, groups) = reads.pop().unwrap_or_else(|| unread(&tables::GROUPS));

    let (mut notes, mut missing) = (Vec::new(), Vec::new());
    let mut context = Context {
        accounts,
        ringtones,
        place: place.to_owned(),
        ..Context::default()
    };
    for row in &groups.rows {
        let text = |name: &str| row.text(&group_view, name).map(str::to_owned);
        let title = text("title")
            .or_else(|| text("system_id"))
            .filter(|t| !t.is_empty());
        let (Some(id), Some(title)) = (row.number(&group_view, "_id"), title) else {
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
    if let Some(refusal) = &groups.refusal {
        missing.push(format!(
            "The names of contact groups could not all be read: {}. Run the rescue again.",
            refusal.said()
        ));
    }
    missing.extend(uncertain("names of contact groups", &groups));
    missing.extend(uncertain("rows of the owner's own card", &profile));
    let joined_refusal = joined.refusal.or(joined.odd_end);
    let joined_count = joined.made.count;
    (context.named_by, context.pictured) = (joined.made.named_by, joined.made.pictured);
    let refusal = raw.refusal.or(raw.odd_end);
    let RawList {
        rows,
        mut expected,
        to_voicemail,
        now,
    } = raw.made;
    context.to_voicemail = to_voicemail;
    let changes = match before {
        Some(before) => Changes::between(&now, &raw.view, group_of, &before),
        None => Changes::default(),
    };
    let refusal = match refusal {
        Some(refusal) if refusal.is_broken_off() && rows > 0 => {
            missing.push(format!(
                "The handset broke off its list of contacts: {}. Run the rescue again.",
                refusal.said()
            ));
            None
        }
        refusal => refusal,
    };
    let says = match &joined_refusal {
        None => joined_count,
        Some(refusal) => {
            notes.push(format!(
                "The handset's own list of contacts could not be counted: {}",
                refusal.said()
            ));
            expected.iter().filter(|k| k.0 == 0).count() as u64
        }
    };
    if !context.accounts.are_known() {
        notes.push("The handset did not say which accounts it has: rows about to be dropped can't be named.".into());
    }
    let mut first = own_card(&profile_view, &profile, &context);
    let mut closed = None;
    match &profile.refusal {
        None | Some(Refusal::UnknownUri(_)) => {}
        Some(Refusal::Denied(said)) => {
            closed = Some(format!(
                "The owner's own card: the handset does not let its shell read it ({said})."
            ));
        }
        Some(refusal) => missing.push(format!(
            "The owner's own card could not be read: {}. Run the rescue again.",
            refusal.said()
        )),
    }
    let answered = !groups.rows.is_empty() || !profile.rows.is_empty();
    let view = View::new(&tables::RAW_ENTITIES);
    let prefix = if place.is_empty() {
        String::new()
    } else {
        format!("{place}/")
    };
    let name = move |key: &Key| {
        let kind = if key.0 == 0 { "contact" } else { "raw" };
        format!("{prefix}{kind}/{}", key.1)
    };
    expected.retain(|key| changes.is_stale(key) || !past.keys.contains(&name(key)));
    first.retain(|record| !runner.recalls || !past.keys.contains(&record.key));
    let decode = move |view: &View, group: &Group| {
        let contact = decode::decode(group, &Columns::of(view), &context, Origin::Handset);
        vec![Record {
            key: name(&group.key),
            body: RecordBody::Contact(contact),
        }]
    };
    Ok(Looked {
        share: UserShare {
            user: runner.user,
            name: place.to_owned(),
            view,
            expected,
            first,
            decode: Box::new(decode),
            recalls: runner.recalls,
        },
        says: Some(says),
        rows,
        refusal,
        notes,
        changes,
        missing,
        answered,
        closed,
    })
}

/// The group of a raw contact: the person that the handset shows, or the raw contact alone if it is marked deleted.
fn key_of(contact: Option<i64>, raw: i64) -> Key {
    contact.map_or((1, raw), |contact| (0, contact))
}

/// The group of a row of the handset's list of raw contacts.
fn group_of(view: &View, numbers: &[Option<i64>]) -> Option<Key> {
    let id = view.number(numbers, "_id")?;
    Some(key_of(view.number(numbers, "contact_id"), id))
}

/// Facts from the handset's list of raw contacts.
#[derive(Default)]
struct RawList {
    rows: u64,
    expected: BTreeSet<Key>,
    to_voicemail: BTreeSet<i64>,
    /// Sums for comparison with the list in an earlier part of the rescue, if there was one.
    now: Sums,
}

fn list_raw(
    runner: &mut QueryRunner,
    before: Option<&[u8]>,
) -> Result<Listed<RawList>, HandsetError> {
    let view = View::new(&tables::RAW_CONTACTS);
    let query = |view: &View| view.query(view.numbers(), None);
    number_list::whole(runner, view, query, |list: &mut RawList, view, row| {
        let Some(key) = group_of(view, row) else {
            return;
        };
        list.rows += 1;
        list.expected.insert(key);
        if view.number(row, "send_to_voicemail") == Some(1) {
            list.to_voicemail.extend(view.number(row, "_id"));
        }
        if before.is_some() {
            list.now.add(key, row);
        }
    })
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

fn unread(table: &'static tables::Table) -> (View, WholeTable) {
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
    let key = if context.place.is_empty() {
        "me".into()
    } else {
        format!("{}/me", context.place)
    };
    vec![Record {
        key,
        body: RecordBody::Profile(card),
    }]
}

/// A sentence about the uncertain rows of a table other than the contacts.
fn uncertain(what: &str, read: &WholeTable) -> Option<String> {
    let count = read.uncertain.len();
    (count > 0).then(|| {
        format!(
            "{count} {what} hold text that can be read in more than one way; they are kept raw."
        )
    })
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
