//! A computer with practice devices plugged in.

use super::android;
use super::device::{Practice, PracticeDevice, Protocol};
use crate::handset::android::{Android, AndroidFamily, Choices};
use crate::handset::family::{Approach, Family as _, Place};
use crate::handset::files_only::FilesOnly;
use crate::handset::find::usb::UsbDevice;
use crate::handset::find::{
    Found, OnWait, OpenError, Opened, Port, Seen, State, Wanted, choose, choose_files, judge,
};
use crate::handset::media_device::MediaDevice;
use crate::handset::memory_card::CardFamily;
use crate::handset::{Handset, memory_card};
use crate::link::Link;
use crate::model::Stop;
use crate::protocol::adb::{Adb, Options};
use crate::protocol::mtp;

/// A port with only practice devices of one family. Real devices are not visible. Its devices are judged in the same
/// way as real ones.
pub struct PracticePort<D = android::Device> {
    device: Practice<D>,
    /// A second device with the same model and serial number.
    twin: Option<Practice<D>>,
    options: Options,
    choices: Choices,
}

impl<D: PracticeDevice> PracticePort<D> {
    /// Plugs in a device, and its twin if the settings ask for one. `options` and `choices` apply to an Android.
    pub fn new(settings: D::Settings, options: Options, choices: Choices) -> Self {
        Self {
            twin: D::twin(&settings).map(Practice::new),
            device: Practice::new(settings),
            options,
            choices,
        }
    }

    /// The device, for pulling its cable or for access without its protocol.
    pub fn device(&self) -> &Practice<D> {
        &self.device
    }

    /// Requests to any of the devices that do more than read. Lifeboat promises that the list is empty.
    pub fn tripped(&self) -> Vec<String> {
        let devices = std::iter::once(&self.device).chain(&self.twin);
        devices.flat_map(Practice::tripped).collect()
    }

    /// The devices whose cables are in, each with what the computer sees.
    fn plugged(&self) -> impl Iterator<Item = (UsbDevice, &Practice<D>)> {
        let devices = std::iter::once(&self.device).chain(&self.twin);
        let placed = (D::SOCKET..).zip(devices);
        placed
            .filter(|(_, device)| device.is_plugged())
            .map(|(socket, device)| {
                let seen = UsbDevice {
                    bus: 1,
                    ports: vec![socket],
                    address: socket.wrapping_add(device.pluggings().to_le_bytes()[0]),
                    ..device.usb()
                };
                (seen, device)
            })
    }

    fn see(&self) -> Seen {
        Seen {
            usb: Some(self.plugged().map(|(seen, _)| seen).collect()),
            server: None,
            folders: Vec::new(),
        }
    }

    /// Finds the device with this ID, and the protocol that it is asked in.
    fn chosen(&self, id: &str, wanted: Wanted) -> Result<(&Practice<D>, Protocol), OpenError> {
        let gone = || OpenError {
            may_pass: false,
            what: format!("the {} is not plugged in", D::NAME),
            advice: "Plug it in again.".into(),
        };
        let plugged: Vec<_> = self.plugged().collect();
        let (_, first) = plugged.first().ok_or_else(gone)?;
        if first.0.listed().is_some() {
            return Ok((first, D::PROTOCOL));
        }
        let listed = judge(&self.see());
        let approach = match wanted {
            Wanted::All => choose(listed, id)?.0.into_iter().next().unwrap_or_default(),
            Wanted::Files => choose_files(listed, id)?,
        };
        let Some(Place::Usb(place)) = &approach.place else {
            return Err(gone());
        };
        let protocol = protocol_of(&approach);
        let mut plugged = plugged.into_iter();
        let device = plugged.find(|(seen, _)| seen.ports == place.ports);
        Ok((device.ok_or_else(gone)?.1, protocol))
    }

    /// Opens the handset at the other end of a link.
    fn over(
        &self,
        link: Link,
        protocol: Protocol,
        stop: &Stop,
        on_wait: OnWait,
    ) -> Result<Box<dyn Handset>, OpenError> {
        let stop = stop.clone();
        match protocol {
            Protocol::Adb => {
                let options = Options {
                    stop,
                    on_wait,
                    ..self.options.clone()
                };
                let adb = Adb::connect(link, options)?;
                Ok(Box::new(Android::open(adb, &self.choices)?))
            }
            Protocol::Mtp => {
                let options = mtp::Options {
                    stop,
                    on_wait,
                    ..mtp::Options::default()
                };
                Ok(MediaDevice::open(link, &options)?)
            }
            Protocol::Disk => {
                let card = memory_card::open_usb(link, 0, &stop)?;
                Ok(Box::new(FilesOnly::new(card)))
            }
        }
    }
}

impl<D: PracticeDevice> Port for PracticePort<D> {
    fn look(&self) -> Found {
        if let Some(listed) = self.device.0.listed() {
            return Found {
                devices: self
                    .device
                    .is_plugged()
                    .then_some(listed)
                    .into_iter()
                    .collect(),
                notes: Vec::new(),
            };
        }
        let mut found = Found::of(&self.see());
        for device in &mut found.devices {
            // Lists do not name the USB that is only imitated.
            device.approaches = match device.state == State::Ready || device.files_alone {
                true => vec!["practice".into()],
                false => Vec::new(),
            };
        }
        found
    }

    fn open(
        &self,
        id: &str,
        wanted: Wanted,
        stop: &Stop,
        on_wait: OnWait,
    ) -> Result<Opened, OpenError> {
        let (device, protocol) = self.chosen(id, wanted)?;
        let link = device.link_by(protocol);
        Ok(self.over(link, protocol, stop, on_wait)?.into())
    }
}

/// The protocol in which an approach asks a device.
fn protocol_of(approach: &Approach) -> Protocol {
    if approach.family == AndroidFamily.name() {
        Protocol::Adb
    } else if approach.family == CardFamily.name() {
        Protocol::Disk
    } else {
        Protocol::Mtp
    }
}
