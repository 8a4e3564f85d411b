//! File formats, one module each. Nothing here knows where the bytes came from.

pub mod calls_xml;
pub mod contact_csv;
pub mod content_rows;
pub mod disk;
pub mod found;
pub mod icalendar;
pub mod iphone_backup;
pub mod messages_xml;
pub mod phone_xml;
pub mod plist;
pub mod vcalendar;
pub mod vcard;
pub mod versit;
pub mod vnote;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::phrase;

/// Values that a format could not hold: the field in plain words, and the number of values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Losses(pub BTreeMap<String, u64>);

/// Fate of a value that a file does not hold unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fate {
    /// The handset did not deliver the value, so no file has it.
    NeverRead,
    /// The file holds the value in another form.
    Changed,
    /// Another file has the value.
    InContacts,
    /// The journal has the value, but the file does not.
    InJournal,
}

/// Loss name for pictures of contacts that were on the handset but not read.
pub const PICTURES: &str = phrase("pictures");

/// Loss name for pictures that the tables of contacts leave to the cards.
pub const PICTURES_IN_CARDS: &str = phrase("pictures (they are in contacts.vcf)");

/// Words in a loss name that mean that the file holds the value in another form: `events without a date (they become
/// notes)`.
const OTHERWISE: [&str; 3] = [
    phrase("(they become "),
    phrase("(they are in the notes)"),
    phrase("(a ' is put before them)"),
];

impl Losses {
    /// Fate of the values that were counted under `field`.
    pub fn fate(field: &str) -> Fate {
        if field == PICTURES {
            Fate::NeverRead
        } else if field == PICTURES_IN_CARDS {
            Fate::InContacts
        } else if OTHERWISE.iter().any(|words| field.contains(words)) {
            Fate::Changed
        } else {
            Fate::InJournal
        }
    }

    /// Counts one lost value of `field`.
    pub fn add(&mut self, field: &str) {
        match self.0.get_mut(field) {
            Some(count) => *count += 1,
            None => {
                self.0.insert(field.to_owned(), 1);
            }
        }
    }

    /// Counts one lost value of `field` and names the record that lost it. Beyond [`Self::NAMED`] names, only counts.
    pub fn add_named(&mut self, field: &str, name: &str) {
        let name: String = name.chars().take(60).collect();
        let named = format!("{field}: {}", name.trim());
        let is_full = self.0.len() >= Self::NAMED && !self.0.contains_key(&named);
        if is_full || name.trim().is_empty() {
            self.add(field);
        } else {
            self.add(&named);
        }
    }

    /// Maximum number of lines after which records are no longer named.
    pub const NAMED: usize = 100;

    /// Adds the losses of another writer.
    pub fn merge(&mut self, other: &Losses) {
        for (field, count) in &other.0 {
            *self.0.entry(field.clone()).or_default() += count;
        }
    }
}
