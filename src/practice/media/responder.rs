//! The device side of the protocol (ISO 15740; AOSP `frameworks/av`, `media/mtp/MtpServer.cpp`; umtp-responder's
//! `src/mtp.c`).

mod answers;

use std::sync::Arc;
use std::time::Duration;

use super::device::Device;
use super::settings::{Lie, Model, Mute, Trouble};
use super::store::{CARD, Content, INTERNAL, Object};
use super::wire::{COMMAND, DATA, Dataset, EVENT, HEADER, RESPONSE, header};
use crate::link::{Link, LinkError};
use crate::model::Stop;
use crate::practice::device::PracticeDevice as _;
use crate::practice::{OwnerAction, OwnersFile};

/// Interval between checks for a command.
const TICK: Duration = Duration::from_millis(50);
/// Time that a client may leave the link full before it counts as gone.
const PATIENCE: Duration = Duration::from_secs(3600);
/// Maximum number of bytes sent at once.
const PIECE: usize = 256 << 10;
/// Length of the longest command, with five parameters.
const LONGEST: usize = HEADER + 5 * 4;

const OK: u16 = 0x2001;
const GENERAL_ERROR: u16 = 0x2002;
const SESSION_NOT_OPEN: u16 = 0x2003;
const NOT_SUPPORTED: u16 = 0x2005;
const INVALID_STORAGE_ID: u16 = 0x2008;
const INVALID_OBJECT_HANDLE: u16 = 0x2009;
const PROPERTY_NOT_SUPPORTED: u16 = 0x200a;
const ACCESS_DENIED: u16 = 0x200f;
const DEVICE_BUSY: u16 = 0x2019;
const INVALID_PARAMETER: u16 = 0x201d;
const SESSION_ALREADY_OPEN: u16 = 0x201e;
const INVALID_OBJECT_PROPERTY: u16 = 0xa801;

/// Operations that only read, according to ISO 15740 and MTP. All other operations trip the wire.
const READS: [u16; 19] = [
    0x1001, 0x1002, 0x1003, 0x1004, 0x1005, 0x1006, 0x1007, 0x1008, 0x1009, 0x100a, 0x1014, 0x1015,
    0x101b, 0x9801, 0x9802, 0x9803, 0x9805, 0x9810, 0x95c1,
];
/// Operations that Android offers in addition: sending, deleting, moving and editing objects, setting properties,
/// resetting.
const ANDROID_WRITES: [u16; 13] = [
    0x100b, 0x100c, 0x100d, 0x1010, 0x1016, 0x1017, 0x1019, 0x101a, 0x9804, 0x95c2, 0x95c3, 0x95c4,
    0x95c5,
];

const BATTERY_LEVEL: u16 = 0x5001;
const PERCEIVED_TYPE: u16 = 0xd407;
const ASSOCIATION: u16 = 0x3001;
/// A handle that no object has.
const NOBODY: u32 = 0x7fff_ffff;
/// A storage that iPhones list before the real storages appear (libgphoto2 issue 132).
const PLACEHOLDER: u32 = 0xfeed_face;
const OBJECT_SIZE: u32 = 0xdc04;

/// The client is gone, or the cable is unplugged.
#[derive(Debug)]
struct Gone;

/// Result of an operation: a response code and its parameters.
type Ended = Result<(u16, Vec<u32>), Gone>;

/// One client.
struct Connection<'a> {
    device: &'a Device,
    link: Link,
    stop: Stop,
}

/// A command.
struct Command {
    code: u16,
    transaction: u32,
    parameters: Vec<u32>,
}

impl Command {
    fn parameter(&self, number: usize) -> u32 {
        self.parameters.get(number).copied().unwrap_or_default()
    }
}

/// Serves a client until it goes, or `stop`.
pub fn serve(device: &Arc<Device>, link: Link, stop: &Stop) {
    device.state().is_mute = false;
    let mut connection = Connection {
        device,
        link,
        stop: stop.clone(),
    };
    let _ = connection.serve();
    connection.link.writer.close();
}

impl Connection<'_> {
    fn serve(&mut self) -> Result<(), Gone> {
        if std::mem::take(&mut self.device.state().left_over) {
            self.send(&[0xd8; 70_000])?;
            self.end()?;
        }
        loop {
            let command = self.command()?;
            let named = |text, parameter: &u32| format!("{text} {parameter:08x}");
            let asked = format!("{:04x}", command.code);
            self.device
                .base()
                .note(command.parameters.iter().fold(asked, named));
            if self.device.settings.events {
                let mut event = header(EVENT, 0x4002, command.transaction, 4);
                event.extend(99u32.to_le_bytes());
                self.send(&event)?;
                self.end()?;
            }
            if self.is_mute(&command) {
                continue;
            }
            let (code, parameters) = self.answer(&command)?;
            let length = parameters.len() as u64 * 4;
            let mut response = header(RESPONSE, code, command.transaction, length);
            response.extend(parameters.iter().flat_map(|number| number.to_le_bytes()));
            self.send(&response)?;
            self.end()?;
        }
    }

    fn command(&mut self) -> Result<Command, Gone> {
        let mut bytes = Vec::new();
        let mut wanted = HEADER;
        while bytes.len() < wanted {
            let mut room = [0; LONGEST];
            let room = room.get_mut(..wanted - bytes.len()).ok_or(Gone)?;
            match self.link.reader.read(room, TICK) {
                Ok(count) => bytes.extend_from_slice(&room[..count]),
                Err(LinkError::TimedOut) if !self.stop.is_stopped() => {}
                Err(_) => return Err(Gone),
            }
            if bytes.len() == HEADER {
                wanted = word(&bytes, 0) as usize;
                let kind = word(&bytes, 4) as u16;
                if kind != COMMAND
                    || !(HEADER..=LONGEST).contains(&wanted)
                    || !wanted.is_multiple_of(4)
                {
                    self.device
                        .base()
                        .trip(format!("a container of kind {kind} with {wanted} bytes"));
                    return Err(Gone);
                }
            }
        }
        Ok(Command {
            code: (word(&bytes, 4) >> 16) as u16,
            transaction: word(&bytes, 8),
            parameters: (HEADER..wanted)
                .step_by(4)
                .map(|at| word(&bytes, at))
                .collect(),
        })
    }

    fn send(&mut self, bytes: &[u8]) -> Result<(), Gone> {
        if self.stop.is_stopped() {
            return Err(Gone);
        }
        let pace = self.device.settings.bytes_per_second;
        if let Some(pace) = pace.filter(|pace| *pace > 0) {
            std::thread::sleep(Duration::from_secs_f64(bytes.len() as f64 / pace as f64));
        }
        let cut = self.device.charge(bytes.len());
        let kept = bytes.get(..cut.unwrap_or(bytes.len())).unwrap_or(bytes);
        let sent = self.link.writer.write_all(kept, PATIENCE);
        match (sent, cut) {
            (Ok(()), None) => Ok(()),
            _ => Err(Gone),
        }
    }

    /// True for a command that is never answered.
    fn is_mute(&self, command: &Command) -> bool {
        let settings = &self.device.settings;
        let for_battery =
            (command.code, command.parameter(0)) == (0x1014, u32::from(BATTERY_LEVEL));
        let mut state = self.device.state();
        let for_photo = matches!(command.code, 0x1009 | 0x101b | 0x95c1)
            && state.store.photos.get(1) == Some(&command.parameter(0));
        let mute = settings.mute_battery.filter(|_| for_battery);
        match mute.or(settings.mute_photo.filter(|_| for_photo)) {
            Some(Mute::Once) => true,
            Some(Mute::Ever) => {
                state.is_mute = true;
                true
            }
            None => state.is_mute,
        }
    }

    /// Returns the header of a data container.
    fn data_header(&self, command: &Command, payload: u64) -> Vec<u8> {
        match self.device.settings.junk_headers {
            // Seen on a Creative ZEN.
            true => header(DATA, 0xd101, 0xd201_d102, payload),
            false => header(DATA, command.code, command.transaction, payload),
        }
    }

    fn answer(&mut self, command: &Command) -> Ended {
        let code = command.code;
        if !READS.contains(&code) {
            self.device.base().trip(format!("operation {code:04x}"));
            return refuse(NOT_SUPPORTED);
        }
        if !self.operations().contains(&code) {
            return refuse(NOT_SUPPORTED);
        }
        let is_open = self.device.state().session.is_some();
        let model = self.device.settings.model;
        // Android checks for a session only in these operations.
        let needs_session = match model {
            Model::Android => matches!(code, 0x1003..=0x1007 | 0x9801),
            Model::Responder => code != 0x1002,
            Model::Camera | Model::IPhone | Model::OldPhone | Model::Watch | Model::Player => {
                !matches!(code, 0x1001 | 0x1002)
            }
        };
        if needs_session && !is_open {
            return refuse(SESSION_NOT_OPEN);
        }
        let about_objects = matches!(code, 0x1007..=0x1009 | 0x101b | 0x9803 | 0x95c1);
        if about_objects {
            let mut state = self.device.state();
            if state.busy > 0 {
                state.busy -= 1;
                return refuse(DEVICE_BUSY);
            }
        }
        if about_objects && code != 0x1007 && !self.device.is_open(false) {
            return refuse(INVALID_OBJECT_HANDLE);
        }
        match code {
            0x1001 => self.device_info(command),
            0x1002 => self.open_session(command),
            0x1003 => {
                self.device.state().session = None;
                refuse(OK)
            }
            0x1004 => {
                let storages = self.storages(true);
                self.data(command, Dataset::default().handles(&storages))
            }
            0x1005 => self.storage_info(command),
            0x1007 => self.handles(command),
            0x1008 => self.object_info(command),
            0x1009 => self.object(command),
            0x1014 => self.property(command),
            0x9803 => self.object_size(command),
            0x101b | 0x95c1 if self.device.settings.claims_partial => refuse(NOT_SUPPORTED),
            0x101b => {
                let from = u64::from(command.parameter(1));
                self.part(command, from, command.parameter(2))
            }
            0x95c1 => {
                let from = u64::from(command.parameter(2)) << 32 | u64::from(command.parameter(1));
                self.part(command, from, command.parameter(3))
            }
            _ => refuse(NOT_SUPPORTED),
        }
    }

    /// Sends a dataset.
    fn data(&mut self, command: &Command, set: Dataset) -> Ended {
        let mut bytes = self.data_header(command, set.0.len() as u64);
        bytes.extend(set.0);
        self.send(&bytes)?;
        self.end_data(bytes.len() as u64)?;
        refuse(OK)
    }

    /// Sends the extra byte that some devices send after data that fills the last packet.
    fn end_data(&mut self, length: u64) -> Result<(), Gone> {
        if self.device.settings.extra_byte && length.is_multiple_of(64) {
            self.send(&[0])?;
        }
        self.end()
    }

    /// Ends a transfer.
    fn end(&mut self) -> Result<(), Gone> {
        let ended = self.link.writer.write_all(&[], PATIENCE);
        ended.map_err(|_| Gone)
    }

    /// Operations that the device reports as supported.
    fn operations(&self) -> Vec<u16> {
        let partial = !self.device.settings.no_partial;
        let mut operations = vec![
            0x1001, 0x1002, 0x1003, 0x1004, 0x1005, 0x1007, 0x1008, 0x1009,
        ];
        match self.device.settings.model {
            Model::Android | Model::Responder => {
                operations.extend([0x1014, 0x1015, 0x9803]);
                operations.extend(partial.then_some([0x101b, 0x95c1]).into_iter().flatten());
            }
            Model::Watch | Model::Player => {
                operations.extend([0x1014, 0x1015]);
                operations.extend(partial.then_some(0x101b));
            }
            Model::Camera | Model::IPhone | Model::OldPhone => {
                operations.extend(partial.then_some(0x101b));
            }
        }
        operations
    }

    fn open_session(&mut self, command: &Command) -> Ended {
        let mut state = self.device.state();
        if let Some(session) = state.session {
            return Ok((SESSION_ALREADY_OPEN, vec![session]));
        }
        match command.parameters.first() {
            Some(session) => {
                state.session = Some(*session);
                if self.device.settings.renumbers {
                    state.store.renumber();
                }
                refuse(OK)
            }
            None => refuse(INVALID_PARAMETER),
        }
    }

    fn storages(&self, is_asked: bool) -> Vec<u32> {
        if !self.device.is_open(is_asked) {
            let placeholder = self.device.settings.placeholder && is_asked;
            return placeholder.then_some(PLACEHOLDER).into_iter().collect();
        }
        let is_out = self.device.state().store.is_card_out;
        let has_card = self.device.settings.more_files && !is_out;
        std::iter::once(INTERNAL)
            .chain(has_card.then_some(CARD))
            .collect()
    }

    /// Returns a file in its current state.
    fn file(&self, handle: u32) -> Result<(Object, u64), u16> {
        let state = self.device.state();
        let object = state.store.objects.get(&handle).cloned();
        let object = object.ok_or(INVALID_OBJECT_HANDLE)?;
        let is_third = state.store.photos.get(2) == Some(&handle);
        drop(state);
        let is_denied = self.device.trouble(handle) == Some(Trouble::Denied);
        if is_denied || (self.device.settings.denied && is_third) {
            return Err(ACCESS_DENIED);
        }
        match object.content {
            Content::Folder => Err(GENERAL_ERROR),
            _ => {
                let size = object.size(self.device.settings.seed);
                match size == 0 && self.device.settings.no_empty_files {
                    true => Err(GENERAL_ERROR),
                    false => Ok((object, size)),
                }
            }
        }
    }

    fn object(&mut self, command: &Command) -> Ended {
        let (object, size) = match self.file(command.parameter(0)) {
            Ok(file) => file,
            Err(code) => return refuse(code),
        };
        let photos = self.device.state().store.photos.clone();
        let converts =
            self.device.settings.converts && photos.get(1) == Some(&command.parameter(0));
        let is_half = self.device.trouble(command.parameter(0)) == Some(Trouble::Half);
        let size = if converts || is_half { size / 2 } else { size };
        self.send_file(command, &object, 0, size)?;
        refuse(OK)
    }

    fn part(&mut self, command: &Command, from: u64, most: u32) -> Ended {
        let (object, size) = match self.file(command.parameter(0)) {
            Ok(file) => file,
            Err(code) => return refuse(code),
        };
        let is_half = self.device.trouble(command.parameter(0)) == Some(Trouble::Half);
        let size = if is_half { size / 2 } else { size };
        let to = from.saturating_add(u64::from(most)).min(size);
        let from = from.min(to);
        self.send_file(command, &object, from, to)?;
        Ok((OK, vec![(to - from) as u32]))
    }

    fn send_file(
        &mut self,
        command: &Command,
        object: &Object,
        from: u64,
        to: u64,
    ) -> Result<(), Gone> {
        let photos = self.device.state().store.photos.clone();
        let is_photo = |number: usize| photos.get(number) == Some(&command.parameter(0));
        let lie = match self.device.trouble(command.parameter(0)) {
            Some(Trouble::Short) => Some(Lie::Short),
            Some(Trouble::Long) => Some(Lie::Long),
            _ => self.device.settings.lie.filter(|_| is_photo(3)),
        };
        let told = match lie {
            None => to - from,
            Some(Lie::Short) => to - from + 1_000,
            Some(Lie::Long) => (to - from).saturating_sub(1_000),
        };
        let mut waiting = self.data_header(command, told);
        if let Some(thinks) = self.device.settings.thinks {
            self.send(&std::mem::take(&mut waiting))?;
            std::thread::sleep(thinks);
        }
        object.read(self.device.settings.seed, from, to, |bytes| {
            waiting.extend_from_slice(bytes);
            match waiting.len() < PIECE {
                true => Ok(()),
                false => self.send(&std::mem::take(&mut waiting)),
            }
        })?;
        self.send(&waiting)?;
        self.end_data(to - from + HEADER as u64)?;
        self.device.fetched();
        let mut state = self.device.state();
        let handle = command.parameter(0);
        let Some(path) = state.store.path_of(handle) else {
            return Ok(());
        };
        if is_photo(0) && state.changes > 0 {
            state.changes -= 1;
            // A different picture under the same name.
            let modified = state.store.objects.get(&handle).map_or(0, |o| o.modified) + 60;
            let bytes = format!("version {modified}").into_bytes();
            state.store.apply(&OwnerAction::Writes(OwnersFile {
                path,
                bytes,
                modified,
            }));
        } else if is_photo(1) && self.device.settings.vanishes {
            state.store.apply(&OwnerAction::Deletes(path));
        }
        Ok(())
    }
}

fn refuse(code: u16) -> Ended {
    Ok((code, Vec::new()))
}

fn word(bytes: &[u8], at: usize) -> u32 {
    let word = bytes.get(at..at + 4).and_then(|word| word.try_into().ok());
    word.map_or(0, u32::from_le_bytes)
}
