//! The names of people by their numbers, for calls and messages.

use std::collections::HashMap;

use super::number::{dialled, line_form, same_line};
use super::{Entry, Role};
use crate::collections::details::line;
use crate::collections::{Journal, exported};
use crate::format::messages_xml::NAME;
use crate::format::vcard::formatted_name;
use crate::model::RecordBody;
use crate::vault::{RecordKind, VaultError};

/// The names of all contacts, by numbers and e-mail addresses, and those that exported messages and calls have.
#[derive(Debug, Default)]
pub struct Names {
    contacts: ByForm,
    found: ByForm,
}

/// Names by the forms of addresses.
#[derive(Debug, Default)]
struct ByForm(HashMap<String, Vec<Known>>);

#[derive(Debug, PartialEq)]
struct Known {
    address: Box<str>,
    name: Box<str>,
}

impl Names {
    /// Reads the names of all contacts that were not deleted.
    ///
    /// # Errors
    /// If the journal can't be read.
    pub fn read(journal: &impl Journal) -> Result<Self, VaultError> {
        let mut names = Self::default();
        super::each(journal, |entry| {
            names.add(&entry);
            Ok::<_, VaultError>(())
        })?;
        for kind in [RecordKind::Message, RecordKind::Call] {
            exported::each_of_kind(journal, kind, |record| {
                let (address, name) = match &record.body {
                    RecordBody::Message(message) => match message.others()[..] {
                        [address] => (Some(address), message.other(NAME)),
                        // Which name is whose is not known.
                        _ => (None, None),
                    },
                    RecordBody::Call(call) => (call.number.as_deref(), call.name.as_deref()),
                    _ => (None, None),
                };
                if let Some((address, name)) = address.zip(name) {
                    names.found.add(address, &line(name));
                }
                Ok(())
            })?;
        }
        Ok(names)
    }

    fn add(&mut self, entry: &Entry) {
        let contact = &entry.merged.record;
        let has_name = !contact.display_name.trim().is_empty()
            || !contact.names.is_empty()
            || !contact.nicknames.is_empty()
            || !contact.organizations.is_empty();
        if entry.role == Role::Deleted || !has_name {
            return;
        }
        let name = line(&formatted_name(contact));
        let numbers = contact.phones.iter().map(|phone| &phone.number);
        let emails = contact.emails.iter().map(|email| &email.address);
        for address in numbers.chain(emails) {
            self.contacts.add(address, &name);
        }
    }

    /// Returns the name for an address. `None`: no contact and no exported message or call has the address, or
    /// different names may belong to it.
    pub fn of(&self, address: &str) -> Option<&str> {
        let of_contacts = self.contacts.of(address);
        of_contacts.or_else(|| self.found.of(address))
    }
}

impl ByForm {
    fn add(&mut self, address: &str, name: &str) {
        let known = Known {
            address: address.into(),
            name: name.into(),
        };
        let all = self.0.entry(form(address)).or_default();
        if !all.contains(&known) {
            all.push(known);
        }
    }

    fn of(&self, address: &str) -> Option<&str> {
        let known = self.0.get(&form(address))?;
        let only = |is_it: &dyn Fn(&Known) -> bool| {
            let mut found = known.iter().filter(|known| is_it(known));
            let first = found.next()?;
            let is_only = found.all(|other| other.name == first.name);
            is_only.then_some(&*first.name)
        };
        if !is_number(address) {
            return only(&|_| true);
        }
        let asked = dialled(address);
        only(&|known| dialled(&known.address) == asked)
            .or_else(|| only(&|known| same_line(&known.address, address)))
    }
}

/// Returns a form that all spellings of one address share. Different numbers may share it too.
pub fn form(address: &str) -> String {
    let digits = is_number(address).then(|| line_form(address)).flatten();
    digits.unwrap_or_else(|| address.trim().to_lowercase())
}

/// Returns true for a telephone number: an address with letters is an e-mail address or the name of a service.
fn is_number(address: &str) -> bool {
    !address.contains(|c: char| c.is_alphabetic()) && address.contains(|c: char| c.is_numeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collections::Merged;
    use crate::model::{Contact, Email, Phone};

    fn names(all: &[(&str, &str)]) -> Names {
        let mut names = Names::default();
        for (name, number) in all {
            let contact = Contact {
                display_name: (*name).into(),
                phones: vec![Phone {
                    number: (*number).into(),
                    ..Phone::default()
                }],
                emails: vec![Email {
                    address: format!("{name}@example.com"),
                    ..Email::default()
                }],
                ..Contact::default()
            };
            let merged = Merged::of_handset("contact/1".into(), contact);
            names.add(&Entry::new(Role::Handset, merged));
        }
        names
    }

    #[test]
    fn a_name_is_given_only_if_it_is_certain() {
        let known = names(&[
            ("Anna", "+49 170 0000801"),
            ("Bert", "030 1234567"),
            ("Cem", "+1 555 1234567"),
            ("Doro", "110"),
        ]);
        assert_eq!(known.of("0170 0000801"), Some("Anna"));
        assert_eq!(known.of("+491700000801"), Some("Anna"));
        assert_eq!(known.of("anna@EXAMPLE.com"), Some("Anna"));
        assert_eq!(known.of("0301234567"), Some("Bert"));
        assert_eq!(known.of("+49301234567"), Some("Bert"));
        // Two people may have it.
        assert_eq!(known.of("1234567"), None);
        assert_eq!(known.of("9110"), None);
        assert_eq!(known.of("O2"), None);
        assert_eq!(known.of(""), None);
        let twins = names(&[("Anna", "0170 0000801"), ("Bert", "0170-0000801")]);
        assert_eq!(twins.of("01700000801"), None);
    }
}
