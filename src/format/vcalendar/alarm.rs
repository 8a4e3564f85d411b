//! AALARM (a sound), DALARM (a text), MALARM (a mail) and PALARM (a program): `time;snooze;repeat;more`.

use crate::model::ReminderMethod;

/// An alarm of vCalendar 1.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Alarm<'a> {
    pub method: ReminderMethod,
    /// Time of the alarm: a date and time, or, from some phones, a duration.
    pub time: &'a str,
    /// Interval until it goes off again (a duration), and the number of repetitions.
    pub again: Option<(&'a str, u32)>,
    /// It has further content: a sound or a text.
    pub more: bool,
}

/// Reminder method for a property name; None if the property is not an alarm.
pub(crate) fn alarm_method(name: &str) -> Option<ReminderMethod> {
    match name {
        "AALARM" => Some(ReminderMethod::Alarm),
        "DALARM" => Some(ReminderMethod::Alert),
        "MALARM" => Some(ReminderMethod::Email),
        "PALARM" => Some(ReminderMethod::Default),
        _ => None,
    }
}

/// Reads the parts of an alarm property; None if it has no time.
pub(crate) fn alarm(method: ReminderMethod, parts: &[String]) -> Option<Alarm<'_>> {
    let (time, rest) = parts.split_first()?;
    let time = time.trim();
    let part = |at: usize| rest.get(at).map_or("", |part| part.trim());
    // 0 repetitions means none.
    let again = match (part(0), part(1).parse()) {
        ("", _) | (_, Err(_) | Ok(0)) => None,
        (snooze, Ok(times)) => Some((snooze, times)),
    };
    let rest = rest.get(if again.is_some() { 2 } else { 0 }..);
    let mut rest = rest.unwrap_or_default().iter();
    let more = rest.any(|part| !matches!(part.trim(), "" | "0"));
    (!time.is_empty()).then_some(Alarm {
        method,
        time,
        again,
        more,
    })
}
