//! USB devices as plain data. If the system provides the data, no device is accessed.

mod libusb;
#[cfg(target_os = "linux")]
mod sysfs;

use serde::{Deserialize, Serialize};

use crate::link::usb::UsbPlace;
pub use crate::link::usb::{Endpoint, UsbError};
#[cfg(target_os = "linux")]
pub use sysfs::scan as scan_sysfs;

/// A device on USB.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UsbDevice {
    pub bus: u8,
    /// The ports from the root hub to the device: the same as long as it is plugged into the same socket.
    pub ports: Vec<u8>,
    /// A new number each time the device is plugged in.
    pub address: u8,
    #[serde(with = "hexadecimal")]
    pub vendor_id: u16,
    #[serde(with = "hexadecimal")]
    pub product_id: u16,
    pub class: u8,
    /// The interfaces of the active configuration.
    pub interfaces: Vec<UsbInterface>,
    pub manufacturer: Option<String>,
    pub product: Option<String>,
    pub serial: Option<String>,
    pub access: Access,
    /// Its disks, if it has any and the system lists them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage: Option<Storage>,
}

/// What the system knows of the disks behind a storage interface.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Storage {
    /// The system's own driver uses the interface.
    pub has_driver: bool,
    /// The disks that the driver has found so far.
    pub disks: Vec<SystemDisk>,
}

/// A disk as the system sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SystemDisk {
    /// SCSI peripheral device type: 0 is a disk, 5 a CD-ROM.
    pub kind: u8,
    /// The disk reports that its medium is removable.
    pub is_removable: bool,
    /// In bytes; 0 if there is no medium.
    pub size: u64,
    /// Where its volumes are mounted, and what else in the system uses it.
    pub used_as: Vec<String>,
}

/// An interface of a device, in its current alternate setting.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UsbInterface {
    pub number: u8,
    pub alternate: u8,
    pub class: u8,
    pub subclass: u8,
    pub protocol: u8,
    /// The name that the device reports for it, such as `MTP`.
    pub name: Option<String>,
    /// The first bulk endpoint in each direction.
    pub bulk_in: Option<Endpoint>,
    pub bulk_out: Option<Endpoint>,
}

/// Whether this program could open a device and use its debugging interface, or else its interface for files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    #[default]
    Ok,
    NoPermission,
    /// Another program uses the interface.
    Busy {
        /// Programs that have the device open, as far as the system shows.
        by: Vec<String>,
    },
    /// Windows' own driver has the device, and lets no other program use it.
    SystemDriver,
    /// The device was unplugged during the check.
    Gone,
    /// Another reason, in words.
    Other(String),
}

impl UsbDevice {
    /// Returns bus and ports as Linux and adb write them, such as `1-4.2`; bus and address if the ports are unknown.
    pub fn path(&self) -> String {
        if self.ports.is_empty() {
            return format!("{}-a{}", self.bus, self.address);
        }
        let ports: Vec<String> = self.ports.iter().map(u8::to_string).collect();
        format!("{}-{}", self.bus, ports.join("."))
    }

    /// Returns the debugging interface (AOSP `packages/modules/adb`, adb.h, `is_adb_interface`): the vendor class, or
    /// the class of a debugging device on USB 3.
    pub fn adb(&self) -> Option<&UsbInterface> {
        self.interfaces
            .iter()
            .find(|interface| matches!(interface.triple(), (0xff, 0x42, 0x01) | (0xdc, 0x02, 0x01)))
    }

    /// Returns the interface for pictures and files, MTP or PTP: the class of still cameras or, as on older Androids, a
    /// vendor-specific interface with MTP in its name.
    pub fn media(&self) -> Option<&UsbInterface> {
        let is_media = |interface: &&UsbInterface| match interface.triple() {
            (0x06, 0x01, 0x01) => true,
            (0xff, ..) => interface.is_called_mtp(),
            _ => false,
        };
        self.interfaces.iter().find(is_media)
    }
}

impl UsbDevice {
    /// Returns the storage interface, if it uses SCSI over the Bulk-Only Transport.
    pub fn disk(&self) -> Option<&UsbInterface> {
        let mut all = self.interfaces.iter();
        all.find(|interface| interface.triple() == (0x08, 0x06, 0x50))
    }

    /// Returns the place of one of its interfaces; `None` if the interface has no pair of bulk endpoints.
    pub fn place(&self, interface: &UsbInterface) -> Option<UsbPlace> {
        Some(UsbPlace {
            bus: self.bus,
            ports: self.ports.clone(),
            address: self.address,
            interface: interface.number,
            alternate: interface.alternate,
            bulk_in: interface.bulk_in?,
            bulk_out: interface.bulk_out?,
            zero_packets: true,
            is_disk: false,
        })
    }
}

impl UsbInterface {
    /// Returns class, subclass and protocol.
    pub fn triple(&self) -> (u8, u8, u8) {
        (self.class, self.subclass, self.protocol)
    }

    /// True if the device uses MTP in the interface's name.
    pub fn is_called_mtp(&self) -> bool {
        let called = |name: &str| name.to_ascii_uppercase().contains("MTP");
        self.name.as_deref().is_some_and(called)
    }
}

/// Lists what is plugged in. May take a moment if devices have to be asked for their names.
///
/// # Errors
/// [`UsbError::NoUsb`] if there is no USB, or the reason why libusb can't list the devices.
pub fn list() -> Result<Vec<UsbDevice>, UsbError> {
    #[cfg(target_os = "linux")]
    {
        use std::path::Path;
        let place = Path::new("/sys/bus/usb/devices");
        if let Ok(devices) = sysfs::scan(place, Path::new("/dev/bus/usb"), Path::new("/proc")) {
            return Ok(devices);
        }
    }
    libusb::list()
}

/// Maximum length of a text from a device: a USB string has at most 126 characters.
const MAX_TEXT: usize = 126;

/// Cleans a text from a device: limits its length, and removes control characters and characters that change the
/// writing direction. `None` if nothing is left.
pub fn clean(text: &str) -> Option<String> {
    let odd = |c: &char| {
        c.is_control()
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{fffd}')
    };
    let kept: String = text.chars().filter(|c| !odd(c)).take(MAX_TEXT).collect();
    let kept = kept.trim();
    (!kept.is_empty()).then(|| kept.to_owned())
}

/// Writes USB numbers in the usual notation, such as `"04e8"`.
mod hexadecimal {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(number: &u16, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{number:04x}"))
    }

    pub fn deserialize<'a, D: Deserializer<'a>>(deserializer: D) -> Result<u16, D::Error> {
        let text = String::deserialize(deserializer)?;
        u16::from_str_radix(&text, 16).map_err(D::Error::custom)
    }
}
