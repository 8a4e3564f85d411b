//! Reads a calendar of any version and origin into events and to-dos: iCalendar 2.0, and vCalendar 1.0 with its
//! differences ([`vcalendar`](crate::format::vcalendar)).
//!
//! Every property without a field in the model is kept in [`Event::extended`] or [`Todo::extended`], under its own
//! name. Records that Lifeboat wrote are then restored exactly, see `format::versit::exact`.

mod event;
mod extras;
mod offsets;
mod recurrence;
mod reminders;
mod todo;
mod zones;

use std::collections::HashMap;
use std::ops::Range;

use super::days::place_in;
use super::extended::URL_NAME;
use crate::format::versit::exact::{self, Data, Exact, exact};
use crate::format::versit::{Complaints, Component, Dialect, Fault, Property, Unreadable};
use crate::format::vnote;
use crate::model::{Calendar, Event, Moment, Note, Todo};
use offsets::{Budget, Offsets};
use zones::{Definition, Definitions, Time, Zones};

exact!(Event {
    one {
        uid, title, location, description, start, end by length, duration by length, rrule, rdate, exrule, exdate,
        cancelled by left_out, recurrence_id, this_and_future, series_id, status, availability, access, color,
        organizer, app_uri by link, app_package, source,
    }
    list { attendees, reminders, extended, }
    // The number of the calendar stands under [`CALENDAR`], and changed occurrences are components.
    not { calendar, changed, }
});

fn length(event: &Event) -> (&Option<Moment>, &Option<String>) {
    (&event.end, &event.duration)
}

/// Cancelled occurrences are seen in EXDATE.
fn left_out(event: &Event) -> &Option<String> {
    &event.exdate
}

/// The link of an event into its app is seen as URL.
fn link(event: &Event) -> Option<&str> {
    let mut all = event.extended.iter();
    let link = all.find(|property| property.name.ends_with(URL_NAME))?;
    Some(&link.value)
}

exact!(Todo {
    one { uid, list, title, notes, start, due, done, completed, priority, reminder, source, }
    list { reminders, extended, }
    not {}
});

exact!(Calendar {
    one { row, name, account, owner, color, time_zone, visible, synced, source, }
    list {}
    not {}
});

/// Beside the exact values of an event: the name of its calendar, or its row number if the file has only one calendar.
pub(super) const CALENDAR: &str = "calendar";
/// Beside the exact values of an event: the component only gives the length of an added occurrence.
pub(super) const PERIOD: &str = "period";

/// A record with its position in the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed<T> {
    pub record: T,
    /// Range of its bytes. For a series, the range of its first component.
    pub raw: Range<usize>,
    /// Line where it begins, from 1.
    pub line: u64,
}

/// Contents of a calendar file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Records {
    pub calendars: Vec<Calendar>,
    pub events: Vec<Placed<Event>>,
    pub todos: Vec<Placed<Todo>>,
    /// Journal components: dated texts.
    pub journals: Vec<Placed<Note>>,
    /// Remaining computing budget for this file.
    budget: Budget,
    /// Zones defined by the calendars read so far.
    zones: Definitions,
}

/// Reads a calendar, or a record outside of any calendar, into `records`. Adds unreadable parts to `complaints`.
pub fn read(component: &Component, records: &mut Records, complaints: &mut Complaints) {
    match component.name.as_str() {
        "VCALENDAR" => calendar(component, records, complaints),
        // A VTIMEZONE outside of any calendar applies to records outside of any calendar.
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
    /// Row number of the calendar that the records belong to.
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

    /// For a component outside of any calendar.
    fn of_one(records: &'a mut Records, complaints: &'a mut Complaints) -> Self {
        Self {
            zones: Zones::default(),
            old: false,
            records,
            complaints,
            row: 0,
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
                    let mut record = self.event(member);
                    let place = member.first("RECURRENCE-ID");
                    // The rest of a series that was split, with a rule of its own. It is no occurrence of the first part.
                    let is_series = record.rrule.is_some() && !is_own(member);
                    if let Some(place) = place.filter(|_| is_series) {
                        record.recurrence_id = None;
                        record.this_and_future = false;
                        record.extended.extend(extras::kept(place));
                    }
                    let change = place.is_some() && !is_series;
                    let placed = placed(member, record);
                    if change {
                        changes.push((Change::of(member), placed));
                    } else {
                        // If several events have the same UID, the first recurring one gets the changes.
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
                // The dates of the series already say this.
                Some(_) if kind == Change::Period => {}
                // A change that Lifeboat wrote stays unchanged, even if it is cancelled.
                Some(event) if kind == Change::Own => event.record.changed.push(change.record),
                Some(event) => {
                    if let Some(place) = change.record.recurrence_id.as_mut() {
                        *place = place_in(place, &event.record);
                    }
                    event.record.take_occurrence(change.record);
                }
                // The series is not in the file.
                None => self.records.events.push(change),
            }
        }
    }

    /// Returns the time of the first non-empty property with this name.
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

/// Origin of a changed occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    /// Written by Lifeboat for an added occurrence, to give its length.
    Period,
    /// Another changed occurrence written by Lifeboat.
    Own,
    Foreign,
}

impl Change {
    fn of(component: &Component) -> Self {
        // A program that changes a file of Lifeboat sets LAST-MODIFIED.
        let touched = || component.first("LAST-MODIFIED").is_some();
        match is_own(component) {
            true if data(component).is_some_and(|data| data.contains_key(PERIOD)) && !touched() => {
                Self::Period
            }
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

/// Adds the calendar to the list of calendars and returns its row number.
fn calendar_row(component: &Component, records: &mut Records) -> i64 {
    let mut calendar = seen_calendar(component);
    if let Some(mut data) = data(component) {
        calendar.restore(&mut data);
    }
    if calendar.row == 0 {
        calendar.row = i64::try_from(records.calendars.len()).unwrap_or_default() + 1;
    }
    let row = calendar.row;
    records.calendars.push(calendar);
    row
}

/// Returns the moment of a date-time value outside of any calendar.
pub(crate) fn moment_of(text: &str) -> Option<Moment> {
    Zones::default().time_of(text, None).map(|time| time.moment)
}

/// A calendar as any program sees it, without a number.
pub(super) fn seen_calendar(component: &Component) -> Calendar {
    Calendar {
        name: ["X-WR-CALNAME", "NAME"]
            .into_iter()
            .find_map(|name| component.text(name))
            .unwrap_or_default(),
        time_zone: component.text("X-WR-TIMEZONE"),
        visible: true,
        ..Calendar::default()
    }
}

/// An event that Lifeboat wrote, as any program sees it.
pub(super) fn seen_event(component: &Component) -> Event {
    let (mut records, mut complaints) = (Records::default(), Complaints::default());
    Reading::of_one(&mut records, &mut complaints).seen_event(component, true)
}

/// A to-do that Lifeboat wrote, as any program sees it.
pub(super) fn seen_todo(component: &Component) -> Todo {
    let (mut records, mut complaints) = (Records::default(), Complaints::default());
    Reading::of_one(&mut records, &mut complaints).seen_todo(component, true)
}

/// True for a component that Lifeboat wrote. Version 0.1 had a property for each exact value, which are kept like those
/// of other programs.
fn is_own(component: &Component) -> bool {
    [exact::NAME, "X-LIFEBOAT-SOURCE"]
        .into_iter()
        .any(|name| component.first(name).is_some())
}

/// The exact values of a component that Lifeboat wrote.
fn data(component: &Component) -> Option<Data> {
    exact::parsed(&component.first(exact::NAME)?.text())
}
