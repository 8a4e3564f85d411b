//! Memory cards at every maker's mount point, and what the media store says about the files.

use lifeboat::model::{Collection, Verdict};
use lifeboat::practice::OwnersFile;
use lifeboat::practice::android::{PracticeAndroid, Store};

use super::support::{few, numbers, of};
use crate::common::{Practised, portable_files, rescue_of, with_fault};

fn file(path: &str, bytes: &[u8]) -> OwnersFile {
    OwnersFile {
        path: path.into(),
        bytes: bytes.to_vec(),
        modified: 1_600_000_000,
    }
}

/// Rescues a phone with some files on its own storage and on its card.
fn phone(faults: &str, more: &[OwnersFile], media: &[(&str, u8)]) -> Practised {
    let card = b"BEGIN:VCARD\r\nVERSION:2.1\r\nN:Card;Only\r\nTEL:+4930999999\r\nEND:VCARD\r\n";
    let mut owned = vec![
        file("DCIM/Camera/1.jpg", b"\xff\xd8\xff\xe0 on the phone"),
        file("card/DCIM/100/2.jpg", b"\xff\xd8\xff\xe0 on the card"),
        file("card/backup/contacts.vcf", card),
        file(
            "card/Android/data/com.app/files/cached.jpg",
            b"\xff\xd8\xff\xe0 an app's",
        ),
    ];
    owned.extend_from_slice(more);
    let mut settings = few();
    settings.storage.owned = owned;
    let handset = PracticeAndroid::new(with_fault(settings, faults));
    for (path, kind) in media {
        let sql = format!("INSERT INTO files (_data, media_type) VALUES ('{path}', {kind})");
        handset.poke(0, Store::Media, &sql).expect("a file");
    }
    rescue_of(handset)
}

#[test]
fn a_card_is_found_wherever_it_is_mounted() {
    for (at, android) in [
        ("/storage/1A2B-3C4D", 33),
        ("/storage/MicroSD", 26),
        ("/mnt/extSdCard", 16),
        ("/mnt/extSdCard", 19),
        ("/storage/removable/sdcard1", 19),
        ("/sdcard2", 16),
        ("/storage/1C6E2D9F6E2D7320", 33),
        ("/storage/sdcard1", 21),
        ("/Removable/MicroSD", 17),
        ("/mnt/external_sd", 17),
        ("/external_sd", 16),
        ("/storage/usbdisk", 23),
        // The same card under two or three names.
        ("/storage/extSdCard:/mnt/extSdCard", 19),
        (
            "/storage/removable/sdcard1:/storage/sdcard1:/mnt/ext_card",
            19,
        ),
    ] {
        let phone = phone(&format!("android={android},card-at={at}"), &[], &[]);
        assert!(phone.outcome.safe, "{at}: {:?}", phone.outcome.why_not);
        let files = of(&phone.outcome, Collection::Files);
        assert_eq!(
            (files.verdict, files.rescued),
            (Verdict::Complete, 3),
            "{at}: {files:?}"
        );
        assert!(
            numbers(&phone).iter().any(|n| n.contains("30999999")),
            "{at}"
        );
        let kept = portable_files(&phone.folder);
        assert!(
            kept.keys().any(|name| name.ends_with("DCIM/100/2.jpg")),
            "{at}: {:?}",
            kept.keys()
        );
    }
}

/// The media store names this card, and no table of mounts does.
#[test]
fn a_card_that_only_the_media_store_names_is_found() {
    let media = [
        ("/mnt/sdcard/external_sd/DCIM/100/2.jpg", 1),
        ("/sdcard2/DCIM/100/2.jpg", 1),
    ];
    let phone = phone("android=16,card-at=/sdcard2,no-mounts", &[], &media[1..]);
    assert!(phone.outcome.safe, "{:?}", phone.outcome.why_not);
    assert_eq!(of(&phone.outcome, Collection::Files).rescued, 3);
}

/// Folders that belong to apps are left out on purpose, on the phone and on the card.
#[test]
fn pictures_in_apps_own_folders_are_no_loss() {
    let own = file(
        "Android/data/com.app/files/cached.jpg",
        b"\xff\xd8\xff\xe0 an app's",
    );
    for at in [
        "/storage/1A2B-3C4D",
        "/storage/removable/sdcard1",
        "/mnt/extSdCard",
    ] {
        let on_card = format!("{at}/Android/data/com.app/files/cached.jpg");
        let media = [
            (
                "/storage/emulated/0/Android/data/com.app/files/cached.jpg",
                1,
            ),
            (on_card.as_str(), 1),
        ];
        let phone = phone(
            &format!("android=33,card-at={at}"),
            std::slice::from_ref(&own),
            &media,
        );
        assert!(phone.outcome.safe, "{at}: {:?}", phone.outcome.why_not);
        let files = of(&phone.outcome, Collection::Files);
        assert_eq!(files.rescued, 3, "{at}");
        assert!(
            files.notes.join(" ").contains("Android/data"),
            "{:?}",
            files.notes
        );
    }
}

/// A file that Android itself calls a picture or a film counts as one, whatever its extension.
#[test]
fn what_android_calls_a_picture_is_one() {
    let names = [
        "a.svg",
        "b.ogv",
        "c.vob",
        "d.ico",
        "e.jxr",
        "f.JPG_large",
        "g.ts",
        "h.psd",
        "no ending",
    ];
    let more: Vec<_> = names
        .iter()
        .map(|name| file(&format!("Pictures/{name}"), name.as_bytes()))
        .collect();
    let on_card = [file("card/Pictures/i.rwl", b"raw")];
    let paths: Vec<_> = names
        .iter()
        .map(|name| format!("/storage/emulated/0/Pictures/{name}"))
        .collect();
    let mut media: Vec<(&str, u8)> = paths.iter().map(|path| (path.as_str(), 1)).collect();
    media[1].1 = 3;
    media.push(("/storage/1A2B-3C4D/Pictures/i.rwl", 1));
    let phone = phone("android=33", &[more, on_card.to_vec()].concat(), &media);
    assert!(phone.outcome.safe, "{:?}", phone.outcome.why_not);
    let files = of(&phone.outcome, Collection::Files);
    assert_eq!(files.rescued, 3 + names.len() as u64 + 1, "{files:?}");
    let kept = portable_files(&phone.folder);
    for name in names {
        assert!(
            kept.keys().any(|path| path.ends_with(name)),
            "{name}: {:?}",
            kept.keys()
        );
    }
}
