//! FAT12, FAT16 and FAT32: the boot sector and directories (FAT: General Overview of On-Disk Format 1.03). Formatters
//! sometimes deviate from it; then this follows Linux (fs/fat/inode.c, fs/fat/dir.c).

use std::collections::HashMap;

use super::clusters::{Clusters, FIRST, Pieces, Width};
use super::names::{of_code_page, of_utf16, units};
use super::volume::{Entry, FileSystem, Folder, Place, Volume};
use super::{Disk, ReadError, Stamp};
use crate::phrase;

/// First byte of a deleted entry.
pub(super) const DELETED: u8 = 0xe5;

/// Size of the examined part of a boot sector, in bytes.
const BOOT: usize = 512;
/// Size of a directory entry, in bytes.
const ENTRY: usize = 32;
/// Sector of the backup boot sector of a FAT32 volume (BPB_BkBootSec, which should always be 6).
const BACKUP: u64 = 6;

/// Attributes of a directory entry.
const LABEL: u8 = 0x08;
const FOLDER: u8 = 0x10;
/// Read-only, hidden, system and label together: a part of a long name.
const LONG_NAME: u8 = 0x0f;

/// Parts of a long name: UTF-16 units of one part, and the maximum number of parts.
const PART: usize = 13;
const MAX_PARTS: u8 = 20;

/// Recognises a volume by its first sector.
pub(super) fn open(disk: &mut Disk, at: u64) -> Result<Option<Volume>, ReadError> {
    read_boot(disk, at, at)
}

/// Recognises a FAT32 volume by its backup boot sector, for sectors of `unit` bytes. The sector may really be the
/// main boot sector of a volume that begins there. Then the table lies elsewhere.
pub(super) fn open_by_second(
    disk: &mut Disk,
    at: u64,
    unit: u64,
) -> Result<Option<Volume>, ReadError> {
    let second = read_boot(disk, at.saturating_add(BACKUP * unit), at)?;
    Ok(second.filter(|volume| volume.file_system == FileSystem::Fat32))
}

/// Recognises the volume at `at` by the boot sector at `boot`.
fn read_boot(disk: &mut Disk, boot: u64, at: u64) -> Result<Option<Volume>, ReadError> {
    let mut bytes = [0; BOOT];
    if !disk.read(boot, &mut bytes)?.is_empty() {
        return Ok(None);
    }
    Ok(volume(&bytes, at))
}

/// Reads the volume that a boot sector describes.
fn volume(boot: &[u8; BOOT], at: u64) -> Option<Volume> {
    let byte = |place: usize| boot.get(place).copied().unwrap_or_default();
    let word = |place: usize| u64::from(u16::from_le_bytes([byte(place), byte(place + 1)]));
    let long = |place: usize| word(place) | word(place + 2) << 16;
    let (sector, sectors_a_cluster) = (word(11), u64::from(byte(13)));
    let (reserved, tables, in_root, media) = (word(14), u64::from(byte(16)), word(17), byte(21));
    if !matches!(sector, 512 | 1024 | 2048 | 4096)
        || !sectors_a_cluster.is_power_of_two()
        || reserved == 0
        || !matches!(tables, 1..=4)
        || !matches!(media, 0xf0 | 0xf8..)
    {
        return None;
    }
    let is_32 = word(22) == 0;
    let table_sectors = if is_32 { long(36) } else { word(22) };
    let total = if word(19) == 0 { long(32) } else { word(19) };
    let root_sectors = (in_root * ENTRY as u64).div_ceil(sector);
    let heap = reserved + tables * table_sectors + root_sectors;
    let clusters = total.checked_sub(heap)? / sectors_a_cluster;
    if table_sectors == 0 || clusters == 0 || (!is_32 && in_root == 0) {
        return None;
    }
    let (file_system, width, bits) = match (is_32, clusters) {
        (true, _) => (FileSystem::Fat32, Width::TwentyEight, 32),
        (false, ..=4084) => (FileSystem::Fat12, Width::Twelve, 12),
        (false, _) => (FileSystem::Fat16, Width::Sixteen, 16),
    };
    // Clusters without a table entry do not exist.
    let entries = table_sectors * sector * 8 / bits;
    let count = clusters.min(entries.saturating_sub(u64::from(FIRST)));
    let table_length = table_sectors * sector;
    // If mirroring is off, the lowest four bits give the number of the active table.
    let active = match is_32 && word(40) & 0x80 != 0 {
        true => (word(40) & 0x0f).min(tables - 1),
        false => 0,
    };
    let first_table = at + reserved * sector;
    let mirrored = !is_32 || word(40) & 0x80 == 0;
    let extended = if is_32 { 64 } else { 36 };
    let has_name = matches!(byte(extended + 2), 0x28 | 0x29);
    let label = boot.get(extended + 7..extended + 18).unwrap_or_default();
    Some(Volume {
        file_system,
        serial: if has_name {
            long(extended + 3) as u32
        } else {
            0
        },
        label: match byte(extended + 2) {
            0x29 => label_of(label)
                .filter(|label| label != "NO NAME")
                .unwrap_or_default(),
            _ => String::new(),
        },
        at,
        length: total * sector,
        root: match is_32 {
            true => Place::Chain(long(44) as u32, None),
            false => Place::Fixed(first_table + tables * table_length, in_root * ENTRY as u64),
        },
        clusters: Clusters {
            heap: at + heap * sector,
            size: sectors_a_cluster * sector,
            count: u32::try_from(count).unwrap_or(u32::MAX),
            width,
            table: first_table + active * table_length,
            copy: (mirrored && tables > 1).then_some(first_table + table_length),
            table_length,
            pieces: Pieces::new(),
            folders: HashMap::new(),
        },
    })
}

/// Reads a volume label and removes the padding.
fn label_of(bytes: &[u8]) -> Option<String> {
    let text = of_code_page(bytes);
    let text = text.trim_end_matches([' ', '\0']);
    (!text.is_empty()).then(|| text.to_owned())
}

/// The parts of a long name read so far. The last part comes first.
#[derive(Default)]
struct LongName {
    units: Vec<u16>,
    /// Number of the part read last. 1: the name is complete.
    part: u8,
    /// Checksum of the matching short name.
    checksum: u8,
}

impl LongName {
    fn add(&mut self, entry: &[u8; ENTRY]) {
        let [order, ..] = *entry;
        let (part, checksum) = (order & 0x3f, entry.get(13).copied().unwrap_or_default());
        if order & 0x40 != 0 && matches!(part, 1..=MAX_PARTS) {
            self.units = vec![0; usize::from(part) * PART];
        } else if self.part != part.saturating_add(1) || part == 0 || checksum != self.checksum {
            *self = Self::default();
            return;
        }
        (self.part, self.checksum) = (part, checksum);
        let letters = [1..11, 14..26, 28..32].map(|range| entry.get(range).unwrap_or_default());
        let place = usize::from(part - 1) * PART;
        let letters = letters.into_iter().flat_map(units);
        for (to, unit) in self.units.iter_mut().skip(place).zip(letters) {
            *to = unit;
        }
    }

    /// Returns the long name if it is complete and belongs to this short name.
    fn take_for(&mut self, short: &[u8]) -> Option<Vec<u8>> {
        let long = std::mem::take(self);
        let whole = long.part == 1 && long.checksum == checksum(short);
        let name = of_utf16(&long.units);
        (whole && !name.is_empty()).then_some(name)
    }
}

fn checksum(short: &[u8]) -> u8 {
    short
        .iter()
        .fold(0u8, |sum, byte| sum.rotate_right(1).wrapping_add(*byte))
}

/// True if the bytes begin like a subfolder: with an entry for the folder itself.
pub(super) fn has_beginning(bytes: &[u8]) -> bool {
    bytes.starts_with(b".          ")
}

/// For the first bytes of a subfolder: the first cluster of its parent folder, 0 for the root folder. `None`: the
/// bytes are not the start of a folder.
pub(super) fn folder_above(bytes: &[u8]) -> Option<u32> {
    let above = bytes.get(ENTRY..)?;
    let is_folder = |entry: &[u8]| entry.get(11).is_some_and(|bits| bits & FOLDER != 0);
    if !has_beginning(bytes)
        || !above.starts_with(b"..         ")
        || !is_folder(bytes)
        || !is_folder(above)
    {
        return None;
    }
    let word = |place: usize| units(above.get(place..place + 2)?).next();
    Some(u32::from(word(20)?) << 16 | u32::from(word(26)?))
}

/// Reads the entries of a directory.
pub(super) fn list(bytes: &[u8], file_system: FileSystem, found: &mut Folder) {
    let (entries, _) = bytes.as_chunks::<ENTRY>();
    let mut long = LongName::default();
    for entry in entries {
        let byte = |place: usize| entry.get(place).copied().unwrap_or_default();
        let attributes = byte(11);
        match byte(0) {
            0 => break,
            DELETED => {
                // A part of a long name is not a separate entry. Neither is the filler of a gap.
                let is_name = attributes & 0x3f == LONG_NAME || entry == &[DELETED; ENTRY];
                found.deleted += u64::from(!is_name);
                long = LongName::default();
            }
            _ if attributes & 0x3f == LONG_NAME => long.add(entry),
            _ if !is_likely(entry) => {
                long = LongName::default();
                found.fault(phrase("one of its entries is not valid"));
            }
            _ if attributes & LABEL != 0 => {
                long = LongName::default();
                if attributes & FOLDER == 0 && found.label.is_none() {
                    found.label = label_of(entry.get(..11).unwrap_or_default());
                }
            }
            _ if matches!(entry.get(..11), Some(b".          " | b"..         ")) => {
                long = LongName::default();
            }
            _ => {
                let short = entry.get(..11).unwrap_or_default();
                let name = long.take_for(short).unwrap_or_else(|| short_name(entry));
                found.entries.push(entry_of(entry, name, file_system));
            }
        }
    }
}

/// True if these bytes may be a directory entry.
pub(super) fn is_entry(piece: &[u8]) -> bool {
    match piece.as_chunks::<ENTRY>() {
        ([entry], []) => {
            let [first, ..] = *entry;
            let attributes = entry.get(11).copied().unwrap_or_default();
            first == DELETED || attributes & 0x3f == LONG_NAME || is_likely(entry)
        }
        _ => false,
    }
}

/// False if these bytes cannot be an entry. A short name holds no control characters, and two attribute bits are
/// never set (FAT: General Overview of On-Disk Format 1.03, "FAT Directory Structure").
fn is_likely(entry: &[u8; ENTRY]) -> bool {
    let [first, name @ ..] = *entry;
    let mut name = name.iter().take(10);
    let is_name = (first == 0x05 || first >= 0x20) && name.all(|byte| *byte >= 0x20 || *byte == 0);
    let attributes = entry.get(11).copied().unwrap_or_default();
    is_name && attributes & 0xc0 == 0
}

fn entry_of(entry: &[u8; ENTRY], name: Vec<u8>, file_system: FileSystem) -> Entry {
    let byte = |place: usize| entry.get(place).copied().unwrap_or_default();
    let word = |place: usize| u16::from_le_bytes([byte(place), byte(place + 1)]);
    let is_folder = byte(11) & FOLDER != 0;
    let size = u64::from(word(28)) | u64::from(word(30)) << 16;
    let high = match file_system {
        FileSystem::Fat32 => u32::from(word(20)),
        _ => 0,
    };
    let first = high << 16 | u32::from(word(26));
    let modified = Stamp::of_fat(word(24), word(22), 0);
    Entry {
        name,
        is_folder,
        size: if is_folder { 0 } else { size },
        written: if is_folder { 0 } else { size },
        modified: modified.or_else(|| Stamp::of_fat(word(16), word(14), byte(13))),
        place: match (is_folder, size) {
            (true, _) => Place::Chain(first, None),
            // An entry with clusters but no length has lost its length.
            (false, 0) if first == 0 => Place::Nowhere,
            (false, size) => Place::Chain(first, Some(size)),
        },
    }
}

/// The short name: eight letters and three, in lower case if byte 12 of the entry says so (a Windows extension).
fn short_name(entry: &[u8; ENTRY]) -> Vec<u8> {
    let part = |range: std::ops::Range<usize>, lower: u8| {
        let mut bytes = entry.get(range).unwrap_or_default().to_vec();
        // 0x05 stands for a first byte that would mark the entry as deleted.
        if let Some(first) = bytes.first_mut().filter(|first| **first == 0x05) {
            *first = DELETED;
        }
        let text = of_code_page(&bytes);
        let text = text.trim_end_matches([' ', '\0']);
        match entry.get(12).is_some_and(|flags| flags & lower != 0) {
            true => text.to_lowercase(),
            false => text.to_owned(),
        }
    };
    let (stem, ending) = (part(0..8, 0x08), part(8..11, 0x10));
    match ending.as_str() {
        "" => stem,
        ending => format!("{stem}.{ending}"),
    }
    .into_bytes()
}
