//! Reads files that an owner exported earlier: contacts, calendars, to-dos and notes, in the format that their
//! content shows.

mod groups;
mod table;

use std::ops::Range;

use groups::{Group, Known};

use super::icalendar::reading::{self, Placed, Records};
use super::vcard::contact::{self, Attachment};
use super::vcard::formatted_name;
use super::versit::{AsUtf8, Complaints, Component, Fault, Reader, Unreadable, as_utf8};
use super::vnote;
use crate::model::uid::{self, EventParts};
use crate::model::{Calendar, Contact, Event, Note, Origin, Relation, Source, Todo};
use crate::phrase;

/// Maximum size of a file, in bytes. 10,000 cards with pictures take less.
pub const MAX_FILE: usize = 256 << 20;
/// Maximum number of records of one file.
pub const MAX_RECORDS: usize = 200_000;
/// Files up to this size, in bytes, have all their cards in memory at once. The cards take about ten times as much
/// memory.
const HELD_AT_ONCE: usize = 6 << 20;
/// Maximum depth of cards that are nested as text in AGENT properties.
const MAX_AGENTS: usize = 3;

/// Type of a file, determined by its content.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    VCard,
    /// vCalendar 1.0
    VCalendar,
    ICalendar,
    VNote,
    /// A table of contacts (CSV), as Google, Outlook and the PC suites of phones write it.
    ContactTable,
    /// A table with other content, such as a bank statement or a log.
    OtherTable,
    #[default]
    Unknown,
}

/// A card, with the data that the model cannot hold.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundContact {
    pub contact: Contact,
    /// Range of its bytes in the file. For a card nested as text in another card, the range of the outer card.
    pub raw: Range<usize>,
    /// Line where it begins, from 1.
    pub line: u64,
    pub attachments: Vec<Attachment>,
}

/// Contents of a file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    pub kind: Kind,
    pub contacts: Vec<FoundContact>,
    /// Calendars of the file. Events refer to their rows.
    pub calendars: Vec<Calendar>,
    pub events: Vec<Placed<Event>>,
    pub todos: Vec<Placed<Todo>>,
    pub notes: Vec<Placed<Note>>,
    pub unreadable: Complaints,
}

impl Found {
    /// Number of records.
    pub fn records(&self) -> usize {
        self.contacts.len() + self.events.len() + self.todos.len() + self.notes.len()
    }
}

/// Reads a file by its content, or by its name if the content is not conclusive. `name` is kept with each record as
/// its origin.
///
/// Reading never fails: unreadable parts are in [`Found::unreadable`]. Memory use is at most about ten times the file
/// size, and at most [`MAX_RECORDS`] records are kept.
pub fn read(name: &str, bytes: &[u8]) -> Found {
    let mut contacts = Vec::new();
    let found = read_each(name, bytes, &mut |contact| contacts.push(contact));
    Found { contacts, ..found }
}

/// Like [`read`], but passes each contact to `each`, so the result has no contacts. For a large file, memory holds
/// one card, and about 50 bytes for each further card.
pub fn read_each(name: &str, bytes: &[u8], each: &mut dyn FnMut(FoundContact)) -> Found {
    let mut found = Found::default();
    if bytes.len() > MAX_FILE {
        let size = phrase!("{} MB", bytes.len() >> 20);
        found
            .unreadable
            .add(Unreadable::new(1, Fault::TooLarge, &size));
        return found;
    }
    let mut count = 0;
    let mut each = |mut contact: FoundContact| {
        count += 1;
        mark_contact(name, count, &mut contact.contact);
        each(contact);
    };
    let text = as_utf8(bytes);
    let named = kind_of_name(name);
    let framed = has_frame(&text.bytes);
    let is_table = named == Some(Kind::ContactTable);
    // A table is tried first, because a note in a table may contain a card.
    let read_table = (is_table || !framed)
        && table::read(&text.bytes, is_table && !framed, bytes.len(), &mut found);
    if read_table {
        found.contacts.drain(..).for_each(&mut each);
    } else if framed {
        read_framed(&text, &mut found, &mut each);
    } else {
        without_frame(named, &text, bytes.len(), &mut found, &mut each);
    }
    if found.kind == Kind::Unknown
        && found.records() == 0
        && count == 0
        && found.unreadable.list.is_empty()
        && !bytes.is_empty()
    {
        // Without the file's beginning: it may be the text of a message.
        let fault = Unreadable::new(1, Fault::UnknownFile, "");
        found.unreadable.add(fault);
    }
    mark_others(name, count, &mut found);
    found
}

/// Reads the records of a file. Cards are kept until their references to each other are known. A large file is read
/// twice instead.
fn read_framed(text: &AsUtf8<'_>, found: &mut Found, each: &mut dyn FnMut(FoundContact)) {
    let mut known = Known::default();
    if text.bytes.len() > HELD_AT_ONCE && has_cards(&text.bytes) {
        let mut aside = Found::default();
        let mut add = |_, contact: FoundContact| known.add(&contact.contact);
        let groups = Reading::new(&mut aside, &mut add).run(text);
        drop(aside);
        known.settle(groups);
        let mut give = |at, mut contact: FoundContact| {
            known.tell(at, &mut contact.contact);
            each(contact);
        };
        Reading::new(found, &mut give).run(text);
    } else {
        let mut contacts = Vec::new();
        let mut hold = |_, contact| contacts.push(contact);
        let groups = Reading::new(found, &mut hold).run(text);
        let names_others = |found: &FoundContact| groups::names_others(&found.contact);
        if !groups.is_empty() || contacts.iter().any(names_others) {
            contacts.iter().for_each(|found| known.add(&found.contact));
            known.settle(groups);
        }
        for (at, mut contact) in contacts.into_iter().enumerate() {
            known.tell(at, &mut contact.contact);
            each(contact);
        }
    }
    found.unreadable.merge(known.take_complaints());
}

/// True if a card may begin somewhere in the text.
fn has_cards(text: &[u8]) -> bool {
    let starts = memchr::memchr2_iter(b'V', b'v', text);
    starts
        .filter_map(|at| text.get(at..at + 5))
        .any(|word| word.eq_ignore_ascii_case(b"VCARD"))
}

/// The expected type of a file with this name; `None`: the name does not tell.
pub fn kind_of_name(name: &str) -> Option<Kind> {
    // A browser or a mail program may append the ending of a text: `contacts.vcf.txt`.
    let (stem, last) = name.rsplit_once('.')?;
    let name = match last.eq_ignore_ascii_case("txt") {
        true => stem,
        false => name,
    };
    let ending = name.rsplit_once('.')?.1.to_ascii_lowercase();
    Some(match ending.as_str() {
        "vcf" | "vcard" => Kind::VCard,
        "vcs" => Kind::VCalendar,
        "ics" | "ical" | "ifb" => Kind::ICalendar,
        "vnt" => Kind::VNote,
        "csv" | "tsv" | "tab" => Kind::ContactTable,
        _ => return None,
    })
}

/// True if a file with this beginning is a table of contacts, whatever its name is.
pub fn begins_table(beginning: &[u8]) -> bool {
    let text = as_utf8(beginning);
    let length = beginning.len();
    !has_frame(&text.bytes) && table::read(&text.bytes, false, length, &mut Found::default())
}

/// True if a component begins somewhere in the text.
fn has_frame(text: &[u8]) -> bool {
    let mut rest = text;
    while let Some(at) = memchr::memchr2(b'B', b'b', rest) {
        let tail = rest.get(at..).unwrap_or_default();
        if tail
            .get(..5)
            .is_some_and(|w| w.eq_ignore_ascii_case(b"BEGIN"))
        {
            let after = tail.get(5..).unwrap_or_default();
            let after = after.get(..80).unwrap_or(after).trim_ascii_start();
            if matches!(after.first(), Some(b':' | b';')) {
                return true;
            }
        }
        rest = tail.get(1..).unwrap_or_default();
    }
    false
}

/// Reads a file whose beginning is lost. Its properties are read as one record of the kind that the file name
/// suggests.
fn without_frame(
    named: Option<Kind>,
    text: &AsUtf8<'_>,
    length: usize,
    found: &mut Found,
    each: &mut dyn FnMut(FoundContact),
) {
    if text.bytes.trim_ascii().is_empty() {
        return;
    }
    let frame: &[u8] = match named {
        Some(Kind::VCard) => b"BEGIN:VCARD\n",
        Some(Kind::VCalendar | Kind::ICalendar) => b"BEGIN:VEVENT\n",
        Some(Kind::VNote) => b"BEGIN:VNOTE\n",
        _ => return,
    };
    let framed = [frame, &text.bytes].concat();
    let framed = as_utf8(&framed);
    read_framed(&framed, found, &mut |mut contact| {
        (contact.raw, contact.line) = (0..length, 1);
        each(contact);
    });
    for unreadable in &mut found.unreadable.list {
        unreadable.line = unreadable.line.saturating_sub(1).max(1);
    }
    let events = found.events.iter_mut().map(|e| (&mut e.raw, &mut e.line));
    let todos = found.todos.iter_mut().map(|t| (&mut t.raw, &mut t.line));
    let notes = found.notes.iter_mut().map(|n| (&mut n.raw, &mut n.line));
    for (raw, line) in events.chain(todos).chain(notes) {
        (*raw, *line) = (0..length, 1);
    }
}

struct Reading<'f> {
    /// Contains only the contacts of the component that is being read.
    found: &'f mut Found,
    records: Records,
    groups: Vec<Group>,
    left_out: LeftOut,
    /// Number of contacts passed on, and the receiver of each contact with its index.
    given: usize,
    give: &'f mut dyn FnMut(usize, FoundContact),
}

/// Records that are left out because of the limit.
#[derive(Default)]
struct LeftOut {
    count: u64,
    /// Line of the first of them.
    line: u64,
}

impl<'f> Reading<'f> {
    fn new(found: &'f mut Found, give: &'f mut dyn FnMut(usize, FoundContact)) -> Self {
        Self {
            found,
            records: Records::default(),
            groups: Vec::new(),
            left_out: LeftOut::default(),
            given: 0,
            give,
        }
    }

    /// Reads the whole file and returns the cards of groups.
    fn run(mut self, text: &AsUtf8<'_>) -> Vec<Group> {
        let mut reader = Reader::new(text);
        while let Some(component) = reader.next_component() {
            if self.found.kind == Kind::Unknown {
                self.found.kind = kind(&component);
            }
            self.component(&component, 0);
            for contact in self.found.contacts.drain(..) {
                (self.give)(self.given, contact);
                self.given += 1;
            }
        }
        self.found.unreadable.merge(reader.take_complaints());
        if self.left_out.count > 0 {
            let text = phrase!(
                "{} records were not read, because the file has more than {MAX_RECORDS}",
                self.left_out.count
            );
            let unreadable = Unreadable::new(self.left_out.line, Fault::TooMany, &text);
            self.found.unreadable.add(unreadable);
        }
        self.found.calendars = self.records.calendars;
        self.found.events = self.records.events;
        self.found.todos = self.records.todos;
        self.found.notes.extend(self.records.journals);
        self.groups
    }

    fn component(&mut self, component: &Component, agents: usize) {
        let records = &self.records;
        let count = self.given
            + self.found.contacts.len()
            + self.found.notes.len()
            + records.events.len()
            + records.todos.len()
            + records.journals.len();
        if count >= MAX_RECORDS {
            if self.left_out.count == 0 {
                self.left_out.line = component.line;
            }
            self.left_out.count += records_in(component);
            return;
        }
        match component.name.as_str() {
            "VCARD" => self.card(component, agents),
            "VNOTE" => {
                let note = vnote::read(component);
                if note.is_empty() {
                    return self.complain(component, Fault::Empty);
                }
                self.found.notes.push(Placed {
                    record: note,
                    raw: component.raw.clone(),
                    line: component.line,
                });
            }
            "VCALENDAR" | "VEVENT" | "VTODO" | "VJOURNAL" | "VTIMEZONE" => {
                let mut complaints = Complaints::default();
                reading::read(component, &mut self.records, &mut complaints);
                self.found.unreadable.merge(complaints);
                // A card inside a calendar is read as a card.
                for inner in component.components.iter().filter(|c| c.name == "VCARD") {
                    self.component(inner, agents);
                }
            }
            "VALARM" | "VFREEBUSY" | "VAVAILABILITY" => {
                self.complain(component, Fault::UnknownComponent);
            }
            _ => {
                // A misspelt frame or a message: the components inside may still be readable.
                self.complain(component, Fault::UnknownComponent);
                for inner in &component.components {
                    self.component(inner, agents);
                }
            }
        }
    }

    fn card(&mut self, component: &Component, agents: usize) {
        let mut card = contact::read(component);
        let at = self.found.contacts.len();
        let bare = Contact::default();
        if card.contact == bare && card.attachments.is_empty() && component.components.is_empty() {
            return self.complain(component, Fault::Empty);
        }
        if let Some(members) = card.members {
            self.groups.push(Group {
                contact: std::mem::take(&mut card.contact),
                members,
                line: component.line,
            });
            for inner in &component.components {
                self.component(inner, agents);
            }
            return;
        }
        self.found.contacts.push(FoundContact {
            contact: std::mem::take(&mut card.contact),
            raw: component.raw.clone(),
            line: component.line,
            attachments: card.attachments,
        });
        for inner in &component.components {
            let first = self.found.contacts.len();
            self.component(inner, agents);
            self.relate(at, first, inner.agent);
        }
        let texts = component.properties.iter().filter(|p| p.name == "AGENT");
        for property in texts.filter(|p| contact::is_card(p)) {
            if agents >= MAX_AGENTS {
                let unreadable = Unreadable::new(property.line, Fault::TooDeep, &property.raw);
                self.found.unreadable.add(unreadable);
                continue;
            }
            let text = property.text();
            let inside = as_utf8(text.as_bytes());
            let mut reader = Reader::new(&inside);
            while let Some(mut inner) = reader.next_component() {
                let first = self.found.contacts.len();
                inner.raw = component.raw.clone();
                inner.line = property.line;
                self.component(&inner, agents + 1);
                self.relate(at, first, true);
            }
        }
    }

    /// Records, on a card, the person whose card was nested in it.
    fn relate(&mut self, at: usize, inner: usize, agent: bool) {
        let Some(name) = self.found.contacts.get(inner) else {
            return;
        };
        let relation = Relation {
            name: formatted_name(&name.contact).into_owned(),
            kind: if agent { "agent" } else { "" }.to_owned(),
            custom: agent,
        };
        if let Some(outer) = self.found.contacts.get_mut(at) {
            outer.contact.relations.push(relation);
        }
    }

    fn complain(&mut self, component: &Component, fault: Fault) {
        let unreadable = Unreadable::new(component.line, fault, &component.name);
        self.found.unreadable.add(unreadable);
    }
}

/// Number of records in a component, including itself.
fn records_in(component: &Component) -> u64 {
    const RECORDS: [&str; 5] = ["VCARD", "VEVENT", "VTODO", "VJOURNAL", "VNOTE"];
    let own = u64::from(RECORDS.contains(&component.name.as_str()));
    // The depth is limited by the reader of components.
    own + component.components.iter().map(records_in).sum::<u64>()
}

fn kind(component: &Component) -> Kind {
    let old = component.dialect == super::versit::Dialect::Old;
    match component.name.as_str() {
        "VCARD" => Kind::VCard,
        "VNOTE" => Kind::VNote,
        "VCALENDAR" | "VEVENT" | "VTODO" if old => Kind::VCalendar,
        "VCALENDAR" | "VEVENT" | "VTODO" | "VJOURNAL" | "VTIMEZONE" | "VFREEBUSY" => {
            Kind::ICalendar
        }
        _ => Kind::Unknown,
    }
}

/// The origin of a record that is number `row` in its file.
fn source_of(name: &str, row: i64, known: &Source) -> Source {
    Source {
        origin: Origin::File,
        place: name.to_owned(),
        row,
        ..known.clone()
    }
}

/// Sets the origin of a contact, and a UID if it has none. The UID is made from the content, so the same contact in
/// another file gets the same UID.
fn mark_contact(name: &str, row: i64, contact: &mut Contact) {
    if contact.uid.trim().is_empty() {
        contact.uid = uid::of_contact(&["found", "contact"], contact);
    }
    let own = source_of(name, row, &Source::default());
    contact.sources.push(own);
}

/// Does the same for all other records, which follow after the contacts.
fn mark_others(name: &str, contacts: i64, found: &mut Found) {
    let mut row = contacts;
    let mut source = |known: &Source| {
        row += 1;
        source_of(name, row, known)
    };
    for each in &mut found.events {
        let event = &mut each.record;
        event.source = source(&event.source);
        if event.uid.trim().is_empty() {
            let parts = EventParts {
                changed: &event.changed,
                cancelled: &event.cancelled,
                source: &Source::default(),
            };
            event.uid = uid::of_event(&["found", "event"], event, parts);
        }
    }
    for each in &mut found.todos {
        let todo = &mut each.record;
        todo.source = source(&todo.source);
        if todo.uid.trim().is_empty() {
            todo.uid = uid::of_todo(&["found", "todo"], todo);
        }
    }
    for each in &mut found.notes {
        let note = &mut each.record;
        note.source = source(&note.source);
        if note.uid.trim().is_empty() {
            note.uid = uid::of_note(&["found", "note"], note);
        }
    }
}
