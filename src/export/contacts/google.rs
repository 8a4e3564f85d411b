//! Files for Google Contacts, which limits the number of contacts in one import: its CSV table, and the same cards in
//! parts.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::{ALL, BUFFER, ContactFilesError, GOOGLE, GOOGLE_PARTS, Output, Result, at};
use crate::format::contact_csv::GoogleCsv;
use crate::system::private::{create_file, create_folder};

/// Maximum number of contacts in one import into Google Contacts.
pub const GOOGLE_MAX_CARDS: u64 = 3_000;
/// Maximum size of one part in bytes, well below the 20 MB that Google Contacts accepts.
const GOOGLE_MAX_BYTES: u64 = 15 << 20;

/// Cards and bytes of contacts.vcf in one part for Google.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Part {
    cards: u64,
    bytes: u64,
}

/// Adds a card of `bytes` bytes to the last part, or to a new part if that is full.
pub(super) fn count(parts: &mut Vec<Part>, bytes: u64) {
    match parts.last_mut() {
        Some(part) if part.cards < GOOGLE_MAX_CARDS && part.bytes + bytes <= GOOGLE_MAX_BYTES => {
            part.cards += 1;
            part.bytes += bytes;
        }
        _ => parts.push(Part { cards: 1, bytes }),
    }
}

/// Writes contacts-google.csv and, if there are parts, a CSV file for each.
pub(super) fn write_google(staging: &Path, google: GoogleCsv<File>, parts: &[Part]) -> Result<()> {
    let writer = |path: PathBuf| -> Result<csv::Writer<BufWriter<File>>> {
        let file = BufWriter::with_capacity(BUFFER, at(&path, create_file(&path))?);
        Ok(csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(file))
    };
    let folder = staging.join(GOOGLE_PARTS);
    if !parts.is_empty() {
        at(&folder, create_folder(&folder))?;
    }
    let path = staging.join(GOOGLE);
    let mut all = writer(path.clone())?;
    let mut header = None;
    let mut left = parts
        .iter()
        .enumerate()
        .map(|(n, part)| (n + 1, part.cards));
    let mut part: Option<(csv::Writer<BufWriter<File>>, PathBuf, u64)> = None;
    google
        .finish(|row| -> std::result::Result<(), GoogleError> {
            all.write_byte_record(row)?;
            let Some(header) = &header else {
                header = Some(row.clone());
                return Ok(());
            };
            if let Some((writer, path, _)) = part.take_if(|(_, _, rows)| *rows == 0) {
                sync_csv(writer, path)?;
            }
            if part.is_none()
                && let Some((number, rows)) = left.next()
            {
                let path = folder.join(format!("contacts-{number}.csv"));
                let mut writer = writer(path.clone())?;
                writer.write_byte_record(header)?;
                part = Some((writer, path, rows));
            }
            if let Some((writer, _, rows)) = &mut part {
                writer.write_byte_record(row)?;
                *rows -= 1;
            }
            Ok(())
        })
        .map_err(|error| match error {
            GoogleError::Files(error) => error,
            GoogleError::Io(source) => ContactFilesError::Io {
                path: path.clone(),
                source,
            },
        })?;
    if let Some((writer, path, _)) = part {
        sync_csv(writer, path)?;
    }
    sync_csv(all, path)
}

fn sync_csv(writer: csv::Writer<BufWriter<File>>, path: PathBuf) -> Result<()> {
    let file = at(
        &path,
        writer
            .into_inner()
            .map_err(|error| io::Error::other(error.to_string())),
    )?;
    Output { path, file }.sync()
}

enum GoogleError {
    Files(ContactFilesError),
    Io(io::Error),
}

impl From<ContactFilesError> for GoogleError {
    fn from(error: ContactFilesError) -> Self {
        Self::Files(error)
    }
}

impl From<io::Error> for GoogleError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<csv::Error> for GoogleError {
    fn from(error: csv::Error) -> Self {
        Self::Io(error.into())
    }
}

/// Copies contacts.vcf in parts.
pub(super) fn split(staging: &Path, parts: &[Part]) -> Result<()> {
    let path = staging.join(ALL);
    let mut all = BufReader::with_capacity(BUFFER, at(&path, File::open(&path))?);
    at(&path, all.seek(SeekFrom::Start(0)))?;
    for (number, part) in (1..).zip(parts) {
        let name = format!("contacts-{number}.vcf");
        let mut output = Output::create(staging.join(GOOGLE_PARTS).join(name))?;
        at(
            &output.path,
            io::copy(&mut all.by_ref().take(part.bytes), &mut output.file),
        )?;
        output.sync()?;
    }
    Ok(())
}
