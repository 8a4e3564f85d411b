//! How often a rescue starts the `content` command. Each start takes one of the phone's cores 0.3 to 2 seconds.

use std::time::Duration;

use lifeboat::handset::android::{Android, Choices};
use lifeboat::model::{Collection, Stop, Verdict};
use lifeboat::practice::android::{OwnerData, PracticeAndroid, Settings, Software};
use lifeboat::protocol::adb::{Adb, Options};
use lifeboat::rescue::{Target, run};

const LISTS: [Collection; 2] = [Collection::Contacts, Collection::Calendar];

/// Rescues the collections in `only`, or all if it is empty. The rescue must be complete.
fn rescued(settings: Settings, only: &[Collection]) -> PracticeAndroid {
    let handset = PracticeAndroid::new(settings);
    let parent = tempfile::tempdir().expect("a folder");
    let adb = Adb::connect(handset.link(), Options::default()).expect("a connection");
    let choices = Choices {
        only: only.to_vec(),
        ..Choices::default()
    };
    let mut android = Android::open(adb, &choices).expect("a handset");
    let mut request = crate::common::request(Target::New(parent.path().to_owned()), "--practice");
    request.only = only.to_vec();
    let outcome = run(&mut android, &request, &Stop::new(), &mut |_| {});
    let outcome = outcome.unwrap_or_else(|e| panic!("{e}"));
    for collection in &outcome.collections {
        let is_read = only.is_empty() || only.contains(&collection.name);
        assert!(
            !is_read || collection.verdict == Verdict::Complete,
            "{collection:?}"
        );
    }
    handset
}

/// The starts of the `content` command that a rescue needs, in order.
fn starts(settings: Settings, only: &[Collection]) -> Vec<String> {
    let asked = rescued(settings, only).asked().into_iter();
    asked
        .filter(|what| what.contains("content query"))
        .collect()
}

fn ordinary() -> Settings {
    Settings {
        samsung: false,
        owner: OwnerData {
            ordinary: true,
            ..OwnerData::default()
        },
        ..Settings::default()
    }
}

fn awkward() -> Settings {
    Settings {
        samsung: false,
        ..Settings::default()
    }
}

fn samsung(settings: Settings) -> Settings {
    Settings {
        samsung: true,
        photos: 12,
        ..settings
    }
}

fn assert_at_most(starts: &[String], most: usize) {
    println!("{} starts, at most {most}", starts.len());
    assert!(
        starts.len() <= most,
        "{} starts, more than {most}:\n{}",
        starts.len(),
        starts.join("\n")
    );
}

/// A whole rescue takes at most `most` starts, and `most_messages` for messages. Each message with a picture takes one
/// more, and each picture one.
fn assert_whole(settings: Settings, most: usize, most_messages: usize) {
    let pictures = settings.owner.pictures as usize;
    let all = rescued(settings, &[]).asked();
    let is_of_messages =
        |what: &&String| what.contains("content://sms") || what.contains("content://mms");
    let started = all.into_iter().filter(|what| what.contains(":content "));
    let (messages, others): (Vec<String>, Vec<String>) =
        started.partition(|what| is_of_messages(&what));
    assert_at_most(&others, most);
    assert_at_most(&messages, most_messages + 2 * pictures);
}

#[test]
fn at_most_four_run_at_once() {
    for settings in [samsung(ordinary()), samsung(awkward())] {
        let settings = Settings {
            software: Software {
                content_start: Duration::from_millis(20),
                ..Software::default()
            },
            ..settings
        };
        let most = rescued(settings, &[]).most_contents();
        assert!((2..=4).contains(&most), "{most} at once");
    }
}

#[test]
fn an_ordinary_owner_s_lists_take_20_starts() {
    assert_at_most(&starts(ordinary(), &LISTS), 20);
}

#[test]
fn an_awkward_owner_s_lists_take_50_starts() {
    assert_at_most(&starts(awkward(), &LISTS), 50);
}

#[test]
fn a_whole_samsung_takes_28_starts() {
    assert_whole(samsung(ordinary()), 28, 7);
}

#[test]
fn a_whole_samsung_of_an_awkward_owner_takes_60_starts() {
    assert_whole(samsung(awkward()), 60, 22);
}

/// One start is refused, and one shows which columns exist. The owner's own card is a view of the table of contacts.
#[test]
fn columns_that_lack_take_two_more_starts_a_table() {
    for owner in [ordinary(), awkward()] {
        let usual = starts(owner.clone(), &LISTS).len();
        for (columns, tables) in [
            ("notes:system_id", 1),
            ("data13", 2),
            ("data_set:data14", 2),
            ("uid2445", 1),
            ("eventEndTimezone:uid2445:customAppUri", 1),
            ("attendeeIdentity:attendeeIdNamespace", 1),
        ] {
            let fault = format!("lacks={columns}");
            let found = starts(crate::common::with_fault(owner.clone(), &fault), &LISTS).len();
            println!("{columns}: {found} starts, {usual} with all columns");
            assert!(
                found <= usual + 2 * tables,
                "{columns}: {found} starts, {usual} with all"
            );
        }
    }
}
