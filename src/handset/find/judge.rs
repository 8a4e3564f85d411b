//! Decides from what was seen which handsets can be read. No I/O: real devices, practice handsets and recordings are
//! judged by the same code.

use std::collections::HashMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::look::{self, Look};
use super::usb::{UsbDevice, UsbInterface, clean};
use super::vendors::{self, VendorKind};
use super::{Device, Found, Kind, OpenError, advice};
use crate::coach::Situation;
use crate::handset::family::{Approach, FAMILIES};
use crate::phrase;
use crate::protocol::adb;

/// Everything that was seen on a computer. A technician's recording of it serves as a bug report and as a test.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// `None` if there is no USB.
    pub usb: Option<Vec<UsbDevice>>,
    /// The devices that an adb server on this computer lists; `None` if no server runs.
    #[serde(default)]
    pub server: Option<Vec<adb::Device>>,
    /// The folders on this computer that hold a handset's data. No recording has them: they are the user's own.
    #[serde(skip)]
    pub folders: Vec<SeenFolder>,
}

/// A folder on this computer that holds a handset's data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeenFolder {
    /// The name of the family that reads it.
    pub family: &'static str,
    pub path: PathBuf,
    /// The name for people.
    pub make: String,
    pub model: String,
    /// The value of `--device`, the same each time.
    pub id: String,
}

impl Seen {
    /// The handsets that the adb server holds.
    pub fn served(&self) -> impl Iterator<Item = &adb::Device> {
        let all = self.server.iter().flatten();
        // A handset that was unplugged stays in the list for a moment.
        all.filter(|device| !device.serial.is_empty() && device.state != "disconnected")
    }
}

/// A device that could be a handset, as the families see it.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    /// The device on USB, and what it looks like; `None` if only the adb server knows it.
    pub usb: Option<(&'a UsbDevice, Look)>,
    /// The same device in the adb server's list.
    pub held: Option<&'a adb::Device>,
    /// No device, but a folder on this computer.
    pub folder: Option<&'a SeenFolder>,
    pub make: String,
    pub seen: &'a Seen,
}

impl Candidate<'_> {
    /// Returns the approaches of all families, best first.
    fn approaches(&self) -> Vec<Approach> {
        FAMILIES
            .iter()
            .flat_map(|one| one.approaches(self))
            .collect()
    }
}

/// A handset in the list, and the ways to read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub device: Device,
    /// Best first.
    pub approaches: Vec<Approach>,
    /// Its place on USB, such as `1-4.2`; `None` if only the adb server knows the handset.
    pub path: Option<String>,
}

/// adb's name for handsets that have no serial number.
const NO_SERIAL: &str = phrase("(no serial number)");

impl Found {
    /// Returns the list, with notes that apply to all of it.
    pub fn of(seen: &Seen) -> Self {
        let devices: Vec<Device> = judge(seen).into_iter().map(|l| l.device).collect();
        let mut notes = Vec::new();
        if seen.usb.is_none() {
            notes.push(advice::NO_USB.to_owned());
        } else if devices.len() == seen.folders.len() {
            notes.push(advice::nothing_plugged_in());
        }
        Self { devices, notes }
    }
}

/// Lists what could be a handset, in the order of the USB ports; then handsets that only the adb server knows, and folders
/// on this computer.
pub fn judge(seen: &Seen) -> Vec<Listed> {
    let handsets: Vec<Candidate<'_>> = seen
        .usb
        .iter()
        .flatten()
        .filter_map(|device| candidate(device, seen))
        .collect();
    let served: Vec<&adb::Device> = seen.served().collect();
    let devices: Vec<&UsbDevice> = handsets.iter().filter_map(|one| Some(one.usb?.0)).collect();
    let pairs = pair(&devices, &served);
    let on_usb = handsets.into_iter().zip(&pairs).map(|(handset, pair)| {
        let held = pair.and_then(|place| served.get(place).copied());
        Candidate { held, ..handset }
    });
    let alone = served.iter().enumerate();
    let alone = alone.filter(|(place, _)| !pairs.contains(&Some(*place)));
    let alone = alone.map(|(_, device)| Candidate {
        usb: None,
        held: Some(device),
        folder: None,
        make: String::new(),
        seen,
    });
    let folders = seen.folders.iter().map(|folder| Candidate {
        usb: None,
        held: None,
        folder: Some(folder),
        make: folder.make.clone(),
        seen,
    });
    let all = on_usb.chain(alone).chain(folders);
    let mut listed: Vec<Listed> = all.map(|one| listed(&one)).collect();
    name(&mut listed);
    listed
}

/// Returns a device for the families; `None` if it is a handset of none of them.
fn candidate<'a>(device: &'a UsbDevice, seen: &'a Seen) -> Option<Candidate<'a>> {
    let candidate = Candidate {
        usb: Some((device, look::of(device)?)),
        held: None,
        folder: None,
        make: make(device),
        seen,
    };
    (!candidate.approaches().is_empty()).then_some(candidate)
}

/// True if a device's names could change what it looks like. Called before the names are known.
pub fn needs_names(device: &UsbDevice) -> bool {
    let is_telling = |i: &UsbInterface| {
        i.triple() == (0x06, 0x01, 0x01) || i.class == 0xff || look::is_network(i.triple())
    };
    let is_disc = device.disk().is_some() && vendors::of(device.vendor_id).is_some();
    device.class != look::HUB
        && (device.interfaces.iter().any(is_telling)
            || is_disc
            || candidate(device, &Seen::default()).is_some())
}

/// Matches each handset on USB with one in the server's list: by its place, or else by a serial number that is unique
/// on both sides.
fn pair(handsets: &[&UsbDevice], served: &[&adb::Device]) -> Vec<Option<usize>> {
    let mut pairs: Vec<Option<usize>> = handsets
        .iter()
        .map(|device| {
            let path = format!("usb:{}", device.path());
            served
                .iter()
                .position(|s| s.path.as_deref() == Some(path.as_str()))
        })
        .collect();
    let serial = |device: &UsbDevice| device.serial.as_deref().and_then(clean);
    for (place, device) in handsets.iter().enumerate() {
        let Some(wanted) = serial(device) else {
            continue;
        };
        let twins = handsets
            .iter()
            .filter(|other| serial(other).as_ref() == Some(&wanted));
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

/// Describes a device to the user, by the first of its approaches. The other approaches are used if the first is not
/// required.
fn listed(candidate: &Candidate<'_>) -> Listed {
    let approaches = candidate.approaches();
    let first = approaches.first().cloned().unwrap_or_default();
    let rest = approaches.get(1..).unwrap_or_default();
    let rest = if first.is_needed { &[] } else { rest };
    let is_ready = first.ready().is_some();
    let instead = rest.iter().filter(|_| !is_ready);
    let situations: Vec<Situation> = std::iter::once(&first)
        .chain(instead)
        .map(|one| one.advice.clone())
        .filter(|one| !one.is_none())
        .collect();
    let advice: Vec<String> = situations
        .iter()
        .map(|one| one.paragraph(&candidate.make))
        .collect();
    let mut families = FAMILIES.iter();
    let has_owner = candidate.folder.is_none()
        && families.any(|one| one.name() == first.family && one.has_owner());
    let mut offered = std::iter::once(&first)
        .chain(rest)
        .filter(|one| one.place.is_some());
    let Candidate {
        usb,
        held,
        folder,
        ref make,
        ..
    } = *candidate;
    let (serial, model, path) = match (usb, held) {
        (None, None) => {
            let folder = folder.cloned().unwrap_or_default();
            (clean(&folder.id), folder.model, None)
        }
        (Some((usb, _)), held) => {
            let serial = usb.serial.as_deref().and_then(clean);
            (serial, model(usb, held, make), Some(usb.path()))
        }
        (None, held) => {
            let path = held.and_then(|held| held.path.as_deref()?.strip_prefix("usb:"));
            let serial = held.and_then(|held| clean(&held.serial));
            let serial = serial.filter(|serial| serial != NO_SERIAL);
            let model = held.and_then(served_model).unwrap_or_default();
            (serial, model, path.and_then(clean))
        }
    };
    Listed {
        device: Device {
            id: String::new(),
            make: make.clone(),
            model,
            serial: serial.unwrap_or_default(),
            place: path.clone().unwrap_or_default(),
            // The one that a rescue begins with.
            approaches: offered
                .next()
                .map(|one| one.name.to_owned())
                .into_iter()
                .collect(),
            state: first.state,
            advice: advice.join(" "),
            files_alone: !is_ready && files_of(rest).is_some(),
            situations,
            has_owner,
            gives_files_alone: is_ready && first.gives_files_alone(),
            kind: match usb.map(|(_, look)| look) {
                Some(Look::Card) => Kind::Card,
                Some(Look::Camera) => Kind::Camera,
                Some(Look::Gadget) => Kind::Other,
                Some(
                    Look::Debugging
                    | Look::Recovery
                    | Look::Bootloader
                    | Look::Loader(_)
                    | Look::SamsungDownload
                    | Look::Phone
                    | Look::Tethering
                    | Look::ChargingOnly
                    | Look::Apple
                    | Look::WindowsPhone
                    | Look::FeaturePhone,
                ) => Kind::Phone,
                None if folder.is_some() => Kind::Backup,
                None => Kind::Phone,
            },
            is_backup: folder.is_some(),
        },
        approaches,
        path,
    }
}

/// Returns the approach that gives files alone, if one is ready.
fn files_of(approaches: &[Approach]) -> Option<&Approach> {
    let mut all = approaches.iter();
    all.find(|one| one.ready().is_some() && one.gives_files_alone())
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

/// Returns the approaches by which the handset with this ID can be read now, best first, and its place on USB. An ID
/// stays valid if another handset with the same serial number was plugged in or unplugged since the list was made.
///
/// # Errors
/// If the handset is not in the list, or can't be read in its current state: why, and what to do.
pub fn choose(listed: Vec<Listed>, id: &str) -> Result<(Vec<Approach>, Option<String>), OpenError> {
    let one = find(&listed, id)?;
    if one.approaches.first().and_then(Approach::ready).is_none() {
        return Err(OpenError {
            may_pass: false,
            what: phrase!("{} can't be read yet", one.device.name()),
            advice: one.device.advice.clone(),
        });
    }
    let ready = one.approaches.iter().filter(|one| one.ready().is_some());
    Ok((ready.cloned().collect(), one.path.clone()))
}

/// Returns the approach to the files alone of the handset with this ID. A phone with debugging on is refused: on many
/// phones, file transfer would end debugging, which gives more.
///
/// # Errors
/// See [`choose`].
pub fn choose_files(listed: Vec<Listed>, id: &str) -> Result<Approach, OpenError> {
    let one = find(&listed, id)?;
    let refused = |why: &str, advice: &str| OpenError {
        may_pass: false,
        what: format!("{} {why}", one.device.name()),
        advice: advice.to_owned(),
    };
    let first = one.approaches.first();
    let is_ready = first.is_some_and(|first| first.ready().is_some());
    let files = files_of(&one.approaches).filter(|_| !first.is_some_and(|first| first.is_needed));
    match (files, is_ready) {
        (Some(files), _) => Ok(files.clone()),
        (None, true) => Err(refused(
            phrase("can be read completely, not only its files"),
            phrase("Leave out --files. Lifeboat then reads everything, including the files."),
        )),
        (None, false) => Err(refused(
            phrase("doesn't show its files"),
            &one.device.advice,
        )),
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
            may_pass: false,
            what: phrase!("several phones have the serial number {id}"),
            advice: phrase(
                "Choose one as it is listed by `lifeboat devices`, or unplug the others.",
            )
            .into(),
        });
    }
    let one = listed.iter().find(known);
    let one = one.or_else(|| listed.iter().find(by_place)).or(only);
    one.filter(|_| !id.is_empty()).ok_or_else(|| OpenError {
        may_pass: false,
        what: phrase!("no phone with the name {id:?} was found"),
        advice: phrase(
            "Plug the phone in and unlock it. `lifeboat devices` lists the phones that are found.",
        )
        .into(),
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
        Some(vendor) if vendor.id != 0x18d1 && vendor.makes != VendorKind::Chips => {
            vendor.name.to_owned()
        }
        Some(vendor) => said.unwrap_or_else(|| vendor.name.to_owned()),
        None if device.vendor_id == look::APPLE => "Apple".to_owned(),
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
