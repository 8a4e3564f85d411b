//! The files of a folder: finds them without following links, and hashes them.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::VaultError;
use crate::model::Stop;
use crate::phrase;
use crate::system::plain;

/// A SHA-256 sum.
pub type Sum = [u8; 32];

/// Size of the read buffer, in bytes.
pub const BUFFER: usize = 256 << 10;

/// Maximum number of hashing threads; more don't help with one disk.
const MAX_THREADS: usize = 4;

/// The kind of a file at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A plain file and its size in bytes.
    File(u64),
    Folder,
    /// A link, a device or a pipe: never opened.
    Other,
}

/// A file of the payload.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PayloadFile {
    /// Path in the bag with forward slashes: `data/contacts.vcf`.
    pub name: String,
    /// In bytes.
    pub size: u64,
}

impl PayloadFile {
    /// Returns the file's path in `folder`.
    pub fn locate(&self, folder: &Path) -> PathBuf {
        folder.join(&self.name)
    }
}

/// Calls `each` for everything below `folder`, without following links.
pub fn walk(
    folder: &Path,
    each: &mut dyn FnMut(&Path, Kind) -> Result<(), VaultError>,
) -> Result<(), VaultError> {
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).map_err(VaultError::io(phrase("read"), &folder))? {
            let entry = entry.map_err(VaultError::io(phrase("read"), &folder))?;
            let path = entry.path();
            let found = entry
                .metadata()
                .map_err(VaultError::io(phrase("read"), &path))?;
            let kind = if found.is_dir() {
                Kind::Folder
            } else if found.is_file() {
                Kind::File(found.len())
            } else {
                Kind::Other
            };
            each(&path, kind)?;
            if kind == Kind::Folder {
                waiting.push(path);
            }
        }
    }
    Ok(())
}

/// Returns the name of a path below `folder` as a bag writes it; `None` if the path isn't UTF-8.
pub fn name_in_bag(folder: &Path, path: &Path) -> Option<String> {
    let parts = path.strip_prefix(folder).ok()?.components();
    let parts: Option<Vec<&str>> = parts.map(|part| part.as_os_str().to_str()).collect();
    Some(parts?.join("/"))
}

/// Hashes files on several threads. `each` receives the bytes read since its last call, on the calling thread. The
/// checksums are in the order of `files`. A file that can't be read, or was not read before `stop` was set, has an
/// error in its place.
pub fn hash_all(
    folder: &Path,
    files: &[PayloadFile],
    stop: &Stop,
    each: &mut dyn FnMut(u64),
) -> Vec<io::Result<Sum>> {
    enum Told {
        Bytes(u64),
        Done(usize, io::Result<Sum>),
    }
    let mut sums: Vec<io::Result<Sum>> = files
        .iter()
        .map(|_| Err(io::ErrorKind::Interrupted.into()))
        .collect();
    let threads = thread::available_parallelism()
        .map_or(1, |n| n.get())
        .min(MAX_THREADS);
    let next = AtomicUsize::new(0);
    let alone = AtomicBool::new(true);
    let work = |tell: mpsc::SyncSender<Told>| {
        let mut buffer = vec![0; BUFFER];
        while let Some((index, file)) = {
            let index = next.fetch_add(1, Ordering::Relaxed);
            files.get(index).map(|file| (index, file))
        } {
            let sum = plain::open_in(folder, Path::new(&file.name)).and_then(|file| {
                hash_file(file, &mut buffer, stop, &mut |bytes| {
                    let _ = tell.send(Told::Bytes(bytes));
                })
            });
            if tell.send(Told::Done(index, sum)).is_err() {
                return;
            }
        }
    };
    thread::scope(|scope| {
        let (tell, told) = mpsc::sync_channel(1 << 10);
        for _ in 0..threads {
            let tell = tell.clone();
            if thread::Builder::new()
                .spawn_scoped(scope, || work(tell))
                .is_ok()
            {
                alone.store(false, Ordering::Relaxed);
            }
        }
        if alone.load(Ordering::Relaxed) {
            work(tell);
        } else {
            drop(tell);
        }
        for message in told {
            match message {
                Told::Bytes(bytes) => each(bytes),
                Told::Done(index, sum) => {
                    if let Some(place) = sums.get_mut(index) {
                        *place = sum;
                    }
                }
            }
        }
    });
    sums
}

/// Hashes one plain file. Fails once `stop` is set.
pub fn hash(
    path: &Path,
    buffer: &mut [u8],
    stop: &Stop,
    each: &mut dyn FnMut(u64),
) -> io::Result<Sum> {
    hash_file(plain::open(path)?, buffer, stop, each)
}

fn hash_file(
    mut file: File,
    buffer: &mut [u8],
    stop: &Stop,
    each: &mut dyn FnMut(u64),
) -> io::Result<Sum> {
    let mut digest = Sha256::new();
    loop {
        if stop.is_stopped() {
            return Err(io::Error::other(phrase("it was stopped")));
        }
        match file.read(buffer) {
            Ok(0) => return Ok(digest.finalize().into()),
            Ok(n) => {
                digest.update(buffer.get(..n).unwrap_or_default());
                each(n as u64);
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

/// Hashes a file to its end.
pub fn hash_reader(file: File) -> io::Result<Sum> {
    let mut buffer = vec![0; BUFFER];
    hash_file(file, &mut buffer, &Stop::new(), &mut |_| {})
}

/// Returns the checksum of bytes in memory.
pub fn sum_of(bytes: &[u8]) -> Sum {
    Sha256::digest(bytes).into()
}

/// Returns the checksum of bytes in memory in lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&sum_of(bytes))
}

/// Formats a checksum in lower-case hexadecimal, as in manifests.
pub fn hex(sum: &Sum) -> String {
    use std::fmt::Write;
    sum.iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Parses a checksum from hexadecimal digits of either case.
pub fn from_hex(text: &str) -> Option<Sum> {
    let mut sum = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, pair) in sum.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let digit = |c: Option<&u8>| char::from(*c?).to_digit(16);
        let value = digit(pair.first())? << 4 | digit(pair.get(1))?;
        *byte = u8::try_from(value).ok()?;
    }
    Some(sum)
}
