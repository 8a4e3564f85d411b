//! Systems that answer like an Android and are not one. The rescue says what each is and what to do.

use lifeboat::model::{Collection, Verdict};

use super::support::{of, rescued};

#[test]
fn each_system_says_what_it_is_and_the_way_back() {
    for (system, android, says, not) in [
        (
            "recovery",
            29,
            ["recovery system", "Reboot"],
            "Run the rescue again.",
        ),
        (
            "recovery",
            19,
            ["recovery system", "Reboot"],
            "Run the rescue again.",
        ),
        (
            "kaios",
            23,
            ["KaiOS", "Export contacts"],
            "Run the rescue again.",
        ),
        (
            "unknown",
            26,
            ["no “content” command", "export"],
            "Run the rescue again.",
        ),
    ] {
        let phone = rescued(&format!("android={android},system={system},photos=2"));
        assert!(!phone.outcome.safe, "{system}");
        for what in [
            Collection::Contacts,
            Collection::Calendar,
            Collection::Todos,
        ] {
            let found = of(&phone.outcome, what);
            assert_eq!(found.verdict, Verdict::Unreadable, "{system} {what:?}");
            let said = found.notes.join(" ");
            assert!(
                says.iter().all(|word| said.contains(word)),
                "{system}: {said}"
            );
            assert!(
                !said.contains(not) && !said.contains("Unlock"),
                "{system}: {said}"
            );
        }
        // The reason is given once for all of them.
        let reasons = phone.outcome.why_not.iter();
        assert_eq!(
            reasons.filter(|why| why.contains(says[1])).count(),
            1,
            "{:?}",
            phone.outcome.why_not
        );
        let sim = of(&phone.outcome, Collection::Sim).notes.join(" ");
        assert!(
            !sim.contains("Import it in the Contacts app"),
            "{system}: {sim}"
        );
        // The files on the storage are rescued all the same.
        assert_eq!(of(&phone.outcome, Collection::Files).rescued, 2, "{system}");
    }
}
