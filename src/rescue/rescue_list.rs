//! The rescues in one folder: finished, unfinished, running and sealed ones.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::finished;
use super::running::{Running, running};
use super::unfinished::{Unfinished, look_into};
use crate::model::{Identity, open_lines};
use crate::vault::copies::Copies;
use crate::vault::{DATA, JOURNAL, bag, custody};

/// Maximum number of rescues that are looked into, the newest first.
const MOST: usize = 200;

/// Ending of the names of sealed archives.
const SEALED: &str = ".tar.age";

/// All rescues in one folder, each list with the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RescueList {
    pub finished: Vec<Finished>,
    pub unfinished: Vec<Unfinished>,
    /// The rescues that this or another program is running.
    pub running: Vec<Running>,
    /// Encrypted archives without their folders.
    pub sealed: Vec<Sealed>,
}

/// A finished rescue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Finished {
    pub folder: PathBuf,
    /// Make, model and serial number; the rest is empty.
    pub identity: Identity,
    /// The day the rescue began, from its folder's name: `2026-11-22`.
    pub begun: String,
    /// All data that can be read is saved and checked.
    pub is_safe: bool,
    /// The verdict in one or two sentences.
    pub headline: String,
    /// Number of lines of what a reset destroys that are neither done nor skipped.
    pub open_lines: usize,
    pub copies: Copies,
}

/// An encrypted archive of a rescue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sealed {
    pub file: PathBuf,
    /// The name of the rescue.
    pub name: String,
    pub bytes: u64,
}

/// Lists rescues again and again. Folders that did not change are not read again.
#[derive(Debug, Default)]
pub struct RescueLister {
    finished: BTreeMap<PathBuf, (Marks, Option<Finished>)>,
    unfinished: BTreeMap<PathBuf, (Marks, Option<Unfinished>)>,
}

/// Times and lengths of the files that change with a rescue.
type Marks = Vec<Option<(SystemTime, u64)>>;

fn marks(folder: &Path, files: &[&str]) -> Marks {
    let mark = |name: &&str| {
        let found = fs::symlink_metadata(folder.join(name)).ok()?;
        Some((found.modified().ok()?, found.len()))
    };
    files.iter().map(mark).collect()
}

impl RescueLister {
    /// Lists the rescues in `parent`. What can't be read is left out.
    pub fn list(&mut self, parent: &Path) -> RescueList {
        let mut rescues = RescueList {
            running: running(parent),
            ..RescueList::default()
        };
        let Ok(entries) = fs::read_dir(parent) else {
            return rescues;
        };
        let mut places: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|place| {
                place.to_str().is_some_and(|name| name.ends_with(SEALED))
                    || place.join(DATA).join(JOURNAL).is_file()
            })
            .collect();
        places.sort_unstable_by(|one, other| other.cmp(one));
        places.truncate(MOST);
        self.finished.retain(|place, _| places.contains(place));
        self.unfinished.retain(|place, _| places.contains(place));
        for place in &places {
            if place.is_file() {
                rescues.sealed.extend(sealed(place));
            } else if bag::is_finished(place) {
                rescues.finished.extend(self.look_at_finished(place));
            } else if !rescues.running.iter().any(|one| one.folder == *place) {
                rescues.unfinished.extend(self.look_at_unfinished(place));
            }
        }
        rescues.sealed.retain(|one| {
            let folder = one.file.with_file_name(&one.name);
            !rescues.finished.iter().any(|other| other.folder == folder)
        });
        rescues
    }

    fn look_at_finished(&mut self, folder: &Path) -> Option<Finished> {
        let marks = marks(folder, &[custody::FILE]);
        if let Some((before, found)) = self.finished.get(folder)
            && *before == marks
        {
            return found.clone();
        }
        let found = finished::open_briefly(folder).ok().map(|outcome| Finished {
            identity: Identity {
                make: outcome.handset.make,
                model: outcome.handset.model,
                serial: outcome.handset.serial,
                ..Identity::default()
            },
            begun: begun(folder),
            is_safe: outcome.safe,
            headline: outcome.headline,
            open_lines: open_lines(&outcome.before_reset),
            copies: outcome.copies,
            folder: folder.to_owned(),
        });
        self.finished
            .insert(folder.to_owned(), (marks, found.clone()));
        found
    }

    fn look_at_unfinished(&mut self, folder: &Path) -> Option<Unfinished> {
        let wal = format!("{DATA}/{JOURNAL}-wal");
        let marks = marks(folder, &[&format!("{DATA}/{JOURNAL}"), &wal]);
        if let Some((before, found)) = self.unfinished.get(folder)
            && *before == marks
        {
            return found.clone();
        }
        // Not remembered: another program may have the journal for a moment.
        let found = look_into(folder.to_owned()).ok()?;
        self.unfinished
            .insert(folder.to_owned(), (marks, found.clone()));
        found
    }
}

/// The day in the name of a rescue folder.
pub(super) fn begun(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    name.chars().take(10).collect()
}

fn sealed(file: &Path) -> Option<Sealed> {
    let name = file.file_name()?.to_str()?.strip_suffix(SEALED)?.to_owned();
    Some(Sealed {
        bytes: fs::symlink_metadata(file).ok()?.len(),
        file: file.to_owned(),
        name,
    })
}
