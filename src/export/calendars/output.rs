//! Calendar components on the disk: first one after another in a spool, then in their files.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::{BY_CALENDAR, CalendarFilesError, FOR_GOOGLE, GOOGLE_BYTES, GOOGLE_EVENTS};
use crate::format::icalendar::{self, TimeZones, Written, ZoneUses};
use crate::model::Calendar;
use crate::system::{place, private};

/// Components in the spool.
pub(super) struct Entry {
    offset: u64,
    len: u64,
    /// Number of components, as counted by Google.
    pub(super) components: u64,
    zones: ZoneUses,
}

/// A private temporary file, which is removed when dropped.
pub(super) struct Spool {
    path: PathBuf,
    file: BufWriter<File>,
    len: u64,
}

impl Spool {
    pub(super) fn new(path: PathBuf) -> Result<Self, CalendarFilesError> {
        let made = remove_if_there(&path).and_then(|()| private::create_file(&path));
        match made {
            Ok(file) => Ok(Self {
                path,
                file: BufWriter::new(file),
                len: 0,
            }),
            Err(source) => Err(CalendarFilesError::Write { path, source }),
        }
    }

    fn failed(&self, source: io::Error) -> CalendarFilesError {
        CalendarFilesError::Write {
            path: self.path.clone(),
            source,
        }
    }

    pub(super) fn add(&mut self, written: Written) -> Result<Entry, CalendarFilesError> {
        let bytes = written.text.as_bytes();
        self.file
            .write_all(bytes)
            .map_err(|source| CalendarFilesError::Write {
                path: self.path.clone(),
                source,
            })?;
        let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let entry = Entry {
            offset: self.len,
            len,
            components: written.records + written.exceptions,
            zones: written.zones,
        };
        self.len += len;
        Ok(entry)
    }

    pub(super) fn reopen(mut self) -> Result<SpoolReader, CalendarFilesError> {
        self.file.flush().map_err(|source| self.failed(source))?;
        let file = File::open(&self.path).map_err(|source| self.failed(source))?;
        Ok(SpoolReader { file, _spool: self })
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        // If the file can't be removed now, the next export removes it.
        let _ = fs::remove_file(&self.path);
    }
}

pub(super) struct SpoolReader {
    // Closed before the spool is removed: some systems don't remove open files.
    file: File,
    _spool: Spool,
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

pub(super) struct Output {
    pub(super) folder: PathBuf,
    pub(super) components: SpoolReader,
    pub(super) zones: TimeZones,
    /// Names of the files written so far.
    pub(super) files: Vec<String>,
}

impl Output {
    /// Writes one file below the data folder, unless it would be empty; returns its size.
    pub(super) fn file(
        &mut self,
        name: &str,
        calendar: Option<&Calendar>,
        entries: &[&Entry],
    ) -> Result<u64, CalendarFilesError> {
        if entries.is_empty() {
            return Ok(0);
        }
        let path = self.folder.join(name);
        let size = self
            .write(&path, calendar, entries)
            .map_err(|source| CalendarFilesError::Write { path, source })?;
        self.files.push(name.to_owned());
        Ok(size)
    }

    fn write(
        &mut self,
        path: &Path,
        calendar: Option<&Calendar>,
        entries: &[&Entry],
    ) -> io::Result<u64> {
        if let Some(folder) = path.parent() {
            private::create_folder(folder)?;
        }
        let mut uses = ZoneUses::default();
        entries.iter().for_each(|entry| uses.merge(&entry.zones));
        let part = path.with_extension("ics.part");
        remove_if_there(&part)?;
        let mut file = BufWriter::new(private::create_file(&part)?);
        file.write_all(icalendar::begin(calendar).as_bytes())?;
        file.write_all(self.zones.write(&uses).as_bytes())?;
        for (offset, len) in ranges(entries) {
            self.components.file.seek(SeekFrom::Start(offset))?;
            let copied = io::copy(&mut (&self.components.file).take(len), &mut file)?;
            if copied != len {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        file.write_all(icalendar::END.as_bytes())?;
        let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        let size = file.metadata()?.len();
        drop(file);
        place::rename(&part, path)?;
        Ok(size)
    }

    /// Distributes events over files that Google accepts, in order. Also returns the number of events that are too
    /// large for any file.
    pub(super) fn google_parts<'a>(&mut self, living: &'a [Entry]) -> (Vec<Vec<&'a Entry>>, u64) {
        let mut all = ZoneUses::default();
        living.iter().for_each(|entry| all.merge(&entry.zones));
        let length = |text: &str| u64::try_from(text.len()).unwrap_or(u64::MAX);
        // Each part is assumed to use every zone from its first use on, which is more than it will need.
        let frame = length(&icalendar::begin(None))
            + length(&self.zones.write(&all))
            + length(icalendar::END);
        let room = GOOGLE_BYTES.saturating_sub(frame);
        let mut parts = Vec::new();
        let mut part: Vec<&Entry> = Vec::new();
        let (mut bytes, mut events, mut too_large) = (0, 0, 0);
        for entry in living {
            let full = bytes + entry.len > room || events + entry.components > GOOGLE_EVENTS;
            if full && !part.is_empty() {
                parts.push(std::mem::take(&mut part));
                (bytes, events) = (0, 0);
            }
            too_large += u64::from(entry.len > room || entry.components > GOOGLE_EVENTS);
            bytes += entry.len;
            events += entry.components;
            part.push(entry);
        }
        if !part.is_empty() {
            parts.push(part);
        }
        (parts, too_large)
    }

    /// Makes the files' names durable as well.
    pub(super) fn sync_folders(&self) -> Result<(), CalendarFilesError> {
        for folder in ["", BY_CALENDAR, FOR_GOOGLE] {
            let path = self.folder.join(folder);
            if path.is_dir() {
                let synced = place::sync_folder(&path);
                synced.map_err(|source| CalendarFilesError::Write { path, source })?;
            }
        }
        Ok(())
    }
}

/// Returns the entries' positions in the spool, with adjacent ones joined.
fn ranges(entries: &[&Entry]) -> Vec<(u64, u64)> {
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for entry in entries {
        match ranges.last_mut() {
            Some((offset, len)) if *offset + *len == entry.offset => *len += entry.len,
            _ => ranges.push((entry.offset, entry.len)),
        }
    }
    ranges
}
