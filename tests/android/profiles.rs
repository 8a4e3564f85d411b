//! Phones as they really are: every profile of the practice Android is rescued, and each rescue tells its owner what
//! the owner must know.

use crate::common::{Practised, confirm_empty, rescue, rescue_with, resume, with_fault};
use lifeboat::model::{Collection, Verdict};
use lifeboat::practice::android::{PROFILES, PracticeAndroid, Settings};
use lifeboat::practice::fault::apply;
use lifeboat::rescue::{CollectionOutcome, Outcome};

fn like(name: &str) -> Settings {
    let mut settings = Settings {
        contacts: 12,
        events: 8,
        todos: 3,
        ..Settings::default()
    };
    apply(&format!("like={name}"), &mut settings).expect("a profile");
    settings
}

fn of(outcome: &Outcome, what: Collection) -> &CollectionOutcome {
    let mut all = outcome.collections.iter();
    all.find(|c| c.name == what).expect("the collection")
}

#[test]
fn every_profile_comes_to_what_it_must() {
    for profile in PROFILES {
        let name = profile.name;
        let Practised {
            outcome, handset, ..
        } = rescue(like(name));
        assert_eq!(
            outcome.safe, profile.is_safe,
            "{name}: {:?}",
            outcome.why_not
        );
        assert_eq!(outcome.all_asked_is_there(), profile.is_safe, "{name}");
        let is_said = outcome.headline.contains("Everything Lifeboat can read");
        assert_eq!(is_said, profile.is_safe, "{name}: {}", outcome.headline);
        assert_eq!(handset.tripped(), Vec::<String>::new(), "{name}");
        if !profile.is_safe {
            assert!(outcome.headline.contains("o not reset"), "{name}");
        }
    }
}

/// The profile's owner data is read completely, and only once.
#[test]
fn a_healthy_phone_s_own_data_is_read_whole_beside_what_is_closed() {
    for name in [
        "samsung-secure-folder",
        "samsung-dual-messenger",
        "xiaomi-clones",
        "huawei-local-contacts",
        "oppo-clones",
    ] {
        let outcome = rescue(like(name)).outcome;
        for (what, count) in [(Collection::Contacts, 12), (Collection::Calendar, 8)] {
            let found = of(&outcome, what);
            assert_eq!(found.verdict, Verdict::Complete, "{name}: {found:?}");
            assert!(
                found.rescued >= 1 && found.rescued <= count,
                "{name}: {found:?}"
            );
            assert_eq!(found.handset_says, Some(found.rescued), "{name}");
        }
        assert!(
            !outcome.headline.contains("NOT read"),
            "{name}: {}",
            outcome.headline
        );
    }
}

#[test]
fn what_a_reset_destroys_names_secure_folders_and_clones() {
    for (name, word) in [
        ("samsung-secure-folder", "Secure Folder"),
        ("samsung-dual-messenger", "DUAL_APP"),
        ("xiaomi-clones", "XSpace"),
        ("huawei-local-contacts", "分身应用"),
        ("oppo-clones", "MultiApp"),
    ] {
        let told = rescue(like(name)).outcome.not_covered.join("\n");
        assert!(told.contains(word), "{name}: {told}");
    }
}

#[test]
fn the_headline_names_who_was_not_read() {
    for (name, words) in [
        (
            "pixel-work-profile",
            "NOT read: the work profile “Work profile”",
        ),
        ("second-person-closed", "NOT read: the user “Kim”"),
        ("xiaomi-second-space", "NOT read: the user “security space”"),
        ("pixel-private-space", "NOT read: the private space"),
        (
            "samsung-maintenance-mode",
            "NOT read: the owner's data hidden by Maintenance mode",
        ),
        ("pixel-repair-mode", "Repair mode"),
        (
            "nothing-on-it",
            "This phone shows no contacts and no events.",
        ),
    ] {
        let outcome = rescue(like(name)).outcome;
        assert!(
            outcome.headline.contains(words),
            "{name}: {}",
            outcome.headline
        );
    }
    let asked = rescue_with(like("pixel-work-profile"), true).outcome;
    assert!(asked.safe, "{:?}", asked.why_not);
    assert!(!asked.headline.contains("NOT read"), "{}", asked.headline);
}

/// A maker's own account is the phone itself, whatever its name.
#[test]
fn contacts_of_a_maker_s_account_are_on_this_phone_only_and_not_doomed() {
    let outcome = rescue(like("huawei-local-contacts")).outcome;
    let contacts = of(&outcome, Collection::Contacts);
    assert!(contacts.only_here.is_some_and(|n| n > 0), "{contacts:?}");
    let notes = contacts.notes.join("\n");
    assert!(
        !notes.contains("accounts that are no longer on the phone"),
        "{notes}"
    );
}

#[test]
fn a_phone_that_shows_nothing_stays_open_until_its_owner_confirms_that() {
    let mut practised = rescue(like("nothing-on-it"));
    let outcome = &practised.outcome;
    assert!(outcome.shows_nothing && !outcome.finished);
    assert!(!practised.folder.join("manifest-sha256.txt").exists());
    assert!(outcome.why_not.join("\n").contains("--confirm-empty"));
    let again = resume(&mut practised);
    assert!(again.shows_nothing && !again.finished);
    let confirmed = confirm_empty(&mut practised).expect("an outcome");
    assert!(
        confirmed.safe && confirmed.finished,
        "{:?}",
        confirmed.why_not
    );
    assert!(practised.folder.join("manifest-sha256.txt").exists());
    let log = std::fs::read_to_string(practised.folder.join("data/log.txt")).unwrap_or_default();
    assert!(log.contains("The owner confirms"), "{log}");
}

/// What the owner can still open must never be closed by a seal.
#[test]
fn a_folder_is_not_sealed_while_the_owner_can_open_the_rest() {
    for fault in [
        "like=twrp",
        "like=kaios",
        "like=pixel-repair-mode",
        "like=samsung-maintenance-mode",
        "like=second-person-closed",
        "restarting=contacts:100",
        "deny=contacts",
        "sim-state=PIN_REQUIRED",
        "sim-state=PUK_REQUIRED",
        "sims=6:7,sim-state=LOADED:PIN_REQUIRED",
    ] {
        let practised = rescue(with_fault(like("samsung-dual-messenger"), fault));
        let outcome = &practised.outcome;
        assert!(!outcome.safe && !outcome.finished, "{fault}: {outcome:#?}");
        assert!(
            !practised.folder.join("manifest-sha256.txt").exists(),
            "{fault}"
        );
        if fault.starts_with("sim") {
            let mut practised = Practised {
                handset: PracticeAndroid::new(like("samsung-dual-messenger")),
                ..practised
            };
            let done = resume(&mut practised);
            assert!(done.safe && done.finished, "{fault}: {:?}", done.why_not);
        }
    }
}

/// A to-do app that keeps its to-dos on the phone has the only copy, whatever else the phone has.
#[test]
fn to_dos_in_an_app_of_their_own_are_not_safe_on_any_make() {
    for make in ["samsung-dual-messenger", "xiaomi-clones"] {
        for app in ["org.tasks", "org.dmfs.tasks", "at.techbee.jtx"] {
            let settings = with_fault(like(make), &format!("task-app={app}"));
            let outcome = rescue(settings).outcome;
            assert!(!outcome.safe, "{make} {app}: {}", outcome.headline);
            assert!(!outcome.all_asked_is_there(), "{make} {app}");
            assert!(
                outcome.headline.contains("NOT read"),
                "{make} {app}: {}",
                outcome.headline
            );
        }
    }
}

/// A mode is named once, and so is its exit. Unlocking does not end it.
#[test]
fn a_mode_is_said_once_with_its_own_way_out() {
    let outcome = rescue(like("samsung-maintenance-mode")).outcome;
    let count = |text: &str| text.matches("Maintenance mode, which hides").count();
    assert_eq!(count(&outcome.why_not.join("\n")), 1, "{outcome:#?}");
    assert_eq!(count(&outcome.not_covered.join("\n")), 1, "{outcome:#?}");
    assert_eq!(
        outcome.headline.matches("Maintenance mode").count(),
        1,
        "{}",
        outcome.headline
    );
    let contacts = of(&outcome, Collection::Contacts).notes.join("\n");
    assert!(
        contacts.contains("until Maintenance mode ends") && !contacts.contains("nlock"),
        "{contacts}"
    );
}

/// Lifeboat has not seen the data of a private space, so it never tells anybody to delete it.
#[test]
fn nobody_is_told_to_delete_what_was_not_read() {
    let outcome = rescue(like("pixel-private-space")).outcome;
    let said = outcome.why_not.join("\n");
    assert!(said.contains("private space"), "{said}");
    assert!(!said.contains("delete"), "{said}");
}

/// Only a card that is ready, or an absent card, is evidence for an empty phonebook.
#[test]
fn a_sim_card_in_any_other_state_is_not_read_and_empty() {
    for fault in [
        "sim-state=UNKNOWN",
        "sim-state=NETWORK_SUBSET_LOCKED",
        "sim-state=pin_required",
        "sims=6:7,sim-state=UNKNOWN:LOADED",
        "sims=6:7,sim-state=LOADED:UNKNOWN,hides-subscriptions=all",
        "android=19,sims=1:2,sims-apart,sim-state=READY:PIN_REQUIRED",
    ] {
        let outcome = rescue(with_fault(like("samsung-dual-messenger"), fault)).outcome;
        let sim = of(&outcome, Collection::Sim);
        assert!(!outcome.safe, "{fault}: {sim:?}");
        assert!(
            matches!(sim.verdict, Verdict::Partial | Verdict::Unreadable),
            "{fault}: {sim:?}"
        );
        assert!(
            !sim.notes.join(" ").contains("it is empty"),
            "{fault}: {sim:?}"
        );
    }
    let spare = rescue(with_fault(
        like("pixel-work-profile"),
        "sims=6,sim-state=LOADED:UNKNOWN",
    ));
    assert!(spare.outcome.safe, "{:?}", spare.outcome.why_not);
}

#[test]
fn the_second_card_of_an_old_mediatek_is_read() {
    let count = |name: &str| {
        let outcome = rescue(like(name)).outcome;
        let sim = of(&outcome, Collection::Sim);
        assert_eq!(sim.verdict, Verdict::Complete, "{name}: {sim:?}");
        sim.rescued
    };
    assert_eq!(
        count("mediatek-android-4-two-sims"),
        count("mediatek-two-sims")
    );
}

#[test]
fn pictures_of_cloned_apps_are_no_one_else_s() {
    let files = |name: &str| {
        let settings = Settings {
            photos: 4,
            ..like(name)
        };
        let outcome = rescue(settings).outcome;
        of(&outcome, Collection::Files).clone()
    };
    let none = files("xiaomi-clones");
    let shown = files("xiaomi-clones-with-pictures");
    assert_eq!(shown.verdict, Verdict::Complete, "{shown:?}");
    assert_eq!(shown.rescued, none.rescued + 3, "{shown:?}");
    let closed = files("xiaomi-clones-with-closed-pictures");
    assert_eq!(closed.verdict, Verdict::Complete, "{closed:?}");
    assert_eq!(closed.rescued, none.rescued, "{closed:?}");
    let notes = closed.notes.join("\n");
    assert!(notes.contains("3 pictures and videos"), "{notes}");
}

#[test]
fn users_of_one_name_keep_what_is_theirs() {
    let outcome = rescue(like("two-guests-of-one-name")).outcome;
    for (what, own, others) in [
        (Collection::Contacts, 12, 120),
        (Collection::Calendar, 8, 60),
    ] {
        let found = of(&outcome, what);
        assert_eq!(found.verdict, Verdict::Complete, "{found:?}");
        assert!(found.rescued > others / 2 + own, "{found:?}");
    }
}

#[test]
fn what_a_mode_hides_is_told_in_the_words_of_its_way_out() {
    let outcome = rescue(like("huawei-repair-mode")).outcome;
    let why = outcome.why_not.join("\n");
    assert!(why.contains("Switch to the owner"), "{why}");
    assert!(!why.contains("Unlock it once"), "{why}");
    let outcome = rescue(like("xiaomi-asks")).outcome;
    let contacts = of(&outcome, Collection::Contacts);
    assert_eq!(contacts.verdict, Verdict::Unreadable, "{contacts:?}");
    let outcome = rescue(like("users-not-shown")).outcome;
    assert!(
        outcome.headline.contains("other users"),
        "{}",
        outcome.headline
    );
    let outcome = rescue(like("samsung-knox-workspace")).outcome;
    assert!(
        outcome.headline.contains("work profile “KNOX”"),
        "{}",
        outcome.headline
    );
}
