//! Cleans the text of a cell from the additions of spreadsheets and their users, and detects values that a
//! spreadsheet damaged.

use std::borrow::Cow;

use crate::format::contact_csv::unguarded;

/// Google's separator between several values in one cell.
const SEVERAL: &str = " ::: ";

/// Returns the values of a cell, without surrounding blanks. The cell may have lost the blanks at its ends, although
/// they belong to the separator before or after an empty value.
pub(super) fn several(text: &str) -> impl Iterator<Item = &str> {
    // Most cells hold one value; then no search for the separator is needed.
    let is_one = memchr::memchr(b':', text.as_bytes()).is_none();
    let (before, rest) = match text.strip_prefix(SEVERAL.trim_start()) {
        Some(rest) if !is_one => (Some(""), rest),
        _ => (None, text),
    };
    let (rest, after) = match rest.strip_suffix(SEVERAL.trim_end()) {
        Some(rest) if !is_one => (rest, Some("")),
        _ if rest == SEVERAL.trim() => ("", Some("")),
        _ => (rest, None),
    };
    let (one, more) = match is_one {
        true => (Some(rest), None),
        false => (None, Some(rest.split(SEVERAL))),
    };
    let all = before.into_iter().chain(one);
    let all = all.chain(more.into_iter().flatten()).chain(after);
    all.map(str::trim)
}

/// Returns a number without the additions that make a spreadsheet treat it as text (`'+49 170 1`), and without the
/// `.0` that a spreadsheet appended.
pub(super) fn number(text: &str) -> Cow<'_, str> {
    let text = text
        .strip_prefix('\'')
        .filter(|rest| rest.starts_with(|c: char| c == '+' || c == '(' || c.is_ascii_digit()))
        .unwrap_or(text);
    match text.strip_suffix(".0") {
        Some(whole) if whole.len() >= 7 && whole.bytes().all(|b| b.is_ascii_digit()) => {
            Cow::Borrowed(whole)
        }
        _ => Cow::Borrowed(text),
    }
}

/// True for a number that a spreadsheet damaged: `4.91700E+11`, whose last digits are lost; the difference computed
/// from `+49-170-1234`; and the marks for a column that is too narrow.
pub(super) fn is_spoiled(text: &str) -> bool {
    let exponent = || {
        let at = text.find(['E', 'e'])?;
        let (mantissa, exponent) = (text.get(..at)?, text.get(at + 1..)?);
        let mantissa = mantissa.strip_prefix(['+', '-']).unwrap_or(mantissa);
        // `0170E1` may be the owner's own text.
        let fraction = mantissa.contains(['.', ',']);
        let exponent = exponent
            .strip_prefix('+')
            .or(Some(exponent).filter(|_| fraction))?;
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let (whole, rest) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
        (digits(whole) && digits(rest) && digits(exponent) && exponent.len() <= 3).then_some(())
    };
    let negative = || {
        let digits = text.strip_prefix('-')?;
        (digits.len() >= 7 && digits.bytes().all(|b| b.is_ascii_digit())).then_some(())
    };
    let hashes = text.len() >= 3 && text.bytes().all(|b| b == b'#');
    hashes || exponent().is_some() || negative().is_some()
}

/// True for an error value that a spreadsheet writes instead of the result of a formula.
pub(super) fn is_error(text: &str) -> bool {
    matches!(
        text,
        "#NAME?" | "#VALUE!" | "#REF!" | "#N/A" | "#NUM!" | "#DIV/0!" | "#NULL!" | "#ERROR!"
    )
}

/// Returns the text that the owner meant, without the characters that keep a spreadsheet from running it.
pub(super) fn meant(text: &str) -> &str {
    let text = text.trim();
    let formula = text
        .strip_prefix("=\"")
        .and_then(|rest| rest.strip_suffix('"'));
    match formula {
        Some(inner) if !inner.contains('"') => inner.trim(),
        _ => unguarded(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_values_at_the_ends_keep_their_places() {
        for (text, wanted) in [
            ("a", &["a"][..]),
            ("a ::: b", &["a", "b"]),
            ("a :::", &["a", ""]),
            ("::: b", &["", "b"]),
            (":::", &["", ""]),
            ("::: b :::", &["", "b", ""]),
            (":::  ::: c", &["", "", "c"]),
            ("a :::  :::", &["a", "", ""]),
            ("a:::", &["a:::"]),
            ("a: b", &["a: b"]),
            ("", &[""]),
        ] {
            assert_eq!(several(text).collect::<Vec<_>>(), wanted, "{text}");
        }
    }

    #[test]
    fn numbers_that_spreadsheets_spoiled() {
        for text in [
            "4.91700E+11",
            "4,917E+11",
            "4.917e11",
            "5E+09",
            "-9999999908",
            "#####",
        ] {
            assert!(is_spoiled(text), "{text}");
        }
        for text in [
            "+49 170 1",
            "0170E1",
            "1e",
            "E11",
            "-12",
            "*#06#",
            "#31#0170",
            "+1-800-FLOWERS",
            "",
        ] {
            assert!(!is_spoiled(text), "{text}");
        }
    }

    #[test]
    fn what_keeps_spreadsheets_quiet_is_no_part_of_a_number() {
        for (text, wanted) in [
            ("'+49 170 1", "+49 170 1"),
            ("'0170 1", "0170 1"),
            ("491701234567.0", "491701234567"),
            ("1.0", "1.0"),
            ("'x", "'x"),
        ] {
            assert_eq!(number(text), wanted);
        }
        assert_eq!(meant("=\"0170 1\""), "0170 1");
        assert_eq!(meant("'=1+1"), "=1+1");
        assert_eq!(meant("'tis"), "'tis");
        assert_eq!(meant("=\"a\"&\"b\""), "=\"a\"&\"b\"");
    }
}
