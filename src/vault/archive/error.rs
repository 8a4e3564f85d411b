//! Why an archive could not be made, and what to do next.

use std::io;
use std::path::{Path, PathBuf};

use crate::model::Advice;
use crate::phrase;
use crate::vault::VaultError;
use crate::vault::error::{free_megabytes, megabytes};

/// Why there is no archive.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The rescue can't be archived, or its files can't be read.
    #[error(transparent)]
    Rescue(#[from] VaultError),
    #[error("this is not a valid recipient: \"{text}\"")]
    Recipient { text: String },
    #[error("encryption failed: {0}")]
    Age(String),
    #[error("the folder for {} does not exist", place.display())]
    NoPlace { place: PathBuf },
    #[error("{} is inside the rescue", place.display())]
    Inside { place: PathBuf },
    #[error("{} already exists, and Lifeboat does not overwrite it", place.display())]
    Exists { place: PathBuf },
    #[error("another Lifeboat is writing {}", place.display())]
    Busy { place: PathBuf },
    #[error("not enough free space in {}: {} are free, {} may be needed", place.display(), free_megabytes(*available), megabytes(*needed))]
    NoSpace {
        place: PathBuf,
        /// Bytes.
        needed: u64,
        /// Bytes.
        available: u64,
    },
    #[error("the disk is full: {} could not be written", path.display())]
    Full { path: PathBuf },
    #[error("could not write {}: {source}", path.display())]
    Writing { path: PathBuf, source: io::Error },
    #[error("could not read {}: {source}", path.display())]
    Reading { path: PathBuf, source: io::Error },
    #[error("the data read back from {} is not the data that was written: {}", place.display(), what.trim_end_matches('.'))]
    NotAsWritten { place: PathBuf, what: String },
    #[error("the archive is complete, but the plain folder was not removed: {}", what.trim_end_matches('.'))]
    NotRemoved { what: String },
    #[error("the work was stopped before it was complete: there is no archive")]
    Stopped,
}

impl Advice for ArchiveError {
    fn advice(&self) -> String {
        let text = match self {
            Self::Rescue(error) => return error.advice(),
            Self::Recipient { .. } => phrase(
                "Give a public key of age (age1…, as age-keygen prints it) or of SSH (\"ssh-ed25519 …\", in \
                 quotes).",
            ),
            Self::Age(_) => phrase("Give other recipients, or use --passphrase."),
            Self::NoPlace { .. } => phrase("Give a file in a folder that exists."),
            Self::Inside { .. } => phrase("Give a file outside the rescue."),
            Self::Exists { .. } => {
                phrase("Move the existing file away, or give another file with --output.")
            }
            Self::Busy { .. } => phrase("Wait until that archive is finished."),
            Self::NoSpace { .. } | Self::Full { .. } => phrase(
                "Free some space there, or give a file on a larger disk with --output. The rescue itself is \
                 unchanged.",
            ),
            Self::Writing { .. } => phrase(
                "Check that the disk is plugged in and can be written to, then try again. The rescue itself is \
                 unchanged.",
            ),
            Self::Reading { .. } => phrase(
                "Check that the disk with the rescue is still plugged in and healthy. If the disk is failing, \
                 use another copy.",
            ),
            Self::NotAsWritten { .. } => phrase(
                "Don't rely on this disk. Write the archive to another disk with --output. The rescue itself is \
                 unchanged.",
            ),
            Self::NotRemoved { .. } => phrase(
                "Look at what is in the folder, take out what you want to keep, and remove the folder by hand.",
            ),
            Self::Stopped => phrase("Run the same command again. The rescue itself is unchanged."),
        };
        text.to_owned()
    }
}

impl ArchiveError {
    /// Wraps an I/O error about the archive.
    pub(super) fn writing(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| match source.kind() {
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => Self::Full { path },
            _ => Self::Writing { path, source },
        }
    }

    /// Wraps an I/O error about a file of the rescue.
    pub(super) fn reading(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Reading { path, source }
    }
}
