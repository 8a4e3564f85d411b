//! A copy of a file while it is written.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sha2::{Digest, Sha256};

use crate::phrase;
use crate::system::{place as seam, plain, private};
use crate::vault::VaultError;
use crate::vault::payload::{BUFFER, hex};

/// A copy that is being written and hashed.
pub struct Partial {
    path: PathBuf,
    file: BufWriter<File>,
    digest: Sha256,
    length: u64,
    /// Number of bytes that could not be read.
    damage: u64,
    /// Number of bytes that are known to be on the disk, see [`Proof`].
    proven: u64,
    /// Why no more could be written. The code that reads from the handset only learns that the write failed.
    error: Option<io::Error>,
}

/// Number of bytes after which the bytes of a long copy are synchronised and proven.
const PROVE_EVERY: u64 = 256 << 20;

/// Suffix of the name of the proof of a partial copy.
const PROOF: &str = ".proof";

/// Longest proof, in bytes: two lines.
const LONGEST_PROOF: u64 = 128;

/// The bytes at the beginning of a partial copy that are on the disk. Only these can be continued: a power cut or a
/// failing disk may have left anything else.
struct Proof {
    length: u64,
    /// SHA-256 in hexadecimal.
    sha256: String,
}

impl Proof {
    /// Reads the proof of a partial copy; `None`: there is none.
    fn read(data: &Path, name: &str) -> Option<Self> {
        let file = plain::open_in(data, Path::new(&format!("{name}{PROOF}"))).ok()?;
        let mut text = String::new();
        file.take(LONGEST_PROOF).read_to_string(&mut text).ok()?;
        let (length, sha256) = text.trim_end().split_once('\n')?;
        Some(Self {
            length: length.parse().ok()?,
            sha256: sha256.to_owned(),
        })
    }

    /// Writes the proof beside a partial copy, and makes it durable.
    fn write(&self, path: &Path) -> io::Result<()> {
        let Self { length, sha256 } = self;
        let place = with_suffix(path, PROOF);
        let new = with_suffix(path, ".new");
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = private::create_file(&new)?;
        file.write_all(format!("{length}\n{sha256}\n").as_bytes())?;
        file.sync_all()?;
        seam::rename(&new, &place)
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

impl Partial {
    /// Opens the partial copy of a file of `size` bytes, or creates it. Its proven bytes are kept.
    pub(super) fn open(data: &Path, name: &str, size: u64) -> Result<Self, VaultError> {
        let path = data.join(name);
        let file = match plain::open_to_write_in(data, Path::new(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => private::create_file(&path),
            // A link or a pipe is replaced.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                fs::remove_file(&path).and_then(|()| private::create_file(&path))
            }
            opened => opened,
        }
        .map_err(VaultError::io(phrase("make"), &path))?;
        let mut partial = Self {
            file: BufWriter::with_capacity(BUFFER, file),
            digest: Sha256::new(),
            length: 0,
            damage: 0,
            proven: 0,
            error: None,
            path,
        };
        match Proof::read(data, name).filter(|proof| proof.length <= size) {
            Some(proof) if partial.has(&proof).unwrap_or_default() => {}
            _ => partial.restart()?,
        }
        Ok(partial)
    }

    /// Returns true if the file begins with the proven bytes. The copy then continues after these.
    fn has(&mut self, proof: &Proof) -> io::Result<bool> {
        let mut buffer = vec![0; BUFFER];
        let file = self.file.get_mut();
        let mut proven = file.take(proof.length);
        loop {
            let count = proven.read(&mut buffer)?;
            if count == 0 {
                break;
            }
            self.digest.update(buffer.get(..count).unwrap_or_default());
            self.length += count as u64;
        }
        let is_whole = self.length == proof.length && self.sha256() == proof.sha256;
        if is_whole {
            let file = self.file.get_mut();
            file.set_len(self.length)?;
            file.seek(SeekFrom::Start(self.length))?;
            self.proven = self.length;
        }
        Ok(is_whole)
    }

    /// The checksum of the bytes so far, in hexadecimal.
    fn sha256(&self) -> String {
        hex(&self.digest.clone().finalize().into())
    }

    /// Synchronises the bytes so far, so that a resumed copy can continue after them.
    fn prove(&mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_data()?;
        let proof = Proof {
            length: self.length,
            sha256: self.sha256(),
        };
        proof.write(&self.path)?;
        self.proven = self.length;
        Ok(())
    }

    /// Returns the number of bytes written.
    pub fn len(&self) -> u64 {
        self.length
    }

    /// Returns true if nothing is written yet.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Returns how many of the file's bytes could not be read.
    pub fn damage(&self) -> u64 {
        self.damage
    }

    /// Records that `count` bytes can't be read. Zeros replace them, except at the end of the file, whose full size is
    /// `size`: there they are left out.
    ///
    /// # Errors
    /// [`VaultError::Io`], [`VaultError::DiskFull`].
    pub fn gap(&mut self, count: u64, size: u64) -> Result<(), VaultError> {
        if self.damage == 0 {
            // A resumed copy must not mistake zeros for the file's own bytes.
            let path = self.path.with_extension("damaged");
            seam::rename(&self.path, &path).map_err(VaultError::io(phrase("write"), &path))?;
            self.path = path;
        }
        self.damage = self.damage.saturating_add(count);
        if self.length.saturating_add(count) < size {
            let mut zeros = io::repeat(0).take(count);
            let path = self.path.clone();
            io::copy(&mut zeros, self).map_err(VaultError::io(phrase("write"), &path))?;
        }
        Ok(())
    }

    /// Discards the bytes written so far.
    ///
    /// # Errors
    /// [`VaultError::Io`].
    pub fn restart(&mut self) -> Result<(), VaultError> {
        self.digest = Sha256::new();
        (self.length, self.damage, self.proven) = (0, 0, 0);
        self.file
            .flush()
            .and_then(|()| self.file.get_ref().set_len(0))
            .and_then(|()| self.file.seek(SeekFrom::Start(0)))
            .map_err(VaultError::io(phrase("write"), &self.path))?;
        Ok(())
    }

    /// Keeps the partial copy, so that it can be resumed.
    ///
    /// # Errors
    /// [`VaultError::Io`], [`VaultError::DiskFull`]: bytes could not be written, now or earlier.
    pub fn keep(mut self) -> Result<(), VaultError> {
        // A copy with unreadable bytes begins anew.
        let is_new = self.damage == 0 && self.length > self.proven;
        let kept = match is_new {
            true => self.prove(),
            false => self.flush(),
        };
        kept.map_err(VaultError::io(phrase("write"), &self.path))
    }

    /// Records why no more could be written. Returns the same error for the caller.
    fn failed(&mut self, error: io::Error) -> io::Error {
        let told = io::Error::new(error.kind(), error.to_string());
        self.error = Some(error);
        told
    }

    /// Takes the write error, if there was one.
    pub fn take_error(&mut self) -> Option<VaultError> {
        let error = self.error.take()?;
        Some(VaultError::io(phrase("write"), &self.path)(error))
    }

    /// Ends the copy, and sets the file's time from the handset. The copy is not durable yet.
    ///
    /// # Errors
    /// [`VaultError::Io`], [`VaultError::DiskFull`].
    pub fn close(mut self, modified: i64) -> Result<Closed, VaultError> {
        self.flush()
            .map_err(VaultError::io(phrase("write"), &self.path))?;
        if let Some(time) = time_of(modified) {
            // Some network drives refuse to set the time.
            let _ = self.file.get_ref().set_modified(time);
        }
        Ok(Closed {
            path: self.path,
            length: self.length,
            damage: self.damage,
            sha256: hex(&self.digest.finalize().into()),
        })
    }
}

/// A copy that is written, under the name of a partial copy: see [`FileStore::put`](super::FileStore::put).
#[derive(Debug)]
pub struct Closed {
    pub(super) path: PathBuf,
    /// Number of its bytes.
    pub length: u64,
    /// Number of the file's bytes that could not be read.
    pub damage: u64,
    pub(super) sha256: String,
}

/// Converts a time on the handset; `None` if no file system can represent it.
fn time_of(seconds: i64) -> Option<SystemTime> {
    let seconds = u64::try_from(seconds).ok()?;
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

impl Write for Partial {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.file.write(bytes) {
            Ok(count) => {
                self.digest.update(bytes.get(..count).unwrap_or_default());
                self.length += count as u64;
                let is_due = self.damage == 0 && self.length - self.proven >= PROVE_EVERY;
                match is_due.then(|| self.prove()) {
                    None | Some(Ok(())) => Ok(count),
                    Some(Err(error)) => Err(self.failed(error)),
                }
            }
            Err(error) => Err(self.failed(error)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
