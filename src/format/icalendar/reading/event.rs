//! Reads VEVENT, and the VJOURNAL that Lifeboat writes for an event without a start.

use super::super::color;
use super::extras;
use super::reminders::Lasting;
use super::zones::{Time, date_of};
use super::{CALENDAR, Reading, data, is_own};
use crate::format::versit::exact::Exact as _;
use crate::format::versit::{Component, Fault, Property, percent_decoded};
use crate::model::{
    Access, Attendee, AttendeeRole, AttendeeStatus, Availability, Event, EventStatus, Moment,
};
use crate::phrase;

/// Maximum length of a one-line text that may serve as a title, in characters.
const MAX_TITLE: usize = 200;

impl Reading<'_> {
    pub(super) fn event(&mut self, component: &Component) -> Event {
        let mut event = self.seen_event(component, is_own(component));
        if let Some(mut data) = data(component) {
            event.restore(&mut data);
            let row = data.get(CALENDAR).and_then(serde_json::Value::as_i64);
            event.calendar = row.unwrap_or(event.calendar);
        }
        event
    }

    /// Reads an event as any program sees it. `own`: Lifeboat wrote it.
    pub(super) fn seen_event(&mut self, component: &Component, own: bool) -> Event {
        let start = self.time(component, "DTSTART");
        let mut end = self.time(component, "DTEND");
        let zone = |name: &str| component.first(name).and_then(|p| p.parameter("TZID"));
        if let (Some(start), Some(end)) = (&start, &mut end)
            && start.floats()
            && zone("DTSTART") == zone("DTEND")
        {
            end.float();
        }
        let recurrence_id = self.time(component, "RECURRENCE-ID");
        let mut event = Event {
            uid: component.text("UID").unwrap_or_default(),
            calendar: self.row,
            ..Event::default()
        };
        (event.start, event.end) = self.days(component, start.as_ref(), end.as_ref());
        event.duration = component.text("DURATION");
        event.recurrence_id = recurrence_id.as_ref().map(moment);
        event.this_and_future = self.this_and_future(component);
        self.texts(component, &mut event);
        if own {
            event.color = component
                .text("COLOR")
                .and_then(|name| color::of_name(&name));
        } else {
            titled(component, &mut event.title, &mut event.description);
        }
        self.recurrence(component, start.as_ref(), &mut event);
        event.reminders = self.reminders(
            component,
            Lasting::of(component, start.as_ref(), end.as_ref()),
        );
        people(component, &mut event);
        let mut extended = extras::of_event(component, self.old && start.is_some(), own);
        let times = [
            ("DTSTART", &start),
            ("DTEND", &end),
            ("RECURRENCE-ID", &recurrence_id),
        ];
        extended.extend(extras::unread(component, &times));
        extended.append(&mut event.extended);
        event.extended = extended;
        event
    }

    /// True if a changed occurrence also changes all later ones. No program uses THISANDPRIOR of RFC 2445.
    fn this_and_future(&mut self, component: &Component) -> bool {
        let property = component.first("RECURRENCE-ID");
        let range = property.and_then(|property| property.parameter("RANGE"));
        let range = range.unwrap_or_default().trim();
        let future = range.eq_ignore_ascii_case("THISANDFUTURE");
        if let Some(property) = property.filter(|_| !future && !range.is_empty()) {
            self.complain_of(property, Fault::Rule);
        }
        future
    }

    fn texts(&mut self, component: &Component, event: &mut Event) {
        event.title = component.text("SUMMARY");
        event.description = component.text("DESCRIPTION");
        event.location = component.text("LOCATION");
        let word = |name: &str| {
            let text = component.text(name).unwrap_or_default();
            text.trim().to_ascii_uppercase()
        };
        event.status = match word("STATUS").as_str() {
            "TENTATIVE" => EventStatus::Tentative,
            "CONFIRMED" => EventStatus::Confirmed,
            "CANCELLED" => EventStatus::Cancelled,
            _ => EventStatus::Unset,
        };
        event.availability = match (
            word("X-MICROSOFT-CDO-BUSYSTATUS").as_str(),
            word("TRANSP").as_str(),
        ) {
            ("TENTATIVE", _) => Availability::Tentative,
            ("FREE", _) => Availability::Free,
            ("", "" | "OPAQUE" | "0") => Availability::Busy,
            // vCalendar 1.0: numbers from 1 on; a higher number is more transparent.
            ("", "TRANSPARENT") => Availability::Free,
            ("", number) if number.bytes().all(|b| b.is_ascii_digit()) => Availability::Free,
            _ => Availability::Busy,
        };
        event.access = match word("CLASS").as_str() {
            "CONFIDENTIAL" => Access::Confidential,
            "PRIVATE" => Access::Private,
            "PUBLIC" => Access::Public,
            _ => Access::Default,
        };
    }

    /// Returns start and end, as dates if the phone meant whole days: the phone's own mark says so, or the format has
    /// no other way for whole days and the event begins and ends at midnight.
    fn days(
        &mut self,
        component: &Component,
        start: Option<&Time>,
        end: Option<&Time>,
    ) -> (Option<Moment>, Option<Moment>) {
        let Some(first) = start else {
            // Only old reminders have an end without a start.
            return (None, end.map(moment));
        };
        if let Some(end) = end
            && end.wall < first.wall
            && end.is_date() == first.is_date()
        {
            self.complain(component, Fault::Value, phrase("DTEND before DTSTART"));
        }
        if first.is_date() {
            let last = end.map(|end| {
                // Some programs end an event on the day it begins. The end in the model is the day after.
                let after = end
                    .wall
                    .date()
                    .succ_opt()
                    .filter(|_| end.wall.date() == first.wall.date() || is_last_minute(end));
                after.map_or_else(|| end.as_date(), date_of)
            });
            return (Some(moment(first)), last);
        }
        let word = |name: &str| {
            component
                .text(name)
                .unwrap_or_default()
                .to_ascii_uppercase()
        };
        let marked = [
            "X-MICROSOFT-CDO-ALLDAYEVENT",
            "X-FUNAMBOL-ALLDAY",
            "X-ALLDAY",
        ]
        .iter()
        .any(|name| matches!(word(name).trim(), "TRUE" | "1"));
        let is_said = component
            .first("DTSTART")
            .and_then(|property| property.parameter("VALUE"))
            .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("DATE"));
        let marked = marked || is_said;
        let kind = word("X-EPOCAGENDAENTRYTYPE");
        let day_entry = matches!(kind.trim(), "EVENT" | "ANNIVERSARY");
        let unsaid = kind.trim().is_empty() && self.old;
        let whole = end
            .is_some_and(|end| end.wall > first.wall && (end.is_midnight() || is_last_minute(end)));
        let is_days = first.is_midnight() && (marked || day_entry || (unsaid && whole));
        if !is_days {
            let last = end.map(|end| midnight_after(first, end).unwrap_or_else(|| moment(end)));
            return (Some(moment(first)), last);
        }
        let last = end.and_then(|end| match () {
            () if end.wall <= first.wall => None,
            () if end.is_midnight() => Some(end.as_date()),
            () => end.wall.date().succ_opt().map(date_of),
        });
        (Some(first.as_date()), last)
    }
}

/// True for 23:59, which some programs write because they cannot write 24:00.
fn is_last_minute(time: &Time) -> bool {
    let clock = time.wall.time().format("%H%M").to_string();
    !time.is_date() && clock == "2359"
}

/// Returns the beginning of the day on which a timed event ends, on the clock of its start. None if the end is a time,
/// or not after the start.
fn midnight_after(start: &Time, end: &Time) -> Option<Moment> {
    let Moment::Time { millis, zone } = &start.moment else {
        return None;
    };
    let length = (end.wall - start.wall).num_milliseconds();
    (end.is_date() && length > 0).then(|| Moment::Time {
        millis: millis.saturating_add(length),
        zone: zone.clone(),
    })
}

fn moment(time: &Time) -> Moment {
    time.moment.clone()
}

/// Moves the text into the title if there is none. Palm and Psion store only one text and call it the description; a
/// longer text is an attached note.
pub(super) fn titled(
    component: &Component,
    title: &mut Option<String>,
    description: &mut Option<String>,
) {
    if title.is_none()
        && let Some(text) = description.take()
    {
        let line = text.lines().next().unwrap_or_default();
        *title = Some(line.chars().take(MAX_TITLE).collect());
        if title.as_ref() != Some(&text) {
            *description = Some(text);
        }
    }
    if description.is_none() {
        let note = component.properties.iter().find(|p| is_note(p));
        *description = note.map(Property::text);
    }
}

/// True for an ATTACH that is plain text and not a link or a file.
pub(super) fn is_note(property: &Property) -> bool {
    let link = || {
        let scheme = property.raw.split_once(':').map(|(scheme, _)| scheme);
        scheme.is_some_and(|s| s.len() > 1 && s.bytes().all(|b| b.is_ascii_alphanumeric()))
    };
    property.name == "ATTACH"
        && property.bytes.is_none()
        && property.parameter("VALUE").is_none()
        && property.parameter("FMTTYPE").is_none()
        && !property.raw.trim().is_empty()
        && !link()
}

fn people(component: &Component, event: &mut Event) {
    for property in &component.properties {
        match property.name.as_str() {
            "ORGANIZER" if event.organizer.is_none() => {
                let text = property.text();
                event.organizer = address(&text).or(Some(text).filter(|text| !text.is_empty()));
            }
            "ATTENDEE" => {
                if let Some(attendee) = attendee(property) {
                    event.attendees.push(attendee);
                }
            }
            _ => {}
        }
    }
}

fn attendee(property: &Property) -> Option<Attendee> {
    let text = property.text();
    let upper = |name: &str| {
        property
            .parameter(name)
            .unwrap_or_default()
            .to_ascii_uppercase()
    };
    let (role, status) = (upper("ROLE"), upper("PARTSTAT"));
    // The names of the same values in vCalendar 1.0.
    let status = if status.is_empty() {
        upper("STATUS")
    } else {
        status
    };
    let email = address(&text);
    let name = property.parameter("CN").map(str::to_owned).or_else(|| {
        let before = text.split('<').next().unwrap_or_default();
        let name = before.trim().trim_matches('"').to_owned();
        (email.as_ref() != Some(&name) && !before.to_ascii_lowercase().starts_with("mailto:"))
            .then_some(name)
    });
    let name = name.filter(|name| !name.is_empty());
    if name.is_none() && email.is_none() {
        return None;
    }
    Some(Attendee {
        name,
        email,
        status: match status.as_str() {
            "ACCEPTED" | "CONFIRMED" | "COMPLETED" => AttendeeStatus::Accepted,
            "DECLINED" => AttendeeStatus::Declined,
            "TENTATIVE" => AttendeeStatus::Tentative,
            "NEEDS-ACTION" | "NEEDS ACTION" | "SENT" | "DELEGATED" => AttendeeStatus::Invited,
            _ => AttendeeStatus::Unset,
        },
        role: match (upper("CUTYPE").as_str(), role.as_str()) {
            ("RESOURCE" | "ROOM", _) => AttendeeRole::Resource,
            (_, "OPT-PARTICIPANT" | "NON-PARTICIPANT") => AttendeeRole::Optional,
            (_, "REQ-PARTICIPANT" | "CHAIR") => AttendeeRole::Required,
            _ => match upper("EXPECT").as_str() {
                "REQUIRE" | "IMMEDIATE" => AttendeeRole::Required,
                "REQUEST" | "FYI" => AttendeeRole::Optional,
                _ => AttendeeRole::Unset,
            },
        },
        organizer: matches!(role.as_str(), "ORGANIZER" | "OWNER" | "CHAIR"),
        identity: None,
        identity_namespace: None,
    })
}

/// Extracts the e-mail address from `mailto:a%2Bb@c`, `Anna <a@b>` or `a@b`.
fn address(text: &str) -> Option<String> {
    let text = text.trim();
    let inner = text
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .map_or(text, |(inner, _)| inner);
    let bare = match inner.split_at_checked(7) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("mailto:") => percent_decoded(rest),
        _ => inner.to_owned(),
    };
    (bare.contains('@') && !bare.contains(char::is_whitespace)).then_some(bare)
}
