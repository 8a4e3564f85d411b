//! Converts data rows of the contacts provider by mimetype (AOSP `ContactsContract.CommonDataKinds`).

use crate::handset::android::content::Cell;
use crate::model::{
    Contact, ContactDate, ContactIdentity, CustomRow, DateKind, Email, InstantMessenger, Label,
    MessengerService, Nickname, Organization, PersonName, Phone, PostalAddress, Relation,
    SipAddress, UnmappedColumn, Website,
};

/// The columns `data1`…`data15` of a row.
pub struct Data<'r>(pub &'r [Cell]);

impl<'r> Data<'r> {
    /// `data{n}`, if it holds text.
    fn text(&self, n: usize) -> Option<&'r str> {
        self.0.get(n - 1).and_then(Cell::text)
    }

    fn owned(&self, n: usize) -> Option<String> {
        self.text(n).map(str::to_owned)
    }

    /// The value of the row's main column, if it isn't empty.
    fn main(&self) -> Option<String> {
        self.text(1).filter(|t| !t.is_empty()).map(str::to_owned)
    }

    /// The label in `data2` (TYPE) and `data3` (LABEL).
    fn label(&self, types: &[Label]) -> Label {
        match (self.text(2), self.text(3)) {
            (Some("0"), label) => Label::Custom(label.unwrap_or_default().to_owned()),
            (None, Some(label)) => Label::Custom(label.to_owned()),
            (None, None) => Label::Unset,
            (Some(kind), _) => {
                let known = kind
                    .parse::<usize>()
                    .ok()
                    .and_then(|n| types.get(n.checked_sub(1)?));
                known
                    .cloned()
                    .unwrap_or_else(|| Label::Unknown(kind.to_owned()))
            }
        }
    }

    /// `data3` belongs to the label only if TYPE says that the label is a custom one.
    fn label_columns(&self) -> &'static [usize] {
        if matches!(self.text(2), None | Some("0")) {
            &[2, 3]
        } else {
            &[2]
        }
    }
}

/// The prefix of AOSP's own mimetypes.
const ITEM: &str = "vnd.android.cursor.item/";

use Label::*;

const PHONE: &[Label] = &[
    Home,
    Mobile,
    Work,
    WorkFax,
    HomeFax,
    Pager,
    Other,
    Callback,
    Car,
    CompanyMain,
    Isdn,
    Main,
    OtherFax,
    Radio,
    Telex,
    TtyTdd,
    WorkMobile,
    WorkPager,
    Assistant,
    Mms,
];
const EMAIL: &[Label] = &[Home, Work, Other, Mobile];
const PLACE: &[Label] = &[Home, Work, Other];
const ORGANIZATION: &[Label] = &[Work, Other];
const NICKNAME: &[Label] = &[Default, Other, MaidenName, ShortName, Initials];
const WEBSITE: &[Label] = &[HomePage, Blog, Profile, Home, Work, Ftp, Other];

/// Adds a data row to a card. The caller handles group memberships and pictures.
pub fn add(contact: &mut Contact, mimetype: &str, data: &Data<'_>, primary: bool) {
    let used = match mimetype.strip_prefix(ITEM) {
        Some("name") => name(contact, data),
        Some("phone_v2") => phone(contact, data, primary),
        Some("email_v2") => email(contact, data, primary),
        Some("postal-address_v2") => address(contact, data, primary),
        Some("organization") => organization(contact, data),
        Some("im") => messenger(contact, data),
        Some("nickname") => nickname(contact, data),
        Some("note") => {
            push(&mut contact.notes, data.main());
            Some([1].to_vec())
        }
        Some("website") => website(contact, data),
        Some("contact_event") => date(contact, data),
        Some("relation") => relation(contact, data),
        Some("sip_address") => {
            let label = data.label(PLACE);
            push(
                &mut contact.sip_addresses,
                data.main().map(|address| SipAddress { address, label }),
            );
            Some([&[1], data.label_columns()].concat())
        }
        Some("identity") => {
            let namespace = data.owned(2);
            push(
                &mut contact.identities,
                data.main().map(|identity| ContactIdentity {
                    identity,
                    namespace,
                }),
            );
            Some(vec![1, 2])
        }
        _ => None,
    };
    match used {
        Some(used) => rest(contact, mimetype, data, &used),
        None => custom(contact, mimetype, data),
    }
}

/// Adds a value unless another raw contact of the same person already added the same one.
fn push<T: PartialEq>(values: &mut Vec<T>, value: Option<T>) {
    if let Some(value) = value.filter(|v| !values.contains(v)) {
        values.push(value);
    }
}

fn name(contact: &mut Contact, data: &Data<'_>) -> Option<Vec<usize>> {
    let name = PersonName {
        display: data.owned(1),
        given: data.owned(2),
        family: data.owned(3),
        prefix: data.owned(4),
        middle: data.owned(5),
        suffix: data.owned(6),
        phonetic_given: data.owned(7),
        phonetic_middle: data.owned(8),
        phonetic_family: data.owned(9),
    };
    push(
        &mut contact.names,
        (name != PersonName::default()).then_some(name),
    );
    // 10 and 11 are styles, which the provider derives from the script.
    Some((1..=11).collect())
}

fn phone(contact: &mut Contact, data: &Data<'_>, primary: bool) -> Option<Vec<usize>> {
    let phone = data.main().map(|number| Phone {
        number,
        label: data.label(PHONE),
        normalized: data.owned(4),
        primary,
    });
    let same = |a: &Phone, b: &Phone| a.number == b.number && a.label == b.label;
    if let Some(phone) = phone {
        match contact.phones.iter_mut().find(|p| same(p, &phone)) {
            Some(twin) => {
                twin.primary |= phone.primary;
                twin.normalized = twin.normalized.take().or(phone.normalized);
            }
            None => contact.phones.push(phone),
        }
    }
    Some([&[1, 4], data.label_columns()].concat())
}

fn email(contact: &mut Contact, data: &Data<'_>, primary: bool) -> Option<Vec<usize>> {
    let email = data.main().map(|address| Email {
        address,
        label: data.label(EMAIL),
        display_name: data.owned(4),
        primary,
    });
    let same = |a: &Email, b: &Email| {
        (&a.address, &a.label, &a.display_name) == (&b.address, &b.label, &b.display_name)
    };
    if let Some(email) = email {
        match contact.emails.iter_mut().find(|e| same(e, &email)) {
            Some(twin) => twin.primary |= email.primary,
            None => contact.emails.push(email),
        }
    }
    Some([&[1, 4], data.label_columns()].concat())
}

fn address(contact: &mut Contact, data: &Data<'_>, primary: bool) -> Option<Vec<usize>> {
    let address = PostalAddress {
        formatted: data.owned(1),
        street: data.owned(4),
        po_box: data.owned(5),
        neighborhood: data.owned(6),
        city: data.owned(7),
        region: data.owned(8),
        postcode: data.owned(9),
        country: data.owned(10),
        label: data.label(PLACE),
        primary,
    };
    let filled = [1, 4, 5, 6, 7, 8, 9, 10]
        .iter()
        .any(|&n| data.text(n).is_some_and(|t| !t.is_empty()));
    push(&mut contact.addresses, filled.then_some(address));
    Some([&[1, 4, 5, 6, 7, 8, 9, 10], data.label_columns()].concat())
}

fn organization(contact: &mut Contact, data: &Data<'_>) -> Option<Vec<usize>> {
    let organization = Organization {
        company: data.owned(1),
        title: data.owned(4),
        department: data.owned(5),
        job_description: data.owned(6),
        symbol: data.owned(7),
        phonetic_name: data.owned(8),
        office_location: data.owned(9),
        label: data.label(ORGANIZATION),
    };
    let filled = [1, 4, 5, 6, 7, 8, 9]
        .iter()
        .any(|&n| data.text(n).is_some_and(|t| !t.is_empty()));
    push(&mut contact.organizations, filled.then_some(organization));
    // 10 is the style of the phonetic name.
    Some([&[1, 4, 5, 6, 7, 8, 9, 10], data.label_columns()].concat())
}

fn messenger(contact: &mut Contact, data: &Data<'_>) -> Option<Vec<usize>> {
    use MessengerService::*;
    let known = [
        Aim, Msn, Yahoo, Skype, Qq, GoogleTalk, Icq, Jabber, NetMeeting,
    ];
    let named = data.owned(6).filter(|n| !n.is_empty());
    let service = match data.text(5).map(str::parse::<usize>) {
        Some(Ok(n)) if n < known.len() => known[n].clone(),
        Some(_) => Custom(named.clone().or(data.owned(5)).unwrap_or_default()),
        None => named.clone().map_or(Unset, Custom),
    };
    let names_itself = matches!(service, Custom(_));
    let label = data.label(PLACE);
    push(
        &mut contact.messengers,
        data.main().map(|handle| InstantMessenger {
            handle,
            service,
            label,
        }),
    );
    let protocol: &[usize] = if names_itself { &[1, 5, 6] } else { &[1, 5] };
    Some([protocol, data.label_columns()].concat())
}

fn nickname(contact: &mut Contact, data: &Data<'_>) -> Option<Vec<usize>> {
    let label = data.label(NICKNAME);
    push(
        &mut contact.nicknames,
        data.main().map(|name| Nickname { name, label }),
    );
    Some([&[1], data.label_columns()].concat())
}

fn website(contact: &mut Contact, data: &Data<'_>) -> Option<Vec<usize>> {
    let label = data.label(WEBSITE);
    push(
        &mut contact.websites,
        data.main().map(|url| Website { url, label }),
    );
    Some([&[1], data.label_columns()].concat())
}

fn date(contact: &mut Contact, data: &Data<'_>) -> Option<Vec<usize>> {
    let kind = match (data.text(2), data.text(3)) {
        (Some("1"), _) => DateKind::Anniversary,
        (Some("3"), _) => DateKind::Birthday,
        (Some("0"), label) => DateKind::Custom(label.unwrap_or_default().to_owned()),
        (None, Some(label)) => DateKind::Custom(label.to_owned()),
        (Some("2") | None, _) => DateKind::Other,
        (Some(kind), _) => DateKind::Unknown(kind.to_owned()),
    };
    push(
        &mut contact.dates,
        data.main().map(|date| ContactDate { date, kind }),
    );
    Some([&[1], data.label_columns()].concat())
}

fn relation(contact: &mut Contact, data: &Data<'_>) -> Option<Vec<usize>> {
    let (kind, custom) = match (data.text(2), data.text(3)) {
        (Some("0") | None, Some(label)) => (label.to_owned(), true),
        (Some("0") | None, None) => (String::new(), false),
        (Some(kind), _) => {
            let known = kind
                .parse::<usize>()
                .ok()
                .and_then(|n| Relation::KINDS.get(n.checked_sub(1)?));
            (
                known.map_or_else(|| kind.to_owned(), |k| (*k).to_owned()),
                false,
            )
        }
    };
    push(
        &mut contact.relations,
        data.main().map(|name| Relation { name, kind, custom }),
    );
    Some([&[1], data.label_columns()].concat())
}

/// Keeps the filled columns that have no meaning in a known mimetype.
fn rest(contact: &mut Contact, mimetype: &str, data: &Data<'_>, used: &[usize]) {
    for n in (1..=15).filter(|n| !used.contains(n)) {
        if let Some(value) = data.text(n).filter(|t| !t.is_empty()) {
            let column = UnmappedColumn {
                mimetype: mimetype.to_owned(),
                column: format!("data{n}"),
                value: value.to_owned(),
            };
            push(&mut contact.unmapped, Some(column));
        }
    }
}

fn custom(contact: &mut Contact, mimetype: &str, data: &Data<'_>) {
    let columns = || (1u8..).zip(data.0);
    let row = CustomRow {
        mimetype: mimetype.to_owned(),
        data: columns()
            .filter_map(|(n, cell)| Some((n, cell.text()?.to_owned())))
            .collect(),
        blobs: columns()
            .filter(|(_, cell)| **cell == Cell::Blob)
            .map(|(n, _)| n)
            .collect(),
    };
    push(&mut contact.custom, Some(row));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(columns: &[(usize, &str)]) -> Vec<Cell> {
        let mut cells = vec![Cell::Null; 15];
        for (n, text) in columns {
            cells[n - 1] = Cell::Text((*text).to_owned());
        }
        cells
    }

    #[test]
    fn every_filled_column_has_a_place() {
        let mut contact = Contact::default();
        let cells = row(&[(1, "+1"), (2, "0"), (3, "Boat"), (4, "+1e"), (7, "odd")]);
        add(
            &mut contact,
            "vnd.android.cursor.item/phone_v2",
            &Data(&cells),
            true,
        );
        assert_eq!(contact.phones[0].label, Custom("Boat".into()));
        assert_eq!(contact.phones[0].normalized.as_deref(), Some("+1e"));
        assert_eq!(contact.unmapped[0].column, "data7");
        // A LABEL beside a standard TYPE is not lost.
        let cells = row(&[(1, "a@b"), (2, "1"), (3, "left over")]);
        add(
            &mut contact,
            "vnd.android.cursor.item/email_v2",
            &Data(&cells),
            false,
        );
        assert_eq!(contact.emails[0].label, Home);
        assert_eq!(contact.unmapped[1].value, "left over");
        let cells = row(&[(1, "x"), (15, "y")]);
        add(&mut contact, "vnd.whatsapp/profile", &Data(&cells), false);
        assert_eq!(
            contact.custom[0].data,
            [(1, "x".to_owned()), (15, "y".to_owned())]
        );
    }
}
