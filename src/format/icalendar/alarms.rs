//! Writes VALARM (RFC 5545 section 3.6.6).

use super::duration::signed_text;
use super::lines::{Lines, escaped};
use super::moment::{self, Anchor, Stamp};
use crate::format::Losses;
use crate::model::{Again, Moment, Reminder, ReminderMethod, Trigger};
use crate::phrase;

/// Limit for the time of a reminder, about ten years before or after. A reminder beyond the limit is not
/// written.
const MAX_MINUTES: i64 = 10 * 366 * 24 * 60;
/// Default reminder of Android's own calendar app.
const DEFAULT_MINUTES: i64 = 10;

/// The component that the reminders belong to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Of<'a> {
    pub summary: Option<&'a str>,
    /// The component has an end or a due time but no start, so reminders count from that end.
    pub end_alone: bool,
}

/// Writes VALARMs. All have ACTION:DISPLAY, because an EMAIL alarm would make a server write to the guests. Counts
/// reminders that VALARM cannot express.
pub(super) fn write_reminders(
    lines: &mut Lines,
    reminders: &[Reminder],
    of: Of<'_>,
    losses: &mut Losses,
) {
    for reminder in reminders {
        match trigger(reminder, of) {
            Some(trigger) => write_reminder(lines, &trigger, reminder, of, losses),
            None => losses.add(phrase(
                "reminders more than ten years away, or at a time that can't be written",
            )),
        }
    }
}

fn write_reminder(
    lines: &mut Lines,
    trigger: &str,
    reminder: &Reminder,
    of: Of<'_>,
    losses: &mut Losses,
) {
    let Reminder {
        // Written by `trigger`.
        minutes: _,
        method,
        trigger: _,
        again,
        extended,
    } = reminder;
    if matches!(method, ReminderMethod::Email | ReminderMethod::Sms) {
        losses.add(phrase(
            "reminders by e-mail or text message (they become reminders on the screen)",
        ));
    }
    let recipients = extended.iter().filter(|p| p.name.starts_with("ATTENDEE"));
    for _ in recipients {
        losses.add(phrase("recipients of reminders by e-mail"));
    }
    // A name without a colon is a built-in sound of a program. VALARMs with ACTION:DISPLAY have no sound.
    let sounds = extended.iter().filter(|p| p.name.starts_with("ATTACH"));
    for sound in sounds {
        let name = if sound.name.contains("VALUE=BINARY") {
            ""
        } else {
            sound.value.as_str()
        };
        let title = of.summary.unwrap_or_default();
        let named = [title, name].map(str::trim);
        let named = named.into_iter().filter(|text| !text.is_empty());
        let named: Vec<&str> = named.collect();
        losses.add_named(phrase("sounds and files of reminders"), &named.join(", "));
    }
    let text = extended.iter().find(|p| p.name == "DESCRIPTION");
    lines.begin("VALARM");
    lines.line("ACTION:DISPLAY");
    describe(lines, text.map(|text| text.value.as_str()).or(of.summary));
    lines.line(trigger);
    if let Some(again) = again {
        repeat(lines, again);
    }
    lines.end("VALARM");
}

/// Writes one alarm.
pub(super) fn write_alarm(lines: &mut Lines, trigger: &str, summary: Option<&str>) {
    lines.begin("VALARM");
    lines.line("ACTION:DISPLAY");
    describe(lines, summary);
    lines.line(trigger);
    lines.end("VALARM");
}

fn describe(lines: &mut Lines, text: Option<&str>) {
    let shown = text.filter(|text| text.chars().any(|c| !c.is_control() && c != ' '));
    let shown = escaped(shown.unwrap_or("Reminder"));
    lines.line(&format!("DESCRIPTION:{shown}"));
}

fn repeat(lines: &mut Lines, again: &Again) {
    let Again { times, seconds } = again;
    lines.line(&format!("REPEAT:{times}"));
    lines.line(&format!("DURATION:{}", signed_text(*seconds)));
}

/// Returns the TRIGGER of a reminder; None if the reminder cannot be written.
fn trigger(reminder: &Reminder, of: Of<'_>) -> Option<String> {
    let after = |seconds: i64, of_end: bool| {
        let related = if of_end { ";RELATED=END" } else { "" };
        (-MAX_MINUTES * 60..=MAX_MINUTES * 60)
            .contains(&seconds)
            .then(|| format!("TRIGGER{related}:{}", signed_text(seconds)))
    };
    let before = |minutes: i64| after(minutes.checked_mul(-60)?, of.end_alone);
    match &reminder.trigger {
        Some(Trigger::Start(seconds)) => after(*seconds, of.end_alone),
        Some(Trigger::End(seconds)) => after(*seconds, true),
        Some(Trigger::At(moment)) => at(moment).or_else(|| before(reminder.minutes?)),
        None => before(reminder.minutes.unwrap_or(DEFAULT_MINUTES)),
    }
}

/// An absolute trigger must be in UTC, so a date or a floating time has none.
fn at(moment: &Moment) -> Option<String> {
    match moment::ready(moment, false)?.stamp {
        Stamp::Date(_) | Stamp::Floating(_) => None,
        timed => moment::in_anchor(timed.instant(), Anchor::Utc)
            .map(|utc| utc.property("TRIGGER;VALUE=DATE-TIME")),
    }
}
