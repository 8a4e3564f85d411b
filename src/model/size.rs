//! Sizes and numbers in readable form.

use crate::phrase;

/// Formats bytes for people: `1 byte`, `42 kB`, `41.3 MB`, `3.1 GB`.
pub fn size(bytes: u64) -> String {
    let tenths = |unit: u64| format!("{}.{}", bytes / unit, bytes / (unit / 10) % 10);
    match bytes {
        1 => phrase("1 byte").to_owned(),
        0 | 2..1_000 => phrase!("{bytes} bytes"),
        1_000..1_000_000 => phrase!("{} kB", bytes / 1_000),
        1_000_000..1_000_000_000 => phrase!("{} MB", tenths(1_000_000)),
        _ => phrase!("{} GB", tenths(1_000_000_000)),
    }
}

/// Formats a number with separators: `1,204`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Formats a number of things: `1 contact`, `1,204 contacts`.
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        grouped(number),
        if number == 1 { one } else { many }
    )
}
