//! The lines of the calendar: events and their changed occurrences, with their days for the month.

use std::cmp::Reverse;
use std::collections::HashMap;

use chrono::NaiveDate;

use crate::collections::Role;
use crate::collections::details::{places, title};
use crate::collections::list::{Ended, GoOn, Line, Listing, Repeats, Sheet, When, key_of};
use crate::collections::search_key::SearchText;
use crate::collections::words::city;
use crate::format::icalendar::days::{self, Placed, Shown};
use crate::model::{Collection, Event, EventStatus, counted, grouped};
use crate::phrase;
use crate::vault::{RecordKind, Vault};

pub static SHEET: Sheet = Sheet {
    unit: "",
    none: phrase("No events were read from this phone. See the verdict for the reason."),
    share: 11,
    is_month: true,
    fill,
};

/// An event's line while it is made.
#[derive(Clone)]
struct Placing {
    line: Line,
    when: When,
    /// The zone of `when`; empty: none.
    zone: &'static str,
    is_cancelled: bool,
}

/// Fills the list by day and time; events without a day come first. A changed occurrence has the key of its series.
fn fill(journal: &Vault, go_on: GoOn<'_>, listing: &mut Listing) -> Result<(), Ended> {
    let mut calendars = 0;
    journal.for_each_record(Collection::Calendar, &[RecordKind::Calendar], |_| {
        calendars += 1;
        Ok::<_, Ended>(())
    })?;
    listing.about = phrase!(
        " in {}",
        counted(calendars, phrase("calendar"), phrase("calendars"))
    );
    let mut all = Vec::new();
    let read = super::each(journal, |entry| {
        go_on()?;
        let first = all.len();
        event_lines(&entry.merged.record, &mut all);
        for placing in all.iter_mut().skip(first) {
            placing.line.key = key_of(&entry.merged.keys);
            placing.line.found = entry.role == Role::File;
            placing.line.places =
                listing.places(&places(std::slice::from_ref(&entry.merged.record.source)));
        }
        Ok::<_, Ended>(())
    });
    let usual = usual_zone(&all);
    listing.lines.reserve_exact(all.len());
    for placing in all {
        let Placing {
            mut line,
            mut when,
            zone,
            is_cancelled,
        } = placing;
        if !zone.is_empty() && zone != usual {
            when.elsewhere = Some(city(zone).into());
        }
        line.remark = match (&line, &when.repeats) {
            (Line { deleted: true, .. }, _) => phrase("deleted"),
            _ if is_cancelled => phrase("cancelled"),
            (Line { part: true, .. }, _) => phrase("changed"),
            (_, Repeats::On(_) | Repeats::FirstOnly) => phrase("repeats"),
            (_, Repeats::No) => "",
        }
        .into();
        line.problem = when.day.is_none() || when.repeats == Repeats::FirstOnly;
        line.at = when.day.map_or(0, millis);
        line.when = Some(Box::new(when));
        listing.lines.push(line);
    }
    let undated = listing.lines.iter().filter(|line| place(line).0.is_none());
    let undated = undated.count() as u64;
    if undated > 0 {
        listing.more = phrase!("{} without a date (use search)", grouped(undated));
    }
    listing
        .lines
        .sort_by(|a, b| (place(a), &a.name).cmp(&(place(b), &b.name)));
    read.map(|_| ())
}

/// Returns the beginning of a day as milliseconds since 1970.
fn millis(day: NaiveDate) -> i64 {
    day.signed_duration_since(NaiveDate::default())
        .num_milliseconds()
}

/// Returns the day and time of a line.
fn place(line: &Line) -> (Option<NaiveDate>, &str) {
    let when = line.when.as_ref();
    when.map_or((None, ""), |when| (when.day, &when.time))
}

/// Returns the most frequent zone: only events in other zones show theirs.
fn usual_zone(all: &[Placing]) -> &'static str {
    let mut uses: HashMap<&'static str, usize> = HashMap::new();
    for placing in all.iter().filter(|placing| !placing.zone.is_empty()) {
        *uses.entry(placing.zone).or_default() += 1;
    }
    let most = uses
        .into_iter()
        .max_by_key(|(zone, count)| (*count, Reverse(*zone)));
    most.map_or("", |(zone, _)| zone)
}

/// Adds the lines of an event and of its changed occurrences.
fn event_lines(event: &Event, all: &mut Vec<Placing>) {
    let mut own = event_line(event, event.title.as_deref());
    if let Some(placed) = days::place(event) {
        let repeats = stand(&mut own, placed);
        if let days::Repeats::On(series) = &repeats {
            for added in &series.at_other_times {
                let mut occurrence = own.clone();
                occurrence.line.part = true;
                show(&mut occurrence, added);
                all.push(occurrence);
            }
        }
        own.when.repeats = of(repeats);
    }
    all.push(own);
    let mut open: Vec<&Event> = event.changed.iter().collect();
    while let Some(change) = open.pop() {
        let title = change.title.as_deref().or(event.title.as_deref());
        let mut changed = event_line(change, title);
        changed.line.part = true;
        changed.line.deleted |= event.source.deleted;
        if let Some(placed) = days::place(change) {
            stand(&mut changed, placed);
        }
        changed.when.repeats = of(days::later(event, change));
        all.push(changed);
        open.extend(&change.changed);
    }
}

fn of(repeats: days::Repeats) -> Repeats {
    match repeats {
        days::Repeats::No => Repeats::No,
        days::Repeats::On(series) => Repeats::On(series),
        days::Repeats::Unread => Repeats::FirstOnly,
    }
}

fn stand(placing: &mut Placing, placed: Placed) -> days::Repeats {
    show(placing, &placed.start);
    let more = (placed.last_day - placed.start.day).num_days();
    placing.when.more_days = u16::try_from(more).unwrap_or(u16::MAX);
    placed.repeats
}

fn show(placing: &mut Placing, shown: &Shown) {
    placing.zone = shown.zone;
    placing.when.day = Some(shown.day);
    placing.when.time = shown
        .time
        .map_or_else(String::new, |time| time.format("%H:%M").to_string())
        .into();
}

fn event_line(event: &Event, shown: Option<&str>) -> Placing {
    // Without `..`: a new field of an event does not compile until it is decided whether its line shows it.
    let Event {
        uid: _,
        calendar: _,
        title: _,
        location,
        description,
        start: _,
        end: _,
        duration: _,
        rrule: _,
        rdate: _,
        exrule: _,
        exdate: _,
        recurrence_id,
        this_and_future: _,
        series_id: _,
        changed: _,
        cancelled: _,
        status,
        availability: _,
        access: _,
        color: _,
        organizer,
        attendees,
        reminders: _,
        extended,
        app_uri,
        app_package: _,
        source,
    } = event;
    let name = title(shown);
    let mut search = SearchText::of(&name);
    search.add_all([location, description, organizer, app_uri]);
    for guest in attendees {
        search.add_all([&guest.name, &guest.email]);
    }
    for property in extended {
        search.add(&property.value);
    }
    Placing {
        line: Line {
            name: name.into(),
            search: search.done(),
            part: recurrence_id.is_some(),
            deleted: source.deleted,
            only_here: source.only_here && !source.deleted,
            ..Line::default()
        },
        when: When {
            day: None,
            more_days: 0,
            time: "".into(),
            elsewhere: None,
            repeats: Repeats::No,
        },
        zone: "",
        is_cancelled: *status == EventStatus::Cancelled,
    }
}
