//! Decides when two contacts are the same person, and merges them.

use super::number::{dialled, dials_the_same, is_fuller, line_form, same_line};
use crate::collections::merge::{Mergeable, digest_of};
use crate::collections::text::{MOST_ENTRIES, add_lacking, folded, other_uid, own_uid};
use crate::format::vcard::formatted_name;
use crate::model::{
    Attached, Contact, ContactDate, DateKind, Label, PersonName, Phone, PostalAddress,
};

/// Properties that describe when and by which program a card was written, not its content.
const ABOUT_THE_CARD: [&str; 4] = ["REV", "PRODID", "VERSION", "X-PRODID"];

/// The same person has the same name and shares a telephone line or an e-mail address, or one of the contacts has no
/// number and no address. If the identifiers are equal, either the name or a line or address is enough.
///
/// Evidence against it: different identifiers, birthdays, notes, numbers or addresses, if each contact has something
/// that the other lacks.
impl Mergeable for Contact {
    fn forms(&self) -> Vec<String> {
        let mut forms = Vec::new();
        if let Some(uid) = own_uid(&self.uid) {
            forms.push(format!("u{uid}"));
        }
        let Some(name) = name_of(self) else {
            return forms;
        };
        let lines = self.phones.iter().filter_map(|p| line_form(&p.number));
        forms.extend(
            lines
                .take(MOST_ENTRIES)
                .map(|line| format!("p{line} {name}")),
        );
        let emails = self.emails.iter().map(|e| folded(&e.address));
        forms.extend(
            emails
                .take(MOST_ENTRIES)
                .map(|email| format!("e{email} {name}")),
        );
        forms.push(format!("n{name}"));
        forms
    }

    fn digest(&self) -> [u8; 32] {
        let mut bare = self.clone();
        bare.uid = own_uid(&self.uid).unwrap_or_default().to_owned();
        bare.sources.clear();
        for phone in &mut bare.phones {
            phone.number = dialled(&phone.number);
            phone.normalized = None;
        }
        for email in &mut bare.emails {
            email.address = folded(&email.address);
        }
        if let Some(picture) = &mut bare.picture {
            picture.place.clear();
            (picture.offset, picture.length) = (0, 0);
            picture.reply = None;
        }
        for attached in &mut bare.attached {
            attached.stands.place.clear();
            (attached.stands.offset, attached.stands.length) = (0, 0);
        }
        bare.unmapped
            .retain(|column| !ABOUT_THE_CARD.contains(&column.column.as_str()));
        digest_of(&bare)
    }

    fn is_same(&self, other: &Self) -> bool {
        // Without `..`: a new field does not compile until it is decided whether it speaks for or against.
        let Contact {
            // Its name.
            display_name: _,
            names: _,
            nicknames: _,
            organizations: _,
            // These speak for or against.
            uid: _,
            phones: _,
            emails: _,
            notes: _,
            dates: _,
            // The other contact may lack them or have other ones. Both are kept.
            addresses: _,
            messengers: _,
            websites: _,
            relations: _,
            sip_addresses: _,
            identities: _,
            groups: _,
            custom: _,
            unmapped: _,
            has_picture: _,
            picture: _,
            attached: _,
            starred: _,
            send_to_voicemail: _,
            custom_ringtone: _,
            sources: _,
        } = self;
        let same_name = match (name_of(self), name_of(other)) {
            (Some(a), Some(b)) => a == b,
            _ => false,
        };
        let same_uid = own_uid(&self.uid).is_some() && own_uid(&self.uid) == own_uid(&other.uid);
        let reachable = |c: &Contact| !c.phones.is_empty() || !c.emails.is_empty();
        let shares = phones_of(self).any(|a| phones_of(other).any(|b| same_line(a, b)))
            || emails_of(self).any(|a| emails_of(other).any(|b| a == b));
        let speaks_for = match (same_name, same_uid) {
            (true, true) => true,
            (true, false) => {
                // "Sales" and "Reception" exist in many companies.
                let is_bare = !reachable(self) || !reachable(other);
                shares || (is_bare && !part(&companies(self), &companies(other), |a, b| a == b))
            }
            (false, true) => shares,
            (false, false) => false,
        };
        speaks_for && !contradicts(self, other)
    }

    fn weight(&self) -> usize {
        const ENTRY: usize = 160;
        // Without `..`: a new list does not compile until its memory is counted.
        let Self {
            uid: _,
            display_name: _,
            has_picture: _,
            picture: _,
            starred: _,
            send_to_voicemail: _,
            custom_ringtone: _,
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
            attached,
            sources,
        } = self;
        let entries = nicknames.len()
            + phones.len()
            + emails.len()
            + messengers.len()
            + websites.len()
            + dates.len()
            + relations.len()
            + sip_addresses.len()
            + identities.len()
            + groups.len()
            + unmapped.len();
        let large = names.len()
            + addresses.len()
            + organizations.len()
            + custom.len()
            + attached.len()
            + sources.len();
        let texts = notes.iter().map(String::len).sum::<usize>()
            + unmapped.iter().map(|u| u.value.len()).sum::<usize>();
        size_of::<Self>() + ENTRY * (entries + notes.len() + 3 * large) + texts
    }

    fn take_in(&mut self, other: Self) {
        // Without `..`: a new field of a contact does not compile until it is decided how two values are merged.
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
        } = other;
        let equal = |a: &String, b: &String| folded(a) == folded(b);
        let shown = folded(&formatted_name(self));
        if self.display_name.trim().is_empty() {
            self.display_name = display_name;
        }
        for name in names {
            add_name(&mut self.names, name, &shown);
        }
        add_lacking(&mut self.nicknames, nicknames, |a, b| {
            equal(&a.name, &b.name)
        });
        add_phones(&mut self.phones, phones);
        add_lacking(&mut self.emails, emails, |a, b| {
            equal(&a.address, &b.address)
        });
        add_lacking(&mut self.addresses, addresses, |a, b| {
            let parts = |a: &PostalAddress| {
                [
                    &a.street,
                    &a.neighborhood,
                    &a.city,
                    &a.region,
                    &a.postcode,
                    &a.country,
                    &a.po_box,
                    &a.formatted,
                ]
                .map(|part| folded(part.as_deref().unwrap_or_default()))
            };
            parts(a) == parts(b)
        });
        add_lacking(&mut self.organizations, organizations, |a, b| {
            let has = |own: &Option<String>, wanted: &Option<String>| {
                wanted
                    .as_ref()
                    .is_none_or(|w| own.as_ref().is_some_and(|o| equal(o, w)))
            };
            has(&a.company, &b.company)
                && has(&a.title, &b.title)
                && has(&a.department, &b.department)
                && has(&a.job_description, &b.job_description)
                && has(&a.symbol, &b.symbol)
                && has(&a.phonetic_name, &b.phonetic_name)
                && has(&a.office_location, &b.office_location)
        });
        add_lacking(&mut self.messengers, messengers, |a, b| {
            equal(&a.handle, &b.handle) && a.service == b.service
        });
        add_lacking(&mut self.notes, notes, equal);
        add_lacking(&mut self.websites, websites, |a, b| equal(&a.url, &b.url));
        add_lacking(&mut self.dates, dates, |a, b| {
            a.kind == b.kind && a.date.trim() == b.date.trim()
        });
        add_lacking(&mut self.relations, relations, |a, b| a == b);
        add_lacking(&mut self.sip_addresses, sip_addresses, |a, b| {
            equal(&a.address, &b.address)
        });
        add_lacking(&mut self.identities, identities, |a, b| a == b);
        add_lacking(&mut self.groups, groups, equal);
        add_lacking(&mut self.custom, custom, |a, b| a == b);
        add_lacking(&mut self.unmapped, unmapped, |a, b| a == b);
        add_lacking(&mut self.sources, sources, |a, b| {
            (a.origin, &a.place, a.row) == (b.origin, &b.place, b.row)
        });
        self.has_picture |= has_picture;
        // A second picture is kept as an attachment.
        let (picture, second) = match (self.picture.take(), picture) {
            (Some(own), other) => (Some(own), other),
            (None, other) => (other, None),
        };
        self.picture = picture;
        let second = second.map(|stands| Attached {
            property: "PHOTO".to_owned(),
            media: String::new(),
            stands,
        });
        let shown = self.picture.as_ref().map(|p| p.sha256.clone());
        let others = attached.into_iter().chain(second);
        let others = others.filter(|other| Some(&other.stands.sha256) != shown.as_ref());
        add_lacking(&mut self.attached, others.collect(), |a, b| {
            (&a.property, &a.stands.sha256) == (&b.property, &b.stands.sha256)
        });
        self.starred |= starred;
        self.send_to_voicemail |= send_to_voicemail;
        self.custom_ringtone = self.custom_ringtone.take().or(custom_ringtone);
    }
}

/// Adds a name. A name displayed like the card's fills empty parts of the first of the card's names; any other name
/// becomes a further name.
fn add_name(known: &mut Vec<PersonName>, name: PersonName, shown: &str) {
    fn fill(known: &mut PersonName, name: PersonName) {
        let PersonName {
            display,
            prefix,
            given,
            middle,
            family,
            suffix,
            phonetic_given,
            phonetic_middle,
            phonetic_family,
        } = name;
        for (known, found) in [
            (&mut known.display, display),
            (&mut known.prefix, prefix),
            (&mut known.given, given),
            (&mut known.middle, middle),
            (&mut known.family, family),
            (&mut known.suffix, suffix),
            (&mut known.phonetic_given, phonetic_given),
            (&mut known.phonetic_middle, phonetic_middle),
            (&mut known.phonetic_family, phonetic_family),
        ] {
            *known = known.take().or(found);
        }
    }
    let is_bare = |name: &PersonName| name.parts().iter().all(|part| part.is_none());
    let core = |name: &PersonName| {
        [&name.given, &name.middle, &name.family]
            .map(|part| folded(part.as_deref().unwrap_or_default()))
    };
    let display = name.display.as_deref().map(folded);
    let is_shown_alike = display.is_none() || display.as_deref() == Some(shown);
    let fills = |first: &PersonName| {
        is_shown_alike && (is_bare(first) || is_bare(&name) || core(first) == core(&name))
    };
    if let Some(first) = known.first_mut().filter(|first| fills(first)) {
        fill(first, name);
    } else if !known.iter().take(MOST_ENTRIES).any(|other| *other == name) {
        known.push(name);
    }
}

/// Returns the name in the form used for comparison; `None`: the card has no name.
fn name_of(contact: &Contact) -> Option<String> {
    let is_named = !contact.display_name.trim().is_empty()
        || contact
            .names
            .iter()
            .any(|n| n.display.is_some() || n.parts().iter().any(|part| part.is_some()))
        || !contact.nicknames.is_empty()
        || contact.organizations.iter().any(|o| o.company.is_some());
    is_named
        .then(|| folded(&formatted_name(contact)))
        .filter(|name| !name.is_empty() && name != "unnamed")
}

fn phones_of(contact: &Contact) -> impl Iterator<Item = &str> {
    let phones = contact.phones.iter().take(MOST_ENTRIES);
    phones.map(|phone| phone.number.as_str())
}

fn emails_of(contact: &Contact) -> impl Iterator<Item = String> {
    let emails = contact.emails.iter().take(MOST_ENTRIES);
    emails.map(|email| folded(&email.address))
}

fn contradicts(a: &Contact, b: &Contact) -> bool {
    let notes = |c: &Contact| -> Vec<String> {
        let notes = c.notes.iter().take(MOST_ENTRIES).map(|note| folded(note));
        notes.filter(|note| !note.is_empty()).collect()
    };
    other_uid(&a.uid, &b.uid)
        || other_birthdays(a, b)
        || part(&notes(a), &notes(b), |a, b| a == b)
        || part(
            &emails_of(a).collect::<Vec<_>>(),
            &emails_of(b).collect::<Vec<_>>(),
            |a, b| a == b,
        )
        || part(
            &phones_of(a).collect::<Vec<_>>(),
            &phones_of(b).collect::<Vec<_>>(),
            |a, b| same_line(a, b),
        )
}

fn companies(contact: &Contact) -> Vec<String> {
    let all = contact.organizations.iter().take(MOST_ENTRIES);
    all.filter_map(|o| o.company.as_deref())
        .map(folded)
        .filter(|company| !company.is_empty())
        .collect()
}

/// Returns true if each list has something that the other lacks.
fn part<T>(a: &[T], b: &[T], same: impl Fn(&T, &T) -> bool) -> bool {
    let lacks = |a: &[T], b: &[T]| a.iter().any(|a| !b.iter().any(|b| same(a, b)));
    lacks(a, b) && lacks(b, a)
}

fn other_birthdays(a: &Contact, b: &Contact) -> bool {
    let of = |c: &Contact| -> Vec<String> {
        let is_birthday = |date: &&ContactDate| date.kind == DateKind::Birthday;
        let dates = c.dates.iter().filter(is_birthday);
        dates.map(|date| date.date.clone()).collect()
    };
    part(&of(a), &of(b), |a, b| same_day(a, b))
}

/// Returns true if both dates are the same day. One of them may lack the year, lack the hyphens, or have a time.
fn same_day(a: &str, b: &str) -> bool {
    match (day(a), day(b)) {
        (Some((a_year, a)), Some((b_year, b))) => {
            a == b && (a_year.is_none() || b_year.is_none() || a_year == b_year)
        }
        _ => folded(a) == folded(b),
    }
}

/// Parses year, and month with day, of `1985-04-12`, `19850412`, `--04-12`, `--0412`, `1985-04-12T00:00:00Z`.
fn day(text: &str) -> Option<(Option<u16>, u16)> {
    let text = text.trim();
    let text = text.split(['T', ' ']).next().unwrap_or(text);
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    match (text.starts_with("--"), digits.len()) {
        (true, 4) => Some((None, digits.parse().ok()?)),
        (false, 8) => {
            let (year, day) = digits.split_at_checked(4)?;
            Some((year.parse().ok(), day.parse().ok()?))
        }
        _ => None,
    }
}

/// Adds numbers that dial differently from the known ones. If two numbers dial the same, the more complete number is
/// kept.
fn add_phones(known: &mut Vec<Phone>, found: Vec<Phone>) {
    for phone in found {
        let same = |other: &&mut Phone| dials_the_same(other, &phone);
        match known.iter_mut().take(MOST_ENTRIES).find(same) {
            Some(other) => {
                if is_fuller(&phone.number, &other.number) {
                    other.number = phone.number;
                }
                if other.label == Label::Unset {
                    other.label = phone.label;
                }
                other.normalized = other.normalized.take().or(phone.normalized);
            }
            None => known.push(phone),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Email;

    fn card(name: &str, phones: &[&str]) -> Contact {
        Contact {
            display_name: name.into(),
            names: vec![PersonName {
                display: Some(name.into()),
                ..PersonName::default()
            }],
            phones: phones
                .iter()
                .map(|number| Phone {
                    number: (*number).into(),
                    ..Phone::default()
                })
                .collect(),
            ..Contact::default()
        }
    }

    fn with(mut contact: Contact, change: impl FnOnce(&mut Contact)) -> Contact {
        change(&mut contact);
        contact
    }

    fn born(contact: Contact, date: &str) -> Contact {
        with(contact, |c| {
            c.dates.push(ContactDate {
                date: date.into(),
                kind: DateKind::Birthday,
            });
        })
    }

    fn mail(contact: Contact, address: &str) -> Contact {
        with(contact, |c| {
            c.emails.push(Email {
                address: address.into(),
                ..Email::default()
            });
        })
    }

    #[test]
    fn something_must_speak_for_it() {
        let lena = card("Lena Krug", &["+49 170 0000011"]);
        assert!(lena.is_same(&card("lena  krug", &["0170 0000011"])));
        assert!(lena.is_same(&card("Lena Krug", &[])));
        assert!(!lena.is_same(&card("Lena Krug", &["+49 170 0000099"])));
        assert!(!lena.is_same(&card("Omar Feld", &["+49 170 0000011"])));
        assert!(!card("", &[]).is_same(&card("", &[])));
        let at = |company: &str, phones: &[&str]| {
            with(card("Sales", phones), |c| {
                c.organizations.push(crate::model::Organization {
                    company: Some(company.into()),
                    ..crate::model::Organization::default()
                });
            })
        };
        assert!(!at("Werft AG", &["+491"]).is_same(&at("Muehle KG", &[])));
        assert!(at("Werft AG", &["+491"]).is_same(&at("werft ag", &[])));
        let same_uid = |c| with(c, |c| c.uid = "a-1".into());
        assert!(same_uid(lena.clone()).is_same(&same_uid(card("Lena Feld", &["+491700000011"]))));
        assert!(!same_uid(lena).is_same(&same_uid(card("Omar", &["110"]))));
    }

    #[test]
    fn nothing_may_speak_against_it() {
        let lena = || mail(card("Lena Krug", &["+491700000011"]), "lena@example.org");
        let uid = |c, uid: &str| with(c, |c| c.uid = uid.into());
        let note = |c, note: &str| with(c, |c| c.notes.push(note.into()));
        assert!(
            lena().is_same(&mail(lena(), "second@example.org")),
            "the fuller one has all"
        );
        for (a, b) in [
            (uid(lena(), "a"), uid(lena(), "b")),
            (born(lena(), "1950-01-02"), born(lena(), "1981-06-07")),
            (born(lena(), "--01-02"), born(lena(), "1981-06-07")),
            (note(lena(), "likes tea"), note(lena(), "likes coffee")),
            (mail(lena(), "a@example.org"), mail(lena(), "b@example.org")),
            (
                card("Karl Berg", &["+49300000500", "+491700000501"]),
                card("Karl Berg", &["+49300000500", "+491700000502"]),
            ),
        ] {
            assert!(!a.is_same(&b) && !b.is_same(&a), "{a:?} {b:?}");
        }
        for (a, b) in [
            (born(lena(), "1950-01-02"), born(lena(), "19500102")),
            (born(lena(), "--0102"), born(lena(), "1950-01-02T00:00:00Z")),
            (uid(lena(), "urn:uuid:A-1"), uid(lena(), "A-1")),
            (note(lena(), "likes  tea"), note(lena(), "likes tea\n")),
        ] {
            assert!(a.is_same(&b) && b.is_same(&a), "{a:?} {b:?}");
        }
    }

    #[test]
    fn numbers_that_dial_otherwise_both_stay() {
        let mut john = card("John", &["+491700000801"]);
        let other = card(
            "John",
            &["*31#+491700000801", "+491700000801,,55#", "+49 170 0000801"],
        );
        assert!(john.is_same(&other));
        john.take_in(other);
        let numbers: Vec<&str> = phones_of(&john).collect();
        assert_eq!(
            numbers,
            ["+491700000801", "*31#+491700000801", "+491700000801,,55#"]
        );
    }

    #[test]
    fn what_says_the_same_has_one_digest() {
        let a = mail(
            card("Lena Krug", &["+49 170-0000011", "110"]),
            "Lena@example.org",
        );
        let b = mail(
            card("Lena  Krug ", &["110", "+491700000011"]),
            "lena@example.org",
        );
        assert_eq!(a.digest(), b.digest());
        for other in [
            card("Lena Krug", &["+49 170 0000011", "110"]),
            mail(
                card("Lena Krug", &["+49 170 0000012", "110"]),
                "lena@example.org",
            ),
            with(a.clone(), |c| c.uid = "own".into()),
            born(a.clone(), "1950-01-02"),
        ] {
            assert_ne!(a.digest(), other.digest(), "{other:?}");
        }
    }
}
