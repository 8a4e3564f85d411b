//! Lines around the rows of a reply that are no rows.

use lifeboat::model::{Collection, Verdict};
use lifeboat::practice::android::{PracticeAndroid, Settings, Sim, Store};

use super::support::{of, rescued};
use crate::common::{Practised, names_of_differing, portable_files, rescue_of, with_fault};

/// Notes that look like the noise but are the owner's text.
const NOTES: [&str; 6] = [
    "WARNING: linker: app_process has text relocations.",
    "My phone says:\nWARNING: linker: app_process has text relocations. Please fix.\nWhat now?",
    "ends so\nWARNING: linker: app_process has text relocations. This is wasting memory and is a security risk. Please fix.",
    "Error opening trace file: Permission denied (13)\n",
    "a, x=1\nWARNING: linker: b, y=2\n",
    "Error while accessing provider:com.android.contacts\nEnd",
];

fn rescue_with_notes(faults: &str) -> Practised {
    let settings = Settings {
        contacts: 40,
        events: 30,
        todos: 5,
        sim: Sim {
            entries: Some(8),
            ..Sim::default()
        },
        ..Settings::default()
    };
    let handset = PracticeAndroid::new(with_fault(settings, faults));
    for (at, note) in NOTES.iter().enumerate() {
        let note = note.replace('\'', "''");
        let contact = format!(
            "UPDATE data SET data1='{note}' WHERE _id=(SELECT data._id FROM data JOIN mimetypes ON \
             mimetype_id=mimetypes._id WHERE mimetype='vnd.android.cursor.item/note' ORDER BY data._id LIMIT 1 OFFSET {at})"
        );
        handset.poke(0, Store::Contacts, &contact).expect("a note");
        let event = format!(
            "UPDATE Events SET description='{note}' WHERE _id=(SELECT _id FROM Events WHERE deleted=0 ORDER BY _id LIMIT 1 \
             OFFSET {at})"
        );
        handset
            .poke(0, Store::Calendar, &event)
            .expect("a description");
    }
    rescue_of(handset)
}

/// Before Android 7 the warnings stand before, between and after the rows; since Android 7 they arrive on a separate
/// stream. A phone that prints warnings gives the same files as one that doesn't.
#[test]
fn a_phone_that_warns_is_read_like_any_other() {
    for android in [16, 17, 19, 21, 23, 26, 33] {
        let quiet = rescue_with_notes(&format!("android={android}"));
        let noisy = rescue_with_notes(&format!("android={android},noise"));
        assert!(noisy.outcome.safe, "{android}: {:?}", noisy.outcome.why_not);
        let (quiet, noisy) = (portable_files(&quiet.folder), portable_files(&noisy.folder));
        assert_eq!(names_of_differing(&quiet, &noisy), [""; 0], "{android}");
        let cards = String::from_utf8_lossy(&quiet["contacts.vcf"]).replace("\r\n ", "");
        for note in NOTES {
            let written = note
                .replace('\\', "\\\\")
                .replace('\n', "\\n")
                .replace(',', "\\,")
                .replace(';', "\\;");
            assert!(cards.contains(&written), "{android}: {written}");
        }
    }
}

/// A failure that the command reports counts as a failure even among warnings.
#[test]
fn a_failure_among_warnings_is_a_failure() {
    for android in [19, 33] {
        let phone = rescued(&format!("android={android},noise,deny=contacts"));
        let found = of(&phone.outcome, Collection::Contacts);
        assert_eq!(found.verdict, Verdict::Unreadable, "{android}");
        assert!(
            found.notes.join(" ").contains("Permission Denial"),
            "{:?}",
            found.notes
        );
        let phone = rescued(&format!(
            "android={android},noise,error-after-rows=contacts:20"
        ));
        assert!(phone.outcome.safe, "{android}: {:?}", phone.outcome.why_not);
        let phone = rescued(&format!(
            "android={android},noise,end-after-rows=contacts:20,kill-after-rows=calendar:2"
        ));
        assert!(phone.outcome.safe, "{android}: {:?}", phone.outcome.why_not);
    }
}
