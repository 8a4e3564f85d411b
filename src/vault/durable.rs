//! Durable writes: a power cut leaves either the old state or the new one.

use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::VaultError;
use super::payload::PayloadFile;
use crate::many::Sorted;
use crate::phrase;
use crate::system::{place, plain, private};

/// Files up to this number are made durable one by one.
#[cfg(target_os = "linux")]
const MAX_ONE_BY_ONE: usize = 100;

/// Copies of a handset's files up to this number are made durable one by one.
#[cfg(target_os = "linux")]
const FEW: usize = 8;

/// Makes files created, renamed or removed in `folder` durable.
pub fn sync_folder(folder: &Path) -> Result<(), VaultError> {
    place::sync_folder(folder).map_err(VaultError::io(phrase("permanently save"), folder))
}

/// A file that is either complete or absent: it has a temporary name until it is put in its place.
pub struct Part {
    folder: PathBuf,
    part: PathBuf,
    place: PathBuf,
    file: BufWriter<File>,
}

impl Part {
    /// Creates the file `name`, and replaces the remains of an earlier attempt.
    pub fn create(folder: &Path, name: &str) -> Result<Self, VaultError> {
        let part = folder.join(format!(".{name}.part"));
        match fs::remove_file(&part) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                return Err(VaultError::io(phrase("replace"), &part)(e));
            }
            _ => {}
        }
        let file = private::create_file(&part).map_err(VaultError::io(phrase("make"), &part))?;
        Ok(Self {
            folder: folder.to_owned(),
            place: folder.join(name),
            file: BufWriter::new(file),
            part,
        })
    }

    /// Writes further bytes.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), VaultError> {
        self.file
            .write_all(bytes)
            .map_err(VaultError::io(phrase("write"), &self.part))
    }

    /// Makes the file durable and gives it its final name.
    pub fn put_in_place(mut self) -> Result<(), VaultError> {
        self.file
            .flush()
            .and_then(|()| self.file.get_ref().sync_all())
            .map_err(VaultError::io(phrase("write"), &self.part))?;
        drop(self.file);
        place::rename(&self.part, &self.place)
            .map_err(VaultError::io(phrase("write"), &self.place))?;
        sync_folder(&self.folder)
    }
}

/// Writes a small file so that it is either complete or absent.
pub fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), VaultError> {
    let mut part = Part::create(folder, name)?;
    part.write(bytes)?;
    part.put_in_place()
}

/// Drops a durable file from the system's page cache, so that the next reader gets the bytes on the disk. If the system
/// doesn't support or follow this request, the file may be read from memory.
pub fn forget(path: &Path) {
    #[cfg(target_os = "linux")]
    if let Ok(file) = plain::open(path) {
        let _ = rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = path;
}

/// Makes `files` of `folder` durable, and the folders that hold them. On Linux, a large number of files is synced by
/// one call for the whole file system, since ten thousand small files take seconds one by one. That call also waits for
/// data that other programs have written, so a small number of files is synced one by one.
pub fn sync_payload(folder: &Path, files: &[PayloadFile]) -> Result<(), VaultError> {
    match sync_all_of(folder, files.len()) {
        Some(done) => done,
        None => sync_each(folder, files.iter()),
    }
}

/// As [`sync_payload`], for as many files as a phone may have.
pub fn sync_many(folder: &Path, files: Sorted<PayloadFile>) -> Result<(), VaultError> {
    match sync_all_of(folder, files.len()) {
        Some(done) => done,
        None => sync_each(folder, files.into_iter()),
    }
}

/// Makes the contents of some files durable, which lie in this folder.
pub fn sync_files(folder: &Path, files: &[&Path]) -> Result<(), VaultError> {
    #[cfg(target_os = "linux")]
    if files.len() > FEW
        && let Some(done) = sync_all_of(folder, MAX_ONE_BY_ONE + 1)
    {
        return done;
    }
    for file in files {
        // Windows flushes only a file that was opened for writing.
        let name = Path::new(file.file_name().unwrap_or_default());
        plain::open_to_write_in(folder, name)
            .and_then(|f| f.sync_all())
            .map_err(VaultError::io(phrase("permanently save"), file))?;
    }
    Ok(())
}

/// Makes a whole file system durable if the number of files is large; `None`: they must be synced one by one.
#[cfg(target_os = "linux")]
fn sync_all_of(folder: &Path, files: usize) -> Option<Result<(), VaultError>> {
    (files > MAX_ONE_BY_ONE).then(|| {
        File::open(folder)
            .and_then(|f| rustix::fs::syncfs(f).map_err(Into::into))
            .map_err(VaultError::io(phrase("permanently save"), folder))
    })
}

#[cfg(not(target_os = "linux"))]
fn sync_all_of(_: &Path, _: usize) -> Option<Result<(), VaultError>> {
    None
}

fn sync_each(
    folder: &Path,
    files: impl Iterator<Item = impl Borrow<PayloadFile>>,
) -> Result<(), VaultError> {
    let mut folders = BTreeSet::new();
    for file in files {
        let file: &PayloadFile = file.borrow();
        let path = file.locate(folder);
        // Windows flushes only a file that was opened for writing.
        plain::open_to_write_in(folder, Path::new(&file.name))
            .and_then(|f| f.sync_all())
            .map_err(VaultError::io(phrase("permanently save"), &path))?;
        for above in path
            .ancestors()
            .skip(1)
            .take_while(|above| *above != folder)
        {
            folders.insert(above.to_owned());
        }
    }
    folders.insert(folder.to_owned());
    folders.iter().try_for_each(|folder| sync_folder(folder))
}
