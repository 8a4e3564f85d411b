//! Export of some things that a person has marked, in one format, into a folder of their choice. The files are written
//! by the same writers as those of the rescue, so that other programs accept them in the same way.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::list::keys_of;
use super::messages::Conversations;
use super::{calendar, calls, contacts, files, room, todos};
use crate::export::calendars::{self, CalendarFiles};
use crate::export::calls::CallFiles;
use crate::export::contacts::{self as cards, ContactFiles};
use crate::export::messages::{Lists, Parts};
use crate::export::{calls as call_files, messages as message_files};
use crate::model::{Advice as _, Collection};
use crate::phrase;
use crate::system::private;
use crate::vault::{DATA, Vault, VaultError, safe_name};

/// The folder in which files are made before they get their names.
const STAGING: &str = ".lifeboat-export";

/// A format in which things of one collection can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    name: &'static str,
    /// The file or folder that the collection's writer makes.
    file: &'static str,
}

impl Format {
    /// Returns the name for people.
    pub fn name(self) -> &'static str {
        self.name
    }
}

const fn format(name: &'static str, file: &'static str) -> Format {
    Format { name, file }
}

/// Returns the formats for the things of a collection, the most useful one first.
pub fn formats(of: Collection) -> &'static [Format] {
    const CONTACTS: &[Format] = &[
        format(
            phrase("vCard 3.0, one file (imports everywhere)"),
            cards::ALL,
        ),
        format(phrase("vCard 4.0, one file (the fullest)"), cards::ALL_V4),
        format(phrase("vCard 3.0, one file per contact"), cards::SINGLE),
        format(phrase("CSV for Google Contacts"), cards::GOOGLE),
        format(phrase("CSV for Outlook and spreadsheets"), cards::OUTLOOK),
    ];
    const CALENDAR: &[Format] = &[format(phrase("iCalendar (.ics)"), calendars::ALL)];
    const TODOS: &[Format] = &[format(phrase("iCalendar (.ics)"), calendars::TODOS)];
    const CALLS: &[Format] = &[
        format(phrase("CSV table"), call_files::CSV),
        format(
            phrase("XML for the app SMS Backup & Restore"),
            call_files::XML,
        ),
    ];
    const MESSAGES: &[Format] = &[
        format(phrase("CSV table"), message_files::CSV),
        format(
            phrase("XML for the app SMS Backup & Restore"),
            message_files::XML,
        ),
    ];
    const FILES: &[Format] = &[format(phrase("the files themselves"), "files")];
    match of {
        Collection::Contacts | Collection::Sim => CONTACTS,
        Collection::Calendar => CALENDAR,
        Collection::Todos => TODOS,
        Collection::Calls => CALLS,
        Collection::Messages => MESSAGES,
        Collection::Files => FILES,
    }
}

/// Writes the things with these keys ([`super::list::Line::key`]) into a folder, which is made if it is missing. Nothing
/// that is there is replaced. Returns the new file or folder.
///
/// # Errors
/// What went wrong, and what to do about it.
pub fn export(
    vault: &Vault,
    of: Collection,
    keys: &[String],
    format: Format,
    folder: &Path,
) -> Result<PathBuf, String> {
    let at_folder = |error: io::Error| {
        phrase!(
            "{}: {error}. Choose a folder in which you may write.",
            folder.display()
        )
    };
    if folder.starts_with(vault.folder()) {
        return Err(phrase(
            "This folder belongs to the rescue, in which nothing may change. Choose another folder.",
        )
        .to_owned());
    }
    private::create_folder(folder).map_err(at_folder)?;
    let staging = folder.join(format!("{STAGING}-{}", std::process::id()));
    private::create_folder(&staging).map_err(at_folder)?;
    let made = write(vault, of, keys, &staging).and_then(|()| {
        let name = title(vault, of, keys);
        place(&staging.join(format.file), folder, &name).map_err(at_folder)
    });
    // What is left are the formats that were not chosen.
    let _ = fs::remove_dir_all(&staging);
    made
}

/// The name of what is written: that of a single thing, or that of the collection.
fn title(vault: &Vault, of: Collection, keys: &[String]) -> String {
    let single = match keys {
        [key] => (room(of).details)(vault, &keys_of(key)).ok().flatten(),
        _ => None,
    };
    let name = single.and_then(|details| Some(details.fields.first()?.value.clone()));
    safe_name(&name.unwrap_or_else(|| of.title().to_owned()), "Lifeboat")
}

/// Moves a file or folder to a name that is free.
fn place(made: &Path, folder: &Path, name: &str) -> io::Result<PathBuf> {
    let ending = made.extension().map(|ending| ending.to_string_lossy());
    let ending = ending.map(|ending| format!(".{ending}"));
    let ending = ending.filter(|_| made.is_file()).unwrap_or_default();
    // A file that was copied has its ending in its name.
    let name = name.strip_suffix(ending.as_str()).unwrap_or(name);
    for number in 1..10_000 {
        let name = match number {
            1 => format!("{name}{ending}"),
            n => format!("{name} ({n}){ending}"),
        };
        let path = folder.join(name);
        if path.symlink_metadata().is_err() {
            fs::rename(made, &path)?;
            return Ok(path);
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Writes all formats of the collection into a new folder.
fn write(vault: &Vault, of: Collection, keys: &[String], into: &Path) -> Result<(), String> {
    let vault_error = |error: VaultError| error.explained();
    match of {
        Collection::Contacts | Collection::Sim => {
            let failed = |error: cards::ContactFilesError| error.to_string();
            let mut out = ContactFiles::new(into).map_err(failed)?;
            let data = vault.folder().join(DATA);
            for key in keys {
                let found = contacts::one(vault, keys_of(key)).map_err(vault_error)?;
                let (_, contact) = found.ok_or_else(missing)?;
                let photo = contacts::photo(&data, &contact);
                out.push(&contact, photo).map_err(failed)?;
            }
            out.finish().map_err(failed)?;
        }
        Collection::Calendar => {
            let failed = |error: calendars::CalendarFilesError| error.to_string();
            let mut events = Vec::new();
            let mut names = Vec::new();
            for key in keys {
                let found = calendar::one(vault, keys_of(key)).map_err(vault_error)?;
                let (mut event, own) = found.ok_or_else(missing)?;
                // What is marked is written, whatever the phone had planned for it.
                event.source.deleted = false;
                names.extend(own);
                events.push(event);
            }
            names.sort_by_key(|calendar| calendar.row);
            names.dedup_by_key(|calendar| calendar.row);
            let mut out = CalendarFiles::new(into, names).map_err(failed)?;
            for event in &events {
                out.push_event(event).map_err(failed)?;
            }
            out.finish().map_err(failed)?;
        }
        Collection::Todos => {
            let failed = |error: calendars::CalendarFilesError| error.to_string();
            let mut out = CalendarFiles::new(into, Vec::new()).map_err(failed)?;
            for key in keys {
                let found = todos::one(vault, keys_of(key)).map_err(vault_error)?;
                let mut todo = found.ok_or_else(missing)?;
                todo.source.deleted = false;
                out.push_todo(&todo).map_err(failed)?;
            }
            out.finish().map_err(failed)?;
        }
        Collection::Calls => {
            let failed = |error: io::Error| error.to_string();
            let mut out = CallFiles::new(into, keys.len() as u64).map_err(failed)?;
            for key in keys {
                let call = calls::with_name(vault, key).map_err(vault_error)?;
                out.push(&call.ok_or_else(missing)?).map_err(failed)?;
            }
            out.finish().map_err(failed)?;
        }
        Collection::Messages => write_messages(vault, keys, into)?,
        Collection::Files => {
            let folder = into.join("files");
            private::create_folder(&folder).map_err(|error| error.to_string())?;
            for key in keys {
                let found = (room(of).details)(vault, &keys_of(key)).map_err(vault_error)?;
                let details = found.ok_or_else(missing)?;
                let copy = details.copy.ok_or_else(|| {
                    phrase("One of the marked files was not copied from the phone. Unmark it.")
                        .to_owned()
                })?;
                files::copy_to(&copy, &folder).map_err(|error| error.to_string())?;
            }
        }
    }
    Ok(())
}

/// Writes the messages of the marked conversations.
fn write_messages(vault: &Vault, keys: &[String], into: &Path) -> Result<(), String> {
    let vault_error = |error: VaultError| error.explained();
    let failed = |error: io::Error| error.to_string();
    let mut all = Conversations::read(vault).map_err(vault_error)?;
    let mut wanted = Vec::new();
    for key in keys {
        wanted.push(all.with(key).ok_or_else(missing)?);
    }
    let order = std::mem::take(&mut all.order);
    let placed: Vec<String> = order
        .into_iter()
        .filter(|placed| wanted.contains(&placed.conversation))
        .map(|placed| placed.key)
        .collect();
    let mut parts = Parts::new(into).map_err(failed)?;
    for key in &placed {
        let message = all.one(vault, key).map_err(vault_error)?;
        message.parts.iter().for_each(|part| parts.expect(part));
    }
    if !parts.is_empty() {
        let mut broken = None;
        vault
            .for_each_raw(Collection::Messages, |request, first, bytes| {
                if let Err(error) = parts.add(request, first, bytes) {
                    broken.get_or_insert(error);
                }
                Ok::<_, VaultError>(())
            })
            .map_err(vault_error)?;
        if let Some(error) = broken {
            return Err(failed(error));
        }
        parts.close().map_err(failed)?;
        let data = vault.folder().join(DATA);
        parts.add_found(&data, || Ok(())).map_err(failed)?;
    }
    let mut out = Lists::new(into, placed.len() as u64).map_err(failed)?;
    for key in &placed {
        let message = all.one(vault, key).map_err(vault_error)?;
        let names = all.named(&message);
        out.push(&message, names.as_deref(), &parts)
            .map_err(failed)?;
    }
    out.finish().map_err(failed)?;
    Ok(())
}

fn missing() -> String {
    phrase("A marked thing is no longer in the rescue. Open the rescue again.").to_owned()
}
