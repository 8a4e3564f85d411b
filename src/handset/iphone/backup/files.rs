//! Which files of a backup are the owner's own, and where their copies go: the camera roll, recordings, attachments of
//! messages and notes, files in the Files app, and what messengers keep.

use crate::format::iphone_backup::Entry;
use crate::handset::owner_files;
use crate::model::{FileKind, FileRank, HandsetFile, HandsetPath};
use crate::phrase;

/// A place of the owner's files.
struct Place {
    domain: Domain,
    /// The beginnings of their paths.
    prefix: &'static str,
    /// The folder of the copies, in front of the rest of the path.
    to: &'static str,
    rank: FileRank,
    which: Which,
}

enum Domain {
    Is(&'static str),
    /// The name of an app or of a group of apps contains this.
    Has(&'static str),
    AnyApp,
}

/// Which files of a place are the owner's.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    /// All. What is no picture or recording counts as a document.
    All,
    /// Those with a known extension.
    Known,
    /// Those, and databases, which hold the chats.
    KnownAndChats,
}

const fn place(
    domain: Domain,
    prefix: &'static str,
    to: &'static str,
    rank: FileRank,
    which: Which,
) -> Place {
    Place {
        domain,
        prefix,
        to,
        rank,
        which,
    }
}

/// Sources: the file lists of public images (iLEAPP), whatsapp_history, and the reports in `tests/FIELD.md`.
const PLACES: &[Place] = &[
    place(
        Domain::Is("CameraRollDomain"),
        "Media/DCIM/",
        "DCIM/",
        FileRank::Own,
        Which::All,
    ),
    place(
        Domain::Is("CameraRollDomain"),
        "Media/PhotoData/CPLAssets/",
        "PhotoData/CPLAssets/",
        FileRank::Own,
        Which::All,
    ),
    place(
        Domain::Is("CameraRollDomain"),
        "Media/PhotoData/Mutations/",
        "PhotoData/Mutations/",
        FileRank::Other,
        Which::Known,
    ),
    // The phone's own lists: Lifeboat reads names and dates from them, and they have more, such as albums and people.
    place(
        Domain::Is("CameraRollDomain"),
        "Media/PhotoData/Photos.sqlite",
        "PhotoData/Photos.sqlite",
        FileRank::Document,
        Which::All,
    ),
    place(
        Domain::Is("MediaDomain"),
        "Media/Recordings/CloudRecordings.db",
        phrase("Voice memos/CloudRecordings.db"),
        FileRank::Document,
        Which::All,
    ),
    place(
        Domain::Is("MediaDomain"),
        "Media/Recordings/Recordings.db",
        phrase("Voice memos/Recordings.db"),
        FileRank::Document,
        Which::All,
    ),
    place(
        Domain::Has("group.com.apple.VoiceMemos.shared"),
        "Recordings/CloudRecordings.db",
        phrase("Voice memos/CloudRecordings.db"),
        FileRank::Document,
        Which::All,
    ),
    // Photos that iTunes has put on the phone, up to iOS 7 or so.
    place(
        Domain::Is("MediaDomain"),
        "Media/DCIM/",
        "DCIM/",
        FileRank::Own,
        Which::All,
    ),
    place(
        Domain::Is("MediaDomain"),
        "Media/Recordings/",
        phrase("Voice memos/"),
        FileRank::Other,
        Which::Known,
    ),
    place(
        Domain::Has("group.com.apple.VoiceMemos.shared"),
        "Recordings/",
        phrase("Voice memos/"),
        FileRank::Other,
        Which::Known,
    ),
    place(
        Domain::Is("HomeDomain"),
        "Library/Voicemail/",
        "Voicemail/",
        FileRank::Other,
        Which::Known,
    ),
    place(
        Domain::Is("MediaDomain"),
        "Library/SMS/Attachments/",
        phrase("Message attachments/"),
        FileRank::Messengers,
        Which::All,
    ),
    // Pictures of messages until iOS 5. Phones that came from there keep them.
    place(
        Domain::Is("MediaDomain"),
        "Library/SMS/Parts/",
        phrase("Message attachments/Parts/"),
        FileRank::Messengers,
        Which::All,
    ),
    place(
        Domain::Is("HomeDomain"),
        "Library/SMS/Parts/",
        phrase("Message attachments/Parts/"),
        FileRank::Messengers,
        Which::All,
    ),
    place(
        Domain::Is("HomeDomain"),
        "Library/SMS/Attachments/",
        phrase("Message attachments/"),
        FileRank::Messengers,
        Which::All,
    ),
    place(
        Domain::Is("MediaDomain"),
        "Library/SMS/StickerCache/",
        phrase("Message attachments/StickerCache/"),
        FileRank::Messengers,
        Which::All,
    ),
    place(
        Domain::Is("HomeDomain"),
        "Library/SMS/StickerCache/",
        phrase("Message attachments/StickerCache/"),
        FileRank::Messengers,
        Which::All,
    ),
    place(
        Domain::Has("group.com.apple.notes"),
        "Accounts/",
        "Notes/",
        FileRank::Document,
        Which::Known,
    ),
    place(
        Domain::Has("group.com.apple.FileProvider.LocalStorage"),
        "File Provider Storage/",
        "Files/",
        FileRank::Document,
        Which::All,
    ),
    place(
        Domain::Has("net.whatsapp"),
        "",
        "WhatsApp/",
        FileRank::Messengers,
        Which::KnownAndChats,
    ),
    place(
        Domain::Has("ph.telegra"),
        "",
        "Telegram/",
        FileRank::Messengers,
        Which::Known,
    ),
    place(
        Domain::Has("com.viber"),
        "",
        "Viber/",
        FileRank::Messengers,
        Which::KnownAndChats,
    ),
    place(
        Domain::Has("ch.threema"),
        "",
        "Threema/",
        FileRank::Messengers,
        Which::KnownAndChats,
    ),
    place(
        Domain::Has("jp.naver.line"),
        "",
        "LINE/",
        FileRank::Messengers,
        Which::KnownAndChats,
    ),
    place(
        Domain::Has("com.tencent.xin"),
        "",
        "WeChat/",
        FileRank::Messengers,
        Which::KnownAndChats,
    ),
    place(
        Domain::Has("com.kik.chat"),
        "",
        "Kik/",
        FileRank::Messengers,
        Which::KnownAndChats,
    ),
    place(
        Domain::Has("com.facebook.Messenger"),
        "",
        "Messenger/",
        FileRank::Messengers,
        Which::Known,
    ),
    place(
        Domain::Has("com.skype"),
        "",
        "Skype/",
        FileRank::Messengers,
        Which::KnownAndChats,
    ),
    place(
        Domain::AnyApp,
        "Documents/",
        "Apps/",
        FileRank::Document,
        Which::Known,
    ),
];

/// Parts of paths that hold nothing but copies and thumbnails.
const CACHES: [&str; 5] = ["cache", "caches", "tmp", "thumbnails", "thumbs"];

const CHATS: [&str; 3] = [".sqlite", ".sqlite-wal", ".db"];

/// Returns a file of the backup as a file to rescue; `None` if it is not a file of the owner.
pub fn owners(entry: &Entry) -> Option<HandsetFile> {
    let place = PLACES.iter().find(|place| place.holds(entry))?;
    let rest = entry.path.strip_prefix(place.prefix)?;
    if rest
        .split('/')
        .any(|part| CACHES.contains(&part.to_lowercase().as_str()))
    {
        return None;
    }
    let name = rest.rsplit('/').next().unwrap_or(rest);
    let kind = owner_files::kind_of(name.as_bytes());
    let is_chat = || {
        CHATS
            .iter()
            .any(|ending| name.to_lowercase().ends_with(ending))
    };
    let kind = match (kind, place.which) {
        (Some(kind), _) => kind,
        (None, Which::All) => FileKind::Document,
        (None, Which::KnownAndChats) if is_chat() => FileKind::Document,
        (None, Which::Known | Which::KnownAndChats) => return None,
    };
    let app = match place.domain {
        Domain::AnyApp => app_of(&entry.domain).map(|app| format!("{app}/"))?,
        Domain::Is(_) | Domain::Has(_) => String::new(),
    };
    let rank = match kind {
        FileKind::Data => FileRank::Exported,
        FileKind::Photo | FileKind::Video | FileKind::Sound | FileKind::Document => place.rank,
    };
    Some(HandsetFile {
        path: path_of(entry),
        relative: HandsetPath(within(&format!("{}{app}{rest}", place.to)).into_bytes()),
        size: entry.size,
        exact: true,
        modified: taken(entry),
        kind,
        rank,
        trashed: false,
        library: None,
    })
}

impl Place {
    fn holds(&self, entry: &Entry) -> bool {
        let is_domain = match self.domain {
            Domain::Is(name) => entry.domain == name,
            Domain::Has(part) => {
                entry.domain.starts_with("AppDomain") && entry.domain.contains(part)
            }
            Domain::AnyApp => entry.domain.starts_with("AppDomain-"),
        };
        is_domain && entry.path.starts_with(self.prefix)
    }
}

/// The name of the app that a domain belongs to.
fn app_of(domain: &str) -> Option<&str> {
    let app = domain.strip_prefix("AppDomain-")?;
    (!app.is_empty()).then_some(app)
}

/// The path of a file on the phone, for people and for keys: its domain and its path there.
pub fn path_of(entry: &Entry) -> HandsetPath {
    HandsetPath(format!("{}/{}", entry.domain, entry.path).into_bytes())
}

/// The domain and path of a file that was listed.
pub fn place_of(path: &HandsetPath) -> Option<(&str, &str)> {
    std::str::from_utf8(&path.0).ok()?.split_once('/')
}

/// A path that leads nowhere but downwards.
pub fn within(path: &str) -> String {
    let is_name = |part: &&str| !matches!(*part, "" | "." | "..");
    let path = path.replace('\0', "_");
    path.split('/')
        .filter(is_name)
        .collect::<Vec<_>>()
        .join("/")
}

/// When a file was made: pictures are often written again years later, when the phone is updated.
fn taken(entry: &Entry) -> i64 {
    match (entry.born, entry.modified) {
        (0, modified) => modified,
        (born, 0) => born,
        (born, modified) => born.min(modified),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(domain: &str, path: &str) -> Option<(String, FileKind, FileRank)> {
        let found = owners(&Entry {
            domain: domain.into(),
            path: path.into(),
            ..Entry::default()
        })?;
        Some((found.relative.shown(), found.kind, found.rank))
    }

    #[test]
    fn the_owners_files_are_known_by_their_places() {
        let whatsapp = "AppDomainGroup-group.net.whatsapp.WhatsApp.shared";
        for (domain, path, to, kind, rank) in [
            (
                "CameraRollDomain",
                "Media/DCIM/100APPLE/IMG_1.HEIC",
                "DCIM/100APPLE/IMG_1.HEIC",
                FileKind::Photo,
                FileRank::Own,
            ),
            (
                "CameraRollDomain",
                "Media/DCIM/100APPLE/IMG_1.AAE",
                "DCIM/100APPLE/IMG_1.AAE",
                FileKind::Document,
                FileRank::Own,
            ),
            (
                "HomeDomain",
                "Library/Voicemail/3.amr",
                "Voicemail/3.amr",
                FileKind::Sound,
                FileRank::Other,
            ),
            (
                "MediaDomain",
                "Library/SMS/Attachments/a/b/x.pluginPayloadAttachment",
                "Message attachments/a/b/x.pluginPayloadAttachment",
                FileKind::Document,
                FileRank::Messengers,
            ),
            (
                "MediaDomain",
                "Library/SMS/Parts/a5/14/1166-0.JPG",
                "Message attachments/Parts/a5/14/1166-0.JPG",
                FileKind::Photo,
                FileRank::Messengers,
            ),
            (
                whatsapp,
                "Message/Media/1@s/a/b.jpg",
                "WhatsApp/Message/Media/1@s/a/b.jpg",
                FileKind::Photo,
                FileRank::Messengers,
            ),
            (
                whatsapp,
                "ChatStorage.sqlite",
                "WhatsApp/ChatStorage.sqlite",
                FileKind::Document,
                FileRank::Messengers,
            ),
            (
                "AppDomain-com.example.scan",
                "Documents/Lease.pdf",
                "Apps/com.example.scan/Lease.pdf",
                FileKind::Document,
                FileRank::Document,
            ),
            (
                "CameraRollDomain",
                "Media/DCIM/100APPLE/a\0b.jpg",
                "DCIM/100APPLE/a_b.jpg",
                FileKind::Photo,
                FileRank::Own,
            ),
            (
                "CameraRollDomain",
                "Media/DCIM/../../../.ssh/id.jpg",
                "DCIM/.ssh/id.jpg",
                FileKind::Photo,
                FileRank::Own,
            ),
        ] {
            assert_eq!(
                file(domain, path),
                Some((to.to_owned(), kind, rank)),
                "{path}"
            );
        }
        for (domain, path) in [
            ("CameraRollDomain", "Media/PhotoData/Thumbnails/V2/1.JPG"),
            (whatsapp, "Library/Caches/a.jpg"),
            ("HomeDomain", "Library/AddressBook/AddressBook.sqlitedb"),
            ("AppDomain-com.example.scan", "Library/Preferences/a.plist"),
        ] {
            assert_eq!(file(domain, path), None, "{path}");
        }
    }
}
