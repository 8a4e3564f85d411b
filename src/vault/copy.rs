//! A second copy of a finished rescue, on a stick or a network drive. The copy counts only after it has been read back
//! from there.
//!
//! The copy is written into a hidden folder named `.….part`, which gets its final name once the copy is whole. A folder
//! with the name of a rescue is therefore always complete. An interrupted copy is resumed: files that are already there
//! are hashed instead of written again.

mod error;

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::bag::TAG_MANIFEST;
use super::copies::{COPIED, COPY_OF, Copies, DAMAGED, DISK, PLACE};
use super::custody::{self, Entry};
use super::disk::{self, DiskRelation};
use super::manifest::{Contents, Listed, contents};
use super::payload::{self, BUFFER, PayloadFile};
use super::{VaultError, durable, folder, ticks, verify_until};
use crate::model::Stop;
use crate::phrase;
use crate::system::{place, plain, private};

pub use error::CopyError;

/// Largest `tagmanifest-sha256.txt` or `custody.jsonl` that is copied, in bytes.
const MAX_TAG_FILE: u64 = 64 << 20;

/// The current step of a copy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Step {
    /// Reading the rescue, hashing it, and writing it.
    #[default]
    Copying,
    /// Reading the copy back.
    Checking,
}

/// Progress of a copy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CopyProgress {
    pub step: Step,
    /// Bytes of this step that are done, and their total.
    pub bytes_done: u64,
    pub bytes: u64,
}

/// A copy that was read back and found whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    pub place: PathBuf,
    /// Files and bytes of the payload.
    pub files: u64,
    pub bytes: u64,
    /// A whole copy was already there, and was read again.
    pub was_there: bool,
    /// The disk supports the modes 0700 and 0600.
    pub private: bool,
    /// Whether the copy is on another disk than its source; `None`: the system does not report it.
    pub on_another_disk: Option<bool>,
    /// The current copies, according to the custody log of the source.
    pub copies: Copies,
    /// The entry that could not be written to the custody log of the source, and why: for example, the source is on a
    /// read-only disk.
    pub not_noted: Option<String>,
}

/// Copies a finished rescue into the folder `to`, under its own name. Both custody logs record the copy.
///
/// # Errors
/// On any error, the rescue is unchanged; see [`CopyError`].
pub fn copy(
    rescue: &Path,
    to: &Path,
    stop: &Stop,
    progress: &mut dyn FnMut(CopyProgress),
) -> Result<Copied, CopyError> {
    let source = place::real(rescue).map_err(|_| VaultError::NotARescue {
        folder: rescue.to_owned(),
    })?;
    let contents = contents(&source)?;
    let places = Places::choose(&source, to)?;
    let job = Job {
        contents: &contents,
        places: &places,
        stop,
    };
    let apart = disk::apart(&source, &places.parent);
    let was_there = fs::symlink_metadata(&places.target).is_ok();
    let private = if was_there {
        job.check_earlier(progress)
            .inspect_err(|error| note_loss(&source, error))?;
        folder::repair_modes(&places.target).unwrap_or(false)
    } else {
        job.make(apart, progress)?
    };
    if let Some(page) = ticks::report(&source)? {
        ticks::put_report(&places.target, &page).map_err(CopyError::from_target)?;
    }
    let shown = places.target.to_string_lossy();
    let entry = Entry::new(COPIED, &[(PLACE, &shown), (DISK, apart.name())]);
    let noted = custody::append(&source, &entry);
    let mut known = custody::read(&source).unwrap_or_default();
    if !known.contains(&entry) {
        known.push(entry);
    }
    Ok(Copied {
        files: contents.payload.len() as u64,
        bytes: contents.payload.iter().map(|l| l.file.size).sum(),
        was_there,
        private,
        on_another_disk: apart.is_another(),
        copies: Copies::of(&known),
        not_noted: noted.err().map(|e| e.to_string()),
        place: places.target,
    })
}

/// Records in the source's custody log that a copy is no longer valid, so that nobody relies on it. If this fails, the
/// error itself still reports the loss.
fn note_loss(source: &Path, error: &CopyError) {
    if let CopyError::Spoilt { place, what } = error {
        let place = place.to_string_lossy();
        let entry = Entry::new(DAMAGED, &[(PLACE, &place), ("found", what)]);
        let _ = custody::append(source, &entry);
    }
}

/// The places of the rescue and its copy, with links resolved.
pub(super) struct Places {
    source: PathBuf,
    /// The destination folder that the user named.
    pub(super) parent: PathBuf,
    /// The copy, and its name until it is whole.
    pub(super) target: PathBuf,
    pub(super) part: PathBuf,
}

impl Places {
    fn choose(source: &Path, to: &Path) -> Result<Self, CopyError> {
        let name = source.file_name().ok_or_else(|| VaultError::NotARescue {
            folder: source.to_owned(),
        })?;
        Self::named(source, to, name)
    }

    /// Returns the places of a copy that has this name.
    pub(super) fn named(source: &Path, to: &Path, name: &OsStr) -> Result<Self, CopyError> {
        let missing = || CopyError::NoPlace {
            place: to.to_owned(),
        };
        // The folder is not created: if a stick is not mounted, the copy would land on the same disk as the rescue.
        let parent = place::real(to).map_err(|_| missing())?;
        if !parent.is_dir() {
            return Err(missing());
        }
        if parent.starts_with(source) {
            return Err(CopyError::Inside { place: parent });
        }
        let target = parent.join(name);
        if target == source {
            return Err(CopyError::Same { place: target });
        }
        let mut part = OsString::from(".");
        part.push(name);
        part.push(".part");
        let part = parent.join(part);
        for place in [&target, &part] {
            match fs::symlink_metadata(place) {
                Ok(found) if found.is_symlink() || !found.is_dir() => {
                    return Err(CopyError::Other {
                        place: place.clone(),
                    });
                }
                _ => {}
            }
        }
        Ok(Self {
            source: source.to_owned(),
            parent,
            target,
            part,
        })
    }

    /// Keeps other processes out of the unfinished copy. Network drives and Windows may not support such locks.
    pub(super) fn lock(&self) -> Result<Option<File>, CopyError> {
        let Ok(folder) = File::open(&self.part) else {
            return Ok(None);
        };
        match folder.try_lock() {
            Err(fs::TryLockError::WouldBlock) => Err(CopyError::Busy {
                place: self.part.clone(),
            }),
            _ => Ok(Some(folder)),
        }
    }

    /// Checks that the missing bytes of these files fit on the disk, given as their places in the copy and their sizes.
    pub(super) fn check_space<'a>(
        &self,
        files: impl Iterator<Item = (&'a str, u64)>,
    ) -> Result<(), CopyError> {
        let there =
            |name: &str| fs::symlink_metadata(self.part.join(name)).map_or(0, |found| found.len());
        let needed = files
            .map(|(name, size)| size.saturating_sub(there(name)))
            .sum();
        match folder::check_space(&self.part, needed) {
            Err(VaultError::NoSpace {
                needed, available, ..
            }) => Err(CopyError::NoSpace {
                place: self.parent.clone(),
                needed,
                available,
            }),
            // If the drive doesn't report its free space, assume that there is enough.
            _ => Ok(()),
        }
    }
}

struct Job<'a> {
    contents: &'a Contents,
    places: &'a Places,
    stop: &'a Stop,
}

impl Job<'_> {
    /// Checks that the folder that already has the copy's name is the same rescue, and whole.
    fn check_earlier(&self, progress: &mut dyn FnMut(CopyProgress)) -> Result<(), CopyError> {
        let Places { source, target, .. } = self.places;
        if tag_manifest(source)? != tag_manifest(target).unwrap_or_default() {
            let place = target.clone();
            let counted = Copies::in_folder(source)?.others;
            let was_ours = counted.iter().any(|o| Path::new(&o.place) == place);
            return Err(match was_ours {
                true => CopyError::Spoilt {
                    place,
                    what: phrase!("its {TAG_MANIFEST} is different"),
                },
                false => CopyError::Other { place },
            });
        }
        self.read_back(target, progress)
            .map_err(|error| match error {
                CopyError::NotAsWritten { place, what } => CopyError::Spoilt { place, what },
                error => error,
            })
    }

    /// Makes the copy, or resumes it. Returns true if the disk supports modes.
    fn make(
        &self,
        apart: DiskRelation,
        progress: &mut dyn FnMut(CopyProgress),
    ) -> Result<bool, CopyError> {
        let Places {
            source,
            parent,
            target,
            part,
        } = self.places;
        private::create_folder(part).map_err(CopyError::writing(part))?;
        private::keep_folder(part);
        let _lock = self.places.lock()?;
        self.claim()?;
        let all = self.contents.payload.iter().chain(&self.contents.tags);
        self.places
            .check_space(all.map(|listed| (&*listed.file.name, listed.file.size)))?;
        let mut state = CopyProgress {
            step: Step::Copying,
            bytes_done: 0,
            bytes: self.contents.bytes(),
        };
        let mut done = |bytes| {
            state.bytes_done += bytes;
            progress(state);
        };
        let mut buffer = vec![0; BUFFER];
        // The payload's manifest comes last, as in the rescue itself.
        for listed in self.contents.payload.iter().chain(&self.contents.tags) {
            let name = &*listed.file.name;
            copy_file(
                (source, listed),
                (part, name),
                &mut buffer,
                self.stop,
                &mut done,
            )?;
        }
        self.begin_custody()?;
        let private = folder::repair_modes(part)?;
        let files = self.files();
        durable::sync_payload(part, &files).map_err(CopyError::from_target)?;
        self.read_back(part, progress)?;
        let from = source.to_string_lossy();
        custody::append(
            part,
            &Entry::new(COPY_OF, &[(PLACE, &from), (DISK, apart.name())]),
        )
        .map_err(CopyError::from_target)?;
        if fs::symlink_metadata(target).is_ok() {
            return Err(CopyError::Other {
                place: target.clone(),
            });
        }
        place::rename(part, target).map_err(CopyError::writing(target))?;
        durable::sync_folder(parent).map_err(CopyError::from_target)?;
        Ok(private)
    }

    /// Marks the unfinished copy as belonging to this rescue. Its first file is the tag manifest, which covers the
    /// other manifest and so all files.
    fn claim(&self) -> Result<(), CopyError> {
        let Places { source, part, .. } = self.places;
        let ours = tag_manifest(source)?;
        match tag_manifest(part) {
            Ok(found) if found == ours => return Ok(()),
            Err(VaultError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
            _ => {
                return Err(CopyError::Other {
                    place: part.clone(),
                });
            }
        }
        let is_ours = |name: &std::ffi::OsStr| {
            name.to_string_lossy()
                .starts_with(&format!(".{TAG_MANIFEST}"))
        };
        for entry in fs::read_dir(part).map_err(CopyError::writing(part))? {
            let entry = entry.map_err(CopyError::writing(part))?;
            if !is_ours(&entry.file_name()) {
                return Err(CopyError::Other {
                    place: part.clone(),
                });
            }
        }
        durable::write_whole(part, TAG_MANIFEST, &ours).map_err(CopyError::from_target)
    }

    /// Copies the custody log so far. If the log was altered, its lines are left out, and the new log notes this.
    fn begin_custody(&self) -> Result<(), CopyError> {
        let Places { source, part, .. } = self.places;
        let kept = custody::check(source)?;
        if kept.problems.is_empty() {
            let text = read_bounded(&source.join(custody::FILE))?;
            return durable::write_whole(part, custody::FILE, &text)
                .map_err(CopyError::from_target);
        }
        durable::write_whole(part, custody::FILE, b"").map_err(CopyError::from_target)?;
        let mut first = custody::finished(source)?;
        first
            .details
            .insert("earlier lines left out".into(), kept.problems.join(" "));
        custody::append(part, &first).map_err(CopyError::from_target)
    }

    /// Returns every file of the copy.
    fn files(&self) -> Vec<PayloadFile> {
        let listed = self.contents.payload.iter().chain(&self.contents.tags);
        let others = [TAG_MANIFEST, custody::FILE].map(|name| PayloadFile {
            name: name.to_owned(),
            size: 0,
        });
        listed
            .map(|listed| listed.file.clone())
            .chain(others)
            .collect()
    }

    /// Reads a copy from its disk and compares it with its manifests.
    fn read_back(
        &self,
        place: &Path,
        progress: &mut dyn FnMut(CopyProgress),
    ) -> Result<(), CopyError> {
        for file in self.files() {
            durable::forget(&file.locate(place));
        }
        let report = verify_until(self.stop, place, &mut |checked| {
            progress(CopyProgress {
                step: Step::Checking,
                bytes_done: checked.bytes_done,
                bytes: checked.bytes,
            });
        });
        check_stop(self.stop)?;
        let report = report.map_err(CopyError::from_target)?;
        match report.problems.into_iter().next() {
            None => Ok(()),
            Some(what) => Err(CopyError::NotAsWritten {
                place: place.to_owned(),
                what,
            }),
        }
    }
}

/// Copies one file of the folder `source` into the unfinished copy `part`, under `name`, unless it is already there and
/// whole. The bytes read must match the manifest.
pub(super) fn copy_file(
    (source_folder, listed): (&Path, &Listed),
    (part, name): (&Path, &str),
    buffer: &mut [u8],
    stop: &Stop,
    done: &mut dyn FnMut(u64),
) -> Result<(), CopyError> {
    let Listed { file, sum } = listed;
    let from = file.locate(source_folder);
    let to = part.join(name);
    // Nothing may be read or removed behind a link to another folder.
    if let Some(above) = Path::new(name).parent().filter(|p| *p != Path::new("")) {
        plain::create_folders_in(part, above).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidInput => CopyError::Other {
                place: part.to_owned(),
            },
            _ => CopyError::writing(&to)(error),
        })?;
    }
    match fs::symlink_metadata(&to) {
        Ok(found) if found.is_file() && found.len() == file.size => {
            let mut read = 0;
            let there = payload::hash(&to, buffer, stop, &mut |bytes| read += bytes);
            if there.is_ok_and(|there| there == *sum) {
                done(read);
                return Ok(());
            }
            check_stop(stop)?;
        }
        Ok(found) if !found.is_file() => return Err(CopyError::Other { place: to }),
        _ => {}
    }
    match fs::remove_file(&to) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => {
            return Err(CopyError::writing(&to)(e));
        }
        _ => {}
    }
    let reading = || CopyError::reading(&from);
    let mut source = plain::open_in(source_folder, Path::new(&file.name)).map_err(reading())?;
    let mut target = private::create_file(&to).map_err(CopyError::writing(&to))?;
    let mut digest = Sha256::new();
    loop {
        check_stop(stop)?;
        let count = match source.read(buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(reading()(e)),
        };
        let bytes = buffer.get(..count).unwrap_or_default();
        digest.update(bytes);
        target.write_all(bytes).map_err(CopyError::writing(&to))?;
        done(count as u64);
    }
    let read: payload::Sum = digest.finalize().into();
    if read != *sum {
        // A damaged file must not become part of the copy.
        drop(target);
        let _ = fs::remove_file(&to);
        return Err(VaultError::NotWhole {
            folder: source_folder.to_owned(),
            what: phrase!("{} has changed since the rescue.", file.name),
        }
        .into());
    }
    // Keep a photo's time if possible. On a drive that keeps no times, the photo is still worth having.
    if let Ok(time) = source.metadata().and_then(|m| m.modified()) {
        let _ = target.set_modified(time);
    }
    Ok(())
}

pub(super) fn check_stop(stop: &Stop) -> Result<(), CopyError> {
    match stop.is_stopped() {
        true => Err(CopyError::Stopped),
        false => Ok(()),
    }
}

/// Reads the tag manifest, by which two rescues can be told apart.
fn tag_manifest(folder: &Path) -> Result<Vec<u8>, VaultError> {
    read_bounded(&folder.join(TAG_MANIFEST))
}

fn read_bounded(path: &Path) -> Result<Vec<u8>, VaultError> {
    let mut bytes = Vec::new();
    let file = plain::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidInput => VaultError::NotPlain {
            path: path.to_owned(),
        },
        _ => VaultError::io(phrase("read"), path)(error),
    })?;
    file.take(MAX_TAG_FILE)
        .read_to_end(&mut bytes)
        .map_err(VaultError::io(phrase("read"), path))?;
    Ok(bytes)
}
