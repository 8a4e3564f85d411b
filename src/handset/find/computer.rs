//! Finds and opens the handsets that are plugged into this computer.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::usb::UsbDevice;
use super::vendors::{self, Makes};
use super::{
    Found, OnWait, OpenError, Port, Reach, Seen, State, Wanted, advice, choose, choose_files,
    judge, usb,
};
use crate::handset::android::{Android, Choices};
use crate::handset::files_only::FilesOnly;
use crate::handset::media_device::MediaDevice;
use crate::handset::{Handset, HandsetError, memory_card};
use crate::link::usb::{UsbError, UsbPlace};
use crate::model::Stop;
use crate::protocol::adb::{Adb, AdbError, Options, Server};
use crate::protocol::mtp::{self, MtpError};

/// This computer's ports, and the adb server that may hold the handsets. Lifeboat neither starts nor stops the server.
pub struct Computer {
    /// How to connect over ADB; its stop flag and listener are replaced for each handset.
    pub options: Options,
    pub choices: Choices,
}

impl Computer {
    /// Returns everything that is seen, and a sentence for each part that could not be examined.
    pub fn see(&self) -> (Seen, Vec<String>) {
        let mut notes = Vec::new();
        let server = match Server::of_user().devices(&self.options) {
            Ok(devices) => Some(devices),
            // Most computers run no adb server, and need none.
            Err(AdbError::NoServer { .. }) => None,
            Err(error) => {
                notes.push(format!(
                    "The adb server could not be asked: {error}. {}",
                    error.advice()
                ));
                None
            }
        };
        let usb = match usb::list() {
            Ok(devices) => Some(devices),
            Err(UsbError::NoUsb) => None,
            Err(error) => {
                notes.push(format!(
                    "USB could not be looked at: {error}. {}",
                    error.advice()
                ));
                None
            }
        };
        note_mounted(usb.iter().flatten());
        (Seen { usb, server }, notes)
    }
}

/// Returns what the maker of the device at a place makes, by the USB vendor number.
fn makes_at(seen: &Seen, place: &UsbPlace) -> Option<Makes> {
    let mut devices = seen.usb.iter().flatten();
    let device = devices.find(|d| (d.bus, &d.ports) == (place.bus, &place.ports))?;
    vendors::of(device.vendor_id).map(|vendor| vendor.makes)
}

/// Where cards were seen mounted since the program began, by their places on USB. The report of their rescue mentions
/// it.
static MOUNTED: Mutex<BTreeMap<(u8, Vec<u8>), String>> = Mutex::new(BTreeMap::new());

fn note_mounted<'a>(devices: impl Iterator<Item = &'a UsbDevice>) {
    let mut mounted = MOUNTED.lock().unwrap_or_else(PoisonError::into_inner);
    for device in devices {
        let disks = device.storage.iter().flat_map(|storage| &storage.disks);
        let places: Vec<&str> = disks
            .flat_map(|disk| disk.used_as.iter().map(String::as_str))
            .collect();
        if !places.is_empty() {
            mounted.insert((device.bus, device.ports.clone()), places.join(", "));
        }
    }
}

fn was_mounted(place: &UsbPlace) -> Option<String> {
    let mounted = MOUNTED.lock().unwrap_or_else(PoisonError::into_inner);
    let places = mounted.get(&(place.bus, place.ports.clone()))?;
    Some(format!(
        "This computer had mounted the card before (as {places}), and may have written to it by itself: that it was not \
         closed, when files were looked at."
    ))
}

impl Port for Computer {
    fn look(&self) -> Found {
        let (seen, notes) = self.see();
        let mut found = Found::of(&seen);
        found.notes.extend(notes);
        if cfg!(windows) && !found.devices.iter().any(|d| d.state == State::Ready) {
            found.notes.push(advice::no_cards_on_windows());
        }
        found
    }

    fn open(
        &self,
        id: &str,
        wanted: Wanted,
        stop: &Stop,
        on_wait: OnWait,
    ) -> Result<Box<dyn Handset>, OpenError> {
        let seen = self.see().0;
        let listed = judge(&seen);
        let reach = match wanted {
            Wanted::Files => choose_files(listed, id)?,
            Wanted::All => choose(listed, id)?.0,
        };
        let options = Options {
            stop: stop.clone(),
            on_wait: on_wait.clone(),
            ..self.options.clone()
        };
        let adb = match reach {
            Reach::Server(name) => Adb::through_server(Server::of_user(), &name, options)?,
            Reach::Usb(place) => Adb::connect(crate::link::usb::open(&place)?, options)?,
            Reach::Media(place) => {
                let options = mtp::Options {
                    stop: stop.clone(),
                    on_wait,
                    ..mtp::Options::default()
                };
                let makes = makes_at(&seen, &place);
                let link = crate::link::usb::open(&place)?;
                return Ok(MediaDevice::open_made_by(makes, link, &options)?);
            }
            Reach::Card(place) => {
                let (link, last) = crate::link::usb::open_disk(&place)?;
                let mut card = memory_card::open_usb(link, last, stop)?;
                card.remark(was_mounted(&place));
                return Ok(Box::new(FilesOnly::new(card)));
            }
        };
        Ok(Box::new(Android::open(adb, &self.choices)?))
    }
}

impl From<UsbError> for OpenError {
    fn from(error: UsbError) -> Self {
        Self {
            what: error.to_string(),
            advice: error.advice().to_owned(),
        }
    }
}

impl From<AdbError> for OpenError {
    fn from(error: AdbError) -> Self {
        Self {
            what: error.to_string(),
            advice: error.advice().to_owned(),
        }
    }
}

impl From<HandsetError> for OpenError {
    fn from(error: HandsetError) -> Self {
        Self {
            what: error.to_string(),
            advice: error.advice(),
        }
    }
}

impl From<MtpError> for OpenError {
    fn from(error: MtpError) -> Self {
        Self {
            what: error.to_string(),
            advice: error.advice().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::usb::{Endpoint, Storage, SystemDisk};
    use super::*;

    #[test]
    fn a_card_that_was_mounted_is_remembered_by_its_socket() {
        let in_socket = |port: u8, used_as: &[&str]| UsbDevice {
            bus: 250,
            ports: vec![port],
            storage: Some(Storage {
                disks: vec![SystemDisk {
                    used_as: used_as.iter().map(|place| (*place).to_owned()).collect(),
                    ..SystemDisk::default()
                }],
                ..Storage::default()
            }),
            ..UsbDevice::default()
        };
        let endpoint = Endpoint {
            address: 1,
            packet: 512,
        };
        let place = |port| UsbPlace {
            bus: 250,
            ports: vec![port],
            address: 0,
            interface: 0,
            alternate: 0,
            bulk_in: endpoint,
            bulk_out: endpoint,
            zero_packets: false,
            is_disk: true,
        };
        let (mounted, other) = (in_socket(1, &["/media/alex/CARD"]), in_socket(2, &[]));
        note_mounted([&mounted, &other].into_iter());
        // The owner has unmounted it, as the advice said.
        note_mounted([&in_socket(1, &[])].into_iter());
        let said = was_mounted(&place(1)).expect("a sentence");
        assert!(said.contains("/media/alex/CARD"), "{said}");
        assert_eq!(was_mounted(&place(2)), None);
    }
}
