//! Reads a backup's list of files into the [`Index`].

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use super::error::BackupError;
use super::folder::{BackupFolder, List};
use super::index::Index;
use super::scratch::Scratch;
use super::whole;
use crate::format::iphone_backup::{
    ClassKeys, Decryption, Entry, EntryKind, FileId, Key, Mbdb, MbdbError, WRAPPED, decrypt_10_0,
    mbfile,
};
use crate::format::plist::Plist;
use crate::handset::iphone::databases::{Database, Row};
use crate::model::Stop;
use crate::phrase;
use crate::system::private;

/// Maximum number of files in a backup.
const MAX_FILES: u64 = 20_000_000;

/// Rows of the list that are read at once.
const PAGE: usize = 256;

/// Bytes that are copied at once.
const PIECE: usize = 1 << 20;

/// How much of the list could be read.
#[derive(Debug, Default)]
pub struct Reading {
    /// Files that the list names.
    pub files: u64,
    /// Entries that could not be understood.
    pub unreadable: u64,
    /// Why the list could not be read to its end.
    pub cut: Option<String>,
}

/// What the list is read with.
pub struct Opened<'a> {
    pub folder: &'a BackupFolder,
    pub manifest: &'a Plist,
    /// `None`: the backup is not encrypted.
    pub keys: Option<&'a ClassKeys>,
    pub password: &'a str,
    pub stop: &'a Stop,
}

/// Reads the list.
///
/// # Errors
/// If nothing of it can be read.
pub fn read(opened: &Opened<'_>, scratch: &Scratch, index: &Index) -> Result<Reading, BackupError> {
    let mut reading = Reading::default();
    let fill = |add: &mut dyn FnMut(&Entry) -> rusqlite::Result<()>| match opened.folder.list {
        Some(List::Mbdb) => of_mbdb(opened, add, &mut reading),
        Some(List::Db) => of_db(opened, scratch, add, &mut reading),
        None => Err(BackupError::NoList),
    };
    index.fill(fill)?;
    Ok(reading)
}

impl From<rusqlite::Error> for BackupError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Scratch(io::Error::other(error))
    }
}

type Add<'a> = dyn FnMut(&Entry) -> rusqlite::Result<()> + 'a;

fn of_mbdb(
    opened: &Opened<'_>,
    add: &mut Add<'_>,
    reading: &mut Reading,
) -> Result<(), BackupError> {
    let names = ["Manifest.mbdb", "Manifest.db"].into_iter();
    let mut paths = names.map(|name| opened.folder.path.join(name));
    let path = paths.find(|path| path.is_file()).unwrap_or_default();
    let failed = |error: MbdbError| BackupError::file(&path, error);
    let file = File::open(&path).map_err(|error| failed(error.into()))?;
    let mut list = Mbdb::new(BufReader::with_capacity(PIECE, file)).map_err(failed)?;
    loop {
        match list.next_entry() {
            Ok(Some(entry)) => keep(&entry, opened, add, reading)?,
            Ok(None) => return Ok(()),
            Err(error) if reading.files == 0 => return Err(failed(error)),
            Err(error) => {
                reading.cut = Some(error.to_string());
                return Ok(());
            }
        }
    }
}

/// Adds an entry, if it is a file.
fn keep(
    entry: &Entry,
    opened: &Opened<'_>,
    add: &mut Add<'_>,
    reading: &mut Reading,
) -> Result<(), BackupError> {
    if opened.stop.is_stopped() {
        return Err(BackupError::Stopped);
    }
    if entry.kind != EntryKind::File {
        return Ok(());
    }
    reading.files += 1;
    if reading.files > MAX_FILES {
        reading.cut = Some(phrase("it names more files than any real one").into());
        return Ok(());
    }
    add(entry)?;
    Ok(())
}

fn of_db(
    opened: &Opened<'_>,
    scratch: &Scratch,
    add: &mut Add<'_>,
    reading: &mut Reading,
) -> Result<(), BackupError> {
    let path = opened.folder.path.join("Manifest.db");
    let copy = scratch
        .folder()
        .map_err(BackupError::Scratch)?
        .join("Manifest.db");
    let key = manifest_key(opened)?;
    let (bad, is_encrypted) = copy_list(&path, &copy, key.as_ref(), opened.stop)?;
    let log = opened.folder.path.join("Manifest.db-wal");
    if !is_encrypted && log.is_file() {
        copy_list(&log, &whole::beside(&copy, "-wal"), None, opened.stop)?;
    }
    let mut damage = whole::complete(&copy, "Manifest.db").map_err(BackupError::Scratch)?;
    if bad > 0 {
        damage.insert(0, phrase!("{bad} bytes of it can't be read."));
    }
    let failed = |why: &str| BackupError::file(&path, why);
    let mut db = Database::open(&copy, "Manifest.db").map_err(|error| failed(&error.0))?;
    let salt = salt_10_0(&db);
    let mut after = i64::MIN;
    let end = loop {
        let page = match db.page("Files", after, PAGE) {
            Ok(page) => page,
            Err(broken) => break Some(broken.said()),
        };
        let Some(last) = page.last().and_then(|row| row.number("rowid")) else {
            break None;
        };
        after = last;
        for row in &page {
            keep_row(row, salt.as_deref(), opened, add, reading)?;
        }
    };
    damage.append(&mut db.damage);
    damage.extend(end);
    if damage.is_empty() {
        return Ok(());
    }
    let said = damage.join(" ");
    match reading.files {
        0 => Err(failed(&said)),
        _ => {
            reading.cut.get_or_insert(said);
            Ok(())
        }
    }
}

/// Adds the file that a row names.
fn keep_row(
    row: &Row,
    salt: Option<&[u8]>,
    opened: &Opened<'_>,
    add: &mut Add<'_>,
    reading: &mut Reading,
) -> Result<(), BackupError> {
    // Folders and links hold nothing.
    if row.number("flags").unwrap_or(1) != 1 {
        return Ok(());
    }
    let text = |name: &str| std::str::from_utf8(row.bytes(name)?).ok();
    let blob = row.bytes("file");
    let file = blob.and_then(|blob| row_of(blob, salt, opened.password));
    // Without encryption, the file itself tells its size.
    let file = file.or_else(|| opened.keys.is_none().then(Entry::default));
    match (
        text("fileID").and_then(id_of),
        text("domain"),
        text("relativePath"),
        file,
    ) {
        (Some(id), Some(domain), Some(path), Some(file)) => {
            let entry = Entry {
                id,
                domain: domain.to_owned(),
                path: path.to_owned(),
                kind: EntryKind::File,
                ..file
            };
            keep(&entry, opened, add, reading)
        }
        _ => {
            reading.unreadable += 1;
            Ok(())
        }
    }
}

/// Reads what a row says about its file. Some rows of iOS 10.0 are encrypted on their own.
fn row_of(blob: &[u8], salt: Option<&[u8]>, password: &str) -> Option<Entry> {
    match mbfile(blob) {
        Ok(file) => Some(file),
        Err(_) => mbfile(&decrypt_10_0(blob, password, salt?)?).ok(),
    }
}

/// The salt with which iOS 10.0 encrypts the rows.
fn salt_10_0(db: &Database) -> Option<Vec<u8>> {
    let rows = db.all("SELECT value FROM Properties WHERE key = 'salt'", []);
    Some(rows.ok()?.first()?.bytes("value")?.to_vec())
}

/// A file's name in the folder: 40 digits.
pub(super) fn id_of(text: &str) -> Option<FileId> {
    if text.len() != 40 || !text.is_ascii() {
        return None;
    }
    let mut id = [0; 20];
    for (byte, place) in id.iter_mut().zip((0..40).step_by(2)) {
        *byte = u8::from_str_radix(text.get(place..place + 2)?, 16).ok()?;
    }
    Some(id)
}

/// The key of an encrypted list. `None`: the list is not encrypted, as before iOS 10.2.
fn manifest_key(opened: &Opened<'_>) -> Result<Option<Key>, BackupError> {
    let (Some(wrapped), Some(keys)) = (opened.manifest.get("ManifestKey"), opened.keys) else {
        return Ok(None);
    };
    let parts = wrapped.data().and_then(|data| data.split_at_checked(4));
    let key = parts.and_then(|(class, wrapped)| {
        let class = u32::from_le_bytes(class.try_into().ok()?);
        keys.unwrap(class, wrapped.get(..WRAPPED)?)
    });
    match key {
        Some(key) => Ok(Some(key)),
        None => Err(BackupError::file(
            Path::new("Manifest.plist"),
            phrase("the key of the list of files is damaged"),
        )),
    }
}

/// Copies the list into the private folder, decrypted. Returns the number of bytes that could not be read, and whether
/// it was encrypted: a list that is plain already is copied as it is.
fn copy_list(
    from: &Path,
    to: &Path,
    key: Option<&Key>,
    stop: &Stop,
) -> Result<(u64, bool), BackupError> {
    let failed = |error: io::Error| BackupError::file(from, error);
    let mut file = File::open(from).map_err(failed)?;
    let mut copy = private::create_file(to).map_err(BackupError::Scratch)?;
    let mut buffer = vec![0; PIECE];
    let mut decryption = key.map(|key| Decryption::new(key, [0; 16]));
    let (mut bad, mut is_first) = (0, true);
    loop {
        if stop.is_stopped() {
            return Err(BackupError::Stopped);
        }
        let mut length = 0;
        while let Some(rest) = buffer.get_mut(length..).filter(|rest| !rest.is_empty()) {
            match file.read(rest) {
                Ok(0) => break,
                Ok(more) => length += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if length == 0 && is_first => return Err(failed(error)),
                // The rest of the list is lost; what is before is not.
                Err(_) => {
                    let size = file.metadata().map_or(0, |about| about.len());
                    let at = copy.metadata().map_or(0, |about| about.len()) + length as u64;
                    bad = size.saturating_sub(at);
                    break;
                }
            }
        }
        let Some(piece) = buffer.get_mut(..length).filter(|piece| !piece.is_empty()) else {
            break;
        };
        if is_first && piece.starts_with(b"SQLite format 3\0") {
            decryption = None;
        }
        is_first = false;
        if let Some(decryption) = &mut decryption {
            decryption.decrypt(piece);
        }
        copy.write_all(piece).map_err(BackupError::Scratch)?;
        if bad > 0 {
            break;
        }
    }
    if decryption.is_some() && bad == 0 {
        without_padding(to).map_err(BackupError::Scratch)?;
    }
    Ok((bad, decryption.is_some()))
}

/// Removes the padding that the encryption needed (PKCS #7).
fn without_padding(path: &Path) -> io::Result<()> {
    use std::io::{Seek as _, SeekFrom};
    let mut file = fs::OpenOptions::new().read(true).write(true).open(path)?;
    let size = file.metadata()?.len();
    if size < 16 {
        return Ok(());
    }
    let mut last = [0; 16];
    file.seek(SeekFrom::End(-16))?;
    file.read_exact(&mut last)?;
    let padding = usize::from(last[15]);
    let is_padding = |bytes: &[u8]| bytes.iter().all(|byte| usize::from(*byte) == padding);
    if (1..=16).contains(&padding) && is_padding(last.get(16 - padding..).unwrap_or_default()) {
        file.set_len(size - padding as u64)?;
    }
    Ok(())
}
