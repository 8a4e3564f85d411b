//! Decides which files of a storage are the owner's: pictures, videos, recordings, exported lists and documents. Names
//! and folders decide, in the same way for each way of reading a storage.

use crate::model::{FileKind, FileRank, HandsetFile, HandsetPath, other_backups};

/// Limits: the depth of folders, the names in one folder, and the files in total.
pub const MAX_DEPTH: usize = 32;
pub const MAX_NAMES: usize = 200_000;
pub const MAX_FILES: usize = 1_000_000;

/// The path at which Android shows its shared storage (AOSP `StorageManagerService`). Debugging and file transfer use
/// this one path for its files, so that a rescue can continue with the other approach.
pub const SHARED_STORAGE: &[u8] = b"/sdcard";

const PHOTOS: &str = "jpg jpeg jpe jfif png gif webp heic heif hif avif bmp tif tiff dng raw cr2 cr3 nef arw orf rw2 raf \
                      pef srw mpo jxl";
const VIDEOS: &str =
    "mp4 m4v mov 3gp 3g2 3gpp mkv webm avi mpg mpeg mts m2ts ts wmv asf flv insv lrv";
const SOUNDS: &str = "m4a qta amr awb aac mp3 ogg oga opus wav flac mka imy mid midi qcp wma 3ga";
const DATA: &str = "vcf vcard vcs ics ical ifb vnt csv tsv tab ldif";
/// Also archives. Backups of programs that keep messages are told by [`other_backups`].
const DOCUMENTS: &str = "pdf txt rtf md doc docx odt xls xlsx ods ppt pptx pps odp epub mobi pages numbers key gpx kml zip";

/// Extensions that were cut to three letters, if only a short name (8.3) is left: `CONTAC~1.VCA`. For `webm` and
/// `webp`, the content decides.
const CUT: &[(&str, FileKind)] = &[
    ("jfi", FileKind::Photo),
    ("hei", FileKind::Photo),
    ("jpx", FileKind::Photo),
    ("web", FileKind::Video),
    ("mpe", FileKind::Video),
    ("m2t", FileKind::Video),
    ("opu", FileKind::Sound),
    ("fla", FileKind::Sound),
    ("vca", FileKind::Data),
    ("ica", FileKind::Data),
    ("epu", FileKind::Document),
    ("mob", FileKind::Document),
    ("num", FileKind::Document),
    ("pag", FileKind::Document),
    ("cry", FileKind::Document),
];

/// Extensions of programs and of their own data: the content of such files is not examined.
const PROGRAMS: &str = "apk apks xapk apex obb dex odex vdex oat so jar jad exe dll sys msi bat cmd com cab lnk inf ini \
                        xml json js css html htm mht php py db db3 sqlite sqlite3 db-wal db-shm db-journal realm log lck \
                        lock cfg conf properties prefs plist nomedia thumbdata idx index ttf otf woff srt sub lrc \
                        m3u m3u8 pls cue nfo torrent url md5 sha1";

/// Returns a file with its kind and rank, by its name and folders; `None` if it is none of the owner's pictures,
/// recordings, exports or documents.
pub fn owners(file: HandsetFile) -> Option<HandsetFile> {
    let name = file.relative.0.rsplit(|byte| *byte == b'/').next()?;
    let kind = kind_of(name)?;
    Some(of_kind(file, kind))
}

/// Returns a file whose kind is already known, with its rank.
pub fn of_kind(file: HandsetFile, kind: FileKind) -> HandsetFile {
    HandsetFile {
        rank: rank_of(kind, &file.relative),
        trashed: is_trashed(&file.relative),
        kind,
        ..file
    }
}

/// Returns the path of a name in a folder of a storage; an empty path is the storage's root folder.
pub fn below(folder: &HandsetPath, name: &[u8]) -> HandsetPath {
    match folder.0.is_empty() {
        true => HandsetPath(name.to_vec()),
        false => folder.join(name),
    }
}

/// Returns the extension of a name, in lower case; `None` if there is none.
fn ending_of(name: &[u8]) -> Option<String> {
    let at = name.iter().rposition(|byte| *byte == b'.')?;
    let ending = std::str::from_utf8(name.get(at + 1..)?).ok()?;
    Some(ending.to_ascii_lowercase())
}

/// Returns the kind of a file, by the extension of its name, even if it was cut to three letters; `None` if such files
/// are not copied, or the name does not tell.
pub fn kind_of(name: &[u8]) -> Option<FileKind> {
    let ending = ending_of(name)?;
    if is_list_as_text(name, &ending) {
        return Some(FileKind::Data);
    }
    let cut = || CUT.iter().find(|(cut, _)| *cut == ending);
    kind_of_ending(&ending)
        .or_else(|| other_backups::kind(name))
        .or_else(|| cut().map(|(_, kind)| *kind))
}

/// True for a list that a browser or a mail program saved as a text: `contacts.vcf.txt`.
fn is_list_as_text(name: &[u8], ending: &str) -> bool {
    let stem = name
        .len()
        .checked_sub(".txt".len())
        .and_then(|at| name.get(..at));
    let inner = stem.filter(|_| ending == "txt").and_then(ending_of);
    inner.is_some_and(|inner| kind_of_ending(&inner) == Some(FileKind::Data))
}

/// True for a plain text. It may be a list that was saved under this name.
pub fn is_text_name(name: &[u8]) -> bool {
    kind_of(name) == Some(FileKind::Document) && ending_of(name).as_deref() == Some("txt")
}

/// True if the name alone tells the kind of a file: its extension is known, and not cut.
pub fn is_plain(name: &[u8]) -> bool {
    let ending = ending_of(name);
    // `avif` is cut to `avi`.
    let may_be_cut = ending.as_deref() == Some("avi") && name.contains(&b'~');
    let is_known =
        |ending: String| kind_of_ending(&ending).is_some() || other_backups::kind(name).is_some();
    !may_be_cut && ending.is_some_and(is_known)
}

/// True if a name is that of a program, or of a program's own data.
pub fn is_of_program(name: &[u8]) -> bool {
    let ending = ending_of(name);
    ending.is_some_and(|ending| {
        let is_backup = other_backups::kind(name).is_some();
        !is_backup && PROGRAMS.split_whitespace().any(|known| known == ending)
    })
}

/// True if a file is where a check of the card puts files that it found without a name: `LOST.DIR` (Android's
/// fsck_msdos), `FOUND.000` (Windows' chkdsk), and `FSCK0000.REC` in the root folder (dosfstools' fsck.fat).
pub fn is_recovered(relative: &HandsetPath) -> bool {
    let shown = relative.shown().to_lowercase();
    let (folders, name) = shown.rsplit_once('/').unwrap_or(("", &shown));
    let is_numbered = |text: &str, before: &str, after: &str| {
        let number = text
            .strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(after));
        number.is_some_and(|number| {
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    // Some file managers append a number to the second such folder.
    let is_kept = |folder: &str| {
        folder.starts_with("lost.dir")
            || folder == "lost+found"
            || is_numbered(folder, "found.", "")
    };
    folders.split('/').any(is_kept) || is_numbered(name, "fsck", ".rec")
}

fn kind_of_ending(ending: &str) -> Option<FileKind> {
    [
        (PHOTOS, FileKind::Photo),
        (VIDEOS, FileKind::Video),
        (SOUNDS, FileKind::Sound),
        (DATA, FileKind::Data),
        (DOCUMENTS, FileKind::Document),
    ]
    .into_iter()
    .find(|(endings, _)| endings.split_whitespace().any(|known| known == ending))
    .map(|(_, kind)| kind)
}

/// Folders in which apps keep what was sent and received, in lower case.
const MESSENGERS: [&str; 8] = [
    "android", "whatsapp", "telegram", "viber", "signal", "threema", "line", "wechat",
];

fn rank_of(kind: FileKind, relative: &HandsetPath) -> FileRank {
    let shown = relative.shown().to_lowercase();
    let mut folders: Vec<&str> = shown.split('/').collect();
    folders.pop();
    let cache = |folder: &&str| folder.contains("thumbnail") || folder.contains("cache");
    match kind {
        FileKind::Data => FileRank::Exported,
        _ if folders.iter().any(cache) => FileRank::Cache,
        _ if folders.contains(&"dcim") => FileRank::Own,
        FileKind::Document => FileRank::Document,
        _ if folders.iter().any(|folder| MESSENGERS.contains(folder)) => FileRank::Messengers,
        _ => FileRank::Other,
    }
}

/// Names of trash folders, in lower case and without a leading dot: those of Windows (`RECYCLER` and `RECYCLED` before
/// Vista), of file managers and galleries, and of network disks.
const BINS: &[&str] = &[
    "recycled",
    "#recycle",
    "@recycle",
    "recently deleted",
    "recently_deleted",
    "recently-deleted",
    "recentlydeleted",
    "trash",
    "trashbin",
    "trashcan",
    "$trash$",
    "globaltrash",
    "deleted items",
    "file_recycle",
    "gallery_recycle",
];

/// True if the owner threw a file away. Android 11 and later rename it (`.trashed-1700000000-1.jpg`, AOSP
/// `FileUtils.PREFIX_TRASHED`); systems and makers' galleries move it to a trash folder (`.Trashes`, `.Trash-1000`,
/// `.trashBin`, `$RECYCLE.BIN`, `.ColorOSGalleryRecycler`, `.vivoFileRecycleBin`).
fn is_trashed(relative: &HandsetPath) -> bool {
    let shown = relative.shown().to_lowercase();
    let (folders, _) = shown.rsplit_once('/').unwrap_or_default();
    let is_bin = |folder: &str| {
        let name = folder.strip_prefix('.').unwrap_or(folder);
        let bins = ["recyclebin", "recycle.bin", "recycle bin"];
        BINS.contains(&name)
            || name.ends_with("recycler")
            || bins.iter().any(|bin| name.contains(bin))
    };
    shown.split('/').any(|part| part.starts_with(".trash")) || folders.split('/').any(is_bin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(relative: &str) -> Option<HandsetFile> {
        owners(HandsetFile {
            relative: HandsetPath(relative.as_bytes().to_vec()),
            ..HandsetFile::default()
        })
    }

    #[test]
    fn files_are_known_by_their_names_and_folders() {
        for (relative, kind, rank, trashed) in [
            ("DCIM/Camera/1.JPG", FileKind::Photo, FileRank::Own, false),
            (
                "DCIM/.thumbnails/1.jpg",
                FileKind::Photo,
                FileRank::Cache,
                false,
            ),
            (
                "1A2B-3C4D/DCIM/100ANDRO/1.mp4",
                FileKind::Video,
                FileRank::Own,
                false,
            ),
            (
                "Pictures/.trashed-1700000000-1.jpg",
                FileKind::Photo,
                FileRank::Other,
                true,
            ),
            (
                "DCIM/.trashBin/1.heic",
                FileKind::Photo,
                FileRank::Own,
                true,
            ),
            (
                "Recordings/Voice.m4a",
                FileKind::Sound,
                FileRank::Other,
                false,
            ),
            (
                "Android/media/com.whatsapp/WhatsApp/Media/a.opus",
                FileKind::Sound,
                FileRank::Messengers,
                false,
            ),
            (
                "Download/contacts.VCF",
                FileKind::Data,
                FileRank::Exported,
                false,
            ),
        ] {
            let found = file(relative).unwrap();
            assert_eq!(
                (found.kind, found.rank, found.trashed),
                (kind, rank, trashed),
                "{relative}"
            );
        }
        for (relative, kind) in [
            ("Download/contacts.tsv", FileKind::Data),
            ("Download/book.ldif", FileKind::Data),
            ("Download/contacts.VCF.txt", FileKind::Data),
            ("Download/contacts.txt", FileKind::Document),
            ("SMSBackupRestore/sms-20240601101112.xml", FileKind::Data),
            ("SMSBackupRestore/calls-20240601101112.xml", FileKind::Data),
            (
                "Signal/Backups/signal-2024-06-01-10-11-12.backup",
                FileKind::Document,
            ),
            (
                "SmartSwitch/backup/MESSAGE/Message.spbm",
                FileKind::Document,
            ),
        ] {
            assert_eq!(file(relative).unwrap().kind, kind, "{relative}");
        }
        assert!(file("Download/layout.xml").is_none());
        let document = file("Documents/Lease.PDF").unwrap();
        assert_eq!(document.kind, FileKind::Document);
        assert_eq!(document.rank, FileRank::Document);
        assert!(file("Download/app.apk").is_none());
        assert!(file("DCIM/jpg").is_none());
    }
}
