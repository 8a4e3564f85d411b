//! What there is to say of each sort of media device, to its owner.

use crate::model::Holding;
use crate::protocol::mtp::DeviceInfo;

/// Microsoft's extension of PTP, which is MTP.
const MTP: u32 = 6;

/// What a media device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// A phone that transfers files, or a player.
    Phone,
    /// An iPhone, iPad or iPod, which shows its pictures as a camera does.
    IPhone,
    Camera,
}

impl Nature {
    /// As the device describes itself.
    pub fn of(device: &DeviceInfo) -> Self {
        if device.make.starts_with("Apple") {
            return Self::IPhone;
        }
        match speaks_mtp(device) {
            true => Self::Phone,
            false => Self::Camera,
        }
    }

    /// What it runs, as far as it tells.
    pub fn system(self, device: &DeviceInfo) -> String {
        match self {
            Self::IPhone => format!("iOS {}", device.version),
            // Its version is that of its MTP.
            Self::Phone if self.is_android(device) => "Android".into(),
            Self::Phone | Self::Camera => device.version.clone(),
        }
    }

    /// An Android's own file transfer, as it describes itself.
    pub fn is_android(self, device: &DeviceInfo) -> bool {
        self == Self::Phone && device.extensions.contains("android.com")
    }

    /// How it is spoken to.
    pub fn protocol(self, device: &DeviceInfo) -> &'static str {
        match speaks_mtp(device) {
            true => "MTP",
            false => "PTP",
        }
    }

    /// How its storage is made to show.
    pub fn how_to_open(self) -> &'static str {
        match self {
            Self::Phone => {
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
        }
    }

    /// It shows no storage, or an empty one where none is.
    pub fn shows_nothing(self) -> String {
        let why = match self {
            Self::Phone => {
                "The phone shows no files: it is locked, or set to charge only. That says nothing about what is on it."
            }
            Self::IPhone => {
                "It shows no pictures: it is locked, or does not trust this computer, or holds none."
            }
            Self::Camera => "The camera shows no storage.",
        };
        format!("{why} {}", self.how_to_open())
    }

    /// A storage without a single object is a hidden one.
    pub fn always_shows_something(self) -> bool {
        self != Self::Camera
    }

    /// What is to be known of what it lists.
    pub fn notes(self) -> Option<String> {
        (self == Self::IPhone).then(|| {
            "Copies are what the iPhone hands over. With Settings, Photos (iOS 18: Apps, Photos), Transfer to Mac or PC \
             on “Automatic” it may convert them on the way: “Keep Originals” has it hand over the files as they are."
                .to_owned()
        })
    }

    /// A file of other than its listed length was handed over, in bytes.
    pub fn hands_over_another(self, length: u64, listed: u64) -> String {
        let what = format!("{length} bytes came in place of the {listed} that are listed");
        match self {
            Self::IPhone => format!(
                "{what}: the iPhone converts it on the way, unless Transfer to Mac or PC is set to “Keep Originals”"
            ),
            Self::Phone | Self::Camera => what,
        }
    }

    /// Why it gives no contacts, events or to-dos; `None`: it has none.
    pub fn lacks(self) -> Option<Holding> {
        let mut holding = Holding::default();
        match self {
            Self::Phone => {
                holding.unreadable = Some(
                    "File transfer doesn't give them. Switch USB debugging on and rescue the phone by that (Enter, or a \
                     command without --files), or let the phone's own apps export them to files on the phone and rescue \
                     its files once more."
                        .to_owned(),
                );
            }
            Self::IPhone => {
                holding.out_of_reach = Some(
                    "An iPhone gives them to no program in this way. Make a backup on a computer first, with Finder on a \
                     Mac, or with Apple Devices or iTunes on Windows."
                        .to_owned(),
                );
            }
            Self::Camera => return None,
        }
        Some(holding)
    }

    /// What a reset destroys besides.
    pub fn not_covered(self) -> Vec<String> {
        let lines: &[&str] = match self {
            Self::Phone => &[
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
        };
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    /// What having been read leaves on it.
    pub fn traces(self) -> Vec<String> {
        let line = match self {
            Self::Phone => {
                "A session was opened and closed: nothing of it is known to stay. Lines in the phone's own system log, \
                 which later ones replace."
            }
            Self::IPhone => {
                "This computer stays trusted, if “Trust” was tapped: Settings, General, Transfer or Reset iPhone, Reset, \
                 Reset Location & Privacy ends that for all computers."
            }
            Self::Camera => "A session was opened and closed: nothing of it is known to stay.",
        };
        vec![line.to_owned()]
    }
}

fn speaks_mtp(device: &DeviceInfo) -> bool {
    device.extension == MTP || device.extensions.contains("microsoft.com")
}
