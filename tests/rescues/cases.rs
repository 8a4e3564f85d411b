//! What people say about a phone changes the order, the advice and the notes of its rescue.

use lifeboat::handset::android::{Android, Choices};
use lifeboat::model::{Case, Collection, Condition, Stop};
use lifeboat::practice::android::{PracticeAndroid, Settings};
use lifeboat::protocol::adb::{Adb, Options};
use lifeboat::rescue::{Outcome, Progress, Request, Target, run};

use crate::common::with_fault;

/// What happened in a rescue.
struct Told {
    outcome: Outcome,
    /// The collections, in the order in which they were read to their end.
    read: Vec<Collection>,
    advice: Vec<String>,
    _parent: tempfile::TempDir,
}

impl Told {
    fn file(&self, name: &str) -> String {
        std::fs::read_to_string(std::path::Path::new(&self.outcome.folder).join(name))
            .unwrap_or_else(|error| panic!("{name}: {error}"))
    }
}

fn rescue(fault: &str, case: Case) -> Told {
    let settings = Settings {
        contacts: 40,
        events: 20,
        todos: 5,
        ..Settings::default()
    };
    let handset = PracticeAndroid::new(with_fault(settings, fault));
    let parent = tempfile::tempdir().expect("a folder");
    let adb = Adb::connect(handset.link(), Options::default()).expect("a connection");
    let mut android = Android::open(adb, &Choices::default()).expect("a handset");
    let target = Target::New(parent.path().to_owned());
    let request = Request {
        case,
        ..crate::common::request(target, "--practice")
    };
    let (mut read, mut advice) = (Vec::new(), Vec::new());
    let outcome = run(
        &mut android,
        &request,
        &Stop::new(),
        &mut |progress| match progress {
            Progress::Read(what) => read.push(what),
            Progress::Advice(text) => advice.push(text),
            _ => {}
        },
    )
    .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(handset.tripped(), [""; 0]);
    Told {
        outcome,
        read,
        advice,
        _parent: parent,
    }
}

fn seen(condition: Condition) -> Case {
    Case {
        conditions: condition.into(),
        ..Case::default()
    }
}

#[test]
fn a_wet_phone_gives_contacts_then_photos_and_needs_no_charger() {
    use Collection::{Calendar, Calls, Contacts, Files, Sim, Todos};
    let plain = rescue("battery=9", Case::default());
    assert!(
        plain
            .advice
            .iter()
            .any(|text| text.contains("Plug in a charger"))
    );
    let wet = rescue("battery=9", seen(Condition::Wet));
    let said = wet.advice.join(" ");
    assert!(
        said.contains("no charger") && !said.contains("Plug in a charger"),
        "{said}"
    );
    assert!(said.contains("newest photos follow"), "{said}");
    let mut order = wet.read.clone();
    order.retain(|what| [Contacts, Sim, Files, Calendar, Todos, Calls].contains(what));
    // Slow parts of the contacts may come after the SIM card, as with a battery that is low.
    assert!(
        order[..2].contains(&Contacts) && order[..2].contains(&Sim),
        "{order:?}"
    );
    assert_eq!(order[2], Files, "{order:?}");
    assert!(order.contains(&Calendar), "{order:?}");
    assert!(wet.outcome.safe, "{:?}", wet.outcome.why_not);
    assert!(wet.outcome.warnings[0].contains("no charger"));
    assert!(wet.file("data/report.html").contains("plug in no charger"));
    assert!(
        wet.file("bag-info.txt")
            .contains("Handset-Condition: wet\n")
    );
}

#[test]
fn what_matters_most_to_the_owner_is_read_first() {
    let first = |what| Case {
        first: Some(what),
        ..Case::default()
    };
    let photos = rescue("", first(Collection::Files));
    assert_eq!(photos.read[0], Collection::Files, "{:?}", photos.read);
    assert!(photos.outcome.safe, "{:?}", photos.outcome.why_not);
    // Contacts stay before the calendar: Android drops contacts of removed accounts when the calendar starts first.
    let todos = rescue("", first(Collection::Todos));
    let place = |what| todos.read.iter().position(|one| *one == what);
    assert!(
        place(Collection::Contacts) < place(Collection::Todos),
        "{:?}",
        todos.read
    );
    assert!(
        place(Collection::Todos) < place(Collection::Calendar),
        "{:?}",
        todos.read
    );
    assert!(todos.outcome.safe, "{:?}", todos.outcome.why_not);
    // The order changes nothing else.
    let plain = rescue("", Case::default());
    assert_eq!(
        plain.file("data/contacts.vcf"),
        photos.file("data/contacts.vcf")
    );
    assert_eq!(
        plain.file("data/calendar.ics"),
        photos.file("data/calendar.ics")
    );
}

#[test]
fn for_whom_and_by_what_right_stands_in_the_folder() {
    let nobody = rescue("", seen(Condition::Died));
    assert!(
        nobody
            .outcome
            .warnings
            .iter()
            .any(|text| text.contains("by what right"))
    );
    let noted = rescue(
        "",
        Case {
            on_behalf_of: "Kim Winter\nPayload-Oxum: 1.1".into(),
            by_right: "heir, certificate of 3 May".into(),
            ..seen(Condition::Died)
        },
    );
    let info = noted.file("bag-info.txt");
    assert!(
        info.contains("On-Behalf-Of: Kim Winter Payload-Oxum: 1.1\n"),
        "{info}"
    );
    assert!(
        info.contains("By-Right: heir, certificate of 3 May\n"),
        "{info}"
    );
    assert_eq!(info.matches("\nPayload-Oxum: ").count(), 1, "{info}");
    assert_eq!(
        noted.outcome.warnings.len(),
        1,
        "{:?}",
        noted.outcome.warnings
    );
    let report = noted.file("data/report.html");
    assert!(report.contains("heir, certificate of 3 May"), "{report}");
    let company = rescue("", seen(Condition::Company));
    assert!(company.outcome.warnings[1].contains("Nobody at the company"));
}

#[test]
fn the_number_on_the_contacts_screen_is_explained_before_it_is_a_warning() {
    let shown = |number| Case {
        contacts_shown: Some(number),
        ..Case::default()
    };
    let notes = |told: &Told| {
        let mut all = told.outcome.collections.iter();
        let contacts = all.find(|one| one.name == Collection::Contacts);
        contacts.expect("contacts").notes.join(" ")
    };
    let same = rescue("", shown(40));
    assert!(
        notes(&same).contains("showed 40 too. All 40 are saved."),
        "{}",
        notes(&same)
    );
    assert!(same.outcome.safe && same.outcome.warnings.is_empty());
    let more = rescue("", shown(41_000));
    assert!(!more.outcome.safe && more.outcome.warnings[0].contains("41,000"));
    assert!(
        more.outcome.headline.contains("not"),
        "{}",
        more.outcome.headline
    );
}
