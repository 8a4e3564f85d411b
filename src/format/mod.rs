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

impl Losses {
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
