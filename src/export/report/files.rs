//! The report's list of files: the purpose of each file of a rescue.

use std::fs;
use std::path::Path;

use super::FileLine;
use crate::vault::VaultError;
use crate::vault::store::PARTIAL;

/// The purpose of each file or folder of a rescue's payload, in the report's order.
const PURPOSES: [(&str, &str); 23] = [
    (
        "contacts.vcf",
        "every contact that was rescued. Import this one: a new phone's Contacts app, Google Contacts, iCloud, Thunderbird and nearly every other program take it",
    ),
    (
        "for-google",
        "the same in parts, for Google's website, which takes only so many at once",
    ),
    (
        "contacts",
        "one file a contact, for Outlook on Windows, which reads only the first card of a file",
    ),
    (
        "contacts-google.csv",
        "the contacts as a table for Google Contacts",
    ),
    (
        "contacts-outlook.csv",
        "the contacts as a table for Outlook, or for a spreadsheet",
    ),
    (
        "contacts-v4.vcf",
        "every contact that was rescued, in the fullest form (vCard 4.0), to keep",
    ),
    (
        "contacts-deleted.vcf",
        "contacts that were deleted on the phone and still lay in it. Not part of contacts.vcf",
    ),
    ("me.vcf", "the owner's own card"),
    (
        "calendar.ics",
        "every event that was rescued. Import this one: Google Calendar, Apple's Calendar, Outlook and Thunderbird take it",
    ),
    ("calendars", "the same events, one file a calendar"),
    (
        "calendar-deleted.ics",
        "events that were deleted on the phone and still lay in it. Not part of calendar.ics",
    ),
    (
        "todos.ics",
        "the to-dos, for Thunderbird, Nextcloud Tasks, Evolution and Apple's Reminders. Google Calendar passes over them",
    ),
    (
        "todos-deleted.ics",
        "to-dos that were deleted on the phone and still lay in it. Not part of todos.ics",
    ),
    (
        "calls.csv",
        "the list of calls as a table, to read, search and print",
    ),
    (
        "calls.xml",
        "the same for the app SMS Backup & Restore, which puts them into an Android's list of calls",
    ),
    (
        "notes.txt",
        "the notes that stood in files the owner had exported before",
    ),
    ("photos", "the photos, videos and recordings, byte for byte"),
    (
        "found",
        "files that the owner had exported before, as they were",
    ),
    (
        "documents",
        "documents, archives and what messengers had backed up, byte for byte",
    ),
    (
        "files.csv",
        "every file that the phone listed, where its copy lies, and what became of it",
    ),
    ("report.html", "this page"),
    (
        "log.txt",
        "what was asked of the phone, and when, without what it answered",
    ),
    (
        "lifeboat.sqlite",
        "Lifeboat's journal: the phone's own replies, every record read from them, and the log. Keep it: what no other file can hold is in here",
    ),
];

/// Returns true for the name of a file or folder in `data` that Lifeboat writes, even if it is unfinished.
pub fn is_written_here(name: &str) -> bool {
    let name = name
        .strip_suffix(".part")
        .map_or(name, |begun| begun.trim_start_matches('.'));
    PURPOSES.iter().any(|(known, _)| *known == name)
}

/// Returns the files and folders of a rescue's `data` folder, each with its purpose. Unknown files come last, by name,
/// without a purpose. The report itself and the log are included, although they are written last.
///
/// # Errors
/// [`VaultError::Io`].
pub fn files_in(data: &Path) -> Result<Vec<FileLine>, VaultError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(data).map_err(VaultError::io("read", data))? {
        let entry = entry.map_err(VaultError::io("read", data))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.extend(["report.html", "log.txt"].map(str::to_owned));
    names.sort_unstable_by_key(|name| (place(name), name.clone()));
    names.dedup();
    Ok(names
        .into_iter()
        // SQLite's companion files and incomplete copies are gone once the rescue is finished.
        .filter(|name| !name.starts_with("lifeboat.sqlite-") && !name.starts_with(PARTIAL))
        .map(|name| {
            let is_folder = data.join(&name).is_dir();
            let purpose = PURPOSES
                .get(place(&name))
                .map_or("", |(_, purpose)| purpose)
                .to_owned();
            FileLine {
                name: if is_folder { name + "/" } else { name },
                purpose,
            }
        })
        .collect())
}

fn place(name: &str) -> usize {
    PURPOSES
        .iter()
        .position(|(known, _)| *known == name)
        .unwrap_or(PURPOSES.len())
}
