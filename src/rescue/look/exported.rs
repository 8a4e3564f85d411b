//! Records that stand in files which the owner had exported, waiting for the handset's same ones.

use std::mem;

use super::super::found::{self, Keyed};
use crate::format::found::join::{Joinable, Waiting};
use crate::handset::RecordBody;
use crate::model::{Contact, Event, Todo};
use crate::vault::{RecordKind, Vault, VaultError};

pub struct Exported<T>(Waiting<Keyed<T>>);

impl<T: Joinable + Default> Exported<T> {
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

/// Those of several kinds, read in one pass.
pub struct All {
    pub contacts: Exported<Contact>,
    pub events: Exported<Event>,
    pub todos: Exported<Todo>,
}

/// Those of these kinds; of others, none.
pub fn read(journal: &Vault, kinds: &[RecordKind]) -> Result<All, VaultError> {
    let (mut contacts, mut events, mut todos) = (Vec::new(), Vec::new(), Vec::new());
    found::each(journal, kinds, |record| {
        let key = record.key;
        match record.body {
            RecordBody::Contact(record) => contacts.push(Keyed { key, record }),
            RecordBody::Event(record) => events.push(Keyed { key, record }),
            RecordBody::Todo(record) => todos.push(Keyed { key, record }),
            _ => {}
        }
        Ok::<_, VaultError>(())
    })?;
    Ok(All {
        contacts: Exported(Waiting::new(contacts)),
        events: Exported(Waiting::new(events)),
        todos: Exported(Waiting::new(todos)),
    })
}
