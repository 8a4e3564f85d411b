//! Tells by its descriptors what a USB device looks like. No I/O.

use super::loaders::{self, Loader};
use super::usb::{SystemDisk, UsbDevice, UsbInterface};
use super::vendors::{self, VendorKind};

/// What a device looks like on USB. Which of these a family reads, and how, is said in the family's folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// It has Android's debugging interface.
    Debugging,
    /// Android's recovery system, which has the debugging interface too.
    Recovery,
    /// Fastboot.
    Bootloader,
    /// A phone that runs no operating system.
    Loader(Loader),
    SamsungDownload,
    /// A phone that transfers files or pictures, with debugging off.
    Phone,
    /// A phone that shares its network over the cable, and shows nothing else.
    Tethering,
    /// A phone maker's device that shows nothing readable, or only the maker's programs.
    ChargingOnly,
    /// A device of Apple's.
    Apple,
    /// A camera, or a device that transfers pictures and about which nothing more is known.
    Camera,
    /// A player, a watch, a console, a headset: a device that transfers files and is no phone.
    Gadget,
    WindowsPhone,
    /// A phone from before Android, or its modem.
    FeaturePhone,
    /// A memory card, in a reader or in a phone that appears as a drive.
    Card,
}

/// Product numbers of Samsung's download mode (Heimdall, BridgeManager.h). Some Samsung phones used the same numbers in
/// normal use; they then show more than a modem.
const SAMSUNG_DOWNLOAD: [u16; 3] = [0x6601, 0x685d, 0x68c3];

/// Returns what a device looks like; `None` if it is no handset.
pub fn of(device: &UsbDevice) -> Option<Look> {
    if device.class == HUB {
        return None;
    }
    if device.vendor_id == APPLE {
        return Some(Look::Apple);
    }
    let makes = vendors::of(device.vendor_id).map(|vendor| vendor.makes);
    let has = |wanted: &dyn Fn((u8, u8, u8)) -> bool| {
        device
            .interfaces
            .iter()
            .any(|interface| wanted(interface.triple()))
    };
    // Mobile network modules in laptops, sticks and hotspots also run Android's debugging daemon. They are known by
    // their makers, by their names, or by an MBIM network interface, which no phone has.
    if makes == Some(VendorKind::Modems)
        || is_modem_chip(device)
        || has(&|i| matches!(i, (2, 0x0e, _)))
    {
        return None;
    }
    if device.adb().is_some() {
        if is_hotspot(device) {
            return None;
        }
        // AOSP's recovery uses these numbers on phones of every maker.
        return Some(match (device.vendor_id, device.product_id) {
            (GOOGLE, 0xd001) => Look::Recovery,
            _ => Look::Debugging,
        });
    }
    if has(&|i| i == (0xff, 0x42, 0x03)) {
        return Some(Look::Bootloader);
    }
    if let Some(loader) = loaders::of(device) {
        return Some(Look::Loader(loader));
    }
    if let Some(kind) = classify_storage(device, makes) {
        return Some(kind);
    }
    let of_phone_maker = matches!(
        makes,
        Some(VendorKind::Phones | VendorKind::FeaturePhones | VendorKind::Chips)
    );
    let modem = has(&|i| matches!(i, (0x02, 0x02, _)));
    if device.vendor_id == SAMSUNG && SAMSUNG_DOWNLOAD.contains(&device.product_id) && modem {
        return Some(Look::SamsungDownload);
    }
    if shares_network(device, makes) {
        return Some(Look::Tethering);
    }
    if sends_sound_or_video(device, makes) {
        return Some(Look::Phone);
    }
    // Only phones have interfaces for wireless handset control and OBEX (USB CDC, Wireless Mobile Communications).
    if has(&|i| matches!(i, (0x02, 0x08 | 0x0b, _))) || (modem && of_phone_maker) {
        return Some(Look::FeaturePhone);
    }
    let nothing_but_its_own = device.interfaces.iter().all(|i| i.class == 0xff)
        && matches!(device.class, 0x00 | 0xef | 0xff)
        && !is_samsung_printer(device);
    match makes {
        Some(VendorKind::FeaturePhones) if nothing_but_its_own => Some(Look::FeaturePhone),
        Some(VendorKind::Phones) if nothing_but_its_own => Some(Look::ChargingOnly),
        _ if nothing_but_its_own && is_google_phone(device) => Some(Look::ChargingOnly),
        _ if shows_makers_disc(device, makes) => Some(Look::ChargingOnly),
        _ => None,
    }
}

/// Returns the look of a device that shows files, pictures or a disk.
fn classify_storage(device: &UsbDevice, makes: Option<VendorKind>) -> Option<Look> {
    let card = || is_card(device).then_some(Look::Card);
    let mut interfaces = device.interfaces.iter();
    let shows_pictures = interfaces.any(|i| i.triple() == (0x06, 0x01, 0x01));
    let is_gadget = matches!(makes, Some(VendorKind::Gadgets | VendorKind::Players));
    if is_gadget || is_called_player(device, makes) || is_kindle_reader(device) {
        let gadget = device.media().map(|_| Look::Gadget);
        return gadget.or_else(card);
    }
    let is_camera =
        makes == Some(VendorKind::Cameras) || (shows_pictures && called(device, CAMERAS));
    if is_camera {
        return shows_pictures.then_some(Look::Camera).or_else(card);
    }
    if transfers_files(device, makes) {
        return Some(match (device.vendor_id, makes) {
            (0x045e, _) => Look::WindowsPhone,
            _ if called(device, &["lumia"]) => Look::WindowsPhone,
            (_, Some(VendorKind::FeaturePhones)) if !called(device, ANDROIDS) => Look::FeaturePhone,
            _ => Look::Phone,
        });
    }
    shows_pictures.then_some(Look::Camera).or_else(card)
}

/// True for a disk with a removable medium, as cards in readers and phones report. False for a hard disk, for a CD-ROM
/// with a modem's driver, and for a disk that this computer runs from.
pub fn is_card(device: &UsbDevice) -> bool {
    let (Some(storage), Some(_)) = (&device.storage, device.disk()) else {
        return false;
    };
    let disks = &storage.disks;
    let mut of_system = disks.iter().flat_map(|disk| &disk.used_as);
    let is_card = |disk: &SystemDisk| matches!(disk.kind, 0x00 | 0x0e) && disk.is_removable;
    !of_system.any(|place| SYSTEM.contains(&place.as_str()))
        && (disks.is_empty() || disks.iter().any(is_card))
}

/// True for a phone that shows only a disc with its maker's programs for this computer, until the owner chooses file
/// transfer (Huawei's HiSuite, Motorola's, LG's, ZTE's). Optical drives of the same makers have telling names.
fn shows_makers_disc(device: &UsbDevice, makes: Option<VendorKind>) -> bool {
    const CD: u8 = 5;
    let disks = device.storage.iter().flat_map(|storage| &storage.disks);
    let mut kinds = disks.map(|disk| disk.kind).peekable();
    kinds.peek().is_some()
        && kinds.all(|kind| kind == CD)
        && device.disk().is_some()
        && device
            .interfaces
            .iter()
            .all(|i| matches!(i.class, 0x08 | 0xff))
        && matches!(makes, Some(VendorKind::Phones | VendorKind::AlsoPhones))
        && !called(device, STICKS)
        && !called(
            device,
            &[
                "dvd", "cd-", "cdrom", "blu-ray", "bd-", "optical", "drive", "writer",
            ],
        )
}

/// Mount points that belong to the system.
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

pub const HUB: u8 = 0x09;
pub const APPLE: u16 = 0x05ac;
const GOOGLE: u16 = 0x18d1;
const AMAZON: u16 = 0x1949;
const SAMSUNG: u16 = 0x04e8;

/// True for MTP or PTP on a device that is no camera, by the name of the interface or by the maker.
fn transfers_files(device: &UsbDevice, makes: Option<VendorKind>) -> bool {
    let known = matches!(
        makes,
        Some(VendorKind::Phones | VendorKind::FeaturePhones | VendorKind::Chips)
    );
    device.interfaces.iter().any(|interface| {
        let called_mtp = interface.is_called_mtp();
        match interface.triple() {
            (0x06, 0x01, 0x01) => {
                known
                    || called_mtp
                    || makes == Some(VendorKind::AlsoPhones)
                    || called(device, &["android"])
            }
            // Android's MTP before it used the class of still cameras.
            (0xff, 0xff, 0x00) => called_mtp,
            (0xff, ..) => called_mtp && makes.is_some(),
            _ => false,
        }
    })
}

/// Words in the names of Androids from makers that sold phones before Android: BlackBerry's models and their numbers.
const ANDROIDS: &[&str] = &[
    "android", "priv", "stv100", "dtek", "sth100", "bba100", "keyone", "bbb100", "bbd100", "key2",
    "bbf100", "bbe100",
];

/// True for Amazon's readers, which transfer books by MTP since 2024. Its tablets run Android.
fn is_kindle_reader(device: &UsbDevice) -> bool {
    (device.vendor_id, device.product_id) == (AMAZON, 0x9981)
        || (device.vendor_id == AMAZON
            && called(device, &["kindle"])
            && called(
                device,
                &["paperwhite", "scribe", "oasis", "voyage", "colorsoft"],
            ))
}

/// True for a phone that its owner set to MIDI or webcam (AOSP `UsbManager.FUNCTION_MIDI`, `FUNCTION_UVC`). Other things
/// of phone makers have microphones and cameras, but no MIDI.
fn sends_sound_or_video(device: &UsbDevice, makes: Option<VendorKind>) -> bool {
    let has = |class: u8, subclass: u8| {
        let mut all = device.interfaces.iter();
        all.any(|i| (i.class, i.subclass) == (class, subclass))
    };
    let (midi, video) = (has(0x01, 0x03), has(0x0e, 0x01));
    match is_google_phone(device) {
        true => midi || video,
        false => midi && makes == Some(VendorKind::Phones),
    }
}

/// True for an interface that shares a network over the cable: RNDIS, with its three class codes, or NCM.
pub fn is_network(triple: (u8, u8, u8)) -> bool {
    is_rndis(triple) || matches!(triple, (0x02, 0x0d, _))
}

fn is_rndis(triple: (u8, u8, u8)) -> bool {
    matches!(
        triple,
        (0xe0, 0x01, 0x03) | (0xef, 0x04, 0x01) | (0x02, 0x02, 0xff)
    )
}

/// True for a phone that shares its network. If the maker makes many other things, or chips, RNDIS must be the only
/// function: otherwise the device is a board or a stick. NCM from such a maker is an Ethernet adapter.
fn shares_network(device: &UsbDevice, makes: Option<VendorKind>) -> bool {
    let shares = |is: fn((u8, u8, u8)) -> bool| device.interfaces.iter().any(|i| is(i.triple()));
    let shares_alone = || {
        let is_of_it = |i: &UsbInterface| is_rndis(i.triple()) || i.class == 0x0a;
        shares(is_rndis) && device.interfaces.iter().all(is_of_it)
    };
    if called(device, STICKS) {
        return false;
    }
    match makes {
        Some(VendorKind::Phones) => shares(is_network),
        _ if device.vendor_id == GOOGLE => shares(is_network) && is_google_phone(device),
        Some(VendorKind::AlsoPhones | VendorKind::Chips) => shares_alone(),
        Some(
            VendorKind::FeaturePhones
            | VendorKind::Cameras
            | VendorKind::Gadgets
            | VendorKind::Players
            | VendorKind::Modems,
        ) => false,
        None => shares_alone() && called(device, &["android"]),
    }
}

/// True for a phone of Google's, by the product numbers in AOSP's init.*.usb.rc, including those of accessory mode.
/// Google's vendor number is also on security keys, sticks and boards.
fn is_google_phone(device: &UsbDevice) -> bool {
    device.vendor_id == GOOGLE && matches!(device.product_id, 0x4e00..=0x4eff | 0x2d00..=0x2d05)
}

fn is_samsung_printer(device: &UsbDevice) -> bool {
    device.vendor_id == SAMSUNG && (0x3000..=0x3fff).contains(&device.product_id)
}

/// Words in the names of cameras from makers that also make phones.
const CAMERAS: &[&str] = &["camera", "camcorder"];

/// True for a stick or a hotspot, by its name: Qualcomm calls its modem chips MDM and SDX, and its phone chips MSM, SDM
/// and SM.
fn is_modem_chip(device: &UsbDevice) -> bool {
    let product = device
        .product
        .as_deref()
        .unwrap_or_default()
        .to_ascii_uppercase();
    ["MDM", "SDX"].iter().any(|chip| {
        let rest = product.strip_prefix(chip);
        rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    })
}

/// Words in the names of sticks and hotspots. ZTE's oldest phones have some of them too, but show more than a network
/// or a disc.
const STICKS: &[&str] = &[
    "mobile broadband",
    "mobilebroadband",
    "huawei_mobile",
    "huawei mobile",
    "hilink",
    "wcdma",
    "hotspot",
    "mifi",
    "lte modem",
];

/// True for a hotspot that runs Android's debugging daemon. Some of ZTE's oldest phones are called *WCDMA* too.
fn is_hotspot(device: &UsbDevice) -> bool {
    let words: Vec<_> = STICKS
        .iter()
        .copied()
        .filter(|word| *word != "wcdma")
        .collect();
    called(device, &words) && device.media().is_none()
}

/// True for a player from a maker that also makes phones or computers. *Walkman* does not count for phone makers: Sony
/// Ericsson also sold phones under that name.
fn is_called_player(device: &UsbDevice, makes: Option<VendorKind>) -> bool {
    called(device, &["zune", "gigabeat", "yp-", "gogear"])
        || (makes != Some(VendorKind::Phones) && called(device, &["walkman"]))
}

/// True if a device's names contain one of these words, which must be in lower case.
pub fn called(device: &UsbDevice, words: &[&str]) -> bool {
    [&device.product, &device.manufacturer]
        .into_iter()
        .flatten()
        .any(|name| {
            let name = name.to_ascii_lowercase();
            words.iter().any(|word| name.contains(word))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(ids: (u16, u16), product: &str, triples: &[(u8, u8, u8)]) -> UsbDevice {
        let interface =
            |(number, (class, subclass, protocol)): (usize, &(u8, u8, u8))| UsbInterface {
                number: number as u8,
                class: *class,
                subclass: *subclass,
                protocol: *protocol,
                ..UsbInterface::default()
            };
        UsbDevice {
            vendor_id: ids.0,
            product_id: ids.1,
            product: Some(product.into()),
            interfaces: triples.iter().enumerate().map(interface).collect(),
            ..UsbDevice::default()
        }
    }

    /// Product numbers of AOSP's init.*.usb.rc and of makers; `tests/FIELD.md` names the sources.
    #[test]
    fn modes_and_makers_that_look_like_something_else() {
        const ADB: (u8, u8, u8) = (0xff, 0x42, 0x01);
        const PTP: (u8, u8, u8) = (0x06, 0x01, 0x01);
        const RNDIS: (u8, u8, u8) = (0xe0, 0x01, 0x03);
        const MIDI: [(u8, u8, u8); 2] = [(0x01, 0x01, 0x00), (0x01, 0x03, 0x00)];
        const VIDEO: [(u8, u8, u8); 2] = [(0x0e, 0x01, 0x00), (0x0e, 0x02, 0x00)];
        for (ids, product, triples, look) in [
            ((0x18d1, 0x4ee8), "Pixel 6", &MIDI[..], Some(Look::Phone)),
            ((0x18d1, 0x4eec), "Pixel 8", &VIDEO, Some(Look::Phone)),
            (
                (0x04e8, 0x686c),
                "SAMSUNG_Android",
                &MIDI,
                Some(Look::Phone),
            ),
            // A headset, and a monitor with a camera.
            ((0x04e8, 0xa051), "Headset", &MIDI[..1], None),
            ((0x04e8, 0x2061), "Monitor camera", &VIDEO, None),
            (
                (0x0fca, 0x8031),
                "BlackBerry KEYone",
                &[PTP],
                Some(Look::Phone),
            ),
            (
                (0x0fca, 0x8020),
                "BlackBerry",
                &[PTP],
                Some(Look::FeaturePhone),
            ),
            (
                (0x19d2, 0x1405),
                "ZTE Mobile Broadband",
                &[RNDIS, ADB],
                None,
            ),
            ((0x0846, 0x68e2), "Nighthawk M1", &[RNDIS, ADB], None),
            (
                (0x19d2, 0x1350),
                "ZTE WCDMA Technologies MSM",
                &[ADB],
                Some(Look::Debugging),
            ),
            ((0x1949, 0x9981), "Kindle", &[PTP], Some(Look::Gadget)),
            ((0x1949, 0x0212), "Fire", &[PTP], Some(Look::Phone)),
        ] {
            assert_eq!(of(&device(ids, product, triples)), look, "{product}");
        }
    }
}
