//! Calendars and events: `Calendar.sqlitedb`.

pub mod decode;
pub mod items;
pub mod rule;

use std::sync::Arc;

use self::decode::Decoded;
use self::items::{Items, Opened};
use super::row::Row;
use super::{Room, Source, room};
use crate::handset::HandsetError;
use crate::model::{Batch, Bookmark, Event, Findings, Holding, Past, Record, RecordBody};
use crate::phrase;

const BOOKMARK: &str = "event";

/// Items that are events. Until iOS 12, `entity_type` 3 is a reminder.
pub fn is_event(row: &Row) -> bool {
    match row.number("entity_type") {
        Some(2) => true,
        Some(3) => false,
        _ => {
            let has = |name: &str| row.real(name).is_some_and(|seconds| seconds != 0.0);
            row.real("start_date").is_some() || !(has("due_date") || has("completion_date"))
        }
    }
}

/// The same in SQL, by the columns that the table has.
fn condition(items: &Items) -> String {
    let has = |name: &str| items.database.has_columns(items.table, &[name]);
    let mut all = vec!["1".to_owned()];
    if has("entity_type") {
        let mut other = "start_date IS NOT NULL".to_owned();
        if has("due_date") && has("completion_date") {
            other.push_str(" OR (coalesce(due_date, 0) = 0 AND coalesce(completion_date, 0) = 0)");
        } else {
            other.push_str(" OR 1");
        }
        all.push(format!(
            "(entity_type = 2 OR (entity_type IS NOT 2 AND entity_type IS NOT 3 AND ({other})))"
        ));
    }
    if has("calendar_scale") {
        all.push("calendar_scale IS NOT 'gregorian'".to_owned());
    }
    if has("phantom_master") {
        all.push("coalesce(phantom_master, 0) = 0".to_owned());
    }
    if !items.birthdays.is_empty() {
        all.push(format!("calendar_id NOT IN ({})", list(&items.birthdays)));
    }
    all.join(" AND ")
}

fn list(ids: &[i64]) -> String {
    let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
    ids.join(", ")
}

/// The calendars of a phone.
pub struct Calendars {
    source: Arc<dyn Source>,
    items: Option<Box<Items>>,
    findings: Findings,
    /// Parts of rules that are not understood.
    unknown: Vec<String>,
}

impl Calendars {
    pub fn new(source: Arc<dyn Source>) -> Self {
        Self {
            source,
            items: None,
            findings: Findings::default(),
            unknown: Vec::new(),
        }
    }

    /// Makes the event of a row, with its changed occurrences; `None`: it is no event of its own.
    fn event(&mut self, row: &Row) -> Option<Event> {
        let items = self.items.as_mut()?;
        let findings = &mut self.findings;
        let is_birthday = row.text("calendar_scale").as_deref() == Some("gregorian")
            || row
                .number("calendar_id")
                .is_some_and(|id| items.birthdays.contains(&id));
        if !is_event(row) || is_birthday || row.flag("phantom_master") || items.is_changed(row) {
            return None;
        }
        let beside = items.beside(row, findings);
        let Decoded { mut event, unknown } =
            decode::event(row, &beside, &items.context, items.date);
        self.unknown.extend(unknown);
        // Only an occurrence has the original start; alone, its own start is what counts.
        event.recurrence_id = None;
        for changed in items.changed(row, findings) {
            if changed.number("rowid") == row.number("rowid") {
                continue;
            }
            let beside = items.beside(&changed, findings);
            let Decoded {
                event: mut occurrence,
                unknown,
            } = decode::event(&changed, &beside, &items.context, items.date);
            self.unknown.extend(unknown);
            if occurrence.recurrence_id.is_none() {
                occurrence.recurrence_id.clone_from(&occurrence.start);
            }
            event.take_occurrence(occurrence);
        }
        // An exception may also mark the place of a changed occurrence.
        let changed = &event.changed;
        let start = event.start.as_ref();
        event.cancelled.retain(|moment| {
            let is_place = |place: &crate::model::Moment| match start {
                Some(start) => place.typed_as(start) == moment.typed_as(start),
                None => place == moment,
            };
            let mut places = changed.iter().filter_map(|one| one.recurrence_id.as_ref());
            !places.any(is_place)
        });
        event.cancelled.sort();
        event.cancelled.dedup();
        Some(event)
    }
}

impl Room for Calendars {
    fn survey(&mut self, _: &Past) -> Result<Holding, HandsetError> {
        self.findings = Findings::default();
        self.unknown.clear();
        self.items = None;
        let items = match Items::open(&self.source, &mut self.findings)? {
            Opened::Items(items) => items,
            Opened::Closed(holding) => return Ok(holding),
            Opened::NotListed => {
                return Ok(room::closed(
                    phrase(
                        "There is no calendar in it, which every iPhone has. Make a new backup of the phone.",
                    )
                    .into(),
                ));
            }
        };
        let condition = condition(&items);
        let alone = match items.series {
            Some(series) => format!(
                "{condition} AND NOT EXISTS (SELECT 1 FROM {table} AS master WHERE master.rowid = {table}.{series}
                 AND master.rowid <> {table}.rowid AND {table}.{series} > 0{phantom})",
                table = items.table,
                phantom = match items.database.has_columns(items.table, &["phantom_master"]) {
                    true => " AND coalesce(master.phantom_master, 0) = 0",
                    false => "",
                }
            ),
            None => condition.clone(),
        };
        let mut holding = Holding {
            handset_says: items.count(&alone),
            rows: items.count("1"),
            ..Holding::default()
        };
        if !items.subscribed.is_empty() {
            let subscribed = list(&items.subscribed);
            let count = items.count(&format!("{alone} AND calendar_id IN ({subscribed})"));
            if let Some(count) = count.filter(|count| *count > 0) {
                holding.notes.push(phrase!(
                    "Events in calendars that others publish, such as holidays: {count}. The phone gets these from the \
                     internet again."
                ));
            }
        }
        if holding.handset_says == Some(0) {
            holding
                .notes
                .push(phrase("The phone's calendar has no events.").into());
        }
        self.items = Some(items);
        Ok(holding)
    }

    fn next_batch(&mut self, after: Option<&Bookmark>) -> Result<Option<Batch>, HandsetError> {
        let mut batch = Batch::default();
        let at = room::place_of(after, BOOKMARK);
        let Some(items) = self.items.as_mut() else {
            return Ok(None);
        };
        let rows = items.page(at, &mut self.findings)?;
        if after.is_none() {
            let calendars = items.context.calendars.iter();
            let calendars = calendars.filter(|(id, _)| !items.birthdays.contains(id));
            let mut records: Vec<Record> = calendars
                .map(|(id, calendar)| Record {
                    key: format!("calendar/{id}"),
                    body: RecordBody::Calendar(calendar.clone()),
                })
                .collect();
            records.sort_by(|a, b| a.key.cmp(&b.key));
            batch.records = records;
        }
        let Some(last) = rows.last().and_then(|row| row.number("rowid")) else {
            // Calendars without events.
            let is_first = after.is_none() && !batch.records.is_empty();
            batch.bookmark = Some(room::bookmark(BOOKMARK, i64::MAX));
            return Ok(is_first.then_some(batch));
        };
        for row in &rows {
            if let Some(event) = self.event(row) {
                batch.records.push(Record {
                    key: format!("event/{}", event.source.row),
                    body: RecordBody::Event(event),
                });
            }
        }
        batch.rows = rows.len() as u64;
        batch.bookmark = Some(room::bookmark(BOOKMARK, last));
        if let Some(items) = self.items.as_mut() {
            items.keep(&mut batch, &rows, at);
        }
        Ok(Some(batch))
    }

    fn findings(&mut self) -> Result<Findings, HandsetError> {
        let mut findings = std::mem::take(&mut self.findings);
        if let Some(items) = &mut self.items {
            findings.missing.append(&mut items.database.damage);
        }
        let unknown = std::mem::take(&mut self.unknown);
        if let Some(first) = unknown.first() {
            findings.raw_only += unknown.len() as u64;
            findings.missing.push(phrase!(
                "Recurring events with rules that Lifeboat does not know (such as “{first}”): {}. The rules are kept with \
                 the events as they are on the phone.",
                unknown.len()
            ));
        }
        Ok(findings)
    }
}
