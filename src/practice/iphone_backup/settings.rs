//! Properties of a practice backup.

use super::databases::Layout;
use super::owner::PhoneFile;

/// The password of encrypted practice backups.
pub const PASSWORD: &str = "lifeboat";

/// How phones and computers of a time write backups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Era {
    /// iOS 5: the same as iOS 9, with messages in tables of their own.
    Ios5,
    /// iOS 5 to 9: `Manifest.mbdb`, all files in one folder, one derivation.
    Ios9,
    /// iOS 10.0: `Manifest.db`, whose rows are encrypted one by one, and the keys of iOS 9.
    Ios10,
    /// iOS 10.2 to 15: an encrypted `Manifest.db`, two derivations.
    Ios14,
    /// iOS 26.
    Ios26,
}

impl Era {
    /// The layout of the databases.
    pub fn layout(self) -> Layout {
        match self {
            Self::Ios5 => Layout::Ios5,
            Self::Ios9 => Layout::Ios9,
            Self::Ios10 => Layout::Ios12,
            Self::Ios14 => Layout::Ios14,
            Self::Ios26 => Layout::Ios26,
        }
    }

    pub const ALL: [Self; 5] = [
        Self::Ios5,
        Self::Ios9,
        Self::Ios10,
        Self::Ios14,
        Self::Ios26,
    ];

    /// Version, build and model of a phone of that time.
    pub fn phone(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Ios5 => ("5.1.1", "9B206", "iPhone3,1"),
            Self::Ios9 => ("9.3.5", "13G36", "iPhone4,1"),
            Self::Ios10 => ("10.0.2", "14A456", "iPhone8,1"),
            Self::Ios14 => ("14.3", "18C66", "iPhone10,4"),
            Self::Ios26 => ("26.0.1", "23A355", "iPhone17,3"),
        }
    }
}

/// All options of a practice backup.
#[derive(Debug, Clone)]
pub struct Settings {
    pub era: Era,
    /// `None`: the backup is not encrypted.
    pub password: Option<String>,
    /// Rounds of the first derivation. Phones use 10 million; fewer keep tests quick.
    pub rounds: u32,
    pub photos: u32,
    /// Further photos that are only in iCloud: the phone lists them and has no files of them.
    pub in_cloud: u32,
    /// Contacts, events, reminders, messages and calls, of each kind. 0: the phone has no databases.
    pub things: u32,
    /// Two backups with the same seed have the same owner.
    pub seed: u64,
    /// When the backup was made, in seconds since 1970; `None`: now.
    pub made: Option<i64>,
    /// Further files.
    pub files: Vec<PhoneFile>,
    /// This many photos are listed and not in the folder.
    pub missing: u32,
    /// This many photos have another checksum than the list says.
    pub changed: u32,
    /// This many photos are cut short.
    pub cut: u32,
    /// The backup was interrupted.
    pub unfinished: bool,
    /// The list of files is damaged in the middle.
    pub damaged_list: bool,
    /// The list names paths that lead outside.
    pub hostile: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            era: Era::Ios26,
            password: None,
            rounds: 1_000,
            photos: 8,
            in_cloud: 0,
            things: 20,
            seed: 1,
            made: None,
            files: Vec::new(),
            missing: 0,
            changed: 0,
            cut: 0,
            unfinished: false,
            damaged_list: false,
            hostile: false,
        }
    }
}
