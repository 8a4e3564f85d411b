//! Classifies a media device by all that it reports, and holds what to tell the owner of each class of device.
//!
//! Phones transfer pictures as cameras do, cameras speak MTP, and players run Android: no single feature is enough. The
//! rules were tested against the 1,028 descriptions in libmtp's logs and libgphoto2's list of cameras. A device that
//! cannot be classified is not taken for a camera: it may be a phone.

use crate::handset::find::vendors::{self, VendorKind};
use crate::model::{Holding, Remedy, ResetKind, ResetLine};
use crate::phrase;
use crate::protocol::mtp::{DeviceInfo, Perceived};
use crate::reset::{self, rank};

/// What a media device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// Android's own file transfer.
    Android,
    /// Another phone, or an Android whose maker wrote its own file transfer.
    Phone,
    /// An iPhone, iPad or iPod, which shows its pictures as a camera does.
    IPhone,
    Camera,
    /// A player, a watch, a console, a headset.
    Gadget,
    Unknown,
}

/// Vendor extension ID of Microsoft, which means MTP.
const MTP: u32 = 6;
/// The ID for MTP on cameras of Sony and Nikon.
const ALSO_MTP: u32 = u32::MAX;
/// Vendor extension IDs of camera makers (libgphoto2's ptp.h): Kodak, Polaroid, Agfa, Nikon, Canon, Pentax, Fuji, Sony,
/// Samsung's cameras, Parrot, Panasonic.
const CAMERA_EXTENSIONS: [u32; 11] = [
    0x01, 0x04, 0x05, 0x0a, 0x0b, 0x0d, 0x0e, 0x11, 0x1a, 0x1b, 0x1c,
];
/// `InitiateCapture`, `TerminateOpenCapture`, `InitiateOpenCapture`: no phone takes pictures on a computer's command.
const CAPTURES: [u16; 3] = [0x100e, 0x1018, 0x101c];
/// Android's own operations (AOSP `media/mtp/mtp.h`): partial reads of large files, and editing in place.
const OF_ANDROID: std::ops::RangeInclusive<u16> = 0x95c1..=0x95c5;

/// Words in the names that devices report, in lower case.
const CAMERA_WORDS: &[&str] = &["camera", "camcorder", "photosmart", "samsung nx"];
const PLAYER_WORDS: &[&str] = &["zune", "gigabeat", "yp-", "yh-", "gogear"];
/// Digital rights management for music, which players and phones support and cameras don't.
const MUSIC_RIGHTS: &str = "WMDRM";

impl Nature {
    /// Classifies a device by its description. `makes`: what its maker makes, by the USB vendor number. `perceived`:
    /// asks the device for its perceived type; called only if nothing else tells.
    pub fn of(
        device: &DeviceInfo,
        makes: Option<VendorKind>,
        perceived: impl FnOnce() -> Option<Perceived>,
    ) -> Self {
        if device.make.starts_with("Apple") {
            return Self::IPhone;
        }
        let captures = device.operations.iter().any(|code| CAPTURES.contains(code));
        let is_called = |words: &[&str]| {
            [&device.make, &device.model].into_iter().any(|name| {
                let name = name.to_lowercase();
                words.iter().any(|word| name.contains(word))
            })
        };
        let is_android = device.extensions.contains("android.com")
            || device
                .operations
                .iter()
                .any(|code| OF_ANDROID.contains(code));
        let name = match device.make.is_empty() {
            true => &device.model,
            false => &device.make,
        };
        let by_name = vendors::called(name);
        let is_of = |wanted: VendorKind| {
            by_name == Some(wanted) || (by_name.is_none() && makes == Some(wanted))
        };
        if captures || CAMERA_EXTENSIONS.contains(&device.extension) || is_called(CAMERA_WORDS) {
            return Self::Camera;
        }
        if is_of(VendorKind::Gadgets) {
            return Self::Gadget;
        }
        if is_android {
            return Self::Android;
        }
        if is_called(PLAYER_WORDS) {
            return Self::Gadget;
        }
        if is_of(VendorKind::Phones) || is_of(VendorKind::FeaturePhones) {
            return Self::Phone;
        }
        // Sony Ericsson also sold phones under this name.
        if is_called(&["walkman"]) {
            return Self::Gadget;
        }
        if is_of(VendorKind::Players) {
            return Self::Gadget;
        }
        if is_of(VendorKind::Cameras) && !device.extensions.contains(MUSIC_RIGHTS) {
            return Self::Camera;
        }
        match perceived() {
            Some(Perceived::Camera) => Self::Camera,
            Some(Perceived::Player) => Self::Gadget,
            Some(Perceived::Phone) => Self::Phone,
            None => Self::Unknown,
        }
    }

    /// Returns the operating system, as far as the device reports it.
    pub fn system(self, device: &DeviceInfo) -> String {
        match self {
            Self::IPhone => format!("iOS {}", device.version),
            // The version is that of its MTP.
            Self::Android => "Android".into(),
            Self::Phone | Self::Camera | Self::Gadget | Self::Unknown => device.version.clone(),
        }
    }

    /// Returns the name of the protocol.
    pub fn protocol(self, device: &DeviceInfo) -> &'static str {
        match speaks_mtp(device) {
            true => "MTP",
            false => "PTP",
        }
    }

    /// Returns how the owner makes the storage visible.
    pub fn how_to_open(self) -> &'static str {
        match self {
            Self::Android | Self::Phone => phrase(
                "Unlock the phone, tap its USB message and choose “File transfer”. Keep the phone unlocked, and \
                 run the same rescue again.",
            ),
            Self::IPhone => phrase(
                "Unlock the device. If it asks, tap “Trust” and enter its passcode. Keep the device unlocked, \
                 and run the same rescue again.",
            ),
            Self::Camera => phrase(
                "Check that the camera is in playback mode and that its memory card is inserted. Then run the \
                 same rescue again.",
            ),
            Self::Gadget | Self::Unknown => phrase(
                "Unlock the device if it has a lock. Choose “File transfer” if it asks. Check that its memory \
                 card is inserted. Then run the same rescue again.",
            ),
        }
    }

    /// True if a device that shows no storage is locked, so that its owner opens it.
    pub fn is_lockable(self) -> bool {
        match self {
            Self::Android | Self::Phone | Self::IPhone => true,
            Self::Camera | Self::Gadget | Self::Unknown => false,
        }
    }

    /// Returns how the owner unlocks the device.
    pub fn how_to_unlock(self) -> &'static str {
        match self {
            Self::Android | Self::Phone => phrase(
                "Unlock the phone, tap its USB message and choose “File transfer”. Keep the phone unlocked.",
            ),
            Self::IPhone => phrase(
                "Unlock the device. If it asks, tap “Trust” and enter its passcode. Keep the device unlocked.",
            ),
            Self::Camera | Self::Gadget | Self::Unknown => phrase("Unlock the device."),
        }
    }

    /// Returns the message for a device that shows no storage, or an empty storage although it always holds something.
    pub fn shows_nothing(self) -> String {
        let why = match self {
            Self::Android | Self::Phone => phrase(
                "The phone shows no files: it is locked, or set to charge only. There may still be files on it.",
            ),
            Self::IPhone => phrase(
                "The device shows no pictures: it is locked, it does not trust this computer, or it has no \
                 pictures.",
            ),
            Self::Camera => phrase("The camera shows no storage."),
            Self::Gadget | Self::Unknown => {
                phrase("The device shows no files. There may still be files on it.")
            }
        };
        format!("{why} {}", self.how_to_open())
    }

    /// True if a storage without any object is hidden, not empty.
    pub fn always_shows_something(self) -> bool {
        match self {
            Self::Android | Self::Phone | Self::IPhone | Self::Unknown => true,
            Self::Camera | Self::Gadget => false,
        }
    }

    /// Returns a note on the files that the device lists.
    pub fn notes(self) -> Option<String> {
        let note = match self {
            Self::IPhone => phrase(
                "The copies are the files that the iPhone sends. If Settings > Photos (iOS 18: Apps > Photos) > \
                 Transfer to Mac or PC is set to “Automatic”, the iPhone may convert them. Choose “Keep \
                 Originals” to copy the files unchanged.",
            ),
            Self::Android => phrase(
                "File transfer shows the files in the phone's own media list. Up to Android 10, a file that was \
                 written a moment ago may be missing from the list until the phone is restarted. USB debugging \
                 reads all files.",
            ),
            Self::Phone | Self::Camera | Self::Gadget | Self::Unknown => return None,
        };
        Some(note.to_owned())
    }

    /// True if all files on the device are the owner's, whatever their names are.
    pub fn shows_pictures_alone(self) -> bool {
        self == Self::IPhone
    }

    /// Returns why a file is refused that arrived with another length than the listed one, both in bytes.
    pub fn hands_over_another(self, length: u64, listed: u64) -> String {
        let what =
            phrase!("the device sent {length} bytes, but lists {listed} bytes for this file");
        match self {
            Self::IPhone => phrase!(
                "{what}: the iPhone converts the file unless Transfer to Mac or PC is set to “Keep Originals”"
            ),
            Self::Android | Self::Phone | Self::Camera | Self::Gadget | Self::Unknown => what,
        }
    }

    /// Returns why the device gives no contacts, events or to-dos; `None` if it has none.
    pub fn lacks(self) -> Option<Holding> {
        let mut holding = Holding::default();
        match self {
            Self::Android => {
                holding.unreadable = Some(
                    phrase(
                        "File transfer doesn't share these. Turn on USB debugging, then rescue the phone \
                         again. Or export them with the phone's own apps to files on the phone, and rescue its files \
                         again.",
                    )
                        .to_owned(),
                );
                holding.remedy = Some(Remedy::Setting);
            }
            Self::Phone => {
                holding.unreadable =
                    Some(phrase!("File transfer doesn't share these. {BY_THE_PHONE}"))
            }
            Self::Unknown => {
                holding.unreadable = Some(phrase!(
                    "The device doesn't report what it is, and file transfer doesn't share these. If the device \
                     is a phone: {BY_THE_PHONE}"
                ));
            }
            Self::IPhone => {
                holding.out_of_reach = Some(
                    phrase(
                        "An iPhone doesn't share these in this way. First make a backup on a computer: with Finder \
                         on a Mac, or with Apple Devices or iTunes on Windows.",
                    )
                        .to_owned(),
                );
            }
            Self::Camera | Self::Gadget => return None,
        }
        Some(holding)
    }

    /// Returns data outside the rescue that a reset also destroys. File transfer shows neither apps nor accounts.
    pub fn not_covered(self) -> Vec<ResetLine> {
        let line = |id, rank, lost: &str, first: &str| {
            reset::line(ResetKind::NotRead, id, rank, lost, first)
        };
        match self {
            Self::Android | Self::Phone | Self::Unknown => vec![
                line(
                    "messages",
                    rank::MESSAGES,
                    phrase("Text messages (SMS, MMS) and the call list were not saved."),
                    phrase("Back them up with the phone's own backup."),
                ),
                line(
                    "apps-not-shown",
                    rank::SECURE_FOLDER,
                    phrase(
                        "Data inside apps was not saved, and file transfer does not show which apps there are.",
                    ),
                    phrase(
                        "Go through the apps with the owner: authenticators, banking apps, messengers, wallets, notes.",
                    ),
                ),
                line(
                    "accounts-not-shown",
                    rank::LOCK,
                    phrase(
                        "File transfer does not show which accounts are signed in. Their passwords are asked for after \
                         a reset.",
                    ),
                    phrase("Try each password on another device."),
                ),
                line(
                    "esim",
                    rank::ESIM,
                    phrase("File transfer does not show whether there is an eSIM."),
                    phrase(
                        "When the reset asks about eSIMs, choose to keep them. Ask the mobile provider now how to get \
                         a new one.",
                    ),
                ),
                line(
                    "hidden-pictures",
                    rank::HIDDEN_PICTURES,
                    phrase(
                        "Pictures in Google Photos' locked folder or in a secure folder are not shown over USB.",
                    ),
                    phrase("Ask the owner, and move them out."),
                ),
                line(
                    "other-files",
                    rank::REST,
                    phrase(
                        "Programs, and files that Lifeboat does not recognise as the owner's, were not copied.",
                    ),
                    "",
                ),
            ],
            Self::IPhone => vec![
                line(
                    "inside-apps",
                    rank::SECURE_FOLDER,
                    phrase(
                        "Messages, notes, voice memos, health data and data inside apps were not saved: file transfer \
                         does not show them.",
                    ),
                    phrase(
                        "Make an encrypted backup on a computer. Then go through authenticators and banking apps with \
                         the owner: a backup does not bring all of these back.",
                    ),
                ),
                line(
                    "password",
                    rank::LOCK,
                    phrase(
                        "File transfer does not show whether “Find My” is on. While it is on, the iPhone asks for the \
                         password of its Apple Account after every reset.",
                    ),
                    phrase("Try the password on another device."),
                ),
                line(
                    "esim",
                    rank::ESIM,
                    phrase("File transfer does not show whether there is an eSIM."),
                    phrase("When the reset asks about eSIMs, choose to keep them."),
                ),
                line(
                    "hidden-pictures",
                    rank::HIDDEN_PICTURES,
                    phrase(
                        "Pictures that are not on the iPhone itself: with “Optimise iPhone Storage”, the originals are \
                         only in iCloud. Hidden and recently deleted pictures are not shown either.",
                    ),
                    phrase("Check on another device that the pictures are in iCloud."),
                ),
            ],
            Self::Camera => vec![line(
                "settings",
                rank::REST,
                phrase("The camera's own settings."),
                "",
            )],
            Self::Gadget => vec![line(
                "settings",
                rank::REST,
                phrase("Data inside its programs: game scores, activities, settings."),
                "",
            )],
        }
    }

    /// Returns the traces that the rescue leaves on the device.
    pub fn traces(self) -> Vec<String> {
        let line = match self {
            Self::Android | Self::Phone => phrase(
                "A session was opened and closed. It is not known to leave anything behind. Lines in the phone's \
                 own system log, which newer lines replace.",
            ),
            Self::IPhone => phrase(
                "This computer stays trusted if “Trust” was tapped. To end this for all computers: Settings > \
                 General > Transfer or Reset iPhone > Reset > Reset Location & Privacy.",
            ),
            Self::Camera | Self::Gadget | Self::Unknown => {
                phrase("A session was opened and closed. It is not known to leave anything behind.")
            }
        };
        vec![line.to_owned()]
    }
}

/// How to get the contacts from a phone that is not known to be an Android.
const BY_THE_PHONE: &str = phrase(
    "An Android phone shares these over USB debugging: turn it on, then start a new \
     rescue of the phone. On any other phone, use \
     the phone's own menu to copy the contacts to the memory card or the SIM card, or to \
     send them by Bluetooth. Then rescue its files again.",
);

fn speaks_mtp(device: &DeviceInfo) -> bool {
    [MTP, ALSO_MTP].contains(&device.extension) || device.extensions.contains("microsoft.com")
}
