//! A computer with a practice handset plugged in.

use crate::handset::Handset;
use crate::handset::android::{Android, Choices};
use crate::handset::find::{Device, Found, OnWait, OpenError, Port, State};
use crate::link::Stop;
use crate::practice::android::{PracticeAndroid, Settings};
use crate::protocol::adb::{Adb, Options};

/// A port that a practice handset is plugged into, and that nothing real is seen by.
pub struct PracticePort {
    android: PracticeAndroid,
    options: Options,
    choices: Choices,
}

impl PracticePort {
    /// Plugs a practice Android in.
    pub fn new(settings: Settings, options: Options, choices: Choices) -> Self {
        Self {
            android: PracticeAndroid::new(settings),
            options,
            choices,
        }
    }

    /// The handset, to pull its cable or to look behind the debug bridge.
    pub fn android(&self) -> &PracticeAndroid {
        &self.android
    }

    /// Reaches the handset, whatever it is called.
    ///
    /// # Errors
    /// As [`Port::open`].
    pub fn open_first(&self, stop: &Stop, on_wait: OnWait) -> Result<Box<dyn Handset>, OpenError> {
        let options = Options {
            stop: stop.clone(),
            on_wait,
            ..self.options.clone()
        };
        let adb = Adb::connect(self.android.link(), options)?;
        Ok(Box::new(Android::open(adb, &self.choices)?))
    }
}

impl Port for PracticePort {
    fn look(&self) -> Found {
        if !self.android.is_plugged() {
            return Found::default();
        }
        let (make, model, serial) = self.android.name();
        Found {
            devices: vec![Device {
                id: serial.to_owned(),
                make: make.to_owned(),
                model: model.to_owned(),
                serial: serial.to_owned(),
                approaches: vec!["practice".into()],
                state: State::Ready,
                advice: String::new(),
            }],
            notes: Vec::new(),
        }
    }

    fn open(&self, _id: &str, stop: &Stop, on_wait: OnWait) -> Result<Box<dyn Handset>, OpenError> {
        if !self.android.is_plugged() {
            return Err(OpenError {
                what: "the practice handset is not plugged in".into(),
                advice: "Plug it in again.".into(),
            });
        }
        self.open_first(stop, on_wait)
    }
}
