//! How each collection of a rescue ended, for the verdict, the screens and the report.

use serde::{Deserialize, Serialize};

use super::{Collection, Verdict};
use crate::phrase;

/// How one collection ended. Things are counted as a person sees them on the phone's screen: joined contacts, each
/// series of events once, to-dos. Deleted things are counted separately.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Additional records from files that the owner had exported, which the handset itself did not return.
    pub found: u64,
    /// Kept as raw bytes only.
    pub raw_only: u64,
    pub notes: Vec<String>,
}

/// Records of one collection from exported files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FromFiles {
    pub name: Collection,
    /// Complete; empty; or partial, if Lifeboat did not read all of a file because of a limit.
    pub verdict: Verdict,
    /// Records that the handset itself did not return.
    pub found: u64,
    /// Records that the handset returned as well.
    pub known: u64,
    pub notes: Vec<String>,
}

impl FromFiles {
    /// Returns the title: `Contacts from files`.
    pub fn title(&self) -> String {
        phrase!("{} from files", self.name.title())
    }

    /// Formats the counts: `15, 3 of them on the phone too`.
    pub fn counts(&self) -> String {
        match (self.found, self.known) {
            (found, 0) => found.to_string(),
            (0, known) => phrase!("{known}, all also on the phone"),
            (found, known) => phrase!("{}, {known} of them also on the phone", found + known),
        }
    }

    /// Returns why these records make the rescue unsafe, if they do.
    pub fn why_not(&self) -> Option<String> {
        let notes = self
            .notes
            .last()
            .filter(|_| self.verdict == Verdict::Partial)?;
        Some(format!("{}: {notes}", self.title()))
    }
}

impl CollectionOutcome {
    /// Returns true if nothing of the collection could be read, so that its content is unknown.
    pub fn is_closed(&self) -> bool {
        matches!(self.verdict, Verdict::Unreadable | Verdict::OutOfReach)
    }

    /// Formats how many were rescued, and of how many: `61 of 400`; `400, and the phone lists 397`; `12` if the phone
    /// doesn't say. `None` if nothing of the collection could be read.
    pub fn counted(&self, number: impl Fn(u64) -> String) -> Option<String> {
        let rescued = number(self.rescued);
        match self.handset_says {
            _ if self.is_closed() && self.rescued == 0 => None,
            // The collection was not looked at.
            None if self.rescued == 0 => None,
            None => Some(rescued),
            Some(says) if says < self.rescued => {
                Some(phrase!("{rescued} (the phone lists {})", number(says)))
            }
            Some(says) => Some(phrase!("{rescued} of {}", number(says))),
        }
    }
}
