//! Reads one file of a backup: finds it in the folder, decrypts it piece by piece, and checks it. Bytes that a failing
//! disk does not give are named.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sha1::{Digest as _, Sha1};

use crate::format::iphone_backup::{BLOCK, Decryption, Entry, Key, hex};
use crate::model::Stop;

/// Bytes per read, and the size of the stretches in which unreadable bytes are named.
const PIECE: usize = 1 << 20;
const STRETCH: usize = 4096;

/// A file of a backup that was found in the folder.
pub struct Found {
    pub path: PathBuf,
    /// Its size in the folder, in bytes.
    pub size: u64,
}

/// Finds a file in the folder: below the first two digits of its name, or beside the others as up to iOS 9, or in the
/// part of a backup that was not finished. A link is not followed. `None`: it is missing.
pub fn find(root: &Path, entry: &Entry) -> Option<Found> {
    let name = hex(&entry.id);
    let begin = name.get(..2)?;
    let places = [
        root.join(begin).join(&name),
        root.join(&name),
        root.join("Snapshot").join(begin).join(&name),
    ];
    places.into_iter().find_map(|path| {
        let about = fs::symlink_metadata(&path).ok()?;
        about.is_file().then(|| Found {
            size: about.len(),
            path,
        })
    })
}

/// Why a file was not read to its end.
#[derive(Debug)]
pub enum ReadError {
    Stopped,
    /// Bytes of the file, after those that were written, that can't be read.
    Gap {
        length: u64,
        why: String,
    },
    /// The file can't be opened.
    Closed(io::Error),
    /// The bytes could not be written.
    Sink(io::Error),
}

/// The result of reading a file to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// The file has the checksum that the phone gave it.
    Same,
    /// The phone gave none, or only a part of the file was read.
    Unknown,
    /// The file has another checksum.
    Other,
}

/// What is read.
pub struct Wanted<'a> {
    pub found: &'a Found,
    /// Its size, without padding.
    pub size: u64,
    /// `None`: it is not encrypted.
    pub key: Option<&'a Key>,
    pub digest: Option<[u8; 20]>,
}

/// Copies a file from byte `from` on.
///
/// # Errors
/// If it can't be read to its end.
pub fn read(
    wanted: &Wanted<'_>,
    from: u64,
    sink: &mut dyn Write,
    stop: &Stop,
) -> Result<Checked, ReadError> {
    let mut file = File::open(&wanted.found.path).map_err(ReadError::Closed)?;
    let block = BLOCK as u64;
    let begin = match wanted.key {
        Some(_) => from / block * block,
        None => from,
    };
    let mut decryption = match wanted.key {
        Some(key) => Some(Decryption::new(key, vector(&mut file, begin)?)),
        None => None,
    };
    // Sources differ on whether the checksum is that of the plain file or of the file in the folder.
    let (mut plain, mut stored) = (Sha1::new(), Sha1::new());
    let has_checksum = wanted.digest.is_some() && from == 0;
    // What is on the disk includes padding.
    let end = wanted.found.size;
    let mut at = begin;
    let mut buffer = vec![0; PIECE];
    while at < end {
        if stop.is_stopped() {
            return Err(ReadError::Stopped);
        }
        let length = (end - at).min(PIECE as u64) as usize;
        let piece = buffer.get_mut(..length).unwrap_or_default();
        let (good, bad) = read_piece(&mut file, at, piece);
        let piece = piece.get_mut(..good).unwrap_or_default();
        if has_checksum {
            stored.update(&*piece);
        }
        let whole = match &mut decryption {
            Some(decryption) => {
                decryption.decrypt(piece);
                good / BLOCK * BLOCK
            }
            None => good,
        };
        let shown = whole.min(wanted.size.saturating_sub(at) as usize);
        let skipped = (from.saturating_sub(at) as usize).min(shown);
        let shown_bytes = piece.get(skipped..shown).unwrap_or_default();
        if has_checksum {
            plain.update(shown_bytes);
        }
        sink.write_all(shown_bytes).map_err(ReadError::Sink)?;
        if let Some((length, why)) = bad {
            let lost_from = at + shown as u64;
            // The block after a lost one can't be decrypted either.
            let lost_to = match wanted.key {
                Some(_) => (at + good as u64 + length).next_multiple_of(block) + block,
                None => at + good as u64 + length,
            };
            return Err(ReadError::Gap {
                length: lost_to.min(wanted.size).saturating_sub(lost_from.max(from)),
                why,
            });
        }
        at += length as u64;
    }
    let there = match wanted.key {
        Some(_) => end / block * block,
        None => end,
    };
    if there < wanted.size {
        return Err(ReadError::Gap {
            length: wanted.size - there.max(from),
            why: crate::phrase("the file is cut short in the backup").to_owned(),
        });
    }
    Ok(match wanted.digest {
        Some(digest) if has_checksum => {
            let is_same = |hash: Sha1| hash.finalize().as_slice() == digest;
            match is_same(plain) || is_same(stored) {
                true => Checked::Same,
                false => Checked::Other,
            }
        }
        Some(_) | None => Checked::Unknown,
    })
}

/// The encrypted block before the one at `begin`, with which the decryption goes on there.
fn vector(file: &mut File, begin: u64) -> Result<[u8; BLOCK], ReadError> {
    let mut before = [0; BLOCK];
    let Some(at) = begin.checked_sub(BLOCK as u64) else {
        return Ok(before);
    };
    let read = file
        .seek(SeekFrom::Start(at))
        .and_then(|_| file.read_exact(&mut before));
    match read {
        Ok(()) => Ok(before),
        // The bytes after it are then lost too.
        Err(error) => Err(ReadError::Gap {
            length: BLOCK as u64,
            why: error.to_string(),
        }),
    }
}

/// Fills a piece. Returns the number of good bytes at its beginning, and the number of bytes after them that can't be
/// read, with the reason.
fn read_piece(file: &mut File, at: u64, piece: &mut [u8]) -> (usize, Option<(u64, String)>) {
    if read_at(file, at, piece).is_ok() {
        return (piece.len(), None);
    }
    let mut good = 0;
    for stretch in piece.chunks_mut(STRETCH) {
        match read_at(file, at + good as u64, stretch) {
            Ok(()) => good += stretch.len(),
            Err(error) => return (good, Some((stretch.len() as u64, error.to_string()))),
        }
    }
    (good, None)
}

fn read_at(file: &mut File, at: u64, mut bytes: &mut [u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(at))?;
    while !bytes.is_empty() {
        match file.read(bytes) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(length) => bytes = bytes.get_mut(length..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
