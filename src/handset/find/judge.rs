//! Decides from what was seen which handsets can be read. No I/O: real devices, practice handsets and recordings are
//! judged by the same code.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::kind::{self, Kind};
use super::usb::{Access, Storage, UsbDevice, UsbInterface, clean};
use super::vendors::{self, Makes};
use super::{Device, Found, OpenError, State, advice};
use crate::link::usb::UsbPlace;
use crate::protocol::adb;

/// Everything that was seen on a computer. A technician's recording of it serves as a bug report and as a test.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// `None` if there is no USB.
    pub usb: Option<Vec<UsbDevice>>,
    /// The devices that an adb server on this computer lists; `None` if no server runs.
    #[serde(default)]
    pub server: Option<Vec<adb::Device>>,
}

/// How a handset is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    Usb(UsbPlace),
    /// Through the adb server, under this name.
    Server(String),
    /// As a disk.
    Card(UsbPlace),
    /// As a media device.
    Media(UsbPlace),
}

/// A handset in the list, and how to reach it if it can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub device: Device,
    pub reach: Option<Reach>,
    /// How to reach only its files, if more could be read after the owner has done something.
    pub files: Option<Reach>,
    /// Its place on USB, such as `1-4.2`; `None` if only the adb server knows the handset.
    pub path: Option<String>,
}

/// Names of the approaches.
const OVER_USB: &str = "adb (USB)";
const CARD: &str = "card (USB)";
const NO_STORAGE: Storage = Storage {
    has_driver: false,
    disks: Vec::new(),
};
const MTP: &str = "mtp (USB)";
const PTP: &str = "ptp (USB)";
const THROUGH_SERVER: &str = "adb (through the adb server)";
/// adb's name for handsets that have no serial number.
const NO_SERIAL: &str = "(no serial number)";

impl Found {
    /// Returns the list, with notes that apply to all of it.
    pub fn of(seen: &Seen) -> Self {
        let devices: Vec<Device> = judge(seen).into_iter().map(|l| l.device).collect();
        let mut notes = Vec::new();
        if seen.usb.is_none() {
            notes.push(advice::NO_USB.to_owned());
        } else if devices.is_empty() {
            notes.push(advice::NOTHING_PLUGGED_IN.to_owned());
        }
        Self { devices, notes }
    }
}

/// Lists what could be a handset, in the order of the USB ports; handsets that only the adb server knows come last.
pub fn judge(seen: &Seen) -> Vec<Listed> {
    let handsets: Vec<(&UsbDevice, Kind)> = seen
        .usb
        .iter()
        .flatten()
        .filter_map(|device| Some((device, kind::of(device)?)))
        .collect();
    let served: Vec<&adb::Device> = seen
        .server
        .iter()
        .flatten()
        // A handset that was unplugged stays in the list for a moment.
        .filter(|device| !device.serial.is_empty() && device.state != "disconnected")
        .collect();
    let pairs = pair(&handsets, &served);
    let mut listed: Vec<Listed> = handsets
        .iter()
        .zip(&pairs)
        .map(|((device, kind), pair)| {
            let held = pair.and_then(|place| served.get(place).copied());
            on_usb(device, *kind, held, &served)
        })
        .collect();
    for (place, device) in served.iter().enumerate() {
        if !pairs.contains(&Some(place)) {
            listed.push(on_server(device, &served));
        }
    }
    name(&mut listed);
    listed
}

/// Matches each handset on USB with one in the server's list: by its place, or else by a serial number that is unique
/// on both sides.
fn pair(handsets: &[(&UsbDevice, Kind)], served: &[&adb::Device]) -> Vec<Option<usize>> {
    let mut pairs: Vec<Option<usize>> = handsets
        .iter()
        .map(|(device, _)| {
            let path = format!("usb:{}", device.path());
            served
                .iter()
                .position(|s| s.path.as_deref() == Some(path.as_str()))
        })
        .collect();
    let serial = |device: &UsbDevice| device.serial.as_deref().and_then(clean);
    for (place, (device, _)) in handsets.iter().enumerate() {
        let Some(wanted) = serial(device) else {
            continue;
        };
        let twins = handsets
            .iter()
            .filter(|(other, _)| serial(other).as_ref() == Some(&wanted));
        let mut same = served
            .iter()
            .enumerate()
            .filter(|(at, s)| s.serial == wanted && !pairs.contains(&Some(*at)));
        let (Some((at, _)), None, 1) = (same.next(), same.next(), twins.count()) else {
            continue;
        };
        if let Some(pair) = pairs.get_mut(place).filter(|pair| pair.is_none()) {
            *pair = Some(at);
        }
    }
    pairs
}

fn on_usb(
    device: &UsbDevice,
    kind: Kind,
    held: Option<&adb::Device>,
    served: &[&adb::Device],
) -> Listed {
    let make = make(device);
    let (mut state, mut text) = advice::of_kind(kind, &make);
    let (mut reach, mut files) = (None, None);
    match held {
        // A handset that the server may not open, or has detached, may still be open to this program.
        Some(held) if !held.state.starts_with("no permissions") && held.state != "detached" => {
            (state, text) = advice::of_server(&held.state);
            reach = Some(Reach::Server(target(held, served)));
        }
        _ if matches!(kind, Kind::Debugging | Kind::KaiOs) => {
            (state, text) = advice::of_access(&device.access);
            reach = place(device).map(Reach::Usb);
            if reach.is_none() && state == State::Ready {
                (state, text) = advice::of_access(&Access::Other(
                    "its debugging interface has no pair of bulk endpoints".into(),
                ));
            }
        }
        _ if kind == Kind::Card => {
            (state, text) = advice::of_storage(device.storage.as_ref().unwrap_or(&NO_STORAGE));
            if state == State::Ready {
                (state, text) = advice::of_card_access(&device.access);
            }
            reach = card_place(device).map(Reach::Card);
            if reach.is_none() && state == State::Ready {
                (state, text) = advice::of_card_access(&Access::Other(
                    "its storage interface has no pair of bulk endpoints".into(),
                ));
            }
        }
        _ => {
            files = media_place(device).map(Reach::Media);
            if let Some(approach) = advice::of_media(kind, &make, files.is_some(), &device.access) {
                (state, text) = approach;
                reach.clone_from(&files);
            }
        }
    }
    if kind == Kind::KaiOs && state == State::Ready {
        text = advice::KAIOS.to_owned();
    }
    let approaches = match reach.as_ref().or(files.as_ref()) {
        Some(Reach::Usb(_)) => vec![OVER_USB.to_owned()],
        Some(Reach::Card(_)) => vec![CARD.to_owned()],
        Some(Reach::Server(_)) => vec![THROUGH_SERVER.to_owned()],
        Some(Reach::Media(_)) => vec![called(device, kind).to_owned()],
        None => Vec::new(),
    };
    let files = files.filter(|_| device.access == Access::Ok);
    Listed {
        device: Device {
            id: String::new(),
            files_alone: files.is_some() && state != State::Ready,
            model: model(device, held, &make),
            make,
            serial: device.serial.as_deref().and_then(clean).unwrap_or_default(),
            approaches,
            state,
            advice: text,
        },
        reach: reach.filter(|_| state == State::Ready),
        files,
        path: Some(device.path()),
    }
}

fn on_server(device: &adb::Device, served: &[&adb::Device]) -> Listed {
    let (state, text) = advice::of_server(&device.state);
    let serial = clean(&device.serial).filter(|serial| serial != NO_SERIAL);
    Listed {
        device: Device {
            id: String::new(),
            make: String::new(),
            model: served_model(device).unwrap_or_default(),
            serial: serial.unwrap_or_default(),
            approaches: vec![THROUGH_SERVER.to_owned()],
            state,
            advice: text,
            files_alone: false,
        },
        reach: (state == State::Ready).then(|| Reach::Server(target(device, served))),
        files: None,
        path: device
            .path
            .as_deref()
            .and_then(|path| clean(path.strip_prefix("usb:")?)),
    }
}

/// Returns the name under which the server is asked for a handset: the serial number if it is unique and can be asked
/// for, else the place on USB, else the number that the server assigned.
fn target(device: &adb::Device, served: &[&adb::Device]) -> String {
    let alone = served.iter().filter(|s| s.serial == device.serial).count() == 1;
    if alone && device.has_plain_serial() {
        return device.serial.clone();
    }
    let number = || device.by_number();
    let place = device.path.clone().or_else(number);
    place.unwrap_or_else(|| device.serial.clone())
}

fn place(device: &UsbDevice) -> Option<UsbPlace> {
    of_interface(device, device.adb()?)
}

fn card_place(device: &UsbDevice) -> Option<UsbPlace> {
    let place = of_interface(device, device.disk()?)?;
    Some(UsbPlace {
        zero_packets: false,
        is_disk: true,
        ..place
    })
}

fn media_place(device: &UsbDevice) -> Option<UsbPlace> {
    let place = of_interface(device, device.media()?)?;
    Some(UsbPlace {
        // MTP commands never fill a packet, so they need no zero-length packet.
        zero_packets: false,
        ..place
    })
}

/// Returns the name of the approach to a media device: cameras and iPhones speak PTP, unless they say MTP.
fn called(device: &UsbDevice, kind: Kind) -> &'static str {
    let says_mtp = device.media().is_some_and(UsbInterface::is_called_mtp);
    match matches!(kind, Kind::IPhone | Kind::Camera) && !says_mtp {
        true => PTP,
        false => MTP,
    }
}

fn of_interface(device: &UsbDevice, interface: &UsbInterface) -> Option<UsbPlace> {
    Some(UsbPlace {
        bus: device.bus,
        ports: device.ports.clone(),
        address: device.address,
        interface: interface.number,
        alternate: interface.alternate,
        bulk_in: interface.bulk_in?,
        bulk_out: interface.bulk_out?,
        zero_packets: true,
        is_disk: false,
    })
}

/// Gives each handset a unique ID: its serial number if no other handset has the same, the serial number with the place
/// on USB if another handset has it too, and the place alone if there is no serial number.
fn name(listed: &mut [Listed]) {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for one in listed.iter() {
        *counts.entry(one.device.serial.clone()).or_default() += 1;
    }
    let mut taken: HashMap<String, usize> = HashMap::new();
    for one in listed {
        let serial = &one.device.serial;
        let unique = counts.get(serial) == Some(&1);
        let id = match (&one.path, serial.is_empty(), unique) {
            (_, false, true) => serial.clone(),
            (Some(path), false, false) => format!("{serial}@{path}"),
            (Some(path), true, _) => format!("usb:{path}"),
            (None, false, false) => serial.clone(),
            (None, true, _) => "unnamed".to_owned(),
        };
        // A serial number may look like the place of another handset.
        let mut free = id.clone();
        while taken.contains_key(&free) {
            let again = taken.entry(id.clone()).or_default();
            *again += 1;
            free = format!("{id}#{again}");
        }
        taken.insert(free.clone(), 1);
        one.device.id = free;
    }
}

/// Returns how to reach the handset with this ID, and its place on USB. An ID stays valid if another handset with the
/// same serial number was plugged in or unplugged since the list was made.
///
/// # Errors
/// If the handset is not in the list, or can't be read in its current state: why, and what to do.
pub fn choose(listed: Vec<Listed>, id: &str) -> Result<(Reach, Option<String>), OpenError> {
    let one = find(&listed, id)?;
    match &one.reach {
        Some(reach) => Ok((reach.clone(), one.path.clone())),
        None => Err(OpenError {
            what: format!("{} can't be read yet", one.device.name()),
            advice: one.device.advice.clone(),
        }),
    }
}

/// Returns how to reach only the files of the handset with this ID. A phone with debugging on is refused: on many
/// phones, file transfer would end debugging, which gives more.
///
/// # Errors
/// See [`choose`].
pub fn choose_files(listed: Vec<Listed>, id: &str) -> Result<Reach, OpenError> {
    let one = find(&listed, id)?;
    let refused = |why: &str, advice: &str| OpenError {
        what: format!("{} {why}", one.device.name()),
        advice: advice.to_owned(),
    };
    match (&one.files, &one.reach) {
        (Some(files), _) => Ok(files.clone()),
        (None, Some(_)) => Err(refused(
            "gives more than its files",
            "Leave --files out: everything is read then, its files too.",
        )),
        (None, None) => Err(refused("shows no files", &one.device.advice)),
    }
}

fn find<'a>(listed: &'a [Listed], id: &str) -> Result<&'a Listed, OpenError> {
    let known = |one: &&Listed| one.device.id == id;
    let by_place = |one: &&Listed| {
        one.path.as_ref().is_some_and(|path| {
            let serial = &one.device.serial;
            (!serial.is_empty() && id == format!("{serial}@{path}")) || id == format!("usb:{path}")
        })
    };
    let mut same_serial = listed.iter().filter(|one| one.device.serial == id);
    let only = same_serial.next();
    if only.is_some() && same_serial.next().is_some() && !listed.iter().any(|one| known(&one)) {
        return Err(OpenError {
            what: format!("several phones have the serial number {id}"),
            advice: "Name one as `lifeboat devices` lists it, or unplug the others.".into(),
        });
    }
    let one = listed.iter().find(known);
    let one = one.or_else(|| listed.iter().find(by_place)).or(only);
    one.filter(|_| !id.is_empty()).ok_or_else(|| OpenError {
        what: format!("no phone is seen under the name {id:?}"),
        advice: "Plug it in and unlock it; `lifeboat devices` lists what is seen.".into(),
    })
}

fn make(device: &UsbDevice) -> String {
    let vendor = vendors::of(device.vendor_id);
    let said = device
        .manufacturer
        .as_deref()
        .and_then(clean)
        .filter(|name| !name.eq_ignore_ascii_case("android") && !name.starts_with("Linux "));
    match vendor {
        // Google's number and those of chip makers are on phones of many makers.
        Some(vendor) if vendor.id != 0x18d1 && vendor.makes != Makes::Chips => {
            vendor.name.to_owned()
        }
        Some(vendor) => said.unwrap_or_else(|| vendor.name.to_owned()),
        None if device.vendor_id == kind::APPLE => "Apple".to_owned(),
        None => said.unwrap_or_default(),
    }
}

fn model(device: &UsbDevice, held: Option<&adb::Device>, make: &str) -> String {
    // adb replaces every character except letters and digits with `_`, so the device's own text is more exact.
    let same = |said: &str| {
        let as_adb = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        let said: String = said.chars().map(as_adb).collect();
        held.and_then(|held| held.model.as_deref()) == Some(&said)
    };
    if let Some(product) = device
        .product
        .as_deref()
        .and_then(clean)
        .filter(|p| same(p))
    {
        return product;
    }
    if let Some(model) = held.and_then(served_model) {
        return model;
    }
    // Product names that say nothing about the phone.
    const SAYS_NOTHING: [&str; 7] = [
        "android",
        "samsung_android",
        "samsung usb",
        "mtp",
        "adb",
        "phone",
        "mobile device",
    ];
    let Some(product) = device.product.as_deref().and_then(clean) else {
        return String::new();
    };
    // Qualcomm's own boards append a serial number: `SDM660-MTP _SN:09C6BCA7`.
    let product = product.split(" _SN:").next().unwrap_or_default().trim();
    if SAYS_NOTHING.contains(&product.to_ascii_lowercase().as_str()) {
        return String::new();
    }
    match product.get(..make.len()) {
        Some(head) if head.eq_ignore_ascii_case(make) && !make.is_empty() => product
            .get(make.len()..)
            .filter(|rest| rest.starts_with([' ', '_', '-']))
            .map(|rest| rest.trim_start_matches([' ', '_', '-']))
            .filter(|rest| !rest.is_empty())
            .unwrap_or(product)
            .to_owned(),
        _ => product.to_owned(),
    }
}

fn served_model(device: &adb::Device) -> Option<String> {
    let name = device.model.as_ref().or(device.product.as_ref())?;
    clean(&name.replace('_', " "))
}
