//! Writes VEVENT (RFC 5545 section 3.6.1): one component for an event, and one for each changed occurrence.

mod series;

use std::collections::{HashMap, HashSet};

use super::alarms::{Of, write_reminders};
use super::duration::{Span, span};
use super::extended::write_extended;
use super::lines::Lines;
use super::moment::{self, Ready, Stamp};
use super::people::write_people;
use super::vtimezone::ZoneUses;
use super::{DTSTAMP, Uids, color, reading};
use crate::format::Losses;
use crate::format::versit::exact::Exact as _;
use crate::model::{Access, Availability, Event, EventStatus, Moment};
use crate::phrase;
use series::Recurrence;
pub(super) use series::filled;

/// An event or a to-do, written as components.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// Text of the components.
    pub text: String,
    /// Number of records; a series counts as one.
    pub records: u64,
    /// Number of changed occurrences of a series, including added ones with a different length.
    pub exceptions: u64,
    /// Zones in use. Their VTIMEZONEs must be in the same file.
    pub zones: ZoneUses,
}

/// Changed occurrences that the handset marks as deleted, in a series that is not deleted. They no longer belong to
/// the series ([`write_event`] writes them as cancelled), but are still kept.
pub fn deleted_changes(event: &Event) -> Vec<&Event> {
    changes(event).1
}

/// All changed occurrences at any nesting depth: first the live ones, then the deleted ones.
fn changes(event: &Event) -> (Vec<&Event>, Vec<&Event>) {
    let (mut living, mut deleted) = (Vec::new(), Vec::new());
    let mut open: Vec<&Event> = event.changed.iter().rev().collect();
    while let Some(change) = open.pop() {
        if change.source.deleted && !event.source.deleted {
            deleted.push(change);
        } else {
            living.push(change);
            open.extend(change.changed.iter().rev());
        }
    }
    (living, deleted)
}

/// How new a change is: its SEQUENCE and its LAST-MODIFIED (RFC 5545 section 3.8.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Revision<'a>(u64, &'a str);

impl<'a> Revision<'a> {
    fn of(change: &'a Event) -> Self {
        let value = |name: &str| {
            let mut all = change.extended.iter();
            let kept = all.find(|property| property.name == name);
            kept.map_or("", |property| property.value.trim())
        };
        Self(
            value("SEQUENCE").parse().unwrap_or_default(),
            value("LAST-MODIFIED"),
        )
    }
}

/// Writes an event with its changed occurrences. `calendar` is the name of its calendar; `uids` holds the UIDs of the
/// target file. Adds to `losses` what importers will not show.
///
/// A changed occurrence becomes a separate event if it cannot belong to the series: the rule of the series is
/// invalid, or its own place in the series is missing or already taken.
pub fn write_event(
    event: &Event,
    calendar: Option<&str>,
    uids: &mut Uids,
    losses: &mut Losses,
) -> Written {
    let mut writer = Writer {
        lines: Lines::default(),
        zones: ZoneUses::default(),
        losses,
        calendar,
    };
    let (living, deleted) = changes(event);
    let uid = uids.claim(&event.uid);
    let cancelled: Vec<&Moment> = event
        .cancelled
        .iter()
        .chain(deleted.iter().filter_map(|c| c.recurrence_id.as_ref()))
        .collect();
    let series = writer.component(event, &uid, Place::Own, &cancelled);
    let (mut records, mut exceptions) = (1, 0);
    let places: Vec<Option<Stamp>> = living
        .iter()
        .map(|change| {
            // A note cannot be an occurrence of an event, so the start must be one that can be written.
            let start = change.start.as_ref().or(change.recurrence_id.as_ref());
            series
                .as_ref()
                .filter(|_| start.is_some_and(|start| moment::ready(start, false).is_some()))
                .zip(change.recurrence_id.as_ref())
                .and_then(|((start, _), original)| moment::typed(original, start))
        })
        .collect();
    // If a file has several changes of one occurrence, the last one counts, and the others become separate events.
    let mut last: HashMap<(Stamp, bool), (Revision<'_>, usize)> = HashMap::new();
    for (at, (change, place)) in living.iter().zip(&places).enumerate() {
        let Some(stamp) = place else { continue };
        let revision = Revision::of(change);
        let known = last
            .entry((*stamp, change.this_and_future))
            .or_insert((revision, at));
        if known.0 < revision {
            *known = (revision, at);
        }
    }
    let mut taken = HashSet::new();
    for (at, (change, place)) in living.into_iter().zip(places).enumerate() {
        let is_last = |stamp: Stamp| {
            let known = last.get(&(stamp, change.this_and_future));
            known.is_some_and(|(_, last)| *last == at)
        };
        match place {
            Some(stamp) if is_last(stamp) => {
                taken.insert(stamp);
                writer.component(change, &uid, Place::Changed(stamp), &[]);
                exceptions += 1;
            }
            _ => {
                let own = uids.claim(&change.uid);
                writer.losses.add(phrase(
                    "changed occurrences without a series (they become separate events)",
                ));
                writer.component(change, &own, Place::Own, &[]);
                records += 1;
            }
        }
    }
    if let Some((start, recurrence)) = &series {
        let mut periods = recurrence.periods(event, start);
        periods.retain(|(stamp, _)| !taken.contains(stamp));
        for _ in periods.drain(periods.len().min(MOST_PERIODS)..) {
            writer.losses.add(phrase(
                "durations of added occurrences (they last as long as the others)",
            ));
        }
        // Losses of the event itself are already counted.
        let losses = std::mem::take(writer.losses);
        for (stamp, end) in periods {
            let occasion = series::occasion(event, &stamp, end);
            writer.component(&occasion, &uid, Place::Lasting(stamp), &[]);
            exceptions += 1;
        }
        *writer.losses = losses;
    }
    Written {
        text: writer.lines.into_text(),
        records,
        exceptions,
        zones: writer.zones,
    }
}

/// Maximum number of extra components that give the length of added occurrences.
const MOST_PERIODS: usize = 50;

enum Place {
    /// An event of its own.
    Own,
    /// An occurrence of the series with the same UID, and its original time.
    Changed(Stamp),
    /// An added occurrence with a different length: the event itself, at that time.
    Lasting(Stamp),
}

struct Writer<'a> {
    lines: Lines,
    zones: ZoneUses,
    losses: &'a mut Losses,
    calendar: Option<&'a str>,
}

impl Writer<'_> {
    /// Writes one component. For a series, returns the start that sets the type of its dates, and the dates.
    fn component(
        &mut self,
        event: &Event,
        uid: &str,
        place: Place,
        cancelled: &[&Moment],
    ) -> Option<(Stamp, Recurrence)> {
        // No `..`, so a new field of an event does not compile until this writer handles it.
        let Event {
            // Kept as exact values.
            uid: _,
            series_id: _,
            source: _,
            calendar,
            recurrence_id,
            this_and_future,
            // Written by `texts`.
            title,
            location: _,
            description: _,
            status: _,
            availability: _,
            access: _,
            color: _,
            organizer: _,
            attendees: _,
            extended: _,
            app_uri: _,
            app_package: _,
            // Written by `times`.
            start,
            end: _,
            duration: _,
            // Written by `recurrence`, and as separate components.
            rrule,
            rdate,
            exrule: _,
            exdate: _,
            changed: _,
            cancelled: _,
            reminders,
        } = event;
        let begin = self.lines.len();
        let changed = matches!(place, Place::Changed(_) | Place::Lasting(_));
        let asks_to_recur = !changed && (filled(rrule) || filled(rdate));
        let start = match (start, &place) {
            (None, Place::Changed(_)) => recurrence_id,
            (start, _) => start,
        };
        let ready = start
            .as_ref()
            .and_then(|start| moment::ready(start, asks_to_recur));
        let journal = ready.is_none();
        let kind = if journal { "VJOURNAL" } else { "VEVENT" };
        self.lines.begin(kind);
        self.lines.text("UID", uid);
        self.lines.line(DTSTAMP);
        let recurrence = match &ready {
            Some(ready) if !changed => self.recurrence(event, ready.stamp, cancelled),
            _ => {
                self.count_recurrence(event);
                Recurrence::default()
            }
        };
        let recurring = !recurrence.rules.is_empty() || !recurrence.added.is_empty();
        if let Place::Changed(stamp) | Place::Lasting(stamp) = &place {
            if *this_and_future {
                self.losses.add(
                    phrase("changes to an occurrence and all later ones (many programs change only that occurrence)"),
                );
                self.stamp("RECURRENCE-ID;RANGE=THISANDFUTURE", stamp, true);
            } else {
                self.stamp("RECURRENCE-ID", stamp, false);
            }
        }
        match &ready {
            Some(ready) => self.times(event, ready, recurring),
            None => self
                .losses
                .add(phrase("events without a date (they become notes)")),
        }
        self.write_recurrence(&recurrence);
        self.texts(event, journal);
        let before_alarms = self.lines.len();
        if !journal {
            let of = Of {
                summary: title.as_deref(),
                end_alone: false,
            };
            write_reminders(&mut self.lines, reminders, of, self.losses);
        }
        self.lines.end(kind);
        let written = Event {
            changed: Vec::new(),
            cancelled: cancelled.iter().copied().cloned().collect(),
            ..event.clone()
        };
        let seen = reading::seen_event(&self.lines.own_component(begin));
        let mut data = written.differences(&seen);
        match self.calendar {
            Some(name) => data.insert(reading::CALENDAR.to_owned(), name.into()),
            None => data.insert(reading::CALENDAR.to_owned(), (*calendar).into()),
        };
        if matches!(place, Place::Lasting(_)) {
            data.insert(reading::PERIOD.to_owned(), true.into());
        }
        self.lines.keep_exact(before_alarms, &data);
        ready
            .filter(|_| recurring)
            .map(|ready| (ready.stamp, recurrence))
    }

    fn stamp(&mut self, name: &str, stamp: &Stamp, open: bool) {
        self.zones.note(stamp, open);
        self.lines.line(&stamp.property(name));
    }

    /// Writes DTSTART, and DTEND or DURATION.
    fn times(&mut self, event: &Event, start: &Ready, recurring: bool) {
        self.stamp("DTSTART", &start.stamp, recurring);
        if start.unknown_zone {
            self.losses
                .add(phrase("unknown time zones (the time is kept in UTC)"));
        }
        let end = event.end.as_ref().and_then(|end| moment::ready(end, false));
        let fits = |end: &Ready| {
            end.stamp.is_date() == start.stamp.is_date()
                && end.stamp.instant() >= start.stamp.instant()
        };
        let end_fits = end.as_ref().is_some_and(fits);
        let length = event.duration.as_deref().and_then(span);
        let length = length.and_then(|length| length_text(&length, &start.stamp));
        // On Android, recurring rows have a duration and others an end. The other value is left over from before.
        let by_length = length.is_some() && (recurring || !end_fits);
        if by_length {
            if let Some(length) = length.filter(|length| !length.is_empty()) {
                self.lines.line(&format!("DURATION:{length}"));
            }
        } else if let Some(end) = end.as_ref().filter(|end| fits(end)) {
            // An end equal to the start is what a missing end means (RFC 5545 section 3.6.1).
            if end.stamp.instant() > start.stamp.instant() {
                self.stamp("DTEND", &end.stamp, recurring);
            }
        }
        if !by_length && event.duration.is_some() && !end_fits {
            self.losses.add(phrase("durations that can't be read"));
        }
        if event.end.is_some() && !end_fits && !by_length {
            self.losses.add(phrase(
                "end times that are before the start, or that can't be written",
            ));
        }
    }

    /// Writes everything except times and the place in a series.
    fn texts(&mut self, event: &Event, journal: bool) {
        let lines = &mut self.lines;
        lines.optional_text("SUMMARY", event.title.as_deref());
        if !journal {
            lines.optional_text("LOCATION", event.location.as_deref());
        }
        lines.optional_text("DESCRIPTION", event.description.as_deref());
        let status = match event.status {
            EventStatus::Unset => None,
            EventStatus::Tentative => Some("TENTATIVE"),
            EventStatus::Confirmed => Some("CONFIRMED"),
            EventStatus::Cancelled => Some("CANCELLED"),
        };
        if let Some(status) = status.filter(|_| !journal) {
            lines.line(&format!("STATUS:{status}"));
        }
        let (transparency, busy) = match event.availability {
            Availability::Busy => ("OPAQUE", "BUSY"),
            Availability::Free => ("TRANSPARENT", "FREE"),
            Availability::Tentative => ("OPAQUE", "TENTATIVE"),
        };
        if !journal {
            lines.line(&format!("TRANSP:{transparency}"));
        }
        match event.access {
            Access::Default => {}
            Access::Confidential => lines.line("CLASS:CONFIDENTIAL"),
            Access::Private => lines.line("CLASS:PRIVATE"),
            Access::Public => lines.line("CLASS:PUBLIC"),
        }
        if let Some(argb) = event.color {
            lines.line(&format!("COLOR:{}", color::css_name(argb)));
        }
        write_extended(lines, event, journal, self.losses);
        write_people(lines, event, self.losses);
        lines.line(&format!("X-MICROSOFT-CDO-BUSYSTATUS:{busy}"));
    }
}

/// Returns the length of an event with this start: empty for zero length, None if the length cannot be used with it.
fn length_text(length: &Span, start: &Stamp) -> Option<String> {
    if start.is_date() {
        length.whole_days()
    } else if length.is_zero() {
        Some(String::new())
    } else {
        Some(length.text())
    }
}
