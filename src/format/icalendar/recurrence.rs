//! Recurrence rules and lists of dates, from a handset's columns to RFC 5545's.

use chrono::{NaiveTime, Timelike};

use super::moment::{Anchor, Digits, Stamp, Zone, digits, in_anchor, instant_of, zone};

/// The lines of a column: folded ones joined, blank ones left out, a leading property name such as `RRULE:`
/// taken off.
pub(super) fn rule_lines(column: &str, name: &str) -> Vec<String> {
    unfolded(column)
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| {
            let rest = line
                .get(..name.len())
                .filter(|head| head.eq_ignore_ascii_case(name))
                .and_then(|_| line.get(name.len()..)?.strip_prefix(':'));
            rest.unwrap_or(line).trim().to_owned()
        })
        .collect()
}

fn unfolded(column: &str) -> String {
    column
        .replace("\r\n", "\n")
        .replace("\n ", "")
        .replace("\n\t", "")
}

/// A RRULE that RFC 5545 section 3.3.10 and 3.8.5.3 allow beside this start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) text: String,
    /// It says something else than the handset's text, if only in another way.
    pub(super) changed: bool,
    pub(super) until: Option<Stamp>,
}

const WEEKDAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
const ORDER: [&str; 14] = [
    "FREQ",
    "UNTIL",
    "COUNT",
    "INTERVAL",
    "BYSECOND",
    "BYMINUTE",
    "BYHOUR",
    "BYDAY",
    "BYMONTHDAY",
    "BYYEARDAY",
    "BYWEEKNO",
    "BYMONTH",
    "BYSETPOS",
    "WKST",
];

/// Reads a rule and mends what is commonly wrong with a handset's: UNTIL becomes what the start's type asks
/// for (a day alone means its end), INTERVAL=0 means 1 as in AOSP's `EventRecurrence`, numbers before the
/// days of a weekly rule and times of day in an all-day event say nothing. Nothing if it is no rule.
pub(super) fn rule(text: &str, anchor: Anchor) -> Option<Rule> {
    let mut parts: Vec<(&'static str, String)> = Vec::new();
    for part in text.split(';').map(str::trim).filter(|p| !p.is_empty()) {
        let (name, value) = part.split_once('=')?;
        let name = ORDER
            .iter()
            .find(|known| known.eq_ignore_ascii_case(name.trim()))?;
        if parts.iter().any(|(known, _)| known == name) {
            return None;
        }
        parts.push((name, value.trim().to_ascii_uppercase()));
    }
    parts.sort_by_key(|(name, _)| ORDER.iter().position(|known| known == name));
    let freq = parts.first().filter(|(name, _)| *name == "FREQ")?.1.clone();
    let rank = [
        "SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY",
    ]
    .iter()
    .position(|known| *known == freq)?;
    let timed = rank < 3;
    let (weekly, monthly, yearly) = (rank == 4, rank == 5, rank == 6);
    let all_day = anchor == Anchor::Date;
    let has = |name: &str| parts.iter().any(|(known, _)| *known == name);
    let has_other_by = parts
        .iter()
        .any(|(name, _)| name.starts_with("BY") && *name != "BYSETPOS");
    let forbidden = (all_day && timed)
        || (has("UNTIL") && has("COUNT"))
        || (has("BYSETPOS") && !has_other_by)
        || (has("BYMONTHDAY") && weekly)
        || (has("BYYEARDAY") && !timed && !yearly)
        || (has("BYWEEKNO") && !yearly);
    if forbidden {
        return None;
    }
    let with_number = (monthly || yearly) && !has("BYWEEKNO");
    let (mut written, mut end) = (Vec::new(), None);
    for (name, value) in &parts {
        let value = match *name {
            "FREQ" => freq.clone(),
            "UNTIL" => match until(value, anchor)? {
                Some(stamp) => {
                    end = Some(stamp);
                    stamp.value()
                }
                None => continue,
            },
            "COUNT" => number(value, 1, i32::MAX.into())?.to_string(),
            "INTERVAL" => number(value, 0, 32_767)?.max(1).to_string(),
            "BYSECOND" | "BYMINUTE" | "BYHOUR" if all_day => continue,
            "BYSECOND" | "BYMINUTE" => numbers(value, 0, 59, false)?,
            "BYHOUR" => numbers(value, 0, 23, false)?,
            "BYDAY" => weekdays(value, with_number, if yearly { 53 } else { 5 })?,
            "BYMONTHDAY" => numbers(value, 1, 31, true)?,
            "BYYEARDAY" | "BYSETPOS" => numbers(value, 1, 366, true)?,
            "BYWEEKNO" => numbers(value, 1, 53, true)?,
            "BYMONTH" => numbers(value, 1, 12, false)?,
            _ => WEEKDAYS
                .iter()
                .find(|day| *day == value)
                .map(|day| (*day).to_owned())?,
        };
        written.push(format!("{name}={value}"));
    }
    let text_as_sorted: Vec<String> = parts.iter().map(|(n, v)| format!("{n}={v}")).collect();
    Some(Rule {
        changed: text_as_sorted != written,
        text: written.join(";"),
        until: end,
    })
}

/// UNTIL: `Some(None)` where it is for ever in all but name (year 9999).
fn until(value: &str, anchor: Anchor) -> Option<Option<Stamp>> {
    if value.starts_with("9999") && value.len() >= 8 {
        return Some(None);
    }
    let (own_zone, target) = match anchor {
        Anchor::Zoned(zone) => (Zone::Named(zone), Anchor::Utc),
        other => (Zone::Utc, other),
    };
    let instant = match digits(value)? {
        Digits::Date(date) if target == Anchor::Date => return Some(Some(Stamp::Date(date))),
        Digits::Date(date) => instant_of(date.and_hms_opt(23, 59, 59)?, own_zone),
        Digits::Wall(wall) => instant_of(wall, own_zone),
        Digits::Utc(time) => time.and_utc().timestamp(),
    };
    in_anchor(instant, target).map(Some)
}

fn number(text: &str, least: i64, most: i64) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || digits.len() > 10 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse()
        .ok()
        .filter(|number| (least..=most).contains(number))
}

/// A list of numbers; `signed` ones may count from the end, and are never 0.
fn numbers(list: &str, least: i64, most: i64, signed: bool) -> Option<String> {
    let least = if signed { -most } else { least };
    let numbers: Option<Vec<String>> = list
        .split(',')
        .map(|item| {
            number(item.trim(), least, most)
                .filter(|number| !(signed && *number == 0))
                .map(|number| number.to_string())
        })
        .collect();
    numbers.map(|numbers| numbers.join(","))
}

fn weekdays(list: &str, with_number: bool, most: i64) -> Option<String> {
    let days: Option<Vec<String>> = list
        .split(',')
        .map(|item| {
            let item = item.trim();
            let (ordinal, day) = item.split_at_checked(item.len().checked_sub(2)?)?;
            let day = WEEKDAYS.iter().find(|known| **known == day)?;
            if ordinal.is_empty() {
                return Some((*day).to_owned());
            }
            let ordinal = number(ordinal, -most, most).filter(|ordinal| *ordinal != 0)?;
            Some(if with_number {
                format!("{ordinal}{day}")
            } else {
                (*day).to_owned()
            })
        })
        .collect();
    days.map(|days| days.join(","))
}

/// The dates of a RDATE or EXDATE column.
#[derive(Debug, Default)]
pub(super) struct DateList {
    pub(super) stamps: Vec<Stamp>,
    /// Some of it could not be read.
    pub(super) broken: bool,
    /// The column says more than the stamps do: it was broken, of another type, in a zone nobody knows.
    pub(super) inexact: bool,
}

/// Reads a RDATE or EXDATE column as AOSP's `RecurrenceSet` does: lines of commas, each line optionally with
/// its zone and a semicolon in front, UTC without; a day alone is its midnight there. RFC 5545's own form,
/// with name and parameters, is read as well.
pub(super) fn date_list(column: &str, name: &str, anchor: Anchor) -> DateList {
    let mut list = DateList::default();
    for line in unfolded(column).lines() {
        let line = line.trim();
        let (zone_name, items) = split_zone(line, name);
        let own_zone = match zone(zone_name) {
            Zone::Unknown => {
                list.inexact = true;
                Zone::Utc
            }
            known => known,
        };
        for item in items.split(',').map(str::trim).filter(|i| !i.is_empty()) {
            let Some(read) = digits(item) else {
                list.broken = true;
                continue;
            };
            let stamp = match (read, anchor) {
                (Digits::Date(date), Anchor::Date) => Some(Stamp::Date(date)),
                (Digits::Date(date), _) => {
                    list.inexact = true;
                    in_anchor(instant_of(date.and_time(NaiveTime::MIN), own_zone), anchor)
                }
                (Digits::Wall(time) | Digits::Utc(time), Anchor::Date) => {
                    list.inexact |= time.num_seconds_from_midnight() != 0;
                    Some(Stamp::Date(time.date()))
                }
                (Digits::Wall(time), _) => in_anchor(instant_of(time, own_zone), anchor),
                (Digits::Utc(time), _) => in_anchor(time.and_utc().timestamp(), anchor),
            };
            match stamp {
                Some(stamp) if list.stamps.contains(&stamp) => {}
                Some(stamp) => list.stamps.push(stamp),
                None => list.broken = true,
            }
        }
    }
    list.inexact |= list.broken;
    list
}

/// Zone and items of a line: `Europe/Berlin;20091012T090000,…`, `EXDATE;TZID=Europe/Berlin:2009…`, `2009…`.
fn split_zone<'a>(line: &'a str, name: &str) -> (&'a str, &'a str) {
    let named = line
        .get(..name.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(name));
    if let Some((head, items)) = line.rsplit_once(':')
        && (named || head.contains('='))
    {
        let zone = head.split(';').find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim()
                .eq_ignore_ascii_case("TZID")
                .then(|| value.trim().trim_matches('"'))
        });
        return (zone.unwrap_or(""), items);
    }
    line.split_once(';').unwrap_or(("", line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BERLIN: Anchor = Anchor::Zoned(chrono_tz::Europe::Berlin);

    #[test]
    fn rules_are_mended_or_refused() {
        for (text, anchor, wanted) in [
            (
                "FREQ=WEEKLY;BYDAY=MO,WE",
                BERLIN,
                Some("FREQ=WEEKLY;BYDAY=MO,WE"),
            ),
            (
                "freq=weekly;wkst=su;byday=mo;",
                BERLIN,
                Some("FREQ=WEEKLY;BYDAY=MO;WKST=SU"),
            ),
            (
                "FREQ=DAILY;UNTIL=20091012T090000",
                BERLIN,
                Some("FREQ=DAILY;UNTIL=20091012T070000Z"),
            ),
            (
                "FREQ=DAILY;UNTIL=20091012",
                BERLIN,
                Some("FREQ=DAILY;UNTIL=20091012T215959Z"),
            ),
            (
                "FREQ=DAILY;UNTIL=20091012T220000Z",
                Anchor::Date,
                Some("FREQ=DAILY;UNTIL=20091012"),
            ),
            (
                "FREQ=DAILY;UNTIL=99991231T235959Z",
                BERLIN,
                Some("FREQ=DAILY"),
            ),
            (
                "FREQ=DAILY;INTERVAL=0",
                BERLIN,
                Some("FREQ=DAILY;INTERVAL=1"),
            ),
            (
                "FREQ=WEEKLY;BYDAY=1MO,+2TU",
                BERLIN,
                Some("FREQ=WEEKLY;BYDAY=MO,TU"),
            ),
            (
                "FREQ=MONTHLY;BYDAY=-1FR,+2TU",
                BERLIN,
                Some("FREQ=MONTHLY;BYDAY=-1FR,2TU"),
            ),
            (
                "FREQ=YEARLY;BYHOUR=9;BYMONTH=2",
                Anchor::Date,
                Some("FREQ=YEARLY;BYMONTH=2"),
            ),
            ("FREQ=FORTNIGHTLY", BERLIN, None),
            ("BADRULE", BERLIN, None),
            ("FREQ=DAILY;COUNT=2;UNTIL=20091012", BERLIN, None),
            ("FREQ=DAILY;FREQ=DAILY", BERLIN, None),
            ("FREQ=DAILY;COUNT=-1", BERLIN, None),
            ("FREQ=MONTHLY;BYMONTHDAY=0", BERLIN, None),
            ("FREQ=DAILY;X=1\r\nSUMMARY:x", BERLIN, None),
            ("FREQ=HOURLY", Anchor::Date, None),
        ] {
            assert_eq!(
                rule(text, anchor).map(|r| r.text).as_deref(),
                wanted,
                "{text}"
            );
        }
        assert_eq!(
            rule_lines("RRULE:FREQ=DAILY;\r\n COUNT=2\nFREQ=WEEKLY\n", "RRULE"),
            ["FREQ=DAILY;COUNT=2", "FREQ=WEEKLY"]
        );
    }

    #[test]
    fn date_columns_are_read_in_every_form() {
        for (column, properties) in [
            (
                "20091012T070000Z,20091019T070000Z",
                vec!["20091012T090000", "20091019T090000"],
            ),
            ("Europe/Berlin;20091012T090000", vec!["20091012T090000"]),
            (
                "America/New_York;20091012T030000\n20091019T070000Z",
                vec!["20091012T090000", "20091019T090000"],
            ),
            (
                "EXDATE;TZID=\"Europe/Berlin\":20091012T090000",
                vec!["20091012T090000"],
            ),
            (
                "20091012T070000Z,,20091012T070000Z",
                vec!["20091012T090000"],
            ),
        ] {
            let list = date_list(column, "EXDATE", BERLIN);
            let wanted: Vec<String> = properties
                .iter()
                .map(|p| format!("EXDATE;TZID=Europe/Berlin:{p}"))
                .collect();
            let got: Vec<String> = list.stamps.iter().map(|s| s.property("EXDATE")).collect();
            assert_eq!(got, wanted, "{column}");
            assert!(!list.inexact, "{column}");
        }
        let days = date_list("20091012T000000Z,20091013", "EXDATE", Anchor::Date);
        assert_eq!(days.stamps.len(), 2);
        assert!(!days.inexact);
        let broken = date_list("20091332,junk,20091012T070000Z", "EXDATE", BERLIN);
        assert!(broken.broken && broken.inexact && broken.stamps.len() == 1);
    }

    proptest! {
        #[test]
        fn nothing_a_handset_says_breaks_the_readers(text in "\\PC{0,60}") {
            for anchor in [Anchor::Date, Anchor::Utc, BERLIN] {
                let _ = rule(&text, anchor);
                let _ = date_list(&text, "EXDATE", anchor);
            }
            let _ = rule_lines(&text, "RRULE");
        }

        #[test]
        fn a_written_rule_is_a_rule(text in "FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(;(INTERVAL=[0-9]{1,3}|COUNT=[0-9]{1,3}|UNTIL=20[0-9]{2}0[1-9][12][0-9](T[01][0-9]0000Z?)?|BYDAY=(-1|2|)(MO|TU|SU)|BYMONTH=1?[0-2]|BYMONTHDAY=-?[0-9]{1,2}|BYSETPOS=-1)){0,4}") {
            for anchor in [Anchor::Date, Anchor::Utc, BERLIN] {
                if let Some(first) = rule(&text, anchor) {
                    let again = rule(&first.text, anchor).unwrap();
                    prop_assert_eq!(&again.text, &first.text);
                    prop_assert!(!again.changed);
                }
            }
        }
    }
}
