//! Reading the written files back from the disk, before anything may be called safe.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use super::{ALL, ALL_V4, DELETED, GOOGLE_PARTS, ME, SINGLE};
use crate::format::vcard::read::{CardReader, ReadError};
use crate::system::plain;

/// Why a written file is not as expected.
#[derive(Debug, thiserror::Error)]
pub enum ReadBackError {
    #[error(
        "{path} could not be opened for checking: {source}; check the disk, then run the rescue again"
    )]
    Io { path: PathBuf, source: io::Error },
    #[error("{path} does not match what was written: {source}")]
    File { path: PathBuf, source: ReadError },
    #[error("{path} contains {cards} contact cards instead of one; run the rescue again")]
    NotSingle { path: PathBuf, cards: u64 },
    #[error("the check was stopped")]
    Stopped,
}

/// The content of the disk.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadBack {
    /// Whole cards by file name; the folders `contacts` and `for-google` have the sum of their files.
    pub cards: BTreeMap<String, u64>,
}

/// Reads each vCard file of a data folder again and counts its cards. Checks every line, fold, BEGIN and END, and that
/// each card has one FN and one UID.
///
/// # Errors
/// If a file can't be read or is damaged.
pub fn read_back(data_folder: &Path) -> Result<ReadBack, ReadBackError> {
    read_back_while(data_folder, &mut || true)
}

/// As [`read_back`], but stops once `goes_on` returns false. `goes_on` is called for each card in the folder of single
/// cards.
///
/// # Errors
/// As [`read_back`], and [`ReadBackError::Stopped`].
pub fn read_back_while(
    data_folder: &Path,
    goes_on: &mut dyn FnMut() -> bool,
) -> Result<ReadBack, ReadBackError> {
    let mut back = ReadBack::default();
    for name in [ALL, ALL_V4, DELETED, ME] {
        let path = data_folder.join(name);
        if path.is_file() {
            back.cards.insert(name.to_owned(), count(&path)?);
        }
    }
    for (name, single) in [(SINGLE, true), (GOOGLE_PARTS, false)] {
        let folder = data_folder.join(name);
        if !folder.is_dir() {
            continue;
        }
        let failed = |source| ReadBackError::Io {
            path: folder.clone(),
            source,
        };
        let mut sum = 0;
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_none_or(|ending| ending != "vcf") {
                continue;
            }
            let cards = count(&path)?;
            if single && !goes_on() {
                return Err(ReadBackError::Stopped);
            }
            if single && cards != 1 {
                return Err(ReadBackError::NotSingle { path, cards });
            }
            sum += cards;
        }
        back.cards.insert(name.to_owned(), sum);
    }
    Ok(back)
}

fn count(path: &Path) -> Result<u64, ReadBackError> {
    let file = plain::open(path).map_err(|source| ReadBackError::Io {
        path: path.to_owned(),
        source,
    })?;
    let cards = CardReader::new(BufReader::new(file)).count_cards();
    cards.map_err(|source| ReadBackError::File {
        path: path.to_owned(),
        source,
    })
}
