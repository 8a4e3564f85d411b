//! `custody.jsonl`: a log of what was said and done about a rescue since it was finished, one JSON object per line. The
//! log lies outside the payload and in no manifest, since it grows.
//!
//! Each line ends with a seal: the SHA-256 of everything in the file up to the seal. A line that is later altered,
//! added or removed breaks the seal. The seals detect accidents only. They contain no secret, so an attacker can
//! recompute them, and lines cut off at the end go unnoticed. A copy of the rescue contains the lines up to the time of
//! copying.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::bag::TAG_MANIFEST;
use super::payload::{self, hex};
use super::{VaultError, durable, for_display, journal};
use crate::model::Stop;
use crate::phrase;
use crate::system::{plain, private};

/// The file's name in the rescue folder.
pub const FILE: &str = "custody.jsonl";

/// Longest line that is read, in bytes.
const MAX_LINE: u64 = 64 << 10;

/// Maximum number of lines that are read.
const MAX_LINES: usize = 100_000;

/// Largest file, in bytes. Lifeboat never writes so many lines.
const LONGEST: u64 = 64 << 20;

/// How long another program may hold the lock of the file, and the pause between two tries.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(50);

/// The first entry of the file, and its detail with the checksum of the tag manifest.
const FINISHED: &str = "finished";
const SUM: &str = "tagmanifest-sha256";

/// The text before and after a seal.
const SEAL: (&str, &str) = (",\"seal\":\"", "\"}");

/// Length of a seal in hexadecimal digits.
const SEAL_LENGTH: usize = 64;

/// One line of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// UTC, RFC 3339 with milliseconds; [`append`] fills it in.
    #[serde(default)]
    pub at: String,
    /// The action, in a word: `finished`, `copied`, `ticked`.
    pub what: String,
    /// Details of the action, such as the place of the copy or the text of the ticked item.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<String, String>,
}

impl Entry {
    /// Creates an entry with the current time.
    pub fn new(what: &str, details: &[(&str, &str)]) -> Self {
        Self {
            at: journal::now(),
            what: for_display(what),
            details: details
                .iter()
                .map(|(name, text)| (for_display(name), for_display(text)))
                .collect(),
        }
    }
}

/// Returns the first entry of a custody log. It holds the checksum of the tag manifest, which covers the other
/// manifest.
///
/// # Errors
/// [`VaultError::Io`].
pub fn finished(folder: &Path) -> Result<Entry, VaultError> {
    let sum = sum_of_tag_manifest(folder)?;
    Ok(Entry::new(FINISHED, &[(SUM, &sum)]))
}

/// Returns the current SHA-256 of the tag manifest, in hexadecimal.
///
/// # Errors
/// [`VaultError::Io`].
pub(super) fn sum_of_tag_manifest(folder: &Path) -> Result<String, VaultError> {
    let path = folder.join(TAG_MANIFEST);
    let mut buffer = vec![0; payload::BUFFER];
    payload::hash(&path, &mut buffer, &Stop::new(), &mut |_| {})
        .map(|sum| hex(&sum))
        .map_err(VaultError::io(phrase("read"), &path))
}

/// Appends an entry and makes it durable. A last line that a power cut truncated is kept as a separate line.
///
/// # Errors
/// [`VaultError::NotARescue`], [`VaultError::NotPlain`], [`VaultError::Io`], [`VaultError::DiskFull`].
pub fn append(folder: &Path, entry: &Entry) -> Result<(), VaultError> {
    if !folder.join(super::DATA).is_dir() {
        return Err(VaultError::NotARescue {
            folder: folder.to_owned(),
        });
    }
    let path = folder.join(FILE);
    let failed = || VaultError::io(phrase("write"), &path);
    let is_new = match fs::symlink_metadata(&path) {
        Ok(found) if found.is_file() => false,
        Ok(_) => return Err(VaultError::NotPlain { path }),
        Err(_) => true,
    };
    let mut file = private::append_file(&path).map_err(failed())?;
    let found = file.metadata().map_err(failed())?;
    if found.len() > LONGEST {
        return Err(VaultError::NotPlain { path });
    }
    wait_for_lock(&file).map_err(failed())?;
    let (mut sealed, ends_line) = hash_all(&mut file).map_err(failed())?;
    let mut line = String::new();
    if !ends_line {
        line.push('\n');
    }
    let body = serde_json::to_string(entry).map_err(|e| failed()(e.into()))?;
    line.push_str(body.strip_suffix('}').unwrap_or(&body));
    sealed.update(line.as_bytes());
    let seal = hex(&sealed.finalize().into());
    line.push_str(&format!("{}{seal}{}\n", SEAL.0, SEAL.1));
    file.write_all(line.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(failed())?;
    match is_new {
        true => durable::sync_folder(folder),
        false => Ok(()),
    }
}

/// Locks the file. Without the lock, two processes appending at once would seal over different lines.
fn wait_for_lock(file: &File) -> io::Result<()> {
    let began = Instant::now();
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if began.elapsed() >= LONGEST_WAIT => {
                return Err(io::Error::new(
                    io::ErrorKind::WouldBlock,
                    phrase(
                        "another program is using this file. End the other program, then try again",
                    ),
                ));
            }
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
            // Some network drives don't support locks.
            Ok(()) | Err(TryLockError::Error(_)) => return Ok(()),
        }
    }
}

/// Hashes the content of the file. Also returns whether its last line ends with a newline.
fn hash_all(file: &mut File) -> std::io::Result<(Sha256, bool)> {
    file.seek(SeekFrom::Start(0))?;
    let mut digest = Sha256::new();
    let mut last = b'\n';
    let mut buffer = vec![0; payload::BUFFER];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok((digest, last == b'\n')),
            Ok(count) => {
                let bytes = buffer.get(..count).unwrap_or_default();
                digest.update(bytes);
                last = bytes.last().copied().unwrap_or(last);
            }
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

/// Reads the entries, oldest first, up to the first line whose seal does not match. Truncated lines are skipped. A
/// folder without the file has no entries.
///
/// # Errors
/// [`VaultError::Io`], [`VaultError::NotPlain`].
pub fn read(folder: &Path) -> Result<Vec<Entry>, VaultError> {
    Ok(check(folder)?.entries)
}

/// Result of checking the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// The entries with matching seals, as [`read`] returns them.
    pub entries: Vec<Entry>,
    /// Each a sentence.
    pub problems: Vec<String>,
}

impl Checked {
    /// Returns the checksum of the tag manifest from the time the rescue was finished.
    pub(super) fn tag_manifest(&self) -> Option<&str> {
        let finished = self.entries.iter().rfind(|entry| entry.what == FINISHED)?;
        finished.details.get(SUM).map(String::as_str)
    }
}

/// Reads the file and checks the seal of each line. A line that a power cut truncated is no problem once a later line
/// has been sealed over it.
///
/// # Errors
/// [`VaultError::Io`], [`VaultError::NotPlain`].
pub fn check(folder: &Path) -> Result<Checked, VaultError> {
    let path = folder.join(FILE);
    let mut checked = Checked::default();
    match fs::symlink_metadata(&path) {
        Ok(found) if found.is_file() && found.len() <= LONGEST => {}
        Ok(_) => return Err(VaultError::NotPlain { path }),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            checked.problems.push(phrase!(
                "{FILE} is missing: there is no record of what was done after the rescue."
            ));
            return Ok(checked);
        }
        Err(e) => return Err(VaultError::io(phrase("read"), &path)(e)),
    }
    let failed = || VaultError::io(phrase("read"), &path);
    let mut reader = BufReader::new(plain::open(&path).map_err(failed())?);
    let mut before = Sha256::new();
    let mut line = Vec::new();
    let mut open = None;
    for number in 1..=MAX_LINES {
        line.clear();
        let length = reader
            .by_ref()
            .take(MAX_LINE)
            .read_until(b'\n', &mut line)
            .map_err(failed())?;
        if length == 0 {
            break;
        }
        match sealed(&line) {
            None => open = open.or(Some(number)),
            Some((body, seal)) => {
                let found = before.clone().chain_update(body).finalize().into();
                if hex(&found).as_bytes() != seal {
                    checked.problems.push(phrase!(
                        "{FILE} was altered in line {number} or earlier: the seal of the line does not match."
                    ));
                    return Ok(checked);
                }
                open = None;
                checked
                    .entries
                    .extend(serde_json::from_slice::<Entry>(&line));
            }
        }
        before.update(&line);
    }
    if let Some(number) = open {
        checked.problems.push(phrase!(
            "{FILE} was altered or cut off in line {number}: the line has no seal."
        ));
    } else if checked.tag_manifest().is_none() {
        checked.problems.push(phrase!(
            "The beginning of {FILE} does not have Lifeboat's format."
        ));
    }
    Ok(checked)
}

/// Splits a line into the part that its seal covers and the seal; `None` if the line has no seal.
fn sealed(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = line.strip_suffix(b"\n")?;
    let line = line.strip_suffix(SEAL.1.as_bytes())?;
    let (line, seal) = line.split_at_checked(line.len().checked_sub(SEAL_LENGTH)?)?;
    Some((line.strip_suffix(SEAL.0.as_bytes())?, seal))
}
