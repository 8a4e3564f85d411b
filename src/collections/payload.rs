//! The files of a rescue's payload, each with its purpose.

use std::fs;
use std::path::Path;

use super::rooms;
use crate::export::report::FileLine;
use crate::phrase;
use crate::vault::store::PARTIAL;
use crate::vault::{JOURNAL, LOG, VaultError};

/// The files that belong to no collection.
const OTHERS: [(&str, &str); 3] = [
    (REPORT, phrase("this page")),
    (
        LOG,
        phrase("a log of every request to the phone; contains no contact data"),
    ),
    (
        JOURNAL,
        phrase(
            "Lifeboat's journal: the phone's own replies, every record read from the replies, and the log. Keep this \
             file: it contains data that no other file can hold",
        ),
    ),
];

/// The report's name in the payload folder.
const REPORT: &str = "report.html";

/// Returns each file or folder of a payload with its purpose, in the report's order.
fn purposes() -> impl Iterator<Item = (&'static str, &'static str)> {
    rooms().flat_map(|room| room.files).chain(&OTHERS).copied()
}

/// Returns true for the name of a file or folder in `data` that Lifeboat writes, even if it is unfinished.
pub fn is_written_here(name: &str) -> bool {
    let name = name
        .strip_suffix(".part")
        .map_or(name, |begun| begun.trim_start_matches('.'));
    purposes().any(|(known, _)| is_named(known, name))
}

/// Returns the files and folders of a rescue's `data` folder, each with its purpose. Unknown files come last, by name,
/// without a purpose. The report itself and the log are included, although they are written last.
///
/// # Errors
/// [`VaultError::Io`].
pub fn files_in(data: &Path) -> Result<Vec<FileLine>, VaultError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(data).map_err(VaultError::io(phrase("read"), data))? {
        let entry = entry.map_err(VaultError::io(phrase("read"), data))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.extend([REPORT, LOG].map(str::to_owned));
    names.sort_unstable_by_key(|name| (place(name), name.clone()));
    names.dedup();
    Ok(names
        .into_iter()
        // A finished rescue has no companion files of SQLite and no incomplete copies.
        .filter(|name| !name.starts_with("lifeboat.sqlite-") && !name.starts_with(PARTIAL))
        .map(|name| {
            let is_folder = data.join(&name).is_dir();
            let purpose = purposes().find(|(known, _)| is_named(known, &name));
            let purpose = purpose.map_or("", |(_, purpose)| purpose).to_owned();
            FileLine {
                name: if is_folder { name + "/" } else { name },
                purpose,
            }
        })
        .collect())
}

/// Returns true for the name `known`, and for the further parts of a file that was split: `messages-2.xml`.
fn is_named(known: &str, name: &str) -> bool {
    if known == name {
        return true;
    }
    let Some((stem, ending)) = known.rsplit_once('.') else {
        return false;
    };
    let number = name.strip_prefix(stem).and_then(|rest| {
        let rest = rest.strip_prefix('-')?.strip_suffix(ending)?;
        rest.strip_suffix('.')
    });
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

fn place(name: &str) -> usize {
    let mut all = purposes();
    all.position(|(known, _)| is_named(known, name))
        .unwrap_or(usize::MAX)
}
