//! The recurrence rule grammar of vCalendar 1.0 (section "Recurrence Rule Grammar"): `W2 MO TU 1200 #5`, `MP1 1+ SU
//! #0`, `YM1 6 19991231T000000`.

use chrono::{Datelike, NaiveDateTime, Weekday};

/// A kind of rule, in the terms of RFC 5545.
struct Kind {
    letters: &'static str,
    frequency: &'static str,
    /// Name of the rule part that its list of items becomes.
    list: Option<&'static str>,
}

const KINDS: [Kind; 6] = [
    Kind {
        letters: "MP",
        frequency: "MONTHLY",
        list: Some("BYDAY"),
    },
    Kind {
        letters: "MD",
        frequency: "MONTHLY",
        list: Some("BYMONTHDAY"),
    },
    Kind {
        letters: "YM",
        frequency: "YEARLY",
        list: Some("BYMONTH"),
    },
    Kind {
        letters: "YD",
        frequency: "YEARLY",
        list: Some("BYYEARDAY"),
    },
    Kind {
        letters: "D",
        frequency: "DAILY",
        list: None,
    },
    Kind {
        letters: "W",
        frequency: "WEEKLY",
        list: Some("BYDAY"),
    },
];

/// Maximum number of items, more than any real rule has.
const MAX_ITEMS: usize = 400;

/// Converts the rule to RFC 5545; None if it cannot be understood or contains a nested rule (`D1 #5 M5`).
///
/// `start` is the wall time at which the event begins. A rule without an end repeats twice, as the specification says
/// (`#2`); `#0` means without end.
pub(crate) fn rule(text: &str, start: Option<NaiveDateTime>) -> Option<String> {
    let mut words = text.split_ascii_whitespace().take(MAX_ITEMS);
    let first = words.next()?.to_ascii_uppercase();
    // The specification has no rules `M1` and `Y1`, but the Nokia 9110 wrote them.
    let (kind, interval) = KINDS
        .iter()
        .find_map(|kind| Some((Some(kind), first.strip_prefix(kind.letters)?)))
        .or_else(|| Some((None, first.strip_prefix(['M', 'Y'])?)))?;
    let unsaid = interval.is_empty() && first.len() == 2;
    let interval = if unsaid { 1 } else { number(interval)?.max(1) };
    let (mut items, mut count, mut until): (Vec<String>, _, _) = (Vec::new(), None, None);
    let (mut ordinals, mut days_came): (Option<Vec<String>>, bool) = (None, false);
    for word in words {
        let word = word.trim_end_matches(';').to_ascii_uppercase();
        if word.is_empty() {
            continue;
        }
        // The start times inside a period, and `$`, which marks the last one, add nothing new.
        let bare = word.trim_end_matches('$');
        if let Some(number_of) = word.strip_prefix('#') {
            count = Some(number(number_of)?);
        } else if bare.len() >= 8 && bare.as_bytes().iter().take(8).all(u8::is_ascii_digit) {
            until = Some(word.clone());
        } else if let Some(day) = weekday(bare) {
            days_came = true;
            match &ordinals {
                Some(ordinals) => items.extend(ordinals.iter().map(|n| format!("{n}{day}"))),
                None => items.push(day.to_owned()),
            }
        } else if bare.starts_with('T') || (bare.len() == 4 && number(bare).is_some()) {
            // A time of day, which is the event's own.
        } else if bare == "LD" {
            items.push("-1".into());
        } else if let Some(numbered) = signed(bare) {
            // `1+ 3+ MO`: the ordinals apply to the days after them.
            match &mut ordinals {
                _ if kind.is_none_or(|kind| kind.letters != "MP") => items.push(numbered),
                Some(ordinals) if !days_came => ordinals.push(numbered),
                _ => ordinals = Some(vec![numbered]),
            }
            days_came = false;
        } else {
            return None;
        }
    }
    let unnamed = if first.starts_with('Y') {
        "YEARLY"
    } else {
        "MONTHLY"
    };
    let mut rule = format!("FREQ={}", kind.map_or(unnamed, |kind| kind.frequency));
    if interval > 1 {
        rule.push_str(&format!(";INTERVAL={interval}"));
    }
    let list = kind.and_then(|kind| kind.list);
    if items.is_empty() {
        // Missing items come from the start.
        match (kind.map(|kind| kind.letters), start) {
            (Some("MP"), Some(start)) => {
                let week = start.day0() / 7 + 1;
                rule.push_str(&format!(";BYDAY={week}{}", day_name(start.weekday())));
            }
            (Some("MP"), None) => return None,
            _ => {}
        }
    } else {
        rule.push_str(&format!(";{}={}", list?, items.join(",")));
    }
    match (count, until) {
        (Some(0), _) => {}
        (Some(count), _) => rule.push_str(&format!(";COUNT={count}")),
        (None, Some(until)) => rule.push_str(&format!(";UNTIL={until}")),
        (None, None) => rule.push_str(";COUNT=2"),
    }
    Some(rule)
}

fn weekday(word: &str) -> Option<&'static str> {
    const NAMES: [(&str, &str); 7] = [
        ("MO", "MON"),
        ("TU", "TUE"),
        ("WE", "WED"),
        ("TH", "THU"),
        ("FR", "FRI"),
        ("SA", "SAT"),
        ("SU", "SUN"),
    ];
    NAMES
        .into_iter()
        .find(|(day, longer)| *day == word || *longer == word)
        .map(|(day, _)| day)
}

fn day_name(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "MO",
        Weekday::Tue => "TU",
        Weekday::Wed => "WE",
        Weekday::Thu => "TH",
        Weekday::Fri => "FR",
        Weekday::Sat => "SA",
        Weekday::Sun => "SU",
    }
}

/// Reads `1+`, `2-` (the second from the end), `15`, and writes them in RFC 5545 form.
fn signed(word: &str) -> Option<String> {
    let (digits, sign) = match word.strip_suffix('-') {
        Some(digits) => (digits, "-"),
        None => (word.strip_suffix('+').unwrap_or(word), ""),
    };
    let number = number(digits)?;
    (number > 0).then(|| format!("{sign}{number}"))
}

fn number(digits: &str) -> Option<u32> {
    let plain = !digits.is_empty() && digits.len() <= 5;
    (plain && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::rule;
    use chrono::NaiveDate;
    use proptest::prelude::*;

    #[test]
    fn rules_of_phones_become_today_s() {
        let start = NaiveDate::from_ymd_opt(2000, 1, 10).and_then(|day| day.and_hms_opt(9, 0, 0));
        for (old, new) in [
            ("D1 #10", Some("FREQ=DAILY;COUNT=10")),
            ("D1", Some("FREQ=DAILY;COUNT=2")),
            (
                "D3 19991230T160000",
                Some("FREQ=DAILY;INTERVAL=3;UNTIL=19991230T160000"),
            ),
            (
                "W1 MO TU WE TH FR #0",
                Some("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
            ),
            (
                "W2 SU TU 19991130T000000",
                Some("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,TU;UNTIL=19991130T000000"),
            ),
            ("W1 1200 TU #5", Some("FREQ=WEEKLY;BYDAY=TU;COUNT=5")),
            ("MP1 2+ MO #0", Some("FREQ=MONTHLY;BYDAY=2MO")),
            (
                "MP1 1+ MO 2+ TU 3+ WE #10",
                Some("FREQ=MONTHLY;BYDAY=1MO,2TU,3WE;COUNT=10"),
            ),
            ("MP1 1- FR #0", Some("FREQ=MONTHLY;BYDAY=-1FR")),
            (
                "MP2 1+ 3+ SU SA #0",
                Some("FREQ=MONTHLY;INTERVAL=2;BYDAY=1SU,3SU,1SA,3SA"),
            ),
            (
                "MP1 5+ MO TU WE T090000Z",
                Some("FREQ=MONTHLY;BYDAY=5MO,5TU,5WE;COUNT=2"),
            ),
            ("MP1 #3", Some("FREQ=MONTHLY;BYDAY=2MO;COUNT=3")),
            ("MD1 7- 15 LD #0", Some("FREQ=MONTHLY;BYMONTHDAY=-7,15,-1")),
            (
                "M1 19990821T000000",
                Some("FREQ=MONTHLY;UNTIL=19990821T000000"),
            ),
            ("YM1 1 #0", Some("FREQ=YEARLY;BYMONTH=1")),
            ("YM1 #0", Some("FREQ=YEARLY")),
            ("Y1 #0", Some("FREQ=YEARLY")),
            ("MP 1- TU #10;", Some("FREQ=MONTHLY;BYDAY=-1TU;COUNT=10")),
            ("W1 SUN #2", Some("FREQ=WEEKLY;BYDAY=SU;COUNT=2")),
            ("YD1 1 100 #4", Some("FREQ=YEARLY;BYYEARDAY=1,100;COUNT=4")),
            (
                "W1 TH 20060427T000000Z",
                Some("FREQ=WEEKLY;BYDAY=TH;UNTIL=20060427T000000Z"),
            ),
            ("", None),
            ("X1", None),
            ("D1 #5 M5", None),
            ("W1 XX", None),
            ("D", None),
        ] {
            assert_eq!(rule(old, start).as_deref(), new, "{old}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "\\PC{0,60}") {
            let _ = rule(&text, None);
        }

        #[test]
        fn like_a_rule(text in "(D|W|MP|MD|YM|YD)[0-9]{0,3}( ([0-9]{1,3}[+-]?|MO|SU|LD|#[0-9]{1,2}|1200))*") {
            let _ = rule(&text, None);
        }
    }
}
