//! The result of a rescue, as `--json` prints it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{Collection, CollectionOutcome, FromFiles, Ticked, Verdict, open_lines};
use crate::phrase;
use crate::vault::copies::Copies;

/// The result of a rescue: the object that `lifeboat rescue --json` prints.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The rescue folder.
    pub folder: String,
    /// False if the rescue can be resumed.
    pub finished: bool,
    pub handset: HandsetOutcome,
    pub collections: Vec<CollectionOutcome>,
    /// Records from files that the owner had exported.
    pub from_files: Vec<FromFiles>,
    /// Exported lists that could not be read at all, each a sentence. Their files are kept unchanged.
    pub lists_not_read: Vec<String>,
    /// The verdict in one or two sentences, the most important first.
    pub headline: String,
    /// The phone shows neither contacts nor events, and its owner has not confirmed that.
    pub shows_nothing: bool,
    /// Nothing was left out, and everything that can be read on this handset is complete (or empty, with evidence),
    /// written, and read back from the disk.
    pub safe: bool,
    /// Why the phone is not safe to reset, each reason a sentence.
    pub why_not: Vec<String>,
    /// What has to be known by everyone who handles the phone, from what people said about it, each in sentences.
    pub warnings: Vec<String>,
    /// Data that a reset destroys and Lifeboat has not saved, each a sentence.
    pub not_covered: Vec<String>,
    /// What a reset destroys, worst first, with what was done about it. Empty for a device that is no phone.
    #[serde(default)]
    pub before_reset: Vec<Ticked>,
    /// The phone is safe, and each line of `before_reset` is done or skipped.
    #[serde(default)]
    pub ready_to_reset: bool,
    /// Data that the phone's safety depends on was not read, such as a second user's data.
    #[serde(skip)]
    pub is_somebody_left: bool,
    pub time_to_safety: TimeToSafety,
    /// The known copies of the rescue: one when the rescue ends.
    #[serde(default)]
    pub copies: Copies,
    /// The link broke: the rescue can continue when the handset is back.
    #[serde(skip)]
    pub lost: bool,
}

/// How soon the most precious data was on the disk.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TimeToSafety {
    /// How long the handset was read, in seconds: the sum over all parts of the rescue, each from its first request to
    /// its last reply.
    pub link_seconds: f64,
    /// The share of that time (0 to 1) after which each collection was on the disk. Collections that are not on the
    /// disk are left out.
    pub share: BTreeMap<Collection, f64>,
    /// The share after which contacts, calendar and to-dos were all on the disk; `None`: they are not.
    pub all: Option<f64>,
}

impl TimeToSafety {
    /// Returns the result in words; `None` if the most precious data is not safe yet.
    pub fn sentence(&self) -> Option<String> {
        let share = self.all?;
        Some(phrase!(
            "Contacts, calendar and to-dos were saved after {:.0} % of the reading time of {:.1} s.",
            share * 100.0,
            self.link_seconds
        ))
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandsetOutcome {
    pub make: String,
    pub model: String,
    pub serial: String,
    pub system: String,
    /// A backup on this computer: no phone is there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_backup: bool,
}

impl Outcome {
    /// Puts in the lines of what a reset destroys.
    pub fn set_before_reset(&mut self, lines: Vec<Ticked>) {
        self.before_reset = lines;
        self.ready_to_reset = self.is_phone() && self.safe && open_lines(&self.before_reset) == 0;
    }

    /// Returns whether the phone is ready for a reset, in a sentence; `None` if the headline forbids it anyway, or if the
    /// device is no phone.
    pub fn readiness(&self) -> Option<String> {
        if !self.safe || !self.is_phone() {
            return None;
        }
        Some(match open_lines(&self.before_reset) {
            0 => phrase("Ready to reset: every line is done or skipped.").to_owned(),
            1 => phrase("Not ready to reset: one line is open.").to_owned(),
            open => phrase!("Not ready to reset: {open} lines are open."),
        })
    }

    /// A memory card or a camera has neither contacts nor a calendar. A backup does not contain data that the phone
    /// received later.
    pub(super) fn is_phone(&self) -> bool {
        !self.handset.is_backup && self.collections.iter().any(|c| c.name.is_precious())
    }

    /// Returns true if everything that was asked for is complete or verified as empty, and no data that the phone's
    /// safety depends on was left behind.
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
