//! Files of a handset, their copies, and why a part of a file was not read.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

/// A path on a handset: bytes without NUL, usually UTF-8, parts divided by `/`. In JSON a text, or an array of bytes
/// where it is no UTF-8.
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
    /// As a person reads it.
    pub fn shown(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }

    /// One text for each path, for keys: the path itself, or its bytes in hexadecimal after a `\`.
    pub fn key(&self) -> String {
        match std::str::from_utf8(&self.0) {
            Ok(text) if !text.starts_with('\\') => text.to_owned(),
            _ => self
                .0
                .iter()
                .fold("\\".to_owned(), |key, byte| format!("{key}{byte:02x}")),
        }
    }

    /// This path and a name in it.
    pub fn join(&self, name: &[u8]) -> Self {
        let mut path = self.0.clone();
        if !path.ends_with(b"/") {
            path.push(b'/');
        }
        path.extend_from_slice(name);
        Self(path)
    }
}

/// What a file holds, by the ending of its name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    #[default]
    Photo,
    Video,
    Sound,
    /// Contacts, calendars, to-dos or notes that the owner had exported.
    Data,
    /// Other papers of the owner's, archives, and what messengers back up.
    Document,
}

/// How precious files of one kind of folder are; the first are copied first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileRank {
    /// What the owner had exported: small, and perhaps the only copy.
    Exported,
    /// Taken with this handset's camera.
    #[default]
    Own,
    /// Other folders of the owner's.
    Other,
    /// Papers.
    Document,
    /// What messengers keep in the shared storage.
    Messengers,
    /// Small pictures that programs make of large ones.
    Cache,
}

/// Where a file stands among those that are to be copied: see [`HandsetFile::order`].
pub type FileOrder = (FileRank, Reverse<i64>, HandsetPath);

/// A file as the handset lists it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandsetFile {
    pub path: HandsetPath,
    /// Where it lies in its storage, for the path of its copy: without the storage's own place on the handset.
    pub relative: HandsetPath,
    /// In bytes.
    pub size: u64,
    /// False where the handset tells sizes modulo 4 GiB only.
    pub exact: bool,
    /// In seconds since 1970.
    pub modified: i64,
    pub kind: FileKind,
    pub rank: FileRank,
    /// The owner has thrown it away, and it is still there.
    pub trashed: bool,
}

impl HandsetFile {
    /// The key of its record.
    pub fn key(&self) -> String {
        Self::key_at(&self.path)
    }

    /// The key of the record of the file at `path`.
    pub fn key_at(path: &HandsetPath) -> String {
        format!("file{}", path.key())
    }

    /// The order in which files are copied: the most precious first, within that the newest.
    pub fn order(&self) -> FileOrder {
        (self.rank, Reverse(self.modified), self.path.clone())
    }

    /// True if `size` bytes are all of it.
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
    /// Another file with the same bytes was there before: `place` is that one's.
    pub duplicate: bool,
    /// So many of its bytes could not be read: zeros stand for them, or they are missing at its end.
    #[serde(default)]
    pub damaged: u64,
}

impl FileCopy {
    /// The key of its record.
    pub fn key(&self) -> String {
        Self::key_at(&self.path)
    }

    /// The key of the record of the copy of the file at `path`.
    pub fn key_at(path: &HandsetPath) -> String {
        format!("copy{}", path.key())
    }

    /// True if it is a copy of all of the file, as the handset lists it now; or of what can be read of it.
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
    /// What is there can't be made out: the file is damaged, or odd.
    #[default]
    Damage,
    /// Lifeboat reads no more of one file, so that records are missing of a file that may be whole.
    Limit,
    /// All records are read; something else that the file says has no place in any of them.
    Remark,
    /// The file is no list of anything that Lifeboat reads: nothing is missing.
    OtherThing,
}

impl Unread {
    pub fn is_damage(&self) -> bool {
        *self == Self::Damage
    }
}
