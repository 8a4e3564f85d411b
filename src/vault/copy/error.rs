//! Why a copy could not be made, and what to do next.

use std::io;
use std::path::{Path, PathBuf};

use crate::model::Advice;
use crate::vault::VaultError;
use crate::vault::error::{free_megabytes, megabytes};

/// Why there is no copy. The part already copied stays, hidden, and the next attempt resumes from it.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The rescue can't be copied, or its files can't be read.
    #[error(transparent)]
    Rescue(#[from] VaultError),
    #[error("there is no folder {}", place.display())]
    NoPlace { place: PathBuf },
    #[error("{} is the rescue itself", place.display())]
    Same { place: PathBuf },
    #[error("{} lies inside the rescue", place.display())]
    Inside { place: PathBuf },
    #[error("{} is something else, and nothing of others is overwritten", place.display())]
    Other { place: PathBuf },
    #[error("the copy in {} was whole once and is not any more: {}", place.display(), what.trim_end_matches('.'))]
    Spoilt { place: PathBuf, what: String },
    #[error("another Lifeboat is copying into {}", place.display())]
    Busy { place: PathBuf },
    #[error("not enough room in {}: {} are free, {} are needed", place.display(), free_megabytes(*available), megabytes(*needed))]
    NoSpace {
        place: PathBuf,
        /// Bytes.
        needed: u64,
        /// Bytes.
        available: u64,
    },
    #[error("the disk is full: {} could not be written", path.display())]
    Full { path: PathBuf },
    #[error("this disk can't hold {}: {source}", path.display())]
    Unfit { path: PathBuf, source: io::Error },
    #[error("could not write {}: {source}", path.display())]
    Writing { path: PathBuf, source: io::Error },
    #[error("could not read {}: {source}", path.display())]
    Reading { path: PathBuf, source: io::Error },
    #[error("what was read back from {} is not what was written: {}", place.display(), what.trim_end_matches('.'))]
    NotAsWritten { place: PathBuf, what: String },
    #[error("the copy was stopped before its end")]
    Stopped,
}

impl Advice for CopyError {
    fn advice(&self) -> String {
        let text = match self {
            Self::Rescue(error) => return error.advice(),
            Self::NoPlace { .. } => {
                "Look whether the stick or drive is plugged in and mounted; to copy into a new folder on it, make that folder first."
            }
            Self::Same { .. } | Self::Inside { .. } => {
                "Name a folder elsewhere, best on another disk."
            }
            Self::Other { .. } => {
                "Name another folder, or move what is there out of the way. A hidden folder that ends in .part is what an \
                 earlier copy of another rescue has left."
            }
            Self::Spoilt { .. } => {
                "This disk lost what it was given: make a copy on another one, and don't rely on this one."
            }
            Self::Busy { .. } => "Wait until that copy is done.",
            Self::NoSpace { .. } | Self::Full { .. } => {
                "Make room there and copy again: it goes on where it was. Or name a folder on a larger disk. The rescue itself is untouched."
            }
            Self::Unfit { .. } => {
                "Copy to a disk with another file system (exFAT, NTFS, ext4), or use lifeboat seal: it makes one file of the rescue."
            }
            Self::Writing { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                "Name a folder that you may write into."
            }
            Self::Writing { source, .. } if source.kind() == io::ErrorKind::ReadOnlyFilesystem => {
                "This disk can't be written to: look for a lock switch on it, or name another one."
            }
            Self::Writing { .. } => {
                "Plug the stick or drive in again and copy again: it goes on where it was. The rescue itself is untouched."
            }
            Self::Reading { .. } => {
                "Look whether the disk with the rescue is still plugged in and healthy. If it fails, use another copy or rescue the handset again; don't reset it."
            }
            Self::NotAsWritten { .. } => {
                "Don't rely on this disk: copy to another one. The rescue itself is untouched."
            }
            Self::Stopped => "Copy again to go on where it was. The rescue itself is untouched.",
        };
        text.to_owned()
    }
}

impl CopyError {
    /// Wraps an I/O error about a file of the copy.
    pub(super) fn writing(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { path },
            // FAT allows neither colons in names nor files of 4 GiB.
            io::ErrorKind::InvalidFilename
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::FileTooLarge => Self::Unfit { path, source },
            _ => Self::Writing { path, source },
        }
    }

    /// Wraps an I/O error about a file of the rescue.
    pub(super) fn reading(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Reading { path, source }
    }

    /// Converts a vault error about the copy.
    pub(super) fn from_target(error: VaultError) -> Self {
        match error {
            VaultError::DiskFull { path } => Self::Full { path },
            VaultError::Io { path, source, .. } => Self::writing(&path)(source),
            VaultError::NotARescue { folder } => Self::Other { place: folder },
            error => Self::Rescue(error),
        }
    }
}
