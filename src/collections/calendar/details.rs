//! All details of an event, in reading order.

use crate::collections::details::{Details, Fields, line, title};
use crate::collections::words;
use crate::format::icalendar::days;
use crate::model::{
    Access, Again, Attendee, AttendeeRole, AttendeeStatus, Availability, Calendar, Event,
    EventStatus, Moment, Reminder, ReminderMethod, Trigger,
};
use crate::phrase;

pub fn details(event: &Event, calendar: Option<&Calendar>) -> Details {
    // Without `..`: a new field of an event does not compile until it is handled here.
    let Event {
        uid: _,
        calendar: _,
        title: event_title,
        location,
        description,
        start: _,
        end: _,
        duration: _,
        rrule,
        rdate,
        exrule: _,
        exdate: _,
        recurrence_id: _,
        this_and_future: _,
        series_id: _,
        changed: _,
        cancelled: _,
        status,
        availability,
        access,
        color: _,
        organizer,
        attendees,
        reminders,
        extended,
        app_uri,
        app_package: _,
        source,
    } = event;
    let mut fields = Fields::default();
    fields.add(phrase("Title"), &title(event_title.as_deref()));
    // The time of a series is the time of its first occurrence.
    let repeats = rrule.is_some() || rdate.is_some();
    fields.add(
        if repeats {
            phrase("First on")
        } else {
            phrase("When")
        },
        &when(event),
    );
    match status {
        EventStatus::Cancelled => fields.add(phrase("Status"), phrase("cancelled")),
        EventStatus::Tentative => fields.add(phrase("Status"), phrase("tentative")),
        EventStatus::Unset | EventStatus::Confirmed => {}
    }
    fields.add(phrase("Where"), location.as_deref().unwrap_or_default());
    fields.add(
        phrase("Calendar"),
        calendar.map_or("", |calendar| &calendar.name),
    );
    repetition(event, &mut fields);
    for reminder in reminders {
        fields.add(phrase("Reminder"), &ahead(reminder));
    }
    fields.add(
        phrase("Organiser"),
        organizer.as_deref().unwrap_or_default(),
    );
    for attendee in attendees {
        guest(attendee, &mut fields);
    }
    fields.add(phrase("Notes"), description.as_deref().unwrap_or_default());
    if *availability == Availability::Free {
        fields.add(phrase("Shown as"), phrase("free"));
    }
    match access {
        Access::Private => fields.add(phrase("Visible to"), phrase("the owner only (private)")),
        Access::Confidential => fields.add(
            phrase("Visible to"),
            phrase("the owner only (confidential)"),
        ),
        Access::Default | Access::Public => {}
    }
    fields.add(phrase("Link"), app_uri.as_deref().unwrap_or_default());
    fields.add_sources(std::slice::from_ref(source));
    for property in extended {
        fields.add_with(phrase("Other data"), &property.value, &[&property.name]);
    }
    fields.done()
}

/// Formats start and end. Neither the day nor the zone is repeated.
fn when(event: &Event) -> String {
    let Some(moment) = event.start.as_ref().or(event.recurrence_id.as_ref()) else {
        return phrase("no date").to_owned();
    };
    let (Some(start), Some(placed)) = (days::shown(moment), days::place(event)) else {
        return words::moment(moment);
    };
    let zone = words::in_zone(moment, &start);
    if start.time.is_none() {
        return match placed.last_day == start.day {
            true => phrase!("{}, all day", words::day(start.day)),
            false => phrase!(
                "{} to {}, all day",
                words::day(start.day),
                words::day(placed.last_day)
            ),
        };
    }
    let Some(end) = end(event, moment).filter(|end| end != moment) else {
        return format!("{}{zone}", words::clock(&start));
    };
    match days::shown(&end) {
        Some(shown) if shown.zone != start.zone => {
            phrase!("{}{zone}\nto {}", words::clock(&start), words::moment(&end))
        }
        Some(shown) if shown.day == start.day => {
            let time = shown.time.map(|time| time.format(" to %H:%M").to_string());
            format!("{}{}{zone}", words::clock(&start), time.unwrap_or_default())
        }
        Some(shown) => phrase!("{} to {}{zone}", words::clock(&start), words::clock(&shown)),
        None => format!("{}{zone}", words::clock(&start)),
    }
}

fn end(event: &Event, start: &Moment) -> Option<Moment> {
    if event.end.is_some() {
        return event.end.clone();
    }
    let Moment::Time { millis, zone } = start else {
        return None;
    };
    let length = days::length(event.duration.as_deref()?)?;
    Some(Moment::Time {
        millis: millis.checked_add(length.checked_mul(1000)?)?,
        zone: zone.clone(),
    })
}

fn repetition(event: &Event, fields: &mut Fields) {
    let columns = [&event.rrule, &event.exrule].into_iter().flatten();
    match words::rules(event).filter(|_| event.exrule.is_none()) {
        Some(rules) => fields.add(phrase("Repeats"), &rules),
        None => columns.for_each(|rule| {
            fields.add(phrase("Repeats"), &phrase!("by the rule {}", rule.trim()))
        }),
    }
    fields.add(
        phrase("Also on"),
        event.rdate.as_deref().unwrap_or_default(),
    );
    fields.add(
        phrase("Not on"),
        event.exdate.as_deref().unwrap_or_default(),
    );
    for moment in &event.cancelled {
        fields.add(phrase("Cancelled"), &words::moment(moment));
    }
    for change in &event.changed {
        let from = change.recurrence_id.as_ref().map(words::moment);
        let mut text = match from {
            Some(from) if change.this_and_future => {
                phrase!(
                    "{from} and all later occurrences\nchanged to {}",
                    when(change)
                )
            }
            Some(from) => phrase!("{from}\nchanged to {}", when(change)),
            None => when(change),
        };
        let title = change
            .title
            .as_deref()
            .filter(|title| Some(*title) != event.title.as_deref());
        for more in [title, change.description.as_deref()].into_iter().flatten() {
            text.push_str(&format!("\n{}", line(more)));
        }
        fields.add(phrase("Changed"), &text);
    }
}

/// Describes a reminder in words.
pub fn ahead(reminder: &Reminder) -> String {
    let Reminder {
        minutes,
        method,
        trigger,
        again,
        extended: _,
    } = reminder;
    let mut ahead = match (trigger, minutes) {
        (Some(Trigger::At(moment)), _) => words::moment(moment),
        (Some(Trigger::Start(seconds)), _) => span(-seconds, phrase("at the start"), ""),
        (Some(Trigger::End(seconds)), _) => {
            span(-seconds, phrase("at the end"), phrase(" the end"))
        }
        (None, None) => phrase("the calendar's default").to_owned(),
        (None, Some(minutes)) => span(minutes.saturating_mul(60), phrase("at the start"), ""),
    };
    if let Some(Again { times, seconds }) = again {
        let every = span(*seconds, phrase("no time"), "");
        let every = every.trim_end_matches(phrase(" before"));
        ahead.push_str(&phrase!(", {times} more times, {every} apart"));
    }
    match method {
        ReminderMethod::Email => phrase!("{ahead}, by e-mail"),
        ReminderMethod::Sms => phrase!("{ahead}, by text message"),
        ReminderMethod::Alarm => phrase!("{ahead}, as an alarm"),
        ReminderMethod::Default | ReminderMethod::Alert => ahead,
    }
}

/// Formats an interval, such as `2 hours before`, and the time it refers to.
fn span(seconds: i64, none: &str, of: &str) -> String {
    let (number, unit) = match seconds {
        0 => return none.to_owned(),
        s if s % 604_800 == 0 => (s / 604_800, phrase("week")),
        s if s % 86_400 == 0 => (s / 86_400, phrase("day")),
        s if s % 3_600 == 0 => (s / 3_600, phrase("hour")),
        s if s % 60 == 0 => (s / 60, phrase("minute")),
        s => (s, phrase("second")),
    };
    let side = if number < 0 {
        phrase("after")
    } else {
        phrase("before")
    };
    let number = number.unsigned_abs();
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{plural} {side}{of}")
}

fn guest(attendee: &Attendee, fields: &mut Fields) {
    let name = attendee
        .name
        .as_deref()
        .map(line)
        .filter(|name| !name.is_empty());
    let address = [&attendee.email, &attendee.identity];
    let address = address
        .into_iter()
        .flatten()
        .map(|text| line(text))
        .find(|text| !text.is_empty());
    let (who, more) = match (name, address) {
        (Some(name), address) => (name, address.unwrap_or_default()),
        (None, Some(address)) => (address, String::new()),
        (None, None) => return,
    };
    let status = match attendee.status {
        AttendeeStatus::Unset => "",
        AttendeeStatus::Accepted => phrase("accepted"),
        AttendeeStatus::Declined => phrase("declined"),
        AttendeeStatus::Invited => phrase("invited"),
        AttendeeStatus::Tentative => phrase("maybe"),
    };
    let role = match attendee.role {
        AttendeeRole::Optional => phrase("optional"),
        AttendeeRole::Resource => phrase("room or equipment"),
        AttendeeRole::Unset | AttendeeRole::Required => "",
    };
    let organizer = if attendee.organizer {
        phrase("organiser")
    } else {
        ""
    };
    fields.add_with(phrase("Guest"), &who, &[&more, status, role, organizer]);
}
