//! Why an archive could not be made, and what to do next.

use std::io;
use std::path::{Path, PathBuf};

use crate::model::Advice;
use crate::vault::VaultError;
use crate::vault::error::{free_megabytes, megabytes};

/// Why there is no archive.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The rescue can't be archived, or its files can't be read.
    #[error(transparent)]
    Rescue(#[from] VaultError),
    #[error("this is no recipient: \"{text}\"")]
    Recipient { text: String },
    #[error("the encryption refused: {0}")]
    Age(String),
    #[error("there is no folder for {}", place.display())]
    NoPlace { place: PathBuf },
    #[error("{} lies inside the rescue", place.display())]
    Inside { place: PathBuf },
    #[error("{} is there already, and nothing is overwritten", place.display())]
    Exists { place: PathBuf },
    #[error("another Lifeboat is writing {}", place.display())]
    Busy { place: PathBuf },
    #[error("not enough room in {}: {} are free, {} may be needed", place.display(), free_megabytes(*available), megabytes(*needed))]
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
    #[error("what was read back from {} is not what was written: {}", place.display(), what.trim_end_matches('.'))]
    NotAsWritten { place: PathBuf, what: String },
    #[error("the archive is whole, and the plain folder was not removed: {}", what.trim_end_matches('.'))]
    NotRemoved { what: String },
    #[error("it was stopped before its end: there is no archive")]
    Stopped,
}

impl Advice for ArchiveError {
    fn advice(&self) -> String {
        let text = match self {
            Self::Rescue(error) => return error.advice(),
            Self::Recipient { .. } => {
                "Name a public key of age (age1…, as age-keygen prints it) or of SSH (\"ssh-ed25519 …\", in quotes)."
            }
            Self::Age(_) => "Name other recipients, or take --passphrase.",
            Self::NoPlace { .. } => "Name a file in a folder that is there.",
            Self::Inside { .. } => "Name a file elsewhere.",
            Self::Exists { .. } => "Move it out of the way, or name another file with --output.",
            Self::Busy { .. } => "Wait until that archive is done.",
            Self::NoSpace { .. } | Self::Full { .. } => {
                "Make room there, or name a file on a larger disk with --output. The rescue itself is untouched."
            }
            Self::Writing { .. } => {
                "Look whether that disk is plugged in and can be written to, then try again. The rescue itself is untouched."
            }
            Self::Reading { .. } => {
                "Look whether the disk with the rescue is still plugged in and healthy; if it fails, use another copy."
            }
            Self::NotAsWritten { .. } => {
                "Don't rely on this disk: write the archive to another one with --output. The rescue itself is untouched."
            }
            Self::NotRemoved { .. } => {
                "Look at what lies in the folder, take out what you want to keep, and remove the folder by hand."
            }
            Self::Stopped => "Run the same command again. The rescue itself is untouched.",
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
