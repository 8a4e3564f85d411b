//! The Media Transfer Protocol and the underlying Picture Transfer Protocol, limited to reading: for phones that
//! transfer files, cameras, and iPhones, which show their pictures as cameras do. All possible requests are in
//! [`allowed`].
//!
//! The device is never reset: on some phones, a reset ends the mode that the owner chose. `GetObjPropList`, which would
//! list a folder at once, is not used: many phones omit objects from it (libmtp's list of devices).

pub mod allowed;
mod container;
mod dataset;
mod error;
#[cfg(fuzzing)]
pub mod fuzz;
mod reading;
mod wire;

use std::fmt;

use std::sync::Arc;
use std::time::Duration;

pub use super::waiting::{OnWait, Waiting};
pub use dataset::{DeviceInfo, MtpTime, ObjectInfo, Perceived, Shows, StorageInfo};
pub use error::MtpError;

use super::request_log::RequestLog;
use crate::link::Link;
use crate::model::{Asked, Stop};
use crate::phrase;
use allowed::Operation;
use container::code;
use wire::{Answer, DataSink, Wire, garbled};

/// The handle of a storage's root, and the handle for all objects of a storage.
pub const ROOT: u32 = u32::MAX;
pub const EVERYTHING: u32 = 0;
/// Objects of any format.
const ALL_FORMATS: u32 = 0;

/// Files up to this size, in bytes, are requested whole. Larger files are requested in pieces of this size, if the
/// device supports that: little data is then still to come when a read is interrupted.
const PIECE: u32 = 16 << 20;
/// The size of a packet, in bytes. The last piece of a file must not fill its last packet: older Samsung phones hang
/// then.
const PACKET: u64 = 512;
/// Maximum size of a dataset that is accepted, in bytes: a million handles.
const MAX_DATASET: u64 = 4 << 20;
/// How many times longer a folder's list may take than other answers: some devices examine each file first, and take
/// more than three minutes for ten thousand files (uMTP-Responder issue 131).
const LISTS_TAKE: u32 = 5;
/// How long to wait when the session is closed.
const GOODBYE: Duration = Duration::from_secs(1);
/// How long a device may leave an optional request unanswered.
const LIGHT: Duration = Duration::from_secs(3);
/// Data that an earlier program requested arrive within this time, or not at all.
const LEFT_OVER: Duration = Duration::from_millis(50);
/// The ID of the session: any number but 0.
const SESSION: u32 = 1;
/// The properties that are requested: two of the device, and one of an object.
const BATTERY_LEVEL: u16 = 0x5001;
const PERCEIVED_TYPE: u16 = 0xd407;
const OBJECT_SIZE: u32 = 0xdc04;

/// Options for a connection.
#[derive(Clone)]
pub struct Options {
    /// Ends every wait.
    pub stop: Stop,
    pub on_wait: OnWait,
    /// How long the device may take to answer the first request.
    pub handshake_timeout: Duration,
    /// How long it may take to answer a later request: some take half a minute to list a large folder.
    pub patience: Duration,
    /// How long data may pause once they have begun: a card whose bad sectors are read again takes seconds.
    pub pause: Duration,
}

impl Default for Options {
    /// No callback; ten seconds, a minute, twenty seconds.
    fn default() -> Self {
        Self {
            stop: Stop::new(),
            on_wait: Arc::new(|_| {}),
            handshake_timeout: Duration::from_secs(10),
            patience: Duration::from_secs(60),
            pause: Duration::from_secs(20),
        }
    }
}

/// The result of an optional request.
enum Told<T> {
    Value(T),
    /// The device refused the request, or its answer is invalid.
    Refused,
    /// The device did not answer.
    Nothing,
}

impl<T> Told<T> {
    fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Refused | Self::Nothing => None,
        }
    }
}

/// A media device with an open session. Dropping it ends the session.
pub struct Mtp {
    wire: Wire,
    options: Options,
    device: DeviceInfo,
    name: String,
    request_log: RequestLog,
    is_silent: bool,
    lists_all: bool,
    converts: bool,
}

impl fmt::Debug for Mtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mtp")
            .field("name", &self.name)
            .field("device", &self.device)
            .finish_non_exhaustive()
    }
}

impl Mtp {
    /// Opens a session. A session that an earlier program left open is closed first.
    ///
    /// # Errors
    /// [`MtpError::NoAnswer`], [`MtpError::Stopped`], the device's refusal, or the reason why the link failed.
    pub fn connect(link: Link, options: &Options) -> Result<Self, MtpError> {
        let (name, request_log) = (link.name.clone(), RequestLog::default());
        let mut mtp = Self {
            wire: Wire::new(link, options.clone(), request_log.clone()),
            options: options.clone(),
            device: DeviceInfo::default(),
            name,
            request_log,
            is_silent: false,
            lists_all: true,
            converts: false,
        };
        mtp.wire.hush(LEFT_OVER)?;
        let patience = options.handshake_timeout;
        let opened = mtp.run(allowed::OPEN_SESSION, &[SESSION], patience)?;
        if opened.code == code::SESSION_ALREADY_OPEN {
            mtp.run(allowed::CLOSE_SESSION, &[], patience)?;
            mtp.wire.renumber();
            mtp.run(allowed::OPEN_SESSION, &[SESSION], patience)?
                .ok(allowed::OPEN_SESSION)?;
        } else {
            opened.ok(allowed::OPEN_SESSION)?;
        }
        // Some devices refuse all requests before a session is open (umtp-responder).
        mtp.device = mtp.dataset(allowed::GET_DEVICE_INFO, &[], dataset::device_info)?;
        Ok(mtp)
    }

    /// Returns the device's description of itself.
    pub fn device(&self) -> &DeviceInfo {
        &self.device
    }

    /// Returns how the device is reached, in words.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Takes the oldest requests to the device that were not taken yet, in order; empty if there are no more.
    pub fn asked(&self) -> Vec<Asked> {
        self.request_log.take()
    }

    /// Returns the IDs of the storages. A storage without a medium, such as an empty card slot, is left out. Empty if
    /// the device is locked, or not set to transfer files.
    ///
    /// # Errors
    /// The device's refusal, [`MtpError::Garbled`], [`MtpError::Stopped`], or the reason why the link failed.
    pub fn storages(&mut self) -> Result<Vec<u32>, MtpError> {
        let mut ids = self.dataset(allowed::GET_STORAGE_IDS, &[], dataset::handles)?;
        // The lower half is 0 if there is no medium (ISO 15740, section 8.1).
        ids.retain(|id| id & 0xffff != 0);
        Ok(ids)
    }

    /// Returns a storage's description of itself.
    ///
    /// # Errors
    /// See [`Self::storages`].
    pub fn storage(&mut self, id: u32) -> Result<StorageInfo, MtpError> {
        self.dataset(allowed::GET_STORAGE_INFO, &[id], dataset::storage_info)
    }

    /// Returns the handles of all objects of a storage; `None` if the device refuses the request, or takes too long:
    /// see [`Self::lists_all`].
    ///
    /// # Errors
    /// See [`Self::battery`].
    pub fn all_handles(&mut self, storage: u32) -> Result<Option<Vec<u32>>, MtpError> {
        if !self.lists_all {
            return Ok(None);
        }
        let parameters = [storage, ALL_FORMATS, EVERYTHING];
        let patience = self.patience_for_lists();
        let operation = allowed::GET_OBJECT_HANDLES;
        let told = self.lightly(operation, &parameters, patience, dataset::handles)?;
        self.lists_all = !matches!(told, Told::Nothing);
        Ok(told.value())
    }

    /// Returns the handles of the folders in a folder; `None` if the device refuses the request, or takes too long.
    ///
    /// # Errors
    /// See [`Self::battery`].
    pub fn folders(&mut self, storage: u32, folder: u32) -> Result<Option<Vec<u32>>, MtpError> {
        let parameters = [storage, u32::from(dataset::ASSOCIATION), folder];
        let patience = self.patience_for_lists();
        let operation = allowed::GET_OBJECT_HANDLES;
        let told = self.lightly(operation, &parameters, patience, dataset::handles)?;
        Ok(told.value())
    }

    /// Returns the handles of the objects in a folder, in [`ROOT`], or in [`EVERYTHING`]. They are valid only in this
    /// session.
    ///
    /// # Errors
    /// See [`Self::storages`].
    pub fn handles(&mut self, storage: u32, folder: u32) -> Result<Vec<u32>, MtpError> {
        let parameters = [storage, ALL_FORMATS, folder];
        let operation = allowed::GET_OBJECT_HANDLES;
        let patience = self.patience_for_lists();
        self.dataset_in(patience, operation, &parameters, dataset::handles)
    }

    fn patience_for_lists(&self) -> Duration {
        self.options.patience * LISTS_TAKE
    }

    /// False after a request for all objects of a storage was left unanswered: the request is not made again. A device
    /// that is still searching answers no other request.
    pub fn lists_all(&self) -> bool {
        self.lists_all
    }

    /// Stops requests for all objects of a storage.
    pub fn ask_for_folders_alone(&mut self) {
        self.lists_all = false;
    }

    /// Returns the current description of a file or folder. A size that does not fit into 32 bits is requested
    /// separately, if the device supports that.
    ///
    /// # Errors
    /// See [`Self::storages`].
    pub fn object(&mut self, handle: u32) -> Result<ObjectInfo, MtpError> {
        let mut info = self.dataset(allowed::GET_OBJECT_INFO, &[handle], dataset::object_info)?;
        let operation = allowed::GET_OBJECT_PROP_VALUE;
        // Some devices report the size only in this way.
        let is_untold = matches!(info.size, None | Some(0));
        if is_untold && !info.is_folder && self.can(operation) {
            let size = self.dataset(operation, &[handle, OBJECT_SIZE], dataset::number);
            match size {
                Ok(size) => info.size = Some(size),
                Err(MtpError::Refused { .. } | MtpError::Garbled { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(info)
    }

    /// Returns the battery level, in percent; `None` if the device does not report it. Some devices never answer this
    /// request (libmtp's list of devices names Samsung's M7600): see [`Self::is_silent`].
    ///
    /// # Errors
    /// The errors of the link, and [`MtpError::Stopped`].
    pub fn battery(&mut self) -> Result<Option<u8>, MtpError> {
        self.property(BATTERY_LEVEL, dataset::percent)
    }

    /// Returns the device's perceived type; `None` if it does not report one.
    ///
    /// # Errors
    /// See [`Self::battery`].
    pub fn perceived(&mut self) -> Result<Option<Perceived>, MtpError> {
        let told = self.property(PERCEIVED_TYPE, dataset::perceived)?;
        Ok(told.flatten())
    }

    /// True after a request for a property was left unanswered: no more properties are requested.
    pub fn is_silent(&self) -> bool {
        self.is_silent
    }

    /// Stops requests for properties.
    pub fn ask_less(&mut self) {
        self.is_silent = true;
    }

    fn property<T>(
        &mut self,
        property: u16,
        parse: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<Option<T>, MtpError> {
        let operation = allowed::GET_DEVICE_PROP_DESC;
        let is_told = self.device.properties.contains(&property) && self.can(operation);
        if !is_told || self.is_silent {
            return Ok(None);
        }
        let patience = LIGHT.min(self.options.patience);
        let told = self.lightly(operation, &[u32::from(property)], patience, parse)?;
        self.is_silent = matches!(told, Told::Nothing);
        Ok(told.value())
    }

    /// Runs an operation that is optional.
    fn lightly<T>(
        &mut self,
        operation: Operation,
        parameters: &[u32],
        patience: Duration,
        parse: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<Told<T>, MtpError> {
        let mut bytes = Vec::new();
        let room = DataSink {
            sink: &mut bytes,
            most: MAX_DATASET,
            untold: None,
        };
        match self.wire.run_lightly(operation, parameters, room, patience) {
            Ok(Some(answer)) if answer.code == code::OK => {
                Ok(parse(&bytes).map_or(Told::Refused, Told::Value))
            }
            Ok(Some(_)) | Err(MtpError::Garbled { .. }) => Ok(Told::Refused),
            Ok(None) => Ok(Told::Nothing),
            Err(error) => Err(error),
        }
    }

    fn can(&self, operation: Operation) -> bool {
        self.device.operations.contains(&operation.code())
    }

    /// Runs an operation that returns no data.
    fn run(
        &mut self,
        operation: Operation,
        parameters: &[u32],
        patience: Duration,
    ) -> Result<Answer, MtpError> {
        let room = DataSink {
            sink: &mut std::io::sink(),
            most: MAX_DATASET,
            untold: None,
        };
        self.wire.run(operation, parameters, room, patience)
    }

    /// Runs an operation that returns a dataset.
    fn dataset<T>(
        &mut self,
        operation: Operation,
        parameters: &[u32],
        parse: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<T, MtpError> {
        self.dataset_in(self.options.patience, operation, parameters, parse)
    }

    fn dataset_in<T>(
        &mut self,
        patience: Duration,
        operation: Operation,
        parameters: &[u32],
        parse: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<T, MtpError> {
        let mut bytes = Vec::new();
        let room = DataSink {
            sink: &mut bytes,
            most: MAX_DATASET,
            untold: None,
        };
        let answer = self.wire.run(operation, parameters, room, patience)?;
        answer.ok(operation)?;
        parse(&bytes).ok_or_else(|| garbled(operation, phrase("it has the wrong format")))
    }
}

impl Drop for Mtp {
    fn drop(&mut self) {
        if !self.wire.is_lost() {
            self.wire.finish();
            // If this fails, the device ends the session by itself when it is unplugged.
            let _ = self.run(allowed::CLOSE_SESSION, &[], GOODBYE);
        }
    }
}
