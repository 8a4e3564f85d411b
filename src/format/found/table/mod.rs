//! Reads tables of contacts as address books, mail programs and the PC suites of phone makers export them: one row
//! for each contact, and a header row with the meanings of the columns.
//!
//! [`records`] splits the rows, [`headings`] knows the meanings of headings, [`layout`] decides which columns belong
//! together, and [`row`] makes the contact. Values without a field go into the note, with their heading. A table that
//! is not a list of contacts is classified as such. A table that may be a list but cannot be understood is reported.

mod cell;
mod dates;
mod field;
mod headings;
mod kind;
mod layout;
mod records;
mod row;

use std::borrow::Cow;
use std::collections::HashMap;

use self::kind::{Looks, Verdict};
use self::layout::{Layout, Part, Place};
use self::records::{DELIMITERS, Row, Rows, Torn, named_delimiter};
use self::row::{Cell, Habits, Spoiled};
use super::{Fault, Found, FoundContact, Kind, MAX_RECORDS, Unreadable};
use crate::format::versit::{CellText, whole_text};
use crate::model::{Contact, DateKind};
use crate::phrase;

/// Maximum number of columns. Outlook's export has about 90, Google's about 200.
const MAX_COLUMNS: usize = 2_000;
/// Maximum number of rows before the headings. LinkedIn writes three.
const MOST_BEFORE: usize = 20;
/// Number of bytes searched for the headings.
const SEARCHED: usize = 1 << 20;
/// Number of rows examined if the headings are not conclusive.
const HEADER_SEARCH_ROWS: usize = 200;

/// A table with its delimiter.
struct Table<'a> {
    bytes: &'a [u8],
    delimiter: u8,
    text: CellText,
}

/// The header row.
struct Header {
    layout: Layout,
    verdict: Verdict,
    /// Number of rows before it.
    before: usize,
}

/// Reads a table; returns false if the bytes are not a table. `named`: the file name says that it is a table.
/// `length`: length of the file, in bytes.
pub(super) fn read(bytes: &[u8], named: bool, length: usize, found: &mut Found) -> bool {
    let bytes = whole_text(bytes, named);
    let text = CellText::of(&bytes);
    let (forced, body) = match named_delimiter(&bytes) {
        Some((delimiter, rest)) => (Some(delimiter), rest),
        None => (None, bytes.as_ref()),
    };
    let searched = body.get(..SEARCHED).unwrap_or(body);
    let occurs = |delimiter: &u8| memchr::memchr(*delimiter, searched).is_some();
    let mut candidates: Vec<u8> = match forced {
        Some(delimiter) => vec![delimiter],
        None => DELIMITERS.into_iter().filter(occurs).collect(),
    };
    // A table with one column contains no delimiter.
    if candidates.is_empty() {
        candidates.extend(DELIMITERS.first());
    }
    let candidates = candidates.into_iter().map(|delimiter| Table {
        bytes: body,
        delimiter,
        text,
    });
    let best = candidates
        .filter_map(|table| Some((table.header()?, table)))
        .max_by_key(|(header, _)| {
            (
                header.verdict == Verdict::Contacts,
                header.layout.known,
                header.layout.columns.len(),
            )
        });
    let Some((mut header, table)) = best else {
        found.kind = if named {
            Kind::OtherTable
        } else {
            Kind::Unknown
        };
        return named;
    };
    table.by_content(&mut header);
    if header.verdict != Verdict::Contacts || !table.holds_numbers(&header) {
        if named {
            table.not_contacts(&header, found);
        }
        return named;
    }
    found.kind = Kind::ContactTable;
    Reading {
        table: &table,
        found,
        length,
        full: 0,
    }
    .contacts(header);
    true
}

impl<'a> Table<'a> {
    fn rows(&self) -> Rows<'a> {
        Rows::new(self.bytes, self.delimiter)
    }

    /// Returns the text of a cell, and whether every byte was valid.
    fn cell<'c>(&self, cell: &'c [u8]) -> (Cow<'c, str>, bool) {
        self.text.decode(cell)
    }

    fn layout(&self, row: &Row<'_>) -> Layout {
        let cells = row.cells.iter().take(MAX_COLUMNS);
        let mut header: Vec<String> = cells
            .map(|cell| self.cell(cell).0.trim().to_owned())
            .collect();
        // Thunderbird ends its header row with a comma.
        while header.len() > 1 && header.last().is_some_and(String::is_empty) {
            header.pop();
        }
        Layout::of(&header)
    }

    /// Finds the first row with the headings of a contact list, otherwise the row with the most known headings.
    /// `None` for a file of blanks.
    fn header(&self) -> Option<Header> {
        let mut rows = self.rows();
        let mut row = Row::default();
        let mut best: Option<Header> = None;
        let mut before = 0;
        while before < MOST_BEFORE && rows.position() < SEARCHED && rows.next(&mut row) {
            if !row.is_blank() {
                let layout = self.layout(&row);
                let verdict = kind::of_layout(&layout);
                let header = Header {
                    layout,
                    verdict,
                    before,
                };
                if verdict == Verdict::Contacts {
                    return Some(header);
                }
                let more = best
                    .as_ref()
                    .is_none_or(|best| best.layout.known < header.layout.known);
                best = if more { Some(header) } else { best };
            }
            before += 1;
        }
        best
    }

    /// True if a number or address column contains such values or is empty, or if there are parts of people's names.
    /// A "number" in a list of goods is not a telephone number.
    fn holds_numbers(&self, header: &Header) -> bool {
        let layout = &header.layout;
        if layout.has(|_, part| matches!(part, Part::Given | Part::Family)) {
            return true;
        }
        let mut rows = self.rows();
        let mut row = Row::default();
        let mut filled = false;
        for at in 0..HEADER_SEARCH_ROWS {
            if !rows.next(&mut row) {
                break;
            }
            if at <= header.before {
                continue;
            }
            for (cell, column) in row.cells.iter().zip(&layout.columns) {
                let cell = cell.trim_ascii();
                if column.part == Part::Label || cell.is_empty() {
                    continue;
                }
                let digits = cell.iter().filter(|b| b.is_ascii_digit()).count();
                match layout.place(column) {
                    Place::Phone(_) if digits >= 3 => return true,
                    Place::Email(_) if cell.contains(&b'@') => return true,
                    Place::Phone(_) | Place::Email(_) => filled = true,
                    _ => {}
                }
            }
        }
        !filled
    }

    /// Looks at the cells under unknown headings, and judges the table again.
    fn by_content(&self, header: &mut Header) {
        if header.layout.known == 0 || header.verdict == Verdict::Other {
            return;
        }
        let mut looks = Looks::default();
        let mut rows = self.rows();
        let mut row = Row::default();
        for at in 0..HEADER_SEARCH_ROWS + header.before {
            if !rows.next(&mut row) {
                break;
            }
            if at > header.before {
                looks.see(row.cells.get(..MAX_COLUMNS).unwrap_or(&row.cells));
            }
        }
        header.layout.by_content(&looks);
        if header.verdict != Verdict::Contacts {
            header.verdict = kind::of_layout(&header.layout);
        }
    }

    /// Reports a table that is not a list of contacts, or that cannot be understood.
    fn not_contacts(&self, header: &Header, found: &mut Found) {
        let mut looks = Looks::default();
        let mut rows = self.rows();
        let mut row = Row::default();
        let mut seen = 0;
        while seen < HEADER_SEARCH_ROWS && rows.next(&mut row) {
            looks.see(row.cells.get(..MAX_COLUMNS).unwrap_or(&row.cells));
            seen += 1;
        }
        let verdict = match header.verdict {
            Verdict::Unclear | Verdict::Other => header.verdict,
            Verdict::Contacts | Verdict::Unknown => looks.verdict(),
        };
        if verdict != Verdict::Unclear {
            found.kind = Kind::OtherTable;
            return;
        }
        found.kind = Kind::ContactTable;
        let headings: Vec<&str> = header
            .layout
            .columns
            .iter()
            .map(|column| column.heading.as_str())
            .collect();
        let fault = Unreadable::new(1, Fault::Columns, &headings.join(", "));
        found.unreadable.add(fault);
    }
}

struct Reading<'t, 'f> {
    table: &'t Table<'t>,
    found: &'f mut Found,
    length: usize,
    /// Number of rows beyond the limit.
    full: u64,
}

impl Reading<'_, '_> {
    fn contacts(mut self, header: Header) {
        let survey = Survey::of(self.table, &header);
        let habits = survey.habits();
        let mut walk = Walk::new(self.table, header, survey.names_are_families());
        let mut row = Row::default();
        while let Some(what) = walk.next(&mut row) {
            match what {
                // A title or the date of the export, not personal data.
                Step::Before if Looks::of(&row.cells).verdict() == Verdict::Unclear => {
                    let text = self.beginning(&row);
                    self.complain(&row, Fault::Outside, &text);
                }
                Step::Before | Step::Header => {}
                Step::Contact => self.contact(&walk.layout, &habits, &row),
            }
        }
        if self.full > 0 {
            let fault = Unreadable::new(row.line, Fault::TooMany, &phrase!("{} rows", self.full));
            self.found.unreadable.add(fault);
        }
    }

    fn complain(&mut self, row: &Row<'_>, fault: Fault, text: &str) {
        let unreadable = Unreadable::new(row.line, fault, text);
        self.found.unreadable.add(unreadable);
    }

    /// Returns the first non-empty cells of a row.
    fn beginning(&self, row: &Row<'_>) -> String {
        let cells = row.cells.iter().map(|cell| self.table.cell(cell).0);
        let filled = cells.filter(|cell| !cell.trim().is_empty()).take(4);
        filled.collect::<Vec<_>>().join(", ")
    }

    fn contact(&mut self, layout: &Layout, habits: &Habits, row: &Row<'_>) {
        if self.found.contacts.len() >= MAX_RECORDS {
            self.full += 1;
            return;
        }
        let mut cells: Vec<Cell<'_>> = Vec::with_capacity(layout.columns.len());
        let mut further = Vec::new();
        let mut beyond = 0_u64;
        for (at, bytes) in row.cells.iter().enumerate() {
            if bytes.trim_ascii().is_empty() {
                continue;
            }
            if at >= MAX_COLUMNS {
                beyond += 1;
                continue;
            }
            let (text, clean) = self.table.cell(bytes);
            if !clean {
                self.complain(row, Fault::Charset, &text);
            }
            let text = match text {
                Cow::Borrowed(text) => Cow::Borrowed(cell::meant(text)),
                Cow::Owned(text) => Cow::Owned(cell::meant(&text).to_owned()),
            };
            if text.is_empty() {
                continue;
            }
            match layout.columns.get(at) {
                Some(column) => cells.push(Cell { column, text }),
                None => further.push(format!("Column {}: {text}", at + 1)),
            }
        }
        let mut spoiled: Vec<Spoiled> = Vec::new();
        let mut contact = row::contact(layout, habits, cells, &mut spoiled);
        for (fault, text) in spoiled {
            self.complain(row, fault, &text);
        }
        if !further.is_empty() {
            let text = self.beginning(row);
            self.complain(row, Fault::Cells, &text);
            contact.notes.push(further.join("\n"));
        }
        if beyond > 0 {
            self.complain(row, Fault::TooMany, &format!("{beyond} cells"));
        }
        let torn = match row.torn {
            Some(Torn::Quote) => Some(Fault::Quote),
            Some(Torn::CutOff) => Some(Fault::NoEnd),
            None => None,
        };
        if let Some(fault) = torn {
            let text = self.beginning(row);
            self.complain(row, fault, &text);
        }
        if contact == Contact::default() {
            return;
        }
        self.found.contacts.push(FoundContact {
            contact,
            raw: 0..self.length,
            line: row.line,
            attachments: Vec::new(),
        });
    }
}

/// Kind of a row.
enum Step {
    Before,
    Header,
    Contact,
}

/// Iterates over the rows and switches to new headings where tables were joined.
struct Walk<'t> {
    table: &'t Table<'t>,
    rows: Rows<'t>,
    layout: Layout,
    /// Cells of the current header row, after it was passed.
    header: Vec<Cow<'t, [u8]>>,
    before: usize,
    at: usize,
    families: bool,
}

impl<'t> Walk<'t> {
    fn new(table: &'t Table<'t>, header: Header, families: bool) -> Self {
        let mut layout = header.layout;
        if families {
            layout.names_are_families();
        }
        let mut rows = table.rows();
        rows.expect_width(layout.columns.len());
        Self {
            table,
            rows,
            layout,
            header: Vec::new(),
            before: header.before,
            at: 0,
            families,
        }
    }

    fn next(&mut self, row: &mut Row<'t>) -> Option<Step> {
        loop {
            if !self.rows.next(row) {
                return None;
            }
            let at = self.at;
            self.at += 1;
            if row.is_blank() {
                continue;
            }
            return Some(match at.cmp(&self.before) {
                std::cmp::Ordering::Less => Step::Before,
                std::cmp::Ordering::Equal => {
                    self.header.clone_from(&row.cells);
                    Step::Header
                }
                std::cmp::Ordering::Greater if self.is_header(row) => Step::Header,
                std::cmp::Ordering::Greater => Step::Contact,
            });
        }
    }

    /// True for a further header row, which then applies: no contact has the name `First Name`.
    fn is_header(&mut self, row: &Row<'t>) -> bool {
        if row.cells == self.header {
            return true;
        }
        let cells = row.cells.iter().take(MAX_COLUMNS);
        // A shortcut: nearly every data row has a value that no heading contains.
        if cells.clone().any(|cell| headings::is_value(cell)) {
            return false;
        }
        let mut filled = cells.filter(|cell| !cell.trim_ascii().is_empty());
        let looks = filled
            .by_ref()
            .take(3)
            .all(|cell| headings::is_one(self.table.cell(cell).0.trim()));
        if !looks || row.filled() < 2 {
            return false;
        }
        let mut layout = self.table.layout(row);
        let is_one = layout.known == row.filled() && kind::of_layout(&layout) == Verdict::Contacts;
        if is_one {
            if self.families {
                layout.names_are_families();
            }
            self.rows.expect_width(layout.columns.len());
            self.header.clone_from(&row.cells);
            self.layout = layout;
        }
        is_one
    }
}

/// Facts that only the whole table shows: see [`Habits`].
#[derive(Default)]
struct Survey {
    habits: Habits,
    /// The first value of each setting, and whether other rows differ.
    settings: HashMap<String, (String, bool)>,
    rows: u64,
    /// Number of rows with a full name and a given name, and how many of their full names contain the given name.
    named: u64,
    holding: u64,
    has_family: bool,
}

impl Survey {
    fn of(table: &Table<'_>, header: &Header) -> Self {
        let mut survey = Self {
            has_family: header.layout.has(|_, part| part == Part::Family),
            ..Self::default()
        };
        let header = Header {
            layout: header.layout.clone(),
            ..*header
        };
        let mut walk = Walk::new(table, header, false);
        let mut row = Row::default();
        while let Some(step) = walk.next(&mut row) {
            if matches!(step, Step::Contact) {
                survey.row(table, &walk.layout, &row);
            }
        }
        survey
    }

    fn row(&mut self, table: &Table<'_>, layout: &Layout, row: &Row<'_>) {
        self.rows += 1;
        let (mut whole, mut given) = (None, None);
        for (bytes, column) in row.cells.iter().zip(&layout.columns) {
            let place = layout.place(column);
            let wanted = matches!(place, Place::Day(_) | Place::Setting) || *place == Place::Name;
            if !wanted || column.part == Part::Label || bytes.trim_ascii().is_empty() {
                continue;
            }
            let text = table.cell(bytes).0;
            let text = text.trim();
            match (place, column.part) {
                (Place::Day(DateKind::Birthday | DateKind::Anniversary | DateKind::Other), _) => {
                    self.habits.order.see(text);
                }
                (Place::Setting, _) => {
                    let known = self.settings.get_mut(&column.heading);
                    match known {
                        Some((first, varied)) => *varied |= first != text,
                        None => {
                            let first = (text.to_owned(), false);
                            self.settings.insert(column.heading.clone(), first);
                        }
                    }
                }
                (_, Part::Display) => whole = Some(text.to_lowercase()),
                (_, Part::Given) => given = Some(text.to_lowercase()),
                _ => {}
            }
        }
        if let (Some(whole), Some(given)) = (whole, given) {
            self.named += 1;
            self.holding += u64::from(whole.contains(&given));
        }
    }

    /// True if `Name` means the family name: the table has given names, no family names, and the names do not contain
    /// the given names.
    fn names_are_families(&self) -> bool {
        !self.has_family && self.named > 0 && self.holding * 2 < self.named
    }

    fn habits(&self) -> Habits {
        let alike = self
            .settings
            .iter()
            .filter(|(_, (_, varied))| !varied && self.rows > 1);
        Habits {
            order: self.habits.order,
            same_everywhere: alike
                .map(|(heading, (text, _))| (heading.clone(), text.clone()))
                .collect(),
        }
    }
}
