//! Sentences without addresses, for places where everybody in a shop can read them.

use crate::phrase;

/// Returns the text with words in place of addresses.
pub fn without_addresses(text: &str) -> String {
    let words = text.split(' ').map(|word| match word.contains('@') {
        true => phrase("(an account)"),
        false => word,
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_left_out() {
        let told = without_addresses("The account alex@example.org (Google) does not synchronise.");
        assert_eq!(
            told,
            "The account (an account) (Google) does not synchronise."
        );
    }
}
