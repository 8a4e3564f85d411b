//! Rows that are larger than a cursor window (2 MB), and pictures that would fill a window for nothing.

use lifeboat::model::{Collection, Verdict};
use lifeboat::practice::android::{OwnerData, PracticeAndroid, Settings, Store};

use super::support::{asked, of};
use crate::common::{Practised, portable_files, rescue_of, resume, with_fault};

/// Rescues a phone with 120 contacts, after some changes to its stores.
fn phone(faults: &str, changes: &[(Store, &str)]) -> Practised {
    let settings = Settings {
        contacts: 120,
        events: 40,
        todos: 5,
        owner: OwnerData {
            deleted_contacts: 0,
            ..OwnerData::default()
        },
        ..Settings::default()
    };
    let handset = PracticeAndroid::new(with_fault(settings, faults));
    for (store, sql) in changes {
        handset.poke(0, *store, sql).expect("a change");
    }
    rescue_of(handset)
}

/// SQL that sets columns of the tenth data row of a kind.
fn tenth(kind: &str, set: &str) -> String {
    format!(
        "UPDATE data SET {set} WHERE _id=(SELECT data._id FROM data JOIN mimetypes ON mimetype_id=mimetypes._id WHERE \
         mimetype='vnd.android.cursor.item/{kind}' ORDER BY data._id LIMIT 1 OFFSET 9)"
    )
}

/// A text that is longer than a window. It also contains a part that can be read in two ways.
const ENDLESS: &str = "'a, data2=b ' || replace(hex(zeroblob(1500000)),'0','x')";

#[test]
fn a_text_too_large_for_a_window_loses_only_itself() {
    for android in [19, 26, 33] {
        for note in ["row-over-2mb", "battery=90"] {
            let large = tenth("note", &format!("data1={ENDLESS}"));
            let changes = [(Store::Contacts, large.as_str())];
            let changes = if note == "battery=90" {
                &changes[..]
            } else {
                &[]
            };
            let phone = phone(&format!("android={android},{note}"), changes);
            let found = of(&phone.outcome, Collection::Contacts);
            assert_eq!(
                (found.verdict, found.rescued),
                (Verdict::Partial, 120),
                "{android}: {:?}",
                found.notes
            );
            let said = found.notes.join(" ");
            assert!(said.contains("2 MB") && said.contains('“'), "{said}");
            assert!(!said.contains("kept changing"), "{said}");
            // The message names the contact, and the contact's other data is there.
            let name = said.split(['“', '”']).nth(1).expect("a name").to_owned();
            let cards = String::from_utf8_lossy(&portable_files(&phone.folder)["contacts.vcf"])
                .replace("\r\n ", "");
            let card = cards
                .split("BEGIN:VCARD")
                .find(|card| card.contains(&format!("FN:{name}")))
                .expect("a card");
            assert!(card.contains("TEL") || card.contains("EMAIL"), "{card}");
            assert_eq!(
                of(&phone.outcome, Collection::Calendar).verdict,
                Verdict::Complete
            );
        }
    }
}

/// Each column can be read by itself, although the whole row can't.
#[test]
fn a_row_whose_columns_fit_one_by_one_is_read_whole() {
    let half = "replace(hex(zeroblob(600000)),'0','y')";
    let large = tenth(
        "note",
        &format!("data1={half}, data2=1, data5={half}, data9='left, data10=x'"),
    );
    let event = format!(
        "UPDATE Events SET description={half}, organizer={half} WHERE _id=(SELECT min(_id) FROM Events WHERE deleted=0)"
    );
    let group = format!(
        "UPDATE groups SET system_id={half}, notes={half} WHERE _id=(SELECT min(_id) FROM groups)"
    );
    let phone = phone(
        "android=33",
        &[
            (Store::Contacts, &large),
            (Store::Calendar, &event),
            (Store::Contacts, &group),
        ],
    );
    assert!(phone.outcome.safe, "{:?}", phone.outcome.why_not);
    let cards = String::from_utf8_lossy(&portable_files(&phone.folder)["contacts.vcf"])
        .replace("\r\n ", "");
    assert!(cards.contains(&"y".repeat(1_200_000)));
}

#[test]
fn an_event_s_description_that_no_window_holds_costs_that_text_alone() {
    let event = format!(
        "UPDATE Events SET description={ENDLESS} WHERE _id=(SELECT min(_id) FROM Events WHERE deleted=0)"
    );
    let phone = phone("android=33", &[(Store::Calendar, &event)]);
    let found = of(&phone.outcome, Collection::Calendar);
    assert_eq!(found.verdict, Verdict::Partial, "{:?}", found.notes);
    assert!(found.notes.join(" ").contains("2 MB"), "{:?}", found.notes);
    assert_eq!(Some(found.rescued), found.read_back);
}

/// A rescue that is cut before, in and after the large row ends with the same files as a smooth one.
#[test]
fn a_cut_near_a_large_row_changes_nothing() {
    let smooth = phone("android=33,row-over-2mb", &[]);
    for rows in [150, 350, 700, 900, 1100, 1300] {
        let mut cut = phone(
            &format!("android=33,row-over-2mb,unplug-after-rows={rows}"),
            &[],
        );
        if cut.outcome.finished {
            continue;
        }
        let outcome = resume(&mut cut);
        let notes = of(&outcome, Collection::Contacts).notes.join(" ");
        assert!(
            notes.contains("2 MB") && !notes.contains("kept changing"),
            "{rows}: {notes}"
        );
        assert_eq!(
            portable_files(&smooth.folder),
            portable_files(&cut.folder),
            "{rows}"
        );
    }
}

/// The bytes of pictures can't be read in any query: the text stream does not carry them. A large picture does no harm.
#[test]
fn pictures_are_not_asked_for() {
    let photo = tenth("photo", "data15=zeroblob(3000000)");
    let other = tenth("nickname", "data15='kept, as it is'");
    let phone = phone(
        "android=33",
        &[(Store::Contacts, &photo), (Store::Contacts, &other)],
    );
    assert!(phone.outcome.safe, "{:?}", phone.outcome.why_not);
    let entities = asked(&phone, "contacts/raw_contact_entities");
    let stream = entities
        .iter()
        .filter(|line| line.contains("coalesce(") && line.contains("data14"));
    assert!(stream.clone().count() > 0);
    for line in stream {
        let projection = line.split("--where").next().unwrap_or_default();
        assert!(!projection.contains("data15"), "{line}");
    }
    let cards = String::from_utf8_lossy(&portable_files(&phone.folder)["contacts-v4.vcf"])
        .replace("\r\n ", "");
    assert!(cards.contains("kept\\, as it is"), "the text of data15");
}
