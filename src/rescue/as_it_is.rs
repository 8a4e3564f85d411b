//! Finishes a rescue without its handset: the phone has died, or gives no more.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use chrono::NaiveDate;

use super::error::RescueError;
use super::finished::StoredResult;
use super::found;
use super::outcome::Outcome;
use super::progress::Progress;
use super::run::finish;
use super::running::{RunningFile, is_running};
use super::verdict::Ending;
use super::watch::Watch;
use crate::collections::{Pace, is_written_here, write};
use crate::model::Stop;
use crate::phrase;
use crate::vault::{Vault, VaultError, folder};

/// Finishes the unfinished rescue in `place` with the data that it holds: writes the files, reads them back, gives the
/// verdict, and seals the folder. Collections that were not read to their end stay partial or unreadable, and the folder
/// can't be resumed any more.
///
/// # Errors
/// As [`Vault::open`]; [`RescueError::Stopped`]; if the disk fails.
pub fn finish_as_it_is(
    place: &Path,
    today: NaiveDate,
    stop: &Stop,
    tell: &mut dyn FnMut(Progress),
) -> Result<Outcome, RescueError> {
    if is_running(place) {
        return Err(VaultError::Busy {
            folder: place.to_owned(),
        }
        .into());
    }
    let mut vault = Vault::open(place)?;
    // The journal is closed before the folder is sealed. Until then, other programs must keep out.
    let mut running = RunningFile::new(vault.identity(), stop);
    running.take(&Progress::Folder(place.to_owned()));
    let tell = &mut |progress: Progress| {
        running.take(&progress);
        tell(progress);
    };
    vault.read_through()?;
    folder::clear_exports(place, is_written_here)?;
    vault.log(phrase(
        "The rescue is finished without the phone, with the data that is saved.",
    ))?;
    let kept: Option<StoredResult> = vault.result()?;
    let (offered, not_covered) = kept
        .map(|kept| (kept.offered, kept.not_covered))
        .unwrap_or_default();
    let only = vault.source().only.clone();
    let vault = Mutex::new(vault);
    let pace = Pace::default();
    tell(Progress::Writing);
    let (written, unread) = std::thread::scope(|scope| {
        let mut watch = Watch::new(&pace, stop, tell);
        found::decode(&vault, &mut watch)?;
        let early = scope.spawn(|| write(true, &vault, &pace));
        let (mut written, _) = watch.wait(early)??;
        let later = scope.spawn(|| write(false, &vault, &pace));
        let (mut rest, unread) = watch.wait(later)??;
        written.append(&mut rest);
        Ok::<_, RescueError>((written, unread))
    })?;
    let ending = Ending {
        only,
        offered,
        not_covered,
        is_final: true,
        ..Ending::default()
    };
    finish(
        vault.into_inner().unwrap_or_else(PoisonError::into_inner),
        today,
        (written, unread, &pace),
        ending,
        stop,
        tell,
    )
}
