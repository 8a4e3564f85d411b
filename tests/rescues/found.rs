//! Lists that the owner exported are decoded and joined with the handset's data: nothing is doubled or lost, and every
//! record names its origin.

use std::collections::BTreeMap;

use crate::common::{Practised, portable_files, rescue, resume, with_fault};
use base64::Engine as _;
use calcard::vcard::{VCardProperty, VCardValue};
use lifeboat::format::found;
use lifeboat::model::{Collection, Stop, Verdict};
use lifeboat::practice::android::{Settings, Storage};
use lifeboat::practice::{OwnerAction, OwnersFile};
use lifeboat::rescue::CollectionOutcome;
use lifeboat::rescue::look::Rescued;
use lifeboat::vault::verify;

fn of(practised: &Practised, what: Collection) -> &CollectionOutcome {
    let mut all = practised.outcome.collections.iter();
    all.find(|c| c.name == what).expect("a collection")
}

/// The notes about data from exported files.
fn said_of_files(practised: &Practised, what: Collection) -> String {
    let mut all = practised.outcome.from_files.iter();
    let line = all.find(|line| line.name == what);
    line.map(|line| line.notes.join("\n")).unwrap_or_default()
}

fn text(practised: &Practised, name: &str) -> String {
    let files = portable_files(&practised.folder);
    String::from_utf8(files.get(name).cloned().unwrap_or_default()).expect("text")
}

fn owner(exported: &[(&str, &[u8])]) -> Settings {
    Settings {
        contacts: 30,
        events: 20,
        todos: 8,
        storage: Storage {
            exported: exported
                .iter()
                .map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec()))
                .collect(),
            ..Storage::default()
        },
        ..Settings::default()
    }
}

const CARDS: &[u8] = b"BEGIN:VCARD\r\nVERSION:2.1\r\n\
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Lindstr=C3=B6m;Zo=C3=AB;;;\r\n\
TEL;CELL:+1 555 0142\r\nEND:VCARD\r\n\
BEGIN:VCARD\r\nVERSION:2.1\r\nN:Okafor;Ben\r\nTEL;HOME:555 0143\r\nEND:VCARD\r\n";
const DIARY: &[u8] = b"BEGIN:VCALENDAR\r\nVERSION:1.0\r\n\
BEGIN:VEVENT\r\nDTSTART:20091003T090000Z\r\nDTEND:20091003T100000Z\r\nSUMMARY:Servers down\r\nEND:VEVENT\r\n\
BEGIN:VTODO\r\nSUMMARY:Copy everything off\r\nDUE:20091012T120000Z\r\nEND:VTODO\r\nEND:VCALENDAR\r\n";
const NOTE: &[u8] = b"BEGIN:VNOTE\r\nVERSION:1.1\r\nBODY;ENCODING=QUOTED-PRINTABLE:Door code =3D 4711\r\nEND:VNOTE\r\n";

#[test]
fn exported_lists_become_contacts_events_to_dos_and_notes() {
    let plain = rescue(owner(&[]));
    let with = rescue(owner(&[
        ("Download/contacts.vcf", CARDS),
        ("Others/diary.vcs", DIARY),
        ("Others/door.vnt", NOTE),
        ("Download/expenses.csv", b"Date,Amount\r\n1.10.2009,5\r\n"),
    ]));
    assert!(with.outcome.safe, "{:?}", with.outcome.why_not);
    for (what, found) in [
        (Collection::Contacts, 2),
        (Collection::Calendar, 1),
        (Collection::Todos, 1),
    ] {
        let (before, after) = (of(&plain, what), of(&with, what));
        assert_eq!(after.verdict, Verdict::Complete);
        assert_eq!(after.found, found, "{what:?}");
        // The exported files don't change the handset's own counts.
        assert_eq!(
            (before.handset_says, before.rescued, before.read_back),
            (after.handset_says, after.rescued, after.read_back)
        );
    }
    let cards = text(&with, "contacts.vcf");
    assert!(cards.contains("Zoë") && cards.contains("555 0143"));
    let count = |name: &str, word: &str| text(&with, name).matches(word).count() as u64;
    let contacts = of(&with, Collection::Contacts);
    let sim = text(&plain, "contacts.vcf").matches("BEGIN:VCARD").count() as u64
        - of(&plain, Collection::Contacts).rescued;
    assert_eq!(
        count("contacts.vcf", "BEGIN:VCARD"),
        contacts.rescued + sim + 2
    );
    assert!(text(&with, "calendar.ics").contains("SUMMARY:Servers down"));
    assert!(text(&with, "calendars/diary.ics").contains("SUMMARY:Servers down"));
    assert!(text(&with, "todos.ics").contains("SUMMARY:Copy everything off"));
    assert!(text(&with, "notes.txt").contains("Door code = 4711"));
    // A table that is not a table of contacts is kept, and nothing is reported against it.
    assert!(portable_files(&with.folder).contains_key("found/Download/expenses.csv"));
    let all = with.outcome.collections.iter().flat_map(|c| &c.notes);
    let said: Vec<&String> = all
        .chain(with.outcome.from_files.iter().flat_map(|f| &f.notes))
        .collect();
    assert!(
        !said.iter().any(|note| note.contains("could not be read")),
        "{said:?}"
    );
    assert!(verify(&with.folder, &mut |_| {}).expect("a check").ok);
}

#[test]
fn what_the_handset_gave_too_is_there_once() {
    let first = rescue(owner(&[]));
    let files = portable_files(&first.folder);
    // Lifeboat's own files, put back onto the phone as if the owner had exported them.
    let exported: Vec<(&str, &[u8])> = ["contacts.vcf", "calendar.ics", "todos.ics"]
        .into_iter()
        .filter_map(|name| Some((name, files.get(name)?.as_slice())))
        .collect();
    assert_eq!(exported.len(), 3);
    let second = rescue(owner(&exported));
    assert!(second.outcome.safe, "{:?}", second.outcome.why_not);
    let again = portable_files(&second.folder);
    let count = |files: &BTreeMap<String, Vec<u8>>, name: &str, word: &str| {
        String::from_utf8_lossy(&files[name]).matches(word).count()
    };
    for (name, word) in [
        ("contacts.vcf", "BEGIN:VCARD"),
        ("todos.ics", "BEGIN:VTODO"),
    ] {
        assert_eq!(
            count(&files, name, word),
            count(&again, name, word),
            "{name}"
        );
    }
    assert_eq!(of(&second, Collection::Contacts).found, 0);
    assert_eq!(of(&second, Collection::Todos).found, 0);
    assert_eq!(of(&second, Collection::Calendar).found, 0);
    let notes = said_of_files(&second, Collection::Contacts);
    assert!(
        notes.contains("Both on the phone and in exported files (found/), and joined: "),
        "{notes}"
    );
}

/// A picture that differs from every other contact's picture.
fn portrait(number: usize) -> Vec<u8> {
    let noise = (0..20_000_usize).map(|at| (at * (number + 7) / 13 % 251) as u8);
    [0xFF, 0xD8, 0xFF, 0xE0].into_iter().chain(noise).collect()
}

/// Adds a picture to every card of a file, in the form of Android's own export.
fn with_portraits(cards: &str) -> String {
    let end = "END:VCARD\r\n";
    let cards = cards.split_inclusive(end).enumerate();
    let pictured = cards.map(|(number, card)| {
        let base64 = base64::engine::general_purpose::STANDARD.encode(portrait(number));
        let lines: Vec<&str> = (0..base64.len())
            .step_by(70)
            .map(|at| &base64[at..base64.len().min(at + 70)])
            .collect();
        let photo = format!("PHOTO;ENCODING=BASE64;JPEG:{}\r\n\r\n", lines.join("\r\n "));
        card.replace(end, &format!("{photo}{end}"))
    });
    pictured.collect()
}

/// The pictures of a file's cards by name, as another reader finds them.
fn portraits(cards: &str) -> BTreeMap<String, Vec<u8>> {
    let mut parser = calcard::Parser::new(cards);
    let mut found = BTreeMap::new();
    while let calcard::Entry::VCard(card) = parser.entry() {
        let value = |property: VCardProperty| {
            let mut entries = card.entries.iter().filter(|entry| entry.name == property);
            entries
                .next()
                .and_then(|entry| entry.values.first().cloned())
        };
        let uid = value(VCardProperty::Uid).and_then(|v| v.into_text().map(|t| t.into_owned()));
        let photo = match value(VCardProperty::Photo) {
            Some(VCardValue::Binary(data)) => data.data,
            other => panic!("{other:?}"),
        };
        found.insert(uid.expect("a UID"), photo);
    }
    found
}

/// Android does not share contacts' pictures over USB, but the export of its Contacts app contains them.
#[test]
fn pictures_come_from_the_owner_s_own_export() {
    let plain = rescue(owner(&[]));
    let says = |practised: &Practised| {
        let mut lines = practised.outcome.not_covered.iter();
        lines.any(|line| line.contains("have a picture. Android doesn't share these over USB."))
    };
    assert!(says(&plain));
    let cards = text(&plain, "contacts.vcf");
    let exported = with_portraits(&cards);
    let utf_16: Vec<u8> = exported.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf_16 = [&[0xFF, 0xFE][..], &utf_16].concat();
    for bytes in [exported.as_bytes(), &utf_16] {
        let pictured = rescue(owner(&[("contacts.vcf", bytes)]));
        assert!(pictured.outcome.safe, "{:?}", pictured.outcome.why_not);
        assert!(!says(&pictured));
        let contacts = of(&pictured, Collection::Contacts);
        assert_eq!((contacts.found, contacts.rescued), (0, 30));
        let wanted: BTreeMap<String, Vec<u8>> = portraits(&exported);
        let note = format!(
            "{} contacts have their pictures from exported files.",
            wanted.len()
        );
        let notes = said_of_files(&pictured, Collection::Contacts);
        assert!(notes.contains(&note), "{notes}");
        for name in ["contacts.vcf", "contacts-v4.vcf"] {
            assert!(portraits(&text(&pictured, name)) == wanted, "{name}");
        }
        let singles: String = portable_files(&pictured.folder)
            .into_iter()
            .filter(|(name, _)| name.starts_with("contacts/"))
            .map(|(_, card)| String::from_utf8(card).expect("text"))
            .collect();
        assert!(portraits(&singles) == wanted);
        assert!(verify(&pictured.folder, &mut |_| {}).expect("a check").ok);
    }
}

#[test]
fn an_interrupted_rescue_ends_in_the_same_files() {
    let exported: &[(&str, &[u8])] = &[
        ("Download/contacts.vcf", CARDS),
        ("Others/diary.vcs", DIARY),
        ("Others/door.vnt", NOTE),
        ("Backup/copy of contacts.vcf", CARDS),
    ];
    let smooth = rescue(owner(exported));
    assert!(smooth.outcome.safe);
    let expected = portable_files(&smooth.folder);
    for cut in [60_000, 90_000, 100_000, 105_000, 108_000, 110_000, 112_000] {
        let settings = with_fault(owner(exported), &format!("unplug-after={cut}"));
        let mut cut = rescue(settings);
        let mut parts = 1;
        while !cut.outcome.finished && parts < 20 {
            resume(&mut cut);
            parts += 1;
        }
        assert!(cut.outcome.safe, "{:?}", cut.outcome.why_not);
        let files = portable_files(&cut.folder);
        assert_eq!(
            files.keys().collect::<Vec<_>>(),
            expected.keys().collect::<Vec<_>>()
        );
        for (name, bytes) in &expected {
            assert!(files.get(name) == Some(bytes), "{name}");
        }
    }
}

/// A list that lies in two files stays read if one of the files changes, and also if one of them is a text document.
#[test]
fn a_list_that_is_there_twice_is_read_whatever_becomes_of_the_other() {
    let file = |path: &str, bytes: &[u8]| OwnersFile {
        path: path.into(),
        bytes: bytes.to_vec(),
        modified: 1_800_000_000,
    };
    for (files, action) in [
        (
            vec![file("Download/a.vcf", CARDS), file("Download/b.vcf", CARDS)],
            OwnerAction::Writes(OwnersFile {
                modified: 1_900_000_000,
                ..file(
                    "Download/a.vcf",
                    b"BEGIN:VCARD\r\nVERSION:2.1\r\nN:New\r\nTEL:1\r\nEND:VCARD\r\n",
                )
            }),
        ),
        (
            vec![file("Download/a.txt", CARDS)],
            OwnerAction::Writes(file("Download/b.vcf", CARDS)),
        ),
    ] {
        let reads = files.len() as u32;
        let practised = rescue(Settings {
            storage: Storage {
                owned: files,
                actions: vec![(reads, action)],
                ..Storage::default()
            },
            ..owner(&[])
        });
        assert!(practised.outcome.safe, "{:?}", practised.outcome.why_not);
        let cards = text(&practised, "contacts.vcf");
        assert!(
            cards.contains("Okafor") && cards.contains("Lindström"),
            "{cards}"
        );
    }
}

#[test]
fn what_is_broken_in_an_exported_list_is_said_and_the_rest_is_read() {
    let broken: &[u8] =
        b"BEGIN:VCARD\r\nVERSION:2.1\r\nN:Whole;Wendy\r\nTEL:5550144\r\nEND:VCARD\r\n\
        BEGIN:VCARD\r\nEND:VCARD\r\nBEGIN:VCARD\r\nVERSION:2.1\r\nN:Half;Hans\r\nTEL:555";
    let rescued = rescue(owner(&[("Download/broken.vcf", broken)]));
    assert!(rescued.outcome.safe, "{:?}", rescued.outcome.why_not);
    assert_eq!(of(&rescued, Collection::Contacts).found, 2);
    let said = said_of_files(&rescued, Collection::Contacts);
    assert!(said.contains("found/Download/broken.vcf: line 6"), "{said}");
    assert_eq!(
        portable_files(&rescued.folder)
            .get("found/Download/broken.vcf")
            .map(Vec::as_slice),
        Some(broken)
    );
}

#[test]
fn they_can_be_looked_at() {
    let rescued = rescue(owner(&[
        ("Download/contacts.vcf", CARDS),
        ("Others/diary.vcs", DIARY),
    ]));
    let look = Rescued::open(&rescued.folder).expect("a rescue");
    let overview = look.overview(&Stop::new()).expect("an overview");
    let found = |what| {
        let lines = &overview.of(what).expect("a list").lines;
        let found: Vec<_> = lines.iter().filter(|line| line.found).collect();
        let details = look.details(what, &found[0].key);
        (found, details.expect("a look").expect("a record").fields)
    };
    let (cards, card) = found(Collection::Contacts);
    assert_eq!(cards.len(), 2);
    assert!(
        card.iter()
            .any(|field| field.value.contains("Download/contacts.vcf")),
        "{card:?}"
    );
    let (events, _) = found(Collection::Calendar);
    assert_eq!(&*events[0].name, "Servers down");
    found(Collection::Todos);
}

/// Every real sample on one phone: the rescue finds the same data as the reader.
#[test]
fn samples_as_phones_wrote_them_are_joined() {
    let shared = std::env::var("LIFEBOAT_SHARED").unwrap_or_else(|_| "../shared".into());
    let samples = std::path::Path::new(&shared).join("samples");
    let mut exported = Vec::new();
    let mut waiting = vec![samples];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase());
            if path.is_dir() {
                waiting.push(path);
            } else if matches!(ending.as_deref(), Some("vcf" | "vcs" | "ics" | "vnt")) {
                let name = path
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                let bytes = std::fs::read(&path).expect("a sample");
                exported.push((format!("Download/{} {name}", exported.len()), bytes));
            }
        }
    }
    if exported.is_empty() {
        eprintln!("There are no samples at {shared}/samples: nothing was tried.");
        return;
    }
    exported.sort();
    let mut new = 0;
    for (name, bytes) in &exported {
        new += found::read(name, bytes).contacts.len() as u64;
    }
    let rescued = rescue(Settings {
        contacts: 3,
        events: 2,
        todos: 1,
        storage: Storage {
            exported,
            ..Storage::default()
        },
        ..Settings::default()
    });
    assert!(rescued.outcome.safe, "{:?}", rescued.outcome.why_not);
    let contacts = of(&rescued, Collection::Contacts);
    eprintln!(
        "{new} contacts in the samples, {} of them different",
        contacts.found
    );
    // Some cards stand in several samples. Most are separate people.
    assert!(contacts.found > new / 4 && contacts.found <= new, "{new}");
}
