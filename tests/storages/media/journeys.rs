//! Whole rescues of devices of every kind, and of devices that fail.

use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

use lifeboat::handset::media_device::MediaDevice;
use lifeboat::model::{Collection, Past, Verdict};
use lifeboat::practice::media::{PracticeMedia, Settings};
use lifeboat::practice::{OwnerAction, OwnersFile};
use lifeboat::rescue::{Progress, Target};
use lifeboat::vault::verify;

use super::support::{
    Practised, assert_holds_all, finished_without_contacts, media, media_with_more, options, part,
    patient, photos, rescue, rescue_with, resume, said,
};
use crate::common::{folder_in_memory, in_parallel, portable_files};

#[test]
fn devices_of_every_sort_give_every_file_byte_for_byte() {
    let cases = [
        "model=android",
        "model=responder",
        "model=camera",
        "model=iphone",
        "no-partial",
        "left-over",
        "events",
        "extra-byte",
        "long-sizes",
        "flat",
        "busy=5",
        "ring",
        "short-names",
        "model=camera,no-partial,flat,extra-byte",
        "model=responder,left-over,events,busy=2,long-sizes,movie=2MB",
    ];
    in_parallel(&cases, |spec| {
        let rescued = rescue(media_with_more(spec));
        let outcome = photos(&rescued.outcome);
        assert_eq!(
            outcome.verdict,
            Verdict::Complete,
            "{spec}: {}",
            said(&rescued.outcome)
        );
        assert_eq!(outcome.handset_says, Some(outcome.rescued), "{spec}");
        assert_holds_all(&rescued);
        assert!(
            verify(&rescued.folder, &mut |_| {}).expect("a check").ok,
            "{spec}"
        );
    });
}

#[test]
fn times_and_folders_are_kept() {
    let rescued = rescue(media_with_more(""));
    for (place, time) in [
        ("photos/DCIM/Camera/20240229_120000.jpg", 1_709_208_000),
        (
            "photos/Pictures/Ελλάδα/מזכרת 😀.jpg",
            1_709_208_000 + 1005 * 7_777,
        ),
        (
            "photos/SD card/DCIM/100ANDRO/DSC_0001.jpg",
            1_709_208_000 + 1001 * 7_777,
        ),
    ] {
        let file = rescued.folder.join("data").join(place);
        let modified = file.metadata().and_then(|found| found.modified());
        assert_eq!(
            modified.unwrap_or_else(|e| panic!("{place}: {e}")),
            UNIX_EPOCH + Duration::from_secs(time),
            "{place}"
        );
    }
    let list =
        String::from_utf8(portable_files(&rescued.folder)["files.csv"].clone()).expect("text");
    assert!(list.contains("in the phone's trash"), "{list}");
    assert!(
        list.contains("duplicate of another file, saved once"),
        "{list}"
    );
    assert!(said(&rescued.outcome).contains("without a time zone"));
}

#[test]
fn unreachable_data_is_named() {
    for (model, verdict, word) in [
        ("android", Verdict::Unreadable, "USB debugging"),
        ("iphone", Verdict::OutOfReach, "backup"),
    ] {
        let outcome = rescue(media(&format!("model={model}"))).outcome;
        for what in [
            Collection::Contacts,
            Collection::Calendar,
            Collection::Todos,
        ] {
            let one = outcome
                .collections
                .iter()
                .find(|c| c.name == what)
                .expect("it");
            assert_eq!(one.verdict, verdict, "{model} {what:?}");
            assert!(one.notes.join("\n").contains(word), "{:?}", one.notes);
        }
        assert!(!outcome.safe && !outcome.all_asked_is_there(), "{model}");
        let first = "NOT read: contacts, calendar, to-dos.";
        assert!(outcome.headline.starts_with(first), "{}", outcome.headline);
    }
    // A camera has no contacts, calendar or to-dos.
    let camera = rescue(media("model=camera")).outcome;
    assert!(camera.safe, "{:?}", camera.why_not);
    assert!(camera.all_asked_is_there());
    let offered: Vec<_> = camera.collections.iter().map(|c| c.name).collect();
    assert_eq!(offered, [Collection::Files]);
    assert!(camera.headline.contains("on this device is safe"));
    let iphone = rescue(media("model=iphone")).outcome;
    assert!(said(&iphone).contains("Keep Originals"));
    assert!(iphone.not_covered.join("\n").contains("iCloud"));
}

#[test]
fn what_is_locked_is_not_called_empty() {
    for (spec, advice) in [
        ("locked", "“File transfer”"),
        ("locked,model=iphone", "“Trust”"),
        ("locked,model=camera", "memory card"),
        ("photos=0,model=iphone", "locked"),
    ] {
        let outcome = rescue(media(spec)).outcome;
        assert!(!outcome.safe, "{spec}");
        assert_eq!(photos(&outcome).verdict, Verdict::Unreadable, "{spec}");
        assert!(
            said(&outcome).contains(advice),
            "{spec}: {}",
            said(&outcome)
        );
    }
    let outcome = rescue(media("photos=0,model=camera")).outcome;
    assert_eq!(photos(&outcome).verdict, Verdict::Empty);
    let outcome = rescue(media("photos=0")).outcome;
    assert_eq!(
        photos(&outcome).verdict,
        Verdict::Empty,
        "an Android always has a folder"
    );
}

#[test]
fn one_that_is_unlocked_a_moment_later_is_read() {
    let rescued = rescue_with(media("unlocked-after=1"), &patient());
    assert_eq!(photos(&rescued.outcome).verdict, Verdict::Complete);
    assert_holds_all(&rescued);
}

#[test]
fn one_that_locks_itself_loses_nothing_and_says_so() {
    let mut rescued = rescue(media("locks-after=200k"));
    for _ in 0..2 {
        let outcome = &rescued.outcome;
        assert!(!outcome.finished && !outcome.safe);
        let why = outcome.why_not.join("\n");
        assert!(why.contains("Unlock"), "{why}");
        assert!(
            !said(outcome).contains("no longer on the phone"),
            "{}",
            said(outcome)
        );
        // The device is still locked: the rescue is not finished with the files that it has.
        resume(&mut rescued);
    }
    rescued.media.unlock();
    resume(&mut rescued);
    let why = &rescued.outcome.why_not;
    assert!(rescued.outcome.finished, "{why:?}");
    assert_holds_all(&rescued);
}

#[test]
fn a_cable_that_comes_out_anywhere_is_no_failure() {
    let smooth = portable_files(&rescue(media("movie=300k")).folder);
    // In the greeting, in the listing, in files, and in the last file.
    let mut cases: Vec<String> = [0, 5, 100, 400, 1_500, 3_000, 9_999, 200_000, 500_000]
        .map(|bytes| format!("movie=300k,unplug-after={bytes}"))
        .into();
    cases.push("movie=300k,no-partial,unplug-after=400k".into());
    cases.push(
        "movie=300k,model=responder,unplug-after=100k,unplug-after=150k,unplug-after=90k".into(),
    );
    in_parallel(&cases, |spec| {
        let parent = folder_in_memory();
        let device = media(spec);
        let mut target = Target::New(parent.path().to_owned());
        let mut parts = 0;
        let outcome = loop {
            parts += 1;
            assert!(parts < 6, "{spec}");
            let options = options();
            let Ok(mut handset) = MediaDevice::open(device.link(), &options) else {
                continue;
            };
            let request = crate::common::request(target.clone(), "--practice media");
            let outcome =
                lifeboat::rescue::run(handset.as_mut(), &request, &options.stop, &mut |_| {})
                    .unwrap_or_else(|e| panic!("{spec}: {e}"));
            let outcome = finished_without_contacts(outcome);
            if outcome.finished {
                break outcome;
            }
            assert!(outcome.lost, "{spec}");
            target = Target::Resume(PathBuf::from(&outcome.folder));
        };
        assert!(parts > 1, "{spec}");
        assert_eq!(device.tripped(), Vec::<String>::new());
        if !spec.contains("responder") {
            let files = portable_files(&PathBuf::from(&outcome.folder));
            let names = crate::common::names_of_differing(&smooth, &files);
            assert_eq!(names, Vec::<String>::new(), "{spec}");
        }
        assert_eq!(photos(&outcome).verdict, Verdict::Complete, "{spec}");
    });
}

#[test]
fn a_file_is_gone_on_with_inside() {
    let mut rescued = rescue(media("photos=0,movie=40MB,unplug-after=25MB"));
    assert!(rescued.outcome.lost);
    let before = rescued.media.asked().len();
    resume(&mut rescued);
    assert!(rescued.outcome.finished, "{:?}", rescued.outcome.why_not);
    assert_holds_all(&rescued);
    let asked = rescued.media.asked().split_off(before);
    let parts: Vec<&String> = asked
        .iter()
        .filter(|line| line.starts_with("95c1"))
        .collect();
    assert!(!parts.is_empty());
    assert!(
        parts
            .iter()
            .all(|line| !line.contains(" 00000000 00000000 ")),
        "it begins anew: {parts:?}"
    );
}

#[test]
fn a_stop_inside_a_file_is_gone_on_with() {
    let device = media("photos=0,movie=40MB,pace=40MB");
    let parent = folder_in_memory();
    let options = options();
    let stop = options.stop.clone();
    let target = Target::New(parent.path().to_owned());
    let outcome = part(device.link(), target, &options, &mut |progress| {
        if matches!(progress, Progress::Copied { bytes: 1.., .. }) {
            stop.stop();
        }
    });
    assert!(!outcome.finished && !outcome.safe);
    let mut rescued = Practised {
        folder: PathBuf::from(&outcome.folder),
        outcome,
        media: device,
        _parent: parent,
    };
    resume(&mut rescued);
    assert!(rescued.outcome.finished);
    assert_holds_all(&rescued);
}

#[test]
fn a_file_that_changes_while_it_is_read_is_read_again() {
    let rescued = rescue(media("changes=1"));
    assert_eq!(
        photos(&rescued.outcome).verdict,
        Verdict::Complete,
        "{}",
        said(&rescued.outcome)
    );
    assert_holds_all(&rescued);
    let restless = rescue(media("changes=99"));
    assert_eq!(photos(&restless.outcome).verdict, Verdict::Partial);
    assert!(said(&restless.outcome).contains("kept changing while it was read"));
}

/// A phone stays in use while its files are copied: a picture is taken, a list is exported, another list is edited.
#[test]
fn files_added_during_the_read_are_read_too() {
    let file = |path: &str, bytes: &[u8]| OwnersFile {
        path: path.into(),
        bytes: bytes.to_vec(),
        modified: 1_800_000_000,
    };
    let card = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Late Arrival\r\nTEL:1\r\nEND:VCARD\r\n";
    let media = PracticeMedia::new(Settings {
        photos: 3,
        owned: vec![file("Documents/Lease.pdf", b"first version")],
        actions: vec![
            (2, OwnerAction::Writes(file("DCIM/Camera/new.jpg", b"new"))),
            (
                4,
                OwnerAction::Writes(file("Documents/Lease.pdf", b"second version")),
            ),
            (5, OwnerAction::Writes(file("Download/late.vcf", card))),
        ],
        ..Settings::default()
    });
    let rescued = rescue(media);
    let outcome = photos(&rescued.outcome);
    assert_eq!(
        outcome.verdict,
        Verdict::Complete,
        "{}",
        said(&rescued.outcome)
    );
    let files = portable_files(&rescued.folder);
    assert_eq!(files["photos/DCIM/Camera/new.jpg"], b"new");
    assert!(files.values().any(|bytes| bytes == b"second version"));
    let contacts = String::from_utf8_lossy(&files["contacts.vcf"]);
    assert!(contacts.contains("Late Arrival"), "{contacts}");
}

#[test]
fn a_phone_to_which_more_comes_without_end_is_not_called_complete() {
    let picture = |number: u32| OwnersFile {
        path: format!("DCIM/Camera/{number}.jpg"),
        bytes: number.to_be_bytes().to_vec(),
        modified: 1_800_000_000,
    };
    let media = PracticeMedia::new(Settings {
        photos: 1,
        actions: (1..50)
            .map(|n| (n, OwnerAction::Writes(picture(n))))
            .collect(),
        ..Settings::default()
    });
    let outcome = rescue(media).outcome;
    assert_eq!(photos(&outcome).verdict, Verdict::Partial);
    assert!(said(&outcome).contains("kept coming"), "{}", said(&outcome));
}

#[test]
fn what_can_not_be_read_is_named_and_the_rest_is_copied() {
    for (spec, rescued, word) in [
        ("vanishes", 3, "the file is no longer on the phone"),
        ("denied", 3, "access denied"),
        ("converts,model=iphone", 3, "“Keep Originals”"),
        ("lie=short", 3, "shorter than announced"),
        ("lie=long", 3, "longer than announced"),
        (
            "lie=short,no-partial,model=camera",
            3,
            "shorter than announced",
        ),
        ("lie=long,model=responder", 3, "longer than announced"),
    ] {
        let outcome = rescue(media(spec)).outcome;
        assert!(
            outcome.finished && !outcome.safe,
            "{spec}: {:?}",
            outcome.why_not
        );
        let photos = photos(&outcome);
        assert_eq!(
            (photos.verdict, photos.rescued),
            (Verdict::Partial, rescued),
            "{spec}"
        );
        assert!(said(&outcome).contains(word), "{spec}: {}", said(&outcome));
    }
}

#[test]
fn ten_thousand_files_of_a_folder_are_listed() {
    let device = media("photos=1,many=10000");
    let mut handset = MediaDevice::open(device.link(), &options()).expect("a session");
    let holding = handset
        .survey(Collection::Files, &Past::default())
        .expect("a list");
    assert_eq!(holding.handset_says, Some(10_001));
    let mut rows = 0;
    while let Some(batch) = handset
        .next_batch(Collection::Files, None)
        .expect("a batch")
    {
        rows += batch.records.len();
    }
    assert_eq!(rows, 10_001);
}

#[test]
fn the_battery_level_is_reported() {
    let device = media("battery=17");
    let mut handset = MediaDevice::open(device.link(), &options()).expect("a session");
    assert_eq!(handset.health().expect("health").battery_percent, Some(17));
    let camera = media("model=camera");
    let mut handset = MediaDevice::open(camera.link(), &options()).expect("a session");
    assert_eq!(handset.health().expect("health").battery_percent, None);
}
