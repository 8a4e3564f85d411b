//! Which volumes there are on a disk: by its partition table (MBR or GPT), without one, or by looking where volumes
//! usually begin if the table can't be read.

use super::names::{of_utf16, units};
use super::{Disk, ReadError, Volume};

/// Partitions that are looked at; logical ones of an MBR and those of a GPT count too.
const MAX_PARTS: usize = 128;
/// Up to here a lost volume is looked for, in bytes: SDXC cards begin theirs at 16 MiB (SD Association, File System
/// Specification), others before.
const SEARCHED: u64 = 17 << 20;
const SECTOR: usize = 512;

/// What was found on a disk.
#[derive(Debug, Default)]
pub struct Found {
    pub volumes: Vec<Volume>,
    /// Partitions without a volume that could be read.
    pub unknown: Vec<Part>,
    /// What is wrong with the table, each a sentence.
    pub faults: Vec<String>,
    /// What may be on the disk besides and was not found, each a sentence.
    pub missing: Vec<String>,
}

/// A partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// From 1 on, as systems count them: logical ones of an MBR from 5 on.
    pub number: usize,
    /// Where it begins, in bytes.
    pub at: u64,
    /// In bytes.
    pub length: u64,
    /// What its table says it is: an MBR's type in hexadecimal, or what a GPT calls it.
    pub kind: String,
}

/// Finds the volumes of a disk.
///
/// # Errors
/// Where the disk gives nothing more at all, or the reader was stopped.
pub fn find(disk: &mut Disk) -> Result<Found, ReadError> {
    let mut found = Found::default();
    let mut head = vec![0; SECTOR];
    let is_damaged = !disk.read(0, &mut head)?.is_empty();
    if is_damaged {
        found
            .faults
            .push("The first sector, where the partition table lies, is damaged.".into());
    }
    // Formatters on computers of all kinds count in sectors of 512 bytes; a disk with others counts in its own.
    let mut units = vec![disk.block().max(SECTOR as u64), 512, 4096];
    units.dedup();
    for unit in units {
        // A disk with a GPT says so in its first sector. Of others the last one is not asked for: some readers count one
        // too many.
        let says_gpt = is_damaged || rows(&head).iter().any(|row| row.kind == PROTECTIVE);
        let parts = match says_gpt {
            true => gpt(disk, unit, &mut found.faults)?,
            false => None,
        };
        let parts = match parts {
            Some(parts) => parts,
            None => mbr(disk, &head, unit)?,
        };
        found.unknown.clear();
        found.missing.clear();
        for part in parts {
            if part.at >= disk.size() {
                found.missing.push(format!(
                    "Partition {} begins beyond the end of the card or image: what lies there can't be read.",
                    part.number
                ));
                continue;
            }
            match Volume::open(disk, part.at)? {
                Some(volume) => found.volumes.push(volume),
                None => found.unknown.push(part),
            }
        }
        if !found.volumes.is_empty() {
            return Ok(found);
        }
    }
    found.missing.clear();
    if let Some(volume) = Volume::open(disk, 0)? {
        found.unknown.clear();
        found.volumes.push(volume);
        return Ok(found);
    }
    if found.unknown.is_empty() {
        search(disk, &mut found)?;
    }
    Ok(found)
}

/// Looks for a volume's first sector where there is no table that tells of one.
fn search(disk: &mut Disk, found: &mut Found) -> Result<(), ReadError> {
    let mut at = 0;
    let mut sectors = vec![0; 1 << 20];
    while at < SEARCHED.min(disk.size()) {
        disk.read(at, &mut sectors)?;
        let (all, _) = sectors.as_chunks::<SECTOR>();
        let mut likely = Vec::new();
        for (number, sector) in (0..).zip(all) {
            if sector.ends_with(&SIGNATURE) && matches!(sector, [0xeb | 0xe9, ..]) {
                likely.push(at + number * SECTOR as u64);
            }
        }
        // It may be a volume's second boot sector: exFAT's lies twelve sectors behind the first, FAT32's six.
        let begins = likely.into_iter().flat_map(|place| {
            let before = [12, 6, 0].into_iter();
            before.filter_map(move |count: u64| place.checked_sub(count * SECTOR as u64))
        });
        for begin in begins {
            let Some(volume) = Volume::open(disk, begin)? else {
                continue;
            };
            // Else it is a second boot sector taken for the first: everything would be looked for some sectors too late.
            if volume.clusters.begin_where_they_should(disk)? {
                found.faults.push(format!(
                    "No partition table tells of the volume that begins at byte {begin}: it was looked for."
                ));
                let behind = disk.size().saturating_sub(volume.end());
                if behind > SEARCHED {
                    found.missing.push(format!(
                        "Nothing tells what lies in the {behind} bytes behind that volume: they were not read."
                    ));
                }
                found.volumes.push(volume);
                return Ok(());
            }
        }
        at += sectors.len() as u64;
    }
    Ok(())
}

/// What a sector with a table or a boot program ends with.
const SIGNATURE: [u8; 2] = [0x55, 0xaa];
const EXTENDED: [u8; 3] = [0x05, 0x0f, 0x85];
/// A disk with a GPT has one partition of this type in its MBR, for programs that know no GPT.
const PROTECTIVE: u8 = 0xee;

/// An entry of an MBR.
struct Row {
    kind: u8,
    /// In sectors.
    first: u64,
    count: u64,
}

/// The four rows of an MBR, or of a logical partition's own table.
fn rows(sector: &[u8]) -> Vec<Row> {
    if sector.get(510..512) != Some(&SIGNATURE) {
        return Vec::new();
    }
    let table = sector.get(446..510).unwrap_or_default();
    let (rows, _) = table.as_chunks::<16>();
    rows.iter()
        .map(|row| {
            let [_, _, _, _, kind, _, _, _, first @ ..] = *row;
            let [a, b, c, d, e, f, g, h] = first;
            Row {
                kind,
                first: u64::from(u32::from_le_bytes([a, b, c, d])),
                count: u64::from(u32::from_le_bytes([e, f, g, h])),
            }
        })
        .collect()
}

fn mbr(disk: &mut Disk, head: &[u8], unit: u64) -> Result<Vec<Part>, ReadError> {
    let mut parts = Vec::new();
    for (number, row) in (1..).zip(rows(head)) {
        if row.kind == 0 || row.kind == PROTECTIVE || row.count == 0 {
            continue;
        }
        if EXTENDED.contains(&row.kind) {
            logical(disk, row.first, unit, &mut parts)?;
        } else {
            parts.extend(part(number, &row, row.first, unit));
        }
    }
    parts.sort_by_key(|part| part.number);
    Ok(parts)
}

/// The logical partitions: each table has one, and the place of the next table counted from the first.
fn logical(disk: &mut Disk, first: u64, unit: u64, parts: &mut Vec<Part>) -> Result<(), ReadError> {
    let (mut table, mut number, mut seen) = (first, 5, Vec::new());
    while seen.len() < MAX_PARTS && !seen.contains(&table) {
        seen.push(table);
        let mut sector = vec![0; SECTOR];
        let at = table.saturating_mul(unit);
        if !disk.read(at, &mut sector)?.is_empty() {
            // Beyond the end: that there are more is all that is known.
            parts.extend((at >= disk.size()).then(|| Part {
                number,
                at,
                length: 0,
                kind: "not known".into(),
            }));
            break;
        }
        let mut next = None;
        for row in rows(&sector) {
            if EXTENDED.contains(&row.kind) {
                next = next.or(Some(first + row.first));
            } else if row.kind != 0 && row.count > 0 {
                parts.extend(part(number, &row, table + row.first, unit));
                number += 1;
            }
        }
        match next {
            Some(next) => table = next,
            None => break,
        }
    }
    Ok(())
}

/// A partition; `None`: it does not lie on any disk.
fn part(number: usize, row: &Row, first: u64, unit: u64) -> Option<Part> {
    let at = first.checked_mul(unit).filter(|at| *at > 0)?;
    Some(Part {
        number,
        at,
        length: row.count.saturating_mul(unit),
        kind: format!("type {:02x}", row.kind),
    })
}

/// The partitions of a GPT (UEFI Specification 2.10, 5.3); `None`: there is none.
fn gpt(
    disk: &mut Disk,
    unit: u64,
    faults: &mut Vec<String>,
) -> Result<Option<Vec<Part>>, ReadError> {
    let last = (disk.size() / unit).saturating_sub(1);
    for (header, is_second) in [(1, false), (last, true)] {
        if let Some(parts) = gpt_at(disk, header, unit)? {
            if is_second {
                faults.push("The partition table is damaged: its second copy was used.".into());
            }
            return Ok(Some(parts));
        }
    }
    Ok(None)
}

/// Most bytes of a GPT's entries: 16,384 in all that UEFI reserves, and more for tables made longer.
const MAX_TABLE: u64 = 1 << 20;

fn gpt_at(disk: &mut Disk, header: u64, unit: u64) -> Result<Option<Vec<Part>>, ReadError> {
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
    let mut parts = Vec::new();
    for (number, entry) in (1..).zip(entries.chunks_exact(length as usize)) {
        let (first, last) = (field(entry, 32, 8), field(entry, 40, 8));
        let is_used = entry.iter().take(16).any(|byte| *byte != 0);
        let at = first.checked_mul(unit).filter(|at| *at > 0);
        if let (true, Some(at)) = (is_used && parts.len() < MAX_PARTS, at) {
            parts.push(Part {
                number,
                at,
                length: last
                    .saturating_sub(first)
                    .saturating_add(1)
                    .saturating_mul(unit),
                kind: gpt_kind(entry),
            });
        }
    }
    Ok(Some(parts))
}

/// The name of a partition, or the number of its kind.
fn gpt_kind(entry: &[u8]) -> String {
    let name: Vec<u16> = units(entry.get(56..128).unwrap_or_default()).collect();
    match of_utf16(&name) {
        name if name.is_empty() => format!("kind {:08x}", field(entry, 0, 4)),
        name => String::from_utf8_lossy(&name).into_owned(),
    }
}

/// A little-endian number of so many bytes.
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
