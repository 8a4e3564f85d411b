//! Files of a handset, their copies, and the reasons why a part of a file was not read.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

/// A path on a handset: bytes without NUL, usually UTF-8, with parts separated by `/`. Stored in JSON as text, or as an
/// array of bytes if the path is not UTF-8.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct HandsetPath(pub Vec<u8>);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Text(String),
    Bytes(Vec<u8>),
}

impl From<Written> for HandsetPath {
    fn from(written: Written) -> Self {
        match written {
            Written::Text(text) => Self(text.into_bytes()),
            Written::Bytes(bytes) => Self(bytes),
        }
    }
}

impl From<HandsetPath> for Written {
    fn from(path: HandsetPath) -> Self {
        match String::from_utf8(path.0) {
            Ok(text) => Self::Text(text),
            Err(error) => Self::Bytes(error.into_bytes()),
        }
    }
}

impl HandsetPath {
    /// Returns the path in readable form.
    pub fn shown(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }

    /// Returns a unique text for the path, for use in keys: the path itself, or its bytes in hexadecimal after a `\`.
    pub fn key(&self) -> String {
        match std::str::from_utf8(&self.0) {
            Ok(text) if !text.starts_with('\\') => text.to_owned(),
            _ => self
                .0
                .iter()
                .fold("\\".to_owned(), |key, byte| format!("{key}{byte:02x}")),
        }
    }

    /// Returns this path with a name appended.
    pub fn join(&self, name: &[u8]) -> Self {
        let mut path = self.0.clone();
        if !path.ends_with(b"/") {
            path.push(b'/');
        }
        path.extend_from_slice(name);
        Self(path)
    }
}

/// The content of a file, judged by its file name extension.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    #[default]
    Photo,
    Video,
    Sound,
    /// Contacts, calendars, to-dos or notes that the owner had exported.
    Data,
    /// Other documents of the owner, archives, and backups made by messengers.
    Document,
}

/// How precious the files of a kind of folder are; the first are copied first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileRank {
    /// Files that the owner had exported: small, and perhaps the only copy.
    Exported,
    /// Taken with this handset's camera.
    #[default]
    Own,
    /// Other folders of the owner.
    Other,
    /// Documents.
    Document,
    /// Files that messengers keep in the shared storage.
    Messengers,
    /// Thumbnails that programs make of large pictures.
    Cache,
}

/// Sort key for the order of copying: see [`HandsetFile::order`].
pub type FileOrder = (FileRank, Reverse<i64>, HandsetPath);

/// A file as the handset lists it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandsetFile {
    pub path: HandsetPath,
    /// Path within the file's storage, used for the path of its copy: without the storage's own place on the handset.
    pub relative: HandsetPath,
    /// In bytes.
    pub size: u64,
    /// False if the handset reports sizes modulo 4 GiB.
    pub exact: bool,
    /// In seconds since 1970.
    pub modified: i64,
    pub kind: FileKind,
    pub rank: FileRank,
    /// The owner moved the file to the trash, and it still exists.
    pub trashed: bool,
    /// The entry of the file in the handset's own list of photos or recordings; `None`: no such list names the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub library: Option<Box<InLibrary>>,
}

/// What a handset's list of photos or recordings says of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InLibrary {
    /// The name that the file had before it came to the handset, or that its owner gave it there.
    pub name: Option<String>,
    /// When the photo was taken or the sound recorded, in seconds since 1970.
    pub taken: Option<i64>,
    /// The owner hid it.
    pub hidden: bool,
}

impl HandsetFile {
    /// Returns the key of the file's record.
    pub fn key(&self) -> String {
        Self::key_at(&self.path)
    }

    /// Returns the key of the record of the file at `path`.
    pub fn key_at(path: &HandsetPath) -> String {
        format!("file{}", path.key())
    }

    /// Returns the sort key for copying: the most precious files first, and the newest first within each kind.
    pub fn order(&self) -> FileOrder {
        (self.rank, Reverse(self.modified), self.path.clone())
    }

    /// Returns true if `size` bytes are the whole file.
    pub fn is_whole_at(&self, size: u64) -> bool {
        size == self.size || (!self.exact && size % (1 << 32) == self.size)
    }
}

/// A copy of a handset's file on the disk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileCopy {
    /// The file that was copied.
    pub path: HandsetPath,
    /// The file's size and time when it was copied.
    pub size: u64,
    pub modified: i64,
    /// Its place in the payload, with forward slashes: `photos/DCIM/Camera/1.jpg`.
    pub place: String,
    /// In hexadecimal.
    pub sha256: String,
    /// Another file with the same content was copied earlier: `place` is the place of its copy.
    pub duplicate: bool,
    /// Number of bytes that could not be read. Zeros replace them, or they are missing at the end.
    #[serde(default)]
    pub damaged: u64,
}

impl FileCopy {
    /// Returns the key of the copy's record.
    pub fn key(&self) -> String {
        Self::key_at(&self.path)
    }

    /// Returns the key of the record of the copy of the file at `path`.
    pub fn key_at(path: &HandsetPath) -> String {
        format!("copy{}", path.key())
    }

    /// Returns true if this is a copy of the whole file as currently listed, or of its readable parts.
    pub fn is_of(&self, file: &HandsetFile) -> bool {
        file.path == self.path
            && file.modified == self.modified
            && (self.damaged > 0 || file.is_whole_at(self.size))
    }
}

/// Why a part of an exported file was not read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unread {
    /// The content can't be parsed: the file is damaged or unusual.
    #[default]
    Damage,
    /// A limit of Lifeboat for one file was reached, so records may be missing although the file is intact.
    Limit,
    /// All records were read, but the file contains something else that no record has a field for.
    Remark,
    /// The file is not a list of a kind that Lifeboat reads: nothing is missing.
    OtherThing,
}

impl Unread {
    pub fn is_damage(&self) -> bool {
        *self == Self::Damage
    }
}
