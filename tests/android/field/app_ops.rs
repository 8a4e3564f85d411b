//! Phones that do not report their app-ops: if a permission gave access to some data, the permission is there.

use lifeboat::model::{Collection, Verdict};
use lifeboat::practice::android::{Settings, Sim};

use super::support::{few, of, rescued};
use crate::common::{rescue, with_fault};

const HIDDEN: [&str; 3] = ["not-found", "no-service", "no-uid"];

#[test]
fn an_empty_sim_beside_contacts_is_empty() {
    for hidden in HIDDEN {
        for android in [23, 26, 33] {
            let settings = Settings {
                sim: Sim {
                    entries: Some(0),
                    ..Sim::default()
                },
                todos: 0,
                ..few()
            };
            let phone = rescue(with_fault(
                settings,
                &format!("android={android},app-ops={hidden}"),
            ));
            assert!(
                phone.outcome.safe,
                "{hidden} {android}: {:?}",
                phone.outcome.why_not
            );
            for what in [Collection::Sim, Collection::Todos] {
                assert_eq!(
                    of(&phone.outcome, what).verdict,
                    Verdict::Empty,
                    "{hidden} {what:?}"
                );
            }
        }
    }
}

/// Nothing was readable with the permission, so data that looks empty may be hidden.
#[test]
fn nothing_at_all_may_be_hidden() {
    for hidden in HIDDEN {
        let phone = rescued(&format!("app-ops={hidden},ignore=contacts,ignore=calendar"));
        for what in [
            Collection::Contacts,
            Collection::Calendar,
            Collection::Todos,
        ] {
            assert_eq!(
                of(&phone.outcome, what).verdict,
                Verdict::Unreadable,
                "{hidden} {what:?}"
            );
        }
        assert!(!phone.outcome.safe);
    }
}
