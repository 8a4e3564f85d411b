//! SIM phonebooks (AOSP `IccProvider`, `content://icc/adn`): abbreviated dialling numbers, 3GPP TS 31.102 4.4.2.3.
//!
//! The provider knows neither projection nor WHERE: each row prints `name`, `number`, `emails` and `_id`.

use std::sync::Arc;

use super::uid;
use crate::format::content_rows::{End, Layout, RowReader};
use crate::model::{Contact, Email, Label, Origin, PersonName, Phone, Source};

/// The columns that SIM providers print, AOSP's and makers' own.
const COLUMNS: &[&str] = &[
    "name",
    "number",
    "emails",
    "anrs",
    "_id",
    "adn_index",
    "efid",
    "recordnumber",
    "sub_id",
];

/// The entries of one SIM's reply, how many could not be read in one way only, and what is not a row.
pub fn decode(text: &[u8], place: &str) -> (Vec<Contact>, u64, Option<String>) {
    decode_as(text, place, &columns(text))
}

/// The columns of this reply: a text may look like one, so the row with the fewest tells.
fn columns(text: &[u8]) -> Vec<&'static str> {
    let text = String::from_utf8_lossy(text);
    let of_row = |row: &str| -> Vec<&'static str> {
        let names = row
            .split(", ")
            .filter_map(|cell| cell.split_once('=').map(|(name, _)| name));
        let known = |name: &str| COLUMNS.iter().copied().find(|c| name == *c);
        names
            .filter_map(|name| known(name.rsplit(' ').next().unwrap_or(name)))
            .collect()
    };
    let rows = text
        .lines()
        .filter(|l| l.starts_with("Row: "))
        .map(of_row)
        .filter(|c| c.len() > 1);
    rows.min_by_key(Vec::len)
        .unwrap_or_else(|| vec!["name", "number", "emails", "_id"])
}

fn decode_as(
    text: &[u8],
    place: &str,
    columns: &[&'static str],
) -> (Vec<Contact>, u64, Option<String>) {
    let layout = Arc::new(Layout::new(&[], columns));
    let mut reader = RowReader::new(&layout);
    reader.push(text);
    reader.end();
    let (mut contacts, mut uncertain) = (Vec::new(), 0);
    loop {
        match reader.next_row() {
            Ok(Some(row)) => {
                if !row.doubtful.is_empty() {
                    uncertain += 1;
                    continue;
                }
                let cell = |name: &str| {
                    let text = layout
                        .column(name)
                        .and_then(|c| row.text(c))
                        .unwrap_or_default();
                    let text = String::from_utf8_lossy(text).into_owned();
                    Some(text).filter(|t| !t.is_empty())
                };
                let id = layout
                    .column("_id")
                    .and_then(|c| row.number(c))
                    .unwrap_or_default();
                contacts.extend(contact(
                    id,
                    place,
                    cell("name"),
                    cell("number"),
                    cell("emails"),
                    cell("anrs"),
                ));
            }
            Ok(None) => break,
            Err(error) => return (contacts, uncertain, Some(error.to_string())),
        }
    }
    let trouble = match reader.ending() {
        End::Other(said) => Some(said),
        _ => None,
    };
    (contacts, uncertain, trouble)
}

fn contact(
    row: i64,
    place: &str,
    name: Option<String>,
    number: Option<String>,
    emails: Option<String>,
    more_numbers: Option<String>,
) -> Option<Contact> {
    let split = |list: Option<String>, by: char| -> Vec<String> {
        let list = list.unwrap_or_default();
        list.split(by)
            .map(str::trim)
            .filter(|t| !t.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let numbers = number.into_iter().chain(split(more_numbers, ':'));
    let mut contact = Contact {
        display_name: name.clone().unwrap_or_default(),
        names: name
            .into_iter()
            .map(|n| PersonName {
                display: Some(n),
                ..PersonName::default()
            })
            .collect(),
        phones: numbers
            .map(|number| Phone {
                number,
                label: Label::Unset,
                ..Phone::default()
            })
            .collect(),
        emails: split(emails, ',')
            .into_iter()
            .map(|address| Email {
                address,
                ..Email::default()
            })
            .collect(),
        sources: vec![Source {
            origin: Origin::Sim,
            place: place.to_owned(),
            row,
            // A SIM card is taken out, not reset; but no account has what is on it.
            only_here: true,
            ..Source::default()
        }],
        // Nothing else stands on a SIM.
        uid: String::new(),
        nicknames: Vec::new(),
        addresses: Vec::new(),
        organizations: Vec::new(),
        messengers: Vec::new(),
        notes: Vec::new(),
        websites: Vec::new(),
        dates: Vec::new(),
        relations: Vec::new(),
        sip_addresses: Vec::new(),
        identities: Vec::new(),
        groups: Vec::new(),
        custom: Vec::new(),
        unmapped: Vec::new(),
        has_picture: false,
        picture: None,
        attached: Vec::new(),
        starred: false,
        send_to_voicemail: false,
        custom_ringtone: None,
    };
    let empty = contact.names.is_empty() && contact.phones.is_empty() && contact.emails.is_empty();
    contact.uid = uid::of_contact(&contact);
    (!empty).then_some(contact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_with_commas() {
        let text = b"Row: 0 name=Doe, J, number=+49171, emails=NULL, _id=0\nRow: 1 name=, number=110, emails=a@b,c@d,, _id=1\n";
        let (contacts, uncertain, trouble) = decode(text, "SIM 1");
        assert_eq!((contacts.len(), uncertain, trouble), (2, 0, None));
        assert_eq!(contacts[0].display_name, "Doe, J");
        assert_eq!(contacts[1].emails.len(), 2);
        let text = b"Row: 0 name=A, number=1, emails=NULL, anrs=2:3:, _id=0\nRow: 1 name=B, anrs=x, number=4, emails=NULL, anrs=NULL, _id=1\n";
        let (contacts, ..) = decode(text, "SIM 1");
        assert_eq!(contacts[0].phones.len(), 3);
        assert_eq!(contacts[1].phones.len(), 1);
    }
}
