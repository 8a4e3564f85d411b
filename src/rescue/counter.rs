//! Counts records while they are read, and detects mass deletions.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::model::{Collection, Record, RecordBody};
use crate::phrase;
use crate::vault::{RecordKind, Vault, VaultError};

/// A mass deletion has at least this number of deleted things and at least this percentage of all. In that case a
/// person or a synchronisation has emptied the collection.
const MASS_DELETION: u64 = 20;
const MASS_DELETION_PERCENT: u64 = 25;

/// Things of one collection, as a person counts them.
#[derive(Debug, Default)]
pub struct Counter {
    pub living: u64,
    deleted: u64,
    /// Hashes of the keys of counted records, and whether each record is deleted. A record that is read again counts
    /// once.
    counted: HashMap<u64, bool>,
    mass_deletion_reported: bool,
}

impl Counter {
    /// Counts the records from earlier parts of the same rescue.
    ///
    /// # Errors
    /// As [`Vault::for_each_record`].
    pub fn of(vault: &Vault, what: Collection) -> Result<Self, VaultError> {
        let mut counter = Self::default();
        let mut kinds = RecordKind::ALL.to_vec();
        kinds.retain(|kind| kind.is_counted());
        if what.is_files() {
            // Records from exported files are stored in the collection of files, but they are not files.
            kinds.retain(|kind| *kind == RecordKind::Copied);
        }
        vault.for_each_record(what, &kinds, |record| {
            // Only whole copies count. A mass deletion that an earlier part reported is not reported again.
            let is_copy = matches!(&record.body, RecordBody::Copied(copy) if copy.damaged == 0);
            counter.living += u64::from(is_copy);
            counter.count(&record);
            Ok::<_, VaultError>(())
        })?;
        counter.mass_deletion_reported = counter.is_mass_deletion();
        Ok(counter)
    }

    fn is_mass_deletion(&self) -> bool {
        self.deleted >= MASS_DELETION
            && self.deleted * 100 >= (self.living + self.deleted) * MASS_DELETION_PERCENT
    }

    /// Counts a record if a person counts such records.
    fn count(&mut self, record: &Record) {
        // A changed occurrence is part of its event, and copies are counted as files.
        let is_part = match &record.body {
            RecordBody::Event(event) => event.recurrence_id.is_some(),
            RecordBody::Copied(_) => true,
            body => !RecordKind::of(body).is_counted(),
        };
        if is_part {
            return;
        }
        let mut sources = record.body.sources().iter().peekable();
        let deleted = sources.peek().is_some() && sources.all(|source| source.deleted);
        let mut hasher = DefaultHasher::new();
        record.key.hash(&mut hasher);
        match self.counted.insert(hasher.finish(), deleted) {
            Some(true) => self.deleted -= 1,
            Some(false) => self.living -= 1,
            None => {}
        }
        self.deleted += u64::from(deleted);
        self.living += u64::from(!deleted);
    }

    /// Counts records of a collection. Returns advice once if they show a mass deletion.
    /// `has_screen`: a person can use the phone's screen.
    pub fn add(
        &mut self,
        what: Collection,
        records: &[Record],
        has_screen: bool,
    ) -> Option<String> {
        if !what.is_files() {
            records.iter().for_each(|record| self.count(record));
        }
        let flood = self.is_mass_deletion();
        (flood && !std::mem::replace(&mut self.mass_deletion_reported, flood)).then(|| {
            let told = phrase!(
                "{} {} are marked as deleted on the phone. An emptied account may be syncing. Lifeboat saves \
                 deleted items too.",
                self.deleted,
                what.things(self.deleted)
            );
            // Without its screen, nobody could take the phone out of this mode again.
            match has_screen {
                true => phrase!(
                    "{told} If you can use the touchscreen, turn on airplane mode before you continue."
                ),
                false => told,
            }
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
        let mut counter = Counter::default();
        counter.add(
            Collection::Contacts,
            &[contact(1, false), contact(2, false), contact(3, true)],
            true,
        );
        assert_eq!((counter.living, counter.deleted), (2, 1));
        // A part that continues may repeat its last batch. Meanwhile, one contact was deleted and another restored.
        counter.add(
            Collection::Contacts,
            &[contact(1, false), contact(2, true), contact(3, false)],
            true,
        );
        assert_eq!((counter.living, counter.deleted), (2, 1));
    }

    #[test]
    fn what_exported_files_hold_is_not_counted_as_files() {
        let mut counter = Counter::default();
        counter.add(Collection::Files, &[contact(1, false)], true);
        assert_eq!(counter.living, 0);
    }

    #[test]
    fn a_phone_without_its_screen_stays_online() {
        let flood: Vec<Record> = (0..40).map(|row| contact(row, row < 30)).collect();
        for has_screen in [true, false] {
            let mut counter = Counter::default();
            let advice = counter.add(Collection::Contacts, &flood, has_screen);
            let advice = advice.expect("a mass deletion");
            assert!(advice.contains("marked as deleted"), "{advice}");
            assert_eq!(advice.contains("airplane mode"), has_screen, "{advice}");
        }
    }
}
