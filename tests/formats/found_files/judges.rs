//! Independent readers find the same names, numbers and addresses in the samples. Every difference is listed with its
//! reason.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::catch_unwind;

use calcard::vcard::{VCardProperty, VCardValue};
use calcard::{Entry, Parser};
use icalendar::{CalendarComponent, Component};
use lifeboat::format::found;

use super::samples::{self, Sample};

/// FN, N, TEL and EMAIL of all cards of a file.
type Values = BTreeSet<(&'static str, String)>;

fn put(values: &mut Values, name: &'static str, text: &str) {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    if !text.is_empty() {
        values.insert((name, text));
    }
}

fn ours(name: &str, bytes: &[u8]) -> Values {
    let mut values = Values::new();
    for card in found::read(name, bytes).contacts {
        let contact = card.contact;
        put(&mut values, "FN", &contact.display_name);
        for other in &contact.unmapped {
            if other.column.starts_with("FN") {
                put(&mut values, "FN", &other.value);
            }
        }
        for name in &contact.names {
            let parts = [
                &name.family,
                &name.given,
                &name.middle,
                &name.prefix,
                &name.suffix,
            ];
            let parts: Vec<&str> = parts
                .into_iter()
                .flatten()
                .map(|part| part.trim())
                .collect();
            put(&mut values, "N", &parts.join("|"));
        }
        for phone in &contact.phones {
            put(&mut values, "TEL", &phone.number);
        }
        for sip in &contact.sip_addresses {
            // In 4.0 a number may be any URI.
            put(&mut values, "SIP", &sip.address);
        }
        for email in &contact.emails {
            put(&mut values, "EMAIL", &email.address);
        }
    }
    values.retain(|(name, _)| *name != "SIP");
    values
}

/// The values that calcard finds in the same bytes, read as UTF-8, the only charset that it knows.
fn calcard(bytes: &[u8]) -> Option<Values> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    catch_unwind(|| {
        let mut values = Values::new();
        let mut parser = Parser::new(&text);
        loop {
            match parser.entry() {
                Entry::Eof => return values,
                Entry::VCard(card) => {
                    for entry in card.entries {
                        let name = match entry.name {
                            VCardProperty::Fn => "FN",
                            VCardProperty::N => "N",
                            VCardProperty::Tel => "TEL",
                            VCardProperty::Email => "EMAIL",
                            _ => continue,
                        };
                        let texts: Vec<String> = entry
                            .values
                            .into_iter()
                            .map(|value| match value {
                                VCardValue::Text(text) => text,
                                VCardValue::Component(items) => items.join(","),
                                other => format!("{other:?}"),
                            })
                            .collect();
                        if name == "N" {
                            let parts = texts.iter().map(|part| part.trim());
                            let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
                            put(&mut values, name, &parts.join("|"));
                        } else {
                            let text = texts.join(";");
                            put(
                                &mut values,
                                name,
                                text.strip_prefix("tel:").unwrap_or(&text),
                            );
                        }
                    }
                }
                _ => {}
            }
        }
    })
    .ok()
}

/// The file's name with its folder, as in the tables below.
fn short(sample: &Sample) -> String {
    let folder = sample.folder.rsplit('/').next().unwrap_or_default();
    let file = sample
        .path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    format!("{folder}/{file}")
}

const CHARSET: &str = "calcard takes every text for UTF-8";
const ESCAPES: &str = "calcard leaves the escapes of 2.1 as they are, or takes the backslash of an escape that is none";
const NESTED: &str = "calcard reads no card inside a card";
const BASE64: &str = "calcard doesn't decode the base64 of a text";

/// Files in which calcard reads other values, and why.
const CARDS: &[(&str, &str)] = &[
    ("ER5Regression/1.vcf", CHARSET),
    (
        "ER5Regression/5.vcf",
        "calcard doesn't know QUOTED-PRINTABLE without ENCODING=",
    ),
    ("Encoded/5.vcf", CHARSET),
    ("Encoded/6.vcf", CHARSET),
    (
        "Invalid/3.vcf",
        "calcard knows no lines that end in CR alone",
    ),
    ("K3Data/ITest01.VCF", CHARSET),
    ("TestFiles/Base64.VCF", BASE64),
    ("TestFiles/Begin2.VCF", CHARSET),
    ("TestFiles/CAgent.VCF", NESTED),
    ("TestFiles/CAutoD.VCF", ESCAPES),
    ("TestFiles/CBase64.VCF", ESCAPES),
    ("TestFiles/CESlash.VCF", ESCAPES),
    ("TestFiles/CYenEsc1.VCF", ESCAPES),
    ("TestFiles/CYenEsc2.VCF", ESCAPES),
    ("TestFiles/CvCard.VCF", ESCAPES),
    ("TestFiles/DefaultCharSetInput.vcf", CHARSET),
    ("TestFiles/IAgent.VCF", NESTED),
    ("TestFiles/IAutoD.VCF", ESCAPES),
    ("TestFiles/IBase64.VCF", ESCAPES),
    ("TestFiles/IGBK.VCF", BASE64),
    ("TestFiles/IYenEsc1.VCF", ESCAPES),
    ("TestFiles/IYenEsc2.VCF", ESCAPES),
    ("TestFiles/IvCard.VCF", BASE64),
    ("TestFiles/cTestVCard.vcf", ESCAPES),
    ("TestFiles/cnewbase64.VCF", ESCAPES),
    ("TestFiles/iGroupedProperty.vcf", ESCAPES),
    ("TestFiles/iTestVcard.vcf", ESCAPES),
    ("TestFiles/inewbase64.vcf", ESCAPES),
    ("TestFiles/nestedagent.vcf", NESTED),
    (
        "TestFiles/vCard.VCF",
        "calcard keeps further parts of a name, which are kept beside the name here",
    ),
    ("Various/9.vcf", NESTED),
    ("VersitJapaneseVCards/Digit2.vcf", CHARSET),
    ("VersitJapaneseVCards/Longest.vcf", CHARSET),
    ("VersitJapaneseVCards/Multiplesounds.vcf", CHARSET),
    ("VersitJapaneseVCards/SpecialCharacter2.vcf", CHARSET),
    ("VersitJapaneseVCards/amano.vcf", CHARSET),
    ("VersitJapaneseVCards/aoki.vcf", CHARSET),
    ("VersitJapaneseVCards/barbara.vcf", CHARSET),
    ("VersitJapaneseVCards/escaped.vcf", CHARSET),
    ("VersitJapaneseVCards/haga.vcf", CHARSET),
    ("VersitJapaneseVCards/kasai.vcf", CHARSET),
    ("VersitJapaneseVCards/kitajima.vcf", CHARSET),
    ("VersitJapaneseVCards/miyazaki.vcf", CHARSET),
    ("VersitJapaneseVCards/nakai.vcf", CHARSET),
    ("VersitJapaneseVCards/powell.vcf", CHARSET),
    ("VersitJapaneseVCards/prolongedsound.vcf", CHARSET),
    ("VersitJapaneseVCards/takashiro.vcf", CHARSET),
    ("aosp-opt-vcard/v21_backslash.vcf", ESCAPES),
    ("aosp-opt-vcard/v21_japanese_1.vcf", CHARSET),
    ("aosp-opt-vcard/v21_japanese_2.vcf", CHARSET),
    ("aosp-opt-vcard/v21_japanese_3.vcf", CHARSET),
    ("aosp-opt-vcard/v21_multiple_entry.vcf", CHARSET),
    ("aosp-opt-vcard/v21_nest.vcf", NESTED),
    ("aosp-opt-vcard/v30_japanese.vcf", CHARSET),
    (
        "aosp-opt-vcard/v40_sip.vcf",
        "a SIP address in TEL is a SIP address here",
    ),
    ("ical.js/vcard3.vcf", NESTED),
];

#[test]
fn calcard_reads_the_same_names_numbers_and_addresses() {
    let Some(files) = samples::all() else { return };
    let mut differing = BTreeMap::new();
    let mut compared = 0;
    for sample in files {
        if !sample
            .path
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("vcf"))
        {
            continue;
        }
        compared += 1;
        let name = sample.path.to_string_lossy();
        let ours = ours(&name, &sample.bytes);
        let theirs = calcard(&sample.bytes);
        if theirs.as_ref() != Some(&ours) {
            let theirs = theirs.unwrap_or_default();
            let only_ours: Vec<_> = ours.difference(&theirs).collect();
            let only_theirs: Vec<_> = theirs.difference(&ours).collect();
            differing.insert(
                short(&sample),
                format!("ours {only_ours:?} theirs {only_theirs:?}"),
            );
        }
    }
    explain(&differing, CARDS);
    assert!(compared > 150, "{compared} files");
}

/// Asserts that every difference has a reason, and every reason a difference.
#[track_caller]
fn explain(differing: &BTreeMap<String, String>, reasons: &[(&str, &str)]) {
    let known = |file: &str| reasons.iter().any(|(name, _)| *name == file);
    let unexplained: Vec<String> = differing
        .iter()
        .filter(|(file, _)| !known(file))
        .map(|(file, what)| format!("{file}: {what}"))
        .collect();
    assert!(unexplained.is_empty(), "{}", unexplained.join("\n"));
    let gone: Vec<&str> = reasons
        .iter()
        .map(|(file, _)| *file)
        .filter(|file| !differing.contains_key(*file))
        .collect();
    assert!(gone.is_empty(), "no difference any more: {gone:?}");
}

/// Titles of events and to-dos that the `icalendar` crate finds, or `None` if it refuses the file.
fn icalendar_titles(bytes: &[u8]) -> Option<BTreeSet<(char, String)>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let calendar: icalendar::Calendar = catch_unwind(|| text.parse()).ok()?.ok()?;
    let mut titles = BTreeSet::new();
    for component in &calendar.components {
        let (kind, title) = match component {
            CalendarComponent::Event(event) => ('e', event.get_summary()),
            CalendarComponent::Todo(todo) => ('t', todo.get_summary()),
            _ => continue,
        };
        if let Some(title) = title.filter(|title| !title.trim().is_empty()) {
            titles.insert((kind, plain(title)));
        }
    }
    Some(titles)
}

/// Removes escapes and repeated blanks. The crate leaves escapes to its user.
fn plain(text: &str) -> String {
    let text = text
        .replace("\\n", " ")
        .replace("\\N", " ")
        .replace('\\', "");
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

fn our_titles(name: &str, bytes: &[u8]) -> BTreeSet<(char, String)> {
    let found = found::read(name, bytes);
    let mut titles = BTreeSet::new();
    for event in &found.events {
        titles.extend(event.record.title.iter().map(|title| ('e', plain(title))));
        for change in &event.record.changed {
            titles.extend(change.title.iter().map(|title| ('e', plain(title))));
        }
    }
    for todo in &found.todos {
        titles.extend(todo.record.title.iter().map(|title| ('t', plain(title))));
    }
    titles
}

/// Files in which the `icalendar` crate finds titles that Lifeboat does not, and why.
const CALENDARS: &[(&str, &str)] = &[(
    "libical/0.ics",
    "of two SUMMARY lines the first is the title here; the other is kept beside it",
)];

#[test]
fn icalendar_finds_no_title_that_is_not_found_here() {
    let Some(files) = samples::all() else { return };
    let mut differing = BTreeMap::new();
    let mut compared = 0;
    for sample in files {
        if !sample
            .path
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("ics"))
        {
            continue;
        }
        let name = sample.path.to_string_lossy();
        let Some(theirs) = icalendar_titles(&sample.bytes) else {
            continue;
        };
        compared += 1;
        let ours = our_titles(&name, &sample.bytes);
        let lacking: Vec<_> = theirs.difference(&ours).collect();
        if !lacking.is_empty() {
            differing.insert(short(&sample), format!("{lacking:?}"));
        }
    }
    explain(&differing, CALENDARS);
    assert!(compared > 250, "{compared} files");
}
