//! One encrypted archive of a finished rescue: tar within age, which the stock programs open again
//! (<https://age-encryption.org/v1>).
//!
//! What a read-back proves: with a passphrase the archive is opened from the disk, and every file in it compared with the
//! manifests. For recipients, whose secret keys are elsewhere, it proves that the disk holds, bit for bit, what the
//! encryption gave, and that it was given files that are as the manifests say; that a recipient can open it is for the
//! recipient to try.

mod error;
mod read_back;

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::UNIX_EPOCH;

use age::secrecy::SecretString;
use sha2::{Digest, Sha256};

use super::bag::TAG_MANIFEST;
use super::copies::{DISK, OPENED, PLACE, SEALED};
use super::copy::{CopyProgress, Step};
use super::custody::{self, Entry};
use super::manifest::{Contents, Problems, contents};
use super::payload::{self, BUFFER, Sum, hex};
use super::{DATA, VaultError, disk, durable, folder, verify};
use crate::link::Stop;
use crate::system::{place as seam, plain, private};

pub use error::ArchiveError;

/// The ending of an archive's name.
const ENDING: &str = ".tar.age";

/// What tar and age add at most, in bytes, and for each file besides.
const OVERHEAD: u64 = 64 << 10;
const OVERHEAD_A_FILE: u64 = 3 << 10;

/// The longest `custody.jsonl` that is archived, in bytes.
const MAX_CUSTODY: u64 = 64 << 20;

/// Who can open an archive.
pub enum Lock {
    Recipients(Vec<Box<dyn age::Recipient + Send>>),
    Passphrase(SecretString),
}

impl Lock {
    /// Those who have the secret keys to these: `age1…`, `ssh-ed25519 …`, `ssh-rsa …`.
    ///
    /// # Errors
    /// [`ArchiveError::Recipient`] where one is none, or there is none.
    pub fn for_recipients(texts: &[String]) -> Result<Self, ArchiveError> {
        let wrong = |text: &str| ArchiveError::Recipient {
            text: super::for_display(text),
        };
        if texts.is_empty() {
            return Err(wrong(""));
        }
        let parse = |text: &String| -> Result<Box<dyn age::Recipient + Send>, ArchiveError> {
            let text = text.trim();
            if let Ok(recipient) = age::x25519::Recipient::from_str(text) {
                return Ok(Box::new(recipient));
            }
            match age::ssh::Recipient::from_str(text) {
                Ok(recipient) => Ok(Box::new(recipient)),
                Err(_) => Err(wrong(text)),
            }
        };
        Ok(Self::Recipients(
            texts.iter().map(parse).collect::<Result<_, _>>()?,
        ))
    }

    /// Whoever knows it.
    pub fn with_passphrase(passphrase: String) -> Self {
        Self::Passphrase(SecretString::from(passphrase))
    }

    fn encryptor(&self) -> Result<age::Encryptor, ArchiveError> {
        match self {
            Self::Passphrase(secret) => Ok(age::Encryptor::with_user_passphrase(secret.clone())),
            Self::Recipients(all) => {
                age::Encryptor::with_recipients(all.iter().map(|r| r.as_ref() as _))
                    .map_err(|error| ArchiveError::Age(error.to_string()))
            }
        }
    }
}

/// An archive that was read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archived {
    pub place: PathBuf,
    /// Files of the rescue in it, tag files and custody included.
    pub files: u64,
    /// The archive's own length in bytes, and its SHA-256.
    pub bytes: u64,
    pub sha256: String,
    /// It was opened from the disk and every file compared; else the disk holds what was encrypted.
    pub was_opened: bool,
    /// Its disk keeps the mode 0600.
    pub private: bool,
    /// What could not be noted in the rescue's custody, and why.
    pub not_noted: Option<String>,
}

/// Makes an archive of the rescue at `output`, or beside it.
///
/// # Errors
/// Whatever it is, the rescue itself is as it was and there is no archive; see [`ArchiveError`].
pub fn seal(
    rescue: &Path,
    output: Option<&Path>,
    lock: &Lock,
    stop: &Stop,
    progress: &mut dyn FnMut(CopyProgress),
) -> Result<Archived, ArchiveError> {
    let source = seam::real(rescue).map_err(|_| VaultError::NotARescue {
        folder: rescue.to_owned(),
    })?;
    let contents = contents(&source)?;
    let files = files(&source, &contents)?;
    let (place, part) = places(&source, output)?;
    check_space(&place, &files)?;
    let file = begin(&part)?;
    let unfinished = Unfinished(part.clone());
    // Shares the lock, which so lasts until the archive has its name.
    let _locked = file.try_clone().map_err(ArchiveError::writing(&part))?;
    let sum = write(&source, &files, file, &part, lock, stop, progress)?;
    durable::forget(&part);
    let was_opened = match lock {
        Lock::Passphrase(secret) => {
            read_back::open(&part, &source, &files, secret, stop, progress)?;
            true
        }
        Lock::Recipients(_) => {
            read_back::compare(&part, &sum, stop, progress)?;
            false
        }
    };
    if fs::symlink_metadata(&place).is_ok() {
        return Err(ArchiveError::Exists { place });
    }
    seam::rename(&part, &place).map_err(ArchiveError::writing(&place))?;
    std::mem::forget(unfinished);
    let above = place.parent().unwrap_or(Path::new("."));
    durable::sync_folder(above)?;
    let bytes = place
        .metadata()
        .map_err(ArchiveError::writing(&place))?
        .len();
    let noted = note(&source, &place, above, &hex(&sum), was_opened);
    Ok(Archived {
        files: files.len() as u64,
        bytes,
        sha256: hex(&sum),
        was_opened,
        private: private::is_kept(&place),
        not_noted: noted.err().map(|e| e.to_string()),
        place,
    })
}

/// Removes the plain folder of a rescue that was archived. First it loses its name, so that what a power cut leaves is
/// not taken for a rescue.
///
/// # Errors
/// [`ArchiveError::NotRemoved`] where something lies in it that is not in the archive.
pub fn remove_plain(rescue: &Path) -> Result<(), ArchiveError> {
    let source = rescue
        .canonicalize()
        .map_err(ArchiveError::writing(rescue))?;
    contents(&source)?;
    let mut strays = Problems::default();
    verify::find_strays(&source, &Default::default(), &mut strays)?;
    if let Some(what) = strays.told().into_iter().next() {
        return Err(ArchiveError::NotRemoved { what });
    }
    let (Some(above), Some(name)) = (source.parent(), source.file_name()) else {
        return Err(ArchiveError::NotRemoved {
            what: "It has no folder above it.".into(),
        });
    };
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(".removed");
    let hidden = above.join(hidden);
    seam::rename(&source, &hidden).map_err(ArchiveError::writing(&source))?;
    fs::remove_dir_all(&hidden).map_err(ArchiveError::writing(&hidden))?;
    Ok(durable::sync_folder(above)?)
}

/// Takes the unfinished archive away: encryption can't be gone on with.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// A file that goes into the archive, with the sum that it must have.
struct Part {
    name: String,
    size: u64,
    sum: Sum,
    /// Read already: what may grow meanwhile.
    bytes: Option<Vec<u8>>,
}

/// Everything that a rescue is made of.
fn files(source: &Path, contents: &Contents) -> Result<Vec<Part>, VaultError> {
    let mut files: Vec<Part> = contents
        .tags
        .iter()
        .chain(&contents.payload)
        .map(|listed| Part {
            name: listed.file.name.clone(),
            size: listed.file.size,
            sum: listed.sum,
            bytes: None,
        })
        .collect();
    for name in [TAG_MANIFEST, custody::FILE] {
        let path = source.join(name);
        let mut bytes = Vec::new();
        match plain::open_in(source, Path::new(name)) {
            Ok(file) => file
                .take(MAX_CUSTODY)
                .read_to_end(&mut bytes)
                .map_err(VaultError::io("read", &path))?,
            Err(e) if e.kind() == io::ErrorKind::NotFound && name == custody::FILE => continue,
            Err(e) => return Err(VaultError::io("read", &path)(e)),
        };
        files.push(Part {
            name: name.to_owned(),
            size: bytes.len() as u64,
            sum: payload::sum_of(&bytes),
            bytes: Some(bytes),
        });
    }
    Ok(files)
}

/// The archive's final and first name.
fn places(source: &Path, output: Option<&Path>) -> Result<(PathBuf, PathBuf), ArchiveError> {
    let place = match output {
        Some(output) => std::path::absolute(output).map_err(ArchiveError::writing(output))?,
        None => {
            let mut place = source.as_os_str().to_owned();
            place.push(ENDING);
            PathBuf::from(place)
        }
    };
    let no_place = || ArchiveError::NoPlace {
        place: place.clone(),
    };
    let above = place.parent().ok_or_else(no_place)?;
    let above = seam::real(above).map_err(|_| no_place())?;
    let name = place.file_name().ok_or_else(no_place)?.to_owned();
    if above.starts_with(source) {
        return Err(ArchiveError::Inside { place });
    }
    let place = above.join(&name);
    if fs::symlink_metadata(&place).is_ok() {
        return Err(ArchiveError::Exists { place });
    }
    let mut part = std::ffi::OsString::from(".");
    part.push(name);
    part.push(".part");
    Ok((place, above.join(part)))
}

fn check_space(place: &Path, files: &[Part]) -> Result<(), ArchiveError> {
    let needed = files
        .iter()
        .map(|file| file.size + OVERHEAD_A_FILE)
        .sum::<u64>()
        .saturating_add(OVERHEAD);
    let above = place.parent().unwrap_or(place);
    match folder::check_space(above, needed) {
        Err(VaultError::NoSpace {
            needed, available, ..
        }) => Err(ArchiveError::NoSpace {
            place: above.to_owned(),
            needed,
            available,
        }),
        // A drive that doesn't tell may have room.
        _ => Ok(()),
    }
}

/// Makes the archive's file under its first name, in place of what an earlier try has left. While it is open no second
/// process gets at it: what is read back must be what gets the final name. Network drives may know no such lock.
fn begin(part: &Path) -> Result<File, ArchiveError> {
    let busy = || ArchiveError::Busy {
        place: part.to_owned(),
    };
    let is_locked = |file: &File| matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock));
    if File::open(part).is_ok_and(|left| is_locked(&left)) {
        return Err(busy());
    }
    match fs::remove_file(part) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => {
            return Err(ArchiveError::writing(part)(e));
        }
        _ => {}
    }
    let file = private::create_file(part).map_err(ArchiveError::writing(part))?;
    match is_locked(&file) {
        true => Err(busy()),
        false => Ok(file),
    }
}

/// Writes the archive, and makes it durable. Gives its SHA-256.
fn write(
    source: &Path,
    files: &[Part],
    file: File,
    part: &Path,
    lock: &Lock,
    stop: &Stop,
    progress: &mut dyn FnMut(CopyProgress),
) -> Result<Sum, ArchiveError> {
    let writing = || ArchiveError::writing(part);
    let hashed = Hashed {
        digest: Sha256::new(),
        inner: BufWriter::with_capacity(BUFFER, file),
    };
    let age = lock.encryptor()?.wrap_output(hashed).map_err(writing())?;
    let mut tar = tar::Builder::new(age);
    let name = source
        .file_name()
        .map(PathBuf::from)
        .unwrap_or_else(|| PathBuf::from("rescue"));
    let mut folders = std::collections::BTreeSet::from([PathBuf::new(), PathBuf::from(DATA)]);
    folders.extend(files.iter().flat_map(|file| {
        let above = Path::new(&file.name).ancestors().skip(1);
        above.map(Path::to_owned).collect::<Vec<_>>()
    }));
    for folder in folders {
        let mut header = header(&source.join(&folder), tar::EntryType::Directory, 0o700, 0);
        tar.append_data(&mut header, name.join(folder), io::empty())
            .map_err(writing())?;
    }
    let mut state = CopyProgress {
        step: Step::Copying,
        bytes_done: 0,
        bytes: files.iter().map(|file| file.size).sum(),
    };
    for file in files {
        let path = source.join(&file.name);
        let mut header = header(&path, tar::EntryType::Regular, 0o600, file.size);
        let inner: Box<dyn Read> = match &file.bytes {
            Some(bytes) => Box::new(&bytes[..]),
            None => Box::new(
                plain::open_in(source, Path::new(&file.name))
                    .map_err(ArchiveError::reading(&path))?,
            ),
        };
        let mut reader = Reading {
            inner: inner.take(file.size),
            digest: Sha256::new(),
            stop,
            done: &mut |bytes| {
                state.bytes_done += bytes;
                progress(state);
            },
            failed: false,
        };
        let appended = tar.append_data(&mut header, name.join(&file.name), &mut reader);
        if stop.is_stopped() {
            return Err(ArchiveError::Stopped);
        }
        match appended {
            Err(error) if reader.failed => return Err(ArchiveError::reading(&path)(error)),
            appended => appended.map_err(writing())?,
        }
        // Also where it has become shorter.
        let read: Sum = reader.digest.finalize().into();
        if read != file.sum {
            return Err(VaultError::NotWhole {
                folder: source.to_owned(),
                what: format!("{} has changed since the rescue.", file.name),
            }
            .into());
        }
    }
    let hashed = tar
        .into_inner()
        .and_then(age::stream::StreamWriter::finish)
        .map_err(writing())?;
    let file = hashed
        .inner
        .into_inner()
        .map_err(|error| writing()(error.into_error()))?;
    file.sync_all().map_err(writing())?;
    Ok(hashed.digest.finalize().into())
}

/// No owner's name, no group: only what a file is, and its time.
fn header(path: &Path, kind: tar::EntryType, mode: u32, size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(size);
    let time = path.metadata().and_then(|found| found.modified()).ok();
    let seconds = time.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    header.set_mtime(seconds.map_or(0, |seconds| seconds.as_secs()));
    header
}

/// Hashes what goes through to the disk.
struct Hashed<W> {
    digest: Sha256,
    inner: W,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.digest.update(bytes.get(..count).unwrap_or_default());
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Hashes what is read of a file, tells of it, and ends once it is to be stopped.
struct Reading<'a> {
    inner: io::Take<Box<dyn Read + 'a>>,
    digest: Sha256,
    stop: &'a Stop,
    done: &'a mut dyn FnMut(u64),
    /// It was this side that failed.
    failed: bool,
}

impl Read for Reading<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stop.is_stopped() {
            return Err(io::Error::other("stopped"));
        }
        let count = self.inner.read(buffer).inspect_err(|error| {
            self.failed = error.kind() != io::ErrorKind::Interrupted;
        })?;
        self.digest.update(buffer.get(..count).unwrap_or_default());
        (self.done)(count as u64);
        Ok(count)
    }
}

fn note(
    source: &Path,
    place: &Path,
    above: &Path,
    sum: &str,
    was_opened: bool,
) -> Result<(), VaultError> {
    let opened = if was_opened { OPENED.1 } else { "no" };
    let apart = disk::apart(source, above);
    let entry = Entry::new(
        SEALED,
        &[
            (PLACE, &place.to_string_lossy()),
            ("sha256", sum),
            (OPENED.0, opened),
            (DISK, apart.name()),
        ],
    );
    custody::append(source, &entry)
}
