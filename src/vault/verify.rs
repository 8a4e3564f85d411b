//! Checks a rescue folder against its manifests. Neither the files nor the manifests are trusted.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::Path;

use serde::Serialize;

use super::bag::{self, DECLARATION, INFO, MANIFEST, TAG_MANIFEST};
use super::copies::Copies;
use super::manifest::{Problems, find_payload, missing, quote, read_manifest, stray};
use super::payload::{self, PayloadFile, Sum};
use super::{DATA, VaultError, custody, for_display, ticks};
use crate::model::Stop;
use crate::phrase;
use crate::system::plain;

/// Largest `bagit.txt` or `bag-info.txt` that is read, in bytes.
const MAX_TAG_FILE: u64 = 1 << 20;

/// Progress of a check.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VerifyProgress {
    /// Bytes of the payload and the tag files read so far.
    pub bytes_done: u64,
    /// Total bytes to read.
    pub bytes: u64,
}

/// Result of a check.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    pub folder: String,
    /// The rescue is finished and has no problems.
    pub ok: bool,
    /// The rescue has a manifest.
    pub finished: bool,
    /// Files in the payload.
    pub files: u64,
    /// Bytes in the payload.
    pub bytes: u64,
    /// Each a sentence; empty if there are no problems.
    pub problems: Vec<String>,
    /// The copies listed in the custody log.
    pub copies: Copies,
}

/// Checks every file of a rescue folder: both manifests, missing, changed and stray files, the counts in
/// `bag-info.txt`, names that lead outside the folder, links, and the seals of `custody.jsonl` ([`custody::check`] says
/// what they prove). Nothing is written and no link is followed. Problems of the folder are in the report; an error
/// means that the folder could not be checked.
///
/// # Errors
/// [`VaultError::NotARescue`] if the folder is neither a bag nor a rescue, [`VaultError::Io`].
pub fn verify(
    folder: &Path,
    progress: &mut dyn FnMut(VerifyProgress),
) -> Result<VerifyReport, VaultError> {
    verify_until(&Stop::new(), folder, progress)
}

/// As [`verify`], but ends early once `stop` is set; the report is then meaningless.
///
/// # Errors
/// As [`verify`].
pub fn verify_until(
    stop: &Stop,
    folder: &Path,
    progress: &mut dyn FnMut(VerifyProgress),
) -> Result<VerifyReport, VaultError> {
    let is_plain = |name: &str| fs::symlink_metadata(folder.join(name)).is_ok_and(|m| m.is_file());
    let data = folder.join(DATA);
    match fs::symlink_metadata(&data) {
        Ok(found) if found.is_dir() => {}
        Err(e) if e.kind() == std::io::ErrorKind::PermissionDenied => {
            return Err(VaultError::io(phrase("read"), &data)(e));
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
        problems.add(
            phrase(
                "This rescue is not finished: it has no manifest yet. To continue it: lifeboat rescue \
                 --resume FOLDER. If the phone gives no more: lifeboat finish FOLDER.",
            )
                .into(),
        );
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

    let mut compare = Compare {
        folder,
        stop,
        read: &mut read,
        problems: &mut problems,
    };
    let kept = custody::check(folder)?;
    let mut changed = BTreeSet::new();
    let mut known = BTreeSet::new();
    if is_plain(TAG_MANIFEST) {
        let is_as_noted = check_tag_manifest(folder, &kept, compare.problems)?;
        let listed = read_manifest(folder, TAG_MANIFEST, compare.problems)?;
        let others = unlisted_tag_files(folder, &listed, &tags);
        for name in listed.keys().filter(|name| name.starts_with("data/")) {
            compare.problems.add(phrase!(
                "{TAG_MANIFEST} lists {}, which is part of the payload.",
                quote(name)
            ));
        }
        let tags = [tags, others].concat();
        changed = compare.files(&listed, &tags, TAG_MANIFEST, is_as_noted);
        for name in [DECLARATION, INFO, MANIFEST] {
            if !listed.contains_key(name) {
                compare.problems.add(phrase!(
                    "{TAG_MANIFEST} does not list {name}, so it can't be checked."
                ));
            }
        }
        known.extend(listed.into_keys());
    } else {
        compare.problems.add(phrase!(
            "{TAG_MANIFEST} is missing, so the manifest itself can't be checked."
        ));
    }
    if is_plain(MANIFEST) {
        let mut listed = read_manifest(folder, MANIFEST, compare.problems)?;
        listed.retain(|name, _| {
            let inside = name.starts_with("data/");
            if !inside {
                compare.problems.add(phrase!(
                    "{MANIFEST} lists {}, which is not in data/.",
                    quote(name)
                ));
            }
            inside
        });
        let is_sound = !changed.contains(MANIFEST);
        for file in found.iter().filter(|f| !listed.contains_key(&f.name)) {
            compare.problems.add(stray(&file.name, is_sound));
        }
        compare.files(&listed, &found, MANIFEST, is_sound);
    } else {
        problems.add(phrase!("{MANIFEST} is not a regular file."));
    }
    find_strays(folder, &known, &mut problems)?;
    report.copies = Copies::of(&kept.entries).looked_for();
    for problem in kept.problems {
        problems.add(problem);
    }
    check_declaration(folder, is_plain(DECLARATION), &mut problems)?;
    check_oxum(folder, is_plain(INFO), &report, &mut problems)?;

    report.problems = problems.told();
    report.ok = report.problems.is_empty();
    Ok(report)
}

/// Returns additional files that the tag manifest lists, if they are plain files of this folder.
fn unlisted_tag_files(
    folder: &Path,
    listed: &BTreeMap<String, Sum>,
    usual: &[PayloadFile],
) -> Vec<PayloadFile> {
    listed
        .keys()
        .filter(|name| !name.starts_with("data/") && !usual.iter().any(|f| f.name == **name))
        .filter_map(|name| {
            // No folder on the path may be a link.
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

/// Compares files with a manifest.
struct Compare<'a> {
    folder: &'a Path,
    stop: &'a Stop,
    read: &'a mut dyn FnMut(u64),
    problems: &'a mut Problems,
}

impl Compare<'_> {
    /// Hashes the files that are both found and listed, and reports missing and changed files. Returns the names of
    /// changed files. `is_sound`: the manifest itself has no known problem.
    fn files(
        &mut self,
        listed: &BTreeMap<String, Sum>,
        found: &[PayloadFile],
        manifest: &str,
        is_sound: bool,
    ) -> BTreeSet<String> {
        let both: Vec<PayloadFile> = found
            .iter()
            .filter(|file| listed.contains_key(&file.name))
            .cloned()
            .collect();
        let there: BTreeSet<&str> = found.iter().map(|file| &*file.name).collect();
        for name in listed.keys().filter(|name| !there.contains(&***name)) {
            self.problems.add(missing(name, manifest, is_sound));
        }
        let mut changed = BTreeSet::new();
        let sums = payload::hash_all(self.folder, &both, self.stop, self.read);
        for (file, sum) in both.iter().zip(sums) {
            let name = quote(&file.name);
            match sum {
                Ok(sum) if listed.get(&file.name) == Some(&sum) => continue,
                Ok(_) if is_sound => self.problems.add(phrase!(
                    "{name} has changed since the rescue: its SHA-256 is not the one in {manifest}."
                )),
                Ok(_) => self.problems.add(phrase!(
                    "{name} does not match {manifest}. {manifest} itself has changed, and {name} may have \
                     changed too."
                )),
                Err(error) => self
                    .problems
                    .add(phrase!("{name} could not be read: {error}.")),
            }
            changed.insert(file.name.clone());
        }
        changed
    }
}

/// Compares the tag manifest with its checksum in the custody log. Returns true if no difference is known.
fn check_tag_manifest(
    folder: &Path,
    kept: &custody::Checked,
    problems: &mut Problems,
) -> Result<bool, VaultError> {
    let Some(noted) = kept.tag_manifest() else {
        return Ok(true);
    };
    let is_as_noted = custody::sum_of_tag_manifest(folder)? == noted;
    if !is_as_noted {
        problems.add(phrase!(
            "{TAG_MANIFEST} has changed since the rescue: its SHA-256 is not the one in {}.",
            custody::FILE
        ));
    }
    Ok(is_as_noted)
}

/// Finds files outside the payload that don't belong to a rescue. `known`: the files in the tag manifest.
pub(super) fn find_strays(
    folder: &Path,
    known: &BTreeSet<String>,
    problems: &mut Problems,
) -> Result<(), VaultError> {
    let ours = [
        DATA,
        DECLARATION,
        INFO,
        MANIFEST,
        TAG_MANIFEST,
        custody::FILE,
        ticks::REPORT,
    ];
    for entry in fs::read_dir(folder).map_err(VaultError::io(phrase("read"), folder))? {
        let entry = entry.map_err(VaultError::io(phrase("read"), folder))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_above_known = || known.iter().any(|k| k.starts_with(&format!("{name}/")));
        if !ours.contains(&&*name) && !known.contains(&name) && !is_above_known() {
            problems.add(phrase!(
                "{} is not part of the rescue: it was added later.",
                quote(&name)
            ));
        }
    }
    Ok(())
}

fn check_declaration(
    folder: &Path,
    there: bool,
    problems: &mut Problems,
) -> Result<(), VaultError> {
    if !there {
        problems.add(phrase!("{DECLARATION} is missing."));
        return Ok(());
    }
    let text = read_tag_file(folder, DECLARATION)?;
    let mut lines = text.lines();
    let version = lines.next().and_then(|l| l.strip_prefix("BagIt-Version: "));
    let encoding = lines
        .next()
        .and_then(|l| l.strip_prefix("Tag-File-Character-Encoding: "));
    if !matches!(version, Some("1.0" | "0.97")) || encoding != Some("UTF-8") {
        problems.add(phrase!(
            "{DECLARATION} does not declare a kind of bag that Lifeboat knows."
        ));
    }
    Ok(())
}

/// Checks Payload-Oxum (section 2.2.2): bytes and files of the payload.
fn check_oxum(
    folder: &Path,
    there: bool,
    report: &VerifyReport,
    problems: &mut Problems,
) -> Result<(), VaultError> {
    if !there {
        problems.add(phrase!("{INFO} is missing."));
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
        None => problems.add(phrase!("{INFO} does not state the size of the payload.")),
        Some(oxum) if oxum == counted => {}
        Some(oxum) => problems.add(phrase!(
            "{INFO} states that the payload is {} (bytes.files), but it is {counted}.",
            quote(&oxum)
        )),
    }
    Ok(())
}

fn read_tag_file(folder: &Path, name: &str) -> Result<String, VaultError> {
    let path = folder.join(name);
    let mut bytes = Vec::new();
    plain::open(&path)
        .and_then(|file| file.take(MAX_TAG_FILE).read_to_end(&mut bytes))
        .map_err(VaultError::io(phrase("read"), &path))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
