//! Unfinished rescues, which can be resumed when their handset is connected again.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::counter::Counter;
use super::rescue_list::begun;
use crate::handset::HandsetError;
use crate::model::{Collection, Identity};
use crate::phrase;
use crate::vault::{DATA, JOURNAL, Vault, VaultError, bag};

/// Maximum number of rescue folders that are checked, the newest first.
const MOST: usize = 200;

/// A rescue that can be resumed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unfinished {
    pub folder: PathBuf,
    /// The handset that is being rescued.
    pub identity: Identity,
    /// The day the rescue began, from its folder's name: `2026-11-22`.
    pub begun: String,
    /// Number of things that are saved, for each collection.
    pub saved: BTreeMap<Collection, u64>,
}

impl Unfinished {
    /// Returns true if the rescue is of a handset with this serial number or, if either serial number is unknown, with
    /// this make and model.
    pub fn is_of(&self, make: &str, model: &str, serial: &str) -> bool {
        is_of(&self.identity, make, model, serial)
    }
}

/// True if a rescued handset has this serial number or, if either serial number is unknown, this make and model.
pub fn is_of(rescued: &Identity, make: &str, model: &str, serial: &str) -> bool {
    if serial.is_empty() || rescued.serial.is_empty() {
        rescued.make.eq_ignore_ascii_case(make) && rescued.model == model
    } else {
        rescued.serial == serial
    }
}

/// Returns the unfinished rescues in `parent`, the newest first. Rescues that another program is writing, and those
/// that can't be read, are left out.
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
        .filter_map(|folder| look_into(folder).ok().flatten())
        .collect()
}

pub(super) fn look_into(folder: PathBuf) -> Result<Option<Unfinished>, VaultError> {
    let Some(vault) = Vault::peek(&folder)? else {
        return Ok(None);
    };
    let count = |what| Ok::<_, VaultError>((what, Counter::of(&vault, what)?.living));
    Ok(Some(Unfinished {
        begun: begun(&folder),
        identity: vault.identity().clone(),
        saved: Collection::ALL
            .into_iter()
            .map(count)
            .collect::<Result<_, _>>()?,
        folder,
    }))
}

/// Returns the error that asks to unlock the handset and says what is saved so far. `how_to_unlock`: a sentence.
///
/// # Errors
/// As [`Vault::state`].
pub fn locked(vault: &Vault, way: &str) -> Result<HandsetError, VaultError> {
    let advice = phrase!("{way} So far, {}.", saved(vault)?);
    Ok(HandsetError::Locked { advice })
}

/// Formats what is saved: `61 of 400 contacts are saved`; `400 contacts and 12 of 300 events are saved`.
fn saved(vault: &Vault) -> Result<String, VaultError> {
    let mut parts = Vec::new();
    let mut last = 0;
    for what in Collection::ALL {
        let safe = Counter::of(vault, what)?.living;
        let state = vault.state(what)?;
        let all = state.holding.and_then(|holding| holding.handset_says);
        let is_part = all.is_some_and(|all| safe < all);
        if safe == 0 && !is_part {
            continue;
        }
        let (said, of) = match all.filter(|_| is_part) {
            Some(all) => (phrase!("{safe} of {all}"), all),
            None => (safe.to_string(), safe),
        };
        parts.push(format!("{said} {}", what.things_alone(of)));
        last = of;
    }
    let Some(end) = parts.pop() else {
        return Ok(phrase("nothing is saved").to_owned());
    };
    let verb = if parts.is_empty() && last == 1 {
        phrase("is")
    } else {
        phrase("are")
    };
    Ok(match parts.is_empty() {
        true => phrase!("{end} {verb} saved"),
        false => phrase!("{} and {end} are saved", parts.join(", ")),
    })
}
