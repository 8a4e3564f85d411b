//! A small finished rescue with files of every kind, made without a handset.

use std::fs;
use std::path::{Path, PathBuf};

use lifeboat::model::{
    Batch, Bookmark, Collection, Contact, Identity, RawReply, Record, RecordBody,
};
use lifeboat::vault::bag::{self, BagInfo};
use lifeboat::vault::{RescueSource, Vault, folder};

fn day() -> chrono::NaiveDate {
    chrono::NaiveDate::from_ymd_opt(2026, 11, 22).expect("a date")
}

/// Makes an unfinished rescue in `parent`, with a photo of `photo` bytes.
pub fn unfinished(parent: &Path, photo: usize) -> PathBuf {
    let identity = Identity {
        make: "Google".into(),
        model: "Pixel 6".into(),
        serial: "1A2B3C9A1X".into(),
        system: "Android 13".into(),
        approach: "ADB over TCP".into(),
        is_backup: false,
    };
    let folder = folder::new_folder(parent, day(), "Pixel 6", &identity.serial).expect("a folder");
    let mut vault = Vault::create(&folder, &identity, &RescueSource::default()).expect("a vault");
    let batch = Batch {
        raw: vec![RawReply {
            request: "query".into(),
            bytes: b"Row: 0 _id=1\n".to_vec(),
            packed: Vec::new(),
        }],
        records: vec![Record {
            key: "contact/1".into(),
            body: RecordBody::Contact(Contact::default()),
        }],
        bookmark: Some(Bookmark("1".into())),
        rows: 1,
    };
    vault
        .commit(Collection::Contacts, &batch)
        .expect("a commit");
    vault.log("began").expect("a log");
    vault.write_log().expect("a log");
    vault.close().expect("a closed vault");
    let data = folder.join("data");
    fs::create_dir_all(data.join("photos/DCIM")).expect("a folder");
    fs::create_dir(data.join("contacts")).expect("a folder");
    let bytes: Vec<u8> = (0..photo).map(|i| (i / 7 % 251) as u8).collect();
    for (name, bytes) in [
        ("contacts.vcf", &b"BEGIN:VCARD\r\nEND:VCARD\r\n"[..]),
        ("contacts/00001 Zo\u{eb}.vcf", b"one"),
        ("empty.csv", b""),
        ("photos/DCIM/IMG_1.jpg", &bytes),
    ] {
        fs::write(data.join(name), bytes).expect("a file");
    }
    folder
}

/// Makes the same rescue and finishes it.
pub fn finished(parent: &Path, photo: usize) -> PathBuf {
    let folder = unfinished(parent, photo);
    let info = BagInfo {
        date: day(),
        make: "Google".into(),
        ..BagInfo::default()
    };
    bag::seal(&folder, &info, &lifeboat::model::Stop::new(), &mut |_| {}).expect("a bag");
    folder
}
