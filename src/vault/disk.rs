//! Finds out whether two folders are on the same disk: copies on the same disk fail together.

use std::path::Path;

/// Whether two folders are on different disks, as far as the system reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskRelation {
    OneDisk,
    TwoDisks,
    Unknown,
}

impl DiskRelation {
    /// Returns the name in the custody log.
    pub fn name(self) -> &'static str {
        match self {
            Self::OneDisk => "the same",
            Self::TwoDisks => "another",
            Self::Unknown => "unknown",
        }
    }

    /// Parses the name in the custody log. Any other text is unknown.
    pub fn named(name: &str) -> Self {
        [Self::OneDisk, Self::TwoDisks]
            .into_iter()
            .find(|apart| apart.name() == name)
            .unwrap_or(Self::Unknown)
    }

    pub fn is_another(self) -> Option<bool> {
        match self {
            Self::OneDisk => Some(false),
            Self::TwoDisks => Some(true),
            Self::Unknown => None,
        }
    }
}

/// Compares the disks of two folders. Folders on the same file system are on the same disk. For different file systems,
/// the system must report the devices beneath them.
pub fn apart(one: &Path, other: &Path) -> DiskRelation {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let device = |path: &Path| path.metadata().map(|m| m.dev()).ok();
        if device(one).is_some() && device(one) == device(other) {
            return DiskRelation::OneDisk;
        }
    }
    #[cfg(target_os = "linux")]
    {
        let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        let beneath = |path| linux::beneath(path, &mounts, Path::new("/sys/dev/block"));
        linux::compare(&beneath(one), &beneath(other))
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (one, other);
        DiskRelation::Unknown
    }
}

#[cfg(target_os = "linux")]
pub(super) mod linux {
    use std::collections::BTreeSet;
    use std::fs;
    use std::os::unix::fs::MetadataExt;
    use std::path::{Path, PathBuf};

    use super::DiskRelation;

    /// File systems whose files lie on another computer.
    pub const NETWORK: [&str; 8] = [
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "ceph",
        "afs",
        "fuse.sshfs",
        "fuse.davfs",
    ];

    /// Maximum nesting of devices (for example an encrypted device on a logical volume on a disk).
    const MAX_DEPTH: u32 = 8;

    /// The storage beneath a folder.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum Storage {
        /// Whole disks, by the system's names.
        Disks(BTreeSet<PathBuf>),
        /// Another computer, by its name in the mount.
        Network(String),
        Unknown,
    }

    pub fn compare(one: &Storage, other: &Storage) -> DiskRelation {
        match (one, other) {
            (Storage::Disks(one), Storage::Disks(other)) if one.is_disjoint(other) => {
                DiskRelation::TwoDisks
            }
            (Storage::Disks(_), Storage::Disks(_)) => DiskRelation::OneDisk,
            (Storage::Disks(_), Storage::Network(_)) | (Storage::Network(_), Storage::Disks(_)) => {
                DiskRelation::TwoDisks
            }
            // Two network shares may be on the same disk of one server.
            _ => DiskRelation::Unknown,
        }
    }

    /// Finds the storage beneath a path. `mounts` is the content of `/proc/self/mountinfo` (proc(5)); `sys` is
    /// `/sys/dev/block`.
    pub fn beneath(path: &Path, mounts: &str, sys: &Path) -> Storage {
        let Some((kind, source)) = path
            .canonicalize()
            .ok()
            .and_then(|path| mount_of(&path, mounts))
        else {
            return Storage::Unknown;
        };
        if NETWORK.contains(&&*kind) {
            return Storage::Network(source);
        }
        let Ok(device) = fs::metadata(&source).map(|found| found.rdev()) else {
            return Storage::Unknown;
        };
        let (major, minor) = (rustix::fs::major(device), rustix::fs::minor(device));
        let mut disks = BTreeSet::new();
        match whole_disks(&sys.join(format!("{major}:{minor}")), 0, &mut disks) {
            Some(()) if source.starts_with('/') => Storage::Disks(disks),
            _ => Storage::Unknown,
        }
    }

    /// One line of `/proc/self/mountinfo`.
    pub struct Mount {
        pub place: PathBuf,
        pub kind: String,
        pub source: String,
        pub is_read_only: bool,
    }

    /// Parses `/proc/self/mountinfo`.
    pub fn mounts(mountinfo: &str) -> impl Iterator<Item = Mount> {
        mountinfo.lines().filter_map(|line| {
            let (head, tail) = line.split_once(" - ")?;
            let mut head = head.split(' ').skip(4);
            let place = PathBuf::from(unescaped(head.next()?));
            let options = head.next().unwrap_or_default();
            let mut tail = tail.split(' ');
            Some(Mount {
                place,
                kind: tail.next()?.to_owned(),
                source: unescaped(tail.next()?),
                is_read_only: options.split(',').any(|option| option == "ro"),
            })
        })
    }

    /// Returns the type and the source of the mount that holds a path: the deepest mount, and the last one of several
    /// at the same place.
    pub fn mount_of(path: &Path, mountinfo: &str) -> Option<(String, String)> {
        mounts(mountinfo)
            .filter(|mount| path.starts_with(&mount.place))
            .max_by_key(|mount| mount.place.components().count())
            .map(|mount| (mount.kind, mount.source))
    }

    /// Decodes blanks and similar characters, which mountinfo writes in octal.
    fn unescaped(text: &str) -> String {
        [
            ("\\040", " "),
            ("\\011", "\t"),
            ("\\012", "\n"),
            ("\\134", "\\"),
        ]
        .iter()
        .fold(text.to_owned(), |text, (code, c)| text.replace(code, c))
    }

    /// Collects the disks that hold a block device.
    fn whole_disks(device: &Path, depth: u32, disks: &mut BTreeSet<PathBuf>) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        let device = device.canonicalize().ok()?;
        // A file mounted as a loop device may lie on any disk.
        if device.join("loop").exists() {
            return None;
        }
        let beneath: Vec<PathBuf> = fs::read_dir(device.join("slaves"))
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect();
        if !beneath.is_empty() {
            return beneath
                .iter()
                .try_for_each(|slave| whole_disks(slave, depth + 1, disks));
        }
        let disk = match device.join("partition").exists() {
            true => device.parent()?.to_owned(),
            false => device,
        };
        disks.insert(disk);
        Some(())
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        const MOUNTS: &str = "\
22 1 8:2 / / rw,relatime shared:1 - ext4 /dev/sda2 rw
40 22 8:17 / /media/a\\040stick rw,nosuid shared:9 - vfat /dev/sdb1 rw,utf8
41 22 0:50 / /mnt/share rw - cifs //server/share rw
42 22 0:51 / /mnt/share/deeper rw - tmpfs tmpfs rw
";

        #[test]
        fn a_path_is_on_its_deepest_mount() {
            for (path, kind, source) in [
                ("/home/alex", "ext4", "/dev/sda2"),
                ("/media/a stick/Rescues", "vfat", "/dev/sdb1"),
                ("/mnt/share/x", "cifs", "//server/share"),
                ("/mnt/share/deeper", "tmpfs", "tmpfs"),
                ("/mnt/sharex", "ext4", "/dev/sda2"),
            ] {
                let found = mount_of(Path::new(path), MOUNTS);
                assert_eq!(found, Some((kind.to_owned(), source.to_owned())), "{path}");
            }
        }

        /// Two partitions, and an encrypted device on one of them, are one disk; a stick is another.
        #[test]
        fn partitions_and_what_lies_on_them_are_their_disk() {
            let sys = tempfile::tempdir().unwrap();
            let make = |path: &str| fs::create_dir_all(sys.path().join(path)).unwrap();
            let touch = |path: &str| fs::write(sys.path().join(path), "1").unwrap();
            for part in ["sda/sda1", "sda/sda2", "sdb/sdb1"] {
                make(part);
                touch(&format!("{part}/partition"));
            }
            make("dm-0/slaves");
            let link = |from: &str, to: &str| {
                std::os::unix::fs::symlink(sys.path().join(to), sys.path().join(from)).unwrap();
            };
            link("dm-0/slaves/sda2", "sda/sda2");
            let disks = |device: &str| {
                let mut disks = BTreeSet::new();
                whole_disks(&sys.path().join(device), 0, &mut disks).map(|()| disks)
            };
            let beneath = |device: &str| Storage::Disks(disks(device).unwrap());
            let (root, home, stick) = (beneath("sda/sda1"), beneath("dm-0"), beneath("sdb/sdb1"));
            assert_eq!(compare(&root, &home), DiskRelation::OneDisk);
            assert_eq!(compare(&home, &stick), DiskRelation::TwoDisks);
            assert_eq!(disks("sdc"), None);
            make("loop0/loop");
            assert_eq!(disks("loop0"), None);
            let share = Storage::Network("//server/share".into());
            assert_eq!(compare(&root, &share), DiskRelation::TwoDisks);
            assert_eq!(compare(&share, &share), DiskRelation::Unknown);
            assert_eq!(compare(&Storage::Unknown, &stick), DiskRelation::Unknown);
        }
    }
}
