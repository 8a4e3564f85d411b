//! Writes a FAT32 card: a partition table, one volume, folders and files (FAT: General Overview of On-Disk Format
//! 1.03). It is independent of the code that reads cards.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Timelike};

use crate::practice::OwnersFile as File;

/// Size of a sector, in bytes.
pub const SECTOR: usize = 512;
/// First sector of the volume, as on SD cards of 4 GB and more (SD Association, File System Specification).
const VOLUME: usize = 8192;
const RESERVED: usize = 32;
const TABLES: usize = 2;
const ENTRY: usize = 32;
const END: u32 = 0x0fff_ffff;
/// Minimum number of clusters of FAT32.
const FEWEST: usize = 65_525;

/// A written card, with the locations of its files.
pub struct Card {
    /// All bytes of the card.
    pub bytes: Vec<u8>,
    /// Sectors of each file, in order, by path.
    pub sectors: BTreeMap<String, Vec<u64>>,
    /// Offset of each file's directory entry on the card, in bytes, and the number of long-name entries before it.
    pub entries: BTreeMap<String, (usize, usize)>,
    /// Sectors of each folder. The root folder has an empty path.
    pub folders: BTreeMap<String, Vec<u64>>,
    /// For each of the two allocation tables, its sectors that describe clusters in use.
    pub tables: [Vec<u64>; TABLES],
}

/// The boot sectors, and their second copies.
pub const BOOT: u64 = VOLUME as u64;
pub const SECOND_BOOT: u64 = BOOT + 6;

/// Contents of a folder: its files by number, and its subfolders by path.
#[derive(Default)]
struct Folder {
    files: Vec<usize>,
    folders: Vec<String>,
}

/// Writes a card. Each file has two fragments, as on a card that was used for a long time.
pub fn write(files: &[File], label: &[u8; 11], serial: u32) -> Card {
    let folders = folders(files);
    let mut chains = Chains::default();
    let entries = |folder: &Folder| {
        let names = folder.files.iter().filter_map(|number| files.get(*number));
        let names = names.map(|file| name_of(&file.path));
        let names = names.chain(folder.folders.iter().map(|path| name_of(path)));
        3 + names.map(|name| 1 + long_entries(name)).sum::<usize>()
    };
    let of_folders: BTreeMap<&str, Vec<u32>> = folders
        .iter()
        .map(|(path, folder)| {
            (
                path.as_str(),
                chains.row((entries(folder) * ENTRY).div_ceil(SECTOR)),
            )
        })
        .collect();
    let counts: Vec<usize> = files
        .iter()
        .map(|file| file.bytes.len().div_ceil(SECTOR))
        .collect();
    let mut of_files: Vec<Vec<u32>> = counts.iter().map(|count| chains.row(count / 2)).collect();
    for (chain, count) in of_files.iter_mut().zip(&counts) {
        chain.extend(chains.row(count - count / 2));
    }
    for chain in of_folders.values().chain(&of_files) {
        chains.link(chain);
    }

    let clusters = chains.table.len().max(FEWEST + 1000);
    let table_sectors = (clusters * 4).div_ceil(SECTOR);
    let heap = VOLUME + RESERVED + TABLES * table_sectors;
    let mut card = vec![0; (heap + clusters) * SECTOR];
    let place = |cluster: u32| heap + cluster as usize - 2;
    partition_table(&mut card, clusters + heap - VOLUME);
    boot_sectors(
        &mut card,
        clusters + heap - VOLUME,
        table_sectors,
        label,
        serial,
    );
    for copy in 0..TABLES {
        let at = (VOLUME + RESERVED + copy * table_sectors) * SECTOR;
        let entries = chains.table.iter().flat_map(|next| next.to_le_bytes());
        put(&mut card, at, &entries.collect::<Vec<_>>());
    }
    let mut sectors = BTreeMap::new();
    for (file, chain) in files.iter().zip(&of_files) {
        for (piece, cluster) in file.bytes.chunks(SECTOR).zip(chain) {
            put(&mut card, place(*cluster) * SECTOR, piece);
        }
        let places = chain.iter().map(|cluster| place(*cluster) as u64);
        sectors.insert(file.path.clone(), places.collect());
    }
    let mut names = BTreeMap::new();
    let chain_of = |path: &str| of_folders.get(path).cloned().unwrap_or_default();
    for (path, folder) in &folders {
        let chain = chain_of(path);
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        let first = |path: &str| {
            let chain = of_folders.get(path).and_then(|chain| chain.first());
            chain.copied().unwrap_or_default()
        };
        let mut directory = Directory::default();
        if path.is_empty() {
            directory.entry(label, 0x08, 0, 0, 0);
        } else {
            // A `..` entry that refers to the root folder has cluster 0.
            let above = if parent.is_empty() { 0 } else { first(parent) };
            directory.entry(b".          ", 0x10, first(path), 0, super::BOUGHT);
            directory.entry(b"..         ", 0x10, above, 0, super::BOUGHT);
        }
        for inner in &folder.folders {
            directory.name(name_of(inner), 0x10, first(inner), 0, super::BOUGHT);
        }
        for number in &folder.files {
            let (Some(file), Some(chain)) = (files.get(*number), of_files.get(*number)) else {
                continue;
            };
            let first = chain.first().copied().unwrap_or_default();
            let length = file.bytes.len() as u32;
            let name = name_of(&file.path);
            directory.name(name, 0x20, first, length, file.modified);
            let at = directory.bytes.len() - ENTRY;
            let sector = chain_of(path)
                .get(at / SECTOR)
                .map(|cluster| place(*cluster));
            if let Some(sector) = sector {
                let at = sector * SECTOR + at % SECTOR;
                names.insert(file.path.clone(), (at, long_entries(name)));
            }
        }
        for (piece, cluster) in directory.bytes.chunks(SECTOR).zip(chain) {
            put(&mut card, place(cluster) * SECTOR, piece);
        }
    }
    let used = (chains.table.len() * 4).div_ceil(SECTOR) as u64;
    let table = |copy: usize| {
        let first = (VOLUME + RESERVED + copy * table_sectors) as u64;
        (first..first + used).collect()
    };
    let of_folder = |(path, chain): (&&str, &Vec<u32>)| {
        let sectors = chain.iter().map(|cluster| place(*cluster) as u64);
        ((*path).to_owned(), sectors.collect())
    };
    Card {
        folders: of_folders.iter().map(of_folder).collect(),
        tables: [table(0), table(1)],
        entries: names,
        bytes: card,
        sectors,
    }
}

/// The folders that contain the files, including the root.
fn folders(files: &[File]) -> BTreeMap<String, Folder> {
    let mut all: BTreeMap<String, Folder> = BTreeMap::new();
    all.entry(String::new()).or_default();
    for (number, file) in files.iter().enumerate() {
        let mut path = file.path.as_str();
        let mut is_file = true;
        while !path.is_empty() {
            let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
            let folder = all.entry(parent.to_owned()).or_default();
            if is_file {
                folder.files.push(number);
            } else if !folder.folders.iter().any(|known| known == path) {
                folder.folders.push(path.to_owned());
            }
            (path, is_file) = (parent, false);
        }
    }
    all
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// Number of directory entries for a long name.
fn long_entries(name: &str) -> usize {
    name.encode_utf16().count().div_ceil(13)
}

/// The allocation table. The root folder gets the first cluster, number 2.
struct Chains {
    table: Vec<u32>,
}

impl Default for Chains {
    fn default() -> Self {
        Self {
            table: vec![0x0fff_fff8, END],
        }
    }
}

impl Chains {
    /// Allocates contiguous clusters.
    fn row(&mut self, count: usize) -> Vec<u32> {
        let first = self.table.len() as u32;
        let row: Vec<u32> = (first..).take(count).collect();
        self.table.resize(self.table.len() + count, 0);
        row
    }

    fn link(&mut self, chain: &[u32]) {
        let nexts = chain.iter().skip(1).copied().chain([END]);
        for (cluster, next) in chain.iter().zip(nexts) {
            if let Some(entry) = self.table.get_mut(*cluster as usize) {
                *entry = next;
            }
        }
    }
}

fn put(card: &mut [u8], at: usize, bytes: &[u8]) {
    let places = card.iter_mut().skip(at);
    places.zip(bytes).for_each(|(place, byte)| *place = *byte);
}

fn partition_table(card: &mut [u8], sectors: usize) {
    // FAT32 with LBA; the CHS fields have their maximum values.
    put(card, 446, &[0, 0xfe, 0xff, 0xff, 0x0c, 0xfe, 0xff, 0xff]);
    put(card, 454, &(VOLUME as u32).to_le_bytes());
    put(card, 458, &(sectors as u32).to_le_bytes());
    put(card, 510, &[0x55, 0xaa]);
}

fn boot_sectors(card: &mut [u8], sectors: usize, table: usize, label: &[u8; 11], serial: u32) {
    let mut boot = vec![0; SECTOR];
    put(&mut boot, 0, &[0xeb, 0x58, 0x90]);
    put(&mut boot, 3, b"MSDOS5.0");
    put(&mut boot, 11, &(SECTOR as u16).to_le_bytes());
    put(&mut boot, 13, &[1, RESERVED as u8, 0, TABLES as u8]);
    put(&mut boot, 21, &[0xf8]);
    put(&mut boot, 24, &[63, 0, 255, 0]);
    put(&mut boot, 28, &(VOLUME as u32).to_le_bytes());
    put(&mut boot, 32, &(sectors as u32).to_le_bytes());
    put(&mut boot, 36, &(table as u32).to_le_bytes());
    put(&mut boot, 44, &[2, 0, 0, 0, 1, 0, 6, 0]);
    put(&mut boot, 64, &[0x80, 0, 0x29]);
    put(&mut boot, 67, &serial.to_le_bytes());
    put(&mut boot, 71, label);
    put(&mut boot, 82, b"FAT32   ");
    put(&mut boot, 510, &[0x55, 0xaa]);
    let mut info = vec![0; SECTOR];
    put(&mut info, 0, b"RRaA");
    put(&mut info, 484, b"rrAa\xff\xff\xff\xff\xff\xff\xff\xff");
    put(&mut info, 510, &[0x55, 0xaa]);
    for (sector, bytes) in [(0, &boot), (1, &info), (6, &boot), (7, &info)] {
        put(card, (VOLUME + sector) * SECTOR, bytes);
    }
}

/// The directory entries of a folder.
#[derive(Default)]
struct Directory {
    bytes: Vec<u8>,
    /// Short names in use.
    short: Vec<[u8; 11]>,
}

impl Directory {
    fn entry(&mut self, short: &[u8; 11], attributes: u8, first: u32, length: u32, modified: u32) {
        let (date, time) = date_and_time(modified);
        let mut entry = [0; ENTRY];
        put(&mut entry, 0, short);
        put(&mut entry, 11, &[attributes]);
        put(&mut entry, 14, &time.to_le_bytes());
        put(&mut entry, 16, &date.to_le_bytes());
        put(&mut entry, 18, &date.to_le_bytes());
        put(&mut entry, 20, &((first >> 16) as u16).to_le_bytes());
        put(&mut entry, 22, &time.to_le_bytes());
        put(&mut entry, 24, &date.to_le_bytes());
        put(&mut entry, 26, &(first as u16).to_le_bytes());
        put(&mut entry, 28, &length.to_le_bytes());
        self.bytes.extend(entry);
    }

    /// Adds an entry, with the entries of its long name before it.
    fn name(&mut self, name: &str, attributes: u8, first: u32, length: u32, modified: u32) {
        let short = self.short_name(name);
        let sum = short
            .iter()
            .fold(0u8, |sum, byte| sum.rotate_right(1).wrapping_add(*byte));
        let mut units: Vec<u16> = name.encode_utf16().collect();
        let parts = units.len().div_ceil(13);
        if !units.len().is_multiple_of(13) {
            units.push(0);
        }
        units.resize(parts * 13, 0xffff);
        for (number, part) in (1u8..)
            .zip(units.chunks(13))
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
        {
            let is_last = usize::from(number) == parts;
            let letters: Vec<u8> = part.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            let mut entry = [0; ENTRY];
            put(
                &mut entry,
                0,
                &[if is_last { number | 0x40 } else { number }],
            );
            put(&mut entry, 11, &[0x0f, 0, sum]);
            for (at, range) in [(1, 0..10), (14, 10..22), (28, 22..26)] {
                put(&mut entry, at, letters.get(range).unwrap_or_default());
            }
            self.bytes.extend(entry);
        }
        self.entry(&short, attributes, first, length, modified);
    }

    /// Makes a short name: six letters of the name, a tilde, and a number that makes it unique.
    fn short_name(&mut self, name: &str) -> [u8; 11] {
        let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
        let plain = |text: &str| -> Vec<u8> {
            let letters = text.chars().filter(char::is_ascii_alphanumeric);
            letters
                .map(|letter| letter.to_ascii_uppercase() as u8)
                .collect()
        };
        let (stem, ending) = (plain(stem), plain(ending));
        let mut number = 1;
        loop {
            let tail = format!("~{number}");
            let mut short = *b"           ";
            let kept = stem.len().min(8 - tail.len());
            put(&mut short, 0, stem.get(..kept).unwrap_or_default());
            put(&mut short, kept, tail.as_bytes());
            put(
                &mut short,
                8,
                ending.get(..ending.len().min(3)).unwrap_or_default(),
            );
            if !self.short.contains(&short) {
                self.short.push(short);
                return short;
            }
            number += 1;
        }
    }
}

fn date_and_time(seconds: u32) -> (u16, u16) {
    let Some(time) = DateTime::from_timestamp(i64::from(seconds), 0).filter(|_| seconds > 0) else {
        return (0, 0);
    };
    let year = u16::try_from(time.year() - 1980).unwrap_or_default();
    let (month, day) = (time.month() as u16, time.day() as u16);
    let (hour, minute, second) = (
        time.hour() as u16,
        time.minute() as u16,
        time.second() as u16,
    );
    (
        year << 9 | month << 5 | day,
        hour << 11 | minute << 5 | (second / 2),
    )
}
