//! Rescues that were begun and not finished, so that they can go on when their handset is there again.

use std::fs;
use std::path::{Path, PathBuf};

use crate::model::{Collection, Identity};
use crate::vault::{DATA, JOURNAL, RecordKind, Vault, VaultError, bag};

/// Most rescue folders that are looked into, the newest first.
const MOST: usize = 200;

/// A rescue that can go on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unfinished {
    pub folder: PathBuf,
    /// The handset that it is of.
    pub identity: Identity,
    /// The day it was begun, as its folder's name tells: `2026-11-22`.
    pub begun: String,
    pub contacts: u64,
    pub events: u64,
    pub todos: u64,
    /// Copies of the handset's files.
    pub files: u64,
}

impl Unfinished {
    /// True if it is of a handset of this serial number, or, where one of the two is not known, of this make and model.
    pub fn is_of(&self, make: &str, model: &str, serial: &str) -> bool {
        if serial.is_empty() || self.identity.serial.is_empty() {
            self.identity.make.eq_ignore_ascii_case(make) && self.identity.model == model
        } else {
            self.identity.serial == serial
        }
    }
}

/// The unfinished rescues in `parent`, the newest first. One that another program is writing into is left out, and so
/// is what can't be read.
pub fn unfinished(parent: &Path) -> Vec<Unfinished> {
    let Ok(entries) = fs::read_dir(parent) else {
        return Vec::new();
    };
    let mut folders: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|folder| folder.join(DATA).join(JOURNAL).is_file() && !bag::is_finished(folder))
        .collect();
    folders.sort_unstable_by(|one, other| other.cmp(one));
    folders.truncate(MOST);
    folders
        .into_iter()
        .filter_map(|folder| look_into(folder).ok())
        .collect()
}

fn look_into(folder: PathBuf) -> Result<Unfinished, VaultError> {
    let vault = Vault::open(&folder)?;
    let count = |what: Collection, kind: RecordKind| {
        let counts = vault.counts(what)?;
        Ok::<_, VaultError>(counts.get(&kind).copied().unwrap_or_default())
    };
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    Ok(Unfinished {
        begun: name.chars().take(10).collect(),
        identity: vault.identity().clone(),
        contacts: count(Collection::Contacts, RecordKind::Contact)?,
        events: count(Collection::Calendar, RecordKind::Event)?,
        todos: count(Collection::Todos, RecordKind::Todo)?,
        files: count(Collection::Photos, RecordKind::Copied)?,
        folder,
    })
}
