//! Natural order of keys: 10 comes after 9.

/// Returns bytes that sort `key` in natural order: runs of digits by their value, the rest by its UTF-8 bytes.
///
/// A run becomes `0`, its length without leading zeros in two bytes, and its digits. Keys that differ only in leading
/// zeros return the same bytes, so callers must then sort by the key itself.
pub fn natural(key: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(key.len() + 3);
    let mut rest = key.as_bytes();
    while let Some(&first) = rest.first() {
        if !first.is_ascii_digit() {
            bytes.push(first);
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        let end = rest
            .iter()
            .position(|b| !b.is_ascii_digit())
            .unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        let zeros = run.iter().take_while(|b| **b == b'0').count();
        let digits = run.get(zeros..).unwrap_or_default();
        bytes.push(b'0');
        bytes.extend_from_slice(
            &u16::try_from(digits.len())
                .unwrap_or(u16::MAX)
                .to_be_bytes(),
        );
        bytes.extend_from_slice(digits);
        rest = after;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::natural;

    #[test]
    fn numbers_within_keys_sort_by_value() {
        let mut keys = [
            "contact/10",
            "contact/9",
            "contact/1000",
            "b/2/11",
            "b/2/2",
            "b/10/1",
            "contact/",
        ];
        keys.sort_by_key(|k| natural(k));
        assert_eq!(
            keys,
            [
                "b/2/2",
                "b/2/11",
                "b/10/1",
                "contact/",
                "contact/9",
                "contact/10",
                "contact/1000"
            ]
        );
    }

    proptest! {
        #[test]
        fn any_two_numbers_sort_as_numbers(a: u64, b: u64, prefix in "[a-z/]{0,5}") {
            let (x, y) = (natural(&format!("{prefix}{a}")), natural(&format!("{prefix}{b}")));
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
        }
    }
}
