//! A backup as a handset.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use super::files::{path_of, place_of};
use super::library::Library;
use super::reading::{Checked, ReadError};
use super::remarks;
use super::store::{NotThere, Store};
use crate::format::iphone_backup::FileId;
use crate::handset::files_only::{ListedFiles, note_about_new_files};
use crate::handset::iphone::databases::{Room, room};
use crate::handset::{Handset, HandsetError, Lacking};
use crate::model::{
    Asked, Batch, Bookmark, Collection, FileKind, FileRank, Findings, HandsetFile, Health, Holding,
    Identity, NotCovered, Past,
};
use crate::phrase;

/// A backup that was opened.
pub struct Backup {
    identity: Identity,
    store: Arc<Store>,
    rooms: BTreeMap<Collection, Box<dyn Room>>,
    files: ListedFiles,
    /// What the phone's lists of photos and recordings name; `None`: not read yet.
    library: Option<Library>,
    /// Files that the backup lists and can't give.
    lacking: Lacking,
    /// The number of files of apps and of the system among them, which no collection reads.
    missing_app_files: u64,
    /// Files whose checksum is not that of the phone, and how many there are.
    doubts: Lacking,
    doubtful: u64,
    /// Files whose checksum is right. If there are none, the meaning of the checksums in this backup is not known.
    confirmed: u64,
}

impl Backup {
    pub(super) fn new(store: Arc<Store>) -> Self {
        let about = &store.folder.about;
        Self {
            identity: Identity {
                make: "Apple".into(),
                model: about.model(),
                serial: about.serial.clone(),
                system: about.system_name(),
                approach: remarks::approach(&store.folder),
                is_backup: true,
            },
            rooms: BTreeMap::new(),
            files: ListedFiles::default(),
            library: None,
            lacking: lacking(),
            missing_app_files: 0,
            doubts: Lacking::of(phrase("files"), phrase("confirmed as intact")),
            doubtful: 0,
            confirmed: 0,
            store,
        }
    }

    fn room(&mut self, what: Collection) -> Option<&mut Box<dyn Room>> {
        if !self.rooms.contains_key(&what) {
            self.rooms.insert(what, room(what, self.store.clone())?);
        }
        self.rooms.get_mut(&what)
    }

    /// Lists the owner's files.
    fn list_files(&mut self, past: &Past) -> Result<Holding, HandsetError> {
        let mut library = Library::read(&self.store)?;
        let there = names_in(&self.store.folder.path);
        let (mut all, mut new, mut besides, mut lost) = (0_u64, 0_u64, 0_u64, 0_u64);
        let mut roll = 0_u64;
        let mut missing = lacking();
        let files = &mut self.files;
        files.forget();
        files.begin();
        let store = &self.store;
        let mut failed = None;
        let each = |entry: crate::format::iphone_backup::Entry| {
            let is_there = there.contains(&entry.id);
            let file = match library.owners(&store.index, &entry) {
                Ok(Some(file)) => file,
                Ok(None) => {
                    besides += u64::from(!is_there);
                    return;
                }
                Err(error) => {
                    failed = Some(error);
                    return;
                }
            };
            let size = match is_there {
                true => store.size(&entry),
                false => Err(NotThere::Missing),
            };
            match size {
                Ok(size) => {
                    let file = HandsetFile { size, ..file };
                    let is_medium = matches!(file.kind, FileKind::Photo | FileKind::Video);
                    roll += u64::from(is_medium && file.rank == FileRank::Own);
                    all += 1;
                    new += u64::from(!past.keys.contains(&file.key()));
                    files.add(file);
                }
                Err(none) => {
                    lost += 1;
                    missing.add(&path_of(&entry), none.why());
                }
            }
        };
        let listed = self.store.index.for_each(&mut { each });
        let failed = listed.err().or(failed);
        failed.map_or(Ok(()), |error| Err(no_index(&error)))?;
        self.files.end();
        library.compare(roll);
        self.library = Some(library);
        (self.lacking, self.missing_app_files) = (missing, besides);
        Ok(Holding {
            handset_says: Some(all + lost),
            rows: Some(all),
            changed: note_about_new_files(new, past).into_iter().collect(),
            ..Holding::default()
        })
    }
}

/// The error for a private database that can't be used.
pub(super) fn no_index(error: &rusqlite::Error) -> HandsetError {
    HandsetError::NoRoom {
        what: phrase!("the private copy of the backup's list can't be read: {error}"),
        advice: phrase("Check that this computer's disk has free space.").into(),
    }
}

fn lacking() -> Lacking {
    Lacking::of(phrase("files"), phrase("copied"))
}

/// The names of all files in the folder of a backup.
fn names_in(root: &Path) -> HashSet<FileId> {
    let mut names = HashSet::new();
    let mut folders = vec![(root.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        for entry in entries {
            let Some(name) = entry.file_name().to_str().map(str::to_owned) else {
                continue;
            };
            match super::manifest::id_of(&name) {
                Some(id) => {
                    names.insert(id);
                }
                None if depth < 2 && (name.len() == 2 || name == "Snapshot") => {
                    folders.push((entry.path(), depth + 1));
                }
                None => {}
            }
        }
    }
    names
}

impl Handset for Backup {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn collections(&mut self) -> Result<Vec<Collection>, HandsetError> {
        let all = Collection::ALL.into_iter();
        Ok(all
            .filter(|what| what.is_files() || self.room(*what).is_some())
            .collect())
    }

    fn survey(&mut self, what: Collection, past: &Past) -> Result<Holding, HandsetError> {
        if what.is_files() {
            return self.list_files(past);
        }
        // Each part of a rescue checks again.
        self.rooms.remove(&what);
        match self.room(what) {
            Some(room) => room.survey(past),
            None => Ok(Holding::default()),
        }
    }

    fn next_batch(
        &mut self,
        what: Collection,
        after: Option<&Bookmark>,
    ) -> Result<Option<Batch>, HandsetError> {
        if self.store.stop.is_stopped() {
            return Err(HandsetError::Stopped);
        }
        match self.rooms.get_mut(&what) {
            Some(room) => room.next_batch(after),
            None if what.is_files() => Ok(self.files.next_batch()),
            None => Ok(None),
        }
    }

    fn health(&mut self) -> Result<Health, HandsetError> {
        Ok(Health {
            warnings: remarks::warnings(&self.store),
            ..Health::default()
        })
    }

    fn fetch(
        &mut self,
        file: &HandsetFile,
        from: u64,
        sink: &mut dyn Write,
    ) -> Result<Option<HandsetFile>, HandsetError> {
        let Some((domain, path)) = place_of(&file.path) else {
            return Ok(None);
        };
        let entry = self.store.index.find(domain, path);
        let Some(entry) = entry.ok().flatten() else {
            return Ok(None);
        };
        let protocol = |what: String| HandsetError::Protocol {
            what,
            advice: phrase("Try another copy of the backup, if there is one.").into(),
        };
        let read = match self.store.read(&entry, from, sink) {
            Ok(read) => read,
            Err(none) => return Err(protocol(none.why().to_owned())),
        };
        match read {
            Ok(Checked::Same) => {
                self.confirmed += 1;
                Ok(Some(file.clone()))
            }
            Ok(Checked::Unknown) => Ok(Some(file.clone())),
            Ok(Checked::Other) => {
                self.doubtful += 1;
                let why = phrase("its checksum is not that which the phone noted in the backup");
                self.doubts.add(&file.path, why);
                Ok(Some(file.clone()))
            }
            Err(ReadError::Stopped) => Err(HandsetError::Stopped),
            Err(ReadError::Gap { length, why, .. }) => Err(HandsetError::Gap { length, what: why }),
            Err(ReadError::Closed(error)) => Err(protocol(error.to_string())),
            Err(ReadError::Sink(error)) => Err(HandsetError::Protocol {
                what: phrase!("the data could not be saved: {error}"),
                advice: phrase(
                    "Check that this computer's disk has free space and can be written to.",
                )
                .into(),
            }),
        }
    }

    fn findings(&mut self, what: Collection) -> Result<Findings, HandsetError> {
        if let Some(room) = self.rooms.get_mut(&what) {
            return room.findings();
        }
        let besides = (self.missing_app_files > 0).then(|| {
            phrase!(
                "The folder also lacks {} files of apps and of the system that the backup lists.",
                self.missing_app_files
            )
        });
        let (doubts, checksums) = match (self.doubtful, self.confirmed) {
            (0, 0) => (Vec::new(), None),
            (0, right) => (
                Vec::new(),
                Some(phrase!(
                    "{right} files have the checksum that the phone noted in the backup."
                )),
            ),
            (other, 0) => (
                Vec::new(),
                Some(phrase!(
                    "The checksums of {other} files in this backup are of a kind that Lifeboat does not know. Their sizes                      are right."
                )),
            ),
            (_, _) => (self.doubts.sentences(), None),
        };
        let missing = self.lacking.sentences().into_iter();
        let library = self.library.as_ref();
        let is_whole = remarks::is_whole(&self.store);
        let library = library.map_or(Vec::new(), |library| library.notes(is_whole));
        let doubled = self.store.index.doubled();
        let doubled = (doubled > 0).then(|| {
            phrase!(
                "The backup's list names {doubled} files by a path that another file has too. Only the first file of \
                 each path is read."
            )
        });
        Ok(Findings {
            missing: missing.chain(doubts).chain(doubled).collect(),
            notes: library
                .into_iter()
                .chain(besides)
                .chain(checksums)
                .collect(),
            ..Findings::default()
        })
    }

    fn not_covered(&mut self) -> Result<Vec<NotCovered>, HandsetError> {
        Ok(remarks::not_covered(&self.store, self.library.as_ref()))
    }

    fn asked(&mut self) -> Vec<Asked> {
        self.store.asked()
    }

    fn folder(&self) -> Option<&Path> {
        Some(&self.store.folder.path)
    }

    fn traces(&self) -> Vec<String> {
        vec![phrase("None: Lifeboat read a folder on this computer.").into()]
    }
}
