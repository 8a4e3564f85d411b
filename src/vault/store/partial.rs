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
    /// Why no more could be written. The code that reads from the handset only learns that the write failed.
    error: Option<io::Error>,
}

impl Partial {
    pub(super) fn open(data: &Path, name: &str) -> Result<Self, VaultError> {
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
            error: None,
            path,
        };
        partial
            .hash_what_is_there()
            .map_err(VaultError::io(phrase("read"), &partial.path))?;
        Ok(partial)
    }

    fn hash_what_is_there(&mut self) -> io::Result<()> {
        let mut buffer = vec![0; BUFFER];
        let file = self.file.get_mut();
        loop {
            let count = match file.read(&mut buffer) {
                Ok(count) => count,
                // A newly created file is open for writing only.
                Err(_) if self.length == 0 => 0,
                Err(error) => return Err(error),
            };
            if count == 0 {
                break;
            }
            self.digest.update(buffer.get(..count).unwrap_or_default());
            self.length += count as u64;
        }
        file.seek(SeekFrom::Start(self.length))?;
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
        (self.length, self.damage) = (0, 0);
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
        let path = self.path.clone();
        self.flush().map_err(VaultError::io(phrase("write"), &path))
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
                Ok(count)
            }
            Err(error) => {
                let told = io::Error::new(error.kind(), error.to_string());
                self.error = Some(error);
                Err(told)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
