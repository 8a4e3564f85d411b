//! Progress of one collection, as a line of the screen.

use std::collections::VecDeque;
use std::time::Duration;

use crate::model::{Holding, Remedy, size};
use crate::phrase;
use crate::tui::widget::bar::bar;
use crate::tui::widget::left::TimeLeft;
use crate::tui::widget::text::{count, seconds};

/// Time over which a rate is measured.
const RATE_OVER: Duration = Duration::from_secs(3);

/// Progress of one collection.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    pub(super) state: RowState,
    /// Number of items, as counted by the handset.
    pub(super) says: Option<u64>,
    pub(super) rows: u64,
    pub(super) of: Option<u64>,
    pub(super) things: u64,
    /// Time after which all of the collection was safe, and the number of items then.
    pub(super) since: Option<(Duration, u64)>,
    /// For files: number of safe bytes, and total number of bytes.
    pub(super) bytes: Option<(u64, u64)>,
    /// Number of safe items at certain times; for files, number of bytes.
    pub(super) samples: VecDeque<(Duration, u64)>,
    left: TimeLeft,
    /// The collection can be read once the handset is unlocked.
    waits_for_unlock: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum RowState {
    #[default]
    Waiting,
    Looking,
    Reading,
    /// Another collection is read meanwhile. The rest comes later.
    Later,
    /// The handset cannot be read at the moment.
    Paused,
    /// Everything that was listed is on disk. New items may have been added meanwhile.
    LookingAgain,
    /// Everything is on disk, this long after the rescue began.
    Read {
        after: Duration,
    },
    /// The collection cannot be read, for this reason.
    Closed(String),
}

impl Row {
    pub(super) fn survey(&mut self, holding: Holding) {
        self.says = holding.handset_says;
        self.of = holding.rows;
        self.waits_for_unlock = holding.remedy == Some(Remedy::Unlock);
        self.state = match holding.unreadable.or(holding.out_of_reach) {
            Some(reason) => RowState::Closed(reason),
            None => RowState::Reading,
        };
    }

    /// Renews the time left.
    pub(super) fn tick(&mut self, now: Duration) {
        if self.state == RowState::Reading
            && let Some((done, of)) = self.share()
        {
            self.left.note(now, done, of);
        }
    }

    /// How much is done, and of how much: in bytes for files.
    pub(super) fn share(&self) -> Option<(u64, u64)> {
        match (self.bytes, self.says) {
            (Some(share), _) => Some(share),
            (None, Some(says)) => Some((self.things, says)),
            (None, None) => Some((self.rows, self.of?)),
        }
    }

    /// Another collection is read now. Rates and times measured so far are no longer valid.
    pub(super) fn is_overtaken(&mut self) {
        if self.state == RowState::Reading {
            self.state = RowState::Later;
            self.samples.clear();
            self.left.pause();
        }
    }

    pub(super) fn pause(&mut self) {
        self.samples.clear();
        self.left.pause();
        match self.state {
            RowState::Looking | RowState::Reading | RowState::Later | RowState::LookingAgain => {
                self.state = RowState::Paused;
            }
            RowState::Waiting if self.things > 0 => self.state = RowState::Paused,
            RowState::Waiting | RowState::Paused | RowState::Read { .. } | RowState::Closed(_) => {}
        }
    }

    /// The collection can be read again.
    pub(super) fn go_on(&mut self) {
        if self.state == RowState::Paused {
            self.state = RowState::Waiting;
        }
    }

    pub(super) fn safe(&mut self, now: Duration, rows: u64, of: Option<u64>, things: u64) {
        (self.rows, self.of, self.things) = (rows, of, things);
        if matches!(self.state, RowState::LookingAgain | RowState::Later) {
            self.state = RowState::Reading;
        }
        if self.bytes.is_none() {
            self.sample(now, things);
        }
    }

    pub(super) fn copied(&mut self, now: Duration, bytes: u64, of_bytes: u64) {
        if self.state == RowState::Later {
            self.state = RowState::Reading;
        }
        if self.bytes.replace((bytes, of_bytes)).is_none() {
            self.samples.clear();
            self.left.pause();
        }
        self.sample(now, bytes);
    }

    pub(super) fn sample(&mut self, now: Duration, amount: u64) {
        self.samples.push_back((now, amount));
        while self
            .samples
            .front()
            .is_some_and(|(then, _)| now.saturating_sub(*then) > RATE_OVER)
        {
            self.samples.pop_front();
        }
    }

    /// Marks the collection as finished. It keeps the time at which it first became safe, unless more items were
    /// added.
    pub(super) fn read(&mut self, after: Duration) {
        if matches!(self.state, RowState::Closed(_)) {
            return;
        }
        let things = self.things;
        let since = self.since.filter(|(_, then)| *then == things);
        let (after, _) = *self.since.insert(since.unwrap_or((after, things)));
        self.state = RowState::Read { after };
    }

    /// Items or bytes per second, over the last seconds.
    pub(super) fn rate(&self) -> Option<u64> {
        let ((then, before), (now, after)) = (self.samples.front()?, self.samples.back()?);
        let millis = now.saturating_sub(*then).as_millis();
        (millis >= 200).then(|| {
            let things = u128::from(after.saturating_sub(*before));
            u64::try_from(things * 1000 / millis).unwrap_or(u64::MAX)
        })
    }

    /// The status in words.
    pub(super) fn told(&self, now: Duration) -> String {
        match &self.state {
            RowState::Waiting => String::new(),
            RowState::Paused => phrase("waiting for the phone").into(),
            RowState::Later => phrase("the rest comes later").into(),
            RowState::Looking => phrase("checking contents").into(),
            RowState::LookingAgain => phrase("checking for changes").into(),
            RowState::Reading => {
                let rate = self.rate().filter(|rate| *rate > 0);
                let left = self.left.told(now);
                let left = left.map_or(String::new(), |left| format!(", {left}"));
                if let Some((bytes, of)) = self.bytes {
                    return phrase!("{} of {}{left}", size(bytes), size(of));
                }
                match rate {
                    Some(rate) => phrase!("{} a second{left}", count(rate)),
                    None => phrase!("reading{left}"),
                }
            }
            RowState::Read { .. } if self.says == Some(0) => phrase("none on the phone").into(),
            RowState::Read { after } => {
                phrase!("saved after {}", seconds(after.as_secs()))
            }
            RowState::Closed(_) if self.waits_for_unlock => phrase("after unlocking").into(),
            RowState::Closed(_) => phrase("not read").into(),
        }
    }

    pub(super) fn counted(&self) -> String {
        match (self.says, &self.state) {
            // The number of items read earlier stays visible.
            (_, RowState::Waiting | RowState::Looking) if self.things == 0 => String::new(),
            (Some(says), RowState::Closed(_)) => count(says),
            (_, RowState::Closed(_)) => "-".into(),
            (Some(says), _) if says >= self.things => {
                phrase!("{} of {}", count(self.things), count(says))
            }
            (Some(_), _) => count(self.things),
            (None, _) => count(self.things),
        }
    }

    pub(super) fn bar(&self, width: usize) -> String {
        // In the unit that the owner knows, if the phone gives the total.
        let (done, of) = match (self.bytes, self.says) {
            (Some((bytes, of)), _) => (bytes, Some(of)),
            (None, Some(says)) => (self.things, Some(says)),
            (None, None) => (self.rows, self.of),
        };
        match (&self.state, of) {
            (RowState::Read { .. } | RowState::LookingAgain, _) => bar(1, 1, width),
            (RowState::Closed(_), _) => " ".repeat(width),
            (RowState::Waiting | RowState::Looking, _) if self.things == 0 => bar(0, 1, width),
            (
                RowState::Waiting
                | RowState::Looking
                | RowState::Reading
                | RowState::Later
                | RowState::Paused,
                Some(of),
            ) if of > 0 => bar(done.min(of), of, width),
            _ => bar(0, 1, width),
        }
    }
}
