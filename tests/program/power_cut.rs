//! A power cut after any call: everything that was called safe is on the disk. The real program runs under `strace`. A
//! model of the disk holds the data that was written and is not yet durable, which a power cut would drop.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::common::served::Served;

const CALLS: &str = "openat,write,pwrite64,writev,pwritev,ftruncate,fallocate,fsync,fdatasync,syncfs,rename,renameat,\
                     renameat2,link,linkat,mkdir,mkdirat,unlink,unlinkat,rmdir,fadvise64";

/// The data that a power cut would drop now.
#[derive(Debug, Default)]
struct Disk {
    /// Files with bytes that are not durable.
    files: BTreeSet<PathBuf>,
    /// Folders with names that are not durable.
    folders: BTreeSet<PathBuf>,
    /// Files dropped from the page cache, so that they are read from the disk.
    forgotten: BTreeSet<PathBuf>,
}

impl Disk {
    /// The paths below `root` that a power cut would drop.
    fn dropped_below(&self, root: &Path) -> Vec<&PathBuf> {
        let all = self.files.iter().chain(&self.folders);
        all.filter(|path| path.starts_with(root)).collect()
    }

    /// A removed file can't be dropped.
    fn removed(&mut self, path: &Path) {
        self.files.retain(|file| !file.starts_with(path));
        self.folders.retain(|folder| !folder.starts_with(path));
    }

    fn renamed(&mut self, from: &Path, to: &Path) {
        for paths in [&mut self.files, &mut self.folders] {
            let moved: Vec<PathBuf> = paths
                .iter()
                .filter(|path| path.starts_with(from))
                .cloned()
                .collect();
            for path in moved {
                paths.remove(&path);
                let within = path.strip_prefix(from).expect("a path within");
                paths.insert(match within.as_os_str().is_empty() {
                    true => to.to_owned(),
                    false => to.join(within),
                });
            }
        }
        for path in [from, to] {
            self.folders.extend(path.parent().map(Path::to_owned));
        }
    }
}

/// One call of the trace: its name, the path of its first descriptor, its quoted texts, its result.
#[derive(Debug)]
struct Call<'a> {
    name: &'a str,
    fd_path: Option<PathBuf>,
    texts: Vec<String>,
    arguments: &'a str,
    gave: &'a str,
}

impl<'a> Call<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        // With several threads, each line begins with the number of the thread.
        let line = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
        let line = line.strip_prefix("[pid").map_or(line, |rest| {
            rest.split_once("] ").map_or(rest, |(_, call)| call)
        });
        let (name, rest) = line.split_once('(')?;
        let (arguments, gave) = rest.rsplit_once(" = ")?;
        if !name.bytes().all(|b| b.is_ascii_alphanumeric()) || gave.starts_with('-') {
            return None;
        }
        let first = arguments.split(',').next()?;
        let fd_path = first
            .split_once('<')
            .and_then(|(_, path)| Some(PathBuf::from(path.rsplit_once('>')?.0)));
        let texts = arguments.split('"').skip(1).step_by(2).map(str::to_owned);
        Some(Self {
            name,
            fd_path,
            texts: texts.collect(),
            arguments,
            gave,
        })
    }

    /// The paths in its arguments, each relative to the folder of the preceding descriptor.
    fn paths(&self) -> Vec<PathBuf> {
        let mut parts = self.arguments.split('"');
        let mut found = Vec::new();
        while let (Some(before), Some(text)) = (parts.next(), parts.next()) {
            let base = before.rsplit_once('<').and_then(|(_, path)| {
                let (path, rest) = path.split_once('>')?;
                (rest.trim() == ",").then(|| PathBuf::from(path))
            });
            found.push(base.unwrap_or_default().join(text));
        }
        found
    }
}

/// A path in the form of the trace: bytes that are not ASCII are octal numbers.
fn escaped(path: &Path) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    let mut text = String::new();
    for byte in path.as_os_str().as_bytes() {
        match byte.is_ascii() {
            true => text.push(char::from(*byte)),
            false => text.push_str(&format!("\\{byte:o}")),
        }
    }
    PathBuf::from(text)
}

/// Runs one rescue under `strace`. Returns the rescue folder and the trace, in the order of the calls.
fn traced(to: &Path) -> Option<(PathBuf, String)> {
    let served = Served::start(&[
        "--contacts",
        "9",
        "--events",
        "7",
        "--todos",
        "3",
        "--fault",
        "photos=4",
    ]);
    let trace = to.join("trace");
    let rescues = to.join("rescues");
    let home = to.join("home");
    fs::create_dir(&home).expect("a folder");
    let status = Command::new("strace")
        .args(["-f", "-y", "-s", "300", "-qqq", "-o"])
        .arg(&trace)
        .args(["-e", &format!("trace={CALLS}")])
        .args(["-e", "signal=none"])
        .arg(env!("CARGO_BIN_EXE_lifeboat"))
        .args(["rescue", "--adb", &served.address, "--to"])
        .arg(&rescues)
        .env("HOME", &home)
        .env("XDG_CONFIG_HOME", &home)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !status.is_ok_and(|status| status.success()) {
        crate::common::cannot::cannot_run("strace is not installed, or may not trace here");
        return None;
    }
    let mut found = fs::read_dir(&rescues).expect("a folder");
    let folder = found.next().expect("a rescue").expect("an entry").path();
    Some((
        folder,
        joined(&fs::read_to_string(&trace).expect("a trace")),
    ))
}

/// Joins the interrupted calls of a trace: `fsync(3</x> <unfinished ...>` and `<... fsync resumed>) = 0`.
fn joined(trace: &str) -> String {
    let mut open: Vec<(String, String)> = Vec::new();
    let mut text = String::new();
    for line in trace.lines() {
        let thread = line.split(' ').next().unwrap_or_default().to_owned();
        if let Some(begun) = line.strip_suffix(" <unfinished ...>") {
            open.push((thread, begun.to_owned()));
        } else if let Some((_, rest)) = line.split_once(" resumed>") {
            let at = open.iter().position(|(other, _)| *other == thread);
            let begun = at.map(|at| open.remove(at).1).unwrap_or_default();
            text.push_str(&format!("{begun}{rest}\n"));
        } else {
            text.push_str(&format!("{line}\n"));
        }
    }
    text
}

/// Returns true for a line of progress such as `Contacts   9 saved` or `Files      1.0 MB of 1.2 MB saved`, and for the
/// headline. The summary at the end (`…, 1 deleted but saved`) is not progress.
fn is_told_as_safe(text: &str) -> bool {
    let line = text.trim_end_matches("\\n");
    (line.ends_with(" saved") && !line.contains(',')) || text.contains("is safe.")
}

#[test]
fn what_is_called_safe_survives_a_power_cut() {
    let here = tempfile::tempdir().expect("a folder");
    let here = here.path().canonicalize().expect("a path");
    let Some((folder, trace)) = traced(&here) else {
        return;
    };
    let mut disk = Disk::default();
    let (mut told, mut sealed, mut renamed, mut read_back) = (0, 0, 0, BTreeSet::new());
    for line in trace.lines() {
        let Some(call) = Call::parse(line) else {
            continue;
        };
        match call.name {
            "write" | "pwrite64" | "writev" | "pwritev" | "ftruncate" | "fallocate" => {
                let text = call.texts.join("");
                if is_told_as_safe(&text) {
                    told += 1;
                    let dropped = disk.dropped_below(&folder.join("data/lifeboat.sqlite-wal"));
                    assert!(dropped.is_empty(), "{text:?} was told before: {dropped:?}");
                }
                disk.files
                    .extend(call.fd_path.filter(|p| p.starts_with(&here)));
            }
            "openat" => {
                // A file that is opened for writing may be new. An existing file changes nothing in its folder.
                if let (true, Some(path)) = (
                    call.arguments.contains("O_CREAT"),
                    call.gave
                        .split_once('<')
                        .map(|(_, path)| path.trim_end_matches('>')),
                ) {
                    disk.folders
                        .extend(Path::new(path).parent().map(Path::to_owned));
                }
                if let (false, Some((_, path))) = (
                    call.arguments.contains("O_CREAT"),
                    call.gave.split_once('<'),
                ) {
                    let path = PathBuf::from(path.trim_end_matches('>'));
                    if disk.forgotten.contains(&path) {
                        read_back.insert(path);
                    }
                }
            }
            "mkdir" | "mkdirat" => {
                for path in call.paths() {
                    disk.folders.extend(path.parent().map(Path::to_owned));
                }
            }
            "rename" | "renameat" | "renameat2" | "link" | "linkat" => {
                let paths = call.paths();
                let [from, to] = &paths[..] else {
                    panic!("{line}");
                };
                if to.ends_with("manifest-sha256.txt") && !to.ends_with("tagmanifest-sha256.txt") {
                    sealed += 1;
                    let payload = disk.dropped_below(&folder.join("data"));
                    assert!(
                        payload.is_empty(),
                        "sealed over what is not durable: {payload:?}"
                    );
                }
                if to.starts_with(folder.join("data/photos")) {
                    renamed += 1;
                    assert!(
                        !disk.files.contains(from),
                        "{} was named before it was durable",
                        to.display()
                    );
                }
                disk.renamed(from, to);
            }
            "unlink" | "unlinkat" | "rmdir" => {
                for path in call.paths() {
                    disk.removed(&path);
                }
            }
            "fsync" | "fdatasync" => {
                if let Some(path) = &call.fd_path {
                    disk.files.remove(path);
                    disk.folders.remove(path);
                }
            }
            "syncfs" => {
                disk.files.clear();
                disk.folders.clear();
            }
            "fadvise64" if call.arguments.contains("DONTNEED") => {
                disk.forgotten.extend(call.fd_path);
            }
            _ => {}
        }
    }
    assert!(told > 3, "{told} times something was told to be safe");
    let photos = crate::common::files_below(&folder.join("data/photos"));
    assert_eq!(
        (sealed, renamed),
        (1, photos.len()),
        "the manifest, and the photos"
    );
    let dropped = disk.dropped_below(&folder);
    assert!(
        dropped.is_empty(),
        "a power cut at the end drops {dropped:?}"
    );
    // The copies were read back from the disk, not from memory.
    for name in photos.keys() {
        let path = escaped(&folder.join("data/photos").join(name));
        assert!(
            read_back.contains(&path),
            "{} was not read from the disk again",
            path.display()
        );
    }
    // The name of the rescue folder itself is durable too.
    let parent = folder.parent().expect("a parent");
    assert!(
        !disk.folders.contains(parent),
        "the rescue folder's own name"
    );
}
