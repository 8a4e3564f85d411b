//! The storages, folders and files of a practice media device.

use std::collections::{BTreeMap, HashMap};

use super::settings::{Model, Settings};
use crate::practice::{OwnerAction, OwnersFile, pictures};

/// Storages of phones, with Android's own numbers.
pub const INTERNAL: u32 = 0x0001_0001;
pub const CARD: u32 = 0x0002_0001;

/// Parent of an object that lies in no folder.
const NO_PARENT: u32 = 0;

/// Contents of an object.
#[derive(Debug, Clone)]
pub enum Content {
    Folder,
    Photo(u32),
    /// A film of this number of bytes.
    Movie(u64),
    Bytes(Vec<u8>),
}

/// A file or a folder.
#[derive(Debug, Clone)]
pub struct Object {
    pub storage: u32,
    pub parent: u32,
    pub name: String,
    /// Seconds since 1970.
    pub modified: u32,
    pub content: Content,
}

/// Objects by handle.
pub struct Store {
    pub objects: BTreeMap<u32, Object>,
    /// Folders by storage and path.
    folders: HashMap<(u32, String), u32>,
    /// A folder that is also listed inside one of its subfolders.
    ring: Option<(u32, u32)>,
    /// Handles of the camera's photos, by number.
    pub photos: Vec<u32>,
    /// Earlier versions of files that were changed or deleted, with their paths.
    pub former: Vec<(String, Object)>,
    /// The memory card was removed.
    pub is_card_out: bool,
}

/// Photos outside the camera's folder, by storage and path.
const MORE_PHOTOS: [(u32, &str, u32); 6] = [
    (CARD, "DCIM/100ANDRO/DSC_0001.jpg", 1001),
    (
        INTERNAL,
        "Android/media/com.whatsapp/WhatsApp/Media/WhatsApp Images/IMG-20240229-WA0000.jpg",
        0,
    ),
    (INTERNAL, "Pictures/東京 旅行/写真 1.jpg", 1002),
    (
        INTERNAL,
        "DCIM/Camera/.trashed-1712000000-20240301_101010.jpg",
        1003,
    ),
    (INTERNAL, "DCIM/.thumbnails/1000000001.jpg", 1004),
    (INTERNAL, "Pictures/Ελλάδα/מזכרת 😀.jpg", 1005),
];
/// Lists that the owner exported, in the form of old phones.
const EXPORTED: [(&str, &[u8]); 2] = [
    (
        "Download/contacts.vcf",
        b"BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;Anna;;;\r\n\
          TEL;CELL:+49 151 0000001\r\nEND:VCARD\r\n",
    ),
    (
        "Download/old calendar.vcs",
        b"BEGIN:VCALENDAR\r\nVERSION:1.0\r\nBEGIN:VEVENT\r\nDTSTART:20091003T090000Z\r\n\
          DTEND:20091003T100000Z\r\nSUMMARY:Servers down\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    ),
];

impl Store {
    pub fn new(settings: &Settings) -> Self {
        let mut store = Self {
            objects: BTreeMap::new(),
            folders: HashMap::new(),
            ring: None,
            photos: Vec::new(),
            former: Vec::new(),
            is_card_out: false,
        };
        let camera = match settings.model {
            Model::Android | Model::Responder | Model::Player => "DCIM/Camera",
            Model::Camera => "DCIM/100CANON",
            Model::OldPhone => "Images/200910",
            Model::Watch => "GARMIN/Pictures",
            Model::IPhone => "DCIM/100APPLE",
        };
        for number in 0..settings.photos {
            let name = match settings.model {
                Model::Android | Model::Responder | Model::Player => pictures::name(number),
                Model::Camera | Model::IPhone | Model::OldPhone | Model::Watch => {
                    format!("IMG_{:04}.JPG", number + 1)
                }
            };
            let path = format!("{camera}/{name}");
            let handle = store.add(
                INTERNAL,
                &path,
                pictures::taken(number),
                Content::Photo(number),
            );
            store.photos.push(handle);
        }
        if let Some(size) = settings.movie {
            let path = format!("{camera}/MVI_0001.mp4");
            store.add(INTERNAL, &path, pictures::DATE, Content::Movie(size));
        }
        for number in 0..settings.many {
            let folder = match number.checked_div(settings.many_in_one) {
                Some(folder) => format!("many {folder:03}"),
                None => "many".to_owned(),
            };
            let path = format!("Pictures/{folder}/{number:05}.jpg");
            let bytes = format!("\u{0}{number}").into_bytes();
            store.add(
                INTERNAL,
                &path,
                pictures::taken(number),
                Content::Bytes(bytes),
            );
        }
        if settings.more_files {
            for (storage, path, number) in MORE_PHOTOS {
                store.add(
                    storage,
                    path,
                    pictures::taken(number),
                    Content::Photo(number),
                );
            }
            for (path, text) in EXPORTED {
                store.add(
                    INTERNAL,
                    path,
                    pictures::DATE,
                    Content::Bytes(text.to_vec()),
                );
            }
            let recording = Content::Movie(30_000);
            store.add(
                INTERNAL,
                "Recordings/Voice 001.m4a",
                pictures::DATE,
                recording,
            );
            let others = Content::Bytes(b"no picture".to_vec());
            store.add(INTERNAL, "Download/app.apk", pictures::DATE, others);
            let private = Content::Photo(9);
            store.add(
                INTERNAL,
                "Android/data/com.example/1.jpg",
                pictures::DATE,
                private,
            );
        }
        for file in &settings.owned {
            store.put(file);
        }
        if settings.model == Model::Android {
            store.folder(INTERNAL, "Android");
        }
        if settings.ring {
            let (outer, inner) = (
                store.folder(INTERNAL, "Ring"),
                store.folder(INTERNAL, "Ring/Round"),
            );
            store.ring = Some((outer, inner));
            store.add(
                INTERNAL,
                "Ring/Round/1.jpg",
                pictures::DATE,
                Content::Photo(77),
            );
        }
        store
    }

    /// Returns the folder with this path, and creates it if it is missing.
    fn folder(&mut self, storage: u32, path: &str) -> u32 {
        let key = (storage, path.to_owned());
        if let Some(handle) = self.folders.get(&key) {
            return *handle;
        }
        let (above, name) = match path.rsplit_once('/') {
            Some((above, name)) => (self.folder(storage, above), name),
            None => (NO_PARENT, path),
        };
        let handle = self.insert(Object {
            storage,
            parent: above,
            name: name.to_owned(),
            modified: pictures::DATE,
            content: Content::Folder,
        });
        self.folders.insert(key, handle);
        handle
    }

    fn add(&mut self, storage: u32, path: &str, modified: u32, content: Content) -> u32 {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let parent = match folder {
            "" => NO_PARENT,
            folder => self.folder(storage, folder),
        };
        self.insert(Object {
            storage,
            parent,
            name: name.to_owned(),
            modified,
            content,
        })
    }

    fn insert(&mut self, object: Object) -> u32 {
        let handle = self
            .objects
            .last_key_value()
            .map_or(1, |(last, _)| last + 1);
        self.objects.insert(handle, object);
        handle
    }

    fn put(&mut self, file: &OwnersFile) -> u32 {
        let (storage, path) = placed(&file.path);
        self.add(
            storage,
            path,
            file.modified,
            Content::Bytes(file.bytes.clone()),
        )
    }

    /// Applies a change to the device.
    pub fn apply(&mut self, action: &OwnerAction) {
        let (OwnerAction::Deletes(path) | OwnerAction::Writes(OwnersFile { path, .. })) = action
        else {
            return self.take_card();
        };
        let known = self.find(path);
        if let Some(former) = known.and_then(|handle| self.objects.get(&handle)) {
            self.former.push((path.clone(), former.clone()));
        }
        match (action, known) {
            (OwnerAction::Writes(file), Some(handle)) => {
                if let Some(object) = self.objects.get_mut(&handle) {
                    object.modified = file.modified;
                    object.content = Content::Bytes(file.bytes.clone());
                }
            }
            (OwnerAction::Writes(file), None) => {
                self.put(file);
            }
            (OwnerAction::Deletes(_), Some(handle)) => {
                self.objects.remove(&handle);
            }
            (OwnerAction::Deletes(_), None) | (OwnerAction::TakesCard, _) => {}
        }
    }

    fn take_card(&mut self) {
        let files = self.files().filter(|(_, object)| object.storage == CARD);
        let mut gone: Vec<_> = files.map(|(path, object)| (path, object.clone())).collect();
        self.former.append(&mut gone);
        self.objects.retain(|_, object| object.storage != CARD);
        self.folders.retain(|(storage, _), _| *storage != CARD);
        self.is_card_out = true;
    }

    fn find(&self, path: &str) -> Option<u32> {
        let mut handles = self.objects.keys().copied();
        handles.find(|handle| self.path_of(*handle).as_deref() == Some(path))
    }

    /// Path of a file or folder, in the form of [`OwnersFile::path`]; `None`: there is no such object.
    pub fn path_of(&self, handle: u32) -> Option<String> {
        let object = self.objects.get(&handle)?;
        let mut path = object.name.clone();
        let mut above = object.parent;
        while let Some(folder) = self.objects.get(&above) {
            path = format!("{}/{path}", folder.name);
            above = folder.parent;
        }
        if object.storage == CARD {
            path = format!("{ON_CARD}{path}");
        }
        Some(path)
    }

    /// Renumbers all objects in reverse order.
    pub fn renumber(&mut self) {
        let most = self.objects.last_key_value().map_or(0, |(last, _)| *last);
        let other = |handle: &mut u32| {
            if *handle != NO_PARENT {
                *handle = most + 1 - *handle;
            }
        };
        for (mut handle, mut object) in std::mem::take(&mut self.objects) {
            other(&mut handle);
            other(&mut object.parent);
            self.objects.insert(handle, object);
        }
        self.folders.values_mut().for_each(other);
        self.photos.iter_mut().for_each(other);
        if let Some((outer, inner)) = &mut self.ring {
            other(outer);
            other(inner);
        }
    }

    /// Handle of the folder with the camera's photos.
    pub fn camera(&self) -> Option<u32> {
        let photo = self.objects.get(self.photos.first()?)?;
        Some(photo.parent)
    }

    /// Objects in a folder, or in the root of a storage; all objects of the storage if `flat`.
    pub fn listed(&self, storage: u32, folder: u32, flat: bool) -> Vec<u32> {
        let lies = |object: &Object| object.storage == storage && (flat || object.parent == folder);
        let mut handles: Vec<u32> = self
            .objects
            .iter()
            .filter(|(_, object)| lies(object))
            .map(|(handle, _)| *handle)
            .collect();
        handles.extend(
            self.ring
                .filter(|(_, inner)| *inner == folder)
                .map(|(outer, _)| outer),
        );
        handles
    }

    /// Every file with its path. Paths on the card begin with `card/`.
    pub fn files(&self) -> impl Iterator<Item = (String, &Object)> {
        let files = self
            .objects
            .iter()
            .filter(|(_, object)| !matches!(object.content, Content::Folder));
        files.filter_map(|(handle, file)| Some((self.path_of(*handle)?, file)))
    }
}

/// Prefix of paths on the memory card.
const ON_CARD: &str = "card/";

/// Splits a path into its storage and the path in that storage.
fn placed(path: &str) -> (u32, &str) {
    match path.strip_prefix(ON_CARD) {
        Some(path) => (CARD, path),
        None => (INTERNAL, path),
    }
}

impl Object {
    /// Size in bytes. The contents depend on the owner's seed.
    pub fn size(&self, seed: u64) -> u64 {
        match &self.content {
            Content::Folder => 0,
            Content::Photo(number) => pictures::size(seed, *number),
            Content::Movie(size) => *size,
            Content::Bytes(bytes) => bytes.len() as u64,
        }
    }

    /// All bytes of the object.
    pub fn bytes(&self, seed: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        let all = self.read(seed, 0, self.size(seed), |piece| {
            bytes.extend_from_slice(piece);
            Ok::<(), std::convert::Infallible>(())
        });
        let Ok(()) = all;
        bytes
    }

    /// Passes the bytes `from..to` of a file to `take`, in pieces, until `take` fails.
    pub fn read<E>(
        &self,
        seed: u64,
        from: u64,
        to: u64,
        mut take: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut cut = |start: u64, bytes: &[u8]| {
            let place = |at: u64| usize::try_from(at.saturating_sub(start)).unwrap_or(usize::MAX);
            let (from, to) = (place(from), place(to).min(bytes.len()));
            bytes
                .get(from..to)
                .filter(|piece| !piece.is_empty())
                .map_or(Ok(()), &mut take)
        };
        match &self.content {
            Content::Folder => Ok(()),
            Content::Photo(number) => cut(0, &pictures::photo(seed, *number)),
            Content::Bytes(bytes) => cut(0, bytes),
            Content::Movie(size) => {
                let block = pictures::BLOCK as u64;
                let first = from / block;
                let blocks = pictures::movie_from(seed, *size, first);
                for (number, bytes) in (first..to.div_ceil(block)).zip(blocks) {
                    cut(number * block, &bytes)?;
                }
                Ok(())
            }
        }
    }
}
