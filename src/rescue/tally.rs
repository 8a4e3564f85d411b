//! Counting what has been read while it is read, and noticing a flood of deletions.

use std::collections::BTreeMap;

use crate::handset::{Record, RecordBody};
use crate::vault::RecordKind;

/// From so many deleted things on, and so many of a hundred, it is a flood: somebody, or a synchronisation, has
/// emptied the collection.
const FLOOD: u64 = 20;
const FLOOD_PERCENT: u64 = 25;

/// Things of one collection, as a person counts them.
#[derive(Debug, Default)]
pub struct Tally {
    pub living: u64,
    deleted: u64,
    flood_told: bool,
}

impl Tally {
    /// What an earlier part of the same rescue has read. The journal doesn't tell the deleted ones apart.
    pub fn of_records(counts: &BTreeMap<RecordKind, u64>) -> Self {
        let things = [
            RecordKind::Contact,
            RecordKind::Event,
            RecordKind::Todo,
            RecordKind::Copied,
        ];
        Self {
            living: things.iter().filter_map(|kind| counts.get(kind)).sum(),
            ..Self::default()
        }
    }

    /// Counts more. Gives the advice that a flood of deletions calls for, once.
    pub fn add(&mut self, records: &[Record]) -> Option<String> {
        let mut what = "";
        for record in records {
            let (deleted, name) = match &record.body {
                RecordBody::Contact(contact) => {
                    let mut sources = contact.sources.iter().peekable();
                    let any = sources.peek().is_some();
                    (any && sources.all(|s| s.deleted), "contacts")
                }
                RecordBody::Event(event) if event.recurrence_id.is_some() => continue,
                RecordBody::Event(event) => (event.source.deleted, "events"),
                RecordBody::Todo(todo) => (todo.source.deleted, "to-dos"),
                RecordBody::Profile(_)
                | RecordBody::Calendar(_)
                | RecordBody::Note(_)
                | RecordBody::File(_)
                | RecordBody::Copied(_)
                | RecordBody::Undecoded { .. } => continue,
            };
            what = name;
            self.deleted += u64::from(deleted);
            self.living += u64::from(!deleted);
        }
        let flood = self.deleted >= FLOOD
            && self.deleted * 100 >= (self.living + self.deleted) * FLOOD_PERCENT;
        (flood && !std::mem::replace(&mut self.flood_told, flood)).then(|| {
            format!(
                "{} {what} are marked deleted on the phone: an emptied account may be synchronising. They are kept \
                 here. Switch airplane mode on before you go on, if the screen can be touched.",
                self.deleted
            )
        })
    }
}
