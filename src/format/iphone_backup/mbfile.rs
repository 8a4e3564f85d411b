//! A row of `Manifest.db`, the list of files since iOS 10: an `MBFile`, as `NSKeyedArchiver` writes it.

use super::cipher::WRAPPED;
use super::{Entry, EntryKind};
use crate::format::plist::{Limit, Plist, PlistError};

/// What one row may expand to. Real ones have some 40 values and 700 bytes; extended attributes may add more.
const LIMIT: Limit = Limit {
    values: 20_000,
    bytes: 4 << 20,
};

/// Reads a row. Domain, path and name are in columns of their own.
///
/// # Errors
/// If the bytes are no such row.
pub fn mbfile(bytes: &[u8]) -> Result<Entry, PlistError> {
    let archive = Plist::parse(bytes, LIMIT)?;
    let file = archive.archived_root().ok_or(PlistError::Damaged)?;
    let object = |name: &str| archive.archived(file.get(name)?);
    let number = |name: &str| object(name).and_then(Plist::integer);
    // Data is kept as it is, or as an object of NSMutableData.
    let data = |name: &str| {
        let object = object(name)?;
        object
            .data()
            .or_else(|| archive.archived(object.get("NS.data")?)?.data())
    };
    let size = number("Size").ok_or(PlistError::Damaged)?;
    let mode = number("Mode").unwrap_or_default();
    Ok(Entry {
        kind: match mode & 0xf000 {
            0x4000 => EntryKind::Folder,
            0xa000 => EntryKind::Link,
            _ => EntryKind::File,
        },
        domain: String::new(),
        path: String::new(),
        id: [0; 20],
        size: u64::try_from(size).map_err(|_| PlistError::Damaged)?,
        modified: number("LastModified").unwrap_or_default(),
        born: number("Birth").unwrap_or_default(),
        class: number("ProtectionClass")
            .and_then(|class| u32::try_from(class).ok())
            .unwrap_or_default(),
        key: data("EncryptionKey").and_then(without_class),
        digest: data("Digest").and_then(|digest| digest.try_into().ok()),
    })
}

/// A wrapped key, without the class that stands in four bytes before it.
pub fn without_class(key: &[u8]) -> Option<Vec<u8>> {
    let at = key.len().checked_sub(WRAPPED)?;
    Some(key.get(at..)?.to_vec())
}
