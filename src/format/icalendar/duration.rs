//! DURATION values: converts a handset's columns to RFC 5545.

/// A DURATION (RFC 5545 section 3.3.6), never negative.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Span {
    days: u64,
    /// Total of the hours, minutes and seconds.
    seconds: u64,
    hours: u64,
    minutes: u64,
    rest: u64,
    weeks: u64,
}

/// Longer spans are treated as invalid: 1,000 years.
const MAX_DAYS: u64 = 366_000;

/// Reads a duration as AOSP's `Duration` does: the T may be missing (`P3600S`), and the units may be in any order.
/// None if the text is not a duration, is negative, or is longer than 1,000 years.
pub(super) fn span(text: &str) -> Option<Span> {
    let text = text.trim();
    let body = text.strip_prefix('+').unwrap_or(text);
    let body = body.strip_prefix(['P', 'p'])?;
    let mut span = Span::default();
    let mut digits = String::new();
    let mut units = 0;
    for c in body.chars() {
        let unit = match c.to_ascii_uppercase() {
            '0'..='9' if digits.len() < 12 => {
                digits.push(c);
                continue;
            }
            'T' if digits.is_empty() => continue,
            'W' => &mut span.weeks,
            'D' => &mut span.days,
            'H' => &mut span.hours,
            'M' => &mut span.minutes,
            'S' => &mut span.rest,
            _ => return None,
        };
        *unit = unit.checked_add(digits.parse().ok()?)?;
        digits.clear();
        units += 1;
    }
    span.seconds = span.hours * 3600 + span.minutes * 60 + span.rest;
    let days = span.weeks * 7 + span.days + span.seconds / 86_400;
    (units > 0 && digits.is_empty() && days <= MAX_DAYS).then_some(span)
}

/// Reads a DURATION that may be negative, in seconds.
pub(super) fn signed_span(text: &str) -> Option<i64> {
    let text = text.trim();
    match text.strip_prefix('-') {
        Some(positive) => Some(-span(positive)?.total_seconds()),
        None => Some(span(text)?.total_seconds()),
    }
}

/// Writes seconds as a DURATION, in minutes if possible.
pub(super) fn signed_text(seconds: i64) -> String {
    let sign = if seconds < 0 { "-" } else { "" };
    match seconds.unsigned_abs() {
        0 => "PT0S".to_owned(),
        s if s.is_multiple_of(60) => format!("{sign}PT{}M", s / 60),
        s => format!("{sign}PT{s}S"),
    }
}

impl Span {
    pub(super) fn is_zero(&self) -> bool {
        self.weeks == 0 && self.days == 0 && self.seconds == 0
    }

    /// Total length in seconds.
    pub(super) fn total_seconds(&self) -> i64 {
        let days = self.weeks * 7 + self.days;
        i64::try_from(days.saturating_mul(86_400).saturating_add(self.seconds)).unwrap_or(i64::MAX)
    }

    /// Returns the length in whole days, for an all-day event; None if it is not a whole number of days.
    pub(super) fn whole_days(&self) -> Option<String> {
        let days = self.weeks * 7 + self.days + self.seconds / 86_400;
        (self.seconds.is_multiple_of(86_400) && days > 0).then(|| format!("P{days}D"))
    }

    /// Returns the text in RFC 5545 form.
    pub(super) fn text(&self) -> String {
        if self.weeks > 0 && self.days == 0 && self.seconds == 0 {
            return format!("P{}W", self.weeks);
        }
        let mut text = String::from("P");
        let days = self.weeks * 7 + self.days;
        if days > 0 {
            text.push_str(&format!("{days}D"));
        }
        if self.seconds > 0 || days == 0 {
            text.push('T');
            if self.hours > 0 {
                text.push_str(&format!("{}H", self.hours));
            }
            // RFC 5545 requires minutes between hours and seconds.
            if self.minutes > 0 || (self.hours > 0 && self.rest > 0) {
                text.push_str(&format!("{}M", self.minutes));
            }
            if self.rest > 0 || self.seconds == 0 {
                text.push_str(&format!("{}S", self.rest));
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::span;
    use proptest::prelude::*;

    #[test]
    fn durations_get_their_t() {
        for (text, wanted) in [
            ("P3600S", "PT3600S"),
            ("P1D", "P1D"),
            ("PT1H", "PT1H"),
            ("+P1DT2H", "P1DT2H"),
            ("P1W", "P1W"),
            ("P1W2D", "P9D"),
            ("PT1H30S", "PT1H0M30S"),
            ("PT0S", "PT0S"),
        ] {
            assert_eq!(span(text).unwrap().text(), wanted, "{text}");
        }
        for text in [
            "",
            "P",
            "-PT1H",
            "PT",
            "P1X",
            "3600",
            "P99999999999999999999S",
            "P999999999D",
            "P1",
        ] {
            assert_eq!(span(text), None, "{text}");
        }
        assert_eq!(
            span("P86400S").unwrap().whole_days().as_deref(),
            Some("P1D")
        );
        assert_eq!(span("P3600S").unwrap().whole_days(), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_as_the_same(text in "\\+?P([0-9]{1,4}[WDHMS]|T){1,5}") {
            if let Some(first) = span(&text) {
                let again = span(&first.text()).unwrap();
                prop_assert_eq!(again.text(), first.text());
                prop_assert_eq!(again.whole_days(), first.whole_days());
            }
        }

        #[test]
        fn no_text_breaks_it(text in "\\PC{0,40}") {
            let _ = span(&text);
        }
    }
}
