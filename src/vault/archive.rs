//! Encrypted archive of a finished rescue: a tar file encrypted with age, which the standard tar and age programs can
//! open (<https://age-encryption.org/v1>).
//!
//! What reading the archive back proves: with a passphrase, the archive is decrypted from the disk and every file in it
//! is compared with the manifests. With recipients, whose secret keys are elsewhere, reading back proves that the disk
//! holds exactly the bytes that the encryption returned, and that the encrypted files matched the manifests. Only a
//! recipient can check that the archive opens.

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
use super::{DATA, VaultError, disk, durable, folder, ticks, verify};
use crate::model::Stop;
use crate::phrase;
use crate::system::{place as seam, plain, private};

pub use error::ArchiveError;

/// Extension of an archive's file name.
const ENDING: &str = ".tar.age";

/// Maximum overhead of tar and age, in bytes: for the archive, and for each file.
const OVERHEAD: u64 = 64 << 10;
const OVERHEAD_A_FILE: u64 = 3 << 10;

/// Largest `custody.jsonl` that is archived, in bytes.
const MAX_CUSTODY: u64 = 64 << 20;

/// Who can open an archive.
pub enum Lock {
    Recipients(Vec<Box<dyn age::Recipient + Send>>),
    Passphrase(SecretString),
}

impl Lock {
    /// Locks an archive for the owners of the secret keys to these public keys: `age1…`, `ssh-ed25519 …`, `ssh-rsa …`.
    ///
    /// # Errors
    /// [`ArchiveError::Recipient`] if a text is not a public key, or if there is none.
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

    /// Locks an archive with a passphrase.
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
    /// Number of the rescue's files in the archive, including tag files and the custody log.
    pub files: u64,
    /// The archive's own length in bytes, and its SHA-256.
    pub bytes: u64,
    pub sha256: String,
    /// The archive was decrypted from the disk and every file compared. If false, the disk is known to hold the
    /// encrypted bytes.
    pub was_opened: bool,
    /// The disk supports the mode 0600.
    pub private: bool,
    /// The entry that could not be written to the rescue's custody log, and why.
    pub not_noted: Option<String>,
}

/// Makes an archive of the rescue at `output`, or by default next to the rescue.
///
/// # Errors
/// On any error, the rescue is unchanged and there is no archive; see [`ArchiveError`].
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
    // The clone shares the file lock and so keeps it until the archive has its final name.
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

/// Removes the plain folder of an archived rescue. The folder is renamed first, so that the remains after a power cut
/// are not mistaken for a rescue.
///
/// # Errors
/// [`ArchiveError::NotRemoved`] if the folder holds something that is not in the archive.
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
            what: phrase("The rescue folder has no parent folder.").into(),
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

/// Removes the unfinished archive when dropped, since encryption can't be resumed.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// A file that goes into the archive, with its expected checksum.
struct Part {
    name: String,
    size: u64,
    sum: Sum,
    /// The content, read in advance, of a file that may grow meanwhile.
    bytes: Option<Vec<u8>>,
}

/// Returns all files of a rescue.
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
    let mut put = |name: &str, bytes: Vec<u8>| {
        files.push(Part {
            name: name.to_owned(),
            size: bytes.len() as u64,
            sum: payload::sum_of(&bytes),
            bytes: Some(bytes),
        });
    };
    for name in [TAG_MANIFEST, custody::FILE] {
        let path = source.join(name);
        let mut bytes = Vec::new();
        match plain::open_in(source, Path::new(name)) {
            Ok(file) => file
                .take(MAX_CUSTODY)
                .read_to_end(&mut bytes)
                .map_err(VaultError::io(phrase("read"), &path))?,
            Err(e) if e.kind() == io::ErrorKind::NotFound && name == custody::FILE => continue,
            Err(e) => return Err(VaultError::io(phrase("read"), &path)(e)),
        };
        put(name, bytes);
    }
    if let Some(page) = ticks::report(source)? {
        put(ticks::REPORT, page);
    }
    Ok(files)
}

/// Returns the archive's final name and its temporary name.
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
        // If the drive doesn't report its free space, assume that there is enough.
        _ => Ok(()),
    }
}

/// Creates the archive's file under its temporary name and replaces the remains of an earlier attempt. The file stays
/// locked against other processes while it is open, so that the file that is read back is the file that gets the final
/// name. Some network drives don't support such locks.
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

/// Writes the archive and makes it durable. Returns its SHA-256.
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
        // This also detects a file that has become shorter.
        let read: Sum = reader.digest.finalize().into();
        if read != file.sum {
            return Err(VaultError::NotWhole {
                folder: source.to_owned(),
                what: phrase!("{} has changed since the rescue.", file.name),
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

/// Builds a tar header with the file's kind, mode, size and time, but without owner and group names.
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

/// Hashes all bytes on their way to the disk.
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

/// Hashes the bytes read from a file, reports progress, and fails once `stop` is set.
struct Reading<'a> {
    inner: io::Take<Box<dyn Read + 'a>>,
    digest: Sha256,
    stop: &'a Stop,
    done: &'a mut dyn FnMut(u64),
    /// The reading failed, not the writing.
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
