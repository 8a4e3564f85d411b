//! Phones and other devices that transfer files, cameras, and iPhones seen as cameras: what lies on their storages, over MTP or PTP.

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
use crate::handset::find::vendors::Makes;
use crate::link::Link;
use crate::many::Fingerprints;
use crate::model::{Asked, Collection, HandsetFile, HandsetPath, Health, Holding, Identity};
use crate::protocol::mtp::{DeviceInfo, Mtp, MtpError, MtpTime, ObjectInfo, Options};
pub use nature::Nature;

/// Storages may come a moment after the session was opened: how often, and after how long, they are asked for again.
const STORAGE_TRIES: u32 = 10;
const STORAGE_PAUSE: Duration = Duration::from_millis(300);

/// A media device in a session.
pub struct MediaDevice {
    mtp: Mtp,
    nature: Nature,
    identity: Identity,
    /// Where the listed files are, by their paths.
    objects: Fingerprints<Object>,
    /// Something could not be looked at when files were listed.
    listed_in_part: bool,
}

/// Where an object is, in this session.
#[derive(Debug, Clone, Copy)]
struct Object {
    storage: u32,
    handle: u32,
}

impl MediaDevice {
    /// Opens a session over a link on which nothing has been said.
    ///
    /// # Errors
    /// As [`Mtp::connect`].
    pub fn open(link: Link, options: &Options) -> Result<Box<dyn Handset>, MtpError> {
        Self::open_made_by(None, link, options)
    }

    /// The same, where its number on USB tells what its maker makes.
    ///
    /// # Errors
    /// Likewise.
    pub fn open_made_by(
        makes: Option<Makes>,
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
            approach: format!("{} over {}", nature.protocol(&device), mtp.name()),
        };
        Ok(Box::new(FilesOnly::new(Self {
            mtp,
            nature,
            identity,
            objects: Fingerprints::default(),
            listed_in_part: false,
        })))
    }

    /// The storages that are open now.
    fn storages(&mut self) -> Result<Vec<u32>, MtpError> {
        match self.mtp.storages() {
            // As locked devices answer.
            Err(error @ MtpError::Refused { .. }) if !error.is_link_lost() => Ok(Vec::new()),
            storages => storages,
        }
    }

    /// The same, after a moment if there are none at first.
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

    /// Storages that are listed and not there yet: an iPhone lists one of the number `feedface` until its own come.
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

    /// What to make of a refusal to show an object: a device that locks itself says the same of all as of one that is gone.
    fn refusal(&mut self, storage: u32, error: MtpError) -> Result<MtpError, HandsetError> {
        let is_refused = matches!(error, MtpError::Refused { .. }) && !error.is_link_lost();
        if !is_refused || self.storages()?.contains(&storage) {
            return Ok(error);
        }
        Err(HandsetError::Lost {
            what: "the device no longer shows its storage".into(),
            advice: self.nature.how_to_open().into(),
        })
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
                    what: "its folder could not be looked at this time".into(),
                    advice: "Run the same rescue once more.".into(),
                }),
                false => Ok(None),
            };
        };
        if is_hopeless(&self.identity, file) {
            return Err(HandsetError::Protocol {
                what: "the device never handed it over, however long it was waited for".into(),
                advice: "Copy that file in another way.".into(),
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
        // A number may be given to another object.
        if !file.path.0.ends_with(&name_of(&after)) {
            return Ok(None);
        }
        if length != file.size && after.size == Some(file.size) {
            return Err(HandsetError::Protocol {
                what: self.nature.hands_over_another(length, file.size),
                advice: "Copy that file in another way.".into(),
            });
        }
        Ok(Some(HandsetFile {
            // One that has grown beyond what the device can tell is not what was listed.
            size: after.size.unwrap_or(u64::from(u32::MAX)),
            modified: seconds(&after).0,
            ..file.clone()
        }))
    }

    fn lacks(&self, _: Collection) -> Option<Holding> {
        self.nature.lacks()
    }

    fn not_covered(&self) -> Vec<String> {
        self.nature.not_covered()
    }

    fn asked(&mut self) -> Vec<Asked> {
        self.mtp.asked()
    }

    fn traces(&self) -> Vec<String> {
        self.nature.traces()
    }
}

/// A question that some devices leave unanswered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Question {
    Property,
    /// For all objects of a storage.
    AllObjects,
}

/// Devices, by make, model and serial number, that left a question unanswered since the program began. Some say nothing
/// more then until they are plugged in again: the same question would end each rescue.
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

/// Files, by the serial number of their device and their path, that were asked for and never came, and how often. After
/// some of them a device says nothing more until it is plugged in again, so that each would end every rescue.
static UNANSWERED: Mutex<BTreeMap<(String, HandsetPath), u32>> = Mutex::new(BTreeMap::new());
/// So often a file is asked for that does not come.
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

/// An object's name as one part of a path. One without an ending that is known gets that of its format: some devices
/// give names only in part.
fn name_of(info: &ObjectInfo) -> Vec<u8> {
    let mut name = named(&info.name);
    if let Some(ending) = info.ending.filter(|_| kind_of(&name).is_none()) {
        name.push(b'.');
        name.extend(ending.bytes());
    }
    name
}

/// A name as one part of a path.
fn named(name: &str) -> Vec<u8> {
    name.replace(['/', '\0'], "_").into_bytes()
}

/// When an object was last changed, else taken, in seconds since 1970 (0: it does not say), and whether the device told
/// the time zone. Without one it is the time of the place, which is taken for this computer's.
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

/// This computer's clock showed this: in seconds since 1970. An hour that a clock skips is taken for the one after.
fn here(clock: NaiveDateTime) -> i64 {
    let at = |clock: NaiveDateTime| Local.from_local_datetime(&clock).earliest();
    let moment = at(clock).or_else(|| at(clock.checked_add_signed(TimeDelta::hours(1))?));
    moment.map_or_else(|| clock.and_utc().timestamp(), |moment| moment.timestamp())
}

impl From<MtpError> for HandsetError {
    fn from(error: MtpError) -> Self {
        let (what, advice) = (error.to_string(), error.advice().to_owned());
        match error {
            MtpError::Stopped => Self::Stopped,
            error if error.is_link_lost() => Self::Lost { what, advice },
            _ => Self::Protocol { what, advice },
        }
    }
}
