//! What a handset says about the content of a collection, and how each collection ended.

use serde::{Deserialize, Serialize};

use crate::phrase;

/// How a collection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything that the handset says it holds was read, decoded, written and read back.
    Complete,
    /// There is evidence that there is nothing to read.
    Empty,
    /// Some data was read, some was not.
    Partial,
    /// Could be read after some other step.
    Unreadable,
    /// The handset does not give access.
    OutOfReach,
}

impl Verdict {
    /// Returns the verdict as a word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Complete => phrase("complete"),
            Self::Empty => phrase("empty"),
            Self::Partial => phrase("partial"),
            Self::Unreadable => phrase("unreadable"),
            Self::OutOfReach => phrase("can't be read like this"),
        }
    }
}

/// The step that opens a collection that can't be read. While a remedy exists, the rescue is not finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// Unlocking the handset: the rescue then continues by itself.
    Unlock,
    /// Changing a setting: the rescue then continues once it is resumed.
    Setting,
}

/// The handset's own statement about one collection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Holding {
    /// Number of things as the handset's own screen would count them; `None`: not reported.
    pub handset_says: Option<u64>,
    /// The most that the handset's own screen showed in earlier parts of the same rescue, if they did not read it all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub showed_before: Option<u64>,
    /// Rows to read, for progress; not a person's count.
    pub rows: Option<u64>,
    /// Why the collection can't be read, if it can only be surveyed.
    pub unreadable: Option<String>,
    /// The step by which the owner opens the collection.
    pub remedy: Option<Remedy>,
    /// Why the handset gives no access; `None`: it gives access.
    pub out_of_reach: Option<String>,
    /// Evidence and findings, each a sentence for the report.
    pub notes: Vec<String>,
    /// Changes on the handset since an earlier part of the same rescue read it, each a sentence.
    pub changed: Vec<String>,
    /// The approach that reads the collection, if it is not the first approach of the rescue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

impl Holding {
    /// Returns the number that the handset showed in an earlier part of the rescue, if most of it is gone now: a user,
    /// a mode or a reset may hide it. A small decrease is normal: a person may have deleted entries.
    pub fn fell_from(&self) -> Option<u64> {
        let now = self.handset_says?;
        self.showed_before.filter(|before| now < before.div_ceil(2))
    }

    /// Returns true if there is something to read: also of a collection whose main part is out of reach.
    pub fn has_something_to_read(&self) -> bool {
        let has_rows = || self.unreadable.is_none() && self.rows.is_some_and(|rows| rows > 0);
        !self.is_closed() || has_rows()
    }

    /// Returns true if nothing of the collection can be read now.
    pub fn is_closed(&self) -> bool {
        self.unreadable.is_some() || self.out_of_reach.is_some()
    }
}
