//! Reads VALARM and the alarms of vCalendar 1.0.

use std::collections::HashSet;

use super::super::duration::signed_span;
use super::Reading;
use super::extras::kept;
use super::zones::Time;
use crate::format::vcalendar;
use crate::format::versit::{Component, Fault, Property};
use crate::model::{Again, Moment, Reminder, ReminderMethod, Trigger};
use crate::phrase;

/// Start and length of the event or to-do that the alarm belongs to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Lasting<'a> {
    pub start: Option<&'a Time>,
    /// In seconds.
    pub length: Option<i64>,
}

impl<'a> Lasting<'a> {
    /// Start and length of an event: from its start and end, or from its start and DURATION.
    pub fn of(component: &Component, start: Option<&'a Time>, end: Option<&Time>) -> Self {
        let length = match (start, end) {
            (Some(start), Some(end)) => Some((end.wall - start.wall).num_seconds()),
            _ => component
                .text("DURATION")
                .and_then(|text| signed_span(&text)),
        };
        Self { start, length }
    }
}

impl Reading<'_> {
    pub(super) fn reminders(&mut self, component: &Component, of: Lasting<'_>) -> Vec<Reminder> {
        let mut reminders: Vec<Reminder> = Vec::new();
        for alarm in component.components.iter().filter(|c| c.name == "VALARM") {
            reminders.extend(self.alarm(component, alarm, of));
        }
        let mut known: HashSet<Option<i64>> = reminders.iter().map(|r| r.minutes).collect();
        for property in &component.properties {
            let Some(method) = vcalendar::alarm_method(&property.name) else {
                continue;
            };
            let parts = property.parts();
            let Some(alarm) = vcalendar::alarm(method, &parts) else {
                continue;
            };
            let minutes = match signed_span(alarm.time) {
                Some(seconds) => Some(-seconds / 60),
                None => self
                    .zones
                    .time_of(alarm.time, None)
                    .and_then(|time| before(&time, of.start)),
            };
            let Some(minutes) = minutes else {
                self.complain_of(property, Fault::Value);
                continue;
            };
            let again = alarm.again.and_then(|(snooze, times)| {
                let seconds = signed_span(snooze).filter(|seconds| *seconds > 0)?;
                Some(Again { times, seconds })
            });
            // A sound and a text at the same moment count as one reminder.
            if known.insert(Some(minutes)) {
                reminders.push(Reminder {
                    minutes: Some(minutes),
                    method: alarm.method,
                    trigger: None,
                    again,
                    extended: Vec::new(),
                });
            }
        }
        reminders
    }

    /// Reads a VALARM.
    fn alarm(
        &mut self,
        component: &Component,
        alarm: &Component,
        of: Lasting<'_>,
    ) -> Option<Reminder> {
        if is_none(alarm) {
            return None;
        }
        let Some(property) = alarm.first("TRIGGER") else {
            self.complain(alarm, Fault::Value, phrase("VALARM without TRIGGER"));
            return None;
        };
        let Some((minutes, trigger)) = self.trigger(property, of) else {
            self.complain_of(property, Fault::Value);
            return None;
        };
        let again = self.again(alarm);
        let title = component.text("SUMMARY");
        let says_nothing = |property: &Property| match property.name.as_str() {
            "TRIGGER" | "REPEAT" | "DURATION" => true,
            "ACTION" => ["DISPLAY", "AUDIO", "EMAIL"]
                .iter()
                .any(|known| property.raw.trim().eq_ignore_ascii_case(known)),
            // The placeholder that Google, Apple and Lifeboat write if there is no text.
            "DESCRIPTION" => {
                let text = property.text();
                let empty = [
                    "",
                    "Reminder",
                    "This is an event reminder",
                    "Event reminder",
                ];
                empty.contains(&text.trim()) || Some(&text) == title.as_ref()
            }
            _ => false,
        };
        let all = alarm.properties.iter().filter(|p| !says_nothing(p));
        let extended = all.filter_map(kept).collect();
        Some(Reminder {
            minutes,
            method: method(alarm),
            trigger,
            again,
            extended,
        })
    }

    /// Reads REPEAT and DURATION, which must occur together.
    fn again(&mut self, alarm: &Component) -> Option<Again> {
        let repeat = alarm.first("REPEAT")?;
        let times: Option<u32> = repeat.raw.trim().parse().ok();
        if times == Some(0) {
            return None;
        }
        let length = alarm.text("DURATION").and_then(|text| signed_span(&text));
        let again = times.zip(length.filter(|seconds| *seconds > 0));
        if again.is_none() {
            self.complain_of(repeat, Fault::Value);
        }
        again.map(|(times, seconds)| Again { times, seconds })
    }

    /// Returns the minutes before the start, if known, and the full trigger if the minutes do not express it.
    fn trigger(
        &mut self,
        property: &Property,
        of: Lasting<'_>,
    ) -> Option<(Option<i64>, Option<Trigger>)> {
        let text = property.text();
        // Some programs write the parameter into the value.
        let text = text.trim().strip_prefix("VALUE=DURATION:").unwrap_or(&text);
        let Some(seconds) = signed_span(text) else {
            let time = self.zones.time(property, None, None)?;
            return Some((before(&time, of.start), Some(Trigger::At(time.moment))));
        };
        let of_end = property
            .parameter("RELATED")
            .is_some_and(|of| of.trim().eq_ignore_ascii_case("END"));
        if of_end {
            let before = of.length.and_then(|length| seconds.checked_add(length));
            let minutes = before.map(|seconds| (-seconds).div_euclid(60));
            return Some((minutes, Some(Trigger::End(seconds))));
        }
        let exact = (seconds % 60 != 0).then_some(Trigger::Start(seconds));
        Some((Some((-seconds).div_euclid(60)), exact))
    }

    /// Returns the moment of the first reminder of a to-do that has one. Tasks.org has reminders relative to a due time
    /// that the to-do does not have. Such reminders are kept but have no moment.
    pub(super) fn first_moment(
        &self,
        reminders: &[Reminder],
        start: Option<&Time>,
        due: Option<&Time>,
    ) -> Option<Moment> {
        let of_reminder = |reminder: &Reminder| {
            let Reminder {
                minutes,
                trigger,
                method: _,
                again: _,
                extended: _,
            } = reminder;
            match trigger {
                Some(Trigger::At(moment)) => Some(moment.clone()),
                Some(Trigger::Start(seconds)) => shifted(&start.or(due)?.moment, *seconds),
                Some(Trigger::End(seconds)) => shifted(&due.or(start)?.moment, *seconds),
                None => shifted(&start.or(due)?.moment, minutes.as_ref()?.checked_mul(-60)?),
            }
        };
        reminders.iter().find_map(of_reminder)
    }

    /// Returns the moment of the first vCalendar 1.0 alarm of a to-do.
    pub(super) fn old_reminder(&mut self, component: &Component) -> Option<Moment> {
        for property in &component.properties {
            let Some(method) = vcalendar::alarm_method(&property.name) else {
                continue;
            };
            if let Some(alarm) = vcalendar::alarm(method, &property.parts()) {
                match self.zones.time_of(alarm.time, None) {
                    Some(time) => return Some(time.moment),
                    None => self.complain_of(property, Fault::Value),
                }
            }
        }
        None
    }

    /// Reads the VALARMs of a to-do.
    pub(super) fn todo_reminders(
        &mut self,
        component: &Component,
        start: Option<&Time>,
        due: Option<&Time>,
    ) -> Vec<Reminder> {
        let alarms = component.components.iter().filter(|c| c.name == "VALARM");
        let length = start.zip(due);
        let of = Lasting {
            start: start.or(due),
            length: length.map(|(start, due)| (due.wall - start.wall).num_seconds()),
        };
        alarms
            .filter_map(|alarm| self.alarm(component, alarm, of))
            .collect()
    }
}

/// Minutes from a moment to the start.
fn before(time: &Time, start: Option<&Time>) -> Option<i64> {
    let start = start?;
    let seconds = match (&time.moment, &start.moment) {
        (
            Moment::Time {
                millis: at,
                zone: a,
            },
            Moment::Time {
                millis: start,
                zone: b,
            },
        ) if (a == Moment::FLOATING) == (b == Moment::FLOATING) => {
            start.checked_sub(*at)?.div_euclid(1000)
        }
        _ => (start.wall - time.wall).num_seconds(),
    };
    Some(seconds.div_euclid(60))
}

/// True for Apple's mark of an event without a reminder: an alarm in 1976.
pub(super) fn is_none(alarm: &Component) -> bool {
    let action = alarm.first("ACTION");
    action.is_some_and(|action| action.raw.trim().eq_ignore_ascii_case("NONE"))
}

fn method(alarm: &Component) -> ReminderMethod {
    let word = |name: &str| alarm.text(name).unwrap_or_default().to_ascii_uppercase();
    match word("ACTION").trim() {
        "EMAIL" => ReminderMethod::Email,
        "AUDIO" => ReminderMethod::Alarm,
        _ => ReminderMethod::Default,
    }
}

fn shifted(moment: &Moment, seconds: i64) -> Option<Moment> {
    Some(match moment {
        Moment::Date(days) => Moment::Time {
            millis: days
                .checked_mul(86_400)?
                .checked_add(seconds)?
                .checked_mul(1000)?,
            zone: Moment::FLOATING.to_owned(),
        },
        Moment::Time { millis, zone } => Moment::Time {
            millis: millis.checked_add(seconds.checked_mul(1000)?)?,
            zone: zone.clone(),
        },
    })
}
