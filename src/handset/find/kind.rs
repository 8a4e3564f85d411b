//! What a device on USB is, by what it shows of itself. No I/O.

use super::usb::{SystemDisk, UsbDevice};
use super::vendors::{self, Makes};

/// What could be a handset, and how it shows itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Android with its debugging interface.
    Debugging,
    /// Android's recovery system, which has the same interface.
    Recovery,
    /// Android that transfers files or pictures, or shares its network, with debugging off.
    DebuggingOff,
    /// A phone maker's device that shows nothing that could be read.
    ChargingOnly,
    /// Fastboot, or a chip that waits for a new system.
    Bootloader,
    SamsungDownload,
    IPhone,
    /// A camera, or another device that transfers pictures and is no phone.
    Camera,
    WindowsPhone,
    /// A phone from before Android, or its modem.
    FeaturePhone,
    /// A memory card: in a reader, or in a phone that shows itself as a drive.
    Card,
}

/// Numbers of Samsung's download mode (Heimdall, BridgeManager.h). The same ones were used by some of its phones
/// in normal use too, which then show more than a modem.
const SAMSUNG_DOWNLOAD: [u16; 3] = [0x6601, 0x685d, 0x68c3];

/// Chips that wait for a new system: Qualcomm's emergency download, MediaTek's boot ROM and preloader.
const CHIP_LOADERS: [(u16, u16); 3] = [(0x05c6, 0x9008), (0x0e8d, 0x0003), (0x0e8d, 0x2000)];

/// What a device is; `None`: no handset.
pub fn of(device: &UsbDevice) -> Option<Kind> {
    if device.class == HUB {
        return None;
    }
    let makes = vendors::of(device.vendor_id).map(|vendor| vendor.makes);
    let has = |wanted: &dyn Fn((u8, u8, u8)) -> bool| {
        device
            .interfaces
            .iter()
            .any(|interface| wanted(interface.triple()))
    };
    if device.vendor_id == APPLE {
        return is_iphone(device).then_some(Kind::IPhone);
    }
    // Mobile network modules in laptops and sticks run Android's debugging daemon too: by their makers, or by the
    // network interface (MBIM) that no phone has.
    if makes == Some(Makes::Modems) || has(&|i| matches!(i, (0x02, 0x0e, _))) {
        return None;
    }
    let numbers = (device.vendor_id, device.product_id);
    if device.adb().is_some() {
        // AOSP's recovery uses this number whoever made the phone.
        return Some(match numbers {
            (GOOGLE, 0xd001) => Kind::Recovery,
            _ => Kind::Debugging,
        });
    }
    if has(&|i| i == (0xff, 0x42, 0x03)) || CHIP_LOADERS.contains(&numbers) {
        return Some(Kind::Bootloader);
    }
    let shows_pictures = has(&|i| i == (0x06, 0x01, 0x01)).then_some(Kind::Camera);
    if makes == Some(Makes::Cameras) {
        return shows_pictures.or_else(|| is_card(device).then_some(Kind::Card));
    }
    if transfers_files(device, makes) {
        return Some(match (device.vendor_id, makes) {
            (0x045e, _) => Kind::WindowsPhone,
            _ if called(device, "lumia") => Kind::WindowsPhone,
            (_, Some(Makes::FeaturePhones)) if !called(device, "android") => Kind::FeaturePhone,
            _ => Kind::DebuggingOff,
        });
    }
    if shows_pictures.is_some() {
        return shows_pictures;
    }
    if is_card(device) {
        return Some(Kind::Card);
    }
    let of_phone_maker = matches!(
        makes,
        Some(Makes::Phones | Makes::FeaturePhones | Makes::Chips)
    );
    let modem = has(&|i| matches!(i, (0x02, 0x02, _)));
    if device.vendor_id == SAMSUNG && SAMSUNG_DOWNLOAD.contains(&device.product_id) && modem {
        return Some(Kind::SamsungDownload);
    }
    // RNDIS: the phone shares its network over the cable.
    let shares_network = has(&|i| matches!(i, (0xe0, 0x01, 0x03) | (0xef, 0x04, 0x01)));
    if shares_network && (makes == Some(Makes::Phones) || is_google_phone(device)) {
        return Some(Kind::DebuggingOff);
    }
    // Wireless handset control and OBEX are for phones alone (USB CDC, Wireless Mobile Communications).
    if has(&|i| matches!(i, (0x02, 0x08 | 0x0b, _))) || (modem && of_phone_maker) {
        return Some(Kind::FeaturePhone);
    }
    let nothing_but_its_own = device.interfaces.iter().all(|i| i.class == 0xff)
        && matches!(device.class, 0x00 | 0xef | 0xff)
        && !is_samsung_printer(device);
    match makes {
        Some(Makes::FeaturePhones) if nothing_but_its_own => Some(Kind::FeaturePhone),
        Some(Makes::Phones) if nothing_but_its_own => Some(Kind::ChargingOnly),
        _ if nothing_but_its_own && is_google_phone(device) => Some(Kind::ChargingOnly),
        _ => None,
    }
}

/// True where a device's names could matter: a guess made before they are known.
pub fn is_worth_a_look(device: &UsbDevice) -> bool {
    let transfers = device
        .interfaces
        .iter()
        .any(|i| i.triple() == (0x06, 0x01, 0x01) || i.class == 0xff);
    device.class != HUB && (transfers || of(device).is_some())
}

/// A disk whose medium can be taken out, as cards in readers and phones say of themselves. A hard disk does not, nor does a
/// CD-ROM with a modem's driver; and a disk that this computer runs from is nobody's card.
fn is_card(device: &UsbDevice) -> bool {
    let (Some(storage), Some(_)) = (&device.storage, device.disk()) else {
        return false;
    };
    let disks = &storage.disks;
    let mut of_system = disks.iter().flat_map(|disk| &disk.used_as);
    let is_card = |disk: &SystemDisk| matches!(disk.kind, 0x00 | 0x0e) && disk.is_removable;
    !of_system.any(|place| SYSTEM.contains(&place.as_str()))
        && (disks.is_empty() || disks.iter().any(is_card))
}

/// Where what is mounted belongs to the system.
const SYSTEM: [&str; 8] = [
    "/",
    "/boot",
    "/boot/efi",
    "/efi",
    "/home",
    "/usr",
    "/var",
    "/nix",
];

const HUB: u8 = 0x09;
const APPLE: u16 = 0x05ac;
const GOOGLE: u16 = 0x18d1;
const SAMSUNG: u16 = 0x04e8;

/// MTP or PTP, of something that isn't a camera: by the name of the interface, or by the maker.
fn transfers_files(device: &UsbDevice, makes: Option<Makes>) -> bool {
    let known = matches!(
        makes,
        Some(Makes::Phones | Makes::FeaturePhones | Makes::Chips)
    );
    device.interfaces.iter().any(|interface| {
        let called_mtp = interface.is_called_mtp();
        match interface.triple() {
            (0x06, 0x01, 0x01) => {
                known || called_mtp || makes == Some(Makes::AlsoPhones) || called(device, "android")
            }
            // Android's MTP before it took the class of still cameras.
            (0xff, 0xff, 0x00) => called_mtp,
            (0xff, ..) => called_mtp && makes.is_some(),
            _ => false,
        }
    })
}

/// An iPhone or iPod touch: the multiplexer of its services, or its pictures (its configuration before it trusts a
/// computer). Keyboards, screens and adapters of the same maker have neither.
fn is_iphone(device: &UsbDevice) -> bool {
    (0x1290..=0x12af).contains(&device.product_id)
        && device
            .interfaces
            .iter()
            .any(|i| matches!(i.triple(), (0xff, 0xfe, 0x02) | (0x06, 0x01, 0x01)))
}

/// Google's number is also that of its keys, sticks and boards: of its phones by product number, from AOSP's
/// init.*.usb.rc, accessory mode among them.
fn is_google_phone(device: &UsbDevice) -> bool {
    device.vendor_id == GOOGLE && matches!(device.product_id, 0x4e00..=0x4eff | 0x2d00..=0x2d05)
}

fn is_samsung_printer(device: &UsbDevice) -> bool {
    device.vendor_id == SAMSUNG && (0x3000..=0x3fff).contains(&device.product_id)
}

/// Whether its names hold this word, which is in lower case.
fn called(device: &UsbDevice, word: &str) -> bool {
    [&device.product, &device.manufacturer]
        .into_iter()
        .flatten()
        .any(|name| name.to_ascii_lowercase().contains(word))
}
