//! What a practice media device is like, and how it fails.

use std::time::Duration;

use crate::practice::{Deed, OwnersFile};

/// What it behaves as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Model {
    /// Android's MTP (AOSP `frameworks/av`, `media/mtp/MtpServer.cpp`).
    #[default]
    Android,
    /// Debian's umtp-responder: it says nothing before a session.
    Responder,
    /// A camera: PTP without extensions, a memory card.
    Camera,
    /// An iPhone: PTP, its pictures alone.
    IPhone,
    /// A phone from before Android that shows its pictures over PTP, as Nokia's N73 does (libgphoto2's list).
    OldPhone,
    /// A watch that speaks MTP (libmtp's logs of Garmin's).
    Watch,
    /// A player whose maker is not known, and which tells that it is one (MTP 1.1, perceived device type).
    Player,
}

impl Model {
    /// Make, model, version and serial number, as it tells them.
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

    /// It speaks MTP; the others PTP alone.
    pub fn speaks_mtp(self) -> bool {
        match self {
            Self::Android | Self::Responder | Self::Watch | Self::Player => true,
            Self::Camera | Self::IPhone | Self::OldPhone => false,
        }
    }
}

/// What follows a question that is never answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mute {
    /// Other questions are answered.
    Once,
    /// Nothing, until the device is plugged in again.
    Ever,
}

/// How a photo's container lies about its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lie {
    /// Less comes than it says.
    Short,
    /// More comes than it says.
    Long,
}

/// What is wrong with one file or folder, each time that it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// A file can't be read, or a folder not be listed.
    Denied,
    /// What it is can't be told.
    Nameless,
    /// Its container says that more comes than does.
    Short,
    /// Its container says that less comes than does.
    Long,
    /// Half of it comes, in a container that says so: it is converted on the way, or its end can't be read.
    Half,
}

/// Everything that can be chosen about a practice media device.
#[derive(Debug, Clone)]
pub struct Settings {
    pub model: Model,
    /// Its serial number; `None`: that of its model.
    pub serial: Option<String>,
    /// Two devices with the same seed and counts hold the same.
    pub seed: u64,
    /// Photos in the camera's folder.
    pub photos: u32,
    /// Beside the photos: a memory card, a messenger's picture, one that was thrown away, a recording, exported lists,
    /// names in other scripts.
    pub more_files: bool,
    /// What lies on it besides; those of the memory card need `more_files`.
    pub owned: Vec<OwnersFile>,
    /// What is wrong with some of `owned` and their folders, by their paths.
    pub troubles: Vec<(String, Trouble)>,
    /// What happens once so many files, or parts of files, were asked for; in order.
    pub deeds: Vec<(u32, Deed)>,
    /// A film of so many bytes.
    pub movie: Option<u64>,
    /// So many tiny files, and how many of them are in one folder; 0: all.
    pub many: u32,
    pub many_in_one: u32,
    /// So long after it was asked it tells what lies in the camera's folder.
    pub slow_folder: Option<Duration>,
    /// So long after it was asked it tells all objects of a storage.
    pub slow_all: Option<Duration>,
    /// It shows no storage.
    pub locked: bool,
    /// When, after it was first asked for its storages, it is unlocked.
    pub unlocked_after: Option<Duration>,
    /// It locks itself once so many bytes went to the client.
    pub locks_after: Option<u64>,
    /// The cable comes out after so many bytes to the client; each entry once, in order.
    pub unplug_after: Vec<u64>,
    /// The first photo changes so often while it is read.
    pub changes: u32,
    /// The second photo goes away while it is read.
    pub vanishes: bool,
    /// The third photo can't be read.
    pub denied: bool,
    /// The fourth photo's container lies about its length.
    pub lie: Option<Lie>,
    /// Files can only be had whole.
    pub no_partial: bool,
    /// Two folders lie in each other.
    pub ring: bool,
    /// It is busy at the first so many questions about objects.
    pub busy: u32,
    /// An earlier program left its session open, and part of a file on its way.
    pub left_over: bool,
    /// Events come over the pipe of data.
    pub events: bool,
    /// Data that fill their last packet of 64 bytes are followed by one byte too many.
    pub extra_byte: bool,
    /// Sizes stand in 64 bits where 32 belong.
    pub long_sizes: bool,
    /// Whichever folder is asked for, all objects are given.
    pub flat: bool,
    /// The second photo is converted when it is asked for: its listed size is that of the original.
    pub converts: bool,
    /// The names of photos come without their endings.
    pub short_names: bool,
    /// Each session gives the objects other numbers, in another order.
    pub renumbers: bool,
    /// The camera's folder is listed as a file of 4 KB.
    pub folder_as_file: bool,
    /// The camera's folder is in no folder's listing, only in that of the whole storage.
    pub lost_folder: bool,
    /// Data come with junk for their code and number.
    pub junk_headers: bool,
    /// The question for the battery is never answered.
    pub mute_battery: Option<Mute>,
    /// Storages can't be described, though listed.
    pub no_storage_info: bool,
    /// Reading parts of files is listed among what it can be asked, and refused.
    pub claims_partial: bool,
    /// Photos are called `.AAE`, without a format that tells.
    pub aae_names: bool,
    /// While it is locked, it lists a storage that is not there.
    pub placeholder: bool,
    /// How long after its header the bytes of a file come.
    pub thinks: Option<Duration>,
    /// The second photo never comes.
    pub mute_photo: Option<Mute>,
    /// Objects are said to hold nothing, and their sizes are told as a property alone.
    pub untold_sizes: bool,
    /// Files that hold nothing can't be read.
    pub no_empty_files: bool,
    /// What lies in the root says that it lies in an object that there is not.
    pub stray_parents: bool,
    /// In percent.
    pub battery: u8,
    /// How fast the link is, bytes a second.
    pub bytes_per_second: Option<u64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            model: Model::default(),
            serial: None,
            seed: 1,
            photos: 12,
            more_files: false,
            owned: Vec::new(),
            troubles: Vec::new(),
            deeds: Vec::new(),
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
