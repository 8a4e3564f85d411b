//! Makes a contact from the cells of one row.

mod parts;

use std::borrow::Cow;

use super::cell::{is_error, is_spoiled, number, several};
use super::dates::{Day, Order};
use super::field::{label_of, service};
use super::layout::{Column, Layout, Part, Place};
use crate::format::versit::Fault;
use crate::model::{
    Contact, ContactDate, DateKind, Email, InstantMessenger, Label, MessengerService, Nickname,
    Organization, PersonName, Phone, Relation, SipAddress, UnmappedColumn, Website,
};

/// The [`UnmappedColumn::mimetype`] for settings in a table.
const OTHER_COLUMNS: &str = "text/csv";

/// The text of a cell, with its column.
pub(super) struct Cell<'c> {
    pub column: &'c Column,
    /// Without surrounding blanks, and never empty.
    pub text: Cow<'c, str>,
}

/// A fault of a cell, and the text of the cell.
pub(super) type Spoiled = (Fault, String);

/// Properties of the whole table that affect its cells.
#[derive(Debug, Default)]
pub(super) struct Habits {
    pub order: Order,
    /// Settings, by heading, with the same value in every row.
    pub same_everywhere: Vec<(String, String)>,
}

/// Makes the contact of a row. Adds the faults of its cells to `spoiled`.
pub(super) fn contact(
    layout: &Layout,
    habits: &Habits,
    mut cells: Vec<Cell<'_>>,
    spoiled: &mut Vec<Spoiled>,
) -> Contact {
    let mut draft = Draft {
        habits,
        // Lists every field, so that a new field of a contact does not compile until it is filled here.
        contact: Contact {
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
        },
        lines: Vec::new(),
        spoiled,
    };
    for cell in cells.extract_if(.., |cell| is_error(&cell.text)) {
        draft.spoil(&cell.column.heading, &cell.text);
    }
    cells.sort_by_key(|cell| cell.column.place);
    for group in cells.chunk_by(|a, b| a.column.place == b.column.place) {
        if let Some(first) = group.first() {
            draft.place(layout.place(first.column), group);
        }
    }
    draft.finish()
}

struct Draft<'d> {
    habits: &'d Habits,
    contact: Contact,
    /// Lines for the note: values without a field, with their headings.
    lines: Vec<String>,
    spoiled: &'d mut Vec<Spoiled>,
}

/// A value in its column.
struct Labelled<'c> {
    /// Number of the value among those of its place, empty ones included.
    at: usize,
    column: &'c Column,
    text: &'c str,
    /// The label from another column.
    label: &'c str,
}

/// Returns the values of one place that are not empty.
fn values<'c>(cells: &'c [Cell<'_>]) -> impl Iterator<Item = Labelled<'c>> {
    let of = |wanted: Part| cells.iter().filter(move |cell| cell.column.part == wanted);
    let labels: Vec<&str> = of(Part::Label)
        .flat_map(|cell| several(&cell.text))
        .collect();
    let values =
        of(Part::Value).flat_map(|cell| several(&cell.text).map(|text| (cell.column, text)));
    values
        .enumerate()
        .map(move |(at, (column, text))| {
            let all = labels.first().filter(|_| labels.len() == 1);
            Labelled {
                at,
                column,
                text,
                label: labels.get(at).or(all).copied().unwrap_or_default(),
            }
        })
        .filter(|value| !value.text.is_empty())
}

/// Returns the column, the text and the label of each value.
fn labelled<'c>(cells: &'c [Cell<'_>]) -> impl Iterator<Item = (&'c Column, &'c str, &'c str)> {
    values(cells).map(|value| (value.column, value.text, value.label))
}

impl Draft<'_> {
    fn place(&mut self, place: &Place, cells: &[Cell<'_>]) {
        match place {
            Place::Name => self.name(cells),
            Place::Organization => self.organization(cells),
            Place::Address(label) => self.address(label, cells),
            Place::Phone(label) => self.phones(label, cells),
            Place::Email(label) => self.emails(label, cells),
            Place::Messenger(service) => self.messengers(service, cells),
            Place::Birth => self.birth(cells),
            Place::Custom => {
                for (column, text, label) in labelled(cells) {
                    self.custom(&column.heading, label, text);
                }
            }
            Place::Nickname(label) => {
                let names = labelled(cells).map(|(_, name, _)| Nickname {
                    name: name.to_owned(),
                    label: label.clone(),
                });
                self.contact.nicknames.extend(names);
            }
            Place::Website(label) => {
                let sites = labelled(cells).map(|(_, url, word)| Website {
                    url: url.to_owned(),
                    label: label_or(label, word).0,
                });
                self.contact.websites.extend(sites);
            }
            Place::Sip(label) => {
                let addresses = labelled(cells).map(|(_, address, _)| SipAddress {
                    address: address.to_owned(),
                    label: label.clone(),
                });
                self.contact.sip_addresses.extend(addresses);
            }
            Place::Relation(kind) => {
                let relations = labelled(cells).map(|(_, name, word)| relation(kind, word, name));
                self.contact.relations.extend(relations);
            }
            Place::Day(kind) => {
                for (_, text, word) in labelled(cells) {
                    self.day(day_kind(kind, word), text);
                }
            }
            Place::Groups => {
                let texts = cells.iter().flat_map(|cell| several(&cell.text));
                self.groups(texts.flat_map(|text| text.split([';', ','])));
            }
            Place::GoogleGroups => self.groups(cells.iter().flat_map(|cell| several(&cell.text))),
            Place::Note => {
                let notes = cells.iter().map(|cell| cell.text.as_ref().to_owned());
                self.contact.notes.extend(notes);
            }
            Place::Aside => cells.iter().for_each(|cell| self.aside(cell)),
            Place::Setting => cells.iter().for_each(|cell| self.setting(cell)),
            Place::Other => {
                for cell in cells {
                    self.line(&cell.column.heading, &cell.text);
                }
            }
        }
    }

    fn line(&mut self, heading: &str, text: &str) {
        self.lines.push(format!("{heading}: {text}"));
    }

    fn spoil(&mut self, heading: &str, text: &str) {
        self.line(heading, text);
        self.spoiled
            .push((Fault::Number, format!("{heading}: {text}")));
    }

    fn aside(&mut self, cell: &Cell<'_>) {
        self.contact.unmapped.push(UnmappedColumn {
            mimetype: OTHER_COLUMNS.to_owned(),
            column: cell.column.heading.clone(),
            value: cell.text.as_ref().to_owned(),
        });
    }

    fn setting(&mut self, cell: &Cell<'_>) {
        let same = |(heading, text): &(String, String)| {
            *heading == cell.column.heading && *text == cell.text.as_ref()
        };
        let plain = cell.text.to_lowercase();
        let default = matches!(
            plain.as_str(),
            "normal" | "false" | "unspecified" | "no" | "0"
        );
        if default || self.habits.same_everywhere.iter().any(same) {
            self.aside(cell);
        } else {
            self.line(&cell.column.heading, &cell.text);
        }
    }

    fn phones(&mut self, label: &Label, cells: &[Cell<'_>]) {
        for (column, text, word) in labelled(cells) {
            let (label, primary) = label_or(label, word);
            for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
                let number = number(line);
                if is_spoiled(&number) {
                    self.spoil(&column.heading, line);
                } else if !number.chars().any(|c| c.is_numeric()) {
                    self.line(&column.heading, line);
                } else {
                    self.contact.phones.push(Phone {
                        number: number.into_owned(),
                        label: label.clone(),
                        primary,
                        ..Phone::default()
                    });
                }
            }
        }
    }

    fn emails(&mut self, label: &Label, cells: &[Cell<'_>]) {
        let first = self.contact.emails.len();
        for (_, address, word) in labelled(cells) {
            let (label, primary) = label_or(label, word);
            self.contact.emails.push(Email {
                address: address.to_owned(),
                label,
                primary,
                ..Email::default()
            });
        }
        for cell in cells {
            let beside = matches!(cell.column.part, Part::EmailName | Part::EmailType);
            let smtp =
                cell.column.part == Part::EmailType && cell.text.eq_ignore_ascii_case("SMTP");
            if !beside || smtp {
                continue;
            }
            let email = self.contact.emails.get_mut(first);
            let free = email.filter(|email| {
                email.display_name.is_none() && cell.column.part == Part::EmailName
            });
            match free {
                // Outlook repeats the address if there is no name.
                Some(email) if email.address == cell.text.as_ref() => {}
                Some(email) => email.display_name = Some(cell.text.as_ref().to_owned()),
                None => self.line(&cell.column.heading, &cell.text),
            }
        }
    }

    fn messengers(&mut self, fixed: &MessengerService, cells: &[Cell<'_>]) {
        let services = cells
            .iter()
            .filter(|cell| cell.column.part == Part::Service);
        let services: Vec<&str> = services.flat_map(|cell| several(&cell.text)).collect();
        for value in values(cells) {
            let all = services.first().filter(|_| services.len() == 1);
            let named = services.get(value.at).or(all).map(|word| service(word));
            self.contact.messengers.push(InstantMessenger {
                handle: value.text.to_owned(),
                service: named.unwrap_or_else(|| fixed.clone()),
                label: label_of(value.label).0,
            });
        }
    }

    fn day(&mut self, kind: DateKind, text: &str) {
        let date = match self.habits.order.read(text) {
            Day::None => return,
            Day::Date(date) => date,
            Day::Text => text.to_owned(),
        };
        self.contact.dates.push(ContactDate { date, kind });
    }

    /// Reads groups. Google's system groups begin with a star: all contacts, and starred contacts.
    fn groups<'t>(&mut self, texts: impl Iterator<Item = &'t str>) {
        for text in texts.map(str::trim) {
            let own = text.strip_prefix('*').map(str::trim);
            match own
                .map(|own| own.to_lowercase().replace(' ', ""))
                .as_deref()
            {
                Some("mycontacts") => {}
                Some("starred") => self.contact.starred = true,
                _ => {
                    let group = own.unwrap_or(text);
                    if !group.is_empty() && !self.contact.groups.iter().any(|known| known == group)
                    {
                        self.contact.groups.push(group.to_owned());
                    }
                }
            }
        }
    }

    /// Reads a custom field. Labels that Lifeboat and Google write there are understood; others become a line of the
    /// note.
    fn custom(&mut self, heading: &str, label: &str, text: &str) {
        let organization =
            |contact: &mut Contact, place: fn(&mut Organization) -> &mut Option<String>| {
                let last = contact.organizations.last_mut();
                match last.map(place).filter(|place| place.is_none()) {
                    Some(place) => *place = Some(text.to_owned()),
                    None => {
                        let mut new = Organization::default();
                        *place(&mut new) = Some(text.to_owned());
                        contact.organizations.push(new);
                    }
                }
            };
        let contact = &mut self.contact;
        match label.to_lowercase().as_str() {
            "nickname" => contact.nicknames.push(Nickname {
                name: text.to_owned(),
                ..Nickname::default()
            }),
            "name" => contact.names.push(PersonName {
                display: Some(text.to_owned()),
                ..PersonName::default()
            }),
            "company" => contact.organizations.push(Organization {
                company: Some(text.to_owned()),
                ..Organization::default()
            }),
            "job title" => organization(contact, |o| &mut o.title),
            "department" => organization(contact, |o| &mut o.department),
            "job description" => organization(contact, |o| &mut o.job_description),
            "stock symbol" => organization(contact, |o| &mut o.symbol),
            "phonetic company name" => organization(contact, |o| &mut o.phonetic_name),
            "office location" => organization(contact, |o| &mut o.office_location),
            "sip" => contact.sip_addresses.push(SipAddress {
                address: text.to_owned(),
                ..SipAddress::default()
            }),
            "birthday" => self.day(DateKind::Birthday, text),
            "anniversary" => self.day(DateKind::Anniversary, text),
            "" => self.line(heading, text),
            _ => match service(label) {
                MessengerService::Custom(_) => self.line(label, text),
                service => contact.messengers.push(InstantMessenger {
                    handle: text.to_owned(),
                    service,
                    ..InstantMessenger::default()
                }),
            },
        }
    }

    fn finish(self) -> Contact {
        let mut contact = self.contact;
        if let Some(name) = contact.names.first_mut()
            && name.display.is_none()
            && !contact.display_name.is_empty()
        {
            name.display = Some(contact.display_name.clone());
        }
        if !self.lines.is_empty() {
            contact.notes.push(self.lines.join("\n"));
        }
        contact
    }
}

/// Returns the label of the column, otherwise the label from the label cell.
fn label_or(column: &Label, word: &str) -> (Label, bool) {
    let (named, primary) = label_of(word);
    match column {
        Label::Unset => (named, primary),
        column => (column.clone(), primary),
    }
}

fn relation(fixed: &str, word: &str, name: &str) -> Relation {
    let word = word.trim_start_matches('*').trim();
    let word = if fixed.is_empty() { word } else { fixed };
    let plain = word.to_lowercase();
    let known = Relation::KINDS.contains(&plain.as_str());
    Relation {
        name: name.to_owned(),
        custom: !known && !word.is_empty(),
        kind: if known { plain } else { word.to_owned() },
    }
}

fn day_kind(fixed: &DateKind, word: &str) -> DateKind {
    let word = word.trim_start_matches('*').trim();
    match (fixed, word.to_lowercase().as_str()) {
        (DateKind::Other, "anniversary") => DateKind::Anniversary,
        (DateKind::Other, "birthday") => DateKind::Birthday,
        (DateKind::Other, "" | "other") => DateKind::Other,
        (DateKind::Other, _) => DateKind::Custom(word.to_owned()),
        (fixed, _) => fixed.clone(),
    }
}
