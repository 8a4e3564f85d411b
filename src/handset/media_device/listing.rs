//! Finds the owner's files on a media device: asks every folder for its objects, and each object for its description.

mod more;

use std::collections::{HashMap, HashSet, VecDeque};

use super::nature::Nature;
use super::{MediaDevice, Object, name_of, named, seconds};
use crate::handset::content::{EMPTY_PHONE_COLLECTIONS, kind_by_content};
use crate::handset::files_only::Listing;
use crate::handset::owner_files::{
    MAX_DEPTH, MAX_FILES, SHARED_STORAGE, below, is_of_program, kind_of, of_kind,
};
use crate::handset::{HandsetError, Lacking};
use crate::many::Fingerprints;
use crate::model::{FileKind, HandsetFile, HandsetPath, Remedy, size};
use crate::phrase;
use crate::protocol::mtp::{EVERYTHING, MtpError, ObjectInfo, ROOT, Shows, StorageInfo};

/// A folder of a storage.
#[derive(Debug, Clone)]
struct Folder {
    handle: u32,
    depth: usize,
    /// Its path in its storage.
    place: HandsetPath,
    /// The content of the folder is skipped.
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

/// A storage, and how its files are named.
struct Storage {
    id: u32,
    /// The beginning of its files' paths.
    path: HandsetPath,
    /// The beginning of the paths of the copies; empty for the device's own storage.
    relative: HandsetPath,
}

/// The state of a listing.
struct Walk<'a> {
    device: &'a mut MediaDevice,
    found: &'a mut dyn FnMut(HandsetFile),
    /// Number of files found.
    files: usize,
    listing: Listing,
    /// The last number that was given to one of several files with the same path.
    numbers: Fingerprints<u32>,
    /// The known folders of this storage.
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
            return Ok(self.locked());
        }
        let lacking = Lacking::of(phrase("folders"), phrase("fully listed"));
        let mut infos = Vec::new();
        for id in ids {
            match self.mtp.storage(id) {
                Ok(info) => infos.push((id, info)),
                Err(error) if is_fatal(&error) => return Err(error.into()),
                // Some devices can't describe the storages that they list.
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
        walk.listing.notes.extend(nearly_full(&infos));
        for storage in name_storages(infos, is_android) {
            walk.storage(&storage)?;
        }
        let (mut listing, shows_anything, is_open) =
            (walk.listing, walk.shows_anything, walk.is_open);
        if walk.without_zone {
            listing.notes.push(
                phrase(
                    "The device reports the times of its files without a time zone. Lifeboat used this computer's \
                     time zone.",
                )
                    .into(),
            );
        }
        listing.notes.extend(self.nature.notes());
        let lacks = listing.lacking.sentences();
        self.listed_in_part = !lacks.is_empty();
        let is_hidden = lacks.is_empty() && self.nature.always_shows_something();
        if !is_open {
            return Ok(self.locked());
        }
        if !shows_anything && is_hidden {
            return Ok(closed(self.nature.shows_nothing()));
        }
        Ok(listing)
    }
}

impl MediaDevice {
    /// The listing of a device that shows no storage.
    fn locked(&self) -> Listing {
        Listing {
            remedy: self.nature.is_lockable().then_some(Remedy::Unlock),
            ..closed(self.nature.shows_nothing())
        }
    }
}

fn closed(why: String) -> Listing {
    Listing {
        unreadable: Some(why),
        ..Listing::default()
    }
}

/// True if an object that is reported as a file may be a folder: its format and its name don't tell what it is, and it
/// is no larger than a folder can be.
fn may_be_folder(info: &ObjectInfo) -> bool {
    const MOST: u64 = 1 << 20;
    let name = name_of(info);
    let may_be = info.may_be_folder && kind_of(&name).is_none() && !is_of_program(&name);
    may_be && info.size.is_some_and(|size| (1..=MOST).contains(&size))
}

/// True for errors that end the whole listing.
fn is_fatal(error: &MtpError) -> bool {
    error.is_link_lost() || matches!(error, MtpError::Stopped)
}

/// Gives each storage a unique name. Copies from the first built-in storage, or from the only storage, need no folder
/// with its name.
/// A storage with less free space than this, in bytes, and less than a tenth, is nearly full. Such a phone can't make a
/// backup or an update.
const FULL: u64 = 1_000_000_000;

/// Returns a sentence about the device's own storage if it is nearly full.
fn nearly_full(infos: &[(u32, StorageInfo)]) -> Option<String> {
    let own = infos.iter().filter(|(_, info)| !info.is_removable);
    let (free, all) = own.filter_map(|(_, info)| info.room).min()?;
    (free < FULL && free < all / 10).then(|| {
        phrase!(
            "The storage is nearly full: {} of {} is free. What needs room on it, such as an update, can fail.",
            size(free),
            size(all)
        )
    })
}

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

    /// Returns the handles of the objects in a folder; `None` if it can't be listed.
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
        // Some devices can't list the root, but can list all objects.
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
            // An object whose parent is not known yet is placed after all other objects of this folder.
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

    /// Returns the description of an object; `None` if the object was seen before, or can't be described and is
    /// reported as such.
    fn info(
        &mut self,
        storage: &Storage,
        found_in: &HandsetPath,
        handle: u32,
    ) -> Result<Option<ObjectInfo>, HandsetError> {
        // A folder that lies in one of its own subfolders, or a device that returns all objects for each folder.
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
                // An object that has been deleted meanwhile is not missing.
                if !error.is_no_such_object() {
                    let place = below(found_in, format!("object {handle:08x}").as_bytes());
                    self.lack(storage, &place, &error.to_string());
                }
                Ok(None)
            }
        }
    }

    /// Puts each object into its parent folder, if that folder is known or among the objects, else where it was found.
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
                // Folders that are each other's parents.
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
            self.lack(
                storage,
                &place,
                phrase("the device has more files than Lifeboat can list"),
            );
            return Ok(());
        }
        let Some(size) = info.size else {
            let why =
                phrase("the file is larger than 4 GiB, and the device does not report its size");
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

    /// Returns the kind of a file and the extension that its copy should get. The kind is known by the name, else by
    /// the format, else, on devices that show only pictures, by the first bytes. `None` if the file is not copied.
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
        // iOS 27 has given pictures and videos the extension `.AAE`, which belongs to notes on edits.
        let size = info.size.unwrap_or_default();
        let begin = match self
            .device
            .mtp
            .beginning(handle, size, EMPTY_PHONE_COLLECTIONS)
        {
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
            self.lack(storage, &place, phrase("the folder is nested too deeply"));
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

    /// Returns a path that no other file has: devices may give the same name to two objects in a folder.
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

/// True unless the parent of an object is another folder than the one in which the object was found.
fn lies_in(info: &ObjectInfo, handle: u32, folder: &Folder) -> bool {
    info.parent == folder.handle || info.parent == handle
}

fn joined(folder: &HandsetPath, place: &HandsetPath) -> HandsetPath {
    match place.0.is_empty() {
        true => folder.clone(),
        false => below(folder, &place.0),
    }
}

/// True for folders that apps keep for themselves. They are skipped on every approach to a phone.
fn is_apps_own(place: &HandsetPath) -> bool {
    matches!(place.0.as_slice(), b"Android/data" | b"Android/obb")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_full_phone_is_told() {
        let storage = |room, is_removable| {
            let info = StorageInfo {
                room,
                is_removable,
                ..StorageInfo::default()
            };
            (1, info)
        };
        let (free, all) = (90_000_000, 64_000_000_000);
        let told = nearly_full(&[storage(Some((free, all)), false)]);
        assert!(told.is_some_and(|told| told.contains("90.0 MB of 64.0 GB")));
        for infos in [
            vec![],
            vec![storage(None, false)],
            vec![storage(Some((free, all)), true)],
            vec![storage(Some((all / 2, all)), false)],
            // A small storage, half empty.
            vec![storage(Some((free, 2 * free)), false)],
        ] {
            assert_eq!(nearly_full(&infos), None);
        }
    }
}
