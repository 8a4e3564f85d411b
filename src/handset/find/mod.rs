//! What is plugged in, and how each can be approached.

mod advice;
mod computer;
mod judge;
mod kind;
mod loaders;
pub mod usb;
pub mod vendors;

use serde::Serialize;

pub use crate::protocol::adb::Waiting;

use super::Handset;
use crate::link::Stop;
pub use advice::INSTALL_RULES;
pub use computer::Computer;
pub use judge::{Listed, Reach, Seen, choose, choose_files, judge};
pub use kind::{Kind, of as kind_of};
pub use loaders::Loader;

/// Whether a device can be read now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub enum State {
    #[serde(rename = "ready")]
    Ready,
    /// It could be read if its owner, or the user of this computer, did something first.
    #[default]
    #[serde(rename = "needs you")]
    NeedsYou,
    #[serde(rename = "out of reach")]
    OutOfReach,
}

impl State {
    /// In words, as lists show it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::NeedsYou => "needs you",
            Self::OutOfReach => "out of reach",
        }
    }
}

/// Something that could be a handset.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Device {
    /// What `--device` takes; the same while the handset is replugged.
    pub id: String,
    pub make: String,
    pub model: String,
    pub serial: String,
    /// The ways to read it.
    pub approaches: Vec<String>,
    pub state: State,
    /// What to do, in a sentence; empty: nothing. One that is ready may have something to be done meanwhile.
    pub advice: String,
    /// Its files alone can be had now, where more could if its owner did something first.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub files_alone: bool,
}

/// What of a handset is to be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Wanted {
    #[default]
    All,
    /// Its files alone: see [`Device::files_alone`].
    Files,
}

impl Device {
    /// Make and model, or what else it can be called.
    pub fn name(&self) -> String {
        let name = format!("{} {}", self.make, self.model);
        match name.trim() {
            "" => self.id.clone(),
            name => name.to_owned(),
        }
    }
}

/// What was found, and what could not be looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    pub devices: Vec<Device>,
    /// Each a sentence.
    pub notes: Vec<String>,
}

/// Where handsets are plugged in.
pub trait Port: Send + Sync {
    /// Lists what could be a handset now, also what can't be read yet. May take a second.
    fn look(&self) -> Found;
    /// Reaches a handset that was listed. Waits as long as its owner takes to allow it, telling `on_wait`, until
    /// `stop`.
    ///
    /// # Errors
    /// Where it can't be reached: why, and what to do.
    fn open(
        &self,
        id: &str,
        wanted: Wanted,
        stop: &Stop,
        on_wait: OnWait,
    ) -> Result<Box<dyn Handset>, OpenError>;
}

/// Hears what is waited for, about once a second.
pub type OnWait = std::sync::Arc<dyn Fn(Waiting) + Send + Sync>;

/// Why a handset could not be reached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct OpenError {
    pub what: String,
    /// What to do next, in a sentence.
    pub advice: String,
}
