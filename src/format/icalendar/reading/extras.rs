//! Properties that the model has no field for.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::DTSTAMP;
use super::super::carried::{INLINE, TEXTS, head};
use super::super::extended::{CATEGORIES_NAME, URL_NAME};
use super::event::is_note;
use super::reminders::is_none;
use super::zones::Time;
use crate::format::vcalendar;
use crate::format::versit::exact;
use crate::format::versit::{Component, Dialect, Property};
use crate::model::ExtendedProperty;

/// Properties that the model has fields for, or that say nothing about the record itself.
const READ: [&str; 24] = [
    "UID",
    "DTSTART",
    "DTEND",
    "DURATION",
    "DUE",
    "COMPLETED",
    "RECURRENCE-ID",
    "SUMMARY",
    "DESCRIPTION",
    "LOCATION",
    "TRANSP",
    "CLASS",
    "ATTENDEE",
    "ORGANIZER",
    "RRULE",
    "RDATE",
    "EXDATE",
    "EXRULE",
    "X-MICROSOFT-CDO-BUSYSTATUS",
    "X-MICROSOFT-CDO-ALLDAYEVENT",
    "X-FUNAMBOL-ALLDAY",
    "VERSION",
    "BEGIN",
    "END",
];

/// Returns all other properties of an event. Categories and the link get the names that sync adapters
/// use, so that the writer recognises them.
pub(super) fn of_event(component: &Component, reminds: bool, own: bool) -> Vec<ExtendedProperty> {
    let mut all = Vec::new();
    let categories = categories(component);
    if !categories.is_empty() {
        all.push(property(CATEGORIES_NAME, categories.join("\\")));
    }
    all.extend(silent(component));
    let mut seen = Seen::default();
    for read in &component.properties {
        let name = read.name.as_str();
        match name {
            _ if is_frame(read) || (own && name == "COLOR") => {}
            _ if is_second(read, &mut seen) => all.extend(kept(read)),
            "URL" => all.push(property(URL_NAME, read.text())),
            "CATEGORIES" => {}
            "ORGANIZER" if has_own_name(component, read) => {
                let mut read = read.clone();
                read.parameters.retain(|p| p.name != "SCHEDULE-AGENT");
                all.extend(kept(&read));
            }
            "STATUS" if is_known_status(read) => {}
            _ if READ.contains(&name) || is_alarm(read, reminds) || is_note(read) => {}
            _ => all.extend(kept(read)),
        }
    }
    all
}

/// True if only this property names the organiser: no guest has the address and a name.
fn has_own_name(component: &Component, organizer: &Property) -> bool {
    let named = |p: &Property| {
        p.parameter("CN")
            .is_some_and(|name| !name.trim().is_empty())
    };
    let address = organizer.raw.trim();
    let mut guests = component.properties.iter().filter(|p| p.name == "ATTENDEE");
    let same = |p: &Property| p.raw.trim().eq_ignore_ascii_case(address);
    named(organizer) && !guests.any(|guest| named(guest) && same(guest))
}

/// True for what Lifeboat writes into each record, if it is neither damaged nor changed.
fn is_frame(read: &Property) -> bool {
    match read.name.as_str() {
        exact::NAME => exact::parsed(&read.text()).is_some(),
        "DTSTAMP" => DTSTAMP.ends_with(&read.raw),
        _ => false,
    }
}

/// Alarms that mark an event without a reminder.
fn silent(component: &Component) -> impl Iterator<Item = ExtendedProperty> {
    let alarms = component.components.iter().filter(|c| c.name == "VALARM");
    alarms.filter(|alarm| is_none(alarm)).map(|alarm| {
        let trigger = alarm.first("TRIGGER").map(|trigger| trigger.raw.clone());
        property("VALARM;ACTION=NONE", trigger.unwrap_or_default())
    })
}

/// Like [`of_event`], for a to-do.
pub(super) fn of_todo(
    component: &Component,
    reminds: bool,
    known: &[&str],
) -> Vec<(String, String)> {
    let silent = silent(component).map(|kept| (kept.name, kept.value));
    let mut all: Vec<(String, String)> = silent.collect();
    let mut seen = Seen::default();
    for read in &component.properties {
        let name = read.name.as_str();
        // The model has no recurrence, guests or place for to-dos.
        const MORE: [&str; 5] = ["DURATION", "ATTENDEE", "ORGANIZER", "LOCATION", "CLASS"];
        let second = is_second(read, &mut seen);
        let read_already =
            is_frame(read) || READ.contains(&name) && !MORE.contains(&name) && !second;
        if read_already || known.contains(&name) || is_alarm(read, reminds) || is_note(read) {
            continue;
        }
        all.extend(kept(read).map(|kept| (kept.name, kept.value)));
    }
    all
}

/// Returns the dates and times that could not be understood.
pub(super) fn unread(
    component: &Component,
    times: &[(&str, &Option<Time>)],
) -> Vec<ExtendedProperty> {
    let lacking = times.iter().filter(|(_, time)| time.is_none());
    lacking
        .filter_map(|(name, _)| {
            let all = component.properties.iter();
            kept(
                all.clone()
                    .find(|p| p.name == *name && !p.raw.trim().is_empty())?,
            )
        })
        .collect()
}

pub(super) fn categories(component: &Component) -> Vec<String> {
    let all = component
        .properties
        .iter()
        .filter(|p| p.name == "CATEGORIES");
    all.flat_map(Property::items)
        .map(|item| item.trim().to_owned())
        .filter(|item| !item.is_empty())
        .collect()
}

/// Properties that occur at most once in a record.
const ONCE: [&str; 13] = [
    "UID",
    "DTSTART",
    "DTEND",
    "DURATION",
    "DUE",
    "COMPLETED",
    "RECURRENCE-ID",
    "SUMMARY",
    "DESCRIPTION",
    "LOCATION",
    "TRANSP",
    "CLASS",
    "ORGANIZER",
];

/// For each name in [`ONCE`], whether the property was already seen.
type Seen = [bool; ONCE.len()];

/// True for the second property with a name from [`ONCE`]. Only the first one is read.
fn is_second(read: &Property, seen: &mut Seen) -> bool {
    let at = ONCE.iter().position(|name| *name == read.name);
    let seen = at.and_then(|at| seen.get_mut(at));
    let Some(seen) = seen.filter(|_| !read.raw.trim().is_empty()) else {
        return false;
    };
    std::mem::replace(seen, true)
}

fn property(name: &str, value: String) -> ExtendedProperty {
    ExtendedProperty {
        name: name.to_owned(),
        value,
    }
}

/// Keeps a property under its own name. Texts are kept decoded, files as base64, and other values as written.
pub(super) fn kept(read: &Property) -> Option<ExtendedProperty> {
    let parameters = read.parameters.iter();
    let parameters = parameters.map(|p| (p.name.as_str(), p.value.as_str()));
    let said = parameters.filter(|(name, value)| match *name {
        "ENCODING" | "CHARSET" => false,
        "" => !matches!(*value, "QUOTED-PRINTABLE" | "BASE64"),
        "VALUE" => read.bytes.is_none(),
        _ => true,
    });
    // RFC 2397 and vCard 4.0 use MEDIATYPE; iCalendar calls it FMTTYPE.
    let said = said.map(|(name, value)| match name {
        "MEDIATYPE" if read.bytes.is_some() => ("FMTTYPE", value),
        _ => (name, value),
    });
    let name = match read.group.as_str() {
        "" => read.name.clone(),
        group => format!("{group}.{}", read.name),
    };
    let as_it_stands = read.dialect == Dialect::New
        && !read.quoted_printable
        && !TEXTS.contains(&read.name.as_str());
    let (head, value) = match &read.bytes {
        Some(bytes) => (head(&name, said.chain(INLINE)), STANDARD.encode(bytes)),
        None if as_it_stands => (head(&name, said), read.raw.trim().to_owned()),
        None => (head(&name, said), read.text()),
    };
    (!value.is_empty()).then(|| property(&head, value))
}

fn is_known_status(read: &Property) -> bool {
    let status = read.raw.trim().to_ascii_uppercase();
    matches!(
        status.as_str(),
        "" | "TENTATIVE" | "CONFIRMED" | "CANCELLED"
    )
}

/// True for an alarm that is fully expressed by a reminder.
fn is_alarm(read: &Property, reminds: bool) -> bool {
    let method = vcalendar::alarm_method(&read.name).filter(|_| reminds);
    let says_all = |method| {
        let parts = read.parts();
        vcalendar::alarm(method, &parts).is_some_and(|alarm| !alarm.more)
    };
    method.is_some_and(|method| says_all(method) && read.types().is_empty())
}
