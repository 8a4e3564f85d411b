//! What is being read now, and how fast: the name of the current record or file, and the rate of the last seconds.

use std::collections::VecDeque;
use std::time::Duration;

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use crate::model::{Collection, size};
use crate::phrase;
use crate::tui::theme::Theme;
use crate::tui::widget::text::{count, padded};

/// How often the rate is noted.
const EVERY: Duration = Duration::from_secs(1);

/// Number of rates that are kept.
const KEPT: usize = 24;

/// Heights of a bar of the sparkline.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Number of names that a wide screen shows.
const NAMES: usize = 60;

/// The name and the rates of the collection that is being read.
#[derive(Debug, Default)]
pub(super) struct Activity {
    /// The last names, the newest first.
    names: VecDeque<String>,
    of: Option<Collection>,
    name: String,
    rates: VecDeque<u64>,
    noted: Duration,
}

/// Amount per second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rate {
    Items(u64),
    Bytes(u64),
}

impl Rate {
    fn amount(self) -> u64 {
        match self {
            Self::Items(amount) | Self::Bytes(amount) => amount,
        }
    }

    fn told(self) -> String {
        match self {
            Self::Items(amount) => phrase!("{} a second", count(amount)),
            Self::Bytes(amount) => phrase!("{} a second", size(amount)),
        }
    }
}

impl Activity {
    /// Takes the name of the current record or file.
    pub fn on_name(&mut self, of: Collection, name: &str) {
        self.turn_to(of);
        // Of a file, the end of its path: the part that its owner knows.
        let name = match of.is_files() {
            true => name.rsplit('/').next().unwrap_or(name),
            false => name,
        };
        name.clone_into(&mut self.name);
        if self.names.front() != Some(&self.name) {
            self.names.push_front(self.name.clone());
            self.names.truncate(NAMES);
        }
    }

    /// The last names, the newest first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The collection that the name and the rates are of.
    pub fn of(&self) -> Option<Collection> {
        self.of
    }

    /// Notes the rate of a collection, once a second.
    pub fn note(&mut self, now: Duration, of: Collection, rate: Rate) {
        self.turn_to(of);
        if now.saturating_sub(self.noted) < EVERY {
            return;
        }
        self.noted = now;
        self.rates.push_back(rate.amount());
        if self.rates.len() > KEPT {
            self.rates.pop_front();
        }
    }

    /// Rates and names from before are not shown any more.
    fn turn_to(&mut self, of: Collection) {
        if self.of != Some(of) {
            *self = Self {
                of: Some(of),
                noted: self.noted,
                names: std::mem::take(&mut self.names),
                ..Self::default()
            };
        }
    }

    /// Forgets everything: the phone is not being read.
    pub fn pause(&mut self) {
        *self = Self {
            names: std::mem::take(&mut self.names),
            ..Self::default()
        };
    }

    /// The line of the screen; `None` if nothing is known. `rate`: the current one.
    pub fn line(&self, rate: Option<Rate>, width: usize, theme: Theme) -> Option<Line<'static>> {
        if self.name.is_empty() {
            return None;
        }
        let rate = rate.map_or(String::new(), Rate::told);
        let bars = sparkline(&self.rates);
        let right = format!("{bars} {rate}");
        let now = phrase("  Now: ");
        let room = width.saturating_sub(now.width() + right.width() + 3);
        Some(Line::from(vec![
            Span::styled(now, theme.quiet()),
            Span::raw(padded(&self.name, room)),
            Span::styled(format!("  {bars}"), theme.key()),
            Span::raw(format!(" {rate}")),
        ]))
    }
}

/// Draws rates as bars, relative to the highest. Nothing is drawn before there are two.
fn sparkline(rates: &VecDeque<u64>) -> String {
    let highest = rates.iter().copied().max().unwrap_or_default();
    if highest == 0 || rates.len() < 2 {
        return String::new();
    }
    let bar = |rate: &u64| {
        let height = u128::from(*rate) * (BARS.len() as u128 - 1) / u128::from(highest);
        BARS.get(height as usize).copied().unwrap_or(' ')
    };
    rates.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_relative_to_the_highest_rate() {
        assert_eq!(sparkline(&[0, 50, 100].into()), "▁▄█");
        assert_eq!(sparkline(&[u64::MAX, 0].into()), "█▁");
        assert_eq!(sparkline(&[0, 0].into()), "");
        assert_eq!(sparkline(&[7].into()), "");
    }

    #[test]
    fn another_collection_begins_anew() {
        let mut activity = Activity::default();
        activity.on_name(Collection::Contacts, "Anna");
        for second in 1..40 {
            let now = Duration::from_secs(second);
            activity.note(now, Collection::Contacts, Rate::Items(second));
        }
        assert_eq!(activity.rates.len(), KEPT);
        activity.on_name(Collection::Files, "/sdcard/DCIM/IMG_1.jpg");
        assert_eq!(
            (activity.name.as_str(), activity.rates.len()),
            ("IMG_1.jpg", 0)
        );
    }
}
