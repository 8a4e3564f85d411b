//! Cards of groups. A group is not a person, so its title is given to its members.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::{Fault, Unreadable};
use crate::format::vcard::formatted_name;
use crate::format::versit::Complaints;
use crate::model::Contact;
use crate::phrase;

/// Maximum length of a title or name that is copied into other cards, in characters. A hostile text would be copied
/// into all cards.
const MOST_TITLE: usize = 300;
/// Maximum number of cards with the same identifier, and of unknown members of a group in a report.
const MOST: usize = 16;

/// The card of a group.
#[derive(Debug)]
pub(super) struct Group {
    pub contact: Contact,
    pub members: Vec<String>,
    /// Line where it begins, from 1.
    pub line: u64,
}

/// References between the cards of a file. Takes about 50 bytes for each card.
#[derive(Debug, Default)]
pub(super) struct Known {
    index: Index,
    /// The names of all cards, concatenated, and the end of each name.
    names: String,
    ends: Vec<usize>,
    /// At least one card refers to another by its identifier.
    has_identifiers: bool,
    /// The titles of groups, and the pairs of card and group, in order.
    titles: Vec<String>,
    given: Vec<(u32, u32)>,
    complaints: Complaints,
}

impl Known {
    /// Records the next card.
    pub fn add(&mut self, contact: &Contact) {
        self.index.add(self.ends.len(), contact);
        self.names.push_str(&title(contact));
        self.ends.push(self.names.len());
        self.has_identifiers |= names_others(contact);
    }

    /// Finds the members of groups after all cards are known. Reports members without a card, and other data of a
    /// group card.
    pub fn settle(&mut self, groups: Vec<Group>) {
        if groups.is_empty() && !self.has_identifiers {
            *self = Self::default();
            return;
        }
        self.index.settle();
        let known: HashMap<String, &str> = groups
            .iter()
            .map(|group| {
                (
                    bare(&group.contact.uid),
                    group.contact.display_name.as_str(),
                )
            })
            .filter(|(uid, _)| !uid.is_empty())
            .collect();
        for group in &groups {
            let title = title(&group.contact);
            let number = u32::try_from(self.titles.len()).unwrap_or(u32::MAX);
            let mut strangers = Vec::new();
            let mut count = 0;
            for member in group.members.iter().filter(|m| !m.trim().is_empty()) {
                let mut cards = self.index.of(member).peekable();
                if cards.peek().is_none() {
                    count += 1;
                    if strangers.len() < MOST {
                        let known = known.get(&bare(member));
                        strangers.push(known.map_or(member.as_str(), |title| *title).to_owned());
                    }
                }
                self.given.extend(cards.map(|at| (at, number)));
            }
            let complaint = match (group.members.len(), count) {
                (0, _) => Some(phrase("the group is empty").to_owned()),
                (_, 0) => None,
                (_, count) => Some(format!("{count}: {}", strangers.join(", "))),
            };
            let mut complain = |text: String| {
                let text = format!("{title}: {text}");
                let unreadable = Unreadable::new(group.line, Fault::Group, &text);
                self.complaints.add(unreadable);
            };
            if let Some(text) = complaint {
                complain(text);
            }
            let more = other_values(&group.contact);
            if !more.is_empty() {
                complain(phrase!("other details of the group: {}", more.join(", ")));
            }
            self.titles.push(title);
        }
        self.given.sort_unstable();
        self.given.dedup();
    }

    /// Adds the titles of its groups to a card, and replaces identifiers in its relations by names (RFC 6350 section
    /// 6.6.6).
    pub fn tell(&self, at: usize, contact: &mut Contact) {
        for relation in &mut contact.relations {
            if is_identifier(&relation.name)
                && let Some(other) = self.index.of(&relation.name).next()
                && let Some(name) = self.name(other as usize)
            {
                relation.name = name.to_owned();
            }
        }
        let Ok(at) = u32::try_from(at) else { return };
        let from = self.given.partition_point(|(card, _)| *card < at);
        let given = self.given.get(from..).unwrap_or_default().iter();
        for (_, group) in given.take_while(|(card, _)| *card == at) {
            if let Some(title) = self.titles.get(*group as usize)
                && !contact.groups.iter().take(MOST).any(|g| g == title)
            {
                contact.groups.push(title.clone());
            }
        }
    }

    /// Returns the complaints about groups.
    pub fn take_complaints(&mut self) -> Complaints {
        std::mem::take(&mut self.complaints)
    }

    fn name(&self, at: usize) -> Option<&str> {
        let from = match at.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.names.get(from..*self.ends.get(at)?)
    }
}

/// True if a card refers to another one by its identifier.
pub(super) fn names_others(contact: &Contact) -> bool {
    let mut relations = contact.relations.iter();
    relations.any(|relation| is_identifier(&relation.name))
}

/// Returns the data of a group card other than its title and members.
fn other_values(contact: &Contact) -> Vec<String> {
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
        (phrase("e-mail addresses"), emails.len()),
        ("addresses", addresses.len()),
        ("companies", organizations.len()),
        ("messengers", messengers.len()),
        ("websites", websites.len()),
        ("days", dates.len()),
        ("relations", relations.len()),
        (phrase("SIP addresses"), sip_addresses.len()),
        ("identities", identities.len()),
        (phrase("entries of other apps"), custom.len()),
        ("pictures", usize::from(*has_picture)),
    ];
    // Properties that programs write into every card.
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

fn is_identifier(text: &str) -> bool {
    text.get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("urn:"))
}

/// Index of cards by hashes of their identifiers and e-mail addresses.
#[derive(Debug, Default)]
struct Index(Vec<(u64, u32)>);

impl Index {
    fn add(&mut self, at: usize, contact: &Contact) {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        let own = contact.unmapped.iter();
        let own = own
            .filter(|u| u.column == "X-ABUID")
            .map(|u| bare(&u.value));
        let emails = contact.emails.iter();
        let emails = emails.map(|e| format!("mailto:{}", e.address.trim().to_lowercase()));
        let keys = [bare(&contact.uid)].into_iter().chain(own).chain(emails);
        let keys = keys.filter(|key| !key.is_empty());
        self.0.extend(keys.map(|key| (hash_of(&key), at)));
    }

    fn settle(&mut self) {
        self.0.sort_unstable();
        self.0.dedup();
    }

    fn of(&self, member: &str) -> impl Iterator<Item = u32> + use<'_> {
        let hash = hash_of(&bare(member));
        let from = self.0.partition_point(|(other, _)| *other < hash);
        let cards = self.0.get(from..).unwrap_or_default().iter();
        let cards = cards.take_while(move |(other, _)| *other == hash);
        cards.take(MOST).map(|(_, at)| *at)
    }
}

fn hash_of(key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

/// Returns an identifier without its wrapping: `urn:uuid:`, braces, Apple's `:ABPerson`.
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
