//! Where a file is, how it takes another's place, and how a folder keeps the names in it.

use std::io;
use std::path::{Path, PathBuf};

/// The path without links, in the form that people and other programs know: Windows gives `\\?\C:\…`, which few take.
///
/// # Errors
/// Those of the system: nothing is there, for one.
pub fn real(path: &Path) -> io::Result<PathBuf> {
    let real = path.canonicalize()?;
    #[cfg(windows)]
    if let Some(known) = real.to_str().and_then(without_prefix) {
        return Ok(PathBuf::from(known));
    }
    Ok(real)
}

/// A path of Windows without the prefix that turns its reading of paths off.
#[cfg(any(windows, test))]
fn without_prefix(path: &str) -> Option<String> {
    let plain = match path.strip_prefix(r"\\?\UNC\") {
        Some(share) => format!(r"\\{share}"),
        None => path.strip_prefix(r"\\?\")?.to_owned(),
    };
    // Without it, what stands there would be read as another place.
    let names = plain.trim_start_matches('\\').split('\\').skip(1);
    names
        .filter(|name| !name.is_empty())
        .all(super::names::is_kept)
        .then_some(plain)
}

/// Gives a file or folder another name; a file that has the name already is replaced. On Windows whoever has just looked at
/// a file, as a virus scanner does, keeps it from changing its name for a moment: that is waited for.
///
/// # Errors
/// Those of the system.
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

/// How often, and after how long, a name is asked for again: two seconds in all.
#[cfg(windows)]
const TRIES: u32 = 40;
#[cfg(windows)]
const PAUSE: std::time::Duration = std::time::Duration::from_millis(50);
#[cfg(windows)]
const ACCESS_DENIED: i32 = 5;
#[cfg(windows)]
const SHARING_VIOLATION: i32 = 32;

/// Makes what was made, renamed or removed in a folder durable. Windows can't be asked: NTFS logs such changes itself, and
/// what a power cut takes there is the last moment's.
///
/// # Errors
/// Those of the system.
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
