//! Checking a rescue folder against its manifests, without trusting either.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use serde::Serialize;

use super::bag::{self, DECLARATION, INFO, MANIFEST, TAG_MANIFEST, decode_name};
use super::payload::{self, Kind, PayloadFile, Sum, from_hex};
use super::{DATA, VaultError, for_display};

/// The longest line of a manifest that is read, in bytes.
const MAX_LINE: u64 = 16 << 10;

/// Most lines of a manifest that are read.
const MAX_LINES: usize = 5_000_000;

/// The largest `bagit.txt` or `bag-info.txt` that is read, in bytes.
const MAX_TAG_FILE: u64 = 1 << 20;

/// Most problems that are told one by one.
const MAX_PROBLEMS: usize = 1_000;

/// How far a check is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VerifyProgress {
    /// Bytes of the payload and the tag files that were read.
    pub bytes_done: u64,
    /// Bytes there are to read.
    pub bytes: u64,
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    pub folder: String,
    /// Finished, and without a problem.
    pub ok: bool,
    /// It has a manifest.
    pub finished: bool,
    /// Files in the payload.
    pub files: u64,
    /// Bytes in the payload.
    pub bytes: u64,
    /// Each a sentence; empty if all is well.
    pub problems: Vec<String>,
}

/// Checks every file of a rescue folder: both manifests, missing, changed and stray files, the counts in
/// `bag-info.txt`, names that lead out of the folder, and links. Nothing is written, no link is followed.
/// What is wrong with the folder is in the report; an error means that it could not be looked at.
///
/// # Errors
/// [`VaultError::NotARescue`] where it is no bag and no rescue, [`VaultError::Io`].
pub fn verify(
    folder: &Path,
    progress: &mut dyn FnMut(VerifyProgress),
) -> Result<VerifyReport, VaultError> {
    let is_plain = |name: &str| fs::symlink_metadata(folder.join(name)).is_ok_and(|m| m.is_file());
    let data = folder.join(DATA);
    match fs::symlink_metadata(&data) {
        Ok(found) if found.is_dir() => {}
        Err(e) if e.kind() == std::io::ErrorKind::PermissionDenied => {
            return Err(VaultError::io("read", &data)(e));
        }
        _ => {
            return Err(VaultError::NotARescue {
                folder: folder.to_owned(),
            });
        }
    }
    let mut problems = Problems::default();
    let found = find_payload(folder, &mut problems)?;
    let mut report = VerifyReport {
        folder: for_display(&folder.to_string_lossy()),
        finished: bag::is_finished(folder),
        files: found.len() as u64,
        bytes: found.iter().map(|f| f.size).sum(),
        ..VerifyReport::default()
    };
    if !report.finished {
        problems.add("This rescue is not finished: it has no manifest yet. Go on with it: lifeboat rescue --resume FOLDER.".into());
        report.problems = problems.told();
        return Ok(report);
    }

    let tags: Vec<PayloadFile> = [DECLARATION, INFO, MANIFEST]
        .into_iter()
        .filter(|name| is_plain(name))
        .filter_map(|name| {
            let size = fs::metadata(folder.join(name)).ok()?.len();
            Some(PayloadFile {
                name: name.to_owned(),
                size,
            })
        })
        .collect();
    let mut state = VerifyProgress {
        bytes_done: 0,
        bytes: report.bytes + tags.iter().map(|f| f.size).sum::<u64>(),
    };
    let mut read = |bytes| {
        state.bytes_done += bytes;
        progress(state);
    };

    if is_plain(TAG_MANIFEST) {
        let listed = read_manifest(folder, TAG_MANIFEST, &mut problems)?;
        let others = tag_files_besides(folder, &listed, &tags);
        for name in listed.keys().filter(|name| name.starts_with("data/")) {
            problems.add(format!(
                "{TAG_MANIFEST} lists {}, which belongs to the payload.",
                quote(name)
            ));
        }
        let tags = [tags, others].concat();
        compare(
            folder,
            &listed,
            &tags,
            TAG_MANIFEST,
            &mut read,
            &mut problems,
        );
        for name in [DECLARATION, INFO, MANIFEST] {
            if !listed.contains_key(name) {
                problems.add(format!(
                    "{TAG_MANIFEST} does not list {name}, so it can't be checked."
                ));
            }
        }
    } else {
        problems.add(format!(
            "{TAG_MANIFEST} is missing, so the manifest itself can't be checked."
        ));
    }
    if is_plain(MANIFEST) {
        let mut listed = read_manifest(folder, MANIFEST, &mut problems)?;
        listed.retain(|name, _| {
            let inside = name.starts_with("data/");
            if !inside {
                problems.add(format!(
                    "{MANIFEST} lists {}, which is not in data/.",
                    quote(name)
                ));
            }
            inside
        });
        for file in &found {
            if !listed.contains_key(&file.name) {
                problems.add(format!(
                    "{} is not in the manifest: it was put there later.",
                    quote(&file.name)
                ));
            }
        }
        compare(folder, &listed, &found, MANIFEST, &mut read, &mut problems);
    } else {
        problems.add(format!("{MANIFEST} is not a plain file."));
    }
    check_declaration(folder, is_plain(DECLARATION), &mut problems)?;
    check_oxum(folder, is_plain(INFO), &report, &mut problems)?;

    report.problems = problems.told();
    report.ok = report.problems.is_empty();
    Ok(report)
}

/// The plain files below data/, sorted; the others are problems.
fn find_payload(folder: &Path, problems: &mut Problems) -> Result<Vec<PayloadFile>, VaultError> {
    let mut found = Vec::new();
    payload::walk(&folder.join(DATA), &mut |path, kind| {
        let name = payload::name_in_bag(folder, path);
        let shown = || quote(&path.strip_prefix(folder).unwrap_or(path).to_string_lossy());
        match (kind, name) {
            (Kind::Folder, _) => {}
            (Kind::Other, _) => problems.add(format!(
                "{} is a link or a device, not a plain file: it was not looked into.",
                shown()
            )),
            (Kind::File(_), None) => {
                problems.add(format!("{} has a name that no manifest can hold.", shown()));
            }
            (Kind::File(size), Some(name)) => found.push(PayloadFile { name, size }),
        }
        Ok(())
    })?;
    found.sort_unstable();
    Ok(found)
}

/// Files that the tag manifest lists besides the usual ones, where they are plain files of this folder.
fn tag_files_besides(
    folder: &Path,
    listed: &BTreeMap<String, Sum>,
    usual: &[PayloadFile],
) -> Vec<PayloadFile> {
    listed
        .keys()
        .filter(|name| !name.starts_with("data/") && !usual.iter().any(|f| f.name == **name))
        .filter_map(|name| {
            // No part of the way there may be a link.
            let mut path = folder.to_owned();
            for part in name.split('/') {
                path.push(part);
                if fs::symlink_metadata(&path).ok()?.is_symlink() {
                    return None;
                }
            }
            let found = fs::symlink_metadata(&path).ok()?;
            found.is_file().then(|| PayloadFile {
                name: name.clone(),
                size: found.len(),
            })
        })
        .collect()
}

/// Hashes the files that are there and listed, and tells which are missing or changed.
fn compare(
    folder: &Path,
    listed: &BTreeMap<String, Sum>,
    found: &[PayloadFile],
    manifest: &str,
    read: &mut dyn FnMut(u64),
    problems: &mut Problems,
) {
    let both: Vec<PayloadFile> = found
        .iter()
        .filter(|file| listed.contains_key(&file.name))
        .cloned()
        .collect();
    let there: BTreeSet<&str> = found.iter().map(|file| &*file.name).collect();
    for name in listed.keys().filter(|name| !there.contains(&***name)) {
        problems.add(format!("{} is missing: {manifest} lists it.", quote(name)));
    }
    for (file, sum) in both.iter().zip(payload::hash_all(folder, &both, read)) {
        match sum {
            Ok(sum) if listed.get(&file.name) == Some(&sum) => {}
            Ok(_) => problems.add(format!(
                "{} has changed since the rescue: its SHA-256 is not the one in {manifest}.",
                quote(&file.name)
            )),
            Err(error) => {
                problems.add(format!("{} could not be read: {error}.", quote(&file.name)))
            }
        }
    }
}

/// Reads a manifest. Lines that are no entry, and names that lead out of the folder, are problems.
fn read_manifest(
    folder: &Path,
    manifest: &str,
    problems: &mut Problems,
) -> Result<BTreeMap<String, Sum>, VaultError> {
    let path = folder.join(manifest);
    let failed = || VaultError::io("read", &path);
    let mut reader = BufReader::new(File::open(&path).map_err(failed())?);
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
            problems.add(format!(
                "{manifest} is too long in line {number}: the rest was not read."
            ));
            break;
        }
        match entry(&line) {
            Line::Empty => {}
            Line::Wrong => problems.add(format!("Line {number} of {manifest} is not an entry.")),
            Line::Outside(name) => problems.add(format!(
                "{manifest} lists {}, which leads out of the folder: it was not looked at.",
                quote(&name)
            )),
            Line::Entry(name, sum) => match listed.get(&name) {
                Some(former) if *former != sum => problems.add(format!(
                    "{manifest} lists {} twice, with different sums.",
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
    // One or more blanks, then perhaps the asterisk of sha256sum's binary mode.
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

/// RFC 8493 section 5: names that are absolute, go up, or mean somebody's home.
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

fn check_declaration(
    folder: &Path,
    there: bool,
    problems: &mut Problems,
) -> Result<(), VaultError> {
    if !there {
        problems.add(format!("{DECLARATION} is missing."));
        return Ok(());
    }
    let text = read_tag_file(folder, DECLARATION)?;
    let mut lines = text.lines();
    let version = lines.next().and_then(|l| l.strip_prefix("BagIt-Version: "));
    let encoding = lines
        .next()
        .and_then(|l| l.strip_prefix("Tag-File-Character-Encoding: "));
    if !matches!(version, Some("1.0" | "0.97")) || encoding != Some("UTF-8") {
        problems.add(format!(
            "{DECLARATION} does not declare a bag that Lifeboat knows."
        ));
    }
    Ok(())
}

/// Payload-Oxum (section 2.2.2): bytes and files of the payload.
fn check_oxum(
    folder: &Path,
    there: bool,
    report: &VerifyReport,
    problems: &mut Problems,
) -> Result<(), VaultError> {
    if !there {
        problems.add(format!("{INFO} is missing."));
        return Ok(());
    }
    let text = read_tag_file(folder, INFO)?;
    let oxum = text.lines().find_map(|line| {
        let (label, value) = line.split_once(':')?;
        label
            .eq_ignore_ascii_case("Payload-Oxum")
            .then(|| value.trim().to_owned())
    });
    let counted = format!("{}.{}", report.bytes, report.files);
    match oxum {
        None => problems.add(format!("{INFO} does not say how much the payload holds.")),
        Some(oxum) if oxum == counted => {}
        Some(oxum) => problems.add(format!(
            "{INFO} says that the payload is {} (bytes.files), it is {counted}.",
            quote(&oxum)
        )),
    }
    Ok(())
}

fn read_tag_file(folder: &Path, name: &str) -> Result<String, VaultError> {
    let path = folder.join(name);
    let mut bytes = Vec::new();
    File::open(&path)
        .and_then(|file| file.take(MAX_TAG_FILE).read_to_end(&mut bytes))
        .map_err(VaultError::io("read", &path))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A name as a sentence has it.
fn quote(name: &str) -> String {
    let name = for_display(name);
    let short: String = name.chars().take(300).collect();
    match short.len() == name.len() {
        true => format!("\"{name}\""),
        false => format!("\"{short}…\""),
    }
}

/// Sentences, as many as a person can use; the others are counted.
#[derive(Default)]
struct Problems {
    told: Vec<String>,
    more: u64,
}

impl Problems {
    fn add(&mut self, sentence: String) {
        if self.told.len() < MAX_PROBLEMS {
            self.told.push(sentence);
        } else {
            self.more += 1;
        }
    }

    fn told(mut self) -> Vec<String> {
        if self.more > 0 {
            self.told
                .push(format!("There are {} more problems.", self.more));
        }
        self.told
    }
}
