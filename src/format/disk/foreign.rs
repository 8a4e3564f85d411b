//! Recognises disk contents other than FAT and exFAT: other file systems and packed images, by their first bytes.

use super::mbr::SIGNATURE;
use super::{Disk, ReadError};
use crate::phrase;

/// Known contents that Lifeboat cannot read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// A file system, with its name.
    Volume(&'static str),
    /// An image packed or wrapped by another program, with the name of the format.
    Packed(&'static str),
}

impl Foreign {
    pub fn name(self) -> &'static str {
        match self {
            Self::Volume(name) | Self::Packed(name) => name,
        }
    }
}

use Foreign::{Packed, Volume};

/// Known signatures: an offset, the bytes there, and the format, sorted by offset. The numbers come from libmagic,
/// libblkid and the format descriptions.
const KNOWN: &[(u64, &[u8], Foreign)] = &[
    (0, b"\x1f\x8b\x08", Packed("gzip")),
    (0, b"PK\x03\x04", Packed("ZIP")),
    (0, b"BZh", Packed("bzip2")),
    (0, b"\xfd7zXZ\0", Packed("xz")),
    (0, b"7z\xbc\xaf\x27\x1c", Packed("7-Zip")),
    (0, b"\x28\xb5\x2f\xfd", Packed("Zstandard")),
    (0, b"EVF\x09\x0d\x0a\xff\0", Packed("EnCase (E01)")),
    (0, b"QFI\xfb", Packed("QCOW")),
    (0, b"vhdxfile", Packed("VHDX")),
    (0, b"KDMV", Packed("VMDK")),
    (
        0,
        b"\x3a\xff\x26\xed",
        Packed(phrase("Android sparse image")),
    ),
    (0, b"LUKS\xba\xbe", Volume(phrase("LUKS (encrypted)"))),
    (0, b"XFSB", Volume("XFS")),
    (0, b"hsqs", Volume("SquashFS")),
    (3, NTFS, Volume("NTFS")),
    (3, BITLOCKER, Volume(phrase("BitLocker (encrypted)"))),
    (3, REFS, Volume("ReFS")),
    (32, b"NXSB", Volume("APFS")),
    (1024, b"H+\0\x04", Volume("HFS+")),
    (1024, b"HX\0\x05", Volume("HFSX")),
    (1024, b"BD", Volume("HFS")),
    (1024, b"\x10\x20\xf5\xf2", Volume("F2FS")),
    (1024, b"\xe2\xe1\xf5\xe0", Volume("EROFS")),
    (1080, b"\x53\xef", Volume(phrase("ext2, ext3 or ext4"))),
    (4086, b"SWAPSPACE2", Volume("swap")),
    (32_769, b"CD001", Volume("ISO 9660")),
    (32_769, b"BEA01", Volume("UDF")),
    (65_600, b"_BHRfS_M", Volume("Btrfs")),
];

/// OEM names (bytes 3 to 10) that formatters write into boot sectors.
const NTFS: &[u8] = b"NTFS    ";
const BITLOCKER: &[u8] = b"-FVE-FS-";
const REFS: &[u8] = b"ReFS\0\0\0\0";

/// Number of bytes examined.
const SEARCHED_BYTES: usize = 66 << 10;

/// Recognises the contents that begin at `at`, in bytes. `None`: unknown contents.
///
/// # Errors
/// If the disk gives nothing more at all, or the reader was stopped.
pub fn foreign(disk: &mut Disk, at: u64) -> Result<Option<Foreign>, ReadError> {
    let there = disk.size().saturating_sub(at).min(SEARCHED_BYTES as u64);
    let mut bytes = vec![0; usize::try_from(there).unwrap_or_default()];
    disk.read(at, &mut bytes)?;
    let is_there = |place: u64, wanted: &[u8]| {
        let tail = usize::try_from(place)
            .ok()
            .and_then(|place| bytes.get(place..));
        tail.is_some_and(|tail| tail.starts_with(wanted))
    };
    let mut known = KNOWN.iter();
    let found = known.find(|(place, wanted, _)| is_there(*place, wanted));
    Ok(found.map(|(_, _, what)| *what))
}

/// True if the sector at `at` is the boot sector of a file system that stores text and program code where a partition
/// table has its rows. Such a sector holds no partition table.
///
/// # Errors
/// If the disk gives nothing more at all, or the reader was stopped.
pub(super) fn is_boot_sector(disk: &mut Disk, at: u64) -> Result<bool, ReadError> {
    let mut sector = [0; 512];
    disk.read(at, &mut sector)?;
    let name = sector.get(3..11).unwrap_or_default();
    let names = [NTFS, BITLOCKER, REFS];
    Ok(sector.ends_with(&SIGNATURE) && names.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::disk::Blocks;

    struct Bytes(Vec<u8>);

    impl Blocks for Bytes {
        fn size(&self) -> u64 {
            self.0.len() as u64
        }
        fn block(&self) -> u32 {
            512
        }
        fn read(&mut self, at: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
            buffer.copy_from_slice(&self.0[at as usize..][..buffer.len()]);
            Ok(())
        }
    }

    #[test]
    fn each_is_known_by_its_first_bytes() {
        for (place, wanted, what) in KNOWN {
            let mut bytes = vec![0; 128 << 10];
            bytes[512 + *place as usize..][..wanted.len()].copy_from_slice(wanted);
            let mut disk = Disk::new(Box::new(Bytes(bytes)));
            assert_eq!(foreign(&mut disk, 512), Ok(Some(*what)));
            assert_eq!(foreign(&mut disk, 96 << 10), Ok(None));
        }
    }
}
