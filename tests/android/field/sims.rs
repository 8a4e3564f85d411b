//! SIM cards: several cards, locked cards, and makers' own columns.

use lifeboat::model::{Collection, Verdict};

use super::support::{asked, numbers, of, rescued};

/// The number of a subscription grows with every card that was ever inserted. Both phonebooks are read, and no others
/// are queried.
#[test]
fn both_cards_are_read_whatever_their_subscriptions() {
    let alone = numbers(&rescued("no-sim"));
    for ids in ["6:7", "9:14", "1:2"] {
        for android in [22, 30, 34] {
            let phone = rescued(&format!("android={android},sims={ids}"));
            assert!(
                phone.outcome.safe,
                "{ids} {android}: {:?}",
                phone.outcome.why_not
            );
            let sim = of(&phone.outcome, Collection::Sim);
            assert_eq!(
                (sim.verdict, sim.rescued),
                (Verdict::Complete, 24),
                "{ids} {android}"
            );
            assert!(numbers(&phone).difference(&alone).count() >= 24);
            let questions = asked(&phone, "content://icc/");
            assert_eq!(questions.len(), 2, "{questions:?}");
        }
    }
}

/// If `dumpsys` names no subscription, the store of all SIM cards may.
#[test]
fn both_cards_are_found_in_the_store_of_all_cards() {
    for android in [22, 30, 34] {
        let faults = format!("android={android},sims=9:14,hides-subscriptions=isub");
        let phone = rescued(&faults);
        assert!(phone.outcome.safe, "{android}: {:?}", phone.outcome.why_not);
        assert_eq!(of(&phone.outcome, Collection::Sim).rescued, 24);
        assert_eq!(asked(&phone, "content://icc/").len(), 2);
    }
}

/// A second card that can't be found counts as missing.
#[test]
fn a_second_card_that_can_not_be_asked_for_is_missing() {
    for (ids, android, read) in [
        ("9:14", 33, 12),
        ("3:14", 33, 12),
        ("9:14", 19, 12),
        ("1:2", 33, 24),
    ] {
        let phone = rescued(&format!(
            "android={android},sims={ids},hides-subscriptions=all"
        ));
        let sim = of(&phone.outcome, Collection::Sim);
        assert_eq!(sim.rescued, read, "{ids} {android}");
        let verdict = if read == 24 {
            Verdict::Complete
        } else {
            Verdict::Partial
        };
        assert_eq!(sim.verdict, verdict, "{ids} {android}: {:?}", sim.notes);
        assert_eq!(phone.outcome.safe, read == 24);
    }
    let empty = rescued("sims=9:14,sim-state=READY,hides-subscriptions=all");
    assert!(empty.outcome.safe, "one card: {:?}", empty.outcome.why_not);
}

/// If one of two cards is locked, the rescue says so and reads the other one.
#[test]
fn one_of_two_cards_may_be_locked() {
    let phone = rescued("sims=6:7,sim-state=LOADED:PIN_REQUIRED");
    let sim = of(&phone.outcome, Collection::Sim);
    assert_eq!(
        (sim.verdict, sim.rescued),
        (Verdict::Partial, 12),
        "{:?}",
        sim.notes
    );
    assert!(sim.notes.join(" ").contains("SIM 2 asks for its PIN"));
}

/// An eSIM slot without an eSIM reports "not ready". That is not a hidden card.
#[test]
fn a_phone_without_a_card_beside_an_esim_slot_is_safe() {
    let phone = rescued("sim-state=ABSENT:NOT_READY");
    assert!(phone.outcome.safe, "{:?}", phone.outcome.why_not);
    let sim = of(&phone.outcome, Collection::Sim);
    assert_eq!(sim.verdict, Verdict::Empty);
    assert!(sim.notes.join(" ").contains("eSIM"), "{:?}", sim.notes);
}

/// A slot that is not ready beside a readable card is empty if the phone lists no card for it. Else nobody knows.
#[test]
fn a_second_slot_that_is_not_ready_is_named_and_never_guessed() {
    for (faults, verdict) in [
        ("sims=6:7,sim-state=LOADED:NOT_READY", Verdict::Partial),
        (
            "sims=6:7,sim-state=LOADED:NOT_READY,hides-subscriptions=all",
            Verdict::Partial,
        ),
        ("sims=6,sim-state=LOADED:NOT_READY", Verdict::Complete),
    ] {
        let phone = rescued(faults);
        let sim = of(&phone.outcome, Collection::Sim);
        assert_eq!(sim.verdict, verdict, "{faults}: {:?}", sim.notes);
        assert_eq!(phone.outcome.safe, verdict == Verdict::Complete, "{faults}");
        assert!(
            sim.notes.join(" ").contains("not ready"),
            "{faults}: {:?}",
            sim.notes
        );
    }
}

/// Makers' providers print other columns than AOSP's, but the entries are the same.
#[test]
fn a_sim_s_phonebook_is_read_in_its_maker_s_columns() {
    let aosp = rescued("battery=90");
    for columns in ["sim-columns=mediatek", "sim-columns=samsung"] {
        let other = rescued(columns);
        assert!(other.outcome.safe, "{:?}", other.outcome.why_not);
        let (a, b) = (
            of(&aosp.outcome, Collection::Sim),
            of(&other.outcome, Collection::Sim),
        );
        assert_eq!(
            (a.rescued, a.read_back),
            (b.rescued, b.read_back),
            "{columns}"
        );
        assert_eq!(numbers(&aosp), numbers(&other), "{columns}");
    }
}

/// A card that the phone does not show is not an empty card.
#[test]
fn a_locked_sim_is_not_called_empty() {
    for (state, says) in [
        ("PIN_REQUIRED", "asks for its PIN"),
        ("PUK_REQUIRED", "PUK"),
        ("NETWORK_LOCKED", "mobile provider"),
        ("NOT_READY", "not ready"),
    ] {
        let locked = rescued(&format!("sim-state={state}"));
        assert!(!locked.outcome.safe, "{state}");
        let sim = of(&locked.outcome, Collection::Sim);
        assert_eq!(sim.verdict, Verdict::Unreadable, "{state}");
        assert!(sim.notes.join(" ").contains(says), "{:?}", sim.notes);
        assert_eq!(
            of(&locked.outcome, Collection::Contacts).verdict,
            Verdict::Complete
        );
    }
}
