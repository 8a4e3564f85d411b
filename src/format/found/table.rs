//! Tables of contacts, as Google, Outlook and the phone makers' PC suites export them: a row a contact, the first
//! row says what the columns are. What no field takes is kept under its column's name.

use csv::{ByteRecord, ReaderBuilder, StringRecord};

use super::{Fault, Found, FoundContact, Kind, MAX_RECORDS, Unreadable};
use crate::format::versit::decode_file;
use crate::model::{
    Contact, ContactDate, DateKind, Email, Label, Nickname, Organization, PersonName, Phone,
    PostalAddress, Relation, UnmappedColumn, Website,
};

/// Under which [`UnmappedColumn::mimetype`] a table's other columns are kept.
const OTHER_COLUMNS: &str = "text/csv";
/// Google puts several values of one kind into one cell, with this between them.
const SEVERAL: &str = " ::: ";
/// The most columns that a table may have; Google's has some hundred.
const MAX_COLUMNS: usize = 2_000;

/// What a column holds.
#[derive(Debug, Clone, PartialEq)]
enum Column {
    Display,
    Given,
    Middle,
    Family,
    Prefix,
    Suffix,
    SpokenGiven,
    SpokenFamily,
    Nickname,
    Phone(Label),
    Email,
    Company,
    Department,
    Title,
    Street(Label),
    City(Label),
    Region(Label),
    Postcode(Label),
    Country(Label),
    PoBox(Label),
    Birthday,
    Anniversary,
    Notes,
    Website,
    Groups,
    Spouse,
    /// Google's: what the next value of that kind and number is for.
    LabelOf,
    /// Google's values, which have their label in the column before.
    Labelled(Kinds),
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kinds {
    Phone,
    Email,
    Website,
    Relation,
    Event,
}

/// Reads a table of contacts; false if it is none. `named`: the file's name says that it is a table.
pub(super) fn read(bytes: &[u8], named: bool, found: &mut Found) -> bool {
    let first = bytes.split(|b| matches!(b, b'\n' | b'\r')).next();
    let first = first.unwrap_or_default();
    let Some(delimiter) = delimiter(first).filter(|_| named || first.len() < 8_000) else {
        return false;
    };
    let text = decode_file(bytes);
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_reader(text.as_bytes());
    let Ok(headers) = reader.headers().cloned() else {
        return false;
    };
    let columns: Vec<(Column, String)> = headers
        .iter()
        .take(MAX_COLUMNS)
        .map(|header| (column(header), header.trim().to_owned()))
        .collect();
    let has = |wanted: &dyn Fn(&Column) -> bool| columns.iter().any(|(column, _)| wanted(column));
    let named_somehow = has(&|c| matches!(c, Column::Display | Column::Given | Column::Family));
    let reached = has(&|c| {
        matches!(c, Column::Phone(_) | Column::Email)
            || matches!(c, Column::Labelled(Kinds::Phone | Kinds::Email))
    });
    if !(named_somehow && reached) {
        return false;
    }
    found.kind = Kind::ContactTable;
    let mut record = ByteRecord::new();
    loop {
        let start = reader.position().clone();
        match reader.read_byte_record(&mut record) {
            Ok(false) => return true,
            Ok(true) => {}
            Err(error) => {
                let what = error.to_string();
                let fault = Unreadable::new(start.line(), Fault::NotAProperty, &what);
                found.unreadable.add(fault);
                return true;
            }
        }
        if found.contacts.len() >= MAX_RECORDS {
            let fault = Unreadable::new(start.line(), Fault::TooMany, "");
            found.unreadable.add(fault);
            return true;
        }
        let row = StringRecord::from_byte_record_lossy(record.clone());
        let contact = contact(&columns, &row);
        if contact == Contact::default() {
            continue;
        }
        found.contacts.push(FoundContact {
            contact,
            raw: 0..bytes.len(),
            line: start.line(),
            attachments: Vec::new(),
        });
    }
}

/// What stands between columns: the most frequent of what may.
fn delimiter(header: &[u8]) -> Option<u8> {
    let count = |wanted: u8| header.iter().filter(|byte| **byte == wanted).count();
    [b',', b';', b'\t']
        .into_iter()
        .max_by_key(|byte| count(*byte))
        .filter(|byte| count(*byte) > 0)
}

fn column(header: &str) -> Column {
    let name = header.trim().trim_start_matches('\u{FEFF}').to_lowercase();
    if let Some((kind, part)) = name.split_once(" - ") {
        let kind = kind
            .trim_end_matches(|c: char| c.is_ascii_digit())
            .trim_end();
        return match (kind, part) {
            (_, "label" | "type") => Column::LabelOf,
            ("phone", "value") => Column::Labelled(Kinds::Phone),
            ("e-mail", "value") => Column::Labelled(Kinds::Email),
            ("website", "value") => Column::Labelled(Kinds::Website),
            ("relation", "value") => Column::Labelled(Kinds::Relation),
            ("event", "value") => Column::Labelled(Kinds::Event),
            ("address", "street") => Column::Street(Label::Unset),
            ("address", "city") => Column::City(Label::Unset),
            ("address", "region") => Column::Region(Label::Unset),
            ("address", "postal code") => Column::Postcode(Label::Unset),
            ("address", "country") => Column::Country(Label::Unset),
            ("address", "po box") => Column::PoBox(Label::Unset),
            ("organization", "name") => Column::Company,
            ("organization", "title") => Column::Title,
            ("organization", "department") => Column::Department,
            _ => Column::Other,
        };
    }
    let (place, label) = match name.split_once(' ') {
        Some(("home", rest)) => (rest, Label::Home),
        Some(("business" | "work", rest)) => (rest, Label::Work),
        Some(("other", rest)) => (rest, Label::Other),
        _ => (name.as_str(), Label::Unset),
    };
    match place {
        "street" | "address" if label != Label::Unset => return Column::Street(label),
        "city" => return Column::City(label),
        "state" => return Column::Region(label),
        "postal code" | "zip" => return Column::Postcode(label),
        "country/region" | "country" => return Column::Country(label),
        "address po box" => return Column::PoBox(label),
        "phone" | "phone 2" => return Column::Phone(label),
        "fax" => {
            return Column::Phone(match label {
                Label::Home => Label::HomeFax,
                Label::Work => Label::WorkFax,
                _ => Label::OtherFax,
            });
        }
        _ => {}
    }
    match name.as_str() {
        "name" | "display name" | "full name" | "file as" => Column::Display,
        "first name" | "given name" => Column::Given,
        "middle name" | "additional name" => Column::Middle,
        "last name" | "family name" | "surname" => Column::Family,
        "name prefix" | "title" => Column::Prefix,
        "name suffix" | "suffix" => Column::Suffix,
        "phonetic first name" | "given name yomi" | "given yomi" => Column::SpokenGiven,
        "phonetic last name" | "family name yomi" | "surname yomi" => Column::SpokenFamily,
        "nickname" => Column::Nickname,
        "mobile phone" | "mobile" | "cell phone" | "primary mobile" => Column::Phone(Label::Mobile),
        "phone number" | "number" | "tel" | "primary phone" | "telephone" => {
            Column::Phone(Label::Unset)
        }
        "pager" => Column::Phone(Label::Pager),
        "car phone" => Column::Phone(Label::Car),
        "company main phone" => Column::Phone(Label::CompanyMain),
        "callback" => Column::Phone(Label::Callback),
        "isdn" => Column::Phone(Label::Isdn),
        "radio phone" => Column::Phone(Label::Radio),
        "telex" => Column::Phone(Label::Telex),
        "tty/tdd phone" => Column::Phone(Label::TtyTdd),
        "assistant's phone" => Column::Phone(Label::Assistant),
        "e-mail address" | "e-mail 2 address" | "e-mail 3 address" | "email" | "e-mail"
        | "email address" | "e-mail 1" => Column::Email,
        "company" | "organization" | "organization name" => Column::Company,
        "department" | "organization department" => Column::Department,
        "job title" | "organization title" => Column::Title,
        "birthday" => Column::Birthday,
        "anniversary" => Column::Anniversary,
        "notes" | "note" => Column::Notes,
        "web page" | "personal web page" | "business homepage" => Column::Website,
        "categories" | "labels" | "group membership" | "groups" => Column::Groups,
        "spouse" => Column::Spouse,
        _ => Column::Other,
    }
}

fn contact(columns: &[(Column, String)], row: &StringRecord) -> Contact {
    let mut contact = Contact::default();
    let mut name = PersonName::default();
    let mut work = Organization::default();
    let mut label = "";
    for ((column, header), cell) in columns.iter().zip(row) {
        let text = cell.trim();
        if *column == Column::LabelOf {
            label = text;
            continue;
        }
        if text.is_empty() {
            continue;
        }
        let value = || Some(text.to_owned());
        match column {
            Column::Display if contact.display_name.is_empty() => {
                contact.display_name = text.to_owned();
            }
            Column::Given => name.given = value(),
            Column::Middle => name.middle = value(),
            Column::Family => name.family = value(),
            Column::Prefix => name.prefix = value(),
            Column::Suffix => name.suffix = value(),
            Column::SpokenGiven => name.phonetic_given = value(),
            Column::SpokenFamily => name.phonetic_family = value(),
            Column::Company => work.company = value(),
            Column::Department => work.department = value(),
            Column::Title => work.title = value(),
            Column::Nickname => contact.nicknames.push(Nickname {
                name: text.to_owned(),
                label: Label::Unset,
            }),
            Column::Phone(label) => phones(&mut contact, text, label.clone()),
            Column::Email => emails(&mut contact, text, Label::Unset),
            Column::Labelled(kind) => labelled(&mut contact, *kind, text, label),
            Column::Street(of) => address(&mut contact, of, label, text, |a| &mut a.street),
            Column::City(of) => address(&mut contact, of, label, text, |a| &mut a.city),
            Column::Region(of) => address(&mut contact, of, label, text, |a| &mut a.region),
            Column::Postcode(of) => address(&mut contact, of, label, text, |a| &mut a.postcode),
            Column::Country(of) => address(&mut contact, of, label, text, |a| &mut a.country),
            Column::PoBox(of) => address(&mut contact, of, label, text, |a| &mut a.po_box),
            Column::Birthday => date(&mut contact, text, DateKind::Birthday),
            Column::Anniversary => date(&mut contact, text, DateKind::Anniversary),
            Column::Notes => contact.notes.push(text.to_owned()),
            Column::Website => contact.websites.push(Website {
                url: text.to_owned(),
                label: Label::Unset,
            }),
            Column::Groups => {
                let groups = text.split(SEVERAL).flat_map(|part| part.split(';'));
                // Google's own groups begin with a star.
                let groups = groups
                    .map(str::trim)
                    .filter(|g| !g.starts_with('*') && !g.is_empty());
                contact.groups.extend(groups.map(str::to_owned));
            }
            Column::Spouse => contact.relations.push(Relation {
                name: text.to_owned(),
                kind: "spouse".to_owned(),
                custom: false,
            }),
            Column::Display | Column::LabelOf | Column::Other => {
                contact.unmapped.push(UnmappedColumn {
                    mimetype: OTHER_COLUMNS.to_owned(),
                    column: header.clone(),
                    value: text.to_owned(),
                });
            }
        }
    }
    if name != PersonName::default() {
        name.display = Some(contact.display_name.clone()).filter(|shown| !shown.is_empty());
        contact.names.push(name);
    }
    if work != Organization::default() {
        contact.organizations.push(work);
    }
    contact
}

/// Puts a part into the address of that label; a new one where there is none. `google`: what the column before
/// says.
fn address(
    contact: &mut Contact,
    label: &Label,
    google: &str,
    text: &str,
    part: fn(&mut PostalAddress) -> &mut Option<String>,
) {
    let label = match label {
        Label::Unset => of_word(google),
        label => label.clone(),
    };
    if let Some(known) = contact.addresses.iter_mut().find(|a| a.label == label) {
        *part(known) = Some(text.to_owned());
        return;
    }
    let mut new = PostalAddress {
        label,
        ..PostalAddress::default()
    };
    *part(&mut new) = Some(text.to_owned());
    contact.addresses.push(new);
}

fn phones(contact: &mut Contact, text: &str, label: Label) {
    for number in text.split(SEVERAL) {
        contact.phones.push(Phone {
            number: number.trim().to_owned(),
            label: label.clone(),
            ..Phone::default()
        });
    }
}

fn emails(contact: &mut Contact, text: &str, label: Label) {
    for address in text.split(SEVERAL) {
        contact.emails.push(Email {
            address: address.trim().to_owned(),
            label: label.clone(),
            ..Email::default()
        });
    }
}

fn labelled(contact: &mut Contact, kind: Kinds, text: &str, label: &str) {
    // The default of several has a star.
    let word = label.trim_start_matches('*').trim();
    match kind {
        Kinds::Phone => phones(contact, text, of_word(word)),
        Kinds::Email => emails(contact, text, of_word(word)),
        Kinds::Website => contact.websites.push(Website {
            url: text.to_owned(),
            label: of_word(word),
        }),
        Kinds::Relation => contact.relations.push(Relation {
            name: text.to_owned(),
            kind: word.to_lowercase(),
            custom: false,
        }),
        Kinds::Event => {
            let kind = match word.to_lowercase().as_str() {
                "anniversary" => DateKind::Anniversary,
                "birthday" => DateKind::Birthday,
                "" | "other" => DateKind::Other,
                _ => DateKind::Custom(word.to_owned()),
            };
            date(contact, text, kind);
        }
    }
}

fn of_word(word: &str) -> Label {
    match word.trim_start_matches('*').trim().to_lowercase().as_str() {
        "" => Label::Unset,
        "home" => Label::Home,
        "work" => Label::Work,
        "other" => Label::Other,
        "mobile" => Label::Mobile,
        "main" => Label::Main,
        "home fax" => Label::HomeFax,
        "work fax" => Label::WorkFax,
        "pager" => Label::Pager,
        "home page" | "homepage" => Label::HomePage,
        "blog" => Label::Blog,
        "profile" => Label::Profile,
        _ => Label::Custom(word.trim_start_matches('*').trim().to_owned()),
    }
}

fn date(contact: &mut Contact, text: &str, kind: DateKind) {
    // Outlook's word for none.
    if text != "0/0/00" {
        contact.dates.push(ContactDate {
            date: text.to_owned(),
            kind,
        });
    }
}
