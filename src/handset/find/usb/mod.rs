//! What is plugged into USB, as plain data. Where the system tells it, no device is touched for it.

mod libusb;
#[cfg(target_os = "linux")]
mod sysfs;

use serde::{Deserialize, Serialize};

pub use crate::link::usb::{Endpoint, UsbError};
#[cfg(target_os = "linux")]
pub use sysfs::scan as scan_sysfs;

/// A device on USB.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UsbDevice {
    pub bus: u8,
    /// The ports from the root hub to it: the same while it is plugged into the same socket.
    pub ports: Vec<u8>,
    /// Another one each time it is plugged in.
    pub address: u8,
    #[serde(with = "hexadecimal")]
    pub vendor_id: u16,
    #[serde(with = "hexadecimal")]
    pub product_id: u16,
    pub class: u8,
    /// Those of the configuration that is in use.
    pub interfaces: Vec<UsbInterface>,
    pub manufacturer: Option<String>,
    pub product: Option<String>,
    pub serial: Option<String>,
    pub access: Access,
    /// Its disks, where it has any and the system tells of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage: Option<Storage>,
}

/// What the system knows of the disks behind an interface for storage.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Storage {
    /// The system's own driver has the interface.
    pub has_driver: bool,
    /// Those that the driver has seen so far.
    pub disks: Vec<SystemDisk>,
}

/// A disk as the system has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SystemDisk {
    /// SCSI's type of the device: 0 a disk, 5 a CD-ROM.
    pub kind: u8,
    /// Its medium can be taken out, as it says itself.
    pub is_removable: bool,
    /// In bytes; 0: there is no medium.
    pub size: u64,
    /// Where volumes of it are mounted, and what else of the system holds it.
    pub used_as: Vec<String>,
}

/// An interface of a device in its current setting.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UsbInterface {
    pub number: u8,
    pub alternate: u8,
    pub class: u8,
    pub subclass: u8,
    pub protocol: u8,
    /// What the device calls it, such as `MTP`.
    pub name: Option<String>,
    /// The first bulk endpoint of each direction.
    pub bulk_in: Option<Endpoint>,
    pub bulk_out: Option<Endpoint>,
}

/// Whether this program could open a device and use its debugging interface, else the one for files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    #[default]
    Ok,
    NoPermission,
    /// Another program uses the interface.
    Busy {
        /// Programs that have the device open, as far as the system tells.
        by: Vec<String>,
    },
    /// Windows' own driver has it, which lets no other program in.
    SystemDriver,
    /// It went away while it was looked at.
    Gone,
    /// Why not, in words.
    Other(String),
}

impl UsbDevice {
    /// Bus and ports as Linux and adb write them, `1-4.2`; with the address where the ports aren't told.
    pub fn path(&self) -> String {
        if self.ports.is_empty() {
            return format!("{}-a{}", self.bus, self.address);
        }
        let ports: Vec<String> = self.ports.iter().map(u8::to_string).collect();
        format!("{}-{}", self.bus, ports.join("."))
    }

    /// Its debugging interface (AOSP `packages/modules/adb`, adb.h, `is_adb_interface`): vendor class, or that of
    /// a debugging device on USB 3.
    pub fn adb(&self) -> Option<&UsbInterface> {
        self.interfaces
            .iter()
            .find(|interface| matches!(interface.triple(), (0xff, 0x42, 0x01) | (0xdc, 0x02, 0x01)))
    }

    /// Its interface for pictures and files, MTP or PTP: the class of still cameras, or, as Android's was before it took
    /// that, one of the maker's own that is called MTP.
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
    /// Its interface for storage, if it is one that is spoken to in SCSI over the Bulk-Only Transport.
    pub fn disk(&self) -> Option<&UsbInterface> {
        let mut all = self.interfaces.iter();
        all.find(|interface| interface.triple() == (0x08, 0x06, 0x50))
    }
}

impl UsbInterface {
    /// Class, subclass and protocol.
    pub fn triple(&self) -> (u8, u8, u8) {
        (self.class, self.subclass, self.protocol)
    }

    /// The device calls it so.
    pub fn is_called_mtp(&self) -> bool {
        let called = |name: &str| name.to_ascii_uppercase().contains("MTP");
        self.name.as_deref().is_some_and(called)
    }
}

/// Lists what is plugged in. May take a moment where devices have to be asked for their names.
///
/// # Errors
/// [`UsbError::NoUsb`] where there is no USB, or why libusb can't list it.
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

/// The longest text that is taken from a device: a USB string has at most 126 characters.
const MAX_TEXT: usize = 126;

/// Text from a device, bounded, without control characters and those that turn the direction of writing; `None`
/// where nothing is left.
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

/// USB's numbers are written `"04e8"` everywhere.
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
