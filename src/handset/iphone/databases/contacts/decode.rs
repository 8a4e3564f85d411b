//! Makes a contact from the rows of one person, or of several persons that the phone joins.

use super::labels;
use crate::handset::iphone::databases::cocoa;
use crate::handset::iphone::databases::row::Row;
use crate::model::uid;
use crate::model::{
    Contact, ContactDate, DateKind, Email, InstantMessenger, Label, MessengerService, Nickname,
    Organization, PersonName, Phone, PostalAddress, Source, UnmappedColumn, Website,
};

/// The name under which values without a field of their own are kept.
pub const KEPT: &str = "com.apple.addressbook";

/// One entry of a person.
pub struct Entry {
    /// What it is: a number, an address (see [`property`]).
    pub property: i64,
    pub label: Option<String>,
    pub value: Option<String>,
    /// The parts of an address or a profile: name and text.
    pub parts: Vec<(String, String)>,
    /// Filled columns that are not read.
    pub others: Vec<(String, String)>,
}

/// The numbers of `ABMultiValue.property`.
pub mod property {
    pub const PHONE: i64 = 3;
    pub const EMAIL: i64 = 4;
    pub const ADDRESS: i64 = 5;
    pub const DATE: i64 = 12;
    pub const MESSENGER: i64 = 13;
    pub const URL: i64 = 22;
    pub const RELATED: i64 = 23;
    pub const PROFILE: i64 = 46;
    /// Entries that consist of parts.
    pub const COMPOSITE: [i64; 3] = [ADDRESS, MESSENGER, PROFILE];
}

/// One row of `ABPerson` with its entries.
pub struct Person {
    pub row: Row,
    pub entries: Vec<Entry>,
    pub groups: Vec<String>,
    pub source: Source,
}

/// Columns of `ABPerson` that fields hold, or that only serve the phone's own order, search and synchronisation.
const READ: [&str; 58] = [
    "rowid",
    "First",
    "Last",
    "Middle",
    "FirstPhonetic",
    "MiddlePhonetic",
    "LastPhonetic",
    "Organization",
    "OrganizationPhonetic",
    "Department",
    "Note",
    "Birthday",
    "JobTitle",
    "Nickname",
    "Prefix",
    "Suffix",
    "PreviousFamilyName",
    "DisplayName",
    "CompositeNameFallback",
    "FirstSort",
    "LastSort",
    "FirstSortSection",
    "LastSortSection",
    "FirstSortLanguageIndex",
    "LastSortLanguageIndex",
    "StoreID",
    "ExternalIdentifier",
    "ExternalModificationTag",
    "ExternalUUID",
    "ExternalRepresentation",
    "guid",
    "PersonLink",
    "IsPreferredName",
    "CreationDate",
    "ModificationDate",
    "PhonemeData",
    "MapsData",
    "ImageURI",
    "ImageType",
    "ImageHash",
    "ImageBackgroundColorsData",
    "ImageSyncFailedTime",
    "MemojiMetadata",
    "Wallpaper",
    "WallpaperURI",
    "WallpaperMetadata",
    "WallpaperSyncFailedTime",
    "WatchWallpaperImageData",
    "SensitiveContentConfiguration",
    "DisplayFlags",
    "PreferredLikenessSource",
    "PreferredPersonaIdentifier",
    "PreferredChannel",
    "DowntimeWhitelist",
    "PreferredApplePersonaIdentifier",
    "LastSync",
    "RecordGUID",
    "Kind",
];

/// Joins the persons that the phone shows as one. The first names the card.
pub fn contact(persons: &[Person]) -> Contact {
    // All fields are listed, so that a new field of a contact does not compile until it is filled here.
    let mut contact = Contact {
        uid: String::new(),
        display_name: String::new(),
        names: Vec::new(),
        nicknames: Vec::new(),
        phones: Vec::new(),
        emails: Vec::new(),
        addresses: Vec::new(),
        organizations: Vec::new(),
        messengers: Vec::new(),
        notes: Vec::new(),
        websites: Vec::new(),
        dates: Vec::new(),
        relations: Vec::new(),
        sip_addresses: Vec::new(),
        identities: Vec::new(),
        groups: Vec::new(),
        custom: Vec::new(),
        unmapped: Vec::new(),
        has_picture: false,
        picture: None,
        attached: Vec::new(),
        starred: false,
        send_to_voicemail: false,
        custom_ringtone: None,
        sources: Vec::new(),
    };
    for person in persons {
        add_row(&mut contact, &person.row);
        for entry in &person.entries {
            add_entry(&mut contact, entry);
        }
        for title in &person.groups {
            add(&mut contact.groups, title.clone());
        }
        contact.sources.push(person.source.clone());
    }
    contact.display_name = shown_name(&contact);
    contact.uid = persons
        .iter()
        .find_map(|person| own_id(&person.row))
        .unwrap_or_else(|| uid::of_contact(&["contact"], &contact));
    contact
}

/// Returns the identifier that the phone or the server gave to the card. `guid` ends with the kind of record on some
/// systems: `…:ABPerson`.
fn own_id(row: &Row) -> Option<String> {
    let id = row.text("ExternalUUID").or_else(|| row.text("guid"))?;
    let id = id.split(':').next().unwrap_or_default().trim();
    (!id.is_empty()).then(|| id.to_owned())
}

/// Adds a value that is not there yet: the same entry of two linked persons is shown once.
fn add<T: PartialEq>(known: &mut Vec<T>, value: T) {
    if !known.contains(&value) {
        known.push(value);
    }
}

fn keep(contact: &mut Contact, column: String, value: String) {
    let kept = UnmappedColumn {
        mimetype: KEPT.to_owned(),
        column,
        value,
    };
    add(&mut contact.unmapped, kept);
}

fn add_row(contact: &mut Contact, row: &Row) {
    let text = |name: &str| row.text(name);
    let mut name = PersonName {
        display: None,
        prefix: text("Prefix"),
        given: text("First"),
        middle: text("Middle"),
        family: text("Last"),
        suffix: text("Suffix"),
        phonetic_given: text("FirstPhonetic"),
        phonetic_middle: text("MiddlePhonetic"),
        phonetic_family: text("LastPhonetic"),
    };
    if name != PersonName::default() {
        name.display = Some(full_name(&name)).filter(|full| !full.is_empty());
        add(&mut contact.names, name);
    }
    for (column, label) in [
        ("Nickname", Label::Default),
        ("PreviousFamilyName", Label::MaidenName),
    ] {
        if let Some(name) = text(column) {
            add(&mut contact.nicknames, Nickname { name, label });
        }
    }
    let organization = Organization {
        company: text("Organization"),
        title: text("JobTitle"),
        department: text("Department"),
        phonetic_name: text("OrganizationPhonetic"),
        ..Organization::default()
    };
    if organization != Organization::default() {
        add(&mut contact.organizations, organization);
    }
    if let Some(note) = text("Note") {
        add(&mut contact.notes, note);
    }
    if let Some(birthday) = text("Birthday") {
        let date = match birthday.trim().parse::<f64>() {
            Ok(seconds) => cocoa::life_date(seconds).unwrap_or(birthday),
            Err(_) => birthday,
        };
        let kind = DateKind::Birthday;
        add(&mut contact.dates, ContactDate { date, kind });
    }
    // A company whose card has a person's name too is shown under the company's.
    if row.flag("Kind") && contact.names.iter().any(|name| name.display.is_some()) {
        keep(contact, "Kind".to_owned(), "1".to_owned());
    }
    for (column, value) in row.others(&READ) {
        // Columns with numbers only: the default values of flags.
        if value != "0" && value != "-1" {
            keep(contact, column, value);
        }
    }
}

fn add_entry(contact: &mut Contact, entry: &Entry) {
    // Without `..`: a new part of an entry does not compile until it is decided where it goes.
    let Entry {
        property,
        label,
        value,
        parts,
        others,
    } = entry;
    let named = label.as_deref();
    let label = labels::label(named);
    let mut parts = parts.clone();
    let mut take = |name: &str| {
        let at = parts
            .iter()
            .position(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(parts.remove(at).1).filter(|text| !text.is_empty())
    };
    let mut rest = value.clone();
    match *property {
        property::PHONE => {
            if let Some(number) = rest.take() {
                let phone = Phone {
                    number,
                    label,
                    normalized: None,
                    primary: false,
                };
                add(&mut contact.phones, phone);
            }
        }
        property::EMAIL => {
            if let Some(address) = rest.take() {
                let email = Email {
                    address,
                    label,
                    display_name: None,
                    primary: false,
                };
                add(&mut contact.emails, email);
            }
        }
        property::ADDRESS => {
            let address = PostalAddress {
                formatted: rest.take(),
                street: take("Street"),
                po_box: None,
                neighborhood: take("SubLocality"),
                city: take("City"),
                region: take("State"),
                postcode: take("ZIP"),
                country: take("Country"),
                label,
                primary: false,
            };
            add(&mut contact.addresses, address);
        }
        property::DATE => {
            if let Some(value) = rest.take() {
                let seconds = value.trim().parse::<f64>().ok();
                let date = seconds.and_then(cocoa::life_date).unwrap_or(value);
                let kind = labels::date_kind(named);
                add(&mut contact.dates, ContactDate { date, kind });
            }
        }
        property::MESSENGER => {
            let handle = take("username").or_else(|| rest.take());
            let service = labels::service(take("service").as_deref());
            let messenger = InstantMessenger {
                handle: handle.unwrap_or_default(),
                service,
                label,
            };
            add(&mut contact.messengers, messenger);
        }
        property::URL => {
            if let Some(url) = rest.take() {
                add(&mut contact.websites, Website { url, label });
            }
        }
        property::RELATED => {
            if let Some(name) = rest.take() {
                add(&mut contact.relations, labels::relation(name, named));
            }
        }
        property::PROFILE => {
            let service = take("service");
            let handle = take("username")
                .or_else(|| take("displayname"))
                .or_else(|| take("identifier"))
                .or_else(|| rest.take());
            if let Some(handle) = handle {
                let messenger = InstantMessenger {
                    handle,
                    service: match &service {
                        Some(service) => MessengerService::Custom(service.clone()),
                        None => MessengerService::Unset,
                    },
                    label: label.clone(),
                };
                add(&mut contact.messengers, messenger);
            }
            if let Some(url) = take("url") {
                let label = match service {
                    Some(service) => Label::Custom(service),
                    None => Label::Profile,
                };
                add(&mut contact.websites, Website { url, label });
            }
        }
        _ => {
            if let Some(name) = named {
                parts.push(("label".to_owned(), name.to_owned()));
            }
        }
    }
    // Values without a field, named after the number of their property.
    for (name, text) in parts.into_iter().chain(others.iter().cloned()) {
        keep(contact, format!("property {property} {name}"), text);
    }
    if let Some(text) = rest.filter(|text| !text.is_empty()) {
        keep(contact, format!("property {property}"), text);
    }
}

/// Returns the full name in the order of its script.
fn full_name(name: &PersonName) -> String {
    let is_east_asian = |text: &Option<String>| {
        let mut chars = text.iter().flat_map(|text| text.chars());
        chars.any(|c| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}'))
    };
    let joined = |parts: &[&Option<String>], between: &str| {
        let parts: Vec<&str> = parts.iter().filter_map(|part| part.as_deref()).collect();
        parts.join(between)
    };
    match is_east_asian(&name.family) || is_east_asian(&name.given) {
        true => joined(
            &[
                &name.prefix,
                &name.family,
                &name.middle,
                &name.given,
                &name.suffix,
            ],
            "",
        ),
        false => joined(&name.parts(), " "),
    }
}

/// The name that the phone shows: the person's, else the company's, the nickname, a number or an address.
fn shown_name(contact: &Contact) -> String {
    let name = contact.names.iter().find_map(|name| name.display.clone());
    name.or_else(|| {
        let mut companies = contact.organizations.iter();
        companies.find_map(|organization| organization.company.clone())
    })
    .or_else(|| contact.nicknames.first().map(|nick| nick.name.clone()))
    .or_else(|| contact.phones.first().map(|phone| phone.number.clone()))
    .or_else(|| contact.emails.first().map(|email| email.address.clone()))
    .unwrap_or_default()
}
