//! To-dos.

use serde::{Deserialize, Serialize};

use super::{Moment, Reminder, Source};

/// A to-do.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Todo {
    /// Stable identifier.
    pub uid: String,
    /// Name of the to-do's list; empty: none.
    pub list: String,
    pub title: Option<String>,
    pub notes: Option<String>,
    pub start: Option<Moment>,
    pub due: Option<Moment>,
    pub done: bool,
    pub completed: Option<Moment>,
    /// RFC 5545 PRIORITY: 1 highest, 5 normal, 9 lowest; `None`: not given.
    pub priority: Option<u8>,
    /// Time of the reminder.
    pub reminder: Option<Moment>,
    /// All reminders, if they can't be given as a single moment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reminders: Vec<Reminder>,
    /// Other filled columns of the handset's row: name and text.
    pub extended: Vec<(String, String)>,
    pub source: Source,
}
