//! Recurrence rules: converts a handset's column to RFC 5545.

mod parts;

use std::borrow::Cow;

use chrono::NaiveDate;

use super::days::Pattern;
use super::digits::{Digits, lenient};
use super::moment::{Anchor, Stamp, in_anchor, instant_of, on_day};
use super::zone_names::Zone;
use crate::phrase;
use parts::{Parts, number};

/// Splits a column into lines: joins folded lines, leaves out blank lines, and removes a leading property name such
/// as `RRULE:`.
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

pub(super) fn unfolded(column: &str) -> String {
    column
        .replace("\r\n", "\n")
        .replace("\n ", "")
        .replace("\n\t", "")
}

/// An RRULE that RFC 5545 sections 3.3.10 and 3.8.5.3 allow with this start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) text: String,
    pub(super) until: Option<Stamp>,
    /// The part of the rule that could not be expressed.
    pub(super) lost: Option<&'static str>,
}

const WEEKDAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
/// Reads a rule and corrects common errors. UNTIL gets the type of the start; a date without a time means the end of
/// that day. If there are both COUNT and UNTIL, the one that ends first stays. INTERVAL=0 means 1, as in AOSP's
/// `EventRecurrence`. Numbers before the days of a weekly rule, and times of day in an all-day event, are ignored.
/// None if the text is not a rule, or uses another calendar (RFC 7529).
pub(super) fn rule(text: &str, start: &Stamp) -> Option<Rule> {
    let anchor = start.anchor();
    let mut parts = Parts::read(text)?;
    let skips = parts.plain_scale(start)?;
    let freq = parts.get("FREQ")?.to_owned();
    let rank = [
        "SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY",
    ]
    .iter()
    .position(|known| *known == freq)?;
    let timed = rank < 3;
    let (weekly, monthly, yearly) = (rank == 4, rank == 5, rank == 6);
    let all_day = anchor == Anchor::Date;
    let has_other_by = parts
        .list
        .iter()
        .any(|(name, _)| name.starts_with("BY") && *name != "BYSETPOS");
    if !has_other_by && matches!(parts.get("BYSETPOS"), Some("1" | "+1" | "-1")) {
        // The first or last of a single day is that day.
        parts.drop("BYSETPOS");
    }
    let forbidden = (all_day && timed)
        || (parts.has("BYSETPOS") && !has_other_by)
        || (parts.has("BYMONTHDAY") && weekly)
        || (parts.has("BYYEARDAY") && !timed && !yearly)
        || (parts.has("BYWEEKNO") && !yearly);
    if forbidden {
        return None;
    }
    if parts.get("COUNT") == Some("0") && parts.has("UNTIL") {
        // Apple's calendar writes COUNT=0 if there is a last day.
        parts.drop("COUNT");
    }
    let with_number = (monthly || yearly) && !parts.has("BYWEEKNO");
    let mut written: Vec<(&str, Cow<'_, str>)> = Vec::with_capacity(parts.list.len());
    let (mut end, mut times) = (None, None);
    for (name, value) in &parts.list {
        let value = match *name {
            "FREQ" => value.clone(),
            "UNTIL" => match until(value, anchor)? {
                Some(stamp) => {
                    end = Some(stamp);
                    stamp.value().into()
                }
                None => continue,
            },
            "COUNT" => {
                let count = number(value, 1, i32::MAX.into())?;
                times = u32::try_from(count).ok();
                count.to_string().into()
            }
            "INTERVAL" => number(value, 0, 32_767)?.max(1).to_string().into(),
            "BYSECOND" | "BYMINUTE" | "BYHOUR" if all_day => continue,
            "BYSECOND" | "BYMINUTE" => numbers(value, 0, 59, false)?.into(),
            "BYHOUR" => numbers(value, 0, 23, false)?.into(),
            "BYDAY" => weekdays(value, with_number, if yearly { 53 } else { 5 })?.into(),
            "BYMONTHDAY" => numbers(value, 1, 31, true)?.into(),
            "BYYEARDAY" | "BYSETPOS" => numbers(value, 1, 366, true)?.into(),
            "BYWEEKNO" => numbers(value, 1, 53, true)?.into(),
            "BYMONTH" => numbers(value, 1, 12, false)?.into(),
            _ => WEEKDAYS
                .iter()
                .find(|day| *day == value)
                .map(|day| (*day).into())?,
        };
        written.push((*name, value));
    }
    let mut lost = skips.then_some(phrase("rules for months that are too short (SKIP)"));
    if let (Some(until), Some(count)) = (end, times) {
        // Outlook writes a last day as the midnight at its beginning.
        let whole_day = parts
            .get("UNTIL")
            .is_some_and(|until| until.ends_with("T000000"));
        let first = ends_first(
            &text_of(&written, "UNTIL"),
            (&until, whole_day),
            count,
            start,
        );
        let last = match first {
            Some(EndsFirst::Count) => "UNTIL",
            Some(EndsFirst::Until) => "COUNT",
            None => {
                lost = Some(phrase(
                    "maximum counts of repetitions that also have a last day",
                ));
                "COUNT"
            }
        };
        if last == "UNTIL" {
            end = None;
        }
        written.retain(|(name, _)| *name != last);
    }
    if parts.foreign && lost.is_none() {
        lost = Some(phrase(
            "parts of repetition rules that only one program understands",
        ));
    }
    Some(Rule {
        text: text_of(&written, ""),
        until: end,
        lost,
    })
}

fn text_of(parts: &[(&str, Cow<'_, str>)], but: &str) -> String {
    let mut text = String::with_capacity(64);
    for (name, value) in parts.iter().filter(|(name, _)| *name != but) {
        let between = if text.is_empty() { "" } else { ";" };
        text.extend([between, name, "=", value]);
    }
    text
}

/// Tells which of COUNT and UNTIL ends a rule.
enum EndsFirst {
    Count,
    Until,
}

/// Returns which of the two ends a rule first; None if this is not found within the limit.
fn ends_first(
    counted: &str,
    (until, whole_day): (&Stamp, bool),
    count: u32,
    start: &Stamp,
) -> Option<EndsFirst> {
    /// Longer series are not examined: 60 years.
    const MOST_DAYS: i64 = 22_000;
    let pattern = Pattern::read(counted)?;
    let day = start.day();
    let until = match whole_day {
        true => in_anchor(until.instant(), start.anchor())?.day(),
        false => last_before(until, start)?,
    };
    if let Ok(Some(last)) = pattern.last(day) {
        return Some(if last <= until {
            EndsFirst::Count
        } else {
            EndsFirst::Until
        });
    }
    let within = (0..MOST_DAYS).contains(&(until - day).num_days());
    let found = within.then(|| pattern.between(day, day, until).len())?;
    Some(if u32::try_from(found).is_ok_and(|found| found <= count) {
        EndsFirst::Until
    } else {
        EndsFirst::Count
    })
}

/// The last day on which the start's time of day is not after `until`.
pub(super) fn last_before(until: &Stamp, start: &Stamp) -> Option<NaiveDate> {
    let day = match start {
        Stamp::Date(_) => return Some(until.day()),
        _ => in_anchor(until.instant(), start.anchor())?.day(),
    };
    let late = on_day(day, start)?.instant() > until.instant();
    if late { day.pred_opt() } else { Some(day) }
}

/// Reads UNTIL. `Some(None)`: the year 9999, which means no end.
fn until(value: &str, anchor: Anchor) -> Option<Option<Stamp>> {
    if value.starts_with("9999") && value.len() >= 8 {
        return Some(None);
    }
    let (own_zone, target) = match anchor {
        Anchor::Zoned(zone) => (Zone::Named(zone), Anchor::Utc),
        other => (Zone::Utc, other),
    };
    let instant = match lenient(value)? {
        Digits::Date(date) if target == Anchor::Date => return Some(Some(Stamp::Date(date))),
        Digits::Date(date) => instant_of(date.and_hms_opt(23, 59, 59)?, own_zone),
        Digits::Wall(wall) => instant_of(wall, own_zone),
        Digits::Utc(time) => time.and_utc().timestamp(),
    };
    in_anchor(instant, target).map(Some)
}

/// Reads a list of numbers. `signed` numbers may count from the end and are never 0.
fn numbers(list: &str, least: i64, most: i64, signed: bool) -> Option<String> {
    let least = if signed { -most } else { least };
    let numbers: Option<Vec<String>> = list
        .split(',')
        .filter(|item| !item.is_empty())
        .map(|item| {
            number(item, least, most)
                .filter(|number| !(signed && *number == 0))
                .map(|number| number.to_string())
        })
        .collect();
    numbers.map(|numbers| numbers.join(","))
}

fn weekdays(list: &str, with_number: bool, most: i64) -> Option<String> {
    let days: Option<Vec<String>> = list
        .split(',')
        .filter(|item| !item.is_empty())
        .map(|item| {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 2009-10-05T09:00 in Berlin, a Monday, or only that date.
    fn start(anchor: Anchor) -> Stamp {
        in_anchor(1_254_726_000, anchor).unwrap()
    }

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
            (
                "FREQ=DAILY;COUNT=2;UNTIL=20091012",
                BERLIN,
                Some("FREQ=DAILY;COUNT=2"),
            ),
            (
                "FREQ=DAILY;COUNT=8;UNTIL=20091012T060000Z",
                BERLIN,
                Some("FREQ=DAILY;UNTIL=20091012T060000Z"),
            ),
            (
                "FREQ=DAILY;COUNT=8;UNTIL=20091012T000000",
                BERLIN,
                Some("FREQ=DAILY;COUNT=8"),
            ),
            (
                "FREQ=DAILY;COUNT=0;UNTIL=20091012T070000Z",
                BERLIN,
                Some("FREQ=DAILY;UNTIL=20091012T070000Z"),
            ),
            (
                "FREQ=DAILY;COUNT=8;UNTIL=20091012T070000Z",
                BERLIN,
                Some("FREQ=DAILY;COUNT=8"),
            ),
            (
                "FREQ=DAILY;COUNT=90000;UNTIL=20191012",
                BERLIN,
                Some("FREQ=DAILY;UNTIL=20191012T215959Z"),
            ),
            (
                "FREQ=WEEKLY;COUNT=3;UNTIL=99991231",
                BERLIN,
                Some("FREQ=WEEKLY;COUNT=3"),
            ),
            (
                "FREQ=YEARLY;BYWEEKNO=20;COUNT=3;UNTIL=20191012",
                BERLIN,
                Some("FREQ=YEARLY;UNTIL=20191012T215959Z;BYWEEKNO=20"),
            ),
            (
                "FREQ=WEEKLY;UNTIL=;INTERVAL=;BYDAY=",
                BERLIN,
                Some("FREQ=WEEKLY"),
            ),
            (
                "FREQ=WEEKLY;UNTIL=2009-11-02;",
                Anchor::Date,
                Some("FREQ=WEEKLY;UNTIL=20091102"),
            ),
            (
                "freq = monthly; byday = 2 mo, -1 fr,",
                BERLIN,
                Some("FREQ=MONTHLY;BYDAY=2MO,-1FR"),
            ),
            ("FREQ=MONTHLY;BYSETPOS=1", BERLIN, Some("FREQ=MONTHLY")),
            (
                "RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=FORWARD",
                BERLIN,
                Some("FREQ=YEARLY"),
            ),
            (
                "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD;BYMONTHDAY=31;COUNT=4",
                BERLIN,
                Some("FREQ=MONTHLY;COUNT=4;BYMONTHDAY=-1"),
            ),
            (
                "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD;BYMONTHDAY=30",
                BERLIN,
                Some("FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1"),
            ),
            (
                "FREQ=YEARLY;SKIP=BACKWARD;BYMONTH=2,4;BYMONTHDAY=30",
                Anchor::Date,
                Some("FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYMONTH=2,4;BYSETPOS=-1"),
            ),
            (
                "FREQ=YEARLY;SKIP=FORWARD;BYMONTH=2;BYMONTHDAY=29",
                Anchor::Date,
                Some("FREQ=YEARLY;BYYEARDAY=60"),
            ),
            (
                "FREQ=YEARLY;RSCALE=GREGORIAN;SKIP=BACKWARD;BYYEARDAY=366",
                Anchor::Date,
                Some("FREQ=YEARLY;BYYEARDAY=-1"),
            ),
            (
                "FREQ=MONTHLY;SKIP=FORWARD;BYMONTHDAY=31",
                Anchor::Date,
                Some("FREQ=MONTHLY;BYMONTHDAY=31"),
            ),
            (
                "FREQ=WEEKLY;BYDAY=\"MO,WE\"",
                Anchor::Date,
                Some("FREQ=WEEKLY;BYDAY=MO,WE"),
            ),
            ("FREQ=DAILY;X-COUNT=5", BERLIN, Some("FREQ=DAILY")),
            ("FREQ=DAILY;FREQ=DAILY", BERLIN, Some("FREQ=DAILY")),
            ("FREQ=DAILY;FREQ=WEEKLY", BERLIN, None),
            ("RSCALE=CHINESE;FREQ=YEARLY;BYMONTH=1", BERLIN, None),
            ("FREQ=WEEKLY;UNTIL=soon", BERLIN, None),
            ("FREQ=DAILY;COUNT=-1", BERLIN, None),
            ("FREQ=MONTHLY;BYMONTHDAY=0", BERLIN, None),
            ("FREQ=DAILY;X=1\r\nSUMMARY:x", BERLIN, None),
            ("FREQ=HOURLY", Anchor::Date, None),
        ] {
            assert_eq!(
                rule(text, &start(anchor)).map(|r| r.text).as_deref(),
                wanted,
                "{text}"
            );
        }
        assert_eq!(
            rule_lines("RRULE:FREQ=DAILY;\r\n COUNT=2\nFREQ=WEEKLY\n", "RRULE"),
            ["FREQ=DAILY;COUNT=2", "FREQ=WEEKLY"]
        );
    }

    proptest! {
        #[test]
        fn nothing_a_handset_says_breaks_the_readers(text in "\\PC{0,60}") {
            for anchor in [Anchor::Date, Anchor::Utc, BERLIN] {
                let _ = rule(&text, &start(anchor));
            }
            let _ = rule_lines(&text, "RRULE");
        }

        #[test]
        fn a_written_rule_is_a_rule(text in "FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(;(INTERVAL=[0-9]{1,3}|COUNT=[0-9]{1,3}|UNTIL=20[0-9]{2}0[1-9][12][0-9](T[01][0-9]0000Z?)?|BYDAY=(-1|2|)(MO|TU|SU)|BYMONTH=1?[0-2]|BYMONTHDAY=-?[0-9]{1,2}|BYSETPOS=-1)){0,4}") {
            for anchor in [Anchor::Date, Anchor::Utc, BERLIN] {
                if let Some(first) = rule(&text, &start(anchor)) {
                    let again = rule(&first.text, &start(anchor)).unwrap();
                    prop_assert_eq!(&again.text, &first.text);
                }
            }
        }
    }
}
