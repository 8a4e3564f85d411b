//! Walks over a contact in a fixed order, for both versions of vCard.
//!
//! What neither version has a property for is left out here: `format::versit::exact` keeps it.

use super::labels::{self, Shown};
use super::name::formatted_name;
use super::text::is_void;
use crate::format::{Losses, PICTURES};
use crate::model::{Contact, Email, Nickname, Organization, PersonName, Phone, PostalAddress};
use crate::phrase;

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
        // Part of FN.
        display_name: _,
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
        sources: _,
    } = contact;
    let mut walk = Walk {
        sink,
        losses,
        groups: 0,
    };
    walk.names(&formatted_name(contact), names, uid);
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
        walk.item("X-SIP", false, &shown, &sip.address, false);
    }
    for website in websites {
        let shown = labels::web(&website.label);
        walk.item("URL", false, &shown, &website.url, false);
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
            .add(phrase("groups (Android's own import ignores them)"));
    }
    walk.identities(identities);
    walk.custom_rows(custom);
    walk.unmapped(unmapped);
    for (set, what) in [
        (*starred, phrase("stars (favourites)")),
        (
            *send_to_voicemail,
            phrase("settings that send calls to voicemail"),
        ),
        (filled(custom_ringtone).is_some(), "ringtones"),
    ] {
        if set {
            walk.losses.add(what);
        }
    }
    if *has_picture && picture.is_none() {
        walk.losses.add(PICTURES);
    }
    // They are put into the card after it is written, like its picture.
    for _ in attached {
        walk.losses.add(phrase(
            "additional pictures, logos, sounds and keys (few programs show them)",
        ));
    }
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

    /// Takes the number of an entry that no line of the card shows. The other entries keep the numbers that earlier
    /// versions gave them, so that a card written again is the same.
    fn unseen(&mut self) {
        self.group(true);
    }

    /// Writes a property with its label. `grouped`: it has a group even without a label beside it.
    fn item(
        &mut self,
        name: &'static str,
        preferred: bool,
        shown: &Shown<'_>,
        value: &str,
        grouped: bool,
    ) {
        let group = self.group(grouped || shown.is_said_beside());
        if is_void(value) {
            return;
        }
        let parameters = Parameters {
            types: shown.types,
            custom: shown.custom,
            service: None,
            preferred,
        };
        self.sink.text(group, name, &parameters, value);
        self.label(group, shown);
    }

    fn label(&mut self, group: Group, shown: &Shown<'_>) {
        if let Some(label) = shown.label {
            self.sink.text(group, "X-ABLabel", &NONE, label);
        }
    }

    fn names(&mut self, shown: &str, names: &[PersonName], uid: &str) {
        self.sink.text(None, "FN", &NONE, shown);
        let empty = PersonName::default();
        let (first, further) = match names.split_first() {
            Some((first, further)) => (first, further),
            None => (&empty, [].as_slice()),
        };
        self.sink.parts(None, "N", &NONE, &structured(first));
        self.sink.text(None, "UID", &NONE, uid);
        let phonetic = [
            ("X-PHONETIC-FIRST-NAME", &first.phonetic_given),
            ("X-PHONETIC-MIDDLE-NAME", &first.phonetic_middle),
            ("X-PHONETIC-LAST-NAME", &first.phonetic_family),
        ];
        for (name, text) in phonetic {
            if let Some(text) = filled(text) {
                self.sink.text(None, name, &NONE, text);
            }
        }
        for name in further {
            let spoken = [
                &name.display,
                &name.phonetic_given,
                &name.phonetic_middle,
                &name.phonetic_family,
            ];
            if name
                .parts()
                .into_iter()
                .chain(spoken)
                .any(|part| filled(part).is_some())
            {
                self.unseen();
                self.losses
                    .add(phrase("additional names of merged contacts"));
            }
        }
    }

    fn nicknames(&mut self, nicknames: &[Nickname]) {
        for nickname in nicknames {
            let shown = labels::nickname(&nickname.label);
            self.item("NICKNAME", false, &shown, &nickname.name, false);
            if shown.label.is_some() {
                self.losses.add(phrase("kinds of nicknames"));
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
            let exact = odd || number.len() < phone.number.len();
            let grouped = normalized.is_some_and(|e164| !is_void(e164)) || exact;
            self.item("TEL", phone.primary, &shown, number, grouped);
            if phone.number.contains([',', ';']) {
                self.losses.add(phrase(
                    "pauses in telephone numbers (Android's own import removes them)",
                ));
            }
        }
    }

    fn emails(&mut self, emails: &[Email]) {
        for email in emails {
            let name = email.display_name.as_deref();
            let shown = labels::electronic(&email.label);
            let named = name.is_some_and(|name| !is_void(name));
            self.item("EMAIL", email.primary, &shown, &email.address, named);
            if name.is_some_and(|name| !name.is_empty()) {
                self.losses
                    .add(phrase("names that belong to e-mail addresses"));
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
            return self.item("ADR", false, &shown, "", false);
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
            (&organization.symbol, phrase("stock symbols of companies")),
            (
                &organization.phonetic_name,
                phrase("phonetic company names"),
            ),
            (&organization.office_location, phrase("office locations")),
        ];
        let mut detailed = false;
        for (_, what) in details.iter().filter(|(text, _)| filled(text).is_some()) {
            detailed = true;
            self.losses.add(what);
        }
        let labelled = shown.is_said_beside();
        let group = self.group(several || detailed || labelled);
        let company = [text(&organization.company), text(&organization.department)];
        if company.iter().any(|part| !part.is_empty()) {
            self.sink.parts(group, "ORG", &NONE, trimmed(&company));
        }
        if let Some(title) = filled(&organization.title) {
            self.sink.text(group, "TITLE", &NONE, title);
        }
        if let Some(role) = filled(&organization.job_description) {
            self.sink.text(group, "ROLE", &NONE, role);
            self.losses.add(phrase(
                "job descriptions (Android's own import ignores them)",
            ));
        }
        self.label(group, &shown);
        if labelled {
            self.losses.add(phrase("labels of companies"));
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
