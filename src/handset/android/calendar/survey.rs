//! The survey of the calendars.

use std::collections::HashMap;

use super::decode::{self, BY_SERIES, Context};
use super::tables;
use crate::handset::HandsetError;
use crate::handset::android::content::{
    Decoder, ExactRow, Fresh, Group, QueryRunner, View, WholeTable, exact,
};
use crate::handset::android::phone::accounts::Accounts;
use crate::handset::android::session::{Session, Surveyed};
use crate::handset::android::table_survey::{
    self, Entries, Gathered, List, TableCollection, UserContext, Users, lists_none, trouble,
};
use crate::model::{Calendar, Event, Past, Record, RecordBody};
use crate::phrase;
use crate::protocol::adb::AppOp;

/// Events, each series with its changed occurrences.
pub static EVENTS: TableCollection = TableCollection {
    entries: "events",
    table: &tables::EVENTS,
    grouping: &BY_SERIES,
    op: AppOp::ReadCalendar,
    users: Users::Open,
    list: List {
        table: &tables::INVENTORY,
        key: |view, row| {
            let original = view.number(row, "original_id");
            Some((0, original.or_else(|| view.number(row, "_id"))?))
        },
        // A changed occurrence may name its series only by the server's id. It is still not a separate event, because
        // its time in the series is set (AOSP `CalendarContract.EventsColumns.ORIGINAL_INSTANCE_TIME`).
        entries: Entries::Rows(|view, row| {
            let number = |name| view.number(row, name);
            let is_occurrence =
                number("original_id").is_some() || number("originalInstanceTime").is_some();
            !is_occurrence && number("deleted") != Some(1)
        }),
        is_marked: |_, _| false,
    },
    streams_at_once: true,
    streams_late: false,
    gathers_again: true,
    // The key of a single occurrence differs from the key of its group, so such a group is read again.
    key: |key| format!("event/{}", key.1),
    survey,
    gather,
    refused: |user, said| phrase!("The calendars of user {user} can't be read: {said}"),
    empty: |session| lists_none(session, "events"),
};

/// Surveys the calendars and opens the read.
fn survey(session: &mut Session, past: &Past) -> Result<Surveyed, HandsetError> {
    session.survey_patiently("calendars", AppOp::ReadCalendar, |session| {
        table_survey::survey(session, &EVENTS, past)
    })
}

impl Decoder for Context {
    fn decode(&self, view: &View, group: &Group) -> Vec<Record> {
        let record = |event: Event| Record {
            key: self.whose.key(&format!("event/{}", event.source.row)),
            body: RecordBody::Event(event),
        };
        let events = decode::decode(view, group, self).into_iter();
        events.map(record).collect()
    }
}

/// Reads the calendars, reminders, attendees and extended properties.
fn gather(
    runner: &mut QueryRunner,
    accounts: Accounts,
    whose: &UserContext,
) -> Result<Gathered, HandsetError> {
    let side = [
        &tables::CALENDARS,
        &tables::REMINDERS,
        &tables::ATTENDEES,
        &tables::EXTENDED_PROPERTIES,
    ];
    let reads = exact::read_tables(runner, side.map(View::new).to_vec(), &[])?.reads;
    let unread = |_| side.map(|table| (View::new(table), WholeTable::default()));
    let reads: [_; 4] = reads.try_into().unwrap_or_else(unread);
    let found = reads.iter().map(|(view, read)| trouble(view.table, read));
    let missing = found.flatten().collect();
    let [calendars, reminders, attendees, extended] = reads;
    let mut context = Context {
        whose: whose.clone(),
        reminders: by_event(&reminders, decode::reminder),
        attendees: by_event(&attendees, decode::attendee),
        extended: by_event(&extended, decode::extended),
        ..Context::default()
    };
    let (view, read) = &calendars;
    let rows = read.rows.iter();
    let mut known: Vec<Calendar> = rows
        .filter_map(|row| decode::calendar(view, row, &accounts, &context))
        .collect();
    known.sort_by_key(|calendar| calendar.row);
    context.calendars = known.iter().map(|c| (c.row, c.clone())).collect();
    let answered = !read.rows.is_empty();
    let refusal = read.refusal.clone();
    let record = |calendar: Calendar| Record {
        key: whose.key(&format!("calendar/{}", calendar.row)),
        body: RecordBody::Calendar(calendar),
    };
    Ok(Gathered {
        fresh: Fresh {
            decoder: Box::new(context),
            first: known.into_iter().map(record).collect(),
            missing,
        },
        refusal: refusal.filter(|refusal| !refusal.is_broken_off() || !answered),
        answered,
        reads_on: answered,
        says: None,
        notes: Vec::new(),
        closed: None,
    })
}

/// The rows of a small table, by the event to which they belong.
fn by_event<T>(
    (view, read): &(View, WholeTable),
    decode: impl Fn(&View, &ExactRow) -> Option<(i64, T)>,
) -> HashMap<i64, Vec<T>> {
    let mut found: HashMap<i64, Vec<T>> = HashMap::new();
    for (event, value) in read.rows.iter().filter_map(|row| decode(view, row)) {
        found.entry(event).or_default().push(value);
    }
    found
}
