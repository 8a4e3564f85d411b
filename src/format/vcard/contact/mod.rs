//! Reads a card of any version and origin into a contact.
//!
//! Every property without a field in the model is kept in [`Contact::unmapped`], under its own name. Cards that
//! Lifeboat wrote ([`v3`](super::v3), [`v4`](super::v4)) are then restored exactly, see
//! `format::versit::exact`.

mod dates;
mod entries;
mod labels;
mod names;
mod places;

use std::collections::HashMap;

use crate::format::versit::exact::{self, Data, Exact as _, exact};
use crate::format::versit::{Component, Parameter, Property};
use crate::model::{Contact, UnmappedColumn};

exact!(Contact {
    one { display_name, starred, send_to_voicemail, custom_ringtone, }
    list {
        names, nicknames, phones, emails, addresses, organizations, messengers, notes, websites, dates, relations,
        sip_addresses, identities, groups, custom, unmapped, sources,
    }
    // UID and the pictures stand in properties of their own.
    not { uid, has_picture, picture, attached, }
});

/// The [`UnmappedColumn::mimetype`] for other properties of a card.
pub const OTHER_PROPERTIES: &str = "text/vcard";

/// Maximum number of properties of one group that are searched for related properties. No program writes that many.
const MAX_GROUP: usize = 64;

/// A card after reading.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Card {
    pub contact: Contact,
    pub attachments: Vec<Attachment>,
    /// For the card of a group (RFC 6350 section 6.1.4, and Apple's form): the members, by identifier or address.
    pub members: Option<Vec<String>>,
}

/// A picture, a logo, a sound or a key inside a card.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attachment {
    /// Property name: `PHOTO`, `LOGO`, `SOUND`, `KEY`…
    pub property: String,
    /// Type that the card gives: `JPEG`, `image/jpeg`; empty if it gives none.
    pub media: String,
    pub bytes: Vec<u8>,
}

/// Reads the properties of one card, without the cards inside it.
pub fn read(component: &Component) -> Card {
    let mut reading = Reading::new(&component.properties);
    // Read last: an IMPP may repeat another, better property, and a label may come before its property.
    let (mut messengers, mut labels) = (Vec::new(), Vec::new());
    for each in component.properties.iter().enumerate() {
        match each.1.name.as_str() {
            "X-ABLABEL" => labels.push(each),
            name if name.ends_with("IMPP") => messengers.push(each),
            _ => reading.unused(each),
        }
    }
    for each in messengers.into_iter().chain(labels) {
        reading.unused(each);
    }
    reading.finish()
}

struct Reading<'a> {
    properties: &'a [Property],
    groups: HashMap<&'a str, Vec<usize>>,
    /// Properties that were already read together with another property of their group.
    used: Vec<bool>,
    card: Card,
    /// Values that are in the model but not visible in the card.
    exact: Option<Data>,
    phonetic: [Option<String>; 3],
    /// The card is a group, with these members.
    group: bool,
    members: Vec<&'a Property>,
    /// Organisations with their groups, including those that may still get a TITLE or ROLE.
    organizations: Vec<places::Open>,
}

impl<'a> Reading<'a> {
    fn new(properties: &'a [Property]) -> Self {
        let mut groups: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, property) in properties.iter().enumerate() {
            if !property.group.is_empty() {
                let group = groups.entry(&property.group).or_default();
                if group.len() < MAX_GROUP {
                    group.push(at);
                }
            }
        }
        Self {
            properties,
            groups,
            used: vec![false; properties.len()],
            card: Card::default(),
            exact: None,
            phonetic: [None, None, None],
            organizations: Vec::new(),
            group: false,
            members: Vec::new(),
        }
    }

    fn is_used(&self, at: usize) -> bool {
        self.used.get(at).copied().unwrap_or(false)
    }

    fn mark(&mut self, at: usize) {
        self.set_used(at, true);
    }

    fn set_used(&mut self, at: usize, used: bool) {
        if let Some(place) = self.used.get_mut(at) {
            *place = used;
        }
    }

    /// The unread property with this name in a group, with its index.
    fn find(&self, group: &str, name: &str) -> Option<(usize, &'a Property)> {
        let group = self.groups.get(group)?;
        group.iter().find_map(|&at| {
            let property = self.properties.get(at)?;
            (property.name == name && !self.is_used(at)).then_some((at, property))
        })
    }

    /// Reads the text of the property with this name in the group and marks it as read. None if there is no such
    /// property or it is empty.
    fn take(&mut self, group: &str, name: &str) -> Option<String> {
        let (at, property) = self.find(group, name)?;
        self.mark(at);
        Some(property.text()).filter(|text| !text.is_empty())
    }

    /// Reads a property, unless it was already read together with another.
    fn unused(&mut self, (at, property): (usize, &'a Property)) {
        if !self.is_used(at) {
            self.property(at, property);
        }
    }

    fn property(&mut self, at: usize, property: &'a Property) {
        self.mark(at);
        if let Some(bytes) = &property.bytes {
            return self.attachment(property, bytes);
        }
        match property.name.as_str() {
            "VERSION" | "BEGIN" | "END" => {}
            name if is_own_form(name, "KIND") => {
                match property.text().trim().to_ascii_lowercase().as_str() {
                    "group" => self.group = true,
                    // The default kind of every card.
                    "individual" => {}
                    _ => self.keep(property),
                }
            }
            "X-EVOLUTION-LIST" if property.raw.trim().eq_ignore_ascii_case("TRUE") => {
                self.group = true;
                let members = self.properties.iter().filter(|p| p.name == "EMAIL");
                self.members.extend(members);
            }
            name if is_own_form(name, "MEMBER") => self.members.push(property),
            "UID" if self.card.contact.uid.is_empty() => {
                self.card.contact.uid = property.text();
            }
            "NOTE" => {
                let note = property.text();
                if !note.is_empty() {
                    self.card.contact.notes.push(note);
                }
            }
            "CATEGORIES" => {
                let items = property.items().into_iter();
                let items = items.filter(|item| !item.trim().is_empty());
                self.card.contact.groups.extend(items);
            }
            // A card as text, as in vCard 3.0, is read as a separate card.
            "AGENT" if is_card(property) => {}
            exact::NAME if self.exact.is_none() => {
                self.exact = exact::parsed(&property.text());
                if self.exact.is_none() {
                    self.keep(property);
                }
            }
            name => {
                let read = self.name(name, property)
                    || self.entry(name, property)
                    || self.place(name, property)
                    || self.date(name, property)
                    || self.other_app(name, at, property)
                    || self.misnamed(property);
                if !read {
                    self.keep(property);
                }
            }
        }
    }

    /// Reads a number or an address under a name that vCard does not know, as some generators of cards write it:
    /// `PHONE.WORK:…`, `MOBILE:…`, `E-MAIL:…`. Returns false for other properties.
    fn misnamed(&mut self, property: &Property) -> bool {
        let group = property.group.to_ascii_uppercase();
        let mut types = Vec::new();
        let mut name = None;
        for word in [group.as_str(), property.name.as_str()] {
            match word {
                "PHONE" | "TELEPHONE" => name = Some("TEL"),
                "MOBILE" | "CELL" | "CELLPHONE" | "CELLULAR" => {
                    name = Some("TEL");
                    types.push("CELL");
                }
                "FAX" => {
                    name = Some("TEL");
                    types.push("FAX");
                }
                "MAIL" | "E-MAIL" => name = Some("EMAIL"),
                "WORK" | "HOME" => types.push(word),
                _ => {}
            }
        }
        let text = property.text();
        let is_number = || {
            let digits = text.chars().filter(char::is_ascii_digit).count();
            (3..=20).contains(&digits) && !text.chars().any(char::is_alphabetic)
        };
        let fits = match name {
            Some("TEL") => is_number(),
            Some(_) => text.contains('@') && !text.trim().contains(char::is_whitespace),
            None => false,
        };
        let Some(name) = name.filter(|_| fits) else {
            return false;
        };
        let mut meant = property.clone();
        meant.group.clear();
        meant
            .parameters
            .extend(types.into_iter().map(|word| Parameter {
                name: "TYPE".to_owned(),
                value: word.to_owned(),
            }));
        self.entry(name, &meant)
    }

    /// Keeps a property without a field in the model.
    fn keep(&mut self, property: &Property) {
        let value = property.text();
        if !value.is_empty() {
            self.card.contact.unmapped.push(UnmappedColumn {
                mimetype: OTHER_PROPERTIES.to_owned(),
                column: property.head(),
                value,
            });
        }
    }

    fn attachment(&mut self, property: &Property, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let media = property.parameter("MEDIATYPE").map(str::to_owned);
        let says = |word: &String| !word.eq_ignore_ascii_case("PREF");
        let media = media.or_else(|| property.types().into_iter().find(says));
        let name = property.name.strip_prefix("X-LIFEBOAT-");
        let name = name.unwrap_or(&property.name);
        self.card.contact.has_picture |= name == "PHOTO";
        self.card.attachments.push(Attachment {
            property: name.to_owned(),
            media: media.unwrap_or_default(),
            bytes: bytes.to_vec(),
        });
    }

    fn finish(mut self) -> Card {
        self.finish_names();
        let members = std::mem::take(&mut self.members);
        if self.group {
            // Evolution stores members as e-mail addresses.
            if members.iter().any(|member| member.name == "EMAIL") {
                self.card.contact.emails.clear();
            }
            self.card.members = Some(members.into_iter().map(member).collect());
        } else {
            for property in members {
                self.keep(property);
            }
        }
        if let Some(mut data) = self.exact {
            self.card.contact.restore(&mut data);
        }
        self.card
    }
}

/// True for a property of vCard 4.0, and for its form in older versions: `KIND`, `X-KIND`, `X-ADDRESSBOOKSERVER-KIND`.
fn is_own_form(name: &str, word: &str) -> bool {
    let Some(before) = name.strip_suffix(word) else {
        return false;
    };
    before.is_empty() || (before.starts_with("X-") && before.ends_with('-'))
}

/// Returns the identifier or address of a member in a line of a group card.
fn member(property: &Property) -> String {
    let text = property.text();
    match property.parameter("X-EVOLUTION-DEST-CONTACT-UID") {
        Some(uid) => uid.to_owned(),
        None if property.name == "EMAIL" => format!("mailto:{text}"),
        None => text,
    }
}

/// True if the value is itself a card.
pub(crate) fn is_card(property: &Property) -> bool {
    property
        .raw
        .trim_start()
        .get(..11)
        .is_some_and(|start| start.eq_ignore_ascii_case("BEGIN:VCARD"))
}
