//! Opens a backup: asks for the password of an encrypted one, and reads its list of files.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::error::BackupError;
use super::folder::BackupFolder;
use super::handset::Backup;
use super::index::Index;
use super::manifest::{self, Opened};
use super::scratch::Scratch;
use super::store::Store;
use crate::format::iphone_backup::{ClassKeys, Keybag, UnlockError};
use crate::format::plist::Plist;
use crate::handset::Handset;
use crate::handset::family::{PasswordQuestion, Secrets};
use crate::handset::find::{OnWait, Waiting};
use crate::model::Stop;

/// How often a wrong password may be followed by another.
const TRIES: usize = 100;

/// Interval between two reports of progress.
const TELL_EVERY: Duration = Duration::from_millis(200);

/// Opens the backup in a folder.
///
/// # Errors
/// If it is no backup, can't be read, or the password is not given.
pub fn open(
    path: &Path,
    secrets: &Secrets,
    on_wait: &OnWait,
    stop: &Stop,
) -> Result<Box<dyn Handset>, BackupError> {
    let folder = BackupFolder::near(path)?;
    if folder.list.is_none() {
        return Err(match folder.is_of_ios_3() {
            true => BackupError::TooOld,
            false => BackupError::NoList,
        });
    }
    let manifest = folder.manifest()?;
    let (keys, password) = match folder.about.is_encrypted {
        true => {
            let (keys, password) = unlock(&folder, &manifest, secrets, on_wait, stop)?;
            (Some(keys), password)
        }
        false => (None, String::new()),
    };
    let scratch = Scratch::new().map_err(BackupError::Scratch)?;
    let index = Index::new(&scratch)?;
    let opened = Opened {
        folder: &folder,
        manifest: &manifest,
        keys: keys.as_ref(),
        password: &password,
        stop,
    };
    let reading = manifest::read(&opened, &scratch, &index)?;
    let store = Store::new(folder, index, reading, keys, scratch, stop);
    Ok(Box::new(Backup::new(Arc::new(store))))
}

/// Asks for the password until it is right.
fn unlock(
    folder: &BackupFolder,
    manifest: &Plist,
    secrets: &Secrets,
    on_wait: &OnWait,
    stop: &Stop,
) -> Result<(ClassKeys, String), BackupError> {
    let bag = manifest.get("BackupKeyBag").and_then(Plist::data);
    let bag = Keybag::parse(bag.unwrap_or_default()).map_err(BackupError::Keys)?;
    let mut question = PasswordQuestion {
        of: folder.about.title(),
        is_again: false,
    };
    for _ in 0..TRIES {
        if stop.is_stopped() {
            return Err(BackupError::Stopped);
        }
        let Some(password) = secrets(&question) else {
            return Err(match (stop.is_stopped(), question.is_again) {
                (true, _) => BackupError::Stopped,
                (false, true) => BackupError::WrongPassword,
                (false, false) => BackupError::NoPassword,
            });
        };
        let mut told = Instant::now();
        let mut go_on = |part: f32| {
            if told.elapsed() >= TELL_EVERY {
                told = Instant::now();
                on_wait(Waiting::Deriving((part * 100.0) as u8));
            }
            !stop.is_stopped()
        };
        match bag.unlock(&password, &mut go_on) {
            Ok(keys) => return Ok((keys, password)),
            Err(UnlockError::Stopped) => return Err(BackupError::Stopped),
            Err(UnlockError::WrongPassword) => question.is_again = true,
        }
    }
    Err(BackupError::WrongPassword)
}
