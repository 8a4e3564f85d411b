//! The drives that a second copy can go to: what is mounted, how much is free, and whether it is another disk.

use std::path::{Path, PathBuf};

use super::disk::{self, DiskRelation};
use super::folder;

/// A folder that a copy can go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drive {
    /// Where it is mounted.
    pub place: PathBuf,
    /// Bytes that can still be written; `None`: the system does not say.
    pub free: Option<u64>,
    /// Whether it is on another disk than the rescue.
    pub apart: DiskRelation,
}

/// Returns the free space of a folder and whether it is on another disk.
pub fn weigh(rescue: &Path, place: &Path) -> Drive {
    Drive {
        free: folder::free_space(place).ok(),
        apart: disk::apart(rescue, place),
        place: place.to_owned(),
    }
}

/// Lists the drives that are mounted and can be written to: other disks first. The file system that holds the rescue is
/// left out.
pub fn drives(rescue: &Path) -> Vec<Drive> {
    let mut found: Vec<Drive> = places(rescue)
        .iter()
        .map(|place| weigh(rescue, place))
        .filter(|drive| drive.free != Some(0))
        .collect();
    found.sort_by_key(|drive| match drive.apart {
        DiskRelation::TwoDisks => 0,
        DiskRelation::Unknown => 1,
        DiskRelation::OneDisk => 2,
    });
    found
}

#[cfg(target_os = "linux")]
fn places(rescue: &Path) -> Vec<PathBuf> {
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let rescue = rescue.canonicalize().unwrap_or_else(|_| rescue.to_owned());
    let can_write = |place: &PathBuf| {
        place.is_dir() && rustix::fs::access(place, rustix::fs::Access::WRITE_OK).is_ok()
    };
    linux::candidates(&mounts, &rescue)
        .into_iter()
        .filter(can_write)
        .collect()
}

#[cfg(windows)]
fn places(_: &Path) -> Vec<PathBuf> {
    ('A'..='Z')
        .map(|letter| PathBuf::from(format!(r"{letter}:\")))
        .filter(|place| place.is_dir())
        .collect()
}

#[cfg(all(unix, not(target_os = "linux")))]
fn places(_: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir("/Volumes").into_iter().flatten();
    let places = entries.filter_map(|entry| Some(entry.ok()?.path()));
    // The disk that the system starts from is a link there.
    places.filter(|place| !place.is_symlink()).collect()
}

#[cfg(target_os = "linux")]
mod linux {
    use std::path::{Path, PathBuf};

    use super::disk::linux::{NETWORK, mounts};

    /// Folders of the system, where nobody keeps copies.
    const OF_SYSTEM: [&str; 10] = [
        "/boot", "/dev", "/efi", "/etc", "/proc", "/snap", "/sys", "/usr", "/var", "/run",
    ];

    /// Where desktops mount sticks.
    const OF_STICKS: &str = "/run/media";

    /// The mounts that can be drives of a person, according to `/proc/self/mountinfo`.
    pub fn candidates(mountinfo: &str, rescue: &Path) -> Vec<PathBuf> {
        let all: Vec<_> = mounts(mountinfo).collect();
        let home = all
            .iter()
            .filter(|mount| rescue.starts_with(&mount.place))
            .max_by_key(|mount| mount.place.components().count())
            .map(|mount| mount.place.clone());
        let mut found: Vec<PathBuf> = all
            .into_iter()
            .filter(|mount| {
                let is_disk = mount.source.starts_with("/dev/")
                    && !mount.source.starts_with("/dev/loop")
                    && !matches!(mount.kind.as_str(), "squashfs" | "iso9660" | "erofs");
                let is_remote = NETWORK.contains(&mount.kind.as_str());
                let is_of_system = OF_SYSTEM.iter().any(|one| mount.place.starts_with(one))
                    && !mount.place.starts_with(OF_STICKS);
                (is_disk || is_remote)
                    && !mount.is_read_only
                    && !is_of_system
                    && mount.place != Path::new("/")
                    && Some(&mount.place) != home.as_ref()
            })
            .map(|mount| mount.place)
            .collect();
        found.sort();
        found.dedup();
        found
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn sticks_and_shares_are_offered_and_what_is_of_the_system_is_not() {
            let mounts = "\
22 1 8:2 / / rw,relatime shared:1 - ext4 /dev/sda2 rw
23 22 8:1 / /boot/efi rw,relatime shared:2 - vfat /dev/sda1 rw
24 22 0:21 / /proc rw - proc proc rw
25 22 7:1 / /snap/core/1 ro - squashfs /dev/loop1 ro
26 22 8:3 / /home rw,relatime shared:3 - ext4 /dev/sda3 rw
40 22 8:17 / /run/media/kim/a\\040stick rw,nosuid shared:9 - vfat /dev/sdb1 rw,utf8
41 22 8:33 / /media/locked ro,nosuid shared:9 - vfat /dev/sdc1 ro
42 22 0:50 / /mnt/share rw - cifs //server/share rw
43 22 0:51 / /run/user/1000 rw - tmpfs tmpfs rw
";
            let places = candidates(mounts, Path::new("/home/kim/Rescues/2026-11-22 Pixel 6"));
            let wanted = ["/mnt/share", "/run/media/kim/a stick"].map(PathBuf::from);
            assert_eq!(places, wanted);
            let places = candidates(mounts, Path::new("/srv/2026-11-22 Pixel 6"));
            assert_eq!(places.first(), Some(&PathBuf::from("/home")));
        }
    }
}
