//! The interface of a collection: its files, and the lines and details for the screens and the report.
//!
//! A new collection is a row in the table of [`Collection`], a [`Room`] in a file of its own, and its entry in
//! [`room`](super::room).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;

use super::details::Details;
use super::exported::UnreadPart;
use super::list::Sheet;
use super::{Joins, Pace};
use crate::export::calendars::CalendarFilesError;
use crate::export::contacts::ContactFilesError;
use crate::format::Losses;
use crate::model::{Collection, Source, Stop};
use crate::phrase;
use crate::vault::{Vault, VaultError, for_display};

/// The knowledge about one collection. Begin with [`Room::EMPTY`].
pub struct Room {
    /// The files can be written while the next collections are read, since they depend on none of them.
    pub is_early: bool,
    pub write: Write,
    /// The names of its files and folders in the data folder, each with its purpose, in the report's order.
    pub files: &'static [(&'static str, &'static str)],
    pub read_copies: ReadCopies,
    /// The list on the Look screen; `None`: the collection has no list, or another room's list contains its records.
    pub sheet: Option<&'static Sheet>,
    pub details: ReadDetails,
    /// The formats in which marked things can be written, the most useful one first.
    pub formats: &'static [Format],
    pub pick: Pick,
    pub pages: Pages,
}

/// Writes the files below the data folder. Records pass through one by one, so that the memory used does not depend on
/// their number.
///
/// Fails if the journal can't be read, a file can't be written, or the writing is stopped (by [`Pace::wrote`]).
pub type Write = fn(&Mutex<Vault>, &Pace) -> Result<Output, WriteError>;

/// Reads the copies of the handset's own files again, at the end of a rescue. Returns the number of whole ones; `None`:
/// the collection has none. Passes on the bytes read since its last call. Once the flag is set, the result is
/// meaningless.
pub type ReadCopies = fn(&Vault, &Stop, &mut dyn FnMut(u64)) -> Result<Option<u64>, VaultError>;

/// Returns all details of the record with these keys, joined as in its files and its list; `None`: no such record.
pub type ReadDetails = fn(&Vault, &[&str]) -> Result<Option<Details>, VaultError>;

/// Writes the things with these keys ([`super::list::Line::key`]) in all formats into a new folder, with the writers of the
/// collection's files.
///
/// Fails with what went wrong, and what to do about it.
pub type Pick = fn(&Vault, &[String], &Path) -> Result<(), String>;

/// A format in which things of one collection can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    name: &'static str,
    file: &'static str,
}

impl Format {
    /// A format, and the file or folder that the collection's writer makes for it.
    pub const fn of(name: &'static str, file: &'static str) -> Self {
        Self { name, file }
    }

    /// Returns the name for people.
    pub fn name(self) -> &'static str {
        self.name
    }

    pub(super) fn file(self) -> &'static str {
        self.file
    }
}

/// How a plain copy shows the things of a collection.
#[derive(Debug, Clone, Copy)]
pub enum Pages {
    /// As a list with the details of each thing.
    List,
    /// As pictures.
    Pictures,
    /// The rescue has pages of its own.
    Own {
        /// The folders that hold them, below the data folder.
        folders: &'static [&'static str],
        /// The first page, below the data folder.
        first: &'static str,
    },
}

impl Room {
    /// A room without anything: another room writes, lists and explains the collection's records.
    pub const EMPTY: Self = Self {
        is_early: false,
        write: |_, _| Ok(Output::default()),
        files: &[],
        read_copies: |_, _, _| Ok(None),
        sheet: None,
        details: |_, _| Ok(None),
        formats: &[],
        pick: |_, _, _| Ok(()),
        pages: Pages::List,
    };
}

/// What a room has written.
#[derive(Default)]
pub struct Output {
    /// One entry for each collection whose records were written.
    pub written: Vec<(Collection, Written)>,
    /// Reads the files back; `None`: there is nothing to read back.
    pub check: Option<Check>,
}

impl Output {
    /// Reads the files back from the disk, and adds the result to what was written.
    pub fn read_back(self, pace: &Pace) -> Vec<(Collection, Written)> {
        let Self { mut written, check } = self;
        let Some(check) = check else {
            return written;
        };
        let found = check(pace);
        for (what, written) in &mut written {
            let of = |counts: &Vec<(Collection, u64)>| {
                let count = counts.iter().find(|(of, _)| of == what);
                let count = count.map(|(_, count)| *count);
                count.ok_or_else(|| unread(*what))
            };
            written.back = Some(found.as_ref().map_err(String::clone).and_then(of));
        }
        written
    }
}

/// Reads files back from the disk. Returns the number of each collection's own things in them, or why they are not what
/// was written.
pub type Check = Box<dyn FnOnce(&Pace) -> Result<Vec<(Collection, u64)>, String> + Send>;

/// The files of one collection: what they hold and what they lack.
#[derive(Debug, Default)]
pub struct Written {
    pub count: Count,
    /// Number of its things in the files, counted after reading them from the disk again, or why the files are not what
    /// was written; `None`: not read back.
    pub back: Option<Result<u64, String>>,
    /// Remarks, each a sentence.
    pub notes: Vec<String>,
    /// Data of the collection that is in no file and that a reset destroys, each a sentence.
    pub not_covered: Vec<String>,
    /// Data that a file can't hold, by the file's name.
    pub losses: Vec<(String, Losses)>,
    pub exported: FromExports,
    /// Size of the copies of the handset's own files, in bytes.
    pub copied: u64,
    /// Number of the handset's files that are no photos, films or recordings.
    pub others: u64,
}

/// Records of one collection in files that the owner had exported.
#[derive(Debug, Default)]
pub struct FromExports {
    pub joins: Joins,
    /// Remarks, each a sentence.
    pub notes: Vec<String>,
    /// Parts of the files that could not be read, for every collection. Only the room of the files lists them.
    pub unread: Vec<UnreadPart>,
}

/// Most names of things that exist only on the handset. The list of the rescued data has all.
const MOST_NAMES: usize = 500;

/// Things of one collection, as a person counts them.
#[derive(Debug, Clone, Default)]
pub struct Count {
    pub living: u64,
    pub only_here: u64,
    /// The names of the first of them.
    pub only_here_names: Vec<String>,
    pub deleted: u64,
    /// Living things whose account is no longer on the handset, and those accounts.
    pub doomed: u64,
    pub doomed_accounts: BTreeSet<String>,
    /// Rows that could not be decoded.
    pub undecoded: u64,
}

impl Count {
    /// Counts a thing by its sources, as [`Count::add`], and keeps its name if it exists only on the handset.
    pub fn add_named(&mut self, sources: &[Source], deleted: bool, name: impl FnOnce() -> String) {
        let before = self.only_here;
        self.add(sources, deleted);
        if self.only_here > before && self.only_here_names.len() < MOST_NAMES {
            self.only_here_names.push(for_display(&name()));
        }
    }

    /// Counts a thing by its sources.
    pub fn add(&mut self, sources: &[Source], deleted: bool) {
        if deleted {
            self.deleted += 1;
            return;
        }
        self.living += 1;
        self.only_here += u64::from(sources.iter().any(|s| s.only_here && !s.deleted));
        let gone = || sources.iter().filter(|s| s.doomed);
        self.doomed += u64::from(gone().next().is_some());
        self.doomed_accounts
            .extend(gone().filter_map(|s| s.account.name.clone()));
    }
}

impl Written {
    /// Adds a remark that begins with a number, unless that is zero.
    pub fn note(&mut self, number: u64, text: impl FnOnce(u64) -> String) {
        self.notes.extend((number > 0).then(|| text(number)));
    }
}

/// Why the files could not be written. Committed data is safe.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Contacts(#[from] ContactFilesError),
    #[error(transparent)]
    Calendars(#[from] CalendarFilesError),
    #[error("stopped while the files were being written")]
    Stopped,
}

/// What was written, by collection.
pub type AllWritten = BTreeMap<Collection, Written>;

/// Writes the files of the early or of the other rooms, one room after another. The files of early rooms are read back
/// at once, beside the reading of other collections. The files of the other rooms are read back last, so that later
/// damage is found.
///
/// # Errors
/// As [`Write`].
pub fn write(
    is_early: bool,
    vault: &Mutex<Vault>,
    pace: &Pace,
) -> Result<(AllWritten, Vec<Output>), WriteError> {
    let (mut all, mut unread) = (AllWritten::new(), Vec::new());
    for room in super::rooms().filter(|room| room.is_early == is_early) {
        let output = (room.write)(vault, pace)?;
        match is_early {
            true => all.extend(output.read_back(pace)),
            false => unread.push(output),
        }
        pace.look()?;
    }
    Ok((all, unread))
}

/// Returns the number of things found on the disk again, by collection, or why some file is not what was written. The
/// written files have already been read back.
///
/// If `are_copies_read` is set, all copies of files are read again. `progress` receives the bytes read since its last
/// call. Once `stop` is set, the result is meaningless.
pub fn read_back(
    vault: &Vault,
    written: &AllWritten,
    are_copies_read: bool,
    stop: &Stop,
    progress: &mut dyn FnMut(u64),
) -> Result<BTreeMap<Collection, u64>, String> {
    let mut back = BTreeMap::new();
    for (what, own) in written {
        match &own.back {
            Some(count) => {
                back.insert(*what, count.clone()?);
            }
            None if what.is_files() => {}
            None => return Err(unread(*what)),
        }
    }
    for what in Collection::ALL.into_iter().filter(|_| are_copies_read) {
        let whole = (super::room(what).read_copies)(vault, stop, progress);
        back.extend(whole.map_err(|e| e.to_string())?.map(|whole| (what, whole)));
    }
    Ok(back)
}

fn unread(what: Collection) -> String {
    phrase!("the files of {} were not checked", what.named())
}
