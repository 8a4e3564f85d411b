//! How an Android shows itself, what its owner has to do before it can be read, and how it is opened.

use super::Android;
use crate::coach::Situation;
use crate::handset::family::{Approach, Family, How, Place};
use crate::handset::find::usb::{Access, UsbDevice};
use crate::handset::find::{Candidate, Look, OpenError, Seen, State, advice, called};
use crate::handset::{Handset, HandsetError};
use crate::model::Collection;
use crate::phrase;
use crate::protocol::adb::{self, Adb, AdbError, Server};

/// Android, and everything else with its debugging interface.
pub struct AndroidFamily;

const OVER_USB: &str = phrase("adb (USB)");
const THROUGH_SERVER: &str = phrase("adb (through the adb server)");

impl Family for AndroidFamily {
    fn name(&self) -> &'static str {
        "android"
    }

    fn approaches(&self, device: &Candidate<'_>) -> Vec<Approach> {
        let is_alone = device.usb.is_none();
        let held = device.held.filter(|held| is_alone || is_read(held));
        let mut approach = match (held, device.usb) {
            (Some(held), _) => through_server(held, device.seen),
            (None, Some((usb, Look::Debugging))) => over_usb(usb),
            (None, Some((_, look))) => {
                let Some((state, advice)) = before_debugging(look) else {
                    return Vec::new();
                };
                return vec![Approach::not_now(self, state, advice)];
            }
            (None, None) => return Vec::new(),
        };
        let is_kaios =
            |(usb, look): (&UsbDevice, Look)| look == Look::Debugging && called(usb, KAIOS_MODELS);
        if approach.state == State::Ready && device.usb.is_some_and(is_kaios) {
            approach.advice = Situation::of("kaios");
        }
        vec![Approach {
            family: self.name(),
            covers: &Collection::ALL,
            is_needed: true,
            ..approach
        }]
    }

    fn open(&self, approach: &Approach, how: &How) -> Result<Box<dyn Handset>, OpenError> {
        let options = adb::Options {
            stop: how.stop.clone(),
            on_wait: how.on_wait.clone(),
            ..how.adb.clone()
        };
        let adb = match &approach.place {
            Some(Place::Server(name)) => Adb::through_server(Server::of_user(), name, options),
            Some(Place::Usb(place)) => Adb::connect(crate::link::usb::open(place)?, options),
            Some(Place::Folder(_)) | None => return Err(approach.unreadable()),
        };
        let adb = adb.map_err(|error| HandsetError::from(error).while_opening())?;
        Ok(Box::new(Android::open(adb, &how.choices)?))
    }
}

/// True if the server reads the handset. This program may still open a device that the server can't open or has
/// detached.
fn is_read(held: &adb::Device) -> bool {
    !held.state.starts_with("no permissions") && held.state != "detached"
}

fn through_server(held: &adb::Device, seen: &Seen) -> Approach {
    let (state, advice) = of_server(&held.state);
    Approach {
        name: THROUGH_SERVER,
        place: Some(Place::Server(target(held, seen))),
        state,
        advice,
        ..Approach::default()
    }
}

/// Returns the name under which the server is asked for a handset: the serial number if it is unique and can be asked
/// for, else the place on USB, else the number that the server assigned.
fn target(device: &adb::Device, seen: &Seen) -> String {
    let alone = seen.served().filter(|s| s.serial == device.serial).count() == 1;
    if alone && device.has_plain_serial() {
        return device.serial.clone();
    }
    let number = || device.by_number();
    let place = device.path.clone().or_else(number);
    place.unwrap_or_else(|| device.serial.clone())
}

fn over_usb(device: &UsbDevice) -> Approach {
    let place = device.adb().and_then(|interface| device.place(interface));
    let (mut state, mut advice) = access(&device.access);
    if place.is_none() && state == State::Ready {
        (state, advice) = access(&Access::Other(
            phrase("its debugging interface has no pair of bulk endpoints").into(),
        ));
    }
    Approach {
        name: OVER_USB,
        place: place.map(Place::Usb),
        state,
        advice,
        ..Approach::default()
    }
}

/// Returns whether a debugging interface can be used, and if not, what to do.
fn access(access: &Access) -> (State, Situation) {
    advice::of_access(access, (State::NeedsYou, Situation::of("adb_windows")))
}

/// Returns what the owner of a phone has to do before its debugging interface shows; `None`: it is no Android.
fn before_debugging(look: Look) -> Option<(State, Situation)> {
    let (state, name) = match look {
        Look::Phone => (State::NeedsYou, "debugging"),
        Look::Tethering => (State::NeedsYou, "tethering"),
        Look::ChargingOnly => (State::NeedsYou, "charging"),
        Look::Recovery => (State::OutOfReach, "recovery"),
        Look::Bootloader => (State::OutOfReach, "bootloader"),
        Look::SamsungDownload => (State::OutOfReach, "download"),
        Look::Debugging
        | Look::Loader(_)
        | Look::Apple
        | Look::Camera
        | Look::Gadget
        | Look::WindowsPhone
        | Look::FeaturePhone
        | Look::Card => return None,
    };
    Some((state, Situation::of(name)))
}

/// Returns the meaning of a state in the adb server's list (AOSP `packages/modules/adb`, adb.cpp,
/// `to_string(ConnectionState)`).
fn of_server(state: &str) -> (State, Situation) {
    let (state, name) = match state {
        "device" => return (State::Ready, Situation::default()),
        "unauthorized" | "authorizing" => (State::NeedsYou, "allow"),
        "detached" => (State::NeedsYou, "detached"),
        "offline" | "connecting" => (State::NeedsYou, "offline"),
        s if s.starts_with("no permissions") => return access(&Access::NoPermission),
        "bootloader" => (State::OutOfReach, "bootloader"),
        "recovery" | "sideload" | "rescue" => (State::OutOfReach, "recovery"),
        _ => (State::OutOfReach, "unknown"),
    };
    (state, Situation::of(name))
}

/// Words in the names of models that are sold only with KaiOS.
const KAIOS_MODELS: &[&str] = &[
    "kaios",
    "8110 4g",
    "2720 flip",
    "2720 v flip",
    "2760 flip",
    "2780 flip",
    "6300 4g",
    "8000 4g",
    "800 tough",
    "go flip",
    "cingular flip",
    "jiophone",
    "f90m",
    "3078",
];

impl From<AdbError> for HandsetError {
    fn from(error: AdbError) -> Self {
        match error {
            AdbError::Stopped => Self::Stopped,
            error => Self::of(&error, error.is_link_lost()),
        }
    }
}
