//! A whole rescue of the practice Android through the engine: the promises about contacts, calendar and to-dos.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::common::{Practised, portable_files, rescue, resume};
use lifeboat::handset::Handset;
use lifeboat::handset::android::{Android, Choices};
use lifeboat::model::{Advice as _, Collection, Past, RecordBody, Verdict};
use lifeboat::practice::android::{PracticeAndroid, Settings, Sim, Store};
use lifeboat::protocol::adb::{Adb, Options};
use lifeboat::rescue::{CollectionOutcome, Outcome};

fn small() -> Settings {
    Settings {
        contacts: 120,
        events: 90,
        todos: 20,
        ..Settings::default()
    }
}

fn with_fault(spec: &str) -> Settings {
    crate::common::with_fault(small(), spec)
}

fn of(outcome: &Outcome, what: Collection) -> &CollectionOutcome {
    outcome
        .collections
        .iter()
        .find(|c| c.name == what)
        .expect("a collection")
}

#[test]
fn everything_is_safe_and_nothing_but_reading_was_asked() {
    let Practised {
        outcome,
        handset,
        folder,
        parent: _kept,
        ..
    } = rescue(small());
    assert!(outcome.safe, "{:?}", outcome.why_not);
    for (what, count) in [(Collection::Contacts, 120), (Collection::Todos, 20)] {
        let found = of(&outcome, what);
        assert_eq!(
            (found.verdict, found.rescued, found.handset_says),
            (Verdict::Complete, count, Some(count))
        );
        assert_eq!(found.read_back, Some(count));
        assert!(
            found.only_here.is_some_and(|n| n > 0 && n < count),
            "{found:?}"
        );
    }
    assert_eq!(
        of(&outcome, Collection::Calendar).verdict,
        Verdict::Complete
    );
    assert_eq!(of(&outcome, Collection::Files).verdict, Verdict::Empty);
    assert_eq!(handset.tripped(), Vec::<String>::new());
    assert!(handset.asked().iter().all(|a| !a.contains("instances")));
    let report = lifeboat::vault::verify(&folder, &mut |_| {}).expect("a folder");
    assert!(report.ok, "{:?}", report.problems);
}

#[test]
fn accounts_come_first_then_contacts_then_the_calendar() {
    let Practised { handset, .. } = rescue(small());
    let asked = handset.asked();
    let first = |what: &str| {
        asked
            .iter()
            .position(|a| a.contains(what))
            .unwrap_or_else(|| panic!("{what} in {asked:?}"))
    };
    assert!(first("dumpsys account") < first("content query"));
    assert!(first("com.android.contacts") < first("com.android.calendar"));
}

#[test]
fn two_rescues_give_the_same_files() {
    let (one, other) = (rescue(small()), rescue(small()));
    let (one, other) = (portable_files(&one.folder), portable_files(&other.folder));
    assert_eq!(
        one.keys().collect::<Vec<_>>(),
        other.keys().collect::<Vec<_>>()
    );
    for (name, bytes) in &one {
        assert_eq!(bytes, &other[name], "{name}");
    }
}

/// All Android versions have the same owner here: their different output must give the same files.
#[test]
fn every_android_version_gives_the_same_cards_and_events() {
    let files = |android| {
        portable_files(
            &rescue(Settings {
                android,
                contacts: 60,
                events: 60,
                todos: 10,
                sim: Sim {
                    // SIM providers print additional numbers from Android 12 on.
                    entries: None,
                    ..Sim::default()
                },
                ..Settings::default()
            })
            .folder,
        )
    };
    let newest = files(36);
    for android in [17, 19, 21, 23, 24, 26, 29, 33] {
        let found = files(android);
        for name in [
            "contacts.vcf",
            "contacts-deleted.vcf",
            "calendar.ics",
            "todos.ics",
        ] {
            let (new, old) = (text(&newest, name), text(&found, name));
            assert!(
                new == old,
                "API {android}: {name} differs: {}",
                first_difference(&new, &old)
            );
        }
    }
}

fn text(files: &BTreeMap<String, Vec<u8>>, name: &str) -> String {
    String::from_utf8_lossy(files.get(name).map(Vec::as_slice).unwrap_or_default()).into_owned()
}

fn first_difference(one: &str, other: &str) -> String {
    let differ = one.lines().zip(other.lines()).find(|(a, b)| a != b);
    format!(
        "{differ:?} of {} and {} lines",
        one.lines().count(),
        other.lines().count()
    )
}

#[test]
fn a_cut_link_is_resumed_to_the_same_files() {
    let smooth = portable_files(&rescue(small()).folder);
    for rows in [1, 40, 333, 700, 900] {
        let mut practised = rescue(with_fault(&format!("unplug-after-rows={rows}")));
        assert!(!practised.outcome.safe, "cut after {rows} rows");
        assert!(!practised.outcome.finished);
        assert!(!lifeboat::vault::bag::is_finished(&practised.folder));
        // The data that is safe so far is already in files.
        assert!(practised.folder.join("data/report.html").is_file());
        let outcome = resume(&mut practised);
        assert!(outcome.safe, "cut after {rows} rows: {:?}", outcome.why_not);
        let resumed = portable_files(&practised.folder);
        assert_eq!(
            smooth.keys().collect::<Vec<_>>(),
            resumed.keys().collect::<Vec<_>>()
        );
        for (name, bytes) in &smooth {
            assert!(
                *bytes == resumed[name],
                "cut after {rows} rows: {name} differs: {}",
                first_difference(
                    &String::from_utf8_lossy(bytes),
                    &String::from_utf8_lossy(&resumed[name])
                )
            );
        }
    }
}

/// If the journal is damaged, the files that were written from it may be all that is left.
#[test]
fn a_damaged_journal_costs_nothing_that_was_written_from_it() {
    let mut practised = rescue(with_fault("photos=20,unplug-after=900000"));
    assert!(!practised.outcome.finished);
    let before = portable_files(&practised.folder);
    assert!(before.contains_key("contacts.vcf"));
    let journal = practised.folder.join("data/lifeboat.sqlite");
    let whole = std::fs::read(&journal).expect("a journal");
    // Some SQLite pages are not in use, so every occurrence is damaged.
    let without = |what: &[u8]| {
        let mut damaged = whole.clone();
        for at in 0..whole.len() - what.len() {
            if whole[at..].starts_with(what) {
                damaged[at] = b'x';
            }
        }
        damaged
    };
    let mut pages = whole.clone();
    pages[whole.len() / 4..whole.len() / 2].fill(0xa5);
    for (what, damaged) in [
        ("pages", pages),
        ("records", without(b"\"sources\"")),
        ("states", without(b"\"handset_says\"")),
        ("replies", without(&[0x1f, 0x8b, 8])),
    ] {
        assert!(damaged != whole, "{what}");
        std::fs::write(&journal, damaged).expect("a journal");
        let error = match crate::common::try_resume(&mut practised) {
            Ok(_) => panic!("{what}: damage was read"),
            Err(error) => error,
        };
        assert!(
            error.advice().contains("Keep this folder"),
            "{what}: {error}"
        );
        assert!(portable_files(&practised.folder) == before, "{what}");
    }
    std::fs::write(&journal, whole).expect("a journal");
    assert!(resume(&mut practised).safe);
}

/// The number of queries depends on how much is ambiguous, not on the amount of data.
#[test]
fn a_rescue_asks_a_bounded_number_of_questions() {
    let queries = |contacts, events| {
        let handset = rescue(Settings {
            contacts,
            events,
            ..small()
        })
        .handset;
        handset
            .asked()
            .iter()
            .filter(|a| a.contains("content query"))
            .count()
    };
    let (few, many) = (queries(100, 100), queries(1_000, 800));
    assert!(
        many <= few + 40,
        "{few} questions for a hundred contacts, {many} for a thousand"
    );
}

/// Google accepts 3,000 contacts and 1,000 events at a time. The parts of both lie in one folder.
#[test]
fn parts_for_google_stand_beside_each_other() {
    let settings = Settings {
        contacts: 3_100,
        events: 1_200,
        todos: 5,
        ..Settings::default()
    };
    let Practised {
        outcome,
        folder,
        parent: _kept,
        ..
    } = rescue(settings);
    assert!(outcome.safe, "{:?}", outcome.why_not);
    let parts = fs::read_dir(folder.join("data/for-google")).expect("parts");
    let names: Vec<_> = parts
        .map(|p| {
            p.expect("a part")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    for kind in [
        "contacts-1.vcf",
        "contacts-2.vcf",
        "calendar-1.ics",
        "calendar-2.ics",
    ] {
        assert!(names.iter().any(|n| n == kind), "{kind} in {names:?}");
    }
}

#[test]
fn what_can_not_be_read_is_never_called_complete() {
    for (spec, what, verdict, word) in [
        (
            "deny=contacts",
            Collection::Contacts,
            Verdict::Unreadable,
            "refused access to its",
        ),
        (
            "ignore=contacts",
            Collection::Contacts,
            Verdict::Unreadable,
            "app-op",
        ),
        (
            "deny=calendar",
            Collection::Calendar,
            Verdict::Unreadable,
            "refused access to its",
        ),
        (
            "ignore=calendar",
            Collection::Calendar,
            Verdict::Unreadable,
            "app-op",
        ),
        (
            "locked",
            Collection::Contacts,
            Verdict::Unreadable,
            "unlock",
        ),
        (
            "deny=icc",
            Collection::Sim,
            Verdict::OutOfReach,
            "Contacts app",
        ),
    ] {
        let Practised {
            outcome, handset, ..
        } = rescue(with_fault(spec));
        let found = of(&outcome, what);
        assert_eq!(found.verdict, verdict, "{spec}: {found:?}");
        let said = found.notes.join(" ").to_lowercase();
        assert!(said.contains(&word.to_lowercase()), "{spec}: {said}");
        assert_eq!(
            outcome.safe,
            verdict == Verdict::OutOfReach,
            "{spec}: {:?}",
            outcome.why_not
        );
        assert_eq!(handset.tripped(), Vec::<String>::new(), "{spec}");
    }
}

#[test]
fn what_a_dying_provider_did_not_say_is_asked_again() {
    let Practised {
        folder,
        outcome,
        parent: _kept,
        ..
    } = rescue(with_fault("error-after-rows=contacts:200"));
    assert!(outcome.safe, "{:?}", outcome.why_not);
    let notes = of(&outcome, Collection::Contacts).notes.join(" ");
    assert!(notes.contains("ended its reply early once"), "{notes}");
    let cards = fs::read_to_string(folder.join("data/contacts.vcf")).expect("cards");
    assert!(
        cards.matches("BEGIN:VCARD").count() as u64 >= of(&outcome, Collection::Contacts).rescued
    );
    assert!(of(&outcome, Collection::Contacts).rescued > 0);
    assert_eq!(
        of(&outcome, Collection::Calendar).verdict,
        Verdict::Complete
    );
}

#[test]
fn rows_of_vanished_accounts_are_named_as_doomed() {
    let Practised { outcome, .. } = rescue(with_fault("stale-account"));
    let notes = of(&outcome, Collection::Contacts).notes.join(" ");
    assert!(
        notes.contains("accounts that are no longer on the phone"),
        "{notes}"
    );
}

#[test]
fn a_work_profile_is_named_and_read_only_if_asked_for() {
    let plain = rescue(with_fault("work-profile"));
    assert!(
        plain
            .outcome
            .not_covered
            .iter()
            .any(|l| l.contains("work profile")),
        "{:?}",
        plain.outcome.not_covered
    );
    assert!(
        plain
            .handset
            .asked()
            .iter()
            .all(|a| !a.contains("--user 10"))
    );
    let both = crate::common::rescue_with(with_fault("work-profile"), true);
    let (alone, with) = (
        of(&plain.outcome, Collection::Contacts).rescued,
        of(&both.outcome, Collection::Contacts).rescued,
    );
    assert!(
        with > alone,
        "{with} with the work profile, {alone} without"
    );
    assert!(both.outcome.safe, "{:?}", both.outcome.why_not);
}

/// A resumed rescue leaves unknown files alone, so it must know every file that Lifeboat writes.
#[test]
fn what_a_rescue_writes_it_knows_again() {
    let mut settings = with_fault("hostile-texts");
    (settings.photos, settings.more_files, settings.contacts) = (2, true, 3_100);
    let rescued = rescue(settings);
    let files = lifeboat::collections::files_in(&rescued.folder.join("data")).expect("the files");
    assert!(files.iter().any(|file| file.name == "for-google/"));
    for file in files {
        assert!(!file.purpose.is_empty(), "{}", file.name);
        assert!(lifeboat::collections::is_written_here(
            file.name.trim_end_matches('/')
        ));
    }
}

/// This includes collections that were read completely without the work profile.
#[test]
fn a_work_profile_that_is_asked_for_later_is_read_too() {
    let smooth = crate::common::rescue_with(with_fault("work-profile"), true);
    let mut were_complete = 0;
    for bytes in (150_000..900_000).step_by(30_000) {
        let mut settings = with_fault("work-profile");
        (settings.photos, settings.link.unplug_after) = (0, vec![bytes]);
        let mut practised = rescue(settings);
        if practised.outcome.finished {
            continue;
        }
        let first = of(&practised.outcome, Collection::Contacts).verdict;
        were_complete += u64::from(first == Verdict::Complete);
        practised.work_profile = true;
        let outcome = resume(&mut practised);
        assert!(outcome.safe, "{bytes}: {:?}", outcome.why_not);
        let differing = crate::common::names_of_differing(
            &portable_files(&practised.folder),
            &portable_files(&smooth.folder),
        );
        assert_eq!(differing, [""; 0], "{bytes}");
    }
    assert!(were_complete > 0, "none was cut late enough");
}

#[test]
fn other_handsets_are_not_mixed_into_a_rescue() {
    let mut practised = rescue(with_fault("unplug-after-rows=100"));
    practised.handset = PracticeAndroid::new(Settings {
        samsung: false,
        ..small()
    });
    let error = crate::common::try_resume(&mut practised).expect_err("another handset");
    assert!(
        error.to_string().contains("another") || error.to_string().contains("not the"),
        "{error}"
    );
}

/// Only the owner of the folder can read it, and Windows accepts every name in it.
#[test]
fn the_folder_is_private_and_its_names_are_portable() {
    let Practised {
        folder,
        parent: _kept,
        ..
    } = rescue(small());
    visit(&folder, &mut |path| {
        let name = path.file_name().expect("a name").to_string_lossy();
        assert!(
            !name.contains(['<', '>', ':', '"', '|', '?', '*', '\\', '%']),
            "{name}"
        );
        assert!(name.len() <= 255 && !name.ends_with(['.', ' ']), "{name}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(path).expect("metadata").permissions().mode() & 0o777;
            assert_eq!(
                mode,
                if path.is_dir() { 0o700 } else { 0o600 },
                "{}",
                path.display()
            );
        }
    });
}

fn visit(path: &Path, each: &mut dyn FnMut(&Path)) {
    each(path);
    if path.is_dir() {
        for entry in fs::read_dir(path).expect("a folder") {
            visit(&entry.expect("an entry").path(), each);
        }
    }
}

/// Guests and reminders are read before the events. An event that comes between has its own read after it.
#[test]
fn an_event_that_is_added_while_events_are_read_keeps_its_guests() {
    let handset = PracticeAndroid::new(Settings {
        contacts: 4,
        events: 40,
        ..Settings::default()
    });
    let adb = Adb::connect(handset.link(), Options::default()).expect("a connection");
    let mut android = Android::open(adb, &Choices::default()).expect("a handset");
    let what = Collection::Calendar;
    android.survey(what, &Past::default()).expect("a survey");
    for sql in [
        "INSERT INTO Events (_id, calendar_id, title, dtstart, dtend, eventTimezone, deleted, dirty) \
         SELECT 900000, min(_id), 'Late', 1000, 2000, 'UTC', 0, 0 FROM Calendars",
        "INSERT INTO Attendees (_id, event_id, attendeeName, attendeeEmail, attendeeStatus, attendeeRelationship, \
         attendeeType) VALUES (900001, 900000, 'Guest', 'guest@example.com', 1, 1, 1)",
        "INSERT INTO Reminders (_id, event_id, minutes, method) VALUES (900002, 900000, 10, 1)",
    ] {
        handset.poke(0, Store::Calendar, sql).expect("a change");
    }
    let (mut bookmark, mut late) = (None, None);
    while let Some(batch) = android
        .next_batch(what, bookmark.as_ref())
        .expect("a batch")
    {
        bookmark = batch.bookmark;
        for record in batch.records {
            if let RecordBody::Event(event) = record.body
                && event.source.row == 900_000
            {
                late = Some(event);
            }
        }
    }
    let late = late.expect("the event");
    assert_eq!((late.attendees.len(), late.reminders.len()), (1, 1));
}
