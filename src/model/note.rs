//! Notes.

use serde::{Deserialize, Serialize};

use super::{Moment, Source};

/// A plain note.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Note {
    /// Stable identifier; empty if the note has none.
    pub uid: String,
    /// The note's title. A note without a title is named after the first line of its text.
    pub title: Option<String>,
    pub text: String,
    /// The day or time that the note is about.
    pub date: Option<Moment>,
    pub created: Option<Moment>,
    pub modified: Option<Moment>,
    pub categories: Vec<String>,
    /// All other properties: name and text.
    pub extended: Vec<(String, String)>,
    pub source: Source,
}

impl Note {
    /// Returns true if the note has neither text nor title.
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty() && self.title.is_none()
    }
}
