//! Walks over a contact in a fixed order, for both versions of vCard.

use super::labels::{self, Shown};
use super::name::formatted_name;
use super::text::is_void;
use crate::format::{Losses, PICTURES};
use crate::model::{Contact, Email, Nickname, Organization, PersonName, Phone, PostalAddress};

mod entries;

/// Number of the group that properties share; None: no group.
pub(super) type Group = Option<u32>;

/// Parameters of a property.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Parameters<'a> {
    pub types: &'static [&'static str],
    /// The owner's custom label. It becomes `TYPE=X-…`, as far as a parameter can hold it.
    pub custom: Option<&'a str>,
    /// Value for `X-SERVICE-TYPE`.
    pub service: Option<&'a str>,
    /// The owner's default among several entries.
    pub preferred: bool,
}

/// Receives the properties of one card. Values are the handset's texts, not yet escaped or cleaned.
pub(super) trait Sink {
    /// Writes a property with one text.
    fn text(&mut self, group: Group, name: &'static str, parameters: &Parameters<'_>, value: &str);
    /// Writes a property whose parts are separated by semicolons.
    fn parts(
        &mut self,
        group: Group,
        name: &'static str,
        parameters: &Parameters<'_>,
        parts: &[&str],
    );
    /// Writes a property whose items are separated by commas.
    fn list(&mut self, name: &'static str, items: &[&str]);
    /// Writes a property with a URI that needs no escaping.
    fn uri(&mut self, group: Group, name: &'static str, parameters: &Parameters<'_>, uri: &str);
    /// Writes a related person, if this version has a property for that.
    fn related(&mut self, _group: Group, _kind: &str, _name: &str) {}
}

const NONE: Parameters<'static> = Parameters {
    types: &[],
    custom: None,
    service: None,
    preferred: false,
};

/// Passes every field of the contact to `sink`; FN, N and UID come first. `losses` counts values that are in the file
/// but that the most common import programs do not show.
pub(super) fn walk<S: Sink>(contact: &Contact, uid: &str, sink: &mut S, losses: &mut Losses) {
    // No `..`, so a new field of a contact does not compile until this writer handles it.
    let Contact {
        uid: _,
        display_name,
        names,
        nicknames,
        phones,
        emails,
        addresses,
        organizations,
        messengers,
        notes,
        websites,
        dates,
        relations,
        sip_addresses,
        identities,
        groups,
        custom,
        unmapped,
        has_picture,
        picture,
        attached,
        starred,
        send_to_voicemail,
        custom_ringtone,
        sources,
    } = contact;
    let mut walk = Walk {
        sink,
        losses,
        groups: 0,
    };
    walk.names(&formatted_name(contact), display_name, names, uid);
    walk.nicknames(nicknames);
    walk.phones(phones);
    walk.emails(emails);
    for address in addresses {
        walk.address(address);
    }
    walk.organizations(organizations);
    walk.messengers(messengers);
    for sip in sip_addresses {
        let shown = labels::electronic(&sip.label);
        walk.item("X-SIP", false, &shown, &sip.address, &[]);
    }
    for website in websites {
        walk.item(
            "URL",
            false,
            &labels::web(&website.label),
            &website.url,
            &[],
        );
    }
    walk.dates(dates);
    walk.relations(relations);
    for note in notes.iter().filter(|note| !is_void(note)) {
        walk.sink.text(None, "NOTE", &NONE, note);
    }
    let groups: Vec<&str> = groups
        .iter()
        .map(String::as_str)
        .filter(|title| !is_void(title))
        .collect();
    if !groups.is_empty() {
        walk.sink.list("CATEGORIES", &groups);
        walk.losses
            .add("groups (Android's own import leaves them out)");
    }
    walk.identities(identities);
    walk.custom_rows(custom);
    walk.unmapped(unmapped);
    walk.flags(*starred, *send_to_voicemail, custom_ringtone);
    if *has_picture && picture.is_none() {
        walk.losses.add(PICTURES);
    }
    // They are put into the card after it is written, like its picture.
    for _ in attached {
        walk.losses
            .add("further pictures, logos, sounds and keys (few programs show them)");
    }
    walk.sources(sources);
}

struct Walk<'s, S> {
    sink: &'s mut S,
    losses: &'s mut Losses,
    groups: u32,
}

impl<S: Sink> Walk<'_, S> {
    fn group(&mut self, wanted: bool) -> Group {
        wanted.then(|| {
            self.groups = self.groups.saturating_add(1);
            self.groups
        })
    }

    /// Writes a property with a label, and related values in the same group. Leaves out an empty value, unless there
    /// are related values.
    fn item(
        &mut self,
        name: &'static str,
        preferred: bool,
        shown: &Shown<'_>,
        value: &str,
        beside: &[(&'static str, Option<&str>)],
    ) {
        let beside = || {
            beside
                .iter()
                .filter_map(|&(n, text)| Some((n, text.filter(|t| !is_void(t))?)))
        };
        let group = self.group(shown.is_said_beside() || beside().next().is_some());
        let parameters = Parameters {
            types: shown.types,
            custom: shown.custom,
            service: None,
            preferred: preferred && !is_void(value),
        };
        if !is_void(value) {
            self.sink.text(group, name, &parameters, value);
        } else if group.is_some() {
            self.sink.text(group, "X-LIFEBOAT-EMPTY", &parameters, name);
        } else {
            return;
        }
        for (name, text) in beside() {
            self.sink.text(group, name, &NONE, text);
        }
        self.label(group, shown);
    }

    fn label(&mut self, group: Group, shown: &Shown<'_>) {
        if let Some(label) = shown.label {
            self.sink.text(group, "X-ABLabel", &NONE, label);
        }
        if let Some(number) = shown.number {
            self.sink.text(group, "X-LIFEBOAT-TYPE", &NONE, number);
        }
    }

    /// Writes one property for each non-empty text.
    fn all(&mut self, group: Group, texts: &[(&'static str, &Option<String>)]) {
        for (name, text) in texts {
            if let Some(text) = filled(text) {
                self.sink.text(group, name, &NONE, text);
            }
        }
    }

    fn names(&mut self, shown: &str, display_name: &str, names: &[PersonName], uid: &str) {
        self.sink.text(None, "FN", &NONE, shown);
        let empty = PersonName::default();
        let (first, further) = match names.split_first() {
            Some((first, further)) => (first, further),
            None => (&empty, [].as_slice()),
        };
        self.sink.parts(None, "N", &NONE, &structured(first));
        self.sink.text(None, "UID", &NONE, uid);
        let other = [Some(display_name), first.display.as_deref()];
        let mut last = "";
        for name in other.into_iter().flatten() {
            if !name.is_empty() && name != shown && name != last {
                self.sink.text(None, "X-LIFEBOAT-SHOWN-AS", &NONE, name);
                last = name;
            }
        }
        let phonetic = [
            ("X-PHONETIC-FIRST-NAME", &first.phonetic_given),
            ("X-PHONETIC-MIDDLE-NAME", &first.phonetic_middle),
            ("X-PHONETIC-LAST-NAME", &first.phonetic_family),
        ];
        self.all(None, &phonetic);
        for name in further {
            let parts = [
                ("X-LIFEBOAT-SHOWN-AS", &name.display),
                ("X-LIFEBOAT-PREFIX", &name.prefix),
                ("X-LIFEBOAT-GIVEN-NAME", &name.given),
                ("X-LIFEBOAT-MIDDLE-NAME", &name.middle),
                ("X-LIFEBOAT-FAMILY-NAME", &name.family),
                ("X-LIFEBOAT-SUFFIX", &name.suffix),
                ("X-LIFEBOAT-PHONETIC-GIVEN-NAME", &name.phonetic_given),
                ("X-LIFEBOAT-PHONETIC-MIDDLE-NAME", &name.phonetic_middle),
                ("X-LIFEBOAT-PHONETIC-FAMILY-NAME", &name.phonetic_family),
            ];
            let group = self.group(parts.iter().any(|(_, part)| filled(part).is_some()));
            if group.is_some() {
                self.all(group, &parts);
                self.losses.add("further names of joined contacts");
            }
        }
    }

    fn nicknames(&mut self, nicknames: &[Nickname]) {
        for nickname in nicknames {
            let shown = labels::nickname(&nickname.label);
            self.item("NICKNAME", false, &shown, &nickname.name, &[]);
            if shown.label.is_some() {
                self.losses.add("kinds of nicknames");
            }
        }
    }

    fn phones(&mut self, phones: &[Phone]) {
        for phone in phones {
            let normalized = phone
                .normalized
                .as_deref()
                .filter(|e164| *e164 != phone.number);
            let shown = labels::phone(&phone.label);
            // vCard 3.0 has no type for a number typed as a URI. Readers would also dial its letters.
            let number = without_scheme(&phone.number);
            // Android's importer removes pauses from a number, other readers remove backslashes.
            let odd = phone.number.contains([',', ';', '\\', '\n', '\r']);
            let exact = (odd || number.len() < phone.number.len()).then_some(phone.number.as_str());
            let beside = [("X-LIFEBOAT-TEL", exact), ("X-LIFEBOAT-E164", normalized)];
            self.item("TEL", phone.primary, &shown, number, &beside);
            if phone.number.contains([',', ';']) {
                self.losses
                    .add("pauses in telephone numbers (Android's own import takes them out)");
            }
        }
    }

    fn emails(&mut self, emails: &[Email]) {
        for email in emails {
            let name = email.display_name.as_deref();
            let beside = [("X-LIFEBOAT-EMAIL-NAME", name)];
            let shown = labels::electronic(&email.label);
            self.item("EMAIL", email.primary, &shown, &email.address, &beside);
            if name.is_some_and(|name| !name.is_empty()) {
                self.losses.add("names that belong to e-mail addresses");
            }
        }
    }

    fn address(&mut self, address: &PostalAddress) {
        let shown = labels::postal(&address.label);
        let formatted = text(&address.formatted);
        let mut parts = [
            &address.po_box,
            &address.neighborhood,
            &address.street,
            &address.city,
            &address.region,
            &address.postcode,
            &address.country,
        ]
        .map(text);
        let unparted = parts.iter().all(|part| part.is_empty());
        if unparted && formatted.is_empty() {
            return self.item("ADR", false, &shown, "", &[]);
        }
        // Importers show only the parts, so a whole address without parts is written as the street.
        if unparted && let Some(street) = parts.get_mut(2) {
            *street = formatted;
        }
        let group = self.group(shown.is_said_beside());
        let parameters = Parameters {
            types: shown.types,
            custom: shown.custom,
            service: None,
            preferred: address.primary,
        };
        self.sink.parts(group, "ADR", &parameters, &parts);
        if !formatted.is_empty() && !parts.contains(&formatted) {
            let parameters = Parameters {
                preferred: false,
                ..parameters
            };
            self.sink.text(group, "LABEL", &parameters, formatted);
        }
        self.label(group, &shown);
    }

    /// Writes organisations with a title first, because Android's importer gives a TITLE to the first organisation
    /// without one.
    fn organizations(&mut self, organizations: &[Organization]) {
        let titled = |o: &&Organization| filled(&o.title).is_some();
        let first = organizations.iter().filter(titled);
        for organization in first.chain(organizations.iter().filter(|o| !titled(o))) {
            self.organization(organization, organizations.len() > 1);
        }
    }

    fn organization(&mut self, organization: &Organization, several: bool) {
        let shown = labels::organization(&organization.label);
        let details = [
            ("X-LIFEBOAT-STOCK-SYMBOL", &organization.symbol),
            ("X-LIFEBOAT-PHONETIC-COMPANY", &organization.phonetic_name),
            ("X-LIFEBOAT-OFFICE", &organization.office_location),
        ];
        let detailed = details.iter().any(|(_, text)| filled(text).is_some());
        let labelled = shown.is_said_beside();
        let group = self.group(several || detailed || labelled);
        let company = [text(&organization.company), text(&organization.department)];
        if company.iter().any(|part| !part.is_empty()) {
            self.sink.parts(group, "ORG", &NONE, trimmed(&company));
        } else if labelled {
            self.sink.text(group, "X-LIFEBOAT-EMPTY", &NONE, "ORG");
        }
        if let Some(title) = filled(&organization.title) {
            self.sink.text(group, "TITLE", &NONE, title);
        }
        if let Some(role) = filled(&organization.job_description) {
            self.sink.text(group, "ROLE", &NONE, role);
            self.losses
                .add("job descriptions (Android's own import leaves them out)");
        }
        self.all(group, &details);
        let words = [
            "stock symbols of companies",
            "phonetic company names",
            "office locations",
        ];
        for ((_, text), what) in details.iter().zip(words) {
            if filled(text).is_some() {
                self.losses.add(what);
            }
        }
        self.label(group, &shown);
        if labelled {
            self.losses.add("labels of companies");
        }
    }
}

/// Returns a telephone number without the scheme of a global `tel` URI (RFC 3966, section 3).
fn without_scheme(number: &str) -> &str {
    match number.split_at_checked(4) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("tel:") && rest.starts_with('+') => {
            rest
        }
        _ => number,
    }
}

/// The five parts of N.
fn structured(name: &PersonName) -> [&str; 5] {
    [
        &name.family,
        &name.given,
        &name.middle,
        &name.prefix,
        &name.suffix,
    ]
    .map(text)
}

fn text(value: &Option<String>) -> &str {
    filled(value).unwrap_or_default()
}

fn filled(value: &Option<String>) -> Option<&str> {
    value.as_deref().filter(|text| !is_void(text))
}

/// Returns the parts without empty ones at the end, but at least one part.
fn trimmed<'a, 'b>(parts: &'a [&'b str]) -> &'a [&'b str] {
    let length = parts
        .iter()
        .rposition(|part| !part.is_empty())
        .map_or(1, |last| last + 1);
    parts.get(..length).unwrap_or(parts)
}
