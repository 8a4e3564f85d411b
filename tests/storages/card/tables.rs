//! Partition tables, and first sectors that are not partition tables, built byte by byte from the specifications.

use lifeboat::format::disk::{Disk, FileSystem, find};

use super::support::{card, disk, rescue, rescue_image};

pub const SECTOR: usize = 512;

pub fn put(bytes: &mut [u8], at: usize, what: &[u8]) {
    bytes[at..at + what.len()].copy_from_slice(what);
}

/// A small, empty FAT12 volume with this name.
pub fn small_volume(label: &[u8; 11]) -> Vec<u8> {
    let mut volume = vec![0; 64 * SECTOR];
    put(&mut volume, 0, &[0xeb, 0x3c, 0x90]);
    put(
        &mut volume,
        11,
        &[0, 2, 1, 1, 0, 2, 16, 0, 64, 0, 0xf8, 1, 0],
    );
    put(&mut volume, 38, &[0x29, 1, 2, 3, 4]);
    put(&mut volume, 43, label);
    put(&mut volume, 510, &[0x55, 0xaa]);
    for table in [1, 2] {
        put(&mut volume, table * SECTOR, &[0xf8, 0xff, 0xff]);
    }
    volume
}

fn row(kind: u8, first: u32, count: u32) -> [u8; 16] {
    let mut row = [0; 16];
    row[4] = kind;
    row[8..12].copy_from_slice(&first.to_le_bytes());
    row[12..].copy_from_slice(&count.to_le_bytes());
    row
}

fn labels(disk: &mut Disk) -> Vec<String> {
    find(disk)
        .expect("a disk")
        .volumes
        .into_iter()
        .map(|volume| volume.label)
        .collect()
}

#[test]
fn logical_partitions_are_found_and_a_ring_of_them_ends() {
    for ring in [false, true] {
        let mut bytes = vec![0; 4096 * SECTOR];
        put(&mut bytes, 446, &row(0x01, 100, 64));
        put(&mut bytes, 462, &row(0x83, 200, 64));
        put(&mut bytes, 478, &row(0x05, 1000, 3000));
        put(&mut bytes, 510, &[0x55, 0xaa]);
        put(&mut bytes, 100 * SECTOR, &small_volume(b"ONE        "));
        for (table, next, label) in [
            (1000, Some(500), b"TWO        "),
            (1500, ring.then_some(0), b"THREE      "),
        ] {
            put(&mut bytes, table * SECTOR + 446, &row(0x01, 8, 64));
            if let Some(next) = next {
                put(&mut bytes, table * SECTOR + 462, &row(0x05, next, 100));
            }
            put(&mut bytes, table * SECTOR + 510, &[0x55, 0xaa]);
            put(&mut bytes, (table + 8) * SECTOR, &small_volume(label));
        }
        let mut disk = disk(bytes);
        assert_eq!(labels(&mut disk), ["ONE", "TWO", "THREE"]);
        let found = find(&mut disk).expect("a disk");
        let unknown: Vec<_> = found
            .unknown
            .iter()
            .map(|part| (part.number, part.kind.as_str()))
            .collect();
        assert_eq!(unknown, [(2, "type 83")]);
    }
}

/// A card without a partition table. Its first sector contains entries of an earlier table, or the text of a boot
/// program in their place.
#[test]
fn a_first_sector_that_is_a_volumes_own_is_believed_before_rows_in_it() {
    let card = card(|settings| settings.photos = 1);
    let volume = card.image()[8192 * SECTOR..].to_vec();
    let sectors = (volume.len() / SECTOR) as u32;
    let old = sectors - 200;
    let mut bytes = volume.clone();
    put(
        &mut bytes,
        old as usize * SECTOR,
        &small_volume(b"OLD        "),
    );
    put(&mut bytes, 446, &row(0x06, old, 64));
    put(&mut bytes, 462, &row(0x05, old, 64));
    let mut stale = disk(bytes.clone());
    assert_eq!(labels(&mut stale), ["MEMORY CARD"]);
    let found = find(&mut stale).expect("a disk");
    assert!(
        found.faults[0].contains("earlier partition table"),
        "{:?}",
        found.faults
    );
    assert_eq!((found.unknown.len(), found.missing.len()), (0, 0));
    // Another volume may lie after this one.
    let mut two = bytes.clone();
    two.extend(small_volume(b"BEHIND     "));
    put(&mut two, 478, &row(0x01, sectors, 64));
    assert_eq!(labels(&mut disk(two)), ["MEMORY CARD", "BEHIND"]);
    let mut text = volume;
    put(
        &mut text,
        446,
        b"\0Invalid partition table\0Error loading operating system\0Mis",
    );
    let found = find(&mut disk(text)).expect("a disk");
    assert_eq!(
        (found.volumes.len(), found.faults.len(), found.missing.len()),
        (1, 0, 0)
    );
    // The same entries in the first sector of an NTFS volume.
    let mut other = bytes;
    other[..90].fill(0);
    put(&mut other, 3, b"NTFS    ");
    let found = find(&mut disk(other)).expect("a disk");
    assert_eq!(
        (
            found.volumes.len(),
            found.unknown[0].holds.map(|what| what.name())
        ),
        (0, Some("NTFS"))
    );
}

/// Backup boot sectors of earlier volumes: FAT32's six sectors after the first, exFAT's twelve.
#[test]
fn a_first_sector_is_believed_before_a_second_one_that_an_earlier_volume_left() {
    let card = card(|settings| settings.photos = 1);
    let mut bytes = card.image()[8192 * SECTOR..].to_vec();
    // A partition table in the first sector, and a volume after it.
    put(&mut bytes, 0, &[0; 446]);
    put(&mut bytes, 446, &row(0x01, 20_000, 64));
    put(&mut bytes, 20_000 * SECTOR, &small_volume(b"NOW        "));
    assert_eq!(labels(&mut disk(bytes.clone())), ["NOW"]);
    // Without a valid first sector, the backup is all that is left.
    bytes[..SECTOR].fill(0xff);
    assert_eq!(labels(&mut disk(bytes)), ["MEMORY CARD"]);
    // exFAT's backup after the first sector of a small volume.
    let mut bytes = vec![0; 4000 * SECTOR];
    put(&mut bytes, 0, &small_volume(b"NOW        "));
    let mut boot = vec![0; SECTOR];
    put(&mut boot, 0, b"\xeb\x76\x90EXFAT   ");
    put(&mut boot, 72, &4000u64.to_le_bytes());
    put(
        &mut boot,
        80,
        &[100, 0, 0, 0, 10, 0, 0, 0, 200, 0, 0, 0, 100, 3, 0, 0, 2],
    );
    put(&mut boot, 108, &[9, 0, 1, 0x80]);
    put(&mut bytes, 12 * SECTOR, &boot);
    put(
        &mut bytes,
        100 * SECTOR,
        &[
            0xf8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        ],
    );
    assert_eq!(labels(&mut disk(bytes.clone())), ["NOW"]);
    bytes[..SECTOR].fill(0);
    let found = find(&mut disk(bytes)).expect("a disk");
    assert_eq!(found.volumes[0].file_system, FileSystem::ExFat);
}

/// A partition that is in a table and can't be found is reported as missing. An impossible entry is not.
#[test]
fn partitions_that_lost_what_tells_of_them_are_missed() {
    let table = |rows: &[[u8; 16]]| {
        let mut bytes = vec![0; 1000 * SECTOR];
        put(&mut bytes, 446, rows.as_flattened());
        put(&mut bytes, 510, &[0x55, 0xaa]);
        put(&mut bytes, 100 * SECTOR, &small_volume(b"ONE        "));
        bytes
    };
    let odd = |mut row: [u8; 16]| {
        row[0] = b'n';
        row
    };
    let one = row(0x01, 100, 64);
    for (rows, volumes, missing) in [
        (vec![one], 1, 0),
        // The first sector of the partition was erased.
        (vec![one, row(0x0b, 300, 64)], 1, 1),
        // The first sector of the logical partitions was erased.
        (vec![one, row(0x05, 300, 64)], 1, 1),
        (
            vec![one, odd(row(0x0b, 300, 64)), odd(row(0x0c, 70_000, 64))],
            1,
            0,
        ),
        (vec![one, row(0x83, 300, 64)], 1, 0),
        // Two equal entries, and two that exclude each other.
        (vec![one, one], 1, 0),
        (vec![row(0x01, 100, 300), row(0x01, 200, 64)], 2, 1),
    ] {
        let mut bytes = table(&rows);
        put(&mut bytes, 200 * SECTOR, &small_volume(b"TWO        "));
        let found = find(&mut disk(bytes)).expect("a disk");
        assert_eq!(
            (found.volumes.len(), found.missing.len()),
            (volumes, missing),
            "{:?}",
            found.missing
        );
    }
}

#[test]
fn a_hybrid_of_both_tables_tells_of_each_partition_once() {
    let mut bytes = gpt(512);
    put(&mut bytes, 446, &row(0xee, 1, 99));
    put(&mut bytes, 462, &row(0x0c, 100, 101));
    put(&mut bytes, 478, &row(0x01, 220, 64));
    put(&mut bytes, 220 * SECTOR, &small_volume(b"ROW        "));
    let mut both = disk(bytes.clone());
    assert_eq!(labels(&mut both), ["GPT", "ROW"]);
    assert!(find(&mut both).expect("a disk").missing.is_empty());
    // The GPT's volume is gone, and an entry of the other table points to a volume inside its range.
    put(&mut bytes, 100 * 512, &[0; 512]);
    put(&mut bytes, 462, &row(0x0c, 120, 64));
    put(&mut bytes, 120 * SECTOR, &small_volume(b"WITHIN     "));
    assert_eq!(labels(&mut disk(bytes)), ["WITHIN", "ROW"]);
}

/// mkfs.fat 4.2 writes a table with an entry for the whole disk into the first sector of a volume. An entry of the GPT
/// type may stand in a table without a GPT.
#[test]
fn a_row_for_the_whole_disk_or_for_no_gpt_is_no_other_volume() {
    let mut bytes = vec![0; 2000 * SECTOR];
    put(&mut bytes, 0, &small_volume(b"WHOLE      "));
    put(&mut bytes, 446, &row(0x01, 0, 64));
    let mut whole = disk(bytes);
    assert_eq!(labels(&mut whole), ["WHOLE"]);
    assert!(find(&mut whole).expect("a disk").missing.is_empty());
    let mut bytes = vec![0; 2000 * SECTOR];
    put(&mut bytes, 446, &row(0x0b, 100, 64));
    put(&mut bytes, 462, &row(0xee, 1000, 64));
    put(&mut bytes, 510, &[0x55, 0xaa]);
    put(&mut bytes, 100 * SECTOR, &small_volume(b"ROW        "));
    assert_eq!(labels(&mut disk(bytes)), ["ROW"]);
}

/// A disk without its first sector may still have a GPT.
#[test]
fn a_gpt_is_found_without_its_first_sector() {
    for fill in [0, 0xff] {
        let mut bytes = gpt(512);
        bytes[..SECTOR].fill(fill);
        assert_eq!(labels(&mut disk(bytes)), ["GPT"]);
    }
}

/// The table of a truncated image may still name the missing part.
#[test]
fn a_partition_beyond_the_end_of_an_image_is_missing() {
    let mut bytes = vec![0; 400 * SECTOR];
    put(&mut bytes, 446, &row(0x01, 100, 64));
    put(&mut bytes, 462, &row(0x01, 200, 64));
    put(&mut bytes, 478, &row(0x05, 300, 64));
    put(&mut bytes, 510, &[0x55, 0xaa]);
    put(&mut bytes, 100 * SECTOR, &small_volume(b"ONE        "));
    put(&mut bytes, 200 * SECTOR, &small_volume(b"TWO        "));
    put(&mut bytes, 300 * SECTOR + 446, &row(0x01, 8, 64));
    put(&mut bytes, 300 * SECTOR + 510, &[0x55, 0xaa]);
    put(&mut bytes, 308 * SECTOR, &small_volume(b"THREE      "));
    for (sectors, missing) in [(400, 0), (305, 1), (250, 1), (170, 2)] {
        let mut disk = disk(bytes[..sectors * SECTOR].to_vec());
        let found = find(&mut disk).expect("a disk");
        assert_eq!(found.volumes.len(), 3 - missing, "{sectors}");
        assert_eq!(
            found.missing.len(),
            missing,
            "{sectors}: {:?}",
            found.missing
        );
    }
    let folder = tempfile::tempdir().expect("a folder");
    let image = folder.path().join("card.img");
    std::fs::write(&image, &bytes[..250 * SECTOR]).expect("an image");
    let rescued = rescue_image(&image);
    assert!(!rescued.outcome.safe);
    assert!(
        rescued
            .said()
            .contains("beyond the end of the card or image"),
        "{}",
        rescued.said()
    );
}

/// A GPT with one partition, in units of `unit` bytes.
fn gpt(unit: usize) -> Vec<u8> {
    let crc = |bytes: &[u8]| {
        let mut crc = flate2_crc(bytes);
        crc = !crc;
        crc.to_le_bytes()
    };
    let mut bytes = vec![0; 300 * unit];
    put(&mut bytes, 446, &row(0xee, 1, u32::MAX));
    put(&mut bytes, 510, &[0x55, 0xaa]);
    let mut entries = vec![0; 128 * 128];
    put(&mut entries, 0, &[0xa2; 16]);
    put(&mut entries, 16, &[7; 16]);
    put(&mut entries, 32, &100u64.to_le_bytes());
    put(&mut entries, 40, &200u64.to_le_bytes());
    let tables = [
        (1usize, 2usize, 299u64),
        (299, 299 - entries.len().div_ceil(unit), 1),
    ];
    for (header, table, other) in tables {
        let mut head = vec![0; 92];
        put(&mut head, 0, b"EFI PART\0\0\x01\0");
        put(&mut head, 12, &92u32.to_le_bytes());
        put(&mut head, 24, &(header as u64).to_le_bytes());
        put(&mut head, 32, &other.to_le_bytes());
        put(&mut head, 72, &(table as u64).to_le_bytes());
        put(&mut head, 80, &128u32.to_le_bytes());
        put(&mut head, 84, &128u32.to_le_bytes());
        put(&mut head, 88, &crc(&entries));
        let sum = crc(&head);
        put(&mut head, 16, &sum);
        put(&mut bytes, header * unit, &head);
        put(&mut bytes, table * unit, &entries);
    }
    put(&mut bytes, 100 * unit, &small_volume(b"GPT        "));
    bytes
}

/// The CRC of ISO 3309, computed bit by bit, before the final inversion.
fn flate2_crc(bytes: &[u8]) -> u32 {
    bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            sum >> 1 ^ (0xedb8_8320 * (sum & 1))
        })
    })
}

#[test]
fn a_gpt_is_read_with_sectors_of_either_length_and_by_its_second_copy() {
    for unit in [512, 4096] {
        let whole = gpt(unit);
        assert_eq!(labels(&mut disk(whole.clone())), ["GPT"], "{unit}");
        let mut damaged = whole;
        damaged[unit + 20] ^= 1;
        damaged[unit + 16] ^= 1;
        let mut disk = disk(damaged);
        let found = find(&mut disk).expect("a disk");
        assert_eq!(found.volumes.len(), 1, "{unit}");
        assert!(
            found
                .faults
                .iter()
                .any(|fault| fault.contains("second copy")),
            "{:?}",
            found.faults
        );
    }
}

/// A reader that reports one block too many is not a damaged card.
#[test]
fn the_last_block_is_not_asked_for_without_need() {
    let healthy = card(|settings| settings.photos = 1);
    let last = healthy.image().len() as u64 / 512 - 1;
    let card = card(|settings| {
        settings.photos = 1;
        settings.bad_blocks = vec![last];
    });
    let rescued = rescue(&card);
    assert!(rescued.outcome.safe, "{:?}", rescued.outcome.why_not);
}

#[test]
fn a_disk_without_a_table_is_a_volume() {
    let card = card(|settings| settings.photos = 1);
    let mut volume = disk(card.image()[8192 * SECTOR..].to_vec());
    let found = find(&mut volume).expect("a disk");
    assert_eq!(found.volumes.len(), 1);
    assert_eq!(
        (found.volumes[0].at, found.unknown.len(), found.faults.len()),
        (0, 0, 0)
    );
    assert_eq!(found.volumes[0].file_system, FileSystem::Fat32);
}
