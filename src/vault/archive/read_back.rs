//! Reading an archive back from its disk.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use age::secrecy::SecretString;
use sha2::{Digest, Sha256};

use super::{ArchiveError, Part, Reading};
use crate::model::Stop;
use crate::phrase;
use crate::vault::copy::{CopyProgress, Step};
use crate::vault::payload::{self, BUFFER, Sum};

/// Decrypts an archive with its passphrase, and compares every file in it.
pub fn open(
    place: &Path,
    source: &Path,
    files: &[Part],
    passphrase: &SecretString,
    stop: &Stop,
    progress: &mut dyn FnMut(CopyProgress),
) -> Result<(), ArchiveError> {
    let spoilt = |what: String| ArchiveError::NotAsWritten {
        place: place.to_owned(),
        what,
    };
    let unread = |error: io::Error| match stop.is_stopped() {
        true => ArchiveError::Stopped,
        false => spoilt(error.to_string()),
    };
    let mut state = CopyProgress {
        step: Step::Checking,
        bytes_done: 0,
        bytes: files.iter().map(|file| file.size).sum(),
    };
    let file = BufReader::with_capacity(BUFFER, File::open(place).map_err(unread)?);
    let decryptor = age::Decryptor::new_buffered(file).map_err(|e| spoilt(e.to_string()))?;
    let identity = age::scrypt::Identity::new(passphrase.clone());
    let opened = decryptor
        .decrypt(std::iter::once(&identity as &dyn age::Identity))
        .map_err(|e| spoilt(e.to_string()))?;
    let mut expected: BTreeMap<&str, &Sum> =
        files.iter().map(|file| (&*file.name, &file.sum)).collect();
    let mut tar = tar::Archive::new(opened);
    for entry in tar.entries().map_err(unread)? {
        let entry = entry.map_err(unread)?;
        if entry.header().entry_type().is_dir() {
            continue;
        }
        let path = entry.path().map_err(unread)?.into_owned();
        let name = path
            .strip_prefix(source.file_name().unwrap_or_default())
            .ok()
            .and_then(Path::to_str)
            .unwrap_or_default()
            .to_owned();
        let Some(sum) = expected.remove(&*name) else {
            return Err(spoilt(phrase!(
                "it contains {}, which does not belong to the rescue",
                path.display()
            )));
        };
        let length = entry.size();
        let inner: Box<dyn Read> = Box::new(entry);
        let mut reader = Reading {
            inner: inner.take(length),
            digest: Sha256::new(),
            stop,
            done: &mut |bytes| {
                state.bytes_done += bytes;
                progress(state);
            },
            failed: false,
        };
        io::copy(&mut reader, &mut io::sink()).map_err(unread)?;
        let read: Sum = reader.digest.finalize().into();
        if read != *sum {
            return Err(spoilt(phrase!(
                "it contains {name} with different contents"
            )));
        }
    }
    // The encryption authenticates the end of the archive only if it is read to the end.
    io::copy(&mut tar.into_inner(), &mut io::sink()).map_err(unread)?;
    match expected.keys().next() {
        None => Ok(()),
        Some(name) => Err(spoilt(phrase!("it does not contain {name}"))),
    }
}

/// Compares the bytes on the disk with the output of the encryption.
pub fn compare(
    place: &Path,
    sum: &Sum,
    stop: &Stop,
    progress: &mut dyn FnMut(CopyProgress),
) -> Result<(), ArchiveError> {
    let mut state = CopyProgress {
        step: Step::Checking,
        bytes_done: 0,
        bytes: place.metadata().map_or(0, |found| found.len()),
    };
    let read = payload::hash(place, &mut vec![0; BUFFER], stop, &mut |bytes| {
        state.bytes_done += bytes;
        progress(state);
    });
    if stop.is_stopped() {
        return Err(ArchiveError::Stopped);
    }
    let what = match read {
        Ok(read) if read == *sum => return Ok(()),
        Ok(_) => phrase("its SHA-256 is different").to_owned(),
        Err(error) => error.to_string(),
    };
    Err(ArchiveError::NotAsWritten {
        place: place.to_owned(),
        what,
    })
}
