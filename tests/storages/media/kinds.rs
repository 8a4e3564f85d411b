//! Devices that are easily mistaken for others, and peculiarities of real devices that must not cost any files.

use std::time::Instant;

use lifeboat::handset::find::vendors::VendorKind;
use lifeboat::handset::media_device::{MediaDevice, Nature};
use lifeboat::model::{Collection, Verdict};
use lifeboat::practice::OwnersFile;
use lifeboat::practice::media::{PracticeMedia, Settings};
use lifeboat::protocol::mtp::{DeviceInfo, Perceived};
use lifeboat::rescue::{Outcome, Target};

use super::support::{
    assert_holds_all, media, media_with_more, options, part, patient, photos, rescue, resume, said,
};
use crate::common::{folder_in_memory, in_parallel, portable_files};

fn contacts(outcome: &Outcome) -> (Verdict, String) {
    let mut all = outcome.collections.iter();
    let contacts = all.find(|c| c.name == Collection::Contacts).expect("them");
    (contacts.verdict, contacts.notes.join("\n"))
}

#[test]
fn a_phone_is_no_camera_and_a_watch_no_phone() {
    for (model, is_phone) in [
        ("oldphone", true),
        ("watch", false),
        ("player", false),
        ("camera", false),
    ] {
        let rescued = rescue(media(&format!("model={model}")));
        if is_phone {
            let (is, why) = contacts(&rescued.outcome);
            assert_eq!(is, Verdict::Unreadable, "{model}: {why}");
            assert!(why.contains("phone's own menu"), "{model}: {why}");
        } else {
            let mut all = rescued.outcome.collections.iter();
            assert!(all.all(|c| c.name == Collection::Files), "{model}");
        }
        assert_eq!(rescued.outcome.safe, !is_phone, "{model}");
        assert_eq!(
            photos(&rescued.outcome).verdict,
            Verdict::Complete,
            "{model}"
        );
        assert_holds_all(&rescued);
    }
}

/// Cases from libmtp's logs and libgphoto2's list, and the meaning of devices' USB numbers.
#[test]
fn what_a_device_is_comes_from_all_that_is_known_of_it() {
    let info = |make: &str, model: &str, extension: u32, extensions: &str, operations: &[u16]| {
        DeviceInfo {
            make: make.into(),
            model: model.into(),
            extension,
            extensions: extensions.into(),
            operations: [&[0x1001, 0x1002], operations].concat(),
            ..DeviceInfo::default()
        }
    };
    const MTP: &str = "microsoft.com: 1.0; android.com: 1.0;";
    for (device, makes, is) in [
        (info("Nokia", "N73", 0, "", &[]), None, Nature::Phone),
        (info("Motorola Inc.", "", 0, "", &[]), None, Nature::Phone),
        (
            info("Yota Devices Limited", "YotaPhone", 0, "", &[0x95c1]),
            None,
            Nature::Android,
        ),
        (
            info("", "", 0, "", &[]),
            Some(VendorKind::FeaturePhones),
            Nature::Phone,
        ),
        (
            info("", "", 0, "", &[]),
            Some(VendorKind::Cameras),
            Nature::Camera,
        ),
        (info("", "", 0, "", &[]), None, Nature::Unknown),
        (
            info("Northwind", "N1", 6, "microsoft.com: 1.0;", &[]),
            None,
            Nature::Unknown,
        ),
        (
            info("Nikon Corporation", "D90", 10, "microsoft.com: 1.0", &[]),
            None,
            Nature::Camera,
        ),
        (
            info("Canon.Inc", "Canon EOS R100", 6, "", &[]),
            None,
            Nature::Camera,
        ),
        (
            info("Sony Corporation", "ILCE-7M3", 0x11, "", &[]),
            None,
            Nature::Camera,
        ),
        (info("Sony", "J9110", 6, MTP, &[]), None, Nature::Android),
        (
            info("Sony Ericsson", "Walkman W8", 6, "microsoft.com: 1.0;", &[]),
            None,
            Nature::Phone,
        ),
        (
            info("Sony Ericsson", "C905", 6, "microsoft.com: 1.0;", &[]),
            None,
            Nature::Phone,
        ),
        (
            info(
                "Sony Corporation",
                "WALKMAN NWZ-S638F",
                6,
                "microsoft.com: 1.0;",
                &[],
            ),
            None,
            Nature::Gadget,
        ),
        (
            info("Panasonic", "DMC-GH4", 6, "", &[0x100e]),
            None,
            Nature::Camera,
        ),
        (
            info("Panasonic", "ELUGA I7", 6, MTP, &[]),
            None,
            Nature::Android,
        ),
        (
            info(
                "SAMSUNG Electronics Co. Ltd.",
                "SAMSUNG Digital Camera",
                6,
                "tizen.org:2.3;",
                &[],
            ),
            None,
            Nature::Camera,
        ),
        (
            info(
                "SAMSUNG Electronics Co. Ltd.",
                "GT-I9300",
                6,
                "microsoft.com: 1.0;",
                &[],
            ),
            None,
            Nature::Phone,
        ),
        (
            info("Oculus", "Quest", 6, MTP, &[0x95c1]),
            None,
            Nature::Gadget,
        ),
        (
            info("GoPro", "HERO7 WHITE", 6, MTP, &[]),
            None,
            Nature::Gadget,
        ),
        (
            info(
                "Nintendo",
                "Nintendo Switch 2",
                6,
                "nintendo.com: 1.0;",
                &[],
            ),
            None,
            Nature::Gadget,
        ),
        (
            info("Garmin", "fenix 6", 6, "microsoft.com: 1.0;", &[]),
            None,
            Nature::Gadget,
        ),
        (
            info("Apple Inc.", "Apple iPhone", 0, "", &[]),
            None,
            Nature::IPhone,
        ),
    ] {
        let found = Nature::of(&device, makes, || None);
        assert_eq!(found, is, "{device:?}");
    }
    let nameless = info("", "", 6, "microsoft.com: 1.0;", &[]);
    for (says, is) in [
        (Perceived::Camera, Nature::Camera),
        (Perceived::Player, Nature::Gadget),
        (Perceived::Phone, Nature::Phone),
    ] {
        assert_eq!(Nature::of(&nameless, None, || Some(says)), is);
    }
}

#[test]
fn unusual_behaviour_loses_nothing() {
    let cases = [
        "folder-as-file",
        "folder-as-file,model=camera",
        "lost-folder",
        "lost-folder,folder-as-file",
        "lost-folder,renumbers",
        "junk-headers",
        "junk-headers,movie=20MB",
        "junk-headers,events,extra-byte",
        "mute-battery=once,serial=A5",
        "claims-partial,movie=20MB",
        "flat,folder-as-file",
        "untold-sizes",
        "stray-parents",
        "stray-parents,model=iphone",
        "thinks=1,photos=1",
        "placeholder,unlocked-after=1,model=iphone",
    ];
    in_parallel(&cases, |spec| {
        let rescued = rescue(media_with_more(spec));
        let outcome = photos(&rescued.outcome);
        let said = said(&rescued.outcome);
        assert_eq!(outcome.verdict, Verdict::Complete, "{spec}: {said}");
        assert_eq!(outcome.handset_says, Some(outcome.rescued), "{spec}");
        assert_holds_all(&rescued);
    });
}

/// The protocol of some devices hangs when the battery is queried. Such a device is silent until it is plugged in
/// again, and must not get that query again.
#[test]
fn a_battery_that_is_never_told_ends_no_rescue() {
    let device = media("mute-battery=ever,battery=31,serial=A3");
    let parent = folder_in_memory();
    let options = patient();
    let began = Instant::now();
    let first = part(
        device.link(),
        Target::New(parent.path().to_owned()),
        &options,
        &mut |_| {},
    );
    assert!(first.lost && !first.finished, "{:?}", first.why_not);
    assert!(began.elapsed().as_secs() < 60);
    let target = Target::Resume(first.folder.clone().into());
    let second = part(device.link(), target, &options, &mut |_| {});
    assert!(second.finished, "{:?}", second.why_not);
    assert_eq!(photos(&second).verdict, Verdict::Complete);
    assert_eq!(device.tripped(), Vec::<String>::new());
}

/// The battery is queried once in a session, and not again.
#[test]
fn a_battery_that_is_never_told_is_asked_for_once() {
    let device = media("mute-battery=once,model=responder,serial=A4");
    let mut handset = MediaDevice::open(device.link(), &options()).expect("a session");
    for _ in 0..3 {
        assert_eq!(handset.health().expect("health").battery_percent, None);
    }
    let asked = device.asked();
    assert_eq!(
        asked.iter().filter(|line| line.starts_with("1014")).count(),
        1
    );
}

#[test]
fn storages_that_can_not_be_described_are_read() {
    let rescued = rescue(media("no-storage-info"));
    assert_eq!(photos(&rescued.outcome).verdict, Verdict::Complete);
    assert_holds_all(&rescued);
    // Only the name of the storage is lost.
    let with_card = rescue(media_with_more("no-storage-info"));
    assert_eq!(photos(&with_card.outcome).verdict, Verdict::Complete);
    assert_eq!(photos(&with_card.outcome).rescued, 13);
}

#[test]
fn a_device_that_is_locked_and_can_not_describe_its_storage_is_locked() {
    let outcome = rescue(media("no-storage-info,locked")).outcome;
    assert_eq!(photos(&outcome).verdict, Verdict::Unreadable);
    assert!(said(&outcome).contains("locked"), "{}", said(&outcome));
}

/// As on iOS 27: pictures and films have the names of the notes about their edits, and two files may have the same
/// name.
#[test]
fn pictures_of_an_iphone_are_copied_whatever_they_are_called() {
    let rescued = rescue(media("model=iphone,aae-names"));
    let outcome = photos(&rescued.outcome);
    assert_eq!((outcome.verdict, outcome.rescued), (Verdict::Complete, 4));
    let files = portable_files(&rescued.folder);
    for (path, bytes) in rescued.media.files() {
        let place = format!("photos/{}.jpg", path.replace(".JPG", ".AAE"));
        assert_eq!(
            files.get(&place),
            Some(&bytes),
            "{place}: {:?}",
            files.keys()
        );
    }
}

#[test]
fn an_iphone_that_lists_a_placeholder_is_locked() {
    let outcome = rescue(media("placeholder,locked,model=iphone")).outcome;
    assert_eq!(photos(&outcome).verdict, Verdict::Unreadable);
    assert!(said(&outcome).contains("“Trust”"), "{}", said(&outcome));
}

/// A file that never arrives costs only that file: at once if the device goes on with other files, otherwise after it
/// was plugged in again and failed a second time.
#[test]
fn a_file_that_never_arrives_does_not_affect_others() {
    let rescued = rescue(media("model=camera,mute-photo=once,serial=A1"));
    let outcome = photos(&rescued.outcome);
    assert_eq!((outcome.verdict, outcome.rescued), (Verdict::Partial, 3));
    assert!(
        said(&rescued.outcome).contains("the device did not answer"),
        "{}",
        said(&rescued.outcome)
    );

    let mut rescued = rescue(media("mute-photo=ever,serial=A2"));
    for _ in 0..3 {
        if rescued.outcome.finished {
            break;
        }
        assert!(rescued.outcome.lost);
        resume(&mut rescued);
    }
    let outcome = photos(&rescued.outcome);
    assert!(rescued.outcome.finished, "{:?}", rescued.outcome.why_not);
    assert_eq!((outcome.verdict, outcome.rescued), (Verdict::Partial, 3));
}

#[test]
fn an_empty_file_that_can_not_be_read_is_whole() {
    let empty = OwnersFile {
        path: "DCIM/empty.jpg".into(),
        bytes: Vec::new(),
        modified: 1_800_000_000,
    };
    let rescued = rescue(PracticeMedia::new(Settings {
        photos: 1,
        owned: vec![empty],
        no_empty_files: true,
        ..Settings::default()
    }));
    assert_eq!(
        photos(&rescued.outcome).verdict,
        Verdict::Complete,
        "{}",
        said(&rescued.outcome)
    );
    assert_holds_all(&rescued);
}
