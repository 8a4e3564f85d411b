//! Recurrence rules: rows of the table `Recurrence` as RFC 5545 writes them.
//!
//! Sources of the numbers: EventKit's `EKRecurrenceFrequency` plus 1, and icalPal's `event.rb` for the specifier.

use crate::handset::iphone::databases::cocoa;
use crate::handset::iphone::databases::row::Row;

const WEEKDAYS: [&str; 7] = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

/// A rule, and the parts of its row that have no meaning for Lifeboat.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// `None`: there is no rule without the unknown parts.
    pub text: Option<String>,
    pub unknown: Vec<String>,
}

/// Returns the rule of a row. `is_all_day`: the series consists of days.
pub fn rule(row: &Row, is_all_day: bool) -> Rule {
    let mut unknown = Vec::new();
    let frequency = match row.number("frequency") {
        Some(1) => "DAILY",
        Some(2) => "WEEKLY",
        Some(3) => "MONTHLY",
        Some(4) => "YEARLY",
        other => {
            unknown.push(format!("frequency {}", other.unwrap_or_default()));
            unknown.extend(row.text("specifier"));
            return Rule {
                text: None,
                unknown,
            };
        }
    };
    let mut parts = vec![format!("FREQ={frequency}")];
    if let Some(interval) = row.number("interval").filter(|interval| *interval > 1) {
        parts.push(format!("INTERVAL={interval}"));
    }
    if let Some(count) = row.number("count").filter(|count| *count > 0) {
        parts.push(format!("COUNT={count}"));
    } else if let Some(end) = row.real("end_date").filter(|end| *end != 0.0) {
        let until = match is_all_day {
            true => cocoa::date(end),
            false => cocoa::utc(end),
        };
        match until {
            Some(until) => parts.push(format!("UNTIL={until}")),
            None => unknown.push(format!("end_date {end}")),
        }
    }
    let specifier = row.text("specifier").unwrap_or_default();
    let mut has_months = false;
    for part in specifier.split(';').filter(|part| !part.trim().is_empty()) {
        match read(part) {
            Some(read) => {
                has_months |= read.starts_with("BYMONTH=");
                parts.push(read);
            }
            None => unknown.push(part.to_owned()),
        }
    }
    // Bit 0 is January. Since iOS 5, the same months are also in the specifier.
    let months = row.number("by_month_months").unwrap_or_default();
    if !has_months && (1..=0xfff).contains(&months) && frequency == "YEARLY" {
        let months = (1..=12).filter(|month| months >> (month - 1) & 1 == 1);
        let months: Vec<String> = months.map(|month| month.to_string()).collect();
        parts.push(format!("BYMONTH={}", months.join(",")));
    }
    // 1 is Sunday; 0: the calendar's own.
    let start = row
        .number("week_start")
        .and_then(|day| usize::try_from(day - 1).ok());
    if let Some(day) = start.and_then(|day| WEEKDAYS.get(day)) {
        parts.push(format!("WKST={day}"));
    }
    Rule {
        text: Some(parts.join(";")),
        unknown,
    }
}

/// Returns a part of a specifier as RFC 5545 writes it: `D=0MO,+2WE` is `BYDAY=MO,2WE`. `None`: it is not understood.
fn read(part: &str) -> Option<String> {
    let (key, list) = part.trim().split_once('=')?;
    let name = match key.trim() {
        "D" => "BYDAY",
        "M" => "BYMONTHDAY",
        "O" => "BYMONTH",
        "S" => "BYSETPOS",
        "W" => "BYWEEKNO",
        "Y" => "BYYEARDAY",
        _ => return None,
    };
    let bounds = match name {
        "BYMONTHDAY" => 31,
        "BYMONTH" => 12,
        "BYWEEKNO" => 53,
        _ => 366,
    };
    let values = list.split(',').map(|value| match name {
        "BYDAY" => weekday(value.trim()),
        _ => number(value.trim(), bounds),
    });
    let values: Vec<String> = values.collect::<Option<_>>()?;
    (!values.is_empty()).then(|| format!("{name}={}", values.join(",")))
}

fn weekday(value: &str) -> Option<String> {
    let at = value.len().checked_sub(2)?;
    let (which, day) = value.split_at_checked(at)?;
    let day = WEEKDAYS.iter().find(|known| **known == day)?;
    let which = match which {
        "" => 0,
        _ => which.parse::<i32>().ok()?,
    };
    match which {
        0 => Some((*day).to_owned()),
        -53..=53 => Some(format!("{which}{day}")),
        _ => None,
    }
}

fn number(value: &str, most: i32) -> Option<String> {
    let number = value.parse::<i32>().ok()?;
    (number != 0 && (-most..=most).contains(&number)).then(|| number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specifiers_are_read() {
        for (part, expected) in [
            ("D=0MO,0WE", Some("BYDAY=MO,WE")),
            ("D=MO", Some("BYDAY=MO")),
            ("D=+2TU", Some("BYDAY=2TU")),
            ("D=-1FR", Some("BYDAY=-1FR")),
            ("M=1,15,-1", Some("BYMONTHDAY=1,15,-1")),
            ("O=1,12", Some("BYMONTH=1,12")),
            ("S=-1", Some("BYSETPOS=-1")),
            ("D=", None),
            ("D=XX", None),
            ("D=é", None),
            ("M=32", None),
            ("Q=1", None),
            ("FREQ", None),
        ] {
            assert_eq!(read(part).as_deref(), expected, "{part}");
        }
    }
}
