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

/// Most bytes that a file which was cut can lack.
const MOST_LACKING: u64 = 64 << 30;

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
        about.is_file().then_some(Found {
            size: about.len(),
            path,
        })
    })
}

/// Returns the size of a file's content. The list may be wrong about it, above all for databases, which grow while the
/// phone makes a backup (iOSbackup, pull request 26). Then the folder tells: by the size of a file that is not encrypted,
/// or by the padding of one that is (PKCS #7).
///
/// A file that would lack more than the largest file of a phone has a wrong size in the list: then one byte is lacking,
/// so that the file is named and no disk is too small for it.
pub fn size(found: &Found, listed: u64, key: Option<&Key>) -> u64 {
    let listed = match listed.saturating_sub(found.size) > MOST_LACKING {
        true => found.size.saturating_add(1),
        false => listed,
    };
    let block = BLOCK as u64;
    let Some(key) = key else {
        return found.size.max(listed);
    };
    let padded = listed / block * block + block;
    if found.size == padded || found.size < 2 * block || !found.size.is_multiple_of(block) {
        return listed;
    }
    match padding(found, key) {
        // In a file that was cut, the last bytes may look like a short padding.
        Some(padding) if found.size > padded || padding > 2 => found.size - padding,
        Some(_) | None => listed,
    }
}

/// The padding at the end of an encrypted file, in bytes; `None`: there is none.
fn padding(found: &Found, key: &Key) -> Option<u64> {
    let mut file = File::open(&found.path).ok()?;
    let mut last = [0; 2 * BLOCK];
    read_at(
        &mut file,
        found.size.checked_sub(last.len() as u64)?,
        &mut last,
    )
    .ok()?;
    let (before, block) = last.split_at_mut(BLOCK);
    let before: [u8; BLOCK] = (&*before).try_into().ok()?;
    Decryption::new(key, before).decrypt(block);
    let padding = *block.last()?;
    let bytes = block.get(BLOCK.checked_sub(padding.into())?..)?;
    let is_padding = padding > 0 && bytes.iter().all(|byte| *byte == padding);
    is_padding.then(|| padding.into())
}

/// Why a file was not read to its end.
#[derive(Debug)]
pub enum ReadError {
    Stopped,
    /// Bytes of the file, after those that were written, that can't be read.
    Gap {
        length: u64,
        why: String,
        /// The file ends before them in the backup.
        is_cut: bool,
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

/// Where the bytes come from.
trait Bytes: Read + Seek {}

impl<T: Read + Seek> Bytes for T {}

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
    read_from(&mut file, wanted, from, sink, stop)
}

/// Copies from an open file.
fn read_from(
    file: &mut dyn Bytes,
    wanted: &Wanted<'_>,
    from: u64,
    sink: &mut dyn Write,
    stop: &Stop,
) -> Result<Checked, ReadError> {
    // Only padding is left, and the block before it may be unreadable.
    if from > 0 && from >= wanted.size {
        return Ok(Checked::Unknown);
    }
    let block = BLOCK as u64;
    let begin = match wanted.key {
        Some(_) => from / block * block,
        None => from,
    };
    let mut decryption = match wanted.key {
        Some(key) => Some(Decryption::new(key, vector(file, begin)?)),
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
        let (good, bad) = read_piece(file, at, piece);
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
                is_cut: false,
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
            is_cut: true,
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
fn vector(file: &mut dyn Bytes, begin: u64) -> Result<[u8; BLOCK], ReadError> {
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
            is_cut: false,
        }),
    }
}

/// Fills a piece. Returns the number of good bytes at its beginning, and the number of bytes after them that can't be
/// read, with the reason.
fn read_piece(file: &mut dyn Bytes, at: u64, piece: &mut [u8]) -> (usize, Option<(u64, String)>) {
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

fn read_at(file: &mut dyn Bytes, at: u64, mut bytes: &mut [u8]) -> io::Result<()> {
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

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use aes::Aes256;
    use aes::cipher::{BlockEncryptMut as _, KeyIvInit as _, block_padding::Pkcs7};

    use super::*;

    /// A file on a disk that does not give some bytes any more.
    struct Failing {
        file: Cursor<Vec<u8>>,
        bad: std::ops::Range<u64>,
    }

    impl Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let at = self.file.position();
            let end = at + buffer.len() as u64;
            match at < self.bad.end && end > self.bad.start {
                true => Err(io::Error::other("the disk is failing")),
                false => self.file.read(buffer),
            }
        }
    }

    impl Seek for Failing {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.file.seek(to)
        }
    }

    fn copied(file: &mut dyn Bytes, wanted: &Wanted<'_>) -> (Vec<u8>, u64, Option<Checked>) {
        let (mut copy, mut lost) = (Vec::new(), 0);
        loop {
            let from = copy.len() as u64;
            match read_from(file, wanted, from, &mut copy, &Stop::new()) {
                Ok(checked) => return (copy, lost, Some(checked)),
                Err(ReadError::Gap { length, is_cut, .. }) => {
                    assert!(length > 0);
                    lost += length;
                    copy.resize(copy.len() + length as usize, 0);
                    if is_cut {
                        return (copy, lost, None);
                    }
                }
                Err(other) => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn bytes_that_a_failing_disk_does_not_give_are_a_gap_and_the_rest_is_read() {
        let plain: Vec<u8> = (0..3_000_000u32)
            .map(|at| (at / 7 % 251) as u8 + 1)
            .collect();
        let key = [7; 32];
        let cipher = cbc::Encryptor::<Aes256>::new(&key.into(), &[0; 16].into());
        let encrypted = cipher.encrypt_padded_vec_mut::<Pkcs7>(&plain);
        let digest: [u8; 20] = Sha1::digest(&plain).into();
        for key in [None, Some(&key)] {
            let stored = if key.is_some() { &encrypted } else { &plain };
            let found = Found {
                path: PathBuf::new(),
                size: stored.len() as u64,
            };
            let wanted = Wanted {
                found: &found,
                size: plain.len() as u64,
                key,
                digest: Some(digest),
            };
            for bad in [
                0..0,
                0..1,
                5000..5001,
                4096..12_288,
                1_048_570..1_048_580,
                2_999_990..3_000_000,
            ] {
                let mut file = Failing {
                    file: Cursor::new(stored.clone()),
                    bad: bad.clone(),
                };
                let (copy, lost, _) = copied(&mut file, &wanted);
                assert_eq!(copy.len(), plain.len(), "{bad:?}");
                let wrong = copy
                    .iter()
                    .zip(&plain)
                    .filter(|(one, other)| one != other)
                    .count() as u64;
                assert_eq!(wrong, lost, "{bad:?}");
                assert!(
                    lost <= (bad.end - bad.start).next_multiple_of(4096) + 4096 + 16,
                    "{bad:?} {lost}"
                );
                assert_eq!(lost == 0, bad.is_empty(), "{bad:?}");
            }
            let mut whole = Cursor::new(stored.clone());
            assert_eq!(copied(&mut whole, &wanted).2, Some(Checked::Same));
            let other = Wanted {
                digest: Some([1; 20]),
                ..wanted
            };
            assert_eq!(copied(&mut whole, &other).2, Some(Checked::Other));
        }
    }

    /// The list is wrong about the size of a database, or the file was cut.
    #[test]
    fn the_padding_tells_the_size_of_a_file() {
        let key = [9; 32];
        let folder = tempfile::tempdir().unwrap();
        for (real, listed, cut, told) in [
            (100u64, 100, 0, 100),
            (112, 112, 0, 112),
            (4096, 100, 0, 4096),
            (100, 4096, 0, 100),
            (4100, 4100, 16, 4100),
            (4096, 4096, 2048, 4096),
        ] {
            let cipher = cbc::Encryptor::<Aes256>::new(&key.into(), &[0; 16].into());
            let mut bytes = cipher.encrypt_padded_vec_mut::<Pkcs7>(&vec![200; real as usize]);
            bytes.truncate(bytes.len() - cut);
            let path = folder.path().join("file");
            std::fs::write(&path, &bytes).unwrap();
            let found = Found {
                path,
                size: bytes.len() as u64,
            };
            assert_eq!(
                size(&found, listed, Some(&key)),
                told,
                "{real} {listed} {cut}"
            );
        }
    }
}
