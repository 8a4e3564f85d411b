//! Getting bytes onto the disk so that a power cut leaves either the old state or the new one.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use super::payload::PayloadFile;
use super::{VaultError, private};

/// Files up to this number are made durable one by one.
#[cfg(target_os = "linux")]
const MAX_ONE_BY_ONE: usize = 100;

/// Makes what was made, renamed or removed in `folder` durable. Systems that can't open a folder as a file
/// (Windows) need no such call.
pub fn sync_folder(folder: &Path) -> Result<(), VaultError> {
    if cfg!(unix) {
        File::open(folder)
            .and_then(|f| f.sync_all())
            .map_err(VaultError::io("make durable", folder))?;
    }
    Ok(())
}

/// Writes a small file under a temporary name, syncs it and gives it its name: it is there as a whole or not at all.
pub fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), VaultError> {
    let path = folder.join(name);
    let part = folder.join(format!(".{name}.part"));
    match fs::remove_file(&part) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => {
            return Err(VaultError::io("replace", &part)(e));
        }
        _ => {}
    }
    let mut file = private::create_file(&part).map_err(VaultError::io("make", &part))?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(VaultError::io("write", &part))?;
    drop(file);
    fs::rename(&part, &path).map_err(VaultError::io("write", &path))?;
    sync_folder(folder)
}

/// Makes `files` of `folder` durable, and the folders that hold them. On Linux many are done by one call for the
/// whole file system: ten thousand small files take seconds one by one. It waits for what other programs have
/// written there too, so few are done one by one.
pub fn sync_payload(folder: &Path, files: &[PayloadFile]) -> Result<(), VaultError> {
    #[cfg(target_os = "linux")]
    if files.len() > MAX_ONE_BY_ONE {
        return File::open(folder)
            .and_then(|f| rustix::fs::syncfs(f).map_err(Into::into))
            .map_err(VaultError::io("make durable", folder));
    }
    let mut folders = BTreeSet::new();
    for file in files {
        let path = file.locate(folder);
        // Windows flushes only a file that was opened for writing.
        File::options()
            .read(true)
            .append(true)
            .open(&path)
            .and_then(|f| f.sync_all())
            .map_err(VaultError::io("make durable", &path))?;
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
