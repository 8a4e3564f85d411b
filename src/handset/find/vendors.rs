//! USB vendors by their numbers, and what they make.
//!
//! The numbers come from the USB vendor list, as collected in the community's udev rules for Android
//! (github.com/M0Rf30/android-udev-rules, 51-android.rules), in libmtp's and libgphoto2's lists of devices
//! (music-players.h, camlibs/ptp2/library.c) and in the kernel's own tables.

/// The kinds of a maker's USB devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VendorKind {
    /// Mainly phones: a device that shows nothing else is a phone.
    Phones,
    /// Phones among many other things: only an interface that phones have shows that a device is a phone.
    AlsoPhones,
    /// Phones from before Android, and similar devices.
    FeaturePhones,
    /// Chips: other makers' devices appear under the chip maker's number.
    Chips,
    /// Cameras, which transfer pictures as phones do. A phone of such a maker is detected only by its debugging
    /// interface.
    Cameras,
    /// Watches, consoles, headsets, action cameras: no phones, although they transfer files as phones do and many run
    /// Android.
    Gadgets,
    /// Music players. A device of such a maker that runs Android is a tablet.
    Players,
    /// Mobile network modules, many of which have their own debugging interface.
    Modems,
}

/// A maker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vendor {
    pub id: u16,
    pub name: &'static str,
    pub makes: VendorKind,
}

const fn vendor(id: u16, name: &'static str, makes: VendorKind) -> Vendor {
    Vendor { id, name, makes }
}

/// Sorted by number, for the binary search.
const VENDORS: [Vendor; 117] = {
    use VendorKind::*;
    [
        vendor(0x0409, "NEC", AlsoPhones),
        vendor(0x040a, "Kodak", Cameras),
        vendor(0x041e, "Creative", Players),
        vendor(0x0421, "Nokia", FeaturePhones),
        vendor(0x045a, "Rio", Players),
        vendor(0x045e, "Microsoft", AlsoPhones),
        vendor(0x0471, "Philips", AlsoPhones),
        vendor(0x0474, "Sanyo", FeaturePhones),
        vendor(0x0482, "Kyocera", AlsoPhones),
        vendor(0x0489, "Foxconn", AlsoPhones),
        vendor(0x04a9, "Canon", Cameras),
        vendor(0x04b0, "Nikon", Cameras),
        vendor(0x04b7, "Compal", AlsoPhones),
        vendor(0x04c5, "Fujitsu", AlsoPhones),
        vendor(0x04cb, "Fujifilm", Cameras),
        vendor(0x04da, "Panasonic", Cameras),
        vendor(0x04dd, "Sharp", AlsoPhones),
        vendor(0x04e8, "Samsung", Phones),
        vendor(0x04f1, "JVC", Cameras),
        vendor(0x0502, "Acer", AlsoPhones),
        vendor(0x054c, "Sony", Cameras),
        vendor(0x057e, "Nintendo", Gadgets),
        vendor(0x05c6, "Qualcomm", Chips),
        vendor(0x05ca, "Ricoh", Cameras),
        vendor(0x05e0, "Zebra", AlsoPhones),
        vendor(0x066f, "SigmaTel", Players),
        vendor(0x0681, "Siemens", FeaturePhones),
        vendor(0x069b, "Thomson", Players),
        vendor(0x0746, "Onkyo", Players),
        vendor(0x0781, "SanDisk", Players),
        vendor(0x079b, "Sagem", FeaturePhones),
        vendor(0x07b4, "Olympus", Cameras),
        vendor(0x07cf, "Casio", Cameras),
        vendor(0x0830, "Palm", FeaturePhones),
        vendor(0x0846, "Netgear", Modems),
        vendor(0x08e4, "Pioneer", Players),
        vendor(0x091e, "Garmin", Gadgets),
        vendor(0x0930, "Toshiba", AlsoPhones),
        vendor(0x0955, "Nvidia", AlsoPhones),
        vendor(0x0a17, "Pentax", Cameras),
        vendor(0x0aa6, "Perception Digital", Players),
        vendor(0x0aad, "Rohde & Schwarz", Gadgets),
        vendor(0x0b05, "Asus", AlsoPhones),
        vendor(0x0b28, "Kenwood", Players),
        vendor(0x0bb4, "HTC", Phones),
        vendor(0x0c2e, "Honeywell", AlsoPhones),
        vendor(0x0da4, "Polar", Gadgets),
        vendor(0x0e21, "Cowon", Players),
        vendor(0x0e79, "Archos", AlsoPhones),
        vendor(0x0e8d, "MediaTek", Chips),
        vendor(0x0fca, "BlackBerry", FeaturePhones),
        vendor(0x0fce, "Sony", Phones),
        vendor(0x1003, "Sigma", Cameras),
        vendor(0x1004, "LG", Phones),
        vendor(0x1006, "iriver", Players),
        vendor(0x106c, "Pantech", FeaturePhones),
        vendor(0x109b, "Hisense", AlsoPhones),
        vendor(0x10a9, "Pantech", Phones),
        vendor(0x1199, "Sierra Wireless", Modems),
        vendor(0x11f5, "BenQ-Siemens", FeaturePhones),
        vendor(0x12d1, "Huawei", AlsoPhones),
        vendor(0x1390, "TomTom", Gadgets),
        vendor(0x1532, "Razer", AlsoPhones),
        vendor(0x1546, "u-blox", Modems),
        vendor(0x1782, "Unisoc", Chips),
        vendor(0x17ef, "Lenovo", AlsoPhones),
        vendor(0x18d1, "Google", AlsoPhones),
        vendor(0x18f6, "Sirius", Players),
        vendor(0x1949, "Amazon", AlsoPhones),
        vendor(0x19cf, "Parrot", Gadgets),
        vendor(0x19d2, "ZTE", AlsoPhones),
        vendor(0x1a98, "Leica", Cameras),
        vendor(0x1bbb, "Alcatel", Phones),
        vendor(0x1bc7, "Telit", Modems),
        vendor(0x1bdc, "Slacker", Players),
        vendor(0x1e0e, "SIMCom", Modems),
        vendor(0x1ebf, "Yu", Phones),
        vendor(0x1f3a, "Allwinner", Chips),
        vendor(0x2080, "Barnes & Noble", AlsoPhones),
        vendor(0x2207, "Rockchip", Chips),
        vendor(0x2237, "Kobo", Gadgets),
        vendor(0x22b8, "Motorola", Phones),
        vendor(0x22d9, "OPPO", Phones),
        vendor(0x2357, "TP-Link", AlsoPhones),
        vendor(0x2367, "Teenage Engineering", Gadgets),
        vendor(0x2523, "Recon Instruments", Gadgets),
        vendor(0x25fb, "Pentax", Cameras),
        vendor(0x2672, "GoPro", Gadgets),
        vendor(0x2717, "Xiaomi", Phones),
        vendor(0x271d, "Gionee", Phones),
        vendor(0x2833, "Oculus", Gadgets),
        vendor(0x28de, "Valve", Gadgets),
        vendor(0x2916, "Yota", Phones),
        vendor(0x2931, "Jolla", Phones),
        vendor(0x2970, "Wileyfox", Phones),
        vendor(0x29a9, "Smartisan", Phones),
        vendor(0x2a45, "Meizu", Phones),
        vendor(0x2a47, "BQ", Phones),
        vendor(0x2a70, "OnePlus", Phones),
        vendor(0x2ae5, "Fairphone", Phones),
        vendor(0x2b0e, "LeEco", Phones),
        vendor(0x2b4c, "ZUK", Phones),
        vendor(0x2c3f, "Nextbit", Phones),
        vendor(0x2c7c, "Quectel", Modems),
        vendor(0x2ca3, "DJI", Gadgets),
        vendor(0x2cb7, "Fibocom", Modems),
        vendor(0x2d40, "Pico", Gadgets),
        vendor(0x2d95, "vivo", Phones),
        vendor(0x2e04, "Nokia", Phones),
        vendor(0x2e17, "Essential", Phones),
        vendor(0x2e1a, "Insta360", Gadgets),
        vendor(0x3360, "SHIFT", Phones),
        vendor(0x339b, "Honor", Phones),
        vendor(0x33a2, "OM System", Cameras),
        vendor(0x33f8, "Rolling Wireless", Modems),
        vendor(0x4102, "iriver", Players),
        vendor(0x413c, "Dell", AlsoPhones),
    ]
};

/// Returns the maker with this number, if it is in the list.
pub fn of(id: u16) -> Option<&'static Vendor> {
    let place = VENDORS.binary_search_by_key(&id, |vendor| vendor.id).ok()?;
    VENDORS.get(place)
}

/// Other names that makers report over the file-transfer protocol.
const ALSO_CALLED: [(&str, VendorKind); 13] = {
    use VendorKind::*;
    [
        ("S60", FeaturePhones),
        ("Research In Motion", FeaturePhones),
        ("Sony Ericsson", FeaturePhones),
        ("SonyEricsson", FeaturePhones),
        ("Sony Corporation", Cameras),
        ("NTT DoCoMo", FeaturePhones),
        ("Verizon", FeaturePhones),
        ("Orange", FeaturePhones),
        ("HMD Global", Phones),
        ("LGE", Phones),
        ("Matsushita", Cameras),
        ("Meta", Gadgets),
        ("TrekStor", Players),
    ]
};

/// Returns what a maker makes, by the name that its devices report; `None` if it makes several kinds, or is unknown.
pub fn called(make: &str) -> Option<VendorKind> {
    let made_by = |name: &str| begins_with_word(make, name);
    let known = VENDORS.iter().map(|vendor| (vendor.name, vendor.makes));
    let mut found: Vec<VendorKind> = ALSO_CALLED
        .into_iter()
        .chain(known)
        .filter(|(name, _)| made_by(name))
        .map(|(_, makes)| makes)
        .collect();
    // The names in `ALSO_CALLED` are more exact: *Sony Ericsson* made phones, *Sony* phones, cameras and players.
    if ALSO_CALLED.iter().any(|(name, _)| made_by(name)) {
        found.truncate(1);
    }
    let is_phones =
        |makes: &VendorKind| matches!(makes, VendorKind::Phones | VendorKind::FeaturePhones);
    match found.as_slice() {
        [first, rest @ ..] if rest.iter().all(|other| other == first) => Some(*first),
        // Nokia made phones before Android and with Android.
        several if !several.is_empty() && several.iter().all(is_phones) => Some(VendorKind::Phones),
        _ => None,
    }
}

/// True if a text begins with a whole word: `Canon.Inc` and `Canon Inc.` begin with *Canon*, `canonical` does not. Case
/// is ignored.
fn begins_with_word(text: &str, word: &str) -> bool {
    let text = text.trim_start();
    let head = text.get(..word.len());
    let next = text.get(word.len()..).and_then(|rest| rest.chars().next());
    head.is_some_and(|head| head.eq_ignore_ascii_case(word))
        && !next.is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_found_once() {
        for pair in VENDORS.windows(2) {
            assert!(pair[0].id < pair[1].id, "{:04x}", pair[1].id);
        }
        for vendor in &VENDORS {
            assert_eq!(of(vendor.id), Some(vendor));
        }
        assert_eq!(of(0xffff), None);
    }

    #[test]
    fn makers_are_known_by_what_they_call_themselves() {
        use VendorKind::{Cameras, FeaturePhones, Gadgets, Phones, Players};
        for (make, makes) in [
            ("Canon.Inc", Some(Cameras)),
            ("NIKON", Some(Cameras)),
            ("SAMSUNG Electronics Co. Ltd.", Some(Phones)),
            ("Nokia", Some(Phones)),
            ("S60", Some(FeaturePhones)),
            ("Motorola Inc.", Some(Phones)),
            ("LGE", Some(Phones)),
            ("Garmin International", Some(Gadgets)),
            ("Creative Technology Ltd", Some(Players)),
            ("Sony Ericsson", Some(FeaturePhones)),
            ("Sony Corporation", Some(Cameras)),
            ("Sony", None),
            ("Canonical", None),
            ("", None),
        ] {
            assert_eq!(called(make), makes, "{make}");
        }
    }
}
