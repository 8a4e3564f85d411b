//! A computer with a practice media device plugged in.

use super::{Model, PracticeMedia};
use crate::handset::Handset;
use crate::handset::find::{Device, Found, OnWait, OpenError, Port, State, Wanted};
use crate::handset::media_device::MediaDevice;
use crate::model::Stop;
use crate::protocol::mtp::Options;

/// A port with only a practice media device. Real devices are not visible.
pub struct MediaPort(pub PracticeMedia);

impl MediaPort {
    /// Opens the device.
    ///
    /// # Errors
    /// See [`Port::open`].
    pub fn open(&self, stop: &Stop, on_wait: OnWait) -> Result<Box<dyn Handset>, OpenError> {
        if !self.0.is_plugged() {
            return Err(OpenError {
                what: "the practice device is not plugged in".into(),
                advice: "Plug it in again.".into(),
            });
        }
        let options = Options {
            stop: stop.clone(),
            on_wait,
            ..Options::default()
        };
        Ok(MediaDevice::open(self.0.link(), &options)?)
    }
}

impl Port for MediaPort {
    fn look(&self) -> Found {
        let (make, model, serial) = self.0.name();
        let device = Device {
            id: serial.to_owned(),
            make: make.to_owned(),
            model: model.to_owned(),
            serial: serial.to_owned(),
            approaches: vec!["practice".into()],
            state: State::Ready,
            files_alone: false,
            advice: match self.0.0.settings.model {
                Model::IPhone => "Unlock it and tap “Trust” if it asks.".into(),
                _ => String::new(),
            },
        };
        Found {
            devices: self.0.is_plugged().then_some(device).into_iter().collect(),
            notes: Vec::new(),
        }
    }

    fn open(
        &self,
        _: &str,
        _: Wanted,
        stop: &Stop,
        on_wait: OnWait,
    ) -> Result<Box<dyn Handset>, OpenError> {
        self.open(stop, on_wait)
    }
}
