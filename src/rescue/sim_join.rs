//! SIM entries find their cards.

use std::collections::HashMap;

use crate::model::{Contact, Source};

/// How many of a number's last digits must agree, where one has a country code and the other doesn't.
const ENOUGH_DIGITS: usize = 7;

/// The SIM entries that have not found a card yet.
#[derive(Debug, Default)]
pub struct SimEntries {
    entries: Vec<Option<Contact>>,
    by_number: HashMap<String, Vec<usize>>,
}

impl SimEntries {
    pub fn new(entries: Vec<Contact>) -> Self {
        let mut by_number: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, entry) in entries.iter().enumerate() {
            for key in entry.phones.iter().filter_map(|p| number_key(&p.number)) {
                by_number.entry(key).or_default().push(index);
            }
        }
        Self {
            entries: entries.into_iter().map(Some).collect(),
            by_number,
        }
    }

    /// Adds to `contact` every SIM entry with one of its numbers: its origin, and what the card lacks of it. An
    /// entry under another name joins too, as a further name: SIM cards hold some 14 letters.
    pub fn join(&mut self, contact: &mut Contact) {
        if self.by_number.is_empty() {
            return;
        }
        let numbers: Vec<String> = contact.phones.iter().map(|p| p.number.clone()).collect();
        for number in numbers {
            let Some(found) = number_key(&number).and_then(|key| self.by_number.get(&key)) else {
                continue;
            };
            for &index in found {
                let same =
                    |entry: &Contact| entry.phones.iter().any(|p| same_number(&p.number, &number));
                if self.entries[index].as_ref().is_some_and(same)
                    && let Some(entry) = self.entries[index].take()
                {
                    add(contact, entry);
                }
            }
        }
    }

    /// The entries that have no card: they become cards of their own.
    pub fn left(self) -> impl Iterator<Item = Contact> {
        self.entries.into_iter().flatten()
    }
}

fn add(contact: &mut Contact, entry: Contact) {
    for name in entry.names {
        let known = contact.display_name == entry.display_name
            || contact.names.iter().any(|n| n.display == name.display);
        if !known {
            contact.names.push(name);
        }
    }
    for phone in entry.phones {
        if !contact.phones.iter().any(|p| p.number == phone.number) {
            contact.phones.push(phone);
        }
    }
    for email in entry.emails {
        if !contact.emails.iter().any(|e| e.address == email.address) {
            contact.emails.push(email);
        }
    }
    let known = |s: &Source| {
        contact
            .sources
            .iter()
            .any(|c| (c.origin, &c.place, c.row) == (s.origin, &s.place, s.row))
    };
    let new: Vec<_> = entry.sources.into_iter().filter(|s| !known(s)).collect();
    contact.sources.extend(new);
}

fn digits(number: &str) -> String {
    number
        .chars()
        .filter(|c| c.is_ascii_digit() || matches!(c, '*' | '#'))
        .collect()
}

/// What numbers that may be the same have in common; short numbers are themselves.
fn number_key(number: &str) -> Option<String> {
    let digits = digits(number);
    let from = digits.len().saturating_sub(ENOUGH_DIGITS);
    (!digits.is_empty()).then(|| digits[from..].to_owned())
}

/// The same number, written with or without the country's or the trunk prefix.
fn same_number(one: &str, other: &str) -> bool {
    let (a, b) = (digits(one), digits(other));
    let bare = |d: &str| d.trim_start_matches('0').to_owned();
    let (long, short) = if a.len() >= b.len() {
        (bare(&a), bare(&b))
    } else {
        (bare(&b), bare(&a))
    };
    a == b || (short.len() >= ENOUGH_DIGITS && long.ends_with(&short))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Origin, PersonName, Phone};

    fn card(name: &str, number: &str, origin: Origin) -> Contact {
        Contact {
            display_name: name.into(),
            names: vec![PersonName {
                display: Some(name.into()),
                ..PersonName::default()
            }],
            phones: vec![Phone {
                number: number.into(),
                ..Phone::default()
            }],
            sources: vec![Source {
                origin,
                ..Source::default()
            }],
            ..Contact::default()
        }
    }

    #[test]
    fn entries_join_by_number_and_lose_nothing() {
        let mut entries = SimEntries::new(vec![
            card("Anna M", "0171 1234567", Origin::Sim),
            card("Police", "110", Origin::Sim),
        ]);
        let mut anna = card("Anna Müller", "+49 171 1234567", Origin::Handset);
        entries.join(&mut anna);
        assert_eq!(anna.names.len(), 2);
        assert_eq!(anna.phones.len(), 2);
        assert_eq!(anna.sources[1].origin, Origin::Sim);
        let mut other = card("Short", "9110", Origin::Handset);
        entries.join(&mut other);
        assert_eq!(other.sources.len(), 1);
        let left: Vec<_> = entries.left().collect();
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].display_name, "Police");
    }
}
