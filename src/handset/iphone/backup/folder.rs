//! Recognises the folder of a backup, and reads what it says about the phone and about itself.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::error::BackupError;
use crate::format::plist::{Limit, Plist};
use crate::handset::find::usb::clean;
use crate::system::plain;

/// Largest property list that is read, in bytes. `Info.plist` holds the icons of all apps.
const MAX_PLIST: u64 = 256 << 20;

/// Maximum number of folders that are looked at inside a folder that is no backup.
const MOST_INSIDE: usize = 300;

/// What a property list may expand to.
const LIMIT: Limit = Limit {
    values: 4_000_000,
    bytes: 256 << 20,
};

/// The folder of a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupFolder {
    pub path: PathBuf,
    /// The list of files, if there is one.
    pub list: Option<List>,
    pub about: About,
}

/// The form of the list of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// `Manifest.mbdb`, up to iOS 9.
    Mbdb,
    /// `Manifest.db`, since iOS 10.
    Db,
}

/// What a backup says about the phone and itself. Texts have no control characters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// The name that the owner gave the phone.
    pub name: String,
    /// Such as `iPhone10,4`.
    pub product_type: String,
    /// Such as `iPhone 8`, if the backup names it.
    pub product: String,
    pub serial: String,
    /// The phone's unique number, by which the folder is usually named.
    pub udid: String,
    /// Version of iOS.
    pub system: String,
    /// When the backup was made, in seconds since 1970.
    pub made: Option<i64>,
    pub is_encrypted: bool,
    /// The backup was not finished.
    pub is_unfinished: bool,
    /// Nothing says whether the backup was finished.
    pub is_of_unknown_state: bool,
    /// Identifiers of the apps that the owner had installed.
    pub apps: Vec<String>,
}

impl BackupFolder {
    /// Looks at a folder that a person has named: the backup, a folder inside it, or the folder around it.
    ///
    /// # Errors
    /// If there is no backup, or there are several.
    pub fn near(path: &Path) -> Result<Self, BackupError> {
        let foreign = match Self::of(path) {
            Err(foreign @ BackupError::Foreign(_)) => foreign,
            done => return done,
        };
        if let Some(around) = path.parent().and_then(|parent| Self::of(parent).ok()) {
            return Ok(around);
        }
        let inside = fs::read_dir(path)
            .into_iter()
            .flatten()
            .flatten()
            .take(MOST_INSIDE);
        let inside = inside.filter_map(|entry| Self::of(&entry.path()).ok());
        let mut inside: Vec<Self> = inside.collect();
        match (inside.pop(), inside.is_empty()) {
            (None, _) => Err(foreign),
            (Some(one), true) => Ok(one),
            (Some(one), false) => {
                inside.push(one);
                let names = inside.iter().map(|one| one.path.display().to_string());
                Err(BackupError::Several(names.collect::<Vec<_>>().join(", ")))
            }
        }
    }

    /// Looks at the folder of a backup.
    ///
    /// # Errors
    /// If it is no backup.
    pub fn of(path: &Path) -> Result<Self, BackupError> {
        let foreign = || BackupError::Foreign(path.display().to_string());
        let has = |name: &str| path.join(name).is_file();
        let list = list_in(path);
        if list.is_none() && !has("Manifest.plist") && !(has("Info.plist") && has("Status.plist")) {
            return Err(foreign());
        }
        let manifest = read_plist(&path.join("Manifest.plist"));
        // The folder's description of itself is optional: nothing depends on it.
        let info = read_plist(&path.join("Info.plist")).ok();
        let status = read_plist(&path.join("Status.plist")).ok();
        let about = match &manifest {
            Ok(manifest) => about(Some(manifest), info.as_ref(), status.as_ref()),
            Err(_) => about(None, info.as_ref(), status.as_ref()),
        };
        let is_unfinished = about.is_unfinished || list.is_none() || path.join("Snapshot").is_dir();
        Ok(Self {
            path: path.to_owned(),
            list,
            about: About {
                is_unfinished,
                ..about
            },
        })
    }

    /// Reads `Manifest.plist`. Programs that decrypt a whole backup leave it out: it is then empty.
    ///
    /// # Errors
    /// If it can't be read.
    pub fn manifest(&self) -> Result<Plist, BackupError> {
        let path = self.path.join("Manifest.plist");
        match path.exists() {
            true => read_plist(&path),
            false => Ok(Plist::Dict(HashMap::new())),
        }
    }

    /// True if the backup has the form of iOS 3 and before, in which each file has its own description.
    pub fn is_of_ios_3(&self) -> bool {
        let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
        let mut names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        names.any(|name| name.ends_with(".mdinfo") || name.ends_with(".mdbackup"))
    }
}

/// The form of a folder's list of files, by its first bytes: people rename `Manifest.mbdb` so that other programs open
/// the backup. `None`: there is no list.
fn list_in(path: &Path) -> Option<List> {
    [("Manifest.db", List::Db), ("Manifest.mbdb", List::Mbdb)]
        .into_iter()
        .find_map(|(name, by_name)| {
            let path = path.join(name);
            if !path.is_file() {
                return None;
            }
            let mut begin = [0; 4];
            let read = File::open(path).and_then(|mut file| file.read_exact(&mut begin));
            Some(match read {
                Ok(()) if &begin == b"mbdb" => List::Mbdb,
                Ok(()) | Err(_) => by_name,
            })
        })
}

/// Reads a property list of the backup.
///
/// # Errors
/// If it can't be read, is damaged, or is larger than any real one.
fn read_plist(path: &Path) -> Result<Plist, BackupError> {
    let failed = |error: &dyn std::error::Error| BackupError::file(path, error);
    let file = plain::open_chosen(path).map_err(|error| failed(&error))?;
    let mut bytes = Vec::new();
    file.take(MAX_PLIST)
        .read_to_end(&mut bytes)
        .map_err(|error| failed(&error))?;
    Plist::parse(&bytes, LIMIT).map_err(|error| failed(&error))
}

fn about(manifest: Option<&Plist>, info: Option<&Plist>, status: Option<&Plist>) -> About {
    let lockdown = manifest.and_then(|manifest| manifest.get("Lockdown"));
    let said = |in_info: &str, in_lockdown: &str| {
        let info = info.and_then(|info| info.get(in_info)?.text());
        let lockdown = || lockdown.and_then(|lockdown| lockdown.get(in_lockdown)?.text());
        info.or_else(lockdown).and_then(clean).unwrap_or_default()
    };
    let date = |list: Option<&Plist>, name: &str| list.and_then(|list| list.get(name)?.date());
    let dates = [
        date(status, "Date"),
        date(info, "Last Backup Date"),
        date(manifest, "Date"),
    ];
    let apps = info.and_then(|info| info.get("Installed Applications"));
    let apps = apps.map(Plist::array).unwrap_or_default();
    let snapshot = status.and_then(|status| status.get("SnapshotState")?.text());
    About {
        name: said("Device Name", "DeviceName"),
        product_type: said("Product Type", "ProductType"),
        product: said("Product Name", "ProductName").replace("iPhone OS", ""),
        serial: said("Serial Number", "SerialNumber"),
        udid: said("Unique Identifier", "UniqueDeviceID").to_ascii_uppercase(),
        system: said("Product Version", "ProductVersion"),
        // A date before the first iPhone is that of a clock that was never set.
        made: dates
            .into_iter()
            .flatten()
            .find(|made| *made > 1_167_609_600),
        is_encrypted: manifest
            .is_some_and(|list| list.get("IsEncrypted").is_some_and(Plist::is_true)),
        is_unfinished: snapshot.is_some_and(|state| state != "finished"),
        // Until iOS 4, `Backup Success` was all that it said.
        is_of_unknown_state: snapshot.is_none()
            && !status
                .is_some_and(|status| status.get("Backup Success").is_some_and(Plist::is_true)),
        apps: apps.iter().filter_map(|app| clean(app.text()?)).collect(),
    }
}
