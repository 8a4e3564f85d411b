//! The CSV format of Outlook: the columns of its English export, which its import maps by name. The file begins with
//! a byte order mark, because Outlook otherwise assumes the system's code page.
//!
//! Outlook has a fixed number of columns. Values that do not fit go into the notes with their label, so an import
//! keeps the value but not its place.

use std::io::{self, Write};

use csv::{Terminator, WriterBuilder};

use super::{WithoutColumn, cell, service_name, text, whole_name};
use crate::format::Losses;
use crate::format::vcard::{formatted_name, is_date, words};
use crate::model::{
    Contact, ContactDate, DateKind, Email, Label, Nickname, Organization, PersonName, PostalAddress,
};
use crate::phrase;

/// The columns of the exports of Outlook and Outlook.com that a contact can fill.
const COLUMNS: [&str; 71] = [
    "Title",
    "First Name",
    "Middle Name",
    "Last Name",
    "Suffix",
    "Nickname",
    "Given Yomi",
    "Surname Yomi",
    "Company",
    "Company Yomi",
    "Department",
    "Job Title",
    "Business Street",
    "Business City",
    "Business State",
    "Business Postal Code",
    "Business Country/Region",
    "Business Address PO Box",
    "Home Street",
    "Home City",
    "Home State",
    "Home Postal Code",
    "Home Country/Region",
    "Home Address PO Box",
    "Other Street",
    "Other City",
    "Other State",
    "Other Postal Code",
    "Other Country/Region",
    "Other Address PO Box",
    "Assistant's Phone",
    "Business Fax",
    "Business Phone",
    "Business Phone 2",
    "Callback",
    "Car Phone",
    "Company Main Phone",
    "Home Fax",
    "Home Phone",
    "Home Phone 2",
    "ISDN",
    "Mobile Phone",
    "Other Fax",
    "Other Phone",
    "Pager",
    "Primary Phone",
    "Radio Phone",
    "TTY/TDD Phone",
    "Telex",
    "Anniversary",
    "Assistant's Name",
    "Birthday",
    "Categories",
    "Children",
    "E-mail Address",
    "E-mail Type",
    "E-mail Display Name",
    "E-mail 2 Address",
    "E-mail 2 Type",
    "E-mail 2 Display Name",
    "E-mail 3 Address",
    "E-mail 3 Type",
    "E-mail 3 Display Name",
    "IMAddress",
    "Manager's Name",
    "Notes",
    "Office Location",
    "Personal Web Page",
    "Profession",
    "Spouse",
    "Web Page",
];

/// Writes contacts one after the other.
#[derive(Debug)]
pub struct OutlookCsv<W: Write> {
    out: csv::Writer<W>,
}

impl<W: Write> OutlookCsv<W> {
    /// Writes the byte order mark and the header.
    ///
    /// # Errors
    /// If `out` cannot be written.
    pub fn new(mut out: W) -> csv::Result<Self> {
        out.write_all("\u{FEFF}".as_bytes())?;
        let mut out = WriterBuilder::new()
            .terminator(Terminator::CRLF)
            .from_writer(out);
        out.write_record(COLUMNS)?;
        Ok(Self { out })
    }

    /// Adds a contact.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn push(&mut self, contact: &Contact, losses: &mut Losses) -> csv::Result<()> {
        let mut row = Row {
            cells: Default::default(),
            overflow: String::new(),
            losses,
        };
        row.fill(contact);
        let Row { cells, losses, .. } = row;
        for value in cells.0 {
            self.out.write_field(cell(&value, losses))?;
        }
        self.out.write_record(None::<&[u8]>)
    }

    /// Finishes writing and returns the file.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn finish(self) -> io::Result<W> {
        self.out
            .into_inner()
            .map_err(|error| io::Error::other(error.to_string()))
    }
}

struct Cells([String; COLUMNS.len()]);

impl Default for Cells {
    fn default() -> Self {
        Self(std::array::from_fn(|_| String::new()))
    }
}

struct Row<'l> {
    cells: Cells,
    /// Lines for the notes.
    overflow: String,
    losses: &'l mut Losses,
}

impl Row<'_> {
    /// Fills a column if it is still empty. An empty value always succeeds.
    fn put(&mut self, column: &str, value: &str) -> bool {
        if value.is_empty() {
            return true;
        }
        let place = COLUMNS.iter().position(|name| *name == column);
        match place.and_then(|at| self.cells.0.get_mut(at)) {
            Some(cell) if cell.is_empty() => {
                value.clone_into(cell);
                true
            }
            _ => false,
        }
    }

    fn first_free(&mut self, columns: &[&str], value: &str) -> bool {
        columns.iter().any(|column| self.put(column, value))
    }

    fn note(&mut self, label: &str, value: &str, what: &str) {
        if value.is_empty() {
            return;
        }
        if !self.overflow.is_empty() {
            self.overflow.push('\n');
        }
        self.overflow.extend([label, ": ", value]);
        self.losses.add(&phrase!("{what} (they are in the notes)"));
    }

    fn fill(&mut self, contact: &Contact) {
        // No `..`, so a new field of a contact does not compile until this writer handles it.
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
            sources: _,
        } = contact;
        for _ in attached {
            self.losses
                .add(phrase("additional pictures, logos, sounds and keys"));
        }
        WithoutColumn {
            custom,
            unmapped,
            has_picture: *has_picture,
            picture: picture.as_ref(),
            custom_ringtone,
            send_to_voicemail: *send_to_voicemail,
        }
        .count(self.losses);
        self.names(&formatted_name(contact), names, organizations);
        self.nicknames(nicknames);
        for phone in phones {
            let label = words(&phone.label);
            let own = matches!(phone.label, Label::Custom(_) | Label::Unknown(_));
            if !self.first_free(phone_columns(&phone.label), &phone.number) || own {
                let label = if label.is_empty() { "Phone" } else { &label };
                self.note(
                    label,
                    &phone.number,
                    phrase("telephone numbers and labels without a column"),
                );
            }
        }
        self.emails(emails);
        for address in addresses {
            self.address(address);
        }
        self.organizations(organizations);
        for relation in relations {
            let column = match relation.kind.as_str() {
                "spouse" => "Spouse",
                "child" => "Children",
                "manager" => "Manager's Name",
                "assistant" => "Assistant's Name",
                _ => "",
            };
            if relation.custom || column.is_empty() || !self.put(column, &relation.name) {
                let kind = if relation.kind.is_empty() {
                    "Related"
                } else {
                    &relation.kind
                };
                self.note(
                    kind,
                    &relation.name,
                    phrase("related people without a column"),
                );
            }
        }
        for website in websites {
            let columns: &[&str] = match website.label {
                Label::Home | Label::HomePage => &["Personal Web Page", "Web Page"],
                _ => &["Web Page", "Personal Web Page"],
            };
            if !self.first_free(columns, &website.url) {
                self.note(
                    "Web",
                    &website.url,
                    phrase("web addresses without a column"),
                );
            }
        }
        for messenger in messengers {
            let service = service_name(&messenger.service);
            self.put("IMAddress", &messenger.handle);
            self.note(service, &messenger.handle, "messengers");
        }
        for sip in sip_addresses {
            self.note("SIP", &sip.address, phrase("internet telephone addresses"));
        }
        for identity in identities {
            let label = identity.namespace.as_deref().unwrap_or("Identity");
            self.note(
                label,
                &identity.identity,
                phrase("identities in other systems"),
            );
        }
        self.dates(dates);
        let groups: Vec<String> = groups
            .iter()
            .filter(|group| !group.is_empty())
            .map(|group| group.replace([';', ','], " "))
            .collect();
        self.put("Categories", &groups.join(";"));
        if *starred {
            self.losses.add(phrase("stars (favourites)"));
        }
        let overflow = std::mem::take(&mut self.overflow);
        let notes = notes.iter().map(String::as_str).chain([overflow.as_str()]);
        let notes: Vec<&str> = notes.filter(|note| !note.is_empty()).collect();
        self.put("Notes", &notes.join("\n\n"));
    }

    fn names(&mut self, shown: &str, names: &[PersonName], organizations: &[Organization]) {
        let empty = PersonName::default();
        let name = names.first().unwrap_or(&empty);
        let parts = [
            ("Title", &name.prefix),
            ("First Name", &name.given),
            ("Middle Name", &name.middle),
            ("Last Name", &name.family),
            ("Suffix", &name.suffix),
        ];
        let nameless = parts.iter().all(|(_, part)| text(part).trim().is_empty());
        let company = organizations.first().map_or("", |o| text(&o.company));
        if nameless && shown != company {
            self.put("First Name", shown);
        }
        for (column, part) in parts {
            self.put(column, text(part));
        }
        self.put("Given Yomi", text(&name.phonetic_given));
        self.put("Surname Yomi", text(&name.phonetic_family));
        self.note(
            "Phonetic middle name",
            text(&name.phonetic_middle),
            phrase("phonetic middle names"),
        );
        let joined = [
            &name.prefix,
            &name.given,
            &name.middle,
            &name.family,
            &name.suffix,
        ]
        .map(|p| text(p).trim());
        let joined: Vec<&str> = joined.into_iter().filter(|part| !part.is_empty()).collect();
        if !nameless && joined.join(" ") != shown {
            self.note(
                "Shown as",
                shown,
                phrase("names that are not shown as their parts"),
            );
        }
        for name in names.iter().skip(1) {
            self.note(
                "Name",
                &whole_name(name),
                phrase("additional names of merged contacts"),
            );
        }
    }

    fn nicknames(&mut self, nicknames: &[Nickname]) {
        for nickname in nicknames {
            if !self.put("Nickname", &nickname.name) {
                self.note("Nickname", &nickname.name, phrase("additional nicknames"));
            }
        }
    }

    fn emails(&mut self, emails: &[Email]) {
        const PLACES: [[&str; 3]; 3] = [
            ["E-mail Address", "E-mail Type", "E-mail Display Name"],
            ["E-mail 2 Address", "E-mail 2 Type", "E-mail 2 Display Name"],
            ["E-mail 3 Address", "E-mail 3 Type", "E-mail 3 Display Name"],
        ];
        // Outlook sends mail to the first address.
        let default = emails.iter().filter(|email| email.primary);
        let emails = default.chain(emails.iter().filter(|email| !email.primary));
        let mut places = PLACES.into_iter();
        for email in emails.filter(|email| !email.address.is_empty()) {
            let display = email.display_name.as_deref().unwrap_or_default();
            match places.next() {
                Some([address, kind, name]) => {
                    self.put(address, &email.address);
                    self.put(kind, "SMTP");
                    self.put(name, display);
                }
                None => {
                    let label = if display.is_empty() {
                        "E-mail"
                    } else {
                        display
                    };
                    self.note(
                        label,
                        &email.address,
                        phrase("e-mail addresses after the third"),
                    );
                }
            }
            if matches!(
                email.label,
                Label::Home | Label::Work | Label::Mobile | Label::Custom(_)
            ) {
                self.losses.add(phrase("labels of e-mail addresses"));
            }
        }
    }

    fn address(&mut self, address: &PostalAddress) {
        let kind = match address.label {
            Label::Home => "Home",
            Label::Work => "Business",
            _ => "Other",
        };
        let formatted = text(&address.formatted);
        let [street, hood, city, region, postcode, country, po_box] = [
            &address.street,
            &address.neighborhood,
            &address.city,
            &address.region,
            &address.postcode,
            &address.country,
            &address.po_box,
        ]
        .map(text);
        let parts = [street, hood, city, region, postcode, country, po_box];
        let unparted = parts.iter().all(|part| part.is_empty());
        let street: Vec<&str> = [street, hood, if unparted { formatted } else { "" }]
            .into_iter()
            .filter(|s| !s.is_empty())
            .collect();
        let street = street.join("\n");
        let columns = [
            (format!("{kind} Street"), street.as_str()),
            (format!("{kind} City"), city),
            (format!("{kind} State"), region),
            (format!("{kind} Postal Code"), postcode),
            (format!("{kind} Country/Region"), country),
            (format!("{kind} Address PO Box"), po_box),
        ];
        let free = columns.iter().all(|(column, _)| {
            let place = COLUMNS.iter().position(|name| name == column);
            place
                .and_then(|at| self.cells.0.get(at))
                .is_some_and(String::is_empty)
        });
        let label = words(&address.label);
        let own = matches!(address.label, Label::Custom(_) | Label::Unknown(_));
        if free {
            for (column, value) in &columns {
                self.put(column, value);
            }
        }
        if !free || own {
            let filled: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            let whole = if formatted.is_empty() {
                filled.join(", ")
            } else {
                formatted.to_owned()
            };
            let label = if label.is_empty() { "Address" } else { &label };
            self.note(
                label,
                &whole,
                phrase("addresses and labels without a column"),
            );
        }
    }

    fn organizations(&mut self, organizations: &[Organization]) {
        for organization in organizations {
            let columns = [
                ("Company", &organization.company),
                ("Department", &organization.department),
                ("Job Title", &organization.title),
                ("Company Yomi", &organization.phonetic_name),
                ("Office Location", &organization.office_location),
                ("Profession", &organization.job_description),
            ];
            for (column, value) in columns {
                if !self.put(column, text(value)) {
                    self.note(column, text(value), phrase("additional companies"));
                }
            }
            self.note(
                "Stock symbol",
                text(&organization.symbol),
                phrase("stock symbols of companies"),
            );
        }
    }

    fn dates(&mut self, dates: &[ContactDate]) {
        for entry in dates {
            let (column, label) = match &entry.kind {
                DateKind::Birthday => ("Birthday", "Birthday"),
                DateKind::Anniversary => ("Anniversary", "Anniversary"),
                DateKind::Custom(word) => ("", word.as_str()),
                DateKind::Other | DateKind::Unknown(_) => ("", "Date"),
            };
            // Outlook has no dates without a year.
            let whole = is_date(&entry.date) && !entry.date.starts_with("--");
            if !(whole && !column.is_empty() && self.put(column, &entry.date)) {
                self.note(
                    label,
                    &entry.date,
                    phrase("days without a year or a column"),
                );
            }
        }
    }
}

/// Possible columns for a number, best first.
fn phone_columns(label: &Label) -> &'static [&'static str] {
    match label {
        Label::Home => &["Home Phone", "Home Phone 2", "Other Phone"],
        Label::Work => &["Business Phone", "Business Phone 2", "Other Phone"],
        Label::Mobile | Label::WorkMobile | Label::Mms => {
            &["Mobile Phone", "Other Phone", "Primary Phone"]
        }
        Label::WorkFax => &["Business Fax", "Other Fax"],
        Label::HomeFax => &["Home Fax", "Other Fax"],
        Label::OtherFax => &["Other Fax"],
        Label::Pager | Label::WorkPager => &["Pager"],
        Label::Callback => &["Callback"],
        Label::Car => &["Car Phone"],
        Label::CompanyMain => &["Company Main Phone"],
        Label::Isdn => &["ISDN"],
        Label::Main => &["Primary Phone", "Other Phone"],
        Label::Radio => &["Radio Phone"],
        Label::Telex => &["Telex"],
        Label::TtyTdd => &["TTY/TDD Phone"],
        Label::Assistant => &["Assistant's Phone"],
        _ => &["Other Phone", "Primary Phone"],
    }
}
