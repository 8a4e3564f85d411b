//! Files and folders that only their owner can read: 0600 and 0700 where the system has such modes.

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
    open(
        path,
        OpenOptions::new().read(true).append(true).create(true),
    )
}

/// Makes a folder that only its owner can enter, with any that is missing above it.
///
/// # Errors
/// If the system refuses.
pub fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.open(path)
}
