//! exFAT: the boot sector and directories. Section numbers refer to Microsoft's exFAT file system specification,
//! revision 1.00.

use std::collections::HashMap;

use super::clusters::{Clusters, FIRST, Pieces, Width};
use super::names::{of_utf16, units};
use super::volume::{Entry, FileSystem, Folder, Place, Volume};
use super::{Disk, ReadError, Stamp};
use crate::phrase;

/// Type of a deleted file entry: the highest bit ("in use") is not set.
pub(super) const DELETED: u8 = 0x05;

/// Size of the examined part of a boot sector, and of a directory entry, in bytes.
const BOOT: usize = 512;
const ENTRY: usize = 32;
/// Sector of the backup boot sector (3.2).
const BACKUP: u64 = 12;

/// Types of directory entries (7).
const END: u8 = 0x00;
const BITMAP: u8 = 0x81;
const UPCASE: u8 = 0x82;
const LABEL: u8 = 0x83;
const FILE: u8 = 0x85;
const STREAM: u8 = 0xc0;
const NAME: u8 = 0xc1;

const FOLDER: u16 = 0x10;
/// GeneralSecondaryFlags (6.3.4): the entry has clusters, and the allocation table does not describe them.
const HAS_CLUSTERS: u8 = 0x01;
const IN_A_ROW: u8 = 0x02;

/// Recognises a volume by its first sector.
pub(super) fn open(disk: &mut Disk, at: u64) -> Result<Option<Volume>, ReadError> {
    read_boot(disk, at, at)
}

/// Recognises a volume by its backup boot sector, for sectors of `unit` bytes. The sector may really be the main boot
/// sector of a volume that begins there. Then the table lies elsewhere (4.1.1).
pub(super) fn open_by_second(
    disk: &mut Disk,
    at: u64,
    unit: u64,
) -> Result<Option<Volume>, ReadError> {
    read_boot(disk, at.saturating_add(BACKUP * unit), at)
}

/// Recognises the volume at `at` by the boot sector at `boot`.
fn read_boot(disk: &mut Disk, boot: u64, at: u64) -> Result<Option<Volume>, ReadError> {
    let mut bytes = [0; BOOT];
    match disk.read(boot, &mut bytes)?.is_empty() {
        true => Ok(volume(&bytes, at)),
        false => Ok(None),
    }
}

/// Reads the volume that a boot sector describes (3.1).
fn volume(boot: &[u8; BOOT], at: u64) -> Option<Volume> {
    let byte = |place: usize| boot.get(place).copied().unwrap_or_default();
    let word = |place: usize| u16::from_le_bytes([byte(place), byte(place + 1)]);
    let long = |place: usize| u32::from(word(place)) | u32::from(word(place + 2)) << 16;
    let double = |place: usize| u64::from(long(place)) | u64::from(long(place + 4)) << 32;
    if boot.get(3..11) != Some(b"EXFAT   ")
        || boot.get(11..64)?.iter().any(|byte| *byte != 0)
        || !matches!(byte(108), 9..=12)
        || byte(109) > 25 - byte(108)
        || !matches!(byte(110), 1..=2)
    {
        return None;
    }
    let sector = 1u64 << byte(108);
    let table_length = u64::from(long(84)) * sector;
    let tables = u64::from(byte(110));
    let active = u64::from(word(106) & 1).min(tables - 1);
    let first_table = at.checked_add(u64::from(long(80)) * sector)?;
    let entries = table_length / 4;
    let count = u64::from(long(92)).min(entries.saturating_sub(u64::from(FIRST)));
    Some(Volume {
        file_system: FileSystem::ExFat,
        serial: long(100),
        label: String::new(),
        at,
        length: double(72).saturating_mul(sector).min(u64::MAX / 4),
        root: Place::Chain(long(96), None),
        clusters: Clusters {
            heap: at.checked_add(u64::from(long(88)) * sector)?,
            size: sector << byte(109),
            count: u32::try_from(count).ok().filter(|count| *count > 0)?,
            width: Width::ThirtyTwo,
            table: first_table + active * table_length,
            copy: (tables > 1).then(|| first_table + (1 - active) * table_length),
            table_length,
            pieces: Pieces::new(),
            folders: HashMap::new(),
        },
    })
}

/// Reads the entries of a directory.
pub(super) fn list(bytes: &[u8], found: &mut Folder) {
    let (entries, _) = bytes.as_chunks::<ENTRY>();
    let mut rest = entries;
    while let Some((first, others)) = rest.split_first() {
        rest = others;
        let [kind, number, ..] = *first;
        match kind {
            END => break,
            DELETED => found.deleted += u64::from(first != &[DELETED; ENTRY]),
            LABEL => found.label = label(first),
            BITMAP | UPCASE => {
                let place = system_file(first);
                found.system.extend(place);
                if kind == BITMAP && found.bitmap.is_none() {
                    found.bitmap = place;
                }
            }
            // These entries follow a file entry, so a file entry was lost.
            STREAM | NAME => found.fault(phrase("one of its entries is damaged")),
            FILE => {
                let set = others.get(..usize::from(number)).unwrap_or_default();
                match entry(first, set) {
                    Some(entry) => {
                        rest = others.get(set.len()..).unwrap_or_default();
                        found.entries.push(entry);
                        if !has_its_checksum(first, set) {
                            found.fault(phrase(
                                "one of its entries has changed since it was written",
                            ));
                        }
                    }
                    None => found.fault(phrase("one of its entries is damaged")),
                }
            }
            // Programs may ignore unknown entries with bit 5 set (6.2.1.3). No entry type has all bits set.
            0x80.. if kind & 0x20 == 0 || kind == 0xff => {
                found.fault(phrase("one of its entries is not valid"))
            }
            _ => {}
        }
    }
}

/// True if a folder may begin like this: with the complete entry set of a file and a correct checksum.
pub(super) fn begins_a_folder(bytes: &[u8]) -> bool {
    let (entries, _) = bytes.as_chunks::<ENTRY>();
    let Some((first, others)) = entries.split_first() else {
        return false;
    };
    let [kind, number, ..] = *first;
    let set = others.get(..usize::from(number)).unwrap_or_default();
    kind == FILE && entry(first, set).is_some() && has_its_checksum(first, set)
}

/// True if these bytes may be a directory entry.
pub(super) fn is_entry(piece: &[u8]) -> bool {
    let kind = piece.first().map(|kind| kind | 0x80);
    matches!(
        kind,
        Some(BITMAP..=LABEL | FILE | STREAM | NAME | 0xa0..=0xa2 | 0xe0 | 0xe1)
    )
}

/// Location of the allocation bitmap (7.1) or the up-case table (7.2).
fn system_file(entry: &[u8; ENTRY]) -> Option<Place> {
    let first = u32::from_le_bytes(entry.get(20..24)?.try_into().ok()?);
    let length = u64::from_le_bytes(entry.get(24..32)?.try_into().ok()?);
    Some(Place::Chain(first, Some(length)))
}

/// The volume label: at most eleven UTF-16 units (7.3).
fn label(entry: &[u8; ENTRY]) -> Option<String> {
    let [_, length, ..] = *entry;
    let letters: Vec<u16> = units(entry.get(2..24)?).take(usize::from(length)).collect();
    let text = String::from_utf8_lossy(&of_utf16(&letters)).into_owned();
    (!text.is_empty()).then_some(text)
}

/// Reads a file or folder from its file entry and the entries that follow (7.4, 7.6, 7.7).
fn entry(first: &[u8; ENTRY], others: &[[u8; ENTRY]]) -> Option<Entry> {
    let (stream, names) = others.split_first()?;
    let word = |place: usize| {
        let bytes = first.get(place..place + 2)?;
        units(bytes).next()
    };
    let long = |place: usize| Some(u32::from(word(place)?) | u32::from(word(place + 2)?) << 16);
    let byte = |place: usize| first.get(place).copied();
    let [kind, flags, _, length, ..] = *stream;
    if kind != STREAM || length == 0 {
        return None;
    }
    let names = names.iter().take_while(|[kind, ..]| *kind == NAME);
    let letters = names.flat_map(|entry| units(entry.get(2..).unwrap_or_default()));
    let letters: Vec<u16> = letters.take(usize::from(length)).collect();
    let of_stream = |place: usize| {
        let bytes = stream.get(place..place + 8)?;
        Some(u64::from_le_bytes(bytes.try_into().ok()?))
    };
    let (written, size) = (of_stream(8)?, of_stream(24)?);
    let first_cluster = (of_stream(16)? >> 32) as u32;
    let is_folder = word(4)? & FOLDER != 0;
    let modified = Stamp::of_exfat(long(12)?, byte(21)?, byte(23)?);
    Some(Entry {
        name: Some(of_utf16(&letters)).filter(|name| !name.is_empty())?,
        is_folder,
        size: if is_folder { 0 } else { size },
        written: if is_folder { 0 } else { written.min(size) },
        modified: modified.or_else(|| Stamp::of_exfat(long(8)?, byte(20)?, byte(22)?)),
        place: match (flags & HAS_CLUSTERS != 0, flags & IN_A_ROW != 0) {
            (false, _) => Place::Nowhere,
            _ if size == 0 && first_cluster == 0 => Place::Nowhere,
            // A folder with clusters but no length has lost its length: the allocation table decides.
            _ if size == 0 && is_folder => Place::Chain(first_cluster, None),
            (true, true) => Place::Row(first_cluster, size),
            (true, false) => Place::Chain(first_cluster, Some(size)),
        },
    })
}

/// True if SetChecksum (6.3.3) matches the bytes of the entry set, except the bytes of the checksum itself.
fn has_its_checksum(first: &[u8; ENTRY], others: &[[u8; ENTRY]]) -> bool {
    let [_, _, low, high, ..] = *first;
    let first = first
        .iter()
        .enumerate()
        .filter(|(place, _)| !matches!(place, 2 | 3));
    let all = first.map(|(_, byte)| byte).chain(others.as_flattened());
    let sum = all.fold(0, |sum: u16, byte| {
        sum.rotate_right(1).wrapping_add(u16::from(*byte))
    });
    sum == u16::from_le_bytes([low, high])
}
