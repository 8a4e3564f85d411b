//! Decides when two events are the same, and merges them.

use std::collections::BTreeSet;

use crate::collections::merge::{Mergeable, digest_of};
use crate::collections::text::{
    MOST_ENTRIES, add_lacking, differ, fill, folded_option, other_uid, own_uid,
};
use crate::format::icalendar::days;
use crate::model::{
    Access, Availability, Event, EventStatus, ExtendedProperty, Moment, Origin, Source,
};

/// Property in which an event or a to-do lists other files that contain it.
pub const ALSO_IN: &str = "X-LIFEBOAT-ALSO-IN";

/// Properties that describe when and by which program a record was written, not its content.
pub const ABOUT_THE_RECORD: [&str; 4] = ["DTSTAMP", "CREATED", "LAST-MODIFIED", "SEQUENCE"];

/// Maximum number of changed occurrences of one series.
const MOST_CHANGES: usize = 4096;

/// The same event has the same title and start. Evidence against it: a different identifier, end, rule, text or place,
/// or occurrences that were changed differently.
impl Mergeable for Event {
    fn forms(&self) -> Vec<String> {
        let title = folded_option(self.title.as_deref());
        let start = self.start.as_ref().map(instant).unwrap_or_default();
        vec![format!("{start} {title}")]
    }

    fn digest(&self) -> [u8; 32] {
        let mut bare = self.clone();
        bare.uid = own_uid(&self.uid).unwrap_or_default().to_owned();
        bare.calendar = 0;
        bare.source = Source::default();
        bare.extended
            .retain(|property| !ABOUT_THE_RECORD.contains(&property.name.as_str()));
        digest_of(&bare)
    }

    fn is_same(&self, other: &Self) -> bool {
        let same_start = match (&self.start, &other.start) {
            (Some(a), Some(b)) => same_moment(a, b),
            (None, None) => true,
            _ => false,
        };
        let title = folded_option(self.title.as_deref());
        let same_title = title == folded_option(other.title.as_deref());
        let same_uid = own_uid(&self.uid).is_some() && own_uid(&self.uid) == own_uid(&other.uid);
        let is_named = !title.is_empty() || same_uid;
        same_start && same_place(self, other) && same_title && is_named && !contradicts(self, other)
    }

    fn take_in(&mut self, other: Self) {
        // Without `..`: a new field of an event does not compile until it is decided how two values are merged.
        let Event {
            uid: other_uid,
            calendar: _,
            title,
            location,
            description,
            start: _,
            end,
            duration,
            rrule: _,
            rdate: _,
            exrule,
            exdate,
            recurrence_id: _,
            // Equal in both, otherwise they would not be the same event.
            this_and_future: _,
            series_id: _,
            changed,
            // An occurrence that one of the two still has is kept.
            cancelled: _,
            status,
            availability,
            access,
            color,
            organizer,
            attendees,
            reminders,
            extended,
            app_uri,
            app_package,
            source,
        } = other;
        also_in(&mut self.extended, &self.source, &source);
        if own_uid(&self.uid).is_none() && own_uid(&other_uid).is_some() && is_of_file(self) {
            self.uid = other_uid;
        }
        fill(&mut self.title, title);
        fill(&mut self.location, location);
        fill(&mut self.description, description);
        if self.end.is_none() && self.duration.is_none() {
            (self.end, self.duration) = (end, duration);
        }
        if is_of_file(self) && self.exdate.is_none() && self.cancelled.is_empty() {
            self.exrule = self.exrule.take().or(exrule);
            self.exdate = exdate;
        }
        if self.status == EventStatus::Unset {
            self.status = status;
        }
        if self.availability == Availability::Busy {
            self.availability = availability;
        }
        if self.access == Access::Default {
            self.access = access;
        }
        self.color = self.color.or(color);
        fill(&mut self.organizer, organizer);
        add_lacking(&mut self.attendees, attendees, |a, b| {
            match (&a.email, &b.email) {
                (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
                _ => a == b,
            }
        });
        add_lacking(&mut self.reminders, reminders, |a, b| a == b);
        add_lacking(&mut self.extended, extended, |a, b| {
            a == b || (a.name == b.name && ABOUT_THE_RECORD.contains(&a.name.as_str()))
        });
        fill(&mut self.app_uri, app_uri);
        fill(&mut self.app_package, app_package);
        for mut change in changed {
            let there = |known: &Event| same_place(known, &change);
            if self.changed.len() < MOST_CHANGES && !self.changed.iter().any(there) {
                change.uid.clone_from(&self.uid);
                self.changed.push(change);
            }
        }
    }
}

/// Returns true if the event is on no phone, so that the files are its only source.
fn is_of_file(event: &Event) -> bool {
    event.source.origin == Origin::File
}

/// Adds a property to the known record that names another file with the same record.
fn also_in(extended: &mut Vec<ExtendedProperty>, known: &Source, found: &Source) {
    if known.place != found.place && !found.place.is_empty() {
        let also = ExtendedProperty {
            name: ALSO_IN.to_owned(),
            value: found.place.clone(),
        };
        if !extended.contains(&also) {
            extended.push(also);
        }
    }
}

fn contradicts(a: &Event, b: &Event) -> bool {
    let other_end = matches!((end(a), end(b)), (Some(a), Some(b)) if a != b);
    let other_changes = a.changed.iter().take(MOST_ENTRIES).any(|change| {
        let mut others = b.changed.iter().take(MOST_ENTRIES);
        others.any(|other| {
            same_place(change, other)
                && (change.start != other.start || change.title != other.title)
        })
    });
    other_uid(&a.uid, &b.uid)
        || other_end
        || rules(&a.rrule) != rules(&b.rrule)
        || rules(&a.exrule) != rules(&b.exrule)
        || dates(&a.rdate) != dates(&b.rdate)
        || differ(a.description.as_deref(), b.description.as_deref())
        || differ(a.location.as_deref(), b.location.as_deref())
        || other_changes
}

fn same_place(a: &Event, b: &Event) -> bool {
    let same = match (&a.recurrence_id, &b.recurrence_id) {
        (Some(a), Some(b)) => same_moment(a, b),
        (None, None) => true,
        _ => false,
    };
    same && a.this_and_future == b.this_and_future
}

/// Returns the second or the day on which the event ends, if given.
fn end(event: &Event) -> Option<i64> {
    let length = || {
        let start = instant(event.start.as_ref()?);
        start.checked_add(days::length(event.duration.as_deref()?)?)
    };
    event.end.as_ref().map(instant).or_else(length)
}

/// Returns the rules of a column, each with its parts in a fixed order and without default values.
fn rules(column: &Option<String>) -> BTreeSet<String> {
    let lines = column.as_deref().unwrap_or_default().lines();
    let rules = lines.map(|line| {
        let line = line.trim().to_ascii_uppercase();
        let line = line
            .rsplit_once(':')
            .map_or(line.as_str(), |(_, rule)| rule);
        let mut parts: Vec<&str> = line
            .split(';')
            .map(str::trim)
            .filter(|part| !matches!(*part, "" | "INTERVAL=1" | "WKST=MO"))
            .collect();
        parts.sort_unstable();
        parts.join(";")
    });
    rules.filter(|rule| !rule.is_empty()).collect()
}

fn dates(column: &Option<String>) -> BTreeSet<String> {
    let column = column.as_deref().unwrap_or_default();
    let dates = column.split(|c: char| c == ',' || c.is_whitespace());
    dates
        .filter(|date| !date.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Returns true if both moments are the same time. A day and its midnight in UTC count as the same.
pub fn same_moment(a: &Moment, b: &Moment) -> bool {
    instant(a) == instant(b) && floats(a) == floats(b)
}

/// Returns true for a floating time, which is the same on every clock. A floating time never equals a time in a zone.
fn floats(moment: &Moment) -> bool {
    matches!(moment, Moment::Time { zone, .. } if zone == Moment::FLOATING)
}

/// Returns seconds since 1970. Floating times and days are counted as if in UTC.
fn instant(moment: &Moment) -> i64 {
    match moment {
        Moment::Date(days) => days.saturating_mul(86_400),
        Moment::Time { millis, .. } => millis.div_euclid(1000),
    }
}
