//! The lines of the contacts' list.

use crate::collections::Role;
use crate::collections::details::line;
use crate::collections::list::{Ended, GoOn, Line, Listing, Sheet, key_of};
use crate::collections::search_key::search_key;
use crate::format::vcard::formatted_name;
use crate::model::{Contact, grouped};
use crate::phrase;
use crate::vault::Vault;

pub static SHEET: Sheet = Sheet {
    search: phrase("name, number, e-mail, company"),
    none: phrase("No contacts were read from this phone. See the verdict for the reason."),
    share: 9,
    is_month: false,
    fill,
};

/// Fills the list: the owner's own card first, then the others by name; names that don't begin with a letter come last.
fn fill(journal: &Vault, go_on: GoOn<'_>, listing: &mut Listing) -> Result<(), Ended> {
    let mut on_sim = 0;
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
        listing.lines.push(line);
        Ok::<_, Ended>(())
    });
    if on_sim > 0 {
        listing.more = phrase!("{} more on the SIM card", grouped(on_sim));
    }
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
        display_name: _,
        names,
        nicknames,
        phones,
        emails,
        addresses: _,
        organizations,
        messengers: _,
        notes: _,
        websites: _,
        dates: _,
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
        sources,
    } = contact;
    let name = line(&formatted_name(contact));
    let mut search = search_key(&name);
    let mut add = |text: &str| {
        if !text.is_empty() && !search.contains(text) {
            search.push('\n');
            search.push_str(text);
        }
    };
    for phone in phones {
        for number in [phone.normalized.as_ref(), Some(&phone.number)]
            .into_iter()
            .flatten()
        {
            let digits: String = number
                .chars()
                .filter(|c| c.is_ascii_digit() || matches!(c, '*' | '#'))
                .collect();
            add(&digits);
        }
    }
    let emails = emails.iter().map(|e| &e.address);
    let companies = organizations.iter().filter_map(|o| o.company.as_ref());
    let names = names.iter().filter_map(|n| n.display.as_ref());
    let nicknames = nicknames.iter().map(|n| &n.name);
    for text in emails.chain(companies).chain(names).chain(nicknames) {
        add(&search_key(&line(text)));
    }
    Line {
        name: name.into(),
        search: search.into(),
        only_here: sources.iter().any(|s| s.only_here && !s.deleted),
        ..Line::default()
    }
}
