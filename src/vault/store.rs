//! Copies of a handset's files in the payload. A copy is either whole or absent, its name works on every file system,
//! and no content is stored twice.

mod partial;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::payload::{PayloadFile, hash_all, hash_reader, hex, sum_of};
use super::{DATA, VaultError, durable, safe_name};
use crate::many::{Fingerprints, Packed};
use crate::model::{FileCopy, FileKind, HandsetFile, Stop};
use crate::phrase;
use crate::system::{place as seam, plain};
pub use partial::{Closed, Partial};

/// Folders of the payload that hold copies: pictures, videos and recordings; files that the owner had exported;
/// documents.
pub const PHOTOS: &str = "photos";
pub const FOUND: &str = "found";
pub const DOCUMENTS: &str = "documents";

/// Prefix of the names of incomplete files in the payload folder.
pub const PARTIAL: &str = ".part-";

/// Suffix of the name of a copy that is not whole, before the extension.
const DAMAGED: &str = " (damaged)";

/// Longest folder path that is kept, in bytes: together with the rescue's own path it must fit into a path of 4 KiB.
/// Files in deeper folders are put into the last folder that fits.
const LONGEST_FOLDER: usize = 2_000;

/// Longest file name extension that is kept unchanged, in bytes with its dot.
const LONGEST_ENDING: usize = 12;

/// Copies of one rescue.
pub struct FileStore {
    data: PathBuf,
    /// Places in use, in lower case, because some file systems ignore case.
    taken: Fingerprints,
    /// Folders of these places, also in lower case.
    folders: Fingerprints,
    /// Indices of copies in `places`, by checksum.
    by_sum: Fingerprints<u32>,
    places: Packed<String>,
}

/// Number of places that are packed together. Looking up one place unpacks the whole group.
const PLACES_AT_ONCE: usize = 64;

impl FileStore {
    /// Creates the store of the rescue in `folder`; `copies` already exist.
    pub fn new<'a>(folder: &Path, copies: impl Iterator<Item = &'a FileCopy>) -> Self {
        let mut store = Self {
            data: folder.join(DATA),
            taken: Fingerprints::default(),
            folders: Fingerprints::default(),
            by_sum: Fingerprints::default(),
            places: Packed::by(PLACES_AT_ONCE),
        };
        for copy in copies {
            store.note(copy);
        }
        store
    }

    /// Records an existing copy.
    pub fn note(&mut self, copy: &FileCopy) {
        let place = copy.place.to_lowercase();
        for (at, _) in place.match_indices('/') {
            self.folders.insert(&place[..at], ());
        }
        self.taken.insert(&place, ());
        if copy.damaged == 0
            && !self.by_sum.contains(&copy.sha256)
            && let Ok(at) = u32::try_from(self.places.len())
        {
            self.by_sum.insert(&copy.sha256, at);
            self.places.push(copy.place.clone());
        }
    }

    /// Returns the place of a copy with this checksum.
    fn place_of(&self, sha256: &str) -> Option<String> {
        let at = usize::try_from(self.by_sum.get(sha256)?).ok()?;
        self.places.get(at)
    }

    /// Returns true if a copy exists at its place with its full length.
    pub fn has(&self, copy: &FileCopy) -> bool {
        is_there(&self.data, copy)
    }

    /// Removes an altered copy from its place.
    ///
    /// # Errors
    /// [`VaultError::NotPlain`] if the place is not inside the payload, since a journal may come from anywhere;
    /// [`VaultError::Io`].
    pub fn discard(&self, place: &str) -> Result<(), VaultError> {
        let path = self.data.join(place);
        let real = |path: &Path| {
            path.canonicalize()
                .map_err(VaultError::io(phrase("find"), path))
        };
        let folder = real(path.parent().unwrap_or(&self.data))?;
        let is_copy = path.file_name().is_some() && folder != real(&self.data)?;
        if !is_copy || !folder.starts_with(real(&self.data)?) {
            return Err(VaultError::NotPlain { path });
        }
        fs::remove_file(&path).map_err(VaultError::io(phrase("remove"), &path))
    }

    /// Begins a copy, or resumes a partial copy of a file with the same path, size and time.
    ///
    /// # Errors
    /// [`VaultError::Io`], [`VaultError::DiskFull`].
    pub fn begin(&self, file: &HandsetFile) -> Result<Partial, VaultError> {
        let what = [
            file.path.0.as_slice(),
            &file.size.to_be_bytes(),
            &file.modified.to_be_bytes(),
        ]
        .concat();
        let name: String = hex(&sum_of(&what)).chars().take(16).collect();
        Partial::open(&self.data, &format!("{PARTIAL}{name}"), file.size)
    }

    /// Makes copies durable, gives them their final names, and makes their folders durable: first the contents of all,
    /// so that a file with a final name is never empty after a power cut. If a content already exists, the existing
    /// place is used. The name of a copy that is not whole says so.
    ///
    /// # Errors
    /// [`VaultError::Io`], [`VaultError::DiskFull`].
    pub fn put(
        &mut self,
        copies: Vec<(Closed, &HandsetFile)>,
    ) -> Result<Vec<FileCopy>, VaultError> {
        let paths: Vec<&Path> = copies.iter().map(|(closed, _)| &*closed.path).collect();
        durable::sync_files(&self.data, &paths)?;
        let mut put = Vec::new();
        let mut folders = BTreeSet::new();
        for (closed, file) in copies {
            let copy = self.put_one(closed, file)?;
            let place = self.data.join(&copy.place);
            folders.insert(place.parent().unwrap_or(&self.data).to_owned());
            self.note(&copy);
            put.push(copy);
        }
        for folder in folders {
            durable::sync_folder(&folder)?;
        }
        Ok(put)
    }

    /// Gives a durable copy its final name.
    fn put_one(&mut self, closed: Closed, file: &HandsetFile) -> Result<FileCopy, VaultError> {
        let Closed {
            path,
            length: size,
            damage: damaged,
            sha256,
        } = closed;
        let mut copy = FileCopy {
            path: file.path.clone(),
            size,
            modified: file.modified,
            sha256,
            damaged,
            ..FileCopy::default()
        };
        let same = self.place_of(&copy.sha256).filter(|_| damaged == 0);
        if let Some(place) = same {
            copy.place = place;
            copy.duplicate = true;
            if self.has(&copy) {
                fs::remove_file(&path).map_err(VaultError::io(phrase("remove"), &path))?;
                return Ok(copy);
            }
            // The earlier copy at this place was deleted or truncated, so its remains are replaced.
            copy.duplicate = false;
            self.make_folder_of(&copy.place)?;
            let place = self.data.join(&copy.place);
            seam::rename(&path, &place).map_err(VaultError::io(phrase("write"), &place))?;
        } else {
            let mark = if damaged > 0 { DAMAGED } else { "" };
            copy.place = self.put_at_free_place(&path, file, mark, &copy)?;
        }
        Ok(copy)
    }

    /// Gives a file a new name that no other file has, even if this file system ignores differences in spelling.
    /// Returns the file's place.
    fn put_at_free_place(
        &mut self,
        path: &Path,
        file: &HandsetFile,
        mark: &str,
        copy: &FileCopy,
    ) -> Result<String, VaultError> {
        loop {
            let place = self.free_place(file, mark);
            self.make_folder_of(&place)?;
            let whole = self.data.join(&place);
            match plain::rename_to_new(path, &whole) {
                Ok(()) => return Ok(place),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    // An earlier run put the same copy there, and ended before recording it.
                    if self.is_same(&place, copy) {
                        fs::remove_file(path).map_err(VaultError::io(phrase("remove"), path))?;
                        return Ok(place);
                    }
                    self.taken.insert(&place.to_lowercase(), ());
                }
                Err(error) => return Err(VaultError::io(phrase("write"), &whole)(error)),
            }
        }
    }

    /// Returns true if the file at `place` has the content of `copy`.
    fn is_same(&self, place: &str, copy: &FileCopy) -> bool {
        let name = Path::new(place);
        plain::length_in(&self.data, name) == Some(copy.size)
            && plain::open_in(&self.data, name)
                .and_then(hash_reader)
                .is_ok_and(|sum| hex(&sum) == copy.sha256)
    }

    fn make_folder_of(&self, place: &str) -> Result<(), VaultError> {
        let folder = Path::new(place).parent().unwrap_or(Path::new(""));
        plain::create_folders_in(&self.data, folder)
            .map_err(VaultError::io(phrase("make"), &self.data.join(folder)))
    }

    /// Returns a place that no other copy uses as a file or a folder.
    fn free_place(&self, file: &HandsetFile, mark: &str) -> String {
        let mut folder = match file.kind {
            FileKind::Data => FOUND,
            FileKind::Document => DOCUMENTS,
            FileKind::Photo | FileKind::Video | FileKind::Sound => PHOTOS,
        }
        .to_owned();
        let shown = file.relative.shown();
        let names: Vec<&str> = shown
            .split('/')
            .filter(|part| !part.is_empty() && *part != ".")
            .collect();
        let (name, folders) = names.split_last().unwrap_or((&"file", &[]));
        for name in folders {
            let name = safe_name(name, "folder");
            if folder.len() + name.len() > LONGEST_FOLDER {
                break;
            }
            folder = unlike(&folder, &name, "", |place| self.taken.contains(place));
        }
        let (stem, ending) = divided(name);
        let stem = format!("{}{mark}", safe_name(stem, "file"));
        unlike(&folder, &stem, ending, |place| {
            self.taken.contains(place) || self.folders.contains(place)
        })
    }
}

/// Returns true if a copy may lie at this place in the payload folder.
pub fn is_place_of_copy(place: &str) -> bool {
    let folder = place.split('/').next().unwrap_or_default();
    plain::is_place(place) && place != folder && [PHOTOS, FOUND, DOCUMENTS].contains(&folder)
}

/// Returns a place in `folder`, with the lowest number that makes it differ from those in use (compared in lower case).
fn unlike(folder: &str, stem: &str, ending: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut place = format!("{folder}/{stem}{ending}");
    let mut number = 2;
    while is_taken(&place.to_lowercase()) {
        place = format!("{folder}/{stem} ({number}){ending}");
        number += 1;
    }
    place
}

/// Returns true if the payload folder `data` holds a copy with its full length.
fn is_there(data: &Path, copy: &FileCopy) -> bool {
    plain::length_in(data, Path::new(&copy.place)) == Some(copy.size)
}

/// Reads copies from the disk again. Returns the places whose content differs from the copied content; `progress`
/// receives the bytes read since its last call. Once `stop` is set, the result is meaningless.
pub fn changed<'a>(
    folder: &Path,
    copies: impl Iterator<Item = &'a FileCopy>,
    stop: &Stop,
    progress: &mut dyn FnMut(u64),
) -> HashSet<String> {
    let mut sums: HashMap<String, &str> = HashMap::new();
    let mut files = Vec::new();
    for copy in copies {
        let name = format!("{DATA}/{}", copy.place);
        durable::forget(&folder.join(&name));
        if sums.insert(name.clone(), &copy.sha256).is_none() {
            files.push(PayloadFile {
                name,
                size: copy.size,
            });
        }
    }
    let found = hash_all(folder, &files, stop, progress);
    let wrong = files.into_iter().zip(found).filter(|(file, found)| {
        let expected = sums.get(&file.name).copied().unwrap_or_default();
        !found.as_ref().is_ok_and(|sum| hex(sum) == expected)
    });
    wrong
        .filter_map(|(file, _)| Some(file.name.strip_prefix(DATA)?.strip_prefix('/')?.to_owned()))
        .collect()
}

/// Removes incomplete copies, which must not count as rescued.
///
/// # Errors
/// [`VaultError::Io`].
pub fn remove_partials(folder: &Path) -> Result<(), VaultError> {
    let data = folder.join(DATA);
    for entry in fs::read_dir(&data).map_err(VaultError::io(phrase("read"), &data))? {
        let entry = entry.map_err(VaultError::io(phrase("read"), &data))?;
        if entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(PARTIAL.as_bytes())
        {
            let path = entry.path();
            fs::remove_file(&path).map_err(VaultError::io(phrase("remove"), &path))?;
        }
    }
    Ok(())
}

/// Splits a file's name into stem and extension (with its dot), if the extension is one that programs could recognise.
fn divided(name: &str) -> (&str, &str) {
    let at = name.rfind('.').filter(|at| *at > 0).unwrap_or(name.len());
    let (stem, ending) = name.split_at(at);
    let plain =
        ending.len() <= LONGEST_ENDING && ending.chars().skip(1).all(|c| c.is_ascii_alphanumeric());
    match plain {
        true => (stem, ending),
        false => (name, ""),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// Puts one copy in its place.
    fn put(
        store: &mut FileStore,
        partial: Partial,
        file: &HandsetFile,
    ) -> Result<FileCopy, VaultError> {
        let copies = vec![(partial.close(file.modified)?, file)];
        Ok(store.put(copies)?.remove(0))
    }
    use crate::model::HandsetPath;

    fn file(relative: &str) -> HandsetFile {
        HandsetFile {
            path: HandsetPath(format!("/sdcard/{relative}").into_bytes()),
            relative: HandsetPath(relative.as_bytes().to_vec()),
            ..HandsetFile::default()
        }
    }

    fn rescue() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(DATA)).unwrap();
        folder
    }

    #[test]
    fn names_fit_every_disk_and_none_is_taken_twice() {
        let folder = rescue();
        let mut store = FileStore::new(folder.path(), std::iter::empty());
        let long = format!("DCIM/{}.jpeg", "ä".repeat(300));
        for (relative, place) in [
            ("DCIM/Camera/1.jpg", "photos/DCIM/Camera/1.jpg"),
            ("DCIM/camera/1.JPG", "photos/DCIM/camera/1 (2).JPG"),
            (
                "../../etc/../passwd.jpg",
                "photos/folder/folder/etc/folder/passwd.jpg",
            ),
            ("写真/東京.jpg", "photos/写真/東京.jpg"),
            ("DCIM/nul.jpg", "photos/DCIM/_nul.jpg"),
            ("DCIM/.trashed-1-a.jpg", "photos/DCIM/trashed-1-a.jpg"),
            ("DCIM/a\u{202e}gpj.exe\n.jpg", "photos/DCIM/a gpj.exe.jpg"),
            // A folder and a file never get the same name, in whichever order they come.
            ("DCIM/.a.jpg/1.jpg", "photos/DCIM/a.jpg/1.jpg"),
            ("DCIM/a.jpg", "photos/DCIM/a (2).jpg"),
            ("DCIM/b.jpg", "photos/DCIM/b.jpg"),
            ("DCIM/.b.jpg/1.jpg", "photos/DCIM/b.jpg (2)/1.jpg"),
            ("DCIM/.b.jpg/2.jpg", "photos/DCIM/b.jpg (2)/2.jpg"),
            (
                long.as_str(),
                &format!("photos/DCIM/{}.jpeg", "ä".repeat(50)),
            ),
        ] {
            let file = file(relative);
            let mut partial = store.begin(&file).unwrap();
            partial.write_all(relative.as_bytes()).unwrap();
            assert_eq!(put(&mut store, partial, &file).unwrap().place, place);
        }
    }

    /// A mix of old and new bytes is not a photo.
    #[test]
    fn what_is_left_of_another_size_or_time_is_not_gone_on_with() {
        let folder = rescue();
        let store = FileStore::new(folder.path(), std::iter::empty());
        let old = HandsetFile {
            size: 8,
            modified: 1_000,
            ..file("DCIM/1.jpg")
        };
        let mut partial = store.begin(&old).unwrap();
        partial.write_all(b"half").unwrap();
        partial.keep().unwrap();
        assert_eq!(store.begin(&old).unwrap().len(), 4);
        for other in [
            HandsetFile {
                size: 9,
                ..old.clone()
            },
            HandsetFile {
                modified: 2_000,
                ..old.clone()
            },
            HandsetFile {
                size: 8,
                modified: 1_000,
                ..file("DCIM/2.jpg")
            },
        ] {
            assert!(store.begin(&other).unwrap().is_empty(), "{other:?}");
        }
    }

    /// A power cut, a failing disk or another program may have changed a partial copy.
    #[test]
    fn only_bytes_that_are_proven_are_continued() {
        let whole = HandsetFile {
            size: 8,
            ..file("DCIM/1.jpg")
        };
        let part_of = |folder: &Path| {
            let all = fs::read_dir(folder.join(DATA)).unwrap();
            let mut names = all.map(|entry| entry.unwrap().path());
            names.find(|path| path.extension().is_none()).unwrap()
        };
        let kept = || {
            let folder = rescue();
            let store = FileStore::new(folder.path(), std::iter::empty());
            let mut partial = store.begin(&whole).unwrap();
            partial.write_all(b"half").unwrap();
            partial.keep().unwrap();
            (part_of(folder.path()), store, folder)
        };
        for (bytes, length) in [
            (&b"half"[..], 4),
            (b"half and more", 4),
            (b"ha\0f", 0),
            (b"ha", 0),
        ] {
            let (part, store, _folder) = kept();
            fs::write(&part, bytes).unwrap();
            let mut partial = store.begin(&whole).unwrap();
            assert_eq!(partial.len(), length, "{bytes:?}");
            partial.write_all(b" of").unwrap();
            partial.keep().unwrap();
            let expected = [&b"half"[..usize::try_from(length).unwrap()], b" of"].concat();
            assert_eq!(fs::read(&part).unwrap(), expected);
            assert_eq!(store.begin(&whole).unwrap().len(), length + 3);
        }
        let (part, store, _folder) = kept();
        fs::remove_file(with_proof(&part)).unwrap();
        assert!(store.begin(&whole).unwrap().is_empty());

        // A file with a second name is replaced, not written into.
        #[cfg(unix)]
        {
            let (part, store, folder) = kept();
            let other = folder.path().join("other");
            fs::hard_link(&part, &other).unwrap();
            let mut partial = store.begin(&whole).unwrap();
            assert!(partial.is_empty());
            partial.write_all(b"changed!").unwrap();
            partial.keep().unwrap();
            assert_eq!(fs::read(&other).unwrap(), b"half");
        }
    }

    fn with_proof(part: &Path) -> PathBuf {
        let mut name = part.as_os_str().to_owned();
        name.push(".proof");
        name.into()
    }

    /// Identical content is stored only once, provided that the first copy still exists whole.
    #[test]
    fn a_duplicate_of_a_copy_that_is_gone_or_cut_is_stored() {
        for harm in [None, Some(&b"cut"[..])] {
            let folder = rescue();
            let mut store = FileStore::new(folder.path(), std::iter::empty());
            let (one, other) = (file("DCIM/1.jpg"), file("DCIM/2.jpg"));
            let mut partial = store.begin(&one).unwrap();
            partial.write_all(b"the same bytes").unwrap();
            let first = put(&mut store, partial, &one).unwrap();
            let place = folder.path().join(DATA).join(&first.place);
            match harm {
                Some(bytes) => fs::write(&place, bytes).unwrap(),
                None => fs::remove_file(&place).unwrap(),
            }
            let mut partial = store.begin(&other).unwrap();
            partial.write_all(b"the same bytes").unwrap();
            let copy = put(&mut store, partial, &other).unwrap();
            assert!(!copy.duplicate);
            let bytes = fs::read(folder.path().join(DATA).join(&copy.place)).unwrap();
            assert_eq!(bytes, b"the same bytes");
        }
    }

    /// A copy that was put in its place but not recorded before the program ended is reused.
    #[test]
    fn what_was_put_there_before_and_not_noted_is_taken_over() {
        let folder = rescue();
        let file = file("DCIM/1.jpg");
        let mut places = Vec::new();
        for _ in 0..2 {
            let mut store = FileStore::new(folder.path(), std::iter::empty());
            let mut partial = store.begin(&file).unwrap();
            partial.write_all(b"bytes").unwrap();
            places.push(put(&mut store, partial, &file).unwrap().place);
        }
        assert_eq!(places, ["photos/DCIM/1.jpg"; 2]);
        let left = fs::read_dir(folder.path().join(DATA)).unwrap().count();
        assert_eq!(left, 1, "only the photos");
    }

    /// exFAT treats `Σς.jpg` and `Σσ.jpg` as one name; a file of another owner may have the name, too.
    #[test]
    fn what_has_the_name_already_is_not_replaced() {
        let folder = rescue();
        let mut store = FileStore::new(folder.path(), std::iter::empty());
        let place = folder.path().join(DATA).join("photos/DCIM");
        fs::create_dir_all(&place).unwrap();
        fs::write(place.join("Σσ.jpg"), "another's").unwrap();
        let file = file("DCIM/Σσ.jpg");
        let mut partial = store.begin(&file).unwrap();
        partial.write_all(b"new").unwrap();
        let copy = put(&mut store, partial, &file).unwrap();
        assert_eq!(copy.place, "photos/DCIM/Σσ (2).jpg");
        assert_eq!(fs::read(place.join("Σσ.jpg")).unwrap(), b"another's");
        assert_eq!(fs::read(place.join("Σσ (2).jpg")).unwrap(), b"new");

        // The length alone does not make it the same file.
        fs::write(place.join("1.jpg"), "old").unwrap();
        let file = super::tests::file("DCIM/1.jpg");
        let mut partial = store.begin(&file).unwrap();
        partial.write_all(b"one").unwrap();
        let copy = put(&mut store, partial, &file).unwrap();
        assert_eq!(copy.place, "photos/DCIM/1 (2).jpg");
        assert_eq!(fs::read(place.join("1.jpg")).unwrap(), b"old");
    }

    #[test]
    fn a_file_in_ever_deeper_folders_has_a_place() {
        let folder = rescue();
        let mut store = FileStore::new(folder.path(), std::iter::empty());
        let deep = "../".repeat(2_000);
        for name in ["1.jpg", "2.jpg", "1.jpg"] {
            let file = file(&format!("{deep}{name}"));
            let mut partial = store.begin(&file).unwrap();
            partial
                .write_all(store.taken.len().to_string().as_bytes())
                .unwrap();
            let place = put(&mut store, partial, &file).unwrap().place;
            assert!(place.len() < 2_200, "{}", place.len());
        }
        assert_eq!(store.taken.len(), 3);
    }

    #[test]
    fn what_broke_off_is_gone_on_with_and_the_same_bytes_are_kept_once() {
        let folder = rescue();
        let mut store = FileStore::new(folder.path(), std::iter::empty());
        let (mut one, other) = (file("DCIM/1.jpg"), file("DCIM/2.jpg"));
        one.size = 13;
        let mut partial = store.begin(&one).unwrap();
        partial.write_all(b"half ").unwrap();
        partial.keep().unwrap();
        let mut partial = store.begin(&one).unwrap();
        assert_eq!(partial.len(), 5);
        partial.write_all(b"and half").unwrap();
        let copy = put(&mut store, partial, &one).unwrap();
        assert_eq!(copy.sha256, hex(&sum_of(b"half and half")));
        assert!(
            changed(
                folder.path(),
                [&copy].into_iter(),
                &Stop::new(),
                &mut |_| {}
            )
            .is_empty()
        );
        let path = folder.path().join(DATA).join(&copy.place);
        fs::write(&path, b"half and HALF").unwrap();
        let wrong = changed(
            folder.path(),
            [&copy].into_iter(),
            &Stop::new(),
            &mut |_| {},
        );
        assert!(wrong.contains("photos/DCIM/1.jpg"));
        fs::write(&path, b"half and half").unwrap();

        let mut partial = store.begin(&other).unwrap();
        partial.write_all(b"wrong").unwrap();
        partial.restart().unwrap();
        partial.write_all(b"half and half").unwrap();
        let again = put(&mut store, partial, &other).unwrap();
        assert!(again.duplicate);
        assert_eq!(again.place, copy.place);

        store.begin(&file("DCIM/3.jpg")).unwrap().keep().unwrap();
        remove_partials(folder.path()).unwrap();
        let left = fs::read_dir(folder.path().join(DATA)).unwrap().count();
        assert_eq!(left, 1, "only the photos");
    }
}
