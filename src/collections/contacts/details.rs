//! All details of a card, in reading order.

use crate::collections::details::{Details, Fields, line};
use crate::format::vcard::{formatted_name, words};
use crate::model::{
    Contact, DateKind, Label, MessengerService, Nickname, Organization, Origin, PersonName,
    Picture, PostalAddress, Source,
};
use crate::phrase;

pub fn details(contact: &Contact) -> Details {
    // Without `..`: a new field of a contact does not compile until it is handled here.
    let Contact {
        uid: _,
        display_name: _,
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
    } = contact;
    let mut fields = Fields::default();
    add_names(&formatted_name(contact), names, nicknames, &mut fields);
    for phone in phones {
        let usual = if phone.primary { phrase("default") } else { "" };
        fields.add_with(
            phrase("Phone"),
            &phone.number,
            &[&label(&phone.label), usual],
        );
    }
    for email in emails {
        let usual = if email.primary { phrase("default") } else { "" };
        let name = email.display_name.as_deref().unwrap_or_default();
        fields.add_with(
            phrase("E-mail"),
            &email.address,
            &[&label(&email.label), name, usual],
        );
    }
    for address in addresses {
        let text = postal(address);
        match label(&address.label) {
            of if of.is_empty() => fields.add(phrase("Address"), &text),
            of => fields.add(phrase("Address"), &format!("{} ({of})", text.trim_end())),
        }
    }
    for organization in organizations {
        fields.add(phrase("Company"), &work(organization));
    }
    for messenger in messengers {
        let service = service(&messenger.service);
        fields.add_with(
            phrase("Messenger"),
            &messenger.handle,
            &[&service, &label(&messenger.label)],
        );
    }
    for sip in sip_addresses {
        fields.add_with(phrase("SIP address"), &sip.address, &[&label(&sip.label)]);
    }
    for site in websites {
        fields.add_with(phrase("Website"), &site.url, &[&label(&site.label)]);
    }
    for date in dates {
        let kind = match &date.kind {
            DateKind::Birthday => phrase("Birthday"),
            DateKind::Anniversary => phrase("Anniversary"),
            DateKind::Custom(word) if !line(word).is_empty() => word,
            DateKind::Other | DateKind::Custom(_) | DateKind::Unknown(_) => phrase("Date"),
        };
        fields.add(kind, &date.date);
    }
    for relation in relations {
        fields.add_with(phrase("Related"), &relation.name, &[&relation.kind]);
    }
    for note in notes {
        fields.add(phrase("Note"), note);
    }
    fields.add(phrase("Groups"), &groups.join(", "));
    for identity in identities {
        let namespace = identity.namespace.as_deref().unwrap_or_default();
        fields.add_with(phrase("Identity"), &identity.identity, &[namespace]);
    }
    add_picture(*has_picture, picture.as_ref(), sources, &mut fields);
    for each in attached {
        let kind = match each.property.as_str() {
            "PHOTO" => phrase("Second picture"),
            "LOGO" => phrase("Logo"),
            "SOUND" => phrase("Sound"),
            "KEY" => phrase("Key"),
            other => other,
        };
        fields.add(
            kind,
            &phrase!("in the contact files, from {}", each.stands.place),
        );
    }
    if *starred {
        fields.add(phrase("Favourite"), phrase("yes"));
    }
    if *send_to_voicemail {
        fields.add(phrase("Calls"), phrase("go to voicemail"));
    }
    fields.add(
        phrase("Ringtone"),
        custom_ringtone.as_deref().unwrap_or_default(),
    );
    fields.add_sources(sources);
    for row in custom {
        let texts: Vec<&str> = row.data.iter().map(|(_, text)| text.as_str()).collect();
        fields.add_with(phrase("Other app"), &texts.join(", "), &[&row.mimetype]);
    }
    for column in unmapped {
        fields.add_with(phrase("Other data"), &column.value, &[&column.column]);
    }
    fields.done()
}

fn add_names(shown: &str, names: &[PersonName], nicknames: &[Nickname], fields: &mut Fields) {
    let shown = line(shown);
    fields.add(phrase("Name"), &shown);
    let mut said = vec![shown];
    for name in names {
        for text in [name.display.clone().unwrap_or_default(), joined(name)] {
            let text = line(&text);
            if !text.is_empty() && !said.contains(&text) {
                fields.add(phrase("Other name"), &text);
                said.push(text);
            }
        }
        let sounds = [
            &name.phonetic_given,
            &name.phonetic_middle,
            &name.phonetic_family,
        ];
        let sounds: Vec<&str> = sounds.into_iter().flatten().map(String::as_str).collect();
        fields.add(phrase("Pronounced"), &sounds.join(" "));
    }
    for nickname in nicknames {
        let label = match nickname.label {
            Label::Default => String::new(),
            ref other => label(other),
        };
        fields.add_with(phrase("Nickname"), &nickname.name, &[&label]);
    }
}

fn joined(name: &PersonName) -> String {
    let parts = name.parts().into_iter().flatten().map(|part| part.trim());
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

/// The text for a picture that is on the handset but in no file.
pub const NO_PICTURE: &str = phrase(
    "not rescued. Android doesn't share contact pictures over USB. Export the contacts in the Contacts app to save the \
     picture.",
);

/// Returns a label in lower case, to follow a number; a custom label is returned unchanged.
fn label(label: &Label) -> String {
    match label {
        Label::Custom(word) => word.clone(),
        Label::Isdn | Label::Mms | Label::TtyTdd => words(label).into_owned(),
        other => words(other).to_lowercase(),
    }
}

pub fn postal(address: &PostalAddress) -> String {
    if let Some(text) = address
        .formatted
        .as_ref()
        .filter(|text| !line(text).is_empty())
    {
        return text.clone();
    }
    let together = |parts: [&Option<String>; 2]| {
        let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        parts.join(" ")
    };
    let lines = [
        together([&address.street, &address.po_box]),
        together([&address.neighborhood, &None]),
        together([&address.postcode, &address.city]),
        together([&address.region, &address.country]),
    ];
    let lines: Vec<String> = lines.into_iter().filter(|l| !line(l).is_empty()).collect();
    lines.join("\n")
}

/// Returns the texts of an organization.
pub fn parts_of(organization: &Organization) -> [&Option<String>; 7] {
    [
        &organization.company,
        &organization.title,
        &organization.department,
        &organization.job_description,
        &organization.office_location,
        &organization.symbol,
        &organization.phonetic_name,
    ]
}

fn work(organization: &Organization) -> String {
    let parts = parts_of(organization);
    let parts: Vec<String> = parts.into_iter().flatten().map(|part| line(part)).collect();
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(", ")
}

fn service(service: &MessengerService) -> String {
    match service {
        MessengerService::Unset => String::new(),
        MessengerService::Aim => "AIM".into(),
        MessengerService::Msn => "MSN".into(),
        MessengerService::Yahoo => "Yahoo".into(),
        MessengerService::Skype => "Skype".into(),
        MessengerService::Qq => "QQ".into(),
        MessengerService::GoogleTalk => "Google Talk".into(),
        MessengerService::Icq => "ICQ".into(),
        MessengerService::Jabber => "Jabber".into(),
        MessengerService::NetMeeting => "NetMeeting".into(),
        MessengerService::Custom(name) => name.clone(),
    }
}

fn add_picture(
    has_picture: bool,
    picture: Option<&Picture>,
    sources: &[Source],
    fields: &mut Fields,
) {
    let files_only = sources.iter().all(|s| s.origin == Origin::File);
    let file = sources.first().filter(|_| files_only);
    if let Some(picture) = picture {
        fields.add(
            phrase("Picture"),
            &phrase!("in the contact files, from {}", picture.place),
        );
    } else if has_picture && let Some(file) = file {
        let place = line(&file.place);
        fields.add(
            phrase("Picture"),
            &phrase!("only in {place}: too large for a contact card, or in an unknown format"),
        );
    } else if has_picture {
        fields.add(phrase("Picture"), NO_PICTURE);
    }
}
