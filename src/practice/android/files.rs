//! The handset's files, as far as there are any: the shared storage with its photos, and `/proc/version`.

use std::collections::BTreeMap;

use super::rng::Rng;
use super::settings::Settings;

/// Seconds since 1970 that files without a date of their own carry: 2024-02-29 12:00 UTC.
const DATE: u32 = 1_709_208_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Folder,
}

/// What `stat` tells.
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
    Text(&'static [u8]),
    Photo(u32),
    /// So many bytes.
    Movie(u64),
}

pub(super) struct Files {
    tree: BTreeMap<String, Content>,
    seed: u64,
}

/// A photo as the media provider lists it.
pub(super) struct Photo {
    pub name: String,
    pub path: String,
    pub size: u64,
    pub modified: u32,
}

const MOVIE: &str = "/storage/emulated/0/Movies/practice.mp4";
const CAMERA: &str = "/storage/emulated/0/DCIM/Camera";

impl Files {
    pub fn new(settings: &Settings) -> Self {
        let mut tree = BTreeMap::new();
        tree.insert("/".into(), Content::Folder);
        tree.insert(
            "/proc/version".into(),
            Content::Text(b"Linux version 5.10.149-android13 (build-user@build-host)\n"),
        );
        // Shared storage is sealed until the first unlock.
        if !settings.locked_since_boot {
            tree.insert("/storage/emulated/0/Android".into(), Content::Folder);
            tree.insert("/storage/emulated/0/Download".into(), Content::Folder);
        }
        if settings.photos > 0 && !settings.locked_since_boot {
            for number in 0..settings.photos {
                tree.insert(
                    format!("{CAMERA}/{}", photo_name(number)),
                    Content::Photo(number),
                );
            }
        }
        if let Some(size) = settings.movie.filter(|_| !settings.locked_since_boot) {
            tree.insert(MOVIE.into(), Content::Movie(size));
        }
        // Folders that only their files name.
        let paths: Vec<String> = tree.keys().cloned().collect();
        for path in paths {
            for (place, _) in path.match_indices('/').filter(|(place, _)| *place > 0) {
                tree.entry(path[..place].to_owned())
                    .or_insert(Content::Folder);
            }
        }
        Self {
            tree,
            seed: settings.seed,
        }
    }

    pub fn stat(&self, path: &str) -> Option<Entry> {
        let path = resolve(path);
        let content = self.tree.get(&path)?;
        let (kind, size, modified) = match content {
            Content::Folder => (Kind::Folder, 4096, DATE),
            Content::Text(text) => (Kind::File, text.len() as u64, DATE),
            Content::Movie(size) => (Kind::File, *size, DATE),
            Content::Photo(number) => (
                Kind::File,
                photo_size(self.seed, *number),
                photo_date(*number),
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

    /// What stands in a folder; nothing where it is none.
    pub fn list(&self, path: &str) -> Vec<Entry> {
        let folder = resolve(path);
        let start = if folder == "/" {
            folder
        } else {
            format!("{folder}/")
        };
        let inside = self.tree.range(start.clone()..).map(|(path, _)| path);
        inside
            .take_while(|path| path.starts_with(&start))
            .filter(|path| path.len() > start.len() && !path[start.len()..].contains('/'))
            .filter_map(|path| self.stat(path))
            .collect()
    }

    /// A file's bytes in pieces of `piece`, the last one shorter; `None` where there is no such file.
    pub fn read(&self, path: &str, piece: usize) -> Option<Box<dyn Iterator<Item = Vec<u8>>>> {
        let whole = match self.tree.get(&resolve(path))? {
            Content::Folder => return None,
            Content::Text(text) => text.to_vec(),
            Content::Photo(number) => photo(self.seed, *number),
            Content::Movie(size) => return Some(Box::new(movie(self.seed, *size, piece))),
        };
        let pieces: Vec<Vec<u8>> = whole.chunks(piece).map(<[u8]>::to_vec).collect();
        Some(Box::new(pieces.into_iter()))
    }

    pub fn photos(&self) -> impl Iterator<Item = Photo> {
        self.tree
            .iter()
            .filter_map(|(path, content)| match content {
                Content::Photo(number) => Some(Photo {
                    name: photo_name(*number),
                    path: path.clone(),
                    size: photo_size(self.seed, *number),
                    modified: photo_date(*number),
                }),
                _ => None,
            })
    }
}

/// Links and doubled or closing slashes undone.
fn resolve(path: &str) -> String {
    let parts: Vec<&str> = path
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    let path = format!("/{}", parts.join("/"));
    for link in ["/sdcard", "/mnt/sdcard", "/storage/self/primary"] {
        match path.strip_prefix(link) {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => {
                return format!("/storage/emulated/0{rest}");
            }
            _ => {}
        }
    }
    path
}

fn photo_date(number: u32) -> u32 {
    DATE.wrapping_add(number.wrapping_mul(7_777))
}

fn photo_name(number: u32) -> String {
    let date = chrono::DateTime::from_timestamp(i64::from(photo_date(number)), 0);
    match date {
        Some(date) => format!("{}.jpg", date.format("%Y%m%d_%H%M%S")),
        None => format!("{number}.jpg"),
    }
}

/// A file of so many bytes, made as it is read, with the boxes of an MP4 (ISO/IEC 14496-12, section 4.2) before
/// bytes that repeat nowhere.
fn movie(seed: u64, size: u64, piece: usize) -> impl Iterator<Item = Vec<u8>> {
    let mut head = b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2".to_vec();
    head.extend(b"\0\0\0\x01mdat");
    head.extend(size.saturating_sub(24).to_be_bytes());
    let block = Rng::of(seed, "movie", 0).bytes(piece);
    (0..size.div_ceil(piece as u64)).map(move |number| {
        let mut bytes = block.clone();
        bytes
            .iter_mut()
            .zip(number.to_le_bytes())
            .for_each(|(place, byte)| *place ^= byte);
        if number == 0 {
            bytes
                .iter_mut()
                .zip(&head)
                .for_each(|(place, byte)| *place = *byte);
        }
        let left = size - number * piece as u64;
        bytes.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        bytes
    })
}

/// Before and after the filler: a grey picture of 8 by 8 points, baseline JPEG (ITU-T T.81).
const JPEG_HEAD: [u8; 2] = [0xff, 0xd8];
const COMMENT: [u8; 2] = [0xff, 0xfe];

fn jpeg_tail() -> Vec<u8> {
    let mut tail = vec![0xff, 0xdb, 0, 67, 0];
    tail.extend([1; 64]);
    tail.extend([0xff, 0xc0, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0]);
    for class in [0x00, 0x10] {
        // One code of one bit, for nothing: no difference, and the end of the block.
        tail.extend([0xff, 0xc4, 0, 20, class, 1]);
        tail.extend([0; 15]);
        tail.push(0);
    }
    tail.extend([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0x3f, 0xff, 0xd9]);
    tail
}

fn photo_size(seed: u64, number: u32) -> u64 {
    let filler = filler(seed, number);
    let segments = filler.div_ceil(FILL);
    (JPEG_HEAD.len() + filler + segments * 4 + jpeg_tail().len()) as u64
}

const FILL: usize = 60_000;

fn filler(seed: u64, number: u32) -> usize {
    40_000 + Rng::of(seed, "photo size", u64::from(number)).below(120_000) as usize
}

/// A JPEG that every program opens, made large by comments.
fn photo(seed: u64, number: u32) -> Vec<u8> {
    let bytes = Rng::of(seed, "photo", u64::from(number)).bytes(filler(seed, number));
    let mut photo = JPEG_HEAD.to_vec();
    for part in bytes.chunks(FILL) {
        photo.extend(COMMENT);
        photo.extend(((part.len() + 2) as u16).to_be_bytes());
        photo.extend_from_slice(part);
    }
    photo.extend(jpeg_tail());
    photo
}
