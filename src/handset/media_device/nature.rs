//! Classifies a media device by all that it reports, and holds what to tell the owner of each class of device.
//!
//! Phones transfer pictures as cameras do, cameras speak MTP, and players run Android: no single feature is enough. The
//! rules were tested against the 1,028 descriptions in libmtp's logs and libgphoto2's list of cameras. A device that
//! cannot be classified is not taken for a camera: it may be a phone.

use crate::handset::find::vendors::{self, Makes};
use crate::model::Holding;
use crate::protocol::mtp::{DeviceInfo, Perceived};

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
        makes: Option<Makes>,
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
        let is_of =
            |wanted: Makes| by_name == Some(wanted) || (by_name.is_none() && makes == Some(wanted));
        if captures || CAMERA_EXTENSIONS.contains(&device.extension) || is_called(CAMERA_WORDS) {
            return Self::Camera;
        }
        if is_of(Makes::Gadgets) {
            return Self::Gadget;
        }
        if is_android {
            return Self::Android;
        }
        if is_called(PLAYER_WORDS) {
            return Self::Gadget;
        }
        if is_of(Makes::Phones) || is_of(Makes::FeaturePhones) {
            return Self::Phone;
        }
        // Sony Ericsson also sold phones under this name.
        if is_called(&["walkman"]) {
            return Self::Gadget;
        }
        if is_of(Makes::Players) {
            return Self::Gadget;
        }
        if is_of(Makes::Cameras) && !device.extensions.contains(MUSIC_RIGHTS) {
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
            Self::Android | Self::Phone => {
                "Unlock the phone, tap its USB message, choose “File transfer”, keep it unlocked, and run the same rescue \
                 once more."
            }
            Self::IPhone => {
                "Unlock it, tap “Trust” and enter its passcode if it asks, keep it unlocked, and run the same rescue once \
                 more."
            }
            Self::Camera => {
                "Check that it is switched to playback and that its memory card is in, and run the same rescue once more."
            }
            Self::Gadget | Self::Unknown => {
                "Unlock it if it has a lock, choose “File transfer” if it asks, check that its memory card is in, and run the \
                 same rescue once more."
            }
        }
    }

    /// Returns the message for a device that shows no storage, or an empty storage although it always holds something.
    pub fn shows_nothing(self) -> String {
        let why = match self {
            Self::Android | Self::Phone => {
                "The phone shows no files: it is locked, or set to charge only. That says nothing about what is on it."
            }
            Self::IPhone => {
                "It shows no pictures: it is locked, or does not trust this computer, or holds none."
            }
            Self::Camera => "The camera shows no storage.",
            Self::Gadget | Self::Unknown => {
                "It shows no files. That says nothing about what is on it."
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
            Self::IPhone => {
                "Copies are what the iPhone hands over. With Settings, Photos (iOS 18: Apps, Photos), Transfer to Mac or PC \
                 on “Automatic” it may convert them on the way: “Keep Originals” has it hand over the files as they are."
            }
            Self::Android => {
                "File transfer shows what the phone has in its list of media: up to Android 10, a file that an app wrote a \
                 moment ago may be missing in it until the phone was restarted. USB debugging reads all files."
            }
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
        let what = format!("{length} bytes came in place of the {listed} that are listed");
        match self {
            Self::IPhone => format!(
                "{what}: the iPhone converts it on the way, unless Transfer to Mac or PC is set to “Keep Originals”"
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
                    "File transfer doesn't give them. Switch USB debugging on and rescue the phone by that (Enter, or a \
                     command without --files), or let the phone's own apps export them to files on the phone and rescue \
                     its files once more."
                        .to_owned(),
                );
            }
            Self::Phone => {
                holding.unreadable =
                    Some(format!("File transfer doesn't give them. {BY_THE_PHONE}"))
            }
            Self::Unknown => {
                holding.unreadable = Some(format!(
                    "The device does not tell what it is, and file transfer doesn't give them. If it is a phone: \
                     {BY_THE_PHONE}"
                ));
            }
            Self::IPhone => {
                holding.out_of_reach = Some(
                    "An iPhone gives them to no program in this way. Make a backup on a computer first, with Finder on a \
                     Mac, or with Apple Devices or iTunes on Windows."
                        .to_owned(),
                );
            }
            Self::Camera | Self::Gadget => return None,
        }
        Some(holding)
    }

    /// Returns data outside the rescue that a reset also destroys.
    pub fn not_covered(self) -> Vec<String> {
        let lines: &[&str] = match self {
            Self::Android | Self::Phone | Self::Unknown => &[
                "Text messages (SMS, MMS) and the list of calls.",
                "What apps keep for themselves: chats, game scores, settings.",
                "An eSIM, if there is one: choose to keep it where the reset asks, and ask the operator before.",
                "Pictures that are not in the phone's own storage: those freed up and kept in a cloud alone, in Google \
                 Photos' locked folder, in a secure folder.",
                "Programs, and files of kinds that are not known to be the owner's: they stay where they are.",
            ],
            Self::IPhone => &[
                "Messages, notes, voice memos, health data, and what apps keep for themselves: a backup on a computer \
                 has most of them.",
                "Pictures that are not on the iPhone itself: with “Optimise iPhone Storage” their originals are in iCloud \
                 alone. Hidden and recently deleted ones are not shown either.",
                "An eSIM, if there is one: choose to keep it where the reset asks, and ask the operator before.",
            ],
            Self::Camera => &["The camera's own settings."],
            Self::Gadget => {
                &["What its programs keep for themselves: game scores, activities, settings."]
            }
        };
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    /// Returns the traces that the rescue leaves on the device.
    pub fn traces(self) -> Vec<String> {
        let line = match self {
            Self::Android | Self::Phone => {
                "A session was opened and closed: nothing of it is known to stay. Lines in the phone's own system log, \
                 which later ones replace."
            }
            Self::IPhone => {
                "This computer stays trusted, if “Trust” was tapped: Settings, General, Transfer or Reset iPhone, Reset, \
                 Reset Location & Privacy ends that for all computers."
            }
            Self::Camera | Self::Gadget | Self::Unknown => {
                "A session was opened and closed: nothing of it is known to stay."
            }
        };
        vec![line.to_owned()]
    }
}

/// How to get the contacts from a phone that is not known to be an Android.
const BY_THE_PHONE: &str = "An Android gives them by USB debugging: switch it on and rescue the phone by that (Enter, or a \
    command without --files). Any other phone's own menu can copy its contacts to the memory card, to the SIM card, or by \
    Bluetooth: do that, and rescue its files once more.";

fn speaks_mtp(device: &DeviceInfo) -> bool {
    [MTP, ALSO_MTP].contains(&device.extension) || device.extensions.contains("microsoft.com")
}
