//! `custody.jsonl`: what was said and done about a rescue since it was finished, one JSON object a line. It
//! lies beside the payload, in no manifest, since it grows.
//!
//! Each line ends with a seal: the SHA-256 of everything in the file up to it. So a line that is altered, added or taken
//! out later does not fit any more. The seals find accidents: they hold no secret, so whoever sets out to can make them
//! anew, and lines that were cut off the end are not missed. A copy of the rescue carries the lines up to its making.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::bag::TAG_MANIFEST;
use super::payload::{self, hex};
use super::{VaultError, durable, for_display, journal};
use crate::link::Stop;
use crate::system::{plain, private};

/// The file's name in the rescue folder.
pub const FILE: &str = "custody.jsonl";

/// The longest line that is read, in bytes.
const MAX_LINE: u64 = 64 << 10;

/// Most lines that are read.
const MAX_LINES: usize = 100_000;

/// The entry with which the file begins, and the detail in which it has the sum of the tag files' manifest.
const FINISHED: &str = "finished";
const SUM: &str = "tagmanifest-sha256";

/// What stands before a seal, and after it.
const SEAL: (&str, &str) = (",\"seal\":\"", "\"}");

/// A seal's length in hexadecimal.
const SEAL_LENGTH: usize = 64;

/// One line of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// UTC, RFC 3339 with milliseconds; [`append`] fills it in.
    #[serde(default)]
    pub at: String,
    /// What was done, in a word: `finished`, `copied`, `ticked`.
    pub what: String,
    /// What it was done with: the place of the copy, the text of the tick.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<String, String>,
}

impl Entry {
    /// An entry of now.
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

/// The entry with which custody begins. It vouches for the manifest of the tag files, which vouches for the others.
///
/// # Errors
/// [`VaultError::Io`].
pub fn finished(folder: &Path) -> Result<Entry, VaultError> {
    let sum = sum_of_tag_manifest(folder)?;
    Ok(Entry::new(FINISHED, &[(SUM, &sum)]))
}

/// The SHA-256 of the tag files' manifest as it is, in hexadecimal.
///
/// # Errors
/// [`VaultError::Io`].
pub(super) fn sum_of_tag_manifest(folder: &Path) -> Result<String, VaultError> {
    let path = folder.join(TAG_MANIFEST);
    let mut buffer = vec![0; payload::BUFFER];
    payload::hash(&path, &mut buffer, &Stop::new(), &mut |_| {})
        .map(|sum| hex(&sum))
        .map_err(VaultError::io("read", &path))
}

/// Adds an entry and makes it durable. A last line that was cut off by a power cut stays as it is, on a line of its own.
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
    let failed = || VaultError::io("write", &path);
    let is_new = match fs::symlink_metadata(&path) {
        Ok(found) if found.is_file() => false,
        Ok(_) => return Err(VaultError::NotPlain { path }),
        Err(_) => true,
    };
    let mut file = private::append_file(&path).map_err(failed())?;
    // Two that append at once would seal over different lines. Some network drives know no locks.
    let _ = file.lock();
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

/// Hashes what is in the file; and whether its last line is ended.
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

/// The entries, oldest first, up to the first line whose seal does not fit. Lines that were cut off are passed over; a
/// folder without the file has none.
///
/// # Errors
/// [`VaultError::Io`], [`VaultError::NotPlain`].
pub fn read(folder: &Path) -> Result<Vec<Entry>, VaultError> {
    Ok(check(folder)?.entries)
}

/// What a check of the file found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// As [`read`] gives them; only those whose seal fits.
    pub entries: Vec<Entry>,
    /// Each a sentence.
    pub problems: Vec<String>,
}

impl Checked {
    /// The sum that the tag files' manifest had when the rescue was finished.
    pub(super) fn tag_manifest(&self) -> Option<&str> {
        let finished = self.entries.iter().rfind(|entry| entry.what == FINISHED)?;
        finished.details.get(SUM).map(String::as_str)
    }
}

/// Reads the file and holds each line against its seal. A line that a power cut broke off is no problem once a later
/// line was sealed over it.
///
/// # Errors
/// [`VaultError::Io`], [`VaultError::NotPlain`].
pub fn check(folder: &Path) -> Result<Checked, VaultError> {
    let path = folder.join(FILE);
    let mut checked = Checked::default();
    match fs::symlink_metadata(&path) {
        Ok(found) if found.is_file() => {}
        Ok(_) => return Err(VaultError::NotPlain { path }),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            checked.problems.push(format!(
                "{FILE} is missing: nothing says what was done since."
            ));
            return Ok(checked);
        }
        Err(e) => return Err(VaultError::io("read", &path)(e)),
    }
    let failed = || VaultError::io("read", &path);
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
                    checked.problems.push(format!(
                        "{FILE} was altered in line {number} or before it: the line's seal does not fit."
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
        checked.problems.push(format!(
            "{FILE} was altered or cut off in line {number}: the line has no seal."
        ));
    } else if checked.tag_manifest().is_none() {
        checked
            .problems
            .push(format!("{FILE} does not begin as Lifeboat writes it."));
    }
    Ok(checked)
}

/// The part of a line that its seal covers, and the seal; `None` where the line has no seal.
fn sealed(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = line.strip_suffix(b"\n")?;
    let line = line.strip_suffix(SEAL.1.as_bytes())?;
    let (line, seal) = line.split_at_checked(line.len().checked_sub(SEAL_LENGTH)?)?;
    Some((line.strip_suffix(SEAL.0.as_bytes())?, seal))
}
