//! The partition table of a GPT (UEFI Specification 2.10, 5.3), and its backup copy.

use super::names::{of_utf16, units};
use super::table::{Found, MAX_PARTS, Part, SECTOR};
use super::{Disk, ReadError};
use crate::phrase;

/// Type of partitions that hold FAT, exFAT or NTFS: EBD0A0A2-B9E5-4433-87C0-68B6B72699C7.
const BASIC_DATA: [u8; 16] = [
    0xa2, 0xa0, 0xd0, 0xeb, 0xe5, 0xb9, 0x33, 0x44, 0x87, 0xc0, 0x68, 0xb6, 0xb7, 0x26, 0x99, 0xc7,
];

/// Returns the partitions. `None`: there is no GPT.
///
/// # Errors
/// If the disk gives nothing more at all, or the reader was stopped.
pub(super) fn parts(
    disk: &mut Disk,
    unit: u64,
    found: &mut Found,
) -> Result<Option<Vec<Part>>, ReadError> {
    let last = (disk.size() / unit).saturating_sub(1);
    for (header, is_second) in [(1, false), (last, true)] {
        if let Some(parts) = parts_at(disk, header, unit, found)? {
            if is_second {
                found.fault(phrase(
                    "The partition table is damaged. Lifeboat used its second copy.",
                ));
            }
            return Ok(Some(parts));
        }
    }
    Ok(None)
}

/// Maximum size of the entries of a GPT, in bytes. UEFI reserves 16,384 bytes; longer tables are allowed up to this
/// limit.
const MAX_TABLE: u64 = 1 << 20;

fn parts_at(
    disk: &mut Disk,
    header: u64,
    unit: u64,
    found: &mut Found,
) -> Result<Option<Vec<Part>>, ReadError> {
    let mut bytes = vec![0; SECTOR];
    if !disk
        .read(header.saturating_mul(unit), &mut bytes)?
        .is_empty()
    {
        return Ok(None);
    }
    let long = |place: usize| field(&bytes, place, 4);
    let (size, sum) = (long(12), long(16));
    if bytes.get(..8) != Some(b"EFI PART") || !(92..=SECTOR as u64).contains(&size) {
        return Ok(None);
    }
    let (table, count, length, table_sum) = (field(&bytes, 72, 8), long(80), long(84), long(88));
    let mut blank = bytes.clone();
    blank.get_mut(16..20).unwrap_or_default().fill(0);
    let is_whole = crc(blank.get(..size as usize).unwrap_or_default()) == sum;
    if !is_whole || length < 128 || count.saturating_mul(length) > MAX_TABLE {
        return Ok(None);
    }
    let mut entries = vec![0; (count * length) as usize];
    let gaps = disk.read(table.saturating_mul(unit), &mut entries)?;
    if !gaps.is_empty() || crc(&entries) != table_sum {
        return Ok(None);
    }
    let entries = (1..).zip(entries.chunks_exact(length as usize));
    let mut parts: Vec<Part> = entries
        .filter_map(|(number, entry)| part(number, entry, unit))
        .collect();
    if parts.len() > MAX_PARTS {
        found.missing.push(phrase!(
            "The partition table lists {} partitions more than Lifeboat reads.",
            parts.len() - MAX_PARTS
        ));
        parts.truncate(MAX_PARTS);
    }
    Ok(Some(parts))
}

/// Reads a partition. `None`: the entry is unused.
fn part(number: usize, entry: &[u8], unit: u64) -> Option<Part> {
    let kind = entry.get(..16)?;
    let at = field(entry, 32, 8).checked_mul(unit).filter(|at| *at > 0)?;
    let count = field(entry, 40, 8)
        .saturating_sub(field(entry, 32, 8))
        .saturating_add(1);
    kind.iter().any(|byte| *byte != 0).then(|| Part {
        number,
        at,
        length: count.saturating_mul(unit),
        kind: name(entry),
        is_ours: kind == BASIC_DATA,
        is_likely: true,
        holds: None,
    })
}

/// The name of a partition, or the number of its type.
fn name(entry: &[u8]) -> String {
    let name: Vec<u16> = units(entry.get(56..128).unwrap_or_default()).collect();
    match of_utf16(&name) {
        name if name.is_empty() => phrase!("kind {:08x}", field(entry, 0, 4)),
        name => String::from_utf8_lossy(&name).into_owned(),
    }
}

/// Reads a little-endian number of `width` bytes.
fn field(bytes: &[u8], place: usize, width: usize) -> u64 {
    let bytes = bytes.iter().skip(place).take(width);
    bytes
        .rev()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn crc(bytes: &[u8]) -> u64 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    u64::from(crc.sum())
}
