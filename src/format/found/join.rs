//! Records that two approaches have both given: a card on the handset and in a file that its owner exported is
//! one card, with both its origins.
//!
//! Identifiers alone prove nothing, since old phones number their records from 1: what has the same identifier
//! must also have the same name, or a number, an address or a time in common.

use std::collections::HashMap;

use crate::format::vcard::formatted_name;
use crate::model::{Contact, Event, ExtendedProperty, Moment, Note, Todo};

/// How many of a number's last digits must agree, where one has a country code and the other doesn't.
const ENOUGH_DIGITS: usize = 7;
/// How many records of one name or number are looked through for the same one.
const MOST: usize = 64;
/// Under which name an event or a to-do keeps the files that it stands in as well.
pub const ALSO_IN: &str = "X-LIFEBOAT-ALSO-IN";

/// What became of records that were joined to others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Joined {
    /// Those that were not there yet.
    pub new: u64,
    /// Those that were; what they had more than the known ones was added.
    pub known: u64,
}

/// What two approaches may both give.
pub trait Joinable: Sized {
    /// What the same record would have in common with this one, if anything: each in a form to be looked up.
    fn keys(&self) -> Vec<String>;
    /// True if it is the same as another one that shares a key with it.
    fn is_same(&self, other: &Self) -> bool;
    /// Adds what it lacks of the same record found elsewhere, and where that was.
    fn take_in(&mut self, found: Self);
}

/// Adds records to those that are known already.
pub fn join<T: Joinable>(known: &mut Vec<T>, found: Vec<T>) -> Joined {
    let mut index = Index::default();
    for (at, record) in known.iter().enumerate() {
        index.add(record.keys(), at);
    }
    let mut joined = Joined::default();
    for record in found {
        let keys = record.keys();
        let same = index
            .candidates(&keys)
            .find(|at| known.get(*at).is_some_and(|other| other.is_same(&record)));
        match same.and_then(|at| Some((at, known.get_mut(at)?))) {
            Some((at, other)) => {
                other.take_in(record);
                index.add(keys, at);
                joined.known += 1;
            }
            None => {
                index.add(keys, known.len());
                known.push(record);
                joined.new += 1;
            }
        }
    }
    joined
}

/// Records that wait for the same ones of another approach to come by, one after the other.
#[derive(Debug)]
pub struct Waiting<T> {
    records: Vec<Option<T>>,
    index: Index,
}

impl<T: Joinable> Waiting<T> {
    /// Those that are found, each once.
    pub fn new(found: Vec<T>) -> Self {
        let mut records = Vec::new();
        join(&mut records, found);
        let mut index = Index::default();
        for (at, record) in records.iter().enumerate() {
            index.add(record.keys(), at);
        }
        Self {
            records: records.into_iter().map(Some).collect(),
            index,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Adds those to `known` that are the same. Gives how many.
    pub fn join(&mut self, known: &mut T) -> u64 {
        if self.is_empty() {
            return 0;
        }
        let keys = known.keys();
        let same: Vec<usize> = self.index.candidates(&keys).collect();
        let mut joined = 0;
        for at in same {
            let Some(record) = self.records.get_mut(at) else {
                continue;
            };
            if let Some(found) = record.take_if(|found| known.is_same(found)) {
                known.take_in(found);
                joined += 1;
            }
        }
        joined
    }

    /// Those that nobody had.
    pub fn left(self) -> impl Iterator<Item = T> {
        self.records.into_iter().flatten()
    }
}

/// The same one is the one that has the same name and a number or an address in common, or (where one of them has
/// neither) nothing that speaks against it; or the same identifier and either of the two.
impl Joinable for Contact {
    fn keys(&self) -> Vec<String> {
        let mut keys = vec![format!("n{}", folded(&formatted_name(self)))];
        if !self.uid.is_empty() {
            keys.push(format!("u{}", self.uid));
        }
        keys
    }

    fn is_same(&self, other: &Self) -> bool {
        let same_name = folded(&formatted_name(self)) == folded(&formatted_name(other));
        let shared = shares(self, other);
        let same_uid = !self.uid.is_empty() && self.uid == other.uid;
        let bare = |c: &Contact| c.phones.is_empty() && c.emails.is_empty();
        match (same_name, same_uid) {
            (true, true) => true,
            (true, false) => shared || ((bare(self) || bare(other)) && same_birthday(self, other)),
            (false, true) => shared,
            (false, false) => false,
        }
    }

    fn take_in(&mut self, found: Self) {
        add_contact(self, found);
    }
}

/// The same title at the same time with the same repetition, or the same identifier with the same title or time.
impl Joinable for Event {
    fn keys(&self) -> Vec<String> {
        let mut keys = vec![format!("t{}", folded_option(&self.title))];
        if !self.uid.is_empty() {
            keys.push(format!("u{}", self.uid));
        }
        if let Some(start) = &self.start {
            let start = format!("s{}{}", folded_option(&self.title), instant(start));
            keys.insert(0, start);
        }
        keys
    }

    fn is_same(&self, other: &Self) -> bool {
        let start = match (&self.start, &other.start) {
            (Some(a), Some(b)) => same_moment(a, b),
            (None, None) => true,
            _ => false,
        };
        let title = folded_option(&self.title) == folded_option(&other.title);
        let repeats = |event: &Event| event.rrule.is_some() || event.rdate.is_some();
        let uid = !self.uid.is_empty() && self.uid == other.uid;
        let place = self.recurrence_id.is_some() == other.recurrence_id.is_some();
        place && ((title && start && repeats(self) == repeats(other)) || (uid && (title || start)))
    }

    fn take_in(&mut self, found: Self) {
        if self.source.place != found.source.place {
            let also = ExtendedProperty {
                name: ALSO_IN.to_owned(),
                value: found.source.place,
            };
            if !self.extended.contains(&also) {
                self.extended.push(also);
            }
        }
        fill(&mut self.location, found.location);
        fill(&mut self.description, found.description);
        if self.reminders.is_empty() {
            self.reminders = found.reminders;
        }
        if self.attendees.is_empty() {
            self.attendees = found.attendees;
        }
        for change in found.changed {
            let there = |other: &Event| other.recurrence_id == change.recurrence_id;
            if self.changed.len() < MOST * MOST && !self.changed.iter().any(there) {
                self.changed.push(change);
            }
        }
    }
}

/// The same title, and the same time it is due at or the same identifier. Done is what either calls done.
impl Joinable for Todo {
    fn keys(&self) -> Vec<String> {
        let mut keys = vec![format!("t{}", folded_option(&self.title))];
        if !self.uid.is_empty() {
            keys.push(format!("u{}", self.uid));
        }
        keys
    }

    fn is_same(&self, other: &Self) -> bool {
        let due = match (&self.due, &other.due) {
            (Some(a), Some(b)) => same_moment(a, b),
            (None, None) => true,
            _ => false,
        };
        let title = folded_option(&self.title) == folded_option(&other.title);
        let uid = !self.uid.is_empty() && self.uid == other.uid;
        title && (due || uid)
    }

    fn take_in(&mut self, found: Self) {
        let place = found.source.place;
        if self.source.place != place {
            let also = (ALSO_IN.to_owned(), place);
            if !self.extended.contains(&also) {
                self.extended.push(also);
            }
        }
        fill(&mut self.notes, found.notes);
        self.done |= found.done;
        self.completed = self.completed.take().or(found.completed);
        self.due = self.due.take().or(found.due);
        self.priority = self.priority.or(found.priority);
        self.reminder = self.reminder.take().or(found.reminder);
    }
}

/// The same text.
impl Joinable for Note {
    fn keys(&self) -> Vec<String> {
        vec![format!("t{}", folded(&self.text))]
    }

    fn is_same(&self, other: &Self) -> bool {
        folded(&self.text) == folded(&other.text) && self.title == other.title
    }

    fn take_in(&mut self, found: Self) {
        let place = found.source.place;
        if self.source.place != place {
            self.extended.push((ALSO_IN.to_owned(), place));
        }
    }
}

/// Records by what they may be known by.
#[derive(Debug, Default)]
struct Index(HashMap<String, Vec<usize>>);

impl Index {
    fn add(&mut self, keys: Vec<String>, at: usize) {
        for key in keys {
            let places = self.0.entry(key).or_default();
            if places.len() < MOST && places.last() != Some(&at) {
                places.push(at);
            }
        }
    }

    fn candidates<'a>(&'a self, keys: &'a [String]) -> impl Iterator<Item = usize> + 'a {
        keys.iter()
            .filter_map(|key| self.0.get(key))
            .flatten()
            .copied()
    }
}

/// A number or an address in common.
fn shares(a: &Contact, b: &Contact) -> bool {
    let number = a.phones.iter().take(MOST).any(|phone| {
        let mut others = b.phones.iter().take(MOST);
        others.any(|other| same_number(&phone.number, &other.number))
    });
    number
        || a.emails.iter().take(MOST).any(|email| {
            let mut others = b.emails.iter().take(MOST);
            others.any(|other| folded(&email.address) == folded(&other.address))
        })
}

/// No birthdays that differ.
fn same_birthday(a: &Contact, b: &Contact) -> bool {
    let birthday = |c: &Contact| {
        use crate::model::DateKind::Birthday;
        let found = c.dates.iter().find(|date| date.kind == Birthday);
        found.map(|date| date.date.clone())
    };
    match (birthday(a), birthday(b)) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    }
}

/// The same digits, as far as both have them, and enough of them.
pub fn same_number(a: &str, b: &str) -> bool {
    let digits = |text: &str| -> Vec<char> {
        text.chars()
            .filter(|c| c.is_ascii_digit() || matches!(c, '*' | '#'))
            .collect()
    };
    let (a, b) = (digits(a), digits(b));
    if a == b {
        return !a.is_empty();
    }
    let common = a
        .iter()
        .rev()
        .zip(b.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let shorter = a.len().min(b.len());
    // `+49 170 1234567` and `0170 1234567`: all but the zero that stands for the country.
    common >= ENOUGH_DIGITS && common + 1 >= shorter
}

/// Adds what the known card lacks, and where the other one was found.
fn add_contact(known: &mut Contact, found: Contact) {
    fn lacking<T: PartialEq>(known: &mut Vec<T>, found: Vec<T>, same: impl Fn(&T, &T) -> bool) {
        for entry in found {
            if !known.iter().take(MOST * 4).any(|other| same(other, &entry)) {
                known.push(entry);
            }
        }
    }
    let equal = |a: &String, b: &String| folded(a) == folded(b);
    let shown = folded(&formatted_name(known));
    let names = found.names.into_iter().filter(|name| {
        let display = name.display.as_deref().map(folded);
        display.as_ref() != Some(&shown)
    });
    // A name that is shown otherwise is a further name; one that has parts where there were none fills it.
    for name in names.collect::<Vec<_>>() {
        if !known.names.iter().take(MOST).any(|other| *other == name) {
            known.names.push(name);
        }
    }
    lacking(&mut known.nicknames, found.nicknames, |a, b| {
        equal(&a.name, &b.name)
    });
    lacking(&mut known.phones, found.phones, |a, b| {
        same_number(&a.number, &b.number) || a.number == b.number
    });
    lacking(&mut known.emails, found.emails, |a, b| {
        equal(&a.address, &b.address)
    });
    lacking(&mut known.addresses, found.addresses, |a, b| {
        (&a.street, &a.city, &a.postcode, &a.po_box) == (&b.street, &b.city, &b.postcode, &b.po_box)
    });
    lacking(&mut known.organizations, found.organizations, |a, b| {
        a.company == b.company && (a.title == b.title || b.title.is_none())
    });
    lacking(&mut known.messengers, found.messengers, |a, b| {
        equal(&a.handle, &b.handle) && a.service == b.service
    });
    lacking(&mut known.notes, found.notes, |a, b| a.trim() == b.trim());
    lacking(&mut known.websites, found.websites, |a, b| {
        equal(&a.url, &b.url)
    });
    lacking(&mut known.dates, found.dates, |a, b| a == b);
    lacking(&mut known.relations, found.relations, |a, b| a == b);
    lacking(&mut known.sip_addresses, found.sip_addresses, |a, b| {
        equal(&a.address, &b.address)
    });
    lacking(&mut known.identities, found.identities, |a, b| a == b);
    lacking(&mut known.groups, found.groups, equal);
    lacking(&mut known.custom, found.custom, |a, b| a == b);
    lacking(&mut known.unmapped, found.unmapped, |a, b| a == b);
    lacking(&mut known.sources, found.sources, |a, b| {
        (a.origin, &a.place, a.row) == (b.origin, &b.place, b.row)
    });
    known.has_picture |= found.has_picture;
    known.picture = known.picture.take().or(found.picture);
    known.starred |= found.starred;
}

/// The same time, or, of one that floats or a day, the same day.
fn same_moment(a: &Moment, b: &Moment) -> bool {
    match (a, b) {
        (Moment::Time { millis: a, .. }, Moment::Time { millis: b, .. }) => a == b,
        (Moment::Date(a), Moment::Date(b)) => a == b,
        (Moment::Date(day), Moment::Time { millis, .. })
        | (Moment::Time { millis, .. }, Moment::Date(day)) => {
            millis.rem_euclid(86_400_000) == 0 && millis.div_euclid(86_400_000) == *day
        }
    }
}

fn instant(moment: &Moment) -> i64 {
    match moment {
        Moment::Date(days) => days.saturating_mul(86_400),
        Moment::Time { millis, .. } => millis.div_euclid(1000),
    }
}

fn fill(known: &mut Option<String>, found: Option<String>) {
    if known.as_ref().is_none_or(|text| text.trim().is_empty()) {
        *known = found;
    }
}

fn folded_option(text: &Option<String>) -> String {
    folded(text.as_deref().unwrap_or_default())
}

/// Without capitals, and with one blank between words.
fn folded(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}
