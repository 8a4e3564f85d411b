//! The disks that Linux's own driver finds behind an interface (kernel: Documentation/ABI/stable/sysfs-block), and
//! where they are mounted (proc_pid_mountinfo(5)).

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::super::{Storage, SystemDisk, clean};
use super::{number, text};

/// More than the slots of any card reader, or the partitions of any disk.
const MAX_DISKS: usize = 16;
const MAX_PARTS: usize = 256;
/// Maximum number of bytes read from the list of mounts.
const MAX_MOUNTS: u64 = 8 << 20;

/// Returns the disks behind the interface at `place`, in `/sys`; `processes` is `/proc`.
pub fn behind(place: &Path, processes: &Path) -> Storage {
    let driver = fs::read_link(place.join("driver")).ok();
    let driver = driver.and_then(|driver| driver.file_name().map(|name| name.to_owned()));
    let mut mounts = String::new();
    if let Ok(file) = File::open(processes.join("self/mountinfo")) {
        // Bytes that are not UTF-8 can't be part of a path that could be shown.
        let mut bytes = Vec::new();
        let _ = file.take(MAX_MOUNTS).read_to_end(&mut bytes);
        mounts = String::from_utf8_lossy(&bytes).into_owned();
    }
    let units = below(place, "host")
        .into_iter()
        .flat_map(|host| below(&host, "target"))
        .flat_map(|target| below(&target, ""))
        .filter(|unit| unit.join("type").is_file());
    Storage {
        has_driver: driver.is_some_and(|driver| driver != "usbfs"),
        disks: units
            .take(MAX_DISKS)
            .map(|unit| disk(&unit, &mounts))
            .collect(),
    }
}

/// Returns the folders whose names begin with `begin`, sorted.
fn below(place: &Path, begin: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(place)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(begin))
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .take(MAX_PARTS)
        .collect();
    found.sort();
    found
}

fn disk(unit: &Path, mounts: &str) -> SystemDisk {
    let mut disk = SystemDisk {
        kind: number(unit, "type", 10).unwrap_or(0x1f),
        ..SystemDisk::default()
    };
    let Some(block) = below(&unit.join("block"), "").into_iter().next() else {
        return disk;
    };
    disk.is_removable = number(&block, "removable", 10) == Some(1);
    let sectors: u64 = text(&block, "size")
        .and_then(|size| size.parse().ok())
        .unwrap_or(0);
    // Linux counts in sectors of 512 bytes here, whatever the disk's own sector size is.
    disk.size = sectors.saturating_mul(512);
    let parts = below(&block, "")
        .into_iter()
        .filter(|part| part.join("partition").is_file());
    for place in std::iter::once(block.clone()).chain(parts) {
        let Some(number) = text(&place, "dev") else {
            continue;
        };
        disk.used_as.extend(mounted_at(mounts, &number));
        let holders = below(&place.join("holders"), "");
        disk.used_as.extend(
            holders
                .iter()
                .filter_map(|holder| clean(&holder.file_name()?.to_string_lossy())),
        );
    }
    disk.used_as.dedup();
    disk
}

/// Returns the mount points of the device with this number.
fn mounted_at<'a>(mounts: &'a str, number: &'a str) -> impl Iterator<Item = String> {
    mounts.lines().filter_map(move |line| {
        let mut fields = line.split(' ').skip(2);
        let (device, _, place) = (fields.next()?, fields.next()?, fields.next()?);
        (device == number).then(|| clean(&place.replace("\\040", " ")))?
    })
}
