//! Promise 2: a battery that dies costs only the data that had not been read. The most precious data is read first.

use std::time::{Duration, Instant};

use crate::common::{portable_files, with_fault};
use lifeboat::handset::android::{Android, Choices};
use lifeboat::model::{Charger, Collection, Stop, Verdict};
use lifeboat::practice::android::{LinkSettings, PracticeAndroid, Settings, Software};
use lifeboat::protocol::adb::{Adb, Options};
use lifeboat::rescue::{Outcome, Progress, Target, run};

/// Settings of a phone whose rescue takes two seconds.
fn slow(fault: &str) -> Settings {
    let settings = Settings {
        contacts: 200,
        events: 160,
        todos: 30,
        link: LinkSettings {
            bytes_per_second: Some(300_000),
            ..LinkSettings::default()
        },
        software: Software {
            content_start: Duration::from_millis(20),
            ..Software::default()
        },
        ..Settings::default()
    };
    with_fault(settings, fault)
}

fn rescue(
    settings: Settings,
    tell: &mut dyn FnMut(Progress),
) -> (tempfile::TempDir, Outcome, PracticeAndroid) {
    let handset = PracticeAndroid::new(settings);
    let parent = tempfile::tempdir().expect("a folder");
    let adb = Adb::connect(handset.link(), Options::default()).expect("a connection");
    let mut android = Android::open(adb, &Choices::default()).expect("a handset");
    let request = crate::common::request(Target::New(parent.path().to_owned()), "--practice");
    let outcome = run(&mut android, &request, &Stop::new(), tell).unwrap_or_else(|e| panic!("{e}"));
    (parent, outcome, handset)
}

fn rescued(outcome: &Outcome, what: Collection) -> u64 {
    let found = outcome.collections.iter().find(|c| c.name == what);
    found.expect("a collection").rescued
}

#[test]
fn all_that_was_read_before_the_battery_died_is_in_the_files_in_the_promised_order() {
    // The clock of this machine, so that the battery also dies late where everything is slow.
    let began = Instant::now();
    let mut last_read = Duration::ZERO;
    rescue(slow("dies-after=1000"), &mut |p| {
        if let Progress::Read(_) = p {
            last_read = began.elapsed();
        }
    });
    let mut died_in = std::collections::BTreeSet::new();
    for tenths in [1, 2, 3, 4, 5, 6, 7, 8, 9] {
        let dies = last_read * tenths / 10;
        let mut safe = std::collections::BTreeMap::new();
        let mut read = Vec::new();
        let (_parent, outcome, handset) = rescue(
            slow(&format!("dies-after={}ms", dies.as_millis())),
            &mut |p| match p {
                Progress::Safe { what, things, .. } => drop(safe.insert(what, things)),
                Progress::Read(what) => read.push(what),
                _ => {}
            },
        );
        if outcome.finished {
            continue;
        }
        assert!(outcome.lost && !outcome.safe && !handset.is_plugged());
        // Everything that was reported as safe is in the files.
        let folder = std::path::Path::new(&outcome.folder);
        for (what, things) in &safe {
            assert!(
                rescued(&outcome, *what) >= *things,
                "{what:?}: {things}, {outcome:?}"
            );
        }
        let files = portable_files(folder);
        let count = |name: &str, mark: &str| {
            let bytes = files.get(name).map(Vec::as_slice).unwrap_or_default();
            String::from_utf8_lossy(bytes).matches(mark).count() as u64
        };
        assert!(count("contacts.vcf", "BEGIN:VCARD") >= rescued(&outcome, Collection::Contacts));
        assert!(count("calendar.ics", "BEGIN:VEVENT") >= rescued(&outcome, Collection::Calendar));
        assert_eq!(
            count("todos.ics", "BEGIN:VTODO"),
            rescued(&outcome, Collection::Todos)
        );
        // No part of a later collection is read before all of an earlier one.
        let order = [
            Collection::Contacts,
            Collection::Sim,
            Collection::Calendar,
            Collection::Todos,
        ];
        for pair in order.windows(2) {
            let later = rescued(&outcome, pair[1]);
            assert!(
                later == 0 || read.contains(&pair[0]),
                "{pair:?} after {tenths} tenths"
            );
        }
        died_in.insert(read.len());
    }
    println!("it died with so many collections read: {died_in:?}");
    assert!(died_in.len() >= 2, "{died_in:?}");
}

#[test]
fn time_to_safety_is_told_from_the_clock() {
    let (_parent, outcome, _) = rescue(slow("photos=4"), &mut |_| {});
    let times = &outcome.time_to_safety;
    let share = |what: Collection| times.share[&what];
    println!("{times:?}");
    assert!(times.link_seconds > 0.5, "{times:?}");
    assert!(0.0 < share(Collection::Contacts));
    assert!(share(Collection::Contacts) <= share(Collection::Calendar));
    assert!(share(Collection::Calendar) <= share(Collection::Todos));
    assert_eq!(times.all, Some(share(Collection::Todos)));
    assert!(times.all <= Some(1.0));
    let folder = std::path::Path::new(&outcome.folder);
    let vault = lifeboat::vault::Vault::open_to_read(folder).expect("a vault");
    let log = vault.log_entries().expect("the log");
    assert!(
        log.iter()
            .any(|entry| entry.event.contains("to-dos were saved after"))
    );
}

#[test]
fn with_a_low_battery_the_smallest_precious_things_come_first_and_it_is_said() {
    let mut order = Vec::new();
    let mut said = Vec::new();
    let settings = Settings {
        link: LinkSettings {
            bytes_per_second: None,
            ..LinkSettings::default()
        },
        ..slow("battery=9")
    };
    let (_parent, outcome, handset) = rescue(settings, &mut |progress| match progress {
        Progress::Read(what) => order.push(what),
        Progress::Advice(text) => said.push(text),
        Progress::Health(health) => assert_eq!(health.charger, Charger::NotCharging),
        _ => {}
    });
    assert!(outcome.safe, "{:?}", outcome.why_not);
    let advice = said
        .iter()
        .filter(|text| text.contains("9 %") && text.contains("smallest lists"))
        .count();
    assert_eq!(advice, 1, "{said:?}");
    assert!(
        outcome
            .collections
            .iter()
            .all(|c| matches!(c.verdict, Verdict::Complete | Verdict::Empty))
    );
    // The second looks come after the plain reads of all collections: the calendar's stream starts before them.
    let asked = handset.asked();
    let place = |what: &str| {
        asked
            .iter()
            .position(|a| a.contains(what))
            .unwrap_or_else(|| panic!("{what}"))
    };
    let second_look = asked
        .iter()
        .position(|a| a.contains("raw_contact_entities") && a.contains("data_id IN ("));
    let events = asked
        .iter()
        .position(|a| a.contains("calendar/events") && a.contains("eventTimezone"));
    assert!(
        second_look > events && events.is_some(),
        "{second_look:?} {events:?}"
    );
    // The to-dos are few, so they come early. The calendar's provider starts after the contacts'.
    assert!(place("dumpsys account") < place("com.android.contacts"));
    assert!(place("com.android.contacts") < place("com.android.calendar"));
    assert!(
        place("syncTasks") < events.unwrap_or_default()
            || place("tasks") < events.unwrap_or_default()
    );

    // A charging phone is read in the usual order, and the files are the same in both cases.
    let usual = Settings {
        link: LinkSettings {
            bytes_per_second: None,
            ..LinkSettings::default()
        },
        ..slow("photos=0")
    };
    let (_other, charged, _) = rescue(usual, &mut |_| {});
    let (low, charged) = (
        portable_files(outcome.folder.as_ref()),
        portable_files(charged.folder.as_ref()),
    );
    assert_eq!(
        crate::common::names_of_differing(&low, &charged),
        Vec::<String>::new()
    );
}
