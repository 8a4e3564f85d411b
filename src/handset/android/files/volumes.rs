//! Finds the storages of an Android handset: makers mount memory cards under many names.

use super::media_store::Listed;
use crate::handset::owner_files::{MAX_NAMES, SHARED_STORAGE};
use crate::handset::{HandsetError, Lacking};
use crate::model::HandsetPath;
use crate::protocol::adb::{AdbError, FileSync, Listing};

/// The folder where storages are mounted since Android 4.2, by volume number (`1A2B-3C4D`) or by a maker's name.
const MOUNTS: &[u8] = b"/storage";
/// Other entries there: the shared storage, by user, and links to it.
const NO_CARDS: &[&[u8]] = &[b"emulated", b"self"];
/// Folders that contain mounts: Sony's, ASUS's, and one that Android keeps private.
const FOLDERS_OF_MOUNTS: &[&[u8]] = &[b"/storage/removable", b"/Removable", b"/mnt/media_rw"];

/// The system's mount table: one line for each mount, with device, path and file system.
const TABLE: &[u8] = b"/proc/mounts";
const MAX_TABLE: usize = 1 << 20;
/// File systems of cards, and those that Android layers over them.
const OF_CARDS: &[&str] = &[
    "vfat", "exfat", "texfat", "sdfat", "ntfs", "tntfs", "ufsd", "fuse", "fuseblk", "sdcardfs",
    "esdfs",
];
/// Entries of `/mnt` that are internal views of the storages, or that are closed to the shell.
const SYSTEMS_OWN: &[&[u8]] = &[
    b"runtime",
    b"user",
    b"pass_through",
    b"androidwritable",
    b"installer",
    b"media_rw",
    b"secure",
    b"asec",
    b"obb",
    b"vendor",
    b"product",
    b"expand",
    b"appfuse",
    b"shell",
    b"sdcard",
];

/// The paths by which the media store and older programs refer to the shared storage.
const SHARED_NAMES: &[&[u8]] = &[
    SHARED_STORAGE,
    b"/storage/emulated/0",
    b"/storage/emulated/legacy",
    b"/storage/self/primary",
    b"/mnt/sdcard",
    b"/mnt/shell/emulated/0",
    b"/mnt/user/0/primary",
    b"/data/media/0",
];

/// The folder of the shared storages of all users, by user number.
const SHARED_BY_USER: &str = "/storage/emulated/";
/// The most other users whose shared storages are looked at.
const MAX_USERS: usize = 8;

/// The most paths that are checked for storages, not counting the shared storage.
const MAX_PLACES: usize = 40;

/// A storage, or another path of a storage.
#[derive(Debug, Clone)]
pub struct Volume {
    pub path: HandsetPath,
    /// The storage's folder in the combined tree of all storages; empty: the shared storage.
    pub name: HandsetPath,
}

impl Volume {
    /// True for the shared storage of another user: that of cloned apps, as far as the media store lists its files.
    pub fn is_of_other_user(&self) -> bool {
        other_user(&self.path).is_some()
    }
}

/// A storage with the listing of its top folder.
pub struct Shown {
    pub volume: Volume,
    pub listing: Listing,
}

/// Returns all storages that are not empty. The shared storage comes first, even if it is empty. Storages that fail are
/// added to `lacking`. Other paths of the shared storage are left out. Two cards with equal listings may be the same
/// card: the caller compares their files.
///
/// # Errors
/// If the link is lost, the rescue is stopped, or the handset has no such service.
pub fn shown(
    sync: &mut FileSync<'_>,
    listed: &[Listed],
    lacking: &mut Lacking,
) -> Result<Vec<Shown>, HandsetError> {
    let shared = Volume {
        path: HandsetPath(SHARED_STORAGE.into()),
        name: HandsetPath::default(),
    };
    let mut all = vec![Shown {
        listing: sync.list(&shared.path.join(b"").0, MAX_NAMES)?,
        volume: shared,
    }];
    // Paths that were already listed, including other paths of the shared storage: a path below one of these is listed
    // with it.
    let mut inside: Vec<HandsetPath> = Vec::new();
    let mut places = places(sync, &all[0].listing, listed)?;
    places.truncate(MAX_PLACES);
    places.extend(of_other_users(listed));
    for path in places {
        let is_other_users = other_user(&path).is_some();
        if inside
            .iter()
            .any(|above| rest_below(above, &path).is_some())
        {
            continue;
        }
        // A `/` at the end of the path makes the handset follow a link.
        let listing = match sync.list(&path.join(b"").0, MAX_NAMES) {
            Ok(listing) => listing,
            Err(error) if error.is_link_lost() || matches!(error, AdbError::Stopped) => {
                return Err(error.into());
            }
            // The owner's data is complete without the storage of another user.
            Err(_) if is_other_users => continue,
            // adbd lists a missing or closed folder as empty, so an error means that the folder exists.
            Err(error) => {
                lacking.add(&path, &error.to_string());
                continue;
            }
        };
        if listing.entries.is_empty() {
            continue;
        }
        inside.push(path.clone());
        // The storages of two users may look alike at the top. The caller compares their files.
        if !is_other_users && is_same(&all[0].listing, &listing) {
            continue;
        }
        let name = match other_user(&path) {
            Some(user) => HandsetPath(format!("user-{user}").into_bytes()),
            None => name_of(&path, &all),
        };
        all.push(Shown {
            volume: Volume { path, name },
            listing,
        });
    }
    Ok(all)
}

/// The top folders of the shared storages of other users, in which the owner's media store has files: makers show the
/// pictures of cloned apps there.
fn of_other_users(listed: &[Listed]) -> Vec<HandsetPath> {
    let users = listed.iter().filter_map(|listed| other_user(&listed.path));
    let users: std::collections::BTreeSet<u32> = users.collect();
    let folder = |user| HandsetPath(format!("{SHARED_BY_USER}{user}").into_bytes());
    users.into_iter().take(MAX_USERS).map(folder).collect()
}

/// The number of the user in whose shared storage this path is, if that is not the owner.
pub fn other_user(path: &HandsetPath) -> Option<u32> {
    let rest = path.0.strip_prefix(SHARED_BY_USER.as_bytes())?;
    let number = rest.split(|byte| *byte == b'/').next()?;
    let number: u32 = std::str::from_utf8(number).ok()?.parse().ok()?;
    (number != 0).then_some(number)
}

/// Lists a folder; `None` if the handset refuses.
fn list(sync: &mut FileSync<'_>, path: &HandsetPath) -> Result<Option<Listing>, HandsetError> {
    match sync.list(&path.0, MAX_NAMES) {
        Ok(listing) => Ok(Some(listing)),
        Err(error) if error.is_link_lost() || matches!(error, AdbError::Stopped) => {
            Err(error.into())
        }
        Err(_) => Ok(None),
    }
}

/// True if two folders show the same names with the same sizes and times.
pub fn is_same(one: &Listing, other: &Listing) -> bool {
    let marks = |listing: &Listing| {
        let entries = listing.entries.iter();
        let mark = |entry: &crate::protocol::adb::Entry| {
            let stat = entry.stat.as_ref().ok();
            let stat = stat.map(|stat| (stat.mode, stat.size, stat.modified));
            (entry.name.clone(), stat)
        };
        let mut marks: Vec<_> = entries.map(mark).collect();
        marks.sort_unstable();
        marks
    };
    one.entries.len() == other.entries.len() && marks(one) == marks(other)
}

/// Paths that may be cards, without duplicates: entries of Android's mount folders, paths in the mount table, and
/// folders where the media store has files.
fn places(
    sync: &mut FileSync<'_>,
    shared: &Listing,
    listed: &[Listed],
) -> Result<Vec<HandsetPath>, HandsetError> {
    let mut found: Vec<HandsetPath> = Vec::new();
    let mounts = HandsetPath(MOUNTS.to_vec());
    // On Archos devices, the only storage is mounted there.
    let listing = list(sync, &mounts)?.filter(|listing| !is_same(shared, listing));
    found.extend(
        listing
            .iter()
            .flat_map(|listing| folders_in(&mounts, listing)),
    );
    // Only folders of mounts that exist are listed: on an unreliable link, each query counts.
    let further: Vec<_> = found
        .iter()
        .filter(|path| is_of_mounts(path))
        .cloned()
        .collect();
    for folder in further {
        let listing = list(sync, &folder)?;
        found.extend(
            listing
                .iter()
                .flat_map(|listing| folders_in(&folder, listing)),
        );
    }
    let mut table = Limited(Vec::new());
    match sync.recv(TABLE, &mut table) {
        Ok(_) => {}
        Err(error) if error.is_link_lost() || matches!(error, AdbError::Stopped) => {
            return Err(error.into());
        }
        // The table can't be read, or is too long.
        Err(_) => {}
    }
    found.extend(mounted(&String::from_utf8_lossy(&table.0)));
    let known = found.clone();
    let is_known = |path: &HandsetPath| known.iter().any(|root| rest_below(root, path).is_some());
    let others = listed.iter().map(|listed| &listed.path);
    let others = others.filter(|path| {
        inside_shared(path).is_none() && other_user(path).is_none() && !is_known(path)
    });
    found.extend(others.filter_map(root_of));
    found.retain(is_place);
    let mut seen = std::collections::HashSet::new();
    found.retain(|path| seen.insert(path.0.clone()));
    Ok(found)
}

/// The entries of a folder of mounts, including links to mounts.
fn folders_in(folder: &HandsetPath, listing: &Listing) -> Vec<HandsetPath> {
    let entries = listing.entries.iter();
    let names = entries.filter(|entry| !entry.stat.as_ref().is_ok_and(|stat| stat.is_file()));
    names.map(|entry| folder.join(&entry.name)).collect()
}

fn is_of_mounts(path: &HandsetPath) -> bool {
    FOLDERS_OF_MOUNTS.contains(&&path.0[..])
}

/// A buffer for a table of unlimited length, of which only the start is kept.
struct Limited(Vec<u8>);

impl std::io::Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let room = MAX_TABLE.saturating_sub(self.0.len());
        self.0.extend_from_slice(&bytes[..bytes.len().min(room)]);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The paths of cards in the mount table.
fn mounted(table: &str) -> impl Iterator<Item = HandsetPath> {
    table.lines().filter_map(|line| {
        let mut words = line.split_ascii_whitespace().skip(1);
        let (path, system) = (words.next()?, words.next()?);
        // The mount table writes a space in a path this way (`getmntent(3)`).
        let path = path.replace("\\040", " ");
        OF_CARDS
            .contains(&system)
            .then(|| HandsetPath(path.into_bytes()))
    })
}

/// True for a path that may be a card's top folder, and is neither the shared storage nor an internal view.
fn is_place(path: &HandsetPath) -> bool {
    let parts: Vec<&[u8]> = path.0.split(|byte| *byte == b'/').skip(1).collect();
    if is_of_mounts(path) || inside_shared(path).is_some() {
        return false;
    }
    match parts.as_slice() {
        [b"storage", name, ..] => !NO_CARDS.contains(name),
        [b"mnt", name, ..] => !SYSTEMS_OWN.contains(name),
        [b"Removable", _, ..] => true,
        // HTC phones and others of that time mount cards there.
        [name] => name.to_ascii_lowercase().windows(2).any(|two| two == b"sd"),
        _ => false,
    }
}

/// The top folder of the storage that must hold a file from the media store.
fn root_of(path: &HandsetPath) -> Option<HandsetPath> {
    let slashes = path.0.iter().enumerate().filter(|(_, byte)| **byte == b'/');
    let ends: Vec<usize> = slashes.map(|(at, _)| at).skip(1).take(3).collect();
    let roots = ends.iter().filter_map(|end| path.0.get(..*end));
    let mut roots = roots.filter(|root| {
        let is_folder = [MOUNTS, b"/mnt"].contains(root) || FOLDERS_OF_MOUNTS.contains(root);
        !is_folder
    });
    roots.next().map(|root| HandsetPath(root.to_vec()))
}

/// The folder name for a card's files: the last part of the card's path, or a longer part if two cards share a name.
fn name_of(path: &HandsetPath, others: &[Shown]) -> HandsetPath {
    let parts: Vec<&[u8]> = path.0.split(|byte| *byte == b'/').collect();
    let is_free = |name: &[u8]| others.iter().all(|other| other.volume.name.0 != name);
    let names = (0..parts.len()).rev().map(|from| parts[from..].join(&b'-'));
    let name = names
        .into_iter()
        .find(|name| !name.is_empty() && is_free(name));
    HandsetPath(name.unwrap_or_else(|| path.0.clone()))
}

/// The relative path of a file in the combined tree of all storages.
pub fn relative_of(path: &HandsetPath, volumes: &[Volume]) -> Option<HandsetPath> {
    if let Some(inside) = inside_shared(path) {
        return Some(inside);
    }
    let below = volumes.iter().filter_map(|volume| {
        let rest = rest_below(&volume.path, path)?;
        Some((volume, rest))
    });
    let (volume, rest) = below.max_by_key(|(volume, _)| volume.path.0.len())?;
    Some(match volume.name.0.is_empty() {
        true => HandsetPath(rest.to_vec()),
        false => volume.name.join(rest),
    })
}

/// The relative path of a file in the shared storage, under any of its names.
fn inside_shared(path: &HandsetPath) -> Option<HandsetPath> {
    let mut named = SHARED_NAMES.iter();
    let named = named.find_map(|name| rest_below(&HandsetPath(name.to_vec()), path));
    Some(HandsetPath(named?.to_vec()))
}

/// The part of a path below a folder.
fn rest_below<'p>(folder: &HandsetPath, path: &'p HandsetPath) -> Option<&'p [u8]> {
    path.0.strip_prefix(&folder.0[..])?.strip_prefix(b"/")
}

/// True for private folders of apps, which are closed to the shell. `relative` is a path within its own storage.
pub fn is_apps_own(relative: &[u8]) -> bool {
    [b"Android/data".as_slice(), b"Android/obb"]
        .iter()
        .any(|own| relative == *own || relative.starts_with(&[own, &b"/"[..]].concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> HandsetPath {
        HandsetPath(text.as_bytes().to_vec())
    }

    #[test]
    fn cards_are_told_from_what_a_system_mounts() {
        for (at, is) in [
            ("/storage/1A2B-3C4D", true),
            ("/storage/MicroSD", true),
            ("/storage/removable/sdcard1", true),
            ("/mnt/extSdCard", true),
            ("/sdcard2", true),
            ("/storage/emulated", false),
            ("/storage/self", false),
            ("/storage/removable", false),
            ("/sdcard", true),
            ("/mnt/media_rw/1A2B-3C4D", false),
            ("/mnt/runtime/default/emulated", false),
            ("/firmware", false),
            ("/vendor/firmware_mnt", false),
        ] {
            assert_eq!(is_place(&path(at)), is, "{at}");
        }
        let table = "/dev/a /firmware vfat ro 0 0\n/dev/b /mnt/My\\040Card vfat rw 0 0\n/dev/c /data ext4 rw 0 0\nx\n";
        let found: Vec<_> = mounted(table).filter(is_place).collect();
        assert_eq!(found, [path("/mnt/My Card")]);
    }

    #[test]
    fn the_media_store_s_paths_are_found_in_the_folders() {
        let volumes = [
            ("/storage/1A2B-3C4D", "1A2B-3C4D"),
            ("/storage/removable/sdcard1", "sdcard1"),
            ("/sdcard", ""),
        ];
        let volumes = volumes.map(|(at, name)| Volume {
            path: path(at),
            name: path(name),
        });
        for (listed, relative) in [
            ("/storage/emulated/0/DCIM/1.jpg", Some("DCIM/1.jpg")),
            (
                "/storage/1A2B-3C4D/DCIM/1.jpg",
                Some("1A2B-3C4D/DCIM/1.jpg"),
            ),
            ("/storage/removable/sdcard1/1.jpg", Some("sdcard1/1.jpg")),
            ("/mnt/sdcard/DCIM/1.jpg", Some("DCIM/1.jpg")),
            ("/storage/ABCD-0000/1.jpg", None),
            // The owner's path doesn't stand for another user's file.
            ("/storage/emulated/999/DCIM/1.jpg", None),
            ("/storage/emulated/10/DCIM/1.jpg", None),
            ("NULL", None),
        ] {
            assert_eq!(
                relative_of(&path(listed), &volumes),
                relative.map(path),
                "{listed}"
            );
        }
        for (listed, root) in [
            ("/storage/ABCD-0000/DCIM/1.jpg", Some("/storage/ABCD-0000")),
            (
                "/storage/removable/sdcard1/1.jpg",
                Some("/storage/removable/sdcard1"),
            ),
            ("/sdcard2/DCIM/1.jpg", Some("/sdcard2")),
            ("NULL", None),
        ] {
            assert_eq!(root_of(&path(listed)), root.map(path), "{listed}");
        }
    }

    #[test]
    fn what_apps_keep_for_themselves_is_told() {
        for (relative, is) in [
            ("Android/data", true),
            ("Android/obb/x", true),
            ("Android/media", false),
            ("Android/database", false),
            ("Pictures/Android/data", false),
        ] {
            assert_eq!(is_apps_own(relative.as_bytes()), is, "{relative}");
        }
    }
}
