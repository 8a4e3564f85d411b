//! Why a backup can't be opened.

use std::io;
use std::path::Path;

use crate::format::iphone_backup::KeybagError;
use crate::handset::HandsetError;
use crate::model::Advice;
use crate::phrase;

/// Why a backup can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("{0} is no backup of an iPhone")]
    Foreign(String),
    #[error("the folder holds several backups: {0}")]
    Several(String),
    #[error("the backup was never finished, and has no list of its files")]
    NoList,
    #[error("the backup has the form of iOS 3 and before, which Lifeboat does not read")]
    TooOld,
    #[error("{what} can't be read: {why}")]
    File { what: String, why: String },
    #[error("{0}")]
    Keys(KeybagError),
    #[error("the backup is encrypted, and no password was given")]
    NoPassword,
    #[error("the password does not open this backup")]
    WrongPassword,
    #[error("stopped")]
    Stopped,
    #[error("this computer has no room for Lifeboat's private copies: {0}")]
    Scratch(io::Error),
}

impl BackupError {
    /// The error for a file of the backup that can't be read.
    pub fn file(path: &Path, why: impl ToString) -> Self {
        let name = path.file_name().unwrap_or(path.as_os_str());
        Self::File {
            what: name.to_string_lossy().into_owned(),
            why: why.to_string(),
        }
    }
}

impl Advice for BackupError {
    fn advice(&self) -> String {
        match self {
            Self::Foreign(_) => phrase(
                "Name the folder that contains Manifest.plist. Its name is a long row of letters and digits.",
            ),
            Self::Several(_) => phrase("Name one of these folders."),
            Self::NoList => phrase(
                "Look for an older backup of the same phone: `lifeboat devices` lists those in the usual folders. If \
                 the phone still works, make a new backup.",
            ),
            Self::TooOld => phrase(
                "Keep the folder. Older programs, such as iPhone Backup Extractor or iPhone Backup Browser, read it.",
            ),
            Self::File { .. } => phrase(
                "If the disk is failing, copy the folder to another disk with ddrescue or a similar program, and \
                 read the copy.",
            ),
            Self::Keys(_) => phrase(
                "Look for another copy of the backup: without its keys, nothing of this one can be read.",
            ),
            Self::NoPassword => phrase(
                "Run the command at a terminal, or put the password into the environment variable \
                 LIFEBOAT_BACKUP_PASSWORD.",
            ),
            Self::WrongPassword => phrase(
                "Try again. The password was chosen when backups were first encrypted. It is often the phone's code or \
                 the Apple password of that year. Nothing was changed.",
            ),
            Self::Stopped => phrase("Run the same command again."),
            Self::Scratch(_) => phrase(
                "Free some space in the folder for temporary files, or name another one in the environment variable \
                 TMPDIR (TEMP on Windows).",
            ),
        }
        .to_owned()
    }
}

impl From<BackupError> for HandsetError {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::Stopped => Self::Stopped,
            error => Self::of(&error, false),
        }
    }
}
