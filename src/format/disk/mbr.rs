//! The partition table of an MBR: four rows in the first sector, and a chain of tables for logical partitions.

use super::table::{Found, MAX_PARTS, Part, SECTOR};
use super::{Disk, ReadError};
use crate::phrase;

/// Last bytes of a sector with a partition table or a boot program.
pub(super) const SIGNATURE: [u8; 2] = [0x55, 0xaa];
const EXTENDED: [u8; 3] = [0x05, 0x0f, 0x85];
/// Partition types of FAT with 12, 16 and 32 bits, including hidden ones. Type 07 is exFAT or NTFS.
const FAT: [u8; 12] = [
    0x01, 0x04, 0x06, 0x0b, 0x0c, 0x0e, 0x11, 0x14, 0x16, 0x1b, 0x1c, 0x1e,
];
const EXFAT: u8 = 0x07;
/// Type of the one partition in the MBR of a GPT disk. It protects the disk from programs that do not know GPT.
const PROTECTIVE: u8 = 0xee;

/// A row of an MBR.
struct Row {
    kind: u8,
    /// The first byte marks a bootable partition and has only two valid values. Text of a boot program has other
    /// values there.
    is_likely: bool,
    /// In sectors.
    first: u64,
    count: u64,
}

/// Reads the four rows of an MBR, or of the table of a logical partition.
fn rows(sector: &[u8]) -> Vec<Row> {
    if !has_signature(sector) {
        return Vec::new();
    }
    let table = sector.get(446..510).unwrap_or_default();
    let (rows, _) = table.as_chunks::<16>();
    rows.iter()
        .map(|row| {
            let [starts, _, _, _, kind, _, _, _, first @ ..] = *row;
            let [a, b, c, d, e, f, g, h] = first;
            Row {
                kind,
                is_likely: matches!(starts, 0 | 0x80),
                first: u64::from(u32::from_le_bytes([a, b, c, d])),
                count: u64::from(u32::from_le_bytes([e, f, g, h])),
            }
        })
        .collect()
}

/// True if the sector ends with the signature.
pub(super) fn has_signature(sector: &[u8]) -> bool {
    sector.get(510..512) == Some(&SIGNATURE)
}

/// True if the table says that the disk has a GPT.
pub(super) fn says_gpt(sector: &[u8]) -> bool {
    rows(sector).iter().any(|row| row.kind == PROTECTIVE)
}

/// Reads the primary and the logical partitions of an MBR. Partitions that are listed but cannot be found are
/// recorded in [`Found::missing`].
///
/// # Errors
/// If the disk gives nothing more at all, or the reader was stopped.
pub(super) fn parts(
    disk: &mut Disk,
    head: &[u8],
    unit: u64,
    found: &mut Found,
) -> Result<Vec<Part>, ReadError> {
    let mut parts = primary(head, unit);
    for row in rows(head) {
        if EXTENDED.contains(&row.kind) && row.is_likely && row.count > 0 {
            logical(disk, row.first, unit, &mut parts, found)?;
        }
    }
    Ok(parts)
}

/// The primary partitions of an MBR.
pub(super) fn primary(head: &[u8], unit: u64) -> Vec<Part> {
    let rows = (1..).zip(rows(head));
    rows.filter(|(_, row)| row.kind != PROTECTIVE && !EXTENDED.contains(&row.kind))
        .filter_map(|(number, row)| part(number, &row, row.first, unit))
        .collect()
}

/// Reads the logical partitions. Each table holds one partition and the place of the next table, counted from the
/// first table.
fn logical(
    disk: &mut Disk,
    first: u64,
    unit: u64,
    parts: &mut Vec<Part>,
    found: &mut Found,
) -> Result<(), ReadError> {
    let (mut table, mut number, mut seen) = (first, 5, Vec::new());
    loop {
        let at = table.saturating_mul(unit);
        let mut lost = |why: &str| {
            let sentence = phrase!(
                "The table of logical partitions continues at byte {at}, {why}. Any partitions after this point \
                 are unknown."
            );
            found.missing.push(sentence);
        };
        if seen.contains(&table) {
            lost(phrase("which was already read"));
            return Ok(());
        }
        if seen.len() >= MAX_PARTS {
            lost(phrase("but it is longer than Lifeboat reads"));
            return Ok(());
        }
        seen.push(table);
        let mut sector = vec![0; SECTOR];
        if at >= disk.size() {
            lost(phrase("which is beyond the end of the card or image"));
            return Ok(());
        }
        if !disk.read(at, &mut sector)?.is_empty() {
            lost(phrase("which can't be read"));
            return Ok(());
        }
        if !has_signature(&sector) {
            lost(phrase("where there is no such table"));
            return Ok(());
        }
        let mut next = None;
        for row in rows(&sector).iter().filter(|row| row.is_likely) {
            if EXTENDED.contains(&row.kind) {
                next = next.or(Some(first + row.first));
            } else if let Some(part) = part(number, row, table + row.first, unit) {
                parts.push(part);
                number += 1;
            }
        }
        match next {
            Some(next) => table = next,
            None => return Ok(()),
        }
    }
}

/// Reads a partition. `None`: the row is unused.
fn part(number: usize, row: &Row, first: u64, unit: u64) -> Option<Part> {
    let at = first.checked_mul(unit).filter(|at| *at > 0)?;
    (row.kind != 0 && row.count > 0).then(|| Part {
        number,
        at,
        length: row.count.saturating_mul(unit),
        kind: phrase!("type {:02x}", row.kind),
        is_ours: FAT.contains(&row.kind) || row.kind == EXFAT,
        is_likely: row.is_likely,
        holds: None,
    })
}
