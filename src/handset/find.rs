//! What is plugged in, and how each can be approached.

use serde::Serialize;

use crate::protocol::adb::{AdbError, Options, Server};

/// Something that could be a handset.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Device {
    /// What `--device` takes; the same while the handset is replugged.
    pub id: String,
    pub make: String,
    pub model: String,
    pub serial: String,
    /// The ways to read it.
    pub approaches: Vec<String>,
    /// `ready`, `needs you` or `out of reach`.
    pub state: String,
    /// What to do, in a sentence; empty: nothing.
    pub advice: String,
}

/// What was found, and what could not be looked at.
#[derive(Debug, Clone, Default)]
pub struct Found {
    pub devices: Vec<Device>,
    /// Each a sentence.
    pub notes: Vec<String>,
}

/// Lists the handsets that can be seen, also those that can't be read yet.
pub fn devices(options: &Options) -> Found {
    let mut found = Found::default();
    match Server::of_user().devices(options) {
        Ok(devices) => found.devices.extend(devices.into_iter().map(|d| {
            let (state, advice) = state(&d.state);
            Device {
                id: d.serial.clone(),
                make: String::new(),
                model: d.model.or(d.product).unwrap_or_default().replace('_', " "),
                serial: d.serial,
                approaches: vec!["adb (through the adb server)".into()],
                state: state.into(),
                advice: advice.into(),
            }
        })),
        Err(AdbError::NoServer { .. }) => found.notes.push(
            "No adb server runs on this computer; this version of Lifeboat finds phones through one. Start it with \
             `adb devices`, or name a phone on the network: lifeboat rescue --adb HOST:PORT"
                .into(),
        ),
        Err(error) => found.notes.push(format!("The adb server could not be asked: {error}. {}", error.advice())),
    }
    found
}

/// What a state of the adb server's list means (AOSP `transport.cpp`, `ConnectionStateName`).
fn state(state: &str) -> (&'static str, &'static str) {
    match state {
        "device" | "recovery" => ("ready", ""),
        "unauthorized" | "authorizing" => (
            "needs you",
            "Unlock the phone and tap “Allow” on its USB debugging question. If none shows: switch USB debugging off \
             and on again.",
        ),
        "offline" | "connecting" => (
            "needs you",
            "The phone does not answer. Unplug it, plug it in again, and unlock it.",
        ),
        s if s.starts_with("no permissions") => (
            "needs you",
            "This computer does not let you use the phone. Run the adb server as the right user, or install the udev \
             rules for Android.",
        ),
        "bootloader" | "sideload" | "rescue" => (
            "out of reach",
            "The phone is in its bootloader, where nothing of its owner's can be read. Choose the normal start there; \
             choose no wipe and no reset.",
        ),
        _ => (
            "out of reach",
            "The phone is in a state in which it can't be read.",
        ),
    }
}
