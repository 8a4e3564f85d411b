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
    /// How many of the handset's files are no photos, films or recordings: exported lists, documents, archives.
    #[serde(default)]
    pub others: u64,
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
    /// Returns true for files of which not one is a photo, film or recording.
    pub fn is_photoless(&self) -> bool {
        let all = self.rescued.max(self.handset_says.unwrap_or_default());
        self.others > 0 && self.others >= all
    }

    /// Returns the title for people. Files without a photo among them are not called photos.
    pub fn title(&self) -> &'static str {
        match self.is_photoless() {
            true => phrase("Files"),
            false => self.name.title(),
        }
    }

    /// Returns the title for a place with room for all of it.
    pub fn full_title(&self) -> &'static str {
        match self.others > 0 && !self.is_photoless() {
            true => phrase("Photos and other files"),
            false => self.title(),
        }
    }

    /// Returns how many of the files are no photos, films or recordings; `None` if the title already says it, or if all
    /// files are photos, films or recordings.
    pub fn other_files(&self) -> Option<String> {
        let is_told = self.others > 0 && !self.is_photoless();
        is_told.then(|| match self.others {
            1 => phrase("1 of them another file").to_owned(),
            others => phrase!("{others} of them other files"),
        })
    }

    /// Returns true if nothing of the collection could be read, so that its content is unknown.
    pub fn is_closed(&self) -> bool {
        matches!(self.verdict, Verdict::Unreadable | Verdict::OutOfReach)
    }

    /// Formats the number of rescued things and the total: `61 of 400`; `400, and the phone lists 397`; `12` if the
    /// phone doesn't say. `None` if nothing of the collection could be read.
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
