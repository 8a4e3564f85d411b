//! The virtual files of the handset: the shared storage with its photos, and `/proc/version`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::power::{Phase, Power};
use super::settings::{FileTrouble, Settings};
use crate::practice::owned::Scheduled;
use crate::practice::pictures::{self, DATE};
use crate::practice::{OwnerAction, OwnersFile};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Folder,
}

/// File information for `stat`.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Last part of the path.
    pub name: String,
    pub kind: Kind,
    pub size: u64,
    /// Seconds since 1970.
    pub modified: u32,
}

impl Entry {
    /// Type and permissions, as in `st_mode`.
    pub fn mode(&self) -> u32 {
        match self.kind {
            Kind::File => 0o100_660,
            Kind::Folder => 0o040_771,
        }
    }
}

enum Content {
    Folder,
    Text(Vec<u8>),
    Photo(u32),
    /// A film of this number of bytes.
    Movie(u64),
    /// Bytes, and the time of the last change.
    Owned(Vec<u8>, u32),
}

pub(super) struct Files {
    state: Mutex<State>,
    troubles: Vec<(String, FileTrouble)>,
    /// Links to the memory card, with their targets.
    links: Vec<(String, String)>,
    /// The storage of cloned apps can't be opened.
    hides_clones: bool,
    seed: u64,
    power: Arc<Power>,
}

/// The mutable state.
struct State {
    /// Mount point of the memory card.
    card: String,
    tree: BTreeMap<String, Content>,
    actions: Scheduled,
}

/// Absolute path for a path of [`OwnersFile`], with the card mounted at `card`.
fn placed(card: &str, path: &str) -> String {
    match path.strip_prefix("card/") {
        Some(path) => format!("{card}/{path}"),
        None => format!("/storage/emulated/0/{path}"),
    }
}

impl State {
    fn apply(&mut self, action: OwnerAction) {
        match action {
            OwnerAction::Writes(file) => self.write(file),
            OwnerAction::Deletes(path) => drop(self.tree.remove(&placed(&self.card, &path))),
            OwnerAction::TakesCard => self.tree.retain(|path, _| !path.starts_with(&self.card)),
        }
    }

    fn write(&mut self, file: OwnersFile) {
        let path = placed(&self.card, &file.path);
        for (place, _) in path.match_indices('/').filter(|(place, _)| *place > 0) {
            let folder = path.get(..place).unwrap_or_default().to_owned();
            self.tree.entry(folder).or_insert(Content::Folder);
        }
        let content = Content::Owned(file.bytes, file.modified);
        self.tree.insert(path, content);
    }
}

/// A photo as the media provider lists it.
pub(super) struct Photo {
    pub name: String,
    pub path: String,
    pub size: u64,
    pub modified: u32,
}

/// Photos outside the camera's folder: on a memory card, from a messenger, with a name in another script, a deleted
/// one, and a thumbnail made by a gallery app.
const MORE_PHOTOS: [(&str, u32); 5] = [
    ("card/DCIM/100ANDRO/DSC_0001.jpg", 1001),
    (
        "/storage/emulated/0/Android/media/com.whatsapp/WhatsApp/Media/WhatsApp Images/IMG-20240229-WA0000.jpg",
        0,
    ),
    ("/storage/emulated/0/Pictures/東京 旅行/写真 1.jpg", 1002),
    (
        "/storage/emulated/0/DCIM/Camera/.trashed-1712000000-20240301_101010.jpg",
        1003,
    ),
    ("/storage/emulated/0/DCIM/.thumbnails/1000000001.jpg", 1004),
];
/// Lists that the owner exported: cards in the form of an old phone (vCard 2.1), and an event (vCalendar 1.0).
const EXPORTED: [(&str, &[u8]); 2] = [
    (
        "/storage/emulated/0/Download/contacts.vcf",
        b"BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;Anna;;;\r\n\
          TEL;CELL:+49 151 0000001\r\nEND:VCARD\r\n",
    ),
    (
        "/storage/emulated/0/Download/old calendar.vcs",
        b"BEGIN:VCALENDAR\r\nVERSION:1.0\r\nBEGIN:VEVENT\r\nDTSTART:20091003T090000Z\r\n\
          DTEND:20091003T100000Z\r\nSUMMARY:Servers down\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    ),
];
const RECORDING: &str = "/storage/emulated/0/Recordings/Voice 001.m4a";

/// The camera's folder of cloned apps.
const CLONES: &str = "/storage/emulated/999/DCIM/Camera";
/// The first photo of cloned apps.
const FIRST_OF_CLONES: u32 = 50_000;

const MOVIE: &str = "/storage/emulated/0/Movies/practice.mp4";
const CAMERA: &str = "/storage/emulated/0/DCIM/Camera";

impl Files {
    pub fn new(settings: &Settings, power: &Arc<Power>) -> Self {
        let mut tree = BTreeMap::new();
        let card = settings.storage.card_at.trim_end_matches('/').to_owned();
        let at_card = |path: &str| match path.starts_with("card/") {
            true => placed(&card, path),
            false => path.to_owned(),
        };
        tree.insert("/".into(), Content::Folder);
        let mounts = format!(
            "/dev/block/dm-2 /system ext4 ro 0 0\n/dev/block/by-name/modem /firmware vfat ro 0 0\n/dev/fuse \
             /storage/emulated fuse rw 0 0\n/dev/block/vold/public:179,65 {card} vfat rw 0 0\n"
        );
        if !settings.storage.hides_mounts {
            tree.insert("/proc/mounts".into(), Content::Text(mounts.into_bytes()));
        }
        tree.insert(
            "/proc/version".into(),
            Content::Text(b"Linux version 5.10.149-android13 (build-user@build-host)\n".to_vec()),
        );
        tree.insert("/storage/emulated/0/Android".into(), Content::Folder);
        tree.insert("/storage/emulated/0/Download".into(), Content::Folder);
        for number in 0..settings.photos {
            tree.insert(
                format!("{CAMERA}/{}", pictures::name(number)),
                Content::Photo(number),
            );
        }
        for number in 0..settings.storage.clone_pictures {
            tree.insert(
                format!("{CLONES}/{}", pictures::name(number)),
                Content::Photo(FIRST_OF_CLONES + number),
            );
        }
        if settings.more_files {
            for (path, number) in MORE_PHOTOS {
                tree.insert(at_card(path), Content::Photo(number));
            }
            for (path, text) in EXPORTED {
                tree.insert(at_card(path), Content::Text(text.to_vec()));
            }
            tree.insert(RECORDING.into(), Content::Movie(30_000));
        }
        for (path, text) in &settings.storage.exported {
            let path = format!("/storage/emulated/0/{path}");
            tree.insert(path, Content::Text(text.clone()));
        }
        if let Some(size) = settings.storage.movie {
            tree.insert(MOVIE.into(), Content::Movie(size));
        }
        for link in &settings.storage.card_links {
            tree.insert(link.clone(), Content::Folder);
        }
        // Adds folders that occur only in the paths of files.
        let paths: Vec<String> = tree.keys().cloned().collect();
        for path in paths {
            for (place, _) in path.match_indices('/').filter(|(place, _)| *place > 0) {
                tree.entry(path[..place].to_owned())
                    .or_insert(Content::Folder);
            }
        }
        let links = settings.storage.card_links.iter();
        let links = links.map(|link| (link.clone(), card.clone())).collect();
        let troubles = settings.storage.troubles.iter();
        let troubles = troubles
            .map(|(path, what)| (placed(&card, path), *what))
            .collect();
        let mut state = State {
            card,
            tree,
            actions: Scheduled::of(&settings.storage.actions),
        };
        for file in &settings.storage.owned {
            state.write(file.clone());
        }
        Self {
            state: Mutex::new(state),
            troubles,
            links,
            hides_clones: settings.storage.hides_clones,
            seed: settings.seed,
            power: Arc::clone(power),
        }
    }

    /// True for shared storage and cards before the first unlock, when they are not mounted (AOSP
    /// `StorageManagerService`, "unmounted due to system locked").
    fn is_sealed(&self, resolved: &str) -> bool {
        resolved.starts_with("/storage/") && self.power.phase() != Phase::Open
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fault of a file or folder.
    pub fn trouble(&self, path: &str) -> Option<FileTrouble> {
        let path = self.resolve(path);
        let mut troubles = self.troubles.iter();
        troubles
            .find(|(of, _)| of.trim_end_matches('/') == path)
            .map(|(_, what)| *what)
    }

    /// Counts a file request and applies the changes that are due.
    pub fn fetched(&self) {
        let mut state = self.state();
        for action in state.actions.fetched() {
            state.apply(action);
        }
    }

    pub fn stat(&self, path: &str) -> Option<Entry> {
        let path = self.resolve(path);
        match self.is_sealed(&path) {
            true => None,
            false => self.stat_of(&self.state(), &path),
        }
    }

    fn stat_of(&self, state: &State, path: &str) -> Option<Entry> {
        let content = state.tree.get(path)?;
        let (kind, size, modified) = match content {
            Content::Folder => (Kind::Folder, 4096, DATE),
            Content::Text(text) => (Kind::File, text.len() as u64, DATE),
            Content::Movie(size) => (Kind::File, *size, DATE),
            Content::Owned(bytes, modified) => (Kind::File, bytes.len() as u64, *modified),
            Content::Photo(number) => (
                Kind::File,
                pictures::size(self.seed, *number),
                pictures::taken(*number),
            ),
        };
        let name = path.rsplit('/').next().unwrap_or_default().to_owned();
        Some(Entry {
            name,
            kind,
            size,
            modified,
        })
    }

    /// The entries of a folder; empty if the path is not a folder.
    pub fn list(&self, path: &str) -> Vec<Entry> {
        let folder = self.resolve(path);
        let is_hidden = self.hides_clones && folder.starts_with("/storage/emulated/999");
        if is_hidden || self.is_sealed(&format!("{folder}/")) {
            return Vec::new();
        }
        let start = if folder == "/" {
            folder
        } else {
            format!("{folder}/")
        };
        let state = self.state();
        let inside = state.tree.range(start.clone()..).map(|(path, _)| path);
        inside
            .take_while(|path| path.starts_with(&start))
            .filter(|path| path.len() > start.len() && !path[start.len()..].contains('/'))
            .filter_map(|path| self.stat_of(&state, path))
            .collect()
    }

    /// Resolves links and removes double and final slashes.
    fn resolve(&self, path: &str) -> String {
        let parts: Vec<&str> = path
            .split('/')
            .filter(|part| !part.is_empty() && *part != ".")
            .collect();
        let path = format!("/{}", parts.join("/"));
        let own = ["/sdcard", "/mnt/sdcard", "/storage/self/primary"];
        let own = own.map(|link| (link, "/storage/emulated/0"));
        let links = self.links.iter();
        let links = links.map(|(link, to)| (link.as_str(), to.as_str()));
        for (link, to) in own.into_iter().chain(links) {
            match path.strip_prefix(link) {
                Some(rest) if rest.is_empty() || rest.starts_with('/') => {
                    return format!("{to}{rest}");
                }
                _ => {}
            }
        }
        path
    }

    /// All files on the storages, with paths as in [`OwnersFile`], and their bytes.
    pub fn all(&self) -> Vec<(String, Vec<u8>)> {
        let (paths, card): (Vec<String>, _) = {
            let state = self.state();
            (state.tree.keys().cloned().collect(), state.card.clone())
        };
        let called = |path: &str| match path.strip_prefix("/storage/emulated/0/") {
            Some(path) => Some(path.to_owned()),
            None => Some(format!(
                "card/{}",
                path.strip_prefix(&card)?.strip_prefix('/')?
            )),
        };
        let files = paths.iter().filter_map(|path| {
            let bytes = self.read_sealed(path, 1 << 20)?.flatten().collect();
            Some((called(path)?, bytes))
        });
        files.collect()
    }

    /// Returns a file's bytes in pieces of `piece` bytes; the last one may be shorter. `None` if there is no such
    /// file.
    pub fn read(&self, path: &str, piece: usize) -> Option<Box<dyn Iterator<Item = Vec<u8>>>> {
        match self.is_sealed(&self.resolve(path)) {
            true => None,
            false => self.read_sealed(path, piece),
        }
    }

    /// Like [`Self::read`], but also for files that are encrypted.
    fn read_sealed(&self, path: &str, piece: usize) -> Option<Box<dyn Iterator<Item = Vec<u8>>>> {
        let whole = match self.state().tree.get(&self.resolve(path))? {
            Content::Folder => return None,
            Content::Text(text) => text.clone(),
            Content::Owned(bytes, _) => bytes.clone(),
            Content::Photo(number) => pictures::photo(self.seed, *number),
            Content::Movie(size) => {
                let blocks = pictures::movie(self.seed, *size);
                return Some(Box::new(blocks.flat_map(move |block| {
                    let pieces = block.chunks(piece).map(<[u8]>::to_vec);
                    pieces.collect::<Vec<_>>()
                })));
            }
        };
        let pieces: Vec<Vec<u8>> = whole.chunks(piece).map(<[u8]>::to_vec).collect();
        Some(Box::new(pieces.into_iter()))
    }

    /// The photos that the media provider lists: without deleted ones and those in hidden folders.
    pub fn photos(&self) -> Vec<Photo> {
        let state = self.state();
        state
            .tree
            .iter()
            .filter_map(|(path, content)| match content {
                Content::Photo(number) if !path.contains("/.") => Some(Photo {
                    name: path.rsplit('/').next().unwrap_or_default().to_owned(),
                    path: path.clone(),
                    size: pictures::size(self.seed, *number),
                    modified: pictures::taken(*number),
                }),
                _ => None,
            })
            .collect()
    }
}

impl Photo {
    /// The folder of the photo, relative to its volume and with a final `/`; and the absolute path of the folder.
    pub fn folder(&self) -> (&str, &str) {
        let folder = self.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let depth = if self.path.starts_with("/storage/emulated/") {
            4
        } else {
            3
        };
        let start: usize = self
            .path
            .split_inclusive('/')
            .take(depth)
            .map(str::len)
            .sum();
        let end = folder.len() + 1;
        (self.path.get(start..end).unwrap_or_default(), folder)
    }
}
