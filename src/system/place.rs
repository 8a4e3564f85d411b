//! Where a file is, how it replaces another file, and how changes in a folder become durable.

use std::io;
use std::path::{Path, PathBuf};

/// Returns the path without links, in the form that people and other programs use: Windows gives `\\?\C:\…`, which few
/// accept.
///
/// # Errors
/// Errors of the system, for example if nothing is there.
pub fn real(path: &Path) -> io::Result<PathBuf> {
    let real = path.canonicalize()?;
    #[cfg(windows)]
    if let Some(known) = real.to_str().and_then(without_prefix) {
        return Ok(PathBuf::from(known));
    }
    Ok(real)
}

/// Returns a Windows path without the prefix that switches off Windows' parsing of paths.
#[cfg(any(windows, test))]
fn without_prefix(path: &str) -> Option<String> {
    let plain = match path.strip_prefix(r"\\?\UNC\") {
        Some(share) => format!(r"\\{share}"),
        None => path.strip_prefix(r"\\?\")?.to_owned(),
    };
    // Without the prefix, some names would be read as another place.
    let names = plain.trim_start_matches('\\').split('\\').skip(1);
    names
        .filter(|name| !name.is_empty())
        .all(super::names::is_kept)
        .then_some(plain)
}

/// Renames a file or folder; a file that already has the new name is replaced. On Windows, a program that has just
/// opened the file, such as a virus scanner, prevents a rename for a moment: the rename is then repeated.
///
/// # Errors
/// Errors of the system.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(windows)]
    for _ in 0..TRIES {
        match std::fs::rename(from, to) {
            Err(error)
                if matches!(
                    error.raw_os_error(),
                    Some(ACCESS_DENIED | SHARING_VIOLATION)
                ) =>
            {
                std::thread::sleep(PAUSE);
            }
            done => return done,
        }
    }
    std::fs::rename(from, to)
}

/// How often, and after what pause, a rename is tried again: two seconds in all.
#[cfg(windows)]
const TRIES: u32 = 40;
#[cfg(windows)]
const PAUSE: std::time::Duration = std::time::Duration::from_millis(50);
#[cfg(windows)]
const ACCESS_DENIED: i32 = 5;
#[cfg(windows)]
const SHARING_VIOLATION: i32 = 32;

/// Makes additions, renames and removals in a folder durable. Windows has no such request: NTFS logs these changes
/// itself, and a power cut loses only those of the last moment.
///
/// # Errors
/// Errors of the system.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    std::fs::File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_paths_are_shown_as_people_know_them() {
        for (path, plain) in [
            (r"\\?\C:\Users\Kim\Rescues", Some(r"C:\Users\Kim\Rescues")),
            (r"\\?\UNC\server\share\a", Some(r"\\server\share\a")),
            (r"\\?\C:\", Some(r"C:\")),
            (r"\\?\C:\Users\ends with a dot.", None),
            (r"\\?\C:\Users\con", None),
            (r"C:\Users", None),
        ] {
            assert_eq!(without_prefix(path).as_deref(), plain, "{path}");
        }
    }

    #[test]
    fn a_file_that_has_the_name_is_replaced() {
        let here = tempfile::tempdir().unwrap();
        let (from, to) = (here.path().join("from"), here.path().join("to"));
        std::fs::write(&from, "new").unwrap();
        std::fs::write(&to, "old").unwrap();
        rename(&from, &to).unwrap();
        sync_folder(here.path()).unwrap();
        assert_eq!(std::fs::read_to_string(&to).unwrap(), "new");
        assert_eq!(
            real(&here.path().join(".").join("to")).unwrap(),
            real(&to).unwrap()
        );
    }
}
