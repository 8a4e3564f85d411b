//! Recurrence rules of reminders (`REMCDRecurrenceRule`). The frequencies are EventKit's, with 4 for hourly; lists of days
//! and months are JSON.

use serde_json::Value;

use crate::handset::iphone::databases::cocoa;
use crate::handset::iphone::databases::row::Row;

const WEEKDAYS: [&str; 7] = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"];

/// The lists, and how RFC 5545 names them.
const LISTS: [(&str, &str); 5] = [
    ("ZDAYSOFTHEMONTH", "BYMONTHDAY"),
    ("ZMONTHSOFTHEYEAR", "BYMONTH"),
    ("ZDAYSOFTHEYEAR", "BYYEARDAY"),
    ("ZWEEKSOFTHEYEAR", "BYWEEKNO"),
    ("ZSETPOSITIONS", "BYSETPOS"),
];

/// Returns a rule as RFC 5545 writes it, and the parts that are not understood.
pub fn rule(row: &Row, is_day: bool) -> (Option<String>, Vec<String>) {
    let mut unknown = Vec::new();
    let frequency = match row.number("ZFREQUENCY") {
        Some(0) => "DAILY",
        Some(1) => "WEEKLY",
        Some(2) => "MONTHLY",
        Some(3) => "YEARLY",
        Some(4) => "HOURLY",
        other => return (None, vec![format!("ZFREQUENCY {}", other.unwrap_or(-1))]),
    };
    let mut parts = vec![format!("FREQ={frequency}")];
    if let Some(interval) = row.number("ZINTERVAL").filter(|interval| *interval > 1) {
        parts.push(format!("INTERVAL={interval}"));
    }
    if let Some(count) = row.number("ZOCCURRENCECOUNT").filter(|count| *count > 0) {
        parts.push(format!("COUNT={count}"));
    } else if let Some(end) = row.real("ZENDDATE").filter(|end| *end != 0.0) {
        let until = match is_day {
            true => cocoa::date(end),
            false => cocoa::utc(end),
        };
        match until {
            Some(until) => parts.push(format!("UNTIL={until}")),
            None => unknown.push(format!("ZENDDATE {end}")),
        }
    }
    let mut add = |column: &str, name: &str, read: &dyn Fn(&Value) -> Option<String>| {
        let Some(bytes) = row.bytes(column).filter(|bytes| !bytes.is_empty()) else {
            return;
        };
        let list = serde_json::from_slice::<Vec<Value>>(bytes).ok();
        let values = list.and_then(|list| list.iter().map(read).collect::<Option<Vec<_>>>());
        match values {
            Some(values) if values.is_empty() => {}
            Some(values) => parts.push(format!("{name}={}", values.join(","))),
            None => unknown.push(format!("{column} {}", String::from_utf8_lossy(bytes))),
        }
    };
    add("ZDAYSOFTHEWEEK", "BYDAY", &weekday);
    for (column, name) in LISTS {
        add(column, name, &number);
    }
    (Some(parts.join(";")), unknown)
}

fn number(value: &Value) -> Option<String> {
    let number = value.as_i64()?;
    (number != 0 && (-366..=366).contains(&number)).then(|| number.to_string())
}

/// `2`, or `{"dayOfTheWeek": 2, "weekNumber": -1}`: 1 is Sunday.
fn weekday(value: &Value) -> Option<String> {
    let day = value
        .as_i64()
        .or_else(|| value.get("dayOfTheWeek")?.as_i64())?;
    let day = WEEKDAYS.get(usize::try_from(day.checked_sub(1)?).ok()?)?;
    match value.get("weekNumber").and_then(Value::as_i64) {
        None | Some(0) => Some((*day).to_owned()),
        Some(week) if (-53..=53).contains(&week) => Some(format!("{week}{day}")),
        Some(_) => None,
    }
}
