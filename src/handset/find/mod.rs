//! Finds what is plugged in, and how each handset can be approached.

pub(super) mod advice;
mod computer;
mod judge;
mod loaders;
mod look;
mod others;
pub mod usb;
pub mod vendors;

use serde::Serialize;

pub use crate::protocol::adb::Waiting;

use super::Handset;
use crate::coach::Situation;
use crate::model::{Advice, Collection, Stop};
use crate::phrase;
pub use advice::{INSTALL_RULES, nothing_plugged_in};
pub use computer::Computer;
pub use judge::{Candidate, Listed, Seen, SeenFolder, choose, choose_files, judge};
pub use loaders::Loader;
pub use look::{Look, called, is_card};
pub use others::Others;

/// Whether a device can be read now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub enum State {
    #[serde(rename = "ready")]
    Ready,
    /// It can be read after its owner, or the user of this computer, has done something.
    #[default]
    #[serde(rename = "needs you")]
    NeedsYou,
    #[serde(rename = "out of reach")]
    OutOfReach,
}

impl State {
    /// Returns the state in words, as lists show it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::NeedsYou => phrase("needs you"),
            Self::OutOfReach => phrase("out of reach"),
        }
    }
}

/// Something that could be a handset.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Device {
    /// The value of `--device`; the same after the handset is replugged.
    pub id: String,
    pub make: String,
    pub model: String,
    pub serial: String,
    /// Its place on USB, such as `1-4.2`; empty: not known.
    #[serde(skip)]
    pub place: String,
    /// The ways to read it.
    pub approaches: Vec<String>,
    pub state: State,
    /// What to do, in a sentence; empty if nothing is to be done. A handset that is ready may have advice too.
    pub advice: String,
    /// Only its files can be read now; more can be read after the owner has done something.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub files_alone: bool,
    /// The situations behind the advice: the required steps, then the alternatives.
    #[serde(skip)]
    pub situations: Vec<Situation>,
    /// A phone, whose owner can do more than plug it in.
    #[serde(skip)]
    pub has_owner: bool,
    /// Nothing except files can be read from it.
    #[serde(skip)]
    pub gives_files_alone: bool,
    #[serde(skip)]
    pub kind: Kind,
    /// A backup on this computer: no phone is there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_backup: bool,
}

/// What people call a device.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    #[default]
    Phone,
    Camera,
    Card,
    /// A player, a watch, or another device that is no phone.
    Other,
    /// A backup on this computer: no device is there.
    Backup,
}

impl Kind {
    /// Returns the word for it.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Phone => phrase("phone"),
            Self::Camera => phrase("camera"),
            Self::Card => phrase("card"),
            Self::Other => phrase("device"),
            Self::Backup => phrase("backup"),
        }
    }
}

/// What to read from a handset.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Wanted {
    #[default]
    All,
    /// Only its files: see [`Device::files_alone`].
    Files,
}

impl Device {
    /// Returns the situation in a few words, as lists show it: `turn on debugging`, `ready: files only`.
    pub fn in_short(&self) -> String {
        let state = self.situations.first().and_then(Situation::state);
        match (self.state, state) {
            (State::Ready, Some(state)) if state.name == "kaios" => {
                phrase("ready: files only").into()
            }
            (State::Ready, _) if !self.gives_files_alone => self.state.text().into(),
            (State::Ready, Some(state)) if state.name == "iphone" => {
                phrase("ready: pictures only").into()
            }
            (State::Ready, _) => match self.kind {
                Kind::Phone | Kind::Other => phrase("ready: files only").into(),
                Kind::Camera | Kind::Card | Kind::Backup => self.state.text().into(),
            },
            (State::NeedsYou | State::OutOfReach, Some(state)) => state.short.clone(),
            (State::NeedsYou, None) => self.state.text().into(),
            (State::OutOfReach, None) => phrase("can't be read now").into(),
        }
    }

    /// Returns make and model, or the ID if both are unknown.
    pub fn name(&self) -> String {
        let name = crate::model::called(&self.make, &self.model);
        match name.is_empty() {
            true => self.id.clone(),
            false => name,
        }
    }
}

/// The devices that were found, and notes on what could not be examined.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    pub devices: Vec<Device>,
    /// Each a sentence.
    pub notes: Vec<String>,
}

/// A place where handsets are plugged in.
pub trait Port: Send + Sync {
    /// Lists what could be a handset now, including what can't be read yet. May take a second.
    fn look(&self) -> Found;
    /// Connects to a handset that was listed. Waits until its owner allows the connection, or until `stop` is set, and
    /// reports the wait to `on_wait`.
    ///
    /// # Errors
    /// If the handset can't be reached: why, and what to do.
    fn open(
        &self,
        id: &str,
        wanted: Wanted,
        stop: &Stop,
        on_wait: OnWait,
    ) -> Result<Opened, OpenError>;
}

/// A handset that was reached, and the other ways to read the same device.
pub struct Opened {
    pub handset: Box<dyn Handset>,
    /// Best first.
    pub others: Vec<Other>,
}

impl Opened {
    /// A handset that is read in one way alone.
    pub fn alone(handset: impl Handset + 'static) -> Self {
        Self::from(Box::new(handset) as Box<dyn Handset>)
    }
}

impl From<Box<dyn Handset>> for Opened {
    fn from(handset: Box<dyn Handset>) -> Self {
        Self {
            handset,
            others: Vec::new(),
        }
    }
}

/// Another way to read a device that was opened, for what the first can't read.
pub struct Other {
    /// The collections that it may give.
    pub covers: Vec<Collection>,
    /// Opens the approach if the same device is still there. The first handset must be closed before.
    pub open: Box<dyn FnOnce() -> Result<Box<dyn Handset>, OpenError> + Send>,
}

/// Called about once a second with what the program waits for.
pub type OnWait = std::sync::Arc<dyn Fn(Waiting) + Send + Sync>;

/// Why a handset could not be reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct OpenError {
    pub what: String,
    /// What to do next, in a sentence.
    pub advice: String,
    /// The same attempt may succeed later: the link broke.
    pub may_pass: bool,
}

impl<E: Advice> From<E> for OpenError {
    fn from(error: E) -> Self {
        Self {
            what: error.to_string(),
            advice: error.advice(),
            may_pass: error.may_pass(),
        }
    }
}
