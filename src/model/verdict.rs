//! Collections, what a handset says it holds of them, and how each ended.

use serde::{Deserialize, Serialize};

/// A kind of thing a handset holds, in the order of preciousness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Collection {
    Contacts,
    /// The SIM cards' phonebooks.
    Sim,
    Calendar,
    Todos,
    Photos,
}

impl Collection {
    /// All, in the order in which they are read.
    pub const ALL: [Self; 5] = [
        Self::Contacts,
        Self::Sim,
        Self::Calendar,
        Self::Todos,
        Self::Photos,
    ];

    /// The name that commands and the vault use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Contacts => "contacts",
            Self::Sim => "sim",
            Self::Calendar => "calendar",
            Self::Todos => "todos",
            Self::Photos => "photos",
        }
    }

    /// What people read.
    pub fn title(self) -> &'static str {
        match self {
            Self::Contacts => "Contacts",
            Self::Sim => "SIM card",
            Self::Calendar => "Calendar",
            Self::Todos => "To-dos",
            Self::Photos => "Photos",
        }
    }

    /// A phone is not safe without it, whatever kind of phone it is.
    pub fn is_precious(self) -> bool {
        match self {
            Self::Contacts | Self::Calendar | Self::Todos => true,
            // A reset leaves the SIM as it is.
            Self::Sim | Self::Photos => false,
        }
    }

    /// The title, within a sentence.
    pub fn named(self) -> String {
        match self {
            Self::Sim => self.title().to_owned(),
            _ => self.title().to_lowercase(),
        }
    }
}

/// Collections in one line, as a sentence begins: `Contacts, calendar, to-dos`.
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

/// `Contacts, calendar: why`: a line for each reason, in the order of the first collection that has it.
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
    /// All that the handset says it holds was read, decoded, written and read back.
    Complete,
    /// There is evidence that there is nothing to read.
    Empty,
    /// Some was read, some not.
    Partial,
    /// It could be read if something were done first.
    Unreadable,
    /// The handset keeps it to itself.
    OutOfReach,
}

/// What opens a collection that can't be read. As long as there is such a thing, a rescue is not over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// The handset is unlocked: the rescue goes on by itself then.
    Unlock,
    /// A setting is changed: the rescue goes on when it is resumed after that.
    Setting,
}

/// What the handset itself says it holds of one collection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Holding {
    /// What its own screen would count; `None`: it doesn't say.
    pub handset_says: Option<u64>,
    /// Rows to be read, for progress; not what a person counts.
    pub rows: Option<u64>,
    /// True where no more than looking can be done: the collection can't be read, and why.
    pub unreadable: Option<String>,
    /// What its owner can do about that.
    pub remedy: Option<Remedy>,
    /// True where the handset keeps it to itself.
    pub out_of_reach: Option<String>,
    /// Evidence and findings, each a sentence for the report.
    pub notes: Vec<String>,
    /// Changes on the handset since an earlier part of the same rescue read it, each a sentence.
    pub changed: Vec<String>,
}

impl Holding {
    /// Nothing of it can be read now.
    pub fn is_closed(&self) -> bool {
        self.unreadable.is_some() || self.out_of_reach.is_some()
    }
}
