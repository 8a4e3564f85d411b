//! One phone, one rescue, two approaches: either finishes what the other began.

use std::path::{Path, PathBuf};

use lifeboat::handset::android::{Android, Choices};
use lifeboat::model::{Collection, Stop, Verdict};
use lifeboat::practice::android::{PracticeAndroid, Settings};
use lifeboat::protocol::adb::{Adb, Options};
use lifeboat::rescue::{Outcome, Progress, Target, run};
use lifeboat::vault::verify;
use tempfile::TempDir;

use super::support::{media, media_with_more, options, part_alone, photos};
use crate::common::{folder_in_memory, names_of_differing, portable_files, with_fault};

/// A phone with debugging. As [`media`] it is the same phone without debugging.
fn phone() -> Settings {
    let settings = Settings {
        samsung: false,
        contacts: 12,
        events: 4,
        todos: 2,
        ..Settings::default()
    };
    with_fault(settings, "photos=4")
}

/// Runs a part of a rescue that its user stops as soon as `until` is true.
fn by_debugging(target: Target, until: fn(&Progress) -> bool) -> Outcome {
    by_debugging_of(phone(), target, until)
}

fn by_debugging_of(phone: Settings, target: Target, until: fn(&Progress) -> bool) -> Outcome {
    let phone = PracticeAndroid::new(phone);
    let adb = Adb::connect(phone.link(), Options::default()).expect("a connection");
    let mut android = Android::open(adb, &Choices::default()).expect("a handset");
    let request = crate::common::request(target, "--practice");
    let stop = Stop::new();
    let outcome = run(&mut android, &request, &stop, &mut |progress| {
        if until(&progress) {
            stop.stop();
        }
    })
    .expect("a rescue");
    assert_eq!(phone.tripped(), [""; 0]);
    outcome
}

fn by_file_transfer(spec: &str, target: Target) -> Outcome {
    let media = media(spec);
    let outcome = part_alone(media.link(), target, &options(), &mut |_| {});
    assert_eq!(media.tripped(), [""; 0]);
    outcome
}

/// Asserts that the rescue is complete, with the same files as a rescue by debugging alone.
fn assert_is_smooth(outcome: &Outcome) {
    assert!(outcome.safe, "{:#?}", outcome.why_not);
    let parent = folder_in_memory();
    let smooth = by_debugging(Target::New(parent.path().to_owned()), |_| false);
    assert!(smooth.safe, "{:#?}", smooth.why_not);
    let differing = names_of_differing(
        &portable_files(Path::new(&outcome.folder)),
        &portable_files(Path::new(&smooth.folder)),
    );
    assert_eq!(differing, [""; 0]);
    let check = verify(Path::new(&outcome.folder), &mut |_| {}).expect("a check");
    assert!(check.ok, "{check:?}");
}

#[test]
fn debugging_finishes_what_file_transfer_began() {
    let parent = folder_in_memory();
    let begun = by_file_transfer("unplug-after=300000", Target::New(parent.path().to_owned()));
    let files = portable_files(Path::new(&begun.folder));
    let photos = files.keys().filter(|name| name.starts_with("photos/"));
    assert!(!begun.safe && photos.count() > 0, "{begun:#?}");
    let folder = PathBuf::from(&begun.folder);
    assert_is_smooth(&by_debugging(Target::Resume(folder), |_| false));
}

/// The owner may turn debugging on later: the rescue of the files stays open for the contacts.
#[test]
fn a_rescue_of_the_files_waits_for_the_contacts() {
    let parent = folder_in_memory();
    let begun = by_file_transfer("", Target::New(parent.path().to_owned()));
    assert_eq!(photos(&begun).verdict, Verdict::Complete);
    assert!(!begun.finished && !begun.safe, "{begun:#?}");
    assert!(
        begun
            .why_not
            .join("\n")
            .contains("Turn on USB debugging, then rescue the phone again")
    );
    let folder = PathBuf::from(&begun.folder);
    assert_is_smooth(&by_debugging(Target::Resume(folder), |_| false));
}

/// A rescue that debugging began and file transfer finished. Dropping the folder removes it.
fn by_both(until: fn(&Progress) -> bool) -> (Outcome, TempDir) {
    let parent = folder_in_memory();
    let begun = by_debugging(Target::New(parent.path().to_owned()), until);
    assert!(!begun.safe, "{begun:#?}");
    let folder = PathBuf::from(begun.folder);
    (by_file_transfer("", Target::Resume(folder)), parent)
}

/// A phone whose screen breaks during the rescue: debugging can't be allowed again, but file transfer still works.
#[test]
fn file_transfer_finishes_what_debugging_began() {
    let (ended, _parent) =
        by_both(|progress| matches!(progress, Progress::Looking(Collection::Files)));
    assert_is_smooth(&ended);
    let contacts = &ended.collections[0];
    assert!(
        contacts
            .notes
            .iter()
            .any(|note| note.contains("earlier in this rescue")),
        "{contacts:#?}"
    );
}

#[test]
fn what_debugging_had_not_read_stays_unread() {
    let (ended, _parent) =
        by_both(|progress| matches!(progress, Progress::Looking(Collection::Calendar)));
    assert!(!ended.safe);
    let [why] = &ended.why_not[..] else {
        panic!("{:#?}", ended.why_not);
    };
    assert!(why.starts_with("Calendar, to-dos: "), "{why}");
}

/// File transfer identifies the phone's memory card by its name, debugging by its number.
#[test]
fn files_of_the_memory_card_are_the_same_by_either_approach() {
    let parent = folder_in_memory();
    // In the middle of the first photo, which lies on the card.
    let media = media_with_more("unplug-after=40000");
    let begun = part_alone(
        media.link(),
        Target::New(parent.path().to_owned()),
        &options(),
        &mut |_| {},
    );
    assert!(begun.lost, "{begun:#?}");
    let phone = Settings {
        more_files: true,
        ..phone()
    };
    let folder = Target::Resume(PathBuf::from(&begun.folder));
    let ended = by_debugging_of(phone, folder, |_| false);
    let photos = &ended.collections[ended.collections.len() - 1];
    let lacking: Vec<_> = photos
        .notes
        .iter()
        .filter(|note| note.contains("SD card"))
        .collect();
    assert!(lacking.is_empty(), "{lacking:#?}");
    let list = portable_files(Path::new(&ended.folder));
    let list = String::from_utf8_lossy(&list["files.csv"]).into_owned();
    assert!(
        list.contains("/SD card/") && list.contains("/storage/1A2B-3C4D/"),
        "{list}"
    );
}
