//! SIM phonebooks (AOSP `IccProvider`, `content://icc/adn`): abbreviated dialling numbers, 3GPP TS 31.102 4.4.2.3.
//!
//! The provider supports neither a projection nor a WHERE clause: each row prints the columns that the maker chose.

use std::collections::HashSet;
use std::sync::Arc;

use crate::format::content_rows::{End, Layout, RowReader};
use crate::handset::android::uid;
use crate::model::{
    Contact, Email, Label, Nickname, Origin, PersonName, Phone, Source, UnmappedColumn,
};

/// The known columns of AOSP's and makers' providers.
const KNOWN: &[&str] = &[
    "name",
    "number",
    "emails",
    "email",
    "anrs",
    "anr",
    "_id",
    "index",
    "adn_index",
    "efid",
    "recordnumber",
    "sub_id",
    "additionalNumber",
    "groupIds",
    "aas",
    "sne",
    "anr_number",
    "anrA_number",
    "anrB_number",
    "anrC_number",
];
/// Columns for an entry's place on the card, the most reliable first.
const PLACES: &[&str] = &["_id", "index", "adn_index", "recordnumber"];
/// Columns that hold nothing about the person.
const NOT_OF_THE_PERSON: &[&str] = &[
    "_id",
    "index",
    "adn_index",
    "recordnumber",
    "efid",
    "sub_id",
];
/// The [`UnmappedColumn::mimetype`] under which a maker's other columns are kept.
const OTHER_COLUMNS: &str = "content://icc/adn";
/// The longest column name, in characters.
const MAX_NAME: usize = 40;

/// The number of rows in a reply.
pub fn count_rows(text: &[u8]) -> usize {
    let lines = text.split(|byte| *byte == b'\n');
    lines.filter(|line| line.starts_with(b"Row: ")).count()
}

/// Parses one SIM's reply. Returns its entries, the number of ambiguous entries, and text that is not a row.
pub fn decode(text: &[u8], place: &str) -> (Vec<Contact>, u64, Option<String>) {
    let columns = columns(text);
    let layout = Arc::new(Layout::of_reply(&columns));
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
                let cells = columns.iter().enumerate().map(|(at, name)| {
                    let text = row.text(at).unwrap_or_default();
                    (name.as_str(), String::from_utf8_lossy(text).into_owned())
                });
                let cells: Vec<(&str, String)> = cells
                    .filter(|(name, text)| !is_nothing(name, text))
                    .collect();
                contacts.extend(contact(place, &cells));
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

/// The columns of this reply: those that occur in all rows, in order. A text may look like a column, but not in every
/// row. In a reply of one row, only known columns count, and columns after the number, which has no letters.
fn columns(text: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(text);
    let rows: Vec<Vec<String>> = text
        .split("\nRow: ")
        .map(|row| row.strip_prefix("Row: ").unwrap_or(row))
        .filter(|row| row.starts_with(|c: char| c.is_ascii_digit()))
        .map(names_of)
        .collect();
    let mut rest = rows.iter();
    let Some(first) = rest.next() else {
        return ["name", "number", "emails", "_id"]
            .map(str::to_owned)
            .into();
    };
    let is_alone = rows.len() == 1;
    let mut columns: Vec<String> = first.clone();
    let line = text.lines().find_map(|line| line.strip_prefix("Row: "));
    let in_line = names_of(line.unwrap_or_default());
    let number = in_line.iter().position(|name| name == "number");
    let (_, behind) = in_line.split_at(number.unwrap_or(in_line.len()));
    columns.retain(|name| !is_alone || KNOWN.contains(&name.as_str()) || behind.contains(name));
    for row in rest {
        let has: HashSet<&String> = row.iter().collect();
        columns.retain(|name| has.contains(name));
    }
    // Every provider has these two columns: a text that looks like a row must not hide them.
    let has = |name: &str| columns.iter().any(|column| column == name);
    if !(has("name") && has("number")) {
        columns = first.clone();
        columns.retain(|name| KNOWN.contains(&name.as_str()));
    }
    columns
}

/// The names in a row that look like columns, without duplicates.
fn names_of(row: &str) -> Vec<String> {
    let is_name = |name: &&str| {
        (1..=MAX_NAME).contains(&name.len())
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    // The row's index comes before the first column.
    let cells = row
        .split_once(' ')
        .map_or(row, |(_, cells)| cells)
        .split(", ");
    let mut seen = HashSet::new();
    cells
        .filter_map(|cell| Some(cell.split_once('=')?.0))
        .filter(is_name)
        .filter(|name| seen.insert(*name))
        .map(str::to_owned)
        .collect()
}

/// True for an empty cell. `content` prints SQL's NULL, and some providers Java's `null` as a text. A person may have
/// this name.
fn is_nothing(name: &str, text: &str) -> bool {
    matches!(text.trim(), "" | "NULL") || (name != "name" && text.trim() == "null")
}

/// Splits a cell that may hold several values. An empty value may be printed as `null`.
fn pieces<'t>(text: &'t str, by: &'static [char]) -> impl Iterator<Item = &'t str> {
    let pieces = text.split(by).map(str::trim);
    pieces.filter(|piece| !matches!(*piece, "" | "NULL" | "null"))
}

/// The shortest piece that counts as a number of its own. A semicolon may also stand before tones that are dialled
/// after a wait (AOSP `PhoneNumberUtils.WAIT`); such tones are digits too.
const SHORTEST_NUMBER: usize = 3;

/// The numbers in a cell. AOSP ends each additional number with a colon, and some makers use a semicolon.
fn numbers_in(text: &str) -> Vec<String> {
    let is_number = |piece: &str| {
        let digits = piece.bytes().filter(u8::is_ascii_digit).count();
        digits >= SHORTEST_NUMBER
            && piece
                .chars()
                .all(|c| c.is_ascii_digit() || "+*#-(). ".contains(c))
    };
    let of_cell = pieces(text, &[':']).flat_map(|part| {
        let all: Vec<&str> = pieces(part, &[';']).collect();
        match all.len() > 1 && all.iter().all(|piece| is_number(piece)) {
            true => all,
            false => vec![part],
        }
    });
    of_cell.map(str::to_owned).collect()
}

/// Converts the non-empty cells of an entry to a contact.
fn contact(place: &str, cells: &[(&str, String)]) -> Option<Contact> {
    let cell = |wanted: &str| {
        let found = cells.iter().find(|(name, _)| *name == wanted);
        found.map(|(_, text)| text.as_str())
    };
    let row = PLACES
        .iter()
        .filter_map(|name| cell(name)?.parse().ok())
        .find(|row: &i64| *row != 0)
        .unwrap_or_default();
    let name = cell("name").map(str::to_owned);
    let mut numbers: Vec<String> = cell("number").map(str::to_owned).into_iter().collect();
    let mut unmapped = Vec::new();
    for (name, text) in cells {
        match *name {
            "name" | "number" | "emails" | "email" | "sne" => {}
            name if NOT_OF_THE_PERSON.contains(&name) => {}
            name if name == "additionalNumber" || name.starts_with("anr") => {
                numbers.extend(numbers_in(text));
            }
            name => unmapped.push(UnmappedColumn {
                mimetype: OTHER_COLUMNS.to_owned(),
                column: name.to_owned(),
                value: text.clone(),
            }),
        }
    }
    // MediaTek's second name of an entry (3GPP TS 31.102, EF_SNE).
    let nicknames = cell("sne").map(|name| Nickname {
        name: name.to_owned(),
        label: Label::Unset,
    });
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
            .into_iter()
            .map(|number| Phone {
                number,
                label: Label::Unset,
                ..Phone::default()
            })
            .collect(),
        emails: ["emails", "email"]
            .into_iter()
            .filter_map(cell)
            .flat_map(|text| pieces(text, &[',', ';']))
            .map(|address| Email {
                address: address.to_owned(),
                ..Email::default()
            })
            .collect(),
        sources: vec![Source {
            origin: Origin::Sim,
            place: place.to_owned(),
            row,
            // A SIM card is removed, not reset, but no account has its data.
            only_here: true,
            ..Source::default()
        }],
        // A SIM holds nothing else.
        uid: String::new(),
        nicknames: nicknames.into_iter().collect(),
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
        unmapped,
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

    #[test]
    fn cells_with_several_values_and_the_word_null() {
        let text = b"Row: 0 name=A, number=1, emails=a@b.c;d@e.f, anr=0302;0305:0309, _id=1\n\
            Row: 1 name=null, number=2, emails=null, anr=null, _id=2\n\
            Row: 2 name=C, number=3, emails=null,x@y.z,, anr=0301234567;12, _id=3\n";
        let (contacts, uncertain, trouble) = decode(text, "SIM");
        assert_eq!((contacts.len(), uncertain, trouble), (3, 0, None));
        let numbers = |at: usize| -> Vec<&str> {
            let phones = contacts[at].phones.iter();
            phones.map(|phone| phone.number.as_str()).collect()
        };
        let emails = |at: usize| -> Vec<&str> {
            let emails = contacts[at].emails.iter();
            emails.map(|email| email.address.as_str()).collect()
        };
        assert_eq!(numbers(0), ["1", "0302", "0305", "0309"]);
        assert_eq!(emails(0), ["a@b.c", "d@e.f"]);
        assert_eq!((numbers(1), emails(1)), (vec!["2"], vec![]));
        // A person may have this name.
        assert_eq!(contacts[1].display_name, "null");
        // Tones after a wait.
        assert_eq!(numbers(2), ["3", "0301234567;12"]);
        assert_eq!(emails(2), ["x@y.z"]);
        let text = b"Row: 0 name=A, number=1, email=a@b.c, sne=null, _id=1\n";
        let (contacts, ..) = decode(text, "SIM");
        assert_eq!(contacts[0].emails[0].address, "a@b.c");
        assert!(contacts[0].nicknames.is_empty() && contacts[0].unmapped.is_empty());
    }

    #[test]
    fn columns_of_makers() {
        let text = b"Row: 0 index=1, name=Anna Example, number=+4915100000001, emails=anna@example.org, \
            additionalNumber=0301234567, groupIds=, _id=0, aas=NULL, sne=Annie\n\
            Row: 1 index=2, name=Doe, x=1, number=110, emails=, additionalNumber=, groupIds=3, _id=0, aas=NULL, sne=NULL\n";
        let (contacts, uncertain, trouble) = decode(text, "SIM");
        assert_eq!((contacts.len(), uncertain, trouble), (2, 0, None));
        let numbers =
            |c: &Contact| -> Vec<String> { c.phones.iter().map(|p| p.number.clone()).collect() };
        assert_eq!(numbers(&contacts[0]), ["+4915100000001", "0301234567"]);
        assert_eq!(contacts[0].emails[0].address, "anna@example.org");
        assert_eq!(contacts[0].nicknames[0].name, "Annie");
        assert_eq!(contacts[0].sources[0].row, 1);
        assert_eq!(contacts[1].display_name, "Doe, x=1");
        assert_eq!(contacts[1].unmapped[0].column, "groupIds");
        assert!(contacts[1].emails.is_empty());
        let text = b"Row: 0 name=A, number=+4915100000001, anr_number=0301234567, anrA_number=, anrB_number=, anrC_number=, emails=NULL, adn_index=1, _id=0\n";
        let (contacts, uncertain, _) = decode(text, "SIM");
        assert_eq!((contacts.len(), uncertain), (1, 0));
        assert_eq!(numbers(&contacts[0]), ["+4915100000001", "0301234567"]);
        assert!(contacts[0].emails.is_empty());
        let text = b"Row: 0 name=Doe, x=1, number=1, ringtone=bell, efid=3, _id=4\nWARNING: linker: a, b=1\n";
        let (contacts, uncertain, trouble) = decode(text, "SIM");
        assert_eq!((uncertain, trouble), (0, None));
        assert_eq!(contacts[0].display_name, "Doe, x=1");
        assert_eq!(
            (numbers(&contacts[0]), contacts[0].sources[0].row),
            (vec!["1".to_owned()], 4)
        );
        assert_eq!(contacts[0].unmapped[0].value, "bell");
        // An unknown column, in every row.
        let text = b"Row: 0 name=A, number=1, ringtone=bell, _id=4\nRow: 1 name=B, number=2, ringtone=, _id=5\n";
        let (contacts, ..) = decode(text, "SIM");
        assert_eq!(contacts[0].unmapped[0].value, "bell");
        assert_eq!(numbers(&contacts[0]), ["1"]);
    }
}
