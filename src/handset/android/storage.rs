//! The shared storage and memory cards: which of their files are the owner's pictures, recordings and exports.
//!
//! Everything that is asked for is a listing (`sync:`): the shell sees all of the shared storage but what apps keep for
//! themselves (`Android/data`, `Android/obb`), which is not looked into.

use std::io::Write;

use crate::handset::owner_files::{
    MAX_DEPTH, MAX_FILES, MAX_NAMES, SHARED_STORAGE, below, kind_of, owners,
};
use crate::handset::{HandsetError, Lacking};
use crate::model::{HandsetFile, HandsetPath};
use crate::protocol::adb::{Adb, AdbError, Chunk, FileSync, ShellCommand, Stat};

/// Where memory cards are mounted, by their volumes' numbers (`1A2B-3C4D`); and by names, on older handsets.
const MOUNTS: &str = "/storage/";
const CARDS: [&str; 4] = ["extSdCard", "sdcard1", "external_SD", "ext_sd"];

/// The most of an error message that is kept, in bytes.
const MAX_SAID: usize = 4 << 10;

/// What lies on the storages.
#[derive(Debug)]
pub struct Storage {
    pub files: Vec<HandsetFile>,
    /// The shared storage shows something at all.
    pub is_open: bool,
    /// What could not be looked at.
    pub lacking: Lacking,
    /// Each folder of the storage that is being listed shows itself, so that one that does not was not opened.
    shows_folders: bool,
}

/// Lists the files, the most precious first.
///
/// # Errors
/// If the link is lost, the rescue is stopped, or the handset has no such service.
pub fn list(adb: &Adb) -> Result<Storage, HandsetError> {
    let mut sync = adb.sync();
    let mut storage = Storage {
        files: Vec::new(),
        is_open: false,
        lacking: Lacking::of("folders", "looked at"),
        shows_folders: false,
    };
    // The `/` at its end has the link followed.
    let shared = HandsetPath(SHARED_STORAGE.into()).join(b"");
    storage.is_open = storage.walk(&mut sync, &shared, &HandsetPath::default(), 0)?;
    for name in cards(&mut sync)? {
        let card = HandsetPath(MOUNTS.into()).join(&name).join(b"");
        storage.walk(&mut sync, &card, &HandsetPath(name), 0)?;
    }
    storage.files.sort_by_cached_key(HandsetFile::order);
    Ok(storage)
}

/// Copies a file from `from` on, and gives what the handset says of it afterwards.
///
/// # Errors
/// If it can't be read, the link is lost, the rescue is stopped, or `sink` takes no more.
pub fn fetch(
    adb: &Adb,
    file: &HandsetFile,
    from: u64,
    sink: &mut dyn Write,
) -> Result<Option<HandsetFile>, HandsetError> {
    let mut sync = adb.sync();
    match from {
        0 => drop(sync.recv(&file.path.0, sink)?),
        from => fetch_end(adb, file, from, sink)?,
    }
    let stat = sync.stat(&file.path.0)?;
    Ok(stat.map(|stat| HandsetFile {
        size: stat.size,
        exact: stat.exact,
        modified: stat.modified,
        ..file.clone()
    }))
}

/// Copies what is left of a file from `from` on.
fn fetch_end(
    adb: &Adb,
    file: &HandsetFile,
    from: u64,
    sink: &mut dyn Write,
) -> Result<(), HandsetError> {
    let only_whole = |what: String| HandsetError::Protocol {
        what,
        advice: "It is read from its start.".into(),
    };
    let path = match String::from_utf8(file.path.0.clone()) {
        // Without an exit code an error could not be told from the file.
        Ok(path) if adb.banner().has("shell_v2") => path,
        _ => return Err(only_whole("it can't be begun in its middle".into())),
    };
    let mut output = adb.shell(&ShellCommand::FileEnd { path, from })?;
    let mut said = Vec::new();
    while let Some(chunk) = output.read()? {
        match chunk {
            Chunk::Stdout(bytes) => sink.write_all(&bytes).map_err(AdbError::Sink)?,
            Chunk::Stderr(bytes) if said.len() < MAX_SAID => said.extend(bytes),
            Chunk::Stderr(_) | Chunk::Exit(0) => {}
            Chunk::Exit(code) => {
                let said = String::from_utf8_lossy(&said);
                return Err(only_whole(format!("exit code {code}: {}", said.trim())));
            }
        }
    }
    Ok(())
}

/// The names of the memory cards' mounts.
fn cards(sync: &mut FileSync<'_>) -> Result<Vec<Vec<u8>>, HandsetError> {
    let listing = match sync.list(MOUNTS.as_bytes(), MAX_NAMES) {
        Ok(listing) => listing,
        Err(error) if error.is_link_lost() || matches!(error, AdbError::Stopped) => {
            return Err(error.into());
        }
        Err(_) => return Ok(Vec::new()),
    };
    let names = listing.entries.into_iter().map(|entry| entry.name);
    Ok(names.filter(|name| is_card(name)).collect())
}

fn is_card(name: &[u8]) -> bool {
    let volume = name.len() == 9
        && name.iter().enumerate().all(|(at, byte)| match at {
            4 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    volume || CARDS.iter().any(|card| card.as_bytes() == name)
}

impl Storage {
    /// Looks into a folder and those in it. True if it shows anything.
    fn walk(
        &mut self,
        sync: &mut FileSync<'_>,
        folder: &HandsetPath,
        relative: &HandsetPath,
        depth: usize,
    ) -> Result<bool, HandsetError> {
        let listing = match sync.list(&folder.0, MAX_NAMES) {
            Ok(listing) => listing,
            // Without the service nothing can be listed.
            Err(error)
                if depth == 0 || error.is_link_lost() || matches!(error, AdbError::Stopped) =>
            {
                return Err(error.into());
            }
            Err(error) => {
                self.lacking.add(folder, &error.to_string());
                return Ok(false);
            }
        };
        if listing.cut {
            self.lacking
                .add(folder, &format!("it holds more than {MAX_NAMES} names"));
        }
        let shows_anything = !listing.entries.is_empty();
        if depth == 0 {
            self.shows_folders = listing.shows_itself;
        } else if self.shows_folders && !listing.shows_itself && !shows_anything {
            self.lacking.add(folder, "it can't be opened");
        }
        for entry in listing.entries {
            let (path, below) = (folder.join(&entry.name), below(relative, &entry.name));
            match entry.stat {
                Ok(stat) if stat.is_folder() && is_apps_own(&below) => {}
                Ok(stat) if stat.is_folder() && depth >= MAX_DEPTH => {
                    self.lacking.add(&path, "it lies too deep");
                }
                Ok(stat) if stat.is_folder() => {
                    self.walk(sync, &path, &below, depth + 1)?;
                }
                Ok(stat) if stat.is_file() && self.files.len() >= MAX_FILES => {
                    self.lacking.add(&path, "there are too many files");
                }
                Ok(stat) if stat.is_file() => self.files.extend(wanted(path, below, &stat)),
                Ok(_) => {}
                Err(why) if kind_of(&entry.name).is_some() => self.lacking.add(&path, &why),
                Err(_) => {}
            }
        }
        Ok(shows_anything)
    }
}

/// Folders that apps keep for themselves, and that the shell is not let into.
fn is_apps_own(relative: &HandsetPath) -> bool {
    let shown = relative.shown();
    ["Android/data", "Android/obb"].iter().any(|own| {
        let in_card = |(card, rest): (&str, &str)| rest == *own && is_card(card.as_bytes());
        shown == *own || shown.split_once('/').is_some_and(in_card)
    })
}

fn wanted(path: HandsetPath, relative: HandsetPath, stat: &Stat) -> Option<HandsetFile> {
    let file = HandsetFile {
        size: stat.size,
        exact: stat.exact,
        modified: stat.modified,
        path,
        relative,
        ..HandsetFile::default()
    };
    owners(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_are_known_by_their_numbers() {
        for (name, is) in [
            ("1A2B-3C4D", true),
            ("extSdCard", true),
            ("emulated", false),
            ("self", false),
            ("1A2B-3C4", false),
            ("sdcard0", false),
        ] {
            assert_eq!(is_card(name.as_bytes()), is, "{name}");
        }
    }

    #[test]
    fn what_apps_keep_for_themselves_is_not_looked_into() {
        for (relative, is) in [
            ("Android/data", true),
            ("1A2B-3C4D/Android/obb", true),
            ("Android/media", false),
            ("Pictures/Android/data", false),
        ] {
            assert_eq!(is_apps_own(&HandsetPath(relative.into())), is, "{relative}");
        }
    }
}
