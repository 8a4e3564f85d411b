//! The databases of a practice iPhone: address book, calendar, reminders, messages and calls, as systems of several
//! times lay them out. The layouts are written by the book: from public descriptions of real databases.

mod calendar;
mod calls;
mod contacts;
pub mod media;
mod messages;
mod messages_5;
mod owner;
mod reminders;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::Connection;

use super::PhoneFile;
use crate::practice::pictures;
pub use messages::archived;
pub use owner::{Appointment, Errand, Friend, Owner, PhoneCall, Repeat, Text};

/// The system whose layouts are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layout {
    Ios5,
    Ios6,
    Ios9,
    Ios12,
    Ios14,
    Ios16,
    Ios18,
    Ios26,
}

impl Layout {
    pub const ALL: [Self; 8] = [
        Self::Ios5,
        Self::Ios6,
        Self::Ios9,
        Self::Ios12,
        Self::Ios14,
        Self::Ios16,
        Self::Ios18,
        Self::Ios26,
    ];
}

/// Returns the databases of an owner. `with_calls`: a backup that is not encrypted has no list of calls since iOS 13.
///
/// # Errors
/// If the databases can't be made in the folder for temporary files.
pub fn files(layout: Layout, owner: &Owner, with_calls: bool) -> rusqlite::Result<Vec<PhoneFile>> {
    let bench = Bench::new()?;
    let mut files = Vec::new();
    let mut add = |domain: &str, path: &str, fill: &dyn Fn(&Connection) -> rusqlite::Result<()>| {
        let bytes = bench.make(fill)?;
        files.push(PhoneFile {
            has_checksum: true,
            ..PhoneFile::new(domain, path, bytes)
        });
        Ok::<_, rusqlite::Error>(())
    };
    const HOME: &str = "HomeDomain";
    const BOOK: &str = "Library/AddressBook/";
    add(HOME, &format!("{BOOK}AddressBook.sqlitedb"), &|db| {
        contacts::fill(db, layout, owner)
    })?;
    add(HOME, &format!("{BOOK}AddressBookImages.sqlitedb"), &|db| {
        contacts::fill_pictures(db, owner)
    })?;
    add(HOME, "Library/Calendar/Calendar.sqlitedb", &|db| {
        calendar::fill(db, layout, owner)
    })?;
    add(HOME, "Library/SMS/sms.db", &|db| match layout {
        Layout::Ios5 => messages_5::fill(db, owner),
        _ => messages::fill(db, layout, owner),
    })?;
    // Each phone has a mailbox. Few operators fill it.
    add(HOME, "Library/Voicemail/voicemail.db", &|db| {
        calls::fill_mailbox(db, false)
    })?;
    for (domain, path, is_local) in reminders::stores(layout) {
        add(domain, path, &|db| {
            reminders::fill(db, layout, owner, *is_local)
        })?;
    }
    match layout {
        Layout::Ios5 | Layout::Ios6 => add(
            "WirelessDomain",
            "Library/CallHistory/call_history.db",
            &|db| calls::fill_old(db, owner),
        )?,
        Layout::Ios9
        | Layout::Ios12
        | Layout::Ios14
        | Layout::Ios16
        | Layout::Ios18
        | Layout::Ios26 => {
            if with_calls || layout < Layout::Ios14 {
                add(HOME, "Library/CallHistoryDB/CallHistory.storedata", &|db| {
                    calls::fill(db, owner)
                })?;
            }
        }
    }
    Ok(files)
}

/// Returns the pictures of messages that are files on the phone. Some are only in iCloud.
pub fn attachments(layout: Layout, owner: &Owner, seed: u64) -> Vec<PhoneFile> {
    let texts = (0..).zip(&owner.texts);
    let here = texts.filter(|(index, text)| text.has_picture && index % 5 != 4);
    here.filter_map(|(index, text)| {
        let path = match layout {
            Layout::Ios5 => messages_5::file_of(index, text)?,
            _ => messages::attachment_of(index),
        };
        let number = 9_000 + u32::try_from(index).ok()?;
        let picture = pictures::photo(seed, number);
        Some(PhoneFile::new("MediaDomain", &path, picture))
    })
    .collect()
}

/// Returns the phone's lists of its photos and voice memos.
///
/// # Errors
/// If the databases can't be made in the folder for temporary files.
pub fn media_files(layout: Layout, roll: media::Roll) -> rusqlite::Result<Vec<PhoneFile>> {
    let bench = Bench::new()?;
    let photos = bench.make(&|db| media::fill_photos(db, layout, roll))?;
    let memos = bench.make(&|db| media::fill_memos(db, layout))?;
    let (domain, folder) = media::memos_of(layout);
    let list = match layout < Layout::Ios12 {
        true => "Recordings.db",
        false => "CloudRecordings.db",
    };
    let files = [
        PhoneFile::new("CameraRollDomain", "Media/PhotoData/Photos.sqlite", photos),
        PhoneFile::new(domain, &format!("{folder}{list}"), memos),
    ];
    Ok(files
        .map(|file| PhoneFile {
            has_checksum: true,
            ..file
        })
        .to_vec())
}

/// A folder in which databases are made.
struct Bench(PathBuf);

impl Bench {
    fn new() -> rusqlite::Result<Self> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!(
            "lifeboat-practice-databases-{}-{number}",
            std::process::id()
        );
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).map_err(failed)?;
        Ok(Self(folder))
    }

    fn make(
        &self,
        fill: &dyn Fn(&Connection) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<Vec<u8>> {
        let path = self.0.join("made.db");
        remove(&path)?;
        let database = Connection::open(&path)?;
        database.execute_batch("BEGIN")?;
        fill(&database)?;
        database.execute_batch("COMMIT")?;
        database.close().map_err(|(_, error)| error)?;
        std::fs::read(&path).map_err(failed)
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // What remains is invented data in the folder for temporary files.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn remove(path: &Path) -> rusqlite::Result<()> {
    match path.exists() {
        true => std::fs::remove_file(path).map_err(failed),
        false => Ok(()),
    }
}

fn failed(error: std::io::Error) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(error))
}

/// Seconds from 1970 to 2001, where Apple's clocks begin.
const COCOA: i64 = 978_307_200;
