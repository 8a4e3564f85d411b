//! The identity of a handset, its health, and the origin of records on it.

use serde::{Deserialize, Serialize};

/// Make, model, serial number and system of a handset, as reported by the handset.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub make: String,
    pub model: String,
    /// The handset's serial number; empty if not reported.
    pub serial: String,
    /// System and version, such as `Android 13`.
    pub system: String,
    /// The way the handset is read, in words: `ADB over TCP (127.0.0.1:5555)`.
    pub approach: String,
    /// A backup on this computer: no phone is there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_backup: bool,
}

impl Identity {
    /// Make and model as people write them.
    pub fn name(&self) -> String {
        called(&self.make, &self.model)
    }
}

/// Make and model as people write them. Some phones report their maker in small letters: `samsung`.
pub fn called(make: &str, model: &str) -> String {
    let make = make.trim();
    let mut letters = make.chars();
    let make = match letters.next() {
        Some(first) if !make.chars().any(char::is_uppercase) => {
            first.to_uppercase().chain(letters).collect()
        }
        _ => make.to_owned(),
    };
    format!("{make} {}", model.trim()).trim().to_owned()
}

/// Marks that tell two handsets apart if their serial numbers don't: some makers use the same dummy number in
/// thousands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Marks {
    /// The build of the system (`ro.build.fingerprint`), which changes with an update. Empty: not reported.
    pub system: String,
    /// The accounts on the handset, each as one text. `None`: not reported.
    pub accounts: Option<Vec<String>>,
}

/// A request to a handset.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Time on this computer's clock: UTC, RFC 3339 with milliseconds.
    pub at: String,
    /// The request, in the terms of its protocol. No request contains the content of a contact, an event or a to-do.
    pub what: String,
}

/// Whether the handset is being charged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Charger {
    Charging,
    NotCharging,
    #[default]
    Unknown,
}

/// Conditions that threaten the data on the handset while it is read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Battery level in percent (0 to 100).
    pub battery_percent: Option<u8>,
    pub charger: Charger,
    /// True if the owner has not unlocked the handset since it was started. None of the owner's data can be read before
    /// that.
    pub locked_since_boot: bool,
    /// Further observations for the user, each a sentence.
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

/// The kind of place where a record was found.
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
    /// A file that the owner had exported.
    File,
}

/// One record of the handset that went into a card, an event or a to-do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    #[serde(default)]
    pub origin: Origin,
    /// Tells several places of one origin apart: the SIM's slot or subscription, the file's name; empty otherwise.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub place: String,
    #[serde(default)]
    pub account: Account,
    /// The handset's own row number of the record.
    pub row: i64,
    /// The ID given by the account's server (`sourceid`, `_sync_id`); `None`: never synchronised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_id: Option<String>,
    /// Changed on the handset since the account was last synchronised.
    #[serde(default)]
    pub dirty: bool,
    /// Marked deleted on the handset, still in its cache.
    #[serde(default)]
    pub deleted: bool,
    /// The account is no longer on the handset: the provider deletes such rows when it next starts.
    #[serde(default)]
    pub doomed: bool,
    /// No server can be expected to have the record in this state: it is local, was never synchronised, or was changed
    /// since.
    #[serde(default)]
    pub only_here: bool,
}
