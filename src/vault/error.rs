//! Why a rescue folder can't be read or written, and what to do next.

use crate::model::Advice;
use crate::phrase;
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
    #[error("not enough free space in {}: {} are free, {} may be needed", place.display(), free_megabytes(*available), megabytes(*needed))]
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
    #[error("another Lifeboat is writing to this folder: {}", folder.display())]
    Busy { folder: PathBuf },
    #[error("this rescue is finished, and nothing more can be written to it: {}", folder.display())]
    Finished { folder: PathBuf },
    #[error("this rescue is not finished: {}", folder.display())]
    Unfinished { folder: PathBuf },
    #[error("this rescue has no copy on another disk yet")]
    NoCopy,
    #[error("this rescue is damaged or incomplete: {what} Its folder is {}", folder.display())]
    NotWhole { folder: PathBuf, what: String },
    #[error("this is not a rescue folder: {}", folder.display())]
    NotARescue { folder: PathBuf },
    #[error("this rescue was made by a newer version of Lifeboat: {}", folder.display())]
    Newer { folder: PathBuf },
    #[error("this rescue belongs to another phone: {rescued}. The connected phone is {found}")]
    OtherHandset { rescued: String, found: String },
    #[error("the journal is still open: {}", folder.display())]
    StillOpen { folder: PathBuf },
    #[error("this is not a regular file, so it can't be part of the rescue: {}", path.display())]
    NotPlain { path: PathBuf },
    #[error("this file has a second name (a hard link), so writing would change another file: {}", path.display())]
    Linked { path: PathBuf },
    #[error("this file's name is not UTF-8, so a manifest can't list it: {}", path.display())]
    NameNotText { path: PathBuf },
}

impl Advice for VaultError {
    fn advice(&self) -> String {
        let text = match self {
            Self::Io { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => phrase(
                "Choose a folder that you can write to, or correct the permissions of this folder.",
            ),
            Self::Io { .. } => phrase(
                "Check that the disk is still plugged in and healthy, then continue with --resume. Otherwise \
                 start a new rescue on another disk.",
            ),
            Self::DiskFull { .. } | Self::NoSpace { .. } => phrase(
                "Free some space on this disk and continue with --resume, or start a new rescue on another disk. \
                 Everything already on this disk is safe.",
            ),
            Self::Journal { .. } => phrase(
                "Check that the disk is still plugged in and can be written to, then continue with --resume.",
            ),
            Self::Damaged { .. } => phrase(
                "Keep this folder. Start a new rescue of the same phone in another folder. Don't reset the phone \
                 before the new rescue is finished.",
            ),
            Self::Busy { .. } => {
                phrase("Wait until the other Lifeboat has finished, or end it. Then try again.")
            }
            Self::Finished { .. } => phrase(
                "Start a new rescue: it gets its own folder. To check this rescue, run lifeboat verify FOLDER.",
            ),
            Self::Unfinished { .. } => phrase(
                "Plug the phone in and continue the rescue: lifeboat rescue --resume FOLDER. If the phone gives no \
                 more, finish the rescue without the phone: press f on the Verdict screen, or run lifeboat finish FOLDER.",
            ),
            Self::NoCopy => phrase(
                "Make a copy on another disk: press c on the Verdict screen, or run lifeboat copy. The line is then \
                 done. If you don't want a copy, skip the line and give the reason.",
            ),
            Self::NotWhole { .. } => phrase(
                "Run lifeboat verify FOLDER: it lists all problems. Keep this folder, and use another copy if \
                 you have one.",
            ),
            Self::NotARescue { .. } => phrase(
                "Give the folder of the rescue itself, such as \"2026-11-22 Pixel 6 (9A1X)\". Don't give its \
                 parent folder or its data folder.",
            ),
            Self::Newer { .. } => {
                phrase("Use that version of Lifeboat, or a later one, to continue this rescue.")
            }
            Self::OtherHandset { .. } => phrase(
                "Plug in the phone that this rescue belongs to, or start a new rescue for the connected phone.",
            ),
            Self::StillOpen { .. } => phrase("Finish the rescue first: continue with --resume."),
            Self::NotPlain { .. } | Self::NameNotText { .. } => {
                phrase("Move the file out of the rescue folder and continue with --resume.")
            }
            Self::Linked { .. } => phrase(
                "Copy the rescue folder without links (for example cp -a), and continue with the copy: --resume COPY.",
            ),
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
            if is_foreign_value(&source) {
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
fn is_foreign_value(error: &rusqlite::Error) -> bool {
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
    phrase!("{} MB", bytes / 1_000_000)
}

pub(super) fn megabytes(bytes: u64) -> String {
    phrase!("{} MB", bytes.div_ceil(1_000_000))
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
