//! Records that stand in files which the owner had exported, waiting for the handset's same ones.

use std::mem;

use super::super::found::{self, Keyed};
use crate::format::found::join::{Joinable, Waiting};
use crate::handset::RecordBody;
use crate::model::{Contact, Event, Todo};
use crate::vault::{RecordKind, Vault, VaultError};

pub struct Exported<T>(Waiting<Keyed<T>>);

impl<T: Joinable + Default> Exported<T> {
    fn of(
        journal: &Vault,
        kind: RecordKind,
        own: impl Fn(RecordBody) -> Option<T>,
    ) -> Result<Self, VaultError> {
        let mut records = Vec::new();
        found::each(journal, &[kind], |record| {
            let key = record.key;
            records.extend(own(record.body).map(|record| Keyed { key, record }));
            Ok::<_, VaultError>(())
        })?;
        Ok(Self(Waiting::new(records)))
    }

    /// Adds what is the same to `known`.
    pub fn join(&mut self, known: &mut T) {
        if self.0.is_empty() {
            return;
        }
        let mut keyed = Keyed {
            key: String::new(),
            record: mem::take(known),
        };
        self.0.join(&mut keyed);
        *known = keyed.record;
    }

    /// Those that the handset did not give.
    pub fn left(self) -> impl Iterator<Item = Keyed<T>> {
        self.0.left()
    }

    /// The one with this key.
    pub fn take(self, key: &str) -> Option<T> {
        let mut left = self.left();
        left.find(|keyed| keyed.key == key)
            .map(|keyed| keyed.record)
    }
}

pub fn contacts(journal: &Vault) -> Result<Exported<Contact>, VaultError> {
    Exported::of(journal, RecordKind::Contact, |body| match body {
        RecordBody::Contact(contact) => Some(contact),
        _ => None,
    })
}

pub fn events(journal: &Vault) -> Result<Exported<Event>, VaultError> {
    Exported::of(journal, RecordKind::Event, |body| match body {
        RecordBody::Event(event) => Some(event),
        _ => None,
    })
}

pub fn todos(journal: &Vault) -> Result<Exported<Todo>, VaultError> {
    Exported::of(journal, RecordKind::Todo, |body| match body {
        RecordBody::Todo(todo) => Some(todo),
        _ => None,
    })
}
