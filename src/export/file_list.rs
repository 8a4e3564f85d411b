//! `files.csv`: every file that the handset listed, the place of its copy, and its state.

use std::io;
use std::path::Path;

use chrono::{DateTime, SecondsFormat};

use crate::format::contact_csv::safe_cell;
use crate::model::{FileCopy, HandsetFile};
use crate::phrase;
use crate::system::private;
use crate::vault::for_display;

/// The list's name in the payload folder.
pub const FILE_LIST: &str = "files.csv";

/// Writes the list line by line.
pub struct FileList(csv::Writer<std::fs::File>);

impl FileList {
    /// Creates the list in the payload folder.
    ///
    /// # Errors
    /// If the disk refuses writes.
    pub fn new(data: &Path) -> io::Result<Self> {
        let mut list = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(private::create_file(&data.join(FILE_LIST))?);
        list.write_record([
            phrase("On the phone"),
            phrase("Copy"),
            phrase("Bytes"),
            phrase("Changed (UTC)"),
            phrase("SHA-256"),
            phrase("Remarks"),
            phrase("Name in the phone's library"),
            phrase("Taken (UTC)"),
        ])?;
        Ok(Self(list))
    }

    /// Adds one file, and its copy if there is one.
    ///
    /// # Errors
    /// If the disk refuses writes.
    pub fn push(&mut self, file: &HandsetFile, copy: Option<&FileCopy>) -> io::Result<()> {
        let library = file.library.as_deref();
        let remarks = [
            (copy.is_none(), phrase("not copied")),
            (
                copy.is_some_and(|copy| copy.damaged > 0),
                phrase("damaged: part of the file could not be read"),
            ),
            (file.trashed, phrase("in the phone's trash")),
            (
                library.is_some_and(|library| library.hidden),
                phrase("hidden on the phone"),
            ),
            (
                copy.is_some_and(|copy| copy.duplicate),
                phrase("duplicate of another file, saved once"),
            ),
        ];
        let remarks: Vec<&str> = remarks
            .iter()
            .filter_map(|(is, text)| is.then_some(*text))
            .collect();
        let stamp = |seconds| {
            let time = DateTime::from_timestamp(seconds, 0)?;
            Some(time.to_rfc3339_opts(SecondsFormat::Secs, true))
        };
        let changed = stamp(file.modified);
        let taken = library.and_then(|library| library.taken).and_then(stamp);
        let name = library.and_then(|library| library.name.as_deref());
        let size = copy.map_or(file.size, |copy| copy.size);
        self.0.write_record([
            // A name may contain control characters that move a terminal's cursor.
            safe_cell(&for_display(&file.path.shown())).as_ref(),
            copy.map_or("", |copy| &copy.place),
            &size.to_string(),
            changed.as_deref().unwrap_or_default(),
            copy.map_or("", |copy| &copy.sha256),
            &remarks.join("; "),
            safe_cell(&for_display(name.unwrap_or_default())).as_ref(),
            taken.as_deref().unwrap_or_default(),
        ])?;
        Ok(())
    }

    /// Finishes the list.
    ///
    /// # Errors
    /// If the disk refuses writes.
    pub fn finish(mut self) -> io::Result<()> {
        self.0.flush()
    }
}
