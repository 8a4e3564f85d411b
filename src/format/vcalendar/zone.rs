//! TZ and DAYLIGHT: the UTC offset of the phone's clock.

use chrono::NaiveDateTime;

/// Reads `+02`, `-0530`, `-05:30` or `09:30` as seconds east of UTC; at most 18 hours.
pub(crate) fn offset(text: &str) -> Option<i32> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some((hours, minutes)) => (hours, minutes.get(..2)?),
        None if digits.len() > 2 => digits.split_at_checked(digits.len() - 2)?,
        None => (digits, "0"),
    };
    let number = |text: &str| -> Option<i32> {
        let plain = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| text.parse().ok())?
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (hours <= 18 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Reads `TRUE;+01;20000326T010000;20001029T010000;name;name`: the offset of summer time, its start and its end.
pub(crate) fn summer<'a>(
    parts: &'a [String],
    read: impl Fn(&'a str) -> Option<NaiveDateTime>,
) -> Option<(i32, NaiveDateTime, NaiveDateTime)> {
    let mut parts = parts.iter().map(|part| part.trim());
    if !parts.next()?.eq_ignore_ascii_case("TRUE") {
        return None;
    }
    Some((
        offset(parts.next()?)?,
        read(parts.next()?)?,
        read(parts.next()?)?,
    ))
}

#[cfg(test)]
mod tests {
    use super::offset;

    #[test]
    fn offsets_are_written_in_many_ways() {
        for (text, seconds) in [
            ("+02", Some(7200)),
            ("-0530", Some(-19_800)),
            ("-05:30", Some(-19_800)),
            ("09:30", Some(34_200)),
            ("+00:00", Some(0)),
            ("-8", Some(-28_800)),
            ("+1", Some(3600)),
            ("", None),
            ("UTC", None),
            ("+99", None),
            ("+01:é", None),
        ] {
            assert_eq!(offset(text), seconds, "{text}");
        }
    }
}
