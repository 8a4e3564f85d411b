//! Writes a backup into a folder.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use chrono::{DateTime, Utc};
use plist::{Dictionary, Uid, Value};
use rusqlite::{Connection, params};
use sha1::{Digest as _, Sha1};

use super::encrypt::{CLASS, Keys, encrypted, encrypted_10_0};
use super::mbdb;
use super::owner::{self, PhoneFile};
use super::settings::{Era, Settings};

/// The phone's unique number.
pub const UDID: &str = "00008140-001A2B3C4D5E6F70";
const NAME: &str = "Ada’s iPhone";
const SERIAL: &str = "PRACT1CE0001";

/// What was written.
pub struct Written {
    /// The files of the phone. Those that a fault has taken from the folder are among them.
    pub files: Vec<PhoneFile>,
}

/// A file as the list names it.
struct Listed {
    domain: String,
    path: String,
    id: String,
    mode: u16,
    size: u64,
    modified: i64,
    digest: Option<Vec<u8>>,
    key: Option<Vec<u8>>,
}

/// Writes a backup into an existing folder.
///
/// # Errors
/// Errors of the system.
pub fn write(settings: &Settings, root: &Path) -> io::Result<Written> {
    let files = owner::files(settings).map_err(io::Error::other)?;
    let (mut keys, bag) = match &settings.password {
        Some(password) => {
            let (keys, bag) = Keys::new(settings, password);
            (Some(keys), Some(bag))
        }
        None => (None, None),
    };
    let mut listed = folders(&files);
    let mut photo = 0;
    for file in &files {
        let id = hex(&Sha1::digest(format!("{}-{}", file.domain, file.path)));
        let is_photo = file.path.starts_with("Media/DCIM/1");
        let fault = |from: u32, count: u32| is_photo && (from..from + count).contains(&photo);
        let (is_missing, is_changed, is_cut) = (
            fault(0, settings.missing),
            fault(settings.missing, settings.changed),
            fault(settings.missing + settings.changed, settings.cut),
        );
        photo += u32::from(is_photo);
        let key = keys.as_mut().map(Keys::file_key);
        let mut stored = match &key {
            // A file of no bytes has a key and stays empty.
            Some((key, _)) if !file.bytes.is_empty() => encrypted(key, &file.bytes),
            Some(_) | None => file.bytes.clone(),
        };
        let mut digest = Sha1::digest(&file.bytes).to_vec();
        if is_changed && let Some(first) = digest.first_mut() {
            *first ^= 0xff;
        }
        if is_cut {
            stored.truncate(stored.len() / 32 * 16);
        }
        if !is_missing {
            let place = place(settings, root, &id);
            fs::create_dir_all(place.parent().unwrap_or(root))?;
            fs::write(place, stored)?;
        }
        listed.push(Listed {
            domain: file.domain.clone(),
            path: file.path.clone(),
            id,
            mode: 0o100_644,
            size: file.bytes.len() as u64,
            modified: file.modified,
            // Phones note the checksum of some files.
            digest: (file.has_checksum || is_photo || file.bytes.len() == 16).then_some(digest),
            key: key.map(|(_, wrapped)| wrapped),
        });
    }
    let manifest_key = match settings.era {
        Era::Ios5 | Era::Ios9 => {
            list_mbdb(settings, root, &listed)?;
            None
        }
        Era::Ios10 => {
            list_db(settings, root, &listed, None)?;
            None
        }
        Era::Ios14 | Era::Ios26 => {
            let key = keys.as_mut().map(Keys::file_key);
            list_db(settings, root, &listed, key.as_ref().map(|(key, _)| key))?;
            key.map(|(_, wrapped)| wrapped)
        }
    };
    properties(settings, root, bag, manifest_key)?;
    Ok(Written { files })
}

/// Where a file lies in the folder.
fn place(settings: &Settings, root: &Path, id: &str) -> std::path::PathBuf {
    let root = match settings.unfinished {
        true => root.join("Snapshot"),
        false => root.to_owned(),
    };
    match settings.era {
        Era::Ios5 | Era::Ios9 => root.join(id),
        Era::Ios10 | Era::Ios14 | Era::Ios26 => root.join(id.get(..2).unwrap_or_default()).join(id),
    }
}

/// The folders of the files, which the list names too.
fn folders(files: &[PhoneFile]) -> Vec<Listed> {
    let mut all = BTreeSet::new();
    for file in files {
        let mut path = file.path.as_str();
        while let Some((folder, _)) = path.rsplit_once('/') {
            all.insert((file.domain.clone(), folder.to_owned()));
            path = folder;
        }
        all.insert((file.domain.clone(), String::new()));
    }
    let listed = all.into_iter().map(|(domain, path)| Listed {
        id: hex(&Sha1::digest(format!("{domain}-{path}"))),
        domain,
        path,
        mode: 0o040_755,
        size: 0,
        modified: 1_500_000_000,
        digest: None,
        key: None,
    });
    listed.collect()
}

fn list_mbdb(settings: &Settings, root: &Path, listed: &[Listed]) -> io::Result<()> {
    let records: Vec<_> = listed
        .iter()
        .map(|one| mbdb::Record {
            domain: &one.domain,
            path: &one.path,
            digest: one.digest.as_deref(),
            key: one.key.as_deref(),
            mode: one.mode,
            modified: one.modified,
            size: one.size,
            class: if one.key.is_some() { CLASS as u8 } else { 0 },
        })
        .collect();
    let mut list = mbdb::list(&records);
    if settings.damaged_list {
        list.truncate(list.len() * 9 / 10);
    }
    fs::write(root.join("Manifest.mbdb"), list)
}

fn list_db(
    settings: &Settings,
    root: &Path,
    listed: &[Listed],
    key: Option<&[u8; 32]>,
) -> io::Result<()> {
    let path = root.join("Manifest.db");
    let failed = |error: rusqlite::Error| io::Error::other(error);
    let salt: Vec<u8> = (0..16).collect();
    let by_row = settings
        .password
        .as_deref()
        .filter(|_| settings.era == Era::Ios10);
    {
        let mut db = Connection::open(&path).map_err(failed)?;
        db.execute_batch(
            "CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT, relativePath TEXT, flags INTEGER, file BLOB);
             CREATE INDEX FilesDomainIdx ON Files(domain);
             CREATE INDEX FilesRelativePathIdx ON Files(relativePath);
             CREATE INDEX FilesFlagsIdx ON Files(flags);
             CREATE TABLE Properties (key TEXT PRIMARY KEY, value BLOB);",
        )
        .map_err(failed)?;
        let change = db.transaction().map_err(failed)?;
        change
            .execute("INSERT INTO Properties VALUES ('salt', ?)", [&salt])
            .map_err(failed)?;
        for one in listed {
            let mut row = archive(one)?;
            if let Some(password) = by_row {
                row = encrypted_10_0(password, &salt, &row);
            }
            let flags = if one.mode & 0o040_000 == 0 { 1 } else { 2 };
            change
                .execute(
                    "INSERT OR IGNORE INTO Files VALUES (?, ?, ?, ?, ?)",
                    params![one.id, one.domain, one.path, flags, row],
                )
                .map_err(failed)?;
        }
        change.commit().map_err(failed)?;
    }
    let mut bytes = fs::read(&path)?;
    if settings.damaged_list {
        // The last tenth of the pages, as on a failing disk.
        let from = bytes.len() * 9 / 10;
        bytes.get_mut(from..).unwrap_or_default().fill(0);
    }
    if let Some(key) = key {
        bytes = encrypted(key, &bytes);
    }
    fs::write(&path, bytes)
}

/// A row of the list, as `NSKeyedArchiver` writes an `MBFile`.
fn archive(one: &Listed) -> io::Result<Vec<u8>> {
    let mut objects = vec![Value::String("$null".into()), Value::Boolean(false)];
    let reference = |objects: &mut Vec<Value>, value: Value| {
        objects.push(value);
        Value::Uid(Uid::new(objects.len() as u64 - 1))
    };
    let path = reference(&mut objects, one.path.as_str().into());
    let mut file = Dictionary::new();
    let number = |number: i64| Value::Integer(number.into());
    for (name, value) in [
        ("Size", number(one.size as i64)),
        ("Mode", number(one.mode.into())),
        ("Flags", number(0)),
        ("LastModified", number(one.modified)),
        ("LastStatusChange", number(one.modified)),
        ("Birth", number(one.modified)),
        (
            "ProtectionClass",
            number(if one.key.is_some() { CLASS.into() } else { 0 }),
        ),
        ("InodeNumber", number(4711)),
        ("UserID", number(501)),
        ("GroupID", number(501)),
        ("RelativePath", path),
    ] {
        file.insert(name.into(), value);
    }
    if let Some(digest) = &one.digest {
        let digest = reference(&mut objects, Value::Data(digest.clone()));
        file.insert("Digest".into(), digest);
    }
    if let Some(key) = &one.key {
        let class = class(&["NSMutableData", "NSData", "NSObject"]);
        let class = reference(&mut objects, class);
        let mut data = Dictionary::new();
        data.insert("NS.data".into(), Value::Data(key.clone()));
        data.insert("$class".into(), class);
        let key = reference(&mut objects, Value::Dictionary(data));
        file.insert("EncryptionKey".into(), key);
    }
    let of_file = reference(&mut objects, class(&["MBFile", "NSObject"]));
    file.insert("$class".into(), of_file);
    if let Some(root) = objects.get_mut(1) {
        *root = Value::Dictionary(file);
    }
    let mut top = Dictionary::new();
    top.insert("root".into(), Value::Uid(Uid::new(1)));
    let mut archive = Dictionary::new();
    archive.insert("$version".into(), number(100_000));
    archive.insert("$archiver".into(), "NSKeyedArchiver".into());
    archive.insert("$top".into(), Value::Dictionary(top));
    archive.insert("$objects".into(), Value::Array(objects));
    let mut bytes = Vec::new();
    Value::Dictionary(archive)
        .to_writer_binary(&mut bytes)
        .map_err(io::Error::other)?;
    Ok(bytes)
}

fn class(names: &[&str]) -> Value {
    let mut class = Dictionary::new();
    class.insert("$classname".into(), (*names.first().unwrap_or(&"")).into());
    let names = names.iter().map(|name| (*name).into()).collect();
    class.insert("$classes".into(), Value::Array(names));
    Value::Dictionary(class)
}

/// Writes the property lists of the folder.
fn properties(
    settings: &Settings,
    root: &Path,
    bag: Option<Vec<u8>>,
    manifest_key: Option<Vec<u8>>,
) -> io::Result<()> {
    let (version, build, product) = settings.era.phone();
    let made = settings.made.unwrap_or_else(|| Utc::now().timestamp());
    let made = DateTime::<Utc>::from_timestamp(made, 0).unwrap_or_default();
    let date = Value::Date(std::time::SystemTime::from(made).into());
    let text = |text: &str| Value::String(text.into());
    let dictionary = |values: &[(&str, Value)]| {
        let values = values.iter().cloned();
        Value::Dictionary(
            values
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    };
    let lockdown = dictionary(&[
        ("BuildVersion", text(build)),
        ("DeviceName", text(NAME)),
        ("ProductType", text(product)),
        ("ProductVersion", text(version)),
        ("SerialNumber", text(SERIAL)),
        ("UniqueDeviceID", text(UDID)),
    ]);
    let app = dictionary(&[("CFBundleIdentifier", text("com.example.scanner"))]);
    let mut manifest = vec![
        ("Applications", dictionary(&[("com.example.scanner", app)])),
        (
            "BackupKeyBag",
            Value::Data(bag.clone().unwrap_or_else(|| vec![0; 8])),
        ),
        ("Date", date.clone()),
        ("IsEncrypted", Value::Boolean(bag.is_some())),
        ("Lockdown", lockdown),
        ("SystemDomainsVersion", text("24.0")),
        (
            "Version",
            text(match settings.era {
                Era::Ios5 | Era::Ios9 => "9.1",
                Era::Ios10 | Era::Ios14 | Era::Ios26 => "10.0",
            }),
        ),
        ("WasPasscodeSet", Value::Boolean(true)),
    ];
    if let Some(key) = manifest_key {
        manifest.push(("ManifestKey", Value::Data(key)));
    }
    let info = dictionary(&[
        ("Build Version", text(build)),
        ("Device Name", text(NAME)),
        ("Display Name", text(NAME)),
        (
            "Installed Applications",
            Value::Array(vec![
                text("com.example.scanner"),
                text("net.whatsapp.WhatsApp"),
            ]),
        ),
        ("Last Backup Date", date.clone()),
        ("Product Type", text(product)),
        ("Product Version", text(version)),
        ("Serial Number", text(SERIAL)),
        ("Target Identifier", text(UDID)),
        ("Unique Identifier", text(UDID)),
        ("iTunes Version", text("12.13.2.3")),
    ]);
    let state = if settings.unfinished {
        "uploading"
    } else {
        "finished"
    };
    let status = dictionary(&[
        ("BackupState", text("new")),
        ("Date", date),
        ("IsFullBackup", Value::Boolean(true)),
        ("SnapshotState", text(state)),
        ("UUID", text("3F2504E0-4F89-41D3-9A0C-0305E82C3301")),
        ("Version", text("3.3")),
    ]);
    dictionary(&manifest)
        .to_file_binary(root.join("Manifest.plist"))
        .map_err(io::Error::other)?;
    info.to_file_xml(root.join("Info.plist"))
        .map_err(io::Error::other)?;
    status
        .to_file_binary(root.join("Status.plist"))
        .map_err(io::Error::other)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
