//! What is plugged into this computer.

use super::{Found, OnWait, OpenError, Port, Reach, Seen, choose, choose_files, judge, usb};
use crate::handset::android::{Android, Choices};
use crate::handset::media_device::MediaDevice;
use crate::handset::{Handset, HandsetError};
use crate::link::Stop;
use crate::link::usb::UsbError;
use crate::protocol::adb::{Adb, AdbError, Options, Server};
use crate::protocol::mtp::{self, MtpError};

/// This computer's own ports, and the adb server that may hold them. The server is neither started nor ended.
pub struct Computer {
    /// How to connect over ADB; its stop flag and listener are replaced for each handset.
    pub options: Options,
    pub choices: Choices,
    /// Files are to be read alone, although more could be had.
    pub files_only: bool,
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
        let listed = judge(&self.see().0);
        let reach = match self.files_only {
            true => choose_files(listed, id)?,
            false => choose(listed, id)?.0,
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
                let link = crate::link::usb::open(&place)?;
                return Ok(MediaDevice::open(link, &options)?);
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
