//! Decides whether a table is a list of contacts: by its headings, or, if they are not conclusive, by its cells.
//!
//! Data that is not understood must not become a contact, and a bank statement must not be reported as a lost address
//! book.

use std::borrow::Cow;

use super::dates::{Day, Order};
use super::layout::{Layout, Part, Place};

/// Verdict on a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Contacts,
    /// May hold contacts, in unknown columns.
    Unclear,
    /// Something else.
    Other,
    /// The headings are not conclusive.
    Unknown,
}

/// Words in headings of other tables: calls, messages, bank statements, passwords, diaries, logs. They are matched as
/// words, so `Call duration (s)` matches.
const OTHERS: &[&str] = &[
    "duration",
    "amount",
    "balance",
    "debit",
    "credit",
    "iban",
    "bic",
    "password",
    "passwort",
    "username",
    "body",
    "message",
    "sms",
    "mms",
    "timestamp",
    "sha256",
    "md5",
    "filename",
    "price",
    "quantity",
    "qty",
    "sku",
    "invoice",
    "latitude",
    "longitude",
    "severity",
    "imei",
    "totp",
    "dauer",
    "betrag",
    "saldo",
    "buchungstag",
    "valuta",
    "durée",
    "montant",
    "solde",
    "duración",
    "importe",
    "duração",
    "durata",
    "importo",
    "duur",
    "bedrag",
    "длительность",
    "сумма",
    "通話時間",
    "金額",
];
/// Phrases of two or more words with the same meaning.
const OTHER_PHRASES: &[&str] = &[
    "start date",
    "start time",
    "end date",
    "due date",
    "call type",
    "file name",
    "login uri",
];

/// Judges a table by its headings.
pub(super) fn of_layout(layout: &Layout) -> Verdict {
    let strange = layout
        .columns
        .iter()
        .filter(|column| is_strange(&column.heading))
        .count();
    let place = |wanted: &dyn Fn(&Place) -> bool| {
        layout.has(|place, part| part != Part::Label && wanted(place))
    };
    let named = place(&|place| {
        matches!(
            place,
            Place::Name | Place::Nickname(_) | Place::Organization
        )
    });
    let parts = layout.has(|_, part| matches!(part, Part::Given | Part::Family));
    let reached =
        place(&|place| matches!(place, Place::Phone(_) | Place::Email(_) | Place::Sip(_)));
    let written = place(&|place| matches!(place, Place::Address(_)));
    let personal = place(&|place| {
        matches!(
            place,
            Place::Birth | Place::Day(_) | Place::Messenger(_) | Place::Relation(_)
        )
    });
    let most = layout.known * 2 >= layout.columns.len();
    let all = layout.known == layout.columns.len();
    if strange > 0 && !(parts && most && (reached || written || personal)) {
        return Verdict::Other;
    }
    let contacts = (reached && (named || all))
        || (parts && most && (written || personal))
        || (named && all && personal)
        || (named
            && most
            && layout.has(|_, part| part == Part::Street)
            && layout.has(|_, part| part == Part::City));
    match (contacts, reached || parts) {
        (true, _) => Verdict::Contacts,
        (false, true) => Verdict::Unclear,
        (false, false) => Verdict::Unknown,
    }
}

fn is_strange(heading: &str) -> bool {
    let plain = heading.to_lowercase();
    let words = plain.split(|c: char| !c.is_alphanumeric());
    let phrase = words
        .clone()
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    words.clone().any(|word| OTHERS.contains(&word))
        || OTHER_PHRASES.iter().any(|other| phrase.contains(other))
}

/// Statistics about the cells of some rows.
#[derive(Debug, Default)]
pub(super) struct Looks {
    columns: Vec<Counts>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    filled: usize,
    addresses: usize,
    numbers: usize,
    moments: usize,
    sums: usize,
    /// Numbers with a country's code.
    abroad: usize,
}

/// The common kind of all filled cells of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Addresses,
    /// Telephone numbers. `abroad`: some begin with a country's code, as no other number does.
    Numbers {
        abroad: bool,
    },
    Other,
}

impl Looks {
    /// Statistics of one row.
    pub(super) fn of(cells: &[Cow<'_, [u8]>]) -> Self {
        let mut looks = Self::default();
        looks.see(cells);
        looks
    }

    pub(super) fn see(&mut self, cells: &[Cow<'_, [u8]>]) {
        for (at, cell) in cells.iter().enumerate() {
            let cell = cell.trim_ascii();
            if cell.is_empty() || cell.len() > 200 {
                continue;
            }
            if self.columns.len() <= at {
                self.columns.resize(at + 1, Counts::default());
            }
            let Some(counts) = self.columns.get_mut(at) else {
                continue;
            };
            let text = String::from_utf8_lossy(cell);
            counts.filled += 1;
            counts.addresses += usize::from(is_address(&text));
            counts.numbers += usize::from(is_number(&text));
            counts.moments += usize::from(is_day(&text) && text.contains(':'));
            counts.sums += usize::from(is_sum(&text));
            counts.abroad += usize::from(text.starts_with('+') && is_number(&text));
        }
    }

    /// Returns what the cells of a column are.
    pub(super) fn content(&self, at: usize) -> Content {
        let Some(counts) = self.columns.get(at).filter(|counts| counts.filled > 0) else {
            return Content::Other;
        };
        match () {
            () if counts.addresses == counts.filled => Content::Addresses,
            () if counts.numbers == counts.filled => Content::Numbers {
                abroad: counts.abroad > 0,
            },
            () => Content::Other,
        }
    }

    /// Judges a table without known headings.
    pub(super) fn verdict(&self) -> Verdict {
        let mostly = |count: fn(&Counts) -> usize| {
            let mut columns = self.columns.iter();
            columns.any(|column| column.filled > 0 && count(column) * 2 >= column.filled)
        };
        let reached = mostly(|c| c.addresses) || mostly(|c| c.numbers);
        match reached && !mostly(|c| c.moments) && !mostly(|c| c.sums) {
            true => Verdict::Unclear,
            false => Verdict::Other,
        }
    }
}

fn is_address(text: &str) -> bool {
    let parts = text.split_once('@');
    parts.is_some_and(|(user, host)| {
        !user.is_empty() && host.contains('.') && !text.contains([' ', '/']) && !host.contains('@')
    })
}

/// True for a text that looks like a telephone number rather than another number.
fn is_number(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let plain = text
        .chars()
        .all(|c| c.is_ascii_digit() || " \u{A0}()+-./'".contains(c));
    let start = text.trim_start_matches('\'');
    let shape = start.starts_with(['+', '0', '(']) || text.contains([' ', '-', '/']);
    (7..=15).contains(&digits) && plain && shape && !is_day(text) && !is_sum(text)
}

/// True for a date, with or without a time.
fn is_day(text: &str) -> bool {
    let day = text.split([' ', 'T']).next().unwrap_or_default();
    let parts = day
        .split(['.', '/', '-'])
        .filter(|part| (1..=4).contains(&part.len()));
    let signs = day
        .bytes()
        .filter(|b| matches!(b, b'.' | b'/' | b'-'))
        .count();
    let digits = day
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'/' | b'-'));
    let of_day = digits && signs == 2 && parts.count() == 3 && day.len() >= 6 && day.len() <= 10;
    of_day || !matches!(Order::default().read(day), Day::Text)
}

/// True for an amount of money or another decimal number.
fn is_sum(text: &str) -> bool {
    let bare = text.trim_start_matches(['-', '+', '€', '$', '£', ' ']);
    let bare = bare.trim_end_matches(|c: char| !c.is_ascii_digit());
    let Some((whole, cents)) = bare.rsplit_once(['.', ',']) else {
        return false;
    };
    let digits = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',' | b' '))
    };
    cents.len() == 2
        && !whole.is_empty()
        && digits(whole)
        && digits(cents)
        && !whole.starts_with('0')
        || (whole == "0" && cents.len() == 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(header: &str, wanted: Verdict) {
        let header: Vec<String> = header.split(',').map(str::to_owned).collect();
        assert_eq!(of_layout(&Layout::of(&header)), wanted, "{header:?}");
    }

    #[test]
    fn headings_tell_contacts_from_other_tables() {
        for header in [
            "Name,Phone",
            "First Name,Last Name,Email Address",
            "Primary Email",
            "First Name,Last Name,Birthday",
            "Name,Birthday",
            "Company,Phone,Address",
            "First Name,Last Name,Mobile Phone,Home Street,Home City,Balance",
            "Name,Street,City",
            "Vorname;Nachname".replace(';', ",").as_str(),
        ] {
            let wanted = if header.starts_with("Vorname") {
                Verdict::Unclear
            } else {
                Verdict::Contacts
            };
            check(header, wanted);
        }
        for header in [
            "Date,Amount",
            "Name,Number,Date,Duration,Type",
            "Date,Name,Number,Message body",
            "name,url,username,password",
            "Subject,Start Date,Start Time,End Date",
            "Buchungstag,Betrag,Name,Telefon",
        ] {
            check(header, Verdict::Other);
        }
        check("id,name,size", Verdict::Unknown);
        check("Title,Company,Notes", Verdict::Unknown);
    }

    #[test]
    fn cells_without_headings_are_looked_at() {
        let look = |rows: &[&str]| {
            let mut looks = Looks::default();
            for row in rows {
                let cells: Vec<Cow<[u8]>> = row
                    .split(',')
                    .map(|c| Cow::Borrowed(c.as_bytes()))
                    .collect();
                looks.see(&cells);
            }
            looks.verdict()
        };
        assert_eq!(
            look(&["Nora,+49 170 1234567", "Ben,0170 7654321"]),
            Verdict::Unclear
        );
        assert_eq!(look(&["Nora,nora@example.org"]), Verdict::Unclear);
        assert_eq!(look(&["2009-10-12,5.00,0170 1234567"]), Verdict::Other);
        assert_eq!(
            look(&["12.10.2009 09:00,+49 170 1234567,60"]),
            Verdict::Other
        );
        assert_eq!(look(&["apple,3", "pear,4"]), Verdict::Other);
    }
}
