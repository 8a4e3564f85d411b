//! Compares the number that the phone's Contacts screen shows with what was saved. Many of these screens count one
//! account alone, or only contacts with a number, so a difference is explained before it is a warning.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Account, Collection, CollectionOutcome, Contact, RecordBody, Verdict, grouped};
use crate::phrase;
use crate::vault::{RecordKind, Vault, VaultError};

/// Contacts, and those of them with a number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Count {
    all: u64,
    with_number: u64,
}

impl Count {
    fn add(&mut self, has_number: bool) {
        self.all += 1;
        self.with_number += u64::from(has_number);
    }
}

/// The numbers that a Contacts screen may show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Counts {
    total: Count,
    /// By kind and name: two accounts may share a name.
    accounts: BTreeMap<(String, String), Count>,
    /// Contacts with a name, and their names.
    named: u64,
    names: BTreeSet<String>,
    /// Entries of the SIM cards, which some screens count too.
    sim: u64,
}

/// Adds to the outcome what the number means, as a note if it is explained. Otherwise it is a warning, and a reason
/// against a reset if the screen shows more than was saved.
///
/// # Errors
/// If the journal can't be read.
pub fn compare(
    vault: &Vault,
    shown: u64,
    collections: &mut [CollectionOutcome],
    warnings: &mut Vec<String>,
    why_not: &mut Vec<String>,
) -> Result<(), VaultError> {
    let mut all = collections.iter_mut();
    let Some(contacts) = all.find(|one| one.name == Collection::Contacts) else {
        return Ok(());
    };
    let counts = counts(vault)?;
    let is_whole = matches!(contacts.verdict, Verdict::Complete | Verdict::Empty);
    match told(shown, &counts, is_whole) {
        Told::Explained(sentence) => contacts.notes.push(sentence),
        Told::Fewer(sentence) => warnings.push(sentence),
        Told::More(sentence) => {
            warnings.push(sentence.clone());
            why_not.push(sentence);
        }
    }
    Ok(())
}

fn counts(vault: &Vault) -> Result<Counts, VaultError> {
    let mut counts = Counts::default();
    vault.for_each_record(Collection::Contacts, &[RecordKind::Contact], |record| {
        if let RecordBody::Contact(contact) = &record.body {
            counts.add(contact);
        }
        Ok::<_, VaultError>(())
    })?;
    vault.for_each_record(Collection::Sim, &[RecordKind::Contact], |_| {
        counts.sim += 1;
        Ok::<_, VaultError>(())
    })?;
    Ok(counts)
}

impl Counts {
    fn add(&mut self, contact: &Contact) {
        let living = || contact.sources.iter().filter(|source| !source.deleted);
        if living().next().is_none() && !contact.sources.is_empty() {
            return;
        }
        let has_number = !contact.phones.is_empty();
        self.total.add(has_number);
        let key = |account: &Account| {
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            (text(&account.kind), text(&account.name))
        };
        let accounts: BTreeSet<_> = living().map(|source| key(&source.account)).collect();
        for account in accounts {
            self.accounts.entry(account).or_default().add(has_number);
        }
        let name = contact.display_name.trim();
        if !name.is_empty() {
            self.named += 1;
            self.names.insert(name.to_owned());
        }
    }
}

/// Names an account as a person knows it, for the middle of a sentence.
fn named((kind, name): &(String, String)) -> String {
    match kind.as_str() {
        "" => phrase("the phone's own memory").to_owned(),
        "com.google" => phrase!("the Google account {name}"),
        "com.osp.app.signin" => phrase!("the Samsung account {name}"),
        "vnd.sec.contact.phone" => phrase("the phone's own memory").to_owned(),
        _ if name.is_empty() => phrase!("the account {kind}"),
        _ => phrase!("the account {name}"),
    }
}

/// The meaning of the number.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    Explained(String),
    /// The screen shows fewer than were saved, and nobody knows why.
    Fewer(String),
    /// The screen shows more than were saved.
    More(String),
}

fn told(shown: u64, counts: &Counts, is_whole: bool) -> Told {
    let Counts {
        total,
        accounts,
        named: with_name,
        names,
        sim,
    } = counts;
    let number = grouped(shown);
    let all = grouped(total.all);
    let saved = match is_whole {
        true => phrase!("All {all} are saved."),
        false => phrase!("{all} are saved so far."),
    };
    let means = |what: &str| {
        Told::Explained(phrase!(
            "The phone's Contacts screen showed {number}: that is {what}. {saved}"
        ))
    };
    if shown == total.all {
        return Told::Explained(phrase!(
            "The phone's Contacts screen showed {number} too. {saved}"
        ));
    }
    for (account, count) in accounts {
        if shown == count.all {
            return means(&phrase!("the number in {}", named(account)));
        }
    }
    if shown == total.with_number {
        return means(phrase("the number of contacts with a phone number"));
    }
    for (account, count) in accounts {
        if shown == count.with_number {
            return means(&phrase!(
                "the number with a phone number in {}",
                named(account)
            ));
        }
    }
    if shown == *with_name {
        return means(phrase("the number of contacts with a name"));
    }
    if shown == names.len() as u64 {
        return means(phrase("the number of different names"));
    }
    if *sim > 0 && shown == total.all + sim {
        return means(phrase(
            "the contacts and the entries of the SIM card together",
        ));
    }
    if *sim > 0 && shown == *sim {
        return means(phrase("the number of entries on the SIM card"));
    }
    match shown > total.all {
        true => Told::More(phrase!(
            "The phone's Contacts screen showed {number}, and {all} were found. Look in the Contacts app for a \
             second account or user, and look for some of its names in contacts.vcf."
        )),
        false => Told::Fewer(phrase!(
            "The phone's Contacts screen showed {number}, and {all} were found. Many Contacts screens show one account \
             only, or only contacts with a number, but none of these has {number}. Look at the screen's filter, and \
             look for some of its names in contacts.vcf."
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Phone, Source};

    fn contact(kind: Option<&str>, has_number: bool, deleted: bool) -> Contact {
        let account = Account {
            name: kind.map(|_| "alex@gmail.example".to_owned()),
            kind: kind.map(str::to_owned),
            data_set: None,
        };
        Contact {
            sources: vec![Source {
                account,
                deleted,
                ..Source::default()
            }],
            phones: match has_number {
                true => vec![Phone::default()],
                false => Vec::new(),
            },
            ..Contact::default()
        }
    }

    #[test]
    fn accounts_are_named_as_people_know_them() {
        let named = |kind: &str, name: &str| named(&(kind.into(), name.into()));
        assert_eq!(
            named("com.osp.app.signin", "alex"),
            "the Samsung account alex"
        );
        assert_eq!(named("com.example", ""), "the account com.example");
        assert_eq!(named("", ""), "the phone's own memory");
    }

    #[test]
    fn a_difference_is_explained_before_it_is_a_warning() {
        let mut counts = Counts {
            sim: 12,
            ..Counts::default()
        };
        for place in 0..400 {
            let kind = (place < 212).then_some("com.google");
            counts.add(&Contact {
                display_name: match place {
                    0..5 => String::new(),
                    5..15 => "Kim".into(),
                    _ => format!("Person {place}"),
                },
                ..contact(kind, place % 4 > 0, false)
            });
        }
        // Deleted ones are on no screen.
        counts.add(&contact(None, true, true));
        for (shown, said) in [
            (400, "showed 400 too. All 400 are saved."),
            (
                212,
                "showed 212: that is the number in the Google account alex@gmail.example. All 400 are saved.",
            ),
            (188, "that is the number in the phone's own memory"),
            (300, "contacts with a phone number"),
            (159, "with a phone number in the Google account"),
            (395, "contacts with a name"),
            (386, "different names"),
            (412, "the SIM card together"),
        ] {
            match told(shown, &counts, true) {
                Told::Explained(text) => assert!(text.contains(said), "{text}"),
                other => panic!("{shown}: {other:?}"),
            }
        }
        assert!(matches!(told(250, &counts, true), Told::Fewer(text) if text.contains("250")));
        assert!(matches!(told(413, &counts, true), Told::More(text) if text.contains("413")));
        match told(212, &counts, false) {
            Told::Explained(text) => assert!(text.ends_with("400 are saved so far."), "{text}"),
            other => panic!("{other:?}"),
        }
    }
}
