//! vNote 1.1 (IrMC): the notes of Nokia, Sony Ericsson, Siemens and Samsung phones. Also journals (VJOURNAL), which
//! are notes with a date.

use super::icalendar::reading::moment_of;
use super::versit::{Component, Property};
use crate::model::{Moment, Note};

/// Reads a VNOTE.
pub fn read(component: &Component) -> Note {
    of(component, None)
}

/// Reads a VJOURNAL. The caller supplies its date, because the date depends on the calendar's time zones.
pub(crate) fn of_journal(component: &Component, date: Option<Moment>) -> Note {
    of(component, date)
}

fn of(component: &Component, date: Option<Moment>) -> Note {
    let mut note = Note {
        date,
        ..Note::default()
    };
    let mut texts: Vec<String> = Vec::new();
    for property in &component.properties {
        let text = property.text();
        match property.name.as_str() {
            "VERSION" | "BEGIN" | "END" => {}
            "DTSTART" if note.date.is_some() => {}
            "UID" if note.uid.is_empty() => note.uid = text,
            "SUMMARY" | "SUBJECT" if note.title.is_none() => note.title = Some(text),
            "BODY" | "DESCRIPTION" if !text.is_empty() => texts.push(text),
            "DCREATED" | "CREATED" if note.created.is_none() && is_time(&text) => {
                note.created = moment_of(&text);
            }
            "LAST-MODIFIED" if note.modified.is_none() && is_time(&text) => {
                note.modified = moment_of(&text);
            }
            "CATEGORIES" => note.categories.extend(items(property)),
            _ if text.is_empty() => {}
            _ => note.extended.push((property.head(), text)),
        }
    }
    note.text = texts.join("\n");
    note
}

fn is_time(text: &str) -> bool {
    moment_of(text).is_some()
}

fn items(property: &Property) -> impl Iterator<Item = String> {
    let items = property.items().into_iter();
    items.filter(|item| !item.trim().is_empty())
}
