//! Reminders of iOS 5 to 12, in the calendar database.

use std::sync::Arc;

use crate::handset::HandsetError;
use crate::handset::iphone::databases::Source as Files;
use crate::handset::iphone::databases::calendar::decode::{self, start_of};
use crate::handset::iphone::databases::calendar::items::{Items, Opened};
use crate::handset::iphone::databases::calendar::{is_event, rule};
use crate::handset::iphone::databases::cocoa;
use crate::handset::iphone::databases::parts::Part;
use crate::handset::iphone::databases::row::Row;
use crate::model::uid;
use crate::model::{Batch, Findings, Moment, Record, RecordBody, Source, Todo, Trigger};
use crate::phrase;

/// Columns of an item that fields of a to-do hold, besides those that events do not use either.
const READ: [&str; 20] = [
    "rowid",
    "summary",
    "description",
    "start_date",
    "start_tz",
    "calendar_id",
    "entity_type",
    "priority",
    "due_date",
    "due_tz",
    "due_all_day",
    "all_day",
    "completion_date",
    "external_id",
    "external_rep",
    "external_mod_tag",
    "unique_identifier",
    "UUID",
    "last_modified",
    "creation_date",
];

/// The reminders in a calendar database.
pub struct FromCalendar {
    items: Box<Items>,
    count: Option<u64>,
    unknown: Vec<String>,
}

impl FromCalendar {
    /// Opens the calendar database. `None`: it has no reminders. The second value is true for a database of iOS 12 or
    /// earlier, which would have them.
    ///
    /// # Errors
    /// If the link is lost or the rescue is stopped.
    pub fn open(
        files: &Arc<dyn Files>,
        findings: &mut Findings,
    ) -> Result<(Option<Self>, bool), HandsetError> {
        // What is wrong with the calendar itself is said with the events.
        let mut aside = Findings::default();
        let Opened::Items(items) = Items::open(files, &mut aside)? else {
            return Ok((None, false));
        };
        let is_old = !items.database.has_columns(items.table, &["recurrence_set"])
            && !items.database.has_columns(items.table, &["conference_url"]);
        if !items
            .database
            .has_columns(items.table, &["due_date", "completion_date"])
        {
            return Ok((None, is_old));
        }
        let condition = match items.database.has_columns(items.table, &["entity_type"]) {
            true => {
                "entity_type = 3 OR (entity_type IS NOT 2 AND start_date IS NULL AND \
                 (coalesce(due_date, 0) <> 0 OR coalesce(completion_date, 0) <> 0))"
            }
            false => "0",
        };
        let count = items.count(condition);
        if count == Some(0) {
            return Ok((None, is_old));
        }
        findings.missing.append(&mut aside.missing);
        Ok((
            Some(Self {
                items,
                count,
                unknown: Vec::new(),
            }),
            is_old,
        ))
    }

    fn todo(&mut self, row: &Row, findings: &mut Findings) -> Todo {
        let beside = self.items.beside(row, findings);
        let calendar = row.number("calendar_id");
        let calendar = calendar.and_then(|id| self.items.context.calendars.get(&id));
        let is_day = row.flag("due_all_day") || row.flag("all_day");
        let zone = row.text("due_tz").or_else(|| row.text("start_tz"));
        let moment = |name: &str| {
            let seconds = row.real(name).filter(|seconds| *seconds != 0.0)?;
            start_of(seconds, zone.as_deref(), is_day)
        };
        let due = moment("due_date");
        let completed = row
            .real("completion_date")
            .filter(|seconds| *seconds != 0.0);
        let mut extended = Vec::new();
        for found in &beside.rules {
            let rule = rule::rule(found, is_day);
            extended.extend(rule.text.map(|text| ("RRULE".to_owned(), text)));
            for odd in rule.unknown {
                extended.push(("X-APPLE-RECURRENCE".to_owned(), odd.clone()));
                self.unknown.push(odd);
            }
        }
        for place in &beside.locations {
            let said = place.others(&["rowid", "item_owner_id"]);
            extended.extend(
                said.into_iter()
                    .map(|(name, value)| (format!("location {name}"), value)),
            );
        }
        extended.extend(beside.places.iter().cloned());
        let others = row.others(&READ).into_iter();
        extended.extend(others.filter(|(_, value)| value != "0" && value != "-1"));
        let reminders: Vec<_> = beside.alarms.iter().filter_map(decode::reminder).collect();
        let reminder = reminders
            .iter()
            .find_map(|reminder| match &reminder.trigger {
                Some(Trigger::At(moment)) => Some(moment.clone()),
                Some(Trigger::Start(_) | Trigger::End(_)) => None,
                None => match (&due, reminder.minutes) {
                    (Some(Moment::Time { millis, zone }), Some(minutes)) => Some(Moment::Time {
                        millis: millis.saturating_sub(minutes.saturating_mul(60_000)),
                        zone: zone.clone(),
                    }),
                    _ => None,
                },
            });
        let source_id = row.text("external_id");
        let is_here = calendar.is_none_or(|calendar| calendar.source.only_here);
        let mut todo = Todo {
            uid: row
                .text("unique_identifier")
                .or_else(|| row.text("UUID"))
                .unwrap_or_default(),
            list: calendar
                .map(|calendar| calendar.name.clone())
                .unwrap_or_default(),
            title: row.text("summary"),
            notes: row.text("description"),
            start: moment("start_date"),
            done: completed.is_some(),
            completed: completed.and_then(|seconds| {
                Some(Moment::Time {
                    millis: cocoa::millis(seconds)?,
                    zone: "UTC".to_owned(),
                })
            }),
            priority: row
                .number("priority")
                .and_then(|priority| u8::try_from(priority).ok())
                .filter(|priority| (1..=9).contains(priority)),
            reminder,
            reminders: match reminders.len() {
                0 | 1 => Vec::new(),
                _ => reminders,
            },
            due,
            extended,
            source: Source {
                row: row.number("rowid").unwrap_or_default(),
                account: calendar
                    .map(|calendar| calendar.account.clone())
                    .unwrap_or_default(),
                only_here: is_here || source_id.is_none(),
                source_id,
                ..Source::default()
            },
        };
        if todo.uid.is_empty() {
            todo.uid = uid::of_todo(&["todo"], &todo);
        }
        todo
    }
}

impl Part for FromCalendar {
    fn id(&self) -> &str {
        "calendar"
    }

    fn counts(&self) -> (Option<u64>, Option<u64>) {
        (self.count, self.items.count("1"))
    }

    fn next(
        &mut self,
        after: i64,
        findings: &mut Findings,
    ) -> Result<Option<(Batch, i64)>, HandsetError> {
        let rows = self.items.page(after, findings)?;
        let Some(last) = rows.last().and_then(|row| row.number("rowid")) else {
            return Ok(None);
        };
        let mut batch = Batch {
            rows: rows.len() as u64,
            ..Batch::default()
        };
        for row in rows.iter().filter(|row| !is_event(row)) {
            let todo = self.todo(row, findings);
            batch.records.push(Record {
                key: format!("todo/calendar/{}", todo.source.row),
                body: RecordBody::Todo(todo),
            });
        }
        self.items.keep(&mut batch, &rows, after);
        Ok(Some((batch, last)))
    }

    fn finish(&mut self, findings: &mut Findings) {
        findings.missing.append(&mut self.items.database.damage);
        note_unknown(&mut self.unknown, findings);
    }
}

/// Says that some rules are not understood.
pub fn note_unknown(unknown: &mut Vec<String>, findings: &mut Findings) {
    if let Some(first) = unknown.first() {
        findings.raw_only += unknown.len() as u64;
        findings.missing.push(phrase!(
            "Reminders with parts that Lifeboat does not know (such as “{first}”): {}. The parts are kept with the \
             reminders as they are on the phone.",
            unknown.len()
        ));
    }
    unknown.clear();
}
