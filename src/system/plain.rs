//! Plain files in a folder that may come from another person. They are opened step by step from the folder, through no
//! link, and only if they are plain files. A pipe or a device is refused without waiting. An existing file is never
//! replaced.

use std::fs::{self, File};
use std::io;
use std::path::{Component, Path};

use crate::phrase;

/// True for the path of a file below a folder, as records and manifests write it: names with forward slashes between
/// them, none of which leads out of the folder or has a special meaning for a file system.
pub fn is_place(place: &str) -> bool {
    !place.is_empty()
        && !place.contains(['\\', '\0'])
        && Path::new(place)
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
        && place
            .split('/')
            .all(|name| !matches!(name, "" | "." | ".."))
}

fn not_plain(path: &Path) -> io::Error {
    let what = phrase!(
        "{} is not a regular file, or is behind a link: it was not opened",
        path.display()
    );
    io::Error::new(io::ErrorKind::InvalidInput, what)
}

/// Opens a file for reading. The caller guarantees that the folders above the file are not links. The file itself must
/// not be a link.
///
/// # Errors
/// Errors of the system; [`io::ErrorKind::InvalidInput`] for a link, a pipe, a device or a folder.
pub fn open(path: &Path) -> io::Result<File> {
    at::open(at::HERE, path, Open::Read, path)
}

/// Like [`open`], for a path that the user has chosen: the file may be a link.
///
/// # Errors
/// See [`open`].
pub fn open_chosen(path: &Path) -> io::Result<File> {
    at::open(at::HERE, path, Open::ReadThroughLink, path)
}

/// Opens the file `place` below `folder` for reading.
///
/// # Errors
/// See [`open`]; [`io::ErrorKind::InvalidInput`] also if `place` leads out of the folder or through a link.
pub fn open_in(folder: &Path, place: &Path) -> io::Result<File> {
    in_folder(folder, place, Open::Read)
}

/// Opens the file `place` below `folder` for reading and writing.
///
/// # Errors
/// See [`open_in`].
pub fn open_to_write_in(folder: &Path, place: &Path) -> io::Result<File> {
    in_folder(folder, place, Open::Write)
}

/// Returns the length of the plain file `place` below `folder`, in bytes; `None` if there is no such file.
pub fn length_in(folder: &Path, place: &Path) -> Option<u64> {
    let file = open_in(folder, place).ok()?;
    Some(file.metadata().ok()?.len())
}

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Read,
    ReadThroughLink,
    Write,
}

fn in_folder(folder: &Path, place: &Path, how: Open) -> io::Result<File> {
    let whole = folder.join(place);
    let (name, above) = names(place).ok_or_else(|| not_plain(&whole))?;
    let mut dir = at::folder(at::HERE, folder, true)?;
    for name in above {
        dir = at::folder(&dir, Path::new(name), false).map_err(|error| refused(error, &whole))?;
    }
    at::open(&dir, Path::new(name), how, &whole)
}

/// Creates the missing folders of `place` below `folder`, with mode 0700.
///
/// # Errors
/// See [`open_in`].
pub fn create_folders_in(folder: &Path, place: &Path) -> io::Result<()> {
    let whole = folder.join(place);
    let (name, above) = names(place).ok_or_else(|| not_plain(&whole))?;
    let mut dir = at::folder(at::HERE, folder, true)?;
    for name in above.into_iter().chain([name]) {
        dir = at::make_folder(&dir, Path::new(name)).map_err(|error| refused(error, &whole))?;
    }
    Ok(())
}

/// Renames a file. A file that already has the new name stays: the error is then [`io::ErrorKind::AlreadyExists`].
///
/// # Errors
/// Errors of the system.
pub fn rename_to_new(from: &Path, to: &Path) -> io::Result<()> {
    match at::rename_to_new(from, to) {
        // The system or the file system does not support this: exFAT through FUSE, some network drives.
        Err(error) if at::is_unknown(&error) => {
            if fs::symlink_metadata(to).is_ok() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            match fs::hard_link(from, to) {
                Ok(()) => fs::remove_file(from),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
                // The file system has no hard links either. Nobody else writes into the folder while its journal is
                // locked.
                Err(_) => super::place::rename(from, to),
            }
        }
        done => done,
    }
}

/// Splits a place into its last name and the names of the folders above it; `None` if it leads out.
fn names(place: &Path) -> Option<(&std::ffi::OsStr, Vec<&std::ffi::OsStr>)> {
    let mut all = Vec::new();
    for part in place.components() {
        match part {
            // Windows would open a device, or a stream of the file.
            Component::Normal(name)
                if cfg!(windows) && !name.to_str().is_some_and(super::names::is_kept) =>
            {
                return None;
            }
            Component::Normal(name) => all.push(name),
            Component::Prefix(_)
            | Component::RootDir
            | Component::CurDir
            | Component::ParentDir => {
                return None;
            }
        }
    }
    Some((all.pop()?, all))
}

/// Replaces the error for a step through a link by one in words.
fn refused(error: io::Error, whole: &Path) -> io::Error {
    match error.kind() {
        io::ErrorKind::NotFound => error,
        _ if at::is_link(&error) => not_plain(whole),
        _ => error,
    }
}

#[cfg(unix)]
mod at {
    use super::*;
    use rustix::fs::{CWD, Mode, OFlags};
    use rustix::io::Errno;
    use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
    use std::os::unix::fs::MetadataExt as _;

    /// The start of paths that are not below a folder.
    pub const HERE: BorrowedFd<'static> = CWD;

    pub fn open(dir: impl AsFd, name: &Path, how: Open, whole: &Path) -> io::Result<File> {
        // Without O_NONBLOCK, opening a pipe would wait.
        let flags = OFlags::CLOEXEC
            | OFlags::NONBLOCK
            | OFlags::NOCTTY
            | match how {
                Open::Read => OFlags::RDONLY | OFlags::NOFOLLOW,
                Open::ReadThroughLink => OFlags::RDONLY,
                Open::Write => OFlags::RDWR | OFlags::NOFOLLOW,
            };
        let file = match rustix::fs::openat(dir, name, flags, Mode::empty()) {
            Ok(file) => File::from(file),
            // The path is a link, a pipe without a reader, or a folder opened for writing.
            Err(Errno::LOOP | Errno::NXIO | Errno::ISDIR | Errno::MLINK) => {
                return Err(not_plain(whole));
            }
            Err(error) => return Err(error.into()),
        };
        let found = file.metadata()?;
        // Writing into a file with a second name would change the other file.
        let has_other_name = how == Open::Write && found.nlink() > 1;
        match found.is_file() && !has_other_name {
            true => Ok(file),
            false => Err(not_plain(whole)),
        }
    }

    pub fn folder(dir: impl AsFd, name: &Path, through_link: bool) -> io::Result<OwnedFd> {
        let mut flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        if !through_link {
            flags |= OFlags::NOFOLLOW;
        }
        Ok(rustix::fs::openat(dir, name, flags, Mode::empty())?)
    }

    pub fn make_folder(dir: impl AsFd, name: &Path) -> io::Result<OwnedFd> {
        match rustix::fs::mkdirat(dir.as_fd(), name, Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        folder(dir, name, false)
    }

    pub fn is_link(error: &io::Error) -> bool {
        matches!(
            Errno::from_io_error(error),
            Some(Errno::LOOP | Errno::NOTDIR | Errno::MLINK)
        )
    }

    #[cfg(target_os = "linux")]
    pub fn rename_to_new(from: &Path, to: &Path) -> io::Result<()> {
        let flags = rustix::fs::RenameFlags::NOREPLACE;
        Ok(rustix::fs::renameat_with(CWD, from, CWD, to, flags)?)
    }

    #[cfg(not(target_os = "linux"))]
    pub fn rename_to_new(_: &Path, _: &Path) -> io::Result<()> {
        Err(Errno::NOSYS.into())
    }

    pub fn is_unknown(error: &io::Error) -> bool {
        matches!(
            Errno::from_io_error(error),
            Some(Errno::NOSYS | Errno::INVAL | Errno::NOTSUP)
        )
    }
}

#[cfg(not(unix))]
mod at {
    use super::*;
    use std::path::PathBuf;

    pub const HERE: &Folder = &Folder(None);

    /// A folder by its path. At each step, this system is asked whether the path is a link.
    pub struct Folder(Option<PathBuf>);

    impl Folder {
        fn join(&self, name: &Path) -> PathBuf {
            match &self.0 {
                Some(folder) => folder.join(name),
                None => name.to_owned(),
            }
        }
    }

    pub fn open(dir: &Folder, name: &Path, how: Open, whole: &Path) -> io::Result<File> {
        let path = dir.join(name);
        let found = match how {
            Open::ReadThroughLink => fs::metadata(&path)?,
            Open::Read | Open::Write => fs::symlink_metadata(&path)?,
        };
        if !found.is_file() {
            return Err(not_plain(whole));
        }
        fs::OpenOptions::new()
            .read(true)
            .write(how == Open::Write)
            .open(&path)
    }

    pub fn folder(dir: &Folder, name: &Path, through_link: bool) -> io::Result<Folder> {
        let path = dir.join(name);
        let found = match through_link {
            true => fs::metadata(&path)?,
            false => fs::symlink_metadata(&path)?,
        };
        match found.is_dir() {
            true => Ok(Folder(Some(path))),
            false => Err(io::ErrorKind::NotADirectory.into()),
        }
    }

    pub fn make_folder(dir: &Folder, name: &Path) -> io::Result<Folder> {
        match fs::create_dir(dir.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        folder(dir, name, false)
    }

    pub fn is_link(error: &io::Error) -> bool {
        error.kind() == io::ErrorKind::NotADirectory
    }

    pub fn rename_to_new(_: &Path, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub fn is_unknown(error: &io::Error) -> bool {
        error.kind() == io::ErrorKind::Unsupported
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::io::Read;
    use std::os::unix::fs::symlink;

    #[test]
    fn only_names_lead_into_a_folder() {
        for place in ["a", "photos/DCIM/1.jpg", "found/ä b.vcf"] {
            assert!(is_place(place), "{place}");
        }
        for place in [
            "", "/a", "../a", "a/../b", "a//b", "a/", "./a", "a\\b", "a\0",
        ] {
            assert!(!is_place(place), "{place}");
        }
    }

    #[test]
    fn links_pipes_and_ways_out_are_refused() {
        let here = tempfile::tempdir().unwrap();
        let (inside, outside) = (here.path().join("in"), here.path().join("out"));
        fs::create_dir_all(inside.join("a/b")).unwrap();
        fs::create_dir_all(&outside).unwrap();
        fs::write(outside.join("secret"), "secret").unwrap();
        fs::write(inside.join("a/b/file"), "plain").unwrap();
        symlink(&outside, inside.join("a/link")).unwrap();
        symlink(outside.join("secret"), inside.join("a/file")).unwrap();
        let pipe = inside.join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());

        let mut text = String::new();
        let mut file = open_in(&inside, Path::new("a/b/file")).unwrap();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "plain");
        assert_eq!(length_in(&inside, Path::new("a/b/file")), Some(5));
        for place in [
            "a/link/secret",
            "a/file",
            "pipe",
            "../out/secret",
            "a",
            "a/b/file/x",
        ] {
            let error = open_in(&inside, Path::new(place)).unwrap_err();
            assert_eq!(
                error.kind(),
                io::ErrorKind::InvalidInput,
                "{place}: {error}"
            );
            assert!(
                open_to_write_in(&inside, Path::new(place)).is_err(),
                "{place}"
            );
            assert_eq!(length_in(&inside, Path::new(place)), None);
        }
        let missing = open_in(&inside, Path::new("a/none")).unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
        assert!(create_folders_in(&inside, Path::new("a/link/new")).is_err());
        assert!(!outside.join("new").exists());
        create_folders_in(&inside, Path::new("a/c/d")).unwrap();
        assert!(inside.join("a/c/d").is_dir());
        assert!(open(&pipe).is_err() && open_chosen(&pipe).is_err());
        assert!(open(&inside.join("a/file")).is_err());
        assert!(open_chosen(&inside.join("a/file")).is_ok());
    }

    #[test]
    fn what_has_the_name_already_stays() {
        let here = tempfile::tempdir().unwrap();
        let (from, to) = (here.path().join("from"), here.path().join("to"));
        fs::write(&from, "new").unwrap();
        fs::write(&to, "old").unwrap();
        let error = rename_to_new(&from, &to).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&to).unwrap(), "old");
        fs::remove_file(&to).unwrap();
        rename_to_new(&from, &to).unwrap();
        assert_eq!(fs::read_to_string(&to).unwrap(), "new");
    }
}
