//! Getting bytes onto the disk so that a power cut leaves either the old state or the new one.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use super::{VaultError, private};

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

/// Makes everything durable that was written on the file system of `folder`: one call where there may be ten
/// thousand small files.
#[cfg(target_os = "linux")]
pub fn sync_all(folder: &Path, _files: &[super::payload::PayloadFile]) -> Result<(), VaultError> {
    File::open(folder)
        .and_then(|f| rustix::fs::syncfs(f).map_err(Into::into))
        .map_err(VaultError::io("make durable", folder))
}

/// Makes every one of `files` durable, and the folders that hold them.
#[cfg(not(target_os = "linux"))]
pub fn sync_all(folder: &Path, files: &[super::payload::PayloadFile]) -> Result<(), VaultError> {
    let mut synced = std::collections::BTreeSet::new();
    for file in files {
        let path = file.locate(folder);
        // Windows flushes only a file that was opened for writing.
        File::options()
            .read(true)
            .append(true)
            .open(&path)
            .and_then(|f| f.sync_all())
            .map_err(VaultError::io("make durable", &path))?;
        if let Some(parent) = path.parent()
            && synced.insert(parent.to_owned())
        {
            sync_folder(parent)?;
        }
    }
    Ok(())
}
