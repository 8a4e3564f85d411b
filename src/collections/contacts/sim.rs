//! Matches SIM entries with cards.

use std::collections::HashMap;

use super::number::{line_form, same_line};
use crate::collections::merge::{Mergeable as _, Merged};
use crate::collections::text::folded;
use crate::format::vcard::formatted_name;
use crate::model::{Contact, PersonName};

/// The SIM entries without a card so far.
#[derive(Debug, Default)]
pub struct SimEntries {
    entries: Vec<Option<Merged<Contact>>>,
    by_line: HashMap<String, Vec<usize>>,
}

impl SimEntries {
    pub fn new(entries: Vec<Merged<Contact>>) -> Self {
        let mut by_line: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, entry) in entries.iter().enumerate() {
            let forms = entry.record.phones.iter();
            for form in forms.filter_map(|phone| line_form(&phone.number)) {
                by_line.entry(form).or_default().push(index);
            }
        }
        Self {
            entries: entries.into_iter().map(Some).collect(),
            by_line,
        }
    }

    /// Adds to the card every SIM entry that shares a number and has a matching name. Returns the number of entries
    /// added.
    pub fn join(&mut self, card: &mut Merged<Contact>) -> u64 {
        if self.by_line.is_empty() {
            return 0;
        }
        let mut joined = 0;
        let forms = card.record.phones.iter();
        let forms: Vec<String> = forms.filter_map(|p| line_form(&p.number)).collect();
        for form in forms {
            for &index in self.by_line.get(&form).into_iter().flatten() {
                let Some(entry) = self.entries.get_mut(index) else {
                    continue;
                };
                if let Some(entry) = entry.take_if(|e| is_entry_of(&e.record, &card.record)) {
                    card.keys.extend(entry.keys);
                    card.record.take_in(entry.record);
                    joined += 1;
                }
            }
        }
        joined
    }

    /// Returns the entries without a card: they become separate cards.
    pub fn into_unmatched(self) -> impl Iterator<Item = Merged<Contact>> {
        self.entries.into_iter().flatten()
    }
}

/// Returns true if the entry shares a number with the card and its name is the card's name, possibly truncated.
fn is_entry_of(entry: &Contact, card: &Contact) -> bool {
    let shares_line = entry.phones.iter().any(|own| {
        let mut numbers = card.phones.iter();
        numbers.any(|phone| same_line(&own.number, &phone.number))
    });
    shares_line && may_be_name(&entry.display_name, card)
}

/// A SIM holds about 14 letters of a name, with first or last name first, and phones add a mark for the kind of number
/// (`/M`).
fn may_be_name(short: &str, card: &Contact) -> bool {
    let short = folded(short);
    let short = match short.rsplit_once('/') {
        Some((name, mark)) if mark.chars().count() <= 2 => name.trim_end(),
        _ => &short,
    };
    let shown = folded(&formatted_name(card));
    if short.is_empty() || shown.starts_with(short) {
        return true;
    }
    let split = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | '.' | ';'));
        let words = words.filter(|word| !word.is_empty());
        words.map(folded).collect()
    };
    let is_parted = |name: &PersonName| name.parts().iter().any(|part| part.is_some());
    let parts = card.names.iter().flat_map(|name| {
        let parts = name.parts().into_iter().flatten();
        let display = name.display.iter().filter(|_| !is_parted(name));
        parts.chain(display).map(String::as_str)
    });
    let nicknames = card.nicknames.iter().map(|nickname| nickname.name.as_str());
    let companies = card
        .organizations
        .iter()
        .filter_map(|o| o.company.as_deref());
    let only = Some(shown.as_str()).filter(|_| card.names.is_empty());
    let all = parts.chain(nicknames).chain(companies).chain(only);
    let mut words: Vec<String> = all.take(64).flat_map(split).collect();
    split(short).iter().all(|part| {
        let at = words
            .iter()
            .position(|word| word.starts_with(part.as_str()));
        at.map(|at| words.swap_remove(at)).is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Nickname, Organization, Origin, Phone, Source};

    fn card(name: &str, number: &str, origin: Origin) -> Merged<Contact> {
        let contact = Contact {
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
        };
        Merged::of_handset(format!("{name} {number}"), contact)
    }

    #[test]
    fn entries_join_by_number_and_name_and_lose_nothing() {
        let mut entries = SimEntries::new(vec![
            card("Anna M", "0171 1234567", Origin::Sim),
            card("Opa", "+49 171 1234567", Origin::Sim),
            card("Police", "110", Origin::Sim),
        ]);
        let mut anna = card("Anna Müller", "+49 171 1234567", Origin::Handset);
        assert_eq!(entries.join(&mut anna), 1);
        assert_eq!(
            anna.keys,
            ["Anna Müller +49 171 1234567", "Anna M 0171 1234567"]
        );
        assert_eq!(anna.record.phones.len(), 2, "who knows which country it is");
        assert_eq!(anna.record.sources[1].origin, Origin::Sim);
        let mut other = card("Short", "9110", Origin::Handset);
        assert_eq!(entries.join(&mut other), 0);
        let left: Vec<_> = entries
            .into_unmatched()
            .map(|e| e.record.display_name)
            .collect();
        assert_eq!(left, ["Opa", "Police"]);
    }

    #[test]
    fn a_sim_may_hold_a_nickname_or_a_company() {
        let mut contact = card("Anna Müller", "1", Origin::Handset).record;
        contact.nicknames.push(Nickname {
            name: "Mausi".into(),
            ..Nickname::default()
        });
        contact.organizations.push(Organization {
            company: Some("Bäckerei Korn".into()),
            ..Organization::default()
        });
        for short in ["Mausi", "Bäckerei Ko", "Mausi Müller"] {
            assert!(may_be_name(short, &contact), "{short:?}");
        }
        assert!(!may_be_name("Metzgerei", &contact));
    }

    #[test]
    fn names_as_sims_shorten_them() {
        let contact = card("Anna-Lena Müller", "1", Origin::Handset).record;
        for short in [
            "",
            "anna-lena müll",
            "Müller Anna-L",
            "Anna-Lena Müller/M",
            "A. Müller",
        ] {
            assert!(may_be_name(short, &contact), "{short:?}");
        }
        for other in ["Opa", "Anna Schmidt", "Müller Müller", "Lena"] {
            assert!(!may_be_name(other, &contact), "{other:?}");
        }
    }
}
