//! Finds the volumes on a disk: by its partition table (MBR or GPT), as a volume without a table, or, if the table
//! cannot be read, by a search where volumes usually begin.

use super::foreign::{self, Foreign, foreign};
use super::mbr::SIGNATURE;
use super::{Disk, ReadError, Volume, gpt, mbr};
use crate::phrase;

/// Maximum number of partitions, including logical partitions of an MBR and those of a GPT.
pub(super) const MAX_PARTS: usize = 128;
/// End of the area that is searched for a lost volume, in bytes. SDXC cards begin their volume at 16 MiB (SD
/// Association, File System Specification), other cards earlier.
const SEARCHED: u64 = 17 << 20;
pub(super) const SECTOR: usize = 512;

/// What was found on a disk.
#[derive(Debug, Default)]
pub struct Found {
    pub volumes: Vec<Volume>,
    /// Partitions without a readable volume.
    pub unknown: Vec<Part>,
    /// Faults of the partition table, each a sentence.
    pub faults: Vec<String>,
    /// Contents that may also be on the disk but were not found, each a sentence.
    pub missing: Vec<String>,
}

impl Found {
    /// Records a fault of the table, once.
    pub(super) fn fault(&mut self, what: &str) {
        if self.faults.iter().all(|known| known != what) {
            self.faults.push(what.to_owned());
        }
    }
}

/// A partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Number from 1 on, as operating systems count: logical partitions of an MBR start at 5. 0 means a whole disk
    /// without a table.
    pub number: usize,
    /// Start on the disk, in bytes.
    pub at: u64,
    /// In bytes.
    pub length: u64,
    /// Type given by the table: the hexadecimal type of an MBR, or the name in a GPT.
    pub kind: String,
    /// The table says that the partition holds FAT or exFAT, or may hold it.
    pub is_ours: bool,
    /// False if the row looks invalid: then a missing volume is no loss.
    pub is_likely: bool,
    /// The contents, if they are known but not a readable volume.
    pub holds: Option<Foreign>,
}

/// Finds the volumes of a disk.
///
/// If the first sector is the boot sector of a file system, its partition table rows are ignored: they are remains of
/// an earlier table, or text of a boot program. Windows and libblkid do the same.
///
/// # Errors
/// If the disk gives nothing more at all, or the reader was stopped.
pub fn find(disk: &mut Disk) -> Result<Found, ReadError> {
    let mut found = Found::default();
    let mut head = vec![0; SECTOR];
    let is_damaged = !disk.read(0, &mut head)?.is_empty();
    // If the first sector is a partition table, a backup boot sector may belong to an earlier volume.
    let own = match mbr::has_signature(&head) {
        true => Volume::open_by_first(disk, 0)?,
        false => Volume::open(disk, 0)?,
    };
    if let Some(volume) = own
        && volume.clusters.begin_where_they_should(disk)?
    {
        remainders(disk, &head, &volume, &mut found)?;
        found.volumes.insert(0, volume);
        return Ok(found);
    }
    if foreign::is_boot_sector(disk, 0)? {
        let holds = foreign(disk, 0)?;
        found.unknown.push(whole(disk, holds));
        return Ok(found);
    }
    if is_damaged {
        found.fault(phrase(
            "The first sector, which contains the partition table, is damaged.",
        ));
    }
    // Most formatters count in sectors of 512 bytes, on every computer. A disk with other sectors may count in its
    // own.
    let mut units = vec![disk.block().max(SECTOR as u64), 512, 4096];
    units.dedup();
    let mut first = None;
    for unit in units {
        let mut by_unit = Found::default();
        by_table(disk, &head, unit, is_damaged, &mut by_unit)?;
        if !by_unit.volumes.is_empty() {
            by_unit.faults.splice(..0, found.faults);
            return Ok(by_unit);
        }
        first.get_or_insert(by_unit);
    }
    let first = first.unwrap_or_default();
    found.faults.extend(first.faults);
    if let Some(volume) = Volume::open(disk, 0)? {
        found.volumes.push(volume);
        return Ok(found);
    }
    found.unknown = first.unknown;
    if found.unknown.is_empty() {
        let on_all = foreign(disk, 0)?;
        found
            .unknown
            .extend(on_all.map(|what| whole(disk, Some(what))));
    }
    // A partition without its first sector cannot be identified.
    if found
        .unknown
        .iter()
        .all(|part| part.holds.is_none() && part.is_ours)
    {
        search(disk, &mut found)?;
    }
    found.missing.extend(first.missing);
    Ok(found)
}

/// A disk without a partition table.
fn whole(disk: &Disk, holds: Option<Foreign>) -> Part {
    Part {
        number: 0,
        at: 0,
        length: disk.size(),
        kind: phrase("no partition table").into(),
        is_ours: false,
        is_likely: true,
        holds,
    }
}

/// Adds volumes from table rows in a first sector that is itself a boot sector. The rows may still describe volumes
/// after the first one. Volumes that would lie inside the first one are not in use.
fn remainders(
    disk: &mut Disk,
    head: &[u8],
    own: &Volume,
    found: &mut Found,
) -> Result<(), ReadError> {
    for part in mbr::primary(head, SECTOR as u64) {
        let Some(volume) = Volume::open(disk, part.at)? else {
            continue;
        };
        if !volume.clusters.begin_where_they_should(disk)? {
            continue;
        }
        if part.at >= own.end() {
            add(volume, found);
        } else {
            found.fault(
                phrase(
                    "The card's first sector still contains rows of an earlier partition table. The volumes that \
                     these rows point to were not read, because the present volume is stored there now.",
                ),
            );
        }
    }
    Ok(())
}

/// Finds the volumes that a partition table lists, in units of `unit` bytes.
fn by_table(
    disk: &mut Disk,
    head: &[u8],
    unit: u64,
    is_damaged: bool,
    found: &mut Found,
) -> Result<(), ReadError> {
    // A GPT disk says so in its first sector, unless that sector was lost. On other disks the last sector is not
    // read, because some card readers report one sector too many.
    let may_have_gpt = is_damaged || mbr::says_gpt(head) || !mbr::has_signature(head);
    let by_gpt = match may_have_gpt {
        true => gpt::parts(disk, unit, found)?,
        false => None,
    };
    let parts = match &by_gpt {
        None => mbr::parts(disk, head, unit, found)?,
        // A hybrid table: some partitions are in both tables.
        Some(parts) => {
            let rows = mbr::primary(head, unit).into_iter();
            let rows = rows.map(|row| Part {
                is_likely: false,
                ..row
            });
            parts.iter().cloned().chain(rows).collect()
        }
    };
    let of_table = by_gpt.map_or(parts.len(), |parts| parts.len());
    let mut living: Vec<Part> = Vec::new();
    for (place, mut part) in parts.into_iter().enumerate() {
        let is_known =
            |other: &Part| other.at == part.at || (place >= of_table && crosses(&part, other));
        if living.iter().any(is_known) {
            continue;
        }
        if part.at >= disk.size() {
            if part.is_likely {
                found.missing.push(phrase!(
                    "Partition {} begins beyond the end of the card or image. It can't be read.",
                    part.number
                ));
            }
            continue;
        }
        if let Some(volume) = Volume::open(disk, part.at)? {
            add(volume, found);
            living.push(part);
            continue;
        }
        if !part.is_likely {
            continue;
        }
        part.holds = foreign(disk, part.at)?;
        if part.is_ours && part.holds.is_none() {
            found.missing.push(phrase!(
                "Partition {} is marked as FAT or exFAT ({}), but it contains no volume that Lifeboat can find: \
                 the description of the volume is lost.",
                part.number, part.kind
            ));
        }
        found.unknown.push(part);
    }
    for (place, part) in living.iter().enumerate() {
        if let Some(other) = living.iter().take(place).find(|other| crosses(part, other)) {
            found.missing.push(phrase!(
                "Partitions {} and {} overlap. One of them is left over from an earlier partition table, and \
                 Lifeboat can't tell which. Both were read.",
                other.number, part.number
            ));
        }
    }
    Ok(())
}

/// Adds a volume, unless it is already known. Two rows may describe the same volume.
fn add(volume: Volume, found: &mut Found) {
    if found.volumes.iter().all(|known| known.at != volume.at) {
        found.volumes.push(volume);
    }
}

fn crosses(one: &Part, other: &Part) -> bool {
    let end = |part: &Part| part.at.saturating_add(part.length);
    one.at < end(other) && other.at < end(one)
}

/// Searches for the boot sector of a volume if no table lists one.
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
        // The sector may be a backup boot sector. exFAT has it twelve sectors after the first boot sector, FAT32 six.
        let begins = likely.into_iter().flat_map(|place| {
            let before = [12, 6, 0].into_iter();
            before.filter_map(move |count: u64| place.checked_sub(count * SECTOR as u64))
        });
        for begin in begins {
            let Some(volume) = Volume::open(disk, begin)? else {
                continue;
            };
            // Otherwise this is a backup boot sector taken for the first one, and every offset would be some sectors
            // too high.
            if volume.clusters.begin_where_they_should(disk)? {
                found.faults.push(phrase!(
                    "No partition table lists the volume that begins at byte {begin}. Lifeboat found it by \
                     searching."
                ));
                let behind = disk.size().saturating_sub(volume.end());
                if behind > SEARCHED {
                    found.missing.push(phrase!(
                        "No table describes the {behind} bytes after that volume. They were not read."
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
