//! Which of a device's objects are the owner's files: every folder is asked for its objects, and each object for what
//! it is.

mod more;

use std::collections::{HashMap, HashSet, VecDeque};

use super::nature::Nature;
use super::{MediaDevice, Object, name_of, named, seconds};
use crate::handset::content::{LOOKED_AT, kind_by_content};
use crate::handset::files_only::Listing;
use crate::handset::owner_files::{
    MAX_DEPTH, MAX_FILES, SHARED_STORAGE, below, is_of_program, kind_of, of_kind,
};
use crate::handset::{HandsetError, Lacking};
use crate::many::Fingerprints;
use crate::model::{FileKind, HandsetFile, HandsetPath};
use crate::protocol::mtp::{EVERYTHING, MtpError, ObjectInfo, ROOT, Shows, StorageInfo};

/// A folder of a storage.
#[derive(Debug, Clone)]
struct Folder {
    handle: u32,
    depth: usize,
    /// In its storage.
    place: HandsetPath,
    /// What lies in it is not looked at.
    is_closed: bool,
}

impl Folder {
    fn root() -> Self {
        Self {
            handle: ROOT,
            depth: 0,
            place: HandsetPath::default(),
            is_closed: false,
        }
    }
}

/// A storage, as its files are named after it.
struct Storage {
    id: u32,
    /// How the paths of its files begin.
    path: HandsetPath,
    /// How the paths of their copies begin; empty for the device's own.
    relative: HandsetPath,
}

/// What has been listed so far.
struct Walk<'a> {
    device: &'a mut MediaDevice,
    found: &'a mut dyn FnMut(HandsetFile),
    /// So many were found.
    files: usize,
    listing: Listing,
    /// The last number that was given to one of several files of one path.
    numbers: Fingerprints<u32>,
    /// Folders of this storage that are known.
    folders: HashMap<u32, Folder>,
    waiting: VecDeque<Folder>,
    seen: HashSet<u32>,
    shows_anything: bool,
    /// The root of a storage could be listed.
    is_open: bool,
    without_zone: bool,
}

impl MediaDevice {
    /// Lists the owner's files on all storages.
    pub(super) fn list_all(
        &mut self,
        found: &mut dyn FnMut(HandsetFile),
    ) -> Result<Listing, HandsetError> {
        self.objects = Fingerprints::default();
        let ids = self.storages_in_time()?;
        if ids.is_empty() {
            return Ok(closed(self.nature.shows_nothing()));
        }
        let lacking = Lacking::of("folders", "looked at");
        let mut infos = Vec::new();
        for id in ids {
            match self.mtp.storage(id) {
                Ok(info) => infos.push((id, info)),
                Err(error) if is_fatal(&error) => return Err(error.into()),
                // Some can't describe what they list.
                Err(_) => infos.push((id, StorageInfo::default())),
            }
        }
        let mut walk = Walk {
            device: self,
            found,
            files: 0,
            numbers: Fingerprints::default(),
            listing: Listing {
                lacking,
                ..Listing::default()
            },
            folders: HashMap::new(),
            waiting: VecDeque::new(),
            seen: HashSet::new(),
            shows_anything: false,
            is_open: false,
            without_zone: false,
        };
        let is_android = walk.device.nature == Nature::Android;
        for storage in name_storages(infos, is_android) {
            walk.storage(&storage)?;
        }
        let (mut listing, shows_anything, is_open) =
            (walk.listing, walk.shows_anything, walk.is_open);
        if walk.without_zone {
            listing.notes.push(
                "The device tells its files' times without a time zone: they were taken for this computer's time."
                    .into(),
            );
        }
        listing.notes.extend(self.nature.notes());
        let lacks = listing.lacking.sentences();
        self.listed_in_part = !lacks.is_empty();
        let is_hidden = lacks.is_empty() && self.nature.always_shows_something();
        if !is_open || (!shows_anything && is_hidden) {
            return Ok(closed(self.nature.shows_nothing()));
        }
        Ok(listing)
    }
}

fn closed(why: String) -> Listing {
    Listing {
        unreadable: Some(why),
        ..Listing::default()
    }
}

/// Whether an object that is called a file may be a folder: its format and its name don't tell what it is, and it is as
/// large as folders are.
fn may_be_folder(info: &ObjectInfo) -> bool {
    const MOST: u64 = 1 << 20;
    let name = name_of(info);
    let may_be = info.may_be_folder && kind_of(&name).is_none() && !is_of_program(&name);
    may_be && info.size.is_some_and(|size| (1..=MOST).contains(&size))
}

/// What ends the whole listing.
fn is_fatal(error: &MtpError) -> bool {
    error.is_link_lost() || matches!(error, MtpError::Stopped)
}

/// Names for storages, each its own. Copies from the first one that is built in, or from the only one, need no folder
/// of its name.
fn name_storages(infos: Vec<(u32, StorageInfo)>, is_android: bool) -> Vec<Storage> {
    let only = infos.len() == 1;
    let own = infos.iter().position(|(_, info)| !info.is_removable);
    let mut taken = HashSet::new();
    let mut storages = Vec::new();
    for (place, (id, info)) in infos.into_iter().enumerate() {
        let said = [info.description, info.volume]
            .into_iter()
            .find(|text| !text.is_empty());
        let said = said.unwrap_or_else(|| "storage".into());
        let mut name = named(&said);
        let mut number = 2;
        while !taken.insert(name.clone()) {
            name = named(&format!("{said} {number}"));
            number += 1;
        }
        storages.push(Storage {
            id,
            path: match is_android && own == Some(place) {
                true => HandsetPath(SHARED_STORAGE.into()),
                false => HandsetPath(Vec::new()).join(&name),
            },
            relative: match only || own == Some(place) {
                true => HandsetPath::default(),
                false => HandsetPath(name),
            },
        });
    }
    storages
}

impl Walk<'_> {
    fn storage(&mut self, storage: &Storage) -> Result<(), HandsetError> {
        self.folders.clear();
        self.seen.clear();
        let root = Folder::root();
        self.waiting.push_back(root.clone());
        self.walk(storage)?;
        self.look_for_more(storage, &root)
    }

    fn walk(&mut self, storage: &Storage) -> Result<(), HandsetError> {
        while let Some(folder) = self.waiting.pop_front() {
            if let Some(handles) = self.handles(storage, &folder)? {
                self.is_open |= folder.handle == ROOT;
                self.objects(storage, &folder, handles)?;
            }
        }
        Ok(())
    }

    /// What lies in a folder; `None`: it can't be listed.
    fn handles(
        &mut self,
        storage: &Storage,
        folder: &Folder,
    ) -> Result<Option<Vec<u32>>, HandsetError> {
        let is_root = folder.handle == ROOT;
        let mut handles = self.device.mtp.handles(storage.id, folder.handle);
        let shows_nothing = match &handles {
            Ok(handles) => handles.is_empty(),
            Err(error) => matches!(error, MtpError::Refused { .. }) && !is_fatal(error),
        };
        // Some devices know no root, only all that there is.
        if is_root && shows_nothing {
            let all = self.device.mtp.handles(storage.id, EVERYTHING);
            if all.is_ok() || handles.is_err() {
                handles = all;
            }
        }
        match handles {
            Ok(handles) => Ok(Some(handles)),
            Err(error) if is_fatal(&error) => Err(error.into()),
            Err(error) => {
                let error = self.device.refusal(storage.id, error)?;
                let path = joined(&storage.path, &folder.place);
                self.listing.lacking.add(&path, &error.to_string());
                Ok(None)
            }
        }
    }

    fn objects(
        &mut self,
        storage: &Storage,
        folder: &Folder,
        handles: Vec<u32>,
    ) -> Result<(), HandsetError> {
        let mut later = Vec::new();
        for handle in handles {
            let Some(info) = self.info(storage, &folder.place, handle)? else {
                continue;
            };
            self.shows_anything = true;
            // Where it lies that says otherwise is known when all others are.
            match self.folders.get(&info.parent) {
                _ if lies_in(&info, handle, folder) => {
                    self.object(storage, folder, handle, info)?
                }
                Some(home) => {
                    let home = home.clone();
                    self.object(storage, &home, handle, info)?;
                }
                None => later.push((handle, info)),
            }
        }
        self.place(storage, folder, later)
    }

    /// What an object is; `None` for one that was looked at before, and for one that can't be told, which is named.
    fn info(
        &mut self,
        storage: &Storage,
        found_in: &HandsetPath,
        handle: u32,
    ) -> Result<Option<ObjectInfo>, HandsetError> {
        // A folder that lies in one of its own, or a device that gives all objects for each folder.
        if !self.seen.insert(handle) {
            return Ok(None);
        }
        match self.device.mtp.object(handle) {
            Ok(mut info) => {
                info.is_folder |= may_be_folder(&info) && self.is_folder(storage, handle)?;
                Ok(Some(info))
            }
            Err(error) if is_fatal(&error) => Err(error.into()),
            Err(error) => {
                let error = self.device.refusal(storage.id, error)?;
                // One that is gone by now was none to copy.
                if !error.is_no_such_object() {
                    let place = below(found_in, format!("object {handle:08x}").as_bytes());
                    self.lack(storage, &place, &error.to_string());
                }
                Ok(None)
            }
        }
    }

    /// Puts objects where they say they lie, if that folder is known or among them, else where they were found.
    fn place(
        &mut self,
        storage: &Storage,
        found_in: &Folder,
        mut objects: Vec<(u32, ObjectInfo)>,
    ) -> Result<(), HandsetError> {
        loop {
            let unplaced: HashSet<u32> = objects
                .iter()
                .filter(|(_, info)| info.is_folder)
                .map(|(handle, _)| *handle)
                .collect();
            let all = objects.len();
            let mut later = Vec::new();
            for (handle, info) in objects {
                let claims_another = !lies_in(&info, handle, found_in);
                if claims_another && !unplaced.contains(&info.parent) {
                    self.turn_into_folder(storage, info.parent)?;
                }
                match self.folders.get(&info.parent) {
                    Some(folder) if claims_another => {
                        let folder = folder.clone();
                        self.object(storage, &folder, handle, info)?;
                    }
                    None if claims_another && unplaced.contains(&info.parent) => {
                        later.push((handle, info));
                    }
                    Some(_) | None => self.object(storage, found_in, handle, info)?,
                }
            }
            if later.is_empty() {
                return Ok(());
            }
            if later.len() == all {
                // Folders that lie in each other.
                for (handle, info) in later {
                    self.object(storage, found_in, handle, info)?;
                }
                return Ok(());
            }
            objects = later;
        }
    }

    fn object(
        &mut self,
        storage: &Storage,
        folder: &Folder,
        handle: u32,
        info: ObjectInfo,
    ) -> Result<(), HandsetError> {
        let place = below(&folder.place, &name_of(&info));
        if info.is_folder {
            self.folder(storage, folder, handle, place);
            return Ok(());
        }
        if folder.is_closed {
            return Ok(());
        }
        let Some((kind, ending)) = self.kind(handle, &place, &info)? else {
            return Ok(());
        };
        if self.files >= MAX_FILES {
            self.lack(storage, &place, "there are too many files");
            return Ok(());
        }
        let Some(size) = info.size else {
            let why = "it is larger than 4 GiB, and the device does not tell how large";
            self.lack(storage, &place, why);
            return Ok(());
        };
        let (modified, with_zone) = seconds(&info);
        self.without_zone |= !with_zone;
        let mut relative = joined(&storage.relative, &place);
        if let Some(ending) = ending {
            relative.0.extend(format!(".{ending}").bytes());
        }
        let file = HandsetFile {
            path: self.free_path(joined(&storage.path, &place)),
            relative,
            size,
            exact: true,
            modified,
            ..HandsetFile::default()
        };
        let object = Object {
            storage: storage.id,
            handle,
        };
        self.device.objects.insert(&file.path, object);
        self.files += 1;
        (self.found)(of_kind(file, kind));
        Ok(())
    }

    /// What a file holds, by its name, else by its format, else, where all files are pictures, by its first bytes; and the
    /// ending that its name should have. `None`: nothing that is copied.
    fn kind(
        &mut self,
        handle: u32,
        place: &HandsetPath,
        info: &ObjectInfo,
    ) -> Result<Option<(FileKind, Option<&'static str>)>, HandsetError> {
        let by_format = info.shows.map(|shows| match shows {
            Shows::Picture => FileKind::Photo,
            Shows::Film => FileKind::Video,
            Shows::Sound => FileKind::Sound,
        });
        if let Some(kind) = kind_of(&place.0).or(by_format) {
            return Ok(Some((kind, None)));
        }
        if !self.device.nature.shows_pictures_alone() {
            return Ok(None);
        }
        // iOS 27 has called pictures and films `.AAE`, as the notes on how they were edited.
        let size = info.size.unwrap_or_default();
        let begin = match self.device.mtp.beginning(handle, size, LOOKED_AT) {
            Ok(begin) => begin.unwrap_or_default(),
            Err(error) if is_fatal(&error) => return Err(error.into()),
            Err(_) => Vec::new(),
        };
        let by_content = kind_by_content(&begin).map(|(kind, ending)| (kind, Some(ending)));
        Ok(Some(by_content.unwrap_or((FileKind::Document, None))))
    }

    fn folder(&mut self, storage: &Storage, above: &Folder, handle: u32, place: HandsetPath) {
        let depth = above.depth + 1;
        let is_too_deep = depth > MAX_DEPTH && !above.is_closed;
        if is_too_deep {
            self.lack(storage, &place, "it lies too deep");
        }
        let folder = Folder {
            handle,
            depth,
            is_closed: above.is_closed || is_too_deep || is_apps_own(&place),
            place,
        };
        if !folder.is_closed {
            self.waiting.push_back(folder.clone());
        }
        self.folders.insert(handle, folder);
    }

    /// A path that no other file has: devices may give two objects of a folder one name.
    fn free_path(&mut self, path: HandsetPath) -> HandsetPath {
        let is_taken = |path: &HandsetPath| self.device.objects.contains(path);
        if !is_taken(&path) {
            return path;
        }
        let at = path.0.iter().rposition(|byte| *byte == b'/');
        let (folder, name) = path.0.split_at(at.map_or(0, |at| at + 1));
        let numbered =
            |number: &u32| HandsetPath([folder, format!("({number})/").as_bytes(), name].concat());
        let last = self.numbers.get(&path).unwrap_or(1);
        let free = (last + 1..).find(|number| !is_taken(&numbered(number)));
        let number = free.unwrap_or_default();
        self.numbers.insert(&path, number);
        numbered(&number)
    }

    fn lack(&mut self, storage: &Storage, place: &HandsetPath, why: &str) {
        self.listing.lacking.add(&joined(&storage.path, place), why);
    }
}

/// True unless an object says that it lies in another folder than the one that it was found in.
fn lies_in(info: &ObjectInfo, handle: u32, folder: &Folder) -> bool {
    info.parent == folder.handle || info.parent == handle
}

fn joined(folder: &HandsetPath, place: &HandsetPath) -> HandsetPath {
    match place.0.is_empty() {
        true => folder.clone(),
        false => below(folder, &place.0),
    }
}

/// Folders that apps keep for themselves, as on every approach to a phone.
fn is_apps_own(place: &HandsetPath) -> bool {
    matches!(place.0.as_slice(), b"Android/data" | b"Android/obb")
}
