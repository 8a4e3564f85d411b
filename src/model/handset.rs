//! Which handset it is, its health, and where on it a record comes from.

use serde::{Deserialize, Serialize};

/// Make, model, serial and system of a handset, as it tells them itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub make: String,
    pub model: String,
    /// The handset's serial number; empty where it keeps it to itself.
    pub serial: String,
    /// System and version, such as `Android 13`.
    pub system: String,
    /// How it is being read, in words: `ADB over TCP (127.0.0.1:5555)`.
    pub approach: String,
}

/// What tells a handset from another one, where its serial number does not: makers leave the same dummy in thousands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Marks {
    /// The build of its system (`ro.build.fingerprint`): an update changes it. Empty: it does not say.
    pub system: String,
    /// The accounts on it, each as one text. `None`: it does not say.
    pub accounts: Option<Vec<String>>,
}

/// Something that was asked of a handset.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// By this computer's clock: UTC, RFC 3339 with milliseconds.
    pub at: String,
    /// The request, in its protocol's own words. No request holds what a contact, an event or a to-do says.
    pub what: String,
}

/// What the handset is plugged into.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Charger {
    Charging,
    NotCharging,
    #[default]
    Unknown,
}

/// Dangers to the copy on the handset while it is read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Battery level in percent (0 to 100).
    pub battery_percent: Option<u8>,
    pub charger: Charger,
    /// True if its owner has not unlocked it since it was started: nothing of theirs can be read before.
    pub locked_since_boot: bool,
    /// Further observations for the reader, each a sentence.
    pub warnings: Vec<String>,
}

/// The account that a record belongs to (Android's `account_name`, `account_type`, `data_set`).
/// All fields `None`: the phone's own, unsynchronised store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Account {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_set: Option<String>,
}

/// Where on the handset a record was found.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The handset's own address book or calendar.
    #[default]
    Handset,
    /// A SIM card's phonebook.
    Sim,
    /// The owner's own profile ("Me").
    Profile,
    /// A file the owner had exported.
    File,
}

/// One record of the handset that went into a card, an event or a to-do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    #[serde(default)]
    pub origin: Origin,
    /// Which of several: the SIM's slot or subscription, the file's name; empty otherwise.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub place: String,
    #[serde(default)]
    pub account: Account,
    /// The handset's own row number of it.
    pub row: i64,
    /// The id that the account's server gave it (`sourceid`, `_sync_id`); `None`: never synchronised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_id: Option<String>,
    /// Changed on the handset since the account was last synchronised.
    #[serde(default)]
    pub dirty: bool,
    /// Marked deleted on the handset, still in its cache.
    #[serde(default)]
    pub deleted: bool,
    /// Its account is no longer on the handset: the provider drops such rows when it next starts.
    #[serde(default)]
    pub doomed: bool,
    /// No server can be expected to have it in this state: local, never synchronised, or changed since.
    #[serde(default)]
    pub only_here: bool,
}
