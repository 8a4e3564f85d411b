//! exFAT volumes with faulty folders, lengths and bitmaps, built byte by byte from the specification.

use std::fs;

use lifeboat::model::Verdict;

use super::support::{Rescued, rescue_image};
use crate::common::portable_files;

const SECTOR: usize = 512;
/// First sector of the cluster heap. A cluster is one sector.
const HEAP: usize = 64;
const CLUSTERS: usize = 2000;
const TABLE: usize = 24;
const ROOT: u32 = 8;

/// A volume under construction.
struct Card {
    bytes: Vec<u8>,
    /// The first free cluster.
    next: u32,
}

impl Card {
    /// A volume with a bitmap of one cluster at cluster 2, and a root folder of two clusters.
    fn new() -> Self {
        let mut card = Self {
            bytes: vec![0; (HEAP + CLUSTERS) * SECTOR],
            next: ROOT + 2,
        };
        let boot = &mut card.bytes;
        put(boot, 0, b"\xeb\x76\x90EXFAT   ");
        put(boot, 72, &((HEAP + CLUSTERS) as u64).to_le_bytes());
        put(boot, 80, &(TABLE as u32).to_le_bytes());
        put(boot, 84, &16u32.to_le_bytes());
        put(boot, 88, &(HEAP as u32).to_le_bytes());
        put(boot, 92, &(CLUSTERS as u32).to_le_bytes());
        put(boot, 96, &ROOT.to_le_bytes());
        put(boot, 100, &0x2010_0001u32.to_le_bytes());
        put(boot, 108, &[9, 0, 1, 0x80]);
        put(boot, 510, &[0x55, 0xaa]);
        card.link(0, 0xffff_fff8);
        card.link(1, u32::MAX);
        card.chain(2, 1);
        card.chain(ROOT, 2);
        card
    }

    fn link(&mut self, cluster: u32, next: u32) {
        let at = TABLE * SECTOR + cluster as usize * 4;
        put(&mut self.bytes, at, &next.to_le_bytes());
    }

    /// Marks clusters as used and links them into a chain.
    fn chain(&mut self, first: u32, count: u32) {
        for cluster in first..first + count {
            let is_last = cluster + 1 == first + count;
            self.link(cluster, if is_last { u32::MAX } else { cluster + 1 });
        }
        self.take(first, count);
    }

    /// Marks clusters as used.
    fn take(&mut self, first: u32, count: u32) {
        for number in first - 2..first - 2 + count {
            let at = place(2) + number as usize / 8;
            self.bytes[at] |= 1 << (number % 8);
        }
    }

    /// Writes these bytes to contiguous clusters. Returns the first cluster.
    fn write(&mut self, bytes: &[u8]) -> u32 {
        let (first, count) = (self.next, bytes.len().div_ceil(SECTOR) as u32);
        self.take(first, count);
        put(&mut self.bytes, place(first), bytes);
        self.next += count;
        first
    }

    /// Writes a folder with these entries into `count` clusters, contiguous or chained. Returns its first cluster.
    fn folder(&mut self, entries: &[[u8; 32]], count: u32, in_a_row: bool) -> u32 {
        let mut bytes = entries.as_flattened().to_vec();
        bytes.resize(count as usize * SECTOR, 0);
        let first = self.write(&bytes);
        if !in_a_row {
            self.chain(first, count);
        }
        first
    }

    /// Writes the root folder with the bitmap's entry and these entries.
    fn root(&mut self, entries: &[[u8; 32]]) {
        let mut bitmap = [0; 32];
        bitmap[0] = 0x81;
        bitmap[20] = 2;
        bitmap[24..26].copy_from_slice(&((CLUSTERS / 8) as u16).to_le_bytes());
        let all = [&[bitmap], entries].concat();
        assert!(all.len() < 32);
        put(&mut self.bytes, place(ROOT), all.as_flattened());
    }

    fn rescue(&self) -> Rescued {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("card.img");
        fs::write(&path, &self.bytes).expect("an image");
        rescue_image(&path)
    }
}

fn put(bytes: &mut [u8], at: usize, what: &[u8]) {
    bytes[at..at + what.len()].copy_from_slice(what);
}

fn place(cluster: u32) -> usize {
    (HEAP + cluster as usize - 2) * SECTOR
}

/// The entries of a file or folder. `flags` say whether it has clusters, and whether they are contiguous.
fn set(
    name: &str,
    is_folder: bool,
    flags: u8,
    first: u32,
    length: u64,
    more: &[[u8; 32]],
) -> Vec<[u8; 32]> {
    let units: Vec<u16> = name.encode_utf16().collect();
    let (mut file, mut stream) = ([0; 32], [0; 32]);
    let parts = units.len().div_ceil(15);
    file[0] = 0x85;
    file[1] = (1 + parts + more.len()) as u8;
    file[4] = if is_folder { 0x10 } else { 0x20 };
    file[12..16].copy_from_slice(&((29 << 9 | 10 << 5 | 3) << 16 | 12u32 << 11).to_le_bytes());
    // Eight hours east of UTC.
    file[23] = 0x80 | 32;
    stream[0] = 0xc0;
    stream[1] = flags;
    stream[3] = units.len() as u8;
    stream[8..16].copy_from_slice(&length.to_le_bytes());
    stream[20..24].copy_from_slice(&first.to_le_bytes());
    stream[24..32].copy_from_slice(&length.to_le_bytes());
    let mut all = vec![file, stream];
    for part in units.chunks(15) {
        let mut entry = [0; 32];
        entry[0] = 0xc1;
        let letters: Vec<u8> = part.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        entry[2..2 + letters.len()].copy_from_slice(&letters);
        all.push(entry);
    }
    all.extend(more);
    let bytes = all.as_flattened().iter().enumerate();
    let bytes = bytes.filter(|(at, _)| !matches!(at, 2 | 3));
    let sum = bytes.fold(0u16, |sum, (_, byte)| {
        sum.rotate_right(1).wrapping_add(u16::from(*byte))
    });
    all[0][2..4].copy_from_slice(&sum.to_le_bytes());
    all
}

const ROW: u8 = 3;
const CHAIN: u8 = 1;

fn photo(number: u8, length: usize) -> Vec<u8> {
    let mut bytes = b"\xff\xd8\xff\xe0\0\x10JFIF\0".to_vec();
    bytes.resize(length, number + 1);
    bytes
}

/// A card with a folder of `count` photos, one cluster each. A photo has eight entries; two of them hold its name.
fn with_photos(count: u8) -> (Card, u32) {
    let mut card = Card::new();
    let mut entries = Vec::new();
    for number in 0..count {
        let first = card.write(&photo(number, 300));
        let name = format!("IMG_{number:04} of a day by the sea with all.jpg");
        entries.extend(set(&name, false, ROW, first, 300, &[]));
    }
    let clusters = (entries.len() as u32).div_ceil(16) + 1;
    let folder = card.folder(&entries, clusters, true);
    let dcim = set("DCIM", true, ROW, folder, u64::from(clusters) * 512, &[]);
    card.root(&dcim);
    (card, folder)
}

#[test]
fn a_healthy_card_is_safe_and_its_times_keep_their_zone() {
    let (card, _) = with_photos(20);
    let rescued = card.rescue();
    assert!(rescued.outcome.safe, "{}", rescued.said());
    assert_eq!(rescued.photos().rescued, 20);
    let files = portable_files(&rescued.folder);
    let name = files
        .keys()
        .find(|name| name.contains("IMG_0003"))
        .expect("a photo");
    assert_eq!(files[name], photo(3, 300));
    let time =
        fs::metadata(rescued.folder.join("data").join(name)).and_then(|found| found.modified());
    let seconds = time.expect("a time").duration_since(std::time::UNIX_EPOCH);
    // 2009-10-03 12:00 in a zone eight hours ahead of UTC.
    assert_eq!(seconds.expect("a time").as_secs(), 1_254_542_400);
    assert!(
        !rescued.said().contains("without a time zone"),
        "{}",
        rescued.said()
    );
}

#[test]
fn erased_sectors_of_a_folder_are_named_wherever_they_lie() {
    let (healthy, folder) = with_photos(20);
    let used = 20 * 5 / 16;
    for fill in [0, 0xff, 0xaa] {
        for sector in 0..=used {
            let mut card = Card {
                bytes: healthy.bytes.clone(),
                next: 0,
            };
            card.bytes[place(folder + sector)..][..SECTOR].fill(fill);
            let rescued = card.rescue();
            let said = rescued.said();
            assert_eq!(
                rescued.photos().verdict,
                Verdict::Partial,
                "{fill:x} {sector}: {said}"
            );
            assert!(rescued.photos().rescued >= 12, "{fill:x} {sector}: {said}");
        }
    }
}

/// The root folder has lost the entry of the folder that contains everything.
#[test]
fn a_folder_that_no_folder_names_is_looked_into() {
    let (mut card, _) = with_photos(20);
    card.bytes[place(ROOT) + 32..place(ROOT) + SECTOR].fill(0);
    let rescued = card.rescue();
    let said = rescued.said();
    assert_eq!(rescued.photos().verdict, Verdict::Partial, "{said}");
    assert!(
        said.contains("lost folder 1 could not be confirmed as complete"),
        "{said}"
    );
    assert!(
        !said.contains("lost folder 2") && !said.contains("another folder"),
        "{said}"
    );
    assert_eq!(rescued.photos().rescued, 20, "{said}");
}

/// A card that was removed during a write: the file has a place but no length.
#[test]
fn a_file_without_length_is_named_and_what_is_its_is_copied() {
    for flags in [ROW, CHAIN] {
        let mut card = Card::new();
        let whole = photo(1, 3 * SECTOR);
        let first = card.write(&whole);
        if flags == CHAIN {
            card.chain(first, 3);
        }
        let other = card.write(&photo(2, 100));
        let empty = set("empty.jpg", false, 0, 0, 0, &[]);
        let entries = [
            set("film.jpg", false, flags, first, 0, &[]),
            set("other.jpg", false, ROW, other, 100, &[]),
            empty,
        ];
        card.root(&entries.concat());
        let rescued = card.rescue();
        let said = rescued.said();
        assert_eq!(rescued.photos().verdict, Verdict::Partial, "{said}");
        assert!(
            said.contains("film.jpg could not be confirmed as complete")
                && !said.contains("empty.jpg"),
            "{said}"
        );
        let files = portable_files(&rescued.folder);
        assert_eq!(files["photos/film.jpg"], whole, "{flags}");
        assert_eq!(files["photos/other.jpg"], photo(2, 100));
    }
}

#[test]
fn a_folder_without_length_is_looked_into_and_named() {
    for flags in [ROW, CHAIN] {
        let mut card = Card::new();
        let first = card.write(&photo(1, 100));
        let folder = card.folder(&set("in.jpg", false, ROW, first, 100, &[]), 1, flags == ROW);
        card.root(&set("DCIM", true, flags, folder, 0, &[]));
        let rescued = card.rescue();
        assert!(
            portable_files(&rescued.folder).contains_key("photos/DCIM/in.jpg"),
            "{}",
            rescued.said()
        );
        // For a chained folder the table gives its whole extent.
        assert_eq!(rescued.outcome.safe, flags == CHAIN, "{}", rescued.said());
    }
}

/// A maker's additional entries for a file, and garbage that cameras leave after the end of a folder.
#[test]
fn what_others_add_is_passed_over() {
    let mut vendor = [0x5a; 32];
    vendor[..2].copy_from_slice(&[0xe1, 1]);
    let mut card = Card::new();
    let first = card.write(&photo(1, 100));
    let entries = [
        set("one.jpg", false, ROW, first, 100, &[vendor]),
        set("VIDEO", true, ROW, 0, 0, &[]),
    ];
    card.root(&entries.concat());
    put(&mut card.bytes, place(ROOT + 1), &[0xca; 500]);
    let rescued = card.rescue();
    assert!(rescued.outcome.safe, "{}", rescued.said());
    assert_eq!(rescued.photos().rescued, 1);
}

/// Some car cameras give their folders a length of less than a cluster.
#[test]
fn a_folder_that_is_shorter_than_a_cluster_is_read() {
    let mut card = Card::new();
    let first = card.write(&photo(1, 100));
    let entries = set("in.jpg", false, ROW, first, 100, &[]);
    let folder = card.folder(&entries, 1, true);
    card.root(&set("VIDEO", true, ROW, folder, 128, &[]));
    let rescued = card.rescue();
    assert!(rescued.outcome.safe, "{}", rescued.said());
    assert_eq!(rescued.photos().rescued, 1);
}

/// Entries that no specification defines, or secondary entries without a primary one.
#[test]
fn what_is_not_understood_is_not_called_whole() {
    let mut unknown = [7; 32];
    for kind in [0xca, 0xff, 0x88] {
        unknown[0] = kind;
        let mut card = Card::new();
        let first = card.write(&photo(1, 100));
        let entries = [vec![unknown], set("one.jpg", false, ROW, first, 100, &[])];
        card.root(&entries.concat());
        let rescued = card.rescue();
        assert_eq!(
            rescued.photos().verdict,
            Verdict::Partial,
            "{kind:x}: {}",
            rescued.said()
        );
        assert_eq!(rescued.photos().rescued, 1);
    }
    let mut card = Card::new();
    let first = card.write(&photo(1, 100));
    let orphans = set("lost.jpg", false, ROW, first, 100, &[]).split_off(1);
    card.root(&orphans);
    let rescued = card.rescue();
    assert_eq!(
        rescued.photos().verdict,
        Verdict::Partial,
        "{}",
        rescued.said()
    );
}
