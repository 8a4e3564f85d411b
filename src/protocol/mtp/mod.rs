//! The Media Transfer Protocol and the Picture Transfer Protocol below it, read verbs only: phones that transfer files,
//! cameras, and iPhones, which show their pictures as cameras do. All that can be asked is in [`allowed`].
//!
//! The device is not reset, neither at the beginning nor at the end: on some phones that ends the mode their owner chose.
//! `GetObjPropList`, which would list a folder at once, is not used: many phones leave objects out of it (libmtp's list
//! of devices).

pub mod allowed;
mod container;
mod dataset;
mod error;
#[cfg(fuzzing)]
pub mod fuzz;
mod wire;

use std::fmt;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

pub use super::waiting::{OnWait, Waiting};
pub use dataset::{DeviceInfo, MtpTime, ObjectInfo, Perceived, Shows, StorageInfo};
pub use error::MtpError;

use super::trail::Trail;
use crate::link::{Link, Stop};
use crate::model::Asked;
use allowed::Operation;
use container::code;
use wire::{Answer, Room, Wire, garbled};

/// The handle that stands for the root of a storage, and the one for all of a storage.
pub const ROOT: u32 = u32::MAX;
pub const EVERYTHING: u32 = 0;
/// Objects of any format.
const ALL_FORMATS: u32 = 0;

/// Files of at most so many bytes are asked for whole; larger ones in pieces of so many, where the device can: what is
/// still to come when a read is broken off is little then.
const PIECE: u32 = 16 << 20;
/// What a piece must not end with: older Samsung phones hang where the last piece of a file fills its last packet.
const PACKET: u64 = 512;
/// The most of a dataset that is believed in, in bytes: a million handles.
const MAX_DATASET: u64 = 4 << 20;
/// What lies in a folder may be waited for so much longer than other answers: some devices look at each file first, and
/// ten thousand take them more than three minutes (uMTP-Responder issue 131).
const LISTS_TAKE: u32 = 5;
/// A last word is waited for no longer than this.
const GOODBYE: Duration = Duration::from_secs(1);
/// How long a device may leave a question unanswered that can be done without.
const LIGHT: Duration = Duration::from_secs(3);
/// What an earlier program asked for comes at once or not at all.
const LEFT_OVER: Duration = Duration::from_millis(50);
/// The number of our session: any but 0.
const SESSION: u32 = 1;
/// The properties that are asked for: of the device, and of an object.
const BATTERY_LEVEL: u16 = 0x5001;
const PERCEIVED_TYPE: u16 = 0xd407;
const OBJECT_SIZE: u32 = 0xdc04;

/// How to connect.
#[derive(Clone)]
pub struct Options {
    /// Ends every wait.
    pub stop: Stop,
    pub on_wait: OnWait,
    /// How long the device may leave its first question unanswered.
    pub handshake_timeout: Duration,
    /// How long it may think about a later one: some list a large folder for half a minute.
    pub patience: Duration,
    /// How long data that have begun may pause: a card whose bad sectors are read again takes seconds.
    pub pause: Duration,
}

impl Default for Options {
    /// Nobody to be told; ten seconds, a minute, twenty seconds.
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

/// What came of a question that can be done without.
enum Told<T> {
    Value(T),
    /// It is refused, or its answer can't be read.
    Refused,
    /// It was left unanswered.
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

/// A media device in a session of ours. Dropping it ends the session.
pub struct Mtp {
    wire: Wire,
    options: Options,
    device: DeviceInfo,
    name: String,
    trail: Trail,
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
    /// Opens a session; one that an earlier program left open is closed first.
    ///
    /// # Errors
    /// [`MtpError::NoAnswer`], [`MtpError::Stopped`], what the device refuses, or why the link failed.
    pub fn connect(link: Link, options: &Options) -> Result<Self, MtpError> {
        let (name, trail) = (link.name.clone(), Trail::default());
        let mut mtp = Self {
            wire: Wire::new(link, options.clone(), trail.clone()),
            options: options.clone(),
            device: DeviceInfo::default(),
            name,
            trail,
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
        // Before a session some devices refuse to say anything (umtp-responder).
        mtp.device = mtp.dataset(allowed::GET_DEVICE_INFO, &[], dataset::device_info)?;
        Ok(mtp)
    }

    /// What the device said of itself.
    pub fn device(&self) -> &DeviceInfo {
        &self.device
    }

    /// How it is reached, in words.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first of what was asked of the device and not told yet, in order; none: that was all.
    pub fn asked(&self) -> Vec<Asked> {
        self.trail.take()
    }

    /// The storages, by their numbers. One without a medium, such as an empty card slot, is left out. None: the device
    /// is locked, or not to transfer files.
    ///
    /// # Errors
    /// As all that follow: what the device refuses, [`MtpError::Garbled`], [`MtpError::Stopped`], or why the link failed.
    pub fn storages(&mut self) -> Result<Vec<u32>, MtpError> {
        let mut ids = self.dataset(allowed::GET_STORAGE_IDS, &[], dataset::handles)?;
        // The lower half is 0 where there is no medium (ISO 15740, section 8.1).
        ids.retain(|id| id & 0xffff != 0);
        Ok(ids)
    }

    /// What a storage says of itself.
    ///
    /// # Errors
    /// As [`Self::storages`].
    pub fn storage(&mut self, id: u32) -> Result<StorageInfo, MtpError> {
        self.dataset(allowed::GET_STORAGE_INFO, &[id], dataset::storage_info)
    }

    /// The handles of all objects of a storage; `None`: the device does not tell them, or takes too long: see
    /// [`Self::lists_all`].
    ///
    /// # Errors
    /// As [`Self::battery`].
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

    /// The handles of the folders in a folder, likewise.
    ///
    /// # Errors
    /// As [`Self::battery`].
    pub fn folders(&mut self, storage: u32, folder: u32) -> Result<Option<Vec<u32>>, MtpError> {
        let parameters = [storage, u32::from(dataset::ASSOCIATION), folder];
        let patience = self.patience_for_lists();
        let operation = allowed::GET_OBJECT_HANDLES;
        let told = self.lightly(operation, &parameters, patience, dataset::handles)?;
        Ok(told.value())
    }

    /// The handles of what lies in a folder, in [`ROOT`], or in [`EVERYTHING`]. They hold for this session alone.
    ///
    /// # Errors
    /// As [`Self::storages`].
    pub fn handles(&mut self, storage: u32, folder: u32) -> Result<Vec<u32>, MtpError> {
        let parameters = [storage, ALL_FORMATS, folder];
        let operation = allowed::GET_OBJECT_HANDLES;
        let patience = self.patience_for_lists();
        self.dataset_in(patience, operation, &parameters, dataset::handles)
    }

    fn patience_for_lists(&self) -> Duration {
        self.options.patience * LISTS_TAKE
    }

    /// False once the question for all objects of a storage was left unanswered: it is not asked any more then. A device
    /// that still looks for them all hears no other question.
    pub fn lists_all(&self) -> bool {
        self.lists_all
    }

    /// Asks for all objects of a storage no more.
    pub fn ask_for_folders_alone(&mut self) {
        self.lists_all = false;
    }

    /// What a file or folder is now. A size that 32 bits don't hold is asked for apart, where the device can tell it.
    ///
    /// # Errors
    /// As [`Self::storages`].
    pub fn object(&mut self, handle: u32) -> Result<ObjectInfo, MtpError> {
        let mut info = self.dataset(allowed::GET_OBJECT_INFO, &[handle], dataset::object_info)?;
        let operation = allowed::GET_OBJECT_PROP_VALUE;
        // Some tell no size but in this way.
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

    /// The battery level, in percent; `None`: the device does not tell. Some never answer that at all (libmtp's list of
    /// devices has Samsung's M7600): see [`Self::is_silent`].
    ///
    /// # Errors
    /// Those of the link, and [`MtpError::Stopped`].
    pub fn battery(&mut self) -> Result<Option<u8>, MtpError> {
        self.property(BATTERY_LEVEL, dataset::percent)
    }

    /// What the device takes itself for; `None`: it does not tell.
    ///
    /// # Errors
    /// As [`Self::battery`].
    pub fn perceived(&mut self) -> Result<Option<Perceived>, MtpError> {
        let told = self.property(PERCEIVED_TYPE, dataset::perceived)?;
        Ok(told.flatten())
    }

    /// True once a question for a property was left unanswered: none is asked for any more then.
    pub fn is_silent(&self) -> bool {
        self.is_silent
    }

    /// Asks for no property any more.
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

    /// Runs an operation that can be done without.
    fn lightly<T>(
        &mut self,
        operation: Operation,
        parameters: &[u32],
        patience: Duration,
        parse: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<Told<T>, MtpError> {
        let mut bytes = Vec::new();
        let room = Room {
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

    /// Copies a file of `size` bytes from `from` on to `sink`, and says how many bytes there were: fewer, or more, where
    /// the file is another one by now.
    ///
    /// # Errors
    /// [`MtpError::OnlyWhole`] where it can't be begun at `from`; [`MtpError::Sink`]; as [`Self::storages`].
    pub fn read(
        &mut self,
        handle: u32,
        from: u64,
        size: u64,
        sink: &mut dyn Write,
    ) -> Result<u64, MtpError> {
        let is_small = size <= u64::from(PIECE);
        loop {
            match self.partial(size) {
                Some(operation) if from > 0 || !is_small => {
                    let mut at = from;
                    let read = self.read_pieces(operation, handle, &mut at, size, sink);
                    let is_unknown = matches!(
                        read,
                        Err(MtpError::Refused {
                            code: code::NOT_SUPPORTED,
                            ..
                        })
                    );
                    // Some list what they don't know (Sony's Xperia Z3 Compact with Android 5).
                    if !is_unknown || at > from {
                        return read.map(|()| at - from);
                    }
                    self.device
                        .operations
                        .retain(|code| *code != operation.code());
                }
                None if from > 0 => return Err(MtpError::OnlyWhole),
                Some(_) | None => {
                    return match self.read_whole(handle, size, sink) {
                        Err(error) if size == 0 && error.may_be_empty() => Ok(0),
                        read => read,
                    };
                }
            }
        }
    }

    /// The first bytes of a file; `None`: the device gives none but whole ones.
    ///
    /// # Errors
    /// As [`Self::storages`].
    pub fn beginning(
        &mut self,
        handle: u32,
        size: u64,
        most: u64,
    ) -> Result<Option<Vec<u8>>, MtpError> {
        let Some(operation) = self.partial(size) else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        match self.read_pieces(operation, handle, &mut 0, size.min(most), &mut bytes) {
            Ok(()) => Ok(Some(bytes)),
            Err(MtpError::Refused { .. } | MtpError::Garbled { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// From now on it may take the longer to answer the larger a file is: it converts files on the way.
    pub fn wait_for_conversions(&mut self) {
        self.converts = true;
    }

    /// How long a file of so many bytes may be waited for.
    fn patience_for(&self, size: u64) -> Duration {
        /// Bytes that an old iPhone converts in a second, at least.
        const SPEED: u64 = 4 << 20;
        const MOST: Duration = Duration::from_secs(30 * 60);
        let more = match self.converts {
            true => Duration::from_secs(size / SPEED).min(MOST),
            false => Duration::ZERO,
        };
        self.options.patience + more
    }

    fn read_whole(
        &mut self,
        handle: u32,
        size: u64,
        sink: &mut dyn Write,
    ) -> Result<u64, MtpError> {
        let operation = allowed::GET_OBJECT;
        // A file that has grown comes whole; of one beyond 32 bits nothing but `size` tells the length.
        let room = Room {
            sink,
            most: size.max(u64::from(u32::MAX)),
            untold: Some(size),
        };
        let patience = self.patience_for(size);
        let answer = self
            .wire
            .run_lightly(operation, &[handle], room, patience)?;
        let answer = answer.ok_or(MtpError::Unanswered(operation.name()))?;
        Ok(answer.ok(operation)?.length)
    }

    /// Reads on from `from`, which moves.
    fn read_pieces(
        &mut self,
        operation: Operation,
        handle: u32,
        from: &mut u64,
        size: u64,
        sink: &mut dyn Write,
    ) -> Result<(), MtpError> {
        while *from < size {
            let at = *from;
            let mut most = u64::from(PIECE).min(size - at);
            if at + most == size
                && most > 1
                && (most + container::HEADER as u64).is_multiple_of(PACKET)
            {
                most -= 1;
            }
            let (low, high) = (at as u32, (at >> 32) as u32);
            let parameters = [handle, low, high, most as u32];
            let parameters = match operation == allowed::GET_PARTIAL_OBJECT_64 {
                true => &parameters[..],
                false => &[handle, low, most as u32],
            };
            let room = Room {
                sink: &mut *sink,
                most,
                untold: None,
            };
            let patience = self.patience_for(size);
            let answer = self
                .wire
                .run_lightly(operation, parameters, room, patience)?;
            let answer = answer.ok_or(MtpError::Unanswered(operation.name()))?;
            let length = answer.ok(operation)?.length;
            if length == 0 {
                break;
            }
            *from += length;
        }
        Ok(())
    }

    /// The operation by which any part of a file of so many bytes can be had.
    fn partial(&self, size: u64) -> Option<Operation> {
        let short = size <= u64::from(u32::MAX);
        [allowed::GET_PARTIAL_OBJECT_64, allowed::GET_PARTIAL_OBJECT]
            .into_iter()
            .filter(|operation| short || *operation == allowed::GET_PARTIAL_OBJECT_64)
            .find(|operation| self.can(*operation))
    }

    fn can(&self, operation: Operation) -> bool {
        self.device.operations.contains(&operation.code())
    }

    /// Runs an operation that brings no data.
    fn run(
        &mut self,
        operation: Operation,
        parameters: &[u32],
        patience: Duration,
    ) -> Result<Answer, MtpError> {
        let room = Room {
            sink: &mut std::io::sink(),
            most: MAX_DATASET,
            untold: None,
        };
        self.wire.run(operation, parameters, room, patience)
    }

    /// Runs an operation that brings a dataset.
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
        let room = Room {
            sink: &mut bytes,
            most: MAX_DATASET,
            untold: None,
        };
        let answer = self.wire.run(operation, parameters, room, patience)?;
        answer.ok(operation)?;
        parse(&bytes).ok_or_else(|| garbled(operation, "it is no such answer"))
    }
}

impl Drop for Mtp {
    fn drop(&mut self) {
        if !self.wire.is_lost() {
            self.wire.finish();
            // The device ends the session by itself when it is unplugged.
            let _ = self.run(allowed::CLOSE_SESSION, &[], GOODBYE);
        }
    }
}
