//! The connected devices for a bug report, with serial numbers and names given by people replaced.

use serde::{Deserialize, Serialize};

use super::about_here;
use super::replacer::Replacer;
use super::rules::Rules;
use crate::handset::find::Seen;
use crate::handset::find::usb::{Access, Storage, SystemDisk, UsbDevice, UsbInterface};
use crate::phrase;
use crate::protocol::adb;

/// The devices that were seen, and the program that saw them. Can also be parsed as [`Seen`] alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dump {
    /// Lifeboat's version and features, and the computer's system.
    #[serde(default)]
    pub lifeboat: Vec<String>,
    #[serde(flatten)]
    pub seen: Seen,
}

/// Placeholders of the ADB server for devices without a serial number.
const NO_SERIALS: [&str; 2] = [phrase("(no serial number)"), "????????????"];

/// Returns the devices without personal data. Lifeboat's messages about each device stay the same.
pub fn dump(seen: &Seen, replacer: Replacer) -> Dump {
    let rules = Rules {
        replacer,
        own: Vec::new(),
    };
    Dump {
        lifeboat: about_here(),
        seen: Seen {
            usb: seen
                .usb
                .as_ref()
                .map(|all| all.iter().map(|device| usb(device, &rules)).collect()),
            server: seen
                .server
                .as_ref()
                .map(|all| all.iter().map(|device| server(device, &rules)).collect()),
            folders: Vec::new(),
        },
    }
}

fn usb(device: &UsbDevice, rules: &Rules) -> UsbDevice {
    let UsbDevice {
        bus,
        ports,
        address,
        vendor_id,
        product_id,
        class,
        interfaces,
        manufacturer,
        product,
        serial,
        access,
        storage,
    } = device;
    UsbDevice {
        bus: *bus,
        ports: ports.clone(),
        address: *address,
        vendor_id: *vendor_id,
        product_id: *product_id,
        class: *class,
        interfaces: interfaces
            .iter()
            .map(|interface| UsbInterface {
                name: interface.name.as_deref().map(|name| make(name, rules)),
                ..interface.clone()
            })
            .collect(),
        manufacturer: manufacturer.as_deref().map(|text| make(text, rules)),
        product: product.as_deref().map(|text| make(text, rules)),
        serial: serial.as_deref().map(|text| serial_of(text, rules)),
        access: match access {
            Access::Busy { by } => Access::Busy {
                by: by.iter().map(|program| holder(program, rules)).collect(),
            },
            Access::Other(why) => Access::Other(rules.sentence(why)),
            access @ (Access::Ok | Access::NoPermission | Access::SystemDriver | Access::Gone) => {
                access.clone()
            }
        },
        storage: storage.as_ref().map(|storage| {
            let Storage { has_driver, disks } = storage;
            Storage {
                has_driver: *has_driver,
                disks: disks.iter().map(|disk| system_disk(disk, rules)).collect(),
            }
        }),
    }
}

fn system_disk(disk: &SystemDisk, rules: &Rules) -> SystemDisk {
    let SystemDisk {
        kind,
        is_removable,
        size,
        used_as,
    } = disk;
    SystemDisk {
        kind: *kind,
        is_removable: *is_removable,
        size: *size,
        used_as: used_as.iter().map(|place| rules.path(place)).collect(),
    }
}

fn server(device: &adb::Device, rules: &Rules) -> adb::Device {
    let adb::Device {
        serial,
        state,
        path,
        product,
        model,
        device: code,
        transport_id,
    } = device;
    let text = |text: &Option<String>| text.as_deref().map(|text| make(text, rules));
    adb::Device {
        serial: serial_of(serial, rules),
        state: state.clone(),
        path: path.clone(),
        product: text(product),
        model: text(model),
        device: text(code),
        transport_id: *transport_id,
    }
}

/// Keeps make and model, but replaces a name given by a person, since it says whose phone it is.
fn make(text: &str, rules: &Rules) -> String {
    match text.contains(['\'', '’', '@']) {
        true => rules.replacer.text(text),
        false => text.to_owned(),
    }
}

fn serial_of(text: &str, rules: &Rules) -> String {
    match NO_SERIALS.contains(&text) {
        true => text.to_owned(),
        false => rules.replacer.text(text),
    }
}

/// Keeps `adb (process 4711)`: the programs that hold phones are known.
fn holder(program: &str, rules: &Rules) -> String {
    let name = program.split(' ').next().unwrap_or(program);
    let known = [
        "adb",
        "gvfsd-mtp",
        "gvfsd-gphoto2",
        "gvfs-mtp-volume-monitor",
        "gvfs-gphoto2-volume-monitor",
        "kiod5",
        "kiod6",
        "mtp-server",
        "jmtpfs",
        "simple-mtpfs",
        "go-mtpfs",
        "scrcpy",
        "fastboot",
        "usbmuxd",
        "ModemManager",
        "fwupd",
    ];
    match known.contains(&name) {
        true => program.to_owned(),
        false => rules.sentence(program),
    }
}
