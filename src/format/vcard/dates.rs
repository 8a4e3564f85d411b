//! Dates in the handset's text form.

use chrono::NaiveDate;

/// A date that every importer accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Date {
    /// None: only day and month are known.
    pub year: Option<u16>,
    /// 1 to 12
    pub month: u8,
    /// 1 to 31
    pub day: u8,
}

/// Reads `1985-04-12` and `--04-12`, the forms of Android's provider. Returns None for other texts and for impossible
/// dates.
pub(crate) fn date(text: &str) -> Option<Date> {
    fn number(digits: &str, length: usize) -> Option<u16> {
        (digits.len() == length && digits.bytes().all(|b| b.is_ascii_digit()))
            .then(|| digits.parse().ok())?
    }
    let (year, rest) = match text.strip_prefix("--") {
        Some(rest) => (None, rest),
        None => {
            let (year, rest) = text.split_once('-')?;
            (Some(number(year, 4)?).filter(|&year| year > 0), rest)
        }
    };
    if year.is_none() && !text.starts_with("--") {
        return None;
    }
    let (month, day) = rest.split_once('-')?;
    let (month, day) = (number(month, 2)?, number(day, 2)?);
    // Without a year, 29 February is valid.
    NaiveDate::from_ymd_opt(i32::from(year.unwrap_or(2000)), month.into(), day.into())?;
    Some(Date {
        year,
        month: u8::try_from(month).ok()?,
        day: u8::try_from(day).ok()?,
    })
}

/// True if every importer accepts the text as a date.
pub(crate) fn is_date(text: &str) -> bool {
    date(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::is_date;

    #[test]
    fn only_real_days_are_dates() {
        for good in [
            "1985-04-12",
            "--04-12",
            "--02-29",
            "2000-02-29",
            "0001-01-01",
        ] {
            assert!(is_date(good), "{good}");
        }
        for bad in [
            "",
            "1985",
            "1985-4-12",
            "1985-13-01",
            "1985-02-30",
            "2001-02-29",
            "0000-01-01",
            "---12",
            "--04--12",
            " 1985-04-12",
            "1985-04-12T00:00:00Z",
            "19850412",
            "+985-04-12",
            "--04-12x",
        ] {
            assert!(!is_date(bad), "{bad}");
        }
    }
}
