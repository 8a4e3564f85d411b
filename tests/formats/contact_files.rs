//! The contact files: they contain every value of every field, other programs' parsers find it there, known importer
//! problems are avoided, and two runs give the same bytes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::common::contacts::{HOSTILE, carried, contact, every_field, texts};
use calcard::vcard::{VCardParameterValue, VCardValue};
use calcard::{Entry, Parser};
use lifeboat::export::contacts::{ContactFiles, ContactSummary, read_back};
use lifeboat::format::Losses;
use lifeboat::format::vcard::read::{Card, CardReader};
use lifeboat::format::vcard::{formatted_name, v3, v4};
use lifeboat::model::*;
use proptest::prelude::*;
use tempfile::TempDir;

fn v3(contact: &Contact) -> String {
    let mut out = Vec::new();
    v3::write(contact, &mut out, &mut Losses::default());
    String::from_utf8(out).expect("clean UTF-8")
}

fn v4(contact: &Contact) -> (String, v4::Written) {
    let mut out = Vec::new();
    let written =
        v4::write(contact, &mut out, &mut Losses::default()).expect("takes every contact");
    (String::from_utf8(out).expect("clean UTF-8"), written)
}

fn unfolded(text: &str) -> String {
    text.replace("\r\n ", "")
}

fn own_reader(text: &str) -> Card {
    let mut cards = CardReader::new(text.as_bytes());
    let card = cards.next().expect("a card").expect("a whole card");
    assert!(cards.next().is_none());
    card
}

/// The texts in the property for exact values, as a card can hold them.
fn exact_texts(value: &str) -> Vec<String> {
    fn texts(value: &serde_json::Value, found: &mut Vec<String>) {
        match value {
            serde_json::Value::String(text) => found.push(carried(text)),
            serde_json::Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
            serde_json::Value::Object(fields) => {
                fields.values().for_each(|item| texts(item, found))
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    if value.starts_with('{')
        && let Ok(data) = serde_json::from_str(value)
    {
        texts(&data, &mut found);
    }
    found
}

/// The handle in the URI of a messenger.
fn handle(uri: &str) -> String {
    let (_, handle) = uri.split_once(':').unwrap_or_default();
    let mut bytes = Vec::new();
    let mut rest = handle.as_bytes();
    while let [first, more @ ..] = rest {
        let digits = more.get(..2).and_then(|d| std::str::from_utf8(d).ok());
        let coded = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match coded.filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &more[2..];
            }
            None => {
                bytes.push(*first);
                rest = more;
            }
        }
    }
    carried(&String::from_utf8_lossy(&bytes))
}

/// Every text that calcard finds in the only card: values, parts, items and parameters.
fn calcard_texts(text: &str) -> Vec<String> {
    let mut parser = Parser::new(text);
    let Entry::VCard(card) = parser.entry() else {
        panic!("calcard takes it for no card: {text}");
    };
    assert!(
        matches!(parser.entry(), Entry::Eof),
        "calcard sees more than one card: {text}"
    );
    let mut found = Vec::new();
    for entry in card.entries {
        let start = found.len();
        for value in entry.values {
            match value {
                VCardValue::Text(text) => found.push(text),
                VCardValue::Component(items) => found.push(items.join(",")),
                VCardValue::PartialDateTime(date) => {
                    let number = |n: Option<u16>| n.map_or("-".into(), |n| format!("{n:04}-"));
                    let (month, day) = (date.month.unwrap_or(0), date.day.unwrap_or(0));
                    found.push(format!(
                        "{}{}{month:02}-{day:02}",
                        if date.year.is_none() { "-" } else { "" },
                        number(date.year)
                    ));
                }
                _ => {}
            }
        }
        // A text with unescaped separators would be cut, and would differ here.
        let whole = found[start..].join(";");
        found.extend(exact_texts(&whole));
        found.push(handle(&whole));
        found.push(whole);
        for parameter in entry.params {
            if let VCardParameterValue::Text(text) = parameter.value {
                found.push(text);
            }
        }
    }
    found
}

fn assert_found(found: &[String], contact: &Contact, by: &str) {
    for (what, text) in texts(contact) {
        let wanted = carried(text);
        if !wanted.is_empty() {
            // calcard reads the parts of an unknown property as one text and trims items.
            let part = [
                "account",
                "account kind",
                "server id",
                "column",
                "mimetype",
                "identity",
                "namespace",
            ]
            .contains(&what);
            let held = |text: &String| {
                if part {
                    text.contains(&wanted)
                } else {
                    text.trim() == wanted.trim()
                }
            };
            assert!(found.iter().any(held), "{by} finds no {what} {wanted:?}");
        }
    }
}

/// A parameter's value with the escapes of RFC 6868 undone.
fn uncareted(value: &str) -> String {
    let mut text = String::new();
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match (c, chars.clone().next()) {
            ('^', Some(next @ ('n' | '\'' | '^'))) => {
                text.push(match next {
                    'n' => '\n',
                    '\'' => '"',
                    _ => '^',
                });
                chars.next();
            }
            _ => text.push(c),
        }
    }
    text
}

fn own_texts(card: &Card) -> Vec<String> {
    let mut found = Vec::new();
    for property in &card.properties {
        found.extend(exact_texts(&property.text()));
        found.push(handle(&property.text()));
        found.push(property.text());
        found.extend(property.parts());
        found.extend(property.items());
        found.extend(
            property
                .parameters
                .iter()
                .map(|(_, value)| uncareted(value)),
        );
        // Dates of RFC 6350 (4.0), converted to the handset's form.
        let raw = &property.raw;
        if raw.len() == 8 && raw.bytes().all(|b| b.is_ascii_digit()) {
            found.push(format!("{}-{}-{}", &raw[..4], &raw[4..6], &raw[6..]));
        } else if raw.len() == 6 && raw.starts_with("--") {
            found.push(format!("{}-{}", &raw[..4], &raw[4..]));
        }
    }
    found
}

#[test]
fn every_text_of_every_field_is_found_by_two_readers() {
    for seed in 0..HOSTILE.len() {
        let contact = every_field(seed);
        let text = v3(&contact);
        assert_found(&own_texts(&own_reader(&text)), &contact, "our reader");
        assert_found(&calcard_texts(&text), &contact, "calcard");
    }
}

#[test]
fn the_archive_form_holds_every_text_too() {
    for seed in 0..HOSTILE.len() {
        let contact = every_field(seed);
        let (text, written) = v4(&contact);
        assert!(!written.plain);
        assert_found(&own_texts(&own_reader(&text)), &contact, "our reader");
        vcard::VCard::parse_multiple(&text).expect("the vcard crate reads it");
    }
}

#[test]
fn a_usual_card_is_what_importers_want() {
    let contact = Contact {
        uid: "lifeboat-1".into(),
        display_name: "Anna Müller".into(),
        names: vec![PersonName {
            given: Some("Anna".into()),
            family: Some("Müller".into()),
            phonetic_family: Some("Mueller".into()),
            ..PersonName::default()
        }],
        nicknames: vec![Nickname {
            name: "Änni".into(),
            label: Label::Default,
        }],
        phones: vec![
            Phone {
                number: "+49 170 1234567".into(),
                label: Label::Mobile,
                primary: true,
                ..Phone::default()
            },
            Phone {
                number: "030 1,2;3".into(),
                label: Label::Custom("Boat \"1\"".into()),
                ..Phone::default()
            },
            Phone {
                number: "112".into(),
                label: Label::Custom("Büro: Süd".into()),
                ..Phone::default()
            },
        ],
        emails: vec![Email {
            address: "anna@example.org".into(),
            label: Label::Home,
            ..Email::default()
        }],
        addresses: vec![PostalAddress {
            street: Some("Weg 1".into()),
            city: Some("Köln".into()),
            neighborhood: Some("Hof".into()),
            label: Label::Work,
            ..PostalAddress::default()
        }],
        organizations: vec![
            Organization {
                company: Some("Alpha; Beta".into()),
                ..Organization::default()
            },
            Organization {
                company: Some("Gamma".into()),
                department: Some("R&D".into()),
                title: Some("Head".into()),
                ..Organization::default()
            },
        ],
        messengers: vec![InstantMessenger {
            handle: "anna m".into(),
            service: MessengerService::Skype,
            label: Label::Unset,
        }],
        dates: vec![
            ContactDate {
                date: "--04-12".into(),
                kind: DateKind::Birthday,
            },
            ContactDate {
                date: "2010-06-01".into(),
                kind: DateKind::Anniversary,
            },
        ],
        relations: vec![Relation {
            name: "Ben; jr".into(),
            kind: "spouse".into(),
            custom: false,
        }],
        groups: vec!["Family".into(), "Chess, club".into()],
        ..Contact::default()
    };
    let lines = unfolded(&v3(&contact));
    let lines: Vec<&str> = lines.lines().collect();
    assert_eq!(lines, V3_CARD.lines().collect::<Vec<_>>());
    let lines = unfolded(&v4(&contact).0);
    let lines: Vec<&str> = lines.lines().collect();
    assert_eq!(lines, V4_CARD.lines().collect::<Vec<_>>());
}

/// Custom labels in both forms; ORG with a title first, since Android gives a TITLE to the first ORG without one; a day
/// without a year in Android's form; no `;` inside the parts of X-ANDROID-CUSTOM.
const V3_CARD: &str = r#"BEGIN:VCARD
VERSION:3.0
FN:Anna Müller
N:Müller;Anna;;;
UID:lifeboat-1
X-PHONETIC-LAST-NAME:Mueller
NICKNAME:Änni
TEL;TYPE=CELL;TYPE=PREF:+49 170 1234567
item1.TEL;TYPE="X-Boat 1":030 1\,2\;3
item1.X-ABLabel:Boat "1"
item2.TEL;TYPE="X-Büro Süd":112
item2.X-ABLabel:Büro: Süd
EMAIL;TYPE=HOME:anna@example.org
ADR;TYPE=WORK:;Hof;Weg 1;Köln;;;
item3.ORG:Gamma;R&D
item3.TITLE:Head
item4.ORG:Alpha\; Beta
X-SKYPE-USERNAME:anna m
IMPP;X-SERVICE-TYPE=Skype:skype:anna%20m
BDAY:--04-12
ANNIVERSARY:2010-06-01
X-ANNIVERSARY:2010-06-01
item5.X-ABDATE:2010-06-01
item5.X-ABLabel:_$!<Anniversary>!$_
item6.X-ANDROID-CUSTOM:vnd.android.cursor.item/relation;Ben\, jr;14
item6.X-ABRELATEDNAMES:Ben\; jr
item6.X-ABLabel:_$!<Spouse>!$_
CATEGORIES:Family,Chess\, club
X-LIFEBOAT-DATA:{"names":{"seen":[["HE-wb1vC"\,{"display":null}]]}\,"nicknames":{"seen":[["DW3blWnn"\,{"label":"default"}]]}\,"organizations":{"order":[1\,0]}}
END:VCARD
"#;

/// Types and dates of 4.0, and TITLE before ORG as the crate orders them.
const V4_CARD: &str = r#"BEGIN:VCARD
VERSION:4.0
FN:Anna Müller
N:Müller;Anna;;;
NICKNAME:Änni
BDAY:--0412
ANNIVERSARY:20100601
ADR;TYPE=work:;Hof;Weg 1;Köln;;;
TEL;PREF=1;TYPE=cell:+49 170 1234567
item1.TEL;TYPE=X-Boat-1:030 1\,2;3
item2.TEL:112
EMAIL;TYPE=home:anna@example.org
IMPP;SERVICE-TYPE=Skype:skype:anna%20m
item3.TITLE:Head
item3.ORG:Gamma;R&D
item4.ORG:Alpha\; Beta
item6.RELATED;VALUE=text;TYPE=spouse:Ben; jr
CATEGORIES:Family,Chess\, club
UID;VALUE=text:lifeboat-1
X-PHONETIC-LAST-NAME:Mueller
item1.X-ABLabel:Boat "1"
item2.X-ABLabel:Büro: Süd
X-SKYPE-USERNAME:anna m
X-ANNIVERSARY:2010-06-01
item5.X-ABDATE:2010-06-01
item5.X-ABLabel:_$!<Anniversary>!$_
item6.X-ANDROID-CUSTOM:vnd.android.cursor.item/relation;Ben\, jr;14
item6.X-ABRELATEDNAMES:Ben\; jr
item6.X-ABLabel:_$!<Spouse>!$_
X-LIFEBOAT-DATA:{"names":{"seen":[["HE-wb1vC"\,{"display":null}]]}\,"nicknames":{"seen":[["DW3blWnn"\,{"label":"default"}]]}\,"organizations":{"order":[1\,0]}}
END:VCARD
"#;

/// vCard 3.0 has no type for a `tel` URI (RFC 3966). Its readers show a warning, or dial the letters.
#[test]
fn a_number_typed_as_a_uri_is_written_as_a_number() {
    let contact = Contact {
        phones: vec![Phone {
            number: "tel:+4930555".into(),
            ..Phone::default()
        }],
        ..Contact::default()
    };
    let card = unfolded(&v3(&contact));
    let has = |wanted: &str| card.lines().any(|line| line.ends_with(wanted));
    assert!(has("TEL;TYPE=VOICE:+4930555"), "{card}");
    assert!(card.contains(r#""number":"tel:+4930555""#), "{card}");
}

#[test]
fn a_card_always_has_a_name() {
    let mut contact = Contact::default();
    assert_eq!(formatted_name(&contact), "Unnamed");
    contact.emails = vec![Email {
        address: "a@b".into(),
        ..Email::default()
    }];
    assert_eq!(formatted_name(&contact), "a@b");
    contact.phones = vec![Phone {
        number: "112".into(),
        ..Phone::default()
    }];
    assert_eq!(formatted_name(&contact), "112");
    contact.organizations = vec![Organization {
        company: Some("Fire".into()),
        ..Organization::default()
    }];
    assert_eq!(formatted_name(&contact), "Fire");
    contact.nicknames = vec![Nickname {
        name: " ".into(),
        ..Nickname::default()
    }];
    assert_eq!(formatted_name(&contact), "Fire");
    contact.names = vec![PersonName {
        given: Some("A".into()),
        family: Some("B".into()),
        ..PersonName::default()
    }];
    assert_eq!(formatted_name(&contact), "A B");
    contact.display_name = "C".into();
    assert_eq!(formatted_name(&contact), "C");
}

#[test]
fn losses_are_named() {
    let mut losses = Losses::default();
    v3::write(&every_field(0), &mut Vec::new(), &mut losses);
    for what in [
        "pictures",
        "ringtones",
        "phonetic company names",
        "stars (favourites)",
    ] {
        assert!(losses.0.contains_key(what), "{what} in {losses:?}");
    }
    let contact = Contact {
        display_name: "a\u{1}b\u{7F}c".into(),
        ..Contact::default()
    };
    let mut losses = Losses::default();
    v3::write(&contact, &mut Vec::new(), &mut losses);
    assert_eq!(
        losses.0.get("invisible control characters inside texts"),
        Some(&2)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn any_contact_is_one_whole_card(contact in contact()) {
        let text = v3(&contact);
        prop_assert_eq!(&text, &v3(&contact));
        let card = own_reader(&text);
        let found = own_texts(&card);
        for (what, text) in texts(&contact) {
            let wanted = carried(text);
            prop_assert!(wanted.is_empty() || found.contains(&wanted), "no {} {:?}", what, wanted);
        }
        calcard_texts(&text);
    }

    #[test]
    fn any_contact_is_a_card_of_the_archive(contact in contact()) {
        let (text, written) = v4(&contact);
        prop_assert!(!written.plain);
        let cards = vcard::VCard::parse_multiple(&text);
        prop_assert!(cards.is_ok_and(|cards| cards.len() == 1 && cards[0].validate().is_ok()));
        let found = own_texts(&own_reader(&text));
        for (what, text) in texts(&contact) {
            let wanted = carried(text);
            prop_assert!(wanted.is_empty() || found.contains(&wanted), "no {} {:?}", what, wanted);
        }
    }
}

fn exported(contacts: &[Contact]) -> (TempDir, ContactSummary) {
    let folder = tempfile::tempdir().expect("a folder");
    let summary = export_to(folder.path(), contacts);
    (folder, summary)
}

fn export_to(folder: &Path, contacts: &[Contact]) -> ContactSummary {
    let mut files = ContactFiles::new(folder).expect("starts");
    for contact in contacts {
        files.push(contact, None).expect("pushes");
    }
    files.finish().expect("finishes")
}

/// Every file below a folder, with its bytes.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next)
            .expect("reads")
            .map(|entry| entry.expect("reads").path())
        {
            if entry.is_dir() {
                folders.push(entry);
            } else {
                let name = entry.strip_prefix(folder).expect("below").to_owned();
                files.insert(name, fs::read(&entry).expect("reads"));
            }
        }
    }
    files
}

fn csv_rows(bytes: &[u8]) -> Vec<BTreeMap<String, String>> {
    let text = std::str::from_utf8(bytes)
        .expect("UTF-8")
        .trim_start_matches('\u{FEFF}');
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().expect("a header").clone();
    reader
        .records()
        .map(|row| {
            let row = row.expect("as wide as the header");
            header
                .iter()
                .map(str::to_owned)
                .zip(row.iter().map(str::to_owned))
                .collect()
        })
        .collect()
}

#[test]
fn the_files_are_whole_private_and_the_same_twice() {
    let contacts: Vec<Contact> = (0..HOSTILE.len()).map(every_field).collect();
    let (one, summary) = exported(&contacts);
    let (two, _) = exported(&contacts);
    assert_eq!(tree(one.path()), tree(two.path()));
    assert_eq!(summary.living, contacts.len() as u64);
    assert_eq!((summary.v4_plain, summary.v4_refused), (0, 0));
    let count = contacts.len() as u64;
    let back = read_back(one.path()).expect("reads back");
    assert_eq!(
        back.cards,
        ["contacts", "contacts-v4.vcf", "contacts.vcf"]
            .map(|n| (n.to_owned(), count))
            .into()
    );
    // A second export to the same folder gives the same files.
    export_to(one.path(), &contacts);
    assert_eq!(tree(one.path()), tree(two.path()));
    #[cfg(unix)]
    for (file, _) in tree(one.path()) {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).expect("is there").permissions().mode() & 0o777;
        assert_eq!(mode(&one.path().join(&file)), 0o600, "{file:?}");
        assert_eq!(mode(&one.path().join("contacts")), 0o700);
    }
}

#[test]
fn a_damaged_file_is_noticed() {
    let contacts: Vec<Contact> = (0..3).map(every_field).collect();
    let (folder, _) = exported(&contacts);
    let path = folder.path().join("contacts.vcf");
    let whole = fs::read_to_string(&path).expect("reads");
    for damaged in [
        whole[..whole.len() - 11].to_owned(),
        whole.replacen("END:VCARD\r\n", "", 1),
        whole.replacen("\r\n", "\n", 1),
        whole.replacen("\r\nUID:", "\r\nUIX:", 1),
        whole.replacen("BEGIN:VCARD", "", 1),
    ] {
        fs::write(&path, damaged).expect("writes");
        assert!(read_back(folder.path()).is_err());
    }
}

#[test]
fn deleted_cards_and_the_owners_own_are_files_of_their_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut files = ContactFiles::new(folder.path()).expect("starts");
    files.push_deleted(&every_field(1)).expect("pushes");
    files.push_deleted(&every_field(2)).expect("pushes");
    files.profile(&every_field(3)).expect("pushes");
    let summary = files.finish().expect("finishes");
    assert_eq!((summary.living, summary.deleted), (0, 2));
    let names: Vec<PathBuf> = tree(folder.path()).into_keys().collect();
    assert_eq!(
        names,
        [
            PathBuf::from("contacts-deleted.vcf"),
            PathBuf::from("me.vcf")
        ]
    );
    assert_eq!(
        read_back(folder.path()).expect("reads").cards["contacts-deleted.vcf"],
        2
    );
}

#[test]
fn more_than_google_takes_comes_in_parts_too() {
    let contacts: Vec<Contact> = (0..6_001)
        .map(|n| Contact {
            uid: format!("u{n}"),
            display_name: format!("N {n}"),
            ..Contact::default()
        })
        .collect();
    let (folder, _) = exported(&contacts);
    let files = tree(folder.path());
    let mut vcf = Vec::new();
    let mut rows = Vec::new();
    for part in 1..=3 {
        let part =
            |ending: &str| &files[Path::new(&format!("for-google/contacts-{part}.{ending}"))];
        vcf.extend_from_slice(part("vcf"));
        assert!(CardReader::new(part("vcf").as_slice()).count() <= 3_000);
        rows.extend(csv_rows(part("csv")));
    }
    assert_eq!(vcf, files[Path::new("contacts.vcf")]);
    assert_eq!(rows, csv_rows(&files[Path::new("contacts-google.csv")]));
    assert_eq!(rows.len(), 6_001);
    assert!(!files.contains_key(Path::new("for-google/contacts-4.vcf")));
}

#[test]
fn the_spreadsheets_hold_the_people() {
    let mut rich = every_field(4);
    rich.phones = (0..40)
        .map(|n| Phone {
            number: format!("+49 170 {n}"),
            label: Label::Mobile,
            ..Phone::default()
        })
        .collect();
    let poor = Contact {
        display_name: "=1+1".into(),
        ..Contact::default()
    };
    let (folder, summary) = exported(&[poor, rich.clone()]);
    let files = tree(folder.path());
    let google = csv_rows(&files[Path::new("contacts-google.csv")]);
    assert_eq!(google[0]["First Name"], "'=1+1");
    assert_eq!(google[1]["Phone 1 - Value"], "+49 170 0");
    assert_eq!(google[1]["Phone 1 - Label"], "Mobile");
    assert!(google[1]["Phone 25 - Value"].ends_with("::: +49 170 39"));
    assert_eq!(google[1]["Birthday"], "1985-04-12");
    assert_eq!(google[1]["Event 1 - Value"], "--06-30");
    let outlook = &files[Path::new("contacts-outlook.csv")];
    assert!(outlook.starts_with("\u{FEFF}Title,First Name".as_bytes()));
    let outlook = csv_rows(outlook);
    assert_eq!(outlook[1]["Mobile Phone"], "+49 170 0");
    assert!(outlook[1]["Notes"].contains("Mobile: +49 170 39"));
    assert!(
        summary.losses["contacts-outlook.csv"]
            .0
            .contains_key("pictures")
    );
    for row in google.iter().chain(&outlook) {
        for cell in row.values() {
            let formula = cell.trim_start().starts_with(['=', '@'])
                || (cell.trim_start().starts_with(['+', '-'])
                    && cell.contains(char::is_alphabetic));
            assert!(!formula, "{cell:?}");
        }
    }
    // The table contains every field that has its own column or label.
    let google = google[1].values().cloned().collect::<Vec<_>>().join("\n");
    let notes = outlook[1].values().cloned().collect::<Vec<_>>().join("\n");
    for (what, text) in texts(&rich) {
        if [
            "phone",
            "email",
            "given",
            "family",
            "note",
            "website",
            "relation",
            "messenger",
            "date",
            "company",
        ]
        .contains(&what)
        {
            let wanted = carried(text);
            assert!(google.contains(&wanted), "Google: {what} {wanted:?}");
            assert!(notes.contains(&wanted), "Outlook: {what} {wanted:?}");
        }
    }
}
