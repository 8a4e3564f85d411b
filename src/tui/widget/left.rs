//! The time left, estimated so that it does not jump: the announced end is kept until the speed changes clearly.

use std::time::Duration;

use super::text::seconds;
use crate::phrase;

/// How often the rate is measured.
const EVERY: Duration = Duration::from_secs(1);

/// How long is waited before the first estimate.
const FIRST: Duration = Duration::from_secs(2);

/// Weight of the newest measurement in the average.
const NEWEST: f64 = 0.15;

/// The end is moved if it is off by more than this share of the time left.
const TOLERATED: f64 = 0.2;

/// An estimate of the time left for an amount that grows.
#[derive(Debug, Clone, Default)]
pub struct TimeLeft {
    began: Option<Duration>,
    last: Option<(Duration, u64)>,
    /// Amount per second, averaged.
    rate: f64,
    /// Number of measurements.
    measured: f64,
    /// When the work is expected to end.
    end: Option<Duration>,
}

impl TimeLeft {
    /// Notes that `done` of `of` are done at this time.
    pub fn note(&mut self, now: Duration, done: u64, of: u64) {
        let began = *self.began.get_or_insert(now);
        let Some((then, before)) = self.last else {
            self.last = Some((now, done));
            return;
        };
        let since = now.saturating_sub(then);
        if since < EVERY {
            return;
        }
        self.last = Some((now, done));
        let rate = done.saturating_sub(before) as f64 / since.as_secs_f64();
        // The first measurements count alike: a burst at the beginning says little.
        self.measured += 1.0;
        let weight = NEWEST.max(1.0 / self.measured);
        self.rate = self.rate * (1.0 - weight) + rate * weight;
        if self.rate <= 0.0 || now.saturating_sub(began) < FIRST {
            return;
        }
        let left = (of.saturating_sub(done) as f64 / self.rate).min(1e7);
        let told = self.end.map(|end| end.saturating_sub(now).as_secs_f64());
        let is_close = told.is_some_and(|told| (told - left).abs() <= (left * TOLERATED).max(2.0));
        if !is_close {
            // Half of the way: a single slow file does not double the time.
            let next = told.map_or(left, |told| (told + left) / 2.0);
            self.end = Some(now + Duration::from_secs_f64(next));
        }
    }

    /// Forgets everything: the work has paused, or another one begins.
    pub fn pause(&mut self) {
        *self = Self::default();
    }

    /// Returns the time left, in steps that get finer towards the end; `None`: not known yet.
    pub fn told(&self, now: Duration) -> Option<String> {
        let left = self.end?.saturating_sub(now).as_secs();
        Some(match left {
            0..=4 => phrase("a few seconds left").into(),
            5..=89 => phrase!("{} left", seconds(left.div_ceil(5) * 5)),
            _ => phrase!("{} left", seconds(left)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rate goes up and down by half from second to second: the time left only goes down.
    #[test]
    fn an_uneven_rate_does_not_make_it_jump() {
        let mut left = TimeLeft::default();
        let (mut done, mut told) = (0, Vec::new());
        for second in 0..60_u64 {
            done += if second % 2 == 0 { 50 } else { 150 };
            let now = Duration::from_secs(second);
            left.note(now, done, 12_000);
            told.extend(left.end.map(|end| end.saturating_sub(now).as_secs()));
        }
        assert!(told.len() > 50);
        let rises = told.windows(2).filter(|two| two[1] > two[0] + 2);
        assert!(rises.count() <= 2, "{told:?}");
        assert!(left.told(Duration::from_secs(60)).is_some());
        left.pause();
        assert_eq!(left.told(Duration::from_secs(61)), None);
    }
}
