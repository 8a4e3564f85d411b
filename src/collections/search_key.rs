//! Folding of texts for searching and sorting: lower case, Latin letters without accents.

/// Folds a text: `Ågot Łuczak` becomes `agot luczak`. Other scripts are only lower-cased.
pub fn search_key(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            // Combining accents.
            '\u{300}'..='\u{36F}' => {}
            c => folded.push(plain(c)),
        }
    }
    folded
}

fn plain(c: char) -> char {
    match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ď' | 'đ' | 'ð' => 'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => 'e',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'ĥ' | 'ħ' => 'h',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => 'i',
        'ĵ' => 'j',
        'ķ' => 'k',
        'ĺ' | 'ļ' | 'ľ' | 'ŀ' | 'ł' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => 'o',
        'ŕ' | 'ŗ' | 'ř' => 'r',
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => 's',
        'ţ' | 'ť' | 'ŧ' | 'ț' => 't',
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => 'u',
        'ŵ' => 'w',
        'ý' | 'ÿ' | 'ŷ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        c => c,
    }
}

/// A search term: words that must all occur, or a number in any notation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needle {
    words: Vec<String>,
    /// The digits alone, if the search term is only a number.
    digits: Option<String>,
}

impl Needle {
    pub fn new(text: &str) -> Self {
        let written = |c: char| c.is_ascii_digit() || " +-/().".contains(c);
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        Self {
            words: search_key(text)
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
            digits: (!digits.is_empty() && text.chars().all(written)).then_some(digits),
        }
    }

    /// Returns true for an empty search term, which matches everything.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Returns true if a folded text matches.
    pub fn is_in(&self, folded: &str) -> bool {
        self.words.iter().all(|word| folded.contains(word.as_str()))
            || self
                .digits
                .as_ref()
                .is_some_and(|digits| folded.contains(digits.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_takes_for_the_same_is_the_same() {
        assert_eq!(search_key("ÅGOT Łuczak-Weiß"), "agot luczak-weiss");
        assert_eq!(search_key("Mu\u{308}ller"), search_key("müller"));
        assert_eq!(search_key("Ελένη ИВАН 電話"), "ελένη иван 電話");
    }

    #[test]
    fn numbers_are_found_however_they_are_written() {
        let line = "anna muller\n491711234567\nanna@example.com";
        for found in [
            "0",
            "+49 171",
            "(171) 123-45",
            "MÜLLER anna",
            "@example",
            "",
        ] {
            let wanted = found != "0";
            assert_eq!(Needle::new(found).is_in(line), wanted, "{found}");
        }
        assert!(!Needle::new("anna berta").is_in(line));
    }
}
