//! A finished rescue that is opened again: its stored result, and the actions since then.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::outcome::Outcome;
use crate::export::report::{self, Report};
use crate::model::{Collection, NotCovered, ResetLine};
use crate::phrase;
use crate::vault::copies::Copies;
use crate::vault::ticks::{self, Tick};
use crate::vault::{Vault, VaultError};

/// What the journal keeps when a rescue ends.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredResult {
    pub outcome: Outcome,
    pub report: Report,
    /// What the handset may have, and what it said about other data that a reset destroys.
    #[serde(default)]
    pub offered: Vec<Collection>,
    #[serde(default)]
    pub not_covered: Vec<NotCovered>,
}

/// Returns the result of a rescue, with the copies and ticks since.
///
/// # Errors
/// As [`Vault::open_to_read`]; [`VaultError::Damaged`] if the result was not kept.
pub fn open(folder: &Path) -> Result<Outcome, VaultError> {
    Ok(read(folder)?.outcome)
}

/// Notes what was done about the line with this identifier, and by whom. Writes the report again, outside the payload,
/// which never changes. Returns the result as [`open`]; `None`: there is no such line.
///
/// # Errors
/// As [`open`] and [`ticks::tick`].
pub fn tick(folder: &Path, id: &str, tick: &Tick, by: &str) -> Result<Option<Outcome>, VaultError> {
    let kept = read(folder)?;
    let lines = kept.outcome.before_reset.iter();
    let Some(line) = lines.map(|one| &one.line).find(|line| line.id == id) else {
        return Ok(None);
    };
    ticks::tick(folder, line, tick, by)?;
    let StoredResult {
        outcome, report, ..
    } = read(folder)?;
    ticks::put_report(folder, report::render(&report).as_bytes())?;
    Ok(Some(outcome))
}

/// As [`open`], without the report, which can be long.
///
/// # Errors
/// As [`open`].
pub(super) fn open_briefly(folder: &Path) -> Result<Outcome, VaultError> {
    #[derive(Deserialize)]
    struct Brief {
        outcome: Outcome,
    }
    let kept: Option<Brief> = Vault::open_to_read(folder)?.result()?;
    let mut outcome = kept.ok_or_else(|| result_missing(folder))?.outcome;
    let lines = std::mem::take(&mut outcome.before_reset);
    let lines = lines.into_iter().map(|one| one.line).collect();
    outcome.set_before_reset(ticks::in_folder(folder, lines)?);
    outcome.folder = folder.display().to_string();
    outcome.copies = Copies::in_folder(folder)?.looked_for();
    Ok(outcome)
}

fn result_missing(folder: &Path) -> VaultError {
    VaultError::Damaged {
        folder: folder.to_owned(),
        what: phrase(
            "it does not hold the result of the rescue. An earlier version of Lifeboat made it. Its report is \
             data/report.html",
        )
        .to_owned(),
    }
}

fn read(folder: &Path) -> Result<StoredResult, VaultError> {
    let vault = Vault::open_to_read(folder)?;
    let kept: Option<StoredResult> = vault.result()?;
    let mut kept = kept.ok_or_else(|| result_missing(folder))?;
    let lines: Vec<ResetLine> = std::mem::take(&mut kept.outcome.before_reset)
        .into_iter()
        .map(|one| one.line)
        .collect();
    let lines = ticks::in_folder(folder, lines)?;
    kept.report.before_reset = lines.clone();
    kept.outcome.set_before_reset(lines);
    kept.outcome.folder = folder.display().to_string();
    kept.outcome.copies = Copies::in_folder(folder)?.looked_for();
    Ok(kept)
}
