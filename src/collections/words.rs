//! Days, times and recurrence rules in words.

use chrono::{Datelike, NaiveDate, Weekday};

use crate::format::icalendar::days::{self, Every, Pattern, Shown};
use crate::model::{Event, Moment};
use crate::phrase;

/// Formats a day: `Mon 9 Mar 2026`.
pub fn day(day: NaiveDate) -> String {
    day.format("%a %-d %b %Y").to_string()
}

/// Returns the place in a zone's name: `New York` for `America/New_York`.
pub fn city(zone: &str) -> String {
    zone.rsplit('/').next().unwrap_or(zone).replace('_', " ")
}

/// Formats a moment with its zone: `Mon 9 Mar 2026, 09:30, Europe/Berlin`.
pub fn moment(moment: &Moment) -> String {
    match days::shown(moment) {
        Some(shown) => format!("{}{}", clock(&shown), in_zone(moment, &shown)),
        None => match moment {
            Moment::Date(days) => phrase!("{days} days since 1970"),
            Moment::Time { millis, .. } => phrase!("{millis} ms since 1970"),
        },
    }
}

/// Formats day and time without the zone.
pub fn clock(shown: &Shown) -> String {
    match shown.time {
        Some(time) => format!("{}, {}", day(shown.day), time.format("%H:%M")),
        None => day(shown.day),
    }
}

/// Formats a zone: `, Europe/Berlin`. An unknown zone counts as UTC, and its name is shown as well.
pub fn in_zone(moment: &Moment, shown: &Shown) -> String {
    match moment {
        Moment::Date(_) => String::new(),
        Moment::Time { zone, .. } if shown.unknown_zone => {
            phrase!(", UTC (the phone says {zone:?})")
        }
        Moment::Time { .. } => format!(", {}", shown.zone),
    }
}

/// Describes the recurrence rules in words: `every 2 weeks on Mon and Wed, 20 times`. Returns `None` for a rule that
/// words don't make any shorter.
pub fn rules(event: &Event) -> Option<String> {
    let start = days::shown(event.start.as_ref()?)?.day;
    let rules: Option<Vec<String>> = days::patterns(event)?
        .iter()
        .map(|(pattern, last)| rule(pattern, *last, start))
        .collect();
    rules
        .filter(|rules| !rules.is_empty())
        .map(|rules| rules.join(phrase("; and ")))
}

fn rule(pattern: &Pattern, last: Option<NaiveDate>, start: NaiveDate) -> Option<String> {
    if !pattern.positions.is_empty() {
        return None;
    }
    let mut words = match pattern.every {
        Every::Day => plain(pattern, phrase("day"))?,
        Every::Week => {
            let days = match pattern.weekdays.is_empty() {
                true => short(start.weekday()).to_owned(),
                false => listed(
                    pattern
                        .weekdays
                        .iter()
                        .map(|(_, day)| short(*day).to_owned()),
                ),
            };
            if !pattern.months.is_empty() {
                return None;
            }
            phrase!("{} on {days}", turns(pattern.interval, phrase("week")))
        }
        Every::Month => {
            if !pattern.months.is_empty() {
                return None;
            }
            phrase!(
                "{} on {}",
                turns(pattern.interval, phrase("month")),
                in_month(pattern, start)?
            )
        }
        Every::Year => {
            let month = match pattern.months.as_slice() {
                [] if pattern.weekdays.is_empty() && pattern.month_days.is_empty() => start.month(),
                [month] => *month,
                _ => return None,
            };
            let every = turns(pattern.interval, phrase("year"));
            let month = NaiveDate::from_ymd_opt(2000, month, 1)?.format("%B");
            if pattern.weekdays.is_empty() && pattern.month_days.is_empty() {
                phrase!("{every} on {} {month}", start.day())
            } else {
                phrase!("{every} on {} of {month}", in_month(pattern, start)?)
            }
        }
    };
    match (pattern.count, last) {
        (Some(count), _) => words.push_str(&phrase!(", {count} times")),
        (None, Some(last)) => words.push_str(&phrase!(", until {}", day(last))),
        (None, None) => {}
    }
    Some(words)
}

/// Describes a daily rule that is not limited to certain months or days of the month.
fn plain(pattern: &Pattern, unit: &str) -> Option<String> {
    let whole = pattern.months.is_empty() && pattern.month_days.is_empty();
    if !whole {
        return None;
    }
    let every = turns(pattern.interval, unit);
    Some(match pattern.weekdays.is_empty() {
        true => every,
        false => {
            let days = pattern
                .weekdays
                .iter()
                .map(|(_, day)| short(*day).to_owned());
            phrase!(
                "{every}, only on {}",
                listed(days).replace(phrase(" and "), phrase(" or "))
            )
        }
    })
}

/// Describes days in a month: `the 31st`, `the last Fri`, `each Mon`.
fn in_month(pattern: &Pattern, start: NaiveDate) -> Option<String> {
    match (pattern.weekdays.as_slice(), pattern.month_days.as_slice()) {
        ([], []) => Some(phrase!("the {}", ordinal(start.day().into()))),
        ([], numbers) => Some(phrase!(
            "the {}",
            listed(numbers.iter().map(|number| match number {
                -1 => phrase("last day").to_owned(),
                number => ordinal((*number).into()),
            }))
        )),
        (weekdays, []) => Some(listed(weekdays.iter().map(|(number, day)| match number {
            0 => phrase!("each {}", short(*day)),
            number => phrase!("the {} {}", ordinal((*number).into()), short(*day)),
        }))),
        _ => None,
    }
}

fn turns(interval: u32, unit: &str) -> String {
    match interval {
        1 => phrase!("every {unit}"),
        interval => phrase!("every {interval} {unit}s"),
    }
}

/// Formats an ordinal: `1st`, `22nd`, `last`, `3rd from the end`.
fn ordinal(number: i64) -> String {
    let ending = |number: i64| match (number % 10, number % 100) {
        (_, 11..=13) => phrase("th"),
        (1, _) => phrase("st"),
        (2, _) => phrase("nd"),
        (3, _) => phrase("rd"),
        _ => phrase("th"),
    };
    match number {
        -1 => phrase("last").to_owned(),
        ..0 => phrase!("{}{} last", -number, ending(-number)),
        _ => format!("{number}{}", ending(number)),
    }
}

fn short(day: Weekday) -> &'static str {
    [
        phrase("Mon"),
        phrase("Tue"),
        phrase("Wed"),
        phrase("Thu"),
        phrase("Fri"),
        phrase("Sat"),
        phrase("Sun"),
    ][day.num_days_from_monday() as usize]
}

/// Joins items: `a, b and c`.
fn listed(items: impl Iterator<Item = String>) -> String {
    let mut items: Vec<String> = items.collect();
    match items.pop() {
        None => String::new(),
        Some(last) if items.is_empty() => last,
        Some(last) => phrase!("{} and {last}", items.join(", ")),
    }
}
