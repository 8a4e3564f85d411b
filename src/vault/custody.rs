//! `custody.jsonl`: what was said and done about a rescue since it was finished, one JSON object a line. It
//! lies beside the payload, in no manifest, since it grows.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{VaultError, durable, for_display, journal, private};

/// The file's name in the rescue folder.
pub const FILE: &str = "custody.jsonl";

/// The longest line that is read, in bytes.
const MAX_LINE: u64 = 64 << 10;

/// Most lines that are read.
const MAX_LINES: usize = 100_000;

/// One line of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// UTC, RFC 3339 with milliseconds; [`append`] fills it in.
    #[serde(default)]
    pub at: String,
    /// What was done, in a word: `copied`, `verified`, `ticked`.
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
    let mut line = serde_json::to_string(entry).map_err(|e| failed()(e.into()))?;
    line.push('\n');
    if !is_new && !ends_with_newline(&path).map_err(failed())? {
        line.insert(0, '\n');
    }
    let mut file = private::append_file(&path).map_err(failed())?;
    file.write_all(line.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(failed())?;
    match is_new {
        true => durable::sync_folder(folder),
        false => Ok(()),
    }
}

fn ends_with_newline(path: &Path) -> std::io::Result<bool> {
    let mut file = File::open(path)?;
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

/// The entries, oldest first. Lines that are none (cut off, or somebody else's) are passed over; a folder
/// without the file has none.
///
/// # Errors
/// [`VaultError::Io`], [`VaultError::NotPlain`].
pub fn read(folder: &Path) -> Result<Vec<Entry>, VaultError> {
    let path = folder.join(FILE);
    match fs::symlink_metadata(&path) {
        Ok(found) if found.is_file() => {}
        Ok(_) => return Err(VaultError::NotPlain { path }),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(VaultError::io("read", &path)(e)),
    }
    let failed = || VaultError::io("read", &path);
    let mut reader = BufReader::new(File::open(&path).map_err(failed())?);
    let mut entries = Vec::new();
    let mut line = Vec::new();
    for _ in 0..MAX_LINES {
        line.clear();
        if reader
            .by_ref()
            .take(MAX_LINE)
            .read_until(b'\n', &mut line)
            .map_err(failed())?
            == 0
        {
            break;
        }
        entries.extend(serde_json::from_slice::<Entry>(&line));
    }
    Ok(entries)
}
