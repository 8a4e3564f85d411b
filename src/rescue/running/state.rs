//! What a running rescue says about itself to other programs.

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::model::{Collection, Holding, grouped, without_addresses};
use crate::phrase;
use crate::rescue::progress::Progress;

/// What a running rescue does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunPhase {
    #[default]
    Reading,
    /// The phone is gone or locked.
    Waiting,
    /// Writing and checking the files.
    Writing,
}

/// What a running rescue says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Running {
    /// The rescue folder.
    #[serde(skip)]
    pub folder: PathBuf,
    /// The process that runs the rescue, and the start of the computer that it runs on.
    pub process: u32,
    pub computer: String,
    pub make: String,
    pub model: String,
    pub serial: String,
    pub phase: RunPhase,
    /// The collection that is being read, how many of its things are saved, and how many the phone has.
    pub what: Option<Collection>,
    pub things: u64,
    pub of: Option<u64>,
    /// The window of the program was closed, so nobody watches the rescue.
    pub is_alone: bool,
    pub is_backup: bool,
    /// When it began: the time since 1970.
    pub began: Duration,
    /// What it reported, in the order in which it matters: the last report of each kind.
    pub reports: Vec<Report>,
}

/// Something that a running rescue reported.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    /// Grows with each report.
    pub number: u64,
    /// Time since the rescue began.
    pub at: Duration,
    pub progress: Progress,
}

/// A later report has another number.
impl PartialEq for Report {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Report {}

/// What a report is about. A later one of the same kind takes its place.
#[derive(PartialEq)]
enum Kind {
    Folder,
    Health,
    Offered,
    Looking(Collection),
    Surveyed(Collection),
    Safe(Collection),
    Copied(Collection),
    Read(Collection),
    /// Whether the phone can be read.
    Link,
    Needs,
    Writing,
    Written,
    Sealing,
    Checked,
    Advice(String),
}

impl Kind {
    /// `None`: the report stays in its own program. Names of what is read are never written outside the rescue folder.
    fn of(progress: &Progress) -> Option<Self> {
        Some(match progress {
            Progress::Folder(_) => Self::Folder,
            Progress::Health(_) => Self::Health,
            Progress::Offered(_) => Self::Offered,
            Progress::Looking(what) | Progress::LookingAgain(what) => Self::Looking(*what),
            Progress::Surveyed(what, _) => Self::Surveyed(*what),
            Progress::Safe { what, .. } => Self::Safe(*what),
            Progress::Copied { what, .. } => Self::Copied(*what),
            Progress::Read(what) => Self::Read(*what),
            Progress::Lost | Progress::Locked(_) | Progress::Back => Self::Link,
            Progress::Needs(_) => Self::Needs,
            Progress::Writing => Self::Writing,
            Progress::Written { .. } | Progress::ReadBack { .. } => Self::Written,
            Progress::Sealing => Self::Sealing,
            Progress::Checked { .. } => Self::Checked,
            Progress::Advice(text) => Self::Advice(text.clone()),
            Progress::Window(_) | Progress::Current { .. } => return None,
        })
    }

    /// True if a report of this kind says that an earlier one of the other kind is over.
    fn ends(&self, other: &Self) -> bool {
        let is_end = |other: &Self| {
            matches!(
                other,
                Self::Writing | Self::Written | Self::Sealing | Self::Checked
            )
        };
        match self {
            Self::Link => is_end(other) || *other == Self::Needs,
            Self::Writing => is_end(other),
            _ => false,
        }
    }
}

/// The report without what names a person: the file that other programs read lies beside the rescue folder.
fn without_names(progress: &Progress) -> Progress {
    match progress {
        Progress::Advice(text) => Progress::Advice(without_addresses(text)),
        Progress::Locked(text) => Progress::Locked(without_addresses(text)),
        Progress::Needs(text) => Progress::Needs(without_addresses(text)),
        Progress::Surveyed(what, holding) => {
            let Holding {
                handset_says,
                showed_before,
                rows,
                unreadable,
                remedy,
                out_of_reach,
                // The screens show neither of these.
                notes: _,
                changed: _,
                by: _,
            } = holding;
            let holding = Holding {
                handset_says: *handset_says,
                showed_before: *showed_before,
                rows: *rows,
                unreadable: unreadable.as_deref().map(without_addresses),
                remedy: *remedy,
                out_of_reach: out_of_reach.as_deref().map(without_addresses),
                ..Holding::default()
            };
            Progress::Surveyed(*what, holding)
        }
        other => other.clone(),
    }
}

/// Most sentences of advice that are kept, the newest.
const MOST_ADVICE: usize = 12;

impl Running {
    /// What it does, in a few words: `calendar, 204 of 318`.
    pub fn told(&self) -> String {
        match (self.phase, self.what) {
            (RunPhase::Waiting, _) => phrase("waiting for the phone").into(),
            (RunPhase::Writing, _) => phrase("writing the files").into(),
            (RunPhase::Reading, None) => phrase("reading").into(),
            (RunPhase::Reading, Some(what)) => match self.of.filter(|of| *of >= self.things) {
                Some(of) => phrase!(
                    "{}, {} of {}",
                    what.named(),
                    grouped(self.things),
                    grouped(of)
                ),
                None => phrase!("{}, {}", what.named(), grouped(self.things)),
            },
        }
    }

    /// How much of what is being read is done, and of how much.
    pub fn share(&self) -> Option<(u64, u64)> {
        match self.phase {
            RunPhase::Reading => self.of.filter(|of| *of > 0).map(|of| (self.things, of)),
            RunPhase::Waiting | RunPhase::Writing => None,
        }
    }

    /// True if this program runs the rescue.
    pub fn is_own(&self) -> bool {
        self.process == std::process::id() && self.computer == super::this_computer()
    }

    /// The last report of each kind is kept.
    fn keep(&mut self, progress: &Progress) {
        let Some(kind) = Kind::of(progress) else {
            return;
        };
        let before = self.reports.last().map_or(0, |last| last.number);
        let is_over = |report: &Report| {
            let before = Kind::of(&report.progress);
            before.is_some_and(|before| before == kind || kind.ends(&before))
        };
        self.reports.retain(|report| !is_over(report));
        let is_advice = |report: &Report| matches!(report.progress, Progress::Advice(_));
        if matches!(kind, Kind::Advice(_))
            && self.reports.iter().filter(|one| is_advice(one)).count() >= MOST_ADVICE
            && let Some(oldest) = self.reports.iter().position(is_advice)
        {
            self.reports.remove(oldest);
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        self.reports.push(Report {
            number: before + 1,
            at: now.unwrap_or_default().saturating_sub(self.began),
            progress: progress.clone(),
        });
    }

    pub(super) fn take(&mut self, progress: &Progress) {
        self.keep(&without_names(progress));
        match progress {
            Progress::Surveyed(what, holding) => {
                self.phase = RunPhase::Reading;
                (self.what, self.things, self.of) = (Some(*what), 0, holding.handset_says);
            }
            Progress::Safe { what, things, .. } => {
                self.phase = RunPhase::Reading;
                if self.what != Some(*what) {
                    (self.what, self.of) = (Some(*what), None);
                }
                self.things = *things;
            }
            Progress::Lost | Progress::Locked(_) => self.phase = RunPhase::Waiting,
            Progress::Back => self.phase = RunPhase::Reading,
            // Safe data is also written during the wait for the phone.
            Progress::Writing | Progress::Sealing if self.phase != RunPhase::Waiting => {
                self.phase = RunPhase::Writing;
            }
            Progress::Writing
            | Progress::Sealing
            | Progress::Folder(_)
            | Progress::Window(_)
            | Progress::Health(_)
            | Progress::Offered(_)
            | Progress::Looking(_)
            | Progress::LookingAgain(_)
            | Progress::Copied { .. }
            | Progress::Current { .. }
            | Progress::Read(_)
            | Progress::Written { .. }
            | Progress::ReadBack { .. }
            | Progress::Checked { .. }
            | Progress::Advice(_)
            | Progress::Needs(_) => {}
        }
    }
}
