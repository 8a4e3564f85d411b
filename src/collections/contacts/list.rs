//! The lines of the contacts' list.

use super::details::{parts_of, postal};
use crate::collections::Role;
use crate::collections::details::{line, places};
use crate::collections::list::{Ended, GoOn, Line, Listing, Sheet, key_of};
use crate::collections::search_key::SearchText;
use crate::format::vcard::formatted_name;
use crate::model::{Contact, grouped};
use crate::phrase;
use crate::vault::Vault;

pub static SHEET: Sheet = Sheet {
    unit: "",
    none: phrase("No contacts were read from this phone. See the verdict for the reason."),
    share: 9,
    is_month: false,
    fill,
};

/// Fills the list: the owner's own card first, then the others by name; names that don't begin with a letter come last.
fn fill(journal: &Vault, go_on: GoOn<'_>, listing: &mut Listing) -> Result<(), Ended> {
    let (mut on_sim, mut own) = (0, 0);
    let read = super::each(journal, |entry| {
        go_on()?;
        let contact = &entry.merged.record;
        let mut line = contact_line(contact);
        line.key = key_of(&entry.merged.keys);
        let remark = match entry.role {
            Role::Handset => "",
            Role::Deleted => phrase("deleted"),
            Role::Own => phrase("owner"),
            Role::Sim => phrase("SIM"),
            Role::File => phrase("file"),
        };
        line.deleted = entry.role == Role::Deleted;
        line.found = entry.role == Role::File;
        line.aside = matches!(entry.role, Role::Own | Role::Sim);
        line.remark = match (remark, line.only_here) {
            ("", true) => phrase("only here"),
            (remark, _) => remark,
        }
        .into();
        on_sim += u64::from(entry.role == Role::Sim);
        own += u64::from(entry.role == Role::Own);
        line.places = listing.places(&places(&contact.sources));
        listing.lines.push(line);
        Ok::<_, Ended>(())
    });
    let mut more = Vec::new();
    if on_sim > 0 {
        more.push(phrase!("{} more on the SIM card", grouped(on_sim)));
    }
    if own > 0 {
        more.push(phrase("the owner's own card").to_owned());
    }
    listing.more = more.join(", ");
    listing.lines.sort_by(|a, b| order(a).cmp(&order(b)));
    listing.lines.shrink_to_fit();
    read.map(|_| ())
}

/// Sort key: the owner's card, then names that begin with a letter, then the others.
fn order(line: &Line) -> (bool, bool, &str) {
    let name = line.search.split('\n').next().unwrap_or_default();
    let has_letter = name.starts_with(char::is_alphabetic);
    (line.remark != phrase("owner"), !has_letter, name)
}

fn contact_line(contact: &Contact) -> Line {
    // Without `..`: a new field of a contact does not compile until it is decided whether search covers it.
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
        has_picture: _,
        picture: _,
        attached: _,
        starred: _,
        send_to_voicemail: _,
        custom_ringtone: _,
        sources,
    } = contact;
    let name = line(&formatted_name(contact));
    let mut search = SearchText::of(&name);
    for phone in phones {
        search.add_number(phone.normalized.as_deref().unwrap_or_default());
        search.add_number(&phone.number);
    }
    for email in emails {
        search.add(&email.address);
        search.add(email.display_name.as_deref().unwrap_or_default());
    }
    search.add(display_name);
    for name in names {
        search.add(name.display.as_deref().unwrap_or_default());
        search.add_all(name.parts());
        search.add_all([
            &name.phonetic_given,
            &name.phonetic_middle,
            &name.phonetic_family,
        ]);
    }
    for nickname in nicknames {
        search.add(&nickname.name);
    }
    for organization in organizations {
        search.add_all(parts_of(organization));
    }
    for address in addresses {
        search.add(&postal(address).replace('\n', " "));
    }
    for messenger in messengers {
        search.add(&messenger.handle);
    }
    let urls = websites.iter().map(|site| &site.url);
    let dates = dates.iter().map(|date| &date.date);
    let relations = relations.iter().map(|relation| &relation.name);
    let sip = sip_addresses.iter().map(|sip| &sip.address);
    let identities = identities.iter().map(|identity| &identity.identity);
    let unmapped = unmapped.iter().map(|column| &column.value);
    let custom = custom.iter().flat_map(|row| &row.data);
    let custom = custom.map(|(_, text)| text);
    let texts = urls.chain(dates).chain(relations).chain(sip);
    let texts = texts.chain(identities).chain(groups).chain(unmapped);
    for text in texts.chain(custom) {
        search.add(text);
    }
    for note in notes {
        search.add(&note.replace('\n', " "));
    }
    Line {
        name: name.into(),
        search: search.done(),
        only_here: sources.iter().any(|s| s.only_here && !s.deleted),
        // The phone is about to delete it.
        problem: sources.iter().any(|source| source.doomed),
        ..Line::default()
    }
}
