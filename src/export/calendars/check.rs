//! Reading the calendar files back from the disk.

use std::fs;
use std::io::{self, BufReader};
use std::path::Path;

use super::{ALL, BY_CALENDAR, CalendarFilesError, DELETED, DELETED_TODOS, FOR_GOOGLE, TODOS};
use crate::format::icalendar::{self, Contents};
use crate::system::plain;

/// The content of the calendar files of a data folder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReadBack {
    pub all: Contents,
    /// Sum of all files of single calendars.
    pub by_calendar: Contents,
    /// Sum of all parts.
    pub for_google: Contents,
    pub deleted: Contents,
    pub todos: Contents,
    pub deleted_todos: Contents,
}

/// Reads the calendar files of a data folder strictly from the disk, and counts their content.
///
/// # Errors
/// If a file can't be read, or is not in the form that [`super::CalendarFiles`] writes.
pub fn read_back(data_folder: &Path) -> Result<ReadBack, CalendarFilesError> {
    Ok(ReadBack {
        all: read_file(&data_folder.join(ALL))?,
        by_calendar: read_folder(&data_folder.join(BY_CALENDAR))?,
        for_google: read_folder(&data_folder.join(FOR_GOOGLE))?,
        deleted: read_file(&data_folder.join(DELETED))?,
        todos: read_file(&data_folder.join(TODOS))?,
        deleted_todos: read_file(&data_folder.join(DELETED_TODOS))?,
    })
}

fn read_folder(folder: &Path) -> Result<Contents, CalendarFilesError> {
    let failed = |source| CalendarFilesError::Read {
        path: folder.to_owned(),
        source,
    };
    let mut contents = Contents::default();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(contents),
        Err(error) => return Err(failed(error)),
    };
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|ending| ending == "ics") {
            contents.add(read_file(&path)?);
        }
    }
    Ok(contents)
}

fn read_file(path: &Path) -> Result<Contents, CalendarFilesError> {
    let file = match plain::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Contents::default()),
        Err(source) => {
            return Err(CalendarFilesError::Read {
                path: path.to_owned(),
                source,
            });
        }
    };
    icalendar::read(BufReader::new(file)).map_err(|source| CalendarFilesError::Damaged {
        path: path.to_owned(),
        source,
    })
}
