//! Java's number formats and orders, where the output of a handset depends on them.

/// `Float.toString`: decimal notation from 0.001 up to 10,000,000, otherwise with an exponent; always with a decimal
/// point.
pub(super) fn float(value: f32) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.into();
    }
    let magnitude = value.abs();
    if value == 0.0 || (1e-3..1e7).contains(&magnitude) {
        return format!("{value:?}");
    }
    // Rust writes the same shortest digits, as 1.2e10 or 1e-5.
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let point = if digits.contains('.') { "" } else { ".0" };
    format!("{digits}{point}E{exponent}")
}

/// Returns the iteration order of the keys of a `HashMap`, given their insertion order (`java.util.HashMap` since
/// Java 8: buckets by spread hash, and insertion order within a bucket).
pub(super) fn hash_order<'a>(keys: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut keys: Vec<&str> = keys.into_iter().collect();
    let mut buckets = 16_u32;
    while keys.len() as u32 > buckets / 4 * 3 {
        buckets *= 2;
    }
    keys.sort_by_key(|key| {
        let hash = key.encode_utf16().fold(0_u32, |hash, unit| {
            hash.wrapping_mul(31).wrapping_add(u32::from(unit))
        });
        (hash ^ (hash >> 16)) & (buckets - 1)
    });
    keys
}

/// `String.split` by `\s*:\s*`: empty strings at the end are dropped.
pub(super) fn split_projection(text: &str) -> Vec<String> {
    let space = |c: char| matches!(c, ' ' | '\t' | '\n' | '\u{b}' | '\u{c}' | '\r');
    let count = text.split(':').count();
    let mut parts: Vec<String> = text
        .split(':')
        .enumerate()
        .map(|(i, part)| {
            let part = if i > 0 {
                part.trim_start_matches(space)
            } else {
                part
            };
            let last = i + 1 == count;
            let part = if last {
                part
            } else {
                part.trim_end_matches(space)
            };
            part.to_owned()
        })
        .collect();
    while parts.len() > 1 && parts.last().is_some_and(String::is_empty) {
        parts.pop();
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_read_as_java_writes_them() {
        let cases = [
            (0.0, "0.0"),
            (1.0, "1.0"),
            (-12.5, "-12.5"),
            (0.001, "0.001"),
            (9_999_999.0, "9999999.0"),
            (1.2e10, "1.2E10"),
            (1e7, "1.0E7"),
            (1e-5, "1.0E-5"),
            (1.4e12, "1.4E12"),
            (f32::NAN, "NaN"),
        ];
        for (value, text) in cases {
            assert_eq!(float(value), text);
        }
    }

    #[test]
    fn projections_part_at_colons() {
        assert_eq!(
            split_projection("_id : data1:data2 "),
            ["_id", "data1", "data2 "]
        );
        assert_eq!(split_projection("_id::"), ["_id"]);
    }
}
