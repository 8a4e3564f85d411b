//! Files and folders that only their owner can read: 0600 and 0700 where the system has such modes; on Windows, a folder
//! that lets nobody else in, and what is made in it.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Makes a new file that only its owner can read and write.
///
/// # Errors
/// If there is one already, or the system refuses.
pub fn create_file(path: &Path) -> io::Result<File> {
    open(path, OpenOptions::new().write(true).create_new(true))
}

/// Opens a file for reading and for more lines at its end, making it first if need be.
///
/// # Errors
/// If the system refuses.
pub fn append_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    // Neither is a link followed nor a pipe waited for.
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let flags = i32::try_from(flags.bits()).unwrap_or_default();
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags);
    }
    let file = open(path, &mut options)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is no plain file",
        )),
    }
}

/// Makes a folder that only its owner can enter, with any that is missing above it.
///
/// # Errors
/// If the system refuses.
pub fn create_folder(path: &Path) -> io::Result<()> {
    builder().recursive(true).create(path)
}

/// Makes a folder of its own for a rescue, which only its owner can enter.
///
/// # Errors
/// If there is something of that name already, or the system refuses.
pub fn create_new_folder(path: &Path) -> io::Result<()> {
    builder().create(path)?;
    // What is made in it takes over who may read it. Whether it does so is asked when the rescue is finished.
    #[cfg(windows)]
    super::acl::keep_alone(path);
    Ok(())
}

/// Lets nobody else into a folder that is there. True if it is so afterwards: FAT keeps no such thing. No error ends a rescue
/// for this.
pub fn keep_folder(path: &Path) -> bool {
    by_system::keep_folder(path)
}

/// As [`keep_folder`], for a folder and a file in a folder that is kept already.
pub fn keep_in_folder(path: &Path, is_folder: bool) -> bool {
    by_system::keep_in_folder(path, is_folder)
}

/// True if a file lets nobody else in, wherever it lies. Windows is not asked.
#[cfg(feature = "seal")]
pub fn is_kept(path: &Path) -> bool {
    cfg!(unix) && keep_in_folder(path, false)
}

#[cfg(unix)]
mod by_system {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    pub fn keep_folder(path: &Path) -> bool {
        set_mode(path, 0o700)
    }

    pub fn keep_in_folder(path: &Path, is_folder: bool) -> bool {
        set_mode(path, if is_folder { 0o700 } else { 0o600 })
    }

    /// True if the file has the mode afterwards: a FAT stick refuses, or takes it and forgets it.
    fn set_mode(path: &Path, mode: u32) -> bool {
        let has =
            || fs::symlink_metadata(path).is_ok_and(|m| m.permissions().mode() & 0o7777 == mode);
        has() || (fs::set_permissions(path, Permissions::from_mode(mode)).is_ok() && has())
    }
}

#[cfg(not(unix))]
mod by_system {
    use std::path::Path;

    #[cfg(windows)]
    pub use crate::system::acl::keep_alone as keep_folder;

    #[cfg(not(windows))]
    pub fn keep_folder(_: &Path) -> bool {
        false
    }

    /// It took over what its folder has.
    pub fn keep_in_folder(_: &Path, _: bool) -> bool {
        true
    }
}

#[cfg_attr(not(unix), allow(unused_mut))]
fn builder() -> std::fs::DirBuilder {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.open(path)
}
