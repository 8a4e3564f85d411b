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

/// Company suffixes that are left out of names.
const COMPANY: [&str; 5] = ["inc", "corporation", "corp", "ltd", "co"];

/// Brands under which other makers sell phones.
const BRANDS: [&str; 2] = ["Nokia", "BlackBerry"];

/// Names up to this length keep their capitals: `HTC`, `OPPO`.
const CAPITALS: usize = 4;

/// Make and model as people write them: `Samsung SM-A536B` of `samsung` or `SAMSUNG`, `Apple iPhone` of `Apple Inc.` and
/// `Apple iPhone`, `Nokia 8110 4G` of `HMD Global` and `Nokia 8110 4G`.
pub fn called(make: &str, model: &str) -> String {
    let words = || {
        make.split([' ', ','])
            .filter(|word| !word.is_empty())
            .filter(|word| {
                let word = word.trim_end_matches('.');
                !COMPANY.iter().any(|end| word.eq_ignore_ascii_case(end))
            })
    };
    let model = model.trim();
    let begins = model.split([' ', '-', '_']).next().unwrap_or_default();
    let is_said = |word: &str| begins.eq_ignore_ascii_case(word);
    if words().next().is_some_and(is_said) || BRANDS.into_iter().any(is_said) {
        return model.to_owned();
    }
    let written = |word: &str| {
        let is_loud = word.chars().count() > CAPITALS && !word.chars().any(char::is_lowercase);
        let is_quiet = !word.chars().any(char::is_uppercase);
        let mut letters = word.chars();
        match letters.next() {
            Some(first) if is_loud || is_quiet => {
                let rest = letters.as_str().to_lowercase();
                first.to_uppercase().chain(rest.chars()).collect()
            }
            Some(_) | None => word.to_owned(),
        }
    };
    let mut parts: Vec<String> = words().map(written).collect();
    parts.push(model.to_owned());
    parts.join(" ").trim().to_owned()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_has_one_name_however_its_maker_is_written() {
        for (make, model, name) in [
            ("samsung", "SM-A536B", "Samsung SM-A536B"),
            ("SAMSUNG", "SM-A536B", "Samsung SM-A536B"),
            ("Samsung", "", "Samsung"),
            ("", "Pixel 6", "Pixel 6"),
            ("HMD Global", "Nokia 8110 4G", "Nokia 8110 4G"),
            ("Nokia", "8110 4G", "Nokia 8110 4G"),
            ("Apple Inc.", "Apple iPhone", "Apple iPhone"),
            ("Apple Inc.", "iPhone", "Apple iPhone"),
            ("Canon Inc.", "Canon EOS 450D", "Canon EOS 450D"),
            ("NIKON CORPORATION", "D90", "Nikon D90"),
            ("Sony Ericsson", "K800i", "Sony Ericsson K800i"),
            ("HTC", "One", "HTC One"),
            ("", "", ""),
        ] {
            assert_eq!(called(make, model), name, "{make} {model}");
        }
    }
}
