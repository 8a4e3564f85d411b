//! Birthdays and other dates in tables. `4/12/1985` may be in April or in December. If the other dates of the table
//! do not decide this, the value stays a text, so that no contact gets a wrong date.

use chrono::NaiveDate;

/// Evidence in a table for the order of day and month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Order {
    day_first: bool,
    month_first: bool,
}

/// Value of a date cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Day {
    /// No date: `0/0/00`, and the last day of Outlook's calendar.
    None,
    /// `1985-04-12` or `--04-12`
    Date(String),
    /// Unclear.
    Text,
}

/// Three numbers with separators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Numbers {
    first: u32,
    second: u32,
    third: u32,
    year_first: bool,
    /// The year has four digits.
    whole_year: bool,
    dots: bool,
}

impl Order {
    /// Collects evidence from one cell.
    pub(super) fn see(&mut self, text: &str) {
        let Some(numbers) = without_time(text).and_then(numbers) else {
            return;
        };
        if numbers.year_first {
            return;
        }
        let (first, second) = (numbers.first, numbers.second);
        self.day_first |= (13..=31).contains(&first) && (1..=12).contains(&second);
        self.month_first |= (13..=31).contains(&second) && (1..=12).contains(&first);
    }

    /// Reads a cell.
    pub(super) fn read(self, text: &str) -> Day {
        let text = text.trim();
        let digits = text.bytes().filter(u8::is_ascii_digit);
        if digits.clone().count() >= 3
            && digits.clone().all(|b| b == b'0')
            && !text.contains(char::is_alphabetic)
        {
            return Day::None;
        }
        let Some(text) = without_time(text) else {
            return Day::Text;
        };
        let date = self.date(text);
        match date.as_deref() {
            // Outlook writes the last day of its calendar if there is no date.
            Some("4501-01-01") => Day::None,
            _ => date.map_or(Day::Text, Day::Date),
        }
    }

    fn date(self, text: &str) -> Option<String> {
        if let Some(rest) = text.strip_prefix("--") {
            let rest = rest.replace('-', "");
            let (month, day) = rest.split_at_checked(2)?;
            return whole(None, number(month)?, number(day)?);
        }
        if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
            let [year, month, day] = [text.get(..4)?, text.get(4..6)?, text.get(6..)?].map(number);
            let year = year.filter(|year| (1800..2200).contains(year))?;
            return whole(Some(year), month?, day?);
        }
        if let Some(numbers) = numbers(text) {
            return self.of_numbers(numbers);
        }
        self.without_year(text).or_else(|| in_words(text))
    }

    fn of_numbers(self, numbers: Numbers) -> Option<String> {
        let (first, second, third) = (numbers.first, numbers.second, numbers.third);
        if numbers.year_first {
            return whole(Some(first), second, third);
        }
        if !numbers.whole_year {
            return None;
        }
        let day_first = self.day_is_first(first, second, numbers.dots)?;
        let (day, month) = if day_first {
            (first, second)
        } else {
            (second, first)
        };
        whole(Some(third), month, day)
    }

    /// True if the day comes before the month. `None`: both orders are possible.
    fn day_is_first(self, first: u32, second: u32, dots: bool) -> Option<bool> {
        if first > 12 || first == second {
            return Some(true);
        }
        if second > 12 {
            return Some(false);
        }
        match (self.day_first, self.month_first) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            // A date with dots always has the day before the month.
            (false, false) if dots => Some(true),
            _ => None,
        }
    }

    /// Reads `12.04.`, a birthday without a year.
    fn without_year(self, text: &str) -> Option<String> {
        let (day, month) = text.strip_suffix('.')?.split_once('.')?;
        let (day, month) = (number(day)?, number(month)?);
        let day_first = self.day_is_first(day, month, true)?;
        let (day, month) = if day_first {
            (day, month)
        } else {
            (month, day)
        };
        whole(None, month, day)
    }
}

/// Combines three columns into a date. The year may be empty. `None` if they are not a date.
pub(super) fn of_parts(year: &str, month: &str, day: &str) -> Option<String> {
    let year = match year.trim() {
        "" => None,
        year => Some(number(year)?),
    };
    let month = number(month.trim()).or_else(|| month_named(month.trim()))?;
    whole(year.filter(|year| *year != 0), month, number(day.trim())?)
}

/// Returns a date if it exists in the calendar. Apple's 1604 and a year of zero mean no year.
fn whole(year: Option<u32>, month: u32, day: u32) -> Option<String> {
    let year = year.filter(|year| !matches!(year, 0 | 1604));
    let shown = i32::try_from(year.unwrap_or(2000))
        .ok()
        .filter(|year| *year < 10_000)?;
    NaiveDate::from_ymd_opt(shown, month, day)?;
    Some(match year {
        // A year with two digits may belong to any century.
        Some(year) if year < 100 => return None,
        Some(year) => format!("{year:04}-{month:02}-{day:02}"),
        None => format!("--{month:02}-{day:02}"),
    })
}

fn number(digits: &str) -> Option<u32> {
    let plain = (1..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| digits.parse().ok())?
}

/// Returns the text without a time of midnight after the date. `None` for another time, because the date may then
/// differ in another zone.
fn without_time(text: &str) -> Option<&str> {
    let text = text.trim();
    let Some(colon) = text.find(':') else {
        return Some(text);
    };
    let start = text.get(..colon)?.rfind(['T', ' '])?;
    let (day, time) = text.split_at_checked(start)?;
    let time = time.get(1..)?.trim();
    let midnight = time
        .strip_prefix("12:00")
        .filter(|rest| rest.to_ascii_uppercase().ends_with("AM"))
        .unwrap_or(time);
    let zero = midnight.bytes().all(|b| !b.is_ascii_digit() || b == b'0');
    zero.then_some(day)
}

fn numbers(text: &str) -> Option<Numbers> {
    let sign = |c: char| {
        matches!(
            c,
            '/' | '.' | '-' | ' ' | '\u{A0}' | '年' | '月' | '日' | '년' | '월' | '일'
        )
    };
    if !text.chars().all(|c| c.is_ascii_digit() || sign(c)) || text.starts_with(sign) {
        return None;
    }
    let mut parts = text.split(sign).filter(|part| !part.is_empty());
    let [first, second, third] = [parts.next()?, parts.next()?, parts.next()?];
    if parts.next().is_some() {
        return None;
    }
    let year_first = first.len() == 4;
    Some(Numbers {
        first: number(first)?,
        second: number(second).filter(|_| second.len() <= 2)?,
        third: number(third).filter(|_| !year_first || third.len() <= 2)?,
        year_first,
        whole_year: third.len() == 4,
        dots: text.contains('.'),
    })
}

/// Reads `12 April 1985`, `April 12, 1985`, `12-Apr-1985`.
fn in_words(text: &str) -> Option<String> {
    let separators = |c: char| c.is_whitespace() || matches!(c, '-' | ',' | '.' | '/');
    let mut parts = text.split(separators).filter(|part| !part.is_empty());
    let [first, second, third] = [parts.next()?, parts.next()?, parts.next()?];
    if parts.next().is_some() || third.len() != 4 {
        return None;
    }
    let (day, month) = match (number(first), number(second)) {
        (Some(day), None) => (day, month_named(second)?),
        (None, Some(day)) => (day, month_named(first)?),
        _ => return None,
    };
    whole(number(third), month, day)
}

/// Reads the name of an English month, or its first three letters.
fn month_named(word: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = word.to_lowercase();
    let same = |month: &str| month == word || (word.len() == 3 && month.starts_with(&word));
    let at = MONTHS.iter().position(|month| same(month))?;
    u32::try_from(at + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn date(order: Order, text: &str, wanted: &str) {
        assert_eq!(order.read(text), Day::Date(wanted.to_owned()), "{text}");
    }

    fn seen(texts: &[&str]) -> Order {
        let mut order = Order::default();
        texts.iter().for_each(|text| order.see(text));
        order
    }

    #[test]
    fn days_that_can_be_only_one() {
        let order = Order::default();
        for (text, wanted) in [
            ("1985-04-12", "1985-04-12"),
            ("1985/4/12", "1985-04-12"),
            ("1985. 4. 12.", "1985-04-12"),
            ("1985年4月12日", "1985-04-12"),
            ("19850412", "1985-04-12"),
            ("12.04.1985", "1985-04-12"),
            ("12.4.1985 00:00:00", "1985-04-12"),
            ("1985-04-12T00:00:00Z", "1985-04-12"),
            ("4/13/1985", "1985-04-13"),
            ("13/4/1985", "1985-04-13"),
            ("4/4/1985", "1985-04-04"),
            ("4/13/1985 12:00:00 AM", "1985-04-13"),
            ("12-Apr-1985", "1985-04-12"),
            ("April 12, 1985", "1985-04-12"),
            ("--04-12", "--04-12"),
            ("--0412", "--04-12"),
            ("1604-04-12", "--04-12"),
            ("12.04.", "--04-12"),
            ("13.04.0000", "--04-13"),
        ] {
            date(order, text, wanted);
        }
    }

    #[test]
    fn what_is_open_stays_a_text() {
        let order = Order::default();
        for text in [
            "4/12/1985",
            "4/12/85",
            "12.04.85",
            "31.02.1985",
            "1985-04-11T23:00:00Z",
            "spring",
            "1985",
            "31149",
            "4/12",
        ] {
            assert_eq!(order.read(text), Day::Text, "{text}");
        }
    }

    #[test]
    fn the_other_days_of_a_table_decide() {
        date(
            seen(&["4/12/1985", "31/12/1990"]),
            "4/12/1985",
            "1985-12-04",
        );
        date(seen(&["12/31/1990"]), "4/12/1985", "1985-04-12");
        let both = seen(&["12/31/1990", "31/12/1990"]);
        assert_eq!(both.read("4/12/1985"), Day::Text);
        date(both, "25/4/1985", "1985-04-25");
    }

    #[test]
    fn words_for_none() {
        for text in [
            "0/0/00",
            "0.0.00",
            "00.00.0000",
            "0000-00-00 00:00:00",
            "1/1/4501",
            "01.01.4501",
        ] {
            assert_eq!(Order::default().read(text), Day::None, "{text}");
        }
    }

    #[test]
    fn days_of_three_columns() {
        assert_eq!(of_parts("1985", "4", "12").as_deref(), Some("1985-04-12"));
        assert_eq!(of_parts("", "04", "12").as_deref(), Some("--04-12"));
        assert_eq!(of_parts("0", "April", "12").as_deref(), Some("--04-12"));
        for [year, month, day] in [
            ["1985", "", ""],
            ["1985", "2", "30"],
            ["85", "4", "12"],
            ["", "", ""],
        ] {
            assert_eq!(of_parts(year, month, day), None);
        }
    }
}
