//! USB devices as Linux lists them in `/sys/bus/usb/devices` (kernel: Documentation/ABI/stable/sysfs-bus-usb and
//! testing/sysfs-bus-usb): what each device reported when it was plugged in. No device is accessed.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use rustix::fs::{Access as Wanted, access};

use super::{Access, Endpoint, UsbDevice, UsbInterface, clean};
use crate::phrase;

mod disks;

/// More than any computer has.
const MAX_DEVICES: usize = 512;
/// bNumInterfaces can be up to 255; phones have about a dozen.
const MAX_INTERFACES: usize = 64;
const MAX_ATTRIBUTE: u64 = 1024;
const MAX_PROCESSES: usize = 65_536;
const MAX_OPEN_FILES: usize = 65_536;

/// Lists the devices under `devices` (`/sys/bus/usb/devices`), without root hubs. `nodes` (`/dev/bus/usb`) shows
/// whether they may be opened, `processes` (`/proc`) which programs have them open.
///
/// # Errors
/// If `devices` can't be listed: this computer has no USB.
pub fn scan(devices: &Path, nodes: &Path, processes: &Path) -> io::Result<Vec<UsbDevice>> {
    let mut names: Vec<String> = fs::read_dir(devices)?
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .take(MAX_DEVICES * 8)
        .collect();
    names.sort();
    let found = names
        .iter()
        .filter(|name| !name.contains(':'))
        .filter_map(|name| {
            let mine = format!("{name}:");
            let interfaces = names.iter().filter(|n| n.starts_with(&mine));
            device(devices, name, interfaces, nodes, processes)
        })
        .take(MAX_DEVICES)
        .collect();
    Ok(found)
}

fn device<'a>(
    devices: &Path,
    name: &str,
    interfaces: impl Iterator<Item = &'a String>,
    nodes: &Path,
    processes: &Path,
) -> Option<UsbDevice> {
    // Root hubs are called `usb1`.
    let (bus, ports) = name.split_once('-')?;
    let place = devices.join(name);
    let (mut claimed, mut storage) = (Vec::new(), None);
    let interfaces = interfaces
        .take(MAX_INTERFACES)
        .filter_map(|name| {
            let place = devices.join(name);
            let interface = interface(&place)?;
            let driver = fs::read_link(place.join("driver")).ok();
            if driver.is_some_and(|driver| driver.ends_with("usbfs")) {
                claimed.push(interface.number);
            }
            if interface.triple() == (0x08, 0x06, 0x50) && storage.is_none() {
                storage = Some(disks::behind(&place, processes));
            }
            Some(interface)
        })
        .collect();
    let mut device = UsbDevice {
        bus: bus.parse().ok()?,
        ports: ports
            .split('.')
            .map(|port| port.parse().ok())
            .collect::<Option<_>>()?,
        address: number(&place, "devnum", 10)?,
        vendor_id: wide(&place, "idVendor")?,
        product_id: wide(&place, "idProduct")?,
        class: number(&place, "bDeviceClass", 16)?,
        interfaces,
        manufacturer: text(&place, "manufacturer"),
        product: text(&place, "product"),
        serial: text(&place, "serial"),
        access: Access::Ok,
        storage: None,
    };
    device.storage = storage;
    let node = nodes.join(format!("{:03}/{:03}", device.bus, device.address));
    device.access = match access(&node, Wanted::READ_OK | Wanted::WRITE_OK) {
        Ok(()) => Access::Ok,
        Err(rustix::io::Errno::ACCESS | rustix::io::Errno::PERM) => Access::NoPermission,
        Err(rustix::io::Errno::NOENT) => Access::Gone,
        Err(error) => Access::Other(error.to_string()),
    };
    let ours = [device.adb(), device.media(), device.disk()];
    let ours = ours.map(|interface| interface.map(|i| i.number));
    if ours.iter().flatten().any(|number| claimed.contains(number)) {
        let (ours, by) = holders(processes, &node);
        if !ours || !by.is_empty() {
            device.access = Access::Busy { by };
        }
    }
    Some(device)
}

fn interface(place: &Path) -> Option<UsbInterface> {
    let mut interface = UsbInterface {
        number: number(place, "bInterfaceNumber", 16)?,
        alternate: number(place, "bAlternateSetting", 10)?,
        class: number(place, "bInterfaceClass", 16)?,
        subclass: number(place, "bInterfaceSubClass", 16)?,
        protocol: number(place, "bInterfaceProtocol", 16)?,
        name: text(place, "interface"),
        bulk_in: None,
        bulk_out: None,
    };
    let mut endpoints: Vec<_> = fs::read_dir(place)
        .ok()?
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("ep_"))
        .take(32)
        .map(|entry| entry.path())
        .collect();
    endpoints.sort();
    for place in endpoints {
        let Some(endpoint) = endpoint(&place) else {
            continue;
        };
        let of = if endpoint.address & 0x80 == 0 {
            &mut interface.bulk_out
        } else {
            &mut interface.bulk_in
        };
        of.get_or_insert(endpoint);
    }
    Some(interface)
}

/// Reads an endpoint; `None` unless it is a bulk endpoint.
fn endpoint(place: &Path) -> Option<Endpoint> {
    // The lowest two bits of bmAttributes are the kind of transfer: 2 is bulk.
    if number(place, "bmAttributes", 16)? & 0b11 != 2 {
        return None;
    }
    Some(Endpoint {
        address: number(place, "bEndpointAddress", 16)?,
        // The higher bits count transactions, which bulk endpoints don't have.
        packet: wide(place, "wMaxPacketSize")? & 0x07ff,
    })
}

/// Returns whether this program has a device open, and which other programs have, as far as this user may see.
fn holders(processes: &Path, node: &Path) -> (bool, Vec<String>) {
    let (mut ours, mut others) = (false, Vec::new());
    let Ok(entries) = fs::read_dir(processes) else {
        return (ours, others);
    };
    for entry in entries.flatten().take(MAX_PROCESSES) {
        let Some(id) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<u32>().ok())
        else {
            continue;
        };
        let Ok(files) = fs::read_dir(entry.path().join("fd")) else {
            continue;
        };
        let holds = files
            .flatten()
            .take(MAX_OPEN_FILES)
            .any(|file| fs::read_link(file.path()).is_ok_and(|to| to == node));
        if !holds {
            continue;
        }
        if id == std::process::id() {
            ours = true;
        } else if others.len() < 8 {
            let name = text(&entry.path(), "comm").unwrap_or_else(|| phrase("a program").into());
            others.push(phrase!("{name} (process {id})"));
        }
    }
    others.sort();
    (ours, others)
}

fn text(place: &Path, name: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let file = File::open(place.join(name)).ok()?;
    file.take(MAX_ATTRIBUTE).read_to_end(&mut bytes).ok()?;
    clean(&String::from_utf8_lossy(&bytes))
}

fn number(place: &Path, name: &str, radix: u32) -> Option<u8> {
    u8::from_str_radix(&text(place, name)?, radix).ok()
}

fn wide(place: &Path, name: &str) -> Option<u16> {
    u16::from_str_radix(&text(place, name)?, 16).ok()
}
