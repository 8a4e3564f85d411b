//! Rescue: the progress, the data that is safe on disk so far, and advice.

mod activity;
mod draw;
mod keys;
mod row;
mod rows;
mod watched;

pub use draw::draw;
pub use keys::KEYS;

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::time::Duration;

use ratatui::layout::Rect;

use crate::handset::find::{Device, Kind, Waiting};
use crate::model::{Charger, Collection, Health, Identity, called, without_addresses};
use crate::phrase;
use crate::rescue::{Outcome, Progress, Window};
use crate::tui::keys::Intent;
use crate::tui::screen::password::Password;
use crate::tui::theme::Theme;
use crate::tui::widget::scroll::Scroll;

use activity::{Activity, Rate};
use draw::{left_of, lines};
use row::{Row, RowState};

/// Maximum number of advice texts on the screen. The oldest is removed first.
const MOST_ADVICE: usize = 12;

/// Phase of the whole rescue.
#[derive(Debug, Default)]
pub enum Phase {
    #[default]
    Idle,
    /// Connecting to the handset.
    Opening(Option<Waiting>),
    Reading,
    /// Writing the files.
    Writing,
    /// Reading the files back and sealing the folder.
    Sealing,
    /// The connection is lost. The rescue continues when the handset is connected again. Holds the step that the
    /// handset needs, once it is seen.
    Lost(Option<String>),
    /// The handset is locked. The rescue continues when its owner unlocks it. Holds this advice and the amount saved
    /// so far.
    Locked(String),
    Ended(Box<Outcome>),
    Failed {
        what: String,
        advice: String,
    },
}

/// State of the rescue on the screen.
#[derive(Debug, Default)]
pub struct Rescue {
    pub phase: Phase,
    /// Time since the program started.
    pub now: Duration,
    /// The rescue folder, after it was created.
    pub folder: Option<PathBuf>,
    /// Free bytes where the rescue is saved.
    pub free: Option<u64>,
    /// Names of what is read are not shown.
    pub is_desk: bool,
    /// Access to the data while it is read.
    pub window: Option<Window>,
    /// What has to be known by everyone who handles the phone, each in sentences.
    pub warnings: Vec<String>,
    /// The field for the password of a backup, while it is needed.
    pub password: Option<Password>,
    is_backup: bool,
    kind: Kind,
    /// What is said instead of asking to unlock the phone, if nobody can do that.
    pub instead: Option<&'static str>,
    id: String,
    name: String,
    began: Duration,
    ended: Option<Duration>,
    health: Option<Health>,
    offered: Vec<Collection>,
    rows: BTreeMap<Collection, Row>,
    advice: VecDeque<String>,
    activity: Activity,
    /// The collection of the last message.
    last: Option<Collection>,
    scroll: Scroll,
    /// Number of items written or read back, total number, and the word for the step.
    written: Option<(u64, u64, &'static str)>,
    /// Number of bytes read back, and total number.
    checked: Option<(u64, u64)>,
    stopped: bool,
    is_again: bool,
    /// For a rescue of another program: the number of its last report that is shown.
    elsewhere: Option<u64>,
    /// That program was asked to stop it.
    pub is_stopping: bool,
    /// The time for which it ran before this program saw it.
    before: Duration,
}

impl Rescue {
    /// Starts the rescue of a device.
    pub fn of(device: &Device, now: Duration) -> Self {
        Self {
            phase: Phase::Opening(None),
            id: device.id.clone(),
            is_backup: device.is_backup,
            kind: device.kind,
            name: device.name(),
            began: now,
            now,
            ..Self::default()
        }
    }

    /// A rescue that has ended and is opened again: nothing of its progress is known.
    pub fn again(outcome: &Outcome) -> Self {
        let handset = &outcome.handset;
        Self {
            phase: Phase::Ended(Box::new(outcome.clone())),
            folder: Some(PathBuf::from(&outcome.folder)),
            name: called(&handset.make, &handset.model),
            is_again: true,
            ..Self::default()
        }
    }

    /// True for a rescue that was opened again.
    pub fn is_again(&self) -> bool {
        self.is_again
    }

    /// The device's ID.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn name(&self) -> String {
        self.name.clone()
    }

    /// Text next to the title: the phone and its battery level.
    pub fn beside(&self) -> String {
        let percent = self.health.as_ref().and_then(|h| h.battery_percent);
        // The battery level of a disconnected phone is unknown.
        if matches!(self.phase, Phase::Lost(_)) {
            return match percent {
                None => phrase!("{}   not connected", self.name),
                Some(percent) => phrase!("{}   not connected, last seen at {percent} %", self.name),
            };
        }
        let Some(percent) = percent else {
            return self.name.clone();
        };
        let charger = match self.health.as_ref().map(|h| h.charger) {
            Some(Charger::Charging) => phrase(", charging"),
            Some(Charger::NotCharging) => phrase(", not charging"),
            _ => "",
        };
        phrase!("{}   battery {percent} %{charger}", self.name)
    }

    /// Sets the clock, as time since the program started.
    pub fn tick(&mut self, now: Duration) {
        self.now = now;
        if let (Phase::Reading, Some((what, rate))) = (&self.phase, self.rate()) {
            self.activity.note(now, what, rate);
        }
        if matches!(self.phase, Phase::Reading) {
            for row in self.rows.values_mut() {
                row.tick(now);
            }
        }
    }

    /// The collection that is being read, and how fast.
    fn rate(&self) -> Option<(Collection, Rate)> {
        let what = self.last?;
        let row = self.rows.get(&what)?;
        let rate = row.rate().filter(|_| row.state == RowState::Reading)?;
        let rate = match row.bytes.is_some() {
            true => Rate::Bytes(rate),
            false => Rate::Items(rate),
        };
        Some((what, rate))
    }

    /// True if the rescue can't go on before somebody does something to the phone.
    pub fn waits_for_a_person(&self) -> bool {
        self.is_waiting() || matches!(self.phase, Phase::Opening(_))
    }

    /// True while the phone waits for its owner's permission.
    pub fn waits_for_permission(&self) -> bool {
        match &self.phase {
            Phase::Opening(Some(Waiting::ForPermission(_) | Waiting::ForPermissionInVain(_))) => {
                true
            }
            Phase::Opening(Some(Waiting::Silent(_) | Waiting::Deriving(_)) | None)
            | Phase::Idle
            | Phase::Reading
            | Phase::Writing
            | Phase::Sealing
            | Phase::Lost(_)
            | Phase::Locked(_)
            | Phase::Ended(_)
            | Phase::Failed { .. } => false,
        }
    }

    /// What happens, in a few words: `calendar, 204 of 318`.
    pub fn in_short(&self) -> String {
        match &self.phase {
            Phase::Idle => String::new(),
            Phase::Opening(None) => phrase("connecting").into(),
            Phase::Opening(Some(Waiting::Silent(_))) => phrase("no answer yet").into(),
            Phase::Opening(Some(_)) => phrase("tap “Allow” on the phone").into(),
            Phase::Lost(_) => phrase("PAUSED: plug it in").into(),
            Phase::Locked(_) => phrase("PAUSED: unlock it").into(),
            Phase::Writing => phrase("writing the files").into(),
            Phase::Sealing => phrase("checking the files").into(),
            Phase::Ended(_) | Phase::Failed { .. } => phrase("stopped").into(),
            Phase::Reading => match self.current() {
                None => phrase("reading").into(),
                Some((what, row)) => {
                    let counted = row.counted();
                    match counted.is_empty() {
                        true => what.named().to_owned(),
                        false => format!("{} {counted}", what.named()),
                    }
                }
            },
        }
    }

    /// The collection that is being read.
    fn current(&self) -> Option<(Collection, &Row)> {
        let is_read = |row: &Row| {
            matches!(
                row.state,
                RowState::Reading | RowState::Looking | RowState::LookingAgain
            )
        };
        let mut rows = self.rows.iter().map(|(what, row)| (*what, row));
        let last = |what: &Collection| Some(*what) == self.last;
        rows.clone()
            .find(|(what, row)| last(what) && is_read(row))
            .or_else(|| rows.clone().find(|(_, row)| row.state == RowState::Reading))
            .or_else(|| rows.find(|(_, row)| is_read(row)))
    }

    /// A message about a collection has come: it is the one that is read.
    fn turn_to(&mut self, what: Collection) -> &mut Row {
        if let Some(before) = self.last.filter(|before| *before != what) {
            self.row(before).is_overtaken();
        }
        self.last = Some(what);
        self.row(what)
    }

    /// How much of the collection that is being read is done, and of how much.
    pub fn share(&self) -> Option<(u64, u64)> {
        match self.phase {
            Phase::Reading => self.current()?.1.share(),
            Phase::Writing => self.written.map(|(done, of, _)| (done, of)),
            Phase::Sealing => self.checked,
            _ => None,
        }
        .filter(|(_, of)| *of > 0)
    }

    /// True if the lines do not fit into this number of lines of `width` columns.
    pub fn is_longer_than(&self, height: usize, width: usize) -> bool {
        lines(self, false, left_of(self, width), Theme::plain()).len() > height
    }

    /// Scrolls.
    pub fn update(&mut self, intent: Intent, area: Rect) {
        let width = left_of(self, usize::from(area.width));
        let number = lines(self, false, width, Theme::plain()).len();
        self.scroll.update(intent, number, area);
    }

    pub fn is_reading(&self) -> bool {
        !self.has_ended() && !matches!(self.phase, Phase::Idle)
    }

    /// A person has stopped it.
    pub fn was_stopped(&self) -> bool {
        self.stopped
    }

    pub fn has_ended(&self) -> bool {
        matches!(self.phase, Phase::Ended(_) | Phase::Failed { .. })
    }

    pub fn on_waiting(&mut self, waiting: Waiting) {
        match (&mut self.phase, waiting) {
            (Phase::Opening(now), waiting) => *now = Some(waiting),
            // A restart can cancel a permission that was given only once.
            (Phase::Lost(needs), Waiting::ForPermission(ask)) => *needs = Some(waits(ask)),
            _ => {}
        }
    }

    pub fn on_opened(&mut self, identity: Identity) {
        self.is_backup = identity.is_backup;
        let name = identity.name();
        if !name.is_empty() {
            self.name = name;
        }
        if matches!(self.phase, Phase::Opening(_)) {
            self.phase = Phase::Reading;
        }
    }

    pub fn end(&mut self, phase: Phase, stopped: bool) {
        self.phase = phase;
        self.stopped = stopped;
        self.ended = Some(self.now);
    }

    pub fn on_message(&mut self, progress: Progress) {
        match progress {
            Progress::Folder(folder) => self.folder = Some(folder),
            Progress::Window(window) => self.window = Some(window),
            Progress::Offered(offered) => self.offered = offered,
            Progress::Health(health) => self.health = Some(health),
            Progress::Looking(what) => self.turn_to(what).state = RowState::Looking,
            Progress::LookingAgain(what) => self.turn_to(what).state = RowState::LookingAgain,
            Progress::Surveyed(what, mut holding) => {
                holding.unreadable = holding.unreadable.map(|why| self.shown(why));
                holding.out_of_reach = holding.out_of_reach.map(|why| self.shown(why));
                self.row(what).survey(holding);
            }
            Progress::Safe {
                what,
                rows,
                of,
                things,
            } => {
                let now = self.now;
                self.turn_to(what).safe(now, rows, of, things);
            }
            Progress::Copied {
                what,
                bytes,
                safe: _,
                of_bytes,
            } => {
                let now = self.now;
                self.turn_to(what).copied(now, bytes, of_bytes);
            }
            Progress::Current { .. } if self.is_desk => {}
            Progress::Current { what, name } => self.activity.on_name(what, &name),
            Progress::Read(what) => {
                let after = self.now.saturating_sub(self.began);
                self.row(what).read(after);
            }
            // Safe data is also written while the connection is lost. This is not the end.
            Progress::Writing if !self.is_waiting() => {
                self.phase = Phase::Writing;
                (self.written, self.checked) = (None, None);
            }
            Progress::Sealing if !self.is_waiting() => self.phase = Phase::Sealing,
            Progress::Writing | Progress::Sealing => {}
            Progress::Written { records, of } => {
                self.written = Some((records, of, phrase("Writing the files")));
            }
            Progress::ReadBack { cards, of } => {
                self.written = Some((cards, of, phrase("Checking the contact files")));
            }
            Progress::Checked { bytes, of_bytes } => self.checked = Some((bytes, of_bytes)),
            Progress::Lost => self.wait(Phase::Lost(None)),
            Progress::Locked(unlock_it) => self.wait(Phase::Locked(unlock_it)),
            Progress::Needs(what) if self.is_waiting() => self.phase = Phase::Lost(Some(what)),
            Progress::Needs(_) => {}
            Progress::Back => {
                self.phase = Phase::Reading;
                self.rows.values_mut().for_each(Row::go_on);
            }
            Progress::Advice(text) => {
                let text = self.shown(text);
                if !self.advice.contains(&text) {
                    self.advice.push_back(text);
                }
                while self.advice.len() > MOST_ADVICE {
                    self.advice.pop_front();
                }
            }
        }
    }

    /// A sentence as this screen may show it.
    fn shown(&self, text: String) -> String {
        match self.is_desk {
            true => without_addresses(&text),
            false => text,
        }
    }

    /// The headline while a phone is read.
    fn reads(&self) -> String {
        let has_contacts = self.offered.is_empty() || self.offered.contains(&Collection::Contacts);
        match self.current() {
            None if has_contacts => {
                phrase("Reading. Contacts come first. Don't unplug the cable.").into()
            }
            None => phrase("Reading. Don't unplug the cable.").into(),
            Some((Collection::Contacts, _)) => {
                phrase("Reading. Contacts come first. Don't unplug the cable.").into()
            }
            Some((what, _)) => phrase!("Reading: {}. Don't unplug the cable.", what.named()),
        }
    }

    /// True if the handset cannot be read now and the rescue will continue later.
    fn is_waiting(&self) -> bool {
        matches!(self.phase, Phase::Lost(_) | Phase::Locked(_))
    }

    /// Changes to a waiting phase. Measured rates are no longer valid.
    fn wait(&mut self, phase: Phase) {
        self.phase = phase;
        self.activity.pause();
        for row in self.rows.values_mut() {
            row.pause();
        }
    }

    /// The collections that the handset offers; all collections until this is known.
    fn order(&self) -> impl Iterator<Item = Collection> {
        let offered = |what: &Collection| self.offered.is_empty() || self.offered.contains(what);
        Collection::ALL.into_iter().filter(offered)
    }

    /// Number of items that are saved.
    fn things(&self) -> u64 {
        match &self.phase {
            // As the verdict counts them.
            Phase::Ended(outcome) => outcome.collections.iter().map(|one| one.rescued).sum(),
            _ => self.rows.values().map(|row| row.things).sum(),
        }
    }

    fn row(&mut self, what: Collection) -> &mut Row {
        self.rows.entry(what).or_default()
    }
}

/// Asks the owner for something that Lifeboat waits for.
fn waits(ask: &str) -> String {
    phrase!("{ask} Lifeboat is waiting.")
}
