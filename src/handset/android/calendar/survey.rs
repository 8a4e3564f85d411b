//! The survey and the read of the calendars.

use std::collections::{BTreeSet, HashMap};

use super::decode::{self, BY_SERIES, Context};
use crate::handset::HandsetError;
use crate::handset::android::contacts::survey::first_user_accounts;
use crate::handset::android::content::changes::{Changes, Sums};
use crate::handset::android::content::exact::{self, WholeTable};
use crate::handset::android::content::group::{Group, Key};
use crate::handset::android::content::query::{self, QueryRunner, View};
use crate::handset::android::content::refusal::Refusal;
use crate::handset::android::content::scan::{From, Scan};
use crate::handset::android::content::table_read::{TableRead, UserShare};
use crate::handset::android::content::tables::{self, Table};
use crate::handset::android::phone::accounts::Accounts;
use crate::handset::android::phone::users::User;
use crate::handset::android::session::{Session, Surveyed};
use crate::model::{Holding, Past, Record, RecordBody};
use crate::protocol::adb::{AppOp, Query};

/// Surveys the calendars and opens the read.
pub fn survey(session: &mut Session, past: &Past) -> Result<Surveyed, HandsetError> {
    session.survey_patiently("calendars", |session| survey_once(session, past))
}

/// Makes one survey. The inner error is the refusal for the first user.
fn survey_once(
    session: &mut Session,
    past: &Past,
) -> Result<Result<Surveyed, Refusal>, HandsetError> {
    let mut holding = Holding::default();
    let users = session.users.clone();
    session.runner.user = users.first().and_then(User::to_ask);
    let view = session.view(&tables::EVENTS);
    let before = session.runner.look_back(&inventory())?;
    let mut streaming = session.runner.fork();
    // A resumed rescue asks for the lists first, because they determine where the stream starts.
    let from = (!past.goes_on).then_some(From::Start);
    let first_accounts = Accounts::parse(&session.account_dump, users.first().map_or(0, |u| u.id));
    let (scan, first) = std::thread::scope(|scope| {
        let job = scope.spawn(|| {
            from.map(|from| Scan::start(&mut streaming, view.clone(), &BY_SERIES, from))
                .transpose()
        });
        let first_place = (&first_accounts, "");
        let looked = look(&mut session.runner, view.clone(), first_place, before, past);
        (query::joined(job), looked)
    });
    let (scan, mut first) = (scan?, Some(first?));
    let (mut shares, mut missing, mut answered) = (Vec::new(), Vec::new(), false);
    for (index, user) in users.iter().enumerate() {
        if session.closed_users.contains(&user.id) {
            continue;
        }
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
                let view = session.view(&tables::EVENTS);
                let before = session.runner.look_back(&inventory())?;
                look(&mut session.runner, view, (&accounts, &place), before, past)?
            }
        };
        if let (0, Some(scan)) = (index, &scan) {
            looked.share.view = scan.view.clone();
        }
        if let Some(refusal) = looked.refusal {
            if index == 0 {
                return Ok(Err(refusal));
            }
            holding.notes.push(format!(
                "The calendars of the user {} can't be read: {}",
                user.label(),
                refusal.said()
            ));
            session.closed_users.insert(user.id);
            continue;
        }
        let labelled = |note| user.labelled(index, note);
        missing.extend(looked.missing.drain(..).map(labelled));
        answered |= looked.answered;
        holding.handset_says = Some(holding.handset_says.unwrap_or_default() + looked.says);
        holding.rows = Some(holding.rows.unwrap_or_default() + looked.rows);
        let changed = looked.changes.sentence("events");
        holding
            .changed
            .extend(changed.map(|text| user.labelled(index, text)));
        shares.push(looked.share);
    }
    if holding.rows == Some(0) {
        holding.unreadable = session.why_empty("READ_CALENDAR", AppOp::ReadCalendar, answered)?;
        if holding.unreadable.is_some() {
            return Ok(Ok((holding, None)));
        }
        holding.notes.push(format!(
            "The handset lists no events, and lets its shell look at them.{}",
            first_user_accounts(session)
        ));
    }
    let bookmark = past.bookmark.clone();
    let read = TableRead::new(&BY_SERIES, shares, bookmark, scan, missing);
    Ok(Ok((holding, Some(read))))
}

struct Looked {
    share: UserShare,
    says: u64,
    rows: u64,
    refusal: Option<Refusal>,
    changes: Changes,
    /// Incomplete data other than the events themselves.
    missing: Vec<String>,
    /// The provider returned calendars.
    answered: bool,
}

/// Surveys one user's calendars. `before` is the list of events from an earlier part of the rescue.
fn look(
    runner: &mut QueryRunner,
    events: View,
    (accounts, place): (&Accounts, &str),
    before: Option<Vec<u8>>,
    past: &Past,
) -> Result<Looked, HandsetError> {
    let side = [
        &tables::CALENDARS,
        &tables::REMINDERS,
        &tables::ATTENDEES,
        &tables::EXTENDED_PROPERTIES,
    ];
    let inventory = inventory();
    let exact::Tables { reads, replies } = exact::read_tables(
        runner,
        side.iter().map(|t| View::new(t)).collect(),
        std::slice::from_ref(&inventory),
    )?;
    let mut missing = Vec::new();
    for (view, read) in &reads {
        missing.extend(trouble(view.table, read));
    }
    let mut reads = reads.into_iter();
    let mut next = || {
        reads
            .next()
            .unwrap_or_else(|| (View::new(&tables::CALENDARS), WholeTable::default()))
    };

    let mut context = Context {
        place: place.to_owned(),
        ..Context::default()
    };
    let (view, calendars) = next();
    let refusal = calendars.refusal.clone();
    let answered = !calendars.rows.is_empty();
    let rows = calendars
        .rows
        .iter()
        .filter_map(|row| decode::calendar(&view, row, accounts, &context));
    let found: HashMap<_, _> = rows.map(|c| (c.row, c)).collect();
    context.calendars = found;
    let (view, read) = next();
    context.reminders = by_event(
        read.rows
            .iter()
            .filter_map(|row| decode::reminder(&view, row)),
    );
    let (view, read) = next();
    context.attendees = by_event(
        read.rows
            .iter()
            .filter_map(|row| decode::attendee(&view, row)),
    );
    let (view, read) = next();
    context.extended = by_event(
        read.rows
            .iter()
            .filter_map(|row| decode::extended(&view, row)),
    );

    let listed = View::new(&INVENTORY);
    let mut replies = replies.into_iter();
    let reply = runner.again(&inventory, replies.next().unwrap_or_default())?;
    let list_broke = reply.refusal.as_ref().filter(|r| r.is_broken_off());
    missing.extend(list_broke.map(|refusal| {
        format!(
            "The handset broke off its list of events: {}. Run the rescue again.",
            refusal.said()
        )
    }));
    let refusal = refusal
        .or_else(|| reply.refusal.clone())
        .filter(|refusal| !refusal.is_broken_off() || !answered);
    let group = |view: &View, row: &[Option<i64>]| {
        let original = view.number(row, "original_id");
        Some((0, original.or_else(|| view.number(row, "_id"))?))
    };
    let changes = before.map_or_else(Changes::default, |before| {
        let now = Sums::of(&listed, group, &reply.text);
        Changes::between(&now, &listed, group, &before)
    });
    let (mut expected, mut says, mut rows) = (BTreeSet::new(), 0, 0);
    exact::each_numbers(listed.numbers(), &reply.text, |row| {
        let number = |name| listed.number(row, name);
        let (id, original) = (number("_id"), number("original_id"));
        expected.extend(original.or(id).map(|key| (0, key)));
        // A changed occurrence may name its series only by the server's id. It still is not an event by itself: its
        // time in the series is set (AOSP `CalendarContract.EventsColumns.ORIGINAL_INSTANCE_TIME`).
        let is_occurrence = original.is_some() || number("originalInstanceTime").is_some();
        says += u64::from(!is_occurrence && number("deleted") != Some(1));
        rows += 1;
    });
    let prefix = if place.is_empty() {
        String::new()
    } else {
        format!("{place}/")
    };
    let mut known: Vec<_> = context.calendars.values().cloned().collect();
    known.sort_by_key(|c| c.row);
    let mut first: Vec<Record> = known
        .into_iter()
        .map(|c| Record {
            key: format!("{prefix}calendar/{}", c.row),
            body: RecordBody::Calendar(c),
        })
        .collect();
    // The key of a single occurrence differs from the key of its group, so such a group is read again.
    let name = |key: &Key| format!("{prefix}event/{}", key.1);
    expected.retain(|key| changes.is_stale(key) || !past.keys.contains(&name(key)));
    first.retain(|record| !runner.recalls || !past.keys.contains(&record.key));
    let decode = move |view: &View, group: &Group| {
        let record = |event: crate::model::Event| Record {
            key: format!("{prefix}event/{}", event.source.row),
            body: RecordBody::Event(event),
        };
        decode::decode(view, group, &context)
            .into_iter()
            .map(record)
            .collect()
    };
    let share = UserShare {
        user: runner.user,
        name: place.to_owned(),
        view: events,
        expected,
        first,
        decode: Box::new(decode),
        recalls: runner.recalls,
    };
    Ok(Looked {
        share,
        says,
        rows,
        refusal,
        changes,
        missing,
        answered,
    })
}

/// The numbers of all events, in a separate query. Events have no version: a change shows in the flag for changes since
/// the last synchronisation, and in the event's times.
static INVENTORY: Table = Table {
    uri: crate::protocol::adb::ContentUri::Events,
    numbers: &[
        "_id",
        "original_id",
        "deleted",
        "dirty",
        "dtstart",
        "dtend",
        "originalInstanceTime",
    ],
    texts: &[],
    id: "_id",
    id_in_filter: &["_id"],
    sort: "_id",
    backwards: "_id DESC",
    has_few_rows: false,
    bytes: None,
    optional: &[],
};

/// The handset's list of its events.
pub fn inventory() -> Query {
    let view = View::new(&INVENTORY);
    view.query(view.numbers(), None)
}

/// A sentence about what went wrong with a table other than the events.
pub fn trouble(table: &Table, read: &WholeTable) -> Option<String> {
    let what = table.uri.text();
    match (&read.refusal, read.uncertain.len()) {
        (Some(refusal), _) => Some(format!(
            "Not all of {what} could be read: {}",
            refusal.said()
        )),
        (None, 0) => None,
        (None, n) => Some(format!(
            "{n} rows of {what} can be read in more than one way; they are kept raw."
        )),
    }
}

fn by_event<T>(pairs: impl Iterator<Item = (i64, T)>) -> HashMap<i64, Vec<T>> {
    let mut found: HashMap<i64, Vec<T>> = HashMap::new();
    for (event, value) in pairs {
        found.entry(event).or_default().push(value);
    }
    found
}
