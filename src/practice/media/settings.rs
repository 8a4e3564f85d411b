//! Properties and faults of a practice media device.

use std::time::Duration;

use crate::practice::{OwnerAction, OwnersFile};

/// The device whose behaviour is imitated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Model {
    /// Android's MTP (AOSP `frameworks/av`, `media/mtp/MtpServer.cpp`).
    #[default]
    Android,
    /// Debian's umtp-responder, which reports nothing before a session.
    Responder,
    /// A camera: PTP without extensions, with a memory card.
    Camera,
    /// An iPhone: PTP, only its pictures.
    IPhone,
    /// A phone from before Android that offers its pictures over PTP, like Nokia's N73 (libgphoto2's list).
    OldPhone,
    /// A watch with MTP (libmtp's logs of Garmin watches).
    Watch,
    /// A media player of an unknown maker, which reports that it is a player (MTP 1.1, perceived device type).
    Player,
}

impl Model {
    /// Make, model, version and serial number, as the device reports them.
    pub fn names(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Self::Android => ("Google", "Pixel 6", "1.0", "1B9XPRACTICE"),
            Self::Responder => ("Viveris", "The Viveris Product", "Rev A", "01234567"),
            Self::Camera => (
                "Canon Inc.",
                "Canon EOS 450D",
                "3-1.1.0",
                "0000000123456789",
            ),
            Self::IPhone => ("Apple Inc.", "Apple iPhone", "17.4", "00008110PRACTICE"),
            Self::OldPhone => ("Nokia", "N73", "", "350000000000006"),
            Self::Watch => ("Garmin", "Forerunner 265", "419", "0000cd4cef99"),
            Self::Player => ("Northwind", "NW-2", "1.02", "NW200001"),
        }
    }

    /// Vendor and product number on USB (lists of libmtp and libgphoto2; the watch has those of another Garmin, the player
    /// those for prototypes).
    pub(super) fn usb_numbers(self) -> (u16, u16) {
        match self {
            Self::Android => (0x18d1, 0x4ee1),
            Self::Responder => (0x1d6b, 0x0100),
            Self::Camera => (0x04a9, 0x3145),
            Self::IPhone => (0x05ac, 0x12a8),
            Self::OldPhone => (0x0421, 0x0488),
            Self::Watch => (0x091e, 0x4cda),
            Self::Player => (0x6666, 0x0001),
        }
    }

    /// True if the device speaks MTP; otherwise it speaks only PTP.
    pub fn speaks_mtp(self) -> bool {
        match self {
            Self::Android | Self::Responder | Self::Watch | Self::Player => true,
            Self::Camera | Self::IPhone | Self::OldPhone => false,
        }
    }
}

/// Behaviour after a request that is never answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mute {
    /// Other requests are answered.
    Once,
    /// No request is answered until the device is plugged in again.
    Ever,
}

/// Wrong length in a photo's container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lie {
    /// Less data than announced.
    Short,
    /// More data than announced.
    Long,
}

/// Fault of a file or folder, on every request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// A file cannot be read, or a folder cannot be listed.
    Denied,
    /// Its description cannot be read.
    Nameless,
    /// Less data arrives than its container announces.
    Short,
    /// More data arrives than its container announces.
    Long,
    /// Only half of the data arrives, and the container announces that length: the file is converted during transfer,
    /// or its end cannot be read.
    Half,
}

/// All options of a practice media device.
#[derive(Debug, Clone)]
pub struct Settings {
    pub model: Model,
    /// Make and model other than those of `model`.
    pub name: Option<(&'static str, &'static str)>,
    /// Serial number; `None`: the serial number of the model.
    pub serial: Option<String>,
    /// Two devices with the same seed and counts have the same contents.
    pub seed: u64,
    /// Number of photos in the camera's folder.
    pub photos: u32,
    /// Adds a memory card, a messenger's picture, a deleted picture, a recording, exported lists, and names in other
    /// scripts.
    pub more_files: bool,
    /// Further files. Those on the memory card need `more_files`.
    pub owned: Vec<OwnersFile>,
    /// Faults of files in `owned` and of their folders, by path.
    pub troubles: Vec<(String, Trouble)>,
    /// Changes after a number of requests for files or parts of files, in order.
    pub actions: Vec<(u32, OwnerAction)>,
    /// Adds a film of this size in bytes.
    pub movie: Option<u64>,
    /// Number of tiny files, and how many of them are in each folder; 0: all in one.
    pub many: u32,
    pub many_in_one: u32,
    /// Delay before the camera's folder is listed.
    pub slow_folder: Option<Duration>,
    /// Delay before all objects of a storage are listed.
    pub slow_all: Option<Duration>,
    /// The device shows no storage.
    pub locked: bool,
    /// The device is unlocked this long after the first request for its storages.
    pub unlocked_after: Option<Duration>,
    /// The device locks itself after sending this number of bytes.
    pub locks_after: Option<u64>,
    /// The cable comes out after this number of bytes sent; each entry once, in order.
    pub unplug_after: Vec<u64>,
    /// Number of times that the first photo changes while it is read.
    pub changes: u32,
    /// The second photo is deleted while it is read.
    pub vanishes: bool,
    /// The third photo cannot be read.
    pub denied: bool,
    /// The fourth photo's container has a wrong length.
    pub lie: Option<Lie>,
    /// Files can only be read as a whole.
    pub no_partial: bool,
    /// Two folders contain each other.
    pub ring: bool,
    /// Number of requests about objects that are first answered with "busy".
    pub busy: u32,
    /// An earlier program left its session open and a file transfer unfinished.
    pub left_over: bool,
    /// Events arrive on the data pipe.
    pub events: bool,
    /// Data that fills its last packet of 64 bytes is followed by one extra byte.
    pub extra_byte: bool,
    /// Sizes have 64 bits where 32 are correct.
    pub long_sizes: bool,
    /// Every folder request returns all objects.
    pub flat: bool,
    /// The second photo is converted during transfer; the listed size is that of the original.
    pub converts: bool,
    /// Photo names lack their extensions.
    pub short_names: bool,
    /// Each session gives the objects other handles, in another order.
    pub renumbers: bool,
    /// The camera's folder is listed as a file of 4 KB.
    pub folder_as_file: bool,
    /// The camera's folder is missing from folder listings. Only the listing of the whole storage has it.
    pub lost_folder: bool,
    /// Data containers have a wrong code and transaction number.
    pub junk_headers: bool,
    /// The request for the battery level is never answered.
    pub mute_battery: Option<Mute>,
    /// Storages are listed but cannot be described.
    pub no_storage_info: bool,
    /// Reading parts of files is reported as supported but refused.
    pub claims_partial: bool,
    /// Photos are named `.AAE`, with an unspecific format.
    pub aae_names: bool,
    /// While locked, the device lists a storage that does not exist.
    pub placeholder: bool,
    /// Delay between the header and the bytes of a file.
    pub thinks: Option<Duration>,
    /// The second photo is never sent.
    pub mute_photo: Option<Mute>,
    /// Objects are listed with size 0. Only a property gives the real size.
    pub untold_sizes: bool,
    /// Empty files cannot be read.
    pub no_empty_files: bool,
    /// Objects in the root give a parent that does not exist.
    pub stray_parents: bool,
    /// Battery level in percent.
    pub battery: u8,
    /// Speed of the link, in bytes a second.
    pub bytes_per_second: Option<u64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            model: Model::default(),
            name: None,
            serial: None,
            seed: 1,
            photos: 12,
            more_files: false,
            owned: Vec::new(),
            troubles: Vec::new(),
            actions: Vec::new(),
            movie: None,
            many: 0,
            many_in_one: 0,
            slow_folder: None,
            slow_all: None,
            locked: false,
            unlocked_after: None,
            locks_after: None,
            unplug_after: Vec::new(),
            changes: 0,
            vanishes: false,
            denied: false,
            lie: None,
            no_partial: false,
            ring: false,
            busy: 0,
            left_over: false,
            events: false,
            extra_byte: false,
            long_sizes: false,
            flat: false,
            converts: false,
            short_names: false,
            renumbers: false,
            folder_as_file: false,
            lost_folder: false,
            junk_headers: false,
            mute_battery: None,
            no_storage_info: false,
            claims_partial: false,
            aae_names: false,
            placeholder: false,
            thinks: None,
            mute_photo: None,
            untold_sizes: false,
            no_empty_files: false,
            stray_parents: false,
            battery: 83,
            bytes_per_second: None,
        }
    }
}

impl Settings {
    /// Make, model, version and serial number, as the device reports them.
    pub(super) fn names(&self) -> (&'static str, &'static str, &'static str, &str) {
        let (make, model, version, serial) = self.model.names();
        let (make, model) = self.name.unwrap_or((make, model));
        let serial = self.serial.as_deref().unwrap_or(serial);
        (make, model, version, serial)
    }
}
