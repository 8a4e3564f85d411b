//! Finds and opens the handsets that are plugged into this computer.

use std::sync::Arc;

use super::usb::UsbDevice;
use super::{
    Found, OnWait, OpenError, Opened, Other, Port, Seen, Wanted, choose, choose_files, judge, usb,
};
use crate::handset::android::Choices;
use crate::handset::family::{self, Approach, FAMILIES, How, Place, Secrets};
use crate::link::usb::UsbError;
use crate::model::{Advice, Stop};
use crate::phrase;
use crate::protocol::adb::{AdbError, Options, Server};

/// This computer's ports, and the adb server that may hold the handsets. Lifeboat neither starts nor stops the server.
#[derive(Clone)]
pub struct Computer {
    /// How to connect over ADB; its stop flag and listener are replaced for each handset.
    pub options: Options,
    pub choices: Choices,
    /// Asks for the password of an encrypted backup.
    pub secrets: Secrets,
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
                let why = error.explained();
                notes.push(phrase!("Lifeboat could not query the adb server: {why}"));
                None
            }
        };
        let usb = match usb::list() {
            Ok(devices) => Some(devices),
            Err(UsbError::NoUsb) => None,
            Err(error) => {
                notes.push(phrase!(
                    "Lifeboat could not check USB: {}",
                    error.explained()
                ));
                None
            }
        };
        let folders = FAMILIES
            .iter()
            .flat_map(|family| family.folders())
            .collect();
        let seen = Seen {
            usb,
            server,
            folders,
        };
        FAMILIES.iter().for_each(|family| family.notice(&seen));
        (seen, notes)
    }
}

impl Port for Computer {
    fn look(&self) -> Found {
        let (seen, notes) = self.see();
        let mut found = Found::of(&seen);
        found.notes.extend(notes);
        let more: Vec<String> = FAMILIES.iter().filter_map(|f| f.note(&found)).collect();
        found.notes.extend(more);
        found
    }

    fn open(
        &self,
        id: &str,
        wanted: Wanted,
        stop: &Stop,
        on_wait: OnWait,
    ) -> Result<Opened, OpenError> {
        let how = How {
            adb: self.options.clone(),
            choices: self.choices.clone(),
            secrets: Arc::clone(&self.secrets),
            stop: stop.clone(),
            on_wait,
        };
        let seen = self.see().0;
        let approaches = match wanted {
            Wanted::All => choose(judge(&seen), id)?.0,
            Wanted::Files => vec![choose_files(judge(&seen), id)?],
        };
        let mut approaches = approaches.into_iter();
        let first = approaches.next().unwrap_or_default();
        Ok(Opened {
            handset: family::open(&first, &how)?,
            others: approaches.map(|one| other(one, &seen, &how)).collect(),
        })
    }
}

/// Returns an approach that is opened later, if the device was not plugged in anew until then.
fn other(approach: Approach, seen: &Seen, how: &How) -> Other {
    let how = how.clone();
    let device = device_at(&approach, seen.usb.iter().flatten()).cloned();
    Other {
        covers: approach.covers.to_vec(),
        open: Box::new(move || {
            let devices = usb::list()?;
            let now = device_at(&approach, devices.iter());
            // The system gives the device a new address each time it is plugged in.
            let mark = |device: &UsbDevice| (device.address, device.serial.clone());
            if now.map(mark) != device.as_ref().map(mark) {
                return Err(UsbError::Gone.into());
            }
            family::open(&approach, &how)
        }),
    }
}

/// Returns the device that an approach reads over USB.
fn device_at<'a>(
    approach: &Approach,
    mut devices: impl Iterator<Item = &'a UsbDevice>,
) -> Option<&'a UsbDevice> {
    let Some(Place::Usb(place)) = &approach.place else {
        return None;
    };
    devices.find(|device| (device.bus, &device.ports) == (place.bus, &place.ports))
}
