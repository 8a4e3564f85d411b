//! The CSV format of Google Contacts (its export of 2024 and later): UTF-8 without a byte order mark, with numbered
//! column sets for e-mail addresses, telephones, addresses and so on.

use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use csv::{ByteRecord, ReaderBuilder, WriterBuilder};

use super::{WithoutColumn, cell, service_name, text, whole_name};
use crate::format::Losses;
use crate::format::vcard::{formatted_name, is_date, words};
use crate::model::{Contact, DateKind, Email, Label, Organization, PersonName, PostalAddress};
use crate::phrase;

/// Maximum number of column sets of one kind. Further values share the last cell, separated by ` ::: `, as in
/// Google's own export.
pub const MAX_NUMBERED: usize = 25;
/// Separator between several values in one cell.
const SEPARATOR: &str = " ::: ";

const FIXED: [&str; 17] = [
    "First Name",
    "Middle Name",
    "Last Name",
    "Phonetic First Name",
    "Phonetic Middle Name",
    "Phonetic Last Name",
    "Name Prefix",
    "Name Suffix",
    "Nickname",
    "File As",
    "Organization Name",
    "Organization Title",
    "Organization Department",
    "Birthday",
    "Notes",
    "Photo",
    "Labels",
];
const PAIR: [&str; 2] = ["Label", "Value"];
const ADDRESS: [&str; 9] = [
    "Label",
    "Formatted",
    "Street",
    "City",
    "PO Box",
    "Region",
    "Postal Code",
    "Country",
    "Extended Address",
];
/// The numbered kinds, in the order of Google's header.
const KINDS: [(&str, &[&str]); 7] = [
    ("E-mail", &PAIR),
    ("Phone", &PAIR),
    ("Address", &ADDRESS),
    ("Relation", &PAIR),
    ("Website", &PAIR),
    ("Event", &PAIR),
    ("Custom Field", &PAIR),
];

/// Collects contacts in a spool file, because the header depends on the contact with the most values.
#[derive(Debug)]
pub struct GoogleCsv<S: Write> {
    spool: csv::Writer<BufWriter<S>>,
    /// Number of column sets of each kind that the largest contact needs.
    most: [usize; 7],
    rows: u64,
}

impl<S: Read + Write + Seek> GoogleCsv<S> {
    /// Starts with an empty `spool`. The spool takes about as much space as the final file.
    pub fn new(spool: S) -> Self {
        let spool = WriterBuilder::new()
            .flexible(true)
            .has_headers(false)
            .from_writer(BufWriter::new(spool));
        Self {
            spool,
            most: [0; 7],
            rows: 0,
        }
    }

    /// Adds a contact.
    ///
    /// # Errors
    /// If the spool cannot be written.
    pub fn push(&mut self, contact: &Contact, losses: &mut Losses) -> csv::Result<()> {
        let row = Row::of(contact, losses);
        let mut record: Vec<String> = Vec::with_capacity(40);
        for (kind, most) in row.numbered.iter().zip(&mut self.most) {
            *most = (*most).max(kind.len());
            record.push(kind.len().to_string());
        }
        record.extend(row.fixed);
        record.extend(row.numbered.into_iter().flatten().flatten());
        self.rows += 1;
        self.spool.write_record(&record)
    }

    /// Passes on the header and then each row in order, all with the same number of cells.
    ///
    /// # Errors
    /// If the spool cannot be read, or `each` fails.
    pub fn finish<E>(self, mut each: impl FnMut(&ByteRecord) -> Result<(), E>) -> Result<u64, E>
    where
        E: From<csv::Error> + From<io::Error>,
    {
        let file = self
            .spool
            .into_inner()
            .map_err(|e| io::Error::other(e.to_string()))?;
        let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.seek(SeekFrom::Start(0))?;
        each(&header(self.most))?;
        let mut reader = ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .from_reader(BufReader::new(file));
        let mut record = ByteRecord::new();
        let mut padded = ByteRecord::new();
        while reader.read_byte_record(&mut record)? {
            pad(&record, self.most, &mut padded);
            each(&padded)?;
        }
        Ok(self.rows)
    }
}

fn header(most: [usize; 7]) -> ByteRecord {
    let mut header: Vec<String> = FIXED.map(str::to_owned).to_vec();
    for ((kind, columns), most) in KINDS.iter().zip(most) {
        for number in 1..=most {
            header.extend(
                columns
                    .iter()
                    .map(|column| format!("{kind} {number} - {column}")),
            );
        }
    }
    ByteRecord::from(header)
}

/// Expands a spooled record (seven counts, fixed cells, numbered cells) to the columns of the header.
fn pad(record: &ByteRecord, most: [usize; 7], padded: &mut ByteRecord) {
    padded.clear();
    let count = |at: usize| -> usize {
        record
            .get(at)
            .and_then(|c| std::str::from_utf8(c).ok())
            .and_then(|c| c.parse().ok())
            .unwrap_or(0)
    };
    let mut cells = record.iter().skip(KINDS.len());
    for _ in FIXED {
        padded.push_field(cells.next().unwrap_or_default());
    }
    for (at, ((_, columns), most)) in KINDS.iter().zip(most).enumerate() {
        let filled = count(at).min(most) * columns.len();
        for column in 0..most * columns.len() {
            let cell = if column < filled { cells.next() } else { None };
            padded.push_field(cell.unwrap_or_default());
        }
    }
}

struct Row {
    fixed: [String; 17],
    numbered: [Vec<Vec<String>>; 7],
}

impl Row {
    fn of(contact: &Contact, losses: &mut Losses) -> Self {
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
            losses.add(phrase("additional pictures, logos, sounds and keys"));
        }
        WithoutColumn {
            custom,
            unmapped,
            has_picture: *has_picture,
            picture: picture.as_ref(),
            custom_ringtone,
            send_to_voicemail: *send_to_voicemail,
        }
        .count(losses);
        let empty = PersonName::default();
        let (name, further_names) = match names.split_first() {
            Some((first, further)) => (first, further),
            None => (&empty, [].as_slice()),
        };
        let shown = formatted_name(contact);
        let parts = [
            &name.given,
            &name.middle,
            &name.family,
            &name.prefix,
            &name.suffix,
        ]
        .map(text);
        let nameless = parts.iter().all(|part| part.trim().is_empty());
        let [given, middle, family, prefix, suffix] = parts;
        let joined = [prefix, given, middle, family, suffix].map(str::trim);
        let joined: Vec<&str> = joined.into_iter().filter(|part| !part.is_empty()).collect();
        let organization = organizations.first();
        let company = organization.map_or("", |o| text(&o.company));
        // A contact without a personal name is shown by its company; others by the handset's display name.
        let given = if nameless && shown != company {
            shown.as_ref()
        } else {
            given
        };
        let file_as = if nameless || joined.join(" ") == shown {
            ""
        } else {
            shown.as_ref()
        };
        let birthday = dates
            .iter()
            .find(|d| d.kind == DateKind::Birthday && is_date(&d.date));
        let mut labels = String::from("* myContacts");
        if *starred {
            labels.push_str(SEPARATOR);
            labels.push_str("* starred");
        }
        for group in groups.iter().filter(|group| !group.is_empty()) {
            labels.push_str(SEPARATOR);
            labels.push_str(group);
        }
        let notes: Vec<&str> = notes
            .iter()
            .map(String::as_str)
            .filter(|note| !note.is_empty())
            .collect();
        let fixed = [
            given,
            middle,
            family,
            text(&name.phonetic_given),
            text(&name.phonetic_middle),
            text(&name.phonetic_family),
            prefix,
            suffix,
            nicknames.first().map_or("", |nickname| &nickname.name),
            file_as,
            company,
            organization.map_or("", |o| text(&o.title)),
            organization.map_or("", |o| text(&o.department)),
            birthday.map_or("", |birthday| &birthday.date),
            &notes.join("\n\n"),
            "",
            &labels,
        ]
        .map(|text| cell(text, losses));
        let mut numbered = Numbered {
            sets: Default::default(),
            losses,
        };
        numbered.emails(emails);
        for phone in phones {
            let label = marked(&phone.label, phone.primary);
            numbered.pair(PHONE, &label, &phone.number);
        }
        numbered.addresses(addresses);
        for relation in relations {
            numbered.pair(RELATION, &relation.kind, &relation.name);
        }
        for website in websites {
            numbered.pair(WEBSITE, &words(&website.label), &website.url);
        }
        for messenger in messengers {
            numbered.pair(CUSTOM, service_name(&messenger.service), &messenger.handle);
        }
        for sip in sip_addresses {
            numbered.pair(CUSTOM, "SIP", &sip.address);
        }
        for nickname in nicknames.iter().skip(1) {
            numbered.pair(CUSTOM, "Nickname", &nickname.name);
        }
        for name in further_names {
            numbered.pair(CUSTOM, "Name", &whole_name(name));
        }
        numbered.organizations(organizations);
        for identity in identities {
            let label = identity.namespace.as_deref().unwrap_or("Identity");
            numbered.pair(CUSTOM, label, &identity.identity);
        }
        for (date, kind) in dates
            .iter()
            .filter(|d| !birthday.is_some_and(|b| std::ptr::eq(b, *d)))
            .map(|d| (&d.date, &d.kind))
        {
            let label = match kind {
                DateKind::Birthday => "Birthday",
                DateKind::Anniversary => "Anniversary",
                DateKind::Other | DateKind::Unknown(_) => "Other",
                DateKind::Custom(word) => word,
            };
            // Google accepts only full dates as events.
            let at = if is_date(date) { EVENT } else { CUSTOM };
            numbered.pair(at, label, date);
        }
        let numbered = numbered.sets;
        Self { fixed, numbered }
    }
}

const EMAIL: usize = 0;
const PHONE: usize = 1;
const POSTAL: usize = 2;
const RELATION: usize = 3;
const WEBSITE: usize = 4;
const EVENT: usize = 5;
const CUSTOM: usize = 6;

struct Numbered<'l> {
    sets: [Vec<Vec<String>>; 7],
    losses: &'l mut Losses,
}

impl Numbered<'_> {
    /// Adds a label and a value. They go into the last set if the maximum is reached.
    fn pair(&mut self, at: usize, label: &str, value: &str) {
        if value.is_empty() {
            return;
        }
        let (label, value) = (cell(label, self.losses), cell(value, self.losses));
        let Some(sets) = self.sets.get_mut(at) else {
            return;
        };
        if sets.len() < MAX_NUMBERED {
            sets.push(vec![label, value]);
        } else if let Some(last) = sets.last_mut().and_then(|set| set.last_mut()) {
            last.push_str(SEPARATOR);
            last.push_str(&value);
            self.losses
                .add(phrase("labels after the first 25 of a kind"));
        }
    }

    fn emails(&mut self, emails: &[Email]) {
        for email in emails {
            self.pair(EMAIL, &marked(&email.label, email.primary), &email.address);
            self.pair(CUSTOM, "E-mail name", text(&email.display_name));
        }
    }

    fn addresses(&mut self, addresses: &[PostalAddress]) {
        for address in addresses {
            let parts = [
                &address.street,
                &address.city,
                &address.po_box,
                &address.region,
                &address.postcode,
                &address.country,
                &address.neighborhood,
            ]
            .map(text);
            let formatted = text(&address.formatted);
            let label = marked(&address.label, address.primary);
            if self
                .sets
                .get(POSTAL)
                .is_some_and(|sets| sets.len() >= MAX_NUMBERED)
            {
                let whole = if formatted.is_empty() {
                    parts.join(", ")
                } else {
                    formatted.to_owned()
                };
                self.pair(CUSTOM, &format!("Address {label}"), &whole);
            } else if !formatted.is_empty() || parts.iter().any(|part| !part.is_empty()) {
                let cells = [label.as_str(), formatted].into_iter().chain(parts);
                let cells = cells.map(|text| cell(text, self.losses)).collect();
                if let Some(sets) = self.sets.get_mut(POSTAL) {
                    sets.push(cells);
                }
            }
        }
    }

    /// Adds data of organisations that the fixed columns do not hold. Those columns hold the first organisation.
    fn organizations(&mut self, organizations: &[Organization]) {
        for (at, organization) in organizations.iter().enumerate() {
            let first = [
                ("Company", &organization.company),
                ("Job title", &organization.title),
                ("Department", &organization.department),
            ];
            let others = [
                ("Job description", &organization.job_description),
                ("Stock symbol", &organization.symbol),
                ("Phonetic company name", &organization.phonetic_name),
                ("Office location", &organization.office_location),
            ];
            for (label, value) in first
                .into_iter()
                .skip(if at == 0 { 3 } else { 0 })
                .chain(others)
            {
                self.pair(CUSTOM, label, text(value));
            }
        }
    }
}

/// Returns the label in words. Google marks the default with a leading asterisk.
fn marked(label: &Label, primary: bool) -> String {
    let words = words(label);
    if primary {
        format!("* {words}").trim_end().to_owned()
    } else {
        words.into_owned()
    }
}
