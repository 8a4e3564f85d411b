//! The interface between the list of devices and every family: handsets that are read in the same way. A family is one
//! folder, with what its owners have to be told, and one entry in [`FAMILIES`].

use std::path::PathBuf;
use std::sync::Arc;

use super::android::{AndroidFamily, Choices};
use super::find::vendors::VendorKind;
use super::find::{Candidate, Found, OnWait, OpenError, Others, Seen, SeenFolder, State};
use super::{Handset, feature_phone, iphone, media_device, memory_card};
use crate::coach::Situation;
use crate::link::usb::UsbPlace;
use crate::model::{Collection, Stop};
use crate::phrase;
use crate::protocol::adb;

/// All families. If several can read a device, the approaches of the first come first.
pub static FAMILIES: &[&dyn Family] = &[
    &AndroidFamily,
    &iphone::IPhone,
    &feature_phone::FeaturePhone,
    &Others,
    &media_device::MediaFamily,
    &memory_card::CardFamily,
];

/// A family of handsets. Every method except [`Self::open`] only judges what was seen.
pub trait Family: Sync {
    /// Its name, the same in all of its approaches.
    fn name(&self) -> &'static str;
    /// The ways to read this device, best first, including those for which its owner has to do something. Empty: the
    /// device does not belong to this family.
    fn approaches(&self, device: &Candidate<'_>) -> Vec<Approach>;
    /// Connects to the handset by an approach of this family, as in [`Port::open`](super::find::Port::open). A family
    /// without a driver reaches none.
    ///
    /// # Errors
    /// If the handset can't be reached: why, and what to do.
    fn open(&self, approach: &Approach, _: &How) -> Result<Box<dyn Handset>, OpenError> {
        Err(approach.unreadable())
    }
    /// True if its handsets have an owner at the desk, who can do more than plug them in: phones, but no cards.
    fn has_owner(&self) -> bool {
        true
    }
    /// The folders of this computer that hold a handset's data, such as backups.
    fn folders(&self) -> Vec<SeenFolder> {
        Vec::new()
    }
    /// Called with everything that is seen on this computer, each time that it is looked at.
    fn notice(&self, _: &Seen) {}
    /// A note below the list of devices, in sentences.
    fn note(&self, _: &Found) -> Option<String> {
        None
    }
}

/// A way to read a device.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Approach {
    /// Name of the family.
    pub family: &'static str,
    /// As lists show it: `adb (USB)`.
    pub name: &'static str,
    /// `None`: the device does not offer the approach in its present state.
    pub place: Option<Place>,
    /// The collections that it may give.
    pub covers: &'static [Collection],
    pub state: State,
    /// What is to be done about the device, or before more can be read.
    pub advice: Situation,
    /// The device is to be read by this approach, even if its owner has to do something first. The other approaches are
    /// used only for collections that this one can't read.
    pub is_needed: bool,
    /// The kind of the maker, if known.
    pub makes: Option<VendorKind>,
}

/// Where a handset is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Usb(UsbPlace),
    /// Through the adb server, under this name.
    Server(String),
    /// In a folder on this computer.
    Folder(PathBuf),
}

impl Approach {
    /// Returns an approach that the device does not offer in its present state, and what to do about it.
    pub fn not_now(family: &dyn Family, state: State, advice: Situation) -> Self {
        Self {
            family: family.name(),
            state,
            advice,
            ..Self::default()
        }
    }

    /// The place, if the handset can be read there now.
    pub fn ready(&self) -> Option<&Place> {
        self.place.as_ref().filter(|_| self.state == State::Ready)
    }

    /// True if nothing except files can be read by it.
    pub fn gives_files_alone(&self) -> bool {
        self.covers == FILES
    }

    /// The place on USB, for a family whose approaches are all there.
    ///
    /// # Errors
    /// If the device offers no interface for it.
    pub fn on_usb(&self) -> Result<&UsbPlace, OpenError> {
        match &self.place {
            Some(Place::Usb(place)) => Ok(place),
            Some(Place::Server(_) | Place::Folder(_)) | None => Err(self.unreadable()),
        }
    }

    /// The error for an approach that can't be opened.
    pub fn unreadable(&self) -> OpenError {
        OpenError {
            may_pass: false,
            what: phrase("the device can't be read in its present state").into(),
            advice: self.advice.paragraph(""),
        }
    }
}

/// What an approach covers that gives nothing except files.
pub const FILES: &[Collection] = &[Collection::Files];

/// How a handset is opened: what the user of this computer has chosen.
#[derive(Clone)]
pub struct How {
    /// Keys for debugging. Its stop flag and listener are replaced by those below.
    pub adb: adb::Options,
    pub choices: Choices,
    /// Asks for the password of an encrypted backup.
    pub secrets: Secrets,
    /// Ends every wait.
    pub stop: Stop,
    pub on_wait: OnWait,
}

/// Asks for a password. `None`: nobody knows the password or nobody can be asked. Lifeboat never stores the password.
pub type Secrets = Arc<dyn Fn(&PasswordQuestion) -> Option<String> + Send + Sync>;

/// What is asked when a password is needed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PasswordQuestion {
    /// What it opens, as a person knows it.
    pub of: String,
    /// The password that was given before is wrong.
    pub is_again: bool,
}

/// A function that never returns a password.
pub fn no_secrets() -> Secrets {
    Arc::new(|_| None)
}

/// Opens a handset by an approach of any family.
///
/// # Errors
/// See [`Family::open`].
pub fn open(approach: &Approach, how: &How) -> Result<Box<dyn Handset>, OpenError> {
    let family = FAMILIES.iter().find(|one| one.name() == approach.family);
    match family {
        Some(family) => family.open(approach, how),
        None => Err(approach.unreadable()),
    }
}
