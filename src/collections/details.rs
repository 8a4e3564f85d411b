//! All details of one record, in reading order.

use std::path::PathBuf;

use crate::model::{Origin, Source};
use crate::phrase;
use crate::vault::for_display;

/// All details of one record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// In reading order; the first is the name or title.
    pub fields: Vec<Field>,
    /// Path of the copy of a file, if there is a whole one.
    pub copy: Option<PathBuf>,
}

impl Details {
    /// Notes at each value which of the joined records has it, if not all of them have it.
    pub fn tell_origins(&mut self, parts: &[Self]) {
        let stored = phrase("Stored in");
        let places: Vec<String> = parts
            .iter()
            .map(|part| {
                let stored = part.fields.iter().filter(|field| field.label == stored);
                let places: Vec<&str> = stored.map(|field| field.value.as_str()).collect();
                places.join(", ")
            })
            .collect();
        for field in self.fields.iter_mut().skip(1) {
            if field.label == stored || field.label == phrase("Only here") {
                continue;
            }
            let has = |part: &Self| {
                let mut own = part.fields.iter();
                own.any(|own| own.label == field.label && own.value == field.value)
            };
            let from: Vec<&str> = parts
                .iter()
                .zip(&places)
                .filter(|(part, _)| has(part))
                .map(|(_, place)| place.as_str())
                .collect();
            if from.len() < parts.len() {
                field.origin = from.join("; ");
            }
        }
    }
}

/// One detail of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Name of the detail: `Phone`, `Birthday`. Details with the same label follow each other.
    pub label: String,
    /// May have several lines.
    pub value: String,
    /// Where the value was stored, if other values of the record were stored elsewhere; empty: see `Stored in`.
    pub origin: String,
}

/// Returns a handset's text as one line, safe to show and trimmed.
pub fn line(text: &str) -> String {
    for_display(text).trim().to_owned()
}

/// Returns the title of an event or a to-do.
pub fn title(text: Option<&str>) -> String {
    match line(text.unwrap_or_default()) {
        title if title.is_empty() => phrase("(no title)").to_owned(),
        title => title,
    }
}

/// Returns a handset's text with its line breaks kept and each line safe to show.
fn lines(text: &str) -> String {
    let lines: Vec<String> = text
        .lines()
        .map(|l| for_display(l).trim_end().to_owned())
        .collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

/// Collects details; blank ones are left out.
#[derive(Default)]
pub struct Fields(Vec<Field>);

impl Fields {
    /// Adds a value.
    pub fn add(&mut self, label: &str, value: &str) {
        let value = lines(value);
        if !value.trim().is_empty() {
            let label = line(label);
            self.0.push(Field {
                label,
                value,
                origin: String::new(),
            });
        }
    }

    /// Adds a value with remarks in brackets after it, such as its purpose or origin.
    pub fn add_with(&mut self, label: &str, value: &str, remarks: &[&str]) {
        let remarks: Vec<String> = remarks
            .iter()
            .map(|r| line(r))
            .filter(|r| !r.is_empty())
            .collect();
        let value = line(value);
        match (value.is_empty(), remarks.is_empty()) {
            (true, _) => {}
            (false, true) => self.add(label, &value),
            (false, false) => self.add(label, &format!("{value} ({})", remarks.join(", "))),
        }
    }

    /// Adds where a record was stored, for each of its sources, and whether no server can be expected to have it.
    pub fn add_sources(&mut self, sources: &[Source]) {
        for source in sources {
            self.add(phrase("Stored in"), &place(source));
        }
        if sources.iter().any(|s| s.only_here && !s.deleted) {
            self.add(
                phrase("Only here"),
                phrase("yes: never synced, or changed since the last sync"),
            );
        }
    }

    /// Returns the details that were added.
    pub fn done(self) -> Details {
        Details {
            fields: self.0,
            copy: None,
        }
    }
}

/// Returns where a record was stored, without its state there: each of its places once.
pub fn places(sources: &[Source]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for source in sources {
        let place = place_alone(source);
        if !all.contains(&place) {
            all.push(place);
        }
    }
    all
}

fn place_alone(source: &Source) -> String {
    let name = source.account.name.as_deref().map(line).unwrap_or_default();
    match source.origin {
        Origin::Sim if source.place.is_empty() => phrase("the SIM card").to_owned(),
        Origin::Sim | Origin::File => line(&source.place),
        Origin::Profile => phrase("the owner's own contact card").to_owned(),
        Origin::Handset if name.is_empty() => phrase("this phone, no account").to_owned(),
        Origin::Handset => match source.account.kind.as_deref().map(line) {
            Some(kind) if kind == "LOCAL" => phrase("this phone, no account").to_owned(),
            Some(kind) if !kind.is_empty() && kind != name => format!("{name} ({kind})"),
            _ => name,
        },
    }
}

/// Describes where a record was stored, and its state there.
fn place(source: &Source) -> String {
    let mut text = place_alone(source);
    if source.deleted {
        text.push_str(phrase(", deleted on the phone"));
    }
    if source.doomed {
        text.push_str(phrase(
            ", account no longer on the phone: the phone deletes this entry when it next starts",
        ));
    }
    text
}
