//! Collections, what a handset says about their content, and how each ended.

use serde::{Deserialize, Serialize};

/// A kind of data on a handset, from the most to the least precious.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Collection {
    Contacts,
    /// The SIM cards' phonebooks.
    Sim,
    Calendar,
    Todos,
    Calls,
    Photos,
}

impl Collection {
    /// All collections, in reading order.
    pub const ALL: [Self; 6] = [
        Self::Contacts,
        Self::Sim,
        Self::Calendar,
        Self::Todos,
        Self::Calls,
        Self::Photos,
    ];

    /// Returns the name that commands and the vault use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Contacts => "contacts",
            Self::Sim => "sim",
            Self::Calendar => "calendar",
            Self::Todos => "todos",
            Self::Calls => "calls",
            Self::Photos => "photos",
        }
    }

    /// Returns the title for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Contacts => "Contacts",
            Self::Sim => "SIM card",
            Self::Calendar => "Calendar",
            Self::Todos => "To-dos",
            Self::Calls => "Calls",
            Self::Photos => "Photos",
        }
    }

    /// Returns true if the phone is not safe without this collection, whatever kind of phone it is.
    pub fn is_precious(self) -> bool {
        match self {
            Self::Contacts | Self::Calendar | Self::Todos => true,
            // A reset does not change the SIM.
            Self::Sim | Self::Calls | Self::Photos => false,
        }
    }

    /// Returns the title as used within a sentence.
    pub fn named(self) -> String {
        match self {
            Self::Sim => self.title().to_owned(),
            _ => self.title().to_lowercase(),
        }
    }
}

/// Joins titles for the beginning of a sentence: `Contacts, calendar, to-dos`.
pub fn titles(collections: &[Collection]) -> String {
    let mut parts = Vec::new();
    for what in collections {
        parts.push(match parts.is_empty() {
            true => what.title().to_owned(),
            false => what.named(),
        });
    }
    parts.join(", ")
}

/// Groups collections by reason: one line `Contacts, calendar: why` per reason, in the order of the first collection
/// with that reason.
pub fn by_reason<'a>(reasons: impl IntoIterator<Item = (Collection, &'a str)>) -> Vec<String> {
    let mut lines: Vec<(Vec<Collection>, &str)> = Vec::new();
    for (what, why) in reasons {
        match lines.iter_mut().find(|(_, same)| *same == why) {
            Some((whats, _)) => whats.push(what),
            None => lines.push((vec![what], why)),
        }
    }
    let line = |(whats, why): (Vec<Collection>, &str)| format!("{}: {why}", titles(&whats));
    lines.into_iter().map(line).collect()
}

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
    /// Rows to read, for progress; not a person's count.
    pub rows: Option<u64>,
    /// Why the collection can't be read, if it can only be surveyed.
    pub unreadable: Option<String>,
    /// What the owner can do about that.
    pub remedy: Option<Remedy>,
    /// Why the handset gives no access, if so.
    pub out_of_reach: Option<String>,
    /// Evidence and findings, each a sentence for the report.
    pub notes: Vec<String>,
    /// Changes on the handset since an earlier part of the same rescue read it, each a sentence.
    pub changed: Vec<String>,
}

impl Holding {
    /// Returns true if nothing of the collection can be read now.
    pub fn is_closed(&self) -> bool {
        self.unreadable.is_some() || self.out_of_reach.is_some()
    }
}
