//! What is plugged into this computer.

use super::{Device, Found, OnWait, OpenError, Port, State};
use crate::handset::android::{Android, Choices};
use crate::handset::{Handset, HandsetError};
use crate::link::Stop;
use crate::protocol::adb::{Adb, AdbError, Options, Server};

/// This computer's own ports, and the adb server that may hold them.
pub struct Computer {
    /// How to connect over ADB; its stop flag and listener are replaced for each handset.
    pub options: Options,
    pub choices: Choices,
}

impl Port for Computer {
    fn look(&self) -> Found {
        let mut found = Found::default();
        match Server::of_user().devices(&self.options) {
            Ok(devices) => found.devices.extend(devices.into_iter().map(|d| {
                let (state, advice) = state(&d.state);
                Device {
                    id: d.serial.clone(),
                    make: String::new(),
                    model: d.model.or(d.product).unwrap_or_default().replace('_', " "),
                    serial: d.serial,
                    approaches: vec!["adb (through the adb server)".into()],
                    state,
                    advice: advice.into(),
                }
            })),
            Err(AdbError::NoServer { .. }) => found.notes.push(
                "No adb server runs on this computer; this version of Lifeboat finds phones through one. Start it \
                 with `adb devices`, or name a phone on the network: lifeboat rescue --adb HOST:PORT"
                    .into(),
            ),
            Err(error) => found.notes.push(format!("The adb server could not be asked: {error}. {}", error.advice())),
        }
        found
    }

    fn open(&self, id: &str, stop: &Stop, on_wait: OnWait) -> Result<Box<dyn Handset>, OpenError> {
        let options = Options {
            stop: stop.clone(),
            on_wait,
            ..self.options.clone()
        };
        let adb = Adb::through_server(Server::of_user(), id, options)?;
        Ok(Box::new(Android::open(adb, &self.choices)?))
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

/// What a state of the adb server's list means (AOSP `transport.cpp`, `ConnectionStateName`).
fn state(state: &str) -> (State, &'static str) {
    match state {
        "device" | "recovery" => (State::Ready, ""),
        "unauthorized" | "authorizing" => (
            State::NeedsYou,
            "Unlock the phone and tap “Allow” on its USB debugging question. If none shows: switch USB debugging off \
             and on again.",
        ),
        "offline" | "connecting" => (
            State::NeedsYou,
            "The phone does not answer. Unplug it, plug it in again, and unlock it.",
        ),
        s if s.starts_with("no permissions") => (
            State::NeedsYou,
            "This computer does not let you use the phone. Run the adb server as the right user, or install the udev \
             rules for Android.",
        ),
        "bootloader" | "sideload" | "rescue" => (
            State::OutOfReach,
            "The phone is in its bootloader, where nothing of its owner's can be read. Choose the normal start there; \
             choose no wipe and no reset.",
        ),
        _ => (
            State::OutOfReach,
            "The phone is in a state in which it can't be read.",
        ),
    }
}
