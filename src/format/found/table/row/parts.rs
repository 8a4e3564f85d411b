//! Values that are spread over several columns: a name, a company, an address, a birthday.

use super::super::cell::several;
use super::super::dates;
use super::super::field::label_of;
use super::super::layout::Part;
use super::{Cell, Draft, label_or};
use crate::model::{ContactDate, DateKind, Label, Organization, PersonName, PostalAddress};

impl Draft<'_> {
    pub(super) fn name(&mut self, cells: &[Cell<'_>]) {
        let mut names: Vec<PersonName> = Vec::new();
        for cell in cells {
            for (at, text) in several(&cell.text).enumerate() {
                if text.is_empty() {
                    continue;
                }
                if cell.column.part == Part::Display && at == 0 {
                    if self.contact.display_name.is_empty() {
                        text.clone_into(&mut self.contact.display_name);
                    } else if self.contact.display_name != text {
                        self.line(&cell.column.heading, text);
                    }
                    continue;
                }
                let Some(name) = nth(&mut names, at) else {
                    continue;
                };
                let place = match cell.column.part {
                    Part::Display => &mut name.display,
                    Part::Given => &mut name.given,
                    Part::Middle => &mut name.middle,
                    Part::Family => &mut name.family,
                    Part::Prefix => &mut name.prefix,
                    Part::Suffix => &mut name.suffix,
                    Part::SpokenGiven => &mut name.phonetic_given,
                    Part::SpokenMiddle => &mut name.phonetic_middle,
                    Part::SpokenFamily => &mut name.phonetic_family,
                    _ => &mut None,
                };
                if !put(place, text) {
                    self.line(&cell.column.heading, text);
                }
            }
        }
        names.retain(|name| *name != PersonName::default());
        self.contact.names.extend(names);
    }

    pub(super) fn organization(&mut self, cells: &[Cell<'_>]) {
        let mut organizations: Vec<Organization> = Vec::new();
        for cell in cells {
            for (at, text) in several(&cell.text).enumerate() {
                if text.is_empty() {
                    continue;
                }
                let Some(organization) = nth(&mut organizations, at) else {
                    continue;
                };
                let place = match cell.column.part {
                    Part::Company => &mut organization.company,
                    Part::SpokenCompany => &mut organization.phonetic_name,
                    Part::Department => &mut organization.department,
                    Part::Title => &mut organization.title,
                    Part::Role => &mut organization.job_description,
                    Part::Office => &mut organization.office_location,
                    Part::Symbol => &mut organization.symbol,
                    _ => {
                        organization.label = label_of(text).0;
                        continue;
                    }
                };
                if !put(place, text) {
                    self.line(&cell.column.heading, text);
                }
            }
        }
        organizations.retain(|organization| !is_bare(organization));
        self.contact.organizations.extend(organizations);
    }

    pub(super) fn address(&mut self, label: &Label, cells: &[Cell<'_>]) {
        let mut addresses: Vec<PostalAddress> = Vec::new();
        for cell in cells.iter().filter(|cell| cell.column.part != Part::Label) {
            for (at, text) in several(&cell.text).enumerate() {
                if text.is_empty() {
                    continue;
                }
                let Some(address) = nth(&mut addresses, at) else {
                    continue;
                };
                let (place, lines) = match cell.column.part {
                    Part::Formatted => (&mut address.formatted, true),
                    Part::Street => (&mut address.street, true),
                    Part::Extended => (&mut address.neighborhood, true),
                    Part::City => (&mut address.city, false),
                    Part::Region => (&mut address.region, false),
                    Part::Postcode => (&mut address.postcode, false),
                    Part::Country => (&mut address.country, false),
                    Part::PoBox => (&mut address.po_box, false),
                    _ => (&mut None, false),
                };
                match place {
                    Some(known) if lines => {
                        known.push('\n');
                        known.push_str(text);
                    }
                    place => {
                        if !put(place, text) {
                            self.line(&cell.column.heading, text);
                        }
                    }
                }
            }
        }
        let labels = cells.iter().filter(|cell| cell.column.part == Part::Label);
        let labels: Vec<&str> = labels.flat_map(|cell| several(&cell.text)).collect();
        for (at, mut address) in addresses.into_iter().enumerate() {
            if address == PostalAddress::default() {
                continue;
            }
            let all = labels.first().filter(|_| labels.len() == 1);
            let word = labels.get(at).or(all).copied().unwrap_or_default();
            (address.label, address.primary) = label_or(label, word);
            self.contact.addresses.push(address);
        }
    }

    pub(super) fn birth(&mut self, cells: &[Cell<'_>]) {
        let part = |wanted: Part| {
            let mut of = cells.iter().filter(|cell| cell.column.part == wanted);
            of.next().map_or("", |cell| cell.text.as_ref())
        };
        let (year, month, day) = (part(Part::Year), part(Part::Month), part(Part::Day));
        if let Some(date) = dates::of_parts(year, month, day) {
            let kind = DateKind::Birthday;
            return self.contact.dates.push(ContactDate { date, kind });
        }
        for cell in cells
            .iter()
            .filter(|cell| cell.text.chars().any(|c| c != '0'))
        {
            self.line(&cell.column.heading, &cell.text);
        }
    }
}

/// Returns element `at` of a list, and extends the list if necessary.
fn nth<T: Default>(list: &mut Vec<T>, at: usize) -> Option<&mut T> {
    while list.len() <= at {
        list.push(T::default());
    }
    list.get_mut(at)
}

/// Sets a text if there is none yet. Returns false if a different text is already there.
fn put(place: &mut Option<String>, text: &str) -> bool {
    if place.is_none() {
        *place = Some(text.to_owned());
        return true;
    }
    place.as_deref() == Some(text)
}

/// True for an organisation with only a label, which has no meaning.
fn is_bare(organization: &Organization) -> bool {
    let Organization {
        company,
        title,
        department,
        job_description,
        symbol,
        phonetic_name,
        office_location,
        label: _,
    } = organization;
    let parts = [
        company,
        title,
        department,
        job_description,
        symbol,
        phonetic_name,
        office_location,
    ];
    parts.into_iter().all(Option::is_none)
}
