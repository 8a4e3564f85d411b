//! Why a rescue folder can't be read or written, and what to do next.

use crate::model::Advice;
use std::io;
use std::path::{Path, PathBuf};

/// Why the rescue folder could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// `doing` completes "could not …".
    #[error("could not {doing} {}: {source}", path.display())]
    Io {
        doing: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("the disk that holds {} is full", path.display())]
    DiskFull { path: PathBuf },
    #[error("not enough room in {}: {} are free, {} may be needed", place.display(), free_megabytes(*available), megabytes(*needed))]
    NoSpace {
        place: PathBuf,
        /// Bytes.
        needed: u64,
        /// Bytes.
        available: u64,
    },
    #[error("the journal of {} could not be used: {source}", folder.display())]
    Journal {
        folder: PathBuf,
        source: rusqlite::Error,
    },
    #[error("the journal of {} is damaged: {what}", folder.display())]
    Damaged { folder: PathBuf, what: String },
    #[error("another Lifeboat is writing into this folder: {}", folder.display())]
    Busy { folder: PathBuf },
    #[error("this rescue is finished, nothing is written into it any more: {}", folder.display())]
    Finished { folder: PathBuf },
    #[error("this rescue is not finished: {}", folder.display())]
    Unfinished { folder: PathBuf },
    #[error("this rescue is not whole: {what} It lies in {}", folder.display())]
    NotWhole { folder: PathBuf, what: String },
    #[error("this is not a rescue folder: {}", folder.display())]
    NotARescue { folder: PathBuf },
    #[error("this rescue was written by a newer Lifeboat: {}", folder.display())]
    Newer { folder: PathBuf },
    #[error("this rescue is of another handset: {rescued}, and {found} is plugged in")]
    OtherHandset { rescued: String, found: String },
    #[error("the journal is still open: {}", folder.display())]
    StillOpen { folder: PathBuf },
    #[error("this is not a plain file, so it can't go into the rescue: {}", path.display())]
    NotPlain { path: PathBuf },
    #[error("this file's name is not UTF-8, so it can't go into a manifest: {}", path.display())]
    NameNotText { path: PathBuf },
}

impl Advice for VaultError {
    fn advice(&self) -> String {
        let text = match self {
            Self::Io { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                "Choose a folder that you may write into, or mend the permissions of this one."
            }
            Self::Io { .. } => {
                "Look whether the disk is still plugged in and healthy, then go on with --resume; else start a new rescue on another disk."
            }
            Self::DiskFull { .. } | Self::NoSpace { .. } => {
                "Make room on this disk and go on with --resume, or start a new rescue on another disk. What is on this one already is safe."
            }
            Self::Journal { .. } => {
                "Look whether the disk is still plugged in and can be written to, then go on with --resume."
            }
            Self::Damaged { .. } => {
                "Keep this folder, start a new rescue of the same handset in another one, and do not reset the handset before that one is finished."
            }
            Self::Busy { .. } => "Wait until the other one is done, or end it and try again.",
            Self::Finished { .. } => {
                "Start a new rescue: it gets a folder of its own. To check this one, run lifeboat verify FOLDER."
            }
            Self::Unfinished { .. } => {
                "Plug the handset in and finish it first: lifeboat rescue --resume FOLDER."
            }
            Self::NotWhole { .. } => {
                "Run lifeboat verify FOLDER: it says all that is wrong. Keep this folder, and use another copy if there is one."
            }
            Self::NotARescue { .. } => {
                "Name the folder of a rescue itself, such as \"2026-11-22 Pixel 6 (9A1X)\", not the one above it nor its data folder."
            }
            Self::Newer { .. } => "Use that version, or a later one, to go on with it.",
            Self::OtherHandset { .. } => {
                "Plug in the handset that this rescue is of, or start a new rescue for this one."
            }
            Self::StillOpen { .. } => "Finish the rescue first: go on with --resume.",
            Self::NotPlain { .. } | Self::NameNotText { .. } => {
                "Move it out of the rescue folder and go on with --resume."
            }
        };
        text.to_owned()
    }
}

impl VaultError {
    /// Wraps an I/O error; `doing` completes "could not …".
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { path },
            _ => Self::Io {
                doing,
                path,
                source,
            },
        }
    }

    /// Wraps an SQLite error about the journal of `folder`.
    pub(super) fn journal(folder: &Path) -> impl Fn(rusqlite::Error) -> Self {
        move |source| {
            use rusqlite::ErrorCode::{
                DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull, NotADatabase,
            };
            let folder = folder.to_owned();
            if is_no_value_of_ours(&source) {
                let what = source.to_string();
                return Self::Damaged { folder, what };
            }
            match source.sqlite_error_code() {
                Some(DatabaseBusy | DatabaseLocked) => Self::Busy { folder },
                Some(DiskFull) => Self::DiskFull { path: folder },
                Some(DatabaseCorrupt | NotADatabase) => Self::Damaged {
                    folder,
                    what: source.to_string(),
                },
                _ => Self::Journal { folder, source },
            }
        }
    }
}

/// True for a value of another type than Lifeboat writes. SQLite hands out a damaged page where its structure still holds.
fn is_no_value_of_ours(error: &rusqlite::Error) -> bool {
    use rusqlite::Error;
    matches!(
        error,
        Error::Utf8Error(..)
            | Error::FromSqlConversionFailure(..)
            | Error::IntegralValueOutOfRange(..)
            | Error::InvalidColumnType(..)
    )
}

/// Formats free space, rounded down: a partial megabyte doesn't count.
pub(super) fn free_megabytes(bytes: u64) -> String {
    format!("{} MB", bytes / 1_000_000)
}

pub(super) fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A damaged page may still be a page, with bytes of any kind in its cells.
    #[test]
    fn a_value_that_is_no_text_is_damage() {
        let db = rusqlite::Connection::open_in_memory().expect("a database");
        for value in ["CAST(x'41ff42' AS TEXT)", "x'00'", "1.5", "NULL"] {
            let sql = format!("SELECT {value}");
            let read = db.query_row(&sql, [], |row| row.get::<_, String>(0));
            let error = read
                .map_err(VaultError::journal(Path::new("a")))
                .expect_err("damage");
            assert!(
                matches!(error, VaultError::Damaged { .. }),
                "{value}: {error}"
            );
        }
    }
}
