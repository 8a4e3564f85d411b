//! Faults of counting, judging and sealing.

use std::fs;

use crate::common::invented::{Invented, Said};
use crate::common::{cut_among_photos, rescue, resume};
use lifeboat::format::Losses;
use lifeboat::format::contact_csv::OutlookCsv;
use lifeboat::model::{
    Collection, Contact, Event, Holding, Label, Moment, Phone, Record, RecordBody, Source, Unread,
    Verdict,
};
use lifeboat::practice::android::{OwnerData, Settings};
use lifeboat::rescue::{CollectionOutcome, Outcome};

fn of(outcome: &Outcome, what: Collection) -> &CollectionOutcome {
    let mut all = outcome.collections.iter();
    all.find(|c| c.name == what).expect("the collection")
}

fn contact(number: i64, source: Source) -> Record {
    let name = format!("Person {number}");
    Record {
        key: format!("contact/{number}"),
        body: RecordBody::Contact(Contact {
            uid: format!("uid-{number}"),
            display_name: name,
            sources: vec![Source {
                row: number,
                ..source
            }],
            ..Contact::default()
        }),
    }
}

fn event(number: i64) -> Record {
    Record {
        key: format!("event/{number}"),
        body: RecordBody::Event(Event {
            uid: format!("event-{number}"),
            title: Some(format!("Event {number}")),
            start: Some(Moment::Date(20_000 + number)),
            ..Event::default()
        }),
    }
}

fn said(says: u64, records: Vec<Record>) -> Said {
    Said {
        holding: Holding {
            handset_says: Some(says),
            ..Holding::default()
        },
        records,
        ..Said::default()
    }
}

#[test]
fn a_row_that_can_not_be_decoded_makes_its_collection_partial() {
    for what in [Collection::Contacts, Collection::Calendar] {
        let whole = match what {
            Collection::Contacts => contact(1, Source::default()),
            _ => event(1),
        };
        let broken = Record {
            key: "undecoded/2".into(),
            body: RecordBody::Undecoded {
                what: "row 2".into(),
                why: "it is torn".into(),
                of: None,
                kind: Unread::Damage,
            },
        };
        let (outcome, _kept) = Invented::with([(what, said(1, vec![whole, broken]))]).rescue();
        let found = of(&outcome, what);
        assert_eq!(
            (found.verdict, found.raw_only),
            (Verdict::Partial, 1),
            "{what:?}"
        );
        assert!(!outcome.safe && !outcome.all_asked_is_there());
    }
}

#[test]
fn a_list_that_is_longer_than_what_was_read_is_not_complete() {
    for (what, record) in [
        (Collection::Contacts, contact(1, Source::default())),
        (Collection::Calendar, event(1)),
    ] {
        let (outcome, _kept) = Invented::with([(what, said(2, vec![record]))]).rescue();
        assert_eq!(of(&outcome, what).verdict, Verdict::Partial, "{what:?}");
        assert!(!outcome.safe);
    }
}

#[test]
fn what_was_deleted_is_counted_once_and_apart() {
    let deleted = || Source {
        deleted: true,
        ..Source::default()
    };
    let records = vec![
        contact(1, Source::default()),
        contact(2, deleted()),
        contact(3, deleted()),
    ];
    let (outcome, _kept) = Invented::with([(Collection::Contacts, said(1, records))]).rescue();
    let found = of(&outcome, Collection::Contacts);
    assert_eq!((found.rescued, found.deleted_kept), (1, 2));
    assert_eq!(found.verdict, Verdict::Complete);
}

/// The current state of a record that was changed since the last synchronisation exists on the phone only.
#[test]
fn what_was_changed_since_it_was_synchronised_is_only_here() {
    let synchronised = |dirty: bool| Source {
        source_id: Some("server".into()),
        dirty,
        only_here: dirty,
        ..Source::default()
    };
    let records = vec![
        contact(1, synchronised(true)),
        contact(2, synchronised(false)),
    ];
    let (outcome, _kept) = Invented::with([(Collection::Contacts, said(2, records))]).rescue();
    assert_eq!(of(&outcome, Collection::Contacts).only_here, Some(1));

    // The driver must recognise a changed row as such a record.
    let settings = Settings {
        contacts: 40,
        events: 2,
        todos: 0,
        owner: OwnerData {
            deleted_contacts: 0,
            ..OwnerData::default()
        },
        ..Settings::default()
    };
    let practised = rescue(settings);
    let sql = "SELECT count(DISTINCT contact_id) FROM raw_contacts WHERE deleted=0 AND (dirty=1 OR sourceid IS NULL)";
    let rows = practised
        .handset
        .peek(0, lifeboat::practice::android::Store::Contacts, sql);
    let rows = rows.expect("rows");
    let rusqlite::types::Value::Integer(wanted) = rows[0][0] else {
        panic!("{rows:?}");
    };
    let changed = "SELECT count(DISTINCT contact_id) FROM raw_contacts WHERE deleted=0 AND dirty=1 AND sourceid IS NOT NULL";
    let rows = practised
        .handset
        .peek(0, lifeboat::practice::android::Store::Contacts, changed);
    assert_ne!(
        rows.expect("rows")[0][0],
        rusqlite::types::Value::Integer(0),
        "none is changed"
    );
    let found = of(&practised.outcome, Collection::Contacts);
    assert_eq!(found.only_here, u64::try_from(wanted).ok());
}

#[test]
fn what_is_left_of_files_that_are_not_whole_is_not_sealed() {
    let mut cut = cut_among_photos();
    fs::write(cut.folder.join("data/.part-0123456789abcdef"), "half").expect("a file");
    let outcome = resume(&mut cut);
    assert!(outcome.finished, "{:?}", outcome.why_not);
    let left: Vec<_> = fs::read_dir(cut.folder.join("data"))
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| name.starts_with(".part-"))
        .collect();
    assert_eq!(left, [""; 0]);
    let manifest = fs::read_to_string(cut.folder.join("manifest-sha256.txt")).expect("it");
    assert!(!manifest.contains(".part-"));
}

/// `bag-info.txt` states the payload's length and number of files: a payload with other numbers is reported.
#[test]
fn a_payload_of_another_length_than_its_bag_says_is_told() {
    let practised = rescue(Settings {
        contacts: 3,
        events: 2,
        ..Settings::default()
    });
    let info = practised.folder.join("bag-info.txt");
    let text = fs::read_to_string(&info).expect("it");
    let changed: Vec<String> = text
        .lines()
        .map(|line| match line.starts_with("Payload-Oxum:") {
            true => "Payload-Oxum: 1.1".to_owned(),
            false => line.to_owned(),
        })
        .collect();
    fs::write(&info, changed.join("\n") + "\n").expect("written");
    let report = lifeboat::vault::verify(&practised.folder, &mut |_| {}).expect("a report");
    assert!(!report.ok);
    let told = report.problems.join("\n");
    assert!(told.contains("states that the payload is"), "{told}");
}

/// Each number stands under the heading of its kind.
#[test]
fn outlook_s_table_has_each_number_under_its_own_heading() {
    let kinds = [
        (Label::WorkFax, "Business Fax"),
        (Label::HomeFax, "Home Fax"),
        (Label::OtherFax, "Other Fax"),
        (Label::Mobile, "Mobile Phone"),
        (Label::Home, "Home Phone"),
        (Label::Work, "Business Phone"),
        (Label::Pager, "Pager"),
        (Label::Car, "Car Phone"),
    ];
    let number = |at: usize| format!("+49 30 90{at}");
    let phones = kinds.iter().enumerate().map(|(at, (label, _))| Phone {
        number: number(at),
        label: label.clone(),
        ..Phone::default()
    });
    let contact = Contact {
        display_name: "Person".into(),
        phones: phones.collect(),
        ..Contact::default()
    };
    let mut table = OutlookCsv::new(Vec::new()).expect("a table");
    table.push(&contact, &mut Losses::default()).expect("a row");
    let bytes = table.finish().expect("the table");
    let text = String::from_utf8(bytes).expect("text");
    let mut rows =
        csv::ReaderBuilder::new().from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let headings = rows.headers().expect("headings").clone();
    let row = rows.records().next().expect("a row").expect("a row");
    for (at, (label, heading)) in kinds.iter().enumerate() {
        let column = headings.iter().position(|name| name == *heading);
        let cell = column
            .and_then(|column| row.get(column))
            .unwrap_or_default();
        assert!(
            cell.contains(&number(at)),
            "{label:?}: {heading} has {cell:?}"
        );
    }
}
