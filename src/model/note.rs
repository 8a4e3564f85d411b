//! Notes.

use serde::{Deserialize, Serialize};

use super::{Moment, Source};

/// A plain note.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Note {
    /// Stable identifier; empty if the note has none of its own.
    pub uid: String,
    /// The note's title; a note without one is named by the first line of its text.
    pub title: Option<String>,
    pub text: String,
    /// The day or time it is about.
    pub date: Option<Moment>,
    pub created: Option<Moment>,
    pub modified: Option<Moment>,
    pub categories: Vec<String>,
    /// Everything else: the property and its text.
    pub extended: Vec<(String, String)>,
    pub source: Source,
}

impl Note {
    /// True if it says nothing.
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty() && self.title.is_none()
    }
}
