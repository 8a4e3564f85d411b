//! Why a copy could not be made, and what to do next.

use std::io;
use std::path::{Path, PathBuf};

use crate::model::Advice;
use crate::phrase;
use crate::vault::VaultError;
use crate::vault::error::{free_megabytes, megabytes};

/// Why there is no copy. The part already copied stays, hidden, and the next attempt resumes from it.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The rescue can't be copied, or its files can't be read.
    #[error(transparent)]
    Rescue(#[from] VaultError),
    #[error("the folder {} does not exist", place.display())]
    NoPlace { place: PathBuf },
    #[error("{} is the rescue itself", place.display())]
    Same { place: PathBuf },
    #[error("{} is inside the rescue", place.display())]
    Inside { place: PathBuf },
    #[error("{} is something else, and Lifeboat does not overwrite it", place.display())]
    Other { place: PathBuf },
    #[error("the copy in {} was complete, but is damaged now: {}", place.display(), what.trim_end_matches('.'))]
    Spoilt { place: PathBuf, what: String },
    #[error("another Lifeboat is copying to {}", place.display())]
    Busy { place: PathBuf },
    #[error("not enough free space in {}: {} are free, {} are needed", place.display(), free_megabytes(*available), megabytes(*needed))]
    NoSpace {
        place: PathBuf,
        /// Bytes.
        needed: u64,
        /// Bytes.
        available: u64,
    },
    #[error("the disk is full: {} could not be written", path.display())]
    Full { path: PathBuf },
    #[error("this disk can't store {}: {source}", path.display())]
    Unfit { path: PathBuf, source: io::Error },
    #[error("could not write {}: {source}", path.display())]
    Writing { path: PathBuf, source: io::Error },
    #[error("could not read {}: {source}", path.display())]
    Reading { path: PathBuf, source: io::Error },
    #[error("the data read back from {} is not the data that was written: {}", place.display(), what.trim_end_matches('.'))]
    NotAsWritten { place: PathBuf, what: String },
    #[error("the copy was stopped before it was complete")]
    Stopped,
}

impl Advice for CopyError {
    fn advice(&self) -> String {
        let text = match self {
            Self::Rescue(error) => return error.advice(),
            Self::NoPlace { .. } => phrase(
                "Check that the stick or drive is plugged in and mounted. To copy into a new folder on it, \
                 create that folder first.",
            ),
            Self::Same { .. } | Self::Inside { .. } => {
                phrase("Choose a folder elsewhere, preferably on another disk.")
            }
            Self::Other { .. } => phrase(
                "Choose another folder, or move the existing one away. A hidden folder whose name ends in .part \
                 is left over from an earlier copy of another rescue.",
            ),
            Self::Spoilt { .. } => phrase(
                "This disk lost data. Make a copy on another disk, and don't rely on this one.",
            ),
            Self::Busy { .. } => phrase("Wait until that copy is finished."),
            Self::NoSpace { .. } | Self::Full { .. } => phrase(
                "Free some space there and copy again: the copy continues where it stopped. Or choose a folder \
                 on a larger disk. The rescue itself is unchanged.",
            ),
            Self::Unfit { .. } => phrase(
                "Copy to a disk with another file system (exFAT, NTFS, ext4). Or use lifeboat seal, which makes \
                 one file of the rescue.",
            ),
            Self::Writing { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                phrase("Choose a folder that you can write to.")
            }
            Self::Writing { source, .. } if source.kind() == io::ErrorKind::ReadOnlyFilesystem => {
                phrase(
                    "This disk can't be written to. Look for a lock switch on it, or choose another disk.",
                )
            }
            Self::Writing { .. } => phrase(
                "Plug the stick or drive in again and copy again: the copy continues where it stopped. The \
                 rescue itself is unchanged.",
            ),
            Self::Reading { .. } => phrase(
                "Check that the disk with the rescue is still plugged in and healthy. If the disk is failing, \
                 use another copy or rescue the phone again. Don't reset the phone.",
            ),
            Self::NotAsWritten { .. } => phrase(
                "Don't rely on this disk. Copy to another disk. The rescue itself is unchanged.",
            ),
            Self::Stopped => phrase(
                "Copy again to continue where the copy stopped. The rescue itself is unchanged.",
            ),
        };
        text.to_owned()
    }
}

impl CopyError {
    /// Wraps an I/O error about a file of the copy.
    pub(in crate::vault) fn writing(path: &Path) -> impl FnOnce(io::Error) -> Self {
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
    pub(in crate::vault) fn from_target(error: VaultError) -> Self {
        match error {
            VaultError::DiskFull { path } => Self::Full { path },
            VaultError::Io { path, source, .. } => Self::writing(&path)(source),
            VaultError::NotARescue { folder } => Self::Other { place: folder },
            error => Self::Rescue(error),
        }
    }
}
