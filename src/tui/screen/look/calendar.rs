//! The calendar tab: a month, its entries, and the selected entry.

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::rescue::look::{Line, Repeats, When};
use crate::tui::keys::Intent;

/// Number of days from today for which an endless series is shown.
const AHEAD: u64 = 366;

/// An event on one of its days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub day: NaiveDate,
    /// Index in the listing.
    pub line: usize,
    /// The event begins on this day.
    pub begins: bool,
}

/// The month on the screen.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// First day of the month.
    pub month: NaiveDate,
    /// Sorted by day; all-day events come first, then by time.
    pub entries: Vec<Entry>,
    /// Index of the selected entry in `entries`.
    pub chosen: usize,
    /// The selected day, if it has no entries.
    empty_day: Option<NaiveDate>,
    /// First and last month that may have entries, each by its first day.
    first: NaiveDate,
    last: NaiveDate,
    today: NaiveDate,
}

impl Calendar {
    /// Shows the month of today. If it is empty, shows the last earlier month with entries, or else the first later
    /// one.
    pub fn new(events: &[Line], today: NaiveDate) -> Self {
        let horizon = today.checked_add_days(Days::new(AHEAD)).unwrap_or(today);
        let first = whens(events).filter_map(|event| event.day).min();
        let last = whens(events)
            .filter_map(|event| {
                event
                    .last_day()
                    .or_else(|| event.day.map(|day| day.max(horizon)))
            })
            .max();
        let mut calendar = Self {
            month: month_of(today),
            entries: Vec::new(),
            chosen: 0,
            empty_day: None,
            first: month_of(first.unwrap_or(today)),
            last: month_of(last.unwrap_or(today)),
            today,
        };
        calendar.month = calendar.month.clamp(calendar.first, calendar.last);
        calendar.fill(events);
        if calendar.entries.is_empty() && !calendar.walk(events, false) {
            calendar.walk(events, true);
        }
        calendar.choose_first();
        calendar
    }

    /// The selected day.
    pub fn day(&self) -> NaiveDate {
        if let Some(day) = self.empty_day {
            return day;
        }
        match self.entries.get(self.chosen) {
            Some(entry) => entry.day,
            None if month_of(self.today) == self.month => self.today,
            None => self.month,
        }
    }

    /// The selected entry; `None`: the selected day has none.
    pub fn entry(&self) -> Option<Entry> {
        match self.empty_day {
            Some(_) => None,
            None => self.entries.get(self.chosen).copied(),
        }
    }

    /// The entries of the selected day, and the index of the first one.
    pub fn of_day(&self) -> (&[Entry], usize) {
        let day = self.day();
        let from = self.entries.partition_point(|entry| entry.day < day);
        let to = self.entries.partition_point(|entry| entry.day <= day);
        (self.entries.get(from..to).unwrap_or_default(), from)
    }

    /// Number of entries on each day of the month.
    pub fn counts(&self) -> [usize; 31] {
        let mut counts = [0; 31];
        for entry in &self.entries {
            if let Some(count) = counts.get_mut(entry.day.day0() as usize) {
                *count += 1;
            }
        }
        counts
    }

    /// Moves the selection. Left and Right go by a day; Up and Down go from entry to entry and skip empty months; page
    /// keys move by a month.
    pub fn update(&mut self, intent: Intent, events: &[Line]) {
        if let (Some(day), Intent::Up | Intent::Down) = (self.empty_day.take(), intent) {
            // The next entry is that after the empty day.
            let after = self.entries.partition_point(|entry| entry.day < day);
            match intent {
                Intent::Down if after < self.entries.len() => self.chosen = after,
                Intent::Up if after > 0 => self.chosen = after - 1,
                Intent::Up if self.walk(events, false) => {
                    self.chosen = self.entries.len().saturating_sub(1);
                }
                Intent::Down => {
                    self.walk(events, true);
                }
                _ => self.empty_day = Some(day),
            }
            return;
        }
        match intent {
            Intent::Right => self.show_day(events, self.day().succ_opt()),
            Intent::Left => self.show_day(events, self.day().pred_opt()),
            Intent::Today => self.show_day(events, Some(self.today)),
            Intent::Down if self.chosen + 1 < self.entries.len() => self.chosen += 1,
            Intent::Down => {
                self.walk(events, true);
            }
            Intent::Up if self.chosen > 0 => self.chosen -= 1,
            Intent::Up if self.walk(events, false) => {
                self.chosen = self.entries.len().saturating_sub(1);
            }
            Intent::PageDown => self.show(events, step(self.month, true)),
            Intent::PageUp => self.show(events, step(self.month, false)),
            Intent::First => self.show(events, Some(self.first)),
            Intent::Last => {
                self.show(events, Some(self.last));
                if self.entries.is_empty() && self.walk(events, false) {
                    self.choose_first();
                }
            }
            _ => {}
        }
    }

    /// Shows an event on its first day.
    pub fn show_event(&mut self, events: &[Line], line: usize) {
        let Some(day) = when(events, line).and_then(|event| event.day) else {
            return;
        };
        self.empty_day = None;
        self.show(events, Some(month_of(day)));
        let found = |entry: &Entry| entry.line == line && entry.day >= day;
        self.chosen = self.entries.iter().position(found).unwrap_or(self.chosen);
    }

    /// Selects a day, with or without entries.
    fn show_day(&mut self, events: &[Line], day: Option<NaiveDate>) {
        let Some(day) = day else {
            return;
        };
        if month_of(day) != self.month {
            self.month = month_of(day);
            self.fill(events);
        }
        let at = self.entries.partition_point(|entry| entry.day < day);
        match self.entries.get(at) {
            Some(entry) if entry.day == day => self.chosen = at,
            _ => self.empty_day = Some(day),
        }
    }

    fn show(&mut self, events: &[Line], month: Option<NaiveDate>) {
        if let Some(month) = month.filter(|month| (self.first..=self.last).contains(month)) {
            self.month = month;
            self.fill(events);
            self.choose_first();
        }
    }

    /// Goes to the first entry of the next month with entries in one direction. Stays if there is none.
    fn walk(&mut self, events: &[Line], ahead: bool) -> bool {
        let stay = self.clone();
        while let Some(next) = self.next_month(events, ahead) {
            self.month = next;
            self.fill(events);
            if !self.entries.is_empty() {
                return true;
            }
        }
        *self = stay;
        false
    }

    /// The next month that may have entries: the following month if a series continues, otherwise the month of the
    /// next event.
    fn next_month(&self, events: &[Line], ahead: bool) -> Option<NaiveDate> {
        let next = step(self.month, ahead)?;
        let mut nearest: Option<NaiveDate> = None;
        for event in whens(events) {
            let (Some(first), last) = (event.day, event.last_day().unwrap_or(self.last)) else {
                continue;
            };
            let months = (month_of(first), month_of(last.max(first)));
            let month = match ahead {
                true if months.1 < next => continue,
                true => months.0.max(next),
                false if months.0 > next => continue,
                false => months.1.min(next),
            };
            nearest = Some(match (nearest, ahead) {
                (None, _) => month,
                (Some(near), true) => near.min(month),
                (Some(near), false) => near.max(month),
            });
        }
        nearest.filter(|month| (self.first..=self.last).contains(month))
    }

    fn choose_first(&mut self) {
        let today = self
            .entries
            .iter()
            .position(|entry| entry.day >= self.today);
        self.chosen = today
            .filter(|_| month_of(self.today) == self.month)
            .unwrap_or(0);
    }

    fn fill(&mut self, events: &[Line]) {
        let last = step(self.month, true)
            .and_then(|next| next.pred_opt())
            .unwrap_or(self.month);
        let mut entries: Vec<Entry> = Vec::new();
        for (line, event) in events.iter().enumerate() {
            let Some(event) = &event.when else {
                continue;
            };
            let days = event.days_in(self.month, last);
            entries.extend(
                days.into_iter()
                    .map(|(day, begins)| Entry { day, line, begins }),
            );
        }
        let time = |entry: &Entry| when(events, entry.line).map_or("", |event| &*event.time);
        entries.sort_by(|a, b| {
            (a.day, a.begins, time(a), a.line).cmp(&(b.day, b.begins, time(b), b.line))
        });
        self.entries = entries;
        self.chosen = 0;
        self.empty_day = None;
    }

    /// Number of series in this month that are shown only on their first day.
    pub fn unexpanded_series(&self, events: &[Line]) -> usize {
        let first_only = |entry: &&Entry| {
            when(events, entry.line).is_some_and(|event| event.repeats == Repeats::FirstOnly)
        };
        self.entries.iter().filter(first_only).count()
    }
}

fn whens(events: &[Line]) -> impl Iterator<Item = &When> {
    events.iter().filter_map(|event| event.when.as_deref())
}

fn when(events: &[Line], line: usize) -> Option<&When> {
    events.get(line)?.when.as_deref()
}

fn month_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

fn step(month: NaiveDate, ahead: bool) -> Option<NaiveDate> {
    match ahead {
        true => month.checked_add_months(Months::new(1)),
        false => month.checked_sub_months(Months::new(1)),
    }
}
