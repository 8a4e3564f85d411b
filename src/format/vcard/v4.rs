//! Writes vCard 4.0 (RFC 6350, RFC 9554) with the `vcard` crate: the most complete form, for the archive.
//!
//! Each card is built, validated, written, read again and compared. The types of the crate are strict. Values that
//! they refuse (an invalid e-mail address, a URL without a scheme or one that would be normalised, unusual dates) are
//! only in the line that `format::versit::exact` describes.

use std::str::FromStr;

use vcard::values::{
    AddressValue, Date, DateAndOrTimeOrText, EmailValue, NameValue, OrgValue, TelValue, TextOrUri,
    Token, Uri,
};
use vcard::{
    ExtensionProperty, FormattedName, GroupName, Parameters as CardParameters, Pref, Property,
    TypeValue, VCard,
};

use super::dates::date;
use super::text::{escape, guarded, parameter_text, scrubbed, with_lf};
use super::v3::{count_controls, keep_exact, uid_of};
use super::walk::{Group, Parameters, Sink, walk};
use crate::format::Losses;
use crate::model::Contact;
use crate::phrase;

/// Result of writing a card.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Number of values that the types of 4.0 refused. Only the property for exact values has them.
    pub extensions: u64,
    /// The card was refused as a whole, so everything except its name and UID is in extension properties or in the
    /// property for exact values.
    pub plain: bool,
}

/// A card that cannot be written as 4.0, even with only extension properties.
#[derive(Debug, thiserror::Error)]
#[error(
    "the card {uid} can't be written as vCard 4.0 and is missing from contacts-v4.vcf. It is in contacts.vcf"
)]
pub struct Refused {
    /// UID of the card.
    pub uid: String,
}

/// Appends the contact to `out` as one vCard 4.0.
///
/// # Errors
/// If the `vcard` crate refuses every form of the card; `out` is then unchanged.
pub fn write(
    contact: &Contact,
    out: &mut Vec<u8>,
    losses: &mut Losses,
) -> Result<Written, Refused> {
    let uid = uid_of(contact);
    for plain in [false, true] {
        let mut builder = Builder {
            plain,
            ..Builder::default()
        };
        let mut lost = Losses::default();
        walk(contact, &uid, &mut builder, &mut lost);
        if let Some(text) = proven(&builder.card) {
            let start = out.len();
            out.extend_from_slice(text.as_bytes());
            keep_exact(contact, out, start);
            losses.merge(&lost);
            losses.merge(&builder.refused);
            count_controls(builder.controls, losses);
            return Ok(Written {
                extensions: builder.extensions,
                plain,
            });
        }
    }
    Err(Refused {
        uid: uid.into_owned(),
    })
}

/// Returns the card as text, if the crate reads the text as the same card.
fn proven(card: &VCard) -> Option<String> {
    card.validate().ok()?;
    let text = card.to_string();
    let written = guarded(text.clone());
    let again = VCard::from_str(&written).ok()?;
    again.validate().ok()?;
    (again.to_string() == text).then_some(written)
}

#[derive(Default)]
struct Builder {
    card: VCard,
    /// Writes everything except FN and UID as extension properties.
    plain: bool,
    controls: u64,
    extensions: u64,
    refused: Losses,
}

impl Builder {
    fn clean(&mut self, text: &str) -> String {
        let text = with_lf(text);
        let (clean, controls) = scrubbed(&text);
        self.controls += controls;
        clean.into_owned()
    }

    fn property<V>(
        &self,
        group: Group,
        name: &str,
        parameters: &Parameters<'_>,
        value: V,
    ) -> Property<V> {
        let mut property = Property::new(value);
        property.group = group_name(group);
        property.parameters = card_parameters(name, parameters);
        property
    }

    /// Writes a property without a type in 4.0, if another program knows its name.
    fn extension(&mut self, group: Group, name: &str, parameters: &Parameters<'_>, raw: String) {
        let known = name.starts_with("X-");
        if let Some(token) = Token::from_str(name).ok().filter(|_| known) {
            let mut property = ExtensionProperty::new(token, raw);
            property.group = group_name(group);
            property.parameters = card_parameters(name, parameters);
            self.card.extensions.push(property);
        }
    }

    /// Counts a text that the type of its property refuses.
    fn refuse(&mut self, what: &str) {
        self.extensions += 1;
        self.refused.add(what);
    }

    fn raw_text(&mut self, group: Group, name: &str, parameters: &Parameters<'_>, value: &str) {
        let mut raw = String::with_capacity(value.len());
        self.controls += escape(&mut raw, value);
        self.extension(group, name, parameters, raw);
    }
}

impl Sink for Builder {
    fn text(&mut self, group: Group, name: &'static str, parameters: &Parameters<'_>, value: &str) {
        if name == "FN" {
            let value = self.clean(value);
            return self.card.formatted_names.push(FormattedName::new(value));
        }
        if name == "UID" {
            let value = TextOrUri::Text(self.clean(value));
            return self.card.uids.push(Property::new(value));
        }
        if self.plain {
            return self.raw_text(group, name, parameters, value);
        }
        match name {
            "TEL" => {
                let value = TelValue::Text(self.clean(value));
                self.card
                    .telephones
                    .push(self.property(group, name, parameters, value));
            }
            "EMAIL" => match EmailValue::from_str(value) {
                Ok(address) if scrubbed(value).1 == 0 => {
                    self.card
                        .emails
                        .push(self.property(group, name, parameters, address));
                }
                _ => self.refuse(phrase("e-mail addresses that are not valid")),
            },
            "URL" => match Uri::from_str(value) {
                Ok(uri) if uri.as_str() == value => {
                    self.card
                        .urls
                        .push(self.property(group, name, parameters, uri));
                }
                _ => self.refuse(phrase("web addresses that vCard 4.0 would change")),
            },
            "BDAY" | "ANNIVERSARY" => match card_date(value) {
                Some(day) => {
                    let property =
                        self.property(group, name, parameters, DateAndOrTimeOrText::from(day));
                    match name {
                        "BDAY" => self.card.birthdays.push(property),
                        _ => self.card.anniversaries.push(property),
                    }
                }
                None => self.refuse(phrase("days that are not valid dates in vCard 4.0")),
            },
            // In 4.0, the whole address is a parameter of ADR. Quotes in it confuse readers without RFC 6868.
            "LABEL" if !value.contains(['"', '^']) => {
                let value = self.clean(value);
                if let Some(address) = self.card.addresses.last_mut() {
                    address.parameters.label = Some(value);
                }
            }
            "NICKNAME" | "TITLE" | "ROLE" | "NOTE" => {
                let value = self.clean(value);
                match name {
                    "NICKNAME" => {
                        let property = self.property(group, name, parameters, vec![value]);
                        self.card.nicknames.push(property);
                    }
                    "TITLE" => {
                        self.card
                            .titles
                            .push(self.property(group, name, parameters, value));
                    }
                    "ROLE" => self
                        .card
                        .roles
                        .push(self.property(group, name, parameters, value)),
                    _ => self
                        .card
                        .notes
                        .push(self.property(group, name, parameters, value)),
                }
            }
            _ => self.raw_text(group, name, parameters, value),
        }
    }

    fn parts(
        &mut self,
        group: Group,
        name: &'static str,
        parameters: &Parameters<'_>,
        parts: &[&str],
    ) {
        let one = |text: &str| {
            if text.is_empty() {
                Vec::new()
            } else {
                vec![text.to_owned()]
            }
        };
        let own = matches!(name, "N" | "ADR" | "ORG") && !self.plain;
        let cleaned: Vec<String> = if own {
            parts.iter().map(|part| self.clean(part)).collect()
        } else {
            Vec::new()
        };
        let cleaned: Vec<&str> = cleaned.iter().map(String::as_str).collect();
        match (name, cleaned.as_slice()) {
            ("N", &[family, given, middle, prefix, suffix]) => {
                let value = NameValue {
                    family_names: one(family),
                    given_names: one(given),
                    additional_names: one(middle),
                    honorific_prefixes: one(prefix),
                    honorific_suffixes: one(suffix),
                    ..NameValue::default()
                };
                self.card
                    .names
                    .push(self.property(group, name, parameters, value));
            }
            ("ADR", &[po_box, extended, street, city, region, postcode, country]) => {
                let value = AddressValue {
                    post_office_boxes: one(po_box),
                    extended_addresses: one(extended),
                    street_addresses: one(street),
                    localities: one(city),
                    regions: one(region),
                    postal_codes: one(postcode),
                    countries: one(country),
                    ..AddressValue::default()
                };
                self.card
                    .addresses
                    .push(self.property(group, name, parameters, value));
            }
            ("ORG", [company, units @ ..]) => {
                let value = OrgValue {
                    name: (*company).to_owned(),
                    units: units.iter().map(|unit| (*unit).to_owned()).collect(),
                };
                self.card
                    .organizations
                    .push(self.property(group, name, parameters, value));
            }
            _ => {
                let mut raw = String::new();
                for (at, part) in parts.iter().enumerate() {
                    if at > 0 {
                        raw.push(';');
                    }
                    self.controls += escape(&mut raw, part);
                }
                self.extension(group, name, parameters, raw);
            }
        }
    }

    fn list(&mut self, name: &'static str, items: &[&str]) {
        if !self.plain && name == "CATEGORIES" {
            let items = items.iter().map(|item| self.clean(item)).collect();
            self.card.categories.push(Property::new(items));
        }
    }

    fn uri(&mut self, group: Group, name: &'static str, parameters: &Parameters<'_>, uri: &str) {
        match Uri::from_str(uri) {
            Ok(value) if !self.plain && name == "IMPP" && value.as_str() == uri => {
                self.card
                    .impps
                    .push(self.property(group, name, parameters, value));
            }
            _ => self.extension(group, name, parameters, uri.to_owned()),
        }
    }

    fn related(&mut self, group: Group, kind: &str, name: &str) {
        if self.plain {
            return;
        }
        let value = TextOrUri::Text(self.clean(name));
        let mut property = self.property(group, "RELATED", &Parameters::default(), value);
        property.parameters.types.extend(related_type(kind));
        self.card.relations.push(property);
    }
}

fn group_name(group: Group) -> Option<GroupName> {
    GroupName::from_str(&format!("item{}", group?)).ok()
}

fn card_date(text: &str) -> Option<Date> {
    let date = date(text)?;
    match date.year {
        Some(year) => Date::from_year_month_day(year, date.month, date.day).ok(),
        None => Date::from_month_day(date.month, date.day).ok(),
    }
}

/// Converts parameters to 4.0: telephones have their own types, PREF is a number, and a custom label must be a token.
fn card_parameters(name: &str, parameters: &Parameters<'_>) -> CardParameters {
    let mut card = CardParameters::default();
    for kind in parameters.types {
        let known = match (*kind, name) {
            ("HOME" | "WORK", _) => TypeValue::from_str(kind),
            ("VOICE" | "CELL" | "FAX" | "PAGER", "TEL") => TypeValue::from_str(kind),
            // Types of 3.0 that 4.0 removed, and telephone types on other properties.
            _ if kind.starts_with("X-") => TypeValue::from_str(kind),
            _ => TypeValue::from_str(&format!("X-{kind}")),
        };
        card.types.extend(known);
    }
    if let Some(label) = parameters.custom.and_then(parameter_text) {
        // A label that is not a token is only in X-ABLabel.
        let token = label.replace(' ', "-");
        card.types
            .extend(TypeValue::from_str(&format!("X-{token}")));
    }
    card.service_type = parameters.service.and_then(parameter_text);
    card.pref = parameters.preferred.then(|| Pref::new(1).ok()).flatten();
    card
}

/// The nearest relation type of RFC 6350 (section 6.6.6).
fn related_type(kind: &str) -> Option<TypeValue> {
    Some(match kind {
        "spouse" => TypeValue::Spouse,
        "child" => TypeValue::Child,
        "father" | "mother" | "parent" => TypeValue::Parent,
        "brother" | "sister" => TypeValue::Sibling,
        "friend" => TypeValue::Friend,
        "relative" => TypeValue::Kin,
        "domestic partner" | "partner" => TypeValue::Sweetheart,
        "assistant" => TypeValue::Agent,
        _ => return None,
    })
}
