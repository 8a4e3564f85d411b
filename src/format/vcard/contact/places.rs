//! Reads addresses and organisations: structured properties, and the properties that belong to them.

use super::labels::Kind;
use super::{MAX_GROUP, Reading};
use crate::format::versit::Property;
use crate::model::{Label, Organization, PostalAddress};

/// An organisation that may still get a title or a role.
pub(super) struct Open {
    group: String,
    at: usize,
}

impl Reading<'_> {
    /// Reads a property of an address or an organisation; returns false for other properties.
    pub(super) fn place(&mut self, name: &str, property: &Property) -> bool {
        match name {
            "ADR" => self.address(property),
            "LABEL" => self.whole_address(property),
            "ORG" => self.organization(property),
            "TITLE" => self.detail(property, |organization| &mut organization.title),
            "ROLE" => self.detail(property, |organization| &mut organization.job_description),
            "X-PHONETIC-ORG" => self.detail(property, |o| &mut o.phonetic_name),
            _ => return false,
        }
        true
    }

    fn address(&mut self, property: &Property) {
        let parts = property.fields(4);
        let part = |at: usize| parts.get(at).filter(|part| !part.is_empty()).cloned();
        let formatted = property.parameter("LABEL").map(str::to_owned);
        // Other programs write line breaks as in the example of RFC 6350.
        let formatted = formatted.map(|text| text.replace("\\n", "\n"));
        let beside = self.take(&property.group, "LABEL");
        // Google puts the whole address after the parts.
        let behind = parts.get(7).filter(|_| parts.len() == 8).cloned();
        let shown = behind.is_some() && formatted.is_none() && beside.is_none();
        let formatted = formatted.or(beside).or(behind);
        let address = PostalAddress {
            po_box: part(0),
            neighborhood: part(1),
            street: part(2),
            city: part(3),
            region: part(4),
            postcode: part(5),
            country: part(6),
            formatted: formatted.filter(|text| !text.is_empty()),
            label: self.label(property, Kind::Postal),
            primary: Self::is_preferred(property),
        };
        let bare = PostalAddress {
            label: address.label.clone(),
            primary: address.primary,
            ..PostalAddress::default()
        };
        if address != bare {
            self.card.contact.addresses.push(address);
        }
        // More parts than there are fields for.
        if !shown && parts.iter().skip(7).any(|part| !part.is_empty()) {
            self.keep(property);
        }
    }

    /// Reads the whole address as printed on a label. It belongs to the address before it, or to an address with the
    /// same label.
    fn whole_address(&mut self, property: &Property) {
        let text = property.text();
        let label = self.label(property, Kind::Postal);
        let addresses = &mut self.card.contact.addresses;
        let same = |address: &&mut PostalAddress| address.formatted.is_none();
        let place = addresses
            .iter_mut()
            .rev()
            .take(MAX_GROUP)
            .filter(same)
            .find(|address| label == Label::Unset || address.label == label);
        match place {
            _ if text.is_empty() => {}
            Some(address) => address.formatted = Some(text),
            None => addresses.push(PostalAddress {
                formatted: Some(text),
                label,
                ..PostalAddress::default()
            }),
        }
    }

    fn organization(&mut self, property: &Property) {
        let mut parts = property.parts().into_iter();
        let company = parts.next().filter(|part| !part.is_empty());
        let units: Vec<String> = parts.filter(|part| !part.trim().is_empty()).collect();
        let department = (!units.is_empty()).then(|| units.join(", "));
        let label = self.label(property, Kind::Organization);
        if company.is_none() && department.is_none() {
            return;
        }
        let phonetic_name = property.parameter("SORT-AS").map(str::to_owned);
        let named = |o: &Organization| o.company.is_some() || o.department.is_some();
        // A title came before its organisation.
        let open = self.open_of(&property.group, |o| !named(o));
        let organizations = &mut self.card.contact.organizations;
        if let Some(organization) = open.and_then(|at| organizations.get_mut(at)) {
            organization.company = company;
            organization.department = department;
            if label != Label::Unset {
                organization.label = label;
            }
            let known = organization.phonetic_name.take();
            organization.phonetic_name = known.or(phonetic_name);
            return;
        }
        organizations.push(Organization {
            company,
            department,
            label,
            phonetic_name,
            ..Organization::default()
        });
        self.open(property);
    }

    fn open(&mut self, property: &Property) {
        self.organizations.push(Open {
            group: property.group.clone(),
            at: self.card.contact.organizations.len().saturating_sub(1),
        });
    }

    /// The first organisation of a group that lacks some data, found in the same way as Android's importer does.
    fn open_of(&self, group: &str, lacks: impl Fn(&Organization) -> bool) -> Option<usize> {
        let all = &self.card.contact.organizations;
        self.organizations
            .iter()
            .rev()
            .take(MAX_GROUP)
            .rev()
            .find(|open| open.group == group && all.get(open.at).is_some_and(&lacks))
            .map(|open| open.at)
    }

    fn detail(
        &mut self,
        property: &Property,
        field: impl Fn(&mut Organization) -> &mut Option<String>,
    ) {
        let text = property.text();
        if text.is_empty() {
            return;
        }
        let lacking = |o: &Organization| field(&mut o.clone()).is_none();
        let at = match self.open_of(&property.group, lacking) {
            Some(at) => at,
            None => {
                self.card
                    .contact
                    .organizations
                    .push(Organization::default());
                self.open(property);
                self.card.contact.organizations.len().saturating_sub(1)
            }
        };
        if let Some(organization) = self.card.contact.organizations.get_mut(at) {
            *field(organization) = Some(text);
            // Without an ORG, the label of the group is not yet read.
            if organization.label == Label::Unset {
                let label = self.label(property, Kind::Organization);
                if let Some(organization) = self.card.contact.organizations.get_mut(at) {
                    organization.label = label;
                }
            }
        }
    }
}
