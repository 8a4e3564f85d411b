//! Reads manifests and finds the files that they should list. Neither the manifests nor the files are trusted.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use super::bag::{self, DECLARATION, INFO, MANIFEST, TAG_MANIFEST, decode_name};
use super::payload::{self, Kind, PayloadFile, Sum, from_hex};
use super::{DATA, VaultError, for_display};
use crate::phrase;
use crate::system::plain;

/// Longest line of a manifest that is read, in bytes.
const MAX_LINE: u64 = 16 << 10;

/// Maximum number of lines of a manifest that are read.
const MAX_LINES: usize = 5_000_000;

/// Maximum number of problems that are listed one by one.
const MAX_PROBLEMS: usize = 1_000;

/// A file of a finished rescue with its checksum from the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub file: PayloadFile,
    pub sum: Sum,
}

/// The files of a finished rescue, except the tag manifest and the custody log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// Sorted by name.
    pub payload: Vec<Listed>,
    /// The payload's manifest comes last, since it marks a folder as finished.
    pub tags: Vec<Listed>,
}

impl Contents {
    /// Returns the total size in bytes.
    pub fn bytes(&self) -> u64 {
        let files = self.payload.iter().chain(&self.tags);
        files.map(|listed| listed.file.size).sum()
    }
}

/// Reads the manifests of a finished rescue. Every file in them must exist, and no other file may lie outside the
/// payload. The content of the files is not checked here.
///
/// # Errors
/// [`VaultError::Unfinished`], [`VaultError::NotARescue`], [`VaultError::NotWhole`] with the first problem,
/// [`VaultError::Io`].
/// [`VaultError::Io`].
pub fn contents(folder: &Path) -> Result<Contents, VaultError> {
    let is_folder = |path: &Path| path.symlink_metadata().is_ok_and(|found| found.is_dir());
    if !is_folder(folder) || !is_folder(&folder.join(DATA)) {
        return Err(VaultError::NotARescue {
            folder: folder.to_owned(),
        });
    }
    if !bag::is_finished(folder) {
        return Err(VaultError::Unfinished {
            folder: folder.to_owned(),
        });
    }
    let mut problems = Problems::default();
    let names = [DECLARATION, INFO, MANIFEST, TAG_MANIFEST];
    let tags = names.map(|name| {
        let found = folder.join(name).symlink_metadata();
        let found = found.ok().filter(std::fs::Metadata::is_file);
        found.map_or_else(
            || Err(phrase!("{name} is missing, or is not a regular file.")),
            |found| {
                Ok(PayloadFile {
                    name: name.to_owned(),
                    size: found.len(),
                })
            },
        )
    });
    let mut found_tags = Vec::new();
    for tag in tags {
        match tag {
            // The tag manifest does not list itself.
            Ok(tag) if tag.name == TAG_MANIFEST => {}
            Ok(tag) => found_tags.push(tag),
            Err(problem) => problems.add(problem),
        }
    }
    let mut contents = Contents {
        payload: Vec::new(),
        tags: Vec::new(),
    };
    if problems.is_empty() {
        let found = find_payload(folder, &mut problems)?;
        let listed = read_manifest(folder, MANIFEST, &mut problems)?;
        contents.payload = matched(found, listed, MANIFEST, &mut problems);
        let listed = read_manifest(folder, TAG_MANIFEST, &mut problems)?;
        contents.tags = matched(found_tags, listed, TAG_MANIFEST, &mut problems);
    }
    match problems.told().into_iter().next() {
        None => Ok(contents),
        Some(what) => Err(VaultError::NotWhole {
            folder: folder.to_owned(),
            what,
        }),
    }
}

/// Returns the existing files with their listed checksums. A file that is only found or only listed is a problem.
fn matched(
    found: Vec<PayloadFile>,
    mut listed: BTreeMap<String, Sum>,
    manifest: &str,
    problems: &mut Problems,
) -> Vec<Listed> {
    let mut both = Vec::with_capacity(found.len());
    for file in found {
        match listed.remove(&file.name) {
            Some(sum) => both.push(Listed { file, sum }),
            None => problems.add(stray(&file.name, true)),
        }
    }
    for name in listed.keys() {
        problems.add(missing(name, manifest, true));
    }
    both
}

/// Returns the message about a file that no manifest lists. `is_sound`: the manifest itself has no known problem.
pub fn stray(name: &str, is_sound: bool) -> String {
    let name = quote(name);
    match is_sound {
        true => phrase!("{name} is not in the manifest: it was added later."),
        false => phrase!("{name} is not in {MANIFEST}, which has itself changed."),
    }
}

/// Returns the message about a file that a manifest lists and that does not exist.
pub fn missing(name: &str, manifest: &str, is_sound: bool) -> String {
    let name = quote(name);
    match is_sound {
        true => phrase!("{name} is missing, but {manifest} lists it."),
        false => phrase!("{name} is missing according to {manifest}, which has itself changed."),
    }
}

/// Returns the plain files below data/, sorted; other kinds of files are problems.
pub fn find_payload(
    folder: &Path,
    problems: &mut Problems,
) -> Result<Vec<PayloadFile>, VaultError> {
    let mut found = Vec::new();
    payload::walk(&folder.join(DATA), &mut |path, kind| {
        let name = payload::name_in_bag(folder, path);
        let shown = || quote(&path.strip_prefix(folder).unwrap_or(path).to_string_lossy());
        match (kind, name) {
            (Kind::Folder, _) => {}
            (Kind::Other, _) => problems.add(phrase!(
                "{} is a link or a device, not a regular file. It was not checked.",
                shown()
            )),
            (Kind::File(_), None) => {
                problems.add(phrase!(
                    "{} has a name that a manifest can't contain.",
                    shown()
                ));
            }
            (Kind::File(size), Some(name)) => found.push(PayloadFile { name, size }),
        }
        Ok(())
    })?;
    found.sort_unstable();
    Ok(found)
}

/// Reads a manifest. Malformed lines, and names that lead outside the folder, are problems.
pub fn read_manifest(
    folder: &Path,
    manifest: &str,
    problems: &mut Problems,
) -> Result<BTreeMap<String, Sum>, VaultError> {
    let path = folder.join(manifest);
    let failed = || VaultError::io(phrase("read"), &path);
    let mut reader = BufReader::new(plain::open_in(folder, Path::new(manifest)).map_err(failed())?);
    let mut listed = BTreeMap::new();
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let length = reader
            .by_ref()
            .take(MAX_LINE)
            .read_until(b'\n', &mut line)
            .map_err(failed())? as u64;
        if length == 0 {
            break;
        }
        if number > MAX_LINES || (length == MAX_LINE && !line.ends_with(b"\n")) {
            problems.add(phrase!(
                "{manifest} is too long at line {number}: the rest was not read."
            ));
            break;
        }
        match entry(&line) {
            Line::Empty => {}
            Line::Wrong => {
                problems.add(phrase!("Line {number} of {manifest} is not a valid entry."))
            }
            Line::Outside(name) => problems.add(phrase!(
                "{manifest} lists {}, which is outside the folder. It was not checked.",
                quote(&name)
            )),
            Line::Entry(name, sum) => match listed.get(&name) {
                Some(former) if *former != sum => problems.add(phrase!(
                    "{manifest} lists {} twice, with different checksums.",
                    quote(&name)
                )),
                _ => {
                    listed.insert(name, sum);
                }
            },
        }
    }
    Ok(listed)
}

enum Line {
    Empty,
    Wrong,
    Outside(String),
    Entry(String, Sum),
}

fn entry(line: &[u8]) -> Line {
    let Ok(line) = std::str::from_utf8(line) else {
        return Line::Wrong;
    };
    let line = line.trim_end_matches(['\r', '\n']);
    if line.is_empty() {
        return Line::Empty;
    }
    let Some((sum, name)) = line.split_once([' ', '\t']) else {
        return Line::Wrong;
    };
    // One or more blanks, and possibly the asterisk of sha256sum's binary mode.
    let name = name.trim_start_matches([' ', '\t']);
    let name = decode_name(name.strip_prefix('*').unwrap_or(name));
    let name = name.strip_prefix("./").unwrap_or(&name);
    match from_hex(sum) {
        None => Line::Wrong,
        Some(_) if name.is_empty() => Line::Wrong,
        Some(_) if leads_outside(name) => Line::Outside(name.to_owned()),
        Some(sum) => Line::Entry(name.to_owned(), sum),
    }
}

/// Returns true for names that RFC 8493 section 5 warns of: absolute names, names that go up, and home directories.
fn leads_outside(name: &str) -> bool {
    let drive = name.as_bytes().get(1) == Some(&b':') && cfg!(windows);
    let separators: &[char] = if cfg!(windows) { &['/', '\\'] } else { &['/'] };
    drive
        || name.starts_with('~')
        || name.contains('\0')
        || name
            .split(separators)
            .any(|part| matches!(part, "" | "." | ".."))
}

/// Quotes a name for a sentence.
pub fn quote(name: &str) -> String {
    let name = for_display(name);
    let short: String = name.chars().take(300).collect();
    match short.len() == name.len() {
        true => format!("\"{name}\""),
        false => format!("\"{short}…\""),
    }
}

/// Sentences about problems, up to a useful number; further ones are only counted.
#[derive(Default)]
pub struct Problems {
    told: Vec<String>,
    more: u64,
}

impl Problems {
    pub fn add(&mut self, sentence: String) {
        if self.told.len() < MAX_PROBLEMS {
            self.told.push(sentence);
        } else {
            self.more += 1;
        }
    }

    pub fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    pub fn told(mut self) -> Vec<String> {
        if self.more > 0 {
            self.told
                .push(phrase!("There are {} more problems.", self.more));
        }
        self.told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_outside_are_told_apart() {
        for name in [
            "~/a", "~alex/a", "/a", "../a", "a/../b", "a//b", "./a", "a\0",
        ] {
            assert!(leads_outside(name), "{name:?}");
        }
        for name in ["data/a", "data/~a", "data/a..b"] {
            assert!(!leads_outside(name), "{name}");
        }
    }

    #[test]
    fn problems_beyond_the_limit_are_counted() {
        let mut problems = Problems::default();
        for number in 0..MAX_PROBLEMS + 3 {
            problems.add(number.to_string());
        }
        let told = problems.told();
        assert_eq!(told.len(), MAX_PROBLEMS + 1);
        assert_eq!(told[MAX_PROBLEMS], "There are 3 more problems.");
    }
}
