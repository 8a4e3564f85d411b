//! What a backup's databases hold arrives in the files: contacts with pictures, events, to-dos, messages, calls.

use std::fs;

use lifeboat::model::{Collection, CollectionOutcome, Verdict};
use lifeboat::practice::iphone_backup::{Era, Settings};
use lifeboat::rescue::Outcome;

use crate::backups::{OnDisk, PASSWORD, eras, given, opened, rescued};

const PEOPLE: u32 = 40;

fn of(outcome: &Outcome, what: Collection) -> &CollectionOutcome {
    let mut all = outcome.collections.iter();
    all.find(|one| one.name == what).unwrap()
}

#[test]
fn an_awkward_owner_of_every_era_is_safe() {
    for settings in eras() {
        let settings = Settings {
            things: PEOPLE,
            ..settings
        };
        let disk = OnDisk::new(&settings);
        let mut handset = opened(disk.path(), &given(PASSWORD)).unwrap();
        let (_parent, outcome) = rescued(&mut *handset);
        let era = settings.era;
        let is_encrypted = settings.password.is_some();
        for what in [
            Collection::Contacts,
            Collection::Calendar,
            Collection::Todos,
            Collection::Messages,
        ] {
            let one = of(&outcome, what);
            assert_eq!(
                one.verdict,
                Verdict::Complete,
                "{era:?} {is_encrypted} {one:?}"
            );
            assert_eq!(one.handset_says, Some(one.rescued), "{one:?}");
            assert_eq!(one.read_back, Some(one.rescued), "{one:?}");
        }
        assert!(
            of(&outcome, Collection::Contacts)
                .only_here
                .is_some_and(|count| count > 5)
        );
        let calls = of(&outcome, Collection::Calls);
        let has_calls = is_encrypted || matches!(era, Era::Ios5 | Era::Ios9 | Era::Ios10);
        let expected = match has_calls {
            true => Verdict::Complete,
            false => Verdict::OutOfReach,
        };
        assert_eq!(calls.verdict, expected, "{calls:?}");
        let data = std::path::Path::new(&outcome.folder).join("data");
        let cards = fs::read_to_string(data.join("contacts.vcf")).unwrap();
        assert_eq!(
            cards.matches("BEGIN:VCARD").count() as u64,
            of(&outcome, Collection::Contacts).rescued
        );
        assert!(
            cards.matches("PHOTO;").count() >= 10,
            "pictures are in the cards"
        );
        let calendar = fs::read_to_string(data.join("calendar.ics")).unwrap();
        assert!(calendar.contains("RRULE:FREQ=MONTHLY;BYDAY=-1FR"));
        let todos = fs::read_to_string(data.join("todos.ics")).unwrap();
        assert!(
            todos.matches("BEGIN:VTODO").count() as u64 == of(&outcome, Collection::Todos).rescued
        );
        assert!(
            fs::read_to_string(data.join("messages.csv"))
                .unwrap()
                .contains("Tide 39 🚤")
        );
    }
}
