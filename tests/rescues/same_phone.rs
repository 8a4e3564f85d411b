//! A rescue goes on with a phone only if more than the serial number matches.

use std::path::Path;

use crate::common::{Practised, files_below, rescue, with_fault};
use lifeboat::handset::android::{Android, Choices};
use lifeboat::model::{Advice as _, Collection, Stop};
use lifeboat::practice::android::{PracticeAndroid, Settings, Store};
use lifeboat::protocol::adb::{Adb, Options};
use lifeboat::rescue::{Outcome, Request, RescueError, Target, run};

/// The phone of the owner that `seed` generates. All these phones have the same model and serial number.
fn phone(seed: u64, fault: &str) -> Settings {
    let settings = Settings {
        seed,
        photos: 2,
        ..Settings::default()
    };
    with_fault(settings, fault)
}

/// A rescue that was cut when some contacts were safe.
fn cut() -> Practised {
    let cut = rescue(phone(1, "unplug-after=400000"));
    assert!(cut.outcome.lost);
    cut
}

fn resume(handset: &PracticeAndroid, folder: &Path) -> Result<Outcome, RescueError> {
    let adb = Adb::connect(handset.link(), Options::default()).expect("a connection");
    let mut android = Android::open(adb, &Choices::default())?;
    let request = crate::common::request(Target::Resume(folder.to_owned()), "--practice");
    let outcome = run(&mut android, &request, &Stop::new(), &mut |_| {});
    assert_eq!(handset.tripped(), Vec::<String>::new());
    outcome
}

#[test]
fn another_phone_of_the_same_serial_number_is_refused_and_nothing_is_altered() {
    let first = cut();
    let before = files_below(&first.folder);
    let error = resume(&PracticeAndroid::new(phone(2, "")), &first.folder)
        .expect_err("two owners in one folder");
    let said = format!("{error}. {}", error.advice());
    assert!(matches!(error, RescueError::OtherPhone { .. }), "{said}");
    assert!(
        said.contains("the entries on this phone differ") && said.contains("start a new rescue"),
        "{said}"
    );
    assert!(
        files_below(&first.folder) == before,
        "the folder was written into"
    );
    // The right phone's rescue goes on.
    let done = resume(&PracticeAndroid::new(phone(1, "")), &first.folder).expect("the same phone");
    assert!(done.safe, "{:?}", done.why_not);
}

/// A rescue without contacts recognises the phone by its other entries.
#[test]
fn another_phone_is_refused_by_whatever_was_rescued() {
    for what in [
        Collection::Calendar,
        Collection::Calls,
        Collection::Messages,
    ] {
        let part = |settings: Settings, target: Target| {
            let handset = PracticeAndroid::new(settings);
            let adb = Adb::connect(handset.link(), Options::default()).expect("a connection");
            let mut android = Android::open(adb, &Choices::default())?;
            let request = Request {
                only: vec![what],
                ..crate::common::request(target, "--practice")
            };
            run(&mut android, &request, &Stop::new(), &mut |_| {})
        };
        let many = |seed, fault: &str| Settings {
            events: 1000,
            ..phone(
                seed,
                &format!("android=34,calls=1000,messages=1000,{fault}"),
            )
        };
        let parent = tempfile::tempdir().expect("a folder");
        let cuts = (600..8000).step_by(300).map(|rows| {
            let new = Target::New(parent.path().to_owned());
            part(many(1, &format!("unplug-after-rows={rows}")), new).expect("a first part")
        });
        let mut cuts = cuts.filter(|cut| cut.lost && cut.collections[0].rescued > 0);
        let cut = cuts.next().expect("a cut between two batches");
        let folder = Target::Resume(cut.folder.clone().into());
        let before = files_below(Path::new(&cut.folder));
        let error = part(many(2, ""), folder.clone()).expect_err("two owners in one folder");
        assert!(
            matches!(error, RescueError::OtherPhone { .. }),
            "{what:?}: {error}"
        );
        assert!(files_below(Path::new(&cut.folder)) == before);
        let done = part(many(1, ""), folder).expect("the same phone");
        assert!(done.finished, "{what:?}: {:?}", done.why_not);
    }
}

#[test]
fn one_that_shows_another_owner_while_it_is_locked_is_not_read() {
    let first = cut();
    let locked = PracticeAndroid::new(phone(2, "locked"));
    let waits = resume(&locked, &first.folder).expect("it can't be told yet");
    assert!(!waits.finished && !waits.safe);
    // Even the data that a locked phone gives is not read.
    assert!(
        !locked
            .asked()
            .iter()
            .any(|asked| asked.contains("content://icc"))
    );
    let done = resume(&first.handset, &first.folder).expect("the same phone");
    assert!(done.safe, "{:?}", done.why_not);
}

#[test]
fn the_same_phone_is_known_after_an_update_and_after_it_was_used() {
    let update = phone(1, "android=34");
    let first = cut();
    let done = resume(&PracticeAndroid::new(update), &first.folder).expect("an updated system");
    assert!(done.safe, "{:?}", done.why_not);
    for (what, sql) in [
        (
            "a third of the contacts was edited",
            "UPDATE data SET data1 = 'edited', data2 = 'edited', data3 = NULL WHERE raw_contact_id % 3 = 0",
        ),
        (
            "a third was deleted for good",
            "DELETE FROM raw_contacts WHERE _id % 3 = 0",
        ),
    ] {
        let first = cut();
        first.handset.poke(0, Store::Contacts, sql).expect(what);
        let done = resume(&first.handset, &first.folder);
        assert!(
            done.is_ok(),
            "{what}: {:?}",
            done.err().map(|e| e.to_string())
        );
    }
}

/// A list that another user, a mode or a reset hides is not a shorter list.
#[test]
fn a_resumed_phone_that_shows_nothing_is_not_safe_and_stays_open() {
    // A repair mode of another make than the phone's own is refused, and changes nothing.
    for (rows, shown) in [
        (60, "like=nothing-on-it"),
        (200, "like=nothing-on-it"),
        (60, "like=pixel-repair-mode"),
        (200, "like=twrp"),
        (60, "like=samsung-maintenance-mode"),
    ] {
        let case = format!("{rows}, {shown}");
        let few = |fault: &str| {
            let owner = Settings {
                contacts: 40,
                events: 40,
                todos: 3,
                ..phone(1, "photos=2")
            };
            with_fault(owner, fault)
        };
        let first = rescue(few(&format!("unplug-after-rows={rows}")));
        assert!(first.outcome.lost, "{case}");
        let other = PracticeAndroid::new(few(shown));
        // The same look twice is no more than the same look once.
        for _ in 0..2 {
            let waits = match resume(&other, &first.folder) {
                Ok(waits) => waits,
                Err(error) if shown.contains("repair") => {
                    assert!(error.to_string().contains("another phone"), "{error}");
                    continue;
                }
                Err(error) => panic!("{case}: {error}"),
            };
            assert!(!waits.safe && !waits.finished, "{case}: {waits:#?}");
            assert!(!waits.all_asked_is_there(), "{case}");
        }
        let done = resume(&first.handset, &first.folder).expect("the owner's own screen");
        assert!(done.safe, "{case}: {:?}", done.why_not);
        let whole = rescue(few("photos=2"));
        for (now, then) in done.collections.iter().zip(&whole.outcome.collections) {
            assert_eq!(now.rescued, then.rescued, "{case}: {now:?}");
        }
    }
}

/// The question is answered by the owner, and names the contacts that were never read.
#[test]
fn a_list_that_fell_to_nothing_is_complete_only_if_its_owner_confirms_that() {
    let first = cut();
    let empty = PracticeAndroid::new(phone(1, "like=nothing-on-it"));
    let waits = resume(&empty, &first.folder).expect("an outcome");
    assert!(waits.shows_nothing, "{waits:#?}");
    let said = waits.why_not.join("\n");
    assert!(
        said.contains("listed") && said.contains("--confirm-empty"),
        "{said}"
    );
    let mut practised = Practised {
        handset: empty,
        ..first
    };
    let confirmed = crate::common::confirm_empty(&mut practised).expect("an outcome");
    assert!(confirmed.safe, "{:?}", confirmed.why_not);
}
