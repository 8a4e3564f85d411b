//! The files of the fictional owner's phone.

use super::databases::{self, Owner, media};
use super::settings::{Era, Settings};
use crate::practice::pictures;

/// A file on the phone.
#[derive(Debug, Clone, Default)]
pub struct PhoneFile {
    pub domain: String,
    pub path: String,
    pub bytes: Vec<u8>,
    /// In seconds since 1970.
    pub modified: i64,
    /// The phone notes the file's checksum, as it does for databases.
    pub has_checksum: bool,
}

impl PhoneFile {
    pub fn new(domain: &str, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            domain: domain.into(),
            path: path.into(),
            bytes: bytes.into(),
            modified: i64::from(pictures::DATE),
            has_checksum: false,
        }
    }
}

const WHATSAPP: &str = "AppDomainGroup-group.net.whatsapp.WhatsApp.shared";

/// All files that the phone puts into the backup, sorted as a phone sorts them.
pub fn files(settings: &Settings) -> rusqlite::Result<Vec<PhoneFile>> {
    let photo = |number: u32| pictures::photo(settings.seed, number);
    let layout = settings.era.layout();
    let photos = (0..settings.photos).map(|number| {
        let (folder, name) = media::path_of(number);
        PhoneFile {
            domain: "CameraRollDomain".into(),
            path: format!("Media/{folder}/{name}"),
            bytes: photo(number),
            modified: i64::from(pictures::taken(number)),
            has_checksum: true,
        }
    });
    let (memos, memo_folder) = media::memos_of(layout);
    let others = [
        PhoneFile::new(
            "CameraRollDomain",
            "Media/PhotoData/Thumbnails/V2/1.JPG",
            photo(8_000),
        ),
        PhoneFile::new(
            "HomeDomain",
            "Library/Voicemail/1.amr",
            [&b"#!AMR\n"[..], &[0x3c; 320]].concat(),
        ),
        PhoneFile::new(
            memos,
            &format!("{memo_folder}{}", media::MEMO),
            [&b"\0\0\0\x20ftypM4A "[..], &[7; 1000]].concat(),
        ),
        PhoneFile::new(
            "MediaDomain",
            "Library/SMS/Attachments/0a/10/AB/Ü 雪.jpg",
            photo(8_001),
        ),
        PhoneFile::new(
            WHATSAPP,
            "Message/Media/4915550100@s.whatsapp.net/a/b/c.jpg",
            photo(8_002),
        ),
        PhoneFile::new(WHATSAPP, "Library/Caches/c.jpg", photo(8_003)),
        PhoneFile::new(
            "AppDomain-com.example.scanner",
            "Documents/Lease.pdf",
            &b"%PDF-1.4\n"[..],
        ),
        // A file of no bytes, and one of exactly a block of the encryption.
        PhoneFile::new("HomeDomain", "Library/Preferences/empty.plist", Vec::new()),
        PhoneFile::new(
            "HomeDomain",
            "Library/Preferences/block.plist",
            &b"0123456789abcdef"[..],
        ),
    ];
    let hostile = [
        (
            "CameraRollDomain",
            "Media/DCIM/../../../../../../tmp/lifeboat-outside.jpg",
        ),
        ("CameraRollDomain", "/etc/lifeboat-outside.jpg"),
        ("CameraRollDomain", "Media/DCIM//./100APPLE\\..\\IMG.JPG"),
        ("../../CameraRollDomain", "Media/DCIM/1.JPG"),
    ];
    let hostile = hostile.into_iter().filter(|_| settings.hostile);
    let hostile = hostile.map(|(domain, path)| PhoneFile::new(domain, path, photo(8_004)));
    // The phone keeps small pictures of what is in iCloud.
    let in_cloud = settings.photos..settings.photos + settings.in_cloud;
    let small = in_cloud.filter(|number| number % 2 == 0).map(|number| {
        let (folder, name) = media::path_of(number);
        let path = format!("Media/PhotoData/Thumbnails/V2/{folder}/{name}/5003.JPG");
        PhoneFile::new("CameraRollDomain", &path, photo(number))
    });
    let databases = match settings.things {
        0 => Vec::new(),
        things => {
            let owner = Owner::of(settings.seed, things, true);
            let with_calls =
                settings.password.is_some() || !matches!(settings.era, Era::Ios14 | Era::Ios26);
            let mut files = databases::files(layout, &owner, with_calls)?;
            let roll = media::Roll {
                photos: settings.photos,
                in_cloud: settings.in_cloud,
            };
            files.extend(databases::media_files(layout, roll)?);
            files.extend(databases::attachments(layout, &owner, settings.seed));
            files
        }
    };
    let own = databases.into_iter().chain(settings.files.iter().cloned());
    let mut all: Vec<_> = photos
        .chain(others)
        .chain(small)
        .chain(hostile)
        .chain(own)
        .collect();
    all.sort_by(|one, other| (&one.domain, &one.path).cmp(&(&other.domain, &other.path)));
    Ok(all)
}
