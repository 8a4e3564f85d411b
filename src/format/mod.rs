//! One room a format. Nothing here knows where the bytes came from.

pub mod contact_csv;
pub mod content_rows;
pub mod disk;
pub mod found;
pub mod icalendar;
pub mod vcalendar;
pub mod vcard;
pub mod versit;
pub mod vnote;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a format could not hold: the field in a person's words, and how often.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Losses(pub BTreeMap<String, u64>);

/// What became of a value that a file does not hold as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fate {
    /// The handset did not give it: no file has it.
    NeverRead,
    /// The file holds it in another way.
    Changed,
    /// The journal has it, and the file does not.
    InJournal,
}

/// A picture that a contact has on the handset and that was not read.
pub const PICTURES: &str = "pictures";

/// How a loss says that the file holds the value in another way: `events without a date (they become notes)`.
const OTHERWISE: [&str; 3] = [
    "(they become ",
    "(they stand in the notes)",
    "(a ' stands before them)",
];

impl Losses {
    /// What became of the values that were counted as `field`.
    pub fn fate(field: &str) -> Fate {
        if field == PICTURES {
            Fate::NeverRead
        } else if OTHERWISE.iter().any(|words| field.contains(words)) {
            Fate::Changed
        } else {
            Fate::InJournal
        }
    }

    /// Counts one value of `field` that was left out.
    pub fn add(&mut self, field: &str) {
        match self.0.get_mut(field) {
            Some(count) => *count += 1,
            None => {
                self.0.insert(field.to_owned(), 1);
            }
        }
    }

    /// Adds another writer's losses to these.
    pub fn merge(&mut self, other: &Losses) {
        for (field, count) in &other.0 {
            *self.0.entry(field.clone()).or_default() += count;
        }
    }
}
