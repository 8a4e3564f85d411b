//! Joins changed occurrences to their series, which may be in another object, in another file or on the phone.

use std::collections::{BTreeMap, HashMap};

use crate::collections::merge::Merged;
use crate::format::icalendar::days::place_in;
use crate::model::{Event, EventStatus};

/// The phone's changed occurrences that refer to their series by the server's ID, by calendar and ID.
#[derive(Debug, Default)]
pub struct Occurrences(BTreeMap<(i64, String), Vec<Merged<Event>>>);

impl Occurrences {
    /// Returns true for an undeleted occurrence whose series must be found by ID.
    pub fn is_to_be_joined(&self, event: &Event) -> bool {
        event.recurrence_id.is_some() && event.series_id.is_some() && !event.source.deleted
    }

    /// Adds the event if it is such an occurrence.
    pub fn add(&mut self, key: String, event: Event) {
        if self.is_to_be_joined(&event)
            && let Some(id) = event.series_id.clone()
        {
            let place = self.0.entry((event.calendar, id)).or_default();
            place.push(Merged::of_handset(key, event));
        }
    }

    /// Adds its occurrences to a series.
    pub fn join(&mut self, series: &mut Merged<Event>) {
        let event = &series.record;
        if event.recurrence_id.is_some() || event.source.deleted {
            return;
        }
        let Some(id) = event.source.source_id.clone() else {
            return;
        };
        for occurrence in self.0.remove(&(event.calendar, id)).unwrap_or_default() {
            series.keys.extend(occurrence.keys);
            take_typed(&mut series.record, occurrence.record);
        }
    }

    /// Returns the occurrences without a series.
    pub fn into_unmatched(self) -> impl Iterator<Item = Merged<Event>> {
        self.0.into_values().flatten()
    }
}

/// Changed occurrences from exported files whose series is elsewhere, by identifier.
#[derive(Debug, Default)]
pub struct ByUid(HashMap<String, Vec<Merged<Event>>>);

impl ByUid {
    /// Adds separate occurrences to their series in the files, preferably a series in the same file. Occurrences and
    /// series belong together by their UID (RFC 5545 section 3.8.4.4). Returns the series and all other events, and the
    /// occurrences without a series.
    pub fn attached(found: Vec<Merged<Event>>) -> (Vec<Merged<Event>>, Self) {
        let (changes, mut events): (Vec<_>, Vec<_>) = found
            .into_iter()
            .partition(|merged| is_change(&merged.record));
        let mut by_uid: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, event) in events.iter().enumerate() {
            if repeats(&event.record) {
                let places = by_uid.entry(event.record.uid.clone()).or_default();
                places.push(at);
            }
        }
        let mut left = Self::default();
        for change in changes {
            let places = by_uid
                .get(&change.record.uid)
                .map_or(&[][..], Vec::as_slice);
            let is_of_file = |at: &&usize| {
                events
                    .get(**at)
                    .is_some_and(|event| event.files == change.files)
            };
            let at = places.iter().find(is_of_file).or(places.first()).copied();
            let rest = match at.and_then(|at| events.get_mut(at)) {
                Some(series) => take(series, change),
                None => Some(change),
            };
            if let Some(change) = rest {
                let place = left.0.entry(change.record.uid.clone()).or_default();
                place.push(change);
            }
        }
        (events, left)
    }

    /// Adds the occurrences from files to a series of the phone.
    pub fn join(&mut self, series: &mut Merged<Event>) {
        if self.0.is_empty() || !repeats(&series.record) {
            return;
        }
        let Some(changes) = self.0.remove(&series.record.uid) else {
            return;
        };
        let left: Vec<_> = changes
            .into_iter()
            .filter_map(|change| take(series, change))
            .collect();
        if !left.is_empty() {
            self.0.insert(series.record.uid.clone(), left);
        }
    }

    /// Returns the occurrences without a series, in a fixed order.
    pub fn into_unmatched(self) -> Vec<Merged<Event>> {
        let mut left: Vec<Merged<Event>> = self.0.into_values().flatten().collect();
        left.sort_by(|a, b| a.keys.cmp(&b.keys));
        left
    }
}

fn is_change(event: &Event) -> bool {
    event.recurrence_id.is_some() && !event.uid.trim().is_empty() && event.rrule.is_none()
}

fn repeats(event: &Event) -> bool {
    event.recurrence_id.is_none()
        && !event.uid.trim().is_empty()
        && (event.rrule.is_some() || event.rdate.is_some())
}

/// Returns true for an occurrence that is stored separately, in a file or on the phone, and belongs to this series.
/// `uids`: the identifiers of the series that were joined.
pub fn belongs_to(event: &Event, series: &Event, uids: &[String]) -> bool {
    let is_lone = event.series_id.is_some() && event.series_id == series.source.source_id;
    is_lone || (is_change(event) && repeats(series) && uids.contains(&event.uid))
}

/// Adds an occurrence to its series, unless the series already has one in that place.
pub fn attach(series: &mut Event, change: Event) {
    if !has(series, &change) {
        take_typed(series, change);
    }
}

/// Adds an occurrence with its original start typed as the series' start: a date gets the series' time on that day, and
/// a floating time gets the series' zone. If the series is in no zone, a time in UTC finds the nearest occurrence.
fn take_typed(series: &mut Event, mut change: Event) {
    if let Some(place) = &change.recurrence_id {
        change.recurrence_id = Some(place_in(place, series));
    }
    series.take_occurrence(change);
}

/// Adds an occurrence to its series. Returns the occurrence if the series already has a different one in that place.
fn take(series: &mut Merged<Event>, change: Merged<Event>) -> Option<Merged<Event>> {
    if let Some(known) = in_place_of(&series.record, &change.record) {
        if !says_the_same(known, &change.record) {
            return Some(change);
        }
    } else {
        take_typed(&mut series.record, change.record);
    }
    series.keys.extend(change.keys);
    for file in change.files {
        if !series.files.contains(&file) {
            series.files.push(file);
        }
    }
    None
}

fn has(series: &Event, change: &Event) -> bool {
    in_place_of(series, change).is_some()
}

/// Returns the series' occurrence in the place of `change`.
fn in_place_of<'a>(series: &'a Event, change: &Event) -> Option<&'a Event> {
    let place = change.recurrence_id.as_ref()?;
    let typed = place_in(place, series);
    let is_there = |known: &&Event| {
        let place = known.recurrence_id.as_ref();
        known.this_and_future == change.this_and_future
            && (place == Some(&typed) || place == change.recurrence_id.as_ref())
    };
    series.changed.iter().find(is_there)
}

fn says_the_same(a: &Event, b: &Event) -> bool {
    let cancelled = |event: &Event| event.status == EventStatus::Cancelled;
    a.title == b.title && a.start == b.start && a.end == b.end && cancelled(a) == cancelled(b)
}
