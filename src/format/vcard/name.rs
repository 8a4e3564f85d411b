//! The display name that a card must have.

use std::borrow::Cow;

use crate::model::{Contact, PersonName};

/// The display name of a card, never blank. Uses the handset's own display name, otherwise the structured name, a
/// nickname, the company, a number or an e-mail address, and finally `Unnamed`.
pub fn formatted_name(contact: &Contact) -> Cow<'_, str> {
    let given = |text: &&str| is_seen(text);
    let first = Some(contact.display_name.as_str())
        .into_iter()
        .chain(
            contact
                .names
                .iter()
                .filter_map(|name| name.display.as_deref()),
        )
        .find(given);
    if let Some(first) = first {
        return Cow::Borrowed(first);
    }
    if let Some(joined) = contact.names.iter().map(joined).find(|name| is_seen(name)) {
        return Cow::Owned(joined);
    }
    let nicknames = contact.nicknames.iter().map(|n| n.name.as_str());
    let companies = contact
        .organizations
        .iter()
        .filter_map(|o| o.company.as_deref());
    let numbers = contact.phones.iter().map(|p| p.number.as_str());
    let addresses = contact.emails.iter().map(|e| e.address.as_str());
    let any = nicknames
        .chain(companies)
        .chain(numbers)
        .chain(addresses)
        .find(given);
    Cow::Borrowed(any.unwrap_or("Unnamed"))
}

/// Joins the parts of a structured name in Western order.
fn joined(name: &PersonName) -> String {
    let parts: Vec<&str> = name
        .parts()
        .into_iter()
        .flatten()
        .map(|part| part.trim())
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(" ")
}

/// True if the text has visible characters.
fn is_seen(text: &str) -> bool {
    text.chars().any(|c| !c.is_control() && !c.is_whitespace())
}
