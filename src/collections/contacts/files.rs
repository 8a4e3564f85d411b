//! Writing the contact files, with the entries of SIM cards, and reading them back.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Mutex;

use super::Entry;
use super::photo::{Replies, photo};
use crate::collections::{
    Check, Count, FromExports, Journal, Output, Pace, Role, WriteError, Written, expect, lock,
};
use crate::export::contacts::{self, ContactFiles, ContactSummary};
use crate::format::vcard::{Photo, formatted_name};
use crate::model::{Collection, Contact, RecordBody, uid};
use crate::phrase;
use crate::vault::{DATA, RecordKind, Vault};

/// The contact files, each with its purpose.
pub const FILES: &[(&str, &str)] = &[
    (
        contacts::ALL,
        phrase(
            "all rescued contacts. Import this file: the Contacts app of a new phone, Google Contacts, iCloud, \
             Thunderbird and nearly every other program accept it",
        ),
    ),
    (
        contacts::GOOGLE_PARTS,
        phrase(
            "the same data in smaller files, because Google's website limits the size of an import",
        ),
    ),
    (
        contacts::SINGLE,
        phrase(
            "one file per contact, for Outlook on Windows, which reads only the first contact of a file",
        ),
    ),
    (
        contacts::GOOGLE,
        phrase("the contacts as a table for Google Contacts"),
    ),
    (
        contacts::OUTLOOK,
        phrase("the contacts as a table for Outlook, or for a spreadsheet"),
    ),
    (
        contacts::ALL_V4,
        phrase("all rescued contacts with the most detail (vCard 4.0), for your archive"),
    ),
    (
        contacts::DELETED,
        phrase(
            "contacts that were deleted on the phone but could still be read. They are not in contacts.vcf",
        ),
    ),
    (contacts::ME, phrase("the owner's own contact card")),
];

/// Writes the contact files. Contacts and SIM entries must already have been read.
///
/// # Errors
/// As [`crate::collections::Write`].
pub fn write(vault: &Mutex<Vault>, pace: &Pace) -> Result<Output, WriteError> {
    for what in [Collection::Contacts, Collection::Sim] {
        expect(
            vault,
            pace,
            what,
            &[RecordKind::Contact, RecordKind::Profile],
        )?;
    }
    let data = lock(vault).folder().join(DATA);
    let mut files = ContactFiles::new(&data)?;
    let mut uids = Uids::default();
    let (mut people, mut entries) = (Count::default(), Count::default());
    vault.each(Collection::Sim, &[RecordKind::Contact], |record| {
        if let RecordBody::Contact(entry) = record.body {
            entries.add(&entry.sources, false);
        }
        Ok::<_, WriteError>(())
    })?;
    // Raw contacts that were joined; contacts with a picture from an exported file, and with one that can't be read.
    let (mut joined, mut pictured, mut pictures) = (0, 0, 0);
    let (mut own_card, mut sim_cards) = (0, 0);
    let replies = Replies::list(vault)?;
    let summary = super::each(vault, |entry| {
        let Entry {
            role,
            merged,
            parts,
            had_picture,
        } = entry;
        pace.wrote(merged.keys.len())?;
        let mut contact = merged.record;
        uids.make_own(&mut contact);
        match role {
            Role::Deleted => {
                people.add(&contact.sources, true);
                files.push_deleted(&contact)?;
            }
            Role::Own => {
                own_card = 1;
                files.profile(&contact)?;
            }
            Role::Handset | Role::Sim | Role::File => {
                let from_phone = replies.photo(vault, &contact)?;
                let is_from_phone = from_phone.is_some();
                let photo = match (from_phone, photo(&data, &contact)) {
                    (Some(mut photo), attached) => {
                        attached.into_iter().for_each(|more| photo.join(more));
                        Some(photo)
                    }
                    (None, found) => found,
                };
                let has_photo = photo.as_ref().is_some_and(Photo::is_portrait);
                if !has_photo {
                    contact.picture = None;
                }
                files.push(&contact, photo)?;
                pictured += u64::from(has_photo && !is_from_phone);
                if role == Role::Handset {
                    people.add_named(&contact.sources, false, || {
                        formatted_name(&contact).into_owned()
                    });
                    joined += parts;
                    pictures += u64::from(had_picture && !has_photo);
                }
                sim_cards += u64::from(role == Role::Sim);
            }
        }
        Ok::<_, WriteError>(())
    })?;
    people.undecoded = summary.undecoded;
    let mut sim = Written {
        count: entries,
        ..Written::default()
    };
    sim.note(summary.sim_joined, |n| {
        phrase!("Also among the phone's contacts, and joined with them: {n}.")
    });
    sim.note(sim_cards, |n| {
        phrase!("Only on the SIM card, and added to contacts.vcf: {n}.")
    });
    let on_disk = files.finish()?;
    // Cards that are not the address book's own.
    let others = sim_cards + summary.joins.new;
    let check = check(data, on_disk.clone(), others, sim.count.living);
    let mut own = Written {
        losses: on_disk.losses.into_iter().collect(),
        exported: FromExports {
            joins: summary.joins,
            notes: pictures_found(pictured).into_iter().collect(),
            unread: Vec::new(),
        },
        not_covered: pictures_lacking(pictures).into_iter().collect(),
        ..Written::default()
    };
    own.note(joined.saturating_sub(people.living), |_| {
        phrase!(
            "Joined from {joined} entries of the phone's accounts, in the same way as on the phone."
        )
    });
    own.notes.extend(pictures_lacking(pictures));
    own.note(own_card, |_| {
        phrase("The owner's own contact card is in me.vcf.").to_owned()
    });
    own.count = people;
    Ok(Output {
        written: vec![(Collection::Contacts, own), (Collection::Sim, sim)],
        check: Some(check),
    })
}

fn pictures_found(number: u64) -> Option<String> {
    match number {
        0 => None,
        1 => Some(phrase("One contact has its picture from an exported file.").to_owned()),
        n => Some(phrase!(
            "{n} contacts have their pictures from exported files."
        )),
    }
}

fn pictures_lacking(number: u64) -> Option<String> {
    let have = match number {
        0 => return None,
        1 => phrase("One contact has").to_owned(),
        _ => phrase!("{number} contacts have"),
    };
    Some(phrase!(
        "{have} a picture. Android doesn't share these over USB. In the Contacts app, choose Export to file. \
         Then start a new rescue. Lifeboat then copies the pictures from that file."
    ))
}

/// Counts the cards on the disk. `others`: cards that are not the address book's own. `entries`: SIM entries, of which
/// many are on the address book's cards, so that they can't be counted on the disk.
fn check(data: std::path::PathBuf, written: ContactSummary, others: u64, entries: u64) -> Check {
    Box::new(move |pace| {
        pace.expect_back(written.living);
        let found = contacts::read_back_while(&data, &mut || {
            pace.read_back();
            !pace.is_over()
        });
        let cards: BTreeMap<String, u64> = found.map_err(|e| e.to_string())?.cards;
        let count = |name: &str| cards.get(name).copied().unwrap_or_default();
        for (name, expected) in [
            (contacts::ALL, written.living),
            (contacts::ALL_V4, written.living - written.v4_refused),
            (contacts::SINGLE, written.living),
        ] {
            let found = count(name);
            if found != expected {
                return Err(phrase!(
                    "{name} contains {found} cards instead of {expected}"
                ));
            }
        }
        if count(contacts::DELETED) != written.deleted {
            return Err(phrase!("{} is not complete", contacts::DELETED));
        }
        Ok(vec![
            (
                Collection::Contacts,
                count(contacts::ALL).saturating_sub(others),
            ),
            (Collection::Sim, entries),
        ])
    })
}

/// Keeps the UIDs of cards unique. Two cards with the same content and no server ID would get the same UID, and
/// importers would drop one of them.
#[derive(Default)]
struct Uids(HashSet<u64>);

impl Uids {
    fn make_own(&mut self, contact: &mut Contact) {
        let first = contact.uid.clone();
        let mut number = 2;
        loop {
            let mut hasher = DefaultHasher::new();
            contact.uid.hash(&mut hasher);
            if self.0.insert(hasher.finish()) {
                return;
            }
            contact.uid = uid::from_parts(&[&first, &number.to_string()]);
            number += 1;
        }
    }
}
