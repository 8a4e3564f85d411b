//! Cards of groups: a group is no person, so its members get its title.

use std::collections::{HashMap, HashSet};

use super::{Fault, FoundContact, Unreadable};
use crate::format::vcard::formatted_name;
use crate::format::versit::Complaints;
use crate::model::Contact;

/// The longest title or name that is put into other cards, in characters: a hostile one would be put into all.
const MOST_TITLE: usize = 300;
/// How many cards of one identifier are looked at, and how many strangers of a group are named.
const MOST: usize = 16;

/// The card of a group.
#[derive(Debug)]
pub(super) struct Group {
    pub contact: Contact,
    pub members: Vec<String>,
    /// The line it begins at, from 1.
    pub line: u64,
}

/// Gives the members of groups the titles of their groups, and names those who are in no card, and whatever else is
/// said of a group. People whom a card names by another card's identifier get that card's name.
pub(super) fn join(groups: Vec<Group>, contacts: &mut [FoundContact], complaints: &mut Complaints) {
    let named = |c: &FoundContact| c.contact.relations.iter().any(|r| is_identifier(&r.name));
    if groups.is_empty() && !contacts.iter().any(named) {
        return;
    }
    let index = Index::new(contacts);
    name_relations(contacts, &index);
    let titles: HashMap<String, &str> = groups
        .iter()
        .map(|group| {
            (
                bare(&group.contact.uid),
                group.contact.display_name.as_str(),
            )
        })
        .filter(|(uid, _)| !uid.is_empty())
        .collect();
    let mut given: HashSet<(usize, String)> = HashSet::new();
    for group in &groups {
        let title = title(&group.contact);
        let mut strangers = Vec::new();
        let mut count = 0;
        for member in group.members.iter().filter(|m| !m.trim().is_empty()) {
            let cards = index.of(member);
            for &at in cards {
                if let Some(card) = contacts.get_mut(at)
                    && given.insert((at, title.clone()))
                    && !card.contact.groups.iter().take(MOST).any(|g| *g == title)
                {
                    card.contact.groups.push(title.clone());
                }
            }
            if cards.is_empty() {
                count += 1;
                if strangers.len() < MOST {
                    let known = titles.get(&bare(member));
                    strangers.push(known.map_or(member.as_str(), |title| *title).to_owned());
                }
            }
        }
        let complaint = match (group.members.len(), count) {
            (0, _) => Some("nobody is in it".to_owned()),
            (_, 0) => None,
            (_, count) => Some(format!("{count}: {}", strangers.join(", "))),
        };
        let mut complain = |text: String| {
            let text = format!("{title}: {text}");
            complaints.add(Unreadable::new(group.line, Fault::Group, &text));
        };
        if let Some(text) = complaint {
            complain(text);
        }
        let more = said_besides(&group.contact);
        if !more.is_empty() {
            complain(format!("also said of it: {}", more.join(", ")));
        }
    }
}

/// What a card says of a group beside its title and its members.
fn said_besides(contact: &Contact) -> Vec<String> {
    let Contact {
        uid: _,
        display_name: _,
        names: _,
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
        picture: _,
        attached: _,
        starred: _,
        send_to_voicemail: _,
        custom_ringtone: _,
        sources: _,
    } = contact;
    let counts = [
        ("nicknames", nicknames.len()),
        ("numbers", phones.len()),
        ("e-mail addresses", emails.len()),
        ("addresses", addresses.len()),
        ("companies", organizations.len()),
        ("messengers", messengers.len()),
        ("websites", websites.len()),
        ("days", dates.len()),
        ("relations", relations.len()),
        ("SIP addresses", sip_addresses.len()),
        ("identities", identities.len()),
        ("entries of other apps", custom.len()),
        ("pictures", usize::from(*has_picture)),
    ];
    // What programs write into every card.
    const USUAL: [&str; 4] = ["PRODID", "REV", "X-ABUID", "X-ABSHOWAS"];
    let columns = unmapped.iter().filter(|u| {
        let name = u.column.split(';').next().unwrap_or_default();
        !USUAL.contains(&name)
    });
    notes
        .iter()
        .map(|note| format!("“{note}”"))
        .chain(groups.iter().cloned())
        .chain(columns.map(|u| format!("{} {}", u.column, u.value)))
        .chain(
            counts
                .iter()
                .filter(|(_, count)| *count > 0)
                .map(|(what, count)| format!("{count} {what}")),
        )
        .take(MOST)
        .collect()
}

/// A relation may be another card's identifier (RFC 6350 section 6.6.6).
fn name_relations(contacts: &mut [FoundContact], index: &Index) {
    let mut names = Vec::new();
    for (at, card) in contacts.iter().enumerate() {
        for (number, relation) in card.contact.relations.iter().enumerate() {
            if is_identifier(&relation.name)
                && let Some(other) = index.of(&relation.name).first()
                && let Some(other) = contacts.get(*other)
            {
                names.push((at, number, title(&other.contact)));
            }
        }
    }
    for (at, number, name) in names {
        let relations = contacts.get_mut(at).map(|c| &mut c.contact.relations);
        if let Some(relation) = relations.and_then(|r| r.get_mut(number)) {
            relation.name = name;
        }
    }
}

fn is_identifier(text: &str) -> bool {
    text.get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("urn:"))
}

/// The cards by their identifiers and e-mail addresses.
struct Index(HashMap<String, Vec<usize>>);

impl Index {
    fn new(contacts: &[FoundContact]) -> Self {
        let mut index: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, card) in contacts.iter().enumerate() {
            let own = card.contact.unmapped.iter();
            let own = own
                .filter(|u| u.column == "X-ABUID")
                .map(|u| bare(&u.value));
            let emails = card.contact.emails.iter();
            let emails = emails.map(|e| format!("mailto:{}", e.address.trim().to_lowercase()));
            for key in [bare(&card.contact.uid)]
                .into_iter()
                .chain(own)
                .chain(emails)
            {
                let cards = index.entry(key).or_default();
                if cards.len() < MOST && cards.last() != Some(&at) {
                    cards.push(at);
                }
            }
        }
        index.remove("");
        Self(index)
    }

    fn of(&self, member: &str) -> &[usize] {
        self.0.get(&bare(member)).map_or(&[], Vec::as_slice)
    }
}

/// An identifier without what programs put around it: `urn:uuid:`, braces, Apple's `:ABPerson`.
fn bare(identifier: &str) -> String {
    let lower = identifier.trim().to_lowercase();
    let text = lower.strip_prefix("urn:").unwrap_or(&lower);
    let text = text.strip_prefix("uuid:").unwrap_or(text);
    let text = text.strip_suffix(":abperson").unwrap_or(text);
    text.trim_matches(['{', '}', '\\']).to_owned()
}

fn title(contact: &Contact) -> String {
    let name = formatted_name(contact);
    name.chars().take(MOST_TITLE).collect()
}
