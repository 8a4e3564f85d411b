//! Which files of a storage are the owner's: pictures, videos, recordings, lists they had exported, documents; by their
//! names and folders, the same for each way in which a storage is read.

use crate::model::{FileKind, FileRank, HandsetFile, HandsetPath};

/// How deep folders are looked into; the most names of one folder; the most files of all.
pub const MAX_DEPTH: usize = 32;
pub const MAX_NAMES: usize = 200_000;
pub const MAX_FILES: usize = 1_000_000;

/// Where an Android has what it shows as its own storage (AOSP `StorageManagerService`). Debugging and file transfer
/// know its files by this one path, so that a rescue can go on by the other approach.
pub const SHARED_STORAGE: &[u8] = b"/sdcard";

const PHOTOS: &str = "jpg jpeg jpe jfif png gif webp heic heif hif avif bmp tif tiff dng raw cr2 cr3 nef arw orf rw2 raf \
                      pef srw mpo jxl";
const VIDEOS: &str =
    "mp4 m4v mov 3gp 3g2 3gpp mkv webm avi mpg mpeg mts m2ts ts wmv asf flv insv lrv";
const SOUNDS: &str = "m4a amr awb aac mp3 ogg oga opus wav flac mka imy mid midi qcp wma 3ga";
const DATA: &str = "vcf vcard vcs ics ical vnt csv";
/// Also what messengers back up into the shared storage (WhatsApp's `msgstore.db.crypt14`), and archives.
const DOCUMENTS: &str = "pdf txt rtf md doc docx odt xls xlsx ods ppt pptx pps odp epub mobi pages numbers key gpx kml zip \
                         crypt12 crypt14 crypt15";

/// A file with its kind and rank, as its name and folders tell them; `None`: it is none of the owner's pictures,
/// recordings, exports or documents.
pub fn owners(file: HandsetFile) -> Option<HandsetFile> {
    let name = file.relative.0.rsplit(|byte| *byte == b'/').next()?;
    let kind = kind_of(name)?;
    Some(HandsetFile {
        rank: rank_of(kind, &file.relative),
        trashed: is_trashed(&file.relative),
        kind,
        ..file
    })
}

/// A name in a folder that lies somewhere in its storage; an empty path is the storage's own folder.
pub fn below(folder: &HandsetPath, name: &[u8]) -> HandsetPath {
    match folder.0.is_empty() {
        true => HandsetPath(name.to_vec()),
        false => folder.join(name),
    }
}

/// What a file holds, by the ending of its name; `None`: nothing that is copied.
pub fn kind_of(name: &[u8]) -> Option<FileKind> {
    let at = name.iter().rposition(|byte| *byte == b'.')?;
    let ending = std::str::from_utf8(name.get(at + 1..)?)
        .ok()?
        .to_ascii_lowercase();
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
        _ if folders.contains(&"android") || folders.contains(&"whatsapp") => FileRank::Messengers,
        _ => FileRank::Other,
    }
}

/// Android 11 and later rename what is thrown away (`.trashed-1700000000-1.jpg`, AOSP `FileUtils.PREFIX_TRASHED`);
/// makers' galleries move it to a folder of their own (`.Trash`, `.trashBin`).
fn is_trashed(relative: &HandsetPath) -> bool {
    let shown = relative.shown().to_lowercase();
    shown.split('/').any(|part| part.starts_with(".trash"))
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
        let document = file("Documents/Lease.PDF").unwrap();
        assert_eq!(document.kind, FileKind::Document);
        assert_eq!(document.rank, FileRank::Document);
        assert!(file("Download/app.apk").is_none());
        assert!(file("DCIM/jpg").is_none());
    }
}
