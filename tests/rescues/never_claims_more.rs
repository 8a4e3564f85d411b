//! Each way in which a collection can look complete and is not. The verdict is not *complete*, it gives the reason, and
//! the phone is not called safe. `phones.rs` tries combinations, by the thousand.

use crate::common::{Practised, folder_in_memory, portable_files, request, try_rescue};
use lifeboat::handset::android::{Android, Choices};
use lifeboat::model::{Collection, Stop, Verdict};
use lifeboat::practice::android::{Area, OwnerData, PracticeAndroid, Settings, Strike};
use lifeboat::protocol::adb::{Adb, Options};
use lifeboat::rescue::{CollectionOutcome, Outcome, Progress, Target, run};

fn small(android: u32) -> Settings {
    Settings {
        android,
        contacts: 12,
        events: 10,
        todos: 4,
        ..Settings::default()
    }
}

/// One way: the fault of the handset, the verdict that it must cause, and words that the reason must contain.
struct Way {
    what: &'static str,
    settings: Settings,
    collection: Collection,
    verdict: Verdict,
    says: &'static str,
}

fn way(
    what: &'static str,
    collection: Collection,
    verdict: Verdict,
    says: &'static str,
    set: impl Fn(&mut Settings),
) -> Way {
    let mut settings = small(33);
    set(&mut settings);
    Way {
        what,
        settings,
        collection,
        verdict,
        says,
    }
}

/// The fault occurs every time: a repeated query fails in the same way.
fn always(strike: Strike, area: Area, rows: u64) -> Vec<(Strike, Area, u64)> {
    vec![(strike, area, rows); 200]
}

fn ways() -> Vec<Way> {
    use Collection::{Calendar, Contacts, Todos};
    use Verdict::{Partial, Unreadable};
    let (contacts, calendar) = (Area::Contacts, Area::Calendar);
    vec![
        way(
            "permission denied with exit code 0",
            Contacts,
            Unreadable,
            "refused access to its",
            |s| s.providers.denied.insert(contacts),
        ),
        way(
            "permission denied with exit code 0",
            Calendar,
            Unreadable,
            "refused access to its",
            |s| s.providers.denied.insert(calendar),
        ),
        way(
            "permission denied, output mixed with errors",
            Contacts,
            Unreadable,
            "refused access to its",
            |s| {
                s.android = 19;
                s.providers.denied.insert(contacts);
            },
        ),
        way("app-op ignored", Contacts, Unreadable, "app-op", |s| {
            s.providers.ignored.insert(contacts)
        }),
        way("app-op ignored", Calendar, Unreadable, "app-op", |s| {
            s.providers.ignored.insert(calendar)
        }),
        way("app-op ignored: to-dos", Todos, Unreadable, "app-op", |s| {
            s.providers.ignored.insert(calendar)
        }),
        way(
            "app-op ignored on an Android that does not tell",
            Contacts,
            Unreadable,
            "does not report whether",
            |s| {
                s.android = 19;
                s.providers.ignored.insert(contacts);
            },
        ),
        way(
            "provider restarting",
            Contacts,
            Unreadable,
            "did not answer",
            |s| s.providers.restarting.push((contacts, 200)),
        ),
        way(
            "provider restarting",
            Calendar,
            Unreadable,
            "did not answer",
            |s| s.providers.restarting.push((calendar, 200)),
        ),
        way("locked since boot", Contacts, Unreadable, "unlock", |s| {
            s.software.locked_since_boot = true
        }),
        way(
            "locked since boot, old",
            Contacts,
            Unreadable,
            "Unlock the phone",
            |s| {
                s.android = 23;
                s.software.locked_since_boot = true;
            },
        ),
        way(
            "the list counts more",
            Contacts,
            Partial,
            "The phone has 15; 3 could not be read.",
            |s| s.providers.listed_more = 3,
        ),
        way(
            "provider dies",
            Contacts,
            Partial,
            "The phone ended its",
            |s| s.providers.strikes = always(Strike::Dies, contacts, 9),
        ),
        way(
            "provider dies",
            Calendar,
            Partial,
            "The phone ended its",
            |s| s.providers.strikes = always(Strike::Dies, calendar, 3),
        ),
        way(
            "provider killed, reply ends without a word",
            Contacts,
            Partial,
            "",
            |s| s.providers.strikes = always(Strike::Ends, contacts, 9),
        ),
        way(
            "provider killed, reply ends without a word",
            Calendar,
            Partial,
            "",
            |s| {
                s.events = 200;
                s.providers.strikes = always(Strike::Ends, calendar, 3);
            },
        ),
        way(
            "provider killed, reply ends without a word: to-dos",
            Todos,
            Partial,
            "",
            |s| {
                s.todos = 200;
                s.providers.strikes = always(Strike::Ends, calendar, 2);
            },
        ),
        way(
            "reply cut short at a row's end",
            Contacts,
            Partial,
            "The phone ended its",
            |s| s.providers.strikes = always(Strike::Killed, contacts, 8),
        ),
        way(
            "reply cut short in a row",
            Contacts,
            Partial,
            "The phone ended its",
            |s| s.providers.strikes = always(Strike::Killed, contacts, 9),
        ),
        way(
            "reply cut short in a row, no exit code",
            Contacts,
            Partial,
            "The phone ended its",
            |s| {
                s.android = 23;
                s.providers.strikes = always(Strike::Killed, contacts, 9);
            },
        ),
        way(
            "a row that no cursor window holds",
            Contacts,
            Partial,
            "",
            |s| {
                s.owner.row_over_2mb = true;
                s.contacts = 45;
            },
        ),
    ]
}

fn of(practised: &Practised, what: Collection) -> CollectionOutcome {
    let found = practised
        .outcome
        .collections
        .iter()
        .find(|c| c.name == what);
    found.expect("a collection").clone()
}

#[test]
fn what_only_looks_complete_is_not_called_so() {
    let ways = ways();
    for Way {
        what,
        settings,
        collection,
        verdict,
        says,
    } in &ways
    {
        let done = try_rescue(settings.clone(), false, folder_in_memory()).expect("a rescue");
        let found = of(&done, *collection);
        assert_eq!(found.verdict, *verdict, "{what}: {found:?}");
        let said = found.notes.first().cloned().unwrap_or_default();
        assert!(
            !said.is_empty() && found.notes.join(" ").contains(says),
            "{what}: {:?}",
            found.notes
        );
        assert!(!done.outcome.safe, "{what}");
        // The last screen gives the reason, and the report does not claim that everything is safe.
        assert!(
            done.outcome.why_not.iter().any(|why| why.contains(&said)),
            "{what}: {:?}",
            done.outcome.why_not
        );
        let report =
            std::fs::read_to_string(done.folder.join("data/report.html")).expect("a report");
        assert!(
            !report.contains("Everything Lifeboat can read on this phone is safe"),
            "{what}"
        );
    }
    assert_eq!(ways.len(), 21);
}

/// A fault that occurs once does no harm: the handset answers the repeated query, and all data is there.
#[test]
fn what_is_cured_by_asking_again_is_whole() {
    let (contacts, calendar) = (Area::Contacts, Area::Calendar);
    let kinds: [(&str, Strike); 4] = [
        ("dies", Strike::Dies),
        ("ends", Strike::Ends),
        ("sync", Strike::Sync),
        ("killed", Strike::Killed),
    ];
    let mut cases = Vec::new();
    for android in [19, 23, 33] {
        for (name, strike) in kinds {
            for area in [contacts, calendar] {
                cases
                    .extend([1, 2, 5, 9, 17, 40].map(|rows| (android, name, strike, (area, rows))));
            }
        }
    }
    let came = crate::common::in_parallel(&cases, |&(android, name, strike, (area, rows))| {
        let mut settings = small(android);
        settings.providers.strikes.push((strike, area, rows));
        let done = try_rescue(settings.clone(), false, folder_in_memory()).expect("a rescue");
        let lost = crate::truth::lost(&settings, &done.handset, &done.folder, &done.outcome);
        let what = format!("{name} {area:?} {rows} on {android}");
        assert!(lost.is_empty() || !done.outcome.safe, "{what}: {lost:?}");
        lost.is_empty() && done.outcome.safe
    });
    let whole = came.into_iter().filter(|is_whole| *is_whole).count();
    assert!(whole >= 120, "{whole} of 144 are whole");
}

/// A fault in a part that a cut ended is not forgotten in later parts: a row that was skipped before the cut is missed
/// after it.
#[test]
fn what_went_wrong_before_a_cut_is_not_forgotten() {
    let kinds: [(&str, Strike); 4] = [
        ("sync", Strike::Sync),
        ("ends", Strike::Ends),
        ("dies", Strike::Dies),
        ("killed", Strike::Killed),
    ];
    // Few contacts, which are read in one batch; and many, of which some are safe when the cable is pulled.
    let few = (12, [2, 9], [130, 200]);
    let many = (90, [131, 203], [1_000, 1_400]);
    let mut cases = Vec::new();
    for (name, strike) in kinds {
        for (contacts, rows, cuts) in [few, many] {
            for (rows, cut) in rows.into_iter().flat_map(|n| cuts.map(|cut| (n, cut))) {
                cases.push((name, strike, contacts, rows, cut));
            }
        }
    }
    let (tried, whole, cut_short) =
        crate::common::in_parallel(&cases, |&(name, strike, contacts, rows, cut)| {
            let mut settings = small(33);
            settings.contacts = contacts;
            settings
                .providers
                .strikes
                .push((strike, Area::Contacts, rows));
            settings.link.unplug_after_rows.push(cut);
            let what = format!("{name} at {rows} of {contacts} contacts, cut after {cut} rows");
            let mut done =
                try_rescue(settings.clone(), false, folder_in_memory()).expect("a rescue");
            let was_cut = !done.outcome.finished;
            if was_cut {
                assert!(!done.outcome.safe, "{what}");
                crate::common::try_resume(&mut done).expect("the second part");
            }
            assert!(done.outcome.finished, "{what}");
            let lost = crate::truth::lost(&settings, &done.handset, &done.folder, &done.outcome);
            assert!(lost.is_empty() || !done.outcome.safe, "{what}: {lost:?}");
            (lost.is_empty() && done.outcome.safe, was_cut)
        })
        .into_iter()
        .fold((0, 0, 0), |(tried, whole, cut), (is_whole, was_cut)| {
            (
                tried + 1,
                whole + u32::from(is_whole),
                cut + u32::from(was_cut),
            )
        });
    println!("{tried} tried, {cut_short} cut, {whole} whole");
    assert!(cut_short * 2 > tried, "{cut_short} of {tried} were cut");
    assert!(whole * 10 >= tried * 9, "{whole} of {tried} are whole");
}

/// A collection that was read to its end before the cut counts, although the handset denies it afterwards. The notes
/// say that changes could not be looked for.
#[test]
fn what_closes_after_it_was_read_is_told_apart_from_what_was_closed() {
    let read_before_the_cut = |rows: u64| {
        let mut settings = small(33);
        settings.link.unplug_after_rows.push(rows);
        let done = try_rescue(settings, false, folder_in_memory()).expect("a rescue");
        let is_read = of(&done, Collection::Contacts).verdict == Verdict::Complete;
        (is_read && !done.outcome.finished).then_some(done)
    };
    let mut done = (100..1_000)
        .step_by(20)
        .find_map(read_before_the_cut)
        .expect("a cut after the contacts");
    let mut closed = small(33);
    closed.providers.denied.insert(Area::Contacts);
    closed.providers.denied.insert(Area::Calendar);
    done.handset = PracticeAndroid::new(closed);
    crate::common::try_resume(&mut done).expect("the second part");
    let contacts = of(&done, Collection::Contacts);
    assert_eq!(contacts.verdict, Verdict::Complete, "{contacts:?}");
    assert_eq!(contacts.handset_says, Some(contacts.rescued));
    let notes = contacts.notes.join(" ");
    assert!(
        notes.contains("Later changes could not be checked"),
        "{notes}"
    );
    assert_eq!(of(&done, Collection::Calendar).verdict, Verdict::Unreadable);
    assert!(!done.outcome.safe);
}

/// Files that the disk damaged don't count as finished: the next part writes them again.
#[test]
fn files_that_can_not_be_read_back_are_written_again() {
    let handset = PracticeAndroid::new(small(33));
    let parent = folder_in_memory();
    let attempt = |target: Target, spoil: &dyn Fn()| -> Outcome {
        let adb = Adb::connect(handset.link(), Options::default()).expect("a connection");
        let mut android = Android::open(adb, &Choices::default()).expect("a handset");
        let mut tell = |progress| {
            if matches!(progress, Progress::Sealing) {
                spoil();
            }
        };
        let request = request(target, "--practice");
        run(&mut android, &request, &Stop::new(), &mut tell).expect("a rescue")
    };
    let smooth = attempt(Target::New(parent.path().join("smooth")), &|| {});
    let place = parent.path().join("spoilt");
    let outcome = attempt(Target::New(place.clone()), &|| {
        let folder = std::fs::read_dir(&place).expect("a folder").next();
        let folder = folder.expect("a rescue").expect("a rescue").path();
        let calendar = folder.join("data/calendar.ics");
        let text = std::fs::read_to_string(&calendar).expect("a calendar");
        std::fs::write(&calendar, &text[..text.len() / 2]).expect("a calendar");
    });
    assert!(!outcome.safe && !outcome.finished && !outcome.all_asked_is_there());
    assert!(outcome.why_not[0].contains("do not match the rescued data"));
    for collection in &outcome.collections {
        assert_eq!(collection.verdict, Verdict::Partial, "{collection:?}");
    }
    let again = attempt(Target::Resume(outcome.folder.into()), &|| {});
    assert!(again.safe && again.finished, "{again:?}");
    let (smooth, again) = (smooth.folder.as_ref(), again.folder.as_ref());
    assert_eq!(portable_files(again), portable_files(smooth));
}

#[test]
fn a_closed_own_card_is_named() {
    let mut settings = small(19);
    settings.providers.denied.insert(Area::Profile);
    let done = try_rescue(settings, false, folder_in_memory()).expect("a rescue");
    assert!(
        done.outcome
            .not_covered
            .iter()
            .any(|line| line.contains("own card")),
        "{:?}",
        done.outcome.not_covered
    );
}

#[test]
fn an_empty_handset_says_who_has_the_rest() {
    let settings = Settings {
        contacts: 0,
        owner: OwnerData {
            deleted_contacts: 0,
            deleted_events: 0,
            ..OwnerData::default()
        },
        events: 0,
        ..small(33)
    };
    let done = try_rescue(settings, false, folder_in_memory()).expect("a rescue");
    let found = of(&done, Collection::Contacts);
    assert_eq!(found.verdict, Verdict::Empty);
    let notes = found.notes.join(" ");
    assert!(notes.contains("alex.winter@gmail.example"), "{notes}");
}
