//! What is plugged into this computer.

use super::{Found, OnWait, OpenError, Port, Reach, Seen, choose, judge, usb};
use crate::handset::android::{Android, Choices};
use crate::handset::{Handset, HandsetError};
use crate::link::Stop;
use crate::link::usb::UsbError;
use crate::protocol::adb::{Adb, AdbError, Options, Server};
use crate::protocol::mtp::MtpError;

/// This computer's own ports, and the adb server that may hold them. The server is neither started nor ended.
pub struct Computer {
    /// How to connect over ADB; its stop flag and listener are replaced for each handset.
    pub options: Options,
    pub choices: Choices,
}

impl Computer {
    /// Everything that is seen, and a sentence for what could not be looked at.
    pub fn see(&self) -> (Seen, Vec<String>) {
        let mut notes = Vec::new();
        let server = match Server::of_user().devices(&self.options) {
            Ok(devices) => Some(devices),
            // Most computers have none, and need none.
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
        (Seen { usb, server }, notes)
    }
}

impl Port for Computer {
    fn look(&self) -> Found {
        let (seen, notes) = self.see();
        let mut found = Found::of(&seen);
        found.notes.extend(notes);
        found
    }

    fn open(&self, id: &str, stop: &Stop, on_wait: OnWait) -> Result<Box<dyn Handset>, OpenError> {
        let options = Options {
            stop: stop.clone(),
            on_wait,
            ..self.options.clone()
        };
        let (seen, _) = self.see();
        let adb = match choose(judge(&seen), id)?.0 {
            Reach::Server(name) => Adb::through_server(Server::of_user(), &name, options)?,
            Reach::Usb(place) => Adb::connect(crate::link::usb::open(&place)?, options)?,
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
