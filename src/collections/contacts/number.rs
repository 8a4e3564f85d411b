//! Decides when two telephone numbers are the same.

use crate::model::Phone;

/// Number of trailing digits that two numbers must share to belong to one line: the length of the shortest subscriber
/// numbers in wide use.
const ENOUGH_DIGITS: usize = 7;

/// Returns a number as a phone would dial it: digits, `+`, `*`, `#`, letters in capitals, and `,` and `;` for pauses.
/// Characters that only make a number easier to read are left out.
pub fn dialled(number: &str) -> String {
    let number = number.trim();
    let number = match number.split_at_checked(4) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("tel:") => rest,
        _ => number,
    };
    let mut dialled = String::with_capacity(number.len());
    for c in number.chars() {
        match c {
            // AOSP PhoneNumberUtils: p pauses, w waits.
            'p' | 'P' => dialled.push(','),
            'w' | 'W' => dialled.push(';'),
            '+' | '＋' => dialled.push('+'),
            '*' | '#' | ',' | ';' => dialled.push(c),
            '-' | '.' | '(' | ')' | '/' | '–' | '—' | '‑' | '‐' => {}
            c if c.is_whitespace() || is_invisible(c) => {}
            c => match digit(c) {
                Some(digit) => dialled.push(digit),
                None => dialled.extend(c.to_uppercase()),
            },
        }
    }
    dialled
}

/// Returns true for invisible direction and width marks, which address books leave around numbers.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
        || c.is_control()
}

/// Returns the ASCII digit for a decimal digit of a script used for telephone numbers.
fn digit(c: char) -> Option<char> {
    const ZEROS: [char; 6] = ['0', '٠', '۰', '०', '০', '０'];
    ZEROS.iter().find_map(|zero| {
        let value = u32::from(c).checked_sub(u32::from(*zero))?;
        char::from_digit(value, 10)
    })
}

/// Returns true if both numbers reach the same line from any country: the same digits, prefixes and pauses. A number
/// without a country code equals one with a country code only if the phone itself says so.
pub fn dials_the_same(a: &Phone, b: &Phone) -> bool {
    let (first, second) = (dialled(&a.number), dialled(&b.number));
    if first == second {
        return true;
    }
    let is_plain = |number: &str| {
        let digits = number.strip_prefix('+').unwrap_or(number);
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    };
    if !is_plain(&first) || !is_plain(&second) {
        return false;
    }
    let international = |phone: &Phone, dialled: &str| match dialled.starts_with('+') {
        true => Some(dialled.to_owned()),
        false => phone.normalized.clone(),
    };
    match (international(a, &first), international(b, &second)) {
        (Some(a), Some(b)) => a == b,
        _ => false,
    }
}

/// Returns the digits of a number's line: without service codes in front (`*31#`), without digits dialled after the
/// call is answered (`,,55#`), and without a leading `+` and zeros. Two numbers of one line may still dial differently.
pub fn line(number: &str) -> String {
    let dialled = dialled(number);
    let rest = without_service(&dialled);
    let end = rest.find([',', ';', 'X']).unwrap_or(rest.len());
    let digits: String = rest
        .get(..end)
        .unwrap_or(rest)
        .chars()
        .filter(|c| c.is_ascii_digit() || matches!(c, '*' | '#'))
        .collect();
    let trimmed = digits.trim_start_matches('0');
    if trimmed.len() >= ENOUGH_DIGITS {
        trimmed.to_owned()
    } else {
        digits
    }
}

/// Removes a leading code of a supplementary service (3GPP TS 22.030: `*31#`, `#31#`, `*67`…) if a number follows.
fn without_service(dialled: &str) -> &str {
    let Some(body) = dialled.strip_prefix(['*', '#']) else {
        return dialled;
    };
    let digits = body.bytes().take_while(u8::is_ascii_digit).count();
    let (_, after) = body.split_at(digits);
    match after.strip_prefix(['*', '#']) {
        Some(number) if (1..=3).contains(&digits) && number.len() >= ENOUGH_DIGITS => number,
        _ => dialled,
    }
}

/// Returns true if both numbers may belong to one line: their digits are the same, or one ends with the other's digits.
pub fn same_line(a: &str, b: &str) -> bool {
    let (a, b) = (line(a), line(b));
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    !short.is_empty() && (long == short || (short.len() >= ENOUGH_DIGITS && long.ends_with(&short)))
}

/// Returns a form shared by all numbers of one line.
pub fn line_form(number: &str) -> Option<String> {
    let line = line(number);
    let from = line.len().saturating_sub(ENOUGH_DIGITS);
    let form = line.get(from..).unwrap_or(&line);
    (!form.is_empty()).then(|| form.to_owned())
}

/// Returns true if `found` has a country code and `known` has none. Both numbers must dial the same.
pub fn is_fuller(found: &str, known: &str) -> bool {
    let is_international = |number: &str| dialled(number).starts_with('+');
    is_international(found) && !is_international(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phone(number: &str) -> Phone {
        Phone {
            number: number.into(),
            ..Phone::default()
        }
    }

    #[test]
    fn numbers_are_the_same_only_if_they_dial_the_same() {
        for (a, b) in [
            ("+49 170 0000801", "+49-170/0000801"),
            ("(030) 0000001", "030 0000001"),
            ("tel:+49300000001", "+49 30 0000001"),
            ("٠١٢٣٤٥٦٧", "01234567"),
            ("\u{202A}+49 30 1\u{202C}", "+49301"),
            ("030 1p55", "030 1,55"),
            ("030 1w55", "030 1;55"),
            ("1-800-flowers", "1 800 FLOWERS"),
        ] {
            assert!(dials_the_same(&phone(a), &phone(b)), "{a} {b}");
        }
        for (a, b) in [
            ("+491700000801", "*31#+491700000801"),
            ("+491700000801", "+491700000801,,55#"),
            ("5550100", "+12125550100"),
            ("0170 0000801", "+49 170 0000801"),
            ("+49 (0)170 0000801", "+49 170 0000801"),
            ("00491700000801", "+491700000801"),
            ("110", "0110"),
            ("12345", "123456"),
            ("030 1w55", "030 1p55"),
        ] {
            assert!(!dials_the_same(&phone(a), &phone(b)), "{a} {b}");
        }
        let known = Phone {
            normalized: Some("+491700000801".into()),
            ..phone("0170 0000801")
        };
        assert!(dials_the_same(&known, &phone("+49 170 0000801")));
        assert!(!dials_the_same(&known, &phone("*31#0170 0000801")));
    }

    #[test]
    fn numbers_of_one_line() {
        for (a, b) in [
            ("+491700000801", "*31#+491700000801"),
            ("+491700000801", "+491700000801,,55#"),
            ("+491700000801", "0170 0000801"),
            ("0049 170 0000801", "0170 0000801"),
            ("5550100", "+12125550100"),
            ("030 0000001x12", "030 0000001"),
            ("110", "110"),
            ("*100#", "*100#"),
        ] {
            assert!(same_line(a, b), "{a} {b}");
            assert_eq!(line_form(a), line_form(b), "{a} {b}");
        }
        for (a, b) in [
            ("110", "9110"),
            ("", ""),
            ("12345", "912345"),
            ("*100#", "*101#"),
        ] {
            assert!(!same_line(a, b), "{a} {b}");
        }
    }
}
