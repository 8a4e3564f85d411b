//! Counting what has been read while it is read, and noticing a flood of deletions.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::handset::{Record, RecordBody};
use crate::model::Collection;
use crate::vault::{RecordKind, Vault, VaultError};

/// From so many deleted things on, and so many of a hundred, it is a flood: somebody, or a synchronisation, has
/// emptied the collection.
const FLOOD: u64 = 20;
const FLOOD_PERCENT: u64 = 25;

/// Things of one collection, as a person counts them.
#[derive(Debug, Default)]
pub struct Tally {
    pub living: u64,
    deleted: u64,
    /// Sums of the keys of what was counted, and whether it is deleted: what is read again counts once.
    counted: HashMap<u64, bool>,
    flood_told: bool,
}

impl Tally {
    /// Counts of an earlier part of the same rescue.
    ///
    /// # Errors
    /// As [`Vault::for_each_record`].
    pub fn of(vault: &Vault, what: Collection) -> Result<Self, VaultError> {
        let mut tally = Self::default();
        let kinds = [
            RecordKind::Contact,
            RecordKind::Event,
            RecordKind::Todo,
            RecordKind::Copied,
        ];
        vault.for_each_record(what, &kinds, |record| {
            // Whole copies count; of a deletion that was told in an earlier part nothing more is said.
            let is_copy = matches!(&record.body, RecordBody::Copied(copy) if copy.damaged == 0);
            tally.living += u64::from(is_copy);
            tally.count(&record);
            Ok::<_, VaultError>(())
        })?;
        tally.flood_told = tally.is_flood();
        Ok(tally)
    }

    fn is_flood(&self) -> bool {
        self.deleted >= FLOOD && self.deleted * 100 >= (self.living + self.deleted) * FLOOD_PERCENT
    }

    /// Counts one; gives what such things are called, where a person counts them.
    fn count(&mut self, record: &Record) -> Option<&'static str> {
        let (deleted, name) = match &record.body {
            RecordBody::Contact(contact) => {
                let mut sources = contact.sources.iter().peekable();
                let any = sources.peek().is_some();
                (any && sources.all(|s| s.deleted), "contacts")
            }
            RecordBody::Event(event) if event.recurrence_id.is_some() => return None,
            RecordBody::Event(event) => (event.source.deleted, "events"),
            RecordBody::Todo(todo) => (todo.source.deleted, "to-dos"),
            RecordBody::Profile(_)
            | RecordBody::Calendar(_)
            | RecordBody::Note(_)
            | RecordBody::File(_)
            | RecordBody::Copied(_)
            | RecordBody::Undecoded { .. } => return None,
        };
        let mut hasher = DefaultHasher::new();
        record.key.hash(&mut hasher);
        match self.counted.insert(hasher.finish(), deleted) {
            Some(true) => self.deleted -= 1,
            Some(false) => self.living -= 1,
            None => {}
        }
        self.deleted += u64::from(deleted);
        self.living += u64::from(!deleted);
        Some(name)
    }

    /// Counts more. Gives the advice that a flood of deletions calls for, once.
    pub fn add(&mut self, records: &[Record]) -> Option<String> {
        let mut what = "";
        for record in records {
            what = self.count(record).unwrap_or(what);
        }
        let flood = self.is_flood();
        (flood && !std::mem::replace(&mut self.flood_told, flood)).then(|| {
            format!(
                "{} {what} are marked deleted on the phone: an emptied account may be synchronising. They are kept \
                 here. Switch airplane mode on before you go on, if the screen can be touched.",
                self.deleted
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Contact, Source};

    fn contact(row: i64, deleted: bool) -> Record {
        let source = Source {
            row,
            deleted,
            ..Source::default()
        };
        Record {
            key: format!("contact/{row}"),
            body: RecordBody::Contact(Contact {
                sources: vec![source],
                ..Contact::default()
            }),
        }
    }

    #[test]
    fn the_deleted_are_not_counted_and_what_is_read_again_counts_once() {
        let mut tally = Tally::default();
        tally.add(&[contact(1, false), contact(2, false), contact(3, true)]);
        assert_eq!((tally.living, tally.deleted), (2, 1));
        // A part that goes on may repeat its last batch; one was deleted, and one restored meanwhile.
        tally.add(&[contact(1, false), contact(2, true), contact(3, false)]);
        assert_eq!((tally.living, tally.deleted), (2, 1));
    }
}
