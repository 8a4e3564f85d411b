//! How an Android shows itself, what its owner has to do before it can be read, and how it is opened.

use super::Android;
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
                let Some((state, advice)) = before_debugging(look, &device.make) else {
                    return Vec::new();
                };
                return vec![Approach::not_now(self, state, advice)];
            }
            (None, None) => return Vec::new(),
        };
        let is_kaios =
            |(usb, look): (&UsbDevice, Look)| look == Look::Debugging && called(usb, KAIOS_MODELS);
        if approach.state == State::Ready && device.usb.is_some_and(is_kaios) {
            approach.advice = KAIOS.to_owned();
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
            Some(Place::Server(name)) => Adb::through_server(Server::of_user(), name, options)?,
            Some(Place::Usb(place)) => Adb::connect(crate::link::usb::open(place)?, options)?,
            None => return Err(approach.unreadable()),
        };
        Ok(Box::new(Android::open(adb, &how.choices)?))
    }

    fn first_steps(&self) -> &'static [&'static str] {
        const {
            &[
                phrase(
                    "Android: open Settings, About phone, and tap “Build number” seven times. Then open Developer \
                     options and turn on USB debugging.",
                ),
                phrase(
                    "If no phone appears with a data cable, the phone may block USB. Unlock the phone and plug it in \
                     again. Look for Auto Blocker (Samsung), Advanced Protection, Lockdown, Family Link, or “managed \
                     by your organisation”. The person who set this up can allow USB.",
                ),
            ]
        }
    }
}

/// True if the server reads the handset. One that the server may not open, or has detached, may still be open to this
/// program.
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
fn access(access: &Access) -> (State, String) {
    advice::of_access(access, (State::NeedsYou, ON_WINDOWS.to_owned()))
}

/// Returns what the owner of a phone has to do before its debugging interface shows; `None`: it is no Android.
fn before_debugging(look: Look, make: &str) -> Option<(State, String)> {
    let needs_debugging = |what: &str| (State::NeedsYou, format!("{what} {}", debugging(make)));
    let out_of_reach = |text: &str| (State::OutOfReach, text.to_owned());
    Some(match look {
        Look::Phone => needs_debugging(phrase("The phone is connected, but USB debugging is off.")),
        Look::Tethering => needs_debugging(phrase(
            "The phone shares its network with this computer (“USB tethering”) and nothing else. A mobile router \
             looks like this too. Tap the phone's USB message and choose “File transfer”. Or turn off “USB \
             tethering” under Settings > Network (Samsung: Connections) > Hotspot and tethering.",
        )),
        Look::ChargingOnly => needs_debugging(phrase(
            "The phone is connected, but it only charges. Unlock it first, then unplug it and plug it in again. \
             A locked phone with Auto Blocker, Advanced Protection or Lockdown refuses every computer.",
        )),
        Look::Recovery => out_of_reach(RECOVERY),
        Look::Bootloader => out_of_reach(BOOTLOADER),
        Look::SamsungDownload => out_of_reach(phrase(
            "The phone is in Samsung's download mode. Nothing can be read in this mode, but all data is still on \
             the phone. To leave this mode, press Volume Down if the screen says “Cancel”. Or hold Volume Down \
             and the power key until the phone starts normally. Don't install anything and don't choose a reset. \
             Then unlock the phone.",
        )),
        Look::Debugging
        | Look::Loader(_)
        | Look::Apple
        | Look::Camera
        | Look::Gadget
        | Look::WindowsPhone
        | Look::FeaturePhone
        | Look::Card => return None,
    })
}

/// Returns how the owner switches USB debugging on, in the words of the maker's menus.
fn debugging(make: &str) -> String {
    let is = |maker: &str| make.eq_ignore_ascii_case(maker);
    let (number, of_maker) = if is("Samsung") {
        (
            phrase("> Software information and tap “Build number”"),
            phrase(
                " If the switch is grey, Auto Blocker is on. Turn it off under Settings > Security and privacy. This \
                 needs the phone's code.",
            ),
        )
    } else if is("Xiaomi") {
        (
            phrase("and tap “OS version”"),
            phrase(
                " Turn on “USB debugging” only, and leave “USB debugging (Security settings)” off. You don't need a \
                 Mi account or a SIM card.",
            ),
        )
    } else {
        (
            phrase(
                "and tap “Build number” (Samsung: under Software information; Xiaomi: “OS version”)",
            ),
            "",
        )
    };
    phrase!(
        "To let this computer read the phone: Unlock the phone. Open Settings > About phone {number} seven \
         times. Then open Settings > System > Developer options, turn on “USB debugging”, and tap “Allow” when \
         the phone asks.{of_maker} If Settings refuses: on a child's phone, a parent can allow it in Family \
         Link; on a company's phone, ask the company's IT department. Keep the phone unlocked and plugged in. \
         Don't restart it and don't reset it."
    )
}

/// Returns the meaning of a state in the adb server's list (AOSP `packages/modules/adb`, adb.cpp,
/// `to_string(ConnectionState)`).
fn of_server(state: &str) -> (State, String) {
    let (state, text) = match state {
        "device" => (State::Ready, ""),
        "unauthorized" | "authorizing" => (
            State::NeedsYou,
            phrase(
                "The phone is waiting for its owner's permission. Unlock the phone and tap “Allow” when it asks \
                 about USB debugging. If it doesn't ask, turn USB debugging off and on again.",
            ),
        ),
        "detached" => (
            State::NeedsYou,
            phrase(
                "The adb server has released the phone (adb detach). Plug the phone in again, or let the server use \
                 it: adb attach.",
            ),
        ),
        "offline" | "connecting" => (
            State::NeedsYou,
            phrase("The phone does not answer. Unplug it, plug it in again, and unlock it."),
        ),
        s if s.starts_with("no permissions") => return access(&Access::NoPermission),
        "bootloader" => (State::OutOfReach, BOOTLOADER),
        "recovery" | "sideload" | "rescue" => (State::OutOfReach, RECOVERY),
        _ => (
            State::OutOfReach,
            phrase(
                "The phone can't be read in its present state. Unplug it, plug it in again, and unlock it.",
            ),
        ),
    };
    (state, text.to_owned())
}

/// A phone with KaiOS can be read, and gives more after the owner has exported the contacts.
const KAIOS: &str = phrase(
    "The phone runs KaiOS, which doesn't share contacts over USB. First export the contacts to \
     files: Contacts > Options > Settings > Export contacts > Memory card. Lifeboat then copies \
     these files and the pictures.",
);

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
];

const ON_WINDOWS: &str = phrase(
    "The phone is ready, but Windows' driver does not let Lifeboat use it. Use Android's \
     own adb instead: unpack Google's “SDK Platform-Tools for Windows”, run: adb devices, \
     and tap “Allow” on the phone. Then try again. Lifeboat reads the phone through adb.",
);

const BOOTLOADER: &str = phrase(
    "The phone is in its bootloader. Nothing can be read in this mode, but all data is \
     still on the phone. If the screen shows a menu, choose “Start” with the volume keys, \
     and confirm with the power key. If it shows no menu (as on a Xiaomi), hold the power \
     key for 15 seconds until the phone restarts. Don't choose a wipe, a reset, an unlock \
     or recovery. Then unlock the screen.",
);

const RECOVERY: &str = phrase(
    "The phone is in its recovery system. Contacts and calendar can't be read there, but all \
     data is still on the phone. If the screen says “Can't load Android system”, choose “Try \
     again”, never “Factory data reset”. Otherwise choose “Reboot system now” (TWRP: Reboot > \
     System) with the volume keys, and confirm with the power key. Don't choose a wipe or a \
     factory reset. Then unlock the screen.",
);

impl From<AdbError> for HandsetError {
    fn from(error: AdbError) -> Self {
        match error {
            AdbError::Stopped => Self::Stopped,
            error => Self::of(&error, error.is_link_lost()),
        }
    }
}
