//! Compares the contents of storages, read without the protocols, with the files of a rescue folder and the rescue's
//! claims.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use lifeboat::model::{Collection, Verdict};
use lifeboat::rescue::Outcome;

use super::owner;
use crate::common::portable_files;
use crate::common::thousands::Came;

/// Files with their paths. A path may occur twice.
pub type Files = Vec<(String, Vec<u8>)>;

/// The contents of storages.
pub struct Truth {
    /// Every file that exists at the end.
    pub held: Files,
    /// Earlier versions of files that changed or were deleted.
    pub former: Files,
}

/// Judges a rescue. An error says what is wrong: the rescue claims files that it does not have, or a copy is not what
/// was on the device.
pub fn judge(truth: &Truth, folder: &Path, outcome: &Outcome) -> Result<Came, String> {
    let files = portable_files(folder);
    let (copied, not_copied) = copies_are_true(truth, &files)?;
    let lost = lost(&truth.held, &files);
    // A file that was deleted before it was copied, or an unreadable file with a second copy, may be missing without a
    // loss.
    let all = truth.held.iter().chain(&truth.former);
    let is_all_there = all
        .filter(|(path, _)| owner::is_copied(path))
        .all(|(path, _)| copied.contains(name_of(path)));
    let photos = outcome
        .collections
        .iter()
        .find(|c| c.name == Collection::Files);
    let claims = photos.is_some_and(|c| matches!(c.verdict, Verdict::Complete | Verdict::Empty));
    if outcome.safe && !(outcome.finished && claims) {
        return Err("it is called safe, and its files are not".into());
    }
    if claims && !not_copied.is_empty() {
        return Err(format!(
            "it is called complete, and has no copy of {not_copied:#?}"
        ));
    }
    match (claims, lost.is_empty()) {
        (true, false) => Err(format!("it is called complete, and lost {lost:#?}")),
        (true, true) if outcome.finished => Ok(Came::Safe),
        (_, true) if is_all_there => Ok(Came::TooCareful),
        (_, true) => Ok(Came::Unsafe),
        (false, false) => {
            let said = outcome.why_not.len() + photos.map_or(0, |c| c.notes.len());
            match said {
                0 => Err(format!("it does not say that it lost {lost:#?}")),
                _ => Ok(Came::Unsafe),
            }
        }
    }
}

fn is_copy(name: &str) -> bool {
    ["photos/", "found/", "documents/"]
        .iter()
        .any(|folder| name.starts_with(folder))
}

/// The contents of the storages that the payload lacks: files, and records of exported lists.
fn lost(held: &Files, files: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let copies: BTreeSet<&[u8]> = files
        .iter()
        .filter(|(name, _)| is_copy(name))
        .map(|(_, bytes)| bytes.as_slice())
        .collect();
    let text = |name: &str| {
        let bytes = files.get(name).map_or(&[][..], Vec::as_slice);
        let text = String::from_utf8_lossy(bytes);
        text.replace("\r\n ", "").replace("\r\n\t", "")
    };
    let texts: BTreeMap<&str, String> = ["contacts.vcf", "calendar.ics", "todos.ics", "notes.txt"]
        .map(|name| (name, text(name)))
        .into();
    let mut lost = Vec::new();
    for (path, bytes) in held.iter().filter(|(path, _)| owner::is_copied(path)) {
        if !copies.contains(bytes.as_slice()) {
            lost.push(format!("{path}, {} bytes", bytes.len()));
        }
        for (file, thing) in owner::things(path, bytes) {
            if !texts[file].contains(&thing) {
                lost.push(format!("{thing} of {path}"));
            }
        }
    }
    lost
}

/// Asserts that each copy is a version of its own file. Returns the names of the files that have a copy, and the paths
/// of those without.
fn copies_are_true(
    truth: &Truth,
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<(BTreeSet<String>, Vec<String>), String> {
    let all = || truth.held.iter().chain(&truth.former);
    let known: BTreeSet<&[u8]> = all().map(|(_, bytes)| bytes.as_slice()).collect();
    let list = files.get("files.csv").map_or(&[][..], Vec::as_slice);
    let rows: Vec<csv::StringRecord> = csv::Reader::from_reader(list)
        .records()
        .collect::<Result<_, _>>()
        .map_err(|e| format!("files.csv: {e}"))?;
    let damaged: BTreeSet<&str> = rows
        .iter()
        .filter(|row| row[5].contains("damaged"))
        .map(|row| &row[1])
        .collect();
    for (name, bytes) in files.iter().filter(|(name, _)| is_copy(name)) {
        if !known.contains(bytes.as_slice()) && !damaged.contains(name.as_str()) {
            return Err(format!("{name} is nothing that was ever on the device"));
        }
    }
    let mut copied = BTreeSet::new();
    for row in rows.iter().filter(|row| !row[1].is_empty()) {
        let Some(copy) = files.get(&row[1]) else {
            return Err(format!("{} is named and not there", &row[1]));
        };
        let name = name_of(&row[0]);
        // A file in a damaged folder may have its short name only.
        if all().all(|(path, _)| name_of(path) != name) {
            continue;
        }
        let mut versions = all().filter(|(path, _)| name_of(path) == name);
        let is_true = versions.any(|(_, bytes)| match damaged.contains(&row[1]) {
            true => is_part_of(copy, bytes),
            false => copy == bytes,
        });
        if !is_true {
            return Err(format!("{} never was what {} is", &row[0], &row[1]));
        }
        if !damaged.contains(&row[1]) {
            copied.insert(name.to_owned());
        }
    }
    let without = rows.iter().filter(|row| row[1].is_empty());
    Ok((copied, without.map(|row| row[0].to_owned()).collect()))
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// Returns true if the copy consists of some of the file's bytes, in their places, and zeros.
fn is_part_of(copy: &[u8], bytes: &[u8]) -> bool {
    let mut pairs = copy.iter().zip(bytes);
    copy.len() <= bytes.len() && pairs.all(|(copied, byte)| copied == byte || *copied == 0)
}
