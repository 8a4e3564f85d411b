//! The days described by an RRULE (RFC 5545 section 3.3.10). Rules with hours, minutes or week numbers are not read
//! here.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

/// Frequency of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Every {
    Day,
    Week,
    Month,
    Year,
}

/// A recurrence rule, as far as it concerns days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    pub every: Every,
    /// Every n days, weeks, months or years; at least 1.
    pub interval: u32,
    /// Days of the week. The number selects one in the month or year (negative: from the end); 0 means all.
    pub weekdays: Vec<(i8, Weekday)>,
    /// Days of the month; negative: from the end.
    pub month_days: Vec<i8>,
    /// Days of the year; negative: from the end.
    pub year_days: Vec<i16>,
    /// 1 to 12.
    pub months: Vec<u32>,
    /// Positions among the days of one period; negative: from the end; empty: all.
    pub positions: Vec<i16>,
    /// Number of occurrences, including the start.
    pub count: Option<u32>,
    pub week_start: Weekday,
}

/// Maximum number of periods examined to find the end of a counted series. A rule whose days never occur has no end.
const MOST_TURNS: u32 = 4_000;

impl Pattern {
    /// Reads a rule after [`super::super::recurrence::rule`] has corrected it; None if days alone cannot express it.
    /// The caller handles UNTIL.
    pub(in super::super) fn read(rule: &str) -> Option<Self> {
        let mut pattern = Self {
            every: Every::Day,
            interval: 1,
            weekdays: Vec::new(),
            month_days: Vec::new(),
            year_days: Vec::new(),
            months: Vec::new(),
            positions: Vec::new(),
            count: None,
            week_start: Weekday::Mon,
        };
        for part in rule.split(';') {
            let (name, value) = part.split_once('=')?;
            match name {
                "FREQ" => {
                    pattern.every = match value {
                        "DAILY" => Every::Day,
                        "WEEKLY" => Every::Week,
                        "MONTHLY" => Every::Month,
                        "YEARLY" => Every::Year,
                        _ => return None,
                    }
                }
                "INTERVAL" => pattern.interval = value.parse().ok().filter(|n| *n > 0)?,
                "COUNT" => pattern.count = Some(value.parse().ok()?),
                "UNTIL" => {}
                "WKST" => pattern.week_start = weekday(value)?,
                "BYDAY" => pattern.weekdays = list(value, numbered_weekday)?,
                "BYMONTHDAY" => pattern.month_days = list(value, |n| n.parse().ok())?,
                "BYYEARDAY" => pattern.year_days = list(value, |n| n.parse().ok())?,
                "BYMONTH" => pattern.months = list(value, |n| n.parse().ok())?,
                "BYSETPOS" => pattern.positions = list(value, |n| n.parse().ok())?,
                _ => return None,
            }
        }
        let short = matches!(pattern.every, Every::Day | Every::Week);
        if short && pattern.weekdays.iter().any(|(number, _)| *number != 0) {
            return None;
        }
        if pattern.every != Every::Year && !pattern.year_days.is_empty() {
            return None;
        }
        Some(pattern)
    }

    /// Returns the days from `first` to `last` in a series that begins on `start`. The start itself is included only
    /// if the pattern matches it.
    pub fn between(&self, start: NaiveDate, first: NaiveDate, last: NaiveDate) -> Vec<NaiveDate> {
        let first = first.max(start);
        if last < first {
            return Vec::new();
        }
        let (from, to) = (self.turn_of(start, first), self.turn_of(start, last));
        let mut days = Vec::new();
        for turn in from..=to {
            let turn = self.days_of(start, turn);
            days.extend(turn.into_iter().filter(|d| (first..=last).contains(d)));
        }
        days
    }

    /// Returns the last day of a counted series that begins on `start`. The start counts as the first occurrence.
    /// `Err`: the end was not found within the limit.
    pub(in super::super) fn last(&self, start: NaiveDate) -> Result<Option<NaiveDate>, ()> {
        let Some(count) = self.count else {
            return Ok(None);
        };
        let (mut last, mut found) = (start, 1);
        for turn in 0..MOST_TURNS {
            if found >= count {
                return Ok(Some(last));
            }
            for day in self.days_of(start, turn) {
                if day > start && found < count {
                    (last, found) = (day, found + 1);
                }
            }
        }
        Err(())
    }

    /// Number of the period that contains a day; 0 is the period of the start. The day must not be before the start.
    fn turn_of(&self, start: NaiveDate, day: NaiveDate) -> u32 {
        let months = |d: NaiveDate| i64::from(d.year()) * 12 + i64::from(d.month0());
        let units = match self.every {
            Every::Day => (day - start).num_days(),
            Every::Week => (day - self.week(start)).num_days().div_euclid(7),
            Every::Month => months(day) - months(start),
            Every::Year => i64::from(day.year()) - i64::from(start.year()),
        };
        u32::try_from(units / i64::from(self.interval)).unwrap_or_default()
    }

    fn week(&self, day: NaiveDate) -> NaiveDate {
        day.week(self.week_start).checked_first_day().unwrap_or(day)
    }

    /// All days of one period, in order.
    fn days_of(&self, start: NaiveDate, turn: u32) -> Vec<NaiveDate> {
        let units = turn.saturating_mul(self.interval);
        let mut days = match self.every {
            Every::Day => start
                .checked_add_days(Days::new(units.into()))
                .filter(|day| self.allows(*day))
                .into_iter()
                .collect(),
            Every::Week => self.days_of_week(start, units),
            Every::Month => start
                .with_day(1)
                .and_then(|first| first.checked_add_months(Months::new(units)))
                .filter(|first| self.has_month(first.month()))
                .map(|first| self.days_of_month(start, first))
                .unwrap_or_default(),
            Every::Year => self.days_of_year(start, units),
        };
        days.sort_unstable();
        days.dedup();
        if self.positions.is_empty() {
            return days;
        }
        let mut chosen: Vec<NaiveDate> = self
            .positions
            .iter()
            .filter_map(|position| nth(&days, (*position).into()))
            .collect();
        chosen.sort_unstable();
        chosen.dedup();
        chosen
    }

    fn days_of_week(&self, start: NaiveDate, weeks: u32) -> Vec<NaiveDate> {
        let week = self.week(start);
        let Some(first) = week.checked_add_days(Days::new(u64::from(weeks) * 7)) else {
            return Vec::new();
        };
        first
            .iter_days()
            .take(7)
            .filter(|day| match self.weekdays.is_empty() {
                true => day.weekday() == start.weekday(),
                false => self.has_weekday(day.weekday()),
            })
            .filter(|day| self.has_month(day.month()))
            .collect()
    }

    fn days_of_month(&self, start: NaiveDate, first: NaiveDate) -> Vec<NaiveDate> {
        let days: Vec<NaiveDate> = first
            .iter_days()
            .take_while(|day| day.month() == first.month())
            .collect();
        if !self.month_days.is_empty() {
            return self
                .month_days
                .iter()
                .filter_map(|number| nth(&days, (*number).into()))
                .filter(|day| self.weekdays.is_empty() || self.weekday_in(&days, *day))
                .collect();
        }
        if !self.weekdays.is_empty() {
            let all = days.iter().copied();
            return all.filter(|day| self.weekday_in(&days, *day)).collect();
        }
        // A month without that day is skipped.
        first.with_day(start.day()).into_iter().collect()
    }

    fn days_of_year(&self, start: NaiveDate, years: u32) -> Vec<NaiveDate> {
        let year = i32::try_from(years)
            .ok()
            .and_then(|years| start.year().checked_add(years));
        let month = |month| NaiveDate::from_ymd_opt(year?, month, 1);
        if !self.year_days.is_empty() {
            let Some(first) = month(1) else {
                return Vec::new();
            };
            let days: Vec<NaiveDate> = first
                .iter_days()
                .take_while(|day| day.year() == first.year())
                .collect();
            return self
                .year_days
                .iter()
                .filter_map(|number| nth(&days, (*number).into()))
                .filter(|day| self.allows(*day))
                .collect();
        }
        if self.months.is_empty() && self.month_days.is_empty() {
            if self.weekdays.is_empty() {
                let day = month(start.month()).and_then(|first| first.with_day(start.day()));
                return day.into_iter().collect();
            }
            let Some(first) = month(1) else {
                return Vec::new();
            };
            let days: Vec<NaiveDate> = first
                .iter_days()
                .take_while(|day| day.year() == first.year())
                .collect();
            let all = days.iter().copied();
            return all.filter(|day| self.weekday_in(&days, *day)).collect();
        }
        (1..=12)
            .filter(|number| self.has_month(*number))
            .filter_map(month)
            .flat_map(|first| self.days_of_month(start, first))
            .collect()
    }

    /// True if a daily rule allows the day. In daily rules, each part only removes days.
    fn allows(&self, day: NaiveDate) -> bool {
        let month_day = || {
            let last = day
                .with_day(1)
                .and_then(|first| first.checked_add_months(Months::new(1)))
                .and_then(|next| next.pred_opt())
                .map_or(31, |last| last.day());
            let (from_start, from_end) = (i64::from(day.day()), i64::from(last));
            self.month_days
                .iter()
                .any(|n| i64::from(*n) == from_start || i64::from(*n) == from_start - from_end - 1)
        };
        self.has_month(day.month())
            && (self.weekdays.is_empty() || self.has_weekday(day.weekday()))
            && (self.month_days.is_empty() || month_day())
    }

    fn has_month(&self, month: u32) -> bool {
        self.months.is_empty() || self.months.contains(&month)
    }

    fn has_weekday(&self, weekday: Weekday) -> bool {
        self.weekdays.iter().any(|(_, day)| *day == weekday)
    }

    /// True if `day` is one of the pattern's weekdays among `days`, which are a month or a year.
    fn weekday_in(&self, days: &[NaiveDate], day: NaiveDate) -> bool {
        let weekday = day.weekday();
        self.weekdays
            .iter()
            .filter(|(_, named)| *named == weekday)
            .any(|(number, _)| {
                let place = |(first, last): (&NaiveDate, &NaiveDate)| match number {
                    0 => true,
                    1.. => (day - *first).num_days() / 7 + 1 == i64::from(*number),
                    _ => (*last - day).num_days() / 7 + 1 == -i64::from(*number),
                };
                days.first().zip(days.last()).is_some_and(place)
            })
    }
}

/// Returns the day at a position, counted from 1, or from the end if negative.
fn nth(days: &[NaiveDate], place: i64) -> Option<NaiveDate> {
    let index = match place {
        1.. => usize::try_from(place - 1).ok()?,
        0 => return None,
        _ => days
            .len()
            .checked_sub(usize::try_from(place.unsigned_abs()).ok()?)?,
    };
    days.get(index).copied()
}

fn list<T>(value: &str, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    value.split(',').map(read).collect()
}

fn numbered_weekday(text: &str) -> Option<(i8, Weekday)> {
    let (number, day) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let number = match number {
        "" => 0,
        number => number.parse().ok()?,
    };
    Some((number, weekday(day)?))
}

fn weekday(text: &str) -> Option<Weekday> {
    Some(match text {
        "MO" => Weekday::Mon,
        "TU" => Weekday::Tue,
        "WE" => Weekday::Wed,
        "TH" => Weekday::Thu,
        "FR" => Weekday::Fri,
        "SA" => Weekday::Sat,
        "SU" => Weekday::Sun,
        _ => return None,
    })
}
