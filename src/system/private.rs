//! Files and folders that only their owner can read: modes 0600 and 0700, if the system has them; on Windows, a folder
//! that is restricted to its owner, and the files in it.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use crate::phrase;

/// Creates a new file that only its owner can read and write.
///
/// # Errors
/// If the file exists already, or the system refuses.
pub fn create_file(path: &Path) -> io::Result<File> {
    open(path, OpenOptions::new().write(true).create_new(true))
}

/// Opens a file for reading and appending; creates it if necessary.
///
/// # Errors
/// If the system refuses.
pub fn append_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    // A link is not followed, and a pipe is not waited for.
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let flags = i32::try_from(flags.bits()).unwrap_or_default();
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags);
    }
    let file = open(path, &mut options)?;
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            phrase("it is not a regular file"),
        ));
    }
    if has_other_name(path) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            phrase(
                "the file has a second name (a hard link), so writing would change another file. Replace the file by a copy of it",
            ),
        ));
    }
    Ok(file)
}

/// True if the file has a second name (a hard link), as far as the system tells.
pub fn has_other_name(path: &Path) -> bool {
    #[cfg(unix)]
    return path
        .symlink_metadata()
        .is_ok_and(|found| std::os::unix::fs::MetadataExt::nlink(&found) > 1);
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

/// Creates a folder that only its owner can enter, and the missing folders above it.
///
/// # Errors
/// If the system refuses.
pub fn create_folder(path: &Path) -> io::Result<()> {
    builder().recursive(true).create(path)
}

/// Creates a new folder for a rescue, which only its owner can enter.
///
/// # Errors
/// If the name exists already, or the system refuses.
pub fn create_new_folder(path: &Path) -> io::Result<()> {
    builder().create(path)?;
    // Files in the folder inherit its access list. The restriction is checked again when the rescue is finished.
    #[cfg(windows)]
    super::acl::keep_alone(path);
    Ok(())
}

/// Restricts an existing folder to its owner. True if it is restricted afterwards: FAT stores no permissions. A failure
/// never ends a rescue.
pub fn keep_folder(path: &Path) -> bool {
    by_system::keep_folder(path)
}

/// Restricts a folder or file to its owner, inside a folder that is already restricted; see [`keep_folder`].
pub fn keep_in_folder(path: &Path, is_folder: bool) -> bool {
    by_system::keep_in_folder(path, is_folder)
}

/// Restricts a file in any folder to its owner. True if it is restricted afterwards; always false on Windows.
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

    /// Sets the mode. True if the file has it afterwards: a FAT stick refuses the change, or accepts it without effect.
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

    /// The file has inherited the access list of its folder.
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
