//! Media devices: phones and other devices that transfer files, cameras, and iPhones that appear as cameras. Their
//! storages are read over MTP or PTP.

mod family;
mod listing;
mod nature;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{Local, NaiveDateTime, TimeDelta, TimeZone};

use super::ahead::read_ahead;
use super::files_only::{FileSource, FilesOnly, Listing};
use super::owner_files::kind_of;
use super::{Handset, HandsetError};
use crate::handset::find::vendors::VendorKind;
use crate::link::Link;
use crate::many::Fingerprints;
use crate::model::{
    Asked, Collection, HandsetFile, HandsetPath, Health, Holding, Identity, ResetLine,
};
use crate::phrase;
use crate::protocol::mtp::{DeviceInfo, Mtp, MtpError, MtpTime, ObjectInfo, Options};
pub use family::{MediaFamily, open, over_usb};
pub use nature::Nature;

/// Storages may appear a moment after the session was opened: number of attempts, and the pause between them.
const STORAGE_TRIES: u32 = 10;
const STORAGE_PAUSE: Duration = Duration::from_millis(300);

/// A media device with an open session.
pub struct MediaDevice {
    mtp: Mtp,
    nature: Nature,
    identity: Identity,
    /// The objects of the listed files, by path.
    objects: Fingerprints<Object>,
    /// Some folders or files could not be listed.
    listed_in_part: bool,
}

/// An object's storage and handle, valid in this session.
#[derive(Debug, Clone, Copy)]
struct Object {
    storage: u32,
    handle: u32,
}

impl MediaDevice {
    /// Opens a session over a link that has not been used yet.
    ///
    /// # Errors
    /// See [`Mtp::connect`].
    pub fn open(link: Link, options: &Options) -> Result<Box<dyn Handset>, MtpError> {
        Self::open_made_by(None, link, options)
    }

    /// Opens a session with a device whose maker is known by the USB vendor number.
    ///
    /// # Errors
    /// See [`Mtp::connect`].
    pub fn open_made_by(
        makes: Option<VendorKind>,
        link: Link,
        options: &Options,
    ) -> Result<Box<dyn Handset>, MtpError> {
        let mut mtp = Mtp::connect(link, options)?;
        let device = mtp.device().clone();
        if was_silent(Question::Property, &device) {
            mtp.ask_less();
        }
        if was_silent(Question::AllObjects, &device) {
            mtp.ask_for_folders_alone();
        }
        let mut asked = Ok(None);
        let nature = Nature::of(&device, makes, || {
            asked = mtp.perceived();
            asked.as_ref().ok().copied().flatten()
        });
        asked?;
        if nature == Nature::IPhone {
            mtp.wait_for_conversions();
        }
        let identity = Identity {
            make: device.make.clone(),
            model: device.model.clone(),
            serial: device.serial.clone(),
            system: nature.system(&device),
            approach: phrase!("{} over {}", nature.protocol(&device), mtp.name()),
            is_backup: false,
        };
        Ok(Box::new(FilesOnly::new(Self {
            mtp,
            nature,
            identity,
            objects: Fingerprints::default(),
            listed_in_part: false,
        })))
    }

    /// Returns the storages that are open now.
    fn storages(&mut self) -> Result<Vec<u32>, MtpError> {
        match self.mtp.storages() {
            // Locked devices answer this way.
            Err(error @ MtpError::Refused { .. }) if !error.is_link_lost() => Ok(Vec::new()),
            storages => storages,
        }
    }

    /// Returns the open storages; waits a moment if there are none at first.
    fn storages_in_time(&mut self) -> Result<Vec<u32>, MtpError> {
        for _ in 1..STORAGE_TRIES {
            let storages = self.storages()?;
            if !storages.is_empty() && !self.are_placeholders(&storages)? {
                return Ok(storages);
            }
            std::thread::sleep(STORAGE_PAUSE);
        }
        self.storages()
    }

    /// True if no listed storage exists yet: an iPhone lists a storage with the number `feedface` until its own appear.
    fn are_placeholders(&mut self, storages: &[u32]) -> Result<bool, MtpError> {
        for id in storages {
            match self.mtp.storage(*id) {
                Err(error) if error.is_no_such_storage() => {}
                Err(error) if error.is_link_lost() => return Err(error),
                Err(MtpError::Stopped) => return Err(MtpError::Stopped),
                Ok(_) | Err(_) => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Interprets a refused request for an object. A device that has locked itself refuses all objects as if they were
    /// deleted.
    fn refusal(&mut self, storage: u32, error: MtpError) -> Result<MtpError, HandsetError> {
        let is_refused = matches!(error, MtpError::Refused { .. }) && !error.is_link_lost();
        if !is_refused || self.storages()?.contains(&storage) {
            return Ok(error);
        }
        Err(match self.nature.is_lockable() {
            true => HandsetError::Locked {
                advice: self.nature.how_to_unlock().into(),
            },
            false => HandsetError::Lost {
                what: phrase("the device no longer shows its storage").into(),
                advice: self.nature.how_to_open().into(),
            },
        })
    }

    /// True if no storage is open now.
    fn shows_no_storage(&mut self) -> Result<bool, MtpError> {
        let storages = self.storages()?;
        Ok(storages.is_empty() || self.are_placeholders(&storages)?)
    }

    fn fetch_object(
        &mut self,
        object: Object,
        file: &HandsetFile,
        from: u64,
        sink: &mut dyn Write,
    ) -> Result<(u64, ObjectInfo), MtpError> {
        let mtp = &mut self.mtp;
        read_ahead(sink, |sink| {
            let count = mtp.read(object.handle, from, file.size, sink)?;
            Ok((from + count, mtp.object(object.handle)?))
        })
    }
}

impl FileSource for MediaDevice {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn health(&mut self) -> Result<Health, HandsetError> {
        let battery_percent = self.mtp.battery()?;
        if self.mtp.is_silent() {
            remember_silent(Question::Property, &self.identity);
        }
        Ok(Health {
            battery_percent,
            ..Health::default()
        })
    }

    fn list(&mut self, found: &mut dyn FnMut(HandsetFile)) -> Result<Listing, HandsetError> {
        let listing = self.list_all(found);
        if !self.mtp.lists_all() {
            remember_silent(Question::AllObjects, &self.identity);
        }
        listing
    }

    fn fetch(
        &mut self,
        file: &HandsetFile,
        from: u64,
        sink: &mut dyn Write,
    ) -> Result<Option<HandsetFile>, HandsetError> {
        let Some(object) = self.objects.get(&file.path) else {
            return match self.listed_in_part {
                true => Err(HandsetError::Protocol {
                    what: phrase("its folder could not be listed this time").into(),
                    advice: phrase("Run the same rescue again.").into(),
                }),
                false => Ok(None),
            };
        };
        if is_hopeless(&self.identity, file) {
            return Err(HandsetError::Protocol {
                what: phrase("the device did not send the file, even after a long wait").into(),
                advice: phrase("Copy this file in another way.").into(),
            });
        }
        let (length, after) = match self.fetch_object(object, file, from, sink) {
            Ok(fetched) => fetched,
            Err(error) => {
                if matches!(error, MtpError::Unanswered(_)) {
                    remember_unanswered(&self.identity, file);
                }
                let error = self.refusal(object.storage, error)?;
                return match error.is_no_such_object() {
                    true => Ok(None),
                    false => Err(error.into()),
                };
            }
        };
        // The handle may have been given to another object.
        if !file.path.0.ends_with(&name_of(&after)) {
            return Ok(None);
        }
        if length != file.size && after.size == Some(file.size) {
            return Err(HandsetError::Protocol {
                what: self.nature.hands_over_another(length, file.size),
                advice: phrase("Copy this file in another way.").into(),
            });
        }
        Ok(Some(HandsetFile {
            // A file that has grown beyond the size that the device can report is not the file that was listed.
            size: after.size.unwrap_or(u64::from(u32::MAX)),
            modified: seconds(&after).0,
            ..file.clone()
        }))
    }

    fn lacks(&self, _: Collection) -> Option<Holding> {
        self.nature.lacks()
    }

    fn not_covered(&self) -> Vec<ResetLine> {
        self.nature.not_covered()
    }

    fn asked(&mut self) -> Vec<Asked> {
        self.mtp.asked()
    }

    fn traces(&self) -> Vec<String> {
        self.nature.traces()
    }

    fn way_to_unlock(&self) -> &'static str {
        self.nature.how_to_unlock()
    }

    fn look_at_lock(&mut self) -> Result<bool, HandsetError> {
        Ok(self.shows_no_storage()?)
    }
}

/// A request that some devices leave unanswered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Question {
    Property,
    /// A request for all objects of a storage.
    AllObjects,
}

/// Devices, by make, model and serial number, that left a request unanswered since the program began. After that, some
/// devices don't answer at all until they are plugged in again, so the same request would end each rescue.
static SILENT: Mutex<BTreeSet<(Question, [String; 3])>> = Mutex::new(BTreeSet::new());

fn remember_silent(question: Question, identity: &Identity) {
    let Identity {
        make,
        model,
        serial,
        ..
    } = identity;
    let mut silent = SILENT.lock().unwrap_or_else(PoisonError::into_inner);
    silent.insert((question, [make, model, serial].map(Clone::clone)));
}

fn was_silent(question: Question, device: &DeviceInfo) -> bool {
    let silent = SILENT.lock().unwrap_or_else(PoisonError::into_inner);
    let name = [&device.make, &device.model, &device.serial].map(Clone::clone);
    silent.contains(&(question, name))
}

/// Files, by their device's serial number and their path, that were requested and never arrived, with the number of
/// attempts. After some of them, a device doesn't answer until it is plugged in again, so each would end every rescue.
static UNANSWERED: Mutex<BTreeMap<(String, HandsetPath), u32>> = Mutex::new(BTreeMap::new());
/// Maximum number of attempts to read a file that does not arrive.
const FILE_TRIES: u32 = 2;

fn remember_unanswered(identity: &Identity, file: &HandsetFile) {
    let mut unanswered = UNANSWERED.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (identity.serial.clone(), file.path.clone());
    *unanswered.entry(key).or_default() += 1;
}

fn is_hopeless(identity: &Identity, file: &HandsetFile) -> bool {
    let unanswered = UNANSWERED.lock().unwrap_or_else(PoisonError::into_inner);
    let times = unanswered.get(&(identity.serial.clone(), file.path.clone()));
    times.is_some_and(|times| *times >= FILE_TRIES)
}

/// Returns an object's name as one component of a path. A name without a known extension gets the extension of its
/// format: some devices report incomplete names.
fn name_of(info: &ObjectInfo) -> Vec<u8> {
    let mut name = named(&info.name);
    if let Some(ending) = info.ending.filter(|_| kind_of(&name).is_none()) {
        name.push(b'.');
        name.extend(ending.bytes());
    }
    name
}

/// Returns a name as one component of a path.
fn named(name: &str) -> Vec<u8> {
    name.replace(['/', '\0'], "_").into_bytes()
}

/// Returns when an object was last changed, or else taken, in seconds since 1970 (0 if unknown). The second value is
/// false if the time has no time zone: it is then taken for this computer's local time.
fn seconds(info: &ObjectInfo) -> (i64, bool) {
    match info.modified.or(info.captured) {
        None => (0, true),
        Some(MtpTime {
            clock,
            offset: Some(offset),
        }) => (clock.and_utc().timestamp() - i64::from(offset), true),
        Some(MtpTime { clock, .. }) => (here(clock), false),
    }
}

/// Converts this computer's local time to seconds since 1970. A time that the clock skips in spring is taken for an
/// hour later.
fn here(clock: NaiveDateTime) -> i64 {
    let at = |clock: NaiveDateTime| Local.from_local_datetime(&clock).earliest();
    let moment = at(clock).or_else(|| at(clock.checked_add_signed(TimeDelta::hours(1))?));
    moment.map_or_else(|| clock.and_utc().timestamp(), |moment| moment.timestamp())
}

impl From<MtpError> for HandsetError {
    fn from(error: MtpError) -> Self {
        match error {
            MtpError::Stopped => Self::Stopped,
            error => Self::of(&error, error.is_link_lost()),
        }
    }
}
