//! From a calendar of whatever version and origin to events and to-dos: iCalendar 2.0 and, with what it has
//! otherwise ([`vcalendar`](crate::format::vcalendar)), vCalendar 1.0.
//!
//! What Lifeboat itself wrote comes back as it was. Of other programs' calendars every property that the model
//! has no place for is kept in [`Event::extended`] or [`Todo::extended`], under its own name.

mod event;
mod extras;
mod offsets;
mod recurrence;
mod reminders;
mod todo;
mod zones;

use std::collections::HashMap;
use std::ops::Range;

use serde::de::DeserializeOwned;

use super::typed_as_start;
use crate::format::versit::{Complaints, Component, Dialect, Fault, Property, Unreadable};
use crate::format::vnote;
use crate::model::{Calendar, Event, Moment, Note, Todo};
use offsets::{Budget, Offsets};
use zones::{Definition, Definitions, Time, Zones};

/// A record with its place in the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed<T> {
    pub record: T,
    /// Its bytes; of a series those of its first component.
    pub raw: Range<usize>,
    /// The line it begins at, from 1.
    pub line: u64,
}

/// What a calendar holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Records {
    pub calendars: Vec<Calendar>,
    pub events: Vec<Placed<Event>>,
    pub todos: Vec<Placed<Todo>>,
    /// Components that are journals: entries of a day with a text.
    pub journals: Vec<Placed<Note>>,
    /// What may still be worked out for this file.
    budget: Budget,
    /// The zones that the calendars so far defined.
    zones: Definitions,
}

/// Reads a calendar, or a record that stands in none, into `records`. What could not be read is added to
/// `complaints`.
pub fn read(component: &Component, records: &mut Records, complaints: &mut Complaints) {
    match component.name.as_str() {
        "VCALENDAR" => calendar(component, records, complaints),
        // One that stands in no calendar is for the records that stand in none.
        "VTIMEZONE" => {
            if let Some((key, definition)) = Definition::of(component, &mut HashMap::new()) {
                records.zones.insert(key, definition);
            }
        }
        "VEVENT" | "VTODO" | "VJOURNAL" => {
            let whole = [component];
            let mut reading = Reading::new(component, records, complaints);
            reading.records_of(&whole);
            let zones = reading.zones.into_definitions();
            records.zones = zones;
        }
        _ => complaints.add(Unreadable::new(
            component.line,
            Fault::UnknownComponent,
            &component.name,
        )),
    }
}

fn calendar(component: &Component, records: &mut Records, complaints: &mut Complaints) {
    let mut reading = Reading::new(component, records, complaints);
    let members: Vec<&Component> = component.components.iter().collect();
    if members.is_empty() {
        reading.complain(component, Fault::Empty, "VCALENDAR");
    }
    reading.records_of(&members);
    let zones = reading.zones.into_definitions();
    records.zones = zones;
    for inner in component
        .components
        .iter()
        .filter(|c| c.name == "VCALENDAR")
    {
        calendar(inner, records, complaints);
    }
}

struct Reading<'a> {
    zones: Zones,
    old: bool,
    records: &'a mut Records,
    complaints: &'a mut Complaints,
    /// The calendar that its records belong to.
    row: i64,
}

impl<'a> Reading<'a> {
    fn new(
        component: &Component,
        records: &'a mut Records,
        complaints: &'a mut Complaints,
    ) -> Self {
        let row = calendar_row(component, records);
        Self {
            zones: Zones::of(
                component,
                &records.budget,
                std::mem::take(&mut records.zones),
            ),
            old: component.dialect == Dialect::Old,
            records,
            complaints,
            row,
        }
    }

    fn complain(&mut self, component: &Component, fault: Fault, text: &str) {
        self.complaints
            .add(Unreadable::new(component.line, fault, text));
    }

    fn complain_of(&mut self, property: &Property, fault: Fault) {
        let text = format!("{}:{}", property.head(), property.raw);
        self.complaints
            .add(Unreadable::new(property.line, fault, &text));
    }

    fn records_of(&mut self, members: &[&Component]) {
        let mut series: HashMap<String, usize> = HashMap::new();
        let mut changes: Vec<(Change, Placed<Event>)> = Vec::new();
        for member in members {
            let empty = member.properties.is_empty() && member.components.is_empty();
            match member.name.as_str() {
                "VEVENT" | "VTODO" | "VJOURNAL" if empty => {
                    self.complain(member, Fault::Empty, &member.name);
                }
                "VTODO" => {
                    let record = self.todo(member);
                    let placed = placed(member, record);
                    self.records.todos.push(placed);
                }
                "VJOURNAL" if !is_own(member) => {
                    let note = vnote::of_journal(
                        member,
                        self.time(member, "DTSTART").map(|time| time.moment),
                    );
                    self.records.journals.push(placed(member, note));
                }
                "VEVENT" | "VJOURNAL" => {
                    let record = self.event(member);
                    let own = member.first("X-LIFEBOAT-SERIES").is_some();
                    let change = member.first("RECURRENCE-ID").is_some() && !own;
                    let placed = placed(member, record);
                    if change {
                        changes.push((Change::of(member), placed));
                    } else {
                        // Of several with one identifier the first that repeats has the changes.
                        let at = self.records.events.len();
                        let repeats =
                            |event: &Event| event.rrule.is_some() || event.rdate.is_some();
                        let first = *series.entry(placed.record.uid.clone()).or_insert(at);
                        let known = self.records.events.get(first).map(|known| &known.record);
                        if known.is_some_and(|known| !repeats(known)) && repeats(&placed.record) {
                            series.insert(placed.record.uid.clone(), at);
                        }
                        self.records.events.push(placed);
                    }
                }
                "VTIMEZONE" | "VCALENDAR" => {}
                name => self.complain(member, Fault::UnknownComponent, name),
            }
        }
        for (kind, mut change) in changes {
            let place = series
                .get(&change.record.uid)
                .filter(|_| !change.record.uid.is_empty());
            match place.and_then(|at| self.records.events.get_mut(*at)) {
                // The series' dates say the same.
                Some(_) if kind == Change::Period => {}
                // One that Lifeboat wrote stays what it was, even if it is cancelled.
                Some(event) if kind == Change::Own => event.record.changed.push(change.record),
                Some(event) => {
                    let place = change.record.recurrence_id.as_mut();
                    if let (Some(place), Some(start)) = (place, &event.record.start) {
                        *place = typed_as_start(place, start);
                    }
                    event.record.take_occurrence(change.record);
                }
                // Its series isn't in the file.
                None => self.records.events.push(change),
            }
        }
    }

    /// The time of the first property of that name that holds one.
    fn time(&mut self, component: &Component, name: &str) -> Option<Time> {
        let property = component
            .properties
            .iter()
            .find(|p| p.name == name && !p.raw.trim().is_empty())?;
        let clock = Offsets::of_clock(component);
        let series = (name != "RECURRENCE-ID").then_some(component);
        let time = self.zones.time(property, clock.as_ref(), series);
        match &time {
            None => self.complain_of(property, Fault::Value),
            Some(time) if time.unknown_zone => self.complain_of(property, Fault::Zone),
            Some(_) => {}
        }
        time
    }
}

/// Whose changed occurrence it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    /// One that Lifeboat wrote of an added occurrence, to say how long that is.
    Period,
    /// Another one that Lifeboat wrote.
    Own,
    Foreign,
}

impl Change {
    fn of(component: &Component) -> Self {
        // Programs that change what Lifeboat wrote say when.
        let touched = || component.first("LAST-MODIFIED").is_some();
        match is_own(component) {
            true if component.first("X-LIFEBOAT-PERIOD").is_some() && !touched() => Self::Period,
            true => Self::Own,
            false => Self::Foreign,
        }
    }
}

fn placed<T>(component: &Component, record: T) -> Placed<T> {
    Placed {
        record,
        raw: component.raw.clone(),
        line: component.line,
    }
}

/// The row of the calendar in the records' list, which it is added to.
fn calendar_row(component: &Component, records: &mut Records) -> i64 {
    let own: Option<Calendar> = json(component, "X-LIFEBOAT-CALENDAR");
    let next = i64::try_from(records.calendars.len()).unwrap_or_default() + 1;
    let calendar = own.unwrap_or_else(|| Calendar {
        row: next,
        name: ["X-WR-CALNAME", "NAME"]
            .into_iter()
            .find_map(|name| component.text(name))
            .unwrap_or_default(),
        time_zone: component.text("X-WR-TIMEZONE"),
        visible: true,
        ..Calendar::default()
    });
    let row = calendar.row;
    records.calendars.push(calendar);
    row
}

/// The moment that a date-time value outside of every calendar is.
pub(crate) fn moment_of(text: &str) -> Option<Moment> {
    Zones::default().time_of(text, None).map(|time| time.moment)
}

/// True of what Lifeboat wrote.
fn is_own(component: &Component) -> bool {
    component.first("X-LIFEBOAT-SOURCE").is_some()
}

/// A value that Lifeboat kept as JSON.
fn json<T: DeserializeOwned>(component: &Component, name: &str) -> Option<T> {
    serde_json::from_str(&component.first(name)?.text()).ok()
}

/// Every value of that name.
fn jsons<T: DeserializeOwned>(component: &Component, name: &str) -> Vec<T> {
    let all = component.properties.iter().filter(|p| p.name == name);
    all.filter_map(|p| serde_json::from_str(&p.text()).ok())
        .collect()
}

/// The text of a property: the exact one where Lifeboat had to keep it apart.
fn text(component: &Component, name: &str) -> Option<String> {
    let exact = component
        .properties
        .iter()
        .find(|p| p.name == "X-LIFEBOAT-EXACT" && p.parameter("X-OF").is_some_and(|of| of == name));
    exact
        .and_then(|p| serde_json::from_str(&p.text()).ok())
        .or_else(|| component.text(name))
}

/// A moment that Lifeboat kept as JSON, else the one that was written.
fn kept(component: &Component, name: &str, written: Option<Moment>) -> Option<Moment> {
    json(component, name).or(written)
}
