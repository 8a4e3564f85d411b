//! VALARM, and vCalendar 1.0's alarms.

use super::super::duration::span;
use super::zones::Time;
use super::{Reading, jsons};
use crate::format::vcalendar;
use crate::format::versit::{Component, Fault, Property};
use crate::model::{Moment, Reminder, ReminderMethod};

impl Reading<'_> {
    pub(super) fn reminders(
        &mut self,
        component: &Component,
        start: Option<&Time>,
        end: Option<&Time>,
    ) -> Vec<Reminder> {
        let mut reminders: Vec<Reminder> = jsons(component, "X-LIFEBOAT-REMINDER");
        for alarm in component.components.iter().filter(|c| c.name == "VALARM") {
            let Some(trigger) = alarm.first("TRIGGER") else {
                self.complain(alarm, Fault::Value, "VALARM without TRIGGER");
                continue;
            };
            let by_default = alarm.first("X-LIFEBOAT-DEFAULT-REMINDER").is_some();
            let minutes = self.minutes(trigger, start, end);
            if minutes.is_none() {
                self.complain_of(trigger, Fault::Value);
                continue;
            }
            reminders.push(Reminder {
                minutes: minutes.filter(|_| !by_default),
                method: method(alarm),
            });
        }
        for property in &component.properties {
            let parts = property.parts();
            let Some(alarm) = vcalendar::alarm(&property.name, &parts) else {
                continue;
            };
            let minutes = match signed_span(alarm.time) {
                Some(seconds) => Some(-seconds / 60),
                None => self.before(alarm.time, None, start),
            };
            let Some(minutes) = minutes else {
                self.complain_of(property, Fault::Value);
                continue;
            };
            // The same moment as a sound and as a text is one reminder.
            let known = reminders
                .iter()
                .take(64)
                .any(|r| r.minutes == Some(minutes));
            if !known {
                reminders.push(Reminder {
                    minutes: Some(minutes),
                    method: alarm.method,
                });
            }
        }
        reminders
    }

    /// When a to-do reminds: of all its alarms the first that says so.
    pub(super) fn reminder(
        &mut self,
        component: &Component,
        start: Option<&Time>,
        due: Option<&Time>,
    ) -> Option<Moment> {
        for alarm in component.components.iter().filter(|c| c.name == "VALARM") {
            let Some(trigger) = alarm.first("TRIGGER") else {
                continue;
            };
            let text = trigger.text();
            let of_end = trigger
                .parameter("RELATED")
                .is_some_and(|of| of.eq_ignore_ascii_case("END"));
            let base = if of_end { due.or(start) } else { start.or(due) };
            let moment = match (signed_span(&text), base) {
                (Some(seconds), Some(base)) => shifted(&base.moment, seconds),
                (Some(_), None) => None,
                (None, _) => self
                    .zones
                    .time(trigger, None, false)
                    .map(|time| time.moment),
            };
            match moment {
                Some(moment) => return Some(moment),
                None => self.complain_of(trigger, Fault::Value),
            }
        }
        for property in &component.properties {
            let parts = property.parts();
            if let Some(alarm) = vcalendar::alarm(&property.name, &parts) {
                match self.zones.time_of(alarm.time, None) {
                    Some(time) => return Some(time.moment),
                    None => self.complain_of(property, Fault::Value),
                }
            }
        }
        None
    }

    /// Minutes before the start.
    fn minutes(
        &mut self,
        trigger: &Property,
        start: Option<&Time>,
        end: Option<&Time>,
    ) -> Option<i64> {
        let text = trigger.text();
        let Some(seconds) = signed_span(&text) else {
            return self.before(&text, trigger.parameter("TZID"), start);
        };
        let of_end = trigger
            .parameter("RELATED")
            .is_some_and(|of| of.eq_ignore_ascii_case("END"));
        let length = match (start, end) {
            (Some(start), Some(end)) if of_end => (end.wall - start.wall).num_seconds(),
            _ => 0,
        };
        Some((-seconds - length).div_euclid(60))
    }

    /// How many minutes a moment is before the start.
    fn before(&self, text: &str, zone: Option<&str>, start: Option<&Time>) -> Option<i64> {
        let time = self.zones.time_of(text, zone)?;
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
}

fn method(alarm: &Component) -> ReminderMethod {
    let word = |name: &str| alarm.text(name).unwrap_or_default().to_ascii_uppercase();
    let own = word("X-LIFEBOAT-METHOD");
    let action = word("ACTION");
    match (own.trim(), action.trim()) {
        ("ALERT", _) => ReminderMethod::Alert,
        ("EMAIL", _) | ("", "EMAIL") => ReminderMethod::Email,
        ("SMS", _) => ReminderMethod::Sms,
        ("ALARM", _) | ("", "AUDIO") => ReminderMethod::Alarm,
        _ => ReminderMethod::Default,
    }
}

/// A DURATION that may be negative, in seconds.
fn signed_span(text: &str) -> Option<i64> {
    let text = text.trim();
    match text.strip_prefix('-') {
        Some(positive) => Some(-span(positive)?.total_seconds()),
        None => Some(span(text)?.total_seconds()),
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
