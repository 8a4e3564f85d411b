//! What a rescue came to, as `--json` prints it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::{Collection, Verdict};
use crate::vault::copies::Copies;

/// What a rescue came to: the one object that `lifeboat rescue --json` prints.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// The rescue folder.
    pub folder: String,
    /// False where the rescue can be resumed.
    pub finished: bool,
    pub handset: HandsetOutcome,
    pub collections: Vec<CollectionOutcome>,
    /// What stood in files that the owner had exported.
    pub from_files: Vec<FromFiles>,
    /// Exported lists of which nothing could be read, each a sentence: they are kept as they were.
    pub lists_not_read: Vec<String>,
    /// The verdict in a sentence or two, the most important first.
    pub headline: String,
    /// The phone shows neither contacts nor events, and its owner has not confirmed that.
    pub shows_nothing: bool,
    /// Nothing was left out, and all that can be read on this handset is complete (or empty, with evidence),
    /// written and read back from the disk.
    pub safe: bool,
    /// Why it is not safe, each a sentence.
    pub why_not: Vec<String>,
    /// What a reset destroys and Lifeboat does not have, each a sentence.
    pub not_covered: Vec<String>,
    /// Something was not read without which the phone is not safe, such as a second user's data.
    #[serde(skip)]
    pub is_somebody_left: bool,
    pub time_to_safety: TimeToSafety,
    /// The copies of the rescue that there are: one when it ends.
    pub copies: Copies,
    /// The link broke: the rescue can go on when the handset is there again.
    #[serde(skip)]
    pub lost: bool,
}

/// How soon the most precious things were on the disk, by the clock.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct TimeToSafety {
    /// For how long the handset was read, in seconds, in all parts of the rescue together: from the first question of
    /// each part to its last answer.
    pub link_seconds: f64,
    /// After which share of that time (0 to 1) each collection was on the disk; those that are not are left out.
    pub share: BTreeMap<Collection, f64>,
    /// After which share contacts, calendar and to-dos all were; `None`: they are not.
    pub all: Option<f64>,
}

impl TimeToSafety {
    /// In words; `None` where the most precious things are not safe yet.
    pub fn sentence(&self) -> Option<String> {
        let share = self.all?;
        Some(format!(
            "Contacts, calendar and to-dos were on this disk after {:.0} % of the {:.1} s that the phone was read.",
            share * 100.0,
            self.link_seconds
        ))
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct HandsetOutcome {
    pub make: String,
    pub model: String,
    pub serial: String,
    pub system: String,
}

/// How one collection ended. Counts are those of a person's own screen: joined contacts, events with their series
/// as one, to-dos; what was deleted is counted beside them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CollectionOutcome {
    pub name: Collection,
    pub verdict: Verdict,
    /// The handset's own count.
    pub handset_says: Option<u64>,
    pub rescued: u64,
    /// Counted in the files after reading them from the disk again.
    pub read_back: Option<u64>,
    /// How many exist on this handset only.
    pub only_here: Option<u64>,
    /// Deleted on the handset, still in its cache, kept apart.
    pub deleted_kept: u64,
    /// Besides, from files that the owner had exported: those that the handset itself did not give.
    pub found: u64,
    /// Kept as raw bytes only.
    pub raw_only: u64,
    pub notes: Vec<String>,
}

/// What stood in exported files of one collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FromFiles {
    pub name: Collection,
    /// Complete, empty, or partial where Lifeboat reads no more of one file.
    pub verdict: Verdict,
    /// Those that the handset itself did not give.
    pub found: u64,
    /// Those that it gave too.
    pub known: u64,
    pub notes: Vec<String>,
}

impl FromFiles {
    /// `Contacts from files`.
    pub fn title(&self) -> String {
        format!("{} from files", self.name.title())
    }

    /// `15, 3 of them on the phone too`.
    pub fn counts(&self) -> String {
        match (self.found, self.known) {
            (found, 0) => found.to_string(),
            (0, known) => format!("{known}, all of them on the phone too"),
            (found, known) => format!("{}, {known} of them on the phone too", found + known),
        }
    }

    /// Why the rescue is not safe because of it.
    pub fn why_not(&self) -> Option<String> {
        let notes = self
            .notes
            .last()
            .filter(|_| self.verdict == Verdict::Partial)?;
        Some(format!("{}: {notes}", self.title()))
    }
}

impl CollectionOutcome {
    /// Nothing of it could be read, so that what it holds is not known.
    pub fn is_closed(&self) -> bool {
        matches!(self.verdict, Verdict::Unreadable | Verdict::OutOfReach)
    }

    /// How many were rescued, and of how many: `61 of 400`; `400, and the phone lists 397`; `12` where it doesn't say.
    /// `None` where nothing of it could be read.
    pub fn counted(&self, number: impl Fn(u64) -> String) -> Option<String> {
        let rescued = number(self.rescued);
        match self.handset_says {
            _ if self.is_closed() && self.rescued == 0 => None,
            // It was not looked at.
            None if self.rescued == 0 => None,
            None => Some(rescued),
            Some(says) if says < self.rescued => {
                Some(format!("{rescued}, and the phone lists {}", number(says)))
            }
            Some(says) => Some(format!("{rescued} of {}", number(says))),
        }
    }
}

impl Outcome {
    /// True if all that was asked for is complete or truly empty, and nothing was left behind without which the phone
    /// is not safe.
    pub fn all_asked_is_there(&self) -> bool {
        self.finished
            && !self.is_somebody_left
            && self
                .from_files
                .iter()
                .all(|f| f.verdict != Verdict::Partial)
            && self.collections.iter().all(|c| match c.verdict {
                Verdict::Complete | Verdict::Empty => true,
                Verdict::OutOfReach => !c.name.is_precious(),
                Verdict::Partial | Verdict::Unreadable => false,
            })
    }
}
